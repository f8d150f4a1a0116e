package boundary

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// WorkState is where a record of work at a marker stands.
type WorkState string

// The states. Only what is recorded moves the state of its marker.
const (
	WorkDraft     WorkState = "draft"     // 草稿，只有本方可见
	WorkSubmitted WorkState = "submitted" // 已提交，待对方确认
	WorkRecorded  WorkState = "recorded"  // 已登记入档
	WorkRefused   WorkState = "refused"   // 对方不予确认
	WorkWithdrawn WorkState = "withdrawn" // 已撤回，留在本方
)

// WorkStates lists every state once, in order.
var WorkStates = []WorkState{WorkDraft, WorkSubmitted, WorkRecorded, WorkRefused, WorkWithdrawn}

var workStateWords = map[WorkState]string{
	WorkDraft: "草稿", WorkSubmitted: "待对方确认", WorkRecorded: "已登记", WorkRefused: "未获确认", WorkWithdrawn: "已撤回",
}

// Label is the state in Chinese.
func (s WorkState) Label() string { return workStateWords[s] }

// MarkerWork is a record of work at a marker as its state machine sees it.
type MarkerWork struct {
	State         WorkState
	Version       int
	OfficeID      uuid.UUID // whose record it is
	WrittenBy     uuid.UUID // the account
	Party         uuid.UUID // the side it speaks for
	Others        []uuid.UUID
	Kind          WorkKind
	Fit           Fit
	DoneOn        string
	ContentSHA256 string
	Confirmations []AgreementConfirmation // of the other sides; they never become void, since what was submitted stays as it is
	Marker        MarkerState             // that its marker is in
	Relocated     bool                    // since this was written: it was held against the former position
	Seen          []WorkSeen
}

// WorkSeen is another standing record of the same kind since the marker came into its state.
type WorkSeen struct {
	Party  uuid.UUID
	Fit    Fit
	DoneOn string
}

// WorkAction is an action asked for.
type WorkAction struct {
	Name          string
	Reason        string
	ContentSHA256 string // for confirm: of the content as it was read
}

type workStep struct {
	from   WorkState
	action string
	label  string
	to     WorkState
	other  bool // taken by another side than wrote it
	needs  []string
}

// workSteps are all steps of a record. What is submitted and complete is recorded at once; else it waits for the other side,
// and record puts in what it waits for.
var workSteps = []workStep{
	{WorkDraft, "submit", "提交", WorkSubmitted, false, nil},
	{WorkDraft, "withdraw", "撤回", WorkWithdrawn, false, nil},
	{WorkSubmitted, "confirm", "到场确认", WorkRecorded, true, []string{gazetteer.Confirmation, "contentSha256"}},
	{WorkSubmitted, "refuse", "不予确认", WorkRefused, true, []string{"reason"}},
	{WorkSubmitted, "record", "登记入档", WorkRecorded, false, nil},
	{WorkSubmitted, "withdraw", "撤回", WorkWithdrawn, false, []string{"reason"}},
}

// WorkWriters write records of work for their side.
var WorkWriters = []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor}

func (s workStep) binds(w MarkerWork) bool {
	return s.action == "confirm" || w.Kind.Together() && (s.action == "submit" || s.action == "record")
}

// allows reports whether the actor, from that seat, may take the step. Who works by assignment takes those of what he wrote
// himself, but none that binds his side.
func (s workStep) allows(w MarkerWork, a gazetteer.Actor, seat Seat) bool {
	switch {
	case s.from != w.State || a.System != "":
		return false
	case ByAssignment(a):
		return !s.other && a.AccountID == w.WrittenBy && !w.Kind.Together()
	case s.other:
		return len(w.unconfirmed(seat)) > 0 && a.Has(commissioners...) && (!seat.On(w.Party) || s.action == "confirm" && w.Kind.Together())
	}
	return a.IsOf(w.OfficeID) && a.Has(WorkWriters...)
}

func (w MarkerWork) confirmedBy(party uuid.UUID) bool {
	return slices.ContainsFunc(w.Confirmations, func(c AgreementConfirmation) bool { return c.Party == party })
}

// unconfirmed are the other sides for which the seat speaks that have not confirmed. A bureau that was given two sides of a stone of
// three records for one of them and confirms for the other; the third still has to.
func (w MarkerWork) unconfirmed(seat Seat) []uuid.UUID {
	return slices.DeleteFunc(seat.Sides(), func(p uuid.UUID) bool { return !slices.Contains(w.Others, p) || w.confirmedBy(p) })
}

// OpenActions are the actions open to the actor, in the order of the table.
func (w MarkerWork) OpenActions(a gazetteer.Actor, seat Seat) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range workSteps {
		if s.allows(w, a, seat) && !(a.Token && s.binds(w)) {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Missing are the sides that still have to stand behind the record: for what is done together every other side, which measures
// by itself or confirms; for what was not found anybody who looked for it a second time, or one other side.
func (w MarkerWork) Missing() (sides []uuid.UUID) {
	if w.Kind == FoundNothing {
		if to, _ := w.Marker.After(w.Kind, w.Fit); to == w.Marker || len(w.Confirmations) > 0 || slices.ContainsFunc(w.Seen, func(s WorkSeen) bool {
			return s.Party != w.Party || s.DoneOn != w.DoneOn
		}) {
			return nil
		}
		return w.Others
	}
	if !w.Kind.Together() {
		return nil
	}
	for _, p := range w.Others {
		measured := w.Kind == Remeasured && slices.ContainsFunc(w.Seen, func(s WorkSeen) bool { return s.Party == p && s.Fit == w.Fit })
		if !w.confirmedBy(p) && !measured {
			sides = append(sides, p)
		}
	}
	return sides
}

// Apply takes an action and returns the record after it, its version one higher. When it becomes recorded, Marker is the state
// that the marker comes into. name tells what a side is called.
//
// Errors: Conflict "action-not-open", "confirmed-already", "content-changed", "marker-relocated", "marker-state" when the marker's state has no such
// step; Forbidden "not-yours", and those of Actor.Confirmed; Malformed "reason-missing", "content-missing"; Refused "witness-missing" for
// what was not done together, "second-missing" for a single search.
func (w MarkerWork) Apply(in WorkAction, a gazetteer.Actor, seat Seat, at time.Time, name func(uuid.UUID) string) (MarkerWork, error) {
	i := slices.IndexFunc(workSteps, func(s workStep) bool { return s.from == w.State && s.action == in.Name })
	if i < 0 {
		return w, fault.New(fault.Conflict, "action-not-open", "维护记录现为“%s”，不能办理“%s”：请刷新后再试", w.State.Label(), in.Name)
	}
	step := workSteps[i]
	switch {
	case step.other && (len(seat.Others) > 0 || seat.Side != uuid.Nil && !seat.On(w.Party)) && len(w.unconfirmed(seat)) == 0:
		return w, fault.New(fault.Conflict, "confirmed-already", "本方已经确认，一方只确认一次")
	case !step.allows(w, a, seat):
		return w, fault.New(fault.Forbidden, "not-yours", "“%s”不在您的职责之内：一方记录，由毗邻一方确认", step.label)
	case a.Token && step.binds(w):
		return w, a.Confirmed(at)
	case slices.Contains(step.needs, gazetteer.Confirmation) && a.Confirmed(at) != nil:
		return w, a.Confirmed(at)
	case slices.Contains(step.needs, "reason") && in.Reason == "":
		return w, fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", step.label)
	case step.action == "confirm" && in.ContentSHA256 == "":
		return w, fault.New(fault.Malformed, "content-missing", "确认须指明所确认内容的摘要（contentSha256）")
	case step.action == "confirm" && in.ContentSHA256 != w.ContentSHA256:
		return w, fault.New(fault.Conflict, "content-changed", "您要确认的摘要与这份记录的不同：请重新阅读后再确认")
	}
	next := w
	next.State, next.Version, next.Confirmations = step.to, w.Version+1, slices.Clone(w.Confirmations)
	if step.action == "confirm" {
		for _, side := range w.unconfirmed(seat) {
			next.Confirmations = append(next.Confirmations, AgreementConfirmation{
				Party: side, Office: a.OfficeName, AccountID: a.AccountID, Name: a.Name, ContentSHA256: in.ContentSHA256, ConfirmedAt: at,
			})
		}
	}
	return next.settle(step, name)
}

// settle records what is complete and leaves the rest with the other side.
func (w MarkerWork) settle(step workStep, name func(uuid.UUID) string) (MarkerWork, error) {
	if step.to != WorkRecorded && step.to != WorkSubmitted {
		return w, nil
	}
	if w.Relocated {
		return w, fault.New(fault.Conflict, "marker-relocated", "界桩在这份记录写成以后移设了，记录比的还是原来的登记位置：草稿请重新保存，已提交的请撤回另写")
	}
	if err := w.Marker.Takes(w.Kind, w.Fit); err != nil {
		return w, err
	}
	to, _ := w.Marker.After(w.Kind, w.Fit)
	missing := w.Missing()
	switch {
	case len(missing) == 0:
		w.State, w.Marker = WorkRecorded, to
	case step.action == "record":
		return w, w.incomplete(missing, name)
	default:
		w.State = WorkSubmitted
	}
	return w, nil
}

// incomplete refuses to record what one side alone stands behind.
func (w MarkerWork) incomplete(missing []uuid.UUID, name func(uuid.UUID) string) error {
	if w.Kind == FoundNothing {
		return fault.Refuse("second-missing", "一次没有找到，还不能登记为丢失", []fault.Finding{
			fault.Blocking("second-missing", "", "请改日再查找一次并登记，或由毗邻一方确认"),
		})
	}
	found := []fault.Finding{}
	for _, p := range missing {
		f := fault.Blocking("witness-missing", "", "缺%s的到场确认：修复界桩须由管理一方在毗邻一方在场的情况下进行，单方修复的要追究责任", name(p))
		if w.Kind == Remeasured {
			f.Detail = "缺" + name(p) + "的复测或确认：一方测得的只是疑似移位"
		}
		f.Clause = repairClause
		found = append(found, f)
	}
	return fault.Refuse("witness-missing", "没有毗邻一方的确认，“"+w.Kind.Label()+"”不能登记", found)
}

// ReadBy reports whether the actor may read the record: its own side always, the other sides and who is above them from its
// submission on, and who works by assignment what he wrote himself.
func (w MarkerWork) ReadBy(a gazetteer.Actor, seat Seat) bool {
	switch {
	case a.System != "":
		return true
	case ByAssignment(a):
		return a.AccountID == w.WrittenBy
	case a.IsOf(w.OfficeID):
		return a.Has(deskRoles...)
	case w.State == WorkDraft || w.State == WorkWithdrawn:
		return false
	}
	return seat.Standing != Stranger && a.Has(deskRoles...)
}

// Editable returns nil when the actor may change what the record says: who may submit it, while it is a draft.
//
// Errors: Conflict "work-fixed"; Forbidden "not-yours".
func (w MarkerWork) Editable(a gazetteer.Actor) error {
	switch {
	case w.State != WorkDraft:
		return fault.New(fault.Conflict, "work-fixed", "维护记录%s，不能再改：有误的请撤回，另写一份", w.State.Label())
	case !workSteps[1].allows(w, a, Seat{}):
		return fault.New(fault.Forbidden, "not-yours", "只有记录一方的经办、负责人或测绘人员可以改写草稿")
	}
	return nil
}
