package coverage

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// A part of a run is 2i for an edge of area i, 2i+1 for one that is fixed, and 2n+k for bridge k of n areas.

// unitsOf are the areas whose edge a part is, or that it bridges.
func (m *mending) unitsOf(part int32) []int32 {
	if n := int32(2 * len(m.areas)); part >= n {
		return m.links[part-n][:]
	}
	return []int32{part / 2}
}

func (m *mending) isBridge(part int32) bool { return part >= int32(2*len(m.areas)) }

// cell is a piece of the plane that no area covers, or more than one.
type cell struct {
	walks []int32
	cover int32
	units []int32 // around a gap, on an overlap; rising
	measures
	at    orb.Point
	bound orb.Bound

	gap    int32  // the gap that it is a piece of, bridges taken away; of an overlap itself
	place  int32  // all cells that touch
	owner  int32  // who has it in the end; -1 for nobody
	reason reason // why nobody
}

// reason is why a place was left.
type reason int

const (
	repaired reason = iota
	tooWide
	allFixed
	notAnArea
	wouldSpoil
	sameFile
)

func (r reason) sentence(toleranceM float64) string {
	switch r {
	case allFixed:
		return "各方的边都是固定的，请先决定以哪一方为准"
	case notAnArea:
		return "其中有图形本身不成面，请先用 check topology 查出并改正"
	case wouldSpoil:
		return "接上会使图形自相交或消失，请人工处理"
	case sameFile:
		return "各方在同一个文件里，这次只在文件之间接边"
	}
	return "最宽处超过容差 " + metres(toleranceM) + "：请核对各方的界线，确属同一条界线的，放大容差再接"
}

// arrange cuts the plane into cells.
func (m *mending) arrange() error {
	s := newSketch(0)
	for i := range m.areas {
		for _, polygon := range m.areas[i].shape {
			for r, ring := range polygon {
				s.add(ring, r > 0, false, int32(2*i))
			}
		}
	}
	m.original, m.pinned = int32(len(s.points)), map[int32]bool{}
	for i, r := range s.runs {
		if m.FixedFiles[m.areas[r.part/2].File] || m.fixed[nanoEdge{nano(s.points[r.from]), nano(s.points[r.to])}] {
			s.runs[i].part++
			m.pinned[r.from], m.pinned[r.to] = true, true
		}
	}
	m.order(s)
	s, err := s.nodeAll(m.ctx)
	if err != nil {
		return err
	}
	m.bridge(s)
	if s, err = s.nodeAll(m.ctx); err != nil {
		return err
	}
	m.plan = s.plan()
	faces, err := m.plan.faces(m.ctx)
	if err != nil {
		return err
	}
	m.gather(faces)
	return nil
}

// order ranks the areas by how fine the edges are that do not fit.
func (m *mending) order(s *sketch) {
	lengthM, edges := make([]float64, len(m.areas)), make([]float64, len(m.areas))
	for group := range s.groups() {
		if s.net(group) == 0 {
			continue
		}
		for _, i := range group {
			r := s.runs[i]
			lengthM[r.part/2] += geo.DistanceM(s.points[r.from], s.points[r.to])
			edges[r.part/2]++
		}
	}
	by := make([]int32, len(m.areas))
	for i := range by {
		by[i] = int32(i)
	}
	step := func(i int32) float64 { return math.Round(1000 * lengthM[i] / max(edges[i], 1)) } // mm: sums do not depend on their order to that
	slices.SortStableFunc(by, func(i, j int32) int {
		fixed := func(i int32) int {
			if m.FixedFiles[m.areas[i].File] {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(fixed(i), fixed(j)), cmp.Compare(step(i), step(j)), cmp.Compare(i, j))
	})
	m.rank = make([]int32, len(m.areas))
	for place, i := range by {
		m.rank[i] = int32(place)
	}
}

// bridge draws a line from each vertex of an edge that does not fit to the nearest place of every other area within reach. So
// what lies between two areas is cut from what lies between others, and from the open.
func (m *mending) bridge(s *sketch) {
	m.linkOf = map[[2]int32]int32{}
	var loose []edge
	var owners [][]int32
	at := map[int32][]int32{} // areas by vertex
	for group := range s.groups() {
		if s.net(group) == 0 {
			continue
		}
		var units []int32
		for _, i := range group {
			units = append(units, s.runs[i].part/2)
		}
		low, high := s.runs[group[0]].ends()
		loose, owners = append(loose, edge{low, high}), append(owners, units)
		at[low], at[high] = append(at[low], units...), append(at[high], units...)
	}
	tree := s.treeOf(loose)
	for v := range int32(len(s.points)) {
		if len(at[v]) > 0 {
			m.bridgeFrom(s, tree, loose, owners, v, at[v])
		}
	}
}

// bridgeFrom draws the bridges of one vertex.
func (m *mending) bridgeFrom(s *sketch, tree *edgeTree, loose []edge, owners [][]int32, v int32, own []int32) {
	type end struct {
		edge int32
		m    float64
	}
	nearest := map[int32]end{}
	box := geo.PadM(s.points[v].Bound(), m.ToleranceM)
	tree.Search(box.Min, box.Max, func(_, _ [2]float64, i int32) bool {
		d := geo.BesideM(s.points[v], s.points[loose[i].low], s.points[loose[i].high])
		if d > m.ToleranceM {
			return true
		}
		for _, u := range owners[i] {
			if known, there := nearest[u]; !slices.Contains(own, u) && (!there || d < known.m || d == known.m && i < known.edge) {
				nearest[u] = end{i, d}
			}
		}
		return true
	})
	var others []int32
	for u := range nearest {
		others = append(others, u)
	}
	slices.Sort(others)
	for _, u := range others {
		to := s.landing(v, loose[nearest[u].edge], m.ToleranceM)
		for _, o := range slices.Compact(slices.Sorted(slices.Values(own))) {
			part := m.link(o, u)
			s.runs = append(s.runs, run{v, to, part}, run{to, v, part})
		}
	}
}

// landing is the place of an edge that is nearest to a vertex: an end of it, if that is no farther aside than half the tolerance and
// within it.
func (s *sketch) landing(v int32, e edge, toleranceM float64) int32 {
	p, a, b := s.points[v], s.points[e.low], s.points[e.high]
	east, north := geo.MetresPerDegree(p[1])
	dx, dy := (b[0]-a[0])*east, (b[1]-a[1])*north
	t := max(0, min(1, ((p[0]-a[0])*east*dx+(p[1]-a[1])*north*dy)/(dx*dx+dy*dy)))
	q := orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
	far := func(a, b orb.Point) float64 { return math.Hypot((a[0]-b[0])*east, (a[1]-b[1])*north) }
	end := e.low
	if t > 0.5 {
		end = e.high
	}
	if far(q, s.points[end]) <= toleranceM/2 && far(p, s.points[end]) <= toleranceM {
		return end
	}
	return s.number(q)
}

// link is the part of bridges between two areas.
func (m *mending) link(a, b int32) int32 {
	pair := [2]int32{min(a, b), max(a, b)}
	k, known := m.linkOf[pair]
	if !known {
		k = int32(len(m.links))
		m.links, m.linkOf[pair] = append(m.links, pair), k
	}
	return int32(2*len(m.areas)) + k
}

// around visits the half-edges of a walk.
func (p *plan) around(w int32, visit func(h int32)) {
	first := p.walks[w].first
	for h := first; ; {
		visit(h)
		if h = p.next(h); h == first {
			return
		}
	}
}

// runsOf are the runs along a half-edge.
func (p *plan) runsOf(h int32) []int32 { return p.byEdge[p.runOf[h/2]:p.runOf[h/2+1]] }

// gather makes cells of the faces that no area covers, or more than one.
func (m *mending) gather(faces []face) {
	covers := m.covers(len(faces))
	m.faceCell = make([]int32, len(faces))
	for i := range m.faceCell {
		m.faceCell[i] = -1
	}
	for w := range m.walks {
		f := m.walks[w].face
		if f < 0 || faces[f].cover == 1 || faces[f].cover < 0 {
			continue
		}
		if m.faceCell[f] < 0 {
			m.faceCell[f] = int32(len(m.cells))
			m.cells = append(m.cells, cell{
				cover: faces[f].cover, units: slices.Clone(covers[f]), measures: measure(faces[f].rings), at: pointIn(faces[f].rings),
				bound: faces[f].rings[0].Bound(), owner: -1,
			})
		}
		c := &m.cells[m.faceCell[f]]
		c.walks = append(c.walks, int32(w))
	}
	for i := range m.cells {
		if c := &m.cells[i]; c.cover == 0 {
			m.eachEdge(c, func(h int32) {
				for _, r := range m.runsOf(h) {
					c.units = append(c.units, m.unitsOf(m.runs[r].part)...)
				}
			})
			slices.Sort(c.units)
			c.units = slices.Compact(c.units)
		}
	}
	m.join()
}

func (m *mending) eachEdge(c *cell, visit func(h int32)) {
	for _, w := range c.walks {
		m.plan.around(w, visit)
	}
}

// covers tells which areas lie on each face, by going from face to face, from the outside in.
func (m *mending) covers(faces int) [][]int32 {
	on := make([][]int32, faces)
	of := make([][]int32, len(m.walks))
	known := make([]bool, len(m.walks))
	byFace := make([][]int32, faces)
	var stack []int32
	tell := func(w int32, units []int32) {
		if !known[w] {
			known[w], of[w] = true, units
			stack = append(stack, w)
		}
	}
	for w := range m.walks {
		switch f := m.walks[w].face; {
		case f >= 0:
			byFace[f] = append(byFace[f], int32(w))
		case m.walks[w].bound:
			tell(int32(w), nil)
		}
	}
	for len(stack) > 0 {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if f := m.walks[w].face; f >= 0 {
			on[f] = of[w]
			for _, o := range byFace[f] {
				tell(o, of[w])
			}
		}
		m.plan.around(w, func(h int32) {
			if o := m.walk[h^1]; !known[o] {
				tell(o, m.across(h, of[w]))
			}
		})
	}
	return on
}

// across are the areas on the other side of a half-edge, from those to its left.
func (m *mending) across(h int32, units []int32) []int32 {
	other := slices.Clone(units)
	for _, i := range m.runsOf(h) {
		if r := m.runs[i]; !m.isBridge(r.part) && r.from == m.tail(h) {
			if k := slices.Index(other, r.part/2); k >= 0 {
				other = slices.Delete(other, k, k+1)
			}
		}
	}
	for _, i := range m.runsOf(h) {
		if r := m.runs[i]; !m.isBridge(r.part) && r.from != m.tail(h) {
			other = append(other, r.part/2)
		}
	}
	slices.Sort(other)
	return other
}

// join finds which cells are one gap but for bridges, and which touch.
func (m *mending) join() {
	gaps, places := newGroups(len(m.cells)), newGroups(len(m.cells))
	first := map[int32]int32{} // a cell at each vertex
	for i := range m.cells {
		c := &m.cells[i]
		m.eachEdge(c, func(h int32) {
			if k, there := first[m.tail(h)]; there {
				places.join(k, int32(i))
			} else {
				first[m.tail(h)] = int32(i)
			}
			if f := m.walks[m.walk[h^1]].face; f >= 0 && c.cover == 0 && m.faceCell[f] >= 0 && m.cells[m.faceCell[f]].cover == 0 {
				gaps.join(int32(i), m.faceCell[f])
			}
		})
	}
	for i := range m.cells {
		m.cells[i].gap, m.cells[i].place = gaps.of(int32(i)), places.of(int32(i))
	}
}

// groups are numbers of which some were found to belong together; each group is known by its smallest.
type groups []int32

func newGroups(n int) groups {
	g := make(groups, n)
	for i := range g {
		g[i] = int32(i)
	}
	return g
}

func (g groups) of(i int32) int32 {
	for g[i] != i {
		g[i] = g[g[i]]
		i = g[i]
	}
	return i
}

func (g groups) join(i, j int32) {
	i, j = g.of(i), g.of(j)
	g[max(i, j)] = min(i, j)
}
