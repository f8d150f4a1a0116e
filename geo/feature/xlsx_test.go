package feature_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

func TestWorkbookOfGDAL(t *testing.T) {
	folder := ogr(t, mixed, "places.xlsx", "-f", "XLSX", "-lco", "OGR_GEOMETRY=")
	s := open(t, filepath.Join(folder, "places.xlsx"))
	if strings.Join(s.Headings, " ") != "id 名称 code since n" || s.Rows != 3 || s.Format != "xlsx" {
		t.Errorf("%+v", s)
	}
	good, bad := rows(t, s)
	if len(bad) > 0 || len(good) != 3 {
		t.Fatalf("%v %v", good, bad)
	}
	if f := good[0]; f.Line != 2 || f.ID != "a" || f.Fields["名称"] != "观音桥" || f.Fields["code"] != "050105" || f.Fields["since"] != "2016-11-24" || f.Fields["n"] != "29.567" {
		t.Errorf("%+v", f)
	}
}

// book packs sheets (each the content of sheetData) as a workbook with styles: 0 general, 1 a day, 2 "0.00", 3 a day by
// its own format, 4 a time.
func book(t testing.TB, sheets ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	var list, rels strings.Builder
	put := func(name, content string) {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, s := range sheets {
		fmt.Fprintf(&list, `<sheet name="表%d" sheetId="%d" r:id="rId%d"/>`, i+1, i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
		put(fmt.Sprintf("xl/worksheets/sheet%d.xml", i+1), `<worksheet><sheetData>`+s+`</sheetData></worksheet>`)
	}
	put("xl/workbook.xml", `<x:workbook xmlns:x="a" xmlns:r="b"><x:sheets>`+list.String()+`</x:sheets></x:workbook>`)
	put("xl/_rels/workbook.xml.rels", `<Relationships>`+rels.String()+`</Relationships>`)
	put("xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/><numFmt numFmtId="165" formatCode="0.00&quot;d&quot;[Red]"/></numFmts>`+
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="165"/><xf numFmtId="164"/><xf numFmtId="20"/></cellXfs></styleSheet>`)
	put("xl/sharedStrings.xml", `<sst><si><t>名称</t></si><si><r><t>观音</t></r><r><t>桥</t></r><rPh><t>guan</t></rPh></si><si><t>_x005F_x41_</t></si></sst>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const heads = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>lon</t></is></c><c r="C1" t="str"><v>lat</v></c><c r="D1" t="str"><v>day</v></c></row>`

func TestWorkbookCellsAreReadAsStored(t *testing.T) {
	content := book(t, heads+
		`<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3" s="2"><v>106.567891234</v></c><c r="C3"><f>1+1</f><v>2.9567E1</v></c><c r="D3" s="1"><v>42698</v></c></row>`+
		`<row r="4"><c r="A4" t="s"><v>2</v></c><c r="D4" s="3"><v>61</v></c></row>`+
		`<row r="5"><c r="A5" s="1"/></row>`+
		`<row r="6"><c r="A6" t="b"><v>1</v></c><c r="D6" s="1"><v>59.5</v></c></row>`+
		`<row r="7"><c r="A7" t="e"><v>#N/A</v></c></row>`+
		`<row r="8"><c r="A8"><v>500105103</v></c><c r="D8" s="4"><v>0.5</v></c><c r="E8"/></row>`,
		``, heads+`<row><c t="s"><v>1</v></c></row>`, `<row><c t="s"><v>0</v></c></row>`)
	s := open(t, write(t, "a.xlsx", content))
	good, bad := rows(t, s)
	want := []string{"3 观音桥 2016-11-24", "4 _x41_ 1900-03-01", "6 true 1900-02-28T12:00:00", "8 500105103 12:00:00", "2 观音桥 "}
	for i, rec := range good {
		if got := fmt.Sprintf("%d %s %s", rec.Line, rec.Fields["名称"], rec.Fields["day"]); i >= len(want) || got != want[i] {
			t.Errorf("record %d: %q", i, got)
		}
	}
	if len(good) != len(want) || bad["bad-record"] != 1 || s.Rows != 6 {
		t.Errorf("%d records, %v, %d rows", len(good), bad, s.Rows)
	}
	if good[0].Geometry != (orb.Point{106.567891234, 29.567}) {
		t.Errorf("%v", good[0].Geometry)
	}
	if len(s.Findings) != 1 || s.Findings[0].Code != "sheets-not-read" || !strings.Contains(s.Findings[0].Detail, "表4") {
		t.Errorf("%v", s.Findings)
	}
}

func TestBrokenWorkbooksAreRefused(t *testing.T) {
	whole := book(t, heads+`<row r="2"><c r="A2" t="s"><v>1</v></c></row>`)
	for name, c := range map[string]struct {
		content []byte
		code    string
	}{
		"cut":           {whole[:len(whole)/2], "bad-zip"},
		"no rows":       {book(t, ""), "file-empty"},
		"open element":  {book(t, heads+`<row r="2"><c r="A2">`), "bad-xlsx"},
		"cells go back": {book(t, heads+`<row r="2"><c r="B2"/><c r="A2"/></row>`), "bad-xlsx"},
		"deep":          {book(t, heads+strings.Repeat("<row>", 80)+strings.Repeat("</row>", 80)), "bad-xlsx"},
		"title on top":  {book(t, `<row r="1"><c r="A1" t="str"><v>附表一 地名</v></c></row>`+strings.ReplaceAll(heads, `r="1"`, `r="2"`)), "heading-missing"},
		"no heading":    {book(t, `<row r="1"><c r="A1"><v>5</v></c></row>`), "heading-missing"},
		"bomb":          {bomb(t), "file-too-large"},
	} {
		if _, err := feature.Open(write(t, "x.xlsx", c.content)); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	if _, err := feature.Open(write(t, "x.shp", whole)); !fault.Is(err, "not-what-its-name-says") {
		t.Errorf("a workbook as .shp: %v", err)
	}
}

func FuzzWorkbook(f *testing.F) {
	f.Add(heads + `<row r="2"><c r="A2" t="s"><v>1</v></c><c r="D2" s="1"><v>42698</v></c></row>`)
	f.Add(`<row><c t="inlineStr"><is><r><t>a</t></r></is></c></row><row><c t="e"><v>x</v></c></row>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		s, err := feature.Open(write(t, "x", book(t, sheet, sheet)))
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

func BenchmarkWorkbook(b *testing.B) {
	var sheet strings.Builder
	sheet.WriteString(heads)
	for i := range 50_000 {
		fmt.Fprintf(&sheet, `<row r="%d"><c r="A%d" t="s"><v>1</v></c><c r="B%d"><v>106.%d</v></c><c r="C%d"><v>29.5</v></c></row>`, i+2, i+2, i+2, i+1, i+2)
	}
	path := write(b, "x.xlsx", book(b, sheet.String()))
	s := open(b, path)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	for b.Loop() {
		for _, err := range s.Records() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(s.Rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
