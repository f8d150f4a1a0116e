package coverage

import (
	"context"
	"math"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// Strip is ground between two courses of a line, and to which side it comes.
type Strip struct {
	Polygon orb.Polygon
	AreaM2  float64 // on the ellipsoid
	ToRight bool    // it lay to the left of the former course and lies to the right of the new one; false: the other way round
}

// Between is the ground that lies on one side of the former course of a line and on the other side of the new one, piece by piece: where
// the courses cross, the next piece comes to the other side. Left and right are those of the directions in which the courses run, which
// must be the same for both. A closed part that only one of them has, an exclave, counts with what it encloses. Ends that differ are joined
// straight; apartM is how far the farthest are from each other. Ground of which the courses say no one thing, where one of them crosses
// itself, is no piece; unclearM2 is its area. What is narrower than a centimetre is no ground but rounding: as near as seven decimals come.
func Between(ctx context.Context, former, course orb.MultiLineString) (strips []Strip, apartM, unclearM2 float64, err error) {
	s := newSketch(0)
	for i, line := range [2]orb.MultiLineString{former, course} {
		for _, path := range line {
			part := int32(i)
			if len(path) > 0 && path[0] == path[len(path)-1] {
				part += closedParts
			}
			s.walkAlong(path, part)
		}
	}
	apartM = s.joinEnds(former, course)
	if s, err = s.nodeAll(ctx); err != nil {
		return nil, 0, 0, err
	}
	p := s.plan()
	faces, err := p.faces(ctx)
	if err != nil {
		return nil, 0, 0, err
	}
	votes := make([]sideVotes, len(faces))
	for h := range int32(2 * len(p.edges)) {
		if f := p.walks[p.walk[h]].face; f >= 0 && p.walk[h] != p.walk[h^1] {
			p.vote(h, &votes[f])
		}
	}
	for f := range faces {
		m := measure(faces[f].rings)
		switch toRight, passes, clear := votes[f].pass(); {
		case m.WidthM < leastStripM:
		case !clear:
			unclearM2 += m.AreaM2
		case passes:
			strips = append(strips, Strip{orb.Polygon(faces[f].rings), m.AreaM2, toRight})
		}
	}
	return strips, apartM, unclearM2, nil
}

// leastStripM is the mean width of the narrowest strip.
const leastStripM = 0.01

// Whose edges are which, between two courses.
const (
	ofFormer int32 = iota
	ofCourse
	closedParts                   // added to either for a closed part
	ofNobody    = 2 + closedParts // what joins ends
)

// sideVotes is on which sides of the two courses a face lies, by the edges around it.
type sideVotes struct{ left, right, open [2]bool } // open: an edge of a part that is not closed

// vote notes on which side of who runs along a half-edge the face to its left lies.
func (p *plan) vote(h int32, v *sideVotes) {
	for _, i := range p.runsOf(h) {
		r := p.runs[i]
		if r.part == ofNobody {
			continue
		}
		of := r.part % closedParts
		v.open[of] = v.open[of] || r.part < closedParts
		if r.from == p.tail(h) {
			v.left[of] = true
		} else {
			v.right[of] = true
		}
	}
}

// pass tells whether a face comes to the other side, and whether that is clear. A face with no edge of one of the courses is an exclave of
// the other one: without it, it lies on the other side. It is none where that course only crosses itself.
func (v sideVotes) pass() (toRight, passes, clear bool) {
	for i := range 2 {
		other := 1 - i
		if v.left[i] && v.right[i] || v.open[i] && !v.left[other] && !v.right[other] {
			return false, false, false
		}
	}
	wasLeft, isLeft := v.left[ofFormer], v.left[ofCourse]
	switch {
	case !v.left[ofFormer] && !v.right[ofFormer]:
		wasLeft = !isLeft
	case !v.left[ofCourse] && !v.right[ofCourse]:
		isLeft = !wasLeft
	}
	return wasLeft && !isLeft, wasLeft != isLeft, true
}

// joinEnds joins the open ends of two courses, the first and the last of each, and returns how far the farther ones are apart.
func (s *sketch) joinEnds(former, course orb.MultiLineString) (apartM float64) {
	from, to := openEnds(former), openEnds(course)
	for i := range min(len(from), len(to)) {
		apartM = math.Max(apartM, geo.DistanceM(from[i], to[i]))
		s.walkAlong(orb.LineString{from[i], to[i]}, ofNobody)
	}
	return apartM
}

// openEnds are the first and the last position of a line, closed parts left out; nothing where all are closed.
func openEnds(line orb.MultiLineString) (ends []orb.Point) {
	for _, path := range line {
		if len(path) < 2 || path[0] == path[len(path)-1] {
			continue
		}
		if ends == nil {
			ends = []orb.Point{path[0], {}}
		}
		ends[1] = path[len(path)-1]
	}
	return ends
}
