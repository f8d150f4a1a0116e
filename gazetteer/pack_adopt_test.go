package gazetteer

import (
	"slices"
	"strings"
	"testing"

	"fangyu/internal/fault"
)

func TestRegionOfACode(t *testing.T) {
	for code, want := range map[DivisionCode]string{
		"500000": "50", "500100": "5001", "500112": "500112", "500112001": "500112001", "500112000": "500112", "500112001003": "500112001003", "": "", "110101000000": "110101",
		"419001": "419001", "400000": "40", "500110": "500110",
	} {
		if got := RegionOf(code); got != want {
			t.Errorf("%s: got %q, wanted %q", code, got, want)
		}
	}
}

// TestWhoKeepsRules: civil-affairs bureaus, for themselves and below, by those who handle names; nobody for everywhere but the system.
func TestWhoKeepsRules(t *testing.T) {
	clerk := Actor{OfficeKind: "civil-affairs", Roles: []Role{Clerk}}
	for _, c := range []struct {
		who         Actor
		own, region string
		want        bool
	}{
		{clerk, "50", "50", true},
		{clerk, "50", "500112", true},
		{clerk, "500112", "50", false},
		{clerk, "500112", "500113", false},
		{clerk, "50", "", false},
		{clerk, "", "", false},
		{clerk, "", "50", false},
		{Actor{OfficeKind: "civil-affairs", Roles: []Role{PartyOfficer, Administrator}}, "50", "50", false},
		{Actor{OfficeKind: "committee", Roles: []Role{Approver}}, "50", "50", false},
		{Actor{System: "command"}, "", "", true},
	} {
		if got := KeepsRules(c.who, c.own, c.region); got != c.want {
			t.Errorf("%+v of %q for %q: %v", c.who, c.own, c.region, got)
		}
	}
}

// localPack is a pack of Chongqing that may be adopted among the shipped ones.
func localPack() Pack {
	return Pack{
		ID: "chongqing-2027", Title: "重庆市地名规则（2027）", Region: "50", ValidFrom: "2027-01-01", Includes: []string{"national-2022"},
		Rules: []Rule{{Pack: "chongqing-2027", ID: "CQ27-length", Kind: PartsRule, Title: "专名不超过五个字", Clause: "第一条", Strength: Shall, Severity: fault.Review, Params: RuleParams{SpecificMost: 5}}},
	}
}

// TestWhatStandsInTheWayOfAdoptingAPack: each change of a pack that may be adopted is found, and it alone.
func TestWhatStandsInTheWayOfAdoptingAPack(t *testing.T) {
	if found := localPack().ToAdopt(ShippedPacks(), "2026-11-29"); len(found) > 0 {
		t.Fatalf("%v", found)
	}
	for _, p := range ShippedPacks() { // those that come with the program could all be adopted beside the others
		others := slices.DeleteFunc(ShippedPacks(), func(q Pack) bool { return q.ID == p.ID })
		if found := p.ToAdopt(others, "2026-11-29"); len(found) > 0 {
			t.Errorf("%s: %v", p.ID, found)
		}
	}
	repeat := National().Rules[slices.IndexFunc(National().Rules, func(r Rule) bool { return r.Severity == fault.Block && r.Kind == RepeatRule && r.Gathers() })]
	words := National().Rules[slices.IndexFunc(National().Rules, func(r Rule) bool { return r.Severity == fault.Block && r.Kind == WordRule })]
	all := append(ShippedPacks(), Pack{ID: "copy", Title: "对照", ValidFrom: "2022-05-01", Comparison: true, Rules: []Rule{stricter(repeat, func(r *Rule) {
		r.Pack, r.ID, r.Params.Against = "copy", repeat.ID, []Category{Park}
	})}})
	for name, c := range map[string]struct {
		change func(*Pack)
		want   string
	}{
		"over":                 {func(p *Pack) { p.ValidFrom, p.ValidTo = "2026-01-01", "2026-11-29" }, "pack-over"},
		"includes nothing":     {func(p *Pack) { p.Includes = nil }, "pack-leaves-law"},
		"includes what is not": {func(p *Pack) { p.Includes = append(p.Includes, "chongqing-1997") }, "pack-unknown"},
		"two on a day":         {func(p *Pack) { p.ValidFrom = "2022-09-01" }, "pack-same-day"},
		"a name taken":         {func(p *Pack) { p.Rules[0].ID = repeat.ID }, "rule-there"},
		"replaces nothing":     {func(p *Pack) { p.Without = []string{"N0"} }, "rule-unknown"},
		"lets through":         {func(p *Pack) { p.Without = []string{repeat.ID} }, "pack-loosens"},
		"lets through some": {func(p *Pack) {
			p.Without = []string{repeat.ID}
			p.Rules[0] = stricter(repeat, func(r *Rule) { r.Severity = fault.Review })
		}, "pack-loosens"},
		"lets through later": {func(p *Pack) {
			p.Without = []string{repeat.ID}
			p.Rules[0] = stricter(repeat, func(r *Rule) { r.ValidTo = "2027-06-01" })
		}, "pack-loosens"},
		"forbids later": {func(p *Pack) {
			p.Without = []string{repeat.ID}
			p.Rules[0] = stricter(repeat, func(r *Rule) { r.ValidFrom = "2027-06-01" })
		}, "pack-loosens"},
		"forbids when something ends": {func(p *Pack) {
			p.Without = []string{repeat.ID}
			p.Rules[0] = stricter(repeat, func(r *Rule) { r.Cases = []string{"retire"} })
		}, "pack-loosens"},
		"looks less far": {func(p *Pack) {
			p.Without = []string{repeat.ID}
			p.Rules[0] = stricter(repeat, func(r *Rule) { r.Params.Scope = ScopeBuiltUpArea })
		}, "pack-loosens"},
		"compares with something else": {func(p *Pack) {
			p.Without = []string{repeat.ID}
			p.Rules[0] = stricter(repeat, func(r *Rule) { r.Params.Against = []Category{Park} })
		}, "pack-loosens"},
		"takes reasons": {func(p *Pack) {
			p.Without = []string{repeat.ID}
			p.Rules[0] = stricter(repeat, func(r *Rule) { r.Strength = Should })
		}, "pack-loosens"},
		"of other words": {func(p *Pack) {
			p.Without = []string{words.ID}
			p.Rules[0] = stricter(words, func(r *Rule) { r.Params.Library, r.Params.Words = "", []string{"从来没有"} })
		}, "pack-loosens"},
		"of fewer letters": {func(p *Pack) {
			p.Without = []string{words.ID}
			p.Rules[0] = stricter(words, func(r *Rule) { r.Params.Followed = []string{"从来没有"} })
		}, "pack-loosens"},
		"from before there was law": {func(p *Pack) { p.ValidFrom, p.Includes = "2001-01-01", nil }, "pack-leaves-law"},
		"includes two of one name":  {func(p *Pack) { p.Includes = append(p.Includes, "copy") }, "rule-there"},
		"county without the law":    {func(p *Pack) { p.Region = "500112" }, "pack-leaves-law"},
	} {
		p := localPack()
		c.change(&p)
		found := p.ToAdopt(all, "2026-11-29")
		if len(found) != 1 || found[0].Code != c.want || !strings.HasPrefix(found[0].Pointer, "/") {
			t.Errorf("%s: got %v, wanted %s", name, found, c.want)
		}
	}
	strict := localPack()
	strict.Without, strict.Rules[0] = []string{repeat.ID}, stricter(repeat, func(*Rule) {})
	county := localPack()
	county.Region, county.Includes = "500112", []string{"chongqing-2022"}
	comparison := localPack()
	comparison.Comparison, comparison.Includes = true, nil
	for name, p := range map[string]Pack{"as strict": strict, "county": county, "comparison": comparison} {
		if found := p.ToAdopt(ShippedPacks(), "2026-11-29"); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// stricter is a rule of the local pack in place of another, changed.
func stricter(r Rule, change func(*Rule)) Rule {
	r.Pack, r.ID = "chongqing-2027", "CQ27-repeat"
	change(&r)
	return r
}

// TestTheStepsOfAPack: who may take which from where.
func TestTheStepsOfAPack(t *testing.T) {
	clerk, approver := Actor{OfficeKind: "civil-affairs", Roles: []Role{Clerk}}, Actor{OfficeKind: "civil-affairs", Roles: []Role{Approver}}
	draft, adopted, ended := KeptPack{Pack: localPack(), State: PackDraft}, KeptPack{Pack: localPack(), State: PackAdopted}, KeptPack{Pack: localPack(), State: PackAdopted, Ended: true}
	for _, c := range []struct {
		p      KeptPack
		who    Actor
		own    string
		action string
		to     PackState
		code   string
	}{
		{draft, clerk, "50", "edit", PackDraft, ""},
		{draft, clerk, "50", "withdraw", PackWithdrawn, ""},
		{draft, clerk, "50", "adopt", "", "not-yours"},
		{draft, approver, "50", "adopt", PackAdopted, ""},
		{draft, approver, "500112", "adopt", "", "not-yours"},
		{draft, approver, "50", "repeal", "", "step-not-open"},
		{adopted, approver, "50", "edit", "", "step-not-open"},
		{adopted, approver, "50", "withdraw", "", "step-not-open"},
		{adopted, approver, "50", "repeal", PackAdopted, ""},
		{adopted, clerk, "50", "repeal", "", "not-yours"},
		{ended, approver, "50", "repeal", "", "step-not-open"},
	} {
		to, err := c.p.Step(c.action, c.who, c.own)
		if to != c.to || (c.code == "") != (err == nil) || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s of a pack %s by %v: %q, %v", c.action, c.p.State, c.who.Roles, to, err)
		}
		open := slices.ContainsFunc(c.p.Open(c.who, c.own), func(a OpenAction) bool { return a.Name == c.action })
		if open != (err == nil) {
			t.Errorf("%s of a pack %s is shown as open: %v", c.action, c.p.State, open)
		}
	}
}
