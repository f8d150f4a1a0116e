package boundary

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// InspectionState is where a round of joint inspection (联检) of one line stands.
type InspectionState string

// The states of the minimal round.
const (
	InspectionPlanned InspectionState = "planned" // 计划
	InspectionField   InspectionState = "field"   // 外业
	InspectionCompile InspectionState = "compile" // 成果编制
	InspectionConfirm InspectionState = "confirm" // 成果确认，待双方签字
	InspectionSigned  InspectionState = "signed"  // 双方已签字
	InspectionEnded   InspectionState = "ended"   // 终止：双方合为一方，界线不再是两方的界线
)

// InspectionStates lists every state once, in order.
var InspectionStates = []InspectionState{InspectionPlanned, InspectionField, InspectionCompile, InspectionConfirm, InspectionSigned, InspectionEnded}

var inspectionWords = map[InspectionState]string{
	InspectionPlanned: "计划", InspectionField: "外业", InspectionCompile: "成果编制", InspectionConfirm: "成果确认", InspectionSigned: "已签字",
	InspectionEnded: "终止",
}

// Label is the state in Chinese.
func (s InspectionState) Label() string { return inspectionWords[s] }

// Round is a round of joint inspection as its state machine sees it.
type Round struct {
	State        InspectionState
	Version      int
	Lead         uuid.UUID // offices
	Cooperating  uuid.UUID
	ReportSHA256 string // empty until compiled
	Signatures   []Signature
	Forms        map[uuid.UUID]int // submitted marker forms of each office
	Markers      int               // registered on the line
	Matched      int               // tracks matched to the line, of either office
	Over         bool              // the years of its programme have passed
	Held         int               // tracks of the actor's own whose frame a person has to confirm
}

// Signature binds an office's leader to the exact bytes of a report.
type Signature struct {
	ID            uuid.UUID  `json:"-"`
	OfficeID      uuid.UUID  `json:"officeId"` // the side that is bound
	Office        string     `json:"office"`   // who signed: that office, or the one that took its place
	AccountID     uuid.UUID  `json:"-"`
	Name          string     `json:"name"` // office and post
	ContentSHA256 string     `json:"contentSha256"`
	SignedAt      time.Time  `json:"signedAt"`
	VoidedAt      *time.Time `json:"voidedAt"`
	VoidReason    *string    `json:"voidReason"`
}

// InspectionAction is an action asked for.
type InspectionAction struct {
	Name          string
	Reason        string
	ContentSHA256 string // for sign: the digest of the report as the signer read it
}

type inspectionStep struct {
	from     InspectionState
	action   string
	label    string
	to       InspectionState
	role     gazetteer.Role
	leadOnly bool // else either side
	needs    []string
}

// inspectionSteps are all steps of a round. sign stays in confirm until both sides have signed.
var inspectionSteps = []inspectionStep{
	{InspectionPlanned, "start", "启动外业", InspectionField, gazetteer.PartyOfficer, false, nil},
	{InspectionField, "finish-field", "外业结束", InspectionCompile, gazetteer.PartyOfficer, true, nil},
	{InspectionCompile, "compile", "编制联检报告", InspectionConfirm, gazetteer.PartyOfficer, true, nil},
	{InspectionConfirm, "compile", "重新编制报告", InspectionConfirm, gazetteer.PartyOfficer, true, nil},
	{InspectionSigned, "compile", "重新编制报告", InspectionConfirm, gazetteer.PartyOfficer, true, []string{"reason"}},
	{InspectionCompile, "return", "退回外业", InspectionField, gazetteer.PartyOfficer, false, []string{"reason"}},
	{InspectionConfirm, "return", "退回外业", InspectionField, gazetteer.PartyOfficer, false, []string{"reason"}},
	{InspectionConfirm, "sign", "签字", InspectionSigned, gazetteer.PartyLeader, false, []string{gazetteer.Confirmation, "contentSha256"}},
}

// SideOf is the office, of the two, for which the actor takes part: its own, or the one whose place its office took. It is
// uuid.Nil for strangers, and for an office that took the place of both: there are no two sides then.
func (r Round) SideOf(a gazetteer.Actor) uuid.UUID {
	lead, cooperating := a.IsOf(r.Lead), a.IsOf(r.Cooperating)
	switch {
	case lead && !cooperating:
		return r.Lead
	case cooperating && !lead:
		return r.Cooperating
	}
	return uuid.Nil
}

func (s inspectionStep) allows(r Round, a gazetteer.Actor) bool {
	side := r.SideOf(a)
	if s.from != r.State || side == uuid.Nil || s.leadOnly && side != r.Lead || !slices.Contains(a.Roles, s.role) {
		return false
	}
	return s.action != "sign" || !r.signedBy(side)
}

// binds reports whether the step binds the person who takes it, so that no token may.
func (s inspectionStep) binds() bool { return slices.Contains(s.needs, gazetteer.Confirmation) }

// signedBy reports whether a valid signature of the office is there.
func (r Round) signedBy(office uuid.UUID) bool {
	return slices.ContainsFunc(r.Signatures, func(s Signature) bool { return s.OfficeID == office && s.VoidedAt == nil })
}

// OpenActions are the actions open to the actor, in the order of the table.
func (r Round) OpenActions(a gazetteer.Actor) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range inspectionSteps {
		if s.allows(r, a) && !(a.Token && s.binds()) {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the round after it, its version one higher. A step that leaves a report behind voids
// its signatures. The report of compile is not made here: the caller sets its digest with Compiled. A new signature has
// no id yet.
//
// Errors: Conflict "action-not-open" when no step of that name leaves the present state; Forbidden "not-yours" when the
// actor may not take it; Conflict "signed-already"; Conflict "content-changed" when the digest signed is not that of the
// report; Malformed "reason-missing", "content-missing"; Refused "field-incomplete" with what is missing at finish-field; those of Actor.Confirmed at sign.
func (r Round) Apply(in InspectionAction, a gazetteer.Actor, at time.Time) (Round, error) {
	step, err := r.step(in.Name, a)
	if err != nil {
		return r, err
	}
	if err := r.ready(step, in, a, at); err != nil {
		return r, err
	}
	next := r
	next.State, next.Version = step.to, r.Version+1
	next.Signatures = slices.Clone(r.Signatures)
	switch step.action {
	case "sign":
		next.Signatures = append(next.Signatures, Signature{
			OfficeID: r.SideOf(a), Office: a.OfficeName, AccountID: a.AccountID, Name: a.Name, ContentSHA256: in.ContentSHA256, SignedAt: at,
		})
		if !next.signedBy(r.Lead) || !next.signedBy(r.Cooperating) {
			next.State = InspectionConfirm
		}
	case "compile":
		next.void(at, voidWords(in.Reason, "报告重新编制"))
	case "return":
		next.void(at, voidWords(in.Reason, "退回外业"))
		next.ReportSHA256 = ""
	}
	return next, nil
}

func voidWords(reason, standard string) string {
	if reason == "" {
		return standard
	}
	return standard + "：" + reason
}

// Compiled returns the round with the digest of the report that a compile step made.
func (r Round) Compiled(sha256 string) Round {
	r.ReportSHA256 = sha256
	return r
}

func (r Round) step(action string, a gazetteer.Actor) (inspectionStep, error) {
	known := false
	for _, s := range inspectionSteps {
		if s.action != action || s.from != r.State {
			continue
		}
		known = true
		if s.allows(r, a) {
			return s, nil
		}
	}
	if !known {
		return inspectionStep{}, fault.New(fault.Conflict, "action-not-open",
			"联检现处于“%s”，不能办理%s：请刷新后再试", r.State.Label(), inspectionActionLabel(action))
	}
	if side := r.SideOf(a); action == "sign" && side != uuid.Nil && r.signedBy(side) {
		return inspectionStep{}, fault.New(fault.Conflict, "signed-already", "本方已经签字，一方只签一次")
	}
	return inspectionStep{}, fault.New(fault.Forbidden, "not-yours", "%s不在您的职责之内", inspectionActionLabel(action))
}

// inspectionActionLabel is what an action is called, in quotation marks; one that no state has is called that.
func inspectionActionLabel(action string) string {
	for _, s := range inspectionSteps {
		if s.action == action {
			return "“" + s.label + "”"
		}
	}
	return "这个动作"
}

// ready checks what a step needs beyond the right to take it.
func (r Round) ready(s inspectionStep, in InspectionAction, a gazetteer.Actor, at time.Time) error {
	for _, need := range s.needs {
		switch {
		case need == gazetteer.Confirmation && a.Confirmed(at) != nil:
			return a.Confirmed(at)
		case need == "reason" && in.Reason == "":
			return fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", s.label)
		case need == "contentSha256" && in.ContentSHA256 == "":
			return fault.New(fault.Malformed, "content-missing", "签字须指明所签报告的摘要（contentSha256）")
		case need == "contentSha256" && in.ContentSHA256 != r.ReportSHA256:
			return fault.New(fault.Conflict, "content-changed", "报告已经变化：您要签的摘要与现在的报告不同，请重新阅读后再签")
		}
	}
	if s.action == "finish-field" {
		if missing := r.missing(); len(missing) > 0 {
			return fault.Refuse("field-incomplete", "外业还不齐全，不能结束", missing)
		}
	}
	return nil
}

// missing are the reasons why the field work is not complete.
func (r Round) missing() []fault.Finding {
	var out []fault.Finding
	for _, side := range []struct {
		office uuid.UUID
		name   string
	}{{r.Lead, "牵头方"}, {r.Cooperating, "配合方"}} {
		if r.Markers > 0 && r.Forms[side.office] == 0 {
			out = append(out, fault.Finding{
				Code: "forms-missing", Severity: fault.Block, Detail: side.name + "还没有提交界桩检查登记表",
				Clause: "《行政区域界线管理条例》第十二条",
			})
		}
	}
	if r.Matched == 0 {
		out = append(out, fault.Finding{
			Code: "tracks-missing", Severity: fault.Block, Detail: "还没有与界线匹配的轨迹",
			Clause: "《行政区域界线管理条例》第十二条",
		})
	}
	if r.Held > 0 {
		out = append(out, fault.Finding{
			Code: "tracks-held", Severity: fault.Block,
			Detail: fmt.Sprintf("本方有 %d 条轨迹的坐标系待确认，确认之前不计入覆盖", r.Held),
		})
	}
	return out
}

// Editable reports whether forms and tracks can be handed in now: from field work on. Later ones take the round back.
// What was signed in a programme whose years have passed tells of its own time and stands.
func (r Round) Editable() bool {
	return r.State != InspectionPlanned && r.State != InspectionEnded && !(r.State == InspectionSigned && r.Over)
}

// Ended returns the round as it ends without a result, because its two sides have become one. What was signed stays.
func (r Round) Ended() Round {
	r.State, r.Version = InspectionEnded, r.Version+1
	return r
}

// Edited returns the round after its evidence changed, its version one higher. A report that was compiled or signed is
// void with both signatures, and the round is back at compiling.
func (r Round) Edited(at time.Time, reason string) Round {
	next := r
	next.Version++
	next.Signatures = slices.Clone(r.Signatures)
	if r.State == InspectionConfirm || r.State == InspectionSigned {
		next.State, next.ReportSHA256 = InspectionCompile, ""
		next.void(at, reason)
	}
	return next
}

func (r *Round) void(at time.Time, reason string) {
	for i := range r.Signatures {
		if r.Signatures[i].VoidedAt == nil {
			r.Signatures[i].VoidedAt, r.Signatures[i].VoidReason = &at, &reason
		}
	}
}
