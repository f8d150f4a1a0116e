package boundary_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/photo"
	"fangyu/geo/track"
)

// picture is a photo taken somewhere at some time.
func picture(name string, at orb.Point, taken time.Time) boundary.Photo {
	return boundary.Photo{Name: name, Photo: photo.Photo{Position: &at, TakenAt: taken}}
}

// pictures are photos taken where and when the track was at those of its points.
func pictures(m *boundary.MatchTrack, points ...int) (list []boundary.Photo) {
	for _, i := range points {
		p := m.Segments[0][i]
		list = append(list, picture(fmt.Sprintf("IMG_%04d.jpg", i), p.LonLat(), p.Time))
	}
	return list
}

// looking sets the direction of the camera.
func looking(p boundary.Photo, degrees float64) boundary.Photo {
	p.DirectionDegrees = &degrees
	return p
}

func TestTheMarkersAPhotoMayShow(t *testing.T) {
	here := orb.Point{106.55, 29.56}
	at := func(azimuth, m float64) orb.Point { return geo.Direct(here, azimuth, m) }
	pair := []boundary.MarkerPosition{
		{Number: "5052014", Stone: "A", At: at(90, 12)},
		{Number: "5052014", Stone: "B", At: at(270, 20)},
		{Number: "5052015", Stone: "Q", At: at(0, 900)},
	}
	plain := picture("a.jpg", here, morning)
	sharp := plain
	sharp.AccuracyM = new(3.0)
	nowhere := plain
	nowhere.Position = nil
	for name, c := range map[string]struct {
		photo   boundary.Photo
		want    string
		certain bool
	}{
		"both stones of a pair":        {plain, "A B", false},
		"one is nearer than it errs":   {sharp, "A", true},
		"the one it looks at":          {looking(plain, 265), "B", true},
		"the other":                    {looking(plain, 40), "A", true},
		"away from both":               {looking(plain, 180), "", false},
		"across north":                 {looking(picture("", at(180, 12), morning), 350), "A B", false},
		"without position":             {nowhere, "", false},
		"too near to have a direction": {looking(picture("", at(90, 11), morning), 270), "A", true},
	} {
		found, certain := boundary.Sightings(c.photo, pair)
		var stones []string
		for _, s := range found {
			stones = append(stones, s.Stone)
		}
		if strings.Join(stones, " ") != c.want || certain != c.certain {
			t.Errorf("%s: %v certain %v, want %s %v", name, stones, certain, c.want, c.certain)
		}
	}
	if found, _ := boundary.Sightings(plain, pair); !near(found[0].DistanceM, 12, 0.01) || found[0].OffAxisDegrees != nil {
		t.Errorf("%+v", found[0])
	}
	if found, _ := boundary.Sightings(looking(plain, 355), []boundary.MarkerPosition{{At: at(5, 20)}}); len(found) != 1 || !near(*found[0].OffAxisDegrees, 10, 0.1) {
		t.Errorf("%+v", found)
	}
}

// Who goes by without stopping has visited the stone he photographed, and not the one beside it.
func TestAPhotoMakesAVisit(t *testing.T) {
	line := chainOf(t, lineF)
	m := walk(along(line, stretch{0, 9000}, 5, &noisy{r: rand.New(rand.NewPCG(11, 1)), sigmaM: 2})...)
	stone := func(letter string, off float64) boundary.MarkerPosition {
		return boundary.MarkerPosition{Number: "5052014", Stone: letter, At: geo.Direct(line.At(4000), line.Heading(4000)+90, off), SigmaM: 1}
	}
	markers := []boundary.MarkerPosition{stone("A", 10), stone("B", -10)}
	shot := func(taken time.Duration) boundary.Photo {
		p := looking(picture("a.jpg", line.At(4000), morning.Add(800*4*time.Second+taken)), line.Heading(4000)+90)
		return p
	}
	for name, c := range map[string]struct {
		photos []boundary.Photo
		want   [2]boundary.Verdict
	}{
		"no photo":            {nil, [2]boundary.Verdict{boundary.Passed, boundary.Passed}},
		"a photo of A":        {[]boundary.Photo{shot(0)}, [2]boundary.Verdict{boundary.Visited, boundary.Passed}},
		"nine minutes later":  {[]boundary.Photo{shot(9 * time.Minute)}, [2]boundary.Verdict{boundary.Visited, boundary.Passed}},
		"half an hour later":  {[]boundary.Photo{shot(30 * time.Minute)}, [2]boundary.Verdict{boundary.Passed, boundary.Passed}},
		"of which cannot say": {[]boundary.Photo{picture("", line.At(4000), morning.Add(800*4*time.Second))}, [2]boundary.Verdict{boundary.Passed, boundary.Passed}},
	} {
		m.Photos = c.photos
		got := boundary.Match(line, markers, []boundary.MatchTrack{m}, nil, at30).Markers
		if got[0].Verdict != c.want[0] || got[1].Verdict != c.want[1] {
			t.Errorf("%s: %s %s, want %v", name, got[0].Verdict, got[1].Verdict, c.want)
		}
	}
}

func TestPhotosThatContradictATrack(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(12, 1))
	m := uneven(r, along(line, stretch{0, 6000}, 5, &noisy{r: r, sigmaM: 3}))
	points := m.Segments[0]
	p := points[500]
	beside := func(off float64) orb.Point { return geo.Direct(p.LonLat(), line.Heading(2500)+90, off) }
	for name, c := range map[string]struct {
		photo  boundary.Photo
		score  float64
		agrees int
	}{
		"there and then":              {picture("", p.LonLat(), p.Time), 0, 1},
		"60 m beside":                 {picture("", beside(60), p.Time), 0, 1},
		"130 m beside":                {picture("", beside(130), p.Time), 1, 0},
		"nine minutes off":            {picture("", p.LonLat(), p.Time.Add(9*time.Minute)), 0, 1},
		"a week later":                {picture("", p.LonLat(), p.Time.AddDate(0, 0, 7)), 1, 0},
		"elsewhere, before the track": {picture("", beside(5000), morning.Add(-time.Hour)), 0, 0},
		"elsewhere, during the track": {picture("", beside(5000), p.Time), 1, 0},
		"without time":                {picture("", beside(5000), time.Time{}), 0, 0},
		"without position":            {boundary.Photo{Photo: photo.Photo{TakenAt: p.Time.AddDate(0, 0, 7)}}, 0, 0},
	} {
		m.Photos = []boundary.Photo{c.photo}
		g := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30).Tracks[0]
		if got := signOf(g, boundary.PhotoContradicts).Score; got != c.score || g.Photos != c.agrees || g.Held {
			t.Errorf("%s: score %v, %d agree, held %v; want %v, %d", name, got, g.Photos, g.Held, c.score, c.agrees)
		}
		if want := map[int]string{0: "C", 1: "B"}[c.agrees]; g.Grade != want {
			t.Errorf("%s: grade %s, want %s", name, g.Grade, want)
		}
	}
	wrong := picture("IMG_9.jpg", beside(700), p.Time)
	m.Photos = append(pictures(&m, 100, 200, 300), wrong)
	sign := signOf(boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30).Tracks[0], boundary.PhotoContradicts)
	if sign.Score != 0.25 || !strings.Contains(sign.Detail, "1 张照片") || !strings.Contains(sign.Detail, "IMG_9.jpg") || strings.Contains(sign.Detail, "%!") {
		t.Errorf("one of four: %+v", sign)
	}
}

func signOf(g boundary.TrackGrade, code string) boundary.Sign {
	if i := slices.IndexFunc(g.Signs, func(s boundary.Sign) bool { return s.Code == code }); i >= 0 {
		return g.Signs[i]
	}
	return boundary.Sign{}
}

// Two walk the line on two days; the photos of both come together, and each agrees with its own day.
func TestAPhotoOfAnotherDayContradictsNobody(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(13, 1))
	first := uneven(r, along(line, stretch{0, 4000}, 5, &noisy{r: r, sigmaM: 3}))
	second := uneven(r, along(line, stretch{0, 4000}, 5, &noisy{r: r, sigmaM: 3}))
	second.File = "b.gpx"
	for i := range second.Segments[0] {
		second.Segments[0][i].Time = second.Segments[0][i].Time.AddDate(0, 0, 1)
	}
	photos := append(pictures(&first, 100), picture("day two", second.Segments[0][300].LonLat(), second.Segments[0][300].Time))
	first.Photos, second.Photos = photos, photos
	for _, g := range boundary.Match(line, nil, []boundary.MatchTrack{first, second}, nil, at30).Tracks {
		if g.Photos != 1 || signOf(g, boundary.PhotoContradicts).Code != "" {
			t.Errorf("%+v", g)
		}
	}
}

// Photos are in WGS 84 whatever a program made of the track: they decide, where the line leaves it open and against it.
func TestPhotosDecideOnTheFrame(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 14))
		line := chainOf(t, wander(r, 200))
		noise := &noisy{r: r, sigmaM: 5}
		truth := along(line, stretch{0, 4000}, 5, noise)
		beyond := make([]orb.Point, len(truth)) // a walk that is nowhere near the line in any frame
		for i, p := range truth {
			beyond[i] = geo.Direct(p, line.Heading(5*float64(i))+90, 4000)
		}
		image := recordedIn(t, geo.GCJ02, truth)
		for name, c := range map[string]struct {
			walked, recorded []orb.Point
			frame            geo.Frame
			byLine           bool // the line alone says so
		}{
			"GCJ-02 on the line":         {truth, image, geo.GCJ02, true},
			"GCJ-02 far from the line":   {beyond, recordedIn(t, geo.GCJ02, beyond), geo.GCJ02, false},
			"BD-09 far from the line":    {beyond, recordedIn(t, geo.BD09, beyond), geo.BD09, false},
			"a walk in the line's image": {image, image, geo.WGS84, false},
			"on the line":                {truth, truth, geo.WGS84, true},
		} {
			m := walk(c.recorded...)
			if g := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30).Tracks[0]; (g.Frame == string(c.frame)) != c.byLine {
				t.Errorf("seed %d, %s: without photos %s", seed, name, g.Frame)
			}
			for _, i := range []int{100, 350, 600} {
				m.Photos = append(m.Photos, picture(fmt.Sprint(i), noise.shift(c.walked[i]), m.Segments[0][i].Time.Add(2*time.Second)))
			}
			g := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30).Tracks[0]
			if g.Frame != string(c.frame) || g.Held != (c.frame != geo.WGS84) || g.Photos != 3 || signOf(g, boundary.PhotoContradicts).Code != "" {
				t.Errorf("seed %d, %s: %s held %v, %d photos, %v", seed, name, g.Frame, g.Held, g.Photos, g.Signs)
			}
		}
	}
}

// What a person confirmed is what the track is held against.
func TestPhotosOfAConfirmedTrackAgree(t *testing.T) {
	line := chainOf(t, lineF)
	truth := along(line, stretch{0, 3000}, 5, &noisy{r: rand.New(rand.NewPCG(15, 1)), sigmaM: 3})
	m := walk(recordedIn(t, geo.GCJ02, truth)...)
	m.Frame = geo.GCJ02
	m.Photos = []boundary.Photo{picture("a", truth[100], m.Segments[0][100].Time)}
	if g := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30).Tracks[0]; g.Photos != 1 || g.Grade != "B" || g.Held {
		t.Errorf("%+v", g)
	}
}

// Positions without times, in disorder, twice at one time, and pauses are no reason to break.
func TestPhotosBesideOddTracks(t *testing.T) {
	line := chainOf(t, lineF)
	m := walk(along(line, stretch{0, 3000}, 5, &noisy{r: rand.New(rand.NewPCG(16, 1)), sigmaM: 3})...)
	m.Photos = pictures(&m, 100)
	for name, change := range map[string]func([]track.Point) []track.Point{
		"no points":    func([]track.Point) []track.Point { return nil },
		"one point":    func(p []track.Point) []track.Point { return p[:1] },
		"same times":   func(p []track.Point) []track.Point { p[101].Time, p[100].Time = p[99].Time, p[99].Time; return p },
		"turned round": func(p []track.Point) []track.Point { slices.Reverse(p); return p },
		"no times": func(p []track.Point) []track.Point {
			for i := range p {
				p[i].Time = time.Time{}
			}
			return p
		},
	} {
		odd := m
		odd.Segments = [][]track.Point{change(slices.Clone(m.Segments[0]))}
		g := boundary.Match(line, nil, []boundary.MatchTrack{odd}, nil, at30).Tracks[0]
		if want := map[string]int{"same times": 1, "turned round": 1}[name]; g.Photos != want && name != "one point" || g.Held {
			t.Errorf("%s: %d photos, held %v", name, g.Photos, g.Held)
		}
	}
}
