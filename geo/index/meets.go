package index

import (
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// meets reports whether g, whose box is bound, and the box b have a point in common, edges included. Edges of g are straight
// in longitude and latitude, as on a map. A geometry that is missing although it has a box counts as its box.
func meets(g orb.Geometry, bound, b orb.Bound) bool {
	if !b.Intersects(bound) {
		return false
	}
	if g == nil || within(bound, b) {
		return true
	}
	switch g := g.(type) {
	case orb.Point:
		return b.Contains(g)
	case orb.MultiPoint:
		for _, p := range g {
			if b.Contains(p) {
				return true
			}
		}
		return false
	case orb.LineString:
		return pathMeets(g, b)
	case orb.MultiLineString:
		for _, l := range g {
			if pathMeets(l, b) {
				return true
			}
		}
		return false
	case orb.Polygon:
		return polygonMeets(g, b)
	case orb.MultiPolygon:
		for _, p := range g {
			if polygonMeets(p, b) {
				return true
			}
		}
		return false
	case orb.Collection:
		for _, member := range g {
			if meets(member, member.Bound(), b) {
				return true
			}
		}
		return false
	}
	return true
}

func within(inner, outer orb.Bound) bool {
	return outer.Contains(inner.Min) && outer.Contains(inner.Max)
}

// polygonMeets: an edge meets the box, or the box lies wholly inside, which one corner can tell.
func polygonMeets(p orb.Polygon, b orb.Bound) bool {
	for _, ring := range p {
		if pathMeets(ring, b) {
			return true
		}
	}
	return planar.PolygonContains(p, b.Min)
}

func pathMeets[S ~[]orb.Point](path S, b orb.Bound) bool {
	for i, p := range path {
		if b.Contains(p) || i > 0 && segmentMeets(path[i-1], p, b) {
			return true
		}
	}
	return false
}

// segmentMeets reports whether the segment pq, both ends outside, crosses the box: it is not all on one side of the box,
// and the corners of the box are not all on one side of it.
func segmentMeets(p, q orb.Point, b orb.Bound) bool {
	if max(p[0], q[0]) < b.Min[0] || min(p[0], q[0]) > b.Max[0] || max(p[1], q[1]) < b.Min[1] || min(p[1], q[1]) > b.Max[1] {
		return false
	}
	dx, dy := q[0]-p[0], q[1]-p[1]
	left, right := false, false
	for _, c := range [4]orb.Point{b.Min, {b.Max[0], b.Min[1]}, b.Max, {b.Min[0], b.Max[1]}} {
		side := dx*(c[1]-p[1]) - dy*(c[0]-p[0])
		left = left || side >= 0
		right = right || side <= 0
	}
	return left && right
}
