package geo

// directionWords are the sixteen directions (方位) of course descriptions, clockwise from north, each 22°30′ wide.
var directionWords = [16]string{
	"北", "北偏东北", "东北", "东偏东北", "东", "东偏东南", "东南", "南偏东南",
	"南", "南偏西南", "西南", "西偏西南", "西", "西偏西北", "西北", "北偏西北",
}

// DirectionWord returns the word for an azimuth in degrees clockwise from true north, any number of turns: 北 from 348°45′
// up to but not including 11°15′, 北偏东北 from there, and so on (GB/T 17796). A grid bearing is another thing and has its
// own type, [GridBearing]. "" for an azimuth that is no number.
func DirectionWord(azimuth float64) string {
	if !isFinite(azimuth) {
		return ""
	}
	const width, half = 360.0 / 16, 360.0 / 32
	azimuth = positiveDegrees(azimuth)
	if azimuth < half {
		return directionWords[0]
	}
	return directionWords[(int((azimuth-half)/width)+1)%16]
}
