package boundsql_test

import (
	"context"
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

// recordOf is a record of the marker as its line's law would have it.
func (d *desk) recordOf(m boundsql.MarkerView) boundsql.MarkerRecordInput {
	d.t.Helper()
	east, north, err := geo.Frame("4545").FromCGCS2000(orb.Point{m.Lon, m.Lat})
	d.must(err)
	return boundsql.MarkerRecordInput{
		ValidFrom: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Document: gazetteer.Document{Title: "江北区渝北区界线协议书", Number: "渝界〔2026〕1号"},
		MarkerRecord: boundary.MarkerRecord{
			Placement: boundary.SingleStone, Faces: m.Type, Material: "stone", Location: "石桥东侧田坎上", CustodianID: &d.lead.Jurisdiction, SurveyedOn: "2026-10-08",
			Plane: &boundary.PlanePosition{EPSG: 4545, XM: north, YM: east}, OldPosition: "西安80 X=3270000.12 Y=36356000.34", Surveyor: "渝北区民政局测绘员",
			Objects: []boundary.WitnessRecord{{Name: "石桥", BearingMinutes: 13630, DistanceM: 36.2}, {Name: "电杆", BearingMinutes: 3430, DistanceM: 12.5}, {Name: "独立树", BearingMinutes: 10800, DistanceM: 48}},
		},
	}
}

func (d *desk) records(who gazetteer.Actor, m boundsql.MarkerView) boundsql.MarkerRecords {
	d.t.Helper()
	r, err := d.store.MarkerRecord(context.Background(), who, today, m.ID)
	d.must(err)
	return r
}

func TestAMarkerIsRecordedInVersions(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	m := d.markers[0]
	none := d.records(d.lead, m)
	if len(none.Versions) != 0 || len(none.Actions) != 1 || none.PartyA.Name != "江北区" {
		t.Fatalf("before: %+v", none)
	}
	in := d.recordOf(m)
	first, err := d.store.RegisterMarkerRecord(ctx, d.lead, today, m.ID, none.Marker.Version, in)
	d.must(err)
	v := first.Versions[0]
	if v.N != 1 || v.Location != in.Location || *v.Custodian != "渝北区" || v.Document.Number != "渝界〔2026〕1号" || v.ValidFrom != "2026-11-01" || v.SurveyedOn != "2026-10-08" ||
		*v.Plane != *in.Plane || len(v.Objects) != 3 || v.Objects[0] != in.Objects[0] || v.OldPosition != in.OldPosition || first.Marker.Version != none.Marker.Version+1 {
		t.Errorf("registered: %+v", v)
	}
	if s, ok := first.Sketch(); !ok || len(s.Objects) != 3 || len(s.Line) == 0 {
		t.Errorf("sketch: %+v", s)
	}
	// The other side reads and corrects it, saying why; what was registered stays.
	_, err = d.store.RegisterMarkerRecord(ctx, d.other, today, m.ID, none.Marker.Version, in)
	d.wantKind(err, fault.Stale, "against an older version")
	_, err = d.store.RegisterMarkerRecord(ctx, d.other, today, m.ID, first.Marker.Version, in)
	if !fault.Is(err, "record-wrong") || !strings.Contains(err.Error(), "reason-missing") {
		t.Errorf("without a reason: %v", err)
	}
	in.Reason, in.Objects[1].DistanceM, in.Location = "电杆迁移", 14, ""
	second, err := d.store.RegisterMarkerRecord(ctx, d.other, today, m.ID, first.Marker.Version, in)
	d.must(err)
	if len(second.Versions) != 2 || second.Versions[0].N != 2 || second.Versions[1].Objects[1].DistanceM != 12.5 || !strings.Contains(second.Versions[0].Location, "界桩为") {
		t.Errorf("corrected: %+v", second.Versions)
	}
	if after := d.known(d.lead, m); after.Lon != m.Lon || after.Lat != m.Lat {
		t.Error("the registered position changed")
	}
	// All that is wrong is told at once, and nothing is written.
	wrong := in
	plane := *in.Plane
	plane.XM += 5
	wrong.Plane, wrong.Document, wrong.CustodianID, wrong.ValidFrom = &plane, gazetteer.Document{}, &d.stranger.Jurisdiction, in.ValidFrom.AddDate(0, -1, 0)
	_, err = d.store.RegisterMarkerRecord(ctx, d.city, today, m.ID, second.Marker.Version, wrong)
	for _, code := range []string{"record-position", "相差 5.00 米", "document-missing", "record-custodian", "record-from"} {
		if !fault.Is(err, "record-wrong") || !strings.Contains(err.Error(), code) {
			t.Errorf("%s is not in %v", code, err)
		}
	}
	if len(d.records(d.city, m).Versions) != 2 {
		t.Error("what was refused is there")
	}
	_, all, err := d.store.RecordedMarkers(ctx, d.other, today, d.line)
	if err != nil || len(all) != len(d.markers) || all[0].Record == nil || all[0].Record.N != 2 || all[1].Record != nil {
		t.Errorf("along the line: %+v, %v", all, err)
	}
	var entry string
	d.must(d.db.Super.QueryRow(ctx, `select after::text from journal where subject = 'marker/' || $1 and verb = 'register-record'`, m.ID.String()).Scan(&entry))
	for _, trace := range []string{"36.2", "石桥", "3270000"} {
		if strings.Contains(entry, trace) {
			t.Errorf("the journal, which everybody reads, says %s", entry)
		}
	}
}

// TestOneOfTwoRecordsAtOnceIsRegistered sends two against one version.
func TestOneOfTwoRecordsAtOnceIsRegistered(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	m := d.markers[0]
	version := d.known(d.lead, m).Version
	var wait sync.WaitGroup
	errs := make([]error, 2)
	for i, who := range []gazetteer.Actor{d.lead, d.other} {
		in := d.recordOf(m)
		wait.Go(func() { _, errs[i] = d.store.RegisterMarkerRecord(ctx, who, today, m.ID, version, in) })
	}
	wait.Wait()
	if errs[0] == nil {
		errs[0], errs[1] = errs[1], errs[0]
	}
	if errs[1] != nil || fault.KindOf(errs[0]) != fault.Stale || len(d.records(d.lead, m).Versions) != 1 {
		t.Errorf("%v and %v", errs[0], errs[1])
	}
}

// TestRecordsOfMarkersAreForTheSidesAndAbove tries both walls, each alone.
func TestRecordsOfMarkersAreForTheSidesAndAbove(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	open, held := d.markers[0], d.markers[1]
	for _, m := range []boundsql.MarkerView{open, held} {
		in := d.recordOf(m)
		_, err := d.store.RegisterMarkerRecord(ctx, d.lead, today, m.ID, d.known(d.lead, m).Version, in)
		d.must(err)
	}
	_, err := d.store.GradeMarker(ctx, d.city, today, held.ID, d.known(d.city, held).Version, graded(gazetteer.Secret))
	d.must(err)
	surveyor := d.accountIn("yb-survey", gazsql.Office{Name: "渝测勘察院", Kind: "contractor"}, gazetteer.Surveyor)
	for name, who := range map[string]gazetteer.Actor{"stranger": d.stranger, "nobody": {}, "contractor": surveyor} {
		_, err := d.store.MarkerRecord(ctx, who, today, open.ID)
		d.wantKind(err, fault.Forbidden, name)
		_, err = d.store.RegisterMarkerRecord(ctx, who, today, open.ID, d.known(d.lead, open).Version, d.recordOf(open))
		d.wantKind(err, fault.Forbidden, name+" registers")
		_, err = d.store.CheckWitnesses(ctx, who, today, open.ID, "", nil)
		d.wantKind(err, fault.Forbidden, name+" checks")
		_, _, err = d.store.RecordedMarkers(ctx, who, today, d.line)
		d.wantKind(err, fault.Forbidden, name+" lists")
		_, err = d.store.MarkerRecord(ctx, who, today, held.ID)
		d.wantKind(err, fault.NotFound, name+" of a withheld one")
		if r, err := d.store.WithoutFirstWall().MarkerRecord(ctx, who, today, open.ID); err != nil || len(r.Versions) != 0 {
			t.Errorf("%s behind the first wall: %+v, %v", name, r.Versions, err)
		}
		if n := d.countAs(who, `marker_record`) + d.countAs(who, `witness_object`); n != 0 {
			t.Errorf("%s reads %d rows", name, n)
		}
	}
	for name, who := range map[string]gazetteer.Actor{"lead": d.lead, "other": d.other, "city": d.city} {
		if n, w := d.countAs(who, `marker_record`), d.countAs(who, `witness_object`); n != 2 || w != 6 {
			t.Errorf("%s reads %d records and %d witness objects", name, n, w)
		}
		if len(d.records(who, held).Versions) != 1 {
			t.Errorf("%s does not read the record of the withheld marker", name)
		}
		for _, sql := range []string{
			`update marker_record set location = 'x'`, `delete from marker_record`, `update witness_object set name = 'x'`, `delete from witness_object`,
		} {
			if d.changesAs(who, sql) {
				t.Errorf("%s did: %s", name, sql)
			}
		}
	}
	again := `insert into marker_record (id, marker_id, n, valid_from, document_id, reason, placement, faces, location, office_id, account_id, recorded_at)
		select gen_random_uuid(), m.id, 9, now(), m.document_id, 'x', 'single', 'two-face', 'x', $1, $2, now() from marker m where m.id = $3`
	if d.changesAs(d.stranger, again, d.stranger.OfficeID, d.stranger.AccountID, open.ID) {
		t.Error("the stranger registered a record")
	}
	if d.changesAs(d.other, again, d.lead.OfficeID, d.other.AccountID, open.ID) {
		t.Error("one side registered in the name of the other")
	}
	if d.changesAs(d.other, `insert into witness_object (record_id, n, name, bearing_minutes, distance_dm) select id, 9, 'x', 1, 10 from marker_record`) {
		t.Error("one side added a witness object to the record of the other")
	}
}

func TestWitnessesMeasuredAgainTellWhatMoved(t *testing.T) {
	ctx := context.Background()
	d := newDesk(t)
	m := d.markers[0]
	_, err := d.store.CheckWitnesses(ctx, d.lead, today, m.ID, "", nil)
	d.wantKind(err, fault.Conflict, "without a record")
	in := d.recordOf(m)
	_, err = d.store.RegisterMarkerRecord(ctx, d.lead, today, m.ID, d.known(d.lead, m).Version, in)
	d.must(err)
	var again []boundary.WitnessMeasured
	for i, o := range in.Objects {
		again = append(again, boundary.WitnessMeasured{N: i + 1, BearingMinutes: float64(o.BearingMinutes), DistanceM: o.DistanceM})
	}
	if got, err := d.store.CheckWitnesses(ctx, d.other, today, m.ID, "", again); err != nil || got.Cause != boundary.MarkerInPlace {
		t.Errorf("%+v, %v", got, err)
	}
	again[1].DistanceM += 3
	if got, err := d.store.CheckWitnesses(ctx, d.other, today, m.ID, "", again); err != nil || got.Cause != boundary.WitnessDisplaced || got.Witnesses[0] != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := d.store.MarkerRecord(ctx, d.lead, today, uuid.New()); !fault.Is(err, "marker-unknown") {
		t.Errorf("of no marker: %v", err)
	}
}
