package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fangyu/geo/coverage"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

// checkTopology runs the program on files and reads its answer.
func checkTopology(t *testing.T, args ...string) (r coverage.Report, code int) {
	t.Helper()
	out, errs, code := fangyu(t, t.TempDir(), append([]string{"check", "topology", "--json"}, args...)...)
	if code == 2 {
		return r, code
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s %s", err, out, errs)
	}
	return r, code
}

func TestCheckTopologyOfCounties(t *testing.T) {
	own := shareddata.Path(t, "admin/cq_counties_wgs84_derived.geojson.gz")
	r, code := checkTopology(t, own)
	if code != 0 || r.Features != 38 || len(r.Findings) != 0 || len(r.Exclaves) != 12 {
		t.Errorf("38 counties: exit code %d, %+v", code, r)
	}
	r, code = checkTopology(t, own, shareddata.Path(t, "admin/cq_neighbour_counties_wgs84_derived.geojson.gz"))
	if code != 0 || r.Features != 78 || r.Counts["overlap"] != 2 || len(r.Findings) != 2 {
		t.Errorf("78 counties: exit code %d, %v", code, r.Counts)
	}
	for _, f := range r.Findings { // coordinates of seven decimals, on each side: up to 1.5 cm
		if f.Severity != fault.Warning || f.WidthM < 0.01 || f.WidthM > 0.0148 || !strings.Contains(f.Detail, "平均宽 0.01 米") || !strings.Contains(f.Detail, "精度 0.01 米") {
			t.Errorf("narrower than the coordinates are exact: %+v", f)
		}
	}
	neighbours := shareddata.Path(t, "admin/cq_neighbour_counties_wgs84_derived.geojson.gz")
	for accuracy, want := range map[string]int{"0": 1, "0.012": 1, "0.0148": 0, "1": 0} {
		if r, code := checkTopology(t, "--accuracy-m", accuracy, own, neighbours); code != want || r.Counts["overlap"] != 2 {
			t.Errorf("accurate to %s m: exit code %d, %v", accuracy, code, r.Counts)
		}
	}
	if _, code := checkTopology(t, "--accuracy-m", "-1", own); code != 2 {
		t.Errorf("accurate to less than nothing: exit code %d", code)
	}
	if text, _, _ := fangyu(t, t.TempDir(), "check", "topology", "--json", own); !strings.Contains(text, `"findings": [],`) {
		t.Errorf("no findings are an empty list: %.80s", text)
	}
	out, _, code := fangyu(t, t.TempDir(), "check", "topology", own)
	if code != 0 || !strings.Contains(out, "没有发现问题") || !strings.Contains(out, "飞地 12 处") {
		t.Errorf("for people: exit code %d, %s", code, out)
	}
}

// The file declares CRS84 and stands 12.4 km east and 14.3 km north of it (shared/data/SOURCES.md).
func TestCheckTopologyOfADisplacedFile(t *testing.T) {
	displaced := shareddata.Path(t, "admin/mca_xian_quanguo_2020_displaced.topojson.gz")
	r, code := checkTopology(t, "--control", shareddata.Path(t, "admin/dcw_provinces_cq_and_5_neighbours_wgs84.geojson.gz"), displaced)
	if code != 1 || r.Counts["frame-mismatch"] != 1 || r.Features != 3246 {
		t.Fatalf("exit code %d, %v of %d", code, r.Counts, r.Features)
	}
	for _, f := range r.Findings {
		if f.Code == "frame-mismatch" && (math.Abs(f.EastM-12_400) > 150 || math.Abs(f.NorthM-14_300) > 150 || !strings.Contains(f.Detail, "mca_xian_quanguo")) {
			t.Errorf("got %+v", f)
		}
	}
}

func TestCheckTopologyOfAFileWithFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	feature := func(id, coordinates string) string {
		return `{"type":"Feature","properties":{"代码":"` + id + `","名称":"甲"},"geometry":{"type":"Polygon","coordinates":` + coordinates + `}}`
	}
	faults := write("faults.geojson", `{"type":"FeatureCollection","features":[`+
		feature("500101", `[[[106.5,29.5],[106.6,29.5],[106.6,29.6],[106.5,29.6],[106.5,29.5]]]`)+`,`+
		feature("500102", `[[[106.59,29.5],[106.7,29.5],[106.7,29.6],[106.6,29.6],[106.59,29.5]]]`)+`,`+
		feature("500103", `[[["x",29.5],[106.7,29.5]]]`)+`]}`)

	r, code := checkTopology(t, faults)
	if code != 1 || r.Counts["overlap"] != 1 || r.Counts["not-a-number"] != 1 || r.Features != 2 {
		t.Errorf("exit code %d, %+v", code, r)
	}
	for _, f := range r.Findings {
		if f.Code == "overlap" && (strings.Join(f.Features, " ") != "500101 500102" || f.AreaM2 < 5e6 || f.AreaM2 > 6e6 || f.At[0] < 106.59 || f.At[0] > 106.6) {
			t.Errorf("got %+v", f)
		}
	}
	out, _, code := fangyu(t, dir, "check", "topology", faults)
	for _, want := range []string{"重叠（overlap） [禁止] 1 处", "“500101 甲”、“500102 甲”互相重叠", "faults.geojson 第 3 个"} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("exit code %d, no %q in %s", code, want, out)
		}
	}
	if r, code = checkTopology(t, "--tolerance-m", "1000", faults); r.Counts["overlap"] != 0 || r.Counts["within-tolerance"] != 1 || code != 1 {
		t.Errorf("with a tolerance: exit code %d, %v", code, r.Counts)
	}

	line := write("line.geojson", `{"type":"Feature","properties":{"left":"500101","右方":"500102"},"geometry":{"type":"LineString","coordinates":[[106.65,29.5],[106.65,29.6]]}}`)
	if r, code = checkTopology(t, faults, line); r.Counts["label-conflict"] != 1 || code != 1 {
		t.Errorf("a line in the middle of its right side: exit code %d, %v", code, r.Counts)
	}

	table := write("table.csv", "code,wkt\n500101,\"POLYGON((360000 3270000,370000 3270000,370000 3280000,360000 3270000))\"\n")
	if _, errs, code := fangyu(t, dir, "check", "topology", table); code != 1 || !strings.Contains(errs, "没有说明坐标系") {
		t.Errorf("a table says nothing of its frame: exit code %d, %s", code, errs)
	}
	if r, code := checkTopology(t, "--frame", "4545", table); code != 0 || r.Features != 1 {
		t.Errorf("with a frame: exit code %d, %+v", code, r)
	}
	for _, wrong := range [][]string{{}, {"--tolerance-m=-1", faults}, {"--tolerance-m", "NaN", faults}, {"--tolerance-m", "Inf", faults}, {"--tolerance-m", "1e308", faults}, {"--nonsense", faults}} {
		if _, code := checkTopology(t, wrong...); code != 2 {
			t.Errorf("%v: exit code %d", wrong, code)
		}
	}
	if _, errs, code := fangyu(t, dir, "check", "topology", filepath.Join(dir, "absent.geojson")); code != 1 || !strings.Contains(errs, "absent.geojson") {
		t.Errorf("a file that is not there: exit code %d, %s", code, errs)
	}
}
