package track

import (
	"fmt"
	"time"

	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// clock reads times. Most points of a file are of one day, so it remembers the last one.
type clock struct {
	day   [10]byte
	since int64 // seconds from 1970 to the beginning of day
}

// parse reads a time as XML Schema and careless programs write it: date, "T" or a blank, time of day with or without a
// fraction, and "Z", an offset or nothing. The result is UTC; zone is false where none was given and Beijing time was
// taken. Dates alone and impossible days are not ok.
func (c *clock) parse(b []byte) (at time.Time, zone, ok bool) {
	if len(b) < 19 || b[13] != ':' || b[16] != ':' || b[10]|0x20 != 't' && b[10] != ' ' {
		return at, false, false
	}
	if !c.turn(b[:10]) {
		return at, false, false
	}
	hour, ok1 := number(b[11:13])
	minute, ok2 := number(b[14:16])
	second, ok3 := number(b[17:19])
	rest := b[19:]
	nanos := 0
	if len(rest) > 1 && (rest[0] == '.' || rest[0] == ',') {
		nanos, rest = fraction(rest[1:])
	}
	east, zone, ok := offset(rest)
	if !ok || !ok1 || !ok2 || !ok3 || hour > 24 || minute > 59 || second > 60 {
		return at, zone, false
	}
	at = time.Unix(c.since+int64(hour*3600+minute*60+second), int64(nanos)).UTC()
	return at.Add(-east), zone, true
}

// The years in which somebody may have recorded something. Whatever the zone, all of them can be written in RFC 3339 and as
// a date of the database.
const (
	firstYear = 1900
	lastYear  = 9998
)

// turn sets the day, written 2006-01-02, and reports whether there is such a day.
func (c *clock) turn(day []byte) bool {
	if string(day) == string(c.day[:]) {
		return true
	}
	year, ok1 := number(day[:4])
	month, ok2 := number(day[5:7])
	dom, ok3 := number(day[8:10])
	if day[4] != '-' || day[7] != '-' || !ok1 || !ok2 || !ok3 {
		return false
	}
	since := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC)
	if month < 1 || month > 12 || since.Day() != dom || year < firstYear || year > lastYear {
		return false
	}
	copy(c.day[:], day)
	c.since = since.Unix()
	return true
}

// number reads digits only.
func number(b []byte) (int, bool) {
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, len(b) > 0
}

// fraction reads the digits after the point as nanoseconds; digits beyond the ninth do not count.
func fraction(b []byte) (nanos int, rest []byte) {
	i, scale := 0, 100_000_000
	for ; i < len(b) && b[i] >= '0' && b[i] <= '9'; i++ {
		nanos += int(b[i]-'0') * scale
		scale /= 10
	}
	return nanos, b[i:]
}

// offset reads "Z", "+08:00", "+0800", "+08" or nothing, which is Beijing time.
func offset(b []byte) (east time.Duration, zone, ok bool) {
	switch {
	case len(b) == 0:
		return 8 * time.Hour, false, true
	case len(b) == 1:
		return 0, true, b[0]|0x20 == 'z'
	case b[0] != '+' && b[0] != '-' || len(b) > 6:
		return 0, false, false
	}
	digits := b[1:]
	if len(digits) == 5 && digits[2] == ':' {
		digits = []byte{digits[0], digits[1], digits[3], digits[4]}
	}
	n, ok := number(digits)
	if len(digits) == 2 {
		n *= 100
	} else if len(digits) != 4 {
		return 0, false, false
	}
	if n%100 > 59 || n/100 > 14 {
		return 0, false, false
	}
	east = time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute
	if b[0] == '-' {
		east = -east
	}
	return east, true, ok
}

// rollover is 1,024 weeks: receivers that lose count of the GPS week are early by exactly this.
const rollover = 7168 * 24 * time.Hour

// rolloverBefore is where times begin to look like such a loss: no receiver in use today recorded before 2007.
var rolloverBefore = time.Date(2007, 1, 1, 0, 0, 0, 0, time.UTC)

// Check adds the notes that need the instant of receipt or the whole track: "future_time" for times more than five minutes
// later, "gps_rollover" for times before 2007 that become plausible 1,024 weeks later, with the corrected time proposed;
// "teleport" and "repeated_point" for what [Clean] finds by the standard limits, which it returns. It changes no point.
func (t *Track) Check(receivedAt time.Time) *Cleaned {
	cleaned := Clean(t.Segments, StandardLimits)
	if t.NumPoints() == 0 {
		return cleaned
	}
	found := notes{list: t.Notes, index: map[string]int{}}
	for i, note := range t.Notes {
		found.index[note.Code] = i
	}
	n := 0
	for i, segment := range t.Segments {
		for k := range segment {
			n++
			p := &segment[k]
			at := place{line: p.Line, point: n}
			if cleaned.Flags[i][k]&Teleport != 0 {
				found.add("teleport", at, "")
			}
			if cleaned.Flags[i][k]&Repeated != 0 {
				found.add("repeated_point", at, "")
			}
			found.checkTime(p.Time, receivedAt, at)
		}
	}
	t.Notes = found.list
	if t.State == OK && len(t.Notes) > 0 {
		t.State = OKWithNotes
	}
	return cleaned
}

func (n *notes) checkTime(at, receivedAt time.Time, where place) {
	if at.IsZero() {
		return
	}
	switch corrected := at.Add(rollover); {
	case at.After(receivedAt.Add(5 * time.Minute)):
		n.add("future_time", where, inBeijing(at))
	case at.Before(rolloverBefore) && !corrected.After(receivedAt):
		n.add("gps_rollover", where, inBeijing(corrected))
	}
}

func inBeijing(at time.Time) string { return at.In(beijing.Zone).Format("2006-01-02 15:04:05") }

// soften makes a note that would refuse the file a warning, where it holds for few of its points only.
func (n *notes) soften(code string, points int) {
	i, ok := n.index[code]
	if !ok || 2*n.list[i].Count > points {
		return
	}
	n.list[i].Severity = fault.Warning
	n.list[i].Detail = fmt.Sprintf("%d 个点未采用：%s", n.list[i].Count, n.list[i].Detail)
}
