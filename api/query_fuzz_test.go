package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
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
	f.Fuzz(func(t *testing.T, raw string) {
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
	})
}
