package track

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"fangyu/geo"
)

// plane is what a file says of the Gauss–Krüger plane that its metres lie in.
type plane struct {
	meridian float64 // central, degrees east; NaN where it is not said
	frame    string  // a frame it names that is none of ours, or one that must be confirmed
}

// position returns latitude and longitude of metres in a plane of CGCS2000; ok is false where they cannot lie in it.
func planePosition(north, east, meridian float64) (lat, lon float64, ok bool) {
	// The formulas know nothing but the distance from the central meridian, so that one plane does for all, those of
	// cities with a meridian of their own too.
	const frame, of = geo.Frame("4545"), 108
	p, err := frame.ToCGCS2000(east, north)
	return p[1], p[0] - of + meridian, err == nil
}

// zoneMeridian is the central meridian of a zone by its number: 6° zones are 13 to 23, 3° zones 25 to 45 in China.
func zoneMeridian(zone int) (degrees float64, ok bool) {
	switch {
	case zone >= 13 && zone <= 23:
		return float64(6*zone - 3), true
	case zone >= 25 && zone <= 45:
		return float64(3 * zone), true
	}
	return absent, false
}

// zoneOf takes the zone number off an easting of eight digits; zone is 0 where there is none.
func zoneOf(east float64) (zone int, rest float64) {
	zone = int(east / 1e6)
	rest = east - float64(zone)*1e6
	if _, ok := zoneMeridian(zone); !ok || east < 0 || math.Abs(rest-500e3) > 400e3 {
		return 0, east
	}
	return zone, rest
}

// northing and easting tell what a number of metres can be in China: 0° to 54° north, and 400 km from a meridian.
func northing(v float64) bool { return v >= 1e6 && v <= 6.1e6 }
func easting(v float64) bool  { return v >= 100e3 && v <= 900e3 }

var (
	saysEPSG     = regexp.MustCompile(`(?i)EPSG\s*[:：]{0,2}\s*(\d{4,5})`)
	saysMeridian = regexp.MustCompile(`(?:中央子午线|中央经线|(?i:central[ _]?meridian)|\bCM)\s*(?:经度)?\s*[:：=,，\t ]\s*(?:东经|E)?\s*(\d{2,3}(?:[.°度:]\s*\d*[^,，;；\s]*)?)`)
	saysZone     = regexp.MustCompile(`(?:带号\s*[:：=,，\t ]\s*|第\s*|\b)(\d{2})\s*(?:带|$)`)
	saysDatum    = regexp.MustCompile(`(?i)(1954\s*年?\s*北京|北京\s*(?:19)?54|beijing\s*(?:19)?54|1980\s*年?\s*西安|西安\s*(?:19)?80|xi'?an\s*(?:19)?80|gcj|bd-?09|火星坐标|百度坐标)`)
)

// learn takes from a sentence before the table, or from a heading, what it says of the plane.
func (p *plane) learn(text string) {
	if m := saysDatum.FindString(text); m != "" {
		p.frame = m
	}
	if m := saysEPSG.FindStringSubmatch(text); m != nil {
		p.learnFrame(m[1])
	}
	if m := saysMeridian.FindStringSubmatch(text); m != nil {
		if a, ok := parseAngle([]byte(m[1])); ok && a.degrees >= 70 && a.degrees <= 140 {
			p.meridian = a.degrees
		}
	}
	if m := saysZone.FindStringSubmatch(text); m != nil && strings.Contains(text, "带") {
		zone, _ := strconv.Atoi(m[1])
		if degrees, ok := zoneMeridian(zone); ok {
			p.meridian = degrees
		}
	}
}

// learnFrame takes a frame by its EPSG code.
func (p *plane) learnFrame(code string) {
	f, err := geo.ParseFrame(code)
	if err != nil {
		p.frame = "EPSG:" + code
		return
	}
	if degrees, _, ok := f.CentralMeridian(); ok {
		p.meridian = degrees
	} else if f != geo.CGCS2000 && f != geo.WGS84 {
		p.frame = "EPSG:" + code
	}
}
