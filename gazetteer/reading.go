package gazetteer

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"
	"unicode"
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

// auditedTable is the table of place readings: name or word, syllables with tone numbers, source, use, parts. A row of
// use "whole" is about that very name and says nothing about others that contain it: 六合区 in 南京 is Lùhé, 六合村 in
// 重庆 is not. A row of use "word" reads the same wherever it stands. parts is the spacing as printed, where it is a
// matter of knowing the place (东四/十二/条).
//
//go:embed readings.csv
var auditedTable string

// auditedReading is a row of the table.
type auditedReading struct {
	syllables []string
	parts     []string // nil: by the rules
}

// audit is the table, once by whole name and once by word.
type audit struct{ whole, word map[string]auditedReading }

var audited = sync.OnceValue(func() audit {
	t := audit{whole: map[string]auditedReading{}, word: map[string]auditedReading{}}
	for _, row := range tableRows("readings.csv", auditedTable) {
		name, r := row[0], auditedReading{syllables: strings.Fields(row[1])}
		if n := utf8.RuneCountInString(name); n != len(r.syllables) {
			panic("gazetteer: readings.csv: " + name + " has another number of syllables than of characters")
		}
		if row[4] != "" {
			r.parts = strings.Split(row[4], "/")
		}
		t.whole[name] = r
		if row[3] == "word" {
			t.word[name] = r
		}
		// 东阿县 also settles 东阿 by itself; a single character settles nothing.
		specific, generic := SplitName(name, DivisionCategory)
		if n := utf8.RuneCountInString(specific); generic != "" && n > 1 {
			if _, own := t.whole[specific]; !own {
				t.whole[specific] = auditedReading{syllables: r.syllables[:n]}
			}
		}
	}
	return t
})

// tableRows reads an embedded table without its heading.
func tableRows(name, text string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic("gazetteer: " + name + ": " + err.Error())
	}
	return rows[1:]
}

// longestAudited bounds the words looked up, in characters.
const longestAudited = 12

// readingOf resolves the syllables of a name, one per character, with tone numbers. A letter or a digit stands for itself;
// so does a Chinese character that no table knows, and then the reading is unverified: nothing is dropped.
func readingOf(name string) (syllables []string, status ReadingStatus, candidates []string) {
	chars := []rune(name)
	status = ReadingPhrase
	if whole, ok := audited().whole[name]; ok {
		return slices.Clone(whole.syllables), ReadingAudited, nil
	}
	for i := 0; i < len(chars); {
		if word := longestWord(chars[i:]); word != nil {
			syllables = append(syllables, word...)
			i += len(word)
			continue
		}
		readings := readingsOf(chars[i])
		switch {
		case len(readings) == 0:
			readings = []string{string(chars[i])}
			if unicode.Is(unicode.Han, chars[i]) {
				status = ReadingUnverified
				candidates = append(candidates, string(chars[i])+"：没有读音，须人工填写")
			}
		case len(readings) > 1 && !settled(chars[i]):
			status = ReadingUnverified
			candidates = append(candidates, string(chars[i])+"："+strings.Join(readings, "、"))
		}
		syllables = append(syllables, readings[0])
		i++
	}
	return syllables, status, candidates
}

// longestWord returns the syllables of the longest audited word at the start of chars, nil when there is none.
func longestWord(chars []rune) []string {
	for n := min(len(chars), longestAudited); n >= 2; n-- {
		if word, ok := audited().word[string(chars[:n])]; ok {
			return word.syllables
		}
	}
	return nil
}

// common are the readings of characters that are settled in the generics and numerals of place names, where go-pinyin's
// first reading or another one would mislead. Source: 《现代汉语词典》 usage in place names, from memory.
var common = map[rune]string{
	'行': "hang2", '长': "chang2", '区': "qu1", '县': "xian4", '石': "shi2", '大': "da4", '重': "chong2", '都': "du1",
	'乐': "le4", '和': "he2", '朝': "chao2", '车': "che1", '会': "hui4", '委': "wei3", '居': "ju1", '中': "zhong1",
	'一': "yi1", '七': "qi1", '八': "ba1", '不': "bu4", '场': "chang3", '万': "wan4", '子': "zi3", '家': "jia1", '头': "tou2",
	'坪': "ping2", '坝': "ba4", '藏': "zang4", '曾': "zeng1", '江': "jiang1", '山': "shan1", '水': "shui3", '村': "cun1",
	'乡': "xiang1", '镇': "zhen4", '街': "jie1", '道': "dao4", '社': "she4", '红': "hong2", '龙': "long2", '坡': "po1",
	'佛': "fo2", '茄': "qie2", '框': "kuang4",
}

// alwaysSettled are characters whose reading in Chinese place names is one, whatever a dictionary lists besides.
const alwaysSettled = "区县石大一七八不中万子家头江山水村乡镇街道社红龙坡坪坝委居会车和场"

func settled(r rune) bool { return strings.ContainsRune(alwaysSettled, r) }

// readingsOf returns a character's readings with tone numbers, the one to take first; none for what is no Chinese
// character or has no known reading.
func readingsOf(r rune) []string {
	args := pinyin.NewArgs()
	args.Style, args.Heteronym = pinyin.Tone3, true
	all := pinyin.SinglePinyin(r, args)
	if len(all) == 0 {
		return nil
	}
	readings := make([]string, 0, len(all)+1)
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

// Toneless strips the tone numbers from syllables; the digits of a name itself (1203高地) stay.
func Toneless(syllables []string) []string {
	out := make([]string, len(syllables))
	for i, s := range syllables {
		out[i], _ = splitTone(s)
	}
	return out
}

// splitTone parts a syllable into its letters and its tone, 0 for none.
func splitTone(s string) (letters string, tone int) {
	letters = strings.TrimRight(s, "12345")
	if letters == "" || letters == s {
		return s, 0
	}
	return letters, int(s[len(letters)] - '0')
}
