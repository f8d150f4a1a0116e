package track_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fangyu/geo/track"
	"fangyu/internal/shareddata"
)

// The expected outcome of every KML, KMZ, TCX, SVG and zip of data/tracks. The numbers are those of slowMarkup, below:
// encoding/xml into a tree, split by strings.Fields, nothing shared with the readers. Where it cannot say (bad files), they
// were counted by eye. The ends are compared with slowMarkup's, as is every position and time between.
var markupFiles = map[string]struct {
	format                      string
	state                       track.State
	segments, points, waypoints int
	codes                       string
}{
	"bsd-2-clause/togeojson/addresses.kml":              {"kml", track.OKWithNotes, 7, 9, 0, "no_geometry no_time"},
	"bsd-2-clause/togeojson/bad.kml":                    {"kml", track.Unreadable, 0, 0, 0, "bad_position polygon_ignored"},
	"bsd-2-clause/togeojson/cdata.kml":                  {"kml", track.OKWithNotes, 0, 0, 1, "no_track"},
	"bsd-2-clause/togeojson/extended_data.kml":          {"kml", track.OKWithNotes, 0, 0, 1, "no_track"},
	"bsd-2-clause/togeojson/ground_overlay.kml":         {"kml", track.OKWithNotes, 0, 0, 0, "overlay_ignored no_track"},
	"bsd-2-clause/togeojson/ground_overlay_quad.kml":    {"kml", track.OKWithNotes, 0, 0, 0, "overlay_ignored no_track"},
	"bsd-2-clause/togeojson/gxmultitrack.kml":           {"kml", track.OKWithNotes, 2, 26, 2, "time_backwards"},
	"bsd-2-clause/togeojson/gxtrack.kml":                {"kml", track.OK, 1, 7, 0, ""},
	"bsd-2-clause/togeojson/inline_style.kml":           {"kml", track.OKWithNotes, 3, 29, 0, "no_time"},
	"bsd-2-clause/togeojson/inline_style_mini.kml":      {"kml", track.OKWithNotes, 1, 3, 0, "no_time"},
	"bsd-2-clause/togeojson/linear_ring.kml":            {"kml", track.OKWithNotes, 1, 176, 0, "ring_as_line no_time"},
	"bsd-2-clause/togeojson/linestring.kml":             {"kml", track.OKWithNotes, 2, 4, 0, "no_time"},
	"bsd-2-clause/togeojson/literal_color.kml":          {"kml", track.OKWithNotes, 1, 11, 0, "no_time"},
	"bsd-2-clause/togeojson/multigeometry.kml":          {"kml", track.OKWithNotes, 2, 4, 0, "no_time"},
	"bsd-2-clause/togeojson/multigeometry_discrete.kml": {"kml", track.OKWithNotes, 1, 2, 1, "no_time"},
	"bsd-2-clause/togeojson/multigeometry_sibling.kml":  {"kml", track.OKWithNotes, 23, 74, 0, "no_time"},
	"bsd-2-clause/togeojson/multitrack.kml":             {"kml", track.OK, 1, 16, 2, ""},
	"bsd-2-clause/togeojson/networklink.kml":            {"kml", track.OKWithNotes, 0, 0, 0, "network_link_ignored no_track"},
	"bsd-2-clause/togeojson/nogeomplacemark.kml":        {"kml", track.OKWithNotes, 0, 0, 0, "no_geometry no_track"},
	"bsd-2-clause/togeojson/non_gx_multitrack.kml":      {"kml", track.OK, 1, 16, 2, ""},
	"bsd-2-clause/togeojson/noname.kml":                 {"kml", track.OKWithNotes, 1, 11, 0, "no_time"},
	"bsd-2-clause/togeojson/null_geometry.kml":          {"kml", track.OKWithNotes, 0, 0, 0, "no_geometry no_track"},
	"bsd-2-clause/togeojson/opacity_override.kml":       {"kml", track.OKWithNotes, 1, 2, 0, "no_time"},
	"bsd-2-clause/togeojson/point.kml":                  {"kml", track.OKWithNotes, 0, 0, 1, "no_track"},
	"bsd-2-clause/togeojson/point_extra_coordinates.kml": {
		"kml", track.OKWithNotes, 0, 0, 1, "extra_coordinates no_track",
	},
	"bsd-2-clause/togeojson/point_id.kml":       {"kml", track.OKWithNotes, 0, 0, 1, "no_track"},
	"bsd-2-clause/togeojson/polygon.kml":        {"kml", track.OKWithNotes, 0, 0, 0, "polygon_ignored no_track"},
	"bsd-2-clause/togeojson/schema.kml":         {"kml", track.OKWithNotes, 0, 0, 0, "polygon_ignored no_track"},
	"bsd-2-clause/togeojson/selfclosing.kml":    {"kml", track.OKWithNotes, 0, 0, 0, "no_geometry no_track"},
	"bsd-2-clause/togeojson/simpledata.kml":     {"kml", track.OKWithNotes, 0, 0, 2, "no_track"},
	"bsd-2-clause/togeojson/style.kml":          {"kml", track.OKWithNotes, 0, 0, 3, "no_track"},
	"bsd-2-clause/togeojson/style_url.kml":      {"kml", track.OKWithNotes, 0, 0, 0, "polygon_ignored no_track"},
	"bsd-2-clause/togeojson/styles.kml":         {"kml", track.OKWithNotes, 0, 0, 1, "polygon_ignored no_track"},
	"bsd-2-clause/togeojson/timespan.kml":       {"kml", track.OKWithNotes, 0, 0, 0, "polygon_ignored no_track"},
	"bsd-2-clause/togeojson/twopoints.kml":      {"kml", track.OKWithNotes, 0, 0, 2, "no_track"},
	"bsd-2-clause/togeojson/bad.tcx":            {"tcx", track.PartlyRead, 1, 1, 0, "zero_position bad_position"},
	"bsd-2-clause/togeojson/garmin_connect.tcx": {"tcx", track.OKWithNotes, 1, 316, 0, "no_position"},
	"bsd-2-clause/togeojson/sample.tcx":         {"tcx", track.OKWithNotes, 3, 17, 0, "no_position"},
	"bsd-2-clause/togeojson/tcx-courses.tcx":    {"tcx", track.OKWithNotes, 1, 30, 0, "course_planned"},
	"bsd-2-clause/togeojson/tour_hr.tcx":        {"tcx", track.OK, 1, 465, 0, ""},
	"made/k02_good.kmz":                         {"kmz", track.OKWithNotes, 1, 2, 0, "no_time"},
	"made/k03_bomb_10MB.kmz":                    {"kmz", track.RefusedDangerous, 0, 0, 0, "zip_ratio"},
	"made/k04_bomb_in_directory_entry.kmz":      {"kmz", track.RefusedDangerous, 0, 0, 0, "zip_ratio"},
	"made/k06_symlink_entry.kmz":                {"kmz", track.RefusedDangerous, 0, 0, 0, "zip_path"},
	"made/k07_1000_entries.kmz":                 {"zip", track.RefusedDangerous, 0, 0, 0, "zip_entries"}, // 1,001
	"made/k08_nested.kmz":                       {"zip", track.RefusedDangerous, 0, 0, 0, "zip_nested"},
	"made/k10_gbk_names.zip":                    {"zip", track.Unreadable, 0, 0, 0, "zip_no_track"},
	"made/k11_networklink_ssrf.kml":             {"kml", track.OKWithNotes, 0, 0, 0, "network_link_ignored no_track"},
	"made/k12_lonlat_swapped.kml":               {"kml", track.PartlyRead, 1, 1, 0, "unreadable_position no_time"},
	"made/k14_description_script.kml":           {"kml", track.OKWithNotes, 1, 2, 0, "no_time"},
	"made/k15_svg_script.svg":                   {"svg", track.Unreadable, 0, 0, 0, "format_not_read"},
}

func TestEveryMarkupFileGetsTheAnswerExpected(t *testing.T) {
	root := shareddata.Path(t, "tracks")
	met := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.Contains(".kml.kmz.tcx.svg.zip", filepath.Ext(path)) || filepath.Ext(path) == "" {
			return err
		}
		name, _ := filepath.Rel(root, path)
		want, ok := markupFiles[filepath.ToSlash(name)]
		if !ok {
			t.Errorf("%s is not in the table", name)
			return nil
		}
		met++
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tr := read(t, name, string(b))
		got := want
		got.format, got.state, got.codes = tr.Format, tr.State, noteCodes(tr)
		got.segments, got.points, got.waypoints = len(tr.Segments), tr.NumPoints(), len(tr.Waypoints)
		if got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		if tr.State == track.OK || tr.State == track.OKWithNotes {
			agrees(t, name, tr, slowMarkup(t, b))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if met != len(markupFiles) {
		t.Errorf("met %d of %d files", met, len(markupFiles))
	}
}

// agrees compares every position and time, the ends among them, with those of the slow reader.
func agrees(t *testing.T, name string, tr *track.Track, slow slowTrack) {
	t.Helper()
	var got slowTrack
	for p := range tr.Points() {
		got.points = append(got.points, slowPoint{p.Lon, p.Lat, p.Time.UTC()})
	}
	for _, w := range tr.Waypoints {
		got.waypoints = append(got.waypoints, slowPoint{w.Lon, w.Lat, w.Time.UTC()})
	}
	if g, w := fmt.Sprint(got.points), fmt.Sprint(slow.points); g != w {
		t.Errorf("%s: points\n%s\nwant\n%s", name, g, w)
	}
	if g, w := fmt.Sprint(got.waypoints), fmt.Sprint(slow.waypoints); g != w {
		t.Errorf("%s: waypoints\n%s\nwant\n%s", name, g, w)
	}
}

type slowPoint struct {
	lon, lat float64
	at       time.Time
}

type slowTrack struct{ points, waypoints []slowPoint }

// node is any XML.
type node struct {
	XMLName  xml.Name
	Text     string `xml:",chardata"`
	Children []node `xml:",any"`
}

// slowMarkup is an independent reader of KML and TCX, also within a zip.
func slowMarkup(t testing.TB, b []byte) (s slowTrack) {
	t.Helper()
	if bytes.HasPrefix(b, []byte("PK")) {
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			text, err := fs.ReadFile(z, f.Name)
			if err != nil {
				t.Fatal(err)
			}
			one := slowMarkup(t, text)
			s.points, s.waypoints = append(s.points, one.points...), append(s.waypoints, one.waypoints...)
		}
		return s
	}
	var root node
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	if err := d.Decode(&root); err != nil {
		t.Fatal(err)
	}
	s.walk(root, time.Time{})
	return s
}

func (s *slowTrack) walk(n node, stamp time.Time) {
	switch n.XMLName.Local {
	case "Polygon", "GroundOverlay":
		return
	case "Placemark":
		if when := n.all("TimeStamp", "when"); len(when) > 0 {
			stamp = slowTime(when[0])
		}
	case "Point":
		for _, c := range n.all("coordinates") {
			for _, p := range slowTuples(c) {
				p.at = stamp
				s.waypoints = append(s.waypoints, p)
			}
		}
	case "LineString", "LinearRing":
		for _, c := range n.all("coordinates") {
			s.points = append(s.points, slowTuples(c)...)
		}
	case "Track":
		whens := n.all("when")
		for i, c := range n.all("coord") {
			p := slowTuples(strings.Join(strings.Fields(c), ","))[0]
			if i < len(whens) {
				p.at = slowTime(whens[i])
			}
			s.points = append(s.points, p)
		}
	case "Trackpoint":
		if lat := n.all("Position", "LatitudeDegrees"); len(lat) > 0 {
			p := slowTuples(n.all("Position", "LongitudeDegrees")[0] + "," + lat[0])[0]
			p.at = slowTime(n.all("Time")[0])
			s.points = append(s.points, p)
		}
	}
	for _, c := range n.Children {
		s.walk(c, stamp)
	}
}

// all are the texts of the grandchildren at the path.
func (n node) all(path ...string) (texts []string) {
	for _, c := range n.Children {
		switch {
		case c.XMLName.Local != path[0]:
		case len(path) == 1:
			texts = append(texts, strings.TrimSpace(c.Text))
		default:
			texts = append(texts, c.all(path[1:]...)...)
		}
	}
	return texts
}

func slowTime(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

func slowTuples(s string) (all []slowPoint) {
	for _, word := range strings.Fields(s) {
		numbers := strings.Split(word, ",")
		lon, err1 := strconv.ParseFloat(numbers[0], 64)
		lat, err2 := strconv.ParseFloat(numbers[1], 64)
		if err1 == nil && err2 == nil {
			all = append(all, slowPoint{lon: lon, lat: lat})
		}
	}
	return all
}
