package feature

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"fangyu/internal/fault"
)

// cellRows reads the rows of a sheet as rows of text. Numbers are what is stored, not what a format shows of it; days are
// 2016-11-24; a formula is its last value.
type cellRows struct {
	book *xlsxBook
	xml  *xmlReader
	file io.Closer
	line int
	last int // line of the row before
	row  []string
	wide int // cells of the first row; further rows have at least as many
	cell sheetCell
	bad  error // the first wrong cell of the row
}

// sheetCell is the cell being read.
type sheetCell struct {
	column    int
	kind      string // t
	style     int    // s
	text      strings.Builder
	in        bool // within v or t
	phonetic  int
	reference string
}

// badRow is an error of one row, after which the rows go on.
type badRow struct{ error }

func (b badRow) Unwrap() error { return b.error }

func (b *xlsxBook) rows(sheet xlsxSheet) (*cellRows, error) {
	r, err := b.parts.open(sheet.part)
	if err != nil {
		return nil, err
	}
	return &cellRows{book: b, xml: newXMLReader(r, maxSheetRow), file: r}, nil
}

func (s *cellRows) Close() error { return s.file.Close() }

// FieldPos returns the line of the present row, as encoding/csv has it.
func (s *cellRows) FieldPos(int) (line, column int) { return s.line, 1 }

// Read returns the next row that is not empty; io.EOF at the end. A row with a wrong cell is a badRow.
func (s *cellRows) Read() ([]string, error) {
	for {
		t, err := s.xml.token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := s.start(t); err != nil {
				return nil, err
			}
		case xml.CharData:
			if s.cell.in && s.cell.phonetic == 0 {
				s.cell.text.Write(t)
			}
		case xml.EndElement:
			if s.end(t.Name.Local) && s.filled() {
				return s.done()
			}
		}
	}
}

func (s *cellRows) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "row":
		s.xml.reset()
		s.row, s.bad = s.row[:0], nil
		s.line = s.last + 1
		if n, err := strconv.Atoi(attribute(e, "r")); err == nil && n > s.last {
			s.line = n
		}
		s.last = s.line
	case "c":
		c := &s.cell
		c.column, c.kind, c.style, c.reference = len(s.row), attribute(e, "t"), -1, attribute(e, "r")
		c.text.Reset()
		if at, ok := columnOf(c.reference); ok {
			c.column = at
		}
		if c.column < len(s.row) || c.column >= MaxHeadings*16 {
			return badXLSX(fmt.Errorf("cell %q after %d cells", c.reference, len(s.row)))
		}
		if n, err := strconv.Atoi(attribute(e, "s")); err == nil {
			c.style = n
		}
	case "v", "t":
		s.cell.in = true
	case "rPh":
		s.cell.phonetic++
	}
	return nil
}

// end reports whether a row has ended.
func (s *cellRows) end(name string) bool {
	switch name {
	case "v", "t":
		s.cell.in = false
	case "rPh":
		s.cell.phonetic--
	case "c":
		for len(s.row) < s.cell.column {
			s.row = append(s.row, "")
		}
		value, err := s.value()
		if err != nil && s.bad == nil {
			s.bad = err
		}
		s.row = append(s.row, value)
	case "row":
		return true
	}
	return false
}

func (s *cellRows) filled() bool {
	for _, cell := range s.row {
		if strings.TrimSpace(cell) != "" {
			return true
		}
	}
	return s.bad != nil
}

func (s *cellRows) done() ([]string, error) {
	if s.wide == 0 {
		for len(s.row) > 0 && strings.TrimSpace(s.row[len(s.row)-1]) == "" {
			s.row = s.row[:len(s.row)-1]
		}
		s.wide = len(s.row)
	}
	for len(s.row) < s.wide {
		s.row = append(s.row, "")
	}
	if s.bad != nil {
		return s.row, badRow{s.bad}
	}
	return s.row, nil
}

// columnOf returns the column of a cell, from 0: C7 is 2.
func columnOf(reference string) (int, bool) {
	n := 0
	for i := range len(reference) {
		c := reference[i] &^ 0x20
		if c < 'A' || c > 'Z' {
			return n - 1, i > 0
		}
		if n = n*26 + int(c-'A'+1); n > 1<<20 {
			return n, true
		}
	}
	return 0, false
}

// value is the text of the present cell.
func (s *cellRows) value() (string, error) {
	c := &s.cell
	text := c.text.String()
	switch c.kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n >= len(s.book.shared) {
			return "", badRecord(s.line, "bad-record", "单元格 %s 指向不存在的文字：请在电子表格软件里另存后再试", clip(c.reference))
		}
		return s.book.shared[n], nil
	case "inlineStr", "str":
		return unescaped(text), nil
	case "b":
		return map[string]string{"1": "true", "0": "false"}[strings.TrimSpace(text)], nil
	case "e":
		return "", badRecord(s.line, "bad-record", "单元格 %s 是错误值 %s：请改正公式或填上值", clip(c.reference), clip(text))
	case "d":
		return strings.TrimSuffix(strings.TrimSpace(text), "T00:00:00"), nil
	}
	text = strings.TrimSpace(text)
	v, err := strconv.ParseFloat(text, 64)
	if text == "" || err != nil {
		return text, nil
	}
	kind := notDate
	if c.style >= 0 && c.style < len(s.book.dates) {
		kind = s.book.dates[c.style]
	}
	switch {
	case kind != notDate:
		return s.date(v, kind)
	case strings.ContainsAny(text, "eE"):
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return text, nil
}

// date is the day of a serial number, with its time where the number has a fraction.
func (s *cellRows) date(v float64, kind dateKind) (string, error) {
	if kind == timeOfDay && v >= 0 && v < 1 {
		return dayOne.Add(time.Duration(math.Round(v*86400)) * time.Second).Format(time.TimeOnly), nil
	}
	if !(v >= 0 && v < 2_958_466) { // up to 9999-12-31
		return "", badRecord(s.line, "bad-day", "单元格 %s 的日期超出电子表格的范围（1900 至 9999 年）：请改成文字，如 1850-01-01", clip(s.cell.reference))
	}
	days := int(v)
	from := dayOne.AddDate(1898, 11, 29) // 1899-12-30: day 1 of the calendar is 1899-12-31, day 61 after a 29 February that never was
	switch {
	case s.book.since == 1904:
		from = dayOne.AddDate(1903, 0, 0)
	case days < 60:
		from = from.AddDate(0, 0, 1)
	case days == 60:
		return "", badRecord(s.line, "bad-day", "单元格 %s 是 1900 年 2 月 29 日，没有这一天", clip(s.cell.reference))
	}
	at := from.AddDate(0, 0, days).Add(time.Duration(math.Round((v-float64(days))*86400)) * time.Second)
	if at.Equal(at.Truncate(24 * time.Hour)) {
		return at.Format(time.DateOnly), nil
	}
	return at.Format("2006-01-02T15:04:05"), nil
}

var dayOne = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)

// dateKind is what a number format makes of a number.
type dateKind uint8

const (
	notDate dateKind = iota
	date
	timeOfDay
)

// readStyles finds which styles of cells show days.
func (b *xlsxBook) readStyles() error {
	custom := map[int]string{}
	within := false
	return b.each("xl/styles.xml", maxSheetRow, func(t xml.Token, _ func()) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "numFmt":
				if id, err := strconv.Atoi(attribute(t, "numFmtId")); err == nil {
					custom[id] = attribute(t, "formatCode")
				}
			case "cellXfs":
				within = true
			case "xf":
				if within {
					id, _ := strconv.Atoi(attribute(t, "numFmtId")) // none is 0, the general format
					b.dates = append(b.dates, dateKindOf(id, custom[id]))
				}
				if len(b.dates) > 1<<16 {
					return fault.New(fault.TooLarge, "file-too-large", "工作簿里的格式太多：请把内容复制到新的工作簿再试")
				}
			}
		case xml.EndElement:
			if t.Name.Local == "cellXfs" {
				within = false
			}
		}
		return nil
	})
}

// dateKindOf tells by the number of a format (ISO/IEC 29500-1 §18.8.30, with those of Chinese workbooks) or by its code.
func dateKindOf(id int, code string) dateKind {
	switch {
	case code != "":
		return dateKindOfCode(code)
	case id >= 18 && id <= 21, id >= 45 && id <= 47, id >= 32 && id <= 35:
		return timeOfDay
	case id >= 14 && id <= 17, id == 22, id >= 27 && id <= 36, id >= 50 && id <= 58:
		return date
	}
	return notDate
}

// dateKindOfCode looks for letters of days and times outside of what is quoted, escaped or in brackets.
func dateKindOfCode(code string) dateKind {
	kind := notDate
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case '"', '[':
			end := map[byte]byte{'"': '"', '[': ']'}[c]
			n := strings.IndexByte(code[i+1:], end)
			if n < 0 {
				return kind
			}
			i += n + 1
		case '\\', '_', '*':
			i++
		case ';':
			return kind
		case 'y', 'Y', 'd', 'D':
			return date
		case 'h', 'H', 's', 'S':
			kind = timeOfDay
		}
	}
	return kind
}
