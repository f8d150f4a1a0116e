package boundsql

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// MarkerFormInput is one side's marker form (界桩检查登记表) to fill in.
type MarkerFormInput struct {
	Found     string    `json:"found"`    // intact, damaged, lost, buried, not-reached, tilted, illegible
	Observed  []float64 `json:"observed"` // longitude, latitude, and height in metres where measured; nil when not
	SigmaM    *float64  `json:"sigmaM"`
	Note      string    `json:"note"`
	CheckedOn string    `json:"checkedOn"` // 2026-11-24
	Submit    bool      `json:"submit"`    // show it to the other side; there is no way back
}

// MarkerForm is one side's marker form.
type MarkerForm struct {
	ID          uuid.UUID  `json:"id"`
	MarkerID    uuid.UUID  `json:"markerId"`
	Number      string     `json:"number"`
	Stone       string     `json:"stone"`
	OfficeID    uuid.UUID  `json:"officeId"`
	Office      string     `json:"office"`
	Found       string     `json:"found"`
	Observed    []float64  `json:"observed"`
	SigmaM      *float64   `json:"sigmaM"`
	DistanceM   *float64   `json:"distanceM"` // of the observed from the registered position
	CheckedOn   string     `json:"checkedOn"`
	Note        string     `json:"note"`
	Version     int        `json:"version"`
	SubmittedAt *time.Time `json:"submittedAt"`
}

// markerFinds are what a marker can be found as.
var markerFinds = []string{"intact", "damaged", "lost", "buried", "not-reached", "tilted", "illegible"}

// farFromMarkerM is how far from the registered position a marker cannot be observed: whoever writes that has mistaken a
// number, the frame or the marker.
const farFromMarkerM = 10_000

// FillMarkerForm fills in the form of the actor's own office for a marker, made against the version of the round. A form
// once submitted stays so; changing it, like submitting a new one, voids a compiled report and both signatures.
//
// Errors: NotFound "inspection-unknown", "marker-unknown"; Stale "stale"; Forbidden "not-yours" for an office that is
// neither side; Conflict "not-in-field" while the round is planned; Malformed "bad-found", "bad-day", "bad-observed" and
// those of geo.CheckLonLat; Refused "observed-far" for a position more than 10 km from the registered one.
func (s *Store) FillMarkerForm(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, marker uuid.UUID, in MarkerFormInput) (Inspection, error) {
	observed, err := in.check(now)
	if err != nil {
		return Inspection{}, err
	}
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		r, err := s.over(tx).lockRound(ctx, tx, actor, now, id, version)
		if err != nil {
			return err
		}
		side, err := s.over(tx).formSide(ctx, actor, now, r, marker)
		if err != nil {
			return err
		}
		if !r.Editable() {
			return fault.New(fault.Conflict, "not-in-field", "联检还在计划阶段：请先启动外业再登记界桩")
		}
		submitted, err := saveForm(ctx, tx, actor, now, r, side, marker, in, observed)
		if err != nil {
			return err
		}
		next, report := r.round.Edited(now, "界桩检查登记表有改动"), []byte(nil)
		if !submitted { // a draft changes nothing that was compiled
			next, report = r.round, r.report
			next.Version++
		}
		return saveRound(ctx, tx, actor, now, r, next, report, "fill-form", map[string]any{"markers": []uuid.UUID{marker}, "submit": submitted})
	})
	if err != nil {
		return Inspection{}, err
	}
	return s.Inspection(ctx, actor, now, id)
}

// formSide is the side of a round for which the actor fills in the form of a marker: that of its office, or of the bureau
// that assigned it the marker.
func (s *Store) formSide(ctx context.Context, actor gazetteer.Actor, now time.Time, r inspectionRecord, marker uuid.UUID) (uuid.UUID, error) {
	if boundary.ByAssignment(actor) {
		return s.assignedSide(ctx, actor, now, r, marker)
	}
	side := r.round.SideOf(actor)
	if side == uuid.Nil || actor.System != "" || !actor.Has(gazetteer.PartyOfficer, gazetteer.PartyLeader, gazetteer.Surveyor) {
		return side, fault.New(fault.Forbidden, "not-yours", "只有界线双方的经办或测绘人员可以填写本方的界桩检查登记表")
	}
	return side, nil
}

// assignedSide is the side of a round for which one who works by assignment fills in the form of a marker.
func (s *Store) assignedSide(ctx context.Context, actor gazetteer.Actor, now time.Time, r inspectionRecord, marker uuid.UUID) (uuid.UUID, error) {
	task, err := s.taskAt(ctx, actor, now, r.Line.ID)
	if err != nil {
		return uuid.Nil, err
	}
	side := uuid.Nil
	if task != nil {
		side = task.SideIn(r.round)
	}
	if side == uuid.Nil {
		return uuid.Nil, fault.New(fault.Forbidden, "not-assigned", "您现在没有这条界线的任务，或任务已经结束")
	}
	var chainageM float64
	err = s.db.QueryRow(ctx, `select chainage_m from known_marker where id = $1 and line_id = $2`, marker, r.Line.ID).Scan(&chainageM)
	if err != nil {
		return uuid.Nil, notFound(err, "marker-unknown", "这条界线上没有这个界桩")
	}
	if !task.CoversMarker(marker, chainageM) {
		return uuid.Nil, fault.New(fault.Forbidden, "not-assigned", "这个界桩不在您的任务之内")
	}
	return side, nil
}

// check reads the input; the position is nil where none was observed.
func (in MarkerFormInput) check(now time.Time) (geom.T, error) {
	if !slices.Contains(markerFinds, in.Found) {
		return nil, fault.New(fault.Malformed, "bad-found", "界桩状况“%s”不对：可用 intact、damaged、lost、buried、not-reached、tilted、illegible", in.Found)
	}
	day, err := time.Parse(time.DateOnly, in.CheckedOn)
	if err != nil {
		return nil, fault.New(fault.Malformed, "bad-day", "检查日期“%s”不是日期：请写成 2026-11-24", in.CheckedOn)
	}
	if in.CheckedOn > beijing.Day(now) || day.Year() < 1900 {
		return nil, fault.New(fault.Malformed, "bad-day", "检查日期 %s 不对：不能晚于今天，也不能早于 1900 年", in.CheckedOn)
	}
	if in.SigmaM != nil && !(*in.SigmaM > 0 && *in.SigmaM <= 1000) {
		return nil, fault.New(fault.Malformed, "bad-sigma", "观测中误差 sigmaM 应为 0 到 1000 米之间的正数")
	}
	if in.Observed == nil {
		return nil, nil
	}
	if len(in.Observed) != 2 && len(in.Observed) != 3 {
		return nil, fault.New(fault.Malformed, "bad-observed", "observed 应为 [经度, 纬度] 或 [经度, 纬度, 高程]")
	}
	if err := geo.CheckLonLat(orb.Point{in.Observed[0], in.Observed[1]}); err != nil {
		return nil, err
	}
	height := math.NaN()
	if len(in.Observed) == 3 {
		if height = in.Observed[2]; height < -500 || height > 9000 {
			return nil, fault.New(fault.Malformed, "bad-observed", "高程 %g 米不在我国陆地范围之内", height)
		}
	}
	return pointZ(in.Observed[0], in.Observed[1], height), nil
}

// pointZ is a position with height (NaN where unknown) in the stored frame.
func pointZ(lon, lat, height float64) *geom.Point {
	return geom.NewPointFlat(geom.XYZ, []float64{lon, lat, height}).SetSRID(postgis.SRID)
}

// saveForm writes the form of the actor's side and reports whether it is a submitted one now.
func saveForm(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r inspectionRecord, side, marker uuid.UUID, in MarkerFormInput, observed geom.T) (bool, error) {
	var apart *float64
	err := tx.QueryRow(ctx, `
		select st_distance(st_force2d($3::geometry)::geography, st_force2d(geom)::geography) from known_marker
		where id = $1 and line_id = $2 and state <> 'retired'`, marker, r.Line.ID, observed).Scan(&apart)
	if err != nil {
		return false, notFound(err, "marker-unknown", "这条界线上没有这个界桩")
	}
	if apart != nil && *apart > farFromMarkerM {
		return false, fault.New(fault.Refused, "observed-far",
			"观测位置距界桩的登记位置 %.1f 公里，超过 %d 公里：请核对经纬度、坐标系和界桩号", *apart/1000, farFromMarkerM/1000)
	}
	var submitted bool
	var form uuid.UUID
	err = tx.QueryRow(ctx, `
		insert into marker_form (id, office_id, inspection_id, marker_id, found, observed, sigma_m, note, checked_on, filled_by, submitted_at)
		values (@id, @office, @inspection, @marker, @found, @observed, @sigma, @note, @on::text::date, @by, case when @submit then @now::timestamptz end)
		on conflict (inspection_id, marker_id, office_id) do update
		set found = excluded.found, observed = excluded.observed, sigma_m = excluded.sigma_m, note = excluded.note,
		    checked_on = excluded.checked_on, filled_by = excluded.filled_by, version = marker_form.version + 1,
		    submitted_at = coalesce(marker_form.submitted_at, excluded.submitted_at)
		returning id, submitted_at is not null`,
		pgx.StrictNamedArgs{
			"id": gazsql.NewID(), "office": side, "inspection": r.ID, "marker": marker, "found": in.Found, "observed": observed,
			"sigma": in.SigmaM, "note": in.Note, "on": in.CheckedOn, "by": actor.AccountID, "submit": in.Submit, "now": now,
		}).Scan(&form, &submitted)
	if walled(err) { // a colleague's form: who works by assignment does not see it
		return false, fault.Wrap(err, fault.Conflict, "form-taken", "委托单位已有人填写了这个界桩的登记表，请与其联系")
	}
	if err != nil {
		return false, fmt.Errorf("save the marker form: %w", err)
	}
	in.Submit = submitted // what the second wall tells drafts by
	return submitted, gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "marker-form/" + form.String(), Verb: "fill", After: in,
	})
}

// MarkerForm returns a form to whoever may read it in its round, else NotFound "form-unknown".
func (s *Store) MarkerForm(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (MarkerForm, error) {
	var found []MarkerForm
	err := gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		var round uuid.UUID
		err := tx.QueryRow(ctx, `select inspection_id from marker_form where id = $1`, id).Scan(&round)
		if err == nil {
			_, err = s.over(tx).roundOf(ctx, actor, now, round)
		}
		if err == nil {
			found, err = s.over(tx).formsFor(ctx, actor, round)
		}
		return err
	})
	at := slices.IndexFunc(found, func(f MarkerForm) bool { return f.ID == id })
	switch {
	case isNoRows(err) || fault.Is(err, "inspection-unknown") || err == nil && at < 0:
		return MarkerForm{}, fault.New(fault.NotFound, "form-unknown", "没有这份界桩检查登记表")
	case err != nil:
		return MarkerForm{}, err
	}
	return found[at], nil
}

// formsFor lists the forms of a round that the actor may read: its own, and those submitted.
func (s *Store) formsFor(ctx context.Context, actor gazetteer.Actor, inspection uuid.UUID) ([]MarkerForm, error) {
	byAssignment := boundary.ByAssignment(actor) // then only what he filled in himself
	rows, err := s.db.Query(ctx, `
		select f.id, f.marker_id, m.number, m.stone, f.office_id, o.name, f.found, f.observed, f.sigma_m,
		       st_distance(st_force2d(f.observed)::geography, st_force2d(m.geom)::geography), f.checked_on::text, f.note, f.version, f.submitted_at
		from marker_form f join known_marker m on m.id = f.marker_id join office o on o.id = f.office_id
		where f.inspection_id = $1 and (f.office_id = any ($2) or f.submitted_at is not null or $3) and ($4 or f.filled_by = $5)
		order by m.chainage_m, m.number, m.stone, f.id`, inspection, append([]uuid.UUID{actor.OfficeID}, actor.Succeeds...), s.open || byAssignment,
		s.open || !byAssignment, actor.AccountID)
	if err != nil {
		return nil, err
	}
	forms, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (f MarkerForm, err error) {
		var observed geom.T
		err = row.Scan(&f.ID, &f.MarkerID, &f.Number, &f.Stone, &f.OfficeID, &f.Office, &f.Found, &observed, &f.SigmaM, &f.DistanceM,
			&f.CheckedOn, &f.Note, &f.Version, &f.SubmittedAt)
		if observed != nil {
			f.Observed = slices.DeleteFunc(slices.Clone(observed.FlatCoords()), math.IsNaN)
		}
		return f, err
	})
	if forms == nil {
		forms = []MarkerForm{}
	}
	return forms, err
}
