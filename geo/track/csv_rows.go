package track

import (
	"bytes"
)

// csvCell is one field of a row.
type csvCell struct {
	b      []byte // without the quotes around it, blanks trimmed
	at     int    // its offset
	quoted bool
}

// Limits of what one row may ask for: a quotation that does not end within so many bytes is none, and what is beyond so
// many cells is not looked at.
const (
	maxQuotedBytes = 64 << 10
	maxCells       = 1000
)

// csvRows cuts a text into rows and cells. A quotation mark that is not closed, or closed in the middle of a cell, is
// text like any other, so that it costs one row its meaning and not the rest of the file.
type csvRows struct {
	text  []byte
	pos   int  // of the next row
	line  int  // of the present row, from 1
	next  int  // line of the next row
	comma byte // ' ' for blanks, of which any number separate once
	tried int  // bytes looked through for closing quotation marks in vain
	cells []csvCell
	at    int // offset of the present row
	end   int // offset of its end, before the line break
	stray int // offset of a quotation mark that is text, -1 for none
}

// row cuts the next row that is not blank; ok is false at the end.
func (r *csvRows) row() (ok bool) {
	for r.pos < len(r.text) {
		r.at, r.line, r.stray = r.pos, r.next, -1
		line := r.text[r.pos:]
		i := bytes.IndexByte(line, '\n')
		if i < 0 {
			i = len(line)
			r.pos = len(r.text)
		} else {
			r.pos += i + 1
		}
		line = bytes.TrimRight(line[:i], "\r")
		r.next++
		r.end = r.at + len(line)
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if bytes.IndexByte(line, '"') < 0 && bytes.IndexByte(line, '=') < 0 {
			r.cut(line)
		} else {
			r.cutQuoted()
		}
		return true
	}
	return false
}

// cut splits a line without quotation marks.
func (r *csvRows) cut(line []byte) {
	r.cells = r.cells[:0]
	if r.comma == ' ' {
		r.cutBlanks(line)
		return
	}
	at := r.at
	for len(r.cells) < maxCells {
		i := bytes.IndexByte(line, r.comma)
		if i < 0 {
			break
		}
		r.add(line[:i], at)
		line, at = line[i+1:], at+i+1
	}
	r.add(line, at)
}

func (r *csvRows) cutBlanks(line []byte) {
	for i := 0; i < len(line) && len(r.cells) < maxCells; {
		for i < len(line) && blank(line[i]) {
			i++
		}
		from := i
		for i < len(line) && !blank(line[i]) {
			i++
		}
		if i > from {
			r.add(line[from:i], r.at+from)
		}
	}
}

func (r *csvRows) add(b []byte, at int) {
	for len(b) > 0 && blank(b[0]) {
		b, at = b[1:], at+1
	}
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	r.cells = append(r.cells, csvCell{b: b, at: at})
}

// cutQuoted splits a row with quotation marks, which may hold line breaks.
func (r *csvRows) cutQuoted() {
	r.cells = r.cells[:0]
	lineEnd := r.end
	i := r.at
	for len(r.cells) < maxCells {
		for i < lineEnd && blank(r.text[i]) && r.text[i] != r.comma {
			i++
		}
		if i < lineEnd && r.text[i] == '"' {
			b, end, ok := r.quotation(i + 1)
			if ok {
				r.cells = append(r.cells, csvCell{b: b, at: i + 1, quoted: true})
				if end > lineEnd {
					lineEnd = r.extendTo(end)
				}
				if i = end; i >= lineEnd {
					break
				}
				i++ // the comma
				continue
			}
			if r.stray < 0 {
				r.stray = i
			}
		}
		end := i + formula(r.text[i:lineEnd])
		for end < lineEnd && r.text[end] != r.comma && !(r.comma == ' ' && blank(r.text[end])) {
			end++
		}
		if r.comma != ' ' || end > i {
			r.add(r.text[i:end], i)
		}
		if i = end; i >= lineEnd {
			break
		}
		i++
	}
	r.end = lineEnd
}

// formula returns how far the brackets of a spreadsheet's formula reach, whose commas separate nothing: the formula is text
// to us and stays whole. It is 0 for what is none.
func formula(b []byte) int {
	if len(b) == 0 || b[0] != '=' {
		return 0
	}
	depth, quoted := 0, false
	for i, c := range b {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth <= 0 {
				return i + 1
			}
		case depth == 0 && (c == ',' || c == ';' || c == '\t'):
			return 0
		}
	}
	return 0
}

// extendTo makes the row end with the line in which the offset lies.
func (r *csvRows) extendTo(offset int) int {
	r.next += bytes.Count(r.text[r.pos-1:offset], []byte("\n"))
	end := len(r.text)
	r.pos = end
	if i := bytes.IndexByte(r.text[offset:], '\n'); i >= 0 {
		end = offset + i
		r.pos = end + 1
	}
	return offset + len(bytes.TrimRight(r.text[offset:end], "\r"))
}

// quotation reads on from behind an opening quotation mark; end is the offset of the comma or line end after the closing
// one, ok is false where it is none.
func (r *csvRows) quotation(from int) (b []byte, end int, ok bool) {
	rest := r.text[from:min(len(r.text), from+maxQuotedBytes)]
	doubled := false
	for i := 0; r.tried <= len(r.text); i++ {
		j := bytes.IndexByte(rest[i:], '"')
		if j < 0 {
			break
		}
		i += j
		if i+1 < len(rest) && rest[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		b, end = rest[:i], from+i+1
		for end < len(r.text) && (r.text[end] == ' ' || r.text[end] == '\r') && r.text[end] != r.comma {
			end++
		}
		if end < len(r.text) && r.text[end] != r.comma && r.text[end] != '\n' && !(r.comma == ' ' && blank(r.text[end])) {
			break
		}
		if doubled {
			b = bytes.ReplaceAll(b, []byte(`""`), []byte(`"`))
		}
		return bytes.TrimSpace(b), end, true
	}
	r.tried += len(rest)
	return nil, 0, false
}

// commaOf finds what separates the cells: of the signs that occur equally often in every one of the first lines the one
// that is least likely in a text or a number, else the most frequent of the first line, else blanks.
func commaOf(text []byte) byte {
	const signs = "\t;|,"
	lines := firstLines(text, 20)
	if len(lines) == 0 {
		return ' '
	}
	for _, sign := range []byte(signs) {
		if n := countOutside(lines, 0, sign); n > 0 && sameInAll(lines, sign, n) {
			return sign
		}
	}
	// A preface, ragged rows: the sign that most of the lines have.
	best, most := byte(' '), 0
	for _, sign := range []byte(signs) {
		n := 0
		for i := range lines {
			if countOutside(lines, i, sign) > 0 {
				n++
			}
		}
		if n > most && 2*n > len(lines) {
			best, most = sign, n
		}
	}
	return best
}

func sameInAll(lines [][]byte, sign byte, n int) bool {
	for i := range lines {
		if countOutside(lines, i, sign) != n {
			return false
		}
	}
	return true
}

// countOutside counts a sign in a line outside quotation marks, all of it where they do not pair.
func countOutside(lines [][]byte, i int, sign byte) int {
	line := lines[i]
	n, quoted, begins := 0, false, true
	for _, c := range line {
		switch {
		case c == '"' && (quoted || begins):
			quoted = !quoted
		case c == sign && !quoted:
			n++
		}
		begins = c == sign || begins && c == ' '
	}
	if quoted {
		return bytes.Count(line, []byte{sign})
	}
	return n
}

// firstLines returns up to n lines that are not blank or comments; the last one of a text that ends in it may be cut and is
// left out unless it is the only one after another.
func firstLines(text []byte, n int) (lines [][]byte) {
	for len(text) > 0 && len(lines) < n {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		text = rest
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' || line[0] == '%' {
			continue
		}
		if !whole && len(lines) > 1 {
			break
		}
		lines = append(lines, line[:min(len(line), 4096)])
	}
	return lines
}
