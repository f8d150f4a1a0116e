package geopackage_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/internal/geopackage"
)

var layer = geopackage.Layer{
	Name: "places", Description: "地名\n合成示例", At: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
	Columns: []geopackage.Column{{"name", "TEXT", "标准地名"}, {"version", "INTEGER", "版本"}, {"synthetic", "BOOLEAN", "合成"}, {"validFrom", "DATE", "生效日"}},
}

// gdal runs a program of GDAL, which must have nothing to complain about.
func gdal(t *testing.T, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing: install gdal-bin, as make test does", name)
	}
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "Warning") {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestGDALReadsAndChangesIt: the rows as they were written, the frame, the index; and a row that GDAL adds is in the index.
func TestGDALReadsAndChangesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "places.gpkg")
	f, err := geopackage.Create(path, layer)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Discard()
	names := []string{"𬇙河镇", "他说\"好\"路", "两行\n名", "=1+1", strings.Repeat("长", 255), "001"}
	geoms := []orb.Geometry{
		orb.Point{106.123456789012345, 29.5},
		nil,
		orb.LineString{{106, 29}, {107, 30}},
		orb.Polygon{{{108, 29}, {109, 29}, {109, 30}, {108, 29}}},
		orb.MultiPoint{{110, 30}, {111, 31}},
		orb.Point{112, 32},
	}
	for i, name := range names {
		if err := f.Add(fmt.Sprintf("id-%d", i), geoms[i], name, fmt.Sprint(i), i%2 == 0, "1995-01-01"); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	about := gdal(t, "ogrinfo", "-ro", "-so", path, "places")
	for _, want := range []string{
		"Feature Count: 6", `ID["EPSG",4490]`, "Extent: (106.000000, 29.000000) - (112.000000, 32.000000)", "name: String", "version: Integer",
		"synthetic: Integer(Boolean)", "validFrom: Date", "DESCRIPTION=地名",
	} {
		if !strings.Contains(about, want) {
			t.Errorf("GDAL does not say %q:\n%s", want, about)
		}
	}
	if titles := gdal(t, "ogrinfo", "-ro", path, "-sql", `select name from gpkg_data_columns where column_name = 'name'`); !strings.Contains(titles, "标准地名") {
		t.Errorf("the columns have no titles:\n%s", titles)
	}
	var all struct {
		Features []struct {
			Properties map[string]any
			Geometry   *struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	if err := json.Unmarshal([]byte(gdal(t, "ogr2ogr", "-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15", "/vsistdout/", path)), &all); err != nil {
		t.Fatal(err)
	}
	for i, got := range all.Features {
		if got.Properties["name"] != names[i] || got.Properties["version"] != float64(i) || got.Properties["synthetic"] != (i%2 == 0) {
			t.Errorf("%v", got.Properties)
		}
		if (got.Geometry == nil) != (geoms[i] == nil) || got.Geometry != nil && got.Geometry.Type != geoms[i].GeoJSONType() {
			t.Errorf("%v is read as %v", geoms[i], got.Geometry)
		}
	}
	var at orb.Point
	if err := json.Unmarshal(all.Features[0].Geometry.Coordinates, &at); err != nil || at != geoms[0] {
		t.Errorf("%v is read as %v", geoms[0], at)
	}
	gdal(t, "ogrinfo", path, "-sql", `insert into places (geom, name) values (ST_GeomFromText('POINT(120 40)', 4490), '新')`)
	indexed := gdal(t, "ogrinfo", "-ro", path, "-sql", `select count(*) as n from rtree_places_geom where minx > 100`)
	if !strings.Contains(indexed, "n (Integer) = 6") {
		t.Errorf("the index holds:\n%s", indexed)
	}
	if found := gdal(t, "ogrinfo", "-ro", "-so", path, "places", "-spat", "119", "39", "121", "41"); !strings.Contains(found, "Feature Count: 1") {
		t.Errorf("the index finds:\n%s", found)
	}
}
