package geo_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// TransverseMercatorProj -s -l 108 -k 1 -e 6378137 1/298.257222101
func TestConvergenceAndScaleOfReference(t *testing.T) {
	for _, c := range []struct {
		lat, lon, convergence, scale float64
	}{
		{29.56, 106.55, -0.71545, 0},
		{29.0, 105.29, -1.31460, 1.00086054},
		{30, 108, 0, 1},
	} {
		g, err := geo.Frame("4545").GridAt(orb.Point{c.lon, c.lat})
		if err != nil || !near(g.Convergence, c.convergence, 5e-6) || c.scale != 0 && !near(g.Scale, c.scale, 5e-9) {
			t.Errorf("%v, %v: %.6f° %.9f (%v), want %v° %v", c.lat, c.lon, g.Convergence, g.Scale, err, c.convergence, c.scale)
		}
		if prefixed, err := geo.Frame("4524").GridAt(orb.Point{c.lon, c.lat}); err != nil || prefixed != g {
			t.Errorf("with the zone number: %+v, %v; want %+v", prefixed, err, g)
		}
	}
}

// The projection is conformal: small steps in every direction turn by the convergence and grow by the scale. The twin
// takes both from the projected ends of steps of 20 m, on planes of both widths and one zone beside.
func TestConvergenceAndScaleAgreeWithSteps(t *testing.T) {
	for seed := range uint64(500) {
		r := rand.New(rand.NewPCG(seed, 22))
		f := geo.Frames()[5+r.IntN(64)]
		meridian, _, _ := f.CentralMeridian()
		reach := 4.5
		if f < "4513" {
			reach = 9
		}
		p := orb.Point{meridian + reach*(2*r.Float64()-1), 3 + 51*r.Float64()}
		g, err := f.GridAt(p)
		if err != nil {
			t.Fatal(err)
		}
		azimuth := r.Float64() * 360
		const m = 10
		bearing, plane, err := f.GridBearing(geo.Direct(p, azimuth, -m), geo.Direct(p, azimuth, m))
		turned := math.Remainder(float64(bearing-g.Bearing(azimuth)), 360)
		if err != nil || !near(turned, 0, 1e-6) || !near(plane/(2*m), g.Scale, 1e-8) {
			t.Errorf("seed %d, %s %v at %.3f°: bearing %v scale %v, want %v %v (%v)", seed, f, p, azimuth, bearing, plane/(2*m), g.Bearing(azimuth), g.Scale, err)
		}
		if back := math.Remainder(g.Azimuth(g.Bearing(azimuth))-azimuth, 360); !near(back, 0, 1e-10) {
			t.Errorf("seed %d: %v° there and back is %v° off", seed, azimuth, back)
		}
	}
}

func TestGridBearingsNeedAPlane(t *testing.T) {
	p, q := orb.Point{106.55, 29.56}, orb.Point{106.56, 29.56}
	for _, f := range []geo.Frame{"", geo.CGCS2000, geo.WebMercator, geo.GCJ02} {
		if _, err := f.GridAt(p); !fault.Is(err, "not-a-plane") {
			t.Errorf("%q: %v", f, err)
		}
		if _, _, err := f.GridBearing(p, q); !fault.Is(err, "not-a-plane") {
			t.Errorf("%q: %v", f, err)
		}
	}
	for _, bad := range []orb.Point{{math.NaN(), 1}, {10, 29}, {106, 91}} {
		_, err := geo.Frame("4545").GridAt(bad)
		_, _, from := geo.Frame("4545").GridBearing(bad, p)
		_, _, to := geo.Frame("4545").GridBearing(p, bad)
		if err == nil || from == nil || to == nil {
			t.Errorf("%v: %v, %v, %v", bad, err, from, to)
		}
	}
}

func ExampleFrame_GridAt() {
	g, err := geo.Frame("4544").GridAt(orb.Point{105.29, 29})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("收敛角 %+.4f°，坐标方位角 227.17° 即真方位角 %.2f°\n", g.Convergence, g.Azimuth(227.17))
	// Output: 收敛角 +0.1406°，坐标方位角 227.17° 即真方位角 227.31°
}
