package boundsql_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/fault"
)

func (d *desk) tryEdit(actor gazetteer.Actor, c boundsql.MarkerChange, reason string) (boundsql.MarkerChange, error) {
	says := c.ChangeContent
	says.Reason = reason
	return d.store.EditMarkerChange(context.Background(), actor, today, c.ID, c.Version, says)
}

func (d *desk) edit(actor gazetteer.Actor, c boundsql.MarkerChange, reason string) boundsql.MarkerChange {
	d.t.Helper()
	next, err := d.tryEdit(actor, c, reason)
	d.must(err)
	if next.Reason != reason || next.ContentSHA256 == c.ContentSHA256 || next.Version != c.Version+1 {
		d.t.Errorf("written anew: %+v", next)
	}
	return next
}

// TestWhatIsAppliedForIsWrittenAnew: by its own side, until the bureau above agreed; whoever had agreed agrees anew.
func TestWhatIsAppliedForIsWrittenAnew(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: d.markers[0].ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(d.markers[0])}})
	first := c
	if c = d.edit(d.lead, c, "改线"); c.State != boundary.ChangeDraft || !c.Editable {
		t.Errorf("a draft: %+v", c)
	}
	if _, err := d.tryEdit(d.lead, first, "旧的"); !fault.Is(err, "stale") {
		t.Errorf("against the version before: %v", err)
	}
	if _, err := d.tryEdit(d.other, c, "对方"); !fault.Is(err, "marker-change-unknown") {
		t.Errorf("a draft by the other side: %v", err)
	}
	other := c.ChangeContent
	other.Kind = boundary.Retirement
	if _, err := d.store.EditMarkerChange(ctx, d.lead, today, c.ID, c.Version, other); !fault.Is(err, "change-wrong") {
		t.Errorf("another kind: %v", err)
	}
	other = c.ChangeContent
	other.Proposed = []float64{106, 29}
	if _, err := d.store.EditMarkerChange(ctx, d.lead, today, c.ID, c.Version, other); !fault.Is(err, "change-wrong") {
		t.Errorf("far from the line: %v", err)
	}
	c = d.through(c, d.lead, "apply", d.lead, "agree")
	for name, actor := range map[string]gazetteer.Actor{"other": d.other, "above": d.city} {
		if _, err := d.tryEdit(actor, c, "别人"); !fault.Is(err, "not-yours") {
			t.Errorf("by %s: %v", name, err)
		}
	}
	before := c
	c = d.edit(d.lead, c, "改线，另选一处")
	if c.State != boundary.ChangeApplied || len(c.Confirmations) != 1 || c.Confirmations[0].VoidedAt == nil || c.Confirmations[0].VoidReason == nil || len(c.Stages[1].Waits) != 2 {
		t.Errorf("own agreement: %+v", c)
	}
	if _, err := d.tryChange(d.other, before, "agree"); !fault.Is(err, "stale") {
		t.Errorf("to what it was: %v", err)
	}
	before.Version = c.Version
	if _, err := d.tryChange(d.other, before, "agree"); !fault.Is(err, "content-changed") {
		t.Errorf("to what it said: %v", err)
	}
	c = d.through(c, d.lead, "agree", d.other, "agree")
	if c.State != boundary.ChangeAgreed {
		t.Fatalf("both agreed: %s", c.State)
	}
	c = d.edit(d.lead, c, "各方同意之后又改")
	if c.State != boundary.ChangeApplied || len(c.Stages[1].Waits) != 2 {
		t.Errorf("both have to agree anew: %+v", c)
	}
	if _, err := d.tryChange(d.city, c, "approve"); !fault.Is(err, "action-not-open") {
		t.Errorf("approved what nobody agreed to: %v", err)
	}

	// back to the very words that both had agreed to: what was void does not come back
	c = d.edit(d.lead, c, "改线，另选一处")
	if c.State != boundary.ChangeApplied || len(c.Stages[1].Waits) != 2 {
		t.Errorf("the words of before: %+v", c)
	}
	c = d.through(c, d.other, "return")
	if c.State != boundary.ChangeReturned || c.Refusal == nil {
		t.Errorf("returned: %+v", c)
	}
	if _, err := d.store.MarkerChange(ctx, d.other, today, c.ID); err != nil {
		t.Errorf("who returned it: %v", err)
	}
	c = d.edit(d.lead, c, "按对方意见改")
	if _, err := d.store.MarkerChange(ctx, d.other, today, c.ID); c.State != boundary.ChangeDraft || !fault.Is(err, "marker-change-unknown") {
		t.Errorf("a draft again: %s, %v", c.State, err)
	}
	c = d.through(c, d.lead, "apply", d.lead, "withdraw")
	c = d.edit(d.lead, c, "撤回之后再写")
	c = d.through(c, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "return")
	if c.State != boundary.ChangeReturned || len(c.Stages[1].Waits) != 0 || c.Stages[0].State != boundary.StageCurrent {
		t.Errorf("returned by the bureau above: %+v", c.Stages)
	}
	c = d.through(c, d.lead, "apply")
	if len(c.Stages[1].Waits) != 2 || c.Refusal != nil {
		t.Errorf("applied for again: %+v", c.Stages[1])
	}
	c = d.through(c, d.lead, "agree", d.other, "agree", d.city, "approve")
	if _, err := d.tryEdit(d.lead, c, "太晚"); !fault.Is(err, "change-fixed") || c.Editable {
		t.Errorf("after the bureau above: %v", err)
	}
	if n := d.countAs(d.other, `journal where subject = 'marker-change/`+c.ID.String()+`' and verb = 'edit'`); n != 6 {
		t.Errorf("%d entries of the history", n)
	}
}

// TestAnAdditionIsWrittenAnew: its number and place too, but no number that was used.
func TestAnAdditionIsWrittenAnew(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	says := boundary.ChangeContent{Kind: boundary.Addition, Proposed: elsewhere(d.markers[0]), Number: "模拟777", Type: "two-face"}
	c := d.change(d.lead, boundsql.MarkerChangeInput{LineID: d.line, ChangeContent: says})
	says.Reason, says.Number, says.Proposed = "另取一号", d.markers[1].Number, elsewhere(d.markers[1])
	says.Stone = d.markers[1].Stone
	if _, err := d.store.EditMarkerChange(ctx, d.lead, today, c.ID, c.Version, says); !fault.Is(err, "number-used") {
		t.Errorf("a number that was used: %v", err)
	}
	says.Number = "模拟778"
	c, err := d.store.EditMarkerChange(ctx, d.lead, today, c.ID, c.Version, says)
	if err != nil || c.Number != "模拟778" || c.Proposed[0] != says.Proposed[0] {
		t.Fatalf("written anew: %+v, %v", c, err)
	}
	c = d.through(c, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve", d.lead, "survey", d.lead, "confirm-survey", d.other, "confirm-survey", d.lead, "place", d.lead, "file")
	if got, err := d.store.Marker(ctx, d.other, today, *c.MarkerID); err != nil || got.Number != "模拟778" || got.Lon != says.Proposed[0] {
		t.Errorf("added: %+v, %v", got, err)
	}
}

// TestTheSecondWallKeepsWhatIsAppliedFor takes the first wall down.
func TestTheSecondWallKeepsWhatIsAppliedFor(t *testing.T) {
	d := newDesk(t)
	everybody := map[string]gazetteer.Actor{"own": d.lead, "other": d.other, "above": d.city, "stranger": d.stranger, "nobody": {}}
	c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: d.markers[0].ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(d.markers[0])}})
	unchanged := func(but string, sqls ...string) {
		t.Helper()
		for _, sql := range sqls {
			for name, actor := range everybody {
				if !strings.Contains(but, name) && d.changesAs(actor, sql) {
					t.Errorf("%s: %s: %s", c.State, name, sql)
				}
			}
		}
	}
	rewrite, void := `update marker_change set reason = 'x', content_sha256 = repeat('a', 64)`, `update marker_change_confirmation set voided_at = now(), void_reason = 'x'`
	c = d.through(c, d.lead, "apply", d.lead, "agree")
	unchanged("own", rewrite, void)
	unchanged("", `update marker_change set kind = 'retirement'`, `update marker_change set number = 'x', content_sha256 = repeat('a', 64)`, `update marker_change set party = (array_remove(parties, party))[1]`)
	c = d.through(c, d.other, "agree")
	unchanged("", rewrite, void, `update marker_change_confirmation set content_sha256 = repeat('a', 64)`)
	unchanged("own", `update marker_change set state = 'applied'`)
	unchanged("above", `update marker_change set state = 'returned'`)
	c = d.edit(d.lead, c, "又改")
	unchanged("", `update marker_change_confirmation set voided_at = null, void_reason = null where voided_at is not null`, `update marker_change set state = 'agreed'`)
	c = d.through(c, d.other, "return")
	unchanged("own", `update marker_change set state = 'applied'`, `update marker_change set state = 'draft'`, `update marker_change set state = 'withdrawn'`)
	unchanged("", rewrite)
}

// TestAJointSurveySaysTheWitnessObjects: and the record that the case makes has them, with the plane coordinates of the new place.
func TestAJointSurveySaysTheWitnessObjects(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	m := d.markers[0]
	_, err := d.store.RegisterMarkerRecord(ctx, d.lead, today, m.ID, 1, boundsql.MarkerRecordInput{
		MarkerRecord: boundary.MarkerRecord{Placement: "single", Faces: "two-face", Material: "stone", UnitA: "甲村", Feature: "桥头", Objects: []boundary.WitnessRecord{{Name: "老桥", BearingMinutes: 60, DistanceM: 30}}},
		ValidFrom:    today.AddDate(-1, 0, 0), Document: *aPaper("登记表"),
	})
	d.must(err)
	c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(m)}})
	c = d.through(c, d.lead, "apply", d.lead, "agree", d.other, "agree", d.city, "approve")
	sigma := 0.02
	survey := boundary.ChangeSurvey{
		Position: c.Proposed, SigmaM: &sigma, Method: "rtk", SurveyedOn: "2026-11-18",
		Objects: []boundary.WitnessRecord{{Name: "石桥东北角", BearingMinutes: 13630, DistanceM: 41.2}, {Name: "黄葛树", BearingMinutes: 4200, DistanceM: 18.6}, {Name: "水塔", BearingMinutes: 20001, DistanceM: 77.7}},
	}
	record := func(again ...boundary.WitnessMeasured) error {
		survey.Again = again
		next, err := d.store.ActOnMarkerChange(ctx, d.other, today, c.ID, c.Version, boundary.ChangeAction{Name: "survey", Survey: &survey})
		if err == nil {
			c = next
		}
		return err
	}
	apart := []boundary.WitnessMeasured{{N: 1, BearingMinutes: 13630, DistanceM: 41.2}, {N: 2, BearingMinutes: 4200, DistanceM: 21.6}, {N: 3, BearingMinutes: 20001, DistanceM: 77.7}}
	if err := record(apart...); !fault.Is(err, "survey-wrong") || findingsOf(findingsIn(err))["witness-disagree"] != 1 || !strings.Contains(fmt.Sprint(findingsIn(err)), "黄葛树") {
		t.Errorf("two crews that measured different things: %v", err)
	}
	if err := record(boundary.WitnessMeasured{N: 4, BearingMinutes: 1, DistanceM: 1}); !fault.Is(err, "survey-wrong") {
		t.Errorf("an object that is not there: %v", err)
	}
	good := survey.Objects
	survey.Objects = []boundary.WitnessRecord{{Name: "", BearingMinutes: 1, DistanceM: 1}}
	if err := record(); !fault.Is(err, "survey-wrong") || findingsIn(err)[0].Pointer != "/survey/objects/0" {
		t.Errorf("an object without a name: %v", err)
	}
	survey.Objects = good
	digest := c.SurveySHA256
	apart[1].DistanceM = 18.65
	d.must(record(apart...))
	if c.SurveySHA256 == digest || len(c.Survey.Objects) != 3 || len(c.Survey.Again) != 3 {
		t.Errorf("the survey: %+v", c.Survey)
	}
	c = d.through(c, d.lead, "confirm-survey", d.other, "confirm-survey", d.lead, "place", d.lead, "file")
	got, err := d.store.MarkerRecord(ctx, d.other, today, m.ID)
	d.must(err)
	now := got.Versions[0]
	if len(got.Versions) != 2 || len(now.Objects) != 3 || now.Objects[0] != good[0] || now.Material != "stone" || now.Feature != "" || !strings.Contains(now.Location, "石桥东北角") || now.Method != "RTK" {
		t.Errorf("the record: %+v", now)
	}
	// 106.5° E is where two zones meet: the plane is that of the new place
	frame, err := geo.ZoneFrame(c.Proposed[0])
	d.must(err)
	east, north, err := frame.FromCGCS2000(orb.Point{c.Proposed[0], c.Proposed[1]})
	d.must(err)
	if now.Plane == nil || fmt.Sprint(now.Plane.EPSG) != string(frame) || math.Abs(now.Plane.XM-north) > 0.0006 || math.Abs(now.Plane.YM-east) > 0.0006 {
		t.Errorf("the plane: %+v, wanted %s %f %f", now.Plane, frame, north, east)
	}
	if fault.Worst(got.Findings) == fault.Block {
		t.Errorf("findings: %+v", got.Findings)
	}
}

// findingsIn are the findings of a refusal.
func findingsIn(err error) []fault.Finding {
	if f, ok := err.(*fault.Error); ok {
		return f.Findings
	}
	return nil
}

// heirOfTwo makes one district of 江北区 and 渝北区, whose lines stay as they are, and an account of its bureau.
func (d *desk) heirOfTwo() gazetteer.Actor {
	d.t.Helper()
	ctx := context.Background()
	heir := uuid.New()
	_, err := d.db.Super.Exec(ctx, unguarded+`insert into division (id) values ('`+heir.String()+`');
		insert into division_version (id, division_id, name, level, kind, parent_id, valid, document_id, recorded_at)
		select gen_random_uuid(), '`+heir.String()+`', '两江新区', v.level, v.kind, v.parent_id, daterange('2026-02-01', null), v.document_id, now()
		from division_version v join division_code c on c.division_id = v.division_id where c.code = '500112' limit 1;
		insert into division_code (division_id, system, code, valid, document_id)
		select '`+heir.String()+`', system, '500157', daterange('2026-02-01', null), document_id from division_code where code = '500112' limit 1;
		insert into division_link (predecessor_id, successor_id, kind, on_day)
		select distinct division_id, '`+heir.String()+`'::uuid, 'merge', date '2026-02-01' from division_code where code in ('500105', '500112');
		update division_version set valid = daterange(lower(valid), '2026-02-01') where division_id in (select division_id from division_code where code in ('500105', '500112'));`)
	d.must(err)
	return d.account("lj-mzj", "两江新区民政局", "500157", gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor)
}

// TestABureauOfTwoSidesConfirmsOnceForBoth: it was given 江北区 and 渝北区, whose stone of three the third side stands at too.
func TestABureauOfTwoSidesConfirmsOnceForBoth(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	m := d.threeMeet()
	heir := d.heirOfTwo()

	d.work(d.stranger, d.draftWork(d.stranger, m.ID, works(boundary.FoundDamaged, m, 0, 1)), "submit")
	says := works(boundary.Planned, m, 0, 1)
	theirs := d.work(d.stranger, d.draftWork(d.stranger, m.ID, says), "submit")
	if theirs = d.work(heir, theirs, "confirm"); theirs.State != boundary.WorkRecorded || len(theirs.Confirmations) != 2 {
		t.Errorf("confirmed once for two sides: %s, %+v", theirs.State, theirs.Confirmations)
	}
	d.wantMarker(m.ID, boundary.AwaitingRestoration)
	own := d.work(heir, d.draftWork(heir, m.ID, works(boundary.RestoredHere, m, 0, 0.05)), "submit")
	own = d.work(heir, own, "confirm")
	if own.State != boundary.WorkSubmitted || len(own.Confirmations) != 1 {
		t.Errorf("its own record, before the third side: %s, %+v", own.State, own.Confirmations)
	}
	if own = d.work(d.stranger, own, "confirm"); own.State != boundary.WorkRecorded {
		t.Errorf("with the third side: %s", own.State)
	}

	c := d.change(d.stranger, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Retirement}})
	c = d.through(c, d.stranger, "apply", heir, "agree")
	if len(c.Confirmations) != 2 || c.State != boundary.ChangeApplied || len(c.Stages[1].Waits) != 1 {
		t.Errorf("agreed once for two sides: %+v", c)
	}
	if _, err := d.tryChange(heir, c, "agree"); !fault.Is(err, "confirmed-already") {
		t.Errorf("twice: %v", err)
	}
	c = d.through(c, d.stranger, "agree", d.city, "approve", heir, "place", heir, "file")
	d.wantMarker(m.ID, boundary.Retired)
	if _, err := d.store.CreateMarkerChange(ctx, heir, today, boundsql.MarkerChangeInput{MarkerID: d.markers[0].ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Retirement, Reason: "x"}}); !fault.Is(err, "not-yours") {
		t.Errorf("at a stone of both its sides alone: %v", err)
	}
}

// TestTheThirdSideKnowsItsWithheldStone: what is withheld is withheld from others, and the stone of three is its own.
func TestTheThirdSideKnowsItsWithheldStone(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	m := d.threeMeet()
	_, err := d.store.GradeMarker(ctx, d.city, today, m.ID, 1, graded(gazetteer.Internal))
	d.must(err)
	_, err = d.store.GradeMarker(ctx, d.city, today, d.markers[1].ID, 1, graded(gazetteer.Internal))
	d.must(err)
	got, err := d.store.MarkerRecord(ctx, d.stranger, today, m.ID)
	if err != nil || got.Marker.Lon != m.Lon || !got.Marker.Record || len(got.Marker.Actions) != 0 {
		t.Fatalf("its own stone: %+v, %v", got.Marker, err)
	}
	if _, err := d.store.Marker(ctx, d.stranger, today, d.markers[1].ID); !fault.Is(err, "marker-unknown") {
		t.Errorf("another withheld stone of that line: %v", err)
	}
	if n := d.countAs(d.stranger, `withheld`); n != 1 {
		t.Errorf("it reads %d withheld rows", n)
	}
	d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundDamaged, m, 0, 1)), "submit")
	plan := d.work(d.other, d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.Planned, m, 0, 1)), "submit"), "confirm")
	if plan = d.work(d.stranger, plan, "confirm"); plan.State != boundary.WorkRecorded {
		t.Errorf("the third side confirmed: %s", plan.State)
	}
	c := d.change(d.lead, boundsql.MarkerChangeInput{MarkerID: m.ID, ChangeContent: boundary.ChangeContent{Kind: boundary.Relocation, Proposed: elsewhere(m)}})
	c = d.through(c, d.lead, "apply", d.lead, "agree", d.other, "agree", d.stranger, "agree", d.city, "approve", d.stranger, "survey", d.lead, "confirm-survey",
		d.other, "confirm-survey", d.stranger, "confirm-survey", d.lead, "place", d.stranger, "file")
	got, err = d.store.MarkerRecord(ctx, d.stranger, today, m.ID)
	if err != nil || got.Marker.Lon != c.Proposed[0] || len(got.Versions) != 1 || c.Former[0] != m.Lon {
		t.Errorf("relocated: %+v, %v", got, err)
	}
}
