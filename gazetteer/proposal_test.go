package gazetteer

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

var noon = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)

// complete is an action with everything any step could need.
func complete(name string) ProposalAction {
	return ProposalAction{Name: name, Reason: "理由", Approve: true, Document: &Document{Title: "批复", Number: "1"}}
}

// TestProposalWalk walks every state × action × role × own or other office and holds each against the table as written
// down here a second time: who may do what, where it leads.
func TestProposalWalk(t *testing.T) {
	type key struct {
		from   ProposalState
		action string
	}
	want := map[key]struct {
		to    ProposalState
		roles []Role
		own   bool
	}{
		{ProposalDraft, "submit"}:       {ProposalSubmitted, []Role{Applicant, Clerk}, true},
		{ProposalReturned, "submit"}:    {ProposalSubmitted, []Role{Applicant, Clerk}, true},
		{ProposalSubmitted, "accept"}:   {ProposalVoting, []Role{Clerk}, false},
		{ProposalSubmitted, "return"}:   {ProposalReturned, []Role{Clerk}, false},
		{ProposalVoting, "vote"}:        {ProposalVoting, []Role{CommitteeMember}, false},
		{ProposalResolved, "approve"}:   {ProposalApproved, []Role{Approver}, false},
		{ProposalResolved, "reject"}:    {ProposalRejected, []Role{Approver}, false},
		{ProposalDraft, "withdraw"}:     {ProposalWithdrawn, []Role{Applicant, Clerk}, true},
		{ProposalSubmitted, "withdraw"}: {ProposalWithdrawn, []Role{Applicant, Clerk}, true},
		{ProposalVoting, "withdraw"}:    {ProposalWithdrawn, []Role{Applicant, Clerk}, true},
	}
	actions := []string{"submit", "accept", "return", "vote", "approve", "reject", "withdraw", "no-such-action"}
	mine, theirs := uuid.New(), uuid.New()
	for _, from := range ProposalStates {
		for _, action := range actions {
			for _, role := range Roles {
				for _, office := range []uuid.UUID{mine, theirs} {
					p := Proposal{State: from, Version: 4, OfficeID: mine, Seats: 3}
					a := Actor{AccountID: uuid.New(), OfficeID: office, Roles: []Role{role}}
					next, err := p.Apply(complete(action), a, noon)
					step, exists := want[key{from, action}]
					allowed := exists && slices.Contains(step.roles, role) && (!step.own || office == mine)
					listed := slices.ContainsFunc(p.OpenActions(a), func(o OpenAction) bool { return o.Name == action })
					if listed != allowed {
						t.Errorf("%s %s by %s: listed %v, wanted %v", from, action, role, listed, allowed)
					}
					switch {
					case allowed && (err != nil || next.State != step.to || next.Version != 5):
						t.Errorf("%s %s by %s: got %s %d, %v", from, action, role, next.State, next.Version, err)
					case !exists && fault.KindOf(err) != fault.Conflict:
						t.Errorf("%s %s by %s: got %v, wanted a conflict", from, action, role, err)
					case exists && !allowed && fault.KindOf(err) != fault.Forbidden:
						t.Errorf("%s %s by %s: got %v, wanted forbidden", from, action, role, err)
					}
				}
			}
		}
	}
}

func TestMajorityOfAllSeatsDecides(t *testing.T) {
	for _, c := range []struct {
		seats int
		votes string // y and n in turn
		want  ProposalState
	}{
		{3, "y", ProposalVoting},
		{3, "yy", ProposalResolved},
		{3, "nn", ProposalRejected},
		{3, "yny", ProposalResolved},
		{4, "yy", ProposalVoting},
		{4, "yyy", ProposalResolved},
		{4, "nn", ProposalRejected},
		{5, "yynn", ProposalVoting},
		{5, "yynnn", ProposalRejected},
		{1, "y", ProposalResolved},
	} {
		p := Proposal{State: ProposalVoting, Seats: c.seats}
		for _, v := range c.votes {
			var err error
			seat := Actor{AccountID: uuid.New(), Roles: []Role{CommitteeMember}}
			if p, err = p.Apply(ProposalAction{Name: "vote", Approve: v == 'y'}, seat, noon); err != nil {
				t.Fatal(err)
			}
		}
		if p.State != c.want {
			t.Errorf("%d seats, %s: got %s, wanted %s", c.seats, c.votes, p.State, c.want)
		}
	}
}

func TestABlockedNameIsNeitherSubmittedNorApproved(t *testing.T) {
	a := Actor{AccountID: uuid.New(), OfficeID: uuid.New(), Roles: []Role{Applicant, Approver}}
	blocked := []NameFinding{{Finding: fault.Finding{Code: "duplicate-name", Severity: fault.Block}}}
	for from, action := range map[ProposalState]string{ProposalDraft: "submit", ProposalReturned: "submit", ProposalResolved: "approve"} {
		p := Proposal{State: from, OfficeID: a.OfficeID, Findings: blocked}
		if _, err := p.Apply(complete(action), a, noon); !fault.Is(err, "name-blocked") {
			t.Errorf("%s %s: got %v", from, action, err)
		}
	}
	p := Proposal{State: ProposalResolved, OfficeID: a.OfficeID, Findings: blocked}
	if next, err := p.Apply(complete("reject"), a, noon); err != nil || next.State != ProposalRejected {
		t.Errorf("a blocked name cannot be rejected: %v", err)
	}
}
