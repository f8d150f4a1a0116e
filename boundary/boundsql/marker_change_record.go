package boundsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// MarkerChangeInput is what a side applies for: at a marker, or of an addition on a line.
type MarkerChangeInput struct {
	ID       uuid.UUID // its identity; made when none is given
	MarkerID uuid.UUID
	LineID   uuid.UUID
	boundary.ChangeContent
}

// changeSite is where a case takes place.
type changeSite struct {
	marker, line uuid.UUID
	lines        []uuid.UUID
	parties      []uuid.UUID
	seat         boundary.Seat
}

// CreateMarkerChange writes the draft of a case for the actor's side.
//
// Errors: NotFound "marker-unknown", "line-unknown"; Forbidden "not-yours"; Conflict "marker-state" for a marker that is retired,
// "number-used"; Refused "change-wrong" with all findings of boundary.ChangeContent.Check.
func (s *Store) CreateMarkerChange(ctx context.Context, actor gazetteer.Actor, now time.Time, in MarkerChangeInput) (MarkerChange, error) {
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.MarkerChange(ctx, actor, now, id); !fault.Is(err, "marker-change-unknown") {
		return made, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		at, err := t.changeSite(ctx, actor, now, &in)
		if err != nil {
			return err
		}
		if err := t.checkChange(ctx, actor, at, in); err != nil {
			return err
		}
		return t.writeChange(ctx, tx, actor, now, id, at, in.ChangeContent)
	})
	if err != nil {
		return MarkerChange{}, err
	}
	return s.MarkerChange(ctx, actor, now, id)
}

// checkChange refuses what the actor may not apply for, and an application with all that is wrong with it.
func (s *Store) checkChange(ctx context.Context, actor gazetteer.Actor, at changeSite, in MarkerChangeInput) error {
	if at.seat.Side == uuid.Nil || !boundary.MayCommission(actor, at.seat.Standing) {
		return fault.New(fault.Forbidden, "not-yours", "界桩变动由界线一方的经办或负责人提出：建设单位的申请也由一方转报")
	}
	chain, err := s.chainOf(ctx, at.line)
	if err != nil {
		return err
	}
	if found := in.Check(chain); len(found) > 0 {
		return fault.Refuse("change-wrong", "界桩变动的申请有误", found)
	}
	return nil
}

// changeSite finds where a case takes place, and gives it the number of the marker that is there.
func (s *Store) changeSite(ctx context.Context, actor gazetteer.Actor, now time.Time, in *MarkerChangeInput) (at changeSite, err error) {
	if in.Kind != boundary.Addition {
		m, err := s.stone(ctx, actor, now, in.MarkerID, "")
		if err != nil {
			return at, err
		}
		err = s.db.QueryRow(ctx, `select number, stone, type from known_marker where id = $1`, m.ID).Scan(&in.Number, &in.Stone, &in.Type)
		if err == nil && m.facts.Marker == boundary.Retired {
			err = fault.New(fault.Conflict, "marker-state", "界桩已经报废，不能再移设或报废")
		}
		return changeSite{marker: m.ID, line: m.Line, lines: m.Lines, parties: m.facts.Parties, seat: m.seat}, err
	}
	at = changeSite{marker: gazsql.NewID(), line: in.LineID, lines: []uuid.UUID{in.LineID}}
	line, err := s.lineToday(ctx, in.LineID)
	if err != nil {
		return at, err
	}
	if in.Type == "three-face" && len(in.Proposed) >= 2 && geo.CheckLonLat(orb.Point{in.Proposed[0], in.Proposed[1]}) == nil {
		err = s.db.QueryRow(ctx, `
			select array_agg(l.id order by l.id) from line l
			where l.level = $1 and (l.id = $2 or exists (
			    select from line_version v where v.line_id = l.id and upper_inf(v.valid)
			      and st_dwithin(v.geom::geography, st_setsrid(st_makepoint($3, $4), 4490)::geography, $5)))`,
			line.Level, line.ID, in.Proposed[0], in.Proposed[1], float64(atTripointM)).Scan(&at.lines)
		if err != nil {
			return at, err
		}
	}
	var pairs [][2]uuid.UUID
	err = s.db.QueryRow(ctx, `
		select line_parties($1), (select jsonb_agg(jsonb_build_array(t.party_a, t.party_b) order by t.id) from line t where t.id = any ($1))`, at.lines).Scan(&at.parties, &pairs)
	if err != nil {
		return at, err
	}
	lineage, err := gazsql.LineageOf(ctx, s.db, now, at.parties...)
	if err != nil {
		return at, err
	}
	at.seat = boundary.SeatOn(actor, lineage, pairs)
	return at, s.numberFree(ctx, in.LineID, in.Number, in.Stone)
}

// numberFree refuses a number that a marker of the line has or had. Error: Conflict "number-used".
func (s *Store) numberFree(ctx context.Context, line uuid.UUID, number, stone string) error {
	var used bool
	err := s.db.QueryRow(ctx, `select exists (select from known_marker where line_id = $1 and number = $2 and stone = $3)`, line, number, stone).Scan(&used)
	if err == nil && used {
		err = fault.New(fault.Conflict, "number-used", "界桩号 %s%s 在这条界线上已经用过：报废的号也不再使用，请另取一号", number, stone)
	}
	return err
}

func (s *Store) chainOf(ctx context.Context, line uuid.UUID) (*geo.Chain, error) {
	row, err := s.lineToday(ctx, line)
	if err != nil {
		return nil, err
	}
	return geo.NewChain(row.Geometry)
}

// columns are what is applied for at the site, as the columns take it.
func (at changeSite) columns(c boundary.ChangeContent) (pgx.StrictNamedArgs, error) {
	sha256, err := c.Digest(at.marker, at.line)
	args := pgx.StrictNamedArgs{
		"lines": at.lines, "parties": at.parties, "applicant": c.Applicant, "reason": c.Reason, "number": c.Number, "stone": c.Stone, "type": c.Type, "proposed": nil,
		"sha256": sha256,
	}
	if c.Proposed != nil {
		args["proposed"] = pointOf(c.Proposed)
	}
	return args, err
}

func (s *Store) writeChange(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, at changeSite, c boundary.ChangeContent) error {
	args, err := at.columns(c)
	if err != nil {
		return err
	}
	args["id"], args["office"], args["kind"], args["marker"], args["line"], args["party"] = id, actor.OfficeID, string(c.Kind), at.marker, at.line, at.seat.Side
	args["by"], args["now"] = actor.AccountID, now
	_, err = tx.Exec(ctx, `
		insert into marker_change (id, office_id, kind, marker_id, line_id, lines, party, parties, applicant, reason, number, stone, type, proposed, content_sha256, state,
		    written_by, created_at)
		values (@id, @office, @kind, @marker, @line, @lines, @party, @parties, @applicant, @reason, @number, @stone, @type, @proposed, @sha256, 'draft', @by, @now)`, args)
	if err != nil {
		return changeThere(err)
	}
	return recordChange(ctx, tx, actor, now, id, "create", nil, map[string]any{"state": boundary.ChangeDraft, "changeKind": c.Kind, "contentSha256": args["sha256"]})
}

// changeThere tells that another case is under way, and what the second wall refused, from everything else.
func changeThere(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.ConstraintName == "marker_change_under_way" || pg.ConstraintName == "marker_change_number") {
		return fault.Wrap(err, fault.Conflict, "change-there", "这个界桩（号）已有一件办理中的变动：请先办完或撤回那一件")
	}
	return workWall(err)
}

func recordChange(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, before, after any, cites ...uuid.UUID) error {
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "marker-change/" + id.String(), Verb: verb, Before: before, After: after, Cites: cites,
	})
}

// ActOnMarkerChange takes an action on the case as it stood at the version given. file makes what was applied for the record: a
// relocated marker gets another registered position and another version of its record under its old number, and the former ones
// stay; an added one is registered; a retired one keeps its number for ever.
//
// Errors: NotFound "marker-change-unknown"; Stale "stale"; Conflict "change-there", "number-used"; Refused "survey-wrong" with all findings of
// boundary.ChangeSurvey.Check; those of boundary.MarkerChange.Apply.
func (s *Store) ActOnMarkerChange(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.ChangeAction) (MarkerChange, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.lockMarkerChange(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		next, err := r.change.Apply(in, actor, r.seat, now, beijing.Day(now))
		if err != nil {
			return err
		}
		cites, err := fileChangePaper(ctx, tx, now, in)
		if err != nil {
			return err
		}
		if err := t.moveChange(ctx, tx, actor, now, r, next, in, cites); err != nil {
			return err
		}
		if next.State == boundary.ChangeFiled {
			if err := t.enactChange(ctx, tx, actor, now, r, in, cites[0]); err != nil {
				return err
			}
		}
		after := map[string]any{"state": next.State}
		if in.Reason != "" {
			after["reason"] = in.Reason
		}
		return recordChange(ctx, tx, actor, now, id, in.Name, map[string]any{"state": r.State}, after, cites...)
	})
	if err != nil {
		return MarkerChange{}, err
	}
	return s.MarkerChange(ctx, actor, now, id)
}

// lockMarkerChange locks a case the actor may read, then the version of its line, so that it gets no other course meanwhile, and its
// marker, and checks the version of the case.
func (s *Store) lockMarkerChange(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int) (changeRow, error) {
	if _, err := tx.Exec(ctx, `select from marker_change where id = $1 for update`, id); err != nil {
		return changeRow{}, err
	}
	r, err := s.markerChangeOf(ctx, actor, now, id)
	if err == nil && r.Version != version {
		err = fault.New(fault.Stale, "stale", "界桩变动已是第 %d 版（%s），您看到的是第 %d 版：请刷新后再试", r.Version, r.State.Label(), version)
	}
	if err != nil {
		return r, err
	}
	if _, err := tx.Exec(ctx, `select from line_version where line_id = $1 and upper_inf(valid) for share`, r.Line.ID); err != nil {
		return r, err
	}
	if _, err := tx.Exec(ctx, `select from marker_identity where id = $1 for update`, r.marker); err != nil {
		return r, err
	}
	return s.markerChangeOf(ctx, actor, now, id) // line and marker may have gone on meanwhile
}

// fileChangePaper files the paper of a step: the superior's consent, what was archived, or the filing.
func fileChangePaper(ctx context.Context, tx pgx.Tx, now time.Time, in boundary.ChangeAction) ([]uuid.UUID, error) {
	if in.Document == nil {
		return nil, nil
	}
	in.Document.Kind = "other"
	if in.Name == "approve" {
		in.Document.Kind = "approval"
	}
	id, err := gazsql.FileDocument(ctx, tx, now, *in.Document)
	return []uuid.UUID{id}, err
}

// moveChange records what became of a case: its state, the survey, its papers and a new confirmation.
func (s *Store) moveChange(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r changeRow, next boundary.MarkerChange, in boundary.ChangeAction, cites []uuid.UUID) error {
	for _, c := range next.Confirmations[len(r.Confirmations):] {
		_, err := tx.Exec(ctx, `
			insert into marker_change_confirmation (id, change_id, stage, party, office_id, account_id, content_sha256, confirmed_at)
			values (@id, @change, @stage, @party, @office, @account, @content, @at)`,
			pgx.StrictNamedArgs{
				"id": gazsql.NewID(), "change": r.ID, "stage": c.Stage, "party": c.Party, "office": actor.OfficeID, "account": c.AccountID,
				"content": c.ContentSHA256, "at": c.ConfirmedAt,
			})
		if err != nil {
			return changeThere(err)
		}
	}
	args := pgx.StrictNamedArgs{
		"id": r.ID, "from": r.Version, "to": next.Version, "state": string(next.State), "surveyed": nil, "sigma": nil, "method": "", "on": nil, "survey": nilText(r.SurveySHA256), "objects": []boundary.WitnessRecord{}, "again": []boundary.WitnessMeasured{},
		"approval": r.approval, "archive": r.archive, "filing": r.filing, "validFrom": nil, "refusal": nil,
	}
	survey := r.Survey
	if in.Name == "survey" {
		sha256, err := s.checkSurvey(ctx, now, r, *in.Survey)
		if err != nil {
			return err
		}
		survey, args["survey"] = in.Survey, sha256
	}
	if survey != nil {
		args["surveyed"], args["sigma"], args["method"], args["on"] = pointOf(survey.Position), survey.SigmaM, survey.Method, survey.SurveyedOn
		args["objects"], args["again"] = append([]boundary.WitnessRecord{}, survey.Objects...), append([]boundary.WitnessMeasured{}, survey.Again...)
	}
	switch next.State {
	case boundary.ChangeDeclined, boundary.ChangeReturned:
		args["refusal"] = in.Reason
	case boundary.ChangeFiled:
		args["filing"], args["validFrom"] = cites[0], in.ValidFrom
	case boundary.ChangePlaced:
		args["archive"] = cites[0]
	case boundary.ChangeApproved:
		if in.Name == "approve" {
			args["approval"] = cites[0]
		}
	}
	_, err := tx.Exec(ctx, `
		update marker_change set state = @state, version = @to, surveyed = @surveyed, sigma_m = @sigma, method = @method, surveyed_on = @on::text::date, survey_sha256 = @survey, objects = @objects, again = @again,
		    approval_id = @approval, archive_id = @archive, filing_id = @filing, valid_from = @validFrom, refusal = @refusal
		where id = @id and version = @from`, args)
	if err != nil {
		return changeThere(err)
	}
	return r.voidConfirmations(ctx, tx, next)
}

// voidConfirmations writes which confirmations became void, once the case has gone back.
func (r changeRow) voidConfirmations(ctx context.Context, tx pgx.Tx, next boundary.MarkerChange) error {
	for i, was := range r.Confirmations {
		c := next.Confirmations[i]
		if was.VoidedAt != nil || c.VoidedAt == nil {
			continue
		}
		_, err := tx.Exec(ctx, `
			update marker_change_confirmation set voided_at = $4, void_reason = $5
			where change_id = $1 and stage = $2 and party = $3 and voided_at is null`, r.ID, c.Stage, c.Party, c.VoidedAt, c.VoidReason)
		if err != nil {
			return fmt.Errorf("void the confirmation: %w", err)
		}
	}
	return nil
}

// EditMarkerChange writes anew what a case at the version given applies for. Its marker and kind stay, and so does the line of an
// addition. Whoever had agreed has to agree anew.
//
// Errors: NotFound "marker-change-unknown"; Stale "stale"; those of boundary.MarkerChange.Editable and of CreateMarkerChange.
func (s *Store) EditMarkerChange(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, c boundary.ChangeContent) (MarkerChange, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.lockMarkerChange(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		next, err := r.change.Edited(actor, now)
		if err != nil {
			return err
		}
		if c.Kind != r.Kind {
			return fault.Refuse("change-wrong", "界桩变动的申请有误", []fault.Finding{
				fault.Blocking("change-kind", "/kind", "这一件是%s，不能改成别的变动：请撤回后另行提出", r.Kind.Label()),
			})
		}
		in := MarkerChangeInput{ID: id, MarkerID: r.marker, LineID: r.Line.ID, ChangeContent: c}
		at, err := t.changeSite(ctx, actor, now, &in)
		if err != nil {
			return err
		}
		at.marker = r.marker
		if r.Kind != boundary.Addition { // as it was applied for, whatever the stone stands on now
			in.Number, in.Stone, in.Type, at.lines, at.parties = r.Number, r.Stone, r.Type, r.lines, r.change.Parties
		}
		if err := t.checkChange(ctx, actor, at, in); err != nil {
			return err
		}
		return t.rewriteChange(ctx, tx, actor, now, r, next, at, in.ChangeContent)
	})
	if err != nil {
		return MarkerChange{}, err
	}
	return s.MarkerChange(ctx, actor, now, id)
}

func (s *Store) rewriteChange(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r changeRow, next boundary.MarkerChange, at changeSite, c boundary.ChangeContent) error {
	args, err := at.columns(c)
	if err != nil {
		return err
	}
	args["id"], args["from"], args["to"], args["state"] = r.ID, r.Version, next.Version, string(next.State)
	_, err = tx.Exec(ctx, `
		update marker_change set applicant = @applicant, reason = @reason, number = @number, stone = @stone, type = @type, proposed = @proposed, lines = @lines,
		    parties = @parties, content_sha256 = @sha256, state = @state, version = @to
		where id = @id and version = @from`, args)
	if err != nil {
		return changeThere(err)
	}
	if err := r.voidConfirmations(ctx, tx, next); err != nil {
		return err
	}
	return recordChange(ctx, tx, actor, now, r.ID, "edit", map[string]any{"state": r.State}, map[string]any{"state": next.State, "contentSha256": args["sha256"]})
}

// checkSurvey judges a survey and returns its digest.
func (s *Store) checkSurvey(ctx context.Context, now time.Time, r changeRow, survey boundary.ChangeSurvey) (string, error) {
	chain, err := s.chainOf(ctx, r.Line.ID)
	if err != nil {
		return "", err
	}
	if found := survey.Check(chain, beijing.Day(now)); len(found) > 0 {
		return "", fault.Refuse("survey-wrong", "测绘结果有误", found)
	}
	return survey.Digest(r.ID)
}
