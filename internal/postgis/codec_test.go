package postgis_test

import (
	"bytes"
	"context"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"
	"pgregory.net/rapid"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
)

// The texts are what PostGIS itself makes of the values, so that two mistakes of ours cannot cancel each other.
func TestGeometryMeansTheSameOnBothSides(t *testing.T) {
	db := pgtest.New(t)
	for _, test := range []struct {
		value any
		ewkt  string
	}{
		{orb.Point{106.5, 29.5}, "SRID=4490;POINT(106.5 29.5)"},
		{&orb.Point{1, 2}, "SRID=4490;POINT(1 2)"},
		{orb.LineString{}, "SRID=4490;LINESTRING EMPTY"},
		{orb.MultiPolygon{{{{106, 29}, {107, 29}, {107, 30}, {106, 29}}}}, "SRID=4490;MULTIPOLYGON(((106 29,107 29,107 30,106 29)))"},
		{orb.Collection{orb.Point{1, 2}, orb.LineString{{3, 4}, {5, 6}}}, "SRID=4490;GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(3 4,5 6))"},
		{geom.NewPointFlat(geom.XYZ, []float64{1, 2, 3}).SetSRID(4326), "SRID=4326;POINT(1 2 3)"},
		{geom.NewPointFlat(geom.XYM, []float64{1, 2, 3}).SetSRID(4490), "SRID=4490;POINTM(1 2 3)"},
		{geom.NewPointFlat(geom.XYZM, []float64{1, 2, 3, 4}).SetSRID(4490), "SRID=4490;POINT(1 2 3 4)"},
		{geom.NewPointFlat(geom.XYZ, []float64{1, 2, math.NaN()}).SetSRID(4490), "SRID=4490;POINT(1 2 NaN)"}, // height unknown
		{geom.NewPointEmpty(geom.XY).SetSRID(4490), "SRID=4490;POINT EMPTY"},
	} {
		var got string
		err := db.Pool.QueryRow(context.Background(), `select st_asewkt($1::geometry)`, test.value).Scan(&got)
		if err != nil || got != test.ewkt {
			t.Errorf("%T %v: PostGIS has %s, %v, wanted %s", test.value, test.value, got, err, test.ewkt)
		}
	}
}

func TestOrbRoundTrip(t *testing.T) {
	db := pgtest.New(t)
	rapid.Check(t, func(r *rapid.T) {
		want := orbGeometry(2).Draw(r, "geometry")
		var got orb.Geometry
		var srid int
		err := db.Pool.QueryRow(context.Background(), `select $1::geometry, st_srid($1::geometry)`, want).Scan(&got, &srid)
		if err != nil {
			r.Fatal(err)
		}
		if reflect.TypeOf(got) != reflect.TypeOf(want) || !orb.Equal(want, got) || srid != postgis.SRID {
			r.Fatalf("sent %#v, got %#v with SRID %d", want, got, srid)
		}
		if _, collection := want.(orb.Collection); collection {
			return // read as orb.Geometry only
		}
		own := reflect.New(reflect.TypeOf(want)) // *orb.Point, *orb.MultiPolygon …
		if err := db.Pool.QueryRow(context.Background(), `select $1::geometry`, want).Scan(own.Interface()); err != nil {
			r.Fatal(err)
		}
		if typed, _ := own.Elem().Interface().(orb.Geometry); !orb.Equal(want, typed) {
			r.Fatalf("sent %#v, got %#v", want, typed)
		}
	})
}

func TestGoGeomRoundTrip(t *testing.T) {
	db := pgtest.New(t)
	rapid.Check(t, func(r *rapid.T) {
		want := geomGeometry().Draw(r, "geometry")
		var got geom.T
		if err := db.Pool.QueryRow(context.Background(), `select $1::geometry`, want).Scan(&got); err != nil {
			r.Fatal(err)
		}
		if got.Layout() != want.Layout() || got.SRID() != want.SRID() || !sameBytes(r, want, got) {
			r.Fatalf("sent SRID %d %#v, got SRID %d %#v", want.SRID(), want, got.SRID(), got)
		}
		if point, ok := want.(*geom.Point); ok {
			var own geom.Point
			if err := db.Pool.QueryRow(context.Background(), `select $1::geometry`, point).Scan(&own); err != nil || !sameBytes(r, want, &own) {
				r.Fatalf("sent %#v, got %#v, %v", want, own, err)
			}
		}
	})
}

// sameBytes compares what is written, which tells an empty point from another and knows every layout.
func sameBytes(t *rapid.T, a, b geom.T) bool {
	x, err1 := ewkb.Marshal(a, ewkb.NDR)
	y, err2 := ewkb.Marshal(b, ewkb.NDR)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	return bytes.Equal(x, y)
}

func TestGeometryThroughCopy(t *testing.T) {
	db := pgtest.New(t)
	execute(t, db, `create table shape (n int, g geometry(Geometry, 4490))`)
	want := []orb.Geometry{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}, nil}
	_, err := db.Owner.CopyFrom(context.Background(), pgx.Identifier{"shape"}, []string{"n", "g"},
		pgx.CopyFromSlice(len(want), func(i int) ([]any, error) { return []any{i, want[i]}, nil }))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := db.Owner.Query(context.Background(), `select g from shape order by n`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[orb.Geometry])
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
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

func TestCodecRefusesToRead(t *testing.T) {
	db := pgtest.New(t)
	for _, test := range []struct {
		sql  string
		into any
		says string
	}{
		{`'SRID=4490;POINT Z(1 2 3)'::geometry`, new(orb.Geometry), "Z or M"},
		{`'SRID=4490;LINESTRING M(1 2 3,4 5 6)'::geometry`, new(orb.LineString), "Z or M"},
		{`'SRID=4490;GEOMETRYCOLLECTION Z(POINT Z(1 2 3))'::geometry`, new(orb.Geometry), "Z or M"},
		{`'SRID=4490;POINT EMPTY'::geometry`, new(orb.Point), "POINT EMPTY"},
		{`'SRID=4490;MULTIPOINT(1 2,EMPTY)'::geometry`, new(orb.MultiPoint), "POINT EMPTY"},
		{`'SRID=4490;GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT EMPTY))'::geometry`, new(orb.Geometry), "POINT EMPTY"},
		{`'POINT(1 2)'::geometry`, new(orb.Geometry), "SRID"},
		{`'SRID=4490;CIRCULARSTRING(0 0,1 1,2 0)'::geometry`, new(orb.Geometry), "curve"},
		{`'SRID=4490;CURVEPOLYGON((0 0,1 1,1 0,0 0))'::geometry`, new(geom.T), "curve"},
		{`'SRID=4490;GEOMETRYCOLLECTION(CIRCULARSTRING(0 0,1 1,2 0))'::geometry`, new(orb.Geometry), "curve"},
		{`'SRID=4490;TIN(((0 0 0,0 0 1,0 1 0,0 0 0)))'::geometry`, new(orb.Geometry), "TIN"},
		{`'SRID=4490;TIN(((0 0 0,0 0 1,0 1 0,0 0 0)))'::geometry`, new(geom.T), "TIN"},
		{`'SRID=4490;POLYHEDRALSURFACE(((0 0,0 1,1 0,0 0)))'::geometry`, new(orb.Geometry), "surface"},
		{`'SRID=4490;LINESTRING(1 2,3 4)'::geometry`, new(orb.Point), "got a LineString, wanted orb.Point"},
		{`'SRID=4490;LINESTRING(1 2,3 4)'::geometry`, new(geom.Point), "wanted a point"},
		{`null::geometry`, new(orb.Point), "NULL"},
		{`null::geometry`, new(orb.LineString), "NULL"},
		{`null::geometry`, new(geom.Point), "NULL"},
		{`array['SRID=4490;POINT(1 2)'::geometry]`, new(orb.MultiPoint), "geometry[]"},
		{`array['SRID=4490;POINT(1 2)'::geometry]`, new([]orb.Point), "geometry[]"},
		{`'SRID=4490;POINT(1 2)'::geography`, new(orb.Point), "unknown type"},
	} {
		err := db.Pool.QueryRow(context.Background(), `select `+test.sql).Scan(test.into)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s into %T: got %v, %v, wanted %q", test.sql, test.into, reflect.ValueOf(test.into).Elem(), err, test.says)
		}
	}
}

func TestCodecRefusesToWrite(t *testing.T) {
	db := pgtest.New(t)
	ring, line := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 0}}, orb.LineString{{1, 2}, {3, 4}}
	for _, test := range []struct {
		as    string
		value any
		says  string
	}{
		{"geometry", orb.Point{math.NaN(), math.NaN()}, "not a number"}, // else stored as POINT EMPTY
		{"geometry", orb.LineString{{1, 2}, {math.Inf(1), 3}}, "not a number"},
		{"geometry", orb.Collection{orb.MultiPolygon{{{{1, 2}, {3, math.NaN()}, {5, 6}, {1, 2}}}}}, "not a number"},
		{"geometry", ring, "orb.Polygon"},
		{"geometry", ring.Bound(), "orb.Polygon"},
		{"geometry", orb.Collection{ring}, "orb.Polygon"},
		{"geometry", orb.Collection{nil}, "nil"},
		{"geometry", geom.NewPointFlat(geom.XYZ, []float64{1, 2, 3}), "SRID"},
		{"geometry(Point, 4490)", geom.NewPointFlat(geom.XY, []float64{1, 2}).SetSRID(4326), "SRID"},
		{"geometry[]", line, "geometry[]"}, // else stored as points
		{"geometry[]", []orb.Geometry{line}, "geometry[]"},
		{"geography", orb.Point{1, 2}, "unable to encode"},
	} {
		_, err := db.Pool.Exec(context.Background(), `select $1::`+test.as, test.value)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%T %v for %s: got %v, wanted %q", test.value, test.value, test.as, err, test.says)
		}
	}
}
