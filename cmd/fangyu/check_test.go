package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkGazetteer audits the demo: its list repeats names within a county, which are names in use, so that nothing forbids them and the
// exit code is 0; one of its counties alone has none that do, and is judged by the rules of the municipality.
func checkGazetteer(t *testing.T, data string) {
	file := filepath.Join(t.TempDir(), "findings.xlsx")
	out, errs, code := fangyu(t, data, "check", "gazetteer", "--json", "--xlsx", file)
	var answer checkedGazetteer
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v: %s %s", err, out, errs)
	}
	if code != 0 || answer.Verdict != "review" || answer.Pack != "national-2022" || answer.Counts["duplicate-name"] < 100 || answer.Counts["reading-unverified"] < 900 {
		t.Errorf("exit code %d, %s, %v", code, answer.Verdict, answer.Counts)
	}
	if workbook, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(workbook, []byte("PK")) {
		t.Errorf("the workbook: %v", err)
	}
	out, errs, code = fangyu(t, data, "check", "gazetteer", "--division", "500103")
	if code != 0 || !strings.Contains(out, "读音未核定") || strings.Contains(out, "重名 [") || !strings.Contains(out, "（chongqing-2022）") {
		t.Errorf("exit code %d: %s %s", code, out, errs)
	}
	out, errs, code = fangyu(t, data, "check", "gazetteer", "--division", "500103", "--pack", "shandong-2020")
	if code != 0 || !strings.Contains(out, "（shandong-2020）") {
		t.Errorf("by another pack: exit code %d: %s %s", code, out, errs)
	}
	if _, errs, code = fangyu(t, data, "check", "gazetteer", "--pack", "no-such-pack"); code != 1 || !strings.Contains(errs, "no-such-pack") {
		t.Errorf("by a pack that is not there: %d %s", code, errs)
	}
	if _, errs, code = fangyu(t, data, "check", "gazetteer", "--division", "999999"); code != 1 || !strings.Contains(errs, "999999") {
		t.Errorf("of a division that is not there: %d %s", code, errs)
	}
}
