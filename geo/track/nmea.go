package track

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"time"

	"fangyu/geo/internal/decimal"
)

// nmeaReader reads NMEA 0183, the sentences that receivers say once a second. Sentences of one time of day are one point.
type nmeaReader struct {
	*recording
	window *window
	epoch  nmeaEpoch
	days   nmeaDays
	early  []int // times of day, in ms, of the points kept before any date was known

	fields   [maxNMEAFields][]byte
	n        int    // of fields
	said     []byte // the fields of the position read last
	sums     bool   // a checksum has been met
	lastVoid int    // time of day of the last record without a position
}

const (
	maxNMEAFields = 32
	maxSentence   = 1024 // the standard says 82, receivers say more
	noTime        = -1
)

// nmeaEpoch gathers what the sentences of one time of day say.
type nmeaEpoch struct {
	ms     int // time of day in milliseconds, noTime where no sentence said one
	at     int // offset of the first sentence
	point  Point
	placed bool
	from   [4]byte // the sentence that gave the position: its talker and whether RMC, GGA, …
}

// nmeaDays knows which day it is: from the last sentence that said it, and from midnights since.
type nmeaDays struct {
	since int64 // seconds from 1970 to its beginning
	known bool
	last  int // time of day of the last point, in ms
}

const (
	dayMs  = 86_400_000
	halfMs = dayMs / 2
)

// readSentences reads a text of NMEA 0183 as it streams by.
func (t *Track) readSentences(in io.Reader, size int64, found *notes) {
	t.Format = "nmea"
	w := newWindow(in)
	r := nmeaReader{
		recording: &recording{t: t, found: found, places: w, size: size},
		window:    w, lastVoid: noTime, epoch: nmeaEpoch{ms: noTime}, days: nmeaDays{last: noTime},
	}
	r.sentences()
	r.flush()
	undated := len(r.early) > 0
	r.conclude()
	if undated {
		found.add("no_date", place{}, clockOf(r.early[0]))
	}
	w.remark(found)
}

func clockOf(ms int) string { return time.UnixMilli(int64(ms)).UTC().Format("15:04:05") }

// looksLikeSentences reports whether one of the sentences that we read begins somewhere in the text: logs put the time,
// or the garbage that a receiver says first, before it.
func looksLikeSentences(head []byte) bool {
	for i := bytes.IndexByte(head, '$'); i >= 0 && i+7 < len(head); {
		if head[i+6] == ',' && kindOfSentence(head[i+1:i+6]) != 0 {
			return true
		}
		next := bytes.IndexByte(head[i+1:], '$')
		if next < 0 {
			return false
		}
		i += 1 + next
	}
	return false
}

// nmeaKind is what a sentence says.
type nmeaKind uint8

const (
	sayNothing nmeaKind = iota
	sayRMC
	sayGGA
	sayGLL
	sayGNS
	sayZDA
	sayGSA
	sayGST
)

// kindOfSentence tells it from the five letters after the "$": two of the talker, whoever it is, and three of the kind.
func kindOfSentence(address []byte) nmeaKind {
	if len(address) != 5 || address[0] < 'A' || address[0] > 'Z' || address[0] == 'P' {
		return sayNothing
	}
	switch string(address[2:]) {
	case "RMC":
		return sayRMC
	case "GGA":
		return sayGGA
	case "GLL":
		return sayGLL
	case "GNS":
		return sayGNS
	case "ZDA":
		return sayZDA
	case "GSA":
		return sayGSA
	case "GST":
		return sayGST
	}
	return sayNothing
}

// sentences goes from "$" to "$".
func (r *nmeaReader) sentences() {
	w := r.window
	for {
		b := w.unread()
		i := bytes.IndexByte(b, '$')
		if i < 0 {
			w.pos = len(w.buf)
			if ok, _ := w.more(); !ok {
				return
			}
			continue
		}
		w.pos += i
		if b = b[i:]; len(b) <= maxSentence && !w.end {
			w.more()
			continue
		}
		end, checked := r.endOf(b)
		if !r.sentence(b[:end], checked, w.offset()) {
			return
		}
		w.pos += end
	}
}

// sentence reads one, from its "$" on, and reports whether there may be more points.
func (r *nmeaReader) sentence(b []byte, checked bool, at int) bool {
	if len(b) < 7 {
		if r.window.end && len(b) == len(r.window.unread()) && kindPrefix(b[1:]) {
			r.note("bad_checksum", at, "")
		}
		return true
	}
	kind := kindOfSentence(b[1:6])
	if kind == sayNothing || b[6] != ',' {
		return true
	}
	body := b[7:]
	if star := bytes.LastIndexByte(body, '*'); star >= 0 {
		body = body[:star]
	}
	if r.split(body); !checked || r.n < leastFields[kind] {
		r.note("bad_checksum", at, "")
		return true
	}
	return r.say(kind, b[1:6], at)
}

// kindPrefix reports whether a text ends in the beginning of a sentence.
func kindPrefix(b []byte) bool { return len(b) > 0 && b[0] >= 'A' && b[0] <= 'Z' }

// endOf returns the length of the sentence that b begins with and whether its checksum is right. One without is right as
// long as no sentence of the file had one: there are loggers that leave them out.
func (r *nmeaReader) endOf(b []byte) (end int, checked bool) {
	rest := b[1:min(len(b), maxSentence)]
	// Up to the line end first, which is what comes in order; a second "$" before it is rare.
	if end = bytes.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	if next := bytes.IndexByte(rest, '$'); next >= 0 {
		rest = rest[:next]
	}
	rest = bytes.TrimRight(rest, "\r \t")
	star := bytes.LastIndexByte(rest, '*')
	if star < 0 || star+2 >= len(rest) {
		return 1 + len(rest), star < 0 && !r.sums
	}
	high, ok1 := hexDigit(rest[star+1])
	low, ok2 := hexDigit(rest[star+2])
	if !ok1 || !ok2 || high<<4|low != checksum(rest[:star]) {
		return 1 + len(rest), false
	}
	r.sums = true
	return 1 + star + 3, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// checksum is the exclusive or of all bytes, taken eight at a time.
func checksum(b []byte) byte {
	var all uint64
	for len(b) >= 8 {
		all ^= binary.LittleEndian.Uint64(b)
		b = b[8:]
	}
	for _, c := range b {
		all ^= uint64(c)
	}
	all ^= all >> 32
	all ^= all >> 16
	return byte(all ^ all>>8)
}

// split cuts a sentence into its fields, without the first.
func (r *nmeaReader) split(body []byte) {
	r.n = 0
	from := 0
	for i, c := range body {
		if c == ',' && r.n < maxNMEAFields-1 {
			r.fields[r.n] = body[from:i]
			r.n++
			from = i + 1
		}
	}
	r.fields[r.n] = body[from:]
	r.n++
}

// field is the i-th after the address, empty where the sentence ends before.
func (r *nmeaReader) field(i int) []byte {
	if i < r.n {
		return r.fields[i]
	}
	return nil
}

// say takes what a sentence says and reports whether there may be more points.
func (r *nmeaReader) say(kind nmeaKind, address []byte, at int) bool {
	switch kind {
	case sayGSA:
		r.hdop(r.field(15))
		return true
	case sayZDA:
		r.zda()
		return true
	}
	ms, ok := timeOfDay(r.field(timeField[kind]))
	if kind == sayGST {
		if ok && ms == r.epoch.ms {
			r.gst()
		}
		return true
	}
	if !ok {
		ms = noTime
	}
	fix, valid := r.fixOf(kind)
	if !valid {
		r.void(kind, ms, at)
		return true
	}
	if !r.join(kind, address, ms, at) {
		return false
	}
	if kind == sayRMC {
		r.dated(r.field(8), ms, at)
	}
	r.place(kind, at)
	r.describe(kind, fix)
	return true
}

var timeField = [...]int{sayRMC: 0, sayGGA: 0, sayGLL: 4, sayGNS: 0, sayGST: 0}

// leastFields is what a sentence has at least, in its oldest form; less is cut.
var leastFields = [...]int{sayRMC: 9, sayGGA: 9, sayGLL: 4, sayGNS: 9, sayZDA: 4, sayGSA: 15, sayGST: 8}

// latField is where the latitude stands; its side, the longitude and its side follow.
var latField = [...]int{sayRMC: 2, sayGGA: 1, sayGLL: 0, sayGNS: 1}

// fixOf tells how a sentence got its position; ok is false where it had none.
func (r *nmeaReader) fixOf(kind nmeaKind) (fix Fix, ok bool) {
	switch kind {
	case sayGGA:
		q := r.field(5)
		if len(q) != 1 || q[0] < '0' || q[0] > '9' {
			return FixUnknown, len(r.field(1)) > 0 && len(q) == 0
		}
		return nmeaFixes[q[0]-'0'], q[0] != '0'
	case sayGNS:
		best := FixNone
		for _, mode := range r.field(5) { // one letter for each system
			best = max(best, nmeaModes[mode])
			if mode == 'E' || mode == 'M' || mode == 'S' {
				return FixUnknown, true
			}
		}
		return best, best != FixNone
	case sayRMC:
		return FixUnknown, string(r.field(1)) == "A" && string(r.field(11)) != "N"
	default: // GLL; its oldest form says nothing of validity
		status := r.field(5)
		return FixUnknown, len(status) == 0 && r.n < 6 && len(r.field(0)) > 0 || string(status) == "A"
	}
}

// nmeaModes are the kinds of fix by the letters of GNS.
var nmeaModes = [256]Fix{'N': FixNone, 'A': Fix3D, 'P': Fix3D, 'D': FixDifferential, 'F': FixFloat, 'R': FixFixed}

// void notes a record without a position, once for each time of day.
func (r *nmeaReader) void(kind nmeaKind, ms, at int) {
	if ms != r.lastVoid || ms == noTime && kind == sayRMC {
		r.note("void_fix", at, "")
	}
	r.lastVoid = ms
}

// join makes the sentence part of the present point, or begins another one: when the time is another, or when the same
// sentence comes again.
func (r *nmeaReader) join(kind nmeaKind, address []byte, ms, at int) bool {
	from := [4]byte{byte(kind), address[0], address[1], 1}
	if r.epoch.placed && r.epoch.ms == ms && r.epoch.from != from {
		return true
	}
	r.flush()
	if !r.begin(at) {
		return false
	}
	r.epoch = nmeaEpoch{ms: ms, at: at, from: from, point: Point{ElevationM: absent, Quality: unsaid, Line: r.window.lineOf(at)}}
	return true
}

// place reads the position of a sentence. GGA and GNS, which say how good it is, go before the others.
func (r *nmeaReader) place(kind nmeaKind, at int) {
	e := &r.epoch
	i := latField[kind]
	if e.placed && (kind != sayGGA && kind != sayGNS || r.same(i)) {
		return
	}
	lat, ok1 := r.degrees(r.field(i), r.field(i+1), 'N', 'S', at)
	if !ok1 {
		return
	}
	lon, ok2 := r.degrees(r.field(i+2), r.field(i+3), 'E', 'W', at)
	if !ok2 || !r.admit(lat, lon, at) {
		return
	}
	e.point.Lat, e.point.Lon, e.placed = lat, lon, true
	r.said = r.said[:0]
	for _, field := range r.fields[i:min(i+4, r.n)] {
		r.said = append(append(r.said, field...), ',')
	}
}

// same reports whether the position that begins at a field is the one read last, letter by letter: mostly it is, since a
// second is told in several sentences.
func (r *nmeaReader) same(i int) bool {
	rest := r.said
	for _, field := range r.fields[i:min(i+4, r.n)] {
		if len(rest) <= len(field) || !bytes.Equal(rest[:len(field)], field) || rest[len(field)] != ',' {
			return false
		}
		rest = rest[len(field)+1:]
	}
	return len(rest) == 0
}

// degrees reads ddmm.mmmm and its side.
func (r *nmeaReader) degrees(b, side []byte, positive, negative byte, at int) (float64, bool) {
	v, ok := packedDegrees(b)
	switch {
	case len(b) == 0 || len(side) == 0:
		r.note("missing_position", at, "语句里没有经纬度")
	case !ok || len(side) != 1 || side[0] != positive && side[0] != negative:
		r.note("bad_position", at, shorten(string(b)+" "+string(side)))
	case side[0] == negative:
		return -v, true
	default:
		return v, true
	}
	return 0, false
}

// packedDegrees reads the degrees before the last two digits of the whole part, and minutes.
func packedDegrees(b []byte) (float64, bool) {
	point := bytes.IndexByte(b, '.')
	if point < 0 {
		point = len(b)
	}
	if point < 3 || point > 5 {
		return 0, false
	}
	whole, ok1 := number(b[:point-2])
	minutes, ok2 := decimal.Parse(b[point-2:])
	return float64(whole) + minutes/60, ok1 && ok2 && minutes >= 0 && minutes < 60
}

// describe takes what else a sentence says of the point.
func (r *nmeaReader) describe(kind nmeaKind, fix Fix) {
	p := &r.epoch.point
	if kind != sayGGA && kind != sayGNS {
		return
	}
	if fix != FixUnknown {
		p.Fix = fix
	}
	if n, ok := number(r.field(6)); ok && n < 1000 {
		p.Satellites = int16(n)
	}
	r.hdop(r.field(7))
	if v, ok := decimal.Parse(r.field(8)); ok && (kind == sayGNS || len(r.field(9)) == 0 || string(r.field(9)) == "M") {
		p.ElevationM = v
	}
	if q := r.field(5); kind == sayGGA && len(q) == 1 && q[0] >= '6' {
		r.note("estimated_fix", r.epoch.at, map[byte]string{'6': "推算", '7': "手工输入", '8': "模拟"}[q[0]])
	}
}

// hdop is that of the present point, once.
func (r *nmeaReader) hdop(b []byte) {
	// 99.99 is how receivers say that they do not know.
	if v, ok := decimal.Parse(b); ok && v > 0 && v < 99 && math.IsNaN(float64(r.epoch.point.HDOP)) {
		r.epoch.point.HDOP = float32(v)
	}
}

// gst takes the standard deviations of latitude and longitude, in metres.
func (r *nmeaReader) gst() {
	lat, ok1 := decimal.Parse(r.field(5))
	lon, ok2 := decimal.Parse(r.field(6))
	if ok1 && ok2 && lat >= 0 && lon >= 0 {
		r.epoch.point.AccuracyM = float32(math.Hypot(lat, lon))
	}
}

// zda takes the date: day, month and year are fields of their own.
func (r *nmeaReader) zda() {
	ms, ok := timeOfDay(r.field(0))
	day, ok1 := number(r.field(1))
	month, ok2 := number(r.field(2))
	year, ok3 := number(r.field(3))
	if ok && ok1 && ok2 && ok3 {
		r.date(year, month, day, ms)
	}
}

// dated takes the date of RMC, ddmmyy.
func (r *nmeaReader) dated(b []byte, ms, at int) {
	if len(b) == 0 || ms == noTime {
		return
	}
	v, ok := number(b)
	if !ok || len(b) != 6 || !r.date(yearOf(v%100), v/100%100, v/1e4, ms) {
		r.note("bad_time", at, shorten(string(b)))
	}
}

// yearOf makes four digits of two: GPS began in 1980.
func yearOf(two int) int {
	if two < 80 {
		return 2000 + two
	}
	return 1900 + two
}

// date sets the day on which a time of day lies. Points kept before any date was known get theirs backwards from it.
func (r *nmeaReader) date(year, month, day, ms int) bool {
	at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year < 1980 || year > 2200 || at.Day() != day || int(at.Month()) != month {
		return false
	}
	since := at.Unix()
	if r.epoch.placed && r.epoch.ms != ms && r.epoch.ms > ms+halfMs {
		r.flush() // the date of the day after must not reach a point before midnight
	}
	r.days.since, r.days.known, r.days.last = since, true, ms
	if n := len(r.early); n > 0 && n <= len(r.segment) {
		for later := ms; n > 0; n-- {
			of := r.early[n-1]
			if of > later+halfMs {
				since -= dayMs / 1000
			}
			r.segment[n-1].Time = instantOf(since, of)
			later = of
		}
		r.timeless -= len(r.early)
		r.lastTime = r.segment[len(r.early)-1].Time
		r.early = nil
	}
	return true
}

func instantOf(since int64, ms int) time.Time {
	return time.Unix(since+int64(ms/1000), int64(ms%1000)*1e6).UTC()
}

// flush keeps the present point.
func (r *nmeaReader) flush() {
	e := &r.epoch
	if !e.placed {
		e.ms = noTime
		return
	}
	d := &r.days
	if e.ms != noTime {
		if d.known && d.last != noTime && d.last > e.ms+halfMs {
			d.since += dayMs / 1000 // midnight
		}
		d.last = e.ms
		if d.known {
			e.point.Time = instantOf(d.since, e.ms)
		} else if len(r.early) == len(r.segment) { // times can be given back to points without a gap from the first only
			r.early = append(r.early, e.ms)
		}
	}
	r.keep(e.point, e.at)
	*e = nmeaEpoch{ms: noTime}
}

// timeOfDay reads hhmmss.sss as milliseconds.
func timeOfDay(b []byte) (ms int, ok bool) {
	if len(b) < 6 || len(b) > 6 && b[6] != '.' {
		return 0, false
	}
	v, ok := number(b[:6])
	nanos := 0
	if len(b) > 7 {
		var rest []byte
		if nanos, rest = fraction(b[7:]); len(rest) > 0 {
			return 0, false
		}
	}
	hour, minute, second := v/1e4, v/100%100, v%100
	ms = (hour*3600+minute*60+second)*1000 + nanos/1e6
	return ms, ok && hour < 24 && minute < 60 && second <= 60
}
