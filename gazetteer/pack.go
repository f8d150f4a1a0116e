package gazetteer

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"fangyu/internal/fault"
)

// Pack (规则包) is a dated set of rules, with the word libraries they rest on.
type Pack struct {
	ID         string    `json:"id" yaml:"id"`
	Title      string    `json:"title" yaml:"title"`
	Source     string    `json:"source,omitempty" yaml:"source,omitempty"`         // where its text was seen, and how much of it
	Region     string    `json:"region,omitempty" yaml:"region,omitempty"`         // leading digits of the division code where it holds; "" everywhere
	ValidFrom  string    `json:"validFrom" yaml:"validFrom"`                       // a day
	ValidTo    string    `json:"validTo,omitempty" yaml:"validTo,omitempty"`       // the first day on which it holds no more; "" for none
	Comparison bool      `json:"comparison,omitempty" yaml:"comparison,omitempty"` // in force nowhere: to judge by for comparison
	Includes   []string  `json:"includes,omitempty" yaml:"includes,omitempty"`     // packs whose rules hold too
	Without    []string  `json:"without,omitempty" yaml:"without,omitempty"`       // rules of those that it replaces
	Rules      []Rule    `json:"rules" yaml:"rules"`
	Libraries  []Library `json:"libraries,omitempty" yaml:"libraries,omitempty"`

	lists map[string]*WordList // of Assembled
}

// Library is a word library (采词库、禁限用字词库).
type Library struct {
	ID    string      `json:"id" yaml:"id"`
	Title string      `json:"title" yaml:"title"`
	Kind  LibraryKind `json:"kind,omitempty" yaml:"kind,omitempty"` // "" as LimitedWords
	Words []Word      `json:"words" yaml:"words"`
}

// LibraryKind is what the words of a library are for.
type LibraryKind string

// The kinds.
const (
	LimitedWords LibraryKind = "limited" // 禁限用字词库: rules find them
	SourceWords  LibraryKind = "source"  // 采词库: to name with
)

// LibraryKinds lists every kind once.
var LibraryKinds = []LibraryKind{LimitedWords, SourceWords}

//go:embed packs/*.yaml
var packFiles embed.FS

// ShippedPacks are the packs that come with the program, by id: the national ones, and local ones as far as their text was seen.
func ShippedPacks() []Pack { return slices.Clone(shippedPacks()) }

var shippedPacks = sync.OnceValue(func() []Pack {
	names, err := fs.Glob(packFiles, "packs/*.yaml")
	if err != nil {
		panic(err)
	}
	var packs []Pack
	for _, name := range names {
		text, err := packFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		p, err := ParsePack(text)
		if err != nil {
			panic(fmt.Sprintf("gazetteer: %s: %v", name, err))
		}
		packs = append(packs, p)
	}
	return packs
})

// National is the pack of 《地名管理条例》 (国务院令第753号, in force 2022-05-01).
func National() Pack {
	all := ShippedPacks()
	return all[slices.IndexFunc(all, func(p Pack) bool { return p.ID == "national-2022" })]
}

// Check finds everything that is wrong with a pack in itself, with a JSON pointer to each.
func (p Pack) Check() (found []fault.Finding) {
	wrong := func(pointer, format string, args ...any) {
		found = append(found, fault.Blocking("bad-pack", pointer, format, args...))
	}
	if !identifier(p.ID) {
		wrong("/id", "规则包的代号“%s”应由小写字母、数字和连字符组成", p.ID)
	}
	if strings.TrimSpace(p.Title) == "" || !plain(p.Title, maxTitle) {
		wrong("/title", "规则包要有名称，不超过 %d 个字，没有控制字符", maxTitle)
	}
	checkSpan(wrong, "", p.ValidFrom, p.ValidTo, true)
	if !isRegion(p.Region) {
		wrong("/region", "适用地区应是区划代码的前 2、4、6、9 或 12 位数字，收到“%s”", p.Region)
	}
	p.checkBounds(wrong)
	seen := map[string]bool{}
	for i, r := range p.Rules {
		at := fmt.Sprintf("/rules/%d", i)
		if seen[r.ID] {
			wrong(at+"/id", "规则代号“%s”写了两次", r.ID)
		}
		seen[r.ID] = true
		r.check(p, func(field, format string, args ...any) {
			wrong(at+"/"+field, "规则“"+r.ID+"”："+format, args...)
		})
	}
	for i, l := range p.Libraries {
		l.check(func(field, format string, args ...any) {
			wrong(fmt.Sprintf("/libraries/%d%s", i, field), format, args...)
		})
	}
	return found
}

// Check finds everything that is wrong with a library in itself, with a JSON pointer to each.
func (l Library) Check() (found []fault.Finding) {
	l.check(func(pointer, format string, args ...any) {
		found = append(found, fault.Blocking("bad-library", pointer, format, args...))
	})
	return found
}

func (l Library) check(wrong func(pointer, format string, args ...any)) {
	if !identifier(l.ID) {
		wrong("/id", "词库的代号“%s”应由小写字母、数字和连字符组成", l.ID)
	}
	if strings.TrimSpace(l.Title) == "" || !plain(l.Title, maxTitle) {
		wrong("/title", "词库要有名称，不超过 %d 个字，没有控制字符", maxTitle)
	}
	if l.Kind != "" && !slices.Contains(LibraryKinds, l.Kind) {
		wrong("/kind", "不认识的词库种类“%s”：可用 %v", l.Kind, LibraryKinds)
	}
	seen := map[string]bool{}
	for i, w := range l.Words {
		at := fmt.Sprintf("/words/%d", i)
		switch {
		case strings.TrimSpace(w.Text) != w.Text || w.Text == "" || utf8.RuneCountInString(w.Text) > maxWord:
			wrong(at, "词库“%s”第 %d 个词“%s”应有 1 到 %d 个字，两头没有空格", l.ID, i+1, w.Text, maxWord)
		case !w.bounded():
			wrong(at, "词库“%s”的“%s”：除外和只在其前的词各不超过 %d 个、每个 1 到 %d 个字，说明不超过 %d 个字，都没有控制字符", l.ID, w.Text, maxBeside, maxWord, maxNote)
		case w.Weighs != "" && !slices.Contains(fault.Severities, w.Weighs):
			wrong(at, "词库“%s”的“%s”等级应为 block、review、warning 或 info，收到“%s”", l.ID, w.Text, w.Weighs)
		case seen[w.Text]:
			wrong(at, "词库“%s”里“%s”写了两次", l.ID, w.Text)
		}
		seen[w.Text] = true
	}
}

// maxWord is how long a word of a library may be, in characters.
const maxWord = 40

func identifier(s string) bool {
	return s != "" && len(s) <= 60 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func checkSpan(wrong func(pointer, format string, args ...any), at, from, to string, needed bool) {
	for _, d := range []struct{ name, day string }{{"validFrom", from}, {"validTo", to}} {
		if day, err := time.Parse(time.DateOnly, d.day); (err != nil || day.Year() < 1900) && (d.day != "" || needed && d.name == "validFrom") {
			wrong(at+"/"+d.name, "%s 应是一天，如 2022-05-01，收到“%s”", d.name, d.day)
		}
	}
	if from != "" && to != "" && to <= from {
		wrong(at+"/validTo", "止于 %s，不晚于起始的 %s", to, from)
	}
}

// check finds what is wrong with a rule in itself.
func (r Rule) check(p Pack, wrong func(field, format string, args ...any)) {
	if r.ID == "" || r.Clause == "" || r.Title == "" {
		wrong("id", "要有代号（id）、条款（clause）和说明（title）")
	}
	r.checkBounds(wrong)
	if !slices.Contains(RuleKinds, r.Kind) {
		wrong("kind", "不认识的种类“%s”：可用 %v", r.Kind, RuleKinds)
		return
	}
	if r.Strength != Shall && r.Strength != Should {
		wrong("strength", "措辞应为 shall（应当、不应）或 should（一般、避免），收到“%s”", r.Strength)
	}
	if r.Severity == fault.Pass || !slices.Contains(fault.Severities, r.Severity) {
		wrong("severity", "等级应为 block、review、warning 或 info，收到“%s”", r.Severity)
	}
	if r.Severity == fault.Block && !r.Confirmed {
		wrong("severity", "没有核对过原文（confirmed: false）的规则不能禁止：等级请用 review 或更轻")
	}
	for _, c := range append(slices.Clone(r.Categories), r.Params.Against...) {
		if _, err := ParseCategory(string(c)); err != nil {
			wrong("categories", "不认识的类别“%s”", c)
		}
	}
	for _, c := range r.Cases {
		if !slices.Contains([]string{"new", "rename", "retire", "existing"}, c) {
			wrong("cases", "不认识的事项“%s”：可用 new、rename、retire、existing", c)
		}
	}
	checkSpan(func(pointer, format string, args ...any) { wrong(pointer[1:], format, args...) }, "", r.ValidFrom, r.ValidTo, false)
	r.checkParams(p, wrong)
}

// checkParams finds what a rule of its kind lacks.
func (r Rule) checkParams(p Pack, wrong func(field, format string, args ...any)) {
	q := r.Params
	lacks := func(missing bool, field, what string) {
		if missing {
			wrong("params/"+field, "%s", what)
		}
	}
	if r.Gathers() {
		lacks(!slices.Contains(Scopes, q.Scope), "scope", "要写范围（scope）：nation、province、county 或 built-up-area")
	}
	switch r.Kind {
	case SoundRule:
		lacks(!slices.Contains(soundOrder, q.Sound), "sound", "要写怎样算同音（sound）：tones、syllables 或 dialect")
		lacks(q.Sound == SoundDialect && len(q.Folds) == 0, "folds", "方言同音要写哪些音不分（folds），如 [n, l]")
		for i, f := range q.Folds {
			lacks(!knownFold(f), fmt.Sprintf("folds/%d", i), "不认识“"+f[0]+"→"+f[1]+"”：可用 zh z、ch c、sh s、n l、h f、-ng 归 -n（如 -eng -en），和整个音节（如 =hu =fu）")
		}
	case GlyphRule:
		lacks(len(q.Alike) == 0, "alike", "要写哪些字形近（alike），一组一项，如 亳毫")
	case WordRule:
		lacks(q.Library == "" && len(q.Words) == 0, "library", "要写词库（library）或词（words）")
		own := slices.ContainsFunc(p.Libraries, func(l Library) bool { return l.ID == q.Library })
		lacks(q.Library != "" && !own && len(p.Includes) == 0 && len(p.Libraries) > 0, "library", "规则包里没有词库“"+q.Library+"”")
	case PersonRule, NatureRule:
		lacks(len(q.Words) == 0, "words", "要写词（words）")
	case MeasureRule:
		lacks(len(q.Generic) == 0, "generic", "要写是哪些通名（generic）")
		lacks(len(q.AnyOf) == 0, "anyOf", "要写要求（anyOf）：几组指标，满足一组即可")
		for i, group := range q.AnyOf {
			for k, m := range group {
				lacks(!slices.Contains(FactNames(), m.Fact) || m.Least == 0 && m.Most == 0 && m.Words == "", fmt.Sprintf("anyOf/%d/%d", i, k), "指标要有 fact 和 least、most 或 words；fact 可用 "+strings.Join(FactNames(), "、"))
			}
		}
	case GenericRule:
		lacks(!q.Stacked && len(q.Words) == 0 && len(q.Preceded) == 0, "words", "要写 stacked、words 或 preceded 之一")
	}
}

// knownFold reports whether what a fold makes one is one in some dialect as Heard has it.
func knownFold(f [2]string) bool {
	as := func(s string) string {
		switch {
		case strings.HasPrefix(s, "-"):
			return Heard("b" + s[1:])
		case strings.HasPrefix(s, "="):
			return Heard(s[1:])
		}
		return Heard(s + "a")
	}
	return f[0] != f[1] && as(f[0]) == as(f[1])
}

// On are the rules that hold on a day, in their order.
func (p Pack) On(day string) (rules []Rule) {
	for _, r := range p.Rules {
		if max(r.ValidFrom, p.ValidFrom) <= day && (r.ValidTo == "" || day < r.ValidTo) {
			rules = append(rules, r)
		}
	}
	return rules
}

// InForce is the pack of several that is in force on a day at a place with a division code: the nearest by region, then the newest; nil
// where none is.
func InForce(packs []Pack, code, day string) (found *Pack) {
	for i, p := range packs {
		if p.Comparison || !strings.HasPrefix(code, p.Region) || day < p.ValidFrom || p.ValidTo != "" && day >= p.ValidTo {
			continue
		}
		if found == nil || len(p.Region) > len(found.Region) || len(p.Region) == len(found.Region) && p.ValidFrom > found.ValidFrom {
			found = &packs[i]
		}
	}
	return found
}

// Assembled is the pack with the rules and libraries of the packs that it includes before its own, as they hold on a day; and after them
// those of packs in force above it that it does not include, none of which it replaces.
//
// Error: NotFound "pack-unknown" for one that is not among all.
func (p Pack) Assembled(all []Pack, day string) (Pack, error) {
	out := p
	out.Rules, out.Libraries = nil, nil
	seen, without := map[string]bool{}, p.Without
	var take func(p Pack) error
	take = func(p Pack) error {
		if seen[p.ID] {
			return nil
		}
		seen[p.ID] = true
		for _, id := range p.Includes {
			i := slices.IndexFunc(all, func(q Pack) bool { return q.ID == id })
			if i < 0 {
				return fault.New(fault.NotFound, "pack-unknown", "规则包“%s”包含的规则包“%s”不在其中", p.ID, id)
			}
			if err := take(all[i]); err != nil {
				return err
			}
		}
		ended := p.ID != out.ID && p.ValidTo != "" && day >= p.ValidTo
		for _, r := range p.On(day) {
			if !ended && (r.Pack == out.ID || !slices.Contains(without, r.ID)) {
				out.Rules = append(out.Rules, r)
			}
		}
		out.Libraries = append(out.Libraries, p.Libraries...)
		return nil
	}
	err := take(p)
	without = nil
	for _, q := range p.besides(all, day) {
		if err == nil {
			err = take(q)
		}
	}
	out.lists = out.WordLists()
	return out, err
}

// WordLists are the words of its libraries, by library. They are not to be changed.
func (p Pack) WordLists() map[string]*WordList {
	if p.lists != nil {
		return p.lists
	}
	words := map[string][]Word{}
	for _, l := range p.Libraries {
		words[l.ID] = append(words[l.ID], l.Words...)
	}
	lists := make(map[string]*WordList, len(words))
	for id, list := range words {
		lists[id] = NewWordList(list)
	}
	return lists
}

// comparing are the rules of repetition and of sound over whole names, one for each category they are about, each with what it compares.
// What sounds alike in a dialect only is not looked for by them.
func (p Pack) comparing() (rules []Rule) {
	for _, r := range p.Rules {
		if !r.Gathers() || r.Kind != SoundRule && (r.Kind != RepeatRule || r.Params.Part != "") {
			continue
		}
		for _, c := range r.categories() {
			one := r
			one.Categories, one.Params.Against = []Category{c}, r.AgainstOf(c)
			rules = append(rules, one)
		}
	}
	return rules
}

// levelOfName guesses the level of a proposed division from its generic. Which of the upper levels it is does not matter
// to art. 9(7), which holds for all of them.
func levelOfName(name string) Level {
	for _, l := range []Level{Township, County, Prefecture, Province} {
		if _, ok := kindByEnding(l, name); ok {
			return l
		}
	}
	return ""
}
