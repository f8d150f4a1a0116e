package coverage

import (
	"cmp"
	"iter"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// run is an edge as one ring runs along it, from vertex to vertex, its area to the left.
type run struct {
	from, to int32
	part     int32 // whose ring
}

// ends are the vertices of a run, the smaller number first.
func (r run) ends() (low, high int32) { return min(r.from, r.to), max(r.from, r.to) }

// sketch is runs over numbered vertices.
type sketch struct {
	*vertices
	runs []run
}

func newSketch(n int) *sketch { return &sketch{vertices: newVertices(n)} }

// add adds the edges of a ring so that its area lies to the left: a shell counterclockwise, a hole clockwise; reversed, the
// other way round. Repeated vertices and what is no number are passed over.
func (s *sketch) add(ring orb.Ring, hole, reversed bool, part int32) {
	forwards := counterclockwise(ring) != hole != reversed
	last := int32(-1)
	for _, p := range ring {
		if !finite(p) {
			continue
		}
		v := s.number(p)
		switch {
		case last < 0 || v == last:
		case forwards:
			s.runs = append(s.runs, run{last, v, part})
		default:
			s.runs = append(s.runs, run{v, last, part})
		}
		last = v
	}
}

func finite(p orb.Point) bool { return !math.IsNaN(p[0]-p[0]) && !math.IsNaN(p[1]-p[1]) }

// counterclockwise tells how a ring runs, by its area in the plane of degrees.
func counterclockwise(ring orb.Ring) bool {
	sum := 0.0
	for i := 2; i < len(ring); i++ {
		o, a, b := ring[0], ring[i-1], ring[i]
		sum += (a[0]-o[0])*(b[1]-o[1]) - (a[1]-o[1])*(b[0]-o[0])
	}
	return sum > 0
}

// groups yields the runs along each edge together, as numbers of runs; edges come by their vertices. The slice is valid
// until the next one.
func (s *sketch) groups() iter.Seq[[]int32] {
	return func(yield func([]int32) bool) {
		start := make([]int32, len(s.points)+2)
		for _, r := range s.runs {
			low, _ := r.ends()
			start[low+2]++
		}
		for i := 2; i < len(start); i++ {
			start[i] += start[i-1]
		}
		order := make([]int32, len(s.runs))
		for i, r := range s.runs {
			low, _ := r.ends()
			order[start[low+1]] = int32(i)
			start[low+1]++
		}
		for low := range s.points {
			if !s.along(order[start[low]:start[low+1]], yield) {
				return
			}
		}
	}
}

// along yields the runs of each edge among those that have their lower vertex in common.
func (s *sketch) along(same []int32, yield func([]int32) bool) bool {
	high := func(i int32) int32 { _, h := s.runs[i].ends(); return h }
	slices.SortFunc(same, func(i, j int32) int {
		if h, k := high(i), high(j); h != k {
			return int(h) - int(k)
		}
		return int(i) - int(j)
	})
	for len(same) > 0 {
		n := 1
		for n < len(same) && high(same[n]) == high(same[0]) {
			n++
		}
		if !yield(same[:n]) {
			return false
		}
		same = same[n:]
	}
	return true
}

// net is how many more areas lie to the left of the edge, seen from its lower vertex, than to the right.
func (s *sketch) net(group []int32) int32 {
	var n int32
	for _, i := range group {
		if r := s.runs[i]; r.from < r.to {
			n++
		} else {
			n--
		}
	}
	return n
}

// leftOver returns the runs of edges that do not fit: on which not as many areas lie on one side as on the other. Fitting
// edges are shown to fit, if that is not nil.
func (s *sketch) leftOver(fit func(group []int32)) *sketch {
	left := newSketch(0)
	for group := range s.groups() {
		if s.net(group) == 0 {
			if fit != nil {
				fit(group)
			}
			continue
		}
		for _, i := range group {
			r := s.runs[i]
			left.runs = append(left.runs, run{left.number(s.points[r.from]), left.number(s.points[r.to]), r.part})
		}
	}
	return left
}

// edgeSet is edges by their ends.
type edgeSet struct {
	*vertices
	sorted []edge
}

// edgeSet returns the edges that somebody runs along.
func (s *sketch) edgeSet() edgeSet {
	edges, _ := s.edges()
	return edgeSet{s.vertices, edges} // groups come in this order
}

// has reports whether there is an edge between two positions.
func (e *edgeSet) has(a, b orb.Point) bool {
	v, w := e.find(a), e.find(b)
	if v < 0 || w < 0 {
		return false
	}
	_, found := slices.BinarySearchFunc(e.sorted, edge{min(v, w), max(v, w)}, func(e, f edge) int {
		return cmp.Or(cmp.Compare(e.low, f.low), cmp.Compare(e.high, f.high))
	})
	return found
}
