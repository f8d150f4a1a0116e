package boundsql

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// StretchInput is a stretch to declare.
type StretchInput struct {
	ID uuid.UUID `json:"-"` // its identity; made when none is given
	boundary.Declaration
}

// Stretch is a declared stretch as one who may see its round reads it.
type Stretch struct {
	ID           uuid.UUID             `json:"id"`
	State        boundary.StretchState `json:"state"`
	Version      int                   `json:"version"`
	InspectionID uuid.UUID             `json:"inspectionId"`
	Line         LineRef               `json:"line"`
	Office       boundary.OfficeRef    `json:"office"` // that declared it
	boundary.Declaration
	DeclaredAt time.Time              `json:"declaredAt"`
	Decided    *StretchStep           `json:"decided"` // by the other side: confirmed or refused
	Withdrawn  *StretchStep           `json:"withdrawn"`
	Actions    []gazetteer.OpenAction `json:"actions"`
}

// StretchStep is what an office did with a stretch.
type StretchStep struct {
	Office string    `json:"office"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// stretchRow is a stretch with what its state machine needs.
type stretchRow struct {
	Stretch
	stretch boundary.Stretch
}

// maxStretches is how many stretches one side may declare in a round, given up ones among them.
const maxStretches = 1000

// DeclareStretch declares a stretch of the line of a round for the actor's side, or for the side for which he works at the
// line by assignment. It counts once the other side confirms it.
//
// Errors: NotFound "inspection-unknown"; those of boundary.Round.DeclaringSide; Refused "stretch-wrong" with all findings of
// boundary.Declaration.Check; Conflict "stretch-there" for one that is declared already; Exceeded "too-many-stretches".
func (s *Store) DeclareStretch(ctx context.Context, actor gazetteer.Actor, now time.Time, inspection uuid.UUID, in StretchInput) (Stretch, error) {
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.Stretch(ctx, actor, now, id); !fault.Is(err, "stretch-unknown") {
		return made, err
	}
	in.Note, in.PictureSource = strings.TrimSpace(in.Note), strings.TrimSpace(in.PictureSource)
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.heldRound(ctx, tx, actor, now, inspection)
		if err != nil {
			return err
		}
		side, err := t.declaringSide(ctx, actor, now, r, in.Declaration)
		if err != nil {
			return err
		}
		if found := in.Check(r.line.LengthM, beijing.Day(now)); len(found) > 0 {
			return fault.Refuse("stretch-wrong", "申报区段的内容有误", found)
		}
		if err := writeStretch(ctx, tx, actor, now, id, r, side, in.Declaration); err != nil {
			return err
		}
		return recordStretch(ctx, tx, actor, now, id, "declare", nil, in.told())
	})
	if err != nil {
		return Stretch{}, err
	}
	return s.Stretch(ctx, actor, now, id)
}

// declaringSide is the side for which the actor declares a stretch.
func (s *Store) declaringSide(ctx context.Context, actor gazetteer.Actor, now time.Time, r inspectionRecord, d boundary.Declaration) (uuid.UUID, error) {
	var task *boundary.Assignment
	if boundary.ByAssignment(actor) {
		var err error
		if task, err = s.taskAt(ctx, actor, now, r.Line.ID); err != nil {
			return uuid.Nil, err
		}
	}
	return r.round.DeclaringSide(actor, task, d)
}

// writeStretch writes a new stretch, unless the side has too many.
func writeStretch(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, r inspectionRecord, side uuid.UUID, d boundary.Declaration) error {
	var there int
	err := tx.QueryRow(ctx, `select count(*)::int from stretch where inspection_id = $1 and office_id = $2`, r.ID, side).Scan(&there)
	if err == nil && there >= maxStretches {
		err = fault.New(fault.Exceeded, "too-many-stretches", "本方在这次联检中已申报 %d 个区段，不能再多：请把相邻的区段合并申报", maxStretches)
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into stretch (id, inspection_id, line_id, office_id, class, from_m, to_m, reason, note, checked_on, picture_source, picture_on, state, declared_by, declared_at)
		values (@id, @inspection, @line, @office, @class, @from, @to, @reason, @note, @checked::text::date, @source, @on::text::date, @state, @by, @now)`,
		pgx.StrictNamedArgs{
			"id": id, "inspection": r.ID, "line": r.Line.ID, "office": side, "class": string(d.Class), "from": d.FromM, "to": d.ToM,
			"reason": string(d.Reason), "note": d.Note, "checked": d.CheckedOn, "source": d.PictureSource, "on": nilText(d.PictureOn),
			"state": string(boundary.StretchDeclared), "by": actor.AccountID, "now": now,
		})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "stretch_once" {
		return fault.Wrap(err, fault.Conflict, "stretch-there", "本方已申报过同样的区段：不必再次申报")
	}
	if err != nil {
		return fmt.Errorf("declare the stretch: %w", err)
	}
	return nil
}

// told is what the journal says of a declaration.
func (in StretchInput) told() map[string]any {
	told := map[string]any{
		"state": boundary.StretchDeclared, "class": in.Class, "ranges": []boundary.Range{{FromM: in.FromM, ToM: in.ToM}}, "obstacle": in.Reason, "note": in.Note,
		"checkedOn": in.CheckedOn,
	}
	if in.Class == boundary.Imagery {
		told["pictureSource"], told["pictureOn"] = in.PictureSource, in.PictureOn
	}
	return told
}

func recordStretch(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, verb string, before, after map[string]any) error {
	entry := gazetteer.JournalEntry{At: now, Actor: actor, Subject: "stretch/" + id.String(), Verb: verb, After: after}
	if before != nil {
		entry.Before = before
	}
	return gazsql.Record(ctx, tx, entry)
}

// Stretch returns a stretch to whoever may read its round, else NotFound "stretch-unknown". Who works by assignment reads
// those he declared himself.
func (s *Store) Stretch(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (out Stretch, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		row, _, err := s.over(tx).stretchOf(ctx, actor, id, func(round uuid.UUID) (inspectionRecord, error) {
			return s.over(tx).roundOf(ctx, actor, now, round)
		})
		out = row.Stretch
		return err
	})
	return out, err
}

// Stretches lists the stretches of a round that the actor may read, newest first, from before the one named.
//
// Errors: NotFound "inspection-unknown".
func (s *Store) Stretches(ctx context.Context, actor gazetteer.Actor, now time.Time, inspection, before uuid.UUID, limit int) (out []Stretch, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		r, err := t.roundOf(ctx, actor, now, inspection)
		if err != nil {
			return err
		}
		out, err = t.stretchesFor(ctx, actor, r, `and ($4::uuid is null or s.id < $4) order by s.id desc limit $5`, nilID(before), limit)
		return err
	})
	return out, err
}

// stretchesFor are the stretches of a round that the actor may read and the condition chooses.
func (s *Store) stretchesFor(ctx context.Context, actor gazetteer.Actor, r inspectionRecord, where string, args ...any) ([]Stretch, error) {
	rows, err := s.stretchRows(ctx, actor, r, where, args...)
	out := []Stretch{}
	for _, row := range rows {
		out = append(out, row.Stretch)
	}
	return out, err
}

// byChainage is the order of stretches in a round.
const byChainage = `order by s.from_m, s.to_m, s.id`

func (s *Store) stretchRows(ctx context.Context, actor gazetteer.Actor, r inspectionRecord, where string, args ...any) ([]stretchRow, error) {
	all := s.open || !boundary.ByAssignment(actor) // else only what he declared himself
	rows, err := s.db.Query(ctx, `
		select s.id, s.state, s.version, s.inspection_id, o.id, o.name, s.class, s.from_m, s.to_m, s.reason, s.note, coalesce(s.checked_on::text, ''), s.picture_source,
		       coalesce(s.picture_on::text, ''), s.declared_at, s.declared_by, d.name, s.decided_at, coalesce(s.decision_reason, ''),
		       w.name, s.withdrawn_at, coalesce(s.withdrawal_reason, '')
		from stretch s
		join office o on o.id = s.office_id
		left join office d on d.id = s.decided_office
		left join office w on w.id = s.withdrawn_office
		where s.inspection_id = $1 and ($2 or s.declared_by = $3) `+where, append([]any{r.ID, all, actor.AccountID}, args...)...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanStretch)
	if err != nil {
		return nil, fmt.Errorf("read stretches: %w", err)
	}
	for i := range found {
		row := &found[i]
		row.Line = r.Line
		row.stretch.State, row.stretch.Version, row.stretch.OfficeID, row.stretch.Round = row.State, row.Version, row.Office.ID, r.round
		row.Actions = row.stretch.OpenActions(actor)
	}
	return found, nil
}

func scanStretch(row pgx.CollectableRow) (r stretchRow, err error) {
	var decider, withdrawer *string
	var decidedAt, withdrawnAt *time.Time
	var decision, withdrawal string
	err = row.Scan(&r.ID, &r.State, &r.Version, &r.InspectionID, &r.Office.ID, &r.Office.Name, &r.Class, &r.FromM, &r.ToM, &r.Reason, &r.Note,
		&r.CheckedOn, &r.PictureSource, &r.PictureOn, &r.DeclaredAt, &r.stretch.DeclaredBy, &decider, &decidedAt, &decision, &withdrawer, &withdrawnAt, &withdrawal)
	if decidedAt != nil {
		r.Decided = &StretchStep{Office: *decider, At: *decidedAt, Reason: decision}
	}
	if withdrawnAt != nil {
		r.Withdrawn = &StretchStep{Office: *withdrawer, At: *withdrawnAt, Reason: withdrawal}
	}
	return r, err
}

// stretchOf finds a stretch and its round, which round loads for the actor.
func (s *Store) stretchOf(ctx context.Context, actor gazetteer.Actor, id uuid.UUID, round func(uuid.UUID) (inspectionRecord, error)) (stretchRow, inspectionRecord, error) {
	unknown := fault.New(fault.NotFound, "stretch-unknown", "没有这个申报区段")
	var inspection uuid.UUID
	err := s.db.QueryRow(ctx, `select inspection_id from stretch where id = $1`, id).Scan(&inspection)
	if isNoRows(err) {
		err = unknown
	}
	if err != nil {
		return stretchRow{}, inspectionRecord{}, err
	}
	r, err := round(inspection)
	if fault.Is(err, "inspection-unknown") {
		err = unknown
	}
	if err != nil {
		return stretchRow{}, r, err
	}
	found, err := s.stretchRows(ctx, actor, r, `and s.id = $4`, id)
	if err == nil && len(found) == 0 {
		err = unknown
	}
	if err != nil {
		return stretchRow{}, r, err
	}
	return found[0], r, nil
}

// ActOnStretch takes an action on the stretch as it stood at the version given. When what counts changes, the stretch enters
// the coverage of its line or leaves it, and a report that was compiled or signed is void.
//
// Errors: NotFound "stretch-unknown"; Stale "stale"; those of boundary.Stretch.Apply; Refused "stretch-wrong" when the line has
// become shorter since.
func (s *Store) ActOnStretch(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.StretchAction) (Stretch, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		row, r, err := t.stretchOf(ctx, actor, id, func(round uuid.UUID) (inspectionRecord, error) {
			return t.heldRound(ctx, tx, actor, now, round)
		})
		if err == nil && row.Version != version {
			err = fault.New(fault.Stale, "stale", "申报区段已是第 %d 版（%s），您看到的是第 %d 版：请刷新后再试", row.Version, row.State.Label(), version)
		}
		if err != nil {
			return err
		}
		next, err := row.stretch.Apply(in, actor)
		if err != nil {
			return err
		}
		if found := row.Check(r.line.LengthM, beijing.Day(now)); next.State == boundary.StretchConfirmed && len(found) > 0 {
			return fault.Refuse("stretch-wrong", "界线在申报以后变了，这个区段已不合：请申报方撤回，按现在的界线重新申报", found)
		}
		if err := moveStretch(ctx, tx, actor, now, row, r, next, in); err != nil {
			return err
		}
		if !row.State.Recounts(next.State) {
			return nil
		}
		if err := coverStretch(ctx, tx, row, r, next.State); err != nil {
			return err
		}
		return voidRound(ctx, tx, actor, now, r.ID, "申报区段"+next.State.Label())
	})
	if err != nil {
		return Stretch{}, err
	}
	return s.Stretch(ctx, actor, now, id)
}

// moveStretch records what became of a stretch, and which side did it.
func moveStretch(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, row stretchRow, r inspectionRecord, next boundary.Stretch, in boundary.StretchAction) error {
	side := r.round.SideOf(actor)
	if boundary.ByAssignment(actor) {
		side = row.Office.ID
	}
	columns := `decided_office = @side, decided_by = @by, decided_at = @now, decision_reason = @reason`
	if next.State == boundary.StretchWithdrawn {
		columns = `withdrawn_office = @side, withdrawn_by = @by, withdrawn_at = @now, withdrawal_reason = @reason`
	}
	_, err := tx.Exec(ctx, `update stretch set state = @state, version = @to, `+columns+` where id = @id and version = @from`,
		pgx.StrictNamedArgs{
			"state": string(next.State), "to": next.Version, "side": side, "by": actor.AccountID, "now": now, "reason": nilText(in.Reason),
			"id": row.ID, "from": row.Version,
		})
	if err != nil {
		return fmt.Errorf("record the stretch: %w", err)
	}
	after := map[string]any{"state": next.State}
	if in.Reason != "" {
		after["reason"] = in.Reason
	}
	return recordStretch(ctx, tx, actor, now, row.ID, in.Name, map[string]any{"state": row.State}, after)
}

// coverStretch publishes a confirmed stretch in the coverage of its line as that stands today, and takes any other out.
func coverStretch(ctx context.Context, tx pgx.Tx, row stretchRow, r inspectionRecord, state boundary.StretchState) error {
	if state != boundary.StretchConfirmed {
		if _, err := tx.Exec(ctx, `delete from coverage where stretch_id = $1`, row.ID); err != nil {
			return fmt.Errorf("take the stretch out of the coverage: %w", err)
		}
		return nil
	}
	var course orb.MultiLineString
	if err := tx.QueryRow(ctx, `select geom from line_version where id = $1`, r.line.VersionID).Scan(&course); err != nil {
		return err
	}
	chain, err := geo.NewChain(course)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		insert into coverage (id, line_id, stretch_id, class, from_m, to_m, geom, walked_on, synthetic)
		values (@id, @line, @stretch, @class, @from, @to, @geom, @on::text::date, @synthetic)`,
		pgx.StrictNamedArgs{
			"id": gazsql.NewID(), "line": r.Line.ID, "stretch": row.ID, "class": string(row.Class), "from": row.FromM, "to": row.ToM,
			"geom": chain.Sub(row.FromM, row.ToM), "on": nilText(row.CheckedOn), "synthetic": r.Synthetic,
		})
	if err != nil {
		return fmt.Errorf("publish the stretch: %w", err)
	}
	return nil
}
