package track

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
)

// MaxBytes bounds a file after unpacking. What is longer is unreadable with the note "too_large".
const MaxBytes = 256 << 20

// A gzip file that unpacks to more than maxRatio times its size is made to fill a memory, not by a receiver: tracks pack
// to a tenth, those of a receiver at rest to a fiftieth. Short files are let be, they can hold what they like.
const (
	maxRatio  = 200
	ratioFrom = 4 << 20 // bytes unpacked
)

// Read reads a file that a surveyor uploaded; name is its name, which only the note "extension_mismatch" looks at. The
// content decides what it is. Whatever the content, the answer is a Track whose State and Notes say how far it could be
// read; the error is that of r alone. A file is held in memory once, as unpacked; an r that knows its size (an fs.File)
// is read without copying.
func Read(name string, r io.Reader) (*Track, error) {
	t := &Track{}
	var found notes
	src := &source{r: bufio.NewReader(r)}
	var raw []byte
	if magic, _ := src.r.Peek(2); string(magic) == "\x1f\x8b" {
		raw = unpack(src, &found)
	} else {
		var err error
		if raw, err = readAll(src, sizeOf(r)); errors.Is(err, errTooLarge) {
			found.add("too_large", place{}, strconv.Itoa(MaxBytes))
		}
	}
	// To the end, whatever was found: only then does r say whether its bytes are those that were kept.
	if _, err := io.Copy(io.Discard, src); err != nil {
		return nil, err
	}
	if !found.has("too_large") && !found.has("zip_ratio") {
		t.readBytes(name, raw, &found)
	}
	t.Notes = found.list
	t.State = found.state(len(t.Segments)+len(t.Routes)+len(t.Waypoints) > 0)
	if t.State == Unreadable || t.State == RefusedDangerous {
		t.Segments, t.Routes, t.Waypoints = nil, nil, nil
	}
	return t, nil
}

// source counts what is taken from a file and remembers its error. It gives single bytes, so that gzip takes no more than
// it unpacks and the count is exact.
type source struct {
	r     *bufio.Reader
	taken int64
	err   error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	return n, s.count(n, err)
}

func (s *source) ReadByte() (byte, error) {
	b, err := s.r.ReadByte()
	if err != nil {
		return 0, s.count(0, err)
	}
	return b, s.count(1, nil)
}

func (s *source) count(n int, err error) error {
	s.taken += int64(n)
	if s.err == nil {
		s.err = err
	}
	return s.err
}

// sizeOf is the size of a file, 0 of anything else.
func sizeOf(r io.Reader) int64 {
	if f, ok := r.(fs.File); ok {
		if info, err := f.Stat(); err == nil {
			return info.Size()
		}
	}
	return 0
}

// The reasons to stop unpacking.
var (
	errTooLarge = errors.New("more than MaxBytes")
	errRatio    = errors.New("more than maxRatio")
)

// readAll reads MaxBytes at most into one piece of memory; size is what to expect. More is errTooLarge and nothing.
func readAll(r io.Reader, size int64) ([]byte, error) {
	const first, most = 64 << 10, MaxBytes + 1
	all := make([]byte, 0, min(max(size+1, first), most))
	for {
		if len(all) == cap(all) {
			all = append(make([]byte, 0, min(2*cap(all), most)), all...)
		}
		n, err := r.Read(all[len(all):cap(all)])
		all = all[:len(all)+n]
		switch {
		case len(all) == most:
			return nil, errTooLarge
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, err
		}
	}
}

// inflater unpacks until that is no longer in proportion to what it took.
type inflater struct {
	z   *gzip.Reader
	src *source
	out int64
}

func (i *inflater) Read(p []byte) (int, error) {
	n, err := i.z.Read(p)
	if i.out += int64(n); i.out > ratioFrom && i.out > maxRatio*i.src.taken {
		return n, errRatio
	}
	return n, err
}

// unpack undoes gzip. A damaged tail loses only itself: what came before is read and noted.
func unpack(src *source, found *notes) (b []byte) {
	z, err := gzip.NewReader(src)
	if err == nil {
		b, err = readAll(&inflater{z: z, src: src}, 0)
	}
	switch {
	case err == nil:
	case errors.Is(err, errTooLarge):
		found.add("too_large", place{}, strconv.Itoa(MaxBytes))
	case errors.Is(err, errRatio):
		found.add("zip_ratio", place{}, strconv.Itoa(maxRatio))
		b = nil
	case len(b) == 0 || !errors.Is(err, io.ErrUnexpectedEOF):
		found.add("bad_gzip", place{}, "")
	}
	return b
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
	for i, b := range text { // in place: the text is ours, and may be large
		if b == 0 {
			text[i] = ' '
		}
	}
	return text
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
