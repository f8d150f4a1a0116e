package api_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"
	"time"
)

// audited asks for an audit of the visitor's own jurisdiction and returns its id when it is made.
func (w *world) audited(t *testing.T, v visitor) string {
	t.Helper()
	id := v.want(t, 201, "POST", "/api/audits", object{}, key(fmt.Sprint("audit", time.Now()))).text("id")
	for until := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		a := v.want(t, 200, "GET", "/api/audits/"+id, nil, nil)
		if a.text("state") == "done" {
			return id
		}
		if time.Now().After(until) || a.text("state") == "failed" {
			t.Fatalf("the audit is not made: %v", a)
		}
	}
}

func TestAnAuditOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk, other := w.as(t, "clerk"), w.as(t, "south")
	id := w.audited(t, clerk)
	path := "/api/audits/" + id
	a := clerk.want(t, 200, "GET", path, nil, nil)
	if a.text("divisionName") != "渝北区" || len(a.list("counts")) == 0 {
		t.Fatalf("got %v", a)
	}
	all := clerk.want(t, 200, "GET", path+"/findings", nil, nil).list("items")
	first := clerk.want(t, 200, "GET", path+"/findings?limit=1", nil, nil)
	rest := clerk.want(t, 200, "GET", path+"/findings?limit=1000&next="+first.text("next"), nil, nil).list("items")
	if len(all) < 2 || len(rest) != len(all)-1 {
		t.Errorf("%d findings, after the first %d", len(all), len(rest))
	}
	act := fmt.Sprintf("%s/findings/%v/actions", path, all[0]["n"])
	wantCode(t, clerk.code(t, 400, "POST", act, object{"action": "set-aside"}, nil), "reason-missing")
	looked := clerk.want(t, 200, "POST", act, object{"action": "set-aside", "reason": "=HYPERLINK(1)"}, nil)
	if looked.object("looked").text("reason") != "=HYPERLINK(1)" {
		t.Errorf("got %v", looked)
	}
	wantCode(t, clerk.code(t, 409, "POST", act, object{"action": "set-aside", "reason": "再看"}, nil), "finding-looked-at")
	if open := clerk.want(t, 200, "GET", path+"/findings?looked=false", nil, nil).list("items"); len(open) != len(all)-1 {
		t.Errorf("%d of %d are open", len(open), len(all))
	}
	res, body := clerk.send(t, "GET", path+"/findings.xlsx?looked=true", nil, nil)
	if _, err := zip.NewReader(bytes.NewReader(body), int64(len(body))); err != nil || res.StatusCode != 200 {
		t.Errorf("%d %v", res.StatusCode, err)
	}
	if a.text("pack") != "national-2022" && a.text("pack") != "chongqing-2022" || a.text("packTitle") == "" {
		t.Errorf("judged by %v", a)
	}
	for _, r := range a.list("rules") {
		by := clerk.want(t, 200, "GET", path+"/findings?limit=10000&rule="+r.text("rule"), nil, nil).list("items")
		if n := r["open"].(float64) + r["looked"].(float64); len(by) != int(n) || len(by) == 0 || by[0].text("rule") != r.text("rule") || by[0].text("pack") != r.text("pack") {
			t.Errorf("%d findings of %v", len(by), r)
		}
	}
	wantCode(t, clerk.code(t, 404, "POST", "/api/audits", object{"pack": "no-such-pack"}, key("no pack")), "pack-unknown")
	for _, bad := range []string{"code=x", "severity=x", "looked=x", "next=x", "next=0", "next=99999999999"} {
		clerk.code(t, 400, "GET", path+"/findings?"+bad, nil, nil)
	}
	other.code(t, 403, "GET", path, nil, nil)
	wantCode(t, clerk.code(t, 409, "POST", path+"/actions", object{"action": "cancel"}, seen(a)), "audit-ended")
}
