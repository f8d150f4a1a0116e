package boundary_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
)

// moved is the fixture line F with its ends moved so far to the south-east.
func moved(startM, endM float64) orb.MultiLineString {
	path := lineF[0].Clone()
	path[0], path[2] = geo.Direct(path[0], 140, startM), geo.Direct(path[2], 190, endM)
	return orb.MultiLineString{path}
}

// TestEndsAreHeldToTheirNodes: line F ends at a tripoint of 渝中, 江北 and 渝北, and its other end is its own. The accuracy of the segment
// there is 5 m, that of the last one is not said.
func TestEndsAreHeldToTheirNodes(t *testing.T) {
	start, end := lineF[0][0], lineF[0][2]
	tripoint := boundary.MeetingNode{At: start, Name: "渝中区—江北区—渝北区", Own: true, Others: []string{"渝中江北线", "渝中渝北线"}}
	county := boundary.LineNear{Name: "渝黔线", Course: orb.MultiLineString{{geo.Direct(end, 100, 3000), end, geo.Direct(end, 280, 1)}}}
	above := func(m float64) boundary.LineNear { // runs m metres north of the end of F
		return boundary.LineNear{Name: "渝黔线", Course: orb.MultiLineString{{geo.Direct(geo.Direct(end, 10, m), 280, 200), geo.Direct(geo.Direct(end, 10, m), 100, 200)}}}
	}
	for name, c := range map[string]struct {
		course   orb.MultiLineString
		snap     bool
		meetings boundary.Meetings
		want     string // codes
		says     string
		snapped  int
	}{
		"at its node":                    {lineF, false, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint}}, "", "", 0},
		"as today":                       {nil, false, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint}}, "", "", 0},
		"a millimetre off":               {moved(0.001, 0), false, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint}}, "", "", 0},
		"6 m off, within 15":             {moved(6, 0), false, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint}}, "end-off", "6.00 米，在容差 15.0 米以内", 0},
		"6 m off, put there":             {moved(6, 0), true, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint}}, "", "", 1},
		"20 m off, not put there":        {moved(20, 0), true, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint}}, "node-moved", "须这 3 条界线的各方都同意才能移动，一条界线的协议不能移动它", 0},
		"its own end moves":              {moved(0, 40), false, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint, {At: end, Own: true}}}, "", "", 0},
		"6 m short of the line above":    {lineF, true, boundary.Meetings{Lines: []boundary.LineNear{above(6)}}, "end-dangles", "离界线“渝黔线” 6.00 米，超过容差 1.0 米", 0},
		"6 m short, least 8 m":           {lineF, false, boundary.Meetings{Lines: []boundary.LineNear{above(6)}, LeastM: 8}, "end-off", "界线“渝黔线” 6.00 米", 0},
		"6 m short, least 8 m, put on":   {lineF, true, boundary.Meetings{Lines: []boundary.LineNear{above(6)}, LeastM: 8}, "", "", 1},
		"today's course, put on":         {nil, true, boundary.Meetings{Lines: []boundary.LineNear{above(0.5)}}, "", "", 1},
		"on the line above":              {lineF, false, boundary.Meetings{Lines: []boundary.LineNear{county}}, "", "", 0},
		"300 m from any line":            {lineF, false, boundary.Meetings{Lines: []boundary.LineNear{above(300)}}, "", "", 0},
		"past a node of law on its way":  {moved(0, 40), false, boundary.Meetings{Nodes: []boundary.MeetingNode{{At: lineF[0][1], Name: "乡界", Own: true, Others: []string{"甲乙线"}, Law: true}}}, "", "", 0},
		"aside of a node on its way":     {orb.MultiLineString{{start, end}}, false, boundary.Meetings{Nodes: []boundary.MeetingNode{{At: lineF[0][1], Name: "乡界", Own: true, Others: []string{"甲乙线"}, Law: true}}}, "node-moved departs", "在结点 乡界", 0},
		"aside of one that is no law":    {orb.MultiLineString{{start, end}}, false, boundary.Meetings{Nodes: []boundary.MeetingNode{{At: lineF[0][1], Name: "乡界", Own: true, Others: []string{"甲乙线"}}}}, "departs", "", 0},
		"near a node of others, put on":  {moved(0, 0.8), true, boundary.Meetings{Nodes: []boundary.MeetingNode{{At: end, Name: "丙", Others: []string{"丙线"}}}, Lines: []boundary.LineNear{county}}, "", "", 1},
		"both ends off, one put on node": {moved(6, 40), true, boundary.Meetings{Nodes: []boundary.MeetingNode{tripoint}}, "", "", 1},
	} {
		content := agreed(boundary.LineSegment{ToM: 9000, MarkKind: "ridge", AccuracyM: metres(5)}, boundary.LineSegment{FromM: 9000, MarkKind: "road"})
		content.Geometry, content.SnapEnds = c.course, c.snap
		settled, found := content.Settle(lineF, c.meetings)
		codes, says := []string{}, ""
		for _, f := range found {
			codes, says = append(codes, f.Code), says+f.Detail
		}
		if got := strings.Join(codes, " "); got != c.want || !strings.Contains(says, c.says) {
			t.Errorf("%s: found %q: %s", name, got, says)
		}
		if len(settled.Snapped) != c.snapped || settled.SnapEnds {
			t.Errorf("%s: snapped %+v", name, settled.Snapped)
		}
		for _, s := range settled.Snapped {
			path := settled.Geometry[0]
			if path[0] != s.To && path[len(path)-1] != s.To || math.Abs(geo.DistanceM(s.From, s.To)-s.DistanceM) > 0.01 || !settled.Given {
				t.Errorf("%s: %+v on %v", name, s, path)
			}
			plain, _ := content.Settle(lineF, boundary.Meetings{})
			a, _ := settled.Digest(uuid.Nil, uuid.Nil)
			if b, _ := plain.Digest(uuid.Nil, uuid.Nil); a == b {
				t.Errorf("%s: what is confirmed does not tell of it", name)
			}
		}
	}
}

// TestAnEndAMillimetreFromANodeIsAtIt, also at one that the line did not meet before: two nodes there would be one place.
func TestAnEndAMillimetreFromANodeIsAtIt(t *testing.T) {
	node := boundary.MeetingNode{At: lineF[0][2], Name: "丙", Others: []string{"丙线"}}
	content := agreed(boundary.LineSegment{MarkKind: "ridge", AccuracyM: metres(5)})
	content.Geometry = moved(0, 0.001)
	settled, found := content.Settle(lineF, boundary.Meetings{Nodes: []boundary.MeetingNode{node}})
	if path := settled.Geometry[0]; len(found) > 0 || path[len(path)-1] != node.At {
		t.Errorf("found %v, ends at %v, the node is at %v", found, path[len(path)-1], node.At)
	}
}

// TestTheFixtureOfTheToyCounty: B's line ends 2 m beside the junction T of §5.8, where three lines meet.
func TestTheFixtureOfTheToyCounty(t *testing.T) {
	plane := func(e, n float64) orb.Point {
		p, err := geo.Frame("4545").ToCGCS2000(e, n)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	e, junction := plane(370000, 3272000), plane(365000, 3275000)
	today := orb.MultiLineString{{junction, e}}
	content := agreed(boundary.LineSegment{MarkKind: "ridge"})
	content.Geometry = orb.MultiLineString{{plane(365002, 3275000), e}}
	node := boundary.MeetingNode{At: junction, Name: "A—B—C", Own: true, Others: []string{"A—B线", "A—C线"}}
	_, found := content.Settle(today, boundary.Meetings{Nodes: []boundary.MeetingNode{node}})
	if got := fmt.Sprint(found); len(found) != 1 || found[0].Code != "node-moved" || !strings.Contains(got, "2.00 米") {
		t.Errorf("found %v", found)
	}
}

// TestTwoEndsAreNotPutOnOneNode: a line shorter than its tolerance is not closed.
func TestTwoEndsAreNotPutOnOneNode(t *testing.T) {
	start := lineF[0][0]
	end := geo.Direct(start, 90, 100)
	short := orb.MultiLineString{{start, geo.Direct(start, 60, 60), end}}
	content := agreed(boundary.LineSegment{MarkKind: "ridge", AccuracyM: metres(50)})
	content.Geometry, content.SnapEnds = short, true
	node := boundary.MeetingNode{At: geo.Direct(start, 180, 1), Name: "丙", Others: []string{"丙线"}}
	got, found := content.Settle(short, boundary.Meetings{Nodes: []boundary.MeetingNode{node}})
	if len(found) > 0 || len(got.Snapped) != 1 || got.Geometry[0][0] != node.At || got.Geometry[0][2] != end {
		t.Errorf("%v, %v, %v", got.Geometry, got.Snapped, found)
	}
}
