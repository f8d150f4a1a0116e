package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb/maptile"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
)

func key(k string) map[string]string { return map[string]string{"Idempotency-Key": k} }

// seen is the If-Match of a resource as it was read.
func seen(o object) map[string]string {
	return map[string]string{"If-Match": fmt.Sprintf(`"%v"`, o["version"])}
}

func TestSession(t *testing.T) {
	w := newWorld(t)
	v := w.visitor(t)
	v.want(t, 401, "POST", "/api/session", object{"account": "north", "password": "wrong one"}, nil)
	v.want(t, 401, "POST", "/api/session", object{"account": "nobody", "password": "wrong one"}, nil)
	v.want(t, 400, "POST", "/api/session", `{"account":"north","pasword":"x"}`, nil)
	res, _ := v.send(t, "POST", "/api/session", object{"account": "north", "password": demoPassword}, nil)
	cookie := res.Header.Get("Set-Cookie")
	for _, want := range []string{"fangyu_session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q has no %s", cookie, want)
		}
	}
	who := v.want(t, 200, "GET", "/api/session", nil, nil)
	if who.text("account") != "north" || who.object("office").text("name") != "渝北区民政局" || who.object("office").text("divisionId") == "" || who["demo"] != false {
		t.Errorf("signed in as %v", who)
	}
	var stored int
	must(t, w.db.Pool.QueryRow(t.Context(), `select count(*)::int from session where $1 like '%' || token || '%'`, cookie).Scan(&stored))
	if stored != 0 {
		t.Error("the token stands in the table as the client has it")
	}
	v.want(t, 204, "DELETE", "/api/session", nil, nil)
	v.want(t, 401, "GET", "/api/session", nil, nil)

	token, err := w.gaz.CreateToken(t.Context(), importer, today, "north", "仪器", time.Hour)
	must(t, err)
	bearer := map[string]string{"Authorization": "Bearer " + token}
	if got := w.visitor(t).want(t, 200, "GET", "/api/session", nil, bearer); got.text("account") != "north" {
		t.Errorf("by token: %v", got)
	}
	for range 6 {
		v.send(t, "POST", "/api/session", object{"account": "south", "password": "wrong one"}, nil)
	}
	v.want(t, 429, "POST", "/api/session", object{"account": "south", "password": demoPassword}, nil)
}

func TestTrackWalksThrough(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "north")
	gpx := w.walk(1, 0, 9000)
	send := func() *form {
		return upload(t, "巡查.gpx", gpx, "lineId", w.line.String(), "receiver", "handheld", "sigmaM", "5")
	}
	first := v.want(t, 201, "POST", "/api/tracks", send(), key("walk-1"))
	if len(first.text("sha256")) != 64 || first.object("receipt").list("files")[0].text("sha256") != first.text("sha256") {
		t.Fatalf("received %v", first)
	}
	again := v.want(t, 201, "POST", "/api/tracks", send(), key("walk-1")) // another boundary, the same parts
	if again.text("id") != first.text("id") || fmt.Sprint(again["receipt"]) != fmt.Sprint(first["receipt"]) {
		t.Errorf("the same key answers %v, first %v", again, first)
	}
	if same := v.want(t, 200, "POST", "/api/tracks", send(), nil); same.text("id") != first.text("id") {
		t.Errorf("the same bytes are another track: %v", same)
	}
	other := upload(t, "巡查.gpx", gpx, "lineId", w.line.String(), "receiver", "phone")
	if p := v.want(t, 409, "POST", "/api/tracks", other, key("walk-1")); p.text("code") != "idempotency-key-reused" {
		t.Errorf("another body under the key: %v", p)
	}
	track := w.matched(t, v, first.text("id"))
	match := track.object("match")
	if coverage := match["coverage"].(float64); track.text("state") != "matched" || math.Abs(coverage-0.6) > 0.01 {
		t.Errorf("%s with coverage %v", track.text("state"), coverage)
	}
	if list := v.want(t, 200, "GET", "/api/tracks?limit=1", nil, nil); len(list.list("items")) != 1 {
		t.Errorf("own list: %v", list)
	}
	w.covers(t, match)
	w.as(t, "stranger").want(t, 404, "GET", "/api/tracks/"+first.text("id"), nil, nil)
	if seen := w.as(t, "south").want(t, 200, "GET", "/api/tracks/"+first.text("id"), nil, nil); seen["reading"] != nil || seen["match"] == nil {
		t.Errorf("the other party sees %v", seen)
	}
}

// covers waits until the walked intervals of a match stand in the public coverage, each with its chainage.
func (w *world) covers(t *testing.T, match object) {
	t.Helper()
	v := w.visitor(t)
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		features := v.want(t, 200, "GET", "/ogc/collections/coverage/items?class=walked&line="+w.line.String(), nil, nil).list("features")
		var walked float64
		for _, f := range features {
			p := f.object("properties")
			walked += p["toM"].(float64) - p["fromM"].(float64)
		}
		if math.Abs(walked-match["walkedM"].(float64)) < 0.01 {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%v m are walked in public, %v m by the match", walked, match["walkedM"])
		}
	}
	at := maptile.At(w.course.At(1000), 12)
	address := fmt.Sprintf("/tiles/coverage/%d/%d/%d.mvt", at.Z, at.X, at.Y)
	if res, body := v.send(t, "GET", address, nil, nil); res.StatusCode != 200 || !strings.Contains(string(body), "walked") {
		t.Errorf("%s does not show it: %d", address, res.StatusCode)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "north")
	line := w.line.String()
	for _, sc := range []scenario{
		{name: "not a form", body: "{}", status: 415, must: []string{"not-multipart"}},
		{name: "no file", body: &form{kind: "multipart/form-data; boundary=x"}, status: 400},
		{name: "no line", body: upload(t, "a.gpx", []byte("<gpx/>")), status: 400, must: []string{"line-missing"}},
		{name: "a line that is none", body: upload(t, "a.gpx", nil, "lineId", nobody), status: 404, must: []string{"line-unknown"}},
		{name: "an id that is none", body: upload(t, "a.gpx", nil, "lineId", "five"), status: 400, must: []string{"bad-id"}},
		{name: "an unknown field", body: upload(t, "a.gpx", nil, "lineId", line, "colour", "red"), status: 400, must: []string{"unknown-field", "colour"}},
		{name: "an unknown receiver", body: upload(t, "a.gpx", nil, "lineId", line, "receiver", "sextant"), status: 400, must: []string{"bad-receiver"}},
		{name: "a file name with a control character", body: upload(t, "a\x01b.gpx", nil, "lineId", line), status: 400, must: []string{"bad-part"}},
		{name: "no deviation", body: upload(t, "a.gpx", nil, "lineId", line, "sigmaM", "NaN"), status: 400, must: []string{"bad-sigma"}},
		{name: "a field of novels", body: upload(t, "a.gpx", nil, "receiver", strings.Repeat("x", 5000)), status: 400, must: []string{"field-too-long"}},
		{name: "a field after the file", body: lateField(t, line), status: 400, must: []string{"field-after-file"}},
		{name: "a field after the file, with a key", body: lateField(t, line), headers: key("late"), status: 400, must: []string{"field-after-file"}},
		{name: "a key that is no text", body: upload(t, "a.gpx", nil, "lineId", line), headers: key("\xff\xfe"), status: 400, must: []string{"bad-text"}},
		{name: "a key of novels", body: upload(t, "a.gpx", nil, "lineId", line), headers: key(strings.Repeat("k", 201)), status: 400, must: []string{"idempotency-key-long"}},
	} {
		sc.method, sc.path = "POST", "/api/tracks"
		t.Run(sc.name, func(t *testing.T) { sc.run(t, v) })
	}
	w.as(t, "stranger").want(t, 403, "POST", "/api/tracks", upload(t, "a.gpx", []byte("<gpx/>"), "lineId", line), nil)
	var n int
	must(t, w.db.Super.QueryRow(t.Context(), `select count(*)::int from track`).Scan(&n))
	if n != 0 {
		t.Errorf("%d tracks were kept", n)
	}
	// An unreadable file within size is kept and acknowledged; its reading says what is wrong.
	kept := v.want(t, 201, "POST", "/api/tracks", upload(t, "../../login.gpx", []byte("<!doctype html><html></html>"), "lineId", line), nil)
	track := w.matched(t, v, kept.text("id"))
	if track.text("state") != "unreadable" || track.text("fileName") != "login.gpx" || !strings.Contains(fmt.Sprint(track["reading"]), "looks_like_html") {
		t.Errorf("a page as a track: %v", track)
	}
}

func TestFilesOverTheLimitAreRefusedWithTheLimit(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "north")
	frame := upload(t, "a.gpx", []byte("<gpx>"), "lineId", w.line.String())
	head, tail, _ := strings.Cut(frame.String(), "<gpx>")
	large := io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, boundsql.MaxTrackBytes+1), strings.NewReader(tail))
	p := v.want(t, 413, "POST", "/api/tracks", large, map[string]string{"Content-Type": frame.kind})
	if !strings.Contains(p.text("detail"), fmt.Sprint(boundsql.MaxTrackBytes)) {
		t.Errorf("the limit is not named: %v", p)
	}
}

// zeros is an endless file of nothing.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestInspectionWalksThrough(t *testing.T) {
	w := newWorld(t)
	city, north, south := w.as(t, "city"), w.as(t, "north"), w.as(t, "south")
	opened := city.want(t, 201, "POST", "/api/inspections", object{
		"programme": "县级界线第五轮联检", "round": 5, "yearFrom": 2025, "yearTo": 2029, "lineId": w.line,
		"leadOffice": w.offices["north"], "cooperatingOffice": w.offices["south"],
	}, key("round"))
	path := "/api/inspections/" + opened.text("id")
	act := func(v visitor, action string, more object) object {
		body := object{"action": action}
		for name, value := range more {
			body[name] = value
		}
		return v.want(t, 200, "POST", path+"/actions", body, seen(v.want(t, 200, "GET", path, nil, nil)))
	}
	act(north, "start", nil)
	for v, ends := range map[*visitor][2]float64{&north: {0, 9000}, &south: {6000, 0}} {
		sent := v.want(t, 201, "POST", "/api/tracks", upload(t, "联检.gpx", w.walk(uint64(ends[0]), ends[0], ends[1]), "inspectionId", opened.text("id")), nil)
		w.matched(t, *v, sent.text("id"))
		form := object{"found": "intact", "checkedOn": "2026-04-01", "observed": []float64{w.markers[0].Lon, w.markers[0].Lat, 250}, "note": "字迹清晰", "submit": true}
		v.want(t, 200, "PUT", path+"/forms/"+w.markers[0].ID.String(), form, seen(v.want(t, 200, "GET", path, nil, nil)))
	}
	north.want(t, 428, "POST", path+"/actions", object{"action": "finish-field"}, nil)
	north.want(t, 412, "POST", path+"/actions", object{"action": "finish-field"}, map[string]string{"If-Match": `"1"`})
	south.want(t, 403, "POST", path+"/actions", object{"action": "finish-field"}, seen(south.want(t, 200, "GET", path, nil, nil)))
	w.as(t, "stranger").want(t, 404, "GET", path, nil, nil)
	act(north, "finish-field", nil)
	compiled := act(north, "compile", nil)
	digest := compiled.text("reportSha256")
	if p := north.want(t, 403, "POST", path+"/actions", object{"action": "sign", "contentSha256": digest}, seen(compiled)); p.text("code") != "confirm-identity" {
		t.Errorf("signing without the password: %v", p)
	}
	north.confirm(t)
	south.confirm(t)
	north.want(t, 409, "POST", path+"/actions", object{"action": "sign", "contentSha256": strings.Repeat("0", 64)}, seen(compiled))
	act(north, "sign", object{"contentSha256": digest})
	signed := act(south, "sign", object{"contentSha256": digest})
	if signed.text("state") != "signed" || len(signed.list("signatures")) != 2 {
		t.Fatalf("signed: %v", signed)
	}
	if list := city.want(t, 200, "GET", "/api/inspections", nil, nil); len(list.list("items")) != 1 {
		t.Errorf("from above: %v", list)
	}
	res, report := south.send(t, "GET", path+"/report", nil, nil)
	if res.StatusCode != 200 {
		t.Fatalf("the report: %d %s", res.StatusCode, report)
	}
	if policy := res.Header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "style-src 'sha256-") || strings.Contains(string(report), ` style="`) {
		t.Errorf("the printed report holds its styles by %q", policy)
	}
	sameFigures(t, string(report), signed)
	edited := north.want(t, 200, "PUT", path+"/forms/"+w.markers[1].ID.String(), object{"found": "damaged", "checkedOn": "2026-04-02", "submit": true}, seen(signed))
	for _, s := range edited.list("signatures") {
		if s["voidedAt"] == nil {
			t.Errorf("the edit left the signature of %s", s.text("office"))
		}
	}
}

// sameFigures holds the printed report against the figures of the interface.
func sameFigures(t *testing.T, report string, inspection object) {
	t.Helper()
	f := inspection.object("figures")
	wanted := []any{f["lineLengthM"], f["walkedM"], f["coverage"], f["markersTotal"], f["markersChecked"]}
	for _, side := range []string{"lead", "cooperating"} {
		wanted = append(wanted, f.object(side)["walkedM"], f.object(side)["coverage"])
	}
	for _, i := range f.list("intervals") {
		wanted = append(wanted, i["fromM"], i["toM"])
	}
	for _, m := range f.list("markers") {
		wanted = append(wanted, m["chainageM"])
	}
	for _, value := range wanted {
		exact, err := json.Marshal(value)
		must(t, err)
		if !strings.Contains(report, `<data value="`+string(exact)+`">`) {
			t.Errorf("the report does not show %s", exact)
		}
	}
	for _, want := range []string{inspection.text("reportSha256"), "示意，不作为划界依据", "渝北区民政局", "江北区民政局", "<svg"} {
		if !strings.Contains(report, want) {
			t.Errorf("the report does not show %s", want)
		}
	}
	if strings.Contains(report, "草稿") || strings.Count(report, `class="walked"`) == 0 {
		t.Error("the report is a draft or shows nothing walked")
	}
}

func TestNameWalksThrough(t *testing.T) {
	w := newWorld(t)
	clerk, city := w.as(t, "clerk"), w.as(t, "city")
	w.visitor(t).want(t, 401, "POST", "/api/name-checks", object{"name": "新华村", "category": "village-committee", "division": "500112"}, nil)
	verdict := clerk.want(t, 200, "POST", "/api/name-checks", object{
		"kind": "new", "name": "新华村", "category": "village-committee", "division": "500112", "point": []float64{106.6, 29.7},
	}, nil)
	if found := verdict.list("findings"); verdict.text("verdict") != "block" || found[0].text("code") != "duplicate-name" || !strings.Contains(found[0].text("clause"), "第九条") {
		t.Errorf("verdict %v", verdict)
	}
	clerk.want(t, 400, "POST", "/api/name-checks", object{"name": "新华村", "category": "village-committee", "division": "500112", "point": object{"lon": 29.7, "lat": 106.6}}, nil)
	clerk.want(t, 400, "POST", "/api/name-checks", object{"name": "新华村", "category": "town", "division": "500112"}, nil)

	place := w.placeNamed(t, "龙井村")
	blocked := clerk.want(t, 422, "POST", "/api/proposals", object{"kind": "rename", "placeId": place, "name": "新华村", "reason": "合并"}, key("p0"))
	if blocked.text("code") != "name-blocked" || len(blocked.list("findings")) == 0 {
		t.Errorf("blocked: %v", blocked)
	}
	wanted := object{"kind": "rename", "placeId": place, "name": "清泉村", "reason": "村民会议决定更名"}
	made := w.twiceAtOnce(t, clerk, "/api/proposals", wanted, "p1")
	path := "/api/proposals/" + made.text("id")
	clerk.want(t, 409, "POST", "/api/proposals", object{"kind": "rename", "placeId": place, "name": "甘泉村", "reason": "另一个"}, key("p1"))
	act := func(v visitor, body object) object {
		return v.want(t, 200, "POST", path+"/actions", body, seen(v.want(t, 200, "GET", path, nil, nil)))
	}
	act(clerk, object{"action": "accept"})
	act(w.as(t, "seat-1"), object{"action": "vote", "approve": true, "reason": "同意"})
	resolved := act(w.as(t, "seat-2"), object{"action": "vote", "approve": true})
	if resolved.text("state") != "resolved" {
		t.Fatalf("two of three votes leave it %s", resolved.text("state"))
	}
	w.as(t, "seat-3").want(t, 409, "POST", path+"/actions", object{"action": "vote", "approve": true}, seen(resolved))
	clerk.want(t, 403, "POST", path+"/actions", object{"action": "approve", "documents": []object{{"title": "批复", "number": "1号"}}}, seen(resolved))
	city.want(t, 400, "POST", path+"/actions", object{"action": "approve", "documents": []object{{"title": "批复", "number": "1号", "issuedOn": "yesterday"}}}, seen(resolved))
	city.want(t, 403, "POST", path+"/actions", object{"action": "approve", "documents": []object{{"title": "批复", "number": "1号"}}}, seen(resolved))
	city.confirm(t)
	done := act(city, object{"action": "approve", "documents": []object{{"title": "关于龙井村更名的批复", "number": "渝民〔2026〕1号"}}})
	if done.text("state") != "approved" {
		t.Fatalf("approved: %v", done)
	}
	w.standsAs(t, place, "清泉村", "渝民〔2026〕1号")
	names := w.visitor(t).want(t, 200, "GET", "/api/places/"+place, nil, nil).list("names")
	if len(names) < 2 || names[0].text("name") != "清泉村" && names[1].text("name") != "清泉村" {
		t.Errorf("names over time: %v", names)
	}
	if list := clerk.want(t, 200, "GET", "/api/proposals?limit=1", nil, nil); len(list.list("items")) != 1 {
		t.Errorf("the list: %v", list)
	}
	w.listsOwn(t, clerk, made.text("id"))
}

// listsOwn holds that an applicant finds its own case on the first page, whatever others have submitted since.
func (w *world) listsOwn(t *testing.T, clerk visitor, others string) {
	t.Helper()
	w.account(t, "applicant", "某建设单位", nil, gazetteer.Applicant)
	applicant := w.as(t, "applicant")
	ask := func(v visitor, name string) string {
		return v.want(t, 201, "POST", "/api/proposals", object{
			"kind": "new", "name": name, "category": "street", "division": "500112", "reason": "新建道路", "facts": object{"roadWidthM": 24},
		}, nil).text("id")
	}
	own, newer := ask(applicant, "松涛路"), ask(clerk, "竹影路")
	items := applicant.want(t, 200, "GET", "/api/proposals?limit=1", nil, nil).list("items")
	if len(items) != 1 || items[0].text("id") != own {
		t.Errorf("the applicant's first page: %v", items)
	}
	for _, id := range []string{others, newer} {
		applicant.want(t, 404, "GET", "/api/proposals/"+id, nil, nil)
	}
	page := clerk.want(t, 200, "GET", "/api/proposals?limit=1", nil, nil)
	rest := clerk.want(t, 200, "GET", "/api/proposals?next="+page.text("next"), nil, nil)
	if page.list("items")[0].text("id") != newer || len(rest.list("items")) != 2 || rest["next"] != nil {
		t.Errorf("the clerk's pages: %v and %v", page, rest)
	}
}

// placeNamed is the id of a place, which the search may know some milliseconds after it was written.
func (w *world) placeNamed(t *testing.T, name string) string {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if items := w.visitor(t).want(t, 200, "GET", "/api/search?q="+name, nil, nil).list("items"); len(items) > 0 {
			return items[0].text("id")
		}
		if time.Now().After(until) {
			t.Fatalf("no %s", name)
		}
	}
}

// twiceAtOnce sends the same submission twice at the same time under one key and wants one resource.
func (w *world) twiceAtOnce(t *testing.T, v visitor, path string, body object, k string) object {
	t.Helper()
	var both [2]object
	var wait sync.WaitGroup
	for i := range both {
		wait.Go(func() { both[i] = v.want(t, 201, "POST", path, body, key(k)) })
	}
	wait.Wait()
	if both[0].text("id") == "" || both[0].text("id") != both[1].text("id") {
		t.Fatalf("one key made %v and %v", both[0]["id"], both[1]["id"])
	}
	return both[0]
}

// standsAs waits until the place stands in public under the name, with the document that decided it.
func (w *world) standsAs(t *testing.T, place, name, document string) {
	t.Helper()
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		f := w.visitor(t).want(t, 200, "GET", "/ogc/collections/places/items/"+place, nil, nil).object("properties")
		if f.text("name") == name && strings.Contains(f.text("document"), document) && f.text("approvedBy") == "重庆市民政局" && f.text("validFrom") == "2026-11-24" {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("the place stands as %v", f)
		}
	}
	before := w.visitor(t).want(t, 200, "GET", "/ogc/collections/places/items/"+place+"?datetime=2026-11-23", nil, nil)
	if before.object("properties").text("name") != "龙井村" || before.object("properties").text("validTo") != "2026-11-24" {
		t.Errorf("the day before it stands as %v", before)
	}
}

// lateField is a form whose file comes before its last field.
func lateField(t *testing.T, line string) *form {
	t.Helper()
	f := &form{}
	w := multipart.NewWriter(f)
	must(t, w.WriteField("lineId", line))
	part, err := w.CreateFormFile("file", "a.gpx")
	must(t, err)
	_, err = part.Write([]byte("<gpx/>"))
	must(t, err)
	must(t, w.WriteField("receiver", "handheld"))
	must(t, w.Close())
	f.kind = w.FormDataContentType()
	return f
}

// TestOneKeyIsOneUpload sends different tracks under one key at once: one is received, the others are told.
func TestOneKeyIsOneUpload(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "north")
	statuses := make([]int, 8)
	forms := make([]*form, len(statuses))
	for i := range forms {
		forms[i] = upload(t, "a.gpx", fmt.Appendf(nil, "<gpx><!--%d--></gpx>", i), "lineId", w.line.String())
	}
	var all sync.WaitGroup
	for i := range forms {
		all.Go(func() {
			res, _ := v.send(t, "POST", "/api/tracks", forms[i], key("one"))
			statuses[i] = res.StatusCode
		})
	}
	all.Wait()
	var n int
	must(t, w.db.Super.QueryRow(t.Context(), `select count(*)::int from track`).Scan(&n))
	if slices.Sort(statuses); n != 1 || statuses[0] != 201 || statuses[1] != 409 {
		t.Errorf("%d tracks were received: %v", n, statuses)
	}
}

// TestAKeyIsFreeAgainWhenItsClientLeft gives up on a submission while the database is slow: nothing was made, and the
// same request sent again is served.
func TestAKeyIsFreeAgainWhenItsClientLeft(t *testing.T) {
	w := newWorld(t)
	clerk := w.as(t, "clerk")
	_, err := w.db.Owner.Exec(t.Context(), `
		create function doze() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
		create trigger doze before insert on proposal for each row execute function doze()`)
	must(t, err)
	body := object{"kind": "new", "name": "紫云路", "category": "street", "division": "500112", "reason": "新建"}
	raw, err := json.Marshal(body)
	must(t, err)
	ctx, leave := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer leave()
	req, err := http.NewRequestWithContext(ctx, "POST", w.url+"/api/proposals", bytes.NewReader(raw))
	must(t, err)
	req.Header.Set("Idempotency-Key", "impatient")
	if _, err := clerk.client.Do(req); err == nil {
		t.Fatal("the database was not slow")
	}
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var n int
		must(t, w.db.Pool.QueryRow(t.Context(), `select count(*)::int from idempotency`).Scan(&n))
		if n == 0 {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the key is still taken")
		}
	}
	_, err = w.db.Owner.Exec(t.Context(), `drop trigger doze on proposal`)
	must(t, err)
	clerk.want(t, 201, "POST", "/api/proposals", body, key("impatient"))
}

// TestWhatWasMadeBeforeTheServerWasKilledIsNotMadeAgain sends submissions again whose server was killed after the record
// was made and before the answer was kept: the row of the key is as such a server leaves it.
func TestWhatWasMadeBeforeTheServerWasKilledIsNotMadeAgain(t *testing.T) {
	w := newWorld(t)
	var north uuid.UUID
	must(t, w.db.Pool.QueryRow(t.Context(), `select division_id from division_code where code = '500112'`).Scan(&north))
	w.account(t, "admin", "渝北区民政局", &north, gazetteer.Administrator)
	clerk, city, admin := w.as(t, "clerk"), w.as(t, "city"), w.as(t, "admin")
	for _, c := range []struct {
		who   visitor
		path  string
		table string
		body  object
	}{
		{clerk, "/api/proposals", "proposal", object{"kind": "new", "name": "紫云路", "category": "street", "division": "500112", "reason": "新建"}},
		{city, "/api/inspections", "inspection", object{
			"programme": "县级界线第四轮联检", "round": 4, "lineId": w.line, "leadOffice": w.offices["north"], "cooperatingOffice": w.offices["south"],
		}},
		{admin, "/api/offices", "office", object{"name": "渝北测绘院", "kind": "contractor", "divisionId": north}},
	} {
		count := func() (n int) {
			must(t, w.db.Super.QueryRow(t.Context(), `select count(*)::int from `+c.table).Scan(&n))
			return n
		}
		first := c.who.want(t, 201, "POST", c.path, c.body, key("cut"))
		made := count()
		_, err := w.db.Super.Exec(t.Context(), `update idempotency set status = null, answer = null, headers = null, at = at - interval '2 minutes'`)
		must(t, err)
		other := maps.Clone(c.body)
		other["name"] = "别的"
		if c.who.want(t, 409, "POST", c.path, other, key("cut")).text("code") != "idempotency-key-reused" {
			t.Errorf("%s: another body under the key of a request that broke off", c.path)
		}
		again := c.who.want(t, 201, "POST", c.path, c.body, key("cut"))
		if again.text("id") != first.text("id") || count() != made {
			t.Errorf("%s: made %s, and again %s; %d records, then %d", c.path, first.text("id"), again.text("id"), made, count())
		}
		if fresh := c.who.want(t, 201, "POST", c.path, c.body, key("cut")); fresh.text("id") != first.text("id") {
			t.Errorf("%s: a third time %v", c.path, fresh)
		}
	}
}
