package photo_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"fangyu/geo/photo"
	"fangyu/internal/fault"
)

// frameHeader is the segment of a JPEG that says its size.
func frameHeader(marker byte, w, h uint16) []byte {
	b := []byte{0xff, marker, 0, 17, 8}
	b = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, h), w)
	return append(b, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
}

// What the decoders believe is what must be judged: they go by the first size a file says, and take no length behind the
// markers that have none.
func TestASecondSizeHidesNothing(t *testing.T) {
	small, large := frameHeader(0xc0, 8, 8), frameHeader(0xc0, 60_000, 60_000)
	start, scan := []byte{0xff, 0xd8}, []byte{0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0, 0xff, 0xd9}
	fill := make([]byte, 0xffc0-len(large)) // behind a marker without length, ff c0 of the frame reads as a length
	fill = append([]byte{0xff, 0xfe, byte((len(fill) - 2) >> 8), byte(len(fill) - 2)}, fill[4:]...)
	header := hugePNG(60_000, 60_000)
	chunk := append([]byte("IHDR"), 0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0)
	second := binary.BigEndian.AppendUint32(append([]byte{0, 0, 0, 13}, chunk...), crc32.ChecksumIEEE(chunk))
	for name, file := range map[string][]byte{
		"two frames":            slices.Concat(start, large, small, scan),
		"behind a restart":      slices.Concat(start, []byte{0xff, 0xd0}, large, fill, small, scan),
		"behind a stuffed byte": slices.Concat(start, []byte{0xff, 0x00}, large, fill, small, scan),
		"two headers":           slices.Concat(header[:33], second, header[33:]),
	} {
		if p := photo.Read("", file); p.TooLarge() == nil {
			t.Errorf("%s: %d × %d, %s", name, p.WidthPx, p.HeightPx, codes(p))
		}
	}
}

// A picture of one row may be as long as the limit of pixels lets it.
func TestARowOfPixelsHasCopies(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1_000_000, 1))); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	public, thumbnail, err := photo.Copies(photo.Read("", b.Bytes()), b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if p, s := photo.Read("", public), photo.Read("", thumbnail); p.WidthPx != photo.PublicPx || p.HeightPx != 1 || s.WidthPx != photo.ThumbnailPx {
		t.Errorf("%d × %d and %d × %d", p.WidthPx, p.HeightPx, s.WidthPx, s.HeightPx)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}

// Each scan of a progressive picture goes over all of it, however few bytes it has: a small file of many takes hours.
func TestAPictureOfManyScansHasNoCopies(t *testing.T) {
	file := slices.Concat([]byte{0xff, 0xd8}, frameHeader(0xc2, 4000, 3000),
		bytes.Repeat([]byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0, 0x55}, 5000), []byte{0xff, 0xd9})
	if _, _, err := photo.Copies(photo.Read("", file), file); !fault.Is(err, "photo-no-copy") {
		t.Errorf("%v", err)
	}
}

// What a file says of its camera cannot turn a line of text around or break it.
func TestWhatAFileSaysIsOneLineOfText(t *testing.T) {
	p := photo.Read("", jpegWith(t, exifBlock([]field{text(0x110, "X100\u202e\r\n\x1b[2J gpj")}, nil, near29()), halves(8, 8)))
	if strings.ContainsAny(p.Camera, "\u202e\r\n\x1b") || !strings.HasPrefix(p.Camera, "X100") {
		t.Errorf("%q", p.Camera)
	}
}
