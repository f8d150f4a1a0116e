package gazsql_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// localPack is a pack of the county that rests on the national one.
const localPack = `
id: zhong-test
title: 忠县试行规则
region: "500233"
validFrom: "2026-01-01"
includes: [national-2022]
without: [N9.10-local, P146-number, N9.2-district, N9.2-nature]
libraries:
  - {id: titles-test, title: 官衔, words: [{text: 公馆}]}
rules:
  - {id: L-prefix, kind: repeat, title: 只差新、大的视为重名, clause: 试行规则第一条, strength: shall, severity: block, confirmed: true, categories: [street], params: {scope: county, part: prefix, prefixes: [新, 大, "@above"]}}
  - {id: L-specific, kind: repeat, title: 专名不重复, clause: 试行规则第二条, strength: should, severity: review, confirmed: true, categories: [street], params: {scope: county, part: specific}}
  - {id: L-dialect, kind: sound, title: 方言同音, clause: 试行规则第三条, strength: should, severity: warning, confirmed: true, categories: [street], params: {scope: county, sound: dialect, folds: [[n, l], [zh, z]]}}
  - {id: L-glyph, kind: glyph, title: 字形相近, clause: 试行规则第四条, strength: should, severity: warning, confirmed: true, categories: [street], params: {scope: county, alike: [末未]}}
  - {id: L-words, kind: word, title: 官衔, clause: 试行规则第五条, strength: shall, severity: block, confirmed: true, categories: [street, residential-building], params: {library: titles-test}}
  - {id: L-district, kind: district, title: 不用不在其境的区划名称, clause: 试行规则第六条, strength: shall, severity: block, confirmed: true, categories: [residential-building]}
  - {id: L-water, kind: nature, title: 无水不称湖, clause: 试行规则第七条, strength: shall, severity: review, confirmed: true, categories: [residential-building], params: {words: [湖], near: [江, 湖], withinM: 1000}}
  - {id: L-later, kind: number, title: 不用数字, clause: 试行规则第八条, strength: shall, severity: block, confirmed: true, categories: [street], validFrom: "2027-01-01"}
`

// inZhong is the office with names, and a pack of its county.
func inZhong(t *testing.T) office {
	t.Helper()
	o, ctx := newOffice(t), context.Background()
	pack, err := gazetteer.ParsePack([]byte(localPack))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.store.SeedPack(ctx, today, pack); err != nil {
		t.Fatal(err)
	}
	const places = "name,category,divisionCode,lon,lat\n嘉陵路,street,500233,108.001,30.301\n南山路,street,500233,108.002,30.302\n末山路,street,500233,108.003,30.303\n" +
		"罗马坪,natural-village,500233,108.004,30.304\n长江,natural,500233,108.005,30.305\n忠州机场,facility,500233,108.006,30.306\n"
	if _, err := o.store.ImportPlaces(ctx, importer, today, gazsql.Import{Source: openSource(t, inFile(t, "a.csv", places)), Frame: "4490"}); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o office) checks(t *testing.T, now time.Time, in gazsql.NameCheck) string {
	t.Helper()
	v, err := o.store.CheckName(context.Background(), o.actor["clerk"], now, in)
	if err != nil {
		t.Fatalf("%s: %v", in.Name, err)
	}
	var codes []string
	for _, f := range v.Findings {
		if f.Code != "scope-approximated" {
			codes = append(codes, f.Code)
		}
	}
	return v.Pack + ": " + strings.Join(codes, " ")
}

// TestRulesOfEveryKindAreToldWhatTheyAsk: each rule of the county's pack finds what is on record for it.
func TestRulesOfEveryKindAreToldWhatTheyAsk(t *testing.T) {
	o := inZhong(t)
	here, far := &orb.Point{108.0045, 30.3045}, &orb.Point{108.3, 30.3}
	for _, c := range []struct {
		name     string
		category gazetteer.Category
		division string
		point    *orb.Point
		want     string
	}{
		{"翠屏路", gazetteer.Street, "500233", nil, "zhong-test: "},
		{"新嘉陵路", gazetteer.Street, "500233", nil, "zhong-test: duplicate-but-prefix"},
		{"忠县嘉陵路", gazetteer.Street, "500233", nil, "zhong-test: duplicate-but-prefix"},
		{"嘉陵街", gazetteer.Street, "500233", nil, "zhong-test: same-specific"},
		{"蓝山路", gazetteer.Street, "500233", nil, "zhong-test: homophone"}, // lán for nán
		{"未山路", gazetteer.Street, "500233", nil, "zhong-test: lookalike"},
		{"翠屏公馆", gazetteer.ResidentialBuilding, "500233", nil, "zhong-test: limited-word generic-missing"}, // the gravest first
		{"罗马坪小区", gazetteer.ResidentialBuilding, "500233", nil, "zhong-test: derived-name"},
		{"罗马小区", gazetteer.ResidentialBuilding, "500233", nil, "zhong-test: limited-word"},
		{"丰都小区", gazetteer.ResidentialBuilding, "500233", nil, "zhong-test: wrong-district"},
		{"翠湖小区", gazetteer.ResidentialBuilding, "500233", here, "zhong-test: "},
		{"翠湖小区", gazetteer.ResidentialBuilding, "500233", far, "zhong-test: no-such-feature"},
		{"第八路", gazetteer.Street, "500233", nil, "zhong-test: "},   // that rule holds from next year
		{"翠屏站", gazetteer.Facility, "500233", nil, "zhong-test: "}, // without that rule of the national pack
		{"翠屏站", gazetteer.Facility, "500230", nil, "national-2022: not-local"},
		{"新嘉陵路", gazetteer.Street, "500230", nil, "national-2022: "},
	} {
		if got := o.checks(t, today, gazsql.NameCheck{Kind: "new", Name: c.name, Category: c.category, Division: c.division, Point: c.point}); got != c.want {
			t.Errorf("%s: %q, wanted %q", c.name, got, c.want)
		}
	}
	next := today.AddDate(1, 0, 0)
	if got := o.checks(t, next, gazsql.NameCheck{Name: "第八路", Category: gazetteer.Street, Division: "500233"}); got != "zhong-test: bare-number" {
		t.Errorf("next year: %q", got)
	}
	if got := o.checks(t, today, gazsql.NameCheck{Name: "新嘉陵路", Category: gazetteer.Street, Division: "500233", Pack: "national-2022"}); got != "national-2022: " {
		t.Errorf("by the national pack: %q", got)
	}
}

// TestAReasonIsHeard: what a person says on a rule takes its weight where the rule says no more than what should be.
func TestAReasonIsHeard(t *testing.T) {
	o := inZhong(t)
	in := gazsql.NameCheck{Name: "嘉陵街", Category: gazetteer.Street, Division: "500233"}
	said := in
	said.Statements = []gazetteer.Statement{{Rule: "L-specific", Reason: "同一片区成系列", By: "经办"}}
	for want, check := range map[string]gazsql.NameCheck{"review": in, "info": said} {
		v, err := o.store.CheckName(context.Background(), o.actor["clerk"], today, check)
		if err != nil || v.Verdict != want {
			t.Errorf("%s: %v, %+v", want, err, v)
		}
	}
	said.Statements[0].Rule = "L-prefix" // shall
	said.Name = "新嘉陵路"
	if v, err := o.store.CheckName(context.Background(), o.actor["clerk"], today, said); err != nil || v.Verdict != "block" {
		t.Errorf("what must not be: %v, %+v", err, v)
	}
}

// TestAProtectedNameIsToldOf when it is to be renamed or retired, and not else.
func TestAProtectedNameIsToldOf(t *testing.T) {
	o, ctx := inZhong(t), context.Background()
	var place uuid.UUID
	err := o.db.Super.QueryRow(ctx, `
		with d as (insert into document (id, kind, title, recorded_at) values (gen_random_uuid(), 'other', '历史地名保护名录（第二批）', now()) returning id)
		insert into name_event (id, place_id, kind, process, on_day, citation, document_id, recorded_at, recorded_by)
		select gen_random_uuid(), n.place_id, 'protection', '', '2024-01-01', '第二批', d.id, now(), 'test' from d, place_name n where n.name = '嘉陵路'
		returning place_id`).Scan(&place)
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]string{"rename": "zhong-test: protected-name", "retire": "zhong-test: protected-name", "existing": "zhong-test: "} {
		name := map[bool]string{true: "翠屏路", false: "嘉陵路"}[kind == "rename"]
		if got := o.checks(t, today, gazsql.NameCheck{Kind: kind, Name: name, Category: gazetteer.Street, Division: "500233", PlaceID: place}); got != want {
			t.Errorf("%s: %q, wanted %q", kind, got, want)
		}
	}
}

// TestHeardIsOneFunction: the database hears as the program does.
func TestHeardIsOneFunction(t *testing.T) {
	o := newOffice(t)
	for _, toneless := range []string{"zhong shan lu", "chang jiang yi lu", "nan ning jie", "hu guang", "heng sheng", "lü", "er", "an", "feng huang"} {
		var heard string
		if err := o.db.Super.QueryRow(context.Background(), `select heard($1)`, toneless).Scan(&heard); err != nil || heard != gazetteer.Heard(toneless) {
			t.Errorf("%s: %q and %q, %v", toneless, heard, gazetteer.Heard(toneless), err)
		}
	}
}

// TestATownIsComparedWithinItsProvince: with those of other counties of the province, and of no other province; a village with those
// of its county alone.
func TestATownIsComparedWithinItsProvince(t *testing.T) {
	o := newOffice(t)
	const beyond = "code,name\n510000,四川省\n511602,广安区\n511602100,石宝镇\n511602100201,翠屏村委会\n"
	if _, err := o.store.ImportDivisions(context.Background(), importer, today, gazsql.Import{Source: openSource(t, inFile(t, "b.csv", beyond))}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		category gazetteer.Category
		division string
		want     string
	}{
		{"白沙镇", gazetteer.DivisionCategory, "500233", "national-2022: duplicate-name"}, // in 丰都县
		{"白沙镇", gazetteer.DivisionCategory, "500000", "national-2022: duplicate-name"},
		{"白沙镇", gazetteer.DivisionCategory, "511602", "national-2022: "},
		{"石宝镇", gazetteer.DivisionCategory, "500233", "national-2022: "}, // in 四川省
		{"石宝镇", gazetteer.DivisionCategory, "511602", "national-2022: duplicate-name"},
		{"新华村", gazetteer.VillageCommittee, "500233", "national-2022: duplicate-name"},
		{"新华村", gazetteer.VillageCommittee, "500230", "national-2022: "}, // in 忠县
	} {
		if got := o.checks(t, today, gazsql.NameCheck{Kind: "new", Name: c.name, Category: c.category, Division: c.division}); got != c.want {
			t.Errorf("%s in %s: %q, wanted %q", c.name, c.division, got, c.want)
		}
	}
}
