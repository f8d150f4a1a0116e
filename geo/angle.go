package geo

import (
	"fmt"
	"math"
)

// FormatDMS writes an angle in degrees as 106°33′05.20″, with so many decimals of the second (0 to 9). It is rounded as a whole, so
// that 59.9999″ becomes the next minute and never 60″. A negative angle begins with −; which half of the earth it means
// is for the caller to say.
func FormatDMS(degrees float64, decimals int) string {
	unit := math.Pow10(decimals)
	sign, total := splitAngle(degrees, 3600*unit)
	seconds := math.Mod(total, 60*unit) / unit
	minutes := math.Floor(total / (60 * unit))
	width := 2
	if decimals > 0 {
		width += 1 + decimals
	}
	return fmt.Sprintf("%s%d°%02d′%0*.*f″", sign, int(minutes)/60, int(minutes)%60, width, decimals, seconds)
}

// splitAngle counts an angle in units of which a degree has so many, apart from its sign; what rounds to nothing has none.
func splitAngle(degrees, perDegree float64) (sign string, total float64) {
	total = math.Round(math.Abs(degrees) * perDegree)
	if degrees < 0 && total > 0 {
		sign = "−"
	}
	return sign, total
}

// String writes the bearing to the minute as records do, 227°10′; what rounds to a full turn is 0°00′.
func (b GridBearing) String() string {
	_, minutes := splitAngle(positiveDegrees(float64(b)), 60)
	m := int(minutes) % (360 * 60)
	return fmt.Sprintf("%d°%02d′", m/60, m%60)
}
