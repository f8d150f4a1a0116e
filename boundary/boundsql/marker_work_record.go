package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// MarkerWorkInput is a record of work to be written.
type MarkerWorkInput struct {
	ID       uuid.UUID // its identity; made when none is given
	MarkerID uuid.UUID
	boundary.WorkContent
}

// CreateMarkerWork writes a draft for the actor's side of a marker's line, or for the side for which he works by assignment.
//
// Errors: NotFound "marker-unknown"; Forbidden "not-yours", "not-assigned"; Refused "work-wrong" with all findings of
// boundary.WorkContent.Check; Conflict "marker-state" for what cannot be done at a marker in its state.
func (s *Store) CreateMarkerWork(ctx context.Context, actor gazetteer.Actor, now time.Time, in MarkerWorkInput) (MarkerWork, error) {
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.MarkerWork(ctx, actor, now, id); !fault.Is(err, "work-unknown") {
		return made, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		m, err := t.stone(ctx, actor, now, in.MarkerID, in.DoneOn)
		if err != nil {
			return err
		}
		office, side, err := t.workSide(ctx, actor, now, m, in.Kind.Together())
		if err != nil {
			return err
		}
		args, err := t.settledWork(ctx, now, in.WorkContent, m, office)
		if err != nil {
			return err
		}
		args["id"], args["office"], args["marker"], args["line"], args["lines"], args["party"] = id, office, m.ID, m.Line, m.Lines, side
		args["parties"], args["by"], args["now"] = m.facts.Parties, actor.AccountID, now
		_, err = tx.Exec(ctx, `
			insert into marker_work (id, office_id, marker_id, line_id, lines, party, parties, kind, done_on, measures, observed, sigma_m, method, note, photos, no_photos,
			    due_on, custodian, registered, apart_m, limit_m, fit, content_sha256, state, written_by, created_at)
			values (@id, @office, @marker, @line, @lines, @party, @parties, @kind, @on::text::date, @measures, @observed, @sigma, @method, @note, @photos, @noPhotos,
			    @due::text::date, @custodian, @registered, @apart, @limit, @fit, @sha256, 'draft', @by, @now)`, args)
		if err != nil {
			return workWall(err)
		}
		return recordWork(ctx, tx, actor, now, id, "create", nil, map[string]any{"state": boundary.WorkDraft, "workKind": in.Kind, "contentSha256": args["sha256"]})
	})
	if err != nil {
		return MarkerWork{}, err
	}
	return s.MarkerWork(ctx, actor, now, id)
}

// workWall tells that the office speaks no more for its side, which ended, from everything else that can go wrong.
func workWall(err error) error {
	if walled(err) {
		return fault.Wrap(err, fault.Forbidden, "not-yours", "本单位不再代表这一方：区划已经变更的，请登记单位的承继，由承继的单位办理")
	}
	return fmt.Errorf("write the record of work: %w", err)
}

// settledWork is what a record says, checked against its marker as that stands, as the columns take it.
func (s *Store) settledWork(ctx context.Context, now time.Time, c boundary.WorkContent, m stone, office uuid.UUID) (pgx.StrictNamedArgs, error) {
	if c.Measures == nil {
		c.Measures = []string{}
	}
	if c.Photos == nil {
		c.Photos = []uuid.UUID{}
	}
	err := s.db.QueryRow(ctx, `select count(*)::int from photo where id = any ($1) and line_id = any ($2) and office_id = any (offices_of($3))`,
		c.Photos, m.Lines, office).Scan(&m.facts.PhotosFound)
	if err != nil {
		return nil, err
	}
	if found := c.Check(m.facts, beijing.Day(now)); len(found) > 0 {
		return nil, fault.Refuse("work-wrong", "界桩维护记录有误", found)
	}
	j := c.Judge(m.facts)
	if err := m.facts.Marker.Takes(c.Kind, j.Fit); err != nil {
		return nil, err
	}
	sha256, err := c.Digest(m.ID, m.facts)
	args := pgx.StrictNamedArgs{
		"kind": string(c.Kind), "on": c.DoneOn, "measures": c.Measures, "observed": nil, "sigma": nil, "method": "", "note": c.Note, "photos": c.Photos,
		"noPhotos": c.NoPhotos, "due": nilText(c.DueOn), "custodian": c.CustodianID, "registered": m.registered, "apart": j.ApartM, "limit": j.LimitM,
		"fit": string(j.Fit), "sha256": sha256,
	}
	if len(c.Observed) > 0 {
		args["observed"], args["sigma"], args["method"] = pointOf(c.Observed), c.SigmaM, c.Method
	}
	return args, err
}

func recordWork(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, before, after map[string]any) error {
	entry := gazetteer.JournalEntry{At: now, Actor: actor, Subject: "marker-work/" + id.String(), Verb: verb, After: after}
	if before != nil {
		entry.Before = before
	}
	return gazsql.Record(ctx, tx, entry)
}

// lockMarkerWork locks a record the actor may read, then its marker, and checks the version of the record.
func (s *Store) lockMarkerWork(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int) (workRow, error) {
	if _, err := tx.Exec(ctx, `select from marker_work where id = $1 for update`, id); err != nil {
		return workRow{}, err
	}
	r, err := s.markerWorkOf(ctx, actor, now, id)
	if err == nil && r.Version != version {
		err = fault.New(fault.Stale, "stale", "维护记录已是第 %d 版（%s），您看到的是第 %d 版：请刷新后再试", r.Version, r.State.Label(), version)
	}
	if err != nil {
		return r, err
	}
	if _, err := tx.Exec(ctx, `select version from marker_identity where id = $1 for update`, r.MarkerID); err != nil {
		return r, err
	}
	return s.markerWorkOf(ctx, actor, now, id) // its marker may have gone on meanwhile
}

// EditMarkerWork writes a draft anew, against the version given. The marker stays.
//
// Errors: NotFound "work-unknown"; Stale "stale"; those of boundary.MarkerWork.Editable and of CreateMarkerWork.
func (s *Store) EditMarkerWork(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, c boundary.WorkContent) (MarkerWork, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.lockMarkerWork(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		if err := r.work.Editable(actor); err != nil {
			return err
		}
		m, err := t.stone(ctx, actor, now, r.MarkerID, c.DoneOn)
		if err != nil {
			return err
		}
		if _, _, err := t.workSide(ctx, actor, now, m, c.Kind.Together()); err != nil {
			return err
		}
		args, err := t.settledWork(ctx, now, c, m, r.Office.ID)
		if err != nil {
			return err
		}
		args["id"], args["version"] = id, version
		_, err = tx.Exec(ctx, `
			update marker_work set kind = @kind, done_on = @on::text::date, measures = @measures, observed = @observed, sigma_m = @sigma, method = @method, note = @note,
			    photos = @photos, no_photos = @noPhotos, due_on = @due::text::date, custodian = @custodian, registered = @registered, apart_m = @apart, limit_m = @limit,
			    fit = @fit, content_sha256 = @sha256, version = version + 1
			where id = @id and version = @version`, args)
		if err != nil {
			return workWall(err)
		}
		return recordWork(ctx, tx, actor, now, id, "edit", nil, map[string]any{"workKind": c.Kind, "contentSha256": args["sha256"]})
	})
	if err != nil {
		return MarkerWork{}, err
	}
	return s.MarkerWork(ctx, actor, now, id)
}

// ActOnMarkerWork takes an action on the record as it stood at the version given. What becomes recorded moves the state of its
// marker, which is locked: of two that would move it the second is told that it has gone on. A repair that nobody else saw is
// refused, and the journal keeps that it was tried.
//
// Errors: NotFound "work-unknown"; Stale "stale"; those of boundary.MarkerWork.Apply.
func (s *Store) ActOnMarkerWork(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.WorkAction) (MarkerWork, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.lockMarkerWork(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		if r.work.Seen, err = seenWork(ctx, tx, r); err != nil {
			return err
		}
		next, err := r.work.Apply(in, actor, r.seat, now, r.partyName)
		if err != nil {
			return err
		}
		if err := r.move(ctx, tx, actor, now, next, in); err != nil {
			return err
		}
		after := map[string]any{"state": next.State}
		if in.Reason != "" {
			after["reason"] = in.Reason
		}
		if in.Name == "confirm" {
			after["contentSha256"] = in.ContentSHA256
		}
		if err := recordWork(ctx, tx, actor, now, id, in.Name, map[string]any{"state": r.State}, after); err != nil {
			return err
		}
		if next.State != boundary.WorkRecorded || next.Marker == r.work.Marker {
			return nil
		}
		return giveMarkerState(ctx, tx, actor, now, r.MarkerID, r.work.Marker, next.Marker)
	})
	if fault.Is(err, "witness-missing") { // 《行政区域界线管理条例》第十六条
		kept := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
			return recordWork(ctx, tx, actor, now, id, "refuse-record", nil, map[string]any{"reason": sentenceOf(err)})
		})
		if kept != nil {
			return MarkerWork{}, kept
		}
	}
	if err != nil {
		return MarkerWork{}, err
	}
	return s.MarkerWork(ctx, actor, now, id)
}

// sentenceOf is what a fault says to people.
func sentenceOf(err error) string {
	var f *fault.Error
	if asFault(err, &f) {
		return f.Detail
	}
	return err.Error()
}

// seenWork are the other standing records of the kind since the marker came into its state, where it is registered now.
func seenWork(ctx context.Context, tx pgx.Tx, r workRow) ([]boundary.WorkSeen, error) {
	return collect[boundary.WorkSeen](ctx, tx, `
		select w.party, w.fit, w.done_on::text from marker_work w join known_marker m on m.id = w.marker_id and st_equals(st_force2d(w.registered), st_force2d(m.geom))
		where w.marker_id = $1 and w.id <> $2 and w.kind = $3 and w.state in ('submitted', 'recorded')
		  and w.submitted_at >= coalesce((select max(c.recorded_at) from marker_work c where c.marker_id = $1 and c.marker_from <> c.marker_to), '-infinity')`,
		r.MarkerID, r.ID, string(r.Kind))
}

// move records what became of a record of work.
func (r workRow) move(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, next boundary.MarkerWork, in boundary.WorkAction) error {
	for _, c := range next.Confirmations[len(r.Confirmations):] {
		_, err := tx.Exec(ctx, `
			insert into marker_work_confirmation (id, work_id, party, office_id, account_id, content_sha256, confirmed_at)
			values (@id, @work, @party, @office, @account, @content, @at)`,
			pgx.StrictNamedArgs{
				"id": gazsql.NewID(), "work": r.ID, "party": c.Party, "office": actor.OfficeID, "account": c.AccountID, "content": c.ContentSHA256, "at": c.ConfirmedAt,
			})
		if err != nil {
			return workWall(err)
		}
	}
	args := pgx.StrictNamedArgs{
		"state": string(next.State), "to": next.Version, "id": r.ID, "from": r.Version, "submitted": r.SubmittedAt, "recorded": nil, "markerFrom": nil, "markerTo": nil,
		"refusal": nil,
	}
	if in.Name == "submit" {
		args["submitted"] = now
	}
	switch next.State {
	case boundary.WorkRecorded:
		args["recorded"], args["markerFrom"], args["markerTo"] = now, string(r.work.Marker), string(next.Marker)
	case boundary.WorkRefused:
		args["refusal"] = in.Reason
	}
	_, err := tx.Exec(ctx, `
		update marker_work set state = @state, version = @to, submitted_at = @submitted, recorded_at = @recorded, marker_from = @markerFrom, marker_to = @markerTo,
		    refusal = @refusal
		where id = @id and version = @from`, args)
	if err != nil {
		return workWall(err)
	}
	return nil
}

// markerKeeper is the system actor that gives a withheld marker its state: the rows of what is withheld are nobody's to change.
var markerKeeper = gazetteer.Actor{System: "marker.work"}

// giveMarkerState moves a marker, published or withheld, from one state to the next; its version is one higher.
func giveMarkerState(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, from, to boundary.MarkerState) error {
	tag, err := tx.Exec(ctx, `update marker set state = $2 where id = $1`, id, string(to))
	switch {
	case err != nil:
		return fmt.Errorf("move the marker on: %w", err)
	case tag.RowsAffected() == 0:
		err = gazsql.As(ctx, tx, markerKeeper, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `select give_withheld_state($1, $2)`, id, string(to))
			return err
		})
	default:
		_, err = tx.Exec(ctx, `update marker_identity set version = version + 1 where id = $1`, id)
	}
	if err != nil {
		return fmt.Errorf("move the marker on: %w", err)
	}
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "marker/" + id.String(), Verb: "change-state", Before: map[string]any{"state": from}, After: map[string]any{"state": to},
	})
}
