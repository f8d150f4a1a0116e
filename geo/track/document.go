package track

import (
	"bytes"
	"strconv"
	"strings"
)

// element is what an open tag means to a format. Everything under "other" is other, extensions included.
type element uint8

const (
	other   element = 0
	textual element = 0x80 // added to elements whose character data is wanted
)

// dialect is a format written in XML.
type dialect interface {
	// opens says what a tag of the document's own namespace means under its parent; the root has the parent other.
	// Where ok is false nothing more is read.
	opens(parent element, tok *token) (is element, ok bool)
	// owns reports whether a namespace is the format's; it is nil for a prefix that the document does not declare. That of
	// the root is the format's whatever it is called.
	owns(prefix, namespace []byte) bool
	// closes is told that an element ended; the character data of a textual one is in content.
	closes(is element)
}

// xmlDocument follows one text from tag to tag: it checks nesting and tells a dialect what is its.
type xmlDocument struct {
	*recording
	xmlScanner
	stack     []openElement
	names     []byte // of the open elements, one after the other
	prefix    string // of the root element
	namespace string // of the root element, "" where it declares none
	bindings  []binding
}

// binding is a declared prefix, "" for the default namespace.
type binding struct {
	prefix string
	own    bool // its namespace is the format's
	depth  int  // of the element that declares it, from 1
}

// maxBindings is how many prefixes may be declared at a time; those beyond stay undeclared. Real documents declare a dozen,
// and each name is looked for among them.
const maxBindings = 64

type openElement struct {
	is     element
	nameAt int
}

// readDocuments reads every document of the text, of which tok is the first tag. Other documents must have the same root.
func (d *xmlDocument) readDocuments(speak dialect, tok token) {
	root := strings.ToLower(string(tok.local()))
	for d.document(speak, &tok) {
		d.listen()
		tok = d.next()
		left := len(bytes.TrimLeft(d.content, " \t\r\n\ufeff")) > 0
		d.listening = false
		switch {
		case tok.kind == endOfText && !left:
			return
		case left:
			d.note("trailing_data", d.textAt, "")
			return
		case tok.kind == declaration:
			d.note("dtd", tok.at, "")
			return
		case tok.kind != startTag || strings.ToLower(string(tok.local())) != root:
			d.note("trailing_data", tok.at, "")
			return
		}
		d.note("two_documents", tok.at, "")
	}
}

// document reads one document from its first tag on and reports whether it ended with its root element.
func (d *xmlDocument) document(speak dialect, tok *token) bool {
	d.stack, d.names, d.bindings = d.stack[:0], d.names[:0], d.bindings[:0]
	d.prefix, d.namespace, d.flow = string(tok.prefix()), "", nil
	for {
		switch tok.kind {
		case startTag:
			if !d.start(speak, tok) {
				return false
			}
		case endTag:
			if !d.matches(tok) {
				d.note("malformed_xml", tok.at, "结束标签 "+shorten(string(tok.name))+" 与开始标签不配对")
				return false
			}
			d.end(speak)
		case declaration:
			d.note("dtd", tok.at, "")
			return false
		case malformed:
			d.note("malformed_xml", tok.at, tok.why)
			return false
		default: // cutOff, endOfText
			d.note("cut", tok.at, "")
			return false
		}
		if len(d.stack) == 0 {
			return true
		}
		*tok = d.next()
	}
}

// start opens an element and reports whether reading goes on.
func (d *xmlDocument) start(speak dialect, tok *token) bool {
	if len(d.stack) == maxElementDepth {
		d.note("too_deep", tok.at, strconv.Itoa(maxElementDepth))
		return false
	}
	is, parent := other, d.inside()
	d.declare(speak, tok)
	if len(d.stack) == 0 || parent != other && d.own(speak, tok) {
		var ok bool
		if is, ok = speak.opens(parent, tok); !ok {
			return false
		}
	}
	d.stack = append(d.stack, openElement{is: is, nameAt: len(d.names)})
	d.names = append(d.names, tok.name...)
	if is&textual != 0 {
		d.listen()
	}
	if tok.empty {
		d.end(speak)
	}
	return true
}

// declare takes note of the namespaces that a tag declares.
func (d *xmlDocument) declare(speak dialect, tok *token) {
	if len(d.stack) == 0 {
		for _, a := range tok.attrs {
			if prefix, ok := declares(a.name); ok && string(prefix) == d.prefix {
				d.namespace = string(a.value)
			}
		}
	}
	for _, a := range tok.attrs {
		prefix, ok := declares(a.name)
		if !ok || len(d.bindings) == maxBindings {
			continue
		}
		own := string(a.value) == d.namespace || len(a.value) == 0 || speak.owns(prefix, a.value)
		d.bindings = append(d.bindings, binding{prefix: string(prefix), own: own, depth: len(d.stack) + 1})
	}
}

// declares returns the prefix that an attribute declares, none for the default namespace.
func declares(name []byte) (prefix []byte, ok bool) {
	rest, ok := bytes.CutPrefix(name, []byte("xmlns"))
	if !ok || len(rest) == 0 {
		return nil, ok
	}
	return rest[1:], rest[0] == ':'
}

// own reports whether a tag belongs to a namespace of the format. A prefix that is not declared is that of the root, or
// one the format knows.
func (d *xmlDocument) own(speak dialect, tok *token) bool {
	prefix := tok.prefix()
	for i := len(d.bindings) - 1; i >= 0; i-- {
		if d.bindings[i].prefix == string(prefix) {
			return d.bindings[i].own
		}
	}
	return string(prefix) == d.prefix || speak.owns(prefix, nil)
}

func (d *xmlDocument) matches(tok *token) bool {
	n := len(d.stack)
	return n > 0 && bytes.Equal(d.names[d.stack[n-1].nameAt:], tok.name)
}

// end closes the innermost element.
func (d *xmlDocument) end(speak dialect) {
	top := d.stack[len(d.stack)-1]
	d.stack, d.names = d.stack[:len(d.stack)-1], d.names[:top.nameAt]
	for n := len(d.bindings); n > 0 && d.bindings[n-1].depth > len(d.stack); n-- {
		d.bindings = d.bindings[:n-1]
	}
	if top.is == other {
		return
	}
	speak.closes(top.is)
	if top.is&textual != 0 {
		d.listening = false
	}
}

// inside is the innermost open element.
func (d *xmlDocument) inside() element {
	if len(d.stack) == 0 {
		return other
	}
	return d.stack[len(d.stack)-1].is
}

// plain undoes references in character data or an attribute and notes those that are none. Its encoding is undone last.
func (d *xmlDocument) plain(b []byte, offset int) string {
	text, bad := unescape(b)
	if bad != "" {
		d.note("bad_entity", offset, shorten(bad))
	}
	return strings.TrimSpace(text)
}

// shorten keeps what is quoted in a message short.
func shorten(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
