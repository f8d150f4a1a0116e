package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Local measures short distances in the horizontal plane around a latitude: exact to a millimetre over some hundred
// metres. It is made anew as one moves on; the zero value is ready. It is not safe for concurrent use.
type Local struct {
	lat         float64
	East, North float64 // metres per degree of longitude and of latitude
}

// Around moves the plane to a latitude in degrees.
func (l *Local) Around(lat float64) {
	if l.East == 0 || math.Abs(lat-l.lat) > 0.001 {
		l.lat = lat
		l.East, l.North = MetresPerDegree(lat)
	}
}

// DistanceM returns the distance of two neighbouring positions in metres, in the plane around the first.
func (l *Local) DistanceM(a, b orb.Point) float64 {
	l.Around(a[1])
	return math.Hypot((b[0]-a[0])*l.East, (b[1]-a[1])*l.North)
}
