package gazsql

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// divisionPlan is what an import of divisions will do, row by row.
type divisionPlan struct {
	created []*divisionRow // new divisions, parents before children
	shapes  []*divisionRow // new shapes of new or known divisions
	renamed []*divisionRow // known divisions whose name changed, with a day from which
	stats   []*divisionRow // known divisions that get their 12-digit code
	places  []*divisionRow // divisions that get their place
	points  []*divisionRow // known places that get a point
	reshape map[uuid.UUID]bool

	succeeded []*divisionRow // rows given under the code of a predecessor
}

// planDivisions compares the rows with what is there.
func (r *Run) planDivisions(rows []*divisionRow, known map[gazetteer.DivisionCode]knownDivision) *divisionPlan {
	p := &divisionPlan{reshape: map[uuid.UUID]bool{}}
	byCode := map[gazetteer.DivisionCode]uuid.UUID{}
	for _, row := range rows {
		if k, ok := known[row.code]; ok {
			row.id = k.ID
		} else {
			row.id = NewID()
		}
		byCode[row.code] = row.id
	}
	rows = r.withProvinces(rows, known, byCode)
	for _, row := range rows {
		if row.succeeded != nil {
			p.succeeded = append(p.succeeded, row)
		}
		if row.parentCode != "" {
			if up, ok := byCode[row.parentCode]; ok {
				row.parent = up
			} else if k, ok := known[row.parentCode]; ok {
				row.parent = k.ID
			} else {
				r.Complain(row.line, "parent-missing", "%s %s 的上级 %s 既不在文件里，也不在库里：请先导入上级", row.code, row.name, row.parentCode)
				continue
			}
		}
		if k, ok := known[row.code]; ok {
			p.compare(r, row, k)
			continue
		}
		r.Report.Created++
		r.Report.Counts[string(row.level)]++
		p.created = append(p.created, row)
		p.places = append(p.places, row)
		if row.shape != nil {
			p.shapes = append(p.shapes, row)
		}
	}
	return p
}

// withProvinces adds the bare province of rows whose province neither the file nor the database has.
func (r *Run) withProvinces(rows []*divisionRow, known map[gazetteer.DivisionCode]knownDivision, byCode map[gazetteer.DivisionCode]uuid.UUID) []*divisionRow {
	var added []*divisionRow
	for _, row := range rows {
		up := row.parentCode
		if row.level != gazetteer.County || up == "" || up[2:] != "0000" {
			continue
		}
		if _, ok := byCode[up]; ok {
			continue
		}
		if _, ok := known[up]; ok {
			continue
		}
		name := gazetteer.ProvinceName(up)
		if name == "" {
			continue
		}
		province := &divisionRow{
			code: up, system: gazetteer.GBT2260, name: name, level: gazetteer.Province,
			kind: gazetteer.KindOf(gazetteer.Province, name), from: row.from, id: NewID(),
		}
		byCode[up] = province.id
		added = append(added, province)
		r.Remark(row.line, "province-added", fault.Info, "文件只给出代码 %s，已补记 %s", up, name)
	}
	return append(added, rows...)
}

// compare decides what a row changes in a division that is there.
func (p *divisionPlan) compare(r *Run, row *divisionRow, k knownDivision) {
	changed := false
	if row.name != k.Name || string(row.level) != k.Level {
		if row.from.IsZero() {
			r.Complain(row.line, "changed-undated", "%s 在库里是“%s”，文件里是“%s”：名称变更须有生效日期（--valid-from 或 validFrom 列）", row.code, k.Name, row.name)
			return
		}
		p.renamed = append(p.renamed, row)
		changed = true
	}
	if row.shape != nil && (k.Shape == nil || !orb.Equal(k.Shape, row.shape)) {
		if k.Shape != nil && row.from.IsZero() {
			r.Complain(row.line, "shape-undated", "%s 的图形与库里不同：图形变更须有生效日期（--valid-from 或 validFrom 列）", row.name)
			return
		}
		p.reshape[row.id] = k.Shape != nil
		p.shapes = append(p.shapes, row)
		changed = true
	}
	if row.stat != "" && !k.Stat {
		p.stats = append(p.stats, row)
		changed = true
	}
	switch {
	case !k.Place:
		p.places = append(p.places, row)
		changed = true
	case row.point != nil && !k.Point:
		p.points = append(p.points, row)
		changed = true
	}
	if changed {
		r.Report.Changed++
		r.Report.Counts[string(row.level)]++
	} else {
		r.Report.Unchanged++
	}
}

// record writes the plan.
func (p *divisionPlan) record(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, r *Run) error {
	for _, do := range []func(context.Context, pgx.Tx, time.Time, uuid.UUID, *Run) error{
		p.recordDivisions, p.recordCodes, p.recordSuccessions, p.recordRenamed, p.recordShapes, p.recordPlaces,
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
		versions = append(versions, []any{
			NewID(), row.id, row.name, string(row.level), string(row.kind), nilID(row.parent), nilText(row.office),
			Span(row.from, row.to), document, now,
		})
	}
	if err := copyRows(ctx, tx, "division", []string{"id", "synthetic"}, ids); err != nil {
		return err
	}
	return copyRows(ctx, tx, "division_version", []string{
		"id", "division_id", "name", "level", "kind", "parent_id", "office_name", "valid", "document_id", "recorded_at",
	}, versions)
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
			      values (@old, 'gbt2260', @code, daterange(null, @on), @document))
			insert into division_link (predecessor_id, successor_id, kind, on_day, document_id)
			values (@old, @new, 'change-type', @on, @document)`,
			pgx.StrictNamedArgs{
				"old": old, "synthetic": r.Synthetic, "version": NewID(), "name": s.OldName, "parent": nilID(row.parent),
				"kind": string(gazetteer.KindOf(gazetteer.County, s.OldName)), "on": s.On, "document": document, "now": now,
				"code": string(s.Old), "new": row.id,
			})
		if err != nil {
			return fmt.Errorf("record the succession of %s: %w", s.Old, err)
		}
	}
	return nil
}

func (p *divisionPlan) recordRenamed(ctx context.Context, tx pgx.Tx, now time.Time, document uuid.UUID, _ *Run) error {
	for _, row := range p.renamed {
		_, err := tx.Exec(ctx, `
			update division_version set valid = daterange(lower(valid), @from)
			where division_id = @id and upper_inf(valid)`,
			pgx.StrictNamedArgs{"id": row.id, "from": row.from})
		if err != nil {
			return fmt.Errorf("close the old version of %s: %w", row.code, err)
		}
	}
	var versions [][]any
	for _, row := range p.renamed {
		versions = append(versions, []any{
			NewID(), row.id, row.name, string(row.level), string(row.kind), nilID(row.parent), nilText(row.office),
			Span(row.from, row.to), document, now,
		})
	}
	return copyRows(ctx, tx, "division_version", []string{
		"id", "division_id", "name", "level", "kind", "parent_id", "office_name", "valid", "document_id", "recorded_at",
	}, versions)
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
		in, category, name := row.id, gazetteer.DivisionCategory, row.name
		if row.level == gazetteer.Village {
			category = gazetteer.VillageCommittee
			name, _ = gazetteer.SeatName(row.name)
		}
		id := NewID()
		places = append(places, r.placeRow(id, category, in, &row.id, row.point, row.given, document, now))
		names = append(names, nameRow(id, name, category, Span(row.from, row.to), document, now))
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
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}
