package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fangyu/geo/coverage"
)

// reconcileTopology runs the program and reads its answer.
func reconcileTopology(t *testing.T, args ...string) (r coverage.Reconciliation, code int) {
	t.Helper()
	out, errs, code := fangyu(t, t.TempDir(), append([]string{"topology", "reconcile", "--json"}, args...)...)
	if code == 2 {
		return r, code
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s %s", err, out, errs)
	}
	return r, code
}

// Two counties' files, each drawn by its own side: B's edge is about half a metre east of A's, along 1.1 km.
func TestTopologyOfFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, code, coordinates string) string {
		path := filepath.Join(dir, name)
		text := `{"type":"Feature","properties":{"代码":"` + code + `","note":"` + name + `"},"geometry":{"type":"Polygon","coordinates":[[` + coordinates + `]]}}`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := write("a.geojson", "500101", "[106.50,29.50],[106.51,29.50],[106.51,29.51],[106.50,29.51],[106.50,29.50]")
	b := write("b.geojson", "500102", "[106.510005,29.50],[106.52,29.50],[106.52,29.51],[106.510005,29.51],[106.510005,29.50]")
	out, report := filepath.Join(dir, "out.geojson"), filepath.Join(dir, "report.json")

	r, code := reconcileTopology(t, "--tolerance-m", "1", "--master", a, "--out", out, "--report", report, a, b)
	if code != 0 || len(r.Pairs) != 1 || len(r.Left) > 0 || len(r.Pairs[0].Exchanges) != 1 {
		t.Fatalf("exit code %d, %+v", code, r)
	}
	if x := r.Pairs[0].Exchanges[0]; x.From != "" || x.To != "500102" || math.Abs(x.AreaM2-537.4) > 1 {
		t.Errorf("exchanged %+v", x)
	}
	if p := r.Pairs[0]; len(p.Moved) != 1 || p.Moved[0].Unit != "500102" || math.Abs(p.Moved[0].MaxM-0.485) > 0.001 || math.Abs(p.SharedAfterM-1108.4) > 0.1 {
		t.Errorf("moved %+v", p)
	}
	text, err := os.ReadFile(out)
	if err != nil || !strings.Contains(string(text), `"note":"b.geojson"`) || !strings.Contains(string(text), `"fromFile":"a.geojson"`) {
		t.Errorf("%v: %s", err, text)
	}
	if saved, err := os.ReadFile(report); err != nil || !strings.Contains(string(saved), `"toleranceM": 1`) {
		t.Errorf("%v: %s", err, saved)
	}
	if found, code := checkTopology(t, out); code != 0 || len(found.Findings) > 0 {
		t.Errorf("what came of it: exit code %d, %+v", code, found)
	}
	if _, code := reconcileTopology(t, "--tolerance-m", "1", "--between-files", "--out", filepath.Join(dir, "alone.geojson"), a); code != 0 {
		t.Errorf("one file has nothing beside it: exit code %d", code)
	}

	approved := filepath.Join(dir, "approved.geojson")
	line := `{"type":"Feature","properties":{"name":"甲乙线"},"geometry":{"type":"LineString","coordinates":[[106.5101,29.50],[106.5101,29.51]]}}`
	if err := os.WriteFile(approved, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"topology", "reconcile", "--tolerance-m", "1", "--fixed", approved, "--out", filepath.Join(dir, "held.geojson"), a, b}
	if said, errs, code := fangyu(t, dir, args...); code != 0 || !strings.Contains(said, "请注意：固定的线“甲乙线”（长 1108 米）没有一段是哪个面的边") {
		t.Errorf("a fixed line along which nobody runs: exit code %d, %s%s", code, said, errs)
	}

	cut := filepath.Join(dir, "cut.geojson")
	if err := os.WriteFile(cut, []byte(`{"type":"FeatureCollection","features":[`), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := filepath.Join(dir, "lines.geojson")
	if said, _, code := fangyu(t, dir, "topology", "lines", "--out", lines, out); code != 0 || !strings.Contains(said, "1 条两侧都有单位的线，2 条外边界，0 个三交点") {
		t.Errorf("lines: exit code %d, %s", code, said)
	}
	faces := filepath.Join(dir, "faces.zip")
	if said, errs, code := fangyu(t, dir, "topology", "faces", "--out", faces, lines); code != 0 || !strings.Contains(said, "由 3 条线得出 2 个面") {
		t.Errorf("faces: exit code %d, %s%s", code, said, errs)
	}
	if found, code := checkTopology(t, faces, lines); code != 0 || found.Features != 5 {
		t.Errorf("faces with their lines: exit code %d, %+v", code, found)
	}

	for _, wrong := range [][]string{
		{"reconcile", "--tolerance-m", "0", "--out", out, a},
		{"reconcile", "--tolerance-m", "NaN", "--out", out, a},
		{"reconcile", "--tolerance-m", "1", "--out", a, a},
		{"reconcile", "--tolerance-m", "1", "--out", filepath.Join(dir, ".", "b.geojson"), a, b},
		{"reconcile", "--tolerance-m", "1", "--out", out, "--report", a, a},
		{"reconcile", "--tolerance-m", "1", "--out", filepath.Join(dir, "out.csv"), a},
		{"reconcile", "--tolerance-m", "1", "--master", b, "--out", out, a},
		{"reconcile", "--tolerance-m", "1", "--fixed", b, "--out", out, a},
		{"lines", "--out", faces, a},
		{"faces", "--out", out, a},
	} {
		if _, errs, code := fangyu(t, dir, append([]string{"topology"}, wrong...)...); code != 2 || errs == "" {
			t.Errorf("%v: exit code %d, %s", wrong, code, errs)
		}
	}
	for _, wrong := range []struct {
		args []string
		code int
		said string
	}{
		{[]string{"reconcile", "--tolerance-m", "1", "--out", filepath.Join(dir, "none.geojson"), approved}, 2, "文件里没有面"},
		{[]string{"lines", "--out", filepath.Join(dir, "none.geojson"), approved}, 2, "文件里没有面"},
		{[]string{"lines", "--map", "note=codes", "--out", out, a}, 2, "--map note=codes：没有“codes”这一项"},
		{[]string{"lines", "--out", filepath.Join(dir, "nowhere", "x.geojson"), a}, 2, "没有文件夹 " + filepath.Join(dir, "nowhere")},
		{[]string{"lines", "--out", out, a, cut}, 1, "文件 cut.geojson 第 1 行"},
	} {
		if _, errs, code := fangyu(t, dir, append([]string{"topology"}, wrong.args...)...); code != wrong.code || !strings.Contains(errs, wrong.said) {
			t.Errorf("%v: exit code %d, want %d and %q: %s", wrong.args, code, wrong.code, wrong.said, errs)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none.geojson")); err == nil {
		t.Error("a file without areas came of lines alone")
	}
	bad := write("bad.geojson", "500103", `["x",1]`)
	if _, errs, code := fangyu(t, dir, "topology", "reconcile", "--tolerance-m", "1", "--out", out, bad); code != 1 || !strings.Contains(errs, "records-unread") {
		t.Errorf("a record that cannot be read: exit code %d, %s", code, errs)
	}
	r, code = reconcileTopology(t, "--tolerance-m", "0.1", "--out", out, a, write("c.geojson", "500102", "[106.509,29.50],[106.52,29.50],[106.52,29.51],[106.509,29.51],[106.509,29.50]"))
	if code != 1 || len(r.Left) != 1 || r.Left[0].Code != "overlap" {
		t.Errorf("wider than the tolerance: exit code %d, %+v", code, r)
	}
}
