package boundary

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/track"
)

// The most positions that a corridor shows, and how near to each other they are at least, in metres.
const (
	corridorPoints = 20_000
	corridorStepM  = 2
)

// Corridor returns the parts of a track within the corridor of the line: all that the other side of the line may see of
// it, of a track that is held nothing. A part has at least two positions; where the track leaves the corridor, the part
// ends at the last position inside. Nothing is interpolated, so nothing tells where the track went from there; positions
// that hardly move on are left out.
func (m *Matching) Corridor(track int) orb.MultiLineString {
	if m.tracks[track].held {
		return nil
	}
	return corridor(m.line, m.tracks[track].Segments, m.p.CorridorM)
}

func corridor(line *geo.Chain, segments [][]track.Point, widthM float64) orb.MultiLineString {
	parts := within(line, segments, widthM)
	total := 0.0
	for _, part := range parts {
		total += lengthM(part)
	}
	for i := range parts {
		parts[i] = thinned(parts[i], math.Max(corridorStepM, total/corridorPoints))
	}
	return longest(parts)
}

// longest leaves out the shortest parts of a track that is torn into more pieces than can be shown.
func longest(parts orb.MultiLineString) orb.MultiLineString {
	order := make([]int, len(parts))
	lengths := make([]float64, len(parts))
	for i, part := range parts {
		order[i], lengths[i] = i, lengthM(part)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lengths[b], lengths[a]) })
	positions, fit := 0, len(order)
	for i, part := range order {
		if positions += len(parts[part]); positions > 2*corridorPoints {
			fit = i
			break
		}
	}
	if fit == len(parts) {
		return parts
	}
	kept := slices.Sorted(slices.Values(order[:fit]))
	for i, part := range kept {
		parts[i] = parts[part]
	}
	return parts[:fit]
}

// within cuts the parts within widthM metres of the line out of the segments. The distance of a position tells that of
// those after it until one could have come to the edge, so that most are not looked up.
func within(line *geo.Chain, segments [][]track.Point, widthM float64) orb.MultiLineString {
	var parts orb.MultiLineString
	var part orb.LineString
	end := func() {
		if len(part) > 1 {
			parts = append(parts, part)
		}
		part = nil
	}
	for _, segment := range segments {
		var here geo.Local
		var looked orb.Point // where the line was looked up last
		inside, marginM := false, -1.0
		for i := range segment {
			p := segment[i].LonLat()
			if here.DistanceM(looked, p) >= marginM {
				_, offsetM := line.Project(p)
				offM := math.Abs(offsetM)
				inside, looked, marginM = offM <= widthM, p, math.Min(10_000, 0.99*math.Abs(offM-widthM))
			}
			if !inside {
				end()
				continue
			}
			part = append(part, p)
		}
		end()
	}
	return parts
}

// thinned leaves out positions nearer than stepM to the one before, but for the last.
func thinned(path orb.LineString, stepM float64) orb.LineString {
	var here geo.Local
	kept := path[:1]
	for i, p := range path[1:] {
		if i == len(path)-2 || here.DistanceM(kept[len(kept)-1], p) >= stepM {
			kept = append(kept, p)
		}
	}
	return kept
}

func lengthM(path orb.LineString) (m float64) {
	var here geo.Local
	for i := 1; i < len(path); i++ {
		m += here.DistanceM(path[i-1], path[i])
	}
	return m
}
