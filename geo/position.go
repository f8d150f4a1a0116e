package geo

import (
	"math"
	"strconv"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// China is the box in which a position of a Chinese authority can lie (73°–136° E, 3°–54° N).
var China = orb.Bound{Min: orb.Point{73, 3}, Max: orb.Point{136, 54}}

// CheckLonLat returns nil for a position in China, longitude first, in degrees. Otherwise the error is Malformed with a
// code that says what is probably wrong: "not-a-number", "latlon-swapped", "projected-coordinates" (metres of a plane) or
// "out-of-range". Nothing is mended: the caller asks a person.
func CheckLonLat(p orb.Point) error {
	lon, lat := p[0], p[1]
	switch {
	case !isFinite(lon) || !isFinite(lat):
		return fault.New(fault.Malformed, "not-a-number", "坐标 %v, %v 不是有限的数", lon, lat)
	case China.Contains(p):
		return nil
	case China.Contains(orb.Point{lat, lon}):
		return fault.New(fault.Malformed, "latlon-swapped",
			"坐标 %v, %v 的经纬度像是写反了：应当经度在前、纬度在后，即 %v, %v", lon, lat, lat, lon)
	case math.Abs(lon) > 360 && math.Abs(lat) > 360:
		return fault.New(fault.Malformed, "projected-coordinates",
			"坐标 %v, %v 是平面坐标（米），不是经纬度：%s", metres(lon), metres(lat), planeHint(lon, lat))
	default:
		return fault.New(fault.Malformed, "out-of-range",
			"坐标 %v, %v 不在我国范围之内（经度 73–136，纬度 3–54）：请核对这一行的经纬度", lon, lat)
	}
}

// planeHint proposes the frame in which two plane coordinates would lie in China.
func planeHint(a, b float64) string {
	east, north, swapped := a, b, ""
	if a < b && b >= 13_000_000 || a > 1_000_000 && a < 6_000_000 && b < 1_000_000 {
		east, north, swapped = b, a, "（北坐标在前，读入前请调换两列）"
	}
	zone := int(math.Floor(east / 1_000_000))
	switch {
	case north < 0 || north > 6_000_000:
		return "请说明坐标系"
	case zone >= 13 && zone <= 45:
		return "像是带号为 " + strconv.Itoa(zone) + " 的高斯—克吕格坐标，" + zoneCure(zone) + swapped
	default:
		return "请说明所在的带，例如 4545（三度带，中央经线 108°）" + swapped
	}
}
