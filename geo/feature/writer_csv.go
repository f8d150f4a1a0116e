package feature

import (
	"bufio"
	"iter"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

// The columns of positions of a table without geometries of its own. wktHeading holds what is no point; GDAL knows it.
const wktHeading = "WKT"

var positionHeadings = []string{"lon", "lat", wktHeading}

// writeCSV writes RFC 4180 with line feeds. Texts that a spreadsheet would take for a formula are guarded.
func writeCSV(w *bufio.Writer, flush func() error, t Table, rows iter.Seq2[Row, error], o WriteOptions) error {
	var line []byte
	if o.ByteOrderMark {
		line = append(line, "\ufeff"...)
	}
	line = append(line, "id"...)
	for _, c := range t.Columns {
		line = appendCell(append(line, ','), c.Name)
	}
	for _, h := range positionHeadings {
		line = append(append(line, ','), h...)
	}
	if _, err := w.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		line = appendCell(line[:0], guard(row.ID))
		for i, v := range row.Values {
			if k := t.Columns[i].Kind; k != Integer && k != Number {
				v = guard(v)
			}
			line = appendCell(append(line, ','), v)
		}
		for _, v := range positionCells(row.Geometry) {
			line = appendCell(append(line, ','), v)
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// positionCells are the cells under positionHeadings.
func positionCells(g orb.Geometry) [3]string {
	switch g := g.(type) {
	case nil:
		return [3]string{}
	case orb.Point:
		return [3]string{string(degrees(nil, g[0])), string(degrees(nil, g[1])), ""}
	default:
		return [3]string{"", "", wkt.MarshalString(g)}
	}
}

// appendCell appends a cell of CSV, in quotation marks where it needs them.
func appendCell(dst []byte, cell string) []byte {
	if !strings.ContainsAny(cell, "\",;\t\r\n") && strings.TrimSpace(cell) == cell {
		return append(dst, cell...)
	}
	dst = append(dst, '"')
	for {
		before, after, more := strings.Cut(cell, `"`)
		dst = append(dst, before...)
		if !more {
			return append(dst, '"')
		}
		dst, cell = append(dst, `""`...), after
	}
}

// guard puts an apostrophe before a text that a spreadsheet would take for a formula: one that begins, blanks and
// apostrophes aside, with = + - @ in either width, or with a tabulator or line end. unguard brings the very same text back.
// The list is that of OWASP's “CSV Injection”.
func guard(cell string) string {
	if formula(cell) {
		return "'" + cell
	}
	return cell
}

func unguard(cell string) string {
	if strings.HasPrefix(cell, "'") && formula(cell) {
		return cell[1:]
	}
	return cell
}

func formula(cell string) bool {
	rest := strings.TrimLeft(strings.TrimLeft(cell, "'"), " \u00a0\u3000")
	for _, trigger := range []string{"=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"} {
		if strings.HasPrefix(rest, trigger) {
			return true
		}
	}
	return false
}
