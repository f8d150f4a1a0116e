package coverage

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// Reconciliation is what was done to bring neighbours together, and what was left.
type Reconciliation struct {
	ToleranceM float64          `json:"toleranceM"`
	Features   int              `json:"features"`
	Changed    int              `json:"changed"` // areas
	Pairs      []ReconciledPair `json:"pairs"`   // between which something was moved, added or given
	Units      []ReconciledUnit `json:"units"`   // whose area or vertices changed
	Left       []Finding        `json:"left"`    // gaps and overlaps that were not repaired, each with its reason
	Apart      []Finding        `json:"apart"`   // fixed lines along which no area runs: nothing was held to them
}

// ReconciledPair is what was done between two areas.
type ReconciledPair struct {
	A             string     `json:"a"` // as findings name it, the smaller one
	B             string     `json:"b"`
	Moved         []Moved    `json:"moved"`         // by the one who moved
	Exchanges     []Exchange `json:"exchanges"`     // by who gave and who got
	SharedBeforeM float64    `json:"sharedBeforeM"` // length of the edges that both have, vertex for vertex
	SharedAfterM  float64    `json:"sharedAfterM"`

	Stretches []MovedStretch `json:"-"` // by the one who moved
}

// Moved is how far one area came to another. Distances are metres, beside the other's edge.
type Moved struct {
	Unit            string    `json:"unit"`
	LengthM         float64   `json:"lengthM"` // of its edges that were moved, as they were
	MaxM            float64   `json:"maxM"`
	MeanM           float64   `json:"meanM"` // by length
	At              orb.Point `json:"at"`    // of the largest
	HeldM           float64   `json:"heldM"` // of the edges it came to, how long lie on fixed lines
	VerticesAdded   int       `json:"verticesAdded"`
	VerticesRemoved int       `json:"verticesRemoved"`
}

// Exchange is ground that changed hands: a gap that nobody had, or of two who had it one who has it no longer.
type Exchange struct {
	From   string  `json:"from"` // "" for nobody
	To     string  `json:"to"`   // "" for nobody: what was cut off at the open
	AreaM2 float64 `json:"areaM2"`
	Places int     `json:"places"`
}

// ReconciledUnit is an area before and after, on the ellipsoid.
type ReconciledUnit struct {
	Unit           string  `json:"unit"`
	Name           string  `json:"name"`
	AreaBeforeM2   float64 `json:"areaBeforeM2"`
	AreaAfterM2    float64 `json:"areaAfterM2"`
	VerticesBefore int     `json:"verticesBefore"`
	VerticesAfter  int     `json:"verticesAfter"`
	MaxM           float64 `json:"maxM"` // by which an edge of it was moved
}

// pairReport is what is told of a pair while it is gathered.
type pairReport struct {
	moved     map[int32]*Moved
	weightM2  map[int32]float64 // length times distance
	exchanges map[[2]int32]*Exchange
	stretches map[int32]*MovedStretch
}

// noUnit is who has a gap.
const noUnit int32 = -1

// add adds what was done to a layer.
func (r *Reconciliation) add(m *mending, shapes []orb.MultiPolygon) {
	r.Features += len(m.areas)
	pairs := map[[2]int32]*pairReport{}
	of := func(u, v int32) *pairReport {
		pair := [2]int32{min(u, v), max(u, v)}
		if pairs[pair] == nil {
			pairs[pair] = &pairReport{map[int32]*Moved{}, map[int32]float64{}, map[[2]int32]*Exchange{}, map[int32]*MovedStretch{}}
		}
		return pairs[pair]
	}
	beside := m.movements(shapes, of)
	m.vertexChanges(shapes, beside, of)
	before, after := m.shared(nil), m.shared(shapes)
	for pair, p := range pairs {
		r.Pairs = append(r.Pairs, p.settled(m, pair, before[pair], after[pair]))
	}
	most := map[int32]float64{}
	for _, p := range pairs {
		for u, moved := range p.moved {
			most[u] = max(most[u], moved.MaxM)
		}
	}
	for u, shape := range shapes {
		if shape == nil {
			continue
		}
		r.Changed++
		a := &m.areas[u]
		r.Units = append(r.Units, ReconciledUnit{
			Unit: a.ID, Name: a.Name, AreaBeforeM2: geo.AreaM2(a.shape), AreaAfterM2: geo.AreaM2(shape),
			VerticesBefore: vertexCount(a.shape), VerticesAfter: vertexCount(shape), MaxM: most[int32(u)],
		})
	}
	r.Left = append(r.Left, m.leftAlone()...)
}

// movements tells what was moved and given, cell by cell, and returns for each vertex that an area left the one to which it came.
func (m *mending) movements(shapes []orb.MultiPolygon, of func(u, v int32) *pairReport) map[[2]int32]int32 {
	beside := map[[2]int32]int32{}
	after := make([]*outline, len(shapes))
	for u, shape := range shapes {
		if shape != nil {
			after[u] = newOutline(shape)
		}
	}
	for _, h := range m.handed {
		of(h.from, h.beside).exchange(m, h.from, h.to, h.areaM2)
	}
	for i := range m.cells {
		c := &m.cells[i]
		switch {
		case c.owner < 0:
		case c.cover == 0:
			other := m.counterpart(c)
			p := of(c.owner, other)
			p.exchange(m, noUnit, c.owner, c.AreaM2)
			m.movement(c, c.owner, other, p, after[c.owner], beside)
		default:
			for _, u := range c.units {
				if u != c.owner {
					p := of(u, c.owner)
					p.exchange(m, u, c.owner, c.AreaM2)
					m.movement(c, u, c.owner, p, after[u], beside)
				}
			}
		}
	}
	return beside
}

// counterpart is who a gap lies against that somebody got: the other one with the longest edge around it, else who stays before others.
func (m *mending) counterpart(c *cell) int32 {
	best, longest := int32(-1), -1.0
	for _, u := range c.units {
		if u == c.owner {
			continue
		}
		length := 0.0
		m.eachEdge(c, func(h int32) {
			if m.isOf(h, u) {
				length += m.lengthM(h)
			}
		})
		if length > longest || length == longest && m.rank[u] < m.rank[best] {
			best, longest = u, length
		}
	}
	return best
}

func (p *pairReport) exchange(m *mending, from, to int32, m2 float64) {
	x := p.exchanges[[2]int32{from, to}]
	if x == nil {
		x = &Exchange{}
		if from != noUnit {
			x.From = m.areas[from].ID
		}
		if to != noUnit {
			x.To = m.areas[to].ID
		}
		p.exchanges[[2]int32{from, to}] = x
	}
	x.AreaM2 += m2
	x.Places++
}

// movement measures how far the edges of an area around a cell came: from where they were to its outline as it is, and back.
func (m *mending) movement(c *cell, unit, other int32, p *pairReport, after *outline, beside map[[2]int32]int32) {
	if after == nil {
		return
	}
	moved, stretch := p.of(m, unit), p.stretch(m, unit)
	m.eachEdge(c, func(h int32) {
		a, b := m.points[m.tail(h)], m.points[m.head(h)]
		if !m.isOf(h, unit) {
			if m.isReal(h) && after.toM(middle(a, b), m.ToleranceM) < dustM { // bridges may have cut it where nobody has a vertex
				stretch.After = along(stretch.After, a, b)
				if m.isFixedEdge(h / 2) {
					moved.HeldM += m.lengthM(h)
					stretch.Held = along(stretch.Held, a, b)
				}
			}
			if after.has(a) {
				moved.note(a, m.toM(a, func(u int32) bool { return u == unit }))
			}
			return
		}
		beside[[2]int32{unit, m.tail(h)}], beside[[2]int32{unit, m.head(h)}] = other, other
		stretch.Before = along(stretch.Before, a, b)
		length, half := m.lengthM(h), after.toM(middle(a, b), m.ToleranceM)
		moved.LengthM += length
		p.weightM2[unit] += length * min(half, m.ToleranceM)
		for _, at := range [3]orb.Point{a, middle(a, b), b} {
			moved.note(at, after.toM(at, m.ToleranceM))
		}
	})
}

func (p *pairReport) of(m *mending, unit int32) *Moved {
	if p.moved[unit] == nil {
		p.moved[unit] = &Moved{Unit: m.areas[unit].ID}
	}
	return p.moved[unit]
}

func (x *Moved) note(at orb.Point, distanceM float64) {
	if distanceM > x.MaxM && !math.IsInf(distanceM, 0) {
		x.MaxM, x.At = distanceM, at
	}
}

// vertexChanges counts the vertices that areas lost, by whom they came to, and got, by who has them too.
func (m *mending) vertexChanges(shapes []orb.MultiPolygon, beside map[[2]int32]int32, of func(u, v int32) *pairReport) {
	had := m.had()
	has := make([]map[int32]bool, len(shapes))
	users := map[int32][]int32{}
	for u := range shapes {
		has[u] = had[u]
		if shapes[u] != nil {
			has[u] = map[int32]bool{}
			for _, ring := range geo.Outline(shapes[u]) {
				for _, p := range ring {
					has[u][m.find(p)] = true
				}
			}
		}
		for v := range has[u] {
			users[v] = append(users[v], int32(u))
		}
	}
	for u, shape := range shapes {
		if shape == nil {
			continue
		}
		unit := int32(u)
		for v := range had[u] {
			if other, known := beside[[2]int32{unit, v}]; known && !has[u][v] {
				of(unit, other).of(m, unit).VerticesRemoved++
			}
		}
		for v := range has[u] {
			if !had[u][v] {
				if k := slices.IndexFunc(users[v], func(o int32) bool { return o != unit }); k >= 0 {
					of(unit, users[v][k]).of(m, unit).VerticesAdded++
				}
			}
		}
	}
}

// shared is how long the edges are that two areas have, by pairs; shapes are those that changed.
func (m *mending) shared(shapes []orb.MultiPolygon) map[[2]int32]float64 {
	s := newSketch(0)
	for u := range m.areas {
		shape := m.areas[u].shape
		if shapes != nil && shapes[u] != nil {
			shape = shapes[u]
		}
		for _, polygon := range shape {
			for r, ring := range polygon {
				s.add(ring, r > 0, false, int32(u))
			}
		}
	}
	shared := map[[2]int32]float64{}
	for group := range s.groups() {
		if len(group) != 2 || s.net(group) != 0 {
			continue
		}
		r := s.runs[group[0]]
		u, v := r.part, s.runs[group[1]].part
		shared[[2]int32{min(u, v), max(u, v)}] += geo.DistanceM(s.points[r.from], s.points[r.to])
	}
	return shared
}

func (p *pairReport) settled(m *mending, pair [2]int32, before, after float64) ReconciledPair {
	out := ReconciledPair{A: m.areas[pair[0]].ID, B: m.areas[pair[1]].ID, Moved: []Moved{}, Exchanges: []Exchange{}, SharedBeforeM: before, SharedAfterM: after}
	for unit, moved := range p.moved {
		if moved.LengthM > 0 {
			moved.MeanM = p.weightM2[unit] / moved.LengthM
		}
		if *moved != (Moved{Unit: moved.Unit}) {
			out.Moved = append(out.Moved, *moved)
		}
	}
	for _, stretch := range p.stretches {
		out.Stretches = append(out.Stretches, *stretch)
	}
	for _, x := range p.exchanges {
		out.Exchanges = append(out.Exchanges, *x)
	}
	slices.SortFunc(out.Stretches, func(a, b MovedStretch) int { return cmp.Compare(a.Unit, b.Unit) })
	slices.SortFunc(out.Moved, func(a, b Moved) int { return cmp.Compare(a.Unit, b.Unit) })
	slices.SortFunc(out.Exchanges, func(a, b Exchange) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	return out
}

// leftAlone are the gaps and overlaps that were not repaired.
func (m *mending) leftAlone() []Finding {
	var left []Finding
	gaps := map[int32][]int32{}
	for i := range m.cells {
		c := &m.cells[i]
		switch {
		case c.owner >= 0 || c.WidthM < dustM || c.reason == repaired && c.cover == 0:
		case c.cover == 0:
			gaps[c.gap] = append(gaps[c.gap], int32(i))
		case len(c.units) > 1:
			left = append(left, m.left("overlap", max(c.reason, tooWide), c.units, c.at, c.measures))
		}
	}
	for _, cells := range gaps {
		ms, _ := m.gapOf(cells)
		why, largest := repaired, &m.cells[cells[0]]
		var units []int32
		for _, i := range cells {
			c := &m.cells[i]
			units, why = append(units, c.units...), max(why, c.reason)
			if c.AreaM2 > largest.AreaM2 {
				largest = c
			}
		}
		slices.Sort(units)
		left = append(left, m.left("gap", why, slices.Compact(units), largest.at, ms))
	}
	return left
}

// settle orders the report.
func (r *Reconciliation) settle() {
	slices.SortFunc(r.Pairs, func(a, b ReconciledPair) int { return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B)) })
	slices.SortFunc(r.Units, func(a, b ReconciledUnit) int { return cmp.Compare(a.Unit, b.Unit) })
	slices.SortFunc(r.Left, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(b.AreaM2, a.AreaM2), slices.Compare(a.Features, b.Features), cmp.Compare(a.At[0], b.At[0]))
	})
}
