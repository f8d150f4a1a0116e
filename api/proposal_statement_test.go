package api_test

import (
	"strings"
	"testing"
)

// TestStatementsOverHTTP applies for a name after somebody, and explains, clears and tries another pack, each once and at one version.
func TestStatementsOverHTTP(t *testing.T) {
	w := newWorld(t)
	clerk, city := w.as(t, "clerk"), w.as(t, "city")
	body := object{
		"kind": "new", "name": "松翎路", "category": "street", "division": "500112", "reason": "新建", "facts": object{"meaning": "松翎，传说中的人物"},
		"statements": []object{{"rule": "N9.4-person", "part": "松翎", "reason": "松与翎，形容山势"}},
	}
	wrong := object{}
	for k, v := range body {
		wrong[k] = v
	}
	wrong["statements"] = []object{{"rule": "N9.4-person", "part": "翎", "reason": "x"}}
	if p := clerk.want(t, 422, "POST", "/api/proposals", wrong, nil); p.text("code") != "statement-idle" || p.list("findings")[0].text("pointer") != "/statements/0" {
		t.Errorf("an explanation of nothing: %v", p)
	}
	many := object{"kind": "new", "name": "松翎路", "category": "street", "division": "500112", "reason": "新建", "statements": make([]object, 101)}
	wantCode(t, clerk.code(t, 400, "POST", "/api/proposals", many, nil), "too-many-statements")

	made := clerk.want(t, 201, "POST", "/api/proposals", body, nil)
	path := "/api/proposals/" + made.text("id")
	if s := made.list("statements"); len(s) != 1 || s[0].text("kind") != "explain" || s[0].text("reason") != "松与翎，形容山势" || made.text("speaks") != "explain" {
		t.Errorf("explained: %v", made)
	}
	say := object{"kind": "clear", "rule": "N9.4-person", "part": "松翎", "reason": "查无此人"}
	with := func(more object) object {
		all := object{}
		for k, v := range say {
			all[k] = v
		}
		for k, v := range more {
			all[k] = v
		}
		return all
	}
	wantCode(t, city.code(t, 428, "POST", path+"/statements", say, nil), "if-match-missing")
	wantCode(t, clerk.code(t, 403, "POST", path+"/statements", say, seen(made)), "not-yours")
	for code, more := range map[string]object{"bad-statement": {"kind": "approve"}, "reason-missing": {"reason": " "}, "bad-text": {"reason": "a\u202eb"}, "text-too-long": {"reason": strings.Repeat("新", 4001)}} {
		wantCode(t, city.code(t, 400, "POST", path+"/statements", with(more), seen(made)), code)
	}
	once := seen(made)
	once["Idempotency-Key"] = "say-1"
	first := city.want(t, 201, "POST", path+"/statements", say, once)
	again := city.want(t, 201, "POST", path+"/statements", say, once)
	if len(first.list("statements")) != 2 || len(again.list("statements")) != 2 || first["version"] != again["version"] || first.text("speaks") != "clear" {
		t.Errorf("once and again: %v %v", first, again)
	}
	wantCode(t, city.code(t, 412, "POST", path+"/statements", say, seen(made)), "stale")
	city.want(t, 201, "POST", path+"/statements", with(object{"withdraws": true, "reason": "再查"}), seen(first))
	if s := clerk.want(t, 200, "GET", path, nil, nil).list("statements"); len(s) != 3 || s[1]["inForce"] != false || s[2]["withdraws"] != true {
		t.Errorf("withdrawn: %v", s)
	}
	history := city.want(t, 200, "GET", "/api/journal?subject=proposal/"+made.text("id"), nil, nil).list("items")
	verbs := ""
	for _, h := range history {
		verbs += h.text("verbLabel") + " "
	}
	if verbs != "撤回认定 审核单位认定 申报单位说明 申报 " {
		t.Errorf("the history: %s", verbs)
	}

	tried := city.want(t, 200, "GET", path+"/verdict?pack=national-2022", nil, nil)
	if tried.object("own").text("pack") != "chongqing-2022" || tried.object("other").text("pack") != "national-2022" || len(tried.list("rules")) == 0 || len(tried.list("rules")[0].list("same")) == 0 {
		t.Errorf("tried: %v", tried)
	}
	wantCode(t, city.code(t, 404, "GET", path+"/verdict?pack=no-such-pack", nil, nil), "pack-unknown")
	wantCode(t, city.code(t, 400, "GET", path+"/verdict", nil, nil), "bad_parameter")
	wantCode(t, city.code(t, 400, "GET", path+"/verdict?pack=x&day=2026-01-01", nil, nil), "bad_parameter")
}
