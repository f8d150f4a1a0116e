package geo

import (
	"math"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// maxMercatorM is half the side of the Web Mercator square: the easting of longitude 180.
const maxMercatorM = math.Pi * equatorialRadiusM

// geographicToMercator projects degrees to EPSG:3857 metres. Latitudes beyond the square (85.06°) are refused.
func geographicToMercator(p orb.Point) (x, y float64, err error) {
	y = equatorialRadiusM * math.Asinh(math.Tan(p[1]*math.Pi/180))
	if math.Abs(y) > maxMercatorM*(1+1e-12) {
		return 0, 0, fault.New(fault.Malformed, "outside-plane", "纬度 %v 超出 Web 墨卡托的范围（±85.06°）", p[1])
	}
	return equatorialRadiusM * p[0] * math.Pi / 180, y, nil
}

func mercatorToGeographic(x, y float64) (orb.Point, error) {
	if math.Abs(x) > maxMercatorM*(1+1e-12) || math.Abs(y) > maxMercatorM*(1+1e-12) {
		return orb.Point{}, fault.New(fault.Malformed, "outside-plane", "坐标 %v, %v 超出 Web 墨卡托的范围（±20037508.34 米）", x, y)
	}
	return orb.Point{x / equatorialRadiusM * 180 / math.Pi, math.Atan(math.Sinh(y/equatorialRadiusM)) * 180 / math.Pi}, nil
}
