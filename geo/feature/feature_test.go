package feature_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

// write puts content into a file of the name and returns its path.
func write(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(content string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(content))
	_ = z.Close()
	return b.Bytes()
}

// rows reads every record; bad ones are counted by code.
func rows(t testing.TB, s *feature.Source) (good []feature.Record, bad map[string]int) {
	t.Helper()
	bad = map[string]int{}
	for rec, err := range s.Records() {
		if err == nil {
			good = append(good, rec)
			continue
		}
		if fault.KindOf(err) != fault.Malformed {
			t.Errorf("%v", err)
		}
		for _, code := range []string{
			"bad-record", "bad-geometry", "not-a-number", "member-twice", "column-count", "decimal-comma", "bad-json", "bad-csv",
		} {
			if fault.Is(err, code) {
				bad[code]++
			}
		}
	}
	return good, bad
}

func open(t testing.TB, path string) *feature.Source {
	t.Helper()
	s, err := feature.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const collection = `{"type":"FeatureCollection",
"features":[
 {"type":"Feature","id":7,"properties":{"name":"江北区","code":"500105","n":1.50,"yes":true,"none":null,"list":[1, "a"]},
  "geometry":{"type":"Point","coordinates":[106.5,29.6]}},
 {"geometry":{"coordinates":[[[106,29],[107,29],[107,30],[106,29]]],"type":"Polygon"},"type":"Feature","properties":null},
 {"type":"Feature","id":"x","properties":{"说明":"a\"b\n\u4e2d\ud83d\ude00"},"geometry":null}
]}`

func TestGeoJSONGivesRecordsWithLinesAndVerbatimFields(t *testing.T) {
	path := write(t, "a.geojson", []byte(collection))
	s := open(t, path)
	sum := sha256.Sum256([]byte(collection))
	if s.Format != "geojson" || s.Rows != 3 || s.DeclaredFrame != "4326" || s.Name != "a.geojson" || s.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("%+v", s)
	}
	if got := strings.Join(s.Headings, " "); got != "name code n yes none list 说明" {
		t.Errorf("headings %q", got)
	}
	good, bad := rows(t, s)
	if len(good) != 3 || len(bad) != 0 {
		t.Fatalf("%v %v", good, bad)
	}
	for name, want := range map[string]string{
		"name": "江北区", "code": "500105", "n": "1.50", "yes": "true", "none": "", "list": `[1,"a"]`,
	} {
		if got := good[0].Fields[name]; got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if good[0].ID != "7" || good[0].Line != 3 || good[0].Geometry != (orb.Point{106.5, 29.6}) {
		t.Errorf("%+v", good[0])
	}
	if p, ok := good[1].Geometry.(orb.Polygon); !ok || len(p[0]) != 4 || good[1].Line != 5 {
		t.Errorf("%+v", good[1])
	}
	if good[2].Geometry != nil || good[2].Fields["说明"] != "a\"b\n中😀" || good[2].Line != 6 {
		t.Errorf("%+v", good[2])
	}
}

func TestRecordsCanBeReadTwiceAndLeftEarly(t *testing.T) {
	s := open(t, write(t, "a.geojson", []byte(collection)))
	for range s.Records() {
		break
	}
	if good, _ := rows(t, s); len(good) != 3 {
		t.Errorf("%d records after an early end", len(good))
	}
	path := write(t, "b.geojson", []byte(collection))
	s = open(t, path)
	if err := os.WriteFile(path, []byte(strings.Replace(collection, "江北", "江南", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	changed := false
	for _, err := range s.Records() {
		changed = changed || fault.Is(err, "file-changed")
	}
	if !changed {
		t.Error("a file changed between the passes was not noticed")
	}
}

func TestEveryGeometryTypeReadsAsOrbReadsIt(t *testing.T) {
	for _, g := range []string{
		`{"type":"Point","coordinates":[106.5,29.6]}`,
		`{"type":"MultiPoint","coordinates":[[106.5,29.6],[1e2,-2.5E-1]]}`,
		`{"type":"LineString","coordinates":[[106.5,29.6],[106.6,29.7]]}`,
		`{"type":"MultiLineString","coordinates":[[[1,2],[3,4]],[[5,6],[7,8],[9,10]]]}`,
		`{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]}`,
		`{"type":"MultiPolygon","coordinates":[[[[0,0],[9,0],[9,9],[0,0]],[[1,1],[2,1],[2,2],[1,1]]],[[[20,20],[29,20],[29,29],[20,20]]]]}`,
		`{"type":"GeometryCollection","geometries":[{"type":"Point","coordinates":[1,2]},{"type":"LineString","coordinates":[[1,2],[3,4]]}]}`,
	} {
		want, err := geojson.UnmarshalGeometry([]byte(g))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{`{"type":"Feature","properties":{},"geometry":` + g + `}`, g} {
			good, bad := rows(t, open(t, write(t, "g.json", []byte(text))))
			if len(good) != 1 || len(bad) != 0 || !orb.Equal(good[0].Geometry, want.Geometry()) {
				t.Errorf("%s: %v %v", text, good, bad)
			}
		}
		again, err := geojson.UnmarshalGeometry(feature.AppendGeometry(nil, want.Geometry()))
		if err != nil || !orb.Equal(again.Geometry(), want.Geometry()) {
			t.Errorf("%s was written as %s (%v)", g, feature.AppendGeometry(nil, want.Geometry()), err)
		}
	}
}

func TestBadRecordsNameTheirLineAndTheRestIsRead(t *testing.T) {
	good := `{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}`
	for member, code := range map[string]string{
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":["NaN",2]}}`:                           "not-a-number",
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[NaN,2]}}`:                             "not-a-number",
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1e400,2]}}`:                           "not-a-number",
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[null,2]}}`:                            "not-a-number",
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[{"a":1},2]}}`:                         "not-a-number",
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1]}}`:                                 "bad-geometry",
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[[1,2]]}}`:                             "bad-geometry",
		`{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[1,2]]}}`:                        "bad-geometry",
		`{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[1,2],3]}}`:                      "bad-geometry",
		`{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6],[1,2]],[]]}}`:    "bad-geometry",
		`{"type":"Feature","properties":{},"geometry":{"type":"Circle","coordinates":[1,2]}}`:                              "bad-geometry",
		`{"type":"Feature","properties":{},"geometry":"POINT(1 2)"}`:                                                       "bad-geometry",
		`{"type":"Feature","properties":[1],"geometry":null}`:                                                              "bad-record",
		`{"properties":{},"geometry":null}`:                                                                                "bad-record",
		`42`:                                                                                                               "bad-record",
		`{"type":"Feature","properties":{"a":1,"a":2},"geometry":null}`:                                                    "member-twice",
		`{"type":"Feature","properties":{},"geometry":null,"geometry":{"type":"Point","coordinates":[1,2]}}`:               "member-twice",
		`{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2],"coordinates":[3,4],"bbox":[]}}`: "member-twice",
	} {
		text := "{\"type\":\"FeatureCollection\",\"features\":[\n" + good + ",\n" + member + ",\n" + good + "]}"
		s := open(t, write(t, "a.geojson", []byte(text)))
		if s.Rows != 3 {
			t.Errorf("%s: %d rows", member, s.Rows)
		}
		i, fine := 0, 0
		for rec, err := range s.Records() {
			if i++; i == 2 {
				if !fault.Is(err, code) || !strings.Contains(err.Error(), "第 3 行") || rec.Line != 3 {
					t.Errorf("%s: %v (line %d), want %s on line 3", member, err, rec.Line, code)
				}
			} else if err == nil {
				fine++
			}
		}
		if i != 3 || fine != 2 {
			t.Errorf("%s: %d records, %d good", member, i, fine)
		}
	}
}

func TestBrokenFilesAreRefusedAtOnce(t *testing.T) {
	deep := `{"type":"FeatureCollection","x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`
	for _, c := range []struct{ name, content, code string }{
		{"empty.geojson", "", "file-empty"},
		{"blank.csv", " \n\n", "file-empty"},
		{"cut.geojson", collection[:200], "bad-json"},
		{"deep.geojson", deep, "bad-json"},
		{"two.geojson", collection + collection, "bad-json"},
		{"comma.geojson", `{"type":"FeatureCollection","features":[],}`, "bad-json"},
		{"quote.geojson", `{"type":"FeatureCollection,"features":[]}`, "bad-json"},
		{"topo.json", `{"type":"Topology","objects":{}}`, "not-geojson"},
		{"list.json", `[1,2]`, "not-what-its-name-says"},
		{"page.geojson", "<!DOCTYPE html><html><body>login</body></html>", "not-what-its-name-says"},
		{"page.csv", "\n<html>", "not-what-its-name-says"},
		{"doc.csv", "%PDF-1.7\n%\xe2\xe3", "not-what-its-name-says"},
		{"book.csv", "PK\x03\x04\x14\x00\x06\x00\x08\x00", "not-what-its-name-says"},
		{"json.csv", collection, "not-what-its-name-says"},
		{"table.geojson", "name,lon,lat\na,1,2\n", "not-what-its-name-says"},
		{"photo.csv", "\xff\xd8\xff\xe0\x00\x10JFIF", "not-what-its-name-says"},
		{"twice.csv", "name,lon,name\na,1,b\n", "heading-twice"},
		{"headless.csv", "江北区,106.5,29.6\n渝北区,106.6,29.7\n", "heading-missing"},
		{"quote.csv", "name,lon\n\"abc,1\nx,2\n", "bad-csv"},
		{"charset.csv", "name\n\xff\xff\xff\n", "bad-charset"},
	} {
		_, err := feature.Open(write(t, c.name, []byte(c.content)))
		if !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
	}
	whole := zipped(collection)
	for name, b := range map[string][]byte{"cut": whole[:len(whole)-12], "flipped": append(append([]byte{}, whole[:len(whole)-6]...), 1, 2, 3, 4, 5, 6)} {
		if _, err := feature.Open(write(t, "a.geojson.gz", b)); !fault.Is(err, "bad-gzip") {
			t.Errorf("gzip %s: %v", name, err)
		}
	}
	if _, err := feature.Open(filepath.Join(t.TempDir(), "none.csv")); !fault.Is(err, "file-missing") {
		t.Errorf("no file: %v", err)
	}
}

func TestCSVInEveryDress(t *testing.T) {
	const table = "名称,经度,纬度,备注\n江北区,106.5,29.6,\"一、\n二\"\n,,,\n渝北区,106.6,29.7,\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(table)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"plain": table, "bom": "\ufeff" + table, "crlf": strings.ReplaceAll(table, "\n", "\r\n"), "gbk": gbk, "utf-16": utf16,
		"tab": strings.ReplaceAll(table, ",", "\t"), "semicolon": strings.ReplaceAll(table, ",", ";"), "gzip": string(zipped(table)),
	} {
		s := open(t, write(t, "a.csv", []byte(content)))
		good, bad := rows(t, s)
		if s.Format != "csv" || s.DeclaredFrame != "" || s.Rows != 3 || len(bad) != 0 || strings.Join(s.Headings, " ") != "名称 经度 纬度 备注" {
			t.Errorf("%s: %+v %v", name, s, bad)
			continue
		}
		if good[0].Geometry != (orb.Point{106.5, 29.6}) || good[0].Fields["备注"] != "一、\n二" || good[0].Line != 2 {
			t.Errorf("%s: %+v", name, good[0])
		}
		if good[1].Geometry != nil || good[2].Fields["名称"] != "渝北区" || good[2].Line != 5 {
			t.Errorf("%s: %+v", name, good[1:])
		}
		if guessed := len(s.Findings) > 0; guessed != (name == "gbk") {
			t.Errorf("%s: findings %v", name, s.Findings)
		}
	}
}

func TestBadCSVRowsNameTheirLine(t *testing.T) {
	s := open(t, write(t, "a.csv", []byte("id,lon,lat\na,1,2\nb,x,2\nc,1\nd,1,2,3\ne,\"1,5\",2\nf,,2\ng,NaN,2\nh,1,2\n")))
	good, bad := rows(t, s)
	if len(good) != 2 || good[1].ID != "h" || s.Rows != 8 {
		t.Errorf("%v", good)
	}
	if want := map[string]int{"not-a-number": 2, "column-count": 2, "decimal-comma": 1, "bad-geometry": 1}; fmt.Sprint(bad) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", bad, want)
	}
}

func TestLegacyCRSMemberIsTheDeclaredFrame(t *testing.T) {
	for crs, want := range map[string]string{
		`{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4490"}}`:    "4490",
		`{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}`: "4326",
		`{"type":"EPSG","properties":{"code":4545}}`:                            "4545",
		`{"properties":{"name":"EPSG:4610"},"type":"name"}`:                     "EPSG:4610",
		`null`: "4326",
	} {
		text := `{"type":"FeatureCollection","crs":` + crs + `,"features":[]}`
		if s := open(t, write(t, "a.geojson", []byte(text))); s.DeclaredFrame != want {
			t.Errorf("%s: %q, want %q", crs, s.DeclaredFrame, want)
		}
	}
}

func TestSharedFilesReadAsExpected(t *testing.T) {
	for path, want := range map[string]int{
		"admin/cq_counties_wgs84_derived.geojson.gz":           38,
		"admin/cq_neighbour_counties_wgs84_derived.geojson.gz": 40,
		"boundary/cq_boundary_lines_wgs84_derived.geojson.gz":  151,
		"codes/vonng_cq_adcode_5levels_2016_gcj02.csv.gz":      12204,
		"codes/areacity_cq_level4_pinyin_2023.csv":             0,
		"tracks/made/c02_gbk_chinese_headers.csv":              0,
		"tracks/made/c07_utf16_excel.csv":                      0,
	} {
		s := open(t, shareddata.Path(t, path))
		good, bad := rows(t, s)
		if len(good) == 0 || want > 0 && s.Rows != want || len(good) != s.Rows || len(bad) != 0 {
			t.Errorf("%s: %d rows, %d good, bad %v", path, s.Rows, len(good), bad)
		}
	}
	s := open(t, shareddata.Path(t, "tracks/made/g06_dup_keys.geojson"))
	if _, bad := rows(t, s); bad["member-twice"] == 0 {
		t.Errorf("duplicate members: %v", bad)
	}
	for _, name := range []string{"g05_deep_nesting.geojson", "c06_unclosed_quote.csv"} {
		if _, err := feature.Open(shareddata.Path(t, "tracks/made/"+name)); fault.KindOf(err) != fault.Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
}
