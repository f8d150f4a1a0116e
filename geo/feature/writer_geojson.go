package feature

import (
	"bufio"
	"iter"
)

// writeGeoJSON writes a FeatureCollection (RFC 7946), one feature a line. An empty value is null.
func writeGeoJSON(w *bufio.Writer, flush func() error, t Table, rows iter.Seq2[Row, error], _ WriteOptions) error {
	line := AppendString([]byte(`{"type":"FeatureCollection","name":`), t.Name)
	line = AppendString(append(line, `,"title":`...), t.Title)
	line = append(line, `,"notes":[`...)
	for i, note := range t.Notes {
		if i > 0 {
			line = append(line, ',')
		}
		line = AppendString(line, note)
	}
	if _, err := w.Write(append(line, `],"features":[`...)); err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	first := true
	for row, err := range rows {
		if err != nil {
			return err
		}
		line = line[:0]
		if !first {
			line = append(line, ',')
		}
		first = false
		if _, err := w.Write(t.appendFeature(append(line, '\n'), row)); err != nil {
			return err
		}
	}
	_, err := w.WriteString("\n]}\n")
	return err
}

func (t Table) appendFeature(dst []byte, row Row) []byte {
	dst = AppendString(append(dst, `{"type":"Feature","id":`...), row.ID)
	dst = append(dst, `,"geometry":`...)
	dst = AppendExactGeometry(dst, row.Geometry)
	dst = append(dst, `,"properties":{`...)
	for i, c := range t.Columns {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, c.Name), ':')
		switch v := row.Values[i]; {
		case v == "":
			dst = append(dst, "null"...)
		case c.Kind == Text || c.Kind == Day:
			dst = AppendString(dst, v)
		default:
			dst = append(dst, v...)
		}
	}
	return append(dst, "}}"...)
}
