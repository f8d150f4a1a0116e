package cluster_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"fangyu/internal/postgis/cluster"
)

// joinEnv makes this test program a command that joins a cluster, says so, and leaves it at the end of its input.
const joinEnv = "FANGYU_CLUSTER_TEST_JOIN"

func TestMain(m *testing.M) {
	text := os.Getenv(joinEnv)
	if text == "" {
		// Servers that lose their parent become ours and, once dead, stay zombies until we wait for them; see zombify.
		orPanic(unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		// The tests wait for processes more than they compute; -parallel on the command line still counts.
		orPanic(flag.Set("test.parallel", "6"))
		code := m.Run()
		_ = os.RemoveAll(seedDir)
		os.Exit(code)
	}
	var o cluster.Options
	orPanic(json.Unmarshal([]byte(text), &o))
	c, err := cluster.Join(context.Background(), o)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("joined")
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err := c.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func orPanic(err error) {
	if err != nil {
		panic(err)
	}
}

var (
	seed    sync.Once
	seedDir string
)

// made fills the folder with a cluster that is made and stopped, a copy of one that was made once. Tests about making one
// start without it.
func made(t *testing.T, dir string) string {
	t.Helper()
	seed.Do(func() {
		var err error
		seedDir, err = os.MkdirTemp("", "fangyu-seed-")
		must(t, err)
		must(t, os.Chmod(seedDir, 0o755))
		must(t, join(t, cluster.Options{Dir: seedDir}).Close())
	})
	must(t, os.MkdirAll(dir, 0o755))
	if out, err := exec.Command("cp", "-a", filepath.Join(seedDir, "pg"), dir).CombinedOutput(); err != nil {
		t.Fatalf("copy the cluster: %v: %s", err, out)
	}
	return dir
}

// other is another process that joins a cluster.
type other struct {
	*exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

func startOther(t *testing.T, o cluster.Options) *other {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	text, err := json.Marshal(o)
	must(t, err)
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), joinEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return &other{cmd, in, bufio.NewReader(out)}
}

func (o *other) waitJoined(t *testing.T) {
	t.Helper()
	if line, err := o.out.ReadString('\n'); err != nil || line != "joined\n" {
		rest, _ := io.ReadAll(o.out)
		t.Fatalf("the other process said %q, %v, %s", line, err, rest)
	}
}

func (o *other) leave(t *testing.T) {
	t.Helper()
	must(t, o.in.Close())
	must(t, o.Wait())
}

func (o *other) kill(t *testing.T) {
	t.Helper()
	must(t, o.Process.Kill())
	_ = o.Wait()
}

func join(t *testing.T, o cluster.Options) *cluster.Cluster {
	t.Helper()
	c, err := cluster.Join(context.Background(), o)
	must(t, err)
	return c
}

// within runs one statement as the superuser and returns its one value as text.
func within(t *testing.T, c *cluster.Cluster, sql string) string {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, c.DSN(cluster.Superuser))
	must(t, err)
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	must(t, err)
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return strings.Join(values, "\n")
}

// postmaster reads the process of the server from its pid file, 0 when there is none.
func postmaster(dir string) int {
	b, _ := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
	first, _, _ := strings.Cut(string(b), "\n")
	pid, _ := strconv.Atoi(strings.TrimSpace(first))
	return pid
}

func runs(pid int) bool {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in 20 s: %s", what)
		}
	}
}

func killHard(t *testing.T, pid int) {
	t.Helper()
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	eventually(t, "the killed process is gone", func() bool { return !runs(pid) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
