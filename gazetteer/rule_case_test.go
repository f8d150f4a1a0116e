package gazetteer

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// compositePack is the pack of the cases with the national rules that it includes.
func compositePack(t *testing.T) Pack {
	t.Helper()
	p, err := composite()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var composite = sync.OnceValues(func() (Pack, error) {
	text, err := os.ReadFile("testdata/composite-test.yaml")
	if err != nil {
		return Pack{}, err
	}
	p, err := ParsePack(text)
	if err != nil {
		return p, err
	}
	return p.Assembled(ShippedPacks(), "2026-11-29")
})

// Where the cases are: a built-up area of several districts, and counties outside it.
var (
	inArea   = Whereabouts{Province: "cq", ProvinceName: "重庆市", County: "yuzhong", CountyName: "渝中区", BuiltUp: "bu1", BuiltUpName: "中心城区建成区"}
	zhong    = Whereabouts{Province: "cq", ProvinceName: "重庆市", County: "zhong", CountyName: "忠县"}
	fengdu   = Whereabouts{Province: "cq", ProvinceName: "重庆市", County: "fengdu", CountyName: "丰都县"}
	zhongBU  = Whereabouts{Province: "cq", ProvinceName: "重庆市", County: "zhong", CountyName: "忠县", BuiltUp: "bu2", BuiltUpName: "忠县建成区"}
	chengdu  = Whereabouts{Province: "sc", ProvinceName: "四川省", County: "wuhou", CountyName: "武侯区"}
	cityUnit = Unit{ID: uuid.New(), Name: "重庆市", Level: Province}
)

// caseNames are the names that stand in the cases.
var caseNames = func() *StandingNames {
	var all []StandingName
	add := func(w Whereabouts, c Category, l Level, names ...string) {
		for _, n := range names {
			all = append(all, StandingName{Record{PlaceID: uuid.New(), Name: n, Category: c, Level: l, Reading: Romanize(n, c).Reading, DivisionName: w.CountyName}, w})
		}
	}
	add(inArea, Street, "", "新华路", "礼嘉路", "龙兴路", "渝州路", "中山四路", "邹容路", "长江一路")
	add(inArea, ResidentialBuilding, "", "云岭花园", "嘉陵公寓", "滨江花园")
	add(zhong, VillageCommittee, "", "新华村", "龙井村", "王家湾")
	add(fengdu, VillageCommittee, "", "新华村", "大坪村")
	add(Whereabouts{Province: "cq", ProvinceName: "重庆市", County: "yubei", CountyName: "渝北区"}, DivisionCategory, Township, "龙兴镇", "隆兴镇", "太平镇", "白沙镇")
	return NewStandingNames(all, AroundNames{})
}()

// judge judges a draft by the composite pack.
func judge(t *testing.T, d Draft, w Whereabouts, around Surroundings) []NameFinding {
	t.Helper()
	around.Above = append(around.Above, cityUnit)
	return caseNames.Judge(compositePack(t), d, w, around).Findings
}

func told(findings []NameFinding) string {
	var all []string
	for _, f := range findings {
		all = append(all, f.Code)
	}
	return strings.Join(all, " ")
}

func metre(m float64) *float64 { return &m }

// TestTheCasesOfTheDomain are the proposals that the domain sources list, each with the codes that must be among its findings, those
// that must not, and the worst severity.
func TestTheCasesOfTheDomain(t *testing.T) {
	record := func(name string, c Category) Record { return Record{PlaceID: uuid.New(), Name: name, Category: c} }
	for _, c := range []struct {
		n                int
		draft            Draft
		where            Whereabouts
		around           Surroundings
		must, not, worst string
	}{
		{1, Draft{Name: "新华路", Category: Street}, inArea, Surroundings{}, "duplicate-name", "homophone same-specific", "block"},
		{2, Draft{Name: "新华街", Category: Street}, inArea, Surroundings{}, "same-specific", "duplicate-name", "review"},
		{3, Draft{Name: "李家路", Category: Street}, inArea, Surroundings{}, "homophone", "duplicate-name needs-statement", "review"},
		{6, Draft{Name: "新华村", Category: VillageCommittee}, zhong, Surroundings{}, "duplicate-name", "", "block"},
		{7, Draft{Name: "大坪村", Category: VillageCommittee}, zhong, Surroundings{}, "", "duplicate-name", "pass"},
		{8, Draft{Kind: "rename", Name: "龙兴镇", Category: DivisionCategory, Level: Township}, zhong, Surroundings{}, "duplicate-name homophone", "", "block"},
		{10, Draft{Name: "新嘉陵公寓", Category: ResidentialBuilding}, inArea, Surroundings{}, "duplicate-but-prefix", "duplicate-name", "block"},
		{11, Draft{Name: "滨江花园", Category: ResidentialBuilding, Facts: Facts{GreenRatio: metre(0.45)}}, zhongBU, Surroundings{}, "", "duplicate-name", "pass"},
		{12, Draft{Name: "王家湾", Category: NaturalVillage, Facts: Facts{Meaning: "王家湾因王姓人家聚居得名，非纪念人物"}}, fengdu, Surroundings{}, "", "needs-statement no-such-feature", "pass"},
		{14, Draft{Kind: "rename", Name: "四号路", Category: Street}, inArea, Surroundings{Protected: &Protection{Record: record("中山四路", Street), Since: "民国"}}, "protected-name bare-number", "", "block"},
		{16, Draft{Name: "毛泽东大道", Category: Street, Facts: Facts{RoadWidthM: metre(44)}}, inArea, Surroundings{}, "limited-word", "", "block"},
		{17, Draft{Name: "孙悟空大道", Category: Street, Facts: Facts{RoadWidthM: metre(44)}}, zhong, Surroundings{}, "needs-statement", "", "block"},
		{17, Draft{Name: "孙悟空大道", Category: Street, Facts: Facts{RoadWidthM: metre(44)}, Statements: []Statement{{Rule: "T-characters", Part: "孙悟空", Reason: "景区内，与小说人物无关", By: "经办"}}}, zhong, Surroundings{}, "needs-statement", "", "review"},
		{20, Draft{Name: "空港国际大道", Category: Street, Facts: Facts{RoadWidthM: metre(44)}}, zhong, Surroundings{}, "limited-word", "below-threshold", "review"},
		{20, Draft{Name: "空港国际大道", Category: Street, Facts: Facts{RoadWidthM: metre(44)}, Statements: []Statement{{Rule: "T-conditional", Reason: "通往国际机场", By: "经办"}}}, zhong, Surroundings{}, "limited-word", "", "info"},
		{21, Draft{Name: "中央公馆", Category: ResidentialBuilding}, inArea, Surroundings{}, "limited-word", "", "block"},
		{23, Draft{Name: "宇宙城", Category: ResidentialBuilding, Facts: Facts{FloorAreaM2: metre(120000), Functions: []string{"住宅"}}}, inArea, Surroundings{}, "limited-word below-threshold", "", "block"},
		{24, Draft{Name: "云岭花园", Category: ResidentialBuilding, Facts: Facts{GreenRatio: metre(0.32)}}, zhongBU, Surroundings{}, "below-threshold", "duplicate-name", "review"},
		{25, Draft{Name: "云岭花园", Category: ResidentialBuilding}, zhongBU, Surroundings{}, "insufficient-data", "below-threshold", "review"},
		{26, Draft{Name: "阳光广场", Category: ResidentialBuilding, Facts: Facts{OpenAreaM2: metre(1500)}}, inArea, Surroundings{}, "below-threshold function-word-missing", "", "review"},
		{27, Draft{Name: "滨江大道", Category: Street, Facts: Facts{RoadWidthM: metre(32)}}, inArea, Surroundings{}, "below-threshold", "", "review"},
		{29, Draft{Name: "万科城市花园", Category: ResidentialBuilding, Facts: Facts{Developer: "重庆万科公司", GreenRatio: metre(0.4)}}, inArea, Surroundings{}, "own-trademark", "", "block"},
		{31, Draft{Name: "维也纳森林", Category: ResidentialBuilding}, inArea, Surroundings{}, "limited-word generic-missing generic-of-another-class", "", "block"},
		{34, Draft{Name: "M5公园", Category: Park}, inArea, Surroundings{}, "letters digits", "", "block"},
		{36, Draft{Name: "168小区", Category: ResidentialBuilding}, inArea, Surroundings{}, "digits bare-number", "", "block"},
		{37, Draft{Name: "龘苑", Category: ResidentialBuilding}, inArea, Surroundings{}, "non-standard-character specific-length", "", "block"},
		// Class, derivation and history come before any substring.
		{0, Draft{Name: "江北国际机场站", Category: Facility}, inArea, Surroundings{Above: []Unit{{Name: "渝北区", Level: County}}, Elsewhere: []Unit{{Name: "江北区", Level: County}}, Derived: []Record{record("江北国际机场", Facility)}}, "", "limited-word wrong-district needs-statement", "pass"},
		{0, Draft{Name: "罗马坪", Category: NaturalVillage}, fengdu, Surroundings{}, "", "limited-word", "pass"},
		{0, Draft{Name: "罗马坪小区", Category: ResidentialBuilding}, zhongBU, Surroundings{Derived: []Record{record("罗马坪", NaturalVillage)}}, "derived-name", "limited-word", "info"},
		{0, Draft{Name: "罗马小区", Category: ResidentialBuilding}, zhongBU, Surroundings{}, "limited-word", "", "block"},
		{0, Draft{Kind: "existing", Name: "国际村", Category: NaturalVillage}, inArea, Surroundings{}, "", "limited-word", "pass"},
	} {
		got := judge(t, c.draft, c.where, c.around)
		codes := told(got)
		for _, code := range strings.Fields(c.must) {
			if !slices.Contains(strings.Fields(codes), code) {
				t.Errorf("%d %s: no %s among %q", c.n, c.draft.Name, code, codes)
			}
		}
		for _, code := range strings.Fields(c.not) {
			if slices.Contains(strings.Fields(codes), code) {
				t.Errorf("%d %s: %s among %q", c.n, c.draft.Name, code, codes)
			}
		}
		if worst := fault.Verdict(Plain(got)); worst != c.worst {
			t.Errorf("%d %s: %s, wanted %s: %v", c.n, c.draft.Name, worst, c.worst, got)
		}
		for _, f := range got {
			if f.Rule == "" || f.Clause == "" || f.Detail == "" || f.Part == "" || f.Cure == "" && f.Severity != fault.Info {
				t.Errorf("%d %s: %+v lacks something", c.n, c.draft.Name, f)
			}
		}
	}
}
