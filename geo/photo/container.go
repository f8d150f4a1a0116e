package photo

import (
	"bytes"
	"encoding/binary"
)

// picture is what a file says of its picture before anything is decoded.
type picture struct {
	format        string
	width, height int
	channels      int
	bytesEach     int  // of one channel of one pixel
	passes        bool // progressive or interlaced: decoding holds it more than once
	scans         int  // of a JPEG, each of which may go over all of it
	exif          []byte
	cut           bool // the file ends too early
}

// The formats that are read.
const (
	JPEG = "jpeg"
	PNG  = "png"
	TIFF = "tiff"
	HEIC = "heic"
)

// The formats that are pictures too and are not read.
const (
	WebP = "webp"
	AVIF = "avif"
)

// FormatOf tells by its first bytes, twelve of them, which format of picture a file is, whatever it is called; "" for what
// is no picture. It is the one judge of that.
func FormatOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return JPEG
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	case bytes.HasPrefix(head, []byte("II*\x00")), bytes.HasPrefix(head, []byte("MM\x00*")):
		return TIFF
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return brands[string(head[8:12])]
	case len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return WebP
	}
	return ""
}

// brands are the formats by the major brand of a HEIF file (ISO/IEC 23008-12; AV1 Image File Format).
var brands = map[string]string{
	"heic": HEIC, "heix": HEIC, "heim": HEIC, "heis": HEIC, "mif1": HEIC, "msf1": HEIC, "hevc": HEIC, "avif": AVIF, "avis": AVIF,
}

// maxParts is how many segments, chunks or boxes of a file are looked at: many times what cameras write, and few enough
// that a file of nothing but headers takes no time.
const maxParts = 20_000

// look reads the headers of a file. format is "" for what is no picture, or a picture that is not read.
func look(b []byte) picture {
	switch FormatOf(b) {
	case JPEG:
		return lookJPEG(b)
	case PNG:
		return lookPNG(b)
	case TIFF:
		return lookTIFF(b)
	case HEIC:
		return lookHEIC(b)
	}
	return picture{}
}

var exifHeader = []byte("Exif\x00\x00")

// sized takes a size that the file says. One that says several is judged by the largest, whichever a decoder believes.
func (p *picture) sized(width, height int) {
	if width*height >= p.width*p.height {
		p.width, p.height = width, height
	}
}

// lookJPEG reads the segments before the first scan. It takes what has no length, and bytes that stand for themselves, as
// the decoder of the standard library does.
func lookJPEG(b []byte) picture {
	p := picture{format: JPEG, bytesEach: 1, cut: true}
	rest := b[2:]
	for range maxParts {
		for len(rest) > 1 && rest[0] == 0xff && rest[1] == 0xff {
			rest = rest[1:] // fill bytes
		}
		if len(rest) < 4 || rest[0] != 0xff {
			return p
		}
		if standsAlone(rest[1]) {
			rest = rest[2:]
			continue
		}
		marker, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda { // the scan begins; in one, this pair of bytes is its end and nothing else
			p.cut, p.scans = !bytes.Contains(rest, []byte{0xff, 0xd9}), countScans(rest)
			return p
		}
		if size < 2 || len(rest) < 2+size {
			return p
		}
		segment := rest[4 : 2+size]
		switch {
		case marker == 0xe1 && p.exif == nil && bytes.HasPrefix(segment, exifHeader[:4]) && len(segment) >= len(exifHeader):
			p.exif = segment[len(exifHeader):]
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc && len(segment) >= 6:
			p.sized(int(binary.BigEndian.Uint16(segment[3:])), int(binary.BigEndian.Uint16(segment[1:])))
			p.channels, p.passes = max(p.channels, int(segment[5])), p.passes || marker == 0xc2
		}
		rest = rest[2+size:]
	}
	return p
}

// standsAlone reports whether no length follows a marker: a restart, or a byte of data that looks like one.
func standsAlone(marker byte) bool { return marker == 0 || marker >= 0xd0 && marker <= 0xd7 }

// countScans counts the scans of a JPEG from the first one on, to the end of the picture.
func countScans(b []byte) (n int) {
	for len(b) >= 4 {
		at := bytes.IndexByte(b, 0xff)
		if at < 0 || at+4 > len(b) || b[at+1] == 0xd9 {
			return n
		}
		b = b[at:]
		switch marker, size := b[1], 2+int(binary.BigEndian.Uint16(b[2:])); {
		case marker == 0xff:
			b = b[1:]
		case standsAlone(marker):
			b = b[2:]
		case size < 4 || size > len(b):
			return n
		default:
			if marker == 0xda {
				n++
			}
			b = b[size:]
		}
	}
	return n
}

// pngChannels are the channels by the colour type of a header.
var pngChannels = map[byte]int{0: 1, 2: 3, 3: 1, 4: 4, 6: 4}

// lookPNG reads the chunks.
func lookPNG(b []byte) picture {
	p := picture{format: PNG, cut: true}
	rest := b[8:]
	for range maxParts {
		if len(rest) < 12 {
			return p
		}
		size, kind := int64(binary.BigEndian.Uint32(rest)), string(rest[4:8])
		if size > int64(len(rest)-12) {
			return p
		}
		chunk := rest[8 : 8+size]
		switch {
		case kind == "IHDR" && size >= 13:
			p.sized(clampedInt(binary.BigEndian.Uint32(chunk)), clampedInt(binary.BigEndian.Uint32(chunk[4:])))
			p.bytesEach, p.channels = max(p.bytesEach, int(chunk[8]+7)/8), max(p.channels, pngChannels[chunk[9]])
			p.passes = p.passes || chunk[12] != 0
		case kind == "eXIf" && p.exif == nil:
			p.exif = bytes.TrimPrefix(chunk, exifHeader)
		case kind == "IEND":
			p.cut = false
			return p
		}
		rest = rest[12+size:]
	}
	return p
}

// lookTIFF reads the first directory, which is the EXIF block too.
func lookTIFF(b []byte) picture {
	p := picture{format: TIFF, exif: b}
	e, err := readExif(b)
	width, _ := e.main[tagWidth].whole()
	height, _ := e.main[tagHeight].whole()
	p.width, p.height, p.cut = clampedInt(width), clampedInt(height), err != nil
	return p
}

// clampedInt keeps a width from becoming negative or its product from running over.
func clampedInt(n uint32) int { return int(min(n, 1<<30)) }
