package boundary

import (
	"encoding/json"
	"math"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/track"
)

// The most of a track that a trace shows.
const (
	tracePoints = 4000
	traceEvents = 100
	framePoints = 400
)

// Trace is a track as people look at it: few enough positions to draw, everything that is odd about it, and where it lies
// in each frame that it may be in.
type Trace struct {
	Frame  geo.Frame    `json:"frame"` // that the positions are taken to have been recorded in
	Total  int          `json:"total"` // positions of the track
	Points TracePoints  `json:"points"`
	Events []TraceEvent `json:"events"` // in the order of the track, at most traceEvents of each code
	Odd    int          `json:"odd"`    // events there are
	Frames []TraceFrame `json:"frames"`
}

// TracePoints are some positions of a track in CGCS2000, as columns of the same length, NaN (null in JSON) for what is not
// known. Whatever begins or ends a segment or an event is among them.
type TracePoints struct {
	Segment    []int  `json:"segment"`
	Lon        series `json:"lon"`
	Lat        series `json:"lat"`
	Time       series `json:"time"` // seconds since 1970 UTC
	ElevationM series `json:"elevationM"`
	SpeedMS    series `json:"speedMS"`   // since the usable position before
	ChainageM  series `json:"chainageM"` // within the corridor of the line
	OffsetM    series `json:"offsetM"`   // from the line, to the right of its direction positive
	Flags      []int  `json:"flags"`     // [track.Flags]: 1 repeated, 2 teleport, 4 imprecise, 8 backwards, 16 stop
}

// TraceEvent is something odd about a stretch of a track, or a stop; From and To are indices of TracePoints.
type TraceEvent struct {
	Code   string `json:"code"` // repeated_point, teleport, imprecise_point, time_backwards, stop, gap
	From   int    `json:"from"`
	To     int    `json:"to"`
	Count  int    `json:"count"` // positions
	Detail string `json:"detail"`
}

// TraceFrame is where a track lies if it was recorded in a frame, in CGCS2000.
type TraceFrame struct {
	Frame   geo.Frame      `json:"frame"`
	MedianM float64        `json:"medianM"` // of its distance from the line
	Path    orb.LineString `json:"path"`
}

// series is a column of numbers.
type series []float64

// MarshalJSON writes null for NaN and what is beyond all numbers.
func (s series) MarshalJSON() ([]byte, error) {
	out := make([]*float64, len(s))
	for i := range s {
		if !math.IsNaN(s[i]) && !math.IsInf(s[i], 0) {
			out[i] = &s[i]
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads null as NaN.
func (s *series) UnmarshalJSON(raw []byte) error {
	var in []*float64
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*s = make(series, len(in))
	for i, v := range in {
		if (*s)[i] = math.NaN(); v != nil {
			(*s)[i] = *v
		}
	}
	return nil
}

// Trace draws a track.
func (m *Matching) Trace(i int) Trace {
	t := m.tracks[i]
	tracer := &tracer{line: m.line, corridorM: m.p.CorridorM, t: t, trace: Trace{
		Points: TracePoints{Segment: []int{}, Flags: []int{}}, Events: []TraceEvent{}, Frames: t.frames(),
	}}
	if tracer.trace.Frame = t.Frame; t.Frame == "" {
		tracer.trace.Frame = geo.WGS84
	}
	odd := tracer.events()
	tracer.stepM = math.Max(1, t.usableM()/(tracePoints/2))
	for k := range t.Segments {
		tracer.draw(k, odd[k])
	}
	return tracer.trace
}

// tracer draws a trace.
type tracer struct {
	line      *geo.Chain
	corridorM float64
	t         *matchTrack
	stepM     float64 // between positions that are shown
	trace     Trace
}

// usableM is the length of the track along its usable positions.
func (t *matchTrack) usableM() (m float64) {
	t.cleaned.Walked(func(_ int, run []track.Place) {
		var here geo.Local
		for k := 1; k < len(run); k++ {
			m += here.DistanceM(run[k-1].LonLat(), run[k].LonLat())
		}
	})
	return m
}

// draw shows a segment: positions stepM apart, besides those that begin or end an event.
func (d *tracer) draw(segment int, odd []oddity) {
	points, flags := d.t.Segments[segment], d.t.cleaned.Flags[segment]
	wanted := map[int]bool{}
	if d.room() { // a file may be made of segments without end
		wanted[0], wanted[len(points)-1] = true, true
	}
	for _, o := range odd {
		wanted[o.first], wanted[o.last] = true, true
	}
	var here geo.Local
	at := map[int]int{} // where a position of the segment is in the trace
	last := 0           // the position shown last
	before, walkedM := -1, 0.0
	for k := range points {
		if flags[k].Usable() && flags[k]&track.Stopped == 0 && here.DistanceM(points[last].LonLat(), points[k].LonLat()) >= d.stepM && d.room() {
			wanted[k] = true
		}
		if flags[k].Usable() {
			if before >= 0 {
				walkedM += here.DistanceM(points[before].LonLat(), points[k].LonLat())
			}
			before = k
		}
		if !wanted[k] {
			continue
		}
		at[k] = len(d.trace.Points.Lon)
		speed := math.NaN()
		if s := points[k].Time.Sub(points[last].Time).Seconds(); s > 0 && !points[last].Time.IsZero() && before == k {
			speed = walkedM / s
		}
		d.show(segment, &points[k], flags[k], speed)
		if flags[k].Usable() {
			last, walkedM = k, 0
		}
	}
	d.trace.Total += len(points)
	for _, o := range odd {
		d.trace.Events = append(d.trace.Events, TraceEvent{o.code, at[o.first], at[o.last], o.count, o.words(d.t, segment)})
	}
}

// room reports whether more of the track may be shown than what begins or ends something.
func (d *tracer) room() bool { return len(d.trace.Points.Lon) < tracePoints }

func (d *tracer) show(segment int, p *track.Point, flags track.Flags, speedMS float64) {
	to := &d.trace.Points
	seconds := math.NaN()
	if !p.Time.IsZero() {
		seconds = float64(p.Time.Round(time.Millisecond).UnixMilli()) / 1000
	}
	m, offset := d.line.Project(p.LonLat())
	if math.Abs(offset) > d.corridorM {
		m = math.NaN()
	}
	to.Segment = append(to.Segment, segment)
	to.Lon, to.Lat = append(to.Lon, round7(p.Lon)), append(to.Lat, round7(p.Lat))
	to.Time = append(to.Time, seconds)
	to.ElevationM, to.SpeedMS = append(to.ElevationM, round2(p.ElevationM)), append(to.SpeedMS, round2(speedMS))
	to.ChainageM, to.OffsetM = append(to.ChainageM, round2(m)), append(to.OffsetM, round2(offset))
	to.Flags = append(to.Flags, int(flags))
}

// round7 keeps a centimetre of degrees, round2 one of metres.
func round7(v float64) float64 { return math.Round(v*1e7) / 1e7 }
func round2(v float64) float64 { return math.Round(v*1e2) / 1e2 }

// frames draws the track in each frame that was tried, as recorded first; nothing where nothing was.
func (t *matchTrack) frames() []TraceFrame {
	out := []TraceFrame{}
	verdict := t.frame
	if len(verdict.Offsets) == 0 {
		return out
	}
	every := 0
	for _, segment := range t.recorded {
		every += len(segment)
	}
	every = every/framePoints + 1
	for _, o := range verdict.Offsets {
		f := TraceFrame{Frame: o.Frame, MedianM: o.MedianM, Path: orb.LineString{}}
		before := 0 // positions of the file
		for k, segment := range t.recorded {
			for i := (every - before%every) % every; i < len(segment); i += every {
				if !t.cleaned.Flags[k][i].Usable() {
					continue
				}
				if p, err := o.Frame.ToCGCS2000(segment[i].Lon, segment[i].Lat); err == nil {
					f.Path = append(f.Path, orb.Point{round7(p[0]), round7(p[1])})
				}
			}
			before += len(segment)
		}
		out = append(out, f)
	}
	return out
}
