package coverage

import (
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// crossings finds where the first so many paths cross each other, or themselves, without a vertex that both have. Where an end that
// dangles lies within ReachM it is the end that is wrong, and was found.
func (n *network) crossings(paths int) error {
	for i, path := range n.paths[:paths] {
		if n.ctx.Err() != nil {
			return n.ctx.Err()
		}
		for k := 1; k < len(path); k++ {
			box := orb.MultiPoint{path[k-1], path[k]}.Bound()
			n.tree.Search(box.Min, box.Max, func(_, _ [2]float64, e [2]int32) bool {
				if int(e[0]) >= paths || int(e[0]) < i || int(e[0]) == i && int(e[1]) <= k {
					return true
				}
				other := n.paths[e[0]]
				if how, at := geo.Meet(path[k-1], path[k], other[e[1]-1], other[e[1]]); how == geo.Cross && !n.besideDangling(at) {
					n.cross(at, n.owners[n.owner[i]], n.owners[n.owner[e[0]]])
				}
				return true
			})
		}
	}
	return nil
}

func (n *network) besideDangling(at orb.Point) bool {
	for _, p := range n.dangling {
		if geo.DistanceM(at, p) <= n.ReachM {
			return true
		}
	}
	return false
}

func (n *network) cross(at orb.Point, a, b *Feature) {
	if a == b {
		n.find("lines-cross", fault.Block, at, measures{}, []*Feature{a}, "界线“%s”在%s穿过自己。界线只在端点与别的界线相接，请改正走向", a, place(at))
		return
	}
	n.find("lines-cross", fault.Block, at, measures{}, []*Feature{a, b}, "界线“%s”与“%s”在%s相交，而那里没有共用的顶点。请核对走向；确是相接的，在那里断开并共用一个顶点", a, b, place(at))
}
