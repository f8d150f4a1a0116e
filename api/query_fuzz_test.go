package api

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// FuzzItemsQuery (S8): whatever is asked, only names of the list become filters, and every refusal names a parameter.
func FuzzItemsQuery(f *testing.F) {
	for _, seed := range []string{
		"", "bbox=106,29,107,30", "bbox=nan,1,2,3", "bbox=1,2,3", "limit=1e9", "limit=-1", "next=zzz", "datetime=../..", "datetime=2026-13-45",
		"sort=name;drop table place", "name=' or 1=1 --", "name=%27%3B--", "name=a&name=b", "crs=http://x", "filter=S_INTERSECTS(geom,x)",
		strings.Repeat("(", 10_000), "%zz", "name=%00", "bbox=1e308,1e308,1e308,1e308", "level=county&level", ";", "&&&", "=",
	} {
		f.Add(seed)
	}
	s := &Server{Config: Config{Now: time.Now}}
	f.Fuzz(func(t *testing.T, raw string) { askItems(t, s, raw) })
}

// askItems reads a query for every collection.
func askItems(t *testing.T, s *Server, raw string) {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	c.Request = &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/ogc/collections/places/items", RawQuery: raw}}
	for _, info := range collectionInfos {
		q, err := s.readItemsQuery(c, info, orb.Bound{Min: orb.Point{105, 28}, Max: orb.Point{111, 33}})
		if err != nil {
			if fault.KindOf(err) != fault.Malformed {
				t.Fatalf("%q: %v", raw, err)
			}
			continue
		}
		for name := range q.Equal {
			if !slices.Contains(info.propNames(), name) {
				t.Fatalf("%q filters by %q", raw, name)
			}
		}
		if q.Limit < 1 || q.Limit > maxLimit {
			t.Fatalf("%q has the limit %d", raw, q.Limit)
		}
	}
}

// TestQueriesMadeAtRandom asks as the fuzzer does, with strings put together of what parameters and attacks are made of:
// 20,000 of them, or as many as FANGYU_STRINGS says; make soak asks a million.
func TestQueriesMadeAtRandom(t *testing.T) {
	count := 20_000
	if text := os.Getenv("FANGYU_STRINGS"); text != "" {
		var err error
		if count, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	pieces := []string{
		"bbox", "bbox-crs", "crs", "datetime", "limit", "next", "f", "filter", "filter-lang", "sortby", "properties", "CQL2", "&", "&", "=", "=", "=", ",",
		"106", "29.5", "107", "30", "-1", "1e9", "nan", "inf", "1e308", "2026-11-24", "..", "/", "T00:00:00Z", "json", "county", "'", "''", `"`, ";", "--",
		"%27", "%00", "%zz", "%", "+", " ", "(", ")", " or 1=1", " union select ", "pg_sleep(9)", "渝北", "\xff", "\u202e", "http://www.opengis.net/def/crs/EPSG/0/4490",
		"http://www.opengis.net/def/crs/OGC/1.3/CRS84", "$1", "@x", "{", "}", "[", "]", "#", "?", "Mg.MSBh", "0.",
	}
	for _, info := range collectionInfos {
		pieces = append(pieces, info.propNames()...)
	}
	s := &Server{Config: Config{Now: time.Now}}
	const seed = 8
	r := rand.New(rand.NewPCG(seed, seed))
	for range count {
		var raw strings.Builder
		for range 1 + r.IntN(12) {
			raw.WriteString(pieces[r.IntN(len(pieces))])
		}
		askItems(t, s, raw.String())
	}
}
