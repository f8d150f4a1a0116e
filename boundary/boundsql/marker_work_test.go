package boundsql_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// works is sound content of a kind at a marker, observed so many metres north of where it is registered.
func works(k boundary.WorkKind, m boundsql.MarkerView, northM, sigmaM float64) boundary.WorkContent {
	at := geo.Direct(orb.Point{m.Lon, m.Lat}, 0, northM)
	c := boundary.WorkContent{Kind: k, DoneOn: "2026-11-20", Note: "查看", NoPhotos: "山中无信号", Observed: []float64{at[0], at[1]}, SigmaM: &sigmaM, Method: "rtk"}
	switch k {
	case boundary.Planned:
		c.Measures, c.DueOn = []string{boundary.Repairing}, "2026-12-31"
	case boundary.RestoredHere:
		c.Measures = []string{boundary.Repairing}
	case boundary.UpkeepDone:
		c.Measures = []string{boundary.Clearing, boundary.Repainting}
	}
	return c
}

// draftWork writes a draft at a marker; a plan names the actor's own side.
func (d *desk) draftWork(actor gazetteer.Actor, marker uuid.UUID, c boundary.WorkContent) boundsql.MarkerWork {
	d.t.Helper()
	if c.Kind == boundary.Planned {
		c.CustodianID = &actor.Jurisdiction
	}
	got, err := d.store.CreateMarkerWork(context.Background(), actor, today, boundsql.MarkerWorkInput{MarkerID: marker, WorkContent: c})
	d.must(err)
	return got
}

func (d *desk) tryWork(actor gazetteer.Actor, w boundsql.MarkerWork, action string) (boundsql.MarkerWork, error) {
	actor.ConfirmedAt = today
	return d.store.ActOnMarkerWork(context.Background(), actor, today, w.ID, w.Version, boundary.WorkAction{Name: action, Reason: "理由", ContentSHA256: w.ContentSHA256})
}

func (d *desk) work(actor gazetteer.Actor, w boundsql.MarkerWork, action string) boundsql.MarkerWork {
	d.t.Helper()
	got, err := d.tryWork(actor, w, action)
	d.must(err)
	return got
}

func (d *desk) markerState(id uuid.UUID) boundary.MarkerState {
	d.t.Helper()
	m, err := d.store.Marker(context.Background(), d.city, today, id)
	d.must(err)
	return boundary.MarkerState(m.State)
}

func (d *desk) wantMarker(id uuid.UUID, want boundary.MarkerState) {
	d.t.Helper()
	if got := d.markerState(id); got != want {
		d.t.Errorf("the marker is %s, wanted %s", got, want)
	}
}

// TestARepairNeedsTheNeighbour is scenario 16, from the damage to the next inspection, of a published marker and of a withheld one.
func TestARepairNeedsTheNeighbour(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	_, err := d.store.GradeMarker(ctx, d.city, today, d.markers[1].ID, 1, graded(gazetteer.Internal))
	d.must(err)
	for i, m := range d.markers[:2] {
		before, err := d.store.Marker(ctx, d.city, today, m.ID)
		d.must(err)
		d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundDamaged, m, 0, 1)), "submit")
		d.wantMarker(m.ID, boundary.Damaged)
		plan := d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.Planned, m, 0, 1)), "submit")
		d.wantMarker(m.ID, boundary.Damaged)
		d.work(d.other, plan, "confirm")
		d.wantMarker(m.ID, boundary.AwaitingRestoration)

		repair := d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.RestoredHere, m, 0.1, 0.05)), "submit")
		_, err = d.tryWork(d.lead, repair, "record")
		if !fault.Is(err, "witness-missing") || !strings.Contains(fmt.Sprint(err), "毗邻一方") {
			t.Errorf("alone: %v", err)
		}
		d.wantMarker(m.ID, boundary.AwaitingRestoration)
		if n := d.countAs(d.lead, `journal where subject = 'marker-work/`+repair.ID.String()+`' and verb = 'refuse-record'`); n != 1 {
			t.Errorf("the journal keeps %d refusals", n)
		}
		if _, err := d.tryWork(d.city, repair, "confirm"); !fault.Is(err, "not-yours") {
			t.Errorf("from above: %v", err)
		}
		done := d.work(d.other, repair, "confirm")
		if done.State != boundary.WorkRecorded || *done.MarkerFrom != boundary.AwaitingRestoration || *done.MarkerTo != boundary.Restored || len(done.Confirmations) != 1 {
			t.Errorf("confirmed: %+v", done)
		}
		d.wantMarker(m.ID, boundary.Restored)
		d.work(d.other, d.draftWork(d.other, m.ID, works(boundary.FoundIntact, m, 0, 1)), "submit")
		d.wantMarker(m.ID, boundary.Intact)
		after, err := d.store.Marker(ctx, d.city, today, m.ID)
		d.must(err)
		if after.Lon != before.Lon || after.Lat != before.Lat || after.Grade != before.Grade || after.Version != before.Version+4 {
			t.Errorf("%d: it was %+v and is %+v", i, before, after)
		}
		if n := d.countAs(d.lead, `journal where verb = 'change-state' and subject = 'marker/`+m.ID.String()+`'`); n != 4 {
			t.Errorf("the journal keeps %d changes", n)
		}
	}
	if _, err := d.store.Marker(ctx, d.stranger, today, d.markers[1].ID); !fault.Is(err, "marker-unknown") {
		t.Errorf("a stranger reads the withheld one: %v", err)
	}
}

// TestAMarkerMovesByTheMeasureOfBoth is scenarios 14 and 15.
func TestAMarkerMovesByTheMeasureOfBoth(t *testing.T) {
	d := newDesk(t)
	_, err := d.db.Super.Exec(context.Background(), `update marker set sigma_m = 1`)
	d.must(err)
	m := d.markers[0]
	phone := works(boundary.FoundApart, m, 18, 8)
	phone.Method = "phone"
	near := d.work(d.lead, d.draftWork(d.lead, m.ID, phone), "submit")
	if near.Fit != boundary.Within || *near.ApartM < 17.9 || *near.LimitM < 24.1 || *near.LimitM > 24.3 {
		t.Errorf("18 m by phone: %v of %v, %s", *near.ApartM, *near.LimitM, near.Fit)
	}
	d.wantMarker(m.ID, boundary.Intact)
	far := works(boundary.FoundApart, m, 30, 8)
	far.Method = "phone"
	d.work(d.lead, d.draftWork(d.lead, m.ID, far), "submit")
	d.wantMarker(m.ID, boundary.SuspectedMoved)

	mine := d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.Remeasured, m, 4.2, 0.05)), "submit")
	if _, err := d.tryWork(d.lead, mine, "record"); !fault.Is(err, "witness-missing") {
		t.Errorf("one side's measure: %v", err)
	}
	d.wantMarker(m.ID, boundary.SuspectedMoved)
	contrary := d.work(d.other, d.draftWork(d.other, m.ID, works(boundary.Remeasured, m, 0.2, 0.05)), "submit")
	if contrary.State != boundary.WorkSubmitted {
		t.Errorf("measures that differ: %s", contrary.State)
	}
	d.wantMarker(m.ID, boundary.SuspectedMoved)
	theirs := d.work(d.other, d.draftWork(d.other, m.ID, works(boundary.Remeasured, m, 4.3, 0.05)), "submit")
	if theirs.State != boundary.WorkRecorded || *theirs.MarkerTo != boundary.Moved {
		t.Errorf("both measured: %+v", theirs)
	}
	d.wantMarker(m.ID, boundary.Moved)
}

// TestLostAfterASecondLook is the marker of scenario 29.
func TestLostAfterASecondLook(t *testing.T) {
	d := newDesk(t)
	m := d.markers[0]
	first := d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundNothing, m, 0, 1)), "submit")
	if _, err := d.tryWork(d.lead, first, "record"); !fault.Is(err, "second-missing") {
		t.Errorf("one look: %v", err)
	}
	d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundNothing, m, 0, 1)), "submit") // on the same day
	d.wantMarker(m.ID, boundary.Intact)
	again := works(boundary.FoundNothing, m, 0, 1)
	again.DoneOn = "2026-11-21"
	d.work(d.lead, d.draftWork(d.lead, m.ID, again), "submit")
	d.wantMarker(m.ID, boundary.Lost)
	second := d.markers[1]
	d.work(d.other, d.work(d.lead, d.draftWork(d.lead, second.ID, works(boundary.FoundNothing, second, 0, 1)), "submit"), "confirm")
	d.wantMarker(second.ID, boundary.Lost)
}

// TestOneOfTwoMovesTheMarker: both sides confirm, at the same moment, a plan of the other.
func TestOneOfTwoMovesTheMarker(t *testing.T) {
	d := newDesk(t)
	m := d.markers[0]
	d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundDamaged, m, 0, 1)), "submit")
	mine := d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.Planned, m, 0, 1)), "submit")
	theirs := d.work(d.other, d.draftWork(d.other, m.ID, works(boundary.Planned, m, 0, 1)), "submit")
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Go(func() { _, errs[0] = d.tryWork(d.other, mine, "confirm") })
	wg.Go(func() { _, errs[1] = d.tryWork(d.lead, theirs, "confirm") })
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else if fault.KindOf(err) != fault.Conflict || !fault.Is(err, "marker-state") {
			t.Errorf("got %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d moved it", won)
	}
	d.wantMarker(m.ID, boundary.AwaitingRestoration)
}

// threeMeet brings in two more lines that begin where the fixture line does, and a stone with three faces there.
func (d *desk) threeMeet() boundsql.MarkerView {
	d.t.Helper()
	ctx := context.Background()
	for _, l := range [][2]string{{`{"left":"500105","right":"500103"}`, `[[106.5,29.5],[106.45,29.45]]`}, {`{"left":"500103","right":"500112"}`, `[[106.5,29.5],[106.5,29.4]]`}} {
		_, err := d.store.ImportLines(ctx, importer, today, gazsql.Import{Source: lineFile(d.t, l[0], l[1])})
		d.must(err)
	}
	path := filepath.Join(d.t.TempDir(), "three.csv")
	d.must(os.WriteFile(path, []byte("number,stone,type,material,line,lon,lat,state,sourceDocument\n三交001,Q,three-face,石,江北区—渝北区线,106.5,29.5,intact,勘界成果\n"), 0o600))
	src, err := open(path)
	d.must(err)
	_, err = d.store.ImportMarkers(ctx, importer, today, gazsql.Import{Source: src, Frame: geo.CGCS2000})
	d.must(err)
	var found boundsql.MarkerView
	d.must(d.store.EachMarker(ctx, func(m boundsql.MarkerView) error {
		if m.Type == "three-face" {
			found = m
		}
		return nil
	}))
	return found
}

// TestAStoneOfThreeNeedsAllThree is scenario 25.
func TestAStoneOfThreeNeedsAllThree(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	m := d.threeMeet()
	d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.FoundDamaged, m, 0, 1)), "submit")
	plan := d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.Planned, m, 0, 1)), "submit")
	if len(plan.Parties) != 3 {
		t.Fatalf("parties %+v", plan.Parties)
	}
	plan = d.work(d.other, plan, "confirm")
	if _, err := d.tryWork(d.lead, plan, "record"); !fault.Is(err, "witness-missing") || !strings.Contains(fmt.Sprint(err.(*fault.Error).Findings), "渝中区") {
		t.Errorf("without the third: %v", err)
	}
	d.wantMarker(m.ID, boundary.Damaged)
	d.work(d.stranger, plan, "confirm")
	d.wantMarker(m.ID, boundary.AwaitingRestoration)
	lines := 0
	d.must(d.store.EachLine(ctx, func(r boundsql.LineRow) error {
		list, err := d.store.MarkerWorks(ctx, d.stranger, today, boundsql.MarkerWorkFilter{Line: r.ID}, uuid.Nil, 10)
		if err == nil && len(list) == 2 {
			lines++
		}
		return err
	}))
	if lines != 3 {
		t.Errorf("it is found under %d lines", lines)
	}
}

// TestRightingCountsAsTheRuleSays: by level, and by the jurisdiction that is nearest.
func TestRightingCountsAsTheRuleSays(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	m := d.markers[0]
	righted := works(boundary.UpkeepDone, m, 0, 1)
	righted.Measures = []string{boundary.Righting}
	try := func() error {
		_, err := d.store.CreateMarkerWork(ctx, d.lead, today, boundsql.MarkerWorkInput{MarkerID: m.ID, WorkContent: righted})
		return err
	}
	if err := try(); !fault.Is(err, "work-wrong") {
		t.Errorf("as a repair: %v", err)
	}
	rule := boundary.MeasureRule{Measure: boundary.Righting, CountsAs: boundary.CountsAsUpkeep, ValidFrom: today.AddDate(0, 0, -10), Document: *aPaper("市办法")}
	set := func(actor gazetteer.Actor) (boundsql.MeasureRules, error) {
		return d.store.SetMeasureRule(ctx, actor, today, uuid.New(), rule)
	}
	for _, level := range []string{"township", "county"} {
		rule.Level = level
		_, err := set(d.city)
		d.must(err)
		if err := try(); (err == nil) != (level == "county") {
			t.Errorf("with a rule for %s: %v", level, err)
		}
	}
	if _, err := set(d.lead); !fault.Is(err, "not-yours") {
		t.Errorf("set by a side: %v", err)
	}
	if _, err := set(d.city); !fault.Is(err, "rule-wrong") {
		t.Errorf("from the same day: %v", err)
	}
	righted.DoneOn = today.AddDate(0, 0, -11).Format(time.DateOnly)
	if err := try(); !fault.Is(err, "work-wrong") {
		t.Errorf("done before it was in force: %v", err)
	}
	righted.DoneOn = today.Format(time.DateOnly)
	rule.CountsAs, rule.ValidFrom = boundary.CountsAsRepair, today.AddDate(0, 0, 1)
	all, err := set(d.city)
	d.must(err)
	if err := try(); err != nil {
		t.Errorf("before the next is in force: %v", err)
	}
	var said []string
	for _, r := range all.Items {
		if r.Level == "county" {
			said = append(said, fmt.Sprint(r.CountsAs, r.InForce, r.Division != nil))
		}
	}
	if fmt.Sprint(said) != "[repairfalse true upkeeptrue true repairtrue false]" || len(all.Actions) != 1 {
		t.Errorf("the versions: %v, %+v", said, all.Actions)
	}
	for name, actor := range map[string]gazetteer.Actor{"above": d.city, "own": d.lead, "nobody": {}} {
		for _, sql := range []string{
			`update marker_measure_rule set counts_as = 'upkeep'`, `delete from marker_measure_rule`,
			`insert into marker_measure_rule (measure, level, division_id, counts_as, source, confirmed) values ('righting', 'county', null, 'upkeep', 'x', true)`,
			`insert into marker_measure_rule (measure, level, division_id, counts_as, source, confirmed, valid_from, document_id, office_id, account_id, recorded_at)
			 select 'righting', 'province', (select party_a from line limit 1), 'upkeep', 'x', true, '2026-12-31', id, acting_office(), acting_account(), now() from document limit 1`,
		} {
			if strings.Contains(sql, "party_a") && name == "own" { // its own division is one of the parties
				sql = strings.Replace(sql, "party_a", "case when party_a = acting_grader() then party_b else party_a end", 1)
			}
			if d.changesAs(actor, sql) {
				t.Errorf("%s: %s", name, sql)
			}
		}
	}
	at, err := d.store.WorkAtMarker(ctx, d.lead, today, m.ID)
	if err != nil || !at.RightingIsUpkeep || !strings.HasPrefix(at.RightingSource, "市办法") || len(at.Kinds) != 5 {
		t.Errorf("got %+v, %v", at, err)
	}
}

// TestTheSecondWallKeepsWorkAtMarkers takes the first wall down.
func TestTheSecondWallKeepsWorkAtMarkers(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	h := d.hands()
	open := d.store.WithoutFirstWall()
	everybody := map[string]gazetteer.Actor{"own": d.lead, "other": d.other, "above": d.city, "stranger": d.stranger, "nobody": {}, "keeper": h.keeper}
	m := d.markers[0]
	w := d.draftWork(d.lead, m.ID, works(boundary.FoundDamaged, m, 0, 1))
	read := func(state string, by ...string) {
		t.Helper()
		for name, actor := range everybody {
			_, err := open.MarkerWork(ctx, actor, today, w.ID)
			want := strings.Contains(strings.Join(by, " "), name)
			if (err == nil) != want {
				t.Errorf("%s: %s reads it: %v", state, name, err)
			}
		}
	}
	unchanged := func(state string, sqls ...string) {
		t.Helper()
		for name, actor := range everybody {
			for _, sql := range append(sqls, `delete from marker_work`, `delete from marker_work_confirmation`, `update marker_work_confirmation set content_sha256 = repeat('b', 64)`,
				`update marker_work set office_id = (select id from office where id <> marker_work.office_id limit 1)`, `update marker_work set parties = array[party]`,
				`update marker_measure_rule set counts_as = 'upkeep'`) {
				if d.changesAs(actor, sql) {
					t.Errorf("%s: %s did: %s", state, name, sql)
				}
			}
		}
	}
	forged := `insert into marker_work_confirmation (id, work_id, party, office_id, account_id, content_sha256, confirmed_at)
		select gen_random_uuid(), w.id, %s, acting_office(), acting_account(), w.content_sha256, now() from marker_work w`
	read("draft", "own")
	unchanged("draft", fmt.Sprintf(forged, "party"), fmt.Sprintf(forged, "(array_remove(parties, party))[1]"))
	d.work(d.lead, w, "submit")
	w = d.work(d.lead, d.draftWork(d.lead, m.ID, works(boundary.Planned, m, 0, 1)), "submit")
	recorded := `update marker_work set state = 'recorded', recorded_at = now(), marker_from = 'damaged', marker_to = 'awaiting-restoration' where kind = 'plan'`
	read("submitted", "own", "other", "above")
	unchanged("submitted", recorded, `update marker_work set note = 'x'`, `update marker_work set observed = null, apart_m = null, limit_m = null, fit = ''`,
		`update marker_work set content_sha256 = repeat('b', 64)`, fmt.Sprintf(forged, "party"))
	for name, actor := range everybody {
		if name != "other" && d.changesAs(actor, fmt.Sprintf(forged, "(array_remove(parties, party))[1]")+` where w.kind = 'plan'`) {
			t.Errorf("%s confirmed for the other side", name)
		}
	}
	w = d.work(d.other, w, "confirm")
	unchanged("recorded", `update marker_work set state = 'submitted', recorded_at = null, marker_from = null, marker_to = null`, `update marker_work set marker_to = 'intact'`,
		`update marker_work set recorded_at = now()`)
	read("recorded", "own", "other", "above")
	if d.countAs(d.stranger, `journal where subject ~ '^marker-work/'`) != 0 || d.countAs(d.other, `journal where subject ~ '^marker-work/'`) != 5 {
		t.Error("the history is not for who reads the record")
	}
	alone := `insert into marker_work (id, office_id, marker_id, line_id, lines, party, parties, kind, done_on, measures, method, note, photos, no_photos, registered, fit, content_sha256, state, written_by, created_at)
		select gen_random_uuid(), office_id, marker_id, line_id, lines, party, array[party], kind, done_on, measures, method, note, photos, no_photos, registered, '', content_sha256, 'draft', written_by, now() from marker_work where kind = 'plan'`
	if d.changesAs(d.lead, alone) {
		t.Error("a record whose only party is its own")
	}
}

// TestAKeeperRecordsWhatHeSaw for the bureau that assigned him the marker, and sees no more of it afterwards.
func TestAKeeperRecordsWhatHeSaw(t *testing.T) {
	ctx, d := context.Background(), newDesk(t)
	h := d.hands()
	m, another := d.markers[0], d.markers[1]
	task := d.assign(d.lead, h.keeper, m.ID)
	w := d.work(h.keeper, d.draftWork(h.keeper, m.ID, works(boundary.FoundDamaged, m, 0, 8)), "submit")
	if w.State != boundary.WorkRecorded || w.Office.ID != d.lead.OfficeID || w.Party != d.lead.Jurisdiction {
		t.Errorf("got %+v", w)
	}
	d.wantMarker(m.ID, boundary.Damaged)
	plan := works(boundary.Planned, m, 0, 8)
	plan.CustodianID = &d.lead.Jurisdiction
	for code, in := range map[string]boundsql.MarkerWorkInput{
		"not-assigned": {MarkerID: another.ID, WorkContent: works(boundary.FoundIntact, another, 0, 8)}, "not-yours": {MarkerID: m.ID, WorkContent: plan},
	} {
		if _, err := d.store.CreateMarkerWork(ctx, h.keeper, today, in); !fault.Is(err, code) {
			t.Errorf("wanted %s: %v", code, err)
		}
	}
	d.end(d.lead, task)
	if _, err := d.store.WithoutFirstWall().MarkerWork(ctx, h.keeper, today, w.ID); !fault.Is(err, "work-unknown") {
		t.Errorf("afterwards: %v", err)
	}
}
