package boundary

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// cell is a piece of a line of at most Parameters.CellM metres with the plane at its middle, and the nearest the tracks
// came to it.
type cell struct {
	middle             orb.Point
	east, north        float64 // direction of the line, unit
	degreeE, degreeN   float64 // metres per degree at the middle
	nearest            float64 // metres to the nearest edge of a fitting direction
	offset, offsetRank float64 // signed offset of the best edge abeam, and how far that was from abeam
}

// cells are a line in pieces of equal length within each of its parts, found by place through a grid of squares.
type cells struct {
	list    []cell
	ends    []float64 // chainage at the end of each cell
	breaks  []bool    // whether a part of the line begins with the cell
	grid    map[int64][]int32
	squareD float64 // side of a square in degrees
	reachM  float64
	minCos  float64
	p       Parameters
	lengthM float64
}

func newCells(line *geo.Chain, p Parameters) *cells {
	c := &cells{
		p: p, lengthM: line.LengthM(), reachM: math.Max(2*p.ToleranceM, p.CorridorM),
		minCos: math.Cos(p.MaxHeadingD * math.Pi / 180), grid: map[int64][]int32{},
	}
	n := int(math.Ceil(c.lengthM / p.CellM))
	c.list, c.ends, c.breaks = make([]cell, n), make([]float64, n), make([]bool, n)
	c.squareD = math.Max(c.reachM, 50) / 110_000
	starts := partStarts(line)
	for i := range c.list {
		fromM, toM := c.lengthM*float64(i)/float64(n), c.lengthM*float64(i+1)/float64(n)
		c.ends[i] = toM
		for len(starts) > 0 && starts[0] < toM {
			c.breaks[i] = true
			starts = starts[1:]
		}
		at := (fromM + toM) / 2
		k := &c.list[i]
		k.middle = line.At(at)
		sin, cos := math.Sincos(line.Heading(at) * math.Pi / 180)
		k.east, k.north = sin, cos
		k.degreeE, k.degreeN = metresPerDegree(k.middle[1])
		k.nearest, k.offsetRank = math.Inf(1), math.Inf(1)
		sq := c.square(k.middle)
		c.grid[sq] = append(c.grid[sq], int32(i))
	}
	return c
}

// partStarts returns the chainages at which the second and later parts of a line begin.
func partStarts(line *geo.Chain) []float64 {
	parts := line.Sub(0, line.LengthM())
	var starts []float64
	at := 0.0
	for _, part := range parts[:len(parts)-1] {
		at += geo.LengthM(part)
		starts = append(starts, at)
	}
	return starts
}

// metresPerDegree returns the lengths of a degree of longitude and of latitude on the CGCS2000 ellipsoid.
func metresPerDegree(lat float64) (east, north float64) {
	const a, f = 6378137, 1 / 298.257222101
	const e2 = f * (2 - f)
	sin, cos := math.Sincos(lat * math.Pi / 180)
	w2 := 1 - e2*sin*sin
	n := a / math.Sqrt(w2)
	return n * cos * math.Pi / 180, n * (1 - e2) / w2 * math.Pi / 180
}

func (c *cells) square(p orb.Point) int64 {
	return int64(math.Floor(p[0]/c.squareD))<<32 | int64(uint32(int32(math.Floor(p[1]/c.squareD))))
}

// pass notes an edge at every cell it comes near.
func (c *cells) pass(e trackEdge) {
	box := geo.PadM(orb.MultiPoint{e.a, e.b}.Bound(), c.reachM)
	x0, x1 := int32(math.Floor(box.Min[0]/c.squareD)), int32(math.Floor(box.Max[0]/c.squareD))
	y0, y1 := int32(math.Floor(box.Min[1]/c.squareD)), int32(math.Floor(box.Max[1]/c.squareD))
	for x := x0; x <= x1; x++ {
		for y := y0; y <= y1; y++ {
			for _, i := range c.grid[int64(x)<<32|int64(uint32(y))] {
				c.list[i].pass(e, c.reachM, c.minCos)
			}
		}
	}
}

// pass notes how near an edge comes to the middle of the cell.
func (k *cell) pass(e trackEdge, reachM, minCos float64) {
	ax, ay := (e.a[0]-k.middle[0])*k.degreeE, (e.a[1]-k.middle[1])*k.degreeN
	dx, dy := (e.b[0]-e.a[0])*k.degreeE, (e.b[1]-e.a[1])*k.degreeN
	length2 := dx*dx + dy*dy
	if length2 == 0 {
		return
	}
	t := math.Min(1, math.Max(0, -(ax*dx+ay*dy)/length2))
	nx, ny := ax+t*dx, ay+t*dy
	distance := math.Hypot(nx, ny)
	if distance > reachM {
		return
	}
	along := dx*k.east + dy*k.north
	if math.Abs(along) < minCos*math.Sqrt(length2) {
		return
	}
	k.nearest = math.Min(k.nearest, distance)
	k.abeam(ax, ay, dx, dy, along)
}

// abeam notes the offset where the edge passes the cell's normal, or comes nearest to it. Right of the line is positive.
func (k *cell) abeam(ax, ay, dx, dy, along float64) {
	u := ax*k.east + ay*k.north // how far before (negative) or beyond the normal the edge begins
	t := math.Min(1, math.Max(0, -u/along))
	rank := math.Abs(u + t*along)
	offset := (ax+t*dx)*k.north - (ay+t*dy)*k.east
	if rank < k.offsetRank-1e-9 || rank <= k.offsetRank+1e-9 && math.Abs(offset) < math.Abs(k.offset) {
		k.offset, k.offsetRank = offset, rank
	}
}

// covered tells which cells a track passed within toleranceM, in runs of at least MinRunFactor times that. A part of the
// line that is shorter than such a run is covered when all of it is.
func (c *cells) covered(toleranceM float64) []bool {
	in := make([]bool, len(c.list))
	for i := 0; i < len(c.list); {
		if c.list[i].nearest > toleranceM {
			i++
			continue
		}
		j := i + 1
		for j < len(c.list) && c.list[j].nearest <= toleranceM && !c.breaks[j] {
			j++
		}
		whole := (i == 0 || c.breaks[i]) && (j == len(c.list) || c.breaks[j])
		if whole || c.ends[j-1]-c.startM(i) >= c.p.MinRunFactor*toleranceM-1e-6 {
			for k := i; k < j; k++ {
				in[k] = true
			}
		}
		i = j
	}
	return in
}

func (c *cells) startM(i int) float64 {
	if i == 0 {
		return 0
	}
	return c.ends[i-1]
}

func (c *cells) sumM(in []bool) float64 {
	var sum float64
	for i, yes := range in {
		if yes {
			sum += c.ends[i] - c.startM(i)
		}
	}
	return sum
}

func (c *cells) share(in []bool) float64 { return round6(math.Min(1, c.sumM(in)/c.lengthM)) }

// intervals are the covered and uncovered stretches in turn.
func (c *cells) intervals(in []bool) []Interval {
	out := []Interval{}
	for i, yes := range in {
		class := NotChecked
		if yes {
			class = Walked
		}
		if n := len(out); n > 0 && out[n-1].Class == class {
			out[n-1].ToM = round3(c.ends[i])
			continue
		}
		out = append(out, Interval{FromM: round3(c.startM(i)), ToM: round3(c.ends[i]), Class: class})
	}
	return out
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
			d.MaxM, d.MaxAtM = v, (c.startM(i)+c.ends[i])/2
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
