package boundsql

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/beijing"
)

// newVersion is why what hangs on a line is looked at again.
const newVersion = "界线有了新的版本"

// bringAlong brings what hangs on lines along to their new versions: markers are measured along the new course, open disputes are carried to it, compiled and signed
// rounds are void, and the tracks of rounds that are not over are read again, since what they cover is told by chainage. What a
// round that is over rests on stays as it was, and so do all results before.
func (s *Store) bringAlong(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, courses map[uuid.UUID]orb.MultiLineString) error {
	lines := slices.SortedFunc(maps.Keys(courses), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	for _, line := range lines {
		if err := moveMarkers(ctx, tx, line, courses[line]); err != nil {
			return err
		}
		if err := carryDisputes(ctx, tx, now, line, courses[line]); err != nil {
			return err
		}
	}
	if err := voidRoundsOf(ctx, tx, actor, now, lines, newVersion); err != nil {
		return err
	}
	return s.readOver(ctx, tx, now, lines)
}

// standingMarker is a marker that stands on a line.
type standingMarker struct {
	ID        uuid.UUID
	At        orb.Point
	Grade     string
	Custodian *uuid.UUID
}

func (m standingMarker) withheld() bool { return m.Grade != string(gazetteer.Public) }

// markersOn are the markers that stand on a line, the withheld ones too.
func markersOn(ctx context.Context, tx pgx.Tx, line uuid.UUID) (markers []standingMarker, err error) {
	err = gazsql.As(ctx, tx, gazetteer.Actor{System: "import"}, func(tx pgx.Tx) (err error) { // which knows of those
		markers, err = collect[standingMarker](ctx, tx, `
			select id, st_force2d(geom) as at, grade, custodian from known_marker where line_id = $1 and upper_inf(valid) order by id`, line)
		return err
	})
	return markers, err
}

// moveMarkers gives the markers of a line, the withheld ones too, chainage and offset on its new course. Where they are registered stays.
func moveMarkers(ctx context.Context, tx pgx.Tx, line uuid.UUID, course orb.MultiLineString) error {
	chain, err := geo.NewChain(course)
	if err != nil {
		return err
	}
	markers, err := markersOn(ctx, tx, line)
	if err != nil {
		return err
	}
	return gazsql.As(ctx, tx, agreementKeeper, func(tx pgx.Tx) error {
		var moves pgx.Batch
		for _, m := range markers {
			chainage, offset := chain.Project(m.At)
			sql := `update marker set chainage_m = $2, offset_m = $3 where id = $1`
			if m.withheld() {
				sql = `select move_withheld($1, $2, $3)`
			}
			moves.Queue(sql, m.ID, chainage, offset)
		}
		if err := tx.SendBatch(ctx, &moves).Close(); err != nil {
			return fmt.Errorf("move the markers along: %w", err)
		}
		return nil
	})
}

// readOver has the tracks of lines read again along the new versions, but for those of rounds that ended, or that are signed and
// whose programme is over.
func (s *Store) readOver(ctx context.Context, tx pgx.Tx, now time.Time, lines []uuid.UUID) error {
	return gazsql.As(ctx, tx, matcher, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
			update track t set state = 'received', version = version + 1
			where t.line_id = any (@lines) and t.state in ('held', 'matched') and not exists (
			    select from inspection i join programme p on p.id = i.programme_id
			    where i.id = t.inspection_id and (i.state = @ended or i.state = @signed and p.year_to < @year))
			returning t.id`,
			pgx.StrictNamedArgs{
				"lines": lines, "ended": string(boundary.InspectionEnded), "signed": string(boundary.InspectionSigned), "year": now.In(beijing.Zone).Year(),
			})
		if err != nil {
			return err
		}
		tracks, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return fmt.Errorf("have tracks read over: %w", err)
		}
		return s.readLater(ctx, tx, now, tracks, newVersion)
	})
}
