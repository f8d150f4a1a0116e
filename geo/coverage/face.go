package coverage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// face is a piece of the plane that edges cut out and none cuts further.
type face struct {
	rings []orb.Ring // the outer one, counterclockwise, then what is cut out of it, clockwise
	cover int32      // how many areas lie on it, by the edges around it
	parts []int32    // whose edges lie around it, rising
}

// plan is noded edges with what is needed to walk around faces. Half-edge 2i runs along edge i from its lower vertex, 2i+1
// back.
type plan struct {
	*sketch
	edges []edge
	net   []int32
	runOf []int32 // runs of edge i are byEdge[runOf[i]:runOf[i+1]]

	byEdge []int32
	out    []int32 // half-edges leaving vertex v, counterclockwise from due west: out[start[v]:start[v+1]]
	start  []int32
	place  []int32 // of a half-edge in out
	walk   []int32 // the walk that a half-edge is on; -1 for none so far

	walks []walk
	tree  *edgeTree
}

// walk is one way around a face, the face to the left of its half-edges.
type walk struct {
	first int32
	piece int32 // which connected edges
	bound bool  // it goes round the outside of them
	cover int32
	face  int32 // of a walk that is not bound
	known bool
}

// faces returns the bounded faces.
func (p *plan) faces(ctx context.Context) ([]face, error) {
	p.sortAround()
	p.tree = p.treeOf(p.edges)
	return p.settle(ctx, p.follow())
}

// plan takes up noded runs.
func (s *sketch) plan() *plan {
	p := &plan{sketch: s, runOf: []int32{0}}
	for group := range s.groups() {
		low, high := s.runs[group[0]].ends()
		p.edges = append(p.edges, edge{low, high})
		p.net = append(p.net, s.net(group))
		p.byEdge = append(p.byEdge, group...)
		p.runOf = append(p.runOf, int32(len(p.byEdge)))
	}
	return p
}

// tail and head are the vertices of a half-edge.
func (p *plan) tail(h int32) int32 {
	if e := p.edges[h/2]; h&1 == 0 {
		return e.low
	} else {
		return e.high
	}
}

func (p *plan) head(h int32) int32 { return p.tail(h ^ 1) }

// netOf is how many more areas lie to the left of a half-edge than to its right.
func (p *plan) netOf(h int32) int32 {
	if h&1 == 0 {
		return p.net[h/2]
	}
	return -p.net[h/2]
}

// sortAround puts the half-edges that leave each vertex in order.
func (p *plan) sortAround() {
	p.start = make([]int32, len(p.points)+2)
	for h := range int32(2 * len(p.edges)) {
		p.start[p.tail(h)+2]++
	}
	for i := 2; i < len(p.start); i++ {
		p.start[i] += p.start[i-1]
	}
	p.out = make([]int32, 2*len(p.edges))
	for h := range int32(2 * len(p.edges)) {
		v := p.tail(h)
		p.out[p.start[v+1]] = h
		p.start[v+1]++
	}
	p.place = make([]int32, len(p.out))
	for v := range p.points {
		around := p.out[p.start[v]:p.start[v+1]]
		slices.SortFunc(around, func(h, k int32) int { return p.turn(h, k) })
		for i, h := range around {
			p.place[h] = p.start[v] + int32(i)
		}
	}
}

// turn orders two half-edges that leave one vertex, counterclockwise from due west.
func (p *plan) turn(h, k int32) int {
	v, a, b := p.points[p.tail(h)], p.points[p.head(h)], p.points[p.head(k)]
	upper := func(q orb.Point) int {
		if q[1] > v[1] || q[1] == v[1] && q[0] < v[0] {
			return 1
		}
		return 0
	}
	if u, w := upper(a), upper(b); u != w {
		return u - w
	}
	return -geo.Orient(v, a, b)
}

// next is the half-edge that goes on around the face to the left.
func (p *plan) next(h int32) int32 {
	v, i := p.head(h), p.place[h^1]
	if i == p.start[v] {
		i = p.start[v+1]
	}
	return p.out[i-1]
}

// follow walks around every face, and returns for each connected piece the vertex that lies farthest west.
func (p *plan) follow() (westmost []int32) {
	p.walk = make([]int32, 2*len(p.edges))
	for h := range p.walk {
		p.walk[h] = -1
	}
	var stack []int32
	for first := range int32(len(p.walk)) {
		if p.walk[first] >= 0 {
			continue
		}
		piece, west := int32(len(westmost)), p.tail(first)
		for stack = append(stack[:0], first); len(stack) > 0; {
			h := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if p.walk[h] >= 0 {
				continue
			}
			w := int32(len(p.walks))
			p.walks = append(p.walks, walk{first: h, piece: piece, face: -1})
			for k := h; p.walk[k] < 0; k = p.next(k) {
				p.walk[k] = w
				stack = append(stack, k^1)
				if p.before(p.tail(k), west) {
					west = p.tail(k)
				}
			}
		}
		westmost = append(westmost, west)
		p.walks[p.walk[p.out[p.start[west+1]-1]]].bound = true
	}
	return westmost
}

// before orders vertices from west to east, on one meridian from south to north.
func (p *plan) before(v, w int32) bool {
	a, b := p.points[v], p.points[w]
	return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
}

// settle tells what covers each face and puts into it what lies within, piece by piece from the west: what lies around a
// piece is known by then.
func (p *plan) settle(ctx context.Context, westmost []int32) ([]face, error) {
	var faces []face
	pieces := make([]int32, len(westmost))
	for i := range pieces {
		pieces[i] = int32(i)
	}
	slices.SortFunc(pieces, func(i, j int32) int {
		a, b := p.points[westmost[i]], p.points[westmost[j]]
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(i, j))
	})
	for n, piece := range pieces {
		if n&0xff == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		v := westmost[piece]
		bound := p.walk[p.out[p.start[v+1]-1]]
		var cover int32
		within := int32(-1)
		if h := p.westOf(v); h >= 0 {
			around := p.walks[p.walk[h]]
			cover, within = around.cover, around.face
		}
		p.walks[bound].face = within
		if within >= 0 {
			p.put(&faces[within], bound)
		}
		faces = p.spread(faces, bound, cover)
	}
	for i := range faces {
		f := &faces[i]
		slices.Sort(f.parts)
		f.parts = slices.Compact(f.parts)
	}
	return faces, nil
}

// spread tells the cover of every walk of a piece, from the one around it, and makes its faces.
func (p *plan) spread(faces []face, bound, cover int32) []face {
	p.walks[bound].cover, p.walks[bound].known = cover, true
	for stack := []int32{bound}; len(stack) > 0; {
		w := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !p.walks[w].bound {
			p.walks[w].face = int32(len(faces))
			faces = append(faces, face{cover: p.walks[w].cover})
			p.put(&faces[len(faces)-1], w)
		}
		first := p.walks[w].first
		for h := first; ; {
			if o := p.walk[h^1]; !p.walks[o].known {
				p.walks[o].cover, p.walks[o].known = p.walks[w].cover-p.netOf(h), true
				stack = append(stack, o)
			}
			if h = p.next(h); h == first {
				break
			}
		}
	}
	return faces
}

// put adds a walk to the rings of a face.
func (p *plan) put(f *face, w int32) {
	var ring orb.Ring
	first := p.walks[w].first
	for h := first; ; {
		ring = append(ring, p.points[p.tail(h)])
		for _, r := range p.byEdge[p.runOf[h/2]:p.runOf[h/2+1]] {
			f.parts = append(f.parts, p.runs[r].part)
		}
		if h = p.next(h); h == first {
			break
		}
	}
	f.rings = append(f.rings, append(ring, ring[0]))
}

// westOf returns the half-edge that vertex v sees due west of it, its left side towards v; -1 when there is none.
func (p *plan) westOf(v int32) int32 {
	at := p.points[v]
	nearest := int32(-1)
	p.tree.Search([2]float64{math.Inf(-1), at[1]}, [2]float64{at[0], at[1]}, func(_, _ [2]float64, i int32) bool {
		low, high := p.upwards(i)
		if low[1] <= at[1] && at[1] < high[1] && geo.Orient(low, high, at) < 0 && (nearest < 0 || p.eastOf(i, nearest)) {
			nearest = i
		}
		return true
	})
	if nearest < 0 {
		return -1
	}
	if e := p.edges[nearest]; p.points[e.low][1] > p.points[e.high][1] {
		return 2 * nearest // runs down: its left is the east
	}
	return 2*nearest + 1
}

// upwards are the ends of an edge, the southern one first.
func (p *plan) upwards(i int32) (low, high orb.Point) {
	a, b := p.points[p.edges[i].low], p.points[p.edges[i].high]
	if a[1] > b[1] {
		return b, a
	}
	return a, b
}

// eastOf reports whether edge i lies east of edge j, both crossing one parallel and not each other.
func (p *plan) eastOf(i, j int32) bool {
	a, b := p.upwards(i)
	c, d := p.upwards(j)
	if a[1] >= c[1] {
		return cmp.Or(geo.Orient(c, d, a), geo.Orient(c, d, b)) < 0
	}
	return cmp.Or(geo.Orient(a, b, c), geo.Orient(a, b, d)) > 0
}
