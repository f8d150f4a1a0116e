package boundsql

import (
	"context"
	"errors"
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
	Already  bool                       `json:"already"`  // earlier: then nothing else is told but the effect
	Effect   *DivisionEffect            `json:"effect"`   // before and after; nil where a finding forbids the change
}

// ChangeDivisions carries a described change through divisions, their names, codes, places and shapes, and through their
// offices, and through the lines beside them, in one transaction; findings name every line. A change that is recorded
// already is left alone, so that it can be sent twice. A dry run does all of it and takes it back.
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
			if out.Already = err == nil; out.Already {
				err = out.tellEffect(ctx, tx, out.ID)
			}
			return err
		}
		if out.Plan.Refused() && dryRun {
			return errDryRun
		}
		id, document, err := gazsql.RecordDivisionChange(ctx, tx, actor, now, change, &out.Plan)
		if err != nil {
			return err
		}
		if err := reformLines(ctx, tx, actor, now, &out.Plan, id, document); err != nil {
			return err
		}
		if out.Offices, err = succeedOffices(ctx, tx, actor, now, out.Plan.Succession(), document); err != nil {
			return err
		}
		if err := out.tellEffect(ctx, tx, id); err != nil {
			return err
		}
		if dryRun {
			out.Effect.ID = uuid.Nil // it is taken back
			return errDryRun
		}
		out.ID, out.Recorded = id, true
		return nil
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	if err != nil {
		out.ID, out.Recorded, out.Effect = uuid.Nil, false, nil // also when the commit fails
	}
	return out, err
}

func (out *DivisionChanged) tellEffect(ctx context.Context, tx pgx.Tx, approval uuid.UUID) error {
	effect, err := divisionEffect(ctx, tx, approval)
	out.Effect = &effect
	return err
}
