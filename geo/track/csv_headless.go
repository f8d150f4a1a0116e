package track

import (
	"bytes"
	"fmt"
)

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
