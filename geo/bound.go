package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// PadM returns the box b in degrees widened by at least m metres on every side, for asking an index for what lies near.
// It errs on the wide side (under one per cent) and never crosses the poles or the antimeridian.
func PadM(b orb.Bound, m float64) orb.Bound {
	const metresPerDegree = 110_574 // of latitude at the equator, the shortest one
	dLat := m / metresPerDegree
	widest := math.Min(89, math.Max(math.Abs(b.Min[1]), math.Abs(b.Max[1]))+dLat)
	dLon := dLat / math.Cos(widest*math.Pi/180)
	return orb.Bound{
		Min: orb.Point{math.Max(-180, b.Min[0]-dLon), math.Max(-90, b.Min[1]-dLat)},
		Max: orb.Point{math.Min(180, b.Max[0]+dLon), math.Min(90, b.Max[1]+dLat)},
	}
}
