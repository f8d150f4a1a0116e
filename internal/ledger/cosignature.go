package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"fangyu/internal/fault"
)

// OfficeKey is the public key with which an office co-signs checkpoints.
type OfficeKey struct {
	note.Verifier
	Text      string // name+hash+base64, as golang.org/x/mod/sumdb/note writes it
	Algorithm string
}

const maxKeyText = 400 // bytes

// ParseOfficeKey reads a verifier key in its one spelling.
//
// Errors: Malformed "office-key-unreadable", "office-key-algorithm"; Refused "office-key-reserved" for a ledger's name.
func ParseOfficeKey(text string) (OfficeKey, error) {
	wrong := fault.New(fault.Malformed, "office-key-unreadable", "不是会签公钥：应为一行“名称+8 位散列+base64”，由 fangyu ledger cosign --new-key 生成，不超过 %d 字节", maxKeyText)
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 || len(text) > maxKeyText {
		return OfficeKey{}, wrong
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) == 0 {
		return OfficeKey{}, wrong
	}
	algorithm, known := keyAlgorithms[raw[0]]
	if !known {
		return OfficeKey{}, fault.New(fault.Malformed, "office-key-algorithm", "会签公钥的算法编号是 %d：现在只接受 1（Ed25519）", raw[0])
	}
	v, err := note.NewVerifier(text)
	if err != nil || text != fmt.Sprintf("%s+%08x+%s", v.Name(), v.KeyHash(), base64.StdEncoding.EncodeToString(raw)) {
		return OfficeKey{}, wrong
	}
	if strings.HasPrefix(v.Name(), ledgerName) {
		return OfficeKey{}, fault.New(fault.Refused, "office-key-reserved", "名称 %s 是账本自己的：请另取一个写明单位的名称", v.Name())
	}
	return OfficeKey{v, text, algorithm}, nil
}

// keyAlgorithms are the algorithms by the first byte of a key; SM2 can follow Ed25519.
var keyAlgorithms = map[byte]string{1: "ed25519"}

// Cosignature is an office's signature under a checkpoint.
type Cosignature struct {
	Signer string // name+hash of the key
	Line   string // as it stands under the note, without the end of the line
}

// OpenCosigned reads the checkpoint of a note and which of the keys signed it, whoever else did. What is signed is a
// checkpoint and nothing more.
//
// Errors: Malformed "checkpoint-unreadable"; Refused "cosignature-wrong" when the signature of a key does not hold,
// "cosignature-none" when none of the keys signed.
func OpenCosigned(signed string, keys ...note.Verifier) (Checkpoint, []Cosignature, error) {
	c, err := parseCheckpoint(bodyOf(signed) + "\n")
	if err == nil && c.body() != bodyOf(signed)+"\n" {
		err = errors.New("more lines than a checkpoint has")
	}
	if err != nil {
		return Checkpoint{}, nil, fault.Wrap(err, fault.Malformed, "checkpoint-unreadable", "不是账本检查点：应为 GET /api/ledger/checkpoint 给出的文本，其后加上会签的一行")
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(keys...))
	var invalid *note.InvalidSignatureError
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &invalid):
		return Checkpoint{}, nil, fault.Wrap(err, fault.Refused, "cosignature-wrong", "%s 的签名与第 %d 条处的检查点不符：文本或签名被改动，请取原文重新会签", invalid.Name, c.Size)
	case errors.As(err, &unverified):
		return Checkpoint{}, nil, fault.Wrap(err, fault.Refused, "cosignature-none", "第 %d 条处的检查点没有所认公钥的签名：请用已登记、未撤销的会签密钥签名", c.Size)
	case err != nil:
		return Checkpoint{}, nil, fault.Wrap(err, fault.Malformed, "checkpoint-unreadable", "检查点之后的签名读不出：每行应为“— 名称 base64”")
	}
	c.Note = signed
	found := make([]Cosignature, len(opened.Sigs))
	for i, s := range opened.Sigs {
		found[i] = Cosignature{fmt.Sprintf("%s+%08x", s.Name, s.Hash), signatureMark + s.Name + " " + s.Base64}
	}
	return c, found, nil
}

// Made reports whether a checkpoint is one that the ledger made, byte by byte.
func (b *Book) Made(ctx context.Context, c Checkpoint) (made bool, err error) {
	err = b.DB.QueryRow(ctx, `select exists (select from checkpoint where size = $1 and starts_with(note, $2 || E'\n'))`, c.Size, c.body()).Scan(&made)
	return made, err
}

// cosignatureRow is an office's signature as it lies in the database, with what it belongs to where that is there.
type cosignatureRow struct {
	Size      int64
	Line      string
	At        time.Time
	Office    *string
	Key, Note *string
}

// cosignatures checks every stored signature of an office. Keys that were revoked later count too.
func (v *verification) cosignatures(ctx context.Context, ledger pgx.Tx) error {
	rows, err := ledger.Query(ctx, `
		select s.size, s.line, s.at, o.name as office, k.key, c.note
		from cosignature s left join office_key k on k.id = s.key_id left join office o on o.id = k.office_id left join checkpoint c on c.size = s.size
		order by s.size, s.id`)
	if err != nil {
		return err
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[cosignatureRow])
	v.Cosigned = len(stored)
	for _, row := range stored {
		v.cosignature(row)
	}
	return err
}

func (v *verification) cosignature(row cosignatureRow) {
	if row.Office == nil || row.Key == nil {
		v.find(CosignWrong, row.Size-1, -1, "第 %d 条处的会签所用的公钥没有登记", row.Size)
		return
	}
	if row.Note == nil {
		v.find(CheckpointGone, row.Size-1, -1, "%s于 %s 会签的第 %d 条处的检查点在数据库中没有", *row.Office, row.At.Format(time.DateTime), row.Size)
		return
	}
	key, err := ParseOfficeKey(*row.Key)
	if err == nil {
		_, _, err = OpenCosigned(bodyOf(*row.Note)+"\n\n"+row.Line+"\n", key)
	}
	if err != nil {
		v.find(CosignWrong, row.Size-1, -1, "第 %d 条处的检查点不是%s于 %s 会签的那一份，或签名被改动：%s", row.Size, *row.Office, row.At.Format(time.DateTime), inWords(err))
	}
}
