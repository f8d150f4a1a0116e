package boundsql_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
	"fangyu/internal/pgtest"
	"fangyu/internal/vault"
)

// desk is a database with the fixture line F between 江北区 and 渝北区, three markers, the offices of both and of the city.
type desk struct {
	t        *testing.T
	db       *pgtest.DB
	store    *boundsql.Store
	jobs     *boundsql.Jobs
	vaultDir string
	line     uuid.UUID
	chain    *geo.Chain
	markers  []boundsql.MarkerView

	city, lead, other, stranger gazetteer.Actor
}

const courseF = `[[106.5,29.5],[106.566334868,29.569093202],[106.617146411,29.561250565]]`

func newDesk(t *testing.T) *desk {
	t.Helper()
	ctx := context.Background()
	d := &desk{t: t, vaultDir: t.TempDir(), db: pgtest.Filled(t, "desk", func(ctx context.Context, db *pgtest.DB) error { return furnish(ctx, t, db) })}
	v, err := vault.Open(d.vaultDir)
	d.must(err)
	d.jobs, err = boundsql.NewJobs(d.db.Pool, v)
	d.must(err)
	d.store = boundsql.New(d.db.Pool, v, d.jobs)
	d.must(d.store.EachLine(ctx, func(r boundsql.LineRow) error {
		d.line = r.ID
		d.chain, err = geo.NewChain(r.Geometry)
		return err
	}))
	d.must(d.store.EachMarker(ctx, func(m boundsql.MarkerView) error { d.markers = append(d.markers, m); return nil }))
	d.city = d.account("cq-mzj", "重庆市民政局", "500000", gazetteer.Superior)
	d.lead = d.account("yb-mzj", "渝北区民政局", "500112", gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor)
	d.other = d.account("jb-mzj", "江北区民政局", "500105", gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor)
	d.stranger = d.account("yz-mzj", "渝中区民政局", "500103", gazetteer.PartyOfficer, gazetteer.PartyLeader)
	return d
}

// furnish brings the divisions, the line and its markers in.
func furnish(ctx context.Context, t *testing.T, db *pgtest.DB) error {
	store := boundsql.New(db.Pool, nil, nil)
	list, csv := filepath.Join(t.TempDir(), "divisions.csv"), filepath.Join(t.TempDir(), "markers.csv")
	err := os.WriteFile(list, []byte("code,name\n500000,重庆市\n500105,江北区\n500112,渝北区\n500103,渝中区\n"), 0o600)
	if err == nil {
		err = loadCounties(ctx, db, list)
	}
	if err == nil {
		_, err = store.ImportLines(ctx, importer, today, gazsql.Import{Source: lineFile(t, `{"left":"500105","right":"500112"}`, courseF)})
	}
	if err != nil {
		return err
	}
	err = store.EachLine(ctx, func(r boundsql.LineRow) error {
		chain, err := geo.NewChain(r.Geometry)
		if err != nil {
			return err
		}
		return os.WriteFile(csv, boundary.SynthesizeMarkers(chain, "江北区—渝北区线", 5000, 1), 0o600)
	})
	if err != nil {
		return err
	}
	src, err := open(csv)
	if err == nil {
		_, err = store.ImportMarkers(ctx, importer, today, gazsql.Import{Source: src, Frame: geo.CGCS2000, Synthetic: true})
	}
	return err
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// account makes an account in an office of its own and returns its actor.
func (d *desk) account(login, office, code string, roles ...gazetteer.Role) gazetteer.Actor {
	d.t.Helper()
	ctx := context.Background()
	gaz := gazsql.New(d.db.Pool).WithPasswordCost(gazsql.PasswordCost{KiB: 64, Passes: 1})
	var division uuid.UUID
	d.must(d.db.Pool.QueryRow(ctx, `select division_id from division_code where code = $1 and system in ('gbt2260', 'gbt10114')`, code).Scan(&division))
	id, err := gaz.CreateOffice(ctx, importer, today, gazsql.Office{Name: office, Kind: "civil-affairs", DivisionID: &division})
	d.must(err)
	account, err := gaz.CreateAccount(ctx, importer, today, gazsql.NewAccount{Login: login, Name: office + "经办", Password: "fangyu-demo", OfficeID: id, Roles: roles})
	d.must(err)
	actor, err := gaz.Actor(ctx, account)
	d.must(err)
	actor.ConfirmedAt = today // the password was given again
	return actor
}

// upload hands in a walk along the line.
func (d *desk) upload(actor gazetteer.Actor, inspection uuid.UUID, w boundary.Walk) boundsql.Track {
	d.t.Helper()
	if w.Start.IsZero() {
		w.Start = time.Date(2026, 4, 1, 1, 0, 0, 0, time.UTC)
	}
	if w.SpacingM == 0 {
		w.SpacingM = 5
	}
	got, _, err := d.store.ReceiveTrack(context.Background(), actor, today, boundsql.ReceiveTrack{
		Submission: boundary.Submission{LineID: d.line, InspectionID: inspection}, FileName: "巡查.gpx", Body: bytes.NewReader(boundary.SynthesizeTrack(d.chain, w)),
	})
	d.must(err)
	return got
}

// read does what the job would do.
func (d *desk) read(actor gazetteer.Actor, id uuid.UUID) boundsql.Track {
	d.t.Helper()
	d.must(d.store.ReadTrack(context.Background(), today, id))
	got, err := d.store.Track(context.Background(), actor, today, id)
	d.must(err)
	return got
}

func (d *desk) wantKind(err error, kind fault.Kind, what string) {
	d.t.Helper()
	if fault.KindOf(err) != kind || err == nil {
		d.t.Errorf("%s: got %v, wanted %s", what, err, kind)
	}
}

func (d *desk) act(actor gazetteer.Actor, i boundsql.Inspection, in boundary.InspectionAction) boundsql.Inspection {
	d.t.Helper()
	next, err := d.store.ActOnInspection(context.Background(), actor, today, i.ID, i.Version, in)
	d.must(err)
	return next
}

func (d *desk) form(actor gazetteer.Actor, i boundsql.Inspection, marker int, found string, submit bool) boundsql.Inspection {
	d.t.Helper()
	m := d.markers[marker]
	next, err := d.store.FillMarkerForm(context.Background(), actor, today, i.ID, i.Version, m.ID, boundsql.MarkerFormInput{
		Found: found, Observed: []float64{m.Lon + 1e-5, m.Lat}, CheckedOn: "2026-04-01", Submit: submit,
	})
	d.must(err)
	return next
}

// inField is a round of the line whose field work has begun.
func (d *desk) inField() boundsql.Inspection {
	d.t.Helper()
	i, err := d.store.CreateInspection(context.Background(), d.city, today, boundsql.NewInspection{
		Programme: "县级界线第五轮联检", Round: 5, LineID: d.line, LeadOffice: d.lead.OfficeID, CooperatingOffice: d.other.OfficeID,
	})
	d.must(err)
	i, err = d.store.Inspection(context.Background(), d.lead, today, i.ID)
	d.must(err)
	return d.act(d.lead, i, boundary.InspectionAction{Name: "start"})
}

// confirmed is a round with a track and a form from each side whose report is compiled.
func (d *desk) confirmed() boundsql.Inspection {
	d.t.Helper()
	i := d.inField()
	d.read(d.lead, d.upload(d.lead, i.ID, boundary.Walk{Seed: 1, NoiseM: 2, ToM: 9000}).ID)
	d.read(d.other, d.upload(d.other, i.ID, boundary.Walk{Seed: 2, NoiseM: 2, FromM: 6000}).ID)
	i = d.form(d.lead, i, 0, "intact", true)
	i = d.form(d.other, i, 0, "intact", true)
	i = d.act(d.lead, i, boundary.InspectionAction{Name: "finish-field"})
	return d.act(d.lead, i, boundary.InspectionAction{Name: "compile"})
}

func (d *desk) sign(actor gazetteer.Actor, i boundsql.Inspection) boundsql.Inspection {
	d.t.Helper()
	return d.act(actor, i, boundary.InspectionAction{Name: "sign", ContentSHA256: *i.ReportSHA256})
}

func TestRoundIsSignedByBoth(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	i := d.confirmed()
	f := i.Figures
	if i.State != boundary.InspectionConfirm || f.Coverage < 0.99 || f.Lead.Coverage < 0.59 || f.Lead.Coverage > 0.61 ||
		f.Cooperating.Coverage < 0.59 || f.MarkersTotal != 3 || f.MarkersChecked != 1 || f.Found["intact"] != 1 {
		t.Fatalf("%s, figures %+v", i.State, f)
	}
	page, err := d.store.Report(ctx, d.other, today, i.ID)
	if told, _ := json.Marshal(page.Report); bytes.Contains(told, []byte("巡查.gpx")) || !bytes.Contains(told, []byte("轨迹 1（渝北区民政局）")) {
		t.Errorf("the report names the tracks' files: %s", told)
	}
	d.must(err)
	bytes, err := page.Report.Canonical()
	d.must(err)
	if page.Preview || boundary.Digest(bytes) != *i.ReportSHA256 || page.SHA256 != *i.ReportSHA256 || len(page.Markers) != 3 || len(page.Walked) == 0 {
		t.Errorf("the stored report does not have its digest: %s", bytes)
	}
	i = d.sign(d.lead, i)
	if i.State != boundary.InspectionConfirm || len(i.Signatures) != 1 {
		t.Errorf("after one signature: %s", i.State)
	}
	_, err = d.store.ActOnInspection(ctx, d.lead, today, i.ID, i.Version, boundary.InspectionAction{Name: "sign", ContentSHA256: *i.ReportSHA256})
	d.wantKind(err, fault.Conflict, "signing twice")
	_, err = d.store.ActOnInspection(ctx, d.other, today, i.ID, i.Version, boundary.InspectionAction{Name: "sign", ContentSHA256: "00"})
	d.wantKind(err, fault.Conflict, "signing other bytes")
	_, err = d.store.ActOnInspection(ctx, d.city, today, i.ID, i.Version, boundary.InspectionAction{Name: "sign", ContentSHA256: *i.ReportSHA256})
	d.wantKind(err, fault.Forbidden, "signing from above")
	_, err = d.store.ActOnInspection(ctx, d.other, today, i.ID, i.Version-1, boundary.InspectionAction{Name: "sign", ContentSHA256: *i.ReportSHA256})
	d.wantKind(err, fault.Stale, "signing an older version")
	i = d.sign(d.other, i)
	if i.State != boundary.InspectionSigned || len(i.Signatures) != 2 {
		t.Errorf("after both: %s, %d signatures", i.State, len(i.Signatures))
	}
}

func TestEditVoidsBothSignatures(t *testing.T) {
	for name, edit := range map[string]func(*desk, boundsql.Inspection){
		"a form": func(d *desk, i boundsql.Inspection) { d.form(d.other, i, 1, "damaged", true) },
		"a track": func(d *desk, i boundsql.Inspection) {
			d.read(d.lead, d.upload(d.lead, i.ID, boundary.Walk{Seed: 9, ToM: 3000}).ID)
		},
		"a marker of an import": func(d *desk, _ boundsql.Inspection) {
			csv := filepath.Join(d.t.TempDir(), "more.csv")
			d.must(os.WriteFile(csv, []byte("line,number,type,lon,lat\n江北区—渝北区线,900,two-face,106.52,29.5209\n"), 0o600))
			src, err := open(csv)
			d.must(err)
			report, err := d.store.ImportMarkers(context.Background(), importer, today, gazsql.Import{Source: src, Frame: geo.CGCS2000})
			d.must(err)
			if report.Created != 1 {
				d.t.Errorf("imported %+v", report)
			}
		},
		"a new version of the line": func(d *desk, _ boundsql.Inspection) {
			_, err := d.store.ImportLines(context.Background(), importer, today, gazsql.Import{
				ValidFrom: today, Source: lineFile(d.t, `{"left":"500105","right":"500112"}`, strings.Replace(courseF, "106.617146411", "106.617", 1)),
			})
			d.must(err)
		},
		"compiling again": func(d *desk, i boundsql.Inspection) {
			d.act(d.lead, i, boundary.InspectionAction{Name: "compile", Reason: "更正"})
		},
	} {
		d := newDesk(t)
		i := d.confirmed()
		i = d.sign(d.other, d.sign(d.lead, i))
		edit(d, i)
		got, err := d.store.Inspection(context.Background(), d.city, today, i.ID)
		d.must(err)
		want := boundary.InspectionCompile
		if name == "compiling again" {
			want = boundary.InspectionConfirm
		}
		if got.State != want || len(got.Signatures) != 2 {
			t.Errorf("%s: %s, %d signatures", name, got.State, len(got.Signatures))
		}
		for _, s := range got.Signatures {
			if s.VoidedAt == nil || *s.VoidReason == "" || s.ContentSHA256 != *i.ReportSHA256 {
				t.Errorf("%s: the signature of %s still stands", name, s.Office)
			}
		}
		var history int
		d.must(d.db.Super.QueryRow(context.Background(), `
			select count(*)::int from journal where subject = $1 and before ->> 'reportSha256' = $2`,
			"inspection/"+i.ID.String(), *i.ReportSHA256).Scan(&history))
		if history < 3 { // two signatures and the edit
			t.Errorf("%s: %d journal entries with the digest before", name, history)
		}
		// And both can sign what stands then.
		if got.State == boundary.InspectionCompile {
			lead, err := d.store.Inspection(context.Background(), d.lead, today, i.ID)
			d.must(err)
			got = d.act(d.lead, lead, boundary.InspectionAction{Name: "compile"})
		}
		if got = d.sign(d.lead, d.sign(d.other, got)); got.State != boundary.InspectionSigned {
			t.Errorf("%s: signed anew: %s", name, got.State)
		}
	}
}

func TestDraftFormIsHiddenAndChangesNothing(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	i := d.sign(d.lead, d.confirmed())
	i = d.form(d.lead, i, 2, "lost", false)
	if i.State != boundary.InspectionConfirm || len(i.Forms) != 3 || i.Signatures[0].VoidedAt != nil {
		t.Errorf("after a draft: %s, %d forms", i.State, len(i.Forms))
	}
	for _, actor := range []gazetteer.Actor{d.other, d.city} {
		seen, err := d.store.Inspection(ctx, actor, today, i.ID)
		d.must(err)
		if len(seen.Forms) != 2 {
			t.Errorf("%s sees %d forms", actor.OfficeName, len(seen.Forms))
		}
	}
	// A form is the own office's: the other side's stays as it was.
	i = d.form(d.other, i, 2, "intact", true)
	var found string
	d.must(d.db.Super.QueryRow(ctx, `select found from marker_form where marker_id = $1 and office_id = $2`, d.markers[2].ID, d.lead.OfficeID).Scan(&found))
	if found != "lost" || i.State != boundary.InspectionCompile {
		t.Errorf("the lead's draft says %s, the round is %s", found, i.State)
	}
	_, err := d.store.FillMarkerForm(ctx, d.city, today, i.ID, i.Version, d.markers[0].ID, boundsql.MarkerFormInput{Found: "intact", CheckedOn: "2026-04-01"})
	d.wantKind(err, fault.Forbidden, "a form from above")
	_, err = d.store.FillMarkerForm(ctx, d.stranger, today, i.ID, i.Version, d.markers[0].ID, boundsql.MarkerFormInput{Found: "intact", CheckedOn: "2026-04-01"})
	d.wantKind(err, fault.NotFound, "a form from elsewhere")
	_, err = d.store.Inspection(ctx, d.stranger, today, i.ID)
	d.wantKind(err, fault.NotFound, "the round seen from elsewhere")
}

func TestAMarkerIsNotObservedFarFromItsPlace(t *testing.T) {
	d := newDesk(t)
	i := d.inField()
	m := d.markers[0]
	for _, c := range []struct {
		at   []float64
		says string // "": taken
	}{
		{[]float64{m.Lon + 0.09, m.Lat}, ""}, // 8.7 km
		{[]float64{m.Lon + 0.11, m.Lat}, "10.7 公里"},
		{[]float64{116.4, 39.9, 44}, "1463.0 公里"},
	} {
		next, err := d.store.FillMarkerForm(context.Background(), d.lead, today, i.ID, i.Version, m.ID, boundsql.MarkerFormInput{
			Found: "intact", Observed: c.at, CheckedOn: "2026-04-01",
		})
		if c.says == "" {
			d.must(err)
			i = next
			continue
		}
		d.wantKind(err, fault.Refused, "a marker seen far away")
		if !fault.Is(err, "observed-far") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v", c.at, err)
		}
	}
}

func TestTwoSignAtOnce(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	i := d.confirmed()
	var both sync.WaitGroup
	errs := make([]error, 2)
	for n, actor := range []gazetteer.Actor{d.lead, d.other} {
		both.Go(func() {
			_, errs[n] = d.store.ActOnInspection(ctx, actor, today, i.ID, i.Version, boundary.InspectionAction{Name: "sign", ContentSHA256: *i.ReportSHA256})
		})
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("one should have won: %v, %v", errs[0], errs[1])
	}
	if err := errors.Join(errs...); fault.KindOf(errs[0]) != fault.Stale && fault.KindOf(errs[1]) != fault.Stale {
		t.Errorf("the other should be stale: %v", err)
	}
	got, err := d.store.Inspection(ctx, d.city, today, i.ID)
	d.must(err)
	if got.State != boundary.InspectionConfirm || len(got.Signatures) != 1 {
		t.Errorf("%s with %d signatures", got.State, len(got.Signatures))
	}
}

func TestCreateInspectionRefuses(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	good := boundsql.NewInspection{Programme: "第五轮", Round: 5, LineID: d.line, LeadOffice: d.lead.OfficeID, CooperatingOffice: d.other.OfficeID}
	change := func(f func(*boundsql.NewInspection)) boundsql.NewInspection { in := good; f(&in); return in }
	for _, c := range []struct {
		name  string
		actor gazetteer.Actor
		in    boundsql.NewInspection
		code  string
	}{
		{"by a party", d.lead, good, "not-yours"},
		{"no programme", d.city, change(func(in *boundsql.NewInspection) { in.Programme = " " }), "programme-missing"},
		{"no round", d.city, change(func(in *boundsql.NewInspection) { in.Round = 0 }), "bad-round"},
		{"a round beyond counting", d.city, change(func(in *boundsql.NewInspection) { in.Round = 1 << 31 }), "bad-round"},
		{"a year beyond counting", d.city, change(func(in *boundsql.NewInspection) { in.YearTo = 1 << 31 }), "bad-round"},
		{"a year before years", d.city, change(func(in *boundsql.NewInspection) { in.YearFrom = -1 }), "bad-round"},
		{"no such line", d.city, change(func(in *boundsql.NewInspection) { in.LineID = uuid.New() }), "line-unknown"},
		{"not a party", d.city, change(func(in *boundsql.NewInspection) { in.LeadOffice = d.stranger.OfficeID }), "not-a-party"},
		{"the same office", d.city, change(func(in *boundsql.NewInspection) { in.LeadOffice = in.CooperatingOffice }), "not-a-party"},
		{"no such office", d.city, change(func(in *boundsql.NewInspection) { in.LeadOffice = uuid.New() }), "office-unknown"},
		{"good", d.city, good, ""},
		{"twice", d.city, good, "inspection-exists"},
		{"another round of that name", d.city, change(func(in *boundsql.NewInspection) { in.Round = 6 }), "programme-differs"},
	} {
		_, err := d.store.CreateInspection(ctx, c.actor, today, c.in)
		if c.code == "" && err != nil || c.code != "" && !fault.Is(err, c.code) {
			t.Errorf("%s: got %v, wanted %q", c.name, err, c.code)
		}
	}
	for _, actor := range []gazetteer.Actor{d.city, d.lead, d.other, d.stranger} {
		list, err := d.store.Inspections(ctx, actor, today, uuid.Nil, 10)
		d.must(err)
		want := 1
		if actor.OfficeID == d.stranger.OfficeID {
			want = 0
		}
		if len(list) != want {
			t.Errorf("%s sees %d rounds", actor.OfficeName, len(list))
		}
	}
}

func TestTrackIsKeptReadAndMatched(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	sent := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 4, NoiseM: 2})
	if sent.State != "received" || sent.Receipt.Files[0].SHA256 != sent.SHA256 || sent.Receipt.SubmissionID != sent.ID || sent.FileName != "巡查.gpx" {
		t.Fatalf("got %+v", sent)
	}
	// The file handed in for the line alone joins a round of it when it is handed in for that.
	round := d.inField()
	if joined := d.upload(d.lead, round.ID, boundary.Walk{Seed: 4, NoiseM: 2}); joined.ID != sent.ID || joined.InspectionID == nil || *joined.InspectionID != round.ID {
		t.Errorf("joined: %+v", joined)
	}
	if again := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 4, NoiseM: 2}); again.ID != sent.ID || !reflect.DeepEqual(again.Receipt, sent.Receipt) {
		t.Errorf("the same bytes: %+v", again.Receipt)
	}
	got := d.read(d.lead, sent.ID)
	if got.State != "matched" || got.Match.Coverage < 0.99 || got.Reading.Points < 3000 || got.Match.Parameters.Level != boundary.CountyLine || len(got.Match.Markers) != 3 {
		t.Fatalf("got %s %+v %+v", got.State, got.Reading, got.Match)
	}
	d.must(d.store.ReadTrack(ctx, today.Add(time.Hour), sent.ID)) // a job may run twice
	var rows, jobs, journal int
	var walked float64
	d.must(d.db.Pool.QueryRow(ctx, `select count(*)::int, sum(to_m - from_m) from coverage where track_id = $1 and synthetic`, sent.ID).Scan(&rows, &walked))
	d.must(d.db.Pool.QueryRow(ctx, `select count(*)::int from river.river_job where kind = 'track.read'`).Scan(&jobs))
	d.must(d.db.Super.QueryRow(ctx, `select count(*)::int from journal where subject = $1`, "track/"+sent.ID.String()).Scan(&journal))
	if rows == 0 || walked < 14900 || jobs != 1 || journal != 3 { // received, joined, read
		t.Errorf("%d coverage rows of %.0f m, %d jobs, %d journal entries", rows, walked, jobs, journal)
	}
	seen, err := d.store.Track(ctx, d.other, today, sent.ID)
	if err != nil || seen.Match == nil || seen.Reading != nil || seen.Receipt != nil || seen.FileName != "渝北区民政局的轨迹" ||
		len(seen.Match.Passes) == 0 || seen.Match.Passes[0].File != seen.FileName || seen.Match.Tracks[0].File != seen.FileName {
		t.Errorf("the other party sees %+v, %v", seen, err)
	}
	for role, raw := range map[gazetteer.Role]bool{gazetteer.Archivist: true, gazetteer.Administrator: false, gazetteer.Clerk: false} {
		colleague := d.lead
		colleague.Roles = []gazetteer.Role{role}
		got, err := d.store.Track(ctx, colleague, today, sent.ID)
		if err != nil || (got.Reading != nil) != raw || (got.Receipt != nil) != raw || got.FileName != sent.FileName {
			t.Errorf("a colleague, %s, sees %+v, %v", role, got, err)
		}
		list, err := d.store.Tracks(ctx, colleague, today, uuid.Nil, 10)
		if err != nil || len(list) != 1 || (list[0].Reading != nil) != raw || (list[0].Receipt != nil) != raw {
			t.Errorf("a colleague, %s, lists %+v, %v", role, list, err)
		}
	}
	if above, err := d.store.Track(ctx, d.city, today, sent.ID); err != nil || above.Match == nil || above.Reading != nil {
		t.Errorf("from above, before it was submitted: %+v, %v", above, err)
	}
	for _, side := range []gazetteer.Actor{d.lead, d.other} {
		now, err := d.store.Inspection(ctx, side, today, round.ID)
		d.must(err)
		round = d.form(side, now, 0, "intact", true)
	}
	d.act(d.lead, round, boundary.InspectionAction{Name: "finish-field"})
	if above, err := d.store.Track(ctx, d.city, today, sent.ID); err != nil || above.Reading == nil || above.Receipt == nil {
		t.Errorf("from above, submitted: %+v, %v", above, err)
	}
	_, err = d.store.Track(ctx, d.stranger, today, sent.ID)
	d.wantKind(err, fault.NotFound, "from elsewhere")
	list, err := d.store.Tracks(ctx, d.other, today, uuid.Nil, 10)
	if err != nil || len(list) != 0 {
		t.Errorf("the other party lists %d, %v", len(list), err)
	}
	_, _, err = d.store.ReceiveTrack(ctx, d.stranger, today, boundsql.ReceiveTrack{Submission: boundary.Submission{LineID: d.line}, Body: bytes.NewReader(nil)})
	d.wantKind(err, fault.Forbidden, "an upload from elsewhere")
	_, _, err = d.store.ReceiveTrack(ctx, gazetteer.Actor{}, today, boundsql.ReceiveTrack{Submission: boundary.Submission{LineID: d.line}, Body: bytes.NewReader(nil)})
	d.wantKind(err, fault.Anonymous, "an anonymous upload")
}

func TestTheSameBytesAtOnceAreOneTrack(t *testing.T) {
	d := newDesk(t)
	gpx := boundary.SynthesizeTrack(d.chain, boundary.Walk{SpacingM: 5, ToM: 500, Start: today})
	var all sync.WaitGroup
	ids, errs := make([]uuid.UUID, 6), make([]error, 6)
	for n := range ids {
		all.Go(func() {
			got, _, err := d.store.ReceiveTrack(context.Background(), d.lead, today, boundsql.ReceiveTrack{Submission: boundary.Submission{LineID: d.line}, Body: bytes.NewReader(gpx)})
			ids[n], errs[n] = got.ID, err
		})
	}
	all.Wait()
	d.must(errors.Join(errs...))
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("got %v", ids)
			break
		}
	}
	var tracks, jobs int
	d.must(d.db.Super.QueryRow(context.Background(), `
		select (select count(*)::int from track), (select count(*)::int from river.river_job)`).Scan(&tracks, &jobs))
	if tracks != 1 || jobs != 1 {
		t.Errorf("%d tracks, %d jobs", tracks, jobs)
	}
}

func TestUnreadableTrackKeepsItsBytes(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	for body, state := range map[string]boundary.TrackState{
		"<html>登录</html>": "unreadable",
		"":                "unreadable",
		`<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a "b">]><gpx/>`: "refused-dangerous",
	} {
		sent, _, err := d.store.ReceiveTrack(ctx, d.lead, today, boundsql.ReceiveTrack{
			Submission: boundary.Submission{LineID: d.line, Receiver: "handheld"}, FileName: `..\..\a` + "\u202e" + `xpg.gpx`, Body: bytes.NewReader([]byte(body)),
		})
		d.must(err)
		got := d.read(d.lead, sent.ID)
		if got.State != state || got.Match != nil || len(got.Reading.Notes) == 0 || got.FileName != "axpg.gpx" || got.SigmaM != 4 {
			t.Errorf("%q: %+v", body, got)
		}
		if _, err := os.Stat(filepath.Join(d.vaultDir, sent.SHA256[:2], sent.SHA256[2:4], sent.SHA256)); err != nil {
			t.Errorf("%q: the bytes are gone: %v", body, err)
		}
	}
}

func TestJobsReadTracksAndStopCleanly(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	before := goleak.IgnoreCurrent() // the pools and the cluster belong to the test
	d.must(d.jobs.Start(ctx))
	began := time.Now()
	sent := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 4, NoiseM: 2})
	d.waitFor(sent.ID, "matched")
	t.Logf("received, read and matched in %v", time.Since(began).Round(time.Millisecond))
	d.must(d.jobs.Stop(ctx))
	d.must(d.jobs.Stop(ctx))
	goleak.VerifyNone(t, before, goleak.IgnoreTopFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
}

func TestJobThatFailsForGoodIsVisible(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	lost := d.upload(d.other, uuid.Nil, boundary.Walk{Seed: 5, ToM: 100})
	d.must(os.Remove(filepath.Join(d.vaultDir, lost.SHA256[:2], lost.SHA256[2:4], lost.SHA256)))
	d.must(d.jobs.Start(ctx))
	defer func() { d.must(d.jobs.Stop(ctx)) }()
	d.waitFor(lost.ID, "failed")
	var state string
	var tries int
	for range 100 { // the queue writes its own row after the job has returned
		d.must(d.db.Pool.QueryRow(ctx, `select state::text, array_length(errors, 1) from river.river_job where kind = 'track.read'`).Scan(&state, &tries))
		if state == "discarded" {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if state != "discarded" || tries != 3 {
		t.Errorf("the job is %s after %d tries", state, tries)
	}
}

func TestJobsOfAKilledServerAreTakenUpAtTheNextStart(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	again := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 6, ToM: 100})
	given := d.upload(d.lead, uuid.Nil, boundary.Walk{Seed: 7, ToM: 200})
	for id, tries := range map[uuid.UUID]int{again.ID: 3, given.ID: 5} { // as a server killed in their midst leaves them
		_, err := d.db.Super.Exec(ctx, `
			update river.river_job set state = 'running', attempt = $2, attempted_at = now() where args->>'trackId' = $1::text`, id.String(), tries)
		d.must(err)
		_, err = d.db.Super.Exec(ctx, `update track set state = 'reading' where id = $1`, id)
		d.must(err)
	}
	d.must(d.jobs.Start(ctx))
	defer func() { d.must(d.jobs.Stop(ctx)) }()
	d.waitFor(again.ID, "matched")
	d.waitFor(given.ID, "failed")
}

func (d *desk) waitFor(id uuid.UUID, state string) {
	d.t.Helper()
	var got string
	for range 400 {
		d.must(d.db.Super.QueryRow(context.Background(), `select state from track where id = $1`, id).Scan(&got))
		if got == state {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	d.t.Fatalf("the track is %s, wanted %s", got, state)
}
