package migrations_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

var update = flag.Bool("update", false, "write schema.sql anew")

// TestSchemaIsTheMigrationsAtRest holds schema.sql, which people read, against the database the migrations make.
func TestSchemaIsTheMigrationsAtRest(t *testing.T) {
	db := pgtest.New(t)
	u, err := url.Parse(db.DSN(cluster.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(pgDump(t), "--schema-only", "--schema=public", "--no-owner", "--no-comments",
		"-h", u.Query().Get("host"), "-U", cluster.Superuser, db.Name).Output()
	if err != nil {
		t.Fatalf("pg_dump: %v", err)
	}
	got := readable(out)
	if *update {
		if err := os.WriteFile("schema.sql", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("schema.sql is not what the migrations make: go test ./migrations -update")
	}
}

// pgDump is the newest one installed, which must not be older than the server.
func pgDump(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump")
	if err != nil || len(found) == 0 {
		return "pg_dump"
	}
	return found[len(found)-1]
}

// noise is what differs between servers of the same schema: settings, versions, the dump's own session key.
var noise = regexp.MustCompile(`(?m)^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict.*|CREATE SCHEMA public;)\n`)

func readable(dump []byte) []byte {
	s := noise.ReplaceAllString(string(dump), "")
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return []byte("-- Dumped from a migrated database; see schema_test.go. For reading: migrations make it.\n" + strings.TrimLeft(s, "\n"))
}

// refused runs SQL as the application role and wants PostgreSQL to refuse it.
func refused(t *testing.T, db *pgtest.DB, sql, constraint string) {
	t.Helper()
	_, err := db.Pool.Exec(context.Background(), sql)
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || constraint != "" && pg.ConstraintName != constraint {
		t.Errorf("%s: got %v", sql, err)
	}
}

func TestTheApplicationOwnsNothing(t *testing.T) {
	db := pgtest.New(t)
	ctx := context.Background()
	if _, err := db.Pool.Exec(ctx, `insert into journal (at, actor, subject, verb) values (now(), 'system:test', 'place/1', 'name')`); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{
		`update journal set verb = 'x'`, `delete from journal`, `truncate journal`, `create table mine (id int)`,
		`alter table place add column x int`, `drop table place`, `create role somebody`, `alter table journal disable trigger all`,
	} {
		refused(t, db, sql, "")
	}
	var owned int
	err := db.Pool.QueryRow(ctx, `select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'fangyu_app'`).Scan(&owned)
	if err != nil || owned != 0 {
		t.Errorf("the application role owns %d relations, %v", owned, err)
	}
	// Not even the owner of the table rewrites the journal by accident.
	if tag, err := db.Owner.Exec(ctx, `update journal set verb = 'x'`); err == nil && tag.RowsAffected() > 0 {
		t.Error("the owner rewrote the journal")
	}
}

// some are rows enough to try the constraints on.
const some = `
	insert into document (id, kind, title, recorded_at) values ('00000000-0000-0000-0000-00000000000d', 'approval', '批复', now());
	insert into division (id) values ('00000000-0000-0000-0000-000000000001'), ('00000000-0000-0000-0000-000000000002');
	insert into place (id, category, division_id, located_by, document_id, recorded_at)
	values ('00000000-0000-0000-0000-0000000000a1', 'street', '00000000-0000-0000-0000-000000000001', 'division', '00000000-0000-0000-0000-00000000000d', now());
	insert into line (id, level, name, party_a, party_b, party_source, recorded_at)
	values ('00000000-0000-0000-0000-0000000000b1', 'county', '线', '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', '协议书', now());
	insert into line_version (id, line_id, legal_status, geom, length_m, agreement_id, approval_id, publication_id, document_id, frame, valid, recorded_at)
	values ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000b1', 'in-force',
	        st_geomfromtext('MULTILINESTRING((106 29,106.1 29.1))', 4490), 1, '00000000-0000-0000-0000-00000000000d', '00000000-0000-0000-0000-00000000000d',
	        '00000000-0000-0000-0000-00000000000d', '00000000-0000-0000-0000-00000000000d', '4490', '[2000-01-01,)', now());`

func standardName(id, name, valid string) string {
	return `insert into place_name (id, place_id, name, kind, specific, romanization, reading, toneless, reading_status, valid, document_id, recorded_at)
	values ('00000000-0000-0000-0000-0000000000` + id + `', '00000000-0000-0000-0000-0000000000a1', '` + name + `', 'standard', 'x', 'x', 'x', 'x', 'audited', '` +
		valid + `', '00000000-0000-0000-0000-00000000000d', now())`
}

func TestTheDatabaseRefusesWhatMustNotBe(t *testing.T) {
	db := pgtest.New(t)
	if _, err := db.Pool.Exec(context.Background(), some); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(context.Background(), standardName("e1", "甲路", "[2001-01-01,2010-01-01)")); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool.Exec(context.Background(), standardName("e2", "乙路", "[2010-01-01,)")); err != nil {
		t.Errorf("a name after the other: %v", err)
	}
	refused(t, db, standardName("e3", "丙路", "[2009-12-31,2010-01-02)"), "place_name_one_standard")
	refused(t, db, `update place_name set reading_status = 'approved', reading_approved_by = '民政局'`, "place_name_reading_cited")
	for _, change := range []string{
		`set geom = st_geomfromtext('MULTILINESTRING((106 29,106.1 29.2))', 4490)`, `set length_m = 2`, `set valid = '[2001-01-01,)'`, `set legal_status = 'reference'`,
		`set approval_id = null, legal_status = 'signed'`,
	} {
		refused(t, db, `update line_version `+change, "line_version_approved")
	}
	refused(t, db, `delete from line_version`, "line_version_approved")
	if _, err := db.Pool.Exec(context.Background(), `update line_version set legal_status = 'superseded', valid = '[2000-01-01,2020-01-01)'`); err != nil {
		t.Errorf("closing an approved version: %v", err)
	}
	refused(t, db, `insert into division_version (id, division_id, name, level, kind, valid, document_id, recorded_at)
		values (gen_random_uuid(), '00000000-0000-0000-0000-000000000001', '', 'county', 'county', '[,)', '00000000-0000-0000-0000-00000000000d', now())`, "division_version_name_check")
}
