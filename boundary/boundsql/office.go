package boundsql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// reorganiser is the system actor that ends rounds whose two sides become one.
var reorganiser = gazetteer.Actor{System: "office.succession"}

// SucceedOffices carries out what the change of divisions of a day does to their offices: bodies of divisions that ended
// close, others take their places with their accounts and act on their records from then on, and rounds between two that
// became one end. It can run again: offices that are closed are left alone.
//
// Errors: Forbidden "not-yours" without the role administrator in a bureau above all of the divisions; NotFound "nothing-succeeded" when no division ended on the
// day with a successor; Malformed "document-missing".
func (s *Store) SucceedOffices(ctx context.Context, actor gazetteer.Actor, now time.Time, on time.Time, document gazetteer.Document) (gazetteer.OfficeSuccession, error) {
	var plan gazetteer.OfficeSuccession
	if !actor.Has(gazetteer.Administrator) {
		return plan, fault.New(fault.Forbidden, "not-yours", "只有系统管理员可以办理单位的承继")
	}
	if document.Title == "" {
		return plan, fault.New(fault.Malformed, "document-missing", "请写明区划变更批复的标题")
	}
	err := gazsql.As(ctx, s.db, reorganiser, func(tx pgx.Tx) error {
		change, err := divisionSuccession(ctx, tx, on)
		if err != nil {
			return err
		}
		if err := administersAll(ctx, tx, actor, now, change.Ended()); err != nil {
			return err
		}
		paper, err := gazsql.FileDocument(ctx, tx, now, document)
		if err != nil {
			return err
		}
		plan, err = succeedOffices(ctx, tx, actor, now, change, paper)
		return err
	})
	return plan, err
}

// succeedOffices carries out within the transaction what a change of divisions does to their offices.
func succeedOffices(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, change gazetteer.DivisionSuccession, paper uuid.UUID) (gazetteer.OfficeSuccession, error) {
	offices, rounds, err := officesAndRounds(ctx, tx, change)
	if err != nil {
		return gazetteer.OfficeSuccession{}, err
	}
	plan := gazetteer.SucceedOffices(change, offices, rounds, gazsql.NewID)
	if err := gazsql.RecordOfficeSuccession(ctx, tx, actor, now, change.On, plan, paper); err != nil {
		return plan, err
	}
	return plan, endRounds(ctx, tx, actor, now, plan.Ended)
}

// divisionSuccession gathers the divisions that ended on the day with what took their place.
func divisionSuccession(ctx context.Context, tx pgx.Tx, on time.Time) (gazetteer.DivisionSuccession, error) {
	change := gazetteer.DivisionSuccession{On: on, Successors: map[uuid.UUID][]uuid.UUID{}, Names: map[uuid.UUID]string{}}
	type ended struct {
		Division uuid.UUID
		Name     string
		Heir     uuid.UUID
		HeirName string
	}
	err := each(ctx, tx, `
		select v.division_id as division, v.name, o.id as heir, h.name as heir_name
		from division_version v
		cross join lateral division_over(v.division_id, $1::text::date) o
		join lateral (
		    select name from division_version h where h.division_id = o.id
		    order by h.valid @> $1::text::date desc, lower(h.valid) desc nulls last limit 1) h on true
		where upper(v.valid) = $1::text::date and o.succeeds
		order by v.division_id, o.id`,
		func(e ended) error {
			change.Successors[e.Division] = append(change.Successors[e.Division], e.Heir)
			change.Names[e.Division], change.Names[e.Heir] = e.Name, e.HeirName
			return nil
		}, on.Format(time.DateOnly))
	if err == nil && len(change.Successors) == 0 {
		err = fault.New(fault.NotFound, "nothing-succeeded", "没有在 %s 撤销并有承继者的行政区划：请先录入区划变更", on.Format(time.DateOnly))
	}
	return change, err
}

// administersAll refuses an administrator whose bureau is not above every one of the divisions, given with their names.
func administersAll(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, divisions map[uuid.UUID]string) error {
	if actor.System != "" {
		return nil
	}
	lineage, err := gazsql.LineageOf(ctx, tx, now, slices.Collect(maps.Keys(divisions))...)
	if err != nil {
		return err
	}
	for division, name := range divisions {
		if actor.OfficeKind != "civil-affairs" || actor.Jurisdiction == division || !lineage.Covers(actor.Jurisdiction, division) {
			return fault.New(fault.Forbidden, "not-yours", "%s不在您的辖区之内，其区划变更和单位的承继由上级民政部门的系统管理员办理", name)
		}
	}
	return nil
}

// officesAndRounds gathers the offices of the divisions concerned, and the rounds under way of those offices.
func officesAndRounds(ctx context.Context, tx pgx.Tx, change gazetteer.DivisionSuccession) ([]gazetteer.OfficeFact, []gazetteer.RoundFact, error) {
	var divisions []uuid.UUID
	for ended, heirs := range change.Successors {
		divisions = append(append(divisions, ended), heirs...)
	}
	offices, err := collect[gazetteer.OfficeFact](ctx, tx, `
		select id, name, kind, division_id as division, valid @> ($2::text::date - 1) or valid @> $2::text::date as valid
		from office where division_id = any ($1) and upper_inf(valid) order by id for update`, divisions, change.On.Format(time.DateOnly))
	if err != nil {
		return nil, nil, fmt.Errorf("gather the offices: %w", err)
	}
	ids := make([]uuid.UUID, len(offices))
	for i, o := range offices {
		ids[i] = o.ID
	}
	rounds, err := collect[gazetteer.RoundFact](ctx, tx, `
		select id, lead_office as lead, cooperating_office as cooperating from inspection
		where lead_office = any ($1) and cooperating_office = any ($1) and state not in ($2, $3) order by id for update`,
		ids, string(boundary.InspectionSigned), string(boundary.InspectionEnded))
	if err != nil {
		return nil, nil, fmt.Errorf("gather the rounds: %w", err)
	}
	return offices, rounds, nil
}

// endRounds ends rounds whose two sides became one.
func endRounds(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, rounds []gazetteer.RoundFact) error {
	for _, round := range rounds {
		r, err := loadRound(ctx, tx, round.ID)
		if err != nil {
			return err
		}
		err = saveRound(ctx, tx, actor, now, r, r.round.Ended(), r.report, "end", because("双方单位合为一个，界线不再是两方的界线"))
		if err != nil {
			return err
		}
	}
	return nil
}
