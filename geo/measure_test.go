package geo_test

import (
	"bufio"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"

	"fangyu/geo"
	"fangyu/internal/shareddata"
)

// Reference values on CGCS2000 (GeodSolve and Planimeter with -e 6378137 1/298.257222101).
func TestLengthsAndAreasOfReference(t *testing.T) {
	cell := func(w, s, e, n float64) orb.Polygon { return orb.Polygon{{{w, s}, {e, s}, {e, n}, {w, n}, {w, s}}} }
	small := cell(106.5, 29.5, 106.6, 29.6)
	for _, c := range []struct {
		what                 string
		got, want, tolerance float64
	}{
		{"small line", geo.DistanceM(orb.Point{106.5, 29.5}, orb.Point{106.6, 29.6}), 14724.063123539, 1e-8},
		{"azimuth at its start", geo.Azimuth(orb.Point{106.5, 29.5}, orb.Point{106.6, 29.6}), 41.14058239, 1e-8},
		{"azimuth back", geo.Azimuth(orb.Point{106.6, 29.6}, orb.Point{106.5, 29.5}), 180 + 41.18990070, 1e-8},
		{"diagonal of Chongqing", geo.DistanceM(orb.Point{105.29, 28.16}, orb.Point{110.19, 32.20}), 650439.0637, 1e-4},
		{"meridian", geo.LengthM(orb.LineString{{106.5, 30}, {106.5, 31}}), 110860.925563829, 1e-8},
		{"parallel chord", geo.LengthM(orb.MultiLineString{{{106.5, 29.5}, {107.5, 29.5}}}), 96965.987141067, 1e-8},
		{"small cell", geo.AreaM2(small), 107429331.4847, 1e-3},
		{"its perimeter", geo.PerimeterM(small), 41552.694127, 1e-6},
		{"its box", geo.AreaM2(small.Bound()), 107429331.4847, 1e-3},
		{"large cell", geo.AreaM2(cell(107, 30, 108, 31)), 10642455822.1556, 1e-2},
		{"areas have no length", geo.LengthM(small), 0, 0},
		{"lines have no area", geo.AreaM2(orb.LineString{{106.5, 29.5}, {107.5, 29.5}}), 0, 0},
	} {
		if !near(c.got, c.want, c.tolerance) {
			t.Errorf("%s: got %.9f, want %.9f", c.what, c.got, c.want)
		}
	}
}

// A toy county in EPSG:4545, edges densified 20 times.
func TestAreasOfTheToyCounty(t *testing.T) {
	w, e := orb.Point{360000, 3272000}, orb.Point{370000, 3272000}
	top, n := orb.Point{365000, 3275000}, orb.Point{365000, 3280000}
	for name, c := range map[string]struct {
		ring []orb.Point
		want float64
	}{
		"A": {[]orb.Point{w, top, n, {360000, 3280000}}, 32484804.42},
		"B": {[]orb.Point{top, e, {370000, 3280000}, n}, 32485968.82},
		"C": {[]orb.Point{{360000, 3270000}, {370000, 3270000}, e, top, w}, 34984264.73},
	} {
		var ring orb.Ring
		for i, p := range c.ring {
			q := c.ring[(i+1)%len(c.ring)]
			for k := range 20 {
				f := float64(k) / 20
				ring = append(ring, orb.Point{p[0] + f*(q[0]-p[0]), p[1] + f*(q[1]-p[1])})
			}
		}
		g, err := geo.ToCGCS2000(append(ring, ring[0]), "4545")
		if err != nil {
			t.Fatal(err)
		}
		if got := geo.AreaM2(g); !near(got, c.want, 0.1) {
			t.Errorf("%s: %.2f m², want %.2f", name, got, c.want)
		}
	}
}

func TestHolesAndPartsCount(t *testing.T) {
	shell := orb.Ring{{106, 29}, {107, 29}, {107, 30}, {106, 30}, {106, 29}}
	hole := orb.Ring{{106.4, 29.4}, {106.6, 29.4}, {106.6, 29.6}, {106.4, 29.6}, {106.4, 29.4}}
	far := orb.Ring{{108, 29}, {108, 30}, {109, 30}, {109, 29}, {108, 29}} // clockwise
	got := geo.AreaM2(orb.MultiPolygon{{shell, hole}, {far}})
	if want := geo.AreaM2(shell) - geo.AreaM2(hole) + geo.AreaM2(far); !near(got, want, 1e-3) || geo.AreaM2(far) <= 0 {
		t.Errorf("got %v, want %v", got, want)
	}
	if geo.SignedAreaM2(far) >= 0 || geo.SignedAreaM2(shell) <= 0 {
		t.Error("the sign does not follow the direction")
	}
}

// Rows of Karney's GeodTest.dat, on WGS 84: the library on that ellipsoid to its stated 20 nm (lengths) and 0.1 m² (areas under a
// line), ours on CGCS2000 to the 0.2 mm by which the half axes of both ellipsoids let half a meridian differ.
func TestGeodesicsOfKarney(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(readFile(t, "conformance/geodtest_karney_20rows_wgs84.tsv"))), "\n")[1:]
	if len(lines) < 9 {
		t.Fatalf("only %d rows", len(lines))
	}
	for _, line := range lines {
		v := strings.Fields(line)
		a, b := orb.Point{float(t, v[1]), float(t, v[0])}, orb.Point{float(t, v[4]), float(t, v[3])}
		azimuth, m, underM2 := float(t, v[2]), float(t, v[6]), float(t, v[11])
		var gotM, gotAzimuth, gotM2 float64
		geodesic.WGS84.GenInverse(a[1], a[0], b[1], b[0], &gotM, &gotAzimuth, nil, nil, nil, nil, &gotM2)
		if !near(gotM, m, 2e-8) || !near(gotAzimuth, azimuth, 1e-9) || !near(gotM2, underM2, 0.1) {
			t.Errorf("%v to %v: %.10f m %.12f° %.3f m², want %s m %s° %s m²", a, b, gotM, gotAzimuth, gotM2, v[6], v[2], v[11])
		}
		if got := geo.DistanceM(a, b); !near(got, m, 2e-4) {
			t.Errorf("%v to %v on CGCS2000: %.6f m, want %.6f", a, b, got, m)
		}
	}
}

// Values of GeographicLib's own tests and documentation, on WGS 84 as above.
func TestLengthsAndAreasOfGeographicLib(t *testing.T) {
	var m, perimeterM, areaM2 float64
	geodesic.WGS84.Inverse(40.6, -73.8, 51.6, -0.5, &m, nil, nil)
	if !near(m, 5551759.400319, 1e-6) {
		t.Errorf("New York to London: %.7f m", m)
	}
	geodesic.WGS84.Inverse(34.095925, -118.2884237, 59.4323439, 24.7341649, &m, nil, nil)
	if !near(m, 9094718.72751138, 2e-8) {
		t.Errorf("Los Angeles to Tallinn: %.9f m", m)
	}
	degree := geodesic.WGS84.PolygonInit(false)
	for _, p := range [][2]float64{{0, 0}, {0, 1}, {1, 1}, {1, 0}} {
		degree.AddPoint(p[0], p[1])
	}
	degree.Compute(false, true, &areaM2, &perimeterM)
	if !near(perimeterM, 443770.91724830196, 1e-7) || !near(areaM2, 12308778361.469452, 0.1) {
		t.Errorf("a degree at the equator: %.9f m, %.4f m²", perimeterM, areaM2)
	}
	cell := orb.Ring{{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}}
	if !near(geo.PerimeterM(cell), perimeterM, 2e-4) || !near(geo.AreaM2(cell), areaM2, 100) {
		t.Errorf("a degree on CGCS2000: %.6f m, %.1f m²", geo.PerimeterM(cell), geo.AreaM2(cell))
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(shareddata.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// 300 lines of GeodSolve 2.1.2: lat1 lon1 azi1 lat2 lon2 azi2 s12 …
func TestGeodesicsOfGeographicLib(t *testing.T) {
	f, err := os.Open(shareddata.Path(t, "conformance/geodesics_cgcs2000_chongqing_geodsolve212.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Scan()
	n := 0
	for lines.Scan() {
		v := strings.Fields(lines.Text())
		a := orb.Point{float(t, v[1]), float(t, v[0])}
		b := orb.Point{float(t, v[4]), float(t, v[3])}
		azimuth, m := float(t, v[2]), float(t, v[6])
		if got := geo.DistanceM(a, b); !near(got, m, 2e-8) {
			t.Errorf("%v to %v: %.10f m, want %.10f", a, b, got, m)
		}
		if off := math.Remainder(geo.Azimuth(a, b)-azimuth, 360) * math.Pi / 180 * m; !near(off, 0, 2e-8) {
			t.Errorf("%v to %v: the azimuth leads %.10f m aside", a, b, off)
		}
		if got := geo.Direct(a, azimuth, m); geo.DistanceM(got, b) > 1e-7 {
			t.Errorf("from %v: %v, want %v", a, got, b)
		}
		n++
	}
	if n < 300 {
		t.Fatalf("only %d lines", n)
	}
}
