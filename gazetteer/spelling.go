package gazetteer

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// peoples are the ethnic groups in the names of autonomous areas; each is a part of its own.
var peoples = []string{
	"土家族", "苗族", "布依族", "侗族", "彝族", "藏族", "羌族", "回族", "壮族", "瑶族", "仡佬族", "白族", "傣族", "哈尼族", "蒙古族", "满族", "维吾尔", "朝鲜族",
	"哈萨克族", "哈萨克", "塔吉克", "柯尔克孜", "锡伯", "景颇族", "傈僳族", "拉祜族", "佤族", "怒族", "独龙族", "纳西族", "普米族", "布朗族", "水族", "黎族", "毛南族", "仫佬族", "畲族",
	"土族", "撒拉族", "东乡族", "保安族", "裕固族", "达斡尔族", "鄂温克族", "鄂伦春",
}

// transliterations is the table of names spelled from a minority language: specific, spelling, source.
//
//go:embed transliterations.csv
var transliterations string

var transliterationOf = sync.OnceValue(func() map[string]string {
	table := map[string]string{}
	for _, row := range tableRows("transliterations.csv", transliterations) {
		table[row[0]] = row[1]
	}
	return table
})

// transliterated spells a division whose specific is written by its own language, the generic plain after it.
func transliterated(name string, c Category, reading []string) (string, bool) {
	if c != DivisionCategory {
		return "", false
	}
	specific, generic := SplitName(name, c)
	own, ok := transliterationOf()[specific]
	if !ok || generic == "" {
		return own, ok
	}
	_, plain := spell(reading[utf8.RuneCountInString(specific):])
	return own + " " + plain, true
}

// spellingParts cuts a name into the parts written apart; printed is the spacing as printed, nil where none is known.
func spellingParts(name string, c Category, printed []string) []string {
	if printed != nil && c != NaturalVillage {
		return printed
	}
	specific, generic := SplitName(name, c)
	if generic == "" || c == NaturalVillage {
		return []string{name}
	}
	switch c {
	case Street:
		specific, generic = joinModifiers(specific, generic)
		if head, number := cutOrdinal(specific); number != "" {
			return append(nonEmpty(head), number, generic)
		}
	case Natural:
		if head, run := cutModifiers(specific); utf8.RuneCountInString(head) > 1 && utf8.RuneCountInString(generic) == 1 {
			specific, generic = head, run+generic
		}
	case Facility:
		return append(cutRiver(specific), generic)
	}
	return append(cutPeoples(specific), generic)
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// modifiers are the single syllables that join the word after them (rule 2).
const modifiers = "东西南北中前后左右上下大小新老正"

// cutModifiers cuts the run of modifiers off the end.
func cutModifiers(s string) (head, run string) {
	head = strings.TrimRight(s, modifiers)
	return head, s[len(head):]
}

// joinModifiers moves the modifiers before the generic of a street to the word they modify (rule 2): 景山后街 is
// 景山/后街, 修文西小巷 is 修文/西小巷. Where nothing else is left the first one is the specific: 小南街 is 小/南街. A single
// syllable before a modifier makes a word with it: 江北路 is 江北/路.
func joinModifiers(specific, generic string) (string, string) {
	head, run := cutModifiers(specific)
	switch {
	case run == "":
		return specific, generic
	case head == "":
		_, first := utf8.DecodeRuneInString(run)
		return run[:first], run[first:] + generic
	case utf8.RuneCountInString(head) == 1:
		return specific, generic
	}
	return head, run + generic
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

// rivers are the rivers that bridges and tunnels carry in their names as a word of its own: 武汉/长江/大桥.
var rivers = []string{"嘉陵江", "长江", "黄河", "乌江", "汉江", "湘江", "赣江", "珠江", "钱塘江", "松花江", "闽江"}

func cutRiver(specific string) []string {
	for _, river := range rivers {
		if head, ok := strings.CutSuffix(specific, river); ok && head != "" {
			return []string{head, river}
		}
	}
	return []string{specific}
}

// notOrdinal are words that end in a numeral without counting.
var notOrdinal = []string{"统一", "归一", "合一", "唯一", "专一", "守一", "太一", "天一", "万一", "双十"}

const numerals = "一二三四五六七八九十百"

// cutOrdinal cuts an ordinal off the end of a street's specific (rule 7): 中山四 is 中山/四, 第九 is 第九 alone. Digits in a
// row that make no number are a word (rule 6): 三八, 五一.
func cutOrdinal(specific string) (head, number string) {
	for _, w := range notOrdinal {
		if strings.HasSuffix(specific, w) {
			return specific, ""
		}
	}
	head = strings.TrimRight(specific, numerals)
	number = specific[len(head):]
	if arabic(number) == 0 {
		return specific, ""
	}
	if own, ok := strings.CutSuffix(head, "第"); ok {
		return own, "第" + number
	}
	return head, number
}

// arabic reads a Chinese numeral from 1 to 999, 0 for what is none.
func arabic(s string) int {
	n, digit, last := 0, 0, 1000
	for _, r := range s {
		unit := map[rune]int{'十': 10, '百': 100}[r]
		if unit == 0 {
			if digit != 0 {
				return 0
			}
			digit = strings.IndexRune(numerals, r)/len("一") + 1
			continue
		}
		if unit >= last || digit == 0 && (unit != 10 || n != 0) {
			return 0
		}
		n, digit, last = n+max(digit, 1)*unit, 0, unit
	}
	return n + digit
}

// spellPart spells one part; an ordinal of a street is written in Arabic figures, 第九 as Dì-9.
func spellPart(part string, syllables []string, c Category) (marked, plain string) {
	if c == Street && len(syllables) > 0 {
		if own, ok := strings.CutPrefix(part, "第"); ok && arabic(own) > 0 {
			m, p := spell(syllables[:1])
			n := "-" + strconv.Itoa(arabic(own))
			return m + n, p + n
		}
		if n := arabic(part); n > 0 && strings.Trim(part, numerals) == "" {
			return strconv.Itoa(n), strconv.Itoa(n)
		}
	}
	return spell(syllables)
}
