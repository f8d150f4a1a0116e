package boundary_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo/track"
)

// TestCorridorShowsNothingBeyond walks from a house 3 km away to the line, along it, and home again.
func TestCorridorShowsNothingBeyond(t *testing.T) {
	line := chainOf(t, lineF)
	const widthM = 50
	var walk []track.Point
	for i := range 301 { // 1,000 m along, from 3 km beside it and back
		along := line.At(2000 + float64(i)*1000/300)
		away := math.Max(0, 3000*(math.Abs(float64(i-150))-100)/50)
		walk = append(walk, track.Point{Lon: along[0] + away/97000, Lat: along[1] - away/111000})
	}
	corridor := func(segments ...[]track.Point) orb.MultiLineString {
		return boundary.Follow(line, nil, []boundary.MatchTrack{{Segments: segments}}, boundary.Parameters{CorridorM: widthM}).Corridor(0)
	}
	parts := corridor(walk)
	if len(parts) != 1 || len(parts[0]) < 190 || len(parts[0]) > 210 {
		t.Fatalf("%d parts, the first of %d positions", len(parts), len(parts[0]))
	}
	for _, p := range parts[0] {
		if _, offsetM := line.Project(p); math.Abs(offsetM) > widthM {
			t.Errorf("%v lies %.1f m off", p, offsetM)
		}
	}
	if got := corridor(walk[:20]); got != nil {
		t.Errorf("far away: got %v", got)
	}
	if got := corridor(walk[140:160], walk[160:180]); len(got) != 2 {
		t.Errorf("two segments stay two: got %d", len(got))
	}
}

// TestCorridorOfATrackInPiecesIsBounded tears a track into 100,000 pieces.
func TestCorridorOfATrackInPiecesIsBounded(t *testing.T) {
	line := chainOf(t, lineF)
	var pieces [][]track.Point
	for i := range 100_000 {
		a, b := line.At(float64(i%9000)), line.At(float64(i%9000)+3)
		pieces = append(pieces, []track.Point{{Lon: a[0], Lat: a[1]}, {Lon: b[0], Lat: b[1]}})
	}
	parts := boundary.Follow(line, nil, []boundary.MatchTrack{{Segments: pieces}}, boundary.Parameters{}).Corridor(0)
	if len(parts) == 0 || len(parts) > 20_000 {
		t.Errorf("%d parts", len(parts))
	}
}
