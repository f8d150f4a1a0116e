package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// The published approximation of GCJ-02: Krasovsky's ellipsoid and a sum of sines around 105° E, 35° N. It is not the
// official algorithm; results differ from it by decimetres, which is why a person confirms each conversion.
const (
	gcjRadiusM       = 6378245.0
	gcjEccentricity2 = 0.00669342162296594323
)

// insideGCJ reports whether the approximation shifts p at all: outside this box GCJ-02 and WGS 84 coincide.
func insideGCJ(p orb.Point) bool {
	return p[0] >= 72.004 && p[0] <= 137.8347 && p[1] >= 0.8293 && p[1] <= 55.8271
}

func wgs84ToGCJ02(p orb.Point) orb.Point {
	if !insideGCJ(p) {
		return p
	}
	d := gcjShift(p)
	return orb.Point{p[0] + d[0], p[1] + d[1]}
}

// gcj02ToWGS84 inverts wgs84ToGCJ02 by fixed-point iteration. Each round shrinks the error about six-hundredfold (1.1 m,
// 1.6 mm, 3 µm), so it ends after four or five.
func gcj02ToWGS84(p orb.Point) orb.Point {
	q := p
	for range 10 {
		got := wgs84ToGCJ02(q)
		dx, dy := p[0]-got[0], p[1]-got[1]
		q[0] += dx
		q[1] += dy
		if math.Abs(dx) < 1e-12 && math.Abs(dy) < 1e-12 {
			break
		}
	}
	return q
}

// gcjShift returns the shift from WGS 84 to GCJ-02 at p, in degrees.
func gcjShift(p orb.Point) orb.Point {
	x, y := p[0]-105, p[1]-35
	root := math.Sqrt(math.Abs(x))
	ripple := (20*math.Sin(6*x*math.Pi) + 20*math.Sin(2*x*math.Pi)) * 2 / 3
	north := -100 + 2*x + 3*y + 0.2*y*y + 0.1*x*y + 0.2*root + ripple +
		(20*math.Sin(y*math.Pi)+40*math.Sin(y/3*math.Pi))*2/3 +
		(160*math.Sin(y/12*math.Pi)+320*math.Sin(y*math.Pi/30))*2/3
	east := 300 + x + 2*y + 0.1*x*x + 0.1*x*y + 0.1*root + ripple +
		(20*math.Sin(x*math.Pi)+40*math.Sin(x/3*math.Pi))*2/3 +
		(150*math.Sin(x/12*math.Pi)+300*math.Sin(x/30*math.Pi))*2/3

	sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
	w := 1 - gcjEccentricity2*sinLat*sinLat
	perDegree := math.Pi / 180 * gcjRadiusM / math.Sqrt(w)
	return orb.Point{east / (perDegree * cosLat), north / (perDegree * (1 - gcjEccentricity2) / w)}
}

const bdTurn = math.Pi * 3000 / 180

func gcj02ToBD09(p orb.Point) orb.Point {
	z := math.Hypot(p[0], p[1]) + 0.00002*math.Sin(p[1]*bdTurn)
	sin, cos := math.Sincos(math.Atan2(p[1], p[0]) + 0.000003*math.Cos(p[0]*bdTurn))
	return orb.Point{z*cos + 0.0065, z*sin + 0.006}
}

// bd09ToGCJ02 inverts gcj02ToBD09 by fixed-point iteration from the usual one-step answer, which is off by up to a metre.
func bd09ToGCJ02(p orb.Point) orb.Point {
	q := bd09OneStep(p)
	for range 10 {
		got := gcj02ToBD09(q)
		dx, dy := p[0]-got[0], p[1]-got[1]
		q[0] += dx
		q[1] += dy
		if math.Abs(dx) < 1e-12 && math.Abs(dy) < 1e-12 {
			break
		}
	}
	return q
}

func bd09OneStep(p orb.Point) orb.Point {
	x, y := p[0]-0.0065, p[1]-0.006
	z := math.Hypot(x, y) - 0.00002*math.Sin(y*bdTurn)
	sin, cos := math.Sincos(math.Atan2(y, x) - 0.000003*math.Cos(x*bdTurn))
	return orb.Point{z * cos, z * sin}
}
