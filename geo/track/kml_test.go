package track_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"fangyu/geo/track"
)

const kmlHead = `<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2">
`

func lineString(coordinates string) string {
	return kmlHead + "<Placemark><LineString><coordinates>" + coordinates + "</coordinates></LineString></Placemark></kml>"
}

// positions are those of all segments, as lon,lat,elevation.
func positions(tr *track.Track) string {
	var all []string
	for p := range tr.Points() {
		s := fmt.Sprintf("%v,%v", p.Lon, p.Lat)
		if !math.IsNaN(p.ElevationM) {
			s += fmt.Sprintf(",%v", p.ElevationM)
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

func TestCoordinatesAreReadAsProgramsWriteThem(t *testing.T) {
	const two, three = "106.5,29.6 106.6,29.7", "106.5,29.6,300 106.6,29.7,301"
	for text, want := range map[string]string{
		"106.5,29.6 106.6,29.7":                               two,
		"\n\t106.5,29.6\r\n\t106.6,29.7\n":                    two,
		"106.5,29.6,300 106.6,29.7,301":                       three,
		"106.5, 29.6, 300 106.6, 29.7, 301":                   three,
		"106.5 ,29.6 ,300\n106.6 , 29.7 , 301":                three,
		"106.5,29.6,300, 106.6,29.7,301":                      three,
		"106.5,29.6,300,\n106.6,29.7,301,\n":                  three,
		"106.5,29.6,\n106.6,29.7,\n":                          two,
		"106.5,29.6, 300\n106.6,29.7, 301":                    three,
		"106.5, 29.6,300 106.6,29.7,301":                      three,
		"106.5,29.6,, 106.6,29.7,,":                           two,
		"106.5,29.6<!-- a --> 106.6,29.7":                     two,
		"<![CDATA[106.5,29.6 106.6,29.7]]>":                   two,
		"106.5,29.6,300,20 106.6,29.7,301,21":                 three,
		"106.5,29.6 106.55,x 106.6,29.7":                      two,
		"106.5,29.6 NaN,29 106,1e400 106.6,29.7":              two,
		"106.5,29.6 106.55 106.6,29.7":                        two,
		"106.5,29.6 106,55,29,65 106.6,29.7":                  two,
		"106.5,29.6 106,5,29,6,300,5 106.6,29.7":              two,
		"106.5,29.6 29.65,106.55 106.6,29.7":                  two,
		"106.5,29.6 0,0,0 106.6,29.7":                         two,
		"106.5,29.6 190,29 106.6,29.7":                        two,
		"106.5,29.6 106.6,29.7 1.5, 2, 3, 4, 5, 6":            two,
		"106.5,29.6 106.6,29.7 " + strings.Repeat("1", 3<<20): two,
	} {
		if got := positions(read(t, "a.kml", lineString(text))); got != want {
			t.Errorf("%.60q: %s, want %s", text, got, want)
		}
	}
}

func TestEveryRefusedTupleSaysWhyAndWhere(t *testing.T) {
	for tuple, want := range map[string]struct {
		code   string
		column int
	}{
		"106.5,x": {"bad_position", 7}, "NaN,29.6": {"bad_position", 1}, "106.5": {"missing_position", 1},
		"106.5,,300": {"missing_position", 7}, "106,5,29,6": {"decimal_comma", 1}, "29.6,106.5": {"unreadable_position", 1},
		"36354321,3275432": {"projected_coordinates", 1}, "106.5,99": {"out_of_range", 1}, "0,0": {"zero_position", 1},
		"106.5,29.6,?": {"bad_elevation", 12}, "1.5, 2, 3, 4": {"bad_position", 1}, "1.5;29.6": {"bad_position", 1},
		"106.5,29.6,3,4": {"extra_coordinates", 1},
	} {
		tr := read(t, "a.kml", lineString("106.5,29.6\n"+tuple+"\n106.6,29.7 106.7,29.8"))
		n := tr.Find(want.code)
		if n == nil || n.Line != 4 || n.Column != want.column || n.Point != 2 || n.Count != 1 {
			t.Errorf("%s: %+v %q, want %s at column %d", tuple, n, noteCodes(tr), want.code, want.column)
		}
	}
}

func TestTimesAndPositionsOfATrackMeetInWhateverOrder(t *testing.T) {
	const w1, w2, w3 = "<when>2026-03-01T08:00:01Z</when>", "<when>2026-03-01T08:00:02Z</when>", "<when>2026-03-01T08:00:03Z</when>"
	const c1, c2, c3 = "<gx:coord>106.1 29 300</gx:coord>", "<gx:coord>106.2 29 300</gx:coord>", "<gx:coord>106.3 29 300</gx:coord>"
	for track, want := range map[string]string{
		w1 + w2 + w3 + c1 + c2 + c3:                "106.1@1 106.2@2 106.3@3",
		c1 + c2 + c3 + w1 + w2 + w3:                "106.1@1 106.2@2 106.3@3",
		w1 + c1 + w2 + c2 + w3 + c3:                "106.1@1 106.2@2 106.3@3",
		c1 + w1 + c2 + w2 + c3 + w3:                "106.1@1 106.2@2 106.3@3",
		w1 + w2 + c1 + w3 + c2 + c3:                "106.1@1 106.2@2 106.3@3",
		w1 + w2 + w3 + c1 + "<gx:coord/>" + c3:     "106.1@1 106.3@3 no_position",
		w1 + "<when/>" + w3 + c1 + c2 + c3:         "106.1@1 106.2@- 106.3@3 time_missing",
		w1 + w2 + w3 + c1 + c2:                     "106.1@1 106.2@2 track_unpaired",
		w1 + w2 + c1 + c2 + c3:                     "106.1@1 106.2@2 106.3@- track_unpaired time_missing",
		c1 + c2 + c3 + w1 + w2:                     "106.1@1 106.2@2 106.3@- track_unpaired time_missing",
		c1 + c2:                                    "106.1@- 106.2@- no_time",
		w1 + w2:                                    "track_unpaired no_geometry no_track",
		w1 + w2 + "<gx:coord>x 29</gx:coord>" + c2: "106.2@2 bad_position",
		w1 + "<gx:coord>106.1,29,300</gx:coord>":   "106.1@1",
		w1 + "<gx:coord>106.1 29</gx:coord>":       "106.1@1",
		w1 + "<gx:coord>106.1</gx:coord>":          "missing_position",
		"<when>2026-03</when>" + c1:                "106.1@- date_only no_time",
	} {
		tr := read(t, "a.kml", kmlHead+"<Placemark><gx:Track>"+track+"</gx:Track></Placemark></kml>")
		var got []string
		for p := range tr.Points() {
			second := "-"
			if !p.Time.IsZero() {
				second = fmt.Sprint(p.Time.Second())
			}
			got = append(got, fmt.Sprintf("%v@%s", p.Lon, second))
		}
		got = append(got, strings.Fields(noteCodes(tr))...)
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: %s, want %s", track, s, want)
		}
	}
}

func TestPrefixesOfKMLMeanWhatTheyAreDeclaredToMean(t *testing.T) {
	const track = "<Placemark><gx:Track><when>2026-03-01T08:00:00Z</when><gx:coord>106.5 29.6 300</gx:coord></gx:Track></Placemark>"
	renamed := strings.ReplaceAll(track, "gx:", "g:")
	prefixed := strings.NewReplacer("gx:", "", "</gx:", "</k:", "<gx:", "<k:", "</", "</k:", "<", "<k:").Replace(track)
	for text, points := range map[string]int{
		"<kml>" + track + "</kml>":                                        1,
		`<kml xmlns="http://www.opengis.net/kml/2.2">` + track + "</kml>": 1,
		`<kml xmlns="http://earth.google.com/kml/2.1" xmlns:gx="http://www.google.com/kml/ext/2.2">` + track + "</kml>": 1,
		`<kml xmlns="a" xmlns:gx="http://example.org/other">` + track + "</kml>":                                        0,
		`<kml xmlns="a" xmlns:g="http://www.google.com/kml/ext/2.2">` + renamed + "</kml>":                              1,
		"<kml>" + renamed + "</kml>": 0,
		`<k:kml xmlns:k="http://www.opengis.net/kml/2.3">` + prefixed + "</k:kml>":                       1,
		`<kml xmlns:k="http://www.opengis.net/kml/2.3">` + prefixed + "</kml>":                           1,
		`<kml>` + strings.ReplaceAll(track, "gx:", "") + "</kml>":                                        1,
		`<kml xmlns="http://www.opengis.net/kml/2.2"><Document xmlns="">` + track + "</Document></kml>":  1,
		`<kml xmlns="http://www.opengis.net/kml/2.2"><Document xmlns="b">` + track + "</Document></kml>": 0,
		`<kml><Folder xmlns:gx="b"/>` + track + "</kml>":                                                 1,
		`<Document xmlns="http://www.opengis.net/kml/2.2">` + track + "</Document>":                      1,
	} {
		if tr := read(t, "a.kml", text); tr.Format != "kml" || tr.NumPoints() != points {
			t.Errorf("%s: %s, %d points, want %d", text, tr.Format, tr.NumPoints(), points)
		}
	}
}

func TestWhatAPlacemarkSaysIsItsWaypoints(t *testing.T) {
	tr := read(t, "a.kml", kmlHead+`<Document><name>踏勘</name><Folder><name>界桩</name>
<Placemark><TimeStamp><when>2026-03-01T16:00:00+08:00</when></TimeStamp><Point><coordinates>106.5,29.6,300</coordinates></Point>
<description><![CDATA[<b>完好</b> & 清晰]]></description><name>5051 号</name></Placemark>
<Placemark><name>两处</name><MultiGeometry><Point><coordinates>106.6,29.6</coordinates></Point><MultiGeometry><Point><coordinates>106.7,29.6</coordinates></Point></MultiGeometry></MultiGeometry></Placemark>
<Placemark><name>只有日</name><TimeStamp><when>2026-03-01</when></TimeStamp><Point><coordinates>106.8,29.6,0</coordinates></Point></Placemark>
<PhotoOverlay><name>照片</name><Point><coordinates>106.9,29.6</coordinates></Point></PhotoOverlay>
</Folder></Document></kml>`)
	var names []string
	for _, w := range tr.Waypoints {
		names = append(names, w.Name)
	}
	if strings.Join(names, " ") != "5051 号 两处 两处 只有日 照片" || tr.Name != "踏勘" || noteCodes(tr) != "date_only no_track" {
		t.Fatalf("%v, %q, %q", names, tr.Name, noteCodes(tr))
	}
	w := tr.Waypoints[0]
	if !w.Time.Equal(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)) || w.Description != "<b>完好</b> & 清晰" || w.ElevationM != 300 || w.Line != 4 {
		t.Errorf("%+v", w)
	}
	if !math.IsNaN(tr.Waypoints[1].ElevationM) || tr.Waypoints[3].ElevationM != 0 || !tr.Waypoints[3].Time.IsZero() {
		t.Errorf("absent is not zero: %+v %+v", tr.Waypoints[1], tr.Waypoints[3])
	}
}

func TestWholePointsOfKMLBeforeACutAreKept(t *testing.T) {
	whole := lineString("106.51,29.6,300\n106.52,29.6,301 106.53,29.6,302\n")
	for cut := range len(whole) {
		tr := read(t, "a.kml", whole[:cut])
		points := 0
		for _, tuple := range []string{"300\n", "301 ", "302\n"} {
			if strings.Contains(whole[:cut], tuple) {
				points++
			}
		}
		if tr.NumPoints() != points || points > 0 && tr.State != track.PartlyRead {
			t.Fatalf("cut at %d: %s with %d points, want %d", cut, tr.State, tr.NumPoints(), points)
		}
	}
	tr := read(t, "a.kml", kmlHead+"<Placemark><name>A</name><gx:Track><when>2026-03-01T08:00:00Z</when><when>2026-03-01T08:00:01Z</when><gx:coord>106.5 29.6 1</gx:coord><gx:co")
	if p, _, _ := tr.Ends(); tr.NumPoints() != 1 || p.Time.Hour() != 8 || tr.Name != "A" || noteCodes(tr) != "cut" {
		t.Errorf("a cut track: %+v %q", p, noteCodes(tr))
	}
}

// A single element of many megabytes streams by, and lines are right wherever the window was filled anew.
func TestCoordinatesOfAnySizeTakeAWindow(t *testing.T) {
	const points = 200_000
	text := lineString(strings.Repeat("106.5678901,29.6789012,301\n", points))
	var tr *track.Track
	used := allocated(func() { tr = read(t, "a.kml", text) })
	if tr.NumPoints() != points || used > 48<<20 {
		t.Fatalf("%d points, %d MB", tr.NumPoints(), used>>20)
	}
	i := 0
	for p := range tr.Points() {
		if p.Line != 3+i || p.ElevationM != 301 || p.Lon != 106.5678901 {
			t.Fatalf("point %d: %+v", i, p)
		}
		i++
	}
}

func FuzzReadKML(f *testing.F) {
	f.Add([]byte(lineString("106.5, 29.6, 300, 106.6,29.7 x,, 1,2,3,4")))
	f.Add([]byte("<kml><Placemark><gx:Track><gx:coord/><when/><gx:coord>1 2 3</gx:coord></gx:Track><Point><coordinates>1,2</coordinates></Point>"))
	f.Add([]byte(`<kml xmlns:a="b/kml"><a:NetworkLink/><Placemark><Polygon/><LinearRing><coordinates><![CDATA[1,2 3,4`))
	f.Fuzz(func(t *testing.T, b []byte) { mustHold(t, "x.kml", b) })
}

// bigKML is a drawn line, or a track, of so many points.
func bigKML(points int, timed bool) []byte {
	var b, whens bytes.Buffer
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	for i := range points {
		lon, lat, ele := 106.5+float64(i)*1e-6, 29.6+float64(i)*1e-6, 300+float64(i%100)/10
		if timed {
			fmt.Fprintf(&whens, "<when>%s</when>\n", at.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
			fmt.Fprintf(&b, "<gx:coord>%.7f %.7f %.1f</gx:coord>\n", lon, lat, ele)
		} else {
			fmt.Fprintf(&b, "%.7f,%.7f,%.1f ", lon, lat, ele)
		}
	}
	if timed {
		return []byte(kmlHead + "<Placemark><gx:Track>" + whens.String() + b.String() + "</gx:Track></Placemark></kml>")
	}
	return []byte(lineString(b.String()))
}

func BenchmarkReadKML(b *testing.B) {
	const points = 100_000
	for name, timed := range map[string]bool{"coordinates": false, "gx:Track": true} {
		text := bigKML(points, timed)
		b.Run(name, func(b *testing.B) { benchFormat(b, "a.kml", text, points, treeOf(b, text)) })
	}
}
