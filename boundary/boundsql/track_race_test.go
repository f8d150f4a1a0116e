package boundsql_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/geo"
	"fangyu/internal/vault"
)

// working works the one job for a track or photo; first is what happens while its file is read for the first time.
func (d *desk) working(id uuid.UUID, first func()) {
	d.t.Helper()
	ctx := context.Background()
	v, err := vault.Open(d.vaultDir)
	d.must(err)
	jobs, err := boundsql.NewJobs(d.db.Pool, v)
	d.must(err)
	begun := make(chan struct{}, 1)
	jobs.ReadBy(func(_ context.Context, words []byte, file *os.File) ([]byte, error) {
		select {
		case begun <- struct{}{}:
			first()
		default:
		}
		return boundsql.DoReading(words, file)
	})
	_, err = d.db.Super.Exec(ctx, `delete from river.river_job where coalesce(args ->> 'trackId', args ->> 'photoId')::uuid <> $1`, id)
	d.must(err)
	d.must(jobs.Start(ctx))
	d.until("the job is done", `select begun.n > 0 and not exists (select from river.river_job where state <> 'completed') from (select count(*) as n from river.river_job) as begun`)
	d.must(jobs.Stop(ctx))
}

// until waits until a query says true.
func (d *desk) until(what, sql string) {
	d.t.Helper()
	for range 1500 {
		var yes bool
		d.must(d.db.Super.QueryRow(context.Background(), sql).Scan(&yes))
		if yes {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	d.t.Fatalf("%s: never", what)
}

// untilWaiting waits until so many wait for a lock.
func (d *desk) untilWaiting(n int) {
	d.t.Helper()
	d.until("waiting", fmt.Sprintf(`
		select count(*) >= %d from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`, n))
}

// TestATrackJoinsARoundWhileItIsReadAgain joins a compiled round with a track whose reading finds what it found before.
func TestATrackJoinsARoundWhileItIsReadAgain(t *testing.T) {
	d := newDesk(t)
	walk := boundary.Walk{Seed: 77, NoiseM: 2, FromM: 1000, ToM: 8000}
	alone := d.read(d.lead, d.upload(d.lead, uuid.Nil, walk).ID)
	round := d.confirmed()
	round = d.sign(d.lead, round)
	_, err := d.actOnTrack(d.lead, alone, boundary.TrackAction{Name: "read-again", Reason: "再读一次"})
	d.must(err)
	d.working(alone.ID, func() { d.upload(d.lead, round.ID, walk) })
	now := d.now(d.lead, round.ID)
	if len(now.Tracks) != 3 || now.State != boundary.InspectionCompile || now.Signatures[0].VoidedAt == nil {
		t.Errorf("with %d tracks the round is %s", len(now.Tracks), now.State)
	}
}

// TestWhatAPersonSaysIsReadThough lets another server do the same job faster, and a person answer, before the slower one
// is done with what it was asked.
func TestWhatAPersonSaysIsReadThough(t *testing.T) {
	d := newDesk(t)
	sent := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 3, NoiseM: 2, Frame: geo.GCJ02})
	d.working(sent.ID, func() {
		_, err := d.actOnTrack(d.lead, d.read(d.lead, sent.ID), confirmed(geo.GCJ02))
		d.must(err)
	})
	got, err := d.store.Track(context.Background(), d.lead, today, sent.ID)
	d.must(err)
	if got.State != boundary.TrackMatched || got.Match.Tracks[0].Frame != "gcj02" {
		t.Errorf("the track is %s after a person said which frame", got.State)
	}
}

// TestFieldWorkEndsWhileEvidenceIsRead has a reading recorded at the moment at which the field work ends: neither
// is given up for the other.
func TestFieldWorkEndsWhileEvidenceIsRead(t *testing.T) {
	ctx := context.Background()
	for _, table := range []string{"track", "photo"} {
		d := newDesk(t)
		round := d.inField()
		d.read(d.lead, d.upload(d.lead, round.ID, boundary.Walk{Seed: 1, NoiseM: 2, ToM: 9000}).ID)
		d.form(d.lead, round, 0, "intact", true)
		round = d.form(d.other, d.now(d.other, round.ID), 0, "intact", true)
		var id uuid.UUID
		if table == "track" {
			id = d.upload(d.lead, round.ID, boundary.Walk{Seed: 2, NoiseM: 2, FromM: 3000}).ID
		} else {
			got, err := d.handIn(d.lead, round.ID, file{"界桩.jpg", d.atMarker(1, today)})
			d.must(err)
			id = *got.Files[0].PhotoID
		}
		ended := make(chan error, 1)
		d.working(id, func() {
			held, err := d.db.Super.Begin(ctx)
			d.must(err)
			_, err = held.Exec(ctx, `select from `+table+` where id = $1 for update`, id)
			d.must(err)
			go func() {
				d.untilWaiting(1) // the record of the reading
				go func() {
					_, err := d.store.ActOnInspection(ctx, d.lead, today, round.ID, round.Version, boundary.InspectionAction{Name: "finish-field"})
					ended <- err
				}()
				d.untilWaiting(2)
				d.must(held.Rollback(ctx))
			}()
		})
		if err := <-ended; err != nil {
			t.Errorf("%s: the field work does not end: %v", table, err)
		}
		var failures int
		d.must(d.db.Super.QueryRow(ctx, `select count(errors)::int from river.river_job`).Scan(&failures))
		if failures != 0 {
			t.Errorf("%s: the reading was given up", table)
		}
	}
}

// TestATrackOfNonsenseIsRead hands in numbers and times that no receiver writes: each file gets an answer, not a failure.
func TestATrackOfNonsenseIsRead(t *testing.T) {
	d := newDesk(t)
	points := func(time, elevation string) string {
		return `<gpx version="1.1" creator="x"><trk><trkseg>` + strings.Join([]string{
			`<trkpt lat="29.5" lon="106.5"><ele>` + elevation + `</ele><time>` + time + `</time></trkpt>`,
			`<trkpt lat="29.50005" lon="106.50005"><ele>-` + elevation + `</ele><time>` + time + `</time></trkpt>`,
			`<trkpt lat="29.501" lon="106.501"/>`,
		}, "") + `</trkseg></trk></gpx>`
	}
	for name, content := range map[string]string{
		"year 0.gpx": points("0000-01-01T00:00:00Z", "1"), "year 10000.gpx": points("9999-12-31T23:59:59-14:00", "1"),
		"year -1.csv": "time,lon,lat\n0000-01-01 00:00:00,106.5,29.5\n0000-01-01 00:00:10,106.5001,29.5001\n",
		"high.gpx":    points("2026-04-01T00:00:00Z", "1e308"),
	} {
		sent, _, err := d.store.ReceiveTrack(context.Background(), d.lead, today, boundsql.ReceiveTrack{
			Submission: boundary.Submission{LineID: d.line}, FileName: name, Body: strings.NewReader(content),
		})
		d.must(err)
		if err := d.store.ReadTrack(context.Background(), today, sent.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestARoundThatEndedKeepsWhatWasSigned reads a track of it again, to another result.
func TestARoundThatEndedKeepsWhatWasSigned(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	round := d.confirmed()
	round = d.sign(d.other, d.sign(d.lead, round))
	for _, sql := range []string{
		`update inspection set state = 'ended'`, `update track set state = 'received'`, unguarded + `update marker set geom = st_translate(geom, 0.01, 0)`,
	} {
		_, err := d.db.Super.Exec(ctx, sql)
		d.must(err)
	}
	d.must(d.store.ReadTrack(ctx, today, round.Tracks[0].ID))
	page, err := d.store.Report(ctx, d.city, today, round.ID)
	d.must(err)
	if page.Preview || page.SHA256 != *round.ReportSHA256 || page.Inspection.Version != round.Version {
		t.Errorf("the report is %s, the round at version %d", page.SHA256, page.Inspection.Version)
	}
}
