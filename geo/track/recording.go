package track

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"time"

	"fangyu/geo/internal/decimal"
)

// MaxPoints bounds the points of a file: a month of one a second. More than that would take more memory than the file.
const MaxPoints = 3_000_000

// places tells where in a file an offset lies.
type places interface {
	// place returns line and column of an offset, both from 1; 0 where the format has none.
	place(offset int) (line, column int)
}

// recording is a Track while it is being read: what readers of all formats do alike. Offsets are bytes of the text.
type recording struct {
	t      *Track
	found  *notes
	places places

	seen     int // points met so far, refused ones too
	timeless int // of those kept in segments
	lastTime time.Time
	segment  []Point
	route    []Point

	size int64 // of the text, 0 where it is not known
}

// note adds a note about the place at an offset. The place is worked out once per code only: a file can hold a million
// bad points in one line.
func (r *recording) note(code string, offset int, what string) {
	var at place
	if !r.found.has(code) {
		at.line, at.column = r.places.place(offset)
		at.point = r.seen
	}
	r.found.add(code, at, what)
}

// begin counts a point and reports whether there may be one more.
func (r *recording) begin(offset int) bool {
	if r.seen == MaxPoints {
		r.note("too_many_points", offset, fmt.Sprint(MaxPoints))
		return false
	}
	r.seen++
	return true
}

// admit reports whether a position can be one, and notes why not.
func (r *recording) admit(lat, lon float64, offset int) bool {
	switch {
	case lat == 0 && lon == 0:
		r.note("zero_position", offset, "")
	case swappedInChina(lat, lon):
		r.note("unreadable_position", offset, fmt.Sprint(lat))
	case math.Abs(lat) > 360 && math.Abs(lon) > 360:
		r.note("projected_coordinates", offset, fmt.Sprintf("%v, %v", lat, lon))
	case !(math.Abs(lat) <= 90 && math.Abs(lon) <= 180):
		r.note("out_of_range", offset, fmt.Sprintf("lat %v, lon %v", lat, lon))
	default:
		return true
	}
	return false
}

// swappedInChina reports whether latitude and longitude lie in China when exchanged and nowhere likely as they are: the
// latitude is beyond 73° and the longitude that of a latitude of China.
func swappedInChina(lat, lon float64) bool {
	return lat >= 73 && lat <= 136 && lon >= 3 && lon <= 54
}

// keep adds a point to the present segment; offset is where it stands.
func (r *recording) keep(p Point, offset int) {
	if len(r.segment) == cap(r.segment) {
		r.room(offset)
	}
	r.segment = append(r.segment, p)
	if p.Time.IsZero() {
		r.timeless++
		return
	}
	if p.Time.Before(r.lastTime) {
		r.note("time_backwards", offset, "")
	}
	r.lastTime = p.Time
}

// room makes room for more points of the segment: where the size of the text is known, for as many as the rest of it
// will hold at this rate, so that the points are held once and not twice.
func (r *recording) room(offset int) {
	const few = 1024
	n := len(r.segment)
	if n < few || r.size <= 0 || offset <= 0 {
		r.segment = slices.Grow(r.segment, max(n/4, few/8))
		return
	}
	rest := float64(r.seen) * float64(r.size-int64(offset)) / float64(offset)
	r.segment = slices.Grow(r.segment, min(max(int(rest*1.01), n/16, few), 64*n))
}

func (r *recording) closeSegment() {
	if n := len(r.segment); n > 0 {
		if cap(r.segment)-n > n/8 {
			r.segment = slices.Clone(r.segment)
		}
		r.t.Segments = append(r.t.Segments, r.segment)
	}
	r.segment = nil
}

func (r *recording) closeRoute() {
	if len(r.route) > 0 {
		r.t.Routes = append(r.t.Routes, r.route)
	}
	r.route = nil
}

// conclude closes what is open and adds the notes that only the whole file can tell.
func (r *recording) conclude() {
	r.closeSegment()
	r.closeRoute()
	if r.found.has("dtd") || r.found.has("too_deep") {
		return
	}
	r.found.soften("unreadable_position", r.seen)
	r.found.soften("projected_coordinates", r.seen)
	points := r.t.NumPoints()
	switch {
	case points == 0 && r.seen > 0 && len(r.t.Routes)+len(r.t.Waypoints) == 0:
		// Every point was refused: that is said already.
	case points == 0 && len(r.t.Routes) > 0:
		r.found.add("no_track", place{}, "只有计划路线，不能证明走过")
	case points == 0 && len(r.t.Waypoints) > 0:
		r.found.add("no_track", place{}, fmt.Sprintf("只有 %d 个航点，可作标志点", len(r.t.Waypoints)))
	case points == 0:
		r.found.add("no_track", place{}, "文件里没有任何位置")
	case r.timeless == points:
		r.found.add("no_time", place{}, "")
	}
	if r.timeless > 0 && r.timeless < points {
		r.found.add("time_missing", place{}, "")
		r.found.list[r.found.index["time_missing"]].Count = r.timeless
	}
}

// number reads a coordinate and notes why it is none; name is what it is called in the file.
func (r *recording) number(name string, b []byte, offset int) (float64, bool) {
	digits := bytes.TrimSpace(b)
	v, ok := decimal.Parse(digits)
	switch {
	case ok:
		return v, true
	case len(digits) == 0:
		r.note("missing_position", offset, name+" 为空")
	case decimalComma(digits):
		r.note("decimal_comma", offset, shorten(string(digits)))
	default:
		r.note("bad_position", offset, shorten(string(digits)))
	}
	return 0, false
}

// decimalComma reports whether b is a number but for one comma.
func decimalComma(b []byte) bool {
	_, ok := decimal.Parse(bytes.Replace(b, []byte(","), []byte("."), 1))
	return ok && bytes.IndexByte(b, ',') >= 0
}

// elevation reads metres; NaN where there are none.
func (r *recording) elevation(b []byte, offset int) float64 {
	digits := bytes.TrimSpace(b)
	v, ok := decimal.Parse(digits)
	switch {
	case ok:
		return v
	case len(digits) > 0:
		r.note("bad_elevation", offset, shorten(string(digits)))
	}
	return absent
}

// time reads an instant; the zero time where there is none.
func (r *recording) time(c *clock, b []byte, offset int) time.Time {
	text := bytes.TrimSpace(b)
	if len(text) == 0 {
		return time.Time{}
	}
	at, zone, ok := c.parse(text)
	switch {
	case !ok:
		r.note("bad_time", offset, shorten(string(text)))
	case !zone:
		r.note("time_without_zone", offset, shorten(string(text)))
	}
	return at
}
