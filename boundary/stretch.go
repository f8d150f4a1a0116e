package boundary

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// StretchState is where a declared stretch (申报区段) stands.
type StretchState string

// The states. Only a confirmed stretch counts.
const (
	StretchDeclared  StretchState = "declared"  // 已申报，待另一方确认
	StretchConfirmed StretchState = "confirmed" // 双方已确认
	StretchRefused   StretchState = "refused"   // 另一方不予确认
	StretchWithdrawn StretchState = "withdrawn" // 已撤回
)

// StretchStates lists every state once, in order.
var StretchStates = []StretchState{StretchDeclared, StretchConfirmed, StretchRefused, StretchWithdrawn}

var stretchWords = map[StretchState]string{
	StretchDeclared: "待确认", StretchConfirmed: "双方已确认", StretchRefused: "未获确认", StretchWithdrawn: "已撤回",
}

// Label is the state in Chinese.
func (s StretchState) Label() string { return stretchWords[s] }

// Obstacle is why nobody can walk a stretch.
type Obstacle string

// Obstacles lists every obstacle once; "other" is told in words.
var Obstacles = []Obstacle{"cliff", "river", "military", "forest", otherObstacle}

const otherObstacle Obstacle = "other"

// shortestStretchM is the shortest stretch that can be declared: no receiver tells shorter ones apart.
const shortestStretchM = 5

// Declaration is what a crew declares of a stretch that it could not walk: that it viewed it from a distance (目视), or
// checked it on a dated picture (影像).
type Declaration struct {
	Class         Class    `json:"class"` // Viewed or Imagery
	FromM         float64  `json:"fromM"` // chainage, metres
	ToM           float64  `json:"toM"`
	Reason        Obstacle `json:"reason"`
	Note          string   `json:"note"`
	CheckedOn     string   `json:"checkedOn,omitempty"`     // the day it was viewed, or its picture looked through; "" where it was not asked for
	PictureSource string   `json:"pictureSource,omitempty"` // of imagery: which orthophoto or drone flight
	PictureOn     string   `json:"pictureOn,omitempty"`     // of imagery: the day it was taken, 2026-11-24
}

// Check finds all that is wrong with a declaration made on the day for a line of that length in metres.
func (d Declaration) Check(lengthM float64, day string) []fault.Finding {
	var found []fault.Finding
	switch {
	case !(d.FromM >= 0 && d.FromM < d.ToM && round3(d.ToM) <= round3(lengthM)):
		found = append(found, fault.Blocking("bad-range", "/toM",
			"里程 %.1f 至 %.1f 米不对：起点应小于终点，都在界线全长 %.3f 米之内", d.FromM, d.ToM, lengthM))
	case d.ToM-d.FromM < shortestStretchM:
		found = append(found, fault.Blocking("too-short", "/toM", "区段只有 %.1f 米：至少应有 %d 米", d.ToM-d.FromM, shortestStretchM))
	}
	if !slices.Contains(Obstacles, d.Reason) {
		found = append(found, fault.Blocking("bad-reason", "/reason",
			"原因“%s”不对：可用 cliff（悬崖陡坡）、river（河流水面）、military（军事管理区）、forest（密林）、other（其他）", d.Reason))
	}
	if d.Reason == otherObstacle && d.Note == "" {
		found = append(found, fault.Blocking("note-missing", "/note", "原因选“其他”时，请用文字写明为什么走不到"))
	}
	if !dayBetween(d.CheckedOn, earliestDay, day) {
		found = append(found, fault.Blocking("bad-day", "/checkedOn", "检查日期“%s”不对：请写明目视或核对影像的日期，如 2026-11-24，不能晚于今天", d.CheckedOn))
	}
	return append(found, d.checkPicture(day)...)
}

// earliestDay is before the first photograph of a boundary line.
const earliestDay = "1900-01-01"

// dayBetween reports whether a text is a day of that span, the last one in it.
func dayBetween(text, from, to string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil && from <= text && text <= to
}

// checkPicture finds what is wrong with the class, and with the picture that one of them asks for.
func (d Declaration) checkPicture(day string) []fault.Finding {
	var found []fault.Finding
	switch {
	case d.Class != Viewed && d.Class != Imagery:
		found = append(found, fault.Blocking("bad-class", "/class", "检查方式“%s”不对：可用 viewed（目视）、imagery（影像）；走到的区段由轨迹证明，不能申报", d.Class))
	case d.Class == Viewed && (d.PictureSource != "" || d.PictureOn != ""):
		found = append(found, fault.Blocking("picture-unasked", "/pictureSource", "目视的区段没有影像：请把检查方式改为影像，或不填影像的来源和日期"))
	case d.Class == Imagery:
		if d.PictureSource == "" {
			found = append(found, fault.Blocking("picture-missing", "/pictureSource", "请写明影像的来源，如“2026 年 0.5 米正射影像”或“无人机航拍”"))
		}
		if !dayBetween(d.PictureOn, earliestDay, day) {
			found = append(found, fault.Blocking("bad-day", "/pictureOn", "影像日期“%s”不对：请写明拍摄的日期，如 2026-11-24，不能晚于今天", d.PictureOn))
		}
	}
	return found
}

// Stretch is a declared stretch as its state machine sees it.
type Stretch struct {
	State      StretchState
	Version    int
	OfficeID   uuid.UUID // the side that declared it
	DeclaredBy uuid.UUID // the account
	Round      Round
}

// StretchAction is an action asked for.
type StretchAction struct {
	Name   string
	Reason string
}

// stretchSide is which side takes a step.
type stretchSide uint8

const (
	ownSide stretchSide = iota // that declared it
	otherSide
	eitherSide
)

type stretchStep struct {
	from   StretchState
	action string
	label  string
	to     StretchState
	by     stretchSide
	needs  []string
}

// stretchSteps are all steps of a stretch. One that both have confirmed is given up by either, with a reason.
var stretchSteps = []stretchStep{
	{StretchDeclared, "confirm", "确认", StretchConfirmed, otherSide, nil},
	{StretchDeclared, "refuse", "不予确认", StretchRefused, otherSide, []string{"reason"}},
	{StretchDeclared, "withdraw", "撤回", StretchWithdrawn, ownSide, nil},
	{StretchConfirmed, "withdraw", "撤回", StretchWithdrawn, eitherSide, []string{"reason"}},
}

// allows reports whether the actor may take the step. Who works by assignment takes back what he declared himself, until
// the other side has confirmed it.
func (s stretchStep) allows(st Stretch, a gazetteer.Actor) bool {
	if s.from != st.State || a.System != "" {
		return false
	}
	if ByAssignment(a) {
		return s.by == ownSide && a.AccountID == st.DeclaredBy
	}
	side := st.Round.SideOf(a)
	if side == uuid.Nil || !a.Has(gazetteer.PartyOfficer) {
		return false
	}
	return s.by == eitherSide || (s.by == ownSide) == (side == st.OfficeID)
}

// OpenActions are the actions open to the actor, in the order of the table.
func (st Stretch) OpenActions(a gazetteer.Actor) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range stretchSteps {
		if st.Round.Editable() && s.allows(st, a) {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the stretch after it, its version one higher.
//
// Errors: Conflict "action-not-open" when no step of that name leaves the present state, "not-in-field" when the round takes
// no more evidence; Forbidden "not-yours"; Malformed "reason-missing".
func (st Stretch) Apply(in StretchAction, a gazetteer.Actor) (Stretch, error) {
	at := slices.IndexFunc(stretchSteps, func(s stretchStep) bool { return s.from == st.State && s.action == in.Name })
	if at < 0 {
		return st, fault.New(fault.Conflict, "action-not-open", "申报区段现为“%s”，不能办理“%s”：请刷新后再试", st.State.Label(), in.Name)
	}
	step := stretchSteps[at]
	switch {
	case !step.allows(st, a):
		return st, fault.New(fault.Forbidden, "not-yours", "“%s”不在您的职责之内：申报的区段由另一方的经办确认", step.label)
	case !st.Round.Editable():
		return st, notInField(st.Round)
	case slices.Contains(step.needs, "reason") && in.Reason == "":
		return st, fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", step.label)
	}
	st.State, st.Version = step.to, st.Version+1
	return st, nil
}

func notInField(r Round) error {
	return fault.New(fault.Conflict, "not-in-field", "联检现处于“%s”：外业开始后、联检终止前才办理申报区段", r.State.Label())
}

// Recounts reports whether what counts changes when a stretch goes from one state to another.
func (s StretchState) Recounts(to StretchState) bool {
	return (s == StretchConfirmed) != (to == StretchConfirmed)
}

// DeclaringSide is the side of the round for which the actor declares a stretch: that of his office, or the one for which
// he works by the assignment (nil for none).
//
// Errors: Forbidden "not-yours", "not-assigned"; Conflict "not-in-field".
func (r Round) DeclaringSide(a gazetteer.Actor, task *Assignment, d Declaration) (uuid.UUID, error) {
	side := r.SideOf(a)
	switch {
	case ByAssignment(a) && (task == nil || task.SideIn(r) == uuid.Nil):
		return uuid.Nil, fault.New(fault.Forbidden, "not-assigned", "您现在没有这条界线的任务，或任务已经结束")
	case ByAssignment(a) && !task.CoversStretch(d.FromM, d.ToM):
		return uuid.Nil, fault.New(fault.Forbidden, "not-assigned", "这个区段不在您的任务之内：申报区段须有包含它的测绘任务")
	case ByAssignment(a):
		side = task.SideIn(r)
	case a.System != "" || side == uuid.Nil || !a.Has(gazetteer.PartyOfficer):
		return uuid.Nil, fault.New(fault.Forbidden, "not-yours", "只有界线双方的经办人员可以为本方申报区段")
	}
	if !r.Editable() {
		return uuid.Nil, notInField(r)
	}
	return side, nil
}

// RoundStretch is a stretch of a round that is confirmed, or still to be.
type RoundStretch struct {
	ID uuid.UUID
	Declaration
	State       StretchState
	Office      string // that declared it
	DeclaredOn  string
	ConfirmedBy string // the other office; empty while it is not confirmed
	ConfirmedOn string
}

// StretchFigures are a confirmed stretch in a report. CountedM is what of it counts: what nobody walked and, of imagery,
// nobody viewed.
type StretchFigures struct {
	Declaration
	CountedM    float64 `json:"countedM"`
	Office      string  `json:"office"`
	DeclaredOn  string  `json:"declaredOn"`
	ConfirmedBy string  `json:"confirmedBy"`
	ConfirmedOn string  `json:"confirmedOn"`
}

// confirmed are the stretches that count.
func (f RoundFacts) confirmed() []Interval {
	var out []Interval
	for _, s := range f.Stretches {
		if s.State == StretchConfirmed {
			out = append(out, Interval{FromM: s.FromM, ToM: s.ToM, Class: s.Class})
		}
	}
	return out
}

func (f RoundFacts) stretchFigures(joint []Interval) []StretchFigures {
	var out []StretchFigures
	for _, s := range f.Stretches {
		if s.State == StretchConfirmed {
			out = append(out, StretchFigures{
				Declaration: s.Declaration, CountedM: lengthWithin(joint, s.Class, s.FromM, s.ToM),
				Office: s.Office, DeclaredOn: s.DeclaredOn, ConfirmedBy: s.ConfirmedBy, ConfirmedOn: s.ConfirmedOn,
			})
		}
	}
	return out
}

// unconfirmed are findings that name the stretches only one side has declared.
func (f RoundFacts) unconfirmed() []fault.Finding {
	var out []fault.Finding
	for _, s := range f.Stretches {
		if s.State != StretchDeclared {
			continue
		}
		where := fmt.Sprintf("里程 %.1f 至 %.1f 米", s.FromM, s.ToM)
		out = append(out, fault.Finding{
			Code: "stretch-unconfirmed", Severity: fault.Review,
			Detail:   fmt.Sprintf("%s申报%s为“%s”，另一方尚未确认，确认之前不计入", s.Office, where, s.Class.Label()),
			Evidence: []fault.Evidence{{Kind: "stretch", ID: s.ID.String(), Name: where}},
		})
	}
	return out
}
