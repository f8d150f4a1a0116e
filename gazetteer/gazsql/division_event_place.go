package gazsql

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// places carries the places of divisions along: that of one that ended loses its standard name and keeps it as a former
// one, that of a renamed one gets the new name, and each new division gets its place. A place that lies in a division goes
// on lying in it; whoever reads it follows the division to its successor.
func (r *changeRecord) places(ctx context.Context) error {
	for _, d := range r.plan.Ended {
		if err := r.endPlace(ctx, d); err != nil {
			return err
		}
	}
	var places, names [][]any
	for _, c := range r.plan.Changed {
		name, err := renamePlace(ctx, r.tx, r.now, r.row(c.After), r.document)
		if err != nil {
			return err
		}
		if name != nil {
			if err := r.take(ctx, c.After.ID); err != nil {
				return err
			}
			names = append(names, name)
		}
	}
	for _, d := range r.plan.Founded {
		row := r.row(d)
		category, name := placeOf(row)
		id := NewID()
		places = append(places, []any{id, string(category), d.ID, nil, string(gazetteer.ByDivision), d.ID, nil, r.document, false, r.now})
		names = append(names, nameRow(id, name, category, row.code, Span(row.from, row.to), r.document, r.now))
	}
	return copyPlaces(ctx, r.tx, places, names)
}

// row is a division that begins or goes on with the change, as the import of a list knows one.
func (r *changeRecord) row(d gazetteer.DivisionStanding) *divisionRow {
	return &divisionRow{id: d.ID, name: d.Name, level: d.Level, code: d.Code(), from: r.plan.On}
}

// take counts a new version of the place of a division, so that decisions made against the old one are stale.
func (r *changeRecord) take(ctx context.Context, division uuid.UUID) error {
	_, err := r.tx.Exec(ctx, `
		update place_identity set version = version + 1 where id in (select id from place where represents_division_id = $1)`, division)
	if err != nil {
		return fmt.Errorf("take the place: %w", err)
	}
	return nil
}

func (r *changeRecord) endPlace(ctx context.Context, d gazetteer.DivisionStanding) error {
	var place uuid.UUID
	err := r.tx.QueryRow(ctx, `
		select p.id from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh' and upper_inf(n.valid)
		where p.represents_division_id = $1`, d.ID).Scan(&place)
	if isNoRows(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the place of %s: %w", d.Name, err)
	}
	if err := r.take(ctx, d.ID); err != nil {
		return err
	}
	_, err = endName(ctx, r.tx, r.now, place, r.plan.On, r.document)
	return err
}

// shapes closes the shapes of divisions that ended or whose territory changed. Where a division came of others as a
// whole, and all of them have a shape, its shape is their union, marked derived; else it has none until it is surveyed,
// and a finding says so.
func (r *changeRecord) shapes(ctx context.Context) error {
	touched := r.territories()
	for _, d := range touched {
		var had bool
		err := r.tx.QueryRow(ctx, `
			with closed as (update division_shape set valid = daterange(lower(valid), $2) where division_id = $1 and upper_inf(valid)
			                and (lower_inf(valid) or lower(valid) < $2) returning 1)
			select exists (select from closed)`, d.standing.ID, r.plan.On).Scan(&had)
		if err != nil {
			return fmt.Errorf("close the shape of %s: %w", d.standing.Name, err)
		}
		if d.ended {
			continue
		}
		united, err := r.unite(ctx, d)
		if err != nil {
			return err
		}
		if !united && (had || d.standing.Level == gazetteer.County) {
			r.plan.Findings = append(r.plan.Findings, fault.Finding{
				Code: "shape-unknown", Severity: fault.Review, Evidence: []fault.Evidence{{Kind: "division", ID: d.standing.ID.String(), Name: d.standing.Name}},
				Detail: fmt.Sprintf("%s自 %s 起的范围没有图形：由部分划转而成，乡镇的图形不全，不能推算，请勘定后导入", d.standing.Name, r.change.Approval.EffectiveOn),
			})
		}
	}
	return nil
}

// territory is a division whose territory is another from the day on.
type territory struct {
	standing gazetteer.DivisionStanding
	ended    bool
	wholes   []uuid.UUID // it consists of these, each a whole; nil when that cannot be told
}

// territories lists the divisions that ended, then those that got or gave land.
func (r *changeRecord) territories() (all []territory) {
	parts, wholes := map[uuid.UUID]bool{}, map[uuid.UUID][]uuid.UUID{}
	for _, e := range r.plan.Events {
		for _, l := range e.Links {
			switch {
			case l.From == l.To && e.Kind != gazetteer.Merge:
			case l.Share == gazetteer.Part || l.Role == gazetteer.Recipient:
				parts[l.From], parts[l.To] = true, true
			default:
				wholes[l.To] = append(wholes[l.To], l.From)
			}
		}
	}
	for _, d := range r.plan.Ended {
		all = append(all, territory{standing: d, ended: true})
	}
	for _, d := range r.plan.After.Sorted() {
		if t := (territory{standing: d}); parts[d.ID] || wholes[d.ID] != nil {
			if !parts[d.ID] {
				t.wholes = wholes[d.ID]
			}
			all = append(all, t)
		}
	}
	return all
}

// unite makes the shape of a division of those it consists of; false when one of them has none.
func (r *changeRecord) unite(ctx context.Context, t territory) (bool, error) {
	if len(t.wholes) == 0 {
		return false, nil
	}
	tag, err := r.tx.Exec(ctx, `
		insert into division_shape (id, division_id, geom, valid, document_id, frame, derived, recorded_at)
		select @id, @division, st_multi(st_union(s.geom)), daterange(@on, null), @document, '4490', true, @now
		from division_shape s where s.division_id = any (@wholes) and upper(s.valid) = @on
		having count(*) = cardinality(@wholes::uuid[])`,
		pgx.StrictNamedArgs{"id": NewID(), "division": t.standing.ID, "on": r.plan.On, "document": r.document, "now": r.now, "wholes": t.wholes})
	if err != nil {
		return false, fmt.Errorf("unite the shapes of %s: %w", t.standing.Name, err)
	}
	return tag.RowsAffected() == 1, nil
}
