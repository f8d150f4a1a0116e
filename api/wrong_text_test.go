package api_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestTextThatTheDatabaseCannotHoldIsTheSendersMistake sends null characters and broken UTF-8 to where text is kept.
func TestTextThatTheDatabaseCannotHoldIsTheSendersMistake(t *testing.T) {
	w := newWorld(t)
	clerk := w.as(t, "clerk")
	name := object{"kind": "new", "name": "紫云路", "category": "street", "division": "500112", "reason": "新建"}
	with := func(field string, value any) object {
		o := object{field: value}
		for k, v := range name {
			if k != field {
				o[k] = v
			}
		}
		return o
	}
	for _, sc := range []scenario{
		{name: "search for null", path: "/api/search?q=%00", status: 400, must: []string{"bad-text"}},
		{name: "search for a lone surrogate", path: "/api/suggest?q=%ED%A0%80", status: 400, must: []string{"bad-text"}},
		{name: "a login of null", method: "POST", path: "/api/session", body: object{"account": "\x00", "password": "x"}, status: 400, must: []string{"bad-text"}},
		{name: "a reason", method: "POST", path: "/api/proposals", body: with("reason", "a\x00"), status: 400, must: []string{"bad-text"}},
		{name: "facts", method: "POST", path: "/api/proposals", body: with("facts", object{"meaning": "\x00"}), status: 400, must: []string{"bad-text"}},
		{name: "facts that are none", method: "POST", path: "/api/proposals", body: with("facts", 5), status: 400, must: []string{"bad-facts"}},
		{name: "a name of null", method: "POST", path: "/api/proposals", body: with("name", "a\x00b"), status: 400, must: []string{"name-unreadable"}},
		{name: "a name turned round", method: "POST", path: "/api/proposals", body: with("name", "\u202e紫云路"), status: 400, must: []string{"name-unreadable"}},
		{name: "a name of novels", method: "POST", path: "/api/proposals", body: with("name", strings.Repeat("紫", 101)), status: 400, must: []string{"name-too-long"}},
		{name: "bytes of GBK", method: "POST", path: "/api/proposals", body: "{\"kind\":\"new\",\"name\":\"紫云路\",\"category\":\"street\",\"division\":\"500112\",\"reason\":\"\xd0\xc2\xbd\xa8\"}", status: 400, must: []string{"bad-text"}},
		{name: "half a character", method: "POST", path: "/api/proposals", body: `{"kind":"new","name":"紫云路","category":"street","division":"500112","reason":"\ud800"}`, status: 400, must: []string{"bad-text"}},
		{name: "half a character and another", method: "POST", path: "/api/proposals", body: `{"kind":"new","name":"紫云路","category":"street","division":"500112","reason":"\ud83d\u0041"}`, status: 400, must: []string{"bad-text"}},
		{name: "a whole character in two halves", method: "POST", path: "/api/proposals", body: `{"kind":"new","name":"紫云路","category":"street","division":"500112","reason":"\\ud800 \ud83d\ude00"}`, status: 201, must: []string{"\\\\ud800 😀"}},
		{name: "a reason of novels", method: "POST", path: "/api/proposals", body: with("reason", strings.Repeat("新", 4001)), status: 400, must: []string{"text-too-long", "reason"}},
		{name: "facts of novels", method: "POST", path: "/api/proposals", body: with("facts", object{"a": strings.Repeat("x", 70_000)}), status: 400, must: []string{"text-too-long", "facts"}},
		{name: "facts nobody asks for", method: "POST", path: "/api/proposals", body: with("facts", object{"width": 24, "storeys": 2.5}), status: 422, must: []string{"facts-wrong", "fact-unknown", "/facts/width", "/facts/storeys", "roadWidthM"}},
		{name: "facts of a check", method: "POST", path: "/api/name-checks", body: object{"name": "紫云路", "category": "street", "division": "500112", "facts": object{"roadWidthM": "24"}}, status: 422, must: []string{"bad-fact", "不小于 0 的数"}},
		{name: "as deep as may be", method: "POST", path: "/api/proposals", body: `{"reason":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + "}", status: 400, must: []string{"bad-json"}},
		{name: "too deep", method: "POST", path: "/api/proposals", body: `{"reason":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "}", status: 400, must: []string{"too-deep", "第 110 个字节", "100 层"}},
		{name: "half a million deep", method: "POST", path: "/api/name-checks", body: strings.Repeat("[", 500_000), status: 400, must: []string{"too-deep"}},
		{name: "brackets in a text", method: "POST", path: "/api/name-checks", body: object{"name": strings.Repeat("[", 49) + `\"` + strings.Repeat("{", 49), "category": "street", "division": "500112"}, status: 200, must: []string{"verdict"}},
		{name: "a field of a long name", method: "POST", path: "/api/name-checks", body: object{strings.Repeat("n", 1025): 1}, status: 400, must: []string{"field-name-too-long", "1024 字节"}},
		{name: "a field of a name as long as may be", method: "POST", path: "/api/name-checks", body: object{strings.Repeat("n", 1024): 1}, status: 400, must: []string{"bad-json"}},
		{name: "a text of more than a MiB", method: "POST", path: "/api/name-checks", body: object{"name": strings.Repeat("x", 1<<20)}, status: 413, must: []string{"1048576"}},
		{name: "an id that is none", method: "POST", path: "/api/proposals", body: with("placeId", "five"), status: 400, must: []string{"编号"}, mustNot: []string{"无法读取"}},
		{name: "an id of numbers", method: "POST", path: "/api/proposals", body: with("placeId", 5), status: 400, must: []string{"应为编号"}},
		{name: "a key", method: "POST", path: "/api/proposals", body: name, headers: key("\xff"), status: 400, must: []string{"bad-text"}},
		{name: "no object", method: "POST", path: "/api/proposals", body: "[]", status: 400, must: []string{"bad-json", "应为对象"}, mustNot: []string{"struct"}},
		{name: "a category of numbers", method: "POST", path: "/api/proposals", body: with("category", 5), status: 400, must: []string{"应为字符串"}, mustNot: []string{"gazetteer"}},
	} {
		t.Run(sc.name, func(t *testing.T) { sc.run(t, clerk) })
	}
}

// TestGuessesInParallelAreCounted sends wrong passwords all at once.
func TestGuessesInParallelAreCounted(t *testing.T) {
	w := newWorld(t)
	statuses := make([]int, 12)
	var all sync.WaitGroup
	for n := range statuses {
		all.Go(func() {
			res, err := http.Post(w.url+"/api/session", "application/json", strings.NewReader(`{"account":"south","password":"wrong one"}`))
			if err == nil {
				statuses[n] = res.StatusCode
				_ = res.Body.Close()
			}
		})
	}
	all.Wait()
	tried := 0
	for _, status := range statuses {
		if status == http.StatusUnauthorized {
			tried++
		}
	}
	if tried != 5 {
		t.Errorf("%d of 12 guesses were tried: %v", tried, statuses)
	}
}

// TestASessionThatCannotBeWrittenIsOneProblem makes writing sessions fail: nothing of the answer may follow the problem.
func TestASessionThatCannotBeWrittenIsOneProblem(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "north")
	_, err := w.db.Owner.Exec(t.Context(), `alter table session add constraint shut check (false) not valid`)
	must(t, err)
	res, body := v.send(t, "GET", "/api/lines", nil, nil)
	d := json.NewDecoder(bytes.NewReader(body))
	var p object
	if err := d.Decode(&p); err != nil || res.StatusCode != 503 || p.text("code") != "sessions" || d.More() {
		t.Errorf("%d %s %v", res.StatusCode, body, err)
	}
}

// TestAnActionSaysWhatIsMeant sends what would be taken for something else: a vote without a direction must not count as
// one against, and a day of the year 0 is a slip.
func TestAnActionSaysWhatIsMeant(t *testing.T) {
	w := newWorld(t)
	made := w.as(t, "clerk").want(t, 201, "POST", "/api/proposals",
		object{"kind": "new", "name": "紫云路", "category": "street", "division": "500112", "reason": "新建"}, nil)
	path := "/api/proposals/" + made.text("id") + "/actions"
	w.as(t, "clerk").want(t, 200, "POST", path, object{"action": "accept"}, map[string]string{"If-Match": `"1"`})
	paper := object{"title": "批复", "number": "渝1号"}
	for _, sc := range []scenario{
		{name: "a vote for nothing", body: object{"action": "vote"}, must: []string{"approve-missing"}},
		{name: "two papers", body: object{"action": "approve", "documents": []object{paper, paper}}, must: []string{"one-document"}},
		{name: "a name from the year 0 on", body: object{"action": "approve", "validFrom": "0000-01-01", "documents": []object{paper}}, must: []string{"bad-day", "1900"}},
		{name: "a reason of novels", body: object{"action": "vote", "approve": true, "reason": strings.Repeat("好", 4001)}, must: []string{"text-too-long"}},
	} {
		sc.method, sc.path, sc.status, sc.headers = "POST", path, 400, map[string]string{"If-Match": `"2"`}
		t.Run(sc.name, func(t *testing.T) { sc.run(t, w.as(t, "seat-1")) })
	}
	if p := w.as(t, "clerk").want(t, 200, "GET", "/api/proposals/"+made.text("id"), nil, nil); len(p.list("votes")) != 0 {
		t.Errorf("a vote was counted: %v", p["votes"])
	}
}

// TestMadeUpMethodsAreCountedTogether keeps strangers from filling the metrics.
func TestMadeUpMethodsAreCountedTogether(t *testing.T) {
	v := newWorld(t).visitor(t)
	for _, method := range []string{"FOO", "BAR"} {
		req, err := http.NewRequest(method, v.url+"/healthz", nil)
		must(t, err)
		res, err := v.client.Do(req)
		must(t, err)
		must(t, res.Body.Close())
	}
	if _, page := v.send(t, "GET", "/metrics", nil, nil); bytes.Contains(page, []byte("FOO")) || !bytes.Contains(page, []byte(`method="other"`)) {
		t.Error("the metrics count methods that are none")
	}
}

// TestAProgrammeHasAShortName sends a name that no index takes, and one with signs nobody sees.
func TestAProgrammeHasAShortName(t *testing.T) {
	w := newWorld(t)
	city := w.as(t, "city")
	name := make([]byte, 6000)
	for i := range name { // hard to compress
		name[i] = 'a' + byte(i*i*7%911%26)
	}
	for _, programme := range []string{string(name), "第四轮\n联检", "\u202e第四轮"} {
		sc := scenario{method: "POST", path: "/api/inspections", status: 400, must: []string{"bad-programme"}, body: object{
			"programme": programme, "round": 4, "lineId": w.line.String(),
			"leadOffice": w.offices["north"].String(), "cooperatingOffice": w.offices["south"].String(),
		}}
		sc.run(t, city)
	}
}

func TestAnotherContentTypeIsNotRead(t *testing.T) {
	w := newWorld(t)
	body := object{"kind": "new", "name": "紫云路", "category": "street", "division": "500112"}
	for kind, status := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "text/plain": 415, "application/x-www-form-urlencoded": 415,
	} {
		w.as(t, "clerk").want(t, status, "POST", "/api/name-checks", body, map[string]string{"Content-Type": kind})
	}
}
