package coverage

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"fangyu/geo"
)

// How outlines are laid on each other: the control moves in steps of a cell as far as farthestM to where most of it lies on
// the outlines of the file, and from there by least squares of the distances across them.
const (
	mostControl  = 2000 // places of the control that are looked at
	leastControl = 50
	cellM        = 500
	farthestM    = 30_000
	rounds       = 12
)

// outlines are those of a file, and places on those of the control near them.
type outlines struct {
	control []orb.Point
	edges   [][2]orb.Point
	tree    rtree.RTreeGN[float64, int32]
	bound   orb.Bound
	east    float64 // metres per degree in the middle
	north   float64
	cells   grid // in which edges lie, or beside one
}

func newOutlines(features, control []*Feature) *outlines {
	o := &outlines{}
	var places []orb.Point
	eachEdge(control, func(a, b orb.Point) { places = append(places, middle(a, b)) })
	eachEdge(features, func(a, b orb.Point) {
		if len(o.edges) == 0 {
			o.bound = a.Bound()
		}
		o.edges = append(o.edges, [2]orb.Point{a, b})
		o.bound = o.bound.Extend(a).Extend(b)
	})
	if len(places) == 0 || len(o.edges) == 0 {
		return o
	}
	o.bound = geo.PadM(o.bound, farthestM)
	var near []orb.Point
	for _, p := range places {
		if o.bound.Contains(p) {
			near = append(near, p)
		}
	}
	for i := 0; i < len(near); i += 1 + len(near)/mostControl {
		o.control = append(o.control, near[i])
	}
	if len(o.control) == 0 {
		return o
	}
	o.keepNear()
	return o
}

// keepNear forgets the edges far from all control, and prepares the others.
func (o *outlines) keepNear() {
	reach := geo.PadM(orb.MultiPoint(o.control).Bound(), farthestM)
	o.east, o.north = geo.MetresPerDegree((reach.Min[1] + reach.Max[1]) / 2)
	o.cells = newGrid(o.cell(reach.Min), o.cell(reach.Max))
	kept := o.edges[:0]
	for _, e := range o.edges {
		if b := (orb.MultiPoint{e[0], e[1]}).Bound(); b.Intersects(reach) {
			o.tree.Insert(b.Min, b.Max, int32(len(kept)))
			kept = append(kept, e)
			o.paint(e)
		}
	}
	o.edges = kept
}

// paint marks the cells in which an edge lies, and those beside them.
func (o *outlines) paint(e [2]orb.Point) {
	dx, dy := (e[1][0]-e[0][0])*o.east, (e[1][1]-e[0][1])*o.north
	n := math.Ceil(math.Hypot(dx, dy) / cellM)
	for k := 0.0; k <= n; k++ {
		at := o.cell(orb.Point{e[0][0] + (e[1][0]-e[0][0])*k/max(n, 1), e[0][1] + (e[1][1]-e[0][1])*k/max(n, 1)})
		for _, by := range [][2]int32{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			o.cells.set([2]int32{at[0] + by[0], at[1] + by[1]})
		}
	}
}

func (o *outlines) cell(p orb.Point) [2]int32 {
	return [2]int32{int32(math.Floor(p[0] * o.east / cellM)), int32(math.Floor(p[1] * o.north / cellM))}
}

// eachEdge visits the edges of outlines and lines, rings that run along each other twice.
func eachEdge(features []*Feature, visit func(a, b orb.Point)) {
	for _, f := range features {
		for _, path := range append(geo.Outline(geo.Areas(f.Geometry)), pathsOf(f.Geometry)...) {
			for i := 1; i < len(path); i++ {
				if finite(path[i-1]) && finite(path[i]) && path[i-1] != path[i] {
					visit(path[i-1], path[i])
				}
			}
		}
	}
}

// register returns how far east and north of the control the outlines lie, the distance that is left in the middle of all, and at
// how many places of the control.
func (o *outlines) register() (eastM, northM, residualM float64, matched int) {
	eastM, northM = o.coarse()
	reach := 4.0 * cellM
	for range rounds {
		de, dn, m, n := o.improve(eastM, northM, reach)
		if n < leastControl {
			return eastM, northM, m, n
		}
		eastM, northM, residualM, matched = eastM+de, northM+dn, m, n
		reach = max(cellM, min(reach, 4*m))
	}
	return eastM, northM, residualM, matched
}

// coarse is the step at which most of the control lies on outlines; the shortest of those equally good.
func (o *outlines) coarse() (eastM, northM float64) {
	const steps = farthestM / cellM
	cells := make([][2]int32, 0, len(o.control))
	for i := 0; i < len(o.control); i += 1 + len(o.control)/500 {
		cells = append(cells, o.cell(o.control[i]))
	}
	best, bestM := -1, 0.0
	for dx := int32(-steps); dx <= steps; dx++ {
		for dy := int32(-steps); dy <= steps; dy++ {
			hits := 0
			for _, c := range cells {
				if o.cells.has([2]int32{c[0] + dx, c[1] + dy}) {
					hits++
				}
			}
			if m := math.Hypot(float64(dx), float64(dy)); hits > best || hits == best && m < bestM {
				best, bestM, eastM, northM = hits, m, float64(dx)*cellM, float64(dy)*cellM
			}
		}
	}
	return eastM, northM
}

// improve moves the control by least squares of its distances across the nearest edges within reach.
func (o *outlines) improve(eastM, northM, reach float64) (de, dn, residualM float64, matched int) {
	var xx, xy, yy, xd, yd float64
	var all []float64
	for _, p := range o.control {
		e, n := geo.MetresPerDegree(p[1])
		at := orb.Point{p[0] + eastM/e, p[1] + northM/n}
		a, b, m := o.nearest(at, reach)
		if m > reach {
			continue
		}
		all = append(all, m)
		dx, dy := (b[0]-a[0])*e, (b[1]-a[1])*n
		l := math.Hypot(dx, dy)
		nx, ny := -dy/l, dx/l
		d := (a[0]-at[0])*e*nx + (a[1]-at[1])*n*ny
		xx, xy, yy, xd, yd = xx+nx*nx, xy+nx*ny, yy+ny*ny, xd+nx*d, yd+ny*d
	}
	if det := xx*yy - xy*xy; det > 1e-9 {
		de, dn = (xd*yy-yd*xy)/det, (yd*xx-xd*xy)/det
	}
	return de, dn, median(all), len(all)
}

// nearest is the edge nearest to a place, and how far; farther than reach for none.
func (o *outlines) nearest(at orb.Point, reach float64) (a, b orb.Point, m float64) {
	m = math.Inf(1)
	box := geo.PadM(at.Bound(), reach)
	o.tree.Search(box.Min, box.Max, func(_, _ [2]float64, i int32) bool {
		if d := geo.BesideM(at, o.edges[i][0], o.edges[i][1]); d < m {
			a, b, m = o.edges[i][0], o.edges[i][1], d
		}
		return true
	})
	return a, b, m
}

// grid is a set of cells within a box.
type grid struct {
	min  [2]int32
	wide int
	bits []uint64
}

func newGrid(from, to [2]int32) grid {
	wide, high := int(to[0]-from[0])+1, int(to[1]-from[1])+1
	return grid{from, wide, make([]uint64, wide*high/64+1)}
}

// place is where a cell stands; false outside the box.
func (g *grid) place(c [2]int32) (int, bool) {
	x, y := int(c[0]-g.min[0]), int(c[1]-g.min[1])
	i := y*g.wide + x
	return i, x >= 0 && x < g.wide && y >= 0 && i/64 < len(g.bits)
}

func (g *grid) set(c [2]int32) {
	if i, ok := g.place(c); ok {
		g.bits[i/64] |= 1 << (i % 64)
	}
}

func (g *grid) has(c [2]int32) bool {
	i, ok := g.place(c)
	return ok && g.bits[i/64]&(1<<(i%64)) != 0
}
