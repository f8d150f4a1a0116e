package boundary

import (
	"math"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// Sight is the way from a marker to an object on the plane of the marker's record.
type Sight struct {
	Bearing   geo.GridBearing // 坐标方位角, from grid north: never the azimuth, see [geo.Grid]
	DistanceM float64
}

// offset returns metres east and north.
func (s Sight) offset() plane {
	sin, cos := math.Sincos(float64(s.Bearing) * math.Pi / 180)
	return plane{s.DistanceM * sin, s.DistanceM * cos}
}

// plane is a way on a plane in metres.
type plane struct{ east, north float64 }

func (p plane) minus(q plane) plane { return plane{p.east - q.east, p.north - q.north} }
func (p plane) length() float64     { return math.Hypot(p.east, p.north) }
func (p plane) bearing() float64 {
	return math.Mod(math.Atan2(p.east, p.north)*180/math.Pi+360, 360)
}

// WitnessObject (方位物) is a lasting object near a marker by which its place is found again, in the record of the marker by name,
// grid bearing to the minute and distance to the decimetre.
type WitnessObject struct {
	Name string
	Sight
}

// maxWitnessM is the distance from which on an object shows nothing: a minute of arc is 0.3 m there.
const maxWitnessM = 1000

// NewWitnessObject returns a witness object with its bearing rounded to the minute and its distance to 0.1 m, as records
// give them.
//
// Errors, all Malformed: "witness-name" for none, "witness-bearing" outside 0 to 360 degrees, "witness-distance" for one
// that rounds to nothing or lies beyond a kilometre.
func NewWitnessObject(name string, bearing geo.GridBearing, distanceM float64) (WitnessObject, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return WitnessObject{}, fault.New(fault.Malformed, "witness-name", "方位物没有名称：请写明是什么，例如“石桥东北角”")
	}
	if err := (Sight{bearing, distanceM}).check(name); err != nil {
		return WitnessObject{}, err
	}
	minutes := math.Mod(math.Round(float64(bearing)*60), 360*60)
	return WitnessObject{name, Sight{geo.GridBearing(minutes / 60), math.Round(distanceM*10) / 10}}, nil
}

// check refuses what cannot be a sight of the object of the name.
func (s Sight) check(name string) error {
	if !(s.Bearing >= 0 && s.Bearing <= 360) {
		return fault.New(fault.Malformed, "witness-bearing", "方位物“%s”的坐标方位角 %v 不在 0°–360° 之间", name, float64(s.Bearing))
	}
	if !(s.DistanceM >= 0.05 && s.DistanceM <= maxWitnessM) {
		return fault.New(fault.Malformed, "witness-distance",
			"方位物“%s”的距离 %v 米不对：应大于 0，且不超过 %d 米", name, s.DistanceM, maxWitnessM)
	}
	return nil
}

// See returns the object as it was measured again, not rounded. Errors as [NewWitnessObject].
func (w WitnessObject) See(bearing geo.GridBearing, distanceM float64) (WitnessSeen, error) {
	s := Sight{bearing, distanceM}
	if err := s.check(w.Name); err != nil {
		return WitnessSeen{}, err
	}
	return WitnessSeen{WitnessObject: w, Seen: &s}, nil
}

// WitnessObjectAt returns the witness object for the positions (CGCS2000) of marker and object, as they are on the plane f.
// Errors as [NewWitnessObject] and [geo.Frame.GridBearing].
func WitnessObjectAt(name string, marker, object orb.Point, f geo.Frame) (WitnessObject, error) {
	bearing, m, err := f.GridBearing(marker, object)
	if err != nil {
		return WitnessObject{}, err
	}
	return NewWitnessObject(name, bearing, m)
}
