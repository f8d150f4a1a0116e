package gazsql

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// SeedPack writes a rule pack that is not there yet; one that is stays as it is.
func (s *Store) SeedPack(ctx context.Context, p gazetteer.Pack) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into rule_pack (id, title, valid) values ($1, $2, daterange($3::text::date, null)) on conflict do nothing`,
			p.ID, p.Title, p.ValidFrom)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		rows := make([][]any, 0, len(p.Rules))
		for _, r := range p.Rules {
			strength := "should"
			if r.Severity == fault.Block {
				strength = "shall"
			}
			rows = append(rows, []any{
				p.ID, r.ID, r.Clause, strength, string(r.Category), r.Compare, string(r.Scope), texts(r.Against), texts(r.Levels),
				string(r.Severity), r.Confirmed,
			})
		}
		return copyRows(ctx, tx, "rule", []string{
			"pack_id", "id", "clause", "strength", "category", "compare", "scope", "against", "level", "severity", "confirmed",
		}, rows)
	})
}

func texts[T ~string](values []T) []string {
	if values == nil {
		return nil
	}
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// NameCheck is a name to judge, as the outside asks.
type NameCheck struct {
	Kind     string             `json:"kind"`
	Name     string             `json:"name"`
	Category gazetteer.Category `json:"category"`
	Division string             `json:"division"` // code or id
	Point    *orb.Point         `json:"point"`
	Pack     string             `json:"pack"` // empty: the one in force today
	PlaceID  uuid.UUID          `json:"placeId"`
}

// CheckName judges a name by a rule pack without making a case, against the public names and those withheld ones that the
// actor may know of. What an actor may not know of leaves no trace in the answer, its size or its time: row-level security
// weighs every withheld row before any name is compared.
//
// Errors: Malformed "name-missing", "name-too-long", "name-unreadable", "bad-category", "bad-code", "kind-unknown";
// NotFound "division-unknown", "pack-unknown".
func (s *Store) CheckName(ctx context.Context, actor gazetteer.Actor, now time.Time, in NameCheck) (v gazetteer.Verdict, err error) {
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		v, err = s.over(tx).checkName(ctx, now, in)
		return err
	})
	return v, err
}

// checkName is CheckName for whom the transaction works.
func (s *Store) checkName(ctx context.Context, now time.Time, in NameCheck) (gazetteer.Verdict, error) {
	in.Name = strings.TrimSpace(in.Name)
	if in.Name == "" {
		return gazetteer.Verdict{}, fault.New(fault.Malformed, "name-missing", "请填写要检查的名称")
	}
	if err := checkLetters(in.Name); err != nil {
		return gazetteer.Verdict{}, err
	}
	if _, err := gazetteer.ParseCategory(string(in.Category)); err != nil {
		return gazetteer.Verdict{}, err
	}
	at, err := s.chainOf(ctx, in.Division)
	if err != nil {
		return gazetteer.Verdict{}, err
	}
	pack, err := s.rules(ctx, now, in.Pack)
	if err != nil {
		return gazetteer.Verdict{}, err
	}
	draft := gazetteer.Draft{Kind: in.Kind, Name: in.Name, Category: in.Category, PlaceID: in.PlaceID}
	switch in.Kind {
	case "", "new", "rename":
	case "existing":
		if draft.PlaceID, err = s.placeNamed(ctx, in, at.id); err != nil {
			return gazetteer.Verdict{}, err
		}
	case "retire": // nothing begins, so nothing collides
		return gazetteer.NewVerdict(pack, nil), nil
	default:
		return gazetteer.Verdict{}, fault.New(fault.Malformed, "kind-unknown", "不认识的种类“%s”：可用 new、rename、retire、existing", in.Kind)
	}
	var gathered []gazetteer.Gathered
	for _, rule := range pack.Rules {
		if !rule.Applies(draft) {
			continue
		}
		g, err := s.gather(ctx, rule, draft, at, in.Point)
		if err != nil {
			return gazetteer.Verdict{}, fmt.Errorf("gather for %s: %w", rule.ID, err)
		}
		gathered = append(gathered, g)
	}
	findings := gazetteer.Check(draft, gathered)
	if in.Point != nil {
		outside, err := s.outside(ctx, now, at.id, *in.Point)
		if err != nil {
			return gazetteer.Verdict{}, err
		}
		if outside.Far() {
			findings = append(findings, outside.Finding())
		}
	}
	return gazetteer.NewVerdict(pack, findings), nil
}

// outside tells how far a point, a line or an area lies outside a division as a whole, or outside the nearest one above it whose
// shape is known.
func (s *Store) outside(ctx context.Context, now time.Time, division uuid.UUID, p orb.Geometry) (gazetteer.Outside, error) {
	var o gazetteer.Outside
	err := s.db.QueryRow(ctx, `
		with recursive up as (
		    select division_id, name, parent_id, 0 as n from division_version where division_id = @division and upper_inf(valid)
		    union all
		    select v.division_id, v.name, v.parent_id, n + 1
		    from up join division_version v on v.division_id = up.parent_id and upper_inf(v.valid) where n < 10)
		select up.division_id, up.name, st_distance(s.geom::geography, @point::geometry::geography)
		from up join division_shape s on s.division_id = up.division_id and s.valid @> @day::text::date
		order by n limit 1`,
		pgx.StrictNamedArgs{"division": division, "point": p, "day": beijing.Day(now)}).Scan(&o.DivisionID, &o.DivisionName, &o.DistanceM)
	if isNoRows(err) {
		err = nil
	}
	return o, err
}

// placeNamed finds the place an existing name is of, so that it does not collide with itself: the one given, or the one of
// that name and category in or below the division; zero when there is none.
func (s *Store) placeNamed(ctx context.Context, in NameCheck, division uuid.UUID) (uuid.UUID, error) {
	if in.PlaceID != uuid.Nil {
		return in.PlaceID, nil
	}
	var id uuid.UUID
	err := s.db.QueryRow(ctx, `
		with recursive below as (
		    select @division::uuid as id
		    union all
		    select v.division_id from below b join division_version v on v.parent_id = b.id and upper_inf(v.valid))
		select p.id from place_name n join place p on p.id = n.place_id
		where n.kind = 'standard' and upper_inf(n.valid) and n.name = @name and p.category = @category
		  and p.division_id in (select id from below)
		order by p.id limit 1`,
		pgx.StrictNamedArgs{"division": division, "name": in.Name, "category": string(in.Category)}).Scan(&id)
	if isNoRows(err) {
		return uuid.Nil, nil
	}
	return id, err
}

// maxName is how many characters a name may have.
const maxName = 100

// checkLetters refuses what cannot be a name whatever the rules say: novels, and signs nobody sees.
func checkLetters(name string) error {
	if utf8.RuneCountInString(name) > maxName {
		return fault.New(fault.Malformed, "name-too-long", "名称超过 %d 个字", maxName)
	}
	unseen := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) || r == utf8.RuneError }
	if strings.ContainsFunc(name, unseen) {
		return fault.New(fault.Malformed, "name-unreadable", "名称中有看不见的控制字符或损坏的编码：请重新输入")
	}
	return nil
}

// rules returns the pack asked for, or the newest one in force on the day.
func (s *Store) rules(ctx context.Context, now time.Time, asked string) (pack gazetteer.Pack, err error) {
	err = s.db.QueryRow(ctx, `
		select id, title from rule_pack
		where case when @pack = '' then valid @> @day::date else id = @pack end
		order by lower(valid) desc limit 1`,
		pgx.StrictNamedArgs{"pack": asked, "day": now}).Scan(&pack.ID, &pack.Title)
	if err != nil {
		return pack, notFound(err, "pack-unknown", "没有命名规则包“%s”", asked)
	}
	rows, err := s.db.Query(ctx, `
		select pack_id, id, clause, category, compare, scope, against, level, severity, confirmed
		from rule where pack_id = $1 order by id`, pack.ID)
	if err != nil {
		return pack, err
	}
	pack.Rules, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r gazetteer.Rule, err error) {
		err = row.Scan(&r.Pack, &r.ID, &r.Clause, &r.Category, &r.Compare, &r.Scope, &r.Against, &r.Levels, &r.Severity, &r.Confirmed)
		return r, err
	})
	return pack, err
}

// chain is a division with the divisions above it.
type chain struct {
	id     uuid.UUID
	name   string
	county uuid.UUID // zero above county level
	inName string    // of the county
	top    uuid.UUID // the province
	inTop  string
}

// chainOf finds a division by code or id and climbs to its province.
func (s *Store) chainOf(ctx context.Context, division string) (chain, error) {
	var c chain
	id, err := uuid.Parse(division)
	if err != nil {
		code, _, err := gazetteer.ParseCode(division)
		if err != nil {
			return c, err
		}
		canonical, system := gazetteer.Canonical(code, gazetteer.LevelOf(code))
		err = s.db.QueryRow(ctx, `select division_id from division_code where system = $1 and code = $2 and upper_inf(valid)`,
			string(system), string(canonical)).Scan(&id)
		if err != nil {
			return c, notFound(err, "division-unknown", "没有代码为 %s 的行政区划", division)
		}
	}
	rows, err := s.db.Query(ctx, `
		with recursive up as (
		    select division_id, name, level, parent_id, 0 as n from division_version where division_id = $1 and upper_inf(valid)
		    union all
		    select v.division_id, v.name, v.level, v.parent_id, n + 1
		    from up join division_version v on v.division_id = up.parent_id and upper_inf(v.valid) where n < 10)
		select division_id, name, level from up order by n`, id)
	if err != nil {
		return c, err
	}
	var at uuid.UUID
	var name, level string
	_, err = pgx.ForEachRow(rows, []any{&at, &name, &level}, func() error {
		if c.id == uuid.Nil {
			c.id, c.name = at, name
		}
		switch gazetteer.Level(level) {
		case gazetteer.County:
			c.county, c.inName = at, name
		case gazetteer.Province:
			c.top, c.inTop = at, name
		}
		return nil
	})
	if err == nil && c.id == uuid.Nil {
		err = fault.New(fault.NotFound, "division-unknown", "没有行政区划 %s", division)
	}
	return c, err
}

// gather finds the standard names in the rule's scope that could collide: the same characters, or the same syllables. Where
// public positions are rounded, distances are told to the same step (geo.StepM).
func (s *Store) gather(ctx context.Context, rule gazetteer.Rule, d gazetteer.Draft, at chain, point *orb.Point) (gazetteer.Gathered, error) {
	g := gazetteer.Gathered{Rule: rule, ScopeName: "全国"}
	where, within := "", uuid.Nil
	var area *uuid.UUID
	switch rule.Scope {
	case gazetteer.ScopeProvince:
		within, g.ScopeName = at.top, at.inTop
	case gazetteer.ScopeCounty:
		within, g.ScopeName = at.county, at.inName
	case gazetteer.ScopeBuiltUpArea:
		within, g.ScopeName, g.Approximated = at.county, at.inName, true
		var id uuid.UUID
		var name string
		err := s.db.QueryRow(ctx, `select id, name from built_up_area where upper_inf(valid) and st_covers(geom, $1::geometry) limit 1`, point).Scan(&id, &name)
		switch {
		case point != nil && err == nil:
			area, g.ScopeName, g.Approximated, within = &id, name, false, uuid.Nil
		case err != nil && !isNoRows(err):
			return g, err
		}
	}
	if within == uuid.Nil && area == nil && rule.Scope != gazetteer.ScopeNation {
		g.ScopeName = at.name // above the level of the scope: the division itself is the widest there is
		within = at.id
	}
	if rule.Compare == "name" {
		where = `n.name = @name`
	} else {
		where = `n.toneless = @toneless`
	}
	rows, err := s.db.Query(ctx, `
		with recursive below as (
		    select @within::uuid as id
		    union all
		    select v.division_id from below b join division_version v on v.parent_id = b.id and upper_inf(v.valid))
		select p.id, p.name, p.category, coalesce(v.level, ''), p.reading, coalesce(dv.name, ''),
		       case when pp.decimals is null then apart.m else round(apart.m / (2 * 10.0 ^ (5 - pp.decimals))) * (2 * 10.0 ^ (5 - pp.decimals)) end::float8, p.grade
		from (
		    select p.id, n.name, n.reading, p.category, p.represents_division_id, p.division_id, p.geom, 'public' as grade
		    from place_name n join place p on p.id = n.place_id
		    where n.kind = 'standard' and upper_inf(n.valid) and `+where+`
		    union all
		    select w.id, n.name, n.reading, w.rows -> 'place' ->> 'category', null, w.division_id, w.geom, w.grade
		    from withheld w cross join lateral jsonb_populate_recordset(null::place_name, w.rows -> 'names') n
		    where w.noun = 'place' and n.kind = 'standard' and upper_inf(n.valid) and `+where+`) p
		left join division_version v on v.division_id = p.represents_division_id and upper_inf(v.valid)
		left join division_version dv on dv.division_id = coalesce(v.parent_id, p.division_id) and upper_inf(dv.valid)
		left join division_version lies on upper_inf(lies.valid)
		     and lies.division_id = case when p.represents_division_id = p.division_id then coalesce(v.parent_id, p.division_id) else p.division_id end
		left join precision_policy pp on pp.layer = 'places' and pp.level = `+levelOfPlaces("lies.level")+`
		cross join lateral (select st_distance(p.geom::geography, @point::geometry::geography) as m) apart
		where p.category = any (@against)
		  and (@levels::text[] is null or v.level = any (@levels))
		  and (@within::uuid is null or p.division_id in (select id from below))
		  and (@area::uuid is null or st_covers((select geom from built_up_area where id = @area), p.geom))
		order by 7 nulls last, p.name, p.id
		limit 200`,
		namedArgs(where, pgx.StrictNamedArgs{
			"within": nilID(within), "point": point, "against": texts(rule.Against), "levels": texts(rule.Levels), "area": area,
		}, d))
	if err != nil {
		return g, err
	}
	g.Records, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r gazetteer.Record, err error) {
		var reading string
		err = row.Scan(&r.PlaceID, &r.Name, &r.Category, &r.Level, &reading, &r.DivisionName, &r.DistanceM, &r.Grade)
		r.Reading = strings.Fields(reading)
		return r, err
	})
	return g, err
}

// namedArgs adds the one argument the comparison uses: strict named arguments refuse one that is not used.
func namedArgs(where string, args pgx.StrictNamedArgs, d gazetteer.Draft) pgx.StrictNamedArgs {
	if strings.Contains(where, "@name") {
		args["name"] = d.Name
	} else {
		args["toneless"] = gazetteer.Romanize(d.Name, d.Category).Toneless()
	}
	return args
}
