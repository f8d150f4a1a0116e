package track

import "math"

// Fix says how a receiver found a position.
type Fix uint8

// The kinds of fix, as GPX and NMEA know them.
const (
	FixUnknown Fix = iota // not said
	FixNone               // the receiver had no position
	Fix2D
	Fix3D
	FixDifferential
	FixFloat // RTK, ambiguities not resolved
	FixFixed // RTK, ambiguities resolved
)

// String returns the English word that goes into documents.
func (f Fix) String() string {
	return [...]string{"unknown", "none", "2d", "3d", "differential", "rtk-float", "rtk-fixed"}[f]
}

// Quality is what a receiver says of one position. Absent is not zero: NaN for the numbers, -1 for the satellites.
type Quality struct {
	HDOP       float32 // horizontal dilution of precision
	AccuracyM  float32 // standard deviation of the horizontal position (68 %)
	Satellites int16   // used
	Fix        Fix
}

// unsaid is the Quality of a receiver that says nothing.
var unsaid = Quality{HDOP: float32(math.NaN()), AccuracyM: float32(math.NaN()), Satellites: -1}

// nmeaFixes are the kinds of fix by the number that NMEA 0183 has for them in GGA. 6 to 8 are dead reckoning, typed in by
// hand and simulated.
var nmeaFixes = [10]Fix{0: FixNone, 1: Fix3D, 2: FixDifferential, 3: Fix3D, 4: FixFixed, 5: FixFloat}
