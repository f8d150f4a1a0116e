package geo_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

func TestCheckLonLatSaysWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		p    orb.Point
		code string
	}{
		{orb.Point{106.55, 29.56}, ""},
		{orb.Point{114.2, 22.3}, ""},
		{orb.Point{29.56, 106.55}, "latlon-swapped"},
		{orb.Point{43.8, 87.6}, "latlon-swapped"},
		{orb.Point{36359474, 3272217}, "projected-coordinates"},
		{orb.Point{3272217, 36359474}, "projected-coordinates"},
		{orb.Point{359474, 3272217}, "projected-coordinates"},
		{orb.Point{11861000, 3447000}, "projected-coordinates"},
		{orb.Point{0, 0}, "out-of-range"},
		{orb.Point{-106.55, 29.56}, "out-of-range"},
		{orb.Point{106.55, 129.6}, "out-of-range"},
		{orb.Point{math.NaN(), 29}, "not-a-number"},
	} {
		err := geo.CheckLonLat(c.p)
		if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%v: %v, want %q", c.p, err, c.code)
		}
	}
}

func TestPadMReachesFarEnough(t *testing.T) {
	b := orb.Bound{Min: orb.Point{106, 28}, Max: orb.Point{110, 32}}
	for _, m := range []float64{1, 1000, 50_000} {
		p := geo.PadM(b, m)
		for _, corner := range []orb.Point{b.Min, b.Max, {b.Min[0], b.Max[1]}, {b.Max[0], b.Min[1]}} {
			for azimuth := 0.0; azimuth < 360; azimuth += 15 {
				if q := geo.Direct(corner, azimuth, m); !p.Contains(q) {
					t.Errorf("%v m from %v at %v°: %v is outside %v", m, corner, azimuth, q, p)
				}
			}
		}
		if got := geo.DistanceM(orb.Point{106, p.Min[1]}, orb.Point{106, 28}); got > 1.02*m {
			t.Errorf("%v m: padded by %v m", m, got)
		}
	}
	if p := geo.PadM(orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}, 1e6); p.Max[1] != 90 || p.Min[0] != -180 {
		t.Errorf("over the edge of the world: %v", p)
	}
}

func TestZoneFrameIsTheNearestOne(t *testing.T) {
	for lon, want := range map[float64]geo.Frame{105.29: "4544", 106.6: "4545", 109.49: "4545", 109.6: "4546", 75: "4534", 135: "4554"} {
		if got, err := geo.ZoneFrame(lon); err != nil || got != want {
			t.Errorf("%v: %v, %v; want %v", lon, got, err, want)
		}
	}
	for _, lon := range []float64{60, 140, math.NaN()} {
		if _, err := geo.ZoneFrame(lon); !fault.Is(err, "out-of-range") {
			t.Errorf("%v: %v", lon, err)
		}
	}
}

func ExampleCheckLonLat() {
	fmt.Println(geo.CheckLonLat(orb.Point{29.56, 106.55}))
	// Output: latlon-swapped: 坐标 29.56, 106.55 的经纬度像是写反了：应当经度在前、纬度在后，即 106.55, 29.56
}
