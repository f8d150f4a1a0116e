package gazetteer

import (
	"bufio"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"fangyu/internal/fault"
)

// CodeList is a list of the division codes of county level and above as it stood on a day.
type CodeList struct {
	Day  time.Time
	Rows []CodeRow
}

// CodeRow is one line of a list.
type CodeRow struct {
	Code DivisionCode
	Name string
}

// ListedDivision is a division as a series of lists shows it: its spells follow each other without a day between.
type ListedDivision struct {
	Spells []ListedSpell
}

// ListedSpell is a time in which a division had one code, one name and one superior.
type ListedSpell struct {
	Code     DivisionCode
	Name     string
	Level    Level
	Kind     Kind
	From, To time.Time // half-open; To is zero for what the last list still has
	Parent   int       // index of the division above, -1 for none
}

// ListedEvent is what the lists tell happened, between After (exclusive; zero where On is exact) and On.
type ListedEvent struct {
	Kind      EventKind
	After, On time.Time
	Basis     Basis
	Links     []ListedLink
	Of        []int
}

// ListedLink links two divisions by index.
type ListedLink struct {
	From, To int
	Role     LinkRole
	Share    Share
}

// CodeHistory is what a series of lists tells about divisions in time.
type CodeHistory struct {
	Divisions []ListedDivision
	Events    []ListedEvent
	Findings  []fault.Finding
}

// DatedChange is a change whose day, or whose meaning, the lists do not tell: from elsewhere, with what that rests on.
type DatedChange struct {
	On    Day            `json:"on"`
	Basis Basis          `json:"basis"`
	Kind  EventKind      `json:"kind"`  // empty: only the day of all changes of the codes below is given
	From  []DivisionPart `json:"from"`  // as the list before has them
	To    DivisionPart   `json:"to"`    // as the list after has it
	Codes []string       `json:"codes"` // beginnings of codes, old or new
	Note  string         `json:"note"`
}

// DatedChanges is a dated pack of such changes.
type DatedChanges struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Source  string        `json:"source"`
	Changes []DatedChange `json:"changes"`
}

//go:embed changes/days/*.json
var dayFiles embed.FS

// KnownDays is the pack of dated changes that comes with the program.
func KnownDays() (DatedChanges, error) {
	var d DatedChanges
	b, err := dayFiles.ReadFile("changes/days/chongqing.json")
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(b, &d)
}

// ReadCodeLists tells from a series of lists, the oldest first, which divisions there were when under which codes and
// what happened between the lists. It says what the lists show and no more: the same name under another code is the same
// division with a new code; the same code with another name of the same kind is a renaming; the same name with another
// ending is a change of type, that makes a new division; what can be read in several ways stays apart and is a finding.
// A code that passes to a division of another name never makes one of the two. Days of which nothing else is known lie
// between two lists; dated names those that are known otherwise.
func ReadCodeLists(lists []CodeList, dated DatedChanges) CodeHistory {
	r := listReader{lists: lists}
	for _, d := range dated.Changes {
		r.dated = append(r.dated, datedChange{DatedChange: d})
	}
	r.gather()
	for i := range len(lists) - 1 {
		r.cross(i)
	}
	r.remarkUnused()
	return r.history()
}

// listSpan is a code with a name in lists first to last.
type listSpan struct {
	code        DivisionCode
	name        string
	first, last int
	from, to    time.Time
	next        *listSpan // the same division goes on
	division    int
	goesOn      bool // it is the next of another
}

func (s *listSpan) level() Level { return LevelOf(s.code) }
func (s *listSpan) kind() Kind   { return KindOf(s.level(), s.name) }

// listReader reads a series of lists.
type listReader struct {
	lists    []CodeList
	dated    []datedChange
	spans    []*listSpan
	events   []spanEvent
	findings changeFindings
}

// datedChange is a dated change and whether two lists bore it out.
type datedChange struct {
	DatedChange
	used bool
}

// spanEvent is an event between spans.
type spanEvent struct {
	kind      EventKind
	after, on time.Time
	basis     Basis
	from, to  []*listSpan
}

func listName(day time.Time) string { return day.Format("2006-01") }

// gather makes the spans: unbroken runs of a code with a name. A run that is broken while nobody else has the code and the
// name stands nowhere else in the province is taken to be left out by mistake.
func (r *listReader) gather() {
	open := map[CodeRow]*listSpan{}
	for i, list := range r.lists {
		for _, row := range r.rows(i, list) {
			s := open[row]
			if s == nil || s.last < i-1 && !r.omitted(s, i) {
				s = &listSpan{code: row.Code, name: row.Name, first: i}
				open[row] = s
				r.spans = append(r.spans, s)
			}
			s.last = i
		}
	}
	for _, s := range r.spans {
		s.from = r.lists[s.first].Day
		if s.last < len(r.lists)-1 {
			s.to = r.lists[s.last+1].Day
		}
	}
}

// rows are the rows of a list, one a code. Where a code stands twice, the name that the list before or after has with it
// holds, else the first.
func (r *listReader) rows(i int, list CodeList) []CodeRow {
	at := map[DivisionCode]int{}
	var rows []CodeRow
	for _, row := range list.Rows {
		n, twice := at[row.Code]
		if !twice {
			at[row.Code] = len(rows)
			rows = append(rows, row)
			continue
		}
		if !r.near(i, rows[n]) && r.near(i, row) {
			rows[n], row = row, rows[n]
		}
		r.findings.say(fault.Warning, "code-twice", listName(list.Day), "代码 %s 在这份代码表里有两个名称：取“%s”，“%s”未记", row.Code, rows[n].Name, row.Name)
	}
	return rows
}

// near reports whether the list before or after has the row.
func (r *listReader) near(i int, row CodeRow) bool {
	return i > 0 && slices.Contains(r.lists[i-1].Rows, row) || i < len(r.lists)-1 && slices.Contains(r.lists[i+1].Rows, row)
}

// omitted reports whether a span that list i has again was left out of the lists between by mistake.
func (r *listReader) omitted(s *listSpan, i int) bool {
	for _, list := range r.lists[s.last+1 : i] {
		for _, row := range list.Rows {
			if row.Code == s.code || row.Name == s.name && row.Code[:2] == s.code[:2] {
				return false
			}
		}
	}
	r.findings.say(fault.Warning, "list-gap", listName(r.lists[s.last+1].Day), "%s %s 从 %s 的代码表起缺失，%s 又出现：当作代码表遗漏，视为一直存在",
		s.code, s.name, listName(r.lists[s.last+1].Day), listName(r.lists[i].Day))
	return true
}

// crossing is what changes between two lists.
type crossing struct {
	*listReader
	after, on time.Time
	gone, new []*listSpan // what has found no counterpart yet
}

// cross finds what happened between list i and the next.
func (r *listReader) cross(i int) {
	c := crossing{listReader: r, after: r.lists[i].Day, on: r.lists[i+1].Day}
	for _, s := range r.spans {
		if s.last == i {
			c.gone = append(c.gone, s)
		}
		if s.first == i+1 {
			c.new = append(c.new, s)
		}
	}
	c.takeDated()
	c.sameCode()
	c.sameName(func(old, now *listSpan) bool { return old.code[:2] == now.code[:2] })
	c.sameName(func(old, now *listSpan) bool { return c.provinceIsNew(now.code[:2]) })
	c.sameRoot(func(old, now *listSpan) bool { return old.code[:2] == now.code[:2] })
	c.sameRoot(func(old, now *listSpan) bool { return c.provinceIsNew(now.code[:2]) })
	c.leave()
}

// provinceIsNew reports whether a province is in the list after and not in the one before.
func (c *crossing) provinceIsNew(two DivisionCode) bool {
	return slices.ContainsFunc(c.spans, func(s *listSpan) bool {
		return s.code == two+"0000" && (s.from.Equal(c.on) || s.first > 0 && c.lists[s.first].Day.Equal(c.on))
	})
}

// lateDays is how long after a change monthly lists went on as before: up to two months.
const lateDays = 62

// takeDated takes what is known otherwise.
func (c *crossing) takeDated() {
	for i, d := range c.dated {
		if d.used || d.Kind == "" || !d.On.After(c.after.AddDate(0, 0, -lateDays)) || d.On.After(c.on) {
			continue
		}
		now := pick(c.new, d.To)
		var old []*listSpan
		for _, p := range d.From {
			if s := pick(c.gone, p); s != nil {
				old = append(old, s)
			}
		}
		if now != nil && len(old) == len(d.From) {
			c.join(d.Kind, old, now, d.Basis, d.On.Time)
			c.dated[i].used = true
		}
	}
}

// remarkUnused says which of the dated changes within the time of the lists no two lists bear out.
func (r *listReader) remarkUnused() {
	for _, d := range r.dated {
		if d.Kind != "" && !d.used && d.On.After(r.lists[0].Day) && !d.On.After(r.lists[len(r.lists)-1].Day) {
			r.findings.say(fault.Warning, "dated-unmatched", d.On.String(), "%s 的“%s”与前后的代码表不合：未采用", d.On, d.To.Name)
		}
	}
}

func pick(spans []*listSpan, p DivisionPart) *listSpan {
	for _, s := range spans {
		if s.code == p.Code && s.name == p.Name {
			return s
		}
	}
	return nil
}

// goesOn are the kinds of events after which a division is the one it was.
func goesOn(kind EventKind) bool {
	return kind == RenameDivision || kind == ChangeCode || kind == ChangeSuperior
}

// join records that the new one came of the old ones. A zero day is the day of the list after.
func (c *crossing) join(kind EventKind, old []*listSpan, now *listSpan, basis Basis, day time.Time) {
	e := spanEvent{kind: kind, on: day, basis: basis, from: old, to: []*listSpan{now}}
	if day.IsZero() {
		e.after, e.on, e.basis = c.dayOf(append(slices.Clone(old), now)...)
	}
	for _, s := range old {
		s.to = e.on
		c.gone = without(c.gone, s)
	}
	now.from = e.on
	c.new = without(c.new, now)
	if goesOn(kind) && len(old) == 1 {
		old[0].next, now.goesOn = now, true
	}
	c.events = append(c.events, e)
}

// dayOf is when what became of the spans did: on a day known for their codes, or between the lists.
func (c *crossing) dayOf(spans ...*listSpan) (after, on time.Time, basis Basis) {
	for _, d := range c.dated {
		if d.Kind != "" || !d.On.After(c.after) || d.On.After(c.on) {
			continue
		}
		for _, s := range spans {
			if slices.ContainsFunc(d.Codes, func(begin string) bool { return strings.HasPrefix(string(s.code), begin) }) {
				return time.Time{}, d.On.Time, d.Basis
			}
		}
	}
	return c.after, c.on, ByLists
}

func without(spans []*listSpan, s *listSpan) []*listSpan {
	return slices.DeleteFunc(slices.Clone(spans), func(o *listSpan) bool { return o == s })
}

// sameCode takes a code with another name for a renaming where the kind is the same and no other division of that name has
// gone, and for a change of type where the kind is another and the name begins alike.
func (c *crossing) sameCode() {
	for _, now := range slices.Clone(c.new) {
		old := onlyOf(c.gone, func(s *listSpan) bool { return s.code == now.code })
		if old == nil {
			continue
		}
		elsewhere := slices.ContainsFunc(c.gone, func(s *listSpan) bool { return s != old && s.alike(now) && s.code[:2] == now.code[:2] })
		moved := slices.ContainsFunc(c.new, func(s *listSpan) bool { return s != now && s.alike(old) && s.code[:2] == old.code[:2] })
		switch {
		case elsewhere || moved:
		case old.alike(now) && old.kind() != now.kind():
			c.join(ChangeType, []*listSpan{old}, now, ByLists, time.Time{})
		case old.kind() == now.kind():
			c.join(RenameDivision, []*listSpan{old}, now, ByLists, time.Time{})
		}
	}
}

// alike reports whether two names are of one level and the same but for their endings: 綦江县 and 綦江区, 石柱县 and
// 石柱土家族自治县; or where one is the other with an ending added: 赣县 and 赣县区.
func (s *listSpan) alike(o *listSpan) bool {
	return s.level() == o.level() && (s.root() == o.root() || s.name == o.root() || s.root() == o.name)
}

func (s *listSpan) root() string { return nameRoot(s.level(), s.name) }

// common reports whether the name is one that many districts have, such as 城区 and 郊区.
func (s *listSpan) common() bool {
	return s.kind() == "district" && len([]rune(s.root())) == 1
}

// sameName takes the same name under another code for the same division, where there is only one before and after that
// it can be. A name that many have (城区, 郊区) only counts within its prefecture.
func (c *crossing) sameName(near func(old, now *listSpan) bool) {
	for _, now := range slices.Clone(c.new) {
		fits := func(old, now *listSpan) bool {
			return old.name == now.name && old.level() == now.level() && near(old, now) &&
				(!old.common() || old.code[:4] == now.code[:4])
		}
		old := onlyOf(c.gone, func(s *listSpan) bool { return fits(s, now) })
		if old != nil && onlyOf(c.new, func(s *listSpan) bool { return fits(old, s) }) == now {
			c.join(ChangeCode, []*listSpan{old}, now, ByLists, time.Time{})
		}
	}
}

// sameRoot takes the same name with another ending for a change of type.
func (c *crossing) sameRoot(near func(old, now *listSpan) bool) {
	for _, now := range slices.Clone(c.new) {
		fits := func(old, now *listSpan) bool {
			return old.alike(now) && old.kind() != now.kind() && near(old, now) && !old.common() && !now.common()
		}
		old := onlyOf(c.gone, func(s *listSpan) bool { return fits(s, now) })
		if old != nil && onlyOf(c.new, func(s *listSpan) bool { return fits(old, s) }) == now {
			c.join(ChangeType, []*listSpan{old}, now, ByLists, time.Time{})
		}
	}
}

// onlyOf returns the one span that fits, nil for none or several.
func onlyOf(spans []*listSpan, fits func(*listSpan) bool) (found *listSpan) {
	for _, s := range spans {
		if !fits(s) {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	return found
}

// leave records what the lists do not explain: it is no longer there, or newly there, and says so.
func (c *crossing) leave() {
	for _, s := range c.gone {
		e := spanEvent{kind: Abolish, from: []*listSpan{s}}
		e.after, e.on, e.basis = c.dayOf(s)
		s.to = e.on
		c.events = append(c.events, e)
	}
	for _, s := range c.new {
		e := spanEvent{kind: Establish, to: []*listSpan{s}}
		e.after, e.on, e.basis = c.dayOf(s)
		s.from = e.on
		c.events = append(c.events, e)
		if old := onlyOf(c.gone, func(o *listSpan) bool { return o.code == s.code }); old != nil {
			c.findings.say(fault.Review, "code-passed", listName(c.on), "代码 %s 由“%s”转给“%s”：代码表不能说明两者的关系，请据批复补记", s.code, old.name, s.name)
		}
	}
	if n, m := len(c.gone), len(c.new); n+m > 0 {
		c.findings.say(fault.Info, "unexplained", listName(c.on), "%s 与 %s 之间：不再列出 %d 个，新列出 %d 个，代码表没有说明去向和来历（%s）",
			listName(c.after), listName(c.on), n, m, someOf(append(slices.Clone(c.gone), c.new...)))
	}
}

func someOf(spans []*listSpan) string {
	const shown = 6
	texts := make([]string, 0, shown)
	for _, s := range spans[:min(shown, len(spans))] {
		texts = append(texts, fmt.Sprintf("%s %s", s.code, s.name))
	}
	if len(spans) > shown {
		texts = append(texts, "…")
	}
	return strings.Join(texts, "、")
}

// ReadCodeList reads a list as a table of tabs: its headings name at least Code and Name, and its file is named by the
// month at whose end it stood: 201112.tsv.
//
// Errors: Malformed "bad-list" with what is wrong where.
func ReadCodeList(r io.Reader, file string) (CodeList, error) {
	month, err := time.Parse("200601", strings.TrimSuffix(file, ".tsv"))
	if err != nil {
		return CodeList{}, fault.New(fault.Malformed, "bad-list", "代码表 %s 的文件名不是年月：请写成 201112.tsv", file)
	}
	list := CodeList{Day: month.AddDate(0, 1, -1)}
	lines := bufio.NewScanner(r)
	code, name := -1, -1
	for n := 1; lines.Scan(); n++ {
		fields := strings.Split(strings.TrimRight(lines.Text(), "\r"), "\t")
		if n == 1 {
			code, name = slices.Index(fields, "Code"), slices.Index(fields, "Name")
			if code < 0 || name < 0 {
				return list, fault.New(fault.Malformed, "bad-list", "代码表 %s 第 1 行没有 Code 和 Name 两列", file)
			}
			continue
		}
		if max(code, name) >= len(fields) || strings.TrimSpace(fields[name]) == "" {
			return list, fault.New(fault.Malformed, "bad-list", "代码表 %s 第 %d 行缺代码或名称", file, n)
		}
		row := CodeRow{Name: strings.TrimSpace(fields[name])}
		var system CodeSystem
		if row.Code, system, err = ParseCode(fields[code]); err != nil || system != GBT2260 {
			return list, fault.New(fault.Malformed, "bad-list", "代码表 %s 第 %d 行的代码“%s”不是 6 位数字", file, n, fields[code])
		}
		list.Rows = append(list.Rows, row)
	}
	return list, lines.Err()
}
