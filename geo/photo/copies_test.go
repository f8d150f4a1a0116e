package photo_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"runtime"
	"slices"
	"testing"

	"fangyu/geo/photo"
	"fangyu/internal/fault"
)

const canary = "CANARY-5052014A-29.56N-106.55E"

// marked is a photo of the size that says the canary in every block that programs write.
func marked(t *testing.T, w, h int, orientation uint16) []byte {
	t.Helper()
	exif := exifBlock([]field{text(0x10f, canary), text(0x110, canary), short(0x112, orientation)},
		[]field{{0x927c, 7, len(canary), []byte(canary)}}, near29(field{0x1b, 7, len(canary), []byte(canary)}))
	file := jpegWith(t, exif, halves(w, h))
	for marker, head := range map[byte]string{
		0xe1: "http://ns.adobe.com/xap/1.0/\x00", 0xe2: "ICC_PROFILE\x00\x01\x01", 0xed: "Photoshop 3.0\x00", 0xfe: "",
	} {
		file = withSegment(file, marker, []byte(head+canary))
	}
	return append(file, canary...)
}

// Only what a JPEG cannot do without is in a copy: no segment of a program, no comment.
func TestCopiesHoldNothingButPixels(t *testing.T) {
	var withText bytes.Buffer
	if err := png.Encode(&withText, halves(2000, 1000)); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"a.jpg": marked(t, 2000, 1000, 6),
		"a.png": append(pngWith(t, exifBlock([]field{text(0x110, canary), short(0x112, 6)}, nil, near29()), halves(2000, 1000)), canary...),
	} {
		p := photo.Read(name, file)
		if p.Position == nil || !bytes.Contains(file, []byte(canary)) {
			t.Fatalf("%s: the test plants nothing: %+v", name, p)
		}
		public, thumbnail, err := photo.Copies(p, file)
		if err != nil {
			t.Fatal(err)
		}
		for i, made := range [][]byte{public, thumbnail} {
			if bytes.Contains(made, []byte("CANARY")) || bytes.Contains(made, []byte("Exif")) || bytes.Contains(made, []byte("WGS-84")) {
				t.Errorf("%s: copy %d says what the original said of itself", name, i)
			}
			for _, marker := range markers(t, made) {
				if marker >= 0xe0 { // of programs, and comments
					t.Errorf("%s: copy %d has a segment %x", name, i, marker)
				}
			}
			m, err := jpeg.Decode(bytes.NewReader(made))
			if err != nil {
				t.Fatal(err)
			}
			if want := []image.Point{{800, 1600}, {160, 320}}[i]; m.Bounds().Size() != want {
				t.Errorf("%s: copy %d is %v, want %v", name, i, m.Bounds().Size(), want)
			}
		}
	}
}

// markers lists the segments of a JPEG before its scan.
func markers(t *testing.T, b []byte) (found []byte) {
	t.Helper()
	for i := 2; i+4 <= len(b) && b[i] == 0xff; i += 2 + int(b[i+2])<<8 + int(b[i+3]) {
		found = append(found, b[i+1])
		if b[i+1] == 0xda {
			return found
		}
	}
	t.Fatalf("no scan after %x", found)
	return nil
}

// Where the red quarter, left above as stored, is seen: the rule of Exif 3.0 for each orientation.
func TestCopiesStandUpright(t *testing.T) {
	seen := map[uint16][2]string{
		1: {"left", "above"},
		2: {"right", "above"},
		3: {"right", "below"},
		4: {"left", "below"},
		5: {"left", "above"},
		6: {"right", "above"},
		7: {"right", "below"},
		8: {"left", "below"},
	}
	for orientation, want := range seen {
		file := marked(t, 400, 200, orientation)
		public, thumbnail, err := photo.Copies(photo.Read("", file), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, made := range [][]byte{public, thumbnail} {
			m, err := jpeg.Decode(bytes.NewReader(made))
			if err != nil {
				t.Fatal(err)
			}
			w, h := m.Bounds().Dx(), m.Bounds().Dy()
			if (w > h) != (orientation < 5) {
				t.Errorf("orientation %d: %d×%d", orientation, w, h)
			}
			x, y := map[string]int{"left": w / 8, "right": w - w/8}[want[0]], map[string]int{"above": h / 8, "below": h - h/8}[want[1]]
			if !reddish(m.At(x, y)) || reddish(m.At(w-1-x, h-1-y)) || reddish(m.At(w-1-x, y)) || reddish(m.At(x, h-1-y)) {
				t.Errorf("orientation %d: the red quarter is not %v", orientation, want)
			}
		}
	}
}

func reddish(c color.Color) bool {
	r, _, b, _ := c.RGBA()
	return r > b
}

func TestCopiesAreNeverLargerThanTheOriginal(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {1, 5000}, {1601, 3}, {1599, 1599}, {320, 320}, {3333, 2221}} {
		m := image.NewNRGBA(image.Rect(0, 0, size.X, size.Y)) // transparent all over
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		public, thumbnail, err := photo.Copies(photo.Read("", b.Bytes()), b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for i, made := range [][]byte{public, thumbnail} {
			got, err := jpeg.Decode(bytes.NewReader(made))
			if err != nil {
				t.Fatal(err)
			}
			most := []int{photo.PublicPx, photo.ThumbnailPx}[i]
			if want := min(most, max(size.X, size.Y)); max(got.Bounds().Dx(), got.Bounds().Dy()) != want {
				t.Errorf("%v: copy %d is %v", size, i, got.Bounds())
			}
			if r, g, bl, _ := got.At(0, 0).RGBA(); r>>8 < 250 || g>>8 < 250 || bl>>8 < 250 {
				t.Errorf("%v: what was transparent is not white", size)
			}
		}
	}
}

func TestPicturesWithoutCopies(t *testing.T) {
	progressive := bytes.Replace(jpegWith(t, nil, halves(64, 64)), []byte{0xff, 0xc0}, []byte{0xff, 0xc2}, 1)
	i := bytes.Index(progressive, []byte{0xff, 0xc2})
	large := slices.Clone(progressive)
	copy(large[i+5:], []byte{0x1b, 0x58, 0x1b, 0x58}) // 7,000 × 7,000
	block := exifBlock(nil, nil, near29())
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"HEIC":              {heicWith(block, 400, 300), "photo-no-copy"},
		"TIFF":              {block, "photo-no-copy"},
		"too large":         {hugePNG(60_000, 60_000), "photo-no-copy"},
		"large progressive": {large, "photo-no-copy"},
		"no pixels":         {hugePNG(40, 30), "photo-broken"},
		"not progressive":   {progressive, "photo-broken"},
		"nothing":           {nil, "photo-no-copy"},
	} {
		_, _, err := photo.Copies(photo.Read("", c.file), c.file)
		if fault.KindOf(err) != fault.Unsupported || !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// A photo of 48 million pixels, as telephones take them, must not take what the program has not got.
func TestALargePhotoTakesLittle(t *testing.T) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewYCbCr(image.Rect(0, 0, 8000, 6000), image.YCbCrSubsampleRatio420), nil); err != nil {
		t.Fatal(err)
	}
	p := photo.Read("", b.Bytes())
	if p.Refused() {
		t.Fatal(p.Findings)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	public, _, err := photo.Copies(p, b.Bytes())
	runtime.ReadMemStats(&after)
	if err != nil || len(public) == 0 {
		t.Fatal(err)
	}
	if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; mb > 120 {
		t.Errorf("%d MB", mb)
	}
}
