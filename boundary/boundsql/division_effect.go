package boundsql

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/postgis"
)

// DivisionEffect is what a change of divisions makes of divisions and of the lines between them: how they stood on the day before, and how
// they stand from the day on.
type DivisionEffect struct {
	ID          uuid.UUID         `json:"id"` // of the approval
	Title       string            `json:"title"`
	EffectiveOn string            `json:"effectiveOn"`
	Divisions   []ChangedDivision `json:"divisions"` // the higher levels first
	Names       NamesOver         `json:"names"`     // of these divisions
	Codes       NamesOver         `json:"codes"`
	Lines       []ChangedLine     `json:"lines"`
	People      *int              `json:"people"` // nil: the record holds no population
}

// ChangedDivision is a division before and after; nil where it was not, or is not.
type ChangedDivision struct {
	ID     uuid.UUID     `json:"id"`
	Before *DivisionThen `json:"before"`
	After  *DivisionThen `json:"after"`
}

// DivisionThen is how a division stood on a day.
type DivisionThen struct {
	Name    string           `json:"name"`
	Code    string           `json:"code"`
	Level   string           `json:"level"`
	Parent  string           `json:"parent"`
	AreaM2  *float64         `json:"areaM2"`  // on the ellipsoid; nil without a shape
	Derived bool             `json:"derived"` // the shape is put together of others
	Places  int              `json:"places"`  // standard names of places in it and below it, those everybody may read
	Shape   orb.MultiPolygon `json:"-"`
}

// NamesOver are names, or codes, that go, come and stay.
type NamesOver struct {
	Gone []string `json:"gone"`
	New  []string `json:"new"`
	Kept []string `json:"kept"`
}

// ChangedLine is a line that the change touches.
type ChangedLine struct {
	ID       uuid.UUID           `json:"id"`
	Name     string              `json:"name"`
	Kind     string              `json:"kind"` // begin, go-on, pass, end, stay
	ToSettle bool                `json:"toSettle"`
	Into     []LineRef           `db:"into_lines" json:"into"` // of one that passes: the lines of the new parties
	LengthM  float64             `json:"lengthM"`              // of one that ends as it was, of others as it is
	Geom     orb.MultiLineString `json:"-"`
}

// DivisionEffect tells what a recorded change of divisions did: NotFound "approval-unknown" for no such approval.
func (s *Store) DivisionEffect(ctx context.Context, approval uuid.UUID) (DivisionEffect, error) {
	return divisionEffect(ctx, s.db, approval)
}

// divisionEffect tells it within the transaction that carries the change out, too.
func divisionEffect(ctx context.Context, db postgis.Conn, approval uuid.UUID) (e DivisionEffect, err error) {
	e = DivisionEffect{ID: approval, Divisions: []ChangedDivision{}}
	err = db.QueryRow(ctx, `select title, effective_on::text from division_approval where id = $1`, approval).Scan(&e.Title, &e.EffectiveOn)
	if err != nil {
		return e, notFound(err, "approval-unknown", "没有这次区划变更的记录")
	}
	type concerned struct{ ID uuid.UUID }
	all, err := collect[concerned](ctx, db, `
		select id from (
		    select o.division_id as id from division_event_of o join division_event v on v.id = o.event_id where v.approval_id = $1
		    union select l.predecessor_id from division_link l join division_event v on v.id = l.event_id where v.approval_id = $1
		    union select l.successor_id from division_link l join division_event v on v.id = l.event_id where v.approval_id = $1) d`, approval)
	if err != nil {
		return e, fmt.Errorf("find the divisions of the change: %w", err)
	}
	ids := make([]uuid.UUID, len(all))
	for i, one := range all {
		ids[i] = one.ID
	}
	before, err := divisionsThen(ctx, db, ids, e.EffectiveOn, -1)
	if err != nil {
		return e, err
	}
	after, err := divisionsThen(ctx, db, ids, e.EffectiveOn, 0)
	if err != nil {
		return e, err
	}
	for _, id := range ids {
		e.Divisions = append(e.Divisions, ChangedDivision{ID: id, Before: before[id], After: after[id]})
	}
	e.settle()
	e.Lines, err = linesOver(ctx, db, approval)
	return e, err
}

// divisionsThen is how divisions stood so many days from one.
func divisionsThen(ctx context.Context, db postgis.Conn, ids []uuid.UUID, day string, later int) (map[uuid.UUID]*DivisionThen, error) {
	type row struct {
		ID                        uuid.UUID
		Name, Code, Level, Parent string
		Derived                   bool
		Shape                     *orb.MultiPolygon
		Places                    int
	}
	then := map[uuid.UUID]*DivisionThen{}
	err := each(ctx, db, `
		with recursive today (day) as (select $2::text::date + $3::int),
		down (up, id) as (
		    select v.parent_id, v.division_id from today, division_version v where v.valid @> day and v.parent_id is not null
		    union -- what lies in a division that passed whole lies in its successor
		    select l.successor_id, l.predecessor_id from today, division_link l
		    where l.role = 'successor' and l.share = 'whole' and l.on_day <= day and l.predecessor_id <> l.successor_id),
		below (root, id) as (select d, d from unnest($1::uuid[]) d union select b.root, down.id from below b join down on down.up = b.id)
		select v.division_id as id, v.name, v.level, coalesce(p.name, '') as parent, s.geom as shape, coalesce(s.derived, false) as derived,
		       coalesce((select c.code from division_code c where c.division_id = v.division_id and c.valid @> day and c.system <> 'stat12' order by length(c.code) limit 1), '') as code,
		       coalesce(n.places, 0)::int as places
		from today
		join division_version v on v.valid @> day and v.division_id = any ($1)
		left join division_version p on p.division_id = v.parent_id and p.valid @> day
		left join division_shape s on s.division_id = v.division_id and s.valid @> day
		left join (
		    select b.root, count(distinct w.place_id) as places from today cross join below b
		    join place q on q.division_id = b.id
		    join place_name w on w.place_id = q.id and w.kind = 'standard' and w.language = 'zh' and w.valid @> day
		    group by b.root) n on n.root = v.division_id`, func(r row) error {
		d := &DivisionThen{Name: r.Name, Code: r.Code, Level: r.Level, Parent: r.Parent, Derived: r.Derived, Places: r.Places}
		if r.Shape != nil {
			m2 := geo.AreaM2(*r.Shape)
			d.Shape, d.AreaM2 = *r.Shape, &m2
		}
		then[r.ID] = d
		return nil
	}, ids, day, later)
	if err != nil {
		return nil, fmt.Errorf("read the divisions of the change: %w", err)
	}
	return then, nil
}

// settle orders the divisions and tells their names and codes apart.
func (e *DivisionEffect) settle() {
	slices.SortFunc(e.Divisions, func(a, b ChangedDivision) int {
		return slices.Compare([]string{levelRank(a), a.code()}, []string{levelRank(b), b.code()})
	})
	e.Names = over(e.Divisions, func(d DivisionThen) string { return d.Name })
	e.Codes = over(e.Divisions, func(d DivisionThen) string { return d.Code })
}

func (d ChangedDivision) then() DivisionThen {
	switch {
	case d.After != nil:
		return *d.After
	case d.Before != nil:
		return *d.Before
	}
	return DivisionThen{}
}

func (d ChangedDivision) code() string { return d.then().Code }

// levelRank orders levels as text.
func levelRank(d ChangedDivision) string {
	return fmt.Sprint(slices.Index([]string{"province", "prefecture", "county", "township", "village"}, d.then().Level) + 1)
}

// over tells texts apart that divisions had and have.
func over(divisions []ChangedDivision, of func(DivisionThen) string) NamesOver {
	texts := func(side func(ChangedDivision) *DivisionThen) (all []string) {
		for _, d := range divisions {
			if then := side(d); then != nil && of(*then) != "" {
				all = append(all, of(*then))
			}
		}
		return all
	}
	before, after := texts(func(d ChangedDivision) *DivisionThen { return d.Before }), texts(func(d ChangedDivision) *DivisionThen { return d.After })
	n := NamesOver{[]string{}, []string{}, []string{}}
	for _, text := range before {
		if slices.Contains(after, text) {
			n.Kept = append(n.Kept, text)
		} else {
			n.Gone = append(n.Gone, text)
		}
	}
	for _, text := range after {
		if !slices.Contains(before, text) {
			n.New = append(n.New, text)
		}
	}
	return n
}

// linesOver are the lines that a change touched, those that end first.
func linesOver(ctx context.Context, db postgis.Conn, approval uuid.UUID) ([]ChangedLine, error) {
	lines, err := collect[ChangedLine](ctx, db, `
		select l.id, l.name, e.kind, e.to_settle, v.length_m, v.geom,
		       coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.name)
		                 from line_link k join line o on o.id = k.successor_id where k.predecessor_id = l.id and k.approval_id = e.approval_id), '[]') as into_lines
		from line_event e
		join line l on l.id = e.line_id
		join lateral (select v.length_m, v.geom from line_version v
		              where v.line_id = l.id and v.valid @> case when e.kind in ('pass', 'end') then e.on_day - 1 else e.on_day end limit 1) v on true
		where e.approval_id = $1
		order by array_position('{end,pass,begin,go-on,stay}'::text[], e.kind), l.name, l.id`, approval)
	if err != nil {
		return nil, fmt.Errorf("read the lines of the change: %w", err)
	}
	return lines, nil
}
