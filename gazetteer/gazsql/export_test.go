package gazsql

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"fangyu/gazetteer"
	"fangyu/internal/postgis"
	"fangyu/internal/vault"
)

// WithoutFirstWall is the store without the checks of who may see what, so that a test holds the second wall alone.
func (s *Store) WithoutFirstWall() *Store {
	open := *s
	open.open = true
	return &open
}

// Conn is what the store works on.
func (s *Store) Conn() postgis.Conn { return s.db }

// NamesHeld is how many names the store holds in memory; 0 while the database answers.
func (s *Store) NamesHeld() int {
	if names := s.names.names.Load(); names != nil {
		return names.Len()
	}
	return 0
}

// AuditsByHand lets audits wait that the store is asked for, until the function returned makes the one asked for last.
func (s *Store) AuditsByHand() (makeIt func(ctx context.Context, now time.Time) error) {
	var asked auditArgs
	s.Later = func(_ context.Context, _ pgx.Tx, args river.JobArgs) error {
		asked = args.(auditArgs)
		return nil
	}
	return func(ctx context.Context, now time.Time) error {
		return s.makeAudit(ctx, now, asked, s.progressOf(ctx, asked, time.Hour))
	}
}

// AuditsWatched is AuditsByHand with somebody who is told of every progress after it is noted.
func (s *Store) AuditsWatched(watch func(AuditProgress)) (makeIt func(ctx context.Context, now time.Time) error) {
	var asked auditArgs
	s.Later = func(_ context.Context, _ pgx.Tx, args river.JobArgs) error {
		asked = args.(auditArgs)
		return nil
	}
	return func(ctx context.Context, now time.Time) error {
		note := s.progressOf(ctx, asked, 0)
		return s.makeAudit(ctx, now, asked, func(p AuditProgress) error {
			err := note(p)
			watch(p)
			return err
		})
	}
}

// Audited is the whole record as an audit gathers it.
func (s *Store) Audited(ctx context.Context, now time.Time) (gazetteer.Audited, error) {
	return s.audited(ctx, gazetteer.Actor{}, now, GazetteerCheck{}, gazetteer.DefaultAuditLimits)
}

// OutsideOf tells how far a shape lies outside the division of a place.
func (s *Store) OutsideOf(ctx context.Context, now time.Time, place uuid.UUID, g orb.Geometry) (o gazetteer.Outside, err error) {
	var division uuid.UUID
	if err := s.db.QueryRow(ctx, `select division_id from place where id = $1`, place).Scan(&division); err != nil {
		return o, err
	}
	return s.outside(ctx, now, division, g)
}

// BuildNames reads all names into memory, once; meanwhile is called when they are about to be read.
func (s *Store) BuildNames(ctx context.Context, meanwhile func()) error {
	return s.names.build(ctx, interrupted{s.db, meanwhile})
}

// ForgetNames is what a lost connection does.
func (s *Store) ForgetNames() { s.names.forget() }

// interrupted is a database in which something happens before rows are read.
type interrupted struct {
	postgis.Conn
	meanwhile func()
}

// Query reads rows as the database does, after what happens meanwhile.
func (i interrupted) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	i.meanwhile()
	return i.Conn.Query(ctx, sql, args...)
}

// ImportsByHand lets imports wait that are asked for, until the function returned works on the one asked for last.
func (s *Store) ImportsByHand(files *vault.Vault) (work func(ctx context.Context) error) {
	s.Files = files
	var asked placeImportArgs
	s.Later = func(_ context.Context, _ pgx.Tx, args river.JobArgs) error {
		asked = args.(placeImportArgs)
		return nil
	}
	return func(ctx context.Context) error {
		return (&placeImportWorker{store: s}).Work(ctx, &river.Job[placeImportArgs]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: 3}, Args: asked})
	}
}
