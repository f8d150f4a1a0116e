package boundary

import (
	"math"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// Over carries an interval of a former course to the course that takes its place: its ends are projected onto it, and what was the
// whole line is the whole again. What collapses there is widened to the least that a disputed segment may have.
func (i DisputedSpan) Over(former, course *geo.Chain) DisputedSpan {
	if i.Whole {
		return DisputedSpan{Whole: true, ToM: course.LengthM()}
	}
	from, _ := course.Project(former.At(i.FromM))
	to, _ := course.Project(former.At(i.ToM))
	return DisputedSpan{FromM: min(from, to), ToM: max(from, to)}.widened(course.LengthM())
}

// widened is an interval of at least the least length, within the line.
func (i DisputedSpan) widened(lengthM float64) DisputedSpan {
	if short := leastDisputeM - (i.ToM - i.FromM); short > 0 {
		i.FromM = max(0, min(i.FromM-short/2, lengthM-leastDisputeM))
		i.ToM = min(lengthM, i.FromM+leastDisputeM)
	}
	return i
}

// sameGroundM is within which two lines lie on the same ground: a change of divisions moves nothing.
const sameGroundM = 1

// Onto carries an interval of a line that ended to one that takes its place in part: the stretch of it that lies on that one. ok is
// false where none does.
func (i DisputedSpan) Onto(former, course *geo.Chain) (on DisputedSpan, ok bool) {
	from, to := math.Inf(1), math.Inf(-1)
	for _, p := range pointsOf(former.Sub(i.FromM, i.ToM)) {
		if chainage, off := course.Project(p); math.Abs(off) <= sameGroundM {
			from, to = min(from, chainage), max(to, chainage)
		}
	}
	if !(to-from >= leastDisputeM) {
		return DisputedSpan{}, false
	}
	whole := from <= segmentToleranceM && to >= course.LengthM()-segmentToleranceM
	return DisputedSpan{Whole: whole, FromM: from, ToM: to}, true
}

// pointsOf are the vertices of a geometry, and points every 100 m between them.
func pointsOf(g orb.MultiLineString) (points []orb.Point) {
	for _, part := range g {
		points = append(points, part...)
	}
	chain, err := geo.NewChain(g)
	if err != nil {
		return points
	}
	for _, s := range chain.Samples(min(departureSamples, int(chain.LengthM()/departureStepM)+1)) {
		points = append(points, s.At)
	}
	return points
}

// Moves reports whether the course that takes the place of a former one departs from it within the interval.
func (i DisputedSpan) Moves(former, course *geo.Chain) bool {
	on := i.Over(former, course)
	before, after := former.Sub(i.FromM, i.ToM), course.Sub(on.FromM, on.ToM)
	was, err := geo.NewChain(before)
	if err != nil {
		return true
	}
	is, err := geo.NewChain(after)
	if err != nil {
		return true
	}
	far, _ := farthest(was, before, is, after)
	return far > segmentToleranceM
}
