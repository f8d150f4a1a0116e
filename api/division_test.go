package api_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/pgtest"
)

// newChronicle is a site over the code lists of 四川省 and 重庆市, the townships of the three districts that the change of
// November 2025 is about, and an administrator of the municipality, city-admin.
func newChronicle(t *testing.T) *site {
	t.Helper()
	ctx, db := context.Background(), pgtest.New(t)
	gaz := gazsql.New(db.Pool)
	lists, err := gazsql.OpenCodeLists(pgtest.SharedData(t, "codes/gb2260_mca_1980_2019.zip"))
	must(t, err)
	for i, list := range lists.Lists {
		lists.Lists[i].Rows = slices.DeleteFunc(list.Rows, func(r gazetteer.CodeRow) bool { return r.Code[:2] != "50" && r.Code[:2] != "51" })
	}
	_, err = gaz.ImportCodeLists(ctx, importer, today, lists)
	must(t, err)
	townships, err := gazsql.OpenTownshipList(pgtest.SharedData(t, "codes/mumuy_cq_townships_2025.zip"))
	must(t, err)
	text := &strings.Builder{}
	fmt.Fprintln(text, "code,name,parentCode")
	for _, county := range []gazetteer.DivisionCode{"500105", "500109", "500112"} {
		for _, code := range slices.Sorted(maps.Keys(townships[county])) {
			fmt.Fprintf(text, "%s,%s,%s\n", code, townships[county][code], county)
		}
	}
	importCSV(t, gaz, text.String())
	s := newSite(t, db)
	id, err := gaz.DivisionByCode(ctx, "500000")
	must(t, err)
	s.account(t, "city-admin", "重庆市民政局", &id, gazetteer.Administrator)
	return s
}

// asked is the one division that a query finds.
func (s *site) asked(t *testing.T, query string) object {
	t.Helper()
	items := s.visitor(t).want(t, 200, "GET", "/api/divisions?"+query, nil, nil).list("items")
	if len(items) != 1 {
		t.Fatalf("%s: %d divisions: %v", query, len(items), items)
	}
	return items[0]
}

// TestAcceptanceOfDivisionsInTime asks what every office asks of a register of divisions, before and after the change of
// November 2025 is carried out by the administrator. The facts: domain/naming.md §7.4.
func TestAcceptanceOfDivisionsInTime(t *testing.T) {
	s := newChronicle(t)
	admin, nobody := s.as(t, "city-admin"), s.visitor(t)
	units := func(day string) int {
		return len(nobody.want(t, 200, "GET", "/api/divisions?level=county&within=500000&datetime="+day, nil, nil).list("items"))
	}
	if n := units("2025-12-31"); n != 38 {
		t.Errorf("before the change was carried out %d units", n)
	}
	const path = "/api/divisions/changes"
	dry := admin.want(t, 200, "POST", path, object{"known": "2025-cq", "dryRun": true}, nil)
	if dry["recorded"] != false || dry["id"] != nil || len(dry.list("changed")) != 47 || units("2025-12-31") != 38 {
		t.Errorf("a dry run: %v", dry["recorded"])
	}
	wantCode(t, admin.code(t, 404, "POST", path, object{"known": "2099-cq"}, nil), "change-unknown")
	wantCode(t, admin.code(t, 422, "POST", path, object{"change": object{"id": "x"}}, nil), "change-refused")
	wantCode(t, admin.code(t, 400, "POST", path, object{"change": "x"}, nil), "bad-change")
	done := admin.want(t, 200, "POST", path, object{"known": "2025-cq"}, key("change"))
	clocks := done.list("clocks")
	if done["recorded"] != true || len(clocks) != 2 || clocks[0].text("due") != "2026-11-06" || clocks[0].text("extendedTo") != "2027-05-06" ||
		clocks[1].text("due") != "2025-12-06" || clocks[0].text("fromIs") != "announced" {
		t.Errorf("got %v %v", done["recorded"], clocks)
	}
	for _, f := range done.list("findings") {
		if f.text("code") == "count-differs" {
			t.Errorf("the units are not as announced: %s", f.text("detail"))
		}
	}
	if again := admin.want(t, 200, "POST", path, object{"known": "2025-cq"}, nil); again["already"] != true || again["recorded"] != false {
		t.Errorf("again: %v", again)
	}

	for _, c := range []struct{ query, name, code, parent string }{
		{"code=500110&datetime=2010-06-30", "万盛区", "500110", "重庆市"},
		{"code=500110&datetime=2012-06-30", "綦江区", "500110", "重庆市"},
		{"code=500110&datetime=2011-10-21", "万盛区", "500110", "重庆市"},
		{"code=500110&datetime=2011-10-22", "綦江区", "500110", "重庆市"},
		{"name=涪陵&datetime=1996-12-31", "涪陵市", "517000", "四川省"},
		{"name=涪陵&datetime=1998-01-01", "涪陵区", "500102", "重庆市"},
		{"code=500101&datetime=1998-05-21", "万县区", "500101", "重庆市"},
		{"code=500101&datetime=1998-05-22", "万州区", "500101", "重庆市"},
		{"code=510200&datetime=1990-01-01", "重庆市", "510200", "四川省"},
		{"name=水土街道&datetime=2025-10-01", "水土街道", "500109008", "北碚区"},
		{"name=水土街道&datetime=2025-11-06", "水土街道", "500157005", "两江新区"},
		{"name=大湾镇&datetime=2025-11-05", "大湾镇", "500112135", "渝北区"},
		{"name=大湾镇&datetime=2025-11-06", "大湾镇", "500112135", "北碚区"},
		{"code=500157&datetime=2025-11-06", "两江新区", "500157", "重庆市"},
	} {
		if got := s.asked(t, c.query); got.text("name") != c.name || got.text("code") != c.code || got.text("parentName") != c.parent {
			t.Errorf("%s: got %s %s in %s", c.query, got.text("code"), got.text("name"), got.text("parentName"))
		}
	}
	for day, want := range map[string]int{"1997-12-31": 40, "2010-12-31": 40, "2011-12-31": 38, "2024-12-31": 38, "2025-11-05": 38, "2025-11-06": 37, "2025-12-31": 37} {
		if got := units(day); got != want {
			t.Errorf("on %s %d units of county level, wanted %d", day, got, want)
		}
	}
	s.wantTimelines(t, nobody)
	wantCode(t, nobody.code(t, 400, "GET", "/api/divisions?code=50011", nil, nil), "bad-code")
	wantCode(t, nobody.code(t, 400, "GET", "/api/divisions?datetime=2011-13-01", nil, nil), "bad_parameter")
}

// wantTimelines looks at three divisions as their pages do.
func (s *site) wantTimelines(t *testing.T, v visitor) {
	t.Helper()
	of := func(query, day string) object {
		return v.want(t, 200, "GET", "/api/divisions/"+s.asked(t, query).text("id")+day, nil, nil)
	}
	qijiang := of("code=500110&datetime=2012-06-30", "")
	var from []string
	for _, e := range qijiang.list("events") {
		for _, l := range e.list("links") {
			if l.text("toName") == "綦江区" && l.text("role") == "successor" && l.text("share") == "whole" && e.text("on") == "2011-10-22" && e.text("basis") == "memory" && e["after"] == nil {
				from = append(from, l.text("fromName"))
			}
		}
	}
	if slices.Sort(from); !slices.Equal(from, []string{"万盛区", "綦江县"}) {
		t.Errorf("綦江区 came of %v", from)
	}
	yubei := of("code=500112&datetime=2010-01-01", "")
	if yubei.text("on") != "2025-11-05" || len(yubei.list("children")) != 30 || len(yubei.list("events")) < 2 {
		t.Errorf("渝北区 on its last day %s: %d townships, %d events", yubei.text("on"), len(yubei.list("children")), len(yubei.list("events")))
	}
	beibei := of("code=500109&datetime=2026-01-01", "?datetime=2025-11-05")
	later := of("code=500109&datetime=2026-01-01", "?datetime=2025-11-06")
	if n, m := len(beibei.list("children")), len(later.list("children")); n != 17 || m != 17 || beibei.text("on") != "2025-11-05" {
		t.Errorf("北碚区 had %d townships and has %d", n, m)
	}
	kinds := map[string]int{}
	for _, c := range later.list("children") {
		kinds[c.text("kind")]++
	}
	if kinds["subdistrict"] != 6 || kinds["town"] != 11 {
		t.Errorf("北碚区 has %v", kinds)
	}
	liangjiang := of("code=500157&datetime=2026-01-01", "")
	event := liangjiang.list("events")[0]
	if liangjiang.text("seat") != "金山街道金渝大道66号" || len(liangjiang.list("children")) != 42 || !slices.Contains(names(liangjiang.list("above"), "name"), "重庆市") ||
		event.object("approval").text("announcedOn") != "2025-11-06" || event.object("approval")["approvedOn"] != nil || len(event.object("approval").list("clocks")) != 2 {
		t.Errorf("两江新区: %v", liangjiang)
	}
	place := v.want(t, 200, "GET", "/api/places/"+liangjiang.text("placeId"), nil, nil)
	if place.text("representsDivisionId") != liangjiang.text("id") || place.text("divisionId") != liangjiang.list("above")[0].text("id") {
		t.Errorf("the place of 两江新区 and its page lead elsewhere: %v", place)
	}
	wantCode(t, v.code(t, 404, "GET", "/api/divisions/"+liangjiang.text("id")+"?datetime=2025-11-05", nil, nil), "division-not-then")
}
