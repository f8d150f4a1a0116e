package coverage

import (
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// sameCode notes areas of one code that lie on each other.
func (c *check) sameCode(of []*Feature, at orb.Point) {
	for i, f := range of {
		for _, g := range of[:i] {
			if f.Code != "" && f.Code == g.Code && !c.noted[[2]*Feature{g, f}] {
				c.noted[[2]*Feature{g, f}] = true
				c.find("label-conflict", fault.Block, at, measures{}, []*Feature{g, f}, "代码 %s 有两个面（“%s”和“%s”），在%s处互相重叠。请核对哪一个是对的，删去另一个或改正它的代码", f.Code, g, f, place(at))
			}
		}
	}
}

// names notes codes that stand for areas of two names.
func (c *check) names(layer []*Feature) {
	first := map[string]*Feature{}
	for _, f := range layer {
		g := first[f.Code]
		switch {
		case f.Code == "":
		case g == nil:
			first[f.Code] = f
		case f.Name != g.Name && !c.noted[[2]*Feature{g, f}]:
			c.noted[[2]*Feature{g, f}] = true
			at := pointIn(ringsOf(geo.Areas(f.Geometry)[0]))
			c.find("label-conflict", fault.Block, at, measures{}, []*Feature{g, f}, "代码 %s 有两个名称：“%s”和“%s”，后者在%s。请核对并改正其中一个的代码或名称", f.Code, g.Name, f.Name, place(at))
		}
	}
}

// sideSamples is at how many places along a line it is asked what lies beside it, and sideShare how far aside, as a share of the
// length of the edge there.
const (
	sideSamples = 15
	sideShare   = 1e-3
)

// sides compares what a line says lies to its left and right with what lies there. Labels that no area in the files has say
// nothing, nor does a line beside which another area lies in fewer than two of three places.
func (c *check) sides(line *Feature, areas *areaIndex) {
	if line.Left == "" && line.Right == "" {
		return
	}
	left, right := areas.named(line.Left), areas.named(line.Right)
	var at orb.Point
	samples, wrong, swapped := 0, 0, 0
	for p := range alongLine(line.Geometry, sideSamples) {
		l, r := areas.at(p.left), areas.at(p.right)
		samples++
		if left && line.Left != "" && l != nil && !l.called(line.Left) || right && line.Right != "" && r != nil && !r.called(line.Right) {
			wrong++
			at = p.at
		}
		if l != nil && r != nil && l.called(line.Right) && r.called(line.Left) {
			swapped++
		}
	}
	switch {
	case 3*wrong < 2*samples || samples == 0:
	case 3*swapped >= 2*samples:
		c.find("label-conflict", fault.Review, at, measures{LengthM: geo.LengthM(line.Geometry)}, []*Feature{line},
			"界线“%s”的左右写反了：左边写的是“%s”，实际在右边，见%s。请对调左右，或把线反过来", line, line.Left, place(at))
	default:
		c.find("label-conflict", fault.Block, at, measures{LengthM: geo.LengthM(line.Geometry)}, []*Feature{line},
			"界线“%s”写的左右是“%s”和“%s”，与两边的面不符，见%s。请核对左右两方的代码", line, line.Left, line.Right, place(at))
	}
}

// called reports whether a label means a feature.
func (f *Feature) called(label string) bool {
	return label != "" && (label == f.Code || label == f.ID || label == f.Name)
}

// beside is a place on a line and places to its left and right.
type beside struct{ at, left, right orb.Point }

// alongLine yields about n places on a line, in the middle of edges.
func alongLine(g orb.Geometry, n int) func(func(beside) bool) {
	paths := pathsOf(g)
	edges := 0
	for _, path := range paths {
		edges += len(path) - 1
	}
	return func(yield func(beside) bool) {
		step, k := max(1, edges/n), 0
		for _, path := range paths {
			for i := 1; i < len(path); i++ {
				if k++; (k-1)%step != step/2 || path[i] == path[i-1] {
					continue
				}
				a, b := path[i-1], path[i]
				at, dx, dy := middle(a, b), (b[0]-a[0])*sideShare, (b[1]-a[1])*sideShare
				if !yield(beside{at, orb.Point{at[0] - dy, at[1] + dx}, orb.Point{at[0] + dy, at[1] - dx}}) {
					return
				}
			}
		}
	}
}

// pathsOf are the lines of a geometry.
func pathsOf(g orb.Geometry) []orb.LineString {
	switch g := g.(type) {
	case orb.LineString:
		return []orb.LineString{g}
	case orb.MultiLineString:
		return g
	}
	return nil
}
