package geo

import "math"

// chord is the straight way in space between two places of a line at most maxChordM apart.
type chord struct {
	a, b    vec
	segment int32 // of the chain
}

func (c *chord) direction() vec { return c.b.minus(c.a) }

// foot is the place on a chord nearest to a point: t runs from 0 at its start to 1 at its end; offset leads from there to
// the point and is horizontal, distance2 the square of its length.
type foot struct {
	chord     int
	t         float64
	offset    vec
	distance2 float64
}

// farM is where the horizontal plane stops being the better measure: up to here it differs from the way in space by less
// than 0.03 mm, beyond it places on the far side of the earth would look near.
const farM = 2000

// footOf returns the foot of p, whose upward normal is up. Only the horizontal share of the offset counts: the rest is
// the rise of the earth above the chord.
func (c *chord) footOf(p, up vec) foot {
	ab, ap := c.direction(), p.minus(c.a)
	t := math.Min(1, math.Max(0, ap.dot(ab)/ab.dot(ab)))
	chordOffset := ap.minus(ab.times(t))
	f := foot{t: t, offset: chordOffset.horizontal(up)}
	f.distance2 = f.offset.dot(f.offset)
	if f.distance2 > farM*farM {
		f.distance2 = chordOffset.dot(chordOffset)
	}
	return f
}

// inside returns the foot of p and the stretch of the chord within radius metres of it, as shares of the chord.
func (c *chord) inside(p, up vec, radius float64) (f foot, from, to float64, ok bool) {
	f = c.footOf(p, up)
	if f.distance2 > radius*radius {
		return f, 0, 0, false
	}
	ab, ap := c.direction().horizontal(up), p.minus(c.a).horizontal(up)
	length2 := ab.dot(ab)
	if length2 == 0 {
		return f, 0, 1, true
	}
	middle := ap.dot(ab) / length2
	aside := ap.minus(ab.times(middle))
	half := math.Sqrt(math.Max(0, radius*radius-aside.dot(aside)) / length2)
	return f, math.Max(0, middle-half), math.Min(1, middle+half), true
}

// chordTree finds chords by place. Consecutive chords of a line lie together, so boxes over runs of them make a packed
// R-tree without any sorting: levels[0] has a box for every eight chords, each level above one for every eight boxes.
type chordTree struct {
	chords []chord
	levels [][]box
}

const fan = 8

// slackM covers what a box test does not know: chords lie up to 5 mm under the earth and only horizontal distance counts.
const slackM = 0.02

// grow builds the levels over the chords.
func (t *chordTree) grow() {
	leaf := make([]box, 0, len(t.chords)/fan+1)
	for i, c := range t.chords {
		b := boxOf(c.a, c.b)
		if i%fan == 0 {
			leaf = append(leaf, b)
		} else {
			leaf[len(leaf)-1] = leaf[len(leaf)-1].union(b)
		}
	}
	t.levels = [][]box{leaf}
	for len(leaf) > fan {
		above := make([]box, 0, len(leaf)/fan+1)
		for i, b := range leaf {
			if i%fan == 0 {
				above = append(above, b)
			} else {
				above[len(above)-1] = above[len(above)-1].union(b)
			}
		}
		t.levels = append(t.levels, above)
		leaf = above
	}
}

// nearest returns the foot of p on the chord nearest to it, the first of equal ones. The tree must hold a chord.
func (t *chordTree) nearest(p, up vec) foot {
	best := foot{chord: -1, distance2: math.Inf(1)}
	t.descend(len(t.levels)-1, 0, len(t.levels[len(t.levels)-1]), p, up, &best)
	return best
}

// descend looks through boxes [from, to) of a level, the nearest first.
func (t *chordTree) descend(level, from, to int, p, up vec, best *foot) {
	var order [fan]int
	var distance [fan]float64
	n := 0
	for i := from; i < to; i++ {
		d := t.levels[level][i].distance2(p)
		j := n
		for ; j > 0 && distance[j-1] > d; j-- {
			order[j], distance[j] = order[j-1], distance[j-1]
		}
		order[j], distance[j] = i, d
		n++
	}
	for k := range n {
		reach := math.Sqrt(best.distance2) + slackM
		if distance[k] > reach*reach {
			return
		}
		first := order[k] * fan
		if level > 0 {
			t.descend(level-1, first, min(first+fan, len(t.levels[level-1])), p, up, best)
			continue
		}
		for i := first; i < min(first+fan, len(t.chords)); i++ {
			f := t.chords[i].footOf(p, up)
			if f.distance2 < best.distance2 || f.distance2 == best.distance2 && i < best.chord {
				f.chord = i
				*best = f
			}
		}
	}
}

// within calls visit with every chord that may lie within radius metres of p, by rising index.
func (t *chordTree) within(p vec, radius float64, visit func(i int)) {
	top := len(t.levels) - 1
	t.collect(top, 0, len(t.levels[top]), p, (radius+slackM)*(radius+slackM), visit)
}

func (t *chordTree) collect(level, from, to int, p vec, reach2 float64, visit func(i int)) {
	for i := from; i < to; i++ {
		if t.levels[level][i].distance2(p) > reach2 {
			continue
		}
		first := i * fan
		if level > 0 {
			t.collect(level-1, first, min(first+fan, len(t.levels[level-1])), p, reach2, visit)
			continue
		}
		for j := first; j < min(first+fan, len(t.chords)); j++ {
			visit(j)
		}
	}
}
