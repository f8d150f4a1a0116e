package geo

import "github.com/paulmach/orb"

// maxLooked bounds the pairs of edges that are looked at; lines as they occur have a hundredth of it.
const maxLooked = 20_000_000

// SelfCrossing finds the first place at which a line crosses itself or runs along itself, parts taken together: Cross or Overlap,
// and Apart for a line that does neither. Parts may touch each other, and a closed one itself where it begins. Touch means
// that the line is too tangled to be looked at whole. Edges are straight in longitude and latitude; decisions are exact.
func SelfCrossing(line orb.MultiLineString) (how Encounter, at orb.Point) {
	var edges [][2]orb.Point
	var follows []bool // the edge begins where the one before it ends
	for _, part := range line {
		first := true
		for i := 1; i < len(part); i++ {
			if part[i] != part[i-1] {
				edges, follows = append(edges, [2]orb.Point{part[i-1], part[i]}), append(follows, !first)
				first = false
			}
		}
	}
	tree := newEdgeTree(len(edges), func(i int) orb.Bound { return orb.MultiPoint(edges[i][:]).Bound() })
	looked := 0
	tree.pairs(func(i, j int) {
		looked++
		if how != Apart {
			return
		}
		met, where := Meet(edges[i][0], edges[i][1], edges[j][0], edges[j][1])
		if met == Overlap || met == Cross && !(j == i+1 && follows[j]) {
			how, at = met, where
		}
	}, func() bool { return how != Apart || looked > maxLooked })
	if how == Apart && looked > maxLooked {
		return Touch, edges[0][0]
	}
	return how, at
}
