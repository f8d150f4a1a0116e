package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
	"fangyu/internal/vault"
)

// system is what the commands work on, opened.
type system struct {
	cluster *cluster.Cluster // nil with --database
	owner   string
	pool    *pgxpool.Pool
	vault   *vault.Vault
	gaz     *gazsql.Store
	jobs    *boundsql.Jobs
	bound   *boundsql.Store
}

// open joins the private cluster or the database given, migrates, and builds the stores. serve takes the exclusive lock.
// Close what it returns.
func open(ctx context.Context, e *env, serve bool) (s *system, err error) {
	s = &system{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	app, files := e.cfg.Database, e.cfg.Vault
	if app == "" {
		s.cluster, err = cluster.Join(ctx, cluster.Options{Dir: e.cfg.dataDir(), Serve: serve})
		if err != nil {
			return s, err
		}
		app, s.owner = s.cluster.DSN(cluster.App), s.cluster.DSN(cluster.Owner)
		if files == "" {
			files = filepath.Join(s.cluster.Dir(), "vault")
		}
	} else {
		if files == "" {
			return s, usageError("使用 --database 时须用 --vault 指定各节点共用的原件文件夹")
		}
		s.owner = e.cfg.Owner
	}
	if s.owner != "" {
		if err := postgis.Migrate(ctx, s.owner, func(step string) { fmt.Fprintf(e.err, "升级结构 %s\n", step) }); err != nil {
			return s, err
		}
	}
	if s.pool, err = postgis.Open(ctx, app); err != nil {
		return s, err
	}
	if s.vault, err = vault.Open(files); err != nil {
		return s, err
	}
	s.gaz = gazsql.New(s.pool)
	if s.jobs, err = boundsql.NewJobs(s.pool, s.vault); err != nil {
		return s, err
	}
	s.bound = boundsql.New(s.pool, s.vault, s.jobs)
	return s, nil
}

// Close lets go in the reverse order of opening.
func (s *system) Close() error {
	if s.pool != nil {
		s.pool.Close()
	}
	if s.cluster != nil {
		return s.cluster.Close()
	}
	return nil
}

// operator is who acts from the command line.
var operator = gazetteer.Actor{System: "command"}
