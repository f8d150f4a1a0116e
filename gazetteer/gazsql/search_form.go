package gazsql

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"fangyu/gazetteer"
	"fangyu/internal/postgis"
)

// formBatch is how many places have their forms made at once.
const formBatch = 20_000

// FormNames makes the search forms of all names that are due, in transactions of their own, so that it can be stopped and
// goes on where it was. Those who write names make the forms in the transaction that writes them (formDue); what is due
// beyond that was there before the forms were, or was written by another way.
func (s *Store) FormNames(ctx context.Context, progress func(done, total int)) error {
	var total int
	if err := s.db.QueryRow(ctx, `select count(*) from name_form_due`).Scan(&total); err != nil || total == 0 {
		return err
	}
	for done := 0; ; {
		n := 0
		err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) (err error) {
			n, err = formBatchOf(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return knowForms(ctx, s.db, done)
		}
		if done += n; progress != nil {
			progress(done, max(done, total))
		}
	}
}

// formDue makes the search forms of all names that are due within the transaction that wrote them.
func formDue(ctx context.Context, tx pgx.Tx) error {
	for done := 0; ; {
		n, err := formBatchOf(ctx, tx)
		if err != nil {
			return err
		}
		if n == 0 {
			return knowForms(ctx, tx, done)
		}
		done += n
	}
}

// many are so many new forms that the statistics are taken anew.
const many = 1000

func knowForms(ctx context.Context, db postgis.Conn, made int) error {
	if made < many {
		return nil
	}
	if _, err := db.Exec(ctx, `select know_forms()`); err != nil {
		return fmt.Errorf("know the forms: %w", err)
	}
	return nil
}

// formBatchOf makes the forms of some of the places that are due and returns how many entries that settled. The lock of the
// names keeps two from making the forms of one place.
func formBatchOf(ctx context.Context, tx pgx.Tx) (int, error) {
	var due bool
	if err := tx.QueryRow(ctx, `select exists (select from name_form_due)`).Scan(&due); err != nil || !due {
		return 0, err
	}
	if err := lockNames(ctx, tx); err != nil {
		return 0, err
	}
	rows, err := tx.Query(ctx, `
		delete from name_form_due where ctid = any(array(select ctid from name_form_due limit $1)) returning place_id`, formBatch)
	if err != nil {
		return 0, err
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return 0, fmt.Errorf("take the names that are due: %w", err)
	}
	if _, err := tx.Exec(ctx, `delete from name_form where place_id = any($1)`, taken); err != nil {
		return 0, fmt.Errorf("forget the old forms: %w", err)
	}
	return len(taken), formPlaces(ctx, tx, taken)
}

// dueName is a name as its form is made of it.
type dueName struct {
	ID, PlaceID             uuid.UUID
	Kind, Name, Toneless    string
	Category, Level, Within string
	Division                *uuid.UUID
	Path                    []uuid.UUID
	Valid                   pgtype.Range[pgtype.Date]
}

// formPlaces writes the forms of the names of the places. A name that ended has none: what remains findable of it is a
// former name. Of a division's versions that of today counts, else the last one.
func formPlaces(ctx context.Context, tx pgx.Tx, places []uuid.UUID) error {
	rows, err := tx.Query(ctx, `
		with recursive due as materialized (select * from place where id = any($1)),
		start (id) as (select division_id from due union select represents_division_id from due where represents_division_id is not null),
		up (start, id) as (
		    select id, id from start
		    union
		    select u.start, v.parent_id from up u
		    cross join lateral (select parent_id from division_version where division_id = u.id
		                        order by valid @> (select today()) desc, upper(valid) desc nulls first limit 1) v
		    where v.parent_id is not null),
		path as materialized (select start, array_agg(id order by id) as ids from up group by start),
		version as materialized (
		    select s.id, v.* from (select distinct id from up) s
		    cross join lateral (select parent_id, name, level from division_version where division_id = s.id
		                        order by valid @> (select today()) desc, upper(valid) desc nulls first limit 1) v)
		select n.id, n.place_id, n.kind, n.name, n.toneless, p.category, coalesce(rv.level, '') as level, coalesce(wv.name, '') as within,
		       p.represents_division_id as division, a.ids || coalesce(b.ids, '{}') as path, n.valid
		from due p
		join place_name n on n.place_id = p.id and (upper_inf(n.valid) or upper(n.valid) > (select today()))
		join path a on a.start = p.division_id
		left join path b on b.start = p.represents_division_id and p.represents_division_id <> p.division_id
		left join version rv on rv.id = p.represents_division_id
		left join version wv on wv.id = case when p.represents_division_id = p.division_id then rv.parent_id else p.division_id end`, places)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowToStructByName[dueName])
	if err != nil {
		return fmt.Errorf("gather the names that are due: %w", err)
	}
	forms, grams := make([][]any, 0, len(names)), make([][]any, 0, 8*len(names))
	for _, n := range names {
		f := gazetteer.NewSearchForm(n.Name, n.Toneless, n.Kind, gazetteer.Category(n.Category), gazetteer.Level(n.Level))
		forms = append(forms, []any{
			n.ID, n.PlaceID, n.Kind, n.Name, f.Text, f.Pinyin, f.Initials, n.Toneless, f.Rank, n.Category, n.Level, n.Within, n.Division, n.Path, n.Valid,
		})
		for _, g := range gazetteer.Grams(f.Text) {
			grams = append(grams, []any{g, f.Rank, n.ID})
		}
	}
	err = copyRows(ctx, tx, "name_form", []string{
		"name_id", "place_id", "kind", "name", "text", "pinyin", "initials", "toneless", "rank", "category", "level", "within", "division", "path", "valid",
	}, forms)
	if err != nil {
		return err
	}
	return copyRows(ctx, tx, "name_gram", []string{"gram", "rank", "name_id"}, grams)
}
