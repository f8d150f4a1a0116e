package boundary

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// Ends of a course are held to what they meet.
const (
	NodeLeastM  = 1   // within which an end may be put on what it meets, however exact it says it is, where nothing else is configured
	MeetWithinM = 200 // an end that meets no node should meet the line that lies within it
	endSigmas   = 3   // standard deviations within which it may be the same place
)

// Meetings is what stands where the ends of a line are.
type Meetings struct {
	Nodes  []MeetingNode
	Lines  []LineNear
	LeastM float64 // 0: NodeLeastM
}

// MeetingNode is a node that other lines meet.
type MeetingNode struct {
	ID     uuid.UUID
	At     orb.Point
	Name   string   // the divisions that meet
	Own    bool     // the line itself meets it today
	Others []string // names of the other lines
	Law    bool     // one of those is law
	moved  bool     // At is where the agreement moves it
}

// LineNear is the course of another line of the same level or above, near an end.
type LineNear struct {
	Name   string
	Course orb.MultiLineString
}

// SnappedEnd is an end of a course that was put on what it meets, as both sides confirm it.
type SnappedEnd struct {
	Onto      string    `json:"onto"` // the node or the line
	From      orb.Point `json:"from"` // where it was handed in
	To        orb.Point `json:"to"`
	DistanceM float64   `json:"distanceM"`
}

// courseEnd is an end of an open part of a course.
type courseEnd struct {
	part, vertex int
	toleranceM   float64
	held         bool
}

// holding is a course being held to what it meets.
type holding struct {
	course  orb.MultiLineString
	ends    []*courseEnd
	snap    bool
	snapped []SnappedEnd
	found   []fault.Finding
}

// hold holds the ends of a course to the nodes and lines they meet: within three standard deviations of their segment, or LeastM,
// an end is put there if that is asked for, and the course returned is another. Everything that is not met is found: what is farther
// off would move what others share. Only the course moves, never what it meets.
func (c AgreementContent) hold(today, course orb.MultiLineString, m Meetings) *holding {
	h := &holding{course: course.Clone(), snap: c.SnapEnds}
	if m.LeastM == 0 {
		m.LeastM = NodeLeastM
	}
	h.ends = c.endsOf(course, m.LeastM)
	h.found = c.checkMoves(m.Nodes)
	for _, standing := range m.Nodes {
		n := c.moved(standing)
		switch {
		case !n.Own || len(n.Others) == 0 && !n.moved:
		case endsAt(today, standing.At):
			h.toNode(n, h.nearest(n.At))
		case n.Law || len(n.Others) > 1 || n.moved:
			h.through(n, m.LeastM)
		}
	}
	for _, e := range h.ends {
		if !e.held {
			h.free(e, m)
		}
	}
	return h
}

// Unmet finds what the ends of content that was settled do not meet any more, over the line as it is today.
func (c AgreementContent) Unmet(today orb.MultiLineString, m Meetings) []fault.Finding {
	return c.hold(today, c.Geometry, m).found
}

// endsOf are the ends of the open parts of a course, each with the tolerance of the segment it belongs to.
func (c AgreementContent) endsOf(course orb.MultiLineString, leastM float64) (ends []*courseEnd) {
	fromM := 0.0
	for k, part := range course {
		if len(part) < 2 {
			continue
		}
		toM := fromM + geo.LengthM(orb.MultiLineString{part})
		if !closed(part) {
			ends = append(ends, &courseEnd{k, 0, c.toleranceAt(fromM, leastM), false}, &courseEnd{k, len(part) - 1, c.toleranceAt(toM, leastM), false})
		}
		fromM = toM
	}
	return ends
}

// toleranceAt is how far an end at a chainage may lie from what it meets.
func (c AgreementContent) toleranceAt(m, leastM float64) float64 {
	for i, s := range c.Segments {
		last := i == len(c.Segments)-1
		if s.AccuracyM != nil && m >= s.FromM-segmentToleranceM && (m <= s.ToM+segmentToleranceM || last) {
			return max(leastM, endSigmas**s.AccuracyM)
		}
	}
	return leastM
}

func endsAt(line orb.MultiLineString, p orb.Point) bool {
	return slices.ContainsFunc(line, func(part orb.LineString) bool {
		return len(part) > 1 && !closed(part) && (keyOf(part[0]) == keyOf(p) || keyOf(part[len(part)-1]) == keyOf(p))
	})
}

func (h *holding) at(e *courseEnd) orb.Point { return h.course[e.part][e.vertex] }

// nearest is the end nearest to a place that is not held yet; nil for none.
func (h *holding) nearest(p orb.Point) (nearest *courseEnd) {
	least := math.Inf(1)
	for _, e := range h.ends {
		if d := geo.DistanceM(h.at(e), p); !e.held && d < least {
			nearest, least = e, d
		}
	}
	return nearest
}

func (h *holding) find(code, format string, args ...any) {
	f := fault.Blocking(code, "/geometry", format, args...)
	f.Clause = clauseOfFixedGround
	h.found = append(h.found, f)
}

// toNode holds an end to the node that it meets today.
func (h *holding) toNode(n MeetingNode, e *courseEnd) {
	if e == nil {
		h.find("node-moved", "图形没有端点接到结点 %s：%s，请让一端接到结点上", n, n.sharing())
		return
	}
	e.held = true
	from := h.at(e)
	switch d := geo.DistanceM(from, n.At); {
	case d <= throughM:
		h.course[e.part][e.vertex] = n.At
	case d > e.toleranceM:
		h.find("node-moved", "图形的端点 %s 离结点 %s %.2f 米，超过容差 %.1f 米：%s，请把端点画到结点上", position(from), n, d, e.toleranceM, n.sharing())
	default:
		h.put(e, n.At, "结点 "+n.Name, d)
	}
}

// put puts an end on what it meets where that was asked for, else proposes it.
func (h *holding) put(e *courseEnd, to orb.Point, onto string, distanceM float64) {
	from := h.at(e)
	if !h.snap {
		h.find("end-off", "图形的端点 %s 离%s %.2f 米，在容差 %.1f 米以内：请把端点画到 %s，或者选“端点接到结点上”（snapEnds）由系统接上，双方确认的就是接上以后的图形",
			position(from), onto, distanceM, e.toleranceM, position(to))
		return
	}
	h.course[e.part][e.vertex] = to
	h.snapped = append(h.snapped, SnappedEnd{onto, from, to, distanceM})
}

// through holds the course to a node where others end on it.
func (h *holding) through(n MeetingNode, leastM float64) {
	if slices.ContainsFunc(h.course, func(part orb.LineString) bool { return runsThrough(part, n.At) }) {
		return
	}
	d := math.Inf(1)
	for _, part := range h.course {
		for i := 1; i < len(part); i++ {
			d = min(d, geo.BesideM(n.At, part[i-1], part[i]))
		}
	}
	if d <= leastM {
		h.find("end-off", "图形离结点 %s %.2f 米：%s，请在图形上加一个顶点 %s", n, d, n.sharing(), position(n.At))
		return
	}
	h.find("node-moved", "图形在结点 %s 处偏离 %.2f 米：%s，请让图形经过它", n, d, n.sharing())
}

// free looks at an end that meets nothing today: it should meet a node or a line that lies near.
func (h *holding) free(e *courseEnd, m Meetings) {
	from := h.at(e)
	for _, n := range m.Nodes {
		if d := geo.DistanceM(from, n.At); !n.Own && d <= throughM {
			h.course[e.part][e.vertex] = n.At // to the last digit: one node, not two a millimetre apart
			return
		} else if !n.Own && d <= e.toleranceM && !endsAt(h.course, n.At) { // the other end of the line is no place for this one
			h.put(e, n.At, "结点 "+n.Name, d)
			return
		}
	}
	var onto string
	var foot orb.Point
	least := math.Inf(1)
	for _, l := range m.Lines {
		for _, part := range l.Course {
			for i := 1; i < len(part); i++ {
				if at, d := geo.Beside(from, part[i-1], part[i]); d < least {
					onto, foot, least = l.Name, at, d
				}
			}
		}
	}
	switch {
	case least <= throughM || least > MeetWithinM:
	case least <= e.toleranceM:
		h.put(e, foot, "界线“"+onto+"”", least)
	default:
		h.find("end-dangles", "图形的端点 %s 离界线“%s” %.2f 米，超过容差 %.1f 米：端点应落在它上面（%s），那条界线不动", position(from), onto, least, e.toleranceM, position(foot))
	}
}

func (n MeetingNode) String() string { return fmt.Sprintf("%s（%s）", n.Name, position(n.At)) }

// sharing says whose the node is too, and who would have to agree.
func (n MeetingNode) sharing() string {
	if n.moved {
		return "协议写明结点移到这里"
	}
	return fmt.Sprintf("它为界线“%s”所共有，须这 %d 条界线的各方都同意才能移动，一条界线的协议不能移动它（各条界线都改的，在每份协议里写明移动结点 movesNodes，一并批准）；只改这一条的", strings.Join(n.Others, "”“"), len(n.Others)+1)
}

func position(p orb.Point) string { return fmt.Sprintf("%.8f, %.8f", p[0], p[1]) }
