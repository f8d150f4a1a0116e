package feature

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"fangyu/geo"
)

var (
	prjName      = regexp.MustCompile(`^\s*(\w+)\s*[\[(]\s*"([^"]*)"`)
	prjDatum     = regexp.MustCompile(`(?i)DATUM\s*[\[(]\s*"([^"]*)"`)
	prjParameter = regexp.MustCompile(`(?i)PARAMETER\s*[\[(]\s*"([^"]*)"\s*,\s*([-+0-9.eE]+)`)
	prjMethod    = regexp.MustCompile(`(?i)PROJECTION\s*[\[(]\s*"([^"]*)"`)
	prjUnit      = regexp.MustCompile(`(?i)UNIT\s*[\[(]\s*"([^"]*)"\s*,\s*([-+0-9.eE]+)`)
)

// The datums by what their names contain, folded; of each the EPSG code of its degrees.
var prjDatums = []struct {
	part  string
	frame string
}{
	{"china2000", string(geo.CGCS2000)},
	{"cgcs2000", string(geo.CGCS2000)},
	{"chinageodetic", string(geo.CGCS2000)},
	{"wgs84", string(geo.WGS84)},
	{"wgs1984", string(geo.WGS84)},
	{"newbeijing", "4555"},
	{"beijing", "4214"},
	{"xian", "4610"},
}

// frameOfPRJ returns the frame that a .prj (WKT 1, as ESRI and GDAL write it) names: for geo.ParseFrame, which refuses what
// cannot be transformed; the file's own name for a frame that is none of ours, "" for no text.
func frameOfPRJ(wkt string) string {
	wkt = strings.TrimPrefix(strings.TrimSpace(wkt), "\ufeff")
	if wkt == "" {
		return ""
	}
	root := prjName.FindStringSubmatch(wkt)
	datum := prjDatum.FindStringSubmatch(wkt)
	if root == nil || datum == nil {
		return clip(wkt)
	}
	frame := ""
	for _, d := range prjDatums {
		if strings.Contains(fold(datum[1]), d.part) {
			frame = d.frame
			break
		}
	}
	switch {
	case frame == "":
		return root[2]
	case strings.EqualFold(root[1], "GEOGCS"), frame != string(geo.CGCS2000) && frame != string(geo.WGS84):
		return frame
	}
	if plane := planeOfPRJ(wkt, frame, root[2]); plane != "" {
		return plane
	}
	return root[2]
}

// planeOfPRJ returns the EPSG code of the plane, "" for one that is none of ours. It goes by the numbers, not by the name:
// every program names planes in its own way.
func planeOfPRJ(wkt, datum, name string) string {
	method := prjMethod.FindStringSubmatch(wkt)
	units := prjUnit.FindAllStringSubmatch(wkt, -1)
	if method == nil || len(units) == 0 {
		return ""
	}
	if metre, err := strconv.ParseFloat(units[len(units)-1][2], 64); err != nil || metre != 1 {
		return ""
	}
	if datum == string(geo.WGS84) {
		if strings.Contains(fold(name), "mercatorauxiliarysphere") || strings.Contains(fold(name), "pseudomercator") {
			return string(geo.WebMercator)
		}
		return ""
	}
	if m := fold(method[1]); m != "gausskruger" && m != "transversemercator" {
		return ""
	}
	parameters := map[string]float64{"scalefactor": 1}
	for _, p := range prjParameter.FindAllStringSubmatch(wkt, -1) {
		v, err := strconv.ParseFloat(p[2], 64)
		if err != nil {
			return ""
		}
		parameters[fold(p[1])] = v
	}
	if parameters["scalefactor"] != 1 || parameters["latitudeoforigin"] != 0 || parameters["falsenorthing"] != 0 {
		return ""
	}
	east := parameters["falseeasting"]
	zone := math.Floor(east / 1e6)
	if east-zone*1e6 != 500_000 {
		return ""
	}
	best := "" // a plane by its meridian is the same in 6° and 3° zones: the name decides which of the two it is called
	for _, f := range geo.Frames() {
		meridian, itsZone, ok := f.CentralMeridian()
		if ok && meridian == parameters["centralmeridian"] && float64(itsZone) == zone && (best == "" || strings.Contains(fold(name), "3degree")) {
			best = string(f)
		}
	}
	return best
}
