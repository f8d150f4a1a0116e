package gazetteer

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// TestStatementWalk walks every state × role × office × kind and holds each against the rule as written down here a second time.
func TestStatementWalk(t *testing.T) {
	city, county, elsewhere := uuid.New(), uuid.New(), uuid.New()
	mine := uuid.New()
	offices := []struct {
		name         string
		id           uuid.UUID
		kind         string
		jurisdiction uuid.UUID
		own, decides bool
	}{
		{"the bureau that applied", mine, "civil-affairs", county, true, true},
		{"who took its place", uuid.New(), "civil-affairs", county, true, true},
		{"the city's bureau", uuid.New(), "civil-affairs", city, false, true},
		{"the city's housing department", uuid.New(), "competent-department", city, false, true},
		{"the committee", uuid.New(), "committee", county, false, true},
		{"the neighbour's bureau", uuid.New(), "civil-affairs", elsewhere, false, false},
		{"a contractor", uuid.New(), "contractor", county, false, false},
	}
	finding := NameFinding{Rule: "R", Part: "x", Takes: StatementNeeded}
	for _, state := range ProposalStates {
		for _, role := range Roles {
			for _, office := range offices {
				for _, token := range []bool{false, true} {
					p := Proposal{
						State: state, Version: 4, OfficeID: mine, DivisionID: county, Findings: []NameFinding{finding},
						Lineage: Lineage{Above: map[uuid.UUID]uuid.UUID{county: city, elsewhere: city}},
					}
					a := Actor{AccountID: uuid.New(), OfficeID: office.id, OfficeKind: office.kind, Jurisdiction: office.jurisdiction, Roles: []Role{role}, Token: token}
					if office.own && office.id != mine {
						a.Succeeds = []uuid.UUID{mine}
					}
					var want StatementKind
					switch over := slices.Contains([]ProposalState{ProposalApproved, ProposalRejected, ProposalWithdrawn}, state); {
					case over:
					case office.own && (role == Applicant || role == Clerk):
						want = Explanation
					case !office.own && office.decides && (role == Clerk || role == Expert || role == Approver) && state != ProposalDraft && state != ProposalReturned && !token:
						want = Clearance
					}
					if got := p.SpeaksAs(a); got != want {
						t.Errorf("%s as %s of %s (token %v) speaks as %q, wanted %q", state, role, office.name, token, got, want)
					}
					for _, kind := range []StatementKind{Explanation, Clearance} {
						next, err := p.Say(ProposalStatement{Kind: kind, Rule: "R", Part: "x", Reason: "理由"}, a, noon)
						if kind == want && (err != nil || next.Version != 5 || len(next.Statements) != 1) || kind != want && err == nil {
							t.Errorf("%s as %s of %s says %s: %v", state, role, office.name, kind, err)
						}
					}
				}
			}
		}
	}
	if (Proposal{State: ProposalSubmitted}).SpeaksAs(Actor{System: "import"}) != "" {
		t.Error("the system speaks")
	}
}

func TestALaterStatementTakesThePlaceOfAnEarlierOne(t *testing.T) {
	of := func(kind StatementKind, part string) ProposalStatement {
		return ProposalStatement{Kind: kind, Rule: "R", Part: part, Reason: part}
	}
	back := of(Clearance, "y")
	back.Withdraws = true
	p := Proposal{}.WithStatements([]ProposalStatement{of(Explanation, "x"), of(Clearance, "x"), of(Clearance, "y"), of(Clearance, "x"), back})
	var in []string
	for _, s := range p.Statements {
		if s.InForce {
			in = append(in, string(s.Kind)+" "+s.Part)
		}
	}
	if got := strings.Join(in, ", "); got != "explain x, clear x" {
		t.Errorf("in force are %s", got)
	}
	said := p.Said()
	if len(said) != 2 || said[0].Explains || !said[1].Explains || said[0].By != "" {
		t.Errorf("rules are told %+v", said)
	}
}

func TestApprovalWaitsForEveryClearance(t *testing.T) {
	county := uuid.New()
	a := Actor{AccountID: uuid.New(), OfficeID: uuid.New(), OfficeKind: "civil-affairs", Jurisdiction: county, Roles: []Role{Approver}, ConfirmedAt: noon}
	of := func(part string, s fault.Severity) NameFinding {
		return NameFinding{Finding: fault.Finding{Code: "needs-statement", Severity: s}, Rule: "R", Part: part, Takes: StatementNeeded}
	}
	p := Proposal{State: ProposalResolved, DivisionID: county, Findings: []NameFinding{of("x", fault.Review), {Rule: "S", Takes: StatementOptional}, of("y", fault.Review)}}
	p = p.WithStatements([]ProposalStatement{{Kind: Clearance, Rule: "R", Part: "y", Reason: "x"}, {Kind: Explanation, Rule: "R", Part: "x", Reason: "x"}})
	missing := p.uncleared()
	if len(missing) != 1 || missing[0].Pointer != "/findings/0" {
		t.Errorf("missing is %+v", missing)
	}
	if _, err := p.Apply(complete("approve"), a, noon); !fault.Is(err, "statement-missing") {
		t.Errorf("got %v", err)
	}
	p.Findings[0].Severity = fault.Block
	if _, err := p.Apply(complete("approve"), a, noon); !fault.Is(err, "name-blocked") {
		t.Errorf("a name that is forbidden besides: %v", err)
	}
	if next, err := p.Apply(complete("reject"), a, noon); err != nil || next.State != ProposalRejected {
		t.Errorf("it cannot be rejected: %v", err)
	}
}

func TestVerdictsAreComparedByRule(t *testing.T) {
	of := func(rule, part string, s fault.Severity, evidence ...string) NameFinding {
		f := NameFinding{Rule: rule, Part: part}
		f.Code, f.Severity = "c", s
		for _, id := range evidence {
			f.Evidence = append(f.Evidence, fault.Evidence{Kind: "place", ID: id})
		}
		return f
	}
	own := Verdict{Pack: "a", Findings: []NameFinding{of("R", "x", fault.Block), of("S", "x", fault.Review, "1"), of("S", "x", fault.Review, "1"), of("U", "x", fault.Info)}}
	other := Verdict{Pack: "b", Findings: []NameFinding{of("T", "x", fault.Block), of("U", "x", fault.Info), of("S", "x", fault.Review, "1"), of("R", "x", fault.Review), of("S", "x", fault.Review, "2")}}
	var got []string
	for _, c := range CompareVerdicts(own, other) {
		got = append(got, c.Rule+strings.Repeat("=", len(c.Same))+strings.Repeat("<", len(c.Own))+strings.Repeat(">", len(c.Other)))
	}
	if text := strings.Join(got, " "); text != "R<> S=<> U= T>" {
		t.Errorf("got %s", text)
	}
	if !SameVerdict(own, own) || SameVerdict(own, other) || SameVerdict(own, Verdict{Pack: "b", Findings: own.Findings}) {
		t.Error("which verdicts are the same")
	}
}

func TestOnWhichDayAPackIsTried(t *testing.T) {
	for _, c := range [][4]string{ // from, to, day, wanted; today is 2026-11-24
		{"2022-05-01", "", "2026-03-01", "2026-03-01"},
		{"2026-06-01", "", "2026-03-01", "2026-11-24"},
		{"2027-01-01", "", "2026-03-01", "2027-01-01"},
		{"2020-01-01", "2021-01-01", "2026-03-01", "2020-01-01"},
		{"2020-01-01", "2026-03-02", "2026-03-01", "2026-03-01"},
	} {
		if got := (Pack{ValidFrom: c[0], ValidTo: c[1]}).DayFor(c[2], "2026-11-24"); got != c[3] {
			t.Errorf("%v: got %s", c, got)
		}
	}
}
