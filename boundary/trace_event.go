package boundary

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/beijing"
)

// oddity is something odd about the positions first to last of a segment.
type oddity struct {
	code        string
	first, last int
	count       int
}

// oddFlags are the flags of which a run of positions makes an event, the gravest first.
var oddFlags = []struct {
	flag track.Flags
	code string
}{
	{track.Teleport, "teleport"},
	{track.Imprecise, "imprecise_point"},
	{track.Backwards, "time_backwards"},
	{track.Repeated, "repeated_point"},
}

// events finds what is odd in each segment, in its order, at most traceEvents of each kind.
func (d *tracer) events() [][]oddity {
	odd := make([][]oddity, len(d.t.Segments))
	listed := map[string]int{}
	add := func(segment int, o oddity) {
		d.trace.Odd++
		if listed[o.code]++; listed[o.code] <= traceEvents {
			odd[segment] = append(odd[segment], o)
		}
	}
	for k, segment := range d.t.Segments {
		for i := 0; i < len(segment); i++ {
			if o, ok := d.gapBefore(k, i); ok {
				add(k, o)
			}
			if o, ok := d.run(k, i); ok {
				add(k, o)
				i = o.last
			}
		}
	}
	for _, s := range d.t.cleaned.Stops {
		add(s.Segment, oddity{"stop", s.First, s.Last, s.Last - s.First + 1})
	}
	for _, list := range odd {
		slices.SortStableFunc(list, func(a, b oddity) int { return cmp.Compare(a.first, b.first) })
	}
	return odd
}

// run is the run of positions with the same flag that begins at i.
func (d *tracer) run(segment, i int) (oddity, bool) {
	flags := d.t.cleaned.Flags[segment]
	for _, kind := range oddFlags {
		if flags[i]&kind.flag == 0 {
			continue
		}
		last := i
		for last+1 < len(flags) && flags[last+1]&kind.flag != 0 {
			last++
		}
		return oddity{kind.code, i, last, last - i + 1}, true
	}
	return oddity{}, false
}

// gapBefore is the gap that ends with a usable position.
func (d *tracer) gapBefore(segment, i int) (oddity, bool) {
	flags := d.t.cleaned.Flags[segment]
	if !flags[i].Usable() {
		return oddity{}, false
	}
	for before := i - 1; before >= 0; before-- {
		if flags[before].Usable() {
			return oddity{"gap", before, i, 2}, d.t.cleaned.Gap(segment, before, i)
		}
	}
	return oddity{}, false
}

// words say what the oddity is.
func (o oddity) words(t *matchTrack, segment int) string {
	points := t.Segments[segment]
	first, last := &points[o.first], &points[o.last]
	var here geo.Local
	apart := here.DistanceM(first.LonLat(), last.LonLat())
	switch o.code {
	case "stop":
		return fmt.Sprintf("停留 %s（%s–%s）", duration(last.Time.Sub(first.Time)), clock(first.Time), clock(last.Time))
	case "gap":
		if first.Time.IsZero() || last.Time.IsZero() {
			return fmt.Sprintf("中断 %.0f 米：其间没有记录，不作为走过的依据", apart)
		}
		return fmt.Sprintf("中断 %s、%.0f 米（%s–%s）：其间没有记录，不作为走过的依据",
			duration(last.Time.Sub(first.Time)), apart, clock(first.Time), clock(last.Time))
	case "teleport":
		away := 0.0
		if o.first > 0 {
			away = here.DistanceM(points[o.first-1].LonLat(), first.LonLat())
		} else if o.last+1 < len(points) {
			away = here.DistanceM(last.LonLat(), points[o.last+1].LonLat())
		}
		return fmt.Sprintf("%d 个点跳离约 %.0f 米，不可能走到，不作为走过的依据", o.count, away)
	case "imprecise_point":
		return fmt.Sprintf("%d 个点接收设备自报不可靠（%s），不作为走过的依据", o.count, doubt(first.Quality))
	case "time_backwards":
		return fmt.Sprintf("%d 个点的时间早于前一点（%s）", o.count, clock(first.Time))
	}
	return fmt.Sprintf("%d 个点与前一点的位置和时间完全相同", o.count)
}

// doubt is what a receiver says against a position.
func doubt(q track.Quality) string {
	switch {
	case q.Fix == track.FixNone:
		return "没有定位"
	case q.Satellites > 0 && q.Satellites < track.StandardLimits.MinSats:
		return fmt.Sprintf("卫星 %d 颗", q.Satellites)
	case float64(q.HDOP) > track.StandardLimits.MaxHDOP:
		return fmt.Sprintf("水平精度因子 %.1f", q.HDOP)
	}
	return fmt.Sprintf("误差 %.0f 米", q.AccuracyM)
}

func clock(t time.Time) string {
	if t.IsZero() {
		return "时间不详"
	}
	return t.In(beijing.Zone).Format("1月2日 15:04:05")
}

// duration writes a time in the two largest units of it.
func duration(d time.Duration) string {
	d = d.Abs().Round(time.Second)
	h, m, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case h > 0:
		return fmt.Sprintf("%d 小时 %d 分", h, m)
	case m > 0:
		return fmt.Sprintf("%d 分 %d 秒", m, s)
	}
	return fmt.Sprintf("%d 秒", s)
}
