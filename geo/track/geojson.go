package track

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"time"

	"fangyu/geo"
	"fangyu/geo/internal/decimal"
)

// geojsonReader reads GeoJSON (RFC 7946, and the crs member of 2008) as programs write it who have tracks in it.
type geojsonReader struct {
	jsonScanner
	clock   clock
	frame   geo.Frame
	known   bool         // some object was GeoJSON
	fixes   []fix        // points with a time and without a name
	drawn   bool         // there are lines
	feature *jsonFeature // the one being read, or the file itself
	read    int          // positions and shapes
	lines   int          // before the offset lined
	lined   int
}

// fix is a point that may become one of a track: what it is only the whole file can tell.
type fix struct {
	Point
	at int
}

// jsonFeature is what one feature says, in whatever order.
type jsonFeature struct {
	shapes  []jsonShape
	point   Waypoint // what the properties say
	at      int      // when, for a single point: its offset
	times   []time.Time
	timed   bool // there is a list of times
	planned bool
}

// jsonShape is one geometry: its positions one after the other, and where its parts end.
type jsonShape struct {
	kind      string
	positions []jsonPosition
	ends      []int
	nested    bool // positions stand in a list
}

type jsonPosition struct {
	v      [3]float64 // longitude, latitude, elevation; NaN where they are not there
	at     int        // offset of its bracket
	bad    int32      // from there to what is no number, 0 for none
	length int16      // of that
	n      int16      // numbers, 3 for more
}

// readGeoJSON reads a text of JSON; what is no GeoJSON it refuses.
func (t *Track) readGeoJSON(text []byte, found *notes) {
	w := wholeText(bytes.TrimLeft(unixLines(text), "\x1e"))
	r := geojsonReader{frame: geo.WGS84}
	r.recording = &recording{t: t, found: found, places: w, size: int64(len(w.buf))}
	r.text = w.buf
	if r.peek() != '{' {
		found.add("format_not_read", place{}, "JSON，但不是 GeoJSON")
		return
	}
	for n := 0; r.peek() == '{' && !r.dead; n++ {
		if n == 1 {
			r.note("two_documents", r.pos, "")
		}
		r.featureObject(r.pos)
		if r.peek() == '\x1e' { // of text sequences, RFC 8142
			r.pos++
		}
	}
	if !r.known && !found.has("too_deep") {
		found.add("format_not_read", place{}, "JSON，但不是 GeoJSON")
		return
	}
	if r.known {
		t.Format = "geojson"
	}
	if !r.dead && r.peek() != 0 {
		r.note("trailing_data", r.pos, "")
	}
	r.settle()
	r.conclude()
	w.remark(found)
}

// settle makes the fixes a track, where nothing else is one, else waypoints.
func (r *geojsonReader) settle() {
	r.closeSegment()
	for _, f := range r.fixes {
		if r.drawn {
			r.t.Waypoints = append(r.t.Waypoints, Waypoint{Point: f.Point})
		} else {
			r.keep(f.Point, f.at)
		}
	}
}

// featureObject reads one object that may be a FeatureCollection, a Feature or a geometry, and keeps what it holds.
func (r *geojsonReader) featureObject(at int) {
	outer := r.feature
	f := &jsonFeature{at: at, point: Waypoint{Point: Point{ElevationM: absent, Quality: unsaid}}}
	r.feature = f
	r.geoObject(true)
	r.emit(f)
	r.feature = outer
}

// The members that must not come twice.
var jsonMembers = []string{"type", "coordinates", "geometry", "geometries", "features", "properties"}

// geoObject reads the members of an object; whole is false for a geometry inside a feature.
func (r *geojsonReader) geoObject(whole bool) {
	f := r.feature
	var shape jsonShape
	var twice [8]bool
	before := len(f.shapes)
	r.object(func(name []byte) {
		for i, member := range jsonMembers {
			if string(name) == member {
				if twice[i] {
					r.note("duplicate_key", r.pos-len(name)-3, member)
				}
				twice[i] = true
			}
		}
		r.member(string(name), &shape, whole, before)
	})
	if len(shape.positions) > 0 || (shape.kind == "Polygon" || shape.kind == "MultiPolygon") && r.room() {
		f.shapes = append(f.shapes, shape)
	}
}

func (r *geojsonReader) member(name string, shape *jsonShape, whole bool, before int) {
	f := r.feature
	next := r.peek()
	switch {
	case name == "type":
		b, _ := r.scalar()
		shape.kind = string(b)
		r.known = r.known || geojsonTypes[shape.kind]
	case name == "coordinates" && next == '[':
		*shape = jsonShape{kind: shape.kind}
		r.coordinates(shape)
	case name == "geometry" && next == '{':
		f.shapes = f.shapes[:before]
		r.geoObject(false)
	case name == "geometries" && next == '[':
		f.shapes = f.shapes[:before]
		r.array(func() { r.element(func() { r.geoObject(false) }) })
	case name == "features" && next == '[' && whole:
		r.array(func() { r.element(func() { r.featureObject(r.pos) }) })
	case name == "properties" && next == '{' && whole:
		*f = jsonFeature{at: f.at, shapes: f.shapes, point: Waypoint{Point: Point{ElevationM: absent, Quality: unsaid}}}
		r.object(func(name []byte) { r.property(string(name)) })
	case name == "crs" && next == '{' && whole:
		r.crs()
	case name == "name" && whole:
		b, _ := r.scalar()
		if r.t.Name == "" {
			r.t.Name = jsonText(b)
		}
	default:
		r.skip()
	}
}

var geojsonTypes = map[string]bool{
	"FeatureCollection": true, "Feature": true, "Point": true, "MultiPoint": true, "LineString": true, "MultiLineString": true,
	"Polygon": true, "MultiPolygon": true, "GeometryCollection": true,
}

// element reads an object of a list and passes over what is none.
func (r *geojsonReader) element(read func()) {
	if r.peek() == '{' {
		read()
		return
	}
	r.skip()
}

// coordinates reads a position, or lists of them however deep.
func (r *geojsonReader) coordinates(shape *jsonShape) {
	if !r.open('[') {
		return
	}
	if c := r.peek(); c != '[' && c != ']' {
		r.position(shape)
		return
	}
	shape.nested = true
	from := len(shape.positions)
	for first := true; r.more(first, ']'); first = false {
		if r.peek() == '[' {
			r.coordinates(shape)
		} else {
			r.skip()
		}
	}
	end := 0
	if n := len(shape.ends); n > 0 {
		end = shape.ends[n-1]
	}
	if n := len(shape.positions); n > from && n > end {
		shape.ends = append(shape.ends, n)
	}
}

// position reads numbers up to the bracket; one that is cut is not kept.
func (r *geojsonReader) position(shape *jsonShape) {
	p := jsonPosition{v: [3]float64{absent, absent, absent}, at: r.pos - 1}
	for first := true; r.more(first, ']'); first = false {
		b, at := r.scalar()
		v, ok := decimal.Parse(b)
		if !ok && p.n < 2 && p.bad == 0 {
			p.bad, p.length = int32(min(at-p.at, math.MaxInt32)), int16(min(len(b), 100))
		}
		if p.n < 3 {
			if ok {
				p.v[p.n] = v
			}
			p.n++
		}
	}
	if r.dead || !r.room() {
		return
	}
	if n := len(shape.positions); n == cap(shape.positions) && n >= 1024 {
		// As many as the rest of the text holds at this rate, so that they are not moved again and again.
		rest := float64(n) * float64(len(r.text)-r.pos) / float64(r.pos-shape.positions[0].at)
		shape.positions = slices.Grow(shape.positions, min(max(int(rest*1.01), n/4), 64*n, MaxPoints))
	}
	shape.positions = append(shape.positions, p)
}

// room reports whether one more position or shape may be held.
func (r *geojsonReader) room() bool {
	if r.read == MaxPoints {
		r.note("too_many_points", r.pos, fmt.Sprint(MaxPoints))
		r.dead = true
		return false
	}
	r.read++
	return true
}

// property reads what a program says of a feature.
func (r *geojsonReader) property(name string) {
	f := r.feature
	switch name {
	case "coordTimes", "times":
		f.times, f.timed = f.times[:0], true
		r.timeList()
		return
	case "coordinateProperties":
		if r.peek() == '{' {
			r.object(func(name []byte) { r.property(string(name)) })
			return
		}
	case "time", "timestamp", "datetime", "date_time", "dateTime", "time_long", "时间", "采集时间", "recorded_at", "created_at", "timestamp_ms", "@time":
		if r.peek() == '[' {
			f.times, f.timed = f.times[:0], true
			r.timeList()
			return
		}
		if b, at := r.scalar(); len(b) > 0 && f.point.Time.IsZero() {
			f.point.Time = r.instant(b, at)
		}
		return
	}
	b, at := r.scalar()
	if len(b) == 0 {
		return
	}
	v, isNumber := decimal.Parse(b)
	p := &f.point
	switch name {
	case "name", "title", "名称", "点名", "标题":
		p.Name = jsonText(b)
	case "desc", "description", "备注", "说明":
		p.Description = jsonText(b)
	case "sym", "marker-symbol":
		p.Symbol = jsonText(b)
	case "_gpxType", "gpxType":
		f.planned = string(b) == "rte"
	case "ele", "elevation", "altitude", "alt", "高程", "海拔":
		p.ElevationM = r.elevation(b, at)
	case "hdop", "HDOP":
		if isNumber && v >= 0 && v < 1e4 {
			p.HDOP = float32(v)
		}
	case "accuracy", "horizontal_accuracy", "horizontalAccuracy", "hacc", "水平精度":
		if isNumber && v >= 0 && v < 1e6 {
			p.AccuracyM = float32(v)
		}
	case "sat", "satellites", "sats", "卫星数":
		if isNumber && v >= 0 && v < 1e4 {
			p.Satellites = int16(v)
		}
	case "fix":
		if p.Fix = gpxFixes[string(b)]; p.Fix == FixUnknown {
			p.Fix = csvFixes[foldHeading(jsonText(b))]
		}
	}
}

// timeList reads a list of times, or of lists of them for a line of several parts.
func (r *geojsonReader) timeList() {
	if r.peek() != '[' {
		r.skip()
		return
	}
	r.array(func() {
		if r.peek() == '[' {
			r.timeList()
			return
		}
		b, at := r.scalar()
		if len(r.feature.times) < MaxPoints && !r.dead {
			r.feature.times = append(r.feature.times, r.instant(b, at))
		}
	})
}

// instant reads a time: as XML has it, as people write it, or a number by its size.
func (r *geojsonReader) instant(b []byte, at int) time.Time {
	if when, zone, ok := r.clock.parse(b); ok && zone {
		return when
	}
	if when, ok := unixTime(b); ok {
		return when
	}
	if m, ok := parseMoment(b); ok && m.hasDate && m.hasTime && !m.yearLast && !m.packed {
		if since, ok := m.day(orderUnknown); ok {
			when := time.Unix(since+int64(m.second), int64(m.nanos)).UTC()
			if m.zone {
				return when.Add(-m.east)
			}
			r.note("time_without_zone", at, shorten(string(b)))
			return when.Add(-8 * time.Hour)
		}
	}
	return r.time(&r.clock, b, at)
}

// crs reads which frame the file says it is in.
func (r *geojsonReader) crs() {
	at := r.pos
	name := ""
	var read func(key []byte)
	read = func(key []byte) {
		if string(key) == "properties" && r.peek() == '{' {
			r.object(read)
			return
		}
		b, _ := r.scalar()
		switch string(key) {
		case "name":
			name = jsonText(b)
		case "code":
			name = "EPSG:" + jsonText(b)
		}
	}
	r.object(read)
	if name == "" {
		return
	}
	f, err := geo.ParseFrame(name)
	late := r.seen > 0 && err == nil && f != geo.CGCS2000 && f != geo.WGS84
	if err != nil || f.NeedsConfirmation() || late {
		r.note("unsupported_frame", at, shorten(name))
		return
	}
	r.frame = f
}

// emit keeps what a feature holds.
func (r *geojsonReader) emit(f *jsonFeature) {
	all := 0
	for i := range f.shapes {
		all += len(f.shapes[i].positions)
	}
	if f.timed && len(f.times) != all && !r.dead {
		r.note("times_unpaired", f.at, fmt.Sprintf("%d 个时间，%d 个坐标", len(f.times), all))
		f.times, f.timed = nil, false
	}
	first := 0
	for i := range f.shapes {
		shape := &f.shapes[i]
		r.shape(f, shape, first)
		first += len(shape.positions)
	}
}

func (r *geojsonReader) shape(f *jsonFeature, shape *jsonShape, first int) {
	switch kind := shape.kind; {
	case kind == "Polygon" || kind == "MultiPolygon":
		r.note("polygon_ignored", f.at, "")
	case kind == "Point" || kind == "MultiPoint" && !f.timed || kind == "" && !shape.nested:
		for i := range shape.positions {
			r.single(f, &shape.positions[i], first+i)
		}
	default:
		r.line(f, shape, first)
	}
}

// line keeps each part of a line as a segment, or as a route where it was only planned.
func (r *geojsonReader) line(f *jsonFeature, shape *jsonShape, first int) {
	r.drawn = true
	if r.t.Name == "" {
		r.t.Name = f.point.Name
	}
	from := 0
	if n := len(shape.ends); n == 0 || shape.ends[n-1] < len(shape.positions) {
		shape.ends = append(shape.ends, len(shape.positions)) // a part that was cut
	}
	r.closeSegment()
	for _, end := range shape.ends {
		if !f.planned {
			r.segment = make([]Point, 0, end-from)
		}
		for i := from; i < end; i++ {
			j := &shape.positions[i]
			p, ok := r.point(j)
			if !ok {
				continue
			}
			if first+i < len(f.times) {
				p.Time = f.times[first+i]
			}
			if f.planned {
				r.route = append(r.route, p)
			} else {
				r.keep(p, j.at)
			}
		}
		from = end
		r.closeSegment()
		r.closeRoute()
	}
}

// single keeps a point by itself.
func (r *geojsonReader) single(f *jsonFeature, j *jsonPosition, i int) {
	p, ok := r.point(j)
	if !ok {
		return
	}
	w := f.point
	if !math.IsNaN(p.ElevationM) { // the position goes before the properties
		w.ElevationM = p.ElevationM
	}
	w.Lat, w.Lon, w.Line = p.Lat, p.Lon, p.Line
	if f.timed && i < len(f.times) {
		w.Time = f.times[i]
	}
	if !w.Time.IsZero() && w.Name == "" {
		r.fixes = append(r.fixes, fix{w.Point, j.at})
		return
	}
	r.t.Waypoints = append(r.t.Waypoints, w)
}

// point makes a position one of the stored frame, or notes why it is none.
func (r *geojsonReader) point(j *jsonPosition) (p Point, ok bool) {
	if !r.begin(j.at) {
		r.dead = true
		return p, false
	}
	if j.n < 2 {
		r.note("missing_position", j.at, "坐标少于两个数")
		return p, false
	}
	lon, lat := j.v[0], j.v[1]
	if j.bad > 0 {
		bad := j.at + int(j.bad)
		r.number("坐标", r.text[bad:min(len(r.text), bad+int(j.length))], bad)
		return p, false
	}
	if !r.frame.Geographic() {
		at, err := r.frame.ToCGCS2000(lon, lat)
		if err != nil {
			r.note("projected_coordinates", j.at, fmt.Sprintf("%v, %v", lon, lat))
			return p, false
		}
		lon, lat = at[0], at[1]
		r.note("projected_converted", j.at, "EPSG:"+string(r.frame))
	}
	if !r.admit(lat, lon, j.at) {
		return p, false
	}
	return Point{Lon: lon, Lat: lat, ElevationM: j.v[2], Quality: unsaid, Line: r.lineOf(j.at)}, true
}

// lineOf counts lines up to an offset from the last one on, forwards or back: the positions of a feature are kept when it
// ends, after those of features inside it.
func (r *geojsonReader) lineOf(at int) int {
	if at < r.lined {
		r.lines -= bytes.Count(r.text[at:r.lined], []byte("\n"))
	} else {
		r.lines += bytes.Count(r.text[r.lined:at], []byte("\n"))
	}
	r.lined = at
	return r.lines + 1
}
