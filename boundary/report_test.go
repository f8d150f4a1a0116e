package boundary_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/internal/fault"
)

func bytesContain(err error, s string) bool { return err != nil && strings.Contains(err.Error(), s) }

func TestUnionOfIntervals(t *testing.T) {
	w := func(from, to float64) boundary.Interval {
		return boundary.Interval{FromM: from, ToM: to, Class: boundary.Walked}
	}
	n := func(from, to float64) boundary.Interval {
		return boundary.Interval{FromM: from, ToM: to, Class: boundary.NotChecked}
	}
	for name, c := range map[string]struct{ in, want []boundary.Interval }{
		"nothing":          {nil, []boundary.Interval{n(0, 100)}},
		"everything":       {[]boundary.Interval{w(0, 100)}, []boundary.Interval{w(0, 100)}},
		"overlapping":      {[]boundary.Interval{w(40, 70), w(10, 50)}, []boundary.Interval{n(0, 10), w(10, 70), n(70, 100)}},
		"one in the other": {[]boundary.Interval{w(10, 70), w(20, 30)}, []boundary.Interval{n(0, 10), w(10, 70), n(70, 100)}},
		"apart":            {[]boundary.Interval{w(0, 10), n(10, 90), w(90, 100)}, []boundary.Interval{w(0, 10), n(10, 90), w(90, 100)}},
		"touching":         {[]boundary.Interval{w(10, 20), w(20, 30)}, []boundary.Interval{n(0, 10), w(10, 30), n(30, 100)}},
		"beyond the end":   {[]boundary.Interval{w(90, 100.0004)}, []boundary.Interval{n(0, 90), w(90, 100)}},
	} {
		if got := boundary.Union(100, c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, wanted %v", name, got, c.want)
		}
	}
}

func factsOfARound() boundary.RoundFacts {
	marker, other := uuid.UUID{1}, uuid.UUID{2}
	return boundary.RoundFacts{
		Line: boundary.ReportLine{Name: "江北区—渝北区线", LengthM: 1000}, Lead: boundary.OfficeRef{ID: leadOffice, Name: "甲 <局>"},
		Cooperating: boundary.OfficeRef{ID: otherOffice, Name: "乙"},
		Markers:     []boundary.ReportMarker{{ID: marker, Number: "001", Stone: "Q"}, {ID: other, Number: "002", Stone: "Q"}},
		Tracks: []boundary.RoundTrack{
			{Office: leadOffice, Match: boundary.Result{
				Coverage: 0.6, Intervals: []boundary.Interval{{FromM: 0, ToM: 600, Class: boundary.Walked}, {FromM: 600, ToM: 1000, Class: boundary.NotChecked}},
				Markers: []boundary.MarkerVerdict{{Number: "001", Stone: "Q", Verdict: boundary.Passed}},
			}},
			{Office: otherOffice, Match: boundary.Result{Intervals: []boundary.Interval{{FromM: 500, ToM: 900, Class: boundary.Walked}}}},
		},
		Forms: []boundary.RoundForm{
			{Marker: marker, Office: leadOffice, Found: "intact", CheckedOn: "2026-04-01"},
			{Marker: marker, Office: otherOffice, Found: "damaged", CheckedOn: "2026-04-02"},
		},
	}
}

func TestFiguresOfARound(t *testing.T) {
	f := boundary.CompileFigures(factsOfARound())
	if f.WalkedM != 900 || f.Coverage != 0.9 || f.Lead.Coverage != 0.6 || f.Cooperating.Coverage != 0.4 || len(f.Intervals) != 2 || f.Deviation != nil {
		t.Errorf("got %+v", f)
	}
	if f.MarkersTotal != 2 || f.MarkersChecked != 1 || f.Found["differing"] != 1 || f.Found["unchecked"] != 1 {
		t.Errorf("markers %+v %v", f.Markers, f.Found)
	}
	if m := f.Markers[0]; m.Lead.Found != "intact" || m.Lead.Verdict != boundary.Passed || m.Cooperating.Found != "damaged" {
		t.Errorf("marker %+v", m)
	}
	if len(f.Findings) != 1 || f.Findings[0].Code != "marker-differs" || f.Findings[0].Severity != fault.Review {
		t.Errorf("findings %v", f.Findings)
	}
}

// The stored report goes through jsonb, which sorts and spaces as it likes; its canonical bytes come out the same.
func TestCanonicalBytesAreStable(t *testing.T) {
	report := boundary.CompileReport(factsOfARound(), "2026-11-24")
	one, err := report.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	var back boundary.Report
	if err := json.Unmarshal(one, &back); err != nil {
		t.Fatal(err)
	}
	two, err := back.Canonical()
	if err != nil || string(one) != string(two) || boundary.Digest(one) != boundary.Digest(two) {
		t.Errorf("%v\n%s\n%s", err, one, two)
	}
	if !strings.Contains(string(one), "甲 <局>") || strings.Contains(string(one), ": ") || !strings.HasPrefix(string(one), `{"compiledOn":`) {
		t.Errorf("not canonical: %s", one)
	}
	report.Figures.WalkedM++
	if three, _ := report.Canonical(); boundary.Digest(three) == boundary.Digest(one) {
		t.Error("other figures, the same digest")
	}
}
