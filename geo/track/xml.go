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

// token is a piece of markup. Its slices hold until the next one is asked for.
type token struct {
	kind   tokenKind
	at     int    // offset of its "<"
	name   []byte // qualified name
	attrs  []attribute
	flaw   string // what is wrong with the attributes, in Chinese; those before it are in attrs
	flawAt int    // its offset
	body   []byte // of a declaration, its first bytes
	empty  bool
	why    string // malformed: in Chinese, what is wrong
}

type attribute struct {
	name, value []byte
	at          int // offset of the value
}

// prefix and local split the qualified name.
func (t *token) prefix() []byte {
	if i := bytes.IndexByte(t.name, ':'); i >= 0 {
		return t.name[:i]
	}
	return nil
}

func (t *token) local() []byte { return t.name[bytes.IndexByte(t.name, ':')+1:] }

// Limits of what one document may ask for (ASVS 5.0, 1.5.1). A text that is longer is cut: names are shown to people.
const (
	maxElementDepth = 100
	maxNameBytes    = 1 << 10
	maxTextBytes    = 1 << 20
)

// xmlScanner walks over markup without copying. It knows tags, quotes, comments, CDATA and processing instructions; names
// and nesting are for the reader to check.
type xmlScanner struct {
	*window
	listening bool   // character data is wanted
	flow      flow   // takes it as it comes, instead of content
	whole     bool   // however long it is
	content   []byte // what was met while it was wanted, comments left out, entities not undone
	textAt    int    // offset of its first byte
	attrs     []attribute
	charset   string // that the declaration names, in lower case
	tooLong   bool   // markup that does not fit into the window
}

// flow takes character data that is too long to keep: b begins at the offset. It returns how much of b it is done with; what
// is left comes again with more behind it, unless last is true, which says that the text, or this stretch of it, ends with b.
type flow func(b []byte, offset int, last bool) int

// listen begins to keep character data.
func (x *xmlScanner) listen() {
	x.listening, x.content, x.textAt = true, x.content[:0], x.offset()
}

// next returns the next tag. After endOfText, declaration, cutOff and malformed there is none.
func (x *xmlScanner) next() (t token) {
	for {
		b := x.unread()
		i := bytes.IndexByte(b, '<')
		if i < 0 {
			x.pos += x.say(b, false)
			ok, full := x.more()
			if full {
				x.pos += x.say(x.unread(), true)
			} else if !ok {
				t.at = x.offset()
				return t
			}
			continue
		}
		x.pos += x.say(b[:i], true)
		t.at = x.offset()
		b = b[i:]
		if len(b) < 2 && x.extend() {
			b = x.unread()
		}
		switch {
		case len(b) < 2:
			t.kind = cutOff
			return t
		case b[1] == '!' || b[1] == '?':
			if !x.special(&t) {
				return t
			}
		default:
			x.tag(&t, b)
			return t
		}
	}
}

// extend asks for more of the markup that begins at pos.
func (x *xmlScanner) extend() bool {
	ok, full := x.more()
	x.tooLong = x.tooLong || full
	return ok
}

// say keeps character data that is wanted, or lets it flow, and returns how much of it is done with.
func (x *xmlScanner) say(piece []byte, last bool) int {
	if !x.listening || len(piece) == 0 {
		return len(piece)
	}
	if x.flow != nil {
		return x.flow(piece, x.offset(), last)
	}
	said := len(piece)
	if len(x.content) == 0 {
		x.textAt = x.offset()
	}
	if room := maxTextBytes - len(x.content); !x.whole && len(piece) > room {
		piece = piece[:max(0, room)]
	}
	x.content = append(x.content, piece...)
	return said
}

// special passes over a comment, CDATA section or processing instruction and reports whether it could.
func (x *xmlScanner) special(t *token) bool {
	for len(x.unread()) < len("<![CDATA[") && x.extend() {
	}
	b := x.unread()
	opening, closing := "<?", "?>"
	switch {
	case bytes.HasPrefix(b, []byte("<!--")):
		opening, closing = "<!--", "-->"
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		opening, closing = "<![CDATA[", "]]>"
	case b[1] == '!':
		t.kind = declaration
		t.body = b[2:min(len(b), 64)]
		if bytes.HasPrefix([]byte("<!--"), b) || bytes.HasPrefix([]byte("<![CDATA["), b) {
			t.kind = cutOff
		}
		return false
	}
	if x.charset == "" && bytes.HasPrefix(b, []byte("<?xml")) {
		x.charset = declaredCharset(b)
	}
	x.pos += len(opening)
	for {
		b = x.unread()
		end := bytes.Index(b, []byte(closing))
		whole := end
		if end < 0 {
			whole = max(0, len(b)-len(closing)+1)
		}
		if opening == "<![CDATA[" {
			whole = x.sayRaw(b[:whole], end >= 0)
		}
		x.pos += whole
		if end >= 0 {
			x.pos += len(closing)
			return true
		}
		ok, full := x.more()
		if full {
			x.pos = len(x.buf)
		} else if !ok {
			t.kind = cutOff
			return false
		}
	}
}

// sayRaw says what stands in a CDATA section, where "&" is an ampersand.
func (x *xmlScanner) sayRaw(b []byte, last bool) int {
	if x.flow != nil && x.listening {
		return x.say(b, last)
	}
	x.say(bytes.ReplaceAll(b, []byte("&"), []byte("&amp;")), last)
	return len(b)
}

// tag reads the start or end tag at b[0].
func (x *xmlScanner) tag(t *token, b []byte) {
	for {
		end := 0
		if b[1] == '/' {
			end = x.endTag(t, b)
		} else {
			end = x.startTag(t, b)
		}
		switch {
		case end > 0:
			x.pos += end
			if !plainName(t.name) {
				t.kind, t.why = malformed, "标签的名称有误"
			}
			return
		case end == tagBroken:
			t.kind, t.why = malformed, "标签里又出现“<”"
			return
		case !x.extend():
			t.kind = cutOff
			if x.tooLong {
				t.kind, t.why = malformed, "标签过长"
			}
			return
		}
		b = x.unread()
	}
}

const (
	tagCut    = -1
	tagBroken = -2
)

func (x *xmlScanner) endTag(t *token, b []byte) int {
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		if bytes.IndexByte(b[1:], '<') >= 0 {
			return tagBroken
		}
		return tagCut
	}
	t.kind, t.name = endTag, b[2:end]
	for n := len(t.name); n > 0 && blank(t.name[n-1]); n-- {
		t.name = t.name[:n-1]
	}
	if bytes.IndexByte(t.name, '<') >= 0 {
		return tagBroken
	}
	return end + 1
}

// startTag returns the length of the tag, tagCut where b ends inside it, tagBroken when another begins first.
func (x *xmlScanner) startTag(t *token, b []byte) int {
	t.kind, t.empty, t.flaw = startTag, false, ""
	x.attrs = x.attrs[:0]
	i := 1
	for i < len(b) && !blank(b[i]) && b[i] != '>' && b[i] != '/' && b[i] != '<' {
		i++
	}
	t.name = b[1:i]
	for {
		for i < len(b) && blank(b[i]) {
			i++
		}
		switch {
		case i == len(b):
			return tagCut
		case b[i] == '>':
			t.attrs = x.attrs
			return i + 1
		case b[i] == '<':
			return tagBroken
		case b[i] == '/' && i+1 < len(b) && b[i+1] == '>':
			t.empty, t.attrs = true, x.attrs
			return i + 2
		}
		from := i
		for i < len(b) && b[i] != '=' && b[i] != '>' && b[i] != '<' && !blank(b[i]) {
			i++
		}
		name := b[from:i]
		for i < len(b) && blank(b[i]) {
			i++
		}
		if i == len(b) {
			return tagCut
		}
		if b[i] != '=' {
			return x.flawed(t, b, "属性没有值", from)
		}
		for i++; i < len(b) && blank(b[i]); i++ {
		}
		if i == len(b) {
			return tagCut
		}
		if b[i] != '"' && b[i] != '\'' {
			return x.flawed(t, b, "属性值没有引号", from)
		}
		length := bytes.IndexByte(b[i+1:], b[i])
		if length < 0 {
			if bytes.IndexByte(b[i+1:], '<') >= 0 {
				return tagBroken
			}
			return tagCut
		}
		value := b[i+1 : i+1+length]
		if bytes.IndexByte(value, '<') >= 0 {
			return tagBroken
		}
		x.attrs = append(x.attrs, attribute{name, value, t.at + i + 1})
		i += length + 2
	}
}

// flawed finds the end of a tag whose attributes cannot be read.
func (x *xmlScanner) flawed(t *token, b []byte, flaw string, at int) int {
	t.flaw, t.flawAt, t.attrs = flaw, t.at+at, x.attrs
	var quote byte
	for i := 1; i < len(b); i++ {
		c := b[i]
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
			t.empty = b[i-1] == '/'
			return i + 1
		}
	}
	return tagCut
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// plainName reports whether b can be a name: a letter, "_" or a byte beyond ASCII first, none of the signs of markup in it.
func plainName(b []byte) bool {
	if len(b) == 0 || len(b) > maxNameBytes {
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
