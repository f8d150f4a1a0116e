package boundary

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/track"
)

// Sign is something that makes a track doubtful as evidence: a reason to ask its office, never a verdict (boundary
// research 5.13).
type Sign struct {
	Code   string  `json:"code"`
	Score  float64 `json:"score"` // 0 to 1: how strongly it speaks
	Detail string  `json:"detail"`
}

// The signs looked for in one track.
const (
	CopiedFromLine  = "copied_from_line" // it lies on the line as only the line itself does
	UniformTiming   = "uniform_timing"   // every step takes the same time at the same speed
	NoNoise         = "no_noise"         // positions do not err, as those of receivers do
	TooFast         = "too_fast"         // along the line faster than anybody walks
	ConstantQuality = "constant_quality" // satellites, dilution and accuracy never change
	EllipsoidHeight = "ellipsoid_height" // its heights are those above the ellipsoid
	Replayed        = "replayed"         // an earlier track once more

	PhotoContradicts = "photo_contradicts_track" // photos say another place or time

	fewPoints      = 500  // what is tested on many points needs so many
	geoidFromM     = 25   // the geoid lies so far below the ellipsoid in Chongqing (EGM96)
	geoidToM       = 41   //
	walkingMS      = 3    // nobody walks a boundary line faster for long
	copiedVertices = 0.2  // metres from a vertex of the line, and the share of points
	noiseFloorM    = 0.02 // second differences of the steadiest receiver are larger
	steadySpeed    = 0.01 // coefficient of variation
)

// signs looks for what makes a track doubtful.
func (t *matchTrack) signs(line *geo.Chain, markers []MarkerPosition, agreed map[string]bool) []Sign {
	found := []Sign{}
	add := func(code string, score float64, format string, args ...any) {
		if score > 0 {
			found = append(found, Sign{code, math.Round(math.Min(1, score)*100) / 100, fmt.Sprintf(format, args...)})
		}
	}
	m := t.motion()
	if rms, share, ok := t.likeness(line); ok {
		switch {
		case share >= copiedVertices:
			add(CopiedFromLine, 0.5+share/2, "%.0f%% 的轨迹点与界线的折点重合", 100*share)
		case rms < t.sigmaM/5:
			add(CopiedFromLine, 1-rms/(t.sigmaM/5), "离界线的均方根偏差只有 %.2f 米，远小于接收设备的误差 %.1f 米", rms, t.sigmaM)
		}
	}
	if m.steps >= fewPoints && m.sameInterval && m.speedCV < steadySpeed {
		add(UniformTiming, 1-m.speedCV/(2*steadySpeed), "%d 个间隔完全相同，速度变化不到 %.1f%%", m.steps, 100*steadySpeed)
	}
	if m.bends >= fewPoints && m.bendM < noiseFloorM {
		add(NoNoise, 1-m.bendM/(2*noiseFloorM), "位置没有接收设备应有的误差（二阶差分中位数 %.3f 米）", m.bendM)
	}
	if m.constant {
		add(ConstantQuality, 0.5, "卫星数、精度因子和精度始终不变")
	}
	for _, p := range t.passes {
		if p.StartedAt == nil || p.EndedAt == nil {
			continue
		}
		if s := p.EndedAt.Sub(*p.StartedAt).Seconds(); s >= 60 && math.Abs(p.ToM-p.FromM)/s > walkingMS {
			add(TooFast, 0.5, "里程 %.0f–%.0f 米平均每秒 %.1f 米，不像步行", p.FromM, p.ToM, math.Abs(p.ToM-p.FromM)/s)
			break
		}
	}
	if lower, n := t.lowerBy(markers); n > 0 && lower >= geoidFromM && lower <= geoidToM {
		add(EllipsoidHeight, 0.5, "高程比 %d 处界桩的登记高程低 %.1f 米，像是大地高（椭球高），不是 1985 国家高程", n, lower)
	}
	score, detail := t.contradiction(agreed)
	add(PhotoContradicts, score, "%s", detail)
	return found
}

// motion sums up how a track moves.
type motion struct {
	steps        int // between timed points
	sameInterval bool
	speedCV      float64
	bends        int
	bendM        float64 // median second difference while moving
	constant     bool    // what the receiver says of itself
}

func (t *matchTrack) motion() motion {
	m := motion{sameInterval: true}
	var speeds, bends []float64
	var here geo.Local
	said, first := 0, track.Quality{}
	same := true
	for _, segment := range t.Segments {
		every := len(segment)/5000 + 1
		for i := range segment {
			p := &segment[i]
			if q := p.Quality; q.Satellites > 0 || q.HDOP > 0 || q.AccuracyM > 0 {
				if said++; said == 1 {
					first = q
				}
				same = same && q.Satellites == first.Satellites && !differ(q.HDOP, first.HDOP) && !differ(q.AccuracyM, first.AccuracyM)
			}
			if i == 0 {
				continue
			}
			before := &segment[i-1]
			d := here.DistanceM(before.LonLat(), p.LonLat())
			if !p.Time.IsZero() && !before.Time.IsZero() {
				dt := p.Time.Sub(before.Time)
				m.steps++
				if i > 1 {
					m.sameInterval = m.sameInterval && dt == before.Time.Sub(segment[i-2].Time)
				}
				if s := dt.Seconds(); s > 0 && i%every == 0 {
					speeds = append(speeds, d/s)
				}
			}
			if i > 1 && d > 0.5 && i%every == 0 {
				bends = append(bends, second(&here, &segment[i-2], before, p))
			}
		}
	}
	m.speedCV = variation(speeds)
	if m.bends = len(bends); m.bends > 0 {
		m.bendM = medianOf(bends)
	}
	m.constant = said >= fewPoints && same
	return m
}

// differ tells two numbers apart; absent ones are alike.
func differ(a, b float32) bool { return a != b && (a == a || b == b) }

// second is the length of the second difference of three positions, metres.
func second(here *geo.Local, a, b, c *track.Point) float64 {
	return math.Hypot((a.Lon-2*b.Lon+c.Lon)*here.East, (a.Lat-2*b.Lat+c.Lat)*here.North)
}

// variation is the coefficient of variation without the outermost hundredth at either end; infinite where there is
// nothing to vary. It sorts its argument.
func variation(values []float64) float64 {
	slices.Sort(values)
	cut := len(values) / 100
	values = values[cut : len(values)-cut]
	if len(values) == 0 {
		return math.Inf(1)
	}
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	mean := sum / float64(len(values))
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares/float64(len(values))) / mean
}

// likeness compares the track with the line where it is on it: the root mean square of the offsets, and the share of its
// points that lie on a vertex of the line. ok is false for too few points.
func (t *matchTrack) likeness(line *geo.Chain) (rmsM, share float64, ok bool) {
	const most, least = 2000, 50
	var points []orb.Point
	for _, segment := range t.Segments {
		for i := range segment {
			points = append(points, segment[i].LonLat())
		}
	}
	every := len(points)/most + 1
	var n, on int
	var squares float64
	for i := 0; i < len(points); i += every {
		m, off := line.Project(points[i])
		if math.Abs(off) > t.toleranceM {
			continue
		}
		n++
		squares += off * off
		if math.Hypot(off, line.ToVertexM(m)) <= copiedVertices {
			on++
		}
	}
	if n < least {
		return 0, 0, false
	}
	return math.Sqrt(squares / float64(n)), float64(on) / float64(n), true
}

// lowerBy is by how much the track's heights are lower than the registered ones of the n markers it came near to.
func (t *matchTrack) lowerBy(markers []MarkerPosition) (m float64, n int) {
	const nearM = 30
	var high []MarkerPosition // with a height, from south to north
	for _, marker := range markers {
		if marker.ElevationM != nil {
			high = append(high, marker)
		}
	}
	slices.SortFunc(high, func(a, b MarkerPosition) int { return cmp.Compare(a.At[1], b.At[1]) })
	heights := make([][]float64, len(high))
	var here geo.Local
	for _, segment := range t.Segments {
		for i := range segment {
			p := &segment[i]
			if math.IsNaN(p.ElevationM) {
				continue
			}
			here.Around(p.Lat)
			degrees := nearM / here.North
			k, _ := slices.BinarySearchFunc(high, p.Lat-degrees, func(a MarkerPosition, lat float64) int { return cmp.Compare(a.At[1], lat) })
			for ; k < len(high) && high[k].At[1] <= p.Lat+degrees; k++ {
				if here.DistanceM(p.LonLat(), high[k].At) <= nearM {
					heights[k] = append(heights[k], p.ElevationM)
				}
			}
		}
	}
	var lower []float64
	for k, marker := range high {
		if len(heights[k]) > 0 {
			lower = append(lower, *marker.ElevationM-medianOf(heights[k]))
		}
	}
	if len(lower) == 0 {
		return 0, 0
	}
	return medianOf(lower), len(lower)
}
