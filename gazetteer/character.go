package gazetteer

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"fangyu/internal/fault"
)

//go:generate go run ./internal/tables

// charactersTable are the characters of 《通用规范汉字表》 in its order with their readings.
//
//go:embed characters.gen.tsv
var charactersTable string

// formsTable are traditional and variant forms outside the table with the standard forms they stand for.
//
//go:embed forms.gen.tsv
var formsTable string

// strokesTable are the numbers of strokes of every character that Unihan knows.
//
//go:embed strokes.gen.txt
var strokesTable string

// The last number of each level of the table; level 3 is there for surnames, place names and science.
const (
	lastOfLevel1 = 3500
	lastOfLevel2 = 6500
)

// standardCharacter is a character of the table.
type standardCharacter struct {
	number   int
	readings []string
}

var standardCharacters = sync.OnceValue(func() map[rune]standardCharacter {
	table := make(map[rune]standardCharacter, 8105)
	for number, cols := range generatedRows(charactersTable) {
		char, _ := utf8.DecodeRuneInString(cols[0])
		table[char] = standardCharacter{number + 1, strings.Fields(cols[1])}
	}
	return table
})

// standardForm is what a character outside the table stands for.
type standardForm struct {
	characters  string // the first is the likeliest
	traditional bool   // else a variant
}

var standardForms = sync.OnceValue(func() map[rune]standardForm {
	table := map[rune]standardForm{}
	for _, cols := range generatedRows(formsTable) {
		char, _ := utf8.DecodeRuneInString(cols[0])
		table[char] = standardForm{cols[1], cols[2] == "t"}
	}
	return table
})

// generatedRows reads a generated table below the line that says what made it.
func generatedRows(text string) [][]string {
	_, text, _ = strings.Cut(text, "\n")
	var rows [][]string
	for line := range strings.Lines(text) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}

func standardReadings(char rune) []string { return standardCharacters()[char].readings }

// CharacterLevel returns the level of a character in 《通用规范汉字表》 (2013): 1, 2 or 3, and 0 for one that is not in it.
func CharacterLevel(char rune) int {
	switch n := standardCharacters()[char].number; {
	case n == 0:
		return 0
	case n <= lastOfLevel1:
		return 1
	case n <= lastOfLevel2:
		return 2
	}
	return 3
}

// StandardForm returns the standard character that a traditional or variant form stands for, and false for a character
// that is standard itself or stands for none. Where it may stand for several it is the likeliest.
func StandardForm(char rune) (rune, bool) {
	form, ok := standardForms()[char]
	if !ok {
		return 0, false
	}
	r, _ := utf8.DecodeRuneInString(form.characters)
	return r, true
}

// manyStrokes is the number for characters of which none is known.
const manyStrokes = 99

// strokeRun is an unbroken run of characters: '0' and the number of strokes, a byte for each.
type strokeRun struct {
	first rune
	bytes string
}

var strokeRuns = sync.OnceValue(func() []strokeRun {
	var runs []strokeRun
	for _, cols := range generatedRows(strokesTable) {
		code, bytes, _ := strings.Cut(cols[0], " ")
		first, err := strconv.ParseUint(code, 16, 32)
		if err != nil {
			panic("gazetteer: strokes.gen.txt: " + err.Error())
		}
		runs = append(runs, strokeRun{rune(first), bytes})
	}
	return runs
})

// Strokes returns the number of strokes of a character, 99 when it is not known; more than 74 are given as 74.
func Strokes(char rune) int {
	for _, run := range strokeRuns() {
		if i := int(char - run.first); i >= 0 && i < len(run.bytes) {
			return int(run.bytes[i] - '0')
		}
	}
	return manyStrokes
}

// described finds what may stand in for a character which a font or an encoding lacked: two to four characters in brackets
// of any shape and width, or an ideographic description outside brackets.
var described = regexp.MustCompile(`[（(〔\[［【]([⿰-⿻\p{Han}⺀-⻳+＋]{2,5})[）)〕\]］】]|[⿰-⿻][⿰-⿻\p{Han}⺀-⻳]{2,}`)

// describing tells such a description from a remark like （东段）: an operator, a plus, a side for each part, or a component
// that is no character by itself.
var describing = regexp.MustCompile(`[⿰-⿻+＋⺀-⻳]|左.右|上.下|外.内|[氵亻扌艹讠钅纟犭礻衤饣忄刂阝宀冖廴辶疒冫卩灬攵彳虍罒覀丬彡屮勹匚囗夂尢彐廾糹釒飠訁]`)

// CheckCharacters finds what is amiss with the characters of a name, all at once and in order of place: descriptions that
// stand in for a character (Review), traditional and variant forms with the standard form suggested (Block), characters
// outside 《通用规范汉字表》 (Review), those of its third level (Warning), and what cannot be read at all (Block).
// Letters and digits are no matter of characters.
func CheckCharacters(name string) []fault.Finding {
	var found []fault.Finding
	add := func(code string, severity fault.Severity, format string, args ...any) {
		found = append(found, fault.Finding{
			Code: code, Severity: severity, Pointer: "/name", Detail: "“" + shortened(name) + "”" + fmt.Sprintf(format, args...),
			Clause: "《地名管理条例》第九条第一款第（三）项",
		})
	}
	rest := name
	for _, d := range Descriptions(name) {
		rest = strings.Replace(rest, d, "", 1)
		add("described-character", fault.Review, "里的%s是对一个字的描述，不是字：请查明并改用该字（可在扩展区字符中查找）", d)
	}
	seen := map[rune]bool{}
	for _, r := range rest {
		if seen[r] {
			continue
		}
		seen[r] = true
		form, other := standardForms()[r]
		switch {
		case r == unicode.ReplacementChar || unicode.Is(unicode.Co, r):
			add("unreadable-character", fault.Block, "里有读不出的字符 U+%04X：文件的编码不对，或用了自造字", r)
		case !unicode.Is(unicode.Han, r):
		case CharacterLevel(r) == 3:
			add("rare-character", fault.Warning, "里的“%c”是《通用规范汉字表》三级字：请核对是否当地沿用的字", r)
		case CharacterLevel(r) > 0:
		case other && form.traditional:
			add("traditional-form", fault.Block, "里的“%c”是繁体字：规范字为“%s”", r, alternatives(form.characters))
		case other:
			add("variant-form", fault.Block, "里的“%c”是异体字：规范字为“%s”", r, alternatives(form.characters))
		default:
			add("non-standard-character", fault.Review, "里的“%c”（U+%04X）不在《通用规范汉字表》内：沿用的旧名请注明依据，新名不应使用", r, r)
		}
	}
	return found
}

// CheckCharactersInUse is CheckCharacters of a name that is in use: it is not refused for how it is written, so nothing weighs more
// than Review, and what would be a Warning is Info.
func CheckCharactersInUse(name string) []fault.Finding {
	found := CheckCharacters(name)
	for i := range found {
		switch found[i].Severity {
		case fault.Block:
			found[i].Severity = fault.Review
		case fault.Warning:
			found[i].Severity = fault.Info
		}
	}
	return found
}

// alternatives parts the characters of a word.
func alternatives(s string) string { return strings.Join(strings.Split(s, ""), "”或“") }

// Descriptions returns the pieces of a name that describe a character instead of being one, in order of place:
// （氵甸）, (土+龙), 〔⿰氵甸〕, ⿰氵甸, （左氵右甸）. A remark in brackets, 新华路（东段）, is none.
func Descriptions(name string) []string {
	var all []string
	for _, d := range described.FindAllString(name, -1) {
		if describing.MatchString(d) {
			all = append(all, d)
		}
	}
	return all
}
