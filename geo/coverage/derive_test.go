package coverage_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/coverage"
)

func faces(t testing.TB, lines []coverage.Feature) ([]coverage.Feature, []coverage.Finding) {
	t.Helper()
	areas, findings, err := coverage.Faces(context.Background(), lines)
	if err != nil {
		t.Fatal(err)
	}
	return areas, findings
}

// The toy county has 3 inner lines, 3 outer ones and one tripoint; of its lines come the same areas again, those of domain/boundary.md §5.8.
func TestLinesAndFacesOfTheToyCounty(t *testing.T) {
	county := toyCounty(t, 0)
	lines, nodes := coverage.Lines(county)
	var names []string
	for _, l := range lines {
		names = append(names, l.Name)
	}
	if got := strings.Join(names, " "); got != "A|外 A|B A|C B|外 B|C C|外" {
		t.Errorf("lines %s", got)
	}
	if len(nodes) != 1 || strings.Join(nodes[0].Areas, "") != "ABC" || geo.DistanceM(nodes[0].At, orb.Point{106.606659584, 29.585707042}) > 0.001 {
		t.Errorf("nodes %+v", nodes)
	}
	areas, findings := faces(t, lines)
	if len(findings) > 0 || len(areas) != 3 {
		t.Fatalf("%d areas, %+v", len(areas), findings)
	}
	for i, a := range areas {
		if a.ID != county[i].ID || math.Abs(geo.AreaM2(a.Geometry)-geo.AreaM2(county[i].Geometry)) > 0.01 {
			t.Errorf("%s: %.2f m²", a.ID, geo.AreaM2(a.Geometry))
		}
	}
}

// 78 counties, 44 exclaves among them, come back from their lines with every area as it was. The nodes of the counties of Chongqing and their
// neighbours are 116, five of them of three provinces (issue 6).
func TestLinesAndFacesOfRealCounties(t *testing.T) {
	all := append(read(t, 0, counties), read(t, 1, neighbourCounties)...)
	all, _ = reconcile(t, all, coverage.ReconcileParameters{ToleranceM: 0.1})
	lines, nodes := coverage.Lines(all)
	pairs := map[string]bool{}
	for _, l := range lines {
		if l.Right != "" && (strings.HasPrefix(l.Left, "50") || strings.HasPrefix(l.Right, "50")) {
			pairs[l.Name] = true
		}
	}
	ofChongqing, ofThree := 0, 0
	for _, n := range nodes {
		provinces := map[string]bool{}
		for _, code := range n.Areas {
			provinces[code[:2]] = true
		}
		if provinces["50"] {
			ofChongqing++
			if len(provinces) == 3 {
				ofThree++
			}
		}
	}
	if len(pairs) != 151 || ofThree != 5 || ofChongqing != 116 {
		t.Errorf("%d pairs, %d nodes, %d of three provinces", len(pairs), ofChongqing, ofThree)
	}
	areas, findings := faces(t, lines)
	byCode := map[string]coverage.Feature{}
	for _, a := range areas {
		byCode[a.Code] = a
	}
	if len(findings) > 0 {
		t.Errorf("found %+v", findings)
	}
	for _, f := range all {
		a, b := geo.AreaM2(f.Geometry), geo.AreaM2(byCode[f.Code].Geometry)
		if math.Abs(a-b) > 1 || len(geo.Areas(f.Geometry)) != len(geo.Areas(byCode[f.Code].Geometry)) {
			t.Errorf("%s had %.1f m² in %d parts, now %.1f in %d", f.Code, a, len(geo.Areas(f.Geometry)), b, len(geo.Areas(byCode[f.Code].Geometry)))
		}
	}
	if len(areas) != 78 {
		t.Errorf("%d areas", len(areas))
	}
}

func TestFacesOfFaultyLines(t *testing.T) {
	line := func(left, right string, xy ...float64) coverage.Feature {
		return coverage.Feature{ID: left + right, Left: left, Right: right, Geometry: path(xy...)}
	}
	around := []coverage.Feature{
		line("A", "", 0, 10, 0, 0, 5, 0), line("B", "", 5, 0, 10, 0, 10, 10, 5, 10), line("A", "", 5, 10, 0, 10),
	}
	for name, c := range map[string]struct {
		lines []coverage.Feature
		want  string // areas and findings
	}{
		"they fit":                 {append(around, line("A", "B", 5, 0, 5, 10)), "A B"},
		"it crosses the border":    {append(around, line("A", "B", 5, -1, 5, 11)), "A B dangle dangle"},
		"6 m short":                {append(around, line("A", "B", 5, 0, 5, 10-0.0554)), "label-conflict dangle"},
		"left and right are told":  {append(around, line("B", "A", 5, 0, 5, 10)), "label-conflict label-conflict"},
		"an enclave of another":    {append(around, line("A", "B", 5, 0, 5, 10), line("B", "A", 2, 2, 3, 2, 3, 3, 2, 2)), "A B*2"},
		"a hole of nobody":         {append(around, line("A", "B", 5, 0, 5, 10), line("", "A", 2, 2, 3, 2, 3, 3, 2, 2)), "A B"},
		"a line that says nothing": {append(around, line("A", "B", 5, 0, 5, 10), line("", "", 2, 2, 3, 2, 3, 3, 2, 2)), "B label-conflict unlabelled-face"},
		"nothing":                  {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			areas, findings := faces(t, slices.Clone(c.lines))
			for _, a := range areas {
				if n := len(geo.Areas(a.Geometry)); n > 1 {
					got = append(got, fmt.Sprintf("%s*%d", a.ID, n))
				} else {
					got = append(got, a.ID)
				}
			}
			for _, f := range findings {
				got = append(got, f.Code)
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("got %q, wanted %q: %+v", text, c.want, findings)
			}
		})
	}
}
