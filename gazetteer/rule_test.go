package gazetteer

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// villageRules are the two rules of the national pack about villages, duplicate first.
func villageRules(t *testing.T) (duplicate, homophone Rule) {
	t.Helper()
	for _, r := range National().Rules {
		switch r.ID {
		case "N9.8-village-duplicate":
			duplicate = r
		case "N9.8-village-homophone":
			homophone = r
		}
	}
	return duplicate, homophone
}

// checkBy judges a draft by the rules that something was gathered for, and by no others.
func checkBy(d Draft, gathered ...Gathered) []NameFinding {
	var rules []Rule
	for _, g := range gathered {
		rules = append(rules, g.Rule)
	}
	return Check(d, rules, gathered, Surroundings{})
}

func record(name string, c Category) Record {
	return Record{PlaceID: uuid.New(), Name: name, Category: c, Reading: Romanize(name, c).Reading, DivisionName: "龙兴镇"}
}

func TestCheckNamesWhatCollides(t *testing.T) {
	duplicate, homophone := villageRules(t)
	existing := []Record{record("新华村", VillageCommittee), record("龙井村", VillageCommittee), record("礼嘉村", VillageCommittee)}
	check := func(d Draft) []NameFinding {
		return checkBy(d, Gathered{Rule: duplicate, Records: existing, ScopeName: "忠县"}, Gathered{Rule: homophone, Records: existing, ScopeName: "忠县"})
	}
	for _, c := range []struct {
		name, codes, severity, says string
	}{
		{"大坪村", "", "pass", ""},
		{"新华村", "duplicate-name", "block", "重名"}, // and no homophone besides
		{"龙景村", "homophone", "review", "声韵调全同"},
		{"隆境村", "homophone", "review", "声调不同"},
		{"李家村", "homophone", "review", "声韵调全同"},
	} {
		findings := check(Draft{Kind: "new", Name: c.name, Category: VillageCommittee})
		var codes []string
		for _, f := range findings {
			codes = append(codes, f.Code)
			if f.Clause != duplicate.Clause || f.Rule == "" || f.Cure == "" || len(f.Evidence) == 0 || !strings.Contains(f.Detail, c.says) {
				t.Errorf("%s: %+v", c.name, f)
			}
		}
		if strings.Join(codes, " ") != c.codes || fault.Verdict(Plain(findings)) != c.severity {
			t.Errorf("%s: got %v", c.name, findings)
		}
	}
	if f := check(Draft{Kind: "rename", Name: "新华村", Category: VillageCommittee, PlaceID: existing[0].PlaceID}); len(f) > 0 {
		t.Errorf("a place collides with itself: %v", f)
	}
}

func TestAnUnconfirmedRuleNeverBlocks(t *testing.T) {
	duplicate, _ := villageRules(t)
	duplicate.Confirmed = false
	r := record("新华村", VillageCommittee)
	f := checkBy(Draft{Name: "新华村", Category: VillageCommittee}, Gathered{Rule: duplicate, Records: []Record{r}, ScopeName: "忠县"})
	if len(f) != 1 || f[0].Severity != fault.Review {
		t.Errorf("got %+v", f)
	}
}

func TestAnApproximatedScopeIsSaidOnce(t *testing.T) {
	var gathered []Gathered
	for _, r := range National().Rules {
		if r.Gathers() && slices.Contains(r.Categories, Street) {
			gathered = append(gathered, Gathered{Rule: r, ScopeName: "忠县", Approximated: true})
		}
	}
	f := checkBy(Draft{Name: "礼嘉路", Category: Street}, gathered...)
	if len(f) != 1 || f[0].Code != "scope-approximated" || f[0].Severity != fault.Info {
		t.Errorf("got %+v", f)
	}
}

func TestRulesApplyToWhatTheyAreAbout(t *testing.T) {
	for name, want := range map[string][]string{
		"龙兴镇":  {"N9.8-township-duplicate", "N9.8-township-homophone"},
		"忠县":   {"N9.7-division-duplicate", "N9.7-division-homophone"},
		"翠云街道": nil, // an agency: the national text names no scope
	} {
		var got []string
		for _, r := range National().Rules {
			if r.Gathers() && r.Applies(Draft{Name: name, Category: DivisionCategory}) {
				got = append(got, r.ID)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, wanted %v", name, got, want)
		}
	}
}
