package photo_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"
)

// field is an entry of an EXIF directory as a test writes it.
type field struct {
	tag, kind uint16
	count     int
	bytes     []byte
}

func text(tag uint16, s string) field { return field{tag, 2, len(s) + 1, append([]byte(s), 0)} }

func short(tag, v uint16) field {
	return field{tag, 3, 1, binary.LittleEndian.AppendUint16(nil, v)}
}
func octet(tag uint16, v byte) field { return field{tag, 1, 1, []byte{v}} }

// rationals takes numerators and denominators in turn.
func rationals(tag uint16, parts ...uint32) field {
	f := field{tag: tag, kind: 5, count: len(parts) / 2}
	for _, p := range parts {
		f.bytes = binary.LittleEndian.AppendUint32(f.bytes, p)
	}
	return f
}

// exifBlock writes a TIFF structure with the three directories, little-endian.
func exifBlock(main, camera, gps []field) []byte {
	pointer := func(tag uint16) field { return field{tag, 4, 1, make([]byte, 4)} }
	if camera != nil {
		main = append(main, pointer(0x8769))
	}
	if gps != nil {
		main = append(main, pointer(0x8825))
	}
	b := []byte("II*\x00\x08\x00\x00\x00")
	at := map[uint16]int{} // where the pointers stand
	directory := func(fields []field) {
		slices.SortFunc(fields, func(a, b field) int { return int(a.tag) - int(b.tag) })
		b = binary.LittleEndian.AppendUint16(b, uint16(len(fields)))
		behind := len(b) + 12*len(fields) + 4
		var data []byte
		for _, f := range fields {
			b = binary.LittleEndian.AppendUint16(b, f.tag)
			b = binary.LittleEndian.AppendUint16(b, f.kind)
			b = binary.LittleEndian.AppendUint32(b, uint32(f.count))
			at[f.tag] = len(b)
			if len(f.bytes) <= 4 {
				b = append(b, append(slices.Clone(f.bytes), 0, 0, 0, 0)[:4]...)
				continue
			}
			b = binary.LittleEndian.AppendUint32(b, uint32(behind+len(data)))
			data = append(data, f.bytes...)
		}
		b = append(append(b, 0, 0, 0, 0), data...)
	}
	directory(main)
	for tag, fields := range map[uint16][]field{0x8769: camera, 0x8825: gps} {
		if fields != nil {
			binary.LittleEndian.PutUint32(b[at[tag]:], uint32(len(b)))
			directory(fields)
		}
	}
	return b
}

// jpegWith puts an EXIF block into a small picture.
func jpegWith(t testing.TB, exif []byte, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return withSegment(b.Bytes(), 0xe1, append([]byte("Exif\x00\x00"), exif...))
}

// withSegment puts a segment behind the beginning of a JPEG.
func withSegment(file []byte, marker byte, body []byte) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2))
	return slices.Concat(file[:2], segment, body, file[2:])
}

// pngWith puts an EXIF block into a small picture.
func pngWith(t testing.TB, exif []byte, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 25
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(exif))), "eXIf"...)
	chunk = append(chunk, exif...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(chunk[4:]))
	return slices.Concat(b.Bytes()[:header], chunk, b.Bytes()[header:])
}

// heicWith makes the boxes of a HEIF file without its pixels.
func heicWith(exif []byte, width, height uint32) []byte {
	box := func(kind string, parts ...[]byte) []byte {
		body := slices.Concat(parts...)
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), kind...), body...)
	}
	u16 := func(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
	u32 := func(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
	make := func(at uint32) []byte {
		item := append(u32(6), append([]byte("Exif\x00\x00"), exif...)...)
		return slices.Concat(
			box("ftyp", []byte("heic"), u32(0), []byte("mif1")),
			box("meta", u32(0),
				box("iinf", u32(0), u16(2),
					box("infe", u32(2<<24), u16(1), u16(0), []byte("hvc1\x00")),
					box("infe", u32(2<<24), u16(2), u16(0), []byte("Exif\x00"))),
				box("iprp", box("ipco", box("ispe", u32(0), u32(512), u32(512)), box("ispe", u32(0), u32(width), u32(height)))),
				box("iloc", u32(0), u16(0x4400), u16(2),
					u16(1), u16(0), u16(2), u32(1), u32(1), u32(2), u32(1),
					u16(2), u16(0), u16(1), u32(at), u32(uint32(len(item))))),
			box("mdat", item))
	}
	item := len(exif) + 10
	return make(uint32(len(make(0)) - item))
}

// halves is a picture whose left upper quarter is red and whose rest is blue.
func halves(w, h int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, color.RGBA{0, 0, 255, 255})
			if x < w/2 && y < h/2 {
				m.SetRGBA(x, y, color.RGBA{255, 0, 0, 255})
			}
		}
	}
	return m
}
