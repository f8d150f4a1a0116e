package feature

import (
	"unicode/utf8"

	"github.com/paulmach/orb"

	"fangyu/geo/internal/decimal"
)

// AppendGeometry appends g as a GeoJSON geometry with at most seven decimals (about 1 cm), "null" for nil. Positions must
// be finite. A Ring or Bound is written as a Polygon.
func AppendGeometry(dst []byte, g orb.Geometry) []byte { return decimals7.geometry(dst, g) }

// AppendExactGeometry is AppendGeometry with coordinates that read back as the same numbers, for files that come in again.
func AppendExactGeometry(dst []byte, g orb.Geometry) []byte { return exact.geometry(dst, g) }

// decimals says how coordinates are written.
type decimals func(dst []byte, v float64) []byte

var (
	decimals7 decimals = decimal.Append7
	exact     decimals = degrees
)

func (d decimals) geometry(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		dst = d.position(append(dst, `{"type":"Point","coordinates":`...), g)
	case orb.MultiPoint:
		dst = d.positions(append(dst, `{"type":"MultiPoint","coordinates":`...), g)
	case orb.LineString:
		dst = d.positions(append(dst, `{"type":"LineString","coordinates":`...), g)
	case orb.MultiLineString:
		dst = appendAll(append(dst, `{"type":"MultiLineString","coordinates":`...), g, d.line)
	case orb.Polygon:
		dst = d.polygon(append(dst, `{"type":"Polygon","coordinates":`...), g)
	case orb.MultiPolygon:
		dst = appendAll(append(dst, `{"type":"MultiPolygon","coordinates":`...), g, d.polygon)
	case orb.Collection:
		dst = appendAll(append(dst, `{"type":"GeometryCollection","geometries":`...), g, d.geometry)
	case orb.Ring:
		return d.geometry(dst, orb.Polygon{g})
	case orb.Bound:
		return d.geometry(dst, g.ToPolygon())
	default:
		return append(dst, "null"...)
	}
	return append(dst, '}')
}

func (d decimals) position(dst []byte, p orb.Point) []byte {
	dst = d(append(dst, '['), p[0])
	dst = d(append(dst, ','), p[1])
	return append(dst, ']')
}

func (d decimals) positions(dst []byte, path []orb.Point) []byte {
	dst = append(dst, '[')
	for i, p := range path {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = d.position(dst, p)
	}
	return append(dst, ']')
}

func (d decimals) line(dst []byte, l orb.LineString) []byte { return d.positions(dst, l) }

func (d decimals) ring(dst []byte, r orb.Ring) []byte { return d.positions(dst, r) }

func (d decimals) polygon(dst []byte, p orb.Polygon) []byte { return appendAll(dst, p, d.ring) }

func appendAll[S ~[]T, T any](dst []byte, all S, each func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, one := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = each(dst, one)
	}
	return append(dst, ']')
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string. Bytes that are no UTF-8 become U+FFFD, so that the document stays readable.
func AppendString(dst []byte, s string) []byte { return appendString(dst, []byte(s)) }

func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += n
			continue
		}
		if c >= ' ' && c != '"' && c != '\\' && c != 0x7f {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}
