package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Extensions are those every database of ours needs.
var Extensions = []string{"postgis", "pg_trgm", "btree_gist"}

// setUp makes roles, database and extensions where they are missing. It can be cut off anywhere and run again.
func (c *Cluster) setUp(ctx context.Context) error {
	for try := 1; ; try++ {
		err := c.setUpOnce(ctx)
		if err == nil || try == 40 || !overtaken(err) {
			return err
		}
		time.Sleep(250 * time.Millisecond)
	}
}

// overtaken reports whether the statement of a process that was killed, which the server still carries out, came first.
func overtaken(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "42P04", "42710", "23505", "55006": // duplicate database, duplicate object, unique violation, object in use
		return true
	}
	return false
}

func (c *Cluster) setUpOnce(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.DatabaseDSN(Superuser, "postgres"))
	if err != nil {
		return fmt.Errorf("set up the private cluster: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, `
		do $$ begin
		    if not exists (select from pg_roles where rolname = 'fangyu_owner') then
		        create role fangyu_owner login nosuperuser nobypassrls nocreatedb nocreaterole;
		    end if;
		    if not exists (select from pg_roles where rolname = 'fangyu_app') then
		        create role fangyu_app login nosuperuser nobypassrls nocreatedb nocreaterole;
		    end if;
		end $$`)
	if err != nil {
		return fmt.Errorf("make roles: %w", err)
	}
	var there bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, Database).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := conn.Exec(ctx, `create database `+Database+` owner `+Owner); err != nil {
			return fmt.Errorf("make the database: %w", err)
		}
	}
	return c.PrepareDatabase(ctx, Database)
}

// PrepareDatabase makes in a database what only the superuser may: the extensions.
func (c *Cluster) PrepareDatabase(ctx context.Context, database string) error {
	conn, err := pgx.Connect(ctx, c.DatabaseDSN(Superuser, database))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var missing []string
	err = conn.QueryRow(ctx, `
		select coalesce(array_agg(w), '{}') from unnest($1::text[]) w
		where not exists (select from pg_extension where extname = w)`, Extensions).Scan(&missing)
	if err != nil {
		return err
	}
	for _, name := range missing {
		if _, err := conn.Exec(ctx, `create extension if not exists `+pgx.Identifier{name}.Sanitize()); err != nil {
			return fmt.Errorf("make extension %s: %w", name, err)
		}
	}
	return nil
}
