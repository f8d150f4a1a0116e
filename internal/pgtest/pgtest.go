package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
	"fangyu/internal/shareddata"
)

// ClusterEnv names the folder of the cluster to join; internal/pgtest/hold sets it for the commands it runs.
const ClusterEnv = "FANGYU_TEST_CLUSTER"

// DB is one migrated database.
type DB struct {
	Pool  *pgxpool.Pool // as fangyu_app, like the program
	Owner *pgxpool.Pool // as fangyu_owner, to prepare
	Super *pgxpool.Pool // as the superuser, whom no policy of row-level security binds: to look and to tamper
	Name  string

	cluster *cluster.Cluster
}

// DSN is the database's address for a role of the cluster.
func (db *DB) DSN(role string) string { return db.cluster.DatabaseDSN(role, db.Name) }

// New returns a fresh migrated database that only this test uses. It is dropped when the test passes; after a failure it
// stays as long as the cluster does, and the test says how to open it.
func New(t testing.TB) *DB {
	t.Helper()
	c := joined(t)
	return newFrom(t, c, template(t, c))
}

// Bare is New without the migrations: a database that holds the extensions and nothing of ours.
func Bare(t testing.TB) *DB {
	t.Helper()
	c := joined(t)
	return newFrom(t, c, bareTemplate(t, c))
}

func newFrom(t testing.TB, c *cluster.Cluster, from string) *DB {
	t.Helper()
	ctx := context.Background()
	name := "test_" + strconv.Itoa(os.Getpid()) + "_" + strconv.FormatInt(serial.Add(1), 10) + "_" + slug(t.Name())
	must(t, copyDatabase(ctx, c, from, name))
	db := open(t, c, name)
	t.Cleanup(func() {
		db.close()
		if t.Failed() {
			t.Logf("the database is kept as long as the cluster, so run the test within `go run ./internal/pgtest/hold -- sh`; then:\n\tpsql %q",
				c.DatabaseDSN(cluster.Superuser, name))
			return
		}
		must(t, asSuperuser(ctx, c, func(conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)")
			return err
		}))
	})
	return db
}

// Shared returns the database that load filled, once for this key in the life of the cluster, whichever process came
// first. Tests must only read it.
func Shared(t testing.TB, key string, load func(ctx context.Context, db *DB) error) *DB {
	t.Helper()
	c := joined(t)
	db := open(t, c, loaded(t, c, "shared_"+slug(key), load))
	t.Cleanup(db.close)
	return db
}

// Filled is New with what load filled in, once for this key in the life of the cluster: each test has a copy of its own.
func Filled(t testing.TB, key string, load func(ctx context.Context, db *DB) error) *DB {
	t.Helper()
	c := joined(t)
	return newFrom(t, c, loaded(t, c, "filled_"+slug(key), load))
}

// loaded returns the name of the database that load filled.
func loaded(t testing.TB, c *cluster.Cluster, name string, load func(ctx context.Context, db *DB) error) string {
	t.Helper()
	ctx := context.Background()
	from := template(t, c)
	name += strings.TrimPrefix(from, "template")
	must(t, once(ctx, c, name, func() error {
		loading := name + "_loading"
		if err := copyDatabase(ctx, c, from, loading); err != nil {
			return err
		}
		db, err := openDatabase(ctx, c, loading)
		if err != nil {
			return err
		}
		err = load(ctx, db)
		db.close()
		if err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
		return rename(ctx, c, loading, name)
	}))
	return name
}

// SharedData returns the path of a file of real data; see package shareddata.
func SharedData(t testing.TB, path string) string {
	t.Helper()
	return shareddata.Path(t, path)
}

// Disk starts a durable cluster of its own for a test about crashes; it is stopped and removed with the test.
func Disk(t testing.TB) *cluster.Cluster {
	t.Helper()
	dir := OpenDir(t)
	c, err := cluster.Join(context.Background(), cluster.Options{Dir: dir})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

// OpenDir makes a temporary folder that the server's account can pass through, which t.TempDir is not for root.
func OpenDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fangyu-test-")
	must(t, err)
	must(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

var (
	serial    atomic.Int64
	theOne    sync.Mutex
	theJoined *cluster.Cluster // held until the process ends; the kernel gives the lock back
)

// roomInMemory is the size of /dev/shm in bytes from which a test cluster lies there; containers often have 64 MB.
const roomInMemory = 1 << 30

// Dir is where the cluster of this account's tests lies: in memory where there is a /dev/shm with room, else on disk.
func Dir() string {
	if dir := os.Getenv(ClusterEnv); dir != "" {
		return dir
	}
	base := os.TempDir()
	var st syscall.Statfs_t
	if syscall.Statfs("/dev/shm", &st) == nil && st.Blocks*uint64(st.Bsize) >= roomInMemory {
		base = "/dev/shm"
	}
	return filepath.Join(base, "fangyu-test-"+strconv.Itoa(os.Geteuid()))
}

func joined(t testing.TB) *cluster.Cluster {
	t.Helper()
	theOne.Lock()
	defer theOne.Unlock()
	if theJoined == nil {
		c, err := cluster.Join(context.Background(), cluster.Options{Dir: Dir(), Memory: true})
		must(t, err)
		theJoined = c
	}
	return theJoined
}

func open(t testing.TB, c *cluster.Cluster, name string) *DB {
	t.Helper()
	db, err := openDatabase(context.Background(), c, name)
	must(t, err)
	return db
}

func openDatabase(ctx context.Context, c *cluster.Cluster, name string) (*DB, error) {
	db := &DB{Name: name, cluster: c}
	var err error
	if db.Pool, err = postgis.Open(ctx, db.DSN(cluster.App)); err != nil {
		return nil, err
	}
	if db.Owner, err = postgis.Open(ctx, db.DSN(cluster.Owner)); err != nil {
		db.Pool.Close()
		return nil, err
	}
	if db.Super, err = postgis.Open(ctx, db.DSN(cluster.Superuser)); err != nil {
		db.Pool.Close()
		db.Owner.Close()
		return nil, err
	}
	return db, nil
}

func (db *DB) close() {
	db.Pool.Close()
	db.Owner.Close()
	db.Super.Close()
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug makes a short part of a database name, so that the whole stays below PostgreSQL's 63 bytes. What it leaves out of
// the words is in its last six characters, so two keys never meet.
func slug(s string) string {
	const room = 28
	words := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(s), "_"), "_")
	if words == s && len(words) <= room {
		return words
	}
	sum := sha256.Sum256([]byte(s))
	return words[:min(len(words), room-7)] + "_" + hex.EncodeToString(sum[:3])
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
}

// lockWait bounds the wait for another process that is making the same database.
const lockWait = 5 * time.Minute
