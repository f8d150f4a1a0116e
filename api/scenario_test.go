package api_test

import (
	"strings"
	"testing"
)

// scenario is one request and what must come of it.
type scenario struct {
	name    string
	method  string
	path    string
	body    any
	headers map[string]string
	status  int
	must    []string // in the body
	mustNot []string
	header  map[string]string // of the answer; a value is contained
}

func (sc scenario) run(t *testing.T, v visitor) {
	t.Helper()
	if sc.method == "" {
		sc.method = "GET"
	}
	res, body := v.send(t, sc.method, sc.path, sc.body, sc.headers)
	if res.StatusCode != sc.status {
		t.Errorf("%s: status %d, wanted %d: %.500s", sc.name, res.StatusCode, sc.status, body)
	}
	for _, want := range sc.must {
		if !strings.Contains(string(body), want) {
			t.Errorf("%s: no %q in %.800s", sc.name, want, body)
		}
	}
	for _, not := range sc.mustNot {
		if strings.Contains(string(body), not) {
			t.Errorf("%s: %q in %.800s", sc.name, not, body)
		}
	}
	for name, want := range sc.header {
		if !strings.Contains(strings.Join(res.Header.Values(name), ", "), want) {
			t.Errorf("%s: %s is %q, wanted %q", sc.name, name, res.Header.Values(name), want)
		}
	}
}

var english = map[string]string{"Accept-Language": "en-GB,en;q=0.9"}

func TestPublicAnswers(t *testing.T) {
	s := public(t)
	const places, lines = "/ogc/collections/places/items", "/ogc/collections/lines/items"
	badParameter := []string{`"code":"bad_parameter"`}
	for _, sc := range []scenario{
		{name: "alive", path: "/healthz", status: 200},
		{name: "ready", path: "/readyz", status: 200, must: []string{`"snapshot"`}},
		{name: "figures", path: "/metrics", status: 200, must: []string{"fangyu_request_seconds"}},
		{name: "document", path: "/openapi.json", status: 200, must: []string{`"3.0.3"`}},
		{name: "docs", path: "/docs", status: 200, must: []string{"/api/proposals"}, header: map[string]string{"Content-Security-Policy": "default-src 'none'"}, mustNot: []string{"<script", "http://", "https://"}},
		{name: "config", path: "/api/config", status: 200, must: []string{"渝S(2026)000号", "示意，不作为划界依据"}},
		{name: "landing", path: "/ogc", status: 200, must: []string{`"service-desc"`, `"conformance"`, `"data"`, s.url + "/ogc/collections"}},
		{name: "landing with a slash", path: "/ogc/", status: 200},
		{name: "conformance", path: "/ogc/conformance", status: 200, must: []string{"ogcapi-features-1/1.0/conf/geojson"}},
		{name: "collections", path: "/ogc/collections", status: 200, must: []string{`"built-up-areas"`, `"itemCount":88`, `"itemCount":151`, "OGC/1.3/CRS84"}},
		{name: "collection with a slash", path: "/ogc/collections/lines/", status: 200, must: []string{`"storageCrs"`, "application/geo+json"}},
		{name: "schema", path: "/ogc/collections/lines/schema", status: 200, must: []string{`"publishedLengthM"`, `"geometry-multilinestring"`}},
		{name: "queryables", path: "/ogc/collections/places/queryables", status: 200, must: []string{`"divisionCode"`}},
		{name: "no collection", path: "/ogc/collections/nothing/items", status: 404, must: []string{"no-such-collection"}},

		{name: "five lines", path: lines + "?level=province", status: 200, must: []string{`"numberMatched":5,"numberReturned":5`, "渝川线", "示意，不作为划界依据", `"legalStatus":"reference"`}, header: map[string]string{"Content-Type": "application/geo+json"}},
		{name: "a page", path: places + "?limit=2", status: 200, must: []string{`"numberReturned":2`, `"rel":"next"`, "limit=2"}, header: map[string]string{"Link": `rel="next"`}},
		{name: "limit beyond the maximum is the maximum", path: places + "?limit=1000000", status: 200, must: []string{`"numberReturned":10000`}},
		{name: "a name", path: places + "?name=" + "龙兴镇", status: 200, must: []string{`"numberMatched":1`, `"Lóngxīng Zhèn"`}},
		{name: "a box", path: places + "?bbox=106.5,29.5,106.6,29.6&limit=1", status: 200, mustNot: []string{`"numberMatched":0`}},
		{name: "a box latitude first", path: places + "?bbox=29.5,106.5,29.6,106.6&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4490&limit=1", status: 200, mustNot: []string{`"numberMatched":0`}},
		{name: "a box with heights", path: places + "?bbox=106.5,29.5,-100,106.6,29.6,9000&limit=1", status: 200, mustNot: []string{`"numberMatched":0`}},
		{name: "a box of the world", path: lines + "?bbox=-180,-90,180,90&limit=1", status: 200, must: []string{`"numberMatched":88`}},
		{name: "a box over the date line from the east", path: lines + "?bbox=100,20,-170,40&limit=1", status: 200, must: []string{`"numberMatched":88`}},
		{name: "a box over the date line far off", path: lines + "?bbox=170,20,-170,40&limit=1", status: 200, must: []string{`"numberMatched":0`}},
		{name: "latitude first", path: places + "?limit=1&name=龙兴镇&crs=http://www.opengis.net/def/crs/EPSG/0/4490", status: 200, must: []string{`"coordinates":[29.`}, header: map[string]string{"Content-Crs": "EPSG/0/4490"}},
		{name: "a day", path: lines + "?datetime=2030-01-01&limit=1", status: 200, must: []string{`"numberMatched":88`}},
		{name: "open interval", path: lines + "?datetime=../2030-01-01&limit=1", status: 200},
		{name: "interval of instants", path: lines + "?datetime=2020-01-01T00:00:00Z/..&limit=1", status: 200},
		{name: "head", method: "HEAD", path: places + "?limit=1", status: 200},
		{name: "options", method: "OPTIONS", path: places, status: 204, header: map[string]string{"Allow": "GET"}},
		{name: "wrong method", method: "DELETE", path: places, status: 405, must: []string{"method-not-allowed"}},

		{name: "unknown parameter", path: places + "?colour=red", status: 400, must: append(badParameter, "colour", "divisionCode")},
		{name: "sort by injection", path: places + "?sort=name;drop", status: 400, must: badParameter},
		{name: "a latitude beyond the pole", path: places + "?bbox=106,29,107,91", status: 400, must: badParameter},
		{name: "latitudes upside down", path: places + "?bbox=106,30,107,29", status: 400, must: badParameter},
		{name: "three numbers", path: places + "?bbox=1,2,3", status: 400, must: badParameter},
		{name: "not a number", path: places + "?bbox=nan,1,2,3", status: 400, must: badParameter},
		{name: "infinite", path: places + "?bbox=1,2,inf,1e400", status: 400, must: badParameter},
		{name: "upside down", path: places + "?bbox=106,30,107,29", status: 400, must: badParameter},
		{name: "limit in exponents", path: places + "?limit=1e9", status: 400, must: badParameter},
		{name: "no limit", path: places + "?limit=0", status: 400, must: badParameter},
		{name: "frame nonsense", path: places + "?crs=nonsense", status: 400, must: append(badParameter, "CRS84")},
		{name: "a day that is none", path: places + "?datetime=2026-13-45", status: 400, must: badParameter},
		{name: "an end alone", path: places + "?datetime=..", status: 400, must: badParameter},
		{name: "interval backwards", path: places + "?datetime=2026-01-01/2020-01-01", status: 400, must: badParameter},
		{name: "a token that is none", path: places + "?next=zzz", status: 400, must: badParameter},
		{name: "twice", path: places + "?limit=1&limit=2", status: 400, must: badParameter},
		{name: "in English", path: "/nowhere", headers: english, status: 404, must: []string{"Not found", "There is no such address."}},
		{name: "no such feature", path: places + "/abc", status: 404, must: []string{"no-such-feature"}},
		{name: "number as feature", path: places + "/99999999999999", status: 404},

		{name: "a tile", path: "/tiles/divisions/7/101/53.mvt", status: 200, must: []string{"divisions"}, header: map[string]string{"Content-Type": "application/vnd.mapbox-vector-tile"}},
		{name: "the same tile of the standard", path: "/ogc/collections/divisions/tiles/WebMercatorQuad/7/53/101", status: 200, must: []string{"divisions"}},
		{name: "an empty tile", path: "/tiles/divisions/7/0/0.mvt", status: 204},
		{name: "a tile beyond", path: "/tiles/divisions/3/8/0.mvt", status: 404, must: []string{"no-such-tile"}},
		{name: "a tile too deep", path: "/tiles/divisions/25/0/0.mvt", status: 404},
		{name: "a tile of letters", path: "/tiles/divisions/a/b/c.mvt", status: 404},

		{name: "search", path: "/api/search?q=渝北", status: 200, must: []string{"渝北区"}},
		{name: "search in pinyin", path: "/api/suggest?q=yubei", status: 200, must: []string{"渝北区"}},
		{name: "search a line", path: "/api/search?q=渝川线", status: 200, must: []string{`"kind":"line"`}},
		{name: "search nothing", path: "/api/search?q=", status: 200, must: []string{`"items":[]`}},
		{name: "search in a division", path: "/api/search?q=龙&division=500112&limit=50", status: 200, must: []string{"龙兴镇", `"more":false`, `"rung":"prefix"`, `"mark":[0,1]`}, mustNot: []string{`"divisionName":"江北区"`}},
		{name: "search with more", path: "/api/search?q=龙&limit=2", status: 200, must: []string{`"more":true`}},
		{name: "search by level", path: "/api/suggest?q=渝&level=county&category=division", status: 200, must: []string{"渝北区", `"rung":"prefix"`}, mustNot: []string{`"level":"township"`}},
		{name: "search by code", path: "/api/suggest?q=500112", status: 200, must: []string{"渝北区", `"rung":"code"`}},
		{name: "search in no division", path: "/api/suggest?q=渝&division=500999", status: 404, must: []string{"division-unknown"}},
		{name: "search in nothing", path: "/api/suggest?q=渝&division=x", status: 400, must: badParameter},
		{name: "search by no level", path: "/api/suggest?q=渝&level=street", status: 400, must: badParameter},
		{name: "search by no category", path: "/api/suggest?q=渝&category=creek", status: 400, must: []string{"bad-category"}},
		{name: "search former names perhaps", path: "/api/suggest?q=渝&former=maybe", status: 400, must: badParameter},
		{name: "search for a novel", path: "/api/search?q=" + strings.Repeat("渝", 101), status: 400, must: badParameter},
		{name: "search injection", path: "/api/search?q=%27%3B--%25", status: 200, must: []string{`"items":[]`}},
		{name: "where", path: "/api/reverse?lon=106.5766&lat=29.5567", status: 200, must: []string{"重庆市", `"level":"county"`}},
		{name: "nowhere", path: "/api/reverse?lon=0&lat=0", status: 200, must: []string{`"items":[]`}},
		{name: "not a place", path: "/api/reverse?lon=x&lat=0", status: 400, must: badParameter},
		{name: "lines", path: "/api/lines?level=province", status: 200, must: []string{"渝川线", "5051"}},
		{name: "lines of no level", path: "/api/lines?level=street", status: 400, must: badParameter},
		{name: "no line", path: "/api/lines/" + nobody, status: 404, must: []string{"line-unknown"}},
		{name: "no marker", path: "/api/markers/" + nobody, status: 404, must: []string{"marker-unknown"}},
		{name: "no place", path: "/api/places/" + nobody, status: 404, must: []string{"place-unknown"}},
		{name: "no division", path: "/api/divisions/x", status: 404, must: []string{"unknown-id"}},
		{name: "changes", path: "/api/changes?limit=3", status: 200, must: []string{`"subject":"import/`}},

		{name: "no such path", path: "/api/nothing", status: 404, must: []string{"no-such-path"}},
		{name: "signed out", path: "/api/session", status: 401, must: []string{"signed-out"}},
		{name: "signed out elsewhere", path: "/api/tracks", status: 401},
		{name: "a false token", path: "/api/tracks", headers: map[string]string{"Authorization": "Bearer fangyu_x"}, status: 401, must: []string{"bad-token"}},
		{name: "another site", method: "POST", path: "/api/session", body: "{}", headers: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403, must: []string{"cross-origin"}},
	} {
		t.Run(sc.name, func(t *testing.T) { sc.run(t, s.visitor(t)) })
	}
}

const nobody = "00000000-0000-7000-8000-000000000000"

func TestHeadersOfSafety(t *testing.T) {
	s := public(t)
	for _, path := range []string{"/api/config", "/ogc", "/nowhere", "/"} {
		res, _ := s.get(t, path, "Accept", "text/html")
		policy := res.Header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "script-src 'self';") || !strings.Contains(policy, "worker-src 'self' blob:") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		if res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %v", path, res.Header)
		}
		if res.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie for nobody: %s", path, res.Header.Get("Set-Cookie"))
		}
	}
}
