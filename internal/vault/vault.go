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
	"time"

	"fangyu/internal/fault"
)

// Digest names kept bytes.
type Digest struct {
	SHA256 string // lower-case hexadecimal
	Size   int64
}

// Vault is a folder of original bytes. Several processes may share one.
type Vault struct {
	dir    string
	create func(dir string) (file, error) // makes a temporary file
}

// file is what Put needs of a temporary file; tests give one whose disk is full.
type file interface {
	io.WriteCloser
	Sync() error
	Name() string
}

// abandonedAfter is how old a temporary file must be before it is taken for one whose writer died.
const abandonedAfter = time.Hour

// Open prepares the folder and removes temporary files of writers that died.
func Open(dir string) (*Vault, error) {
	v := &Vault{dir: dir, create: func(dir string) (file, error) { return os.CreateTemp(dir, "put-*") }}
	if err := os.MkdirAll(v.tmp(), 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "vault-folder", "不能建立原件文件夹 %s", dir)
	}
	left, err := os.ReadDir(v.tmp())
	if err != nil {
		return nil, err
	}
	for _, entry := range left {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > abandonedAfter {
			_ = os.Remove(filepath.Join(v.tmp(), entry.Name()))
		}
	}
	return v, nil
}

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
	f, err := v.create(v.tmp())
	if err != nil {
		return Digest{}, diskFault(err)
	}
	defer os.Remove(f.Name()) // after the rename there is nothing left to remove
	sum := sha256.New()
	size, err := fill(ctx, f, sum, r, limit)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return Digest{}, diskFault(err)
	}
	d := Digest{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size}
	return d, diskFault(v.settle(f.Name(), d.SHA256))
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

// settle gives a synced temporary file its name and syncs the folders that hold the name.
func (v *Vault) settle(from, digest string) error {
	to := v.path(digest)
	if info, err := os.Stat(to); err == nil && info.Mode().IsRegular() {
		return nil
	}
	outer, inner := filepath.Dir(filepath.Dir(to)), filepath.Dir(to)
	if err := os.MkdirAll(inner, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(from, 0o400); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	for _, dir := range []string{inner, outer, v.dir} {
		if err := syncFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func diskFault(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.Wrap(err, fault.Full, "storage-full", "存储空间已满，文件没有收下：请稍后重新上传")
	}
	return err
}

var digestPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

// Open returns the bytes of a digest. The reader ends with an error, Internal "evidence-damaged", instead of io.EOF when
// what it read is not what was kept; callers must read to the end before they trust a byte. Absent bytes are NotFound.
func (v *Vault) Open(digest string) (io.ReadCloser, error) {
	if !digestPattern.MatchString(digest) {
		return nil, fault.New(fault.NotFound, "evidence-unknown", "没有摘要为 %q 的原件", digest)
	}
	f, err := os.Open(v.path(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "evidence-unknown", "没有摘要为 %s 的原件", digest)
	}
	if err != nil {
		return nil, fmt.Errorf("open evidence: %w", err)
	}
	return &checkedReader{f: f, sum: sha256.New(), want: digest}, nil
}

type checkedReader struct {
	f    *os.File
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

func (c *checkedReader) Close() error { return c.f.Close() }
