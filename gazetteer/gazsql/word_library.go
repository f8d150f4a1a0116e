package gazsql

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// LibraryRow is a word library in a list.
type LibraryRow struct {
	ID         string                `json:"id"`
	Title      string                `json:"title"`
	Kind       gazetteer.LibraryKind `json:"kind"`
	Region     string                `json:"region"`     // of the bureau that keeps it; "" for whoever runs the system
	RegionName string                `json:"regionName"` // of the division that has such a code
	Words      int                   `json:"words"`      // that count today, in all regions
	Packs      []PackName            `json:"packs"`      // with a rule that asks for it
	Version    int                   `json:"version"`
}

// PackName names a pack.
type PackName struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// LibraryList is every library, and whether the actor may add words and libraries.
type LibraryList struct {
	Items  []LibraryRow `json:"items"`
	Region *string      `json:"region"` // in which the actor's words count; null: may add none
}

// LibraryWord is a word with the days and the region that it counts in.
type LibraryWord struct {
	gazetteer.Word
	Region     string  `json:"region"` // leading digits of the division code; "" wherever the library is asked
	RegionName string  `json:"regionName"`
	From       string  `json:"from"`
	To         *string `json:"to"`  // the first day on which it counts no more; null: none
	Own        bool    `json:"own"` // the actor may end or change it
}

// KnownLibrary is a library with a page of its words.
type KnownLibrary struct {
	LibraryRow
	Found int           `json:"found"` // words that were asked for
	Items []LibraryWord `json:"items"`
	May   bool          `json:"may"` // the actor may add words
}

// Libraries lists the word libraries: of limited words, then of words to name with.
func (s *Store) Libraries(ctx context.Context, actor gazetteer.Actor, now time.Time) (list LibraryList, err error) {
	book, err := s.book(ctx)
	if err != nil {
		return list, err
	}
	regions, err := s.regionNames(ctx, book)
	if err != nil {
		return list, err
	}
	list.Items = []LibraryRow{}
	for _, l := range book.Libraries {
		list.Items = append(list.Items, libraryRow(book, l, regions, beijing.Day(now)))
	}
	slices.SortStableFunc(list.Items, func(a, b LibraryRow) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID))
	})
	list.Region, err = s.keepsIn(ctx, actor)
	return list, err
}

func libraryRow(book *gazetteer.RuleBook, l gazetteer.KeptLibrary, regions map[string]string, day string) LibraryRow {
	row := LibraryRow{ID: l.ID, Title: l.Title, Kind: l.Kind, Region: l.Region, RegionName: regions[l.Region], Packs: []PackName{}, Version: l.Version}
	for _, w := range l.Words {
		if w.Counts(day) {
			row.Words++
		}
	}
	for _, p := range book.Packs {
		if slices.ContainsFunc(p.Rules, func(r gazetteer.Rule) bool { return r.Params.Library == l.ID }) {
			row.Packs = append(row.Packs, PackName{p.ID, p.Title})
		}
	}
	return row
}

// Library returns a library with those of its words, after the first so many, that have a text in them.
//
// Error: NotFound "library-unknown".
func (s *Store) Library(ctx context.Context, actor gazetteer.Actor, now time.Time, id, text string, after, limit int) (known KnownLibrary, err error) {
	book, err := s.book(ctx)
	if err != nil {
		return known, err
	}
	l, err := book.Library(id)
	if err != nil {
		return known, err
	}
	regions, err := s.regionNames(ctx, book)
	if err != nil {
		return known, err
	}
	own, err := s.ownRegion(ctx, actor)
	if err != nil {
		return known, err
	}
	known.LibraryRow = libraryRow(book, l, regions, beijing.Day(now))
	region, refused := l.WordRegion(actor, own)
	known.May, known.Items = refused == nil, []LibraryWord{}
	words := l.Find(text)
	known.Found = len(words)
	words = words[min(after, len(words)):]
	for _, w := range words[:min(limit, len(words))] {
		known.Items = append(known.Items, LibraryWord{
			Word: w.Word, Region: w.Region, RegionName: regions[w.Region], From: w.From, To: nilText(w.To), Own: known.May && w.Region == region && w.To == "",
		})
	}
	return known, nil
}

// AddLibrary makes a library of the actor's bureau, without words yet.
//
// Errors: Forbidden "not-yours"; Refused "library-wrong"; Conflict "library-there".
func (s *Store) AddLibrary(ctx context.Context, actor gazetteer.Actor, now time.Time, l gazetteer.Library) error {
	own, err := s.ownRegion(ctx, actor)
	if err != nil {
		return err
	}
	if !s.open && !gazetteer.KeepsRules(actor, own, own) {
		return fault.New(fault.Forbidden, "not-yours", "词库由民政部门的地名经办或审批人员维护")
	}
	l.Kind = cmp.Or(l.Kind, gazetteer.LimitedWords)
	if found := l.Check(); len(found) > 0 {
		return fault.Refuse("library-wrong", found[0].Detail, found)
	}
	return As(ctx, s.db, actor, func(tx pgx.Tx) error {
		written, err := insertLibrary(ctx, tx, actor, now, l, own)
		if err != nil {
			return err
		}
		if !written {
			return fault.New(fault.Conflict, "library-there", "已有代号为“%s”的词库：请另取代号", l.ID)
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "word-library/" + l.ID, Verb: "create", After: map[string]any{"name": l.Title, "kind": string(l.Kind)},
		})
	})
}

// insertLibrary writes a library of a region without words, and reports whether there was none of that id.
func insertLibrary(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, l gazetteer.Library, region string) (written bool, err error) {
	tag, err := tx.Exec(ctx, `insert into word_library (id, title, kind, region, office_id, recorded_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
		l.ID, l.Title, string(cmp.Or(l.Kind, gazetteer.LimitedWords)), region, nilID(actor.OfficeID), now)
	return tag.RowsAffected() > 0, err
}

// ChangeWords adds words to a library and ends others from a day on, as the library stood at the version; the actor's words count in its
// jurisdiction, or wherever its own library is asked. The same change again does nothing.
//
// Errors: NotFound "library-unknown"; Forbidden "not-yours"; Stale "stale"; Refused "words-wrong" with all findings of gazetteer.KeptLibrary.Plan.
func (s *Store) ChangeWords(ctx context.Context, actor gazetteer.Actor, now time.Time, id string, version int, c gazetteer.WordChange) (plan gazetteer.WordPlan, err error) {
	own, err := s.ownRegion(ctx, actor)
	if err != nil {
		return plan, err
	}
	err = As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if err := lockRow(ctx, tx, "word_library", id); err != nil {
			return err
		}
		book, err := t.book(ctx)
		if err != nil {
			return err
		}
		l, err := book.Library(id)
		if err != nil {
			return err
		}
		region, err := l.WordRegion(actor, own)
		if err != nil && !s.open {
			return err
		}
		if actor.System != "" {
			region = c.Region
		}
		if err := fresh(l.Version, version); err != nil {
			return err
		}
		if plan, err = planWords(l, region, now, c); err != nil {
			return err
		}
		return writeWords(ctx, tx, actor, now, id, region, c.Day, plan)
	})
	return plan, err
}

func planWords(l gazetteer.KeptLibrary, region string, now time.Time, c gazetteer.WordChange) (gazetteer.WordPlan, error) {
	plan, found := l.Plan(region, beijing.Day(now), c)
	if len(found) > 0 {
		return plan, fault.Refuse("words-wrong", fmt.Sprintf("有 %d 处不对：%s", len(found), found[0].Detail), found)
	}
	return plan, nil
}

// TryWords tells what whoever runs the system would change by ChangeWords, and changes nothing: in the library of that id, or in the new
// one given where there is none and it has a title.
//
// Errors: NotFound "library-unknown"; Refused "library-wrong", "words-wrong".
func (s *Store) TryWords(ctx context.Context, now time.Time, library gazetteer.Library, c gazetteer.WordChange) (plan gazetteer.WordPlan, err error) {
	book, err := s.book(ctx)
	if err != nil {
		return plan, err
	}
	known, err := book.Library(library.ID)
	switch {
	case err == nil:
		return planWords(known, c.Region, now, c)
	case library.Title == "":
		return plan, err
	}
	library.Kind = cmp.Or(library.Kind, gazetteer.LimitedWords)
	if found := library.Check(); len(found) > 0 {
		return plan, fault.Refuse("library-wrong", found[0].Detail, found)
	}
	return planWords(gazetteer.KeptLibrary{ID: library.ID, Title: library.Title, Kind: library.Kind}, c.Region, now, c)
}

// lockRow locks a row of a table with a text id until the transaction ends; whoever reads the book afterwards says when there is none.
func lockRow(ctx context.Context, tx pgx.Tx, table, id string) error {
	_, err := tx.Exec(ctx, `select from `+table+` where id = $1 for update`, id)
	return err
}

// changed executes what changes so many rows, and refuses where the second wall let it reach fewer.
func changed(ctx context.Context, tx pgx.Tx, rows int, sql string, args ...any) error {
	tag, err := tx.Exec(ctx, sql, args...)
	if err == nil && tag.RowsAffected() != int64(rows) {
		err = fault.New(fault.Forbidden, "not-yours", "本单位不能改动这条记录")
	}
	return err
}

// fresh refuses another version than the one seen; 0 stands for any.
func fresh(is, seen int) error {
	if seen != 0 && is != seen {
		return fault.New(fault.Stale, "stale", "这条记录已被改动（现为第 %d 版），请刷新后再试", is)
	}
	return nil
}

func writeWords(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id, region, day string, plan gazetteer.WordPlan) error {
	if len(plan.Add)+len(plan.End) == 0 {
		return nil
	}
	ended := make([]uuid.UUID, len(plan.End))
	var added, gone []string
	for i, w := range plan.End {
		ended[i], gone = w.ID, append(gone, w.Text)
	}
	for _, w := range plan.Add {
		added = append(added, w.Text)
	}
	if err := changed(ctx, tx, len(ended), `update library_word set valid = daterange(lower(valid), $2::text::date) where id = any ($1)`, ended, day); err != nil {
		return fmt.Errorf("end words: %w", err)
	}
	if err := addWords(ctx, tx, actor, now, id, region, day, plan.Add); err != nil {
		return fmt.Errorf("add words: %w", err)
	}
	if err := changed(ctx, tx, 1, `update word_library set version = version + 1 where id = $1`, id); err != nil {
		return err
	}
	return Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "word-library/" + id, Verb: "change",
		Before: map[string]any{"words": wordsTold(gone)}, After: map[string]any{"words": wordsTold(added), "validFrom": day, "region": region},
	})
}

// mostTold is how many words an entry of the journal names; the words themselves stay with their days.
const mostTold = 200

func wordsTold(words []string) []string {
	if len(words) > mostTold {
		return append(slices.Clone(words[:mostTold]), fmt.Sprintf("…（共 %d 个）", len(words)))
	}
	return words
}

// addWords writes words that count from a day on in a region.
func addWords(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, library, region, day string, words []gazetteer.Word) error {
	n := len(words)
	ids, texts, classes, weighs, notes, longer := make([]uuid.UUID, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]wordLists, n)
	for i, w := range words {
		ids[i], texts[i], classes[i], weighs[i], notes[i], longer[i] = NewID(), w.Text, string(w.Class), string(w.Weighs), w.Note, wordLists{given(w.Except), given(w.Before)}
	}
	_, err := tx.Exec(ctx, `
		insert into library_word (id, library_id, text, class, except_in, before, weighs, note, valid, region, account_id, recorded_at)
		select id, @library, text, class, array(select jsonb_array_elements_text(lists -> 'except')), array(select jsonb_array_elements_text(lists -> 'before')),
		       weighs, note, daterange(@day::text::date, null), @region, @account, @now
		from unnest(@ids::uuid[], @texts::text[], @classes::text[], @weighs::text[], @notes::text[], @lists::jsonb[]) w (id, text, class, weighs, note, lists)`,
		pgx.StrictNamedArgs{
			"library": library, "day": day, "region": region, "account": nilID(actor.AccountID), "now": now,
			"ids": ids, "texts": texts, "classes": classes, "weighs": weighs, "notes": notes, "lists": longer,
		})
	return err
}

// wordLists are the lists of a word, as they go into the database many at a time.
type wordLists struct {
	Except []string `json:"except"`
	Before []string `json:"before"`
}
