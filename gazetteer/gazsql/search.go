package gazsql

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/geo"
)

// Suggestion is one place found while a query is typed. Name is the standard name of today; what was found may be another.
type Suggestion struct {
	Kind         string         `json:"kind"` // place, line
	ID           uuid.UUID      `json:"id"`
	Name         string         `json:"name"`
	Matched      string         `json:"matched,omitempty"` // the name that was found
	NameKind     string         `json:"nameKind,omitempty"`
	Mark         []int          `json:"mark,omitempty"` // the characters of it that were asked for, from the first to before the last
	Rung         gazetteer.Rung `json:"rung,omitempty"`
	Category     string         `json:"category,omitempty"`
	Level        string         `json:"level,omitempty"`
	DivisionName string         `json:"divisionName"`
	Division     *uuid.UUID     `json:"divisionId,omitempty"` // that the place stands for
}

// Hit is one thing found by a search, with what a list and a map show of it.
type Hit struct {
	Suggestion
	Romanization string    `json:"romanization"`
	Lon          *float64  `json:"lon"`
	Lat          *float64  `json:"lat"`
	BBox         []float64 `json:"bbox,omitempty"`
}

// Suggest finds places by their names as far as they are typed: it climbs the rungs of gazetteer.Route until it has enough.
// On a rung the most important comes first; a place comes once, by the first of its names that was found. Former names lead
// to their place. Names of today are found, none that begins later.
//
// Errors: NotFound "division-unknown" for a filter by a division that is none.
func (s *Store) Suggest(ctx context.Context, in gazetteer.Search) ([]Suggestion, error) {
	found, err := s.climb(ctx, in)
	list := make([]Suggestion, len(found))
	for i := range found {
		list[i] = found[i].suggestion()
	}
	return list, err
}

// Search finds what Suggest finds and says more of it. Positions are as the public reads them.
//
// Errors: those of Suggest.
func (s *Store) Search(ctx context.Context, in gazetteer.Search) ([]Hit, error) {
	found, err := s.climb(ctx, in)
	if err != nil {
		return nil, err
	}
	return s.detail(ctx, found)
}

// foundName is a name on a rung, or, without a place, that none of those looked at fits.
type foundName struct {
	Looked                  int
	NameID, PlaceID         *uuid.UUID
	Kind, Name, Toneless    string
	Category, Level, Within string
	Division                *uuid.UUID
	Standard                *string // the name of the place today, where this is another

	step gazetteer.SearchStep
}

func (f foundName) suggestion() Suggestion {
	from, to := f.step.Mark(f.Name, f.Toneless)
	s := Suggestion{
		Kind: "place", ID: *f.PlaceID, Name: f.Name, Matched: f.Name, NameKind: f.Kind, Mark: []int{from, to}, Rung: f.step.Rung,
		Category: f.Category, Level: f.Level, DivisionName: f.Within, Division: f.Division,
	}
	if f.Standard != nil {
		s.Name = *f.Standard
	}
	return s
}

// climb goes up the ladder until enough places are found: in memory where the names are followed, else in the database.
func (s *Store) climb(ctx context.Context, in gazetteer.Search) (found []foundName, err error) {
	if found, ok := s.names.climb(in); ok {
		return found, nil
	}
	shape := searchShape{Search: in}
	if in.Division != uuid.Nil {
		if shape.few, err = s.holdsFew(ctx, in.Division); err != nil {
			return nil, err
		}
	}
	for _, step := range gazetteer.Route(in.Text) {
		pages := pagesFor(in.Limit)
		for all := false; !all && len(found) < in.Limit; pages = pages[min(1, len(pages)-1):] {
			var more []foundName
			if more, all, err = s.onRung(ctx, shape, step, pages[0], found); err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
	}
	return found[:min(len(found), in.Limit)], nil
}

// pagesFor are how many of the most important names on a rung are looked at: few at first, more when filters and places
// with several names leave too little of them, in the end all (0).
func pagesFor(limit int) []int {
	if limit+spare <= 16 {
		return []int{16, 512, 16_384, 0}
	}
	return []int{64, 2048, 65_536, 0}
}

// spare are the names read beyond those wanted, for places that are found by several names.
const spare = 4

// holdsFew reports whether a division is small enough to look at everything in it.
func (s *Store) holdsFew(ctx context.Context, division uuid.UUID) (few bool, err error) {
	err = s.db.QueryRow(ctx, `
		select level not in ('province', 'prefecture') from division_version where division_id = $1 order by upper(valid) desc nulls first limit 1`,
		division).Scan(&few)
	return few, notFound(err, "division-unknown", "没有编号为 %s 的行政区划", division)
}

// onRung returns the places among the first names on a rung that are not found yet, and whether these were all.
func (s *Store) onRung(ctx context.Context, shape searchShape, step gazetteer.SearchStep, page int, found []foundName) (fresh []foundName, all bool, err error) {
	sql, args, walk := shape.sql(step, page, found)
	rows, err := s.db.Query(ctx, sql, args)
	if err != nil {
		return nil, false, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowToStructByName[foundName])
	if err != nil {
		return nil, false, fmt.Errorf("search by %s: %w", step.Rung, err)
	}
	seen := map[uuid.UUID]bool{}
	for _, n := range names {
		all = !walk || page == 0 || n.Looked < page
		if n.PlaceID == nil {
			continue // nothing fits
		}
		if !seen[*n.PlaceID] {
			seen[*n.PlaceID] = true
			n.step = step
			fresh = append(fresh, n)
		}
	}
	return fresh, all && len(names) < args["n"].(int), nil
}

// detail adds to what was found its spelling, its point and the box of a division. Each row is looked up by itself (limit 1):
// a join of few rows with a whole table is planned as a merge of both where the statistics are missing.
func (s *Store) detail(ctx context.Context, found []foundName) ([]Hit, error) {
	ids := make([]uuid.UUID, len(found))
	for i, f := range found {
		ids[i] = *f.NameID
	}
	rows, err := s.db.Query(ctx, `
		select h.at, coalesce(cn.romanization, n.romanization) as romanization,
		       st_x(st_pointonsurface(p.geom)) as lon, st_y(st_pointonsurface(p.geom)) as lat,
		       case when s.geom is not null then array[st_xmin(s.geom), st_ymin(s.geom), st_xmax(s.geom), st_ymax(s.geom)] end as bbox,
		       pp.decimals
		from unnest($1::uuid[]) with ordinality h (id, at)
		cross join lateral (select place_id, romanization from place_name where id = h.id limit 1) n
		cross join lateral (select * from place where id = n.place_id limit 1) p
		left join lateral (select romanization from place_name
		                   where place_id = p.id and kind = 'standard' and language = 'zh' and valid @> today() limit 1) cn on true
		left join lateral (select parent_id from division_version where division_id = p.represents_division_id and upper_inf(valid) limit 1) rv on true
		left join lateral (select level from division_version
		                   where division_id = case when p.represents_division_id = p.division_id then rv.parent_id else p.division_id end
		                     and upper_inf(valid) limit 1) dv on true
		left join lateral (select geom from division_shape where division_id = p.represents_division_id and upper_inf(valid) limit 1) s on true
		left join precision_policy pp on pp.layer = 'places' and pp.level = `+levelOfPlaces("dv.level")+`
		order by h.at`, ids)
	if err != nil {
		return nil, err
	}
	hits := []Hit{}
	var at int
	var decimals *int
	var h Hit
	_, err = pgx.ForEachRow(rows, []any{&at, &h.Romanization, &h.Lon, &h.Lat, &h.BBox, &decimals}, func() error {
		h.Suggestion = found[at-1].suggestion()
		hits = append(hits, h.public(decimals))
		return nil
	})
	return hits, err
}

// public is the hit with its position to so many decimals as the public reads it, nil for all.
func (h Hit) public(decimals *int) Hit {
	if h.Lon != nil && h.Lat != nil && decimals != nil {
		at := geo.RoundDegrees(orb.Point{*h.Lon, *h.Lat}, *decimals)
		h.Lon, h.Lat = &at[0], &at[1]
	}
	return h
}

// searchShape builds the statement of a rung. Each shape of a query is a statement of its own: one for all would keep a plan
// that is right for one of them.
type searchShape struct {
	gazetteer.Search
	few bool // the division is small: everything in it is looked at
}

// What is read by an index in order of rank has that index for each length of key up to these; a longer key is met by few
// names, which are gathered and sorted. The inside of a name is walked by grams, longer parts found by trigrams.
const (
	textHeads     = 2
	pinyinHeads   = 4
	initialsHeads = 3
)

// sql is the statement that reads the next names on a rung. First what matches the key, in order of rank and by one index
// alone; only then is it looked at, name by name, whether it fits the filters: no guess at how many will can turn the walk
// into a scan. Looked tells at how many names it looked.
func (q searchShape) sql(step gazetteer.SearchStep, page int, found []foundName) (sql string, args pgx.StrictNamedArgs, walk bool) {
	args = pgx.StrictNamedArgs{"key": step.Key, "n": q.Limit - len(found) + spare}
	from, where, walk := q.matching(step, args)
	fits := q.fits(found, args)
	if step.Head != "" {
		fits, args["head"] = append(fits, `starts_with(f.text, @head)`), step.Head
	}
	if q.Category != "" || q.Level != "" {
		args["least"], args["most"] = gazetteer.RankSpan(q.Category, q.Level)
		where = append(where, `m.rank between @least and @most`)
	}
	within, order := ``, ``
	switch {
	case q.few:
		args["division"] = q.Division
		within = `within as materialized (select name_id, place_id, text, pinyin, initials, rank from name_form where path @> array[@division::uuid]), `
	case walk && page > 0:
		order = fmt.Sprintf(` order by m.rank desc, m.name_id limit %d`, page)
	}
	return `
		with ` + within + `match as materialized (select m.name_id, m.rank from ` + from + ` where ` + strings.Join(where, ` and `) + order + `),
		hit as materialized (
		    select f.* from match m cross join lateral (
		        select * from name_form f where f.name_id = m.name_id and ` + strings.Join(fits, ` and `) + ` limit 1) f
		    order by m.rank desc, m.name_id limit @n)
		select l.looked, h.name_id, h.place_id, coalesce(h.kind, '') as kind, coalesce(h.name, '') as name, coalesce(h.toneless, '') as toneless,
		       coalesce(h.category, '') as category, coalesce(h.level, '') as level, coalesce(h.within, '') as within, h.division,
		       case when h.kind <> 'standard' then (
		           select n.name from place_name n where n.place_id = h.place_id and n.kind = 'standard' and n.language = 'zh' and n.valid @> today()) end as standard
		from (select count(*) as looked from match) l left join hit h on true
		order by h.rank desc, h.name_id`, args, walk
}

const wholeForm = `name_form m`

// matching is where a rung's names are read and by what; walk says that an index gives them in order of rank. In a small
// division they are read from what lies in it.
func (q searchShape) matching(step gazetteer.SearchStep, args pgx.StrictNamedArgs) (from string, where []string, walk bool) {
	if q.few {
		q.few = false
		if step.Rung == gazetteer.ByInside {
			return `within m`, []string{`strpos(m.text, @key) > 0`}, false
		}
		_, where, _ = q.matching(step, args)
		return `within m`, where, false
	}
	n := utf8.RuneCountInString(step.Key)
	switch step.Rung {
	case gazetteer.ByCode:
		return wholeForm, []string{`m.place_id in (
			select p.id from division_code c join place p on p.represents_division_id = c.division_id where c.code = @key and c.valid @> today())`}, false
	case gazetteer.ByExact:
		return wholeForm, []string{`m.text = @key`}, true
	case gazetteer.ByPinyin:
		return wholeForm, []string{`m.pinyin = @key`}, true
	case gazetteer.ByPrefix:
		return beginning("m.text", n, textHeads, args)
	case gazetteer.ByPinyinPrefix:
		return beginning("m.pinyin", n, pinyinHeads, args)
	case gazetteer.ByInitials:
		return beginning("m.initials", n, initialsHeads, args)
	}
	if n <= gazetteer.LongestGram {
		return `name_gram m`, []string{`m.gram = @key`}, true
	}
	args["key"] = `%` + literally.Replace(step.Key) + `%`
	return wholeForm, []string{`m.text like @key`}, false
}

// beginning matches how a column begins: by the index of beginnings of that length, else by the span of texts it begins.
func beginning(column string, n, longest int, args pgx.StrictNamedArgs) (from string, where []string, walk bool) {
	if n <= longest {
		return wholeForm, []string{fmt.Sprintf(`left(%s, %d) = @key`, column, n)}, true
	}
	args["end"] = args["key"].(string) + string(unicode.MaxRune)
	return wholeForm, []string{column + ` >= @key and ` + column + ` < @end`}, false
}

// fits are the conditions besides the match and the rank: valid today, not found yet, and asked for.
func (q searchShape) fits(found []foundName, args pgx.StrictNamedArgs) []string {
	where := []string{`f.valid @> (select today())`}
	if len(found) > 0 {
		seen := make([]uuid.UUID, len(found))
		for i, f := range found {
			seen[i] = *f.PlaceID
		}
		where, args["seen"] = append(where, `f.place_id <> all(@seen)`), seen
	}
	if q.Current {
		where = append(where, `f.kind <> 'former'`)
	}
	if q.Division != uuid.Nil && !q.few {
		where, args["division"] = append(where, `@division = any(f.path)`), q.Division
	}
	return where
}

// literally makes a text stand for itself in a like pattern.
var literally = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Where is a division that holds a point.
type Where struct {
	Level string    `json:"level"`
	ID    uuid.UUID `json:"id"`
	Code  string    `json:"code"`
	Name  string    `json:"name"`
}

// Reverse tells where a point is, at every level a shape is known for, highest first. A point on a border is in the
// division with the smaller code.
func (s *Store) Reverse(ctx context.Context, p orb.Point) ([]Where, error) {
	rows, err := s.db.Query(ctx, `
		with inside as (
		    select s.division_id as id from division_shape s where upper_inf(s.valid) and st_intersects(s.geom, $1::geometry)),
		up as (
		    select id from inside
		    union
		    select v.parent_id from inside i join division_version v on v.division_id = i.id and upper_inf(v.valid) where v.parent_id is not null)
		select distinct on (array_position(array['province', 'prefecture', 'county', 'township', 'village'], v.level))
		       v.level, v.division_id as id, c.code, v.name
		from up join division_version v on v.division_id = up.id and upper_inf(v.valid)
		join division_code c on c.division_id = up.id and upper_inf(c.valid) and c.system = 'gbt2260'
		order by array_position(array['province', 'prefecture', 'county', 'township', 'village'], v.level), c.code`, p)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Where])
	if found == nil {
		found = []Where{}
	}
	return found, err
}
