package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/ledger"
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

// opening says how a command opens the system.
type opening struct {
	serve bool // take the exclusive lock of the one server
	keep  bool // leave the schema as it is
}

// open joins the private cluster or the database given, migrates, and builds the stores. Close what it returns.
func open(ctx context.Context, e *env, how opening) (s *system, err error) {
	if err := e.cfg.check(); err != nil {
		return nil, err
	}
	s = &system{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	app, files := e.cfg.Database, e.cfg.Vault
	if app == "" {
		s.cluster, err = cluster.Join(ctx, cluster.Options{Dir: e.cfg.dataDir(), Serve: how.serve})
		if err != nil {
			return s, err
		}
		app, s.owner = s.cluster.DSN(cluster.App), s.cluster.DSN(cluster.Owner)
		if files == "" {
			files = filepath.Join(s.cluster.Dir(), "vault")
		}
	} else {
		s.owner = e.cfg.Owner
	}
	if s.owner != "" && !how.keep {
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
	if !how.keep {
		if err := s.gaz.FormNames(ctx, newProgress(e.err, "建立检索项", 0).set); err != nil {
			return s, err
		}
		if err := s.gaz.SeedPacks(ctx, time.Now()); err != nil { // the law holds everywhere
			return s, fmt.Errorf("记下规则包：%w", err)
		}
	}
	if s.jobs, err = boundsql.NewJobs(s.pool, s.vault); err != nil {
		return s, err
	}
	s.gaz.Files, s.gaz.Later = s.vault, s.jobs.Later
	s.bound = boundsql.New(s.pool, s.vault, s.jobs)
	if !how.keep {
		if err := s.bound.FormNodes(ctx, time.Now()); err != nil {
			return s, fmt.Errorf("记下界线的结点：%w", err)
		}
	}
	s.bound.Sign = func(text string) (string, error) { // the key is made when it is first needed: verifying makes none
		keys, err := ledger.OpenKeys(e.cfg.keysDir(s.cluster))
		if err != nil {
			return "", err
		}
		return keys.Sign(text)
	}
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

// withSystem opens the system for a piece of work and closes it after.
func withSystem(e *env, work func(s *system) error) error {
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	return work(s)
}
