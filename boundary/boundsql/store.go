package boundsql

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/internal/fault"
	"fangyu/internal/postgis"
	"fangyu/internal/vault"
)

// Store holds the use-cases of boundary lines over a pool or a transaction.
type Store struct {
	Quota Quota                             // of every office; the zero value limits nothing
	Sign  func(text string) (string, error) // signs receipts; nil: they bear no signature

	NodeLeastM float64 // within which an end of a course may be put on a node, whatever its accuracy; 0: boundary.NodeLeastM

	db     postgis.Conn
	vault  *vault.Vault
	jobs   *Jobs
	reader func(ctx context.Context, words []byte, file *os.File) ([]byte, error) // nil: DoReading here
	open   bool                                                                   // the first wall is down; a test holds the second one alone
}

// New returns a Store over a pool, or over a transaction that it then joins. Only receiving tracks and what has them
// read again needs the vault and the jobs; they may be nil elsewhere.
func New(db postgis.Conn, v *vault.Vault, jobs *Jobs) *Store {
	return &Store{db: db, vault: v, jobs: jobs}
}

// over is the same store within a transaction.
func (s *Store) over(tx pgx.Tx) *Store {
	return &Store{Quota: s.Quota, Sign: s.Sign, NodeLeastM: s.NodeLeastM, db: tx, vault: s.vault, jobs: s.jobs, open: s.open}
}

func isNoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

// notFound turns a query that found no row into a fault.
func notFound(err error, code, format string, args ...any) error {
	if isNoRows(err) {
		return fault.New(fault.NotFound, code, format, args...)
	}
	return err
}

// asFault finds the fault in err's chain.
func asFault(err error, f **fault.Error) bool { return errors.As(err, f) }

// walled reports whether the second wall refused to write a row.
func walled(err error) bool {
	const insufficientPrivilege = "42501"
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == insufficientPrivilege
}

func nilID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func nilText(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func copyRows(ctx context.Context, tx pgx.Tx, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("write %s: %w", table, err)
	}
	return nil
}

// each streams rows into structs by column name.
func each[T any](ctx context.Context, db postgis.Conn, sql string, do func(T) error, args ...any) error {
	rows, err := db.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := pgx.RowToStructByName[T](rows)
		if err != nil {
			return fmt.Errorf("read %T: %w", row, err)
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// collect reads all rows into structs by column name; the slice is never nil.
func collect[T any](ctx context.Context, db postgis.Conn, sql string, args ...any) ([]T, error) {
	out := []T{}
	err := each(ctx, db, sql, func(row T) error {
		out = append(out, row)
		return nil
	}, args...)
	return out, err
}
