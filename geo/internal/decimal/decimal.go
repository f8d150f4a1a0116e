package decimal

import (
	"math"
	"strconv"
)

var powers = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
	1e18, 1e19, 1e20, 1e21, 1e22,
}

// Parse reads a decimal number as XML Schema and JSON write it: an optional sign, digits with at most one point, an
// optional exponent. ok is false for anything else: empty, blanks, NaN, Inf, hexadecimal, a comma, or too large for a float64.
func Parse(b []byte) (v float64, ok bool) {
	i, negative := 0, false
	if i < len(b) && (b[i] == '-' || b[i] == '+') {
		negative = b[i] == '-'
		i++
	}
	var mantissa uint64
	digits, decimals, significant := 0, 0, 0
	point := false
	for ; i < len(b); i++ {
		c := b[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		digits++
		if significant > 0 || c != '0' {
			significant++
		}
		if significant <= 15 {
			mantissa = mantissa*10 + uint64(c-'0')
		}
		if point {
			decimals++
		}
	}
	if digits == 0 {
		return 0, false
	}
	if i < len(b) || significant > 15 || decimals >= len(powers) {
		return slow(b, i)
	}
	v = float64(mantissa) / powers[decimals]
	if negative {
		v = -v
	}
	return v, true
}

// slow checks the exponent, which is all that may follow the digits at b[i:], and leaves the number to strconv.
func slow(b []byte, i int) (float64, bool) {
	if i < len(b) {
		if b[i] != 'e' && b[i] != 'E' {
			return 0, false
		}
		i++
		if i < len(b) && (b[i] == '-' || b[i] == '+') {
			i++
		}
		if i == len(b) {
			return 0, false
		}
		for ; i < len(b); i++ {
			if b[i] < '0' || b[i] > '9' {
				return 0, false
			}
		}
	}
	v, err := strconv.ParseFloat(string(b), 64)
	return v, err == nil
}

// Append7 appends v with at most seven decimals, rounded half away from zero, without trailing zeros. Numbers that
// seven fixed decimals cannot hold (beyond 9e8, not finite) are written by strconv; callers keep them out.
func Append7(dst []byte, v float64) []byte {
	if !(math.Abs(v) < 9e8) {
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	}
	n := int64(math.Round(v * 1e7))
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	dst = strconv.AppendInt(dst, n/1e7, 10)
	fraction := n % 1e7
	if fraction == 0 {
		return dst
	}
	var digits [8]byte
	digits[0] = '.'
	for i := 7; i > 0; i-- {
		digits[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	end := 8
	for digits[end-1] == '0' {
		end--
	}
	return append(dst, digits[:end]...)
}
