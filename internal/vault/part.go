package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"fangyu/internal/fault"
)

// Piece is a stretch of a file that comes in pieces.
type Piece struct {
	Offset int64 // of its first byte
	End    int64 // size of the whole file; no piece goes beyond
	Body   io.Reader
	Sum    hash.Hash                // of the checksum that was sent with it; nil: none was
	Want   []byte                   // what Sum must come to
	Kept   func(offset int64) error // called with every offset up to which all bytes are on disk
}

// pieceStep is how many bytes are taken in before they are synced and acknowledged: what a crash costs at most.
const pieceStep = 4 << 20

// Append writes a piece of the file called id, whose bytes up to the offset must be there, and cuts off what lies beyond:
// it was never acknowledged. What came before a body broke off is kept like the rest and the body's error is returned; a
// piece with a checksum is kept whole or not at all.
//
// Errors: Busy "upload-busy" while another writes to it; Malformed "body-longer" for bytes beyond the end; Garbled
// "checksum_mismatch"; Conflict "part-lost" when bytes before the offset are not there; Full "storage-full"; those of the
// body, of Kept and of the disk. After an error of the disk nothing more is acknowledged.
func (v *Vault) Append(ctx context.Context, id string, p Piece) error {
	f, err := v.hold(id)
	if err != nil {
		return err
	}
	defer f.Close()
	if p.Offset == 0 { // its name has to last before any of its bytes
		err = v.syncFolders(f.Name())
	}
	if err == nil {
		err = cutTo(f, p.Offset)
	}
	if err != nil {
		return diskFault(err)
	}
	return p.writeTo(ctx, f)
}

// hold opens the file called id for this caller alone. It makes it where it is not: of an empty file no piece ever comes.
func (v *Vault) hold(id string) (file, error) {
	f, err := v.disk.OpenHeld(v.part(id))
	if errors.Is(err, errHeld) {
		return nil, fault.Wrap(err, fault.Busy, "upload-busy", "这个文件正由另一个请求接收：请稍后再传")
	}
	return f, diskFault(err)
}

func (v *Vault) part(id string) string { return filepath.Join(v.tmp(), partPrefix+id) }

// cutTo leaves the first size bytes of a file and stands at their end.
func cutTo(f file, size int64) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() < size {
		return fault.New(fault.Conflict, "part-lost", "已收到的 %d 字节中只剩 %d：请从头重新上传", size, info.Size())
	}
	if err := f.Truncate(size); err != nil {
		return err
	}
	_, err = f.Seek(size, io.SeekStart)
	return err
}

// writeTo takes the body in, step by step.
func (p Piece) writeTo(ctx context.Context, f file) error {
	at, body := p.Offset, io.Reader(contextReader{ctx, p.Body})
	step := int64(pieceStep)
	if p.Sum != nil {
		body, step = io.TeeReader(body, p.Sum), p.End-p.Offset+1
	}
	for {
		in := &bodyReader{r: io.LimitReader(body, min(step, p.End-at+1))}
		n, err := io.Copy(f, in)
		if err != nil && in.err == nil {
			return diskFault(errors.Join(err, cutTo(f, at))) // what was written in this step makes room
		}
		switch {
		case at+n > p.End:
			return errors.Join(fault.New(fault.Malformed, "body-longer", "内容超出了申报的 %d 字节", p.End), cutTo(f, at))
		case p.Sum != nil && (err != nil || !bytes.Equal(p.Sum.Sum(nil), p.Want)):
			if err == nil {
				err = fault.New(fault.Garbled, "checksum_mismatch", "这一段的内容与 Upload-Checksum 不符，没有收下：请重发这一段")
			}
			return errors.Join(err, cutTo(f, at))
		case n > 0:
			if syncErr := f.Sync(); syncErr != nil {
				return diskFault(syncErr)
			}
			at += n
			if keptErr := p.Kept(at); keptErr != nil {
				return keptErr
			}
		}
		if err != nil || n == 0 {
			return err
		}
	}
}

// bodyReader remembers the error of a body, which is not one of the disk.
type bodyReader struct {
	r   io.Reader
	err error
}

func (b *bodyReader) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// headBytes is how much of a file Whole returns: the headers of pictures stand there, behind what cameras put before them.
const headBytes = 1 << 20

// Whole reads the file called id and returns its digest and its first bytes, at most a MiB.
//
// Errors: Busy "upload-busy"; those of the disk.
func (v *Vault) Whole(ctx context.Context, id string) (Digest, []byte, error) {
	f, err := v.hold(id)
	if err != nil {
		return Digest{}, nil, err
	}
	defer f.Close()
	head, sum := make([]byte, headBytes), sha256.New()
	n, err := io.ReadFull(f, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	sum.Write(head[:n])
	size := int64(n)
	if err == nil {
		var rest int64
		rest, err = io.Copy(sum, contextReader{ctx, f})
		size += rest
	}
	return Digest{SHA256: hex.EncodeToString(sum.Sum(nil)), Size: size}, head[:n], err
}

// Keep makes the file called id the original of the digest Whole found. It may be done again after a crash.
//
// Errors: Busy "upload-busy"; Full "storage-full"; Conflict "part-lost" when neither the file nor the original is there.
func (v *Vault) Keep(id, digest string) error {
	f, err := v.hold(id)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() == 0 && digest != emptyDigest { // it was moved before
		if !v.whole(digest) {
			return fault.New(fault.Conflict, "part-lost", "收到的内容已不在：请从头重新上传")
		}
	} else if err := f.Sync(); err != nil {
		return diskFault(err)
	}
	if err := v.settle(f.Name(), digest); err != nil {
		return diskFault(err)
	}
	return v.Drop(id)
}

// emptyDigest is the SHA-256 of no bytes.
const emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// Drop removes what came of the file called id, if anything did.
func (v *Vault) Drop(id string) error {
	if err := v.disk.Remove(v.part(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Parts lists the files that came in pieces and are not whole yet.
func (v *Vault) Parts() (ids []string, err error) {
	names, err := v.disk.Names(v.tmp())
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	for _, name := range names {
		if id, part := strings.CutPrefix(name, partPrefix); part {
			ids = append(ids, id)
		}
	}
	return ids, err
}
