package track_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/trial"
)

// labelled is a made track of which it is known what is wrong with it. The same seed makes the same track.
type labelled struct {
	points    []track.Point
	teleports map[int]bool // indices of points that are elsewhere
	stops     [][2]int     // first and last index
}

// makeLabelled walks, rides and stops with the errors of a receiver: correlated noise of some metres, white noise, and
// now and then one to three positions somewhere else.
func makeLabelled(seed uint64) labelled {
	r := rand.New(rand.NewPCG(seed, 77))
	l := labelled{teleports: map[int]bool{}}
	lon, lat := 106+3*r.Float64(), 29+2*r.Float64()
	heading, speed := 2*math.Pi*r.Float64(), 0.6+0.9*r.Float64()
	every := []float64{1, 1, 2, 5, 10}[r.IntN(5)] // seconds between positions
	at := time.Date(2026, 4, 1, 1, 0, 0, 0, time.UTC)
	sigma, white := 1+4*r.Float64(), r.Float64()
	var errE, errN float64
	keep := math.Exp(-every / 60)
	add := func(away float64) {
		errE = keep*errE + math.Sqrt(1-keep*keep)*sigma*r.NormFloat64()
		errN = keep*errN + math.Sqrt(1-keep*keep)*sigma*r.NormFloat64()
		east, north := geo.MetresPerDegree(lat)
		e, n := errE+white*r.NormFloat64(), errN+white*r.NormFloat64()
		if away > 0 {
			l.teleports[len(l.points)] = true
			e, n = e+away*math.Cos(heading+1.3), n+away*math.Sin(heading+1.3)
		}
		l.points = append(l.points, track.Point{Lon: lon + e/east, Lat: lat + n/north, ElevationM: math.NaN(), Time: at})
		at = at.Add(time.Duration(every * float64(time.Second)))
	}
	for len(l.points) < 3000 {
		if r.IntN(4) == 0 { // a stop of two to thirty minutes, after and before a walk
			first := len(l.points)
			for range int((120 + r.Float64()*1680) / every) {
				add(0)
			}
			l.stops = append(l.stops, [2]int{first, len(l.points) - 1})
		}
		moving := speed
		if r.IntN(5) == 0 {
			moving = 8 + 12*r.Float64() // by car
		}
		for range int((240 + r.Float64()*900) / every) {
			heading += r.NormFloat64() * 0.05 * every
			east, north := geo.MetresPerDegree(lat)
			lon += moving * every * math.Cos(heading) / east
			lat += moving * every * math.Sin(heading) / north
			if r.IntN(150) == 0 {
				away := (200 + 10*moving*every) * math.Exp(3*r.Float64())
				for range 1 + r.IntN(3) {
					add(away)
				}
				continue
			}
			add(0)
		}
	}
	return l
}

// Figures: teleports found ≥ 99 % with ≤ 0.1 % false, stops ≥ 95 %.
func TestLabelledTracksAreCleaned(t *testing.T) {
	var wrong, found, right, false_, stops, stopsFound, extra int
	for seed := range uint64(100) {
		l := makeLabelled(seed)
		c := track.Clean([][]track.Point{l.points}, track.StandardLimits)
		for i, f := range c.Flags[0] {
			flagged := f&track.Teleport != 0
			switch {
			case l.teleports[i]:
				wrong++
				if flagged {
					found++
				}
			default:
				right++
				if flagged {
					false_++
				}
			}
		}
		for _, want := range l.stops {
			stops++
			middle := l.points[(want[0]+want[1])/2].Time
			for _, s := range c.Stops {
				if !middle.Before(s.From) && !middle.After(s.To) {
					stopsFound++
					break
				}
			}
		}
		for _, s := range c.Stops {
			overlap := false
			for _, want := range l.stops {
				overlap = overlap || s.First <= want[1] && s.Last >= want[0]
			}
			if !overlap {
				extra++
			}
		}
	}
	t.Logf("teleports: %d of %d found, %d of %d right ones flagged; stops: %d of %d found, %d where there was none",
		found, wrong, false_, right, stopsFound, stops, extra)
	if float64(found) < 0.99*float64(wrong) || float64(false_) > 0.001*float64(right) {
		t.Errorf("teleports: %d of %d found, %d of %d right ones flagged", found, wrong, false_, right)
	}
	if float64(stopsFound) < 0.95*float64(stops) || float64(extra) > 0.05*float64(stops) {
		t.Errorf("stops: %d of %d found, %d where there was none", stopsFound, stops, extra)
	}
}

// TestNobodyTravelsSoFast parts a track where it goes faster than anybody can, so that nothing between counts as walked.
func TestNobodyTravelsSoFast(t *testing.T) {
	at := time.Date(2026, 4, 1, 1, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		metres, seconds float64
		gap             bool
	}{{200, 1, true}, {650, 1, true}, {200, 5, false}, {90, 1, false}, {200, 70, true}, {5000, 100, true}} {
		points := []track.Point{{Lon: 106.5, Lat: 29.6, Time: at}, {Lon: 106.5, Lat: 29.6 + c.metres/110_870, Time: at.Add(time.Duration(c.seconds * float64(time.Second)))}}
		if got := track.Clean([][]track.Point{points}, track.StandardLimits).Gap(0, 0, 1); got != c.gap {
			t.Errorf("%v m in %v s: a gap %v", c.metres, c.seconds, got)
		}
	}
}

func TestCleaningFlagsAndDeletesNothing(t *testing.T) {
	at := time.Date(2026, 4, 1, 1, 0, 0, 0, time.UTC)
	point := func(i int, lon float64) track.Point {
		return track.Point{Lon: lon, Lat: 29.6, ElevationM: math.NaN(), Time: at.Add(time.Duration(i) * time.Second), Quality: track.Quality{Satellites: -1}}
	}
	points := []track.Point{point(0, 106.5), point(1, 106.50001), point(1, 106.50001), point(2, 116.4), point(3, 106.50003), point(2, 106.50004), point(5, 106.50005)}
	points[6].HDOP = 20
	before := append([]track.Point{}, points...)
	c := track.Clean([][]track.Point{points}, track.StandardLimits)
	want := []track.Flags{0, 0, track.Repeated, track.Teleport, 0, track.Backwards, track.Imprecise}
	for i, f := range c.Flags[0] {
		if f != want[i] {
			t.Errorf("point %d: flags %b, want %b", i, f, want[i])
		}
		if points[i].LonLat() != before[i].LonLat() || points[i].Time != before[i].Time {
			t.Errorf("point %d was changed", i)
		}
	}
	if n := c.Count(); n["teleport"] != 1 || n["repeated_point"] != 1 || n["imprecise_point"] != 1 || n["time_backwards"] != 1 || len(n) != 4 {
		t.Errorf("counts %v", n)
	}
}

// A drive is no teleport, however fast next to the walk before it; nor is a place the receiver was switched on at anew.
func TestRidesAndRestartsAreNotTeleports(t *testing.T) {
	at := time.Date(2026, 4, 1, 1, 0, 0, 0, time.UTC)
	var points []track.Point
	lon := 106.5
	for i := range 400 {
		speed := 1.2
		if i > 300 {
			speed = 25
		}
		east, _ := geo.MetresPerDegree(29.6)
		lon += speed / east
		if i == 200 {
			lon += 0.05
			at = at.Add(time.Hour)
		}
		points = append(points, track.Point{Lon: lon, Lat: 29.6, ElevationM: math.NaN(), Time: at})
		at = at.Add(time.Second)
	}
	c := track.Clean([][]track.Point{points}, track.StandardLimits)
	if n := c.Count(); n["teleport"] != 0 || n["gap"] != 1 {
		t.Errorf("counts %v", n)
	}
}

// A track of half a million points that hardly moves takes time by its points, not by their square.
func TestASlowDriftIsQuick(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 12))
	at := time.Date(2026, 4, 1, 1, 0, 0, 0, time.UTC)
	points := make([]track.Point, 500_000)
	lon := 106.5
	for i := range points {
		lon += 2e-8 + 1e-8*r.NormFloat64() // two millimetres a second
		points[i] = track.Point{Lon: lon, Lat: 29.6, ElevationM: math.NaN(), Time: at.Add(time.Duration(i) * time.Second)}
	}
	began := trial.CPUSeconds(t)
	c := track.Clean([][]track.Point{points}, track.StandardLimits)
	if s := trial.CPUSeconds(t) - began; s > 5 { // some 0.3 s
		t.Errorf("took %.1f s", s)
	}
	if len(c.Flags[0]) != len(points) {
		t.Error("not every point was judged")
	}
}
