package geo_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

func TestZonesOfLongitudes(t *testing.T) {
	for _, c := range []struct {
		lon             float64
		width, number   int
		meridian        float64
		prefixed, plain geo.Frame
	}{
		{105.29, 3, 35, 105, "4523", "4544"},
		{106.4999999, 3, 35, 105, "4523", "4544"},
		{106.5, 3, 36, 108, "4524", "4545"},
		{109.4999999, 3, 36, 108, "4524", "4545"},
		{109.5, 3, 37, 111, "4525", "4546"},
		{73.5, 3, 25, 75, "4513", "4534"},
		{136.4999999, 3, 45, 135, "4533", "4554"},
		{106.55, 6, 18, 105, "4496", "4507"},
		{107.9999999, 6, 18, 105, "4496", "4507"},
		{108, 6, 19, 111, "4497", "4508"},
		{72, 6, 13, 75, "4491", "4502"},
		{137.9999999, 6, 23, 135, "4501", "4512"},
	} {
		z, err := geo.ZoneOf(c.lon, c.width)
		if want := (geo.Zone{WidthDegrees: c.width, Number: c.number, Meridian: c.meridian, Prefixed: c.prefixed, Plain: c.plain}); err != nil || z != want {
			t.Errorf("%v° in %d°: %+v, %v; want %+v", c.lon, c.width, z, err, want)
			continue
		}
		for frame, number := range map[geo.Frame]int{z.Prefixed: z.Number, z.Plain: 0} {
			if meridian, zone, ok := frame.CentralMeridian(); !ok || meridian != z.Meridian || zone != number {
				t.Errorf("%v°: %s has the meridian %v and the number %d", c.lon, frame, meridian, zone)
			}
		}
	}
	for _, c := range []struct {
		lon   float64
		width int
		code  string
	}{
		{73.4999, 3, "out-of-range"},
		{136.5, 3, "out-of-range"},
		{71.9999, 6, "out-of-range"},
		{138, 6, "out-of-range"},
		{math.NaN(), 3, "out-of-range"},
		{math.Inf(1), 6, "out-of-range"},
		{106.5, 2, "zone-width"},
	} {
		if _, err := geo.ZoneOf(c.lon, c.width); !fault.Is(err, c.code) {
			t.Errorf("%v° in %d°: %v, want %s", c.lon, c.width, err, c.code)
		}
	}
}

// A line over both zone edges inside Chongqing is cut there and nowhere else; nothing is lost and nothing lies on a plane
// of another zone. On the plane of one zone it would be far too long.
func TestALineOverZoneEdgesIsCutThere(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 21))
		path := orb.LineString{{105.2, 29 + r.Float64()}}
		for lon := 105.2; lon < 110.2; lon += 0.05 + r.Float64() {
			path = append(path, orb.Point{lon, 29 + r.Float64()})
		}
		path = append(path, orb.Point{110.2, 30})
		if seed%2 == 1 {
			path.Reverse()
		}
		line := orb.MultiLineString{path, {{107, 30}, {107, 30}, {106.5, 30}, {106.5, 30.2}}}
		stretches, err := geo.ByZone(line, 3)
		if err != nil || len(stretches) < 4 {
			t.Fatalf("seed %d: %d stretches, %v", seed, len(stretches), err)
		}
		ellipsoidal, planar, onePlane := 0.0, 0.0, 0.0
		for i, s := range stretches {
			ellipsoidal += geo.LengthM(s.Path)
			planar += planeLength(t, s.Zone.Plain, s.Path)
			onePlane += planeLength(t, "4544", s.Path)
			for _, p := range s.Path {
				if math.Abs(p[0]-s.Zone.Meridian) > 1.5 {
					t.Errorf("seed %d: %v is given on the plane of %v°", seed, p, s.Zone.Meridian)
				}
			}
			if i > 0 && i+1 < len(stretches) && s.Path[0] != stretches[i-1].Path[len(stretches[i-1].Path)-1] {
				t.Errorf("seed %d: stretch %d begins at %v, the one before ends elsewhere", seed, i, s.Path[0])
			}
		}
		if !near(ellipsoidal, geo.LengthM(line), 1e-6) {
			t.Errorf("seed %d: stretches add up to %.7f m of %.7f m", seed, ellipsoidal, geo.LengthM(line))
		}
		if share := planar/ellipsoidal - 1; share > 3e-4 || share < 0 {
			t.Errorf("seed %d: on the planes of its zones it is %v longer", seed, share)
		}
		if share := onePlane/ellipsoidal - 1; share < 3e-4 {
			t.Errorf("seed %d: on one plane it is only %v longer", seed, share)
		}
	}
	if _, err := geo.ByZone(orb.MultiLineString{{{136, 40}, {137, 40}}}, 3); !fault.Is(err, "out-of-range") {
		t.Errorf("beyond the last zone: %v", err)
	}
	six, err := geo.ByZone(orb.MultiLineString{{{105, 30}, {108, 30}, {110, 30}}}, 6)
	if err != nil || len(six) != 2 || six[0].Zone.Number != 18 || six[1].Zone.Number != 19 || six[1].Path[0] != (orb.Point{108, 30}) {
		t.Errorf("6° zones: %+v, %v", six, err)
	}
}

// planeLength adds up the plane lengths of a path, every segment in pieces.
func planeLength(t *testing.T, f geo.Frame, path orb.LineString) float64 {
	t.Helper()
	const pieces = 20
	m := 0.0
	for i := 1; i < len(path); i++ {
		length, azimuth := geo.DistanceM(path[i-1], path[i]), geo.Azimuth(path[i-1], path[i])
		for k := range pieces {
			from, to := geo.Direct(path[i-1], azimuth, length*float64(k)/pieces), geo.Direct(path[i-1], azimuth, length*float64(k+1)/pieces)
			_, d, err := f.GridBearing(from, to)
			if err != nil {
				t.Fatal(err)
			}
			m += d
		}
	}
	return m
}
