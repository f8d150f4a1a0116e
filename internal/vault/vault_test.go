package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

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

// damage changes a byte of an original, as a failing disk does.
func damage(t *testing.T, v *Vault, d Digest) {
	t.Helper()
	if err := os.Chmod(v.path(d.SHA256), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.path(d.SHA256), []byte("trick"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDamagedBytesAreNotServed(t *testing.T) {
	v := open(t)
	d := put(t, v, "track")
	damage(t, v, d)
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

// fullDisk has room for so many bytes.
type fullDisk struct {
	osDisk
	room *int
}

func (d fullDisk) CreateHeld(dir string) (file, error) {
	f, err := d.osDisk.CreateHeld(dir)
	if err != nil {
		return nil, err
	}
	return &fullFile{f, d.room}, nil
}

func (d fullDisk) OpenHeld(path string) (file, error) {
	f, err := d.osDisk.OpenHeld(path)
	if err != nil {
		return nil, err
	}
	return &fullFile{f, d.room}, nil
}

type fullFile struct {
	file
	room *int
}

func (f *fullFile) Write(p []byte) (int, error) {
	if len(p) > *f.room {
		n, _ := f.file.Write(p[:*f.room])
		*f.room = 0
		return n, &os.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	*f.room -= len(p)
	return f.file.Write(p)
}

func TestAFullDiskKeepsNothing(t *testing.T) {
	v := open(t)
	room := 1000
	v.disk = fullDisk{room: &room}
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

func TestBytesSentAgainMendADamagedOriginal(t *testing.T) {
	v := open(t)
	d := put(t, v, "track")
	damage(t, v, d)
	if again := put(t, v, "track"); again != d {
		t.Fatalf("got %+v", again)
	}
	if !v.whole(d.SHA256) {
		t.Error("the original is still damaged")
	}
}

// watchedDisk tells of every folder it is to sync.
type watchedDisk struct {
	osDisk
	sync func(dir string) error
}

func (d watchedDisk) SyncFolder(dir string) error { return d.sync(dir) }

func TestAFailedFolderSyncKeepsNothing(t *testing.T) {
	v := open(t)
	v.disk = watchedDisk{sync: func(string) error { return syscall.EIO }}
	if _, err := v.Put(context.Background(), strings.NewReader("track"), 0); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got %v", err)
	}
	v.disk = osDisk{}
	sum := sha256.Sum256([]byte("track"))
	if _, err := v.Open(hex.EncodeToString(sum[:])); fault.KindOf(err) != fault.NotFound {
		t.Errorf("something was kept: %v", err)
	}
}

func TestEveryFolderOfAnOriginalIsSynced(t *testing.T) {
	v := open(t)
	var synced []string
	v.disk = watchedDisk{sync: func(dir string) error {
		rel, err := filepath.Rel(v.dir, dir)
		synced = append(synced, rel)
		return errors.Join(err, osDisk{}.SyncFolder(dir))
	}}
	d := put(t, v, "track")
	want := []string{d.SHA256[:2], ".", filepath.Join(d.SHA256[:2], d.SHA256[2:4])} // those that hold it before it is there
	if !slices.Equal(synced, want) {
		t.Errorf("got %q, wanted %q", synced, want)
	}
}

func TestTheSameBytesAtOnce(t *testing.T) {
	v := open(t)
	other, err := Open(v.dir)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("<trkpt/>", 10_000)
	var group errgroup.Group
	for i := range 8 {
		group.Go(func() error {
			_, err := []*Vault{v, other}[i%2].Put(context.Background(), strings.NewReader(text), 0)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	if !v.whole(hex.EncodeToString(sum[:])) {
		t.Error("not kept")
	}
	if n := leftovers(t, v); n != 0 {
		t.Errorf("%d temporary files left", n)
	}
}

// writerEnv makes this test program a writer that never comes to an end, for its parent to kill.
const writerEnv = "FANGYU_VAULT_TEST_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerEnv); dir != "" {
		v, err := Open(dir)
		if err == nil {
			_, err = v.Put(context.Background(), io.MultiReader(strings.NewReader("half a tr"), os.Stdin), 0)
		}
		log.Fatal(err)
	}
	os.Exit(m.Run())
}

func waitForBytes(t *testing.T, v *Vault) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		left, _ := filepath.Glob(filepath.Join(v.tmp(), "*"))
		for _, path := range left {
			if info, err := os.Stat(path); err == nil && info.Size() > 0 {
				return
			}
		}
	}
	t.Fatal("the writer wrote nothing")
}

func TestWhatAKilledWriterLeftGoesAtTheNextOpen(t *testing.T) {
	v := open(t)
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	writer := exec.Command(program)
	writer.Env = append(os.Environ(), writerEnv+"="+v.dir)
	writer.Stderr = os.Stderr
	if _, err := writer.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	waitForBytes(t, v) // which come after the lock
	if _, err := Open(v.dir); err != nil {
		t.Fatal(err)
	}
	if n := leftovers(t, v); n != 1 {
		t.Errorf("%d temporary files, wanted that of the writer at work", n)
	}
	if err := writer.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = writer.Wait()
	if _, err := Open(v.dir); err != nil {
		t.Fatal(err)
	}
	if n := leftovers(t, v); n != 0 {
		t.Errorf("%d temporary files left", n)
	}
}
