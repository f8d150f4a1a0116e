package boundary

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// AgreementState is where an agreement on a line (边界协议书) stands.
type AgreementState string

// The states.
const (
	AgreementDraft     AgreementState = "draft"     // 草稿，只有本方可见
	AgreementProposed  AgreementState = "proposed"  // 已提交对方，待双方确认
	AgreementConfirmed AgreementState = "confirmed" // 双方已确认，待签订
	AgreementSigned    AgreementState = "signed"    // 已签订，待批准
	AgreementInForce   AgreementState = "in-force"  // 已批准公布，界线生效
	AgreementWithdrawn AgreementState = "withdrawn" // 已撤回，留在本方
)

// AgreementStates lists every state once, in order.
var AgreementStates = []AgreementState{AgreementDraft, AgreementProposed, AgreementConfirmed, AgreementSigned, AgreementInForce, AgreementWithdrawn}

var agreementWords = map[AgreementState]string{
	AgreementDraft: "草稿", AgreementProposed: "已提交对方", AgreementConfirmed: "双方已确认", AgreementSigned: "已签订", AgreementInForce: "已生效",
	AgreementWithdrawn: "已撤回",
}

// Label is the state in Chinese.
func (s AgreementState) Label() string { return agreementWords[s] }

// Agreement is what two sides of a line agree on as its state machine sees it.
type Agreement struct {
	State         AgreementState
	Version       int
	OfficeID      uuid.UUID // that wrote it
	Party         uuid.UUID // the side of the line it speaks for
	ContentSHA256 string
	Confirmations []AgreementConfirmation
	LineEnded     bool // there is nothing left to agree on: it can only be taken back
}

// AgreementConfirmation binds a side to the exact content it read.
type AgreementConfirmation struct {
	ID            uuid.UUID  `json:"-"` // none before it is recorded
	Party         uuid.UUID  `json:"party"`
	Office        string     `json:"office"` // who confirmed for it
	AccountID     uuid.UUID  `json:"-"`
	Name          string     `json:"name"` // the post
	ContentSHA256 string     `json:"contentSha256"`
	ConfirmedAt   time.Time  `json:"confirmedAt"`
	VoidedAt      *time.Time `json:"voidedAt"`
	VoidReason    *string    `json:"voidReason"`
}

// AgreementAction is an action asked for.
type AgreementAction struct {
	Name          string
	Reason        string
	ContentSHA256 string              // for confirm: of the content as it was read
	Document      *gazetteer.Document // the signed agreement, the approval, or the paper that returns it
	Publication   *gazetteer.Document // for approve
	ValidFrom     time.Time           // for approve: a day
	Together      []AgreementRef      // for approve: the others that are approved with it, since they move the same nodes
}

// AgreementRef names an agreement as it was read.
type AgreementRef struct {
	ID      uuid.UUID `json:"id"`
	Version int       `json:"version"`
}

// agreementSeat is who takes a step.
type agreementSeat uint8

const (
	bySelf agreementSeat = iota // the office that wrote it
	byOther
	byEither
	byAbove
	byAny // either side, or above both
)

type agreementStep struct {
	from   AgreementState
	action string
	label  string
	to     AgreementState
	roles  []gazetteer.Role
	seat   agreementSeat
	needs  []string
}

// keepersOfLines are who registers papers of a line: either side's, or those above.
var keepersOfLines = append([]gazetteer.Role{gazetteer.Superior}, commissioners...)

// agreementSteps are all steps of an agreement. confirm stays in proposed until both sides have confirmed.
// 《行政区域界线管理条例》第二条、第四条、第九条：协议书经批准并公布，界线才生效。
var agreementSteps = []agreementStep{
	{AgreementDraft, "propose", "提交对方", AgreementProposed, commissioners, bySelf, nil},
	{AgreementDraft, "withdraw", "撤回", AgreementWithdrawn, commissioners, bySelf, nil},
	{AgreementProposed, "confirm", "确认内容", AgreementConfirmed, commissioners, byEither, []string{gazetteer.Confirmation, "contentSha256"}},
	{AgreementProposed, "take-back", "收回修改", AgreementDraft, commissioners, bySelf, nil},
	{AgreementProposed, "object", "提出异议", AgreementDraft, commissioners, byOther, []string{"reason"}},
	{AgreementProposed, "withdraw", "撤回", AgreementWithdrawn, commissioners, bySelf, []string{"reason"}},
	{AgreementConfirmed, "take-back", "收回修改", AgreementDraft, commissioners, bySelf, []string{"reason"}},
	{AgreementConfirmed, "object", "提出异议", AgreementDraft, commissioners, byOther, []string{"reason"}},
	{AgreementConfirmed, "sign", "登记已签订的协议书", AgreementSigned, keepersOfLines, byAny, []string{"documents"}},
	{AgreementSigned, "approve", "批准并公布", AgreementInForce, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{gazetteer.Confirmation, "documents", "publication", "validFrom"}},
	{AgreementSigned, "return", "退回重议", AgreementDraft, []gazetteer.Role{gazetteer.Superior}, byAbove, []string{"reason", "documents"}},
}

// binds reports whether the step binds the person who takes it, so that no token may.
func (s agreementStep) binds() bool {
	return slices.Contains(s.needs, gazetteer.Confirmation) || s.action == "sign"
}

// goesBack reports whether the step takes the agreement back to its own side.
func (s agreementStep) goesBack() bool { return s.to == AgreementDraft || s.to == AgreementWithdrawn }

// allows reports whether the actor, from that seat at the line, may take the step.
func (s agreementStep) allows(g Agreement, a gazetteer.Actor, seat Seat) bool {
	if s.from != g.State || g.LineEnded && !s.goesBack() || a.System != "" || ByAssignment(a) || !a.Has(s.roles...) {
		return false
	}
	side, above := seat.Standing == Party && seat.Side != uuid.Nil, seat.Standing == Above && a.Has(gazetteer.Superior)
	switch s.seat {
	case bySelf:
		return a.IsOf(g.OfficeID)
	case byOther:
		return side && seat.Side != g.Party
	case byAbove:
		return above
	case byAny:
		return side && a.Has(commissioners...) || above
	}
	return side && !g.confirmedBy(seat.Side)
}

// confirmedBy reports whether a valid confirmation of the side is there.
func (g Agreement) confirmedBy(party uuid.UUID) bool {
	return slices.ContainsFunc(g.Confirmations, func(c AgreementConfirmation) bool { return c.Party == party && c.VoidedAt == nil })
}

// valid is how many confirmations stand.
func (g Agreement) valid() (n int) {
	for _, c := range g.Confirmations {
		if c.VoidedAt == nil {
			n++
		}
	}
	return n
}

// OpenActions are the actions open to the actor, in the order of the table.
func (g Agreement) OpenActions(a gazetteer.Actor, seat Seat) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range agreementSteps {
		if s.allows(g, a, seat) && !(a.Token && s.binds()) {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the agreement after it, its version one higher. A step back to the draft voids the
// confirmations. A new confirmation has no id yet. What approve does to the line is not decided here: see CutSections.
//
// Errors: Conflict "action-not-open" when no step of that name leaves the present state, "confirmed-already",
// "content-changed" when the digest confirmed is not that of the content, "line-ended" for a step forward on a line that ended; Forbidden "not-yours"; Malformed
// "reason-missing", "content-missing", "valid-from-missing", "together-unasked"; Refused "papers-missing" with every field a paper lacks, "valid-from-later" for a day to come;
// those of Actor.Confirmed.
func (g Agreement) Apply(in AgreementAction, a gazetteer.Actor, seat Seat, at time.Time, day string) (Agreement, error) {
	i := slices.IndexFunc(agreementSteps, func(s agreementStep) bool { return s.from == g.State && s.action == in.Name })
	if i < 0 {
		return g, fault.New(fault.Conflict, "action-not-open", "协议书现为“%s”，不能办理“%s”：请刷新后再试", g.State.Label(), in.Name)
	}
	step := agreementSteps[i]
	switch {
	case len(in.Together) > 0 && step.action != "approve":
		return g, fault.New(fault.Malformed, "together-unasked", "“%s”逐份办理：只有批准可以几份一并办（together）", step.label)
	case !step.allows(g, a, seat) && step.seat == byEither && seat.Side != uuid.Nil && g.confirmedBy(seat.Side):
		return g, fault.New(fault.Conflict, "confirmed-already", "本方已经确认，一方只确认一次")
	case g.LineEnded && !step.goesBack():
		return g, fault.New(fault.Conflict, "line-ended", "界线已经终止，不能再办理“%s”：请撤回协议书，在承接的界线上另行起草", step.label)
	case !step.allows(g, a, seat):
		return g, fault.New(fault.Forbidden, "not-yours", "“%s”不在您的职责之内", step.label)
	}
	if a.Token && step.binds() {
		return g, a.Confirmed(at)
	}
	if err := g.ready(step, in, a, at, day); err != nil {
		return g, err
	}
	next := g
	next.State, next.Version, next.Confirmations = step.to, g.Version+1, slices.Clone(g.Confirmations)
	switch {
	case step.action == "confirm":
		next.Confirmations = append(next.Confirmations, AgreementConfirmation{
			Party: seat.Side, Office: a.OfficeName, AccountID: a.AccountID, Name: a.Name, ContentSHA256: in.ContentSHA256, ConfirmedAt: at,
		})
		if next.valid() < 2 {
			next.State = AgreementProposed
		}
	case step.goesBack():
		next.void(at, voidWords(in.Reason, step.label))
	}
	return next, nil
}

func (g *Agreement) void(at time.Time, reason string) {
	for i := range g.Confirmations {
		if g.Confirmations[i].VoidedAt == nil {
			g.Confirmations[i].VoidedAt, g.Confirmations[i].VoidReason = &at, &reason
		}
	}
}

// ready checks what a step needs beyond the right to take it.
func (g Agreement) ready(s agreementStep, in AgreementAction, a gazetteer.Actor, at time.Time, day string) error {
	for _, need := range s.needs {
		switch {
		case need == gazetteer.Confirmation && a.Confirmed(at) != nil:
			return a.Confirmed(at)
		case need == "reason" && in.Reason == "":
			return fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", s.label)
		case need == "contentSha256" && in.ContentSHA256 == "":
			return fault.New(fault.Malformed, "content-missing", "确认须指明所确认内容的摘要（contentSha256）")
		case need == "contentSha256" && in.ContentSHA256 != g.ContentSHA256:
			return fault.New(fault.Conflict, "content-changed", "协议内容已经变化：您要确认的摘要与现在的内容不同，请重新阅读后再确认")
		case need == "validFrom" && in.ValidFrom.IsZero():
			return fault.New(fault.Malformed, "valid-from-missing", "请写明界线的生效日期（validFrom）")
		case need == "validFrom" && in.ValidFrom.Format(time.DateOnly) > day:
			return fault.Refuse("valid-from-wrong", "生效日期有误", []fault.Finding{
				fault.Blocking("valid-from-later", "/validFrom", "生效日期 %s 还没有到：今天是 %s，请在生效之日或以后办理", in.ValidFrom.Format(time.DateOnly), day),
			})
		}
	}
	return s.papers(in)
}

// papers finds everything the papers of a step lack.
func (s agreementStep) papers(in AgreementAction) error {
	var found []fault.Finding
	for _, p := range []struct {
		need, pointer, called string
		paper                 *gazetteer.Document
	}{
		{"documents", "/documents/0", map[string]string{"sign": "协议书", "approve": "批准文件", "return": "退回的文件", "place": "归档的登记材料", "file": "备案文件", "minute": "协商纪要", "settle": "裁决文件"}[s.action], in.Document},
		{"publication", "/publication", "公布文件（通告）", in.Publication},
	} {
		if !slices.Contains(s.needs, p.need) {
			continue
		}
		if p.paper == nil {
			found = append(found, fault.Blocking("document-missing", p.pointer, "请附%s：标题、文号、发文机关和日期", p.called))
			continue
		}
		for _, field := range []struct{ name, word, text string }{
			{"title", "标题", p.paper.Title}, {"number", "文号", p.paper.Number}, {"issuedBy", "发文机关", p.paper.IssuedBy},
		} {
			if field.text == "" {
				found = append(found, fault.Blocking("document-incomplete", p.pointer+"/"+field.name, "%s缺%s", p.called, field.word))
			}
		}
		if p.paper.IssuedOn.IsZero() {
			found = append(found, fault.Blocking("document-incomplete", p.pointer+"/issuedOn", "%s缺日期", p.called))
		}
	}
	if len(found) > 0 {
		return fault.Refuse("papers-missing", "“"+s.label+"”所依据的文件不全", found)
	}
	return nil
}

// ReadBy reports whether the actor may read the agreement: its own side always, the other side and the bureau above both
// from its proposal on, while it is neither taken back nor withdrawn.
func (g Agreement) ReadBy(a gazetteer.Actor, seat Seat) bool {
	switch {
	case a.System != "":
		return true
	case ByAssignment(a):
		return false
	case a.IsOf(g.OfficeID):
		return a.Has(claimReaders...)
	case g.State == AgreementDraft || g.State == AgreementWithdrawn:
		return false
	case seat.Standing == Above:
		return a.Has(gazetteer.Superior)
	}
	return seat.Standing == Party && a.Has(claimReaders...)
}

// Editable returns nil when the actor may change what the agreement says: its own side, while it is a draft.
//
// Errors: Conflict "agreement-fixed"; Forbidden "not-yours".
func (g Agreement) Editable(a gazetteer.Actor) error {
	switch {
	case a.System != "" || ByAssignment(a) || !a.IsOf(g.OfficeID) || !a.Has(commissioners...):
		return fault.New(fault.Forbidden, "not-yours", "只有起草一方的经办或负责人可以改写协议书")
	case g.State != AgreementDraft:
		return fault.New(fault.Conflict, "agreement-fixed", "协议书%s，内容不能再改：要改的请先收回", g.State.Label())
	}
	return nil
}
