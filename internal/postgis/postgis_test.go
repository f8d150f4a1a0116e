package postgis_test

import (
	"context"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/internal/pgtest"
)

func TestNewDatabaseIsMigrated(t *testing.T) {
	db := pgtest.New(t)
	var n int
	if err := db.Pool.QueryRow(context.Background(), `select count(*) from place`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	var g orb.Geometry
	if err := db.Pool.QueryRow(context.Background(), `select $1::geometry`, orb.Point{106.5, 29.5}).Scan(&g); err != nil {
		t.Fatal(err)
	}
	if g != (orb.Geometry)(orb.Point{106.5, 29.5}) {
		t.Fatalf("got %v", g)
	}
}
