package boundsql_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// countAs counts the rows that the actor's transactions can see.
func (d *desk) countAs(actor gazetteer.Actor, sql string, args ...any) (n int) {
	d.t.Helper()
	ctx := context.Background()
	d.must(gazsql.As(ctx, d.db.Pool, actor, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select count(*)::int from `+sql, args...).Scan(&n)
	}))
	return n
}

// changesAs runs a statement as the actor and reports whether it changed anything. To be refused is to change nothing.
func (d *desk) changesAs(actor gazetteer.Actor, sql string, args ...any) bool {
	d.t.Helper()
	ctx := context.Background()
	var changed int64
	err := gazsql.As(ctx, d.db.Pool, actor, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql, args...)
		changed = tag.RowsAffected()
		return err
	})
	const insufficientPrivilege = "42501"
	var pg *pgconn.PgError
	if err != nil && (!errors.As(err, &pg) || pg.Code != insufficientPrivilege) {
		d.t.Errorf("%s: %v", sql, err)
	}
	return err == nil && changed > 0
}

// TestTheSecondWallStandsAlone takes the first wall down: the other county still neither reads nor changes what is not yet
// its to see.
func TestTheSecondWallStandsAlone(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.inField()
	sent := d.upload(d.lead, round.ID, boundary.Walk{Seed: 4, NoiseM: 2})
	round = d.form(d.lead, round, 0, "damaged", false)
	open := d.store.WithoutFirstWall()

	_, err := open.Track(ctx, d.other, today, sent.ID)
	d.wantKind(err, fault.NotFound, "a raw track, unread")
	d.read(d.lead, sent.ID)
	seen, err := open.Track(ctx, d.other, today, sent.ID)
	if err != nil || seen.Match == nil || seen.Receipt != nil || seen.Reading != nil {
		t.Errorf("of a raw track the other county reads %+v, %v", seen, err)
	}
	for name, actor := range map[string]gazetteer.Actor{"other county": d.other, "above": d.city, "nobody": {}} {
		if n := d.countAs(actor, `track`); n != 0 {
			t.Errorf("%s reads %d raw tracks", name, n)
		}
		if n := d.countAs(actor, `marker_form`); n != 0 {
			t.Errorf("%s reads %d drafts", name, n)
		}
	}
	if i, err := open.Inspection(ctx, d.other, today, round.ID); err != nil || len(i.Forms) != 0 {
		t.Errorf("the other county reads %+v, %v", i.Forms, err)
	}
	for _, stranger := range []gazetteer.Actor{d.stranger, {}} {
		_, err := open.Inspection(ctx, stranger, today, round.ID)
		d.wantKind(err, fault.NotFound, "a round elsewhere")
		for _, table := range []string{"inspection", "inspection_signature", "marker_form", "track", "track_result"} {
			if n := d.countAs(stranger, table); n != 0 {
				t.Errorf("%q reads %d rows of %s", stranger.Login, n, table)
			}
		}
	}
	if d.countAs(d.lead, `track`) != 1 || d.countAs(d.lead, `marker_form`) != 1 || d.countAs(d.other, `inspection`) != 1 || d.countAs(d.city, `track_result`) != 1 {
		t.Error("the wall keeps out whose it is")
	}
	for _, sql := range []string{
		`update track set file_name = 'x'`, `delete from track`, `update track set office_id = '` + d.other.OfficeID.String() + `'`,
		`update track_result set match = '{}'`, `delete from track_result`, `delete from marker_form`,
		`update marker_form set found = 'lost', submitted_at = now()`, `delete from inspection_signature`,
		`insert into inspection_signature (id, inspection_id, office_id, account_id, content_sha256, signed_at)
		 select gen_random_uuid(), i.id, i.lead_office, '` + d.lead.AccountID.String() + `', repeat('a', 64), now() from inspection i`,
		`insert into marker_form (id, office_id, inspection_id, marker_id, found, checked_on, filled_by)
		 select gen_random_uuid(), i.lead_office, i.id, m.id, 'lost', now(), '` + d.lead.AccountID.String() + `' from inspection i, marker m`,
	} {
		if d.changesAs(d.other, sql) {
			t.Errorf("the other county did: %s", sql)
		}
		if d.changesAs(d.city, sql) {
			t.Errorf("the office above did: %s", sql)
		}
	}
}

// TestASignatureIsOnlyEverVoided tries what a signer's own office must not do either.
func TestASignatureIsOnlyEverVoided(t *testing.T) {
	d := newDesk(t)
	d.sign(d.lead, d.confirmed())
	for _, sql := range []string{
		`update inspection_signature set content_sha256 = repeat('b', 64)`, `update inspection_signature set signed_at = now()`,
		`delete from inspection_signature`,
	} {
		if d.changesAs(d.lead, sql) {
			t.Errorf("done: %s", sql)
		}
	}
	if d.changesAs(d.city, `update inspection_signature set voided_at = now(), void_reason = 'x'`) {
		t.Error("the office above voided a signature")
	}
}

// TestAConnectionForgetsForWhomItWorked takes the one connection of a pool through transactions that end either way.
func TestAConnectionForgetsForWhomItWorked(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 4, NoiseM: 2})
	conn, err := d.db.Pool.Acquire(ctx)
	d.must(err)
	defer conn.Release()
	sees := func() (n int) {
		d.must(conn.QueryRow(ctx, `select count(*)::int from track`).Scan(&n))
		return n
	}
	refuse := errors.New("refused")
	for _, end := range []error{nil, refuse} {
		err := gazsql.As(ctx, conn, d.lead, func(tx pgx.Tx) error {
			if inner := gazsql.As(ctx, tx, d.other, func(tx pgx.Tx) error {
				var n int
				d.must(tx.QueryRow(ctx, `select count(*)::int from track`).Scan(&n))
				if n != 0 {
					t.Error("the inner transaction works for the outer's office")
				}
				return end
			}); !errors.Is(inner, end) {
				t.Errorf("inner: %v", inner)
			}
			var n int
			d.must(tx.QueryRow(ctx, `select count(*)::int from track`).Scan(&n))
			if n != 1 {
				t.Errorf("after the inner one (%v) the outer sees %d", end, n)
			}
			return end
		})
		if !errors.Is(err, end) {
			t.Errorf("got %v", err)
		}
		if n := sees(); n != 0 {
			t.Errorf("afterwards (%v) the connection sees %d", end, n)
		}
	}
}

// TestTheSecondWallKeepsHistories asks the journal itself for what was done to the records of one side.
func TestTheSecondWallKeepsHistories(t *testing.T) {
	d := newDesk(t)
	round := d.inField()
	round = d.form(d.lead, round, 0, "lost", false)
	round = d.form(d.lead, round, 0, "damaged", true)
	d.form(d.lead, round, 1, "lost", false)
	d.upload(d.lead, round.ID, boundary.Walk{Seed: 4, NoiseM: 2})
	d.claim(d.lead, "草稿")
	north := d.actOnClaim(d.lead, d.claim(d.lead, "报送"), "send")
	d.actOnClaim(d.other, d.claim(d.other, "报送"), "send")
	d.actOnClaim(d.city, north, "exchange")

	drafts := `journal where subject ~ '^(marker-form|inspection)/' and after ->> 'submit' = 'false'`
	for name, c := range map[string]struct {
		actor                                gazetteer.Actor
		drafts, round, forms, tracks, claims int
	}{
		"own":      {d.lead, 4, 5, 3, 1, 4}, // the round: create, start, three forms; its claims: two made, one sent and exchanged
		"other":    {d.other, 0, 3, 1, 0, 0},
		"above":    {d.city, 0, 3, 1, 0, 3},
		"stranger": {d.stranger, 0, 0, 0, 0, 0},
		"nobody":   {gazetteer.Actor{}, 0, 0, 0, 0, 0},
	} {
		ofLead := `journal where subject ~ '^claim/' and substr(subject, 7) = any ($1)`
		var ids []string
		d.must(d.db.Super.QueryRow(context.Background(), `select array_agg(id::text) from claim where office_id = $1`, d.lead.OfficeID).Scan(&ids))
		for what, n := range map[string][2]int{
			"drafts":    {d.countAs(c.actor, drafts), c.drafts},
			"the round": {d.countAs(c.actor, `journal where subject ~ '^inspection/'`), c.round},
			"forms":     {d.countAs(c.actor, `journal where subject ~ '^marker-form/'`), c.forms},
			"tracks":    {d.countAs(c.actor, `journal where subject ~ '^track/'`), c.tracks},
			"claims":    {d.countAs(c.actor, ofLead, ids), c.claims},
		} {
			if n[0] != n[1] {
				t.Errorf("%s: of %s %d entries, wanted %d", name, what, n[0], n[1])
			}
		}
	}
}

// TestWalledReadsUseIndexes fills the walled tables and asks how the statements of the use-cases are carried out as the
// application: no large table is read from end to end.
func TestWalledReadsUseIndexes(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.inField()
	sent := d.upload(d.lead, round.ID, boundary.Walk{Seed: 4, NoiseM: 2})
	d.read(d.lead, sent.ID)
	for _, sql := range []string{
		`insert into office (id, name, kind) select gen_random_uuid(), 'x' || n, 'applicant' from generate_series(1, 400) n`,
		`insert into evidence select md5(n::text) || md5(n::text), 1, 'x', now() from generate_series(1, 60000) n`,
		`insert into track (id, office_id, uploaded_by, line_id, sha256, file_name, receiver, sigma_m, state, receipt, received_at)
		 select gen_random_uuid(), o.id, '` + d.lead.AccountID.String() + `', '` + d.line.String() + `', e.sha256, 'x', 'phone', 8, 'received', '{}', now()
		 from (select sha256, row_number() over () % 400 as n from evidence where media_type = 'x') e
		 join (select id, row_number() over () % 400 as n from office where kind = 'applicant') o using (n)`,
		`insert into track_result (track_id, office_id, line_id, sha256, file_name, receiver, sigma_m, received_at, matched_at, match, corridor_m)
		 select id, office_id, line_id, sha256, file_name, receiver, sigma_m, received_at, now(), '{}', 50 from track where state = 'received'`,
		`insert into journal (at, actor, office, subject, verb)
		 select now(), 'x', o.id, 'inspection/' || gen_random_uuid(), 'start' from office o, generate_series(1, 150) n where o.kind = 'applicant'`,
		`analyze`,
	} {
		_, err := d.db.Super.Exec(ctx, sql)
		d.must(err)
	}
	id := sent.ID.String()
	history := `select * from journal where subject = 'inspection/` + round.ID.String() + `' order by seq desc limit 20`
	for _, actor := range []gazetteer.Actor{d.lead, d.other, d.city, d.stranger} {
		if slices.Contains(d.plan(actor, history), "journal") {
			t.Errorf("%s reads all of the journal", actor.OfficeName)
		}
	}
	for _, sql := range []string{
		`select * from track t where t.id = '` + id + `'`,
		`select * from (select track_id as id, * from track_result) t where t.id = '` + id + `'`,
		`select * from track t where t.inspection_id = '` + round.ID.String() + `'`,
		`select * from track_result t where t.inspection_id = '` + round.ID.String() + `'`,
		`select * from track t where t.office_id = '` + d.lead.OfficeID.String() + `' order by t.id desc limit 100`,
		`update track set state = 'reading' where id = '` + id + `'`,
	} {
		plan := d.plan(d.lead, sql)
		for _, table := range []string{"track", "track_result"} {
			if slices.Contains(plan, table) {
				t.Errorf("%s reads all of %s", sql, table)
			}
		}
	}
}

// plan lists the tables that the statement would read from end to end.
func (d *desk) plan(actor gazetteer.Actor, sql string) (scanned []string) {
	d.t.Helper()
	ctx := context.Background()
	d.must(gazsql.As(ctx, d.db.Pool, actor, func(tx pgx.Tx) error {
		var top []struct{ Plan any }
		if err := tx.QueryRow(ctx, `explain (format json) `+sql).Scan(&top); err != nil {
			return err
		}
		walkPlan(top[0].Plan, func(node map[string]any) {
			if node["Node Type"] == "Seq Scan" {
				scanned = append(scanned, fmt.Sprint(node["Relation Name"]))
			}
		})
		return nil
	}))
	return scanned
}

func walkPlan(node any, visit func(map[string]any)) {
	n, ok := node.(map[string]any)
	if !ok {
		return
	}
	visit(n)
	below, _ := n["Plans"].([]any)
	for _, b := range below {
		walkPlan(b, visit)
	}
}

// TestWhatWasReceivedStaysAndIsItsSendersOwn tries to read and to change submissions behind the use-cases' back.
func TestWhatWasReceivedStaysAndIsItsSendersOwn(t *testing.T) {
	d := newDesk(t)
	d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 4, NoiseM: 2})
	for name, actor := range map[string]gazetteer.Actor{"the other county": d.other, "the office above": d.city, "nobody": {}} {
		if s, u := d.countAs(actor, `submission`), d.countAs(actor, `upload`); s != 0 || u != 0 {
			t.Errorf("%s reads %d submissions and %d uploads", name, s, u)
		}
	}
	if d.countAs(d.lead, `submission`) != 1 || d.countAs(d.lead, `upload`) != 1 {
		t.Error("the wall keeps out whose it is")
	}
	for _, sql := range []string{
		`update submission set receipt = '{}'`, `update submission set received_at = null, receipt = null, expires_at = now()`, `delete from submission`,
		`update upload set sha256 = repeat('a', 64)`, `delete from upload`,
	} {
		if d.changesAs(d.lead, sql) {
			t.Errorf("done: %s", sql)
		}
	}
}
