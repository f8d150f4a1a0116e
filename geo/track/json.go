package track

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// jsonScanner walks over JSON that is held whole. The first error of structure, or the end of the text, ends it: every
// method then returns at once. Numbers and words are not judged here.
type jsonScanner struct {
	*recording
	text  []byte
	pos   int
	depth int
	dead  bool
}

// fail ends the reading at the present place.
func (s *jsonScanner) fail(what string) {
	if s.dead {
		return
	}
	s.dead = true
	if s.pos >= len(s.text) {
		s.note("cut", len(s.text), "")
		return
	}
	s.note("malformed_json", s.pos, what)
}

// peek returns the next byte that is no blank without taking it, 0 at the end.
func (s *jsonScanner) peek() byte {
	for !s.dead && s.pos < len(s.text) {
		if c := s.text[s.pos]; !blank(c) {
			return c
		}
		s.pos++
	}
	return 0
}

func (s *jsonScanner) want(c byte, what string) bool {
	if s.peek() != c {
		s.fail(what)
		return false
	}
	s.pos++
	return true
}

// more reports whether another member follows, and takes the comma before it or the bracket at the end.
func (s *jsonScanner) more(first bool, end byte) bool {
	c := s.peek()
	switch {
	case s.dead:
		return false
	case c == end:
		s.pos++
		s.depth--
		return false
	case first:
		return true
	case c != ',':
		s.fail("这里应当是逗号或 " + string(rune(end)))
		return false
	}
	s.pos++
	if s.peek() == end {
		s.fail("逗号后面缺少内容")
	}
	return !s.dead
}

func (s *jsonScanner) open(c byte) bool {
	if s.peek() != c {
		s.fail("这里应当是 " + string(rune(c)))
		return false
	}
	s.pos++
	if s.depth++; s.depth > maxElementDepth {
		s.note("too_deep", s.pos-1, strconv.Itoa(maxElementDepth))
		s.dead = true
	}
	return !s.dead
}

// object calls member with each name; member takes the value.
func (s *jsonScanner) object(member func(name []byte)) {
	if !s.open('{') {
		return
	}
	for first := true; s.more(first, '}'); first = false {
		name := s.str()
		if !s.want(':', "名称后面应当是冒号") {
			return
		}
		member(name)
	}
}

func (s *jsonScanner) array(element func()) {
	if !s.open('[') {
		return
	}
	for first := true; s.more(first, ']'); first = false {
		element()
	}
}

// str takes a string and returns what stands between its quotes, escapes not undone.
func (s *jsonScanner) str() []byte {
	if !s.want('"', "这里应当是双引号") {
		return nil
	}
	from := s.pos
	for {
		i := bytes.IndexByte(s.text[s.pos:], '"')
		if i < 0 {
			s.pos = len(s.text)
			s.fail("")
			return nil
		}
		s.pos += i + 1
		slashes := 0
		for j := s.pos - 2; j >= from && s.text[j] == '\\'; j-- {
			slashes++
		}
		if slashes%2 == 0 {
			return s.text[from : s.pos-1]
		}
	}
}

// word takes a number or a literal; empty at the end and before a sign.
func (s *jsonScanner) word() []byte {
	s.peek()
	from := s.pos
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '.', c == '-', c == '+', c == '_':
			s.pos++
			continue
		}
		break
	}
	if s.pos == from || s.pos == len(s.text) && s.depth > 0 {
		s.fail("这里应当是一个值")
		return nil
	}
	return s.text[from:s.pos]
}

// scalar takes a value: a string, number or literal, as it stands, and its offset; null, objects and arrays are nil.
func (s *jsonScanner) scalar() (b []byte, at int) {
	switch c := s.peek(); c {
	case '"':
		b = s.str()
		return b, s.pos - 1 - len(b)
	case '{', '[':
		s.skip()
		return nil, s.pos
	}
	b = s.word()
	if string(b) == "null" {
		return nil, s.pos
	}
	return b, s.pos - len(b)
}

// skip takes a value of any kind.
func (s *jsonScanner) skip() {
	switch s.peek() {
	case '"':
		s.str()
	case '{':
		s.object(func([]byte) { s.skip() })
	case '[':
		s.array(s.skip)
	default:
		s.word()
	}
}

// jsonText undoes the escapes of a string.
func jsonText(b []byte) string {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b)
	}
	var text string
	quoted := append(append([]byte{'"'}, b...), '"')
	if json.Unmarshal(quoted, &text) != nil {
		return string(b)
	}
	return text
}
