package track

import (
	"bytes"
	"fmt"
	"math"

	"fangyu/geo/internal/decimal"
)

// startPoint reads the position of a trkpt, rtept or wpt.
func (g *gpxReader) startPoint(tok *token) {
	g.seen++
	g.pointAt = tok.at
	g.point = Waypoint{Point: Point{ElevationM: absent, Line: g.lineOf(tok.at)}}
	lat, lon, ok := g.latLon(tok)
	g.usable = ok && g.check(lat, lon, tok)
	g.point.Lat, g.point.Lon = lat, lon
}

// latLon reads both attributes; where one cannot be read it says why and ok is false.
func (g *gpxReader) latLon(tok *token) (lat, lon float64, ok bool) {
	var values [2][]byte
	var offsets [2]int
	base := tok.at + 1 + len(tok.name)
	for attrs := tok.attrs; ; {
		name, value, at, rest, more, why := attribute(attrs)
		if !more {
			if why != "" {
				g.note("missing_position", base+at, why)
				return 0, 0, false
			}
			break
		}
		which := -1
		switch string(name) {
		case "lat":
			which = 0
		case "lon":
			which = 1
		}
		if which >= 0 {
			if values[which] != nil {
				g.note("missing_position", base+at, string(name)+" 出现两次")
				return 0, 0, false
			}
			values[which], offsets[which] = value, base+at
		}
		base += len(attrs) - len(rest)
		attrs = rest
	}
	for i, name := range []string{"lat", "lon"} {
		if values[i] == nil {
			g.note("missing_position", tok.at, "没有 "+name)
			return 0, 0, false
		}
	}
	if lat, ok = g.degrees("lat", values[0], offsets[0]); ok {
		lon, ok = g.degrees("lon", values[1], offsets[1])
	}
	return lat, lon, ok
}

// degrees reads one attribute value; at is its offset.
func (g *gpxReader) degrees(name string, value []byte, at int) (float64, bool) {
	if bytes.IndexByte(value, '&') >= 0 {
		value = []byte(g.textOf(value, at))
	}
	digits := bytes.TrimSpace(value)
	v, ok := decimal.Parse(digits)
	switch {
	case ok:
		return v, true
	case len(digits) == 0:
		g.note("missing_position", at, name+" 为空")
	case decimalComma(digits):
		g.note("decimal_comma", at, shorten(string(digits)))
	default:
		g.note("bad_position", at, shorten(string(digits)))
	}
	return 0, false
}

// decimalComma reports whether b is a number but for one comma.
func decimalComma(b []byte) bool {
	_, ok := decimal.Parse(bytes.Replace(b, []byte(","), []byte("."), 1))
	return ok && bytes.IndexByte(b, ',') >= 0
}

// check refuses a position that cannot be one.
func (g *gpxReader) check(lat, lon float64, tok *token) bool {
	switch {
	case lat == 0 && lon == 0:
		g.note("zero_position", tok.at, "")
		return false
	case swappedInChina(lat, lon):
		g.note("unreadable_position", tok.at, fmt.Sprint(lat))
		return false
	case math.Abs(lat) > 360 && math.Abs(lon) > 360:
		g.note("projected_coordinates", tok.at, fmt.Sprintf("%v, %v", lat, lon))
		return false
	case math.Abs(lat) > 90 || math.Abs(lon) > 180:
		g.note("out_of_range", tok.at, fmt.Sprintf("lat %v, lon %v", lat, lon))
		return false
	}
	return true
}

// swappedInChina reports whether latitude and longitude lie in China when exchanged and nowhere likely as they are: the
// latitude is beyond 73° and the longitude that of a latitude of China.
func swappedInChina(lat, lon float64) bool {
	return lat >= 73 && lat <= 136 && lon >= 3 && lon <= 54
}

// endPoint keeps the point that has just closed, if it has a position.
func (g *gpxReader) endPoint(is element) {
	if !g.usable {
		return
	}
	switch p := g.point.Point; is {
	case wptElement:
		g.t.Waypoints = append(g.t.Waypoints, g.point)
	case rteptElement:
		g.route = append(g.route, p)
	default:
		g.segment = append(g.segment, p)
		g.times(p)
	}
}

// times follows the times of the track's points.
func (g *gpxReader) times(p Point) {
	if p.Time.IsZero() {
		g.timeless++
		return
	}
	if p.Time.Before(g.lastTime) {
		g.note("time_backwards", g.pointAt, "")
	}
	g.lastTime = p.Time
}
