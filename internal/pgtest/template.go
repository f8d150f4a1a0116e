package pgtest

import (
	"context"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// schemaVersion is the start of the migrations' hash, enough to tell one working copy from another.
var schemaVersion = sync.OnceValues(func() (string, error) {
	version, err := postgis.SchemaVersion()
	return version[:min(len(version), 12)], err
})

// template returns the name of the migrated database that tests copy, making it when it is not there.
func template(t testing.TB, c *cluster.Cluster) string {
	t.Helper()
	version, err := schemaVersion()
	must(t, err)
	return makeTemplate(t, c, "template_"+version, func(ctx context.Context, making string) error {
		if err := c.PrepareDatabase(ctx, making); err != nil {
			return err
		}
		return postgis.Migrate(ctx, c.DatabaseDSN(cluster.Owner, making), nil)
	})
}

// bareTemplate is template without the migrations.
func bareTemplate(t testing.TB, c *cluster.Cluster) string {
	t.Helper()
	return makeTemplate(t, c, "template_bare", c.PrepareDatabase)
}

func makeTemplate(t testing.TB, c *cluster.Cluster, name string, fill func(ctx context.Context, making string) error) string {
	t.Helper()
	ctx := context.Background()
	must(t, once(ctx, c, name, func() error {
		making := name + "_making"
		if err := copyDatabase(ctx, c, "template1", making); err != nil {
			return err
		}
		if err := fill(ctx, making); err != nil {
			return err
		}
		return rename(ctx, c, making, name)
	}))
	return name
}

// once calls makeIt under a lock of the whole cluster unless the database is already there.
func once(ctx context.Context, c *cluster.Cluster, name string, makeIt func() error) error {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	return asSuperuser(ctx, c, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, `select pg_advisory_lock(hashtext($1))`, name); err != nil {
			return err
		}
		var there bool
		if err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = $1)`, name).Scan(&there); err != nil {
			return err
		}
		if there {
			return nil
		}
		return makeIt() // the lock goes with the connection
	})
}

// copyDatabase makes a database from another, dropping a half-made one of that name first.
func copyDatabase(ctx context.Context, c *cluster.Cluster, from, name string) error {
	return asSuperuser(ctx, c, func(conn *pgx.Conn) error {
		as := pgx.Identifier{name}.Sanitize()
		if _, err := conn.Exec(ctx, "drop database if exists "+as+" with (force)"); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "create database "+as+" owner "+cluster.Owner+
			" template "+pgx.Identifier{from}.Sanitize()+" strategy file_copy")
		return err
	})
}

func rename(ctx context.Context, c *cluster.Cluster, from, to string) error {
	return asSuperuser(ctx, c, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "alter database "+pgx.Identifier{from}.Sanitize()+" rename to "+pgx.Identifier{to}.Sanitize())
		return err
	})
}

func asSuperuser(ctx context.Context, c *cluster.Cluster, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, c.DatabaseDSN(cluster.Superuser, "postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(conn)
}
