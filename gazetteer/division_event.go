package gazetteer

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"fangyu/internal/fault"
)

// EventKind is what happens to divisions (行政区划变更), by the matters of 《行政区划管理条例》 (国务院令第704号) arts. 6–10.
type EventKind string

// The kinds. Where a unit is abolished and another set up in its place (撤县设区, 撤镇设街道) the law makes a new division;
// renamed, moved below another or given another code it stays the division it was.
const (
	Establish         EventKind = "establish"
	Abolish           EventKind = "abolish"
	RenameDivision    EventKind = "rename"
	Merge             EventKind = "merge"
	Split             EventKind = "split"
	TransferTerritory EventKind = "transfer-territory"
	ChangeSuperior    EventKind = "change-superior"
	ChangeType        EventKind = "change-type"
	MoveSeat          EventKind = "move-seat"
	ChangeCode        EventKind = "change-code"
	ChangeRank        EventKind = "change-rank"
)

// EventKinds lists every kind once.
var EventKinds = []EventKind{
	Establish, Abolish, RenameDivision, Merge, Split, TransferTerritory, ChangeSuperior, ChangeType, MoveSeat, ChangeCode, ChangeRank,
}

// Basis says what the record of a change rests on.
type Basis string

// The bases, the firmest first.
const (
	ByPaper  Basis = "document" // the approval itself was read
	ByPress  Basis = "press"    // copies of a news report
	ByLists  Basis = "lists"    // told from two code lists, one before and one after
	ByMemory Basis = "memory"   // written down from memory
)

// Bases lists every basis once.
var Bases = []Basis{ByPaper, ByPress, ByLists, ByMemory}

// Share says how much of a division goes over: all of it, or a part.
type Share string

// The shares.
const (
	Whole Share = "whole"
	Part  Share = "part"
)

// Day is a day as records write it, 2006-01-02; the zero Day is unknown and written null.
type Day struct{ time.Time }

// UnmarshalJSON reads a day, or null for an unknown one.
func (d *Day) UnmarshalJSON(b []byte) error {
	var text *string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	d.Time = time.Time{}
	if text == nil {
		return nil
	}
	t, err := time.Parse(time.DateOnly, *text)
	if err != nil || t.Year() < 1000 {
		return fault.New(fault.Malformed, "bad-day", "“%s”不是日期：请写成 2025-11-06，不知道的写 null", *text)
	}
	d.Time = t
	return nil
}

// MarshalJSON writes the day, null for an unknown one.
func (d Day) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.Format(time.DateOnly))
}

func (d Day) String() string {
	if d.IsZero() {
		return "（不详）"
	}
	return d.Format(time.DateOnly)
}

// Approval is the act that orders a change: who approved it when. The day on which it takes effect is another than the
// day of approval and that of the announcement; one that is not known is zero.
type Approval struct {
	Title       string `json:"title"`
	Number      string `json:"number"`
	ApprovedBy  string `json:"approvedBy"`
	ApprovedOn  Day    `json:"approvedOn"`
	AnnouncedOn Day    `json:"announcedOn"`
	EffectiveOn Day    `json:"effectiveOn"`
}

// DivisionChange is a change of divisions as a file describes it: an approval and all that it orders, which takes effect
// as one.
type DivisionChange struct {
	ID       string          `json:"id"` // by which it is known again
	Title    string          `json:"title"`
	Basis    Basis           `json:"basis"`
	Note     string          `json:"note"`
	Sources  []string        `json:"sources"`
	CodesBy  string          `json:"codesBy"` // source of the new codes, where it is another
	Approval Approval        `json:"approval"`
	Events   []DivisionEvent `json:"events"`
	// Expect counts, by the code of a division, the divisions directly below it after the change, by kind: as announced.
	Expect map[DivisionCode]map[Kind]int `json:"expect"`
}

// DivisionEvent is one thing that a change orders. Codes of From and Moves are those of the day before.
type DivisionEvent struct {
	Kind  EventKind       `json:"kind"`
	From  []DivisionPart  `json:"from"`  // on which it acts
	To    []DivisionDraft `json:"to"`    // what comes of them
	Moves []DivisionMove  `json:"moves"` // divisions directly below From that go to the one in To
}

// DivisionPart names a division and how much of it goes over; no share is all of it.
type DivisionPart struct {
	Code  DivisionCode `json:"code"`
	Name  string       `json:"name"`
	Share Share        `json:"share"`
}

// DivisionDraft describes a division as the event leaves it. What is empty stays as it was, or follows from the name.
type DivisionDraft struct {
	Code   DivisionCode `json:"code"`
	Name   string       `json:"name"`
	Level  Level        `json:"level"`
	Kind   Kind         `json:"kind"`
	Parent DivisionCode `json:"parent"`
	Seat   string       `json:"seat"`
}

// DivisionMove is a division that goes over, with the code it gets, where it gets one.
type DivisionMove struct {
	Code    DivisionCode `json:"code"`
	Name    string       `json:"name"`
	NewCode DivisionCode `json:"newCode"`
}

// ReadDivisionChange reads a described change strictly.
//
// Errors: Malformed "bad-change" for what is no such file, "bad-day"; Refused "change-refused" with a finding for each
// thing that is missing in it.
func ReadDivisionChange(b []byte) (DivisionChange, error) {
	var c DivisionChange
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		var known *fault.Error
		if errors.As(err, &known) {
			return c, known
		}
		return c, fault.Wrap(err, fault.Malformed, "bad-change", "不是区划变更的描述：%s；请检查是否选错了文件", changeTrouble(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return c, fault.New(fault.Malformed, "bad-change", "区划变更的描述之后还有多余的内容")
	}
	return c, c.Check()
}

// changeTrouble says in Chinese what the decoder found in a description.
func changeTrouble(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return "没有 " + name + " 这一项"
	}
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return "“" + kind.Field + "”一项的写法不对"
	case errors.As(err, &syntax):
		return "第 " + strconv.FormatInt(syntax.Offset, 10) + " 个字节处不是 JSON"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "JSON 不完整"
	}
	return "读不成 JSON 对象"
}

// Check reports everything that is missing in the description on its own: Refused "change-refused" with findings.
func (c DivisionChange) Check() error {
	var f changeFindings
	if c.ID == "" || strings.Trim(c.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		f.block("change-incomplete", "/id", "请给变更一个编号，用小写字母、数字和 -，如 2025-cq")
	}
	for at, text := range map[string]string{"/title": c.Title, "/approval/title": c.Approval.Title} {
		if strings.TrimSpace(text) == "" {
			f.block("change-incomplete", at, "请写明标题")
		}
	}
	if !slices.Contains(Bases, c.Basis) {
		f.block("change-incomplete", "/basis", "依据“%s”不对：可用 document、press、lists、memory", c.Basis)
	}
	if c.Approval.EffectiveOn.IsZero() {
		f.block("change-incomplete", "/approval/effectiveOn", "请写明生效日期")
	}
	if len(c.Events) == 0 {
		f.block("change-incomplete", "/events", "没有任何变更事项")
	}
	for i, e := range c.Events {
		e.check(&f, pointer("events", i))
	}
	return f.refusal()
}

// Codes lists every code that the change names.
func (c DivisionChange) Codes() (codes []string) {
	add := func(code DivisionCode) {
		if code != "" {
			codes = append(codes, string(code))
		}
	}
	for _, e := range c.Events {
		for _, p := range e.From {
			add(p.Code)
		}
		for _, d := range e.To {
			add(d.Code)
			add(d.Parent)
		}
		for _, m := range e.Moves {
			add(m.Code)
		}
	}
	for code := range c.Expect {
		add(code)
	}
	return codes
}

// needs says how many divisions an event of a kind acts on and leaves.
var needs = map[EventKind]struct {
	from, to, most int // at least, at least, of to at most
	word           string
}{
	Establish:         {0, 1, 1, "设立须有一个新设的区划（to）"},
	Abolish:           {1, 0, 0, "撤销须写明撤销的区划（from），不写 to"},
	RenameDivision:    {1, 1, 1, "更名须写明一个区划（from）和新的名称（to）"},
	Merge:             {2, 1, 1, "合并须写明两个以上的区划（from）和一个区划（to）"},
	Split:             {1, 2, 99, "分设须写明一个区划（from）和两个以上的区划（to）"},
	TransferTerritory: {1, 1, 1, "划转须写明划出（from）和划入（to）的区划"},
	ChangeSuperior:    {1, 1, 1, "变更隶属须写明区划（from）和新的上级（to.parent）"},
	ChangeType:        {1, 1, 1, "改设须写明一个区划（from）和改设成的区划（to）"},
	MoveSeat:          {1, 1, 1, "迁址须写明区划（from）和新的驻地（to.seat）"},
	ChangeCode:        {1, 1, 1, "变更代码须写明区划（from）和新的代码（to.code）"},
	ChangeRank:        {1, 1, 1, "升降级须写明一个区划（from）和升降成的区划（to）"},
}

func (e DivisionEvent) check(f *changeFindings, at string) {
	need, known := needs[e.Kind]
	switch {
	case !known:
		f.block("event-form", at+"/kind", "不认识的变更种类“%s”", e.Kind)
		return
	case len(e.From) < need.from, len(e.To) < need.to, len(e.To) > need.most:
		f.block("event-form", at, "%s", need.word)
		return
	}
	for i, p := range e.From {
		f.code(at+pointer("from", i)+"/code", p.Code)
		if p.Share != "" && p.Share != Whole && p.Share != Part {
			f.block("event-form", at+pointer("from", i)+"/share", "“%s”不对：全部写 whole，部分写 part", p.Share)
		}
	}
	for i, m := range e.Moves {
		f.code(at+pointer("moves", i)+"/code", m.Code)
		if m.NewCode != "" {
			f.code(at+pointer("moves", i)+"/newCode", m.NewCode)
		}
	}
	for i, d := range e.To {
		where := at + pointer("to", i)
		if d.Code != "" {
			f.code(where+"/code", d.Code)
		}
		if d.Parent != "" {
			f.code(where+"/parent", d.Parent)
		}
		lacking := map[EventKind]string{RenameDivision: d.Name, ChangeSuperior: string(d.Parent), MoveSeat: d.Seat, ChangeCode: string(d.Code)}
		if text, must := lacking[e.Kind]; must && text == "" || e.makes() && d.Name == "" || e.Kind == TransferTerritory && d.Code == "" {
			f.block("event-form", where, "%s", need.word)
		}
	}
}

// makes reports whether what stands in To may be a new division.
func (e DivisionEvent) makes() bool {
	return slices.Contains([]EventKind{Establish, Merge, Split, ChangeType, ChangeRank}, e.Kind)
}

// ends reports whether the divisions of From end with the event, unless they stand in To as well.
func (e DivisionEvent) ends() bool {
	return slices.Contains([]EventKind{Abolish, Merge, Split, ChangeType, ChangeRank}, e.Kind)
}

//go:embed changes/*.json
var changeFiles embed.FS

// KnownChanges are the changes that come with the program, each a dated pack with its sources, by file name.
func KnownChanges() ([]DivisionChange, error) {
	files, err := fs.Glob(changeFiles, "changes/*.json")
	if err != nil {
		return nil, err
	}
	all := make([]DivisionChange, 0, len(files))
	for _, name := range files {
		c, err := KnownChange(strings.TrimSuffix(path.Base(name), ".json"))
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// KnownChange is the change of the id that comes with the program: NotFound "change-unknown" when there is none.
func KnownChange(id string) (DivisionChange, error) {
	b, err := changeFiles.ReadFile("changes/" + id + ".json")
	if err != nil {
		return DivisionChange{}, fault.New(fault.NotFound, "change-unknown", "没有编号为“%s”的区划变更", id)
	}
	return ReadDivisionChange(b)
}
