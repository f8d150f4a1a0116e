package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// CorrectPlace corrects what is recorded of a place itself as it stood at the version given: category, class, position and how it
// is known. What was recorded is kept with the reason.
//
// Errors: those of keptPlace; Refused "place-wrong" with all findings of gazetteer.PlaceRecord.Check, and "outside-division"
// among them where the place would lie far outside its division; Conflict "place-unchanged".
func (s *Store) CorrectPlace(ctx context.Context, actor gazetteer.Actor, now time.Time, place uuid.UUID, version int, in gazetteer.PlaceRecord) (KnownPlace, error) {
	in.Document.Kind = "other"
	return s.onKept(ctx, actor, now, place, version, func(t *Store, tx pgx.Tx, p keptPlace) error {
		was, represents, err := placeRecord(ctx, tx, p.id)
		if err != nil {
			return err
		}
		classes, err := t.PlaceClasses(ctx)
		if err != nil {
			return err
		}
		found := in.Check(was, represents, classes)
		if len(found) == 0 && in.Geometry != nil {
			o, err := t.outside(ctx, now, p.division, in.Geometry)
			if err != nil {
				return err
			}
			if o.Far() {
				found = append(found, fault.Blocking("outside-division", "/geometry", "%s：请核对经纬度、坐标系和所在行政区划", o))
			}
		}
		if len(found) > 0 {
			return fault.Refuse("place-wrong", "更正的地名记录有误", found)
		}
		if in.Same(was) {
			return fault.New(fault.Conflict, "place-unchanged", "更正与现有记录相同：没有要改的")
		}
		document, err := FileDocument(ctx, tx, now, in.Document)
		if err != nil {
			return err
		}
		if err := correctPlace(ctx, tx, actor, now, p.id, in, was, nil, document); err != nil {
			return err
		}
		after := toldPlace(in)
		if in.Moves(was) {
			after["moved"] = true
		}
		return recordOfPlace(ctx, tx, actor, now, p.id, "correct", toldPlace(was), after, document)
	})
}

// placeRecord reads what is recorded of a published place, and whether it stands for a division.
func placeRecord(ctx context.Context, tx pgx.Tx, id uuid.UUID) (r gazetteer.PlaceRecord, represents bool, err error) {
	err = tx.QueryRow(ctx, `
		select category, coalesce(class, ''), located_by, geom, represents_division_id is not null from place where id = $1`, id).
		Scan(&r.Category, &r.Class, &r.LocatedBy, &r.Geometry, &represents)
	return r, represents, err
}

// correctPlace keeps what was recorded of a place and writes what is; given is the position in another frame that it was made of,
// nil where it was given as it is written.
func correctPlace(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, in, was gazetteer.PlaceRecord, given []byte, document uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		with kept as (
		    insert into place_correction (id, place_id, was, geom, moved, recorded_at, corrected_at, corrected_by, office_id, reason, document_id)
		    select @id, p.id, to_jsonb(p) - 'geom', p.geom, @moved, p.recorded_at, @now, @by, @office, @reason, @document from place p where p.id = @place)
		update place set category = @category, class = @class, located_by = @located, geom = @geom::geometry,
		    as_given = case when @moved then @given::jsonb else as_given end, document_id = @document, recorded_at = @now
		where id = @place`,
		pgx.StrictNamedArgs{
			"id": NewID(), "place": id, "now": now, "by": actor.Key(), "office": nilID(actor.OfficeID), "reason": in.Reason, "document": document,
			"category": string(in.Category), "class": nilText(in.Class), "located": string(in.LocatedBy), "geom": in.Geometry, "moved": in.Moves(was), "given": given,
		})
	if err != nil {
		return fmt.Errorf("correct the place: %w", err)
	}
	return nil
}

// toldPlace is what the journal says of a place: where it is stays out of it, for the public reads positions rounded.
func toldPlace(r gazetteer.PlaceRecord) map[string]any {
	told := map[string]any{"category": r.Category, "locatedBy": r.LocatedBy}
	if r.Class != "" {
		told["placeClass"] = r.Class
	}
	if r.Reason != "" {
		told["reason"] = r.Reason
	}
	return told
}

// PlaceCorrection is what was recorded of a place before a correction.
type PlaceCorrection struct {
	Category    string    `json:"category"`
	Class       string    `json:"class"`
	LocatedBy   string    `json:"locatedBy"`
	Moved       bool      `json:"moved"` // the correction changed its position
	CorrectedAt time.Time `json:"correctedAt"`
	Reason      string    `json:"reason"`
	Document    string    `json:"document"`
}

// placeCorrections lists the corrections of a place, newest first.
func (s *Store) placeCorrections(ctx context.Context, place uuid.UUID) ([]PlaceCorrection, error) {
	return listOf[PlaceCorrection](ctx, s, `
		select c.was ->> 'category' as category, coalesce(c.was ->> 'class', '') as class, c.was ->> 'located_by' as located_by,
		       c.moved, c.corrected_at, c.reason, concat_ws(' ', d.title, d.number) as document
		from place_correction c join document d on d.id = c.document_id
		where c.place_id = $1 order by c.corrected_at desc, c.id desc`, place)
}
