package feature

import (
	"bufio"
	"bytes"
	bin "encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"fangyu/internal/fault"
)

// dbfReader reads the table of a Shapefile (dBASE III to FoxPro) record by record.
type dbfReader struct {
	name    string // of the part, for people
	r       *bufio.Reader
	fields  []dbfField
	ldid    byte // language driver, offset 29
	records uint32
	line    []byte // the present record
	read    uint32
}

type dbfField struct {
	name    string // as stored, until decoded
	kind    byte
	at, len int // in the record
}

func newDBFReader(name string, r io.Reader) (*dbfReader, error) {
	d := &dbfReader{name: shown(name), r: bufio.NewReaderSize(r, 64<<10)}
	var head [32]byte
	if _, err := io.ReadFull(d.r, head[:]); err != nil {
		return nil, d.broken(err)
	}
	d.records = bin.LittleEndian.Uint32(head[4:])
	headBytes, recordBytes := int(bin.LittleEndian.Uint16(head[8:])), int(bin.LittleEndian.Uint16(head[10:]))
	d.ldid = head[29]
	if headBytes < 33 || recordBytes < 1 {
		return nil, d.broken(nil)
	}
	described := make([]byte, headBytes-32)
	if _, err := io.ReadFull(d.r, described); err != nil {
		return nil, d.broken(err)
	}
	at := 1
	for ; len(described) >= 32 && described[0] != '\r'; described = described[32:] {
		f := dbfField{name: string(bytes.TrimRight(described[:11], "\x00 ")), kind: described[11], at: at, len: int(described[16])}
		if i := strings.IndexByte(f.name, 0); i >= 0 {
			f.name = f.name[:i]
		}
		if f.kind == 'C' {
			f.len += int(described[17]) << 8 // a text of more than 255 bytes, as Clipper and FoxPro write it
			if at+f.len > recordBytes {
				f.len = int(described[16])
			}
		}
		if at += f.len; at > recordBytes || f.name == "" {
			return nil, d.broken(nil)
		}
		d.fields = append(d.fields, f)
	}
	d.line = make([]byte, recordBytes)
	return d, nil
}

func (d *dbfReader) broken(err error) error {
	return fault.Wrap(err, fault.Malformed, "bad-dbf", "属性表 %s 已损坏或不完整：请从原软件重新导出", d.name)
}

// next reads a record; false at the end. gone says that it is marked as deleted.
func (d *dbfReader) next() (gone, ok bool, err error) {
	if d.read == d.records {
		return false, false, nil
	}
	d.read++
	if _, err := io.ReadFull(d.r, d.line); err != nil {
		return false, false, d.broken(fmt.Errorf("record %d of %d: %w", d.read, d.records, err))
	}
	return d.line[0] == '*', true, nil
}

// value is a field of the present record, as text; absent is "".
func (d *dbfReader) value(f dbfField, c charset) string {
	raw := d.line[f.at : f.at+f.len]
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		raw = raw[:i]
	}
	switch f.kind {
	case 'C':
		text, _ := wholeText(bytes.TrimRight(raw, " "), c)
		return text
	case 'D':
		day := strings.TrimSpace(string(raw))
		if len(day) != 8 || day == "00000000" {
			return strings.Trim(day, "0")
		}
		return day[:4] + "-" + day[4:6] + "-" + day[6:]
	case 'L':
		switch string(bytes.TrimSpace(raw)) {
		case "T", "t", "Y", "y":
			return "true"
		case "F", "f", "N", "n":
			return "false"
		}
		return ""
	case 'N', 'F':
		number := strings.TrimSpace(string(raw))
		if strings.Trim(number, "*") == "" {
			return "" // what did not fit its width
		}
		return number
	}
	return "" // memo, picture and the like stand in files of their own
}

// wholeText decodes a text whose last character may be cut off, as writers that count bytes do; cut says that it was.
func wholeText(raw []byte, c charset) (text string, cut bool) {
	if c == gb18030 {
		var check gbCheck
		check.write(raw)
		if end := check.place; end > 0 && !check.bad {
			raw, cut = raw[:len(raw)-min(end, len(raw))], true
		}
		b, err := simplifiedchinese.GB18030.NewDecoder().Bytes(raw)
		if err != nil {
			b = raw
		}
		return strings.ToValidUTF8(string(b), "\ufffd"), cut
	}
	if valid, rest := utf8Prefix(raw); valid && len(rest) > 0 {
		raw, cut = raw[:len(raw)-len(rest)], true
	}
	return strings.ToValidUTF8(string(raw), "\ufffd"), cut
}

// dbfLook is what one reading of a table tells of its texts.
type dbfLook struct {
	rows           int
	notUTF8, notGB int // first record whose texts are not, 0: none
	ascii          bool
	cut            int // texts that end within a character
}

// look reads the whole table.
func (d *dbfReader) look() (dbfLook, error) {
	look := dbfLook{ascii: true}
	for _, f := range d.fields {
		look.see([]byte(f.name), 1)
	}
	for {
		gone, ok, err := d.next()
		if !ok || err != nil {
			return look, err
		}
		if gone {
			continue
		}
		look.rows++
		for _, f := range d.fields {
			if f.kind != 'C' {
				continue
			}
			raw := d.line[f.at : f.at+f.len]
			if i := bytes.IndexByte(raw, 0); i >= 0 {
				raw = raw[:i]
			}
			look.see(bytes.TrimRight(raw, " "), int(d.read))
		}
	}
}

func (l *dbfLook) see(raw []byte, record int) {
	plain := true
	for _, c := range raw {
		plain = plain && c < utf8.RuneSelf
	}
	if plain {
		return
	}
	l.ascii = false
	valid, rest := utf8Prefix(raw)
	if !valid && l.notUTF8 == 0 {
		l.notUTF8 = record
	}
	var check gbCheck
	check.write(raw)
	if check.bad && l.notGB == 0 {
		l.notGB = record
	}
	if valid && len(rest) > 0 || !valid && check.place > 0 {
		l.cut++
	}
}

// The charsets a .cpg may name, folded.
var cpgCharsets = map[string]charset{
	"utf8": utf8Plain, "65001": utf8Plain, "gbk": gb18030, "cp936": gb18030, "936": gb18030, "gb2312": gb18030, "gb18030": gb18030, "54936": gb18030,
	"ansi936": gb18030, "euccn": gb18030,
}

// charsetOf decides how the texts are encoded: by the .cpg, else by the language driver, else by looking.
func charsetOf(cpg []byte, d *dbfReader, look dbfLook) (c charset, told bool, err error) {
	says := strings.TrimSpace(strings.TrimPrefix(string(cpg), "\ufeff"))
	c, told = cpgCharsets[fold(says)]
	by := ".cpg 文件写的是 " + clip(strings.ToValidUTF8(says, "?"))
	if !told && (d.ldid == 0x4d || d.ldid == 0x7a) {
		c, told, by = gb18030, true, "文件头写的是 GBK"
	}
	switch {
	case look.ascii:
		return c, true, nil
	case told && c == utf8Plain && look.notUTF8 > 0:
		return c, true, fault.New(fault.Malformed, "bad-charset", "%s：%s，第 %d 条记录的文字却不是 UTF-8：请把 .cpg 的内容改成 GBK 再试，或从原软件重新导出",
			d.name, by, look.notUTF8)
	case told && c == gb18030 && look.notGB > 0:
		return c, true, fault.New(fault.Malformed, "bad-charset", "%s：%s，第 %d 条记录的文字却不是 GBK：请把 .cpg 的内容改成 UTF-8 再试，或从原软件重新导出",
			d.name, by, look.notGB)
	case told:
		return c, true, nil
	case look.notUTF8 == 0:
		return utf8Plain, true, nil // no GBK text of some length is valid UTF-8 by chance
	case look.notGB == 0:
		return gb18030, false, nil
	}
	return c, false, fault.New(fault.Malformed, "bad-charset", "%s：第 %d 条记录的文字既不是 UTF-8 也不是 GBK：请从原软件重新导出为 UTF-8", d.name, max(look.notUTF8, look.notGB))
}

// decodeHeadings names the fields in the charset and refuses what is not told apart.
func (d *dbfReader) decodeHeadings(c charset, names map[string]string) error {
	seen := map[string]bool{}
	for i, f := range d.fields {
		name, _ := wholeText([]byte(f.name), c)
		if whole := names[name]; whole != "" {
			name = whole
		}
		if seen[name] {
			return fault.New(fault.Malformed, "heading-twice", "%s 有两个字段都叫“%s”，请改名", d.name, name)
		}
		seen[name] = true
		d.fields[i].name = name
	}
	if len(d.fields) > MaxHeadings {
		return fault.New(fault.TooLarge, "file-too-large", "%s 有 %d 个字段，超过 %d 个", d.name, len(d.fields), MaxHeadings)
	}
	return nil
}
