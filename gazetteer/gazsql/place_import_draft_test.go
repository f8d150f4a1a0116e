package gazsql_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/vault"
)

// importing is an office that imports, and what works on the import asked for last.
type importing struct {
	office
	t    *testing.T
	work func(context.Context) error
}

func newImporting(t *testing.T) importing {
	t.Helper()
	files, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := newOffice(t)
	return importing{o, t, o.store.ImportsByHand(files)}
}

const inletsCSV = "name,category,divisionCode\n鳌沱湾,natural-village,500233100\n犀牛湾,natural-village,500233100\n"

func (o importing) handIn(login, csv string) gazsql.PlaceImport {
	o.t.Helper()
	p, made, err := o.store.HandInImport(o.t.Context(), o.actor[login], today, "places.csv", strings.NewReader(csv))
	if err != nil || !made {
		o.t.Fatalf("%s: %v %v", login, made, err)
	}
	return p
}

// judged hands a file in and has it judged.
func (o importing) judged(login, csv string) gazsql.PlaceImport {
	o.t.Helper()
	p := o.handIn(login, csv)
	_, err := o.store.SetImport(o.t.Context(), o.actor[login], today, p.ID, p.Version, gazetteer.ImportSettings{Frame: "4490"})
	if err == nil {
		err = o.work(o.t.Context())
	}
	if err == nil {
		p, err = o.store.PlaceImport(o.t.Context(), o.actor[login], p.ID)
	}
	if err != nil || p.State != gazetteer.ImportJudged {
		o.t.Fatalf("%s: %+v %v", login, p, err)
	}
	return p
}

// commits asks for the import to be committed.
func (o importing) commits(p gazsql.PlaceImport) gazsql.PlaceImport {
	o.t.Helper()
	p, err := o.store.ActOnImport(o.t.Context(), o.actor["approver"], today, p.ID, p.Version, "commit")
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

func (o importing) count(sql string, args ...any) (n int) {
	o.t.Helper()
	if err := o.db.Super.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// TestAnImportAbandonedWhileItIsCommitted abandons it while the job waits for another writer: nothing of it is written.
func TestAnImportAbandonedWhileItIsCommitted(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	p := o.commits(o.judged("clerk", inletsCSV))
	writer, err := o.db.Pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Exec(ctx, `select pg_advisory_xact_lock(hashtext('fangyu.names'))`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- o.work(ctx) }()
	for until := time.Now().Add(20 * time.Second); o.count(`select count(*) from pg_locks where locktype = 'advisory' and not granted`) == 0; {
		if len(done) > 0 || time.Now().After(until) {
			t.Fatalf("the job does not wait: %d %v", len(done), writer.Rollback(ctx))
		}
	}
	if _, err := o.store.ActOnImport(ctx, o.actor["clerk"], today, p.ID, p.Version, "abandon"); err != nil {
		t.Fatal(err)
	}
	if err := writer.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if p, err = o.store.PlaceImport(ctx, o.actor["clerk"], p.ID); err != nil || p.State != gazetteer.ImportAbandoned || p.Problem != nil {
		t.Errorf("%+v %v", p, err)
	}
	if n := o.count(`select count(*) from place_name where name in ('鳌沱湾', '犀牛湾')`); n != 0 {
		t.Errorf("%d names of an abandoned import", n)
	}
}

// TestAJobOfAnImportRunsTwice commits once, whatever the queue does, and a commit that another job begot is left alone.
func TestAJobOfAnImportRunsTwice(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	p := o.commits(o.judged("clerk", inletsCSV))
	for range 2 {
		if err := o.work(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if n := o.count(`select count(*) from place_name where name in ('鳌沱湾', '犀牛湾')`); n != 2 {
		t.Errorf("%d names of two rows", n)
	}
	if n := o.count(`select count(*) from journal where subject = $1 and verb = 'committed'`, "place-import/"+p.ID.String()); n != 1 {
		t.Errorf("committed %d times", n)
	}
}

// TestAForgottenImportIsTakenBack to where people can go on with it.
func TestAForgottenImportIsTakenBack(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	p := o.commits(o.judged("clerk", inletsCSV))
	if err := o.store.GiveUpForgottenImports(ctx, today); err != nil {
		t.Fatal(err)
	}
	if now, _ := o.store.PlaceImport(ctx, o.actor["clerk"], p.ID); now.State != gazetteer.ImportCommitting {
		t.Errorf("given up at once: %s", now.State)
	}
	if err := o.store.GiveUpForgottenImports(ctx, today.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	p, err := o.store.PlaceImport(ctx, o.actor["approver"], p.ID)
	if err != nil || p.State != gazetteer.ImportJudged || p.Problem == nil || p.Problem.Code != "import-failed" {
		t.Fatalf("%+v %v", p, err)
	}
	o.commits(p)
	if err := o.work(ctx); err != nil {
		t.Fatal(err)
	}
	if n := o.count(`select count(*) from place_name where name in ('鳌沱湾', '犀牛湾')`); n != 2 {
		t.Errorf("%d names of two rows", n)
	}
}

// TestImportsBehindTheSecondWall takes the first wall down: imports are their office's, and the bureau's above.
func TestImportsBehindTheSecondWall(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	p := o.judged("clerk", inletsCSV)
	bare := o.store.WithoutFirstWall()
	for login, sees := range map[string]bool{"clerk": true, "approver": true, "neighbour": false, "seat-1": false, "outsider": false, "developer": false} {
		_, err := bare.PlaceImport(ctx, o.actor[login], p.ID)
		rows := 0
		again := bare.EachImportedRow(ctx, o.actor[login], p.ID, gazsql.RowsWanted{}, func(gazsql.ImportedRow) error { rows++; return nil })
		if (err == nil) != sees || (again == nil) != sees || (rows == 2) != sees {
			t.Errorf("%s reads it: %v, %d rows: %v", login, err, rows, again)
		}
		_, err = bare.ActOnImport(ctx, o.actor[login], today, p.ID, p.Version+99, "abandon")
		if want := map[bool]string{true: "stale", false: "import-unknown"}[sees]; !fault.Is(err, want) && !fault.Is(err, "not-yours") {
			t.Errorf("%s acts on it: %v", login, err)
		}
	}
}

// TestAnImportTellsOfNoPlaceWithheldElsewhere holds rows against places that are withheld: of those of the own jurisdiction
// nothing is written, those of another are as if they were not.
func TestAnImportTellsOfNoPlaceWithheldElsewhere(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	here := o.twoInlets(t)
	var there uuid.UUID
	if err := o.db.Super.QueryRow(ctx, `select place_id from place_name where name = '蛟窟湾' and place_id <> $1`, here).Scan(&there); err != nil {
		t.Fatal(err)
	}
	rows := fmt.Sprintf("id,name,category,divisionCode,lon,lat\n,蛟窟湾,natural-village,500233100,108.04,30.29\n%s,鳌沱湾,natural-village,500233100,108.0329,30.2954\n", there)
	for _, place := range []uuid.UUID{here, there} {
		if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, place, 1, secretly(gazetteer.Secret)); err != nil {
			t.Fatal(err)
		}
	}
	p := o.handIn("clerk", rows)
	if _, err := o.store.SetImport(ctx, o.actor["clerk"], today, p.ID, p.Version, gazetteer.ImportSettings{Frame: "4490"}); err != nil {
		t.Fatal(err)
	}
	if err := o.work(ctx); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := o.store.EachImportedRow(ctx, o.actor["clerk"], p.ID, gazsql.RowsWanted{}, func(r gazsql.ImportedRow) error {
		got = append(got, fmt.Sprintf("%s %v %d", r.Verdict, r.Standing != nil, len(r.Twins)))
		return nil
	})
	if err != nil || strings.Join(got, " ") != "same false 0 new false 0" {
		t.Errorf("%v %v", got, err)
	}
}

// TestAnImportIsJudgedAgainOverAPlaceWithheldSince holds a row against a place of another county, which is then withheld: the
// row of before is nobody's to see, and makes room all the same.
func TestAnImportIsJudgedAgainOverAPlaceWithheldSince(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	here := o.twoInlets(t)
	var there uuid.UUID
	if err := o.db.Super.QueryRow(ctx, `select place_id from place_name where name = '蛟窟湾' and place_id <> $1`, here).Scan(&there); err != nil {
		t.Fatal(err)
	}
	p := o.judged("clerk", fmt.Sprintf("id,name,category,divisionCode\n,犀牛湾,natural-village,500233100\n%s,鳌沱湾,natural-village,500233100\n", there))
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, there, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	rows := func() (n int) {
		err := o.store.EachImportedRow(ctx, o.actor["clerk"], p.ID, gazsql.RowsWanted{}, func(gazsql.ImportedRow) error { n++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := rows(); n != 1 {
		t.Errorf("%d rows are seen beside the one of the place withheld", n)
	}
	if _, err := o.store.ActOnImport(ctx, o.actor["clerk"], today, p.ID, p.Version, "judge"); err != nil {
		t.Fatal(err)
	}
	if err := o.work(ctx); err != nil {
		t.Fatal(err)
	}
	if n := rows(); n != 2 {
		t.Errorf("%d rows are seen after judging again", n)
	}
}

// TestAnImportPublishesNoWithheldPlaceOfAnEndedDivision brings a place in again under the code of the division that took the
// place of its own.
func TestAnImportPublishesNoWithheldPlaceOfAnEndedDivision(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	here := o.twoInlets(t)
	if _, err := o.store.GradePlace(ctx, o.actor["approver"], today, here, 1, secretly(gazetteer.Secret)); err != nil {
		t.Fatal(err)
	}
	_, err := o.db.Super.Exec(ctx, `
		insert into division_link (predecessor_id, successor_id, kind, on_day)
		select a.division_id, b.division_id, 'merge', $1 from division_code a, division_code b where a.code = '500233100' and b.code = '500233'`, today)
	if err != nil {
		t.Fatal(err)
	}
	p := o.judged("clerk", "name,category,divisionCode\n蛟窟湾,natural-village,500233\n鳌沱湾,natural-village,500233\n")
	counts := map[gazetteer.ImportVerdict]int{}
	for _, c := range p.Counts {
		counts[c.Verdict] = c.Rows
	}
	if counts[gazetteer.ImportSame] != 1 || counts[gazetteer.ImportNew] != 1 {
		t.Errorf("judged %v", counts)
	}
}

// TestAnImportQuotesNoWholeCell judges cells that are far too long: what is told of them stays short.
func TestAnImportQuotesNoWholeCell(t *testing.T) {
	o := newImporting(t)
	long := strings.Repeat("长", 100_000)
	p := o.judged("clerk", "name,category,divisionCode\n鳌沱湾,"+long+",500233100\n"+long+",natural-village,500233100\n")
	if n := o.count(`select max(length(told::text)) from place_import_row where import_id = $1`, p.ID); n > 10_000 {
		t.Errorf("%d characters are told of a row", n)
	}
}

// TestAnImportTellsNoDistanceToARoundedPosition holds a row against a place of the own county and one of another, whose
// position the public reads to two decimals.
func TestAnImportTellsNoDistanceToARoundedPosition(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	o.twoInlets(t)
	if _, err := o.db.Super.Exec(ctx, `insert into precision_policy (layer, level, decimals, document_id) select 'places', 'township', 2, min(id::text)::uuid from document`); err != nil {
		t.Fatal(err)
	}
	p := o.handIn("clerk", "name,category,divisionCode,lon,lat\n蛟窟湾,natural,500233100,108.0328,30.2954\n")
	if _, err := o.store.SetImport(ctx, o.actor["clerk"], today, p.ID, p.Version, gazetteer.ImportSettings{Frame: "4490", TwinM: 5000}); err != nil {
		t.Fatal(err)
	}
	if err := o.work(ctx); err != nil {
		t.Fatal(err)
	}
	apart := map[string]float64{}
	err := o.store.EachImportedRow(ctx, o.actor["clerk"], p.ID, gazsql.RowsWanted{}, func(r gazsql.ImportedRow) error {
		for _, twin := range r.Twins {
			apart[twin.Division] = *twin.DistanceM
		}
		return nil
	})
	at := orb.Point{108.0328, 30.2954}
	own, other := math.Round(geo.DistanceM(at, orb.Point{108.0312, 30.2954})), math.Round(geo.DistanceM(at, orb.Point{108.03, 30.3}))
	if err != nil || len(apart) != 2 || apart["龙兴镇"] != own || apart["白沙镇"] != other {
		t.Errorf("%v %v: want %v and %v", apart, err, own, other)
	}
}

// TestANamingDoesNotWaitForAnImport but says in a while that it cannot be done now, and is done when the import is over.
func TestANamingDoesNotWaitForAnImport(t *testing.T) {
	t.Parallel()
	o, ctx := newOffice(t), t.Context()
	id := o.inlet(t, "蛟窟湾")
	writer, err := o.db.Pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Exec(ctx, `select pg_advisory_xact_lock(hashtext('fangyu.names'))`); err != nil {
		t.Fatal(err)
	}
	_, err = o.store.RecordName(ctx, o.actor["clerk"], today, id, 1, customary("蛟洞"))
	if fault.KindOf(err) != fault.Busy || !fault.Is(err, "names-busy") {
		t.Errorf("while names are written: %v", err)
	}
	if err := writer.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if k, err := o.store.RecordName(ctx, o.actor["clerk"], today, id, 1, customary("蛟洞")); err != nil || k.Version != 2 {
		t.Errorf("afterwards: %+v %v", k, err)
	}
}

// TestARowThatCannotBeReadKeepsItsName and its line, so that people find it.
func TestARowThatCannotBeReadKeepsItsName(t *testing.T) {
	o, ctx := newImporting(t), t.Context()
	p := o.judged("clerk", "name,category,divisionCode,lon,lat\n鳌沱湾,natural-village,500233100,百零八,30.2\n犀牛湾,natural-village,500233100,108.03,30.29\n")
	rows := map[string]string{}
	err := o.store.EachImportedRow(ctx, o.actor["clerk"], p.ID, gazsql.RowsWanted{}, func(r gazsql.ImportedRow) error {
		rows[r.Name] = fmt.Sprintf("%d %d %s %d", r.Row, r.Line, r.Verdict, len(r.Findings))
		return nil
	})
	want := map[string]string{"鳌沱湾": "1 2 refused 1", "犀牛湾": "2 3 new 0"}
	if diff := cmp.Diff(want, rows); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// TestFilesOfImportsAreBounded: an office that handed in much hands in no more.
func TestFilesOfImportsAreBounded(t *testing.T) {
	o := newImporting(t)
	p := o.handIn("clerk", inletsCSV)
	if _, err := o.db.Super.Exec(t.Context(), `update place_import set size = $1 where id = $2`, int64(10<<30), p.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err := o.store.HandInImport(t.Context(), o.actor["clerk"], today, "more.csv", strings.NewReader(inletsCSV+"麒麟湾,natural-village,500233100\n"))
	if fault.KindOf(err) != fault.Exceeded || !fault.Is(err, "quota") {
		t.Errorf("beyond the bound: %v", err)
	}
	if _, made, err := o.store.HandInImport(t.Context(), o.actor["clerk"], today, "again.csv", strings.NewReader(inletsCSV)); err != nil || made {
		t.Errorf("the same file: %v %v", made, err)
	}
}
