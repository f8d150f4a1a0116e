package boundary_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/geo/track"
)

func traceOf(line *geo.Chain, m boundary.MatchTrack) boundary.Trace {
	return boundary.Follow(line, nil, []boundary.MatchTrack{m}, boundary.Parameters{}).Trace(0)
}

// TestTraceShowsWhatIsOdd walks an hour with a jump, a rest, a pause without record, a doubtful point and a clock set back.
func TestTraceShowsWhatIsOdd(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(3, 3))
	m := uneven(r, along(line, stretch{0, 4000}, 2, &noisy{r: r, sigmaM: 1}))
	p := m.Segments[0]
	p[200].Lat += 0.02 // some 2 km
	p[300].HDOP = 9
	rest := slices.Clone(p[400:401])
	for i := 1; i < 120; i++ {
		q := p[400]
		q.Time = q.Time.Add(time.Duration(i) * 5 * time.Second)
		q.Lat += r.NormFloat64() * 2e-6
		rest = append(rest, q)
	}
	after := slices.Clone(p[401:])
	for i := range after {
		after[i].Time = after[i].Time.Add(10 * time.Minute)
		if i >= 300 {
			after[i].Time = after[i].Time.Add(20 * time.Minute)
		}
	}
	after = slices.Delete(after, 250, 300)
	after[500].Time = after[500].Time.Add(-time.Hour)
	m.Segments[0] = slices.Concat(p[:400], rest, after)

	trace := traceOf(line, m)
	if trace.Total != len(m.Segments[0]) || trace.Frame != geo.WGS84 {
		t.Errorf("total %d of %d, frame %s", trace.Total, len(m.Segments[0]), trace.Frame)
	}
	said := map[string]string{}
	for _, e := range trace.Events {
		said[e.Code] += e.Detail + "|"
	}
	for code, part := range map[string]string{
		"teleport": "1 个点跳离约 2", "imprecise_point": "水平精度因子 9.0", "stop": "停留 11 分 ", "gap": "中断 2", "time_backwards": "早于前一点",
	} {
		if !strings.Contains(said[code], part) || strings.Count(said[code], "|") != 1 {
			t.Errorf("%s: %q lacks %q", code, said[code], part)
		}
	}
	if trace.Odd != len(trace.Events) || trace.Odd != 5 {
		t.Errorf("%d events of %d: %v", len(trace.Events), trace.Odd, said)
	}
	for _, e := range trace.Events {
		if e.Code == "teleport" && trace.Points.Flags[e.From] != int(track.Teleport) {
			t.Errorf("the event points at %d, which is flagged %d", e.From, trace.Points.Flags[e.From])
		}
	}
	for i, s := range trace.Points.SpeedMS {
		if s > 3 {
			t.Errorf("%.1f m/s at %d", s, i)
		}
	}
}

// TestTraceOfALongTrackIsShort thins a hundred thousand positions, and a file of nothing but segments.
func TestTraceOfALongTrackIsShort(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(4, 4))
	var there []orb.Point
	for range 10 {
		there = append(there, along(line, stretch{0, 5000}, 1, &noisy{r: r, sigmaM: 2})...)
		there = append(there, along(line, stretch{5000, 0}, 1, &noisy{r: r, sigmaM: 2})...)
	}
	many := uneven(r, there)
	one := traceOf(line, many)
	if n := len(one.Points.Lon); n < 1500 || n > 5300 {
		t.Errorf("%d of %d positions", n, one.Total)
	}
	var pieces boundary.MatchTrack
	for _, p := range many.Segments[0] {
		pieces.Segments = append(pieces.Segments, []track.Point{p})
	}
	torn := traceOf(line, pieces)
	if n := len(torn.Points.Lon); n > 5300 {
		t.Errorf("%d positions of %d segments", n, len(pieces.Segments))
	}
	for _, f := range torn.Frames {
		if n := len(f.Path); n < 100 || n > 400 {
			t.Errorf("%s: %d positions of %d segments", f.Frame, n, len(pieces.Segments))
		}
	}
	if len(torn.Frames) == 0 {
		t.Error("no frame was tried")
	}
	jumpy := uneven(r, along(line, stretch{0, 5000}, 1, &noisy{r: r, sigmaM: 2}))
	for i := range jumpy.Segments[0] {
		if i%7 == 0 {
			jumpy.Segments[0][i].HDOP = 20
		}
	}
	jumpy.Segments[0][3].ElevationM, jumpy.Segments[0][5].ElevationM = math.MaxFloat64, -math.MaxFloat64
	trace := traceOf(line, jumpy)
	if _, err := json.Marshal(trace); err != nil {
		t.Error(err)
	}
	doubted := 0
	for _, e := range trace.Events {
		if e.Code == "imprecise_point" {
			doubted++
		}
	}
	if doubted != 100 || trace.Odd < 700 || len(trace.Points.Lon) > 5300 {
		t.Errorf("%d events of %d, %d positions", doubted, trace.Odd, len(trace.Points.Lon))
	}
}

// TestTraceIsTrue holds each position shown against where the line says it is, through JSON, and has columns of one length.
func TestTraceIsTrue(t *testing.T) {
	line := chainOf(t, lineF)
	m := walk(along(line, stretch{100, 900}, 20, &noisy{r: rand.New(rand.NewPCG(1, 1)), sigmaM: 3})...)
	m.Segments[0] = append(m.Segments[0], track.Point{Lon: 106.9, Lat: 29.9, ElevationM: math.NaN(), Time: morning.Add(9 * time.Hour)})
	raw, err := json.Marshal(traceOf(line, m))
	if err != nil {
		t.Fatal(err)
	}
	var trace boundary.Trace
	if err := json.Unmarshal(raw, &trace); err != nil {
		t.Fatal(err)
	}
	p := trace.Points
	n := len(p.Lon)
	for name, got := range map[string]int{
		"segment": len(p.Segment), "lat": len(p.Lat), "time": len(p.Time), "elevation": len(p.ElevationM), "speed": len(p.SpeedMS),
		"chainage": len(p.ChainageM), "offset": len(p.OffsetM), "flags": len(p.Flags),
	} {
		if got != n {
			t.Errorf("%d positions, %d of %s", n, got, name)
		}
	}
	for i := range n - 1 {
		at, offset := line.Project(orb.Point{p.Lon[i], p.Lat[i]})
		if math.Abs(at-p.ChainageM[i]) > 0.02 || math.Abs(offset-p.OffsetM[i]) > 0.02 {
			t.Errorf("%d: %.2f %.2f, want %.2f %.2f", i, p.ChainageM[i], p.OffsetM[i], at, offset)
		}
	}
	if !math.IsNaN(p.ChainageM[n-1]) || !math.IsNaN(p.ElevationM[n-1]) || !strings.Contains(string(raw), "null") {
		t.Errorf("far away: chainage %v, height %v", p.ChainageM[n-1], p.ElevationM[n-1])
	}
}

// TestTraceDrawsTheFrames shows a track of another frame both ways, before it is confirmed and after.
func TestTraceDrawsTheFrames(t *testing.T) {
	line := chainOf(t, lineF)
	r := rand.New(rand.NewPCG(5, 5))
	truly := along(line, stretch{0, 5000}, 5, &noisy{r: r, sigmaM: 2})
	m := walk(recordedIn(t, geo.GCJ02, truly)...)
	for _, confirmed := range []geo.Frame{"", geo.GCJ02} {
		m.Frame = confirmed
		trace := traceOf(line, m)
		if len(trace.Frames) != 3 || trace.Frames[0].Frame != geo.WGS84 || trace.Frames[1].Frame != geo.GCJ02 {
			t.Fatalf("frames: %+v", trace.Frames)
		}
		if trace.Frames[0].MedianM < 100 || trace.Frames[1].MedianM > 10 {
			t.Errorf("medians %.0f and %.0f m", trace.Frames[0].MedianM, trace.Frames[1].MedianM)
		}
		if d := geo.DistanceM(trace.Frames[1].Path[0], truly[0]); d > 0.1 {
			t.Errorf("corrected, the track begins %.2f m off", d)
		}
		first := orb.Point{trace.Points.Lon[0], trace.Points.Lat[0]}
		if far := geo.DistanceM(first, truly[0]) > 100; far != (confirmed == "") {
			t.Errorf("confirmed %q: shown %.0f m off", confirmed, geo.DistanceM(first, truly[0]))
		}
	}
}
