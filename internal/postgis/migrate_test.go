package postgis_test

import (
	"context"
	"testing"

	"golang.org/x/sync/errgroup"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// Several programs started at once over an empty database wait for each other, and one of them does the work.
func TestMigrateAtOnceAndAgain(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.Bare(t)
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
