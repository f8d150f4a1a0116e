package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// markerPlacer is the system actor that puts a withheld marker where a filed case says.
var markerPlacer = gazetteer.Actor{System: "marker.change"}

// enactChange makes a case that was filed the record.
func (s *Store) enactChange(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r changeRow, in boundary.ChangeAction, filing uuid.UUID) error {
	verb := string(r.Kind)
	switch r.Kind {
	case boundary.Retirement:
		if err := giveMarkerState(ctx, tx, actor, now, r.marker, *r.markerState, boundary.Retired); err != nil {
			return err
		}
	case boundary.Relocation:
		if err := s.relocate(ctx, tx, r); err != nil {
			return err
		}
	case boundary.Addition:
		if err := s.addMarker(ctx, tx, now, r, in.ValidFrom, filing); err != nil {
			return err
		}
	}
	if r.Kind != boundary.Retirement {
		if err := s.recordAnew(ctx, tx, actor, now, r, in); err != nil {
			return err
		}
	}
	if err := voidRoundsOf(ctx, tx, actor, now, []uuid.UUID{r.Line.ID}, "界线上的界桩有"+r.Kind.Label()); err != nil {
		return err
	}
	return gazsql.Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "marker/" + r.marker.String(), Verb: verb, After: map[string]any{"validFrom": in.ValidFrom.Format(time.DateOnly)}, Cites: []uuid.UUID{filing},
	})
}

// relocate puts the marker where it was surveyed; the database keeps where it was.
func (s *Store) relocate(ctx context.Context, tx pgx.Tx, r changeRow) error {
	chain, err := s.chainOf(ctx, r.Line.ID)
	if err != nil {
		return err
	}
	chainage, offset := chain.Project(orb.Point{r.Survey.Position[0], r.Survey.Position[1]})
	err = gazsql.As(ctx, tx, markerPlacer, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `select enact_marker_change($1, $2, $3)`, r.ID, chainage, offset)
		return err
	})
	if err != nil {
		return fmt.Errorf("relocate the marker: %w", err)
	}
	return nil
}

// addMarker registers a new marker where it was surveyed.
func (s *Store) addMarker(ctx context.Context, tx pgx.Tx, now time.Time, r changeRow, from time.Time, filing uuid.UUID) error {
	if err := s.numberFree(ctx, r.Line.ID, r.Number, r.Stone); err != nil {
		return err
	}
	chain, err := s.chainOf(ctx, r.Line.ID)
	if err != nil {
		return err
	}
	at := r.Survey.Position
	chainage, offset := chain.Project(orb.Point{at[0], at[1]})
	_, err = tx.Exec(ctx, `
		insert into marker (id, line_id, number, stone, type, state, geom, sigma_m, chainage_m, offset_m, valid, document_id, synthetic, recorded_at)
		values (@id, @line, @number, @stone, @type, 'intact', @geom, @sigma, @chainage, @offset, @valid, @document, (select synthetic from line where id = @line), @now)`,
		pgx.StrictNamedArgs{
			"id": r.marker, "line": r.Line.ID, "number": r.Number, "stone": r.Stone, "type": r.Type, "geom": pointOf(at), "sigma": r.Survey.SigmaM,
			"chainage": chainage, "offset": offset, "valid": gazsql.Span(from, time.Time{}), "document": filing, "now": now,
		})
	if err != nil {
		return fmt.Errorf("register the marker: %w", err)
	}
	return nil
}

// recordAnew registers a version of the marker's record with what the survey found: what the former one says of its surroundings,
// and its witness objects, is of the former place.
func (s *Store) recordAnew(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, r changeRow, in boundary.ChangeAction) error {
	before, _, err := s.markerRecords(ctx, actor, now, r.marker)
	if err != nil {
		return err
	}
	was := boundary.MarkerRecord{Placement: before.Marker.Registered().Number.Placement(), Faces: before.Marker.Type}
	if len(before.Versions) > 0 {
		was = before.Versions[0].MarkerRecord
	}
	record, err := r.Survey.Record(was)
	if err != nil {
		return err
	}
	return recordMarkerRecord(ctx, tx, actor, now, before, MarkerRecordInput{
		MarkerRecord: record, ValidFrom: in.ValidFrom, Reason: r.Kind.Label() + "：" + r.Reason, Document: *in.Document,
	})
}
