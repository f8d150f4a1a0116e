package cluster

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"syscall"
	"time"
)

// The roles of a database of ours and its name. The superuser makes extensions and nothing else.
const (
	Superuser = "postgres"
	Owner     = "fangyu_owner" // migrations
	App       = "fangyu_app"   // everything else
	Database  = "fangyu"
)

// Options say which cluster to join and how.
type Options struct {
	Dir    string // the data folder; DefaultDir when empty
	Memory bool   // for tests: no durability, and gone with its last holder
	Serve  bool   // take the exclusive lock of the one server process
}

// Cluster is a running private cluster that this process has joined.
type Cluster struct {
	folder folder
	bin    string
	memory bool
	lock   *os.File // shared
	serve  *os.File // exclusive, for serve only
}

// startWait bounds a start or stop of the server.
const startWait = 60 * time.Second

// Join makes, starts or adopts the cluster in the folder and holds it until Close.
//
// Errors: fault Internal with a sentence that names the missing package or the closed folder; Conflict "already-serving"
// with the pid of the other serve.
func Join(ctx context.Context, o Options) (*Cluster, error) {
	if o.Dir == "" {
		o.Dir = DefaultDir()
	}
	bin, err := findBinaries(madeBy(o.Dir))
	if err != nil {
		return nil, err
	}
	for {
		c, err := join(ctx, bin, o)
		if err != nil || c != nil {
			return c, err
		}
	}
}

// join is one try; nil without an error means that the folder was removed under us and the caller should try again.
func join(ctx context.Context, bin string, o Options) (*Cluster, error) {
	f, err := newFolder(o)
	if err != nil {
		return nil, err
	}
	start, err := f.openLock(f.startLock())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer start.Close()
	if err := waitLock(ctx, start, syscall.LOCK_EX); err != nil {
		return nil, err
	}
	c := &Cluster{folder: f, bin: bin, memory: o.Memory}
	there, err := c.enter(ctx, start, o.Serve)
	if err == nil && there {
		err = c.ensureRunning(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, c.leave())
	}
	if !there {
		c.release()
		return nil, nil
	}
	return c, nil
}

// enter takes our locks; the start lock is held. It reports whether the folder is still the one we came to.
func (c *Cluster) enter(ctx context.Context, start *os.File, serve bool) (there bool, err error) {
	lock, err := c.folder.openLock(c.folder.lock())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := waitLock(ctx, lock, syscall.LOCK_SH); err != nil {
		return false, errors.Join(err, lock.Close())
	}
	c.lock = lock
	if !stillThere(start) || !stillThere(lock) {
		return false, nil
	}
	if serve {
		return true, c.lockServe()
	}
	return true, nil
}

// ensureRunning leaves a server that answers, with our roles, database and extensions in it.
func (c *Cluster) ensureRunning(ctx context.Context) error {
	if err := c.initialise(ctx); err != nil {
		return err
	}
	if err := c.writeAccountMap(ctx); err != nil {
		return err
	}
	if err := c.bringUp(ctx); err != nil {
		return err
	}
	return c.setUp(ctx)
}

// Dir is the data folder.
func (c *Cluster) Dir() string { return c.folder.dir }

// DSN is the address of our database for one of the roles.
func (c *Cluster) DSN(role string) string { return c.DatabaseDSN(role, Database) }

// DatabaseDSN is the address of any database of the cluster for one of the roles.
func (c *Cluster) DatabaseDSN(role, database string) string {
	q := url.Values{"host": {c.folder.socket}, "user": {role}, "sslmode": {"disable"}}
	return "postgres:///" + url.PathEscape(database) + "?" + q.Encode()
}

// Close leaves the cluster. The last one out stops the server, unless a start is under way.
func (c *Cluster) Close() error {
	start, err := c.folder.openLock(c.folder.startLock())
	if err != nil {
		c.release()
		return nil // the folder is gone, and the server with it
	}
	defer start.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	if err := waitLock(ctx, start, syscall.LOCK_EX); err != nil {
		c.release()
		return err
	}
	return c.leave()
}

// leave gives our locks back and stops the server if nobody else is in; the start lock is held, so that of two who leave
// at once the second finds the first gone. A cluster in memory is the reaper's to end.
func (c *Cluster) leave() error {
	defer c.release()
	if c.memory || c.lock == nil || !tryLock(c.lock, syscall.LOCK_EX) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	return c.stop(ctx)
}

// release lets go of our locks. They are given back by name: closing would leave them to a child of ours that was forked
// and has not come to its exec.
func (c *Cluster) release() {
	for _, f := range []*os.File{c.serve, c.lock} {
		if f != nil {
			_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
			_ = f.Close()
		}
	}
	c.serve, c.lock = nil, nil
}
