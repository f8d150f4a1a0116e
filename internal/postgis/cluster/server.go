package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
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
log_timezone = 'UTC'
timezone = 'UTC'
`

// notDurable is added for tests only.
const notDurable = `fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
autovacuum_naptime = 5min
`

// initialise makes the cluster beside its place and renames it there, so that it is whole or absent.
func (c *Cluster) initialise(ctx context.Context) error {
	pg := c.folder.pg()
	if _, err := os.Stat(filepath.Join(pg, "PG_VERSION")); err == nil {
		return nil
	}
	half := pg + ".new"
	if err := os.RemoveAll(half); err != nil {
		return err
	}
	if err := os.Mkdir(half, 0o700); err != nil {
		return err
	}
	if c.folder.account.switched {
		if err := os.Chown(half, c.folder.account.uid, c.folder.account.gid); err != nil {
			return err
		}
	}
	args := []string{
		"-D", half, "-U", Superuser, "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums",
		"--auth-local=peer", "--auth-host=reject",
	}
	conf := settings
	if c.memory {
		args = append(args, "--no-sync")
		conf += notDurable
	}
	if out, err := c.command(ctx, "initdb", args...).CombinedOutput(); err != nil {
		return fault.Wrap(fmt.Errorf("initdb: %w: %s", err, out), fault.Internal, "cluster-init", "不能建立本机数据库：%s", lastLine(out))
	}
	if err := appendFile(filepath.Join(half, "postgresql.conf"), conf); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(half, "pg_hba.conf"), []byte("local all all peer map=fangyu\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(half, pg)
}

// writeAccountMap says which accounts of this machine may be which roles; it reports whether the file changed.
func (c *Cluster) writeAccountMap() (changed bool, err error) {
	me, err := user.Current()
	if err != nil {
		return false, err
	}
	accounts := []string{me.Username, c.folder.account.name}
	slices.Sort(accounts)
	var b strings.Builder
	for _, name := range slices.Compact(accounts) {
		for _, role := range []string{Superuser, Owner, App} {
			fmt.Fprintf(&b, "fangyu %q %s\n", name, role)
		}
	}
	path := filepath.Join(c.folder.pg(), "pg_ident.conf")
	if old, err := os.ReadFile(path); err == nil && string(old) == b.String() {
		return false, nil
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return false, err
	}
	if c.folder.account.switched {
		return true, os.Chown(path, c.folder.account.uid, c.folder.account.gid)
	}
	return true, nil
}

// reload tells a running server to read its files again; a server that does not run has nothing to reload.
func (c *Cluster) reload(ctx context.Context) {
	_ = c.command(ctx, "pg_ctl", "reload", "-s", "-D", c.folder.pg()).Run()
}

func (c *Cluster) start(ctx context.Context) error {
	c.dropStalePid()
	seconds := strconv.Itoa(int(startWait / time.Second))
	cmd := c.command(ctx, "pg_ctl", "start", "-s", "-w", "-t", seconds,
		"-D", c.folder.pg(), "-l", c.folder.log(), "-o", "-k '"+c.folder.socket+"'")
	// The server inherits what pg_ctl has open: a pipe of ours would keep us waiting for the server's end.
	if err := cmd.Run(); err != nil {
		said, _ := os.ReadFile(c.folder.log())
		return fault.Wrap(fmt.Errorf("start: %w: %s", err, tail(said, 2000)), fault.Internal, "cluster-start",
			"本机数据库没有启动：%s（日志 %s）", lastLine(said), c.folder.log())
	}
	return nil
}

func (c *Cluster) stop(ctx context.Context) error {
	return c.command(ctx, "pg_ctl", "stop", "-s", "-w", "-m", "fast", "-t", "30", "-D", c.folder.pg()).Run()
}

// dropStalePid removes a pid file whose process is dead, a zombie, or somebody else who was given the number since.
// It is called only when the server does not answer and under the start lock.
func (c *Cluster) dropStalePid() {
	path := filepath.Join(c.folder.pg(), "postmaster.pid")
	b, err := os.ReadFile(path)
	if err != nil {
		return
	}
	first, _, _ := bytes.Cut(b, []byte("\n"))
	pid, err := strconv.Atoi(strings.TrimSpace(string(first)))
	if err == nil && c.isOurPostmaster(pid) {
		return
	}
	_ = os.Remove(path)
}

// isOurPostmaster reports whether the process works in our data folder, as a postmaster does and a zombie does not.
func (c *Cluster) isOurPostmaster(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	cwd, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	return cwd == c.folder.pg()
}

// leaveReaper starts the process that removes a cluster for tests once nobody holds it, however they ended.
func (c *Cluster) leaveReaper() error {
	script := `exec 9<>"$1/lock" && flock -x 9 && { "$2/pg_ctl" stop -s -m immediate -D "$1/pg"; rm -rf "$1" "$3"; }`
	cmd := exec.Command("sh", "-c", script, "fangyu-reaper", c.folder.dir, c.bin, c.folder.socket)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if c.folder.account.switched { // pg_ctl refuses root
		cmd.Args[2] = strings.Replace(script, `"$2/pg_ctl"`, `setpriv --reuid=`+strconv.Itoa(c.folder.account.uid)+
			` --regid=`+strconv.Itoa(c.folder.account.gid)+` --clear-groups "$2/pg_ctl"`, 1)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the reaper of the test cluster: %w", err)
	}
	return cmd.Process.Release()
}

// command prepares one of PostgreSQL's programs to run as the server's account, away from our terminal's signals.
func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = c.folder.account.credential()
	cmd.SysProcAttr.Setsid = true
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PGTZ=UTC")
	return cmd
}

func appendFile(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}

func tail(b []byte, n int) []byte { return b[max(0, len(b)-n):] }
