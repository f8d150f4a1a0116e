package photo_test

import (
	"bytes"
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

// TestAgreesWithImagemeta reads imagemeta's own collection of 130 pictures of some eighty cameras with both.
func TestAgreesWithImagemeta(t *testing.T) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/bep/imagemeta").Output()
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(strings.TrimSpace(string(dir)), "testdata", "images")
	read, positions := 0, 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
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
