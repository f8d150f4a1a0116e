package boundsql

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// Assignee is somebody to whom work at a line can be given. Account is what NewAssignment.Account asks for.
type Assignee struct {
	Account string `json:"account"`
	Name    string `json:"name"`
	Office  string `json:"office"`
}

// Assignees lists whom the actor can assign as the role at a line: of the own office, of those in its jurisdiction or
// above it, and of those without one.
//
// Errors: NotFound "line-unknown"; Forbidden "not-yours" for whoever may not commission work at the line; Malformed
// "bad-role".
func (s *Store) Assignees(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID, role gazetteer.Role) ([]Assignee, error) {
	if !slices.Contains(boundary.AssignmentRoles, role) {
		return nil, fault.New(fault.Malformed, "bad-role", "任务的职责“%s”不对：可用 surveyor（测绘作业）、keeper（管护员）", role)
	}
	standing, err := s.standingAt(ctx, actor, now, line)
	if err != nil {
		return nil, err
	}
	if !boundary.MayCommission(actor, standing) {
		return nil, fault.New(fault.Forbidden, "not-yours", "只有界线一方的经办或负责人可以安排这条界线上的任务")
	}
	out := []Assignee{}
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select a.login, a.name, o.name, a.id, o.id, o.kind, array_agg(r.role)
			from account a join office o on o.id = a.office_id join account_role r on r.account_id = a.id
			where a.disabled_at is null and o.valid @> @day::text::date
			  and exists (select from account_role x where x.account_id = a.id and x.role = @role)
			  and (o.id = @office or o.division_id is null or division_covers(@bureau, o.division_id) or division_covers(o.division_id, @bureau))
			group by a.id, o.id order by o.name, a.name, a.login`,
			pgx.StrictNamedArgs{"day": beijing.Day(now), "role": string(role), "office": actor.OfficeID, "bureau": actor.Jurisdiction})
		if err != nil {
			return err
		}
		var one Assignee
		var who boundary.Assignee
		_, err = pgx.ForEachRow(rows, []any{&one.Account, &one.Name, &one.Office, &who.AccountID, &who.OfficeID, &who.OfficeKind, &who.Roles}, func() error {
			if (boundary.Assignment{OfficeID: actor.OfficeID, Role: role}).Suits(who) {
				out = append(out, one)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("find whom to assign: %w", err)
		}
		return nil
	})
	return out, err
}
