package coverage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// ReconcileParameters say how far neighbours may be brought together, and who stays where he is.
type ReconcileParameters struct {
	// ToleranceM is how far, in metres, an edge may be moved at most. It must be above 0.
	ToleranceM float64

	// Fixed are lines that are never moved, such as approved ones: an edge of an area that runs along one of them, with the same
	// vertices (to 1e-9°), stays as it is, and the other side comes to it. One along which no area runs holds nothing, and is told.
	Fixed []FixedLine

	// FixedFiles are files of which no area is changed.
	FixedFiles map[int]bool

	// AcrossFiles leaves alone what lies between areas of one file.
	AcrossFiles bool
}

// Reconcile brings the edges of neighbours together that were meant to be one: gaps and overlaps between areas that are nowhere
// wider than the tolerance are given to one of them, so that one edge is left which both have, vertex for vertex. What it returns
// are the features, in their order, with what became of their areas, and the report of it; lines are passed through, and areas
// that did not change are those that were given.
//
// The edge that is left is one of those that were there: no new course is invented. Where one area alone is out of step with all
// others around a place (the vertex at a tripoint), it comes to them. Else the area of the finer outline stays (vertices by length of
// what does not fit; of the smaller code and id, where that is equal) and the other comes to it.
//
// No edge is moved farther than the tolerance, none that is fixed at all; a tripoint that comes to lie on a fixed edge becomes a
// vertex more of it. A gap or an overlap that is wider somewhere, one between fixed edges, and one whose repair would spoil an area, is
// left as it is and reported; so is a fixed line on which no area has an edge. Areas that are none by themselves ([geo.CheckAreas]) are not touched.
//
// Areas fit together level by level, as in [Check]. What comes does not depend on the order of the features. The error is that of the
// context, or Malformed "tolerance-missing".
func Reconcile(ctx context.Context, features []Feature, p ReconcileParameters) ([]Feature, Reconciliation, error) {
	r := Reconciliation{ToleranceM: p.ToleranceM, Pairs: []ReconciledPair{}, Units: []ReconciledUnit{}, Left: []Finding{}, Apart: apart(p.Fixed, features)}
	if !(p.ToleranceM > 0) || math.IsInf(p.ToleranceM, 0) {
		return nil, r, fault.New(fault.Malformed, "tolerance-missing", "接边的容差应是大于 0 的米数，例如 1")
	}
	out := slices.Clone(features)
	at := map[*Feature]int{}
	for i := range features {
		at[&features[i]] = i
	}
	fixed := fixedEdges(p.Fixed)
	for _, s := range sheetsOf(features) {
		for _, layer := range s.layers {
			m := &mending{ctx: ctx, ReconcileParameters: p, areas: areasOf(layer), fixed: fixed}
			shapes, err := m.reconcile()
			if err != nil {
				return nil, r, err
			}
			for i, shape := range shapes {
				if shape != nil {
					out[at[m.areas[i].Feature]].Geometry = asBefore(shape, m.areas[i].Geometry)
				}
			}
			r.add(m, shapes)
		}
	}
	r.settle()
	return out, r, ctx.Err()
}

// asBefore is a shape as a polygon, where there was one and it is one.
func asBefore(shape orb.MultiPolygon, before orb.Geometry) orb.Geometry {
	if _, was := before.(orb.Polygon); was && len(shape) == 1 {
		return shape[0]
	}
	return shape
}

// mending is a layer of areas that is brought together.
type mending struct {
	ReconcileParameters
	ctx   context.Context
	areas []area // by code and id, whatever the order of the features
	fixed map[nanoEdge]bool

	spoilt []bool     // areas that are none, and are not touched
	rank   []int32    // who stays: the smaller number
	links  [][2]int32 // of bridges: between whom
	linkOf map[[2]int32]int32

	*plan
	original int32          // vertices below are those of the areas
	pinned   map[int32]bool // vertices of fixed edges
	cells    []cell
	faceCell []int32             // cell of a face; -1 for one that is as it should be
	refused  map[[2]int32]reason // cells and areas, anybody for all, that cannot be moved there, as was seen when it was tried
	step     map[int32]int32     // who alone is out of step, by place
	handed   []handed            // fragments
}

// reconcile returns the new shape of each area, nil for those that did not change.
func (m *mending) reconcile() ([]orb.MultiPolygon, error) {
	slices.SortStableFunc(m.areas, func(a, b area) int {
		return cmp.Or(cmp.Compare(a.Code, b.Code), cmp.Compare(a.ID, b.ID), cmp.Compare(a.bound.Min[0], b.bound.Min[0]), cmp.Compare(a.bound.Min[1], b.bound.Min[1]))
	})
	m.spoilt = make([]bool, len(m.areas))
	for i := range m.areas {
		m.spoilt[i] = spoiltBy(m.areas[i].shape) != nil
	}
	if err := m.arrange(); err != nil {
		return nil, err
	}
	m.refused = map[[2]int32]reason{}
	for {
		m.decide()
		shapes := m.rebuild()
		if m.ctx.Err() != nil {
			return nil, m.ctx.Err()
		}
		if !m.refuse(shapes) {
			return shapes, nil
		}
	}
}

// spoiltBy is what is wrong with an area so that it cannot be worked on; nil for nothing. A vertex repeated does no harm.
func spoiltBy(shape orb.MultiPolygon) *geo.Flaw {
	for _, f := range geo.CheckAreas(shape) {
		if f.Severity == fault.Block && f.Code != "duplicate-vertex" && f.Code != "self-touch" {
			return &f
		}
	}
	return nil
}

// refuse gives up cells whose repair spoils an area or moves an edge too far, and reports whether there are any: those around what is
// wrong, else all of the area.
func (m *mending) refuse(shapes []orb.MultiPolygon) bool {
	again := false
	for i, shape := range shapes {
		if shape == nil {
			continue
		}
		unit := int32(i)
		flaw := spoiltBy(shape)
		switch {
		case flaw != nil:
			again = true
			if !m.refuseAround(unit, flaw.At, wouldSpoil) && !m.refuseWithin(unit, m.areas[i].bound.Pad(1), wouldSpoil) {
				m.spoilt[i] = true // nothing of it was moved: it is not touched at all
			}
		case len(shape) == 0:
			again = true
			m.refuseWithin(unit, m.areas[i].bound.Pad(1), wouldSpoil)
		default:
			for _, p := range m.tooFar(unit, shape) {
				again = m.refuseAround(unit, p, tooWide) || again
			}
		}
	}
	return again
}

func (m *mending) refuseAround(unit int32, at orb.Point, why reason) bool {
	return m.refuseWithin(unit, geo.PadM(at.Bound(), 2*m.ToleranceM), why)
}

// anybody is in place of an area all of them.
const anybody int32 = -1

// refuseWithin gives up moving an area at the cells that it gets or leaves near a place. Where it alone was out of step, and where an
// area is spoilt, nobody else is moved instead.
func (m *mending) refuseWithin(unit int32, near orb.Bound, why reason) (any bool) {
	for i := range m.cells {
		c := &m.cells[i]
		if c.owner < 0 || !slices.Contains(c.units, unit) || !c.bound.Intersects(near) {
			continue
		}
		key := [2]int32{int32(i), unit}
		if why == wouldSpoil || m.step[c.place] == unit {
			key[1] = anybody
		} else if c.cover == 0 != (c.owner == unit) {
			continue // it is not moved there
		}
		if m.refused[key] == repaired {
			m.refused[key], any = why, true
		}
	}
	return any
}

// tooFar are the vertices of an area's old outline that lie too far from the new one, and the other way round.
func (m *mending) tooFar(unit int32, shape orb.MultiPolygon) (far []orb.Point) {
	before := m.areas[unit].shape
	for _, way := range [2][2]orb.MultiPolygon{{before, shape}, {shape, before}} {
		to := newOutline(way[1])
		for _, ring := range geo.Outline(way[0]) {
			for _, p := range ring {
				if !to.has(p) && to.toM(p, m.ToleranceM) > m.ToleranceM*(1+1e-6) {
					far = append(far, p)
				}
			}
		}
	}
	return far
}

// outline is the edges of an area, to ask how far places are from it.
type outline struct {
	edges    [][2]orb.Point
	vertices map[orb.Point]bool
	tree     rtree.RTreeGN[float64, int32]
}

func newOutline(shape orb.MultiPolygon) *outline {
	o := &outline{vertices: map[orb.Point]bool{}}
	for _, ring := range geo.Outline(shape) {
		for i := 1; i < len(ring); i++ {
			b := orb.MultiPoint{ring[i-1], ring[i]}.Bound()
			o.tree.Insert(b.Min, b.Max, int32(len(o.edges)))
			o.edges = append(o.edges, [2]orb.Point{ring[i-1], ring[i]})
			o.vertices[ring[i]] = true
		}
	}
	return o
}

func (o *outline) has(p orb.Point) bool { return o.vertices[p] }

// toM is how far a place is from the outline, infinity for farther than a little more than some metres.
func (o *outline) toM(p orb.Point, withinM float64) float64 {
	nearest := math.Inf(1)
	box := geo.PadM(p.Bound(), withinM*1.01)
	o.tree.Search(box.Min, box.Max, func(_, _ [2]float64, i int32) bool {
		nearest = min(nearest, geo.BesideM(p, o.edges[i][0], o.edges[i][1]))
		return true
	})
	return nearest
}

func (m *mending) named(units []int32) string {
	var of []*Feature
	for _, u := range units {
		of = append(of, m.areas[u].Feature)
	}
	return named(of)
}

func (m *mending) ids(units []int32) []string {
	ids := make([]string, len(units))
	for i, u := range units {
		ids[i] = m.areas[u].ID
	}
	return ids
}

// left is what was not repaired, as a finding.
func (m *mending) left(code string, why reason, units []int32, at orb.Point, ms measures) Finding {
	what := map[string]string{"gap": "之间有空隙", "overlap": "互相重叠"}[code]
	return Finding{
		Finding: fault.Finding{Code: code, Severity: fault.Block, Detail: fmt.Sprintf("%s%s没有接上，在%s：面积 %s，长约 %s，平均宽 %s。%s",
			m.named(units), what, place(at), squareMetres(ms.AreaM2), metres(ms.LengthM), metres(ms.WidthM), why.sentence(m.ToleranceM))},
		At: at, AreaM2: ms.AreaM2, LengthM: ms.LengthM, WidthM: ms.WidthM, Features: m.ids(units),
	}
}
