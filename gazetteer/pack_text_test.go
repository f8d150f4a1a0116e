package gazetteer

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"fangyu/internal/fault"
)

const packHead = "id: a\ntitle: t\nvalidFrom: \"2026-01-01\"\n"

// packRule is a rule of a kind in YAML with parameters.
func packRule(kind, params string) string {
	return packHead + "rules:\n  - {id: r, kind: " + kind + ", title: t, clause: c, strength: shall, severity: warning, confirmed: true, params: {" + params + "}}\n"
}

// TestTextsThatAreNoPack are refused in a sentence and at once, whoever wrote them and why.
func TestTextsThatAreNoPack(t *testing.T) {
	many := func(s string) string { return strings.Repeat(s, (maxPackText-100)/len(s)) }
	for name, c := range map[string]struct{ text, want string }{
		"empty":               {"", "bad-yaml"},
		"null":                {"null", "bad-yaml"},
		"list":                {"[1, 2]", "bad-yaml"},
		"tab":                 {"id: a\n\ttitle: t", "bad-yaml"},
		"no UTF-8":            {"id: \"\xff\xfe\"\n", "bad-yaml"},
		"a field twice":       {packHead + "id: b\n", "bad-yaml"},
		"an unknown field":    {packHead + "owner: b\n", "bad-yaml"},
		"two packs":           {packHead + "---\n" + packHead, "bad-yaml"},
		"an anchor":           {packHead + "rules: &a []\n", "bad-yaml"},
		"an alias of itself":  {"rules: &a\n  - *a\n", "bad-yaml"},
		"a merged map":        {packHead + "rules:\n  - <<: {id: a}\n", "bad-yaml"},
		"a tag":               {"!!binary x", "bad-yaml"},
		"a fold of three":     {packRule("sound", "scope: county, sound: dialect, folds: [[n, l, r]]"), "bad-yaml"},
		"endless lists":       {many("["), "too-deep"},
		"endless maps":        {many("{a: "), "too-deep"},
		"endless lines":       {many("a: [\n"), "too-deep"},
		"endless entries":     {many("- "), "too-deep"},
		"endless keys":        {many("? "), "too-deep"},
		"endless tags":        {many("!a "), "bad-yaml"},
		"endless words":       {packHead + "libraries:\n  - {id: l, title: t, words: [" + many("{text: 路},"), "bad-yaml"},
		"long":                {packHead + "source: " + strings.Repeat("a", maxPackText), "pack-too-long"},
		"infinitely near":     {packRule("nature", "words: [湖], withinM: .inf"), "pack-wrong"},
		"near by no number":   {packRule("nature", "words: [湖], withinM: .nan"), "pack-wrong"},
		"near by less than 0": {packRule("nature", "words: [湖], withinM: -1"), "pack-wrong"},
		"infinitely large":    {packRule("measure", "generic: [广场], anyOf: [[{fact: areaM2, least: .inf}]]"), "pack-wrong"},
		"no measure":          {packRule("measure", "generic: [广场], anyOf: [[]]"), "pack-wrong"},
		"an empty word":       {packRule("generic", "words: ['']"), "pack-wrong"},
		"an empty prefix":     {packRule("repeat", "scope: county, prefixes: ['']"), "pack-wrong"},
		"the day 0":           {"id: a\ntitle: t\nvalidFrom: \"0000-00-00\"\n", "pack-wrong"},
		"the year 0":          {"id: a\ntitle: t\nvalidFrom: \"0000-01-01\"\n", "pack-wrong"},
		"no end":              {packHead + "validTo: infinity\n", "pack-wrong"},
		"half a code":         {packHead + "region: \"50011\"\n", "pack-wrong"},
		"a digit":             {packHead + "region: \"5\"\n", "pack-wrong"},
		"includes itself":     {packHead + "includes: [a]\n", "pack-wrong"},
		"a title turned":      {"id: a\ntitle: \"\\u202et\"\nvalidFrom: \"2026-01-01\"\n", "pack-wrong"},
		"an id as a path":     {strings.Replace(packRule("script", ""), "id: r", "id: ../r", 1), "pack-wrong"},
		"a level of its own":  {strings.Replace(packRule("script", ""), "kind:", "levels: [x], kind:", 1), "pack-wrong"},
		"a clause in control": {strings.Replace(packRule("script", ""), "clause: c", `clause: "c\a"`, 1), "pack-wrong"},
	} {
		start := time.Now()
		_, err := ParsePack([]byte(c.text))
		var refused *fault.Error
		if took := time.Since(start); !errors.As(err, &refused) || refused.Code != c.want || took > 3*time.Second {
			t.Errorf("%s: %.200v in %v, wanted %s", name, err, took, c.want)
		}
	}
}

// TestAPackIsReadBackAsItWasWritten, whatever its texts are, or it is not written.
func TestAPackIsReadBackAsItWasWritten(t *testing.T) {
	texts := []string{
		"~", "null", "true", "1e3", "0x1F", "2026-01-01", "- a", "a: b", "a #b", "#a", "'", "\"", "'a", "a'", "\"a\" b", "{a", "[a", "*a", "&a", "!a", "|", ">", "%a", "@a", "`a", "? a",
		" a ", "a\\nb", "a\\", "\\", "：a", "𠀀路", "a\u0301", "\u3000a", "a\u00a0", "a\nb", "a\n\nb\n", "\na", "  a\nb", "a\n  b \n", "a \nb", "---", "--- a", "...", "a\n---\nb", ".inf", ".nan", "=", "<<", "a, b", "a]", "a}", "yes", "0o7", "1_000", ":", "a:", "-", "a:\nb: c", "#\na", "\u200d", "\ufffd", "\u0085", "\u007f",
	}
	for _, s := range texts {
		p := Pack{ID: "a", Title: s, Source: s, ValidFrom: "2026-01-01", Rules: []Rule{{ID: "r", Kind: WordRule, Title: s, Clause: s, Params: RuleParams{Words: []string{s, s}}}}}
		text, err := p.YAML()
		if err != nil {
			if fault.KindOf(err) != fault.Malformed {
				t.Errorf("%q: %v", s, err)
			}
			t.Logf("%q is not written", s)
			continue
		}
		if again, err := KeptPackText(text); err != nil || again.Title != s || again.Source != s || again.Rules[0].Params.Words[1] != s {
			t.Errorf("%q: %v, %+v", s, err, again)
		}
	}
}

// TestHowMuchAPackMayHold: rules, words and what stands beside words have an end.
func TestHowMuchAPackMayHold(t *testing.T) {
	words := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprint("词", i))
		}
		return all
	}
	for name, change := range map[string]func(*Pack){
		"rules": func(p *Pack) {
			for i := range 10_000 {
				r := p.Rules[0]
				r.ID = fmt.Sprint("r", i)
				p.Rules = append(p.Rules, r)
			}
		},
		"rules that compare": func(p *Pack) {
			for i := range maxGather + 1 {
				p.Rules = append(p.Rules, Rule{ID: fmt.Sprint("r", i), Kind: RepeatRule, Title: "t", Clause: "c", Strength: Shall, Severity: fault.Info, Params: RuleParams{Scope: ScopeNation}})
			}
		},
		"words":    func(p *Pack) { p.Rules[0].Params.Words = words(maxListed + 1) },
		"prefixes": func(p *Pack) { p.Rules[0].Params.Prefixes = words(maxListed + 1) },
		"alike":    func(p *Pack) { p.Rules[0].Params.Alike = words(maxListed + 1) },
		"includes": func(p *Pack) { p.Includes = words(maxIncludes + 1) },
		"except": func(p *Pack) {
			p.Libraries = []Library{{ID: "l", Title: "t", Words: []Word{{Text: "路", Except: words(maxBeside + 1)}}}}
		},
		"before": func(p *Pack) {
			p.Libraries = []Library{{ID: "l", Title: "t", Words: []Word{{Text: "路", Before: []string{""}}}}}
		},
		"note": func(p *Pack) {
			p.Libraries = []Library{{ID: "l", Title: "t", Words: []Word{{Text: "路", Note: strings.Repeat("长", maxNote+1)}}}}
		},
		"a word": func(p *Pack) { p.Libraries = []Library{{ID: "l", Title: "t", Words: []Word{{Text: "路\u202e"}}}} },
		"near":   func(p *Pack) { p.Rules[0].Params.WithinM = math.Inf(1) },
	} {
		p := localPack()
		change(&p)
		if len(p.Check()) == 0 {
			t.Errorf("%s: nothing is found", name)
		}
	}
}
