package gazetteer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fangyu/internal/fault"
)

// WordChange is what is to become of the words of a library from a day on.
type WordChange struct {
	Add []Word   // counted from the day on; one that counts otherwise until then is replaced
	End []string // texts that count no more
	Day string

	Region string // for whoever runs the system: where the words count
}

// WordPlan is what a change does: words that end on its day and words that begin.
type WordPlan struct {
	End []KeptWord
	Add []Word
}

// Plan decides what a change of the words of a region does, "" being the library's own, or finds everything that is wrong with it. What
// counted before its day stays: a change holds from today on at the earliest.
func (l KeptLibrary) Plan(region, today string, c WordChange) (plan WordPlan, found []fault.Finding) {
	wrong := func(code, pointer, format string, args ...any) {
		found = append(found, fault.Blocking(code, pointer, format, args...))
	}
	if c.Day < today {
		wrong("bad-day", "/from", "词从 %s 起计入，早于今天：已经过去的日子里算哪些词不再改", c.Day)
	}
	if len(c.Add)+len(c.End) == 0 {
		wrong("nothing-changed", "/add", "没有写要加入或停用的词")
	}
	add := make([]Word, len(c.Add))
	for i, w := range c.Add {
		w.Text = strings.TrimSpace(w.Text)
		add[i] = w
	}
	for _, f := range (Library{ID: l.ID, Title: l.Title, Kind: l.Kind, Words: add}).Check() {
		f.Pointer = strings.Replace(f.Pointer, "/words/", "/add/", 1)
		found = append(found, f)
	}
	byText := l.byText()
	end := func(w KeptWord, pointer string) {
		if w.From >= c.Day {
			wrong("word-too-new", pointer, "“%s”从 %s 起才计入，最早从次日起停用或改动", w.Text, w.From)
		}
		plan.End = append(plan.End, w)
	}
	for i, w := range add {
		pointer := fmt.Sprintf("/add/%d", i)
		was, wider := counting(byText[w.Text], region, c.Day)
		switch {
		case wider != nil:
			wrong("word-there", pointer, "“%s”在更大的范围里已经计入，不用再加", w.Text)
		case was == nil:
			plan.Add = append(plan.Add, w)
		case !same(was.Word, w):
			end(*was, pointer)
			plan.Add = append(plan.Add, w)
		}
	}
	ended, added := map[string]bool{}, map[string]bool{}
	for _, w := range add {
		added[w.Text] = true
	}
	for i, text := range c.End {
		pointer := fmt.Sprintf("/end/%d", i)
		was, _ := counting(byText[text], region, c.Day)
		switch {
		case was == nil:
			wrong("word-unknown", pointer, "词库里没有本单位加入、现在计入的“%s”", text)
		case ended[text]:
			wrong("bad-library", pointer, "“%s”写了两次", text)
		case added[text]:
			wrong("bad-library", pointer, "“%s”又要加入又要停用", text)
		default:
			end(*was, pointer)
		}
		ended[text] = true
	}
	return plan, found
}

// byText are the words of the library by their text.
func (l KeptLibrary) byText() map[string][]*KeptWord {
	all := make(map[string][]*KeptWord, len(l.Words))
	for i, w := range l.Words {
		all[w.Text] = append(all[w.Text], &l.Words[i])
	}
	return all
}

// counting finds, of words of one text, the one that counts on a day or will, in the region itself, and one that counts in a wider one.
func counting(words []*KeptWord, region, day string) (own, wider *KeptWord) {
	for _, w := range words {
		switch {
		case w.To != "" && w.To <= day:
		case w.Region == region:
			own = w
		case strings.HasPrefix(region, w.Region):
			wider = w
		}
	}
	return own, wider
}

func same(a, b Word) bool {
	return a.Class == b.Class && a.Weighs == b.Weighs && a.Note == b.Note && slices.Equal(a.Except, b.Except) && slices.Equal(a.Before, b.Before)
}

// WordRegion is the region that the words count in which an office adds to a library, own being the region of its jurisdiction: "" in a
// library that is the office's own to keep.
//
// Error: Forbidden "not-yours".
func (l KeptLibrary) WordRegion(a Actor, own string) (string, error) {
	switch {
	case KeepsRules(a, own, l.Region):
		return "", nil
	case KeepsRules(a, own, own):
		return own, nil
	}
	return "", fault.New(fault.Forbidden, "not-yours", "词库由民政部门的地名经办或审批人员维护")
}

// Find are the words with a text in them, by text, region and day; "" for all.
func (l KeptLibrary) Find(text string) []KeptWord {
	found := slices.DeleteFunc(slices.Clone(l.Words), func(w KeptWord) bool { return !strings.Contains(w.Text, text) })
	slices.SortStableFunc(found, func(a, b KeptWord) int {
		return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Region, b.Region), cmp.Compare(a.From, b.From))
	})
	return found
}
