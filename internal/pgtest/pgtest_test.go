package pgtest_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

const insertOffice = `insert into office (id, name, kind) values (gen_random_uuid(), '渝北区民政局', 'civil-affairs')`

func count(t *testing.T, db *pgtest.DB) (n int) {
	t.Helper()
	if err := db.Pool.QueryRow(context.Background(), `select count(*) from office`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEachTestHasItsOwnRows(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for range 2 {
		db := pgtest.New(t)
		if _, err := db.Pool.Exec(ctx, insertOffice); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db); n != 1 {
			t.Errorf("%d offices", n)
		}
	}
}

func TestSharedIsLoadedOnce(t *testing.T) {
	t.Parallel()
	var loads atomic.Int32
	load := func(ctx context.Context, db *pgtest.DB) error {
		loads.Add(1)
		_, err := db.Pool.Exec(ctx, insertOffice)
		return err
	}
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			if n := count(t, pgtest.Shared(t, "pgtest: one office", load)); n != 1 {
				return errors.New("not one office")
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if n := loads.Load(); n > 1 { // none where the cluster has it from an earlier run
		t.Errorf("loaded %d times", n)
	}
}

// failed is a test that failed, whose end the real one brings about.
type failed struct {
	testing.TB
	said     strings.Builder
	atTheEnd []func()
}

func (f *failed) Failed() bool      { return true }
func (f *failed) Cleanup(do func()) { f.atTheEnd = append(f.atTheEnd, do) }
func (f *failed) Logf(_ string, a ...any) {
	for _, v := range a {
		f.said.WriteString(v.(string))
	}
}

func TestTheDatabaseOfAFailedTestIsKept(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	test := &failed{TB: t}
	db := pgtest.New(test)
	if _, err := db.Pool.Exec(ctx, insertOffice); err != nil {
		t.Fatal(err)
	}
	for _, do := range test.atTheEnd {
		do()
	}
	conn, err := pgx.Connect(ctx, test.said.String())
	if err != nil {
		t.Fatalf("cannot open what the test said: %q: %v", test.said.String(), err)
	}
	var n int
	err = conn.QueryRow(ctx, `select count(*) from office`).Scan(&n)
	if err != nil || n != 1 {
		t.Errorf("%d offices, %v", n, err)
	}
	_ = conn.Close(ctx)

	conn, err = pgx.Connect(ctx, pgtest.New(t).DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "drop database "+pgx.Identifier{db.Name}.Sanitize()); err != nil {
		t.Error(err)
	}
}

func TestADiskClusterIsDurable(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, pgtest.Disk(t).DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var fsync string
	if err := conn.QueryRow(ctx, `show fsync`).Scan(&fsync); err != nil || fsync != "on" {
		t.Errorf("fsync is %q, %v", fsync, err)
	}
}
