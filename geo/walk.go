package geo

import "github.com/paulmach/orb"

// eachPoint calls visit for every position of g in order; nil has none.
func eachPoint(g orb.Geometry, visit func(orb.Point)) {
	switch g := g.(type) {
	case orb.Point:
		visit(g)
	case orb.MultiPoint:
		visitAll(g, visit)
	case orb.LineString:
		visitAll(g, visit)
	case orb.Ring:
		visitAll(g, visit)
	case orb.MultiLineString:
		for _, l := range g {
			visitAll(l, visit)
		}
	case orb.Polygon:
		for _, r := range g {
			visitAll(r, visit)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			eachPoint(p, visit)
		}
	case orb.Collection:
		for _, m := range g {
			eachPoint(m, visit)
		}
	case orb.Bound:
		eachPoint(g.ToRing(), visit)
	}
}

func visitAll[S ~[]orb.Point](points S, visit func(orb.Point)) {
	for _, p := range points {
		visit(p)
	}
}

// mapPoints replaces every position of g in place and returns g (a Point or Bound is a value, so its replacement).
func mapPoints(g orb.Geometry, to func(orb.Point) orb.Point) orb.Geometry {
	switch g := g.(type) {
	case orb.Point:
		return to(g)
	case orb.MultiPoint:
		mapAll(g, to)
	case orb.LineString:
		mapAll(g, to)
	case orb.Ring:
		mapAll(g, to)
	case orb.MultiLineString:
		for _, l := range g {
			mapAll(l, to)
		}
	case orb.Polygon:
		for _, r := range g {
			mapAll(r, to)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			mapPoints(p, to)
		}
	case orb.Collection:
		for i, m := range g {
			g[i] = mapPoints(m, to)
		}
	case orb.Bound:
		// A box does not stay a box in another frame, its outline does.
		return mapPoints(g.ToPolygon(), to)
	}
	return g
}

func mapAll[S ~[]orb.Point](points S, to func(orb.Point) orb.Point) {
	for i, p := range points {
		points[i] = to(p)
	}
}
