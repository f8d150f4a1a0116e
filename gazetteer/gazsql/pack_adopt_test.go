package gazsql_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

const countyPack = `
id: zhong-2027
title: 忠县地名规则（2027）
region: "500233"
validFrom: "2026-12-01"
includes: [national-2022]
libraries:
  - {id: zhong-limited, title: 忠县限用的词, words: [{text: 公馆}]}
rules:
  - {id: ZX-words, kind: word, title: 限用的词, clause: 第一条, strength: shall, severity: block, confirmed: true, categories: [residential-building], params: {library: zhong-limited}}
`

func packOf(t *testing.T, text string) gazetteer.Pack {
	t.Helper()
	p, err := gazetteer.ParsePack([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func rulePaper() *gazetteer.Document {
	return &gazetteer.Document{Title: "关于发布地名规则的通知", Number: "民发〔2026〕9号"}
}

// draftOf is the county's pack as drafted by its clerk.
func draftOf(t *testing.T, o office) gazsql.KnownPack {
	t.Helper()
	known, err := o.store.DraftPack(context.Background(), o.actor["clerk"], today, packOf(t, countyPack))
	if err != nil {
		t.Fatal(err)
	}
	return known
}

// TestAPackIsDraftedChangedAndAdopted, and from its first day on names are judged by it; what was adopted stays.
func TestAPackIsDraftedChangedAndAdopted(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	draft := draftOf(t, o)
	if draft.State != gazetteer.PackDraft || draft.Version != 1 || len(draft.Findings) > 0 || draft.Office != "忠县民政局" || len(draft.Libraries) != 1 || len(draft.Libraries[0].Words) != 0 {
		t.Fatalf("%+v", draft) // its words count from its first day on
	}
	again, err := o.store.DraftPack(ctx, o.actor["clerk"], today, packOf(t, countyPack))
	if err != nil || again.Version != 1 {
		t.Errorf("the same draft again: %d, %v", again.Version, err)
	}
	mansion := gazsql.NameCheck{Name: "翠屏公馆", Category: gazetteer.ResidentialBuilding, Division: "500233"}
	later := today.AddDate(0, 0, 7)
	if got := o.checks(t, later, mansion); !strings.HasPrefix(got, "national-2022") {
		t.Errorf("a draft is in force: %s", got)
	}
	tried := mansion
	tried.Pack = "zhong-2027"
	if got := o.checks(t, later, tried); !strings.Contains(got, "zhong-2027: ") || !strings.Contains(got, "limited-word") {
		t.Errorf("a draft is tried: %s", got)
	}
	changed := packOf(t, strings.Replace(countyPack, "限用的词, clause", "限制使用的词, clause", 1))
	edited, err := o.store.EditPack(ctx, o.actor["clerk"], today, "zhong-2027", 1, changed)
	if err != nil || edited.Version != 2 || edited.Rules[0].Title != "限制使用的词" {
		t.Fatalf("%+v, %v", edited, err)
	}
	if _, err := o.store.EditPack(ctx, o.actor["clerk"], today, "zhong-2027", 1, packOf(t, countyPack)); !fault.Is(err, "stale") {
		t.Errorf("edited as it was before: %v", err)
	}
	first, err := o.store.Pack(ctx, o.actor["clerk"], today, "zhong-2027@1")
	if err != nil || first.Rules[0].Title != "限用的词" {
		t.Errorf("the first text: %+v, %v", first.Rules, err)
	}
	if revisions, err := o.store.PackRevisions(ctx, "zhong-2027"); err != nil || len(revisions) != 2 || revisions[0].N != 2 || revisions[0].By == "" {
		t.Errorf("%+v, %v", revisions, err)
	}
	if _, err := o.store.ActOnPack(ctx, o.actor["approver"], today, "zhong-2027", 2, gazsql.PackAction{Name: "adopt"}); !fault.Is(err, "document-missing") {
		t.Errorf("adopted by no paper: %v", err)
	}
	adopted, err := o.store.ActOnPack(ctx, o.actor["approver"], today, "zhong-2027", 2, gazsql.PackAction{Name: "adopt", Document: rulePaper()})
	if err != nil || adopted.State != gazetteer.PackAdopted || adopted.Document != "关于发布地名规则的通知 民发〔2026〕9号" {
		t.Fatalf("%+v, %v", adopted, err)
	}
	if got := o.checks(t, later, mansion); !strings.HasPrefix(got, "zhong-2027") || !strings.Contains(got, "limited-word") {
		t.Errorf("adopted: %s", got)
	}
	if got := o.checks(t, today, mansion); !strings.HasPrefix(got, "national-2022") {
		t.Errorf("in force before its day: %s", got)
	}
	if _, err := o.store.EditPack(ctx, o.actor["clerk"], today, "zhong-2027", 0, packOf(t, countyPack)); !fault.Is(err, "step-not-open") {
		t.Errorf("edited once adopted: %v", err)
	}
	end := gazsql.PackAction{Name: "repeal", ValidTo: "2037-01-01", Document: rulePaper()}
	if ended, err := o.store.ActOnPack(ctx, o.actor["approver"], today, "zhong-2027", adopted.Version, end); err != nil || ended.ValidTo != "2037-01-01" {
		t.Errorf("%+v, %v", ended, err)
	}
	if got := o.checks(t, time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC), mansion); !strings.HasPrefix(got, "national-2022") {
		t.Errorf("after its end: %s", got)
	}
	if _, err := o.store.ActOnPack(ctx, o.actor["approver"], today, "zhong-2027", 0, end); !fault.Is(err, "step-not-open") {
		t.Errorf("ended twice: %v", err)
	}
	items, err := o.store.History(ctx, o.actor["neighbour"], "rule-pack/zhong-2027", 0, 10, false)
	if err != nil || len(items) != 4 || items[3].VerbLabel != "起草规则包" || items[2].Changes[0].After[0] != `改动 规则 ZX-words 限制使用的词：title "限用的词" → "限制使用的词"` {
		t.Errorf("%+v, %v", items, err)
	}
}

// TestWhoMayDraftAndAdopt: the first wall says so, and the second when the first is down.
func TestWhoMayDraftAndAdopt(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	draftOf(t, o)
	for _, store := range []*gazsql.Store{o.store, o.store.WithoutFirstWall()} {
		for _, login := range []string{"neighbour", "seat-1", "outsider", "developer"} {
			who := o.actor[login]
			other := packOf(t, strings.ReplaceAll(strings.ReplaceAll(countyPack, "zhong-2027", "zhong-2028"), "zhong-limited", "zhong-limited-2"))
			if _, err := store.DraftPack(ctx, who, today, other); err == nil {
				t.Errorf("%s drafted", login)
			}
			if _, err := store.EditPack(ctx, who, today, "zhong-2027", 0, packOf(t, strings.Replace(countyPack, "第一条", "第二条", 1))); err == nil {
				t.Errorf("%s edited", login)
			}
			if _, err := store.ActOnPack(ctx, who, today, "zhong-2027", 0, gazsql.PackAction{Name: "adopt", Document: rulePaper()}); err == nil {
				t.Errorf("%s adopted", login)
			}
			if _, err := store.ChangeWords(ctx, who, today, "zhong-limited", 0, gazetteer.WordChange{End: []string{"公馆"}, Day: "2037-01-01"}); err == nil {
				t.Errorf("%s ended a word", login)
			}
		}
	}
	national := gazetteer.National()
	national.ID = "national-2027"
	if _, err := o.store.DraftPack(ctx, o.actor["approver"], today, national); !fault.Is(err, "not-yours") {
		t.Errorf("a bureau drafted for everywhere: %v", err)
	}
	if _, err := o.store.ActOnPack(ctx, o.actor["clerk"], today, "zhong-2027", 1, gazsql.PackAction{Name: "adopt", Document: rulePaper()}); !fault.Is(err, "not-yours") {
		t.Errorf("a clerk adopted: %v", err)
	}
	tired := o.actor["approver"]
	tired.ConfirmedAt = time.Time{}
	if _, err := o.store.ActOnPack(ctx, tired, today, "zhong-2027", 1, gazsql.PackAction{Name: "adopt", Document: rulePaper()}); !fault.Is(err, "confirm-identity") {
		t.Errorf("adopted unconfirmed: %v", err)
	}
	if p, err := o.store.Pack(ctx, o.actor["clerk"], today, "zhong-2027"); err != nil || p.Version != 1 || p.Rules[0].Clause != "第一条" {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestWhatWasAdoptedIsKeptByTheDatabase: neither the application nor whoever owns the tables changes it unnoticed.
func TestWhatWasAdoptedIsKeptByTheDatabase(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	for _, sql := range []string{
		`update rule_pack set title = 'x', version = version + 1 where id = 'national-2022'`,
		`update rule_pack set state = 'draft', version = version + 1 where id = 'national-2022'`,
		`update rule_pack set ended = '2020-01-01', version = version + 1 where id = 'national-2022'`,
		`delete from rule_pack where id = 'notice-2018'`,
		`insert into rule_pack_revision (pack_id, n, text, recorded_at) values ('national-2022', 2, 'id: x', now())`,
		`update rule_pack_revision set text = 'id: x'`,
		`delete from rule_pack_revision`,
		`update library_word set text = 'x' where library_id = 'foreign-places'`,
		`update library_word set valid = daterange(lower(valid), '2023-01-01') where library_id = 'foreign-places'`,
		`delete from library_word`,
		`update rule_book set stamp = gen_random_uuid()`,
	} {
		err := gazsql.As(ctx, o.db.Pool, gazetteer.Actor{System: "command"}, func(tx pgx.Tx) error {
			tag, err := tx.Exec(ctx, sql)
			if err == nil && tag.RowsAffected() == 0 {
				t.Errorf("%s reaches nothing", sql)
			}
			return err
		})
		if err == nil || !kept(err) {
			t.Errorf("%s: %v", sql, err)
		}
	}
	for _, sql := range []string{
		`update rule_pack set title = 'x', version = version + 1 where id = 'national-2022'`,
		`update rule_pack_revision set text = 'id: x'`,
		`update library_word set text = 'x' where library_id = 'foreign-places'`,
	} {
		if _, err := o.db.Super.Exec(ctx, sql); err == nil || !kept(err) {
			t.Errorf("the superuser: %s: %v", sql, err)
		}
	}
}

// kept reports whether the database said that something may not be done, or stays as it is.
func kept(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "42501" || strings.Contains(pg.Message, "stays as") || strings.Contains(pg.Message, "append-only"))
}

// TestWordsAreAddedAndEnd: from their day on and in their region, with history; a word of today ends tomorrow at the earliest.
func TestWordsAreAddedAndEnd(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	const library = "foreign-places"
	words := func() (n int) {
		known, err := o.store.Library(ctx, o.actor["clerk"], today, library, "", 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		return known.Found
	}
	before := words()
	check := func(division string, now time.Time) string {
		return o.checks(t, now, gazsql.NameCheck{Name: "廊桥小区", Category: gazetteer.ResidentialBuilding, Division: division})
	}
	if got := check("500233", today); strings.Contains(got, "limited-word") {
		t.Fatal(got)
	}
	plan, err := o.store.ChangeWords(ctx, o.actor["clerk"], today, library, 1, gazetteer.WordChange{Add: []gazetteer.Word{{Text: "廊桥", Class: gazetteer.ForeignWord, Note: "试"}}, Day: "2026-11-24"})
	if err != nil || len(plan.Add) != 1 || words() != before+1 {
		t.Fatalf("%+v, %v", plan, err)
	}
	if got := check("500233", today); !strings.Contains(got, "limited-word") && !strings.Contains(got, "foreign") {
		t.Errorf("the word does not count where it was added: %s", got)
	}
	if got, want := check("500230", today), "national-2022: "; got != want {
		t.Errorf("the word counts in another county: %s", got)
	}
	if _, err := o.store.ChangeWords(ctx, o.actor["clerk"], today, library, 1, gazetteer.WordChange{End: []string{"廊桥"}, Day: "2037-01-01"}); !fault.Is(err, "stale") {
		t.Errorf("changed as it was before: %v", err)
	}
	if _, err := o.store.ChangeWords(ctx, o.actor["clerk"], today, library, 2, gazetteer.WordChange{End: []string{"廊桥"}, Day: "2026-11-24"}); !fault.Is(err, "words-wrong") {
		t.Errorf("ended on the day it began: %v", err)
	}
	if _, err := o.store.ChangeWords(ctx, o.actor["clerk"], today, library, 2, gazetteer.WordChange{End: []string{"廊桥"}, Day: "2037-01-01"}); err != nil {
		t.Fatal(err)
	}
	if got := check("500233", time.Date(2037, 1, 1, 0, 0, 0, 0, time.UTC)); strings.Contains(got, "limited-word") {
		t.Errorf("an ended word counts: %s", got)
	}
	if got := check("500233", today); !strings.Contains(got, "limited-word") && !strings.Contains(got, "foreign") {
		t.Errorf("a word to end counts no more at once: %s", got)
	}
	items, err := o.store.History(ctx, o.actor["neighbour"], "word-library/"+library, 0, 10, false)
	if err != nil || len(items) != 2 || items[1].Changes == nil {
		t.Errorf("%+v, %v", items, err)
	}
}

// TestALibraryOfABureau is made once, its words count wherever it is asked.
func TestALibraryOfABureau(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	if err := o.store.AddLibrary(ctx, o.actor["clerk"], today, gazetteer.Library{ID: "zhong-source", Title: "忠县采词库", Kind: gazetteer.SourceWords}); err != nil {
		t.Fatal(err)
	}
	if err := o.store.AddLibrary(ctx, o.actor["neighbour"], today, gazetteer.Library{ID: "zhong-source", Title: "丰都"}); !fault.Is(err, "library-there") {
		t.Errorf("made twice: %v", err)
	}
	if err := o.store.AddLibrary(ctx, o.actor["outsider"], today, gazetteer.Library{ID: "x", Title: "x"}); !fault.Is(err, "not-yours") {
		t.Errorf("by a contractor: %v", err)
	}
	if err := o.store.AddLibrary(ctx, o.actor["clerk"], today, gazetteer.Library{ID: "忠", Title: ""}); !fault.Is(err, "library-wrong") {
		t.Errorf("without a title: %v", err)
	}
	if _, err := o.store.ChangeWords(ctx, o.actor["clerk"], today, "zhong-source", 1, gazetteer.WordChange{Add: []gazetteer.Word{{Text: "忠州", Note: "唐代州名"}}, Day: "2026-11-24"}); err != nil {
		t.Fatal(err)
	}
	known, err := o.store.Library(ctx, o.actor["clerk"], today, "zhong-source", "州", 0, 10)
	if err != nil || len(known.Items) != 1 || known.Items[0].Region != "" || !known.Items[0].Own || known.Kind != gazetteer.SourceWords || known.RegionName != "忠县" {
		t.Errorf("%+v, %v", known, err)
	}
	if known, err := o.store.Library(ctx, o.actor["neighbour"], today, "zhong-source", "", 0, 10); err != nil || known.Items[0].Own {
		t.Errorf("the neighbour's own: %+v, %v", known, err)
	}
	if _, err := o.store.Library(ctx, o.actor["clerk"], today, "no-such", "", 0, 10); !fault.Is(err, "library-unknown") {
		t.Errorf("%v", err)
	}
}

// TestManyChangeTheBookAtOnce: each change is taken whole or refused as stale, and everybody reads the last one.
func TestManyChangeTheBookAtOnce(t *testing.T) {
	o, ctx := newOffice(t), context.Background()
	draftOf(t, o)
	var done sync.WaitGroup
	var taken, refused sync.Map
	for i := range 8 {
		done.Go(func() {
			p := packOf(t, strings.Replace(countyPack, "第一条", fmt.Sprintf("第%d条", i), 1))
			switch _, err := o.store.EditPack(ctx, o.actor["clerk"], today, "zhong-2027", 1, p); {
			case err == nil:
				taken.Store(i, true)
			case fault.Is(err, "stale"):
				refused.Store(i, true)
			default:
				t.Error(err)
			}
		})
		done.Go(func() {
			if _, err := o.store.CheckName(ctx, o.actor["clerk"], today, gazsql.NameCheck{Name: "翠屏公馆", Category: gazetteer.ResidentialBuilding, Division: "500233", Pack: "zhong-2027"}); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	which := -1
	n := 0
	taken.Range(func(k, _ any) bool { which, n = k.(int), n+1; return true })
	p, err := o.store.Pack(ctx, o.actor["clerk"], today, "zhong-2027")
	if n != 1 || err != nil || p.Version != 2 || p.Rules[0].Clause != fmt.Sprintf("第%d条", which) {
		t.Errorf("%d taken, read %s of version %d, %v", n, p.Rules[0].Clause, p.Version, err)
	}
}
