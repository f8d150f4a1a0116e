package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
)

// knownDivision is a version of a division that is there, under the code it had.
type knownDivision struct {
	ID       uuid.UUID
	Name     string
	Level    string
	Parent   *uuid.UUID
	From, To time.Time // zero: open
	// of today:
	Shape    orb.Geometry
	Stat     bool
	Place    bool
	Position orb.Geometry
}

// knownDivisions are the divisions that are there by canonical code; a code may have been several divisions'.
type knownDivisions map[gazetteer.DivisionCode][]knownDivision

// current returns the division that has the code today.
func (k knownDivisions) current(code gazetteer.DivisionCode) (knownDivision, bool) {
	return k.ending(code, time.Time{})
}

// ending returns the version whose time under the code ends on the day.
func (k knownDivisions) ending(code gazetteer.DivisionCode, to time.Time) (knownDivision, bool) {
	for _, d := range k[code] {
		if d.To.Equal(to) {
			return d, true
		}
	}
	return knownDivision{}, false
}

// overlapping returns a version under the code that shares days with the span.
func (k knownDivisions) overlapping(code gazetteer.DivisionCode, from, to time.Time) (knownDivision, bool) {
	for _, d := range k[code] {
		if overlap(from, to, d.From, d.To) {
			return d, true
		}
	}
	return knownDivision{}, false
}

// overlap reports whether two half-open spans of days share one; a zero day is an open end.
func overlap(from1, to1, from2, to2 time.Time) bool {
	return (to1.IsZero() || from2.Before(to1)) && (to2.IsZero() || from1.Before(to2))
}

// lastDay is the day by which a span is placed in time: its last one, or one far ahead.
func lastDay(to time.Time) time.Time {
	if to.IsZero() {
		return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return to.AddDate(0, 0, -1)
}

// divisionsByCode gathers every version of every division by its canonical code.
func (s *Store) divisionsByCode(ctx context.Context) (knownDivisions, error) {
	rows, err := s.db.Query(ctx, `
		select c.code, v.division_id as id, v.name, v.level, v.parent_id as parent, lower(c.valid * v.valid), upper(c.valid * v.valid),
		       sh.geom as shape,
		       exists (select from division_code x where x.division_id = v.division_id and x.system = 'stat12' and upper_inf(x.valid)) as stat,
		       p.id is not null as place, st_force2d(p.geom) as position
		from division_code c
		join division_version v on v.division_id = c.division_id and v.valid && c.valid
		left join division_shape sh on sh.division_id = v.division_id and upper_inf(sh.valid) and upper_inf(v.valid)
		left join place p on p.represents_division_id = v.division_id
		where c.system = case v.level when 'village' then 'stat12' when 'township' then 'gbt10114' else 'gbt2260' end`)
	if err != nil {
		return nil, err
	}
	known := knownDivisions{}
	var code gazetteer.DivisionCode
	var k knownDivision
	var from, to *time.Time
	_, err = pgx.ForEachRow(rows, []any{&code, &k.ID, &k.Name, &k.Level, &k.Parent, &from, &to, &k.Shape, &k.Stat, &k.Place, &k.Position}, func() error {
		k.From, k.To = dayOf(from), dayOf(to)
		known[code] = append(known[code], k)
		k = knownDivision{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gather divisions: %w", err)
	}
	return known, nil
}

func dayOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
