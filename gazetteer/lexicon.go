package gazetteer

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

// lexicon is what readings are resolved from. It has the words of place names, not those of a dictionary at large: of the
// 19,488 phrases of phrase-pinyin-data that contain an open character, taken in besides, five names more of the sample in
// TestReadingsLeaveOneOut were answered, and three wrong with confidence (水磨沟 mó, 浪卡子 qiǎ; measured 2026-11-28).
type lexicon struct {
	names map[string]auditedReading // of that very name
	words map[string]auditedReading // of that word wherever it stands
	usual map[rune]usualReading     // of a character in place names
}

// auditedReading is a row of the table of place readings.
type auditedReading struct {
	syllables []string
	parts     []string // the spacing as printed (东四/十二/条), nil: by the rules
	division  string   // leading digits of the code of the division it holds in, "" for anywhere
	category  Category // "" for any
}

// usualReading is how a character reads in place names where the dictionary leaves a choice, or where place names leave
// one and the dictionary none.
type usualReading struct {
	reading  string
	doubtful bool     // the most frequent one, which settles nothing
	only     [][]rune // surroundings that it is settled in, nil for any
	unless   [][]rune // surroundings that it is not settled in
	also     []string // readings that the dictionary does not list
}

// The table of place readings: name, syllables with tone numbers, source, use, division, category, parts. A row of use
// "whole" is about that very name and says nothing about others that contain it: 六合区 in 南京 is Lùhé, 六合村 in 重庆 is
// not. A row of use "word" reads the same wherever it stands, or wherever it stands in its division.
//
//go:embed readings.csv
var readingTable string

// The table of usual readings: character, reading, only, unless, also. "-" in only is never: the reading is the most
// frequent one and a person decides. ^ is the beginning of a name, $ the end of its specific. It is the editors' judgement
// (《现代汉语词典》 and the use in place names, from memory); TestReadingsLeaveOneOut holds it against 2,868 names.
//
//go:embed usual.csv
var usualTable string

// lexiconOf is the lexicon as embedded.
var lexiconOf = sync.OnceValue(func() lexicon {
	l := lexicon{map[string]auditedReading{}, map[string]auditedReading{}, map[rune]usualReading{}}
	for _, row := range tableRows("readings.csv", readingTable) {
		l.addAudited(row[0], row[3], auditedReading{strings.Fields(row[1]), splitParts(row[6]), row[4], Category(row[5])})
	}
	for _, row := range tableRows("usual.csv", usualTable) {
		char, _ := utf8.DecodeRuneInString(row[0])
		u := usualReading{reading: row[1], doubtful: row[2] == "-", unless: runes(row[3]), also: strings.Fields(row[4])}
		if !u.doubtful {
			u.only = runes(row[2])
		}
		l.usual[char] = u
	}
	return l
})

func (l lexicon) addAudited(name, use string, r auditedReading) {
	if n := utf8.RuneCountInString(name); n != len(r.syllables) {
		panic("gazetteer: readings.csv: " + name + " has another number of syllables than of characters")
	}
	l.names[name] = r
	if use == "word" {
		l.words[name] = r
	}
	// 东阿县 also settles the division called 东阿 for short, and 东阿 within it; a single character settles nothing.
	specific, generic := SplitName(name, DivisionCategory)
	if n := utf8.RuneCountInString(specific); generic != "" && n > 1 {
		short := auditedReading{syllables: r.syllables[:n], division: r.division, category: DivisionCategory}
		if _, own := l.names[specific]; !own {
			l.names[specific] = short
		}
		if _, own := l.words[specific]; !own && r.division != "" {
			l.words[specific] = short
		}
	}
}

// nameRow returns what is recorded of a name, and whether it holds here: nil when there is nothing. Names of divisions are
// one of a kind, those of other places hold in their division.
func (l lexicon) nameRow(name string, c Category, division string) (*auditedReading, bool) {
	row, ok := l.names[name]
	if !ok || row.category != "" && row.category != c && division == "" {
		return nil, false
	}
	if c == DivisionCategory && row.category == c {
		return &row, true
	}
	if division != "" && !within(division, row.division) {
		return nil, false
	}
	return &row, within(division, row.division)
}

// within reports whether a division is the other or lies in it, by their codes.
func within(division, other string) bool { return strings.HasPrefix(division, other) }

// longestAudited bounds the words looked up, in characters.
const longestAudited = 12

// longestWord returns the syllables of the longest word at the start of chars that reads the same everywhere in the
// division, nil when there is none.
func (l lexicon) longestWord(chars []rune, division string) []string {
	for n := min(len(chars), longestAudited); n >= 2; n-- {
		if word, ok := l.words[string(chars[:n])]; ok && within(division, word.division) {
			return word.syllables
		}
	}
	return nil
}

// readingsOf returns a character's readings with tone numbers, the one to take first: those of the dictionary of the
// standard (kTGHZ2013), for a character outside it those of go-pinyin; then those that place names add. None for what is
// no Chinese character or has no known reading.
func readingsOf(char rune) []string {
	all := slices.Clone(standardReadings(char))
	if all == nil {
		all = knownReadings(char)
	}
	u, ok := lexiconOf().usual[char]
	if !ok {
		return all
	}
	first := []string{u.reading}
	for _, s := range append(all, u.also...) {
		if !slices.Contains(first, s) {
			first = append(first, s)
		}
	}
	return first
}

// knownReadings are all that go-pinyin lists, rare and old ones too.
func knownReadings(char rune) []string {
	args := pinyin.NewArgs()
	args.Style, args.Heteronym = pinyin.Tone3, true
	all := pinyin.SinglePinyin(char, args)
	for i, s := range all {
		if _, tone := splitTone(s); tone == 0 {
			all[i] = s + "5"
		}
	}
	return all
}

func knownReading(char rune, syllable string) bool {
	return slices.Contains(knownReadings(char), syllable)
}

// tableRows reads an embedded table without its heading.
func tableRows(name, text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic("gazetteer: " + name + ": " + err.Error())
	}
	return rows[1:]
}

func splitParts(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "/")
}

func runes(words string) (all [][]rune) {
	for _, w := range strings.Fields(words) {
		all = append(all, []rune(w))
	}
	return all
}
