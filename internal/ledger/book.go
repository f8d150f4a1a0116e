package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// Book reads the ledger and proves what it says.
type Book struct {
	DB   postgis.Conn
	Keys *Keys // for the public key; nil: none
}

// Latest returns the latest checkpoint, with its note as it was signed and co-signed.
//
// Errors: NotFound "checkpoint-none" before the first.
func (b *Book) Latest(ctx context.Context) (Checkpoint, error) {
	c, err := latest(ctx, b.DB)
	if errors.Is(err, pgx.ErrNoRows) {
		return c, fault.New(fault.NotFound, "checkpoint-none", "还没有检查点：第一条记录入账后才有")
	}
	return c, err
}

// At returns the checkpoint of a size, as Latest does the latest.
//
// Errors: NotFound "checkpoint-unknown".
func (b *Book) At(ctx context.Context, size int64) (Checkpoint, error) {
	c, err := readCheckpoint(b.DB.QueryRow(ctx, checkpointSQL+` where c.size = $1`, size))
	if errors.Is(err, pgx.ErrNoRows) {
		return c, fault.New(fault.NotFound, "checkpoint-unknown", "第 %d 条处没有检查点", size)
	}
	return c, err
}

// checkpointSQL reads the note with the signatures of offices, one an office: a note with over a hundred cannot be read.
const checkpointSQL = `
	select c.note || coalesce((
	    select string_agg(line || E'\n', '' order by id)
	    from (select distinct on (k.office_id) s.id, s.line from cosignature s join office_key k on k.id = s.key_id
	          where s.size = c.size order by k.office_id, s.id limit 90) s), '')
	from checkpoint c`

// latest returns pgx.ErrNoRows where there is none. The signature is not looked at.
func latest(ctx context.Context, db querier) (Checkpoint, error) {
	return readCheckpoint(db.QueryRow(ctx, checkpointSQL+` order by c.size desc limit 1`))
}

func readCheckpoint(row pgx.Row) (Checkpoint, error) {
	var signed string
	if err := row.Scan(&signed); err != nil {
		return Checkpoint{}, err
	}
	c, err := parseCheckpoint(signed)
	c.Note = signed
	return c, err
}

// Inclusion proves that an entry lies in the ledger that a checkpoint signs. It can be checked without the database:
// tlog.CheckRecord of the proof, the checkpoint's size and root, the index and the leaf.
type Inclusion struct {
	Seq        int64            `json:"seq"`
	Index      int64            `json:"index"`
	LeafHash   tlog.Hash        `json:"leafHash"`
	Algorithm  string           `json:"algorithm"`
	LinkedAt   time.Time        `json:"linkedAt"`
	TreeSize   int64            `json:"treeSize"`
	Proof      tlog.RecordProof `json:"proof"`
	Checkpoint string           `json:"checkpoint"`
}

// How long Include waits for a sequencer to sign what no checkpoint covers yet.
const (
	askWait = 3 * time.Second
	askPoll = 50 * time.Millisecond
)

// Include proves the entry of a journal sequence number. An entry younger than the latest checkpoint is given one first.
//
// Errors: NotFound "entry-unknown"; Busy "checkpoint-pending" when nobody signs a checkpoint within three seconds.
func (b *Book) Include(ctx context.Context, seq int64) (Inclusion, error) {
	in, err := b.entry(ctx, seq)
	if err != nil {
		return in, err
	}
	c, err := b.covering(ctx, in.Index)
	if err != nil {
		return in, err
	}
	in.TreeSize, in.Checkpoint = c.Size, c.Note
	in.Proof, err = tlog.ProveRecord(c.Size, in.Index, hashReader(ctx, b.DB))
	if in.Proof == nil {
		in.Proof = tlog.RecordProof{}
	}
	return in, err
}

func (b *Book) entry(ctx context.Context, seq int64) (Inclusion, error) {
	in := Inclusion{Seq: seq}
	var leaf []byte
	err := b.DB.QueryRow(ctx, `select n, leaf, algorithm, linked_at from ledger_entry where seq = $1`, seq).
		Scan(&in.Index, &leaf, &in.Algorithm, &in.LinkedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return in, fault.New(fault.NotFound, "entry-unknown", "账本中没有序号 %d 的记录：刚提交的记录须等一秒钟", seq)
	}
	copy(in.LeafHash[:], leaf)
	return in, err
}

// covering returns the latest checkpoint once it covers entry n.
func (b *Book) covering(ctx context.Context, n int64) (Checkpoint, error) {
	for until, asked := time.Now().Add(askWait), false; ; rest(ctx, askPoll) {
		c, err := latest(ctx, b.DB)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) || c.Size > n {
			return c, err
		}
		if time.Now().After(until) {
			return c, fault.New(fault.Busy, "checkpoint-pending", "这条记录还没有检查点：请稍后再试")
		}
		if asked {
			continue
		}
		if _, err := b.DB.Exec(ctx, `select pg_notify($1, '')`, wake); err != nil {
			return c, err
		}
		asked = true
	}
}

// Consistency proves that the ledger at size To continues the one at size From: tlog.CheckTree of the proof, To and its
// root, From and its root.
type Consistency struct {
	From  int64          `json:"from"`
	To    int64          `json:"to"`
	Proof tlog.TreeProof `json:"proof"`
}

// Continue proves the consistency of two sizes. To zero means the size of the latest checkpoint.
//
// Errors: NotFound "checkpoint-none"; Malformed "ledger-sizes" unless 1 ≤ from ≤ to ≤ the latest checkpoint's size.
func (b *Book) Continue(ctx context.Context, from, to int64) (Consistency, error) {
	c, err := b.Latest(ctx)
	if err != nil {
		return Consistency{}, err
	}
	if to == 0 {
		to = c.Size
	}
	if from < 1 || from > to || to > c.Size {
		return Consistency{}, fault.New(fault.Malformed, "ledger-sizes", "须 1 ≤ from ≤ to ≤ %d（最新检查点的条数），收到 %d 和 %d", c.Size, from, to)
	}
	proof, err := tlog.ProveTree(to, from, hashReader(ctx, b.DB))
	if proof == nil {
		proof = tlog.TreeProof{}
	}
	return Consistency{From: from, To: to, Proof: proof}, err
}

// PublicKey is the verifier key of the ledger, as golang.org/x/mod/sumdb/note writes it.
//
// Errors: NotFound "ledger-key-none".
func (b *Book) PublicKey() (string, error) {
	if b.Keys == nil || b.Keys.PublicKey() == "" {
		return "", fault.New(fault.NotFound, "ledger-key-none", "这个系统还没有账本密钥")
	}
	return b.Keys.PublicKey(), nil
}

// querier is a connection, a pool or a transaction, to read from.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// hashReader reads tlog's stored hashes out of the entries that completed them.
func hashReader(ctx context.Context, db querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		owners := make([]int64, len(indexes))
		levels := make([]int, len(indexes))
		for i, index := range indexes {
			level, n := tlog.SplitStoredHashIndex(index)
			owners[i], levels[i] = (n+1)<<level-1, level
		}
		rows, err := readRows(ctx, db, owners)
		if err != nil {
			return nil, err
		}
		hashes := make([]tlog.Hash, len(indexes))
		for i, n := range owners {
			stored := rows[n]
			if len(stored) < (levels[i]+1)*tlog.HashSize {
				return nil, fmt.Errorf("the ledger has no hash of level %d at entry %d", levels[i], n)
			}
			copy(hashes[i][:], stored[levels[i]*tlog.HashSize:])
		}
		return hashes, nil
	})
}

// readRows reads for each entry its leaf followed by the nodes it completed.
func readRows(ctx context.Context, db querier, entries []int64) (map[int64][]byte, error) {
	rows, err := db.Query(ctx, `select n, leaf || nodes from ledger_entry where n = any($1)`, entries)
	if err != nil {
		return nil, err
	}
	stored := make(map[int64][]byte, len(entries))
	var n int64
	var hashes []byte
	_, err = pgx.ForEachRow(rows, []any{&n, &hashes}, func() error {
		stored[n] = append([]byte(nil), hashes...)
		return nil
	})
	return stored, err
}

func rootAt(ctx context.Context, db querier, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, hashReader(ctx, db))
}

// loadTree reads what is needed to go on with the ledger.
func loadTree(ctx context.Context, db querier) (tree, error) {
	var t tree
	var chain []byte
	err := db.QueryRow(ctx, `select n + 1, chain from ledger_entry order by n desc limit 1`).Scan(&t.size, &chain)
	if errors.Is(err, pgx.ErrNoRows) {
		return tree{}, nil
	}
	if err != nil {
		return t, err
	}
	copy(t.chain[:], chain)
	levels, indexes := edgeIndexes(t.size)
	hashes, err := hashReader(ctx, db).ReadHashes(indexes)
	for i := range hashes {
		t.edge[levels[i]] = hashes[i]
	}
	return t, err
}
