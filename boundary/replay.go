package boundary

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"fangyu/internal/beijing"
)

// Station is where and when a track passed a multiple of StationM along its line for the first time in a direction.
type Station struct {
	Number  int     `json:"n"` // of StationM from the start of the line; negative numbers -1-n were passed against its direction
	Seconds float64 `json:"t"` // since 1970 UTC; 0 where the track has no times
	OffM    float64 `json:"o"` // how far from the line
}

// The test for a replay (boundary research 5.13): over more than 2 km, within 2 m of an earlier track and as fast. Two
// people who walk together do that as well, at the same time.
const (
	StationM       = 50
	replayStations = 2000/StationM + 1
	replayNearM    = 2
	replaySteadyS  = 4
	replayShare    = 0.8 // of the stations, for what receivers and drawing positions apart add
	togetherS      = 300
	identicalM     = 0.3
)

// station notes where a leg of a track, between two chainages, passed stations.
func (t *matchTrack) station(from, to candidate, started, ended time.Time) {
	first, last := from.atM/StationM, to.atM/StationM
	step, n := 1.0, math.Ceil(first)
	if last < first {
		step, n = -1, math.Floor(first)
	}
	for ; (last-n)*step >= 0; n += step {
		share := 0.0
		if last != first {
			share = (n - first) / (last - first)
		}
		s := Station{Number: int(n), OffM: round2(from.farM + share*(to.farM-from.farM))}
		if step < 0 {
			s.Number = -1 - s.Number
		}
		if !started.IsZero() && !ended.IsZero() {
			s.Seconds = math.Round(float64(started.UnixMilli())+share*float64(ended.Sub(started).Milliseconds())) / 1000
		}
		if t.passed == nil {
			t.passed = map[int]bool{}
		}
		if !t.passed[s.Number] {
			t.passed[s.Number] = true
			t.stations = append(t.stations, s)
		}
	}
}

// Stations are where and when a track passed, in the order of the line, those in its direction first; of a track that is
// held there are none.
func (m *Matching) Stations(track int) []Station {
	return append([]Station{}, sorted(m.tracks[track].stations)...)
}

func sorted(stations []Station) []Station {
	return slices.SortedFunc(slices.Values(stations), func(a, b Station) int {
		if (a.Number < 0) != (b.Number < 0) {
			return cmp.Compare(b.Number, a.Number)
		}
		return cmp.Compare(max(a.Number, -1-a.Number), max(b.Number, -1-b.Number))
	})
}

// Replay reports whether a track repeats an earlier one of the same line, and how much later: over more than 2 km most of
// it lies within 2 m of the other and took the same time from place to place, while the two were not there together; or
// it lies where the other does to the decimetre. Both are what [Matching.Stations] says of them.
func Replay(earlier, later []Station) (after time.Duration, ok bool) {
	then := make(map[int]Station, len(earlier))
	for _, s := range earlier {
		then[s.Number] = s
	}
	var run []pair
	last := math.MinInt
	for _, s := range sorted(later) {
		before, both := then[s.Number]
		if !both || (last < 0) != (s.Number < 0) || abs(s.Number-last) > 2 {
			run = run[:0]
		}
		if last = s.Number; !both {
			continue
		}
		run = append(run, pair{s.Seconds - before.Seconds, math.Abs(s.OffM - before.OffM), s.Seconds != 0 && before.Seconds != 0})
		if len(run) < replayStations {
			continue
		}
		if after, ok := repeated(run[len(run)-replayStations:]); ok {
			return after, true
		}
	}
	return 0, false
}

// pair is a station that two tracks passed.
type pair struct {
	laterS float64
	apartM float64
	timed  bool
}

// repeated judges a stretch of stations in a row.
func repeated(run []pair) (after time.Duration, ok bool) {
	delays := make([]float64, 0, len(run))
	timed, near, same, steady := 0, 0, 0, 0
	for _, p := range run {
		delays = append(delays, p.laterS)
		timed += count(p.timed)
		near += count(p.apartM <= replayNearM)
		same += count(p.apartM <= identicalM)
	}
	median := medianOf(delays)
	for _, p := range run {
		steady += count(math.Abs(p.laterS-median) <= replaySteadyS)
	}
	most := int(math.Ceil(replayShare * float64(len(run))))
	if timed < most { // without times only the places can tell
		return 0, same >= most
	}
	after = time.Duration(median * float64(time.Second)).Round(time.Second)
	return after, steady >= most && near >= most && (math.Abs(median) >= togetherS || same >= most)
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func abs(n int) int { return max(n, -n) }

// Earlier is a track of the same line that was received before.
type Earlier struct {
	Office     string
	ReceivedAt time.Time
	Stations   []Station
}

// SeekReplay returns the sign that a track repeats one of those received before it.
func SeekReplay(earlier []Earlier, stations []Station) (Sign, bool) {
	for _, e := range earlier {
		after, ok := Replay(e.Stations, stations)
		if !ok {
			continue
		}
		how := "位置和各段用时相同，时间相差 " + days(after)
		if after.Abs() < togetherS*time.Second {
			how = "位置相同，像是同一次记录的另一份文件"
		}
		return Sign{Replayed, 0.9, fmt.Sprintf("与%s %s 收到的轨迹重复超过 2 公里：%s", e.Office, e.ReceivedAt.In(beijing.Zone).Format("2006年1月2日"), how)}, true
	}
	return Sign{}, false
}

// days writes a long time.
func days(d time.Duration) string {
	if n := int(d.Abs().Hours() / 24); n > 0 {
		return fmt.Sprintf("%d 天", n)
	}
	return duration(d)
}
