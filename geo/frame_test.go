package geo_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

// readCSV returns the rows of a file of the shared data, without the headings.
func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(shareddata.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func float(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// The reference is PROJ 9.1.1: cs2cs EPSG:4490 to each plane, northing before easting.
func TestPlanesAgreeWithPROJ(t *testing.T) {
	for _, row := range readCSV(t, "conformance/gk_cgcs2000_reference_proj911.csv") {
		frame, err := geo.ParseFrame(row[0])
		if err != nil {
			t.Fatal(err)
		}
		p := orb.Point{float(t, row[2]), float(t, row[3])}
		north, east := float(t, row[4]), float(t, row[5])
		x, y, err := geo.Project(geo.CGCS2000, frame, p[0], p[1])
		if err != nil || !near(x, east, 1e-5) || !near(y, north, 1e-5) {
			t.Errorf("%s %v: got %.6f, %.6f (%v), want %.6f, %.6f", frame, p, x, y, err, east, north)
		}
		back, err := frame.ToCGCS2000(east, north)
		if err != nil || !near(back[0], p[0], 1e-10) || !near(back[1], p[1], 1e-10) {
			t.Errorf("%s back from %.6f, %.6f: got %v (%v), want %v", frame, east, north, back, err, p)
		}
	}
}

// PROJ 9.1.1 and GeographicLib agree to 0.1 mm; with the zone number the easting is 36359474.0867.
func TestPlanesOfChongqing(t *testing.T) {
	for _, c := range []struct {
		frame       string
		lat, lon    float64
		north, east float64
	}{
		{"4544", 29.56, 106.55, 3272342.5124, 650218.5386},
		{"4545", 29.56, 106.55, 3272217.2986, 359474.0867},
		{"4546", 29.56, 106.55, 3279616.5936, 68530.4811},
		{"4544", 29.0, 105.29, 3209303.9935, 528257.3478},
		{"4545", 29.0, 105.29, 3212298.9090, 235887.9995},
		{"4546", 29.0, 105.29, 3222750.4895, -56867.7107},
		{"4544", 31.8, 110.19, 3531432.3965, 991781.9069},
		{"4545", 31.8, 110.19, 3521764.8484, 707410.5466},
		{"4546", 31.8, 110.19, 3519961.1515, 423293.7341},
		{"4544", 30.8, 108.4, 3413749.3260, 825481.7186},
		{"4545", 30.8, 108.4, 3408869.1974, 538281.3504},
		{"4546", 30.8, 108.4, 3411693.3437, 251131.2664},
		{"4524", 29.56, 106.55, 3272217.2986, 36359474.0867},
	} {
		x, y, err := geo.Project("4490", geo.Frame(c.frame), c.lon, c.lat)
		if err != nil || !near(x, c.east, 1e-4) || !near(y, c.north, 1e-4) {
			t.Errorf("%s %v, %v: got %.4f, %.4f (%v)", c.frame, c.lat, c.lon, y, x, err)
		}
	}
}

func TestEveryFrameThereAndBack(t *testing.T) {
	for _, f := range geo.Frames() {
		if got, err := geo.ParseFrame(string(f)); err != nil || got != f {
			t.Errorf("ParseFrame(%q) = %q, %v", f, got, err)
		}
		lon := 106.55
		if meridian, _, ok := f.CentralMeridian(); ok {
			lon = meridian + 1.4
		}
		x, y, err := f.FromCGCS2000(orb.Point{lon, 29.56})
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if p, err := f.ToCGCS2000(x, y); err != nil || !near(p[0], lon, 1e-9) || !near(p[1], 29.56, 1e-9) {
			t.Errorf("%s: back at %v (%v)", f, p, err)
		}
	}
}

func TestParseFrameAsPeopleWriteIt(t *testing.T) {
	for in, want := range map[string]geo.Frame{
		"EPSG:4326": "4326", "epsg:4490": "4490", " 4545 ": "4545", "CRS84": "4326", "urn:ogc:def:crs:EPSG::4490": "4490",
		"urn:ogc:def:crs:OGC:1.3:CRS84": "4326", "http://www.opengis.net/def/crs/EPSG/0/4490": "4490",
		"GCJ-02": "gcj02", "gcj02": "gcj02", "BD-09": "bd09", "bd09": "bd09", "WGS 84": "4326", "CGCS2000": "4490",
	} {
		if got, err := geo.ParseFrame(in); err != nil || got != want {
			t.Errorf("ParseFrame(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, code := range map[string]string{
		"": "frame-missing", "4610": "frame-untransformable", "EPSG:4214": "frame-untransformable",
		"4555": "frame-untransformable", "2381": "frame-untransformable", "2433": "frame-untransformable",
		"EPSG:4799": "frame-untransformable", "4555 ": "frame-untransformable", "9999": "frame-unknown", "here": "frame-unknown",
	} {
		if _, err := geo.ParseFrame(in); !fault.Is(err, code) {
			t.Errorf("ParseFrame(%q) = %v, want %s", in, err, code)
		}
	}
}

func TestWrongZoneIsRefusedWithItsCure(t *testing.T) {
	for _, c := range []struct {
		frame geo.Frame
		x, y  float64
		word  string
	}{
		{"4545", 36359474, 3272217, "EPSG:4524"},
		{"4523", 36359474, 3272217, "EPSG:4524"},
		{"4524", 359474, 3272217, "没有带号"},
		{"4545", 3272217, 359474, "调换两列"},
		{"4524", 3272217, 36359474, "调换两列"},
	} {
		_, err := c.frame.ToCGCS2000(c.x, c.y)
		if !fault.Is(err, "outside-plane") || !strings.Contains(err.Error(), c.word) || strings.Contains(err.Error(), "e+") {
			t.Errorf("%s %v, %v: %v, want a word of %q", c.frame, c.x, c.y, err, c.word)
		}
	}
	for _, bad := range [][2]float64{{math.NaN(), 1}, {1, math.Inf(1)}} {
		if _, err := geo.CGCS2000.ToCGCS2000(bad[0], bad[1]); !fault.Is(err, "not-a-number") {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := geo.WGS84.ToCGCS2000(29.6, 106.5); !fault.Is(err, "out-of-range") {
		t.Errorf("latitude 106.5: %v", err)
	}
}

// The one-step inverses of the file are approximations by name; ours iterates, so it is held against the forward rows.
func TestObfuscatedFramesAgreeWithPublishedVectors(t *testing.T) {
	frames := map[string]geo.Frame{"wgs84": geo.WGS84, "gcj02": geo.GCJ02, "bd09": geo.BD09}
	for _, row := range readCSV(t, "conformance/gcj02_bd09_vectors.csv") {
		from, to := frames[row[0]], frames[row[1]]
		if to == "" {
			continue // a one-step inverse
		}
		lon, lat, wantLon, wantLat := float(t, row[2]), float(t, row[3]), float(t, row[4]), float(t, row[5])
		tolerance := float(t, row[6])
		switch {
		case from == geo.BD09 && to == geo.GCJ02:
			tolerance = 1e-5 // published by the one-step inverse, which is off by decimetres
		case from == geo.BD09 && to == geo.WGS84:
			// Two rows of a Ruby port, 10 m and 41 m away from where the published forward formula of the other rows leads
			// back to the input. An inverse is held to its forward formula.
			back, _ := geo.BD09.ToCGCS2000(lon, lat)
			wantLon, wantLat, tolerance = lon, lat, 1e-10
			from, lon, lat = geo.WGS84, back[0], back[1]
			to = geo.BD09
		}
		x, y, err := geo.Project(from, to, lon, lat)
		if err != nil || !near(x, wantLon, tolerance) || !near(y, wantLat, tolerance) {
			t.Errorf("%s: got %.9f, %.9f (%v), want %.9f, %.9f", strings.Join(row, ","), x, y, err, wantLon, wantLat)
		}
	}
}

// The shifts of six places of Chongqing.
func TestObfuscatedFramesOfChongqing(t *testing.T) {
	for _, c := range []struct{ lat, lon, gcjLat, gcjLon, gcjM, bdLat, bdLon, bdM float64 }{
		{29.56, 106.55, 29.5571534, 106.5537203, 479.1, 29.5634609, 106.5601544, 1056.2},
		{29.4, 105.6, 29.3970171, 105.6033506, 463.8, 29.4033282, 105.6097607, 1016.7},
		{30.8, 108.4, 30.7977346, 108.4045905, 506.1, 30.8035052, 108.4111390, 1134.6},
		{31.1, 109.9, 31.0975574, 109.9047284, 526.2, 31.1037915, 109.9111787, 1146.3},
		{28.45, 109.0, 28.4466284, 109.0044403, 573.4, 28.4524058, 109.0110054, 1110.5},
		{31.95, 108.66, 31.9477135, 108.6643679, 484.6, 31.9534016, 108.6709803, 1104.5},
	} {
		p := orb.Point{c.lon, c.lat}
		for _, f := range []struct {
			frame       geo.Frame
			lat, lon, m float64
		}{{geo.GCJ02, c.gcjLat, c.gcjLon, c.gcjM}, {geo.BD09, c.bdLat, c.bdLon, c.bdM}} {
			x, y, err := f.frame.FromCGCS2000(p)
			if err != nil || !near(x, f.lon, 6e-8) || !near(y, f.lat, 6e-8) {
				t.Errorf("%s of %v: got %.7f, %.7f (%v)", f.frame, p, x, y, err)
			}
			if m := geo.DistanceM(p, orb.Point{x, y}); !near(m, f.m, 0.06) {
				t.Errorf("%s of %v: shifted %.1f m, want %.1f", f.frame, p, m, f.m)
			}
			back, err := f.frame.ToCGCS2000(x, y)
			if m := geo.DistanceM(p, back); err != nil || m > 1e-4 {
				t.Errorf("%s of %v: back %.6f m off (%v)", f.frame, p, m, err)
			}
		}
	}
}

func TestToCGCS2000LeavesItsInputAlone(t *testing.T) {
	in := orb.MultiPolygon{{{{106.5537203, 29.5571534}, {106.56, 29.56}, {106.55, 29.57}, {106.5537203, 29.5571534}}}}
	before := orb.Clone(in)
	out, err := geo.ToCGCS2000(in, geo.GCJ02)
	if err != nil {
		t.Fatal(err)
	}
	if !orb.Equal(in, before) {
		t.Error("the input was changed")
	}
	if p := out.(orb.MultiPolygon)[0][0][0]; !near(p[0], 106.55, 1e-7) || !near(p[1], 29.56, 1e-7) {
		t.Errorf("converted to %v", p)
	}
	if _, err := geo.ToCGCS2000(orb.LineString{{106, 29}, {29, 106}}, geo.WGS84); !fault.Is(err, "out-of-range") {
		t.Errorf("a bad position inside a line: %v", err)
	}
	if g, err := geo.ToCGCS2000(nil, geo.GCJ02); g != nil || err != nil {
		t.Errorf("nil: %v, %v", g, err)
	}
}

func ExampleProject() {
	east, north, err := geo.Project(geo.CGCS2000, "4545", 106.55, 29.56)
	fmt.Printf("东 %.3f 北 %.3f %v\n", east, north, err)
	_, err = geo.ParseFrame("EPSG:4610")
	fmt.Println(err)
	// Output:
	// 东 359474.087 北 3272217.299 <nil>
	// frame-untransformable: 坐标系 4610 属1980 西安坐标系，没有公开的精确转换参数，不能换算到 CGCS2000：请由持有参数的单位先行转换
}
