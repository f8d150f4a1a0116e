package coverage

import (
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// overlap names a face that more than one area covers: who overlaps whom, place by place where that changes within it.
func (f *fabric) overlap(whole *face) {
	if measure(whole.rings).WidthM < dustM {
		return
	}
	candidates := f.near(whole.rings[0].Bound())
	type piece struct {
		of       []int32
		measures measures
		at       orb.Point
		most     float64
	}
	var pieces []piece
	for _, rings := range f.split(whole, candidates) {
		m, at := measure(rings), pointIn(rings)
		var of []int32
		for _, a := range candidates {
			if f.areas[a].covers(at) {
				of = append(of, a)
			}
		}
		if len(of) < 2 || m.WidthM < dustM { // an area that crosses itself may cover a place twice by itself
			continue
		}
		i := slices.IndexFunc(pieces, func(p piece) bool { return slices.Equal(p.of, of) })
		if i < 0 {
			i, pieces = len(pieces), append(pieces, piece{of: of})
		}
		p := &pieces[i]
		p.measures.AreaM2 += m.AreaM2
		p.measures.LengthM += m.LengthM
		if m.AreaM2 > p.most {
			p.most, p.at = m.AreaM2, at
		}
	}
	for _, p := range pieces {
		p.measures.WidthM = p.measures.AreaM2 / p.measures.LengthM
		f.overlapping(f.featuresOf(p.of), p.at, p.measures)
	}
}

func (f *fabric) overlapping(of []*Feature, at orb.Point, m measures) {
	f.sameCode(of, at)
	if f.narrow("overlap", m) {
		return
	}
	severity, more := f.grave(at, m, of)
	f.find("overlap", severity, at, m, of, "%s互相重叠，在%s：面积 %s，长约 %s，平均宽 %s。请核对以哪一方的界线为准，使两方共用一条界线%s",
		named(of), place(at), squareMetres(m.AreaM2), metres(m.LengthM), metres(m.WidthM), more)
	f.last().Sliver = f.Parameters.sliver(m)
}

// near are the areas whose boxes meet b, rising.
func (f *fabric) near(b orb.Bound) []int32 {
	var near []int32
	f.tree.Search(b.Min, b.Max, func(_, _ [2]float64, a int32) bool {
		near = append(near, a)
		return true
	})
	slices.Sort(near)
	return near
}

// split cuts a face along the edges of the areas that come into it, and returns the rings of each piece.
func (f *fabric) split(whole *face, candidates []int32) [][]orb.Ring {
	if len(candidates) <= 2 {
		return [][]orb.Ring{whole.rings}
	}
	s := newSketch(0)
	for _, r := range whole.rings {
		s.path(r, ofTheFace)
	}
	edges, _ := s.edges()
	tree, bound := s.treeOf(edges), whole.rings[0].Bound()
	cross := func(a, b orb.Point) {
		if box := (orb.MultiPoint{a, b}).Bound(); box.Intersects(bound) && (meetsAny(tree, box) || whole.holds(middle(a, b))) {
			s.path([]orb.Point{a, b}, ofAnArea)
		}
	}
	for _, a := range candidates {
		f.fitting(a, cross)
	}
	for _, e := range f.fitted {
		cross(e[0], e[1])
	}
	noded, err := s.node(f.ctx, nil)
	if err != nil {
		return nil
	}
	faces, err := noded.within(whole).plan().faces(f.ctx)
	if err != nil {
		return nil
	}
	var pieces [][]orb.Ring
	for i := range faces {
		if whole.holds(pointIn(faces[i].rings)) {
			pieces = append(pieces, faces[i].rings)
		}
	}
	return pieces
}

// fitting visits the edges of an area that fit as they are.
func (f *fabric) fitting(a int32, visit func(a, b orb.Point)) {
	for _, ring := range geo.Outline(f.areas[a].shape) {
		for i := 1; i < len(ring); i++ {
			if !f.loose.has(ring[i-1], ring[i]) {
				visit(ring[i-1], ring[i])
			}
		}
	}
}

// Whose the edges are along which a face is split.
const (
	ofAnArea int32 = iota
	ofTheFace
)

// path adds edges of which nobody asks what lies beside them. All run east, so that those on one another never cancel out.
func (s *sketch) path(points []orb.Point, part int32) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		if !finite(a) || !finite(b) || a == b {
			continue
		}
		if a[0] > b[0] || a[0] == b[0] && a[1] > b[1] {
			a, b = b, a
		}
		s.runs = append(s.runs, run{s.number(a), s.number(b), part})
	}
}

// within keeps the edges around a face and those in it.
func (s *sketch) within(whole *face) *sketch {
	kept := &sketch{vertices: s.vertices}
	for group := range s.groups() {
		r := s.runs[group[0]]
		around := slices.ContainsFunc(group, func(i int32) bool { return s.runs[i].part == ofTheFace })
		if around || whole.holds(middle(s.points[r.from], s.points[r.to])) {
			kept.runs = append(kept.runs, r)
		}
	}
	return kept
}

func middle(a, b orb.Point) orb.Point { return orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2} }

func meetsAny(tree *edgeTree, b orb.Bound) (meets bool) {
	tree.Search(b.Min, b.Max, func(_, _ [2]float64, _ int32) bool {
		meets = true
		return false
	})
	return meets
}

// holds reports whether p lies within a face.
func (f *face) holds(p orb.Point) bool {
	for i, r := range f.rings {
		if side := geo.RingSide(p, r); side != 1-2*min(i, 1) {
			return false
		}
	}
	return true
}
