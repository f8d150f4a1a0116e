package boundary_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
)

func stationsOf(line *geo.Chain, segments ...[]track.Point) []boundary.Station {
	return boundary.Follow(line, nil, []boundary.MatchTrack{{Segments: segments}}, boundary.Parameters{}).Stations(0)
}

// later is a segment so much later, jittered by up to so many metres.
func later(r *rand.Rand, segment []track.Point, by time.Duration, jitterM float64) []track.Point {
	out := slices.Clone(segment)
	for i := range out {
		if !out[i].Time.IsZero() {
			out[i].Time = out[i].Time.Add(by)
		}
		out[i].Lon += (r.Float64()*2 - 1) * jitterM / 97_000
		out[i].Lat += (r.Float64()*2 - 1) * jitterM / 111_000
	}
	return out
}

// TestReplay hands the same walk in once more, in all the ways one might: as it was, cut, moved a little; and what is none:
// another walk along the same way, two people together, a short stretch, the way back.
func TestReplay(t *testing.T) {
	line := chainOf(t, lineF)
	year := 8769 * time.Hour
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(6, seed))
		first := uneven(r, along(line, stretch{0, 5000}, 5, &noisy{r: r, sigmaM: 4})).Segments[0]
		other := uneven(r, along(line, stretch{0, 5000}, 5, &noisy{r: r, sigmaM: 4})).Segments[0]
		untimed := slices.Clone(first)
		for i := range untimed {
			untimed[i].Time = time.Time{}
		}
		earlier := stationsOf(line, first)
		for name, c := range map[string]struct {
			earlier, later []boundary.Station
			want           bool
			after          time.Duration
		}{
			"once more":                  {earlier, stationsOf(line, later(r, first, year, 0)), true, year},
			"cut":                        {earlier, stationsOf(line, later(r, first[97:], year, 0)), true, year},
			"in two segments":            {earlier, stationsOf(line, later(r, first[:200], year, 0), later(r, first[200:], year, 0)), true, year},
			"moved a little":             {earlier, stationsOf(line, later(r, first, year, 0.7)), true, year},
			"the same file differently":  {earlier, stationsOf(line, first), true, 0},
			"without times":              {stationsOf(line, untimed), stationsOf(line, untimed), true, 0},
			"another walk":               {earlier, stationsOf(line, other), false, 0},
			"another without times":      {stationsOf(line, untimed), stationsOf(line, other), false, 0},
			"two people together":        {earlier, stationsOf(line, later(r, first, 2*time.Second, 1.5)), false, 0},
			"a short stretch of it":      {earlier, stationsOf(line, later(r, first[:300], year, 0)), false, 0},
			"nothing before, or nothing": {nil, nil, false, 0},
		} {
			after, ok := boundary.Replay(c.earlier, c.later)
			if ok != c.want || ok && (after-c.after).Abs() > 5*time.Second {
				t.Errorf("seed %d, %s: got %v %v", seed, name, ok, after)
			}
		}
	}
}

func TestTheSignOfAReplaySaysOfWhat(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(6, 99))
	first := uneven(r, along(line, stretch{0, 5000}, 5, &noisy{r: r, sigmaM: 4})).Segments[0]
	before := boundary.Earlier{Office: "甲县民政局", ReceivedAt: time.Date(2025, 9, 1, 20, 0, 0, 0, time.UTC), Stations: stationsOf(line, first)}
	sign, ok := boundary.SeekReplay([]boundary.Earlier{{Office: "乙县民政局"}, before}, stationsOf(line, later(r, first, 72*time.Hour, 0)))
	if want := "与甲县民政局 2025年9月2日 收到的轨迹重复超过 2 公里：位置和各段用时相同，时间相差 3 天"; !ok || sign.Code != boundary.Replayed || sign.Detail != want {
		t.Errorf("got %v %+v", ok, sign)
	}
	if _, ok := boundary.SeekReplay(nil, stationsOf(line, first)); ok {
		t.Error("a replay of nothing")
	}
}
