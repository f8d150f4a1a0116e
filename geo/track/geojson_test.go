package track_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"fangyu/geo/track"
)

func TestGeoJSONAsProgramsWriteIt(t *testing.T) {
	const line = `{"type":"LineString","coordinates":[[106.5,29.6,300],[106.5001,29.6001]]}`
	const times = `["2026-03-01T08:00:00Z","2026-03-01T16:00:10+08:00"]`
	for name, want := range map[string]struct {
		text                        string
		state                       track.State
		segments, points, waypoints int
		timed                       bool
		codes                       string
	}{
		"toGeoJSON":                 {`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"A","coordTimes":` + times + `},"geometry":` + line + `}]}`, track.OK, 1, 2, 0, true, ""},
		"toGeoJSON since 5":         {`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":` + line + `,"properties":{"_gpxType":"trk","coordinateProperties":{"times":` + times + `,"heart":[1,2]}}}]}`, track.OK, 1, 2, 0, true, ""},
		"a route":                   {`{"type":"Feature","properties":{"_gpxType":"rte"},"geometry":` + line + `}`, track.OKWithNotes, 0, 0, 0, false, "no_track"},
		"parts with times":          {`{"type":"Feature","properties":{"coordTimes":[["2026-03-01T08:00:00Z"],["2026-03-01T08:00:10Z"]]},"geometry":{"type":"MultiLineString","coordinates":[[[106.5,29.6]],[[106.5001,29.6001]]]}}`, track.OK, 2, 2, 0, true, ""},
		"numbers for times":         {`{"type":"Feature","properties":{"time":[1772352000000,1772352010000]},"geometry":{"type":"MultiPoint","coordinates":[[106.5,29.6],[106.5001,29.6001]]}}`, track.OK, 1, 2, 0, true, ""},
		"GPSLogger":                 {`{"type": "FeatureCollection","features": [{"type": "Feature","properties":{"time":"2026-03-01T08:00:00.000Z","provider":"gps","time_long":"1772352000000","accuracy":"4.1","altitude":"300"},"geometry":{"type":"Point","coordinates":[106.5,29.6]}},` + "\n" + `{"type": "Feature","properties":{"time":"2026-03-01T08:00:10.000Z"},"geometry":{"type":"Point","coordinates":[106.5001,29.6001]}}]}`, track.OK, 1, 2, 0, true, ""},
		"named points with times":   {`{"type":"Feature","properties":{"name":"5051","time":"2026-03-01T08:00:00Z"},"geometry":{"type":"Point","coordinates":[106.5,29.6]}}`, track.OKWithNotes, 0, 0, 1, false, "no_track"},
		"a line and its photos":     {`{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"time":"2026-03-01T08:00:00Z"},"geometry":{"type":"Point","coordinates":[106.5,29.6]}},{"type":"Feature","properties":{"times":` + times + `},"geometry":` + line + `}]}`, track.OK, 1, 2, 1, true, ""},
		"the type last":             {`{"features":[{"geometry":{"coordinates":[[106.5,29.6],[106.5001,29.6001]],"type":"LineString"},"properties":{"times":` + times + `},"type":"Feature"}],"type":"FeatureCollection"}`, track.OK, 1, 2, 0, true, ""},
		"a collection":              {`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[106.5,29.6]},` + line + `]}`, track.OKWithNotes, 1, 2, 1, false, "no_time"},
		"polygons":                  {`{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[106,29],[107,29],[107,30],[106,29]]]},` + line + `]}`, track.OKWithNotes, 1, 2, 0, false, "polygon_ignored no_time"},
		"lines of features":         {"{\"type\":\"Feature\",\"geometry\":" + line + "}\n\x1e{\"type\":\"Feature\",\"geometry\":" + line + "}\n", track.OKWithNotes, 2, 4, 0, false, "two_documents no_time"},
		"a list of other length":    {`{"type":"Feature","properties":{"coordTimes":["2026-03-01T08:00:00Z"]},"geometry":` + line + `}`, track.OKWithNotes, 1, 2, 0, false, "times_unpaired no_time"},
		"times without zone":        {`{"type":"Feature","properties":{"coordTimes":["2026-03-01 16:00:00","2026/3/1 16:00:10"]},"geometry":` + line + `}`, track.OKWithNotes, 1, 2, 0, true, "time_without_zone"},
		"numbers in quotes":         {`{"type":"LineString","coordinates":[["106.5","29.6"],["106.5001","29.6001"]]}`, track.OKWithNotes, 1, 2, 0, false, "no_time"},
		"CRS84":                     {`{"type":"LineString","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}},"coordinates":[[106.5,29.6],[106.5001,29.6001]]}`, track.OKWithNotes, 1, 2, 0, false, "no_time"},
		"a plane":                   {`{"type":"LineString","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4545"}},"coordinates":[[354685.126,3276713.462],[354694.9,3276724.4]]}`, track.OKWithNotes, 1, 2, 0, false, "projected_converted no_time"},
		"Xi'an 1980":                {`{"type":"LineString","crs":{"type":"name","properties":{"name":"EPSG:4610"}},"coordinates":[[106.5,29.6]]}`, track.Unreadable, 0, 0, 0, false, "unsupported_frame no_time"},
		"a plane not named":         {`{"type":"LineString","coordinates":[[36354685.126,3276713.462]]}`, track.Unreadable, 0, 0, 0, false, "projected_coordinates"},
		"one number":                {`{"type":"LineString","coordinates":[[106.5,29.6],[106.5001,29.6001],[1],[]]}`, track.PartlyRead, 1, 2, 0, false, "missing_position no_time"},
		"a decimal comma":           {`{"type":"LineString","coordinates":[[106.5,29.6],[106.5001,29.6001],["106,5","29,6"]]}`, track.PartlyRead, 1, 2, 0, false, "decimal_comma no_time"},
		"something after it":        {line + "x", track.PartlyRead, 1, 2, 0, false, "trailing_data no_time"},
		"a comma too many":          {`{"type":"LineString","coordinates":[[106.5,29.6],[106.5001,29.6001],]}`, track.PartlyRead, 1, 2, 0, false, "malformed_json no_time"},
		"escapes and empty members": {`{"a\"b":{},"c":[],"d":"\\","type":"LineString","coordinates":[[106.5,29.6],[106.5001,29.6001]],"bbox":[1,2,3,4]}`, track.OKWithNotes, 1, 2, 0, false, "no_time"},
		"an array":                  {`[[106.5,29.6],[106.5001,29.6001]]`, track.Unreadable, 0, 0, 0, false, "format_not_read"},
		"something else":            {`{"locations":[{"latitudeE7":296000000}]}`, track.Unreadable, 0, 0, 0, false, "format_not_read"},
	} {
		tr := read(t, "a.json", want.text)
		if tr.State != want.state || len(tr.Segments) != want.segments || tr.NumPoints() != want.points || len(tr.Waypoints) != want.waypoints || noteCodes(tr) != want.codes {
			t.Errorf("%s: %s, %d segments, %d points, %d waypoints, %q", name, tr.State, len(tr.Segments), tr.NumPoints(), len(tr.Waypoints), noteCodes(tr))
			continue
		}
		first, last, ok := tr.Ends()
		if !ok {
			continue
		}
		if math.Abs(first.Lon-106.5)+math.Abs(first.Lat-29.6)+math.Abs(last.Lon-106.5001)+math.Abs(last.Lat-29.6001) > 4*csvMetre {
			t.Errorf("%s: %+v to %+v", name, first, last)
		}
		at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
		if want.timed != first.Time.Equal(at) || want.timed != last.Time.Equal(at.Add(10*time.Second)) {
			t.Errorf("%s: %v to %v", name, first.Time, last.Time)
		}
	}
}

func TestGeoJSONIsKeptUpToACut(t *testing.T) {
	whole := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[106.5,29.6],[106.5001,29.6001],[106.5002,29.6002]]}}]}`
	start := strings.Index(whole, "[[")
	for cut := 1; cut < len(whole); cut++ {
		tr := read(t, "a.geojson", whole[:cut])
		points := 0
		if cut > start {
			points = strings.Count(whole[start+1:cut], "]")
		}
		if tr.NumPoints() != min(points, 3) {
			t.Fatalf("cut at %d: %d points, want %d, %q", cut, tr.NumPoints(), points, noteCodes(tr))
		}
		if n := tr.Find("cut"); points > 0 && (n == nil || n.Line != 1 || n.Column != cut+1 || tr.State != track.PartlyRead) {
			t.Fatalf("cut at %d: %s %+v", cut, tr.State, tr.Notes)
		}
	}
}

func TestPropertiesOfAPoint(t *testing.T) {
	tr := read(t, "a.geojson", "{\"type\":\"Feature\",\n\"geometry\":{\"type\":\"Point\",\"coordinates\":[106.5,29.6]},\n\"properties\":{\"name\":\"\\u754c\\u6869\",\"ele\":300.5,\"hdop\":\"0.9\",\"satellites\":9,\"fix\":\"dgps\",\"desc\":\"a\\nb\",\"marker-symbol\":\"flag\"}}")
	if len(tr.Waypoints) != 1 {
		t.Fatalf("%+v", tr)
	}
	w := tr.Waypoints[0]
	if w.Name != "界桩" || w.ElevationM != 300.5 || w.HDOP != 0.9 || w.Satellites != 9 || w.Fix != track.FixDifferential || w.Description != "a\nb" || w.Symbol != "flag" || w.Line != 2 {
		t.Errorf("%+v", w)
	}
}

// Features inside features, strings of backslashes and many small lists must not take the square of their number.
func TestAwkwardGeoJSONIsQuick(t *testing.T) {
	start := time.Now()
	inside := `{"type":"Feature","coordinates":[[106.5,29.6]],"features":[{"type":"Feature","coordinates":[[106.5,29.6]]}]},` + "\n"
	read(t, "a.json", `{"type":"FeatureCollection","features":[`+strings.Repeat(inside, 100_000))
	read(t, "a.json", `{"type":"`+strings.Repeat(`\\`, 4<<20)+`\"`)
	read(t, "a.json", `{"type":"`+strings.Repeat(`\"`, 4<<20))
	read(t, "a.json", `{"type":"LineString","coordinates":[`+strings.Repeat("[],[[]],", 500_000))
	tr := read(t, "a.json", `{"type":"LineString","coordinates":[`+strings.Repeat("[0],", track.MaxPoints+1))
	if tr.Find("too_many_points") == nil || tr.State != track.Unreadable {
		t.Errorf("%s %q", tr.State, noteCodes(tr))
	}
	if d := time.Since(start); d > 30*time.Second { // some 1 s
		t.Errorf("took %v", d)
	}
}

func FuzzGeoJSON(f *testing.F) {
	for _, text := range []string{
		`{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:4545"}},"features":[{"type":"Feature","properties":{"coordTimes":["2026-03-01T08:00:00Z"]},"geometry":{"type":"LineString","coordinates":[[354685.126,3276713.462,3]]}}]}`,
		`{"type":"GeometryCollection","geometries":[{"type":"Polygon","coordinates":[[[1,2]]]},{"type":"MultiPoint","coordinates":[["1,5",NaN],[1e400]]}]}x`,
		`{"type":"Feature","properties":{"time":1772352000,"name":"\u754c","fix":"3d"},"geometry":{"coordinates":[106.5,29.6],"type":"Point"}}` + "\n\x1e{}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) { holdsWhatItMay(t, "x.geojson", b) })
}

func bigGeoJSON(points int) string {
	var b, times strings.Builder
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	b.WriteString(`{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"LineString","coordinates":[`)
	for i := range points {
		if i > 0 {
			b.WriteByte(',')
			times.WriteByte(',')
		}
		fmt.Fprintf(&b, "[%.7f,%.7f,%.1f]", 106.5+float64(i)*1e-6, 29.6+float64(i)*1e-6, 300+float64(i%100)/10)
		fmt.Fprintf(&times, "%q", at.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	b.WriteString(`]},"properties":{"coordTimes":[` + times.String() + `]}}]}`)
	return b.String()
}

// slowGeoJSON is what encoding/json makes of such a file.
type slowGeoJSON struct {
	Features []struct {
		Geometry   struct{ Coordinates [][]float64 }
		Properties struct{ CoordTimes []time.Time }
	}
}

func readGeoJSONSlowly(text string) (s slowGeoJSON, err error) {
	return s, json.Unmarshal([]byte(text), &s)
}

func TestGeoJSONAgreesWithASlowReader(t *testing.T) {
	text := bigGeoJSON(2000)
	slow, err := readGeoJSONSlowly(text)
	if err != nil {
		t.Fatal(err)
	}
	tr := read(t, "a.geojson", text)
	if tr.NumPoints() != 2000 || tr.State != track.OK {
		t.Fatalf("%s, %d points, %q", tr.State, tr.NumPoints(), noteCodes(tr))
	}
	i := 0
	for p := range tr.Points() {
		at, when := slow.Features[0].Geometry.Coordinates[i], slow.Features[0].Properties.CoordTimes[i]
		if p.Lon != at[0] || p.Lat != at[1] || p.ElevationM != at[2] || !p.Time.Equal(when) {
			t.Fatalf("point %d: %+v, want %v %v", i, p, at, when)
		}
		i++
	}
}

func BenchmarkGeoJSON(b *testing.B) {
	const points = 200_000
	text := bigGeoJSON(points)
	benchFormat(b, "a.geojson", []byte(text), points, map[string]func() int{"encoding/json": func() int {
		slow, _ := readGeoJSONSlowly(text)
		return len(slow.Features[0].Geometry.Coordinates)
	}})
}
