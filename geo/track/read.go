package track

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// MaxBytes bounds a file after unpacking. What is longer is unreadable with the note "too_large".
const MaxBytes = 256 << 20

// Read reads a file that a surveyor uploaded; name is its name, which only the note "extension_mismatch" looks at. The
// content decides what it is. Whatever the content, the answer is a Track whose State and Notes say how far it could be
// read; the error is that of r alone.
func Read(name string, r io.Reader) (*Track, error) {
	t := &Track{}
	var found notes
	raw, tooLarge, err := readAll(r, MaxBytes)
	if err != nil {
		return nil, err
	}
	if len(raw) > 1 && raw[0] == 0x1f && raw[1] == 0x8b {
		raw, tooLarge = unpack(raw, &found)
	}
	if tooLarge {
		found.add("too_large", place{}, strconv.Itoa(MaxBytes))
	} else {
		t.readBytes(name, raw, &found)
	}
	t.Notes = found.list
	t.State = found.state(len(t.Segments)+len(t.Routes)+len(t.Waypoints) > 0)
	if t.State == Unreadable || t.State == RefusedDangerous {
		t.Segments, t.Routes, t.Waypoints = nil, nil, nil
	}
	return t, nil
}

// readAll reads at most limit bytes; more is true when there were more.
func readAll(r io.Reader, limit int64) (b []byte, more bool, err error) {
	var all bytes.Buffer // doubles as it grows, where io.ReadAll copies every quarter
	_, err = all.ReadFrom(io.LimitReader(r, limit+1))
	if int64(all.Len()) > limit {
		return nil, true, nil
	}
	return all.Bytes(), false, err
}

// unpack undoes gzip. A damaged tail loses only itself: what came before is read and noted.
func unpack(raw []byte, found *notes) (b []byte, tooLarge bool) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err == nil {
		b, tooLarge, err = readAll(z, MaxBytes)
	}
	if err != nil && (len(b) == 0 || !errors.Is(err, io.ErrUnexpectedEOF)) {
		found.add("bad_gzip", place{}, "")
	}
	return b, tooLarge
}

// readBytes recognises the unpacked content and reads it.
func (t *Track) readBytes(name string, raw []byte, found *notes) {
	text := decodeText(raw, found)
	if trimmed := bytes.TrimRight(text, "\x00"); len(trimmed) < len(text) {
		text = trimmed
		found.add("nul_tail", place{}, "")
	}
	if len(bytes.TrimSpace(text)) == 0 {
		if !found.has("bad_gzip") {
			found.add("empty_file", place{}, "")
		}
		return
	}
	t.Format = formatOf(text)
	switch t.Format {
	case "gpx":
		readGPX(t, blankNULs(text, found), found)
		if ext := strings.ToLower(filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz"))); ext != ".gpx" && ext != ".xml" && ext != "" {
			found.add("extension_mismatch", place{}, "GPX")
		}
	case "html":
		found.add("looks_like_html", place{}, "")
	case "dtd":
		t.Format = "xml"
		readGPX(t, text, found) // comes as far as the declaration
	default:
		found.add("format_not_read", place{}, strings.ToUpper(t.Format))
	}
}

// blankNULs puts spaces for null bytes, which XML does not know and PostgreSQL does not keep; places stay what they are.
func blankNULs(text []byte, found *notes) []byte {
	if bytes.IndexByte(text, 0) < 0 {
		return text
	}
	found.add("nul_inside", place{}, "")
	return bytes.ReplaceAll(text, []byte{0}, []byte(" "))
}

// signatures are the first bytes of the files that come instead of a track.
var signatures = []struct{ magic, format string }{
	{"PK\x03\x04", "zip"},
	{"%PDF", "pdf"},
	{"\xff\xd8\xff", "jpeg"},
	{"\x89PNG", "png"},
	{"Rar!", "rar"},
	{"7z\xbc\xaf", "7z"},
	{"SQLite format 3", "sqlite"},
	{"\xd0\xcf\x11\xe0", "office"},
	{"{", "json"},
	{"[", "json"},
	{"$", "nmea"},
}

// formatOf names what the text is by its first bytes: for XML the root element, "dtd" where a document type declaration
// comes before it, "html" for a page.
func formatOf(text []byte) string {
	if len(text) > 12 && string(text[8:12]) == ".FIT" {
		return "fit"
	}
	text = bytes.TrimLeft(text, " \t\r\n\ufeff")
	for _, s := range signatures {
		if bytes.HasPrefix(text, []byte(s.magic)) {
			return s.format
		}
	}
	if len(text) == 0 || text[0] != '<' {
		return "text"
	}
	x := xmlScanner{text: text}
	switch tok := x.next(); tok.kind {
	case startTag:
		switch root := strings.ToLower(string(tok.local())); root {
		case "gpx", "kml", "html", "svg":
			return root
		case "trainingcenterdatabase":
			return "tcx"
		}
	case declaration:
		if bytes.HasPrefix(bytes.ToLower(tok.body), []byte("doctype html")) {
			return "html"
		}
		return "dtd"
	}
	return "xml"
}
