package gazetteer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Romanization is a name in Hanyu Pinyin by 《中国地名汉语拼音字母拼写规则（汉语地名部分）》 (84中地字第17号).
type Romanization struct {
	Name       string        `json:"name"`
	Spelling   string        `json:"spelling"` // with tone marks
	Plain      string        `json:"plain"`    // without tone marks; ü stays
	Reading    []string      `json:"-"`        // one syllable with tone number per character
	Status     ReadingStatus `json:"status"`
	Candidates []string      `json:"candidates"` // characters with several readings that nothing settled
}

// Toneless is the reading without tones, for search and for homophones.
func (r Romanization) Toneless() string { return strings.Join(Toneless(r.Reading), " ") }

// Romanize spells a name by the rules for its category: specific and generic apart (rule 1), natural villages solid
// (rule 3), each part with a capital (rule 10), an apostrophe before a, o, e inside a part (rule 11), ordinals of streets
// in Arabic figures (rule 7). Names of autonomous areas and their cities that are written by their own language's
// transliteration (呼和浩特市 Hohhot Shi) are, without tone marks; their Reading stays that of the Chinese characters.
func Romanize(name string, c Category) Romanization {
	name = strings.TrimSpace(name)
	reading, status, candidates := readingOf(name)
	r := Romanization{Name: name, Reading: reading, Status: status, Candidates: candidates}
	if r.Candidates == nil {
		r.Candidates = []string{}
	}
	if spelling, ok := transliterated(name, c, reading); ok {
		r.Spelling, r.Plain, r.Status, r.Candidates = spelling, spelling, ReadingAudited, []string{}
		return r
	}
	var marked, plain []string
	at := 0
	for _, part := range spellingParts(name, c) {
		n := utf8.RuneCountInString(part)
		m, p := spellPart(part, reading[at:at+n], c)
		marked, plain = append(marked, m), append(plain, p)
		at += n
	}
	r.Spelling, r.Plain = strings.Join(marked, " "), strings.Join(plain, " ")
	return r
}

// spell joins syllables into one written part, once with tone marks and once without.
func spell(syllables []string) (marked, plain string) {
	var m, p strings.Builder
	for i, s := range syllables {
		letters, tone := splitTone(s)
		letters = strings.ReplaceAll(letters, "v", "ü")
		if i > 0 && strings.ContainsAny(letters[:min(len(letters), 1)], "aoe") {
			m.WriteByte('\'')
			p.WriteByte('\'')
		}
		m.WriteString(mark(letters, tone))
		p.WriteString(letters)
	}
	return capital(m.String()), capital(p.String())
}

func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// marks are the vowels with the four tones.
var marks = map[rune]string{'a': "āáǎà", 'o': "ōóǒò", 'e': "ēéěè", 'i': "īíǐì", 'u': "ūúǔù", 'ü': "ǖǘǚǜ"}

// mark puts the tone over the vowel the scheme gives it to: a or e first, the o of ou, else the last vowel.
func mark(letters string, tone int) string {
	if tone < 1 || tone > 4 {
		return letters
	}
	at := strings.IndexAny(letters, "ae")
	if at < 0 {
		at = strings.Index(letters, "ou")
	}
	if at < 0 {
		at = strings.LastIndexAny(letters, "aeiouü")
	}
	if at < 0 {
		return letters
	}
	vowel, size := utf8.DecodeRuneInString(letters[at:])
	return letters[:at] + string([]rune(marks[vowel])[tone-1]) + letters[at+size:]
}
