package track

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"time"

	"github.com/muktihari/fit/decoder"
)

// fitReader reads FIT, the binary format of Garmin and others: one file, or several one after the other.
type fitReader struct {
	*recording
	definitions [16]fitDefinition
	files       int    // that ended with their checksum
	offset      int    // of the present piece
	sum         uint16 // of the present file so far
	seconds     uint32 // since fitEpoch, of the last message that said them
}

// The messages and their fields by the numbers of the FIT profile.
const (
	fitFileID      = 0
	fitRecord      = 20
	fitLocation    = 29
	fitCoursePoint = 32

	fitCourse = 6 // the type of a file that is planned
)

// fitField is what a field means to us.
type fitField uint8

const (
	fitNothing fitField = iota
	fitTime
	fitLat
	fitLon
	fitAltitude
	fitEnhancedAltitude
	fitAccuracy
	fitName
	fitType
	fitProductName
	fitFields
)

// fitProfile are the fields that we read: of each message by number, with the size that they must have, 0 for texts.
var fitProfile = map[uint16]map[byte]struct {
	is   fitField
	size int
}{
	fitRecord: {
		253: {fitTime, 4}, 0: {fitLat, 4}, 1: {fitLon, 4}, 2: {fitAltitude, 2}, 78: {fitEnhancedAltitude, 4}, 31: {fitAccuracy, 1},
	},
	fitLocation:    {253: {fitTime, 4}, 0: {fitName, 0}, 1: {fitLat, 4}, 2: {fitLon, 4}, 4: {fitAltitude, 2}},
	fitCoursePoint: {1: {fitTime, 4}, 2: {fitLat, 4}, 3: {fitLon, 4}, 6: {fitName, 0}},
	fitFileID:      {0: {fitType, 1}, 8: {fitProductName, 0}},
}

// fitDefinition is how the messages of one local number are laid out.
type fitDefinition struct {
	message uint16
	order   binary.ByteOrder
	at      [fitFields]int // offset in the message; 0 where there is none
	size    [fitFields]int
	time    int // offset of a timestamp, whatever the message
}

// nowhere is the place of everything in a format without lines.
type nowhere struct{}

func (nowhere) place(int) (line, column int) { return 0, 0 }

// readFIT reads FIT as it streams by.
func (t *Track) readFIT(in *bufio.Reader, size int64, found *notes) {
	t.Format = "fit"
	r := fitReader{recording: &recording{t: t, found: found, places: nowhere{}, size: size}}
	err := r.decode(finished(in))
	switch {
	case err == nil, errors.Is(err, errEnough):
	case r.files > 0 && errors.Is(err, decoder.ErrNotFITFile):
		r.note("trailing_data", r.offset, "")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		r.note("cut", r.offset, "")
	default:
		r.note("malformed_fit", r.offset, "")
	}
	r.conclude()
}

// errEnough ends the reading where there are more points than may be.
var errEnough = errors.New("more than MaxPoints")

// decode goes from message to message. A panic of the library would be a fault of the file to us.
func (r *fitReader) decode(in io.Reader) (err error) {
	defer func() {
		if recover() != nil {
			err = decoder.ErrMesgDefMissing
		}
	}()
	_, err = decoder.NewRaw().Decode(in, func(flag decoder.RawFlag, b []byte) error {
		more := true
		switch flag {
		case decoder.RawFlagFileHeader:
			r.definitions, r.sum, r.seconds = [16]fitDefinition{}, 0, 0
		case decoder.RawFlagMesgDef:
			r.define(b)
		case decoder.RawFlagMesgData:
			more = r.message(b)
		case decoder.RawFlagCRC:
			r.endFile(binary.LittleEndian.Uint16(b))
		}
		r.offset += len(b)
		if flag != decoder.RawFlagCRC {
			r.sum = fitChecksum(r.sum, b)
		}
		if !more {
			return errEnough
		}
		return nil
	})
	return err
}

// finished is the file as it would be had its receiver ended it: one whose battery died says that it has no data yet.
func finished(in *bufio.Reader) io.Reader {
	const sizeAt, least = 4, 14
	head, _ := in.Peek(least + 3)
	if len(head) < least+3 || binary.LittleEndian.Uint32(head[sizeAt:]) != 0 {
		return in
	}
	head = bytes.Clone(head[:least])
	binary.LittleEndian.PutUint32(head[sizeAt:], math.MaxUint32)
	_, _ = in.Discard(least)
	return io.MultiReader(bytes.NewReader(head), in)
}

// define keeps the layout of the messages that follow.
func (r *fitReader) define(b []byte) {
	d := fitDefinition{order: binary.LittleEndian}
	if b[2] == 1 {
		d.order = binary.BigEndian
	}
	d.message = d.order.Uint16(b[3:])
	profile := fitProfile[d.message]
	at := 1 // the header of the message
	for fields := b[6:]; len(fields) >= 3 && (len(b)-len(fields)-6)/3 < int(b[5]); fields = fields[3:] {
		number, size := fields[0], int(fields[1])
		if f, ok := profile[number]; ok && (f.size == size || f.size == 0) {
			d.at[f.is], d.size[f.is] = at, size
		}
		if number == 253 && size == 4 {
			d.time = at
		}
		at += size
	}
	r.definitions[b[0]&0x0f] = d
}

// message reads one and reports whether there may be more points.
func (r *fitReader) message(b []byte) bool {
	local := b[0] & 0x0f
	compressed := b[0]&0x80 != 0
	if compressed {
		local = b[0] >> 5 & 0x03
	}
	d := &r.definitions[local]
	switch {
	case d.order == nil:
		return true
	case compressed: // the last five bits of the seconds, later than before
		r.seconds += (uint32(b[0]) - r.seconds) & 0x1f
	case d.time > 0:
		if s := d.order.Uint32(b[d.time:]); s != math.MaxUint32 {
			r.seconds = s
		}
	}
	switch d.message {
	case fitRecord:
		return r.record(d, b, compressed)
	case fitLocation, fitCoursePoint:
		return r.waypoint(d, b)
	case fitFileID:
		r.fileID(d, b)
	}
	return true
}

// record keeps a message of the track as a point, where it has a position.
func (r *fitReader) record(d *fitDefinition, b []byte, compressed bool) bool {
	lat, hasLat := d.semicircles(b, fitLat)
	lon, hasLon := d.semicircles(b, fitLon)
	if !hasLat && !hasLon {
		r.note("no_position", r.offset, "")
		return true
	}
	if !r.begin(r.offset) {
		return false
	}
	if !hasLat || !hasLon {
		r.note("missing_position", r.offset, "只有一个")
		return true
	}
	if !r.admit(lat, lon, r.offset) {
		return true
	}
	p := Point{Lon: lon, Lat: lat, ElevationM: d.altitude(b), Quality: unsaid}
	if at := d.at[fitAccuracy]; at > 0 && b[at] != 0xff {
		p.AccuracyM = float32(b[at])
	}
	switch {
	case compressed:
		p.Time = fitInstant(r.seconds)
	case d.at[fitTime] > 0:
		p.Time = fitInstant(d.order.Uint32(b[d.at[fitTime]:]))
	}
	r.keep(p, r.offset)
	return true
}

// waypoint keeps a saved location or a point of a course.
func (r *fitReader) waypoint(d *fitDefinition, b []byte) bool {
	lat, hasLat := d.semicircles(b, fitLat)
	lon, hasLon := d.semicircles(b, fitLon)
	if !hasLat || !hasLon {
		return true
	}
	if !r.begin(r.offset) {
		return false
	}
	if !r.admit(lat, lon, r.offset) {
		return true
	}
	w := Waypoint{Point: Point{Lon: lon, Lat: lat, ElevationM: d.altitude(b), Quality: unsaid}, Name: d.text(b, fitName)}
	if at := d.at[fitTime]; at > 0 {
		w.Time = fitInstant(d.order.Uint32(b[at:]))
	}
	r.t.Waypoints = append(r.t.Waypoints, w)
	return true
}

func (r *fitReader) fileID(d *fitDefinition, b []byte) {
	if r.t.Creator == "" {
		r.t.Creator = d.text(b, fitProductName)
	}
	if at := d.at[fitType]; at > 0 && b[at] == fitCourse {
		r.note("course_planned", r.offset, "")
	}
}

// endFile ends a segment with its file and compares the checksum.
func (r *fitReader) endFile(sum uint16) {
	if sum != r.sum {
		r.note("bad_crc", r.offset, "")
	}
	r.files++
	r.closeSegment()
}

// semicircles reads degrees: 2³¹ units are half a circle, and the largest is none at all.
func (d *fitDefinition) semicircles(b []byte, f fitField) (degrees float64, ok bool) {
	at := d.at[f]
	if at == 0 {
		return 0, false
	}
	v := int32(d.order.Uint32(b[at:]))
	return float64(v) * 180 / (1 << 31), v != math.MaxInt32
}

// altitude is in fifths of a metre above −500 m; the enhanced one goes before the other, which ends at 12,606 m.
func (d *fitDefinition) altitude(b []byte) float64 {
	if at := d.at[fitEnhancedAltitude]; at > 0 {
		if v := d.order.Uint32(b[at:]); v != math.MaxUint32 {
			return float64(v)/5 - 500
		}
	}
	if at := d.at[fitAltitude]; at > 0 {
		if v := d.order.Uint16(b[at:]); v != math.MaxUint16 {
			return float64(v)/5 - 500
		}
	}
	return absent
}

// text is a string up to its null byte.
func (d *fitDefinition) text(b []byte, f fitField) string {
	at := d.at[f]
	if at == 0 {
		return ""
	}
	text, _, _ := bytes.Cut(b[at:at+d.size[f]], []byte{0})
	return string(text)
}

// fitEpoch is where FIT counts its seconds from.
var fitEpoch = time.Date(1989, 12, 31, 0, 0, 0, 0, time.UTC).Unix()

// fitInstant is the zero time for a missing one, and for less than 2²⁸ seconds, which count from when a device was
// switched on.
func fitInstant(seconds uint32) time.Time {
	if seconds == math.MaxUint32 || seconds < 1<<28 {
		return time.Time{}
	}
	return time.Unix(fitEpoch+int64(seconds), 0).UTC()
}

// fitSums are the checksums of four bits, as the FIT SDK has them.
var fitSums = [16]uint16{
	0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400,
}

func fitChecksum(sum uint16, b []byte) uint16 {
	for _, c := range b {
		sum = sum>>4 ^ fitSums[sum&15] ^ fitSums[c&15]
		sum = sum>>4 ^ fitSums[sum&15] ^ fitSums[c>>4]
	}
	return sum
}
