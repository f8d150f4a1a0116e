package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fangyu/geo/feature"
	"fangyu/internal/pgtest"
)

// TestImportRefusesBadFiles is the "must hold" list through the program itself: exit code 1, a sentence that says what,
// where and how to mend it, and nothing changed.
func TestImportRefusesBadFiles(t *testing.T) {
	data, dir := dataDir(t), t.TempDir()
	running(t, data) // else every command starts and stops the database
	polygon := func(ring string) string {
		return `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"500000","name":"重庆市"},` +
			`"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}]}`
	}
	for _, c := range []struct {
		name, file, text string
		args             []string
		code             int
		says             []string
	}{
		{"unknown column", "a.csv", "code,name,colour\n500000,重庆市,red\n", nil, 1, []string{"colour", "--map"}},
		{"a frame that cannot be converted", "a.csv", "code,name,lon,lat\n500000,重庆市,106.5,29.5\n", []string{"--frame", "4610"}, 1, []string{"西安", "frame-untransformable"}},
		{"no frame", "a.csv", "code,name,lon,lat\n500000,重庆市,106.5,29.5\n", nil, 1, []string{"--frame"}},
		{"GCJ-02 unconfirmed", "a.csv", "code,name,lon,lat\n500000,重庆市,106.5,29.5\n", []string{"--frame", "gcj02"}, 1, []string{"--confirm-frame"}},
		{"a ring that touches itself", "a.geojson", polygon(`[[108,30],[109,30],[108.5,30.5],[109,31],[108,31],[108.5,30.5],[108,30]]`), nil, 1, []string{"line 1", "self-touch"}},
		{"seven digits", "a.csv", "code,name\n5000001,重庆市\n", nil, 1, []string{"line 2", "5000001"}},
		{"latitude first", "a.csv", "code,name,lon,lat\n500000,重庆市,29.5,106.5\n", []string{"--frame", "4326"}, 1, []string{"line 2", "latlon-swapped"}},
		{"a name of novels", "a.csv", "code,name\n500000," + strings.Repeat("渝", 5000) + "\n", nil, 1, []string{"line 2", "name-too-long"}},
		{"a name turned round", "a.csv", "code,name\n500000,\u202e重庆市\n", nil, 1, []string{"line 2", "name-unreadable"}},
		{"a county with the code of a township", "a.csv", "code,name,level\n500112999,渝北区,county\n", nil, 1, []string{"line 2", "level-differs"}},
		{"another frame than the file names", "a.geojson", strings.Replace(polygon(`[[108,30],[109,30],[109,31],[108,30]]`), `"features"`, `"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4610"}},"features"`, 1), []string{"--frame", "4490"}, 1, []string{"4610", "frame-differs"}},
		{"not what its name says", "a.geojson", "<!doctype html><html></html>", nil, 1, []string{"HTML"}},
		{"no such kind", "a.csv", "x\n", nil, 2, []string{"divisions"}},
		{"no such file", "", "", nil, 1, []string{"missing.csv"}},
	} {
		path := filepath.Join(dir, "missing.csv")
		if c.file != "" {
			path = filepath.Join(dir, c.file)
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		kind := "divisions"
		if c.code == 2 {
			kind = "colours"
		}
		out, errs, code := fangyu(t, data, append([]string{"import", kind, path}, c.args...)...)
		if code != c.code {
			t.Errorf("%s: exit code %d, wanted %d: %s %s", c.name, code, c.code, out, errs)
		}
		for _, says := range c.says {
			if !strings.Contains(errs, says) {
				t.Errorf("%s: %q does not say %q", c.name, errs, says)
			}
		}
	}
	changeRefused(t, data)
	if n := countUnits(t, data); n != 0 {
		t.Errorf("%d divisions after nothing but refusals", n)
	}
}

// changeRefused lists the changes that come with the program and carries one out where its divisions are not.
func changeRefused(t *testing.T, data string) {
	t.Helper()
	if out, errs, code := fangyu(t, data, "division", "changes"); code != 0 || !strings.Contains(out, "2025-cq\t2025-11-06\t") {
		t.Errorf("the changes: %d %s %s", code, out, errs)
	}
	for _, c := range []struct{ says, args string }{
		{"division-unknown", "2025-cq --dry-run"}, {`"recorded": false`, "2025-cq --dry-run --json"}, {"division-unknown", "2025-cq"}, {"change-unknown", "2099-cq"}, {"change-unknown", "changes --dry-run"},
	} {
		out, errs, code := fangyu(t, data, append([]string{"division", "change"}, strings.Fields(c.args)...)...)
		if code != 1 || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s: %d %s %s, wanted %s", c.args, code, out, errs, c.says)
		}
	}
}

// countUnits counts the divisions in a data folder by importing nothing: a dry run of one known row tells what is new.
func countUnits(t *testing.T, data string) int {
	t.Helper()
	path := filepath.Join(t.TempDir(), "one.csv")
	if err := os.WriteFile(path, []byte("code,name\n500000,重庆市\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := fangyu(t, data, "import", "divisions", path, "--dry-run", "--json")
	if code != 0 {
		t.Fatalf("dry run: %s %s", out, errs)
	}
	if strings.Contains(out, `"created": 1`) {
		return 0
	}
	return 1
}

// TestKillDuringImportLeavesNothing kills the program at several moments of the import of the real list.
func TestKillDuringImportLeavesNothing(t *testing.T) {
	list := pgtest.SharedData(t, "codes/vonng_cq_adcode_5levels_2016_gcj02.csv.gz")
	data := dataDir(t)
	if n := countUnits(t, data); n != 0 {
		t.Fatal("the folder is not empty")
	}
	for i, after := range []time.Duration{300 * time.Millisecond, 700 * time.Millisecond, 1200 * time.Millisecond, 1600 * time.Millisecond} {
		cmd := command(t, data, "import", "divisions", list, "--frame", "gcj02", "--confirm-frame")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case err := <-done:
			if i == 0 || err != nil {
				t.Fatalf("the import was through before %v: %v: nothing was killed", after, err)
			}
			return // this machine is faster than the later moments
		case <-time.After(after):
			_ = cmd.Process.Kill()
			<-done
		}
		if n := countUnits(t, data); n != 0 {
			t.Fatalf("killed after %v: something was left", after)
		}
	}
}

// TestImportOfPlacesShowsWhatItWouldDo prints differences and suspects, writes them as a workbook, and changes nothing until
// somebody decided.
func TestImportOfPlacesShowsWhatItWouldDo(t *testing.T) {
	data, dir := dataDir(t), t.TempDir()
	running(t, data) // else every command starts and stops the database
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if out, errs, code := fangyu(t, data, "import", "divisions", file("d.csv", "code,name,level,parentCode\n500000,重庆市,province,\n500233,忠县,county,500000\n")); code != 0 {
		t.Fatalf("%s %s", out, errs)
	}
	out, errs, code := fangyu(t, data, "name", "check", "新華镇", "--category", "行政区划", "--division", "500233", "--json")
	if code != 1 || !strings.Contains(out, "traditional-form") || !strings.Contains(out, "chongqing-2022") {
		t.Errorf("a name is judged by the law from the first day: %d %s %s", code, out, errs)
	}
	const head = "name,category,divisionCode,lon,lat\n"
	if out, errs, code := fangyu(t, data, "import", "places", "--frame", "4490", file("a.csv", head+"=甘井沟,natural,500233,108.04,30.3\n")); code != 0 {
		t.Fatalf("%s %s", out, errs)
	}
	second, book := file("b.csv", head+"=甘井沟,natural,500233,108.05,30.3\n=干井沟,natural,500233,,\n"), filepath.Join(dir, "found.xlsx")
	out, errs, code = fangyu(t, data, "import", "places", "--frame", "4490", "--findings", book, second)
	for _, says := range []string{"变更", "位置：108.0400000,30.3000000 → 108.0500000,30.3000000", "疑似重复", "同音"} {
		if code != 1 || !strings.Contains(out, says) || !strings.Contains(errs, "twins-undecided") || !strings.Contains(errs, "--twins new") {
			t.Errorf("exit code %d: %s %s do not say %s", code, out, errs, says)
		}
	}
	found, err := feature.Open(book)
	if err != nil {
		t.Fatal(err)
	}
	var cells []string
	for rec, err := range found.Records() {
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, rec.Fields["行号"]+rec.Fields["判定"]+rec.Fields["名称"])
	}
	if len(cells) < 3 || cells[0] != "2变更=甘井沟" || cells[1] != "3疑似重复=干井沟" {
		t.Errorf("%q", cells)
	}
	out, errs, code = fangyu(t, data, "import", "places", "--frame", "4490", "--twins", "aside", second)
	if code != 0 || !strings.Contains(out, "新增 0，变更 1") || !strings.Contains(out, "暂不导入 1") {
		t.Errorf("exit code %d: %s %s", code, out, errs)
	}
}
