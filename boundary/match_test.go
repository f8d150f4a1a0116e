package boundary_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
)

// lineF is a fixture whose points were computed with GeographicLib on CGCS2000: from P0 10,000 m at azimuth 40°, then 5,000 m at 100°.
var lineF = orb.MultiLineString{{{106.5, 29.5}, {106.566334868, 29.569093202}, {106.617146411, 29.561250565}}}

var morning = time.Date(2026, 4, 1, 0, 30, 0, 0, time.UTC)

func chainOf(t testing.TB, line orb.MultiLineString) *geo.Chain {
	t.Helper()
	c, err := geo.NewChain(line)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// read takes a synthetic track the way an upload goes.
func read(t testing.TB, gpx []byte) boundary.MatchTrack {
	t.Helper()
	got, err := track.Read("a.gpx", bytes.NewReader(gpx))
	if err != nil || got.State != track.OK {
		t.Fatalf("%v %v %v", err, got.State, got.Notes)
	}
	return boundary.MatchTrack{File: "a.gpx", Segments: got.Segments}
}

// walk makes a track of positions four seconds apart.
func walk(points ...orb.Point) boundary.MatchTrack {
	segment := make([]track.Point, len(points))
	for i, p := range points {
		segment[i] = track.Point{Lon: p[0], Lat: p[1], ElevationM: math.NaN(), Time: morning.Add(time.Duration(i) * 4 * time.Second)}
	}
	return boundary.MatchTrack{File: "a.gpx", Segments: [][]track.Point{segment}}
}

var at30 = boundary.Parameters{Level: boundary.CountyLine, ToleranceM: 30}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance }

// A surveyor with a phone walks the line in full.
func TestWalkAlongTheLineCoversIt(t *testing.T) {
	line := chainOf(t, lineF)
	gpx := boundary.SynthesizeTrack(line, boundary.Walk{Seed: 1, NoiseM: 3, SpacingM: 5, Start: morning})
	r := boundary.Match(line, nil, []boundary.MatchTrack{read(t, gpx)}, nil, at30)
	if r.Coverage < 0.99 || !near(r.Deviation.RMSM, 3, 0.6) || !near(r.Deviation.MeanM, 0, 0.5) {
		t.Errorf("coverage %v, deviation %+v", r.Coverage, r.Deviation)
	}
	if !near(r.LineLengthM, 15000, 1e-3) || !near(r.WalkedM, r.Coverage*r.LineLengthM, 0.1) {
		t.Errorf("length %v, walked %v", r.LineLengthM, r.WalkedM)
	}
	if r.Tracks[0].Grade != "C" || len(r.Warnings) != 0 {
		t.Errorf("grade %s, warnings %v", r.Tracks[0].Grade, r.Warnings)
	}
}

// Scenario 2: points c and d of the fixture, at 29.9 m and 30.1 m, on tracks parallel to the line.
func TestToleranceIsExact(t *testing.T) {
	line := chainOf(t, lineF)
	for name, c := range map[string]struct {
		through orb.Point
		covered bool
	}{
		"c at 29.9 m": {orb.Point{106.533392398, 29.534377380}, true},
		"d at 30.1 m": {orb.Point{106.533393978, 29.534376220}, false},
	} {
		from, offset := line.Project(c.through)
		var points []orb.Point
		for m := from - 300; m <= from+300; m += 5 {
			points = append(points, geo.Direct(line.At(m), line.Heading(m)+90, offset))
		}
		r := boundary.Match(line, nil, []boundary.MatchTrack{walk(points...)}, nil, at30)
		if got := r.WalkedM > 590; got != c.covered || !c.covered && r.WalkedM != 0 {
			t.Errorf("%s: walked %v m of 600", name, r.WalkedM)
		}
		if c.covered && !near(r.Deviation.MeanM, 29.9, 0.001) {
			t.Errorf("%s: mean %v", name, r.Deviation.MeanM)
		}
	}
}

// Scenario 3.
func TestCrossingIsNotWalking(t *testing.T) {
	line := chainOf(t, lineF)
	var tracks []boundary.MatchTrack
	for i := range 20 {
		m := 400 + 700*float64(i)
		var points []orb.Point
		for off := -200.0; off <= 200; off += 5 {
			points = append(points, geo.Direct(line.At(m), line.Heading(m)+90, off))
		}
		tracks = append(tracks, walk(points...))
	}
	if r := boundary.Match(line, nil, tracks, nil, at30); r.Coverage != 0 {
		t.Errorf("coverage %v", r.Coverage)
	}
}

// Scenario 4.
func TestParallelAt50mShows(t *testing.T) {
	line := chainOf(t, lineF)
	gpx := boundary.SynthesizeTrack(line, boundary.Walk{SpacingM: 5, OffsetM: 50, Start: morning})
	r := boundary.Match(line, nil, []boundary.MatchTrack{read(t, gpx)}, nil, at30)
	if r.CoverageHalfT != 0 || r.Coverage != 0 || r.CoverageTwiceT < 0.99 {
		t.Errorf("half %v, T %v, twice %v", r.CoverageHalfT, r.Coverage, r.CoverageTwiceT)
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "parallel" {
		t.Errorf("warnings %v", r.Warnings)
	}
}

// Scenario 5: both as two segments and as one with a pause, which is never bridged.
func TestGapIsNotBridged(t *testing.T) {
	line := chainOf(t, lineF)
	before := read(t, boundary.SynthesizeTrack(line, boundary.Walk{SpacingM: 5, Start: morning, ToM: 4000}))
	after := read(t, boundary.SynthesizeTrack(line, boundary.Walk{SpacingM: 5, Start: morning.Add(75 * time.Minute), FromM: 7000}))
	joined := boundary.MatchTrack{Segments: [][]track.Point{append(append([]track.Point{}, before.Segments[0]...), after.Segments[0]...)}}
	r := boundary.Match(line, nil, []boundary.MatchTrack{joined}, nil, at30)
	if len(r.Intervals) != 3 || r.Intervals[1].Class != boundary.NotChecked ||
		!near(r.Intervals[1].FromM, 4000, 40) || !near(r.Intervals[1].ToM, 7000, 40) {
		t.Fatalf("got %+v", r.Intervals)
	}
	if !near(r.Coverage, 0.8, 0.005) {
		t.Errorf("coverage %v", r.Coverage)
	}
}

func TestDefaultTolerance(t *testing.T) {
	for _, c := range []struct {
		level    boundary.Level
		receiver boundary.Receiver
		sigma, t float64
	}{ // T by level and receiver, worked out by hand from its formula
		{boundary.ProvinceLine, boundary.Phone, 0, 43.1},
		{boundary.ProvinceLine, boundary.Phone, 15, 50},
		{boundary.ProvinceLine, boundary.Handheld, 0, 40.8},
		{boundary.ProvinceLine, boundary.GNSSFixed, 0, 40},
		{boundary.CountyLine, boundary.Phone, 0, 17.9},
		{boundary.CountyLine, boundary.Phone, 15, 31},
		{boundary.CountyLine, boundary.Handheld, 0, 11.3},
		{boundary.CountyLine, boundary.GNSSFixed, 0, 8},
		{boundary.TownshipLine, boundary.Phone, 0, 16.1},
		{boundary.TownshipLine, boundary.Handheld, 0, 8.2},
		{boundary.TownshipLine, boundary.GNSSFixed, 0, 2}, // Tmin
	} {
		got := boundary.Parameters{Level: c.level, Receiver: c.receiver, SigmaM: c.sigma}.Complete()
		if !near(got.ToleranceM, c.t, 0.06) {
			t.Errorf("%s %s %v: got %v, wanted %v", c.level, c.receiver, c.sigma, got.ToleranceM, c.t)
		}
	}
}

func TestMarkerVerdicts(t *testing.T) {
	line := chainOf(t, lineF)
	gpx := boundary.SynthesizeTrack(line, boundary.Walk{Seed: 3, NoiseM: 1, SpacingM: 5, Start: morning, DwellAtM: []float64{2000}})
	beside := func(m, off float64) orb.Point { return geo.Direct(line.At(m), line.Heading(m)+90, off) }
	markers := []boundary.MarkerPosition{
		{Number: "001", Stone: "Q", At: beside(2000, 3)},
		{Number: "002", Stone: "Q", At: beside(4000, 3)},
		{Number: "003", Stone: "A", At: beside(6000, 3), Formed: true},
		{Number: "003", Stone: "B", At: beside(6000, 200), Formed: true},
	}
	r := boundary.Match(line, markers, []boundary.MatchTrack{read(t, gpx)}, nil, at30)
	want := []boundary.Verdict{boundary.Visited, boundary.Passed, boundary.Visited, boundary.Missed}
	for i, v := range r.Markers {
		if v.Verdict != want[i] || v.DistanceM == nil {
			t.Errorf("%s%s: got %s at %v, wanted %s", v.Number, v.Stone, v.Verdict, *v.DistanceM, want[i])
		}
	}
	if none := boundary.Match(line, markers[:1], nil, nil, at30); none.Markers[0].DistanceM != nil || none.Coverage != 0 {
		t.Errorf("without a track: %+v", none)
	}
}

func TestUntimedTrackIsGradeD(t *testing.T) {
	line := chainOf(t, lineF)
	m := read(t, boundary.SynthesizeTrack(line, boundary.Walk{SpacingM: 5, Start: morning}))
	for i := range m.Segments[0] {
		m.Segments[0][i].Time = time.Time{}
	}
	r := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30)
	if r.Tracks[0].Grade != "D" || r.Coverage < 0.99 {
		t.Errorf("grade %s, coverage %v", r.Tracks[0].Grade, r.Coverage)
	}
}

// Two parts of one line 3 km apart: a run does not go from one to the other.
func TestRunsEndWithTheParts(t *testing.T) {
	line := chainOf(t, orb.MultiLineString{{{106.5, 29.5}, {106.5, 29.4995}}, {{106.53, 29.5}, {106.53, 29.51}}})
	short := walk(orb.Point{106.5, 29.4996}, orb.Point{106.5, 29.4995}, orb.Point{106.5, 29.4994})
	r := boundary.Match(line, nil, []boundary.MatchTrack{short}, nil, boundary.Parameters{ToleranceM: 10})
	if r.WalkedM > 56 {
		t.Errorf("walked %v m", r.WalkedM)
	}
}
