package boundary

import (
	"cmp"
	"slices"
	"time"
)

// SegmentWalks is a segment of a line (界线段), the stretch between consecutive markers by chainage, and who walked it when,
// or how much of it both sides confirmed to have viewed or seen on imagery.
type SegmentWalks struct {
	From     string        `json:"from"` // number of the marker at its beginning; empty at the start of the line
	To       string        `json:"to"`   // empty at its end
	FromM    float64       `json:"fromM"`
	ToM      float64       `json:"toM"`
	WalkedM  float64       `json:"walkedM"` // by whomever
	ViewedM  float64       `json:"viewedM,omitempty"`
	ImageryM float64       `json:"imageryM,omitempty"`
	Walks    []SegmentWalk `json:"walks"`
}

// SegmentWalk is the part of a pass that lies in a segment. FromM is larger than ToM where the walk went against the line.
type SegmentWalk struct {
	Office    string     `json:"office"`
	File      string     `json:"file"`
	FromM     float64    `json:"fromM"`
	ToM       float64    `json:"toM"`
	StartedAt *time.Time `json:"startedAt"` // null where the track has no times
	EndedAt   *time.Time `json:"endedAt"`
}

// segmentWalks tells of every segment who walked it when. Within a pass the time is taken to run evenly.
func segmentWalks(f RoundFacts, joint []Interval) []SegmentWalks {
	segments := segmentsBetween(f.Markers, f.Line.LengthM)
	for i := range segments {
		s := &segments[i]
		s.WalkedM = lengthWithin(joint, Walked, s.FromM, s.ToM)
		s.ViewedM, s.ImageryM = lengthWithin(joint, Viewed, s.FromM, s.ToM), lengthWithin(joint, Imagery, s.FromM, s.ToM)
		for _, t := range f.Tracks {
			office := f.Lead.Name
			if t.Office != f.Lead.ID {
				office = f.Cooperating.Name
			}
			for _, p := range t.Match.Passes {
				if w, ok := p.within(s.FromM, s.ToM); ok {
					w.Office, w.File = office, t.FileName
					s.Walks = append(s.Walks, w)
				}
			}
		}
		slices.SortStableFunc(s.Walks, func(a, b SegmentWalk) int { return compareTimes(a.StartedAt, b.StartedAt) })
	}
	return segments
}

// segmentsBetween cuts a line at its markers. Stones of one number are one place: the first of them.
func segmentsBetween(markers []ReportMarker, lengthM float64) []SegmentWalks {
	sorted := slices.SortedFunc(slices.Values(markers), func(a, b ReportMarker) int { return cmp.Compare(a.ChainageM, b.ChainageM) })
	segments := []SegmentWalks{}
	at, from := 0.0, ""
	cut := func(m float64, number string) {
		if m-at > 1 {
			segments = append(segments, SegmentWalks{From: from, To: number, FromM: round3(at), ToM: round3(m), Walks: []SegmentWalk{}})
			at = m
		}
		from = number
	}
	seen := map[string]bool{}
	for _, m := range sorted {
		if !seen[m.Number] {
			seen[m.Number] = true
			cut(min(max(m.ChainageM, 0), lengthM), m.Number)
		}
	}
	cut(lengthM, "")
	return segments
}

// within is the part of a pass between two chainages; ok is false for less than a metre.
func (p Pass) within(fromM, toM float64) (w SegmentWalk, ok bool) {
	low, high := max(fromM, min(p.FromM, p.ToM)), min(toM, max(p.FromM, p.ToM))
	if high-low < 1 {
		return w, false
	}
	w.FromM, w.ToM = low, high
	if p.FromM > p.ToM {
		w.FromM, w.ToM = high, low
	}
	w.StartedAt, w.EndedAt = p.at(w.FromM), p.at(w.ToM)
	return w, true
}

// at is when a pass was at a chainage, to the second.
func (p Pass) at(m float64) *time.Time {
	if p.StartedAt == nil || p.EndedAt == nil {
		return nil
	}
	share := (m - p.FromM) / (p.ToM - p.FromM)
	at := p.StartedAt.Add(time.Duration(share * float64(p.EndedAt.Sub(*p.StartedAt)))).Round(time.Second)
	return &at
}

func compareTimes(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}
