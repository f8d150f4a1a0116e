package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fangyu/gazetteer"
)

// TestANameIsJudgedAgainstAFile needs no database: repeats and homophones among the names of the file, words and thresholds by the
// packs that come with the program, or one of a file.
func TestANameIsJudgedAgainstAFile(t *testing.T) {
	dir := t.TempDir()
	names := filepath.Join(dir, "names.csv")
	pack := filepath.Join(dir, "own.yaml")
	for path, text := range map[string]string{
		names: "名称,类别,区划代码\n新华路,街路巷,500233\n礼嘉路,街路巷,500233\n新华路,街路巷,500230\n",
		pack: `
id: own
title: 试行
validFrom: "2020-01-01"
rules: [{id: X-length, kind: parts, title: 不超过六字, clause: 试行第一条, strength: shall, severity: block, confirmed: true, params: {most: 6}}]
`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"新华路"}, 1, []string{"duplicate-name", "chongqing-2022"}},
		{[]string{"新华路", "--kind", "existing"}, 0, []string{`"verdict": "info"`}}, // it is the one that stands there
		{[]string{"李家路"}, 0, []string{"homophone", "礼嘉路"}},
		{[]string{"翠屏大道", "--facts", `{"roadWidthM": 32}`}, 0, []string{"below-threshold"}},
		{[]string{"翠屏大道"}, 0, []string{"insufficient-data"}},
		{[]string{"翠屏大道", "--facts", `{"roadWidthM": 44}`}, 0, []string{`"verdict": "info"`}},
		{[]string{"翠屏锦溪春岚路", "--pack", pack}, 1, []string{"name-length", `"pack": "own"`}},
		{[]string{"翠屏路", "--pack", "no-such-pack"}, 1, []string{"no-such-pack"}},
		{[]string{"翠屏路", "--facts", `{"width": 3}`}, 1, []string{"width"}},
	} {
		args := append([]string{"name", "check"}, c.args[0])
		out, errs, code := fangyu(t, filepath.Join(dir, "none"), append(append(args, c.args[1:]...), "--category", "street", "--division", "500233", "--against", names, "--json")...)
		if code != c.code {
			t.Errorf("%v: exit code %d: %s %s", c.args, code, out, errs)
		}
		for _, s := range c.says {
			if !strings.Contains(out+errs, s) {
				t.Errorf("%v: %s %s do not say %s", c.args, out, errs, s)
			}
		}
		var v gazetteer.Verdict
		if code == 0 && json.Unmarshal([]byte(out), &v) != nil {
			t.Errorf("%v: %s is no verdict", c.args, out)
		}
	}
	out, errs, code := fangyu(t, filepath.Join(dir, "none"), "name", "check", "新华路", "--category", "街路巷", "--division", "500233", "--against", names)
	for _, s := range []string{"新华路：不能使用（按《重庆市地名规则", "[禁止]", "依据：《地名管理条例》第九条第一款第（八）项", "规则：", "已核对原文", "办法："} {
		if code != 1 || !strings.Contains(out, s) {
			t.Errorf("for people: %d %s %s does not say %s", code, out, errs, s)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("a database was made")
	}
}
