package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fangyu/internal/fault"
)

// settings are those of every private cluster; no TCP, so the only way in is the socket.
const settings = `
# written by fangyu
listen_addresses = ''
unix_socket_permissions = 0700
shared_buffers = 128MB
work_mem = 16MB
maintenance_work_mem = 128MB
max_connections = 200
max_wal_size = 2GB
random_page_cost = 1.1
log_min_messages = warning
log_error_verbosity = terse # the detail of an error quotes rows, and rows may be secret
log_timezone = 'UTC'
timezone = 'UTC'
`

// notDurable is added for tests only.
const notDurable = `fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
autovacuum_naptime = 5min
shared_preload_libraries = 'pg_stat_statements' # a test asks which statements were ever run
pg_stat_statements.track = all
pg_stat_statements.save = off
`

// halfMade matches the folders in which clusters are being made.
const halfMade = "pg.new-*"

// initialise makes the cluster beside its place and renames it there, so that it is whole or absent. Each try has a folder
// of its own: an initdb whose parent was killed may still be writing into the last one.
func (c *Cluster) initialise(ctx context.Context) error {
	c.dropHalfMade(ctx)
	if madeBy(c.folder.dir) != 0 {
		return nil
	}
	half, err := os.MkdirTemp(c.folder.dir, halfMade) // 0700
	if err != nil {
		return err
	}
	if err := c.folder.account.give(half); err != nil {
		return err
	}
	if err := c.initdb(ctx, half); err != nil {
		return err
	}
	if err := os.Rename(half, c.folder.pg()); err != nil {
		return err
	}
	return syncFolder(c.folder.dir)
}

// dropHalfMade removes what killed starts left. It lets a server that initdb started end first: one whose files vanish
// crashes and leaves its shared memory behind until the machine restarts.
func (c *Cluster) dropHalfMade(ctx context.Context) {
	left, _ := filepath.Glob(filepath.Join(c.folder.dir, halfMade))
	for _, dir := range left {
		for deadline := time.Now().Add(10 * time.Second); serverOf(dir) != 0 && time.Now().Before(deadline) && ctx.Err() == nil; {
			time.Sleep(20 * time.Millisecond)
		}
		_ = os.RemoveAll(dir) // fails beside an initdb that still writes; the next start will do it
	}
}

func (c *Cluster) initdb(ctx context.Context, dir string) error {
	args := []string{
		"-D", dir, "-U", Superuser, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
		"--auth-local=peer", "--auth-host=reject",
	}
	conf := settings
	if c.memory {
		args = append(args, "--no-sync")
		conf += notDurable
	}
	if out, err := c.command(ctx, "initdb", args...).CombinedOutput(); err != nil {
		return fault.Wrap(fmt.Errorf("initdb: %w: %s", err, out), fault.Internal, "cluster-init",
			"不能建立本机数据库：%s", lastLine(string(out)))
	}
	return errors.Join(
		writeTo(filepath.Join(dir, "postgresql.conf"), os.O_APPEND, conf),
		writeTo(filepath.Join(dir, "pg_hba.conf"), os.O_TRUNC, "local all all peer map=fangyu\n"))
}

// writeTo adds to a file or replaces what is in it, and waits for the disk; the file keeps its owner.
func writeTo(path string, how int, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|how, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
