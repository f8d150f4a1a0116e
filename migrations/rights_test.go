package migrations_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/internal/pgtest"
)

func TestTheApplicationMakesNothingAndBecomesNobody(t *testing.T) {
	t.Parallel()
	const insufficientPrivilege = "42501"
	db := pgtest.New(t)
	for _, sql := range []string{
		`create table river.mine (n int)`,
		`create schema mine`,
		`create function public.mine() returns int language sql as 'select 1'`,
		`drop function refuse_change() cascade`,
		`delete from schema_version`,
		`set role fangyu_owner`,
	} {
		var pg *pgconn.PgError
		if _, err := db.Pool.Exec(context.Background(), sql); !errors.As(err, &pg) || pg.Code != insufficientPrivilege {
			t.Errorf("%s: got %v", sql, err)
		}
	}
}

// TestRightsOnEveryTable holds for tables that later migrations add: rows may be read and written, and of the journal and
// its ledger only added; of the journal all but its number is given.
func TestRightsOnEveryTable(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := pgtest.New(t)
	// spatial_ref_sys belongs to PostGIS.
	rows, err := db.Pool.Query(ctx, `
		select c.relnamespace::regnamespace || '.' || c.relname,
		       concat_ws(' ', case when has_table_privilege('fangyu_app', c.oid, 'select') then 'select' end,
		                      case when has_table_privilege('fangyu_app', c.oid, 'insert') then 'insert' end,
		                      case when has_table_privilege('fangyu_app', c.oid, 'update') then 'update' end,
		                      case when has_table_privilege('fangyu_app', c.oid, 'delete') then 'delete' end,
		                      case when has_table_privilege('fangyu_app', c.oid, 'truncate, references, trigger') then 'more' end)
		from pg_class c
		where c.relkind in ('r', 'p') and c.relnamespace::regnamespace::text in ('public', 'river') and c.relname <> 'spatial_ref_sys'`)
	if err != nil {
		t.Fatal(err)
	}
	const work = "select insert update delete"
	others := map[string]string{
		"public.track": "select insert update", "public.photo": "select insert update", "public.track_result": "select insert", "public.marker_form": "select insert update",
		"public.inspection_signature": "select insert", "public.proposal": "select insert update", "public.proposal_vote": "select insert", "public.proposal_statement": "select insert", "public.office_succession": "select insert",
		"public.upload": "select insert update", "public.assignment": "select insert", "public.office_quota": "select insert update", "public.precision_policy": "select insert update", "public.claim": "select insert update", "public.stretch": "select insert",
		"public.journal": "select", "public.ledger_entry": "select insert", "public.checkpoint": "select insert",
		"public.office_key": "select insert", "public.cosignature": "select insert",
		"public.division_approval": "select insert", "public.division_event": "select insert", "public.division_event_of": "select insert", "public.division_link": "select insert",
		"public.exclave": "select insert", "public.exclave_end": "select insert", "public.node": "select insert", "public.node_line": "select insert", "public.node_division": "select insert", "public.node_version": "select insert delete",
		"public.line_event": "select insert", "public.line_link": "select insert", "public.marker_handover": "select insert",
		"public.marker_record": "select insert", "public.witness_object": "select insert",
		"public.marker_work": "select insert update", "public.marker_work_confirmation": "select insert", "public.marker_measure_rule": "select insert", "public.marker_state_step": "",
		"public.dispute": "select insert update", "public.dispute_interval": "select insert", "public.dispute_minute": "select insert",
		"public.marker_change": "select insert update", "public.marker_change_confirmation": "select insert", "public.marker_position": "select",
		"public.name_event": "select insert", "public.name_correction": "select insert", "public.place_twin": "select insert", "public.place_correction": "select insert",
		"public.place_import": "select insert update", "public.place_import_row": "select insert delete", "public.place_import_decision": "select insert",
		"public.audit": "select insert update", "public.audit_finding": "select insert delete", "public.audit_look": "select insert update",
		"public.agreement": "select insert update", "public.agreement_confirmation": "select insert", "public.line_segment": "select insert",
		"public.ledger_progress": "select update", "public.schema_version": "",
		"public.rule_book": "select", "public.rule_pack": "select insert update", "public.rule_pack_revision": "select insert", "public.word_library": "select insert update", "public.library_word": "select insert update",
		"public.withheld": "select insert", "public.export": "select insert", "public.place_identity": "", "public.marker_identity": "",
	}
	var name, rights string
	tables := 0
	_, err = pgx.ForEachRow(rows, []any{&name, &rights}, func() error {
		tables++
		want, special := others[name]
		if !special {
			want = work
		}
		if rights != want {
			t.Errorf("%s: got %q, wanted %q", name, rights, want)
		}
		return nil
	})
	if err != nil || tables < 30 {
		t.Errorf("%d tables, %v", tables, err)
	}
}
