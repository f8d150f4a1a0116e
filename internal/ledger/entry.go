package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/postgis"
)

// Algorithm names how entries are written down and hashed now: version 1 of the row's form, SHA-256.
const Algorithm = "journal-1-sha256"

// Columns are the columns of the journal that are hashed, in this order.
var Columns = []string{"seq", "at", "actor", "office", "subject", "verb", "before", "after", "cites"}

// journalColumns are Columns as SQL, of a journal called j.
const journalColumns = `j.seq, j.at, j.actor, j.office, j.subject, j.verb, j.before, j.after, j.cites`

// binaryForm asks for every column in PostgreSQL's binary form, which is what is hashed.
var binaryForm = pgx.QueryResultFormats{pgx.BinaryFormatCode}

// Where columns that are read on their own stand in Columns.
const (
	seqColumn     = 0
	subjectColumn = 4
	verbColumn    = 5
)

// null stands for the length of a column without a value, as in PostgreSQL's protocol.
const null = ^uint32(0)

// appendRow appends a journal row, its columns in PostgreSQL's binary form, as it is hashed.
func appendRow(b []byte, algorithm string, columns [][]byte) []byte {
	b = appendPart(b, []byte(algorithm))
	for _, c := range columns {
		if c == nil {
			b = binary.BigEndian.AppendUint32(b, null)
			continue
		}
		b = appendPart(b, c)
	}
	return b
}

func appendPart(b, part []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
}

// hasher makes leaves, keeping its room between entries.
type hasher struct{ room []byte }

// leaf is the hash of a journal row in the tree.
func (h *hasher) leaf(columns [][]byte) tlog.Hash {
	h.room = append(h.room[:0], 0) // 0x00 tells a leaf from a node, as tlog.RecordHash does
	h.room = appendRow(h.room, Algorithm, columns)
	return sha256.Sum256(h.room)
}

// link is the hash of an entry in the chain.
func link(n int64, linkedAt time.Time, before, leaf tlog.Hash) tlog.Hash {
	b := make([]byte, 0, 128)
	b = appendPart(b, []byte(Algorithm))
	b = binary.BigEndian.AppendUint64(b, uint64(n))
	b = binary.BigEndian.AppendUint64(b, uint64(linkedAt.UnixMicro()))
	b = append(b, before[:]...)
	return sha256.Sum256(append(b, leaf[:]...))
}

// seqOf reads the sequence number of a row in PostgreSQL's binary form.
func seqOf(columns [][]byte) int64 { return int64(binary.BigEndian.Uint64(columns[seqColumn])) }

// Leaf is the hash that an entry of the journal has, or will have once it is linked, in the ledger: within the transaction
// that makes the entry, too. It stands behind the name of its algorithm.
//
// Errors: pgx.ErrNoRows for an entry that db does not see.
func Leaf(ctx context.Context, db postgis.Conn, seq int64) (string, error) {
	rows, err := db.Query(ctx, `select `+journalColumns+` from journal j where j.seq = $1`, binaryForm, seq)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return "", err
		}
		return "", pgx.ErrNoRows
	}
	leaf := new(hasher).leaf(rows.RawValues())
	rows.Close()
	return Algorithm + " " + base64.StdEncoding.EncodeToString(leaf[:]), rows.Err()
}
