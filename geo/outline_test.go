package geo_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

func TestHowFarAPointLiesOutsideAnArea(t *testing.T) {
	square := func(x, y, side float64) orb.Ring {
		return orb.Ring{{x, y}, {x + side, y}, {x + side, y + side}, {x, y + side}, {x, y}}
	}
	area := geo.NewArea(orb.MultiPolygon{{square(106, 29, 1), square(106.4, 29.4, 0.2)}, {square(108, 29, 1)}})
	for p, want := range map[orb.Point]float64{
		{106.1, 29.1}: 0,
		{108.5, 29.5}: 0,
		{105.9, 29.5}: geo.DistanceM(orb.Point{105.9, 29.5}, orb.Point{106, 29.5}),
		{106.5, 29.5}: geo.DistanceM(orb.Point{106.5, 29.5}, orb.Point{106.4, 29.5}), // in the hole
		{107.9, 28.9}: geo.DistanceM(orb.Point{107.9, 28.9}, orb.Point{108, 29}),
		{121.5, 31.2}: geo.DistanceM(orb.Point{121.5, 31.2}, orb.Point{109, 30}),
	} {
		if got := area.OutsideM(p); math.Abs(got-want) > 0.001*want {
			t.Errorf("%v: %.1f m, wanted %.1f", p, got, want)
		}
	}
	if got := geo.NewArea(orb.Point{106, 29}).OutsideM(orb.Point{107, 29}); got != 0 {
		t.Errorf("no area: %v", got)
	}
}
