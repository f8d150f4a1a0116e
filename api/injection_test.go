package api_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"fangyu/api"
	"fangyu/gazetteer"
	"fangyu/internal/trial"
)

// injections are what scanners send: text that would be another statement if it were ever pasted into one.
var injections = []string{
	`'`, `"`, `\`, `';--`, `' or '1'='1`, `' or 1=1--`, `" or ""="`, `') or ('a'='a`, `1 or 1=1`, `1) or (1=1`, `-1 union select null,null,null--`,
	`' union all select login, password_hash from account--`, `'; select pg_sleep(5)--`, `'||pg_sleep(5)--`, `1;select pg_sleep(5)`,
	`' and 1=cast((select version()) as int)--`, `'||(select string_agg(login,',') from account)||'`, `$$;drop table place;$$`, `$1`, `$1$2`, `@name`,
	`'; update account set disabled_at = now();--`, `'; copy (select 1) to program 'id';--`, `%' and '%'='`, `_%`, `\'; drop table place; --`,
	`E'\x27'`, `/**/'/**/or/**/1=1`, `';--` + "\n", "ʼ or 1=1--", "＇ or 1=1--", `{{7*7}}`, `${7*7}`, `' procedure analyse(extractvalue(1,1))--`,
	`name;drop`, `name desc, (select pg_sleep(5))`, `(case when 1=1 then 1 else 2 end)`, `array[1]`, `::text`, `x' collate "C`, `null`, `0x27`, `[]`, `{}`,
}

// usual are values of every kind that the parameters take, good and bad, so that every statement has been seen.
var usual = []string{
	"渝北", "渝", "渝北区中", "渝bei", "y", "yubeiqu", "yubei", "紫云路", "x y", "10", "0", "-1", "county", "province", "500112", "500112100", "5", nobody, "2026-11-24", "../..", "106,29,107,30",
	"place/" + nobody, "line/" + nobody, "account/" + nobody, "zz", "a\"b", "true", "street", "new", "rename", "retire", "existing", "national-2022", "json", "clerk", "",
}

// TestNoTextBecomesAStatement (S9) sends them in every string parameter, path and field: PostgreSQL has seen every
// statement that it runs then before, when the values were usual ones. Each place gets a third of them, in turn; all of
// them in a soak.
func TestNoTextBecomesAStatement(t *testing.T) {
	w := newGround(t)
	w.people(t)
	w.account(t, "admin", "系统管理处", nil, gazetteer.Administrator)
	_, err := w.db.Super.Exec(t.Context(), `create extension if not exists pg_stat_statements`)
	must(t, err)
	admin, north, clerk := w.as(t, "admin"), w.as(t, "north"), w.as(t, "clerk")
	who := func(path string) visitor {
		switch noun, _, _ := strings.Cut(strings.TrimPrefix(path, "/api/"), "/"); {
		case slices.Contains([]string{"offices", "accounts", "sessions", "tokens", "precision"}, noun):
			return admin
		case noun == "proposals" || noun == "name-checks" || noun == "places":
			return clerk
		}
		return north
	}
	shapes := append(askedByDocument(), askedByBody()...)
	if len(shapes) < 60 {
		t.Fatalf("only %d places to put a text", len(shapes))
	}
	ask := func(values []string, every int) { // every so many of them at each place, others at the next
		for n, shape := range shapes {
			for i, value := range values {
				if i%every != n%every {
					continue
				}
				method, address, body := shape(value)
				path, _, _ := strings.Cut(address, "?")
				if res, answer := who(path).send(t, method, address, body, map[string]string{"If-Match": `"1"`}); res.StatusCode >= 500 {
					t.Errorf("%s %s %v answers %d: %.300s", method, address, body, res.StatusCode, answer)
				}
			}
		}
	}
	ask(usual, 1)
	before := w.statements(t)
	ask(injections, trial.Size(3, 1, 1))
	for _, text := range w.statements(t) {
		if !slices.Contains(before, text) {
			t.Errorf("PostgreSQL has not seen this before: %s", text)
		}
	}
	if len(before) < 30 {
		t.Errorf("only %d statements were seen: what is measured here?", len(before))
	}
	_, err = w.db.Pool.Exec(t.Context(), `select login from account where login = '' or '1'='1'`) // else nothing would show
	must(t, err)
	if after := w.statements(t); len(after) == len(before) {
		t.Error("a new statement does not show")
	}
}

// statements are the texts of every statement the application has run in this database, those within functions too.
func (w *world) statements(t *testing.T) []string {
	t.Helper()
	rows, err := w.db.Super.Query(t.Context(), `
		select distinct query from pg_stat_statements s join pg_roles r on r.oid = s.userid
		where dbid = (select oid from pg_database where datname = current_database()) and rolname in ('fangyu_app', 'fangyu_owner')`)
	must(t, err)
	var all []string
	for rows.Next() {
		var text string
		must(t, rows.Scan(&text))
		all = append(all, text)
	}
	must(t, rows.Err())
	return all
}

// shape is a request with a place for a text.
type shape func(value string) (method, address string, body any)

// askedByDocument are the parameters in queries and paths that openapi.yaml describes, with the others as they should be.
func askedByDocument() (shapes []shape) {
	paths := api.Document().Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		op := paths[path].Get
		if op == nil || strings.HasPrefix(path, "/api/session/oidc") {
			continue
		}
		good := strings.NewReplacer("{collectionId}", "places", "{featureId}", nobody, "{z}", "9", "{row}", "211", "{col}", "407", "{x}", "407", "{y}", "211.mvt", "{seq}", "1")
		for _, p := range op.Parameters {
			name := p.Value.Name
			switch p.Value.In {
			case openapi3.ParameterInQuery:
				shapes = append(shapes, func(value string) (string, string, any) {
					rest := url.Values{}
					for _, other := range op.Parameters {
						if other.Value.Required && other.Value.In == openapi3.ParameterInQuery {
							rest.Set(other.Value.Name, map[string]string{"lon": "106.5", "lat": "29.5", "q": "渝", "subject": "line/" + nobody}[other.Value.Name])
						}
					}
					rest.Set(name, value)
					at := good.Replace(path)
					if strings.HasPrefix(path, "/api/exports") {
						at = strings.ReplaceAll(at, "{id}", "places")
					}
					return "GET", strings.ReplaceAll(at, "{id}", nobody) + "?" + rest.Encode(), nil
				})
			case openapi3.ParameterInPath:
				shapes = append(shapes, func(value string) (string, string, any) {
					if value == "" {
						value = "-"
					}
					at := strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
					return "GET", strings.ReplaceAll(good.Replace(at), "{id}", nobody), nil
				})
			}
		}
	}
	return shapes
}

// askedByBody are the fields of what is posted.
func askedByBody() (shapes []shape) {
	paper := object{"title": "批复", "number": "1号"}
	for _, in := range []struct {
		method, path string
		body         object
	}{
		{"POST", "/api/session", object{"account": "x", "password": "y"}},
		{"POST", "/api/session/confirm", object{"password": "y"}},
		{"POST", "/api/name-checks", object{"kind": "new", "name": "紫云路", "category": "street", "division": "500112", "pack": "", "placeId": nobody}},
		{"POST", "/api/proposals", object{"kind": "rename", "name": "紫云路", "category": "street", "division": "500112", "reason": "新建", "placeId": nobody}},
		{"POST", "/api/assignments", object{"lineId": nobody, "account": "x", "role": "surveyor", "validFrom": "2026-11-24", "validTo": "2026-12-24", "note": "x"}},
		{"POST", "/api/claims", object{"lineId": nobody, "title": "x", "text": "y"}},
		{"POST", "/api/agreements", object{"lineId": nobody, "course": "x", "originalDatum": "other", "originalCoordinates": "y"}},
		{"POST", "/api/inspections", object{"lineId": nobody, "year": "x"}},
		{"POST", "/api/offices", object{"name": "", "kind": "civil-affairs", "divisionId": nobody}},
		{"POST", "/api/accounts", object{"account": "", "name": "x", "password": "y", "officeId": nobody}},
		{"POST", "/api/account/tokens", object{"name": "", "scopes": "x"}},
		{"POST", "/api/places/" + nobody + "/grade", object{"grade": "secret", "reason": "x", "document": paper}},
		{"PUT", "/api/precision/markers/county", object{"decimals": 3, "document": paper}},
	} {
		for _, field := range slices.Sorted(maps.Keys(in.body)) {
			shapes = append(shapes, func(value string) (string, string, any) {
				body := maps.Clone(in.body)
				body[field] = value
				return in.method, in.path, body
			})
		}
	}
	shapes = append(shapes, func(value string) (string, string, any) {
		return "POST", fmt.Sprintf("/api/markers/%s/grade", url.PathEscape(value+"-")), object{"grade": "secret", "reason": "x", "document": paper}
	})
	return shapes
}
