package feature

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"

	"fangyu/geo/internal/decimal"
	"fangyu/internal/fault"
)

// tableReader reads a table with a row of headings, of a CSV or of a workbook.
type tableReader struct {
	rows
	limit    *recordLimit // nil where the rows bound themselves
	comma    rune         // of a CSV
	headings []string     // "" for a column without one, which must be empty below
	lon, lat int          // columns, -1 where the table has no positions
	wkt      int          // column of geometries as text, -1 where there is none
	id       int
}

// rows are cells row by row; a badRow is an error after which they go on.
type rows interface {
	Read() ([]string, error)
	FieldPos(cell int) (line, column int)
}

func newTableReader(r rows) *tableReader {
	return &tableReader{rows: r, lon: -1, lat: -1, wkt: -1, id: -1}
}

// recordLimit refuses a record of more than most bytes, as one with an unclosed quotation mark is.
type recordLimit struct {
	r    io.Reader
	most int
	read int
}

func (l *recordLimit) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.read += n
	if l.read > l.most {
		return n, fault.New(fault.TooLarge, "record-too-large", "一条记录超过 %d 字节：可能有引号没有成对", l.most)
	}
	return n, err
}

// newCSVReader reads the headings. comma 0 means that it is still to be found out from them.
func newCSVReader(text io.Reader, comma rune) (*tableReader, error) {
	limit := &recordLimit{r: text, most: MaxRecordBytes}
	var source io.Reader = limit
	if comma == 0 {
		var head []byte
		head, source = firstLine(limit)
		comma = commaOf(head)
	}
	cells := csv.NewReader(source)
	cells.Comma = comma
	cells.FieldsPerRecord = -1
	cells.ReuseRecord = true
	c := newTableReader(cells)
	c.limit, c.comma = limit, comma
	row, err := c.Read()
	if errors.Is(err, io.EOF) {
		return nil, fault.New(fault.Malformed, "file-empty", "表格里没有内容")
	}
	if err != nil {
		return nil, csvError(err)
	}
	return c, c.readHeadings(row)
}

// firstLine reads up to the first line end outside quotation marks (64 KiB at most) and gives it back in front of the rest.
func firstLine(r io.Reader) (line []byte, whole io.Reader) {
	buf := make([]byte, 64<<10)
	n := 0
	for n < len(buf) {
		m, err := r.Read(buf[n:])
		n += m
		if bytes.IndexByte(buf[n-m:n], '\n') >= 0 || err != nil {
			break
		}
	}
	line = buf[:n]
	if i := bytes.IndexAny(line, "\r\n"); i >= 0 {
		line = line[:i]
	}
	return line, io.MultiReader(bytes.NewReader(buf[:n]), r)
}

// commaOf returns the separator that occurs most often outside quotation marks: comma, tab or semicolon.
func commaOf(line []byte) rune {
	count := map[byte]int{}
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			count[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{'\t', ';'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return rune(best)
}

// readHeadings checks the first row and finds the columns of positions.
func (c *tableReader) readHeadings(row []string) error {
	if len(row) > MaxHeadings {
		return fault.New(fault.TooLarge, "file-too-large", "表格有 %d 列，超过 %d 列", len(row), MaxHeadings)
	}
	seen := map[string]int{}
	named := false
	for i, cell := range row {
		heading := strings.TrimSpace(cell)
		if _, number := decimal.Parse([]byte(heading)); number {
			return fault.New(fault.Malformed, "heading-missing",
				"第 1 行应当是列名，第 %d 列却是数“%s”：请加上列名一行", i+1, heading)
		}
		if j, twice := seen[heading]; twice && heading != "" {
			return fault.New(fault.Malformed, "heading-twice", "第 %d 列与第 %d 列的列名都是“%s”，请改名", j+1, i+1, heading)
		}
		seen[heading] = i
		named = named || heading != ""
		c.headings = append(c.headings, heading)
		switch key := fold(heading); {
		case key == "id":
			c.id = i
		case key == fold(wktHeading):
			c.wkt = i
		case c.lon < 0 && lonHeadings[key]:
			c.lon = i
		case c.lat < 0 && latHeadings[key]:
			c.lat = i
		}
	}
	if !named {
		return fault.New(fault.Malformed, "heading-missing", "第 1 行应当是列名，却是空的")
	}
	return nil
}

// next returns the next record. A bad record has an error and ok true; ok is false at the end or when the rest cannot be read.
func (c *tableReader) next() (rec Record, ok bool, err error) {
	if c.limit != nil {
		c.limit.read = 0
	}
	row, err := c.Read()
	var bad badRow
	switch {
	case errors.Is(err, io.EOF):
		return rec, false, nil
	case errors.As(err, &bad):
		rec.Line, _ = c.FieldPos(0)
		return rec, true, bad.error
	case err != nil:
		return rec, false, csvError(err)
	}
	rec.Line, _ = c.FieldPos(0)
	for i := range row {
		if c.comma != 0 {
			row[i] = unguard(row[i])
		}
	}
	rec.Fields = make(map[string]string, len(c.headings))
	for i, cell := range row {
		if i < len(c.headings) && c.headings[i] != "" {
			rec.Fields[c.headings[i]] = strings.Clone(cell)
		} else if strings.TrimSpace(cell) != "" {
			return rec, true, badRecord(rec.Line, "column-count", "有 %d 列，而列名只有 %d 个", len(row), len(c.headings))
		}
	}
	if len(row) < len(c.headings) {
		return rec, true, badRecord(rec.Line, "column-count", "只有 %d 列，而列名有 %d 个", len(row), len(c.headings))
	}
	if c.id >= 0 {
		rec.ID = strings.TrimSpace(row[c.id])
	}
	if c.lon >= 0 && c.lat >= 0 {
		var p orb.Point
		var has bool
		if p, has, err = position(rec.Line, row[c.lon], row[c.lat]); has {
			rec.Geometry = p
		}
	}
	if c.wkt >= 0 && rec.Geometry == nil && err == nil {
		rec.Geometry, err = geometryOf(rec.Line, row[c.wkt])
	}
	return rec, true, err
}

// position reads two cells as a position; both empty is none.
func position(line int, lon, lat string) (p orb.Point, ok bool, err error) {
	lon, lat = strings.TrimSpace(lon), strings.TrimSpace(lat)
	if lon == "" && lat == "" {
		return p, false, nil
	}
	if lon == "" || lat == "" {
		return p, false, badRecord(line, "bad-geometry", "经度和纬度只填了一个")
	}
	for i, cell := range []string{lon, lat} {
		v, ok := decimal.Parse([]byte(cell))
		if !ok && strings.Count(cell, ",") == 1 {
			return p, false, badRecord(line, "decimal-comma", "坐标“%s”用了逗号作小数点，请改用点", clip(cell))
		}
		if !ok {
			return p, false, badRecord(line, "not-a-number", "坐标“%s”不是数：请写成十进制的度（106.5718）或米", clip(cell))
		}
		p[i] = v
	}
	return p, true, nil
}

// geometryOf reads a cell of well-known text; an empty one is none.
func geometryOf(line int, cell string) (orb.Geometry, error) {
	if strings.TrimSpace(cell) == "" {
		return nil, nil
	}
	g, err := wkt.Unmarshal(cell)
	if err != nil {
		return nil, badRecord(line, "bad-geometry", "“%s”不是 WKT 几何：请写成 LINESTRING(106.5 29.5,106.6 29.6) 这样", clip(cell))
	}
	return g, nil
}

// badRecord is an error of one record; the sentence begins with its line.
func badRecord(line int, code, format string, args ...any) error {
	e := fault.New(fault.Malformed, code, format, args...)
	e.Detail = at(line) + "：" + e.Detail
	return e
}

// csvError gives an error of encoding/csv its words.
func csvError(err error) error {
	var bad *csv.ParseError
	if !errors.As(err, &bad) {
		return err
	}
	detail := "引号使用有误：单元格里的引号应当写成两个，整格再用引号括起"
	if bad.StartLine != bad.Line {
		detail = "从这里开始的引号没有成对"
	}
	e := badRecord(bad.StartLine, "bad-csv", "%s", detail)
	var known *fault.Error
	if errors.As(e, &known) {
		known.Err = err
	}
	return e
}

// surveyCSV is the first pass.
func (s *Source) surveyCSV() ([]string, error) {
	text, done, err := s.text()
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = done(false) }() // the file was only read: closing it can tell nothing new
	c, err := newCSVReader(text, 0)
	if err != nil {
		return nil, s.readError(err)
	}
	s.comma = c.comma
	for {
		_, ok, err := c.next()
		if !ok {
			if err != nil {
				return nil, s.readError(err)
			}
			break
		}
		s.Rows++
	}
	var named []string
	for _, h := range c.headings {
		if h != "" {
			named = append(named, h)
		}
	}
	return named, nil
}

// csvRecords is the second pass; it reports whether it came to the end.
func (s *Source) csvRecords(text io.Reader, yield func(Record, error) bool) bool {
	c, err := newCSVReader(text, s.comma)
	if err != nil {
		yield(Record{}, s.readError(err))
		return false
	}
	return s.tableRecords(c, yield)
}

// tableRecords yields the records below the headings; it reports whether it came to the end.
func (s *Source) tableRecords(c *tableReader, yield func(Record, error) bool) bool {
	for {
		rec, ok, err := c.next()
		if !ok {
			if err != nil {
				yield(Record{}, s.readError(err))
			}
			return err == nil
		}
		if !yield(rec, err) {
			return false
		}
	}
}
