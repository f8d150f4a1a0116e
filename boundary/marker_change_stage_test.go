package boundary_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"fangyu/boundary"
)

// TestTheStagesOfACaseSayWhatComesNext: what is done, what comes next and whom it waits for.
func TestTheStagesOfACaseSayWhatComesNext(t *testing.T) {
	a, b := uuid.UUID{1}, uuid.UUID{2}
	said := func(stage, sha256 string, party uuid.UUID) boundary.ChangeConfirmation {
		return boundary.ChangeConfirmation{Stage: stage, AgreementConfirmation: boundary.AgreementConfirmation{Party: party, ContentSHA256: sha256}}
	}
	agreed := []boundary.ChangeConfirmation{said("agree", "c", a), said("agree", "c", b)}
	surveyed := append(agreed[:2:2], said("survey", "s", a), said("survey", "s", b))
	for name, of := range map[string]struct {
		c    boundary.MarkerChange
		want string
	}{
		"draft":             {boundary.MarkerChange{State: boundary.ChangeDraft}, "apply current applicant; agree coming; approve coming; survey coming; place coming; file coming"},
		"one side agreed":   {boundary.MarkerChange{State: boundary.ChangeApplied, Confirmations: agreed[:1]}, "apply done; agree current sides b; approve coming; survey coming; place coming; file coming"},
		"of another text":   {boundary.MarkerChange{State: boundary.ChangeApplied, Confirmations: []boundary.ChangeConfirmation{said("agree", "x", a)}}, "apply done; agree current sides ab; approve coming; survey coming; place coming; file coming"},
		"agreed":            {boundary.MarkerChange{State: boundary.ChangeAgreed, Confirmations: agreed}, "apply done; agree done; approve current superior; survey coming; place coming; file coming"},
		"approved":          {boundary.MarkerChange{State: boundary.ChangeApproved, Confirmations: agreed, Approved: true}, "apply done; agree done; approve done; survey current one-side; place coming; file coming"},
		"surveyed by one":   {boundary.MarkerChange{State: boundary.ChangeApproved, Confirmations: surveyed[:3], Approved: true, SurveySHA256: "s"}, "apply done; agree done; approve done; survey current sides b; place coming; file coming"},
		"surveyed":          {boundary.MarkerChange{State: boundary.ChangeSurveyed, Confirmations: surveyed, Approved: true, SurveySHA256: "s"}, "apply done; agree done; approve done; survey done; place current one-side; file coming"},
		"placed":            {boundary.MarkerChange{State: boundary.ChangePlaced, Confirmations: surveyed, Approved: true, SurveySHA256: "s", Archived: true}, "apply done; agree done; approve done; survey done; place done; file current any"},
		"filed":             {boundary.MarkerChange{State: boundary.ChangeFiled, Confirmations: surveyed, Approved: true, SurveySHA256: "s", Archived: true}, "apply done; agree done; approve done; survey done; place done; file done"},
		"declined":          {boundary.MarkerChange{State: boundary.ChangeDeclined, Confirmations: agreed}, "apply done; agree done; approve stopped; survey coming; place coming; file coming"},
		"its line ended":    {boundary.MarkerChange{State: boundary.ChangeApplied, LineEnded: true}, "apply done; agree stopped; approve coming; survey coming; place coming; file coming"},
		"retired by itself": {boundary.MarkerChange{State: boundary.ChangeFiled, Kind: boundary.Retirement, Confirmations: agreed, Approved: true, Archived: true, Retired: true}, "apply done; agree done; approve done; place done; file done"},
		"to be retired":     {boundary.MarkerChange{State: boundary.ChangeApproved, Kind: boundary.Retirement, Confirmations: agreed, Approved: true}, "apply done; agree done; approve done; place current one-side; file coming"},
	} {
		of.c.Parties, of.c.ContentSHA256 = []uuid.UUID{a, b}, "c"
		var got []string
		for _, s := range of.c.Stages() {
			text := s.Name + " " + string(s.State)
			if s.State == boundary.StageCurrent {
				text += " " + string(s.By)
			}
			for i, p := range s.Waits {
				text += strings.Repeat(" ", 1-min(i, 1)) + map[uuid.UUID]string{a: "a", b: "b"}[p]
			}
			got = append(got, text)
		}
		if text := strings.Join(got, "; "); text != of.want {
			t.Errorf("%s:\n %s\nnot\n %s", name, text, of.want)
		}
	}
}
