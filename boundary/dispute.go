package boundary

import (
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// DisputeState is where the case of a disputed segment (争议地段) stands.
type DisputeState string

// The states.
const (
	DisputeOpen      DisputeState = "open"      // 争议中
	DisputeSettled   DisputeState = "settled"   // 已解决：双方协议经批准，或上级裁决
	DisputeWithdrawn DisputeState = "withdrawn" // 已撤回
)

// DisputeStates lists every state once, in order.
var DisputeStates = []DisputeState{DisputeOpen, DisputeSettled, DisputeWithdrawn}

// Label is the state in Chinese.
func (s DisputeState) Label() string {
	return map[DisputeState]string{DisputeOpen: "争议中", DisputeSettled: "已解决", DisputeWithdrawn: "已撤回"}[s]
}

// Dispute is a case as its state machine sees it.
type Dispute struct {
	State    DisputeState
	Version  int
	OfficeID uuid.UUID // that opened it
	Agreed   bool      // both sides have signed an agreement that settles it
}

// DisputeAction is an action asked for. An agreement settles by its approval and not by an action here.
type DisputeAction struct {
	Name        string
	Reason      string              // what a minute says, or why it is withdrawn
	Document    *gazetteer.Document // the minutes, or the decision
	LineVersion uuid.UUID           // for settle: the version that the decision names; uuid.Nil: it leaves the line as it is
}

type disputeStep struct {
	action string
	label  string
	to     DisputeState
	roles  []gazetteer.Role
	seat   agreementSeat
	needs  []string
}

// disputeSteps are all steps of an open case. What is settled or withdrawn stays so: who disputes anew opens another.
// 《行政区域边界争议处理条例》第三条：由双方协商解决；协商不成的，由双方共同的上级决定。
var disputeSteps = []disputeStep{
	{"minute", "登记协商纪要", DisputeOpen, keepersOfLines, byAny, []string{"reason", "documents"}},
	{"settle", "登记上级裁决", DisputeSettled, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{gazetteer.Confirmation, "documents"}},
	{"withdraw", "撤回", DisputeWithdrawn, keepersOfLines, bySelf, []string{"reason"}},
}

// allows reports whether the actor, from that seat at the line, may take the step.
func (s disputeStep) allows(d Dispute, a gazetteer.Actor, seat Seat) bool {
	if d.State != DisputeOpen || !MayOpenDispute(a, seat) {
		return false
	}
	switch s.seat {
	case bySelf:
		return a.IsOf(d.OfficeID)
	case byAbove:
		return seat.Standing == Above
	}
	return true
}

func (s disputeStep) binds() bool { return slices.Contains(s.needs, gazetteer.Confirmation) }

// MayOpenDispute reports whether the actor, from that seat at a line, may open a case on it: who conducts its agreements.
func MayOpenDispute(a gazetteer.Actor, seat Seat) bool {
	if a.System != "" || ByAssignment(a) {
		return false
	}
	return seat.Standing == Party && a.Has(commissioners...) || seat.Standing == Above && a.Has(gazetteer.Superior)
}

// OpenActions are the actions open to the actor, in the order of the table.
func (d Dispute) OpenActions(a gazetteer.Actor, seat Seat) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range disputeSteps {
		if s.allows(d, a, seat) && !(a.Token && s.binds()) && !(s.to == DisputeWithdrawn && d.Agreed) {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the case after it, its version one higher.
//
// Errors: Conflict "action-not-open", "settling-signed" for withdrawing what a signed agreement settles; Forbidden "not-yours"; Malformed "reason-missing"; Refused
// "papers-missing" with every field a paper lacks; those of Actor.Confirmed.
func (d Dispute) Apply(in DisputeAction, a gazetteer.Actor, seat Seat, at time.Time) (Dispute, error) {
	i := slices.IndexFunc(disputeSteps, func(s disputeStep) bool { return s.action == in.Name })
	if i < 0 || d.State != DisputeOpen {
		return d, fault.New(fault.Conflict, "action-not-open", "争议现为“%s”，不能办理“%s”：请刷新后再试", d.State.Label(), in.Name)
	}
	step := disputeSteps[i]
	switch {
	case !step.allows(d, a, seat):
		return d, fault.New(fault.Forbidden, "not-yours", "“%s”不在您的职责之内", step.label)
	case step.binds() && a.Confirmed(at) != nil:
		return d, a.Confirmed(at)
	case step.to == DisputeWithdrawn && d.Agreed:
		return d, fault.New(fault.Conflict, "settling-signed", "双方已经签订解决这件争议的协议书，不能再撤回：请待批准，或由上级退回协议书")
	case slices.Contains(step.needs, "reason") && in.Reason == "":
		return d, fault.New(fault.Malformed, "reason-missing", "请写明“%s”的%s", step.label, map[bool]string{true: "要点", false: "理由"}[step.action == "minute"])
	}
	if err := (agreementStep{action: step.action, label: step.label, needs: step.needs}).papers(AgreementAction{Document: in.Document}); err != nil {
		return d, err
	}
	d.State, d.Version = step.to, d.Version+1
	return d, nil
}

// ReadBy reports whether the actor may know of the case: both sides, and the bureau above both.
func (d Dispute) ReadBy(a gazetteer.Actor, seat Seat) bool {
	switch {
	case a.System != "":
		return true
	case ByAssignment(a):
		return false
	case seat.Standing == Above:
		return a.Has(gazetteer.Superior)
	}
	return seat.Standing == Party && a.Has(claimReaders...)
}

// DisputeContent is what a case is about.
type DisputeContent struct {
	DisputedSpan
	Text     string
	OpenedOn time.Time           // a day; zero: today
	Document *gazetteer.Document // nil for none
}

// Check finds all that is wrong with a case to be opened on a line of that length in metres, by the day today.
func (c DisputeContent) Check(lengthM float64, today string) []fault.Finding {
	found := c.check(lengthM)
	if c.Text == "" {
		found = append(found, fault.Blocking("text-missing", "/text", "请写明争议的是什么"))
	}
	if on := c.OpenedOn; !on.IsZero() && !dayBetween(on.Format(time.DateOnly), earliestDay, today) {
		found = append(found, fault.Blocking("bad-day", "/openedOn", "立案日期 %s 不对：不能晚于今天", on.Format(time.DateOnly)))
	}
	if d := c.Document; d != nil && d.Title == "" {
		found = append(found, fault.Blocking("document-incomplete", "/document/title", "文件缺标题"))
	}
	return found
}

// DisputedSpan is a stretch of a line between two chainages in metres.
type DisputedSpan struct {
	Whole bool    `json:"whole"` // from one end of the line to the other
	FromM float64 `json:"fromM"`
	ToM   float64 `json:"toM"`
}

// leastDisputeM is how long a disputed segment is at least.
const leastDisputeM = 1

// check finds what is wrong with an interval of a line of that length.
func (i DisputedSpan) check(lengthM float64) (found []fault.Finding) {
	if i.Whole {
		return nil
	}
	for _, end := range []struct {
		pointer, word string
		m             float64
	}{{"/fromM", "起点", i.FromM}, {"/toM", "终点", i.ToM}} {
		if !(end.m >= 0 && end.m <= lengthM) {
			found = append(found, fault.Blocking("off-line", end.pointer, "%s里程 %g 米不在界线上：界线全长 %.2f 米", end.word, end.m, lengthM))
		}
	}
	switch long := i.ToM - i.FromM; {
	case long < 0:
		found = append(found, fault.Blocking("bad-range", "/toM", "终点里程 %.3f 公里应大于起点里程 %.3f 公里", i.ToM/1000, i.FromM/1000))
	case long < leastDisputeM:
		found = append(found, fault.Blocking("too-short", "/toM", "争议地段只有 %.2f 米：至少 %d 米", long, leastDisputeM))
	case math.IsNaN(long):
		found = append(found, fault.Blocking("bad-range", "/toM", "请写明里程"))
	}
	return found
}

// Overlaps reports whether two intervals have a stretch in common. Where one ends and the other begins is none.
func (i DisputedSpan) Overlaps(o DisputedSpan) bool { return i.FromM < o.ToM && o.FromM < i.ToM }
