package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"fangyu/internal/fault"
)

const lockPoll = 20 * time.Millisecond

// openLock opens or makes a lock file. Go opens files close-on-exec, so children never inherit a lock. What root makes
// belongs to the server's account, who may want to join as well.
func (f folder) openLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := f.account.give(path); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// waitLock takes the lock, waiting as long as ctx lasts.
func waitLock(ctx context.Context, f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockPoll):
		}
	}
}

// tryLock reports whether the lock could be had at once.
func tryLock(f *os.File, how int) bool { return syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB) == nil }

// stillThere reports whether the open file is the one its path names: a folder removed and made anew has another.
func stillThere(f *os.File) bool {
	open, err1 := f.Stat()
	named, err2 := os.Stat(f.Name())
	return err1 == nil && err2 == nil && os.SameFile(open, named)
}

// lockServe takes the lock only one serve holds and writes our pid into it; another holder is named.
func (c *Cluster) lockServe() error {
	path := c.folder.serveLock()
	f, err := c.folder.openLock(path)
	if err != nil {
		return err
	}
	if !tryLock(f, syscall.LOCK_EX) {
		pid, _ := os.ReadFile(path)
		_ = f.Close()
		return fault.New(fault.Conflict, "already-serving",
			"已有一个方舆服务在运行（进程 %s）：请先停止它，或用 --data 另选数据文件夹", strings.TrimSpace(string(pid)))
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(fmt.Sprintln(os.Getpid())), 0)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	c.serve = f
	return nil
}
