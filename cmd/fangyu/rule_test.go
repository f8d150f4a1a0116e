package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRulePacksComeInAndGoOut: drafted, changed, compared, adopted by a paper, printed as they come in again; what is wrong changes nothing.
func TestRulePacksComeInAndGoOut(t *testing.T) {
	data, dir := dataDir(t), t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const first = "id: cq-2027\ntitle: 试行\nregion: \"50\"\nvalidFrom: \"2027-01-01\"\nincludes: [chongqing-2022]\nrules:\n" +
		"  - {id: X-length, kind: parts, title: 不超过六字, clause: 第一条, strength: shall, severity: block, confirmed: true, params: {most: 6}}\n" +
		"  - {id: X-words, kind: word, title: 限用的词, clause: 第二条, strength: shall, severity: review, confirmed: true, params: {library: cq-limited}}\n" +
		"libraries:\n  - {id: cq-limited, title: 限用的词, words: [{text: 公馆}]}\n"
	one, two := file("one.yaml", first), file("two.yaml", strings.Replace(first, "most: 6", "most: 8", 1))
	bad := file("bad.yaml", strings.Replace(first, "kind: parts", "kind: colour", 1))
	lost := file("lost.yaml", strings.Replace(first, "includes: [chongqing-2022]", "includes: []", 1))
	words := file("words.csv", "词,说明,等级\n国际,大词,warning\n公馆,官衔,\n御府,官衔,\n")
	wrong := file("wrong.csv", "词,等级\n国际,heavy\n")
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"import rule-packs " + bad, 1, "colour"},
		{"import rule-packs " + filepath.Join(dir, "none.yaml"), 1, "none.yaml"},
		{"rule show cq-2027", 1, "pack-unknown"},
		{"import rule-packs " + one + " --dry-run", 0, "增加 规则 X-length 不超过六字"},
		{"import rule-packs " + lost + " --dry-run", 0, "pack-leaves-law"},
		{"rule show cq-2027", 1, "pack-unknown"},
		{"import rule-packs " + one, 0, "新增，第 1 版，草案"},
		{"import rule-packs " + one, 0, "没有不同，第 1 版"},
		{"rule diff cq-2027 " + two, 0, `改动 规则 X-length 不超过六字：params.most 6 → 8`},
		{"import rule-packs " + two, 0, "改动，第 2 版"},
		{"rule diff cq-2027@1 cq-2027", 0, `params.most 6 → 8`},
		{"rule diff cq-2027 cq-2027", 0, "没有不同"},
		{"import rule-packs " + two + " --adopt", 1, "document-missing"},
		{"import rule-packs " + two + " --adopt --source-title 通知 --source-number 9号", 0, "第 3 版，已发布"},
		{"import rule-packs " + two + " --dry-run", 0, "试运行，没有写入"},
		{"import rule-packs " + one, 1, "step-not-open"},
		{"rule show cq-2027", 0, "most: 8"},
		{"rule list", 0, "cq-2027\t已发布\t代码 50 开头的地区\t"},
		{"rule list", 0, "national-2022\t已发布\t全国\t"},
		{"rule list", 0, "已发布，供比较\t代码 3302 开头的地区\t"},
		{"import words " + words, 2, "--library"},
		{"import words " + words + " --library no-such", 1, "library-unknown"},
		{"import words " + wrong + " --library cq-limited", 1, "heavy"},
		{"import words " + words + " --library no-such --dry-run", 1, "library-unknown"},
		{"import words " + wrong + " --library cq-limited --dry-run", 1, "heavy"},
		{"import words " + words + " --library foreign-places --region 50 --dry-run", 0, "新增 3，其中替换 0，其余没有不同\n试运行，没有写入"},
		{"import words " + words + " --library foreign-places --region 50", 0, "新增 3"},
		{"import words " + words + " --library foreign-places --region 50", 0, "新增 0"},
		{"import words " + words + " --library names --source-title 采词库 --library-kind source --dry-run", 0, "新增 3"},
		{"import words " + words + " --library names", 1, "library-unknown"},
		{"import words " + words + " --library names --source-title 采词库 --library-kind source", 0, "新增 3"},
	} {
		out, errs, code := fangyu(t, data, strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(out+errs, c.says) {
			t.Errorf("%s: %d %s %s, wanted %s", c.args, code, out, errs, c.says)
		}
	}
	out, _, _ := fangyu(t, data, "rule", "show", "cq-2027")
	again := file("again.yaml", out)
	if out, errs, code := fangyu(t, data, "import", "rule-packs", again); code != 0 || !strings.Contains(out, "没有不同") {
		t.Errorf("what was printed does not come in again: %d %s %s", code, out, errs)
	}
}
