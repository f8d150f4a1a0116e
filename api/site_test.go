package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/api"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/ledger"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
	"fangyu/internal/vault"
)

// The real files behind the public tests; see ../shared/data/SOURCES.md.
const (
	countiesFile   = "admin/cq_counties_wgs84_derived.geojson.gz"
	neighboursFile = "admin/cq_neighbour_counties_wgs84_derived.geojson.gz"
	unitsFile      = "codes/vonng_cq_adcode_5levels_2016_gcj02.csv.gz"
	linesFile      = "boundary/cq_boundary_lines_wgs84_derived.geojson.gz"
)

var (
	importer = gazetteer.Actor{System: "import"}
	today    = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)
)

// site is a running server over a database.
type site struct {
	server *api.Server
	url    string
	db     *pgtest.DB
	gaz    *gazsql.Store
	bound  *boundsql.Store
	jobs   *boundsql.Jobs
}

// newSite starts a server over the database and waits until its first snapshot is loaded.
func newSite(t testing.TB, db *pgtest.DB, configure ...func(*api.Config)) *site {
	t.Helper()
	v, err := vault.Open(t.TempDir())
	must(t, err)
	keys, err := ledger.OpenKeys(t.TempDir())
	must(t, err)
	s, stop := start(t, db.Pool, v, keys, configure...)
	s.db = db
	stopLedger := link(&ledger.Sequencer{Pool: db.Pool, Keys: keys})
	t.Cleanup(func() { must(t, errors.Join(stop(), stopLedger())) })
	return s
}

// link runs the sequencer until stop.
func link(s *ledger.Sequencer) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	return func() error {
		cancel()
		return <-ended
	}
}

func start(t testing.TB, pool *pgxpool.Pool, v *vault.Vault, keys *ledger.Keys, configure ...func(*api.Config)) (s *site, stop func() error) {
	t.Helper()
	s = &site{gaz: gazsql.New(pool).WithPasswordCost(gazsql.PasswordCost{KiB: 64, Passes: 1})}
	var err error
	s.jobs, err = boundsql.NewJobs(pool, v)
	must(t, err)
	s.gaz.Files, s.gaz.Later = v, s.jobs.Later
	s.bound = boundsql.New(pool, v, s.jobs)
	if keys != nil {
		s.bound.Sign = keys.Sign
	}
	cfg := api.Config{
		Pool: pool, Gaz: s.gaz, Bound: s.bound, Log: slog.New(slog.NewTextHandler(&said, nil)), MapReviewNumber: "渝S(2026)000号",
		DemoPassword: demoPassword, Now: func() time.Time { return today }, Ledger: &ledger.Book{DB: pool, Keys: keys},
		Attempts: api.AttemptLimit{Network: 1000}, // every test comes from one address
	}
	for _, change := range configure {
		change(&cfg)
	}
	s.server, err = api.New(cfg)
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.server.Run(ctx) }()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.server.Handler().ServeHTTP(w, r) }))
	s.url = web.URL
	for until := time.Now().Add(time.Minute); !s.server.Ready(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("the snapshot was not loaded within a minute")
		}
	}
	return s, func() error {
		web.Close()
		cancel()
		return <-ended
	}
}

// thePublic is started once in a run and lives as long as it: loading the real data takes longer than any one test.
var (
	thePublic   *site
	startPublic sync.Mutex
)

// public is a server over the real divisions, places and lines. Tests must only read.
func public(t testing.TB) *site {
	t.Helper()
	db := loadPublic(t)
	startPublic.Lock()
	defer startPublic.Unlock()
	if thePublic == nil {
		pool, err := postgis.Open(context.Background(), db.DSN(cluster.App))
		must(t, err)
		thePublic, _ = start(t, pool, nil, nil) // nobody uploads here, and what is in the journal is linked
	}
	s := *thePublic
	s.db = db
	return &s
}

func loadPublic(t testing.TB) *pgtest.DB {
	t.Helper()
	var paths []string
	for _, name := range []string{countiesFile, neighboursFile, unitsFile, linesFile} {
		paths = append(paths, pgtest.SharedData(t, name))
	}
	return pgtest.Shared(t, "api", func(ctx context.Context, db *pgtest.DB) error {
		gaz, bound := gazsql.New(db.Pool), boundsql.New(db.Pool, nil, nil)
		if err := gaz.SeedPacks(ctx, today); err != nil {
			return err
		}
		for i, path := range paths {
			source, err := feature.Open(path)
			if err != nil {
				return err
			}
			in := gazsql.Import{Source: source, Document: gazetteer.Document{Kind: "dataset", Title: source.Name}}
			if i == 2 {
				in.Frame, in.ConfirmFrame = geo.GCJ02, true
			}
			load := gaz.ImportDivisions
			if i == 3 {
				load = bound.ImportLines
			}
			if _, err := load(ctx, importer, today, in); err != nil {
				return err
			}
		}
		keys, err := ledger.OpenKeys(t.TempDir())
		if err != nil {
			return err
		}
		return (&ledger.Sequencer{Pool: db.Pool, Keys: keys}).Drain(ctx)
	})
}

// visitor is a client with its own cookies.
type visitor struct {
	*site
	client *http.Client
}

func (s *site) visitor(t testing.TB) visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return visitor{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as signs a visitor in.
func (s *site) as(t *testing.T, login string) visitor {
	t.Helper()
	v := s.visitor(t)
	res, body := v.send(t, "POST", "/api/session", map[string]string{"account": login, "password": demoPassword}, nil)
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s cannot sign in: %d %s", login, res.StatusCode, body)
	}
	plant(v.cookie(t))
	return v
}

// confirm gives the password again, as signing and approving need.
func (v visitor) confirm(t *testing.T) {
	t.Helper()
	v.want(t, 200, "POST", "/api/session/confirm", object{"password": demoPassword}, nil)
}

// get asks anonymously, with headers given as pairs.
func (s *site) get(t *testing.T, path string, headers ...string) (*http.Response, []byte) {
	t.Helper()
	h := map[string]string{}
	for i := 0; i < len(headers); i += 2 {
		h[headers[i]] = headers[i+1]
	}
	return s.visitor(t).send(t, "GET", path, nil, h)
}

// send sends a request and holds the answer against openapi.yaml. A body that is no reader is sent as JSON.
func (v visitor) send(t *testing.T, method, path string, body any, headers map[string]string) (*http.Response, []byte) {
	t.Helper()
	var reader io.Reader
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case *form:
		reader, kind = bytes.NewReader(b.Bytes()), b.kind
	case string:
		reader = strings.NewReader(b)
	case io.Reader:
		reader = b
	default:
		raw, err := json.Marshal(b)
		must(t, err)
		reader = bytes.NewReader(raw)
	}
	if !strings.HasPrefix(path, "http") {
		path = v.url + path
	}
	req, err := http.NewRequest(method, path, reader)
	must(t, err)
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := v.client.Do(req)
	must(t, err)
	defer res.Body.Close()
	answer := readAll(t, res.Body)
	holds(t, req, res, answer)
	return res, answer
}

// want sends a request, wants the status and decodes the JSON answered.
func (v visitor) want(t *testing.T, status int, method, path string, body any, headers map[string]string) object {
	t.Helper()
	res, answer := v.send(t, method, path, body, headers)
	if res.StatusCode != status {
		t.Fatalf("%s %s: status %d, wanted %d: %s", method, path, res.StatusCode, status, answer)
	}
	var o object
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &o); err != nil {
			t.Fatalf("%s %s: %v: %.300s", method, path, err, answer)
		}
	}
	return o
}

// object is a JSON object.
type object map[string]any

func (o object) text(name string) string { s, _ := o[name].(string); return s }

func (o object) list(name string) []object {
	var out []object
	items, _ := o[name].([]any)
	for _, item := range items {
		out = append(out, item.(map[string]any))
	}
	return out
}

func (o object) object(name string) object { m, _ := o[name].(map[string]any); return m }

// form is a multipart upload.
type form struct {
	bytes.Buffer
	kind string
}

// upload makes the form of a track: the fields as pairs, then the file.
func upload(t *testing.T, fileName string, content []byte, fields ...string) *form {
	t.Helper()
	f := &form{}
	w := multipart.NewWriter(f)
	for i := 0; i < len(fields); i += 2 {
		must(t, w.WriteField(fields[i], fields[i+1]))
	}
	part, err := w.CreateFormFile("file", fileName)
	must(t, err)
	_, err = part.Write(content)
	must(t, err)
	must(t, w.Close())
	f.kind = w.FormDataContentType()
	return f
}

const demoPassword = "a long password"

// account makes an account with roles in an office over a division (nil: none).
func (s *site) account(t testing.TB, login, office string, division *uuid.UUID, roles ...gazetteer.Role) uuid.UUID {
	t.Helper()
	return s.accountIn(t, login, gazsql.Office{Name: office, Kind: "civil-affairs", DivisionID: division}, roles...)
}

// accountIn makes an account in an office of any kind.
func (s *site) accountIn(t testing.TB, login string, office gazsql.Office, roles ...gazetteer.Role) uuid.UUID {
	t.Helper()
	ctx := context.Background()
	id, err := s.gaz.CreateOffice(ctx, importer, today, office)
	must(t, err)
	_, err = s.gaz.CreateAccount(ctx, importer, today, gazsql.NewAccount{
		Login: login, Name: office.Name + " " + login, Password: demoPassword, OfficeID: id, Roles: roles,
	})
	must(t, err)
	s.settle(t, login)
	return id
}

// settle lets an account be as if its first password were changed.
func (s *site) settle(t testing.TB, login string) {
	t.Helper()
	_, err := s.db.Super.Exec(context.Background(), `update account set must_change_password = false where login = $1`, login)
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
