package boundsql_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

// merge ends 江北区 and 渝北区 on the day and sets 两江新区 up in their place.
func (d *desk) merge(day string) (successor uuid.UUID) {
	d.t.Helper()
	ctx := context.Background()
	successor = uuid.New()
	_, err := d.db.Super.Exec(ctx, `
		with made as (insert into division (id) values ($1)),
		     paper as (select v.document_id, v.parent_id from division_version v join division_code c using (division_id) where c.code = '500105'),
		     named as (insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
		               select gen_random_uuid(), $1, '两江新区', 'county', 'district', parent_id, daterange($2::text::date, null), document_id, now() from paper),
		     coded as (insert into division_code (division_id, system, code, valid, document_id)
		               select $1, 'gbt2260', '500157', daterange($2::text::date, null), document_id from paper),
		     ended as (update division_version set valid = daterange(lower(valid), $2::text::date)
		               where division_id in (select division_id from division_code where code in ('500105', '500112')) returning division_id)
		insert into division_link (predecessor_id, successor_id, kind, on_day, document_id)
		select e.division_id, $1, 'merge', $2::text::date, p.document_id from ended e, paper p`, successor, day)
	d.must(err)
	return successor
}

// TestOfficesSucceedWithTheirDivisions carries 江北区 + 渝北区 → 两江新区 through the offices: who worked for the old ones
// works for the new one, acts on what they left, and their neighbours see no more than before.
func TestOfficesSucceedWithTheirDivisions(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	between := d.inField()
	sent := d.upload(d.lead, between.ID, boundary.Walk{Seed: 4, NoiseM: 2})
	d.read(d.lead, sent.ID)
	theirs := d.upload(d.other, uuid.Nil, boundary.Walk{Seed: 5, NoiseM: 2})
	on := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	paper := gazetteer.Document{Kind: "approval", Title: "国务院关于同意调整部分行政区划的批复", Number: "演示"}
	admin := d.account("cq-admin", "重庆市民政局", "500000", gazetteer.Administrator)

	_, err := d.store.SucceedOffices(ctx, admin, today, on, paper)
	d.wantKind(err, fault.NotFound, "before the divisions changed")
	d.merge("2026-11-01")
	_, err = d.store.SucceedOffices(ctx, d.lead, today, on, paper)
	d.wantKind(err, fault.Forbidden, "by an officer")
	local := d.account("yz-admin", "渝中区民政局", "500103", gazetteer.Administrator)
	_, err = d.store.SucceedOffices(ctx, local, today, on, paper)
	d.wantKind(err, fault.Forbidden, "by the neighbour's administrator")

	plan, err := d.store.SucceedOffices(ctx, admin, today, on, paper)
	d.must(err)
	if len(plan.Found) != 1 || plan.Found[0].Name != "两江新区民政局" || len(plan.Closed) != 2 || len(plan.Ended) != 1 {
		t.Fatalf("got %+v", plan)
	}
	gaz := gazsql.New(d.db.Pool)
	leader, err := gaz.Actor(ctx, d.lead.AccountID)
	d.must(err)
	if leader.OfficeName != "两江新区民政局" || !leader.IsOf(d.lead.OfficeID) || !leader.IsOf(d.other.OfficeID) || leader.Jurisdiction == d.lead.Jurisdiction {
		t.Errorf("who led for 渝北区 is now %+v", leader)
	}
	for _, id := range []uuid.UUID{sent.ID, theirs.ID} {
		if got, err := d.store.Track(ctx, leader, today, id); err != nil || got.Receipt == nil {
			t.Errorf("what the old offices left: %+v, %v", got, err)
		}
	}
	if list, err := d.store.Tracks(ctx, leader, today, uuid.Nil, 10); err != nil || len(list) != 2 {
		t.Errorf("of what the old offices left %d tracks are listed, %v", len(list), err)
	}
	ended := d.now(leader, between.ID)
	if ended.State != boundary.InspectionEnded || len(ended.Actions) != 0 {
		t.Errorf("the round between the two is %s with %v", ended.State, ended.Actions)
	}
	_, _, err = d.store.ReceiveTrack(ctx, leader, today, boundsql.ReceiveTrack{Submission: boundary.Submission{InspectionID: between.ID}, Body: bytes.NewReader([]byte("x"))})
	d.wantKind(err, fault.Conflict, "an upload to a round that ended")
	if n := d.countAs(d.stranger, `track`); n != 0 {
		t.Errorf("the neighbour sees %d tracks", n)
	}
	var entries int
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from journal where verb = 'close' and subject like 'office/%' and cardinality(cites) = 1`).Scan(&entries))
	if entries != 2 {
		t.Errorf("%d offices were closed in the journal", entries)
	}
	_, err = d.store.SucceedOffices(ctx, admin, today, on, paper)
	if err != nil {
		t.Errorf("again: %v", err)
	}
	var offices int
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from office where division_id = $1`, leader.Jurisdiction).Scan(&offices))
	if offices != 1 {
		t.Errorf("%d offices of the new district", offices)
	}
}

// now is a round as it stands.
func (d *desk) now(actor gazetteer.Actor, id uuid.UUID) boundsql.Inspection {
	d.t.Helper()
	i, err := d.store.Inspection(context.Background(), actor, today, id)
	d.must(err)
	return i
}
