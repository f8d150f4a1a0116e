package coverage

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// rebuild puts the areas together anew from what they were and the cells they got or gave; nil for those that did not change.
func (m *mending) rebuild() []orb.MultiPolygon {
	nets := m.nets()
	m.fragments(nets)
	had := m.had()
	gone := m.gone(nets, had)
	shapes := make([]orb.MultiPolygon, len(m.areas))
	for u := range m.areas {
		if m.spoilt[u] {
			continue
		}
		if steps, changed := m.steps(nets[u], had[u], gone[u]); changed {
			shapes[u] = m.shape(int32(u), m.trace(steps))
		}
	}
	return shapes
}

// nets are by area and edge how often it has the edge, less how often the other way, seen from the lower vertex.
func (m *mending) nets() []map[int32]int32 {
	nets := make([]map[int32]int32, len(m.areas))
	for u := range nets {
		nets[u] = map[int32]int32{}
	}
	for e := range m.edges {
		for _, i := range m.runsOf(int32(2 * e)) {
			if r := m.runs[i]; !m.isBridge(r.part) {
				nets[r.part/2][int32(e)] += forwards(r.from < r.to)
			}
		}
	}
	for i := range m.cells {
		c := &m.cells[i]
		if c.owner < 0 {
			continue
		}
		m.eachEdge(c, func(h int32) {
			along := forwards(h&1 == 0)
			if c.cover == 0 {
				nets[c.owner][h/2] += along
				return
			}
			for _, u := range c.units {
				if u != c.owner {
					nets[u][h/2] -= along
				}
			}
		})
	}
	return nets
}

func forwards(is bool) int32 {
	if is {
		return 1
	}
	return -1
}

// had are the vertices of each area as it was.
func (m *mending) had() []map[int32]bool {
	had := make([]map[int32]bool, len(m.areas))
	for u := range m.areas {
		had[u] = map[int32]bool{}
		for _, ring := range geo.Outline(m.areas[u].shape) {
			for _, p := range ring {
				if finite(p) {
					had[u][m.find(p)] = true
				}
			}
		}
	}
	return had
}

// gone are by area the vertices that cutting left in the middle of its edges and that nobody needs: the same areas lie on both sides of
// the edges to it, and none of them had it. Of a fixed edge also those that a neighbour had there and that do not belong to it.
func (m *mending) gone(nets []map[int32]int32, had []map[int32]bool) []map[int32]bool {
	gone := make([]map[int32]bool, len(m.areas))
	for u := range gone {
		gone[u] = map[int32]bool{}
	}
	users := m.users(nets)
	for v := range int32(len(m.points)) {
		beside := sidesAt{}
		for _, h := range m.out[m.start[v]:m.start[v+1]] {
			beside.add(h, users[h/2])
		}
		for _, s := range beside {
			if len(s.edges) != 2 || !m.on(v, edge{m.head(s.edges[0]), m.head(s.edges[1])}) {
				continue
			}
			needed := slices.ContainsFunc(s.units, func(u int32) bool { return had[u][v] })
			if needed && (m.pinned[v] || !m.isFixedEdge(s.edges[0]/2) || !m.isFixedEdge(s.edges[1]/2)) {
				continue
			}
			for _, u := range s.units {
				gone[u][v] = true
			}
		}
	}
	return gone
}

// users are by edge the areas on either side, where somebody lies on both, else each by itself.
func (m *mending) users(nets []map[int32]int32) [][][]int32 {
	all, ways := make([][]int32, len(m.edges)), make([][2]bool, len(m.edges))
	for u, net := range nets {
		for e, n := range net {
			if n != 0 {
				all[e] = append(all[e], int32(u))
				ways[e] = [2]bool{ways[e][0] || n > 0, ways[e][1] || n < 0}
			}
		}
	}
	users := make([][][]int32, len(m.edges))
	for e, of := range all {
		if ways[e] == [2]bool{true, true} {
			users[e] = [][]int32{of}
			continue
		}
		for i := range of {
			users[e] = append(users[e], of[i:i+1])
		}
	}
	return users
}

// sidesAt are the edges at a vertex by who lies beside them.
type sidesAt []struct{ units, edges []int32 } // half-edges away from the vertex

func (s *sidesAt) add(h int32, users [][]int32) {
	for _, of := range users {
		i := slices.IndexFunc(*s, func(x struct{ units, edges []int32 }) bool { return slices.Equal(x.units, of) })
		if i < 0 {
			i, *s = len(*s), append(*s, struct{ units, edges []int32 }{units: of})
		}
		(*s)[i].edges = append((*s)[i].edges, h)
	}
}

func (m *mending) isFixedEdge(e int32) bool {
	return slices.ContainsFunc(m.runsOf(2*e), func(i int32) bool { part := m.runs[i].part; return !m.isBridge(part) && part&1 == 1 })
}

// steps are the directed edges of an area in the end, by their vertices, and whether they are other than before.
func (m *mending) steps(net map[int32]int32, had, gone map[int32]bool) (steps []edge, changed bool) {
	kept := 0
	for e, n := range net {
		low, high := m.edges[e].low, m.edges[e].high
		switch n {
		case 0:
			changed = true // cut away, or given
			continue
		case 1:
			steps = append(steps, edge{low, high})
		default:
			steps = append(steps, edge{high, low})
		}
		tail := steps[len(steps)-1].low
		if gone[tail] {
			continue
		}
		kept++
		changed = changed || !had[tail]
	}
	slices.SortFunc(steps, func(a, b edge) int { return cmp.Or(cmp.Compare(a.low, b.low), cmp.Compare(a.high, b.high)) })
	return m.skip(steps, gone), changed || kept < len(had)
}

// skip joins steps over vertices that are gone.
func (m *mending) skip(steps []edge, gone map[int32]bool) []edge {
	after := map[int32]int32{}
	for _, s := range steps {
		if gone[s.low] {
			after[s.low] = s.high
		}
	}
	joined := steps[:0]
	for _, s := range steps {
		if gone[s.low] {
			continue
		}
		for range len(after) {
			if !gone[s.high] {
				break
			}
			s.high = after[s.high]
		}
		joined = append(joined, s)
	}
	return joined
}

// trace walks along steps, the area to the left, and returns the rings, none of which meets itself.
func (m *mending) trace(steps []edge) [][]int32 {
	out := map[int32][]int32{} // numbers of steps
	for i, s := range steps {
		out[s.low] = append(out[s.low], int32(i))
	}
	done := make([]bool, len(steps))
	var rings [][]int32
	for first := range steps {
		if done[first] {
			continue
		}
		var path []int32
		for i := int32(first); i >= 0 && !done[i]; {
			done[i] = true
			s := steps[i]
			if len(out[s.low]) > 1 {
				if k := slices.Index(path, s.low); k >= 0 { // it has come back to itself
					rings = append(rings, slices.Clone(path[k:]))
					path = path[:k]
				}
			}
			path = append(path, s.low)
			i = m.onwards(steps, out[s.high], done, s)
		}
		rings = append(rings, path)
	}
	return rings
}

// onwards is the step to go on with: of several the first one clockwise from where we come from.
func (m *mending) onwards(steps []edge, out []int32, done []bool, from edge) int32 {
	best, least := int32(-1), math.Inf(1)
	v := m.points[from.high]
	angle := func(to int32) float64 { p := m.points[to]; return math.Atan2(p[1]-v[1], p[0]-v[0]) }
	for _, i := range out {
		if done[i] {
			continue
		}
		turn := 0.0
		if len(out) > 1 {
			turn = math.Mod(angle(from.low)-angle(steps[i].high)+4*math.Pi, 2*math.Pi)
			if turn == 0 {
				turn = 2 * math.Pi
			}
		}
		if turn < least {
			best, least = i, turn
		}
	}
	return best
}

// shape puts rings together as the area had them: running the same way round, and beginning where one began.
func (m *mending) shape(unit int32, rings [][]int32) orb.MultiPolygon {
	before := m.areas[unit].shape
	starts := map[int32]bool{}
	for _, ring := range geo.Outline(before) {
		starts[m.find(ring[0])] = true
	}
	var shells, holes []orb.Ring
	for _, r := range rings {
		ring := m.ring(r, starts)
		switch {
		case len(ring) < 4:
		case counterclockwise(ring):
			shells = append(shells, ring)
		default:
			holes = append(holes, ring)
		}
	}
	shape := nest(shells, holes)
	if len(before) > 0 && len(before[0]) > 0 && !counterclockwise(before[0][0]) {
		for _, ring := range geo.Outline(shape) {
			ring.Reverse()
		}
	}
	return shape
}

func (m *mending) ring(vertices []int32, starts map[int32]bool) orb.Ring {
	begin := 0
	for i, v := range vertices {
		is, was := starts[v], starts[vertices[begin]]
		if is != was && is || is == was && m.before(v, vertices[begin]) {
			begin = i
		}
	}
	ring := make(orb.Ring, 0, len(vertices)+1)
	for i := range vertices {
		ring = append(ring, m.points[vertices[(begin+i)%len(vertices)]])
	}
	return append(ring, ring[0])
}

// nest puts holes into the smallest shell around them; the largest polygon comes first.
func nest(shells, holes []orb.Ring) orb.MultiPolygon {
	size := func(r orb.Ring) float64 { return math.Abs(signedM2(r)) }
	slices.SortStableFunc(shells, func(a, b orb.Ring) int {
		return cmp.Or(cmp.Compare(size(b), size(a)), cmp.Compare(a[0][0], b[0][0]), cmp.Compare(a[0][1], b[0][1]))
	})
	shape := make(orb.MultiPolygon, len(shells))
	for i, shell := range shells {
		shape[i] = orb.Polygon{shell}
	}
	for _, hole := range holes {
		for i := range slices.Backward(shells) {
			if lies(hole, shells[i]) {
				shape[i] = append(shape[i], hole)
				break
			}
		}
	}
	return shape
}

// lies reports whether a ring lies within another one that it does not cross.
func lies(inner, outer orb.Ring) bool {
	if !outer.Bound().Intersects(inner.Bound()) {
		return false
	}
	for i := 1; i < len(inner); i++ {
		for _, p := range [2]orb.Point{inner[i], middle(inner[i-1], inner[i])} {
			if side := geo.RingSide(p, outer); side != 0 {
				return side > 0
			}
		}
	}
	return false
}
