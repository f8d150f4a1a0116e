package track

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// The elements of KML that are read, of gx: too.
const (
	kmlContainer element = iota + 1 // the root, Document, Folder
	kmlPlacemark                    // PhotoOverlay too
	kmlMulti                        // MultiGeometry, MultiTrack
	kmlPoint
	kmlLine // LineString, LinearRing
	kmlTrack
	kmlTimeStamp

	kmlName        = textual | 1
	kmlDescription = textual | 2
	kmlStamp       = textual | 3 // when of a TimeStamp
	kmlWhen        = textual | 4 // when of a Track
	kmlCoord       = textual | 5
	kmlCoordinates = textual | 6
)

// kmlReader reads KML 2.0 to 2.3 with the extensions of Google.
type kmlReader struct {
	xmlDocument
	clock    clock
	title    string // of the document
	place    placemark
	geometry element // kmlPoint, kmlLine or kmlTrack while in one
	tuple    tuple
	pairs    pairs
	at       int  // offset of the element whose text is read
	surplus  bool // there are more points than may be
}

// placemark is what a Placemark says of its geometries, wherever in it that stands.
type placemark struct {
	at                int
	name, description string
	stamp             time.Time
	seen              int // points before it
	waypoints         int // before it
	line              bool
	area              bool
}

func (*kmlReader) owns(prefix, namespace []byte) bool {
	if namespace == nil {
		return string(prefix) == "gx" || string(prefix) == "kml"
	}
	return bytes.Contains(bytes.ToLower(namespace), []byte("/kml"))
}

func (k *kmlReader) opens(parent element, tok *token) (is element, ok bool) {
	if k.surplus {
		return other, false
	}
	if len(k.stack) == 0 {
		return kmlContainer, true
	}
	is = k.meaning(parent, tok)
	k.at = tok.at
	switch is {
	case kmlPlacemark:
		k.place = placemark{at: tok.at, seen: k.seen, waypoints: len(k.t.Waypoints)}
	case kmlPoint, kmlLine, kmlTrack:
		k.geometry = is
	case kmlCoord:
		k.mark = tok.at
	case kmlCoordinates:
		k.flow = k.coordinates
	}
	return is, true
}

// meaning says what a tag means under its parent.
func (k *kmlReader) meaning(parent element, tok *token) element {
	local := string(tok.local())
	switch parent {
	case kmlContainer:
		switch local {
		case "Document", "Folder":
			return kmlContainer
		case "Placemark", "PhotoOverlay":
			return kmlPlacemark
		case "name":
			return kmlName
		case "NetworkLink":
			k.note("network_link_ignored", tok.at, "")
		case "GroundOverlay":
			k.note("overlay_ignored", tok.at, "")
		}
	case kmlPlacemark:
		switch local {
		case "name":
			return kmlName
		case "description":
			return kmlDescription
		case "TimeStamp":
			return kmlTimeStamp
		}
		return k.geometryOf(local, tok.at)
	case kmlMulti:
		return k.geometryOf(local, tok.at)
	case kmlTimeStamp:
		if local == "when" {
			return kmlStamp
		}
	case kmlTrack:
		switch local {
		case "when":
			return kmlWhen
		case "coord":
			return kmlCoord
		}
	case kmlPoint, kmlLine:
		if local == "coordinates" {
			return kmlCoordinates
		}
	}
	return other
}

func (k *kmlReader) geometryOf(local string, at int) element {
	switch local {
	case "Point":
		return kmlPoint
	case "LineString":
		return kmlLine
	case "LinearRing":
		k.note("ring_as_line", at, "")
		return kmlLine
	case "Track":
		return kmlTrack
	case "MultiGeometry", "MultiTrack":
		return kmlMulti
	case "Polygon":
		k.place.area = true
		k.note("polygon_ignored", at, "")
	}
	return other
}

func (k *kmlReader) closes(is element) {
	switch is {
	case kmlCoordinates:
		k.endTuple()
		k.flow = nil
	case kmlWhen:
		k.when(k.instant())
	case kmlCoord:
		k.coord()
		k.mark = -1
	case kmlStamp:
		k.place.stamp = k.instant()
	case kmlTrack:
		k.endTrack(true)
		k.endGeometry()
	case kmlPoint, kmlLine:
		k.endGeometry()
	case kmlPlacemark:
		k.endPlacemark()
	case kmlName, kmlDescription:
		k.endText(is)
	}
}

func (k *kmlReader) endText(is element) {
	text := k.plain(k.content, k.textAt)
	switch {
	case is == kmlDescription:
		k.place.description = text
	case k.inside() == kmlPlacemark:
		k.place.name = text
	case k.title == "":
		k.title = text
	}
}

// instant reads a time. KML knows days, months and years too: they are no instants.
func (k *kmlReader) instant() time.Time {
	text := bytes.TrimSpace(k.content)
	if n := len(text); n == len("2006") || (n == len("2006-01") || n == len("2006-01-02")) && text[4] == '-' {
		if _, ok := number(bytes.ReplaceAll(text, []byte("-"), nil)); ok {
			k.note("date_only", k.textAt, string(text))
			return time.Time{}
		}
	}
	return k.time(&k.clock, k.content, k.textAt)
}

func (k *kmlReader) endGeometry() {
	k.closeSegment()
	k.geometry = other
}

// endPlacemark gives the waypoints of a placemark its name, and the track that of its first line.
func (k *kmlReader) endPlacemark() {
	p := &k.place
	for i := p.waypoints; i < len(k.t.Waypoints); i++ {
		w := &k.t.Waypoints[i]
		w.Name, w.Description, w.Time = p.name, p.description, p.stamp
	}
	if p.line && k.t.Name == "" {
		k.t.Name = p.name
	}
	if k.seen == p.seen && !p.area {
		k.note("no_geometry", p.at, shorten(p.name))
	}
	k.place = placemark{seen: -1, waypoints: len(k.t.Waypoints)}
}

// conclude ends what a cut has left open: whole points before it are kept.
func (k *kmlReader) conclude() {
	if !k.tuple.open {
		k.endTuple()
	}
	k.endTrack(false)
	k.endGeometry()
	if k.place.seen >= 0 && k.seen > k.place.seen {
		k.endPlacemark()
	}
	if k.t.Name == "" {
		k.t.Name = k.title
	}
	k.recording.conclude()
}

// keepHere keeps a point as what its geometry makes of it.
func (k *kmlReader) keepHere(p Point, at int) {
	if k.geometry == kmlPoint {
		k.t.Waypoints = append(k.t.Waypoints, Waypoint{Point: p})
		return
	}
	k.place.line = true
	k.keep(p, at)
}

// tuple is a position of coordinates in the making: numbers that commas join.
type tuple struct {
	at     int // offset
	line   int
	n      int // numbers met, those beyond the third too
	v      [3]float64
	open   bool // a comma came last
	dotted bool // a number has decimals
	bad    bool // and noted
}

// coordinates reads the tuples of b, word by word: lon,lat or lon,lat,elevation with blanks between them. Careless programs
// put blanks after the commas and commas after the tuples.
func (k *kmlReader) coordinates(b []byte, at int, last bool) int {
	for i := 0; ; {
		for i < len(b) && blank(b[i]) {
			i++
		}
		end := i
		for end < len(b) && !blank(b[end]) {
			end++
		}
		if i == len(b) || end == len(b) && !last {
			return i
		}
		k.word(b[i:end], at+i)
		i = end
	}
}

// word adds what stands between two blanks. After a comma it goes on with the tuple, unless both are tuples in themselves:
// then the comma stood between tuples.
func (k *kmlReader) word(w []byte, at int) {
	t := &k.tuple
	inner := bytes.Trim(w, ",")
	if len(inner) == 0 {
		t.open = t.n > 0
		return
	}
	commas := bytes.Count(inner, []byte(","))
	joined := t.n > 0 && (t.open || w[0] == ',')
	if !joined || t.n > 1 && commas > 0 {
		k.endTuple()
		if !k.beginTuple(at) {
			return
		}
	} else if t.n > 2 && !t.bad {
		t.bad = true
		k.note("bad_position", t.at, "用逗号连成一串，分不清哪几个数是一个点")
	}
	for at += bytes.Index(w, inner); ; {
		field, rest, more := bytes.Cut(inner, []byte(","))
		k.field(field, at)
		if !more {
			break
		}
		at += len(field) + 1
		inner = rest
	}
	t.open = w[len(w)-1] == ','
}

func (k *kmlReader) beginTuple(at int) bool {
	if k.surplus = k.surplus || !k.begin(at); k.surplus {
		return false
	}
	k.tuple = tuple{at: at, line: k.lineOf(at)}
	return true
}

// field adds a number to the tuple.
func (k *kmlReader) field(b []byte, at int) {
	t := &k.tuple
	switch t.n {
	case 0, 1:
		if !t.bad {
			v, ok := k.number([...]string{"经度", "纬度"}[t.n], b, at)
			t.v[t.n], t.bad = v, !ok
		}
	case 2:
		t.v[2] = k.elevation(b, at)
	}
	t.dotted = t.dotted || bytes.IndexByte(b, '.') >= 0
	t.n++
}

// endTuple keeps the position of the tuple, if it is one.
func (k *kmlReader) endTuple() {
	t := k.tuple
	k.tuple = tuple{}
	p := Point{Lon: t.v[0], Lat: t.v[1], ElevationM: absent, Quality: unsaid, Line: t.line}
	switch {
	case t.n == 0 || t.bad:
		return
	case t.n == 1:
		k.note("missing_position", t.at, "没有纬度")
		return
	case t.n > 3 && !t.dotted:
		k.note("decimal_comma", t.at, strconv.Itoa(t.n)+" 个整数")
		return
	case t.n > 3:
		k.note("extra_coordinates", t.at, strconv.Itoa(t.n))
	}
	if t.n > 2 {
		p.ElevationM = t.v[2]
	}
	if k.admit(p.Lat, p.Lon, t.at) {
		k.keepHere(p, t.at)
	}
}

// pairs are the times and positions of a Track until they have met: the first time belongs to the first position and so
// on, in whatever order they stand.
type pairs struct {
	times  []time.Time
	points []pairing
	t, p   int // how many of them have met
	whens  int
	coords int
}

// pairing is a position that waits for its time; it has no use where it was refused.
type pairing struct {
	Point
	at     int
	usable bool
}

func (k *kmlReader) when(at time.Time) {
	q := &k.pairs
	if q.whens++; q.whens > MaxPoints {
		k.note("too_many_points", k.at, fmt.Sprint(MaxPoints))
		k.surplus = true
		return
	}
	if q.p == len(q.points) {
		q.times = append(q.times, at)
		return
	}
	k.pair(q.points[q.p], at)
	if q.p++; q.p == len(q.points) {
		q.points, q.p = q.points[:0], 0
	}
}

func (k *kmlReader) coord() {
	if k.surplus = k.surplus || !k.begin(k.at); k.surplus {
		return
	}
	q := &k.pairs
	q.coords++
	p := k.position()
	if q.t == len(q.times) {
		q.points = append(q.points, p)
		return
	}
	k.pair(p, q.times[q.t])
	if q.t++; q.t == len(q.times) {
		q.times, q.t = q.times[:0], 0
	}
}

func (k *kmlReader) pair(p pairing, at time.Time) {
	if p.usable {
		p.Time = at
		k.keepHere(p.Point, p.at)
	}
}

// position reads a coord: longitude, latitude and elevation with blanks between. An empty one says that there was no
// position at that time.
func (k *kmlReader) position() pairing {
	p := pairing{at: k.at, Point: Point{ElevationM: absent, Quality: unsaid, Line: k.lineOf(k.at)}}
	lon, rest := firstField(k.content)
	lat, rest := firstField(rest)
	elevation, _ := firstField(rest)
	if len(lon) == 0 {
		k.note("no_position", k.at, "")
		return p
	}
	var ok bool
	if p.Lon, ok = k.number("经度", lon, k.textAt); ok {
		p.Lat, ok = k.number("纬度", lat, k.textAt)
	}
	p.ElevationM = k.elevation(elevation, k.textAt)
	p.usable = ok && k.admit(p.Lat, p.Lon, k.textAt)
	return p
}

// firstField cuts off what stands before the next blank or comma.
func firstField(b []byte) (field, rest []byte) {
	const between = " \t\r\n,"
	b = bytes.TrimLeft(b, between)
	if i := bytes.IndexAny(b, between); i >= 0 {
		return b[:i], b[i:]
	}
	return b, nil
}

// endTrack keeps the positions that no time came for, and notes that, unless a cut took the times away.
func (k *kmlReader) endTrack(whole bool) {
	q := &k.pairs
	if whole && q.whens > 0 && q.whens != q.coords {
		k.note("track_unpaired", k.at, fmt.Sprintf("时间 %d 个、坐标 %d 个", q.whens, q.coords))
	}
	for _, p := range q.points[q.p:] {
		k.pair(p, time.Time{})
	}
	k.pairs = pairs{times: q.times[:0], points: q.points[:0]}
}
