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

// ReadingStatus says how far a reading can be trusted, best first.
type ReadingStatus string

// The statuses. A romanization has the worst of its parts.
const (
	ReadingApproved   ReadingStatus = "approved"   // by a named role for this place
	ReadingAudited    ReadingStatus = "audited"    // from the table of place readings, with its source
	ReadingPhrase     ReadingStatus = "phrase"     // every character has one reading, or the phrase settles it
	ReadingUnverified ReadingStatus = "unverified" // a character with several readings took its most common one
)

// auditedTable is the table of place readings: name or word, syllables with tone numbers, source.
//
//go:embed readings.csv
var auditedTable string

// audited maps a name or word of the table to its syllables.
var audited = sync.OnceValue(func() map[string][]string {
	rows, err := csv.NewReader(strings.NewReader(auditedTable)).ReadAll()
	if err != nil {
		panic("gazetteer: readings.csv: " + err.Error())
	}
	table := map[string][]string{}
	add := func(word string, syllables []string) {
		if utf8.RuneCountInString(word) == len(syllables) {
			table[word] = syllables
		}
	}
	for _, row := range rows[1:] {
		name, syllables := row[0], strings.Fields(row[1])
		add(name, syllables)
		// 东阿县 also settles 东阿 in 东阿镇; a single character settles nothing.
		specific, generic := SplitName(name, DivisionCategory)
		if generic != "" && utf8.RuneCountInString(specific) > 1 {
			n := utf8.RuneCountInString(specific)
			if _, own := table[specific]; !own {
				add(specific, syllables[:n])
			}
		}
	}
	return table
})

// longestAudited bounds the words looked up, in characters.
const longestAudited = 12

// readingOf resolves the syllables of a name, one per character, with tone numbers; a character that has no reading
// (a letter, a digit, a rare character) stands for itself.
func readingOf(name string) (syllables []string, status ReadingStatus, candidates []string) {
	chars := []rune(name)
	status = ReadingPhrase
	if whole, ok := audited()[name]; ok {
		return slices.Clone(whole), ReadingAudited, nil
	}
	for i := 0; i < len(chars); {
		if n, word := longestWord(chars[i:]); n > 0 {
			syllables = append(syllables, word...)
			i += n
			continue
		}
		readings := readingsOf(chars[i])
		syllables = append(syllables, readings[0])
		if len(readings) > 1 && !settled(chars, i) {
			status = ReadingUnverified
			candidates = append(candidates, string(chars[i])+"："+strings.Join(readings, "、"))
		}
		i++
	}
	return syllables, status, candidates
}

// longestWord returns the audited word at the start of chars, of two characters at least.
func longestWord(chars []rune) (int, []string) {
	for n := min(len(chars), longestAudited); n >= 2; n-- {
		if word, ok := audited()[string(chars[:n])]; ok {
			return n, word
		}
	}
	return 0, nil
}

// common are the readings of characters that are settled in the generics and numerals of place names, where go-pinyin's
// first reading or another one would mislead. Source: 《现代汉语词典》 usage in place names, from memory.
var common = map[rune]string{
	'行': "hang2", '长': "chang2", '区': "qu1", '县': "xian4", '石': "shi2", '大': "da4", '重': "chong2", '都': "du1",
	'乐': "le4", '和': "he2", '朝': "chao2", '车': "che1", '会': "hui4", '委': "wei3", '居': "ju1", '中': "zhong1",
	'一': "yi1", '七': "qi1", '八': "ba1", '不': "bu4", '场': "chang3", '万': "wan4", '子': "zi3", '家': "jia1", '头': "tou2",
	'坪': "ping2", '坝': "ba4", '藏': "zang4", '曾': "zeng1", '江': "jiang1", '山': "shan1", '水': "shui3", '村': "cun1",
	'乡': "xiang1", '镇': "zhen4", '街': "jie1", '道': "dao4", '社': "she4", '红': "hong2", '龙': "long2", '坡': "po1",
}

// alwaysSettled are characters whose reading in Chinese place names is one, whatever a dictionary lists besides.
const alwaysSettled = "区县石大一七八不中万子家头江山水村乡镇街道社红龙坡坪坝委居会车和场"

func settled(chars []rune, i int) bool { return strings.ContainsRune(alwaysSettled, chars[i]) }

// readingsOf returns a character's readings with tone numbers, the one to take first; a character without any stands
// for itself, so that nothing is dropped.
func readingsOf(r rune) []string {
	args := pinyin.NewArgs()
	args.Style, args.Heteronym = pinyin.Tone3, true
	all := pinyin.SinglePinyin(r, args)
	if len(all) == 0 {
		return []string{string(r)}
	}
	readings := make([]string, 0, len(all))
	if first, ok := common[r]; ok {
		readings = append(readings, first)
	}
	for _, s := range all {
		if !slices.Contains(readings, s) {
			readings = append(readings, s)
		}
	}
	return readings
}

// Toneless strips the tone numbers from syllables.
func Toneless(syllables []string) []string {
	out := make([]string, len(syllables))
	for i, s := range syllables {
		out[i] = strings.TrimRight(s, "12345")
	}
	return out
}
