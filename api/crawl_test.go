package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/pgtest"
)

// page is what a client reads of an answer to items.
type page struct {
	NumberMatched  int
	NumberReturned int
	Features       []struct {
		ID         string
		Geometry   json.RawMessage
		Properties map[string]any
	}
	Links []struct{ Href, Rel string }
}

func (p page) next() string {
	for _, l := range p.Links {
		if l.Rel == "next" {
			return l.Href
		}
	}
	return ""
}

// crawl follows next from the address on and calls see for each page.
func crawl(t *testing.T, v visitor, address string, see func(page)) {
	t.Helper()
	for address != "" {
		res, body := v.send(t, "GET", address, nil, nil)
		var p page
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d %s", address, res.StatusCode, body)
		}
		must(t, json.Unmarshal(body, &p))
		if p.NumberReturned != len(p.Features) {
			t.Fatalf("%s: numberReturned %d with %d features", address, p.NumberReturned, len(p.Features))
		}
		see(p)
		address = p.next()
	}
}

func TestCrawlMeetsEveryFeatureOnce(t *testing.T) {
	s := public(t)
	v := s.visitor(t)
	for id, want := range map[string]string{
		"places":    `select count(distinct place_id)::int from place_name where kind = 'standard' and language = 'zh' and valid @> date '2026-11-24'`,
		"divisions": `select count(*)::int from division_version where valid @> date '2026-11-24'`,
		"lines":     `select count(*)::int from line_version where valid @> date '2026-11-24'`,
		"sections":  `select count(*)::int from section`,
	} {
		var n int
		must(t, s.db.Pool.QueryRow(context.Background(), want).Scan(&n))
		seen := map[string]bool{}
		crawl(t, v, "/ogc/collections/"+id+"/items?limit=997", func(p page) {
			if p.NumberMatched != n {
				t.Errorf("%s: numberMatched %d, SQL counts %d", id, p.NumberMatched, n)
			}
			for _, f := range p.Features {
				if seen[f.ID] {
					t.Fatalf("%s: %s comes twice", id, f.ID)
				}
				seen[f.ID] = true
			}
		})
		if len(seen) != n || n == 0 {
			t.Errorf("%s: crawled %d, SQL counts %d", id, len(seen), n)
		}
	}
}

func TestTheRealLinesAreThere(t *testing.T) {
	s := public(t)
	v := s.visitor(t)
	levels, several := map[any]int{}, 0
	crawl(t, v, "/ogc/collections/lines/items", func(p page) {
		for _, f := range p.Features {
			levels[f.Properties["level"]]++
			if f.Properties["legalStatus"] != "reference" || f.Properties["notice"] != "示意，不作为划界依据" {
				t.Errorf("%v is drawn as %v with notice %v", f.Properties["name"], f.Properties["legalStatus"], f.Properties["notice"])
			}
		}
	})
	crawl(t, v, "/ogc/collections/sections/items", func(p page) {
		for _, f := range p.Features {
			var g struct{ Coordinates []json.RawMessage }
			must(t, json.Unmarshal(f.Geometry, &g))
			if len(g.Coordinates) > 1 {
				several++
			}
		}
	})
	if levels["province"] != 5 || levels["county"] != 83 || several != 9 {
		t.Errorf("got %v lines and %d sections in several parts, wanted 5 provincial, 83 county and 9", levels, several)
	}
}

// village is a division with n places of made-up names.
func village(n int) string {
	var b strings.Builder
	b.WriteString("code,name\n500000,重庆市\n500233,忠县\n500233100,龙兴镇\n")
	for i := range n {
		fmt.Fprintf(&b, "500233100%03d,第%d村委会\n", 200+i, i)
	}
	return b.String()
}

func importCSV(t *testing.T, s *gazsql.Store, text string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "units.csv")
	must(t, os.WriteFile(path, []byte(text), 0o600))
	source, err := feature.Open(path)
	must(t, err)
	_, err = s.ImportDivisions(context.Background(), importer, today, gazsql.Import{Source: source})
	must(t, err)
}

func TestCrawlWhileRowsAreInserted(t *testing.T) {
	db := pgtest.New(t)
	importCSV(t, gazsql.New(db.Pool), village(300))
	s := newSite(t, db)
	v := s.visitor(t)
	before := map[string]int{}
	crawl(t, v, "/ogc/collections/places/items?limit=1000", func(p page) {
		for _, f := range p.Features {
			before[f.ID] = 0
		}
	})
	inserting, stop := context.WithCancel(context.Background())
	inserted := make(chan int)
	var so atomic.Int64
	go func() { inserted <- insertPlaces(inserting, db, &so) }()
	pages, later := 0, 0
	crawl(t, v, "/ogc/collections/places/items?limit=20", func(p page) {
		for _, f := range p.Features {
			if n, there := before[f.ID]; there {
				before[f.ID] = n + 1
			} else {
				later++
			}
		}
		if pages++; pages == 1 {
			waitForMore(t, v, p.NumberMatched)
		}
		for known := so.Load(); so.Load() == known; { // between two pages there is always something new
			time.Sleep(10 * time.Millisecond)
		}
	})
	stop()
	n := <-inserted
	t.Logf("%d pages, %d places inserted meanwhile, %d of them met", pages, n, later)
	for id, times := range before {
		if times != 1 {
			t.Errorf("%s was met %d times", id, times)
		}
	}
	if n == 0 || later == 0 {
		t.Error("nothing was inserted and met while crawling")
	}
}

// waitForMore waits until more places are served than before, however long the machine takes to load them.
func waitForMore(t *testing.T, v visitor, before int) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		more := false
		crawl(t, v, "/ogc/collections/places/items?limit=10000", func(p page) { more = p.NumberMatched > before })
		if more {
			return
		}
		if time.Now().After(until) {
			t.Fatal("what was inserted is not served")
		}
	}
}

// insertPlaces inserts places one by one, all over the order of ids, until ctx ends; it counts them in so and returns how
// many.
func insertPlaces(ctx context.Context, db *pgtest.DB, so *atomic.Int64) int {
	for n := 0; ; n++ {
		so.Store(int64(n))
		err := insertPlace(ctx, db, fmt.Sprintf("新添%d", n))
		if ctx.Err() != nil {
			return n
		}
		if err != nil {
			panic(err)
		}
	}
}

func insertPlace(ctx context.Context, db *pgtest.DB, name string) error {
	_, err := db.Owner.Exec(ctx, `
		with d as (select id from document limit 1), v as (select division_id from division_version where level = 'township'),
		p as (insert into place (id, category, division_id, located_by, document_id, recorded_at)
		      select $1, 'natural', v.division_id, 'division', d.id, now() from d, v returning id)
		insert into place_name (id, place_id, name, kind, specific, romanization, reading, toneless, reading_status, valid, document_id, recorded_at)
		select $2, p.id, $3, 'standard', '新添', 'Xīntiān', 'xin1 tian1', 'xin tian', 'unverified', daterange(null, null), d.id, now() from p, d`,
		uuid.New(), uuid.New(), name)
	return err
}

func TestChangesReachTheSnapshotAndItsTag(t *testing.T) {
	db := pgtest.New(t)
	gaz := gazsql.New(db.Pool)
	importCSV(t, gaz, village(2))
	s := newSite(t, db)
	const address = "/ogc/collections/places/items?category=natural"
	res, _ := s.get(t, address)
	tag := strings.TrimPrefix(res.Header.Get("ETag"), "W/")
	if again, _ := s.get(t, address, "If-None-Match", tag); again.StatusCode != 304 {
		t.Errorf("the same content is answered %d, wanted 304", again.StatusCode)
	}
	if again, _ := s.get(t, address, "If-None-Match", "W/"+tag+`, "other"`); again.StatusCode != 304 {
		t.Errorf("a weak tag is answered %d, wanted 304", again.StatusCode)
	}
	must(t, insertPlace(t.Context(), db, "新添"))
	for until := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		res, body := s.get(t, address, "If-None-Match", tag)
		if res.StatusCode == 200 && strings.Contains(string(body), "新添") {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("the change is not there after 5 s: %d", res.StatusCode)
		}
	}
}

// gdal runs a program of GDAL, which make test installs.
func gdal(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: install gdal-bin, as make test does", name)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

func TestGDALReadsEverything(t *testing.T) {
	s := public(t)
	address := "OAPIF:" + s.url + "/ogc"
	listed := gdal(t, "ogrinfo", "-ro", address)
	for _, id := range []string{"divisions", "places", "lines", "sections", "markers", "tripoints", "coverage", "built-up-areas"} {
		if !strings.Contains(listed, id) {
			t.Errorf("ogrinfo does not list %s:\n%s", id, listed)
		}
	}
	about := gdal(t, "ogrinfo", "-ro", "-so", address, "places")
	var places, located int
	must(t, s.db.Pool.QueryRow(context.Background(), `
		select count(*)::int, count(p.geom)::int from place p
		where exists (select from place_name n where n.place_id = p.id and n.kind = 'standard' and n.valid @> date '2026-11-24')`).Scan(&places, &located))
	for _, want := range []string{fmt.Sprintf("Feature Count: %d", places), "romanization: String", "WGS 84", "Extent: (105"} {
		if !strings.Contains(about, want) {
			t.Errorf("ogrinfo does not say %q:\n%s", want, about)
		}
	}
	copied := filepath.Join(t.TempDir(), "places.geojson")
	gdal(t, "ogr2ogr", "-f", "GeoJSON", copied, address, "places")
	raw, err := os.ReadFile(copied)
	must(t, err)
	var got page
	must(t, json.Unmarshal(raw, &got))
	seen, withPoint := map[any]bool{}, 0
	for _, f := range got.Features {
		seen[firstOf(f.Properties["id"], f.ID)] = true
		if string(f.Geometry) != "null" {
			withPoint++
		}
	}
	if len(got.Features) != places || len(seen) != places || withPoint != located || located == places {
		t.Errorf("ogr2ogr copied %d places, %d of them different, %d located; SQL counts %d, %d located", len(got.Features), len(seen), withPoint, places, located)
	}
}

// firstOf returns the id where GDAL puts it: it makes a property of ids that are no numbers.
func firstOf(property any, id string) any {
	if property != nil {
		return property
	}
	return id
}
