package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// RoundDegrees is a position rounded to so many decimals of a degree, of the stored degrees.
func RoundDegrees(p orb.Point, decimals int) orb.Point {
	unit := math.Pow10(decimals)
	return orb.Point{math.Round(p[0]*unit) / unit, math.Round(p[1]*unit) / unit}
}

// StepM is the step in metres below which nothing may be told of a position rounded to so many decimals, lest the position
// be found by it: 2 km for two decimals, of which the last is at most 1,117 m long.
func StepM(decimals int) float64 {
	return 2 * math.Pow10(5-decimals)
}

// RoundTo rounds a value to a multiple of a step.
func RoundTo(v, step float64) float64 { return math.Round(v/step) * step }
