package gazetteer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a pack may hold, so that judging one name by it stays a matter of milliseconds. Texts in characters.
const (
	maxTitle    = 200
	maxNote     = 1000
	maxSource   = 4000
	maxRules    = 500
	maxGather   = 60   // rules that compare with what is on record
	maxListed   = 1000 // words in a list of a rule
	maxBeside   = 50   // words beside a word
	maxIncludes = 20
	maxNearM    = 50_000
)

// Misleading reports whether a sign is not seen and changes how what stands around it is read, on a page, in a terminal or in a log:
// control characters, and those that turn the direction of writing. Lines says that the text may have several.
func Misleading(r rune, lines bool) bool {
	switch {
	case lines && (r == '\n' || r == '\r' || r == '\t'):
		return false
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff':
		return true
	}
	return unicode.Is(unicode.Bidi_Control, r)
}

// plain reports whether a text is one line that shows all it holds, of so many characters at most.
func plain(s string, most int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, func(r rune) bool { return Misleading(r, false) })
}

func isRegion(s string) bool {
	return strings.Trim(s, "0123456789") == "" && slices.Contains([]int{0, 2, 4, 6, 9, 12}, len(s))
}

// bounded reports whether what stands beside a word is short and plain.
func (w Word) bounded() bool {
	beside := func(words []string) bool {
		return len(words) <= maxBeside && !slices.ContainsFunc(words, func(s string) bool { return s == "" || !plain(s, maxWord) })
	}
	return plain(w.Text, maxWord) && plain(string(w.Class), maxWord) && plain(w.Note, maxNote) && beside(w.Except) && beside(w.Before)
}

// checkBounds finds what is too much of a pack.
func (p Pack) checkBounds(wrong func(pointer, format string, args ...any)) {
	several := strings.Map(func(r rune) rune {
		if r == '\n' {
			return ' '
		}
		return r
	}, p.Source)
	if !plain(several, maxSource) {
		wrong("/source", "来源不超过 %d 个字，没有控制字符", maxSource)
	}
	gather := 0
	for _, r := range p.Rules {
		if r.Gathers() {
			gather++
		}
	}
	if len(p.Rules) > maxRules || gather > maxGather {
		wrong("/rules", "规则包有 %d 条规则，其中 %d 条与在用地名比较：最多 %d 条和 %d 条", len(p.Rules), gather, maxRules, maxGather)
	}
	for _, list := range []struct {
		name  string
		items []string
		most  int
	}{{"includes", p.Includes, maxIncludes}, {"without", p.Without, maxRules}} {
		if len(list.items) > list.most || slices.ContainsFunc(list.items, func(s string) bool { return s == "" || !plain(s, maxTitle) }) {
			wrong("/"+list.name, "%s 最多 %d 项，每项写一个代号", list.name, list.most)
		}
	}
	if slices.Contains(p.Includes, p.ID) {
		wrong("/includes", "规则包不能包含它自己")
	}
}

// checkBounds finds what is too much of a rule, and what is no number, level or word.
func (r Rule) checkBounds(wrong func(field, format string, args ...any)) {
	if len(r.ID) > 60 || strings.ContainsFunc(r.ID, func(c rune) bool { return !strings.ContainsRune(ruleIDSigns, c) }) {
		wrong("id", "代号由字母、数字和连字符组成，不超过 60 个")
	}
	if !plain(r.Title, maxTitle) || !plain(r.Clause, maxTitle) {
		wrong("title", "说明和条款各不超过 %d 个字，没有控制字符", maxTitle)
	}
	for _, l := range r.Levels {
		if !slices.Contains(Levels, l) {
			wrong("levels", "不认识的级别“%s”：可用 %v", l, Levels)
		}
	}
	q := r.Params
	for _, list := range []struct {
		name  string
		words []string
	}{
		{"prefixes", q.Prefixes}, {"alike", q.Alike}, {"words", q.Words}, {"followed", q.Followed}, {"generic", q.Generic}, {"preceded", q.Preceded}, {"near", q.Near},
	} {
		if len(list.words) > maxListed || slices.ContainsFunc(list.words, func(s string) bool { return s == "" || !plain(s, maxWord) }) {
			wrong("params/"+list.name, "%s 最多 %d 个词，每个 1 到 %d 个字，没有控制字符", list.name, maxListed, maxWord)
		}
	}
	if len(q.Folds) > maxBeside || len(q.Against)+len(r.Categories)+len(r.Levels)+len(r.Cases) > 10*maxBeside {
		wrong("params/folds", "folds 最多 %d 项，类别、级别和事项不要重复", maxBeside)
	}
	if !(q.WithinM >= 0 && q.WithinM <= maxNearM) {
		wrong("params/withinM", "附近的距离（withinM）是 0 到 %d 米", maxNearM)
	}
	for i, group := range q.AnyOf {
		if len(group) == 0 || len(group) > maxBeside || i >= maxBeside {
			wrong(fmt.Sprintf("params/anyOf/%d", i), "每组指标 1 到 %d 个，最多 %d 组", maxBeside, maxBeside)
		}
		for k, m := range group {
			if !(m.Least >= 0 && m.Least <= 1e12 && m.Most >= 0 && m.Most <= 1e12) || !plain(m.Words, maxWord) {
				wrong(fmt.Sprintf("params/anyOf/%d/%d", i, k), "指标的 least 和 most 是不小于 0 的数")
			}
		}
	}
	for _, n := range []int{q.Least, q.Most, q.SpecificLeast, q.SpecificMost} {
		if n < 0 || n > maxTitle {
			wrong("params/least", "字数是 0 到 %d", maxTitle)
		}
	}
}

const ruleIDSigns = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
