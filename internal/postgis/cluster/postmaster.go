package cluster

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

func pidFile(pg string) string { return filepath.Join(pg, "postmaster.pid") }

// pidIn returns the number that the pid file of a cluster names, 0 when there is none. A server on its own, as initdb
// starts it, writes its number negative.
func pidIn(pg string) int {
	b, err := os.ReadFile(pidFile(pg))
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(b, []byte("\n"))
	pid, _ := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(string(first)), "-"))
	return pid
}

// serverOf returns the process of a cluster's server if it lives, 0 otherwise. A process of the number in the pid file
// counts only if it works in the folder, as a server does.
func serverOf(pg string) int {
	if pid := pidIn(pg); worksIn(pid, pg) {
		return pid
	}
	return 0
}

// worksIn reports whether a process lives and works in the folder. A zombie works nowhere, and who was given the number
// since works elsewhere.
func worksIn(pid int, folder string) bool {
	if pid == 0 {
		return false
	}
	at, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return false
	}
	dir, err := os.Stat(folder)
	return err == nil && os.SameFile(at, dir)
}

func (c *Cluster) postmaster() int { return serverOf(c.folder.pg()) }

// noSuchPid is a number no process has: the largest a pid file may hold, far above the kernel's limit of 2^22.
const noSuchPid = "2147483647"

// disownPid makes room for a new server where the pid file's process is not ours, because PostgreSQL takes any process of
// that number for a living server. The file gets a number that no process has. It stays, because PostgreSQL finds in it
// the shared memory of the last server and will not start while stray processes of that use it, which would ruin the
// data. The lock of the socket holds nothing but the number, and the folder is ours alone: it goes.
func (c *Cluster) disownPid() error {
	if c.postmaster() != 0 {
		return nil
	}
	if err := os.Remove(c.folder.socket + socketFile + ".lock"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	path := pidFile(c.folder.pg())
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, rest, whole := bytes.Cut(b, []byte("\n"))
	if !whole { // cut off while it was written: nothing in it helps
		return os.Remove(path)
	}
	return os.WriteFile(path, append([]byte(noSuchPid+"\n"), rest...), 0o600)
}
