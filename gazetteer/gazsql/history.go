package gazsql

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
)

// History lists what the journal says of a record (noun/id), newest first, from before the entry numbered (0: from the
// newest), in English or in Chinese. Whether the actor may read the record at all, its own use-case has decided before;
// row-level security then leaves out drafts of the other side of a line, what others did before the record came to the
// actor, and to who works by assignment everything that he did not write himself, so that a history may have gaps.
func (s *Store) History(ctx context.Context, actor gazetteer.Actor, subject string, before int64, limit int, english bool) ([]gazetteer.HistoryItem, error) {
	items := []gazetteer.HistoryItem{}
	err := As(ctx, s.db, actor, func(tx pgx.Tx) error {
		entries, err := historyEntries(ctx, tx, subject, before, limit)
		if err != nil {
			return err
		}
		names, err := historyNames(ctx, tx, entries)
		if err != nil {
			return err
		}
		for _, e := range entries {
			items = append(items, e.Item(names, english))
		}
		return nil
	})
	return items, err
}

// historyRow is an entry as the database keeps it.
type historyRow struct {
	Seq           int64
	At            time.Time
	Actor         string
	Post          string
	Subject, Verb string
	Before, After []byte
	Cites         []gazetteer.HistoryCite
}

func historyEntries(ctx context.Context, tx pgx.Tx, subject string, before int64, limit int) ([]gazetteer.HistoryEntry, error) {
	rows, err := tx.Query(ctx, `
		select j.seq, j.at, j.actor, coalesce(a.name, '') as post, j.subject, j.verb, j.before, j.after,
		       (select coalesce(jsonb_agg(jsonb_build_object('title', d.title, 'number', coalesce(d.number, '')) order by d.title, d.id), '[]')
		        from document d where d.id = any (j.cites)) as cites
		from journal j
		left join account a on a.id = case when j.actor ~ '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' then j.actor::uuid end
		where j.subject = @subject and (@before::bigint = 0 or j.seq < @before)
		order by j.seq desc limit @limit`,
		pgx.StrictNamedArgs{"subject": subject, "before": before, "limit": limit})
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[historyRow])
	if err != nil {
		return nil, fmt.Errorf("read the history of %s: %w", subject, err)
	}
	entries := make([]gazetteer.HistoryEntry, len(found))
	for i, r := range found {
		e := gazetteer.HistoryEntry{Seq: r.Seq, At: r.At, Actor: r.Actor, Post: r.Post, Subject: r.Subject, Verb: r.Verb, Cites: r.Cites}
		if e.Before, err = historyFields(r.Before); err != nil {
			return nil, err
		}
		if e.After, err = historyFields(r.After); err != nil {
			return nil, err
		}
		entries[i] = e
	}
	return entries, nil
}

// historyFields reads one side of a change, numbers as they were written; nil for none.
func historyFields(text []byte) (fields map[string]any, err error) {
	if text == nil {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return nil, fmt.Errorf("read a journal entry: %w", err)
	}
	return fields, nil
}

// historyNames finds what the records that entries name are called, as far as the actor may know of them.
func historyNames(ctx context.Context, tx pgx.Tx, entries []gazetteer.HistoryEntry) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	var ids []uuid.UUID
	for _, e := range entries {
		ids = append(ids, e.Refs()...)
	}
	if len(ids) == 0 {
		return names, nil
	}
	rows, err := tx.Query(ctx, `
		select id, name from office where id = any ($1)
		union all select id, name from account where id = any ($1)
		union all select id, name from line where id = any ($1)
		union all select id, number || stone from known_marker where id = any ($1)
		union all (select distinct on (division_id) division_id, name from division_version where division_id = any ($1)
		           order by division_id, upper(valid) desc nulls first)`, ids)
	if err != nil {
		return nil, err
	}
	var id uuid.UUID
	var name string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		names[id] = name
		return nil
	})
	return names, err
}
