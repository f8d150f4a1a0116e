package vault

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"

	"fangyu/internal/fault"
)

// Digest names kept bytes.
type Digest struct {
	SHA256 string // lower-case hexadecimal
	Size   int64
}

// Vault is a folder of original bytes. Several processes may share one.
type Vault struct {
	dir     string
	disk    disk
	derived *Vault
}

// What lies in the temporary folder begins with one of these: bytes on their way in one go, and in pieces.
const (
	putPrefix  = "put-"
	partPrefix = "part-"
)

// derivedFolder holds what was made of originals. No original lies there: their folders have two letters.
const derivedFolder = "derived"

// Derived keeps what can be made from originals again, in a folder of its own within the vault: nobody takes it for an
// original, and who lacks space or time backs it up last.
func (v *Vault) Derived() *Vault { return v.derived }

// Open prepares the folder and removes temporary files of writers that died.
func Open(dir string) (*Vault, error) {
	v, err := prepare(dir)
	if err == nil {
		v.derived, err = prepare(filepath.Join(v.dir, derivedFolder))
	}
	return v, err
}

func prepare(dir string) (*Vault, error) {
	v := &Vault{dir: filepath.Clean(dir), disk: osDisk{}}
	_, absent := os.Stat(v.dir)
	err := v.disk.MkdirAll(v.tmp())
	if err == nil && absent != nil {
		err = v.disk.SyncFolder(filepath.Dir(v.dir))
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "vault-folder", "不能建立原件文件夹 %s：%v", dir, err)
	}
	return v, dropAbandoned(v.tmp())
}

// Scratch is a folder for temporary files beside the originals, on a disk that has room.
func (v *Vault) Scratch() string { return v.tmp() }

func (v *Vault) tmp() string { return filepath.Join(v.dir, "tmp") }

func (v *Vault) path(digest string) string {
	return filepath.Join(v.dir, digest[:2], digest[2:4], digest)
}

// Put keeps everything r gives, at most limit bytes (0: no limit), and returns its digest. Bytes that are there already
// are not written again.
//
// Errors: TooLarge "file-too-large" naming the limit; Full "storage-full"; what r or the disk says otherwise. After an
// error nothing is kept.
func (v *Vault) Put(ctx context.Context, r io.Reader, limit int64) (Digest, error) {
	f, err := v.disk.CreateHeld(v.tmp())
	if err != nil {
		return Digest{}, diskFault(err)
	}
	defer f.Close()               // after the fsync a close can lose nothing, and it must not come before the rename: it lets go of the lock
	defer v.disk.Remove(f.Name()) // after the rename there is nothing left to remove
	sum := sha256.New()
	size, err := fill(ctx, f, sum, r, limit)
	if err == nil {
		err = f.Sync()
	}
	d := Digest{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size}
	if err == nil {
		err = v.settle(f.Name(), d.SHA256)
	}
	if err != nil {
		return Digest{}, diskFault(err)
	}
	return d, nil
}

// fill copies r into f and the hash.
func fill(ctx context.Context, f io.Writer, sum hash.Hash, r io.Reader, limit int64) (int64, error) {
	if limit > 0 {
		r = io.LimitReader(r, limit+1)
	}
	size, err := io.Copy(io.MultiWriter(f, sum), contextReader{ctx, r})
	if err == nil && limit > 0 && size > limit {
		err = fault.New(fault.TooLarge, "file-too-large", "文件超过上限 %d 字节", limit)
	}
	return size, err
}

// contextReader ends a copy when its context does.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// settle gives a synced temporary file its name and syncs the folders that hold the name. A file of that name that is
// whole stays; a damaged one is replaced, so that sending the bytes again mends it.
func (v *Vault) settle(from, digest string) error {
	to := v.path(digest)
	dir := filepath.Dir(to)
	if err := v.disk.MkdirAll(dir); err != nil {
		return err
	}
	if err := v.syncFolders(dir); err != nil { // before anything is moved there: a name lasts only in a folder that lasts
		return err
	}
	kept := v.whole(digest)
	if !kept {
		if err := v.disk.Settle(from, to); err != nil {
			return err
		}
	}
	// Also for a file that was there: whoever put it may not have come as far as this.
	if err := v.disk.SyncFolder(dir); err != nil {
		if !kept {
			err = errors.Join(err, v.disk.Remove(to))
		}
		return err
	}
	return nil
}

// whole reports whether the bytes of the digest are there and undamaged.
func (v *Vault) whole(digest string) bool {
	r, err := v.Open(digest)
	if err != nil {
		return false
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err == nil
}

func (v *Vault) syncFolders(path string) error {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if err := v.disk.SyncFolder(dir); err != nil || dir == v.dir {
			return err
		}
	}
}

func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(err, fault.Full, "storage-full", "存储空间已满，文件没有收下：请稍后重新上传")
	}
	return err
}

var digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Open returns the bytes of a digest. The reader ends with an error, Internal "evidence-damaged", instead of io.EOF when
// what it read is not what was kept; callers must read to the end before they trust a byte. It is an io.ReaderAt too, for
// archives; what that reads counts nothing for the sum. Absent bytes are NotFound.
func (v *Vault) Open(digest string) (fs.File, error) {
	if !digestPattern.MatchString(digest) {
		return nil, fault.New(fault.NotFound, "evidence-unknown", "没有摘要为 %q 的原件", digest)
	}
	f, err := v.disk.Open(v.path(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "evidence-unknown", "没有摘要为 %s 的原件", digest)
	}
	if err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	return &checkedReader{f: f, sum: sha256.New(), want: digest}, nil
}

// Descriptor opens the bytes of a digest for another process to read, which must Check what it reads.
//
// Errors: as Open.
func (v *Vault) Descriptor(digest string) (*os.File, error) {
	r, err := v.Open(digest)
	if err != nil {
		return nil, err
	}
	f, ok := r.(*checkedReader).f.(*os.File)
	if !ok {
		return nil, errors.Join(errors.New("the vault lies on no file system of this machine"), r.Close())
	}
	return f, nil
}

// Check reads f as Open does what it opens.
func Check(f *os.File, digest string) fs.File {
	return &checkedReader{f: f, sum: sha256.New(), want: digest}
}

type checkedReader struct {
	f    file
	sum  hash.Hash
	want string
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.f.Read(p)
	c.sum.Write(p[:n])
	if errors.Is(err, io.EOF) && hex.EncodeToString(c.sum.Sum(nil)) != c.want {
		return n, fault.New(fault.Internal, "evidence-damaged", "原件 %s 的内容与摘要不符，可能已损坏", c.want)
	}
	return n, err
}

func (c *checkedReader) ReadAt(p []byte, offset int64) (int, error) { return c.f.ReadAt(p, offset) }

func (c *checkedReader) Stat() (fs.FileInfo, error) { return c.f.Stat() }

func (c *checkedReader) Close() error { return c.f.Close() }
