package postgis_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

func TestOpenRefusesModesThatCannotCarryGeometry(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for mode, refused := range map[string]bool{
		"simple_protocol": true, "exec": true,
		"cache_statement": false, "cache_describe": false, "describe_exec": false,
	} {
		pool, err := postgis.Open(context.Background(), db.DSN(cluster.App)+"&default_query_exec_mode="+mode)
		if fault.Is(err, "exec-mode") != refused || !refused && err != nil {
			t.Errorf("%s: got %v", mode, err)
		}
		if err == nil {
			pool.Close()
		}
	}
	if _, err := postgis.Open(context.Background(), "postgres://[::"); !fault.Is(err, "database-address") {
		t.Errorf("an unreadable address: got %v", err)
	}
}

func TestOpenSaysAllThatADatabaseLacks(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	conn, err := pgx.Connect(ctx, db.DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, test := range []struct {
		name, options string
		codes         []string
	}{
		{"bare", "template template0 locale 'C.UTF-8'", []string{"extension-missing"}},
		{"c", "template template0 locale 'C' encoding 'UTF8'", []string{"locale", "extension-missing"}},
		{"ascii", "template template0 locale 'POSIX' encoding 'SQL_ASCII'", []string{"encoding", "locale", "extension-missing"}},
	} {
		name := db.Name[:min(len(db.Name), 50)] + "_" + test.name
		quoted := pgx.Identifier{name}.Sanitize()
		if _, err := conn.Exec(ctx, "create database "+quoted+" "+test.options); err != nil {
			t.Fatal(err)
		}
		pool, err := postgis.Open(ctx, strings.Replace(db.DSN(cluster.App), db.Name, name, 1))
		if err == nil {
			pool.Close()
		}
		var unfit *fault.Error
		if !errors.As(err, &unfit) || unfit.Kind != fault.Refused {
			t.Errorf("%s: got %v", test.name, err)
			continue
		}
		var codes []string
		for _, f := range unfit.Findings {
			codes = append(codes, f.Code)
		}
		if !slices.Equal(codes, test.codes) {
			t.Errorf("%s: got %q, wanted %q", test.name, codes, test.codes)
		}
		if _, err := conn.Exec(ctx, "drop database "+quoted+" with (force)"); err != nil {
			t.Error(err)
		}
	}
}
