package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fangyu/boundary"
	"fangyu/geo"

	"github.com/paulmach/orb/geojson"

	"fangyu/gazetteer"
	"fangyu/internal/pgtest"
)

// demoPackages is the folder of the demo's npm packages. The set-up fetches them; where it did not run, the tests that
// need them skip with a sentence, and fail in CI.
func demoPackages(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("demo", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, divisionPackage)); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the demo's packages must be fetched in CI: %v", err)
		}
		t.Skip("the demo's packages are not fetched: run make demo-data")
	}
	return dir
}

// TestTheMainJob is the demo from first start to the end of both walks: a round signed by both offices, a name approved
// and served, the server killed and adopted, and nothing loaded twice.
func TestTheMainJob(t *testing.T) {
	packages, data := demoPackages(t), pgtest.OpenDir(t)
	began := time.Now()
	s := serve(t, data, "--demo", "--from", packages)
	t.Logf("first start with the demo: %v", time.Since(began).Round(time.Millisecond))

	t.Run("demo --json", func(t *testing.T) { demoJSON(t, data) })
	t.Run("check gazetteer", func(t *testing.T) { checkGazetteer(t, data) })
	t.Run("a second serve is told the pid", func(t *testing.T) {
		_, errs, code := fangyu(t, data, "serve", "--listen", "127.0.0.1:0")
		if code != 1 || !strings.Contains(errs, fmt.Sprint(s.cmd.Process.Pid)) {
			t.Errorf("got %d %s", code, errs)
		}
	})
	t.Run("a track walks through and both sign", func(t *testing.T) { inspect(t, s) })
	t.Run("a name walks through", func(t *testing.T) { name(t, s) })
	t.Run("the pages in a browser", func(t *testing.T) { browse(t, s) })

	s = survivesKills(t, s, data, "--demo", "--from", packages)
	importOutlivesKills(t, s, data, "--demo", "--from", packages)
}

// mostAfterKill is how long a server may take to be ready again after it was killed.
const mostAfterKill = 5 * time.Second

// survivesKills kills the server and starts it anew, which must lose nothing and load nothing twice. What else the machine
// does can only make a start slower, so the quickest of up to three starts counts.
func survivesKills(t *testing.T, s *server, data string, args ...string) *server {
	t.Helper()
	units, lines := matched(t, s, "divisions"), matched(t, s, "lines")
	quickest := time.Duration(math.MaxInt64)
	for n := 1; n <= 3 && quickest > mostAfterKill; n++ {
		s.kill()
		began := time.Now()
		s = serve(t, data, args...)
		took := time.Since(began)
		t.Logf("start %d after kill -9: ready in %v", n, took.Round(time.Millisecond))
		quickest = min(quickest, took)
		if u, l := matched(t, s, "divisions"), matched(t, s, "lines"); u != units || l != lines {
			t.Errorf("after start %d there are %d divisions and %d lines, before the first kill %d and %d", n, u, l, units, lines)
		}
	}
	if quickest > mostAfterKill {
		t.Errorf("the quickest start took %v, more than %v", quickest, mostAfterKill)
	}
	return s
}

func demoJSON(t *testing.T, data string) {
	out, errs, code := fangyu(t, data, "demo", "--json")
	var d demoAnswer
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 0 {
		t.Fatalf("%d %v %s %s", code, err, out, errs)
	}
	posts, roles := 0, map[string]bool{}
	for _, o := range demoOffices {
		posts += len(o.accounts)
	}
	for _, a := range d.Accounts {
		for _, r := range a.Roles {
			roles[r] = true
		}
	}
	if len(roles) != len(gazetteer.Roles) {
		t.Errorf("the demo shows %d of %d roles", len(roles), len(gazetteer.Roles))
	}
	if len(d.Accounts) != posts || d.LineID == "" || d.PlaceID == "" || d.ProposalID == "" || d.InspectionID == "" {
		t.Errorf("got %+v", d)
	}
}

// matched is numberMatched of a collection.
func matched(t *testing.T, s *server, collection string) int {
	t.Helper()
	c := &client{t: t, url: s.url, http: http.DefaultClient}
	var page struct{ NumberMatched int }
	c.get("/ogc/collections/"+collection+"/items?limit=1", &page)
	return page.NumberMatched
}

type inspectionAnswer struct {
	ID           string
	State        string
	Version      int
	ReportSHA256 string `json:"reportSha256"`
	Line         struct{ ID, Name string }
	Figures      struct{ Coverage, LineLengthM float64 }
	Signatures   []struct {
		VoidedAt *time.Time
	}
	Actions []struct{ Name string }
}

// inspect signs the demo's round from both sides, then hands in another track, which must void both signatures.
func inspect(t *testing.T, s *server) {
	jb, yb := s.signIn(t, "jb-mzj", demoPassword), s.signIn(t, "yb-mzj", demoPassword)
	var list struct{ Items []inspectionAnswer }
	jb.get("/api/inspections", &list)
	if len(list.Items) != 1 {
		t.Fatalf("%d rounds", len(list.Items))
	}
	path := "/api/inspections/" + list.Items[0].ID
	look := func() (r inspectionAnswer) {
		jb.get(path, &r)
		return r
	}
	sign := func(who *client, sha string) (int, []byte) {
		return who.send("POST", path+"/actions", map[string]string{"If-Match": fmt.Sprintf(`"%d"`, look().Version)},
			map[string]string{"action": "sign", "contentSha256": sha})
	}
	r := look()
	if r.State != "confirm" || r.Figures.Coverage < 0.85 {
		t.Fatalf("the demo's round stands at %+v", r)
	}
	if status, body := sign(jb, r.ReportSHA256); status != 403 || !bytes.Contains(body, []byte("confirm-identity")) {
		t.Errorf("signing without the password: %d %s", status, body)
	}
	jb.confirm(demoPassword)
	yb.confirm(demoPassword)
	if status, body := sign(jb, strings.Repeat("0", 64)); status != 409 {
		t.Errorf("signing other bytes: %d %s", status, body)
	}
	if status, body := jb.send("POST", path+"/actions", nil, map[string]string{"action": "sign"}); status != 428 {
		t.Errorf("without If-Match: %d %s", status, body)
	}
	for _, who := range []*client{jb, yb} {
		if status, body := sign(who, r.ReportSHA256); status != 200 {
			t.Fatalf("sign: %d %s", status, body)
		}
	}
	if r = look(); r.State != "signed" {
		t.Fatalf("after both signatures: %s", r.State)
	}
	status, report := yb.send("GET", path+"/report", nil, nil)
	if status != 200 || !bytes.Contains(report, []byte(r.ReportSHA256)) || !bytes.Contains(report, []byte("不作为划界依据")) {
		t.Errorf("the report: %d, %d bytes", status, len(report))
	}
	id := upload(t, s, jb, r)
	if r = look(); r.State == "signed" {
		t.Errorf("a new track left the round signed")
	}
	for _, sig := range r.Signatures {
		if sig.VoidedAt == nil {
			t.Errorf("a signature stands after the edit: %+v", sig)
		}
	}
	if status, _ := s.signIn(t, "yb-clerk", demoPassword).send("GET", "/api/tracks/"+id, nil, nil); status != 200 && status != 404 {
		t.Errorf("a clerk asks for a track: %d", status)
	}
}

// upload hands in a made-up walk of the line but for its end, where the browser tests declare what they could not walk, and
// waits until it is matched.
func upload(t *testing.T, s *server, who *client, r inspectionAnswer) string {
	var f geojson.Feature
	who.get("/ogc/collections/lines/items/"+r.Line.ID, &f)
	parts := multiLine(t, &f)
	chain, err := geo.NewChain(parts)
	if err != nil {
		t.Fatal(err)
	}
	gpx := boundary.SynthesizeTrack(chain, boundary.Walk{Seed: 7, NoiseM: 3, SpacingM: 5, ToM: 0.99 * chain.LengthM(), Start: time.Date(2026, 5, 1, 1, 0, 0, 0, time.UTC)})
	send := func(key string) (int, []byte) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, value := range map[string]string{"inspectionId": r.ID, "receiver": "handheld"} {
			if err := form.WriteField(name, value); err != nil {
				t.Fatal(err)
			}
		}
		part, err := form.CreateFormFile("file", "../../全程 <b>.gpx")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(gpx); err != nil {
			t.Fatal(err)
		}
		form.Close()
		req, err := http.NewRequest("POST", s.url+"/api/tracks", &body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", form.FormDataContentType())
		req.Header.Set("Idempotency-Key", key)
		return who.do(req)
	}
	status, first := send("walk-1")
	if status != 201 {
		t.Fatalf("upload: %d %s", status, first)
	}
	var kept struct{ ID, SHA256 string }
	if err := json.Unmarshal(first, &kept); err != nil || len(kept.SHA256) != 64 {
		t.Fatalf("the answer: %v %s", err, first)
	}
	var track struct {
		State string
		Match *struct{ Coverage, LineLengthM float64 }
	}
	waitFor(t, "the track is matched", func() bool {
		who.get("/api/tracks/"+kept.ID, &track)
		return track.State == "matched"
	})
	if track.Match == nil || track.Match.Coverage < 0.97 {
		t.Errorf("a walk of nearly the whole line covers %+v", track.Match)
	}
	waitFor(t, "the coverage is served", func() bool {
		var page struct{ NumberMatched int }
		who.get("/ogc/collections/coverage/items?limit=1&track="+kept.ID, &page)
		return page.NumberMatched > 0
	})
	return kept.ID
}

// name carries the demo's proposal to a standard name and finds it among the places.
func name(t *testing.T, s *server) {
	clerk, approver := s.signIn(t, "yb-clerk", demoPassword), s.signIn(t, "cq-mzj", demoPassword)
	status, body := clerk.send("POST", "/api/name-checks", nil, map[string]string{"kind": "new", "name": "龙兴镇", "category": "division", "division": "500101"})
	if status != 200 || !bytes.Contains(body, []byte("第九条第一款第（八）项")) || !bytes.Contains(body, []byte(`"block"`)) {
		t.Errorf("a name that is taken: %d %s", status, body)
	}
	var list struct {
		Items []struct {
			ID      string
			Version int
			Name    string
		}
	}
	clerk.get("/api/proposals", &list)
	if len(list.Items) == 0 {
		t.Fatal("no proposal in the demo")
	}
	p := list.Items[0]
	act := func(who *client, body any) {
		t.Helper()
		status, answer := who.send("POST", "/api/proposals/"+p.ID+"/actions", map[string]string{"If-Match": fmt.Sprintf(`"%d"`, p.Version)}, body)
		if status != 200 {
			t.Fatalf("act: %d %s", status, answer)
		}
		if err := json.Unmarshal(answer, &p); err != nil {
			t.Fatal(err)
		}
	}
	for _, seat := range []string{"seat-1", "seat-3"} {
		act(s.signIn(t, seat, demoPassword), map[string]any{"action": "vote", "approve": true})
	}
	approver.confirm(demoPassword)
	act(approver, map[string]any{"action": "approve", "documents": []map[string]string{{"title": "关于命名云岭路的批复", "number": "演示〔2026〕1号"}}})
	var page struct{ Features []geojson.Feature }
	waitFor(t, "the name is served", func() bool {
		approver.get("/ogc/collections/places/items?name="+p.Name, &page)
		return len(page.Features) == 1
	})
	props := page.Features[0].Properties
	if !strings.Contains(props.MustString("document", ""), "演示〔2026〕1号") || props.MustString("approvedBy", "") == "" || props.MustString("validFrom", "") == "" {
		t.Errorf("got %v", props)
	}
}

// browse runs the browser tests of the pages against the server and logs how long each took.
func browse(t *testing.T, s *server) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("npm", "run", "e2e", "--silent")
	cmd.Dir = filepath.Join("..", "..", "api", "web")
	cmd.Env = append(os.Environ(), "FANGYU_URL="+s.url, "FANGYU_PROGRAM="+path, "FANGYU_PASSWORD="+demoPassword)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("browser tests: %v\n%s", err, out)
	}
	passed := regexp.MustCompile(`(?m)^ +ok \d+ - ([^#\n]+)\n +---\n +duration_ms: (\d+)`).FindAllSubmatch(out, -1)
	if len(passed) == 0 {
		t.Errorf("no browser test passed:\n%s", out)
	}
	for _, test := range passed {
		t.Logf("%6s ms: %s", test[2], test[1])
	}
}
