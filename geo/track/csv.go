package track

import (
	"bytes"
	"math"
	"strings"
	"time"

	"fangyu/geo/internal/decimal"
	"fangyu/internal/beijing"
)

// csvReader reads tables: one position a row, headed by words in Chinese or English.
type csvReader struct {
	*recording
	csvRows
	held       *window // the text, for its places
	columns    csvColumns
	layout     csvLayout
	plane      plane
	clock      clock
	order      dayOrder
	ordered    bool // order has been looked for
	zone       *time.Location
	named      bool    // rows are survey points: named, without times
	zeroIsNone bool    // the fix is a number as of NMEA; under "status" a 0 may as well mean well
	leap       bool    // times are of GPS
	part       string  // of the track, as the column of segments calls it
	decimals   int     // of the last cell of the row before
	converted  float64 // the central meridian of the last metres that were converted
	headings   []byte  // the row of them, nil where there is none
}

// csvLayout says how two columns make a position.
type csvLayout struct {
	first, second int  // columns: latitude and longitude, or north and east
	metres        bool // of a plane
	packed        bool // degrees are written dd.mmss
	said          bool // the headings call it latitude and longitude
	lonFirst      bool // of both in one cell
}

// looksLikeTable reports whether the beginning of a text is that of a table, so that nothing else is held in memory.
func looksLikeTable(head []byte) bool {
	for _, c := range head {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != 0 {
			return false
		}
	}
	text := decodeText(bytes.Clone(head), &notes{})
	c := (&Track{}).newTable(text, &notes{})
	return c.head()
}

func (t *Track) newTable(text []byte, found *notes) *csvReader {
	w := wholeText(unixLines(text))
	return &csvReader{
		recording: &recording{t: t, found: found, places: w, size: int64(len(w.buf))},
		csvRows:   csvRows{text: w.buf, next: 1},
		held:      w,
		plane:     plane{meridian: absent},
	}
}

// readTable reads a text as a table and reports whether it is one.
func (t *Track) readTable(text []byte, found *notes) bool {
	c := t.newTable(text, found)
	if !c.head() {
		return false
	}
	t.Format = "csv"
	if c.columns.at[pairColumn] >= 0 || c.layout.first >= 0 {
		c.rows()
		c.conclude()
		c.sayPlane()
	}
	c.held.remark(found)
	return true
}

// unixLines makes the line breaks of old programs, a carriage return alone, those of everyone else.
func unixLines(text []byte) []byte {
	if bytes.IndexByte(text, '\n') < 0 {
		for i, c := range text {
			if c == '\r' {
				text[i] = '\n'
			}
		}
	}
	return text
}

// maxPreface is how many lines may stand before the headings.
const maxPreface = 40

// head finds the row of headings, or that there is none, and reports whether the text is a table at all.
func (c *csvReader) head() bool {
	from := 0
	if rest, found := bytes.CutPrefix(c.text, []byte("sep=")); found && len(rest) > 1 {
		c.comma = rest[0]
		c.row()
		from = c.pos
	}
	if c.comma == 0 {
		c.comma = commaOf(c.text)
	}
	numeric := -1 // offset of the first row that may be data
	for n := 0; n < maxPreface && c.row(); n++ {
		c.uncomment()
		if columns, ok := readHeadings(c.cells); ok {
			c.columns, c.headings = columns, c.text[c.at:c.end]
			c.learnHeadings()
			c.arrange()
			return true
		}
		if numeric < 0 && c.numbers() >= 2 {
			numeric = c.at
		}
		if numeric < 0 {
			c.plane.learn(string(c.text[c.at:min(c.end, c.at+1000)]))
		}
	}
	return c.headless(max(numeric, from), numeric >= 0)
}

// learnHeadings takes what the headings of the position say of the plane: X(36带), 纬度(西安80).
func (c *csvReader) learnHeadings() {
	for role := lonColumn; role <= pairColumn; role++ {
		if at := c.columns.at[role]; at >= 0 {
			c.plane.learn(string(c.cells[at].b))
		}
	}
}

// uncomment takes the mark of a comment off the first cell: programs that comment their headings mean them.
func (c *csvReader) uncomment() {
	if len(c.cells) == 0 {
		return
	}
	first := &c.cells[0]
	if b := bytes.TrimLeft(first.b, "#%"); len(b) < len(first.b) {
		first.at += len(first.b) - len(b)
		if first.b = bytes.TrimSpace(b); len(first.b) == 0 && c.comma == ' ' {
			c.cells = c.cells[1:]
		}
	}
}

func (c *csvReader) numbers() (n int) {
	for _, cell := range c.cells {
		if _, ok := decimal.Parse(cell.b); ok {
			n++
		}
	}
	return n
}

// sample calls look with each of the next rows, a few hundred, and goes back to where it was.
func (c *csvReader) sample(look func()) {
	const rows = 300
	before := c.csvRows
	c.cells = nil
	for n := 0; n < rows && c.row(); n++ {
		look()
	}
	c.csvRows = before
}

// arrange settles how the columns make a position, from the headings and, where they leave it open, the numbers below.
func (c *csvReader) arrange() {
	at := &c.columns.at
	l := &c.layout
	l.first, l.second = -1, -1
	c.zoneOfTimes()
	if fix := at[fixColumn]; fix >= 0 {
		heading := foldHeading(string(c.cells[fix].b))
		c.zeroIsNone = strings.Contains(heading, "fix") || strings.Contains(heading, "quality") || strings.Contains(heading, "解")
	}
	c.splitDates()
	switch {
	case c.columns.has(lonColumn, latColumn):
		l.first, l.second, l.said = at[latColumn], at[lonColumn], true
		l.packed = saysPacked(c.columns.detail[latColumn]) && saysPacked(c.columns.detail[lonColumn])
	case c.columns.has(northColumn, eastColumn):
		l.first, l.second = at[northColumn], at[eastColumn]
		c.look()
	case c.columns.has(xColumn, yColumn):
		l.first, l.second = at[xColumn], at[yColumn]
		c.look()
	default:
		c.lookAtPairs()
	}
	if !l.metres && c.plane.frame != "" {
		c.note("unsupported_frame", c.at, shorten(c.plane.frame))
	}
	c.lookForNames()
}

func saysPacked(detail string) bool {
	return strings.Contains(detail, "mmss") || strings.Contains(detail, "度分秒") || detail == "dms"
}

// look tells degrees from metres, and which of two columns is north, by the numbers.
func (c *csvReader) look() {
	l := &c.layout
	headed := c.columns.has(northColumn, eastColumn)
	var degrees, metres, asHeaded, swapped int
	c.sample(func() {
		a, b, ok := c.twoNumbers()
		switch {
		case !ok || a == 0 && b == 0:
		case math.Abs(a) <= 180 && math.Abs(b) <= 180:
			degrees++
			if headed {
				asHeaded++
			} else if math.Abs(a) > 90 || swappedInChina(a, b) {
				swapped++ // x is the longitude
			} else if swappedInChina(b, a) {
				asHeaded++
			}
		default:
			metres++
			zoneA, restA := zoneOf(a)
			zoneB, restB := zoneOf(b)
			switch {
			case zoneA != 0 && zoneB == 0 && easting(restA) && b < 1e7, zoneA == 0 && zoneB == 0 && easting(a) && northing(b):
				swapped++
			case zoneB != 0 && zoneA == 0 && easting(restB) && a < 1e7, zoneA == 0 && zoneB == 0 && easting(b) && northing(a), headed:
				asHeaded++
			}
		}
	})
	l.metres = metres > degrees
	switch {
	case l.metres && asHeaded == 0 && swapped == 0, asHeaded > 0 && swapped > 0 && !headed:
		l.first, l.second = min(l.first, l.second), max(l.first, l.second) // not to be told: asked for with the zone
		c.plane.meridian = absent
	case swapped > asHeaded, !l.metres && !headed && asHeaded == 0:
		l.first, l.second = l.second, l.first
		if headed {
			c.note("axes_swapped", c.at, "")
		}
	}
}

// twoNumbers reads the cells of the position as numbers.
func (c *csvReader) twoNumbers() (a, b float64, ok bool) {
	l := &c.layout
	if max(l.first, l.second) >= len(c.cells) {
		return 0, 0, false
	}
	x, ok1 := c.parse(&c.cells[l.first])
	y, ok2 := c.parse(&c.cells[l.second])
	return x.degrees, y.degrees, ok1 && ok2
}

// lookAtPairs tells which number of a cell with two is the longitude.
func (c *csvReader) lookAtPairs() {
	at := c.columns.at[pairColumn]
	heading := foldHeading(string(c.cells[at].b))
	c.layout.lonFirst = !strings.HasPrefix(heading, "lat") && heading != "location" && heading != "position"
	c.sample(func() {
		if at < len(c.cells) {
			if v, _, ok := pairOf(c.cells[at].b); ok && swappedInChina(v[0], v[1]) {
				c.layout.lonFirst = true
			} else if ok && swappedInChina(v[1], v[0]) {
				c.layout.lonFirst = false
			}
		}
	})
}

// pairOf reads "106.5,29.6", "106.5 29.6 300" or "POINT Z (106.5 29.6 300)"; the third number is NaN where it is not there.
func pairOf(b []byte) (v [3]float64, wkt, ok bool) {
	v[2] = absent
	i := bytes.IndexByte(b, '(')
	if i > 0 {
		head := bytes.ToUpper(b[:i])
		if j := bytes.LastIndexByte(head, ';'); j >= 0 {
			head = head[j+1:] // SRID=4326;
		}
		if !bytes.HasPrefix(head, []byte("POINT")) {
			return v, false, false
		}
		wkt = true
	}
	fields := bytes.FieldsFunc(bytes.Trim(b[max(i, 0):], "()[] "), func(r rune) bool {
		return r == ' ' || r == ',' || r == '，' || r == ';' || r == '\t'
	})
	if len(fields) < 2 || len(fields) > 4 {
		return v, wkt, false
	}
	for n, field := range fields[:min(len(fields), 3)] {
		if v[n], ok = decimal.Parse(field); !ok {
			return v, wkt, false
		}
	}
	return v, wkt, true
}

// lookForNames decides whether rows are survey points, which are kept as waypoints, or fixes of a way.
func (c *csvReader) lookForNames() {
	name := c.columns.at[nameColumn]
	if name < 0 || c.timed() {
		return
	}
	c.sample(func() {
		c.named = c.named || name < len(c.cells) && len(c.cells[name].b) > 0
	})
}

// timed reports whether there is a column of times.
func (c *csvReader) timed() bool {
	return c.columns.has(epochColumn) || c.columns.has(timeColumn) || c.columns.has(dateColumn) || c.columns.has(weekColumn, secondsOfWeekColumn)
}

// zoneOfTimes takes the zone from the headings of times; nil where they do not say it.
func (c *csvReader) zoneOfTimes() {
	for _, role := range []csvRole{timeColumn, dateColumn} {
		if at := c.columns.at[role]; at >= 0 {
			heading := foldHeading(string(c.cells[at].b))
			switch {
			case strings.HasPrefix(heading, "gpst") && !strings.HasPrefix(heading, "gpstime"):
				c.zone, c.leap = time.UTC, true
			case strings.Contains(heading, "utc+8"), strings.Contains(heading, "gmt+8"), strings.Contains(heading, "utc+08"),
				strings.Contains(heading, "北京"), strings.Contains(heading, "东八区"), strings.Contains(heading, "beijing"):
				c.zone = beijing.Zone
			case (strings.Contains(heading, "utc") || strings.Contains(heading, "gmt")) && !strings.ContainsAny(heading, "+"):
				c.zone = time.UTC
			}
		}
	}
}

// splitDates makes room where rows have one cell more than the headings because date and time of day, under one heading,
// are separated as the cells are.
func (c *csvReader) splitDates() {
	at := c.columns.at[timeColumn]
	if at < 0 || c.columns.has(dateColumn) {
		return
	}
	headings, wider := len(c.cells), true
	rows := 0
	c.sample(func() {
		if rows++; wider && len(c.cells) > at+1 {
			date, ok1 := parseMoment(c.cells[at].b)
			clock, ok2 := parseMoment(c.cells[at+1].b)
			wider = len(c.cells) == headings+1 && ok1 && ok2 && date.hasDate && !date.hasTime && clock.hasTime && !clock.hasDate
		}
	})
	if rows == 0 || !wider {
		return
	}
	for role := range c.columns.at {
		if c.columns.at[role] > at {
			c.columns.at[role]++
		}
	}
	c.columns.at[dateColumn], c.columns.at[timeColumn] = at, at+1
}
