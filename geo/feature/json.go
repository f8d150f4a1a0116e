package feature

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"fangyu/internal/fault"
)

// scanner reads JSON byte by byte and knows its line. The first error of structure ends it: every method then returns at
// once, and err says what was wrong. Callers check err once, at the end of what they read.
type scanner struct {
	r     *bufio.Reader
	line  int
	col   int
	left  int64 // bytes the present record may still take
	depth int
	text  []byte // the last string, number or word
	err   error
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 64<<10), line: 1, left: MaxRecordBytes}
}

// fail records a broken structure at the present place.
func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		e := fault.New(fault.Malformed, "bad-json", format, args...)
		e.Detail = at(s.line) + "第 " + strconv.Itoa(s.col) + " 列：" + e.Detail
		s.err = e
	}
}

// at is how messages name a line.
func at(line int) string { return "第 " + strconv.Itoa(line) + " 行" }

// next returns the next byte, 0 at the end of the text or after an error. NUL is no part of JSON, so it cannot be meant.
func (s *scanner) next() byte {
	if s.err != nil {
		return 0
	}
	c, err := s.r.ReadByte()
	if err != nil {
		s.readError(err)
		return 0
	}
	if s.left--; s.left < 0 {
		s.err = fault.New(fault.TooLarge, "record-too-large", "%s附近的记录超过 %d 字节", at(s.line), int64(MaxRecordBytes))
		return 0
	}
	if c == '\n' {
		s.line++
		s.col = 0
	} else {
		s.col++
	}
	return c
}

func (s *scanner) readError(err error) {
	if errors.Is(err, io.EOF) {
		s.fail("文件在这里中断，可能没有传完")
		return
	}
	s.err = err
}

// peek returns the next byte that is no blank without taking it.
func (s *scanner) peek() byte {
	for s.err == nil {
		b, err := s.r.Peek(1)
		if err != nil {
			s.readError(err)
			return 0
		}
		switch b[0] {
		case ' ', '\t', '\r', '\n':
			s.next()
		default:
			return b[0]
		}
	}
	return 0
}

// want takes the byte c, which must come next.
func (s *scanner) want(c byte) {
	if got := s.peek(); s.err == nil && got != c {
		s.fail("这里应当是 %q，却是 %q", string(c), string(rune(got)))
		return
	}
	s.next()
}

// more reports whether another member follows in an object or array that ends with close, and takes the comma before it
// or the close.
func (s *scanner) more(first bool, close byte) bool {
	c := s.peek()
	switch {
	case s.err != nil:
		return false
	case c == close:
		s.next()
		s.depth--
		return false
	case first:
		return true
	}
	s.want(',')
	if s.err == nil && s.peek() == close {
		s.fail("逗号后面缺少内容")
	}
	return s.err == nil
}

// open takes the bracket that begins an object or array.
func (s *scanner) open(c byte) {
	s.want(c)
	if s.depth++; s.depth > maxDepth {
		s.fail("嵌套超过 %d 层", maxDepth)
	}
}

// object calls member with each name of an object; member must take the value.
func (s *scanner) object(member func(name string)) {
	s.open('{')
	for first := true; s.more(first, '}'); first = false {
		s.str()
		name := string(s.text)
		s.want(':')
		if s.err != nil {
			return
		}
		member(name)
	}
}

// array calls element before each element of an array; element must take it.
func (s *scanner) array(element func()) {
	s.open('[')
	for first := true; s.more(first, ']'); first = false {
		element()
	}
}

// str reads a string into text.
func (s *scanner) str() {
	s.want('"')
	s.text = s.text[:0]
	for s.err == nil {
		switch c := s.next(); {
		case s.err != nil:
		case c == '"':
			return
		case c == '\\':
			s.escape()
		case c < ' ':
			s.fail("文字里有未转义的控制字符（换行或引号不成对）")
		default:
			s.text = append(s.text, c)
		}
	}
}

func (s *scanner) escape() {
	c := s.next()
	switch c {
	case '"', '\\', '/':
		s.text = append(s.text, c)
	case 'b':
		s.text = append(s.text, '\b')
	case 'f':
		s.text = append(s.text, '\f')
	case 'n':
		s.text = append(s.text, '\n')
	case 'r':
		s.text = append(s.text, '\r')
	case 't':
		s.text = append(s.text, '\t')
	case 'u':
		r := s.hex4()
		if utf16.IsSurrogate(r) {
			if ahead, _ := s.r.Peek(2); string(ahead) == `\u` {
				s.next()
				s.next()
				r = utf16.DecodeRune(r, s.hex4())
			} else {
				r = utf8.RuneError
			}
		}
		s.text = utf8.AppendRune(s.text, r)
	default:
		s.fail("不认识的转义 \\%s", string(rune(c)))
	}
}

func (s *scanner) hex4() rune {
	var r rune
	for range 4 {
		c := s.next()
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			s.fail("\\u 之后应当是四位十六进制数")
			return utf8.RuneError
		}
	}
	return r
}

// word reads a number or a literal into text, without judging it.
func (s *scanner) word() {
	s.text = s.text[:0]
	s.peek()
	for s.err == nil {
		b, err := s.r.Peek(1)
		if err != nil && len(s.text) > 0 {
			return
		}
		if err != nil {
			s.readError(err)
			return
		}
		c := b[0]
		if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.') {
			break
		}
		s.text = append(s.text, s.next())
	}
	if s.err == nil && len(s.text) == 0 {
		s.fail("这里应当是一个值，却是 %q", string(rune(s.peek())))
	}
}

// kind tells what value comes next by its first byte.
type kind uint8

const (
	kindWord kind = iota // number, true, false, null
	kindString
	kindObject
	kindArray
)

func (s *scanner) kind() kind {
	switch s.peek() {
	case '"':
		return kindString
	case '{':
		return kindObject
	case '[':
		return kindArray
	}
	return kindWord
}

// skip takes a value of any kind.
func (s *scanner) skip() {
	switch s.kind() {
	case kindString:
		s.str()
	case kindObject:
		s.object(func(string) { s.skip() })
	case kindArray:
		s.array(s.skip)
	default:
		s.word()
	}
}

// raw takes a value of any kind and appends it to dst as compact JSON.
func (s *scanner) raw(dst []byte) []byte {
	first := true
	comma := func() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
	}
	switch s.kind() {
	case kindString:
		s.str()
		return appendString(dst, s.text)
	case kindObject:
		dst = append(dst, '{')
		s.object(func(name string) {
			comma()
			dst = append(appendString(dst, []byte(name)), ':')
			dst = s.raw(dst)
		})
		return append(dst, '}')
	case kindArray:
		dst = append(dst, '[')
		s.array(func() {
			comma()
			dst = s.raw(dst)
		})
		return append(dst, ']')
	}
	s.word()
	return append(dst, s.text...)
}
