package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fangyu/internal/pgtest"
)

// holdEnv makes this test program the command itself.
const holdEnv = "FANGYU_HOLD_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(holdEnv) != "" {
		main()
	}
	os.Exit(m.Run())
}

// hold prepares the command over a cluster in a folder of its own.
func hold(t *testing.T, script string) (cmd *exec.Cmd, dir string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(pgtest.OpenDir(t), "cluster")
	cmd = exec.Command(program, "--", "sh", "-c", script)
	cmd.Env = append(os.Environ(), holdEnv+"=1", pgtest.ClusterEnv+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd, dir
}

func waitGone(t *testing.T, dir string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
	}
	t.Errorf("the cluster in %s outlives the command", dir)
}

func TestTheClusterLastsAsLongAsTheCommand(t *testing.T) {
	t.Parallel()
	cmd, dir := hold(t, `test -S "$FANGYU_TEST_CLUSTER/run/.s.PGSQL.5432" && echo there; exit 3`)
	out, _ := cmd.Output()
	if string(out) != "there\n" || cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("said %q and ended with %d", out, cmd.ProcessState.ExitCode())
	}
	waitGone(t, dir)
}

// endings are the ways of being told to end, with the exit code to expect: that of the command, or of a killed process.
var endings = []struct {
	name   string
	signal syscall.Signal
	code   int
}{
	{"told to end", syscall.SIGTERM, 128 + int(syscall.SIGTERM)},
	{"killed", syscall.SIGKILL, -1},
}

func TestTheClusterEndsHoweverTheHolderDoes(t *testing.T) {
	t.Parallel()
	for _, ending := range endings {
		cmd, dir := hold(t, `echo begun; exec sleep 30 2>/dev/null`)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); strings.TrimSpace(line) != "begun" {
			t.Fatalf("said %q, %v", line, err)
		}
		if err := cmd.Process.Signal(ending.signal); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != ending.code {
			t.Errorf("%s: ended with %d, wanted %d", ending.name, code, ending.code)
		}
		waitGone(t, dir)
	}
}
