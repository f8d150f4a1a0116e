package feature

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	kflate "github.com/klauspost/compress/flate"
)

// The limits of a workbook.
const (
	sheetRows = 1 << 20 // with the headings
	cellUnits = 32_767  // UTF-16 units of a text
	keptCuts  = 1000    // cuts that are told one by one; the rest is counted
	notesName = "说明"    // the last sheet
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// pack begins a zip file that is written from the front to the back at the quickest level.
func pack(w io.Writer) *zip.Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return kflate.NewWriter(w, flate.BestSpeed) })
	return z
}

// entry begins a file of a pack, dated so that the same rows make the same bytes.
func entry(z *zip.Writer, name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
}

func putEntry(z *zip.Writer, name, content string) error {
	w, err := entry(z, name)
	if err == nil {
		_, err = io.WriteString(w, content)
	}
	return err
}

// writeXLSX writes a workbook of inline texts, which no spreadsheet takes for formulas: sheets of sheetRows rows, each with
// the headings, and one that says what the columns are and what was cut. Days are texts: a workbook knows none before 1900.
func writeXLSX(w *bufio.Writer, flush func() error, t Table, rows iter.Seq2[Row, error], _ WriteOptions) error {
	x := &workbook{zip: pack(w), table: t}
	if err := x.begin(); err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	for row, err := range rows {
		if err == nil {
			err = x.row(row)
		}
		if err != nil {
			return err
		}
	}
	return x.end()
}

type workbook struct {
	zip    *zip.Writer
	table  Table
	sheet  *bufio.Writer
	sheets []string // their names
	filled int      // rows of the present sheet
	line   []byte
	cuts   []string
	cut    int
}

const contentTypes = xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
	`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
	`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
	`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`

const packageRels = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
	`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`

// styles are the plain one and, 1, the bold one of headings; every cell is text unless it is a number.
const styles = xmlHead + `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
	`<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="2"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`

func (x *workbook) begin() error {
	for _, part := range [][2]string{{"[Content_Types].xml", contentTypes}, {"_rels/.rels", packageRels}, {"xl/styles.xml", styles}} {
		if err := putEntry(x.zip, part[0], part[1]); err != nil {
			return err
		}
	}
	if err := x.beginSheet(x.table.Name); err != nil {
		return err
	}
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	return x.zip.Flush()
}

// beginSheet begins a sheet with the headings in bold, which stay when the rows move.
func (x *workbook) beginSheet(name string) error {
	if err := x.newSheet(name); err != nil {
		return err
	}
	headings := []string{"id"}
	for _, c := range x.table.Columns {
		headings = append(headings, c.Name)
	}
	x.startRow()
	for i, h := range append(headings, positionHeadings...) {
		x.text(i, "1", h)
	}
	return x.endRow()
}

func (x *workbook) newSheet(name string) error {
	x.sheets = append(x.sheets, name)
	w, err := entry(x.zip, fmt.Sprintf("xl/worksheets/sheet%d.xml", len(x.sheets)))
	if err != nil {
		return err
	}
	x.sheet, x.filled = bufio.NewWriterSize(w, 64<<10), 0
	_, err = x.sheet.WriteString(xmlHead + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0">` +
		`<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15"/>` +
		`<cols><col min="1" max="64" width="18" customWidth="1"/></cols><sheetData>`)
	return err
}

func (x *workbook) endSheet() error {
	_, err := x.sheet.WriteString("</sheetData></worksheet>")
	if err == nil {
		err = x.sheet.Flush()
	}
	return err
}

func (x *workbook) row(row Row) error {
	if x.filled == sheetRows {
		if err := x.endSheet(); err != nil {
			return err
		}
		if err := x.beginSheet(x.table.Name + strconv.Itoa(len(x.sheets)+1)); err != nil {
			return err
		}
	}
	x.startRow()
	x.text(0, "0", row.ID)
	for i, v := range row.Values {
		c := x.table.Columns[i]
		switch {
		case v == "":
		case c.Kind == Integer || c.Kind == Number:
			x.cell(i+1, "n", v)
		case c.Kind == Flag:
			x.cell(i+1, "b", map[string]string{"true": "1", "false": "0"}[v])
		default:
			x.text(i+1, "0", x.fitting(row.ID, c.Name, v))
		}
	}
	after := len(row.Values) + 1
	lon, lat := "", ""
	cells := positionCells(row.Geometry)
	if lon, lat = cells[0], cells[1]; lon != "" {
		x.cell(after, "n", lon)
		x.cell(after+1, "n", lat)
	} else if cells[2] != "" {
		x.text(after+2, "0", x.fitting(row.ID, wktHeading, cells[2]))
	}
	return x.endRow()
}

func (x *workbook) startRow() {
	x.filled++
	x.line = append(x.line[:0], `<row r="`...)
	x.line = append(strconv.AppendInt(x.line, int64(x.filled), 10), `">`...)
}

func (x *workbook) endRow() error {
	_, err := x.sheet.Write(append(x.line, "</row>"...))
	return err
}

// reference appends the name of a cell of the present row: A1, AB12.
func (x *workbook) reference(column int) {
	if column >= 26 {
		x.line = append(x.line, byte('A'+column/26-1))
	}
	x.line = append(x.line, byte('A'+column%26))
	x.line = strconv.AppendInt(x.line, int64(x.filled), 10)
}

func (x *workbook) cell(column int, typ, value string) {
	x.line = append(x.line, `<c r="`...)
	x.reference(column)
	x.line = append(append(append(x.line, `" t="`...), typ...), `"><v>`...)
	x.line = append(append(x.line, value...), "</v></c>"...)
}

func (x *workbook) text(column int, style, value string) {
	if value == "" {
		return
	}
	x.line = append(x.line, `<c r="`...)
	x.reference(column)
	x.line = append(append(append(x.line, `" s="`...), style...), `" t="inlineStr"><is><t xml:space="preserve">`...)
	x.line = append(appendXML(x.line, value), "</t></is></c>"...)
}

// appendXML appends a text as a cell of a workbook writes it: what XML cannot hold, or would change, is _xHHHH_ (ISO/IEC
// 29500-1 §22.9.2.19), and so is what looks like that.
func appendXML(dst []byte, s string) []byte {
	for i, r := range s {
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r < ' ' && r != '\t' && r != '\n', r == 0xfffe, r == 0xffff:
			dst = fmt.Appendf(dst, "_x%04X_", r)
		case r == '_' && escaped(s[i:]):
			dst = append(dst, "_x005F_"...)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// escaped reports whether s begins as _xHHHH_ does.
func escaped(s string) bool {
	if len(s) < 7 || s[1] != 'x' || s[6] != '_' {
		return false
	}
	_, err := strconv.ParseUint(s[2:6], 16, 16)
	return err == nil
}

// fitting is the text as far as a cell takes it; what is cut is noted.
func (x *workbook) fitting(id, column, text string) string {
	if len(text) <= cellUnits {
		return text
	}
	units := 0
	for i, r := range text {
		if units += utf16.RuneLen(r); units > cellUnits {
			if x.cut++; len(x.cuts) < keptCuts {
				x.cuts = append(x.cuts, fmt.Sprintf("%s 的 %s 有 %d 字，单元格只容 %d 个：后面的截去了，从“%s”起", id, column,
					utf8.RuneCountInString(text), cellUnits, clip(text[i:])))
			}
			return text[:i]
		}
	}
	return text
}

// end writes the last sheet and what binds the sheets together.
func (x *workbook) end() error {
	if err := x.endSheet(); err != nil {
		return err
	}
	if err := x.notes(); err != nil {
		return err
	}
	var sheets, rels strings.Builder
	for i, name := range x.sheets {
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, appendXML(nil, name), i+1, i+1)
		fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, i+1)
	}
	fmt.Fprintf(&rels, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>`, len(x.sheets)+1)
	err := putEntry(x.zip, "xl/workbook.xml", xmlHead+`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" `+
		`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>`+sheets.String()+`</sheets></workbook>`)
	if err == nil {
		err = putEntry(x.zip, "xl/_rels/workbook.xml.rels", xmlHead+
			`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`+rels.String()+`</Relationships>`)
	}
	if err != nil {
		return err
	}
	return x.zip.Close()
}

func (x *workbook) notes() error {
	if err := x.newSheet(notesName); err != nil {
		return err
	}
	lines := x.table.notes()
	for _, cut := range x.cuts {
		lines = append(lines, [2]string{"cut", cut})
	}
	if more := x.cut - len(x.cuts); more > 0 {
		lines = append(lines, [2]string{"cut", fmt.Sprintf("还有 %d 处截断未逐条列出", more)})
	}
	for _, l := range lines {
		x.startRow()
		x.text(0, "0", l[0])
		x.text(1, "0", l[1])
		if err := x.endRow(); err != nil {
			return err
		}
	}
	return x.endSheet()
}

// notes are the title, the sentences about the whole, and what each column is.
func (t Table) notes() [][2]string {
	lines := [][2]string{{"title", t.Title}}
	for _, n := range t.Notes {
		lines = append(lines, [2]string{"note", n})
	}
	for _, c := range t.Columns {
		lines = append(lines, [2]string{c.Name, c.Title})
	}
	return lines
}
