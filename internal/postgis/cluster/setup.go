package cluster

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Extensions are those every database of ours needs.
var Extensions = []string{"postgis", "pg_trgm", "btree_gist"}

// setUp makes roles, database and extensions where they are missing. It can be cut off anywhere and run again.
func (c *Cluster) setUp(ctx context.Context) error {
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

// PrepareDatabase makes in a database what only the superuser may: the extensions, and the schema of the job queue with
// the rights of the application role in it.
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
	_, err = conn.Exec(ctx, `
		create schema if not exists river authorization fangyu_owner;
		grant usage on schema river to fangyu_app;
		alter default privileges for role fangyu_owner in schema river grant select, insert, update, delete on tables to fangyu_app;
		alter default privileges for role fangyu_owner in schema river grant usage, select on sequences to fangyu_app;
		alter default privileges for role fangyu_owner in schema river grant execute on functions to fangyu_app`)
	if err != nil {
		return fmt.Errorf("prepare the job queue's schema: %w", err)
	}
	return nil
}
