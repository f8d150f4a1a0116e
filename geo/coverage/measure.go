package coverage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// measures are those of a narrow or wide piece of the plane, on the ellipsoid.
type measures struct {
	AreaM2  float64
	LengthM float64 // half the perimeter: that of a narrow piece
	WidthM  float64 // area by length: the mean width of a narrow piece
}

// shape is 4πA/P²: 1 for a circle, near 0 for what is narrow.
func (m measures) shape() float64 {
	if m.LengthM == 0 {
		return 0
	}
	return math.Pi * m.AreaM2 / (m.LengthM * m.LengthM)
}

// measure measures what rings enclose, those of holes running the other way.
func measure(rings []orb.Ring) measures {
	var m measures
	for _, r := range rings {
		m.AreaM2 += signedM2(r)
		m.LengthM += geo.PerimeterM(r) / 2
	}
	m.AreaM2 = math.Abs(m.AreaM2)
	if m.LengthM > 0 {
		m.WidthM = m.AreaM2 / m.LengthM
	}
	return m
}

// seriesDegrees is how far from its middle latitude a ring may reach for the series to hold within 2 parts in a million.
const seriesDegrees = 2

// signedM2 is the ellipsoidal area of a ring with edges straight in degrees, positive where it runs counterclockwise. The
// polygons of geodesics have errors of 0.1 m² of any size, which would drown a sliver of a millimetre; here they are a share
// of it. The area between an edge and the middle latitude is (width in longitude) × the mean of ∫k dφ along it, with k, the
// square metres of a square degree, in a series of latitude.
func signedM2(r orb.Ring) float64 {
	b := r.Bound()
	mid := (b.Min[1] + b.Max[1]) / 2
	if b.Max[1]-mid > seriesDegrees {
		return geo.SignedAreaM2(dense(r))
	}
	k := func(lat float64) float64 { east, north := geo.MetresPerDegree(lat); return east * north }
	const h = 0.5
	k0, k1, k2 := k(mid), (k(mid+h)-k(mid-h))/(2*h), (k(mid+h)-2*k(mid)+k(mid-h))/(h*h)
	m2 := 0.0
	for i := 1; i < len(r); i++ {
		p, q := r[i-1][1]-mid, r[i][1]-mid
		mean := k0*(p+q)/2 + k1*(p*p+p*q+q*q)/6 + k2*(p+q)*(p*p+q*q)/24
		m2 -= (r[i][0] - r[i-1][0]) * mean
	}
	return m2
}

// denseDegrees is at most 500 m.
const denseDegrees = 0.0045

// dense puts vertices on edges, straight in degrees, so that none is longer than 500 m.
func dense(r orb.Ring) orb.Ring {
	out := make(orb.Ring, 0, len(r))
	for i, p := range r {
		if i > 0 {
			a := r[i-1]
			n := math.Ceil(math.Hypot(p[0]-a[0], p[1]-a[1]) / denseDegrees)
			for k := 1.0; k < n; k++ {
				out = append(out, orb.Point{a[0] + (p[0]-a[0])*k/n, a[1] + (p[1]-a[1])*k/n})
			}
		}
		out = append(out, p)
	}
	return out
}

// roughly measures a polygon in the plane of its middle latitude, quick and within some per cent for what is small.
func roughly(p orb.Polygon) measures {
	var m measures
	b := p.Bound()
	east, north := geo.MetresPerDegree((b.Min[1] + b.Max[1]) / 2)
	for k, ring := range p {
		sum := 0.0
		for i := 1; i < len(ring); i++ {
			a, b, o := ring[i-1], ring[i], ring[0]
			sum += (a[0]-o[0])*(b[1]-o[1]) - (a[1]-o[1])*(b[0]-o[0])
			m.LengthM += math.Hypot((b[0]-a[0])*east, (b[1]-a[1])*north) / 2
		}
		if sum = math.Abs(sum) / 2 * east * north; k > 0 {
			sum = -sum
		}
		m.AreaM2 += sum
	}
	if m.LengthM > 0 {
		m.WidthM = m.AreaM2 / m.LengthM
	}
	return m
}

// levels are the shares of the height of a piece at which a point within it is looked for.
var levels = []float64{0.5, 0.25, 0.75, 0.1, 0.9}

// pointIn returns a point within what rings enclose: the middle of the widest stretch on some parallels; the first vertex
// of what has no width there.
func pointIn(rings []orb.Ring) orb.Point {
	b := rings[0].Bound()
	at, most := rings[0][0], 0.0
	for _, share := range levels {
		lat := b.Min[1] + (b.Max[1]-b.Min[1])*share
		var lons []float64
		for _, r := range rings {
			for i := 1; i < len(r); i++ {
				p, q := r[i-1], r[i]
				if p[1] > lat != (q[1] > lat) {
					lons = append(lons, p[0]+(lat-p[1])/(q[1]-p[1])*(q[0]-p[0]))
				}
			}
		}
		slices.Sort(lons)
		for i := 1; i < len(lons); i += 2 {
			if w := lons[i] - lons[i-1]; w > most {
				at, most = orb.Point{(lons[i] + lons[i-1]) / 2, lat}, w
			}
		}
	}
	return at
}
