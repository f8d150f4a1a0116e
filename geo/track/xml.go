package track

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// tokenKind is what the scanner found.
type tokenKind uint8

const (
	endOfText   tokenKind = iota
	startTag              // also an element without content: then token.empty
	endTag                //
	declaration           // <!DOCTYPE …: never read further
	cutOff                // the text ends inside what begins at token.at
	malformed             // what begins at token.at is no XML
)

// token is a piece of markup together with the text before it.
type token struct {
	kind   tokenKind
	at     int    // offset of its "<"
	before []byte // character data before it since the last token, comments left out; entities not undone
	name   []byte // qualified name
	attrs  []byte // between the name and the end of the tag
	body   []byte // of a declaration, its first bytes
	empty  bool
	why    string // malformed: in Chinese, what is wrong
}

// prefix and local split the qualified name.
func (t *token) prefix() []byte {
	if i := bytes.IndexByte(t.name, ':'); i >= 0 {
		return t.name[:i]
	}
	return nil
}

func (t *token) local() []byte { return t.name[bytes.IndexByte(t.name, ':')+1:] }

// xmlScanner walks over markup without copying. It knows tags, quotes, comments, CDATA and processing instructions; names
// and nesting are for the reader to check.
type xmlScanner struct {
	text   []byte
	pos    int
	joined []byte // text pieces put together when comments or CDATA split them
}

// next returns the next tag. After endOfText, declaration, cutOff and malformed there is none.
func (x *xmlScanner) next() token {
	var t token
	x.joined = x.joined[:0]
	for {
		i := bytes.IndexByte(x.text[x.pos:], '<')
		if i < 0 {
			x.say(&t, x.text[x.pos:])
			t.at, x.pos = len(x.text), len(x.text)
			return t
		}
		x.say(&t, x.text[x.pos:x.pos+i])
		t.at = x.pos + i
		rest := x.text[t.at:]
		if len(rest) < 2 {
			t.kind = cutOff
			return t
		}
		if c := rest[1]; c != '!' && c != '?' {
			x.tag(&t, rest)
			return t
		}
		if !x.special(&t, rest) {
			return t
		}
	}
}

// say adds character data; the first piece is not copied.
func (x *xmlScanner) say(t *token, piece []byte) {
	switch {
	case len(piece) == 0:
	case len(t.before) == 0:
		t.before = piece
	default:
		if len(x.joined) == 0 {
			x.joined = append(x.joined, t.before...)
		}
		x.joined = append(x.joined, piece...)
		t.before = x.joined
	}
}

// special passes over a comment, CDATA section or processing instruction and reports whether it could.
func (x *xmlScanner) special(t *token, rest []byte) bool {
	opening, closing := "<?", "?>"
	switch {
	case bytes.HasPrefix(rest, []byte("<!--")):
		opening, closing = "<!--", "-->"
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		opening, closing = "<![CDATA[", "]]>"
	case rest[1] == '!':
		t.kind = declaration
		t.body = rest[2:min(len(rest), 64)]
		if bytes.HasPrefix([]byte("<!--"), rest) || bytes.HasPrefix([]byte("<![CDATA["), rest) {
			t.kind = cutOff
		}
		return false
	}
	end := bytes.Index(rest[len(opening):], []byte(closing))
	if end < 0 {
		t.kind = cutOff
		return false
	}
	if opening == "<![CDATA[" {
		x.say(t, escapeAmpersands(rest[len(opening):len(opening)+end]))
	}
	x.pos = t.at + len(opening) + end + len(closing)
	return true
}

// escapeAmpersands makes CDATA ordinary character data: in it "&" is an ampersand.
func escapeAmpersands(b []byte) []byte { return bytes.ReplaceAll(b, []byte("&"), []byte("&amp;")) }

// tag reads a start or end tag.
func (x *xmlScanner) tag(t *token, rest []byte) {
	end := tagEnd(rest)
	if end < 0 {
		t.kind = cutOff
		if end == tagBroken {
			t.kind, t.why = malformed, "标签里又出现“<”"
		}
		return
	}
	inner := rest[1:end]
	x.pos = t.at + end + 1
	t.kind = startTag
	if inner[0] == '/' {
		t.kind = endTag
		t.name = bytes.TrimRight(inner[1:], " \t\r\n")
		if !plainName(t.name) {
			t.kind, t.why = malformed, "结束标签的名称有误"
		}
		return
	}
	if inner[len(inner)-1] == '/' {
		t.empty = true
		inner = inner[:len(inner)-1]
	}
	n := 0
	for n < len(inner) && !blank(inner[n]) {
		n++
	}
	t.name, t.attrs = inner[:n], inner[n:]
	if !plainName(t.name) {
		t.kind, t.why = malformed, "标签的名称有误"
	}
}

const (
	tagCut    = -1
	tagBroken = -2
)

// tagEnd returns the offset of the ">" that ends the tag at rest[0], skipping quoted ones; tagCut at the end of the text;
// tagBroken when another tag begins first or the tag is "<>".
func tagEnd(rest []byte) int {
	end := bytes.IndexByte(rest, '>')
	if end == 1 {
		return tagBroken
	}
	if end > 0 && bytes.IndexByte(rest[:end], '"') < 0 && bytes.IndexByte(rest[:end], '\'') < 0 {
		if bytes.IndexByte(rest[1:end], '<') >= 0 {
			return tagBroken
		}
		return end
	}
	var quote byte
	for i := 1; i < len(rest); i++ {
		c := rest[i]
		switch {
		case c == '<':
			return tagBroken
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return tagCut
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// plainName reports whether b can be a name: a letter, "_" or a byte beyond ASCII first, none of the signs of markup in it.
func plainName(b []byte) bool {
	if len(b) == 0 {
		return false
	}
	if c := b[0]; !(c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == ':' || c >= utf8.RuneSelf) {
		return false
	}
	for _, c := range b {
		switch c {
		case '=', '"', '\'', '&', ';', '/', '!', '?':
			return false
		}
	}
	return true
}

// attribute takes the first attribute off attrs. ok is false at the end, or, with a reason, when what stands there is none.
// at is the offset of the value from the start of attrs.
func attribute(attrs []byte) (name, value []byte, at int, rest []byte, ok bool, why string) {
	i := 0
	for i < len(attrs) && blank(attrs[i]) {
		i++
	}
	if i == len(attrs) {
		return nil, nil, i, nil, false, ""
	}
	from := i
	for i < len(attrs) && attrs[i] != '=' && !blank(attrs[i]) {
		i++
	}
	name = attrs[from:i]
	for i < len(attrs) && blank(attrs[i]) {
		i++
	}
	if i == len(attrs) || attrs[i] != '=' {
		return name, nil, from, nil, false, "属性没有值"
	}
	for i++; i < len(attrs) && blank(attrs[i]); i++ {
	}
	if i == len(attrs) || attrs[i] != '"' && attrs[i] != '\'' {
		return name, nil, from, nil, false, "属性值没有引号"
	}
	end := bytes.IndexByte(attrs[i+1:], attrs[i])
	if end < 0 {
		return name, nil, from, nil, false, "属性值的引号没有成对"
	}
	return name, attrs[i+1 : i+1+end], i + 1, attrs[i+end+2:], true, ""
}

// unescape undoes character and entity references. A reference that is none stays as it is and is returned as bad.
func unescape(b []byte) (text string, bad string) {
	if bytes.IndexByte(b, '&') < 0 {
		return string(b), ""
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '&')
		if i < 0 {
			break
		}
		out = append(out, b[:i]...)
		b = b[i:]
		end := bytes.IndexByte(b[:min(len(b), 12)], ';')
		r := rune(-1)
		if end > 0 {
			r = reference(string(b[1:end]))
		}
		if r < 0 {
			if bad == "" {
				bad = string(b[:max(1, min(end+1, len(b)))])
			}
			out, b = append(out, '&'), b[1:]
			continue
		}
		out, b = utf8.AppendRune(out, r), b[end+1:]
	}
	return string(append(out, b...)), bad
}

// reference returns the character that &name; stands for, -1 if none.
func reference(name string) rune {
	switch name {
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "amp":
		return '&'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	if len(name) < 2 || name[0] != '#' {
		return -1
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n == 0 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return -1
	}
	return rune(n)
}
