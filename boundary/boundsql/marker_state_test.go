package boundsql_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// TestNothingElseMovesTheStateOfAMarker tries to go round the table of states as the application's own role, whoever it works for, and
// as the superuser: of a published marker and of a withheld one.
func TestNothingElseMovesTheStateOfAMarker(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	_, err := d.store.GradeMarker(ctx, d.city, today, d.markers[1].ID, 1, graded(gazetteer.Internal))
	d.must(err)
	everybody := []gazetteer.Actor{d.lead, d.other, d.city, d.stranger, {System: "import"}, {System: "marker.work"}, {System: "marker.change"}, {System: "agreement"}, {System: "command"}}
	refused := func(what, sql string, args ...any) {
		t.Helper()
		for _, actor := range everybody {
			var touched int64
			err := gazsql.As(ctx, d.db.Pool, actor, func(tx pgx.Tx) error {
				tag, err := tx.Exec(ctx, sql, args...)
				touched = tag.RowsAffected()
				return err
			})
			var pg *pgconn.PgError
			if err == nil && touched > 0 || err != nil && (!errors.As(err, &pg) || pg.Code != "23000" && pg.Code != "42501" && pg.Code != "23514") {
				t.Errorf("%s: %s %s: %s: %d, %v", what, actor.System, actor.OfficeName, sql, touched, err)
			}
		}
	}
	// give_withheld_state answers nothing: whether it did something is told by the row
	given := func(what string, id uuid.UUID, to boundary.MarkerState) {
		t.Helper()
		for _, actor := range everybody {
			_ = gazsql.As(ctx, d.db.Pool, actor, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `select give_withheld_state($1, $2)`, id, string(to))
				return err
			})
			if m, err := d.store.Marker(ctx, d.city, today, id); err != nil || m.State == string(to) {
				t.Fatalf("%s: %s %s gave it %s: %v", what, actor.System, actor.OfficeName, to, err)
			}
		}
	}
	for i, m := range d.markers[:2] {
		move := func(what string, from, to boundary.MarkerState) {
			t.Helper()
			d.wantMarker(m.ID, from)
			if i == 1 {
				given(what, m.ID, to)
				return
			}
			refused(what, `update marker set state = $2 where id = $1`, m.ID, string(to))
			refused(what, `with gone as (delete from marker where id = $1 returning *) insert into marker select id, line_id, number, stone, type, material, $2, custodian, geom, sigma_m, chainage_m, offset_m, valid, document_id, synthetic, recorded_at from gone`, m.ID, string(to))
		}
		for _, to := range boundary.MarkerStates {
			if to != boundary.Intact {
				move("without a record", boundary.Intact, to)
			}
		}
		w := d.draftWork(d.lead, m.ID, works(boundary.FoundDamaged, m, 0, 1))
		move("with a draft", boundary.Intact, boundary.Damaged)
		d.work(d.lead, w, "submit")
		move("with the record of another step", boundary.Damaged, boundary.AwaitingRestoration)
		d.work(d.other, d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.Planned, m, 0, 1)), "submit"), "confirm")
		d.work(d.other, d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.RestoredHere, m, 0, 0.05)), "submit"), "confirm")
		d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundIntact, m, 0, 1)), "submit")
		move("with a record that was used", boundary.Intact, boundary.Damaged)

		// a record that claims a step which its kind does not take, written by its own side round the program
		forged := d.draftWork(d.lead, m.ID, works(boundary.FoundIntact, m, 0, 1))
		for _, to := range []boundary.MarkerState{boundary.Retired, boundary.Moved, boundary.Lost} {
			err := gazsql.As(ctx, d.db.Pool, d.lead, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `update marker_work set state = 'recorded', submitted_at = now(), recorded_at = now(), marker_from = 'intact', marker_to = $2 where id = $1`, forged.ID, string(to))
				if err == nil {
					_, err = tx.Exec(ctx, `update marker set state = $2 where id = $1`, m.ID, string(to))
				}
				if err == nil && i == 1 {
					_, err = tx.Exec(ctx, `select set_config('fangyu.system', 'marker.work', true), give_withheld_state($1, $2)`, m.ID, string(to))
				}
				return err
			})
			if d.wantMarker(m.ID, boundary.Intact); err == nil {
				t.Errorf("a finding of nothing made it %s", to)
			}
		}
		// one search alone is not enough, whatever its record says
		alone := d.draftWork(d.lead, m.ID, works(boundary.FoundNothing, m, 0, 1))
		_ = gazsql.As(ctx, d.db.Pool, d.lead, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `update marker_work set state = 'recorded', submitted_at = now(), recorded_at = now(), marker_from = 'intact', marker_to = 'lost' where id = $1`, alone.ID)
			if err == nil {
				_, err = tx.Exec(ctx, `update marker set state = 'lost' where id = $1`, m.ID)
			}
			if err == nil && i == 1 {
				_, err = tx.Exec(ctx, `select set_config('fangyu.system', 'marker.work', true), give_withheld_state($1, 'lost')`, m.ID)
			}
			return err
		})
		d.wantMarker(m.ID, boundary.Intact)

		// a relocation of a stone that was intact is used as well: it mends no damage that came later
		c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(m)}})
		d.through(c, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve", d.lead, "survey", d.lead, "confirm-survey", d.other, "confirm-survey", d.lead, "place", d.lead, "file")
		moved, err := d.store.Marker(ctx, d.city, today, m.ID)
		d.must(err)
		d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundDamaged, moved.MarkerView, 0, 1)), "submit")
		move("with the case of before", boundary.Damaged, boundary.Intact)

		gone := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Retirement}})
		gone = d.through(gone, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve", d.lead, "place")
		move("with a case that is not filed", boundary.Damaged, boundary.Retired)
		_, err = d.store.ActOnMarkerChange(ctx, d.lead, today, gone.ID, gone.Version, boundary.ChangeAction{Name: "file", Document: aPaper("备案"), ValidFrom: today.AddDate(0, 0, -1)})
		d.must(err)
		move("after its retirement", boundary.Retired, boundary.Intact)
	}
	refused("the record of states", `delete from marker_state_step`)
	refused("the record of states", `insert into marker_state_step select marker_id, n + 1, 'retired', null, now() from marker_state_step`)
	refused("the record of states", `select count_marker_state($1, 'lost', now())`, d.markers[2].ID)
	if _, err := d.db.Super.Exec(ctx, `update marker set state = 'lost' where id = $1`, d.markers[2].ID); err == nil {
		t.Error("the superuser moved a marker on")
	}
	// withheld and published again with its state, which stays
	_, err = d.store.GradeMarker(ctx, d.city, today, d.markers[2].ID, 1, graded(gazetteer.Internal))
	d.must(err)
	back, err := d.store.GradeMarker(ctx, d.city, today, d.markers[2].ID, 2, graded(gazetteer.Public))
	if err != nil || back.State != string(boundary.Intact) {
		t.Errorf("published again: %+v, %v", back, err)
	}
	if n := d.count(fmt.Sprintf(`marker_state_step where marker_id = '%s'`, d.markers[0].ID)); n != 8 {
		t.Errorf("%d states of the first marker", n)
	}
}
