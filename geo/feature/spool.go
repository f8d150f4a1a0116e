package feature

import (
	"bufio"
	"fmt"
	"io"
	"os"
)

// spool is a temporary file without a name: it is gone when the process is.
type spool struct {
	file *os.File
	buf  *bufio.Writer
	size int64
}

func newSpool(folder string) (*spool, error) {
	f, err := os.CreateTemp(folder, "export-*")
	if err != nil {
		return nil, fmt.Errorf("keep an export: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("keep an export: %w", err)
	}
	return &spool{file: f, buf: bufio.NewWriterSize(f, 64<<10)}, nil
}

func (s *spool) write(b []byte) error {
	n, err := s.buf.Write(b)
	s.size += int64(n)
	return err
}

// reader reads what was written from its beginning; nothing may be written after.
func (s *spool) reader() (*bufio.Reader, error) {
	if err := s.buf.Flush(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return bufio.NewReaderSize(s.file, 64<<10), nil
}

func (s *spool) discard() {
	if s != nil {
		_ = s.file.Close() // what it held is not wanted any more
	}
}
