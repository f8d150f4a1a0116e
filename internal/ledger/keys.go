package ledger

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"fangyu/internal/fault"
)

// The files of a keys folder.
const (
	signerFile      = "signer"      // the private key, 0600
	verifiersFile   = "verifiers"   // every public key the ledger ever had, one a line, the present one last
	checkpointsFile = "checkpoints" // every checkpoint, as it was made
	headFile        = "head"        // the latest head between checkpoints
)

// ledgerName begins the name of every ledger's key.
const ledgerName = "fangyu.ledger/"

// Keys is the folder of the ledger's key. Whoever rewrites the database has not rewritten what lies here.
type Keys struct {
	dir       string
	signer    note.Signer // nil when read only
	verifiers []note.Verifier
	lines     []string // the verifiers as written
}

// OpenKeys opens the folder to sign with. It makes the folder, and a key where there is none. Several nodes may share one.
//
// Errors: Internal "ledger-keys" with a sentence that names the file.
func OpenKeys(dir string) (*Keys, error) {
	k := &Keys{dir: dir}
	if err := k.prepare(); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "ledger-keys", "不能使用密钥文件夹 %s：%v", dir, err)
	}
	return k, nil
}

// ReadKeys reads the public part of the folder. An absent folder has no keys and no checkpoints.
//
// Errors: Internal "ledger-keys".
func ReadKeys(dir string) (*Keys, error) {
	k := &Keys{dir: dir}
	if err := k.readVerifiers(); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "ledger-keys", "读不出密钥文件夹 %s 的公钥：%v", dir, err)
	}
	return k, nil
}

func (k *Keys) prepare() error {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(filepath.Clean(k.dir))); err != nil {
		return err
	}
	secret, err := os.ReadFile(k.path(signerFile))
	if errors.Is(err, fs.ErrNotExist) {
		secret, err = k.generate()
	}
	if err != nil {
		return err
	}
	if k.signer, err = note.NewSigner(strings.TrimSpace(string(secret))); err != nil {
		return errors.New(signerFile + " 不是签名密钥")
	}
	if err := k.readVerifiers(); err != nil {
		return err
	}
	if current := k.Verifier(); current == nil || current.Name() != k.signer.Name() || current.KeyHash() != k.signer.KeyHash() {
		return errors.New(verifiersFile + " 的最后一行不是 " + signerFile + " 的公钥")
	}
	return nil
}

// generate makes a key. The public key is kept before the private one, so that there is no signature nobody can check; of
// two that generate at once the first one's key counts.
func (k *Keys) generate() ([]byte, error) {
	unlock, err := lockFolder(k.dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if secret, err := os.ReadFile(k.path(signerFile)); err == nil {
		return secret, nil
	}
	var id [6]byte
	rand.Read(id[:]) //nolint:errcheck // it never fails
	secret, public, err := note.GenerateKey(rand.Reader, ledgerName+hex.EncodeToString(id[:]))
	if err != nil {
		return nil, err
	}
	if err := appendSynced(k.path(verifiersFile), public+"\n", 0o644); err != nil {
		return nil, err
	}
	return []byte(secret), writeWhole(k.path(signerFile), secret+"\n")
}

func (k *Keys) readVerifiers() error {
	text, err := os.ReadFile(k.path(verifiersFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	k.lines = strings.Fields(string(text))
	if k.verifiers, err = verifiersOf(k.lines); err != nil {
		return fmt.Errorf("%s %w", verifiersFile, err)
	}
	return nil
}

func verifiersOf(lines []string) ([]note.Verifier, error) {
	verifiers := make([]note.Verifier, len(lines))
	for i, line := range lines {
		var err error
		if verifiers[i], err = note.NewVerifier(line); err != nil {
			return nil, fmt.Errorf("第 %d 行不是公钥", i+1)
		}
	}
	return verifiers, nil
}

// ReadVerifiers reads a file of public keys, one a line.
//
// Errors: Malformed "verifiers-unreadable" where there is none, or something else.
func ReadVerifiers(path string) ([]note.Verifier, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "verifiers-unreadable", "读不出公钥文件 %s：请确认文件存在且可读", path)
	}
	lines := strings.Fields(string(text))
	verifiers, err := verifiersOf(lines)
	if err != nil || len(lines) == 0 {
		return nil, fault.Wrap(err, fault.Malformed, "verifiers-unreadable", "%s 不是公钥文件：应每行一个“名称+散列+base64”", path)
	}
	return verifiers, nil
}

func (k *Keys) path(name string) string { return filepath.Join(k.dir, name) }

// Verifier is the present public key, nil where there is none.
func (k *Keys) Verifier() note.Verifier {
	if len(k.verifiers) == 0 {
		return nil
	}
	return k.verifiers[len(k.verifiers)-1]
}

// Verifiers are all public keys the ledger ever had.
func (k *Keys) Verifiers() []note.Verifier { return k.verifiers }

// PublicKey is the present public key as text, empty where there is none.
func (k *Keys) PublicKey() string {
	if len(k.lines) == 0 {
		return ""
	}
	return k.lines[len(k.lines)-1]
}

// Checkpoints are the signed notes kept in the folder, oldest first.
func (k *Keys) Checkpoints() ([]string, error) { return readCheckpoints(k.path(checkpointsFile)) }

func readCheckpoints(path string) ([]string, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return SplitCheckpoints(string(text)), err
}

// Head is the signed head kept last, empty where there is none.
func (k *Keys) Head() (string, error) {
	text, err := os.ReadFile(k.path(headFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return string(text), err
}

// keepHead puts a head in the place of the one before. It does not wait for the disk: when the machine loses power, what
// is left is a head of some seconds ago, or none, and the checkpoints.
func (k *Keys) keepHead(c Checkpoint) error {
	temporary := k.path(headFile + ".new")
	if err := os.WriteFile(temporary, []byte(c.Note), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, k.path(headFile))
}

// mend drops a checkpoint that a crash cut off at the end of a file.
func mend(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	notes := SplitCheckpoints(string(text))
	if len(notes) == 0 || isWhole(notes[len(notes)-1]) {
		return nil
	}
	return os.Truncate(path, int64(len(text)-len(notes[len(notes)-1])))
}

// isWhole reports whether a note comes to its end: a signature and the end of its line.
func isWhole(signed string) bool {
	lines := strings.SplitAfter(signed, "\n")
	return len(lines) > 1 && lines[len(lines)-1] == "" && strings.HasPrefix(lines[len(lines)-2], signatureMark)
}

// keep appends a checkpoint to the file and returns when it is on disk.
func (k *Keys) keep(c Checkpoint) error {
	return keepCheckpoint(k.path(checkpointsFile), c.Note)
}

func keepCheckpoint(path, signed string) error {
	if err := appendSynced(path, signed, 0o644); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// Sign signs a text of whole lines as the ledger signs its checkpoints: a C2SP signed note, Ed25519. What is signed must
// not begin as a checkpoint does, with the name of the key.
//
// Errors: Internal "ledger-keys" for a folder that was opened to read only, or a text that no note can hold.
func (k *Keys) Sign(text string) (string, error) {
	if k.signer == nil {
		return "", fault.New(fault.Internal, "ledger-keys", "密钥文件夹 %s 只读，不能签名", k.dir)
	}
	signed, err := note.Sign(&note.Note{Text: text}, k.signer)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "ledger-keys", "不能签名：%v", err)
	}
	return string(signed), nil
}
