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
