package boundsql

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// MarkerRecordVersion is a version of the record of a marker with the paper it rests on.
type MarkerRecordVersion struct {
	ID         uuid.UUID     `json:"id"`
	N          int           `json:"n"` // from 1
	ValidFrom  string        `json:"validFrom"`
	Reason     string        `json:"reason"` // why it was registered anew; "" for the first
	Document   ClaimDocument `json:"document"`
	Office     string        `json:"office"` // that registered it
	Custodian  *string       `json:"custodian"`
	RecordedAt time.Time     `json:"recordedAt"`
	boundary.MarkerRecord
}

// MarkerRecords is the record of a marker in all its versions, for who may read it.
type MarkerRecords struct {
	Marker   KnownMarker            `json:"marker"`
	PartyA   DivisionRef            `json:"partyA"`
	PartyB   DivisionRef            `json:"partyB"`
	Versions []MarkerRecordVersion  `json:"versions"` // the newest first; none where nothing was registered
	Findings []fault.Finding        `json:"findings"` // about the newest
	Actions  []gazetteer.OpenAction `json:"actions"`
	line     LineRow
}

// Registered is the marker as its records are held against it.
func (m MarkerView) Registered() boundary.RegisteredMarker {
	number, err := boundary.MarkerScheme{}.Read(m.Number, m.Stone)
	if err != nil { // registered long ago
		number = boundary.MarkerNumber{Number: m.Number, Stone: m.Stone}
	}
	return boundary.RegisteredMarker{Number: number, Type: m.Type, At: orb.Point{m.Lon, m.Lat}, ElevationM: m.ElevationM}
}

// Sketch is the sketch of the newest version, grid north of its plane up, with the line where the marker stands on it; false
// without a version or without witness objects.
func (r MarkerRecords) Sketch() (boundary.Sketch, bool) {
	if len(r.Versions) == 0 || len(r.Versions[0].Objects) == 0 {
		return boundary.Sketch{}, false
	}
	at := orb.Point{r.Marker.Lon, r.Marker.Lat}
	s := boundary.Sketch{Number: r.Marker.Number + r.Marker.Stone, Objects: r.Versions[0].Witnesses()}
	frame, err := r.Versions[0].BearingFrame(at)
	if chain, chainErr := geo.NewChain(r.line.Geometry); err == nil && chainErr == nil {
		s.Line = boundary.LineBearings(chain, at, frame)
	}
	return s, true
}

// Line is the line of the marker as it stands today or latest.
func (r MarkerRecords) Line() LineRow { return r.line }

var markerRecordSQL = `
	select r.id, r.marker_id, r.n, r.valid_from, r.reason, d.title, coalesce(d.number, ''), coalesce(d.issued_by, ''), d.issued_on, o.name, r.recorded_at,
	       r.custodian, ` + nameSQL("r.custodian") + `,
	       r.placement, r.faces, r.material, r.location, r.unit_a, r.unit_b, r.feature, r.side, r.epsg, r.x_m, r.y_m, r.elevation_m,
	       coalesce(r.height_datum, ''), r.method, r.sigma_m, r.surveyed_on, r.surveyor, r.checker, r.old_position, r.remark,
	       (select coalesce(jsonb_agg(jsonb_build_object('name', w.name, 'bearingMinutes', w.bearing_minutes, 'distanceM', w.distance_dm / 10.0) order by w.n), '[]')
	        from witness_object w where w.record_id = r.id)
	from marker_record r join document d on d.id = r.document_id join office o on o.id = r.office_id`

// scanMarkerRecord reads a version and whose it is.
func scanMarkerRecord(row pgx.CollectableRow) (marker uuid.UUID, v MarkerRecordVersion, err error) {
	var epsg *int
	var x, y *float64
	var from time.Time
	var issued, surveyed *time.Time
	err = row.Scan(&v.ID, &marker, &v.N, &from, &v.Reason, &v.Document.Title, &v.Document.Number, &v.Document.IssuedBy, &issued, &v.Office, &v.RecordedAt,
		&v.CustodianID, &v.Custodian, &v.Placement, &v.Faces, &v.Material, &v.Location, &v.UnitA, &v.UnitB, &v.Feature, &v.Side, &epsg, &x, &y,
		&v.ElevationM, &v.HeightDatum, &v.Method, &v.SigmaM, &surveyed, &v.Surveyor, &v.Checker, &v.OldPosition, &v.Remark, &v.Objects)
	if err != nil {
		return marker, v, err
	}
	if epsg != nil {
		v.Plane = &boundary.PlanePosition{EPSG: *epsg, XM: *x, YM: *y}
	}
	v.ValidFrom, v.Document.IssuedOn, v.SurveyedOn = from.Format(time.DateOnly), dayText(issued), dayText(surveyed)
	return marker, v, nil
}

func dayText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

// eachMarkerRecord reads the versions that the condition and the second wall choose.
func (s *Store) eachMarkerRecord(ctx context.Context, where string, do func(marker uuid.UUID, v MarkerRecordVersion), args ...any) error {
	rows, err := s.db.Query(ctx, markerRecordSQL+where, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		marker, v, err := scanMarkerRecord(rows)
		if err != nil {
			return fmt.Errorf("read a marker record: %w", err)
		}
		do(marker, v)
	}
	return rows.Err()
}

// MarkerRecord returns the record of a marker to the parties of its line and who is above both.
//
// Errors: NotFound "marker-unknown", also for a withheld marker that is not the actor's to know; Forbidden "not-yours".
func (s *Store) MarkerRecord(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (r MarkerRecords, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		r, _, err = s.over(tx).markerRecords(ctx, actor, now, id)
		return err
	})
	return r, err
}

func (s *Store) markerRecords(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (r MarkerRecords, standing boundary.Standing, err error) {
	if r.Marker, err = s.marker(ctx, actor, now, id); err != nil {
		return r, "", err
	}
	if standing, err = s.standingAtStone(ctx, actor, now, id); err == nil {
		err = s.readsRecords(standing)
	}
	if err != nil {
		return r, standing, err
	}
	if r.line, err = s.lineToday(ctx, r.Marker.LineID); err != nil {
		return r, standing, err
	}
	r.PartyA, r.PartyB = DivisionRef{r.line.PartyA, r.line.PartyAName}, DivisionRef{r.line.PartyB, r.line.PartyBName}
	r.Versions, r.Findings, r.Actions = []MarkerRecordVersion{}, []fault.Finding{}, []gazetteer.OpenAction{}
	err = s.eachMarkerRecord(ctx, ` where r.marker_id = $1 order by r.n desc`,
		func(_ uuid.UUID, v MarkerRecordVersion) { r.Versions = append(r.Versions, v) }, id)
	if err != nil {
		return r, standing, err
	}
	if len(r.Versions) > 0 {
		r.Findings = append(r.Findings, r.Versions[0].Check(r.Marker.Registered(), beijing.Day(now))...)
	}
	if boundary.KeepsMarkerRecords(actor, standing) {
		r.Actions = append(r.Actions, registerAction(len(r.Versions)))
	}
	return r, standing, nil
}

func registerAction(versions int) gazetteer.OpenAction {
	if versions == 0 {
		return gazetteer.OpenAction{Name: "register", Label: "登记", Needs: []string{"documents"}}
	}
	return gazetteer.OpenAction{Name: "register", Label: "登记新一版", Needs: []string{"reason", "documents"}}
}

// recordReader tells the standing of who may read the records of a line's markers, else Forbidden "not-yours".
func (s *Store) recordReader(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (boundary.Standing, error) {
	standing, err := s.standingAt(ctx, actor, now, line)
	if err == nil {
		err = s.readsRecords(standing)
	}
	return standing, err
}

func (s *Store) readsRecords(standing boundary.Standing) error {
	if standing == boundary.Stranger && !s.open {
		return fault.New(fault.Forbidden, "not-yours", "界桩登记表和成果表只给界线双方及其共同的上级民政部门查看")
	}
	return nil
}

// MarkerRecordInput is a version to be registered.
type MarkerRecordInput struct {
	boundary.MarkerRecord
	ValidFrom time.Time // a day
	Reason    string    // for what comes after the first
	Document  gazetteer.Document
}

// RegisterMarkerRecord registers a version of the record of a marker as that stands at the version given. The first registers,
// later ones correct and say why; none changes the registered position.
//
// Errors: those of [Store.MarkerRecord]; Forbidden "not-yours" for who does not keep the line; Stale "stale"; Refused
// "record-wrong" with all that is wrong, see boundary.MarkerRecord.Check.
func (s *Store) RegisterMarkerRecord(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in MarkerRecordInput) (r MarkerRecords, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if _, err := tx.Exec(ctx, `select version from marker_identity where id = $1 for update`, id); err != nil {
			return err
		}
		before, standing, err := t.markerRecords(ctx, actor, now, id)
		if err != nil {
			return err
		}
		if !s.open && !boundary.KeepsMarkerRecords(actor, standing) {
			return fault.New(fault.Forbidden, "not-yours", "界桩登记表由界线一方的经办人、负责人或共同的上级民政部门登记")
		}
		if before.Marker.Version != version {
			return fault.New(fault.Stale, "stale", "这个界桩已是第 %d 版，您看到的是第 %d 版：请刷新后再试", before.Marker.Version, version)
		}
		if err := t.checkMarkerRecord(ctx, now, before, in); err != nil {
			return err
		}
		if err := recordMarkerRecord(ctx, tx, actor, now, before, in); err != nil {
			return err
		}
		r, _, err = t.markerRecords(ctx, actor, now, id)
		return err
	})
	return r, err
}

// checkMarkerRecord refuses a version with everything that is wrong with it.
func (s *Store) checkMarkerRecord(ctx context.Context, now time.Time, before MarkerRecords, in MarkerRecordInput) error {
	found := in.Check(before.Marker.Registered(), beijing.Day(now))
	if in.Document.Title == "" {
		found = append(found, fault.Blocking("document-missing", "/document/title", "请写明登记所依据的文件，例如界线协议书或勘界成果验收文件"))
	}
	if in.ValidFrom.IsZero() {
		found = append(found, fault.Blocking("record-from", "/validFrom", "请写明这一版登记从哪天起有效"))
	}
	if len(before.Versions) > 0 {
		newest := before.Versions[0]
		if in.Reason == "" {
			found = append(found, fault.Blocking("reason-missing", "/reason", "登记表已有第 %d 版：新一版请写明更正的原因", newest.N))
		}
		if from := in.ValidFrom.Format(time.DateOnly); !in.ValidFrom.IsZero() && from < newest.ValidFrom {
			found = append(found, fault.Blocking("record-from", "/validFrom", "第 %d 版自 %s 起有效，新一版不能更早（%s）", newest.N, newest.ValidFrom, from))
		}
	}
	if in.CustodianID != nil {
		lineage, err := gazsql.LineageOf(ctx, s.db, now, before.PartyA.ID, before.PartyB.ID, *in.CustodianID)
		if err != nil {
			return err
		}
		if !boundary.OnASide(lineage, *in.CustodianID, before.PartyA.ID, before.PartyB.ID) {
			found = append(found, fault.Blocking("record-custodian", "/custodianId", "管护方应是%s、%s或其下级行政区划", before.PartyA.Name, before.PartyB.Name))
		}
	}
	if fault.Worst(found) == fault.Block {
		return fault.Refuse("record-wrong", "登记表有误，没有登记", fault.GravestFirst(found))
	}
	return nil
}

// recordMarkerRecord writes the version, its witness objects and the entry of the journal. That is read by everybody and so
// says that there is a version and since when, and binds what it says by a digest of it with its id, which nobody guesses.
func recordMarkerRecord(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, before MarkerRecords, in MarkerRecordInput) error {
	in.Document.Kind = "other"
	paper, err := gazsql.FileDocument(ctx, tx, now, in.Document)
	if err != nil {
		return err
	}
	in.Location = in.Described(before.Marker.Registered())
	id, n := gazsql.NewID(), len(before.Versions)+1
	args := pgx.StrictNamedArgs{
		"id": id, "marker": before.Marker.ID, "n": n, "from": in.ValidFrom, "document": paper, "reason": in.Reason, "placement": in.Placement, "faces": in.Faces,
		"material": in.Material, "location": in.Location, "unitA": in.UnitA, "unitB": in.UnitB, "feature": in.Feature, "side": in.Side, "epsg": nil, "x": nil, "y": nil,
		"elevation": in.ElevationM, "datum": nilText(in.HeightDatum), "method": in.Method, "sigma": in.SigmaM, "surveyedOn": in.SurveyedOn, "surveyor": in.Surveyor,
		"checker": in.Checker, "custodian": in.CustodianID, "old": in.OldPosition, "remark": in.Remark, "office": actor.OfficeID, "account": actor.AccountID, "now": now,
	}
	if p := in.Plane; p != nil {
		args["epsg"], args["x"], args["y"] = p.EPSG, p.XM, p.YM
	}
	_, err = tx.Exec(ctx, `
		insert into marker_record (id, marker_id, n, valid_from, document_id, reason, placement, faces, material, location, unit_a, unit_b, feature, side,
		    epsg, x_m, y_m, elevation_m, height_datum, method, sigma_m, surveyed_on, surveyor, checker, custodian, old_position, remark, office_id, account_id, recorded_at)
		values (@id, @marker, @n, @from, @document, @reason, @placement, @faces, @material, @location, @unitA, @unitB, @feature, @side,
		    @epsg, @x, @y, @elevation, @datum, @method, @sigma, nullif(@surveyedOn::text, '')::date, @surveyor, @checker, @custodian, @old, @remark, @office, @account, @now)`, args)
	if err != nil {
		return fmt.Errorf("register the record: %w", err)
	}
	rows := make([][]any, len(in.Objects))
	for i, o := range in.Witnesses() {
		minutes := int(math.Round(float64(o.Bearing)*60)) % (360 * 60)
		rows[i] = []any{id, i + 1, o.Name, minutes, int(math.Round(o.DistanceM * 10))}
	}
	if err := insertWitnesses(ctx, tx, rows); err != nil {
		return err
	}
	said, err := json.Marshal(in.MarkerRecord)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(fmt.Appendf(said, " %s", id))
	after := map[string]any{"recordVersion": n, "validFrom": in.ValidFrom.Format(time.DateOnly), "contentSha256": hex.EncodeToString(sum[:])}
	verb := "register-record"
	if n > 1 {
		verb, after["reason"] = "correct-record", in.Reason
	}
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "marker/" + before.Marker.ID.String(), Verb: verb, After: after, Cites: []uuid.UUID{paper},
	})
}

// insertWitnesses writes row by row: COPY FROM is not for tables under row-level security.
func insertWitnesses(ctx context.Context, tx pgx.Tx, rows [][]any) error {
	for _, row := range rows {
		if _, err := tx.Exec(ctx, `insert into witness_object (record_id, n, name, bearing_minutes, distance_dm) values ($1, $2, $3, $4, $5)`, row...); err != nil {
			return fmt.Errorf("register the witness objects: %w", err)
		}
	}
	return nil
}

// CheckWitnesses tells from witness objects measured again, with bearings on the plane f ("" for that of the record), whether
// the marker or an object moved since the newest version. It records nothing.
//
// Errors: those of [Store.MarkerRecord]; Conflict "record-missing" where no record with witness objects is registered; those of
// boundary.MarkerRecord.CheckWitnesses.
func (s *Store) CheckWitnesses(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, f geo.Frame, again []boundary.WitnessMeasured) (boundary.WitnessResult, error) {
	r, err := s.MarkerRecord(ctx, actor, now, id)
	if err != nil {
		return boundary.WitnessResult{}, err
	}
	if len(r.Versions) == 0 || len(r.Versions[0].Objects) == 0 {
		return boundary.WitnessResult{}, fault.New(fault.Conflict, "record-missing", "这个界桩没有登记方位物，没有可比的：请先登记界桩登记表")
	}
	return r.Versions[0].CheckWitnesses(orb.Point{r.Marker.Lon, r.Marker.Lat}, f, again)
}

// RecordedMarker is a marker of a line with the newest version of its record; nil where none is registered.
type RecordedMarker struct {
	MarkerView
	Grade  gazetteer.Grade
	Record *MarkerRecordVersion
	Of     int // how many versions there are
}

// RecordedMarkers returns a line as it stands today or latest and its markers along it, those withheld from others too, with
// their records.
//
// Errors: NotFound "line-unknown"; Forbidden "not-yours".
func (s *Store) RecordedMarkers(ctx context.Context, actor gazetteer.Actor, now time.Time, line uuid.UUID) (row LineRow, out []RecordedMarker, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if _, err := t.recordReader(ctx, actor, now, line); err != nil {
			return err
		}
		if row, err = t.lineToday(ctx, line); err != nil {
			return err
		}
		newest, versions := map[uuid.UUID]*MarkerRecordVersion{}, map[uuid.UUID]int{}
		err := t.eachMarkerRecord(ctx, ` where r.marker_id in (select m.id from known_marker m where m.line_id = $1) order by r.marker_id, r.n`,
			func(marker uuid.UUID, v MarkerRecordVersion) { newest[marker], versions[marker] = &v, v.N }, line)
		if err != nil {
			return err
		}
		withheld := map[uuid.UUID]gazetteer.Grade{}
		type graded struct {
			ID    uuid.UUID
			Grade gazetteer.Grade
		}
		err = each(ctx, tx, `select id, grade from known_marker where line_id = $1 and grade <> 'public'`, func(g graded) error {
			withheld[g.ID] = g.Grade
			return nil
		}, line)
		if err != nil {
			return err
		}
		found, err := t.markers(ctx, "known_marker", onLine, line)
		for _, m := range found {
			out = append(out, RecordedMarker{m, cmp.Or(withheld[m.ID], gazetteer.Public), newest[m.ID], versions[m.ID]})
		}
		return err
	})
	return row, out, err
}
