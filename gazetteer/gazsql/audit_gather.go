package gazsql

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/postgis"
)

// snapshot runs do in a transaction that reads the database as it stands at one moment, as far as the actor may. Over a
// transaction it joins that.
func (s *Store) snapshot(ctx context.Context, actor gazetteer.Actor, do func(pgx.Tx) error) error {
	db, ok := s.db.(interface {
		BeginTx(context.Context, pgx.TxOptions) (pgx.Tx, error)
	})
	if !ok {
		return As(ctx, s.db, actor, do)
	}
	return pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
		if err := postgis.Act(ctx, tx, postgis.Acting{Account: actor.AccountID, Office: actor.OfficeID, System: actor.System}); err != nil {
			return err
		}
		return do(tx)
	})
}

// audited gathers the record of the day for an audit of a division (zero: of everything), as far as the actor may know it:
// what lies in the division's province, and of the rest what the rules compare with it. Positions outside the audited
// division are those that the public reads.
func (s *Store) audited(ctx context.Context, actor gazetteer.Actor, now time.Time, in GazetteerCheck, limits gazetteer.AuditLimits) (a gazetteer.Audited, err error) {
	err = s.snapshot(ctx, actor, func(tx pgx.Tx) error {
		g := &auditGather{store: s.over(tx), day: beijing.Day(now)}
		g.Scope, g.Limits = in.Division, limits
		if g.Pack, err = g.store.auditPack(ctx, g.day, in.Pack, in.Division); err != nil {
			return err
		}
		if err := g.gather(ctx); err != nil {
			return fmt.Errorf("gather for the audit: %w", err)
		}
		a = g.Audited
		return nil
	})
	return a, err
}

// auditGather is a record under way.
type auditGather struct {
	gazetteer.Audited
	store *Store
	day   string // in China
	at    map[uuid.UUID]int
	ids   []uuid.UUID // of the divisions
}

func (g *auditGather) gather(ctx context.Context) error {
	for _, step := range []func(context.Context) error{g.divisions, g.codes, g.shapes, g.successors, g.places, g.withheldPlaces, g.joined, g.builtUpAreas, g.round, g.words, g.beside} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// divisions gathers those of the day in the province of the audited division and those of county level and above
// elsewhere, and of the ended ones those that something still refers to.
func (g *auditGather) divisions(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `
		with recursive up as (
		    select division_id as id, parent_id, 0 as n from division_version where division_id = @scope and valid @> @day::text::date
		    union all
		    select v.division_id, v.parent_id, n + 1 from up join division_version v on v.division_id = up.parent_id and v.valid @> @day::text::date where n < 10),
		below (id) as (
		    (select id from up order by n desc limit 1)
		    union
		    select v.division_id from below b join division_version v on v.parent_id = b.id and v.valid @> @day::text::date),
		now as (
		    select v.division_id, v.name, v.level, v.parent_id from division_version v
		    where v.valid @> @day::text::date
		      and (@scope::uuid is null or v.level in ('province', 'prefecture', 'county') or v.division_id in (select id from below))),
		ended as (
		    select distinct on (v.division_id) v.division_id, v.name, v.level, v.parent_id, upper(v.valid)::text as ended
		    from division_version v
		    where upper(v.valid) <= @day::text::date
		      and not exists (select from division_version w where w.division_id = v.division_id and w.valid @> @day::text::date)
		      and (exists (select from place p where p.division_id = v.division_id)
		        or exists (select from division_code c where c.division_id = v.division_id and c.valid @> @day::text::date)
		        or exists (select from now where now.parent_id = v.division_id))
		    order by v.division_id, upper(v.valid) desc)
		select division_id, name, level, parent_id, '' from now
		union all
		select division_id, name, level, parent_id, ended from ended`,
		pgx.StrictNamedArgs{"scope": nilID(g.Scope), "day": g.day})
	if err != nil {
		return err
	}
	g.at = map[uuid.UUID]int{}
	var d gazetteer.AuditedDivision
	var parent *uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&d.ID, &d.Name, &d.Level, &parent, &d.Ended}, func() error {
		d.Parent = uuid.Nil
		if parent != nil {
			d.Parent = *parent
		}
		g.at[d.ID] = len(g.Divisions)
		g.Divisions, g.ids = append(g.Divisions, d), append(g.ids, d.ID)
		return nil
	})
	return err
}

func (g *auditGather) codes(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `
		select division_id, system, code, case when valid @> $2::text::date then '' else upper(valid)::text end
		from division_code
		where division_id = any ($1) and (lower_inf(valid) or lower(valid) <= $2::text::date)
		order by division_id, upper(valid) nulls last, system, code`, g.ids, g.day)
	if err != nil {
		return err
	}
	var id uuid.UUID
	var c gazetteer.AuditedCode
	_, err = pgx.ForEachRow(rows, []any{&id, &c.System, &c.Code, &c.Ended}, func() error {
		d := &g.Divisions[g.at[id]]
		d.Codes = append(d.Codes, c)
		return nil
	})
	return err
}

func (g *auditGather) shapes(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `
		select division_id, geom from division_shape where division_id = any ($1) and valid @> $2::text::date order by division_id, recorded_at`, g.ids, g.day)
	if err != nil {
		return err
	}
	var id uuid.UUID
	var shape orb.MultiPolygon
	_, err = pgx.ForEachRow(rows, []any{&id, &shape}, func() error {
		g.Divisions[g.at[id]].Shape = shape
		shape = nil
		return nil
	})
	return err
}

// successors are those that took over all of a division that ended.
func (g *auditGather) successors(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `
		select distinct predecessor_id, successor_id from division_link
		where predecessor_id = any ($1) and successor_id <> predecessor_id and kind <> 'transfer-territory' and on_day <= $2::text::date
		order by 1, 2`, g.ids, g.day)
	if err != nil {
		return err
	}
	var ended, heir uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&ended, &heir}, func() error {
		if d := &g.Divisions[g.at[ended]]; d.Ended != "" {
			d.Successors = append(d.Successors, heir)
		}
		return nil
	})
	return err
}

// standingName is the standard name of the day, or the last one there was, of the names n.
const standingName = `order by n.valid @> @day::text::date desc, upper(n.valid) desc nulls first, n.id limit 1`

func (g *auditGather) places(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `
		select p.id, coalesce(n.name, (select name from place_name o where o.place_id = p.id order by o.id limit 1), ''), p.category, p.division_id,
		       p.represents_division_id, coalesce(n.valid @> @day::text::date, false), n.id is not null and not n.valid @> @day::text::date,
		       coalesce(n.reading, ''), coalesce(n.reading_status, ''), `+pointOf("p.geom")+`, ''
		from place p
		left join lateral (select n.id, n.name, n.reading, n.reading_status, n.valid from place_name n
		                   where n.place_id = p.id and n.kind = 'standard' and n.language = 'zh' `+standingName+`) n on true
		where p.division_id = any (@ids) and (p.represents_division_id is not null or p.division_id = any (@near)) or p.category = any (@everywhere)`,
		pgx.StrictNamedArgs{"ids": g.ids, "near": g.near(), "everywhere": g.everywhere(), "day": g.day})
	if err != nil {
		return err
	}
	return g.collect(rows)
}

// withheldPlaces are those that the transaction may read.
func (g *auditGather) withheldPlaces(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `
		select w.id, n.name, p.category, w.division_id, p.represents_division_id, n.valid @> @day::text::date, not n.valid @> @day::text::date,
		       n.reading, n.reading_status, `+pointOf("w.geom")+`, w.grade
		from withheld w
		cross join lateral jsonb_populate_record(null::place, w.rows -> 'place') p
		cross join lateral (select * from jsonb_populate_recordset(null::place_name, w.rows -> 'names') n
		                    where n.kind = 'standard' and n.language = 'zh' `+standingName+`) n
		where w.noun = 'place' and w.division_id = any (@ids)`,
		pgx.StrictNamedArgs{"ids": g.ids, "day": g.day})
	if err != nil {
		return err
	}
	return g.collect(rows)
}

// pointOf is a point of a geometry, in SQL: a line or an area stands for itself by one in its middle.
func pointOf(geom string) string {
	return `case when st_dimension(` + geom + `) = 0 and st_numgeometries(` + geom + `) = 1 then st_geometryn(` + geom + `, 1) else st_pointonsurface(` + geom + `) end`
}

func (g *auditGather) collect(rows pgx.Rows) error {
	var p gazetteer.AuditedPlace
	var represents *uuid.UUID
	var reading string
	_, err := pgx.ForEachRow(rows, []any{
		&p.ID, &p.Name, &p.Category, &p.Division, &represents, &p.Standard, &p.Retired, &reading, &p.Status, &p.Point, &p.Grade,
	}, func() error {
		p.Represents = uuid.Nil
		if represents != nil {
			p.Represents = *represents
		}
		p.Reading = strings.Fields(reading)
		g.Places = append(g.Places, p)
		p.Point = nil
		return nil
	})
	return err
}

// near are the divisions whose places are gathered besides those that stand for divisions: all in the audited province.
func (g *auditGather) near() []uuid.UUID {
	if g.Scope == uuid.Nil {
		return g.ids
	}
	top := g.Scope
	for i, ok := g.at[top]; ok && g.Divisions[i].Parent != uuid.Nil; i, ok = g.at[top] {
		top = g.Divisions[i].Parent
	}
	within := map[uuid.UUID]bool{top: true, uuid.Nil: false}
	var in func(uuid.UUID) bool
	in = func(id uuid.UUID) bool {
		i, there := g.at[id]
		yes, known := within[id]
		if known || !there {
			return yes
		}
		within[id] = false
		within[id] = in(g.Divisions[i].Parent)
		return within[id]
	}
	return slices.DeleteFunc(slices.Clone(g.ids), func(id uuid.UUID) bool { return !in(id) })
}

// everywhere are the categories that the rules compare over the whole country, those of divisions apart.
func (g *auditGather) everywhere() []string {
	categories := []string{}
	for _, r := range g.Pack.Rules {
		if r.Gathers() && r.Params.Scope == gazetteer.ScopeNation && len(r.Levels) == 0 {
			for _, c := range r.Categories {
				categories = append(categories, texts(r.AgainstOf(c))...)
			}
		}
	}
	return categories
}

func (g *auditGather) joined(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `select place_id, twin_id from place_twin where ended_at is null order by 1, 2`)
	if err != nil {
		return err
	}
	var pair [2]uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&pair[0], &pair[1]}, func() error {
		g.Joined = append(g.Joined, pair)
		return nil
	})
	return err
}

func (g *auditGather) builtUpAreas(ctx context.Context) error {
	rows, err := g.store.db.Query(ctx, `select id, name, geom from built_up_area where valid @> $1::text::date order by name, id`, g.day)
	if err != nil {
		return err
	}
	g.BuiltUp, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (b gazetteer.AuditedArea, err error) {
		err = row.Scan(&b.ID, &b.Name, &b.Shape)
		return b, err
	})
	return err
}

// round rounds the positions outside the audited division as the public reads them.
func (g *auditGather) round(ctx context.Context) error {
	if g.Scope == uuid.Nil {
		return nil
	}
	decimals, err := g.store.decimalsIn(ctx, g.day, g.ids)
	if err != nil || len(decimals) == 0 {
		return err
	}
	for i := range g.Places {
		p := &g.Places[i]
		lies := p.Division
		if at, ok := g.at[lies]; ok && p.Represents == lies && g.Divisions[at].Parent != uuid.Nil {
			lies = g.Divisions[at].Parent
		}
		if n, rounded := decimals[lies]; rounded && p.Point != nil && !g.keeps(p.Division) {
			at := geo.RoundDegrees(*p.Point, n)
			p.Point = &at
		}
	}
	return nil
}

// keeps reports whether a division is the audited one or lies in it.
func (g *auditGather) keeps(id uuid.UUID) bool {
	for n := 0; n < 10; n++ {
		if id == g.Scope {
			return true
		}
		i, ok := g.at[id]
		if !ok {
			return false
		}
		id = g.Divisions[i].Parent
	}
	return false
}
