package api_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

func TestHistoryIsForWhoMayReadTheRecord(t *testing.T) {
	w := newWorld(t)
	w.accountIn(t, "hand", gazsql.Office{Name: "渝测勘察院", Kind: "contractor", Demo: true}, gazetteer.Surveyor)
	north, south, city, stranger, clerk, hand := w.as(t, "north"), w.as(t, "south"), w.as(t, "city"), w.as(t, "stranger"), w.as(t, "clerk"), w.as(t, "hand")
	line := w.line.String()
	round := city.want(t, 201, "POST", "/api/inspections", object{
		"programme": "第五轮", "round": 5, "lineId": line, "leadOffice": w.offices["north"], "cooperatingOffice": w.offices["south"],
	}, nil)
	north.want(t, 200, "POST", "/api/inspections/"+round.text("id")+"/actions", object{"action": "start"}, seen(round))
	form := func(who visitor, marker int, note string, submit bool) object {
		path := "/api/inspections/" + round.text("id")
		now := who.want(t, 200, "GET", path, nil, nil)
		now = who.want(t, 200, "PUT", path+"/forms/"+w.markers[marker].ID.String(), object{
			"found": "damaged", "checkedOn": "2026-04-01", "note": note, "submit": submit,
		}, seen(now))
		for _, f := range now.list("forms") {
			if f.text("markerId") == w.markers[marker].ID.String() {
				return f
			}
		}
		t.Fatal("the form is not there")
		return nil
	}
	draft := form(north, 1, "草稿只给本方看", false)
	form(north, 0, "草稿只给本方看", false)
	handed := form(north, 0, "碑身断裂", true)
	proposal := clerk.want(t, 201, "POST", "/api/proposals", object{"kind": "new", "name": "紫云路", "category": "street", "division": "500112", "reason": "新建"}, nil)
	claim := north.want(t, 201, "POST", "/api/claims", object{
		"lineId": line, "title": "机密主张", "text": "以山脊为界", "evidenceClass": "basis", "fromM": 100, "toM": 900, "documents": []object{},
	}, nil)
	north.want(t, 201, "POST", "/api/assignments", object{"lineId": line, "account": "hand", "role": "surveyor", "validFrom": "2026-01-01", "validTo": "2030-01-01"}, nil)
	track := hand.want(t, 201, "POST", "/api/tracks", upload(t, "a.gpx", w.walk(3, 0, 4000), "lineId", line), nil)
	w.matched(t, hand, track.text("id"))

	of := func(noun string, o object) string { return "/api/journal?subject=" + noun + "/" + o.text("id") }
	place := object{"id": w.placeNamed(t, "新华村")}
	for _, sc := range []struct {
		name, path string
		who        visitor
		verbs      string // newest first; 404 where there is no such record
	}{
		{"a side reads what it did in a round, and who ordered it", of("inspection", round), north, "fill-form fill-form fill-form start create"},
		{"the other side reads what was done in a round, but for drafts", of("inspection", round), south, "fill-form start create"},
		{"the office above too", of("inspection", round), city, "fill-form start create"},
		{"a stranger", of("inspection", round), stranger, "404"},
		{"a form, its own side", of("marker-form", handed), north, "fill fill"},
		{"a form, the other side", of("marker-form", handed), south, "fill"},
		{"a form, above", of("marker-form", handed), city, "fill"},
		{"a form, a stranger", of("marker-form", handed), stranger, "404"},
		{"a draft of a form, its own side", of("marker-form", draft), north, "fill"},
		{"a draft of a form, the other side", of("marker-form", draft), south, "404"},
		{"a draft of a form, above", of("marker-form", draft), city, "404"},
		{"a case", of("proposal", proposal), clerk, "submit"},
		{"a neighbour's case", of("proposal", proposal), south, "404"},
		{"a draft claim is for its own office", of("claim", claim), north, "create"},
		{"a draft claim, above", of("claim", claim), city, "404"},
		{"a draft claim, the other side", of("claim", claim), south, "404"},
		{"a contractor's track, the bureau that commissioned it", of("track", track), north, "read receive"},
		{"a contractor's track, himself", of("track", track), hand, "receive"},
		{"a contractor's track, the other side reads the result only", of("track", track), south, ""},
		{"a contractor's track, a stranger", of("track", track), stranger, "404"},
		{"a line", "/api/journal?subject=line/" + line, stranger, "register"},
		{"a place", of("place", place), stranger, ""},
		{"no such place", "/api/journal?subject=place/" + nobody, stranger, "404"},
	} {
		t.Run(sc.name, func(t *testing.T) {
			if sc.verbs == "404" {
				sc.who.want(t, 404, "GET", sc.path, nil, nil)
				return
			}
			got := sc.who.want(t, 200, "GET", sc.path, nil, nil)
			var verbs []string
			for _, item := range got.list("items") {
				verbs = append(verbs, item.text("verb"))
			}
			if said := strings.Join(verbs, " "); said != sc.verbs {
				t.Errorf("got %q, wanted %q", said, sc.verbs)
			}
			holdsNoSecret(t, got)
			if text, err := json.Marshal(got); err != nil || strings.Contains(string(text), "草稿只给本方看") != strings.HasSuffix(sc.name, "its own side") {
				t.Errorf("a draft is for its own side: %s %v", text, err)
			}
		})
	}
	for _, bad := range []string{"", "place", "place/x", "marker/" + nobody + "x", "demo/fangyu", "session/" + nobody} {
		north.want(t, 400, "GET", "/api/journal?subject="+bad, nil, nil)
	}
	north.want(t, 403, "GET", "/api/journal?subject=office/"+w.offices["north"].String(), nil, nil)
	north.want(t, 400, "GET", of("inspection", round)+"&next=x", nil, nil)

	page := city.want(t, 200, "GET", of("inspection", round)+"&limit=2", nil, english)
	filled, start := page.list("items")[0], page.list("items")[1]
	if filled.text("verbLabel") != "Marker form filled in" || filled.list("changes")[0].text("label") != "Markers" ||
		start.text("verbLabel") != "Field work begun" || start.list("changes")[0].text("label") != "State" || page.text("next") == "" {
		t.Errorf("the first page: %v", page)
	}
	rest := city.want(t, 200, "GET", of("inspection", round)+"&limit=1&next="+page.text("next"), nil, nil).list("items")
	if len(rest) != 1 || rest[0].text("verbLabel") != "下达联检" || !strings.Contains(rest[0].text("who"), "重庆市民政局") {
		t.Errorf("the second page: %v", rest)
	}
	if all, err := json.Marshal(rest); err != nil || !strings.Contains(string(all), "渝北区民政局") {
		t.Errorf("offices are named: %s %v", all, err)
	}
}

var looksSecret = regexp.MustCompile(`[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f]{4}-|机密主张|山脊|"(north|south|city|hand|clerk|stranger)"`)

// holdsNoSecret refuses logins, hashes, raw ids and what a draft claim says.
func holdsNoSecret(t *testing.T, o object) {
	t.Helper()
	text, err := json.Marshal(o)
	must(t, err)
	if found := looksSecret.Find(text); found != nil {
		t.Errorf("%q stands in %s", found, text)
	}
}
