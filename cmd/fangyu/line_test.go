package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinesAreDerivedByCommand: two counties a metre apart give a line only when somebody has seen what moves.
func TestLinesAreDerivedByCommand(t *testing.T) {
	data, dir := dataDir(t), t.TempDir()
	running(t, data)
	path := filepath.Join(dir, "counties.geojson")
	county := func(code, name, ring string) string {
		return `{"type":"Feature","properties":{"code":"` + code + `","name":"` + name + `"},"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}`
	}
	text := `{"type":"FeatureCollection","features":[` + strings.Join([]string{
		`{"type":"Feature","properties":{"code":"500000","name":"重庆市"},"geometry":null}`,
		county("500105", "江北区", `[[106.5,29.5],[106.55,29.5],[106.55,29.6],[106.5,29.6],[106.5,29.5]]`),
		county("500112", "渝北区", `[[106.55001,29.5],[106.6,29.5],[106.6,29.6],[106.55001,29.6],[106.55001,29.5]]`),
	}, ",") + `]}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := fangyu(t, data, "import", "divisions", path, "--frame", "4490"); code != 0 {
		t.Fatalf("import: %d %s %s", code, out, errs)
	}
	derive := func(want int, more ...string) string {
		t.Helper()
		out, errs, code := fangyu(t, data, append([]string{"line", "derive", "--source", "两区图形"}, more...)...)
		if code != want {
			t.Fatalf("%v: exit code %d: %s %s", more, code, out, errs)
		}
		return out + errs
	}
	if out := derive(1, "--dry-run"); !strings.Contains(out, "界线 0 条") {
		t.Errorf("a metre apart: %s", out)
	}
	seen := derive(0, "--tolerance-m", "2", "--dry-run")
	digest := regexp.MustCompile(`--digest ([0-9a-f]{64})`).FindStringSubmatch(seen)
	if digest == nil || !strings.Contains(seen, "界线 1 条") || !strings.Contains(seen, "没有写入") || !strings.Contains(seen, "平方米") {
		t.Fatalf("brought together: %s", seen)
	}
	if out := derive(1, "--tolerance-m", "2"); !strings.Contains(out, "先试算") {
		t.Errorf("unseen: %s", out)
	}
	if out := derive(0, "--tolerance-m", "2", "--digest", digest[1]); !strings.Contains(out, "新建 1 条") {
		t.Errorf("seen: %s", out)
	}
	if out := derive(0, "--tolerance-m", "2", "--digest", digest[1]); !strings.Contains(out, "已有 1 条不变") {
		t.Errorf("a second time: %s", out)
	}
	derive(2, "--tolerance-m", "-1")
}
