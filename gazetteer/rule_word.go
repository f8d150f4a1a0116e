package gazetteer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"fangyu/internal/fault"
)

// Word is a word of a library (采词库、禁限用字词库): where it counts and where it does not.
type Word struct {
	Text   string         `json:"text" yaml:"text"`
	Class  WordClass      `json:"class,omitempty" yaml:"class,omitempty"`
	Except []string       `json:"except,omitempty" yaml:"except,omitempty"` // longer words that it is a part of, in which it does not count
	Before []string       `json:"before,omitempty" yaml:"before,omitempty"` // it counts only right before one of these: 御 before 府
	Weighs fault.Severity `json:"weighs,omitempty" yaml:"weighs,omitempty"` // another severity than that of the rule
	Note   string         `json:"note,omitempty" yaml:"note,omitempty"`
}

// WordClass is what a word is.
type WordClass string

// The classes that are looked at in a way of their own.
const (
	ForeignWord    WordClass = "foreign"    // a place or a person abroad
	EnterpriseWord WordClass = "enterprise" // a short name or a trademark
	PersonWord     WordClass = "person"     // a name, also of one in literature
)

// words finds words of a library. Class, derivation and history come first: a word counts only where it is free, that is not a part
// of a generic, of a standard or historic name that this one is derived from, or of a longer word.
func (c *nameCheck) words(r Rule) {
	list := c.Words[r.Params.Library].In(c.Name)
	for _, w := range r.Params.Words {
		list = append(list, Word{Text: w, Before: r.Params.Followed})
	}
	slices.SortStableFunc(list, func(a, b Word) int { return len(b.Text) - len(a.Text) }) // the longest first, and what it covers is told
	var told []wordSpan
	for _, w := range list {
		weighs, before := cmp.Or(w.Weighs, r.Severity), len(c.findings)
		for _, at := range c.occurrences(w) {
			covered := slices.ContainsFunc(told, func(s wordSpan) bool { return s.at[0] <= at[0] && at[1] <= s.at[1] && !graver(weighs, s.weighs) })
			if !covered && c.word(r, w, at) {
				told = append(told, wordSpan{at, weighs})
				c.tellOnce(before)
			}
		}
	}
}

// tellOnce drops the last finding where one since so many says the same of the same word in another place.
func (c *nameCheck) tellOnce(since int) {
	last := c.findings[len(c.findings)-1]
	if slices.ContainsFunc(c.findings[since:len(c.findings)-1], func(f NameFinding) bool {
		return f.Code == last.Code && f.Severity == last.Severity && f.Part == last.Part
	}) {
		c.findings = c.findings[:len(c.findings)-1]
	}
}

// wordSpan is where a word was told of. One within it is told of too where it weighs more: a long word that matters little lets none
// through that it holds.
type wordSpan struct {
	at     [2]int // in bytes
	weighs fault.Severity
}

// graver reports whether a severity is worse than another.
func graver(a, b fault.Severity) bool {
	return slices.Index(fault.Severities, a) > slices.Index(fault.Severities, b)
}

// occurrences are the spans of the name, in bytes, where a word counts by what stands around it.
func (c *nameCheck) occurrences(w Word) (spans [][2]int) {
	if w.Text == "" {
		return nil
	}
	for from := 0; ; {
		i := strings.Index(c.Name[from:], w.Text)
		if i < 0 {
			return spans
		}
		at := [2]int{from + i, from + i + len(w.Text)}
		from = at[0] + 1
		for from < len(c.Name) && !utf8.RuneStart(c.Name[from]) {
			from++
		}
		rest := c.Name[at[1]:]
		if len(w.Before) > 0 && !slices.ContainsFunc(w.Before, func(b string) bool { return strings.HasPrefix(rest, b) }) {
			continue
		}
		if slices.ContainsFunc(w.Except, func(longer string) bool { return inSpan(spansOf(c.Name, longer), at) }) {
			continue
		}
		spans = append(spans, at)
	}
}

// spansOf are the spans of a text where a word stands, in bytes.
func spansOf(text, word string) (spans [][2]int) {
	for from := 0; word != "" && from+len(word) <= len(text); from++ {
		if strings.HasPrefix(text[from:], word) {
			spans = append(spans, [2]int{from, from + len(word)})
		}
	}
	return spans
}

func inSpan(spans [][2]int, at [2]int) bool {
	return slices.ContainsFunc(spans, func(s [2]int) bool { return s[0] <= at[0] && at[1] <= s[1] })
}

// word tells of a word where it stands, unless it is no matter there, and reports whether it did.
func (c *nameCheck) word(r Rule, w Word, at [2]int) bool {
	if inSpan(c.fixed(), at) || w.Class == ForeignWord && c.ofTheLand(at) {
		return false
	}
	if w.Weighs != "" {
		r.Severity = w.Weighs
	}
	if from := c.derivation(at); from != nil {
		c.findAt(fault.Info, r, "derived-name", w.Text, fmt.Sprintf("“%s”里的“%s”来自当地已有的“%s”，不作为%s", c.Name, w.Text, from.Name, r.Title), "", evidenceOf([]Record{*from})...)
		return true
	}
	switch {
	case w.Class == EnterpriseWord && strings.Contains(c.Facts.Developer, w.Text):
		own := r
		own.Params.Statement, own.Strength = false, Shall
		c.find(own, "own-trademark", w.Text, fmt.Sprintf("“%s”里的“%s”是建设单位“%s”的名称或商标，有特定联系", c.Name, w.Text, c.Facts.Developer), "去掉企业名称、商标，另取专名")
	case r.Params.Statement:
		c.find(r, "needs-statement", w.Text, fmt.Sprintf("“%s”里的“%s”%s，除非与它没有特定联系", c.Name, w.Text, r.Title), "另取专名；确无特定联系的，由经办人写明理由，报审")
	default:
		detail := fmt.Sprintf("“%s”里的“%s”：%s", c.Name, w.Text, r.Title)
		if w.Note != "" {
			detail += "（" + w.Note + "）"
		}
		c.find(r, "limited-word", w.Text, detail, "去掉“"+w.Text+"”，另取专名")
	}
	return true
}

// fixed are the spans of the name that are generics: its own, and those that end what is left, since what carries the name of a
// facility or a feature carries its generic with it (江北 | 国际机场 | 站).
func (c *nameCheck) fixed() (spans [][2]int) {
	end := len(c.specific)
	if c.generic != "" {
		spans = append(spans, [2]int{end, len(c.Name)})
	}
	for end > 0 {
		longest := ""
		for _, category := range []Category{Natural, Street, Park, Facility} {
			for _, g := range generics[category] {
				if utf8.RuneCountInString(g) >= 2 && len(g) > len(longest) && len(g) < end && strings.HasSuffix(c.Name[:end], g) {
					longest = g
				}
			}
		}
		if longest == "" {
			return spans
		}
		spans = append(spans, [2]int{end - len(longest), end})
		end -= len(longest)
	}
	return spans
}

// ofTheLand reports whether a span is what a landform or a village is called by, right before the word for the landform: 罗马坪.
func (c *nameCheck) ofTheLand(at [2]int) bool {
	if !slices.Contains([]Category{Natural, NaturalVillage, VillageCommittee}, c.Category) {
		return false
	}
	rest := c.Name[at[1]:]
	return slices.ContainsFunc(generics[Natural], func(g string) bool { return strings.HasPrefix(rest, g) })
}

// derivation is the standard or historic name near by that a span of the name comes from, nil for none.
func (c *nameCheck) derivation(at [2]int) *Record {
	for i, d := range c.Derived {
		specific, _ := SplitName(d.Name, d.Category)
		for _, part := range []string{d.Name, specific} {
			if utf8.RuneCountInString(part) >= 2 && inSpan(spansOf(c.Name, part), at) {
				return &c.Derived[i]
			}
		}
	}
	return nil
}

// person finds a name that is given after a person, as the application itself says: what it means or comes from has the specific
// together with a word for a person. Names of clans (王家湾) say nothing of the kind (《地名管理条例实施办法》第三条).
func (c *nameCheck) person(r Rule) {
	said := c.Facts.Meaning + "\n" + c.Facts.DerivedFrom
	if utf8.RuneCountInString(c.specific) < 2 || !strings.Contains(said, c.specific) || c.clan() {
		return
	}
	for _, w := range r.Params.Words {
		if strings.Contains(said, w) {
			c.find(r, "needs-statement", c.specific, fmt.Sprintf("“%s”的含义或来历提到“%s”：%s，除非与特定的人没有联系", c.Name, w, r.Title), "另取专名；确无特定联系的，由经办人写明理由，报审")
			return
		}
	}
}

// clan reports whether the specific is that of a clan: a surname and 家 or 氏.
func (c *nameCheck) clan() bool {
	chars := []rune(c.Name)
	return len(chars) > 2 && (chars[1] == '家' || chars[1] == '氏' || len(chars) > 3 && (chars[2] == '家' || chars[2] == '氏'))
}
