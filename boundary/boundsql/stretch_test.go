package boundsql_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

func viewed(fromM, toM float64) boundsql.StretchInput {
	return boundsql.StretchInput{Declaration: boundary.Declaration{Class: boundary.Viewed, FromM: fromM, ToM: toM, Reason: "cliff", CheckedOn: "2026-11-20"}}
}

func (d *desk) declare(actor gazetteer.Actor, round uuid.UUID, in boundsql.StretchInput) boundsql.Stretch {
	d.t.Helper()
	got, err := d.store.DeclareStretch(context.Background(), actor, today, round, in)
	d.must(err)
	return got
}

func (d *desk) tryStretch(actor gazetteer.Actor, s boundsql.Stretch, action string) (boundsql.Stretch, error) {
	return d.store.ActOnStretch(context.Background(), actor, today, s.ID, s.Version, boundary.StretchAction{Name: action, Reason: "再核"})
}

func (d *desk) actOnStretch(actor gazetteer.Actor, s boundsql.Stretch, action string) boundsql.Stretch {
	d.t.Helper()
	got, err := d.tryStretch(actor, s, action)
	d.must(err)
	return got
}

func (d *desk) round(actor gazetteer.Actor, id uuid.UUID) boundsql.Inspection {
	d.t.Helper()
	got, err := d.store.Inspection(context.Background(), actor, today, id)
	d.must(err)
	return got
}

// covered is what the public coverage has of a class, metres.
func (d *desk) covered(class boundary.Class) (m float64) {
	d.t.Helper()
	d.must(d.store.EachCoverage(context.Background(), func(r boundsql.CoverageRow) error {
		if (r.TrackID == nil) == (r.StretchID == nil) || (r.StretchID != nil) != (r.Class != "walked") {
			d.t.Errorf("coverage of %v and %v is %s", r.TrackID, r.StretchID, r.Class)
		}
		if r.Class == string(class) {
			m += r.ToM - r.FromM
		}
		return nil
	}))
	return m
}

// addUp holds the classes of a round's figures against the length of its line, and returns the length of one of them.
func (d *desk) addUp(f *boundary.Figures, class boundary.Class) (m float64) {
	d.t.Helper()
	sum := 0.0
	for _, c := range f.Classes {
		if sum += c.LengthM; c.Class == class {
			m = c.LengthM
		}
	}
	if diff := sum - f.LineLengthM; diff > 0.0001 || diff < -0.0001 || len(f.Classes) != 4 {
		d.t.Errorf("the classes %+v add up to %v, the line is %v", f.Classes, sum, f.LineLengthM)
	}
	return m
}

func TestAStretchCountsOnceBothSidesConfirmedIt(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.inField()
	d.read(d.lead, d.upload(d.lead, round.ID, boundary.Walk{Seed: 1, NoiseM: 2, ToM: 12000}).ID)
	before := d.round(d.lead, round.ID).Figures
	unwalked := d.addUp(before, boundary.NotChecked)
	s := d.declare(d.lead, round.ID, viewed(11000, 13000))
	if s.State != boundary.StretchDeclared || s.Office.ID != d.lead.OfficeID || len(s.Actions) != 1 || s.Line.ID != d.line {
		t.Errorf("declared: %+v", s)
	}
	pending := d.round(d.other, round.ID)
	if d.addUp(pending.Figures, boundary.Viewed) != 0 || d.covered(boundary.Viewed) != 0 || len(pending.Stretches) != 1 ||
		!slices.ContainsFunc(pending.Figures.Findings, func(f fault.Finding) bool { return f.Code == "stretch-unconfirmed" }) {
		t.Errorf("one side's word: %+v, %v", pending.Figures.Classes, pending.Figures.Findings)
	}
	for who, c := range map[string]struct {
		actor gazetteer.Actor
		kind  fault.Kind
	}{"its own side": {d.lead, fault.Forbidden}, "the bureau above": {d.city, fault.Forbidden}, "a stranger": {d.stranger, fault.NotFound}} {
		_, err := d.tryStretch(c.actor, s, "confirm")
		d.wantKind(err, c.kind, who+" confirms")
	}
	confirmed := d.actOnStretch(d.other, s, "confirm")
	if confirmed.State != boundary.StretchConfirmed || confirmed.Decided == nil || confirmed.Decided.Office != d.other.OfficeName {
		t.Errorf("confirmed: %+v", confirmed)
	}
	_, err := d.tryStretch(d.other, s, "confirm")
	d.wantKind(err, fault.Stale, "an older version")
	f := d.round(d.city, round.ID).Figures
	seen := d.addUp(f, boundary.Viewed)
	if seen < 950 || seen > 1050 || f.WalkedM != before.WalkedM || f.Coverage != before.Coverage || len(f.Stretches) != 1 || f.Stretches[0].CountedM != seen ||
		fmt.Sprintf("%.3f", d.addUp(f, boundary.NotChecked)) != fmt.Sprintf("%.3f", unwalked-seen) || d.covered(boundary.Viewed) != 2000 {
		t.Errorf("viewed %v of %+v, covered %v", seen, f, d.covered(boundary.Viewed))
	}
	picture := boundsql.StretchInput{Declaration: boundary.Declaration{
		Class: boundary.Imagery, FromM: 12500, ToM: 14000, Reason: "other", Note: "塌方", CheckedOn: "2026-11-21", PictureSource: "正射影像", PictureOn: "2026-05-01",
	}}
	d.actOnStretch(d.lead, d.declare(d.other, round.ID, picture), "confirm")
	if f = d.round(d.lead, round.ID).Figures; d.addUp(f, boundary.Imagery) != 1000 || d.addUp(f, boundary.Viewed) != seen || d.covered(boundary.Imagery) != 1500 {
		t.Errorf("imagery is behind what was viewed: %+v", f.Classes)
	}
	gone := d.actOnStretch(d.other, confirmed, "withdraw")
	if f = d.round(d.lead, round.ID).Figures; gone.Withdrawn == nil || gone.Withdrawn.Reason != "再核" || len(gone.Actions) != 0 ||
		d.addUp(f, boundary.Viewed) != 0 || d.addUp(f, boundary.Imagery) != 1500 || d.covered(boundary.Viewed) != 0 {
		t.Errorf("withdrawn: %+v, %+v", gone, f.Classes)
	}
	list, err := d.store.Stretches(ctx, d.city, today, round.ID, uuid.Nil, 1)
	if err != nil || len(list) != 1 || list[0].Class != boundary.Imagery || list[0].Note != "塌方" || list[0].PictureOn != "2026-05-01" {
		t.Errorf("the newest: %+v, %v", list, err)
	}
	if rest, err := d.store.Stretches(ctx, d.lead, today, round.ID, list[0].ID, 10); err != nil || len(rest) != 1 || rest[0].ID != s.ID {
		t.Errorf("the rest: %+v, %v", rest, err)
	}
	_, err = d.store.Stretches(ctx, d.stranger, today, round.ID, uuid.Nil, 10)
	d.wantKind(err, fault.NotFound, "a list from elsewhere")
	_, err = d.store.Stretch(ctx, d.stranger, today, s.ID)
	d.wantKind(err, fault.NotFound, "one from elsewhere")
	for name, c := range map[string]struct {
		actor gazetteer.Actor
		n     int
	}{"own": {d.lead, 5}, "other": {d.other, 5}, "above": {d.city, 5}, "stranger": {d.stranger, 0}, "nobody": {gazetteer.Actor{}, 0}} {
		if n := d.countAs(c.actor, `journal where subject ~ '^stretch/'`); n != c.n {
			t.Errorf("%s reads %d entries of the history, wanted %d", name, n, c.n)
		}
	}
}

// TestWhatCountsIsWhatWasSigned: a declaration and a refusal change nothing that was signed; a confirmed stretch, and one
// that is taken back, void both signatures.
func TestWhatCountsIsWhatWasSigned(t *testing.T) {
	d := newDesk(t)
	round := d.confirmed()
	signed := d.sign(d.other, d.sign(d.lead, round))
	s := d.declare(d.lead, round.ID, viewed(100, 300))
	refused := d.actOnStretch(d.other, d.declare(d.lead, round.ID, viewed(400, 500)), "refuse")
	if refused.Decided == nil || refused.Decided.Reason != "再核" || len(refused.Actions) != 0 {
		t.Errorf("refused: %+v", refused)
	}
	now := d.round(d.lead, round.ID)
	if now.State != boundary.InspectionSigned || *now.ReportSHA256 != *signed.ReportSHA256 || now.Signatures[0].VoidedAt != nil {
		t.Errorf("after a declaration and a refusal: %s, %+v", now.State, now.Signatures)
	}
	voided := func(what string) {
		t.Helper()
		now = d.round(d.lead, round.ID)
		standing := 0
		for _, sign := range now.Signatures {
			if sign.VoidedAt == nil {
				standing++
			}
		}
		if now.State != boundary.InspectionCompile || now.ReportSHA256 != nil || standing != 0 {
			t.Errorf("%s: %s, %d signatures stand", what, now.State, standing)
		}
	}
	s = d.actOnStretch(d.other, s, "confirm")
	voided("confirmed")
	d.sign(d.other, d.sign(d.lead, d.act(d.lead, now, boundary.InspectionAction{Name: "compile"})))
	if f := d.round(d.city, round.ID).Figures; len(f.Stretches) != 1 || f.Stretches[0].CountedM != 0 { // it was walked all along
		t.Errorf("signed anew: %+v", f.Stretches)
	}
	d.actOnStretch(d.lead, s, "withdraw")
	voided("withdrawn")
}

func TestOfTwoWhoDecideAtOnceOneLooksAgain(t *testing.T) {
	d := newDesk(t)
	round := d.inField()
	for n := range 5 {
		s := d.declare(d.lead, round.ID, viewed(float64(n)*100, float64(n)*100+50))
		var both sync.WaitGroup
		errs := make([]error, 4)
		for i, action := range []string{"confirm", "confirm", "refuse", "withdraw"} {
			actor := d.other
			if action == "withdraw" {
				actor = d.lead
			}
			both.Go(func() { _, errs[i] = d.tryStretch(actor, s, action) })
		}
		both.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else {
				d.wantKind(err, fault.Stale, "the slower one")
			}
		}
		var version, rows int
		var state string
		d.must(d.db.Super.QueryRow(context.Background(), `
			select state, version, (select count(*)::int from coverage where stretch_id = s.id) from stretch s where id = $1`, s.ID).Scan(&state, &version, &rows))
		if won != 1 || version != 2 || rows == 1 != (state == "confirmed") {
			t.Errorf("%d won, it is %s at version %d with %d rows of coverage", won, state, version, rows)
		}
	}
}

func TestStretchesThatAreNotTaken(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	planned, err := d.store.CreateInspection(ctx, d.city, today, boundsql.NewInspection{
		Programme: "第六轮", Round: 6, LineID: d.line, LeadOffice: d.lead.OfficeID, CooperatingOffice: d.other.OfficeID,
	})
	d.must(err)
	round := d.inField()
	d.declare(d.lead, round.ID, viewed(100, 300))
	d.declare(d.other, round.ID, viewed(100, 300)) // each side for itself
	_, err = d.db.Super.Exec(ctx, `
		insert into stretch (id, inspection_id, line_id, office_id, class, from_m, to_m, reason, state, declared_by, declared_at)
		select gen_random_uuid(), $1, $2, $3, 'viewed', n, n + 5, 'river', 'declared', $4, now() from generate_series(1, 999) n`,
		round.ID, d.line, d.other.OfficeID, d.other.AccountID)
	d.must(err)
	for name, c := range map[string]struct {
		actor gazetteer.Actor
		round uuid.UUID
		in    boundsql.StretchInput
		code  string
	}{
		"beyond the line": {d.lead, round.ID, viewed(14000, 16000), "stretch-wrong"},
		"the same again":  {d.lead, round.ID, viewed(100, 300), "stretch-there"},
		"too many":        {d.other, round.ID, viewed(2000, 2100), "too-many-stretches"},
		"while planned":   {d.lead, planned.ID, viewed(100, 300), "not-in-field"},
		"from above":      {d.city, round.ID, viewed(1, 300), "not-yours"},
		"from elsewhere":  {d.stranger, round.ID, viewed(1, 300), "inspection-unknown"},
		"nowhere":         {d.lead, uuid.New(), viewed(1, 300), "inspection-unknown"},
	} {
		if _, err := d.store.DeclareStretch(ctx, c.actor, today, c.round, c.in); !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, wanted %s", name, err, c.code)
		}
	}
	late := d.declare(d.lead, round.ID, viewed(14800, d.chain.LengthM()))
	_, err = d.db.Super.Exec(ctx, `update line_version set length_m = length_m - 1 where line_id = $1`, d.line)
	d.must(err)
	if _, err := d.tryStretch(d.other, late, "confirm"); !fault.Is(err, "stretch-wrong") {
		t.Errorf("confirmed on a line that became shorter: %v", err)
	}
	in := viewed(5000, 5100)
	in.ID = uuid.New()
	one := d.declare(d.lead, round.ID, in)
	if two := d.declare(d.lead, round.ID, in); two.ID != one.ID || two.DeclaredAt != one.DeclaredAt {
		t.Errorf("sent twice: %+v", two)
	}
}

func TestACrewDeclaresForTheBureauThatAssignedIt(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	h := d.hands()
	round := d.inField()
	d.declare(d.lead, round.ID, viewed(7000, 7100))
	try := func(in boundsql.StretchInput) (boundsql.Stretch, error) {
		return d.store.DeclareStretch(ctx, h.surveyor, today, round.ID, in)
	}
	_, err := try(viewed(100, 300))
	d.wantKind(err, fault.NotFound, "before the assignment")
	task, err := d.store.CreateAssignment(ctx, d.lead, today, boundsql.NewAssignment{
		LineID: d.line, Account: h.surveyor.Login, Role: gazetteer.Surveyor, Ranges: []boundary.Range{{FromM: 0, ToM: 5000}}, ValidFrom: "2026-01-01", ValidTo: day(30),
	})
	d.must(err)
	d.assign(d.other, h.another)
	_, err = try(viewed(4900, 5100))
	d.wantKind(err, fault.Forbidden, "beyond the assignment")
	s, err := try(viewed(100, 300))
	d.must(err)
	taken, err := try(viewed(400, 500))
	d.must(err)
	if s.Office.ID != d.lead.OfficeID || len(s.Actions) != 1 || s.Actions[0].Name != "withdraw" {
		t.Errorf("declared: %+v", s)
	}
	for name, store := range map[string]*boundsql.Store{"both walls": d.store, "the second wall": d.store.WithoutFirstWall()} {
		if list, err := store.Stretches(ctx, h.surveyor, today, round.ID, uuid.Nil, 10); err != nil || len(list) != 2 {
			t.Errorf("%s: he lists %d, %v", name, len(list), err)
		}
		if _, err := store.Stretch(ctx, h.another, today, s.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: a colleague of the other side's reads it: %v", name, err)
		}
	}
	if n := len(d.round(h.surveyor, round.ID).Stretches); n != 2 {
		t.Errorf("in the round he finds %d", n)
	}
	_, err = d.tryStretch(h.surveyor, s, "confirm")
	d.wantKind(err, fault.Forbidden, "his own, confirmed")
	if back := d.actOnStretch(h.surveyor, taken, "withdraw"); back.Withdrawn == nil || back.Withdrawn.Office != d.lead.OfficeName {
		t.Errorf("taken back: %+v", back)
	}
	if n := d.countAs(d.lead, `journal where subject = $1`, "stretch/"+taken.ID.String()); n != 2 {
		t.Errorf("the bureau reads %d entries of what its crew did", n)
	}
	s = d.actOnStretch(d.other, s, "confirm")
	_, err = d.tryStretch(h.surveyor, s, "withdraw")
	d.wantKind(err, fault.Forbidden, "taking back what both confirmed")
	d.end(d.lead, task)
	_, err = d.store.Stretch(ctx, h.surveyor, today, s.ID)
	d.wantKind(err, fault.NotFound, "after the assignment")
}

// TestTheSecondWallKeepsBothSidesApart takes the first wall down and asks the database itself.
func TestTheSecondWallKeepsBothSidesApart(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.inField()
	s := d.declare(d.lead, round.ID, viewed(100, 300))
	done := d.actOnStretch(d.other, d.declare(d.lead, round.ID, viewed(400, 500)), "confirm")
	open := d.store.WithoutFirstWall()
	for _, stranger := range []gazetteer.Actor{d.stranger, {}} {
		if _, err := open.Stretch(ctx, stranger, today, s.ID); fault.KindOf(err) != fault.NotFound || d.countAs(stranger, `stretch`) != 0 {
			t.Errorf("%s reads it: %v", stranger.OfficeName, err)
		}
	}
	decide := func(state string, office, account uuid.UUID) string {
		return fmt.Sprintf(`update stretch set state = '%s', version = 2, decided_office = '%s', decided_by = '%s', decided_at = now(), decision_reason = 'x'
			where state = 'declared'`, state, office, account)
	}
	withdraw := func(office, account uuid.UUID, of string) string {
		return fmt.Sprintf(`update stretch set state = 'withdrawn', withdrawn_office = '%s', withdrawn_by = '%s', withdrawn_at = now(), withdrawal_reason = 'x'
			where state = '%s'`, office, account, of)
	}
	insert := fmt.Sprintf(`insert into stretch (id, inspection_id, line_id, office_id, class, from_m, to_m, reason, state, declared_by, declared_at)
		values (gen_random_uuid(), '%s', '%s', '%%s', 'viewed', 1, 9, 'river', '%%s', '%%s', now())`, round.ID, d.line)
	for _, c := range []struct {
		actor gazetteer.Actor
		sql   string
	}{
		{d.lead, decide("confirmed", d.lead.OfficeID, d.lead.AccountID)},
		{d.lead, decide("confirmed", d.other.OfficeID, d.other.AccountID)},
		{d.lead, decide("confirmed", d.other.OfficeID, d.lead.AccountID)},
		{d.other, decide("confirmed", d.other.OfficeID, d.lead.AccountID)},
		{d.other, decide("withdrawn", d.other.OfficeID, d.other.AccountID)},
		{d.other, withdraw(d.other.OfficeID, d.other.AccountID, "declared")},
		{d.other, withdraw(d.lead.OfficeID, d.other.AccountID, "confirmed")},
		{d.city, decide("confirmed", d.city.OfficeID, d.city.AccountID)},
		{d.stranger, decide("confirmed", d.stranger.OfficeID, d.stranger.AccountID)},
		{d.lead, `update stretch set state = 'declared', decided_office = null, decided_by = null, decided_at = null where state = 'confirmed'`},
		{d.other, `update stretch set to_m = to_m + 1`},
		{d.lead, `update stretch set office_id = '` + d.other.OfficeID.String() + `'`},
		{d.lead, `delete from stretch`},
		{d.lead, fmt.Sprintf(insert, d.other.OfficeID, "declared", d.lead.AccountID)},
		{d.lead, fmt.Sprintf(insert, d.lead.OfficeID, "declared", d.other.AccountID)},
		{d.city, fmt.Sprintf(insert, d.city.OfficeID, "declared", d.city.AccountID)},
		{d.stranger, fmt.Sprintf(insert, d.stranger.OfficeID, "declared", d.stranger.AccountID)},
	} {
		if d.changesAs(c.actor, c.sql) {
			t.Errorf("%s did: %s", c.actor.OfficeName, c.sql)
		}
	}
	// What no policy holds back, constraints do.
	for constraint, sql := range map[string]string{
		"stretch_two_sides": `update stretch set decided_office = office_id, withdrawn_office = office_id, withdrawn_by = declared_by, withdrawn_at = now(), state = 'withdrawn',
			decided_by = declared_by, decided_at = now(), withdrawal_reason = 'x' where state = 'declared'`,
		"coverage_of_one":   `update coverage set stretch_id = null`,
		"coverage_declared": `update coverage set class = 'walked'`,
	} {
		_, err := d.db.Super.Exec(ctx, sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.ConstraintName != constraint {
			t.Errorf("%s: got %v, wanted %s", strings.TrimSpace(sql), err, constraint)
		}
	}
	if got := d.actOnStretch(d.other, s, "confirm"); got.State != boundary.StretchConfirmed || done.State != boundary.StretchConfirmed {
		t.Errorf("the wall keeps out who may: %s, %s", got.State, done.State)
	}
}
