package gazsql

import (
	"cmp"
	"context"
	"slices"
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
	Pack     string             `json:"pack"` // empty: the one in force there on the day
	Day      string             `json:"-"`    // whose rules and words count; empty: today. The names compared with are today's
	PlaceID  uuid.UUID          `json:"placeId"`

	Facts      gazetteer.Facts       `json:"-"`
	Statements []gazetteer.Statement `json:"-"`
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
	day := cmp.Or(in.Day, beijing.Day(now))
	pack, err := s.packOn(ctx, day, in.Pack, at.code)
	if err != nil {
		return gazetteer.Verdict{}, err
	}
	draft := gazetteer.Draft{Kind: in.Kind, Name: in.Name, Category: in.Category, PlaceID: in.PlaceID, Facts: in.Facts, Statements: in.Statements}
	switch in.Kind {
	case "", "new", "rename", "retire":
	case "existing":
		if draft.PlaceID, err = s.placeNamed(ctx, in, at.id); err != nil {
			return gazetteer.Verdict{}, err
		}
		if err := s.onRecord(ctx, &draft); err != nil {
			return gazetteer.Verdict{}, err
		}
	default:
		return gazetteer.Verdict{}, fault.New(fault.Malformed, "kind-unknown", "不认识的种类“%s”：可用 new、rename、retire、existing", in.Kind)
	}
	pack.Rules = slices.DeleteFunc(pack.Rules, func(r gazetteer.Rule) bool { return !r.Applies(draft) })
	around, err := s.surroundings(ctx, draft, at, in.Point, pack.Rules)
	if err != nil {
		return gazetteer.Verdict{}, err
	}
	around.Words = pack.WordLists()
	gathered, err := s.gather(ctx, draft, at, in.Point, pack.Rules)
	if err != nil {
		return gazetteer.Verdict{}, err
	}
	findings := gazetteer.Check(draft, pack.Rules, gathered, around)
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
	unseen := func(r rune) bool {
		return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Noncharacter_Code_Point) || r == utf8.RuneError
	}
	if strings.ContainsFunc(name, unseen) {
		return fault.New(fault.Malformed, "name-unreadable", "名称中有看不见的控制字符或损坏的编码：请重新输入")
	}
	return nil
}

// chain is a division with the divisions above it.
type chain struct {
	above  []gazetteer.Unit // itself and those above, the lowest first
	code   string           // its code
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
		select division_id, name, level, coalesce((select code from division_code c
		    where c.division_id = up.division_id and c.system in ('gbt2260', 'gbt10114') and upper_inf(c.valid) order by c.code limit 1), '')
		from up order by n`, id)
	if err != nil {
		return c, err
	}
	var at uuid.UUID
	var name, level, code string
	_, err = pgx.ForEachRow(rows, []any{&at, &name, &level, &code}, func() error {
		if c.id == uuid.Nil {
			c.id, c.name = at, name
		}
		c.code = cmp.Or(c.code, code)
		c.above = append(c.above, gazetteer.Unit{ID: at, Name: name, Level: gazetteer.Level(level)})
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
