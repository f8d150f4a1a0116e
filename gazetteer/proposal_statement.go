package gazetteer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// StatementNeed is what a person's word can do to a finding.
type StatementNeed string

// The needs.
const (
	StatementNeeded   StatementNeed = "needed"   // nothing but a person's word clears it (《地名管理条例实施办法》第三条、第四条：没有特定联系)
	StatementOptional StatementNeed = "optional" // 一般不、避免: a reason takes the weight from it
)

// StatementKind is what a word in a naming case counts for.
type StatementKind string

// The kinds. The office that applied explains; only the office that decides clears, and never its own case.
const (
	Explanation StatementKind = "explain" // 申报单位说明
	Clearance   StatementKind = "clear"   // 审核单位认定
)

// ProposalStatement (说明、认定) is what an office said in a naming case on a finding. None is ever changed: a later one of the same kind
// about the same rule and part takes its place, or withdraws it.
type ProposalStatement struct {
	ID         uuid.UUID     `json:"id"`
	Kind       StatementKind `json:"kind"`
	Withdraws  bool          `json:"withdraws"` // takes back the one in force, and puts nothing in its place
	Rule       string        `json:"rule"`
	Part       string        `json:"part"` // of the name, as the finding has it
	Reason     string        `json:"reason"`
	Post       string        `json:"post"` // office and post of who said it
	OfficeName string        `json:"officeName"`
	At         time.Time     `json:"at"`
	InForce    bool          `json:"inForce"`
}

// about reports whether the statement is about what a finding is about.
func (s ProposalStatement) about(f NameFinding) bool { return s.Rule == f.Rule && s.Part == f.Part }

// explained and cleared are the states in which either kind may be said.
var (
	explained = []ProposalState{ProposalDraft, ProposalReturned, ProposalSubmitted, ProposalVoting, ProposalResolved}
	cleared   = []ProposalState{ProposalSubmitted, ProposalVoting, ProposalResolved}
)

// side is what the actor's word counts for in this case, "" for nothing.
func (p Proposal) side(a Actor) StatementKind {
	switch {
	case a.System != "" || a.Anonymous():
		return ""
	case a.IsOf(p.OfficeID):
		if a.Has(Applicant, Clerk) {
			return Explanation
		}
	case a.Has(Clerk, Expert, Approver) && p.DecidedBy(a):
		return Clearance
	}
	return ""
}

// SpeaksAs is what the actor's word counts for as the case stands, "" for nothing. No token clears: that is for a person.
func (p Proposal) SpeaksAs(a Actor) StatementKind {
	kind := p.side(a)
	if kind == Explanation && slices.Contains(explained, p.State) || kind == Clearance && slices.Contains(cleared, p.State) && !a.Token {
		return kind
	}
	return ""
}

// Say adds a statement, the version one higher.
//
// Errors: Forbidden "not-yours" when the actor's word does not count for that, "token-cannot-sign"; Conflict "action-not-open" in a state
// in which nothing is said any more, "nothing-to-withdraw"; Malformed "bad-statement", "reason-missing"; Refused "statement-idle" about
// what is no finding of the case.
func (p Proposal) Say(in ProposalStatement, a Actor, at time.Time) (Proposal, error) {
	side := p.side(a)
	switch {
	case in.Kind != Explanation && in.Kind != Clearance:
		return p, fault.New(fault.Malformed, "bad-statement", "kind 应为 explain（申报单位说明）或 clear（审核单位认定），收到“%s”", in.Kind)
	case side == "":
		return p, fault.New(fault.Forbidden, "not-yours", "申报单位的经办人可以说明，审核单位的经办人、专家和审批人员可以认定：这不在您的职责之内")
	case side == Explanation && in.Kind == Clearance:
		return p, fault.New(fault.Forbidden, "not-yours", "申报单位对自己的申报只能说明，不能认定：须由审核单位认定")
	case side != in.Kind:
		return p, fault.New(fault.Forbidden, "not-yours", "这件申报不是本单位提出的：审核单位请作认定（clear），不作说明")
	case in.Kind == Clearance && a.Token:
		return p, fault.New(fault.Forbidden, "token-cannot-sign", "令牌不能作认定：请本人登录办理")
	case p.SpeaksAs(a) == "":
		return p, fault.New(fault.Conflict, "action-not-open", "此件现为“%s”，不能再说明或认定", p.State.Label())
	case strings.TrimSpace(in.Reason) == "":
		return p, fault.New(fault.Malformed, "reason-missing", "请写明理由")
	case in.Withdraws && p.saidOn(in.Kind, in.Rule, in.Part) == nil:
		return p, fault.New(fault.Conflict, "nothing-to-withdraw", "对这一条没有现行的说明或认定可以撤回：请刷新后再试")
	case !in.Withdraws && !takes(p.Findings, in):
		return p, idle([]fault.Finding{idleStatement(in, "/rule")})
	}
	in.Post, in.OfficeName, in.At = a.Name, a.OfficeName, at
	p.Statements, p.Version = inForce(append(slices.Clone(p.Statements), in)), p.Version+1
	return p, nil
}

// CheckExplanations refuses explanations handed in with a case that are about none of its findings, or say nothing: Refused
// "statement-idle", with a pointer to each.
func CheckExplanations(findings []NameFinding, said []Statement) error {
	var wrong []fault.Finding
	for i, s := range said {
		at := "/statements/" + strconv.Itoa(i)
		if strings.TrimSpace(s.Reason) == "" {
			wrong = append(wrong, fault.Blocking("reason-missing", at+"/reason", "请写明理由"))
		} else if in := (ProposalStatement{Rule: s.Rule, Part: s.Part}); !takes(findings, in) {
			wrong = append(wrong, idleStatement(in, at))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return idle(wrong)
}

// takes reports whether one of the findings takes the statement.
func takes(findings []NameFinding, s ProposalStatement) bool {
	return slices.ContainsFunc(findings, func(f NameFinding) bool { return f.Takes != "" && s.about(f) })
}

func idleStatement(s ProposalStatement, pointer string) fault.Finding {
	return fault.Blocking("statement-idle", pointer, "审查发现中没有可以说明的“%s”（规则 %s）：请按列出的发现填写 rule 和 part", s.Part, s.Rule)
}

func idle(wrong []fault.Finding) error {
	return fault.Refuse("statement-idle", "有说明对不上审查发现，什么都没有登记", wrong)
}

// saidOn is the statement in force of a kind about a rule and part, nil for none.
func (p Proposal) saidOn(kind StatementKind, rule, part string) *ProposalStatement {
	for i, s := range p.Statements {
		if s.InForce && s.Kind == kind && s.Rule == rule && s.Part == part {
			return &p.Statements[i]
		}
	}
	return nil
}

// inForce marks the statements, which are in the order in which they were said, that nothing later took the place of.
func inForce(said []ProposalStatement) []ProposalStatement {
	for i, s := range said {
		later := slices.ContainsFunc(said[i+1:], func(o ProposalStatement) bool { return o.Kind == s.Kind && o.Rule == s.Rule && o.Part == s.Part })
		said[i].InForce = !s.Withdraws && !later
	}
	return said
}

// WithStatements is the case with what was said in it, in the order in which it was said.
func (p Proposal) WithStatements(said []ProposalStatement) Proposal {
	p.Statements = inForce(said)
	return p
}

// Said is what rules are told of the statements in force: clearances first, since they count for more. Who said it is told beside the
// finding.
func (p Proposal) Said() (all []Statement) {
	for _, kind := range []StatementKind{Clearance, Explanation} {
		for _, s := range p.Statements {
			if s.InForce && s.Kind == kind {
				all = append(all, Statement{Rule: s.Rule, Part: s.Part, Reason: s.Reason, Explains: kind == Explanation})
			}
		}
	}
	return all
}

// uncleared tells of every finding that needs a statement and has none that clears it, with a pointer to it among the findings of the
// case as they are kept.
func (p Proposal) uncleared() (missing []fault.Finding) {
	for i, f := range Publishable(p.Findings) {
		if f.Takes != StatementNeeded || p.saidOn(Clearance, f.Rule, f.Part) != nil {
			continue
		}
		m := fault.Blocking("statement-missing", "/findings/"+strconv.Itoa(i), "“%s”尚未认定：须由审核单位的经办人、专家或审批人员写明理由作出认定", f.Part)
		m.Clause = f.Clause
		missing = append(missing, m)
	}
	return missing
}
