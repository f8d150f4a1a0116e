package boundsql_test

import (
	"context"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// TestTracksFollowANewVersionOfTheirLine: an agreement makes a new version while a round is being compiled. Its tracks are read
// again along the new course; the results before stay and come out the same when they are worked out anew.
func TestTracksFollowANewVersionOfTheirLine(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.confirmed()
	resultsOf := func(track uuid.UUID) (versions []string) {
		rows, err := d.db.Super.Query(ctx, `select asked ->> 'LineVersion' from track_result where track_id = $1 order by version`, track)
		d.must(err)
		versions, err = pgx.CollectRows(rows, pgx.RowTo[string])
		d.must(err)
		return versions
	}
	former := d.versions(d.city)[0].ID.String()
	law := d.steps(d.city, d.signedAgreement(bent), "approve")
	if law.State != boundary.AgreementInForce {
		t.Fatal(law.State)
	}
	if got := d.now(d.lead, round.ID); got.State != boundary.InspectionCompile {
		t.Errorf("the round stays %s", got.State)
	}
	var jobs int
	d.must(d.db.Super.QueryRow(ctx, `select count(distinct args ->> 'trackId') from river.river_job where kind = 'track.read' and args ->> 'trackId' = any ($1)`,
		[]string{round.Tracks[0].ID.String(), round.Tracks[1].ID.String()}).Scan(&jobs))
	if jobs != 2 {
		t.Errorf("%d tracks are to be read", jobs)
	}
	version := d.versions(d.city)[0].ID.String()
	for _, track := range round.Tracks {
		actor := d.lead
		if track.OfficeID != actor.OfficeID {
			actor = d.other
		}
		if now, err := d.store.Track(ctx, actor, today, track.ID); err != nil || now.State != boundary.TrackReceived {
			t.Errorf("before it is read: %s, %v", now.State, err)
		}
		got := d.read(actor, track.ID)
		if results := resultsOf(track.ID); got.State != boundary.TrackMatched || len(results) != 2 || results[0] != former || results[1] != version {
			t.Errorf("%s: results along %v, wanted %s and %s", got.State, results, former, version)
		}
	}
	states := map[string]int{}
	d.must(d.store.Recompute(ctx, func(r boundsql.Recomputed, _ int) error { states[r.State]++; return nil }))
	if states["same"] != 4 || len(states) != 1 {
		t.Errorf("worked out anew: %v", states)
	}
}

// TestARoundSignedYearsAgoKeepsItsTracks: what is over is not looked at again.
func TestARoundSignedYearsAgoKeepsItsTracks(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.sign(d.other, d.sign(d.lead, d.confirmed()))
	_, err := d.db.Super.Exec(ctx, `update programme set year_from = 2019, year_to = 2023`)
	d.must(err)
	d.steps(d.city, d.signedAgreement(bent), "approve")
	var waiting int
	d.must(d.db.Super.QueryRow(ctx, `select count(*) from track where inspection_id = $1 and state <> 'matched'`, round.ID).Scan(&waiting))
	if got := d.now(d.lead, round.ID); waiting != 0 || got.State != boundary.InspectionSigned {
		t.Errorf("%d tracks wait, the round is %s", waiting, got.State)
	}
}

// TestMarkersFollowAnImportedVersion imports another course of a line that is no law yet: chainage and offset of its markers are
// those on the new course, also of the withheld one, and where they are registered stays.
func TestMarkersFollowAnImportedVersion(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	withheld := d.markers[2]
	_, err := d.store.GradeMarker(ctx, d.city, today, withheld.ID, 1, gazetteer.Grading{
		Grade: "secret", Reason: "军事禁区附近", Document: gazetteer.Document{Title: "定密决定", Number: "1"},
	})
	d.must(err)
	before := d.versions(d.city)
	course, err := json.Marshal(bent[0])
	d.must(err)
	report, err := d.store.ImportLines(ctx, importer, today, gazsql.Import{
		Source: lineFile(t, `{"left":"500105","right":"500112"}`, string(course)), ValidFrom: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC),
	})
	d.must(err)
	if after := d.versions(d.city); report.Changed != 1 || len(after) != len(before)+1 {
		t.Fatalf("%+v, %d versions", report, len(after))
	}
	chain, err := geo.NewChain(bent)
	d.must(err)
	moved := 0
	for _, m := range d.markers {
		now, err := d.store.Marker(ctx, d.city, today, m.ID)
		d.must(err)
		chainage, offset := chain.Project(orb.Point{now.Lon, now.Lat})
		if math.Abs(now.ChainageM-chainage) > 1e-6 || math.Abs(now.OffsetM-offset) > 1e-6 || now.Lon != m.Lon || now.Lat != m.Lat {
			t.Errorf("%s: at %v + %v of the new course, wanted %v + %v", m.Number, now.ChainageM, now.OffsetM, chainage, offset)
		}
		if math.Abs(now.OffsetM-m.OffsetM) > 1 {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no marker has another offset: the course is the same")
	}
}

// TestMarkersOfAPastDayStandOnTheLineOfThatDay reads them before and after a new version, and before they came to another line.
func TestMarkersOfAPastDayStandOnTheLineOfThatDay(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	d.steps(d.city, d.signedAgreement(bent), "approve") // from 2026-11-20
	rows := map[uuid.UUID][]boundsql.MarkerView{}
	d.must(d.store.EachMarker(ctx, func(m boundsql.MarkerView) error { rows[m.ID] = append(rows[m.ID], m); return nil }))
	for _, m := range d.markers {
		got := rows[m.ID]
		if len(got) != 2 {
			t.Fatalf("%s: %d rows", m.Number, len(got))
		}
		then, now := got[0], got[1]
		if then.ChainageM != m.ChainageM || then.OffsetM != m.OffsetM || then.LineName != m.LineName || then.Valid.Upper.Time.Format(time.DateOnly) != "2026-11-20" ||
			now.Valid.Lower.Time.Format(time.DateOnly) != "2026-11-20" || now.OffsetM == m.OffsetM && now.ChainageM == m.ChainageM {
			t.Errorf("%s: then %+v, now %+v, registered %+v", m.Number, then, now, m)
		}
	}
	var exact int
	d.must(d.store.MarkersFor(ctx, d.lead, today, func(boundsql.MarkerView) error { exact++; return nil }))
	if exact < 2*len(d.markers) {
		t.Errorf("%d rows for a party", exact)
	}
}
