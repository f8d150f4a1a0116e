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

func (c *Cluster) pidFile() string { return filepath.Join(c.folder.pg(), "postmaster.pid") }

// pidInFile returns the number the pid file names, 0 when there is none.
func (c *Cluster) pidInFile() int {
	b, err := os.ReadFile(c.pidFile())
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(b, []byte("\n"))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(first)))
	return max(0, pid)
}

// postmaster returns the process of the server if it lives, 0 otherwise. A process of that number counts only if it works
// in our data folder, as a postmaster does; a zombie works nowhere, and who was given the number since works elsewhere.
func (c *Cluster) postmaster() int {
	pid := c.pidInFile()
	if pid == 0 {
		return 0
	}
	at, err := os.Stat(filepath.Join("/proc", strconv.Itoa(pid), "cwd"))
	if err != nil {
		return 0
	}
	pg, err := os.Stat(c.folder.pg())
	if err != nil || !os.SameFile(at, pg) {
		return 0
	}
	return pid
}

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
	b, err := os.ReadFile(c.pidFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, rest, whole := bytes.Cut(b, []byte("\n"))
	if !whole { // cut off while it was written: nothing in it helps
		return os.Remove(c.pidFile())
	}
	return os.WriteFile(c.pidFile(), append([]byte(noSuchPid+"\n"), rest...), 0o600)
}
