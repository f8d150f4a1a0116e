package api_test

import (
	"encoding/json"
	"fmt"
	"testing"
)

// TestNamesOfAPlaceWalkThrough records a name, corrects it, tells what befell it, and reads two records as one.
func TestNamesOfAPlaceWalkThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk, stranger := w.as(t, "clerk"), w.as(t, "stranger")
	find := func(name string) string {
		return clerk.want(t, 200, "GET", "/api/search?q="+name, nil, nil).list("items")[0].text("id")
	}
	path, other := "/api/places/"+find("新华村"), find("龙井村")
	place := clerk.want(t, 200, "GET", path, nil, nil)
	if p := stranger.want(t, 200, "GET", path, nil, nil); len(p.list("actions")) != 0 {
		t.Errorf("a stranger may: %v", p.list("actions"))
	}
	says := object{
		"name": "老鹰岩", "kind": "customary", "language": "zh", "process": "usage", "fromSaid": "清末", "reason": "群众惯称",
		"document": object{"title": "走访记录", "issuedOn": "2026-11-02"},
	}
	stranger.want(t, 403, "POST", path+"/names", says, seen(place))
	clerk.want(t, 428, "POST", path+"/names", says, nil)
	wrong := clerk.want(t, 422, "POST", path+"/names", object{"name": "", "kind": "standard", "language": "zh", "process": "order-753", "reason": "x", "document": object{"title": "x"}}, seen(place))
	if found := wrong.list("findings"); len(found) != 2 || found[1].text("code") != "name-by-case" {
		t.Errorf("wrong in two places: %v", found)
	}
	place = clerk.want(t, 200, "POST", path+"/names", says, seen(place))
	clerk.want(t, 412, "POST", path+"/names", says, map[string]string{"If-Match": `"1"`})
	var id string
	for _, n := range place.list("names") {
		if n.text("name") == "老鹰岩" {
			id = n.text("id")
		}
	}
	says["name"], says["reason"] = "老鹰崖", "写错"
	place = clerk.want(t, 200, "PUT", path+"/names/"+id, says, seen(place))
	if c := place.list("corrections"); len(c) != 1 || c[0].text("name") != "老鹰岩" {
		t.Errorf("corrections: %v", c)
	}
	place = clerk.want(t, 200, "POST", path+"/events", object{
		"nameId": id, "kind": "mention", "process": "usage", "onSaid": "清光绪", "citation": "《江北厅志》", "document": object{"title": "江北厅志"},
	}, seen(place))
	place = clerk.want(t, 200, "POST", path+"/twins", object{"twin": other, "reason": "同一村落", "document": object{"title": "普查表"}}, seen(place))
	anyone := w.visitor(t).want(t, 200, "GET", path, nil, nil)
	if len(anyone.list("events")) != 1 || len(anyone.list("twins")) != 1 || anyone.list("twins")[0].text("id") != other {
		t.Errorf("everybody reads: %v", anyone)
	}
	place = clerk.want(t, 200, "POST", path+"/twins/"+other+"/end", object{"reason": "两处"}, seen(place))
	if len(place.list("twins")) != 0 {
		t.Errorf("parted: %v", place.list("twins"))
	}
	where := object{"type": "LineString", "coordinates": []any{[]any{106.73, 29.70}, []any{106.74, 29.71}}}
	what := object{"category": "village-committee", "class": "21610", "locatedBy": "map", "geometry": where, "reason": "村落沿路而成", "document": object{"title": "普查图"}}
	stranger.want(t, 403, "PUT", path, what, seen(place))
	for geometry, code := range map[string]string{`{"type":"Point"}`: "bad-geometry", `"x"`: "bad-geometry", `{"type":"Point","coordinates":[29.7,106.7]}`: "place-wrong"} {
		bad := object{"category": "village-committee", "class": "", "locatedBy": "map", "geometry": json.RawMessage(geometry), "reason": "x", "document": object{"title": "x"}}
		status := map[string]int{"bad-geometry": 400, "place-wrong": 422}[code]
		if p := clerk.want(t, status, "PUT", path, bad, seen(place)); p.text("code") != code {
			t.Errorf("%s: %v", geometry, p)
		}
	}
	place = clerk.want(t, 200, "PUT", path, what, seen(place))
	if place.text("className") != "村民委员会" || fmt.Sprint(place["geometry"]) != fmt.Sprint(map[string]any(where)) || len(place.list("placeCorrections")) != 1 {
		t.Errorf("corrected: %v", place)
	}
	history := clerk.want(t, 200, "GET", "/api/journal?subject=place/"+place.text("id"), nil, nil).list("items")
	if len(history) < 6 || history[0].text("verbLabel") != "更正地名记录" || history[1].text("verbLabel") != "不再并读" {
		t.Errorf("its history: %v", history)
	}
}
