package cluster_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

// TestADeadServerIsToldFromALiveOne leaves pid files behind in every way they can lie, and expects a server with the
// committed rows in it each time.
func TestADeadServerIsToldFromALiveOne(t *testing.T) {
	t.Parallel()
	dir := made(t, pgtest.OpenDir(t))
	c := join(t, cluster.Options{Dir: dir})
	within(t, c, `create table kept (n int)`)
	row := 0
	for _, death := range []struct {
		name string
		die  func(t *testing.T, pid int)
	}{
		{"killed", func(t *testing.T, pid int) {
			killHard(t, pid)
			_, err := unix.Wait4(pid, nil, 0, nil)
			must(t, err)
		}},
		{"killed and a zombie", zombify},
		{"killed and the number given to another process", func(t *testing.T, pid int) {
			killHard(t, pid)
			rewritePid(t, dir, strconv.Itoa(bystander(t, dir))+"\n", pid)
		}},
		{"killed and the pid file cut off", func(t *testing.T, pid int) {
			killHard(t, pid)
			must(t, os.Truncate(filepath.Join(dir, "pg", "postmaster.pid"), 3))
		}},
		{"killed while a statement runs", func(t *testing.T, pid int) {
			busy := busyBackend(t, c)
			killHard(t, pid)
			if !runs(busy) {
				t.Log("the machine is too busy: the statement ended before its server, which proves nothing")
			}
		}},
	} {
		row++
		within(t, c, fmt.Sprintf(`insert into kept values (%d)`, row))
		pid := postmaster(dir)
		death.die(t, pid)
		next := join(t, cluster.Options{Dir: dir})
		must(t, c.Close())
		c = next
		if now := postmaster(dir); now == pid || !runs(now) {
			t.Errorf("%s: the server is %d, it was %d", death.name, now, pid)
		}
		if got := within(t, c, `select count(*)::text from kept`); got != strconv.Itoa(row) {
			t.Errorf("%s: %s rows of %d", death.name, got, row)
		}
	}
	must(t, c.Close())
}

func TestAServerThatIsKilledUnderUsComesBack(t *testing.T) {
	t.Parallel()
	dir := made(t, pgtest.OpenDir(t))
	c := join(t, cluster.Options{Dir: dir})
	stop := c.Keep(t.Context())
	pid := postmaster(dir)
	killHard(t, pid)
	_, err := unix.Wait4(pid, nil, 0, nil)
	must(t, err)
	for until := time.Now().Add(30 * time.Second); postmaster(dir) == pid || !runs(postmaster(dir)); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("no server within thirty seconds")
		}
	}
	stop()
	must(t, c.Close())
	if runs(postmaster(dir)) {
		t.Error("it runs on after the last has left")
	}
}

// zombify kills the server and leaves its end uncollected: as a subreaper we are the parent of what lost its own, and we
// do not wait for it.
func zombify(t *testing.T, pid int) {
	t.Helper()
	killHard(t, pid)
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil || !strings.Contains(string(stat), ") Z ") {
		t.Fatalf("no zombie: %s, %v", stat, err)
	}
}

func rewritePid(t *testing.T, dir, pid string, old int) {
	t.Helper()
	path := filepath.Join(dir, "pg", "postmaster.pid")
	b, err := os.ReadFile(path)
	must(t, err)
	must(t, os.WriteFile(path, []byte(strings.Replace(string(b), strconv.Itoa(old)+"\n", pid, 1)), 0o600))
}

// bystander starts a process of the server's account that has nothing to do with it.
func bystander(t *testing.T, dir string) int {
	t.Helper()
	var st syscall.Stat_t
	must(t, syscall.Stat(filepath.Join(dir, "pg"), &st))
	cmd := exec.Command("sleep", "60")
	cmd.Dir = "/"
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: st.Uid, Gid: st.Gid}}
	}
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd.Process.Pid
}

// busyBackend starts a statement that computes without ever waiting, and so does not see its server die, for a second.
func busyBackend(t *testing.T, c *cluster.Cluster) int {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.DSN(cluster.Superuser))
	must(t, err)
	pid := int(conn.PgConn().PID())
	go func() {
		_, _ = conn.Exec(ctx, `do $$ declare until timestamptz := clock_timestamp() + interval '1200 ms'; begin
			while clock_timestamp() < until loop end loop; end $$`)
		_ = conn.Close(ctx)
	}()
	time.Sleep(300 * time.Millisecond) // it has begun
	return pid
}

// TestAKilledStartIsMadeAgain kills a first start ever later, in the middle of initdb, of the server's start and of the
// set-up, and expects the last one to find its way.
func TestAKilledStartIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir := pgtest.OpenDir(t)
	for _, after := range []time.Duration{100, 400, 200, 700} {
		o := startOther(t, cluster.Options{Dir: dir})
		time.Sleep(after * time.Millisecond)
		o.kill(t)
	}
	c := join(t, cluster.Options{Dir: dir})
	if got := within(t, c, `select count(*)::text from pg_extension`); got != "4" {
		t.Errorf("%s extensions", got)
	}
	must(t, c.Close())
	left, err := filepath.Glob(filepath.Join(dir, "pg.new*"))
	must(t, err)
	if len(left) > 0 {
		t.Errorf("half-made clusters are left: %q", left)
	}
}
