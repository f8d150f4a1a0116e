package boundary

import (
	"math"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/fault"
)

// Algorithm names how tracks are matched; it changes whenever figures may.
const Algorithm = "cells-1"

// Parameters say how tracks were matched. The zero value of any field asks for its default; a Result has them all.
type Parameters struct {
	Level        Level    `json:"level"`
	Receiver     Receiver `json:"receiver"`
	SigmaM       float64  `json:"sigmaM"`     // of a position of the track; default: the receiver's
	ToleranceM   float64  `json:"toleranceM"` // T; default: from level and SigmaM
	CorridorM    float64  `json:"corridorM"`
	CellM        float64  `json:"cellM"` // longest cell
	MaxHeadingD  float64  `json:"maxHeadingDegrees"`
	MinRunFactor float64  `json:"minRunFactor"` // a run counts from this many T on
	GapS         float64  `json:"gapS"`         // a longer pause that also spans GapM is a gap
	GapM         float64  `json:"gapM"`
	Algorithm    string   `json:"algorithm"`
}

// Complete fills in the defaults.
func (p Parameters) Complete() Parameters {
	if p.Level == "" {
		p.Level = CountyLine
	}
	if p.Receiver == "" {
		p.Receiver = Phone
	}
	fill := func(v *float64, standard float64) {
		if *v == 0 {
			*v = standard
		}
	}
	fill(&p.SigmaM, p.Receiver.SigmaM())
	fill(&p.ToleranceM, round3(ToleranceM(p.Level, p.SigmaM)))
	fill(&p.CorridorM, p.Level.CorridorM())
	fill(&p.CellM, 10)
	fill(&p.MaxHeadingD, 60)
	fill(&p.MinRunFactor, 3)
	fill(&p.GapS, 60)
	fill(&p.GapM, 100)
	p.Algorithm = Algorithm
	return p
}

// MatchTrack is a track to match: its segments as read, and what the reader remarked.
type MatchTrack struct {
	File     string
	Segments [][]track.Point
	Flags    map[string]int // notes of the reader by code
}

// Class says how a stretch of a line was checked.
type Class string

// The classes: walked is proven by a track, viewed declared by the crew, imagery checked on a dated picture.
const (
	Walked     Class = "walked"
	Viewed     Class = "viewed"
	Imagery    Class = "imagery"
	NotChecked Class = "not-checked"
)

// Interval is a stretch of a line in chainage, metres.
type Interval struct {
	FromM float64 `json:"fromM"`
	ToM   float64 `json:"toM"`
	Class Class   `json:"class"`
}

// Result is what tracks cover of a line: the match document. Shares are of the line's length, 0 to 1.
type Result struct {
	LineLengthM      float64         `json:"lineLengthM"`
	ToleranceM       float64         `json:"toleranceM"`
	WalkedM          float64         `json:"walkedM"` // of the line, not of the track
	Coverage         float64         `json:"coverage"`
	CoverageHalfT    float64         `json:"coverageHalfT"`
	CoverageTwiceT   float64         `json:"coverageTwiceT"`
	CorridorCoverage float64         `json:"corridorCoverage"`
	Intervals        []Interval      `json:"intervals"` // walked and not-checked in turn, the whole line
	Deviation        Deviation       `json:"deviation"`
	Markers          []MarkerVerdict `json:"markers"`
	Tracks           []TrackGrade    `json:"tracks"`
	Warnings         []fault.Finding `json:"warnings"`
	Parameters       Parameters      `json:"parameters"`
}

// TrackGrade says what a track is worth as evidence: C timed, D untimed, X rejected. A and B
// need photos, which tracks alone do not have.
type TrackGrade struct {
	File  string         `json:"file"`
	Grade string         `json:"grade"`
	Frame string         `json:"frame"`
	Held  bool           `json:"held"`
	Flags map[string]int `json:"flags"`
}

// Match finds what the tracks cover of a line. The line is cut into cells; a cell counts when an edge of a track passes
// within T of its middle at less than 60° to the line, whichever way, and belongs to a run of such cells at least 3T
// long, so that crossing the line does not count. An edge over a pause (more than 60 s and more than 100 m) is no
// evidence; where times are missing, over 100 m alone.
//
// Everything is measured on the ellipsoid, in the horizontal plane at the middle of each cell; a position at 29.9 m is
// within 30 m, one at 30.1 m is not.
func Match(line *geo.Chain, markers []MarkerPosition, tracks []MatchTrack, p Parameters) Result {
	p = p.Complete()
	cells := newCells(line, p)
	for _, t := range tracks {
		for _, edge := range edgesOf(t.Segments, p) {
			cells.pass(edge)
		}
	}
	covered := cells.covered(p.ToleranceM)
	r := Result{
		LineLengthM: round3(line.LengthM()), ToleranceM: p.ToleranceM, WalkedM: round3(cells.sumM(covered)),
		Coverage:         cells.share(covered),
		CoverageHalfT:    cells.share(cells.covered(p.ToleranceM / 2)),
		CoverageTwiceT:   cells.share(cells.covered(2 * p.ToleranceM)),
		CorridorCoverage: cells.share(cells.covered(p.CorridorM)),
		Intervals:        cells.intervals(covered),
		Deviation:        cells.deviation(covered),
		Markers:          judgeMarkers(markers, tracks, p),
		Tracks:           make([]TrackGrade, 0, len(tracks)),
		Warnings:         []fault.Finding{},
		Parameters:       p,
	}
	for _, t := range tracks {
		r.Tracks = append(r.Tracks, grade(t))
	}
	if r.CoverageTwiceT-r.CoverageHalfT > 0.3 {
		r.Warnings = append(r.Warnings, fault.Finding{
			Code: "parallel", Severity: fault.Warning,
			Detail: "容差减半与加倍时的覆盖率相差三成以上：轨迹像是与界线平行而不在界线上",
		})
	}
	return r
}

// grade tells what a track is worth.
func grade(t MatchTrack) TrackGrade {
	g := TrackGrade{File: t.File, Grade: "D", Frame: "4326", Flags: t.Flags}
	if g.Flags == nil {
		g.Flags = map[string]int{}
	}
	timed, points := 0, 0
	for _, segment := range t.Segments {
		for _, p := range segment {
			points++
			if !p.Time.IsZero() {
				timed++
			}
		}
	}
	switch {
	case points == 0:
		g.Grade = "X"
	case 2*timed > points:
		g.Grade = "C"
	}
	return g
}

// trackEdge is a stretch between two neighbouring positions of a track that counts as evidence.
type trackEdge struct{ a, b orb.Point }

// edgesOf returns the edges of a track without gaps. A single position stands for nothing.
func edgesOf(segments [][]track.Point, p Parameters) []trackEdge {
	var edges []trackEdge
	for _, segment := range segments {
		for i := 1; i < len(segment); i++ {
			a, b := segment[i-1], segment[i]
			if a.Lon == b.Lon && a.Lat == b.Lat || isGap(a, b, p) {
				continue
			}
			edges = append(edges, trackEdge{a.LonLat(), b.LonLat()})
		}
	}
	return edges
}

// isGap reports whether what lies between two positions is unknown.
func isGap(a, b track.Point, p Parameters) bool {
	const metresPerDegree = 110_000
	if math.Abs(a.Lat-b.Lat)+math.Abs(a.Lon-b.Lon) < p.GapM/(2*metresPerDegree) {
		return false
	}
	if geo.DistanceM(a.LonLat(), b.LonLat()) <= p.GapM {
		return false
	}
	if a.Time.IsZero() || b.Time.IsZero() {
		return true
	}
	return b.Time.Sub(a.Time).Abs() > time.Duration(p.GapS*float64(time.Second))
}

// round3 keeps millimetres, so that a document reads the same wherever it was computed.
func round3(v float64) float64 { return math.Round(v*1e3) / 1e3 }

// round6 keeps shares to a millionth.
func round6(v float64) float64 { return math.Round(v*1e6) / 1e6 }
