package photo_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bep/imagemeta"

	"fangyu/geo/photo"
)

// peer reads a file with imagemeta: the tags by their names, and the size of the picture. imagemeta calls tags of the
// interoperability directory by the names of GPS tags of the same numbers; those are left out.
func peer(t *testing.T, format string, b []byte) (tags map[string]any, width, height int) {
	t.Helper()
	formats := map[string]imagemeta.ImageFormat{photo.JPEG: imagemeta.JPEG, photo.PNG: imagemeta.PNG, photo.TIFF: imagemeta.TIFF, photo.HEIC: imagemeta.HEIF}
	tags = map[string]any{}
	result, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(b), ImageFormat: formats[format], Sources: imagemeta.EXIF | imagemeta.CONFIG,
		HandleTag: func(tag imagemeta.TagInfo) error {
			if _, twice := tags[tag.Tag]; !twice && !strings.HasSuffix(tag.Namespace, "InteroperabilityIFD") {
				tags[tag.Tag] = tag.Value
			}
			return nil
		},
	})
	if err != nil {
		t.Logf("imagemeta: %v", err)
	}
	return tags, result.ImageConfig.Width, result.ImageConfig.Height
}

// collection is the folder of imagemeta's own pictures, in the module cache.
func collection(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/bep/imagemeta").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(dir)), "testdata", "images")
}

// TestTheSamePictureStoredInEightWays: eight files of one letter F, stored turned and mirrored, which all look alike upright.
func TestTheSamePictureStoredInEightWays(t *testing.T) {
	var first image.Image
	for i := range 8 {
		name := fmt.Sprintf("f%d-exif.jpg", i+1)
		b, err := os.ReadFile(filepath.Join(collection(t), "goexif", name))
		if err != nil {
			t.Fatal(err)
		}
		p := photo.Read(name, b)
		public, _, err := photo.Copies(p, b)
		if err != nil || p.Orientation != i+1 {
			t.Fatal(p.Orientation, err)
		}
		m, err := jpeg.Decode(bytes.NewReader(public))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = m
		}
		if m.Bounds() != first.Bounds() || difference(m, first) > 3 {
			t.Errorf("%s: %v, unlike the first by %.1f", name, m.Bounds(), difference(m, first))
		}
	}
}

// difference is the mean difference in brightness of two pictures of one size, of 255.
func difference(a, b image.Image) float64 {
	sum := 0.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			sum += math.Abs(float64(color.GrayModel.Convert(a.At(x, y)).(color.Gray).Y) - float64(color.GrayModel.Convert(b.At(x, y)).(color.Gray).Y))
		}
	}
	return sum / float64(a.Bounds().Dx()*a.Bounds().Dy())
}

// TestAgreesWithImagemeta reads imagemeta's own collection of 130 pictures of some eighty cameras with both.
func TestAgreesWithImagemeta(t *testing.T) {
	root, read, positions := collection(t), 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "largeexif.png" { // an EXIF chunk without a PNG around it
			return err
		}
		switch strings.ToLower(filepath.Ext(path)) {
		case ".jpg", ".png", ".heic", ".heif", ".tif":
		default:
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.Base(path)
		p := photo.Read(name, b)
		if p.Format == "" {
			t.Errorf("%s: %v", name, p.Findings)
			return nil
		}
		read++
		tags, width, height := peer(t, p.Format, b)
		if width != 0 && p.Format != photo.HEIC && (width != p.WidthPx || height != p.HeightPx) {
			t.Errorf("%s: %d×%d, imagemeta %d×%d", name, p.WidthPx, p.HeightPx, width, height)
		}
		if turned, ok := tags["Orientation"].(uint16); ok && turned >= 1 && turned <= 8 && int(turned) != p.Orientation {
			t.Errorf("%s: orientation %d, imagemeta %d", name, p.Orientation, turned)
		}
		lat, okLat := tags["GPSLatitude"].(float64)
		lon, okLon := tags["GPSLongitude"].(float64)
		there := okLat && okLon && (lat != 0 || lon != 0)
		if name == "geodegrees_as_string.jpg" { // 52,00000,50,00000,34,01180: imagemeta reads 52° 0' 50"
			there = false
		}
		switch {
		case p.Position == nil && there, p.Position != nil && !there:
			t.Errorf("%s: position %v (%s), imagemeta %v %v", name, p.Position, codes(p), lat, lon)
		case there:
			positions++
			if math.Abs(math.Abs(p.Position[1])-lat) > 1e-9 || math.Abs(math.Abs(p.Position[0])-lon) > 1e-9 ||
				(p.Position[1] < 0) != (tags["GPSLatitudeRef"] == "S") || (p.Position[0] < 0) != (tags["GPSLongitudeRef"] == "W") {
				t.Errorf("%s: position %v, imagemeta %v %v", name, *p.Position, lat, lon)
			}
		}
		if s, ok := tags["DateTimeOriginal"].(string); ok && strings.Trim(s, "0: ") != "" && p.TakenAt.IsZero() {
			t.Errorf("%s: no time (%s), imagemeta %q", name, codes(p), s)
		}
		return nil
	})
	if err != nil || read < 100 || positions < 5 {
		t.Errorf("%d pictures, %d positions: %v", read, positions, err)
	}
	t.Logf("%d pictures, %d with positions", read, positions)
}

// The reasons not to read with it: it takes what is unknown for zero.
func TestImagemetaTakesTheUnknownForZero(t *testing.T) {
	file := jpegWith(t, exifBlock(nil, nil, near29(rationals(2, 29, 1, 0, 0, 0, 0), rationals(7, 0, 0, 0, 0, 0, 0))), halves(8, 8))
	tags, _, _ := peer(t, photo.JPEG, file)
	if tags["GPSLatitude"] != 29.0 || tags["GPSTimeStamp"] != "00:00:00" {
		t.Errorf("imagemeta has learnt to tell: %v %v; doc.go can say so", tags["GPSLatitude"], tags["GPSTimeStamp"])
	}
}
