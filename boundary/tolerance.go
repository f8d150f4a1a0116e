package boundary

import (
	"math"

	"fangyu/internal/fault"
)

// Receiver is what recorded a track.
type Receiver string

// The receivers, from the least to the most exact.
const (
	Phone      Receiver = "phone"
	Handheld   Receiver = "handheld"
	GNSSSingle Receiver = "gnss-single"
	GNSSFloat  Receiver = "gnss-float"
	GNSSFixed  Receiver = "gnss-fixed"
)

// Receivers lists every receiver once.
var Receivers = []Receiver{Phone, Handheld, GNSSSingle, GNSSFloat, GNSSFixed}

// receiverSigmaM is the usual standard deviation of a position in metres under an open sky; from experience, and stated with every result.
var receiverSigmaM = map[Receiver]float64{Phone: 8, Handheld: 4, GNSSSingle: 3, GNSSFloat: 0.5, GNSSFixed: 0.05}

// ParseReceiver reads a receiver; the empty word is a phone. Anything else is Malformed "bad-receiver".
func ParseReceiver(s string) (Receiver, error) {
	if s == "" {
		return Phone, nil
	}
	if _, ok := receiverSigmaM[Receiver(s)]; ok {
		return Receiver(s), nil
	}
	return "", fault.New(fault.Malformed, "bad-receiver",
		"不认识的接收设备“%s”：可用 phone、handheld、gnss-single、gnss-float、gnss-fixed", s)
}

// SigmaM returns the usual standard deviation of the receiver's positions in metres.
func (r Receiver) SigmaM() float64 { return receiverSigmaM[r] }

// lineSigmaM is the standard deviation of a line on its agreement map: 0.4 mm at 1:50,000, 1:10,000 and 1:2,000.
var lineSigmaM = map[Level]float64{ProvinceLine: 20, CountyLine: 4, TownshipLine: 0.8}

// SigmaM returns the standard deviation of a line of the level in metres.
func (l Level) SigmaM() float64 { return lineSigmaM[l] }

// CorridorM is the half width of the wider corridor that is reported beside the coverage, in metres.
func (l Level) CorridorM() float64 {
	if l == TownshipLine {
		return 30
	}
	return 50
}

// minToleranceM and toleranceFactor are Tmin and k of T = max(Tmin, k·√(σL² + σG²)).
const (
	minToleranceM   = 2
	toleranceFactor = 2
)

// ToleranceM returns how far from a line of the level a position of the given standard deviation may lie and still be on
// it, in metres.
func ToleranceM(level Level, sigmaM float64) float64 {
	return toleranceM(level.SigmaM(), sigmaM)
}

func toleranceM(lineM, positionM float64) float64 {
	return math.Max(minToleranceM, toleranceFactor*math.Hypot(lineM, positionM))
}
