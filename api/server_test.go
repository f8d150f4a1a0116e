package api_test

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fangyu/api"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/pgtest"
)

func TestServeBeginsBusyAndEndsClean(t *testing.T) {
	db := pgtest.New(t)
	leaks := goleak.IgnoreCurrent()
	server, err := api.New(api.Config{
		Pool: db.Pool, Gaz: gazsql.New(db.Pool), Bound: boundsql.New(db.Pool, nil, nil), Log: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	local := func(path string) *http.Response {
		w := httptest.NewRecorder()
		req := httptest.NewRequest(http.MethodGet, path, nil)
		server.Handler().ServeHTTP(w, req)
		res := w.Result()
		holds(t, req, res, w.Body.Bytes())
		return res
	}
	for _, path := range []string{"/readyz", "/ogc/collections", "/ogc/collections/places/items", "/tiles/places/1/0/0.mvt"} {
		res := local(path)
		if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s answers %d while starting", path, res.StatusCode)
		}
	}
	if res := local("/healthz"); res.StatusCode != http.StatusOK {
		t.Errorf("alive answers %d while starting", res.StatusCode)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx, listener) }()
	client := &http.Client{Transport: &http.Transport{}}
	for until := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		res, err := client.Get("http://" + listener.Addr().String() + "/readyz")
		must(t, err)
		must(t, res.Body.Close())
		if res.StatusCode == http.StatusOK {
			break
		}
		if time.Now().After(until) {
			t.Fatal("not ready within ten seconds")
		}
	}
	client.CloseIdleConnections()
	cancel()
	select {
	case err := <-ended:
		must(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("the server did not end within ten seconds")
	}
	db.Pool.Reset()
	goleak.VerifyNone(t, leaks, goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}

func TestPagesAreServedToPeopleOnly(t *testing.T) {
	s := newSite(t, pgtest.New(t))
	for _, sc := range []scenario{
		{name: "a script asks for a page", path: "/map", status: 404, must: []string{"no-such-path"}},
		{name: "an absent file", path: "/assets/none.js", headers: map[string]string{"Accept": "text/html"}, status: 404},
		{name: "out of the folder", path: "/assets/../../go.mod", status: 404},
		{name: "the field without its slash", path: "/field", status: 301, header: map[string]string{"Location": "/field/"}},
	} {
		t.Run(sc.name, func(t *testing.T) { sc.run(t, s.visitor(t)) })
	}
	// The pages answer whether they are built or not.
	for _, path := range []string{"/", "/field/", "/lines/x"} {
		res, err := http.NewRequest("GET", s.url+path, nil)
		must(t, err)
		res.Header.Set("Accept", "text/html")
		got, err := http.DefaultClient.Do(res)
		must(t, err)
		body := string(readAll(t, got.Body))
		must(t, got.Body.Close())
		built := got.StatusCode == http.StatusOK && got.Header.Get("Cache-Control") == "no-cache"
		if !built && !strings.Contains(body, "make run") {
			t.Errorf("%s answers %d: %.200s", path, got.StatusCode, body)
		}
	}
}
