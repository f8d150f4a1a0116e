package boundsql

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// NewAssignment is an assignment to make. Account is the login of who is assigned.
type NewAssignment struct {
	ID        uuid.UUID        `json:"-"` // its identity; made here when none is given
	LineID    uuid.UUID        `json:"lineId"`
	Account   string           `json:"account"`
	Role      gazetteer.Role   `json:"role"`
	Ranges    []boundary.Range `json:"ranges"`
	Markers   []uuid.UUID      `json:"markers"`
	ValidFrom string           `json:"validFrom"`
	ValidTo   string           `json:"validTo"` // the first day on which it no longer runs
	Note      string           `json:"note"`
}

// MarkerRef names a marker.
type MarkerRef struct {
	ID     uuid.UUID `json:"id"`
	Number string    `json:"number"`
	Stone  string    `json:"stone"`
}

// AssigneeRef names who is assigned: office and post, never a login.
type AssigneeRef struct {
	ID     uuid.UUID `json:"id"`
	Name   string    `json:"name"`
	Office string    `json:"office"`
}

// Assignment is an assignment as one who may see it reads it.
type Assignment struct {
	ID         uuid.UUID                `json:"id"`
	State      boundary.AssignmentState `json:"state"`
	Version    int                      `json:"version"`
	Mine       bool                     `json:"mine"` // the reader is the one assigned
	Office     boundary.OfficeRef       `json:"office"`
	Assignee   AssigneeRef              `json:"assignee"`
	Line       LineRef                  `json:"line"`
	Role       gazetteer.Role           `json:"role"`
	Ranges     []boundary.Range         `json:"ranges"`
	Markers    []MarkerRef              `json:"markers"`
	ValidFrom  string                   `json:"validFrom"`
	ValidTo    string                   `json:"validTo"`
	Note       string                   `json:"note"`
	AssignedAt time.Time                `json:"assignedAt"`
	EndedAt    *time.Time               `json:"endedAt"`
	EndReason  *string                  `json:"endReason"`
	Actions    []gazetteer.OpenAction   `json:"actions"`
}

// assignmentRow is an assignment as it lies in the table, with its line's parties.
type assignmentRow struct {
	Assignment
	task           boundary.Assignment
	partyA, partyB uuid.UUID
}

const assignmentSQL = `
	select t.id, t.version, t.office_id, o.name, t.account_id, a.name, ao.name, t.line_id, l.name, t.role, t.ranges, t.markers,
	       lower(t.valid)::text, upper(t.valid)::text, t.note, t.assigned_at, t.ended_at, t.end_reason, l.party_a, l.party_b,
	       seat_of(t.office_id)
	from assignment t
	join office o on o.id = t.office_id
	join account a on a.id = t.account_id
	join office ao on ao.id = a.office_id
	join line l on l.id = t.line_id`

func scanAssignment(row pgx.CollectableRow) (r assignmentRow, err error) {
	err = row.Scan(&r.ID, &r.Version, &r.Office.ID, &r.Office.Name, &r.Assignee.ID, &r.Assignee.Name, &r.Assignee.Office, &r.Line.ID,
		&r.Line.Name, &r.Role, &r.Ranges, &r.task.Markers, &r.ValidFrom, &r.ValidTo, &r.Note, &r.AssignedAt, &r.EndedAt, &r.EndReason,
		&r.partyA, &r.partyB, &r.task.Seat)
	r.task.OfficeID, r.task.AccountID, r.task.LineID, r.task.Role = r.Office.ID, r.Assignee.ID, r.Line.ID, r.Role
	r.task.Ranges, r.task.From, r.task.To, r.task.EndedAt = r.Ranges, r.ValidFrom, r.ValidTo, r.EndedAt
	return r, err
}

func assignmentRows(ctx context.Context, db postgis.Conn, where string, args ...any) ([]assignmentRow, error) {
	rows, err := db.Query(ctx, assignmentSQL+where, args...)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, scanAssignment)
	if err != nil {
		return nil, fmt.Errorf("read assignments: %w", err)
	}
	return found, nil
}

// CreateAssignment entrusts somebody with work at a line of the actor's office.
//
// Errors: NotFound "line-unknown", "account-unknown"; Forbidden "not-yours" for whoever may not commission work at the
// line; Refused "assignment-wrong" with all findings of boundary.Assignment.Check; Conflict "assigned-already" when the
// person has another assignment at the line within those days.
func (s *Store) CreateAssignment(ctx context.Context, actor gazetteer.Actor, now time.Time, in NewAssignment) (Assignment, error) {
	task := boundary.Assignment{
		OfficeID: actor.OfficeID, LineID: in.LineID, Role: in.Role, Ranges: in.Ranges, Markers: in.Markers, From: in.ValidFrom, To: in.ValidTo,
	}
	id := in.ID
	if id == uuid.Nil {
		id = gazsql.NewID()
	} else if made, err := s.Assignment(ctx, actor, now, id); !fault.Is(err, "assignment-unknown") {
		return made, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if err := s.over(tx).checkAssignment(ctx, actor, now, in.Account, &task); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `
			insert into assignment (id, office_id, account_id, line_id, role, ranges, markers, valid, note, assigned_by, assigned_at)
			values (@id, @office, @account, @line, @role, coalesce(@ranges, '[]'::jsonb), coalesce(@markers, '{}'::uuid[]),
			        daterange(@from::text::date, @to::text::date), @note, @by, @now)`,
			pgx.StrictNamedArgs{
				"id": id, "office": task.OfficeID, "account": task.AccountID, "line": task.LineID, "role": string(task.Role),
				"ranges": task.Ranges, "markers": task.Markers, "from": task.From, "to": task.To, "note": in.Note, "by": actor.AccountID, "now": now,
			})
		if err != nil {
			return assignedAlready(err)
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "assignment/" + id.String(), Verb: "assign",
			After: map[string]any{
				"account": task.AccountID, "line": task.LineID, "role": task.Role, "ranges": task.Ranges, "markers": task.Markers,
				"validFrom": task.From, "validTo": task.To,
			},
		})
	})
	if err != nil {
		return Assignment{}, err
	}
	return s.Assignment(ctx, actor, now, id)
}

func assignedAlready(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "assignment_once" {
		return fault.Wrap(err, fault.Conflict, "assigned-already", "此人在这段时间里已有这条界线的任务：请先结束原任务，或改换日期")
	}
	return fmt.Errorf("record the assignment: %w", err)
}

// checkAssignment checks who assigns whom to what, and fills in the account.
func (s *Store) checkAssignment(ctx context.Context, actor gazetteer.Actor, now time.Time, login string, task *boundary.Assignment) error {
	standing, err := s.standingAt(ctx, actor, now, task.LineID)
	if err != nil {
		return err
	}
	if !boundary.MayCommission(actor, standing) {
		return fault.New(fault.Forbidden, "not-yours", "只有界线一方的经办或负责人可以安排这条界线上的任务")
	}
	var who boundary.Assignee
	err = s.db.QueryRow(ctx, `
		select a.id, o.id, o.kind, coalesce((select array_agg(r.role) from account_role r where r.account_id = a.id), '{}')
		from account a join office o on o.id = a.office_id where a.login = $1 and a.disabled_at is null`, login).Scan(
		&who.AccountID, &who.OfficeID, &who.OfficeKind, &who.Roles)
	if err != nil {
		return notFound(err, "account-unknown", "没有账号“%s”，或它已停用", login)
	}
	task.AccountID = who.AccountID
	var lengthM float64
	var markers []uuid.UUID
	err = s.db.QueryRow(ctx, `
		select (select max(v.length_m) from line_version v where v.line_id = $1 and upper_inf(v.valid)),
		       coalesce((select array_agg(m.id) from known_marker m where m.line_id = $1 and upper_inf(m.valid)), '{}')`, task.LineID).Scan(&lengthM, &markers)
	if err != nil {
		return err
	}
	if found := task.Check(who, lengthM, markers, beijing.Day(now)); len(found) > 0 {
		return fault.Refuse("assignment-wrong", "任务不能这样安排", found)
	}
	return nil
}

// Assignment returns an assignment to whoever may see it, else NotFound "assignment-unknown".
func (s *Store) Assignment(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (Assignment, error) {
	found, err := s.assignmentsFor(ctx, actor, now, ` where t.id = $1`, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "assignment-unknown", "没有这项任务")
	}
	if err != nil {
		return Assignment{}, err
	}
	return found[0].Assignment, nil
}

// Assignments lists those the actor may see, newest first, from before the one named: of one line, or of all (uuid.Nil).
func (s *Store) Assignments(ctx context.Context, actor gazetteer.Actor, now time.Time, line, before uuid.UUID, limit int) ([]Assignment, error) {
	found, err := s.assignmentsFor(ctx, actor, now, `
		where ($1::uuid is null or t.line_id = $1) and ($2::uuid is null or t.id < $2) order by t.id desc limit $3`,
		nilID(line), nilID(before), limit)
	out := []Assignment{}
	for _, r := range found {
		out = append(out, r.Assignment)
	}
	return out, err
}

// assignmentsFor reads the assignments that the condition and the second wall choose, and those of them that the first
// lets through.
func (s *Store) assignmentsFor(ctx context.Context, actor gazetteer.Actor, now time.Time, where string, args ...any) (seen []assignmentRow, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		all, err := assignmentRows(ctx, tx, where, args...)
		if err != nil {
			return err
		}
		t := s.over(tx)
		for _, r := range all {
			standing, err := t.standing(ctx, actor, now, r.partyA, r.partyB)
			if err != nil {
				return err
			}
			if !s.open && !r.task.ReadBy(actor, standing, beijing.Day(now)) {
				continue
			}
			if err := t.complete(ctx, actor, now, &r); err != nil {
				return err
			}
			seen = append(seen, r)
		}
		return nil
	})
	return seen, err
}

// complete fills in what the reader is told beyond the row.
func (s *Store) complete(ctx context.Context, actor gazetteer.Actor, now time.Time, r *assignmentRow) (err error) {
	day := beijing.Day(now)
	r.State, r.Actions, r.Mine = r.task.State(day), r.task.OpenActions(actor, day), r.Assignee.ID == actor.AccountID
	r.Markers, err = collect[MarkerRef](ctx, s.db, `
		select id, number, stone from known_marker where id = any ($1) order by chainage_m, number, stone`, r.task.Markers)
	return err
}

// ActOnAssignment takes an action on the assignment as it stood at the version given.
//
// Errors: NotFound "assignment-unknown"; Stale "stale"; those of boundary.Assignment.Apply.
func (s *Store) ActOnAssignment(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in boundary.AssignmentAction) (Assignment, error) {
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select from assignment where id = $1 for update`, id); err != nil {
			return err
		}
		found, err := s.over(tx).assignmentsFor(ctx, actor, now, ` where t.id = $1`, id)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return fault.New(fault.NotFound, "assignment-unknown", "没有这项任务")
		case found[0].Version != version:
			return fault.New(fault.Stale, "stale", "任务已是第 %d 版，您看到的是第 %d 版：请刷新后再试", found[0].Version, version)
		}
		next, err := found[0].task.Apply(in, actor, now, beijing.Day(now))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			update assignment set version = version + 1, ended_at = @at, ended_by = @by, end_reason = @reason where id = @id and version = @from`,
			pgx.StrictNamedArgs{"at": next.EndedAt, "by": actor.AccountID, "reason": in.Reason, "id": id, "from": version})
		if err != nil {
			return fmt.Errorf("end the assignment: %w", err)
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "assignment/" + id.String(), Verb: in.Name,
			Before: map[string]any{"state": found[0].State}, After: map[string]any{"state": next.State(beijing.Day(now)), "reason": in.Reason},
		})
	})
	if err != nil {
		return Assignment{}, err
	}
	return s.Assignment(ctx, actor, now, id)
}

// taskAt is the assignment under which the actor works at the line on the day, nil when there is none.
func (s *Store) taskAt(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (task *boundary.Assignment, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		found, err := assignmentRows(ctx, tx, ` where t.account_id = $1 and t.line_id = $2`, actor.AccountID, line)
		for _, r := range found {
			if r.task.Entrusts(actor, line, beijing.Day(now)) {
				task = &r.task
			}
		}
		return err
	})
	return task, err
}
