package track

import "bytes"

// The elements of TCX that are read.
const (
	tcxPart   element = iota + 1 // whatever tracks may be in: the root, activities, laps
	tcxCourse                    //
	tcxTrack                     //
	tcxTrackpoint
	tcxCoursePoint
	tcxPosition
	tcxProgram // Creator and Author

	tcxName      = textual | 1
	tcxTime      = textual | 2
	tcxLatitude  = textual | 3
	tcxLongitude = textual | 4
	tcxAltitude  = textual | 5
	tcxKind      = textual | 6
	tcxNotes     = textual | 7
)

// tcxReader reads the Training Center Database of Garmin, versions 1 and 2: each Track is a segment.
type tcxReader struct {
	xmlDocument
	clock   clock
	point   Waypoint
	pointAt int
	said    tcxSaid
	refused bool // a coordinate could not be read, which is noted
}

// tcxSaid is what of its position a point has said so far.
type tcxSaid struct{ position, lat, lon bool }

func (*tcxReader) owns(_, namespace []byte) bool {
	return bytes.Contains(namespace, []byte("/TrainingCenterDatabase/"))
}

func (x *tcxReader) opens(parent element, tok *token) (is element, ok bool) {
	if len(x.stack) == 0 {
		return tcxPart, true
	}
	switch is = tcxMeaning(parent, tok.local()); is {
	case tcxTrack:
		if parent == tcxCourse {
			x.note("course_planned", tok.at, "")
		}
	case tcxTrackpoint, tcxCoursePoint:
		if !x.begin(tok.at) {
			return other, false
		}
		x.pointAt, x.mark = tok.at, tok.at
		x.point = Waypoint{Point: Point{ElevationM: absent, Quality: unsaid, Line: x.lineOf(tok.at)}}
		x.said, x.refused = tcxSaid{}, false
	case tcxPosition:
		x.said.position = true
	}
	return is, true
}

// tcxMeaning says what a tag means under its parent. Version 1 has more kinds of parts than can be listed; none of them
// matters.
func tcxMeaning(parent element, local []byte) element {
	switch parent {
	case tcxPart, tcxCourse:
		return tcxOfPart(parent, local)
	case tcxTrack:
		if string(local) == "Trackpoint" {
			return tcxTrackpoint
		}
	case tcxTrackpoint, tcxCoursePoint:
		return tcxOfPoint(local)
	case tcxPosition:
		switch string(local) {
		case "LatitudeDegrees":
			return tcxLatitude
		case "LongitudeDegrees":
			return tcxLongitude
		}
	case tcxProgram:
		if string(local) == "Name" {
			return tcxName
		}
	}
	return other
}

func tcxOfPart(parent element, local []byte) element {
	switch string(local) {
	case "Track":
		return tcxTrack
	case "Course":
		return tcxCourse
	case "CoursePoint":
		return tcxCoursePoint
	case "Creator", "Author":
		return tcxProgram
	case "Name":
		if parent == tcxCourse {
			return tcxName
		}
	case "Extensions", "Notes":
		return other
	}
	return tcxPart
}

func tcxOfPoint(local []byte) element {
	switch string(local) {
	case "Time":
		return tcxTime
	case "Position":
		return tcxPosition
	case "AltitudeMeters":
		return tcxAltitude
	case "Name":
		return tcxName
	case "PointType":
		return tcxKind
	case "Notes":
		return tcxNotes
	}
	return other
}

func (x *tcxReader) closes(is element) {
	switch is {
	case tcxTrack:
		x.closeSegment()
	case tcxTrackpoint, tcxCoursePoint:
		x.endPoint(is)
	case tcxTime:
		x.point.Time = x.time(&x.clock, x.content, x.textAt)
	case tcxLatitude:
		x.point.Lat, x.said.lat = x.degrees("LatitudeDegrees"), true
	case tcxLongitude:
		x.point.Lon, x.said.lon = x.degrees("LongitudeDegrees"), true
	case tcxAltitude:
		x.point.ElevationM = x.elevation(x.content, x.textAt)
	case tcxName, tcxKind, tcxNotes:
		x.endText(is)
	}
}

// degrees reads a coordinate, unless that of the point was refused already.
func (x *tcxReader) degrees(name string) float64 {
	if x.refused {
		return 0
	}
	v, ok := x.number(name, x.content, x.textAt)
	x.refused = !ok
	return v
}

func (x *tcxReader) endText(is element) {
	text := x.plain(x.content, x.textAt)
	switch in := x.inside(); {
	case is == tcxKind:
		x.point.Symbol = text
	case is == tcxNotes:
		x.point.Description = text
	case in == tcxTrackpoint || in == tcxCoursePoint:
		x.point.Name = text
	case in == tcxCourse:
		if x.t.Name == "" {
			x.t.Name = text
		}
	case x.t.Creator == "":
		x.t.Creator = text // of the device, which stands before the program that wrote the file
	}
}

// endPoint keeps the point that has just closed, if it has a position. Receivers without sight of the sky write points
// without.
func (x *tcxReader) endPoint(is element) {
	p := x.point
	switch {
	case x.refused:
	case !x.said.position || !x.said.lat && !x.said.lon:
		x.note("no_position", x.pointAt, "")
	case !x.said.lat:
		x.note("missing_position", x.pointAt, "没有 LatitudeDegrees")
	case !x.said.lon:
		x.note("missing_position", x.pointAt, "没有 LongitudeDegrees")
	case !x.admit(p.Lat, p.Lon, x.pointAt):
	case is == tcxCoursePoint:
		x.t.Waypoints = append(x.t.Waypoints, p)
	default:
		x.keep(p.Point, x.pointAt)
	}
	x.mark = -1
}
