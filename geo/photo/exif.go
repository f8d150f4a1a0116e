package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"unicode"
)

// errExif says that the EXIF block is not what the standard says; what was read before the fault stays.
var errExif = errors.New("broken EXIF")

// The tags read, by the IFD they stand in (CIPA DC-008, Exif 3.0).
const (
	tagWidth       = 0x0100 // IFD0, of TIFF
	tagHeight      = 0x0101
	tagMake        = 0x010f
	tagModel       = 0x0110
	tagOrientation = 0x0112
	tagExifIFD     = 0x8769
	tagGPSIFD      = 0x8825

	tagOriginal       = 0x9003 // Exif IFD
	tagDigitized      = 0x9004
	tagOffset         = 0x9010
	tagOffsetOriginal = 0x9011
	tagOffsetDigital  = 0x9012
	tagSubSecOriginal = 0x9291
	tagSubSecDigital  = 0x9292

	tagLatitudeRef  = 0x01 // GPS IFD
	tagLatitude     = 0x02
	tagLongitudeRef = 0x03
	tagLongitude    = 0x04
	tagAltitudeRef  = 0x05
	tagAltitude     = 0x06
	tagTimeStamp    = 0x07
	tagStatus       = 0x09
	tagDOP          = 0x0b
	tagDirectionRef = 0x10
	tagDirection    = 0x11
	tagDatum        = 0x12
	tagDateStamp    = 0x1d
	tagAccuracy     = 0x1f
)

// Bounds of what is read of an IFD: cameras write some dozens of entries, and none of those wanted is longer.
const (
	maxEntries    = 1000
	maxValueBytes = 1024
)

// exif is the three directories of an EXIF block that are read; there is no chain to follow and no loop to run into.
type exif struct{ main, camera, gps ifd }

// ifd holds the values of a directory by tag.
type ifd map[uint16]value

// value is the bytes of one entry.
type value struct {
	kind  uint16
	count int
	order binary.ByteOrder
	bytes []byte
}

// sizes are the bytes of one value by the type's number; 0 for none.
var sizes = [...]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

const (
	kindText      = 2
	kindShort     = 3
	kindLong      = 4
	kindRational  = 5
	kindUndefined = 7
	kindSigned    = 10
	kindPointer   = 13
)

// readExif reads a TIFF structure. With errExif it returns what could be read.
func readExif(b []byte) (exif, error) {
	var e exif
	if len(b) < 8 {
		return e, errExif
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return e, errExif
	}
	var errs [3]error
	e.main, errs[0] = readIFD(b, order, order.Uint32(b[4:]))
	if at, ok := e.main[tagExifIFD].whole(); ok {
		e.camera, errs[1] = readIFD(b, order, at)
	}
	if at, ok := e.main[tagGPSIFD].whole(); ok {
		e.gps, errs[2] = readIFD(b, order, at)
	}
	return e, errors.Join(errs[:]...)
}

// readIFD reads the entries of a directory. An entry whose bytes lie outside the block or that is too long to be any of
// those wanted is left out; only the former is a fault.
func readIFD(b []byte, order binary.ByteOrder, at uint32) (ifd, error) {
	if int64(at)+2 > int64(len(b)) {
		return nil, errExif
	}
	n, entries := int(order.Uint16(b[at:])), b[at+2:]
	if n > maxEntries {
		return nil, errExif
	}
	var err error
	found := make(ifd, n)
	for i := range n {
		if len(entries) < 12*(i+1) {
			return found, errExif
		}
		entry := entries[12*i : 12*(i+1)]
		tag, v := order.Uint16(entry), value{kind: order.Uint16(entry[2:]), order: order}
		count := order.Uint32(entry[4:])
		if int(v.kind) >= len(sizes) || sizes[v.kind] == 0 || count == 0 || count > maxValueBytes {
			continue
		}
		v.count = int(count)
		size := v.count * sizes[v.kind]
		switch from := int64(order.Uint32(entry[8:])); {
		case size <= 4:
			v.bytes = entry[8 : 8+size]
		case size > maxValueBytes:
			continue
		case from+int64(size) > int64(len(b)):
			if wanted(tag) {
				err = errExif
			}
			continue
		default:
			v.bytes = b[from : from+int64(size)]
		}
		if _, twice := found[tag]; !twice {
			found[tag] = v
		}
	}
	return found, err
}

// wanted reports whether a tag is one of those read, in whichever directory.
func wanted(tag uint16) bool {
	switch tag {
	case tagMake, tagModel, tagOriginal, tagDigitized, tagLatitude, tagLongitude, tagAltitude, tagTimeStamp, tagDOP,
		tagDirection, tagDateStamp, tagAccuracy:
		return true
	}
	return false
}

// text is a string without what ends or surrounds it, nor characters that would turn or break a line; "" where there is
// none or it is no text.
func (v value) text() string {
	if v.kind != kindText && v.kind != kindUndefined && v.kind != 1 {
		return ""
	}
	b, _, _ := bytes.Cut(v.bytes, []byte{0})
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(b), "�")))
}

// letter is the first character of a text as a capital; 0 where there is none.
func (v value) letter() byte {
	if s := strings.ToUpper(v.text()); s != "" {
		return s[0]
	}
	return 0
}

// whole is an unsigned number.
func (v value) whole() (uint32, bool) {
	switch {
	case len(v.bytes) == 0:
		return 0, false
	case v.kind == kindShort:
		return uint32(v.order.Uint16(v.bytes)), true
	case v.kind == kindLong, v.kind == kindPointer:
		return v.order.Uint32(v.bytes), true
	case sizes[v.kind] == 1:
		return uint32(v.bytes[0]), true
	}
	return 0, false
}

// rational is the i-th of a list of rationals; NaN where it is absent, divided by zero, or not a rational.
func (v value) rational(i int) float64 {
	if i >= v.count || v.kind != kindRational && v.kind != kindSigned {
		return math.NaN()
	}
	over, under := v.order.Uint32(v.bytes[8*i:]), v.order.Uint32(v.bytes[8*i+4:])
	if under == 0 {
		return math.NaN()
	}
	if v.kind == kindSigned {
		return float64(int32(over)) / float64(int32(under))
	}
	return float64(over) / float64(under)
}

// there reports whether the entry exists, whatever it says.
func (v value) there() bool { return v.count > 0 }
