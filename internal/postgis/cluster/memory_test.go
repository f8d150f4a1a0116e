package cluster_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

func gone(dir string) func() bool {
	return func() bool {
		_, err := os.Stat(dir)
		return errors.Is(err, fs.ErrNotExist)
	}
}

func TestAMemoryClusterGoesWithItsLastHolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(pgtest.OpenDir(t), "memory")
	first := startOther(t, cluster.Options{Dir: dir, Memory: true})
	first.waitJoined(t)
	second := startOther(t, cluster.Options{Dir: dir, Memory: true})
	second.waitJoined(t)
	pid := postmaster(dir)
	first.kill(t)
	c := join(t, cluster.Options{Dir: dir, Memory: true})
	if got := within(t, c, `show fsync`); got != "off" {
		t.Errorf("fsync is %s", got)
	}
	must(t, c.Close())
	if !runs(pid) {
		t.Fatal("the cluster ended while somebody held it")
	}
	second.kill(t)
	eventually(t, "the folder is gone", gone(dir))
	eventually(t, "the server is gone", func() bool { return !runs(pid) })
}

// Who comes while the cluster is being removed waits and makes a new one.
func TestAMemoryClusterIsMadeAgainAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(pgtest.OpenDir(t), "memory")
	for range 2 {
		c := join(t, cluster.Options{Dir: dir, Memory: true})
		within(t, c, `create table written (n int)`)
		must(t, c.Close())
	}
	eventually(t, "the folder is gone", gone(dir))
	eventually(t, "nothing is left beside it", func() bool {
		left, _ := filepath.Glob(dir + "*")
		return len(left) == 0
	})
}
