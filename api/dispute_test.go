package api_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func TestDisputeWalksThrough(t *testing.T) {
	w := newWorld(t)
	north, south, city := w.as(t, "north"), w.as(t, "south"), w.as(t, "city")
	version := north.want(t, 200, "GET", "/api/lines/"+w.line.String()+"/versions", nil, nil).list("items")[0].text("id")
	says := func(fromM, toM float64) object {
		return object{
			"lineId": w.line, "lineVersionId": version, "fromM": fromM, "toM": toM, "text": "山脊走向认定不一致", "openedOn": "2026-11-01",
			"document": object{"title": "关于争议地段的函", "number": "渝北民〔2026〕3号"},
		}
	}
	north.want(t, 400, "POST", "/api/disputes", object{"lineId": w.line, "text": "x"}, nil)
	north.want(t, 400, "POST", "/api/disputes", object{"lineId": w.line, "text": "x", "whole": true, "fromM": 0, "toM": 1}, nil)
	if p := north.want(t, 422, "POST", "/api/disputes", object{"lineId": w.line, "lineVersionId": version, "fromM": -1, "toM": 1e6, "text": " ", "document": object{}}, nil); len(p.list("findings")) != 4 {
		t.Errorf("wrong in four places: %v", p)
	}
	opened := north.want(t, 201, "POST", "/api/disputes", says(2000, 5000), key("dispute"))
	again := north.want(t, 201, "POST", "/api/disputes", says(2000, 5000), key("dispute"))
	path := "/api/disputes/" + opened.text("id")
	if again.text("id") != opened.text("id") || opened.text("state") != "open" || opened["geometry"] == nil || opened["daysOpen"].(float64) < 20 {
		t.Errorf("opened %v, again %v", opened, again)
	}
	if p := south.want(t, 422, "POST", "/api/disputes", says(4000, 6000), nil); !strings.Contains(fmt.Sprint(p), opened.text("number")) {
		t.Errorf("over another: %v", p)
	}
	late := says(7000, 8000)
	late["lineVersionId"] = nobody
	north.want(t, 409, "POST", "/api/disputes", late, nil)
	for name, v := range map[string]visitor{"south": south, "city": city} {
		list := v.want(t, 200, "GET", "/api/disputes?state=open&line="+w.line.String(), nil, nil).list("items")
		if len(list) != 1 || list[0].text("text") != "山脊走向认定不一致" || list[0]["geometry"] == nil {
			t.Errorf("%s lists %v", name, list)
		}
		if list := v.want(t, 200, "GET", "/api/disputes", nil, nil).list("items"); len(list) != 1 || list[0]["geometry"] != nil {
			t.Errorf("%s lists of all lines %v", name, list)
		}
	}
	if status := w.visitor(t).want(t, 200, "GET", "/api/lines/"+w.line.String(), nil, nil).text("legalStatus"); status != "disputed" {
		t.Errorf("the line is %s", status)
	}
	papers := []object{{"title": "协商纪要", "number": "1", "issuedBy": "两区民政局", "issuedOn": "2026-11-10"}}
	north.want(t, 428, "POST", path+"/actions", object{"action": "withdraw", "reason": "x"}, nil)
	said := south.want(t, 200, "POST", path+"/actions", object{"action": "minute", "reason": "先行测绘", "documents": papers}, seen(opened))
	north.want(t, 412, "POST", path+"/actions", object{"action": "withdraw", "reason": "x"}, seen(opened))
	if m := said.list("minutes"); len(m) != 1 || m[0].text("note") != "先行测绘" {
		t.Errorf("minutes %v", m)
	}
	city.want(t, 403, "POST", path+"/actions", object{"action": "settle", "documents": papers}, seen(said))
	city.want(t, 200, "POST", "/api/session/confirm", object{"password": demoPassword}, nil)
	city.want(t, 422, "POST", path+"/actions", object{"action": "settle"}, seen(said))
	done := city.want(t, 200, "POST", path+"/actions", object{"action": "settle", "documents": papers}, seen(said))
	if done.text("state") != "settled" || math.Abs(done["fromM"].(float64)-2000) > 0 || len(done["actions"].([]any)) != 0 {
		t.Errorf("settled %v", done)
	}
	var told []string
	for _, entry := range south.want(t, 200, "GET", "/api/journal?subject=dispute/"+opened.text("id"), nil, nil).list("items") {
		told = append(told, entry.text("verbLabel"))
	}
	if strings.Join(told, " ") != "登记上级裁决 登记协商纪要 立案" {
		t.Errorf("the history tells %v", told)
	}
}

// TestDisputesAreServedToNobodyElse reads every byte of every route as nobody, and as an office that has nothing to do with the line.
func TestDisputesAreServedToNobodyElse(t *testing.T) {
	s := newSafe(t)
	all := func(v visitor, signedIn bool) (text string) {
		for _, r := range s.read(v, signedIn) {
			text += r.address + "\n" + r.body + "\n"
		}
		return text
	}
	opened := s.as(t, "north").want(t, 201, "POST", "/api/disputes", object{"lineId": s.line, "whole": true, "text": "舂陵滩归属", "document": object{"title": "舂陵滩函", "number": "9"}}, nil)
	path := "/api/disputes/" + opened.text("id")
	s.as(t, "south").want(t, 200, "POST", path+"/actions", object{"action": "minute", "reason": "舂陵滩纪要", "documents": []object{{"title": "舂陵滩纪要", "number": "1", "issuedBy": "两区", "issuedOn": "2026-11-01"}}}, seen(opened))
	for who, v := range map[string]visitor{"nobody": s.visitor(t), "the neighbour": s.neighbour, "a stranger": s.as(t, "stranger")} {
		text := all(v, who != "nobody")
		for _, trace := range []string{opened.text("id"), "舂陵滩", opened.text("number"), "dispute/"} {
			if at := strings.Index(text, trace); at >= 0 {
				t.Errorf("%s reads %q: %.300s", who, trace, text[max(0, at-200):])
			}
		}
		if who == "nobody" {
			v.want(t, 401, "GET", path, nil, nil)
			continue
		}
		never, hidden := v.want(t, 404, "GET", "/api/disputes/"+nobody, nil, nil), v.want(t, 404, "GET", path, nil, nil)
		delete(never, "instance")
		delete(hidden, "instance")
		if fmt.Sprint(never) != fmt.Sprint(hidden) {
			t.Errorf("%s tells %v from %v", who, hidden, never)
		}
		v.want(t, 404, "POST", path+"/actions", object{"action": "minute"}, seen(opened))
		if list := v.want(t, 200, "GET", "/api/disputes?line="+s.line.String(), nil, nil).list("items"); len(list) != 0 {
			t.Errorf("%s lists %v", who, list)
		}
	}
	if strings.Contains(s.log.text(), "舂陵滩") {
		t.Error("the log tells of it")
	}
}
