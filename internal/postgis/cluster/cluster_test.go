package cluster_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

func TestANewClusterIsAsTheDesignSays(t *testing.T) {
	t.Parallel()
	dir := pgtest.OpenDir(t)
	c := join(t, cluster.Options{Dir: dir})
	for _, test := range []struct{ sql, want string }{
		{`show data_checksums`, "on"},
		{`show listen_addresses`, ""},
		{`show fsync`, "on"},
		{`select pg_encoding_to_char(encoding) || ' ' || datctype from pg_database where datname = 'fangyu'`, "UTF8 C.UTF-8"},
		{`select pg_get_userbyid(datdba)::text from pg_database where datname = 'fangyu'`, "fangyu_owner"},
		{`select string_agg(extname, ' ' order by extname) from pg_extension`, "btree_gist pg_trgm plpgsql postgis"},
		{`select string_agg(rolname || ':' || (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole), ' ' order by rolname)
		  from pg_roles where rolname ~ '^fangyu'`, "fangyu_app:false fangyu_owner:false"},
		{`select cardinality(show_trgm('渝北'))::text`, "3"},
	} {
		if got := within(t, c, test.sql); got != test.want {
			t.Errorf("%s: got %q, wanted %q", test.sql, got, test.want)
		}
	}
	var st syscall.Stat_t
	must(t, syscall.Stat(filepath.Join(dir, "run"), &st))
	if st.Mode&0o777 != 0o700 || st.Uid == 0 {
		t.Errorf("the socket folder has mode %o and belongs to %d", st.Mode&0o777, st.Uid)
	}
	must(t, syscall.Stat(fmt.Sprintf("/proc/%d", postmaster(dir)), &st))
	if st.Uid == 0 {
		t.Error("the server runs as root")
	}

	ctx := context.Background()
	must(t, postgis.Migrate(ctx, c.DSN(cluster.Owner), nil))
	pool, err := postgis.Open(ctx, c.DSN(cluster.App))
	must(t, err)
	var n int
	must(t, pool.QueryRow(ctx, `select count(*) from division`).Scan(&n))
	pool.Close()
	must(t, c.Close())
}

func TestTheServerStaysUntilTheLastOneIsOut(t *testing.T) {
	t.Parallel()
	dir := made(t, pgtest.OpenDir(t))
	first := join(t, cluster.Options{Dir: dir, Serve: true})
	second := startOther(t, cluster.Options{Dir: dir})
	second.waitJoined(t)
	pid := postmaster(dir)
	must(t, first.Close())
	if !runs(pid) {
		t.Fatal("the server ended while another process was in")
	}
	second.leave(t)
	if runs(pid) {
		t.Fatal("the last one out left the server running")
	}
	again := join(t, cluster.Options{Dir: dir})
	must(t, again.Close())
}

func TestASecondServeIsToldThePid(t *testing.T) {
	t.Parallel()
	dir := made(t, pgtest.OpenDir(t))
	serve := startOther(t, cluster.Options{Dir: dir, Serve: true})
	serve.waitJoined(t)
	_, err := cluster.Join(context.Background(), cluster.Options{Dir: dir, Serve: true})
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), fmt.Sprint(serve.Process.Pid)) {
		t.Errorf("got %v", err)
	}
	if !runs(postmaster(dir)) {
		t.Error("the refused serve stopped the server")
	}
	c := join(t, cluster.Options{Dir: dir})
	must(t, c.Close())
	serve.leave(t)
}

func TestAKilledServeLeavesTheServerForTheNext(t *testing.T) {
	t.Parallel()
	dir := made(t, pgtest.OpenDir(t))
	serve := startOther(t, cluster.Options{Dir: dir, Serve: true})
	serve.waitJoined(t)
	pid := postmaster(dir)
	serve.kill(t)
	c := join(t, cluster.Options{Dir: dir, Serve: true})
	if now := postmaster(dir); now != pid || !runs(pid) {
		t.Errorf("the server is %d now, it was %d", now, pid)
	}
	must(t, c.Close())
}

func TestManyAtOnceMakeOneCluster(t *testing.T) {
	t.Parallel()
	dir := pgtest.OpenDir(t)
	var all []*other
	for range 4 {
		all = append(all, startOther(t, cluster.Options{Dir: dir}))
	}
	for _, o := range all {
		o.waitJoined(t)
	}
	pid := postmaster(dir)
	for _, o := range all {
		must(t, o.in.Close())
	}
	for _, o := range all {
		must(t, o.Wait())
	}
	if runs(pid) {
		t.Error("all are out and the server runs")
	}
}

func TestADeepFolderHasItsSocketElsewhere(t *testing.T) {
	t.Parallel()
	dir := made(t, filepath.Join(pgtest.OpenDir(t), strings.Repeat("deep", 30)))
	c := join(t, cluster.Options{Dir: dir})
	socket := within(t, c, `show unix_socket_directories`)
	t.Cleanup(func() { _ = os.RemoveAll(socket) })
	if !strings.HasPrefix(socket, "/tmp/fangyu-") {
		t.Errorf("the socket lies in %s", socket)
	}
	must(t, c.Close())

	must(t, os.RemoveAll(socket))
	must(t, os.Symlink(t.TempDir(), socket)) // as somebody would who foresees the name
	if _, err := cluster.Join(context.Background(), cluster.Options{Dir: dir}); !fault.Is(err, "folder-foreign") {
		t.Errorf("got %v", err)
	}
}

// Root starts the server as the account the data belong to, so that a cluster of a plain account can be served either way.
func TestRootTakesTheAccountOfTheCluster(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		return // nobody else can become another account
	}
	const nobody = 65534
	dir := made(t, pgtest.OpenDir(t))
	c := join(t, cluster.Options{Dir: dir})
	must(t, c.Close())
	for _, below := range []string{"pg", "run"} {
		must(t, filepath.WalkDir(filepath.Join(dir, below), func(path string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, nobody, nobody)
		}))
	}
	c = join(t, cluster.Options{Dir: dir})
	var st syscall.Stat_t
	must(t, syscall.Stat(fmt.Sprintf("/proc/%d", postmaster(dir)), &st))
	if st.Uid != nobody {
		t.Errorf("the server runs as %d", st.Uid)
	}
	must(t, c.Close())
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	ctx := context.Background()

	newer := pgtest.OpenDir(t)
	must(t, os.Mkdir(filepath.Join(newer, "pg"), 0o700))
	must(t, os.WriteFile(filepath.Join(newer, "pg", "PG_VERSION"), []byte("99\n"), 0o600))
	if _, err := cluster.Join(ctx, cluster.Options{Dir: newer}); !fault.Is(err, "postgresql-missing") {
		t.Errorf("a cluster of another version: got %v", err)
	}

	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if _, err := cluster.Join(ctx, cluster.Options{Dir: filepath.Join(file, "data")}); !fault.Is(err, "data-folder") {
		t.Errorf("below a file: got %v", err)
	}

	closed := pgtest.OpenDir(t)
	must(t, os.Chmod(closed, 0o700))
	c, err := cluster.Join(ctx, cluster.Options{Dir: filepath.Join(closed, "data")})
	switch {
	case os.Geteuid() == 0 && !fault.Is(err, "data-folder-closed"):
		t.Errorf("a folder the server's account cannot enter: got %v", err)
	case os.Geteuid() != 0 && err != nil:
		t.Errorf("a folder of our own: got %v", err)
	case err == nil:
		must(t, c.Close())
	}
}
