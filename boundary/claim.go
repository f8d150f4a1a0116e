package boundary

import (
	"slices"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// ClaimState is where a claim (主张：一方的证据和意见) stands.
type ClaimState string

// The states.
const (
	ClaimDraft     ClaimState = "draft"     // 草稿，只有本方可见
	ClaimSent      ClaimState = "sent"      // 已报上级
	ClaimExchanged ClaimState = "exchanged" // 已与对方交换
	ClaimWithdrawn ClaimState = "withdrawn" // 已撤回，留在本方
)

// ClaimStates lists every state once, in order.
var ClaimStates = []ClaimState{ClaimDraft, ClaimSent, ClaimExchanged, ClaimWithdrawn}

var claimWords = map[ClaimState]string{ClaimDraft: "草稿", ClaimSent: "已报上级", ClaimExchanged: "已交换", ClaimWithdrawn: "已撤回"}

// Label is the state in Chinese.
func (s ClaimState) Label() string { return claimWords[s] }

// EvidenceClasses are what evidence of a claim can be (《行政区域边界争议处理条例》第七条至第九条): a basis of the decision, for
// reference only, or neither.
var EvidenceClasses = []string{"basis", "reference", "inadmissible"}

// Claim is one side's evidence and position on a line as its state machine sees it.
type Claim struct {
	State     ClaimState
	Version   int
	OfficeID  uuid.UUID // whose it is
	OtherSent bool      // the other side has sent one on the same line
}

// ClaimAction is an action asked for.
type ClaimAction struct {
	Name   string
	Reason string
}

type claimStep struct {
	from   ClaimState
	action string
	label  string
	to     ClaimState
	roles  []gazetteer.Role
	above  bool // the bureau above both sides; else the own office
	needs  []string
}

// claimSteps are all steps of a claim. What was exchanged stays exchanged.
var claimSteps = []claimStep{
	{ClaimDraft, "send", "报送上级", ClaimSent, commissioners, false, nil},
	{ClaimDraft, "withdraw", "撤回", ClaimWithdrawn, commissioners, false, nil},
	{ClaimSent, "withdraw", "撤回", ClaimWithdrawn, commissioners, false, []string{"reason"}},
	{ClaimSent, "exchange", "交换双方主张", ClaimExchanged, []gazetteer.Role{gazetteer.Superior}, true, nil},
}

// allows reports whether the actor, with that standing at the line, may take the step.
func (s claimStep) allows(c Claim, a gazetteer.Actor, standing Standing) bool {
	if s.from != c.State || a.System != "" || ByAssignment(a) || !a.Has(s.roles...) {
		return false
	}
	if s.above {
		return standing == Above
	}
	return a.IsOf(c.OfficeID)
}

// OpenActions are the actions open to the actor, in the order of the table.
func (c Claim) OpenActions(a gazetteer.Actor, standing Standing) []gazetteer.OpenAction {
	open := []gazetteer.OpenAction{}
	for _, s := range claimSteps {
		if s.allows(c, a, standing) && (s.action != "exchange" || c.OtherSent) {
			open = append(open, gazetteer.OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the claim after it, its version one higher.
//
// Errors: Conflict "action-not-open" when no step of that name leaves the present state, "one-sided" when there is nothing
// of the other side to exchange; Forbidden "not-yours"; Malformed "reason-missing".
func (c Claim) Apply(in ClaimAction, a gazetteer.Actor, standing Standing) (Claim, error) {
	at := slices.IndexFunc(claimSteps, func(s claimStep) bool { return s.from == c.State && s.action == in.Name })
	if at < 0 {
		return c, fault.New(fault.Conflict, "action-not-open", "主张现为“%s”，不能办理“%s”：请刷新后再试", c.State.Label(), in.Name)
	}
	step := claimSteps[at]
	switch {
	case !step.allows(c, a, standing):
		return c, fault.New(fault.Forbidden, "not-yours", "“%s”不在您的职责之内", step.label)
	case step.action == "exchange" && !c.OtherSent:
		return c, fault.New(fault.Conflict, "one-sided", "另一方还没有报送主张，无从交换")
	case slices.Contains(step.needs, "reason") && in.Reason == "":
		return c, fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", step.label)
	}
	c.State, c.Version = step.to, c.Version+1
	return c, nil
}

// claimReaders of an office read its own claims, and those exchanged.
var claimReaders = []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Archivist}

// ReadBy reports whether the actor may read the claim: its own side always, the bureau above both once it was sent, the
// other side once it was exchanged.
func (c Claim) ReadBy(a gazetteer.Actor, standing Standing) bool {
	switch {
	case a.System != "":
		return true
	case ByAssignment(a):
		return false
	case a.IsOf(c.OfficeID):
		return a.Has(claimReaders...)
	case standing == Above && a.Has(gazetteer.Superior):
		return c.State == ClaimSent || c.State == ClaimExchanged
	}
	return standing == Party && c.State == ClaimExchanged && a.Has(claimReaders...)
}

// Editable returns nil when the actor may change what the claim says: its own side, while it is a draft.
//
// Errors: Conflict "claim-fixed"; Forbidden "not-yours".
func (c Claim) Editable(a gazetteer.Actor) error {
	switch {
	case a.System != "" || ByAssignment(a) || !a.IsOf(c.OfficeID) || !a.Has(commissioners...):
		return fault.New(fault.Forbidden, "not-yours", "只有本方的经办或负责人可以改写主张")
	case c.State != ClaimDraft:
		return fault.New(fault.Conflict, "claim-fixed", "主张%s，内容不能再改：请另写一份", c.State.Label())
	}
	return nil
}
