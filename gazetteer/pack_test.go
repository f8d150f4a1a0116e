package gazetteer

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"fangyu/internal/fault"
)

// TestShippedPacksAreWhole: each is read back from what it writes, includes only what is there, and none that was not read from its
// text forbids.
func TestShippedPacksAreWhole(t *testing.T) {
	all := ShippedPacks()
	for _, p := range all {
		text, err := p.YAML()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePack(text)
		if err != nil || len(p.Diff(again)) > 0 {
			t.Errorf("%s is read back otherwise: %v %v", p.ID, err, p.Diff(again))
		}
		whole, err := p.Assembled(all, "2026-11-29")
		if err != nil || len(whole.Rules) < len(p.On("2026-11-29")) {
			t.Errorf("%s is put together as %d rules, %v", p.ID, len(whole.Rules), err)
		}
		libraries := whole.WordLists()
		for _, r := range whole.Rules {
			if _, there := libraries[r.Params.Library]; r.Params.Library != "" && !there {
				t.Errorf("%s: %s asks for the library %s", p.ID, r.ID, r.Params.Library)
			}
			if r.Severity == fault.Block && !r.Confirmed {
				t.Errorf("%s: %s forbids, and nobody read its text", p.ID, r.ID)
			}
		}
	}
	for code, want := range map[string]string{"500233": "chongqing-2022", "510100": "national-2022", "330203": "national-2022"} {
		if p := InForce(all, code, "2026-11-29"); p == nil || p.ID != want {
			t.Errorf("in %s %v is in force, wanted %s", code, p, want)
		}
	}
	if p := InForce(all, "500233", "2022-05-01"); p == nil || p.ID != "national-2022" {
		t.Errorf("before the pack of the city %v is in force", p)
	}
	if p := InForce(all, "500233", "2020-01-01"); p != nil {
		t.Errorf("before the regulation %s is in force", p.ID)
	}
}

// TestABadPackIsRefusedWhole: everything that is wrong with it is said at once, each with its place.
func TestABadPackIsRefusedWhole(t *testing.T) {
	for text, want := range map[string]string{
		"id: [": "bad-yaml 1",
		"id: x\ntitle: 试\nvalidFrom: \"2026-01-01\"\nwrong: 3\n":       "bad-yaml 4",
		"id: X y\ntitle: \"\"\nvalidFrom: \"2026-13-01\"\nrules: []\n": "pack-wrong /id /title /validFrom",
		`
id: x
title: 试
validFrom: "2026-01-01"
validTo: "2025-01-01"
region: 重庆
rules:
  - {id: a, kind: repeat, title: 甲, clause: 条, strength: must, severity: block, confirmed: false, categories: [road]}
  - {id: a, kind: sound, title: 乙, clause: 条, strength: shall, severity: high, confirmed: true, params: {scope: county, sound: dialect, folds: [[b, p]]}}
  - {id: c, kind: measure, title: 丙, clause: 条, strength: shall, severity: review, confirmed: true, params: {generic: [城], anyOf: [[{fact: height}]]}}
  - {id: d, kind: word, title: 丁, clause: 条, strength: shall, severity: review, confirmed: true, params: {}}
  - {id: e, kind: taste, title: 戊, clause: 条, strength: shall, severity: review, confirmed: true}
`: "pack-wrong /validTo /region /rules/0/strength /rules/0/severity /rules/0/categories /rules/0/params/scope /rules/1/id /rules/1/severity " +
			"/rules/1/params/folds/0 /rules/2/params/anyOf/0/0 /rules/3/params/library /rules/4/kind",
	} {
		_, err := ParsePack([]byte(text))
		var f *fault.Error
		if !errors.As(err, &f) {
			t.Errorf("%q is taken", text)
			continue
		}
		parts := strings.Fields(want)
		if f.Code != parts[0] || f.Code == "bad-yaml" && !strings.Contains(f.Detail, "第 "+parts[1]+" 行") {
			t.Errorf("%q: %v", text, f)
		}
		for _, pointer := range parts[1:] {
			if f.Code == "pack-wrong" && !slices.ContainsFunc(f.Findings, func(f fault.Finding) bool { return f.Pointer == pointer }) {
				t.Errorf("nothing is said of %s: %v", pointer, f.Findings)
			}
		}
	}
}

func TestPacksAreCompared(t *testing.T) {
	read := func(text string) Pack {
		p, err := ParsePack([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const head = "id: x\ntitle: 试\nvalidFrom: \"2026-01-01\"\n"
	a := read(head + `libraries: [{id: l, title: 词, words: [{text: 宇宙}, {text: 中央}]}]
rules:
  - {id: a, kind: word, title: 甲, clause: 条, strength: shall, severity: review, confirmed: true, params: {library: l}}
  - {id: b, kind: measure, title: 乙, clause: 条, strength: shall, severity: review, confirmed: true, params: {generic: [大道], anyOf: [[{fact: roadWidthM, least: 40}]]}}
`)
	b := read(head + `region: "50"
libraries: [{id: l, title: 词, words: [{text: 宇宙, weighs: warning}, {text: 天下}]}]
rules:
  - {id: b, kind: measure, title: 乙, clause: 条, strength: shall, severity: block, confirmed: true, params: {generic: [大道], anyOf: [[{fact: roadWidthM, least: 36}]]}}
  - {id: c, kind: script, title: 丙, clause: 条, strength: shall, severity: review, confirmed: true}
`)
	var told []string
	for _, c := range a.Diff(b) {
		s := c.How + " " + c.ID
		for _, f := range c.Fields {
			s += " " + f.Field
		}
		told = append(told, s)
	}
	want := []string{
		"changed x region", "removed a", "changed b params.anyOf severity", "added c", "removed l/中央", "changed l/宇宙 weighs", "added l/天下",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, wanted %q", told, want)
	}
	if same := a.Diff(a); len(same) > 0 {
		t.Errorf("a pack differs from itself: %v", same)
	}
}
