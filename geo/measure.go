package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"
)

// ellipsoid is CGCS2000; it is read-only after initialisation and safe for concurrent use.
var ellipsoid = geodesic.NewEllipsoid(equatorialRadiusM, flattening)

// DistanceM returns the geodesic distance between two positions in metres.
func DistanceM(a, b orb.Point) float64 {
	var m float64
	ellipsoid.Inverse(a[1], a[0], b[1], b[0], &m, nil, nil)
	return m
}

// Azimuth returns the azimuth of the geodesic from a to b at a, in degrees clockwise from north, in [0, 360). For equal
// positions it is 180, which means nothing.
func Azimuth(a, b orb.Point) float64 {
	var azimuth float64
	ellipsoid.Inverse(a[1], a[0], b[1], b[0], nil, &azimuth, nil)
	return positiveDegrees(azimuth)
}

// Direct returns the position m metres from p along the geodesic that leaves p at the azimuth (degrees clockwise from
// north). Negative metres go backwards.
func Direct(p orb.Point, azimuth, m float64) orb.Point {
	var q orb.Point
	ellipsoid.Direct(p[1], p[0], azimuth, m, &q[1], &q[0], nil)
	return q
}

// LengthM returns the geodesic length of the lines in g in metres. Points and areas have no length; see [PerimeterM].
func LengthM(g orb.Geometry) float64 {
	var m float64
	switch g := g.(type) {
	case orb.LineString:
		m = pathM(g)
	case orb.MultiLineString:
		for _, l := range g {
			m += pathM(l)
		}
	case orb.Collection:
		for _, member := range g {
			m += LengthM(member)
		}
	}
	return m
}

// PerimeterM returns the geodesic length of every ring of the areas in g in metres, holes included.
func PerimeterM(g orb.Geometry) float64 {
	var m float64
	switch g := g.(type) {
	case orb.Ring:
		m = pathM(g)
	case orb.Polygon:
		for _, r := range g {
			m += pathM(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			m += PerimeterM(p)
		}
	case orb.Collection:
		for _, member := range g {
			m += PerimeterM(member)
		}
	case orb.Bound:
		m = pathM(g.ToRing())
	}
	return m
}

// AreaM2 returns the ellipsoidal area of the areas in g in square metres, edges being geodesics. Holes count negative,
// the parts of a multipolygon add up, and the direction of a ring does not matter. Lines and points have no area.
func AreaM2(g orb.Geometry) float64 {
	var m2 float64
	switch g := g.(type) {
	case orb.Ring:
		m2 = math.Abs(SignedAreaM2(g))
	case orb.Polygon:
		for i, r := range g {
			if i == 0 {
				m2 += AreaM2(r)
			} else {
				m2 -= AreaM2(r)
			}
		}
	case orb.MultiPolygon:
		for _, p := range g {
			m2 += AreaM2(p)
		}
	case orb.Collection:
		for _, member := range g {
			m2 += AreaM2(member)
		}
	case orb.Bound:
		m2 = AreaM2(g.ToRing())
	}
	return m2
}

// SignedAreaM2 returns the ellipsoidal area of a ring in square metres, positive when it runs counterclockwise. An
// unclosed ring is taken as closed; fewer than three positions enclose nothing.
func SignedAreaM2(r orb.Ring) float64 {
	if len(r) > 1 && r[0] == r[len(r)-1] {
		r = r[:len(r)-1]
	}
	if len(r) < 3 {
		return 0
	}
	ring := ellipsoid.PolygonInit(false)
	for _, p := range r {
		ring.AddPoint(p[1], p[0])
	}
	var m2 float64
	ring.Compute(false, true, &m2, nil)
	return m2
}

func pathM[S ~[]orb.Point](path S) float64 {
	var sum exactSum
	for i := 1; i < len(path); i++ {
		sum.add(DistanceM(path[i-1], path[i]))
	}
	return sum.value()
}

// positiveDegrees turns an angle into [0, 360).
func positiveDegrees(angle float64) float64 {
	angle = math.Mod(angle, 360)
	if angle < 0 {
		angle += 360
	}
	if angle >= 360 { // a hair below north, rounded up
		return 0
	}
	return angle
}

// MetresPerDegree returns the lengths of a degree of longitude and of latitude at a latitude, in metres on the CGCS2000
// ellipsoid. A plane with these scales is exact to a millimetre over some hundred metres.
func MetresPerDegree(lat float64) (east, north float64) {
	const e2 = flattening * (2 - flattening)
	sin, cos := math.Sincos(lat * math.Pi / 180)
	w2 := 1 - e2*sin*sin
	n := equatorialRadiusM / math.Sqrt(w2)
	return n * cos * math.Pi / 180, n * (1 - e2) / w2 * math.Pi / 180
}

// BesideM is how far a place lies from an edge in metres, in the plane around the place: exact for what is near.
func BesideM(p, a, b orb.Point) float64 {
	_, m := Beside(p, a, b)
	return m
}

// Beside is the place on an edge that lies nearest to another, and how far that is in metres, in the plane around it.
func Beside(p, a, b orb.Point) (foot orb.Point, m float64) {
	east, north := MetresPerDegree(p[1])
	ax, ay, bx, by := (a[0]-p[0])*east, (a[1]-p[1])*north, (b[0]-p[0])*east, (b[1]-p[1])*north
	dx, dy := bx-ax, by-ay
	t := 0.0
	if l := dx*dx + dy*dy; l > 0 {
		t = max(0, min(1, -(ax*dx+ay*dy)/l))
	}
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}, math.Hypot(ax+t*dx, ay+t*dy)
}
