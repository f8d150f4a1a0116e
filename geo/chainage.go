package geo

import (
	"iter"
	"math"
	"sort"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// Chain measures along a line: chainage (里程) is the geodesic distance from the digitised start in metres. The parts of a
// line lie end to end: a part begins with the chainage at which the one before it ended, and the way between them does
// not count. Between vertices the line is the geodesic.
//
// A Chain is immutable and safe for concurrent use. [Chain.Project] on 50,000 vertices takes a few microseconds.
type Chain struct {
	segments []segment
	tree     chordTree
	lengthM  float64
}

// segment is the geodesic between two neighbouring vertices; neighbours at the same place have none between them.
type segment struct {
	a, b          orb.Point
	fromM, toM    float64 // chainage
	azimuth       float64 // at a, degrees
	part          int32
	piece, pieces int32 // its chords in the tree: first and number
}

// maxChordM bounds a chord: over 500 m the earth rises 5 mm above it, which vanishes against any offset we report.
const maxChordM = 500

// NewChain prepares a line for measuring. Parts of one position or none, and repeated vertices, are passed over.
//
// Errors: Malformed "line-empty" when nothing with a length is left, "not-a-number" and "out-of-range" for positions
// that are no longitude and latitude.
func NewChain(line orb.MultiLineString) (*Chain, error) {
	c := &Chain{}
	vertices := 0
	for _, path := range line {
		vertices += len(path)
	}
	c.segments, c.tree.chords = make([]segment, 0, vertices), make([]chord, 0, vertices)
	var sum exactSum
	for part, path := range line {
		for i, p := range path {
			if _, err := CGCS2000.ToCGCS2000(p[0], p[1]); err != nil {
				return nil, err
			}
			if i > 0 && path[i-1] != p {
				c.add(int32(part), path[i-1], p, &sum)
			}
		}
	}
	if len(c.segments) == 0 {
		return nil, fault.New(fault.Malformed, "line-empty", "这条线没有长度：至少要有两个不同的点")
	}
	c.lengthM = sum.value()
	c.tree.grow()
	return c, nil
}

// add appends the segment from a to b and its chords.
func (c *Chain) add(part int32, a, b orb.Point, sum *exactSum) {
	s := segment{a: a, b: b, part: part, fromM: sum.value(), piece: int32(len(c.tree.chords)), pieces: 1}
	var lengthM float64
	ellipsoid.Inverse(a[1], a[0], b[1], b[0], &lengthM, &s.azimuth, nil)
	sum.add(lengthM)
	s.toM = sum.value()
	if lengthM > maxChordM {
		s.pieces = int32(math.Ceil(lengthM / maxChordM))
	}
	index := int32(len(c.segments))
	at, _ := toSpace(a)
	for i := range s.pieces {
		end := b
		if i+1 < s.pieces {
			end = Direct(a, s.azimuth, lengthM*float64(i+1)/float64(s.pieces))
		}
		next, _ := toSpace(end)
		c.tree.chords = append(c.tree.chords, chord{a: at, b: next, segment: index})
		at = next
	}
	c.segments = append(c.segments, s)
}

// LengthM returns the geodesic length of all parts in metres.
func (c *Chain) LengthM() float64 { return c.lengthM }

// At returns the position at the chainage. Chainages before the start give the start, beyond the end the end, and where
// two parts meet the end of the earlier one.
func (c *Chain) At(m float64) orb.Point { return c.segments[c.find(m)].at(m) }

// Heading returns the azimuth of the line at the chainage in degrees clockwise from north, in [0, 360), that of the
// arriving segment at a vertex.
func (c *Chain) Heading(m float64) float64 {
	s := c.segments[c.find(m)]
	along := math.Min(math.Max(m, s.fromM), s.toM) - s.fromM
	var azimuth float64
	ellipsoid.Direct(s.a[1], s.a[0], s.azimuth, along, nil, nil, &azimuth)
	return positiveDegrees(azimuth)
}

// find returns the index of the segment that holds the chainage.
func (c *Chain) find(m float64) int {
	i := sort.Search(len(c.segments), func(i int) bool { return c.segments[i].toM >= m })
	return min(i, len(c.segments)-1)
}

func (s *segment) at(m float64) orb.Point {
	switch {
	case !(m > s.fromM):
		return s.a
	case m >= s.toM:
		return s.b
	}
	return Direct(s.a, s.azimuth, m-s.fromM)
}

// Sub returns the stretch of the line between two chainages, in as many parts as the line has there. Chainages are
// clamped to the line; a stretch without length is nil.
func (c *Chain) Sub(fromM, toM float64) orb.MultiLineString {
	fromM, toM = math.Max(fromM, 0), math.Min(toM, c.lengthM)
	if !(fromM < toM) {
		return nil
	}
	var out orb.MultiLineString
	part := int32(-1)
	for i := c.find(fromM); i < len(c.segments) && c.segments[i].fromM < toM; i++ {
		s := &c.segments[i]
		if s.toM <= fromM {
			continue
		}
		if s.part != part {
			part = s.part
			out = append(out, orb.LineString{s.at(fromM)})
		}
		last := &out[len(out)-1]
		*last = append(*last, s.at(toM))
	}
	return out
}

// Project returns the chainage of the place on the line nearest to p and the offset of p from it in metres, positive to
// the right of the digitised direction. Of several limbs it takes the truly nearest one, whatever their order; of equal
// ones the first. Accuracy: under 1 mm for offsets up to 2 km, centimetres up to 50 km.
func (c *Chain) Project(p orb.Point) (chainageM, offsetM float64) {
	at, up := toSpace(p)
	near := c.tree.nearest(at, up)
	chainageM = c.chainage(near)
	return chainageM, c.signed(p, near, up, chainageM)
}

// chainage returns the chainage of a place on a chord.
func (c *Chain) chainage(f foot) float64 {
	s := &c.segments[c.tree.chords[f.chord].segment]
	share := (float64(int32(f.chord)-s.piece) + f.t) / float64(s.pieces)
	return s.fromM + (s.toM-s.fromM)*share
}

// signed gives the distance from foot f to p its side of the line. At a vertex the side is that of the bisector of both
// segments, so that it does not depend on which of them was found.
func (c *Chain) signed(p orb.Point, f foot, up vec, chainageM float64) float64 {
	distance := math.Sqrt(f.distance2)
	if distance > farM {
		// Of the segment itself: where two parts meet, At would give the end of the other one.
		distance = DistanceM(p, c.segments[c.tree.chords[f.chord].segment].at(chainageM))
	}
	dir := c.tree.chords[f.chord].direction()
	if f.t == 0 && c.joined(f.chord-1) {
		dir = dir.unit().plus(c.tree.chords[f.chord-1].direction().unit())
	}
	if f.t == 1 && c.joined(f.chord) {
		dir = dir.unit().plus(c.tree.chords[f.chord+1].direction().unit())
	}
	if f.offset.dot(dir.cross(up)) < 0 {
		return -distance
	}
	return distance
}

// joined reports whether chord i runs on into chord i+1.
func (c *Chain) joined(i int) bool {
	if i < 0 || i+1 >= len(c.tree.chords) {
		return false
	}
	return c.tree.chords[i].b == c.tree.chords[i+1].a
}

// Hit is a stretch of a line near a point: from where the line comes within the radius to where it leaves it, and the
// nearest place in between with the signed offset (+ right), all in metres.
type Hit struct {
	FromM, ToM float64
	ChainageM  float64
	OffsetM    float64
}

// Within returns every stretch of the line within radiusM metres of p by rising chainage: one for each limb that passes.
func (c *Chain) Within(p orb.Point, radiusM float64) []Hit {
	at, up := toSpace(p)
	var hits []Hit
	last := -2 // the chord in which the last hit runs on
	var best foot
	c.tree.within(at, radiusM, func(i int) {
		f, from, to, ok := c.tree.chords[i].inside(at, up, radiusM)
		if !ok {
			return
		}
		f.chord = i
		fromM, toM := c.chainage(foot{chord: i, t: from}), c.chainage(foot{chord: i, t: to})
		if last == i-1 && from == 0 && c.joined(i-1) {
			h := &hits[len(hits)-1]
			h.ToM = toM
			if f.distance2 < best.distance2 {
				best = f
			}
		} else {
			best = f
			hits = append(hits, Hit{FromM: fromM, ToM: toM})
		}
		h := &hits[len(hits)-1]
		h.ChainageM = c.chainage(best)
		h.OffsetM = c.signed(p, best, up, h.ChainageM)
		last = -2
		if to == 1 {
			last = i
		}
	})
	return hits
}

// exactSum is Kahan's summation: parts of a line add up to the whole.
type exactSum struct{ sum, lost float64 }

func (s *exactSum) add(v float64) {
	step := v - s.lost
	next := s.sum + step
	s.lost = (next - s.sum) - step
	s.sum = next
}

func (s *exactSum) value() float64 { return s.sum }

// Sample is a place on a line: the middle of one of several stretches of equal length.
type Sample struct {
	At      orb.Point
	Heading float64 // azimuth of the line there, degrees clockwise from north
	Segment int     // counted from the start of the line: samples of one segment have one heading to within 0.01°
	Part    int
}

// Samples cuts the line into n stretches of equal length, whatever its vertices, and yields the middle of each in order.
// On segments of up to 500 m positions are interpolated in degrees, which is within 4 mm of the geodesic.
func (c *Chain) Samples(n int) iter.Seq2[int, Sample] {
	return func(yield func(int, Sample) bool) {
		k := 0
		for i := range n {
			m := c.lengthM * (float64(i) + 0.5) / float64(n)
			for k+1 < len(c.segments) && c.segments[k].toM < m {
				k++
			}
			s := &c.segments[k]
			sample := Sample{Heading: positiveDegrees(s.azimuth), Segment: k, Part: int(s.part)}
			if s.pieces == 1 {
				t := (m - s.fromM) / (s.toM - s.fromM)
				sample.At = orb.Point{s.a[0] + t*(s.b[0]-s.a[0]), s.a[1] + t*(s.b[1]-s.a[1])}
			} else {
				sample.At = s.at(m)
			}
			if !yield(i, sample) {
				return
			}
		}
	}
}

// PartStarts returns the chainages at which the second and later parts of the line begin.
func (c *Chain) PartStarts() []float64 {
	var starts []float64
	for i := 1; i < len(c.segments); i++ {
		if c.segments[i].part != c.segments[i-1].part {
			starts = append(starts, c.segments[i].fromM)
		}
	}
	return starts
}

// ToVertexM returns how far it is along the line from a chainage to the nearest vertex, in metres.
func (c *Chain) ToVertexM(m float64) float64 { return math.Abs(m - c.VertexM(m)) }

// VertexM returns the chainage of the vertex nearest to a chainage, in metres: At gives it to the last digit.
func (c *Chain) VertexM(m float64) float64 {
	s := &c.segments[c.find(m)]
	if math.Abs(m-s.fromM) < math.Abs(s.toM-m) {
		return s.fromM
	}
	return s.toM
}
