package postgis_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"pgregory.net/rapid"

	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// drawPoint draws a position with awkward values among the plain ones.
func drawPoint(t *rapid.T) orb.Point {
	c := rapid.OneOf(rapid.Float64Range(-180, 180), rapid.SampledFrom([]float64{0, 1e-9, 106.5, -180, 180, math.SmallestNonzeroFloat64}))
	return orb.Point{c.Draw(t, "x"), c.Draw(t, "y")}
}

func drawPath(t *rapid.T) orb.LineString {
	path := make(orb.LineString, rapid.IntRange(2, 6).Draw(t, "n"))
	for i := range path {
		path[i] = drawPoint(t)
	}
	return path
}

func drawArea(t *rapid.T) orb.Polygon {
	var area orb.Polygon
	for range rapid.IntRange(1, 3).Draw(t, "rings") {
		ring := orb.Ring(append(drawPath(t), drawPoint(t)))
		area = append(area, append(ring, ring[0]))
	}
	return area
}

func drawOrb(t *rapid.T) orb.Geometry {
	several := rapid.IntRange(1, 3).Draw(t, "several")
	switch rapid.IntRange(0, 6).Draw(t, "kind") {
	case 0:
		return drawPoint(t)
	case 1:
		return orb.MultiPoint(drawPath(t))
	case 2:
		return drawPath(t)
	case 3:
		m := make(orb.MultiLineString, several)
		for i := range m {
			m[i] = drawPath(t)
		}
		return m
	case 4:
		return drawArea(t)
	case 5:
		m := make(orb.MultiPolygon, several)
		for i := range m {
			m[i] = drawArea(t)
		}
		return m
	default:
		return orb.Collection{drawPoint(t), drawPath(t), drawArea(t)}
	}
}

func TestOrbRoundTrip(t *testing.T) {
	db := pgtest.New(t)
	rapid.Check(t, func(r *rapid.T) {
		want := drawOrb(r)
		var got orb.Geometry
		var srid int
		err := db.Pool.QueryRow(context.Background(), `select $1::geometry, st_srid($1::geometry)`, want).Scan(&got, &srid)
		if err != nil {
			r.Fatal(err)
		}
		if !orb.Equal(want, got) || srid != postgis.SRID {
			r.Fatalf("sent %v, got %v with SRID %d", want, got, srid)
		}
	})
}

func TestGoGeomRoundTrip(t *testing.T) {
	db := pgtest.New(t)
	rapid.Check(t, func(r *rapid.T) {
		layout := rapid.SampledFrom([]geom.Layout{geom.XY, geom.XYZ, geom.XYM, geom.XYZM}).Draw(r, "layout")
		flat := make([]float64, layout.Stride()*rapid.IntRange(2, 5).Draw(r, "n"))
		for i := range flat {
			flat[i] = rapid.Float64Range(-1e6, 1e6).Draw(r, "v")
		}
		var want geom.T = geom.NewLineStringFlat(layout, flat).SetSRID(postgis.SRID)
		if rapid.Bool().Draw(r, "point") {
			want = geom.NewPointFlat(layout, flat[:layout.Stride()]).SetSRID(postgis.SRID)
		}
		var got geom.T
		if err := db.Pool.QueryRow(context.Background(), `select $1::geometry`, want).Scan(&got); err != nil {
			r.Fatal(err)
		}
		if got.Layout() != want.Layout() || got.SRID() != want.SRID() || cmp.Diff(want.FlatCoords(), got.FlatCoords()) != "" {
			r.Fatalf("sent %v %v, got %v %v", want.Layout(), want.FlatCoords(), got.Layout(), got.FlatCoords())
		}
	})
}

func TestNullBothWays(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	var none orb.Geometry
	var noPoint *orb.Point
	var isNull, isNullToo bool
	if err := db.Pool.QueryRow(ctx, `select $1::geometry is null, $2::geometry is null`, none, noPoint).Scan(&isNull, &isNullToo); err != nil || !isNull || !isNullToo {
		t.Errorf("nil to NULL: %v %v %v", isNull, isNullToo, err)
	}
	got, gotGeom, gotPoint := orb.Geometry(orb.Point{1, 1}), geom.T(geom.NewPointEmpty(geom.XY)), &orb.Point{}
	if err := db.Pool.QueryRow(ctx, `select null::geometry, null::geometry, null::geometry`).Scan(&got, &gotGeom, &gotPoint); err != nil || got != nil || gotGeom != nil || gotPoint != nil {
		t.Errorf("NULL to nil: %v %v %v %v", got, gotGeom, gotPoint, err)
	}
	if err := db.Pool.QueryRow(ctx, `select 'SRID=4490;POINT(1 2)'::geometry`).Scan(&gotPoint); err != nil || *gotPoint != (orb.Point{1, 2}) {
		t.Errorf("into a pointer: %v %v", gotPoint, err)
	}
}

func TestCodecRefuses(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	for sql, into := range map[string]any{
		`select 'SRID=4490;POINT Z(1 2 3)'::geometry`:                                      new(orb.Geometry),
		`select 'SRID=4490;LINESTRING M(1 2 3,4 5 6)'::geometry`:                           new(orb.LineString),
		`select 'SRID=4490;POINT EMPTY'::geometry`:                                         new(orb.Point),
		`select 'POINT(1 2)'::geometry`:                                                    new(orb.Geometry), // no SRID
		`select 'SRID=4490;CIRCULARSTRING(0 0,1 1,2 0)'::geometry`:                         new(orb.Geometry),
		`select 'SRID=4490;TIN(((0 0 0,0 0 1,0 1 0,0 0 0)))'::geometry`:                    new(orb.Geometry),
		`select 'SRID=4490;LINESTRING(1 2,3 4)'::geometry`:                                 new(orb.Point),
		`select null::geometry`:                                                            new(orb.Point),
		`select array['SRID=4490;POINT(1 2)'::geometry, 'SRID=4490;POINT(3 4)'::geometry]`: new(orb.MultiPoint),
	} {
		if err := db.Pool.QueryRow(ctx, sql).Scan(into); err == nil {
			t.Errorf("%s was read as %T %v", sql, into, into)
		}
	}
	for name, sent := range map[string]any{
		"a geometry without SRID": geom.NewPointFlat(geom.XYZ, []float64{1, 2, 3}),
		"a ring":                  orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 0}},
		"a bound":                 orb.Bound{Max: orb.Point{1, 1}},
	} {
		if _, err := db.Pool.Exec(ctx, `select $1::geometry`, sent); err == nil {
			t.Errorf("%s was sent", name)
		}
	}
	if _, err := db.Pool.Exec(ctx, `select $1::geometry[]`, orb.LineString{{1, 2}, {3, 4}}); err == nil {
		t.Error("a line string was sent as an array")
	}
}

func TestOpenRefusesWhatCannotServe(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	for _, mode := range []string{"simple_protocol", "exec"} {
		if _, err := postgis.Open(ctx, db.DSN(cluster.App)+"&default_query_exec_mode="+mode); !fault.Is(err, "exec-mode") {
			t.Errorf("%s: got %v", mode, err)
		}
	}
	if _, err := postgis.Open(ctx, "not an address ::"); fault.KindOf(err) != fault.Malformed {
		t.Errorf("no address: got %v", err)
	}
	admin, err := pgx.Connect(ctx, db.DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	bare := "unfit_" + db.Name
	bare = bare[:min(len(bare), 60)]
	if _, err := admin.Exec(ctx, `create database `+bare+` template template0 lc_collate 'C' lc_ctype 'C'`); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if _, err := admin.Exec(ctx, `drop database `+bare+` with (force)`); err != nil {
			t.Error(err)
		}
	}()
	_, err = postgis.Open(ctx, strings.Replace(db.DSN(cluster.App), db.Name, bare, 1))
	for _, code := range []string{"database-unfit", "locale", "extension-missing"} {
		if err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("an unfit database: %v does not say %s", err, code)
		}
	}
}
