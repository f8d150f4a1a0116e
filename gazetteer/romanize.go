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
// (rule 3), each part with a capital (rule 10), an apostrophe before a, o, e inside a part (rule 11).
func Romanize(name string, c Category) Romanization {
	name = strings.TrimSpace(name)
	reading, status, candidates := readingOf(name)
	r := Romanization{Name: name, Reading: reading, Status: status, Candidates: candidates}
	if r.Candidates == nil {
		r.Candidates = []string{}
	}
	var marked, plain []string
	at := 0
	for _, part := range spellingParts(name, c) {
		n := utf8.RuneCountInString(part)
		m, p := spell(reading[at : at+n])
		marked, plain = append(marked, m), append(plain, p)
		at += n
	}
	r.Spelling, r.Plain = strings.Join(marked, " "), strings.Join(plain, " ")
	return r
}

// peoples are the ethnic groups in the names of autonomous areas; each is a part of its own.
var peoples = []string{
	"土家族", "苗族", "布依族", "侗族", "彝族", "藏族", "羌族", "回族", "壮族", "瑶族", "仡佬族", "白族", "傣族", "哈尼族", "蒙古族", "满族", "维吾尔", "朝鲜族",
}

// spellingParts cuts a name into the parts written apart.
func spellingParts(name string, c Category) []string {
	specific, generic := SplitName(name, c)
	if generic == "" || c == NaturalVillage {
		return []string{name}
	}
	specific, generic = joinModifier(specific, generic, c)
	parts := cutPeoples(specific)
	return append(parts, generic)
}

// joinModifier moves a single-syllable modifier to the word it modifies (rule 2): 潮白新河 is 潮白/新河, 景山后街 is 景山/后街,
// 西辽河 is 西辽/河.
func joinModifier(specific, generic string, c Category) (string, string) {
	if c != Street && c != Natural || utf8.RuneCountInString(generic) > 1 {
		return specific, generic
	}
	last, size := utf8.DecodeLastRuneInString(specific)
	if utf8.RuneCountInString(specific) >= 3 && strings.ContainsRune("新后前直小东西南北中横上下", last) {
		return specific[:len(specific)-size], string(last) + generic
	}
	return specific, generic
}

// cutPeoples cuts the names of peoples off the end of a specific: 酉阳土家族苗族 is 酉阳/土家族/苗族.
func cutPeoples(specific string) []string {
	var tail []string
	for again := true; again; {
		again = false
		for _, p := range peoples {
			if own, ok := strings.CutSuffix(specific, p); ok && own != "" {
				specific, tail, again = own, append([]string{p}, tail...), true
				break
			}
		}
	}
	return append([]string{specific}, tail...)
}

// spell joins syllables into one written part, once with tone marks and once without.
func spell(syllables []string) (marked, plain string) {
	var m, p strings.Builder
	for i, s := range syllables {
		letters := strings.TrimRight(s, "12345")
		if letters == "" { // a digit of the name itself
			letters = s
		}
		tone := 0
		if len(s) > len(letters) {
			tone = int(s[len(letters)] - '0')
		}
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
