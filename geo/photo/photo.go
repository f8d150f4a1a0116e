package photo

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// MaxPixels is how many pixels a picture may have; more are refused before anything is decoded.
const MaxPixels = 50_000_000

// Photo is what a file says of a picture. What is absent is nil, zero time or "", never a zero that could be a place.
type Photo struct {
	Format      string `json:"format"` // JPEG, PNG, TIFF or HEIC; "" for what is none of them
	WidthPx     int    `json:"widthPx"`
	HeightPx    int    `json:"heightPx"`    // as stored, before it is turned
	Orientation int    `json:"orientation"` // 1 to 8 as EXIF counts; 1 is upright and what stands for none
	Camera      string `json:"camera,omitempty"`

	// Position is longitude and latitude in degrees of WGS 84, taken as CGCS2000.
	Position   *orb.Point `json:"position,omitempty"`
	AccuracyM  *float64   `json:"accuracyM,omitempty"` // horizontal, as the device states it
	DOP        *float64   `json:"dop,omitempty"`
	ElevationM *float64   `json:"elevationM,omitempty"`
	// Ellipsoidal: ElevationM is above the ellipsoid. EXIF before 3.0 knows only the sea level, and what devices write as
	// that is theirs to know.
	Ellipsoidal      bool     `json:"ellipsoidal,omitempty"`
	DirectionDegrees *float64 `json:"directionDegrees,omitempty"` // where the camera looked, clockwise from north
	MagneticNorth    bool     `json:"magneticNorth,omitempty"`    // that north is the magnetic one

	TakenAt time.Time `json:"takenAt,omitzero"` // UTC
	// TimeFrom says what TakenAt rests on: GPSTime, ZonedTime or BeijingTime; "" where there is none.
	TimeFrom string `json:"timeFrom,omitempty"`

	Findings []fault.Finding `json:"findings"`

	picture picture
}

// What a time rests on, the surest first.
const (
	GPSTime     = "gps"     // the satellites' own, of the position
	ZonedTime   = "zoned"   // the camera's clock with its zone
	BeijingTime = "beijing" // the camera's clock, of which no zone is said
)

// Read reads what the headers of a file say; no pixel is decoded. name is what the file was called: only its extension
// is looked at. The picture is refused where a finding blocks; whatever else is wrong with it, the rest is read.
func Read(name string, b []byte) Photo {
	p := Photo{Orientation: 1, Findings: []fault.Finding{}, picture: look(b)}
	p.Format, p.WidthPx, p.HeightPx = p.picture.format, p.picture.width, p.picture.height
	switch {
	case len(b) == 0:
		p.find("empty_file")
		return p
	case p.Format == "":
		p.find("format_not_read")
		return p
	}
	if !fits(name, p.Format) {
		p.find("extension_mismatch", p.Format)
	}
	if p.picture.cut {
		p.find("cut")
	}
	if pixels := p.WidthPx * p.HeightPx; pixels > MaxPixels {
		p.find("image_too_large", p.WidthPx, p.HeightPx, MaxPixels/1_000_000)
	} else if pixels == 0 {
		p.find("no_dimensions")
	}
	p.describe()
	return p
}

// TooLarge is the finding that refuses a picture for its pixels, nil where there is none. The beginning of a file is
// enough for it, where the size stands there.
func (p Photo) TooLarge() *fault.Finding {
	if i := slices.IndexFunc(p.Findings, func(f fault.Finding) bool { return f.Code == "image_too_large" }); i >= 0 {
		return &p.Findings[i]
	}
	return nil
}

// Refused reports whether the picture is not to be taken.
func (p Photo) Refused() bool { return fault.Worst(p.Findings) == fault.Block }

// describe reads the EXIF block.
func (p *Photo) describe() {
	if p.picture.exif == nil {
		p.find("no_position")
		p.find("no_time")
		return
	}
	e, err := readExif(p.picture.exif)
	if err != nil {
		p.find("exif_unreadable")
	}
	if turned, ok := e.main[tagOrientation].whole(); ok && turned >= 1 && turned <= 8 {
		p.Orientation = int(turned)
	}
	p.Camera = camera(e.main[tagMake].text(), e.main[tagModel].text())
	p.locate(e.gps)
	p.Position = p.usable(e.gps)
	p.date(e)
}

// camera joins maker and model; many models begin with the maker's name.
func camera(maker, model string) string {
	if strings.HasPrefix(strings.ToLower(model), strings.ToLower(maker)) {
		maker = ""
	}
	name := strings.TrimSpace(maker + " " + model)
	if r := []rune(name); len(r) > 100 {
		name = string(r[:100])
	}
	return name
}

// locate reads what the device says beside the position.
func (p *Photo) locate(gps ifd) {
	p.AccuracyM = positive(gps[tagAccuracy].rational(0))
	p.DOP = positive(gps[tagDOP].rational(0))
	if height := gps[tagAltitude].rational(0); !math.IsNaN(height) {
		ref, _ := gps[tagAltitudeRef].whole() // 0 and 1: above and below the sea; 2 and 3: the ellipsoid
		if ref&1 == 1 {
			height = -height
		}
		p.ElevationM, p.Ellipsoidal = &height, ref == 2 || ref == 3
	}
	if to := gps[tagDirection].rational(0); to >= 0 && to <= 360 {
		to = math.Mod(to, 360)
		p.DirectionDegrees, p.MagneticNorth = &to, gps[tagDirectionRef].letter() == 'M'
	}
}

// positive is nil for a number that is none or not above zero: devices write 0 for what they do not know.
func positive(v float64) *float64 {
	if v > 0 {
		return &v
	}
	return nil
}

// usable is the position, nil with a finding where it is absent or cannot be trusted to be one.
func (p *Photo) usable(gps ifd) *orb.Point {
	if !gps[tagLatitude].there() && !gps[tagLongitude].there() {
		p.find("no_position")
		return nil
	}
	lat, lon := degrees(gps[tagLatitude]), degrees(gps[tagLongitude])
	latRef, lonRef := gps[tagLatitudeRef].letter(), gps[tagLongitudeRef].letter()
	switch {
	case math.IsNaN(lat) || math.IsNaN(lon):
		p.find("bad_position")
		return nil
	case (latRef == 'E' || latRef == 'W') && (lonRef == 'N' || lonRef == 'S'):
		if lat <= 90 { // as the letters say, or as the fields do: both can be
			p.find("refs_contradict")
			return nil
		}
		p.find("axes_swapped")
		lat, lon, latRef, lonRef = lon, lat, lonRef, latRef
	case latRef == 0 || lonRef == 0:
		p.find("ref_missing")
	case latRef != 'N' && latRef != 'S' || lonRef != 'E' && lonRef != 'W':
		p.find("refs_contradict")
		return nil
	}
	switch {
	case lat > 90 || lon > 180:
		p.find("out_of_range", lat, lon)
		return nil
	case lat == 0 && lon == 0:
		p.find("zero_position")
		return nil
	case gps[tagStatus].letter() == 'V':
		p.find("void_fix")
		return nil
	}
	if datum := gps[tagDatum].text(); !worldDatum(datum) {
		p.find("datum_not_read", datum)
		return nil
	}
	if latRef == 'S' {
		lat = -lat
	}
	if lonRef == 'W' {
		lon = -lon
	}
	return &orb.Point{lon, lat}
}

// worldDatum reports whether a position in the datum is one in WGS 84 as far as a camera can tell.
func worldDatum(name string) bool {
	switch strings.ToUpper(strings.NewReplacer("-", "", " ", "", "_", "").Replace(name)) {
	case "", "WGS84", "WGS1984", "EPSG:4326", "CGCS2000", "TOKYO97", "JGD2000", "ETRS89", "NAD83", "UNKNOWN":
		return true
	}
	return false
}

// degrees is an angle of degrees, minutes and seconds; NaN where a part of it is absent, divided by zero or negative, or
// minutes or seconds are 60 and more. Parts that are not written at all, as some programs leave out seconds, are zero.
func degrees(v value) float64 {
	if v.count > 3 {
		return math.NaN()
	}
	sum, unit := 0.0, 1.0
	for i := range v.count {
		part := v.rational(i)
		if !(part >= 0) || i > 0 && part > 60 {
			return math.NaN()
		}
		sum += part / unit
		unit *= 60
	}
	if v.count == 0 {
		return math.NaN()
	}
	return sum
}
