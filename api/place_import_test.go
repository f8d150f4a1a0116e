package api_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"fangyu/gazetteer/gazsql"
)

// importsFile has a row of every verdict: 新华湾 and 龙井湾 are there, 福星村 sounds like another.
const importsFile = "名称,类别,行政区划代码,经度,纬度,备考\n" +
	"新华湾,natural-village,500112100,,,\n" + // same
	"龙井湾,natural-village,500112100,106.7312345,29.7512345,甲\n" + // changed: a position
	"双凤垭,natural-village,500112100,106.7412345,29.7612345,\n" + // new
	"福兴村,natural-village,500112100,106.7512345,29.7712345,\n" + // new
	"福星村,natural-village,500112100,106.7612345,29.7812345,\n" + // sounds like the row before
	"无地村,natural-village,500105,106.55,29.55,\n" + // not ours
	"没有类别,,500112100,,,\n" // refused

// villages are there before an import comes.
func (w *world) villages(t *testing.T) {
	t.Helper()
	_, err := w.gaz.ImportPlaces(t.Context(), importer, today, gazsql.Import{
		Source: source(t, "places.csv", "name,category,divisionCode\n新华湾,natural-village,500112100\n龙井湾,natural-village,500112100\n"),
	})
	must(t, err)
}

// handsIn hands a file in and returns the import.
func (v visitor) handsIn(t *testing.T, status int, name, content string) object {
	t.Helper()
	return v.want(t, status, "POST", "/api/imports?fileName="+name, strings.NewReader(content), map[string]string{"Content-Type": "application/octet-stream"})
}

// settled waits until a job is done with the import.
func (v visitor) settled(t *testing.T, id string) object {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		p := v.want(t, 200, "GET", "/api/imports/"+id, nil, nil)
		if state := p.text("state"); state != "judging" && state != "committing" {
			return p
		}
		if time.Now().After(until) {
			t.Fatalf("the import is not done: %v", p)
		}
	}
}

// judged sets an import and waits until its rows are judged.
func (v visitor) judged(t *testing.T, p, settings object) object {
	t.Helper()
	v.want(t, 200, "PUT", "/api/imports/"+p.text("id"), settings, seen(p))
	p = v.settled(t, p.text("id"))
	if p.text("state") != "judged" {
		t.Fatalf("the import is not judged: %v", p)
	}
	return p
}

// acted acts on an import and waits until it is done.
func (v visitor) acted(t *testing.T, p object, action string) object {
	t.Helper()
	v.want(t, 200, "POST", "/api/imports/"+p.text("id")+"/actions", object{"action": action}, seen(p))
	return v.settled(t, p.text("id"))
}

func verdicts(p object) string {
	var out []string
	for _, c := range p.list("counts") {
		out = append(out, fmt.Sprintf("%s %v", c.text("verdict"), c["rows"]))
	}
	return strings.Join(out, ", ")
}

func actionsOf(o object) string {
	var out []string
	for _, a := range o.list("actions") {
		out = append(out, a.text("name"))
	}
	return strings.Join(out, " ")
}

func TestAnImportOverHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.villages(t)
	clerk, city, south := w.as(t, "clerk"), w.as(t, "city"), w.as(t, "south")
	p := clerk.handsIn(t, 201, "villages.csv", importsFile)
	path := "/api/imports/" + p.text("id")
	if again := clerk.handsIn(t, 200, "copy.csv", importsFile); again.text("id") != p.text("id") {
		t.Errorf("the same bytes are another import: %v", again)
	}
	if h := p.list("headings"); len(h) != 6 || h[0].text("field") != "name" || h[5].text("field") != "" || fmt.Sprint(h[5]["samples"]) != "[甲]" {
		t.Errorf("the file is taken for %v", h)
	}
	wantCode(t, clerk.code(t, 400, "PUT", path, object{}, seen(p)), "unknown-column")
	wantCode(t, clerk.code(t, 422, "PUT", path, object{"mapping": object{"备考": "-"}}, seen(p)), "frame-undeclared")
	wantCode(t, clerk.code(t, 400, "PUT", path, object{"frame": "4490", "validFrom": "tomorrow"}, seen(p)), "bad-day")
	wantCode(t, clerk.code(t, 409, "POST", path+"/actions", object{"action": "commit"}, seen(p)), "not-judged")
	settings := object{"mapping": object{"备考": "-"}, "frame": "4490", "partial": true}
	was := p
	p = clerk.judged(t, p, settings)
	wantCode(t, clerk.code(t, 412, "PUT", path, settings, seen(was)), "stale")
	if got := verdicts(p); got != "same 1, changed 1, new 2, twin 1, aside 0, refused 2" || p["undecided"] != 1.0 {
		t.Fatalf("judged %s: %v", got, clerk.want(t, 200, "GET", path+"/rows", nil, nil))
	}
	twin := clerk.want(t, 200, "GET", path+"/rows?verdict=twin", nil, nil).list("items")[0]
	if twin.text("name") != "福星村" || twin.list("twins")[0]["row"] != 4.0 || twin.list("twins")[0].text("why") != "sound" {
		t.Errorf("the doubtful row is %v", twin)
	}
	refused := clerk.want(t, 200, "GET", path+"/rows?verdict=refused", nil, nil).list("items")
	if refused[0].list("findings")[0].text("code") != "outside-jurisdiction" || refused[1]["row"] != 7.0 || len(refused[1].list("findings")) == 0 {
		t.Errorf("refused are %v", refused)
	}
	first := clerk.want(t, 200, "GET", path+"/rows?limit=3", nil, nil)
	if rest := clerk.want(t, 200, "GET", path+"/rows?limit=1000&next="+first.text("next"), nil, nil).list("items"); len(rest) != 4 {
		t.Errorf("after three of seven rows come %d", len(rest))
	}
	for _, bad := range []string{"verdict=x", "next=x", "next=0", "next=99999999999", "limit=0"} {
		clerk.code(t, 400, "GET", path+"/rows?"+bad, nil, nil)
	}
	city.confirm(t)
	wantCode(t, city.code(t, 422, "POST", path+"/actions", object{"action": "commit"}, seen(p)), "twins-undecided")

	decide := func(status int, body object) string {
		return clerk.code(t, status, "POST", path+"/decisions", body, seen(p))
	}
	wantCode(t, decide(409, object{"rows": []int{3}, "as": "aside"}), "row-not-doubtful")
	wantCode(t, decide(404, object{"rows": []int{99}, "as": "aside"}), "row-unknown")
	wantCode(t, decide(404, object{"rows": []int{99_999_999_999}, "as": "aside"}), "row-unknown")
	wantCode(t, decide(422, object{"rows": []int{5}, "as": "same", "placeId": w.line}), "not-a-suspect")
	wantCode(t, decide(400, object{"rows": []int{5}, "as": "same"}), "bad-decision")
	p = clerk.want(t, 200, "POST", path+"/decisions", object{"rows": []int{5}, "as": "new"}, seen(p))
	if p["pending"] != 1.0 || p["undecided"] != 0.0 {
		t.Errorf("decided: %v", p)
	}
	wantCode(t, city.code(t, 422, "POST", path+"/actions", object{"action": "commit"}, seen(p)), "decisions-pending")
	p = clerk.acted(t, p, "judge")
	if got := verdicts(p); got != "same 1, changed 1, new 3, twin 0, aside 0, refused 2" || p["pending"] != 0.0 || actionsOf(p) != "judge abandon" {
		t.Errorf("judged again: %s, the clerk can %s", got, actionsOf(p))
	}
	res, body := clerk.send(t, "GET", path+"/findings.xlsx", nil, nil)
	if _, err := zip.NewReader(bytes.NewReader(body), int64(len(body))); err != nil || res.StatusCode != 200 {
		t.Errorf("%d %v", res.StatusCode, err)
	}
	if _, body := clerk.send(t, "GET", path+"/file", nil, nil); string(body) != importsFile {
		t.Errorf("the file comes back as %q", body)
	}

	for _, of := range []string{"", "/rows", "/findings.xlsx", "/file"} {
		wantCode(t, south.code(t, 403, "GET", path+of, nil, nil), "not-yours")
	}
	if list := clerk.want(t, 200, "GET", "/api/imports", nil, nil).list("items"); len(list) != 1 || list[0].text("id") != p.text("id") {
		t.Errorf("the imports are %v", list)
	}
	wantCode(t, clerk.code(t, 403, "POST", path+"/actions", object{"action": "commit"}, seen(p)), "approver-needed")
	p = city.want(t, 200, "GET", path, nil, nil)
	if actionsOf(p) != "judge commit abandon" {
		t.Errorf("the approver can %s", actionsOf(p))
	}
	p = city.acted(t, p, "commit")
	if p.text("state") != "committed" || p["problem"] != nil || actionsOf(p) != "" {
		t.Fatalf("committed: %v", p)
	}
	made := clerk.want(t, 200, "GET", path+"/rows?verdict=new", nil, nil).list("items")
	for _, row := range made {
		if place := clerk.want(t, 200, "GET", "/api/places/"+row.text("placeId"), nil, nil); place.text("name") != row.text("name") {
			t.Errorf("%v became %v", row, place)
		}
	}
	changed := clerk.want(t, 200, "GET", path+"/rows?verdict=changed", nil, nil).list("items")[0]
	if place := clerk.want(t, 200, "GET", "/api/places/"+changed.text("placeId"), nil, nil); len(place.list("placeCorrections")) != 1 {
		t.Errorf("the changed place is %v", place)
	}
	wantCode(t, city.code(t, 409, "POST", path+"/actions", object{"action": "abandon"}, seen(p)), "import-ended")
	if next := clerk.handsIn(t, 201, "villages.csv", importsFile); next.text("id") == p.text("id") {
		t.Error("a committed import is under way")
	}
}

// TestAnImportIsNotCommittedOverChanges changes the record between looking and committing, and commits twice at once.
func TestAnImportIsNotCommittedOverChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.villages(t)
	city := w.as(t, "city")
	settings := object{"frame": "4490"}
	const rows = "name,category,divisionCode,lon,lat\n龙井湾,natural-village,500112100,106.7312345,29.7512345\n双凤垭,natural-village,500112100,106.7412345,29.7612345\n"
	city.confirm(t)
	p := city.judged(t, city.handsIn(t, 201, "a.csv", rows), settings)
	other := city.judged(t, city.handsIn(t, 201, "b.csv", strings.Replace(rows, "106.7312345", "106.7322345", 1)), settings)
	if other = city.acted(t, other, "commit"); other.text("state") != "committed" {
		t.Fatalf("the other import: %v", other)
	}
	p = city.acted(t, p, "commit")
	if p.text("state") != "judged" || p.object("problem").text("code") != "import-stale" || !strings.Contains(p.object("problem").text("detail"), "龙井湾") {
		t.Fatalf("committed over a change: %v", p)
	}
	p = city.acted(t, p, "judge")
	if got := verdicts(p); got != "same 1, changed 1, new 0, twin 0, aside 0, refused 0" || p["problem"] != nil {
		t.Errorf("judged again: %s %v", got, p["problem"])
	}
	var both sync.WaitGroup
	codes := make([]int, 2)
	for i := range codes {
		both.Add(1)
		go func() {
			defer both.Done()
			res, _ := city.send(t, "POST", "/api/imports/"+p.text("id")+"/actions", object{"action": "commit"}, seen(p))
			codes[i] = res.StatusCode
		}()
	}
	both.Wait()
	if codes[0]+codes[1] != 200+412 {
		t.Errorf("two commits of one version are answered %v", codes)
	}
	if p = city.settled(t, p.text("id")); p.text("state") != "committed" {
		t.Errorf("committed: %v", p)
	}
}

// TestFilesThatAreNoImport are refused with a sentence, and nothing of them is under way.
func TestFilesThatAreNoImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	clerk := w.as(t, "clerk")
	for name, c := range map[string]struct{ content, code string }{
		"page.csv":   {"<html><body>请登录</body></html>", "not-what-its-name-says"},
		"empty.csv":  {"", "file-empty"},
		"heads.csv":  {"name,category\n", "no-rows"},
		"bad.json":   {`{"type":"FeatureCollection","features":[`, "bad-json"},
		"broken.zip": {"PK\x03\x04 and no more", "bad-zip"},
		"many.csv":   {"name\n" + strings.Repeat("甲\n", 100_001), "too-many-rows"},
		"bomb.csv":   {packed(t, 256<<20), "file-too-large"},
		"big.csv":    {"name\n" + strings.Repeat("甲乙丙丁\n", 64<<20/13+1), "file-too-large"},
	} {
		res, body := clerk.send(t, "POST", "/api/imports?fileName="+name, strings.NewReader(c.content), map[string]string{"Content-Type": "application/octet-stream"})
		if res.StatusCode < 400 || res.StatusCode >= 500 || !strings.Contains(string(body), `"`+c.code+`"`) {
			t.Errorf("%s: %d %.300s", name, res.StatusCode, body)
		}
	}
	clerk.code(t, 400, "POST", "/api/imports", strings.NewReader("name\n甲\n"), map[string]string{"Content-Type": "application/octet-stream"})
	if list := clerk.want(t, 200, "GET", "/api/imports", nil, nil).list("items"); len(list) != 0 {
		t.Errorf("under way are %v", list)
	}
	for name, code := range map[string]string{"%E2%80%AEvsc.exe.csv": "bad-text", "a%0Ab.csv": "bad-text", "..": "bad-file-name"} {
		wantCode(t, clerk.code(t, 400, "POST", "/api/imports?fileName="+name, strings.NewReader("name\n甲\n"), map[string]string{"Content-Type": "application/octet-stream"}), code)
	}
	p := clerk.handsIn(t, 201, "../../etc/a.csv", "name\n甲\n")
	if p.text("fileName") != "a.csv" {
		t.Errorf("the file is called %q", p.text("fileName"))
	}
	p = clerk.acted(t, p, "abandon")
	if p.text("state") != "abandoned" || actionsOf(p) != "" {
		t.Errorf("abandoned: %v", p)
	}
}

// packed are so many bytes and some more of a table, packed into few.
func packed(t *testing.T, size int) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	row := []byte("甲" + strings.Repeat(" ", 1<<20) + "\n")
	_, err := z.Write([]byte("name\n"))
	for n := 0; n <= size && err == nil; n += len(row) {
		_, err = z.Write(row)
	}
	must(t, errors.Join(err, z.Close()))
	return b.String()
}
