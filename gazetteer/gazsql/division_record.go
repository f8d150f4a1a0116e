package gazsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"fangyu/gazetteer"
)

// record writes the plan.
func (p *divisionPlan) record(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, r *Run) error {
	for _, do := range []func(context.Context, pgx.Tx, time.Time, uuid.UUID, *Run) error{
		p.recordDivisions, p.recordCodes, p.recordSuccessions, p.recordRenamed, p.recordRefined, p.recordShapes, p.recordPlaces,
	} {
		if err := do(ctx, tx, now, document, r); err != nil {
			return err
		}
	}
	return nil
}

func (p *divisionPlan) recordDivisions(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, r *Run) error {
	var ids, versions [][]any
	for _, row := range p.created {
		ids = append(ids, []any{row.id, r.Synthetic})
		versions = append(versions, versionRow(row, document, now))
	}
	if err := copyRows(ctx, tx, "division", []string{"id", "synthetic"}, ids); err != nil {
		return err
	}
	return copyRows(ctx, tx, "division_version", versionTableColumns, versions)
}

var versionTableColumns = []string{
	"id", "division_id", "name", "level", "kind", "parent_id", "office_name", "valid", "document_id", "recorded_at",
}

// versionRow is a row of table division_version in the order of versionTableColumns.
func versionRow(row *divisionRow, document uuid.UUID, now time.Time) []any {
	return []any{
		NewID(), row.id, row.name, string(row.level), string(row.kind), nilID(row.parent), nilText(row.office),
		Span(row.from, row.to), document, now,
	}
}

func (p *divisionPlan) recordCodes(ctx context.Context, tx pgx.Tx, _ time.Time, document uuid.UUID, _ *Run) error {
	var codes [][]any
	for _, row := range p.created {
		codes = append(codes, []any{row.id, string(row.system), string(row.code), Span(row.from, row.to), document})
		if row.stat != "" && row.system != gazetteer.Stat12 {
			codes = append(codes, []any{row.id, string(gazetteer.Stat12), string(row.stat), Span(row.from, row.to), document})
		}
	}
	for _, row := range p.stats {
		codes = append(codes, []any{row.id, string(gazetteer.Stat12), string(row.stat), Span(row.from, row.to), document})
	}
	return copyRows(ctx, tx, "division_code", []string{"division_id", "system", "code", "valid", "document_id"}, codes)
}

// recordSuccessions notes the division that was abolished and its link to the successor.
func (p *divisionPlan) recordSuccessions(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, r *Run) error {
	for _, row := range p.succeeded {
		s := row.succeeded
		var there bool
		err := tx.QueryRow(ctx, `select exists (select from division_code where system = 'gbt2260' and code = $1)`, string(s.Old)).Scan(&there)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		old := NewID()
		_, err = tx.Exec(ctx, `
			with d as (insert into division (id, synthetic) values (@old, @synthetic)),
			v as (insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
			      values (@version, @old, @name, 'county', @kind, @parent, daterange(null, @on), @document, @now)),
			c as (insert into division_code (division_id, system, code, valid, document_id)
			      values (@old, 'gbt2260', @code, daterange(null, @on), @document)),
			e as (insert into division_event (id, kind, on_day, basis, document_id, recorded_at)
			      values (@event, 'change-type', @on, 'memory', @document, @now))
			insert into division_link (predecessor_id, successor_id, kind, on_day, document_id, event_id)
			values (@old, @new, 'change-type', @on, @document, @event)`,
			pgx.StrictNamedArgs{
				"old": old, "synthetic": r.Synthetic, "version": NewID(), "event": NewID(), "name": s.OldName, "parent": nilID(row.parent),
				"kind": string(gazetteer.KindOf(gazetteer.County, s.OldName)), "on": s.On, "document": document, "now": now,
				"code": string(s.Old), "new": row.id,
			})
		if err != nil {
			return fmt.Errorf("record the succession of %s: %w", s.Old, err)
		}
	}
	return nil
}

// recordRenamed ends the version of a division that changed and opens the next one; its place is renamed with it.
func (p *divisionPlan) recordRenamed(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, _ *Run) error {
	var versions, names [][]any
	for _, row := range p.renamed {
		_, err := tx.Exec(ctx, `
			update division_version set valid = daterange(lower(valid), @from)
			where division_id = @id and upper_inf(valid)`,
			pgx.StrictNamedArgs{"id": row.id, "from": row.from})
		if err != nil {
			return fmt.Errorf("close the old version of %s: %w", row.code, err)
		}
		versions = append(versions, versionRow(row, document, now))
		name, err := renamePlace(ctx, tx, now, row, document)
		if err != nil {
			return err
		}
		if name != nil {
			names = append(names, name)
		}
	}
	if err := copyRows(ctx, tx, "division_version", versionTableColumns, versions); err != nil {
		return err
	}
	return copyRows(ctx, tx, "place_name", nameTableColumns, names)
}

// renamePlace ends the standard name of the place of a division that was renamed and returns the row of its new one; nil
// when the place keeps its name or there is none.
func renamePlace(ctx context.Context, tx pgx.Tx, now time.Time, row *divisionRow, document uuid.UUID) ([]any, error) {
	category, name := placeOf(row)
	var place uuid.UUID
	err := tx.QueryRow(ctx, `
		select p.id from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and n.language = 'zh' and upper_inf(n.valid)
		where p.represents_division_id = $1 and n.name <> $2`, row.id, name).Scan(&place)
	if err != nil {
		if isNoRows(err) {
			return nil, nil
		}
		return nil, fmt.Errorf("find the place of %s: %w", row.code, err)
	}
	if _, err := endName(ctx, tx, now, place, row.from, document); err != nil {
		return nil, err
	}
	return nameRow(place, name, category, row.code, Span(row.from, row.to), document, now), nil
}

// placeOf is the category and the name of the place of a division: a subdistrict's is X街道, a committee's its seat.
func placeOf(row *divisionRow) (gazetteer.Category, string) {
	if row.level != gazetteer.Village {
		return gazetteer.DivisionCategory, row.name
	}
	seat, _ := gazetteer.SeatName(row.name)
	return gazetteer.VillageCommittee, seat
}

// recordRefined hangs divisions on a parent that came after them and lies between them and the one they hung on.
func (p *divisionPlan) recordRefined(ctx context.Context, tx pgx.Tx, _ time.Time, _ uuid.UUID, _ *Run) error {
	for _, row := range p.refined {
		_, err := tx.Exec(ctx, `update division_version set parent_id = $2 where division_id = $1 and upper_inf(valid)`, row.id, row.parent)
		if err != nil {
			return fmt.Errorf("hang %s on %s: %w", row.code, row.parentCode, err)
		}
	}
	return nil
}

func (p *divisionPlan) recordShapes(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, r *Run) error {
	var shapes [][]any
	for _, row := range p.shapes {
		if p.reshape[row.id] {
			_, err := tx.Exec(ctx, `update division_shape set valid = daterange(lower(valid), $2) where division_id = $1 and upper_inf(valid)`,
				row.id, row.from)
			if err != nil {
				return fmt.Errorf("close the old shape of %s: %w", row.code, err)
			}
		}
		shapes = append(shapes, []any{NewID(), row.id, row.shape, Span(row.from, row.to), document, frameWord(r), now})
	}
	return copyRows(ctx, tx, "division_shape", []string{"id", "division_id", "geom", "valid", "document_id", "frame", "recorded_at"}, shapes)
}

func frameWord(r *Run) string { return strings.ToLower(string(r.Frame)) }

// recordPlaces gives every division of the plan its place: a subdistrict the place X街道, a committee its seat.
func (p *divisionPlan) recordPlaces(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, r *Run) error {
	var places, names [][]any
	for _, row := range p.places {
		category, name := placeOf(row)
		id := NewID()
		places = append(places, r.placeRow(id, category, row.id, &row.id, row.point, row.given, document, now))
		names = append(names, nameRow(id, name, category, row.code, Span(row.from, row.to), document, now))
	}
	for _, row := range p.points {
		_, err := tx.Exec(ctx, `
			update place set geom = @geom, located_by = 'map', as_given = @given
			where represents_division_id = @id and geom is null`,
			pgx.StrictNamedArgs{"geom": *row.point, "given": r.asGiven(row.given), "id": row.id})
		if err != nil {
			return fmt.Errorf("locate the place of %s: %w", row.code, err)
		}
	}
	return copyPlaces(ctx, tx, places, names)
}

func nilID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func nilText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func copyRows(ctx context.Context, tx pgx.Tx, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	fields := make([]any, len(columns))
	next := func(i int) ([]any, error) {
		for j, v := range rows[i] {
			fields[j] = copied(v)
		}
		return fields, nil
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromSlice(len(rows), next)); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

// copied is a value as pgx writes it at once: an id of another package's type it tries in vain first, which takes longer than
// all the rest.
func copied(v any) any {
	switch v := v.(type) {
	case uuid.UUID:
		return pgtype.UUID{Bytes: v, Valid: true}
	case *uuid.UUID:
		if v == nil {
			return nil
		}
		return pgtype.UUID{Bytes: *v, Valid: true}
	case []uuid.UUID:
		ids := make(pgtype.FlatArray[pgtype.UUID], len(v))
		for i, id := range v {
			ids[i] = pgtype.UUID{Bytes: id, Valid: true}
		}
		return ids
	}
	return v
}
