package boundsql

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// markerStanding is what a marker is graded on, as the acting office may know it.
type markerStanding struct {
	Grade   gazetteer.Grade
	Version int
	Line    uuid.UUID
}

// graded tells how a marker stands; pgx.ErrNoRows when there is none that the acting office may know of.
func (s *Store) graded(ctx context.Context, id uuid.UUID) (markerStanding, error) {
	rows, err := s.db.Query(ctx, `
		select m.grade, i.version, m.line_id as line from known_marker m join marker_identity i on i.id = m.id where m.id = $1`, id)
	if err != nil {
		return markerStanding{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[markerStanding])
}

// GradeMarker grades a marker as it stood at the version given; see gazsql.Store.GradePlace.
//
// Errors: NotFound "marker-unknown", also for a withheld marker that is not the actor's to know; Forbidden "not-yours";
// Stale "stale"; those of gazetteer.Grading.Apply.
func (s *Store) GradeMarker(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID, version int, in gazetteer.Grading) (known KnownMarker, err error) {
	err = gazsql.As(ctx, s.db, actor, func(tx pgx.Tx) error {
		t := s.over(tx)
		if _, err := tx.Exec(ctx, `select version from marker_identity where id = $1 for update`, id); err != nil {
			return err
		}
		stands, err := t.graded(ctx, id)
		if err != nil {
			return notFound(err, "marker-unknown", "没有这个界桩")
		}
		standing, err := t.standingAt(ctx, actor, now, stands.Line)
		if err != nil {
			return err
		}
		if !s.open && !boundary.GradesOn(actor, standing) {
			return fault.New(fault.Forbidden, "not-yours", "界桩由双方共同的上级民政部门定密：须有审批人员或上级民政部门的职责")
		}
		if stands.Version != version {
			return fault.New(fault.Stale, "stale", "这个界桩已是第 %d 版，您看到的是第 %d 版：请刷新后再试", stands.Version, version)
		}
		if err := in.Apply(gazetteer.Graded{Grade: stands.Grade}); err != nil {
			return err
		}
		if in.Grade != gazetteer.Public {
			if err := gazsql.ForgetAnswers(ctx, tx, id.String()); err != nil {
				return err
			}
		}
		move := gazsql.Move{Noun: "marker", ID: id, From: stands.Grade, Actor: actor, At: now}
		if err := move.To(ctx, tx, in, withholdMarker); err != nil {
			return err
		}
		if in.Grade == gazetteer.Public {
			if err := measureMarker(ctx, tx, id); err != nil {
				return err
			}
		}
		known, err = t.marker(ctx, actor, now, id)
		return err
	})
	return known, err
}

// measureMarker measures a marker that is published again along its line as it is today: the line may have changed since.
func measureMarker(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	type standing struct {
		Lon, Lat float64
		Line     orb.MultiLineString
	}
	found, err := collect[standing](ctx, tx, `
		select st_x(m.geom) as lon, st_y(m.geom) as lat, v.geom as line
		from marker m join line_version v on v.line_id = m.line_id and upper_inf(v.valid) where m.id = $1`, id)
	if err != nil || len(found) == 0 { // a line that ended has none
		return err
	}
	chain, err := geo.NewChain(found[0].Line)
	if err != nil {
		return err
	}
	chainage, offset := chain.Project(orb.Point{found[0].Lon, found[0].Lat})
	_, err = tx.Exec(ctx, `update marker set chainage_m = $2, offset_m = $3 where id = $1`, id, chainage, offset)
	return err
}

// withholdMarker keeps the row without its position, which stands beside it: PostGIS writes a height that is not known as no JSON.
func withholdMarker(ctx context.Context, tx pgx.Tx, args pgx.StrictNamedArgs) error {
	_, err := tx.Exec(ctx, `
		insert into withheld (id, noun, grade, office_id, line_id, rows, geom, document_id, graded_at, graded_by, reason)
		select m.id, 'marker', @grade, @office, m.line_id, jsonb_build_object('marker', to_jsonb(r)), m.geom, @document, @now, @by, @reason
		from marker m
		cross join lateral (
		    select m.id, m.line_id, m.number, m.stone, m.type, m.material, m.state, m.custodian, m.sigma_m, m.chainage_m, m.offset_m, m.valid,
		           m.document_id, m.synthetic, m.recorded_at) r
		where m.id = @id`, args)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `delete from marker where id = $1`, args["id"])
	return err
}
