package api_test

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"fangyu/api"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

func init() {
	openapi3filter.RegisterBodyDecoder("application/geo+json", openapi3filter.JSONBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/schema+json", openapi3filter.JSONBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/vnd.oai.openapi+json", openapi3filter.JSONBodyDecoder)
	openapi3filter.RegisterBodyDecoder("application/vnd.mapbox-vector-tile", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
}

// described finds the operation of openapi.yaml for a request: a literal path before one with parameters.
func described(method, path string) (*routers.Route, map[string]string) {
	for _, p := range describedPaths() {
		found := p.match.FindStringSubmatch(path)
		if found == nil || p.item.GetOperation(method) == nil {
			continue
		}
		params := map[string]string{}
		for i, param := range p.match.SubexpNames() {
			if param != "" {
				params[param] = found[i]
			}
		}
		return &routers.Route{Spec: api.Document(), Path: p.name, PathItem: p.item, Method: method, Operation: p.item.GetOperation(method)}, params
	}
	return nil, nil
}

// describedPath is a path of openapi.yaml with what it matches.
type describedPath struct {
	name  string
	item  *openapi3.PathItem
	match *regexp.Regexp
}

// describedPaths are all of them, those with the fewest parameters first. Every answer is looked up here.
var describedPaths = sync.OnceValue(func() (all []describedPath) {
	for name, item := range api.Document().Paths.Map() {
		pattern := regexp.MustCompile(`\\\{(\w+)\\\}`).ReplaceAllString(regexp.QuoteMeta(name), `(?P<$1>[^/]+)`)
		all = append(all, describedPath{name, item, regexp.MustCompile("^" + pattern + "$")})
	}
	slices.SortFunc(all, func(a, b describedPath) int { return strings.Count(a.name, "{") - strings.Count(b.name, "{") })
	return all
})

// holds checks an answer against openapi.yaml. HEAD is described as GET; what no path describes must be a problem.
func holds(t *testing.T, req *http.Request, res *http.Response, body []byte) {
	t.Helper()
	if res.StatusCode >= 400 {
		holdsProblem(t, req, res, body)
	}
	if req.Method == http.MethodHead || req.Method == http.MethodOptions {
		return
	}
	route, params := described(req.Method, req.URL.Path)
	if route == nil {
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 res.StatusCode, Header: res.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	input.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
		t.Errorf("%s %s: status %d is not as openapi.yaml says: %v\n%.2000s", req.Method, req.URL, res.StatusCode, err, body)
	}
}

func holdsProblem(t *testing.T, req *http.Request, res *http.Response, body []byte) {
	t.Helper()
	if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("%s %s: status %d comes as %s, wanted application/problem+json", req.Method, req.URL, res.StatusCode, kind)
		return
	}
	if req.Method == http.MethodHead {
		return
	}
	var p struct {
		Title, Detail, Code, Instance string
		Status                        int
		Findings                      []fault.Finding
	}
	if err := json.Unmarshal(body, &p); err != nil || p.Status != res.StatusCode || p.Title == "" || p.Code == "" || p.Detail == "" || p.Findings == nil {
		t.Errorf("%s %s: the problem is incomplete: %v %s", req.Method, req.URL, err, body)
	}
}

func TestDocumentIsValid(t *testing.T) {
	if err := api.Document().Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestRouterAndDocumentAgree(t *testing.T) {
	s := public(t)
	plain := regexp.MustCompile(`:\w+|\{\w+\}`)
	served, written := map[string]bool{}, map[string]bool{} // route → whether it wants somebody signed in
	for _, r := range s.server.Routes() {
		if r.Path == "/ogc/collections/:id/items" { // one literal path per collection, which GDAL and QGIS look for
			for id := range api.Collections() {
				served[r.Method+" /ogc/collections/"+id+"/items"] = false
			}
			continue
		}
		served[r.Method+" "+plain.ReplaceAllString(r.Path, "{}")] = r.SignedIn
	}
	for path, item := range api.Document().Paths.Map() {
		for method, operation := range item.Operations() {
			written[method+" "+plain.ReplaceAllString(path, "{}")] = operation.Security != nil
		}
	}
	for r, signedIn := range served {
		if wanted, there := written[r]; !there || wanted != signedIn {
			t.Errorf("%s is served (signed in: %v); openapi.yaml has it: %v (security: %v)", r, signedIn, there, wanted)
		}
	}
	for r := range written {
		if _, there := served[r]; !there {
			t.Errorf("%s is in openapi.yaml and not served", r)
		}
	}
}

// TestUnknownParametersAreRefused asks every route that answers a GET with a parameter that none has, and with one twice.
func TestUnknownParametersAreRefused(t *testing.T) {
	w := newWorld(t)
	w.account(t, "admin", "系统管理处", nil, gazetteer.Administrator)
	people := []visitor{w.as(t, "admin"), w.as(t, "north")}
	for _, r := range w.server.Routes() {
		if r.Method != http.MethodGet || r.Path == "/api/session/oidc/callback" {
			continue
		}
		path := strings.NewReplacer(":z", "9", ":row", "211", ":col", "407", ":x", "407", ":y", "211.mvt", ":id", "places", ":featureId", nobody, ":seq", "1").Replace(r.Path)
		if strings.HasPrefix(r.Path, "/api/") && r.Path != "/api/exports/:id" {
			path = strings.ReplaceAll(r.Path, ":id", nobody)
		}
		for _, query := range []string{"sort=name;drop", "sort=name%3Bdrop", "nosuch=1", "nosuch=1&nosuch=2", "%zz=1"} {
			for _, v := range people {
				if v.client == people[0].client && r.Path == "/api/exports/:id" {
					continue // refused before anything is read
				}
				res, body := v.send(t, "GET", path+"?"+query, nil, nil)
				if res.StatusCode != 400 || decoded(body).text("code") != "bad_parameter" {
					t.Errorf("%s?%s answers %d: %.200s", path, query, res.StatusCode, body)
				}
				if strings.HasPrefix(query, "nosuch=1") && !strings.Contains(decoded(body).text("detail"), "nosuch") {
					t.Errorf("%s?%s does not name the parameter: %s", path, query, body)
				}
			}
		}
	}
	refused := people[1].want(t, 400, "GET", "/api/assignments?sort=name", nil, nil)
	if detail := refused.text("detail"); detail != "没有参数 sort：可用 limit、line、next" {
		t.Errorf("the refusal says %q", detail)
	}
	people[1].want(t, 400, "GET", "/ogc?f=html", nil, nil)
	people[1].want(t, 200, "GET", "/ogc?f=json", nil, nil)
	people[1].want(t, 200, "GET", "/api/assignments?limit=3", nil, nil)
	w.visitor(t).want(t, 401, "GET", "/api/assignments?sort=name", nil, nil)
}

func TestNothingBehindTheDoorIsAnsweredOutside(t *testing.T) {
	s := public(t)
	v := s.visitor(t)
	for _, r := range s.server.Routes() {
		if !r.SignedIn {
			continue
		}
		path := regexp.MustCompile(`:\w+`).ReplaceAllString(r.Path, nobody)
		res, body := v.send(t, r.Method, path, nil, nil)
		if res.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s %s answers %d to nobody: %s", r.Method, path, res.StatusCode, body)
		}
	}
}

func TestEverythingPublicHasItsPage(t *testing.T) {
	s := public(t)
	v := s.visitor(t)
	for collection, path := range map[string]string{"divisions": "/api/divisions/", "places": "/api/places/", "lines": "/api/lines/"} {
		features := v.want(t, 200, "GET", "/ogc/collections/"+collection+"/items?limit=3", nil, nil).list("features")
		for _, f := range features {
			if got := v.want(t, 200, "GET", path+f.text("id"), nil, nil); got.text("name") != f.object("properties").text("name") {
				t.Errorf("%s%s is %s there and %v here", path, f.text("id"), got.text("name"), f["properties"])
			}
			v.want(t, 200, "GET", "/ogc/collections/"+collection+"/items/"+f.text("id"), nil, nil)
		}
	}
}

// TestCollectionsAndDocumentAgree holds the properties of each collection against its schema and its filters.
func TestCollectionsAndDocumentAgree(t *testing.T) {
	doc := api.Document()
	schemas := map[string]string{
		"divisions": "DivisionProperties", "places": "PlaceProperties", "lines": "LineProperties", "sections": "SectionProperties",
		"markers": "MarkerProperties", "tripoints": "TripointProperties", "coverage": "CoverageProperties", "built-up-areas": "BuiltUpAreaProperties",
	}
	for id, props := range api.Collections() {
		var written []string
		for name := range doc.Components.Schemas[schemas[id]].Value.Properties {
			written = append(written, name)
		}
		slices.Sort(written)
		slices.Sort(props)
		if !slices.Equal(props, written) {
			t.Errorf("%s: served %v, written in %s %v", id, props, schemas[id], written)
		}
		for _, p := range doc.Paths.Value("/ogc/collections/" + id + "/items").Get.Parameters {
			if isStanding(p.Value.Name) {
				continue
			}
			if !slices.Contains(props, p.Value.Name) {
				t.Errorf("%s: the filter %s is no property", id, p.Value.Name)
			}
		}
	}
}

// TestFactsAndDocumentAgree holds the facts that are read against those written.
func TestFactsAndDocumentAgree(t *testing.T) {
	written := slices.Sorted(maps.Keys(api.Document().Components.Schemas["NameFacts"].Value.Properties))
	if read := slices.Sorted(slices.Values(gazetteer.FactNames())); !slices.Equal(read, written) {
		t.Errorf("read %v, written %v", read, written)
	}
}

func isStanding(name string) bool {
	return slices.Contains([]string{"limit", "bbox", "bbox-crs", "crs", "datetime", "next", "f"}, name)
}

func TestEveryKindHasAStatus(t *testing.T) {
	for _, kind := range fault.Kinds {
		const ofTus = 460 // Checksum Mismatch, which no register knows
		if status := api.Statuses[kind]; status < 400 || status > 599 || http.StatusText(status) == "" && status != ofTus {
			t.Errorf("%s has the status %d", kind, status)
		}
	}
}

func TestPanicIsAProblemWithoutItsText(t *testing.T) {
	s := newSite(t, pgtest.New(t))
	s.server.Break("/api/broken")
	res, body := s.get(t, "/api/broken")
	if res.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "on purpose") || !strings.Contains(string(body), "urn:uuid:") {
		t.Errorf("got %d %s", res.StatusCode, body)
	}
}

// TestOgcDocumentIsWhatGDALReads: paths relative to /ogc, the limit as a local reference that says limit, with its bounds.
func TestOgcDocumentIsWhatGDALReads(t *testing.T) {
	s := public(t)
	_, body := s.get(t, "/ogc/api")
	doc, err := openapi3.NewLoader().LoadFromData(body)
	if err != nil {
		t.Fatal(err)
	}
	for id := range api.Collections() {
		item := doc.Paths.Value("/collections/" + id + "/items")
		if item == nil {
			t.Errorf("no literal path for %s", id)
			continue
		}
		limit := item.Get.Parameters[0]
		bounds := limit.Value.Schema.Value
		if !strings.HasPrefix(limit.Ref, "#/components/parameters/limit") || bounds.Max == nil || *bounds.Max < 10_000 || bounds.Default == nil {
			t.Errorf("%s: limit is %s with %v", id, limit.Ref, bounds)
		}
	}
	if doc.Servers[0].URL != s.url+"/ogc" {
		t.Errorf("the paths are relative to %s", doc.Servers[0].URL)
	}
}

func readAll(t *testing.T, r io.Reader) []byte {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
