package track

import (
	"slices"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// Flags say what is odd about a point. Points are never deleted: who counts asks [Flags.Usable].
type Flags uint8

// The flags of one point.
const (
	Repeated  Flags = 1 << iota // the same place and time as the point before
	Teleport                    // one could not have come there and gone on
	Imprecise                   // the receiver itself says that it is: HDOP, satellites, accuracy, no fix
	Backwards                   // its time is before that of the point before
	Stopped                     // part of a stop
)

// Usable reports whether the point may be taken for a place where the receiver was.
func (f Flags) Usable() bool { return f&(Repeated|Teleport|Imprecise) == 0 }

// Limits are what [Clean] judges by.
type Limits struct {
	SpeedMS     float64 `json:"speedMS"`     // faster than this nobody travels
	JumpM       float64 `json:"jumpM"`       // shorter jumps are noise
	JumpFactor  float64 `json:"jumpFactor"`  // a jump is also this many times as fast as the track otherwise is
	MaxHDOP     float64 `json:"maxHDOP"`     //
	MinSats     int16   `json:"minSats"`     //
	MaxErrorM   float64 `json:"maxErrorM"`   // of the receiver's own accuracy
	StopRadiusM float64 `json:"stopRadiusM"` // a stop is a time of StopS within this radius
	StopS       float64 `json:"stopS"`       //
	GapS        float64 `json:"gapS"`        // a longer pause that also spans GapM is a gap
	GapM        float64 `json:"gapM"`        //
}

// StandardLimits are those used where nothing else is said.
var StandardLimits = Limits{
	SpeedMS: 55, JumpM: 30, JumpFactor: 5, MaxHDOP: 5, MinSats: 4, MaxErrorM: 50,
	StopRadiusM: 15, StopS: 60, GapS: 60, GapM: 100,
}

// Stop is a time spent in one place.
type Stop struct {
	Point    Point     // the middle, with the time of arrival
	From, To time.Time // UTC
	Segment  int       // index of the segment
	First    int       // of its points
	Last     int
}

// Cleaned is what [Clean] finds in a track.
type Cleaned struct {
	Segments [][]Point
	Flags    [][]Flags // of every point, in the same order
	Stops    []Stop
	Gaps     int // pauses of which nothing is known
	limits   Limits
}

// Clean looks for what cannot be true of a track and for stops, in the order in which one hides the other: repeated
// points, those the receiver itself doubts, times that run back, teleports, stops. It changes and deletes nothing.
//
// A teleport is a run of few points that the track jumps to and from: faster than anybody travels, or several times as
// fast as the track is around it, and further than noise. Both ways must be impossible and the way past it possible, so
// that the wrong point goes and the good one after it stays.
func Clean(segments [][]Point, limits Limits) *Cleaned {
	c := &Cleaned{Segments: segments, Flags: make([][]Flags, len(segments)), limits: limits}
	for i, segment := range segments {
		c.Flags[i] = make([]Flags, len(segment))
		c.judgePoints(i)
		c.findTeleports(i)
		c.findStops(i)
		c.countGaps(i)
	}
	return c
}

// Count returns how many points carry each flag, by its code; codes of none are left out.
func (c *Cleaned) Count() map[string]int {
	n := map[string]int{}
	for _, flags := range c.Flags {
		for _, f := range flags {
			for _, kind := range flagCodes {
				if f&kind.flag != 0 {
					n[kind.code]++
				}
			}
		}
	}
	if len(c.Stops) > 0 {
		n["stop"] = len(c.Stops)
	}
	if c.Gaps > 0 {
		n["gap"] = c.Gaps
	}
	return n
}

var flagCodes = []struct {
	flag Flags
	code string
}{
	{Repeated, "repeated_point"},
	{Teleport, "teleport"},
	{Imprecise, "imprecise_point"},
	{Backwards, "time_backwards"},
}

// judgePoints flags what a point or its neighbour tell alone.
func (c *Cleaned) judgePoints(i int) {
	points, flags := c.Segments[i], c.Flags[i]
	for k := range points {
		p := &points[k]
		if doubtful(p.Quality, &c.limits) {
			flags[k] |= Imprecise
		}
		if k == 0 {
			continue
		}
		before := &points[k-1]
		switch {
		case p.Time.IsZero() || before.Time.IsZero():
		case p.Time.Before(before.Time):
			flags[k] |= Backwards
		case p.Lon == before.Lon && p.Lat == before.Lat && p.Time.Equal(before.Time):
			flags[k] |= Repeated
		}
	}
}

// doubtful reports whether a receiver doubts its position. What it does not say is no doubt.
func doubtful(q Quality, l *Limits) bool {
	return float64(q.HDOP) > l.MaxHDOP || float64(q.AccuracyM) > l.MaxErrorM || q.Fix == FixNone ||
		q.Satellites > 0 && q.Satellites < l.MinSats
}

// apartM is how far two points are from each other in metres.
func apartM(here *geo.Local, a, b *Point) float64 { return here.DistanceM(a.LonLat(), b.LonLat()) }

// countGaps counts the pauses over which nothing is known.
func (c *Cleaned) countGaps(i int) {
	var here geo.Local
	last := -1
	for k, f := range c.Flags[i] {
		if !f.Usable() {
			continue
		}
		if last >= 0 && c.gap(&here, &c.Segments[i][last], &c.Segments[i][k]) {
			c.Gaps++
		}
		last = k
	}
}

// Gap reports whether nothing is known of the way from one usable point of a segment to the next usable one.
func (c *Cleaned) Gap(segment, from, to int) bool {
	var here geo.Local
	return c.gap(&here, &c.Segments[segment][from], &c.Segments[segment][to])
}

func (c *Cleaned) gap(here *geo.Local, a, b *Point) bool {
	far := apartM(here, a, b)
	if far <= c.limits.GapM {
		return false
	}
	took := b.Time.Sub(a.Time).Abs().Seconds()
	return a.Time.IsZero() || b.Time.IsZero() || took > c.limits.GapS || far > c.limits.SpeedMS*took
}

// Place is where a receiver was when.
type Place struct {
	Lon, Lat float64   // degrees
	Time     time.Time // UTC; the zero time where it is not known
}

// LonLat returns the position as orb has it.
func (p Place) LonLat() orb.Point { return orb.Point{p.Lon, p.Lat} }

// Walked yields the stretches of the track that are evidence of a way, with the index of their segment: usable points
// only, every stop drawn together into one, cut where there are gaps. A stretch holds only until the next is asked for.
func (c *Cleaned) Walked(yield func(segment int, run []Place)) {
	var here geo.Local
	var run []Place
	stops := c.Stops
	for i, segment := range c.Segments {
		run = slices.Grow(run[:0], len(segment))
		var last *Point
		for k := 0; k < len(segment); k++ {
			p := &segment[k]
			if len(stops) > 0 && stops[0].Segment == i && stops[0].First == k {
				p, k = &stops[0].Point, stops[0].Last
				stops = stops[1:]
			} else if !c.Flags[i][k].Usable() {
				continue
			}
			if last != nil && c.gap(&here, last, p) {
				yield(i, run)
				run = run[:0]
			}
			run = append(run, Place{p.Lon, p.Lat, p.Time})
			last = p
		}
		if len(run) > 0 {
			yield(i, run)
		}
	}
}
