package postgis_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// Several programs started at once over an empty database wait for each other, and one of them does the work.
func TestMigrateAtOnceAndAgain(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	execute(t, db, `drop schema river cascade`)
	emptied(t, db)
	var group errgroup.Group
	steps := make(chan string, 100)
	for range 3 {
		group.Go(func() error {
			return postgis.Migrate(ctx, db.DSN(cluster.Owner), func(step string) { steps <- step })
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range len(steps) {
		step := <-steps
		if seen[step] {
			t.Errorf("%s was done twice", step)
		}
		seen[step] = true
	}
	if len(seen) < 10 {
		t.Errorf("steps %v", seen)
	}
	err := postgis.Migrate(ctx, db.DSN(cluster.Owner), func(step string) { t.Errorf("%s was done again", step) })
	if err != nil {
		t.Error(err)
	}
	var jobs int
	if err := db.Pool.QueryRow(ctx, `select count(*) from river.river_job`).Scan(&jobs); err != nil {
		t.Errorf("the application cannot see its jobs: %v", err)
	}
}

// emptied drops every table and function of ours; the extensions, which are the superuser's, stay.
func emptied(t *testing.T, db *pgtest.DB) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, db.DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, `drop owned by fangyu_owner cascade`); err != nil {
		t.Fatal(err)
	}
}
