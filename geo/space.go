package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// vec is a vector in space: earth-centred, earth-fixed metres on the CGCS2000 ellipsoid.
type vec [3]float64

func (a vec) minus(b vec) vec       { return vec{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a vec) plus(b vec) vec        { return vec{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
func (a vec) times(k float64) vec   { return vec{a[0] * k, a[1] * k, a[2] * k} }
func (a vec) dot(b vec) float64     { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vec) norm() float64         { return math.Sqrt(a.dot(a)) }
func (a vec) horizontal(up vec) vec { return a.minus(up.times(a.dot(up))) }

func (a vec) cross(b vec) vec {
	return vec{a[1]*b[2] - a[2]*b[1], a[2]*b[0] - a[0]*b[2], a[0]*b[1] - a[1]*b[0]}
}

// unit returns a scaled to length 1; the zero vector stays zero.
func (a vec) unit() vec {
	if n := a.norm(); n > 0 {
		return a.times(1 / n)
	}
	return a
}

// toSpace returns the point of the ellipsoid at p (degrees) and the outward normal there.
func toSpace(p orb.Point) (at, up vec) {
	sinLat, cosLat := math.Sincos(p[1] * math.Pi / 180)
	sinLon, cosLon := math.Sincos(p[0] * math.Pi / 180)
	n := equatorialRadiusM / math.Sqrt(1-eccentricity2*sinLat*sinLat)
	up = vec{cosLat * cosLon, cosLat * sinLon, sinLat}
	return vec{n * up[0], n * up[1], n * (1 - eccentricity2) * up[2]}, up
}

// box is an axis-parallel box in space.
type box struct{ min, max vec }

func boxOf(a, b vec) box {
	var r box
	for i := range 3 {
		r.min[i], r.max[i] = math.Min(a[i], b[i]), math.Max(a[i], b[i])
	}
	return r
}

func (b box) union(c box) box {
	for i := range 3 {
		b.min[i], b.max[i] = math.Min(b.min[i], c.min[i]), math.Max(b.max[i], c.max[i])
	}
	return b
}

// distance2 returns the square of the distance from p to the box, 0 inside.
func (b *box) distance2(p vec) float64 {
	var sum float64
	for i := range 3 {
		d := math.Max(0, math.Max(b.min[i]-p[i], p[i]-b.max[i]))
		sum += d * d
	}
	return sum
}
