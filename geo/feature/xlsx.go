package feature

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"fangyu/internal/fault"
)

// xlsxBook is a workbook (ISO/IEC 29500, SpreadsheetML) that is being read.
type xlsxBook struct {
	parts  *parts
	sheets []xlsxSheet // those that are not hidden
	shared []string
	dates  []dateKind // by the style of a cell
	since  int        // 1904 for workbooks of that calendar, else 1900
}

type xlsxSheet struct{ name, part string }

// The limits of a workbook in memory.
const (
	maxSharedBytes = 512 << 20 // texts that cells share
	maxSheetRow    = 16 << 20  // bytes of one row
	maxXMLDepth    = 64
)

func badXLSX(err error) error {
	return fault.Wrap(err, fault.Malformed, "bad-xlsx", "工作簿已损坏或不是通常的 XLSX：请在电子表格软件里打开，另存为 XLSX 再试")
}

// openXLSX reads all of a workbook but its rows.
func openXLSX(file string) (*xlsxBook, error) {
	p, err := openParts(file)
	if err != nil {
		return nil, err
	}
	b := &xlsxBook{parts: p, since: 1900}
	for _, read := range []func() error{b.readWorkbook, b.readStyles, b.readShared} {
		if err := read(); err != nil {
			p.close()
			return nil, err
		}
	}
	return b, nil
}

// each calls visit with every token of a part; a part that is not there has none. most bounds its bytes between two calls
// of reset.
func (b *xlsxBook) each(name string, most int, visit func(t xml.Token, reset func()) error) error {
	found := b.parts.find(name)
	if found == "" {
		return nil
	}
	r, err := b.parts.open(found)
	if err != nil {
		return err
	}
	defer r.Close()
	x := newXMLReader(r, most)
	for {
		t, err := x.token()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = visit(t, x.reset)
		}
		if err != nil {
			return err
		}
	}
}

// xmlReader reads tokens without trust in how deep or long they are.
type xmlReader struct {
	*xml.Decoder
	limit *recordLimit
	depth int
}

func newXMLReader(r io.Reader, most int) *xmlReader {
	limit := &recordLimit{r: r, most: most}
	return &xmlReader{Decoder: xml.NewDecoder(limit), limit: limit}
}

func (x *xmlReader) reset() { x.limit.read = 0 }

// token returns the next token; io.EOF only where every element has ended.
func (x *xmlReader) token() (xml.Token, error) {
	t, err := x.RawToken()
	var known *fault.Error
	switch {
	case err == io.EOF && x.depth == 0:
		return nil, io.EOF
	case errors.As(err, &known):
		return nil, err
	case err == io.EOF:
		return nil, badXLSX(io.ErrUnexpectedEOF) // which no caller takes for the end
	case err != nil:
		return nil, badXLSX(err)
	}
	switch t.(type) {
	case xml.StartElement:
		x.depth++
	case xml.EndElement:
		x.depth--
	case xml.Directive:
		return nil, badXLSX(errors.New("a document type"))
	}
	if x.depth < 0 || x.depth > maxXMLDepth {
		return nil, badXLSX(errors.New("elements do not match"))
	}
	return t, nil
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && (a.Name.Space == "" || name == "id") {
			return a.Value
		}
	}
	return ""
}

func (b *xlsxBook) readWorkbook() error {
	targets := map[string]string{}
	err := b.each("xl/_rels/workbook.xml.rels", maxSheetRow, func(t xml.Token, _ func()) error {
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "Relationship" {
			target := attribute(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = "/xl/" + target
			}
			targets[attribute(e, "Id")] = strings.TrimPrefix(path.Clean(target), "/")
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = b.each("xl/workbook.xml", maxSheetRow, func(t xml.Token, _ func()) error {
		e, ok := t.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "workbookPr":
			if v := attribute(e, "date1904"); v == "1" || v == "true" {
				b.since = 1904
			}
		case e.Name.Local == "sheet" && attribute(e, "state") != "hidden" && attribute(e, "state") != "veryHidden":
			if part := b.parts.find(targets[attribute(e, "id")]); part != "" {
				b.sheets = append(b.sheets, xlsxSheet{name: attribute(e, "name"), part: part})
			}
		}
		return nil
	})
	if err == nil && len(b.sheets) == 0 {
		return badXLSX(errors.New("no sheet"))
	}
	return err
}

// readShared reads the texts that cells share; how they are pronounced and set in type is left out.
func (b *xlsxBook) readShared() error {
	var text strings.Builder
	in, phonetic, size := false, 0, 0
	return b.each("xl/sharedStrings.xml", maxSheetRow, func(t xml.Token, reset func()) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "si":
				text.Reset()
				reset()
			case "t":
				in = true
			case "rPh":
				phonetic++
			}
		case xml.CharData:
			if in && phonetic == 0 {
				text.Write(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "si":
				b.shared = append(b.shared, unescaped(text.String()))
				if size += text.Len() + 16; size > maxSharedBytes {
					return fault.New(fault.TooLarge, "file-too-large", "工作簿里的文字超过 %d 字节：请分成几个文件", maxSharedBytes)
				}
			case "t":
				in = false
			case "rPh":
				phonetic--
			}
		}
		return nil
	})
}

// unescaped undoes _xHHHH_ (ISO/IEC 29500-1 §22.9.2.19).
func unescaped(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		if len(s)-i >= 7 && s[i:i+2] == "_x" && s[i+6] == '_' {
			if c, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				out.WriteRune(rune(c))
				i += 7
				continue
			}
		}
		out.WriteByte(s[i])
		i++
	}
	return out.String()
}

// surveyXLSX is the first pass. The rows are those of the first sheet that has any, and of further sheets with the same
// headings: a sheet holds no more than 1,048,576.
func (s *Source) surveyXLSX() ([]string, error) {
	b, err := openXLSX(s.path)
	if err != nil {
		return nil, s.readError(err)
	}
	defer b.parts.close()
	var headings []string
	var aside []string
	for _, sheet := range b.sheets {
		named, rows, err := s.surveySheet(b, sheet)
		switch {
		case fault.Is(err, "file-empty"):
			continue
		case len(s.sheets) > 0 && (err != nil || strings.Join(named, "\x00") != strings.Join(headings, "\x00")):
			aside = append(aside, sheet.name)
			continue
		case err != nil:
			return nil, s.readError(err)
		}
		headings = named
		s.Rows += rows
		s.sheets = append(s.sheets, sheet)
	}
	if len(s.sheets) == 0 {
		return nil, fault.New(fault.Malformed, "file-empty", "工作簿 %s 里没有内容", s.Name)
	}
	if len(aside) > 0 {
		s.find("sheets-not-read", fault.Info, "只读工作表“%s”，没有读：%s", s.sheets[0].name, strings.Join(aside, "、"))
	}
	var all []string
	for _, h := range headings {
		if h != "" {
			all = append(all, h)
		}
	}
	return all, nil
}

// surveySheet counts the rows of a sheet below its headings.
func (s *Source) surveySheet(b *xlsxBook, sheet xlsxSheet) (headings []string, n int, err error) {
	rows, err := b.rows(sheet)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	c := newTableReader(rows)
	first, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, 0, fault.New(fault.Malformed, "file-empty", "工作表“%s”里没有内容", sheet.name)
	}
	if err == nil {
		err = c.readHeadings(first)
	}
	if err != nil {
		return nil, 0, err
	}
	for {
		_, ok, err := c.next()
		if !ok {
			return c.headings, n, err
		}
		if n++; n == 1 && len(c.headings) == 1 && fault.Is(err, "column-count") {
			return nil, 0, fault.New(fault.Malformed, "heading-missing",
				"工作表“%s”第一行“%s”像是标题，不是列名：请删去列名以上的各行", sheet.name, clip(c.headings[0]))
		}
	}
}

// xlsxRecords is the second pass.
func (s *Source) xlsxRecords(yield func(Record, error) bool) {
	b, err := openXLSX(s.path)
	if err != nil {
		yield(Record{}, s.readError(err))
		return
	}
	defer b.parts.close()
	for _, sheet := range s.sheets {
		if !s.sheetRecords(b, sheet, yield) {
			return
		}
	}
	s.yieldChanged(yield)
}

// sheetRecords yields the records of one sheet; it reports whether it came to the end.
func (s *Source) sheetRecords(b *xlsxBook, sheet xlsxSheet, yield func(Record, error) bool) bool {
	rows, err := b.rows(sheet)
	if err != nil {
		yield(Record{}, s.readError(err))
		return false
	}
	defer rows.Close()
	c := newTableReader(rows)
	first, err := rows.Read()
	if err == nil {
		err = c.readHeadings(first)
	}
	if err != nil {
		yield(Record{}, s.readError(err))
		return false
	}
	return s.tableRecords(c, yield)
}
