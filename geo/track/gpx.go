package track

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"fangyu/geo/internal/decimal"
)

// maxElementDepth bounds the nesting of elements; GPX itself needs six levels, extensions a few more.
const maxElementDepth = 128

// MaxPoints bounds the points of a file: a month of one a second. More than that would take more memory than the file.
const MaxPoints = 3_000_000

// element is what an open tag means. Everything under "other" is other, extensions included.
type element uint8

const (
	other element = iota
	gpxElement
	trkElement
	segElement
	rteElement
	trkptElement
	rteptElement
	wptElement
	nameElement
	eleElement
	timeElement
	symElement
	descElement
)

type open struct {
	is   element
	name []byte
}

// gpxReader follows one text from tag to tag.
type gpxReader struct {
	*xmlScanner
	t      *Track
	found  *notes
	stack  []open
	prefix []byte // of the root element: names with another prefix are foreign

	scanned, line int // lines are counted up to this offset
	seen          int // points met so far, refused ones too
	timeless      int
	lastTime      time.Time

	segment []Point
	route   []Point
	point   Waypoint
	usable  bool   // the present point has a position
	pointAt int    // offset of its tag
	content []byte // character data of the innermost element that is wanted
}

// readGPX reads every document in the text into t.
func readGPX(t *Track, text []byte, found *notes) {
	g := &gpxReader{xmlScanner: &xmlScanner{text: text}, t: t, found: found, line: 1}
	for documents := 1; g.document(); documents++ {
		rest := bytes.TrimLeft(text[g.pos:], " \t\r\n\x00\ufeff")
		if len(rest) == 0 {
			break
		}
		if !bytes.HasPrefix(rest, []byte("<")) || formatOf(rest) != "gpx" {
			if formatOf(rest) == "dtd" {
				g.note("dtd", len(text)-len(rest), "")
			} else {
				g.note("trailing_data", len(text)-len(rest), "")
			}
			break
		}
		g.note("two_documents", len(text)-len(rest), "")
		g.pos = len(text) - len(rest)
	}
	g.closeSegment()
	g.closeRoute()
	g.conclude()
}

// document reads one document and reports whether it ended with its root element.
func (g *gpxReader) document() bool {
	g.stack, g.prefix = g.stack[:0], nil
	for {
		tok := g.next()
		if len(g.stack) > 0 && wanted(g.stack[len(g.stack)-1].is) {
			g.content = append(g.content, tok.before...)
		}
		switch tok.kind {
		case startTag:
			if !g.start(&tok) {
				return false
			}
		case endTag:
			if !g.matches(&tok) {
				g.note("malformed_xml", tok.at, "结束标签 "+shorten(string(tok.name))+" 与开始标签不配对")
				return false
			}
			g.end()
		case declaration:
			g.note("dtd", tok.at, "")
			return false
		case malformed:
			g.note("malformed_xml", tok.at, tok.why)
			return false
		default: // cutOff, endOfText
			g.note("cut", tok.at, "")
			return false
		}
		if len(g.stack) == 0 {
			return true
		}
	}
}

func wanted(e element) bool  { return e >= nameElement }
func isPoint(e element) bool { return e >= trkptElement && e <= wptElement }

func (g *gpxReader) matches(tok *token) bool {
	return len(g.stack) > 0 && bytes.Equal(g.stack[len(g.stack)-1].name, tok.name)
}

// start opens an element and reports whether reading goes on.
func (g *gpxReader) start(tok *token) bool {
	if len(g.stack) == maxElementDepth {
		g.note("too_deep", tok.at, strconv.Itoa(maxElementDepth))
		return false
	}
	is := other
	if len(g.stack) == 0 {
		is, g.prefix = gpxElement, bytes.Clone(tok.prefix())
		g.root(tok)
	} else if bytes.Equal(tok.prefix(), g.prefix) {
		is = g.meaning(g.stack[len(g.stack)-1].is, tok)
	}
	if isPoint(is) {
		if g.seen == MaxPoints {
			g.note("too_many_points", tok.at, strconv.Itoa(MaxPoints))
			return false
		}
		g.startPoint(tok)
	}
	g.stack = append(g.stack, open{is: is, name: tok.name})
	if wanted(is) {
		g.content = g.content[:0]
	}
	if tok.empty {
		g.end()
	}
	return true
}

// meaning says what a tag of the GPX namespace means under its parent.
func (g *gpxReader) meaning(parent element, tok *token) element {
	if len(tok.attrs) > 0 && bytes.Contains(tok.attrs, []byte("xmlns=")) && !bytes.Contains(tok.attrs, []byte("topografix.com/GPX")) {
		return other // a default namespace of its own
	}
	local := tok.local()
	switch parent {
	case gpxElement:
		switch string(local) {
		case "trk":
			return trkElement
		case "rte":
			return rteElement
		case "wpt":
			return wptElement
		}
	case trkElement:
		switch string(local) {
		case "trkseg":
			return segElement
		case "trkpt":
			g.note("no_segment", tok.at, "")
			return trkptElement
		case "name":
			return nameElement
		}
	case segElement:
		if string(local) == "trkpt" {
			return trkptElement
		}
	case rteElement:
		if string(local) == "rtept" {
			return rteptElement
		}
	case trkptElement, rteptElement, wptElement:
		switch string(local) {
		case "ele":
			return eleElement
		case "time":
			return timeElement
		case "name":
			return nameElement
		case "sym":
			return symElement
		case "desc":
			return descElement
		}
	}
	return other
}

// root takes the program's name from the root element.
func (g *gpxReader) root(tok *token) {
	for attrs := tok.attrs; ; {
		name, value, _, rest, ok, _ := attribute(attrs)
		if !ok {
			return
		}
		if string(name) == "creator" && g.t.Creator == "" {
			g.t.Creator = shortened(g.textOf(value, tok.at))
		}
		attrs = rest
	}
}

// end closes the innermost element.
func (g *gpxReader) end() {
	top := g.stack[len(g.stack)-1]
	g.stack = g.stack[:len(g.stack)-1]
	switch top.is {
	case trkElement, segElement:
		g.closeSegment()
	case rteElement:
		g.closeRoute()
	case trkptElement, rteptElement, wptElement:
		g.endPoint(top.is)
	case nameElement, symElement, descElement:
		g.endText(top.is)
	case eleElement:
		g.endElevation()
	case timeElement:
		g.endTime()
	}
}

func (g *gpxReader) endText(is element) {
	text := strings.TrimSpace(g.textOf(g.content, g.pos))
	inPoint := len(g.stack) > 0 && isPoint(g.stack[len(g.stack)-1].is)
	switch {
	case !inPoint && g.t.Name == "":
		g.t.Name = text
	case !inPoint:
	case is == nameElement:
		g.point.Name = text
	case is == symElement:
		g.point.Symbol = text
	default:
		g.point.Description = text
	}
}

func (g *gpxReader) endElevation() {
	digits := bytes.TrimSpace(g.content)
	if len(digits) == 0 {
		return
	}
	v, ok := decimal.Parse(digits)
	if !ok {
		g.note("bad_elevation", g.pos, shorten(string(digits)))
		return
	}
	g.point.ElevationM = v
}

func (g *gpxReader) endTime() {
	text := bytes.TrimSpace(g.content)
	if len(text) == 0 {
		return
	}
	at, zone, ok := parseTime(text)
	switch {
	case !ok:
		g.note("bad_time", g.pos, shorten(string(text)))
		return
	case !zone:
		g.note("time_without_zone", g.pos, shorten(string(text)))
	}
	g.point.Time = at
}

func (g *gpxReader) closeSegment() {
	if len(g.segment) > 0 {
		g.t.Segments = append(g.t.Segments, g.segment)
	}
	g.segment = nil
}

func (g *gpxReader) closeRoute() {
	if len(g.route) > 0 {
		g.t.Routes = append(g.t.Routes, g.route)
	}
	g.route = nil
}

// conclude adds the notes that only the whole file can tell.
func (g *gpxReader) conclude() {
	if g.found.has("dtd") || g.found.has("too_deep") {
		return
	}
	g.found.soften("unreadable_position", g.seen)
	g.found.soften("projected_coordinates", g.seen)
	points := g.t.NumPoints()
	switch {
	case points == 0 && g.seen > 0 && len(g.t.Routes)+len(g.t.Waypoints) == 0:
		// Every point was refused: that is said already.
	case points == 0 && len(g.t.Routes) > 0:
		g.found.add("no_track", place{}, "只有计划路线（rte），不能证明走过")
	case points == 0 && len(g.t.Waypoints) > 0:
		g.found.add("no_track", place{}, fmt.Sprintf("只有 %d 个航点（wpt），可作标志点", len(g.t.Waypoints)))
	case points == 0:
		g.found.add("no_track", place{}, "文件里没有任何位置")
	case g.timeless == points:
		g.found.add("no_time", place{}, "")
	}
	if g.timeless > 0 && g.timeless < points {
		g.found.add("time_missing", place{}, "")
		g.found.list[g.found.index["time_missing"]].Count = g.timeless
	}
}

// note adds a note about the place at an offset. The place is worked out once per code only: a file can hold a million
// bad points in one line.
func (g *gpxReader) note(code string, offset int, what string) {
	var at place
	if !g.found.has(code) {
		at = g.placeOf(min(offset, len(g.text)))
	}
	g.found.add(code, at, what)
}

// placeOf returns line and column of an offset, and the number of the present point.
func (g *gpxReader) placeOf(offset int) place {
	before := g.text[:offset]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return place{
		line:   g.lineOf(offset),
		column: utf8.RuneCount(before[lineStart:]) + 1,
		point:  g.seen,
	}
}

// lineOf counts lines up to an offset. Offsets mostly grow, so that each byte is looked at once.
func (g *gpxReader) lineOf(offset int) int {
	if offset < g.scanned {
		return bytes.Count(g.text[:offset], []byte("\n")) + 1
	}
	g.line += bytes.Count(g.text[g.scanned:offset], []byte("\n"))
	g.scanned = offset
	return g.line
}

// textOf undoes references and notes those that are none.
func (g *gpxReader) textOf(b []byte, offset int) string {
	text, bad := unescape(b)
	if bad != "" {
		g.found.add("bad_entity", g.placeOf(min(offset, len(g.text))), shorten(bad))
	}
	return strings.ToValidUTF8(text, "\ufffd")
}

// shorten keeps what is quoted in a message short.
func shorten(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// maxCreator is how many bytes of the creator are kept: it is shown with every track.
const maxCreator = 200

// shortened cuts a text at a whole character.
func shortened(text string) string {
	if len(text) <= maxCreator {
		return text
	}
	return strings.ToValidUTF8(text[:maxCreator], "") + "…"
}
