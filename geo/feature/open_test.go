package feature_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"

	"github.com/paulmach/orb/geojson"

	"fangyu/geo/feature"
	"fangyu/internal/shareddata"
)

func FuzzOpen(f *testing.F) {
	f.Add([]byte(collection))
	f.Add([]byte("id,lon,lat\na,1,2\n"))
	f.Add([]byte(`{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`))
	f.Add([]byte(twoSquares))
	f.Add(zipped(collection))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := feature.Open(write(t, "x", content))
		if err != nil {
			return
		}
		n := 0
		for rec, err := range s.Records() {
			n++
			if err == nil && !json.Valid(feature.AppendGeometry(nil, rec.Geometry)) {
				t.Errorf("%+v is written as no JSON", rec.Geometry)
			}
		}
		if n < s.Rows {
			t.Errorf("%d records of %d rows", n, s.Rows)
		}
	})
}

func BenchmarkRecords(b *testing.B) {
	path := shareddata.Path(b, "admin/cq_counties_wgs84_derived.geojson.gz")
	raw, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	s := open(b, path)
	b.Run("streaming", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			for _, err := range s.Records() {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("orb in memory", func(b *testing.B) {
		b.ReportAllocs()
		for range b.N {
			z, err := gzip.NewReader(bytes.NewReader(raw))
			if err != nil {
				b.Fatal(err)
			}
			var all bytes.Buffer
			if _, err := all.ReadFrom(z); err != nil {
				b.Fatal(err)
			}
			if _, err := geojson.UnmarshalFeatureCollection(all.Bytes()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
