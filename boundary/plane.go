package boundary

import (
	"math"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// plane measures short distances in the horizontal plane around a latitude: exact to a millimetre over some hundred
// metres. It is made anew as one moves on.
type plane struct{ lat, east, north float64 }

// at moves the plane to a latitude in degrees.
func (p *plane) at(lat float64) {
	if p.east == 0 || math.Abs(lat-p.lat) > 0.001 {
		p.lat = lat
		p.east, p.north = geo.MetresPerDegree(lat)
	}
}

func (p *plane) distance(a, b orb.Point) float64 {
	return math.Hypot((b[0]-a[0])*p.east, (b[1]-a[1])*p.north)
}
