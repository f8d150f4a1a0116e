package feature_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// mixed are records as a bureau has them: ids, codes with leading zeros, days, numbers, and one without position.
const mixed = `{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"id":"a","名称":"观音桥","code":"050105","since":"2016-11-24","n":29.567},"geometry":{"type":"Point","coordinates":[106.5312345678,29.5712345]}},
 {"type":"Feature","properties":{"id":"b","名称":"石马河","code":"500105","since":null,"n":null},"geometry":{"type":"Point","coordinates":[106.49,29.59]}},
 {"type":"Feature","properties":{"id":"c","名称":"大石坝","code":"500105","since":"1980-01-01","n":-3},"geometry":null}
]}`

// areas are an area with a hole and one of two parts.
const areas = `{"type":"FeatureCollection","features":[
 {"type":"Feature","properties":{"id":"h"},"geometry":{"type":"Polygon","coordinates":[[[106,29],[107,29],[107,30],[106,30],[106,29]],[[106.4,29.4],[106.4,29.6],[106.6,29.6],[106.6,29.4],[106.4,29.4]]]}},
 {"type":"Feature","properties":{"id":"m"},"geometry":{"type":"MultiPolygon","coordinates":[[[[106,29],[106.1,29],[106.1,29.1],[106,29]]],[[[107,29],[107.1,29],[107.1,29.1],[107,29]]]]}}
]}`

// ogr writes content, a GeoJSON, in another format with GDAL and returns the folder.
func ogr(t testing.TB, content, target string, options ...string) string {
	t.Helper()
	folder := t.TempDir()
	source := write(t, "source.geojson", []byte(content))
	args := append([]string{filepath.Join(folder, target), source}, options...)
	if out, err := exec.Command("ogr2ogr", args...).CombinedOutput(); err != nil {
		t.Fatalf("ogr2ogr %v: %v\n%s", args, err, out)
	}
	return folder
}

// packed packs the files of a folder, without those whose extension is left out.
func packed(t testing.TB, folder string, without ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	names, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if strings.Contains(strings.Join(without, " "), filepath.Ext(n.Name())) && len(without) > 0 {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, n.Name()))
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create("图层/" + n.Name())
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestShapefileOfGDAL(t *testing.T) {
	for name, c := range map[string]struct {
		encoding, frame string
		without         []string
		finding         string
	}{
		"UTF-8 by its .cpg":            {encoding: "UTF-8", frame: "4490"},
		"UTF-8 by looking":             {encoding: "UTF-8", frame: "4490", without: []string{".cpg"}},
		"GBK by its .cpg":              {encoding: "CP936", frame: "4326"},
		"GBK by its head":              {encoding: "CP936", frame: "4326", without: []string{".cpg"}},
		"plane of a zone":              {encoding: "UTF-8", frame: "4544"},
		"plane of a zone, with number": {encoding: "UTF-8", frame: "4524"},
		"no frame":                     {encoding: "UTF-8", without: []string{".prj"}},
	} {
		t.Run(name, func(t *testing.T) {
			options := []string{"-f", "ESRI Shapefile", "-lco", "ENCODING=" + c.encoding}
			if c.frame != "" {
				options = append(options, "-t_srs", "EPSG:"+c.frame)
			}
			folder := ogr(t, mixed, "places.shp", options...)
			bare, zipped := open(t, filepath.Join(folder, "places.shp")), open(t, write(t, "p.zip", packed(t, folder, c.without...)))
			if zipped.DeclaredFrame != c.frame {
				t.Errorf("frame %q, want %q", zipped.DeclaredFrame, c.frame)
			}
			if bare.SHA256 == zipped.SHA256 || len(bare.SHA256) != 64 {
				t.Errorf("digests %q and %q", bare.SHA256, zipped.SHA256)
			}
			for _, s := range []*feature.Source{bare, zipped} {
				if strings.Join(s.Headings, " ") != "id 名称 code since n" || s.Rows != 3 || s.Format != "shapefile" {
					t.Errorf("%+v", s)
				}
				good, bad := rows(t, s)
				if len(bad) > 0 || len(good) != 3 {
					t.Fatalf("%v %v", good, bad)
				}
				first := good[0]
				if first.ID != "a" || first.Line != 1 || first.Fields["名称"] != "观音桥" || first.Fields["code"] != "050105" || first.Fields["since"] != "2016-11-24" {
					t.Errorf("%+v", first)
				}
				if p, ok := first.Geometry.(orb.Point); !ok || !(c.frame == "4544" || c.frame == "4524") && p != (orb.Point{106.5312345678, 29.5712345}) {
					t.Errorf("%v", first.Geometry)
				}
				if good[1].Fields["since"] != "" || good[1].Fields["n"] != "" || good[2].Geometry != nil {
					t.Errorf("%+v", good)
				}
			}
		})
	}
}

func TestShapefileAreas(t *testing.T) {
	s := open(t, filepath.Join(ogr(t, areas, "areas.shp"), "areas.shp"))
	good, bad := rows(t, s)
	if len(bad) > 0 || len(good) != 2 {
		t.Fatalf("%v %v", good, bad)
	}
	if p, ok := good[0].Geometry.(orb.Polygon); !ok || len(p) != 2 {
		t.Errorf("%v", good[0].Geometry)
	}
	if m, ok := good[1].Geometry.(orb.MultiPolygon); !ok || len(m) != 2 || len(m[0]) != 1 {
		t.Errorf("%v", good[1].Geometry)
	}
}

func TestShapefileOfDatumsWithoutTransformationSaysWhich(t *testing.T) {
	for frame, datum := range map[string]string{"4610": "西安", "2343": "西安", "4214": "北京"} {
		folder := ogr(t, mixed, "p.shp", "-a_srs", "EPSG:"+frame)
		s := open(t, filepath.Join(folder, "p.shp"))
		if s.DeclaredFrame != "4610" && s.DeclaredFrame != "4214" {
			t.Errorf("EPSG:%s (%s) declares %q", frame, datum, s.DeclaredFrame)
		}
	}
}

func TestBrokenShapefilesAreRefused(t *testing.T) {
	folder := ogr(t, mixed, "places.shp", "-lco", "ENCODING=CP936")
	part := func(ext string) []byte {
		b, err := os.ReadFile(filepath.Join(folder, "places"+ext))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for name, c := range map[string]struct {
		change func(folder string) error
		code   string
		says   string
	}{
		"no table":      {func(f string) error { return os.Remove(filepath.Join(f, "places.dbf")) }, "dbf-missing", "一起打包"},
		"table cut":     {func(f string) error { return os.WriteFile(filepath.Join(f, "places.dbf"), part(".dbf")[:200], 0o600) }, "bad-dbf", "places.dbf"},
		"shapes cut":    {func(f string) error { return os.WriteFile(filepath.Join(f, "places.shp"), part(".shp")[:120], 0o600) }, "bad-shp", "places.shp"},
		"wrong charset": {func(f string) error { return os.WriteFile(filepath.Join(f, "places.cpg"), []byte("UTF-8"), 0o600) }, "bad-charset", "改成 GBK"},
		"not its own": {func(f string) error {
			return os.WriteFile(filepath.Join(f, "places.shp"), part(".shp")[:100+28], 0o600)
		}, "bad-shp", ""},
		"shape too large": {func(f string) error { return os.WriteFile(filepath.Join(f, "places.shp"), huge(part(".shp")), 0o600) }, "record-too-large", "第 1 个"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.CopyFS(filepath.Join(t.TempDir(), "x"), os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			copied := filepath.Join(t.TempDir(), "x")
			if err := os.CopyFS(copied, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			if err := c.change(copied); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{filepath.Join(copied, "places.shp"), write(t, "p.zip", packed(t, copied))} {
				if _, err := feature.Open(path); !fault.Is(err, c.code) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want %s", filepath.Base(path), err, c.code)
				}
			}
		})
	}
}

// huge is a file whose first shape says that it takes 128 MiB.
func huge(shp []byte) []byte {
	shp = bytes.Clone(shp)
	binary.BigEndian.PutUint32(shp[24:], 1<<30)
	binary.BigEndian.PutUint32(shp[104:], 64<<20)
	return shp
}

func TestOtherZipFilesAreRefused(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.csv"), []byte("name\na\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	whole := packed(t, folder)
	for name, c := range map[string]struct {
		content []byte
		code    string
	}{
		"without anything": {whole, "not-what-its-name-says"},
		"cut":              {whole[:len(whole)-9], "bad-zip"},
		"bomb":             {bomb(t), "file-too-large"},
	} {
		if _, err := feature.Open(write(t, "x.zip", c.content)); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}

// bomb is a zip file of 200 MiB of nothing.
func bomb(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("xl/workbook.xml")
	for range 200 {
		if err == nil {
			_, err = w.Write(make([]byte, 1<<20))
		}
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func FuzzShapefile(f *testing.F) {
	folder := ogr(f, mixed, "p.shp")
	for _, g := range []string{"p", "a"} {
		if g == "a" {
			folder = ogr(f, areas, "a.shp")
		}
		shp, err := os.ReadFile(filepath.Join(folder, g+".shp"))
		if err != nil {
			f.Fatal(err)
		}
		dbf, err := os.ReadFile(filepath.Join(folder, g+".dbf"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(shp, dbf, []byte("UTF-8"), []byte("GEOGCS"))
	}
	f.Fuzz(func(t *testing.T, shp, dbf, cpg, prj []byte) {
		folder := t.TempDir()
		for ext, b := range map[string][]byte{".shp": shp, ".dbf": dbf, ".cpg": cpg, ".prj": prj} {
			if err := os.WriteFile(filepath.Join(folder, "p"+ext), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := feature.Open(filepath.Join(folder, "p.shp"))
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Error(err)
			}
			return
		}
		n := 0
		for range s.Records() {
			n++
		}
		if n < s.Rows {
			t.Errorf("%d records of %d rows", n, s.Rows)
		}
	})
}
