package coverage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// Node is a vertex where three areas or more meet, the open not counted.
type Node struct {
	At    orb.Point
	Areas []string // labels, rising
}

// Lines are the edges of areas as lines: each from where the areas beside it change to where they change again, with what lies to its left
// and right, by code, else by id. To the left is the smaller label; to the right of the outer border there is none (""). Edges are
// one where both areas have them vertex for vertex: what does not fit comes out as two outer borders, which [Check] finds and [Reconcile]
// mends. Lines come by their labels, then from west to east.
//
// The areas should be of one level: those that others divide are left out, as in [Check], where there is more than one level the lowest is
// taken.
func Lines(features []Feature) ([]Feature, []Node) {
	var lines []Feature
	var nodes []Node
	for _, s := range sheetsOf(features) {
		if len(s.layers) == 0 {
			continue
		}
		d := &outliner{areas: areasOf(s.layers[len(s.layers)-1])}
		d.lay()
		lines, nodes = append(lines, d.lines()...), append(nodes, d.nodes()...)
	}
	for i := range lines {
		l := &lines[i]
		l.ID = fmt.Sprint(i + 1)
	}
	return lines, nodes
}

// outliner turns areas into lines.
type outliner struct {
	areas []area
	*sketch
	steps []step            // one for each edge
	at    map[int32][]int32 // steps by vertex
}

// step is an edge as its line runs along it.
type step struct {
	from, to    int32
	left, right string
}

func (d *outliner) lay() {
	d.sketch, d.at = newSketch(0), map[int32][]int32{}
	for i := range d.areas {
		for _, polygon := range d.areas[i].shape {
			for r, ring := range polygon {
				d.add(ring, r > 0, false, int32(i))
			}
		}
	}
	for group := range d.groups() {
		for _, s := range d.stepsOf(group) {
			d.at[s.from] = append(d.at[s.from], int32(len(d.steps)))
			d.at[s.to] = append(d.at[s.to], int32(len(d.steps)))
			d.steps = append(d.steps, s)
		}
	}
}

// stepsOf are the steps along one edge: one where two areas lie beside it, else one for each area. An edge within one unit is none.
func (d *outliner) stepsOf(group []int32) (steps []step) {
	label := func(i int32) string {
		f := d.areas[d.runs[i].part].Feature
		return cmp.Or(f.Code, f.ID)
	}
	if len(group) != 2 || d.net(group) != 0 {
		for _, i := range group {
			steps = append(steps, step{d.runs[i].from, d.runs[i].to, label(i), ""})
		}
		return steps
	}
	i, j := group[0], group[1]
	if label(j) < label(i) {
		i, j = j, i
	}
	if label(i) == label(j) {
		return nil
	}
	return []step{{d.runs[i].from, d.runs[i].to, label(i), label(j)}}
}

// goesOn reports whether a line goes on at a vertex: two steps of one pair, one in, one out, and nobody else.
func (d *outliner) goesOn(v int32) bool {
	at := d.at[v]
	if len(at) != 2 {
		return false
	}
	s, t := d.steps[at[0]], d.steps[at[1]]
	return s.left == t.left && s.right == t.right && (s.to == v) != (t.to == v)
}

// lines joins the steps.
func (d *outliner) lines() (lines []Feature) {
	done := make([]bool, len(d.steps))
	follow := func(first int32) {
		s := d.steps[first]
		path := orb.LineString{d.points[s.from]}
		for i := first; i >= 0 && !done[i]; {
			done[i] = true
			v := d.steps[i].to
			path = append(path, d.points[v])
			next := int32(-1)
			if d.goesOn(v) {
				for _, k := range d.at[v] {
					if d.steps[k].from == v {
						next = k
					}
				}
			}
			i = next
		}
		lines = append(lines, Feature{Name: s.left + "|" + cmp.Or(s.right, "外"), Left: s.left, Right: s.right, Geometry: path})
	}
	for i, s := range d.steps {
		if !done[i] && !d.goesOn(s.from) {
			follow(int32(i))
		}
	}
	for i := range d.steps { // what is left goes round
		if !done[i] {
			follow(int32(i))
		}
	}
	slices.SortStableFunc(lines, func(a, b Feature) int {
		p, q := a.Geometry.(orb.LineString)[0], b.Geometry.(orb.LineString)[0]
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.Right, b.Right), cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1]))
	})
	return lines
}

// nodes are the vertices where three areas or more meet.
func (d *outliner) nodes() (nodes []Node) {
	for v := range int32(len(d.points)) {
		if len(d.at[v]) < 3 {
			continue
		}
		var areas []string
		for _, i := range d.at[v] {
			areas = append(areas, d.steps[i].left, d.steps[i].right)
		}
		slices.Sort(areas)
		areas = slices.DeleteFunc(slices.Compact(areas), func(label string) bool { return label == "" })
		if len(areas) > 2 {
			nodes = append(nodes, Node{d.points[v], areas})
		}
	}
	slices.SortFunc(nodes, func(a, b Node) int {
		return cmp.Or(slices.Compare(a.Areas, b.Areas), cmp.Compare(a.At[0], b.At[0]), cmp.Compare(a.At[1], b.At[1]))
	})
	return nodes
}

// Faces puts areas together from lines that say what lies to their left and right. Lines are cut where they cross or end on each other; of
// each face all edges must say the same. Faces of one label are one area, an area in several parts if they do not touch. What is said to be
// nobody's ("") is a hole. The areas come by their labels, which are their codes and ids.
//
// Codes of findings, all of severity block: "label-conflict" (the edges of a face do not agree, whose areas then lack it; with where
// the first one that says otherwise is), "unlabelled-face" (none of them says anything), "dangle" (an edge with the same face on both sides,
// by connected pieces). The error is that of the context.
func Faces(ctx context.Context, lines []Feature) ([]Feature, []Finding, error) {
	s := newSketch(0)
	for i, f := range lines {
		for _, path := range pathsOf(f.Geometry) {
			s.walkAlong(path, int32(i))
		}
	}
	s, err := s.nodeAll(ctx)
	if err != nil {
		return nil, nil, err
	}
	b := &builder{lines: lines, plan: s.plan(), label: map[int32]string{}}
	faces, err := b.plan.faces(ctx)
	if err != nil {
		return nil, nil, err
	}
	b.vote(faces)
	b.dangles()
	return b.areas(), b.findings, nil
}

// walkAlong adds the edges of a line as it runs.
func (s *sketch) walkAlong(path orb.LineString, part int32) {
	for i := 1; i < len(path); i++ {
		if finite(path[i-1]) && finite(path[i]) && path[i-1] != path[i] {
			s.runs = append(s.runs, run{s.number(path[i-1]), s.number(path[i]), part})
		}
	}
}

// builder makes areas of lines.
type builder struct {
	lines []Feature
	*plan
	walksOf  [][]int32        // by face
	label    map[int32]string // of faces that have one
	findings []Finding
}

func (b *builder) find(code string, at orb.Point, m measures, features []string, format string, args ...any) {
	b.findings = append(b.findings, Finding{
		Finding: fault.Finding{Code: code, Severity: fault.Block, Detail: fmt.Sprintf(format, args...)},
		At:      at, AreaM2: m.AreaM2, LengthM: m.LengthM, WidthM: m.WidthM, Features: features,
	})
}

// says is what lies to the left of a half-edge by a run along it.
func (b *builder) says(h, i int32) string {
	if r := b.runs[i]; r.from == b.tail(h) {
		return b.lines[r.part].Left
	}
	return b.lines[b.runs[i].part].Right
}

// vote settles the label of each face.
func (b *builder) vote(faces []face) {
	b.walksOf = make([][]int32, len(faces))
	for w := range b.walks {
		if f := b.walks[w].face; f >= 0 {
			b.walksOf[f] = append(b.walksOf[f], int32(w))
		}
	}
	for f := range faces {
		votes, meant := map[string][]int32{}, true // half-edges
		for _, w := range b.walksOf[f] {
			b.around(w, func(h int32) {
				if b.walk[h] == b.walk[h^1] {
					return // a dangle
				}
				for _, i := range b.runsOf(h) {
					votes[b.says(h, i)] = append(votes[b.says(h, i)], h)
					line := &b.lines[b.runs[i].part]
					meant = meant && line.Left+line.Right != ""
				}
			})
		}
		if len(votes) == 1 && votes[""] != nil && meant {
			continue // nobody's, as the lines say that have somebody on their other side only
		}
		b.settleVote(int32(f), faces[f].rings, votes)
	}
}

func (b *builder) settleVote(f int32, rings []orb.Ring, votes map[string][]int32) {
	labels := make([]string, 0, len(votes))
	for label := range votes {
		labels = append(labels, label)
	}
	slices.SortFunc(labels, func(x, y string) int { return cmp.Or(len(votes[y])-len(votes[x]), cmp.Compare(x, y)) })
	m, at := measure(rings), pointIn(rings)
	switch {
	case len(labels) == 1 && labels[0] != "":
		b.label[f] = labels[0]
	case len(labels) == 1 || len(labels) == 0:
		if m.WidthM >= dustM {
			b.find("unlabelled-face", at, m, []string{}, "有一个面没有任何一条线说明它属于谁，在%s：面积 %s。请给它周围的线补上左右", place(at), squareMetres(m.AreaM2))
		}
	default:
		h := votes[labels[1]][0]
		where := middle(b.points[b.tail(h)], b.points[b.head(h)])
		line := &b.lines[b.runs[b.runsOf(h)[0]].part]
		b.find("label-conflict", where, m, []string{line.ID}, "面积 %s 的一个面，周围的线说法不一：多数说是“%s”，“%s”在%s说是“%s”。请核对这条线的左右；这个面没有归入任何单位",
			squareMetres(m.AreaM2), cmp.Or(labels[0], "无"), line, place(where), cmp.Or(labels[1], "无"))
	}
}

// dangles finds edges with the same face on both sides, piece by piece.
func (b *builder) dangles() {
	pieces := newGroups(len(b.points))
	var loose []int32
	for e := range int32(len(b.edges)) {
		if b.walk[2*e] == b.walk[2*e+1] {
			loose = append(loose, e)
			pieces.join(b.edges[e].low, b.edges[e].high)
		}
	}
	lengthM, first := map[int32]float64{}, map[int32]int32{}
	var order []int32
	for _, e := range loose {
		k := pieces.of(b.edges[e].low)
		if _, known := first[k]; !known {
			first[k], order = e, append(order, k)
		}
		lengthM[k] += geo.DistanceM(b.points[b.edges[e].low], b.points[b.edges[e].high])
	}
	for _, k := range order {
		e := first[k]
		at, line := b.points[b.edges[e].low], &b.lines[b.runs[b.runsOf(2 * e)[0]].part]
		b.find("dangle", at, measures{LengthM: lengthM[k]}, []string{line.ID}, "线“%s”有一段 %s 没有围成面，在%s：两边是同一个面。请把端点接到它应当相接的线上", line, metres(lengthM[k]), place(at))
	}
}

// areas puts faces of one label together.
func (b *builder) areas() []Feature {
	m := &mending{plan: b.plan}
	nets := map[string]map[int32]int32{}
	var labels []string
	for f, walks := range b.walksOf {
		label, has := b.label[int32(f)]
		if !has {
			continue
		}
		if nets[label] == nil {
			nets[label], labels = map[int32]int32{}, append(labels, label)
		}
		for _, w := range walks {
			b.around(w, func(h int32) { nets[label][h/2] += forwards(h&1 == 0) })
		}
	}
	slices.Sort(labels)
	var all []Feature
	for _, label := range labels {
		steps, _ := m.steps(nets[label], nil, nil)
		var shells, holes []orb.Ring
		for _, vertices := range m.trace(steps) {
			if ring := m.ring(vertices, nil); len(ring) < 4 {
				continue
			} else if counterclockwise(ring) {
				shells = append(shells, ring)
			} else {
				holes = append(holes, ring)
			}
		}
		f := Feature{ID: label, Code: label, Geometry: asBefore(nest(shells, holes), orb.Polygon{})}
		f.Identify("", label)
		all = append(all, f)
	}
	return all
}
