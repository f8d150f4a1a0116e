package boundsql_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// disputing is a dispute between two chainages of the line as it stands.
func (d *desk) disputing(fromM, toM float64) boundsql.DisputeInput {
	return boundsql.DisputeInput{LineID: d.line, LineVersionID: d.versions(d.city)[0].ID, DisputeContent: boundary.DisputeContent{
		DisputedSpan: boundary.DisputedSpan{FromM: fromM, ToM: toM}, Text: "双方对山脊走向的认定不一致", Document: aPaper("关于争议地段的函"),
	}}
}

func (d *desk) dispute(actor gazetteer.Actor, fromM, toM float64) boundsql.Dispute {
	d.t.Helper()
	got, err := d.store.OpenDispute(context.Background(), actor, today, d.disputing(fromM, toM))
	d.must(err)
	return got
}

func (d *desk) disputeAct(actor gazetteer.Actor, at boundsql.Dispute, in boundary.DisputeAction) boundsql.Dispute {
	d.t.Helper()
	got, err := d.store.ActOnDispute(context.Background(), actor, today, at.ID, at.Version, in)
	d.must(err)
	return got
}

// sees is a dispute as the actor reads it now.
func (d *desk) sees(actor gazetteer.Actor, id uuid.UUID) boundsql.Dispute {
	d.t.Helper()
	got, err := d.store.Dispute(context.Background(), actor, today, id)
	d.must(err)
	return got
}

// status is what the version of the line that stands today is worth.
func (d *desk) status() string { return d.versions(d.city)[0].LegalStatus }

// law makes the line law as it stands.
func (d *desk) law() {
	d.t.Helper()
	_, err := d.db.Super.Exec(context.Background(), `
		update line_version set legal_status = 'in-force', agreement_id = document_id, approval_id = document_id, publication_id = document_id where upper_inf(valid) and line_id = $1`, d.line)
	d.must(err)
}

func TestADisputeIsOpenedAndDecided(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	at := d.disputing(2000, 5000)
	at.OpenedOn = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	opened, err := d.store.OpenDispute(ctx, d.lead, today, at)
	d.must(err)
	if opened.Number != "江北区—渝北区线争议1号" || opened.State != "open" || opened.OpenedOn != "2026-11-01" || opened.DaysOpen != 23 || opened.Document.Title != "关于争议地段的函" ||
		opened.Office.Name != "渝北区民政局" || math.Abs(geo.LengthM(opened.Geometry)-3000) > 0.01 || len(opened.Intervals) != 1 {
		t.Errorf("opened %+v", opened)
	}
	if d.status() != "disputed" {
		t.Errorf("the line is %s", d.status())
	}
	mine := d.dispute(d.other, 5000, 6000) // where one ends another may begin
	if mine.Number != "江北区—渝北区线争议2号" {
		t.Errorf("the second is called %s", mine.Number)
	}
	for _, actor := range []gazetteer.Actor{d.lead, d.other, d.city} {
		list, err := d.store.Disputes(ctx, actor, today, boundsql.DisputeFilter{Line: d.line}, uuid.Nil, 10)
		if err != nil || len(list) != 2 || list[0].ID != mine.ID || list[0].Geometry == nil {
			t.Errorf("%s lists %+v, %v", actor.OfficeName, list, err)
		}
	}
	all, err := d.store.Disputes(ctx, d.city, today, boundsql.DisputeFilter{State: boundary.DisputeOpen}, mine.ID, 10)
	if err != nil || len(all) != 1 || all[0].ID != opened.ID || all[0].Geometry != nil {
		t.Errorf("of all lines, after the first: %+v, %v", all, err)
	}

	said := d.disputeAct(d.other, opened, boundary.DisputeAction{Name: "minute", Reason: "双方同意先测绘", Document: aPaper("协商纪要")})
	said = d.disputeAct(d.city, said, boundary.DisputeAction{Name: "minute", Reason: "调解未成", Document: aPaper("调解纪要")})
	if m := d.sees(d.lead, opened.ID).Minutes; len(m) != 2 || m[0].Note != "双方同意先测绘" || m[0].Office != "江北区民政局" || m[0].Document.Title != "协商纪要" || m[1].Note != "调解未成" {
		t.Errorf("minutes %+v", m)
	}
	_, err = d.store.ActOnDispute(ctx, d.lead, today, opened.ID, opened.Version, boundary.DisputeAction{Name: "withdraw", Reason: "x"})
	d.wantKind(err, fault.Stale, "an older version")
	_, err = d.store.ActOnDispute(ctx, d.other, today, said.ID, said.Version, boundary.DisputeAction{Name: "withdraw", Reason: "x"})
	d.wantKind(err, fault.Forbidden, "what the other side opened")
	_, err = d.store.ActOnDispute(ctx, d.city, today, said.ID, said.Version, boundary.DisputeAction{Name: "settle", Document: aPaper("裁决"), LineVersion: d.versions(d.city)[0].ID})
	if !fault.Is(err, "version-wrong") {
		t.Errorf("a decision that names the version that stood before: %v", err)
	}
	done := d.disputeAct(d.city, said, boundary.DisputeAction{Name: "settle", Document: aPaper("裁决")})
	if done.State != "settled" || done.Decision.Title != "裁决" || done.AgreementID != nil || len(done.Actions) != 0 || *done.ClosedOn == "" {
		t.Errorf("decided %+v", done)
	}
	if d.status() != "disputed" {
		t.Errorf("while the second is open the line is %s", d.status())
	}
	if gone := d.disputeAct(d.other, mine, boundary.DisputeAction{Name: "withdraw", Reason: "已核对"}); gone.State != "withdrawn" || *gone.Reason != "已核对" {
		t.Errorf("withdrawn %+v", gone)
	}
	if d.status() != "reference" {
		t.Errorf("when the last is closed the line is %s", d.status())
	}
	_, err = d.store.ActOnDispute(ctx, d.city, today, said.ID, done.Version, boundary.DisputeAction{Name: "minute", Reason: "x", Document: aPaper("x")})
	d.wantKind(err, fault.Conflict, "minutes of what is settled")
	var told string
	d.must(d.db.Super.QueryRow(ctx, `
		select string_agg(verb || ' ' || coalesce(before ->> 'legalStatus', '') || ' ' || (after ->> 'legalStatus') || ' ' || actor, ', ' order by seq)
		from journal where subject = 'line/' || $1::text and verb = 'change-status'`, d.line.String()).Scan(&told))
	if told != "change-status reference disputed system:dispute, change-status disputed reference system:dispute" {
		t.Errorf("the history of the line tells: %s", told)
	}
}

func TestADisputeIsRefused(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	first := d.dispute(d.lead, 2000, 5000)
	count := func() int { return d.count(`dispute`) }
	stale, over := d.disputing(7000, 8000), d.disputing(4999, 6000)
	stale.LineVersionID = uuid.New()
	elsewhere := d.disputing(7000, 8000)
	elsewhere.LineID = uuid.New()
	for what, c := range map[string]struct {
		actor gazetteer.Actor
		in    boundsql.DisputeInput
		code  string
	}{
		"by a stranger":        {d.stranger, d.disputing(7000, 8000), "not-yours"},
		"by nobody":            {gazetteer.Actor{}, d.disputing(7000, 8000), "not-yours"},
		"beyond the end":       {d.lead, d.disputing(7000, 16000), "dispute-wrong"},
		"of another version":   {d.lead, stale, "chainage-outdated"},
		"of no line":           {d.lead, elsewhere, "line-unknown"},
		"over another":         {d.other, over, "dispute-wrong"},
		"whole, over another":  {d.city, boundsql.DisputeInput{LineID: d.line, DisputeContent: boundary.DisputeContent{DisputedSpan: boundary.DisputedSpan{Whole: true}, Text: "x"}}, "dispute-wrong"},
		"without saying which": {d.lead, boundsql.DisputeInput{LineID: d.line, DisputeContent: over.DisputeContent}, "chainage-outdated"},
	} {
		if _, err := d.store.OpenDispute(ctx, c.actor, today, c.in); !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, wanted %s", what, err, c.code)
		}
	}
	_, err := d.store.OpenDispute(ctx, d.other, today, over)
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Findings) != 1 || !strings.Contains(f.Findings[0].Detail, first.Number) || f.Findings[0].Evidence[0].ID != first.ID.String() {
		t.Errorf("the other is not named: %v", err)
	}
	if count() != 1 {
		t.Errorf("%d disputes", count())
	}
	in := d.disputing(7000, 8000)
	in.ID = uuid.New()
	once, err := d.store.OpenDispute(ctx, d.lead, today, in)
	d.must(err)
	again, err := d.store.OpenDispute(ctx, d.lead, today, in)
	if err != nil || again.ID != once.ID || count() != 2 {
		t.Errorf("sent twice: %v, %d disputes", err, count())
	}
}

// TestTwoOpenDisputesAtOnce: of those that overlap one wins, those apart all do.
func TestTwoOpenDisputesAtOnce(t *testing.T) {
	d := newDesk(t)
	for what, c := range map[string]struct {
		spans [][2]float64
		wins  int
	}{"over each other": {[][2]float64{{1000, 3000}, {2000, 4000}, {2900, 3100}}, 1}, "apart": {[][2]float64{{5000, 6000}, {6000, 7000}, {8000, 9000}}, 3}} {
		ins := make([]boundsql.DisputeInput, len(c.spans))
		for i, s := range c.spans {
			ins[i] = d.disputing(s[0], s[1])
		}
		if what == "over each other" {
			ins[1].FromM, ins[2].FromM, ins[2].ToM = 1500, 1800, 2500
		}
		var wg sync.WaitGroup
		errs := make([]error, len(ins))
		for i, in := range ins {
			wg.Go(func() {
				_, errs[i] = d.store.OpenDispute(context.Background(), []gazetteer.Actor{d.lead, d.other, d.city}[i], today, in)
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !fault.Is(err, "dispute-wrong") {
				t.Errorf("%s: %v", what, err)
			}
		}
		if won != c.wins {
			t.Errorf("%s: %d opened, wanted %d: %v", what, won, c.wins, errs)
		}
	}
	var numbers int
	d.must(d.db.Super.QueryRow(context.Background(), `select count(distinct number)::int from dispute`).Scan(&numbers))
	if numbers != 4 {
		t.Errorf("%d numbers for four disputes", numbers)
	}
}

// TestTheSecondWallKeepsDisputes takes the first wall down.
func TestTheSecondWallKeepsDisputes(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.law()
	at := d.dispute(d.lead, 2000, 5000)
	d.disputeAct(d.other, at, boundary.DisputeAction{Name: "minute", Reason: "协商", Document: aPaper("纪要")})
	if d.status() != "in-force" {
		t.Errorf("law became %s", d.status())
	}
	open := d.store.WithoutFirstWall()
	for name, c := range map[string]struct {
		actor gazetteer.Actor
		sees  int
	}{"own": {d.lead, 1}, "other": {d.other, 1}, "above": {d.city, 1}, "stranger": {d.stranger, 0}, "nobody": {gazetteer.Actor{}, 0}} {
		if list, err := open.Disputes(ctx, c.actor, today, boundsql.DisputeFilter{}, uuid.Nil, 10); err != nil || len(list) != c.sees {
			t.Errorf("%s lists %d, %v", name, len(list), err)
		}
		for _, table := range []string{"dispute", "dispute_interval", "dispute_minute", `journal where subject ~ '^dispute/' and verb = 'open'`} {
			if n := d.countAs(c.actor, table); n != c.sees {
				t.Errorf("%s sees %d of %s", name, n, table)
			}
		}
		for _, sql := range []string{
			`update dispute set text = 'x'`, `update dispute set number = 'x'`, `update dispute set opened_on = '2020-01-01'`, `update dispute set opened_on = '2020-01-01', office_id = acting_office()`,
			`delete from dispute`, `update dispute_interval set from_m = 0`, `delete from dispute_interval`, `update dispute_minute set note = 'x'`, `delete from dispute_minute`,
			`insert into dispute_interval select dispute_id, 2, line_version_id, false, 0, 10 from dispute_interval`,
			`insert into dispute (id, line_id, number, office_id, text, opened_on, state, written_by, created_at)
			 select gen_random_uuid(), '` + d.line.String() + `', 'x', '` + d.lead.OfficeID.String() + `', 'x', now(), 'settled', '` + d.lead.AccountID.String() + `', now()`,
		} {
			if d.changesAs(c.actor, sql) {
				t.Errorf("%s did: %s", name, sql)
			}
		}
		if name != "own" && d.changesAs(c.actor, `update dispute set state = 'withdrawn', reason = 'x', closed_on = now()`) {
			t.Errorf("%s withdrew what it did not open", name)
		}
		if name != "above" && d.changesAs(c.actor, `update dispute set state = 'settled', closed_on = now(), decision_id = document_id`) {
			t.Errorf("%s settled by itself", name)
		}
	}
	for _, sql := range []string{
		`update line_version set legal_status = 'disputed', before_dispute = 'reference'`, `update line_version set legal_status = 'disputed'`,
	} {
		if _, err := d.db.Super.Exec(ctx, sql); err == nil || !strings.Contains(err.Error(), "approved") {
			t.Errorf("law is touched by %s: %v", sql, err)
		}
	}
	done := d.disputeAct(d.city, d.sees(d.city, at.ID), boundary.DisputeAction{Name: "settle", Document: aPaper("裁决")})
	if d.status() != "in-force" || d.changesAs(d.city, `update dispute set version = version + 1`) {
		t.Errorf("after %s: %s", done.State, d.status())
	}
}

// settling is an agreement on a course that names what it settles.
func settling(course orb.MultiLineString, disputes ...boundsql.Dispute) boundary.AgreementContent {
	c := agreedOn(course)
	for _, d := range disputes {
		c.Settles = append(c.Settles, d.ID)
	}
	return c
}

// signedBoth is an agreement that both sides have confirmed and signed.
func (d *desk) signedBoth(content boundary.AgreementContent) boundsql.Agreement {
	d.t.Helper()
	g := d.steps(d.lead, d.agreement(d.lead, content), "propose")
	return d.steps(d.lead, d.steps(d.other, d.steps(d.lead, g, "confirm"), "confirm"), "sign")
}

func TestAnAgreementSettlesDisputes(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	at, left := d.dispute(d.other, 2000, 5000), d.dispute(d.lead, 13000, 14000)
	unknown := settling(bent)
	unknown.Settles = []uuid.UUID{at.ID, uuid.New()}
	_, err := d.store.CreateAgreement(ctx, d.lead, today, boundsql.AgreementInput{LineID: d.line, AgreementContent: unknown})
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Findings) != 1 || f.Findings[0].Code != "dispute-unknown" || f.Findings[0].Pointer != "/settles/1" {
		t.Errorf("settling what is no dispute: %v", err)
	}
	g := d.signedBoth(settling(bent, at))
	if g.ContentSHA256 == "" || len(g.Settles) != 1 {
		t.Errorf("agreed %+v", g.Settles)
	}
	if d.changesAs(d.lead, `update agreement set settles = '{}'`) || d.changesAs(d.city, `update agreement set settles = '{}'`) {
		t.Error("what both signed is altered")
	}
	at = d.sees(d.other, at.ID)
	if _, err := d.store.ActOnDispute(ctx, d.other, today, at.ID, at.Version, boundary.DisputeAction{Name: "withdraw", Reason: "x"}); !fault.Is(err, "settling-signed") {
		t.Errorf("withdrawn after the signature: %v", err)
	}
	if d.changesAs(d.other, `update dispute set state = 'withdrawn', reason = 'x', closed_on = now() where id = '`+at.ID.String()+`'`) {
		t.Error("withdrawn after the signature, past the first wall")
	}

	// The line is fixed for the first time, so that the agreement passes over the other dispute too.
	e, err := d.store.AgreementEffect(ctx, d.lead, today, g.ID)
	d.must(err)
	if len(e.Findings) != 1 || e.Findings[0].Code != "dispute-open" || e.Findings[0].Evidence[0].ID != left.ID.String() || !strings.Contains(e.Findings[0].Detail, left.Number) {
		t.Errorf("the effect tells of %+v", e.Findings)
	}
	_, err = d.store.ActOnAgreement(ctx, d.city, today, g.ID, g.Version, d.step("approve", g))
	if f = nil; !errors.As(err, &f) || f.Code != "disputes-open" || len(f.Findings) != 1 || f.Findings[0].Evidence[0].Name != left.Number {
		t.Errorf("approved over an open dispute: %v", err)
	}
	if d.sees(d.city, at.ID).State != "open" || len(d.versions(d.city)) != 1 {
		t.Error("a refused approval changed something")
	}
	d.disputeAct(d.lead, left, boundary.DisputeAction{Name: "withdraw", Reason: "已核对"})
	g = d.steps(d.city, g, "approve")
	done := d.sees(d.lead, at.ID)
	if done.State != "settled" || done.AgreementID == nil || *done.AgreementID != g.ID || done.Decision.Title != "江渝线approve" || len(done.Intervals) != 1 {
		t.Errorf("settled %+v", done)
	}
	if v := d.versions(d.city); v[0].LegalStatus != "in-force" || v[1].LegalStatus != "disputed" || len(g.Settles) != 1 {
		t.Errorf("versions %s, %s", v[0].LegalStatus, v[1].LegalStatus)
	}
}

// The line is law; the next agreement moves its bend, between 9,990 and 10,010 m and with it all from 0 to the end but for the ends: a
// dispute elsewhere goes along to the new version, and one on what moves holds the agreement up.
func TestAnAgreementLeavesDisputesElsewhere(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.law()
	straight := d.chain.At(4000)
	course := orb.MultiLineString{{{106.5, 29.5}, straight, {106.566234868, 29.569343202}, {106.617146411, 29.561250565}}} // the first 4 km stay
	stays, moves := d.dispute(d.lead, 1000, 3000), d.dispute(d.other, 9000, 11000)
	g := d.signedBoth(settling(course))
	e, err := d.store.AgreementEffect(ctx, d.other, today, g.ID)
	d.must(err)
	if len(e.Findings) != 1 || e.Findings[0].Evidence[0].ID != moves.ID.String() {
		t.Errorf("the effect tells of %+v", e.Findings)
	}
	if _, err := d.store.ActOnAgreement(ctx, d.city, today, g.ID, g.Version, d.step("approve", g)); !fault.Is(err, "disputes-open") {
		t.Errorf("approved over an open dispute: %v", err)
	}
	d.disputeAct(d.city, moves, boundary.DisputeAction{Name: "settle", Document: aPaper("裁决")})
	g = d.steps(d.city, g, "approve")
	now := d.sees(d.other, stays.ID)
	if now.State != "open" || len(now.Intervals) != 2 || math.Abs(now.FromM-1000) > 0.01 || math.Abs(now.ToM-3000) > 0.01 || now.Intervals[0].LineVersionID == now.Intervals[1].LineVersionID {
		t.Errorf("carried %+v", now.Intervals)
	}
	if d.status() != "in-force" {
		t.Errorf("the new version is %s", d.status())
	}
	if again := d.dispute(d.lead, 9000, 11000); again.Number != "江北区—渝北区线争议3号" {
		t.Errorf("disputed anew as %s", again.Number)
	}
	if e, err := d.store.AgreementEffect(ctx, d.other, today, g.ID); err != nil || len(e.Findings) != 0 {
		t.Errorf("when it is in force the effect tells of %+v, %v", e.Findings, err)
	}
}

func TestDisputesFollowAnImportedVersion(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	part := d.dispute(d.lead, 12000, 14000)
	settled := d.disputeAct(d.city, d.dispute(d.lead, 1000, 2000), boundary.DisputeAction{Name: "settle", Document: aPaper("裁决")})
	ends := []orb.Point{d.chain.At(12000), d.chain.At(14000)}
	course, err := json.Marshal(bent[0])
	d.must(err)
	_, err = d.store.ImportLines(ctx, importer, today, gazsql.Import{
		Source: lineFile(t, `{"left":"500105","right":"500112"}`, string(course)), ValidFrom: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
	})
	d.must(err)
	chain, err := geo.NewChain(bent)
	d.must(err)
	from, _ := chain.Project(ends[0])
	to, _ := chain.Project(ends[1])
	now, versions := d.sees(d.other, part.ID), d.versions(d.city)
	if len(now.Intervals) != 2 || math.Abs(now.FromM-from) > 1e-6 || math.Abs(now.ToM-to) > 1e-6 || now.FromM == 12000 || now.Intervals[0].FromM != 12000 {
		t.Errorf("carried to %+v, wanted %v–%v", now.Intervals, from, to)
	}
	if now.Intervals[1].LineVersionID != versions[0].ID || versions[0].LegalStatus != "disputed" || versions[1].LegalStatus != "disputed" {
		t.Errorf("versions %+v", versions)
	}
	if on, _ := chain.Project(now.Geometry[0][0]); math.Abs(on-from) > 0.01 {
		t.Errorf("drawn from %v", on)
	}
	if len(d.sees(d.lead, settled.ID).Intervals) != 1 {
		t.Error("what is settled went along")
	}
	done := d.disputeAct(d.city, now, boundary.DisputeAction{Name: "settle", Document: aPaper("裁决"), LineVersion: versions[0].ID})
	if done.LineVersionID == nil || *done.LineVersionID != versions[0].ID || d.status() != "reference" {
		t.Errorf("decided for %v, the line is %s", done.LineVersionID, d.status())
	}
}

// TestDisputesAreHandedOver: the change of November 2025 ends the line of 江北区 with 渝中区 and that of 渝北区 with 渝中区, which become one of
// 两江新区 with 渝中区; an open dispute of each goes to that one.
func TestDisputesAreHandedOver(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	line := func(name string) (id uuid.UUID) {
		d.must(d.db.Super.QueryRow(ctx, `select id from line where name = $1`, name).Scan(&id))
		return id
	}
	open := func(actor gazetteer.Actor, name string, span boundary.DisputedSpan) boundsql.Dispute {
		var version uuid.UUID
		d.must(d.db.Super.QueryRow(ctx, `select id from line_version where line_id = $1 and upper_inf(valid)`, line(name)).Scan(&version))
		got, err := d.store.OpenDispute(ctx, actor, today, boundsql.DisputeInput{
			LineID: line(name), LineVersionID: version, DisputeContent: boundary.DisputeContent{DisputedSpan: span, Text: "江心岛归属"},
		})
		d.must(err)
		return got
	}
	part := open(d.stranger, "渝中区—江北区线", boundary.DisputedSpan{FromM: 1000, ToM: 2000})
	whole := open(d.lead, "渝中区—渝北区线", boundary.DisputedSpan{Whole: true})
	stays := open(d.lead, "江北区—渝北区线", boundary.DisputedSpan{FromM: 100, ToM: 200})
	change, err := gazetteer.KnownChange("2025-cq")
	d.must(err)
	_, err = d.store.ChangeDivisions(ctx, importer, today, change, false)
	d.must(err)
	heir := line("渝中区—两江新区线")
	for _, was := range []boundsql.Dispute{part, whole} {
		now := d.sees(d.city, was.ID)
		if now.Line.ID != heir || now.State != "open" || len(now.Intervals) != 2 || now.Whole || now.Number != was.Number || now.Intervals[0].Line.ID != was.Line.ID || now.Intervals[1].Line.ID != heir {
			t.Errorf("%s: handed over as %+v", was.Number, now)
		}
		if a, b := geo.LengthM(now.Geometry), geo.LengthM(was.Geometry); math.Abs(a-b) > 0.05 {
			t.Errorf("%s: %.2f m, was %.2f", was.Number, a, b)
		}
		if d.count(`journal where subject = 'dispute/' || $1::text and verb = 'hand-over'`, was.ID.String()) != 1 {
			t.Errorf("%s: its history does not tell", was.Number)
		}
	}
	var status string
	d.must(d.db.Super.QueryRow(ctx, `select legal_status from line_version where line_id = $1 and upper_inf(valid)`, heir).Scan(&status))
	if status != "disputed" {
		t.Errorf("the heir is %s", status)
	}
	if now := d.sees(d.city, stays.ID); now.State != "open" || len(now.Intervals) != 1 || now.Line.ID != d.line {
		t.Errorf("of a line that ended with its sides: %+v", now)
	}
	ended := d.disputeAct(d.city, d.sees(d.city, stays.ID), boundary.DisputeAction{Name: "settle", Document: aPaper("区划变更批复")})
	if ended.State != "settled" {
		t.Errorf("of a line that ended: %s", ended.State)
	}
}

// TestADisputeWaitsForANewVersion: while an agreement becomes law nobody opens a dispute on the version before.
func TestADisputeWaitsForANewVersion(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	in := d.disputing(1000, 2000)
	tx, err := d.db.Pool.Begin(ctx)
	d.must(err)
	_, err = tx.Exec(ctx, `update line_version set valid = '(,2026-11-01)' where line_id = $1`, d.line)
	d.must(err)
	_, err = tx.Exec(ctx, `
		insert into line_version (id, line_id, legal_status, geom, length_m, document_id, frame, valid, recorded_at)
		select gen_random_uuid(), line_id, legal_status, geom, length_m, document_id, frame, '[2026-11-01,)', recorded_at from line_version where line_id = $1`, d.line)
	d.must(err)
	opened := make(chan error)
	go func() {
		_, err := d.store.OpenDispute(ctx, d.lead, today, in)
		opened <- err
	}()
	d.untilWaiting(1)
	d.must(tx.Commit(ctx))
	if err := <-opened; !fault.Is(err, "chainage-outdated") {
		t.Errorf("opened on the version before: %v", err)
	}
	d.dispute(d.lead, 1000, 2000)
}

// TestADisputeIsPartedWithItsLine: of a line that goes on in two, the first takes the case, the second a part of it; of a case that lies
// on one of them alone, the other takes nothing.
func TestADisputeIsPartedWithItsLine(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	d.townships()
	d.neighbours()
	across, alone := d.dispute(d.lead, 8000, 12000), d.dispute(d.other, 1000, 2000)
	_, err := d.db.Super.Exec(ctx, `update line_version set valid = '(,2026-11-01)' where line_id = $1`, d.line)
	d.must(err)
	halves := []orb.MultiLineString{d.chain.Sub(0, 10000), d.chain.Sub(10000, d.chain.LengthM())}
	for i, name := range []string{"渝中区—江北区线", "渝中区—渝北区线"} {
		half, err := geo.NewChain(halves[i])
		d.must(err)
		var heir uuid.UUID
		d.must(d.db.Super.QueryRow(ctx, `
			update line_version v set geom = $2, length_m = $3 from line l where l.id = v.line_id and l.name = $1 returning l.id`, name, halves[i], half.LengthM()).Scan(&heir))
		tx, err := d.db.Pool.Begin(ctx)
		d.must(err)
		d.must(boundsql.HandDisputes(ctx, tx, today, d.line, heir, half))
		d.must(tx.Commit(ctx))
	}
	first, second := d.sees(d.stranger, across.ID), boundsql.Dispute{}
	list, err := d.store.Disputes(ctx, d.stranger, today, boundsql.DisputeFilter{}, uuid.Nil, 10)
	d.must(err)
	for _, one := range list {
		if one.PartOf != nil {
			second = one
		}
	}
	if len(list) != 3 || first.Line.Name != "渝中区—江北区线" || math.Abs(first.FromM-8000) > 0.01 || math.Abs(first.ToM-10000) > 0.01 || first.Whole {
		t.Errorf("%d, the first has %+v of %s", len(list), first.DisputedSpan, first.Line.Name)
	}
	if second.PartOf == nil || *second.PartOf != across.ID || second.Line.Name != "渝中区—渝北区线" || second.FromM > 0.01 || math.Abs(second.ToM-2000) > 0.01 ||
		second.Number != across.Number || second.Text != across.Text || len(second.Intervals) != 1 {
		t.Errorf("the second has %+v", second)
	}
	if now := d.sees(d.stranger, alone.ID); now.Line.Name != "渝中区—江北区线" || len(now.Intervals) != 2 {
		t.Errorf("what lies on one alone is on %s: %+v", now.Line.Name, now.Intervals)
	}
	settled := d.disputeAct(d.city, d.sees(d.city, second.ID), boundary.DisputeAction{Name: "settle", Document: aPaper("裁决")})
	if settled.State != "settled" || d.sees(d.city, across.ID).State != "open" {
		t.Error("the parts do not end by themselves")
	}
}
