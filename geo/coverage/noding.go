package coverage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"fangyu/geo"
)

// edgeTree finds edges by their boxes.
type edgeTree = rtree.RTreeGN[float64, int32]

// edge is a stretch between two vertices, whoever runs along it.
type edge struct{ low, high int32 }

// edges are the distinct edges of the runs, and for each run its edge.
func (s *sketch) edges() (all []edge, of []int32) {
	of = make([]int32, len(s.runs))
	for group := range s.groups() {
		for _, i := range group {
			of[i] = int32(len(all))
		}
		low, high := s.runs[group[0]].ends()
		all = append(all, edge{low, high})
	}
	return all, of
}

func (s *sketch) treeOf(edges []edge) *edgeTree {
	var tree edgeTree
	for i, e := range edges {
		b := s.bound(e)
		tree.Insert(b.Min, b.Max, int32(i))
	}
	return &tree
}

func (s *sketch) bound(e edge) orb.Bound {
	return orb.MultiPoint{s.points[e.low], s.points[e.high]}.Bound()
}

// cut is a vertex in the middle of an edge.
type cut struct{ edge, at int32 }

// maxRounds bounds noding: the place of a crossing is rounded, and what it is joined to may cross once more. It is one round
// more than crossings take in what we have seen, which is two.
const maxRounds = 12

// node cuts runs where edges cross, touch or lie upon each other, until they meet in their ends only, and drops what fits
// then, an edge against two that make it up; fit is told of it, if that is not nil.
func (s *sketch) node(ctx context.Context, fit func(a, b orb.Point)) (*sketch, error) {
	for range maxRounds {
		edges, of := s.edges()
		cuts, err := s.cuts(ctx, edges)
		if err != nil {
			return nil, err
		}
		if len(cuts) == 0 {
			return s, nil
		}
		s = s.apply(edges, of, cuts, fit)
	}
	return s, nil
}

// cuts finds where edges must be cut, by edge and then from its lower vertex on.
func (s *sketch) cuts(ctx context.Context, edges []edge) ([]cut, error) {
	tree := s.treeOf(edges)
	var cuts []cut
	for i, e := range edges {
		if i&0xfff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b := s.bound(e)
		tree.Search(b.Min, b.Max, func(_, _ [2]float64, j int32) bool {
			if j > int32(i) {
				cuts = s.cutBoth(cuts, edges, int32(i), j)
			}
			return true
		})
	}
	slices.SortFunc(cuts, func(c, d cut) int {
		if c.edge != d.edge {
			return cmp.Compare(c.edge, d.edge)
		}
		return cmp.Or(s.compareAlong(edges[c.edge], c.at, d.at), cmp.Compare(c.at, d.at))
	})
	return slices.Compact(cuts), nil
}

// compareAlong orders two vertices along an edge.
func (s *sketch) compareAlong(e edge, v, w int32) int {
	a, b := s.points[e.low], s.points[e.high]
	along := func(p orb.Point) float64 { return (p[0]-a[0])*(b[0]-a[0]) + (p[1]-a[1])*(b[1]-a[1]) }
	return cmp.Compare(along(s.points[v]), along(s.points[w]))
}

// sameDegrees is about a micrometre: a vertex so near an edge lies on it, and a crossing so near a vertex is that vertex. Of
// edges that nearly run along each other rounding cannot tell where they cross; so they meet in their vertices.
const sameDegrees = 1e-11

// cutBoth adds the cuts that two edges ask of each other.
func (s *sketch) cutBoth(cuts []cut, edges []edge, i, j int32) []cut {
	e, f := edges[i], edges[j]
	known := len(cuts)
	for _, v := range [2]int32{f.low, f.high} {
		if s.on(v, e) {
			cuts = append(cuts, cut{i, v})
		}
	}
	for _, v := range [2]int32{e.low, e.high} {
		if s.on(v, f) {
			cuts = append(cuts, cut{j, v})
		}
	}
	if len(cuts) > known {
		return cuts
	}
	how, at := geo.Meet(s.points[e.low], s.points[e.high], s.points[f.low], s.points[f.high])
	if how != geo.Cross {
		return cuts
	}
	v := s.crossing(at, e, f)
	if v != e.low && v != e.high {
		cuts = append(cuts, cut{i, v})
	}
	if v != f.low && v != f.high {
		cuts = append(cuts, cut{j, v})
	}
	return cuts
}

// on reports whether a vertex lies on an edge, between its ends.
func (s *sketch) on(v int32, e edge) bool {
	if v == e.low || v == e.high {
		return false
	}
	a, b, p := s.points[e.low], s.points[e.high], s.points[v]
	dx, dy, px, py := b[0]-a[0], b[1]-a[1], p[0]-a[0], p[1]-a[1]
	length := math.Hypot(dx, dy)
	along := (px*dx + py*dy) / length
	return along > 0 && along < length && math.Abs(px*dy-py*dx) < sameDegrees*length
}

// crossing is the vertex at which two edges cross: an end of one of them, or a new one.
func (s *sketch) crossing(at orb.Point, e, f edge) int32 {
	for _, v := range [4]int32{e.low, e.high, f.low, f.high} {
		if p := s.points[v]; math.Hypot(p[0]-at[0], p[1]-at[1]) < sameDegrees {
			return v
		}
	}
	return s.number(at)
}

// nodeAll cuts runs as node does and keeps all of them.
func (s *sketch) nodeAll(ctx context.Context) (*sketch, error) {
	for range maxRounds {
		edges, of := s.edges()
		cuts, err := s.cuts(ctx, edges)
		if err != nil || len(cuts) == 0 {
			return s, err
		}
		s = s.cutRuns(edges, of, cuts)
	}
	return s, nil
}

// cutRuns cuts the runs.
func (s *sketch) cutRuns(edges []edge, of []int32, cuts []cut) *sketch {
	first := make([]int32, len(edges)+1) // where the cuts of an edge begin
	for _, c := range cuts {
		first[c.edge+1]++
	}
	for i := range edges {
		first[i+1] += first[i]
	}
	next := &sketch{vertices: s.vertices, runs: make([]run, 0, len(s.runs)+len(cuts))}
	for i, r := range s.runs {
		its := cuts[first[of[i]]:first[of[i]+1]]
		at := r.from
		step := func(v int32) {
			if v != at {
				next.runs = append(next.runs, run{at, v, r.part})
				at = v
			}
		}
		if r.from < r.to {
			for _, c := range its {
				step(c.at)
			}
		} else {
			for _, c := range slices.Backward(its) {
				step(c.at)
			}
		}
		step(r.to)
	}
	return next
}

// apply cuts the runs and keeps what does not fit.
func (s *sketch) apply(edges []edge, of []int32, cuts []cut, fit func(a, b orb.Point)) *sketch {
	next := s.cutRuns(edges, of, cuts)
	if fit == nil {
		return next.leftOver(nil)
	}
	return next.leftOver(func(group []int32) {
		r := next.runs[group[0]]
		fit(next.points[r.from], next.points[r.to])
	})
}
