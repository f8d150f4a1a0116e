package boundary_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
)

// onLines gives sections the lines of their parties.
func onLines(t testing.TB, sections []boundary.Section) []boundary.LineSection {
	t.Helper()
	all := make([]boundary.LineSection, len(sections))
	for i, s := range sections {
		_, a, b, ok := boundary.Parted(s.A, s.B)
		if !ok {
			t.Fatalf("%s and %s are parted by nothing", s.A.Name, s.B.Name)
		}
		a, b = boundary.ProposeParties(a, b)
		all[i] = boundary.LineSection{Line: uuid.NewSHA1(a.ID, b.ID[:]), Section: s}
	}
	return all
}

func never(uuid.UUID) bool { return false }

// TestNodesOfTheRealLines holds them to what was found before nodes were rows: identities, places and levels of the tripoints.
func TestNodesOfTheRealLines(t *testing.T) {
	made, gone := boundary.SettleNodes(boundary.Nodes(onLines(t, realSections(t, units{}))), nil, never)
	counts, ids, sum := map[string]int{}, map[uuid.UUID]bool{}, sha256.New()
	for _, n := range made {
		counts[string(n.Kind)]++
		ids[n.ID] = true
		if n.Kind == boundary.Junction {
			counts[string(n.Level())]++
			fmt.Fprintln(sum, n.ID, n.At, n.Level())
		}
	}
	t.Logf("%v", counts)
	// The outer ring of Chongqing touches five provinces, so five provincial tripoints.
	if counts["junction"] != 116 || counts["province"] != 5 || counts["tee"] != 0 || len(ids) != len(made) || len(gone) != 0 {
		t.Errorf("got %v with %d identities", counts, len(ids))
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != "df115515b0018c178e4f752432f7e81b55498edb90ee208919020b9d15ce54e0" {
		t.Errorf("the tripoints are others: %s", got)
	}
}

// nodeWorld is two counties A and B with two townships of A on their line, which runs from west to east along 29.5°.
type nodeWorld struct{ a, a1, a2, b, c *boundary.Division }

func newNodeWorld() nodeWorld {
	at := func(code string, level gazetteer.Level, above *boundary.Division) *boundary.Division {
		return &boundary.Division{ID: uuid.NewSHA1(uuid.Nil, []byte(code)), Code: gazetteer.DivisionCode(code), Name: code, Level: level, Above: above}
	}
	province := at("500000", gazetteer.Province, nil)
	w := nodeWorld{a: at("500105", gazetteer.County, province), b: at("500112", gazetteer.County, province), c: at("500103", gazetteer.County, province)}
	w.a1, w.a2 = at("500105001", gazetteer.Township, w.a), at("500105002", gazetteer.Township, w.a)
	return w
}

func on(line byte, since string, a, b *boundary.Division, path ...orb.Point) boundary.LineSection {
	s := boundary.LineSection{Line: uuid.UUID{line}, Section: boundary.Section{A: a, B: b, Parts: orb.MultiLineString{path}}}
	s.Since, _ = time.Parse(time.DateOnly, since)
	return s
}

func TestATownshipLineEndsOnTheCountyLine(t *testing.T) {
	w := newNodeWorld()
	county := on(1, "", w.a, w.b, orb.Point{106, 29.5}, orb.Point{107, 29.5})
	for name, c := range map[string]struct {
		end  orb.Point
		kind boundary.NodeKind
		n    int
	}{
		"on it":     {orb.Point{106.4, 29.5}, boundary.TeeNode, 3},
		"6 m short": {orb.Point{106.4, 29.500054}, boundary.EndNode, 2},
	} {
		nodes := boundary.Nodes([]boundary.LineSection{county, on(2, "2026-03-01", w.a1, w.a2, orb.Point{106.4, 29.7}, c.end)})
		at := slices.IndexFunc(nodes, func(n boundary.Node) bool { return n.At == c.end })
		if len(nodes) != 4 || at < 0 || nodes[at].Kind != c.kind || len(nodes[at].Divisions) != c.n || nodes[at].Level() != boundary.TownshipLine ||
			nodes[at].Since.Format(time.DateOnly) != "2026-03-01" {
			t.Errorf("%s: %+v", name, nodes)
		}
	}
}

func TestNodesKeepTheirIdentity(t *testing.T) {
	w := newNodeWorld()
	at, later := orb.Point{106.5, 29.5}, orb.Point{106.501, 29.5}
	meeting := func(p orb.Point) []boundary.LineSection {
		return []boundary.LineSection{
			on(1, "", w.a, w.b, orb.Point{106, 29.5}, p), on(2, "", w.a, w.c, p, orb.Point{107, 29.8}), on(3, "", w.b, w.c, p, orb.Point{107, 29}),
		}
	}
	standing := func(made []boundary.SettledNode) (all []boundary.StandingNode) {
		for _, m := range made {
			s := boundary.StandingNode{ID: m.ID, Kind: m.Kind, At: m.At, Lines: m.Lines}
			for _, d := range m.Divisions {
				s.Divisions = append(s.Divisions, d.ID)
			}
			all = append(all, s)
		}
		return all
	}
	first, _ := boundary.SettleNodes(boundary.Nodes(meeting(at)), nil, never)
	if len(first) != 4 {
		t.Fatalf("made %+v", first)
	}
	stands := standing(first)
	if made, gone := boundary.SettleNodes(boundary.Nodes(meeting(at)), stands, never); len(made)+len(gone) > 0 {
		t.Errorf("nothing changed, and made %+v, gone %+v", made, gone)
	}
	taken := func(id uuid.UUID) bool {
		return slices.ContainsFunc(stands, func(s boundary.StandingNode) bool { return s.ID == id })
	}
	made, gone := boundary.SettleNodes(boundary.Nodes(meeting(later)), stands, taken)
	if len(made) != 1 || made[0].At != later || made[0].Over == nil || made[0].Over.At != at || made[0].ID != made[0].Over.ID || len(gone) != 0 {
		t.Errorf("moved: made %+v, gone %+v", made, gone)
	}
	made, gone = boundary.SettleNodes(boundary.Nodes(meeting(at)[:2]), stands, taken)
	if len(made) != 1 || made[0].Kind != boundary.Junction || len(made[0].Lines) != 2 || len(gone) != 1 || gone[0].At != (orb.Point{107, 29}) {
		t.Errorf("a line less: made %+v, gone %+v", made, gone)
	}
	again, _ := boundary.SettleNodes(boundary.Nodes(meeting(later)), nil, taken)
	if slices.ContainsFunc(again, func(m boundary.SettledNode) bool { return taken(m.ID) }) {
		t.Errorf("an identity was given twice: %+v", again)
	}
}
