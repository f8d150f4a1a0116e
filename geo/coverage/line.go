package coverage

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// areaIndex finds areas by place and label.
type areaIndex struct {
	areas []area
	tree  rtree.RTreeGN[float64, int32]
	known map[string]bool // labels
}

func indexAreas(features []*Feature) *areaIndex {
	x := &areaIndex{areas: areasOf(features), known: map[string]bool{}}
	for i := range x.areas {
		a := &x.areas[i]
		x.tree.Insert(a.bound.Min, a.bound.Max, int32(i))
		for _, label := range []string{a.ID, a.Code, a.Name} {
			x.known[label] = true
		}
	}
	return x
}

// named reports whether a label is that of an area.
func (x *areaIndex) named(label string) bool { return label != "" && x.known[label] }

// at is an area that covers a place, nil where none does.
func (x *areaIndex) at(p orb.Point) (found *area) {
	x.tree.Search(p, p, func(_, _ [2]float64, i int32) bool {
		if x.areas[i].covers(p) {
			found = &x.areas[i]
		}
		return found == nil
	})
	return found
}

// network is lines with the outlines of areas, to find what an end of a line meets.
type network struct {
	*check
	owners   []*Feature
	paths    []orb.LineString
	owner    []int32                          // of a path
	dangling []orb.Point                      // ends that should meet something near
	tree     rtree.RTreeGN[float64, [2]int32] // edge: path, vertex it leads to
}

func (n *network) add(f *Feature, paths []orb.LineString) {
	n.owners = append(n.owners, f)
	for _, path := range paths {
		for i := 1; i < len(path); i++ {
			b := orb.MultiPoint{path[i-1], path[i]}.Bound()
			n.tree.Insert(b.Min, b.Max, [2]int32{int32(len(n.paths)), int32(i)})
		}
		n.paths, n.owner = append(n.paths, path), append(n.owner, int32(len(n.owners)-1))
	}
}

// lines looks at the lines of a sheet: where they end, and what they say lies beside them.
func (c *check) lines(s sheet) error {
	n := &network{check: c}
	var lines []*Feature
	for _, f := range s.all {
		if paths := pathsOf(f.Geometry); len(paths) > 0 {
			n.add(f, paths)
			lines = append(lines, f)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	ends := len(n.paths)
	for _, f := range s.all {
		n.add(f, geo.Outline(geo.Areas(f.Geometry)))
	}
	for i := range ends {
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		path := n.paths[i]
		if len(path) < 2 || path[0] == path[len(path)-1] {
			continue
		}
		n.end(int32(i), 0)
		n.end(int32(i), len(path)-1)
	}
	if err := n.crossings(ends); err != nil {
		return err
	}
	for _, l := range s.layers {
		areas := indexAreas(l)
		for _, line := range lines {
			c.sides(line, areas)
		}
		if err := c.closings(lines, areas); err != nil {
			return err
		}
	}
	return nil
}

// reachesM are how far around an end it is looked for something to meet.
var reachesM = []float64{1, 100, 10_000, 1_000_000}

// end looks at what an end of a path meets.
func (n *network) end(path int32, vertex int) {
	at, of := n.paths[path][vertex], n.owners[n.owner[path]]
	for _, reach := range reachesM {
		nearest, to := n.nearest(path, vertex, reach)
		switch {
		case nearest > reach:
			continue
		case nearest <= n.MeetM:
			return
		}
		n.dangling = append(n.dangling, at)
		severity, hint := fault.Block, "请把端点接到那里的顶点上；上级界线不动"
		if nearest > n.ReachM {
			severity, hint = fault.Review, "若不是界线的尽头，请补上缺的一段"
		}
		n.find("dangle", severity, at, measures{LengthM: nearest}, []*Feature{of, to}, "界线“%s”的端点%s悬空，离最近的“%s”%s。%s", of, place(at), to, metres(nearest), hint)
		return
	}
	n.find("dangle", fault.Review, at, measures{}, []*Feature{of}, "界线“%s”的端点%s悬空，文件里没有它可以相接的界线或面。若不是界线的尽头，请与相邻的文件一起检查", of, place(at))
}

// nearest is what lies nearest to an end within reach metres, the edges next to it left out, and how far; infinity for
// nothing.
func (n *network) nearest(path int32, vertex int, reach float64) (m float64, of *Feature) {
	at := n.paths[path][vertex]
	box := geo.PadM(at.Bound(), reach)
	m = math.Inf(1)
	n.tree.Search(box.Min, box.Max, func(_, _ [2]float64, e [2]int32) bool {
		if e[0] == path && (vertex == 0 && e[1] == 1 || vertex > 0 && int(e[1]) == vertex) {
			return true
		}
		a, b := n.paths[e[0]][e[1]-1], n.paths[e[0]][e[1]]
		d := geo.BesideM(at, a, b)
		if e[0] == path && d > n.MeetM { // its own further course, unless it comes back to where it ends
			return true
		}
		if d < m || d == m && n.owners[n.owner[e[0]]].ID < of.ID {
			m, of = d, n.owners[n.owner[e[0]]]
		}
		return true
	})
	return m, of
}
