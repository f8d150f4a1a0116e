package boundary

import (
	"math"
	"strings"

	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/fault"
)

// Algorithm names how tracks are matched; it changes whenever figures may.
const Algorithm = "sweep-2"

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
	// MarkerSigmaM is the standard deviation of a registered marker position of which none is stated.
	MarkerSigmaM float64 `json:"markerSigmaM"`
	// Accuracies are those of stretches of the line that are known better or worse than its level says.
	Accuracies []Accuracy   `json:"accuracies,omitempty"`
	Cleaning   track.Limits `json:"cleaning"`
	Algorithm  string       `json:"algorithm"`

	fixed bool // ToleranceM was given
}

// Accuracy is the standard deviation of a stretch of a line, in chainage, metres.
type Accuracy struct {
	FromM  float64 `json:"fromM"`
	ToM    float64 `json:"toM"`
	SigmaM float64 `json:"sigmaM"`
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
	p.fixed = p.fixed || p.ToleranceM != 0 && p.Algorithm == ""
	fill(&p.SigmaM, p.Receiver.SigmaM())
	fill(&p.ToleranceM, round3(ToleranceM(p.Level, p.SigmaM)))
	fill(&p.CorridorM, p.Level.CorridorM())
	fill(&p.CellM, math.Min(10, math.Max(1, p.ToleranceM/2)))
	fill(&p.MaxHeadingD, 60)
	fill(&p.MinRunFactor, 3)
	fill(&p.MarkerSigmaM, 5) // plotted on a map of 1:50,000
	fill(&p.GapS, track.StandardLimits.GapS)
	fill(&p.GapM, track.StandardLimits.GapM)
	if p.Cleaning == (track.Limits{}) {
		p.Cleaning = track.StandardLimits
	}
	p.Cleaning.GapS, p.Cleaning.GapM = p.GapS, p.GapM
	p.Algorithm = Algorithm
	return p
}

// MatchTrack is a track to match: its segments as read, and what the reader remarked. Receiver and SigmaM are its own
// where they differ from the parameters'. Frame is what a person confirmed its positions to be; empty where nobody was
// asked. Photos were handed in together with it: they decide on its frame, show markers, make its grade and can contradict it.
type MatchTrack struct {
	File      string
	Segments  [][]track.Point
	Waypoints []track.Waypoint
	Flags     map[string]int // notes of the reader by code
	Receiver  Receiver
	SigmaM    float64
	Frame     geo.Frame
	Photos    []Photo
	Cleaned   *track.Cleaned // of Segments by the standard limits, where that was found before
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

// Classes lists every class once, the best first.
var Classes = []Class{Walked, Viewed, Imagery, NotChecked}

// Label is the class in Chinese.
func (c Class) Label() string {
	return map[Class]string{Walked: "已走到", Viewed: "已目视", Imagery: "影像查看", NotChecked: "未检查"}[c]
}

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
	Intervals        []Interval      `json:"intervals"` // of each class in turn, the whole line
	Passes           []Pass          `json:"passes"`    // who was where when, of each track the longest
	Deviation        Deviation       `json:"deviation"`
	Markers          []MarkerVerdict `json:"markers"`
	Tracks           []TrackGrade    `json:"tracks"`
	Warnings         []fault.Finding `json:"warnings"`
	Parameters       Parameters      `json:"parameters"`
}

// TrackGrade says what a track is worth as evidence: A fixed by RTK and with photos, B timed and with photos, C timed only,
// D untimed, X without a position (boundary research 5.13).
type TrackGrade struct {
	File       string         `json:"file"`
	Grade      string         `json:"grade"`
	Frame      string         `json:"frame"`   // what its positions are taken for
	Held       bool           `json:"held"`    // until a person has said what they are
	Offsets    []Offset       `json:"offsets"` // of the track from the line under each frame
	SigmaM     float64        `json:"sigmaM"`
	ToleranceM float64        `json:"toleranceM"`
	Photos     int            `json:"photos"` // that agree with it in place and time
	Flags      map[string]int `json:"flags"`
	Signs      []Sign         `json:"signs"` // what makes it doubtful
}

// Rename calls the track of the result otherwise, where it is spoken of too: the name of a file often holds a person's.
// What photos contradict it is left out.
func (r *Result) Rename(name string) {
	for i := range r.Tracks {
		t := &r.Tracks[i]
		for j := range t.Signs {
			if t.Signs[j].Code == PhotoContradicts {
				t.Signs[j].Detail, _, _ = strings.Cut(t.Signs[j].Detail, "：")
			}
		}
		for j := range r.Warnings {
			if t.File != "" {
				r.Warnings[j].Detail = strings.ReplaceAll(r.Warnings[j].Detail, "轨迹 "+t.File+" ", "轨迹 "+name+" ")
			}
		}
		t.File = name
	}
	for i := range r.Passes {
		r.Passes[i].File = name
	}
}

// Match finds what the tracks cover of a line. Each track is cleaned, then followed along the line by the likeliest way
// (see sweep); the line is cut into cells; a cell counts when the track passes within T of its middle while it goes along
// there, in a direction of less than 60° to the line, whichever way, and belongs to a run of such cells at least 3T long,
// so that crossing the line does not count. What lies in a pause (more than 60 s and more than 100 m) is no evidence;
// where times are missing, over 100 m alone. Declared stretches, viewed or seen on imagery, fill what nobody walked.
//
// T is that of the level and of the track's receiver, or of the line's own accuracy where that is known (boundary
// research 5.3). Everything is measured on the ellipsoid, in the horizontal plane at the middle of each cell; a position
// at 29.9 m is within 30 m, one at 30.1 m is not.
//
// A track that seems to be in another frame than it says is held: it counts nothing until a person has said what it is.
func Match(line *geo.Chain, markers []MarkerPosition, tracks []MatchTrack, declared []Interval, p Parameters) Result {
	return Follow(line, markers, tracks, p).Result(declared)
}

// Matching is tracks that were followed along a line.
type Matching struct {
	line    *geo.Chain
	markers []MarkerPosition
	tracks  []*matchTrack
	cells   *cells
	p       Parameters
}

// Follow follows tracks along a line, as [Match] says.
func Follow(line *geo.Chain, markers []MarkerPosition, tracks []MatchTrack, p Parameters) *Matching {
	p = p.Complete()
	m := &Matching{line: line, markers: markers, p: p, tracks: make([]*matchTrack, len(tracks))}
	widest := p.ToleranceM
	for i := range tracks {
		m.tracks[i] = newMatchTrack(line, tracks[i], p)
		m.tracks[i].lookAtPhotos(markers)
		widest = math.Max(widest, m.tracks[i].toleranceM)
	}
	m.cells = newCells(line, p, widest)
	s := sweep{cells: m.cells}
	for _, t := range m.tracks {
		s.t = t
		if !t.held {
			t.cleaned.Walked(func(_ int, run []track.Place) { s.follow(run) })
		}
	}
	return m
}

// Held reports whether a track counts nothing until a person has said what frame it is in.
func (m *Matching) Held(track int) bool { return m.tracks[track].held }

// Result is what the tracks cover, with what was declared.
func (m *Matching) Result(declared []Interval) Result {
	cells, p := m.cells, m.p
	covered := cells.covered(1)
	r := Result{
		LineLengthM: round3(m.line.LengthM()), ToleranceM: p.ToleranceM, WalkedM: round3(cells.sumM(covered)),
		Coverage:         cells.share(covered),
		CoverageHalfT:    cells.share(cells.covered(0.5)),
		CoverageTwiceT:   cells.share(cells.covered(2)),
		CorridorCoverage: cells.share(cells.inCorridor(p.CorridorM)),
		Intervals:        cells.intervals(covered, declared),
		Passes:           []Pass{},
		Deviation:        cells.deviation(covered),
		Markers:          judgeMarkers(m.markers, m.tracks, p),
		Tracks:           make([]TrackGrade, 0, len(m.tracks)),
		Warnings:         []fault.Finding{},
		Parameters:       p,
	}
	agreed := agreedPhotos(m.tracks)
	for _, t := range m.tracks {
		if t.held {
			r.Warnings = append(r.Warnings, t.heldWarning())
		}
		r.Passes = append(r.Passes, longestPasses(t.passes)...)
		r.Tracks = append(r.Tracks, t.grade(m.line, m.markers, agreed))
	}
	if r.CoverageTwiceT-r.CoverageHalfT > 0.3 {
		r.Warnings = append(r.Warnings, fault.Finding{
			Code: "parallel", Severity: fault.Warning,
			Detail: "容差减半与加倍时的覆盖率相差三成以上：轨迹像是与界线平行而不在界线上",
		})
	}
	return r
}

// matchTrack is a track on its way through the matcher.
type matchTrack struct {
	MatchTrack                 // its Segments in CGCS2000
	recorded   [][]track.Point // as they were read
	sigmaM     float64
	toleranceM float64 // for the level's accuracy
	fixed      bool    // whatever the line's own accuracy is
	cleaned    *track.Cleaned
	frame      FrameVerdict
	held       bool
	passes     []Pass
	stations   []Station
	passed     map[int]bool // numbers of stations
	stands     []stand      // of Photos to it
	offM       []float64
	shown      []shown
}

func newMatchTrack(line *geo.Chain, t MatchTrack, p Parameters) *matchTrack {
	m := &matchTrack{MatchTrack: t, sigmaM: p.SigmaM, toleranceM: p.ToleranceM, fixed: p.fixed}
	if t.Receiver != "" {
		m.sigmaM = t.Receiver.SigmaM()
	}
	if t.SigmaM > 0 {
		m.sigmaM = t.SigmaM
	}
	if !p.fixed {
		m.toleranceM = round3(ToleranceM(p.Level, m.sigmaM))
	}
	m.recorded, m.Segments = t.Segments, inFrame(t.Segments, t.Frame)
	if m.cleaned = t.Cleaned; m.cleaned == nil || t.Frame.NeedsConfirmation() || p.Cleaning != track.StandardLimits {
		m.cleaned = track.Clean(m.Segments, p.Cleaning)
	}
	asRecorded := m.cleaned
	if t.Frame.NeedsConfirmation() {
		asRecorded = track.Clean(m.recorded, p.Cleaning)
	}
	m.frame = JudgeFrame(line, asRecorded, m.toleranceM)
	if len(t.Photos) > 0 {
		m.frame = m.frame.weigh(photoVotes(newTimeline(m.recorded, asRecorded), t.Photos, m.sigmaM, p.GapS))
	}
	if t.Frame != "" { // a person has said it
		m.frame.Frame, m.frame.Held = t.Frame, false
	}
	m.held = m.frame.Held
	m.judgePhotos()
	return m
}

// grade tells what a track is worth as evidence.
func (t *matchTrack) grade(line *geo.Chain, markers []MarkerPosition, agreed map[string]bool) TrackGrade {
	g := TrackGrade{
		File: t.File, Grade: "D", Frame: string(t.frame.Frame), Held: t.held, Offsets: t.frame.Offsets,
		SigmaM: t.sigmaM, ToleranceM: t.toleranceM, Photos: t.agreeing(),
		Flags: t.cleaned.Count(), Signs: t.signs(line, markers, agreed),
	}
	if t.held {
		g.Flags[heldCode[t.frame.Frame]] = 1
	}
	for code, n := range t.Flags {
		g.Flags[code] = max(n, g.Flags[code])
	}
	timed, fixed, points := 0, 0, 0
	for _, segment := range t.Segments {
		for i := range segment {
			points++
			if !segment[i].Time.IsZero() {
				timed++
			}
			if segment[i].Fix == track.FixFixed {
				fixed++
			}
		}
	}
	switch {
	case points == 0:
		g.Grade = "X"
	case 2*timed <= points:
	case g.Photos == 0:
		g.Grade = "C"
	case 5*fixed >= 4*points:
		g.Grade = "A"
	default:
		g.Grade = "B"
	}
	return g
}

// round3 keeps millimetres, so that a document reads the same wherever it was computed.
func round3(v float64) float64 { return math.Round(v*1e3) / 1e3 }

// round6 keeps shares to a millionth.
func round6(v float64) float64 { return math.Round(v*1e6) / 1e6 }
