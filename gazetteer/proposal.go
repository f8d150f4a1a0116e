package gazetteer

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// ProposalState is where a naming case stands.
type ProposalState string

// The states.
const (
	ProposalDraft     ProposalState = "draft"
	ProposalSubmitted ProposalState = "submitted" // 已申报
	ProposalVoting    ProposalState = "voting"    // 已受理，地名委员会表决
	ProposalResolved  ProposalState = "resolved"  // 表决通过，待审批
	ProposalApproved  ProposalState = "approved"  // 已批准，成为标准地名
	ProposalRejected  ProposalState = "rejected"
	ProposalReturned  ProposalState = "returned" // 退回补正
	ProposalWithdrawn ProposalState = "withdrawn"
)

// ProposalStates lists every state once.
var ProposalStates = []ProposalState{
	ProposalDraft, ProposalSubmitted, ProposalVoting, ProposalResolved, ProposalApproved, ProposalRejected, ProposalReturned, ProposalWithdrawn,
}

var proposalWords = map[ProposalState]string{
	ProposalDraft: "草稿", ProposalSubmitted: "已申报，待受理", ProposalVoting: "委员会表决中", ProposalResolved: "表决通过，待批准",
	ProposalApproved: "已批准", ProposalRejected: "未通过", ProposalReturned: "退回补正", ProposalWithdrawn: "已撤回",
}

// Label is the state in Chinese.
func (s ProposalState) Label() string { return proposalWords[s] }

// Proposal is a naming case (申报): a new name, a renaming or a retirement.
type Proposal struct {
	ID           uuid.UUID           `json:"id"`
	Kind         string              `json:"kind"` // new, rename, retire
	Name         string              `json:"name"`
	Category     Category            `json:"category"`
	DivisionID   uuid.UUID           `json:"divisionId"`
	DivisionName string              `json:"divisionName"`
	PlaceID      *uuid.UUID          `json:"placeId,omitempty"`
	PlaceName    string              `json:"placeName,omitempty"`
	Point        *orb.Point          `json:"point,omitempty"`
	Reason       string              `json:"reason"`
	Facts        json.RawMessage     `json:"facts,omitempty"`
	State        ProposalState       `json:"state"`
	Version      int                 `json:"version"`
	Pack         string              `json:"pack"`
	PackTitle    string              `json:"packTitle"`
	Findings     []NameFinding       `json:"findings"`
	OfficeID     uuid.UUID           `json:"officeId"`
	OfficeName   string              `json:"officeName"`
	CommitteeID  *uuid.UUID          `json:"-"`          // whose seats vote
	Committee    string              `json:"committee"`  // its name, "" while there is none
	Lineage      Lineage             `json:"-"`          // of the division, for jurisdiction
	Statements   []ProposalStatement `json:"statements"` // in the order in which they were said
	Speaks       StatementKind       `json:"speaks"`     // what a word of the actor who asked counts for now; "" for nothing
	Votes        []Vote              `json:"votes"`
	Seats        int                 `json:"seats"` // committee seats; approval needs more than half
	Document     *Document           `json:"document,omitempty"`
	CreatedAt    time.Time           `json:"createdAt"`
	AcceptedOn   string              `json:"acceptedOn,omitempty"` // the day of acceptance (受理), by whose rules and words the case is judged from then on
	DecidedOn    string              `json:"decidedOn,omitempty"`
	Actions      []OpenAction        `json:"actions"`
}

// Vote is one committee seat's vote.
type Vote struct {
	AccountID uuid.UUID `json:"-"`
	Seat      string    `json:"seat"`
	Approve   bool      `json:"approve"`
	Reason    string    `json:"reason"`
	At        time.Time `json:"at"`
}

// OpenAction is an action open to the actor who asked.
type OpenAction struct {
	Name  string   `json:"name"`
	Label string   `json:"label"`
	Needs []string `json:"needs"`
}

// ProposalAction is an action asked for.
type ProposalAction struct {
	Name      string
	Reason    string
	Approve   bool      // for vote
	Document  *Document // for approve: the decision's paper
	ValidFrom time.Time // for approve: the first day of the new name; zero means the day of approval
}

type proposalStep struct {
	from   ProposalState
	action string
	label  string
	to     ProposalState
	roles  []Role
	own    bool // only the office that applied
	needs  []string
}

// proposalSteps are all steps of a naming case. vote leads on by itself once a majority is certain.
var proposalSteps = []proposalStep{
	{ProposalDraft, "submit", "申报", ProposalSubmitted, []Role{Applicant, Clerk}, true, nil},
	{ProposalReturned, "submit", "重新申报", ProposalSubmitted, []Role{Applicant, Clerk}, true, nil},
	{ProposalSubmitted, "accept", "受理", ProposalVoting, []Role{Clerk}, false, nil},
	{ProposalSubmitted, "return", "退回补正", ProposalReturned, []Role{Clerk}, false, []string{"reason"}},
	{ProposalVoting, "vote", "表决", ProposalVoting, []Role{CommitteeMember}, false, []string{"approve"}},
	{ProposalResolved, "approve", "批准", ProposalApproved, []Role{Approver}, false, []string{Confirmation, "documents"}},
	{ProposalResolved, "reject", "不予批准", ProposalRejected, []Role{Approver}, false, []string{"reason"}},
	{ProposalDraft, "withdraw", "撤回", ProposalWithdrawn, []Role{Applicant, Clerk}, true, nil},
	{ProposalSubmitted, "withdraw", "撤回", ProposalWithdrawn, []Role{Applicant, Clerk}, true, []string{"reason"}},
	{ProposalVoting, "withdraw", "撤回", ProposalWithdrawn, []Role{Applicant, Clerk}, true, []string{"reason"}},
}

// allows reports whether the actor may take the step on the case.
func (s proposalStep) allows(p Proposal, a Actor) bool {
	if s.from != p.State || !a.Has(s.roles...) {
		return false
	}
	switch {
	case a.System != "":
		return true
	case s.own:
		return a.IsOf(p.OfficeID)
	case s.action == "vote":
		return p.CommitteeID != nil && a.IsOf(*p.CommitteeID) && !p.votedBy(a)
	}
	return p.DecidedBy(a)
}

// deciders are the kinds of offices that decide names in their jurisdiction.
var deciders = []string{"civil-affairs", "competent-department", "committee"}

// DecidedBy reports whether the case lies where the actor's office decides names.
func (p Proposal) DecidedBy(a Actor) bool {
	return slices.Contains(deciders, a.OfficeKind) && p.Lineage.Covers(a.Jurisdiction, p.DivisionID)
}

// proposalReaders may read the cases that their office decides.
var proposalReaders = []Role{
	Clerk, CommitteeMember, Approver, CompetentApprover, Expert, ConsultedDepartment, FilingReceiver, Auditor, Superior,
}

// ReadBy reports whether the actor may read the case: the office that applied, and once it was submitted whoever takes
// part in deciding it.
func (p Proposal) ReadBy(a Actor) bool {
	switch {
	case a.System != "":
		return true
	case a.IsOf(p.OfficeID):
		return true
	}
	return p.State != ProposalDraft && a.Has(proposalReaders...) && p.DecidedBy(a)
}

func (p Proposal) votedBy(a Actor) bool {
	for _, v := range p.Votes {
		if v.AccountID == a.AccountID {
			return true
		}
	}
	return false
}

// binds reports whether the step binds the person who takes it, so that no token may.
func (s proposalStep) binds() bool { return slices.Contains(s.needs, Confirmation) }

// OpenActions are the actions open to the actor, in the order of the table.
func (p Proposal) OpenActions(a Actor) []OpenAction {
	open := []OpenAction{}
	for _, s := range proposalSteps {
		if s.allows(p, a) && !(a.Token && s.binds()) {
			open = append(open, OpenAction{Name: s.action, Label: s.label, Needs: append([]string{}, s.needs...)})
		}
	}
	return open
}

// Apply takes an action and returns the case as it stands after it, its version one higher.
//
// Errors: Conflict "action-not-open" when no step of that name leaves the present state; Forbidden "not-yours" when the
// actor may not take it; Conflict "voted-already", "committee-missing"; Refused "name-blocked" with the findings at submit and, where
// another name came first meanwhile, at approve, "statement-missing" at approve while a finding needs a statement and nobody cleared
// it; Malformed
// "reason-missing" and "document-missing"; those of Actor.Confirmed.
func (p Proposal) Apply(in ProposalAction, a Actor, at time.Time) (Proposal, error) {
	step, err := p.step(in.Name, a)
	if err != nil {
		return p, err
	}
	if err := p.ready(step, in, a, at); err != nil {
		return p, err
	}
	next := p
	next.State, next.Version = step.to, p.Version+1
	switch step.action {
	case "vote":
		next.Votes = append(append([]Vote{}, p.Votes...), Vote{
			AccountID: a.AccountID, Seat: a.Name, Approve: in.Approve, Reason: in.Reason, At: at,
		})
		next.State = next.counted()
	case "accept":
		next.AcceptedOn = beijing.Day(at)
	case "approve":
		next.Document = in.Document
	}
	return next, nil
}

func (p Proposal) step(action string, a Actor) (proposalStep, error) {
	known := false
	for _, s := range proposalSteps {
		if s.action != action || s.from != p.State {
			continue
		}
		known = true
		if s.allows(p, a) {
			return s, nil
		}
	}
	if !known {
		return proposalStep{}, fault.New(fault.Conflict, "action-not-open", "此件现为“%s”，不能办理%s：请刷新后再试", p.State.Label(), proposalActionLabel(action))
	}
	if action == "vote" && p.votedBy(a) {
		return proposalStep{}, fault.New(fault.Conflict, "voted-already", "本席已经表决，一席一票")
	}
	return proposalStep{}, fault.New(fault.Forbidden, "not-yours", "%s不在您的职责之内", proposalActionLabel(action))
}

// proposalActionLabel is what an action is called, in quotation marks; one that no state has is called that.
func proposalActionLabel(action string) string {
	for _, s := range proposalSteps {
		if s.action == action {
			return "“" + s.label + "”"
		}
	}
	return "这个动作"
}

// ready checks what a step needs beyond the right to take it.
func (p Proposal) ready(s proposalStep, in ProposalAction, a Actor, at time.Time) error {
	for _, need := range s.needs {
		switch {
		case need == Confirmation && a.Confirmed(at) != nil:
			return a.Confirmed(at)
		case need == "reason" && in.Reason == "":
			return fault.New(fault.Malformed, "reason-missing", "请写明“%s”的理由", s.label)
		case need == "documents" && (in.Document == nil || in.Document.Title == "" || in.Document.Number == ""):
			return fault.New(fault.Malformed, "document-missing", "批准须附批准文件的标题和文号")
		}
	}
	if s.action == "accept" && p.CommitteeID == nil {
		return fault.New(fault.Conflict, "committee-missing", "这里和上级辖区都没有地名委员会，不能交付表决：请系统管理员先建立地名委员会")
	}
	var missing []fault.Finding
	if s.action == "approve" {
		missing = p.uncleared()
	}
	switch found := Plain(p.Findings); {
	case s.action != "submit" && s.action != "approve":
	case fault.Worst(found) == fault.Block:
		return fault.Refuse("name-blocked", "这个名称违反命名规则，不能"+s.label, append(found, missing...))
	case len(missing) > 0:
		return fault.Refuse("statement-missing", "有审查发现须由审核单位认定，还没有认定，不能"+s.label, append(missing, found...))
	}
	return nil
}

// counted is the state after the votes so far: resolved or rejected as soon as a majority of all seats is certain.
func (p Proposal) counted() ProposalState {
	yes, no := 0, 0
	for _, v := range p.Votes {
		if v.Approve {
			yes++
		} else {
			no++
		}
	}
	switch {
	case 2*yes > p.Seats:
		return ProposalResolved
	case p.Seats > 0 && 2*(p.Seats-no) <= p.Seats: // the rest cannot be a majority any more
		return ProposalRejected
	default:
		return ProposalVoting
	}
}
