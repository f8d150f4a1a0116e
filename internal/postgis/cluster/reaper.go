package cluster

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

// reaperScript waits until nobody holds the cluster ($1), stops its server and removes it with its socket folder ($2).
// The rest of the arguments run pg_ctl as the server's account.
//
// Whoever joins meanwhile waits for the lock and then finds the folder gone. So the folder is moved away in one step
// before it is removed bit by bit, and a reaper whose folder was made anew by others leaves it alone.
const reaperScript = `
dir=$1 socket=$2; shift 2
exec 9<>"$dir/lock" || exit
flock -x 9
[ "$dir/lock" -ef /proc/self/fd/9 ] || exit
"$@" stop -s -m immediate -D "$dir/pg"
mv "$socket" "$dir.gone.$$.run"
mv "$dir" "$dir.gone.$$"
rm -rf "$dir".gone.*
`

// leaveReaper starts the process that removes a cluster for tests once nobody holds it, however they ended.
func (c *Cluster) leaveReaper() error {
	args := []string{"-c", reaperScript, "fangyu-reaper", c.folder.dir, c.folder.socket}
	if a := c.folder.account; a.switched { // pg_ctl refuses root
		args = append(args, "setpriv", "--reuid="+strconv.Itoa(a.uid), "--regid="+strconv.Itoa(a.gid), "--clear-groups")
	}
	cmd := exec.Command("sh", append(args, c.program("pg_ctl"))...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the reaper of the test cluster: %w", err)
	}
	return cmd.Process.Release()
}
