package gazsql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
)

// scopeOf is where a rule looks: in a division, in a built-up area, or everywhere.
type scopeOf struct {
	within       uuid.UUID // zero for everywhere, and in an area
	wide         bool      // above county level
	area         *uuid.UUID
	name         string
	approximated bool
}

// scope finds where a rule of that scope looks from a place. Above the level of a scope the division itself is the widest there is.
func (s *Store) scope(ctx context.Context, scope gazetteer.Scope, at chain, point *orb.Point) (o scopeOf, err error) {
	switch scope {
	case gazetteer.ScopeNation:
		return scopeOf{name: "全国"}, nil
	case gazetteer.ScopeProvince:
		o.within, o.name, o.wide = at.top, at.inTop, true
	case gazetteer.ScopeCounty:
		o.within, o.name = at.county, at.inName
	case gazetteer.ScopeBuiltUpArea:
		o.within, o.name, o.approximated = at.county, at.inName, true
		var id uuid.UUID
		err := s.db.QueryRow(ctx, `select id, name from built_up_area where valid @> today() and st_covers(geom, $1::geometry) order by name, id limit 1`, point).Scan(&id, &o.name)
		switch {
		case err == nil:
			o.area, o.approximated, o.within = &id, false, uuid.Nil
		case !isNoRows(err):
			return o, err
		}
	}
	if o.within == uuid.Nil && o.area == nil {
		o.within, o.name, o.wide = at.id, at.name, at.county == uuid.Nil
	}
	return o, nil
}

// lyingIn is the condition that a division, an SQL expression, is @within or lies in it. All that lies in a county is gone through once;
// in a province are fifty times as many as there are divisions to look at, so that these are climbed from.
func lyingIn(division string, wide bool) string {
	if wide {
		return `exists (
			with recursive up as (
			    select ` + division + ` as id
			    union all
			    select v.parent_id from up join division_version v on v.division_id = up.id and upper_inf(v.valid) where up.id <> @within)
			select from up where id = @within)`
	}
	return division + ` in (
			with recursive below as (
			    select @within::uuid as id
			    union all
			    select v.division_id from below b join division_version v on v.parent_id = b.id and upper_inf(v.valid))
			select id from below)`
}

// gather finds for each rule that compares names the standard names in its scope that could collide.
func (s *Store) gather(ctx context.Context, d gazetteer.Draft, at chain, point *orb.Point, rules []gazetteer.Rule) (all []gazetteer.Gathered, err error) {
	scopes := map[gazetteer.Scope]scopeOf{}
	found := map[string][]gazetteer.Record{} // by where and with what, so that rules that look alike ask once
	for _, r := range rules {
		if !r.Gathers() {
			continue
		}
		o, known := scopes[r.Params.Scope]
		if !known {
			if o, err = s.scope(ctx, r.Params.Scope, at, point); err != nil {
				return nil, fmt.Errorf("find the scope of %s: %w", r.ID, err)
			}
			scopes[r.Params.Scope] = o
		}
		way := askOf(r)
		if _, asked := found[way]; !asked {
			if found[way], err = s.named(ctx, d, at, point, o, alike(rules, way)); err != nil {
				return nil, fmt.Errorf("gather for %s: %w", r.ID, err)
			}
		}
		all = append(all, gazetteer.Gathered{Rule: r, Records: found[way], ScopeName: o.name, Approximated: o.approximated})
	}
	return all, nil
}

// askOf tells rules apart that look in different places or compare with something else.
func askOf(r gazetteer.Rule) string {
	return fmt.Sprint(r.Params.Scope, r.Params.Against, r.Levels)
}

// alike are the rules that ask the same way.
func alike(rules []gazetteer.Rule, way string) []gazetteer.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r gazetteer.Rule) bool { return !r.Gathers() || askOf(r) != way })
}

// mostRecords bounds what is gathered for rules that ask the same way, the nearest first.
const mostRecords = 500

// named finds the standard names in a scope that rules could hit: by name, by reading, or by how a reading is heard. Where
// public positions are rounded, distances are told to the same step (geo.StepM).
func (s *Store) named(ctx context.Context, d gazetteer.Draft, at chain, point *orb.Point, o scopeOf, rules []gazetteer.Rule) ([]gazetteer.Record, error) {
	var names, readings, heard []string
	romanized := d.Romanized()
	for _, r := range rules {
		switch {
		case r.Kind != gazetteer.SoundRule:
			names = append(names, r.NamesToFind(d, at.above)...)
		case r.Params.Sound == gazetteer.SoundDialect:
			heard = append(heard, r.SoundKeys(romanized)...)
		default:
			readings = append(readings, r.SoundKeys(romanized)...)
		}
	}
	const where = `(n.name = any (@names) or n.toneless = any (@readings) or heard(n.toneless) = any (@heard))`
	rows, err := s.db.Query(ctx, `
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
		  and (@within::uuid is null or `+lyingIn("p.division_id", o.wide)+`)
		  and (@area::uuid is null or st_covers((select geom from built_up_area where id = @area), p.geom))
		order by p.name = @name desc, 7 nulls last, p.name, p.id
		limit @most`,
		pgx.StrictNamedArgs{
			"within": nilID(o.within), "point": point, "against": texts(rules[0].AgainstOf(d.Category)), "levels": texts(rules[0].Levels), "area": o.area,
			"names": given(names), "readings": given(readings), "heard": given(heard), "name": d.Name, "most": mostRecords,
		})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r gazetteer.Record, err error) {
		var reading string
		err = row.Scan(&r.PlaceID, &r.Name, &r.Category, &r.Level, &reading, &r.DivisionName, &r.DistanceM, &r.Grade)
		r.Reading = strings.Fields(reading)
		return r, err
	})
}

// surroundings gathers what is on record around a draft, as far as the rules need it.
func (s *Store) surroundings(ctx context.Context, d gazetteer.Draft, at chain, point *orb.Point, rules []gazetteer.Rule) (a gazetteer.Surroundings, err error) {
	a.Above = at.above
	need := map[gazetteer.RuleKind]bool{}
	withinM := 0.0
	for _, r := range rules {
		need[r.Kind] = true
		withinM = max(withinM, r.Params.WithinM)
	}
	if need[gazetteer.DistrictRule] {
		if a.Elsewhere, err = s.elsewhere(ctx, d, at); err != nil {
			return a, fmt.Errorf("gather the divisions in the name: %w", err)
		}
	}
	if a.Derived, err = s.derived(ctx, d, at); err != nil {
		return a, fmt.Errorf("gather the names in the name: %w", err)
	}
	if need[gazetteer.NatureRule] && point != nil {
		if a.Natural, err = s.naturalNear(ctx, *point, withinM); err != nil {
			return a, fmt.Errorf("gather the natural features near: %w", err)
		}
	}
	if need[gazetteer.BorrowedRule] {
		if a.Famous, err = s.famous(ctx, d, at); err != nil {
			return a, fmt.Errorf("gather what bears the specific: %w", err)
		}
	}
	if need[gazetteer.ProtectedRule] && d.PlaceID != uuid.Nil {
		if a.Protected, err = s.protection(ctx, d.PlaceID); err != nil {
			return a, fmt.Errorf("gather what protects the name: %w", err)
		}
	}
	return a, nil
}

// elsewhere are the divisions of county level and above whose specific is in the name and that the place does not lie in.
func (s *Store) elsewhere(ctx context.Context, d gazetteer.Draft, at chain) ([]gazetteer.Unit, error) {
	var all []gazetteer.Unit
	err := each(ctx, s, `
		select division_id as id, name, level from division_version
		where upper_inf(valid) and level in ('province', 'prefecture', 'county') and left(name, 2) = any ($1) order by level, name, division_id`, func(u gazetteer.Unit) error {
		specific, _ := gazetteer.SplitName(u.Name, gazetteer.DivisionCategory)
		own := slices.ContainsFunc(at.above, func(a gazetteer.Unit) bool { return a.ID == u.ID })
		if !own && len([]rune(specific)) >= 2 && strings.Contains(d.Name, specific) {
			all = append(all, u)
		}
		return nil
	}, pairsOf(d.Name))
	return all, err
}

// pairsOf are the pairs of characters beside each other in a name.
func pairsOf(name string) []string {
	chars := []rune(name)
	pairs := []string{}
	for i := range len(chars) - 1 {
		pairs = append(pairs, string(chars[i:i+2]))
	}
	return pairs
}

// derived are the names of other places of the county, those too that they had once, that are in the name.
func (s *Store) derived(ctx context.Context, d gazetteer.Draft, at chain) ([]gazetteer.Record, error) {
	within := cmp.Or(at.county, at.id)
	return s.records(ctx, `
		select distinct on (length(n.name), p.id, n.name) p.id, n.name, p.category, n.reading, coalesce(dv.name, '') as division, null::float8 as distance
		from place_name n join place p on p.id = n.place_id
		left join division_version dv on dv.division_id = p.division_id and upper_inf(dv.valid)
		where n.name = any (@parts) and n.kind in ('standard', 'former', 'alternative', 'customary') and n.language = 'zh'
		  and p.category <> 'residential-building' and p.id is distinct from @itself and `+lyingIn("p.division_id", at.county == uuid.Nil)+`
		order by length(n.name) desc, p.id, n.name limit 50`, pgx.StrictNamedArgs{"parts": gazetteer.PartsOf(d.Name), "within": within, "itself": nilID(d.PlaceID)})
}

// naturalNear are the natural features within some metres of a point, the nearest first.
func (s *Store) naturalNear(ctx context.Context, point orb.Point, withinM float64) ([]gazetteer.Record, error) {
	return s.records(ctx, `
		select p.id, n.name, p.category, n.reading, '' as division, st_distance(p.geom::geography, $1::geometry::geography) as distance
		from place p join place_name n on n.place_id = p.id and n.kind = 'standard' and upper_inf(n.valid)
		where p.category = 'natural' and p.geom && st_expand($1::geometry, $2::float8 / 80000) and st_dwithin(p.geom::geography, $1::geometry::geography, $2)
		order by distance, p.id limit 100`, point, withinM)
}

// famous are natural features and sites outside the division that bear the specific of a division's name.
func (s *Store) famous(ctx context.Context, d gazetteer.Draft, at chain) ([]gazetteer.Record, error) {
	specific, _ := gazetteer.SplitName(d.Name, d.Category)
	return s.records(ctx, `
		with recursive below as (
		    select $2::uuid as id
		    union all
		    select v.division_id from below b join division_version v on v.parent_id = b.id and upper_inf(v.valid))
		select p.id, n.name, p.category, n.reading, coalesce(dv.name, '') as division, null::float8 as distance
		from place_name n join place p on p.id = n.place_id
		left join division_version dv on dv.division_id = p.division_id and upper_inf(dv.valid)
		where n.name = $1 and n.kind = 'standard' and upper_inf(n.valid) and p.category in ('natural', 'park') and p.division_id not in (select id from below)
		order by p.id limit 10`, specific, at.id)
}

// protection is why the standard name of a place should stay, nil where nothing says so.
func (s *Store) protection(ctx context.Context, place uuid.UUID) (*gazetteer.Protection, error) {
	var p gazetteer.Protection
	err := s.db.QueryRow(ctx, `
		select n.place_id, n.name, p.category, d.title
		from name_event e join place p on p.id = e.place_id
		join place_name n on n.place_id = p.id and n.kind = 'standard' and upper_inf(n.valid)
		left join document d on d.id = e.document_id
		where e.place_id = $1 and e.kind = 'protection' order by e.recorded_at desc limit 1`, place).Scan(&p.Record.PlaceID, &p.Record.Name, &p.Record.Category, &p.Listed)
	if isNoRows(err) {
		return nil, nil
	}
	return &p, err
}

// records reads records of a query: id, name, category, reading, division, distance.
func (s *Store) records(ctx context.Context, sql string, args ...any) ([]gazetteer.Record, error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r gazetteer.Record, err error) {
		var reading string
		err = row.Scan(&r.PlaceID, &r.Name, &r.Category, &reading, &r.DivisionName, &r.DistanceM)
		r.Reading = strings.Fields(reading)
		return r, err
	})
}
