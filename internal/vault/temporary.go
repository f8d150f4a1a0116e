package vault

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// file is what Put needs of a temporary file; tests give one whose disk is full.
type file interface {
	io.WriteCloser
	Sync() error
	Name() string
}

// createHeld makes a temporary file and locks it, so that others can tell a writer at work from one that died: the kernel
// gives the lock back however a process ends.
func createHeld(dir string) (file, error) {
	for {
		f, err := os.CreateTemp(dir, "put-*")
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != nil && !errors.Is(err, syscall.ENOTSUP) && !errors.Is(err, syscall.ENOLCK) {
			return nil, errors.Join(err, os.Remove(f.Name()), f.Close())
		}
		if _, err := os.Stat(f.Name()); err == nil {
			return f, nil
		}
		_ = f.Close() // dropAbandoned came between making and locking
	}
}

// dropAbandoned removes the temporary files whose writer is gone. Where the file system knows no locks all stay.
func dropAbandoned(dir string) error {
	left, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range left {
		path := filepath.Join(dir, entry.Name())
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // its writer finished
		}
		if err != nil {
			return err
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.Remove(path) // a file that stays costs room and nothing else
		}
		_ = f.Close()
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
