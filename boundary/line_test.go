package boundary_test

import (
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
)

func TestNameLine(t *testing.T) {
	u := units{}
	for _, c := range []struct{ x, y, name, code string }{
		{"500000", "510000", "渝川线", "5051"},
		{"510000", "500000", "渝川线", "5051"},
		{"500000", "420000", "鄂渝线", "4250"},
		{"430000", "500000", "湘渝线", "4350"},
		{"500000", "520000", "渝黔线", "5052"},
		{"610000", "500000", "渝陕线", "5061"},
		{"150000", "610000", "蒙陕线", "1561"},
	} {
		name, code, _ := boundary.NameLine(boundary.ProvinceLine, u.get(c.x, ""), u.get(c.y, ""))
		if name != c.name || code != c.code {
			t.Errorf("%s, %s: got %s %s, wanted %s %s", c.x, c.y, name, code, c.name, c.code)
		}
	}
	name, code, scheme := boundary.NameLine(boundary.CountyLine, u.get("500112", "渝北区"), u.get("500105", "江北区"))
	if name != "江北区—渝北区线" || code != "" || scheme != "" {
		t.Errorf("county line: got %s %q %q", name, code, scheme)
	}
	abbreviations := map[string]bool{}
	for code := 11; code <= 82; code++ {
		c := gazetteer.DivisionCode([]byte{byte('0' + code/10), byte('0' + code%10), '0', '0', '0', '0'})
		if a := boundary.Abbreviation(c); a != "" {
			abbreviations[a] = true
		}
		if (boundary.Abbreviation(c) == "") != (gazetteer.ProvinceName(c) == "") {
			t.Errorf("%s has a name or an abbreviation, not both", c)
		}
	}
	if len(abbreviations) != 34 {
		t.Errorf("got %d abbreviations, wanted 34", len(abbreviations))
	}
}

func TestOrientBeginsInTheWestOrNorth(t *testing.T) {
	ring := orb.LineString{{107.5, 29}, {107.5, 29.01}, {107.49, 29.01}, {107.49, 29}, {107.5, 29}}
	for _, c := range []struct {
		name  string
		parts orb.MultiLineString
		want  []orb.Point // first vertex of each part
	}{
		{"runs east and west", orb.MultiLineString{{{107, 29}, {106, 29.5}}}, []orb.Point{{106, 29.5}}},
		{"runs north and south", orb.MultiLineString{{{106, 29}, {106.3, 31}}}, []orb.Point{{106.3, 31}}},
		{
			"parts end to end, the exclave last",
			orb.MultiLineString{ring, {{108, 29}, {107, 29}}, {{106, 29}, {106.9, 29}}},
			[]orb.Point{{106, 29}, {107, 29}, {107.49, 29.01}},
		},
		{"an exclave alone", orb.MultiLineString{ring}, []orb.Point{{107.49, 29.01}}},
	} {
		got := boundary.Orient(c.parts)
		if len(got) != len(c.want) {
			t.Errorf("%s: %d parts, wanted %d", c.name, len(got), len(c.want))
			continue
		}
		for i, p := range c.want {
			if got[i][0] != p {
				t.Errorf("%s: part %d begins at %v, wanted %v", c.name, i+1, got[i][0], p)
			}
		}
	}
}

func TestJoinPutsPathsTogether(t *testing.T) {
	got := boundary.Join([]orb.LineString{
		{{2, 0}, {1, 0}}, {{0, 0}, {1, 0}}, {{2, 0}, {3, 0}}, // one part, whatever the directions
		{{5, 5}, {6, 5}, {6, 6}}, {{5, 5}, {6, 6}}, // a ring
		{{9, 9}}, // nothing
	})
	if len(got) != 2 || len(got[0]) != 4 || len(got[1]) != 4 {
		t.Fatalf("got %v", got)
	}
	fork := boundary.Join([]orb.LineString{{{0, 0}, {1, 0}}, {{1, 0}, {2, 0}}, {{1, 0}, {1, 1}}})
	if len(fork) != 3 {
		t.Errorf("a fork: got %d parts, wanted 3", len(fork))
	}
}
