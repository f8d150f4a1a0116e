package api_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
)

// box is a window of a tenth of a degree somewhere in Chongqing.
func box(r *rand.Rand) (west, south, east, north float64) {
	west, south = 105.5+3*r.Float64(), 28.8+2*r.Float64()
	return west, south, west + 0.1, south + 0.1
}

// BenchmarkBBoxFromSnapshot answers a box of places as the server does, beside its naive twin from SQL.
func BenchmarkBBoxFromSnapshot(b *testing.B) {
	s := public(b)
	handler := s.server.Handler()
	r := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	var bytes int
	for b.Loop() {
		west, south, east, north := box(r)
		req := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/ogc/collections/places/items?limit=1000&bbox=%f,%f,%f,%f", west, south, east, north), nil)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
		bytes += w.Body.Len()
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/op")
}

// BenchmarkBBoxFromSQL is the naive twin: the same features as JSON from PostGIS.
func BenchmarkBBoxFromSQL(b *testing.B) {
	s := public(b)
	r := rand.New(rand.NewPCG(1, 2))
	b.ReportAllocs()
	var bytes int
	for b.Loop() {
		west, south, east, north := box(r)
		var body []byte
		err := s.db.Pool.QueryRow(context.Background(), `
			select json_build_object('type', 'FeatureCollection', 'numberMatched', count(*), 'features', coalesce(json_agg(f), '[]'))::text::bytea
			from (select json_build_object('type', 'Feature', 'id', p.id, 'geometry', st_asgeojson(p.geom, 7)::json, 'properties', json_build_object(
			             'name', n.name, 'romanization', n.romanization, 'category', p.category, 'locatedBy', p.located_by,
			             'validFrom', lower(n.valid), 'validTo', upper(n.valid), 'synthetic', p.synthetic)) as f
			      from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and n.valid @> date '2026-11-24'
			      where p.geom && st_makeenvelope($1, $2, $3, $4, 4490) order by p.id limit 1000) rows`,
			west, south, east, north).Scan(&body)
		if err != nil {
			b.Fatal(err)
		}
		bytes += len(body)
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "bytes/op")
}

// BenchmarkTile draws the tiles of one county over and over; all but the first come from memory.
func BenchmarkTile(b *testing.B) {
	s := public(b)
	handler := s.server.Handler()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		req := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/tiles/divisions/9/%d/%d.mvt", 406+n%3, 212+n/3%3), nil)
		req.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if _, err := io.Copy(io.Discard, w.Body); err != nil || w.Code >= 300 {
			b.Fatal(w.Code, err)
		}
	}
}
