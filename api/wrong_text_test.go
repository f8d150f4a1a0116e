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
		{name: "facts", method: "POST", path: "/api/proposals", body: with("facts", object{"a": "\x00"}), status: 400, must: []string{"bad-text"}},
		{name: "facts that are none", method: "POST", path: "/api/proposals", body: with("facts", 5), status: 400, must: []string{"bad-facts"}},
		{name: "a name of null", method: "POST", path: "/api/proposals", body: with("name", "a\x00b"), status: 400, must: []string{"name-unreadable"}},
		{name: "a name turned round", method: "POST", path: "/api/proposals", body: with("name", "\u202e紫云路"), status: 400, must: []string{"name-unreadable"}},
		{name: "a name of novels", method: "POST", path: "/api/proposals", body: with("name", strings.Repeat("紫", 101)), status: 400, must: []string{"name-too-long"}},
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
