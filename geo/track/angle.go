package track

import (
	"bytes"
	"math"
	"unicode/utf8"

	"fangyu/geo/internal/decimal"
)

// angle is a latitude or longitude as people write it.
type angle struct {
	degrees float64 // south and west negative
	side    byte    // 'N', 'S', 'E' or 'W' where it is said, else 0
	plain   bool    // one number and nothing else
}

// parseAngle reads 29.6, N29.6°, 29°36′00″N, 29:36:00, 29-36-00, 北纬29度36分 and, with a letter of its side, the
// 2936.0000N of receivers. Minutes and seconds from 60 on are not ok, nor is a decimal point before the last number.
func parseAngle(b []byte) (a angle, ok bool) {
	b = bytes.TrimSpace(b)
	if v, ok := decimal.Parse(b); ok {
		return angle{degrees: v, plain: true}, true
	}
	b = a.takeSide(b)
	negative := len(b) > 0 && b[0] == '-'
	if negative || len(b) > 0 && b[0] == '+' {
		b = b[1:]
	}
	v, n, ok := sexagesimal(b)
	if !ok || negative && a.side != 0 {
		return a, false
	}
	if a.side != 0 && n == 1 {
		v = unpackMinutes(v)
	}
	if negative || a.side == 'S' || a.side == 'W' {
		v = -v
	}
	a.degrees = v
	return a, true
}

// sides are what tells the half of the globe, at the beginning or the end of an angle.
var sides = []struct {
	word string
	side byte
}{
	{"N", 'N'},
	{"n", 'N'},
	{"S", 'S'},
	{"s", 'S'},
	{"E", 'E'},
	{"e", 'E'},
	{"W", 'W'},
	{"w", 'W'},
	{"北纬", 'N'},
	{"南纬", 'S'},
	{"东经", 'E'},
	{"西经", 'W'},
	{"北", 'N'},
	{"南", 'S'},
	{"东", 'E'},
	{"西", 'W'},
}

// takeSide takes the word for the side off an angle. An "s" after a number may be seconds, but then no minutes lack.
func (a *angle) takeSide(b []byte) []byte {
	for _, s := range sides {
		rest, found := bytes.CutPrefix(b, []byte(s.word))
		if !found {
			rest, found = bytes.CutSuffix(b, []byte(s.word))
			if s.word == "s" && bytes.IndexByte(b, 'm') >= 0 {
				found = false
			}
		}
		if found {
			a.side = s.side
			return bytes.Trim(rest, " \t:：")
		}
	}
	return b
}

// separators end degrees, minutes and seconds; those of order 0 may stand after any.
var separators = []struct {
	word  string
	order int
}{
	{"°", 1},
	{"º", 1},
	{"˚", 1},
	{"度", 1},
	{"d", 1},
	{"′′", 3},
	{"''", 3},
	{"’’", 3},
	{"′", 2},
	{"'", 2},
	{"’", 2},
	{"‘", 2},
	{"分", 2},
	{"m", 2},
	{"″", 3},
	{"\"", 3},
	{"”", 3},
	{"“", 3},
	{"秒", 3},
	{"s", 3},
	{":", 0},
	{"-", 0},
	{"：", 0},
	{" ", 0},
}

// sexagesimal reads up to three numbers with what separates them and returns how many there were.
func sexagesimal(b []byte) (v float64, n int, ok bool) {
	for scale := 1.0; len(b) > 0; scale *= 60 {
		end := 0
		for end < len(b) && (b[end] >= '0' && b[end] <= '9' || b[end] == '.') {
			end++
		}
		part, ok := decimal.Parse(b[:end])
		if !ok || n == 3 || n > 0 && part >= 60 {
			return 0, n, false
		}
		n++
		v += part / scale
		fraction := bytes.IndexByte(b[:end], '.') >= 0
		b = b[end:]
		rest, order, found := takeSeparator(b)
		if len(b) > 0 && (!found || order != 0 && order != n) || fraction && len(rest) > 0 {
			return 0, n, false
		}
		b = rest
	}
	return v, n, n > 0
}

func takeSeparator(b []byte) (rest []byte, order int, ok bool) {
	b = bytes.TrimLeft(b, " \t")
	for _, s := range separators {
		if rest, found := bytes.CutPrefix(b, []byte(s.word)); found {
			return bytes.TrimLeft(rest, " \t"), s.order, true
		}
	}
	// Blanks alone separate too; they are gone by now.
	return b, 0, len(b) > 0 && b[0] < utf8.RuneSelf && b[0] >= '0' && b[0] <= '9'
}

// unpackMinutes turns the dddmm.mmmm of receivers into degrees; what cannot be that stays as it is.
func unpackMinutes(v float64) float64 {
	degrees := math.Floor(v / 100)
	if minutes := v - 100*degrees; v > 180 && degrees <= 180 && minutes < 60 {
		return degrees + minutes/60
	}
	return v
}

// unpackSeconds turns the dd.mmss of surveyors' tables into degrees; ok is false for minutes or seconds from 60 on.
func unpackSeconds(v float64) (degrees float64, ok bool) {
	// In units of 1e-10: 29.36 is 29.359999… in binary, and its minutes are not 35.
	units := math.Round(math.Abs(v) * 1e10)
	whole, rest := math.Floor(units/1e10), math.Mod(units, 1e10)
	minutes, seconds := math.Floor(rest/1e8), math.Mod(rest, 1e8)/1e6
	return math.Copysign(whole+minutes/60+seconds/3600, v), minutes < 60 && seconds < 60
}
