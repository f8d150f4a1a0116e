package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"

	"fangyu/api"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/pgtest"
)

// posts is a small site with offices of a municipality, two counties and a department, without lines and places.
type posts struct {
	*site
	clock    atomic.Int64 // the time that is told, in milliseconds
	division map[string]uuid.UUID
	office   map[string]uuid.UUID
}

func newPosts(t *testing.T, configure ...func(*api.Config)) *posts {
	t.Helper()
	db := pgtest.New(t)
	p := &posts{division: map[string]uuid.UUID{}, office: map[string]uuid.UUID{}}
	p.at(today)
	importCSV(t, gazsql.New(db.Pool), "code,name\n500000,重庆市\n500105,江北区\n500112,渝北区\n500112100,龙兴镇\n")
	for _, code := range []string{"500000", "500105", "500112", "500112100"} {
		id, err := gazsql.New(db.Pool).DivisionByCode(context.Background(), code)
		must(t, err)
		p.division[code] = id
	}
	p.site = newSite(t, db, append(configure, func(c *api.Config) { c.Now = p.now })...)
	for name, code := range map[string]string{"重庆市民政局": "500000", "江北区民政局": "500105", "渝北区民政局": "500112", "龙兴镇政府": "500112100"} {
		p.makeOffice(t, name, "civil-affairs", code)
	}
	p.makeOffice(t, "渝北区住建委", "competent-department", "500112")
	p.makeAccount(t, "city-admin", "重庆市民政局", gazetteer.Administrator)
	p.makeAccount(t, "yb-admin", "渝北区民政局", gazetteer.Administrator)
	p.makeAccount(t, "zj-admin", "渝北区住建委", gazetteer.Administrator)
	p.makeAccount(t, "yb-leader", "渝北区民政局", gazetteer.PartyLeader)
	p.makeAccount(t, "jb-leader", "江北区民政局", gazetteer.PartyLeader)
	p.makeAccount(t, "lx-clerk", "龙兴镇政府", gazetteer.Clerk)
	return p
}

// at sets the time.
func (p *posts) at(when time.Time) { p.clock.Store(when.UnixMilli()) }

func (p *posts) now() time.Time { return time.UnixMilli(p.clock.Load()).UTC() }

func (p *posts) makeOffice(t *testing.T, name, kind, code string) {
	t.Helper()
	division := p.division[code]
	id, err := p.gaz.CreateOffice(context.Background(), importer, today, gazsql.Office{Name: name, Kind: kind, DivisionID: &division})
	must(t, err)
	p.office[name] = id
}

func (p *posts) makeAccount(t *testing.T, login, office string, roles ...gazetteer.Role) {
	t.Helper()
	_, err := p.gaz.CreateAccount(context.Background(), importer, today, gazsql.NewAccount{
		Login: login, Name: office + " " + login, Password: demoPassword, OfficeID: p.office[office], Roles: roles,
	})
	must(t, err)
	p.settle(t, login)
}

// idOf is the id of an account.
func (p *posts) idOf(t *testing.T, login string) string {
	t.Helper()
	a, err := p.gaz.AccountByLogin(context.Background(), importer, login)
	must(t, err)
	return a.ID.String()
}

// code is the code of the problem a request is answered with.
func (v visitor) code(t *testing.T, status int, method, path string, body any, headers map[string]string) string {
	t.Helper()
	return v.want(t, status, method, path, body, headers).text("code")
}

func wantCode(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got %s, wanted %s", got, want)
	}
}

var idInPath = regexp.MustCompile(`:\w+`)

func TestFirstPasswordMustBeChanged(t *testing.T) {
	p := newPosts(t)
	admin := p.as(t, "yb-admin")
	made := admin.want(t, 201, "POST", "/api/accounts", object{
		"account": "newcomer", "name": "渝北区民政局 新人", "officeId": p.office["渝北区民政局"], "roles": []string{"clerk"},
	}, nil)
	first := made.text("password")
	if len(first) < 16 || made["mustChangePassword"] != true {
		t.Fatalf("made %v", made)
	}
	if again := admin.want(t, 200, "GET", "/api/accounts/"+made.text("id"), nil, nil); again["password"] != nil {
		t.Error("the first password is shown again")
	}
	v := p.visitor(t)
	if who := v.want(t, 200, "POST", "/api/session", object{"account": "newcomer", "password": first}, nil); who["mustChangePassword"] != true {
		t.Errorf("signed in as %v", who)
	}
	open := map[string]bool{"GET /api/session": true, "PUT /api/session/password": true, "DELETE /api/session": true}
	closed := 0
	for _, r := range p.server.Routes() {
		if !r.SignedIn || open[r.Method+" "+r.Path] {
			continue
		}
		closed++
		wantCode(t, v.code(t, 403, r.Method, idInPath.ReplaceAllString(r.Path, nobody), nil, nil), "password-must-change")
	}
	if closed < 20 {
		t.Errorf("only %d routes were tried", closed)
	}
	change := func(current, next string) object { return object{"current": current, "new": next} }
	wantCode(t, v.code(t, 403, "PUT", "/api/session/password", change("not it at all", "another password"), nil), "password-wrong")
	wantCode(t, v.code(t, 400, "PUT", "/api/session/password", change(first, "口令口令"), nil), "weak-password")
	wantCode(t, v.code(t, 400, "PUT", "/api/session/password", change(first, "Newcomer"), nil), "weak-password")
	wantCode(t, v.code(t, 400, "PUT", "/api/session/password", change(first, first), nil), "same-password")
	if who := v.want(t, 200, "PUT", "/api/session/password", change(first, "my own password"), nil); who["mustChangePassword"] != false {
		t.Errorf("after the change: %v", who)
	}
	v.want(t, 200, "GET", "/api/proposals", nil, nil)
	p.visitor(t).want(t, 401, "POST", "/api/session", object{"account": "newcomer", "password": first}, nil)
	p.visitor(t).want(t, 200, "POST", "/api/session", object{"account": "newcomer", "password": "my own password"}, nil)
}

func TestPasswordChangeEndsEveryOtherSession(t *testing.T) {
	p := newPosts(t)
	here, there, other := p.as(t, "yb-leader"), p.as(t, "yb-leader"), p.as(t, "jb-leader")
	before := here.cookie(t)
	here.want(t, 200, "PUT", "/api/session/password", object{"current": demoPassword, "new": "quite another one"}, nil)
	if here.cookie(t) == before {
		t.Error("the session kept its token")
	}
	p.with(t, before).want(t, 401, "GET", "/api/session", nil, nil)
	there.want(t, 401, "GET", "/api/session", nil, nil)
	here.want(t, 200, "GET", "/api/session", nil, nil)
	other.want(t, 200, "GET", "/api/session", nil, nil)
}

// cookie is the session's token as the visitor has it.
func (v visitor) cookie(t *testing.T) string {
	t.Helper()
	at, err := url.Parse(v.url)
	must(t, err)
	for _, c := range v.client.Jar.Cookies(at) {
		if c.Name == "fangyu_session" {
			return c.Value
		}
	}
	return ""
}

// with is a visitor who brings a token.
func (s *site) with(t *testing.T, token string) visitor {
	t.Helper()
	v := s.visitor(t)
	at, err := url.Parse(s.url)
	must(t, err)
	v.client.Jar.(*cookiejar.Jar).SetCookies(at, []*http.Cookie{{Name: "fangyu_session", Value: token, Path: "/"}})
	return v
}

func TestSessionsEndByThemselves(t *testing.T) {
	p := newPosts(t)
	ctx := context.Background()
	v := p.as(t, "yb-leader")
	var idle float64
	row := func() (data []byte) {
		must(t, p.db.Pool.QueryRow(ctx, `select data, extract(epoch from expiry - now())::float8 from session where ended_at is null`).Scan(&data, &idle))
		return data
	}
	deadline, values, err := scs.GobCodec{}.Decode(row())
	must(t, err)
	if idle < 29*60 || idle > 30*60 || time.Until(deadline) < 12*time.Hour-time.Minute || time.Until(deadline) > 12*time.Hour {
		t.Errorf("idle for %v s, at most until %v", idle, deadline)
	}
	data, err := scs.GobCodec{}.Encode(time.Now().Add(10*time.Minute), values) // as if begun long ago
	must(t, err)
	_, err = p.db.Pool.Exec(ctx, `update session set data = $1`, data)
	must(t, err)
	v.want(t, 200, "GET", "/api/session", nil, nil)
	if row(); idle > 10*60 {
		t.Errorf("a request carried the session %v s on, beyond its twelve hours", idle)
	}
	_, err = p.db.Pool.Exec(ctx, `update session set expiry = now() - interval '1 second'`)
	must(t, err)
	v.want(t, 401, "GET", "/api/session", nil, nil)
}

func TestSessionTokenIsNewAtSignInAndWithOtherRoles(t *testing.T) {
	p := newPosts(t)
	fixed := p.with(t, "a-token-somebody-else-chose")
	fixed.want(t, 200, "POST", "/api/session", object{"account": "yb-leader", "password": demoPassword}, nil)
	first := fixed.cookie(t)
	if first == "a-token-somebody-else-chose" {
		t.Error("a token brought along was taken over")
	}
	fixed.want(t, 200, "POST", "/api/session", object{"account": "yb-leader", "password": demoPassword}, nil)
	second := fixed.cookie(t)
	if second == first {
		t.Error("the token is the same after signing in again")
	}
	p.with(t, first).want(t, 401, "GET", "/api/session", nil, nil)

	fixed.confirm(t)
	path := "/api/accounts/" + p.idOf(t, "yb-leader")
	admin := p.as(t, "yb-admin")
	admin.want(t, 200, "PUT", path, object{"name": "渝北区民政局 科长", "officeId": p.office["渝北区民政局"], "roles": []string{"party-leader", "clerk"}},
		seen(admin.want(t, 200, "GET", path, nil, nil)))
	who := fixed.want(t, 200, "GET", "/api/session", nil, nil)
	if who["confirmedUntil"] != nil || len(who["roles"].([]any)) != 2 {
		t.Errorf("after the change of roles: %v", who)
	}
	if fixed.cookie(t) == second {
		t.Error("the token is the same after a change of roles")
	}
	p.with(t, second).want(t, 401, "GET", "/api/session", nil, nil)
	fixed.want(t, 200, "GET", "/api/session", nil, nil)
}

func TestWhatIsWithdrawnIsGoneAtTheNextRequest(t *testing.T) {
	p := newPosts(t)
	admin, leader := p.as(t, "yb-admin"), p.as(t, "yb-leader")
	path := "/api/accounts/" + p.idOf(t, "yb-leader")
	token := leader.want(t, 201, "POST", "/api/account/tokens", object{"name": "手机", "days": 30}, nil).text("token")
	bearer := map[string]string{"Authorization": "Bearer " + token}
	device := p.visitor(t)
	device.want(t, 200, "GET", "/api/tracks", nil, bearer)

	act := func(action string) {
		t.Helper()
		began := time.Now()
		admin.want(t, 200, "POST", path+"/actions", object{"action": action, "reason": "调离"}, seen(admin.want(t, 200, "GET", path, nil, nil)))
		if took := time.Since(began); took > time.Second {
			t.Logf("%s took %v", action, took)
		}
	}
	act("end-sessions")
	leader.want(t, 401, "GET", "/api/tracks", nil, nil)
	device.want(t, 200, "GET", "/api/tracks", nil, bearer) // a device is not a session
	leader = p.as(t, "yb-leader")
	kept := leader.cookie(t)
	act("disable")
	leader.want(t, 401, "GET", "/api/tracks", nil, nil)
	device.want(t, 401, "GET", "/api/tracks", nil, bearer)
	p.visitor(t).want(t, 401, "POST", "/api/session", object{"account": "yb-leader", "password": demoPassword}, nil)
	act("enable")
	p.with(t, kept).want(t, 401, "GET", "/api/session", nil, nil) // what was over stays over
	device.want(t, 401, "GET", "/api/tracks", nil, bearer)
	p.as(t, "yb-leader").want(t, 200, "GET", "/api/tracks", nil, nil)

	// The office closes: its people are out.
	clerk := p.as(t, "lx-clerk")
	town := "/api/offices/" + p.office["龙兴镇政府"].String()
	admin.want(t, 200, "PUT", town, object{"name": "龙兴镇政府", "kind": "township-government", "divisionId": p.division["500112100"], "validTo": "2026-01-01"},
		seen(admin.want(t, 200, "GET", town, nil, nil)))
	clerk.want(t, 401, "GET", "/api/session", nil, nil)
}

// TestAnEndedSessionStaysEnded: a request that was running while its session was ended must not write it back.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	p := newPosts(t)
	v := p.as(t, "yb-leader")
	token := v.cookie(t)
	ctx := context.Background()
	tx, err := p.db.Pool.Begin(ctx) // ends the session while the request is waiting to write its own
	must(t, err)
	_, err = tx.Exec(ctx, `update session set ended_at = now(), data = ''`)
	must(t, err)
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		res, err := v.client.Get(v.url + "/api/session")
		if err == nil {
			res.Body.Close()
		}
	}()
	for waiting := 0; waiting == 0; time.Sleep(5 * time.Millisecond) {
		must(t, p.db.Pool.QueryRow(ctx, `select count(*)::int from pg_stat_activity where wait_event_type = 'Lock' and query like '%insert into session%'`).Scan(&waiting))
	}
	must(t, tx.Commit(ctx))
	<-answered
	p.with(t, token).want(t, 401, "GET", "/api/session", nil, nil)
}

func TestOwnSessionsAreListedAndEnded(t *testing.T) {
	p := newPosts(t)
	v, elsewhere, third := p.as(t, "yb-leader"), p.as(t, "yb-leader"), p.as(t, "yb-leader")
	p.as(t, "jb-leader")
	items := v.want(t, 200, "GET", "/api/account/sessions", nil, nil).list("items")
	if len(items) != 3 || items[2]["current"] != true || items[0]["current"] != false || items[0].text("peer") != "127.0.0.1" || !strings.HasPrefix(items[0].text("agent"), "Go-http-client") {
		t.Fatalf("sessions: %v", items)
	}
	v.want(t, 204, "DELETE", "/api/account/sessions/"+items[0].text("id"), nil, nil)
	third.want(t, 401, "GET", "/api/session", nil, nil)
	wantCode(t, v.code(t, 404, "DELETE", "/api/account/sessions/"+items[0].text("id"), nil, nil), "session-unknown")
	wantCode(t, p.as(t, "jb-leader").code(t, 404, "DELETE", "/api/account/sessions/"+items[1].text("id"), nil, nil), "session-unknown")
	v.want(t, 204, "DELETE", "/api/account/sessions", nil, nil)
	elsewhere.want(t, 401, "GET", "/api/session", nil, nil)
	v.want(t, 200, "GET", "/api/session", nil, nil)
	v.want(t, 204, "DELETE", "/api/session", nil, nil)
	p.with(t, v.cookie(t)).want(t, 401, "GET", "/api/session", nil, nil)
}

// try signs in with a wrong password, through a proxy when forwarded is given, and returns the status.
func (p *posts) try(t *testing.T, account, forwarded string) int {
	t.Helper()
	headers := map[string]string{}
	if forwarded != "" {
		headers["X-Forwarded-For"] = forwarded
	}
	res, _ := p.visitor(t).send(t, "POST", "/api/session", object{"account": account, "password": "wrong one"}, headers)
	return res.StatusCode
}

func TestGuessingIsLimitedByAccount(t *testing.T) {
	p := newPosts(t)
	for _, account := range []string{"yb-leader", "nobody-here"} {
		for n := range 7 {
			want := 401
			if n >= 5 {
				want = 429
			}
			if got := p.try(t, account, fmt.Sprintf("10.0.0.%d", n)); got != want { // a forged address changes nothing
				t.Errorf("%s, try %d: %d, wanted %d", account, n+1, got, want)
			}
		}
	}
	p.visitor(t).want(t, 429, "POST", "/api/session", object{"account": "yb-leader", "password": demoPassword}, nil)
	p.at(today.Add(15*time.Minute + time.Second))
	p.as(t, "yb-leader")

	// Whoever sits at an open session cannot guess the password there either.
	v := p.as(t, "jb-leader")
	for range 5 {
		wantCode(t, v.code(t, 403, "POST", "/api/session/confirm", object{"password": "wrong one"}, nil), "password-wrong")
	}
	v.want(t, 429, "POST", "/api/session/confirm", object{"password": demoPassword}, nil)
	v.want(t, 429, "PUT", "/api/session/password", object{"current": demoPassword, "new": "quite another one"}, nil)
}

func TestGuessingIsLimitedByNetwork(t *testing.T) {
	for _, c := range []struct {
		name      string
		proxies   []string
		forwarded func(n int) string
		blocked   bool
	}{
		{"no proxy", nil, func(int) string { return "" }, true},
		{"forged without a proxy", nil, func(n int) string { return fmt.Sprintf("10.0.%d.1", n) }, true},
		{"forged past another proxy", []string{"192.0.2.7"}, func(n int) string { return fmt.Sprintf("10.0.%d.1", n) }, true},
		{"many networks behind the proxy", []string{"127.0.0.0/8"}, func(n int) string { return fmt.Sprintf("10.0.%d.1", n) }, false},
		{"forged behind the proxy", []string{"127.0.0.1"}, func(n int) string { return fmt.Sprintf("10.0.%d.1, 203.0.113.9", n) }, true},
		{"one subscriber of IPv6 behind the proxy", []string{"127.0.0.1"}, func(n int) string { return fmt.Sprintf("2001:db8::%x", n+1) }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &posts{}
			p.site = newSite(t, pgtest.New(t), func(cfg *api.Config) {
				cfg.TrustedProxies, cfg.Attempts = c.proxies, api.AttemptLimit{}
			})
			got := 0
			for n := range 6 {
				got = p.try(t, fmt.Sprintf("nobody-%d", n), c.forwarded(n))
			}
			if (got == 429) != c.blocked {
				t.Errorf("the last try is answered %d", got)
			}
		})
	}
}

// TestAnOfficeBehindOneAddressIsNotShutOut has people mistype and get in; who never gets in stays counted.
func TestAnOfficeBehindOneAddressIsNotShutOut(t *testing.T) {
	p := newPosts(t, func(cfg *api.Config) { cfg.Attempts = api.AttemptLimit{} })
	for range 4 {
		if got := p.try(t, "yb-leader", ""); got != 401 {
			t.Fatalf("a slip is answered %d", got)
		}
		p.as(t, "yb-leader")
	}
	for n := range 4 {
		p.try(t, fmt.Sprintf("nobody-%d", n), "")
	}
	p.as(t, "jb-leader") // gets in, and takes nothing of the others back
	if got := p.try(t, "nobody-4", ""); got != 401 {
		t.Errorf("the fifth is answered %d", got)
	}
	if got := p.try(t, "nobody-5", ""); got != 429 {
		t.Errorf("the sixth is answered %d", got)
	}
	p.visitor(t).want(t, 429, "POST", "/api/session", object{"account": "jb-leader", "password": demoPassword}, nil)
}

// Guesses of many accounts at once from one network are as many as those one after the other.
func TestGuessesOfManyAccountsAtOnceAreCounted(t *testing.T) {
	p := newPosts(t, func(cfg *api.Config) { cfg.Attempts = api.AttemptLimit{} })
	var judged atomic.Int32
	var all sync.WaitGroup
	for n := range 30 {
		all.Go(func() {
			if p.try(t, fmt.Sprintf("nobody-%d", n), "") == 401 {
				judged.Add(1)
			}
		})
	}
	all.Wait()
	if n := judged.Load(); n != 5 {
		t.Errorf("%d guesses were judged, want 5", n)
	}
}

// Strangers who try to sign in as an officer keep him from nothing that he does signed in.
func TestStrangersDoNotKeepAnOfficerFromSigning(t *testing.T) {
	p := newPosts(t)
	v := p.as(t, "yb-leader")
	for range 5 {
		p.try(t, "yb-leader", "")
	}
	p.visitor(t).want(t, 429, "POST", "/api/session", object{"account": "yb-leader", "password": demoPassword}, nil)
	v.want(t, 200, "POST", "/api/session/confirm", object{"password": demoPassword}, nil)
}

func TestALoginNobodyCanHaveIsRefusedLikeAnyOther(t *testing.T) {
	p := newPosts(t)
	long := strings.Repeat("a", 900_000)
	wantCode(t, p.visitor(t).code(t, 401, "POST", "/api/session", object{"account": long, "password": demoPassword}, nil), "sign-in-failed")
	wantCode(t, p.visitor(t).code(t, 401, "POST", "/api/session", object{"account": "yb-leader", "password": long}, nil), "sign-in-failed")
}

// An administrator resets a password when it is in other hands: what was made with it ends too.
func TestAResetPasswordTakesTheTokensWithIt(t *testing.T) {
	p := newPosts(t)
	token := p.as(t, "yb-leader").want(t, 201, "POST", "/api/account/tokens", object{"name": "外业手机", "days": 30}, nil).text("token")
	bearer := map[string]string{"Authorization": "Bearer " + token}
	device := p.visitor(t)
	device.want(t, 200, "GET", "/api/tracks", nil, bearer)
	admin := p.as(t, "yb-admin")
	for _, account := range admin.want(t, 200, "GET", "/api/accounts?limit=1000", nil, nil).list("items") {
		if account.text("account") == "yb-leader" {
			admin.want(t, 200, "POST", "/api/accounts/"+account.text("id")+"/actions", object{"action": "reset-password"}, seen(account))
		}
	}
	device.want(t, 401, "GET", "/api/tracks", nil, bearer)
}

func TestProxiesThatAreNone(t *testing.T) {
	for text, good := range map[string]bool{
		"10.0.0.5": true, "10.0.0.0/24": true, "2001:db8::1": true, "2001:db8::/32": true,
		"": false, "proxy.example": false, "0.0.0.0/0": false, "::/0": false, "10.0.0.0/33": false, "*": false,
	} {
		if err := api.CheckProxy(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestConfirmationIsGoodForFiveMinutes(t *testing.T) {
	p := newPosts(t)
	v := p.as(t, "yb-leader")
	if who := v.want(t, 200, "GET", "/api/session", nil, nil); who["confirmedUntil"] != nil {
		t.Errorf("signing in confirmed: %v", who)
	}
	wantCode(t, v.code(t, 403, "POST", "/api/session/confirm", object{"password": "wrong one"}, nil), "password-wrong")
	if who := v.want(t, 200, "POST", "/api/session/confirm", object{"password": demoPassword}, nil); who.text("confirmedUntil") != "2026-11-24T04:05:00Z" {
		t.Errorf("confirmed until %v", who["confirmedUntil"])
	}
	p.at(today.Add(5 * time.Minute))
	if who := v.want(t, 200, "GET", "/api/session", nil, nil); who["confirmedUntil"] == nil {
		t.Error("over before five minutes")
	}
	p.at(today.Add(5*time.Minute + time.Second))
	if who := v.want(t, 200, "GET", "/api/session", nil, nil); who["confirmedUntil"] != nil {
		t.Error("good after five minutes")
	}
}

func TestTokensReachAsFarAsTheirScopes(t *testing.T) {
	p := newPosts(t)
	v := p.as(t, "yb-leader")
	make := func(scopes ...string) map[string]string {
		body := object{"name": "外业手机", "days": 400}
		if len(scopes) > 0 {
			body["scopes"] = scopes
		}
		token := v.want(t, 201, "POST", "/api/account/tokens", body, nil).text("token")
		if !strings.HasPrefix(token, "fangyu_") || len(token) != len("fangyu_")+43 {
			t.Errorf("the token is %q", token)
		}
		return map[string]string{"Authorization": "Bearer " + token}
	}
	reading, uploading, working, usual := make("read"), make("upload"), make("work"), make()
	device := p.visitor(t)
	const proposal = `{"kind":"new"}`
	for _, c := range []struct {
		name, method, path string
		bearer             map[string]string
		wanted             string // the code of the refusal, "" for none by the door
	}{
		{"read reads", "GET", "/api/tracks", reading, ""},
		{"read does not upload", "POST", "/api/tracks", reading, "token-scope"},
		{"read does not work", "POST", "/api/proposals", reading, "token-scope"},
		{"upload uploads", "POST", "/api/tracks", uploading, "not-multipart"},
		{"upload reads no tracks", "GET", "/api/tracks", uploading, "token-scope"},
		{"upload reads no track", "GET", "/api/tracks/" + nobody, uploading, "token-scope"},
		{"upload does not work", "POST", "/api/inspections/" + nobody + "/actions", uploading, "token-scope"},
		{"work does not read", "GET", "/api/proposals", working, "token-scope"},
		{"work works", "POST", "/api/proposals/" + nobody + "/actions", working, "if-match-missing"},
		{"the usual reads", "GET", "/api/tracks", usual, ""},
		{"the usual uploads", "POST", "/api/tracks", usual, "not-multipart"},
		{"the usual does not work", "POST", "/api/proposals", usual, "token-scope"},
		{"no token makes a token", "POST", "/api/account/tokens", working, "token-not-here"},
		{"no token confirms", "POST", "/api/session/confirm", working, "token-not-here"},
		{"no token changes the password", "PUT", "/api/session/password", working, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var body any
			if c.method != "GET" {
				body = proposal
			}
			res, answer := device.send(t, c.method, c.path, body, c.bearer)
			if c.wanted != "" && !strings.Contains(string(answer), `"`+c.wanted+`"`) || c.wanted == "" && c.method == "GET" && res.StatusCode != 200 {
				t.Errorf("%d %s", res.StatusCode, answer)
			}
		})
	}
	wantCode(t, device.code(t, 403, "PUT", "/api/session/password", object{"current": demoPassword, "new": "quite another one"}, working), "token-not-here")
	who := device.want(t, 200, "GET", "/api/session", nil, uploading) // whose token it is, any token may ask
	if who.text("account") != "yb-leader" {
		t.Errorf("the token is of %v", who)
	}
	for field, body := range map[string]object{
		"bad-life": {"name": "x", "days": 401}, "name-missing": {"name": " ", "days": 1}, "bad-scope": {"name": "x", "days": 1, "scopes": []string{"all"}},
	} {
		wantCode(t, v.code(t, 400, "POST", "/api/account/tokens", body, nil), field)
	}
	wantCode(t, v.code(t, 400, "POST", "/api/account/tokens", object{"name": "x", "days": 0}, nil), "bad-life")
	var plain int
	must(t, p.db.Pool.QueryRow(context.Background(), `select count(*)::int from api_token t where $1 like '%' || encode(t.hash, 'escape') || '%' or t.prefix = $1`,
		strings.TrimPrefix(usual["Authorization"], "Bearer ")).Scan(&plain))
	if plain != 0 {
		t.Error("a token stands in the table")
	}
}

func TestTokensAreListedExpireAndAreRevoked(t *testing.T) {
	p := newPosts(t)
	v := p.as(t, "yb-leader")
	token := v.want(t, 201, "POST", "/api/account/tokens", object{"name": "外业手机", "days": 30}, nil).text("token")
	bearer := map[string]string{"Authorization": "Bearer " + token}
	one := func() object { return v.want(t, 200, "GET", "/api/account/tokens", nil, nil).list("items")[0] }
	if got := one(); got["usedAt"] != nil || got.text("prefix") != token[:len("fangyu_")+6] || got.text("expiresAt") != "2026-12-24T04:00:00Z" {
		t.Errorf("listed as %v", got)
	}
	p.visitor(t).want(t, 200, "GET", "/api/tracks", nil, bearer)
	if got := one(); got.text("usedAt") != "2026-11-24T04:00:00Z" {
		t.Errorf("last used %v", got["usedAt"])
	}
	p.at(today.Add(30 * 24 * time.Hour))
	wantCode(t, p.visitor(t).code(t, 401, "GET", "/api/tracks", nil, bearer), "bad-token")
	p.at(today)

	id := one().text("id")
	wantCode(t, p.as(t, "jb-leader").code(t, 404, "DELETE", "/api/account/tokens/"+id, nil, nil), "token-unknown")
	began := time.Now()
	v.want(t, 204, "DELETE", "/api/account/tokens/"+id, nil, nil)
	wantCode(t, p.visitor(t).code(t, 401, "GET", "/api/tracks", nil, bearer), "bad-token")
	if took := time.Since(began); took > time.Second {
		t.Errorf("a revoked token was good for up to %v", took)
	}
	if got := one(); got["revokedAt"] == nil {
		t.Errorf("listed as %v", got)
	}

	// A token is of one office: whoever moves to another leaves it behind.
	token = v.want(t, 201, "POST", "/api/account/tokens", object{"name": "仪器", "days": 30}, nil).text("token")
	path := "/api/accounts/" + p.idOf(t, "yb-leader")
	city := p.as(t, "city-admin")
	city.want(t, 200, "PUT", path, object{"name": "江北", "officeId": p.office["江北区民政局"], "roles": []string{"party-leader"}}, seen(city.want(t, 200, "GET", path, nil, nil)))
	wantCode(t, p.visitor(t).code(t, 401, "GET", "/api/tracks", nil, map[string]string{"Authorization": "Bearer " + token}), "bad-token")
}

func names(items []object, field string) []string {
	out := []string{}
	for _, i := range items {
		out = append(out, i.text(field))
	}
	slices.Sort(out)
	return out
}

// TestAdministratorsKeepTheirOwnAndBelow: what each administrator sees of the offices, accounts, sessions and tokens.
func TestAdministratorsKeepTheirOwnAndBelow(t *testing.T) {
	p := newPosts(t)
	for _, login := range []string{"yb-leader", "jb-leader", "lx-clerk"} {
		p.as(t, login).want(t, 201, "POST", "/api/account/tokens", object{"name": login, "days": 1}, nil)
	}
	yubei := []string{"lx-clerk", "yb-admin", "yb-leader", "zj-admin"}
	for login, want := range map[string]struct{ offices, accounts []string }{
		"city-admin": {[]string{"江北区民政局", "渝北区住建委", "渝北区民政局", "重庆市民政局", "龙兴镇政府"}, append([]string{"city-admin", "jb-leader"}, yubei...)},
		"yb-admin":   {[]string{"渝北区住建委", "渝北区民政局", "龙兴镇政府"}, yubei},
		"zj-admin":   {[]string{"渝北区住建委"}, []string{"zj-admin"}},
	} {
		v := p.as(t, login)
		slices.Sort(want.offices)
		slices.Sort(want.accounts)
		if got := names(v.want(t, 200, "GET", "/api/offices", nil, nil).list("items"), "name"); !slices.Equal(got, want.offices) {
			t.Errorf("%s sees the offices %v", login, got)
		}
		if got := names(v.want(t, 200, "GET", "/api/accounts", nil, nil).list("items"), "account"); !slices.Equal(got, want.accounts) {
			t.Errorf("%s sees the accounts %v", login, got)
		}
		for _, list := range []string{"/api/sessions", "/api/tokens"} {
			for _, i := range v.want(t, 200, "GET", list, nil, nil).list("items") {
				if !slices.Contains(want.accounts, i.text("account")) {
					t.Errorf("%s sees in %s what is of %s", login, list, i.text("account"))
				}
			}
		}
	}
	leader := p.as(t, "yb-leader")
	for _, path := range []string{"/api/offices", "/api/accounts", "/api/sessions", "/api/tokens", "/api/accounts/" + nobody, "/api/offices/" + nobody} {
		wantCode(t, leader.code(t, 403, "GET", path, nil, nil), "not-yours")
	}
	admin := p.as(t, "yb-admin")
	theirs := "/api/accounts/" + p.idOf(t, "jb-leader")
	version := map[string]string{"If-Match": `"1"`}
	wantCode(t, admin.code(t, 404, "GET", theirs, nil, nil), "account-unknown")
	wantCode(t, admin.code(t, 404, "PUT", theirs, object{"name": "x", "officeId": p.office["渝北区民政局"], "roles": []string{}}, version), "account-unknown")
	wantCode(t, admin.code(t, 404, "POST", theirs+"/actions", object{"action": "reset-password"}, version), "account-unknown")
	wantCode(t, admin.code(t, 404, "POST", theirs+"/identities", object{"issuer": "https://id.example", "subject": "1"}, version), "account-unknown")
	wantCode(t, admin.code(t, 404, "GET", "/api/offices/"+p.office["江北区民政局"].String(), nil, nil), "office-unknown")
	wantCode(t, admin.code(t, 404, "POST", "/api/accounts", object{"account": "spy", "name": "x", "officeId": p.office["江北区民政局"], "roles": []string{"party-leader"}}, nil), "office-unknown")
	wantCode(t, admin.code(t, 403, "POST", "/api/offices", object{"name": "影子局", "kind": "civil-affairs", "divisionId": p.division["500105"]}, nil), "not-your-division")
	wantCode(t, admin.code(t, 403, "POST", "/api/offices", object{"name": "无处局", "kind": "civil-affairs"}, nil), "not-your-division")
	wantCode(t, admin.code(t, 409, "POST", "/api/offices", object{"name": "江北区民政局", "kind": "civil-affairs", "divisionId": p.division["500112"]}, nil), "office-taken")
	for kind, list := range map[string]string{"sessions": "/api/sessions", "tokens": "/api/tokens"} {
		for _, i := range p.as(t, "city-admin").want(t, 200, "GET", list+"?account="+p.idOf(t, "jb-leader"), nil, nil).list("items") {
			wantCode(t, admin.code(t, 404, "DELETE", list+"/"+i.text("id"), nil, nil), strings.TrimSuffix(kind, "s")+"-unknown")
			p.as(t, "city-admin").want(t, 204, "DELETE", list+"/"+i.text("id"), nil, nil)
		}
	}
}

func TestAdministrationWalksThrough(t *testing.T) {
	p := newPosts(t)
	admin := p.as(t, "yb-admin")
	office := admin.want(t, 201, "POST", "/api/offices", object{"name": "渝北测绘院", "kind": "contractor", "divisionId": p.division["500112"]}, key("o1"))
	if again := admin.want(t, 201, "POST", "/api/offices", object{"name": "渝北测绘院", "kind": "contractor", "divisionId": p.division["500112"]}, key("o1")); again.text("id") != office.text("id") {
		t.Errorf("the same key made %v", again)
	}
	path := "/api/offices/" + office.text("id")
	change := object{"name": "渝北区测绘院", "kind": "contractor", "divisionId": p.division["500112"], "validFrom": "2026-01-01"}
	admin.want(t, 428, "PUT", path, change, nil)
	changed := admin.want(t, 200, "PUT", path, change, seen(office))
	admin.want(t, 412, "PUT", path, change, seen(office))
	if changed.text("name") != "渝北区测绘院" || changed.text("validFrom") != "2026-01-01" || changed["open"] != true || changed.text("divisionName") != "渝北区" {
		t.Errorf("changed to %v", changed)
	}
	wantCode(t, admin.code(t, 400, "PUT", path, object{"name": "x", "kind": "bureau"}, seen(changed)), "bad-office")
	wantCode(t, admin.code(t, 400, "PUT", path, object{"name": "x", "kind": "contractor", "divisionId": p.division["500112"], "validFrom": "2026-02-01", "validTo": "2026-01-01"}, seen(changed)), "bad-span")
	own := "/api/offices/" + p.office["渝北区民政局"].String()
	mine := admin.want(t, 200, "GET", own, nil, nil)
	wantCode(t, admin.code(t, 409, "PUT", own, object{"name": "渝北区民政局", "kind": "civil-affairs", "divisionId": p.division["500000"]}, seen(mine)), "own-office")
	wantCode(t, admin.code(t, 409, "PUT", own, object{"name": "渝北区民政局", "kind": "civil-affairs", "divisionId": p.division["500112"], "validTo": "2027-01-01"}, seen(mine)), "own-office")

	account := admin.want(t, 201, "POST", "/api/accounts", object{"account": "surveyor-1", "name": "渝北区测绘院 一组", "officeId": office.text("id"), "roles": []string{"surveyor"}}, nil)
	at := "/api/accounts/" + account.text("id")
	wantCode(t, admin.code(t, 409, "POST", "/api/accounts", object{"account": "surveyor-1", "name": "x", "officeId": office.text("id"), "roles": []string{}}, nil), "login-taken")
	wantCode(t, admin.code(t, 400, "POST", "/api/accounts", object{"account": "king", "name": "x", "officeId": office.text("id"), "roles": []string{"king"}}, nil), "bad-role")
	admin.want(t, 428, "POST", at+"/actions", object{"action": "disable", "reason": "x"}, nil)
	admin.want(t, 412, "POST", at+"/actions", object{"action": "disable", "reason": "x"}, map[string]string{"If-Match": `"99"`})
	wantCode(t, admin.code(t, 400, "POST", at+"/actions", object{"action": "disable"}, seen(account)), "reason-missing")
	wantCode(t, admin.code(t, 409, "POST", at+"/actions", object{"action": "enable"}, seen(account)), "action-not-open")
	reset := admin.want(t, 200, "POST", at+"/actions", object{"action": "reset-password"}, seen(account))
	v := p.visitor(t)
	v.want(t, 401, "POST", "/api/session", object{"account": "surveyor-1", "password": account.text("password")}, nil)
	if who := v.want(t, 200, "POST", "/api/session", object{"account": "surveyor-1", "password": reset.text("password")}, nil); who["mustChangePassword"] != true {
		t.Errorf("after a reset: %v", who)
	}
	linked := admin.want(t, 200, "POST", at+"/identities", object{"issuer": "https://id.example", "subject": "u-1"}, seen(reset))
	wantCode(t, admin.code(t, 409, "POST", at+"/identities", object{"issuer": "https://id.example", "subject": "u-1"}, seen(linked)), "identity-taken")
	wantCode(t, admin.code(t, 400, "POST", at+"/identities", object{"issuer": "id.example", "subject": "u-1"}, seen(linked)), "bad-identity")
	unlinked := admin.want(t, 200, "DELETE", at+"/identities/"+linked.list("identities")[0].text("id"), nil, seen(linked))
	if len(unlinked.list("identities")) != 0 {
		t.Errorf("unlinked: %v", unlinked)
	}
	wantCode(t, admin.code(t, 404, "DELETE", at+"/identities/"+nobody, nil, seen(unlinked)), "identity-unknown")

	self := "/api/accounts/" + p.idOf(t, "yb-admin")
	me := admin.want(t, 200, "GET", self, nil, nil)
	for _, body := range []object{
		{"name": "x", "officeId": p.office["渝北区民政局"], "roles": []string{"clerk"}},
		{"name": "x", "officeId": p.office["龙兴镇政府"], "roles": []string{"administrator"}},
	} {
		wantCode(t, admin.code(t, 409, "PUT", self, body, seen(me)), "own-account")
	}
	wantCode(t, admin.code(t, 409, "POST", self+"/actions", object{"action": "disable", "reason": "x"}, seen(me)), "own-account")

	for subject, wanted := range map[string][]string{
		"office/" + office.text("id"):   {"create", "change"},
		"account/" + account.text("id"): {"create", "reset-password", "sign-in", "add-identity", "remove-identity"},
	} {
		var verbs []string
		must(t, p.db.Super.QueryRow(context.Background(), `select array_agg(verb order by seq) from journal where subject = $1`, subject).Scan(&verbs))
		if !slices.Equal(verbs, wanted) {
			t.Errorf("the journal of %s says %v", subject, verbs)
		}
	}
	var told int
	must(t, p.db.Super.QueryRow(context.Background(), `select count(*)::int from journal where after::text like '%' || $1 || '%' or before::text like '%' || $1 || '%'`, reset.text("password")).Scan(&told))
	if told != 0 {
		t.Error("the journal holds a password")
	}
}
