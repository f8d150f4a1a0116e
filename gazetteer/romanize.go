package gazetteer

import (
	"fmt"
	"regexp"
	"strconv"
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
	Candidates []Candidate   `json:"candidates"` // characters with several readings or none
}

// Toneless is the reading without tones, for search and for homophones.
func (r Romanization) Toneless() string { return strings.Join(Toneless(r.Reading), " ") }

// SortKey is SortKey of the name as it is read.
func (r Romanization) SortKey() string { return SortKey(r.Name, r.Reading) }

// Romanize spells a name of which nothing but the category is known; see RomanizeIn.
func Romanize(name string, c Category) Romanization { return RomanizeIn(name, c, "") }

// RomanizeIn spells a name by the rules for its category: specific and generic apart (rule 1), natural villages solid
// (rule 3), each part with a capital (rule 10), an apostrophe before a, o, e inside a part (rule 11), ordinals of streets
// in Arabic figures (rule 7). Names of autonomous areas and their cities that are written by their own language's
// transliteration (呼和浩特市 Hohhot Shi) are, without tone marks; their Reading stays that of the Chinese characters.
//
// division is the code of the division it lies in or is, as many leading digits as are known, "" when none is: 十里堡 is
// Shílǐpù in 北京, elsewhere nobody has said so.
func RomanizeIn(name string, c Category, division string) Romanization {
	return lexiconOf().romanize(strings.TrimSpace(name), c, division)
}

// RomanizeAs spells a name by a reading that was approved for it: a syllable per character, as ParseReading gives them.
func RomanizeAs(name string, c Category, reading []string) Romanization {
	r := resolved{syllables: reading, status: ReadingApproved}
	for i, char := range []rune(name) {
		r.addCandidate(i, char, reading[i], true)
	}
	if row, ok := lexiconOf().names[name]; ok {
		r.parts = row.parts
	}
	return r.romanize(name, c)
}

func (l lexicon) romanize(name string, c Category, division string) Romanization {
	return l.read(name, c, division).romanize(name, c)
}

func (r resolved) romanize(name string, c Category) Romanization {
	out := Romanization{Name: name, Reading: r.syllables, Status: r.status, Candidates: r.candidates}
	if out.Candidates == nil {
		out.Candidates = []Candidate{}
	}
	if spelling, ok := transliterated(name, c, r.syllables); ok {
		out.Spelling, out.Plain = spelling, spelling
		if out.Status != ReadingApproved {
			out.Status = ReadingAudited
		}
		return out
	}
	var marked, plain []string
	at := 0
	for _, part := range spellingParts(name, c, r.parts) {
		n := utf8.RuneCountInString(part)
		m, p := spellPart(part, r.syllables[at:at+n], c)
		marked, plain = append(marked, m), append(plain, p)
		at += n
	}
	out.Spelling, out.Plain = strings.Join(marked, " "), strings.Join(plain, " ")
	return out
}

// SortKey orders names as a printed gazetteer does, bytewise: character by character its letters, then its tone, then its
// strokes, then the character (GB/T 13418 as it is used for lists by sound, from memory). So 长春 stands under chang, and
// ü after u. A name that begins another stands before it.
func SortKey(name string, reading []string) string {
	var key strings.Builder
	for i, char := range []rune(name) {
		letters, tone := string(char), 0
		if i < len(reading) {
			letters, tone = splitTone(reading[i])
		}
		letters = strings.ReplaceAll(strings.ToLower(letters), "v", "u:")
		fmt.Fprintf(&key, "%s%d%02d%c", letters, tone, Strokes(char), char)
	}
	return key.String()
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

// numbered writes a syllable with its tone as a number: cháng, chang2 and Chang2 are chang2, lǜ and lü4 lv4. It reports
// false for what is no syllable with one tone; the light tone is 5 or no mark at all.
func numbered(s string) (string, bool) {
	s = strings.NewReplacer("u:", "v", "ü", "v").Replace(strings.ToLower(s))
	letters, tone := splitTone(s)
	var plain strings.Builder
	for _, r := range letters {
		for vowel, four := range marks {
			if i := strings.IndexRune(four, r); i >= 0 {
				if tone != 0 {
					return "", false
				}
				r, tone = vowel, utf8.RuneCountInString(four[:i])+1
				break
			}
		}
		if r == 'ü' {
			r = 'v'
		}
		if r < 'a' || r > 'z' {
			return "", false
		}
		plain.WriteRune(r)
	}
	if plain.String() == "r" {
		return "r", tone == 0
	}
	if tone == 0 {
		tone = 5
	}
	return plain.String() + strconv.Itoa(tone), syllable.MatchString(plain.String())
}

// syllable is the shape of one: an initial and a final, or the r of 儿化.
var syllable = regexp.MustCompile(`^((zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(a|o|e|i|u|v|ai|ei|ao|ou|ia|ie|iao|iu|ian|in|iang|ing|iong|ua|uo|uai|ui|uan|un|uang|ue|ve|an|en|ang|eng|ong|er)|m|n|ng)$`)
