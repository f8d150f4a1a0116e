package feature

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// The limits of a source. A file beyond them is refused as TooLarge "file-too-large" or "record-too-large".
const (
	MaxFileBytes   = 1 << 30 // as stored
	MaxTextBytes   = 4 << 30 // unpacked
	MaxRecordBytes = 64 << 20
	MaxHeadings    = 1000
	maxDepth       = 64 // of JSON
)

// Record is one row of a table or one GeoJSON feature.
type Record struct {
	Line     int               // in the unpacked file, from 1, where the record begins
	ID       string            // the feature's id, or the column "id"
	Geometry orb.Geometry      // nil where there is none; heights are not read
	Fields   map[string]string // by their headings; absent, null and empty are all ""
}

// Source is a file that has been read once and found readable.
type Source struct {
	Name          string   // the file name without its folder
	Format        string   // "geojson", "topojson", "csv", "xlsx" or "shapefile"
	SHA256        string   // of the bytes as stored (of a bare .shp: of it and its .cpg, .dbf and .prj by name), lower-case hexadecimal
	DeclaredFrame string   // for geo.ParseFrame: "4326" where a GeoJSON says nothing, "" for tables, else as the file says
	Headings      []string // columns, or the names of properties by first appearance
	Rows          int      // records, bad ones included
	Findings      []fault.Finding

	path    string
	maxText int64 // bytes, unpacked
	gzipped bool
	charset charset
	comma   rune
	heights int

	zip    bool              // of a Shapefile: packed, not a .shp with its neighbours
	layers []shpLayer        // of a Shapefile
	fields map[string]string // of a Shapefile: whole names of its fields
	sheets []xlsxSheet       // of a workbook
}

// Open reads the file once and returns its description. Findings of severity info or warning say what was assumed.
//
// Errors: NotFound "file-missing"; TooLarge; Unsupported "not-what-its-name-says" for HTML, PDF, images, other ZIP and for
// JSON under .csv or a table under .geojson, "frames-differ" for Shapefiles of several; Malformed with the line for a file
// whose structure is broken ("bad-json", "not-geojson", "bad-csv", "heading-missing", "heading-twice", "bad-gzip", "bad-zip",
// "bad-xlsx", "bad-shp", "bad-dbf", "dbf-missing", "bad-charset", "file-empty").
// Records that are wrong in themselves are not looked at here: [Source.Records] reports each.
func Open(path string) (*Source, error) { return OpenAs(path, filepath.Base(path), MaxTextBytes) }

// OpenAs is Open for a file that lies under another name than the one it has for people, and by whose ending it is known, and
// that unpacks to no more text than so many bytes.
func OpenAs(path, name string, maxText int64) (*Source, error) {
	s := &Source{Name: name, path: path, maxText: maxText}
	if err := s.survey(); err != nil {
		return nil, err
	}
	headings, err := s.firstPass()
	if err != nil {
		return nil, err
	}
	s.Headings = headings
	if s.heights > 0 {
		s.find("heights-not-read", fault.Info, "坐标带有高程，导入只取平面位置")
	}
	return s, nil
}

// find notes something about the file.
func (s *Source) find(code string, severity fault.Severity, format string, args ...any) {
	s.Findings = append(s.Findings, fault.Finding{Code: code, Severity: severity, Detail: fmt.Sprintf(format, args...)})
}

// survey reads the raw bytes once: digest, size, packing, charset and what kind of file it is.
func (s *Source) survey() error {
	f, err := os.Open(s.path)
	if err != nil {
		return fault.Wrap(err, fault.NotFound, "file-missing", "打不开文件 %s", s.Name)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > MaxFileBytes {
		return s.fileTooLarge(info.Size())
	}
	digest := sha256.New()
	raw := bufio.NewReaderSize(io.TeeReader(f, digest), 64<<10)
	magic, _ := raw.Peek(4)
	if packed, err := s.surveyPacked(string(magic)); packed || err != nil {
		return err
	}
	s.gzipped = strings.HasPrefix(string(magic), "\x1f\x8b")
	var text io.Reader = raw
	if s.gzipped {
		if text, err = gzip.NewReader(raw); err != nil {
			return badGzip(err)
		}
	}
	look, err := surveyText(&limitedText{r: text, most: s.maxText})
	if err != nil {
		return s.readError(err)
	}
	if _, err := io.Copy(io.Discard, raw); err != nil {
		return s.readError(err)
	}
	s.SHA256 = hex.EncodeToString(digest.Sum(nil))
	s.charset = look.charset
	if s.charset == gb18030 {
		s.find("charset-guessed-gb18030", fault.Warning, "文件不是 UTF-8，按 GB18030 读取：请核对汉字是否正确")
	}
	return s.recognise(look.head)
}

// surveyPacked settles whether the file is a workbook or a Shapefile, by its first bytes and what a zip file lists.
func (s *Source) surveyPacked(magic string) (packed bool, err error) {
	switch magic {
	default:
		return false, nil
	case "\x00\x00\x27\x0a":
		s.Format = "shapefile"
	case "PK\x03\x04", "PK\x05\x06":
		if says := formatOfName(s.Name); says == "csv" || says == "geojson" {
			return false, nil // recognise will name it
		}
		s.zip = true
		if s.Format, err = s.formatOfZip(); err != nil {
			return true, err
		}
	}
	if says := formatOfName(s.Name); says != "" && says != s.Format {
		return true, s.notWhatItSays(map[string]string{"xlsx": "工作簿（XLSX）", "shapefile": "Shapefile"}[s.Format])
	}
	s.SHA256, err = s.digest()
	return true, err
}

// formatOfZip looks for a workbook or a Shapefile in a zip file.
func (s *Source) formatOfZip() (string, error) {
	p, err := openParts(s.path)
	if err != nil {
		return "", err
	}
	defer p.close()
	switch {
	case p.find("xl/workbook.xml") != "":
		return "xlsx", nil
	case len(shpNames(p)) > 0:
		return "shapefile", nil
	}
	return "", fault.New(fault.Unsupported, "not-what-its-name-says",
		"压缩包 %s 里没有工作簿，也没有 Shapefile（.shp）：请解压后导入其中的表格，或把 .shp、.dbf、.prj、.cpg 一起打包", s.Name)
}

// digest is the digest of a file whose parts are read in no order.
func (s *Source) digest() (string, error) {
	digest := sha256.New()
	if s.Format == "shapefile" && !s.zip {
		err := s.digestParts(digest)
		return hex.EncodeToString(digest.Sum(nil)), err
	}
	f, err := os.Open(s.path)
	if err != nil {
		return "", fault.Wrap(err, fault.NotFound, "file-missing", "打不开文件 %s", s.Name)
	}
	defer f.Close()
	if _, err := io.Copy(digest, f); err != nil {
		return "", s.readError(err)
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// yieldChanged ends a second pass: a file that was changed since the first one is an error.
func (s *Source) yieldChanged(yield func(Record, error) bool) {
	sum, err := s.digest()
	if err == nil && sum != s.SHA256 {
		err = s.changed()
	}
	if err != nil {
		yield(Record{}, err)
	}
}

func (s *Source) changed() error {
	return fault.New(fault.Conflict, "file-changed", "文件 %s 在读取期间被改动，请重新导入", s.Name)
}

func (s *Source) fileTooLarge(size int64) error {
	return fault.New(fault.TooLarge, "file-too-large", "文件 %s 有 %d 字节，超过上限 %d 字节", s.Name, size, int64(MaxFileBytes))
}

func (s *Source) notWhatItSays(what string) error {
	return fault.New(fault.Unsupported, "not-what-its-name-says",
		"文件 %s 的内容是 %s，不是可导入的 GeoJSON、CSV、XLSX 或 Shapefile，或与扩展名不符：请检查是否下载了网页、改错了扩展名或未解压", s.Name, what)
}

// formatOfName is the format that a name claims, "" for none.
func formatOfName(name string) string {
	switch filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".geojson", ".json", ".topojson":
		return "geojson"
	case ".csv", ".tsv", ".txt":
		return "csv"
	case ".xlsx", ".xlsm":
		return "xlsx"
	case ".shp":
		return "shapefile"
	}
	return ""
}

// recognise settles the format by the first bytes of text and compares it with the name.
func (s *Source) recognise(head []byte) error {
	what, format := contentOf(head)
	if what == "empty" {
		return fault.New(fault.Malformed, "file-empty", "文件 %s 是空的：请重新导出或重新复制", s.Name)
	}
	if says := formatOfName(s.Name); format == "" || says != "" && says != format {
		return s.notWhatItSays(what)
	}
	s.Format = format
	return nil
}

// firstPass reads every record for its headings and counts them.
func (s *Source) firstPass() ([]string, error) {
	seen := map[string]bool{}
	var headings []string
	see := func(name string) error {
		if seen[name] {
			return nil
		}
		if len(headings) == MaxHeadings {
			return fault.New(fault.TooLarge, "file-too-large", "列（属性名）超过 %d 个", MaxHeadings)
		}
		seen[name] = true
		headings = append(headings, name)
		return nil
	}
	switch s.Format {
	case "geojson":
		return s.surveyGeoJSON(see, &headings)
	case "xlsx":
		return s.surveyXLSX()
	case "shapefile":
		return s.surveyShapefile()
	}
	return s.surveyCSV()
}

// Records yields the records in order. A record that is wrong in itself yields an error naming its line (a *fault.Error
// of kind Malformed, Code "bad-record" or what was found) and the reading goes on; after an error of the file itself
// (it was changed since Open, or cannot be read) the sequence ends. Stopping early is fine.
func (s *Source) Records() iter.Seq2[Record, error] {
	switch s.Format {
	case "xlsx":
		return s.xlsxRecords
	case "shapefile":
		return s.shapefileRecords
	case "topojson":
		return s.topojsonRecords
	}
	return func(yield func(Record, error) bool) {
		text, done, err := s.text()
		if err != nil {
			yield(Record{}, err)
			return
		}
		finished := false
		if s.Format == "geojson" {
			finished = s.geojsonRecords(text, yield)
		} else {
			finished = s.csvRecords(text, yield)
		}
		if sum, err := done(finished); err != nil {
			yield(Record{}, s.readError(err))
		} else if finished && sum != s.SHA256 {
			yield(Record{}, s.changed())
		}
	}
}

// text opens the file as UTF-8 without byte order mark. done closes it and, if asked, reads to the end and returns the digest.
func (s *Source) text() (io.Reader, func(finish bool) (string, error), error) {
	f, err := os.Open(s.path)
	if err != nil {
		return nil, nil, fault.Wrap(err, fault.NotFound, "file-missing", "打不开文件 %s", s.Name)
	}
	digest := sha256.New()
	raw := bufio.NewReaderSize(io.TeeReader(f, digest), 64<<10)
	done := func(finish bool) (string, error) {
		defer f.Close()
		if !finish {
			return "", nil
		}
		_, err := io.Copy(io.Discard, raw)
		return hex.EncodeToString(digest.Sum(nil)), err
	}
	var text io.Reader = raw
	if s.gzipped {
		if text, err = gzip.NewReader(raw); err != nil {
			f.Close()
			return nil, nil, badGzip(err)
		}
	}
	return s.charset.decode(&limitedText{r: text, most: s.maxText}), done, nil
}

// readError gives an error of reading its words, unless it has them already.
func (s *Source) readError(err error) error {
	var known *fault.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.Is(err, io.ErrUnexpectedEOF):
		return badGzip(err)
	}
	return fault.Wrap(err, fault.Internal, "file-unreadable", "读取文件 %s 失败", s.Name)
}

func badGzip(err error) error {
	return fault.Wrap(err, fault.Malformed, "bad-gzip", "压缩文件已损坏或不完整，请重新下载")
}

// limitedText ends a text that unpacks beyond most bytes with an error.
type limitedText struct {
	most int64
	r    io.Reader
	read int64
}

func (l *limitedText) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	l.read += int64(n)
	if l.read > l.most {
		return n, fault.New(fault.TooLarge, "file-too-large", "文件解压后超过 %d 字节", l.most)
	}
	return n, err
}

// frameOf returns the frame a crs member names, normalised where it is one of ours, else its own words.
func frameOf(name string) string {
	if f, err := geo.ParseFrame(name); err == nil {
		return string(f)
	}
	return name
}
