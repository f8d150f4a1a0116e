package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"

	"fangyu/internal/beijing"
)

// Valid is a span of days as the outside writes it: half-open, empty for open ends.
type Valid = pgtype.Range[pgtype.Date]

// Dated is the day that data stand for, as far as their document says it.
type Dated struct {
	IssuedOn   *time.Time // of the document; nil when it gives none
	RecordedAt time.Time
}

// AsOf is the day the data stand for, or the day in China on which they were entered where that is all that is known.
func (d Dated) AsOf() string {
	if d.IssuedOn != nil {
		return d.IssuedOn.Format(time.DateOnly)
	}
	return beijing.Day(d.RecordedAt)
}

// AsOfIs says which day AsOf is: "issued" or "entered".
func (d Dated) AsOfIs() string {
	if d.IssuedOn != nil {
		return "issued"
	}
	return "entered"
}

// DivisionRow is one version of a division for the read model.
type DivisionRow struct {
	ID         uuid.UUID
	Code       string
	CodeSystem string
	Name       string
	Level      string
	Kind       string
	ParentCode string
	ParentName string
	Valid      Valid
	Synthetic  bool
	Source     string
	Dated
	Shape orb.Geometry // nil where none is known
}

// divisionSQL is every version of every division that fits the condition, with the code, parent and shape of its time: of
// several in that time the last, and the code of the system that is usual for the level. It joins whole tables and then picks,
// for looking each up by itself takes three times as long over all divisions.
func divisionSQL(where string) string {
	return `
	select distinct on (v.id) v.division_id as id, coalesce(c.code, '') as code, coalesce(c.system, '') as code_system, v.name, v.level, v.kind,
	       coalesce(pc.code, '') as parent_code, coalesce(pv.name, '') as parent_name, v.valid, d.synthetic,
	       coalesce(sd.title, doc.title) as source, case when sd.id is null then doc.issued_on else sd.issued_on end as issued_on,
	       coalesce(sd.recorded_at, doc.recorded_at) as recorded_at, s.geom as shape
	from division_version v
	join division d on d.id = v.division_id
	join document doc on doc.id = v.document_id
	left join division_code c on c.division_id = v.division_id and c.valid && v.valid
	left join division_version pv on pv.division_id = v.parent_id and pv.valid && v.valid
	left join division_code pc on pc.division_id = v.parent_id and pc.valid && v.valid
	left join division_shape s on s.division_id = v.division_id and s.valid && v.valid
	left join document sd on sd.id = s.document_id ` + where + `
	order by v.id, ` + usualCode("c", "v") + `, upper(pv.valid) desc nulls first, ` + usualCode("pc", "pv") + `, upper(s.valid) desc nulls first`
}

// usualCode sorts codes of a division: first those of the system that is usual for its level, of them the last.
func usualCode(code, version string) string {
	return `(` + code + `.system = case ` + version + `.level when 'village' then 'stat12' when 'township' then 'gbt10114' else 'gbt2260' end) desc, ` +
		`upper(` + code + `.valid) desc nulls first`
}

// EachDivision calls do for every version of every division, for the read model.
func (s *Store) EachDivision(ctx context.Context, do func(DivisionRow) error) error {
	return each(ctx, s, divisionSQL(""), do)
}

// Division returns the latest version of a division.
func (s *Store) Division(ctx context.Context, id uuid.UUID) (DivisionRow, error) {
	rows, err := s.db.Query(ctx, divisionSQL(`
	where v.id = (select id from division_version where division_id = $1 order by upper(valid) desc nulls first limit 1)`), id)
	if err != nil {
		return DivisionRow{}, err
	}
	d, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[DivisionRow])
	return d, notFound(err, "division-unknown", "没有这个行政区划")
}

// PlaceOfDivision is the place that keeps the names of a division, nil where there is none.
func (s *Store) PlaceOfDivision(ctx context.Context, id uuid.UUID) (*uuid.UUID, error) {
	var place *uuid.UUID
	err := s.db.QueryRow(ctx, `select (select id from place where represents_division_id = $1 order by id limit 1)`, id).Scan(&place)
	if err != nil {
		return nil, fmt.Errorf("find the place of division %s: %w", id, err)
	}
	return place, nil
}

// History is one step of a division's history.
type History struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Kind string    `json:"kind"`
	On   string    `json:"on"`
	Role string    `json:"role"` // predecessor or successor
}

// Histories lists what a division came from and what came after it.
func (s *Store) Histories(ctx context.Context, id uuid.UUID) ([]History, error) {
	rows, err := s.db.Query(ctx, `
		select l.predecessor_id as id, (select name from division_version v where v.division_id = l.predecessor_id order by upper(valid) desc nulls first limit 1) as name,
		       l.kind, l.on_day::text as on, 'predecessor' as role
		from division_link l where l.successor_id = $1 and l.predecessor_id <> $1
		union all
		select l.successor_id, (select name from division_version v where v.division_id = l.successor_id order by lower(valid) nulls first limit 1),
		       l.kind, l.on_day::text, 'successor'
		from division_link l where l.predecessor_id = $1 and l.successor_id <> $1
		order by 4`, id)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[History])
	if found == nil {
		found = []History{}
	}
	return found, err
}

// each streams rows into structs by column name.
func each[T any](ctx context.Context, s *Store, sql string, do func(T) error, args ...any) error {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := pgx.RowToStructByName[T](rows)
		if err != nil {
			return fmt.Errorf("read %T: %w", row, err)
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
