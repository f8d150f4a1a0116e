package track

import (
	"bytes"

	"fangyu/geo/internal/decimal"
)

// The elements of GPX that are read.
const (
	gpxRoot element = iota + 1
	gpxTrk
	gpxSegment
	gpxRte
	gpxTrkpt
	gpxRtept
	gpxWpt

	gpxName      = textual | 1
	gpxElevation = textual | 2
	gpxTime      = textual | 3
	gpxSymbol    = textual | 4
	gpxDesc      = textual | 5
	gpxHDOP      = textual | 6
	gpxSat       = textual | 7
	gpxFix       = textual | 8
)

// gpxReader reads GPX 1.0 and 1.1.
type gpxReader struct {
	xmlDocument
	clock   clock
	point   Waypoint
	usable  bool // the present point has a position
	pointAt int  // offset of its tag
}

func (g *gpxReader) opens(parent element, tok *token) (is element, ok bool) {
	if parent == other {
		g.root(tok)
		return gpxRoot, true
	}
	is = g.meaning(parent, tok)
	if is >= gpxTrkpt && is <= gpxWpt {
		if !g.begin(tok.at) {
			return other, false
		}
		g.startPoint(tok)
	}
	return is, true
}

func (*gpxReader) owns(_, namespace []byte) bool {
	return bytes.Contains(namespace, []byte("topografix.com/GPX/1"))
}

// meaning says what a tag of the GPX namespace means under its parent.
func (g *gpxReader) meaning(parent element, tok *token) element {
	local := tok.local()
	switch parent {
	case gpxRoot:
		switch string(local) {
		case "trk":
			return gpxTrk
		case "rte":
			return gpxRte
		case "wpt":
			return gpxWpt
		}
	case gpxTrk:
		switch string(local) {
		case "trkseg":
			return gpxSegment
		case "trkpt":
			g.note("no_segment", tok.at, "")
			return gpxTrkpt
		case "name":
			return gpxName
		}
	case gpxSegment:
		if string(local) == "trkpt" {
			return gpxTrkpt
		}
	case gpxRte:
		if string(local) == "rtept" {
			return gpxRtept
		}
	case gpxTrkpt, gpxRtept, gpxWpt:
		return ofGPXPoint(local)
	}
	return other
}

func ofGPXPoint(local []byte) element {
	switch string(local) {
	case "ele":
		return gpxElevation
	case "time":
		return gpxTime
	case "hdop":
		return gpxHDOP
	case "sat":
		return gpxSat
	case "fix":
		return gpxFix
	case "name":
		return gpxName
	case "sym":
		return gpxSymbol
	case "desc":
		return gpxDesc
	}
	return other
}

// root takes the program's name from the root element.
func (g *gpxReader) root(tok *token) {
	for _, a := range tok.attrs {
		if string(a.name) == "creator" && g.t.Creator == "" {
			g.t.Creator = g.plain(a.value, a.at)
		}
	}
}

func (g *gpxReader) closes(is element) {
	switch is {
	case gpxTrk, gpxSegment:
		g.closeSegment()
	case gpxRte:
		g.closeRoute()
	case gpxTrkpt, gpxRtept, gpxWpt:
		g.endPoint(is)
	case gpxElevation:
		g.point.ElevationM = g.elevation(g.content, g.textAt)
	case gpxTime:
		g.point.Time = g.time(&g.clock, g.content, g.textAt)
	case gpxHDOP, gpxSat, gpxFix:
		g.endQuality(is)
	case gpxName, gpxSymbol, gpxDesc:
		g.endText(is)
	}
}

// endPoint keeps the point that has just closed, if it has a position.
func (g *gpxReader) endPoint(is element) {
	switch {
	case !g.usable:
	case is == gpxWpt:
		g.t.Waypoints = append(g.t.Waypoints, g.point)
	case is == gpxRtept:
		g.route = append(g.route, g.point.Point)
	default:
		g.keep(g.point.Point, g.pointAt)
	}
	g.mark = -1
}

func (g *gpxReader) endText(is element) {
	text := g.plain(g.content, g.textAt)
	switch in := g.inside(); {
	case in == gpxTrk:
		if g.t.Name == "" {
			g.t.Name = text
		}
	case is == gpxName:
		g.point.Name = text
	case is == gpxSymbol:
		g.point.Symbol = text
	default:
		g.point.Description = text
	}
}

// endQuality reads what the receiver says of the point; what cannot be read is as if it were not there.
func (g *gpxReader) endQuality(is element) {
	b := bytes.TrimSpace(g.content)
	if is == gpxFix {
		g.point.Fix = gpxFixes[string(b)]
		return
	}
	v, ok := decimal.Parse(b)
	switch {
	case !ok || v < 0 || v > 1e4:
	case is == gpxHDOP:
		g.point.HDOP = float32(v)
	default:
		g.point.Satellites = int16(v)
	}
}

var gpxFixes = map[string]Fix{"none": FixNone, "2d": Fix2D, "3d": Fix3D, "dgps": FixDifferential, "pps": Fix3D}

// startPoint reads the position of a trkpt, rtept or wpt.
func (g *gpxReader) startPoint(tok *token) {
	g.pointAt, g.mark = tok.at, tok.at
	g.point = Waypoint{Point: Point{ElevationM: absent, Quality: unsaid, Line: g.lineOf(tok.at)}}
	lat, lon, ok := g.latLon(tok)
	g.usable = ok && g.admit(lat, lon, tok.at)
	g.point.Lat, g.point.Lon = lat, lon
}

// latLon reads both attributes; where one cannot be read it says why and ok is false.
func (g *gpxReader) latLon(tok *token) (lat, lon float64, ok bool) {
	if tok.flaw != "" {
		g.note("missing_position", tok.flawAt, tok.flaw)
		return 0, 0, false
	}
	var read [2]*attribute
	for i := range tok.attrs {
		a := &tok.attrs[i]
		which := 0
		switch string(a.name) {
		case "lat":
		case "lon":
			which = 1
		default:
			continue
		}
		if read[which] != nil {
			g.note("missing_position", a.at, string(a.name)+" 出现两次")
			return 0, 0, false
		}
		read[which] = a
	}
	for i, name := range [2]string{"lat", "lon"} {
		if read[i] == nil {
			g.note("missing_position", tok.at, "没有 "+name)
			return 0, 0, false
		}
	}
	if lat, ok = g.degrees("lat", read[0]); ok {
		lon, ok = g.degrees("lon", read[1])
	}
	return lat, lon, ok
}

func (g *gpxReader) degrees(name string, a *attribute) (float64, bool) {
	if v, ok := decimal.Parse(a.value); ok {
		return v, true
	}
	return g.number(name, []byte(g.plain(a.value, a.at)), a.at)
}
