package coverage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// decimals by which a feature says how exact its positions are: fewer are positions written short, of which nobody can say that they were
// rounded, and more are those of a computer's arithmetic.
const (
	fewestDecimals = 6 // about a decimetre
	mostDecimals   = 9
	leastPositions = 100 // of which decimals tell anything
)

// mostRoundingM is more than what fewestDecimals can make.
const mostRoundingM = 0.2

// roundingM is how far apart, in metres, two edges that were meant to be one can come to lie only because the positions of features
// are rounded to the decimals they are written with: half the diagonal of a cell of that grid for either side. It is 0 where the
// positions do not say.
func (c *check) roundingM(at orb.Point, of []*Feature) float64 {
	east, north := geo.MetresPerDegree(at[1])
	var halves []float64
	for _, f := range of {
		half := 0.0
		if n := c.decimalsOf(f); n > 0 {
			half = math.Hypot(east, north) * math.Pow10(-n) / 2
		}
		halves = append(halves, half)
	}
	if len(halves) == 0 {
		return 0
	}
	slices.Sort(halves)
	coarsest := halves[len(halves)-1]
	if len(halves) == 1 {
		return 2 * coarsest
	}
	return coarsest + halves[len(halves)-2]
}

// decimalsOf is to how many decimals of a degree the positions of a feature are given; 0 where that cannot be told.
func (c *check) decimalsOf(f *Feature) int {
	if n, known := c.decimals[f]; known {
		return n
	}
	n, positions := fewestDecimals, 0
	eachPosition(f.Geometry, func(p orb.Point) bool {
		positions++
		for _, v := range p {
			for n <= mostDecimals && !writtenWith(v, n) {
				n++
			}
		}
		return n <= mostDecimals
	})
	if n > mostDecimals || positions < leastPositions || n == fewestDecimals && !reaches(f, n) {
		n = 0
	}
	c.decimals[f] = n
	return n
}

// reaches reports whether some position of a feature needs so many decimals.
func reaches(f *Feature, n int) (some bool) {
	eachPosition(f.Geometry, func(p orb.Point) bool {
		some = some || !writtenWith(p[0], n-1) || !writtenWith(p[1], n-1)
		return !some
	})
	return some
}

// writtenWith reports whether a number has so many decimals at most, as near as a float64 holds it.
func writtenWith(v float64, decimals int) bool {
	v *= math.Pow10(decimals)
	return math.Abs(v-math.Round(v)) <= 8*(math.Nextafter(math.Abs(v), math.Inf(1))-math.Abs(v))
}

// eachPosition visits the positions of areas and lines until visit returns false.
func eachPosition(g orb.Geometry, visit func(orb.Point) bool) {
	paths := geo.Outline(geo.Areas(g))
	if len(paths) == 0 {
		paths = pathsOf(g)
	}
	for _, path := range paths {
		for _, p := range path {
			if !visit(p) {
				return
			}
		}
	}
}

// grave is how grave a face is that should not be, and what is to be said of it beside: one that is narrower than the positions are
// exact is a warning, as it can come of rounding alone.
func (c *check) grave(at orb.Point, m measures, of []*Feature) (fault.Severity, string) {
	limit := c.AccuracyM
	if limit == 0 && m.WidthM < mostRoundingM {
		limit = c.roundingM(at, of)
	}
	if m.WidthM >= limit {
		return fault.Block, ""
	}
	return fault.Warning, "。它窄于坐标的精度 " + metres(limit) + "，坐标取舍就会造成：可以用接边消除"
}
