package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fangyu/internal/fault"
)

func open(t *testing.T) *Vault {
	t.Helper()
	v, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func put(t *testing.T, v *Vault, text string) Digest {
	t.Helper()
	d, err := v.Put(context.Background(), strings.NewReader(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func leftovers(t *testing.T, v *Vault) int {
	t.Helper()
	left, err := os.ReadDir(v.tmp())
	if err != nil {
		t.Fatal(err)
	}
	return len(left)
}

func TestWhatIsKeptComesBack(t *testing.T) {
	v := open(t)
	d := put(t, v, "track")
	sum := sha256.Sum256([]byte("track"))
	if d.SHA256 != hex.EncodeToString(sum[:]) || d.Size != 5 {
		t.Fatalf("got %+v", d)
	}
	if again := put(t, v, "track"); again != d {
		t.Errorf("the same bytes again: got %+v", again)
	}
	r, err := v.Open(d.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if b, err := io.ReadAll(r); err != nil || string(b) != "track" {
		t.Errorf("got %q, %v", b, err)
	}
	if n := leftovers(t, v); n != 0 {
		t.Errorf("%d temporary files left", n)
	}
}

func TestDamagedBytesAreNotServed(t *testing.T) {
	v := open(t)
	d := put(t, v, "track")
	if err := os.Chmod(v.path(d.SHA256), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.path(d.SHA256), []byte("trick"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := v.Open(d.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.ReadAll(r); !fault.Is(err, "evidence-damaged") {
		t.Errorf("got %v", err)
	}
}

func TestRefusals(t *testing.T) {
	v := open(t)
	if _, err := v.Put(context.Background(), strings.NewReader("too long"), 3); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("over the limit: got %v", err)
	}
	if _, err := v.Put(context.Background(), strings.NewReader("abc"), 3); err != nil {
		t.Errorf("at the limit: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.Put(ctx, strings.NewReader("abc"), 0); err == nil {
		t.Error("a cancelled upload was kept")
	}
	for _, digest := range []string{"", "../../etc/passwd", strings.Repeat("0", 64)} {
		if _, err := v.Open(digest); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: got %v", digest, err)
		}
	}
	if n := leftovers(t, v); n != 0 {
		t.Errorf("%d temporary files left", n)
	}
}

// fullFile is a temporary file on a disk that has room for so many bytes, or whose fsync fails.
type fullFile struct {
	*os.File
	room int
}

func (f *fullFile) Write(p []byte) (int, error) {
	if len(p) > f.room {
		n, _ := f.File.Write(p[:f.room])
		f.room = 0
		return n, &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	f.room -= len(p)
	return f.File.Write(p)
}

func TestAFullDiskKeepsNothing(t *testing.T) {
	v := open(t)
	v.create = func(dir string) (file, error) {
		f, err := os.CreateTemp(dir, "put-*")
		return &fullFile{f, 1000}, err
	}
	text := bytes.Repeat([]byte("x"), 5000)
	if _, err := v.Put(context.Background(), bytes.NewReader(text), 0); fault.KindOf(err) != fault.Full {
		t.Errorf("got %v", err)
	}
	sum := sha256.Sum256(text)
	if _, err := v.Open(hex.EncodeToString(sum[:])); fault.KindOf(err) != fault.NotFound {
		t.Errorf("something was kept: %v", err)
	}
	if n := leftovers(t, v); n != 0 {
		t.Errorf("%d temporary files left", n)
	}
}

func TestOldTemporaryFilesGo(t *testing.T) {
	v := open(t)
	old, young := filepath.Join(v.tmp(), "put-old"), filepath.Join(v.tmp(), "put-young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-2 * abandonedAfter)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(v.dir); err != nil {
		t.Fatal(err)
	}
	if n := leftovers(t, v); n != 1 {
		t.Errorf("%d temporary files, wanted the young one", n)
	}
}
