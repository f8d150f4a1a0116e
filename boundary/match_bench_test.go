package boundary_test

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/pgtest"
	"fangyu/internal/trial"
)

// longLine is a line of n vertices about 10 m apart.
func longLine(n int) orb.LineString {
	r := rand.New(rand.NewPCG(9, 9))
	path := orb.LineString{{106, 29}}
	azimuth := 60.0
	for range n - 1 {
		azimuth += r.NormFloat64() * 8
		azimuth += (60 - azimuth) * 0.02
		path = append(path, geo.Direct(path[len(path)-1], azimuth, 10))
	}
	return path
}

// cleanTrack is n positions every 4 m with correlated noise of 3 m along some 80 % of a line, with detours.
func cleanTrack(line *geo.Chain, n int) boundary.MatchTrack {
	r := rand.New(rand.NewPCG(10, 10))
	noise := &noisy{r: r, sigmaM: 3}
	var points []orb.Point
	aside := 0.0
	for m, left := 0.0, 0; len(points) < n && m < line.LengthM(); m += 4 {
		if left--; left < 0 {
			aside, left = 0, 500+r.IntN(3000)
			if r.IntN(5) == 0 {
				aside, left = 100+200*r.Float64(), 300+r.IntN(1000)
			}
		}
		points = append(points, noise.shift(geo.Direct(line.At(m), line.Heading(m)+90, aside)))
	}
	return walk(points...)
}

// messyTrack is what a phone records: n positions, one a second, a step of 1.2 m, correlated and white noise, and stops of
// two to thirty minutes.
func messyTrack(line *geo.Chain, n int) boundary.MatchTrack {
	r := rand.New(rand.NewPCG(11, 11))
	noise := &noisy{r: r, sigmaM: 3.7}
	segment := make([]track.Point, 0, n)
	m, standing := 0.0, 0
	for i := range n {
		if standing--; standing < 0 {
			if m += 1.2; r.IntN(3000) == 0 {
				standing = 120 + r.IntN(1680)
			}
		}
		p := noise.shift(line.At(m))
		segment = append(segment, track.Point{
			Lon: p[0] + r.NormFloat64()*0.8e-5, Lat: p[1] + r.NormFloat64()*0.7e-5, ElevationM: math.NaN(),
			Time: morning.Add(time.Duration(i) * time.Second),
		})
	}
	return boundary.MatchTrack{File: "messy.gpx", Segments: [][]track.Point{segment}}
}

// bufferAndIntersect is the way of a spatial database: the length of the line within 20 m of the track, on one plane.
const bufferAndIntersect = `
	with l as (select st_transform(st_geomfromwkb($1, 4326), 32648) as g), t as (select st_transform(st_geomfromwkb($2, 4326), 32648) as g)
	select st_length(st_intersection(l.g, st_buffer(t.g, 20))) from l, t`

// A line of 50,000 vertices and a track of 100,000 positions. Goals: at most 150 ms and 64 MB, clean or messy; 8 times as
// fast as buffer and intersection in PostGIS on the clean one. The messy one takes PostGIS more memory than there is, so it
// is not asked. Times are of the processor, the server's by the clock.
func BenchmarkMatch(b *testing.B) {
	path := longLine(50_000)
	line, err := geo.NewChain(orb.MultiLineString{path})
	if err != nil {
		b.Fatal(err)
	}
	clean, messy := cleanTrack(line, 100_000), messyTrack(line, 100_000)
	p := boundary.Parameters{Level: boundary.CountyLine, ToleranceM: 20}
	for b.Loop() {
		cleanS, mb := timeMatch(b, line, clean, p)
		messyS, _ := timeMatch(b, line, messy, p)
		began := trial.CPUSeconds(b)
		if _, err := geo.NewChain(orb.MultiLineString{path}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(1e3*(trial.CPUSeconds(b)-began), "ms-line")
		b.ReportMetric(1e3*cleanS, "ms-clean")
		b.ReportMetric(1e3*messyS, "ms-messy")
		b.ReportMetric(mb, "MB")
		serverS := timeServer(b, path, clean)
		b.ReportMetric(1e3*serverS, "ms-postgis")
		b.ReportMetric(serverS/cleanS, "x-postgis")
	}
	b.ReportMetric(0, "ns/op")
}

// timeMatch returns the least processor seconds of five matches and the memory one asks for in MB.
func timeMatch(b *testing.B, line *geo.Chain, t boundary.MatchTrack, p boundary.Parameters) (s, mb float64) {
	b.Helper()
	s = math.Inf(1)
	for range 5 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		began := trial.CPUSeconds(b)
		r := boundary.Match(line, nil, []boundary.MatchTrack{t}, nil, p)
		s = min(s, trial.CPUSeconds(b)-began)
		runtime.ReadMemStats(&after)
		mb = float64(after.TotalAlloc-before.TotalAlloc) / 1e6
		if r.WalkedM < 50_000 {
			b.Fatalf("walked %v", r.WalkedM)
		}
	}
	return s, mb
}

func timeServer(b *testing.B, path orb.LineString, t boundary.MatchTrack) float64 {
	b.Helper()
	var way orb.LineString
	for _, p := range t.Segments[0] {
		way = append(way, p.LonLat())
	}
	pool := pgtest.New(b).Pool
	best := math.Inf(1)
	for range 3 {
		began := time.Now()
		var m float64
		if err := pool.QueryRow(context.Background(), bufferAndIntersect, wkb.MustMarshal(path), wkb.MustMarshal(way)).Scan(&m); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(began).Seconds())
	}
	return best
}
