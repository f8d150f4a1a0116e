package boundary_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
)

func signCodes(g boundary.TrackGrade) []string {
	var codes []string
	for _, s := range g.Signs {
		if s.Score <= 0 || s.Score > 1 || s.Detail == "" {
			codes = append(codes, "bad "+s.Code)
		}
		codes = append(codes, s.Code)
	}
	return codes
}

// uneven walks with the times and the hurry of a person.
func uneven(r *rand.Rand, points []orb.Point) boundary.MatchTrack {
	m := walk(points...)
	at := morning
	for i := range m.Segments[0] {
		m.Segments[0][i].Time = at
		at = at.Add(time.Duration(3500+r.IntN(1500)) * time.Millisecond)
	}
	return m
}

func TestSignsOfTracksThatNobodyWalked(t *testing.T) {
	path := wander(rand.New(rand.NewPCG(3, 3)), 300)
	line := chainOf(t, path)
	r := rand.New(rand.NewPCG(4, 4))
	exact := &noisy{r: r}
	honest := &noisy{r: r, sigmaM: 4}
	level := boundary.Parameters{Level: boundary.CountyLine}
	full := stretch{0, line.LengthM()}
	straight := chainOf(t, lineF)
	for name, c := range map[string]struct {
		line  *geo.Chain
		track boundary.MatchTrack
		want  []string
	}{
		"an honest walk":             {line, uneven(r, along(line, full, 5, honest)), nil},
		"the vertices of the line":   {line, uneven(r, path[0]), []string{boundary.CopiedFromLine}},
		"points on the line":         {line, uneven(r, along(line, full, 5, exact)), []string{boundary.CopiedFromLine, boundary.NoNoise}},
		"a machine's walk beside it": {straight, walk(parallel(straight, 12)...), []string{boundary.UniformTiming, boundary.NoNoise}},
	} {
		got := boundary.Match(c.line, nil, []boundary.MatchTrack{c.track}, nil, level).Tracks[0]
		codes := signCodes(got)
		for _, code := range c.want {
			if !slices.Contains(codes, code) {
				t.Errorf("%s: %v, want %s", name, codes, code)
			}
		}
		if len(c.want) == 0 && len(codes) > 0 {
			t.Errorf("%s: %v", name, got.Signs)
		}
	}
}

// parallel makes positions 5 m apart beside a line.
func parallel(line *geo.Chain, off float64) []orb.Point {
	var points []orb.Point
	for m := 0.0; m < line.LengthM(); m += 5 {
		points = append(points, geo.Direct(line.At(m), line.Heading(m)+90, off))
	}
	return points
}

func TestSignsOfSpeedQualityAndHeight(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(5, 5))
	m := uneven(r, along(line, stretch{0, 9000}, 5, &noisy{r: r, sigmaM: 4}))
	at := morning
	height := 300.0
	for i := range m.Segments[0] {
		p := &m.Segments[0][i]
		p.Time, p.Quality, p.ElevationM = at, track.Quality{HDOP: 1, AccuracyM: 5, Satellites: 12}, height-38.7+r.NormFloat64()
		at = at.Add(time.Second + time.Duration(r.IntN(200))*time.Millisecond)
	}
	markers := []boundary.MarkerPosition{{Number: "1", At: line.At(2000), ElevationM: &height}, {Number: "2", At: line.At(4000), ElevationM: &height}}
	codes := signCodes(boundary.Match(line, markers, []boundary.MatchTrack{m}, nil, at30).Tracks[0])
	for _, code := range []string{boundary.TooFast, boundary.ConstantQuality, boundary.EllipsoidHeight} {
		if !slices.Contains(codes, code) {
			t.Errorf("%v lacks %s", codes, code)
		}
	}
	lower := height - 38.7
	markers[0].ElevationM, markers[1].ElevationM = &lower, &lower
	if codes := signCodes(boundary.Match(line, markers, []boundary.MatchTrack{m}, nil, at30).Tracks[0]); slices.Contains(codes, boundary.EllipsoidHeight) {
		t.Errorf("right heights: %v", codes)
	}
}

func TestGradesOfEvidence(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(7, 7))
	base := uneven(r, along(line, stretch{0, 3000}, 5, &noisy{r: r, sigmaM: 1}))
	for want, change := range map[string]func(*boundary.MatchTrack){
		"A": func(m *boundary.MatchTrack) {
			m.Photos = pictures(m, 100, 200)
			for i := range m.Segments[0] {
				m.Segments[0][i].Fix = track.FixFixed
			}
		},
		"B": func(m *boundary.MatchTrack) { m.Photos = pictures(m, 100, 200) },
		"C": func(*boundary.MatchTrack) {},
		"D": func(m *boundary.MatchTrack) {
			m.Photos = pictures(m, 100, 200)
			for i := range m.Segments[0] {
				m.Segments[0][i].Time = time.Time{}
			}
		},
		"X": func(m *boundary.MatchTrack) { m.Segments = nil },
	} {
		m := base
		m.Segments = [][]track.Point{slices.Clone(base.Segments[0])}
		change(&m)
		if got := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30).Tracks[0].Grade; got != want {
			t.Errorf("grade %s, want %s", got, want)
		}
	}
}

// A waypoint with a marker's number says where the stone was found.
func TestAWaypointOfAMarkerTellsWhetherItMoved(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(8, 8))
	m := uneven(r, along(line, stretch{0, 9000}, 5, &noisy{r: r, sigmaM: 3}))
	mark := func(name string, p orb.Point, timed bool) {
		w := track.Waypoint{Name: name, Point: track.Point{Lon: p[0], Lat: p[1]}}
		if timed {
			w.Time = morning
		}
		m.Waypoints = append(m.Waypoints, w)
	}
	beside := func(at, off float64) orb.Point { return geo.Direct(line.At(at), line.Heading(at)+90, off) }
	mark("5051002q", beside(2000, 10), true)
	mark("5051003A", beside(4000, 60), true)
	mark("5051004", beside(6000, 3), false)
	markers := []boundary.MarkerPosition{
		{Number: "5051002", Stone: "Q", At: line.At(2000), SigmaM: 1},
		{Number: "5051003", Stone: "A", At: line.At(4000), SigmaM: 1},
		{Number: "5051003", Stone: "B", At: beside(4000, -5), SigmaM: 1},
		{Number: "5051004", Stone: "Q", At: line.At(6000), SigmaM: 1},
	}
	got := boundary.Match(line, markers, []boundary.MatchTrack{m}, nil, boundary.Parameters{Level: boundary.CountyLine})
	for i, want := range []boundary.Verdict{boundary.Visited, boundary.MaybeMoved, boundary.Passed, boundary.Passed} {
		if got.Markers[i].Verdict != want {
			t.Errorf("%s%s: %s, want %s", got.Markers[i].Number, got.Markers[i].Stone, got.Markers[i].Verdict, want)
		}
	}
}
