package gazetteer_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
)

// importWorld is a record of a few places in two townships, of which one has ended, one was decided and one is withheld.
func importWorld() (standing map[string]gazetteer.StandingPlace, here, there uuid.UUID) {
	here, there = uuid.MustParse("00000000-0000-0000-0000-00000000000a"), uuid.MustParse("00000000-0000-0000-0000-00000000000b")
	standing = map[string]gazetteer.StandingPlace{}
	for i, name := range []string{"甘井沟", "石坝", "老码头", "新渡口", "禁区", "镇"} {
		standing[name] = gazetteer.StandingPlace{
			ID: uuid.MustParse(fmt.Sprintf("00000000-0000-0000-0000-0000000001%02d", i)), Version: 3, Name: name,
			Toneless: gazetteer.Romanize(name, gazetteer.Natural).Toneless(), Category: gazetteer.Natural, Division: here, DivisionName: "石宝镇",
			Point: orb.Point{108.1 + float64(i)/10, 30.123456789}, Located: gazetteer.ByMap,
		}
	}
	set := func(name string, change func(*gazetteer.StandingPlace)) {
		p := standing[name]
		change(&p)
		standing[name] = p
	}
	set("石坝", func(p *gazetteer.StandingPlace) { p.Located = gazetteer.BySurvey })
	set("老码头", func(p *gazetteer.StandingPlace) { p.To = dayOf(2010) })
	set("新渡口", func(p *gazetteer.StandingPlace) { p.Decided, p.From = true, dayOf(2010) })
	set("禁区", func(p *gazetteer.StandingPlace) { p.Withheld = true })
	set("镇", func(p *gazetteer.StandingPlace) { p.Category, p.Above = gazetteer.DivisionCategory, there })
	return standing, here, there
}

func dayOf(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

func TestARowIsHeldAgainstTheRecord(t *testing.T) {
	world, here, there := importWorld()
	moved := orb.Point{108.2, 30.2}
	row := func(name string, change ...func(*gazetteer.ImportedPlace)) gazetteer.ImportedPlace {
		p := gazetteer.ImportedPlace{
			Row: 1, Line: 2, Name: name, Toneless: gazetteer.Romanize(name, gazetteer.Natural).Toneless(), Category: gazetteer.Natural,
			Division: here, Located: gazetteer.ByDivision,
		}
		for _, c := range change {
			c(&p)
		}
		return p
	}
	at := func(p orb.Point) func(*gazetteer.ImportedPlace) {
		return func(r *gazetteer.ImportedPlace) { r.Point, r.Located = p, gazetteer.ByMap }
	}
	id := func(name string) func(*gazetteer.ImportedPlace) {
		return func(r *gazetteer.ImportedPlace) { r.ID = world[name].ID }
	}
	version := func(v int) func(*gazetteer.ImportedPlace) {
		return func(r *gazetteer.ImportedPlace) { r.Version = v }
	}
	as := func(c gazetteer.Category) func(*gazetteer.ImportedPlace) {
		return func(r *gazetteer.ImportedPlace) { r.Category = c }
	}
	ends := func(year int) func(*gazetteer.ImportedPlace) {
		return func(r *gazetteer.ImportedPlace) { r.To = dayOf(year) }
	}
	in := func(division uuid.UUID) func(*gazetteer.ImportedPlace) {
		return func(r *gazetteer.ImportedPlace) { r.Division = division }
	}
	surveyed := func(r *gazetteer.ImportedPlace) { r.Located, r.Says = gazetteer.BySurvey, true }
	stood := world["甘井沟"].Point.(orb.Point)
	for name, c := range map[string]struct {
		row  gazetteer.ImportedPlace
		want string // verdict, changed fields, why twins, codes of findings
	}{
		"the same by name":                     {row("甘井沟"), "same"},
		"the same where it stands":             {row("甘井沟", at(stood)), "same"},
		"the same, rounded as for the public":  {row("甘井沟", at(geo.RoundDegrees(stood, 2))), "same"},
		"moved":                                {row("甘井沟", at(moved)), "changed position"},
		"moved, by id and version":             {row("甘井沟", id("甘井沟"), version(3), at(moved)), "changed position"},
		"moved by a map from where surveyed":   {row("石坝", at(moved)), "changed position locatedBy survey-replaced"},
		"surveyed where a map has it":          {row("甘井沟", at(stood), surveyed), "changed locatedBy"},
		"moved since it was exported":          {row("甘井沟", id("甘井沟"), version(2), at(moved)), "refused stale-base"},
		"an older version that says the same":  {row("甘井沟", id("甘井沟"), version(2), at(stood)), "same"},
		"another category by id":               {row("甘井沟", id("甘井沟"), as(gazetteer.Park)), "changed category"},
		"a division by id":                     {row("甘井沟", id("甘井沟"), as(gazetteer.DivisionCategory)), "refused is-a-division"},
		"another name by id":                   {row("甘井溪", id("甘井沟")), "refused renaming-is-a-case"},
		"another division by id":               {row("甘井沟", id("甘井沟"), in(there)), "same division-differs"},
		"an unknown id":                        {row("新湾", func(r *gazetteer.ImportedPlace) { r.ID = uuid.New() }), "new"},
		"an end":                               {row("甘井沟", ends(2020)), "changed validTo"},
		"an end of what was decided":           {row("新渡口", ends(2020)), "refused retiring-is-a-case"},
		"an end before it began":               {row("新渡口", id("新渡口"), ends(2009)), "refused retiring-is-a-case"},
		"the end it has":                       {row("老码头", ends(2010)), "same"},
		"a name that has ended":                {row("老码头"), "twin ended twin"},
		"a withheld one":                       {row("禁区", at(moved)), "same"},
		"a withheld one by id":                 {row("别名", id("禁区")), "same"},
		"sounds like one":                      {row("干井沟"), "twin sound twin"},
		"is written like one":                  {row("石壩"), "twin name twin"},
		"sounds like one of another division":  {row("干井沟", in(there)), "new"},
		"sounds like one of another category":  {row("干井沟", as(gazetteer.Street)), "new"},
		"sounds like a withheld one":           {row("进驱"), "new"},
		"called as one nearby elsewhere":       {row("甘井沟", in(there), at(orb.Point{stood[0] + 0.004, stood[1]})), "twin near twin"},
		"called as one far off elsewhere":      {row("甘井沟", in(there), at(moved)), "new"},
		"the place of a division, in the list": {row("镇", as(gazetteer.DivisionCategory), in(there)), "same"},
	} {
		t.Run(name, func(t *testing.T) {
			all := []gazetteer.StandingPlace{}
			for _, name := range []string{"甘井沟", "石坝", "老码头", "新渡口", "禁区", "镇"} {
				all = append(all, world[name])
			}
			if got := judged(gazetteer.NewPlaceJudge(all).Judge(c.row)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func judged(j gazetteer.PlaceJudgement) string {
	words := []string{string(j.Verdict)}
	for _, c := range j.Changes {
		words = append(words, c.Field)
	}
	for _, s := range j.Twins {
		words = append(words, s.Why)
	}
	for _, f := range j.Findings {
		words = append(words, f.Code)
	}
	return strings.Join(words, " ")
}

func TestRowsOfOneFileAreHeldAgainstEachOther(t *testing.T) {
	_, here, _ := importWorld()
	var got []string
	judge := gazetteer.NewPlaceJudge(nil)
	for i, name := range []string{"石坝", "石坝", "石壩", "十坝", "大湾"} {
		j := judge.Judge(gazetteer.ImportedPlace{
			Row: i + 1, Line: i + 2, Name: name, Toneless: gazetteer.Romanize(name, gazetteer.Natural).Toneless(), Category: gazetteer.Natural, Division: here,
		})
		got = append(got, judged(j))
		for _, s := range j.Twins {
			if s.ID != "" || s.Row != 1 {
				t.Errorf("%s: suspect %+v", name, s)
			}
		}
	}
	want := []string{"new", "same row-twice", "twin name twin", "twin sound twin", "new"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAPersonDecidesTwins(t *testing.T) {
	world, here, _ := importWorld()
	row := gazetteer.ImportedPlace{Row: 7, Line: 8, Name: "干井沟", Toneless: world["甘井沟"].Toneless, Category: gazetteer.Natural, Division: here}
	aside := &gazetteer.TwinDecision{}
	for name, c := range map[string]struct {
		decisions map[int]gazetteer.TwinDecision
		all       *gazetteer.TwinDecision
		want      string
	}{
		"nobody has":             {nil, nil, "twin sound twin"},
		"it is that one":         {map[int]gazetteer.TwinDecision{7: {Place: world["甘井沟"].ID}}, aside, "same name-not-taken"},
		"it is a new one":        {map[int]gazetteer.TwinDecision{7: {New: true}}, aside, "new sound"},
		"left aside":             {map[int]gazetteer.TwinDecision{7: {}}, &gazetteer.TwinDecision{New: true}, "aside sound"},
		"all are left aside":     {map[int]gazetteer.TwinDecision{8: {New: true}}, aside, "aside sound"},
		"it is one that is none": {map[int]gazetteer.TwinDecision{7: {Place: uuid.New()}}, nil, "refused place-unknown"},
		"it is a withheld one":   {map[int]gazetteer.TwinDecision{7: {Place: world["禁区"].ID}}, nil, "refused place-unknown"},
	} {
		judge := gazetteer.NewPlaceJudge([]gazetteer.StandingPlace{world["甘井沟"], world["禁区"]})
		judge.Decisions, judge.All = c.decisions, c.all
		if got := judged(judge.Judge(row)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestRowsSayCategoriesInTheWordsOfLists(t *testing.T) {
	for text, want := range map[string]gazetteer.Category{
		"natural": gazetteer.Natural, " 自然地理实体 ": gazetteer.Natural, "村(居)民委员会驻地": gazetteer.VillageCommittee, "村民委员会、居民委员会所在地名称": gazetteer.VillageCommittee,
		"具有重要地理方位意义的住宅区、楼宇名称": gazetteer.ResidentialBuilding, "具有重要地理方位意义的其他地理实体名称": gazetteer.OtherCategory, "街路巷": gazetteer.Street,
	} {
		if got, err := gazetteer.ImportedCategory(text); got != want || err != nil {
			t.Errorf("%q is %s: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "山", "名称"} {
		if got, err := gazetteer.ImportedCategory(text); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
	before, after := gazetteer.PlaceChange{Field: "locatedBy", Before: "division", After: "map"}.Said()
	if got := before + gazetteer.Said("category", "street") + gazetteer.Said("validTo", "2024-01-01") + after; got != "仅到行政区划街路巷2024-01-01图上" {
		t.Errorf("said as %s", got)
	}
	for text, want := range map[string]gazetteer.LocatedBy{"实测": gazetteer.BySurvey, "map": gazetteer.ByMap, "仅到行政区划": gazetteer.ByDivision, "": "", "guessed": "guessed"} {
		if got := gazetteer.ImportedLocatedBy(text); got != want {
			t.Errorf("%q is %s", text, got)
		}
	}
}

// TestRowsAlikeWithoutEnd are refused from some number on, so that judging them takes no time that grows with its square.
func TestRowsAlikeWithoutEnd(t *testing.T) {
	judge := gazetteer.NewPlaceJudge(nil)
	judge.All = &gazetteer.TwinDecision{New: true}
	counts := map[gazetteer.ImportVerdict]int{}
	division := uuid.New()
	for row := range 1100 {
		j := judge.Judge(gazetteer.ImportedPlace{Row: row + 1, Name: fmt.Sprint("甲", row), Toneless: "jia", Category: gazetteer.NaturalVillage, Division: division})
		counts[j.Verdict]++
	}
	if counts[gazetteer.ImportNew] != 1000 || counts[gazetteer.ImportRefused] != 100 {
		t.Errorf("judged %v", counts)
	}
}
