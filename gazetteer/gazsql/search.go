package gazsql

import (
	"context"
	"strings"
	"unicode"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/geo"
)

// Hit is one thing found by a search.
type Hit struct {
	Kind         string     `json:"kind"` // place, division, line, marker
	ID           uuid.UUID  `json:"id"`
	Name         string     `json:"name"`
	Romanization string     `json:"romanization"`
	Category     string     `json:"category,omitempty"`
	Level        string     `json:"level,omitempty"`
	DivisionName string     `json:"divisionName"`
	Lon          *float64   `json:"lon"`
	Lat          *float64   `json:"lat"`
	BBox         []float64  `json:"bbox,omitempty"`
	Division     *uuid.UUID `json:"divisionId,omitempty"`
	Decimals     *int       `json:"-"` // to which its position is rounded
}

// public is the hit with its position as the public reads it.
func (h Hit) public() Hit {
	if h.Lon != nil && h.Lat != nil && h.Decimals != nil {
		at := geo.RoundDegrees(orb.Point{*h.Lon, *h.Lat}, *h.Decimals)
		h.Lon, h.Lat = &at[0], &at[1]
	}
	return h
}

// literally makes a text stand for itself in a like pattern.
var literally = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// typed folds pinyin as people type it into the form it is kept in: no blanks, no apostrophes, ü as v.
var typed = strings.NewReplacer(" ", "", "'", "", "’", "", "ü", "v", "Ü", "v")

// Search finds names by Chinese characters anywhere, by toneless pinyin from the start, or by initials; former names
// lead to their place, and a place comes once. Shorter names and higher divisions come first.
func (s *Store) Search(ctx context.Context, q string, limit int) ([]Hit, error) {
	q = strings.TrimSpace(q)
	if q == "" {
		return []Hit{}, nil
	}
	where, arg := `n.name like '%' || $1 || '%'`, literally.Replace(q)
	if latin(q) {
		if arg = literally.Replace(strings.ToLower(typed.Replace(q))); arg == "" {
			return []Hit{}, nil
		}
		where = `(replace(n.toneless, ' ', '') like $1 || '%'
		          or regexp_replace(n.toneless, '(\S)\S*\s*', '\1', 'g') like $1 || '%')`
	}
	rows, err := s.db.Query(ctx, `
		select 'place' as kind, p.id, n.name, n.romanization, p.category, coalesce(rv.level, '') as level,
		       coalesce(dv.name, '') as division_name, st_x(st_pointonsurface(p.geom)) as lon, st_y(st_pointonsurface(p.geom)) as lat,
		       case when s.geom is not null then array[st_xmin(s.geom), st_ymin(s.geom), st_xmax(s.geom), st_ymax(s.geom)] end as bbox,
		       p.represents_division_id as division, pp.decimals
		from (select distinct on (n.place_id) n.* from place_name n
		      where n.kind in ('standard', 'former', 'alternative', 'short') and (upper_inf(n.valid) or n.kind = 'former') and `+where+`
		      order by n.place_id, (n.name = $1) desc, (n.kind = 'standard') desc, upper(n.valid) desc nulls first, n.id) n
		join place p on p.id = n.place_id
		left join division_version rv on rv.division_id = p.represents_division_id and upper_inf(rv.valid)
		left join division_version dv on dv.division_id = case when p.represents_division_id = p.division_id then rv.parent_id else p.division_id end and upper_inf(dv.valid)
		left join division_shape s on s.division_id = p.represents_division_id and upper_inf(s.valid)
		left join precision_policy pp on pp.layer = 'places' and pp.level = `+levelOfPlaces("dv.level")+`
		order by (n.name = $1) desc, array_position(array['province', 'prefecture', 'county', 'township'], rv.level) nulls last, length(n.name), coalesce(n.sort_key, n.toneless), p.id
		limit $2`, arg, limit)
	if err != nil {
		return nil, err
	}
	hits, err := pgx.CollectRows(rows, pgx.RowToStructByName[Hit])
	if hits == nil {
		hits = []Hit{}
	}
	for i := range hits {
		hits[i] = hits[i].public()
	}
	return hits, err
}

func latin(q string) bool {
	for _, r := range q {
		if r > unicode.MaxASCII && !strings.ContainsRune("üÜ’", r) {
			return false
		}
	}
	return true
}

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
