package gazsql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
)

// SeedPacks writes the packs that come with the program and are not there yet; one that is stays as it is.
func (s *Store) SeedPacks(ctx context.Context, now time.Time) error {
	var there []string // asked once: on all starts but the first nothing is missing
	if err := s.db.QueryRow(ctx, `select coalesce(array_agg(distinct pack_id), '{}') from rule`).Scan(&there); err != nil {
		return fmt.Errorf("see which packs are there: %w", err)
	}
	for _, p := range gazetteer.ShippedPacks() {
		if slices.Contains(there, p.ID) {
			continue
		}
		if err := s.SeedPack(ctx, now, p); err != nil {
			return fmt.Errorf("seed the pack %s: %w", p.ID, err)
		}
	}
	return nil
}

// SeedPack writes a rule pack that is not there yet; one that is, with rules, stays as it is.
func (s *Store) SeedPack(ctx context.Context, now time.Time, p gazetteer.Pack) error {
	return pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
			insert into rule_pack (id, title, source, region, comparison, includes, without, valid)
			values (@id, @title, @source, @region, @comparison, @includes, @without, daterange(@from::text::date, nullif(@to, '')::date)) on conflict do nothing`,
			pgx.StrictNamedArgs{
				"id": p.ID, "title": p.Title, "source": p.Source, "region": p.Region, "comparison": p.Comparison,
				"includes": given(p.Includes), "without": given(p.Without), "from": p.ValidFrom, "to": p.ValidTo,
			})
		if err != nil {
			return err
		}
		var written bool
		if err := tx.QueryRow(ctx, `select exists (select from rule where pack_id = $1)`, p.ID).Scan(&written); err != nil || written {
			return err
		}
		if err := writeRules(ctx, tx, p); err != nil {
			return err
		}
		for _, l := range p.Libraries {
			if err := seedLibrary(ctx, tx, now, p, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// given is a list that is never null.
func given[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

func writeRules(ctx context.Context, tx pgx.Tx, p gazetteer.Pack) error {
	rows := make([][]any, len(p.Rules))
	for i, r := range p.Rules {
		rows[i] = []any{
			p.ID, i + 1, r.ID, string(r.Kind), r.Title, r.Clause, string(r.Strength), string(r.Severity), r.Confirmed,
			given(r.Categories), texts(r.Levels), given(r.Cases), Span(dayOrZero(cmp.Or(r.ValidFrom, p.ValidFrom)), dayOrZero(cmp.Or(r.ValidTo, p.ValidTo))), r.Params,
		}
	}
	return copyRows(ctx, tx, "rule", []string{
		"pack_id", "n", "id", "kind", "title", "clause", "strength", "severity", "confirmed", "categories", "level", "cases", "valid", "params",
	}, rows)
}

// dayOrZero is a day that was checked; the zero time for "".
func dayOrZero(text string) time.Time {
	day, _ := time.Parse(time.DateOnly, text)
	return day
}

// seedLibrary writes the words of a library that is not there yet, since the day its pack begins.
func seedLibrary(ctx context.Context, tx pgx.Tx, now time.Time, p gazetteer.Pack, l gazetteer.Library) error {
	tag, err := tx.Exec(ctx, `insert into word_library (id, title, recorded_at) values ($1, $2, $3) on conflict do nothing`, l.ID, l.Title, now)
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	rows := make([][]any, len(l.Words))
	for i, w := range l.Words {
		rows[i] = []any{NewID(), l.ID, w.Text, string(w.Class), given(w.Except), given(w.Before), string(w.Weighs), w.Note, Span(dayOrZero(p.ValidFrom), time.Time{}), now}
	}
	return copyRows(ctx, tx, "library_word", []string{"id", "library_id", "text", "class", "except_in", "before", "weighs", "note", "valid", "recorded_at"}, rows)
}

// packOn returns the pack asked for, or the one in force on the day at a place with that code: the nearest by region, then the newest.
// Its rules are those that hold on the day, after those of the packs that it includes.
//
// Error: NotFound "pack-unknown".
func (s *Store) packOn(ctx context.Context, day, asked, code string) (pack gazetteer.Pack, err error) {
	err = s.db.QueryRow(ctx, `
		select id, title, includes, without from rule_pack
		where case when @pack = '' then valid @> @day::text::date and not comparison and starts_with(@code, region) else id = @pack end
		order by length(region) desc, lower(valid) desc limit 1`,
		pgx.StrictNamedArgs{"pack": asked, "day": day, "code": code}).Scan(&pack.ID, &pack.Title, &pack.Includes, &pack.Without)
	if err != nil {
		return pack, notFound(err, "pack-unknown", "没有命名规则包“%s”", asked)
	}
	rows, err := s.db.Query(ctx, `
		with recursive held as (
		    select $1::text as id, 0 as depth
		    union
		    select unnest(p.includes), held.depth + 1 from held join rule_pack p on p.id = held.id where held.depth < 5)
		select r.pack_id, r.id, r.kind, r.title, r.clause, r.strength, r.severity, r.confirmed, r.categories, r.level, r.cases, r.params
		from (select id, max(depth) as depth from held group by id) held join rule r on r.pack_id = held.id
		where r.valid @> $2::text::date order by held.depth desc, r.pack_id, r.n`, pack.ID, day)
	if err != nil {
		return pack, err
	}
	pack.Rules, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r gazetteer.Rule, err error) {
		err = row.Scan(&r.Pack, &r.ID, &r.Kind, &r.Title, &r.Clause, &r.Strength, &r.Severity, &r.Confirmed, &r.Categories, &r.Levels, &r.Cases, &r.Params)
		return r, err
	})
	pack.Rules = slices.DeleteFunc(pack.Rules, func(r gazetteer.Rule) bool { return r.Pack != pack.ID && slices.Contains(pack.Without, r.ID) })
	return pack, err
}

// librariesOf are the word libraries that rules name.
func librariesOf(rules []gazetteer.Rule) (ids []string) {
	for _, r := range rules {
		if r.Params.Library != "" && !slices.Contains(ids, r.Params.Library) {
			ids = append(ids, r.Params.Library)
		}
	}
	return ids
}

// wordsOf are the words, valid on a day, of the libraries that rules name.
func (s *Store) wordsOf(ctx context.Context, day string, rules []gazetteer.Rule) (map[string][]gazetteer.Word, error) {
	libraries := librariesOf(rules)
	words := map[string][]gazetteer.Word{}
	if len(libraries) == 0 {
		return words, nil
	}
	rows, err := s.db.Query(ctx, `
		select library_id, text, class, except_in, before, weighs, note from library_word
		where library_id = any ($1) and valid @> $2::text::date order by library_id, text`, libraries, day)
	if err != nil {
		return nil, err
	}
	var library string
	var w gazetteer.Word
	_, err = pgx.ForEachRow(rows, []any{&library, &w.Text, &w.Class, &w.Except, &w.Before, &w.Weighs, &w.Note}, func() error {
		words[library] = append(words[library], w)
		w = gazetteer.Word{}
		return nil
	})
	return words, err
}

// within is a rule as its pack says it: the days of the pack go without saying.
func within(r gazetteer.Rule, p gazetteer.Pack) gazetteer.Rule {
	if r.ValidFrom == p.ValidFrom {
		r.ValidFrom = ""
	}
	if r.ValidTo == p.ValidTo {
		r.ValidTo = ""
	}
	return r
}

// PackRow is a pack in a list.
type PackRow struct {
	ID         string   `json:"id"`
	Title      string   `json:"title"`
	Source     string   `json:"source"`
	Region     string   `json:"region"`
	RegionName string   `json:"regionName"` // of the division that has such a code; "" for everywhere
	ValidFrom  *string  `json:"validFrom"`
	ValidTo    *string  `json:"validTo"`
	Comparison bool     `json:"comparison"`
	Includes   []string `json:"includes"`
	Rules      int      `json:"rules"` // its own
}

// Packs lists the rule packs: those in force first, then by region and day.
func (s *Store) Packs(ctx context.Context) ([]PackRow, error) {
	rows, err := s.db.Query(ctx, `
		select p.id, p.title, p.source, p.region, coalesce((
		           select v.name from division_code c join division_version v on v.division_id = c.division_id and upper_inf(v.valid)
		           where p.region <> '' and c.code = rpad(p.region, 6, '0') and c.system = 'gbt2260' and upper_inf(c.valid) limit 1), '') as region_name,
		       lower(p.valid)::text as valid_from, upper(p.valid)::text as valid_to, p.comparison, p.includes,
		       (select count(*) from rule r where r.pack_id = p.id)::int as rules
		from rule_pack p order by p.comparison, p.region, lower(p.valid), p.id`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[PackRow])
}

// Pack returns a pack whole, with its own rules and the words, as they count on a day, of the libraries that these name.
//
// Error: NotFound "pack-unknown".
func (s *Store) Pack(ctx context.Context, day, id string) (p gazetteer.Pack, err error) {
	err = s.db.QueryRow(ctx, `
		select id, title, source, region, coalesce(lower(valid)::text, ''), coalesce(upper(valid)::text, ''), comparison, includes, without
		from rule_pack where id = $1`, id).Scan(&p.ID, &p.Title, &p.Source, &p.Region, &p.ValidFrom, &p.ValidTo, &p.Comparison, &p.Includes, &p.Without)
	if err != nil {
		return p, notFound(err, "pack-unknown", "没有命名规则包“%s”", id)
	}
	rows, err := s.db.Query(ctx, `
		select id, kind, title, clause, strength, severity, confirmed, categories, level, cases, coalesce(lower(valid)::text, ''), coalesce(upper(valid)::text, ''), params
		from rule where pack_id = $1 order by n`, id)
	if err != nil {
		return p, err
	}
	p.Rules, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r gazetteer.Rule, err error) {
		err = row.Scan(&r.ID, &r.Kind, &r.Title, &r.Clause, &r.Strength, &r.Severity, &r.Confirmed, &r.Categories, &r.Levels, &r.Cases, &r.ValidFrom, &r.ValidTo, &r.Params)
		return within(r, p), err
	})
	if err != nil {
		return p, err
	}
	words, err := s.wordsOf(ctx, day, p.Rules)
	if err != nil {
		return p, err
	}
	err = each(ctx, s, `select id, title from word_library where id = any ($1) order by id`, func(l struct{ ID, Title string }) error {
		p.Libraries = append(p.Libraries, gazetteer.Library{ID: l.ID, Title: l.Title, Words: words[l.ID]})
		return nil
	}, librariesOf(p.Rules))
	return p, err
}
