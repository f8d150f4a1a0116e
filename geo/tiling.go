package geo

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Mismatch is a place where areas do not tile what they should: one stretch of outlines that no neighbour has.
type Mismatch struct {
	At      orb.Point // a point within it or on its outline: where the outlines are farthest apart
	Areas   []int     // which areas have edges there, rising
	AreaM2  float64   // ellipsoidal; overlaps less gaps: positive where more lies there twice than is missing
	WidthM  float64   // how far apart the outlines are at most; 0 where one area alone has edges there
	LengthM float64   // of all the edges there
}

// explained reports whether outlines that are only so far off could look so.
func (m Mismatch) explained(toleranceM float64) bool {
	return m.WidthM <= toleranceM && math.Abs(m.AreaM2) <= toleranceM*m.LengthM/2
}

// Tiling compares areas with the whole they should make up, and returns where they differ from it by more than outlines
// that are toleranceM metres off explain, the largest first. Edges that two areas have in opposite directions, or that an
// area and the whole have in the same one (vertices rounded to 1e-9°), match; the others are put together where they
// meet. Within one such stretch gaps and overlaps cancel out in AreaM2, but not in WidthM.
//
// Without a whole (nil) only what lies between the areas is found: holes that no area fills, which may be enclaves of
// others, and overlaps; nothing at the outer border. The cost is linear in vertices for outlines that match.
func Tiling(whole orb.MultiPolygon, areas []orb.MultiPolygon, toleranceM float64) []Mismatch {
	t := tiling{edges: map[[2]tilingVertex]*tilingEdge{}, areas: areas}
	for i, area := range areas {
		t.bounds = append(t.bounds, area.Bound())
		t.add(area, i, false)
	}
	t.add(whole, wholeEdge, true)
	var found []Mismatch
	for _, edges := range t.stretches() {
		m := sum(edges)
		if whole == nil && t.plain(edges, m) {
			continue
		}
		m.widen(edges)
		if !m.explained(toleranceM) {
			found = append(found, m)
		}
	}
	slices.SortFunc(found, func(m, n Mismatch) int {
		return cmp.Or(cmp.Compare(math.Abs(n.AreaM2), math.Abs(m.AreaM2)), cmp.Compare(m.At[0], n.At[0]), cmp.Compare(m.At[1], n.At[1]))
	})
	return found
}

// wholeEdge is whose an edge of the whole is.
const wholeEdge = -1

// tilingVertex is a vertex rounded to 1e-9°.
type tilingVertex [2]int64

// tilingEdge is a directed edge that nothing has matched so far.
type tilingEdge struct {
	a, b orb.Point
	of   int
	left int // how often it is there
	n    int // its turn
}

type tiling struct {
	edges map[[2]tilingVertex]*tilingEdge
	areas []orb.MultiPolygon

	bounds []orb.Bound // of the areas
}

func tilingVertexOf(p orb.Point) tilingVertex {
	return tilingVertex{int64(math.Round(p[0] * 1e9)), int64(math.Round(p[1] * 1e9))}
}

// add adds the edges of an area, shells counterclockwise and holes clockwise, or all the other way round.
func (t *tiling) add(area orb.MultiPolygon, of int, reversed bool) {
	for _, polygon := range area {
		for i, ring := range polygon {
			counterclockwise := SignedAreaM2(ring) > 0
			forwards := counterclockwise == (i == 0) != reversed
			for k := 1; k < len(ring); k++ {
				a, b := ring[k-1], ring[k]
				if !forwards {
					a, b = b, a
				}
				t.edge(a, b, of)
			}
		}
	}
}

func (t *tiling) edge(a, b orb.Point, of int) {
	from, to := tilingVertexOf(a), tilingVertexOf(b)
	if from == to {
		return
	}
	if back := t.edges[[2]tilingVertex{to, from}]; back != nil && back.left > 0 {
		back.left--
		return
	}
	e := t.edges[[2]tilingVertex{from, to}]
	if e == nil {
		e = &tilingEdge{a: a, b: b, of: of, n: len(t.edges)}
		t.edges[[2]tilingVertex{from, to}] = e
	}
	e.left++
}

// stretches are the edges left over, together where they meet, in the order in which they were added.
func (t *tiling) stretches() [][]*tilingEdge {
	var left []*tilingEdge
	for _, e := range t.edges {
		for range e.left {
			left = append(left, e)
		}
	}
	slices.SortFunc(left, func(e, f *tilingEdge) int { return cmp.Compare(e.n, f.n) })
	parent := map[tilingVertex]tilingVertex{}
	var root func(tilingVertex) tilingVertex
	root = func(v tilingVertex) tilingVertex {
		p, ok := parent[v]
		if !ok || p == v {
			return v
		}
		p = root(p)
		parent[v] = p
		return p
	}
	for _, e := range left {
		parent[root(tilingVertexOf(e.a))] = root(tilingVertexOf(e.b))
	}
	var all [][]*tilingEdge
	at := map[tilingVertex]int{}
	for _, e := range left {
		r := root(tilingVertexOf(e.a))
		i, ok := at[r]
		if !ok {
			i = len(all)
			at[r], all = i, append(all, nil)
		}
		all[i] = append(all[i], e)
	}
	return all
}

// sum sums up a stretch, all but its width. As many edges lead to each of its vertices as away from it, so they make rings.
func sum(edges []*tilingEdge) (m Mismatch) {
	var largest orb.Ring
	var most float64
	for _, ring := range tilingRings(edges) {
		m2 := SignedAreaM2(ring)
		m.AreaM2 += m2
		if math.Abs(m2) > most || largest == nil {
			largest, most = ring, math.Abs(m2)
		}
	}
	for _, e := range edges {
		m.LengthM += DistanceM(e.a, e.b)
		if e.of != wholeEdge && !slices.Contains(m.Areas, e.of) {
			m.Areas = append(m.Areas, e.of)
		}
	}
	slices.Sort(m.Areas)
	m.At = pointWithin(largest)
	return m
}

// tilingRings follows the edges to rings, each edge once.
func tilingRings(edges []*tilingEdge) []orb.Ring {
	out := map[tilingVertex][]*tilingEdge{}
	for _, e := range slices.Backward(edges) {
		v := tilingVertexOf(e.a)
		out[v] = append(out[v], e)
	}
	var rings []orb.Ring
	for _, first := range edges {
		start := tilingVertexOf(first.a)
		ring := orb.Ring{}
		for v := start; len(out[v]) > 0; {
			e := out[v][len(out[v])-1]
			out[v] = out[v][:len(out[v])-1]
			ring = append(ring, e.a)
			if v = tilingVertexOf(e.b); v == start {
				break
			}
		}
		if len(ring) > 0 {
			rings = append(rings, append(ring, ring[0]))
		}
	}
	return rings
}

// widen measures the width of a stretch, and moves to where it is widest.
func (m *Mismatch) widen(edges []*tilingEdge) {
	owners := map[int]orb.MultiLineString{}
	for _, e := range edges {
		owners[e.of] = append(owners[e.of], orb.LineString{e.a, e.b})
	}
	if at, widthM, ok := widest(owners); ok {
		m.At, m.WidthM = at, widthM
	}
}

// widest is where edges of one owner are farthest from the nearest edge of the others, and how far, in metres; false for
// one owner.
func widest(owners map[int]orb.MultiLineString) (at orb.Point, widthM float64, ok bool) {
	if len(owners) < 2 {
		return at, 0, false
	}
	for _, of := range slices.Sorted(maps.Keys(owners)) {
		var others orb.MultiLineString
		for other, its := range owners {
			if other != of {
				others = append(others, its...)
			}
		}
		chain, err := NewChain(others)
		if err != nil {
			continue // positions that are none are found elsewhere
		}
		for _, line := range owners[of] {
			for _, p := range []orb.Point{line[0], middle(line[0], line[1])} {
				if _, offset := chain.Project(p); math.Abs(offset) > widthM || !ok {
					at, widthM, ok = p, math.Abs(offset), true
				}
			}
		}
	}
	return at, widthM, ok
}

func middle(a, b orb.Point) orb.Point { return orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2} }

// plainSamples is how many edges of a stretch are looked at to tell an overlap from the outer border, and plainShare the
// part of them beside which something must lie twice: a small overlap at the outer border does not make all of that one.
const (
	plainSamples = 64
	plainShare   = 8
)

// plain reports whether a stretch is the outer border of the areas: what lies to the left of its edges, where their own
// area is, hardly ever lies in another area.
func (t *tiling) plain(edges []*tilingEdge, m Mismatch) bool {
	if m.AreaM2 <= 0 {
		return false
	}
	samples, twice := 0, 0
	for i := 0; i < len(edges); i += 1 + len(edges)/plainSamples {
		samples++
		e := edges[i]
		at := middle(e.a, e.b)
		left := orb.Point{at[0] - (e.b[1]-e.a[1])*beside, at[1] + (e.b[0]-e.a[0])*beside}
		for k, area := range t.areas {
			if k != e.of && t.bounds[k].Contains(left) && planar.MultiPolygonContains(area, left) {
				twice++
				break
			}
		}
	}
	return twice*plainShare < samples
}

// beside is how far beside an edge is looked, as a share of its length.
const beside = 1e-4

// pointWithin returns a point well within a ring: the middle of the widest stretch at the latitude halfway up; the first
// vertex of a ring without any width.
func pointWithin(r orb.Ring) orb.Point {
	b := r.Bound()
	lat := (b.Min[1] + b.Max[1]) / 2
	var lons []float64
	for i := 1; i < len(r); i++ {
		p, q := r[i-1], r[i]
		if p[1] > lat != (q[1] > lat) {
			lons = append(lons, p[0]+(lat-p[1])/(q[1]-p[1])*(q[0]-p[0]))
		}
	}
	slices.Sort(lons)
	at, most := r[0], 0.0
	for i := 1; i < len(lons); i += 2 {
		if w := lons[i] - lons[i-1]; w > most {
			at, most = orb.Point{(lons[i] + lons[i-1]) / 2, lat}, w
		}
	}
	return at
}
