package boundsql_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// partApart gives 渝北区 a shape with a part apart from the rest of it, and says what its record would be.
func (d *desk) partApart() boundsql.ExclaveInput {
	d.t.Helper()
	var division uuid.UUID
	d.must(d.db.Super.QueryRow(context.Background(), `
		insert into division_shape (id, division_id, geom, valid, document_id, frame, recorded_at)
		select gen_random_uuid(), c.division_id, st_geomfromtext('MULTIPOLYGON(((106 29, 107 29, 107 30, 106 30, 106 29)), ((108 29, 108.1 29, 108.1 29.1, 108 29.1, 108 29)))', 4490),
		       daterange('2020-01-01', null), c.document_id, '4490', now()
		from division_code c where c.code = '500112' returning division_id`).Scan(&division))
	return boundsql.ExclaveInput{ID: gazsql.NewID(), DivisionID: division, At: orb.Point{108.05, 29.05}, Document: *aPaper("关于飞地的批复"), ValidFrom: today.AddDate(-1, 0, 0)}
}

// recordedOn wants the one exclave of the fabric to be on record on a day, or to be a finding.
func (d *desk) recordedOn(on time.Time, recorded bool) {
	d.t.Helper()
	f, err := d.store.CheckFabric(context.Background(), boundary.CountyLine, on, 0, nil)
	if d.must(err); len(f.Exclaves) != 1 || (f.Exclaves[0].Record != nil) != recorded || (f.Counts["exclave-unrecorded"] == 0) != recorded {
		d.t.Errorf("recorded %v: %v %+v", recorded, f.Counts, f.Exclaves)
	}
}

func (d *desk) exclaves(actor gazetteer.Actor, f boundsql.ExclaveFilter) []boundsql.ListedExclave {
	d.t.Helper()
	listed, err := d.store.Exclaves(context.Background(), actor, today, f, uuid.Nil, 10)
	d.must(err)
	return listed
}

// TestAnExclaveIsOnRecord: the bureau above says so by a document, and only it; the fabric then has it as information.
func TestAnExclaveIsOnRecord(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	in := d.partApart()
	for name, actor := range map[string]gazetteer.Actor{"its own": d.lead, "another": d.other, "nobody": {}} {
		_, err := d.store.RecordExclave(ctx, actor, today, in)
		d.wantKind(err, fault.Forbidden, name)
	}
	wrong := in
	wrong.At, wrong.Document.Title, wrong.HostID = orb.Point{109, 29.05}, " ", in.DivisionID
	if _, err := d.store.RecordExclave(ctx, d.city, today, wrong); !fault.Is(err, "exclave-wrong") || !strings.Contains(err.Error(), "not-there") ||
		!strings.Contains(err.Error(), "document-missing") || !strings.Contains(err.Error(), "same-division") {
		t.Errorf("wrong in everything: %v", err)
	}
	d.recordedOn(today, false)
	record, err := d.store.RecordExclave(ctx, d.city, today, in)
	if d.must(err); record.Document.Title != "关于飞地的批复" || record.ValidFrom == nil || record.Of.Name != "渝北区" || record.ValidTo != nil {
		t.Errorf("recorded %+v", record)
	}
	d.recordedOn(today, true)
	if again, err := d.store.RecordExclave(ctx, d.city, today.Add(time.Hour), in); err != nil || !cmp.Equal(again, record) {
		t.Errorf("sent again: %+v %v", again, err)
	}
	other := in
	other.ID, other.At = gazsql.NewID(), orb.Point{108.06, 29.06}
	if _, err := d.store.RecordExclave(ctx, d.city, today, other); !fault.Is(err, "exclave-wrong") || !strings.Contains(err.Error(), "recorded-already") {
		t.Errorf("a second record of one part: %v", err)
	}
	var entries int
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from journal where verb = 'record-exclave'`).Scan(&entries))
	if n := len(d.exclaves(d.city, boundsql.ExclaveFilter{})); n != 1 || entries != 1 {
		t.Errorf("%d records, %d entries", n, entries)
	}
	if d.changesAs(d.city, `update exclave set valid = daterange(null, null)`) || d.changesAs(d.city, `delete from exclave`) {
		t.Error("a record was changed")
	}
}

// TestAnExclaveEnds: its record is closed from a day on by a document, and stays as it is otherwise.
func TestAnExclaveEnds(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	in := d.partApart()
	before, err := d.store.RecordExclave(ctx, d.city, today, in)
	d.must(err)
	count, err := d.store.ExclaveCount(ctx)
	d.must(err)
	ends := today.AddDate(0, -1, 0)
	end := boundsql.ExclaveEnd{Document: *aPaper("关于飞地归并的批复"), On: ends}
	for name, actor := range map[string]gazetteer.Actor{"its own": d.lead, "another": d.other, "nobody": {}} {
		if _, err := d.store.EndExclave(ctx, actor, today, in.ID, end); fault.KindOf(err) != fault.Forbidden {
			t.Errorf("%s ended it: %v", name, err)
		}
		if got := d.exclaves(actor, boundsql.ExclaveFilter{}); len(got) != 1 || len(got[0].Actions) != 0 {
			t.Errorf("%s is offered %+v", name, got)
		}
	}
	if got := d.exclaves(d.city, boundsql.ExclaveFilter{Division: in.DivisionID, On: today}); len(got) != 1 || !cmp.Equal(got[0].Actions, []string{"end"}) {
		t.Errorf("the bureau above is offered %+v", got)
	}
	_, err = d.store.EndExclave(ctx, d.city, today, gazsql.NewID(), end)
	d.wantKind(err, fault.NotFound, "no record")
	if _, err = d.store.EndExclave(ctx, d.city, today, in.ID, boundsql.ExclaveEnd{}); !fault.Is(err, "exclave-wrong") || !strings.Contains(err.Error(), "day-missing") || !strings.Contains(err.Error(), "document-missing") {
		t.Errorf("without anything: %v", err)
	}
	if _, err = d.store.EndExclave(ctx, d.city, today, in.ID, boundsql.ExclaveEnd{Document: end.Document, On: in.ValidFrom}); !fault.Is(err, "exclave-wrong") || !strings.Contains(err.Error(), "ends-before-begin") {
		t.Errorf("on the day it began: %v", err)
	}
	if _, err := d.db.Super.Exec(ctx, `insert into exclave_end select id, lower(valid), document_id, now() from exclave`); err == nil {
		t.Error("the database takes an end before the beginning")
	}
	after, err := d.store.EndExclave(ctx, d.city, today, in.ID, end)
	d.must(err)
	if after.ValidTo == nil || *after.ValidTo != ends.Format(time.DateOnly) || after.EndDocument == nil || after.EndDocument.Title != "关于飞地归并的批复" {
		t.Errorf("ended: %+v", after)
	}
	if after.ValidTo, after.EndDocument = nil, nil; !cmp.Equal(before, after) {
		t.Errorf("the record was altered:\n%s", cmp.Diff(before, after))
	}
	d.recordedOn(ends.AddDate(0, 0, -1), true)
	d.recordedOn(ends, false)
	if n, err := d.store.ExclaveCount(ctx); err != nil || n == count {
		t.Errorf("what rests on the records cannot tell that one ended: %d %v", n, err)
	}
	_, err = d.store.EndExclave(ctx, d.city, today, in.ID, end)
	d.wantKind(err, fault.Conflict, "a second end")
	if n := len(d.exclaves(d.city, boundsql.ExclaveFilter{On: today})); n != 0 || len(d.exclaves(d.city, boundsql.ExclaveFilter{})) != 1 {
		t.Errorf("%d hold today", n)
	}
	if d.changesAs(d.city, `update exclave_end set ended_on = '2027-01-01'`) || d.changesAs(d.city, `delete from exclave_end`) {
		t.Error("an end was changed")
	}
	in.ID, in.ValidFrom = gazsql.NewID(), ends
	if _, err = d.store.RecordExclave(ctx, d.city, today, in); err != nil {
		t.Errorf("recorded anew from the day it ended: %v", err)
	}
}

// TestTwoClerksRecordOneExclave lets clerks record the same part at once, and end it: one record, one end. Nobody can write before all of
// them have looked.
func TestTwoClerksRecordOneExclave(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	in := d.partApart()
	const clerks = 3
	atOnce := func(table string, do func(i int) error) (done int) {
		t.Helper()
		hold, err := d.db.Super.Begin(ctx)
		d.must(err)
		_, err = hold.Exec(ctx, `lock table `+table+` in share mode`)
		d.must(err)
		answers := make([]error, clerks)
		var all sync.WaitGroup
		for i := range clerks {
			all.Go(func() { answers[i] = do(i) })
		}
		for waiting, until := 0, time.Now().Add(20*time.Second); waiting < clerks && time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
			d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).Scan(&waiting))
		}
		d.must(hold.Commit(ctx))
		all.Wait()
		for _, err := range answers {
			switch {
			case err == nil:
				done++
			case !fault.Is(err, "exclave-wrong") && !fault.Is(err, "exclave-ended"):
				t.Errorf("answered %v", err)
			}
		}
		return done
	}
	done := atOnce("exclave", func(i int) error {
		own := in
		own.ID, own.At[0] = gazsql.NewID(), in.At[0]+float64(i)*0.001
		_, err := d.store.RecordExclave(ctx, d.city, today, own)
		return err
	})
	listed := d.exclaves(d.city, boundsql.ExclaveFilter{})
	if done != 1 || len(listed) != 1 {
		t.Fatalf("%d were told that they recorded it, there are %d", done, len(listed))
	}
	done = atOnce("exclave_end", func(int) error {
		_, err := d.store.EndExclave(ctx, d.city, today, listed[0].ID, boundsql.ExclaveEnd{Document: *aPaper("归并"), On: today})
		return err
	})
	if done != 1 {
		t.Errorf("%d were told that they ended it", done)
	}
}
