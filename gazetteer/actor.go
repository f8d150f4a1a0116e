package gazetteer

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// Role is what an account may do within its office. The words are those of the glossary.
type Role string

// The roles of the boundary side and of the naming side.
const (
	PartyOfficer        Role = "party-officer"        // 界线一方经办
	PartyLeader         Role = "party-leader"         // 界线一方负责人，可签字
	Superior            Role = "superior"             // 上级民政部门
	ApprovalAuthority   Role = "approval-authority"   // 界线批准机关
	Surveyor            Role = "surveyor"             // 测绘作业
	Keeper              Role = "keeper"               // 管护员
	Archivist           Role = "archivist"            // 档案
	Auditor             Role = "auditor"              // 审计，只读
	Clerk               Role = "clerk"                // 地名经办
	Expert              Role = "expert"               // 专家
	CommitteeMember     Role = "committee-member"     // 地名委员会委员
	Approver            Role = "approver"             // 审批
	ConsultedDepartment Role = "consulted-department" // 征求意见部门
	CompetentApprover   Role = "competent-approver"   // 主管部门审批
	Applicant           Role = "applicant"            // 申报
	FilingReceiver      Role = "filing-receiver"      // 备案接收
	Editor              Role = "editor"               // 编纂
	Administrator       Role = "administrator"        // 系统管理
)

// Roles lists every role once.
var Roles = []Role{
	PartyOfficer, PartyLeader, Superior, ApprovalAuthority, Surveyor, Keeper, Archivist, Auditor,
	Clerk, Expert, CommitteeMember, Approver, ConsultedDepartment, CompetentApprover, Applicant, FilingReceiver, Editor, Administrator,
}

// Actor is who acts: an account with its roles in one office, or the system under a name of its own.
// The zero value is the anonymous public.
type Actor struct {
	AccountID    uuid.UUID
	Login        string
	Name         string // office and post, as shown to others
	OfficeID     uuid.UUID
	OfficeName   string
	OfficeKind   string
	Jurisdiction uuid.UUID   // the division whose affairs the office keeps, with everything below it; zero when none
	Succeeds     []uuid.UUID // offices whose place its office took: it acts on what they left
	Roles        []Role
	Demo         bool
	System       string // set for a system actor such as "import"; then nothing else is

	MustChangePassword bool         // somebody else chose the password: nothing is open before it is changed
	ConfirmedAt        time.Time    // when the person last gave the password again; zero: not in this session
	Token              bool         // acts by a token, so not in person
	Scopes             []TokenScope // of the token
}

// TokenScope is what a token is good for.
type TokenScope string

// The scopes.
const (
	TokenRead   TokenScope = "read"   // everything the account may read
	TokenUpload TokenScope = "upload" // hand in tracks, and read nothing
	TokenWork   TokenScope = "work"   // everything else the account may do, but what is done in person
)

// TokenScopes lists every scope once.
var TokenScopes = []TokenScope{TokenRead, TokenUpload, TokenWork}

// Covers reports whether the actor may do what needs the scope: in person always.
func (a Actor) Covers(s TokenScope) bool { return !a.Token || slices.Contains(a.Scopes, s) }

// Confirmation is what an action needs that binds the person who takes it: the password given again shortly before.
const Confirmation = "confirmation"

// ConfirmedFor is how long a confirmation is good.
const ConfirmedFor = 5 * time.Minute

// Confirmed returns nil when the actor gave the password again within ConfirmedFor before at, or is the system.
//
// Errors: Forbidden "token-cannot-sign" for a token, "confirm-identity" else.
func (a Actor) Confirmed(at time.Time) error {
	switch since := at.Sub(a.ConfirmedAt); {
	case a.System != "":
		return nil
	case a.Token:
		return fault.New(fault.Forbidden, "token-cannot-sign", "令牌不能签字或批准：请本人登录办理")
	case a.ConfirmedAt.IsZero() || since < 0 || since > ConfirmedFor:
		return fault.New(fault.Forbidden, "confirm-identity", "签字或批准前须再次输入密码，%d 分钟内有效", int(ConfirmedFor.Minutes()))
	}
	return nil
}

// Anonymous reports whether nobody signed in and the system does not act either.
func (a Actor) Anonymous() bool { return a.AccountID == uuid.Nil && a.System == "" }

// IsOf reports whether the actor's office is the one given, or took its place.
func (a Actor) IsOf(office uuid.UUID) bool {
	return office != uuid.Nil && (a.OfficeID == office || slices.Contains(a.Succeeds, office))
}

// Has reports whether the actor holds one of the roles. The system holds every role.
func (a Actor) Has(roles ...Role) bool {
	if a.System != "" {
		return true
	}
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// Key is how the journal names the actor: the account id, or system:<name>, or anonymous.
func (a Actor) Key() string {
	switch {
	case a.System != "":
		return "system:" + a.System
	case a.AccountID != uuid.Nil:
		return a.AccountID.String()
	default:
		return "anonymous"
	}
}
