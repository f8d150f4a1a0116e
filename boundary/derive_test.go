package boundary_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/shareddata"
)

const (
	countiesFile   = "admin/cq_counties_wgs84_derived.geojson.gz"
	neighboursFile = "admin/cq_neighbour_counties_wgs84_derived.geojson.gz"
	linesFile      = "boundary/cq_boundary_lines_wgs84_derived.geojson.gz"
)

// units makes divisions with provinces above them, once per code.
type units map[string]*boundary.Division

func (u units) get(code, name string) *boundary.Division {
	if d, ok := u[code]; ok {
		return d
	}
	d := &boundary.Division{ID: uuid.NewSHA1(uuid.Nil, []byte(code)), Code: gazetteer.DivisionCode(code), Name: name, Level: gazetteer.County}
	u[code] = d
	if strings.HasSuffix(code, "0000") {
		d.Level = gazetteer.Province
		return d
	}
	province := code[:2] + "0000"
	d.Above = u.get(province, gazetteer.ProvinceName(gazetteer.DivisionCode(province)))
	return d
}

// records reads a file of the shared data.
func records(t testing.TB, path string) []feature.Record {
	t.Helper()
	src, err := feature.Open(shareddata.Path(t, path))
	if err != nil {
		t.Fatal(err)
	}
	var all []feature.Record
	for r, err := range src.Records() {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func realShapes(t testing.TB, u units, paths ...string) []boundary.Shape {
	t.Helper()
	var shapes []boundary.Shape
	for _, path := range paths {
		for _, r := range records(t, path) {
			area, ok := r.Geometry.(orb.MultiPolygon)
			if p, single := r.Geometry.(orb.Polygon); single {
				area, ok = orb.MultiPolygon{p}, true
			}
			if !ok {
				t.Fatalf("%s: %T", r.Fields["name"], r.Geometry)
			}
			shapes = append(shapes, boundary.Shape{Division: u.get(r.Fields["code"], r.Fields["name"]), Area: area})
		}
	}
	return shapes
}

// realSections reads the file of lines as sections.
func realSections(t testing.TB, u units) []boundary.Section {
	t.Helper()
	var sections []boundary.Section
	for _, r := range records(t, linesFile) {
		parts, ok := r.Geometry.(orb.MultiLineString)
		if l, single := r.Geometry.(orb.LineString); single {
			parts, ok = orb.MultiLineString{l}, true
		}
		if !ok {
			t.Fatalf("%T", r.Geometry)
		}
		a, b := u.get(r.Fields["left"], r.Fields["left_name"]), u.get(r.Fields["right"], r.Fields["right_name"])
		sections = append(sections, boundary.Section{A: a, B: b, Parts: parts, Row: r.Line})
	}
	return sections
}

func TestDeriveFindsTheLinesOfTheRealCounties(t *testing.T) {
	u := units{}
	shapes := realShapes(t, u, countiesFile, neighboursFile)
	began := time.Now()
	derived, unmatched := boundary.Derive(shapes)
	t.Logf("%d shapes in %v", len(shapes), time.Since(began).Round(time.Millisecond))
	var ours []boundary.Section
	for _, s := range derived {
		if strings.HasPrefix(string(s.A.Code), "50") || strings.HasPrefix(string(s.B.Code), "50") {
			ours = append(ours, s)
		}
	}
	for _, m := range unmatched {
		t.Logf("unmatched: %s—%s %d edges, %.0f m at %v", m.A.Name, m.B.Name, m.Edges, m.LengthM, m.At)
	}
	given := realSections(t, units{})
	mustBeTheRealLines(t, ours)
	mustBeTheRealLines(t, given)
	tripoints := 0
	for _, n := range boundary.Nodes(onLines(t, ours)) {
		if n.Kind == boundary.Junction {
			tripoints++
		}
	}
	if tripoints != 116 {
		t.Errorf("tripoints of derived sections: got %d, wanted 116", tripoints)
	}
	lengths := map[string]float64{}
	for _, s := range given {
		lengths[string(s.A.Code+s.B.Code)] = geo.LengthM(s.Parts)
	}
	for _, s := range ours {
		got, want := geo.LengthM(s.Parts), lengths[string(s.A.Code+s.B.Code)]
		if math.Abs(got-want) > want/1000 {
			t.Errorf("%s—%s: got %.1f m, wanted %.1f m", s.A.Name, s.B.Name, got, want)
		}
	}
}

// mustBeTheRealLines checks the numbers of the issue: 88 lines (5 provincial, 83 county) in 151 sections, 9 of them in several parts.
func mustBeTheRealLines(t *testing.T, sections []boundary.Section) {
	t.Helper()
	lines, homeless, err := boundary.Assemble(sections)
	if err != nil || len(homeless) > 0 {
		t.Fatalf("%v, %d homeless", err, len(homeless))
	}
	got := map[string]int{}
	for _, l := range lines {
		got[string(l.Level)]++
		got["sections of "+string(l.Level)] += len(l.Sections)
		sum := 0.0
		for _, s := range l.Sections {
			if len(s.Parts) > 1 {
				got["in several parts"]++
			}
			sum += geo.LengthM(s.Parts)
		}
		if math.Abs(sum-l.LengthM) > 1e-6 {
			t.Errorf("%s: sections add up to %.7f m of %.7f m", l.Name, sum, l.LengthM)
		}
		if l.Level == boundary.ProvinceLine {
			t.Logf("%s %s: %.0f m, %d sections, %d parts", l.Name, l.Code, l.LengthM, len(l.Sections), len(l.Geometry))
			got[l.Name+" "+l.Code]++
		}
	}
	want := map[string]int{
		"province": 5, "county": 83, "sections of province": 68, "sections of county": 83, "in several parts": 9,
		"鄂渝线 4250": 1, "湘渝线 4350": 1, "渝川线 5051": 1, "渝黔线 5052": 1, "渝陕线 5061": 1,
	}
	for k, n := range want {
		if got[k] != n {
			t.Errorf("%s: got %d, wanted %d", k, got[k], n)
		}
	}
}

func TestRightOfTheRealLines(t *testing.T) {
	u := units{}
	shapes := realShapes(t, u, countiesFile, neighboursFile)
	areas := map[string][]orb.MultiPolygon{}
	for _, s := range shapes {
		areas[string(s.Division.Code)] = append(areas[string(s.Division.Code)], s.Area)
		areas[string(s.Division.Above.Code)] = append(areas[string(s.Division.Above.Code)], s.Area)
	}
	lines, _, err := boundary.Assemble(realSections(t, u))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		chain, err := geo.NewChain(l.Geometry)
		if err != nil {
			t.Fatal(err)
		}
		side := boundary.RightOf(chain, areas[string(l.A.Code)], areas[string(l.B.Code)])
		if side == 0 {
			t.Errorf("%s: neither side is told", l.Name)
		}
		back, err := geo.NewChain(turnedAround(l.Geometry))
		if err != nil {
			t.Fatal(err)
		}
		if got := boundary.RightOf(back, areas[string(l.A.Code)], areas[string(l.B.Code)]); got != 3-side {
			t.Errorf("%s turned around: got %d, wanted %d", l.Name, got, 3-side)
		}
	}
}

func turnedAround(line orb.MultiLineString) orb.MultiLineString {
	var back orb.MultiLineString
	for _, part := range line {
		p := append(orb.LineString{}, part...)
		p.Reverse()
		back = append(back, p)
	}
	return back
}

// A square of four counties; the east ones differ from the west ones by a vertex that moved 50 m, over 1.9 km of border.
func TestDeriveReportsWhatDoesNotMatch(t *testing.T) {
	u := units{}
	box := func(code, name string, ring ...orb.Point) boundary.Shape {
		return boundary.Shape{Division: u.get(code, name), Area: orb.MultiPolygon{{append(ring, ring[0])}}}
	}
	shapes := []boundary.Shape{
		box("500101", "甲区", orb.Point{106, 29}, orb.Point{106.02, 29}, orb.Point{106.02, 29.02}, orb.Point{106, 29.02}),
		box("500102", "乙区", orb.Point{106.02, 29}, orb.Point{106.04, 29}, orb.Point{106.04, 29.02}, orb.Point{106.02, 29.02}, orb.Point{106.0205, 29.01}),
		box("500103", "丙区", orb.Point{106, 29.02}, orb.Point{106.02, 29.02}, orb.Point{106.02, 29.04}, orb.Point{106, 29.04}),
	}
	sections, unmatched := boundary.Derive(shapes)
	if len(sections) != 1 || sections[0].A.Name != "甲区" || sections[0].B.Name != "丙区" {
		t.Errorf("got %d sections, wanted 甲区—丙区 alone", len(sections))
	}
	if len(unmatched) != 1 || unmatched[0].B.Name != "乙区" || unmatched[0].Edges != 3 || math.Abs(unmatched[0].LengthM-2217) > 10 {
		t.Errorf("got %+v", unmatched)
	}
}
