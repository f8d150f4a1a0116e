package cluster

import (
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
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/internal/fault"
)

// program is the path of one of PostgreSQL's programs.
func (c *Cluster) program(name string) string { return filepath.Join(c.bin, name) }

// command prepares one of PostgreSQL's programs to run as the server's account, away from our terminal's signals.
func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.program(name), args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = c.folder.account.credential()
	cmd.SysProcAttr.Setsid = true
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PGTZ=UTC")
	return cmd
}

// writeAccountMap says which accounts of this machine may be which roles, and tells a running server when that changed.
func (c *Cluster) writeAccountMap(ctx context.Context) error {
	me, err := user.Current()
	if err != nil {
		return err
	}
	accounts := []string{me.Username, c.folder.account.name, "root", "postgres"}
	slices.Sort(accounts)
	var b strings.Builder
	for _, name := range slices.Compact(accounts) {
		for _, role := range []string{Superuser, Owner, App} {
			fmt.Fprintf(&b, "fangyu %q %s\n", name, role)
		}
	}
	path := filepath.Join(c.folder.pg(), "pg_ident.conf")
	if old, err := os.ReadFile(path); err == nil && string(old) == b.String() {
		return nil
	}
	if err := errors.Join(os.WriteFile(path, []byte(b.String()), 0o600), c.folder.account.give(path)); err != nil {
		return err
	}
	_ = c.command(ctx, "pg_ctl", "reload", "-s", "-D", c.folder.pg()).Run() // fails when none runs, which is fine
	return nil
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

// bringUp leaves a server that answers: the one that runs, or a new one.
func (c *Cluster) bringUp(ctx context.Context) error {
	if c.answers(ctx) {
		return nil
	}
	if c.memory {
		if err := c.leaveReaper(); err != nil { // before the start, so that a kill finds it waiting
			return err
		}
	}
	for deadline := time.Now().Add(startWait); ; {
		err := c.awaitOrStart(ctx)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) || !c.mayComeUpYet() {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// awaitOrStart waits for a server that is recovering or slow to answer, and starts one where there is none.
func (c *Cluster) awaitOrStart(ctx context.Context) error {
	pid := c.postmaster()
	if pid == 0 {
		return c.start(ctx)
	}
	for deadline := time.Now().Add(startWait); c.postmaster() == pid; time.Sleep(50 * time.Millisecond) {
		switch {
		case c.answers(ctx):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(deadline):
			return fault.New(fault.Internal, "cluster-silent",
				"本机数据库（进程 %d）在运行但没有应答：请看日志 %s", pid, c.folder.log())
		}
	}
	return c.start(ctx)
}

// mayComeUpYet reports whether a start that failed is worth another try: the start of somebody who was killed overtook it,
// or processes of a killed server still have its memory and are about to end.
func (c *Cluster) mayComeUpYet() bool {
	return c.postmaster() != 0 || strings.Contains(c.lastSaid(), "still in use")
}

func (c *Cluster) start(ctx context.Context) error {
	if err := c.disownPid(); err != nil {
		return err
	}
	seconds := strconv.Itoa(int(startWait / time.Second))
	cmd := c.command(ctx, "pg_ctl", "start", "-s", "-w", "-t", seconds,
		"-D", c.folder.pg(), "-l", c.folder.log(), "-o", "-k "+shellQuote(c.folder.socket))
	// The server inherits what pg_ctl has open: a pipe of ours would keep us waiting for the server's end.
	if err := cmd.Run(); err != nil {
		said := c.lastSaid()
		return fault.Wrap(fmt.Errorf("start: %w: %s", err, said), fault.Internal, "cluster-start",
			"本机数据库没有启动：%s（日志 %s）", lastLine(said), c.folder.log())
	}
	return nil
}

// stop ends the server and waits until its process is gone, which pg_ctl does not: it waits for the pid file. A server that
// has ended by itself is as good.
func (c *Cluster) stop(ctx context.Context) error {
	pid := c.postmaster()
	out, err := c.command(ctx, "pg_ctl", "stop", "-s", "-w", "-m", "fast", "-t", "30", "-D", c.folder.pg()).CombinedOutput()
	if err != nil && c.postmaster() != 0 {
		return fmt.Errorf("stop the private cluster: %w: %s", err, out)
	}
	for worksIn(pid, c.folder.pg()) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("stop the private cluster: process %d stays: %w", pid, ctx.Err())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// lastSaid is the end of the server's log.
func (c *Cluster) lastSaid() string {
	const enough = 2000
	b, _ := os.ReadFile(c.folder.log())
	return string(b[max(0, len(b)-enough):])
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	return lines[len(lines)-1]
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
