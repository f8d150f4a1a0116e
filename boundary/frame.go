package boundary

import (
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/fault"
)

// FrameVerdict says which frame a track's positions seem to be in. Devices record WGS 84, here the same as CGCS2000; maps
// made in China show positions shifted by some 500 m (GCJ-02) or 1,000 m (BD-09), and programs export those.
type FrameVerdict struct {
	Frame   geo.Frame `json:"frame"`
	Held    bool      `json:"held"` // it is not what it says: a person must confirm
	Offsets []Offset  `json:"offsets,omitempty"`
	Windows int       `json:"windows"` // stretches of a kilometre, overlapping, that tell something
	Agree   int       `json:"agree"`   // of those, how many speak for Frame
	Photos  int       `json:"photos"`  // how many photos speak for Frame, and then decide
}

// Offset is how far the track lies from the line if its positions are in a frame.
type Offset struct {
	Frame   geo.Frame `json:"frame"`
	MedianM float64   `json:"medianM"`
}

// hypotheses are the frames that are tried; the first is what positions are without a sign of another.
var hypotheses = []geo.Frame{geo.WGS84, geo.GCJ02, geo.BD09}

// The rules of the test (boundary research 5.11): a window is a kilometre of track; it speaks for another frame when the
// median offset is within the tolerance there and at least windowGain times smaller than as recorded; that many of the
// windows that say anything must agree.
const (
	windowM    = 1000
	frameStepM = 20
	windowGain = 5
	windowsMin = 0.8
)

// JudgeFrame tests whether a track fits the line better in another frame. toleranceM is that of the match.
//
// A track that fits as recorded is never held: where the line and its shifted image both run beside a road that was
// walked, nothing is corrected.
func JudgeFrame(line *geo.Chain, cleaned *track.Cleaned, toleranceM float64) FrameVerdict {
	verdict := FrameVerdict{Frame: geo.WGS84}
	samples := frameSamples(line, cleaned)
	if len(samples) == 0 {
		return verdict
	}
	var offsets [3][]float64
	for h := range hypotheses {
		for _, s := range samples {
			offsets[h] = append(offsets[h], s[h])
		}
		verdict.Offsets = append(verdict.Offsets, Offset{hypotheses[h], round3(medianOf(offsets[h]))})
	}
	limit := math.Max(toleranceM, 30)
	var votes [3]int
	unsure := 0
	const perWindow = windowM / frameStepM
	const step = perWindow / 10 // windows overlap, so that one lies where the walk along the line is
	for from := 0; from == 0 || from+perWindow <= len(samples); from += step {
		switch h := windowVote(samples[from:min(from+perWindow, len(samples))], limit); {
		case h >= 0:
			votes[h]++
			verdict.Windows++
		case h == undecided:
			unsure++
		}
	}
	if verdict.Windows == 0 && unsure > 0 { // no kilometre alone tells; all together may
		if h := windowVote(samples, limit); h >= 0 {
			votes[h], verdict.Windows = 1, 1
		}
	}
	for h := 1; h < len(hypotheses); h++ {
		if votes[h] > 0 && float64(votes[h]) >= windowsMin*float64(verdict.Windows) {
			verdict.Frame, verdict.Held, verdict.Agree = hypotheses[h], true, votes[h]
			return verdict
		}
	}
	verdict.Agree = votes[0]
	return verdict
}

// What a window says that names no hypothesis: it is near the line in none of them, or in several alike, as where the
// line runs in the direction of the shift.
const (
	nowhere   = -1
	undecided = -2
)

// windowVote is the hypothesis a window speaks for. Near the line is a window most of which is: a road that only crosses
// the image of the line is not.
func windowVote(window [][3]float64, limitM float64) int {
	var medians, most [3]float64
	values := make([]float64, len(window))
	for h := range medians {
		for i, s := range window {
			values[i] = s[h]
		}
		slices.Sort(values)
		medians[h], most[h] = values[len(values)/2], values[len(values)*4/5]
	}
	best := 0
	for h := 1; h < len(medians); h++ {
		if medians[h] < medians[best] {
			best = h
		}
	}
	if most[best] > limitM {
		return nowhere
	}
	for h := range medians {
		if h != best && (h == 0 || best == 0) && medians[h] < windowGain*medians[best] {
			return undecided
		}
	}
	return best
}

// frameSamples returns the distance to the line under each hypothesis about every frameStepM along the track.
func frameSamples(line *geo.Chain, cleaned *track.Cleaned) [][3]float64 {
	const most = 1000
	var places []orb.Point
	cleaned.Walked(func(_ int, run []track.Place) {
		var here geo.Local
		last := run[0].LonLat()
		places = append(places, last)
		for i := range run {
			p := run[i].LonLat()
			if here.DistanceM(p, last) >= frameStepM {
				places = append(places, p)
				last = p
			}
		}
	})
	if every := len(places)/most + 1; every > 1 { // whole windows, spread over the track
		const block = windowM / frameStepM
		var kept []orb.Point
		for from := 0; from+block <= len(places); from += every * block {
			kept = append(kept, places[from:from+block]...)
		}
		places = kept
	}
	samples := make([][3]float64, 0, len(places))
	for _, p := range places {
		var s [3]float64
		for h, frame := range hypotheses {
			q, err := frame.ToCGCS2000(p[0], p[1])
			if err != nil {
				return nil
			}
			_, offset := line.Project(q)
			s[h] = math.Abs(offset)
		}
		samples = append(samples, s)
	}
	return samples
}

func medianOf(values []float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// inFrame returns the segments in CGCS2000; the points themselves are copied where they move.
func inFrame(segments [][]track.Point, frame geo.Frame) [][]track.Point {
	if !frame.NeedsConfirmation() {
		return segments
	}
	moved := make([][]track.Point, len(segments))
	for i, segment := range segments {
		moved[i] = slices.Clone(segment)
		for k := range moved[i] {
			if q, err := frame.ToCGCS2000(moved[i][k].Lon, moved[i][k].Lat); err == nil {
				moved[i][k].Lon, moved[i][k].Lat = q[0], q[1]
			}
		}
	}
	return moved
}

// heldCode is the code under which a track of another frame is flagged.
var heldCode = map[geo.Frame]string{geo.GCJ02: "datum_gcj02_likely", geo.BD09: "datum_bd09_likely"}

// heldWarning says by how much and whereto the track is shifted, and what is to be done.
func (t *matchTrack) heldWarning() fault.Finding {
	name := map[geo.Frame]string{geo.GCJ02: "火星坐标（GCJ-02）", geo.BD09: "百度坐标（BD-09）"}[t.frame.Frame]
	shift := ""
	for _, segment := range t.Segments {
		if len(segment) == 0 {
			continue
		}
		recorded := segment[0].LonLat()
		if truly, err := t.frame.Frame.ToCGCS2000(recorded[0], recorded[1]); err == nil {
			shift = fmt.Sprintf("，整体偏移约 %.0f 米（方位角 %.0f°）", geo.DistanceM(truly, recorded), geo.Azimuth(truly, recorded))
		}
		break
	}
	return fault.Finding{
		Code: heldCode[t.frame.Frame], Severity: fault.Review,
		Detail: fmt.Sprintf("轨迹 %s 的坐标像是%s%s：请核对导出设置，由人确认坐标系之前不计入覆盖", t.File, name, shift),
	}
}
