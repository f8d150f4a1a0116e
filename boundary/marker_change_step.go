package boundary

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// MarkerChange is a case as its state machine sees it.
type MarkerChange struct {
	State         ChangeState
	Version       int
	Kind          ChangeKind
	OfficeID      uuid.UUID // that applied
	Party         uuid.UUID // the side it speaks for
	Parties       []uuid.UUID
	ContentSHA256 string
	SurveySHA256  string // "" before it is surveyed
	Confirmations []ChangeConfirmation
	Approved      bool // by the bureau above
	Archived      bool
	LineEnded     bool   // or its marker stands on another line now: it goes no further
	Retired       bool   // its marker is, by another case
	OverAll       bool   // who looks is above every line that the marker stands on
	NotBefore     string // the first day that may be filed: of the survey, after the former registration, of the newest record; "" for any
}

// ChangeConfirmation binds a side to the application or the survey that it read. One of another digest does not count.
type ChangeConfirmation struct {
	Stage string `json:"stage"` // agree or survey
	AgreementConfirmation
}

// ChangeAction is an action asked for.
type ChangeAction struct {
	Name          string
	Reason        string
	ContentSHA256 string
	Document      *gazetteer.Document
	Survey        *ChangeSurvey
	ValidFrom     time.Time // for file: the first day of what the case makes
}

type changeStep struct {
	from   ChangeState
	action string
	label  string
	to     ChangeState
	roles  []gazetteer.Role
	seat   agreementSeat
	needs  []string
	but    ChangeKind // that it is not for
	only   ChangeKind // that alone it is for
}

// changeSteps are all steps of a case. agree and confirm-survey stay until every side has taken them.
// 《行政区域界线管理条例》第六条：因建设移动或增设界桩，由相邻各方商定，共同测绘，增补档案，报批准机关备案。
var changeSteps = []changeStep{
	{ChangeDraft, "apply", "提出", ChangeApplied, commissioners, bySelf, nil, "", ""},
	{ChangeDraft, "withdraw", "撤回", ChangeWithdrawn, commissioners, bySelf, nil, "", ""},
	{ChangeApplied, "agree", "同意", ChangeAgreed, commissioners, byEither, []string{gazetteer.Confirmation, "contentSha256"}, "", ""},
	{ChangeApplied, "return", "退回修改", ChangeReturned, commissioners, byOther, []string{"reason"}, "", ""},
	{ChangeReturned, "apply", "重新提出", ChangeApplied, commissioners, bySelf, nil, "", ""},
	{ChangeReturned, "withdraw", "撤回", ChangeWithdrawn, commissioners, bySelf, nil, "", ""},
	{ChangeApplied, "decline", "不同意", ChangeDeclined, commissioners, byOther, []string{"reason"}, "", ""},
	{ChangeApplied, "withdraw", "撤回", ChangeWithdrawn, commissioners, bySelf, []string{"reason"}, "", ""},
	{ChangeAgreed, "approve", "上级同意", ChangeApproved, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{gazetteer.Confirmation, "documents"}, "", ""},
	{ChangeAgreed, "return", "退回修改", ChangeReturned, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{"reason"}, "", ""},
	{ChangeAgreed, "decline", "不予同意", ChangeDeclined, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{"reason"}, "", ""},
	{ChangeApproved, "decline", "中止", ChangeDeclined, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{"reason"}, "", ""},
	{ChangeSurveyed, "decline", "中止", ChangeDeclined, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{"reason"}, "", ""},
	{ChangePlaced, "decline", "中止", ChangeDeclined, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{"reason"}, "", ""},
	{ChangeApproved, "survey", "登记测绘结果", ChangeApproved, commissioners, byAny, []string{"survey"}, Retirement, ""},
	{ChangeApproved, "confirm-survey", "确认测绘结果", ChangeSurveyed, commissioners, byEither, []string{gazetteer.Confirmation, "contentSha256"}, Retirement, ""},
	{ChangeSurveyed, "place", "设桩、填表、归档", ChangePlaced, commissioners, byAny, []string{"documents"}, "", ""},
	{ChangeApproved, "place", "归档", ChangePlaced, commissioners, byAny, []string{"documents"}, "", Retirement},
	{ChangePlaced, "file", "登记备案", ChangeFiled, keepersOfLines, byAny, []string{"documents", "validFrom"}, "", ""},
}

func (s changeStep) of(c MarkerChange) bool {
	return s.from == c.State && s.but != c.Kind && (s.only == "" || s.only == c.Kind) && (s.action != "confirm-survey" || c.SurveySHA256 != "")
}

// stage is what a step confirms, and the digest of that; "" for none.
func (s changeStep) stage(c MarkerChange) (stage, sha256 string) {
	switch s.action {
	case "agree":
		return "agree", c.ContentSHA256
	case "confirm-survey":
		return "survey", c.SurveySHA256
	}
	return "", ""
}

func (c MarkerChange) confirmedBy(stage, sha256 string, party uuid.UUID) bool {
	return slices.ContainsFunc(c.Confirmations, func(x ChangeConfirmation) bool {
		return x.Stage == stage && x.ContentSHA256 == sha256 && x.Party == party && x.VoidedAt == nil
	})
}

// allows reports whether the actor, from that seat, may take the step.
func (s changeStep) allows(c MarkerChange, a gazetteer.Actor, seat Seat) bool {
	if !s.of(c) || s.goesOn() && (c.LineEnded || c.Retired) || a.System != "" || ByAssignment(a) || !a.Has(s.roles...) {
		return false
	}
	side, above := seat.Standing == Party && seat.Side != uuid.Nil, seat.Standing == Above && c.OverAll && a.Has(gazetteer.Superior)
	switch s.seat {
	case bySelf:
		return a.IsOf(c.OfficeID)
	case byOther:
		return side && !seat.On(c.Party)
	case byAbove:
		return above
	case byAny:
		return side && a.Has(commissioners...) || above && slices.Contains(s.roles, gazetteer.Superior)
	}
	stage, sha256 := s.stage(c)
	return side && len(c.unconfirmed(stage, sha256, seat)) > 0
}

// unconfirmed are the sides of the seat that have not confirmed what has that digest.
func (c MarkerChange) unconfirmed(stage, sha256 string, seat Seat) []uuid.UUID {
	return slices.DeleteFunc(seat.Sides(), func(p uuid.UUID) bool { return c.confirmedBy(stage, sha256, p) })
}

// goesOn reports whether the step takes the case nearer to its filing.
func (s changeStep) goesOn() bool {
	return s.to != ChangeDeclined && s.to != ChangeWithdrawn && s.to != ChangeReturned
}

func (s changeStep) binds() bool { return slices.Contains(s.needs, gazetteer.Confirmation) }

// OpenActions are the actions open to the actor, in the order of the table.
func (c MarkerChange) OpenActions(a gazetteer.Actor, seat Seat) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range changeSteps {
		if s.allows(c, a, seat) && !(a.Token && s.binds()) {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the case after it, its version one higher. A new confirmation has no id yet.
//
// Errors: Conflict "action-not-open", which says what is missing, "line-ended", "marker-state" for a marker that was retired meanwhile,
// "confirmed-already", "content-changed"; Forbidden "not-yours";
// Malformed "reason-missing", "content-missing", "valid-from-missing"; Refused "papers-missing", "valid-from-wrong"; those of
// Actor.Confirmed. What a survey says is judged by ChangeSurvey.Check.
func (c MarkerChange) Apply(in ChangeAction, a gazetteer.Actor, seat Seat, at time.Time, day string) (MarkerChange, error) {
	i := slices.IndexFunc(changeSteps, func(s changeStep) bool { return s.action == in.Name && s.of(c) && s.allows(c, a, seat) })
	if i < 0 {
		return c, c.closed(in.Name, a, seat)
	}
	step := changeSteps[i]
	if a.Token && step.binds() {
		return c, a.Confirmed(at)
	}
	stage, sha256 := step.stage(c)
	if err := step.ready(in, sha256, a, at, day); err != nil {
		return c, err
	}
	if from := in.ValidFrom.Format(time.DateOnly); step.to == ChangeFiled && from < c.NotBefore {
		return c, fault.Refuse("valid-from-wrong", "生效日期有误", []fault.Finding{
			fault.Blocking("valid-from-early", "/validFrom", "生效日期 %s 太早：不能早于共同测绘之日和现行登记表的日期，并应晚于现登记位置开始之日，最早 %s", from, c.NotBefore),
		})
	}
	next := c
	next.State, next.Version, next.Confirmations = step.to, c.Version+1, slices.Clone(c.Confirmations)
	if step.to == ChangeReturned {
		next.void(at, voidWords(in.Reason, step.label))
	}
	if stage == "" {
		return next, nil
	}
	for _, side := range c.unconfirmed(stage, sha256, seat) {
		next.Confirmations = append(next.Confirmations, ChangeConfirmation{stage, AgreementConfirmation{
			Party: side, Office: a.OfficeName, AccountID: a.AccountID, Name: a.Name, ContentSHA256: sha256, ConfirmedAt: at,
		}})
	}
	if slices.ContainsFunc(c.Parties, func(p uuid.UUID) bool { return !next.confirmedBy(stage, sha256, p) }) {
		next.State = c.State
	}
	return next, nil
}

// void takes back that anybody agreed.
func (c *MarkerChange) void(at time.Time, reason string) {
	for i := range c.Confirmations {
		if x := &c.Confirmations[i]; x.Stage == "agree" && x.VoidedAt == nil {
			x.VoidedAt, x.VoidReason = &at, &reason
		}
	}
}

// Edited is the case after the actor wrote anew what is applied for: a draft again where nobody else reads it or it was returned, and
// before every side to agree anew where one had agreed: what they agreed to is not what it says now.
//
// Errors: those of Editable.
func (c MarkerChange) Edited(a gazetteer.Actor, at time.Time) (MarkerChange, error) {
	if err := c.Editable(a); err != nil {
		return c, err
	}
	next := c
	next.Version, next.Confirmations = c.Version+1, slices.Clone(c.Confirmations)
	next.void(at, "申请内容已经改写")
	next.State = ChangeDraft
	if c.State == ChangeApplied || c.State == ChangeAgreed {
		next.State = ChangeApplied
	}
	return next, nil
}

// Editable returns nil when the actor may change what is applied for: the side that wrote it, until the bureau above has agreed.
//
// Errors: Conflict "change-fixed", "line-ended", "marker-state"; Forbidden "not-yours".
func (c MarkerChange) Editable(a gazetteer.Actor) error {
	switch {
	case a.System != "" || ByAssignment(a) || !a.IsOf(c.OfficeID) || !a.Has(commissioners...):
		return fault.New(fault.Forbidden, "not-yours", "只有提出一方的经办或负责人可以改写申请")
	case !slices.Contains([]ChangeState{ChangeDraft, ChangeWithdrawn, ChangeReturned, ChangeApplied, ChangeAgreed}, c.State):
		return fault.New(fault.Conflict, "change-fixed", "界桩%s现为“%s”，申请内容不能再改：要改的请上级中止这一件，另行提出", c.Kind.Label(), c.State.Label())
	case c.LineEnded:
		return fault.New(fault.Conflict, "line-ended", "界线已经终止，或者界桩已经归入另一条界线，不能再改写：请在承接的界线上另行提出")
	case c.Retired:
		return fault.New(fault.Conflict, "marker-state", "界桩已经报废，不能再移设或报废")
	}
	return nil
}

// closed says why an action cannot be taken.
func (c MarkerChange) closed(action string, a gazetteer.Actor, seat Seat) error {
	i := slices.IndexFunc(changeSteps, func(s changeStep) bool { return s.action == action && s.of(c) })
	if i < 0 {
		return fault.New(fault.Conflict, "action-not-open", "界桩%s现为“%s”，不能办理“%s”：须依次由各方同意、上级同意、共同测绘、归档、备案（%s）",
			c.Kind.Label(), c.State.Label(), action, changeClause)
	}
	switch on := changeSteps[i].goesOn(); {
	case on && c.LineEnded:
		return fault.New(fault.Conflict, "line-ended", "界线已经终止，或者界桩已经归入另一条界线，不能再办理“%s”：请在承接的界线上另行提出", changeSteps[i].label)
	case on && c.Retired:
		return fault.New(fault.Conflict, "marker-state", "界桩已经报废，不能再办理“%s”", changeSteps[i].label)
	}
	if stage, sha256 := changeSteps[i].stage(c); stage != "" && seat.Side != uuid.Nil && len(c.unconfirmed(stage, sha256, seat)) == 0 {
		return fault.New(fault.Conflict, "confirmed-already", "本方已经确认，一方只确认一次")
	}
	return fault.New(fault.Forbidden, "not-yours", "“%s”不在您的职责之内", changeSteps[i].label)
}

// ready checks what a step needs beyond the right to take it.
func (s changeStep) ready(in ChangeAction, sha256 string, a gazetteer.Actor, at time.Time, day string) error {
	for _, need := range s.needs {
		switch {
		case need == gazetteer.Confirmation && a.Confirmed(at) != nil:
			return a.Confirmed(at)
		case need == "reason" && in.Reason == "":
			return fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", s.label)
		case need == "survey" && in.Survey == nil:
			return fault.New(fault.Malformed, "survey-missing", "请写明测绘结果（survey）")
		case need == "contentSha256" && in.ContentSHA256 == "":
			return fault.New(fault.Malformed, "content-missing", "确认须指明所确认内容的摘要（contentSha256）")
		case need == "contentSha256" && in.ContentSHA256 != sha256:
			return fault.New(fault.Conflict, "content-changed", "内容已经变化：您要确认的摘要与现在的不同，请重新阅读后再确认")
		case need == "validFrom" && in.ValidFrom.IsZero():
			return fault.New(fault.Malformed, "valid-from-missing", "请写明变动生效的日期（validFrom）")
		case need == "validFrom" && in.ValidFrom.Format(time.DateOnly) > day:
			return fault.Refuse("valid-from-wrong", "生效日期有误", []fault.Finding{
				fault.Blocking("valid-from-later", "/validFrom", "生效日期 %s 还没有到：今天是 %s", in.ValidFrom.Format(time.DateOnly), day),
			})
		}
	}
	return agreementStep{action: s.action, label: s.label, needs: s.needs}.papers(AgreementAction{Document: in.Document})
}

// ReadBy reports whether the actor may read the case: its own side always, the other sides and who is above them from the
// application on.
func (c MarkerChange) ReadBy(a gazetteer.Actor, seat Seat) bool {
	switch {
	case a.System != "":
		return true
	case ByAssignment(a):
		return false
	case a.IsOf(c.OfficeID):
		return a.Has(deskRoles...)
	case c.State == ChangeDraft || c.State == ChangeWithdrawn:
		return false
	}
	return seat.Standing != Stranger && a.Has(deskRoles...)
}
