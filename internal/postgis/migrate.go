package postgis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/tern/v2/migrate"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"fangyu/migrations"
)

// JobSchema is where the job queue keeps its tables, apart from ours.
const JobSchema = "river"

// Migrate brings the database to the newest schema, ours first, then the job queue's own. dsn must sign in as
// fangyu_owner; progress, which may be nil, is told each step. Two callers at once wait for each other; a caller that
// finds nothing to do changes nothing.
func Migrate(ctx context.Context, dsn string, progress func(step string)) error {
	if progress == nil {
		progress = func(string) {}
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	m, err := migrate.NewMigrator(ctx, conn, "public.schema_version")
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	if err := m.LoadMigrations(migrations.FS); err != nil {
		return fmt.Errorf("load migrations: %w", err)
	}
	m.OnStart = func(_ int32, name, _, _ string) { progress(name) }
	if err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return migrateJobs(ctx, dsn)
}

// SchemaVersion names what Migrate makes: a hash over every migration, ours and the job queue's. Databases with the same
// name have the same tables.
func SchemaVersion() (string, error) {
	h := sha256.New()
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		b, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(b), b)
	}
	m, err := rivermigrate.New(riverpgxv5.New(nil), &rivermigrate.Config{Schema: JobSchema})
	if err != nil {
		return "", err
	}
	for _, v := range m.AllVersions() {
		fmt.Fprintf(h, "%d %d\n%s", v.Version, len(v.SQLUp), v.SQLUp)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func migrateJobs(ctx context.Context, dsn string) error {
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		return err
	}
	defer pool.Close()
	// The queue's migrator takes no lock of its own; ours keeps two starts from meeting in it.
	lock, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer lock.Release()
	if _, err := lock.Exec(ctx, `select pg_advisory_lock(hashtext('fangyu:jobs'))`); err != nil {
		return err
	}
	defer lock.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtext('fangyu:jobs'))`) //nolint:errcheck // the lock goes with the connection
	if err := openJobSchema(ctx, lock.Conn()); err != nil {
		return fmt.Errorf("open the job queue's schema: %w", err)
	}
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{
		Schema: JobSchema, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

// openJobSchema makes the schema and lets the application role work in it, now and with tables yet to come.
func openJobSchema(ctx context.Context, conn *pgx.Conn) error {
	var made, open bool
	err := conn.QueryRow(ctx, `
		select exists (select from pg_namespace where nspname = $1),
		       coalesce((select has_schema_privilege('fangyu_app', oid, 'usage') from pg_namespace where nspname = $1), false)`,
		JobSchema).Scan(&made, &open)
	if err != nil || open {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if !made {
			if _, err := tx.Exec(ctx, `create schema river`); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `
			grant usage on schema river to fangyu_app;
			alter default privileges in schema river grant select, insert, update, delete on tables to fangyu_app;
			alter default privileges in schema river grant usage, select on sequences to fangyu_app`)
		return err
	})
}
