package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

type importAnswer struct {
	ID      string
	State   string
	Step    int
	Version int
	Problem *struct{ Code, Detail string }
	Counts  []struct {
		Verdict string
		Rows    int
	}
}

// importUntil asks after an import until it is as wanted.
func (c *client) importUntil(id string, wanted func(importAnswer) bool) importAnswer {
	c.t.Helper()
	for until := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		var p importAnswer
		if c.get("/api/imports/"+id, &p); wanted(p) {
			return p
		}
		if time.Now().After(until) {
			c.t.Fatalf("the import stands at %+v", p)
		}
	}
}

// importOutlivesKills kills the server while it judges an import and while it commits it: the next one takes the work up, and
// every row is there once.
func importOutlivesKills(t *testing.T, s *server, data string, args ...string) {
	t.Helper()
	const rows = 4000
	var csv strings.Builder
	csv.WriteString("name,category,divisionCode,lon,lat\n")
	for i := range rows {
		fmt.Fprintf(&csv, "第%d泉,natural,500112,%.7f,29.7512345\n", i+1, 106.7+float64(i)/1e5)
	}
	places := matched(t, s, "places")
	const password = "a long password" // of an account that is not of the demo, which the browser tests closed
	if out, code := with(t, password+"\n", data, "user", "add", "importer", "--name", "导入审批", "--office", "重庆市民政局", "--division", "500000", "--role", "approver"); code != 0 {
		t.Fatalf("exit %d %s", code, out)
	}
	asSuperuser(t, data, `update account set must_change_password = false`)
	approver := s.signIn(t, "importer", password)
	req, err := http.NewRequest("POST", s.url+"/api/imports?fileName=springs.csv", strings.NewReader(csv.String()))
	if err != nil {
		t.Fatal(err)
	}
	var p importAnswer
	if status, body := approver.do(req); status != 201 || json.Unmarshal(body, &p) != nil {
		t.Fatalf("%d %s", status, body)
	}
	act := func(method, path string, body any) {
		t.Helper()
		approver.confirm(password)
		if status, answer := approver.send(method, "/api/imports/"+p.ID+path, map[string]string{"If-Match": fmt.Sprintf(`"%d"`, p.Version)}, body); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	killed := func(state string) {
		t.Helper()
		approver.importUntil(p.ID, func(p importAnswer) bool { return p.State == state && p.Step > 0 })
		s.kill()
		s = serve(t, data, args...)
		approver = s.signIn(t, "importer", password)
		p = approver.importUntil(p.ID, func(p importAnswer) bool { return p.State != "judging" && p.State != "committing" })
	}
	act("PUT", "", map[string]any{"frame": "4490", "twins": "new"})
	killed("judging")
	if p.State != "judged" || p.Problem != nil || p.Counts[2].Verdict != "new" || p.Counts[2].Rows != rows {
		t.Fatalf("after a kill the import stands at %+v", p)
	}
	act("POST", "/actions", map[string]string{"action": "commit"})
	killed("committing")
	if p.State != "committed" || p.Problem != nil {
		t.Fatalf("after a kill the import stands at %+v", p)
	}
	for until := time.Now().Add(20 * time.Second); matched(t, s, "places") != places+rows; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("there are %d places, before the import %d, in the file %d", matched(t, s, "places"), places, rows)
		}
	}
}
