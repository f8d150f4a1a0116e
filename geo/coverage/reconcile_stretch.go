package coverage

import "github.com/paulmach/orb"

// MovedStretch is where the edges of an area ran that came to another, and where they run; positions are degrees of CGCS2000. Pieces come
// place by place.
type MovedStretch struct {
	Unit   string // who came
	Before orb.MultiLineString
	After  orb.MultiLineString // along the other
	Held   orb.MultiLineString // of that, what lies on fixed lines
}

func (p *pairReport) stretch(m *mending, unit int32) *MovedStretch {
	if p.stretches[unit] == nil {
		p.stretches[unit] = &MovedStretch{m.areas[unit].ID, orb.MultiLineString{}, orb.MultiLineString{}, orb.MultiLineString{}}
	}
	return p.stretches[unit]
}

// along adds an edge, to the last path where it goes on from there.
func along(paths orb.MultiLineString, a, b orb.Point) orb.MultiLineString {
	if last := len(paths) - 1; last >= 0 && paths[last][len(paths[last])-1] == a {
		paths[last] = append(paths[last], b)
		return paths
	}
	return append(paths, orb.LineString{a, b})
}
