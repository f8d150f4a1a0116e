package coverage

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// The series agrees with the polygon of geodesics where that is exact, and keeps its precision where that has none.
func TestAreaOfAFace(t *testing.T) {
	for _, size := range []float64{0.01, 0.5, 3.9, 9} {
		ring := orb.Ring{{106, 29}, {106 + size, 29 + size/7}, {106 + size/2, 29 + size}, {106, 29}}
		got, want := signedM2(ring), geo.SignedAreaM2(dense(ring))
		if math.Abs(got/want-1) > 3e-6 {
			t.Errorf("%g°: %.1f m², not %.1f", size, got, want)
		}
		ring.Reverse()
		if back := signedM2(ring); math.Abs(back+got) > math.Abs(got)*1e-9 {
			t.Errorf("%g°: the other way round %.1f m²", size, back)
		}
	}
	holed := orb.Polygon{{{106, 29}, {106.3, 29}, {106.3, 29.4}, {106, 29}}, {{106.2, 29.1}, {106.25, 29.1}, {106.25, 29.2}, {106.2, 29.1}}}
	if got, want := roughly(holed), measure(ringsOf(holed)); math.Abs(got.AreaM2/want.AreaM2-1) > 0.01 || math.Abs(got.LengthM/want.LengthM-1) > 0.01 {
		t.Errorf("roughly %+v, in truth %+v", got, want)
	}
	// A millimetre along a kilometre: 0.01° of latitude by 1e-8° of longitude.
	east, north := geo.MetresPerDegree(29.505)
	ring := orb.Ring{{106.5, 29.5}, {106.50000001, 29.5}, {106.50000001, 29.51}, {106.5, 29.51}, {106.5, 29.5}}
	if got, want := signedM2(ring), 1e-8*east*0.01*north; math.Abs(got/want-1) > 1e-5 {
		t.Errorf("a sliver of %g m², not %g", got, want)
	}
}
