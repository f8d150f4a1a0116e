package coverage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// decide tells for each cell who has it in the end: of an overlap one of those that have it, of a gap one of those around it.
func (m *mending) decide() {
	movers := make([][]int32, len(m.cells)) // of a cell: who can come to the others there, those that stay first
	for i := range m.cells {
		c := &m.cells[i]
		c.owner, c.reason = -1, repaired
		if len(c.units) < 2 || c.cover > 0 && int(c.cover) != len(slices.Compact(slices.Clone(c.units))) {
			continue // a bay or an enclave of one area; an area that lies on itself
		}
		movers[i], c.reason = m.movers(int32(i))
	}
	m.step = m.outOfStep(movers)
	for i := range m.cells {
		if c := &m.cells[i]; len(movers[i]) > 0 {
			m.give(c, movers[i], m.step[c.place])
		}
	}
	m.wholeGaps()
}

// movers are the areas of a cell whose edges around it may be moved, by rank.
func (m *mending) movers(i int32) (able []int32, why reason) {
	c := &m.cells[i]
	file := m.areas[c.units[0]].File
	switch {
	case m.refused[[2]int32{i, anybody}] != repaired:
		return nil, m.refused[[2]int32{i, anybody}]
	case slices.ContainsFunc(c.units, func(u int32) bool { return m.spoilt[u] }):
		return nil, notAnArea
	case m.AcrossFiles && !slices.ContainsFunc(c.units, func(u int32) bool { return m.areas[u].File != file }):
		return nil, sameFile
	}
	why = allFixed
	for _, u := range c.units {
		switch {
		case m.isFixed(c, u):
		case m.refused[[2]int32{i, u}] == repaired && m.isWithin(c, u):
			able = append(able, u)
		default:
			why = tooWide
		}
	}
	slices.SortFunc(able, func(u, v int32) int { return int(m.rank[u] - m.rank[v]) })
	return able, why
}

// give gives a cell away: a gap to the last of those who can come, an overlap to the only one who cannot, else to the first. The one
// who is out of step comes rather than all others.
func (m *mending) give(c *cell, movers []int32, step int32) {
	if k := slices.Index(movers, step); k >= 0 {
		movers = append(slices.Delete(slices.Clone(movers), k, k+1), step)
	}
	if c.cover == 0 {
		c.owner, c.reason = movers[len(movers)-1], repaired
		return
	}
	stays := slices.DeleteFunc(slices.Clone(c.units), func(u int32) bool { return slices.Contains(movers, u) })
	switch len(stays) {
	case 0:
		c.owner, c.reason = movers[0], repaired
	case 1:
		c.owner, c.reason = stays[0], repaired
	}
}

// outOfStep is, by place, the one area that can come to the others in all of its cells; -1 for none.
func (m *mending) outOfStep(movers [][]int32) map[int32]int32 {
	common := map[int32][]int32{}
	for i, able := range movers {
		if len(able) == 0 {
			continue
		}
		place := m.cells[i].place
		if known, there := common[place]; there {
			able = slices.DeleteFunc(slices.Clone(known), func(u int32) bool { return !slices.Contains(able, u) })
		}
		common[place] = able
	}
	step := map[int32]int32{}
	for place, able := range common {
		step[place] = -1
		if len(able) > 0 {
			step[place] = able[len(able)-1]
		}
	}
	return step
}

// wholeGaps leaves narrow gaps alone of which something cannot be closed: half of one is no repair. From a wide one, and from
// the open, what is narrow is cut off.
func (m *mending) wholeGaps() {
	by := map[int32][]int32{}
	for i := range m.cells {
		if m.cells[i].cover == 0 {
			by[m.cells[i].gap] = append(by[m.cells[i].gap], int32(i))
		}
	}
	p := Parameters{}.withDefaults()
	for _, cells := range by {
		why := repaired
		for _, i := range cells {
			if c := &m.cells[i]; c.owner < 0 && c.WidthM >= dustM {
				why = max(c.reason, tooWide)
			}
		}
		if ms, open := m.gapOf(cells); why != repaired && !open && p.sliver(ms) {
			for _, i := range cells {
				m.cells[i].owner, m.cells[i].reason = -1, why
			}
		}
	}
}

// gapOf measures the pieces of a gap together, and tells whether it is open to the outside.
func (m *mending) gapOf(cells []int32) (ms measures, open bool) {
	for _, i := range cells {
		c := &m.cells[i]
		ms.AreaM2 += c.AreaM2
		m.eachEdge(c, func(h int32) {
			if m.isReal(h) {
				ms.LengthM += m.lengthM(h) / 2
			} else if m.walks[m.walk[h^1]].face < 0 {
				open = true
			}
		})
	}
	if ms.LengthM > 0 {
		ms.WidthM = ms.AreaM2 / ms.LengthM
	}
	return ms, open
}

// isReal reports whether an area runs along a half-edge, and not only bridges.
func (m *mending) isReal(h int32) bool {
	return slices.ContainsFunc(m.runsOf(h), func(i int32) bool { return !m.isBridge(m.runs[i].part) })
}

func (m *mending) lengthM(h int32) float64 {
	return geo.DistanceM(m.points[m.tail(h)], m.points[m.head(h)])
}

// isOf reports whether an area runs along a half-edge.
func (m *mending) isOf(h, unit int32) bool {
	return slices.ContainsFunc(m.runsOf(h), func(i int32) bool {
		part := m.runs[i].part
		return !m.isBridge(part) && part/2 == unit
	})
}

// isFixed reports whether an edge of an area around a cell is fixed; where it has none there, one that leads up to it.
func (m *mending) isFixed(c *cell, unit int32) bool {
	own, around, upTo := false, false, false
	m.eachEdge(c, func(h int32) {
		own = own || m.isOf(h, unit)
		around = around || m.isFixedOf(h, unit)
		v := m.tail(h)
		upTo = upTo || m.pinned[v] && slices.ContainsFunc(m.out[m.start[v]:m.start[v+1]], func(k int32) bool { return m.isFixedOf(k, unit) })
	})
	return around || !own && upTo || m.FixedFiles[m.areas[unit].File]
}

func (m *mending) isFixedOf(h, unit int32) bool {
	return slices.ContainsFunc(m.runsOf(h), func(i int32) bool { return m.runs[i].part == 2*unit+1 })
}

// isWithin reports whether the edges of an area around a cell can come to the others without going farther than the tolerance: all
// of the cell lies within it of the area's outline, and the area's edges within it of the others'.
func (m *mending) isWithin(c *cell, unit int32) bool {
	most := m.ToleranceM * (1 + 1e-9)
	if c.WidthM > most { // cannot be, and is quickly told
		return false
	}
	within := true
	m.eachEdge(c, func(h int32) {
		if !within {
			return
		}
		a, b := m.points[m.tail(h)], m.points[m.head(h)]
		own := m.isOf(h, unit)
		for _, p := range [2]orb.Point{a, middle(a, b)} {
			if own {
				within = within && m.toOthersM(p, c.units, unit) <= most
			} else {
				within = within && m.toM(p, func(u int32) bool { return u == unit }) <= most
			}
		}
	})
	return within
}

// toOthersM is how far a place is from the outlines of all units but one.
func (m *mending) toOthersM(p orb.Point, units []int32, but int32) float64 {
	return m.toM(p, func(u int32) bool { return u != but && slices.Contains(units, u) })
}

// toM is how far a place is from the outlines of some areas, infinity for farther than the tolerance.
func (m *mending) toM(p orb.Point, of func(unit int32) bool) float64 {
	nearest := math.Inf(1)
	box := geo.PadM(p.Bound(), m.ToleranceM*1.001)
	m.tree.Search(box.Min, box.Max, func(_, _ [2]float64, e int32) bool {
		for _, i := range m.runsOf(2 * e) {
			if part := m.runs[i].part; !m.isBridge(part) && of(part/2) {
				nearest = min(nearest, geo.BesideM(p, m.points[m.edges[e].low], m.points[m.edges[e].high]))
				break
			}
		}
		return true
	})
	return nearest
}
