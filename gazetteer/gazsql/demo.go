package gazsql

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
)

// DemoState says how far the demo is loaded.
type DemoState struct {
	Empty bool // nothing is there at all
	Begun bool
	Done  bool
}

// Demo tells whether the demo can be or was loaded here.
func (s *Store) Demo(ctx context.Context) (DemoState, error) {
	var d DemoState
	err := As(ctx, s.db, gazetteer.Actor{System: "demo"}, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			select not exists (select from division) and not exists (select from account),
			       exists (select from journal where subject = 'demo/fangyu' and verb = 'begin'),
			       exists (select from journal where subject = 'demo/fangyu' and verb = 'done')`).Scan(&d.Empty, &d.Begun, &d.Done)
	})
	return d, err
}

// demoOpen reports whether demo accounts may sign in. They have a password that everybody knows: once there is an account
// that is not of the demo, or a record that was made from the command line, nobody signs in with them. What a command does
// to demo accounts and their tokens is no such record: other accounts count by being there. Nor is an export, which only reads.
func (s *Store) demoOpen(ctx context.Context) (open bool, err error) {
	err = As(ctx, s.db, gazetteer.Actor{System: "command"}, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `
			select not exists (select from account where not demo)
			   and not exists (select from journal where actor = 'system:command' and subject !~ '^(account|token|export)/')`).Scan(&open)
	})
	return open, err
}

// MarkDemo notes in the journal that loading the demo began, or was done.
func (s *Store) MarkDemo(ctx context.Context, actor gazetteer.Actor, now time.Time, verb string) error {
	tx, err := s.db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after a commit there is nothing to undo
	if err := Record(ctx, tx, gazetteer.JournalEntry{At: now, Actor: actor, Subject: "demo/fangyu", Verb: verb}); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// DivisionByCode returns the id of the division that has the code today.
func (s *Store) DivisionByCode(ctx context.Context, code string) (uuid.UUID, error) {
	c, err := s.chainOf(ctx, code)
	return c.id, err
}

// OfficeByName returns the id of an office.
func (s *Store) OfficeByName(ctx context.Context, name string) (uuid.UUID, error) {
	var id uuid.UUID
	err := s.db.QueryRow(ctx, `select id from office where name = $1`, name).Scan(&id)
	return id, notFound(err, "office-unknown", "没有单位“%s”", name)
}
