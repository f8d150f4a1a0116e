package gazetteer

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// DivisionLink says what one division has to do with another in an event. To and From are the same where a division goes
// on as another version of itself.
type DivisionLink struct {
	From  uuid.UUID `json:"from"`
	To    uuid.UUID `json:"to"`
	Role  LinkRole  `json:"role"`
	Share Share     `json:"share"`
}

// LinkRole is what the division of To is to that of From.
type LinkRole string

// The roles.
const (
	Successor LinkRole = "successor" // From ended, To took its place
	Recipient LinkRole = "recipient" // To got territory of From
	Itself    LinkRole = "itself"    // the same division goes on
)

// PlannedEvent is an event with the divisions it links.
type PlannedEvent struct {
	ID    uuid.UUID      `json:"id"`
	Kind  EventKind      `json:"kind"`
	Links []DivisionLink `json:"links"`
	Of    []uuid.UUID    `json:"of"` // divisions that it concerns without linking them: set up from nothing, abolished for nothing
}

// StandingChange is a division that goes on and stands otherwise.
type StandingChange struct {
	Before DivisionStanding `json:"before"`
	After  DivisionStanding `json:"after"`
}

// DivisionPlan is what a change does, decided and not yet recorded: the versions and codes of Ended and of Before close
// on the day, those of Founded and After open on it.
type DivisionPlan struct {
	On       time.Time          `json:"-"`
	Founded  []DivisionStanding `json:"founded"`
	Ended    []DivisionStanding `json:"ended"`
	Changed  []StandingChange   `json:"changed"`
	Events   []PlannedEvent     `json:"events"`
	Findings []fault.Finding    `json:"findings"`

	Before DivisionState `json:"-"` // the state on the day before
	After  DivisionState `json:"-"` // and from the day on
}

// Refused reports whether a finding forbids recording the plan.
func (p DivisionPlan) Refused() bool { return fault.Worst(p.Findings) == fault.Block }

// PlanDivisionChange decides what a change does to divisions that stand as given on the day before it takes effect. It is
// a function of its arguments; newID makes the ids of new divisions and of events. What is wrong is told in Findings, all
// at once: a division that is not there or has another name, one registered twice, a code in use, children left without
// a parent, a cycle, something recorded later than the day.
func PlanDivisionChange(before DivisionState, change DivisionChange, newID func() uuid.UUID) DivisionPlan {
	w := changing{
		before: before, after: maps.Clone(before), change: change, newID: newID,
		made: map[DivisionCode]uuid.UUID{}, moved: map[uuid.UUID]string{}, ended: map[uuid.UUID]bool{},
	}
	w.remarkApproval()
	for i, e := range change.Events {
		w.makeNew(e, pointer("events", i))
	}
	for i, e := range change.Events {
		w.apply(e, pointer("events", i))
	}
	for _, m := range w.wholes {
		w.follow(m)
	}
	for id := range w.ended {
		delete(w.after, id)
	}
	w.checkAfter()
	plan := w.diff()
	plan.Events, plan.Findings, plan.Before, plan.After = w.events, w.findings.list(), before, w.after
	return plan
}

// changing is a change being carried out on a copy of the state.
type changing struct {
	before, after DivisionState
	change        DivisionChange
	newID         func() uuid.UUID
	made          map[DivisionCode]uuid.UUID // new divisions by code
	moved         map[uuid.UUID]string       // divisions that go over, with where that is ordered
	ended         map[uuid.UUID]bool
	wholes        []wholeMove
	events        []PlannedEvent
	findings      changeFindings
}

func (w *changing) remarkApproval() {
	a := w.change.Approval
	if a.ApprovedOn.IsZero() {
		w.findings.say(fault.Review, "approval-day-unknown", "/approval/approvedOn", "批准日期不详：办理时限暂自公布之日起算，查到批复后补记")
	}
	if w.change.Basis != ByPaper {
		w.findings.say(fault.Review, "approval-unread", "/basis", "依据不是批复原文（%s）：请以批复核对", basisWords[w.change.Basis])
	}
}

var basisWords = map[Basis]string{ByPaper: "批复原文", ByPress: "新闻报道的转载", ByLists: "前后两份代码表", ByMemory: "凭记忆记下"}

// find returns the division that has the code on the day before.
func (w *changing) find(code DivisionCode, name, at string) (uuid.UUID, bool) {
	id, known := w.before.byCode(code)
	switch {
	case !known:
		w.findings.block("division-unknown", at, "变更前没有代码为 %s 的区划（%s）：请核对代码，或先导入", code, name)
	case name != "" && w.before[id].Name != name:
		w.findings.block("name-differs", at, "变更前代码 %s 是“%s”，不是“%s”：请核对", code, w.before[id].Name, name)
	default:
		return id, true
	}
	return id, false
}

// target is a division of To, new or standing.
func (w *changing) target(d DivisionDraft, at string) (uuid.UUID, bool) {
	if id, ok := w.made[d.Code]; ok {
		return id, true
	}
	return w.find(d.Code, d.Name, at+"/code")
}

// makeNew founds the new divisions of an event.
func (w *changing) makeNew(e DivisionEvent, at string) {
	if !e.makes() {
		return
	}
	for i, d := range e.To {
		at := at + pointer("to", i)
		if id, standing := w.before.byCode(d.Code); standing && w.before[id].Name == d.Name && e.Kind != Establish {
			continue // it was there and stays
		} else if standing && e.Kind == Establish && w.before[id].Name == d.Name {
			w.findings.block("established-already", at, "“%s”（%s）已经设立", d.Name, d.Code)
			continue
		}
		if _, twice := w.made[d.Code]; twice && d.Code != "" {
			w.findings.block("code-in-use", at+"/code", "代码 %s 在这次变更里给了两个区划", d.Code)
			continue
		}
		n := DivisionStanding{ID: w.newID(), Level: d.Level, Seat: d.Seat, Codes: map[CodeSystem]DivisionCode{}}
		if n.Level == "" {
			n.Level = LevelOf(d.Code)
		}
		n.Name, n.Office = OfficialName(n.Level, d.Name)
		if n.Kind = d.Kind; n.Kind == "" {
			n.Kind = KindOf(n.Level, n.Name)
		}
		if d.Code != "" {
			code, system := Canonical(d.Code, n.Level)
			n.Codes[system] = code
			w.made[d.Code] = n.ID
		}
		w.after[n.ID] = n
		w.place(n.ID, d, e, at)
	}
}

// place hangs a new division where the draft says, or beside those it comes from.
func (w *changing) place(id uuid.UUID, d DivisionDraft, e DivisionEvent, at string) {
	n := w.after[id]
	switch {
	case d.Parent != "":
		n.Parent = w.parent(d.Parent, at)
	case len(e.From) > 0:
		if from, known := w.before.byCode(e.From[0].Code); known {
			n.Parent = w.before[from].Parent
		}
	}
	w.after[id] = n
}

// parent is the division of a code above another, new or standing.
func (w *changing) parent(code DivisionCode, at string) uuid.UUID {
	if id, ok := w.made[code]; ok {
		return id
	}
	id, _ := w.find(code, "", at+"/parent")
	return id
}

// apply carries out one event.
func (w *changing) apply(e DivisionEvent, at string) {
	planned := PlannedEvent{ID: w.newID(), Kind: e.Kind, Links: []DivisionLink{}, Of: []uuid.UUID{}}
	from, ok := w.resolve(e, at)
	if !ok {
		return
	}
	to := make([]uuid.UUID, len(e.To))
	for i, d := range e.To {
		where := at + pointer("to", i)
		switch {
		case !e.makes() && e.Kind != TransferTerritory:
			to[i] = from[0]
			w.revise(from[0], d, where)
		default:
			if to[i], ok = w.target(d, where); !ok {
				return
			}
		}
	}
	planned.Links = e.links(from, to)
	if len(planned.Links) == 0 {
		planned.Of = append(append(planned.Of, from...), to...)
	}
	w.move(e, from, to, at)
	if e.ends() {
		for _, id := range from {
			if !slices.Contains(to, id) {
				w.ended[id] = true
			}
		}
	}
	w.events = append(w.events, planned)
}

// resolve finds the divisions of From.
func (w *changing) resolve(e DivisionEvent, at string) (ids []uuid.UUID, ok bool) {
	ok = true
	for i, p := range e.From {
		id, found := w.find(p.Code, p.Name, at+pointer("from", i)+"/code")
		ids, ok = append(ids, id), ok && found
	}
	return ids, ok
}

// links are what the event makes of the divisions to each other.
func (e DivisionEvent) links(from, to []uuid.UUID) []DivisionLink {
	links := []DivisionLink{}
	for i, f := range from {
		share := e.From[i].Share
		if share == "" {
			share = Whole
		}
		for _, t := range to {
			l := DivisionLink{From: f, To: t, Role: Successor, Share: share}
			switch {
			case f == t:
				l.Role = Itself
			case e.Kind == TransferTerritory || e.Kind == Establish:
				l.Role = Recipient
			}
			if e.Kind == Split {
				l.Share = Part
			}
			links = append(links, l)
		}
	}
	return links
}

// revise gives a division that goes on what the draft says of it.
func (w *changing) revise(id uuid.UUID, d DivisionDraft, at string) {
	n := w.after[id]
	if d.Name != "" {
		n.Name, n.Office = OfficialName(n.Level, d.Name)
	}
	if d.Seat != "" {
		n.Seat = d.Seat
	}
	if d.Parent != "" {
		n.Parent, w.moved[id] = w.parent(d.Parent, at), at
	}
	if d.Code != "" {
		n = n.recoded(d.Code)
	}
	w.after[id] = n
}

// recoded is the division under another code of its level.
func (d DivisionStanding) recoded(code DivisionCode) DivisionStanding {
	code, system := Canonical(code, d.Level)
	d.Codes = maps.Clone(d.Codes)
	if d.Codes == nil {
		d.Codes = map[CodeSystem]DivisionCode{}
	}
	d.Codes[system] = code
	return d
}

// move takes the divisions that the event names over to the one of To.
func (w *changing) move(e DivisionEvent, from, to []uuid.UUID, at string) {
	if len(to) != 1 {
		return
	}
	for i, m := range e.Moves {
		w.moveOne(m, from, to[0], at+pointer("moves", i))
	}
	for i, id := range from {
		if e.ends() && e.From[i].Share != Part && id != to[0] {
			w.wholes = append(w.wholes, wholeMove{id, to[0], at})
		}
	}
}

// wholeMove is a division that ended as a whole: what hangs on it goes to the other.
type wholeMove struct {
	from, to uuid.UUID
	at       string
}

// follow takes the divisions below one that ended as a whole over to its successor, but those that have a way of their own.
func (w *changing) follow(m wholeMove) {
	for _, child := range w.below(m.from) {
		if w.moved[child] == "" && !w.ended[child] {
			w.hang(child, m.to, m.at)
		}
	}
}

func (w *changing) moveOne(m DivisionMove, from []uuid.UUID, to uuid.UUID, at string) {
	id, known := w.before.byCode(m.Code)
	switch {
	case !known:
		w.findings.say(fault.Warning, "township-missing", at, "变更前没有 %s（%s）：库里没有登记，未能随同划转，请先导入", m.Name, m.Code)
		return
	case w.moved[id] != "":
		w.findings.block("moved-twice", at, "%s（%s）在 %s 已有去向", m.Name, m.Code, w.moved[id])
		return
	case len(from) > 0 && !slices.Contains(from, w.before[id].Parent):
		w.findings.block("not-below", at, "%s（%s）变更前不在划出的区划之下", m.Name, m.Code)
		return
	}
	if _, ok := w.find(m.Code, m.Name, at); !ok {
		return
	}
	for other, d := range w.before {
		if other != id && d.Parent == to && d.Name == w.before[id].Name {
			w.findings.say(fault.Warning, "registered-twice", at, "“%s”在划入的区划之下已登记为 %s：同一个单位登记了两次，请核对", d.Name, d.Code())
		}
	}
	w.hang(id, to, at)
	if m.NewCode != "" {
		w.after[id] = w.after[id].recoded(m.NewCode)
	}
}

// hang puts a division below another, by order of the event at.
func (w *changing) hang(id, to uuid.UUID, at string) {
	d := w.after[id]
	d.Parent = to
	w.after[id], w.moved[id] = d, at
	own := PlannedEvent{ID: w.newID(), Kind: ChangeSuperior, Links: []DivisionLink{{id, id, Itself, Whole}}, Of: []uuid.UUID{}}
	w.events = append(w.events, own)
}

// below lists the divisions that hung directly on one before, by code.
func (w *changing) below(id uuid.UUID) []uuid.UUID {
	var ids []uuid.UUID
	for child, d := range w.before {
		if d.Parent == id {
			ids = append(ids, child)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return w.before[a].order(w.before[b]) })
	return ids
}

// checkAfter holds the state after the change against what must be true of any.
func (w *changing) checkAfter() {
	codes := map[DivisionCode]DivisionStanding{}
	for _, d := range w.after.Sorted() {
		if code := d.Code(); code != "" {
			if other, taken := codes[code]; taken {
				w.findings.block("code-in-use", "", "代码 %s 同时属于“%s”和“%s”", code, other.Name, d.Name)
			}
			codes[code] = d
		}
		up, standing := w.after[d.Parent]
		switch {
		case w.ended[d.Parent]:
			w.findings.block("child-left", "", "“%s”（%s）的上级“%s”撤销了，没有写明它归谁：请在 moves 里写明", d.Name, d.Code(), w.before[d.Parent].Name)
		case w.circular(d.ID):
			w.findings.block("cycle", "", "“%s”成了自己的下级", d.Name)
		case standing && slices.Index(Levels, up.Level) >= slices.Index(Levels, d.Level):
			w.findings.block("level-order", "", "“%s”（%s）不能在“%s”（%s）之下", d.Name, d.Level, up.Name, up.Level)
		}
		if before, was := w.before[d.ID]; was && standing && before.Parent != d.Parent && d.Level == Township && d.Code() != "" && !strings.HasPrefix(string(d.Code()), string(up.Code())) {
			w.findings.say(fault.Warning, "code-stale", "", "“%s”归入%s后仍用旧代码 %s：新代码公布后请补记", d.Name, up.Name, d.Code())
		}
	}
	for _, code := range slices.Sorted(maps.Keys(w.change.Expect)) {
		w.count(code, w.change.Expect[code])
	}
}

func (w *changing) circular(id uuid.UUID) bool {
	seen := map[uuid.UUID]bool{}
	for ; id != uuid.Nil; id = w.after[id].Parent {
		if seen[id] {
			return true
		}
		seen[id] = true
	}
	return false
}

// count compares the divisions directly below one with what was announced.
func (w *changing) count(code DivisionCode, announced map[Kind]int) {
	id, known := w.after.byCode(code)
	if !known {
		return
	}
	found := map[Kind]int{}
	for _, d := range w.after {
		if d.Parent == id {
			found[d.Kind]++
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(announced)) {
		if found[kind] != announced[kind] {
			w.findings.say(fault.Warning, "count-differs", "/expect/"+string(code),
				"变更后%s之下登记有 %d 个 %s，公布的是 %d 个：库里的下级不全，或公布的数字有出入", w.after[id].Name, found[kind], kind, announced[kind])
		}
	}
}

// diff is what became of every division. One of which something later is recorded cannot change before that.
func (w *changing) diff() DivisionPlan {
	p := DivisionPlan{On: w.change.Approval.EffectiveOn.Time, Founded: []DivisionStanding{}, Ended: []DivisionStanding{}, Changed: []StandingChange{}}
	for _, d := range w.before.Sorted() {
		after, goesOn := w.after[d.ID]
		switch {
		case !goesOn:
			w.checkLater(d)
			p.Ended = append(p.Ended, d)
		case !d.Same(after) || !maps.Equal(d.Codes, after.Codes):
			w.checkLater(d)
			p.Changed = append(p.Changed, StandingChange{d, after})
		}
	}
	for _, d := range w.after.Sorted() {
		if _, was := w.before[d.ID]; !was {
			p.Founded = append(p.Founded, d)
		}
	}
	return p
}

func (w *changing) checkLater(d DivisionStanding) {
	if d.Later {
		w.findings.block("changed-later", "", "“%s”在 %s 或以后已有变更：请按先后次序记录，先核对后来的变更", d.Name, w.change.Approval.EffectiveOn)
	}
}

// Succession is the plan as offices need it: each division that ends with those that take its place. Who only got
// territory of it takes no place.
func (p DivisionPlan) Succession() DivisionSuccession {
	s := DivisionSuccession{On: p.On, Successors: map[uuid.UUID][]uuid.UUID{}, Names: map[uuid.UUID]string{}}
	for _, d := range p.Ended {
		s.Successors[d.ID], s.Names[d.ID] = nil, d.Name
	}
	for _, e := range p.Events {
		for _, l := range e.Links {
			if _, gone := s.Successors[l.From]; gone && l.Role == Successor {
				s.Successors[l.From] = append(s.Successors[l.From], l.To)
				s.Names[l.To] = p.After[l.To].Name
			}
		}
	}
	return s
}

// Parts lists the divisions that give or get a part of a territory.
func (p DivisionPlan) Parts() (parts []uuid.UUID) {
	for _, e := range p.Events {
		for _, l := range e.Links {
			if l.Share == Part && l.From != l.To {
				parts = append(parts, l.From, l.To)
			}
		}
	}
	return parts
}

// Concerned are the divisions whose superior a change is for, with their names: those that end or change, and those below
// which one is founded and that hang on another themselves.
func (p DivisionPlan) Concerned() map[uuid.UUID]string {
	all := map[uuid.UUID]string{}
	for _, d := range p.Ended {
		all[d.ID] = d.Name
	}
	for _, c := range p.Changed {
		all[c.Before.ID] = c.Before.Name
	}
	for _, d := range p.Founded {
		if up, known := p.After[d.Parent]; known && up.Parent != uuid.Nil {
			all[up.ID] = up.Name
		}
	}
	return all
}
