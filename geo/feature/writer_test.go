package feature_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"
	"pgregory.net/rapid"

	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

var sample = feature.Table{
	Name: "places", Title: "地名", Notes: []string{"合成示例"},
	Columns: []feature.Column{
		{"name", feature.Text, "标准地名"},
		{"divisionCode", feature.Text, "代码"},
		{"divisionName", feature.Text, "所在"},
		{"version", feature.Integer, "版本"},
		{"height", feature.Number, "高程"},
		{"synthetic", feature.Flag, "合成"},
		{"validFrom", feature.Day, "生效日"},
		{"names", feature.JSON, "其他名称"},
	},
}

// awkward are names that formats get wrong: beyond the Basic Multilingual Plane, quoted, of several lines, taken for
// formulas, for numbers, for markup, and as long as a name may be.
var awkward = []string{
	"𬇙河镇", `他说"好"路`, "两行\n名", "=1+1", "+86", "-甲", "@乙", "＝丙", "'=丁", "''戊", "' =己", " =庚", "=HYPERLINK(\"http://x\";\"y\")", "a,b;c\td",
	"_x0041_", "<&>\u00a0", "001", "1e5", "TRUE", "\t制表", "👨‍👩‍👧园", strings.Repeat("长", 255),
}

// formulas are those of them that a spreadsheet would take for one, by themselves or once an apostrophe is gone.
var formulas = []string{"=1+1", "+86", "-甲", "@乙", "＝丙", "'=丁", "' =己", " =庚", "=HYPERLINK(\"http://x\";\"y\")", "\t制表"}

// sampleRows are the awkward names, in turn with a position and without, and then other geometries.
func sampleRows() []feature.Row {
	var rows []feature.Row
	for i, name := range awkward {
		row := feature.Row{ID: fmt.Sprintf("id-%02d", i), Values: []string{name, "050101", "渝北区", fmt.Sprint(i - 5), "-12.25", "true", "0961-01-01", `[{"name":"旧\n名"}]`}}
		if i%3 > 0 {
			row.Geometry = orb.Point{106.1 + float64(i)/3, 29.123456789012345}
		} else {
			row.Values[4], row.Values[5], row.Values[6], row.Values[7] = "", "false", "", ""
		}
		rows = append(rows, row)
	}
	return rows
}

var shapes = []orb.Geometry{
	orb.MultiPoint{{106, 29}, {107, 30}},
	orb.LineString{{106, 29}, {106.5, 29.5}, {107, 29}},
	orb.MultiLineString{{{106, 29}, {107, 29}}, {{106, 30}, {107, 31}}},
	orb.Polygon{{{106, 29}, {107, 29}, {107, 30}, {106, 30}, {106, 29}}, {{106.4, 29.4}, {106.4, 29.6}, {106.6, 29.6}, {106.4, 29.4}}},
	orb.MultiPolygon{{{{108, 29}, {109, 29}, {109, 30}, {108, 29}}}, {{{110, 29}, {111, 29}, {111, 30}, {110, 29}}}},
}

func shapeRows() []feature.Row {
	var rows []feature.Row
	for i, g := range shapes {
		rows = append(rows, feature.Row{ID: fmt.Sprintf("shape-%d", i), Geometry: g, Values: []string{g.GeoJSONType(), "", "", "", "", "", "", ""}})
	}
	return rows
}

func stream(rows []feature.Row) iter.Seq2[feature.Row, error] {
	return func(yield func(feature.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func formatOf(t testing.TB, name string) feature.Format {
	t.Helper()
	i := slices.IndexFunc(feature.WriteFormats, func(f feature.Format) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no format %s", name)
	}
	return feature.WriteFormats[i]
}

// written writes the rows in a file.
func written(t testing.TB, format string, table feature.Table, rows iter.Seq2[feature.Row, error], o feature.WriteOptions) string {
	t.Helper()
	f := formatOf(t, format)
	var b bytes.Buffer
	if err := f.Write(&b, table, rows, o); err != nil {
		t.Fatal(err)
	}
	return write(t, "places"+f.Ext, b.Bytes())
}

// TestOurReaderBringsTheSameBack: ids, texts and geometries of every awkward row, in every format that we read; but for what
// a Shapefile cuts, and whether its parts are of one line or of several.
func TestOurReaderBringsTheSameBack(t *testing.T) {
	rows := append(sampleRows(), shapeRows()...)
	for _, f := range feature.WriteFormats {
		for _, mark := range []bool{true, false} {
			src, err := feature.Open(written(t, f.Name, sample, stream(rows), feature.WriteOptions{ByteOrderMark: mark}))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(src.Headings, "divisionName") || src.Rows != len(rows) {
				t.Errorf("%s: headings %v, %d rows of %d", f.Name, src.Headings, src.Rows, len(rows))
			}
			left := map[string]feature.Row{}
			for _, row := range rows {
				left[row.ID] = row
			}
			for rec, err := range src.Records() {
				if err != nil {
					t.Fatal(f.Name, err)
				}
				same(t, f.Name, rec, left[rec.ID])
				delete(left, rec.ID)
			}
			if len(left) > 0 {
				t.Errorf("%s: %d rows did not come back", f.Name, len(left))
			}
		}
	}
}

func same(t *testing.T, format string, rec feature.Record, row feature.Row) {
	t.Helper()
	carried := func(v string) string { return v }
	if format == "shapefile" {
		carried = cutTo254
		rec.Geometry, row.Geometry = inParts(rec.Geometry), inParts(row.Geometry)
	}
	if !sameGeometry(rec.Geometry, row.Geometry) {
		t.Errorf("%s: %s %v came back as %v", format, row.ID, row.Geometry, rec.Geometry)
	}
	for i, c := range sample.Columns {
		if got := rec.Fields[c.Name]; got != carried(row.Values[i]) {
			t.Errorf("%s: %s of %s: %q came back as %q", format, c.Name, row.ID, row.Values[i], got)
		}
	}
}

// cutTo254 is a text as a table of dBASE has it: 254 bytes of whole characters, without blanks at the end.
func cutTo254(v string) string {
	for len(v) > 254 {
		r := []rune(v)
		v = string(r[:len(r)-1])
	}
	return strings.TrimRight(v, " ")
}

// inParts makes lines and areas those of several parts, with rings in one sense.
func inParts(g orb.Geometry) orb.Geometry {
	switch g := g.(type) {
	case orb.LineString:
		return orb.MultiLineString{g}
	case orb.Polygon:
		return inParts(orb.MultiPolygon{g})
	case orb.MultiPolygon:
		g = g.Clone()
		for _, p := range g {
			for _, r := range p {
				if r.Orientation() != orb.CW {
					r.Reverse()
				}
			}
		}
		return g
	}
	return g
}

func sameGeometry(a, b orb.Geometry) bool {
	return a == nil && b == nil || a != nil && b != nil && orb.Equal(a, b)
}

// TestNoSpreadsheetFormula: no cell of a CSV begins as a formula does, whatever the text is, and each comes back.
func TestNoSpreadsheetFormula(t *testing.T) {
	table := feature.Table{Name: "t", Columns: []feature.Column{{Name: "text", Kind: feature.Text}}}
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("='\t\n+-@＝＋－＠ \u3000a\"',1"))).Draw(rt, "text")
		path := written(t, "csv", table, stream([]feature.Row{{ID: "1", Values: []string{text}}}), feature.WriteOptions{})
		raw, err := os.ReadFile(path)
		if err != nil {
			rt.Fatal(err)
		}
		cells, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
		if err != nil {
			rt.Fatal(err)
		}
		if cell := strings.TrimLeft(cells[1][1], " \u3000"); cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\n") || strings.HasPrefix(cell, "＝") {
			rt.Errorf("%q is written as %q", text, cells[1][1])
		}
		src, err := feature.Open(path)
		if err != nil {
			rt.Fatal(err)
		}
		for rec := range src.Records() {
			if rec.Fields["text"] != text {
				rt.Errorf("%q came back as %q", text, rec.Fields["text"])
			}
		}
	})
}

type feat struct {
	Properties map[string]any
	Geometry   *struct {
		Type        string
		Coordinates json.RawMessage
	}
}

// throughGDAL reads a layer with ogr2ogr.
func throughGDAL(t *testing.T, args ...string) []feat {
	t.Helper()
	path, err := exec.LookPath("ogr2ogr")
	if err != nil {
		t.Fatal("ogr2ogr is missing: install gdal-bin, as make test does")
	}
	cmd := exec.Command(path, append([]string{"-f", "GeoJSON", "-lco", "COORDINATE_PRECISION=15", "/vsistdout/"}, args...)...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("ogr2ogr %v: %v %s", args, err, complaints.String())
	}
	var all struct{ Features []feat }
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	return all.Features
}

// TestGDALReadsEachFormat and finds the same values. CSV comes with its guards; a workbook holds positions as numbers.
func TestGDALReadsEachFormat(t *testing.T) {
	rows := sampleRows()
	for format, c := range map[string]struct {
		open, args []string
		carries    func(string) string // a name as the format carries it
	}{
		"csv": {args: []string{"-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat"}, carries: func(name string) string {
			if slices.Contains(formulas, name) {
				return "'" + name
			}
			return name
		}},
		"geojson": {},
		"xlsx": {args: []string{"places", "--config", "OGR_XLSX_HEADERS", "FORCE", "--config", "OGR_XLSX_FIELD_TYPES", "STRING"}, carries: func(name string) string {
			return strings.Replace(name, "_x0041_", "_x005F_x0041_", 1) // as it stands in the file: this GDAL reads no escapes
		}},
		"shapefile": {carries: func(name string) string { return strings.TrimLeft(cutTo254(name), " ") }}, // which GDAL trims
	} {
		path := written(t, format, sample, stream(rows), feature.WriteOptions{})
		if format == "shapefile" {
			path = "/vsizip/" + path + "/places.shp"
		}
		got := throughGDAL(t, append([]string{path}, c.args...)...)
		if len(got) != len(rows) {
			t.Fatalf("%s: GDAL reads %d of %d rows", format, len(got), len(rows))
		}
		for i, f := range got {
			want := rows[i].Values[0]
			if c.carries != nil {
				want = c.carries(want)
			}
			if name := fmt.Sprint(f.Properties["name"]); name != want {
				t.Errorf("%s: GDAL reads %q as %q", format, want, name)
			}
			if code := f.Properties["divisionCode"]; format != "shapefile" && code != "050101" {
				t.Errorf("%s: GDAL reads the code as %v", format, code)
			}
			samePosition(t, format, f, rows[i].Geometry)
		}
	}
}

func samePosition(t *testing.T, format string, f feat, g orb.Geometry) {
	t.Helper()
	p, located := g.(orb.Point)
	if format == "xlsx" {
		if lon := fmt.Sprint(f.Properties["lon"]); located && lon != fmt.Sprint(p[0]) || !located && lon != "<nil>" {
			t.Errorf("xlsx: longitude %s of %v", lon, g)
		}
		return
	}
	if located != (f.Geometry != nil) {
		t.Errorf("%s: %v is read as %v", format, g, f.Geometry)
		return
	}
	var at orb.Point
	if located && (json.Unmarshal(f.Geometry.Coordinates, &at) != nil || max(at[0]-p[0], p[0]-at[0], at[1]-p[1], p[1]-at[1]) > 1e-13) {
		t.Errorf("%s: %v is read as %s", format, p, f.Geometry.Coordinates)
	}
}

// unpacked are the files of a pack.
func unpacked(t *testing.T, path string) map[string]string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content := make([]byte, f.UncompressedSize64)
		if _, err := io.ReadFull(r, content); err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(content)
	}
	return files
}

// TestShapefileSaysWhatItCut whole, and which field is which column.
func TestShapefileSaysWhatItCut(t *testing.T) {
	rows := append(sampleRows(), shapeRows()...)
	rows[0].Values[7] = `["` + strings.Repeat("很长", 60) + `"]`
	files := unpacked(t, written(t, "shapefile", sample, stream(rows), feature.WriteOptions{}))
	if !strings.Contains(files["findings.csv"], "id-21,name,text-cut,"+strings.Repeat("长", 255)+"\n") {
		t.Errorf("findings.csv:\n%s", files["findings.csv"])
	}
	if !strings.Contains(files["findings.csv"], "id-00,names,value-left-out,") || strings.Contains(files["places.dbf"], "很长") {
		t.Errorf("findings.csv:\n%s", files["findings.csv"])
	}
	if !strings.Contains(files["fields.csv"], "divisionCo,divisionCode,代码\ndivisionNa,divisionName,所在\n") {
		t.Errorf("fields.csv:\n%s", files["fields.csv"])
	}
	if files["places.cpg"] != "UTF-8" || !strings.Contains(files["places.prj"], "China_Geodetic_Coordinate_System_2000") {
		t.Errorf("%q %q", files["places.cpg"], files["places.prj"])
	}
	whole := unpacked(t, written(t, "shapefile", sample, stream(sampleRows()[:3]), feature.WriteOptions{}))
	if _, ok := whole["findings.csv"]; ok {
		t.Error("there are findings where nothing was cut")
	}
}

// TestShapefileInGBK loses what GBK has not, and says so.
func TestShapefileInGBK(t *testing.T) {
	path := written(t, "shapefile", sample, stream(sampleRows()), feature.WriteOptions{GBK: true})
	got := throughGDAL(t, "/vsizip/"+path+"/places.shp")
	if got[0].Properties["name"] != "?河镇" || got[5].Properties["name"] != "-甲" || got[0].Properties["divisionNa"] != "渝北区" {
		t.Errorf("%v, %v", got[0].Properties, got[5].Properties)
	}
	files := unpacked(t, path)
	if !strings.Contains(files["findings.csv"], "id-00,name,character-lost,𬇙河镇\n") {
		t.Errorf("findings.csv:\n%s", files["findings.csv"])
	}
	if raw, err := simplifiedchinese.GBK.NewEncoder().String("渝北区"); err != nil || !strings.Contains(files["places.dbf"], raw) {
		t.Error("the table is not in GBK")
	}
}

// TestShapefileOfEveryShape has a file for each kind of geometry, rings wound as they must be.
func TestShapefileOfEveryShape(t *testing.T) {
	rows := append(shapeRows(), feature.Row{ID: "c", Geometry: orb.Collection{orb.Point{1, 2}, orb.LineString{{1, 2}, {3, 4}}}, Values: make([]string, len(sample.Columns))})
	path := written(t, "shapefile", sample, stream(rows), feature.WriteOptions{})
	for name, want := range map[string][]string{
		"places_multipoint": {"MultiPoint [ [ 106.0, 29.0 ], [ 107.0, 30.0 ] ]"},
		"places_line":       {"LineString [ [ 106.0, 29.0 ], [ 106.5, 29.5 ], [ 107.0, 29.0 ] ]", "MultiLineString [ [ [ 106.0, 29.0 ], [ 107.0, 29.0 ] ], [ [ 106.0, 30.0 ], [ 107.0, 31.0 ] ] ]"},
	} {
		for i, f := range throughGDAL(t, "/vsizip/"+path+"/"+name+".shp") {
			if got := f.Geometry.Type + " " + string(f.Geometry.Coordinates); got != want[i] {
				t.Errorf("%s: %s, want %s", name, got, want[i])
			}
		}
	}
	areas := throughGDAL(t, "/vsizip/"+path+"/places_polygon.shp")
	var holed [][][2]float64
	if err := json.Unmarshal(areas[0].Geometry.Coordinates, &holed); err != nil || len(holed) != 2 || areas[1].Geometry.Type != "MultiPolygon" {
		t.Errorf("%s %s, %s", areas[0].Geometry.Type, areas[0].Geometry.Coordinates, areas[1].Geometry.Type)
	}
	files := unpacked(t, path)
	if !strings.Contains(files["findings.csv"], "c,geometry,geometry-left-out,") {
		t.Errorf("findings.csv:\n%s", files["findings.csv"])
	}
}

// TestFieldNamesAreNeverTwice where two columns begin alike.
func TestFieldNamesAreNeverTwice(t *testing.T) {
	table := feature.Table{Name: "t", Columns: []feature.Column{{Name: "divisionCode"}, {Name: "divisionCount"}, {Name: "DIVISIONCO"}}}
	files := unpacked(t, written(t, "shapefile", table, stream(nil), feature.WriteOptions{}))
	if want := "divisionCo,divisionCode,\ndivisionC1,divisionCount,\nDIVISIONC2,DIVISIONCO,\n"; !strings.HasSuffix(files["fields.csv"], want) {
		t.Errorf("%s", files["fields.csv"])
	}
	if got := throughGDAL(t, "/vsizip/"+written(t, "shapefile", table, stream(nil), feature.WriteOptions{})+"/t.shp"); len(got) != 0 {
		t.Errorf("an empty table holds %v", got)
	}
}

// TestWorkbookOfSeveralSheets: a sheet holds 1,048,576 rows with its headings, the rest goes on to the next.
func TestWorkbookOfSeveralSheets(t *testing.T) {
	const n = 1<<20 + 5
	rows := func(yield func(feature.Row, error) bool) {
		for i := range n {
			if !yield(feature.Row{ID: "x", Values: []string{fmt.Sprint(i)}}, nil) {
				return
			}
		}
	}
	path := written(t, "xlsx", feature.Table{Name: "places", Columns: []feature.Column{{Name: "n", Kind: feature.Integer}}}, rows, feature.WriteOptions{})
	files := unpacked(t, path)
	first, second := files["xl/worksheets/sheet1.xml"], files["xl/worksheets/sheet2.xml"]
	if a, b := strings.Count(first, "<row "), strings.Count(second, "<row "); a != 1<<20 || b != 7 {
		t.Errorf("sheets of %d and %d rows", a, b)
	}
	if !strings.Contains(second, `<c r="B2" t="n"><v>1048575</v></c>`) || !strings.Contains(files["xl/workbook.xml"], `<sheet name="places2" sheetId="2"`) {
		t.Errorf("%.400s", second)
	}
}

// TestWorkbookSaysWhatItCut of a text that no cell holds.
func TestWorkbookSaysWhatItCut(t *testing.T) {
	row := sampleRows()[0]
	row.Values[7] = `"` + strings.Repeat("𬇙", 20_000) + `"`
	path := written(t, "xlsx", sample, stream([]feature.Row{row}), feature.WriteOptions{})
	files := unpacked(t, path)
	if sheet := files["xl/worksheets/sheet1.xml"]; strings.Count(sheet, "𬇙") != 16_383+1 { // one of them in the name
		t.Errorf("%d characters are kept", strings.Count(sheet, "𬇙"))
	}
	if notes := files["xl/worksheets/sheet2.xml"]; !strings.Contains(notes, "id-00 的 names 有 20002 字") || !strings.Contains(notes, "合成示例") {
		t.Errorf("%s", notes)
	}
}

// TestHalfAFileIsNoFile: after an error half way no format looks whole, and nothing is left behind.
func TestHalfAFileIsNoFile(t *testing.T) {
	broken := fault.New(fault.Busy, "gone", "库没有了")
	for _, f := range feature.WriteFormats {
		for name, rows := range map[string]iter.Seq2[feature.Row, error]{
			"its source ends": func(yield func(feature.Row, error) bool) {
				for _, r := range sampleRows() {
					yield(r, nil)
				}
				yield(feature.Row{}, broken)
			},
			"a row does not fit":    stream(append(sampleRows(), feature.Row{ID: "short"})),
			"a number is no number": stream(append(sampleRows(), feature.Row{ID: "x", Values: []string{"", "", "", "1.5", "", "", "", ""}})),
		} {
			var b bytes.Buffer
			folder := t.TempDir()
			err := f.Write(&b, sample, rows, feature.WriteOptions{Folder: folder})
			if err == nil || name == "its source ends" && !errors.Is(err, broken) {
				t.Errorf("%s, %s: %v", f.Name, name, err)
			}
			if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
				t.Errorf("%s, %s leaves %v %v", f.Name, name, left, err)
			}
			if f.Name == "csv" {
				continue
			}
			if _, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len())); err == nil || json.Valid(b.Bytes()) {
				t.Errorf("%s, %s: what was written looks whole", f.Name, name)
			}
		}
	}
}

// flushes is what a format sent before it asked for the first row.
type flushes struct {
	bytes.Buffer
	sent int
}

func (f *flushes) Flush() { f.sent = f.Len() }

// TestBeginsBeforeTheFirstRow: a waiting client sees that something comes.
func TestBeginsBeforeTheFirstRow(t *testing.T) {
	for _, f := range feature.WriteFormats {
		var to flushes
		rows := func(yield func(feature.Row, error) bool) {
			if to.sent < 40 {
				t.Errorf("%s has sent %d bytes before the first row", f.Name, to.sent)
			}
		}
		if err := f.Write(&to, sample, rows, feature.WriteOptions{}); err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkWrite writes rows as a gazetteer has them, by format.
func BenchmarkWrite(b *testing.B) {
	row := feature.Row{ID: "0192f0c2-6f3e-7a51-9d52-3c1d8b9a4e10", Geometry: orb.Point{106.5516, 29.5630}, Values: []string{
		"龙兴镇洞口村民委员会", "500112115200", "龙兴镇", "3", "251.5", "false", "2016-11-24", `[{"name":"洞口大队","kind":"former"}]`,
	}}
	for _, f := range feature.WriteFormats {
		b.Run(f.Name, func(b *testing.B) {
			rows := func(yield func(feature.Row, error) bool) {
				for range b.N {
					if !yield(row, nil) {
						return
					}
				}
			}
			if err := f.Write(io.Discard, sample, rows, feature.WriteOptions{Folder: filepath.Clean(b.TempDir())}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
