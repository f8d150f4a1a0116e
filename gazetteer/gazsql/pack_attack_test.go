package gazsql_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// TestTwoPacksOfOneDayAreNotAdoptedAtOnce: of several that begin on one day in one region one is adopted, whoever comes together.
func TestTwoPacksOfOneDayAreNotAdoptedAtOnce(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	const several = 3
	id := func(i int) string { return fmt.Sprint("zhong-", i) }
	for i := range several {
		text := strings.NewReplacer("zhong-2027", id(i), "zhong-limited", "foreign-places").Replace(countyPack)
		text = text[:strings.Index(text, "libraries:")] + text[strings.Index(text, "rules:"):]
		if _, err := o.store.DraftPack(ctx, o.actor["clerk"], today, packOf(t, text)); err != nil {
			t.Fatal(err)
		}
	}
	held, err := o.db.Super.Begin(ctx) // no change is finished before all have come
	if err != nil {
		t.Fatal(err)
	}
	defer held.Rollback(ctx) //nolint:errcheck // after its end it does nothing
	if _, err := held.Exec(ctx, `select from rule_book for update`); err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	var taken atomic.Int32
	for i := range several {
		done.Go(func() {
			switch _, err := o.store.ActOnPack(ctx, o.actor["approver"], today, id(i), 1, gazsql.PackAction{Name: "adopt", Document: rulePaper()}); {
			case err == nil:
				taken.Add(1)
			case !fault.Is(err, "pack-wrong"):
				t.Error(err)
			}
		})
	}
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		waiting := 0
		err := o.db.Super.QueryRow(ctx, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&waiting)
		if err != nil || waiting >= 3 || time.Now().After(until) {
			break
		}
	}
	if err := held.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	done.Wait()
	if taken.Load() != 1 {
		t.Errorf("%d adopted", taken.Load())
	}
}

// TestTheDatabaseKnowsWhoAdopts: what the application asks for in the name of a clerk, a neighbour or nobody changes no pack, word or
// library that is not for them to change.
func TestTheDatabaseKnowsWhoAdopts(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	draftOf(t, o)
	if _, err := o.store.DraftPack(ctx, o.actor["clerk"], today, packOf(t, strings.NewReplacer("zhong-2027", "zhong-2028", "2026-12-01", "2028-01-01").Replace(countyPack))); err != nil {
		t.Fatal(err)
	}
	if _, err := o.store.ActOnPack(ctx, o.actor["approver"], today, "zhong-2028", 1, gazsql.PackAction{Name: "adopt", Document: rulePaper()}); err != nil {
		t.Fatal(err)
	}
	const (
		adopt = `update rule_pack set state = 'adopted', version = version + 1, document_id = (select id from document limit 1) where id = 'zhong-2027'`
		end   = `update rule_pack set ended = today() + 1, version = version + 1 where id = 'zhong-2028'`
	)
	for _, c := range []struct{ who, sql string }{
		{"clerk", adopt},
		{"clerk", end},
		{"clerk", `update rule_pack set ended = today() + 1, version = version + 1 where id = 'zhong-2027'`},
		{"clerk", `update rule_pack set office_id = null, version = version + 1 where id = 'zhong-2027'`},
		{"clerk", `update rule_pack set region = '50', version = version + 1 where id = 'zhong-2027'`},
		{"approver", `update rule_pack set state = 'adopted', version = version + 1 where id = 'zhong-2027'`},
		{"approver", `update rule_pack set title = 'x', version = version + 1 where id = 'zhong-2028'`},
		{"approver", `update rule_pack set state = 'withdrawn', version = version + 1 where id = 'zhong-2028'`},
		{"approver", `insert into rule_pack_revision (pack_id, n, text, account_id, recorded_at) values ('zhong-2028', 2, 'id: x', acting_account(), now())`},
		{"approver", `insert into rule_pack_revision (pack_id, n, text, account_id, recorded_at) values ('national-2022', 2, 'id: x', acting_account(), now())`},
		{"approver", `update library_word set valid = daterange(lower(valid), today()) where library_id = 'foreign-places'`},
		{"neighbour", adopt},
		{"neighbour", end},
		{"neighbour", `update word_library set version = version + 1 where id = 'zhong-limited'`},
		{"outsider", adopt},
		{"outsider", end},
		{"outsider", `update word_library set version = version + 1 where id = 'foreign-places'`},
		{"outsider", `insert into word_library (id, title, region, recorded_at) values ('x', 'x', '500233', now())`},
		{"", adopt},
		{"", `update word_library set version = version + 1 where id = 'foreign-places'`},
	} {
		err := gazsql.As(ctx, o.db.Pool, o.actor[c.who], func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, c.sql)
			if err == nil && tag.RowsAffected() > 0 {
				t.Errorf("%s: %s reaches %d rows", c.who, c.sql, tag.RowsAffected())
				return context.Canceled
			}
			return err
		})
		if err != nil && err != context.Canceled && !kept(err) {
			t.Errorf("%s: %s: %v", c.who, c.sql, err)
		}
	}
}

// TestTheBookFollowsAnotherProcess: sixteen judge and read while words come and go by another store; each sees a change once it is made.
func TestTheBookFollowsAnotherProcess(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	other := gazsql.New(o.db.Pool)
	var done sync.WaitGroup
	stop := make(chan struct{})
	for range 16 {
		done.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := o.store.CheckName(ctx, o.actor["clerk"], today, gazsql.NameCheck{Name: "廊桥小区", Category: gazetteer.ResidentialBuilding, Division: "500233"}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 20 {
		word := fmt.Sprintf("廊桥%c", '一'+rune(i))
		if _, err := other.ChangeWords(ctx, gazetteer.Actor{System: "command"}, today, "foreign-places", 0, gazetteer.WordChange{Add: []gazetteer.Word{{Text: word}}, Day: "2026-11-24"}); err != nil {
			t.Fatal(err)
		}
		got := o.checks(t, today, gazsql.NameCheck{Name: word + "小区", Category: gazetteer.ResidentialBuilding, Division: "500233"})
		if !strings.Contains(got, "limited-word") && !strings.Contains(got, "foreign") && !strings.Contains(got, "needs-statement") {
			t.Errorf("%s does not count at once: %s", word, got)
		}
	}
	close(stop)
	done.Wait()
}
