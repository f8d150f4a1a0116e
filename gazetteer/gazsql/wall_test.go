package gazsql_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"pgregory.net/rapid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
)

// TestTheSecondWallStandsAlone takes the first wall down: a case is read and changed where it is decided and nowhere else.
func TestTheSecondWallStandsAlone(t *testing.T) {
	ctx := context.Background()
	o := newOffice(t)
	p, err := o.store.CreateProposal(ctx, o.actor["developer"], today, gazsql.NewProposal{
		Kind: "new", Name: "甘井路", Category: gazetteer.Street, Division: "500233", Reason: "新建",
	})
	if err != nil {
		t.Fatal(err)
	}
	p = o.act(t, "clerk", p, gazetteer.ProposalAction{Name: "accept"})
	open := o.store.WithoutFirstWall()
	for _, who := range []string{"neighbour", "outsider"} {
		if _, err := open.Proposal(ctx, o.actor[who], today, p.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s reads the case: %v", who, err)
		}
		if list, err := open.Proposals(ctx, o.actor[who], today, uuid.Nil, 10); err != nil || len(list) != 0 {
			t.Errorf("%s lists %d, %v", who, len(list), err)
		}
		for _, sql := range []string{
			`update proposal set name = 'x'`, `update proposal set state = 'approved'`, `delete from proposal`,
			`insert into proposal_vote (proposal_id, account_id, approve, at) values ('` + p.ID.String() + `', '` + o.actor["seat-1"].AccountID.String() + `', true, now())`,
			`insert into proposal_vote (proposal_id, account_id, approve, at) values ('` + p.ID.String() + `', '` + o.actor[who].AccountID.String() + `', true, now())`,
		} {
			if o.changes(t, who, sql) {
				t.Errorf("%s did: %s", who, sql)
			}
		}
	}
	for _, who := range []string{"developer", "clerk", "approver", "seat-1", "city-seat"} {
		if _, err := open.Proposal(ctx, o.actor[who], today, p.ID); err != nil {
			t.Errorf("%s: %v", who, err)
		}
	}
	vote := func(seat string) string {
		return `insert into proposal_vote (proposal_id, account_id, approve, at) values ('` + p.ID.String() + `', '` + o.actor[seat].AccountID.String() + `', true, now())`
	}
	for who, seat := range map[string]string{"seat-1": "seat-2", "city-seat": "city-seat", "clerk": "clerk"} {
		if o.changes(t, who, vote(seat)) {
			t.Errorf("%s voted as %s", who, seat)
		}
	}
	if !o.changes(t, "seat-1", vote("seat-1")) {
		t.Error("a seat cannot vote")
	}
	if o.changes(t, "seat-1", `update proposal_vote set approve = false`) || o.changes(t, "seat-1", `delete from proposal_vote`) {
		t.Error("a vote was changed")
	}
}

// changes runs a statement for an account and reports whether it changed anything. To be refused is to change nothing.
func (o office) changes(t *testing.T, who, sql string) bool {
	t.Helper()
	ctx := context.Background()
	var changed int64
	err := gazsql.As(ctx, o.db.Pool, o.actor[who], func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql)
		changed = tag.RowsAffected()
		return err
	})
	const insufficientPrivilege = "42501"
	var pg *pgconn.PgError
	if err != nil && (!errors.As(err, &pg) || pg.Code != insufficientPrivilege) {
		t.Errorf("%s: %v", sql, err)
	}
	return err == nil && changed > 0
}

// count counts the rows that an account's transactions can see.
func (o office) count(t *testing.T, who, from string) (n int) {
	t.Helper()
	ctx := context.Background()
	err := gazsql.As(ctx, o.db.Pool, o.actor[who], func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `select count(*)::int from `+from).Scan(&n)
	})
	if err != nil {
		t.Errorf("%s: %v", from, err)
	}
	return n
}

// TestBothWallsDecideAlike holds gazetteer.Lineage against the policies' division_covers and division_heir on random
// trees with divisions that ended, some with successors.
func TestBothWallsDecideAlike(t *testing.T) {
	ctx := context.Background()
	db := pgtest.New(t)
	var document uuid.UUID
	if err := db.Super.QueryRow(ctx, `
		insert into document (id, kind, title, recorded_at) values (gen_random_uuid(), 'dataset', 'made up', now()) returning id`).Scan(&document); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		tx, err := db.Super.Begin(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(ctx)
		n := rapid.IntRange(2, 9).Draw(t, "divisions")
		ids := make([]uuid.UUID, n)
		for i := range ids {
			ids[i] = uuid.New()
			var parent *uuid.UUID
			if i > 0 && rapid.IntRange(0, 4).Draw(t, "root") > 0 {
				parent = &ids[rapid.IntRange(0, i-1).Draw(t, "parent")]
			}
			valid := "[2000-01-01,)"
			if rapid.Bool().Draw(t, "ended") {
				valid = "[2000-01-01,2020-01-01)"
			}
			if _, err := tx.Exec(ctx, `insert into division (id) values ($1)`, ids[i]); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(ctx, `
				insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
				values (gen_random_uuid(), $1, 'x', 'county', 'county', $2, $3::text::daterange, $4, now())`, ids[i], parent, valid, document); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(0, n).Draw(t, "links") {
			from, to := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
			if _, err := tx.Exec(ctx, `
				insert into division_link (predecessor_id, successor_id, kind, on_day) values ($1, $2, 'merge', '2020-01-01') on conflict do nothing`,
				ids[from], ids[to]); err != nil {
				t.Fatal(err)
			}
		}
		l, err := gazsql.LineageOf(ctx, tx, time.Now(), ids...)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range ids {
			for _, d := range ids {
				var covers, heir bool
				if err := tx.QueryRow(ctx, `select division_covers($1, $2), division_heir($1, $2)`, j, d).Scan(&covers, &heir); err != nil {
					t.Fatal(err)
				}
				if l.Covers(j, d) != covers {
					t.Fatalf("covers: the use-case says %v, the policy %v", l.Covers(j, d), covers)
				}
				if mine := slices.Contains(l.Heirs(d), j); mine && !heir {
					t.Fatal("an heir to the use-case is none to the policy")
				}
			}
		}
	})
}
