package geo_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// gridPolygon makes areas on a coarse grid, where vertices meet edges and edges meet each other all the time.
func gridPolygon(r *rand.Rand) orb.Polygon {
	var p orb.Polygon
	for range 1 + r.IntN(3) {
		var ring orb.Ring
		n, size := 3+r.IntN(5), 3+r.IntN(6)
		x, y := float64(r.IntN(5)), float64(r.IntN(5))
		for range n {
			ring = append(ring, orb.Point{x + float64(r.IntN(size)), y + float64(r.IntN(size))})
		}
		p = append(p, append(ring, ring[0]))
	}
	return p
}

// PostGIS (GEOS) is asked for the same areas: valid or not must agree. What ST_IsValid calls an error of construction
// (rings of fewer than four points after repeated ones fall away) GEOS calls invalid too.
func TestCheckPolygonAgreesWithPostGIS(t *testing.T) {
	pool := pgtest.New(t).Pool
	accepted := 0
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 11))
		var batch pgx.Batch
		var areas []orb.Geometry
		for i := range 250 {
			var g orb.Geometry = gridPolygon(r)
			if i%3 == 0 {
				g = orb.MultiPolygon{gridPolygon(r), gridPolygon(r)}
			}
			areas = append(areas, g)
			batch.Queue(`select ST_IsValid(ST_GeomFromText($1, 4490)), ST_IsValidReason(ST_GeomFromText($1, 4490))`, wkt.MarshalString(g))
		}
		results := pool.SendBatch(context.Background(), &batch)
		for _, g := range areas {
			var valid bool
			var reason string
			if err := results.QueryRow().Scan(&valid, &reason); err != nil {
				t.Fatal(err)
			}
			if valid {
				accepted++
			}
			if findings := geo.CheckPolygon(g); (fault.Worst(findings) != fault.Block) != valid {
				t.Errorf("seed %d: %s\nPostGIS: %v, %s\nours: %v", seed, wkt.MarshalString(g), valid, reason, findings)
			}
		}
		if err := results.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if accepted < 100 {
		t.Errorf("only %d of 2000 areas are valid: the comparison is one-sided", accepted)
	}
}

// ST_Length and ST_Area of geography on SRID 4490 are geodesic too; its distance to a line is good to some centimetres.
func TestMeasuresAgreeWithPostGIS(t *testing.T) {
	pool := pgtest.New(t).Pool
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 12))
		line := randomLine(r, 20, 300)
		star := orb.Polygon{starRing(r, 50)}
		p := geo.Direct(line[0][0], r.Float64()*360, r.Float64()*1000)
		var lengthM, areaM2, distanceM float64
		if err := pool.QueryRow(context.Background(), `
			select ST_Length(l), ST_Area(a), ST_Distance(l, p)
			from (select ST_GeogFromText('SRID=4490;' || $1) l, ST_GeogFromText('SRID=4490;' || $2) a, ST_GeogFromText('SRID=4490;' || $3) p) g`,
			wkt.MarshalString(line), wkt.MarshalString(star), wkt.MarshalString(p)).Scan(&lengthM, &areaM2, &distanceM); err != nil {
			t.Fatal(err)
		}
		_, offset := chain(t, line).Project(p)
		if !near(geo.LengthM(line), lengthM, 1e-6) || !near(geo.AreaM2(star), areaM2, 1) || !near(math.Abs(offset), distanceM, 0.05) {
			t.Errorf("seed %d: %v m %v m² %+v m; PostGIS %v %v %v", seed, geo.LengthM(line), geo.AreaM2(star), offset, lengthM, areaM2, distanceM)
		}
	}
}

// PROJ projects with a series of its own (Poder and Engsager). Positions lie anywhere in a zone and in the zones beside
// it, in every latitude of China, on all 64 planes.
func TestPlanesAgreeWithPROJAnywhere(t *testing.T) {
	pool := pgtest.New(t).Pool
	type sample struct {
		frame geo.Frame
		at    orb.Point
	}
	var samples []sample
	var batch pgx.Batch
	r := rand.New(rand.NewPCG(1, 23))
	for _, f := range geo.Frames()[5:] {
		meridian, _, ok := f.CentralMeridian()
		if !ok {
			t.Fatalf("%s is no plane", f)
		}
		reach := 4.5
		if f < "4513" {
			reach = 9
		}
		for range 40 {
			p := orb.Point{meridian + reach*(2*r.Float64()-1), 3 + 51*r.Float64()}
			samples = append(samples, sample{f, p})
			batch.Queue(`select ST_X(g), ST_Y(g) from ST_Transform(ST_SetSRID(ST_MakePoint($1, $2), 4490), $3::text::int) g`, p[0], p[1], string(f))
		}
	}
	results := pool.SendBatch(context.Background(), &batch)
	worst := 0.0
	for _, s := range samples {
		var east, north float64
		if err := results.QueryRow().Scan(&east, &north); err != nil {
			t.Fatal(err)
		}
		x, y, err := s.frame.FromCGCS2000(s.at)
		off := math.Hypot(x-east, y-north)
		if err != nil || off > 1e-3 {
			t.Errorf("%s %v: %.6f, %.6f (%v), PROJ %.6f, %.6f", s.frame, s.at, x, y, err, east, north)
		}
		worst = max(worst, off)
		if meridian, zone, _ := s.frame.CentralMeridian(); zone != 0 && math.Abs(s.at[0]-meridian) > 6 {
			continue // behind a zone number those are numbers of the zone beside, and refused
		}
		if back, err := s.frame.ToCGCS2000(east, north); err != nil || geo.DistanceM(back, s.at) > 1e-3 {
			t.Errorf("%s %v: back at %v (%v)", s.frame, s.at, back, err)
		}
	}
	if err := results.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("at most %.2g m from PROJ over %d positions", worst, len(samples))
}
