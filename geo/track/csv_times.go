package track

import (
	"math"
	"time"

	"fangyu/geo/internal/decimal"
	"fangyu/internal/beijing"
)

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
	case zone, c.zone == beijing.Zone:
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
