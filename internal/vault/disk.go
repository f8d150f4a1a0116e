package vault

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// disk is what a vault needs of a file system: the real one, and in tests one that is full or loses what was not synced.
type disk interface {
	MkdirAll(dir string) error
	CreateHeld(dir string) (file, error) // a new temporary file, locked by its writer
	OpenHeld(path string) (file, error)  // for reading and writing, made where it is not; errHeld when another writes it
	Open(path string) (file, error)      // for reading
	Settle(from, to string) error        // renames, and nobody writes it any more
	Remove(path string) error            //
	SyncFolder(dir string) error         // brings the names in the folder to disk
	Names(dir string) (names []string, err error)
}

// file is what a vault needs of an open file.
type file interface {
	io.ReadWriteSeeker
	io.ReaderAt
	io.Closer
	Sync() error
	Truncate(size int64) error
	Stat() (os.FileInfo, error)
	Name() string
}

// errHeld says that another writer holds a file.
var errHeld = errors.New("another writer holds the file")

// osDisk is the file system.
type osDisk struct{}

func (osDisk) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o700) }

func (osDisk) Remove(path string) error { return os.Remove(path) }

func (osDisk) Open(path string) (file, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // and not a file that is nil
	}
	return f, nil
}

// CreateHeld locks what it makes, so that others can tell a writer at work from one that died: the kernel gives the lock
// back however a process ends.
func (osDisk) CreateHeld(dir string) (file, error) {
	for {
		f, err := os.CreateTemp(dir, putPrefix+"*")
		if err != nil {
			return nil, err
		}
		if err := lock(f, 0); err != nil {
			return nil, errors.Join(err, os.Remove(f.Name()), f.Close())
		}
		if _, err := os.Stat(f.Name()); err == nil {
			return f, nil
		}
		_ = f.Close() // dropAbandoned came between making and locking
	}
}

func (osDisk) OpenHeld(path string) (file, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = lock(f, syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errHeld
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// lock locks a file where the file system knows locks.
func lock(f *os.File, how int) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|how)
	if errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOLCK) {
		return nil
	}
	return err
}

func (osDisk) Settle(from, to string) error {
	if err := os.Chmod(from, 0o400); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func (osDisk) SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (osDisk) Names(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// dropAbandoned removes the temporary files of Put whose writer is gone. Where the file system knows no locks all stay.
func dropAbandoned(dir string) error {
	names, err := osDisk{}.Names(dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !strings.HasPrefix(name, putPrefix) {
			continue
		}
		path := filepath.Join(dir, name)
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
