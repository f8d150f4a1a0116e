package boundsql

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/internal/postgis"
)

// divisions are the divisions that lines can part, found by code and by name. Old codes lead to what has them latest.
type divisions struct {
	byID   map[uuid.UUID]*boundary.Division
	byCode map[gazetteer.DivisionCode]*boundary.Division
	byName map[string][]*boundary.Division
}

// loadDivisions gathers the latest version of every division above village level.
func loadDivisions(ctx context.Context, db postgis.Conn) (*divisions, error) {
	type row struct {
		ID     uuid.UUID
		Code   string
		Name   string
		Level  string
		Parent *uuid.UUID
		Open   bool
	}
	d := &divisions{
		byID: map[uuid.UUID]*boundary.Division{}, byCode: map[gazetteer.DivisionCode]*boundary.Division{}, byName: map[string][]*boundary.Division{},
	}
	parents := map[uuid.UUID]uuid.UUID{}
	err := each(ctx, db, `
		select distinct on (v.division_id) v.division_id as id, c.code, v.name, v.level, v.parent_id as parent, upper_inf(v.valid) as open
		from division_version v
		join division_code c on c.division_id = v.division_id and c.system = case v.level when 'township' then 'gbt10114' else 'gbt2260' end
		where v.level <> 'village'
		order by v.division_id, upper(v.valid) desc nulls first, upper(c.valid) desc nulls first`,
		func(r row) error {
			one := &boundary.Division{ID: r.ID, Code: gazetteer.DivisionCode(r.Code), Name: r.Name, Level: gazetteer.Level(r.Level)}
			d.byID[r.ID] = one
			if r.Open || d.byCode[one.Code] == nil {
				d.byCode[one.Code] = one
			}
			if r.Open {
				d.byName[r.Name] = append(d.byName[r.Name], one)
			}
			if r.Parent != nil {
				parents[r.ID] = *r.Parent
			}
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("gather divisions: %w", err)
	}
	for id, parent := range parents {
		d.byID[id].Above = d.byID[parent]
	}
	return d, nil
}

// find returns the division that a file means: by its code, read as that of the successor where it was succeeded as a
// whole, or by its name where only one has it. Nil when there is none, or several.
func (d *divisions) find(text string) *boundary.Division {
	if code, _, err := gazetteer.ParseCode(text); err == nil {
		canonical, _ := gazetteer.Canonical(code, gazetteer.LevelOf(code))
		if s, ok := gazetteer.SuccessorOf(canonical); ok {
			canonical = s.New
		}
		return d.byCode[canonical]
	}
	if id, err := uuid.Parse(text); err == nil {
		return d.byID[id]
	}
	if named := d.byName[text]; len(named) == 1 {
		return named[0]
	}
	return nil
}

// loadShapes gathers the areas of the divisions of a level, valid on the day (2026-11-24), by code.
func loadShapes(ctx context.Context, db postgis.Conn, d *divisions, level gazetteer.Level, day string) ([]boundary.Shape, error) {
	type row struct {
		ID   uuid.UUID
		Area orb.MultiPolygon
	}
	var shapes []boundary.Shape
	err := each(ctx, db, `
		select s.division_id as id, s.geom as area
		from division_shape s
		join division_version v on v.division_id = s.division_id and v.valid @> $2::text::date
		join division_code c on c.division_id = s.division_id and c.system = case v.level when 'township' then 'gbt10114' else 'gbt2260' end and c.valid @> $2::text::date
		where v.level = $1 and s.valid @> $2::text::date
		order by c.code`,
		func(r row) error {
			if division := d.byID[r.ID]; division != nil {
				shapes = append(shapes, boundary.Shape{Division: division, Area: r.Area})
			}
			return nil
		}, string(level), day)
	if err != nil {
		return nil, fmt.Errorf("gather shapes: %w", err)
	}
	return shapes, nil
}

// nameSQL is what a division is called today, or was called last.
func nameSQL(division string) string {
	return `(select name from division_version x where x.division_id = ` + division + ` order by upper(x.valid) desc nulls first limit 1)`
}

// sidesOf returns the area of each division that has one, for boundary.Line.RightParty.
func sidesOf(shapes ...[]boundary.Shape) func(*boundary.Division) orb.MultiPolygon {
	areas := map[uuid.UUID]orb.MultiPolygon{}
	for _, group := range shapes {
		for _, shape := range group {
			areas[shape.Division.ID] = shape.Area
		}
	}
	return func(d *boundary.Division) orb.MultiPolygon { return areas[d.ID] }
}
