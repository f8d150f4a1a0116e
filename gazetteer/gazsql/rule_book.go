package gazsql

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// bookReplica is the rule book in memory, as it was at some stamp.
type bookReplica struct{ held atomic.Pointer[heldBook] }

type heldBook struct {
	stamp uuid.UUID
	book  *gazetteer.RuleBook
}

// book is the rule book as whoever asks sees it: one question tells whether what is in memory is still that.
func (s *Store) book(ctx context.Context) (*gazetteer.RuleBook, error) {
	var stamp uuid.UUID
	if err := s.db.QueryRow(ctx, `select stamp from rule_book`).Scan(&stamp); err != nil {
		return nil, fmt.Errorf("ask for the stamp of the rule book: %w", err)
	}
	if held := s.rules.held.Load(); held != nil && held.stamp == stamp {
		return held.book, nil
	}
	packs, err := s.keptPacks(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the rule packs: %w", err)
	}
	libraries, err := s.keptLibraries(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the word libraries: %w", err)
	}
	book := gazetteer.NewRuleBook(packs, libraries)
	// Of a transaction that is undone nobody sees the stamp again, as stamps do not repeat.
	s.rules.held.Store(&heldBook{stamp, book})
	return book, nil
}

func (s *Store) keptPacks(ctx context.Context) (packs []gazetteer.KeptPack, err error) {
	type row struct {
		ID, Text, State, Ended string
		Version                int
	}
	err = each(ctx, s, `
		select p.id, r.text, p.state, p.version, coalesce(p.ended::text, '') as ended
		from rule_pack p join lateral (select text from rule_pack_revision where pack_id = p.id order by n desc limit 1) r on true
		where p.state <> 'withdrawn' order by p.id`, func(r row) error {
		p, err := gazetteer.KeptPackText([]byte(r.Text))
		switch {
		case err != nil && gazetteer.PackState(r.State) == gazetteer.PackDraft:
			return nil // whatever somebody drafts, names are judged
		case err != nil:
			return fmt.Errorf("%s: %w", r.ID, err)
		}
		kept := gazetteer.KeptPack{Pack: p, State: gazetteer.PackState(r.State), Version: r.Version, Ended: r.Ended != ""}
		if kept.Ended {
			kept.ValidTo = r.Ended
		}
		packs = append(packs, kept)
		return nil
	})
	return packs, err
}

func (s *Store) keptLibraries(ctx context.Context) (libraries []gazetteer.KeptLibrary, err error) {
	type library struct {
		ID, Title, Kind, Region string
		Version                 int
	}
	err = each(ctx, s, `select id, title, kind, region, version from word_library order by id`, func(l library) error {
		libraries = append(libraries, gazetteer.KeptLibrary{ID: l.ID, Title: l.Title, Kind: gazetteer.LibraryKind(l.Kind), Region: l.Region, Version: l.Version})
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Query(ctx, `
		select id, library_id, text, class, except_in, before, weighs, note, region, coalesce(lower(valid)::text, ''), coalesce(upper(valid)::text, '')
		from library_word order by library_id, text, region, lower(valid)`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	at := 0
	for rows.Next() {
		var w gazetteer.KeptWord
		var of string
		if err := rows.Scan(&w.ID, &of, &w.Text, &w.Class, &w.Except, &w.Before, &w.Weighs, &w.Note, &w.Region, &w.From, &w.To); err != nil {
			return nil, err
		}
		if libraries[at].ID != of {
			at = slices.IndexFunc(libraries, func(l gazetteer.KeptLibrary) bool { return l.ID == of })
		}
		libraries[at].Words = append(libraries[at].Words, w)
	}
	return libraries, rows.Err()
}

// packOn returns the pack asked for, or the one in force on the day at a place with that code, put together with the words that count there.
//
// Error: NotFound "pack-unknown".
func (s *Store) packOn(ctx context.Context, day, asked, code string) (gazetteer.Pack, error) {
	book, err := s.book(ctx)
	if err != nil {
		return gazetteer.Pack{}, err
	}
	return book.On(day, asked, code)
}
