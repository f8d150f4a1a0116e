package boundary_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

var (
	northParty, southParty = uuid.UUID{71}, uuid.UUID{72}
	fullPaper              = gazetteer.Document{Title: "文件", Number: "〔2026〕1号", IssuedBy: "重庆市人民政府", IssuedOn: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	agreedAt               = time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC)
)

// Every state × action × role × office: an action works exactly when it is among the open ones, else it is a fault and
// nothing changes. Who may read and edit is walked along.
func TestAgreementWalksTheWholeProduct(t *testing.T) {
	type step struct{ state, action string }
	own, other, either, above, sides := []string{"own"}, []string{"other"}, []string{"own", "other"}, []string{"above"}, []string{"own", "other", "above"}
	allowed := map[step]struct {
		seats []string
		next  boundary.AgreementState
	}{
		{"draft", "propose"}: {own, "proposed"}, {"draft", "withdraw"}: {own, "withdrawn"},
		{"proposed", "confirm"}: {either, "proposed"}, {"proposed", "take-back"}: {own, "draft"}, {"proposed", "object"}: {other, "draft"}, {"proposed", "withdraw"}: {own, "withdrawn"},
		{"confirmed", "take-back"}: {own, "draft"}, {"confirmed", "object"}: {other, "draft"}, {"confirmed", "sign"}: {sides, "signed"}, {"signed", "approve"}: {above, "in-force"}, {"signed", "return"}: {above, "draft"},
	}
	offices := map[string]struct {
		id   uuid.UUID
		kind string
		seat boundary.Seat
	}{
		"own": {leadOffice, "civil-affairs", boundary.Seat{Standing: boundary.Party, Side: northParty}}, "other": {otherOffice, "civil-affairs", boundary.Seat{Standing: boundary.Party, Side: southParty}},
		"above": {cityOffice, "civil-affairs", boundary.Seat{Standing: boundary.Above}}, "contractor": {leadOffice, "contractor", boundary.Seat{}},
		"heir of both": {uuid.UUID{9}, "civil-affairs", boundary.Seat{Standing: boundary.Party}}, "nobody": {uuid.Nil, "", boundary.Seat{}},
	}
	commissioners := []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader}
	met := map[string]bool{}
	for _, state := range boundary.AgreementStates {
		for _, role := range gazetteer.Roles {
			for name, o := range offices {
				a := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: o.id, OfficeKind: o.kind, Roles: []gazetteer.Role{role}, ConfirmedAt: agreedAt}
				g := boundary.Agreement{State: state, Version: 3, OfficeID: leadOffice, Party: northParty, ContentSHA256: "ab"}
				for _, action := range []string{"propose", "withdraw", "confirm", "take-back", "object", "sign", "approve", "return", "exchange"} {
					paper := fullPaper
					next, err := g.Apply(boundary.AgreementAction{
						Name: action, Reason: "更正", ContentSHA256: "ab", Document: &paper, Publication: &paper, ValidFrom: agreedAt,
					}, a, o.seat, agreedAt, "2026-11-24")
					want := allowed[step{string(state), action}]
					byParty := slices.Contains(commissioners, role) && name != "above"
					ok := slices.Contains(want.seats, name) && (byParty || role == gazetteer.Superior && name == "above")
					if ok {
						met[string(state)+action] = true
					}
					open := slices.ContainsFunc(g.OpenActions(a, o.seat), func(o gazetteer.OpenAction) bool { return o.Name == action })
					if (err == nil) != ok || open != ok || ok && (next.State != want.next || next.Version != 4) || !ok && !cmp.Equal(next, g) {
						t.Errorf("%s %s %s %s: got %+v, %v, open %v", state, action, role, name, next, err, open)
					}
					if kind := fault.KindOf(err); err != nil && kind != fault.Forbidden && kind != fault.Conflict {
						t.Errorf("%s %s %s %s: got %v", state, action, role, name, err)
					}
				}
				reader := slices.Contains(commissioners, role) || role == gazetteer.Archivist
				shown := state != "draft" && state != "withdrawn"
				reads := name == "own" && reader || shown && (name == "other" || name == "heir of both") && reader || shown && name == "above" && role == gazetteer.Superior
				if got := g.ReadBy(a, o.seat); got != reads {
					t.Errorf("%s %s %s reads: %v", state, role, name, got)
				}
				edits := name == "own" && state == "draft" && slices.Contains(commissioners, role)
				if err := g.Editable(a); (err == nil) != edits {
					t.Errorf("%s %s %s edits: %v", state, role, name, err)
				}
			}
		}
	}
	if len(met) != len(allowed) {
		t.Errorf("met %d of %d allowed steps", len(met), len(allowed))
	}
}

func TestAnAgreementIsConfirmedByBothSidesOrByNone(t *testing.T) {
	officer := func(office uuid.UUID) gazetteer.Actor {
		return gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: office, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.PartyOfficer}, ConfirmedAt: agreedAt}
	}
	north, south := boundary.Seat{Standing: boundary.Party, Side: northParty}, boundary.Seat{Standing: boundary.Party, Side: southParty}
	g := boundary.Agreement{State: boundary.AgreementProposed, OfficeID: leadOffice, Party: northParty, ContentSHA256: "ab"}
	confirm := boundary.AgreementAction{Name: "confirm", ContentSHA256: "ab"}
	g, err := g.Apply(confirm, officer(leadOffice), north, agreedAt, "2026-11-24")
	if err != nil || g.State != boundary.AgreementProposed || len(g.Confirmations) != 1 {
		t.Fatalf("one side: %+v, %v", g, err)
	}
	for code, c := range map[string]struct {
		seat boundary.Seat
		in   boundary.AgreementAction
	}{
		"confirmed-already": {north, confirm},
		"content-changed":   {south, boundary.AgreementAction{Name: "confirm", ContentSHA256: "cd"}},
		"content-missing":   {south, boundary.AgreementAction{Name: "confirm"}},
		"reason-missing":    {south, boundary.AgreementAction{Name: "object"}},
	} {
		if next, err := g.Apply(c.in, officer(otherOffice), c.seat, agreedAt, "2026-11-24"); !fault.Is(err, code) || !cmp.Equal(next, g) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
	back, err := g.Apply(boundary.AgreementAction{Name: "object", Reason: "走向不对"}, officer(otherOffice), south, agreedAt, "2026-11-24")
	if err != nil || back.State != boundary.AgreementDraft || back.Confirmations[0].VoidedAt == nil || *back.Confirmations[0].VoidReason != "提出异议：走向不对" || g.Confirmations[0].VoidedAt != nil {
		t.Errorf("objected: %+v, %v", back, err)
	}
	script := officer(otherOffice)
	script.Token = true
	if _, err := g.Apply(confirm, script, south, agreedAt, "2026-11-24"); !fault.Is(err, "token-cannot-sign") || len(g.OpenActions(script, south)) != 1 {
		t.Errorf("a token confirms: %v, and is offered %v", err, g.OpenActions(script, south))
	}
	passing := officer(otherOffice)
	passing.ConfirmedAt = time.Time{}
	if _, err := g.Apply(confirm, passing, south, agreedAt, "2026-11-24"); !fault.Is(err, "confirm-identity") {
		t.Errorf("confirmed without a password: %v", err)
	}
	both, err := g.Apply(confirm, officer(otherOffice), south, agreedAt, "2026-11-24")
	if err != nil || both.State != boundary.AgreementConfirmed || len(both.Confirmations) != 2 {
		t.Errorf("both sides: %+v, %v", both, err)
	}
	again, err := both.Apply(boundary.AgreementAction{Name: "object", Reason: "签订前发现走向不对"}, officer(otherOffice), south, agreedAt, "2026-11-24")
	if err != nil || again.State != boundary.AgreementDraft || again.Confirmations[0].VoidedAt == nil || again.Confirmations[1].VoidedAt == nil {
		t.Errorf("objected before signing: %+v, %v", again, err)
	}
}

// TestAnEndedLineIsNotAgreedOn walks every state: only what takes the agreement back is left.
func TestAnEndedLineIsNotAgreedOn(t *testing.T) {
	roles := []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.Superior}
	for _, state := range boundary.AgreementStates {
		for _, at := range []struct {
			office uuid.UUID
			seat   boundary.Seat
		}{
			{leadOffice, boundary.Seat{Standing: boundary.Party, Side: northParty}},
			{otherOffice, boundary.Seat{Standing: boundary.Party, Side: southParty}},
			{cityOffice, boundary.Seat{Standing: boundary.Above}},
		} {
			a := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: at.office, OfficeKind: "civil-affairs", Roles: roles, ConfirmedAt: agreedAt}
			g := boundary.Agreement{State: state, OfficeID: leadOffice, Party: northParty, ContentSHA256: "ab"}
			var back []string
			for _, o := range g.OpenActions(a, at.seat) {
				if slices.Contains([]string{"take-back", "object", "return", "withdraw"}, o.Name) {
					back = append(back, o.Name)
				}
			}
			g.LineEnded = true
			var open []string
			for _, o := range g.OpenActions(a, at.seat) {
				open = append(open, o.Name)
			}
			if !slices.Equal(open, back) {
				t.Errorf("%s: open %v, wanted %v", state, open, back)
			}
		}
	}
	g := boundary.Agreement{State: boundary.AgreementSigned, OfficeID: leadOffice, Party: northParty, LineEnded: true}
	city := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: cityOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.Superior}, ConfirmedAt: agreedAt}
	if _, err := g.Apply(boundary.AgreementAction{Name: "approve"}, city, boundary.Seat{Standing: boundary.Above}, agreedAt, "2026-11-24"); !fault.Is(err, "line-ended") {
		t.Errorf("approved on an ended line: %v", err)
	}
}

func TestApprovingNeedsItsPapersAPersonAndADay(t *testing.T) {
	city := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: cityOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.Superior}, ConfirmedAt: agreedAt}
	unconfirmed, token := city, city
	unconfirmed.ConfirmedAt, token.Token = time.Time{}, true
	g, above := boundary.Agreement{State: boundary.AgreementSigned, OfficeID: leadOffice, Party: northParty}, boundary.Seat{Standing: boundary.Above}
	paper, bare := fullPaper, gazetteer.Document{Title: "批复"}
	whole := boundary.AgreementAction{Name: "approve", Document: &paper, Publication: &paper, ValidFrom: agreedAt}
	for code, c := range map[string]struct {
		who    gazetteer.Actor
		change func(*boundary.AgreementAction)
	}{
		"confirm-identity":   {unconfirmed, func(*boundary.AgreementAction) {}},
		"token-cannot-sign":  {token, func(*boundary.AgreementAction) {}},
		"valid-from-missing": {city, func(in *boundary.AgreementAction) { in.ValidFrom = time.Time{} }},
		"valid-from-wrong":   {city, func(in *boundary.AgreementAction) { in.ValidFrom = agreedAt.AddDate(0, 0, 1) }},
	} {
		in := whole
		c.change(&in)
		if _, err := g.Apply(in, c.who, above, agreedAt, "2026-11-24"); !fault.Is(err, code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
	in := whole
	in.Document, in.Publication = &bare, nil
	_, err := g.Apply(in, city, above, agreedAt, "2026-11-24")
	var pointers []string
	for _, f := range findingsOf(err) {
		pointers = append(pointers, f.Pointer)
	}
	if want := "[/documents/0/number /documents/0/issuedBy /documents/0/issuedOn /publication]"; fmt.Sprint(pointers) != want || !fault.Is(err, "papers-missing") {
		t.Errorf("got %v, %v", pointers, err)
	}
	if slices.ContainsFunc(g.OpenActions(token, above), func(o gazetteer.OpenAction) bool { return o.Name == "approve" }) {
		t.Error("a token is offered to approve")
	}
}

func TestSeatsAtALine(t *testing.T) {
	l := gazetteer.Lineage{
		Above:      map[uuid.UUID]uuid.UUID{northParty: {80}, southParty: {80}, {81}: {80}},
		Successors: map[uuid.UUID][]uuid.UUID{northParty: {{81}}},
	}
	merged := gazetteer.Lineage{Successors: map[uuid.UUID][]uuid.UUID{northParty: {{81}}, southParty: {{81}}}}
	at := func(l gazetteer.Lineage, jurisdiction uuid.UUID) boundary.Seat {
		return boundary.SeatOf(gazetteer.Actor{OfficeKind: "civil-affairs", Jurisdiction: jurisdiction}, l, northParty, southParty)
	}
	for name, c := range map[string][2]boundary.Seat{
		"successor of a side": {at(l, uuid.UUID{81}), {Standing: boundary.Party, Side: northParty}},
		"the other side":      {at(l, southParty), {Standing: boundary.Party, Side: southParty}},
		"above both":          {at(l, uuid.UUID{80}), {Standing: boundary.Above}},
		"heir of both":        {at(merged, uuid.UUID{81}), {Standing: boundary.Party}},
		"elsewhere":           {at(l, uuid.UUID{99}), {}},
	} {
		if cmp.Diff(c[0], c[1]) != "" {
			t.Errorf("%s: got %+v, wanted %+v", name, c[0], c[1])
		}
	}
}
