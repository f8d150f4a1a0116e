package photo_test

import (
	"bytes"
	"math"
	"testing"
	"time"

	"fangyu/geo/photo"
)

// FuzzRead holds whatever is read against what a Photo promises, and makes copies of small ones.
func FuzzRead(f *testing.F) {
	block := exifBlock([]field{text(0x10f, "HUAWEI"), text(0x110, "P60"), short(0x112, 6), short(0x100, 4), short(0x101, 3)},
		[]field{text(0x9003, "2026:03:01 16:00:07"), text(0x9011, "+08:00"), text(0x9291, "25")}, near29())
	for _, seed := range [][]byte{
		jpegWith(f, block, halves(24, 16)), pngWith(f, block, halves(24, 16)), heicWith(block, 24, 16), block,
		hugePNG(60_000, 60_000), nil, jpegWith(f, block[:90], halves(1, 1)),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		began := time.Now()
		p := photo.Read("a.jpg", b)
		if at := p.Position; at != nil && !(math.Abs(at[0]) <= 180 && math.Abs(at[1]) <= 90 && (at[0] != 0 || at[1] != 0)) {
			t.Errorf("position %v", *at)
		}
		for _, v := range []*float64{p.AccuracyM, p.DOP, p.ElevationM, p.DirectionDegrees} {
			if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
				t.Errorf("not a number: %+v", p)
			}
		}
		if p.Orientation < 1 || p.Orientation > 8 || p.WidthPx < 0 || p.HeightPx < 0 || (p.TimeFrom == "") != p.TakenAt.IsZero() {
			t.Errorf("%+v", p)
		}
		if p.WidthPx*p.HeightPx > photo.MaxPixels && !p.Refused() {
			t.Errorf("%d × %d pixels are taken", p.WidthPx, p.HeightPx)
		}
		if p.WidthPx*p.HeightPx <= 1<<16 {
			if public, thumbnail, err := photo.Copies(p, b); err == nil && (len(public) == 0 || len(thumbnail) == 0) {
				t.Error("an empty copy")
			}
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
		if !bytes.Equal(before, b) {
			t.Error("the file was changed")
		}
	})
}
