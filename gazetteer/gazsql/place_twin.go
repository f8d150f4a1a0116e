package gazsql

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// Twin is another record of the same place in reality, with its names.
type Twin struct {
	ID           uuid.UUID    `json:"id"`
	Name         string       `json:"name"`
	Category     string       `json:"category"`
	DivisionName string       `json:"divisionName"`
	Reason       string       `json:"reason"`
	Document     string       `json:"document"`
	Names        []NameInTime `json:"names"`
}

// TwinLink says that two records are of one place in reality, or no longer.
type TwinLink struct {
	Twin     uuid.UUID
	Reason   string
	Document gazetteer.Document // of a link made
}

// JoinTwin links a place as it stood at the version given with another record of it: both are read as one and stay two.
//
// Errors: those of keptPlace, for the twin NotFound "twin-unknown"; Malformed "reason-missing", "document-missing", "twin-self";
// Conflict "twin-there".
func (s *Store) JoinTwin(ctx context.Context, actor gazetteer.Actor, now time.Time, place uuid.UUID, version int, in TwinLink) (KnownPlace, error) {
	if err := in.check(place); err != nil {
		return KnownPlace{}, err
	}
	if in.Document.Title == "" {
		return KnownPlace{}, fault.New(fault.Malformed, "document-missing", "请写明依据的文件或调查记录：标题不能为空")
	}
	in.Document.Kind = "other"
	return s.onKept(ctx, actor, now, place, version, func(_ *Store, tx pgx.Tx, p keptPlace) error {
		var twin string
		err := tx.QueryRow(ctx, `
			select n.name from place q join place_name n on n.place_id = q.id and n.kind = 'standard' and n.language = 'zh'
			where q.id = $1 order by upper(n.valid) desc nulls first limit 1`, in.Twin).Scan(&twin)
		if err != nil {
			return notFound(err, "twin-unknown", "没有要并读的地名 %s", in.Twin)
		}
		document, err := FileDocument(ctx, tx, now, in.Document)
		if err != nil {
			return err
		}
		first, second := inOrder(p.id, in.Twin)
		_, err = tx.Exec(ctx, `
			insert into place_twin (id, place_id, twin_id, reason, document_id, joined_at, joined_by) values ($1, $2, $3, $4, $5, $6, $7)`,
			NewID(), first, second, in.Reason, document, now, actor.Key())
		if violates(err, "place_twin_once") {
			return fault.New(fault.Conflict, "twin-there", "这两条记录已经并读")
		}
		if err != nil {
			return fmt.Errorf("join the twin: %w", err)
		}
		return recordOfPlace(ctx, tx, actor, now, p.id, "join-twin", nil, map[string]any{"twin": twin, "reason": in.Reason}, document)
	})
}

// PartTwin ends the link of a place, as it stood at the version given, with another record.
//
// Errors: those of keptPlace; Malformed "reason-missing"; NotFound "twin-unknown".
func (s *Store) PartTwin(ctx context.Context, actor gazetteer.Actor, now time.Time, place uuid.UUID, version int, in TwinLink) (KnownPlace, error) {
	if err := in.check(place); err != nil {
		return KnownPlace{}, err
	}
	return s.onKept(ctx, actor, now, place, version, func(_ *Store, tx pgx.Tx, p keptPlace) error {
		first, second := inOrder(p.id, in.Twin)
		tag, err := tx.Exec(ctx, `
			update place_twin set ended_at = $3, ended_by = $4, end_reason = $5 where place_id = $1 and twin_id = $2 and ended_at is null`,
			first, second, now, actor.Key(), in.Reason)
		if err != nil {
			return fmt.Errorf("part the twin: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "twin-unknown", "这两条记录没有并读")
		}
		return recordOfPlace(ctx, tx, actor, now, p.id, "part-twin", nil, map[string]any{"reason": in.Reason})
	})
}

func (in TwinLink) check(place uuid.UUID) error {
	switch {
	case in.Reason == "":
		return fault.New(fault.Malformed, "reason-missing", "请写明理由：为什么两条记录是（或不是）同一个地方")
	case in.Twin == place:
		return fault.New(fault.Malformed, "twin-self", "一条记录不能与自己并读：请选另一条")
	}
	return nil
}

// inOrder are two places in the order in which a pair is kept.
func inOrder(a, b uuid.UUID) (first, second uuid.UUID) {
	if bytes.Compare(a[:], b[:]) < 0 {
		return a, b
	}
	return b, a
}

// twins lists the other records of a place that are published, with their names.
func (s *Store) twins(ctx context.Context, place uuid.UUID) ([]Twin, error) {
	rows, err := s.db.Query(ctx, `
		select case when l.place_id = $1 then l.twin_id else l.place_id end as id, l.reason, concat_ws(' ', d.title, d.number) as document
		from place_twin l join document d on d.id = l.document_id
		where $1 in (l.place_id, l.twin_id) and l.ended_at is null order by l.joined_at, l.id`, place)
	if err != nil {
		return nil, err
	}
	links, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[Twin])
	if err != nil {
		return nil, err
	}
	twins := []Twin{}
	for _, t := range links {
		rows, err := s.db.Query(ctx, publishedPlaces.latest(`$1`), t.ID)
		if err != nil {
			return nil, err
		}
		row, err := pgx.CollectOneRow(rows, pgx.RowToStructByName[PlaceRow])
		if isNoRows(err) {
			continue // it is withheld: read by its own address only
		}
		if err != nil {
			return nil, err
		}
		t.Name, t.Category, t.DivisionName = row.Name, row.Category, row.DivisionName
		if t.Names, err = s.namesOf(ctx, publishedPlaces, t.ID); err != nil {
			return nil, err
		}
		twins = append(twins, t)
	}
	return twins, nil
}
