package track

import (
	"math"
	"slices"

	"fangyu/geo"
)

// A run of more points than this at a wrong place, or longer, is a place where the receiver was.
const (
	maxTeleport  = 10
	maxTeleportS = 120
)

// journey is a segment without the points that are flagged already; its indices are those of at.
type journey struct {
	c      *Cleaned
	points []Point
	at     []int // of the points
	here   geo.Local
	speeds []float64 // to each point from the one before, m/s; 0 where there are no times
	steps  []float64 // metres
	sorted []float64 // scratch
}

// findTeleports flags runs of few points that the track jumps to and back from.
func (c *Cleaned) findTeleports(i int) {
	j := journey{c: c, points: c.Segments[i]}
	for k, f := range c.Flags[i] {
		if f.Usable() {
			j.at = append(j.at, k)
		}
	}
	if len(j.at) < 3 {
		return
	}
	j.measure()
	starts := []int{0} // of runs without a jump in them
	for k := 1; k < len(j.at); k++ {
		if j.jump(k-1, k) {
			starts = append(starts, k)
		}
	}
	if len(starts) == 1 {
		return
	}
	starts = append(starts, len(j.at))
	last := -1 // the last point before the present run that was not flagged
	for r := 0; r+1 < len(starts); r++ {
		if !j.isTeleport(starts, r, last) {
			last = starts[r+1] - 1
			continue
		}
		for _, k := range j.at[starts[r]:starts[r+1]] {
			c.Flags[i][k] |= Teleport
		}
	}
}

// measure takes speeds and steps between neighbours.
func (j *journey) measure() {
	j.speeds, j.steps = make([]float64, len(j.at)), make([]float64, len(j.at))
	for k := 1; k < len(j.at); k++ {
		a, b := j.point(k-1), j.point(k)
		j.steps[k] = apartM(&j.here, a, b)
		if t := seconds(a, b); t > 0 {
			j.speeds[k] = j.steps[k] / t
		}
	}
}

func (j *journey) point(k int) *Point { return &j.points[j.at[k]] }

// isTeleport decides run r. With a track before it, it is one when it is short and the track goes on from where it was
// within as many points; without, when a much longer run follows.
func (j *journey) isTeleport(starts []int, r, last int) bool {
	from, to := starts[r], starts[r+1]
	n := to - from
	if n > maxTeleport || n > 1 && seconds(j.point(from), j.point(to-1)) > maxTeleportS {
		return false
	}
	if last < 0 {
		return n <= 3 && r+2 < len(starts) && starts[r+2]-to >= 5*n
	}
	if !j.jump(last, from) {
		return false // it joins on to where the track was before a teleport
	}
	if r+2 == len(starts) {
		return n <= 3 && from >= 5*n // the end of the track: nothing says where it went on
	}
	for next := r + 1; next+1 < len(starts) && starts[next]-from <= maxTeleport; next++ {
		if !j.jump(last, starts[next]) {
			return true
		}
	}
	return false
}

// jump reports whether nobody who travels as the track does thereabouts gets from a to b in the time between them.
func (j *journey) jump(a, b int) bool {
	d := j.steps[b]
	if b != a+1 {
		d = apartM(&j.here, j.point(a), j.point(b))
	}
	if d <= j.c.limits.JumpM {
		return false
	}
	t := seconds(j.point(a), j.point(b))
	if t == 0 && (j.point(a).Time.IsZero() || j.point(b).Time.IsZero()) {
		return d > math.Max(200, 20*j.usual(j.steps, a, b))
	}
	speed := d / math.Max(0.5, t)
	return speed > j.c.limits.SpeedMS || speed > 4 && speed > math.Max(4, j.c.limits.JumpFactor*j.usual(j.speeds, a, b))
}

// usual is the median of what neighbours have from some points before a to as many after b. Where the track stands and
// then drives off, the drive after b alone may be usual, or the one before a.
func (j *journey) usual(values []float64, a, b int) float64 {
	const around = 12
	before := j.median(values[max(0, a+1-around) : a+1])
	after := j.median(values[b+1 : min(len(values), b+1+around)])
	return math.Max(before, after)
}

func (j *journey) median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	j.sorted = append(j.sorted[:0], values...)
	slices.Sort(j.sorted)
	return j.sorted[len(j.sorted)/2]
}

func seconds(a, b *Point) float64 {
	if a.Time.IsZero() || b.Time.IsZero() {
		return 0
	}
	return math.Abs(b.Time.Sub(a.Time).Seconds())
}
