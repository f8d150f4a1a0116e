package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
)

// DivisionFilter says which divisions to list as they stood on a day. Empty fields do not filter.
type DivisionFilter struct {
	On     time.Time
	Code   string
	Name   string // or its beginning
	Level  gazetteer.Level
	Within string // code of a division above, on the day
	After  uuid.UUID
	Limit  int
}

// DivisionListed is a division as it stood on a day.
type DivisionListed struct {
	ID         uuid.UUID  `json:"id"`
	Code       string     `json:"code"`
	CodeSystem string     `json:"codeSystem"`
	Name       string     `json:"name"`
	Level      string     `json:"level"`
	Kind       string     `json:"kind"`
	ParentID   *uuid.UUID `json:"parentId"`
	ParentCode string     `json:"parentCode"`
	ParentName string     `json:"parentName"`
	ValidFrom  *string    `json:"validFrom"`
	ValidTo    *string    `json:"validTo"`
}

// codeOn is the code a division of a level has on the day @on, as a lateral of that name.
func codeOn(division, level, as string) string {
	return `
	left join lateral (
	    select code, system from division_code c where c.division_id = ` + division + ` and c.valid @> @on::text::date
	    order by (system = case ` + level + ` when 'village' then 'stat12' when 'township' then 'gbt10114' else 'gbt2260' end) desc limit 1) ` + as + ` on true`
}

// divisionOnSQL is every division as it stands on the day @on.
var divisionOnSQL = `
	select v.division_id as id, coalesce(c.code, '') as code, coalesce(c.system, '') as code_system, v.name, v.level, v.kind,
	       v.parent_id, coalesce(pc.code, '') as parent_code, coalesce(p.name, '') as parent_name,
	       lower(v.valid)::text as valid_from, upper(v.valid)::text as valid_to
	from division_version v` + codeOn("v.division_id", "v.level", "c") + `
	left join division_version p on p.division_id = v.parent_id and p.valid @> @on::text::date` + codeOn("p.division_id", "p.level", "pc")

// Divisions lists the divisions of a filter by id, those of one code or name as well as all of a level.
func (s *Store) Divisions(ctx context.Context, f DivisionFilter) ([]DivisionListed, error) {
	rows, err := s.db.Query(ctx, divisionOnSQL+`
		where v.valid @> @on::text::date
		  and (@code = '' or v.division_id in (select division_id from division_code where code = @code and valid @> @on::text::date))
		  and (@name = '' or starts_with(v.name, @name))
		  and (@level = '' or v.level = @level)
		  and (@within = '' or v.division_id in (
		      with recursive below (id) as (
		          select division_id from division_code where code = @within and valid @> @on::text::date
		          union
		          select b.division_id from below join division_version b on b.parent_id = below.id and b.valid @> @on::text::date)
		      select id from below))
		  and (@after::uuid is null or v.division_id > @after)
		order by v.division_id limit @limit`,
		pgx.StrictNamedArgs{
			"on": f.On.Format(time.DateOnly), "code": f.Code, "name": f.Name, "level": string(f.Level), "within": f.Within,
			"after": nilID(f.After), "limit": f.Limit,
		})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[DivisionListed])
	if err != nil {
		return nil, fmt.Errorf("list divisions: %w", err)
	}
	return found, nil
}

// DivisionOn returns a division as it stood on a day: NotFound "division-not-then" where it did not stand.
func (s *Store) DivisionOn(ctx context.Context, id uuid.UUID, on time.Time) (DivisionListed, error) {
	day := on.Format(time.DateOnly)
	rows, err := s.db.Query(ctx, divisionOnSQL+` where v.division_id = @id and v.valid @> @on::text::date`, pgx.StrictNamedArgs{"id": id, "on": day})
	if err != nil {
		return DivisionListed{}, err
	}
	d, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[DivisionListed])
	return d, notFound(err, "division-not-then", "这个行政区划在 %s 不存在：请换一个日期，或看它的沿革", day)
}

// Children lists the divisions directly below one on a day, by code.
func (s *Store) Children(ctx context.Context, id uuid.UUID, on time.Time) ([]DivisionListed, error) {
	rows, err := s.db.Query(ctx, divisionOnSQL+` where v.parent_id = @id and v.valid @> @on::text::date order by c.code, v.division_id`,
		pgx.StrictNamedArgs{"id": id, "on": on.Format(time.DateOnly)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DivisionListed])
}

// Above lists the divisions above one on a day, the highest first.
func (s *Store) Above(ctx context.Context, id uuid.UUID, on time.Time) ([]DivisionListed, error) {
	rows, err := s.db.Query(ctx, `
		with recursive up (id, n) as (
		    select parent_id, 1 from division_version where division_id = @id and valid @> @on::text::date
		    union
		    select v.parent_id, n + 1 from up join division_version v on v.division_id = up.id and v.valid @> @on::text::date where n < 9)
		select a.* from up join (`+divisionOnSQL+` where v.valid @> @on::text::date and v.division_id in (select id from up)) a on a.id = up.id
		order by up.n desc`,
		pgx.StrictNamedArgs{"id": id, "on": on.Format(time.DateOnly)})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[DivisionListed])
}

// Timeline is all that is recorded of a division in time.
type Timeline struct {
	Versions []VersionInTime
	Codes    []CodeInTime
	Names    []NameOfDivision
	Shapes   []Valid
	Below    []string // days on which one came to hang on it or ceased to
	Events   []EventInTime
}

// VersionInTime is a version of a division.
type VersionInTime struct {
	Name       string     `json:"name"`
	Level      string     `json:"level"`
	Kind       string     `json:"kind"`
	ParentID   *uuid.UUID `json:"parentId"`
	ParentName string     `json:"parentName"`
	Seat       string     `json:"seat"`
	ValidFrom  *string    `json:"validFrom"`
	ValidTo    *string    `json:"validTo"`
	Source     string     `json:"source"`
}

// CodeInTime is a code that a division has or had.
type CodeInTime struct {
	System    string  `json:"system"`
	Code      string  `json:"code"`
	ValidFrom *string `json:"validFrom"`
	ValidTo   *string `json:"validTo"`
	Source    string  `json:"source"`
}

// NameOfDivision is a name of the place that stands for a division.
type NameOfDivision struct {
	PlaceID      uuid.UUID `json:"placeId"`
	Name         string    `json:"name"`
	Kind         string    `json:"kind"`
	Language     string    `json:"language"`
	Romanization string    `json:"romanization"`
	ValidFrom    *string   `json:"validFrom"`
	ValidTo      *string   `json:"validTo"`
}

// EventInTime is an event that a division has a part in.
type EventInTime struct {
	ID       uuid.UUID
	Kind     string
	After    *string // it took effect later than this day; nil: on On
	On       string
	Basis    string
	Source   string
	Number   string
	Approval *ApprovalInTime
	Links    []LinkInTime
}

// ApprovalInTime is the approval of an event.
type ApprovalInTime struct {
	ID uuid.UUID
	gazetteer.Approval
	Note    string
	Sources []string
}

// LinkInTime is a link of an event, under the names that the two had then.
type LinkInTime struct {
	FromID   uuid.UUID `json:"fromId"`
	FromName string    `json:"fromName"`
	ToID     uuid.UUID `json:"toId"`
	ToName   string    `json:"toName"`
	Role     string    `json:"role"`
	Share    string    `json:"share"`
}

// DivisionTimeline gathers all that is recorded of a division in time, the oldest first.
func (s *Store) DivisionTimeline(ctx context.Context, id uuid.UUID) (t Timeline, err error) {
	if t.Versions, err = listOf[VersionInTime](ctx, s, `
		select v.name, v.level, v.kind, v.parent_id, coalesce(p.name, '') as parent_name, coalesce(v.seat, '') as seat,
		       lower(v.valid)::text as valid_from, upper(v.valid)::text as valid_to, d.title as source
		from division_version v join document d on d.id = v.document_id
		left join lateral (select name from division_version p where p.division_id = v.parent_id and p.valid && v.valid order by upper(p.valid) desc nulls first limit 1) p on true
		where v.division_id = $1 order by lower(v.valid) nulls first`, id); err != nil {
		return t, err
	}
	if t.Codes, err = listOf[CodeInTime](ctx, s, `
		select c.system, c.code, lower(c.valid)::text as valid_from, upper(c.valid)::text as valid_to, d.title as source
		from division_code c join document d on d.id = c.document_id where c.division_id = $1 order by c.system, lower(c.valid) nulls first`, id); err != nil {
		return t, err
	}
	if t.Names, err = listOf[NameOfDivision](ctx, s, `
		select p.id as place_id, n.name, n.kind, n.language, n.romanization, lower(n.valid)::text as valid_from, upper(n.valid)::text as valid_to
		from place p join place_name n on n.place_id = p.id
		where p.represents_division_id = $1 order by n.kind = 'standard' desc, lower(n.valid) nulls first, n.name`, id); err != nil {
		return t, err
	}
	rows, err := s.db.Query(ctx, `select valid from division_shape where division_id = $1 order by lower(valid) nulls first`, id)
	if err != nil {
		return t, err
	}
	if t.Shapes, err = pgx.CollectRows(rows, pgx.RowTo[Valid]); err != nil {
		return t, err
	}
	rows, err = s.db.Query(ctx, `
		select distinct day::text from division_version v cross join lateral (values (lower(v.valid)), (upper(v.valid))) b (day)
		where v.parent_id = $1 and day is not null`, id)
	if err != nil {
		return t, err
	}
	if t.Below, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return t, err
	}
	t.Events, err = s.divisionEvents(ctx, id)
	return t, err
}

// divisionEvents gathers the events that a division has a part in.
func (s *Store) divisionEvents(ctx context.Context, id uuid.UUID) ([]EventInTime, error) {
	rows, err := s.db.Query(ctx, `
		select e.id, e.kind, e.after_day::text, e.on_day::text, e.basis, d.title, coalesce(d.number, ''),
		       a.id, a.title, coalesce(ad.number, ''), coalesce(a.approved_by, ''), a.approved_on, a.announced_on, a.effective_on, coalesce(a.note, ''), a.sources,
		       coalesce((select jsonb_agg(jsonb_build_object(
		           'fromId', l.predecessor_id, 'fromName', `+nameAround("l.predecessor_id", "- 1")+`,
		           'toId', l.successor_id, 'toName', `+nameAround("l.successor_id", "")+`, 'role', l.role, 'share', l.share)
		           order by l.role desc, l.predecessor_id, l.successor_id) from division_link l where l.event_id = e.id), '[]')
		from division_event e
		join document d on d.id = e.document_id
		left join division_approval a on a.id = e.approval_id
		left join document ad on ad.id = a.document_id
		where e.id in (select event_id from division_link where predecessor_id = $1 or successor_id = $1
		               union select event_id from division_event_of where division_id = $1)
		order by e.on_day, e.kind, e.id`, id)
	if err != nil {
		return nil, err
	}
	events := []EventInTime{}
	var e EventInTime
	var title *string
	var approval *uuid.UUID
	var a ApprovalInTime
	var approved, announced, effective *time.Time
	_, err = pgx.ForEachRow(rows, []any{
		&e.ID, &e.Kind, &e.After, &e.On, &e.Basis, &e.Source, &e.Number,
		&approval, &title, &a.Number, &a.ApprovedBy, &approved, &announced, &effective, &a.Note, &a.Sources, &e.Links,
	}, func() error {
		if title != nil {
			a.ID, a.Title = *approval, *title
			a.ApprovedOn, a.AnnouncedOn, a.EffectiveOn = gazetteer.Day{Time: dayOf(approved)}, gazetteer.Day{Time: dayOf(announced)}, gazetteer.Day{Time: dayOf(effective)}
			own := a
			e.Approval = &own
		}
		events = append(events, e)
		e, approval, title, a = EventInTime{}, nil, nil, ApprovalInTime{}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("gather the events: %w", err)
	}
	return events, nil
}

// nameAround is the name a division has on the day of event e, or that day shifted, or nearest to it.
func nameAround(division, shift string) string {
	return `(select n.name from division_version n where n.division_id = ` + division + `
		           order by n.valid @> (e.on_day ` + shift + `)::date desc, lower(n.valid) desc nulls last limit 1)`
}
