package boundary

import (
	"math"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/track"
)

// Corridor returns the parts of a track within widthM metres of a line: all that the other side of the line may see of it.
// A part has at least two positions that follow each other; where the track leaves the corridor, the part ends at the
// last position inside. Nothing is interpolated, so nothing tells where the track went from there.
func Corridor(line *geo.Chain, segments [][]track.Point, widthM float64) orb.MultiLineString {
	var parts orb.MultiLineString
	var part orb.LineString
	end := func() {
		if len(part) > 1 {
			parts = append(parts, part)
		}
		part = nil
	}
	for _, segment := range segments {
		for _, p := range segment {
			if _, offsetM := line.Project(p.LonLat()); math.Abs(offsetM) > widthM {
				end()
				continue
			}
			part = append(part, p.LonLat())
		}
		end()
	}
	return parts
}
