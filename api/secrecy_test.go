package api_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"fangyu/api"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// visits are the addresses to read of every route that answers a GET and has parameters; a new one wants its line here.
func (s *safe) visits() map[string][]string {
	out := map[string][]string{}
	add := func(route, format string, args ...any) { out[route] = append(out[route], fmt.Sprintf(format, args...)) }
	for _, r := range []string{
		"/api/offices/:id", "/api/offices/:id/quota", "/api/accounts/:id", "/api/tracks/:id", "/api/tracks/:id/receipt", "/api/tracks/:id/trace", "/api/tracks/:id/original", "/api/photos/:id", "/api/photos/:id/thumbnail", "/api/photos/:id/public-copy", "/api/photos/:id/original", "/api/submissions/:id", "/api/uploads/:id", "/api/uploads/:id/receipt", "/api/claims/:id", "/api/agreements/:id", "/api/agreements/:id/effect", "/api/inspections/:id", "/api/inspections/:id/report",
		"/api/inspections/:id/stretches", "/api/stretches/:id", "/api/marker-works/:id", "/api/marker-changes/:id", "/api/disputes/:id",
	} {
		add(r, "%s", strings.ReplaceAll(r, ":id", nobody))
	}
	for _, id := range []string{s.audit, nobody} {
		add("/api/audits/:id", "/api/audits/%s", id)
		add("/api/audits/:id/findings", "/api/audits/%s/findings?limit=10000", id)
		add("/api/audits/:id/findings.xlsx", "/api/audits/%s/findings.xlsx", id)
	}
	for _, id := range append([]string{nobody}, s.imports...) {
		add("/api/imports/:id", "/api/imports/%s", id)
		add("/api/imports/:id/rows", "/api/imports/%s/rows?limit=10000", id)
		add("/api/imports/:id/findings.xlsx", "/api/imports/%s/findings.xlsx", id)
	}
	add("/api/imports/:id/file", "/api/imports/%s/file", nobody) // its own office may read what it wrote
	add("/api/rule-packs/:id", "/api/rule-packs/%s?f=yaml", "chongqing-2022")
	add("/api/rule-packs/:id/revisions", "/api/rule-packs/%s/revisions", "chongqing-2022")
	add("/api/word-libraries/:id", "/api/word-libraries/%s", "foreign-places")
	add("/api/rule-packs/:id/diff", "/api/rule-packs/%s/diff?from=national-2022", "chengdu-2025")
	add("/api/exports/:id", "/api/exports/places")
	add("/api/exports/:id", "/api/exports/markers")
	add("/api/exports/:id", "/api/exports/places?f=csv")
	add("/api/exports/:id", "/api/exports/places?f=geojson&datetime=2020-01-01")
	add("/api/proposals/:id", "/api/proposals/%s", s.proposal)
	add("/api/proposals/:id/verdict", "/api/proposals/%s/verdict?pack=chengdu-2025", s.proposal)
	add("/api/lines/:id", "/api/lines/%s", s.line)
	add("/api/lines/:id/marker-table", "/api/lines/%s/marker-table", s.line)
	add("/api/lines/:id/marker-comparison", "/api/lines/%s/marker-comparison", s.line)
	add("/api/tripoints/:id", "/api/tripoints/%s", nobody)
	must(s.t, s.bound.EachTripoint(s.t.Context(), func(r boundsql.TripointRow) error {
		add("/api/tripoints/:id", "/api/tripoints/%s", r.ID)
		return nil
	}))
	add("/api/lines/:id/versions", "/api/lines/%s/versions", s.line)
	add("/api/lines/:id/nodes", "/api/lines/%s/nodes", s.line)
	add("/api/ledger/entries/:seq/proof", "/api/ledger/entries/1/proof")
	add("/api/divisions/changes/:id/effect", "/api/divisions/changes/%s/effect", nobody)
	add("/api/divisions/:id", "/api/divisions/%s", s.division("500112100"))
	add("/api/divisions/:id", "/api/divisions/%s?datetime=2026-11-01", s.division("500112100"))
	for id := range api.Collections() {
		add("/ogc/collections/:id", "/ogc/collections/%s", id)
		add("/ogc/collections/:id/schema", "/ogc/collections/%s/schema", id)
		add("/ogc/collections/:id/queryables", "/ogc/collections/%s/queryables", id)
		for _, query := range []string{"limit=7", "datetime=../..&limit=100", "crs=http://www.opengis.net/def/crs/EPSG/0/4490", "bbox=106.3,29.3,107,30"} {
			add("/ogc/collections/:id/items", "/ogc/collections/%s/items?%s", id, query)
		}
	}
	for _, p := range s.records {
		collection := p.noun + "s"
		add("/ogc/collections/:id/items/:featureId", "/ogc/collections/%s/items/%s", collection, p.id)
		add("/api/"+collection+"/:id", "/api/%s/%s", collection, p.id)
		if p.noun == "marker" {
			add("/api/markers/:id/record", "/api/markers/%s/record", p.id)
			add("/api/markers/:id/record/form", "/api/markers/%s/record/form", p.id)
			add("/api/markers/:id/work", "/api/markers/%s/work", p.id)
		}
		add("/api/reverse", "/api/reverse?lon=%v&lat=%v", p.at[0], p.at[1])
		for _, name := range p.names {
			add("/api/search", "/api/search?q=%s&limit=50", url.QueryEscape(name))
			add("/api/suggest", "/api/suggest?q=%s", url.QueryEscape(name))
		}
		for _, z := range []maptile.Zoom{8, 11, 14, 17} {
			at := maptile.At(p.at, z)
			add("/tiles/:id/:z/:x/:y", "/tiles/%s/%d/%d/%d.mvt", collection, z, at.X, at.Y)
			add("/ogc/collections/:id/tiles/WebMercatorQuad/:z/:row/:col", "/ogc/collections/%s/tiles/WebMercatorQuad/%d/%d/%d", collection, z, at.Y, at.X)
		}
	}
	return out
}

func (s *safe) division(code string) (id string) {
	must(s.t, s.db.Super.QueryRow(s.t.Context(), `select division_id::text from division_code where code = $1 || '000' or code = $1 limit 1`, code).Scan(&id))
	return id
}

// reading is an answer with its address.
type reading struct {
	address, body, tag string
	status             int
}

// read reads everything that the routes serve to a visitor, page after page.
func (s *safe) read(v visitor, signedIn bool) []reading {
	t, visits := s.t, s.visits()
	var out []reading
	for _, r := range s.server.Routes() {
		if r.Method != "GET" || r.SignedIn && !signedIn {
			continue
		}
		if len(visits[r.Path]) == 0 && !strings.Contains(r.Path, ":") {
			visits[r.Path] = []string{r.Path}
		}
		if len(visits[r.Path]) == 0 {
			t.Errorf("no visit to %s: a route that nobody reads here may tell what is secret", r.Path)
		}
		for _, address := range visits[r.Path] {
			for address != "" {
				res, body := v.send(t, "GET", address, nil, nil)
				text := fmt.Sprint(res.Header) + "\n" + string(body)
				if res.StatusCode == 404 || res.StatusCode == 403 { // what was asked comes back in the words
					text = strings.ReplaceAll(text, address[strings.LastIndex(address, "/")+1:], "…")
				}
				out = append(out, reading{address, text, res.Header.Get("ETag"), res.StatusCode})
				address = nextPage(address, body)
			}
		}
	}
	return out
}

// nextPage is where a list goes on, "" at its end.
func nextPage(address string, body []byte) string {
	for _, list := range []struct{ path, name string }{{"/api/changes", "after"}, {"/api/proposals", "next"}, {"/api/withheld", "next"}, {"/api/readings", "next"}} {
		if path, _, _ := strings.Cut(address, "?"); path == list.path {
			if next := decoded(body).text("next"); next != "" {
				return path + "?" + list.name + "=" + url.QueryEscape(next)
			}
		}
	}
	for _, l := range decoded(body).list("links") {
		if l.text("rel") == "next" {
			return l.text("href")
		}
	}
	return ""
}

// tells fails where something served holds a trace of a record that is not public; shows, where a public one is not found.
func (s *safe) tells(who string, all []reading) {
	seen := map[string]bool{}
	for _, a := range all {
		for _, p := range s.records {
			for _, trace := range p.traces() {
				if !strings.Contains(a.body, trace) {
					continue
				}
				seen[p.id] = true
				if p.grade != gazetteer.Public {
					s.t.Errorf("%s reads %q of a %s record at %s:\n%.600s", who, trace, p.grade, a.address, a.body)
				}
			}
		}
	}
	for _, p := range s.records {
		if p.grade == gazetteer.Public && !seen[p.id] {
			s.t.Errorf("%s does not find the public %v", who, p.names)
		}
	}
}

// TestNothingSecretIsServed grades planted records at random, again and again, over a server that has served and cached
// them, and reads every byte of every route.
func TestNothingSecretIsServed(t *testing.T) {
	s := newSafe(t)
	public := s.visitor(t)
	s.tells("nobody, before", s.read(public, false))
	before := s.neighbour.want(t, 200, "GET", "/api/proposals/"+s.proposal, nil, nil)
	if found := before.list("findings"); len(found) == 0 || !strings.Contains(fmt.Sprint(found), "厽垚村") {
		t.Fatalf("the neighbour's case rests on nothing: %v", found)
	}
	few(t)
	rapid.Check(t, func(r *rapid.T) {
		tag := s.read1(public, "/ogc/collections/places/items?limit=7").tag
		changed := false
		for _, p := range s.records {
			g := rapid.SampledFrom(gazetteer.Grades).Draw(r, p.noun+" "+p.names[0])
			changed = changed || p.noun == "place" && (g == gazetteer.Public) != (p.grade == gazetteer.Public)
			s.grade(p, g)
		}
		if res, _ := public.send(t, "GET", "/ogc/collections/places/items?limit=7", nil, map[string]string{"If-None-Match": tag}); changed && res.StatusCode != 200 {
			t.Errorf("the old validator is answered %d", res.StatusCode)
		}
		s.linked(t)
		mark := len(s.log.text())
		s.tells("nobody", s.read(public, false))
		s.tells("the neighbour", s.read(s.neighbour, true))
		s.asksAgain()
		s.tellsNothing("the log", s.log.text()[mark:], false)
		if t.Failed() {
			r.FailNow()
		}
	})
	must(t, context.Cause(t.Context()))
}

// few lets rapid draw a few times only: each time thousands of answers are read.
func few(t *testing.T) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f.Value.String() == f.DefValue {
		must(t, f.Value.Set("5"))
		t.Cleanup(func() { must(t, f.Value.Set(f.DefValue)) })
	}
}

func (s *safe) read1(v visitor, address string) reading {
	res, body := v.send(s.t, "GET", address, nil, nil)
	return reading{address, string(body), res.Header.Get("ETag"), res.StatusCode}
}

// asksAgain checks a name that sounds like a planted one, and sends again what was answered when all was public.
func (s *safe) asksAgain() {
	_, checked := s.neighbour.send(s.t, "POST", "/api/name-checks", object{"name": "厽尧村", "category": "village-committee", "division": "500112100"}, nil)
	s.tellsNothing("a name check", string(checked), true)
	_, again := s.neighbour.send(s.t, "POST", "/api/proposals", s.body, s.key)
	s.tellsNothing("the answer under the key", string(again), true)
}

// tellsNothing fails where a text holds a trace of a record that is not public. Ids are not looked for in the log, which
// says who asked for which record.
func (s *safe) tellsNothing(what, text string, ids bool) {
	s.t.Helper()
	for _, p := range s.records {
		for _, trace := range p.traces() {
			if p.grade != gazetteer.Public && (ids || trace != p.id) && strings.Contains(text, trace) {
				s.t.Errorf("%s holds %q of a %s record: %.600s", what, trace, p.grade, text)
			}
		}
	}
}

// TestWithheldIsAnsweredAsWhatNeverWas compares the words.
func TestWithheldIsAnsweredAsWhatNeverWas(t *testing.T) {
	s := newSafe(t)
	place, marker := s.records[0], s.records[len(s.records)-1]
	stranger, north := s.as(t, "stranger"), s.as(t, "north")
	north.want(t, 403, "POST", "/api/places/"+place.id+"/grade", secretBody, seen(north.want(t, 200, "GET", "/api/places/"+place.id, nil, nil)))
	s.city.want(t, 428, "POST", "/api/places/"+place.id+"/grade", secretBody, nil)
	s.city.want(t, 412, "POST", "/api/places/"+place.id+"/grade", secretBody, map[string]string{"If-Match": `"9"`})
	for _, wrong := range []object{{"grade": "hidden", "reason": "x", "document": secretBody["document"]}, {"grade": "secret", "document": secretBody["document"]}, {"grade": "secret", "reason": "x"}} {
		s.city.want(t, 400, "POST", "/api/places/"+place.id+"/grade", wrong, map[string]string{"If-Match": `"1"`})
	}
	s.grade(place, gazetteer.Secret)
	s.grade(marker, gazetteer.Internal)
	for path, readers := range map[string][]visitor{"/api/places/" + place.id: {s.city, north}, "/api/markers/" + marker.id: {s.city, north, s.as(t, "south")}} {
		for _, v := range readers {
			if got := v.want(t, 200, "GET", path, nil, nil); got.text("grade") == "public" || got["lon"] == nil {
				t.Errorf("%s: %v", path, got)
			}
		}
		never := path[:strings.LastIndex(path, "/")+1] + nobody
		for _, v := range []visitor{s.visitor(t), stranger, s.neighbour} {
			withheld, none := v.want(t, 404, "GET", path, nil, nil), v.want(t, 404, "GET", never, nil, nil)
			delete(withheld, "instance")
			delete(none, "instance")
			if fmt.Sprint(withheld) != fmt.Sprint(none) {
				t.Errorf("%s: %v, wanted %v", path, withheld, none)
			}
		}
		s.neighbour.want(t, 404, "POST", path+"/grade", secretBody, map[string]string{"If-Match": `"2"`})
	}
	if list := s.city.want(t, 200, "GET", "/api/withheld?limit=1", nil, nil); len(list.list("items")) != 1 || list.text("next") == "" {
		t.Errorf("the city's list: %v", list)
	}
	if list := s.neighbour.want(t, 200, "GET", "/api/withheld", nil, nil); len(list.list("items")) != 0 {
		t.Errorf("the neighbour's list: %v", list)
	}
	s.visitor(t).want(t, 401, "GET", "/api/withheld", nil, nil)
}

var secretBody = object{"grade": "secret", "reason": "位于管理区", "document": object{"title": "关于定密的通知", "number": "渝民密〔2026〕3号"}}

// TestWhatIsWithheldIsGoneElsewhereWithinASecond grades at one node, and past both, while two nodes over one database are
// read without pause and load again and again, each load longer than the second it may take.
func TestWhatIsWithheldIsGoneElsewhereWithinASecond(t *testing.T) {
	s := newSafe(t)
	s.grow(t, 20_000)
	pool, err := postgis.Open(t.Context(), s.db.DSN(cluster.App))
	must(t, err)
	t.Cleanup(pool.Close)
	log := &keptLog{}
	elsewhere, stop := start(t, pool, nil, nil, func(c *api.Config) { c.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	t.Cleanup(func() { must(t, stop()) })
	other := elsewhere.visitor(t)
	place, past, marker := s.records[0], s.records[1], s.records[len(s.records)-1]
	visits, tags := map[*planted][]string{}, map[string]string{}
	for _, p := range []*planted{place, past, marker} {
		at := maptile.At(p.at, 14)
		visits[p] = []string{
			fmt.Sprintf("/ogc/collections/%ss/items/%s", p.noun, p.id),
			fmt.Sprintf("/ogc/collections/%ss/items?bbox=%f,%f,%f,%f", p.noun, p.at[0]-1e-5, p.at[1]-1e-5, p.at[0]+1e-5, p.at[1]+1e-5),
			fmt.Sprintf("/tiles/%ss/%d/%d/%d.mvt", p.noun, at.Z, at.X, at.Y),
		}
		if p.noun == "place" {
			visits[p] = append(visits[p], "/api/search?limit=50&q="+url.QueryEscape(p.names[0]))
		}
		for _, address := range visits[p] {
			got := s.read1(other, address)
			if !strings.Contains(got.body, p.names[0]) {
				t.Fatalf("%s is not served before: %d %s", address, got.status, got.body)
			}
			tags[address] = got.tag
		}
	}
	s.busy(t, other, log)
	gone := func(p *planted, since time.Time) {
		t.Helper()
		for _, address := range visits[p] {
			for {
				asked := time.Since(since)
				res, body := other.send(t, "GET", address, nil, map[string]string{"If-None-Match": tags[address]})
				if !strings.Contains(string(body), p.names[0]) && res.StatusCode != 304 {
					t.Logf("%s did not tell of it, asked after %v", address, asked)
					break
				}
				if asked > time.Second {
					t.Fatalf("%s still tells of it, asked after %v: %d %s", address, asked, res.StatusCode, body)
				}
			}
		}
	}
	for _, p := range []*planted{place, marker} {
		s.grade(p, gazetteer.Secret)
		gone(p, time.Now())
	}
	city, err := s.gaz.SignIn(t.Context(), "city", demoPassword)
	must(t, err)
	_, err = s.gaz.GradePlace(t.Context(), city, today, uuid.MustParse(past.id), 1, gazetteer.Grading{
		Grade: gazetteer.Internal, Reason: "x", Document: gazetteer.Document{Title: "x", Number: "x"},
	})
	must(t, err)
	gone(past, time.Now())
	loads := strings.Count(log.text(), `"loaded"`)
	for range 2 { // what was read before the grading does not come back
		for before := strings.Count(log.text(), `"loaded"`); strings.Count(log.text(), `"loaded"`) == before; {
			time.Sleep(10 * time.Millisecond)
		}
		for p, addresses := range visits {
			if got := s.read1(other, addresses[0]); got.status != 404 {
				t.Errorf("the %s came back after load %d: %d %s", p.noun, loads, got.status, got.body)
			}
		}
	}
	s.grade(place, gazetteer.Public)
	for until := time.Now().Add(time.Minute); s.read1(other, visits[place][0]).status != 200; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("published again, and not served after a minute")
		}
	}
}

// grow adds so many places, in SQL.
func (s *safe) grow(t *testing.T, count int) {
	t.Helper()
	for _, sql := range []string{
		`insert into place select (jsonb_populate_record(p, jsonb_build_object('id', md5('place' || n)::uuid))).*
		 from generate_series(1, $1) n, (select p from place p where id = $2) one (p)`,
		`insert into place_name select (jsonb_populate_record(w, jsonb_build_object('id', md5('name' || n)::uuid, 'place_id', md5('place' || n)::uuid, 'name', '多' || n))).*
		 from generate_series(1, $1) n, (select w from place_name w where place_id = $2 and kind = 'standard') one (w)`,
	} {
		_, err := s.db.Super.Exec(t.Context(), sql, count, s.records[4].id)
		must(t, err)
	}
}

// busy reads and changes without pause until the test ends, and waits until a load has begun under it.
func (s *safe) busy(t *testing.T, other visitor, log *keptLog) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for i := range 2 {
		running.Go(func() {
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, other.url+fmt.Sprintf("/ogc/collections/places/items?limit=1000&bbox=106.%d,29,107,30", i), nil)
				if err != nil {
					return
				}
				if res, err := http.DefaultClient.Do(r); err == nil {
					_, _ = io.Copy(io.Discard, res.Body)
					res.Body.Close()
				}
			}
		})
	}
	running.Go(func() {
		for ctx.Err() == nil {
			_, _ = s.db.Super.Exec(ctx, `update place set synthetic = synthetic where id = md5('place1')::uuid; update marker set synthetic = synthetic where id = (select id from marker limit 1)`)
			time.Sleep(20 * time.Millisecond)
		}
	})
	t.Cleanup(func() { cancel(); running.Wait() })
	for loads := strings.Count(log.text(), `"loaded"`); strings.Count(log.text(), `"loaded"`) == loads; {
		time.Sleep(10 * time.Millisecond)
	}
}

// decoded is a JSON object, empty where the bytes are none.
func decoded(body []byte) object {
	var o object
	if json.Unmarshal(body, &o) != nil {
		return object{}
	}
	return o
}

// TestNoPublicByteHoldsAnExactPosition rounds the markers of the line's level and the places of its towns, after they were
// served exact, and reads everything again.
func TestNoPublicByteHoldsAnExactPosition(t *testing.T) {
	s := newSafe(t)
	s.account(t, "admin", "重庆市民政局", nil, gazetteer.Administrator)
	s.account(t, "north-admin", "渝北区民政局", nil, gazetteer.Administrator)
	s.account(t, "contract-admin", "系统管理处", nil, gazetteer.Administrator)
	public, admin, north := s.visitor(t), s.as(t, "admin"), s.as(t, "north")
	s.tells("nobody, before", s.read(public, false))
	paper := object{"title": "关于公布精度的规定", "number": "渝民〔2026〕5号"}
	coarse := object{"decimals": 2, "document": paper}
	version := func(n int) map[string]string { return map[string]string{"If-Match": fmt.Sprintf("%q", fmt.Sprint(n))} }
	for _, who := range []visitor{north, s.as(t, "north-admin"), s.as(t, "contract-admin")} {
		who.confirm(t)
		wantCode(t, who.code(t, 403, "PUT", "/api/precision/markers/county", coarse, version(0)), "not-yours")
	}
	wantCode(t, admin.code(t, 403, "PUT", "/api/precision/markers/county", coarse, version(0)), "confirm-identity")
	admin.confirm(t)
	admin.want(t, 428, "PUT", "/api/precision/markers/county", coarse, nil)
	admin.want(t, 404, "PUT", "/api/precision/lines/county", coarse, version(0))
	admin.want(t, 400, "PUT", "/api/precision/markers/street", coarse, version(0))
	admin.want(t, 400, "PUT", "/api/precision/markers/county", object{"decimals": 9, "document": paper}, version(0))
	admin.want(t, 400, "PUT", "/api/precision/markers/county", object{"decimals": 2}, version(0))
	admin.want(t, 412, "PUT", "/api/precision/markers/county", coarse, version(1))
	for _, layer := range []string{"/api/precision/markers/county", "/api/precision/places/township"} {
		if set := admin.want(t, 200, "PUT", layer, coarse, version(0)); set["version"] != 1.0 {
			t.Errorf("set: %v", set)
		}
		admin.want(t, 412, "PUT", layer, coarse, version(0))
	}
	exact := map[string]*planted{}
	for _, p := range s.records {
		for _, digits := range p.traces()[1:3] {
			exact[digits] = p
		}
		m := north.want(t, 200, "GET", "/api/"+p.noun+"s/"+p.id, nil, nil)
		if m["lon"] != p.at[0] || m["lat"] != p.at[1] || m["decimals"] != nil {
			t.Errorf("who keeps it reads %v", m)
		}
		if m = public.want(t, 200, "GET", "/api/"+p.noun+"s/"+p.id, nil, nil); m["decimals"] != 2.0 {
			t.Errorf("the public reads %v", m)
		}
		if p.noun == "marker" {
			m = north.want(t, 200, "GET", "/api/markers/"+p.id, nil, nil)
			exact[fmt.Sprintf("%.3f", m["chainageM"])], exact[fmt.Sprintf("%.3f", m["offsetM"])] = p, p
		}
	}
	for who, all := range map[string][]reading{"nobody": s.read(public, false), "the neighbour": s.read(s.neighbour, true)} {
		for _, a := range all {
			for digits := range exact {
				if strings.Contains(a.body, digits) && !strings.Contains(a.address, digits) {
					t.Errorf("%s reads %s at %s: %.400s", who, digits, a.address, a.body)
				}
			}
		}
	}
	checked := s.neighbour.want(t, 200, "POST", "/api/name-checks", object{
		"name": "厽尧村", "category": "village-committee", "division": "500112100", "point": []float64{106.7, 29.7},
	}, nil)
	told := 0
	for _, f := range checked.list("findings") {
		if f["code"] != "homophone" {
			continue
		}
		told++
		if evidence := f.list("evidence"); evidence[0]["distanceM"] != 12000.0 { // to the step of 2 km
			t.Errorf("the distance to it is told as %v", evidence)
		}
	}
	if told != 1 {
		t.Errorf("%d homophones are told of: %v", told, checked)
	}
	if exported := north.want(t, 200, "GET", "/api/exports/places?name="+url.QueryEscape(s.records[0].names[0]), nil, nil).list("features"); len(exported) != 1 ||
		exported[0].object("geometry")["coordinates"].([]any)[0] != s.records[0].at[0] {
		t.Errorf("the export holds %v", exported)
	}
	for _, layer := range []string{"/api/precision/markers/county", "/api/precision/places/township"} {
		admin.want(t, 200, "PUT", layer, object{"decimals": nil, "document": paper}, version(1))
		admin.want(t, 412, "PUT", layer, coarse, version(0)) // what was taken away is not as if it had never been
	}
	s.tells("nobody, again", s.read(public, false))
}

// TestExportsAreMeasured exports the markers of a line stretch by stretch until they are too much in one piece.
func TestExportsAreMeasured(t *testing.T) {
	w := newWorld(t, func(c *api.Config) {
		c.ExportLimit = gazetteer.ExportLimit{AreaKm2: 6, Window: 24 * time.Hour, Layers: []string{"markers"}}
	})
	var csv strings.Builder
	csv.WriteString("number,type,line,lon,lat\n")
	for i := range 12 {
		at := w.course.At(float64(600 * i))
		fmt.Fprintf(&csv, "密%03d,two-face,江北区—渝北区线,%.9f,%.9f\n", i+1, at[0], at[1])
	}
	_, err := w.bound.ImportMarkers(t.Context(), importer, today, gazsql.Import{Source: source(t, "dense.csv", csv.String()), Frame: geo.CGCS2000})
	must(t, err)
	north, south, stranger := w.as(t, "north"), w.as(t, "south"), w.as(t, "stranger")
	stretch := func(from, to float64) string {
		b := orb.MultiPoint{w.course.At(from - 50), w.course.At(to + 50)}.Bound()
		return fmt.Sprintf("/api/exports/markers?bbox=%v,%v,%v,%v", b.Min[0], b.Min[1], b.Max[0], b.Max[1])
	}
	first := north.want(t, 200, "GET", stretch(0, 2400), nil, nil).list("features")
	if len(first) < 5 || first[0].object("properties")["elevationM"] != nil && first[0].text("id") == "" {
		t.Fatalf("the first stretch: %v", first)
	}
	north.want(t, 200, "GET", stretch(0, 2400), nil, nil) // again is not more
	refused := north.want(t, 403, "GET", stretch(2400, 6600), nil, nil)
	for _, want := range []string{"平方公里", "2026年11月24日", "超过 6.0 平方公里", "重庆市民政局"} {
		if refused.text("code") != "export-area" || !strings.Contains(refused.text("detail"), want) {
			t.Errorf("the refusal does not say %s: %v", want, refused)
		}
	}
	south.want(t, 200, "GET", stretch(2400, 4800), nil, nil) // another office, another sum
	if all := stranger.want(t, 200, "GET", "/api/exports/markers", nil, nil); len(all.list("features")) != 0 {
		t.Errorf("a stranger exports %v", all)
	}
	if places := north.want(t, 200, "GET", "/api/exports/places?category=village-committee", nil, nil).list("features"); len(places) != 2 {
		t.Errorf("%d places", len(places))
	}
	if places := south.want(t, 200, "GET", "/api/exports/places?category=village-committee", nil, nil).list("features"); len(places) != 0 {
		t.Errorf("the other county exports %v", places)
	}
	page := north.want(t, 200, "GET", "/api/exports/places?limit=1", nil, nil)
	if next := page.list("links")[1].text("href"); len(north.want(t, 200, "GET", next, nil, nil).list("features")) != 1 {
		t.Errorf("the second page: %v", page)
	}
	north.want(t, 404, "GET", "/api/exports/lines", nil, nil)
	w.as(t, "seat-1").want(t, 403, "GET", "/api/exports/markers", nil, nil)
	var exported, refusals int
	must(t, w.db.Super.QueryRow(t.Context(), `
		select count(*) filter (where verb = 'export')::int, count(*) filter (where verb = 'refuse')::int from journal where subject like 'export/%'`).Scan(&exported, &refusals))
	if exported != 8 || refusals != 1 {
		t.Errorf("%d exports and %d refusals are in the journal", exported, refusals)
	}
}
