package track

import (
	"bytes"
	"math"
	"time"

	"fangyu/geo/internal/decimal"
)

// moment is a date, a time of day or both, as people and their tables write it.
type moment struct {
	date             [3]int // in the order written; 0 where there is none
	yearLast         bool   // 3/1/2026: which is the month only other rows can tell
	packed           bool   // six digits: which is the year only other rows can tell
	hasDate, hasTime bool
	second           int // of the day
	nanos            int
	half             bool // AM or PM is said
	east             time.Duration
	zone             bool // said
}

// dayOrder is what two of three numbers of a date are.
type dayOrder uint8

const (
	orderUnknown dayOrder = iota
	dayFirst
	monthFirst
)

// parseMoment reads 2026-3-1 8:00, 2026/03/01 16:00:00.5, 2026年3月1日 16时00分, 20260301 160000, 1.3.2026, 8:00 PM and the
// zone after it: Z, UTC, GMT or an offset.
func parseMoment(b []byte) (m moment, ok bool) {
	b = m.takeHalf(m.takeZone(bytes.TrimSpace(b)))
	if len(b) > 40 {
		return m, false
	}
	var numbers [7]int
	var lengths [7]int
	var after [7]rune
	n := 0
	for len(b) > 0 && n < len(numbers) {
		i := 0
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		v, isNumber := number(b[:i])
		if !isNumber || i > 14 {
			return m, false
		}
		numbers[n], lengths[n] = v, i
		b = b[i:]
		if n > 0 && (after[n-1] == ':' || lengths[n] == 6 || lengths[n] == 14) && len(b) > 1 && (b[0] == '.' || b[0] == ',') {
			m.nanos, b = fraction(b[1:])
		} else if n == 0 && (i == 6 || i == 14) && len(b) > 1 && b[0] == '.' {
			m.nanos, b = fraction(b[1:])
		}
		after[n], b = dateSign(b)
		n++
	}
	return m, len(b) == 0 && m.arrange(numbers[:n], lengths[:n], after[:n])
}

// dateSign takes what stands between two numbers of a date: the sign, ':' for all of time, 'T' between date and time.
func dateSign(b []byte) (sign rune, rest []byte) {
	for _, s := range []struct {
		word string
		sign rune
	}{
		{"-", '-'},
		{"/", '/'},
		{".", '.'},
		{"年", '-'},
		{"月", '-'},
		{"日", 'T'},
		{"号", 'T'},
		{"T", 'T'},
		{"t", 'T'},
		{":", ':'},
		{"：", ':'},
		{"时", ':'},
		{"点", ':'},
		{"分", ':'},
		{"秒", ':'},
		{",", 'T'},
		{" ", 'T'},
		{"_", 'T'},
	} {
		if rest, found := bytes.CutPrefix(b, []byte(s.word)); found {
			return s.sign, bytes.TrimLeft(rest, " T,")
		}
	}
	return 0, b
}

// takeZone takes a zone off the end.
func (m *moment) takeZone(b []byte) []byte {
	for _, word := range []string{"UTC", "GMT", "Z", "z"} {
		if rest, found := bytes.CutSuffix(b, []byte(word)); found {
			m.zone = true
			return bytes.TrimRight(rest, " ")
		}
	}
	colon := bytes.IndexByte(b, ':')
	if i := bytes.LastIndexAny(b, "+-"); i > 8 && colon > 0 && i > colon {
		if east, zone, ok := offset(b[i:]); ok && zone {
			m.east, m.zone = east, true
			return bytes.TrimSuffix(bytes.TrimSuffix(bytes.TrimRight(b[:i], " "), []byte("UTC")), []byte("GMT"))
		}
	}
	return b
}

// takeHalf takes AM or PM off an end or out of the middle.
func (m *moment) takeHalf(b []byte) []byte {
	for _, h := range []struct {
		word string
		pm   bool
	}{{"AM", false}, {"PM", true}, {"am", false}, {"pm", true}, {"上午", false}, {"下午", true}} {
		i := bytes.Index(b, []byte(h.word))
		if i < 0 {
			continue
		}
		m.half = true
		if h.pm {
			m.second = 12 * 3600
		}
		left, right := bytes.TrimRight(b[:i], " "), bytes.TrimLeft(b[i+len(h.word):], " ")
		if len(left) > 0 && len(right) > 0 {
			left = append(append([]byte{}, left...), ' ')
		}
		return append(append([]byte{}, left...), right...)
	}
	return b
}

// arrange gives the numbers their meaning.
func (m *moment) arrange(v, length []int, after []rune) bool {
	if len(v) == 0 {
		return false
	}
	switch {
	case length[0] == 14:
		m.setDate(v[0]/1e10, v[0]/1e8%100, v[0]/1e6%100)
		return len(v) == 1 && m.setClock(v[0]/1e4%100, v[0]/100%100, v[0]%100)
	case length[0] == 8:
		m.setDate(v[0]/1e4, v[0]/100%100, v[0]%100)
		v, length, after = v[1:], length[1:], after[1:]
	case len(v) >= 3 && after[0] != ':' && after[0] != 'T' && after[1] == after[0] && (after[2] == 'T' || len(v) == 3):
		m.setDate(v[0], v[1], v[2])
		if length[0] != 4 {
			if length[2] != 4 {
				return false
			}
			m.yearLast = true
			if after[0] == '.' && v[1] <= 12 {
				m.setDate(v[2], v[1], v[0])
				m.yearLast = false
			}
		}
		v, length, after = v[3:], length[3:], after[3:]
	case length[0] == 6 && len(v) == 1 && m.nanos == 0:
		m.packed = true
		m.setDate(v[0]/1e4, v[0]/100%100, v[0]%100)
		_ = m.setClock(v[0]/1e4, v[0]/100%100, v[0]%100) // the column says which of the two it is
		return true
	}
	switch {
	case len(v) == 0:
		return m.hasDate
	case len(v) == 1 && length[0] >= 5 && length[0] <= 6:
		return m.setClock(v[0]/1e4, v[0]/100%100, v[0]%100)
	case len(v) == 2 && after[0] == ':':
		return m.setClock(v[0], v[1], 0)
	case len(v) == 3 && after[0] == ':' && after[1] == ':':
		return m.setClock(v[0], v[1], v[2])
	}
	return false
}

func (m *moment) setDate(year, month, day int) {
	m.date, m.hasDate = [3]int{year, month, day}, true
}

func (m *moment) setClock(hour, minute, second int) bool {
	if hour > 24 || minute > 59 || second > 60 || m.half && hour > 12 {
		return false
	}
	if m.half {
		hour %= 12
	}
	m.second += hour*3600 + minute*60 + second
	m.hasTime = true
	return true
}

// day returns the seconds from 1970 to the beginning of the day; ok is false where there is no such day.
func (m *moment) day(order dayOrder) (seconds int64, ok bool) {
	year, month, dom := m.date[0], m.date[1], m.date[2]
	switch {
	case m.packed && order == dayFirst:
		year, dom = dom+2000, year
	case m.packed:
		year += 2000
	case m.yearLast && order == dayFirst:
		year, dom = dom, year
	case m.yearLast:
		year, month, dom = m.date[2], m.date[0], m.date[1]
	}
	if month < 1 || month > 12 || dom < 1 || dom > 31 || year < firstYear || year > lastYear {
		return 0, false
	}
	at := time.Date(year, time.Month(month), dom, 0, 0, 0, 0, time.UTC)
	return at.Unix(), at.Day() == dom
}

// orderOf tells what the numbers of a date can only be: a day beyond 12 is no month. Six digits are year first or, as
// receivers write them, day first.
func (m *moment) orderOf() dayOrder {
	switch {
	case m.yearLast && m.date[0] > 12:
		return dayFirst
	case m.yearLast && m.date[1] > 12, m.yearLast && m.half:
		return monthFirst
	case m.packed && recent(m.date[2]) && !recent(m.date[0]):
		return dayFirst
	case m.packed && recent(m.date[0]) && !recent(m.date[2]):
		return monthFirst
	}
	return orderUnknown
}

// recent reports whether two digits are a year in which today's receivers record.
func recent(year int) bool { return year >= rolloverBefore.Year()%100 && year <= 40 }

// unixTime reads a number as an instant by its size: seconds, milliseconds, microseconds or nanoseconds since 1970 for
// the years 2001 to 2039.
func unixTime(b []byte) (time.Time, bool) {
	v, ok := decimal.Parse(b)
	for range 4 {
		if !ok || v < 1e9 {
			break
		}
		if v < 2.2e9 {
			whole := math.Floor(v)
			return time.Unix(int64(whole), int64(math.Round((v-whole)*1e6))*1000).UTC(), true
		}
		v /= 1000
	}
	return time.Time{}, false
}

// serialTime reads a number as the days since 1899-12-30 by which spreadsheets count, for the years 1995 to 2064.
func serialTime(b []byte) (seconds float64, ok bool) {
	v, ok := decimal.Parse(b)
	if !ok || v < 34700 || v > 60300 || bytes.IndexByte(b, '.') < 0 {
		return 0, false
	}
	return math.Round((v-25569)*86400*1000) / 1000, true
}

// gpsAhead is by how much GPS time is ahead of UTC since 2017.
const gpsAhead = 18 * time.Second
