package track

import (
	"iter"
	"time"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// Point is one recorded position in degrees of WGS 84 (taken as CGCS2000).
type Point struct {
	Lon, Lat   float64
	ElevationM float64   // as recorded, usually above the ellipsoid; NaN where absent
	Time       time.Time // UTC; the zero time where absent
	Quality
	Line int // in the file, from 1
}

// LonLat returns the position as orb has it.
func (p Point) LonLat() orb.Point { return orb.Point{p.Lon, p.Lat} }

// Waypoint is a named position: a photo, a marker, a place where something was seen.
type Waypoint struct {
	Point
	Name        string
	Symbol      string
	Description string
}

// State says how the reading of a file went.
type State string

// The states, as the command line names them.
const (
	OK               State = "ok"
	OKWithNotes      State = "ok-with-notes"
	PartlyRead       State = "partly-read"       // what was read is right, something is missing
	Unreadable       State = "unreadable"        // nothing of it may be used
	RefusedDangerous State = "refused-dangerous" // put in quarantine, not read
	Empty            State = "empty"
)

// States lists every state once.
var States = []State{OK, OKWithNotes, PartlyRead, Unreadable, RefusedDangerous, Empty}

var stateWords = map[State]string{
	OK: "已读取", OKWithNotes: "已读取，有说明", PartlyRead: "读取了一部分", Unreadable: "无法读取", RefusedDangerous: "有安全风险，未读取", Empty: "空文件",
}

// Label is the state in Chinese.
func (s State) Label() string { return stateWords[s] }

// Note is a finding about a file, once per code: where it was found first and how often.
type Note struct {
	fault.Finding
	Line   int `json:"line,omitempty"`   // from 1
	Column int `json:"column,omitempty"` // in characters, from 1
	Point  int `json:"point,omitempty"`  // of all points of the file, refused ones too, from 1
	Count  int `json:"count,omitempty"`
}

// Track is what a file holds. Points in Segments, Routes and Waypoints all have a usable position; nothing is sorted.
type Track struct {
	Format    string // "gpx", or what the file was found to be: "html", "kml", "json", … ; "" for an empty file
	State     State
	Creator   string // the program that wrote it
	Name      string // of the first track that has one
	Segments  [][]Point
	Routes    [][]Point // planned ways, not walked ones: no evidence
	Waypoints []Waypoint
	Notes     []Note
}

// Points yields the points of all segments in order.
func (t *Track) Points() iter.Seq[Point] {
	return func(yield func(Point) bool) {
		for _, segment := range t.Segments {
			for _, p := range segment {
				if !yield(p) {
					return
				}
			}
		}
	}
}

// NumPoints returns the number of points of all segments.
func (t *Track) NumPoints() int {
	n := 0
	for _, segment := range t.Segments {
		n += len(segment)
	}
	return n
}

// Bound returns the box around all points of the segments; ok is false when there are none.
func (t *Track) Bound() (b orb.Bound, ok bool) {
	for p := range t.Points() {
		if !ok {
			b, ok = orb.Bound{Min: p.LonLat(), Max: p.LonLat()}, true
		}
		b = b.Extend(p.LonLat())
	}
	return b, ok
}

// Ends returns the first and the last point of the segments; ok is false when there are none.
func (t *Track) Ends() (first, last Point, ok bool) {
	for p := range t.Points() {
		if !ok {
			first, ok = p, true
		}
		last = p
	}
	return first, last, ok
}

// Find returns the note with the code, or nil.
func (t *Track) Find(code string) *Note {
	for i := range t.Notes {
		if t.Notes[i].Code == code {
			return &t.Notes[i]
		}
	}
	return nil
}

// texts are all that people wrote into the file.
func (t *Track) texts() []*string {
	all := []*string{&t.Creator, &t.Name}
	for i := range t.Waypoints {
		w := &t.Waypoints[i]
		all = append(all, &w.Name, &w.Symbol, &w.Description)
	}
	return all
}
