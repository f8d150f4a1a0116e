package boundary

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// vertexKey is a position rounded to 1e-9°, a tenth of a millimetre: positions with the same key are the same vertex.
type vertexKey [2]int64

func keyOf(p orb.Point) vertexKey {
	return vertexKey{int64(math.Round(p[0] * 1e9)), int64(math.Round(p[1] * 1e9))}
}

// Join puts paths together wherever exactly two of them end, whatever their directions, and returns the longest parts
// that come of it; closed ones begin and end at the same vertex. Paths of fewer than two vertices are passed over. The
// order of the parts and their directions are arbitrary but the same for the same input: see [Orient].
func Join(paths []orb.LineString) orb.MultiLineString {
	j := joiner{paths: paths, used: make([]bool, len(paths)), at: make(map[vertexKey][]int, 2*len(paths))}
	for i, p := range paths {
		if len(p) < 2 {
			j.used[i] = true
			continue
		}
		a, b := keyOf(p[0]), keyOf(p[len(p)-1])
		j.at[a] = append(j.at[a], i)
		j.at[b] = append(j.at[b], i)
	}
	var parts orb.MultiLineString
	for i, p := range paths { // open parts first, from an end of theirs
		if !j.used[i] && (j.stops(p[0]) || j.stops(p[len(p)-1])) {
			parts = append(parts, j.follow(i))
		}
	}
	for i := range paths {
		if !j.used[i] {
			parts = append(parts, j.follow(i))
		}
	}
	return parts
}

type joiner struct {
	paths []orb.LineString
	used  []bool
	at    map[vertexKey][]int // the paths that end at a vertex, a closed one twice
}

// stops reports whether a part must end at the vertex: nothing goes on there, or more than one path does.
func (j *joiner) stops(p orb.Point) bool { return len(j.at[keyOf(p)]) != 2 }

// follow walks from path i as far as it goes on.
func (j *joiner) follow(i int) orb.LineString {
	path := j.paths[i]
	if !j.stops(path[0]) && j.stops(path[len(path)-1]) {
		path = reversed(path)
	}
	part := slices.Clone(path)
	j.used[i] = true
	for {
		end := part[len(part)-1]
		if j.stops(end) {
			return part
		}
		next := -1
		for _, k := range j.at[keyOf(end)] {
			if !j.used[k] {
				next = k
			}
		}
		if next < 0 {
			return part // closed
		}
		j.used[next] = true
		on := j.paths[next]
		if keyOf(on[0]) != keyOf(end) {
			on = reversed(on)
		}
		part = append(part, on[1:]...)
	}
}

func reversed(path orb.LineString) orb.LineString {
	r := slices.Clone(path)
	slices.Reverse(r)
	return r
}

func closed(path orb.LineString) bool { return keyOf(path[0]) == keyOf(path[len(path)-1]) }

// Orient orders the parts of a line end to end from its official start and gives each its direction. The start is the
// west or the north end of the two open ends that lie farthest apart: west where the line runs more east and west than
// north and south. Closed parts, which are exclaves, follow the open ones from west to east, clockwise from their
// westernmost vertex.
func Orient(parts orb.MultiLineString) orb.MultiLineString {
	var open, rings []orb.LineString
	for _, p := range parts {
		switch {
		case len(p) < 2:
		case closed(p):
			rings = append(rings, clockwiseFromWest(p))
		default:
			open = append(open, p)
		}
	}
	slices.SortStableFunc(rings, func(a, b orb.LineString) int {
		if west(a[0], b[0]) {
			return -1
		}
		return 1
	})
	return append(endToEnd(open), rings...)
}

// endToEnd orders open parts from the start, each beginning at the end that lies nearest to where the last one ended.
func endToEnd(parts []orb.LineString) orb.MultiLineString {
	if len(parts) == 0 {
		return nil
	}
	left := slices.Clone(parts)
	var ordered orb.MultiLineString
	at := startOf(left)
	for len(left) > 0 {
		best, backwards, nearest := 0, false, math.Inf(1)
		for i, p := range left {
			if d := geo.DistanceM(at, p[0]); d < nearest {
				best, backwards, nearest = i, false, d
			}
			if d := geo.DistanceM(at, p[len(p)-1]); d < nearest {
				best, backwards, nearest = i, true, d
			}
		}
		part := left[best]
		if backwards {
			part = reversed(part)
		}
		ordered = append(ordered, part)
		at = part[len(part)-1]
		left = slices.Delete(left, best, best+1)
	}
	return ordered
}

// startOf returns the official start of open parts.
func startOf(parts []orb.LineString) orb.Point {
	ends := make([]orb.Point, 0, 2*len(parts))
	for _, p := range parts {
		ends = append(ends, p[0], p[len(p)-1])
	}
	a, b, farthest := ends[0], ends[1], -1.0
	for i, p := range ends {
		for _, q := range ends[i+1:] {
			if east, north := apart(p, q); east*east+north*north > farthest {
				a, b, farthest = p, q, east*east+north*north
			}
		}
	}
	east, north := apart(a, b)
	if math.Abs(east) >= math.Abs(north) {
		if east >= 0 {
			return a
		}
		return b
	}
	if north <= 0 {
		return a
	}
	return b
}

// apart returns how far q lies east and north of p, in degrees of latitude: good enough to compare directions.
func apart(p, q orb.Point) (east, north float64) {
	return (q[0] - p[0]) * math.Cos((p[1]+q[1])/2*math.Pi/180), q[1] - p[1]
}

func west(p, q orb.Point) bool { return p[0] < q[0] || p[0] == q[0] && p[1] > q[1] }

func clockwiseFromWest(ring orb.LineString) orb.LineString {
	first := 0
	for i, p := range ring[:len(ring)-1] {
		if west(p, ring[first]) {
			first = i
		}
	}
	turned := make(orb.LineString, 0, len(ring))
	turned = append(turned, ring[first:len(ring)-1]...)
	turned = append(turned, ring[:first+1]...)
	if orb.Ring(turned).Orientation() == orb.CCW {
		slices.Reverse(turned)
	}
	return turned
}
