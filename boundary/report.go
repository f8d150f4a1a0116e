package boundary

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"slices"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// RoundFacts are what a report is compiled from. Only submitted forms and matched tracks are among them.
type RoundFacts struct {
	InspectionID uuid.UUID
	Programme    ProgrammeRef
	Line         ReportLine
	Lead         OfficeRef
	Cooperating  OfficeRef
	Synthetic    bool
	Markers      []ReportMarker
	Tracks       []RoundTrack
	Forms        []RoundForm
	Stretches    []RoundStretch
}

// ProgrammeRef names a round of inspections.
type ProgrammeRef struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Round    int       `json:"round"`
	YearFrom int       `json:"yearFrom"`
	YearTo   int       `json:"yearTo"`
}

// ReportLine is the line as the report states it.
type ReportLine struct {
	ID          uuid.UUID   `json:"id"`
	VersionID   uuid.UUID   `json:"versionId"`
	Name        string      `json:"name"`
	Code        string      `json:"code,omitempty"`
	Level       Level       `json:"level"`
	LegalStatus LegalStatus `json:"legalStatus"`
	LengthM     float64     `json:"lengthM"`
}

// ReportMarker is a marker as registered.
type ReportMarker struct {
	ID        uuid.UUID
	Number    string
	Stone     string
	ChainageM float64
}

// RoundTrack is a matched track of a round.
type RoundTrack struct {
	ID       uuid.UUID
	Office   uuid.UUID
	FileName string
	SHA256   string
	Match    Result
}

// RoundForm is a submitted marker form.
type RoundForm struct {
	Marker    uuid.UUID
	Office    uuid.UUID
	Found     string
	CheckedOn string
	Note      string
}

// Report is the joint inspection report: what both sides sign.
type Report struct {
	InspectionID uuid.UUID    `json:"inspectionId"`
	Programme    ProgrammeRef `json:"programme"`
	Line         ReportLine   `json:"line"`
	Lead         OfficeRef    `json:"lead"`
	Cooperating  OfficeRef    `json:"cooperating"`
	CompiledOn   string       `json:"compiledOn"` // a day in UTC+8
	Synthetic    bool         `json:"synthetic"`
	Figures      Figures      `json:"figures"`
}

// Figures are the numbers of a report. What is covered by both sides together is the union of what either walked; what
// nobody walked is viewed or seen on imagery where both sides confirmed that, and never counts as walked.
type Figures struct {
	LineLengthM    float64          `json:"lineLengthM"`
	WalkedM        float64          `json:"walkedM"`
	Coverage       float64          `json:"coverage"`  // walked jointly, 0 to 1
	Intervals      []Interval       `json:"intervals"` // of each class in turn, the whole line
	Classes        []ClassFigures   `json:"classes,omitempty"`
	Stretches      []StretchFigures `json:"stretches,omitempty"` // confirmed by both sides
	Segments       []SegmentWalks   `json:"segments"`
	Deviation      *Deviation       `json:"deviation"` // where the round has one track; null otherwise: each track has its own
	Lead           SideFigures      `json:"lead"`
	Cooperating    SideFigures      `json:"cooperating"`
	Markers        []MarkerFigures  `json:"markers"`
	MarkersTotal   int              `json:"markersTotal"`
	MarkersChecked int              `json:"markersChecked"` // with a form from either side
	Found          map[string]int   `json:"found"`          // markers by what was found, "differing" where the sides do not agree
	Findings       []fault.Finding  `json:"findings"`
	Algorithm      string           `json:"algorithm"`
}

// ClassFigures are how much of a line was checked in one way. Those of all classes add up to its length.
type ClassFigures struct {
	Class   Class   `json:"class"`
	LengthM float64 `json:"lengthM"`
	Share   float64 `json:"share"` // 0 to 1
}

// SideFigures are the numbers of one side.
type SideFigures struct {
	Office   OfficeRef      `json:"office"`
	WalkedM  float64        `json:"walkedM"`
	Coverage float64        `json:"coverage"`
	Forms    int            `json:"forms"`
	Tracks   []TrackFigures `json:"tracks"`
}

// TrackFigures are the numbers of one track.
type TrackFigures struct {
	ID         uuid.UUID `json:"id"`
	FileName   string    `json:"fileName"`
	SHA256     string    `json:"sha256"`
	ToleranceM float64   `json:"toleranceM"`
	Coverage   float64   `json:"coverage"`
	Deviation  Deviation `json:"deviation"`
}

// MarkerFigures are what both sides say of one stone.
type MarkerFigures struct {
	ID          uuid.UUID `json:"id"`
	Number      string    `json:"number"`
	Stone       string    `json:"stone"`
	ChainageM   float64   `json:"chainageM"`
	Lead        MarkerSay `json:"lead"`
	Cooperating MarkerSay `json:"cooperating"`
}

// MarkerSay is what one side says of a stone: its form, and what its tracks show. Empty where there is none.
type MarkerSay struct {
	Found     string  `json:"found,omitempty"`
	CheckedOn string  `json:"checkedOn,omitempty"`
	Note      string  `json:"note,omitempty"`
	Verdict   Verdict `json:"verdict,omitempty"`
}

// CompileReport puts the report of a round together. day is the day of compiling in UTC+8, 2026-11-24.
func CompileReport(f RoundFacts, day string) Report {
	return Report{
		InspectionID: f.InspectionID, Programme: f.Programme, Line: f.Line, Lead: f.Lead, Cooperating: f.Cooperating,
		CompiledOn: day, Synthetic: f.Synthetic, Figures: CompileFigures(f),
	}
}

// CompileFigures works the numbers of a round out, for the page before and the report after compiling.
func CompileFigures(f RoundFacts) Figures {
	out := Figures{
		LineLengthM: round3(f.Line.LengthM), Markers: []MarkerFigures{}, Found: map[string]int{}, Findings: []fault.Finding{}, Algorithm: Algorithm,
	}
	lead, leadWalked := sideFigures(f, f.Lead)
	cooperating, cooperatingWalked := sideFigures(f, f.Cooperating)
	out.Lead, out.Cooperating = lead, cooperating
	walked := append(leadWalked, cooperatingWalked...)
	joint := Union(f.Line.LengthM, append(walked, f.confirmed()...))
	out.Intervals, out.WalkedM = joint, LengthOf(joint, Walked)
	out.Coverage = share(out.WalkedM, f.Line.LengthM)
	for _, class := range Classes {
		m := LengthOf(joint, class)
		out.Classes = append(out.Classes, ClassFigures{Class: class, LengthM: m, Share: share(m, f.Line.LengthM)})
	}
	out.Stretches = f.stretchFigures(joint)
	out.Findings = append(out.Findings, f.unconfirmed()...)
	out.Segments = segmentWalks(f, joint)
	if len(f.Tracks) == 1 {
		out.Deviation = &f.Tracks[0].Match.Deviation
	}
	out.MarkersTotal = len(f.Markers)
	for _, m := range f.Markers {
		row := MarkerFigures{ID: m.ID, Number: m.Number, Stone: m.Stone, ChainageM: round3(m.ChainageM)}
		row.Lead, row.Cooperating = f.say(m, f.Lead.ID), f.say(m, f.Cooperating.ID)
		out.Markers = append(out.Markers, row)
		out.Found[foundByBoth(row)]++
		if row.Lead.Found != "" || row.Cooperating.Found != "" {
			out.MarkersChecked++
		}
		if a, b := row.Lead.Found, row.Cooperating.Found; a != "" && b != "" && a != b {
			out.Findings = append(out.Findings, fault.Finding{
				Code: "marker-differs", Severity: fault.Review,
				Detail:   "界桩 " + m.Number + m.Stone + " 双方登记不一致，须共同核定",
				Evidence: []fault.Evidence{{Kind: "marker", ID: m.ID.String(), Name: m.Number + m.Stone}},
			})
		}
	}
	return out
}

// foundByBoth sorts a marker: by what both or the only one say, "differing", or "unchecked".
func foundByBoth(m MarkerFigures) string {
	a, b := m.Lead.Found, m.Cooperating.Found
	switch {
	case a == "" && b == "":
		return "unchecked"
	case a == "" || a == b:
		return b
	case b == "":
		return a
	}
	return "differing"
}

// sideFigures adds up one side; walked are the walked intervals of all its tracks.
func sideFigures(f RoundFacts, office OfficeRef) (side SideFigures, walked []Interval) {
	side = SideFigures{Office: office, Tracks: []TrackFigures{}}
	for _, t := range f.Tracks {
		if t.Office != office.ID {
			continue
		}
		side.Tracks = append(side.Tracks, TrackFigures{
			ID: t.ID, FileName: t.FileName, SHA256: t.SHA256, ToleranceM: t.Match.ToleranceM, Coverage: t.Match.Coverage, Deviation: t.Match.Deviation,
		})
		for _, i := range t.Match.Intervals {
			if i.Class == Walked {
				walked = append(walked, i)
			}
		}
	}
	side.WalkedM = LengthOf(Union(f.Line.LengthM, walked), Walked)
	side.Coverage = share(side.WalkedM, f.Line.LengthM)
	for _, form := range f.Forms {
		if form.Office == office.ID {
			side.Forms++
		}
	}
	return side, walked
}

// say gathers what an office says of a marker.
func (f RoundFacts) say(m ReportMarker, office uuid.UUID) MarkerSay {
	var s MarkerSay
	for _, form := range f.Forms {
		if form.Office == office && form.Marker == m.ID {
			s.Found, s.CheckedOn, s.Note = form.Found, form.CheckedOn, form.Note
		}
	}
	for _, t := range f.Tracks {
		for _, v := range t.Match.Markers {
			if t.Office == office && v.Number == m.Number && v.Stone == m.Stone {
				s.Verdict = better(s.Verdict, v.Verdict)
			}
		}
	}
	return s
}

// Union returns the whole line in stretches of one class each, in turn: of every millimetre the best class (the first in
// Classes) that any of the intervals gives it. Bounds are whole millimetres, so that lengths add up to that of the line.
func Union(lengthM float64, intervals []Interval) []Interval {
	type edge struct{ at, class, step int }
	end := millimetres(lengthM)
	edges := []edge{{end, len(Classes) - 1, 0}}
	for _, i := range intervals {
		from, to := max(millimetres(i.FromM), 0), min(millimetres(i.ToM), end)
		if class := slices.Index(Classes, i.Class); class >= 0 && from < to {
			edges = append(edges, edge{from, class, 1}, edge{to, class, -1})
		}
	}
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.at, b.at) })
	out := []Interval{}
	over := make([]int, len(Classes)) // how many intervals of each class lie over the place
	at := 0
	for _, e := range edges {
		if e.at > at {
			out = extend(out, Interval{FromM: float64(at) / 1000, ToM: float64(e.at) / 1000, Class: bestOf(over)})
			at = e.at
		}
		over[e.class] += e.step
	}
	return out
}

func millimetres(m float64) int { return int(math.Round(m * 1000)) }

// bestOf is the best class that anything lies over, NotChecked when nothing does.
func bestOf(over []int) Class {
	if best := slices.IndexFunc(over, func(n int) bool { return n > 0 }); best >= 0 {
		return Classes[best]
	}
	return NotChecked
}

// extend adds an interval that begins where the last one ends; one of the same class makes it longer.
func extend(out []Interval, i Interval) []Interval {
	if n := len(out); n > 0 && out[n-1].Class == i.Class {
		out[n-1].ToM = i.ToM
		return out
	}
	return append(out, i)
}

// LengthOf adds up the intervals of a class, metres.
func LengthOf(intervals []Interval, class Class) float64 {
	return lengthWithin(intervals, class, math.Inf(-1), math.Inf(1))
}

// lengthWithin adds up what lies of the intervals of a class between two chainages.
func lengthWithin(intervals []Interval, class Class, fromM, toM float64) float64 {
	var sum float64
	for _, i := range intervals {
		if i.Class == class {
			sum += max(0, min(i.ToM, toM)-max(i.FromM, fromM))
		}
	}
	return round3(sum)
}

func share(m, of float64) float64 {
	if of <= 0 {
		return 0
	}
	return round6(min(1, m/of))
}

// Canonical returns the report as canonical JSON: members sorted, no blanks, numbers as short as they read back
// (RFC 8785). These are the bytes that are signed.
func (r Report) Canonical() ([]byte, error) {
	plain, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(plain, &tree); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(tree); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// Digest returns the SHA-256 of the canonical bytes in lower-case hexadecimal.
func Digest(canonical []byte) string {
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}
