package track_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/muktihari/fit/decoder"
	"github.com/muktihari/fit/kit/hash/crc16"
	"github.com/muktihari/fit/profile/filedef"

	"fangyu/geo/track"
	"fangyu/internal/shareddata"
)

// fitFile is a FIT file of the messages, with header and checksum; the sum is the library's.
func fitFile(messages ...[]byte) []byte {
	data := bytes.Join(messages, nil)
	b := []byte{14, 0x20, 0x7b, 0x52, 0, 0, 0, 0, '.', 'F', 'I', 'T', 0, 0}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(data)))
	b = append(b, data...)
	sum := crc16.New()
	_, _ = sum.Write(b)
	return binary.LittleEndian.AppendUint16(b, sum.Sum16())
}

// The layout of the records below: timestamp, latitude, longitude, altitude, enhanced altitude, accuracy.
var fitLayout = []byte{
	0x40, 0, 0, 20, 0, 6,
	253, 4, 0x86, 0, 4, 0x85, 1, 4, 0x85, 2, 2, 0x84, 78, 4, 0x86, 31, 1, 0x02,
}

const (
	fitLat8   = 353141755  // 29.6 × 2³¹ / 180
	fitLon8   = 1270594492 // 106.5 × 2³¹ / 180
	fitNone   = math.MaxInt32
	fitAt8    = 1772352000 - 631065600 // 2026-03-01T08:00:00Z since 1989-12-31
	fitNoTime = math.MaxUint32
)

func fitPoint(at uint32, lat, lon int32, altitude uint16, enhanced uint32, accuracy byte) []byte {
	b := []byte{0}
	b = binary.LittleEndian.AppendUint32(b, at)
	b = binary.LittleEndian.AppendUint32(b, uint32(lat))
	b = binary.LittleEndian.AppendUint32(b, uint32(lon))
	b = binary.LittleEndian.AppendUint16(b, altitude)
	b = binary.LittleEndian.AppendUint32(b, enhanced)
	return append(b, accuracy)
}

func TestFIT(t *testing.T) {
	good := fitPoint(fitAt8, fitLat8, fitLon8, 4000, math.MaxUint32, 3)
	later := fitPoint(fitAt8+10, fitLat8, fitLon8, math.MaxUint16, (500+8848)*5, 0xff)
	damaged := fitFile(fitLayout, good, later)
	damaged[len(damaged)-1] ^= 1
	unfinished := fitFile(fitLayout, good, later)
	unfinished = unfinished[:len(unfinished)-2]
	copy(unfinished[4:], make([]byte, 4))
	layoutBE := bytes.Clone(fitLayout)
	layoutBE[2], layoutBE[3], layoutBE[4] = 1, 0, 20
	goodBE := []byte{0}
	for _, v := range []uint32{fitAt8, fitLat8, fitLon8} {
		goodBE = binary.BigEndian.AppendUint32(goodBE, v)
	}
	goodBE = append(goodBE, 0x0f, 0xa0, 0xff, 0xff, 0xff, 0xff, 3)
	short := []byte{0x41, 0, 0, 20, 0, 2, 0, 4, 0x85, 1, 4, 0x85} // without a timestamp
	// The header of a message of layout 1 that is five bits of the seconds: those of fitAt8 + 10.
	compressed := append([]byte{0x80 | 1<<5 | byte((fitAt8+10)&0x1f)}, good[5:13]...)
	for name, want := range map[string]struct {
		file             []byte
		state            track.State
		segments, points int
		seconds          int // from the first to the last
		codes            string
	}{
		"two records":          {fitFile(fitLayout, good, later), track.OK, 1, 2, 10, ""},
		"big-endian":           {fitFile(layoutBE, goodBE), track.OK, 1, 1, 0, ""},
		"compressed times":     {fitFile(fitLayout, good, short, compressed), track.OK, 1, 2, 10, ""},
		"two files":            {append(fitFile(fitLayout, good), fitFile(fitLayout, later)...), track.OK, 2, 2, 10, ""},
		"a wrong checksum":     {damaged, track.PartlyRead, 1, 2, 10, "bad_crc"},
		"not finished":         {unfinished, track.PartlyRead, 1, 2, 10, "cut"},
		"something after it":   {append(fitFile(fitLayout, good, later), "and so on, for a while"...), track.PartlyRead, 1, 2, 10, "trailing_data"},
		"without a layout":     {fitFile(fitLayout, good, later, []byte{3, 0, 0}), track.PartlyRead, 1, 2, 10, "malformed_fit"},
		"no position":          {fitFile(fitLayout, good, fitPoint(fitAt8+5, fitNone, fitNone, 0, 0, 0), later), track.OKWithNotes, 1, 2, 10, "no_position"},
		"half a position":      {fitFile(fitLayout, good, fitPoint(fitAt8+5, fitNone, fitLon8, 0, 0, 0), later), track.PartlyRead, 1, 2, 10, "missing_position"},
		"0, 0":                 {fitFile(fitLayout, good, fitPoint(fitAt8+5, 0, 0, 0, 0, 0), later), track.OKWithNotes, 1, 2, 10, "zero_position"},
		"a time without clock": {fitFile(fitLayout, good, fitPoint(10, fitLat8, fitLon8, 0, 0, 0), later), track.OKWithNotes, 1, 3, 10, "time_missing"},
		"no time":              {fitFile(fitLayout, good, fitPoint(fitNoTime, fitLat8, fitLon8, 0, 0, 0), later), track.OKWithNotes, 1, 3, 10, "time_missing"},
	} {
		tr := read(t, "a.fit", string(want.file))
		if tr.Format != "fit" || tr.State != want.state || len(tr.Segments) != want.segments || tr.NumPoints() != want.points || noteCodes(tr) != want.codes {
			t.Errorf("%s: %s %s, %d segments, %d points, %q", name, tr.Format, tr.State, len(tr.Segments), tr.NumPoints(), noteCodes(tr))
			continue
		}
		first, last, _ := tr.Ends()
		at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
		if math.Abs(first.Lat-29.6) > 1e-7 || math.Abs(first.Lon-106.5) > 1e-7 || !first.Time.Equal(at) || !last.Time.Equal(at.Add(time.Duration(want.seconds)*time.Second)) {
			t.Errorf("%s: %+v to %+v", name, first, last)
		}
		if first.ElevationM != 300 || first.AccuracyM != 3 || name == "two records" && (last.ElevationM != 8848 || !math.IsNaN(float64(last.AccuracyM))) {
			t.Errorf("%s: %+v to %+v", name, first, last)
		}
	}
}

func TestFITIsKeptUpToACut(t *testing.T) {
	good := fitPoint(fitAt8, fitLat8, fitLon8, 4000, math.MaxUint32, 3)
	whole := fitFile(fitLayout, good, good, good)
	for cut := 14; cut < len(whole); cut++ {
		tr := read(t, "a.fit", string(whole[:cut]))
		points := min(3, max(0, cut-14-len(fitLayout))/len(good))
		if tr.NumPoints() != points || tr.Find("cut") == nil || points > 0 && tr.State != track.PartlyRead {
			t.Fatalf("cut at %d: %s, %d points, want %d, %q", cut, tr.State, tr.NumPoints(), points, noteCodes(tr))
		}
	}
}

func TestFITOfACourseAndItsPoints(t *testing.T) {
	fileID := []byte{0x42, 0, 0, 0, 0, 2, 0, 1, 0, 8, 6, 7, 2, 6, 'F', 'e', 'n', 'i', 'x', 0}
	point := []byte{0x43, 0, 0, 32, 0, 3, 2, 4, 0x85, 3, 4, 0x85, 6, 5, 7, 3}
	point = binary.LittleEndian.AppendUint32(point, fitLat8)
	point = binary.LittleEndian.AppendUint32(point, fitLon8)
	tr := read(t, "a.fit", string(fitFile(fileID, append(point, "5051\x00"...), fitLayout, fitPoint(fitAt8, fitLat8, fitLon8, 0, 0, 0))))
	if tr.Creator != "Fenix" || len(tr.Waypoints) != 1 || tr.Waypoints[0].Name != "5051" || tr.NumPoints() != 1 || noteCodes(tr) != "course_planned" {
		t.Errorf("%+v", tr)
	}
}

// fitFuzz are the inputs that broke the library once.
func fitFuzz(t testing.TB) (found [][]byte) {
	paths, err := filepath.Glob(shareddata.Path(t, "tracks/bsd-3-clause/fit/fuzz") + "/*")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, quoted, _ := strings.Cut(strings.TrimSpace(string(b)), "[]byte(")
		text, err := strconv.Unquote(strings.TrimSuffix(quoted, ")"))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		found = append(found, b, []byte(text))
	}
	return found
}

func TestFilesThatBrokeTheLibraryAreRefused(t *testing.T) {
	for i, b := range fitFuzz(t) {
		var tr *track.Track
		used := allocated(func() { tr = read(t, "a.fit", string(b)) })
		if tr.State == track.OK || len(tr.Notes) == 0 || used > 4<<20 {
			t.Errorf("%d: %s, %q, %d bytes", i, tr.State, noteCodes(tr), used)
		}
		holdsWhatItMay(t, "a.fit", b)
	}
}

func FuzzFIT(f *testing.F) {
	for _, b := range fitFuzz(f) {
		f.Add(b)
	}
	good := fitPoint(fitAt8, fitLat8, fitLon8, 4000, math.MaxUint32, 3)
	f.Add(fitFile(fitLayout, good, good))
	f.Add(append(fitFile(fitLayout, good), fitFile(fitLayout, good)...))
	f.Fuzz(func(t *testing.T, b []byte) { holdsWhatItMay(t, "x.fit", b) })
}

// readFITSlowly is the library's own way: all messages of an activity.
func readFITSlowly(b []byte) (points []track.Point, err error) {
	listener := filedef.NewListener()
	defer listener.Close()
	if _, err = decoder.New(bytes.NewReader(b), decoder.WithMesgListener(listener), decoder.WithBroadcastOnly()).Decode(); err != nil {
		return nil, err
	}
	activity, ok := listener.File().(*filedef.Activity)
	if !ok {
		return nil, os.ErrInvalid
	}
	for _, r := range activity.Records {
		points = append(points, track.Point{Lat: r.PositionLatDegrees(), Lon: r.PositionLongDegrees(), Time: r.Timestamp, ElevationM: r.AltitudeScaled()})
	}
	return points, nil
}

func bigFIT(t testing.TB) []byte {
	b, err := os.ReadFile(shareddata.Path(t, "tracks/bsd-3-clause/fit/big_activity.fit"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFITAgreesWithTheLibrary(t *testing.T) {
	b := bigFIT(t)
	slow, err := readFITSlowly(b)
	if err != nil {
		t.Fatal(err)
	}
	tr := read(t, "a.fit", string(b))
	if tr.NumPoints() != len(slow) || tr.State != track.OK {
		t.Fatalf("%s, %d points, want %d", tr.State, tr.NumPoints(), len(slow))
	}
	i := 0
	for p := range tr.Points() {
		if q := slow[i]; math.Abs(p.Lat-q.Lat) > 1e-9 || math.Abs(p.Lon-q.Lon) > 1e-9 || !p.Time.Equal(q.Time) || p.ElevationM != q.ElevationM {
			t.Fatalf("point %d: %+v, want %+v", i, p, q)
		}
		i++
	}
}

func BenchmarkFIT(b *testing.B) {
	file := bigFIT(b)
	benchFormat(b, "a.fit", file, 99_998, map[string]func() int{"muktihari/fit": func() int {
		slow, _ := readFITSlowly(file)
		return len(slow)
	}})
}
