package api_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/api"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// S27: no answer goes without them, also those given before the router.
func TestEveryAnswerCarriesTheHeadersOfSafety(t *testing.T) {
	db := pgtest.New(t)
	plainSite := newSite(t, db)
	tls := newSite(t, db, func(c *api.Config) { c.Secure = true })
	for _, s := range []*site{plainSite, tls} {
		for _, r := range []struct {
			method, path string
			headers      map[string]string
		}{
			{"GET", "/", map[string]string{"Accept": "text/html"}},
			{"GET", "/docs", nil},
			{"GET", "/nowhere", nil},
			{"GET", "/api/tracks", nil},
			{"GET", "/openapi.json", nil},
			{"POST", "/api/session", map[string]string{"Sec-Fetch-Site": "cross-site"}},
		} {
			res, body := s.visitor(t).send(t, r.method, r.path, nil, r.headers)
			holdsSafety(t, r.path, res, s == tls)
			if r.path == "/docs" && !strings.Contains(res.Header.Get("Content-Security-Policy"), "style-src 'sha256-") {
				t.Errorf("/docs: the styles hold by nothing: %.200s", body)
			}
		}
	}
}

func holdsSafety(t *testing.T, path string, res *http.Response, overTLS bool) {
	t.Helper()
	policy := res.Header.Get("Content-Security-Policy")
	if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "base-uri 'none'") {
		t.Errorf("%s: policy %q", path, policy)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
	} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q", path, name, got)
		}
	}
	if got := res.Header.Get("Strict-Transport-Security"); (got != "") != overTLS {
		t.Errorf("%s: Strict-Transport-Security is %q, over TLS: %v", path, got, overTLS)
	}
}

// S25: what goes wrong inside is told by a number, under which the log has the cause.
func TestErrorsTellNothingOfTheInside(t *testing.T) {
	var logged log
	s := newSite(t, pgtest.New(t), func(c *api.Config) { c.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	s.account(t, "clerk", "某局", nil, gazetteer.Clerk)
	v := s.as(t, "clerk")
	_, err := s.db.Owner.Exec(context.Background(), `alter table proposal rename to proposal_elsewhere`)
	must(t, err)
	res, body := v.send(t, "GET", "/api/proposals", nil, nil)
	if res.StatusCode != http.StatusInternalServerError {
		t.Fatalf("got %d %s", res.StatusCode, body)
	}
	for _, inside := range []string{"proposal", "relation", "42P01", "select", ".go", "/", "goroutine"} {
		if strings.Contains(strings.ReplaceAll(string(body), "about:blank", ""), inside) {
			t.Errorf("the answer tells of %q: %s", inside, body)
		}
	}
	id := res.Header.Get("X-Request-Id")
	if !strings.Contains(string(body), id) || !strings.Contains(logged.String(), "42P01") || strings.Count(logged.String(), id) < 2 {
		t.Errorf("the log does not lead from %s to the cause: %s", id, logged.String())
	}
}

// S23: a line of the log is one line, whatever is asked for.
func TestNothingAskedForWritesTheLog(t *testing.T) {
	var logged log
	s := newSite(t, pgtest.New(t), func(c *api.Config) { c.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	s.account(t, "admin", "某局", nil, gazetteer.Administrator)
	v := s.as(t, "admin")
	for _, forged := range []string{"\n", "\r\n", "\x1b[31m", "\u202e", "\u2066", "\u2028", "\x00"} {
		before := strings.Count(logged.String(), "\n")
		v.send(t, "GET", "/api/"+url.PathEscape(forged+"level=ERROR"), nil, map[string]string{"User-Agent": "x"})
		if after := strings.Count(logged.String(), "\n"); after != before+1 {
			t.Errorf("%q wrote %d lines", forged, after-before)
		}
		if forged != "\n" && strings.Contains(logged.String(), forged) {
			t.Errorf("%q stands in the log as it came", forged)
		}
		wantCode(t, v.code(t, 400, "POST", "/api/offices", object{"name": "某" + forged + "局", "kind": "applicant"}, nil), "bad-text")
		wantCode(t, v.code(t, 400, "POST", "/api/account/tokens", object{"name": "某" + forged + "仪器", "days": 1}, nil), "bad-text")
	}
}

// A body that does not keep the pace is cut off, and told so.
func TestSlowBodiesAreCutOff(t *testing.T) {
	s := newSite(t, pgtest.New(t), func(c *api.Config) { c.BodyGrace = 300 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	defer conn.Close()
	_, err = fmt.Fprint(conn, "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
	must(t, err)
	must(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	defer res.Body.Close()
	if body := readAll(t, res.Body); res.StatusCode != http.StatusRequestTimeout || !bytes.Contains(body, []byte("body-slow")) {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
}

// Who finds the pool full is told within two seconds.
func TestAFullPoolAnswersBusy(t *testing.T) {
	s := newSite(t, pgtest.New(t))
	s.account(t, "clerk", "某局", nil, gazetteer.Clerk)
	v := s.as(t, "clerk")
	var taken []*pgxpool.Conn
	for {
		conn, err := s.db.Pool.Acquire(context.Background())
		if err != nil {
			break
		}
		taken = append(taken, conn)
	}
	for _, path := range []string{"/api/search?q=x", "/api/proposals"} {
		began := time.Now()
		res, body := v.send(t, "GET", path, nil, nil)
		if took := time.Since(began); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" || took > 2*time.Second {
			t.Errorf("%s: %d after %v: %s", path, res.StatusCode, took, body)
		}
	}
	for _, conn := range taken {
		conn.Release()
	}
	v.want(t, 200, "GET", "/api/proposals", nil, nil)
}

// Whoever was in another's way may try again: two submissions with the same files in another order lock each other out.
func TestTransactionsInEachOthersWayAreBusy(t *testing.T) {
	for _, code := range []string{"40P01", "40001"} {
		got := api.DatabaseFault(fmt.Errorf("record the photo: %w", &pgconn.PgError{Code: code}))
		if got == nil || got.Kind != fault.Busy || got.Code != "database-conflict" {
			t.Errorf("%s: %v", code, got)
		}
	}
}

// With one connection for everything, no request waits for a second one while it holds the first.
func TestNoRequestWaitsForItself(t *testing.T) {
	db := *pgtest.New(t)
	address := db.DSN(cluster.App)
	if strings.Contains(address, "?") {
		address += "&pool_max_conns=1"
	} else {
		address += "?pool_max_conns=1"
	}
	one, err := postgis.Open(context.Background(), address)
	must(t, err)
	t.Cleanup(one.Close)
	db.Pool = one
	m := newMatrixOver(t, &db)
	for _, from := range []standpoint{own, above, committee} {
		v := visit{from: from, client: m.clients[from].client}
		for n, r := range rules {
			status, body, err := m.ask(r, v, func(name string) string { return m.id(name, from, fmt.Sprint(n)) })
			if err != nil || status == http.StatusServiceUnavailable {
				t.Errorf("%s (%s) as %s: %d %v %s", r.route, r.use, from, status, err, body)
			}
		}
	}
}

// S26: an office that has used up a limit is told which.
func TestQuotaOfAnOffice(t *testing.T) {
	m := newGround(t)
	district := (&matrix{world: m, t: t}).division("500112")
	m.account(t, "north", "渝北区民政局", district, gazetteer.PartyOfficer)
	v := m.as(t, "north")
	n := 0
	send := func() (*http.Response, []byte) {
		n++
		return v.send(t, "POST", "/api/tracks", upload(t, "a.gpx", fmt.Appendf(nil, "<gpx>%d</gpx>", n), "lineId", m.line.String()), nil)
	}
	if res, body := send(); res.StatusCode != http.StatusCreated {
		t.Fatalf("got %d %s", res.StatusCode, body)
	}
	_, err := m.db.Super.Exec(context.Background(), `update track set reading = '{"points": 7}'`)
	must(t, err)
	for name, most := range map[string]int64{"bytes": 5, "files": 1, "points": 7, "jobs": 1} {
		m.bound.Quota = boundsql.Quota{}
		if !m.bound.Quota.Set(name, most) {
			t.Fatalf("no limit is called %s", name)
		}
		if res, body := send(); res.StatusCode != http.StatusTooManyRequests || !bytes.Contains(body, []byte(`"quota"`)) || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
	}
	m.bound.Quota = boundsql.Quota{Bytes: 1000, Files: 2, Points: 8, Jobs: 2}
	if res, body := send(); res.StatusCode != http.StatusCreated {
		t.Errorf("within all limits: %d %s", res.StatusCode, body)
	}

	// What the administrator above sets for this office stands before what all have.
	m.account(t, "city-admin", "重庆市民政局", (&matrix{world: m, t: t}).division("500000"), gazetteer.Administrator)
	m.account(t, "north-admin", "渝北区民政局", district, gazetteer.Administrator)
	city, path := m.as(t, "city-admin"), "/api/offices/"+m.officeID(t, "渝北区民政局")+"/quota"
	if q := city.want(t, 200, "GET", path, nil, nil); q["files"] != nil || q["version"] != 0.0 {
		t.Errorf("nobody has set any: %v", q)
	}
	at := func(version string) map[string]string { return map[string]string{"If-Match": `"` + version + `"`} }
	wide := object{"files": 3, "bytes": 0}
	city.want(t, 428, "PUT", path, wide, nil)
	city.want(t, 412, "PUT", path, wide, at("1"))
	city.want(t, 400, "PUT", path, object{"files": -1}, at("0"))
	city.want(t, 404, "PUT", "/api/offices/"+nobody+"/quota", wide, at("0"))
	m.as(t, "north-admin").want(t, 409, "PUT", path, wide, at("0"))
	v.want(t, 403, "PUT", path, wide, at("0"))
	if q := city.want(t, 200, "PUT", path, wide, at("0")); q["files"] != 3.0 || q["points"] != nil || q["version"] != 1.0 {
		t.Errorf("set: %v", q)
	}
	m.bound.Quota = boundsql.Quota{Bytes: 5, Files: 2, Points: 100, Jobs: 100}
	if res, body := send(); res.StatusCode != http.StatusCreated {
		t.Errorf("within its own limits: %d %s", res.StatusCode, body)
	}
	if res, body := send(); res.StatusCode != http.StatusTooManyRequests || !bytes.Contains(body, []byte("上限 3")) {
		t.Errorf("beyond its own limits: %d %s", res.StatusCode, body)
	}
	city.want(t, 412, "PUT", path, object{}, at("0"))
	city.want(t, 200, "PUT", path, object{}, at("1"))
	if res, body := send(); res.StatusCode != http.StatusTooManyRequests || !bytes.Contains(body, []byte("上限 5")) {
		t.Errorf("as all again: %d %s", res.StatusCode, body)
	}
}

func (w *world) officeID(t *testing.T, name string) (id string) {
	t.Helper()
	must(t, w.db.Super.QueryRow(t.Context(), `select id::text from office where name = $1`, name).Scan(&id))
	return id
}

// TestReadingInBulkIsStopped lists and exports until it is too much, by account and for 15 minutes.
func TestReadingInBulkIsStopped(t *testing.T) {
	log, now := &keptLog{}, today
	w := newWorld(t, func(c *api.Config) {
		c.Reading = api.ReadingLimit{Tracks: 1, Rows: 3, Exports: 2}
		c.Now = func() time.Time { return now }
		c.Log = slog.New(slog.NewJSONHandler(log, nil))
	})
	clerk, north := w.as(t, "clerk"), w.as(t, "north")
	for _, name := range []string{"紫云路", "白鹤路", "石榴路"} {
		clerk.want(t, 201, "POST", "/api/proposals", object{"kind": "new", "name": name, "category": "street", "division": "500112", "reason": "新建"}, nil)
	}
	if got := clerk.want(t, 200, "GET", "/api/proposals?limit=2", nil, nil).list("items"); len(got) != 2 {
		t.Fatalf("%d cases", len(got))
	}
	refused := clerk.want(t, 429, "GET", "/api/proposals?limit=2", nil, nil)
	if refused.text("code") != "too-many-downloads" || !strings.Contains(refused.text("detail"), "3 行") {
		t.Errorf("the refusal says %v", refused)
	}
	clerk.want(t, 200, "GET", "/api/proposals?limit=1", nil, nil) // what was refused was not counted
	clerk.want(t, 429, "GET", "/api/proposals?limit=1", nil, nil)
	north.want(t, 200, "GET", "/api/exports/markers?limit=1", nil, nil)
	north.want(t, 200, "GET", "/api/exports/places?limit=1", nil, nil)
	if refused = north.want(t, 429, "GET", "/api/exports/markers?limit=1", nil, nil); !strings.Contains(refused.text("detail"), "2 次") {
		t.Errorf("the refusal says %v", refused)
	}
	res, _ := north.send(t, "GET", "/api/exports/places?f=csv", nil, nil)
	if h := res.Header; res.StatusCode != 429 || h.Get("Content-Type") != "application/problem+json" || h.Get("Content-Disposition") != "" {
		t.Errorf("the refusal of a file comes as one: %d %v", res.StatusCode, h)
	}
	if !strings.Contains(log.text(), "one account reads in bulk") {
		t.Error("nobody is warned")
	}
	w.visitor(t).want(t, 200, "GET", "/api/lines", nil, nil)
	now = now.Add(15*time.Minute + time.Second)
	north.want(t, 200, "GET", "/api/exports/markers?limit=1", nil, nil)
	clerk.want(t, 200, "GET", "/api/proposals?limit=2", nil, nil)
}
