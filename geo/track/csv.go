package track

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"fangyu/geo/internal/decimal"
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
				c.zone = shanghai
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

// headless guesses the columns of a table without headings, where only one guess is possible: one column of longitudes of
// China and one of latitudes, or one of eastings with a zone and one of northings. from is where the table begins.
func (c *csvReader) headless(from int, table bool) bool {
	for i := range c.columns.at {
		c.columns.at[i] = -1
	}
	c.layout.first, c.layout.second = -1, -1
	c.pos, c.next = from, 1+bytes.Count(c.text[:from], []byte("\n"))
	g := csvGuess{rows: 0}
	c.sample(func() { g.see(c) })
	lat, lon := g.only(isLat), g.only(isLon)
	north, east := g.only(isNorthing), g.only(isEasting)
	switch {
	case !table || g.rows == 0:
		return g.noTable(c, from)
	case lat >= 0 && lon >= 0:
		c.layout.first, c.layout.second = lat, lon
	case north >= 0 && east >= 0:
		c.layout.first, c.layout.second, c.layout.metres = north, east, true
	default:
		return g.noTable(c, from)
	}
	if at := g.only(isMoment); at >= 0 {
		c.columns.at[timeColumn] = at
	}
	if c.plane.frame != "" {
		c.note("unsupported_frame", from, shorten(c.plane.frame))
	}
	what := fmt.Sprintf("第 %d 列按纬度、第 %d 列按经度", c.layout.first+1, c.layout.second+1)
	if c.layout.metres {
		what = fmt.Sprintf("第 %d 列按北坐标、第 %d 列按东坐标", c.layout.first+1, c.layout.second+1)
	}
	c.note("headings_guessed", from, what)
	return true
}

// csvGuess gathers what the cells of each column can be.
type csvGuess struct {
	rows, width int
	can         []csvKind
}

type csvKind uint8

const (
	isLat csvKind = 1 << iota
	isLon
	isNorthing
	isEasting
	isMoment
	isNumber
)

func (g *csvGuess) see(c *csvReader) {
	if len(c.cells) < 2 {
		return
	}
	if g.rows++; g.rows == 1 {
		g.width = len(c.cells)
		for range c.cells {
			g.can = append(g.can, 0xff)
		}
	}
	for i := range g.can {
		if i >= len(c.cells) {
			if g.rows < 3 || c.pos < len(c.text) { // the last row may be cut
				g.can[i] = 0
			}
			continue
		}
		g.can[i] &= kindOf(c, &c.cells[i])
	}
}

// kindOf says what one cell can be. Latitudes and longitudes have four decimals at least, or a sign of degrees.
func kindOf(c *csvReader, cell *csvCell) (k csvKind) {
	if a, ok := c.parse(cell); ok {
		v := a.degrees
		point := bytes.IndexAny(cell.b, ".,")
		fine := !a.plain || point >= 0 && len(cell.b)-point > 4
		k = isNumber
		if fine && v >= 3 && v <= 54 && a.side != 'E' {
			k |= isLat
		}
		if fine && v >= 73 && v <= 136 && a.side != 'N' {
			k |= isLon
		}
		if northing(v) {
			k |= isNorthing
		}
		if zone, rest := zoneOf(v); zone > 15 || zone == 0 && easting(rest) && point >= 0 {
			k |= isEasting
		}
	}
	if m, ok := parseMoment(cell.b); ok && m.hasDate && m.hasTime && !m.packed {
		k |= isMoment
	}
	return k
}

// only returns the one column that can be of a kind, -1 where there is none or more than one.
func (g *csvGuess) only(k csvKind) int {
	at := -1
	for i, can := range g.can {
		if can&k != 0 {
			if at >= 0 {
				return -1
			}
			at = i
		}
	}
	return at
}

// noTable complains about a table whose columns are unknown; ok is false for a text that is none: sentences have blanks
// too, and commas, but no columns of numbers.
func (g *csvGuess) noTable(c *csvReader, from int) (ok bool) {
	numbers := 0
	for _, can := range g.can {
		if can&isNumber != 0 {
			numbers++
		}
	}
	if numbers < 2 && (g.rows < 2 || c.comma == ' ') {
		return false
	}
	c.note("no_headings", from, "")
	return true
}

// rows reads all rows below the headings.
func (c *csvReader) rows() {
	need := max(c.layout.first, c.layout.second, c.columns.at[pairColumn])
	for first := true; c.row(); first = false {
		switch {
		case c.text[c.at] == '#' || c.text[c.at] == '%':
			if len(c.cells) <= need {
				continue
			}
		case first && c.units(need):
			continue
		case bytes.Equal(c.text[c.at:c.end], c.headings):
			c.closeSegment() // logs that were appended to each other
			continue
		case c.end == len(c.text) && c.cutShort(need):
			c.note("cut", c.at, "")
			return
		}
		if !c.begin(c.at) {
			return
		}
		c.point(need)
	}
}

// units reports whether the row says the units of the columns: no digit where the position is.
func (c *csvReader) units(need int) bool {
	if need >= len(c.cells) || c.stray >= 0 {
		return false
	}
	for _, at := range []int{c.layout.first, c.layout.second, c.columns.at[pairColumn]} {
		if at >= 0 && (bytes.ContainsAny(c.cells[at].b, "0123456789") || len(c.cells[at].b) == 0) {
			return false
		}
	}
	return true
}

// cutShort reports whether the last row, which no line break ends, seems to be cut: it has too few cells, or the last one
// is a coordinate with so few decimals less than the one above that more than a metre may lack.
func (c *csvReader) cutShort(need int) bool {
	if len(c.cells) <= need {
		return c.seen > 0 && c.stray < 0
	}
	const metre = 5 // decimals of a degree
	last := len(c.cells) - 1
	if last != need || c.layout.metres || c.seen == 0 {
		return false
	}
	n := decimals(c.cells[last].b)
	return n < metre && n < c.decimals
}

func decimals(b []byte) int {
	if i := bytes.LastIndexAny(b, ".,"); i >= 0 {
		return len(b) - i - 1
	}
	return 0
}

// point reads the present row.
func (c *csvReader) point(need int) {
	if c.stray >= 0 {
		c.note("stray_quote", c.stray, "")
	}
	if len(c.cells) <= need {
		c.note("missing_position", c.at, fmt.Sprintf("这一行只有 %d 列", len(c.cells)))
		return
	}
	if need == len(c.cells)-1 {
		c.decimals = decimals(c.cells[need].b)
	}
	p := Point{ElevationM: absent, Quality: unsaid, Line: c.line}
	c.quality(&p)
	if p.Fix == FixNone {
		c.note("void_fix", c.at, "")
		return
	}
	lat, lon, ok := c.position(&p)
	if !ok || !c.admit(lat, lon, c.at) {
		return
	}
	p.Lat, p.Lon = lat, lon
	if cell := c.cell(elevationColumn); cell != nil {
		p.ElevationM = c.elevationOf(cell)
	}
	if c.named {
		c.t.Waypoints = append(c.t.Waypoints, Waypoint{
			Point: p, Name: c.words(nameColumn), Symbol: c.words(symbolColumn), Description: c.words(descriptionColumn),
		})
		return
	}
	if cell := c.cell(segmentColumn); cell != nil && string(cell.b) != c.part {
		c.closeSegment()
		c.part = string(cell.b)
	}
	p.Time = c.instant()
	c.keep(p, c.at)
}

// cell is the one of a role in the present row, nil where there is none or it is empty.
func (c *csvReader) cell(r csvRole) *csvCell {
	at := c.columns.at[r]
	if at < 0 || at >= len(c.cells) || len(c.cells[at].b) == 0 {
		return nil
	}
	return &c.cells[at]
}

func (c *csvReader) words(r csvRole) string {
	if cell := c.cell(r); cell != nil {
		return string(cell.b)
	}
	return ""
}

// position reads where the row is, latitude and longitude in degrees.
func (c *csvReader) position(p *Point) (lat, lon float64, ok bool) {
	l := &c.layout
	if l.first < 0 {
		return c.pair(p)
	}
	a, ok1 := c.coordinate(&c.cells[l.first], latSideColumn, "纬度或北坐标")
	if !ok1 {
		return 0, 0, false
	}
	b, ok2 := c.coordinate(&c.cells[l.second], lonSideColumn, "经度或东坐标")
	if !ok2 {
		return 0, 0, false
	}
	if l.metres {
		return c.ofPlane(a, b)
	}
	return a, b, true
}

// pair reads a position out of one cell.
func (c *csvReader) pair(p *Point) (lat, lon float64, ok bool) {
	cell := &c.cells[c.columns.at[pairColumn]]
	v, wkt, ok := pairOf(cell.b)
	if !ok {
		code := "bad_position"
		if len(cell.b) == 0 {
			code = "missing_position"
		}
		c.note(code, cell.at, shorten(string(cell.b)))
		return 0, 0, false
	}
	p.ElevationM = v[2]
	if wkt || c.layout.lonFirst {
		return v[1], v[0], true
	}
	return v[0], v[1], true
}

// parse reads a cell as a number, a decimal comma or an angle.
func (c *csvReader) parse(cell *csvCell) (a angle, ok bool) {
	if v, ok := decimal.Parse(cell.b); ok {
		return angle{degrees: v, plain: true}, true
	}
	if (c.comma != ',' || cell.quoted) && bytes.IndexByte(cell.b, ',') >= 0 {
		if v, ok := parseComma(cell.b); ok {
			return angle{degrees: v, plain: true}, true
		}
	}
	return parseAngle(cell.b)
}

// parseComma reads 29,6 as 29.6 and 3,275,432.1 as 3275432.1.
func parseComma(b []byte) (float64, bool) {
	if bytes.Count(b, []byte(",")) == 1 && bytes.IndexByte(b, '.') < 0 {
		return decimal.Parse(bytes.Replace(b, []byte(","), []byte("."), 1))
	}
	groups := bytes.Split(b, []byte(","))
	for i, g := range groups {
		whole, _, _ := bytes.Cut(g, []byte("."))
		if i > 0 && len(whole) != 3 || i < len(groups)-1 && len(whole) < len(g) {
			return 0, false
		}
	}
	return decimal.Parse(bytes.ReplaceAll(b, []byte(","), nil))
}

// coordinate reads a cell of a position and says why it is none.
func (c *csvReader) coordinate(cell *csvCell, side csvRole, name string) (float64, bool) {
	a, ok := c.parse(cell)
	if !ok {
		return c.number(name, cell.b, cell.at)
	}
	if a.plain && c.layout.packed {
		if a.degrees, ok = unpackSeconds(a.degrees); !ok {
			c.note("bad_position", cell.at, shorten(string(cell.b)))
			return 0, false
		}
	}
	said := a.side
	if s := c.cell(side); s != nil && said == 0 {
		if said = s.b[0] &^ 0x20; said == 'S' || said == 'W' {
			a.degrees = -math.Abs(a.degrees)
		}
		if a.plain {
			a.degrees = math.Copysign(unpackMinutes(math.Abs(a.degrees)), a.degrees)
		}
	}
	if side == latSideColumn && (a.side == 'E' || a.side == 'W') || side == lonSideColumn && (a.side == 'N' || a.side == 'S') {
		c.note("unreadable_position", cell.at, shorten(string(cell.b)))
		return 0, false
	}
	return a.degrees, true
}

// ofPlane turns metres into degrees where the zone is known, and asks for it where not.
func (c *csvReader) ofPlane(north, east float64) (lat, lon float64, ok bool) {
	zone, rest := zoneOf(east)
	meridian, known := zoneMeridian(zone)
	switch {
	case known && (c.columns.has(northColumn, eastColumn) || zone > 15 || !math.IsNaN(c.plane.meridian)):
	case zone != 0:
		known = false // zones 13 to 15 under x and y may as well be metres of Web Mercator
	default:
		meridian, known = c.meridian()
	}
	if c.plane.frame == "" && known {
		if lat, lon, ok = planePosition(north, rest, meridian); ok {
			c.converted = meridian
			return lat, lon, true
		}
	}
	if north == 0 && east == 0 {
		return 0, 0, true // admit says it
	}
	c.note("projected_coordinates", c.at, fmt.Sprintf("%.3f, %.3f", north, east))
	return 0, 0, false
}

// meridian is the central one that the row or the file states.
func (c *csvReader) meridian() (float64, bool) {
	if cell := c.cell(meridianColumn); cell != nil {
		if a, ok := parseAngle(cell.b); ok && a.degrees >= 70 && a.degrees <= 140 {
			return a.degrees, true
		}
	}
	if cell := c.cell(zoneColumn); cell != nil {
		if zone, err := strconv.Atoi(string(bytes.TrimRight(cell.b, "带"))); err == nil {
			if degrees, ok := zoneMeridian(zone); ok {
				return degrees, true
			}
		}
	}
	return c.plane.meridian, !math.IsNaN(c.plane.meridian)
}

// sayPlane notes that degrees come out of metres: which datum those are of a number cannot tell.
func (c *csvReader) sayPlane() {
	if c.layout.metres && c.t.NumPoints()+len(c.t.Waypoints) > 0 {
		c.found.add("projected_converted", place{}, c.planeSaid())
	}
	if c.layout.metres && c.plane.frame != "" {
		c.found.add("unsupported_frame", place{}, shorten(c.plane.frame))
	}
	if c.named && len(c.t.Waypoints) > 0 {
		c.found.add("points_as_waypoints", place{}, "")
	}
}

func (c *csvReader) elevationOf(cell *csvCell) float64 {
	b := cell.b
	if a, ok := c.parse(cell); ok && a.plain {
		if d := c.columns.detail[elevationColumn]; strings.HasSuffix(d, "ft") || strings.HasSuffix(d, "feet") || d == "英尺" {
			return a.degrees * 0.3048
		}
		return a.degrees
	}
	return c.elevation(bytes.TrimRight(b, " m米"), cell.at)
}

// quality reads what the receiver says of the row; what cannot be read is as if it were not there.
func (c *csvReader) quality(p *Point) {
	if cell := c.cell(hdopColumn); cell != nil {
		if v, ok := c.parse(cell); ok && v.degrees >= 0 && v.degrees < 1e4 {
			p.HDOP = float32(v.degrees)
		}
	}
	if cell := c.cell(satellitesColumn); cell != nil {
		if v, ok := c.parse(cell); ok && v.degrees >= 0 && v.degrees < 1e4 {
			p.Satellites = int16(v.degrees)
		}
	}
	if cell := c.cell(accuracyColumn); cell != nil {
		if v, ok := c.parse(&csvCell{b: bytes.TrimRight(cell.b, " m米")}); ok && v.degrees >= 0 && v.degrees < 1e6 {
			p.AccuracyM = float32(v.degrees)
		}
	} else if n, e := c.cell(northAccuracyColumn), c.cell(eastAccuracyColumn); n != nil && e != nil {
		v, ok1 := c.parse(n)
		w, ok2 := c.parse(e)
		if ok1 && ok2 {
			p.AccuracyM = float32(math.Hypot(v.degrees, w.degrees))
		}
	}
	if cell := c.cell(fixColumn); cell != nil {
		p.Fix = c.fix(cell.b)
	}
}

// fix understands the words and numbers for the kind of a fix. RTKLIB counts otherwise than NMEA does.
func (c *csvReader) fix(b []byte) Fix {
	if len(b) == 1 && b[0] >= '0' && b[0] <= '9' {
		if c.leap {
			return rtklibFixes[b[0]-'0']
		}
		if f := nmeaFixes[b[0]-'0']; f != FixNone || c.zeroIsNone {
			return f
		}
		return FixUnknown
	}
	return csvFixes[foldHeading(string(b))]
}

var rtklibFixes = [10]Fix{1: FixFixed, 2: FixFloat, 3: FixDifferential, 4: FixDifferential, 5: Fix3D}

var csvFixes = map[string]Fix{
	"固定解": FixFixed, "固定": FixFixed, "窄带固定解": FixFixed, "fixed": FixFixed, "fix": FixFixed, "rtkfixed": FixFixed, "rtkfix": FixFixed, "narrowint": FixFixed, "rtk固定解": FixFixed, "rtk固定": FixFixed, "rtk": FixFixed,
	"浮点解": FixFloat, "浮点": FixFloat, "浮动解": FixFloat, "浮动": FixFloat, "float": FixFloat, "rtkfloat": FixFloat, "narrowfloat": FixFloat, "rtk浮点解": FixFloat,
	"差分解": FixDifferential, "差分": FixDifferential, "码差分": FixDifferential, "伪距差分": FixDifferential, "伪距差分解": FixDifferential, "dgps": FixDifferential, "dgnss": FixDifferential, "differential": FixDifferential, "diff": FixDifferential, "sbas": FixDifferential,
	"单点解": Fix3D, "单点": Fix3D, "单点定位": Fix3D, "single": Fix3D, "autonomous": Fix3D, "sps": Fix3D, "3d": Fix3D, "3dfix": Fix3D, "gps": Fix3D, "spp": Fix3D,
	"2d": Fix2D, "2dfix": Fix2D,
	"无解": FixNone, "无效解": FixNone, "无效": FixNone, "未定位": FixNone, "none": FixNone, "nofix": FixNone, "invalid": FixNone, "v": FixNone, "不定位": FixNone,
}

// instant reads when the row was recorded; the zero time where it does not say it, or cannot be understood.
func (c *csvReader) instant() time.Time {
	if week, seconds := c.cell(weekColumn), c.cell(secondsOfWeekColumn); week != nil && seconds != nil {
		w, ok1 := decimal.Parse(week.b)
		s, ok2 := decimal.Parse(seconds.b)
		if ok1 && ok2 && w > 1000 && w < 5000 && s >= 0 && s <= 604800 {
			at := time.Date(1980, 1, 6, 0, 0, 0, 0, time.UTC).Add(time.Duration(w) * 7 * 24 * time.Hour)
			return at.Add(time.Duration(s*1e3)*time.Millisecond - gpsAhead)
		}
	}
	if cell := c.cell(epochColumn); cell != nil {
		if at, ok := unixTime(cell.b); ok {
			return at
		}
	}
	cell, day := c.cell(timeColumn), c.cell(dateColumn)
	switch {
	case cell == nil && day == nil:
		return time.Time{}
	case cell == nil:
		cell, day = day, nil
	case day == nil:
		if at, zone, ok := c.clock.parse(cell.b); ok {
			return c.zoned(at, zone, cell)
		}
	}
	return c.looseInstant(cell, day)
}

// looseInstant reads a time that is not written as XML has it; day is nil where the date is in the same cell.
func (c *csvReader) looseInstant(cell, day *csvCell) time.Time {
	if at, ok := unixTime(cell.b); ok {
		return at
	}
	m, ok := parseMoment(cell.b)
	date := m
	if day != nil && (!m.hasDate || m.packed) {
		var fine bool
		date, fine = parseMoment(day.b)
		ok = ok && fine
	}
	if ok && m.packed && day == nil || ok && !date.hasDate {
		c.note("no_date", cell.at, shorten(string(cell.b)))
		return time.Time{}
	}
	if days, serial := serialTime(cell.b); serial && day == nil {
		whole := math.Floor(days)
		at := time.Unix(int64(whole), int64((days-whole)*1e9)).UTC().Add(-8 * time.Hour)
		return c.zoned(at, false, cell)
	}
	if !ok || !m.hasTime {
		c.note("bad_time", cell.at, shorten(string(cell.b)))
		return time.Time{}
	}
	order := date.orderOf()
	if order == orderUnknown && (date.yearLast || date.packed) {
		if order = c.orderOfDays(); order == orderUnknown && date.date[0] != date.date[1] {
			c.note("ambiguous_date", cell.at, shorten(string(cell.b)))
			return time.Time{}
		}
	}
	since, ok := date.day(order)
	if !ok {
		c.note("bad_time", cell.at, shorten(string(cell.b)))
		return time.Time{}
	}
	at := time.Unix(since+int64(m.second), int64(m.nanos)).UTC()
	if m.zone {
		return c.zoned(at.Add(-m.east), true, cell)
	}
	return c.zoned(at.Add(-8*time.Hour), false, cell)
}

// zoned corrects a time that was taken for Beijing time where the headings say otherwise, and notes where nothing does.
func (c *csvReader) zoned(at time.Time, zone bool, cell *csvCell) time.Time {
	switch {
	case zone, c.zone == shanghai:
	case c.zone == time.UTC:
		at = at.Add(8 * time.Hour)
		if c.leap {
			at = at.Add(-gpsAhead)
		}
	default:
		c.note("time_without_zone", cell.at, shorten(string(cell.b)))
	}
	return at
}

// orderOfDays looks through the dates of the file for one that only one order allows.
func (c *csvReader) orderOfDays() dayOrder {
	if c.ordered {
		return c.order
	}
	c.ordered = true
	before, contrary := c.csvRows, false
	before.cells = append([]csvCell{}, c.cells...)
	at := c.columns.at[timeColumn]
	if day := c.columns.at[dateColumn]; day >= 0 {
		at = day
	}
	for c.row() {
		if at >= len(c.cells) {
			continue
		}
		if m, ok := parseMoment(c.cells[at].b); ok {
			if o := m.orderOf(); o != orderUnknown {
				contrary = contrary || c.order != orderUnknown && c.order != o
				c.order = o
			}
		}
	}
	if c.csvRows = before; contrary {
		c.order = orderUnknown
	}
	return c.order
}

// planeSaid names the plane of the last position that was converted.
func (c *csvReader) planeSaid() string {
	return "中央子午线 " + strconv.FormatFloat(c.converted, 'f', -1, 64) + "°"
}
