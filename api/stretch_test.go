package api_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb/maptile"
)

func TestStretchWalksThrough(t *testing.T) {
	w := newWorld(t)
	city, north, south, stranger := w.as(t, "city"), w.as(t, "north"), w.as(t, "south"), w.as(t, "stranger")
	round := city.want(t, 201, "POST", "/api/inspections", object{
		"programme": "县级界线第五轮联检", "round": 5, "lineId": w.line, "leadOffice": w.offices["north"], "cooperatingOffice": w.offices["south"],
	}, nil)
	path := "/api/inspections/" + round.text("id")
	says := object{"class": "viewed", "fromM": 11_000, "toM": 13_000, "reason": "cliff", "note": "两侧均为绝壁", "checkedOn": "2026-11-20"}
	if p := north.want(t, 409, "POST", path+"/stretches", says, nil); p.text("code") != "not-in-field" {
		t.Errorf("while planned: %v", p)
	}
	north.want(t, 200, "POST", path+"/actions", object{"action": "start"}, seen(north.want(t, 200, "GET", path, nil, nil)))
	w.matched(t, north, north.want(t, 201, "POST", "/api/tracks", upload(t, "联检.gpx", w.walk(1, 0, 12_000), "inspectionId", round.text("id")), nil).text("id"))

	wrong := north.want(t, 422, "POST", path+"/stretches", object{"class": "imagery", "fromM": 14_000, "toM": 16_000, "reason": "fog", "checkedOn": "2026-11-20", "pictureOn": "2027-01-01"}, nil)
	if found := wrong.list("findings"); wrong.text("code") != "stretch-wrong" || len(found) != 4 || found[0].text("pointer") != "/toM" || !strings.Contains(found[3].text("detail"), "不能晚于今天") {
		t.Errorf("wrong in four places: %v", wrong)
	}
	made := north.want(t, 201, "POST", path+"/stretches", says, key("stretch"))
	if again := north.want(t, 201, "POST", path+"/stretches", says, key("stretch")); again.text("id") != made.text("id") {
		t.Errorf("sent twice: %v", again)
	}
	if p := north.want(t, 409, "POST", path+"/stretches", says, nil); p.text("code") != "stretch-there" {
		t.Errorf("declared twice: %v", p)
	}
	one := "/api/stretches/" + made.text("id")
	for name, v := range map[string]visitor{"own": north, "other": south, "above": city} {
		if list := v.want(t, 200, "GET", path+"/stretches?limit=1", nil, nil).list("items"); len(list) != 1 || list[0].text("note") != "两侧均为绝壁" {
			t.Errorf("%s lists %v", name, list)
		}
	}
	stranger.want(t, 404, "GET", one, nil, nil)
	stranger.want(t, 404, "GET", path+"/stretches", nil, nil)
	stranger.want(t, 404, "POST", one+"/actions", object{"action": "confirm"}, seen(made))
	north.want(t, 403, "POST", one+"/actions", object{"action": "confirm"}, seen(made))
	south.want(t, 428, "POST", one+"/actions", object{"action": "confirm"}, nil)
	before := south.want(t, 200, "GET", path, nil, nil).object("figures")
	confirmed := south.want(t, 200, "POST", one+"/actions", object{"action": "confirm"}, seen(made))
	south.want(t, 412, "POST", one+"/actions", object{"action": "confirm"}, seen(made))
	after := south.want(t, 200, "GET", path, nil, nil)
	figures := after.object("figures")
	if viewed := lengthOf(figures, "viewed"); viewed < 900 || lengthOf(before, "viewed") != 0 || figures["walkedM"] != before["walkedM"] ||
		math.Abs(lengthOf(before, "not-checked")-viewed-lengthOf(figures, "not-checked")) > 1e-6 || len(figures.list("stretches")) != 1 {
		t.Errorf("confirmed: %v, before %v", figures["classes"], before["classes"])
	}
	w.shows(t, 2000)
	_, report := south.send(t, "GET", path+"/report", nil, nil)
	for _, want := range []string{"远处目视", "悬崖陡坡：两侧均为绝壁", fmt.Sprintf(`<data value="%v">`, lengthOf(figures, "viewed"))} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report does not show %s", want)
		}
	}
	if history := city.want(t, 200, "GET", "/api/journal?subject=stretch/"+made.text("id"), nil, nil).list("items"); len(history) != 2 ||
		history[0].text("verbLabel") != "确认区段" || !strings.Contains(fmt.Sprint(history[1]["changes"]), "11000–13000") {
		t.Errorf("its history: %v", history)
	}
	south.want(t, 400, "POST", one+"/actions", object{"action": "withdraw"}, seen(confirmed))
	gone := south.want(t, 200, "POST", one+"/actions", object{"action": "withdraw", "reason": "实地可以走到"}, seen(confirmed))
	if gone.text("state") != "withdrawn" || gone.object("withdrawn").text("reason") != "实地可以走到" {
		t.Errorf("withdrawn: %v", gone)
	}
	w.shows(t, 0)
}

// lengthOf is how much of the line the figures have in a class, metres.
func lengthOf(figures object, class string) float64 {
	for _, c := range figures.list("classes") {
		if c.text("class") == class {
			return c["lengthM"].(float64)
		}
	}
	return math.NaN()
}

// shows waits until so many metres stand as viewed in the public coverage, and in its tiles.
func (w *world) shows(t *testing.T, lengthM float64) {
	t.Helper()
	v := w.visitor(t)
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var found float64
		for _, f := range v.want(t, 200, "GET", "/ogc/collections/coverage/items?class=viewed&line="+w.line.String(), nil, nil).list("features") {
			p := f.object("properties")
			if p["track"] != nil || p["stretch"] == nil || p["walkedOn"] != "2026-11-20" {
				t.Fatalf("a viewed stretch in public: %v", p)
			}
			found += p["toM"].(float64) - p["fromM"].(float64)
		}
		if found == lengthM {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%v m are viewed in public, wanted %v", found, lengthM)
		}
	}
	at := maptile.At(w.course.At(12_000), 14)
	address := fmt.Sprintf("/tiles/coverage/%d/%d/%d.mvt", at.Z, at.X, at.Y)
	if _, body := v.send(t, "GET", address, nil, nil); strings.Contains(string(body), "viewed") != (lengthM > 0) {
		t.Errorf("%s does not show what was viewed, or shows what was not", address)
	}
}
