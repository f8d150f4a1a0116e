package boundary_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Every state × action × role × office: an action works exactly when it is among the open ones, else it is a fault and
// nothing changes. Who may read is walked along.
func TestClaimWalksTheWholeProduct(t *testing.T) {
	allowed := map[string]boundary.ClaimState{ // state action role office → next
		"draft send party-officer own": "sent", "draft send party-leader own": "sent",
		"draft withdraw party-officer own": "withdrawn", "draft withdraw party-leader own": "withdrawn",
		"sent withdraw party-officer own": "withdrawn", "sent withdraw party-leader own": "withdrawn",
		"sent exchange superior above": "exchanged",
	}
	offices := map[string]struct {
		id       uuid.UUID
		kind     string
		standing boundary.Standing
	}{
		"own": {leadOffice, "civil-affairs", boundary.Party}, "other": {otherOffice, "civil-affairs", boundary.Party},
		"above": {cityOffice, "civil-affairs", boundary.Above}, "contractor": {leadOffice, "contractor", boundary.Stranger},
		"nobody": {uuid.Nil, "", boundary.Stranger},
	}
	readers := []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Archivist}
	met := 0
	for _, state := range boundary.ClaimStates {
		for _, role := range gazetteer.Roles {
			for name, o := range offices {
				a := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: o.id, OfficeKind: o.kind, Roles: []gazetteer.Role{role}}
				c := boundary.Claim{State: state, Version: 3, OfficeID: leadOffice, OtherSent: true}
				for _, action := range []string{"send", "withdraw", "exchange", "sign"} {
					next, err := c.Apply(boundary.ClaimAction{Name: action, Reason: "更正"}, a, o.standing)
					step := string(state) + " " + action + " " + string(role) + " " + name
					want, ok := allowed[step]
					if ok {
						met++
					}
					open := slices.ContainsFunc(c.OpenActions(a, o.standing), func(o gazetteer.OpenAction) bool { return o.Name == action })
					if (err == nil) != ok || open != ok || ok && (next.State != want || next.Version != 4) || !ok && next != c {
						t.Errorf("%s: got %v, %v, open %v", step, next, err, open)
					}
					if kind := fault.KindOf(err); err != nil && kind != fault.Forbidden && kind != fault.Conflict {
						t.Errorf("%s: got %v", step, err)
					}
				}
				reads := name == "own" && slices.Contains(readers, role) ||
					name == "above" && role == gazetteer.Superior && (state == "sent" || state == "exchanged") ||
					name == "other" && state == "exchanged" && slices.Contains(readers, role)
				if got := c.ReadBy(a, o.standing); got != reads {
					t.Errorf("%s %s %s reads: %v", state, role, name, got)
				}
				edits := name == "own" && state == "draft" && (role == gazetteer.PartyOfficer || role == gazetteer.PartyLeader)
				if err := c.Editable(a); (err == nil) != edits {
					t.Errorf("%s %s %s edits: %v", state, role, name, err)
				}
			}
		}
	}
	if met != len(allowed) {
		t.Errorf("met %d of %d allowed steps", met, len(allowed))
	}
}

func TestClaimsOfOneSideAreNotExchanged(t *testing.T) {
	c := boundary.Claim{State: boundary.ClaimSent, OfficeID: leadOffice}
	city := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: cityOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.Superior}}
	if _, err := c.Apply(boundary.ClaimAction{Name: "exchange"}, city, boundary.Above); !fault.Is(err, "one-sided") || len(c.OpenActions(city, boundary.Above)) != 0 {
		t.Errorf("got %v", err)
	}
	own := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: leadOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.PartyOfficer}}
	if _, err := c.Apply(boundary.ClaimAction{Name: "withdraw"}, own, boundary.Party); !fault.Is(err, "reason-missing") {
		t.Errorf("got %v", err)
	}
}
