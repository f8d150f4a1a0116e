package boundsql_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// unguarded goes before a statement with which a test does what the triggers of the database refuse.
const unguarded = `set local session_replication_role = replica; `

// elsewhere is 40 m east of a marker.
func elsewhere(m boundsql.MarkerView) []float64 {
	p := geo.Direct(orb.Point{m.Lon, m.Lat}, 90, 40)
	return []float64{p[0], p[1], 321.5}
}

func (d *desk) change(actor gazetteer.Actor, in boundsql.MarkerChangeInput) boundsql.MarkerChange {
	d.t.Helper()
	in.Reason, in.Applicant = "高速公路施工", "高速公路公司"
	c, err := d.store.CreateMarkerChange(context.Background(), actor, today, in)
	d.must(err)
	return c
}

func (d *desk) tryChange(actor gazetteer.Actor, c boundsql.MarkerChange, action string) (boundsql.MarkerChange, error) {
	sigma := 0.02
	in := boundary.ChangeAction{
		Name: action, Reason: "理由", ContentSHA256: c.ContentSHA256, Document: aPaper("界桩变动" + action), ValidFrom: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
		Survey: &boundary.ChangeSurvey{Position: c.Proposed, SigmaM: &sigma, Method: "rtk", SurveyedOn: "2026-11-18"},
	}
	if action == "confirm-survey" {
		in.ContentSHA256 = c.SurveySHA256
	}
	if action == "apply" || action == "agree" || action == "withdraw" || action == "survey" || action == "confirm-survey" {
		in.Document = nil
	}
	actor.ConfirmedAt = today
	return d.store.ActOnMarkerChange(context.Background(), actor, today, c.ID, c.Version, in)
}

// through takes the case through steps, each by the actor before it.
func (d *desk) through(c boundsql.MarkerChange, steps ...any) boundsql.MarkerChange {
	d.t.Helper()
	for i := 0; i < len(steps); i += 2 {
		next, err := d.tryChange(steps[i].(gazetteer.Actor), c, steps[i+1].(string))
		if err != nil {
			d.t.Fatalf("%s: %v", steps[i+1], err)
		}
		c = next
	}
	return c
}

// TestARelocationNeedsEverything is scenario 17, of a published marker and of a withheld one.
func TestARelocationNeedsEverything(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	_, err := d.store.GradeMarker(ctx, d.city, today, d.markers[1].ID, 1, graded(gazetteer.Internal))
	d.must(err)
	for i, m := range d.markers[:2] {
		c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(m)}})
		refused := func(c boundsql.MarkerChange, steps ...string) {
			t.Helper()
			for _, step := range steps {
				if _, err := d.tryChange(d.lead, c, step); !fault.Is(err, "action-not-open") {
					t.Errorf("%s at %s: %v", step, c.State, err)
				}
			}
		}
		c = d.through(c, d.lead, "apply", d.lead, "agree")
		if c.State != boundary.ChangeApplied {
			t.Errorf("one side agreed: %s", c.State)
		}
		if s := c.Stages[1]; s.State != boundary.StageCurrent || len(s.Waits) != 1 || s.Waits[0].Name != "江北区" || c.MovesM == nil || math.Abs(*c.MovesM-40) > 0.01 {
			t.Errorf("one side agreed: %+v, moves %v", s, c.MovesM)
		}
		refused(c, "survey", "confirm-survey", "place", "file")
		c = d.through(c, d.other, "agree")
		refused(c, "survey", "place", "file")
		c = d.through(c, d.city, "approve")
		refused(c, "confirm-survey", "place", "file")
		c = d.through(c, d.other, "survey", d.lead, "confirm-survey")
		refused(c, "place", "file")
		c = d.through(c, d.other, "confirm-survey")
		refused(c, "survey", "file")
		c = d.through(c, d.lead, "place")
		before, err := d.store.Marker(ctx, d.city, today, m.ID)
		d.must(err)
		if before.Lon != m.Lon || before.Lat != m.Lat {
			t.Error("it moved before it was filed")
		}
		c = d.through(c, d.other, "file")
		after, err := d.store.MarkerRecord(ctx, d.city, today, m.ID)
		d.must(err)
		at := elsewhere(m)
		now := after.Marker
		if now.Lon != at[0] || now.Lat != at[1] || *now.ElevationM != 321.5 || now.Number != m.Number || now.State != "intact" || now.Grade != before.Grade || now.Version <= before.Version {
			t.Errorf("%d: it was %+v and is %+v", i, before, now)
		}
		if chainage, offset := d.chain.Project(orb.Point{at[0], at[1]}); now.ChainageM != chainage || now.OffsetM != offset {
			t.Errorf("along the line: %v, %v", now.ChainageM, now.OffsetM)
		}
		if len(after.Versions) != 1 || after.Versions[0].ValidFrom != "2026-11-20" || *after.Versions[0].ElevationM != 321.5 {
			t.Errorf("the record: %+v", after.Versions)
		}
		if c.Former[0] != m.Lon || c.Former[1] != m.Lat {
			t.Errorf("the former registration: %v", c.Former)
		}
		if n := d.countAs(d.lead, `marker_position where marker_id = '`+m.ID.String()+`'`); n != 2 {
			t.Errorf("%d registered positions", n)
		}
		if n := d.countAs(d.stranger, `marker_position`); n != 0 {
			t.Errorf("a stranger reads %d positions", n)
		}
		if i > 0 { // the withheld one
			continue
		}
		var days []boundsql.MarkerView
		d.must(d.store.EachMarker(ctx, func(row boundsql.MarkerView) error {
			if row.ID == m.ID {
				days = append(days, row)
			}
			return nil
		}))
		if len(days) != 2 || days[0].Lon != m.Lon || days[0].Lat != m.Lat || days[0].ChainageM != m.ChainageM || days[0].Valid.Upper.Time.Format(time.DateOnly) != "2026-11-20" ||
			days[1].Lon != at[0] || days[1].ChainageM != now.ChainageM {
			t.Errorf("on past days: %+v", days)
		}
	}
}

// TestANumberIsNeverUsedAgain: of one that was retired, and of one that was added.
func TestANumberIsNeverUsedAgain(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	m := d.markers[0]
	c := d.change(d.other, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Retirement}})
	c = d.through(c, d.other, "apply", d.other, "agree", d.lead, "agree", d.city, "approve", d.lead, "place")
	d.wantMarker(m.ID, boundary.Intact)
	d.through(c, d.city, "file")
	d.wantMarker(m.ID, boundary.Retired)
	_, err := d.store.CreateMarkerWork(ctx, d.lead, today, boundsql.MarkerWorkInput{MarkerID: m.ID, WorkContent: works(boundary.FoundIntact, m, 0, 1)})
	if !fault.Is(err, "marker-state") {
		t.Errorf("work at a retired marker: %v", err)
	}
	added := boundary.ChangeContent{Kind: boundary.Addition, Proposed: elsewhere(m), Number: m.Number, Stone: m.Stone, Type: "two-face", Reason: "另立"}
	if _, err := d.store.CreateMarkerChange(ctx, d.lead, today, boundsql.MarkerChangeInput{LineID: d.line, ChangeContent: added}); !fault.Is(err, "number-used") {
		t.Errorf("its number: %v", err)
	}
	added.Number = "模拟777"
	c = d.change(d.lead, boundsql.MarkerChangeInput{LineID: d.line, ChangeContent: added})
	c = d.through(c, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve", d.lead, "survey", d.lead, "confirm-survey", d.other, "confirm-survey", d.lead, "place", d.lead, "file")
	got, err := d.store.MarkerRecord(ctx, d.other, today, *c.MarkerID)
	d.must(err)
	if got.Marker.Number != "模拟777" || got.Marker.State != "intact" || len(got.Versions) != 1 || got.Marker.Lon != added.Proposed[0] {
		t.Errorf("added: %+v", got.Marker)
	}
	if _, err := d.store.CreateMarkerChange(ctx, d.lead, today, boundsql.MarkerChangeInput{LineID: d.line, ChangeContent: added}); !fault.Is(err, "number-used") {
		t.Errorf("the number of the added one: %v", err)
	}
}

// TestNothingElseMovesAMarker tries to change a registered position as the application, whoever it works for, and as the superuser.
func TestNothingElseMovesAMarker(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	_, err := d.store.GradeMarker(ctx, d.city, today, d.markers[1].ID, 1, graded(gazetteer.Internal))
	d.must(err)
	m := d.markers[0]
	c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(m)}})
	c = d.through(c, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve")
	for _, sql := range []string{
		`update marker set geom = st_translate(geom, 0.0001, 0)`, `update marker set geom = st_force3dz(st_force2d(geom), 1)`,
		`with gone as (delete from marker where id = $1 returning *) insert into marker select id, line_id, number, stone, type, material, state, custodian, st_translate(geom, 1, 0), sigma_m, chainage_m, offset_m, valid, document_id, synthetic, recorded_at from gone`,
		`insert into marker_position (marker_id, n, geom, change_id, recorded_at) select $1, 2, st_translate(geom, 1, 0), (select id from marker_change limit 1), now() from marker where id = $1`,
		`update marker_position set geom = st_translate(geom, 1, 0)`, `delete from marker_position`, `select enact_marker_change((select id from marker_change limit 1), 0, 0)`,
		`update marker_change set state = 'filed', filing_id = approval_id, archive_id = approval_id, valid_from = now()`, `update marker_change set state = 'surveyed'`,
		`update marker_change set proposed = st_translate(proposed, 1, 0)`, `delete from marker_change`, `update withheld set geom = st_translate(geom, 1, 0)`,
		`update marker_change set parties = array[party]`, `delete from marker_change_confirmation`, `update marker_change_confirmation set party = party`,
	} {
		for _, actor := range []gazetteer.Actor{d.lead, d.other, d.city, d.stranger, {System: "import"}, {System: "marker.change"}, {System: "agreement"}} {
			var touched int64
			err := gazsql.As(ctx, d.db.Pool, actor, func(tx pgx.Tx) error {
				var args []any
				if strings.Contains(sql, "$1") {
					args = append(args, m.ID)
				}
				tag, err := tx.Exec(ctx, sql, args...)
				touched = tag.RowsAffected()
				return err
			})
			var pg *pgconn.PgError
			if err == nil && touched > 0 || err != nil && (!errors.As(err, &pg) || pg.Code != "23000" && pg.Code != "42501" && pg.Code != "23514") {
				t.Errorf("%s %s: %s: %d, %v", actor.System, actor.OfficeName, sql, touched, err)
			}
		}
	}
	if _, err := d.db.Super.Exec(ctx, `update marker set geom = st_translate(geom, 0.0001, 0)`); err == nil {
		t.Error("the superuser moved a marker")
	}
	for i, want := range d.markers[:2] {
		got, err := d.store.Marker(ctx, d.city, today, want.ID)
		d.must(err)
		if got.Lon != want.Lon || got.Lat != want.Lat {
			t.Errorf("marker %d moved", i)
		}
	}
	if got, err := d.store.MarkerChange(ctx, d.other, today, c.ID); err != nil || got.State != boundary.ChangeApproved || len(got.Confirmations) != 2 {
		t.Errorf("the case: %+v, %v", got, err)
	}
}

// TestTheSecondWallKeepsCasesOfMarkers takes the first wall down.
func TestTheSecondWallKeepsCasesOfMarkers(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	open := d.store.WithoutFirstWall()
	everybody := map[string]gazetteer.Actor{"own": d.lead, "other": d.other, "above": d.city, "stranger": d.stranger, "nobody": {}}
	m := d.markers[0]
	c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(m)}})
	read := func(by string) {
		t.Helper()
		for name, actor := range everybody {
			_, err := open.MarkerChange(ctx, actor, today, c.ID)
			if (err == nil) != strings.Contains(by, name) {
				t.Errorf("%s: %s reads it: %v", c.State, name, err)
			}
		}
	}
	forged := `insert into marker_change_confirmation (id, change_id, stage, party, office_id, account_id, content_sha256, confirmed_at)
		select gen_random_uuid(), id, 'agree', %s, acting_office(), acting_account(), content_sha256, now() from marker_change`
	read("own")
	c = d.through(c, d.lead, "apply")
	read("own other above")
	for name, party := range map[string]string{"own": "(array_remove(parties, party))[1]", "other": "party", "above": "party", "stranger": "party", "nobody": "party"} {
		if d.changesAs(everybody[name], fmt.Sprintf(forged, party)) {
			t.Errorf("%s agreed for another", name)
		}
	}
	c = d.through(c, d.lead, "agree", d.other, "agree")
	document := uuid.New()
	_, err := d.db.Super.Exec(ctx, `insert into document (id, kind, title, recorded_at) values ($1, 'other', 'x', now())`, document)
	d.must(err)
	for name, actor := range everybody {
		if name != "above" && d.changesAs(actor, `update marker_change set state = 'approved', approval_id = $1`, document) {
			t.Errorf("%s approved", name)
		}
	}
	if d.countAs(d.stranger, `journal where subject ~ '^marker-change/'`) != 0 || d.countAs(d.other, `journal where subject ~ '^marker-change/'`) != 4 {
		t.Error("the history is not for who reads the case")
	}
}

// TestACaseStopsWhenItsMarkerOrLineDoes: a draft that another case overtook relocates no retired marker, none is filed for a day
// before it was surveyed or registered where it stands, and none goes on when the line ended.
func TestACaseStopsWhenItsMarkerOrLineDoes(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	moves := func(m boundsql.MarkerView) boundsql.MarkerChange {
		return d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(m)}})
	}
	placed := []any{d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve", d.lead, "survey", d.lead, "confirm-survey", d.other, "confirm-survey", d.lead, "place"}
	first, again := moves(d.markers[0]), moves(d.markers[0])
	apart, err := d.store.CreateMarkerWork(ctx, d.lead, today, boundsql.MarkerWorkInput{MarkerID: d.markers[0].ID, WorkContent: works(boundary.FoundApart, d.markers[0], 30, 0.05)})
	d.must(err)
	first = d.through(first, placed...)
	early := boundary.ChangeAction{Name: "file", Document: aPaper("备案"), ValidFrom: time.Date(2026, 11, 17, 0, 0, 0, 0, time.UTC)}
	if _, err := d.store.ActOnMarkerChange(ctx, d.lead, today, first.ID, first.Version, early); !fault.Is(err, "valid-from-wrong") {
		t.Errorf("filed for a day before its survey: %v", err)
	}
	d.through(first, d.lead, "file")
	if _, err := d.tryWork(d.lead, apart, "submit"); !fault.Is(err, "marker-relocated") {
		t.Errorf("a finding about the former position: %v", err)
	}
	d.wantMarker(d.markers[0].ID, boundary.Intact)
	again = d.through(again, placed...)
	if _, err := d.tryChange(d.lead, again, "file"); !fault.Is(err, "valid-from-wrong") {
		t.Errorf("relocated twice from one day: %v", err)
	}

	d.through(again, d.city, "decline")
	for _, steps := range []int{4, 7, 8} { // approved, surveyed, placed: whoever approved it can give it up, and its marker is free
		c := d.through(moves(d.markers[0]), placed[:2*steps]...)
		if _, err := d.tryChange(d.other, c, "decline"); !fault.Is(err, "not-yours") {
			t.Errorf("one side gave up what was %s: %v", c.State, err)
		}
		if c = d.through(c, d.city, "decline"); c.State != boundary.ChangeDeclined {
			t.Errorf("given up: %s", c.State)
		}
	}

	m := d.markers[1]
	late := moves(m)
	gone := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Retirement}})
	d.through(gone, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve", d.lead, "place", d.lead, "file")
	if _, err := d.tryChange(d.lead, late, "apply"); !fault.Is(err, "marker-state") {
		t.Errorf("a draft about a marker that was retired meanwhile: %v", err)
	}
	d.through(late, d.lead, "withdraw")

	open := d.through(moves(d.markers[2]), d.lead, "apply")
	_, err = d.db.Super.Exec(ctx, unguarded+`update line_version set valid = daterange(lower(valid), '2026-11-20') where line_id = '`+d.line.String()+`' and upper_inf(valid)`)
	d.must(err)
	if open, err = d.store.MarkerChange(ctx, d.lead, today, open.ID); err != nil || len(open.Actions) != 1 || open.Actions[0].Name != "withdraw" {
		t.Errorf("on a line that ended: %v, %v", open.Actions, err)
	}
	if _, err := d.tryChange(d.other, open, "agree"); !fault.Is(err, "line-ended") {
		t.Errorf("agreed on a line that ended: %v", err)
	}
}
