package boundary

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/track"
)

// cell is a piece of a line of at most Parameters.CellM metres with the plane at its middle, and the nearest the tracks
// came to it.
type cell struct {
	middle             orb.Point
	east, north        float64 // direction of the line, unit
	degreeE, degreeN   float64 // metres per degree at the middle
	nearest            float64 // metres to the nearest edge of a fitting direction
	share              float64 // the same in tolerances, which differ between tracks
	toleranceM         float64 // of the track that came nearest by share
	offset, offsetRank float64 // signed offset of the best edge abeam, and how far that was from abeam
}

// cells are a line in pieces of equal length, whatever its vertices, found by place through a grid of squares.
type cells struct {
	list    []cell
	breaks  []bool    // whether a part of the line begins with the cell
	sigmaM  []float64 // of the line at each cell; nil where it is the same everywhere
	grid    map[int64][]int32
	squareD float64 // side of a square in degrees, not less than reachM
	stepM   float64 // length of a cell
	reachM  float64
	minCos  float64
	p       Parameters
	lengthM float64
}

// newCells cuts a line; toleranceM is the largest of any track.
func newCells(line *geo.Chain, p Parameters, toleranceM float64) *cells {
	c := &cells{
		p: p, lengthM: line.LengthM(), reachM: math.Max(2*toleranceM, p.CorridorM),
		minCos: math.Cos(p.MaxHeadingD * math.Pi / 180), grid: map[int64][]int32{},
	}
	n := int(math.Ceil(c.lengthM / p.CellM))
	c.stepM = c.lengthM / float64(n)
	c.list, c.breaks = make([]cell, n), make([]bool, n)
	c.setAccuracy()
	segment := -1
	var sin, cos float64
	var here geo.Local
	starts := line.PartStarts()
	for i, sample := range line.Samples(n) {
		for len(starts) > 0 && starts[0] < c.endM(i) {
			c.breaks[i] = true
			starts = starts[1:]
		}
		if sample.Segment != segment {
			segment = sample.Segment
			sin, cos = math.Sincos(sample.Heading * math.Pi / 180)
		}
		here.Around(sample.At[1])
		if c.squareD == 0 {
			// A degree of longitude is the shorter one; the line does not go so far north that it matters more.
			c.squareD = (c.reachM + c.stepM) / (0.98 * here.East)
		}
		c.list[i] = cell{
			middle: sample.At, east: sin, north: cos, degreeE: here.East, degreeN: here.North,
			nearest: math.Inf(1), share: math.Inf(1), offsetRank: math.Inf(1),
		}
		x, y := c.squareOf(sample.At)
		key := square(x, y)
		c.grid[key] = append(c.grid[key], int32(i))
	}
	return c
}

func (c *cells) startM(i int) float64    { return c.lengthM * float64(i) / float64(len(c.list)) }
func (c *cells) endM(i int) float64      { return c.lengthM * float64(i+1) / float64(len(c.list)) }
func (c *cells) middleM(i int32) float64 { return (c.startM(int(i)) + c.endM(int(i))) / 2 }

// cellAt returns the index of the cell at a chainage, clamped to the line.
func (c *cells) cellAt(m float64) int {
	return min(max(int(m/c.stepM), 0), len(c.list)-1)
}

func (c *cells) squareOf(p [2]float64) (x, y int32) {
	return int32(math.Floor(p[0] / c.squareD)), int32(math.Floor(p[1] / c.squareD))
}

func square(x, y int32) int64 { return int64(x)<<32 | int64(uint32(y)) }

// setAccuracy lays the accuracies of the line's segments over the cells.
func (c *cells) setAccuracy() {
	if len(c.p.Accuracies) == 0 {
		return
	}
	c.sigmaM = make([]float64, len(c.list))
	for i := range c.sigmaM {
		c.sigmaM[i] = c.p.Level.SigmaM()
	}
	for _, a := range c.p.Accuracies {
		for i := c.cellAt(a.FromM); i <= c.cellAt(a.ToM); i++ {
			if m := c.middleM(int32(i)); m >= a.FromM && m <= a.ToM {
				c.sigmaM[i] = a.SigmaM
			}
		}
	}
}

// tolerance is T for a track at a cell.
func (c *cells) tolerance(i int, t *matchTrack) float64 {
	if c.sigmaM == nil || t.fixed {
		return t.toleranceM
	}
	return toleranceM(c.sigmaM[i], t.sigmaM)
}

func (c *cells) toleranceAt(m float64, t *matchTrack) float64 {
	if c.sigmaM == nil || t.fixed {
		return t.toleranceM
	}
	return c.tolerance(c.cellAt(m), t)
}

// cover notes the edges of a leg, a stretch of a track that went along the line between two chainages, at every cell they
// come near. A cell beyond those chainages is as far as it is beyond: near in place is not near along the line.
func (c *cells) cover(leg []track.Place, fromM, toM float64, t *matchTrack) {
	if fromM > toM {
		fromM, toM = toM, fromM
	}
	first, last := c.cellAt(fromM-c.reachM), c.cellAt(toM+c.reachM)
	a, b := leg[0].LonLat(), leg[len(leg)-1].LonLat()
	for i := first; i <= last; i++ {
		k := &c.list[i]
		dx, dy := (b[0]-a[0])*k.degreeE, (b[1]-a[1])*k.degreeN
		along := dx*k.east + dy*k.north
		if length2 := dx*dx + dy*dy; length2 == 0 || along*along < c.minCos*c.minCos*length2 {
			continue
		}
		nearest := math.Inf(1)
		for e := 1; e < len(leg); e++ {
			if d2 := k.pass(leg[e-1].LonLat(), leg[e].LonLat(), c.reachM); d2 < nearest {
				nearest = d2
			}
		}
		if nearest > c.reachM*c.reachM {
			continue
		}
		nearest = math.Sqrt(nearest)
		nearest = max(nearest, fromM-c.endM(i), c.startM(i)-toM)
		k.nearest = min(k.nearest, nearest)
		if tol := c.tolerance(i, t); nearest/tol < k.share {
			k.share, k.toleranceM = nearest/tol, tol
		}
	}
}

// pass returns the square of how near an edge comes to the middle of the cell, and notes the offset where it is abeam.
func (k *cell) pass(a, b orb.Point, reachM float64) float64 {
	ax, ay := (a[0]-k.middle[0])*k.degreeE, (a[1]-k.middle[1])*k.degreeN
	dx, dy := (b[0]-a[0])*k.degreeE, (b[1]-a[1])*k.degreeN
	length2 := dx*dx + dy*dy
	if length2 == 0 {
		return math.Inf(1)
	}
	t := -(ax*dx + ay*dy) / length2
	if t < 0 {
		t = 0
	} else if t > 1 {
		t = 1
	}
	nx, ny := ax+t*dx, ay+t*dy
	d2 := nx*nx + ny*ny
	if d2 <= reachM*reachM {
		k.abeam(ax, ay, dx, dy)
	}
	return d2
}

// abeam notes the offset where the edge passes the cell's normal, or comes nearest to it. Right of the line is positive.
func (k *cell) abeam(ax, ay, dx, dy float64) {
	u := ax*k.east + ay*k.north // how far before (negative) or beyond the normal the edge begins
	t := 0.0
	if along := dx*k.east + dy*k.north; along != 0 {
		if t = -u / along; t < 0 {
			t = 0
		} else if t > 1 {
			t = 1
		}
		u += t * along
	}
	if u < 0 {
		u = -u
	}
	if u > k.offsetRank+1e-9 {
		return
	}
	offset := (ax+t*dx)*k.north - (ay+t*dy)*k.east
	if u < k.offsetRank-1e-9 || math.Abs(offset) < math.Abs(k.offset) {
		k.offset, k.offsetRank = offset, u
	}
}

// covered tells which cells some track passed within factor times its tolerance, in runs of at least MinRunFactor times
// that. A part of the line that is shorter than such a run is covered when all of it is.
func (c *cells) covered(factor float64) []bool {
	return c.runs(func(i int) bool { return c.list[i].share <= factor }, func(i int) float64 { return factor * c.list[i].toleranceM })
}

// inCorridor tells the same of a distance in metres.
func (c *cells) inCorridor(m float64) []bool {
	return c.runs(func(i int) bool { return c.list[i].nearest <= m }, func(int) float64 { return m })
}

// runs keeps the runs of cells that are in and long enough, MinRunFactor times what widthM says, or a whole part of the line.
func (c *cells) runs(in func(i int) bool, widthM func(i int) float64) []bool {
	kept := make([]bool, len(c.list))
	for i := 0; i < len(kept); {
		if !in(i) {
			i++
			continue
		}
		width := widthM(i)
		j := i + 1
		for j < len(kept) && in(j) && !c.breaks[j] {
			width = math.Max(width, widthM(j))
			j++
		}
		whole := (i == 0 || c.breaks[i]) && (j == len(kept) || c.breaks[j])
		if whole || c.endM(j-1)-c.startM(i) >= c.p.MinRunFactor*width-1e-6 {
			for k := i; k < j; k++ {
				kept[k] = true
			}
		}
		i = j
	}
	return kept
}

func (c *cells) sumM(in []bool) float64 {
	var sum float64
	for i, yes := range in {
		if yes {
			sum += c.endM(i) - c.startM(i)
		}
	}
	return sum
}

func (c *cells) share(in []bool) float64 { return round6(math.Min(1, c.sumM(in)/c.lengthM)) }

// intervals are the stretches of each class in turn: walked where a track proves it, else what was declared.
func (c *cells) intervals(in []bool, declared []Interval) []Interval {
	out := []Interval{}
	for i, yes := range in {
		class := Walked
		if !yes {
			class = declaredAt(declared, c.middleM(int32(i)))
		}
		if n := len(out); n > 0 && out[n-1].Class == class {
			out[n-1].ToM = round3(c.endM(i))
			continue
		}
		out = append(out, Interval{FromM: round3(c.startM(i)), ToM: round3(c.endM(i)), Class: class})
	}
	return out
}

// declaredAt is the best class declared for a chainage: viewed before imagery.
func declaredAt(declared []Interval, m float64) Class {
	class := NotChecked
	for _, d := range declared {
		if m >= d.FromM && m < d.ToM && class != Viewed {
			class = d.Class
		}
	}
	return class
}

// Deviation is how far the track ran from the line over the covered cells, every metre of line counting alike. Signed
// figures are positive to the right of the line; all are in metres.
type Deviation struct {
	N       int     `json:"n"` // cells
	MeanM   float64 `json:"meanM"`
	MedianM float64 `json:"medianM"`
	RMSM    float64 `json:"rmsM"`
	P95M    float64 `json:"p95M"`   // of the distance
	MaxM    float64 `json:"maxM"`   // the largest distance, signed
	MaxAtM  float64 `json:"maxAtM"` // its chainage
}

// deviation sums up the offsets of the covered cells.
func (c *cells) deviation(in []bool) Deviation {
	var d Deviation
	var offsets, distances []float64
	var sum, squares float64
	for i, yes := range in {
		if !yes {
			continue
		}
		v := c.list[i].offset
		offsets, distances = append(offsets, v), append(distances, math.Abs(v))
		sum += v
		squares += v * v
		if math.Abs(v) > math.Abs(d.MaxM) || len(offsets) == 1 {
			d.MaxM, d.MaxAtM = v, c.middleM(int32(i))
		}
	}
	d.N = len(offsets)
	if d.N == 0 {
		return d
	}
	slices.SortFunc(offsets, cmp.Compare[float64])
	slices.SortFunc(distances, cmp.Compare[float64])
	n := float64(d.N)
	d.MeanM, d.RMSM = round3(sum/n), round3(math.Sqrt(squares/n))
	d.MedianM = round3(quantile(offsets, 0.5))
	d.P95M = round3(quantile(distances, 0.95))
	d.MaxM, d.MaxAtM = round3(d.MaxM), round3(d.MaxAtM)
	return d
}

// quantile interpolates between the values next to it.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}
