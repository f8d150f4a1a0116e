package boundary_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
)

// stretch is one walk along the line, by its truth: constructed, not computed.
type stretch struct{ fromM, toM float64 }

// wander makes a line of n steps that turns gently; meander one whose limbs lie side by side, gapM apart.
func wander(r *rand.Rand, n int) orb.MultiLineString {
	path := orb.LineString{{106 + r.Float64()*3, 29 + r.Float64()*2}}
	azimuth, turn := r.Float64()*360, 0.0
	for range n {
		turn = 0.8*turn + r.NormFloat64()*0.8
		azimuth += turn
		path = append(path, geo.Direct(path[len(path)-1], azimuth, 20+r.Float64()*20))
	}
	return orb.MultiLineString{path}
}

func meander(r *rand.Rand, limbs int, lengthM, gapM float64) orb.MultiLineString {
	at := orb.Point{106 + r.Float64()*3, 29 + r.Float64()*2}
	along := r.Float64() * 360
	path := orb.LineString{at}
	for i := range limbs {
		for range int(lengthM / 50) {
			at = geo.Direct(at, along+180*float64(i%2), 50)
			path = append(path, at)
		}
		at = geo.Direct(at, along+90, gapM)
		path = append(path, at)
	}
	return orb.MultiLineString{path}
}

// noisy errs as receivers do: neighbouring positions alike.
type noisy struct {
	r           *rand.Rand
	sigmaM      float64
	east, north float64
}

func (n *noisy) shift(p orb.Point) orb.Point {
	const keep = 0.95
	n.east = keep*n.east + math.Sqrt(1-keep*keep)*n.sigmaM*n.r.NormFloat64()
	n.north = keep*n.north + math.Sqrt(1-keep*keep)*n.sigmaM*n.r.NormFloat64()
	east, north := geo.MetresPerDegree(p[1])
	return orb.Point{p[0] + n.east/east, p[1] + n.north/north}
}

// along makes the positions of a walk from one chainage to another, every stepM.
func along(line *geo.Chain, s stretch, stepM float64, noise *noisy) []orb.Point {
	var out []orb.Point
	steps := math.Ceil(math.Abs(s.toM-s.fromM) / stepM)
	for i := 0.0; i <= steps; i++ {
		out = append(out, noise.shift(line.At(s.fromM+(s.toM-s.fromM)*i/steps)))
	}
	return out
}

// away leaves the line at right angles, goes along it at a distance where nothing counts and comes back.
func away(line *geo.Chain, s stretch, farM float64, noise *noisy) []orb.Point {
	var out []orb.Point
	at := func(m, off float64) { out = append(out, noise.shift(geo.Direct(line.At(m), line.Heading(m)+90, off))) }
	for off := 0.0; off < farM; off += 5 {
		at(s.fromM, off)
	}
	for m := s.fromM; m < s.toM; m += 10 {
		at(m, farM)
	}
	for off := farM; off > 0; off -= 5 {
		at(s.toM, off)
	}
	return out
}

// stretches chooses walks along a line with room between them.
func stretches(r *rand.Rand, lengthM, roomM float64) []stretch {
	var all []stretch
	for m := r.Float64() * roomM; ; {
		s := stretch{m, m + roomM + r.Float64()*lengthM/5}
		if s.toM > lengthM {
			return all
		}
		all = append(all, s)
		m = s.toM + roomM + r.Float64()*lengthM/8
	}
}

// judge compares the walked intervals with the truth at each of their ends.
func judge(t *testing.T, what string, got []boundary.Interval, want []stretch, lengthM, errorM float64) {
	t.Helper()
	var walked []boundary.Interval
	for _, i := range got {
		if i.Class == boundary.Walked {
			walked = append(walked, i)
		}
	}
	if len(walked) != len(want) {
		t.Errorf("%s: %d intervals walked, want %d\n got %v\nwant %v", what, len(walked), len(want), walked, want)
		return
	}
	for i, w := range want {
		if math.Abs(walked[i].FromM-w.fromM) > errorM || math.Abs(walked[i].ToM-w.toM) > errorM {
			t.Errorf("%s: interval %d is %.1f–%.1f, want %.1f–%.1f ±%.1f of %.0f m", what, i, walked[i].FromM, walked[i].ToM, w.fromM, w.toM, errorM, lengthM)
		}
	}
}

func TestEndsOfWalksAreFoundWithinTwoTolerances(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 5))
		line := chainOf(t, wander(r, 200+r.IntN(400)))
		receiver := boundary.Receivers[r.IntN(len(boundary.Receivers))]
		p := boundary.Parameters{Level: []boundary.Level{boundary.ProvinceLine, boundary.CountyLine, boundary.TownshipLine}[seed%3], Receiver: receiver}.Complete()
		noise := &noisy{r: r, sigmaM: receiver.SigmaM() / 2}
		want := stretches(r, line.LengthM(), 8*p.ToleranceM+100)
		far := 4*p.ToleranceM + 150
		var points []orb.Point
		var tracks []boundary.MatchTrack
		for i, s := range want {
			points = append(points, along(line, s, 1+r.Float64()*8, noise)...)
			switch {
			case i+1 == len(want):
			case r.IntN(2) == 0: // on foot, far from the line
				points = append(points, away(line, stretch{s.toM, want[i+1].fromM}, far, noise)...)
			default: // switched off meanwhile
				tracks, points = append(tracks, walk(points...)), nil
			}
		}
		tracks = append(tracks, walk(points...))
		if seed%4 == 0 { // there and back, by another
			back := stretch{want[0].toM, want[0].fromM}
			tracks = append(tracks, walk(along(line, back, 3, noise)...))
		}
		got := boundary.Match(line, nil, tracks, nil, boundary.Parameters{Level: p.Level, Receiver: receiver})
		judge(t, fmt.Sprintf("seed %d, %s, T %.1f", seed, receiver, p.ToleranceM), got.Intervals, want, line.LengthM(), 2*p.ToleranceM+1)
		var sum float64
		for _, s := range want {
			sum += s.toM - s.fromM
		}
		if math.Abs(got.WalkedM-sum) > float64(2*len(want))*(2*p.ToleranceM+1) {
			t.Errorf("seed %d: walked %.0f m, want %.0f", seed, got.WalkedM, sum)
		}
	}
}

// The limbs of a meander lie within two tolerances of each other: a walk along one is not a walk along the next.
func TestAWalkIsOnOneLimbAtATime(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 6))
		p := boundary.Parameters{Level: boundary.CountyLine, Receiver: boundary.Handheld}.Complete() // T 11.3
		gap := p.ToleranceM * (1 + r.Float64())
		line := chainOf(t, meander(r, 6, 600, gap))
		// On the second and the fifth limb, away from their ends.
		limb := 600 + gap
		want := []stretch{{limb + 100, limb + 500}, {4*limb + 100, 4*limb + 500}}
		noise := &noisy{r: r, sigmaM: 1.5}
		var tracks []boundary.MatchTrack
		for _, s := range want {
			tracks = append(tracks, walk(along(line, s, 4, noise)...))
		}
		got := boundary.Match(line, nil, tracks, nil, boundary.Parameters{Level: p.Level, Receiver: p.Receiver})
		judge(t, fmt.Sprintf("seed %d, limbs %.1f m apart", seed, gap), got.Intervals, want, line.LengthM(), 2*p.ToleranceM+1)
		if len(got.Passes) != 2 {
			t.Errorf("seed %d: passes %+v", seed, got.Passes)
		}
	}
}

// A track that goes faster than anybody can walked nothing between its points.
func TestWhatNobodyCanTravelIsNotWalked(t *testing.T) {
	line := chainOf(t, lineF)
	noise := &noisy{r: rand.New(rand.NewPCG(1, 1)), sigmaM: 0}
	for stepM, want := range map[float64]bool{600: false, 40: true} { // a point every 4 s
		r := boundary.Match(line, nil, []boundary.MatchTrack{walk(along(line, stretch{500, 6500}, stepM, noise)...)}, nil, at30)
		if walked := r.WalkedM > 5900; walked != want || !want && r.WalkedM > 10 {
			t.Errorf("a point every %v m: %.0f m walked", stepM, r.WalkedM)
		}
	}
}

// A track that jumps to and fro without end: its passes would be a document of megabytes for both sides.
func TestOfManyPassesTheLongestAreTold(t *testing.T) {
	line := chainOf(t, lineF)
	noise := &noisy{r: rand.New(rand.NewPCG(1, 1)), sigmaM: 0}
	points := along(line, stretch{500, 4000}, 50, noise)
	for range 700 {
		points = append(append(points, along(line, stretch{1000, 1200}, 50, noise)...), along(line, stretch{1200, 1000}, 50, noise)...)
	}
	r := boundary.Match(line, nil, []boundary.MatchTrack{walk(points...)}, nil, at30)
	if len(r.Passes) != 1000 || !near(r.Passes[0].ToM, 4000, 20) || !slices.IsSortedFunc(r.Passes, func(a, b boundary.Pass) int { return a.StartedAt.Compare(*b.StartedAt) }) {
		t.Fatalf("%d passes, the first %+v", len(r.Passes), r.Passes[0])
	}
}

func TestPassesTellWhoWasWhereWhen(t *testing.T) {
	line := chainOf(t, lineF)
	noise := &noisy{r: rand.New(rand.NewPCG(1, 1)), sigmaM: 2}
	there := along(line, stretch{1000, 4000}, 5, noise)
	back := along(line, stretch{4000, 2500}, 5, noise)
	m := walk(append(there, back...)...)
	m.File = "二组.gpx"
	r := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, at30)
	if len(r.Passes) != 2 {
		t.Fatalf("passes %+v", r.Passes)
	}
	for i, want := range []struct{ from, to float64 }{{1000, 4000}, {4000, 2500}} {
		p := r.Passes[i]
		if p.File != "二组.gpx" || !near(p.FromM, want.from, 20) || !near(p.ToM, want.to, 20) || p.StartedAt == nil || !p.EndedAt.After(*p.StartedAt) {
			t.Errorf("pass %d is %+v", i, p)
		}
	}
	if turned := morning.Add(time.Duration(len(there)) * 4 * time.Second); r.Passes[0].EndedAt.Sub(turned).Abs() > time.Minute {
		t.Errorf("turned at %v, want %v", r.Passes[0].EndedAt, turned)
	}
	if !near(r.WalkedM, 3000, 61) {
		t.Errorf("there and back counts %v m", r.WalkedM)
	}
}

func TestDeclaredStretchesFillWhatNobodyWalked(t *testing.T) {
	line := chainOf(t, lineF)
	noise := &noisy{r: rand.New(rand.NewPCG(1, 1)), sigmaM: 1}
	m := walk(along(line, stretch{0, 5000}, 5, noise)...)
	declared := []boundary.Interval{{FromM: 4000, ToM: 7000, Class: boundary.Viewed}, {FromM: 6000, ToM: 9000, Class: boundary.Imagery}}
	r := boundary.Match(line, nil, []boundary.MatchTrack{m}, declared, at30)
	want := []boundary.Interval{{0, 5000, boundary.Walked}, {5000, 7000, boundary.Viewed}, {7000, 9000, boundary.Imagery}, {9000, 15000, boundary.NotChecked}}
	if len(r.Intervals) != len(want) {
		t.Fatalf("got %v", r.Intervals)
	}
	for i, w := range want {
		if g := r.Intervals[i]; g.Class != w.Class || !near(g.FromM, w.FromM, 61) || !near(g.ToM, w.ToM, 61) {
			t.Errorf("interval %d is %v, want %v", i, g, w)
		}
	}
	if !near(r.Coverage, 1.0/3, 0.005) {
		t.Errorf("what was viewed counts as walked: %v", r.Coverage)
	}
}

// A line that is known better in one stretch has a narrower tolerance there.
func TestToleranceFollowsTheAccuracyOfTheLine(t *testing.T) {
	line := chainOf(t, lineF)
	var points []orb.Point
	for m := 0.0; m <= 9000; m += 5 {
		points = append(points, geo.Direct(line.At(m), line.Heading(m)+90, 15))
	}
	p := boundary.Parameters{Level: boundary.ProvinceLine, Receiver: boundary.Handheld, Accuracies: []boundary.Accuracy{{FromM: 3000, ToM: 6000, SigmaM: 0.1}}}
	r := boundary.Match(line, nil, []boundary.MatchTrack{walk(points...)}, nil, p)
	want := []stretch{{0, 3000}, {6000, 9000}}
	judge(t, "15 m beside", r.Intervals, want, 15000, 2*r.ToleranceM+1)
	p.ToleranceM = 20
	r = boundary.Match(line, nil, []boundary.MatchTrack{walk(points...)}, nil, p)
	judge(t, "with a tolerance given", r.Intervals, []stretch{{0, 9000}}, 15000, 41)
}

// A stop of half an hour beside a road that crosses the line does not make it walked.
func TestAStopOnTheLineIsNotWalking(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(4, 4))
	noise := &noisy{r: r, sigmaM: 4}
	var segment []track.Point
	at := morning
	add := func(p orb.Point) {
		q := noise.shift(p)
		segment = append(segment, track.Point{Lon: q[0], Lat: q[1], ElevationM: math.NaN(), Time: at})
		at = at.Add(time.Second)
	}
	for off := -300.0; off <= 300; off += 1.2 {
		add(geo.Direct(line.At(5000), line.Heading(5000)+90, off))
		if math.Abs(off) < 0.6 {
			for range 1800 {
				add(line.At(5000))
			}
		}
	}
	m := boundary.MatchTrack{File: "a", Segments: [][]track.Point{segment}}
	got := boundary.Match(line, nil, []boundary.MatchTrack{m}, nil, boundary.Parameters{Level: boundary.CountyLine, Receiver: boundary.Phone})
	if got.WalkedM != 0 || got.Tracks[0].Flags["stop"] != 1 {
		t.Errorf("walked %v, flags %v", got.WalkedM, got.Tracks[0].Flags)
	}
}
