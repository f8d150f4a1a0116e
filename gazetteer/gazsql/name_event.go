package gazsql

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// NameEvent is what befell a name of a place, as it is read.
type NameEvent struct {
	ID       uuid.UUID  `json:"id"`
	NameID   *uuid.UUID `json:"nameId"`
	Kind     string     `json:"kind"`
	Process  string     `json:"process"`
	On       *string    `json:"on"`
	OnSaid   *string    `json:"onSaid"`
	Citation string     `json:"citation"`
	Document string     `json:"document"`
	Note     string     `json:"note"`
}

// RecordNameEvent records what befell a name of a place as it stood at the version given. What is recorded stays.
//
// Errors: those of keptPlace; Refused "event-wrong" with all findings of gazetteer.NameEvent.Check; NotFound "name-unknown".
func (s *Store) RecordNameEvent(ctx context.Context, actor gazetteer.Actor, now time.Time, place uuid.UUID, version int, in gazetteer.NameEvent) (KnownPlace, error) {
	in.Document.Kind = "other"
	return s.onKept(ctx, actor, now, place, version, func(t *Store, tx pgx.Tx, p keptPlace) error {
		if found := in.Check(beijing.Day(now)); len(found) > 0 {
			return fault.Refuse("event-wrong", "登记的事件有误", found)
		}
		if in.NameID != uuid.Nil {
			if _, err := t.nameRecord(ctx, p.id, in.NameID); err != nil {
				return err
			}
		}
		document, err := FileDocument(ctx, tx, now, in.Document)
		if err != nil {
			return err
		}
		if err := insertNameEvent(ctx, tx, actor, now, p.id, in, document); err != nil {
			return err
		}
		return recordOfPlace(ctx, tx, actor, now, p.id, "record-event", nil, map[string]any{
			"event": in.Kind, "process": in.Process, "on": cmp.Or(in.On, in.OnSaid), "citation": in.Citation, "note": in.Note,
		}, document)
	})
}

func insertNameEvent(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, place uuid.UUID, in gazetteer.NameEvent, document uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		insert into name_event (id, place_id, name_id, kind, process, on_day, on_said, citation, document_id, note, recorded_at, recorded_by, office_id)
		values (@id, @place, @name, @kind, @process, @on::text::date, @said, @citation, @document, @note, @now, @by, @office)`,
		pgx.StrictNamedArgs{
			"id": NewID(), "place": place, "name": nilID(in.NameID), "kind": string(in.Kind), "process": in.Process, "on": nilText(in.On),
			"said": nilText(in.OnSaid), "citation": in.Citation, "document": document, "note": in.Note, "now": now, "by": actor.Key(),
			"office": nilID(actor.OfficeID),
		})
	if err != nil {
		return fmt.Errorf("record the event: %w", err)
	}
	return nil
}

// nameEvents lists what befell the names of a place, newest first; what has no day comes last, in the order recorded.
func (s *Store) nameEvents(ctx context.Context, place uuid.UUID) ([]NameEvent, error) {
	return listOf[NameEvent](ctx, s, `
		select e.id, e.name_id, e.kind, e.process, e.on_day::text as "on", e.on_said, e.citation, concat_ws(' ', d.title, d.number) as document, e.note
		from name_event e join document d on d.id = e.document_id
		where e.place_id = $1 order by e.on_day desc nulls last, e.id desc`, place)
}
