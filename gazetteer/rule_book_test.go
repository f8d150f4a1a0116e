package gazetteer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fangyu/internal/fault"
)

// lawBook is a book of adopted packs: a law, a newer one from 2030 on, and those given.
func lawBook(packs ...Pack) *RuleBook {
	law := Pack{ID: "law", Title: "条例", ValidFrom: "2022-05-01", Rules: []Rule{wordRule("law", "L1", "皇")}}
	newer := Pack{ID: "newer", Title: "新条例", ValidFrom: "2030-01-01", Rules: []Rule{wordRule("newer", "L1", "皇"), wordRule("newer", "L2", "霸")}}
	var kept []KeptPack
	for _, p := range append([]Pack{law, newer}, packs...) {
		kept = append(kept, KeptPack{Pack: p, State: PackAdopted, Version: 1})
	}
	return NewRuleBook(kept, nil)
}

// wordRule forbids a word.
func wordRule(pack, id, word string) Rule {
	return Rule{Pack: pack, ID: id, Kind: WordRule, Title: "不用的词", Clause: "一", Strength: Shall, Severity: fault.Block, Confirmed: true, Params: RuleParams{Words: []string{word}}}
}

// rulesOn are the rules that hold in 500112 on a day, by pack and id.
func rulesOn(t *testing.T, b *RuleBook, day string) (ids []string) {
	t.Helper()
	p, err := b.On(day, "", "500112")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range p.Rules {
		ids = append(ids, r.Pack+"/"+r.ID)
	}
	slices.Sort(ids)
	return ids
}

// TestALaterLawHoldsUnderALocalPack that was adopted before it, and is replaced by nothing in that; what the local pack includes ends
// when it ends.
func TestALaterLawHoldsUnderALocalPack(t *testing.T) {
	local := Pack{ID: "local", Region: "500112", ValidFrom: "2026-01-01", Includes: []string{"law"}, Without: []string{"L1"}, Rules: []Rule{wordRule("local", "K1", "皇")}}
	b := lawBook(local)
	if got := rulesOn(t, b, "2026-11-29"); !slices.Equal(got, []string{"local/K1"}) {
		t.Errorf("before: %v", got)
	}
	if got := rulesOn(t, b, "2030-01-01"); !slices.Equal(got, []string{"local/K1", "newer/L1", "newer/L2"}) {
		t.Errorf("after: %v", got)
	}
	middle := Pack{ID: "middle", Region: "50", ValidFrom: "2026-01-01", ValidTo: "2028-01-01", Includes: []string{"law"}, Rules: []Rule{wordRule("middle", "M1", "帝")}}
	local.Includes, local.Without = []string{"middle"}, nil
	b = lawBook(local, middle)
	if got := rulesOn(t, b, "2027-12-31"); !slices.Equal(got, []string{"law/L1", "local/K1", "middle/M1"}) {
		t.Errorf("while what is included holds: %v", got)
	}
	if got := rulesOn(t, b, "2028-01-01"); !slices.Equal(got, []string{"law/L1", "local/K1"}) {
		t.Errorf("when that has ended: %v", got)
	}
	if _, err := b.On("2022-04-30", "", "500112"); !fault.Is(err, "pack-unknown") {
		t.Errorf("before there was any: %v", err)
	}
}

// TestALongWordOfACountyCoversNoneThatIsForbidden: what weighs more within it is told too.
func TestALongWordOfACountyCoversNoneThatIsForbidden(t *testing.T) {
	for weighs, want := range map[fault.Severity]fault.Severity{fault.Info: fault.Block, fault.Warning: fault.Block, "": fault.Block} {
		r := Rule{Pack: "law", ID: "L", Kind: WordRule, Title: "不用的词", Clause: "一", Strength: Shall, Severity: fault.Block, Confirmed: true, Params: RuleParams{Library: "l"}}
		around := Surroundings{Words: map[string]*WordList{"l": NewWordList([]Word{{Text: "天安门"}, {Text: "天安门花园", Weighs: weighs}})}}
		found := Check(Draft{Kind: "new", Name: "天安门花园路", Category: Street}, []Rule{r}, nil, around)
		if got := fault.Severity(NewVerdict(Pack{}, found).Verdict); got != want {
			t.Errorf("a longer word that weighs %q: %s, %v", weighs, got, found)
		}
	}
}

// TestAWordIsToldOfOnce by a rule, however often it stands in a name.
func TestAWordIsToldOfOnce(t *testing.T) {
	var rules []Rule
	for i := range maxRules {
		rules = append(rules, Rule{Pack: "p", ID: fmt.Sprint("w", i), Kind: WordRule, Title: "不用的词", Clause: "一", Strength: Shall, Severity: fault.Block, Confirmed: true, Params: RuleParams{Words: []string{"一", "一一", "一一一"}}})
	}
	start := time.Now()
	found := Check(Draft{Kind: "new", Name: strings.Repeat("一", 100), Category: Street}, rules, nil, Surroundings{})
	if took := time.Since(start); len(found) != maxRules || took > 3*time.Second {
		t.Errorf("%d findings in %v", len(found), took)
	}
}
