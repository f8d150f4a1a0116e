package gazetteer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// Rung is a step of the ladder a search climbs; every hit says by which one it was found.
type Rung string

// The rungs. Route puts them in order; one that finds by sound or forgives a slip comes after them.
const (
	ByCode         Rung = "code"          // the division code
	ByExact        Rung = "exact"         // the whole name
	ByPrefix       Rung = "prefix"        // its beginning
	ByInside       Rung = "inside"        // any part of it
	ByPinyin       Rung = "pinyin"        // its whole toneless pinyin
	ByPinyinPrefix Rung = "pinyin-prefix" // the beginning of that
	ByInitials     Rung = "initials"      // the beginning of its initials
)

// Rungs lists every rung once.
var Rungs = []Rung{ByCode, ByExact, ByPrefix, ByInside, ByPinyin, ByPinyinPrefix, ByInitials}

// Fold brings a name, or what was typed for one, into the form both are compared in: compatibility forms and widths made
// one (NFKC), traditional and variant characters as their standard ones, small letters, no blanks and nothing that is not
// seen.
func Fold(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsGraphic(r) {
			return -1
		}
		if standard, ok := StandardForm(r); ok {
			return standard
		}
		return r
	}, s)
}

// typedLetters are the signs that pinyin is typed with and not kept with, and ü, which is kept as v.
var typedLetters = strings.NewReplacer("'", "", "’", "", "-", "", "ü", "v", " ", "")

// FoldPinyin brings toneless pinyin into the form it is kept in: solid, small letters and figures, ü as v; what else a name is
// written with (翠微路21号院（南区）) nobody types in pinyin.
func FoldPinyin(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, typedLetters.Replace(Fold(s)))
}

// Search is what is searched for. Of the filters, each left empty takes everything.
type Search struct {
	Text     string
	Limit    int
	Division uuid.UUID // what lies in it, and the division itself
	Category Category
	Level    Level // divisions and the seats of committees of this level
	Current  bool  // former names are left out
}

// SearchForm is a name as searches see it. Rank is its importance, known when it is written; higher comes first, and of two
// alike the one whose name was recorded first.
type SearchForm struct {
	Text     string // folded
	Pinyin   string // toneless and solid
	Initials string // the first letter of each syllable
	Rank     int
}

// NewSearchForm makes the form of a name. toneless are its syllables separated by blanks, kind the kind of name (standard,
// former …), level that of the division the place stands for, empty when it stands for none.
func NewSearchForm(name, toneless, kind string, c Category, level Level) SearchForm {
	f := SearchForm{Text: Fold(name), Pinyin: FoldPinyin(toneless), Rank: searchRank(name, kind, c, level)}
	for _, syllable := range strings.Fields(toneless) {
		for _, first := range FoldPinyin(syllable) {
			f.Initials += string(first)
			break
		}
	}
	return f
}

// importance orders places by what they are, most important first: divisions by level, the seats of committees, then what
// is large and stays before what is small and built. Each has a span of ranks of its own (RankSpan).
var importance = []struct {
	category Category
	level    Level
}{
	{DivisionCategory, Province},
	{DivisionCategory, Prefecture},
	{DivisionCategory, County},
	{DivisionCategory, Township},
	{DivisionCategory, ""},
	{VillageCommittee, Village},
	{VillageCommittee, ""},
	{Natural, ""},
	{Park, ""},
	{Facility, ""},
	{NaturalVillage, ""},
	{Street, ""},
	{ResidentialBuilding, ""},
	{OtherCategory, ""},
}

// rankStep is the span of ranks of one importance; within it standard names come first, then other names in use, then
// former ones, and shorter names before longer ones.
const rankStep = 1000

var kindRank = map[string]int{"standard": 900, "short": 600, "alternative": 600, "former": 100, "rejected": 100}

const (
	otherKindRank = 400
	longestRanked = 99
)

func searchRank(name, kind string, c Category, level Level) int {
	within, ok := kindRank[kind]
	if !ok {
		within = otherKindRank
	}
	return (len(importance)-importanceOf(c, level))*rankStep + within - min(utf8.RuneCountInString(name), longestRanked)
}

func importanceOf(c Category, level Level) int {
	for i, of := range importance {
		if of.category == c && (of.level == level || of.level == "") {
			return i
		}
	}
	return len(importance) - 1
}

// RankSpan returns the ranks, from least to most, of the places of a category and a level, each empty for all. Nothing has
// a rank where no place of the category has the level: least is then above most.
func RankSpan(c Category, level Level) (least, most int) {
	least = (len(importance) + 1) * rankStep
	for i, of := range importance {
		if (c == "" || of.category == c) && (level == "" || of.level == level) {
			least = (len(importance) - i) * rankStep
			most = max(most, least+rankStep-1)
		}
	}
	return least, most
}

// Grams returns the single characters and the pairs of neighbours in a text, each once: by character, also where one takes
// more than two bytes of UTF-16.
func Grams(text string) []string {
	chars := []rune(text)
	seen := make(map[string]bool, 2*len(chars))
	grams := make([]string, 0, 2*len(chars))
	for n := 1; n <= LongestGram; n++ {
		for i := 0; i+n <= len(chars); i++ {
			if g := string(chars[i : i+n]); !seen[g] {
				seen[g] = true
				grams = append(grams, g)
			}
		}
	}
	return grams
}

// LongestGram is the length in characters of the longest pieces of a name that Grams gives.
const LongestGram = 2

// SearchStep is one rung to climb for a query.
type SearchStep struct {
	Rung Rung
	Key  string // what to look for: folded text, pinyin, initials or a code
	Head string // characters that the name must begin with besides, for 渝bei
}

// Finds reports whether the step finds the form. It is what an index must answer; nothing decides by it.
func (s SearchStep) Finds(f SearchForm) bool {
	if !strings.HasPrefix(f.Text, s.Head) {
		return false
	}
	switch s.Rung {
	case ByExact:
		return f.Text == s.Key
	case ByPrefix:
		return strings.HasPrefix(f.Text, s.Key)
	case ByInside:
		return strings.Contains(f.Text, s.Key)
	case ByPinyin:
		return f.Pinyin == s.Key
	case ByPinyinPrefix:
		return strings.HasPrefix(f.Pinyin, s.Key)
	case ByInitials:
		return strings.HasPrefix(f.Initials, s.Key)
	}
	return false
}

// Mark returns which characters of a name the step found, from the first to before the last; toneless are its syllables.
func (s SearchStep) Mark(name, toneless string) (from, to int) {
	all := utf8.RuneCountInString(name)
	switch s.Rung {
	case ByExact, ByPrefix, ByInside:
		text := Fold(name)
		at := strings.Index(text, s.Key)
		if at < 0 || utf8.RuneCountInString(text) != all {
			return 0, 0
		}
		from = utf8.RuneCountInString(text[:at])
		return from, from + utf8.RuneCountInString(s.Key)
	case ByPinyin:
		return 0, all
	case ByInitials:
		return 0, min(utf8.RuneCountInString(s.Key), all)
	case ByPinyinPrefix:
		rest, n := len(s.Key), 0
		for _, syllable := range strings.Fields(toneless) {
			if rest <= 0 {
				break
			}
			rest -= len(FoldPinyin(syllable))
			n++
		}
		return 0, min(n, all)
	}
	return 0, 0
}

// Route says which rungs a query climbs, in order. Digits are a code first; letters alone are pinyin, then initials;
// Chinese characters are the name; characters before letters (渝bei) are both. Letters among figures and signs (m5, cuiweilu21)
// are the name first, then pinyin. A query of nothing has no rung.
func Route(query string) []SearchStep {
	text := Fold(query)
	if text == "" {
		return nil
	}
	asName := []SearchStep{{Rung: ByExact, Key: text}, {Rung: ByPrefix, Key: text}, {Rung: ByInside, Key: text}}
	head, tail := cutLetters(text)
	switch {
	case isCode(text):
		return slices.Insert(asName, 0, SearchStep{Rung: ByCode, Key: paddedCode(text)})
	case tail == "" && strings.ContainsFunc(text, isPinyin) && !strings.ContainsFunc(text, isCharacter):
		return append(asName, asPinyin(FoldPinyin(text))...)
	case tail == "":
		return asName
	case head == "":
		return append(asPinyin(tail), asName...)
	}
	return append(asName, SearchStep{Rung: ByPinyinPrefix, Key: FoldPinyin(Romanize(head, OtherCategory).Toneless()) + tail, Head: head})
}

func asPinyin(key string) []SearchStep {
	if key == "" {
		return nil
	}
	return []SearchStep{{Rung: ByPinyin, Key: key}, {Rung: ByPinyinPrefix, Key: key}, {Rung: ByInitials, Key: key}}
}

func isCharacter(r rune) bool { return unicode.Is(unicode.Han, r) }

// cutLetters parts a folded query into Chinese characters and the pinyin typed after them. Neither has what is no letter;
// a query that is mixed otherwise (3号路, m5公园) is all head.
func cutLetters(text string) (head, tail string) {
	at := strings.IndexFunc(text, isPinyin)
	if at < 0 || strings.ContainsFunc(text[at:], func(r rune) bool { return !isPinyin(r) }) {
		return text, ""
	}
	if tail = typedLetters.Replace(text[at:]); tail == "" {
		return text, ""
	}
	return text[:at], tail
}

func isPinyin(r rune) bool { return r >= 'a' && r <= 'z' || strings.ContainsRune("ü'’-", r) }

// isCode reports whether a query may be a division code: as many digits as a level of one has.
func isCode(text string) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	return slices.Contains([]int{2, 4, 6, 9, 12}, len(text))
}

// paddedCode is a code as it is kept: that of a county and above has six digits.
func paddedCode(digits string) string {
	if len(digits) < 6 {
		return digits + strings.Repeat("0", 6-len(digits))
	}
	code, _ := Canonical(DivisionCode(digits), LevelOf(DivisionCode(digits)))
	return string(code)
}
