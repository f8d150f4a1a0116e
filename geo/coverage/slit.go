package coverage

import (
	"math"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// A slit is a narrow gap that is open to the outside, so that no face shows it: along its sides the outlines of two areas look
// at each other across at most slitWidths times the width of a sliver, and it is at least slitShare times as long as wide.
const (
	slitWidths = 4
	slitShare  = 50
)

// slit is one side of it.
type slit struct {
	of, beside int32 // areas
	measures
	at orb.Point
}

// slits looks from the outlines towards the outside. What is found may also be a sharp inlet between two areas that is meant:
// it is for review.
func (f *fabric) slits(p *plan) {
	for w, walk := range p.walks {
		if walk.bound && walk.face < 0 {
			f.alongside(p, int32(w))
		}
	}
}

// alongside walks around the outside of a piece, the outside to the left, and notes stretches that look at one other area.
func (f *fabric) alongside(p *plan, w int32) {
	var s slit
	longest := 0.0 // of its edges
	first := p.walks[w].first
	for h := first; ; {
		of, beside, m := f.across(p, h)
		if of != s.of || beside != s.beside {
			f.slit(s)
			s, longest = slit{of: of, beside: beside}, 0
		}
		if m > 0 {
			a, b := p.points[p.tail(h)], p.points[p.head(h)]
			l := geo.DistanceM(a, b)
			if l > longest {
				s.at, longest = middle(a, b), l
			}
			s.LengthM, s.AreaM2 = s.LengthM+l, s.AreaM2+l*m
		}
		if h = p.next(h); h == first {
			break
		}
	}
	f.slit(s)
}

// slit names a stretch, on the side of the area that comes first.
func (f *fabric) slit(s slit) {
	if s.LengthM == 0 || s.of > s.beside {
		return
	}
	s.WidthM = s.AreaM2 / s.LengthM
	if s.WidthM < dustM || s.WidthM > f.SliverWidthM || s.LengthM < slitShare*s.WidthM || f.narrow("gap", s.measures) {
		return
	}
	of := f.featuresOf([]int32{s.of, s.beside})
	f.find("gap", fault.Review, s.at, s.measures, of, "%s之间有一道向外敞开的窄缝，在%s：长约 %s，平均宽 %s。请核对是否本应相接，是就使相邻的边共用同样的顶点",
		named(of), place(s.at), metres(s.LengthM), metres(s.WidthM))
	f.last().Sliver = true
}

// across is the area whose outline a half-edge is, the other area that it sees to its left, and across how many metres; 0 metres
// where it sees none near.
func (f *fabric) across(p *plan, h int32) (of, beside int32, m float64) {
	of = f.areaOn(p, h/2)
	a, b := p.points[p.tail(h)], p.points[p.head(h)]
	at := middle(a, b)
	east, north := geo.MetresPerDegree(at[1])
	dx, dy := (b[0]-a[0])*east, (b[1]-a[1])*north
	reach := slitWidths * f.SliverWidthM / math.Hypot(dx, dy)
	to := orb.Point{at[0] - dy*reach/east, at[1] + dx*reach/north}
	nearest, seen := math.Inf(1), int32(-1)
	box := orb.MultiPoint{at, to}.Bound()
	p.tree.Search(box.Min, box.Max, func(_, _ [2]float64, i int32) bool {
		if share, hit := hits(at, to, p.points[p.edges[i].low], p.points[p.edges[i].high]); hit && i != h/2 && share < nearest {
			nearest, seen = share, i
		}
		return true
	})
	if seen < 0 {
		return of, of, 0
	}
	if beside = f.areaOn(p, seen); f.unit[beside] == f.unit[of] {
		return of, of, 0
	}
	return of, beside, nearest * slitWidths * f.SliverWidthM
}

// areaOn is the first area whose outline an edge is.
func (f *fabric) areaOn(p *plan, edge int32) int32 {
	return f.parts[p.runs[p.byEdge[p.runOf[edge]]].part].area
}

// hits is at what share of the way from p to q it meets the edge ab.
func hits(p, q, a, b orb.Point) (share float64, hit bool) {
	rx, ry, sx, sy := q[0]-p[0], q[1]-p[1], b[0]-a[0], b[1]-a[1]
	den := rx*sy - ry*sx
	if den == 0 {
		return 0, false
	}
	share = ((a[0]-p[0])*sy - (a[1]-p[1])*sx) / den
	along := ((a[0]-p[0])*ry - (a[1]-p[1])*rx) / den
	return share, share > 0 && share <= 1 && along >= 0 && along <= 1
}
