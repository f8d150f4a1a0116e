package api_test

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// TestTheRecordOfAMarkerWalksThrough registers a record, corrects it, and asks what objects measured again tell.
func TestTheRecordOfAMarkerWalksThrough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	north, south, city, stranger := w.as(t, "north"), w.as(t, "south"), w.as(t, "city"), w.as(t, "stranger")
	m := w.markers[0]
	path := "/api/markers/" + m.ID.String()
	none := north.want(t, 200, "GET", path+"/record", nil, nil)
	if len(none.list("versions")) != 0 || none.text("sketch") != "" || none.list("actions")[0].text("name") != "register" {
		t.Errorf("before: %v", none)
	}
	w.visitor(t).want(t, 401, "GET", path+"/record", nil, nil)
	stranger.want(t, 403, "GET", path+"/record", nil, nil)
	east, y, err := geo.Frame("4545").FromCGCS2000(orb.Point{m.Lon, m.Lat})
	must(t, err)
	says := object{
		"placement": "single", "faces": m.Type, "material": "stone", "unitA": "江北区五宝镇", "unitB": "渝北区洛碛镇", "feature": "石桥", "side": "东侧",
		"plane": object{"epsg": 4545, "xM": y, "yM": east}, "elevationM": 212.4, "heightDatum": "1985", "surveyedOn": "2026-10-08", "validFrom": "2026-11-01",
		"objects": []object{
			{"name": "石桥", "bearingMinutes": 13630, "distanceM": 36.2}, {"name": "电杆", "bearingMinutes": 3430, "distanceM": 12.5}, {"name": "独立树", "bearingMinutes": 10800, "distanceM": 48},
		},
		"document": object{"title": "江北区渝北区界线协议书", "number": "渝界〔2026〕1号", "issuedOn": "2026-10-30"},
	}
	marker := func(records object) map[string]string { return seen(records["marker"].(map[string]any)) }
	north.want(t, 428, "PUT", path+"/record", says, nil)
	stranger.want(t, 403, "PUT", path+"/record", says, marker(none))
	says["plane"] = object{"epsg": 4545, "xM": east, "yM": y}
	wrong := north.want(t, 422, "PUT", path+"/record", says, marker(none))
	if f := wrong.list("findings"); f[0].text("pointer") != "/plane/xM" || !strings.Contains(f[0].text("detail"), "填反了") {
		t.Errorf("swapped: %v", f)
	}
	says["plane"] = object{"epsg": 4545, "xM": y, "yM": east}
	first := north.want(t, 200, "PUT", path+"/record", says, marker(none))
	if v := first.list("versions")[0]; !strings.Contains(v.text("location"), "渝北区洛碛镇与江北区五宝镇接壤的石桥东侧") || v.text("surveyedOn") != "2026-10-08" || !strings.HasPrefix(first.text("sketch"), "<svg ") {
		t.Errorf("first: %v", v)
	}
	says["reason"], says["location"] = "补测", "石桥东侧 12 米"
	south.want(t, 412, "PUT", path+"/record", says, marker(none))
	second := south.want(t, 200, "PUT", path+"/record", says, marker(first))
	if len(second.list("versions")) != 2 || second.list("versions")[0].text("reason") != "补测" {
		t.Errorf("second: %v", second)
	}
	again := []object{{"n": 1, "bearingMinutes": 13630, "distanceM": 36.2}, {"n": 2, "bearingMinutes": 3430, "distanceM": 15.9}, {"n": 3, "bearingMinutes": 10800, "distanceM": 48}}
	check := city.want(t, 200, "POST", path+"/witness-check", object{"objects": again, "frame": "EPSG:4545"}, nil)
	if check.text("cause") != "witness-moved" || len(check.list("shifts")) != 1 || !strings.Contains(check.text("detail"), "电杆") {
		t.Errorf("the post moved: %v", check)
	}
	north.want(t, 400, "POST", path+"/witness-check", object{"objects": []object{{"n": 4, "bearingMinutes": 0, "distanceM": 1}}}, nil)
	for query, shows := range map[string][]string{
		"": {"第 2 版", "补测", "227°10′", "<svg ", "示意，不作为划界依据", "合成示例", "石桥东侧 12 米"}, "?version=1": {"第 1 版（已有第 2 版）", "接壤的石桥东侧"},
	} {
		if res, page := city.send(t, "GET", path+"/record/form"+query, nil, nil); res.StatusCode != 200 || !holdsAll(string(page), shows) {
			t.Errorf("%s: %d %s", query, res.StatusCode, page)
		}
	}
	north.want(t, 404, "GET", path+"/record/form?version=3", nil, nil)
	_, answered := south.send(t, "GET", "/api/lines/"+w.line.String()+"/marker-table", nil, nil)
	table := string(answered)
	if n := strings.Count(table, "无登记表"); n != len(w.markers)-1 || !holdsAll(table, []string{"EPSG:4524", "界桩成果表", m.Number, "212.40"}) {
		t.Errorf("%d markers without a record: %s", n, table)
	}
	stranger.want(t, 403, "GET", "/api/lines/"+w.line.String()+"/marker-table", nil, nil)
	for _, e := range north.want(t, 200, "GET", "/api/journal?subject=marker/"+m.ID.String(), nil, nil).list("items") {
		if e.text("verbLabel") == "办理" {
			t.Errorf("a verb without words: %v", e)
		}
	}
}

func holdsAll(page string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(page, text) {
			return false
		}
	}
	return true
}
