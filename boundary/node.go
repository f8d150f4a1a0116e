package boundary

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
)

// NodeKind says what a node is.
type NodeKind string

// The kinds.
const (
	Junction NodeKind = "junction" // 三交点: the ends of sections of three divisions or more meet
	TeeNode  NodeKind = "tee"      // a line ends on the course of another, which runs on
	EndNode  NodeKind = "end"      // a line ends and nothing else is there: a coast, or the edge of what is on record
)

// Node (结点) is a place where lines end: one place for all of them.
type Node struct {
	Kind      NodeKind
	At        orb.Point
	Divisions []*Division // by code: two at an end, else three or more
	Lines     []uuid.UUID
	Since     time.Time // the first day on which all of the lines are there as they are; zero for always
}

// LineSection is a section with the line it belongs to.
type LineSection struct {
	Line  uuid.UUID
	Since time.Time // first day of the version of the line; zero for always
	Section
}

// Level is the highest level at which three of the divisions differ: province where 渝, 川 and 黔 meet. At an end it is the level of
// the line.
func (n Node) Level() Level {
	for _, step := range []struct {
		of   gazetteer.Level
		line Level
	}{{gazetteer.Province, ProvinceLine}, {gazetteer.County, CountyLine}} {
		differ := map[uuid.UUID]bool{}
		for _, d := range n.Divisions {
			if up := d.at(step.of); up != nil {
				differ[up.ID] = true
			}
		}
		if len(differ) >= min(3, len(n.Divisions)) {
			return step.line
		}
	}
	return TownshipLine
}

// Nodes finds the places where sections end, from west to east. Closed parts end nowhere; they count where others end.
func Nodes(sections []LineSection) []Node {
	at := map[vertexKey]*Node{}
	ends := map[vertexKey]bool{} // of open parts
	for _, s := range sections {
		for _, part := range s.Parts {
			if len(part) < 2 {
				continue
			}
			for _, end := range []orb.Point{part[0], part[len(part)-1]} {
				n := at[keyOf(end)]
				if n == nil {
					n = &Node{At: end}
					at[keyOf(end)] = n
				}
				n.meet(s)
				ends[keyOf(end)] = ends[keyOf(end)] || !closed(part)
			}
		}
	}
	var found []Node
	for key, n := range at {
		switch {
		case len(n.Divisions) >= 3:
			n.Kind = Junction
		case !ends[key]:
			continue
		case n.passing(sections):
			n.Kind = TeeNode
		default:
			n.Kind = EndNode
		}
		slices.SortFunc(n.Divisions, func(a, b *Division) int { return cmp.Compare(a.Code, b.Code) })
		found = append(found, *n)
	}
	slices.SortFunc(found, func(a, b Node) int {
		return cmp.Or(cmp.Compare(a.At[0], b.At[0]), cmp.Compare(b.At[1], a.At[1]))
	})
	return found
}

// NodesAt are those of the nodes of sections that are at places.
func NodesAt(sections []LineSection, places []orb.Point) []Node {
	asked := map[vertexKey]bool{}
	for _, p := range places {
		asked[keyOf(p)] = true
	}
	return slices.DeleteFunc(Nodes(sections), func(n Node) bool { return !asked[keyOf(n.At)] })
}

// meet adds a section that ends at the node or runs through it.
func (n *Node) meet(s LineSection) {
	for _, d := range []*Division{s.A, s.B} {
		if !slices.ContainsFunc(n.Divisions, func(known *Division) bool { return known.ID == d.ID }) {
			n.Divisions = append(n.Divisions, d)
		}
	}
	if !slices.Contains(n.Lines, s.Line) {
		n.Lines = append(n.Lines, s.Line)
	}
	if s.Since.After(n.Since) {
		n.Since = s.Since
	}
}

// passing adds the sections of other lines on whose course the node lies, and reports whether there are any. What a division
// lies in is left out: of a township line that ends on the line of two counties, both townships and the other county meet.
func (n *Node) passing(sections []LineSection) bool {
	own := slices.Clone(n.Lines)
	for _, s := range sections {
		if !slices.Contains(own, s.Line) && slices.ContainsFunc(s.Parts, func(part orb.LineString) bool { return runsThrough(part, n.At) }) {
			n.meet(s)
		}
	}
	all := slices.Clone(n.Divisions)
	n.Divisions = slices.DeleteFunc(n.Divisions, func(d *Division) bool {
		return slices.ContainsFunc(all, func(below *Division) bool { return below.ID != d.ID && below.at(d.Level) == d })
	})
	return len(n.Lines) > len(own)
}

// throughM is how near to a node a line runs through it: what positions of eight decimals cannot tell apart.
const throughM = 0.002

// runsThrough reports whether a path runs through a place.
func runsThrough(path orb.LineString, p orb.Point) bool {
	for i := 1; i < len(path); i++ {
		a, b := path[i-1], path[i]
		const slack = 1e-7
		if p[0] < min(a[0], b[0])-slack || p[0] > max(a[0], b[0])+slack || p[1] < min(a[1], b[1])-slack || p[1] > max(a[1], b[1])+slack {
			continue
		}
		if geo.BesideM(p, a, b) <= throughM {
			return true
		}
	}
	return false
}

// nodeNames is the space of node identities.
var nodeNames = uuid.MustParse("6f1d1a0e-6f57-5e0c-9f0a-7d2f3b1c5a44")

// identity is made of the divisions and, where they meet more than once, a number.
func (n Node) identity(number int) uuid.UUID {
	var ids []string
	for _, d := range n.Divisions {
		ids = append(ids, d.ID.String())
	}
	return uuid.NewSHA1(nodeNames, []byte(strings.Join(ids, " ")+" "+strconv.Itoa(number)))
}

// StandingNode is a node as it is on record.
type StandingNode struct {
	ID        uuid.UUID
	Version   uuid.UUID // of the node, as it stands
	Kind      NodeKind
	At        orb.Point
	Divisions []uuid.UUID
	Lines     []uuid.UUID
	Changed   time.Time // the last day on which one of its lines became another; zero for never
}

// SettledNode is a node to record, since its day.
type SettledNode struct {
	Node
	ID   uuid.UUID
	Over *StandingNode // the version that it replaces; nil for a node that is new
}

// GoneNode is a node that ends on a day; zero: what was recorded since then never was.
type GoneNode struct {
	StandingNode
	On time.Time
}

// SettleNodes compares the nodes of lines with those on record: made are new ones and new versions of those whose place, kind or
// lines are others, gone are those that are no more. A node keeps its identity where the same divisions meet, also elsewhere
// than before; taken tells which identities were ever given. A place has one node at a time, so one ends as the next begins.
func SettleNodes(nodes []Node, standing []StandingNode, taken func(uuid.UUID) bool) (made []SettledNode, gone []GoneNode) {
	here := map[vertexKey]int{}
	for i, s := range standing {
		here[keyOf(s.At)] = i
	}
	used := make([]bool, len(standing))
	heirs := map[vertexKey]time.Time{}
	var open []Node
	for _, n := range nodes {
		i, there := here[keyOf(n.At)]
		if there && n.Since.Before(standing[i].Changed) {
			n.Since = standing[i].Changed
		}
		if !there || !sameIDs(n.divisionIDs(), standing[i].Divisions) {
			open, heirs[keyOf(n.At)] = append(open, n), n.Since
			continue
		}
		used[i] = true
		if s := &standing[i]; s.Kind != n.Kind || !sameIDs(s.Lines, n.Lines) {
			made = append(made, SettledNode{n, s.ID, s})
		}
	}
	given := map[uuid.UUID]bool{}
	for _, n := range open {
		if i := nearestOf(n, standing, used); i >= 0 {
			used[i] = true
			if n.Since.Before(standing[i].Changed) {
				n.Since = standing[i].Changed
			}
			made = append(made, SettledNode{n, standing[i].ID, &standing[i]})
			continue
		}
		number := 1
		for given[n.identity(number)] || taken(n.identity(number)) {
			number++
		}
		id := n.identity(number)
		given[id] = true
		made = append(made, SettledNode{n, id, nil})
	}
	for i, s := range standing {
		if used[i] {
			continue
		}
		on, followed := heirs[keyOf(s.At)]
		if !followed {
			on = s.Changed
		}
		gone = append(gone, GoneNode{s, on})
	}
	return made, gone
}

// nearestOf is the nearest node of the same divisions that is still to be found; -1 for none.
func nearestOf(n Node, standing []StandingNode, used []bool) int {
	best, least := -1, math.Inf(1)
	for i, s := range standing {
		if used[i] || !sameIDs(n.divisionIDs(), s.Divisions) {
			continue
		}
		if m := geo.DistanceM(n.At, s.At); m < least {
			best, least = i, m
		}
	}
	return best
}

func (n Node) divisionIDs() []uuid.UUID {
	ids := make([]uuid.UUID, len(n.Divisions))
	for i, d := range n.Divisions {
		ids[i] = d.ID
	}
	return ids
}

// sameIDs reports whether two lists hold the same, whatever their order; neither repeats any.
func sameIDs(a, b []uuid.UUID) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(id uuid.UUID) bool { return !slices.Contains(b, id) })
}
