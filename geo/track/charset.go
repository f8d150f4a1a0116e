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
	"golang.org/x/text/transform"
)

// declared are the encodings an XML declaration may name, in lower case. UTF-8 needs no decoder.
var declared = map[string]encoding.Encoding{
	"gbk": simplifiedchinese.GB18030, "gb2312": simplifiedchinese.GB18030, "gb18030": simplifiedchinese.GB18030,
	"cp936": simplifiedchinese.GB18030, "big5": traditionalchinese.Big5,
	"iso-8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1, "windows-1252": charmap.Windows1252,
}

// decodeText returns the text as UTF-8 without byte order mark, for formats that are read in one piece. Numbers and signs
// are ASCII in every encoding met, so wrong guesses can only spoil names, never positions.
func decodeText(raw []byte, found *notes) []byte {
	raw = bytes.TrimPrefix(raw, []byte(bom))
	if cut := cutRune(raw); utf8.Valid(raw[:cut]) {
		return raw[:cut]
	}
	found.add("charset_guessed_gb18030", place{}, "")
	// Two bytes become three at most, so that the text is held once and not grown.
	room := make([]byte, 0, len(raw)+len(raw)/2+utf8.UTFMax)
	text, _, err := transform.Append(simplifiedchinese.GB18030.NewDecoder(), room, raw)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		found.add("charset_unknown", place{}, "GB18030")
	}
	return text
}

// bom is the byte order mark that Windows programs put before UTF-8.
const bom = "\xef\xbb\xbf"

// utf16Of is the UTF-16 that a text begins in, nil when it begins otherwise.
func utf16Of(head []byte) encoding.Encoding {
	for _, e := range []struct {
		order unicode.Endianness
		signs [2]string
	}{
		{unicode.LittleEndian, [2]string{"\xff\xfe", "<\x00"}},
		{unicode.BigEndian, [2]string{"\xfe\xff", "\x00<"}},
	} {
		for _, sign := range e.signs {
			if bytes.HasPrefix(head, []byte(sign)) {
				return unicode.UTF16(e.order, unicode.UseBOM)
			}
		}
	}
	return nil
}

// decodeTexts undoes the encoding of the names and descriptions of a track whose text is not UTF-8. Positions are read by
// then: signs and numbers are ASCII in every encoding met.
func (t *Track) decodeTexts(charset string, found *notes) {
	enc, ok := declared[charset]
	if !ok {
		enc, charset = simplifiedchinese.GB18030, "GB18030"
		found.add("charset_guessed_gb18030", place{}, "")
	}
	decoder := enc.NewDecoder()
	unknown := false
	for _, s := range t.texts() {
		text, err := decoder.String(*s)
		unknown = unknown || err != nil || strings.ContainsRune(text, utf8.RuneError)
		*s = text
	}
	if unknown {
		found.add("charset_unknown", place{}, strings.ToUpper(charset))
	}
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
