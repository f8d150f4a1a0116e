package geo

import (
	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// holes checks that each hole lies in its shell and in no other hole. Rings are known not to cross.
func (c *areaCheck) holes() {
	shell := 0
	for i := range c.rings {
		if c.rings[i].hole == 0 {
			shell = i
			continue
		}
		if side, at := c.side(i, shell); side < 0 {
			c.add(at, "hole-outside-shell", fault.Block, "%s在外环之外，见%s", &c.rings[i], place(at))
			continue
		}
		for j := shell + 1; j < len(c.rings) && c.rings[j].hole > 0; j++ {
			if j == i || !c.rings[j].bound.Contains(c.rings[i].bound.Min) || !c.rings[j].bound.Contains(c.rings[i].bound.Max) {
				continue
			}
			if side, at := c.side(i, j); side > 0 {
				c.add(at, "nested-holes", fault.Block, "%s在%s之内，见%s", &c.rings[i], &c.rings[j], place(at))
			}
		}
	}
}

// parts checks that no part of a multipolygon lies inside another.
func (c *areaCheck) parts() {
	for i := range c.rings {
		if c.rings[i].hole > 0 {
			continue
		}
		for j := range c.rings {
			if j == i || c.rings[j].hole > 0 || !c.rings[j].bound.Intersects(c.rings[i].bound) {
				continue
			}
			if side, at := c.side(i, j); side > 0 && !c.inHole(i, j) {
				c.add(at, "nested-shells", fault.Block, "%s在%s之内，见%s", &c.rings[i], &c.rings[j], place(at))
			}
		}
	}
}

// inHole reports whether ring i lies in a hole of the shell j.
func (c *areaCheck) inHole(i, j int) bool {
	for k := j + 1; k < len(c.rings) && c.rings[k].hole > 0; k++ {
		if side, _ := c.side(i, k); side >= 0 {
			return true
		}
	}
	return false
}

// side returns 1 when ring i lies inside ring j, -1 outside, and a vertex that shows it; the rings do not cross, so one
// vertex off the other ring tells. Where every vertex is on it, the middles of the edges tell, and 0 means the same ring.
func (c *areaCheck) side(i, j int) (int, orb.Point) {
	points, ring := c.rings[i].points, c.rings[j].points
	for _, p := range points {
		if s := RingSide(p, ring); s != 0 {
			return s, p
		}
	}
	for k := 1; k < len(points); k++ {
		middle := orb.Point{(points[k-1][0] + points[k][0]) / 2, (points[k-1][1] + points[k][1]) / 2}
		if s := RingSide(middle, ring); s != 0 {
			return s, middle
		}
	}
	return 0, points[0]
}

// connected checks that touching rings do not cut the interior: rings and the points where they touch must form a forest.
func (c *areaCheck) connected() {
	parent := map[any]any{}
	var root func(any) any
	root = func(x any) any {
		if p, ok := parent[x]; ok && p != x {
			r := root(p)
			parent[x] = r
			return r
		}
		return x
	}
	type node struct {
		part int
		at   orb.Point
	}
	type link struct {
		ring int
		at   orb.Point
	}
	linked := map[link]bool{}
	for _, m := range c.touches {
		if c.rings[m.a].part != c.rings[m.b].part {
			continue
		}
		at := node{part: c.rings[m.a].part, at: m.at}
		for _, ring := range [2]int{m.a, m.b} {
			if linked[link{ring, m.at}] {
				continue
			}
			linked[link{ring, m.at}] = true
			x, y := root(ring), root(at)
			if x == y {
				c.add(m.at, "interior-disconnected", fault.Block, "%s在%s处与别的环再次相接，把面分成了几块", &c.rings[ring], place(m.at))
				continue
			}
			parent[x] = y
		}
	}
}

// edgeTree is a packed R-tree over edges in their order along the rings, for finding pairs that come near each other.
type edgeTree struct {
	boxes  []orb.Bound
	levels [][]orb.Bound
}

func newEdgeTree(n int, boxAt func(int) orb.Bound) *edgeTree {
	t := &edgeTree{boxes: make([]orb.Bound, n)}
	for i := range t.boxes {
		t.boxes[i] = boxAt(i)
	}
	for below := t.boxes; len(below) > 1; {
		above := make([]orb.Bound, 0, len(below)/fan+1)
		for i, b := range below {
			if i%fan == 0 {
				above = append(above, b)
			} else {
				above[len(above)-1] = above[len(above)-1].Union(b)
			}
		}
		t.levels = append(t.levels, above)
		below = above
	}
	return t
}

// pairs calls visit once for every two edges i < j whose boxes meet, edge by edge until there is enough.
func (t *edgeTree) pairs(visit func(i, j int), enough func() bool) {
	if len(t.levels) == 0 {
		return
	}
	top := len(t.levels) - 1
	for i := range t.boxes {
		if enough() {
			return
		}
		t.look(top, 0, len(t.levels[top]), i, visit)
	}
}

func (t *edgeTree) look(level, from, to, i int, visit func(i, j int)) {
	b := &t.boxes[i]
	for k := from; k < to; k++ {
		if !t.levels[level][k].Intersects(*b) {
			continue
		}
		first := k * fan
		if level > 0 {
			if last := (k + 1) * width(level); last > i {
				t.look(level-1, first, min(first+fan, len(t.levels[level-1])), i, visit)
			}
			continue
		}
		for j := max(first, i+1); j < min(first+fan, len(t.boxes)); j++ {
			if t.boxes[j].Intersects(*b) {
				visit(i, j)
			}
		}
	}
}

// width is the number of edges under a box of a level.
func width(level int) int {
	n := fan
	for range level {
		n *= fan
	}
	return n
}
