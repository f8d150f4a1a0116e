package gazetteer

import (
	"strings"
	"testing"

	"fangyu/internal/fault"
)

// TestReadingsStandBesideEachOther: each syllable says in what it differs from the one it is taken for, and by which fold of the rule
// it is heard as that one.
func TestReadingsStandBesideEachOther(t *testing.T) {
	r := Rule{
		ID: "x", Kind: SoundRule, Title: "同音", Clause: "c", Strength: Should, Severity: fault.Review, Confirmed: true,
		Params: RuleParams{Scope: ScopeCounty, Sound: SoundDialect, Folds: [][2]string{{"n", "l"}, {"zh", "z"}, {"-eng", "-en"}, {"=hu", "=fu"}}},
	}
	for _, c := range []struct{ name, other, want string }{
		{"李家路", "礼嘉路", "李lǐ/礼lǐ character；家jiā/嘉jiā character；路lù/路lù "},
		{"礼加路", "梨架路", "礼lǐ/梨lí tone；加jiā/架jià tone；路lù/路lù "},
		{"南政路", "蓝振路", "南nán/蓝lán sound n=l；政zhèng/振zhèn sound eng=en；路lù/路lù "},
		{"虎峰路", "府峰路", "虎hǔ/府fǔ sound hu=fu；峰fēng/峰fēng ；路lù/路lù "},
	} {
		found := checkBy(Draft{Name: c.name, Category: Street}, Gathered{Rule: r, Records: []Record{record(c.other, Street)}, ScopeName: "忠县"})
		if len(found) != 1 || len(found[0].Alike) != 1 {
			t.Errorf("%s: %+v", c.name, found)
			continue
		}
		var told []string
		for _, p := range found[0].Alike[0].Beside {
			told = append(told, p.Own+p.OwnReading+"/"+p.Other+p.OtherReading+" "+strings.Join(append([]string{p.Apart}, p.Folds...), " "))
		}
		if got := strings.ReplaceAll(strings.Join(told, "；"), "  ", " "); got != c.want {
			t.Errorf("%s: %q, wanted %q", c.name, got, c.want)
		}
	}
}

// TestAFindingSaysItsRule: its title, how it is worded and whether it was read from its text;
// the gravest comes first whatever the order of the rules.
func TestAFindingSaysItsRule(t *testing.T) {
	rules := []Rule{
		{Pack: "p", ID: "soft", Kind: PartsRule, Title: "字数", Strength: Should, Severity: fault.Warning, Params: RuleParams{Least: 6}},
		{Pack: "p", ID: "word", Kind: WordRule, Title: "人名", Strength: Shall, Severity: fault.Block, Confirmed: true, Params: RuleParams{Library: "people", Statement: true}},
	}
	around := Surroundings{Words: map[string]*WordList{"people": NewWordList([]Word{{Text: "悟空"}})}}
	d := Draft{Name: "悟空路", Category: Street}
	v := NewVerdict(Pack{}, Check(d, rules, nil, around))
	if len(v.Findings) != 2 || v.Findings[0].Rule != "word" || v.Findings[1].Rule != "soft" {
		t.Fatalf("%+v", v)
	}
	if f := v.Findings[0]; f.Pack != "p" || f.Title != "人名" || f.Strength != Shall || !f.Confirmed || f.Takes != StatementNeeded {
		t.Errorf("%+v", f)
	}
	if f := v.Findings[1]; f.Confirmed || f.Takes != StatementOptional {
		t.Errorf("%+v", f)
	}
}
