package boundary_test

import (
	"errors"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

var leadOffice, otherOffice, cityOffice = uuid.UUID{1}, uuid.UUID{2}, uuid.UUID{3}

// readyRound is a round in a state with all that its steps need.
func readyRound(state boundary.InspectionState) boundary.Round {
	r := boundary.Round{
		State: state, Version: 7, Lead: leadOffice, Cooperating: otherOffice, Markers: 3, Matched: 1,
		Forms: map[uuid.UUID]int{leadOffice: 1, otherOffice: 1},
	}
	switch state {
	case boundary.InspectionConfirm:
		r.ReportSHA256 = "abc"
	case boundary.InspectionSigned:
		r.ReportSHA256 = "abc"
		r.Signatures = []boundary.Signature{{ID: uuid.UUID{8}, OfficeID: leadOffice}, {ID: uuid.UUID{9}, OfficeID: otherOffice}}
	}
	return r
}

// Every state × action × role × side: an action works exactly when it is among the open ones, else it is a fault and
// nothing changes.
func TestRoundWalksTheWholeProduct(t *testing.T) {
	allowed := map[string]boundary.InspectionState{ // state action role side → next
		"planned start party-officer lead": "field", "planned start party-officer other": "field",
		"field finish-field party-officer lead": "compile",
		"compile compile party-officer lead":    "confirm",
		"compile return party-officer lead":     "field",
		"compile return party-officer other":    "field",
		"confirm compile party-officer lead":    "confirm",
		"confirm return party-officer lead":     "field",
		"confirm return party-officer other":    "field",
		"confirm sign party-leader lead":        "confirm",
		"confirm sign party-leader other":       "confirm",
		"signed compile party-officer lead":     "confirm",
	}
	sides := map[string]uuid.UUID{"lead": leadOffice, "other": otherOffice, "city": cityOffice, "nobody": uuid.Nil}
	met := 0
	for _, state := range boundary.InspectionStates {
		for _, action := range []string{"start", "finish-field", "compile", "return", "sign", "file"} {
			for _, role := range gazetteer.Roles {
				for side, office := range sides {
					a := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: office, Roles: []gazetteer.Role{role}, ConfirmedAt: morning}
					r := readyRound(state)
					next, err := r.Apply(boundary.InspectionAction{Name: action, Reason: "更正", ContentSHA256: "abc"}, a, morning)
					name := string(state) + " " + action + " " + string(role) + " " + side
					open := slices.ContainsFunc(r.OpenActions(a), func(o gazetteer.OpenAction) bool { return o.Name == action })
					want, ok := allowed[name]
					if ok {
						met++
					}
					if (err == nil) != ok || open != ok {
						t.Errorf("%s: got %v, open %v, wanted allowed %v", name, err, open, ok)
						continue
					}
					if ok && (next.State != want || next.Version != 8) {
						t.Errorf("%s: got %s version %d", name, next.State, next.Version)
					}
					if kind := fault.KindOf(err); err != nil && kind != fault.Forbidden && kind != fault.Conflict {
						t.Errorf("%s: got %v", name, err)
					}
					if err != nil && next.Version != r.Version {
						t.Errorf("%s: refused and changed", name)
					}
				}
			}
		}
	}
	if met != len(allowed) {
		t.Errorf("met %d of %d allowed steps", met, len(allowed))
	}
}

func TestSecondSignatureEnds(t *testing.T) {
	r := readyRound(boundary.InspectionConfirm)
	sign := boundary.InspectionAction{Name: "sign", ContentSHA256: "abc"}
	leader := func(office uuid.UUID) gazetteer.Actor {
		return gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: office, Roles: []gazetteer.Role{gazetteer.PartyLeader}, ConfirmedAt: morning}
	}
	r, err := r.Apply(sign, leader(leadOffice), morning)
	if err != nil || r.State != boundary.InspectionConfirm {
		t.Fatalf("%v %s", err, r.State)
	}
	if _, err := r.Apply(sign, leader(leadOffice), morning); !fault.Is(err, "signed-already") {
		t.Errorf("twice: %v", err)
	}
	if _, err := r.Apply(boundary.InspectionAction{Name: "sign", ContentSHA256: "def"}, leader(otherOffice), morning); !fault.Is(err, "content-changed") {
		t.Errorf("other bytes: %v", err)
	}
	if _, err := r.Apply(boundary.InspectionAction{Name: "sign"}, leader(otherOffice), morning); !fault.Is(err, "content-missing") {
		t.Errorf("no digest: %v", err)
	}
	if r, err = r.Apply(sign, leader(otherOffice), morning); err != nil || r.State != boundary.InspectionSigned {
		t.Fatalf("%v %s", err, r.State)
	}
	edited := r.Edited(morning, "新的轨迹")
	if edited.State != boundary.InspectionCompile || edited.ReportSHA256 != "" || edited.Version != r.Version+1 {
		t.Errorf("edited: %s %q", edited.State, edited.ReportSHA256)
	}
	for _, s := range edited.Signatures {
		if s.VoidedAt == nil || *s.VoidReason != "新的轨迹" {
			t.Errorf("a signature stands: %+v", s)
		}
	}
	if r.Signatures[0].VoidedAt != nil {
		t.Error("the round before was changed too")
	}
}

func TestFieldNeedsFormsAndATrack(t *testing.T) {
	r := readyRound(boundary.InspectionField)
	r.Forms[otherOffice], r.Matched = 0, 0
	officer := gazetteer.Actor{OfficeID: leadOffice, Roles: []gazetteer.Role{gazetteer.PartyOfficer}}
	_, err := r.Apply(boundary.InspectionAction{Name: "finish-field"}, officer, morning)
	if !fault.Is(err, "field-incomplete") || fault.KindOf(err) != fault.Refused {
		t.Fatalf("got %v", err)
	}
	for _, code := range []string{"forms-missing", "tracks-missing"} {
		if !bytesContain(err, code) {
			t.Errorf("%v does not say %s", err, code)
		}
	}
}

func TestALeaderSignsInPersonOnly(t *testing.T) {
	r := readyRound(boundary.InspectionConfirm)
	for code, a := range map[string]gazetteer.Actor{
		"confirm-identity":  {ConfirmedAt: morning.Add(-gazetteer.ConfirmedFor - time.Second)},
		"token-cannot-sign": {ConfirmedAt: morning, Token: true, Scopes: gazetteer.TokenScopes},
	} {
		a.OfficeID, a.Roles = leadOffice, []gazetteer.Role{gazetteer.PartyLeader}
		if _, err := r.Apply(boundary.InspectionAction{Name: "sign", ContentSHA256: "abc"}, a, morning); !fault.Is(err, code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
		if open := r.OpenActions(a); (len(open) == 0) != a.Token || len(open) > 0 && !slices.Contains(open[0].Needs, gazetteer.Confirmation) {
			t.Errorf("%s: open are %v", code, open)
		}
	}
}

func TestRefusedStepsAreSaidInWords(t *testing.T) {
	latin := regexp.MustCompile(`[A-Za-z]{2}`)
	for _, state := range boundary.InspectionStates {
		for _, action := range []string{"start", "finish-field", "compile", "return", "sign", "teleport"} {
			_, err := boundary.Round{State: state}.Apply(boundary.InspectionAction{Name: action}, gazetteer.Actor{}, time.Time{})
			var f *fault.Error
			if !errors.As(err, &f) || latin.MatchString(f.Detail) || state.Label() == "" {
				t.Errorf("%s from %s: %v", action, state, err)
			}
		}
	}
}
