package geo

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// The EPSG codes of the CGCS2000 Gauss–Krüger planes, four runs without a gap (EPSG dataset, checked against PROJ 9.1.1):
// 6° zones 13 to 23 with the zone number before the easting, the same by central meridian without it, then 3° zones
// 25 to 45 with and without.
const (
	firstPlane         = 4491
	firstSixByMeridian = 4502
	firstThreePrefixed = 4513
	firstThreeByMerid  = 4534
	lastPlane          = 4554

	firstMeridian = 75 // degrees east, of the first code of each run
)

// plane is one Gauss–Krüger plane of CGCS2000: transverse Mercator, scale 1 on the central meridian, false easting 500 km.
type plane struct {
	width        int     // of its zone, degrees
	meridian     float64 // degrees east
	zone         int     // the number written before the easting, 0 for none
	falseEasting float64 // metres, including the zone number
}

func planeOf(f Frame) (plane, error) {
	code, err := strconv.Atoi(string(f))
	if err != nil || code < firstPlane || code > lastPlane {
		return plane{}, fault.New(fault.Unsupported, "frame-unknown", "不认识坐标系“%s”", string(f))
	}
	switch {
	case code < firstSixByMeridian:
		return newPlane(6, code-firstPlane, 13+code-firstPlane), nil
	case code < firstThreePrefixed:
		return newPlane(6, code-firstSixByMeridian, 0), nil
	case code < firstThreeByMerid:
		return newPlane(3, code-firstThreePrefixed, 25+code-firstThreePrefixed), nil
	default:
		return newPlane(3, code-firstThreeByMerid, 0), nil
	}
}

func newPlane(width, nth, zone int) plane {
	return plane{
		width:        width,
		meridian:     float64(firstMeridian + width*nth),
		zone:         zone,
		falseEasting: 500_000 + 1_000_000*float64(zone),
	}
}

// CentralMeridian returns the central meridian in degrees east and the zone number written before the easting (0 where
// the plane has none); ok is false for frames that are no Gauss–Krüger plane.
func (f Frame) CentralMeridian() (degrees float64, zone int, ok bool) {
	pl, err := planeOf(f)
	return pl.meridian, pl.zone, err == nil
}

// maxFromMeridianM bounds the distance from the central meridian, about 7°: three zones of 3°, and less than the 710 km at
// which numbers of the neighbouring 6° zone begin. Farther numbers are a wrong zone, a missing or extra zone number or
// swapped columns, and would convert to a wrong place without a word. Where no zone number stands before the easting of a
// 6° plane there is nothing to mistake, and all of the zone beside it is taken: 9° are 1,002 km at the equator.
const (
	maxFromMeridianM   = 700_000
	maxFromMeridianOf6 = 1_010_000
	maxNorthingM       = 10_001_966 // the pole
)

// reachM is how far from the central meridian numbers of the plane may lie.
func (pl plane) reachM() float64 {
	if pl.zone == 0 && pl.width == 6 {
		return maxFromMeridianOf6
	}
	return maxFromMeridianM
}

func (pl plane) forward(p orb.Point) (east, north float64, err error) {
	dLon := math.Remainder(p[0]-pl.meridian, 360)
	if math.Abs(dLon) > 80 {
		return 0, 0, fault.New(fault.Malformed, "outside-plane", "经度 %v 离中央经线 %v° 太远，不能投影到这个带", p[0], pl.meridian)
	}
	x, y := kruger.forward(dLon, p[1])
	return pl.falseEasting + x, y, nil
}

func (pl plane) inverse(east, north float64) (orb.Point, error) {
	x := east - pl.falseEasting
	if math.Abs(x) > pl.reachM() || math.Abs(north) > maxNorthingM {
		return orb.Point{}, pl.outside(east, north)
	}
	dLon, lat := kruger.inverse(x, north)
	return orb.Point{pl.meridian + dLon, lat}, nil
}

// outside says what is probably wrong with numbers that do not lie in the plane.
func (pl plane) outside(east, north float64) error {
	const code = "outside-plane"
	if math.Abs(north-pl.falseEasting) <= maxFromMeridianM && math.Abs(east) <= maxNorthingM {
		return fault.New(fault.Malformed, code, "坐标 %v, %v 像是北坐标在前：本系统按东、北顺序读，请调换两列", metres(east), metres(north))
	}
	if zone := int(east / 1_000_000); zone != pl.zone && zone >= 13 && zone <= 45 {
		return fault.New(fault.Malformed, code, "东坐标 %v 带有带号 %d，与所选坐标系不符：%s", metres(east), zone, zoneCure(zone))
	}
	if pl.zone != 0 && math.Abs(east-500_000) <= maxFromMeridianM {
		return fault.New(fault.Malformed, code, "东坐标 %v 没有带号，而所选坐标系带有带号 %d：请改用不带带号的坐标系", metres(east), pl.zone)
	}
	return fault.New(fault.Malformed, code, "坐标 %v, %v 不在中央经线 %v° 的高斯—克吕格平面之内", metres(east), metres(north), pl.meridian)
}

// metres is a coordinate for a sentence, never with an exponent.
type metres float64

func (m metres) String() string { return strconv.FormatFloat(float64(m), 'f', -1, 64) }

func zoneCure(zone int) string {
	if zone <= 23 {
		return "应为六度带 EPSG:" + strconv.Itoa(firstPlane+zone-13)
	}
	return "应为三度带 EPSG:" + strconv.Itoa(firstThreePrefixed+zone-25)
}
