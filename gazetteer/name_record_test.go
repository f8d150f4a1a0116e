package gazetteer_test

import (
	"slices"
	"strings"
	"testing"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

const today = "2026-11-28"

func codes(found []fault.Finding) string {
	all := make([]string, len(found))
	for i, f := range found {
		all[i] = f.Code + " " + f.Pointer
	}
	return strings.Join(all, " ")
}

func TestWhatMayBeRecordedOfAName(t *testing.T) {
	paper := gazetteer.Document{Title: "第二次地名普查成果"}
	base := gazetteer.NameRecord{Name: "老鹰岩", Kind: gazetteer.CustomaryName, Language: "zh", Process: "usage", Reason: "群众惯称", Document: paper}
	with := func(change func(*gazetteer.NameRecord)) gazetteer.NameRecord {
		r := base
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		in     gazetteer.NameRecord
		before gazetteer.NameKind
		want   string
	}{
		"a customary name":         {base, "", ""},
		"a standard one made here": {with(func(r *gazetteer.NameRecord) { r.Kind, r.Process = gazetteer.StandardName, "order-753" }), "", "name-by-case /kind"},
		"a standard one corrected": {with(func(r *gazetteer.NameRecord) { r.Kind, r.Process = gazetteer.StandardName, "order-753" }), gazetteer.StandardName, ""},
		"a standard one demoted":   {base, gazetteer.StandardName, "name-by-case /kind"},
		"not of its law":           {with(func(r *gazetteer.NameRecord) { r.Process = "order-753" }), "", "not-of-process /kind"},
		"of no law":                {with(func(r *gazetteer.NameRecord) { r.Process = "order-1" }), "", "bad-process /process"},
		"before its law": {with(func(r *gazetteer.NameRecord) {
			r.Kind, r.Process, r.From = gazetteer.ShortName, "order-753", "2022-04-30"
		}), "", "not-in-force /process"},
		"on the first day of it": {with(func(r *gazetteer.NameRecord) {
			r.Kind, r.Process, r.From = gazetteer.ShortName, "order-753", "2022-05-01"
		}), "", ""},
		"after the older law": {with(func(r *gazetteer.NameRecord) {
			r.Kind, r.Process, r.From = gazetteer.ShortName, "order-1986", "2022-05-01"
		}), "", "not-in-force /process"},
		"in Tibetan": {with(func(r *gazetteer.NameRecord) {
			r.Name, r.Kind, r.Language, r.Spelling = "གཞིས་ཀ་རྩེ", gazetteer.MinorityName, "bo", "Xigazê"
		}), "", ""},
		"a minority form in Chinese": {with(func(r *gazetteer.NameRecord) { r.Kind = gazetteer.MinorityName }), "", "bad-language /language"},
		"Tibetan as a short name":    {with(func(r *gazetteer.NameRecord) { r.Kind, r.Language = gazetteer.ShortName, "bo" }), "", "bad-language /language"},
		"no language":                {with(func(r *gazetteer.NameRecord) { r.Language = "藏语" }), "", "bad-language /language"},
		"spelled by hand":            {with(func(r *gazetteer.NameRecord) { r.Spelling = "Laoying Yan" }), "", "spelling-unasked /spelling"},
		"said in words":              {with(func(r *gazetteer.NameRecord) { r.FromSaid, r.ToSaid = "明洪武年间", "民国初" }), "", ""},
		"said twice":                 {with(func(r *gazetteer.NameRecord) { r.From, r.FromSaid = "1950-01-01", "约 1950 年" }), "", "day-twice /fromSaid"},
		"a day in words":             {with(func(r *gazetteer.NameRecord) { r.From = "1950" }), "", "bad-day /validFrom"},
		"tomorrow":                   {with(func(r *gazetteer.NameRecord) { r.From = "2026-11-29" }), "", "bad-day /validFrom"},
		"backwards":                  {with(func(r *gazetteer.NameRecord) { r.From, r.To = "1999-01-02", "1999-01-02" }), "", "bad-span /validTo"},
		"nothing at all":             {gazetteer.NameRecord{}, "", "bad-name /name bad-kind /kind bad-language /language bad-process /process reason-missing /reason document-missing /document/title"},
	} {
		if got := codes(c.in.Check(c.before, today)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestEveryEventAsksItsOwnFormOfCitation(t *testing.T) {
	for _, c := range []struct {
		kind              gazetteer.NameEventKind
		process, citation string
		ok                bool
	}{
		{"naming", "order-753", "渝府发〔2026〕1号", true},
		{"naming", "order-753", "渝府发[2026]1号", false},
		{"naming", "order-753", "渝府发〔2026〕01号", false},
		{"naming", "order-753", "渝府发〔2026〕第1号", false},
		{"approval", "order-1985", "国函[1997]4号", true},
		{"approval", "order-1985", "国务院批准", false},
		{"announcement", "order-753", "重庆市民政局公告 2026 年第 3 号", true},
		{"announcement", "order-753", "见报", false},
		{"registration", "survey", "第二次地名普查登记表 500112-1", true},
		{"registration", "survey", "500112", false},
		{"mention", "usage", "《蜀中广记》卷十七", true},
		{"mention", "usage", "老人说", false},
		{"naming", "usage", "凡说明出处的都可以", true},
		{"naming", "usage", "", false},
	} {
		e := gazetteer.NameEvent{Kind: c.kind, Process: c.process, OnSaid: "不详", Citation: c.citation, Document: gazetteer.Document{Title: "卷"}}
		if found := e.Check(today); (len(found) == 0) != c.ok || !c.ok && !strings.HasSuffix(codes(found), "/citation") {
			t.Errorf("%s by %s citing %q: %q", c.kind, c.process, c.citation, codes(found))
		}
	}
	if got := codes(gazetteer.NameEvent{Kind: "birth", Process: "order-704", On: "2018-12-31", Document: gazetteer.Document{Title: "x"}}.Check(today)); got != "bad-kind /kind not-in-force /process citation-missing /citation" {
		t.Errorf("got %q", got)
	}
}

// The table is configuration: what stands in it must be what the code knows.
func TestTheTableOfProcessesHolds(t *testing.T) {
	for _, p := range gazetteer.Processes() {
		if p.From != "" && p.To != "" && p.From >= p.To || len(p.Kinds) == 0 || p.Title == "" {
			t.Errorf("%+v", p)
		}
		for _, k := range p.Kinds {
			if !slices.Contains(gazetteer.NameKinds, k) {
				t.Errorf("%s: no kind %q", p.ID, k)
			}
		}
	}
	for _, f := range gazetteer.CitationForms() {
		if _, ok := gazetteer.ProcessOf(f.Process); !slices.Contains(gazetteer.NameEventKinds, f.Kind) || f.Process != "" && !ok || f.Form == "" {
			t.Errorf("%+v", f)
		}
	}
}
