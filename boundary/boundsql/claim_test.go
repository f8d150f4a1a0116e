package boundsql_test

import (
	"context"
	"testing"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

func (d *desk) claim(actor gazetteer.Actor, title string) boundsql.Claim {
	d.t.Helper()
	got, err := d.store.CreateClaim(context.Background(), actor, today, boundsql.ClaimInput{
		LineID: d.line, Title: title, Text: "以山脊为界", EvidenceClass: "basis", FromM: 100, ToM: 900,
		Documents: []boundsql.ClaimDocument{{Title: "双方协议", Number: "渝府〔1997〕1号"}},
	})
	d.must(err)
	return got
}

func (d *desk) actOnClaim(actor gazetteer.Actor, c boundsql.Claim, action string) boundsql.Claim {
	d.t.Helper()
	got, err := d.store.ActOnClaim(context.Background(), actor, today, c.ID, c.Version, boundary.ClaimAction{Name: action, Reason: "补充"})
	d.must(err)
	return got
}

func (d *desk) reads(actor gazetteer.Actor) int {
	d.t.Helper()
	list, err := d.store.Claims(context.Background(), actor, today, d.line, [16]byte{}, 10)
	d.must(err)
	return len(list)
}

func TestClaimsStayWithTheirSideUntilTheyAreSentAndExchanged(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	north := d.claim(d.lead, "北方主张")
	kept := d.claim(d.lead, "内部意见")
	kept = d.actOnClaim(d.lead, kept, "withdraw")
	edited, err := d.store.EditClaim(ctx, d.lead, today, north.ID, north.Version, boundsql.ClaimInput{
		Title: "北方主张", Text: "以协议附图为界", EvidenceClass: "basis", FromM: 100, ToM: 800,
	})
	if err != nil || edited.Text != "以协议附图为界" || edited.ToM != 800 || edited.Version != 2 {
		t.Errorf("edited: %+v, %v", edited, err)
	}
	_, err = d.store.EditClaim(ctx, d.lead, today, north.ID, north.Version, boundsql.ClaimInput{})
	d.wantKind(err, fault.Stale, "an older version")
	north = edited
	if d.reads(d.lead) != 2 || d.reads(d.other) != 0 || d.reads(d.city) != 0 || d.reads(d.stranger) != 0 {
		t.Errorf("drafts: %d %d %d %d", d.reads(d.lead), d.reads(d.other), d.reads(d.city), d.reads(d.stranger))
	}
	north = d.actOnClaim(d.lead, north, "send")
	if d.reads(d.other) != 0 || d.reads(d.city) != 1 {
		t.Errorf("sent: %d %d", d.reads(d.other), d.reads(d.city))
	}
	_, err = d.store.EditClaim(ctx, d.lead, today, north.ID, north.Version, boundsql.ClaimInput{Title: "x", EvidenceClass: "basis", ToM: 1})
	if !fault.Is(err, "claim-fixed") {
		t.Errorf("editing what was sent: %v", err)
	}
	_, err = d.store.ActOnClaim(ctx, d.city, today, north.ID, north.Version, boundary.ClaimAction{Name: "exchange"})
	if !fault.Is(err, "one-sided") {
		t.Errorf("exchanging one side's: %v", err)
	}
	south := d.actOnClaim(d.other, d.claim(d.other, "南方主张"), "send")
	d.claim(d.other, "南方草稿")
	if got := d.actOnClaim(d.city, north, "exchange"); got.State != boundary.ClaimExchanged {
		t.Errorf("exchanged: %s", got.State)
	}
	if d.reads(d.lead) != 3 || d.reads(d.other) != 3 || d.reads(d.city) != 2 || d.reads(d.stranger) != 0 {
		t.Errorf("exchanged: %d %d %d %d", d.reads(d.lead), d.reads(d.other), d.reads(d.city), d.reads(d.stranger))
	}
	if seen, err := d.store.Claim(ctx, d.lead, today, south.ID); err != nil || seen.Text == "" || seen.Editable || len(seen.Actions) != 0 {
		t.Errorf("the other side's: %+v, %v", seen, err)
	}
	_, err = d.store.Claim(ctx, d.other, today, kept.ID)
	d.wantKind(err, fault.NotFound, "what was withdrawn")
	var words int
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from journal where subject like 'claim/%' and (before::text || after::text) ~ '主张|协议|山脊'`).Scan(&words))
	if words != 0 {
		t.Errorf("%d journal entries repeat what claims say", words)
	}
	for code, in := range map[string]boundsql.ClaimInput{"claim-wrong": {LineID: d.line, EvidenceClass: "x"}, "line-unknown": {}} {
		if _, err := d.store.CreateClaim(ctx, d.lead, today, in); !fault.Is(err, code) {
			t.Errorf("got %v, wanted %s", err, code)
		}
	}
	for _, actor := range []gazetteer.Actor{d.city, d.stranger} {
		_, err := d.store.CreateClaim(ctx, actor, today, boundsql.ClaimInput{LineID: d.line})
		d.wantKind(err, fault.Forbidden, actor.OfficeName)
	}
}

// TestTheSecondWallKeepsClaimsApart takes the first wall down.
func TestTheSecondWallKeepsClaimsApart(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	draft := d.claim(d.lead, "草稿")
	sent := d.actOnClaim(d.lead, d.claim(d.lead, "报送"), "send")
	open := d.store.WithoutFirstWall()
	for name, c := range map[string]struct {
		actor       gazetteer.Actor
		draft, sent bool
	}{"own": {d.lead, true, true}, "other": {d.other, false, false}, "above": {d.city, false, true}, "stranger": {d.stranger, false, false}, "nobody": {gazetteer.Actor{}, false, false}} {
		_, err := open.Claim(ctx, c.actor, today, draft.ID)
		if (err == nil) != c.draft {
			t.Errorf("%s reads the draft: %v", name, err)
		}
		_, err = open.Claim(ctx, c.actor, today, sent.ID)
		if (err == nil) != c.sent {
			t.Errorf("%s reads what was sent: %v", name, err)
		}
		if name == "own" {
			continue
		}
		for _, sql := range []string{
			`update claim set title = 'x'`, `update claim set state = 'draft'`, `delete from claim`, `update claim set office_id = acting_office()`,
			`insert into claim (id, office_id, line_id, party, title, text, evidence_class, from_m, to_m, state, written_by, created_at)
			 select gen_random_uuid(), '` + d.lead.OfficeID.String() + `', '` + d.line.String() + `', party_a, 'x', '', 'basis', 0, 1, 'draft', '` +
				d.lead.AccountID.String() + `', now() from line`,
		} {
			if d.changesAs(c.actor, sql) {
				t.Errorf("%s did: %s", name, sql)
			}
		}
	}
	for _, sql := range []string{`update claim set title = 'x' where state = 'sent'`, `update claim set state = 'exchanged'`, `delete from claim`} {
		if d.changesAs(d.lead, sql) {
			t.Errorf("its own office did: %s", sql)
		}
	}
}
