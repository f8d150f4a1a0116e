package gazsql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/riverqueue/river"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
	"fangyu/internal/vault"
)

// Store holds the use-cases of the gazetteer over a pool or a transaction.
type Store struct {
	db    postgis.Conn
	open  bool // the first wall is down; a test holds the second one alone
	cost  PasswordCost
	names *nameReplica // empty until they are followed; nil within a transaction
	rules *bookReplica

	// Files keeps the originals of what is handed in; nil where nothing is.
	Files *vault.Vault

	// Later puts a job off, in the transaction that needs it (boundsql.Jobs.Later).
	Later func(ctx context.Context, tx pgx.Tx, args river.JobArgs) error
}

// New returns a Store over a pool, or over a transaction that it then joins.
func New(db postgis.Conn) *Store {
	return &Store{db: db, names: new(nameReplica), rules: new(bookReplica)}
}

// over is the same store within a transaction.
func (s *Store) over(tx pgx.Tx) *Store {
	return &Store{db: tx, open: s.open, cost: s.cost, rules: s.rules, Files: s.Files, Later: s.Later}
}

// NewID returns a new identity (UUIDv7, so that rows made together lie together).
func NewID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// lockNames lets one transaction at a time write divisions, places and standard names, until it ends. What was found to
// be free is then still free when it is taken.
func lockNames(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('fangyu.names'))`); err != nil {
		return fmt.Errorf("lock the names: %w", err)
	}
	return nil
}

// namesWait is how long a naming of one person waits for who writes names before it.
const namesWait = 4 * time.Second

// lockNamesSoon is lockNames for what a person waits for: an import of many holds the lock for a minute, and those who wait
// for it hold connections.
//
// Errors: Busy "names-busy" after namesWait.
func lockNamesSoon(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, `select set_config('lock_timeout', $1, true)`, fmt.Sprint(namesWait.Milliseconds())); err != nil {
		return err
	}
	err := lockNames(ctx, tx)
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == "55P03" {
		return fault.Wrap(err, fault.Busy, "names-busy", "正有人成批写入地名，如导入文件，您的办理没有写入任何内容：请过一两分钟再试")
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `set local lock_timeout to default`)
	return err
}

// Record appends to the journal within the transaction that causes the entry.
func Record(ctx context.Context, tx pgx.Tx, e gazetteer.JournalEntry) error {
	before, err := jsonOrNull(e.Before)
	if err != nil {
		return err
	}
	after, err := jsonOrNull(e.After)
	if err != nil {
		return err
	}
	var office *uuid.UUID
	if e.Actor.OfficeID != uuid.Nil {
		office = &e.Actor.OfficeID
	}
	cites := e.Cites
	if cites == nil {
		cites = []uuid.UUID{}
	}
	_, err = tx.Exec(ctx, `
		insert into journal (at, actor, office, subject, verb, before, after, cites)
		values (@at, @actor, @office, @subject, @verb, @before, @after, @cites)`,
		pgx.StrictNamedArgs{
			"at": e.At, "actor": e.Actor.Key(), "office": office, "subject": e.Subject, "verb": e.Verb,
			"before": before, "after": after, "cites": cites,
		})
	if err != nil {
		return fmt.Errorf("record %s %s: %w", e.Verb, e.Subject, err)
	}
	return nil
}

func jsonOrNull(v any) ([]byte, error) {
	if v == nil {
		return nil, nil
	}
	return json.Marshal(v)
}

// FileDocument finds or makes the document, by kind, title and digest, and returns its id.
func FileDocument(ctx context.Context, tx pgx.Tx, now time.Time, d gazetteer.Document) (uuid.UUID, error) {
	id := NewID()
	var issued *time.Time
	if !d.IssuedOn.IsZero() {
		issued = &d.IssuedOn
	}
	err := tx.QueryRow(ctx, `
		with made as (
		    insert into document (id, kind, title, number, issued_by, issued_on, url, licence, sha256, note, recorded_at)
		    values (@id, @kind, @title, nullif(@number, ''), nullif(@issuedBy, ''), @issuedOn, nullif(@url, ''),
		            nullif(@licence, ''), nullif(@sha256, ''), nullif(@note, ''), @now)
		    on conflict (kind, title, sha256) do nothing
		    returning id)
		select id from made
		union all
		select id from document where kind = @kind and title = @title and sha256 = @sha256 -- without its bytes no paper is taken for another
		limit 1`,
		pgx.StrictNamedArgs{
			"id": id, "kind": d.Kind, "title": d.Title, "number": d.Number, "issuedBy": d.IssuedBy, "issuedOn": issued,
			"url": d.URL, "licence": d.Licence, "sha256": d.SHA256, "note": d.Note, "now": now,
		}).Scan(&id)
	if err != nil {
		return uuid.Nil, fmt.Errorf("file the document %q: %w", d.Title, err)
	}
	return id, nil
}

// Span is the span of days from a first day (zero: open) to before a last one (zero: open).
func Span(from, to time.Time) pgtype.Range[pgtype.Date] {
	r := pgtype.Range[pgtype.Date]{Valid: true, LowerType: pgtype.Unbounded, UpperType: pgtype.Unbounded}
	if !from.IsZero() {
		r.Lower, r.LowerType = pgtype.Date{Time: from, Valid: true}, pgtype.Inclusive
	}
	if !to.IsZero() {
		r.Upper, r.UpperType = pgtype.Date{Time: to, Valid: true}, pgtype.Exclusive
	}
	return r
}

// violates reports whether err is the violation of the constraint.
func violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}

func isNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// listOf reads the rows of a query, columns by name.
func listOf[T any](ctx context.Context, s *Store, sql string, args ...any) ([]T, error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[T])
}

// notFound turns a query that found no row into a fault.
func notFound(err error, code, format string, args ...any) error {
	if isNoRows(err) {
		return fault.New(fault.NotFound, code, format, args...)
	}
	return err
}
