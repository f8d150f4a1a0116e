package coverage

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// handed is a fragment that went from one area to another.
type handed struct {
	from, to int32 // to an area or nobody
	beside   int32 // the area with the longest border around it
	areaM2   float64
}

// fragments hands on what is cut off from an area around a tripoint and is narrower than the tolerance: to the area with the longest
// border around it.
func (m *mending) fragments(nets []map[int32]int32) {
	m.handed = nil
	touched := m.touched()
	for range maxRounds {
		any := false
		for u := range m.areas {
			if !m.spoilt[u] && touched[u] {
				any = m.handOn(nets, int32(u), touched) || any
			}
		}
		if !any {
			return
		}
	}
}

// touched are the areas that got or gave something.
func (m *mending) touched() []bool {
	touched := make([]bool, len(m.areas))
	for i := range m.cells {
		if c := &m.cells[i]; c.owner >= 0 {
			touched[c.owner] = true
			for _, u := range c.units {
				touched[u] = touched[u] || c.cover > 0
			}
		}
	}
	return touched
}

// handOn hands on the fragments of one area.
func (m *mending) handOn(nets []map[int32]int32, unit int32, touched []bool) (any bool) {
	steps, _ := m.steps(nets[unit], nil, nil)
	var shells [][]int32
	var rings []orb.Ring
	for _, vertices := range m.trace(steps) {
		if ring := m.ring(vertices, nil); len(ring) > 3 && counterclockwise(ring) {
			shells, rings = append(shells, vertices), append(rings, ring)
		}
	}
	if len(shells) <= len(m.areas[unit].shape) {
		return false
	}
	p := Parameters{}.withDefaults()
	for i, vertices := range shells {
		ms := measure([]orb.Ring{rings[i]})
		if ms.WidthM > m.ToleranceM || !p.sliver(ms) {
			continue
		}
		to, beside, may := m.heir(nets, unit, vertices)
		if !may {
			continue
		}
		m.transfer(nets, unit, to, vertices)
		m.handed, any = append(m.handed, handed{unit, to, beside, ms.AreaM2}), true
		if to != noUnit {
			touched[to] = true
		}
	}
	return any
}

// heir is who has the longest border with a fragment, nobody where only fixed edges and the open are around it; false where it must stay.
func (m *mending) heir(nets []map[int32]int32, unit int32, vertices []int32) (heir, beside int32, may bool) {
	mayM, allM := map[int32]float64{}, map[int32]float64{}
	open := false
	for i, v := range vertices {
		e, along := m.edgeOf(v, vertices[(i+1)%len(vertices)])
		if m.isFixedOf(2*e, unit) {
			return noUnit, noUnit, false
		}
		alone := true
		for o := range m.areas {
			if int32(o) == unit || nets[o][e] != -along {
				continue
			}
			alone = false
			allM[int32(o)] += m.lengthM(2 * e)
			if !m.spoilt[o] && !m.FixedFiles[m.areas[o].File] && !m.isFixedOf(2*e, int32(o)) {
				mayM[int32(o)] += m.lengthM(2 * e)
			}
		}
		open = open || alone
	}
	heir, beside = longest(mayM), longest(allM)
	return heir, beside, beside != noUnit && (heir != noUnit || open)
}

// longest is who has the longest border, of two the first one; nobody for none.
func longest(borderM map[int32]float64) int32 {
	best := noUnit
	for u, length := range borderM {
		if best == noUnit || cmp.Or(cmp.Compare(borderM[best], length), cmp.Compare(u, best)) < 0 {
			best = u
		}
	}
	return best
}

// transfer gives what a ring encloses from one area to another, or to nobody.
func (m *mending) transfer(nets []map[int32]int32, from, to int32, vertices []int32) {
	for i, v := range vertices {
		e, along := m.edgeOf(v, vertices[(i+1)%len(vertices)])
		nets[from][e] -= along
		if to != noUnit {
			nets[to][e] += along
		}
	}
}

// edgeOf is the edge between two vertices, and 1 if it runs from the first to the second, else -1.
func (m *mending) edgeOf(v, w int32) (int32, int32) {
	e, _ := slices.BinarySearchFunc(m.plan.edges, edge{min(v, w), max(v, w)}, func(e, f edge) int {
		return cmp.Or(cmp.Compare(e.low, f.low), cmp.Compare(e.high, f.high))
	})
	return int32(e), forwards(v < w)
}
