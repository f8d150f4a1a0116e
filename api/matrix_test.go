package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fangyu/gazetteer"
	"fangyu/internal/trial"
)

// standpoint is an office from which somebody acts, by what it is to the records of the matrix: they are 渝北区民政局's.
type standpoint string

const (
	own        standpoint = "own"        // 渝北区民政局
	neighbour  standpoint = "neighbour"  // 江北区民政局, the other party of its line
	third      standpoint = "third"      // 渝中区民政局
	above      standpoint = "superior"   // 重庆市民政局
	committee  standpoint = "committee"  // 渝北区地名委员会
	department standpoint = "department" // 渝北区住建委
	township   standpoint = "township"   // 龙兴镇政府
	contractor standpoint = "contractor" // 渝北测绘院
	outsider   standpoint = "applicant"  // 某建设单位
)

// standpoints lists every standpoint once, with its office.
var standpoints = []struct {
	from             standpoint
	name, kind, code string
}{
	{own, "渝北区民政局", "civil-affairs", "500112"},
	{neighbour, "江北区民政局", "civil-affairs", "500105"},
	{third, "渝中区民政局", "civil-affairs", "500103"},
	{above, "重庆市民政局", "civil-affairs", "500000"},
	{committee, "渝北区地名委员会", "committee", "500112"},
	{department, "渝北区住建委", "competent-department", "500112"},
	{township, "龙兴镇政府", "township-government", "500112100"},
	{contractor, "渝北测绘院", "contractor", "500112"},
	{outsider, "某建设单位", "applicant", ""},
}

// people are who hold one of the roles at one of the offices; without roles whatever they hold, without offices anywhere.
type people struct {
	roles []gazetteer.Role
	from  []standpoint
	not   []gazetteer.Role
}

func whoever() people                               { return people{} }
func whoeverIsAt(from ...standpoint) people         { return people{from: from} }
func holders(roles ...gazetteer.Role) people        { return people{roles: roles} }
func (p people) at(from ...standpoint) people       { return people{p.roles, from, p.not} }
func (p people) but(roles ...gazetteer.Role) people { return people{p.roles, p.from, roles} }

func (p people) include(a standpoint, role gazetteer.Role) bool {
	return !slices.Contains(p.not, role) && (p.roles == nil || slices.Contains(p.roles, role)) && (p.from == nil || slices.Contains(p.from, a))
}

// outcome is what must come to people: a status, and the code of its problem where that tells more.
type outcome struct {
	to     people
	status int // done stands for any success
	code   string
}

const done = 2

// door is who gets as far as the use-case.
type door uint8

const (
	open     door = iota // everybody; who asks plays no part
	looking              // everybody, and what comes depends on who asks
	entering             // who is signed in, even before the first password is changed
	signedIn             // a session, or a token with its scope
	inPerson             // a session only
)

// rule says of a route, or of one use of it, what comes to whom: the first outcome that fits.
type rule struct {
	route    string // as the router has it
	use      string // which record or action, where there are several
	door     door
	path     string // {name} stands for an id of the matrix here and in body
	body     string
	version  string // If-Match
	outcomes []outcome
	shows    string // text that stands in an answer of success for some, and for nobody else
	to       []people
	undo     string // SQL that takes back a success
	private  bool   // the record is its account's own: a colleague's device is told that there is none
}

func (r rule) method() string { m, _, _ := strings.Cut(r.route, " "); return m }

// wanted is what must come to somebody with the role at the office.
func (r rule) wanted(from standpoint, role gazetteer.Role) outcome {
	for _, o := range r.outcomes {
		if o.to.include(from, role) {
			return o
		}
	}
	return outcome{status: -1}
}

// names reports whether anything in the rule depends on the role.
func (r rule) names(role gazetteer.Role) bool {
	speaksOf := func(p people) bool { return slices.Contains(p.roles, role) || slices.Contains(p.not, role) }
	return slices.ContainsFunc(r.outcomes, func(o outcome) bool { return speaksOf(o.to) }) || slices.ContainsFunc(r.to, speaksOf)
}

// asked are the roles as which a rule is asked from an office: all that it names, and two of those that it does not name and that
// are alike to it, other ones from each office, so that every role asks every rule from somewhere; the large sizes ask as all.
func (r rule) asked(n, office int) (roles []gazetteer.Role) {
	var alike []gazetteer.Role
	for _, role := range gazetteer.Roles {
		if r.names(role) {
			roles = append(roles, role)
		} else {
			alike = append(alike, role)
		}
	}
	for k := range min(trial.Size(2, len(alike), len(alike)), len(alike)) {
		roles = append(roles, alike[(n+2*office+k)%len(alike)])
	}
	return roles
}

func (r rule) showsTo(from standpoint, role gazetteer.Role) bool {
	return slices.ContainsFunc(r.to, func(p people) bool { return p.include(from, role) })
}

// matrix is a site with one account and session an office, whose role is changed between rows.
type matrix struct {
	*world
	t       *testing.T
	ids     map[string]string // by name, or name@standpoint where each has its own
	clients map[standpoint]visitor
	twins   sync.Map // what comes where the record never was, by rule and standpoint
	asked   atomic.Int64
	unique  atomic.Int64

	changing sync.RWMutex // held while something is done and undone
}

// TestMatrix asks every route as nobody, by token, from every office and as every role; where a rule does not look at the role, each
// role from one office at least.
func TestMatrix(t *testing.T) {
	m := newMatrix(t)
	m.coversTheRouter()
	m.linked(t) // what is asked of the ledger wants its first checkpoint
	began := time.Now()
	m.asNobody()
	m.byToken()
	var all sync.WaitGroup
	for i, s := range standpoints {
		all.Go(func() { m.asEveryRole(s.from, i) })
	}
	all.Wait()
	t.Logf("%d requests in %.1f s", m.asked.Load(), time.Since(began).Seconds())
}

// coversTheRouter holds the rules against the route table: no route without a rule, no rule without its route.
func (m *matrix) coversTheRouter() {
	served := map[string]bool{}
	for _, r := range m.server.Routes() {
		served[r.Method+" "+r.Path] = true
	}
	ruled := map[string]bool{}
	for _, r := range rules {
		ruled[r.route] = true
		if !served[r.route] {
			m.t.Errorf("%s has a rule and is not served", r.route)
		}
	}
	for route := range served {
		if !ruled[route] {
			m.t.Errorf("%s has no rule: say in matrix_rules_test.go what comes to whom", route)
		}
	}
}

// asNobody asks without a session: what is not public wants a sign-in.
func (m *matrix) asNobody() {
	for _, r := range rules {
		want := r.wanted("", "")
		if r.door > looking {
			want = outcome{status: http.StatusUnauthorized, code: "signed-out"}
		}
		m.holds(r, visit{client: &http.Client{}}, want)
	}
}

// byToken asks by the token of a surveyor's device, good for reading and uploading.
func (m *matrix) byToken() {
	v := visit{from: own, role: gazetteer.Surveyor, bearer: m.ids["bearer"], client: &http.Client{}}
	for _, r := range rules {
		want := r.wanted(own, gazetteer.Surveyor)
		_, path, _ := strings.Cut(r.route, " ")
		uploads := r.route == "POST /api/tracks" || strings.HasPrefix(path, "/api/uploads") || strings.HasPrefix(path, "/api/submissions")
		switch {
		case r.door == inPerson:
			want = outcome{status: http.StatusForbidden, code: "token-not-here"}
		case r.private && want.status == http.StatusOK:
			want = outcome{status: http.StatusNotFound}
		case r.door == signedIn && r.method() != "GET" && !uploads:
			want = outcome{status: http.StatusForbidden, code: "token-scope"}
		}
		m.holds(r, v, want)
	}
}

// asEveryRole asks from an office as each role; what does not look at who asks is asked once, at the end.
func (m *matrix) asEveryRole(from standpoint, office int) {
	v := visit{from: from, client: m.clients[from].client}
	asks := make([][]gazetteer.Role, len(rules))
	for n, r := range rules {
		asks[n] = r.asked(n, office)
	}
	for _, v.role = range gazetteer.Roles {
		if err := m.takes(from, v.role); err != nil {
			m.t.Error(err)
			return
		}
		for n, r := range rules {
			if r.door != open && slices.Contains(asks[n], v.role) {
				m.holds(r, v, r.wanted(from, v.role))
			}
		}
	}
	for _, r := range rules {
		if r.door == open {
			m.holds(r, v, r.wanted(from, v.role))
		}
	}
}

// visit is one who asks.
type visit struct {
	from   standpoint // "" for nobody
	role   gazetteer.Role
	bearer string
	client *http.Client
}

func (v visit) String() string {
	if v.from == "" {
		return "nobody"
	}
	if v.bearer != "" {
		return "a device's token"
	}
	return fmt.Sprintf("%s at %s", v.role, v.from)
}

// holds asks once and compares what comes with what is wanted. What is done and undone is seen by nobody in between.
func (m *matrix) holds(r rule, v visit, want outcome) {
	if r.undo != "" {
		m.changing.Lock()
		defer m.changing.Unlock()
	} else {
		m.changing.RLock()
		defer m.changing.RUnlock()
	}
	n := fmt.Sprint(m.unique.Add(1))
	status, body, err := m.ask(r, v, func(name string) string { return m.id(name, v.from, n) })
	if err != nil {
		m.t.Errorf("%s (%s) as %v: %v", r.route, r.use, v, err)
		return
	}
	var p struct{ Code string }
	_ = json.Unmarshal(body, &p)
	fits := status == want.status || want.status == done && status/100 == done
	if !fits || want.code != "" && p.Code != want.code {
		m.t.Errorf("%s (%s) as %v: %d %s, wanted %d %s: %.200s", r.route, r.use, v, status, p.Code, want.status, want.code, body)
		return
	}
	if status == http.StatusNotFound {
		m.isAsIfItNeverWas(r, v, n, body)
	}
	if status/100 == done && r.undo != "" {
		_, err := m.db.Super.Exec(context.Background(), m.expand(r.undo, v.from, n))
		m.check(err)
	}
	if status/100 == done && r.shows != "" {
		if text := m.expand(r.shows, v.from, n); strings.Contains(string(body), text) != r.showsTo(v.from, v.role) {
			m.t.Errorf("%s (%s) as %v: shows %q: %v: %.300s", r.route, r.use, v, text, !r.showsTo(v.from, v.role), body)
		}
	}
}

// isAsIfItNeverWas compares an answer 404 with the one for ids that never were, byte by byte but for the ids.
func (m *matrix) isAsIfItNeverWas(r rule, v visit, n string, body []byte) {
	key := r.route + r.use + v.String()
	twin, known := m.twins.Load(key)
	if !known {
		status, never, err := m.ask(r, v, func(string) string { return nobody })
		m.check(err)
		if status != http.StatusNotFound {
			m.t.Errorf("%s (%s) as %v: 404 for what is there, %d for what never was", r.route, r.use, v, status)
			return
		}
		twin = plain(never)
		m.twins.Store(key, twin)
	}
	if got := plain(body); got != twin {
		m.t.Errorf("%s (%s) as %v tells what is there from what never was:\n%s\n%s", r.route, r.use, v, got, twin)
	}
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}`)

// plain is an answer without its ids.
func plain(body []byte) string { return anyID.ReplaceAllString(string(body), "id") }

var placeholder = regexp.MustCompile(`\{[a-z][a-z-]*\}`)

// expand puts ids where their names stand.
func (m *matrix) expand(text string, from standpoint, n string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string { return m.id(strings.Trim(name, "{}"), from, n) })
}

func (m *matrix) id(name string, from standpoint, n string) string {
	if name == "n" {
		return n
	}
	if id, ok := m.ids[name+"@"+string(from)]; ok {
		return id
	}
	if id, ok := m.ids[name]; ok {
		return id
	}
	m.t.Errorf("no id is called %s", name)
	return nobody
}

func (m *matrix) ask(r rule, v visit, id func(name string) string) (int, []byte, error) {
	m.asked.Add(1)
	expand := func(text string) string {
		return placeholder.ReplaceAllStringFunc(text, func(name string) string { return id(strings.Trim(name, "{}")) })
	}
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(expand(r.body))
	}
	req, err := http.NewRequest(r.method(), m.url+expand(r.path), body)
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(r.body, "--") {
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	}
	if r.version != "" {
		req.Header.Set("If-Match", `"`+m.expand(r.version, v.from, "")+`"`)
	}
	if v.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+v.bearer)
	}
	res, err := v.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	var all bytes.Buffer
	_, err = all.ReadFrom(res.Body)
	return res.StatusCode, all.Bytes(), err
}

func (m *matrix) check(err error) {
	if err != nil {
		m.t.Error(err)
	}
}

// takes gives the account of an office one role in place of those it has.
func (m *matrix) takes(from standpoint, roles ...gazetteer.Role) error {
	_, err := m.db.Super.Exec(context.Background(), `
		with gone as (delete from account_role where account_id = $1 and role <> all ($2))
		insert into account_role (account_id, role) select $1, unnest($2::text[]) on conflict do nothing`, m.ids["account@"+string(from)], roles)
	return err
}
