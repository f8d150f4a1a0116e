package boundary_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// Every state × action × role × office: an action works exactly when it is among the open ones, else it is a fault and nothing
// changes. Who may open a case and who may know of it is walked along.
func TestDisputeWalksTheWholeProduct(t *testing.T) {
	now := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	allowed := map[string]boundary.DisputeState{ // action role office → next, of an open case
		"minute party-officer own": "open", "minute party-leader own": "open", "minute party-officer other": "open", "minute party-leader other": "open",
		"minute superior above": "open", "settle superior above": "settled",
		"withdraw party-officer own": "withdrawn", "withdraw party-leader own": "withdrawn",
	}
	offices := map[string]struct {
		id   uuid.UUID
		kind string
		seat boundary.Seat
	}{
		"own":        {leadOffice, "civil-affairs", boundary.Seat{Standing: boundary.Party, Side: uuid.UUID{1}}},
		"other":      {otherOffice, "civil-affairs", boundary.Seat{Standing: boundary.Party, Side: uuid.UUID{2}}},
		"above":      {cityOffice, "civil-affairs", boundary.Seat{Standing: boundary.Above}},
		"contractor": {leadOffice, "contractor", boundary.Seat{}},
		"elsewhere":  {uuid.UUID{9}, "civil-affairs", boundary.Seat{}},
		"nobody":     {},
	}
	paper := &gazetteer.Document{Title: "会议纪要", Number: "1", IssuedBy: "重庆市民政局", IssuedOn: now}
	met := 0
	for _, state := range boundary.DisputeStates {
		for _, role := range gazetteer.Roles {
			for name, o := range offices {
				a := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: o.id, OfficeKind: o.kind, Roles: []gazetteer.Role{role}, ConfirmedAt: now}
				d := boundary.Dispute{State: state, Version: 3, OfficeID: leadOffice}
				for _, action := range []string{"minute", "settle", "withdraw", "agree"} {
					step := action + " " + string(role) + " " + name
					want, ok := allowed[step]
					ok = ok && state == boundary.DisputeOpen
					if ok {
						met++
					}
					next, err := d.Apply(boundary.DisputeAction{Name: action, Reason: "协商", Document: paper}, a, o.seat, now)
					open := slices.ContainsFunc(d.OpenActions(a, o.seat), func(o gazetteer.OpenAction) bool { return o.Name == action })
					if (err == nil) != ok || open != ok || ok && (next.State != want || next.Version != 4) || !ok && next != d {
						t.Errorf("%s %s: got %v, %v, open %v", state, step, next, err, open)
					}
					if kind := fault.KindOf(err); err != nil && kind != fault.Forbidden && kind != fault.Conflict {
						t.Errorf("%s %s: got %v", state, step, err)
					}
				}
				conducts := role == gazetteer.PartyOfficer || role == gazetteer.PartyLeader
				if got, want := boundary.MayOpenDispute(a, o.seat), (name == "own" || name == "other") && conducts || name == "above" && role == gazetteer.Superior; got != want {
					t.Errorf("%s %s opens: %v", role, name, got)
				}
				knows := (name == "own" || name == "other") && (conducts || role == gazetteer.Archivist) || name == "above" && role == gazetteer.Superior
				if got := d.ReadBy(a, o.seat); got != knows {
					t.Errorf("%s %s %s knows of it: %v", state, role, name, got)
				}
			}
		}
	}
	if met != len(allowed) {
		t.Errorf("met %d of %d allowed steps", met, len(allowed))
	}
}

func TestDisputeStepsNeedWhatTheySay(t *testing.T) {
	now := time.Date(2026, 11, 29, 8, 0, 0, 0, time.UTC)
	own := gazetteer.Actor{AccountID: uuid.UUID{5}, OfficeID: leadOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.PartyOfficer}}
	city := gazetteer.Actor{AccountID: uuid.UUID{6}, OfficeID: cityOffice, OfficeKind: "civil-affairs", Roles: []gazetteer.Role{gazetteer.Superior}, ConfirmedAt: now}
	side, above := boundary.Seat{Standing: boundary.Party, Side: uuid.UUID{1}}, boundary.Seat{Standing: boundary.Above}
	open := boundary.Dispute{State: boundary.DisputeOpen, OfficeID: leadOffice}
	agreed := open
	agreed.Agreed = true
	unconfirmed, token := city, city
	unconfirmed.ConfirmedAt, token.Token = time.Time{}, true
	paper := &gazetteer.Document{Title: "裁决书", Number: "渝府〔2026〕9号", IssuedBy: "重庆市人民政府", IssuedOn: now}
	for what, c := range map[string]struct {
		of    boundary.Dispute
		in    boundary.DisputeAction
		actor gazetteer.Actor
		seat  boundary.Seat
		code  string
	}{
		"withdrawn without a word":         {open, boundary.DisputeAction{Name: "withdraw"}, own, side, "reason-missing"},
		"withdrawn when signed":            {agreed, boundary.DisputeAction{Name: "withdraw", Reason: "x"}, own, side, "settling-signed"},
		"minutes without a word":           {open, boundary.DisputeAction{Name: "minute", Document: paper}, own, side, "reason-missing"},
		"minutes without paper":            {open, boundary.DisputeAction{Name: "minute", Reason: "x"}, own, side, "papers-missing"},
		"decided without paper":            {open, boundary.DisputeAction{Name: "settle"}, city, above, "papers-missing"},
		"decided without number":           {open, boundary.DisputeAction{Name: "settle", Document: &gazetteer.Document{Title: "x"}}, city, above, "papers-missing"},
		"decided without confirming":       {open, boundary.DisputeAction{Name: "settle", Document: paper}, unconfirmed, above, "confirm-identity"},
		"decided by a token":               {open, boundary.DisputeAction{Name: "settle", Document: paper}, token, above, "token-cannot-sign"},
		"decided though a side would sign": {agreed, boundary.DisputeAction{Name: "settle", Document: paper}, city, above, ""},
	} {
		if _, err := c.of.Apply(c.in, c.actor, c.seat, now); c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, wanted %s", what, err, c.code)
		}
	}
	for _, o := range agreed.OpenActions(own, side) {
		if o.Name == "withdraw" {
			t.Error("what a signed agreement settles can be withdrawn")
		}
	}
}

func TestADisputeLiesOnItsLine(t *testing.T) {
	day := func(text string) time.Time { on, _ := time.Parse(time.DateOnly, text); return on }
	for what, c := range map[string]struct {
		in   boundary.DisputeContent
		want string // code pointer, all that is found
	}{
		"right":             {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{FromM: 0, ToM: 1000}, Text: "x"}, ""},
		"a metre":           {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{FromM: 10, ToM: 11}, Text: "x"}, ""},
		"whole":             {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{Whole: true}, Text: "x"}, ""},
		"before the start":  {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{FromM: -1, ToM: 10}, Text: "x"}, "off-line /fromM"},
		"beyond the end":    {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{FromM: 1, ToM: 1000.01}, Text: "x"}, "off-line /toM"},
		"turned round":      {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{FromM: 20, ToM: 10}, Text: "x"}, "bad-range /toM"},
		"too short":         {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{FromM: 10, ToM: 10.99}, Text: "x"}, "too-short /toM"},
		"no number":         {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{FromM: math.NaN(), ToM: 10}, Text: "x"}, "off-line /fromM bad-range /toM"},
		"no text, no title": {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{ToM: 10}, Document: &gazetteer.Document{}}, "text-missing /text document-incomplete /document/title"},
		"tomorrow":          {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{ToM: 10}, Text: "x", OpenedOn: day("2026-11-30")}, "bad-day /openedOn"},
		"long ago":          {boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{ToM: 10}, Text: "x", OpenedOn: day("1989-02-03")}, ""},
	} {
		var got []string
		for _, f := range c.in.Check(1000, "2026-11-29") {
			got = append(got, f.Code+" "+f.Pointer)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: found %q, wanted %q", what, got, c.want)
		}
	}
	a := boundary.DisputedSpan{FromM: 10, ToM: 20}
	for span, want := range map[boundary.DisputedSpan]bool{{FromM: 20, ToM: 30}: false, {FromM: 19, ToM: 30}: true, {FromM: 0, ToM: 10}: false, {FromM: 12, ToM: 13}: true, {FromM: 0, ToM: 99}: true} {
		if a.Overlaps(span) != want || span.Overlaps(a) != want {
			t.Errorf("%v and %v overlap: %v", a, span, !want)
		}
	}
}

// A line of 20 km, the same with a bend 300 m out between 8 and 12 km, and its two halves.
func TestADisputeIsCarriedByGeometry(t *testing.T) {
	at := func(km, off float64) orb.Point {
		p := geo.Direct(orb.Point{106.5, 29.5}, 90, km*1000)
		return geo.Direct(p, 0, off)
	}
	chain := func(points ...orb.Point) *geo.Chain {
		c, err := geo.NewChain(orb.MultiLineString{points})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	former := chain(at(0, 0), at(4, 0), at(8, 0), at(12, 0), at(20, 0))
	bent := chain(at(0, 0), at(4, 0), at(8, 0), at(10, 300), at(12, 0), at(20, 0))
	west, east := chain(at(0, 0), at(4, 0), at(8, 0), at(12, 0)), chain(at(12, 0), at(20, 0))
	say := func(s boundary.DisputedSpan) string { return fmt.Sprintf("%v %.0f–%.0f", s.Whole, s.FromM, s.ToM) }
	longer := bent.LengthM() - former.LengthM()
	for _, c := range []struct {
		span  boundary.DisputedSpan
		over  string
		moves bool
	}{
		{boundary.DisputedSpan{FromM: 1000, ToM: 5000}, "false 1000–5000", false},
		{boundary.DisputedSpan{FromM: 13000, ToM: 15000}, fmt.Sprintf("false %.0f–%.0f", 13000+longer, 15000+longer), false},
		{boundary.DisputedSpan{FromM: 7000, ToM: 13000}, fmt.Sprintf("false 7000–%.0f", 13000+longer), true},
		{boundary.DisputedSpan{FromM: 11990, ToM: 15000}, "", true},
		{boundary.DisputedSpan{Whole: true, ToM: former.LengthM()}, fmt.Sprintf("true 0–%.0f", bent.LengthM()), true},
	} {
		if got := say(c.span.Over(former, bent)); c.over != "" && got != c.over {
			t.Errorf("%s is carried to %s, wanted %s", say(c.span), got, c.over)
		}
		if got := c.span.Moves(former, bent); got != c.moves {
			t.Errorf("%s moves: %v", say(c.span), got)
		}
		if c.span.Moves(former, former) {
			t.Errorf("%s moves on its own line", say(c.span))
		}
	}
	for _, c := range []struct {
		span       boundary.DisputedSpan
		west, east string // "" for none
	}{
		{boundary.DisputedSpan{FromM: 1000, ToM: 5000}, "false 1000–5000", ""},
		{boundary.DisputedSpan{FromM: 11800, ToM: 11999}, "false 11800–11999", ""},
		{boundary.DisputedSpan{FromM: 11000, ToM: 15000}, "false 11000–12000", "false 0–3000"},
		{boundary.DisputedSpan{Whole: true, ToM: former.LengthM()}, "true 0–12000", "true 0–8000"},
	} {
		for half, want := range map[*geo.Chain]string{west: c.west, east: c.east} {
			on, ok := c.span.Onto(former, half)
			if got := say(on); ok != (want != "") || ok && got != want {
				t.Errorf("of %s there lies %s, wanted %s", say(c.span), got, want)
			}
		}
	}
	gone := chain(at(30, 0), at(40, 0))
	if got := (boundary.DisputedSpan{FromM: 1000, ToM: 5000}).Over(former, gone); math.Abs(got.ToM-got.FromM-1) > 1e-9 || got.FromM < 0 {
		t.Errorf("collapsed to %s", say(got))
	}
}
