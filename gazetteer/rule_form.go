package gazetteer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fangyu/internal/fault"
)

// parts finds a name without a specific or a generic, or one that is too short or too long.
func (c *nameCheck) parts(r Rule) {
	p, n, specific := r.Params, utf8.RuneCountInString(c.Name), utf8.RuneCountInString(c.specific)
	bounded := p.Least+p.Most+p.SpecificLeast+p.SpecificMost > 0
	switch {
	case !bounded && IsGeneric(c.Name, c.Category):
		c.find(r, "specific-missing", c.Name, fmt.Sprintf("“%s”只有通名，没有专名", c.Name), "在通名前加上专名")
	case !bounded && c.generic == "" && len(generics[c.Category]) > 0:
		c.find(r, "generic-missing", c.Name, fmt.Sprintf("“%s”没有通名：地名由专名和通名组成", c.Name), "在专名后加上与这一类相称的通名，如“"+strings.Join(usualGenerics(c.Category), "”“")+"”")
	}
	count := func(code, part string, n, least, most int, what string) {
		switch {
		case least > 0 && n > 0 && n < least:
			c.find(r, code, part, fmt.Sprintf("“%s”的%s只有 %d 个字，至少 %d 个", c.Name, what, n, least), fmt.Sprintf("%s用 %d 个字以上", what, least))
		case most > 0 && n > most:
			c.find(r, code, part, fmt.Sprintf("“%s”的%s有 %d 个字，最多 %d 个", c.Name, what, n, most), fmt.Sprintf("%s用 %d 个字以内", what, most))
		}
	}
	count("name-length", c.Name, n, p.Least, p.Most, "全名")
	count("specific-length", c.specific, specific, p.SpecificLeast, p.SpecificMost, "专名")
}

// usualGenerics are some generics of a category, for a hint.
func usualGenerics(c Category) []string {
	all := generics[c]
	return all[max(0, len(all)-4):]
}

// script finds what is no Chinese character: letters, digits, signs (《国家通用语言文字法》第十四条).
func (c *nameCheck) script(r Rule) {
	for _, kind := range []struct {
		code, what string
		is         func(rune) bool
	}{
		{"letters", "字母", func(ch rune) bool { return unicode.IsLetter(ch) && !unicode.Is(unicode.Han, ch) }},
		{"digits", "数字", func(ch rune) bool {
			return unicode.IsDigit(ch) || unicode.IsNumber(ch) && !unicode.Is(unicode.Han, ch) && ch != '〇'
		}},
		{"signs", "符号", func(ch rune) bool { // marks on a character too, and what is no character at all: nobody sees them, and a name with them is another
			return !unicode.Is(unicode.Han, ch) && !unicode.IsLetter(ch) && !unicode.IsDigit(ch) && !unicode.IsNumber(ch)
		}},
	} {
		var found []rune
		for _, ch := range c.Name {
			if kind.is(ch) && !slices.Contains(found, ch) {
				found = append(found, ch)
			}
		}
		if len(found) > 0 {
			part := string(found)
			c.find(r, kind.code, part, fmt.Sprintf("“%s”里有%s“%s”：地名用国家通用文字", c.Name, kind.what, part), "改用汉字；序数用汉字写")
		}
	}
}

// characters judges how a name is written by 《通用规范汉字表》.
func (c *nameCheck) characters(r Rule) {
	check := CheckCharacters
	if c.inUse() {
		check = CheckCharactersInUse
	}
	for _, f := range check(c.Name) {
		severity := f.Severity
		if f.Code == "non-standard-character" {
			severity = c.weighs(r)
			if from := c.Derived; len(from) > 0 && severity == fault.Block && slices.ContainsFunc(from, func(d Record) bool { return strings.Contains(c.Name, d.Name) }) {
				severity = fault.Review
			}
		}
		c.findAt(severity, r, f.Code, c.Name, f.Detail, "改用《通用规范汉字表》一、二级的字")
	}
}

const numberCharacters = "0123456789０１２３４５６７８９〇零一二三四五六七八九十百千万两第号"

// number finds a specific that is nothing but a number. What it means may be said; then people judge it.
func (c *nameCheck) number(r Rule) {
	bare := c.specific
	if bare == "" || strings.Trim(bare, numberCharacters) != "" || slices.Contains(r.Params.Words, bare) {
		return
	}
	if c.Facts.Meaning != "" {
		r.Severity = fault.Review
	}
	c.find(r, "bare-number", bare, fmt.Sprintf("“%s”的专名“%s”只是数字或序号，没有含义", c.Name, bare), "另取有含义的专名；数字确有特定含义的，写明含义")
}

// generics finds generics that do not belong: one on top of the other, those of another class, one without the word that it needs.
func (c *nameCheck) generics(r Rule) {
	p := r.Params
	if p.Stacked && c.generic != "" {
		if below := c.stackedOn(); below != "" {
			c.find(r, "stacked-generics", below+c.generic, fmt.Sprintf("“%s”的通名“%s”前面又是通名“%s”", c.Name, c.generic, below), "只留一个通名")
		}
	}
	for _, w := range p.Words {
		if strings.HasSuffix(c.Name, w) && len(w) < len(c.Name) && (c.generic == "" || c.generic == w) {
			c.find(r, "generic-of-another-class", w, fmt.Sprintf("“%s”用“%s”作通名：它是别类地名的通名", c.Name, w), "改用与这一类相称的通名，如“"+strings.Join(usualGenerics(c.Category), "”“")+"”")
			break
		}
	}
	if len(p.Preceded) > 0 && slices.Contains(p.Generic, c.generic) &&
		!slices.ContainsFunc(p.Preceded, func(w string) bool { return strings.HasSuffix(c.specific, w) }) {
		c.find(r, "function-word-missing", c.generic, fmt.Sprintf("“%s”的“%s”前没有表示功能的词", c.Name, c.generic), "在“"+c.generic+"”前加上功能，如“"+strings.Join(p.Preceded, "”“")+"”")
	}
}

// stackedOn is the generic of two characters or more on which the generic stands, "" for none. A name that is taken over whole brings
// its own: 江北国际机场站.
func (c *nameCheck) stackedOn() string {
	longest := ""
	for _, g := range generics[c.Category] {
		at := [2]int{len(c.specific) - len(g), len(c.specific)}
		if utf8.RuneCountInString(g) >= 2 && len(g) > len(longest) && len(g) < len(c.specific) && strings.HasSuffix(c.specific, g) && c.derivation(at) == nil {
			longest = g
		}
	}
	return longest
}
