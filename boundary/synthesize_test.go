package boundary_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
)

func TestSyntheticTrackSaysSoAndIsTheSameAgain(t *testing.T) {
	line := chainOf(t, lineF)
	w := boundary.Walk{Seed: 7, NoiseM: 3, SpacingM: 10, Start: morning, FromM: 1000, ToM: 4000, DwellAtM: []float64{2000}}
	one, two := boundary.SynthesizeTrack(line, w), boundary.SynthesizeTrack(line, w)
	if !bytes.Equal(one, two) || !bytes.Contains(one, []byte("synthetic")) {
		t.Fatal("not the same, or not marked")
	}
	got, err := track.Read("a.gpx", bytes.NewReader(one))
	if err != nil || got.State != track.OK || got.NumPoints() != 301+6 || got.Find("time_backwards") != nil {
		t.Fatalf("%v %v %d points, %v", err, got.State, got.NumPoints(), got.Notes)
	}
	first, last, _ := got.Ends()
	if want := 2500*time.Second + time.Minute; (last.Time.Sub(first.Time) - want).Abs() > time.Second {
		t.Errorf("took %v, wanted %v", last.Time.Sub(first.Time), want)
	}
	for _, end := range []struct {
		p orb.Point
		m float64
	}{{first.LonLat(), 1000}, {last.LonLat(), 4000}} {
		if at, off := line.Project(end.p); !near(at, end.m, 15) || math.Abs(off) > 15 {
			t.Errorf("an end at %v %v, wanted %v", at, off, end.m)
		}
	}
	markers := string(boundary.SynthesizeMarkers(line, "某线", 5000, 1))
	if strings.Count(markers, "\n") != 4 || strings.Count(markers, "synthetic") != 3 {
		t.Errorf("markers:\n%s", markers)
	}
}

func ExampleMatch() {
	line, err := geo.NewChain(orb.MultiLineString{{{106.5, 29.5}, {106.6, 29.5}}})
	if err != nil {
		panic(err)
	}
	gpx := boundary.SynthesizeTrack(line, boundary.Walk{SpacingM: 5, ToM: 4848, Start: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)})
	read, err := track.Read("walk.gpx", bytes.NewReader(gpx))
	if err != nil {
		panic(err)
	}
	r := boundary.Match(line, nil, []boundary.MatchTrack{{File: "walk.gpx", Segments: read.Segments}}, nil, boundary.Parameters{Level: boundary.CountyLine})
	fmt.Printf("%.0f m, T %.1f m, %.0f %% walked\n", r.LineLengthM, r.ToleranceM, 100*r.Coverage)
	// Output: 9697 m, T 17.9 m, 50 % walked
}

func ExampleJoin() {
	parts := boundary.Join([]orb.LineString{{{2, 0}, {1, 0}}, {{0, 0}, {1, 0}}})
	fmt.Println(boundary.Orient(parts))
	// Output: [[[0 0] [1 0] [2 0]]]
}
