package boundary_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
)

func TestEverySegmentTellsWhoWalkedItWhen(t *testing.T) {
	a, b := boundary.OfficeRef{ID: uuid.UUID{1}, Name: "甲"}, boundary.OfficeRef{ID: uuid.UUID{2}, Name: "乙"}
	at := func(hour int) *time.Time {
		v := time.Date(2026, 4, 1, hour, 0, 0, 0, time.UTC)
		return &v
	}
	walked := func(from, to float64) []boundary.Interval {
		return []boundary.Interval{{FromM: from, ToM: to, Class: boundary.Walked}}
	}
	f := boundary.RoundFacts{
		Lead: a, Cooperating: b, Line: boundary.ReportLine{LengthM: 9000},
		Markers: []boundary.ReportMarker{{Number: "2", Stone: "A", ChainageM: 6000}, {Number: "2", Stone: "B", ChainageM: 6030}, {Number: "1", Stone: "Q", ChainageM: 3000}},
		Tracks: []boundary.RoundTrack{
			{Office: b.ID, FileName: "b.gpx", Match: boundary.Result{Intervals: walked(2000, 5000), Passes: []boundary.Pass{{FromM: 5000, ToM: 2000, StartedAt: at(3), EndedAt: at(6)}}}},
			{Office: a.ID, FileName: "a.gpx", Match: boundary.Result{Intervals: walked(0, 4000), Passes: []boundary.Pass{{FromM: 0, ToM: 4000, StartedAt: at(1), EndedAt: at(5)}}}},
			{Office: a.ID, FileName: "none.gpx", Match: boundary.Result{Markers: []boundary.MarkerVerdict{{Number: "2", Stone: "A", Verdict: boundary.MaybeMoved}}}},
		},
	}
	got := boundary.CompileFigures(f)
	if len(got.Segments) != 3 {
		t.Fatalf("segments %+v", got.Segments)
	}
	for i, want := range []struct {
		from, to       string
		fromM, toM     float64
		walkedM        float64
		files          string
		started, ended int // hours of the last walk
	}{
		{"", "1", 0, 3000, 3000, "a.gpx b.gpx", 5, 6},
		{"1", "2", 3000, 6000, 2000, "b.gpx a.gpx", 4, 5},
		{"2", "", 6000, 9000, 0, "", 0, 0},
	} {
		s := got.Segments[i]
		files := ""
		for k, w := range s.Walks {
			if k > 0 {
				files += " "
			}
			files += w.File
			if want := map[string]string{"a.gpx": "甲", "b.gpx": "乙"}[w.File]; w.Office != want {
				t.Errorf("segment %d: %s is of %s", i, w.File, w.Office)
			}
		}
		if s.From != want.from || s.To != want.to || s.FromM != want.fromM || s.ToM != want.toM || s.WalkedM != want.walkedM || files != want.files {
			t.Errorf("segment %d: %+v, want %+v", i, s, want)
		}
		if n := len(s.Walks); n > 0 && (!s.Walks[n-1].StartedAt.Equal(*at(want.started)) || !s.Walks[n-1].EndedAt.Equal(*at(want.ended))) {
			t.Errorf("segment %d: last walk %v–%v", i, s.Walks[n-1].StartedAt, s.Walks[n-1].EndedAt)
		}
	}
	if back := got.Segments[0].Walks[1]; back.FromM != 3000 || back.ToM != 2000 {
		t.Errorf("the walk against the line is %+v", back)
	}
	if v := got.Markers[0].Lead.Verdict; v != boundary.MaybeMoved {
		t.Errorf("verdict %q", v)
	}
}
