package boundary_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/internal/fault"
)

func codesOf(found []fault.Finding) string {
	var codes []string
	for _, f := range found {
		codes = append(codes, f.Code+" "+f.Pointer)
	}
	return strings.Join(codes, ", ")
}

// TestAnEndFollowsTheNodeItMoves: line F begins at a tripoint and its middle is passed by a township line; both may come to another
// place, where the agreement says so.
func TestAnEndFollowsTheNodeItMoves(t *testing.T) {
	start, bend, end := lineF[0][0], lineF[0][1], lineF[0][2]
	to, aside := geo.Direct(start, 140, 40), geo.Direct(bend, 310, 40)
	tripoint := boundary.MeetingNode{ID: uuid.New(), At: start, Name: "渝中区—江北区—渝北区", Own: true, Others: []string{"渝中江北线", "渝中渝北线"}, Law: true}
	tee := boundary.MeetingNode{ID: uuid.New(), At: bend, Name: "甲镇—乙镇", Own: true, Others: []string{"甲乙线"}, Law: true}
	alone := boundary.MeetingNode{ID: uuid.New(), At: end, Name: "海边", Own: true}
	foreign := boundary.MeetingNode{ID: uuid.New(), At: end, Name: "丙", Others: []string{"丙线"}}
	course := func(points ...orb.Point) orb.MultiLineString { return orb.MultiLineString{orb.LineString(points)} }
	moves := func(n boundary.MeetingNode, to orb.Point) boundary.MovedNode {
		return boundary.MovedNode{NodeID: n.ID, To: to}
	}
	for name, c := range map[string]struct {
		course orb.MultiLineString
		moves  []boundary.MovedNode
		want   string
	}{
		"said":                      {course(to, bend, end), []boundary.MovedNode{moves(tripoint, to)}, ""},
		"not said":                  {course(to, bend, end), nil, "node-moved /geometry"},
		"said, not drawn":           {course(start, bend, end), []boundary.MovedNode{moves(tripoint, to)}, "node-moved /geometry"},
		"drawn 2 m off":             {course(geo.Direct(to, 90, 2), bend, end), []boundary.MovedNode{moves(tripoint, to)}, "end-off /geometry"},
		"passes where the tee is":   {course(start, aside, end), []boundary.MovedNode{moves(tee, aside)}, ""},
		"passes where it was":       {course(start, bend, end), []boundary.MovedNode{moves(tee, aside)}, "node-moved /geometry"},
		"both":                      {course(to, aside, end), []boundary.MovedNode{moves(tripoint, to), moves(tee, aside)}, ""},
		"its own end, said":         {course(start, bend, geo.Direct(end, 10, 20)), []boundary.MovedNode{moves(alone, geo.Direct(end, 10, 20))}, ""},
		"its own end, said wrong":   {course(start, bend, geo.Direct(end, 10, 20)), []boundary.MovedNode{moves(alone, geo.Direct(end, 10, 45))}, "node-moved /geometry"},
		"twice":                     {course(to, bend, end), []boundary.MovedNode{moves(tripoint, to), moves(tripoint, to)}, "node-twice /movesNodes/1/nodeId"},
		"a node of others":          {course(start, bend, end), []boundary.MovedNode{moves(foreign, to)}, "node-unknown /movesNodes/0/nodeId"},
		"to where it is":            {course(start, bend, end), []boundary.MovedNode{moves(tripoint, start)}, "node-stays /movesNodes/0/to"},
		"a millimetre from another": {course(to, bend, end), []boundary.MovedNode{moves(tripoint, geo.Direct(end, 90, 0.001))}, "node-beside /movesNodes/0/to"},
		"to no place":               {course(start, bend, end), []boundary.MovedNode{moves(tripoint, orb.Point{200, 29})}, "bad-position /movesNodes/0/to, node-moved /geometry"},
		"to latitude by longitude":  {course(start, bend, end), []boundary.MovedNode{moves(tripoint, orb.Point{29.5, 106.5})}, "bad-position /movesNodes/0/to, node-moved /geometry"},
	} {
		content := agreed(boundary.LineSegment{MarkKind: "ridge", AccuracyM: metres(5)})
		content.Geometry, content.MovesNodes, content.DepartsAtMostM = c.course, c.moves, metres(60)
		settled, found := content.Settle(lineF, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint, tee, alone, foreign}})
		if got := codesOf(found); got != c.want {
			t.Errorf("%s: found %q", name, got)
		}
		for _, m := range settled.MovesNodes {
			if c.want == "" && (m.Name == "" || geo.DistanceM(m.From, m.To) < 10) {
				t.Errorf("%s: settled as %+v", name, m)
			}
		}
	}
}

// TestANodeMovesWithAllItsLines: what is approved together moves a node for every line that meets it, to one place, or not at all.
func TestANodeMovesWithAllItsLines(t *testing.T) {
	a, b, c, node, other := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	to, elsewhere := orb.Point{106.55, 29.49}, orb.Point{106.5501, 29.49}
	shared := []boundary.SharedNode{
		{ID: node, Name: "甲—乙—丙", Lines: []boundary.NodeLine{{ID: a, Name: "甲乙线"}, {ID: b, Name: "乙丙线"}, {ID: c, Name: "丙甲线"}}},
		{ID: other, Name: "甲—乙—丁", Lines: []boundary.NodeLine{{ID: a, Name: "甲乙线"}}},
	}
	on := func(line uuid.UUID, moves ...boundary.MovedNode) boundary.JointAgreement {
		return boundary.JointAgreement{Line: line, Moves: moves}
	}
	here, there, own := boundary.MovedNode{NodeID: node, To: to}, boundary.MovedNode{NodeID: node, To: elsewhere}, boundary.MovedNode{NodeID: other, To: to}
	for name, x := range map[string]struct {
		agreements []boundary.JointAgreement
		nodes      []boundary.SharedNode
		want, says string
	}{
		"all three":              {[]boundary.JointAgreement{on(a, here), on(b, here), on(c, here)}, shared[:1], "", ""},
		"two":                    {[]boundary.JointAgreement{on(a, here), on(b, here)}, shared[:1], "node-shared", "“丙甲线”"},
		"one":                    {[]boundary.JointAgreement{on(a, here)}, shared[:1], "node-shared", "“乙丙线”“丙甲线”"},
		"the third stays":        {[]boundary.JointAgreement{on(a, here), on(b, here), on(c, own)}, shared[:1], "node-shared", "“丙甲线”"},
		"the third elsewhere":    {[]boundary.JointAgreement{on(a, here), on(b, here), on(c, there)}, shared[:1], "node-places-differ", "106.55010000"},
		"one elsewhere, one not": {[]boundary.JointAgreement{on(a, here), on(b, there)}, shared[:1], "node-places-differ node-shared", "“丙甲线”"},
		"a node of one line":     {[]boundary.JointAgreement{on(a, own)}, shared[1:], "", ""},
	} {
		var codes, says []string
		for _, f := range boundary.CheckJoint(x.agreements, x.nodes) {
			codes, says = append(codes, f.Code), append(says, f.Detail)
		}
		if strings.Join(codes, " ") != x.want || !strings.Contains(strings.Join(says, " "), x.says) {
			t.Errorf("%s: %v %v", name, codes, says)
		}
	}
}

// TestACutFollowsANodeThatMoves: two sections meet at a node that slides 60 m along the line.
func TestACutFollowsANodeThatMoves(t *testing.T) {
	from, to := orb.Point{106.55, 29.5}, orb.Point{106.5506, 29.5}
	line := orb.MultiLineString{{{106.5, 29.5}, from, {106.6, 29.5}}}
	course := orb.MultiLineString{{{106.5, 29.5}, from, to, {106.6, 29.5}}}
	sections := []boundary.SectionShape{{Name: "甲—丙", Parts: orb.MultiLineString{line[0][:2]}}, {Name: "乙—丙", Parts: orb.MultiLineString{line[0][1:]}}}
	for want, moves := range map[orb.Point][]boundary.NodeMove{from: nil, to: {{From: from, To: to}}} {
		parts, found, err := boundary.CutSections(line, sections, course, moves...)
		if err != nil || len(found) > 0 || geo.DistanceM(parts[1][0][0], want) > 0.001 {
			t.Errorf("%v: %v, %v, %v", want, parts, found, err)
		}
	}
}
