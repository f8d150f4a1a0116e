package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// Shot is a photo to make up.
type Shot struct {
	Position         *orb.Point // WGS 84, degrees; nil: the device had none
	TakenAt          time.Time  // zero: the device had no clock
	DirectionDegrees float64    // clockwise from true north
	AccuracyM        float64    // of Position
	WidthPx          int        // 0: 400
	HeightPx         int        // 0: 300
	Hue              uint8      // tells one picture from another
}

// Synthesize makes a JPEG as a phone writes one: hills under a sky with a stone in the middle, and what the device says of
// it as EXIF. For demonstrations and tests; its maker is "Fangyu synthetic".
func Synthesize(s Shot) []byte {
	if s.WidthPx == 0 || s.HeightPx == 0 {
		s.WidthPx, s.HeightPx = 400, 300
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, s.landscape(), nil) // a buffer takes everything
	exif := append(slices.Clone(exifHeader), s.exif()...)
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2))
	return slices.Concat(b.Bytes()[:2], segment, exif, b.Bytes()[2:])
}

func (s Shot) landscape() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, s.WidthPx, s.HeightPx))
	w, h := float64(s.WidthPx), float64(s.HeightPx)
	for y := range s.HeightPx {
		for x := range s.WidthPx {
			across, down := float64(x)/w, float64(y)/h
			c := color.RGBA{150, 190, 225, 255}
			if down > 0.45+0.08*math.Sin(7*across+float64(s.Hue)) {
				c = color.RGBA{60 + s.Hue/4, 110 + s.Hue/6, 60, 255}
			}
			if math.Abs(across-0.5) < 0.05 && down > 0.35 && down < 0.85 {
				c = color.RGBA{205, 200, 190, 255}
				if math.Abs(across-0.5) < 0.015 && down > 0.45 && down < 0.7 {
					c = color.RGBA{180, 30, 30, 255}
				}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// entry is a field of a directory to write; its values are bytes of the kind.
type entry struct {
	tag, kind uint16
	count     int
	values    []byte
}

func written(tag uint16, s string) entry { return entry{tag, 2, len(s) + 1, append([]byte(s), 0)} }

// fractions are numbers to six decimals.
func fractions(tag uint16, numbers ...float64) entry {
	e := entry{tag: tag, kind: 5, count: len(numbers)}
	for _, n := range numbers {
		e.values = binary.BigEndian.AppendUint32(e.values, uint32(math.Round(n*1e6)))
		e.values = binary.BigEndian.AppendUint32(e.values, 1e6)
	}
	return e
}

// exif is the block: three directories one behind the other, of which the first points to the others.
func (s Shot) exif() []byte {
	camera, gps := []entry{written(0x9000, "0231")}, []entry{}
	if !s.TakenAt.IsZero() {
		local := s.TakenAt.In(time.FixedZone("", 8*60*60))
		camera = append(camera, written(tagOriginal, local.Format("2006:01:02 15:04:05")), written(tagOffsetOriginal, "+08:00"))
	}
	if s.Position != nil {
		gps = append(gps, fractionsOfDegrees(tagLatitude, tagLatitudeRef, s.Position[1], "NS")...)
		gps = append(gps, fractionsOfDegrees(tagLongitude, tagLongitudeRef, s.Position[0], "EW")...)
		gps = append(gps, written(tagDirectionRef, "T"), fractions(tagDirection, s.DirectionDegrees))
		if s.AccuracyM > 0 {
			gps = append(gps, fractions(tagAccuracy, s.AccuracyM))
		}
	}
	pointer := func(tag uint16, at int) entry {
		return entry{tag, 4, 1, binary.BigEndian.AppendUint32(nil, uint32(at))}
	}
	main := func(cameraAt, gpsAt int) []entry {
		return []entry{written(tagMake, "Fangyu synthetic"), pointer(tagExifIFD, cameraAt), pointer(tagGPSIFD, gpsAt)}
	}
	const head = 8
	cameraAt := head + len(directory(head, main(0, 0)))
	gpsAt := cameraAt + len(directory(cameraAt, camera))
	return slices.Concat([]byte("MM\x00*\x00\x00\x00\x08"), directory(head, main(cameraAt, gpsAt)), directory(cameraAt, camera), directory(gpsAt, gps))
}

// fractionsOfDegrees are a coordinate in degrees, minutes and seconds, and the letter of its side.
func fractionsOfDegrees(tag, refTag uint16, v float64, sides string) []entry {
	side := sides[:1]
	if v < 0 {
		v, side = -v, sides[1:]
	}
	degrees, rest := math.Modf(v)
	minutes, rest := math.Modf(rest * 60)
	return []entry{written(refTag, side), fractions(tag, degrees, minutes, rest*60)}
}

// directory writes entries at a place of the block, their values behind them.
func directory(at int, entries []entry) []byte {
	slices.SortFunc(entries, func(a, b entry) int { return int(a.tag) - int(b.tag) })
	list := binary.BigEndian.AppendUint16(nil, uint16(len(entries)))
	behind := at + 2 + 12*len(entries) + 4
	var data []byte
	for _, e := range entries {
		list = binary.BigEndian.AppendUint16(list, e.tag)
		list = binary.BigEndian.AppendUint16(list, e.kind)
		list = binary.BigEndian.AppendUint32(list, uint32(e.count))
		if len(e.values) <= 4 {
			list = append(list, append(slices.Clone(e.values), 0, 0, 0, 0)[:4]...)
			continue
		}
		list = binary.BigEndian.AppendUint32(list, uint32(behind+len(data)))
		data = append(data, e.values...)
	}
	return append(append(list, 0, 0, 0, 0), data...)
}
