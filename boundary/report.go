package boundary

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// Figures are the numbers of a report. What is covered by both sides together is the union of what either walked.
type Figures struct {
	LineLengthM    float64         `json:"lineLengthM"`
	WalkedM        float64         `json:"walkedM"`
	Coverage       float64         `json:"coverage"` // joint, 0 to 1
	Intervals      []Interval      `json:"intervals"`
	Segments       []SegmentWalks  `json:"segments"`
	Deviation      *Deviation      `json:"deviation"` // where the round has one track; null otherwise: each track has its own
	Lead           SideFigures     `json:"lead"`
	Cooperating    SideFigures     `json:"cooperating"`
	Markers        []MarkerFigures `json:"markers"`
	MarkersTotal   int             `json:"markersTotal"`
	MarkersChecked int             `json:"markersChecked"` // with a form from either side
	Found          map[string]int  `json:"found"`          // markers by what was found, "differing" where the sides do not agree
	Findings       []fault.Finding `json:"findings"`
	Algorithm      string          `json:"algorithm"`
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
	joint := Union(f.Line.LengthM, append(leadWalked, cooperatingWalked...))
	out.Intervals, out.WalkedM = joint, WalkedM(joint)
	out.Coverage = share(out.WalkedM, f.Line.LengthM)
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

// sideFigures adds up one side; walked are the intervals of all its tracks.
func sideFigures(f RoundFacts, office OfficeRef) (side SideFigures, walked []Interval) {
	side = SideFigures{Office: office, Tracks: []TrackFigures{}}
	for _, t := range f.Tracks {
		if t.Office != office.ID {
			continue
		}
		side.Tracks = append(side.Tracks, TrackFigures{
			ID: t.ID, FileName: t.FileName, SHA256: t.SHA256, ToleranceM: t.Match.ToleranceM, Coverage: t.Match.Coverage, Deviation: t.Match.Deviation,
		})
		walked = append(walked, t.Match.Intervals...)
	}
	side.WalkedM = WalkedM(Union(f.Line.LengthM, walked))
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

// Union returns the walked and unwalked stretches of a line in turn, given the walked ones of several tracks.
func Union(lengthM float64, intervals []Interval) []Interval {
	var walked []Interval
	for _, i := range intervals {
		if i.Class == Walked {
			walked = append(walked, i)
		}
	}
	slices.SortFunc(walked, func(a, b Interval) int { return cmp.Compare(a.FromM, b.FromM) })
	out := []Interval{}
	at := 0.0
	for _, w := range walked {
		from, to := max(w.FromM, at), min(w.ToM, lengthM)
		if to <= from {
			continue
		}
		if n := len(out); n > 0 && out[n-1].Class == Walked && from == at {
			out[n-1].ToM = round3(to)
		} else {
			if from > at {
				out = append(out, Interval{FromM: round3(at), ToM: round3(from), Class: NotChecked})
			}
			out = append(out, Interval{FromM: round3(from), ToM: round3(to), Class: Walked})
		}
		at = to
	}
	if lengthM-at > 1e-3 {
		out = append(out, Interval{FromM: round3(at), ToM: round3(lengthM), Class: NotChecked})
	}
	return out
}

// WalkedM adds up the walked intervals.
func WalkedM(intervals []Interval) float64 {
	var sum float64
	for _, i := range intervals {
		if i.Class == Walked {
			sum += i.ToM - i.FromM
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
