package geo

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// Frame names a frame of reference by its EPSG code in decimal ("4490", "4326", "3857", the CGCS2000 Gauss–Krüger
// planes "4491" to "4554") or by the words "gcj02" and "bd09". The zero value means that nothing was declared and is
// refused by every function that needs a frame.
//
// Axis order is GIS order throughout: longitude before latitude, east before north.
type Frame string

// The frames that are not planes of a zone.
const (
	CGCS2000    Frame = "4490"  // the stored frame
	WGS84       Frame = "4326"  // taken as CGCS2000 unchanged
	WebMercator Frame = "3857"  // for display
	GCJ02       Frame = "gcj02" // 火星坐标, the obfuscated frame of Chinese consumer maps
	BD09        Frame = "bd09"  // 百度坐标, GCJ-02 shifted once more
)

// Frames lists every frame once: the five above, then the planes 4491 to 4554.
func Frames() []Frame {
	all := []Frame{CGCS2000, WGS84, WebMercator, GCJ02, BD09}
	for code := firstPlane; code <= lastPlane; code++ {
		all = append(all, Frame(strconv.Itoa(code)))
	}
	return all
}

// frameWords are the spellings people and files use that are no EPSG code.
var frameWords = map[string]Frame{
	"CRS84": WGS84, "WGS84": WGS84, "CGCS2000": CGCS2000,
	"GCJ02": GCJ02, "BD09": BD09, "BD09LL": BD09, "900913": WebMercator,
}

// untransformable are the EPSG codes whose exact transformation to CGCS2000 is not public: datum, first code, last code.
var untransformable = []struct {
	datum       string
	first, last int
}{
	{"1980 西安坐标系", 4610, 4610},
	{"1980 西安坐标系", 2327, 2390},
	{"1954 北京坐标系", 4214, 4214},
	{"1954 北京坐标系", 2401, 2442},
	{"1954 北京坐标系", 21413, 21483},
	{"新 1954 北京坐标系", 4555, 4555},
	{"新 1954 北京坐标系", 4568, 4589},
	{"新 1954 北京坐标系", 4652, 4656},
	{"新 1954 北京坐标系", 4766, 4800},
	{"新 1954 北京坐标系", 4812, 4812},
	{"新 1954 北京坐标系", 4822, 4822},
}

// ParseFrame reads a frame as people and files write it: "EPSG:4326", "4326", "CRS84", "urn:ogc:def:crs:EPSG::4490",
// "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "gcj02", "GCJ-02", "bd09". Case, spaces and hyphens do not matter.
//
// Errors: Malformed "frame-missing" for an empty string; Unsupported "frame-untransformable" for Xi'an 1980 and
// Beijing 1954 and their planes, which have no exact public transformation; Unsupported "frame-unknown" for the rest.
func ParseFrame(s string) (Frame, error) {
	word := strings.ToUpper(strings.TrimSpace(s))
	if word == "" {
		return "", fault.New(fault.Malformed, "frame-missing", "没有说明坐标系：请给出，例如 4490、4326、4545、gcj02")
	}
	if i := strings.LastIndexAny(word, ":/"); i >= 0 {
		word = word[i+1:]
	}
	word = strings.NewReplacer("-", "", "_", "", " ", "").Replace(word)
	if f, ok := frameWords[word]; ok {
		return f, nil
	}
	if f := Frame(strings.ToLower(word)); slices.Contains(Frames(), f) {
		return f, nil
	}
	code, err := strconv.Atoi(word)
	for _, u := range untransformable {
		if err == nil && u.first <= code && code <= u.last {
			return "", fault.New(fault.Unsupported, "frame-untransformable",
				"坐标系 %d 属%s，没有公开的精确转换参数，不能换算到 CGCS2000：请由持有参数的单位先行转换", code, u.datum)
		}
	}
	return "", fault.New(fault.Unsupported, "frame-unknown",
		"不认识坐标系“%s”：可用 4490、4326、3857、4491–4554（CGCS2000 高斯—克吕格）、gcj02、bd09", strings.TrimSpace(s))
}

// NeedsConfirmation reports whether a person must confirm the frame before converted positions are stored: true for
// GCJ-02 and BD-09, whose conversion is an approximation.
func (f Frame) NeedsConfirmation() bool { return f == GCJ02 || f == BD09 }

// Geographic reports whether coordinates in f are degrees.
func (f Frame) Geographic() bool {
	switch f {
	case CGCS2000, WGS84, GCJ02, BD09:
		return true
	}
	return false
}

// ToCGCS2000 converts x, y (GIS order) from f to longitude and latitude in degrees of CGCS2000.
//
// Errors: Malformed "not-a-number", "out-of-range" and "outside-plane" for coordinates that cannot lie in f;
// Unsupported "frame-unknown" for a frame that is not in [Frames].
func (f Frame) ToCGCS2000(x, y float64) (orb.Point, error) {
	if !isFinite(x) || !isFinite(y) {
		return orb.Point{}, fault.New(fault.Malformed, "not-a-number", "坐标 %v, %v 不是有限的数", x, y)
	}
	if f.Geographic() {
		if math.Abs(x) > 180 || math.Abs(y) > 90 {
			return orb.Point{}, fault.New(fault.Malformed, "out-of-range",
				"坐标 %v, %v 超出经纬度范围（经度 ±180、纬度 ±90，经度在前）", x, y)
		}
	}
	switch f {
	case CGCS2000, WGS84:
		return orb.Point{x, y}, nil
	case GCJ02:
		return gcj02ToWGS84(orb.Point{x, y}), nil
	case BD09:
		return gcj02ToWGS84(bd09ToGCJ02(orb.Point{x, y})), nil
	case WebMercator:
		return mercatorToGeographic(x, y)
	}
	pl, err := planeOf(f)
	if err != nil {
		return orb.Point{}, err
	}
	return pl.inverse(x, y)
}

// FromCGCS2000 converts a position in degrees of CGCS2000 into f (GIS order). Errors as [Frame.ToCGCS2000].
func (f Frame) FromCGCS2000(p orb.Point) (x, y float64, err error) {
	if _, err := CGCS2000.ToCGCS2000(p[0], p[1]); err != nil {
		return 0, 0, err
	}
	switch f {
	case CGCS2000, WGS84:
		return p[0], p[1], nil
	case GCJ02:
		q := wgs84ToGCJ02(p)
		return q[0], q[1], nil
	case BD09:
		q := gcj02ToBD09(wgs84ToGCJ02(p))
		return q[0], q[1], nil
	case WebMercator:
		return geographicToMercator(p)
	}
	pl, err := planeOf(f)
	if err != nil {
		return 0, 0, err
	}
	return pl.forward(p)
}

// Project converts x, y (GIS order) from one frame to another by way of CGCS2000. Errors as [Frame.ToCGCS2000].
func Project(from, to Frame, x, y float64) (x2, y2 float64, err error) {
	p, err := from.ToCGCS2000(x, y)
	if err != nil {
		return 0, 0, err
	}
	return to.FromCGCS2000(p)
}

// ToCGCS2000 returns g with every position converted from f; g itself is not changed. A nil geometry stays nil, and a
// frame whose numbers are those of CGCS2000 returns g itself after checking every position. The first position that
// cannot lie in f is the error.
func ToCGCS2000(g orb.Geometry, f Frame) (orb.Geometry, error) {
	if g == nil {
		return nil, nil
	}
	same := f == CGCS2000 || f == WGS84
	if !same {
		g = orb.Clone(g)
	}
	var first error
	convert := func(p orb.Point) orb.Point {
		q, err := f.ToCGCS2000(p[0], p[1])
		if err != nil && first == nil {
			first = err
		}
		return q
	}
	if same {
		eachPoint(g, func(p orb.Point) { convert(p) })
	} else {
		g = mapPoints(g, convert)
	}
	if first != nil {
		return nil, first
	}
	return g, nil
}

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
