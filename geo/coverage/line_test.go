package coverage_test

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

// path is a line in the thousandths of a degree of box.
func path(xy ...float64) orb.LineString {
	var l orb.LineString
	for xy := range slices.Chunk(xy, 2) {
		l = append(l, orb.Point{106.5 + xy[0]/1000, 29.5 + xy[1]/1000})
	}
	return l
}

func TestEndsOfLines(t *testing.T) {
	// 0.0554 thousandths of a degree are some 6.14 m of latitude.
	for name, c := range map[string]struct {
		lines []orb.Geometry
		want  string // which ends dangle and how
		m     float64
	}{
		"they meet in a vertex":         {[]orb.Geometry{path(0, 0, 5, 0), path(5, 0, 9, 9, 0, 9, 0, 0)}, "", 0},
		"one ends on an edge":           {[]orb.Geometry{path(0, 0, 10, 0, 10, 10, 0, 10, 0, 0), path(5, 0, 5, 10)}, "", 0},
		"6 m short":                     {[]orb.Geometry{path(0, 0, 10, 0, 10, 10, 0, 10, 0, 0), path(5, 0, 5, 10-0.0554)}, "block BA", 6.14},
		"6 m too far":                   {[]orb.Geometry{path(0, 0, 10, 0, 10, 10, 0, 10, 0, 0), path(5, 0, 5, 10.0554)}, "block BA", 6.14},
		"a centimetre short":            {[]orb.Geometry{path(0, 0, 10, 0, 10, 10, 0, 10, 0, 0), path(5, 0, 5, 10-0.00009)}, "", 0},
		"a kilometre short":             {[]orb.Geometry{path(0, 0, 10, 0, 10, 20, 0, 20, 0, 0), path(5, 0, 5, 10)}, "review BA", 485},
		"round and back to where it is": {[]orb.Geometry{path(0, 0, 5, 0, 5, 5, 0, 0)}, "", 0},
		"back onto its own course":      {[]orb.Geometry{path(0, 0, 5, 0, 5, 5, 2, 0), path(0, 0, -5, -5, -5, 5, 0, 0)}, "", 0},
		"alone":                         {[]orb.Geometry{path(0, 0, 5, 0)}, "review A review A", 0},
		"ends at areas":                 {[]orb.Geometry{path(0, 5, 10, 5), box(-5, 0, 0, 10), box(10, 0, 15, 10)}, "", 0},
		"short of an area":              {[]orb.Geometry{path(0, 5, 9.99, 5), box(-5, 0, 0, 10), box(10, 0, 15, 10)}, "block AC", 0.97},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range check(t, areaFeatures(c.lines...)).Findings {
				if f.Code != "dangle" {
					t.Errorf("found %+v", f)
				}
				got = append(got, string(f.Severity)+" "+strings.Join(f.Features, ""))
				if math.Abs(f.LengthM-c.m) > 0.01*max(1, c.m) {
					t.Errorf("%.3f m from what it should meet, not %g", f.LengthM, c.m)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, wanted %q", got, c.want)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	a := coverage.Feature{ID: "1", Code: "500101", Name: "甲县", Geometry: box(0, 0, 10, 10)}
	b := coverage.Feature{ID: "2", Code: "500102", Name: "乙县", Geometry: box(10, 0, 20, 10)}
	with := func(f coverage.Feature, change func(*coverage.Feature)) coverage.Feature { change(&f); return f }
	line := coverage.Feature{ID: "l", Left: "500101", Right: "乙县", Geometry: path(10, 0, 10, 10)}
	for name, c := range map[string]struct {
		features []coverage.Feature
		want     string // codes of findings
	}{
		"a line by code and name":         {[]coverage.Feature{a, b, line}, ""},
		"left and right exchanged":        {[]coverage.Feature{a, b, with(line, func(f *coverage.Feature) { f.Left, f.Right = f.Right, f.Left })}, "review label-conflict l"},
		"the other way round":             {[]coverage.Feature{a, b, with(line, func(f *coverage.Feature) { f.Geometry = path(10, 10, 10, 0) })}, "review label-conflict l"},
		"of others":                       {[]coverage.Feature{a, b, with(a, func(f *coverage.Feature) { f.ID, f.Code, f.Geometry = "3", "500103", box(30, 0, 40, 10) }), with(line, func(f *coverage.Feature) { f.Right = "500103" })}, "block label-conflict l"},
		"of one that is not in the files": {[]coverage.Feature{a, b, with(line, func(f *coverage.Feature) { f.Right = "520101" })}, ""},
		"one code for two on each other":  {[]coverage.Feature{a, b, with(b, func(f *coverage.Feature) { f.ID, f.Geometry = "3", box(15, 0, 25, 10) })}, "block label-conflict 23 block overlap 23"},
		"one code for two parts":          {[]coverage.Feature{a, b, with(b, func(f *coverage.Feature) { f.ID, f.Geometry = "3", box(30, 0, 31, 1) })}, ""},
		"one code with two names":         {[]coverage.Feature{a, b, with(b, func(f *coverage.Feature) { f.ID, f.Name, f.Geometry = "3", "丙县", box(20, 0, 30, 10) })}, "block label-conflict 23"},
	} {
		t.Run(name, func(t *testing.T) {
			r := check(t, c.features)
			var got []string
			for _, f := range r.Findings {
				got = append(got, string(f.Severity)+" "+f.Code+" "+strings.Join(f.Features, ""))
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, wanted %q", got, c.want)
			}
			if parts := strings.HasPrefix(name, "one code for two"); parts != (len(r.Exclaves) == 1) {
				t.Errorf("exclaves %v", r.Exclaves)
			}
		})
	}
}

func TestIdentify(t *testing.T) {
	for name, c := range map[string]struct{ given, want coverage.Feature }{
		"by its code":        {coverage.Feature{Code: "500101", Name: "甲县"}, coverage.Feature{ID: "500101", Code: "500101", Name: "甲县"}},
		"a code for an id":   {coverage.Feature{ID: "500101002", Name: "乙镇"}, coverage.Feature{ID: "500101002", Code: "500101002", Name: "乙镇"}},
		"an id that is none": {coverage.Feature{ID: "7", Name: "乙镇"}, coverage.Feature{ID: "7", Name: "乙镇"}},
		"a class":            {coverage.Feature{Code: "island", Name: "丙岛"}, coverage.Feature{ID: "island", Name: "丙岛"}},
		"a line":             {coverage.Feature{Left: "1", Right: "2"}, coverage.Feature{ID: "1|2", Name: "1|2", Left: "1", Right: "2"}},
		"nothing":            {coverage.Feature{}, coverage.Feature{ID: "a.geojson 第 3 个"}},
	} {
		if c.given.Identify("", "a.geojson 第 3 个"); !reflect.DeepEqual(c.given, c.want) {
			t.Errorf("%s: %+v", name, c.given)
		}
	}
}

func TestSumOfDivisions(t *testing.T) {
	division := func(code, parent, level string, g orb.Geometry) coverage.Feature {
		return coverage.Feature{ID: code, Code: code, Parent: parent, Level: level, Geometry: g}
	}
	county := division("500101", "", "", box(0, 0, 20, 10))
	east, west := division("500101002", "", "", box(10, 0, 20, 10)), division("500101001", "", "", box(0, 0, 10, 10))
	short, far := division("500101002", "", "", box(10, 0, 19.99, 10)), division("500101002", "", "", box(10, 0, 20.5, 10))
	for name, c := range map[string]struct {
		features []coverage.Feature
		want     string
		m2       float64
	}{
		"they make it up":         {[]coverage.Feature{county, east, west}, "", 0},
		"one falls short":         {[]coverage.Feature{county, short, west}, "block sum-mismatch 500101 500101002", 0.1},
		"one goes too far":        {[]coverage.Feature{county, far, west}, "block sum-mismatch 500101 500101002", 5},
		"most are elsewhere":      {[]coverage.Feature{county, division("500101001", "", "", box(0, 0, 5, 10))}, "info sum-incomplete 500101", 150},
		"two lie on each other":   {[]coverage.Feature{county, division("500101002", "", "", box(9, 0, 20, 10)), west}, "block overlap 500101002 500101001", 10},
		"as the file says":        {[]coverage.Feature{division("X", "", "county", box(0, 0, 20, 10)), division("Y", "X", "township", box(0, 0, 10, 10)), division("Z", "X", "township", box(10, 0, 19, 10))}, "block sum-mismatch X Z", 10},
		"three levels by code":    {[]coverage.Feature{division("500000", "", "", box(0, 0, 20, 10)), county, east, west}, "", 0},
		"the other one of a pair": {[]coverage.Feature{division("500000", "", "", box(0, 0, 30, 10)), county, division("500102", "", "", box(20, 0, 30, 10)), east, west}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range check(t, c.features).Findings {
				got = append(got, string(f.Severity)+" "+f.Code+" "+strings.Join(f.Features, " "))
				if cell := geo.AreaM2(box(5, 5, 6, 6)); math.Abs(f.AreaM2/cell-c.m2) > 0.01*c.m2 {
					t.Errorf("%.3f cells", f.AreaM2/cell)
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("got %q, wanted %q", got, c.want)
			}
		})
	}
}

// The 151 lines of the real counties meet in their ends, but for the four of the two edges of 武隆 that are in no line; the
// lines between provinces have their left and right, those between counties have them exchanged.
func TestRealLines(t *testing.T) {
	lines := read(t, 0, "boundary/cq_boundary_lines_wgs84_derived.geojson.gz")
	r := check(t, lines)
	if r.Counts["dangle"] != 4 || len(r.Findings) != 4 || r.Verdict() != fault.Review {
		t.Errorf("the lines alone: %v", r.Counts)
	}
	r = check(t, slices.Concat(lines, read(t, 1, counties), read(t, 2, neighbourCounties)))
	if r.Counts["dangle"] != 0 || r.Counts["label-conflict"] != 83 || r.Counts["overlap"] != 2 || len(r.Findings) != 85 {
		t.Errorf("with the counties: %v", r.Counts)
	}
	for _, f := range of(r, "label-conflict") {
		if f.Severity != fault.Review || !strings.Contains(f.Detail, "写反了") {
			t.Errorf("got %+v", f)
		}
	}
}
