package track

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/transform"
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
// content decides what it is. r stands at its beginning; where it is an io.ReaderAt, zip files are not held in memory.
// Whatever the content, the answer is a Track whose State and Notes say how far it could be read; the error is that of r
// alone. Formats written in XML and NMEA stream by; tables and GeoJSON are held in memory once, as unpacked.
func Read(name string, r io.Reader) (*Track, error) {
	t := &Track{}
	var found notes
	src := &source{r: bufio.NewReader(r), size: sizeOf(r)}
	src.at, _ = r.(io.ReaderAt)
	t.readFrom(name, src, &found)
	// To the end, whatever was found: only then does r say whether its bytes are those that were kept.
	if _, err := io.Copy(io.Discard, src); err != nil {
		return nil, err
	}
	t.Notes = found.list
	t.State = found.state(t.holds())
	if t.State == Unreadable || t.State == RefusedDangerous {
		t.Segments, t.Routes, t.Waypoints = nil, nil, nil
	}
	t.shorten()
	return t, nil
}

func (t *Track) holds() bool { return len(t.Segments)+len(t.Routes)+len(t.Waypoints) > 0 }

// readFrom undoes what the file is packed in and reads it.
func (t *Track) readFrom(name string, src *source, found *notes) {
	text := &unpacked{from: src, left: MaxBytes, size: src.size, packing: "gzip"}
	magic, _ := src.r.Peek(4)
	if string(magic) == "PK\x03\x04" || string(magic) == "PK\x05\x06" {
		t.readArchive(name, src, found)
		return
	}
	if bytes.HasPrefix(magic, []byte("\x1f\x8b")) {
		z, err := gzip.NewReader(src)
		if err != nil {
			found.add("bad_gzip", place{}, "")
			return
		}
		text.from, text.size = &inflater{z: z, src: src}, 0
	}
	t.readText(name, text, found)
}

// readText undoes what a text is encoded in, recognises what it is and reads it.
func (t *Track) readText(name string, text *unpacked, found *notes) {
	in := bufio.NewReaderSize(text, peeked)
	head, _ := in.Peek(peeked)
	if enc := utf16Of(head); enc != nil {
		in = bufio.NewReaderSize(transform.NewReader(in, enc.NewDecoder()), peeked)
		head, _ = in.Peek(peeked)
		text.size = 0
	}
	if bytes.HasPrefix(head, []byte(bom)) {
		_, _ = in.Discard(len(bom))
		head = head[len(bom):]
	}
	t.recognise(name, in, head, text.size, found)
	text.complain(found)
}

// peeked is how much of a file is looked at to tell what it is.
const peeked = 4096

// unpacked is a text that must not be longer than MaxBytes.
type unpacked struct {
	from io.Reader
	left int64
	read int64
	size int64 // 0 where it is not known
	err  error // why it ended before its end

	packing string // "gzip" or "zip"
}

func (u *unpacked) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	n, err := u.from.Read(p)
	u.read += int64(n)
	if u.left -= int64(n); u.left < 0 {
		n, err = 0, errTooLarge
	}
	if err != nil && err != io.EOF {
		u.err = err
	}
	return n, err
}

// complain notes why the text ended early. A damaged tail loses only itself: what came before is read.
func (u *unpacked) complain(found *notes) {
	switch {
	case u.err == nil:
	case errors.Is(u.err, errTooLarge):
		found.add("too_large", place{}, strconv.Itoa(MaxBytes))
	case errors.Is(u.err, errRatio):
		found.add("zip_ratio", place{}, strconv.Itoa(maxRatio))
	case errors.Is(u.err, errArchive):
		found.add("zip_size", place{}, strconv.Itoa(maxArchiveBytes))
	case u.read == 0 || !errors.Is(u.err, io.ErrUnexpectedEOF):
		found.add("bad_"+u.packing, place{}, "")
	}
}

// source counts what is taken from a file and remembers its error. It gives single bytes, so that gzip takes no more than
// it unpacks and the count is exact.
type source struct {
	r     *bufio.Reader
	at    io.ReaderAt // nil where the file can only be read from its beginning to its end
	size  int64       // 0 where it is not known
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

// sizeOf is the size of a file or of bytes in memory, 0 of anything else.
func sizeOf(r io.Reader) int64 {
	switch f := r.(type) {
	case fs.File:
		if info, err := f.Stat(); err == nil {
			return info.Size()
		}
	case interface{ Len() int }:
		return int64(f.Len())
	}
	return 0
}

// The reasons to stop unpacking.
var (
	errTooLarge = errors.New("more than MaxBytes")
	errRatio    = errors.New("more than maxRatio")
)

// readAll reads all of a text into one piece of memory; size is what to expect. Why it ended, the text knows.
func readAll(r io.Reader, size int64) []byte {
	const first, most = 64 << 10, MaxBytes + 1
	all := make([]byte, 0, min(max(size+1, first), most))
	for {
		if len(all) == cap(all) {
			all = append(make([]byte, 0, min(2*cap(all), most)), all...)
		}
		n, err := r.Read(all[len(all):cap(all)])
		all = all[:len(all)+n]
		if err != nil || len(all) == most {
			return all
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

// recognise tells what a text is from how it begins and reads it.
func (t *Track) recognise(name string, in *bufio.Reader, head []byte, size int64, found *notes) {
	t.Format = formatOf(head)
	switch {
	case t.Format == "":
		t.readMarkup(name, in, size, found)
		return
	case t.Format == "nmea" || t.Format == "text" && looksLikeSentences(head):
		t.readSentences(in, size, found)
	case t.Format == "fit":
		t.readFIT(in, size, found)
	case t.Format == "json":
		t.readGeoJSON(decodeText(readAll(in, size), found), found)
	case t.Format == "text" && looksLikeTable(head) && t.readTable(decodeText(readAll(in, size), found), found):
	default:
		found.add("format_not_read", place{}, strings.ToUpper(t.Format))
	}
	mismatch(name, t.Format, found)
}

// readMarkup reads what has markup, or nothing, in it.
func (t *Track) readMarkup(name string, in io.Reader, size int64, found *notes) {
	d := xmlDocument{xmlScanner: xmlScanner{window: newWindow(in)}}
	d.recording = &recording{t: t, found: found, places: d.window, size: size}
	d.listen()
	tok := d.next()
	d.listening = false
	t.Format = rootOf(&tok)
	switch blank := len(bytes.TrimSpace(d.content)) == 0; {
	case tok.kind == endOfText && blank:
		t.Format = ""
		if d.err == nil {
			found.add("empty_file", place{}, "")
		}
		return
	case !blank:
		t.Format = "text"
	}
	switch t.Format {
	case "gpx":
		g := gpxReader{xmlDocument: d}
		g.readDocuments(&g, tok)
		g.conclude()
	case "kml":
		k := kmlReader{xmlDocument: d}
		k.readDocuments(&k, tok)
		k.conclude()
	case "tcx":
		x := tcxReader{xmlDocument: d}
		x.readDocuments(&x, tok)
		x.conclude()
	case "html":
		found.add("looks_like_html", place{}, "")
	case "dtd":
		t.Format = "xml"
		d.note("dtd", tok.at, "")
		return
	case "xml":
		found.add("format_not_read", place{}, "XML（"+shorten(string(tok.name))+"）")
	default:
		found.add("format_not_read", place{}, strings.ToUpper(t.Format))
		mismatch(name, t.Format, found)
	}
	if found.has("format_not_read") || found.has("looks_like_html") {
		return
	}
	d.remark(found)
	if !d.valid {
		t.decodeTexts(d.charset, found)
	}
	mismatch(name, t.Format, found)
}

// remark notes what the window saw of null bytes.
func (w *window) remark(found *notes) {
	if w.inside >= 0 {
		found.add("nul_inside", place{}, "")
	}
	if w.nul {
		found.add("nul_tail", place{}, "")
	}
}

// mismatch notes a file whose name says something else than its content.
func mismatch(name, format string, found *notes) {
	ext := strings.TrimPrefix(filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")), ".")
	if ext != "" && ext != format && !slices.Contains(extensions[format], ext) {
		found.add("extension_mismatch", place{}, strings.ToUpper(format))
	}
}

// extensions are what else files of a format are called, without the dot.
var extensions = map[string][]string{
	"gpx": {"xml"}, "kml": {"xml"}, "tcx": {"xml"}, "kmz": {"zip"},
	"jpeg": {"jpg", "jpe", "jfif"}, "tiff": {"tif", "dng"}, "heic": {"heif"}, "mp4": {"mov", "m4v", "3gp"},
	"office": {"doc", "xls", "ppt", "docx", "xlsx", "pptx"}, "text": {"txt", "csv", "log"},
	"nmea": {"txt", "log", "nma", "nme", "dat", "gps", "ubx", "csv"}, "csv": {"txt", "tsv", "tab", "dat", "asc", "xyz", "pos", "log"},
	"json": {"geojson"}, "geojson": {"json", "geojsonl", "ndjson", "jsonl", "geojsons"},
}

// pictures are the formats of photos and drawings.
var pictures = []string{"jpeg", "png", "gif", "bmp", "webp", "tiff", "heic", "svg"}

// signatures are the first bytes of the files that come instead of a track.
var signatures = []struct{ magic, format string }{
	{"PK\x03\x04", "zip"}, // within gzip
	{"%PDF", "pdf"},
	{"\xff\xd8\xff", "jpeg"},
	{"\x89PNG", "png"},
	{"GIF8", "gif"},
	{"II*\x00", "tiff"},
	{"MM\x00*", "tiff"},
	{"Rar!", "rar"},
	{"7z\xbc\xaf", "7z"},
	{"SQLite format 3", "sqlite"},
	{"\xd0\xcf\x11\xe0", "office"},
	{"{", "json"},
	{"\x1e{", "json"},
	{"[", "json"},
	{"$", "nmea"},
}

// formatOf names what a text is by its first bytes; "" where it has markup, or only blanks in them.
func formatOf(head []byte) string {
	if len(head) > 12 && string(head[8:12]) == ".FIT" {
		return "fit"
	}
	if len(head) > 12 {
		if format := boxOf(head); format != "" {
			return format
		}
	}
	text := bytes.TrimLeft(head, " \t\r\n\ufeff\x00")
	for _, s := range signatures {
		if bytes.HasPrefix(text, []byte(s.magic)) {
			return s.format
		}
	}
	if len(text) == 0 || text[0] == '<' {
		return ""
	}
	return "text"
}

// boxOf names the pictures and films whose sign does not come first.
func boxOf(head []byte) string {
	switch kind := string(head[4:8]); {
	case kind == "ftyp" && slices.Contains([]string{"heic", "heix", "mif1", "msf1", "avif"}, string(head[8:12])):
		return "heic"
	case kind == "ftyp":
		return "mp4"
	case string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP":
		return "webp"
	case string(head[:2]) == "BM" && string(head[6:10]) == "\x00\x00\x00\x00":
		return "bmp"
	}
	return ""
}

// rootOf names a document by its first tag: "dtd" where a document type declaration comes first, "html" for a page.
func rootOf(tok *token) string {
	switch tok.kind {
	case startTag:
		switch root := strings.ToLower(string(tok.local())); root {
		case "gpx", "kml", "html", "svg":
			return root
		case "trainingcenterdatabase":
			return "tcx"
		case "document", "folder", "placemark":
			if partOfKML(tok) {
				return "kml"
			}
		}
	case declaration:
		if bytes.HasPrefix(bytes.ToLower(tok.body), []byte("doctype html")) {
			return "html"
		}
		return "dtd"
	}
	return "xml"
}

// partOfKML reports whether the first tag says that it is KML without its root.
func partOfKML(tok *token) bool {
	for _, a := range tok.attrs {
		if _, ok := declares(a.name); ok && bytes.Contains(a.value, []byte("/kml/")) {
			return true
		}
	}
	return false
}

// maxCreator is how many bytes of the creator are kept: it is shown with every track.
const maxCreator = 200

// shorten cuts what is shown with every track, at a whole character.
func (t *Track) shorten() {
	for _, s := range t.texts() {
		*s = strings.ToValidUTF8(*s, "\ufffd")
	}
	if len(t.Creator) > maxCreator {
		t.Creator = strings.ToValidUTF8(t.Creator[:maxCreator], "") + "…"
	}
}
