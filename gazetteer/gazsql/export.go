package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/geo"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// Export is what is about to be given out at full precision.
type Export struct {
	Collection string
	BBox       []float64 // asked for; nil: all
	Features   int
	Cells      []geo.Cell // that they touch
}

// exporters are the offices that keep records in a jurisdiction and may take them out.
var exporters = map[string]bool{"civil-affairs": true, "township-government": true}

// MayExport refuses who has no jurisdiction to export: Forbidden "not-yours".
func MayExport(actor gazetteer.Actor) error {
	if actor.Jurisdiction == uuid.Nil || !exporters[actor.OfficeKind] {
		return fault.New(fault.Forbidden, "not-yours", "全精度数据只由民政部门和乡镇政府在本辖区内导出")
	}
	return nil
}

// RecordExport writes an export down before it is sent, and refuses one that makes too much in one piece. Exports of an
// office are judged one after the other, so that two at once are not each too little. A refused one is in the journal too.
//
// Errors: those of MayExport; Forbidden "export-area".
func (s *Store) RecordExport(ctx context.Context, actor gazetteer.Actor, now time.Time, limit gazetteer.ExportLimit, e Export) error {
	if err := MayExport(actor); err != nil {
		return err
	}
	var refused error
	err := As(ctx, s.db, actor, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('fangyu.export'), hashtext($1))`, actor.OfficeID.String()); err != nil {
			return err
		}
		id, verb, areaKm2 := NewID(), "export", 0.0
		if limit.Counts(e.Collection) {
			before, err := s.over(tx).exported(ctx, actor, now, limit)
			if err != nil {
				return err
			}
			areaKm2, refused = limit.Check(before, e.Cells, now)
		}
		if refused != nil {
			verb = "refuse"
		} else if err := insertExport(ctx, tx, actor, now, id, e); err != nil {
			return err
		}
		return Record(ctx, tx, gazetteer.JournalEntry{
			At: now, Actor: actor, Subject: "export/" + id.String(), Verb: verb,
			After: map[string]any{"collection": e.Collection, "bbox": e.BBox, "features": e.Features, "contiguousKm2": areaKm2},
		})
	})
	if err != nil {
		return err
	}
	return refused
}

func insertExport(ctx context.Context, tx pgx.Tx, actor gazetteer.Actor, now time.Time, id uuid.UUID, e Export) error {
	cells := make([]int64, len(e.Cells))
	for i, c := range e.Cells {
		cells[i] = int64(c)
	}
	_, err := tx.Exec(ctx, `
		insert into export (id, office_id, account_id, collection, bbox, features, cells, at)
		values (@id, @office, @account, @collection, @bbox, @features, @cells, @now)`,
		pgx.StrictNamedArgs{
			"id": id, "office": actor.OfficeID, "account": actor.AccountID, "collection": e.Collection, "bbox": e.BBox,
			"features": e.Features, "cells": cells, "now": now,
		})
	if err != nil {
		return fmt.Errorf("record the export: %w", err)
	}
	return nil
}

// exported sums what the actor's office was given within the window.
func (s *Store) exported(ctx context.Context, actor gazetteer.Actor, now time.Time, limit gazetteer.ExportLimit) (e gazetteer.Exported, err error) {
	var cells []int64
	var since *time.Time
	err = s.db.QueryRow(ctx, `
		select coalesce((select array_agg(distinct c) from export e cross join lateral unnest(e.cells) c
		                 where e.office_id = @office and e.at > @from and e.collection = any (@layers)), '{}'),
		       (select min(at) from export where office_id = @office and at > @from and collection = any (@layers))`,
		pgx.StrictNamedArgs{"office": actor.OfficeID, "from": now.Add(-limit.Window), "layers": limit.Layers}).Scan(&cells, &since)
	if err != nil {
		return e, fmt.Errorf("sum the exports: %w", err)
	}
	for _, c := range cells {
		e.Cells = append(e.Cells, geo.Cell(c))
	}
	if since != nil {
		e.Since = *since
	}
	e.Above, err = s.bureauAbove(ctx, actor, now)
	return e, err
}

// bureauAbove is the name of the nearest civil-affairs bureau above the actor's, "" when there is none.
func (s *Store) bureauAbove(ctx context.Context, actor gazetteer.Actor, now time.Time) (name string, err error) {
	lineage, err := LineageOf(ctx, s.db, now, actor.Jurisdiction)
	if err != nil {
		return "", err
	}
	err = s.db.QueryRow(ctx, `
		select o.name from unnest($1::uuid[]) with ordinality up (division, n)
		join office o on o.division_id = up.division and o.kind = 'civil-affairs' and o.id <> $3 and o.valid @> $2::text::date
		where up.division <> $4 order by up.n, o.id limit 1`,
		lineage.Up(actor.Jurisdiction), beijing.Day(now), actor.OfficeID, actor.Jurisdiction).Scan(&name)
	if isNoRows(err) {
		err = nil
	}
	return name, err
}
