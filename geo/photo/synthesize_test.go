package photo_test

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo/photo"
)

func TestASynthesizedPhotoSaysWhatItWasTold(t *testing.T) {
	at, taken := orb.Point{-106.5123456, 29.5654321}, time.Date(2026, 4, 1, 1, 2, 3, 0, time.UTC)
	p := photo.Read("a.jpg", photo.Synthesize(photo.Shot{Position: &at, TakenAt: taken, DirectionDegrees: 135.5, AccuracyM: 4, WidthPx: 640, HeightPx: 480}))
	if p.Position == nil || math.Abs(p.Position[0]-at[0]) > 1e-8 || math.Abs(p.Position[1]-at[1]) > 1e-8 || !p.TakenAt.Equal(taken) ||
		*p.DirectionDegrees != 135.5 || *p.AccuracyM != 4 || p.WidthPx != 640 || p.HeightPx != 480 || codes(p) != "" || p.Camera != "Fangyu synthetic" {
		t.Errorf("%+v", p)
	}
	if p := photo.Read("a.jpg", photo.Synthesize(photo.Shot{})); codes(p) != "no_position no_time" {
		t.Errorf("%+v", p)
	}
}

// TestOneJudgeOfWhatIsAPicture holds that what is read is a picture, and that what is a picture and not read says so.
func TestOneJudgeOfWhatIsAPicture(t *testing.T) {
	for head, want := range map[string]string{
		"\xff\xd8\xff\xe0": photo.JPEG, "\x89PNG\r\n\x1a\n": photo.PNG, "II*\x00": photo.TIFF, "MM\x00*": photo.TIFF,
		"\x00\x00\x00\x18ftypheix": photo.HEIC, "\x00\x00\x00\x18ftypmsf1": photo.HEIC, "\x00\x00\x00\x18ftypavif": photo.AVIF,
		"RIFF\x10\x00\x00\x00WEBPVP8 ": photo.WebP, "\x00\x00\x00\x18ftypisom": "", "RIFF\x10\x00\x00\x00WAVE": "", "<?xml": "", "": "",
	} {
		if got := photo.FormatOf([]byte(head)); got != want {
			t.Errorf("%q: %q", head, got)
		}
		p := photo.Read("a", []byte(head))
		if read := want != "" && want != photo.WebP && want != photo.AVIF; (p.Format == want && read) != read || !read && !p.Refused() {
			t.Errorf("%q: read as %q, %v", head, p.Format, p.Findings)
		}
	}
}
