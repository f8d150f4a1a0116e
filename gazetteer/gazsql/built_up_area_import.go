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
	"fangyu/geo/feature"
)

var builtUpColumns = feature.Columns{
	Fields:  map[string][]string{"name": {"名称", "建成区名称", "建成区"}, "validFrom": {"生效日期", "启用日期"}, "validTo": {"失效日期", "停用日期"}},
	Ignored: []string{"id", "code", "source", "document", "synthetic", "notice", "asOf", "sourceDocument", "area", "面积"},
}

// builtUpRow is a built-up area of a file.
type builtUpRow struct {
	name     string
	shape    orb.MultiPolygon
	from, to time.Time
	replaces uuid.UUID // of the same name, which ends the day it begins; zero for none
}

// knownBuiltUp is a built-up area on record, the latest of its name.
type knownBuiltUp struct {
	ID     uuid.UUID
	Name   string
	From   *time.Time
	Geom   orb.Geometry
	Closed bool
}

// ImportBuiltUpAreas reads the polygons of built-up areas (建成区), the scope in which names of streets and residential areas must not
// repeat (《地名管理条例》第九条第一款第（八）项). An area is known by its name: another shape is its next version, from its first day on, and the
// one before is kept with its days; the same shape is left unchanged.
//
// Errors: those of Import.Begin and Run.Commit.
func (s *Store) ImportBuiltUpAreas(ctx context.Context, actor gazetteer.Actor, now time.Time, in Import) (ImportReport, error) {
	run, err := in.Begin("built-up-areas", builtUpColumns)
	if err != nil {
		return ImportReport{}, err
	}
	return s.alone(ctx, actor, func(int) {}, func(s *Store) (ImportReport, error) {
		known := map[string]knownBuiltUp{}
		err := each(ctx, s, `
			select distinct on (name) id, name, lower(valid)::timestamp as "from", geom, not upper_inf(valid) as closed
			from built_up_area order by name, lower(valid) desc nulls last`, func(k knownBuiltUp) error {
			known[k.Name] = k
			return nil
		})
		if err != nil {
			return run.Report, err
		}
		rows, err := run.builtUpRows(ctx, known)
		if err != nil {
			return run.Report, err
		}
		return run.Commit(ctx, s, actor, now, func(tx pgx.Tx, document uuid.UUID) error {
			return run.writeBuiltUp(ctx, tx, rows, document)
		})
	})
}

// builtUpRows reads and judges every row.
func (r *Run) builtUpRows(ctx context.Context, known map[string]knownBuiltUp) (rows []builtUpRow, err error) {
	taken := map[string]int{}
	err = r.Each(ctx, func(rec feature.Record, _ orb.Geometry) error {
		row := builtUpRow{name: strings.TrimSpace(rec.Fields["name"])}
		if row.name == "" {
			r.Complain(rec.Line, "name-missing", "建成区没有名称")
			return nil
		}
		if at, twice := taken[row.name]; twice {
			r.Complain(rec.Line, "name-twice", "“%s”与第 %d 行重复", row.name, at)
			return nil
		}
		taken[row.name] = rec.Line
		var ok bool
		if row.shape, ok = r.area(rec.Line, row.name, rec.Geometry); !ok {
			return nil
		}
		if row.from, row.to, err = r.validity(rec); err != nil {
			r.RowError(rec.Line, err)
			return nil
		}
		was, there := known[row.name]
		switch {
		case !there || was.Closed:
			r.Report.Created++
		case orb.Equal(was.Geom, row.shape):
			r.Report.Unchanged++
			return nil
		case row.from.IsZero() || was.From != nil && !row.from.After(*was.From):
			r.Complain(rec.Line, "valid-from-missing", "“%s”的范围有变化：请写明新的范围从哪一天起（validFrom），晚于现有范围的起始日期", row.name)
			return nil
		default:
			row.replaces = was.ID
			r.Report.Changed++
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

func (r *Run) writeBuiltUp(ctx context.Context, tx pgx.Tx, rows []builtUpRow, document uuid.UUID) error {
	for _, row := range rows {
		if row.replaces != uuid.Nil {
			if _, err := tx.Exec(ctx, `update built_up_area set valid = daterange(lower(valid), $2::date) where id = $1`, row.replaces, row.from); err != nil {
				return fmt.Errorf("end the built-up area %s: %w", row.name, err)
			}
		}
		_, err := tx.Exec(ctx, `insert into built_up_area (id, name, geom, valid, document_id, synthetic) values ($1, $2, $3, $4, $5, $6)`,
			NewID(), row.name, row.shape, Span(row.from, row.to), document, r.Synthetic)
		if err != nil {
			return fmt.Errorf("write the built-up area %s: %w", row.name, err)
		}
	}
	return nil
}
