package gazetteer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fangyu/internal/fault"
)

func kept(text, region, from, to string) KeptWord {
	return KeptWord{Word: Word{Text: text}, Region: region, From: from, To: to}
}

var trademarks = KeptLibrary{ID: "marks", Title: "企业名称、商标", Kind: LimitedWords, Words: []KeptWord{
	kept("甲牌", "", "2022-05-01", ""), kept("乙牌", "50", "2026-01-01", ""), kept("丙牌", "50", "2026-01-01", "2026-06-01"), kept("丁牌", "500112", "2026-11-29", ""), kept("戊牌", "51", "2026-01-01", ""),
}}

// TestAChangeOfWords: what is added, what is replaced, what ends, and what is refused with where.
func TestAChangeOfWords(t *testing.T) {
	told := func(p WordPlan) string {
		var s []string
		for _, w := range p.End {
			s = append(s, "-"+w.Text+w.Region)
		}
		for _, w := range p.Add {
			s = append(s, "+"+w.Text)
		}
		return strings.Join(s, " ")
	}
	for _, c := range []struct {
		name, region string
		change       WordChange
		want         string // of the plan
		wrong        string // code and pointer
	}{
		{"new", "50", WordChange{Add: []Word{{Text: " 己牌 "}}, Day: "2026-11-29"}, "+己牌", ""},
		{"there already", "50", WordChange{Add: []Word{{Text: "乙牌"}}, Day: "2026-11-29"}, "", ""},
		{"otherwise", "50", WordChange{Add: []Word{{Text: "乙牌", Weighs: fault.Warning}}, Day: "2026-11-29"}, "-乙牌50 +乙牌", ""},
		{"again", "50", WordChange{Add: []Word{{Text: "丙牌"}}, Day: "2026-11-29"}, "+丙牌", ""},
		{"ended", "50", WordChange{End: []string{"乙牌"}, Day: "2027-01-01"}, "-乙牌50", ""},
		{"of another region", "50", WordChange{Add: []Word{{Text: "戊牌"}}, Day: "2026-11-29"}, "+戊牌", ""},
		{"counts above", "500112", WordChange{Add: []Word{{Text: "乙牌", Weighs: fault.Info}}, Day: "2026-11-29"}, "", "word-there /add/0"},
		{"counts everywhere", "50", WordChange{Add: []Word{{Text: "甲牌", Weighs: fault.Info}}, Day: "2026-11-29"}, "", "word-there /add/0"},
		{"not its own", "50", WordChange{End: []string{"甲牌"}, Day: "2026-11-29"}, "", "word-unknown /end/0"},
		{"ended already", "50", WordChange{End: []string{"丙牌"}, Day: "2026-11-29"}, "", "word-unknown /end/0"},
		{"as of today", "500112", WordChange{End: []string{"丁牌"}, Day: "2026-11-29"}, "-丁牌500112", "word-too-new /end/0"},
		{"the past", "50", WordChange{Add: []Word{{Text: "己牌"}}, Day: "2026-11-28"}, "+己牌", "bad-day /from"},
		{"nothing", "50", WordChange{Day: "2026-11-29"}, "", "nothing-changed /add"},
		{"both", "50", WordChange{Add: []Word{{Text: "乙牌"}}, End: []string{"乙牌"}, Day: "2026-11-29"}, "", "bad-library /end/0"},
		{"ended twice", "50", WordChange{End: []string{"乙牌", "乙牌"}, Day: "2026-11-29"}, "", "bad-library /end/1"},
		{"turned", "50", WordChange{Add: []Word{{Text: "己\u202e牌"}}, Day: "2026-11-29"}, "+己\u202e牌", "bad-library /add/0"},
		{"endless exceptions", "50", WordChange{Add: []Word{{Text: "己牌", Except: strings.Split(strings.Repeat("己牌楼,", 5000), ",")}}, Day: "2026-11-29"}, "+己牌", "bad-library /add/0"},
		{"no text", "50", WordChange{Add: []Word{{Text: "己牌"}, {Text: " "}}, Day: "2026-11-29"}, "+己牌 +", "bad-library /add/1"},
		{"twice", "50", WordChange{Add: []Word{{Text: "己牌"}, {Text: "己牌"}}, Day: "2026-11-29"}, "+己牌 +己牌", "bad-library /add/1"},
	} {
		plan, found := trademarks.Plan(c.region, "2026-11-29", c.change)
		var wrong string
		if len(found) == 1 {
			wrong = found[0].Code + " " + found[0].Pointer
		}
		if told(plan) != c.want && c.wrong == "" || wrong != c.wrong || len(found) > 1 {
			t.Errorf("%s: %q, %v", c.name, told(plan), found)
		}
	}
}

// TestWordsCountWhereAndWhenTheyDo, and a word that counts in a wider region weighs as it does there.
func TestWordsCountWhereAndWhenTheyDo(t *testing.T) {
	texts := func(code, day string) string {
		var s []string
		for _, w := range trademarks.On(day, code).Words {
			s = append(s, w.Text)
		}
		slices.Sort(s)
		return strings.Join(s, "")
	}
	for _, c := range [][3]string{
		{"500112", "2026-11-29", "丁牌乙牌甲牌"}, {"500112", "2026-11-28", "乙牌甲牌"}, {"500112", "2026-05-31", "丙牌乙牌甲牌"}, {"500113", "2026-11-29", "乙牌甲牌"}, {"510100", "2026-11-29", "戊牌甲牌"}, {"", "2026-11-29", "甲牌"}, {"500112", "2022-04-30", ""},
	} {
		if got := texts(c[0], c[1]); got != c[2] {
			t.Errorf("%s on %s: %s, wanted %s", c[0], c[1], got, c[2])
		}
	}
	l := KeptLibrary{ID: "x", Words: []KeptWord{kept("甲", "", "2022-01-01", ""), {Word: Word{Text: "甲", Weighs: fault.Info}, Region: "50", From: "2022-01-01"}}}
	if w := NewWordList(l.On("2026-01-01", "500000").Words).In("甲村"); len(w) != 1 || w[0].Weighs != "" {
		t.Errorf("the nearer word takes the weight from the wider one: %v", w)
	}
}

// TestAListFindsWhatScanningFinds: the words of a name, over lists of every length.
func TestAListFindsWhatScanningFinds(t *testing.T) {
	words := []Word{{Text: "国际"}, {Text: "国"}, {Text: "际村"}, {Text: "江北国际机场"}, {Text: "𠮷"}, {Text: "机场站站"}, {Text: "ABC"}}
	list := NewWordList(words)
	for _, name := range []string{"", "江北国际机场站", "国国际际村", "𠮷村", "ABCD", "无", "国"} {
		var want []string
		for _, w := range words {
			if strings.Contains(name, w.Text) {
				want = append(want, w.Text)
			}
		}
		slices.SortFunc(want, func(a, b string) int {
			if len(a) != len(b) {
				return len(b) - len(a)
			}
			return strings.Compare(a, b)
		})
		var got []string
		for _, w := range list.In(name) {
			got = append(got, w.Text)
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v, wanted %v", name, got, want)
		}
	}
}

// TestTheBookPutsPacksTogether: drafts are in force nowhere and may be asked for; the words are those of the place and the day.
func TestTheBookPutsPacksTogether(t *testing.T) {
	var packs []KeptPack
	for _, p := range ShippedPacks() {
		packs = append(packs, KeptPack{Pack: p, State: PackAdopted})
	}
	draft := localPack()
	draft.ValidFrom = "2026-01-01"
	draft.Rules = append(draft.Rules, Rule{Pack: draft.ID, ID: "CQ27-marks", Kind: WordRule, Title: "商标", Clause: "第二条", Strength: Shall, Severity: fault.Review, Params: RuleParams{Library: "marks"}})
	book := NewRuleBook(append(packs, KeptPack{Pack: draft, State: PackDraft}), []KeptLibrary{trademarks})
	inForce, err := book.On("2026-11-29", "", "500112")
	if err != nil || inForce.ID != "chongqing-2022" {
		t.Errorf("%s, %v", inForce.ID, err)
	}
	for code, want := range map[string]int{"500112": 3, "500113": 2} {
		asked, err := book.On("2026-11-29", draft.ID, code)
		if err != nil || len(asked.Rules) <= len(draft.Rules) || len(asked.WordLists()["marks"].In("甲牌乙牌丙牌丁牌戊牌")) != want {
			t.Errorf("%s: %d rules, %v", code, len(asked.Rules), err)
		}
		asked.Rules[0] = Rule{} // what is given out is the asker's own
		if again, err := book.On("2026-11-29", draft.ID, code); err != nil || again.Rules[0].ID == "" {
			t.Errorf("an asker changed the book: %v", err)
		}
	}
	later := localPack()
	later.ID = "later"
	tried, err := NewRuleBook(append(packs, KeptPack{Pack: later, State: PackDraft}), nil).On("2026-11-29", "later", "500112")
	if err != nil || !slices.ContainsFunc(tried.Rules, func(r Rule) bool { return r.ID == "CQ27-length" }) {
		t.Errorf("a draft that is to hold from next year is tried without its rules: %v", err)
	}
	for day := range 3 * mostAssembled {
		if _, err := book.On(fmt.Sprintf("20%02d-01-01", 27+day%70), "", "500112"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := book.On("2026-11-29", "no-such", ""); !fault.Is(err, "pack-unknown") {
		t.Error(err)
	}
	if _, err := book.On("1999-01-01", "", "500112"); !fault.Is(err, "pack-unknown") {
		t.Error(err)
	}
}

// TestALongListIsPlannedAtOnce: a hundred thousand words again, and all to end.
func TestALongListIsPlannedAtOnce(t *testing.T) {
	l := KeptLibrary{ID: "l", Title: "企业"}
	var again, gone WordChange
	for i := range 100_000 {
		w := fmt.Sprint("企", i)
		l.Words = append(l.Words, kept(w, "", "2022-01-01", ""))
		again.Add, gone.End = append(again.Add, Word{Text: w}), append(gone.End, w)
	}
	again.Day, gone.Day = "2026-11-29", "2026-11-29"
	start := time.Now()
	plan, found := l.Plan("", "2026-11-29", again)
	if len(plan.Add)+len(plan.End)+len(found) > 0 {
		t.Errorf("the same again: %d new, %d end, %v", len(plan.Add), len(plan.End), found)
	}
	plan, found = l.Plan("", "2026-11-29", gone)
	if took := time.Since(start); len(plan.End) != 100_000 || len(found) > 0 || took > 5*time.Second {
		t.Errorf("%d end in %v, %v", len(plan.End), took, found)
	}
}
