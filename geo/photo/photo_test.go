package photo_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"fangyu/geo/photo"
	"fangyu/internal/shareddata"
)

// near29 is a position of 29°33'36" N 106°33'0" E, with a time of the satellites: 2026-03-01 08:00:05.5 UTC.
func near29(changes ...field) []field {
	fields := []field{
		text(1, "N"), rationals(2, 29, 1, 33, 1, 3600, 100),
		text(3, "E"), rationals(4, 106, 1, 33, 1, 0, 1),
		octet(5, 0), rationals(6, 3005, 10),
		rationals(7, 8, 1, 0, 1, 55, 10), text(0x1d, "2026:03:01"),
		rationals(0x0b, 12, 10), text(0x10, "T"), rationals(0x11, 1355, 10), text(0x12, "WGS-84"), rationals(0x1f, 47, 10),
	}
	for _, c := range changes {
		fields = slices.DeleteFunc(fields, func(f field) bool { return f.tag == c.tag })
		if c.kind != 0 {
			fields = append(fields, c)
		}
	}
	return fields
}

// without leaves a field out.
func without(tag uint16) field { return field{tag: tag} }

func codes(p photo.Photo) string {
	var list []string
	for _, f := range p.Findings {
		list = append(list, f.Code)
	}
	return strings.Join(list, " ")
}

func TestAPhotoSaysWhereWhenAndWhereTo(t *testing.T) {
	exif := func() []byte {
		return exifBlock([]field{text(0x10f, "HUAWEI"), text(0x110, "HUAWEI P60"), short(0x112, 6)},
			[]field{text(0x9003, "2026:03:01 16:00:07"), text(0x9011, "+08:00")}, near29())
	}
	for name, file := range map[string][]byte{
		"a.jpg":  jpegWith(t, exif(), halves(40, 30)),
		"a.png":  pngWith(t, exif(), halves(40, 30)),
		"a.heic": heicWith(exif(), 4032, 3024),
	} {
		p := photo.Read(name, file)
		if codes(p) != "" || p.Refused() {
			t.Errorf("%s: %v", name, p.Findings)
		}
		if p.Position == nil || math.Abs(p.Position[0]-106.55) > 1e-9 || math.Abs(p.Position[1]-29.56) > 1e-9 {
			t.Fatalf("%s: position %v", name, p.Position)
		}
		if *p.ElevationM != 300.5 || p.Ellipsoidal || *p.DirectionDegrees != 135.5 || p.MagneticNorth || *p.AccuracyM != 4.7 || *p.DOP != 1.2 {
			t.Errorf("%s: %+v", name, p)
		}
		if want := time.Date(2026, 3, 1, 8, 0, 5, 5e8, time.UTC); !p.TakenAt.Equal(want) || p.TimeFrom != photo.GPSTime {
			t.Errorf("%s: %v from %s", name, p.TakenAt, p.TimeFrom)
		}
		if p.Orientation != 6 || p.Camera != "HUAWEI P60" || p.WidthPx*p.HeightPx == 0 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	tiff := exifBlock(append([]field{short(0x100, 400), short(0x101, 300)}, short(0x112, 3)), nil, near29())
	if p := photo.Read("a.tif", tiff); p.Position == nil || p.WidthPx != 400 || p.HeightPx != 300 || p.Orientation != 3 || codes(p) != "" {
		t.Errorf("TIFF: %+v", p)
	}
}

// What the position is of wrong and odd ones: nil, or as it says.
func TestAPositionThatIsNoneIsNotZero(t *testing.T) {
	type at = [2]float64
	here := &at{106.55, 29.56}
	for name, c := range map[string]struct {
		changes []field
		want    *at
		codes   string
	}{
		"whole":                       {nil, here, ""},
		"degrees 0/0":                 {[]field{rationals(2, 0, 0, 33, 1, 36, 1)}, nil, "bad_position"},
		"minutes and seconds 0/0":     {[]field{rationals(2, 29, 1, 0, 0, 0, 0)}, nil, "bad_position"},
		"seconds 5/0":                 {[]field{rationals(4, 106, 1, 33, 1, 5, 0)}, nil, "bad_position"},
		"61 minutes":                  {[]field{rationals(4, 106, 1, 61, 1, 0, 1)}, nil, "bad_position"},
		"four parts":                  {[]field{rationals(4, 106, 1, 33, 1, 0, 1, 0, 1)}, nil, "bad_position"},
		"whole degrees, one part":     {[]field{rationals(2, 2956, 100), rationals(4, 10655, 100)}, here, ""},
		"minutes with a fraction":     {[]field{rationals(2, 29, 1, 3360, 100)}, here, ""},
		"no longitude":                {[]field{without(4)}, nil, "bad_position"},
		"no latitude":                 {[]field{without(2)}, nil, "bad_position"},
		"neither":                     {[]field{without(2), without(4)}, nil, "no_position"},
		"latitude as text":            {[]field{text(2, "29.56")}, nil, "bad_position"},
		"zero":                        {[]field{rationals(2, 0, 1, 0, 1, 0, 1), rationals(4, 0, 1, 0, 1, 0, 1)}, nil, "zero_position"},
		"south and west":              {[]field{text(1, "S"), text(3, "w")}, &at{-106.55, -29.56}, ""},
		"no letters":                  {[]field{without(1), without(3)}, here, "ref_missing"},
		"empty letter":                {[]field{text(1, "")}, here, "ref_missing"},
		"strange letter":              {[]field{text(1, "X")}, nil, "refs_contradict"},
		"letters swapped":             {[]field{text(1, "E"), text(3, "N")}, nil, "refs_contradict"},
		"letters and numbers swapped": {[]field{text(1, "E"), text(3, "N"), rationals(4, 29, 1, 33, 1, 36, 1), rationals(2, 106, 1, 33, 1, 0, 1)}, here, "axes_swapped"},
		"numbers swapped":             {[]field{rationals(4, 29, 1, 33, 1, 36, 1), rationals(2, 106, 1, 33, 1, 0, 1)}, nil, "out_of_range"},
		"void":                        {[]field{text(9, "V")}, nil, "void_fix"},
		"measured":                    {[]field{text(9, "A")}, here, ""},
		"Tokyo":                       {[]field{text(0x12, "TOKYO")}, nil, "datum_not_read"},
		"GCJ-02":                      {[]field{text(0x12, "GCJ-02")}, nil, "datum_not_read"},
	} {
		p := photo.Read("", jpegWith(t, exifBlock(nil, nil, near29(c.changes...)), halves(8, 8)))
		if codes(p) != c.codes {
			t.Errorf("%s: %s, want %s", name, codes(p), c.codes)
		}
		switch {
		case (p.Position == nil) != (c.want == nil):
			t.Errorf("%s: position %v, want %v", name, p.Position, c.want)
		case c.want != nil && (math.Abs(p.Position[0]-c.want[0]) > 1e-9 || math.Abs(p.Position[1]-c.want[1]) > 1e-9):
			t.Errorf("%s: position %v, want %v", name, *p.Position, *c.want)
		}
	}
}

func TestTheTimeThatIsTaken(t *testing.T) {
	gps := func(changes ...field) []field { return near29(changes...) }
	original := func(s string) field { return text(0x9003, s) }
	for name, c := range map[string]struct {
		camera, gps      []field
		want, from, code string
	}{
		"satellites alone":       {nil, gps(), "2026-03-01T08:00:05.5Z", photo.GPSTime, ""},
		"satellites 0/0":         {[]field{original("2026:03:01 16:00:07")}, gps(rationals(7, 0, 0, 0, 0, 0, 0)), "2026-03-01T08:00:07Z", photo.BeijingTime, "time_without_zone"},
		"satellites without day": {[]field{original("2026:03:02 00:10:00")}, gps(without(0x1d), rationals(7, 16, 1, 10, 1, 2, 1)), "2026-03-01T16:10:02Z", photo.GPSTime, ""},
		"the day before":         {[]field{original("2026:03:02 08:00:05")}, gps(without(0x1d), rationals(7, 23, 1, 59, 1, 59, 1)), "2026-03-01T23:59:59Z", photo.GPSTime, ""},
		"no day anywhere":        {nil, gps(without(0x1d)), "", "", "no_time"},
		"hour 24":                {nil, gps(rationals(7, 24, 1, 0, 1, 0, 1)), "", "", "no_time"},
		"clock with zone":        {[]field{original("2026:03:01 16:00:07"), text(0x9291, "25"), text(0x9011, "+07:00")}, gps(without(7)), "2026-03-01T09:00:07.25Z", photo.ZonedTime, ""},
		"zone of all times":      {[]field{original("2026:03:01 16:00:07"), text(0x9010, "-03:30")}, gps(without(7)), "2026-03-01T19:30:07Z", photo.ZonedTime, ""},
		"clock without zone":     {[]field{original("2026:03:01 16:00:07")}, gps(without(7)), "2026-03-01T08:00:07Z", photo.BeijingTime, "time_without_zone"},
		"zone of blanks":         {[]field{original("2026:03:01 16:00:07"), text(0x9011, "   :  ")}, gps(without(7)), "2026-03-01T08:00:07Z", photo.BeijingTime, "time_without_zone"},
		"clock never set":        {[]field{original("0000:00:00 00:00:00")}, gps(without(7)), "", "", "no_time"},
		"clock of blanks":        {[]field{original("    :  :     :  :  ")}, gps(without(7)), "", "", "no_time"},
		"digitized":              {[]field{text(0x9004, "2026-03-01T16:00:07")}, gps(without(7)), "2026-03-01T08:00:07Z", photo.BeijingTime, "time_without_zone"},
		"year 0":                 {[]field{original("0000:01:01 00:00:01")}, gps(without(7)), "", "", "bad_time no_time"},
		"the last of all years":  {[]field{original("9999:12:31 23:59:59")}, gps(without(7)), "", "", "bad_time no_time"},
		"month 13":               {[]field{original("2026:13:01 16:00:07")}, gps(without(7)), "", "", "bad_time no_time"},
		"clock an hour wrong":    {[]field{original("2026:03:01 15:00:07")}, gps(), "2026-03-01T08:00:05.5Z", photo.GPSTime, "times_differ"},
		"nothing":                {nil, gps(without(7)), "", "", "no_time"},
	} {
		p := photo.Read("", jpegWith(t, exifBlock(nil, c.camera, c.gps), halves(8, 8)))
		got := ""
		if !p.TakenAt.IsZero() {
			got = p.TakenAt.Format(time.RFC3339Nano)
		}
		if got != c.want || p.TimeFrom != c.from || codes(p) != c.code {
			t.Errorf("%s: %q from %q, %q; want %q from %q, %q", name, got, p.TimeFrom, codes(p), c.want, c.from, c.code)
		}
	}
}

func TestWhatStandsBesideThePosition(t *testing.T) {
	read := func(changes ...field) photo.Photo {
		return photo.Read("", jpegWith(t, exifBlock(nil, nil, near29(changes...)), halves(8, 8)))
	}
	if p := read(octet(5, 1)); *p.ElevationM != -300.5 || p.Ellipsoidal {
		t.Errorf("below the sea: %v %v", *p.ElevationM, p.Ellipsoidal)
	}
	if p := read(octet(5, 3)); *p.ElevationM != -300.5 || !p.Ellipsoidal {
		t.Errorf("below the ellipsoid: %v %v", *p.ElevationM, p.Ellipsoidal)
	}
	if p := read(text(0x10, "M"), rationals(0x11, 360, 1)); *p.DirectionDegrees != 0 || !p.MagneticNorth {
		t.Errorf("magnetic north: %v %v", *p.DirectionDegrees, p.MagneticNorth)
	}
	p := read(rationals(6, 0, 0), rationals(0x11, 361, 1), rationals(0x0b, 0, 0), rationals(0x1f, 0, 1))
	if p.ElevationM != nil || p.DirectionDegrees != nil || p.DOP != nil || p.AccuracyM != nil {
		t.Errorf("absent ones: %v %v %v %v", p.ElevationM, p.DirectionDegrees, p.DOP, p.AccuracyM)
	}
}

func TestBadFilesAreRefusedOrKept(t *testing.T) {
	good := jpegWith(t, exifBlock(nil, nil, near29()), halves(64, 64))
	block := exifBlock([]field{text(0x110, "A camera with a long name")}, nil, near29())
	pointerAstray := slices.Clone(block)
	i := bytes.Index(pointerAstray, []byte{0x25, 0x88, 4, 0}) // the pointer to the GPS directory
	binary.LittleEndian.PutUint32(pointerAstray[i+8:], 1<<31)
	for name, c := range map[string]struct {
		file    []byte
		codes   string
		refused bool
	}{
		"empty.jpg":            {nil, "empty_file", true},
		"page.jpg":             {[]byte("<!DOCTYPE html><svg onload=alert(1)>"), "format_not_read", true},
		"picture.svg":          {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "format_not_read", true},
		"gif.jpg":              {[]byte("GIF89a\x01\x00\x01\x00"), "format_not_read", true},
		"large.png":            {hugePNG(60_000, 60_000), "image_too_large no_position no_time", true},
		"large.heic":           {heicWith(block, 60_000, 60_000), "image_too_large", true},
		"largest.png":          {hugePNG(1<<32-1, 1<<32-1), "image_too_large no_position no_time", true},
		"50.png":               {hugePNG(10_000, 5_000), "no_position no_time", false},
		"good.png":             {good, "extension_mismatch", false},
		"cut.jpg":              {good[:len(good)-9], "cut", false},
		"headers.jpg":          {good[:60], "cut no_dimensions no_position no_time", false},
		"none.jpg":             {jpegWith(t, []byte("no TIFF here"), halves(8, 8)), "exif_unreadable no_position no_time", false},
		"end of exif cut.jpg":  {jpegWith(t, block[:len(block)-60], halves(8, 8)), "exif_unreadable no_time", false},
		"half of exif cut.jpg": {jpegWith(t, block[:len(block)-90], halves(8, 8)), "exif_unreadable bad_position no_time", false},
		"no gps ifd.jpg":       {jpegWith(t, pointerAstray, halves(8, 8)), "exif_unreadable no_position no_time", false},
	} {
		p := photo.Read(name, c.file)
		if codes(p) != c.codes || p.Refused() != c.refused {
			t.Errorf("%s: %s (refused %v), want %s (%v)", name, codes(p), p.Refused(), c.codes, c.refused)
		}
		for _, f := range p.Findings {
			if strings.Contains(f.Detail, "%!") || f.Detail == "" || f.Severity == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}

// hugePNG is a header that promises a picture, and its end.
func hugePNG(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	header := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), w), h)
	for _, chunk := range [][]byte{append(header, 8, 2, 0, 0, 0), []byte("IEND")} {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(chunk)-4)), chunk...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk))
	}
	return b
}

// The truth is gdalinfo's: its EXIF_ entries, degrees as 43 + 28/60 + 2.814/3600. The clock of the Nikon was a day late, and
// its satellites' time is right.
func TestTheSamples(t *testing.T) {
	root := shareddata.Path(t, "tracks/cc-by-sa-4.0/exif-samples")
	for name, want := range samples {
		b, err := os.ReadFile(root + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		p := photo.Read(name, b)
		if want.position == nil != (p.Position == nil) {
			t.Errorf("%s: position %v, want %v", name, p.Position, want.position)
		} else if p.Position != nil && math.Hypot(p.Position[0]-want.position[0], p.Position[1]-want.position[1]) > 1e-6 {
			t.Errorf("%s: position %v, want %v", name, *p.Position, *want.position)
		}
		at := ""
		if !p.TakenAt.IsZero() {
			at = p.TakenAt.Format(time.RFC3339Nano)
		}
		if at != want.at || p.Orientation != want.orientation || p.Camera != want.camera || codes(p) != want.codes ||
			p.WidthPx != want.width || p.HeightPx != want.height {
			t.Errorf("%s: %s %d %q %d×%d %q", name, at, p.Orientation, p.Camera, p.WidthPx, p.HeightPx, codes(p))
		}
	}
}

type sample struct {
	position      *[2]float64
	at, camera    string
	width, height int
	orientation   int
	codes         string
}

var samples = map[string]sample{
	"DSCN0010.jpg":   {&[2]float64{11.885126667, 43.467448333}, "2008-10-23T14:27:07.24Z", "NIKON COOLPIX P6000", 640, 480, 1, "times_differ"},
	"DSCN0012.jpg":   {&[2]float64{11.885395, 43.467156667}, "2008-10-23T14:28:17.24Z", "NIKON COOLPIX P6000", 640, 480, 1, "times_differ"},
	"image02206.jpg": {nil, "", "", 65, 65, 1, "no_position no_time"},
	"portrait_6.jpg": {nil, "", "", 600, 450, 6, "no_position no_time"},
}
