package track

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"fangyu/geo/internal/decimal"
)

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

// planeSaid names the plane of the last position that was converted.
func (c *csvReader) planeSaid() string {
	return "中央子午线 " + strconv.FormatFloat(c.converted, 'f', -1, 64) + "°"
}
