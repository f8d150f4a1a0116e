package geo_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// lineF is a fixture whose points were computed with GeographicLib on CGCS2000: from P0 10,000 m at azimuth 40°, then 5,000 m at 100°.
var lineF = orb.MultiLineString{{{106.5, 29.5}, {106.566334868, 29.569093202}, {106.617146411, 29.561250565}}}

func chain(t testing.TB, line orb.MultiLineString) *geo.Chain {
	t.Helper()
	c, err := geo.NewChain(line)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProjectOnFixtureLine(t *testing.T) {
	c := chain(t, lineF)
	if !near(c.LengthM(), 15000, 1e-4) {
		t.Errorf("length %.6f", c.LengthM())
	}
	for name, row := range map[string]struct{ lat, lon, chainageM, offsetM float64 }{
		"P0":                  {29.500000000, 106.500000000, 0, 0},
		"P1":                  {29.569093202, 106.566334868, 10000, 0},
		"P2":                  {29.561250565, 106.617146411, 15000, 0},
		"a right":             {29.506852847, 106.506708433, 1000, 10},
		"b left":              {29.517421470, 106.516377752, 2500, -25},
		"c inside 30 m":       {29.534377380, 106.533392398, 5000, 29.9},
		"d outside 30 m":      {29.534376220, 106.533393978, 5000, 30.1},
		"e left":              {29.552171189, 106.549268614, 7500, -60},
		"f in the wedge":      {29.569057280, 106.566367739, 10003.83, 3.37},
		"g on the second leg": {29.565780796, 106.586624553, 12000, 20},
	} {
		tolerance := 1e-3
		if name == "f in the wedge" {
			tolerance = 5e-3 // the table gives centimetres
		}
		at, offset := c.Project(orb.Point{row.lon, row.lat})
		if !near(at, row.chainageM, tolerance) || !near(offset, row.offsetM, tolerance) {
			t.Errorf("%s: %.4f m, %+.4f m; want %v, %+v", name, at, offset, row.chainageM, row.offsetM)
		}
	}
}

// Nearest chainage 8,197.257 m of 14,724.063 m, distance 727.122 m, by minimising geodesic distance.
// The distance is flat there: a millimetre along the line changes it by a nanometre.
func TestProjectOnOneLongSegment(t *testing.T) {
	c := chain(t, orb.MultiLineString{{{106.5, 29.5}, {106.6, 29.6}}})
	at, offset := c.Project(orb.Point{106.55, 29.56})
	if !near(c.LengthM(), 14724.063, 1e-3) || !near(at, 8197.257, 2e-3) || !near(offset, -727.12199, 1e-4) {
		t.Errorf("%.5f m of %.5f m, %+.5f m", at, c.LengthM(), offset)
	}
}

// randomLine is a walk of n steps in two parts; seeds print with the failure.
func randomLine(r *rand.Rand, n int, stepM float64) orb.MultiLineString {
	line := orb.MultiLineString{{}, {}}
	p, azimuth := orb.Point{106 + r.Float64(), 29 + r.Float64()}, r.Float64()*360
	for i := range n {
		part := 0
		if i >= n/2 {
			part = 1
		}
		line[part] = append(line[part], p)
		azimuth += r.NormFloat64() * 40
		p = geo.Direct(p, azimuth, stepM*(0.2+r.Float64()))
	}
	return line
}

// nearestByBruteForce minimises the geodesic distance over every segment by golden section.
func nearestByBruteForce(line orb.MultiLineString, p orb.Point) (chainageM, distanceM float64) {
	distanceM = math.Inf(1)
	start := 0.0
	for _, part := range line {
		for i := 1; i < len(part); i++ {
			a, b := part[i-1], part[i]
			length, azimuth := geo.DistanceM(a, b), geo.Azimuth(a, b)
			lo, hi := 0.0, length
			const g = 0.6180339887498949
			for hi-lo > 1e-5 {
				x, y := hi-g*(hi-lo), lo+g*(hi-lo)
				if geo.DistanceM(p, geo.Direct(a, azimuth, x)) < geo.DistanceM(p, geo.Direct(a, azimuth, y)) {
					hi = y
				} else {
					lo = x
				}
			}
			at := (lo + hi) / 2
			if d := geo.DistanceM(p, geo.Direct(a, azimuth, at)); d < distanceM {
				chainageM, distanceM = start+at, d
			}
			start += length
		}
	}
	return chainageM, distanceM
}

func TestProjectAgainstBruteForce(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		line := randomLine(r, 12, []float64{30, 200, 2000, 20000}[seed%4])
		c := chain(t, line)
		for range 5 {
			p := geo.Direct(c.At(r.Float64()*c.LengthM()), r.Float64()*360, r.Float64()*1000)
			at, offset := c.Project(p)
			wantAt, want := nearestByBruteForce(line, p)
			if !near(math.Abs(offset), want, 1e-3) {
				t.Errorf("seed %d, %v: offset %.6f at %.4f, want %.6f at %.4f", seed, p, offset, at, want, wantAt)
			}
			join := geo.LengthM(line[0]) // where one chainage names two places
			if d := geo.DistanceM(p, c.At(at)); !near(d, want, 1e-2) && at != join {
				t.Errorf("seed %d, %v: the place found is %.6f m away, the nearest %.6f", seed, p, d, want)
			}
		}
	}
}

func TestProjectFarAway(t *testing.T) {
	c := chain(t, lineF)
	for _, m := range []float64{5e3, 50e3, 500e3} {
		p := geo.Direct(c.At(15000), 10, m)
		at, offset := c.Project(p)
		wantAt, want := nearestByBruteForce(lineF, p)
		if !near(math.Abs(offset), want, 0.05) || !near(at, wantAt, 1) || offset > 0 {
			t.Errorf("%v m: %.3f m at %.3f, want %.3f m at %.3f", m, offset, at, want, wantAt)
		}
	}
}

func TestChainInvariants(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		line := randomLine(r, 30, 700)
		c := chain(t, line)
		if !near(c.LengthM(), geo.LengthM(line), 1e-6) {
			t.Errorf("seed %d: length %v, parts add up to %v", seed, c.LengthM(), geo.LengthM(line))
		}
		back := orb.MultiLineString{line[1].Clone(), line[0].Clone()}
		back[0].Reverse()
		back[1].Reverse()
		b := chain(t, back)
		for range 10 {
			m := r.Float64() * c.LengthM()
			p := geo.Direct(c.At(m), r.Float64()*360, 30*r.Float64())
			at, offset := c.Project(p)
			backAt, backOffset := b.Project(p)
			if !near(at+backAt, c.LengthM(), 1e-3) || !near(offset, -backOffset, 1e-5) {
				t.Errorf("seed %d: %v is %.4f %+.6f forwards, %.4f %+.6f backwards", seed, p, at, offset, backAt, backOffset)
			}
			if on, off := c.Project(c.At(m)); math.Abs(off) > 1e-4 || on > m+1e-3 && !near(on, m, 1e-3) {
				t.Errorf("seed %d: At(%v) projects to %v %+v", seed, m, on, off)
			}
		}
		cut := []float64{0, r.Float64() * c.LengthM(), r.Float64() * c.LengthM(), c.LengthM()}
		if cut[1] > cut[2] {
			cut[1], cut[2] = cut[2], cut[1]
		}
		sum := 0.0
		for i := 1; i < len(cut); i++ {
			sum += geo.LengthM(c.Sub(cut[i-1], cut[i]))
		}
		if !near(sum, c.LengthM(), 1e-6) {
			t.Errorf("seed %d: pieces add up to %v of %v", seed, sum, c.LengthM())
		}
	}
}

func TestPartsLieEndToEnd(t *testing.T) {
	c := chain(t, orb.MultiLineString{{{106.5, 29.5}}, {{106.5, 29.5}, {106.5, 29.6}, {106.5, 29.6}}, {}, {{107, 29.5}, {107, 29.6}}})
	one := geo.DistanceM(orb.Point{106.5, 29.5}, orb.Point{106.5, 29.6})
	if !near(c.LengthM(), 2*one, 1e-6) {
		t.Errorf("length %v, want %v", c.LengthM(), 2*one)
	}
	if got := c.At(one); got != (orb.Point{106.5, 29.6}) {
		t.Errorf("at the join: %v", got)
	}
	sub := c.Sub(one-100, one+100)
	if len(sub) != 2 || !near(geo.LengthM(sub), 200, 1e-6) {
		t.Errorf("a stretch over the join: %v", sub)
	}
	if got := c.Sub(one, one+50); len(got) != 1 || got[0][0] != (orb.Point{107, 29.5}) {
		t.Errorf("from the join on: %v", got)
	}
	if c.Sub(5, 5) != nil || c.Sub(10, 5) != nil || c.Sub(1e9, 2e9) != nil {
		t.Error("a stretch without length is not nil")
	}
	if c.At(-5) != (orb.Point{106.5, 29.5}) || c.At(1e9) != (orb.Point{107, 29.6}) {
		t.Error("chainages off the line do not give its ends")
	}
	if h := c.Heading(100); !near(h, 0, 1e-9) && !near(h, 360, 1e-9) {
		t.Errorf("heading north: %v", h)
	}
}

func TestLinesThatCannotBeMeasured(t *testing.T) {
	for name, c := range map[string]struct {
		line orb.MultiLineString
		code string
	}{
		"nothing":      {nil, "line-empty"},
		"one point":    {orb.MultiLineString{{{106, 29}, {106, 29}}}, "line-empty"},
		"not a number": {orb.MultiLineString{{{106, 29}, {math.NaN(), 29}}}, "not-a-number"},
		"swapped":      {orb.MultiLineString{{{29, 106}, {29, 106.1}}}, "out-of-range"},
	} {
		if _, err := geo.NewChain(c.line); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

func TestWithinFindsEveryLimb(t *testing.T) {
	// A hairpin: north 1 km, east 40 m, south 1 km.
	a := orb.Point{106.5, 29.5}
	b := geo.Direct(a, 0, 1000)
	d := geo.Direct(b, 90, 40)
	c := chain(t, orb.MultiLineString{{a, b, d, geo.Direct(d, 180, 1000)}})
	hits := c.Within(geo.Direct(geo.Direct(a, 0, 500), 90, 10), 35)
	if len(hits) != 2 {
		t.Fatalf("%d limbs: %+v", len(hits), hits)
	}
	for i, want := range []geo.Hit{
		{FromM: 500 - math.Sqrt(35*35-10*10), ToM: 500 + math.Sqrt(35*35-10*10), ChainageM: 500, OffsetM: 10},
		{FromM: 1540 - math.Sqrt(35*35-30*30), ToM: 1540 + math.Sqrt(35*35-30*30), ChainageM: 1540, OffsetM: 30},
	} {
		h := hits[i]
		if !near(h.FromM, want.FromM, 0.01) || !near(h.ToM, want.ToM, 0.01) ||
			!near(h.ChainageM, want.ChainageM, 0.01) || !near(h.OffsetM, want.OffsetM, 0.01) {
			t.Errorf("limb %d: %+v, want %+v", i, h, want)
		}
	}
	if hits := c.Within(geo.Direct(a, 270, 100), 99); hits != nil {
		t.Errorf("nothing lies within 99 m: %+v", hits)
	}
	// Over a vertex the stretch runs on in one piece.
	if hits := chain(t, lineF).Within(orb.Point{106.566334868, 29.569093202}, 50); len(hits) != 1 || !near(hits[0].ToM-hits[0].FromM, 100, 0.01) {
		t.Errorf("around P1: %+v", hits)
	}
}

// Twenty segments laid end to end are as long as the line, to a micrometre, however unequal (§5.6 of the domain research).
func TestSegmentsBetweenMarkersAddUp(t *testing.T) {
	c := chain(t, longLine())
	r := rand.New(rand.NewPCG(9, 9))
	cuts := []float64{0, c.LengthM()}
	for range 19 {
		cuts = append(cuts, r.Float64()*c.LengthM())
	}
	slices.Sort(cuts)
	sum := 0.0
	for i := 1; i < len(cuts); i++ {
		sum += geo.LengthM(c.Sub(cuts[i-1], cuts[i]))
	}
	if !near(sum, c.LengthM(), 1e-6) {
		t.Errorf("segments add up to %.7f m of %.7f m", sum, c.LengthM())
	}
}

// longLine winds like a boundary along a ridge: 50,000 vertices about 10 m apart.
func longLine() orb.MultiLineString {
	r := rand.New(rand.NewPCG(7, 7))
	line := orb.LineString{{106, 29}}
	for i := range 50_000 {
		heading := 45 + 70*math.Sin(float64(i)/400) + 30*r.NormFloat64()
		line = append(line, geo.Direct(line[i], heading, 5+10*r.Float64()))
	}
	return orb.MultiLineString{line}
}

func BenchmarkProject(b *testing.B) {
	line := longLine()
	c := chain(b, line)
	r := rand.New(rand.NewPCG(8, 8))
	points := make([]orb.Point, 1000)
	for i := range points {
		points[i] = geo.Direct(c.At(r.Float64()*c.LengthM()), r.Float64()*360, 30*r.Float64())
	}
	var tree float64
	b.Run("tree", func(b *testing.B) {
		for i := range b.N {
			c.Project(points[i%len(points)])
		}
		tree = perRound(b)
	})
	b.Run("every vertex", func(b *testing.B) {
		for i := range b.N {
			best := math.Inf(1)
			for _, part := range line {
				for _, v := range part {
					best = min(best, geo.DistanceM(points[i%len(points)], v))
				}
			}
		}
		b.ReportMetric(perRound(b)/tree, "×tree")
	})
}

func perRound(b *testing.B) float64 { return float64(b.Elapsed()) / float64(b.N) }

func BenchmarkNewChain(b *testing.B) {
	line := longLine()
	b.ReportAllocs()
	for range b.N {
		chain(b, line)
	}
}

func ExampleChain_Project() {
	c, err := geo.NewChain(orb.MultiLineString{{{106.5, 29.5}, {106.566334868, 29.569093202}, {106.617146411, 29.561250565}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	chainageM, offsetM := c.Project(orb.Point{106.516377752, 29.517421470})
	fmt.Printf("全长 %.1f 米，里程 %.1f 米，偏 %+.1f 米（右为正）\n", c.LengthM(), chainageM, offsetM)
	// Output: 全长 15000.0 米，里程 2500.0 米，偏 -25.0 米（右为正）
}
