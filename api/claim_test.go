package api_test

import (
	"strings"
	"testing"
)

func TestClaimWalksThrough(t *testing.T) {
	w := newWorld(t)
	north, south, city := w.as(t, "north"), w.as(t, "south"), w.as(t, "city")
	says := func(title string) object {
		return object{
			"lineId": w.line, "title": title, "text": "以山脊为界", "evidenceClass": "basis", "fromM": 100, "toM": 900,
			"documents": []object{{"title": "双方协议", "number": "渝府〔1997〕1号"}},
		}
	}
	if p := north.want(t, 422, "POST", "/api/claims", object{"lineId": w.line, "title": "", "text": "", "evidenceClass": "x", "fromM": 9, "toM": 1}, nil); len(p["findings"].([]any)) != 3 {
		t.Errorf("wrong in three places: %v", p)
	}
	city.want(t, 403, "POST", "/api/claims", says("从上"), nil)
	draft := north.want(t, 201, "POST", "/api/claims", says("北方主张"), key("claim"))
	path := "/api/claims/" + draft.text("id")
	for name, v := range map[string]visitor{"south": south, "city": city, "stranger": w.as(t, "stranger")} {
		v.want(t, 404, "GET", path, nil, nil)
		v.want(t, 404, "PUT", path, says("改写"), seen(draft))
		v.want(t, 404, "POST", path+"/actions", object{"action": "exchange"}, seen(draft))
		if got := v.want(t, 200, "GET", "/api/claims?line="+w.line.String(), nil, nil).list("items"); len(got) != 0 {
			t.Errorf("%s lists %d", name, len(got))
		}
	}
	north.want(t, 428, "PUT", path, says("改写"), nil)
	edited := north.want(t, 200, "PUT", path, says("改写"), seen(draft))
	north.want(t, 412, "PUT", path, says("再改"), seen(draft))
	act := func(v visitor, path, action string) object {
		return v.want(t, 200, "POST", path+"/actions", object{"action": action, "reason": "依程序"}, seen(v.want(t, 200, "GET", path, nil, nil)))
	}
	if edited.text("title") != "改写" || act(north, path, "send").text("state") != "sent" {
		t.Errorf("edited: %v", edited)
	}
	north.want(t, 409, "PUT", path, says("再改"), seen(north.want(t, 200, "GET", path, nil, nil)))
	south.want(t, 404, "GET", path, nil, nil)
	if p := city.want(t, 409, "POST", path+"/actions", object{"action": "exchange"}, seen(city.want(t, 200, "GET", path, nil, nil))); !strings.Contains(p.text("detail"), "另一方") {
		t.Errorf("one side's: %v", p)
	}
	other := "/api/claims/" + south.want(t, 201, "POST", "/api/claims", says("南方主张"), nil).text("id")
	act(south, other, "send")
	act(city, other, "exchange")
	for _, v := range []visitor{north, south} {
		for _, p := range []string{path, other} {
			if got := v.want(t, 200, "GET", p, nil, nil); got.text("state") != "exchanged" || len(got.list("documents")) != 1 {
				t.Errorf("exchanged: %v", got)
			}
		}
	}
}
