package cluster

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
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
	bin, err := findBinaries()
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
func join(ctx context.Context, bin string, o Options) (c *Cluster, err error) {
	f, err := newFolder(o.Dir)
	if err != nil {
		return nil, err
	}
	c = &Cluster{folder: f, bin: bin, memory: o.Memory}
	defer func() {
		if err != nil {
			c.release()
			c = nil
		}
	}()
	start, err := openLock(f.startLock())
	if err != nil {
		return c, err
	}
	defer start.Close()
	if err := waitLock(ctx, start, syscall.LOCK_EX); err != nil {
		return c, err
	}
	if o.Serve {
		if c.serve, err = lockServe(f.serveLock()); err != nil {
			return c, err
		}
	}
	if c.lock, err = openLock(f.lock()); err != nil {
		return c, err
	}
	if err := waitLock(ctx, c.lock, syscall.LOCK_SH); err != nil {
		return c, err
	}
	if !stillThere(start) || !stillThere(c.lock) {
		c.release()
		return nil, nil
	}
	return c, c.ensureRunning(ctx)
}

// ensureRunning leaves a server that answers, with our roles, database and extensions in it.
func (c *Cluster) ensureRunning(ctx context.Context) error {
	if err := c.initialise(ctx); err != nil {
		return err
	}
	mapped, err := c.writeAccountMap()
	if err != nil {
		return err
	}
	if mapped {
		c.reload(ctx)
	}
	if !c.answers(ctx) {
		if err := c.start(ctx); err != nil {
			return err
		}
		if c.memory {
			if err := c.leaveReaper(); err != nil {
				return err
			}
		}
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

// answers reports whether the server takes a connection, which is the only proof that it lives.
func (c *Cluster) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.DatabaseDSN(Superuser, "postgres"))
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

// Close leaves the cluster. The last one out stops the server, unless a start is under way.
func (c *Cluster) Close() error {
	defer c.release()
	start, err := openLock(c.folder.startLock())
	if err != nil {
		return nil // the folder is gone, and the server with it
	}
	defer start.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startWait)
	defer cancel()
	if err := waitLock(ctx, start, syscall.LOCK_EX); err != nil {
		return err
	}
	if c.memory || !tryLock(c.lock, syscall.LOCK_EX) {
		return nil // others are in, or the reaper will see to it
	}
	if err := c.stop(ctx); err != nil {
		return fmt.Errorf("stop the private cluster: %w", err)
	}
	return nil
}

func (c *Cluster) release() {
	for _, f := range []*os.File{c.serve, c.lock} {
		if f != nil {
			f.Close()
		}
	}
	c.serve, c.lock = nil, nil
}
