package boundsql

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// DivisionChanged is what a change of divisions does, or did.
type DivisionChanged struct {
	ID       uuid.UUID                  `json:"id"`       // of the approval; zero when nothing was recorded
	Change   gazetteer.DivisionChange   `json:"change"`   // as described
	Plan     gazetteer.DivisionPlan     `json:"plan"`     // with its findings, those about lines among them
	Offices  gazetteer.OfficeSuccession `json:"offices"`  // what became of the offices
	Recorded bool                       `json:"recorded"` // this time
	Already  bool                       `json:"already"`  // earlier: then nothing else is told
}

// ChangeDivisions carries a described change through divisions, their names, codes, places and shapes, and through their
// offices, in one transaction. Lines whose sides it touches stay as they are; findings name them. A change that is
// recorded already is left alone, so that it can be sent twice. A dry run does all of it and takes it back.
//
// Errors: Forbidden "not-yours" without the role administrator in a bureau above all of the divisions; those of
// DivisionChange.Check, gazsql.DivisionChangeRecorded and gazsql.RecordDivisionChange. The findings are in the answer
// also where the error is Refused.
func (s *Store) ChangeDivisions(ctx context.Context, actor gazetteer.Actor, now time.Time, change gazetteer.DivisionChange, dryRun bool) (DivisionChanged, error) {
	out := DivisionChanged{Change: change}
	if !actor.Has(gazetteer.Administrator) {
		return out, fault.New(fault.Forbidden, "not-yours", "只有上级民政部门的系统管理员可以办理区划变更")
	}
	err := gazsql.As(ctx, s.db, reorganiser, func(tx pgx.Tx) error {
		var err error
		if out.Plan, err = gazsql.PlanDivisionChange(ctx, tx, change); err != nil {
			return err
		}
		if err := administersAll(ctx, tx, actor, now, out.Plan.Concerned()); err != nil {
			return err
		}
		if out.ID, err = gazsql.DivisionChangeRecorded(ctx, tx, change); err != nil || out.ID != uuid.Nil {
			out.Already = err == nil
			return err
		}
		if out.Plan.Refused() && dryRun {
			return errDryRun
		}
		if err := linesTouched(ctx, tx, &out.Plan); err != nil {
			return err
		}
		id, document, err := gazsql.RecordDivisionChange(ctx, tx, actor, now, change, &out.Plan)
		if err != nil {
			return err
		}
		if out.Offices, err = succeedOffices(ctx, tx, actor, now, out.Plan.Succession(), document); err != nil {
			return err
		}
		if dryRun {
			return errDryRun
		}
		out.ID, out.Recorded = id, true
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil {
		out.ID, out.Recorded = uuid.Nil, false // also when the commit fails
	}
	return out, err
}

// linesTouched adds a finding for every line in force that has a side which ends, or whose territory changes: between two
// that become one it means nothing any more, and elsewhere its course must be looked at. The record of lines is not
// changed by a change of divisions.
func linesTouched(ctx context.Context, tx pgx.Tx, plan *gazetteer.DivisionPlan) error {
	ended, parts := plan.Succession(), plan.Parts()
	var touched []uuid.UUID
	for id := range ended.Successors {
		touched = append(touched, id)
	}
	touched = append(touched, parts...)
	type row struct {
		ID   uuid.UUID
		Name string
		A, B uuid.UUID
	}
	return each(ctx, tx, `
		select distinct l.id, l.name, coalesce(s.division_a, l.party_a) as a, coalesce(s.division_b, l.party_b) as b
		from line l join line_version v on v.line_id = l.id and v.valid @> ($2::text::date - 1)
		left join section s on s.line_version_id = v.id
		where coalesce(s.division_a, l.party_a) = any ($1) or coalesce(s.division_b, l.party_b) = any ($1)
		order by l.name, l.id`,
		func(r row) error {
			heirs := func(id uuid.UUID) []uuid.UUID {
				if h, gone := ended.Successors[id]; gone {
					return h
				}
				return []uuid.UUID{id}
			}
			f := fault.Finding{Code: "line-side-changed", Severity: fault.Review, Evidence: []fault.Evidence{{Kind: "line", ID: r.ID.String(), Name: r.Name}}}
			switch a, b := heirs(r.A), heirs(r.B); {
			case len(a) == 1 && slices.Equal(a, b) && !slices.Contains(parts, r.A) && !slices.Contains(parts, r.B):
				f.Code, f.Detail = "line-between-one", fmt.Sprintf("界线“%s”两侧自 %s 起同属%s，不再是两个区划之间的界线", r.Name, plan.On.Format(time.DateOnly), plan.After[a[0]].Name)
			case len(a) == 1 && slices.Equal(a, b):
				f.Code, f.Detail = "line-between-one", fmt.Sprintf("界线“%s”两侧自 %s 起主要同属%s；有乡镇另行划转，剩下的部分须核定", r.Name, plan.On.Format(time.DateOnly), plan.After[a[0]].Name)
			default:
				f.Detail = fmt.Sprintf("界线“%s”有一侧自 %s 起由%s承接或范围有变：走向和双方须核定", r.Name, plan.On.Format(time.DateOnly), namesOf(plan.After, append(a, b...)))
			}
			plan.Findings = append(plan.Findings, f)
			return nil
		}, touched, plan.On.Format(time.DateOnly))
}

// namesOf lists the names of divisions.
func namesOf(state gazetteer.DivisionState, ids []uuid.UUID) string {
	text := ""
	for _, id := range ids {
		if d, known := state[id]; known {
			if text != "" {
				text += "、"
			}
			text += d.Name
		}
	}
	return text
}
