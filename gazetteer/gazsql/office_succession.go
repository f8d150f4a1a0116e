package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
)

// RecordOfficeSuccession founds, closes and replaces offices as the plan says, from the day on, within the transaction.
// Accounts go with their office to the one that takes its place.
func RecordOfficeSuccession(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now, on time.Time, plan gazetteer.OfficeSuccession, document uuid.UUID) error {
	day := on.Format(time.DateOnly)
	note := func(office uuid.UUID, verb string, after map[string]any) error {
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "office/" + office.String(), Verb: verb, After: after, Cites: []uuid.UUID{document},
		})
	}
	for _, o := range plan.Found {
		_, err := tx.Exec(ctx, `
			insert into office (id, name, kind, division_id, valid) values ($1, $2, $3, $4, daterange($5::text::date, null))`,
			o.ID, o.Name, o.Kind, o.Division, day)
		if violates(err, "office_name_key") {
			return officeTaken(o.Name)
		}
		if err != nil {
			return fmt.Errorf("found the office %s: %w", o.Name, err)
		}
		if err := note(o.ID, "create", map[string]any{"name": o.Name, "kind": o.Kind, "divisionId": o.Division, "validFrom": day}); err != nil {
			return err
		}
	}
	for _, o := range plan.Closed {
		_, err := tx.Exec(ctx, `
			update office set valid = daterange(lower(valid), $2::text::date), version = version + 1 where id = $1`, o.ID, day)
		if err != nil {
			return fmt.Errorf("close the office %s: %w", o.Name, err)
		}
		after := map[string]any{"validTo": day}
		if successor, ok := plan.Places[o.ID]; ok {
			after["successor"] = successor
			if err := succeedOffice(ctx, tx, o.ID, successor, day, document); err != nil {
				return err
			}
		}
		if err := note(o.ID, "close", after); err != nil {
			return err
		}
	}
	return nil
}

func succeedOffice(ctx context.Context, tx pgx.Tx, old, successor uuid.UUID, day string, document uuid.UUID) error {
	_, err := tx.Exec(ctx, `
		insert into office_succession (predecessor_id, successor_id, on_day, document_id) values ($1, $2, $3::text::date, $4)`,
		old, successor, day, document)
	if err != nil {
		return fmt.Errorf("record the succession: %w", err)
	}
	if _, err := tx.Exec(ctx, `update account set office_id = $2 where office_id = $1`, old, successor); err != nil {
		return fmt.Errorf("move the accounts: %w", err)
	}
	return nil
}
