package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/geo"
)

// geoCommands runs fangyu geo and returns what it printed.
func geoCommands(t *testing.T, in string, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(append([]string{"geo"}, args...), strings.NewReader(in), &o, &e)
	return o.String(), e.String(), code
}

// fixtureLine is the line of domain research §5.6: from 29.5 N 106.5 E 10,000 m at azimuth 40°, then 5,000 m at 100°.
func fixtureLine(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "line.geojson")
	text := `{"type":"Feature","id":"F","properties":{},"geometry":{"type":"LineString","coordinates":` +
		`[[106.5,29.5],[106.566334868,29.569093202],[106.617146411,29.561250565]]}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func answer[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return v
}

// TestGeoMeasureOfNoArea: what encloses nothing is refused by name, and not measured as 0.
func TestGeoMeasureOfNoArea(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bow-tie.geojson")
	text := `{"type":"Feature","id":"B","properties":{},"geometry":{"type":"Polygon","coordinates":[[[106,29],[107,30],[107,29],[106,30],[106,29]]]}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := geoCommands(t, "", "measure", file)
	if code != 1 || out != "" || !strings.Contains(errs, "“B”围不成面") || !strings.Contains(errs, "check topology") {
		t.Errorf("%d %s%s", code, out, errs)
	}
}

func TestGeoMeasureAlongALine(t *testing.T) {
	line := fixtureLine(t)
	out, errs, code := geoCommands(t, "", "measure", line)
	all := answer[[]measured](t, out)
	if code != 0 || errs != "" || len(all) != 1 || all[0].ID != "F" || math.Abs(all[0].LengthM-15000) > 1e-4 || all[0].AreaM2 != 0 {
		t.Errorf("whole: %d %s%+v", code, errs, all)
	}

	out, _, code = geoCommands(t, "", "measure", line, "--point", "106.516377752 29.517421470", "--point=106.586624553,29.565780796", "--at", "9999", "--at=15000")
	places := answer[[]placed](t, out)
	if code != 0 || len(places) != 4 {
		t.Fatalf("places: %d\n%s", code, out)
	}
	for i, want := range []struct {
		chainageM, offsetM float64
		side, direction    string
	}{{2500, -25, "left", "东北"}, {12000, 20, "right", "东"}, {9999, 0, "", "东北"}, {15000, 0, "", "东"}} {
		p, offset := places[i], 0.0
		if p.OffsetM != nil {
			offset = *p.OffsetM
		}
		if math.Abs(p.ChainageM-want.chainageM) > 1e-3 || math.Abs(offset-want.offsetM) > 1e-3 || p.Side != want.side || p.Direction != want.direction {
			t.Errorf("place %d: %+v, want %+v", i, p, want)
		}
	}
	if at := orb.Point(places[2].At); math.Abs(geo.DistanceM(at, orb.Point{106.566334868, 29.569093202})-1) > 1e-3 {
		t.Errorf("the place at 9,999 m is %v", at)
	}

	out, _, code = geoCommands(t, "", "measure", line, "--from", "9000", "--to", "11000")
	stretch, err := geojson.UnmarshalFeature([]byte(out))
	if code != 0 || err != nil {
		t.Fatalf("stretch: %d, %v\n%s", code, err, out)
	}
	if g, ok := stretch.Geometry.(orb.LineString); !ok || len(g) != 3 || math.Abs(geo.LengthM(g)-2000) > 1e-6 || stretch.Properties["id"] != "F" {
		t.Errorf("stretch: %+v", stretch)
	}
}

func TestGeoTellsZones(t *testing.T) {
	out, _, code := geoCommands(t, "", "zone", "106.55", "29.56", "--json")
	zones := answer[[]zoneAt](t, out)
	if code != 0 || len(zones) != 2 {
		t.Fatalf("%d\n%s", code, out)
	}
	three, six := zones[0], zones[1]
	if three.Zone != 36 || three.CentralMeridian != 108 || three.Plain != "4545" || three.Prefixed != "4524" ||
		math.Abs(*three.EastM-359474.0867) > 1e-4 || math.Abs(*three.NorthM-3272217.2986) > 1e-4 || math.Abs(*three.Convergence+0.71545) > 5e-6 {
		t.Errorf("3°: %+v", three)
	}
	if six.Zone != 18 || six.CentralMeridian != 105 || six.Plain != "4507" || six.Prefixed != "4496" {
		t.Errorf("6°: %+v", six)
	}
	out, _, code = geoCommands(t, "", "zone", "106.55", "29.56")
	if want := "3° 带第 36 带：中央经线 108°，不带带号 EPSG:4545，带带号 EPSG:4524\n" +
		"  X（北）3272217.2986，Y（东）359474.0867（带带号 36359474.0867）；子午线收敛角 -0.71545°，"; code != 0 || !strings.HasPrefix(out, want) {
		t.Errorf("for people: %d\n%s", code, out)
	}
	if out, _, _ := geoCommands(t, "", "zone", "109.5"); strings.Contains(out, "收敛角") || !strings.Contains(out, "第 37 带") {
		t.Errorf("without a latitude:\n%s", out)
	}

	line := filepath.Join(t.TempDir(), "long.geojson")
	if err := os.WriteFile(line, []byte(`{"type":"LineString","coordinates":[[106,30],[110,30]]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, code = geoCommands(t, "", "measure", line, "--zones")
	stretches := answer[[]zoned](t, out)
	if code != 0 || len(stretches) != 3 || stretches[0].Zone != 35 || stretches[1].Frame != "4545" || stretches[2].CentralMeridian != 111 ||
		stretches[0].FromM != 0 || stretches[1].FromM != stretches[0].ToM || math.Abs(stretches[2].ToM-geo.DistanceM(orb.Point{106, 30}, orb.Point{110, 30})) > 1e-6 {
		t.Errorf("zones of a line: %d\n%s", code, out)
	}
}

func TestGeoConvertsFromStandardInput(t *testing.T) {
	out, errs, code := geoCommands(t, "106.55 29.56\n\n105.29,29.0\r\n", "convert", "--from", "EPSG:4490", "--to", "4524")
	if want := "36359474.0867 3272217.2986\n36235887.9995 3212298.9090\n"; code != 0 || out != want {
		t.Errorf("%d %s\n%swant\n%s", code, errs, out, want)
	}
}

// Wrong use is 2, what cannot be converted or measured 1; the sentence says how to go on, and nothing is printed as an answer.
func TestGeoSaysWhatIsWrong(t *testing.T) {
	line := fixtureLine(t)
	two := filepath.Join(t.TempDir(), "two.geojson")
	if err := os.WriteFile(two, []byte(`{"type":"FeatureCollection","features":[`+
		`{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[106,29],[106,30]]}},`+
		`{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[107,29],[107,30]]}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"measure", line, "--at", "15001"}, 2, "里程应在 0 到 15000.000 米之间"},
		{[]string{"measure", line, "--at", "9999999"}, 2, "--at 9999999 不在线上"},
		{[]string{"measure", line, "--at=-1"}, 2, "里程应在 0 到"},
		{[]string{"measure", line, "--at", "5", "--zones"}, 2, "请分次使用"},
		{[]string{"measure", line, "--from", "7", "--to", "5"}, 2, "--from 7 应小于 --to 5"},
		{[]string{"measure", line, "--point", "106.5"}, 2, "不是一对坐标"},
		{[]string{"measure", line, "--point", "x y"}, 2, "不是一对数"},
		{[]string{"measure", line, "--point", "29.5 106.5"}, 1, "经纬度像是写反了"},
		{[]string{"measure", two, "--at", "5"}, 2, "有 2 条线，量里程须恰有一条"},
		{[]string{"measure", line, "--frame", "4610"}, 1, "1980 西安坐标系"},
		{[]string{"measure", line + ".absent"}, 1, ""},
		{[]string{"zone", "60"}, 1, "73.5°–136.5°"},
		{[]string{"zone", "106.5", "95"}, 1, "请核对这一行的经纬度"},
		{[]string{"zone"}, 2, ""},
		{[]string{"convert", "--from", "4545", "--to", "4490", "36359474.0867", "3272217.2986"}, 1, "东坐标 36359474.0867 带有带号 36，与所选坐标系不符：应为三度带 EPSG:4524"},
		{[]string{"convert", "--from", "4490", "--to", "4545", "106.5"}, 2, "坐标须成对给出"},
	} {
		out, errs, code := geoCommands(t, "", c.args...)
		if code != c.code || out != "" || !strings.Contains(errs, c.said) || errs == "" {
			t.Errorf("%q: %d, want %d and %q\n%s%s", c.args, code, c.code, c.said, out, errs)
		}
	}
}
