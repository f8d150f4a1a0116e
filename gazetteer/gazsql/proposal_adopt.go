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

// adopt makes the decision real: it files the document, ends the span of the old name and opens that of the new one.
func adopt(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, p gazetteer.Proposal, in gazetteer.ProposalAction) (*uuid.UUID, error) {
	in.Document.Kind = "approval"
	if in.Document.IssuedBy == "" {
		in.Document.IssuedBy = actor.OfficeName
	}
	document, err := FileDocument(ctx, tx, now, *in.Document)
	if err != nil {
		return nil, err
	}
	from := in.ValidFrom
	if from.IsZero() {
		y, m, d := now.In(beijing.Zone).Date()
		from = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	place, err := adoptPlace(ctx, tx, now, p, document)
	if err != nil {
		return nil, err
	}
	event := decided(p, *in.Document, from)
	if p.Kind != "new" {
		if event.NameID, err = endName(ctx, tx, now, place, from, document); err != nil {
			return nil, err
		}
	}
	if p.Kind != "retire" {
		code, err := codeOf(ctx, tx, p.DivisionID)
		if err != nil {
			return nil, err
		}
		row := nameRow(place, p.Name, p.Category, code, Span(from, time.Time{}), document, now)
		columns := append(append([]string{}, nameTableColumns...), "approved_by", "proposal_id", "process")
		if err := copyRows(ctx, tx, "place_name", columns, [][]any{append(row, actor.OfficeName, p.ID, event.Process)}); err != nil {
			return nil, err
		}
		event.NameID = row[0].(uuid.UUID)
	}
	if err := insertNameEvent(ctx, tx, actor, now, place, event, document); err != nil {
		return nil, err
	}
	if err := formDue(ctx, tx); err != nil {
		return nil, err
	}
	verb := map[string]string{"new": "name", "rename": "rename", "retire": "retire"}[p.Kind]
	return &document, Record(ctx, tx, gazetteer.JournalEntry{
		At: now, Actor: actor, Subject: "place/" + place.String(), Verb: verb,
		Before: map[string]any{"name": p.PlaceName}, After: map[string]any{"name": p.Name, "validFrom": from.Format(time.DateOnly)},
		Cites: []uuid.UUID{document},
	})
}

// decided is what befalls a name by a decided case: it is cited by the number of the decision, or by its title where it has none.
func decided(p gazetteer.Proposal, d gazetteer.Document, from time.Time) gazetteer.NameEvent {
	return gazetteer.NameEvent{
		Kind:    map[string]gazetteer.NameEventKind{"new": "naming", "rename": "renaming", "retire": "retirement"}[p.Kind],
		Process: "order-753", On: from.Format(time.DateOnly), Citation: cmp.Or(d.Number, d.Title),
	}
}

// codeOf is the code of a division today, "" where it has none.
func codeOf(ctx context.Context, tx pgx.Tx, division uuid.UUID) (code gazetteer.DivisionCode, err error) {
	err = tx.QueryRow(ctx, `
		select coalesce((select code from division_code where division_id = $1 and upper_inf(valid) order by length(code), system limit 1), '')`,
		division).Scan(&code)
	return code, err
}

// adoptPlace returns the place named, which a case of kind new makes.
func adoptPlace(ctx context.Context, tx pgx.Tx, now time.Time, p gazetteer.Proposal, document uuid.UUID) (uuid.UUID, error) {
	if p.PlaceID != nil {
		return *p.PlaceID, takePlace(ctx, tx, *p.PlaceID)
	}
	id := NewID()
	located := gazetteer.ByDivision
	if p.Point != nil {
		located = gazetteer.ByMap
	}
	_, err := tx.Exec(ctx, `
		insert into place (id, category, division_id, geom, located_by, document_id, recorded_at)
		values (@id, @category, @division, @geom, @located, @document, @now)`,
		pgx.StrictNamedArgs{
			"id": id, "category": string(p.Category), "division": p.DivisionID, "geom": p.Point, "located": string(located),
			"document": document, "now": now,
		})
	if err != nil {
		return id, fmt.Errorf("make the place: %w", err)
	}
	return id, nil
}

// takePlace counts a new version of a place and keeps it until the end of the transaction. One that was withheld while its
// case went its way has no name to decide on: Conflict "place-withheld".
func takePlace(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, `update place_identity set version = version + 1 where id = $1`, id); err != nil {
		return fmt.Errorf("take the place: %w", err)
	}
	var there bool
	if err := tx.QueryRow(ctx, `select exists (select from place where id = $1)`, id).Scan(&there); err != nil {
		return err
	}
	if !there {
		return fault.New(fault.Conflict, "place-withheld", "这个地名已不在公布之列，现在不能办理：请先与定密的民政部门商定")
	}
	return nil
}

// endName ends the standard name of a place on the day, keeps it as a former name from then on, and returns which it was.
func endName(ctx context.Context, tx pgx.Tx, now time.Time, place uuid.UUID, on time.Time, document uuid.UUID) (ended uuid.UUID, err error) {
	err = tx.QueryRow(ctx, `
		with ended as (
		    update place_name set valid = daterange(lower(valid), @on)
		    where place_id = @place and kind = 'standard' and language = 'zh' and upper_inf(valid)
		      and (lower_inf(valid) or lower(valid) < @on)
		    returning *),
		former as (
		    insert into place_name (id, place_id, name, kind, language, specific, generic, romanization, reading, toneless, sort_key,
		                            reading_status, reading_document_id, reading_approved_by, valid, document_id, recorded_at)
		    select @id, place_id, name, 'former', language, specific, generic, romanization, reading, toneless, sort_key, reading_status, reading_document_id,
		           reading_approved_by, daterange(@on, null), @document, @now from ended)
		select id from ended`,
		pgx.StrictNamedArgs{"place": place, "on": on, "id": NewID(), "document": document, "now": now}).Scan(&ended)
	if isNoRows(err) {
		return ended, fault.New(fault.Conflict, "name-not-open", "现名的生效日不早于 %s，不能在这一天结束：请改用更晚的生效日期", on.Format(time.DateOnly))
	}
	if err != nil {
		return ended, fmt.Errorf("end the old name: %w", err)
	}
	return ended, nil
}
