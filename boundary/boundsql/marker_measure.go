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
)

// MeasureRule is a version of what a measure counts as.
type MeasureRule struct {
	ID         uuid.UUID    `json:"id"`
	Measure    string       `json:"measure"`
	Level      string       `json:"level"`
	Division   *DivisionRef `json:"division"` // in which it holds; null: wherever no other rule does
	CountsAs   string       `json:"countsAs"`
	Source     string       `json:"source"`
	Confirmed  bool         `json:"confirmed"` // read from its text
	ValidFrom  *string      `json:"validFrom"` // a day; null: as it came with the program
	Office     *string      `json:"office"`    // that set it
	RecordedAt *time.Time   `json:"recordedAt"`
	InForce    bool         `json:"inForce"` // today
}

// MeasureRules are all versions, those of a level together and the newest first, and what the actor may do.
type MeasureRules struct {
	Items   []MeasureRule          `json:"items"`
	Actions []gazetteer.OpenAction `json:"actions"`
}

// MeasureRules lists every version of every rule.
func (s *Store) MeasureRules(ctx context.Context, actor gazetteer.Actor, now time.Time) (all MeasureRules, err error) {
	all.Actions = []gazetteer.OpenAction{}
	if boundary.SetsMeasureRules(actor) {
		all.Actions = append(all.Actions, gazetteer.OpenAction{Name: "set", Label: "另定", Needs: []string{gazetteer.Confirmation, "documents", "validFrom"}})
	}
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			select r.id, r.measure, r.level, case when r.division_id is not null then jsonb_build_object('id', r.division_id, 'name', `+nameSQL("r.division_id")+`) end,
			       r.counts_as, r.source, r.confirmed, r.valid_from::text, o.name, r.recorded_at,
			       coalesce(r.valid_from, '-infinity') = (select max(coalesce(x.valid_from, '-infinity')) from marker_measure_rule x
			            where (x.measure, x.level) = (r.measure, r.level) and x.division_id is not distinct from r.division_id and coalesce(x.valid_from, '-infinity') <= $1::text::date)
			from marker_measure_rule r left join office o on o.id = r.office_id
			order by r.measure, array_position(array['province', 'county', 'township'], r.level), r.division_id is null, r.division_id, r.valid_from desc nulls last`, beijing.Day(now))
		if err != nil {
			return err
		}
		all.Items, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r MeasureRule, err error) {
			var inForce *bool
			err = row.Scan(&r.ID, &r.Measure, &r.Level, &r.Division, &r.CountsAs, &r.Source, &r.Confirmed, &r.ValidFrom, &r.Office, &r.RecordedAt, &inForce)
			r.InForce = inForce != nil && *inForce
			return r, err
		})
		return err
	})
	return all, err
}

// SetMeasureRule adds a version of a rule for the jurisdiction of the actor's bureau; those before it stay.
//
// Errors: Forbidden "not-yours", "confirm-identity"; Refused "rule-wrong" with all findings of boundary.MeasureRule.Check; Conflict
// "rule-there" for two at once.
func (s *Store) SetMeasureRule(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, r boundary.MeasureRule) (MeasureRules, error) {
	if !s.open && !boundary.SetsMeasureRules(actor) {
		return MeasureRules{}, fault.New(fault.Forbidden, "not-yours", "措施算养护还是维修，由界线双方共同的上级民政部门按文件规定")
	}
	if err := actor.Confirmed(now); err != nil {
		return MeasureRules{}, err
	}
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		var newest string
		var there bool
		err := tx.QueryRow(ctx, `
			select coalesce(max(valid_from)::text, ''), coalesce(bool_or(id = $4), false) from marker_measure_rule where measure = $1 and level = $2 and division_id = $3`,
			r.Measure, r.Level, actor.Jurisdiction, id).Scan(&newest, &there)
		if err != nil || there {
			return err
		}
		if found := r.Check(newest); len(found) > 0 {
			return fault.Refuse("rule-wrong", "规定有误", found)
		}
		r.Document.Kind = "other"
		paper, err := gazsql.FileDocument(ctx, tx, now, r.Document)
		if err != nil {
			return err
		}
		source := r.Document.Title + " " + r.Document.Number
		_, err = tx.Exec(ctx, `
			insert into marker_measure_rule (id, measure, level, division_id, counts_as, source, confirmed, valid_from, document_id, office_id, account_id, recorded_at)
			values (@id, @measure, @level, @division, @countsAs, @source, true, @from, @paper, @office, @account, @now)`,
			pgx.StrictNamedArgs{
				"id": id, "measure": r.Measure, "level": r.Level, "division": actor.Jurisdiction, "countsAs": r.CountsAs, "source": source, "from": r.ValidFrom,
				"paper": paper, "office": actor.OfficeID, "account": actor.AccountID, "now": now,
			})
		if err != nil {
			return ruleThere(err)
		}
		return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "measure-rule/" + id.String(), Verb: "set",
			After: map[string]any{"measure": r.Measure, "level": r.Level, "countsAs": r.CountsAs, "validFrom": r.ValidFrom.Format(time.DateOnly)}, Cites: []uuid.UUID{paper},
		})
	})
	if err != nil {
		return MeasureRules{}, err
	}
	return s.MeasureRules(ctx, actor, now)
}

// ruleThere tells that another was set at the same moment from everything else.
func ruleThere(err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "marker_measure_rule_once" || walled(err) {
		return fault.Wrap(err, fault.Conflict, "rule-there", "同一天的规定刚有人登记过：请刷新后再看")
	}
	return fmt.Errorf("set the rule: %w", err)
}
