package coverage_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

// grid writes numbers with so many decimals; below 0 as they are, with more than can be told.
type grid int

func (g grid) unit() float64 { return math.Pow10(-max(int(g), -int(g))) }

func (g grid) at(v float64) float64 {
	if g < 0 {
		return v + 1e-12*math.Pi
	}
	unit := math.Pow10(int(g))
	return math.Round(v*unit) / unit
}

// side is a bent line from one position to another of n positions on a grid, the same each time, and so many units of the grid farther east.
func (g grid) side(n, units int, a, b orb.Point) (path []orb.Point) {
	for k := range n {
		share := float64(k) / float64(n)
		lon := a[0] + (b[0]-a[0])*share + 3e-5*math.Sin(5*math.Pi*share)
		path = append(path, orb.Point{g.at(g.at(lon) + float64(units)*g.unit()), g.at(a[1] + (b[1]-a[1])*share + 1e-5*math.Sin(7*math.Pi*share))})
	}
	return path
}

func closed(sides ...[]orb.Point) orb.Polygon {
	var ring orb.Ring
	for _, s := range sides {
		ring = append(ring, s...)
	}
	return orb.Polygon{append(ring, ring[0])}
}

// TestNarrowerThanThePositionsAreExact: what rounding to the decimals of the positions can make is a warning, with its width; wider is
// severe, and so is all of it where the positions do not say how exact they are. A cell of the grid is 1.4 times as long as wide across.
func TestNarrowerThanThePositionsAreExact(t *testing.T) {
	for name, c := range map[string]struct {
		grid      grid
		n         int // positions to a side
		units     int // of the grid by which the edges differ: above 0 an overlap, below a gap
		accuracyM float64
		want      fault.Severity
	}{
		"an overlap within seven decimals": {7, 40, 1, 0, fault.Warning},
		"an overlap beyond them":           {7, 40, 2, 0, fault.Block},
		"a gap within them":                {7, 40, -1, 0, fault.Warning},
		"a gap beyond them":                {7, 40, -2, 0, fault.Block},
		"within six decimals":              {6, 40, 1, 0, fault.Warning},
		"beyond six decimals":              {6, 40, 2, 0, fault.Block},
		"within nine decimals":             {9, 40, 1, 0, fault.Warning},
		"positions of full length":         {-7, 40, 1, 0, fault.Block},
		"written short":                    {5, 40, 1, 0, fault.Block},
		"too few positions to tell":        {7, 20, 1, 0, fault.Block},
		"two metres":                       {7, 40, 206, 0, fault.Block},
		"within what was asked for":        {-7, 40, 206, 2.1, fault.Warning},
		"beyond what was asked for":        {7, 40, 1, 0.005, fault.Block},
		"nothing is to be excused":         {7, 40, 1, -1, fault.Block},
	} {
		t.Run(name, func(t *testing.T) {
			g, n := c.grid, c.n
			sw, s, se, ne, north, nw := orb.Point{106.5, 29.5}, orb.Point{106.51, 29.5}, orb.Point{106.52, 29.5}, orb.Point{106.52, 29.51}, orb.Point{106.51, 29.51}, orb.Point{106.5, 29.51}
			far, deep := orb.Point{106.51, 29.52}, orb.Point{106.51, 29.49}
			corner := func(p orb.Point) []orb.Point { return g.side(1, 0, p, p) }
			reversed := func(path []orb.Point) []orb.Point { slices.Reverse(path); return path }
			a := closed(g.side(n, 0, sw, s), g.side(n, c.units, s, north), g.side(n, 0, north, nw), g.side(n, 0, nw, sw))
			b := closed(g.side(n, 0, s, se), g.side(n, 0, se, ne), g.side(n, 0, ne, north), corner(north), reversed(g.side(n, 0, s, north)[1:]))
			features := areaFeatures(a, b, // with what lies north and south of both
				closed(corner(nw), reversed(g.side(n, 0, north, nw)), reversed(g.side(n, 0, ne, north)), g.side(n, 0, ne, far), g.side(n, 0, far, nw)),
				closed(corner(se), reversed(g.side(n, 0, s, se)), reversed(g.side(n, 0, sw, s)), g.side(n, 0, sw, deep), g.side(n, 0, deep, se)))
			r, err := coverage.Check(context.Background(), features, coverage.Parameters{AccuracyM: c.accuracyM}, nil)
			if err != nil {
				t.Fatal(err)
			}
			code, east := "overlap", 0.0
			if c.units < 0 {
				code = "gap"
			}
			east, _ = geo.MetresPerDegree(29.505)
			byM := math.Abs(float64(c.units)) * g.unit() * east
			i := slices.IndexFunc(r.Findings, func(f coverage.Finding) bool {
				return f.Code == code && f.LengthM > 900 && slices.Contains(f.Features, "A") && slices.Contains(f.Features, "B")
			})
			if i < 0 {
				t.Fatalf("found %+v", r)
			}
			if f := r.Findings[i]; f.Severity != c.want || f.WidthM > byM*1.01 || f.WidthM < byM*0.8 {
				t.Errorf("%s of %.5f m instead of %s of %.5f m: %+v", f.Severity, f.WidthM, c.want, byM, f)
			}
		})
	}
}

// TestTheToyCountyIsNotExcused: its injected error of 2 m is one, whatever its positions are rounded to.
func TestTheToyCountyIsNotExcused(t *testing.T) {
	for _, eastM := range []float64{2, -2} {
		for _, f := range check(t, toyCounty(t, eastM)).Findings {
			if (f.Code == "gap" || f.Code == "overlap") && f.Severity != fault.Block {
				t.Errorf("%+g m: %+v", eastM, f)
			}
		}
	}
}
