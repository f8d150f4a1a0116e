package api_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

func TestAssignmentWalksThrough(t *testing.T) {
	w := newWorld(t)
	w.accountIn(t, "hand", gazsql.Office{Name: "渝测勘察院", Kind: "contractor", Demo: true}, gazetteer.Surveyor)
	north, hand := w.as(t, "north"), w.as(t, "hand")
	line := w.line.String()
	gpx := w.walk(3, 0, 4000)
	send := func() *form { return upload(t, "a.gpx", gpx, "lineId", line) }
	hand.want(t, 403, "POST", "/api/tracks", send(), nil)

	task := object{
		"lineId": line, "account": "hand", "role": "surveyor", "ranges": []object{{"fromM": 0, "toM": 5000}},
		"validFrom": "2026-01-01", "validTo": "2030-01-01", "note": "全线复测",
	}
	for _, sc := range []scenario{
		{
			name: "at whom and when", body: object{"lineId": line, "account": "south", "role": "surveyor", "validFrom": "2026-02-01", "validTo": "2026-01-01"},
			status: 422, must: []string{"assignment-wrong", "not-assignable", "bad-span", "/validTo"},
		},
		{name: "nobody", body: object{"lineId": line, "account": "nobody", "role": "surveyor", "validFrom": "2026-01-01", "validTo": "2030-01-01"}, status: 404},
		{name: "no such line", body: object{"lineId": nobody, "account": "hand", "role": "surveyor", "validFrom": "2026-01-01", "validTo": "2030-01-01"}, status: 404},
	} {
		sc.method, sc.path = "POST", "/api/assignments"
		t.Run(sc.name, func(t *testing.T) { sc.run(t, north) })
	}
	w.as(t, "city").want(t, 403, "POST", "/api/assignments", task, nil)
	people := north.want(t, 200, "GET", "/api/assignees?role=surveyor&line="+line, nil, nil).list("items")
	if len(people) != 1 || people[0].text("account") != "hand" {
		t.Errorf("to be assigned: %v", people)
	}
	given := north.want(t, 201, "POST", "/api/assignments", task, key("task"))
	if again := north.want(t, 201, "POST", "/api/assignments", task, key("task")); again.text("id") != given.text("id") {
		t.Errorf("the same key answers %v", again)
	}
	if p := north.want(t, 409, "POST", "/api/assignments", task, nil); p.text("code") != "assigned-already" {
		t.Errorf("twice: %v", p)
	}
	mine := hand.want(t, 200, "GET", "/api/assignments", nil, nil).list("items")
	if len(mine) != 1 || mine[0]["mine"] != true || mine[0].text("state") != "running" || len(mine[0].list("actions")) != 0 {
		t.Errorf("his tasks: %v", mine)
	}
	for login, n := range map[string]int{"north": 1, "city": 1, "south": 0, "stranger": 0} {
		if got := w.as(t, login).want(t, 200, "GET", "/api/assignments?line="+line, nil, nil).list("items"); len(got) != n {
			t.Errorf("%s lists %d", login, len(got))
		}
	}
	sent := hand.want(t, 201, "POST", "/api/tracks", send(), nil)
	track := w.matched(t, hand, sent.text("id"))
	if track.text("officeId") != w.offices["north"].String() || track["match"] == nil {
		t.Errorf("handed in: %v", track)
	}
	path := "/api/assignments/" + given.text("id") + "/actions"
	end := object{"action": "end", "reason": "合同期满"}
	north.want(t, 428, "POST", path, end, nil)
	north.want(t, 412, "POST", path, end, map[string]string{"If-Match": `"7"`})
	hand.want(t, 403, "POST", path, end, seen(given))
	w.as(t, "south").want(t, 404, "POST", path, end, seen(given))
	if ended := north.want(t, 200, "POST", path, end, seen(given)); ended.text("state") != "ended" || ended.text("endReason") != "合同期满" {
		t.Errorf("ended: %v", ended)
	}
	hand.want(t, 404, "GET", "/api/tracks/"+sent.text("id"), nil, nil)
	if left := hand.want(t, 200, "GET", "/api/tracks", nil, nil).list("items"); len(left) != 0 {
		t.Errorf("he still lists %v", left)
	}
	if p := hand.want(t, 403, "POST", "/api/tracks", send(), nil); !strings.Contains(p.text("detail"), "任务") {
		t.Errorf("afterwards: %v", p)
	}
}

// TestAnAssignmentOutlivesItsOffice has a bureau give its place to another while a round is under way.
func TestAnAssignmentOutlivesItsOffice(t *testing.T) {
	w := newWorld(t)
	w.accountIn(t, "hand", gazsql.Office{Name: "渝测勘察院", Kind: "contractor"}, gazetteer.Surveyor)
	line := w.line.String()
	city, hand := w.as(t, "city"), w.as(t, "hand")
	round := city.want(t, 201, "POST", "/api/inspections", object{
		"programme": "第五轮", "round": 5, "lineId": line, "leadOffice": w.offices["north"], "cooperatingOffice": w.offices["south"],
	}, nil)
	path := "/api/inspections/" + round.text("id")
	hand.want(t, 404, "GET", path, nil, nil)
	var division uuid.UUID
	must(t, w.db.Super.QueryRow(t.Context(), `select division_id from office where id = $1`, w.offices["north"]).Scan(&division))
	heir := w.account(t, "heir", "渝北区民政和社会局", &division, gazetteer.PartyOfficer)
	_, err := w.db.Super.Exec(t.Context(), `
		insert into office_succession (predecessor_id, successor_id, on_day, document_id) select $1, $2, '2026-02-01', id from document limit 1`,
		w.offices["north"], heir)
	must(t, err)
	w.as(t, "heir").want(t, 201, "POST", "/api/assignments", object{
		"lineId": line, "account": "hand", "role": "surveyor", "validFrom": "2026-01-01", "validTo": "2030-01-01",
	}, nil)
	if got := hand.want(t, 200, "GET", path, nil, nil); got.object("lead").text("id") != w.offices["north"].String() {
		t.Errorf("the round is led by %v", got["lead"])
	}
	if list := hand.want(t, 200, "GET", "/api/inspections", nil, nil).list("items"); len(list) != 1 {
		t.Errorf("he lists %d rounds", len(list))
	}
}
