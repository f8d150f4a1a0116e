package geo

import (
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// Zone (投影带) is a Gauss–Krüger zone of CGCS2000: 6° wide for maps of 1:25,000 and smaller, 3° for 1:10,000 and larger.
type Zone struct {
	WidthDegrees int
	Number       int     // 带号: round(L/3) for 3°, floor(L/6)+1 for 6°
	Meridian     float64 // the central one, degrees east
	Prefixed     Frame   // with the zone number before the easting
	Plain        Frame   // without
}

// ZoneOf returns the zone 3° or 6° wide in which a longitude lies; on the edge between two it is the eastern one. In the
// 3° zone the central meridian is the nearest one.
//
// Errors: Malformed "zone-width" for another width and "out-of-range" for longitudes outside the zones that have a code,
// 73.5° to 136.5° and 72° to 138°.
func ZoneOf(lon float64, widthDegrees int) (Zone, error) {
	var number, first, last, prefixed, plain int
	var meridian float64
	switch widthDegrees {
	case 3:
		first, last, prefixed, plain = 25, 45, firstThreePrefixed, firstThreeByMerid
		number = int(math.Floor(lon/3 + 0.5))
		meridian = 3 * float64(number)
	case 6:
		first, last, prefixed, plain = 13, 23, firstPlane, firstSixByMeridian
		number = int(math.Floor(lon/6)) + 1
		meridian = 6*float64(number) - 3
	default:
		return Zone{}, fault.New(fault.Malformed, "zone-width", "没有 %d° 的投影带：只有三度带（3）和六度带（6）", widthDegrees)
	}
	if !isFinite(lon) || number < first || number > last {
		half := float64(widthDegrees) / 2
		return Zone{}, fault.New(fault.Malformed, "out-of-range", "经度 %v 不在 CGCS2000 %d° 带（%v°–%v°）之内",
			lon, widthDegrees, firstMeridian-half, float64(firstMeridian+widthDegrees*(last-first))+half)
	}
	code := func(run int) Frame { return Frame(strconv.Itoa(run + number - first)) }
	return Zone{widthDegrees, number, meridian, code(prefixed), code(plain)}, nil
}

// ZoneFrame returns the 3° plane without zone number whose central meridian is nearest to the longitude, the plane in
// which a position is printed. Longitudes outside 73.5 to 136.5 are refused as Malformed "out-of-range".
func ZoneFrame(lon float64) (Frame, error) {
	z, err := ZoneOf(lon, 3)
	return z.Plain, err
}

// InZone is a stretch of a line that lies in one zone.
type InZone struct {
	Zone Zone
	Path orb.LineString
}

// ByZone cuts a line where it passes from one zone into the next, so that each stretch can be given on the plane of its
// own zone; a line that crosses 106.5° E or 109.5° E belongs on no single 3° plane. The places of the cuts lie on the
// geodesic between the vertices to a nanodegree. Stretches come in the order of the line, the parts of a line apart.
//
// Errors as [ZoneOf], for the first position outside.
func ByZone(line orb.MultiLineString, widthDegrees int) ([]InZone, error) {
	var out []InZone
	for _, path := range line {
		begun := false // a stretch of this part is open
		for i := 1; i < len(path); i++ {
			if path[i-1] == path[i] {
				continue
			}
			for _, piece := range cutAtEdges(path[i-1], path[i], widthDegrees) {
				z, err := ZoneOf((piece[0][0]+piece[1][0])/2, widthDegrees)
				if err != nil {
					return nil, err
				}
				if !begun || out[len(out)-1].Zone != z {
					out, begun = append(out, InZone{z, orb.LineString{piece[0]}}), true
				}
				last := &out[len(out)-1]
				last.Path = append(last.Path, piece[1])
			}
		}
	}
	return out, nil
}

// cutAtEdges returns the geodesic from a to b in pieces between the edges of zones that it crosses.
func cutAtEdges(a, b orb.Point, widthDegrees int) [][2]orb.Point {
	w := float64(widthDegrees)
	offset := 0.0 // edges of 6° zones are multiples of 6, those of 3° zones lie half way between multiples of 3
	if widthDegrees == 3 {
		offset = w / 2
	}
	var cuts []orb.Point
	west, east := math.Min(a[0], b[0]), math.Max(a[0], b[0])
	for edge := math.Floor((west-offset)/w)*w + w + offset; edge < east; edge += w {
		cuts = append(cuts, onMeridian(a, b, edge))
	}
	if a[0] > b[0] {
		slices.Reverse(cuts)
	}
	pieces := make([][2]orb.Point, 0, len(cuts)+1)
	for _, c := range append(cuts, b) {
		pieces = append(pieces, [2]orb.Point{a, c})
		a = c
	}
	return pieces
}

// onMeridian returns the place where the geodesic from a to b, which lie on different sides of a meridian, crosses it, by
// bisection.
func onMeridian(a, b orb.Point, lon float64) orb.Point {
	var m, azimuth float64
	ellipsoid.Inverse(a[1], a[0], b[1], b[0], &m, &azimuth, nil)
	lo, hi := 0.0, m
	var p orb.Point
	for range 60 {
		mid := (lo + hi) / 2
		p = Direct(a, azimuth, mid)
		if (p[0] < lon) == (a[0] < lon) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return orb.Point{lon, p[1]}
}
