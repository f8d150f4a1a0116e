package api_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// TestPlacesComeAsFiles of every format, as they stood on a day, filtered, in the office's own jurisdiction.
func TestPlacesComeAsFiles(t *testing.T) {
	w := newWorld(t)
	_, err := w.gaz.ImportPlaces(t.Context(), importer, today, gazsql.Import{
		Source: source(t, "places.csv", "name,category,divisionCode,lon,lat,validFrom,validTo\n=古渡口,facility,500112,106.7,29.7,1990-01-01,2010-01-01\n新渡口,facility,500112,106.71,29.71,2010-01-01,\n"),
		Frame:  geo.CGCS2000,
	})
	must(t, err)
	north, south := w.as(t, "north"), w.as(t, "south")
	for f, want := range map[string][3]string{
		"csv": {"text/csv; charset=utf-8", "places-2026-11-24.csv", "\ufeffid,version,name,"}, "geojson": {"application/geo+json", "places-2026-11-24.geojson", `{"type":"FeatureCollection"`},
		"xlsx":      {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "places-2026-11-24.xlsx", "PK\x03\x04"},
		"shapefile": {"application/zip", "places-2026-11-24.zip", "PK\x03\x04"}, "gpkg": {"application/geopackage+sqlite3", "places-2026-11-24.gpkg", "SQLite format 3"},
	} {
		res, body := north.send(t, "GET", "/api/exports/places?f="+f, nil, nil)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != want[0] || !strings.Contains(res.Header.Get("Content-Disposition"), want[1]) || !bytes.HasPrefix(body, []byte(want[2])) {
			t.Errorf("%s: %d %v %.60q", f, res.StatusCode, res.Header, body)
		}
		if _, err := zip.NewReader(bytes.NewReader(body), int64(len(body))); want[2] == "PK\x03\x04" && err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	for query, want := range map[string]string{
		"category=facility": "新渡口", "category=facility&datetime=2005-01-01": "'=古渡口", "category=facility&datetime=1980-01-01": "",
		"division=500112&category=facility": "新渡口", "bbox=106.705,29,107,30&locatedBy=map": "新渡口", "name=新渡口&limit=1": "新渡口",
	} {
		_, body := north.send(t, "GET", "/api/exports/places?f=csv&"+query, nil, nil)
		rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		must(t, err)
		got := ""
		for _, r := range rows[1:] {
			got += r[2]
		}
		if got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if _, body := south.send(t, "GET", "/api/exports/places?f=csv", nil, nil); bytes.Contains(body, []byte("新渡口")) {
		t.Error("another county exports it")
	}
	for query, code := range map[string]string{
		"f=pdf": "bad-format", "f=csv&rank=1": "bad_parameter", "f=csv&encoding=gbk": "bad_parameter", "f=csv&datetime=x": "bad_parameter", "f=csv&datetime=2020-01-01/..": "bad_parameter",
		"f=csv&bbox=1": "bad_parameter", "f=csv&division=x": "bad_parameter", "f=csv&limit=0": "bad_parameter", "f=csv&f=gpkg": "bad_parameter",
	} {
		if refused := north.want(t, 400, "GET", "/api/exports/places?"+query, nil, nil); refused.text("code") != code {
			t.Errorf("%s: %v", query, refused)
		}
	}
	north.want(t, 404, "GET", "/api/exports/places?f=csv&division="+nobody, nil, nil)
	north.want(t, 400, "GET", "/api/exports/markers?f=csv", nil, nil)
	if res, body := north.send(t, "HEAD", "/api/exports/places?f=csv", nil, nil); res.StatusCode != 200 || len(body) > 0 {
		t.Errorf("HEAD: %d %q", res.StatusCode, body)
	}
}

// TestHalfAnExportIsNoAnswer: an error half way ends the connection, so that no client takes what it has for all.
func TestHalfAnExportIsNoAnswer(t *testing.T) {
	w := newWorld(t)
	north := w.as(t, "north")
	_, err := w.db.Super.Exec(t.Context(), `
		update place set geom = ST_GeomFromText('CIRCULARSTRING(106 29, 106.1 29.1, 106.2 29)', 4490), located_by = 'map'
		where id = (select max(p.id::text)::uuid from place p join division_code c on c.division_id = p.division_id where c.code like '500112%')`)
	must(t, err)
	for _, f := range []string{"csv", "geojson", "xlsx", "shapefile"} {
		for _, packing := range []string{"identity", "gzip"} {
			req, err := http.NewRequest(http.MethodGet, north.url+"/api/exports/places?f="+f, nil)
			must(t, err)
			req.Header.Set("Accept-Encoding", packing)
			res, err := north.client.Do(req)
			must(t, err)
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != 200 || err == nil {
				t.Errorf("%s, %s: %d, %d bytes without an error", f, packing, res.StatusCode, len(body))
			}
		}
	}
	if res, body := north.send(t, "GET", "/api/exports/places?f=gpkg", nil, nil); res.StatusCode != 500 || res.Header.Get("Content-Disposition") != "" {
		t.Errorf("gpkg: %d %s", res.StatusCode, body)
	}
	var broken int
	must(t, w.db.Super.QueryRow(t.Context(), `select count(*) from journal where subject like 'export/%' and verb = 'break-off'`).Scan(&broken))
	if broken != 9 {
		t.Errorf("%d exports are written down as broken off", broken)
	}
}
