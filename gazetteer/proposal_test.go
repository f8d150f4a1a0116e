package gazetteer

import (
	"errors"
	"regexp"
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
	city, county, elsewhere := uuid.New(), uuid.New(), uuid.New()
	mine, committee := uuid.New(), uuid.New()
	offices := []struct {
		name         string
		id           uuid.UUID
		kind         string
		jurisdiction uuid.UUID
		own, decides bool
	}{
		{"the applicant", mine, "applicant", county, true, false},
		{"the county's bureau", uuid.New(), "civil-affairs", county, false, true},
		{"the city's bureau", uuid.New(), "civil-affairs", city, false, true},
		{"the city's housing department", uuid.New(), "competent-department", city, false, true},
		{"the neighbour's bureau", uuid.New(), "civil-affairs", elsewhere, false, false},
		{"the committee", committee, "committee", county, false, true},
		{"another committee", uuid.New(), "committee", city, false, true},
		{"a contractor", uuid.New(), "contractor", county, false, false},
		{"an office of nowhere", uuid.New(), "civil-affairs", uuid.Nil, false, false},
	}
	for _, from := range ProposalStates {
		for _, action := range actions {
			for _, role := range Roles {
				for _, office := range offices {
					p := Proposal{
						State: from, Version: 4, OfficeID: mine, Seats: 3, DivisionID: county, CommitteeID: &committee,
						Lineage: Lineage{Above: map[uuid.UUID]uuid.UUID{county: city, elsewhere: city}},
					}
					a := Actor{AccountID: uuid.New(), OfficeID: office.id, OfficeKind: office.kind, Jurisdiction: office.jurisdiction, Roles: []Role{role}, ConfirmedAt: noon}
					next, err := p.Apply(complete(action), a, noon)
					step, exists := want[key{from, action}]
					may := office.decides
					switch {
					case step.own:
						may = office.own
					case action == "vote":
						may = office.id == committee
					}
					allowed := exists && slices.Contains(step.roles, role) && may
					if read := p.ReadBy(a); read != (office.own || office.decides && from != ProposalDraft && slices.Contains(proposalReaders, role)) {
						t.Errorf("%s as %s of %s reads: %v", from, role, office.name, read)
					}
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
		committee := uuid.New()
		p := Proposal{State: ProposalVoting, Seats: c.seats, CommitteeID: &committee}
		for _, v := range c.votes {
			var err error
			seat := Actor{AccountID: uuid.New(), OfficeID: committee, Roles: []Role{CommitteeMember}}
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
	county := uuid.New()
	a := Actor{AccountID: uuid.New(), OfficeID: uuid.New(), OfficeKind: "civil-affairs", Jurisdiction: county, Roles: []Role{Applicant, Approver}, ConfirmedAt: noon}
	blocked := []NameFinding{{Finding: fault.Finding{Code: "duplicate-name", Severity: fault.Block}}}
	for from, action := range map[ProposalState]string{ProposalDraft: "submit", ProposalReturned: "submit", ProposalResolved: "approve"} {
		p := Proposal{State: from, OfficeID: a.OfficeID, DivisionID: county, Findings: blocked}
		if _, err := p.Apply(complete(action), a, noon); !fault.Is(err, "name-blocked") {
			t.Errorf("%s %s: got %v", from, action, err)
		}
	}
	p := Proposal{State: ProposalResolved, OfficeID: a.OfficeID, DivisionID: county, Findings: blocked}
	if next, err := p.Apply(complete("reject"), a, noon); err != nil || next.State != ProposalRejected {
		t.Errorf("a blocked name cannot be rejected: %v", err)
	}
}

func TestNoVoteWithoutACommittee(t *testing.T) {
	county := uuid.New()
	a := Actor{AccountID: uuid.New(), OfficeID: uuid.New(), OfficeKind: "civil-affairs", Jurisdiction: county, Roles: []Role{Clerk}}
	p := Proposal{State: ProposalSubmitted, DivisionID: county}
	if _, err := p.Apply(complete("accept"), a, noon); !fault.Is(err, "committee-missing") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyTheApproverInPersonApproves(t *testing.T) {
	county := uuid.New()
	p := Proposal{State: ProposalResolved, DivisionID: county}
	for code, a := range map[string]Actor{
		"":                  {ConfirmedAt: noon.Add(-ConfirmedFor)},
		"confirm-identity":  {ConfirmedAt: noon.Add(-ConfirmedFor - time.Second)},
		"token-cannot-sign": {ConfirmedAt: noon, Token: true, Scopes: TokenScopes},
	} {
		a.OfficeKind, a.Jurisdiction, a.Roles = "civil-affairs", county, []Role{Approver}
		next, err := p.Apply(complete("approve"), a, noon)
		if code == "" && (err != nil || next.State != ProposalApproved) || code != "" && !fault.Is(err, code) {
			t.Errorf("wanted %q, got %s, %v", code, next.State, err)
		}
		open := p.OpenActions(a)
		listed := slices.IndexFunc(open, func(o OpenAction) bool { return o.Name == "approve" })
		if (listed >= 0) == a.Token || listed >= 0 && !slices.Contains(open[listed].Needs, Confirmation) {
			t.Errorf("%q: open are %v", code, open)
		}
	}
	for _, a := range []Actor{{}, {ConfirmedAt: noon.Add(time.Second)}} {
		a.OfficeKind, a.Jurisdiction, a.Roles = "civil-affairs", county, []Role{Approver}
		if _, err := p.Apply(complete("approve"), a, noon); !fault.Is(err, "confirm-identity") {
			t.Errorf("confirmed at %v: %v", a.ConfirmedAt, err)
		}
	}
}

func TestRefusedStepsAreSaidInWords(t *testing.T) {
	latin := regexp.MustCompile(`[A-Za-z]{2}`)
	for _, state := range ProposalStates {
		if state.Label() == "" {
			t.Errorf("%s has no label", state)
		}
		for _, action := range []string{"submit", "accept", "return", "vote", "approve", "reject", "withdraw", "teleport"} {
			_, err := Proposal{State: state}.Apply(ProposalAction{Name: action}, Actor{}, time.Time{})
			var f *fault.Error
			if !errors.As(err, &f) || latin.MatchString(f.Detail) {
				t.Errorf("%s from %s: %v", action, state, err)
			}
		}
	}
}
