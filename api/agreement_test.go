package api_test

import (
	"strings"
	"testing"
)

func TestAgreementWalksThrough(t *testing.T) {
	w := newWorld(t)
	north, south, city, nobody := w.as(t, "north"), w.as(t, "south"), w.as(t, "city"), w.visitor(t)
	says := func(course string) object {
		return object{
			"lineId": w.line, "course": course, "originalDatum": "beijing54", "originalCoordinates": "1  X=3265012.4\n2  X=3265100.0",
			"geometry": object{"type": "LineString", "coordinates": [][]float64{{106.5, 29.5}, {106.566234868, 29.569343202}, {106.617146411, 29.561250565}}},
			"segments": []object{{"fromM": 0, "toM": 9000, "markKind": "ridge", "followsFeature": "铁山坪", "accuracyM": 5}, {"fromM": 9000, "markKind": "road"}},
		}
	}
	wrong := says("")
	wrong["segments"] = []object{{"fromM": 0, "toM": 100, "markKind": "ridge"}, {"fromM": 200, "toM": 99999, "markKind": "fence"}}
	var pointers []string
	for _, f := range north.want(t, 422, "POST", "/api/agreements", wrong, nil).list("findings") {
		pointers = append(pointers, f.text("pointer"))
	}
	if got := strings.Join(pointers, " "); got != "/course /segments/1/fromM /segments/1/toM /segments/1/markKind" {
		t.Errorf("wrong in four places: %s", got)
	}
	for code, geometry := range map[string]any{"bad-geometry": object{"type": "Point", "coordinates": []float64{106.5, 29.5}}, "bad-json": nil} {
		in := says("走向")
		if in["geometry"] = geometry; geometry == nil {
			in["geometry"], in["unheard"] = nil, "x"
		}
		if p := north.want(t, 400, "POST", "/api/agreements", in, nil); p.text("code") != code {
			t.Errorf("got %v, wanted %s", p, code)
		}
	}
	draft := north.want(t, 201, "POST", "/api/agreements", says("沿山脊向东北"), key("agreement"))
	if again := north.want(t, 201, "POST", "/api/agreements", says("沿山脊向东北"), key("agreement")); again.text("id") != draft.text("id") {
		t.Errorf("the same key made %v and %v", draft, again)
	}
	path := "/api/agreements/" + draft.text("id")
	for name, v := range map[string]visitor{"south": south, "city": city, "stranger": w.as(t, "stranger")} {
		v.want(t, 404, "GET", path, nil, nil)
		v.want(t, 404, "PUT", path, says("改写"), seen(draft))
		v.want(t, 404, "POST", path+"/actions", object{"action": "confirm"}, seen(draft))
		if got := v.want(t, 200, "GET", "/api/agreements?line="+w.line.String(), nil, nil).list("items"); len(got) != 0 {
			t.Errorf("%s lists %d", name, len(got))
		}
	}
	north.want(t, 428, "PUT", path, says("改写"), nil)
	edited := north.want(t, 200, "PUT", path, says("沿山脊向东北，再向东"), seen(draft))
	north.want(t, 412, "PUT", path, says("再改"), seen(draft))
	if edited.text("contentSha256") == draft.text("contentSha256") || len(edited.object("geometry").text("type")) == 0 {
		t.Errorf("edited: %v", edited)
	}
	paper := object{"title": "边界协议书", "number": "渝府〔2026〕1号", "issuedBy": "重庆市人民政府", "issuedOn": "2026-11-01"}
	act := func(v visitor, status int, action string) object {
		t.Helper()
		now := v.want(t, 200, "GET", path, nil, nil)
		return v.want(t, status, "POST", path+"/actions", object{
			"action": action, "reason": "依程序", "contentSha256": now.text("contentSha256"), "documents": []object{paper}, "publication": paper, "validFrom": "2026-11-20",
		}, seen(now))
	}
	act(north, 200, "propose")
	act(city, 403, "confirm")
	if p := act(north, 403, "confirm"); p.text("code") != "confirm-identity" {
		t.Errorf("confirmed without a password: %v", p)
	}
	for _, v := range []visitor{north, south} {
		v.want(t, 200, "POST", "/api/session/confirm", object{"password": demoPassword}, nil)
	}
	act(north, 200, "confirm")
	if told := act(south, 200, "object"); told.text("state") != "draft" || len(told.list("actions")) != 0 {
		t.Errorf("objected: %v", told)
	}
	south.want(t, 404, "GET", path, nil, nil)
	act(north, 200, "propose")
	act(north, 200, "confirm")
	act(south, 200, "confirm")
	act(south, 200, "sign")
	if p := act(city, 403, "approve"); p.text("code") != "confirm-identity" {
		t.Errorf("approved without a password: %v", p)
	}
	city.want(t, 200, "POST", "/api/session/confirm", object{"password": demoPassword}, nil)
	law := act(city, 200, "approve")
	if law.text("state") != "in-force" || law.object("approval").text("number") == "" || law.text("validFrom") != "2026-11-20" {
		t.Errorf("approved: %v", law)
	}
	for name, v := range map[string]visitor{"north": north, "nobody": nobody} {
		versions := v.want(t, 200, "GET", "/api/lines/"+w.line.String()+"/versions", nil, nil).list("items")
		newest := versions[0]
		if len(versions) != 2 || newest.text("legalStatus") != "in-force" || len(newest.list("segments")) != 2 || newest.object("agreement").text("title") != "边界协议书" || newest["edgeMatched"] != false {
			t.Errorf("%s reads %v", name, versions)
		}
		if coordinates := newest.text("originalCoordinates"); (coordinates == "1  X=3265012.4\n2  X=3265100.0") != (name == "north") || (coordinates == "") != (name == "nobody") {
			t.Errorf("%s reads the old coordinates %q", name, coordinates)
		}
	}
	nobody.want(t, 404, "GET", "/api/lines/"+draft.text("id")+"/versions", nil, nil)
	if history := south.want(t, 200, "GET", "/api/journal?subject=agreement/"+draft.text("id"), nil, nil).list("items"); len(history) < 9 || history[0].text("verbLabel") != "批准并公布" {
		t.Errorf("the history of both sides: %v", history)
	}
}
