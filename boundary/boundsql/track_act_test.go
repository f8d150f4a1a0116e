package boundsql_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/geo/track"
	"fangyu/internal/fault"
)

func (d *desk) actOnTrack(actor gazetteer.Actor, t boundsql.Track, in boundary.TrackAction) (boundsql.Track, error) {
	return d.store.ActOnTrack(context.Background(), actor, today, t.ID, t.Version, in)
}

func confirmed(frame geo.Frame) boundary.TrackAction {
	return boundary.TrackAction{Name: "confirm-frame", Frame: string(frame), Reason: "导出时选了地图坐标"}
}

func (d *desk) trace(actor gazetteer.Actor, id uuid.UUID) (trace boundary.Trace, err error) {
	raw, err := d.store.Trace(context.Background(), actor, today, id)
	if err == nil {
		d.must(json.Unmarshal(raw, &trace))
	}
	return trace, err
}

// TestATrackOfAnotherFrameIsHeldUntilAPersonSaysWhich hands in a walk as a Chinese map shows it.
func TestATrackOfAnotherFrameIsHeldUntilAPersonSaysWhich(t *testing.T) {
	d := newDesk(t)
	round := d.inField()
	sent := d.upload(d.lead, round.ID, boundary.Walk{Seed: 3, NoiseM: 2, Frame: geo.GCJ02})
	held := d.read(d.lead, sent.ID)
	if held.State != boundary.TrackHeld || held.Match != nil || held.Corridor != nil || held.Frame != nil {
		t.Fatalf("held: %+v", held)
	}
	if !slices.ContainsFunc(held.Reading.Notes, func(n track.Note) bool {
		return n.Code == "datum_gcj02_likely" && strings.Contains(n.Detail, "偏移约")
	}) {
		t.Errorf("notes: %+v", held.Reading.Notes)
	}
	if names := actionNames(held.Actions); !slices.Equal(names, []string{"confirm-frame", "read-again"}) {
		t.Errorf("actions: %v", names)
	}
	trace, err := d.trace(d.lead, sent.ID)
	d.must(err)
	if len(trace.Frames) != 3 || trace.Frames[1].MedianM > 10 || trace.Frames[0].MedianM < 100 {
		t.Errorf("frames: %v", trace.Frames)
	}
	if n := d.countAs(d.lead, `coverage`) + d.countAs(d.lead, `track_result`); n != 0 {
		t.Errorf("%d results of a held track", n)
	}
	if _, err := d.store.Track(context.Background(), d.other, today, sent.ID); !fault.Is(err, "track-unknown") {
		t.Errorf("the other side sees a held track: %v", err)
	}
	_, err = d.store.ActOnInspection(context.Background(), d.lead, today, round.ID, d.now(d.lead, round.ID).Version, boundary.InspectionAction{Name: "finish-field"})
	if !hasFinding(err, "tracks-held") {
		t.Errorf("field work ends with a held track: %v", err)
	}

	for name, c := range map[string]struct {
		actor gazetteer.Actor
		in    boundary.TrackAction
		code  string
	}{
		"the other side": {d.other, confirmed(geo.GCJ02), "track-unknown"}, "a stranger": {d.stranger, confirmed(geo.GCJ02), "track-unknown"},
		"no frame": {d.lead, confirmed(""), "bad-frame"}, "no reason": {d.lead, boundary.TrackAction{Name: "confirm-frame", Frame: "gcj02"}, "reason-missing"},
	} {
		if _, err := d.actOnTrack(c.actor, held, c.in); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	said, err := d.actOnTrack(d.lead, held, confirmed(geo.GCJ02))
	d.must(err)
	if said.State != boundary.TrackReceived || *said.Frame != geo.GCJ02 || said.Version != held.Version+1 {
		t.Errorf("said: %+v", said)
	}
	if _, err := d.actOnTrack(d.lead, held, confirmed(geo.BD09)); !fault.Is(err, "stale") {
		t.Errorf("a second person with the old page: %v", err)
	}
	got := d.read(d.lead, sent.ID)
	if got.State != boundary.TrackMatched || got.Match.Coverage < 0.99 || got.Match.Tracks[0].Frame != "gcj02" || got.SHA256 != sent.SHA256 || got.Corridor == nil {
		t.Fatalf("confirmed: %s %+v", got.State, got.Match)
	}
	seen, err := d.store.Track(context.Background(), d.other, today, sent.ID)
	if d.must(err); seen.Match.Coverage != got.Match.Coverage || *seen.Frame != geo.GCJ02 || len(seen.Actions) != 0 {
		t.Errorf("the other side reads %+v", seen)
	}
	if _, err := d.trace(d.other, sent.ID); !fault.Is(err, "not-yours") {
		t.Errorf("the other side reads the trace: %v", err)
	}

	// It was wrong after all: the correction is corrected, and what was found before stays on record.
	said, err = d.actOnTrack(d.lead, got, confirmed(geo.WGS84))
	d.must(err)
	wrong := d.read(d.lead, said.ID)
	if wrong.State != boundary.TrackMatched || wrong.Match.Coverage > 0.2 {
		t.Errorf("as recorded: %s, %v", wrong.State, wrong.Match.Coverage)
	}
	var kept, present int
	d.must(d.db.Super.QueryRow(context.Background(), `
		select count(*), count(*) filter (where superseded_at is null) from track_result where track_id = $1`, sent.ID).Scan(&kept, &present))
	if kept != 2 || present != 1 {
		t.Errorf("%d results, %d present", kept, present)
	}
	if n := len(d.now(d.lead, round.ID).Tracks); n != 1 {
		t.Errorf("the round has %d tracks", n)
	}

	recomputed := func() (states []string) {
		d.must(d.store.Recompute(context.Background(), func(r boundsql.Recomputed, _ int) error {
			states = append(states, r.State)
			return nil
		}))
		return states
	}
	if got := recomputed(); !slices.Equal(got, []string{"same", "same"}) {
		t.Errorf("recomputed: %v", got)
	}
	_, err = d.db.Super.Exec(context.Background(), `update track_result set match = jsonb_set(match, '{walkedM}', '1') where superseded_at is null`)
	d.must(err)
	if got := recomputed(); !slices.Equal(got, []string{"same", "differs"}) {
		t.Errorf("recomputed: %v", got)
	}
}

// TestTwoPeopleSayAtOnceWhichFrame lets one of them through.
func TestTwoPeopleSayAtOnceWhichFrame(t *testing.T) {
	d := newDesk(t)
	held := d.read(d.lead, d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 3, NoiseM: 2, Frame: geo.BD09}).ID)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = d.actOnTrack(d.lead, held, confirmed([]geo.Frame{geo.BD09, geo.GCJ02}[i%2])) })
	}
	wg.Wait()
	through := 0
	for _, err := range errs {
		if err == nil {
			through++
		} else if !fault.Is(err, "stale") {
			t.Errorf("got %v", err)
		}
	}
	if through != 1 {
		t.Errorf("%d came through", through)
	}
}

// TestReadAgainChangesNothingUnlessThereIsReason has a track of a compiled round read again: the same result voids
// nothing, another does.
func TestReadAgainChangesNothingUnlessThereIsReason(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.confirmed()
	of := round.Tracks[0]
	actor := d.lead
	if of.OfficeID != actor.OfficeID {
		actor = d.other
	}
	again := func() boundsql.Track {
		now, err := d.store.Track(ctx, actor, today, of.ID)
		d.must(err)
		_, err = d.actOnTrack(actor, now, boundary.TrackAction{Name: "read-again", Reason: "界桩有变"})
		d.must(err)
		return d.read(actor, of.ID)
	}
	results := func() (n int) {
		d.must(d.db.Super.QueryRow(ctx, `select count(*) from track_result where track_id = $1`, of.ID).Scan(&n))
		return n
	}
	if got := again(); got.State != boundary.TrackMatched || results() != 2 { // a marker has its form by now
		t.Errorf("%s, %d results", got.State, results())
	}
	if round = d.now(d.lead, round.ID); round.State != boundary.InspectionCompile {
		t.Errorf("the round stays %s", round.State)
	}
	round = d.act(d.lead, round, boundary.InspectionAction{Name: "compile"})
	if got := again(); got.State != boundary.TrackMatched || results() != 2 {
		t.Errorf("the same again: %s, %d results", got.State, results())
	}
	if now := d.now(d.lead, round.ID); now.State != boundary.InspectionConfirm || now.Version != round.Version {
		t.Errorf("the round went to %s, version %d", now.State, now.Version)
	}
	_, err := d.db.Super.Exec(ctx, unguarded+`update marker set geom = st_translate(geom, 0.01, 0) where id = '`+d.markers[0].ID.String()+`'`)
	d.must(err)
	if got := again(); got.State != boundary.TrackMatched || results() != 3 {
		t.Errorf("%s, %d results", got.State, results())
	}
	if now := d.now(d.lead, round.ID); now.State != boundary.InspectionCompile {
		t.Errorf("the round stays %s", now.State)
	}
}

// TestNobodyPutsAResultAside tries on the database what the first wall does not offer.
func TestNobodyPutsAResultAside(t *testing.T) {
	d := newDesk(t)
	got := d.read(d.lead, d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 3, NoiseM: 2}).ID)
	if got.State != boundary.TrackMatched {
		t.Fatal(got.State)
	}
	for _, who := range []gazetteer.Actor{d.lead, d.other, d.city, d.stranger} {
		for _, sql := range []string{`update track_result set superseded_at = now()`, `update track_result set match = '{}'`, `delete from track_result`} {
			if d.changesAs(who, sql) {
				t.Errorf("%s: %s", who.OfficeName, sql)
			}
		}
	}
}

// TestAReplayIsSeen hands the walk of one side in once more for the other, a year later.
func TestAReplayIsSeen(t *testing.T) {
	d := newDesk(t)
	first := d.read(d.lead, d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 3, NoiseM: 3}).ID)
	if slices.ContainsFunc(first.Match.Tracks[0].Signs, replayed) {
		t.Error("the first is a replay")
	}
	_, err := d.db.Super.Exec(context.Background(), `update track set received_at = received_at - interval '1 year'`)
	d.must(err)
	again := d.read(d.other, d.upload(d.other, uuid.Nil, boundary.Walk{Seed: 3, NoiseM: 3, Start: time.Date(2027, 4, 1, 1, 0, 0, 0, time.UTC)}).ID)
	honest := d.read(d.other, d.upload(d.other, uuid.Nil, boundary.Walk{Seed: 4, NoiseM: 3, Start: time.Date(2027, 5, 1, 1, 0, 0, 0, time.UTC), SpeedMS: 1.1}).ID)
	if !slices.ContainsFunc(again.Match.Tracks[0].Signs, replayed) || slices.ContainsFunc(honest.Match.Tracks[0].Signs, replayed) {
		t.Errorf("again %+v, honest %+v", again.Match.Tracks[0].Signs, honest.Match.Tracks[0].Signs)
	}
}

func replayed(s boundary.Sign) bool { return s.Code == boundary.Replayed }

func actionNames(open []gazetteer.OpenAction) (names []string) {
	for _, a := range open {
		names = append(names, a.Name)
	}
	return names
}

func hasFinding(err error, code string) bool {
	var f *fault.Error
	return errors.As(err, &f) && slices.ContainsFunc(f.Findings, func(f fault.Finding) bool { return f.Code == code })
}

// TestWhatTheQueueForgotIsGivenUp: a track and a photo whose jobs ended without them say so, and can be read again; those
// whose jobs wait are left alone.
func TestWhatTheQueueForgotIsGivenUp(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	waits := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 3, ToM: 500})
	lost := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 3, ToM: 600})
	picture := file{"a.jpg", d.atMarker(0, today)}
	sent, err := d.handIn(d.lead, uuid.Nil, picture)
	d.must(err)
	photo := *sent.Files[0].PhotoID
	_, err = d.db.Super.Exec(ctx, `
		update river.river_job set state = 'discarded', finalized_at = now() where args->>'trackId' = $1::text or args->>'photoId' = $2::text`, lost.ID, photo)
	d.must(err)
	_, err = d.db.Super.Exec(ctx, `update track set state = 'reading' where id = $1`, lost.ID)
	d.must(err)
	d.must(d.store.GiveUpForgotten(ctx, today))
	states := func() (of [3]string) {
		d.must(d.db.Super.QueryRow(ctx, `
			select (select state from track where id = $1), (select state from track where id = $2), (select state from photo where id = $3)`,
			waits.ID, lost.ID, photo).Scan(&of[0], &of[1], &of[2]))
		return of
	}
	if got := states(); got != [3]string{"received", "failed", "failed"} {
		t.Fatalf("states: %v", got)
	}
	failed, err := d.store.Track(ctx, d.lead, today, lost.ID)
	d.must(err)
	_, err = d.actOnTrack(d.lead, failed, boundary.TrackAction{Name: "read-again", Reason: "再试"})
	d.must(err)
	_, err = d.handIn(d.lead, uuid.Nil, picture)
	d.must(err)
	if got := d.read(d.lead, lost.ID); got.State != boundary.TrackMatched {
		t.Errorf("the track is %s", got.State)
	}
	if got := d.readPhoto(d.lead, photo); got.State != "read" {
		t.Errorf("the photo is %s", got.State)
	}
	d.must(d.store.GiveUpForgotten(ctx, today))
	if got := states(); got != [3]string{"received", "matched", "read"} {
		t.Errorf("states: %v", got)
	}
}

// TestARoundSignedYearsAgoStands: evidence that comes after the years of its programme changes nothing that was signed.
func TestARoundSignedYearsAgoStands(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.confirmed()
	round = d.sign(d.lead, round)
	round = d.sign(d.other, round)
	if round.State != boundary.InspectionSigned {
		t.Fatal(round.State)
	}
	_, err := d.db.Super.Exec(ctx, `update programme set year_from = 2019, year_to = 2023`)
	d.must(err)
	_, _, err = d.store.ReceiveTrack(ctx, d.lead, today, boundsql.ReceiveTrack{
		Submission: boundary.Submission{InspectionID: round.ID}, FileName: "a.gpx", Body: strings.NewReader("<gpx/>"),
	})
	if !fault.Is(err, "not-in-field") {
		t.Errorf("a late track: %v", err)
	}
	of := round.Tracks[0]
	actor := d.lead
	if of.OfficeID != actor.OfficeID {
		actor = d.other
	}
	now, err := d.store.Track(ctx, actor, today, of.ID)
	d.must(err)
	if len(now.Actions) != 0 {
		t.Errorf("actions: %v", actionNames(now.Actions))
	}
	if _, err = d.actOnTrack(actor, now, boundary.TrackAction{Name: "read-again", Reason: "x"}); !fault.Is(err, "not-in-field") {
		t.Errorf("read again: %v", err)
	}
	if got := d.now(d.lead, round.ID); got.State != boundary.InspectionSigned || got.Version != round.Version {
		t.Errorf("the round went to %s", got.State)
	}
}
