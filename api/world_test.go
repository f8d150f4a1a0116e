package api_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"fangyu/api"
	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/pgtest"
)

// world is a small made-up city that tests may change: two counties with the fixture line F (10 km at 40°, then 5 km at 100°)
// between them, three markers, some villages, offices with their accounts, and jobs that run.
type world struct {
	*site
	line    uuid.UUID
	course  *geo.Chain
	markers []boundsql.MarkerView
	offices map[string]uuid.UUID
}

const cityCSV = "code,name\n500000,重庆市\n500105,江北区\n500112,渝北区\n500103,渝中区\n500112100,龙兴镇\n" +
	"500112100201,新华村委会\n500112100202,龙井村委会\n"

const lineF = `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"left":"500105","right":"500112"},
	"geometry":{"type":"LineString","coordinates":[[106.5,29.5],[106.566334868,29.569093202],[106.617146411,29.561250565]]}}]}`

func newWorld(t *testing.T, configure ...func(*api.Config)) *world {
	t.Helper()
	w, ctx := newGround(t, configure...), context.Background()
	w.people(t)
	must(t, w.jobs.Start(ctx))
	t.Cleanup(func() { must(t, w.jobs.Stop(ctx)) })
	return w
}

// newGround is a world without people, in which nothing uploaded is read.
func newGround(t *testing.T, configure ...func(*api.Config)) *world {
	return newGroundOn(t, pgtest.Filled(t, "ground", func(ctx context.Context, db *pgtest.DB) error {
		furnish(ctx, t, db)
		return nil
	}), configure...)
}

// newGroundOver is newGround over a database that is there and empty.
func newGroundOver(t *testing.T, db *pgtest.DB, configure ...func(*api.Config)) *world {
	t.Helper()
	furnish(context.Background(), t, db)
	return newGroundOn(t, db, configure...)
}

// furnish brings the rules, the divisions, a line and its markers in.
func furnish(ctx context.Context, t *testing.T, db *pgtest.DB) {
	t.Helper()
	gaz, bound := gazsql.New(db.Pool), boundsql.New(db.Pool, nil, nil)
	must(t, gaz.SeedPacks(ctx, today))
	importCSV(t, gaz, cityCSV)
	_, err := bound.ImportLines(ctx, importer, today, gazsql.Import{Source: source(t, "line.geojson", lineF)})
	must(t, err)
	var course *geo.Chain
	must(t, bound.EachLine(ctx, func(l boundsql.LineRow) error {
		course, err = geo.NewChain(l.Geometry)
		return err
	}))
	_, err = bound.ImportMarkers(ctx, importer, today, gazsql.Import{
		Source: source(t, "markers.csv", string(boundary.SynthesizeMarkers(course, "江北区—渝北区线", 5000, 1))), Frame: geo.CGCS2000, Synthetic: true,
	})
	must(t, err)
}

// newGroundOn is newGround on what furnish brought in.
func newGroundOn(t *testing.T, db *pgtest.DB, configure ...func(*api.Config)) *world {
	t.Helper()
	ctx := context.Background()
	bound, w := boundsql.New(db.Pool, nil, nil), &world{offices: map[string]uuid.UUID{}}
	must(t, bound.EachLine(ctx, func(l boundsql.LineRow) (err error) {
		w.line = l.ID
		w.course, err = geo.NewChain(l.Geometry)
		return err
	}))
	must(t, bound.EachMarker(ctx, func(m boundsql.MarkerView) error { w.markers = append(w.markers, m); return nil }))
	w.site = newSite(t, db, configure...)
	return w
}

// people makes the offices and accounts.
func (w *world) people(t *testing.T) {
	t.Helper()
	division := func(code string) *uuid.UUID {
		var id uuid.UUID
		must(t, w.db.Pool.QueryRow(context.Background(), `select division_id from division_code where code = $1 and system = 'gbt2260'`, code).Scan(&id))
		return &id
	}
	party := []gazetteer.Role{gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor}
	w.offices["city"] = w.account(t, "city", "重庆市民政局", division("500000"), gazetteer.Superior, gazetteer.Approver)
	w.offices["north"] = w.account(t, "north", "渝北区民政局", division("500112"), party...)
	w.offices["south"] = w.account(t, "south", "江北区民政局", division("500105"), party...)
	w.offices["stranger"] = w.account(t, "stranger", "渝中区民政局", division("500103"), party...)
	w.account(t, "clerk", "渝北区民政局 地名科", division("500112"), gazetteer.Clerk, gazetteer.Applicant)
	committee := gazsql.Office{Name: "渝北区地名委员会", Kind: "committee", DivisionID: division("500112")}
	for _, seat := range []string{"seat-1", "seat-2", "seat-3"} {
		w.accountIn(t, seat, committee, gazetteer.CommitteeMember)
	}
}

func source(t *testing.T, name, text string) *feature.Source {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o600))
	s, err := feature.Open(path)
	must(t, err)
	return s
}

// walk is a GPX file of a walk along the line, made up.
func (w *world) walk(seed uint64, fromM, toM float64) []byte {
	return boundary.SynthesizeTrack(w.course, boundary.Walk{
		Seed: seed, NoiseM: 2, SpacingM: 5, FromM: fromM, ToM: toM, Start: time.Date(2026, 4, 1, 1, 0, 0, 0, time.UTC),
	})
}

// matched waits until the track was read and returns it.
func (w *world) matched(t *testing.T, v visitor, id string) object {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		track := v.want(t, 200, "GET", "/api/tracks/"+id, nil, nil)
		if state := track.text("state"); state != "received" && state != "reading" {
			return track
		}
		if time.Now().After(until) {
			t.Fatalf("the track is still %s", track.text("state"))
		}
	}
}
