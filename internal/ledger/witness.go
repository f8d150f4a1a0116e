package ledger

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/fault"
)

// What lies beside the private key of a witness, by the end of its name.
const (
	witnessPublic      = ".pub"         // the public key, to be registered
	witnessCheckpoints = ".checkpoints" // every checkpoint it signed, oldest first: kept outside, they show a rewritten ledger
)

// Witness is an office that co-signs checkpoints, each only when it continues the one it signed before. It needs no database.
type Witness struct {
	path   string // of the private key
	signer note.Signer
}

// NewWitness makes a key of the name, unless the file is there already.
//
// Errors: Malformed "witness-name"; Internal "witness-key".
func NewWitness(path, name string) (*Witness, error) {
	if _, err := os.Stat(path); err == nil {
		return OpenWitness(path)
	}
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err == nil {
		_, err = ParseOfficeKey(public)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "witness-name", "“%s”不能作密钥的名称：请用写明单位的名称，如 yubei.example/witness，不含空格和加号", name)
	}
	if err := errors.Join(writeWhole(path+witnessPublic, public+"\n"), writeWhole(path, secret+"\n")); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "witness-key", "写不了密钥文件 %s：%v", path, err)
	}
	return OpenWitness(path)
}

// OpenWitness opens the key of a witness.
//
// Errors: NotFound "witness-key-none"; Malformed "witness-key".
func OpenWitness(path string) (*Witness, error) {
	secret, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "witness-key-none", "没有密钥文件 %s：加 --new-key 名称 建立一个", path)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "witness-key", "读不出密钥文件 %s：%v", path, err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "witness-key", "%s 不是会签密钥", path)
	}
	return &Witness{path, signer}, nil
}

// PublicKey is what the office registers.
func (w *Witness) PublicKey() (string, error) {
	text, err := os.ReadFile(w.path + witnessPublic)
	return strings.TrimSpace(string(text)), err
}

// Cosign adds the witness's signature to a checkpoint that the ledger signed, and keeps it before it is given out. prove is
// asked for the proof that the ledger continues the checkpoint signed before.
//
// Errors: those of OpenCheckpoint and prove; Refused "cosign-older", "cosign-diverged" when the checkpoint does not continue
// the one before; Malformed "witness-key" when what was signed before cannot be read.
func (w *Witness) Cosign(signed string, ledger []note.Verifier, prove func(from, to int64) (tlog.TreeProof, error)) (string, error) {
	c, err := OpenCheckpoint(signed, ledger...)
	if err != nil {
		return "", err
	}
	unlock, err := lockFolder(filepath.Dir(w.path))
	if err != nil {
		return "", err
	}
	defer unlock()
	last, err := w.last()
	if err != nil {
		return "", err
	}
	if err := follows(c, last, prove); err != nil {
		return "", err
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(ledger...))
	if err != nil {
		return "", err
	}
	cosigned, err := note.Sign(opened, w.signer)
	if err != nil {
		return "", err
	}
	if c.body() == last.body() {
		return string(cosigned), nil
	}
	return string(cosigned), keepCheckpoint(w.path+witnessCheckpoints, string(cosigned))
}

// last is the checkpoint signed last; zero before the first.
func (w *Witness) last() (Checkpoint, error) {
	path := w.path + witnessCheckpoints
	if err := mend(path); err != nil {
		return Checkpoint{}, err
	}
	notes, err := readCheckpoints(path)
	if err != nil || len(notes) == 0 {
		return Checkpoint{}, err
	}
	verifier, err := w.verifier()
	if err != nil {
		return Checkpoint{}, err
	}
	last, _, err := OpenCosigned(notes[len(notes)-1], verifier)
	if err != nil {
		return last, fault.Wrap(err, fault.Malformed, "witness-key", "%s 中最后一个检查点没有这个密钥的有效签名：请从备份恢复这个文件再会签", path)
	}
	return last, nil
}

func (w *Witness) verifier() (note.Verifier, error) {
	text, err := w.PublicKey()
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "witness-key", "读不出公钥 %s：%v", w.path+witnessPublic, err)
	}
	key, err := ParseOfficeKey(text)
	return key.Verifier, err
}

// follows refuses a checkpoint that does not continue the last one.
func follows(c, last Checkpoint, prove func(from, to int64) (tlog.TreeProof, error)) error {
	diverged := fault.New(fault.Refused, "cosign-diverged", "第 %d 条处的检查点不是上次会签的账本（第 %d 条）的延续：其前有记录被改写。没有签名；请保留两份检查点并告知另一方", c.Size, last.Size)
	switch {
	case last.Size == 0:
		return nil
	case c.Size < last.Size:
		return fault.New(fault.Refused, "cosign-older", "检查点只到第 %d 条，上次会签的到第 %d 条：没有签名。请取最新的检查点；如果这就是最新的，账本被截短了", c.Size, last.Size)
	case c.Size == last.Size && (c.Root != last.Root || c.Chain != last.Chain):
		return diverged
	case c.Size == last.Size:
		return nil
	}
	proof, err := prove(last.Size, c.Size)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, c.Size, c.Root, last.Size, last.Root); err != nil {
		diverged.Err = err
		return diverged
	}
	return nil
}
