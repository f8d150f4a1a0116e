package boundary_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
)

// recordedIn writes positions as a program does that works in a frame.
func recordedIn(t testing.TB, frame geo.Frame, points []orb.Point) []orb.Point {
	t.Helper()
	out := make([]orb.Point, len(points))
	for i, p := range points {
		x, y, err := frame.FromCGCS2000(p)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = orb.Point{x, y}
	}
	return out
}

// Figure: the frame is named right on 1,000 of 1,000 tracks longer than 1 km.
func TestTheFrameIsNamedRight(t *testing.T) {
	frames := []geo.Frame{geo.WGS84, geo.GCJ02, geo.BD09}
	wrong := 0
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 8))
		line := chainOf(t, wander(r, 100+r.IntN(300)))
		receiver := []boundary.Receiver{boundary.Phone, boundary.Handheld, boundary.GNSSSingle}[r.IntN(3)]
		p := boundary.Parameters{Level: []boundary.Level{boundary.ProvinceLine, boundary.CountyLine, boundary.TownshipLine}[r.IntN(3)], Receiver: receiver}.Complete()
		length := 1050 + r.Float64()*math.Min(8000, line.LengthM()-1100)
		from := r.Float64() * (line.LengthM() - length)
		noise := &noisy{r: r, sigmaM: receiver.SigmaM() * 0.7}
		points := along(line, stretch{from, from + length}, 1+r.Float64()*10, noise)
		if r.IntN(3) == 0 { // and the way there, from some kilometre beside
			var there []orb.Point
			for off := 300 + 1500*r.Float64(); off > 0; off -= 10 {
				there = append(there, noise.shift(geo.Direct(line.At(from), line.Heading(from)-90, off)))
			}
			points = append(there, points...)
		}
		want := frames[seed%3]
		c := track.Clean(walk(recordedIn(t, want, points)...).Segments, p.Cleaning)
		got := boundary.JudgeFrame(line, c, p.ToleranceM)
		if got.Frame != want || got.Held != (want != geo.WGS84) {
			wrong++
			t.Errorf("seed %d, %s, %.0f m: %+v, want %s", seed, receiver, length, got, want)
		}
	}
	t.Logf("%d of 1000 named right", 1000-wrong)
}

// The trap: a road runs beside the line where the image of the line in GCJ-02 would be, but not just there. Who walked the
// road is not on the line, and nothing is corrected.
func TestAParallelRoadIsNotAnotherFrame(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 9))
		line := chainOf(t, wander(r, 200))
		noise := &noisy{r: r, sigmaM: 4}
		points := along(line, stretch{100, line.LengthM() - 100}, 5, noise)
		road := make([]orb.Point, len(points))
		for i, p := range recordedIn(t, geo.GCJ02, points) {
			// A road has its own bends, to the left and right of the image.
			road[i] = geo.Direct(p, line.Heading(100+5*float64(i))+90, 120*math.Sin(float64(i)/60))
		}
		got := boundary.Match(line, nil, []boundary.MatchTrack{walk(road...)}, nil, boundary.Parameters{Level: boundary.CountyLine})
		if got.Tracks[0].Held || got.Tracks[0].Frame != string(geo.WGS84) {
			t.Errorf("seed %d: the road is taken for %s", seed, got.Tracks[0].Frame)
		}
		// And a track on the line, while the road lies in its image, stays what it is.
		got = boundary.Match(line, nil, []boundary.MatchTrack{walk(points...)}, nil, boundary.Parameters{Level: boundary.CountyLine})
		if got.Tracks[0].Held || got.Coverage < 0.9 {
			t.Errorf("seed %d: held %v, coverage %v", seed, got.Tracks[0].Held, got.Coverage)
		}
	}
}

// A held track counts nothing until a person has said what it is; then it counts where it truly was.
func TestAHeldTrackCountsOnceItsFrameIsConfirmed(t *testing.T) {
	line := chainOf(t, lineF)
	noise := &noisy{r: rand.New(rand.NewPCG(2, 2)), sigmaM: 3}
	for _, frame := range []geo.Frame{geo.GCJ02, geo.BD09} {
		m := walk(recordedIn(t, frame, along(line, stretch{0, 15000}, 5, noise))...)
		markers := []boundary.MarkerPosition{{Number: "001", At: line.At(7000)}}
		held := boundary.Match(line, markers, []boundary.MatchTrack{m}, nil, at30)
		if g := held.Tracks[0]; !g.Held || g.Frame != string(frame) || held.WalkedM != 0 || held.Markers[0].Verdict != boundary.Missed {
			t.Errorf("%s: %+v, walked %v, %s", frame, g, held.WalkedM, held.Markers[0].Verdict)
		}
		before := fmt.Sprint(m.Segments[0][:3])
		m.Frame = frame
		got := boundary.Match(line, markers, []boundary.MatchTrack{m}, nil, at30)
		if got.Tracks[0].Held || got.Coverage < 0.99 || got.Markers[0].Verdict != boundary.Passed {
			t.Errorf("%s confirmed: %+v, coverage %v", frame, got.Tracks[0], got.Coverage)
		}
		if fmt.Sprint(m.Segments[0][:3]) != before {
			t.Errorf("%s: the positions as recorded were changed", frame)
		}
		m.Frame = geo.WGS84
		if got := boundary.Match(line, markers, []boundary.MatchTrack{m}, nil, at30); got.Tracks[0].Held || got.Coverage > 0.2 {
			t.Errorf("%s said to be WGS 84: held %v, coverage %v", frame, got.Tracks[0].Held, got.Coverage)
		}
	}
}
