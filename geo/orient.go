package geo

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// Orient tells on which side of the line from a to b the point c lies: 1 left, -1 right, 0 exactly on it. Rounding never
// decides: where the plain product cannot tell, exact rational arithmetic does.
func Orient(a, b, c orb.Point) int {
	left := (a[0] - c[0]) * (b[1] - c[1])
	right := (a[1] - c[1]) * (b[0] - c[0])
	det := left - right
	const bound = 3.3306690738754716e-16 // (3 + 16ε)ε, Shewchuk 1997
	switch e := bound * (math.Abs(left) + math.Abs(right)); {
	case det > e:
		return 1
	case det < -e:
		return -1
	case left == 0 && right == 0:
		return 0
	}
	return orientExact(a, b, c)
}

func orientExact(a, b, c orb.Point) int {
	diff := func(x, y float64) *big.Rat {
		return new(big.Rat).Sub(new(big.Rat).SetFloat64(x), new(big.Rat).SetFloat64(y))
	}
	left := new(big.Rat).Mul(diff(a[0], c[0]), diff(b[1], c[1]))
	right := new(big.Rat).Mul(diff(a[1], c[1]), diff(b[0], c[0]))
	return left.Cmp(right)
}

// between reports whether p, known to lie on the line through a and b, lies on the segment, ends included.
func between(p, a, b orb.Point) bool {
	return min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) && min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1])
}

// Encounter is how two segments meet.
type Encounter uint8

const (
	Apart   Encounter = iota
	Touch             // in one point that is an end of at least one of them
	Cross             // in one point inside both
	Overlap           // along a stretch
)

// Meet returns how the segments ab and cd meet and where; for an overlap a point of it.
func Meet(a, b, c, d orb.Point) (Encounter, orb.Point) {
	oc, od := Orient(a, b, c), Orient(a, b, d)
	if oc*od > 0 {
		return Apart, orb.Point{}
	}
	oa, ob := Orient(c, d, a), Orient(c, d, b)
	if oa*ob > 0 {
		return Apart, orb.Point{}
	}
	if oc == 0 && od == 0 {
		return meetOnLine(a, b, c, d)
	}
	switch {
	case oc == 0 && between(c, a, b):
		return Touch, c
	case od == 0 && between(d, a, b):
		return Touch, d
	case oa == 0 && between(a, c, d):
		return Touch, a
	case ob == 0 && between(b, c, d):
		return Touch, b
	case oc == 0 || od == 0 || oa == 0 || ob == 0:
		return Apart, orb.Point{}
	}
	return Cross, crossing(a, b, c, d)
}

// meetOnLine is Meet for segments on one line.
func meetOnLine(a, b, c, d orb.Point) (Encounter, orb.Point) {
	var common []orb.Point
	add := func(p orb.Point) {
		if len(common) == 0 || common[0] != p {
			common = append(common, p)
		}
	}
	for _, p := range [2]orb.Point{c, d} {
		if between(p, a, b) {
			add(p)
		}
	}
	for _, p := range [2]orb.Point{a, b} {
		if between(p, c, d) {
			add(p)
		}
	}
	switch len(common) {
	case 0:
		return Apart, orb.Point{}
	case 1:
		return Touch, common[0]
	}
	return Overlap, common[0]
}

// crossing returns the point where the segments cross, rounded.
func crossing(a, b, c, d orb.Point) orb.Point {
	rx, ry, sx, sy := b[0]-a[0], b[1]-a[1], d[0]-c[0], d[1]-c[1]
	den := rx*sy - ry*sx
	if den == 0 {
		return a
	}
	t := ((c[0]-a[0])*sy - (c[1]-a[1])*sx) / den
	return orb.Point{a[0] + t*rx, a[1] + t*ry}
}

// crossesAt reports whether a path through p from a1 to a2 is crossed there by a path from b1 to b2, rather than touched:
// b1 and b2 lie on different sides of it. A path that runs along the other for a while is an overlap of edges, not for here.
func crossesAt(p, a1, a2, b1, b2 orb.Point) bool {
	one, two := sideOf(p, a1, a2, b1), sideOf(p, a1, a2, b2)
	return one*two < 0
}

// sideOf returns 1 when x lies to the left of the path a1, p, a2, -1 to the right, 0 on it.
func sideOf(p, a1, a2, x orb.Point) int {
	in, out := Orient(a1, p, x), Orient(p, a2, x)
	switch turn := Orient(a1, p, a2); {
	case turn > 0: // to the left: the left side is the narrow one
		if in > 0 && out > 0 {
			return 1
		}
		if in == 0 && ahead(p, a1, x) || out == 0 && ahead(p, a2, x) {
			return 0
		}
		return -1
	case turn < 0:
		if in < 0 && out < 0 {
			return -1
		}
		if in == 0 && ahead(p, a1, x) || out == 0 && ahead(p, a2, x) {
			return 0
		}
		return 1
	}
	return out
}

// ahead reports whether x lies in the same direction from p as a does, all three being on one line.
func ahead(p, a, x orb.Point) bool {
	return (a[0]-p[0])*(x[0]-p[0])+(a[1]-p[1])*(x[1]-p[1]) > 0
}

// RingSide returns 1 when p lies inside the closed ring, -1 outside, 0 exactly on it.
func RingSide(p orb.Point, ring orb.Ring) int {
	inside := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if (a[1] > p[1]) == (b[1] > p[1]) {
			if a[1] == p[1] && b[1] == p[1] && between(p, a, b) || p == a {
				return 0
			}
			continue
		}
		side := Orient(a, b, p)
		if side == 0 {
			return 0
		}
		if (side > 0) == (b[1] > a[1]) {
			inside = !inside
		}
	}
	if inside {
		return 1
	}
	return -1
}
