package feature

import (
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"fangyu/internal/fault"
)

// charset is how text is encoded. The zero value is UTF-8 without byte order mark.
type charset uint8

const (
	utf8Plain charset = iota
	utf8BOM
	utf16LE
	utf16BE
	gb18030
)

// decode returns the text as UTF-8 without byte order mark.
func (c charset) decode(r io.Reader) io.Reader {
	switch c {
	case utf8BOM:
		return transform.NewReader(r, unicode.UTF8BOM.NewDecoder())
	case utf16LE:
		return transform.NewReader(r, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder())
	case utf16BE:
		return transform.NewReader(r, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder())
	case gb18030:
		return transform.NewReader(r, simplifiedchinese.GB18030.NewDecoder())
	}
	return r
}

// textLook is what one reading of the text tells: its charset and the first bytes of it as UTF-8.
type textLook struct {
	charset charset
	head    []byte
}

const headBytes = 4096

// surveyText reads to the end. Without a byte order mark text is UTF-8 if all of it is valid UTF-8, else GB18030 if all of
// it is valid GB18030 (where a byte beyond the ASCII range has a partner), else refused as Malformed "bad-charset".
func surveyText(r io.Reader) (textLook, error) {
	var look textLook
	var bad gbCheck
	valid := true
	var carry []byte
	buf := make([]byte, 64<<10)
	var head []byte
	for {
		n, err := r.Read(buf)
		chunk := buf[:n]
		if len(head) < headBytes {
			head = append(head, chunk[:min(n, headBytes-len(head))]...)
		}
		if valid {
			carry = append(carry, chunk...)
			valid, carry = utf8Prefix(carry)
		}
		bad.write(chunk)
		if err == io.EOF {
			break
		}
		if err != nil {
			return look, err
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		look.charset = utf8BOM
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		look.charset = utf16LE
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		look.charset = utf16BE
	case valid && len(carry) == 0:
	case binary(head) != "":
		// contentOf will name it.
	case bad.ok():
		look.charset = gb18030
	default:
		return look, fault.New(fault.Malformed, "bad-charset", "文字编码既不是 UTF-8 也不是 GB18030，或文件已损坏：请另存为 UTF-8")
	}
	if look.charset == utf8BOM && !valid {
		return look, fault.New(fault.Malformed, "bad-charset", "文件标明 UTF-8，但其中有不是 UTF-8 的字节：请另存为 UTF-8")
	}
	decoded, err := io.ReadAll(look.charset.decode(bytes.NewReader(head)))
	if err != nil && look.charset != utf16LE && look.charset != utf16BE {
		decoded = head
	}
	look.head = decoded
	return look, nil
}

// utf8Prefix checks b and returns what is left at its end of a character not yet complete.
func utf8Prefix(b []byte) (valid bool, rest []byte) {
	cut := len(b)
	for i := 1; i <= min(utf8.UTFMax-1, len(b)); i++ {
		if c := b[len(b)-i]; c >= utf8.RuneSelf {
			if utf8.RuneStart(c) {
				if !utf8.FullRune(b[len(b)-i:]) {
					cut = len(b) - i
				}
				break
			}
			continue
		}
		break
	}
	return utf8.Valid(b[:cut]), append([]byte(nil), b[cut:]...)
}

// gbCheck follows the byte structure of GB 18030-2022: one byte below 0x80, two (0x81–0xFE, 0x40–0xFE without 0x7F), or
// four (0x81–0xFE, 0x30–0x39, 0x81–0xFE, 0x30–0x39).
type gbCheck struct {
	place int
	bad   bool
}

func (g *gbCheck) write(b []byte) {
	for _, c := range b {
		lead, digit := c >= 0x81 && c <= 0xfe, c >= 0x30 && c <= 0x39
		switch {
		case g.place == 0 && c < 0x80:
		case g.place == 0 && lead:
			g.place = 1
		case g.place == 1 && digit:
			g.place = 2
		case g.place == 1 && c >= 0x40 && c <= 0xfe && c != 0x7f:
			g.place = 0
		case g.place == 2 && lead:
			g.place = 3
		case g.place == 3 && digit:
			g.place = 0
		default:
			g.bad, g.place = true, 0
		}
	}
}

func (g *gbCheck) ok() bool { return !g.bad && g.place == 0 }

// signatures are the first bytes of files that get the wrong name most often.
var signatures = []struct{ magic, what string }{
	{"%PDF", "PDF 文档"},
	{"PK\x03\x04", "ZIP 压缩包（或 xlsx、docx、kmz）"},
	{"\xd0\xcf\x11\xe0", "旧版 Office 文档（xls、doc）"},
	{"SQLite format 3", "SQLite 数据库（或 GeoPackage）"},
	{"\x89PNG", "PNG 图片"},
	{"\xff\xd8\xff", "JPEG 图片"},
	{"\x00\x00\x27\x0a", "Shapefile（.shp）"},
	{"Rar!", "RAR 压缩包"},
	{"7z\xbc\xaf", "7-Zip 压缩包"},
	{"\x1f\x8b", "双重 gzip 压缩"},
}

// binary names the kind of a file that is no text, "" for text.
func binary(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.what
		}
	}
	return ""
}

// contentOf says what the text is, in words for people, and its format: "geojson", "csv", or "" for what we do not read.
func contentOf(head []byte) (what, format string) {
	if what := binary(head); what != "" {
		return what, ""
	}
	text := bytes.TrimLeft(head, " \t\r\n\ufeff")
	switch {
	case len(text) == 0:
		return "empty", ""
	case text[0] == '{':
		return "JSON", "geojson"
	case text[0] == '[':
		return "JSON 数组", ""
	case text[0] == '<':
		low := bytes.ToLower(text[:min(len(text), 200)])
		if bytes.Contains(low, []byte("<html")) || bytes.Contains(low, []byte("<!doctype html")) {
			return "网页（HTML）", ""
		}
		return "XML", ""
	case bytes.IndexByte(text, 0) >= 0:
		return "二进制数据", ""
	}
	return "文本表格", "csv"
}
