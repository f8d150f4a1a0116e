package track

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fangyu/internal/fault"
)

// Limits of an archive (ASVS 5.0, 5.2.3): entries, bytes unpacked of all of them, and bytes of the list of entries, which
// is read before it can be counted.
const (
	maxEntries       = 1000
	maxArchiveBytes  = 200 << 20
	maxListBytes     = 2 << 20
	archiveRatioFrom = 1 << 20
)

var errArchive = errors.New("more than maxArchiveBytes")

// archive is a zip file that is being read. Nothing of it is written anywhere, and no entry is held whole.
type archive struct {
	t       *Track
	found   *notes
	packing proportion // of all entries so far
	read    []string   // the entries that were read as tracks
	bad     []*Track   // those that say they are tracks and could not be read, by their name
	rest    []string   // the other entries
}

// proportion is how much came of how much.
type proportion struct{ unpacked, packed int64 }

func (p proportion) tooLarge() bool {
	return p.unpacked > archiveRatioFrom && p.unpacked > maxRatio*p.packed
}

// readArchive reads all tracks in a zip file, in the order in which it lists them. What could do harm refuses all of it.
func (t *Track) readArchive(name string, src *source, found *notes) {
	t.Format = "zip"
	z := src.list(found)
	if z == nil {
		return
	}
	t.Format = archiveOf(z)
	if t.Format == "office" {
		found.add("format_not_read", place{}, "办公文档（Office）")
		mismatch(name, t.Format, found)
		return
	}
	a := archive{t: t, found: found}
	for _, f := range z.File {
		if !a.harmless(f) {
			return
		}
	}
	for _, f := range z.File {
		if !a.entry(f) {
			return
		}
	}
	a.conclude(name)
}

// list reads the list of entries; it is nil, and that noted, where there is none or it is too long.
func (s *source) list(found *notes) *zip.Reader {
	at, size := s.at, s.size
	if at == nil || size == 0 {
		text := &unpacked{from: s, left: MaxBytes}
		whole := readAll(text, s.size)
		if text.complain(found); text.err != nil {
			return nil
		}
		at, size = bytes.NewReader(whole), int64(len(whole))
	}
	bounded := &listReader{r: at, left: maxListBytes}
	z, err := zip.NewReader(bounded, size)
	switch {
	case bounded.left < 0, err == nil && len(z.File) > maxEntries:
		found.add("zip_entries", place{}, strconv.Itoa(maxEntries))
		return nil
	case err != nil:
		found.add("bad_zip", place{}, "")
		return nil
	}
	bounded.listed = true
	return z
}

// listReader reads no more than so many bytes until the entries are listed.
type listReader struct {
	r      io.ReaderAt
	left   int
	listed bool
}

func (l *listReader) ReadAt(p []byte, offset int64) (int, error) {
	if l.listed {
		return l.r.ReadAt(p, offset)
	}
	if l.left -= len(p); l.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return l.r.ReadAt(p, offset)
}

// archiveOf names an archive by what is in it: "kmz" where that is KML.
func archiveOf(z *zip.Reader) string {
	format := "zip"
	for _, f := range z.File {
		switch ext := strings.ToLower(path.Ext(f.Name)); {
		case f.Name == "[Content_Types].xml":
			return "office"
		case slices.Contains(trackExtensions, ext):
			return "zip"
		case ext == ".kml":
			format = "kmz"
		}
	}
	return format
}

// trackExtensions are those of files that say they are tracks, but KML.
var trackExtensions = []string{".gpx", ".tcx", ".fit", ".geojson", ".nmea"}

// harmless reports whether the name of an entry stays within the archive, and the entry is a file or folder.
func (a *archive) harmless(f *zip.File) bool {
	name := entryName(f)
	if strings.ContainsAny(name, "\\\x00") || path.IsAbs(name) || len(name) > 1 && name[1] == ':' ||
		slices.Contains(strings.Split(name, "/"), "..") || f.Mode().Type()&^fs.ModeDir != 0 {
		a.found.add("zip_path", place{}, shortenPath(name))
		return false
	}
	return true
}

// entryName is the name of an entry. Chinese programs write it in GB18030 without saying so, and programs of elsewhere that
// pack it again take that for the code page of DOS.
func entryName(f *zip.File) string {
	raw := f.Name
	if utf8.ValidString(raw) {
		again, err := charmap.CodePage437.NewEncoder().String(raw)
		if err != nil || again == raw {
			return raw
		}
		raw = again
	}
	name, err := simplifiedchinese.GB18030.NewDecoder().String(raw)
	if err != nil || strings.ContainsRune(name, utf8.RuneError) {
		return strings.ToValidUTF8(f.Name, "\ufffd")
	}
	return name
}

// entry reads one entry to its end, folders too, as a track if it is one, and reports whether reading goes on.
func (a *archive) entry(f *zip.File) bool {
	name := entryName(f)
	if f.Flags&1 != 0 {
		a.found.add("zip_encrypted", place{}, shortenPath(name))
		return true
	}
	r, err := a.open(f)
	if err != nil {
		a.found.add("bad_zip", place{}, "")
		return false
	}
	in := bufio.NewReaderSize(r, peeked)
	head, _ := in.Peek(peeked)
	switch {
	case isArchive(name, head):
		a.found.add("zip_nested", place{}, shortenPath(name))
		return false
	case (len(head) > 0 || r.err != nil) && !strings.HasSuffix(name, "/") && !litter(name):
		a.track(name, in)
	}
	_, _ = io.Copy(io.Discard, in)
	switch {
	case a.found.state(false) == RefusedDangerous:
		return false
	case errors.Is(r.err, errRatio):
		a.found.once("zip_ratio", strconv.Itoa(maxRatio))
		return false
	case errors.Is(r.err, errArchive):
		a.found.once("zip_size", strconv.Itoa(maxArchiveBytes))
		return false
	}
	if a.t.NumPoints()+len(a.t.Waypoints) > MaxPoints {
		a.found.once("too_many_points", strconv.Itoa(MaxPoints))
		return false
	}
	return true
}

// isArchive reports whether an entry is an archive itself. Documents of an office are zip files too: they are not opened.
func isArchive(name string, head []byte) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".docx", ".xlsx", ".pptx", ".odt", ".ods":
		return false
	case ".zip", ".kmz", ".gz", ".tgz", ".rar", ".7z", ".tar", ".bz2", ".xz":
		return true
	}
	for _, magic := range []string{"PK\x03\x04", "PK\x05\x06", "\x1f\x8b", "Rar!\x1a", "7z\xbc\xaf\x27\x1c", "\xfd7zXZ"} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return true
		}
	}
	return false
}

// litter reports whether an entry is what systems put beside the files of people.
func litter(name string) bool {
	base := path.Base(name)
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, "._") || base == ".DS_Store" || strings.EqualFold(base, "thumbs.db")
}

// entryReader unpacks an entry and counts on both sides. archive/zip is not asked to: it takes the size that the list states
// and does not unpack what folders hold.
type entryReader struct {
	a    *archive
	raw  source
	from io.Reader
	own  proportion
	sum  hash.Hash32
	want uint32
	err  error // but io.EOF
}

func (a *archive) open(f *zip.File) (*entryReader, error) {
	raw, err := f.OpenRaw()
	if err != nil {
		return nil, err
	}
	r := &entryReader{a: a, raw: source{r: bufio.NewReader(raw)}, sum: crc32.NewIEEE(), want: f.CRC32}
	switch f.Method {
	case zip.Store:
		r.from = &r.raw
	case zip.Deflate:
		r.from = flate.NewReader(&r.raw)
	default:
		r.err = zip.ErrAlgorithm
	}
	return r, nil
}

func (r *entryReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	before := r.raw.taken
	n, err := r.from.Read(p)
	took := r.raw.taken - before
	r.own.unpacked += int64(n)
	r.own.packed += took
	r.a.packing.unpacked += int64(n)
	r.a.packing.packed += took
	r.sum.Write(p[:n])
	switch {
	case r.own.tooLarge() || r.a.packing.tooLarge():
		n, err = 0, errRatio
	case r.a.packing.unpacked > maxArchiveBytes:
		n, err = 0, errArchive
	case err == io.EOF && r.sum.Sum32() != r.want:
		err = zip.ErrChecksum
	}
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// track reads an entry and adds what it holds.
func (a *archive) track(name string, in io.Reader) {
	one := &Track{}
	var found notes
	text := &unpacked{from: in, left: MaxBytes, packing: "zip"}
	one.readText(name, text, &found)
	if text.err == nil { // what was not looked at may be damaged too
		_, _ = io.Copy(io.Discard, text)
		text.complain(&found)
	}
	one.Notes, one.State = found.list, found.state(one.holds())
	ext := strings.ToLower(path.Ext(name))
	switch says := ext == ".kml" || slices.Contains(trackExtensions, ext); {
	case one.State == RefusedDangerous:
		a.found.merge(name, slices.DeleteFunc(one.Notes, func(n Note) bool { return n.Severity != fault.Block }))
	case one.State == Unreadable && says:
		one.Name = name
		a.bad = append(a.bad, one)
	case one.State == Unreadable || one.State == Empty:
		if a.t.Format != "kmz" || !slices.Contains(pictures, one.Format) { // its icons are part of a KMZ
			a.rest = append(a.rest, name)
		}
	default:
		a.read = append(a.read, name)
		a.found.merge(name, one.Notes)
		a.add(one)
	}
}

func (a *archive) add(one *Track) {
	t := a.t
	if t.Name == "" {
		t.Name = one.Name
	}
	if t.Creator == "" {
		t.Creator = one.Creator
	}
	t.Segments = append(t.Segments, one.Segments...)
	t.Routes = append(t.Routes, one.Routes...)
	t.Waypoints = append(t.Waypoints, one.Waypoints...)
}

// conclude says which entries were read and which were not. A bad one among good ones does not spoil them.
func (a *archive) conclude(name string) {
	for _, one := range a.bad {
		for i := range one.Notes {
			if len(a.read) > 0 && one.Notes[i].Severity == fault.Block {
				one.Notes[i].Severity = fault.Warning
			}
		}
		a.found.merge(one.Name, one.Notes)
	}
	switch {
	case len(a.read)+len(a.bad) == 0 && len(a.found.list) == 0:
		a.found.add("zip_no_track", place{}, listed(a.rest))
		return
	case len(a.read) > 1:
		a.found.add("zip_several", place{}, listed(a.read))
	}
	if len(a.rest) > 0 {
		a.found.add("zip_other_files", place{}, listed(a.rest))
	}
	mismatch(name, a.t.Format, a.found)
}

// shortenPath keeps the end of a long name, which says more than its folders.
func shortenPath(name string) string {
	if r := []rune(name); len(r) > 40 {
		return "…" + string(r[len(r)-40:])
	}
	return name
}

// listed names a few of many.
func listed(names []string) string {
	const few = 20
	short := make([]string, 0, few)
	for _, name := range names[:min(few, len(names))] {
		short = append(short, shortenPath(name))
	}
	text := fmt.Sprintf("%d 个：%s", len(names), strings.Join(short, "、"))
	if len(names) > few {
		text += " …"
	}
	return text
}
