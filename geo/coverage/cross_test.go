package coverage_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

func TestLinesThatCross(t *testing.T) {
	for name, c := range map[string]struct {
		lines []orb.Geometry
		want  int
		at    orb.Point
	}{
		"in the middle":           {[]orb.Geometry{path(0, 0, 10, 10, 20, 10), path(0, 10, 10, 0)}, 1, orb.Point{106.505, 29.505}},
		"in a vertex of both":     {[]orb.Geometry{path(0, 0, 5, 5, 10, 10), path(0, 10, 5, 5, 10, 0)}, 0, orb.Point{}},
		"itself":                  {[]orb.Geometry{path(0, 0, 10, 10, 10, 0, 0, 10)}, 1, orb.Point{106.505, 29.505}},
		"one ends on the other":   {[]orb.Geometry{path(0, 0, 10, 0), path(5, 0, 5, 10)}, 0, orb.Point{}},
		"an end 6 m too far":      {[]orb.Geometry{path(0, 0, 10, 0), path(5, -0.0554, 5, 10)}, 0, orb.Point{}},
		"an area is crossed only": {[]orb.Geometry{path(-5, 5, 15, 5), box(0, 0, 10, 10)}, 0, orb.Point{}},
	} {
		report := check(t, areaFeatures(c.lines...))
		if report.Counts["lines-cross"] != c.want {
			t.Errorf("%s: %v", name, report.Counts)
			continue
		}
		for _, f := range report.Findings {
			if f.Code == "lines-cross" && (f.Severity != fault.Block || math.Hypot(f.At[0]-c.at[0], f.At[1]-c.at[1]) > 1e-9) {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// TestFacesOfLinesAndShapes: two counties side by side, all their lines known; the shape of one is a strip of some 9.7 m wider than its
// lines say, or the lines are not all there.
func TestFacesOfLinesAndShapes(t *testing.T) {
	between := coverage.Feature{ID: "ab", Left: "A", Right: "B", Geometry: path(10, 0, 10, 10)}
	west := coverage.Feature{ID: "a", Left: "A", Geometry: path(10, 10, 0, 10, 0, 0, 10, 0)}
	east := coverage.Feature{ID: "b", Right: "B", Geometry: path(10, 10, 20, 10, 20, 0, 10, 0)}
	for name, c := range map[string]struct {
		lines []coverage.Feature
		b     orb.Geometry
		want  int
		m2    float64
	}{
		"they agree":                     {[]coverage.Feature{between, west, east}, box(10, 0, 20, 10), 0, 0},
		"the shape is larger":            {[]coverage.Feature{between, west, east}, box(10, 0, 20.1, 10), 1, 9.68 * 1108.6},
		"the shape is smaller":           {[]coverage.Feature{between, west, east}, box(10, 0, 19.9, 10), 1, 9.68 * 1108.6},
		"not all of its lines are there": {[]coverage.Feature{between, west}, box(10, 0, 20.1, 10), 0, 0},
	} {
		features := append([]coverage.Feature{{ID: "A", Geometry: box(0, 0, 10, 10)}, {ID: "B", Geometry: c.b}}, c.lines...)
		report := check(t, features)
		if report.Counts["face-differs"] != c.want {
			t.Errorf("%s: %v", name, report.Counts)
			continue
		}
		for _, f := range report.Findings {
			if f.Code == "face-differs" && (math.Abs(f.AreaM2-c.m2) > 0.01*c.m2 || f.Features[0] != "B") {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}
