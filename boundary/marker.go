package boundary

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// MarkerState is the state of a marker.
type MarkerState string

// The states of a marker.
const (
	Intact              MarkerState = "intact"               // 完好
	Damaged             MarkerState = "damaged"              // 损坏
	Lost                MarkerState = "lost"                 // 丢失
	SuspectedMoved      MarkerState = "suspected-moved"      // 疑似移位
	Moved               MarkerState = "moved"                // 移位
	AwaitingRestoration MarkerState = "awaiting-restoration" // 待恢复
	Restored            MarkerState = "restored"             // 已恢复
	Retired             MarkerState = "retired"              // 报废
)

// MarkerStates lists every state once.
var MarkerStates = []MarkerState{Intact, Damaged, Lost, SuspectedMoved, Moved, AwaitingRestoration, Restored, Retired}

// FarMarkerM is from where on a marker lies too far from its line to be taken without a word, in metres. Pairs on river
// banks lie off the line, but not this far.
const FarMarkerM = 500

// MarkerPosition is a registered marker to look for along a track.
type MarkerPosition struct {
	Number string
	Stone  string
	At     orb.Point
	SigmaM float64 // of the registered position; 0 where unknown
	Formed bool    // a form of this marker was handed in
	// ElevationM is the registered height above the 1985 datum; nil where unknown.
	ElevationM *float64
}

// Verdict says what a track tells of a marker.
type Verdict string

// The verdicts that tracks alone can give; a form adds not-found and moved.
const (
	Visited    Verdict = "visited"
	Passed     Verdict = "passed"
	Missed     Verdict = "missed"
	MaybeMoved Verdict = "suspected-moved" // it was found, but not where it is registered
)

// Label is the verdict in Chinese.
func (v Verdict) Label() string {
	return map[Verdict]string{Visited: "到达", Passed: "经过", Missed: "未到", MaybeMoved: "疑似移位"}[v]
}

// MarkerVerdict is the verdict on one stone.
type MarkerVerdict struct {
	Number    string   `json:"number"`
	Stone     string   `json:"stone"`
	Verdict   Verdict  `json:"verdict"`
	DistanceM *float64 `json:"distanceM"` // of the nearest position of any track; null where there is none
}

// dwellS is how long one must stay for a visit, seconds; dwellMoveM how far one may move meanwhile: less than a walk does.
const (
	dwellS     = 30
	dwellMoveM = 10
)

// judgeMarkers decides every stone on its own: visited when a track stayed within Rv = max(15 m, 3σ + σ registered) for
// half a minute, or came there and a form exists or a photo that shows this stone for certain was taken within ten minutes,
// or a waypoint with the marker's number was taken there; passed when it only came there. Where the waypoint lies further
// off than both positions can err, 3√(σ² + σ registered²), the stone is suspected to have moved. A track without times
// proves no visit, and one that is held nothing.
func judgeMarkers(markers []MarkerPosition, tracks []*matchTrack, p Parameters) []MarkerVerdict {
	verdicts := make([]MarkerVerdict, 0, len(markers))
	for _, m := range markers {
		v := MarkerVerdict{Number: m.Number, Stone: m.Stone, Verdict: Missed}
		nearest := math.Inf(1)
		for _, t := range tracks {
			if t.held {
				continue
			}
			d, verdict := t.look(m)
			nearest = math.Min(nearest, d)
			v.Verdict = better(v.Verdict, verdict)
			if d, seen := t.observed(m, p); seen != Missed {
				nearest = math.Min(nearest, d)
				v.Verdict = better(v.Verdict, seen)
			}
		}
		if !math.IsInf(nearest, 1) {
			nearest = round3(nearest)
			v.DistanceM = &nearest
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// look returns the distance of the nearest usable position of a track, exact up to some kilometres, and what the track
// tells of the marker.
func (t *matchTrack) look(m MarkerPosition) (nearestM float64, v Verdict) {
	radius := math.Max(15, 3*t.sigmaM+m.SigmaM)
	moveM := math.Max(dwellMoveM, t.sigmaM)
	east, north := geo.MetresPerDegree(m.At[1])
	v, nearestM = Missed, math.Inf(1)
	photographed := t.seenAt(m)
	for i, segment := range t.Segments {
		from := -1 // where the present stay within the radius began
		for k := range segment {
			p := &segment[k]
			if !t.cleaned.Flags[i][k].Usable() {
				continue
			}
			dx, dy := (p.Lon-m.At[0])*east, (p.Lat-m.At[1])*north
			d2 := dx*dx + dy*dy
			nearestM = math.Min(nearestM, d2)
			if d2 > radius*radius {
				from = -1
				continue
			}
			timed := !p.Time.IsZero()
			if v == Missed {
				v = Passed
			}
			if timed && (m.Formed || slices.ContainsFunc(photographed, func(at time.Time) bool { return at.Sub(p.Time).Abs() <= photoTime })) {
				v = Visited
			}
			if from < 0 {
				from = k
			}
			for from < k && math.Hypot((segment[from].Lon-p.Lon)*east, (segment[from].Lat-p.Lat)*north) > moveM {
				from++
			}
			if timed && !segment[from].Time.IsZero() && p.Time.Sub(segment[from].Time).Seconds() >= dwellS {
				v = Visited
			}
		}
	}
	return math.Sqrt(nearestM), v
}

// better is the verdict that says more; any says more than none.
func better(a, b Verdict) Verdict {
	rank := map[Verdict]int{Missed: 1, Passed: 2, Visited: 3, MaybeMoved: 4}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// observed looks for a waypoint that bears the marker's number and tells what it says of the stone.
func (t *matchTrack) observed(m MarkerPosition, p Parameters) (distanceM float64, v Verdict) {
	registered := m.SigmaM
	if registered == 0 {
		registered = p.MarkerSigmaM
	}
	v, distanceM = Missed, math.Inf(1)
	var here geo.Local
	for i := range t.Waypoints {
		w := &t.Waypoints[i]
		number, stone, err := ParseMarkerNumber(w.Name, "")
		if err != nil || !strings.EqualFold(number, m.Number) || stone != "" && m.Stone != "" && stone != m.Stone {
			continue
		}
		d := here.DistanceM(m.At, w.LonLat())
		seen := MaybeMoved
		if d <= 3*math.Hypot(t.sigmaM, registered) {
			if seen = Passed; !w.Time.IsZero() {
				seen = Visited
			}
		}
		if d < distanceM {
			distanceM, v = d, seen
		}
	}
	return distanceM, v
}
