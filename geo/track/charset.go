package track

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// declared are the encodings an XML declaration may name, in lower case. UTF-8 needs no decoder.
var declared = map[string]encoding.Encoding{
	"gbk": simplifiedchinese.GB18030, "gb2312": simplifiedchinese.GB18030, "gb18030": simplifiedchinese.GB18030,
	"cp936": simplifiedchinese.GB18030, "big5": traditionalchinese.Big5,
	"iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "windows-1252": charmap.Windows1252,
}

// decodeText returns the text as UTF-8 without byte order mark. Numbers and tags are ASCII in every encoding met, so
// wrong guesses can only spoil names, never positions.
func decodeText(raw []byte, found *notes) []byte {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("<\x00")):
		return decodeWith(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "UTF-16", raw, found)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")), bytes.HasPrefix(raw, []byte("\x00<")):
		return decodeWith(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "UTF-16", raw, found)
	}
	if utf8.Valid(raw) || !looksLikeXML(raw) {
		return raw
	}
	name := declaredCharset(raw)
	if enc, ok := declared[name]; ok {
		return decodeWith(enc, strings.ToUpper(name), raw, found)
	}
	if cut := cutRune(raw); utf8.Valid(raw[:cut]) {
		return raw[:cut]
	}
	found.add("charset_guessed_gb18030", place{}, "")
	return decodeWith(simplifiedchinese.GB18030, "GB18030", raw, found)
}

func decodeWith(enc encoding.Encoding, name string, raw []byte, found *notes) []byte {
	text, err := enc.NewDecoder().Bytes(raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		found.add("charset_unknown", place{}, name)
	}
	return text
}

func looksLikeXML(raw []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("<"))
}

// declaredCharset returns the encoding that the XML declaration names, in lower case, "" if none.
func declaredCharset(raw []byte) string {
	head := string(raw[:min(len(raw), 256)])
	head, _, ok := strings.Cut(head, "?>")
	if !ok {
		return ""
	}
	_, rest, ok := strings.Cut(head, "encoding")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, " \t\r\n=")
	if rest == "" || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	name, _, _ := strings.Cut(rest[1:], rest[:1])
	return strings.ToLower(name)
}

// cutRune returns the length of raw without a character that is incomplete at its end.
func cutRune(raw []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(raw); i++ {
		if tail := raw[len(raw)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return len(raw) - i
			}
			break
		}
	}
	return len(raw)
}
