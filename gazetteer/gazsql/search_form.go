package gazsql

import (
	"context"
	"fmt"
	"maps"
	"slices"

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

// FormNamesOfToday makes the forms anew that say of a division what no longer holds, because a version of it that was recorded
// beforehand has begun since they were made.
func (s *Store) FormNamesOfToday(ctx context.Context) error {
	_, err := s.db.Exec(ctx, `
		insert into name_form_due
		select distinct f.place_id from division_version v join name_form f on f.path @> array[v.division_id] and f.made_on < lower(v.valid)
		where lower(v.valid) <= today() and lower(v.valid) > (select min(made_on) from name_form)`)
	if err != nil {
		return fmt.Errorf("find the names whose divisions changed with the day: %w", err)
	}
	return s.FormNames(ctx, nil)
}

// formDue makes the search forms of all names that are due within the transaction that wrote them.
func formDue(ctx context.Context, tx pgx.Tx) error { return formDueTelling(ctx, tx, func(int) {}) }

// formDueTelling is formDue that tells how many are done.
func formDueTelling(ctx context.Context, tx pgx.Tx, tell func(done int)) error {
	for done := 0; ; {
		n, err := formBatchOf(ctx, tx)
		if err != nil {
			return err
		}
		if n == 0 {
			return knowForms(ctx, tx, done)
		}
		done += n
		tell(done)
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
	ID, PlaceID          uuid.UUID
	Kind, Name, Toneless string
	Category             string
	In                   uuid.UUID  // the division it lies in
	Division             *uuid.UUID // that it stands for
	Valid                pgtype.Range[pgtype.Date]
}

// dueDivisions are the divisions that due places lie in and stand for, and all above them, by id.
type dueDivisions map[uuid.UUID]dueDivision

type dueDivision struct {
	ID          uuid.UUID
	ParentID    *uuid.UUID
	Name, Level string
}

// divisionsAbove gathers divisions and all above them. Of a division's versions that of today counts, else the last one.
func divisionsAbove(ctx context.Context, tx pgx.Tx, divisions []uuid.UUID) (dueDivisions, error) {
	rows, err := tx.Query(ctx, `
		with recursive up (id) as (
		    select unnest($1::uuid[])
		    union
		    select v.parent_id from up u
		    cross join lateral (select parent_id from division_version where division_id = u.id
		                        order by valid @> (select today()) desc, upper(valid) desc nulls first limit 1) v
		    where v.parent_id is not null)
		select u.id, v.parent_id, v.name, v.level from up u
		cross join lateral (select parent_id, name, level from division_version where division_id = u.id
		                    order by valid @> (select today()) desc, upper(valid) desc nulls first limit 1) v`, divisions)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[dueDivision])
	if err != nil {
		return nil, fmt.Errorf("gather the divisions of names that are due: %w", err)
	}
	all := dueDivisions{}
	for _, d := range list {
		all[d.ID] = d
	}
	return all, nil
}

// path is a division and those above it, each once.
func (all dueDivisions) path(of uuid.UUID) (path []uuid.UUID) {
	for d, ok := all[of]; ok && !slices.Contains(path, d.ID); d, ok = all[*d.ParentID] {
		if path = append(path, d.ID); d.ParentID == nil {
			break
		}
	}
	return path
}

// said is what a form says of where a name is: its level as a division, the name of the division it lies in, and the
// divisions it lies in or stands for.
func (all dueDivisions) said(n dueName) (level, within string, path []uuid.UUID) {
	path = all.path(n.In)
	within = all[n.In].Name
	if n.Division == nil {
		return "", within, path
	}
	own := all[*n.Division]
	if *n.Division != n.In {
		return own.Level, within, append(path, all.path(*n.Division)...)
	}
	if within = ""; own.ParentID != nil {
		within = all[*own.ParentID].Name
	}
	return own.Level, within, path
}

// formPlaces writes the forms of the names of the places. A name that ended has none: what remains findable of it is a
// former name.
func formPlaces(ctx context.Context, tx pgx.Tx, places []uuid.UUID) error {
	rows, err := tx.Query(ctx, `
		select n.id, n.place_id, n.kind, n.name, n.toneless, p.category, p.division_id as "in", p.represents_division_id as division, n.valid
		from place p join place_name n on n.place_id = p.id and (upper_inf(n.valid) or upper(n.valid) > (select today()))
		where p.id = any($1)`, places)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowToStructByName[dueName])
	if err != nil {
		return fmt.Errorf("gather the names that are due: %w", err)
	}
	divisions, err := divisionsOf(ctx, tx, names)
	if err != nil {
		return err
	}
	return divisions.form(names).write(ctx, tx)
}

// divisionsOf gathers the divisions that names lie in and stand for, and all above them.
func divisionsOf(ctx context.Context, tx pgx.Tx, names []dueName) (dueDivisions, error) {
	named := map[uuid.UUID]bool{}
	for _, n := range names {
		named[n.In] = true
		if n.Division != nil {
			named[*n.Division] = true
		}
	}
	return divisionsAbove(ctx, tx, slices.Collect(maps.Keys(named)))
}

// formRows are rows of name_form and of name_gram.
type formRows struct{ forms, grams [][]any }

// form makes the forms of names.
func (all dueDivisions) form(names []dueName) formRows {
	made := formRows{make([][]any, 0, len(names)), make([][]any, 0, 8*len(names))}
	for _, n := range names {
		level, within, path := all.said(n)
		f := gazetteer.NewSearchForm(n.Name, n.Toneless, n.Kind, gazetteer.Category(n.Category), gazetteer.Level(level))
		made.forms = append(made.forms, []any{
			n.ID, n.PlaceID, n.Kind, n.Name, f.Text, f.Pinyin, f.Initials, n.Toneless, f.Rank, n.Category, level, within, n.Division, path, n.Valid,
		})
		for _, g := range gazetteer.Grams(f.Text) {
			made.grams = append(made.grams, []any{g, f.Rank, n.ID})
		}
	}
	return made
}

func (made formRows) write(ctx context.Context, tx pgx.Tx) error {
	err := copyRows(ctx, tx, "name_form", []string{
		"name_id", "place_id", "kind", "name", "text", "pinyin", "initials", "toneless", "rank", "category", "level", "within", "division", "path", "valid",
	}, made.forms)
	if err != nil {
		return err
	}
	return copyRows(ctx, tx, "name_gram", []string{"gram", "rank", "name_id"}, made.grams)
}

// formAtOnce writes the forms of names of places that the transaction makes, which no one else can know of: while do writes the
// names, their forms are made, and what do let become due is settled.
func formAtOnce(ctx context.Context, tx pgx.Tx, names []dueName, do func() error) error {
	divisions, err := divisionsOf(ctx, tx, names)
	if err != nil {
		return err
	}
	made := make(chan formRows, 1)
	go func() { made <- divisions.form(names) }()
	if err := do(); err != nil {
		return err
	}
	if err := (<-made).write(ctx, tx); err != nil {
		return err
	}
	settled := make([]uuid.UUID, len(names))
	for i, n := range names {
		settled[i] = n.PlaceID
	}
	if _, err := tx.Exec(ctx, `delete from name_form_due where place_id = any($1)`, settled); err != nil {
		return fmt.Errorf("settle the names that are due: %w", err)
	}
	return nil
}
