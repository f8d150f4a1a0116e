package gazsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
	"fangyu/internal/postgis"
)

// As runs do in a transaction that works for the actor: the second wall, row-level security, lets it reach what is the
// actor's to reach and nothing else.
func As(ctx context.Context, db postgis.Conn, actor gazetteer.Actor, do func(pgx.Tx) error) error {
	return postgis.As(ctx, db, postgis.Acting{Account: actor.AccountID, Office: actor.OfficeID, System: actor.System}, do)
}

// LineageOf gathers what lies above the divisions on the day, and what succeeded those that have ended.
func LineageOf(ctx context.Context, db postgis.Conn, on time.Time, divisions ...uuid.UUID) (gazetteer.Lineage, error) {
	l := gazetteer.Lineage{Above: map[uuid.UUID]uuid.UUID{}, Successors: map[uuid.UUID][]uuid.UUID{}}
	rows, err := db.Query(ctx, `
		with recursive up (division, over, succeeds) as (
		    select d, o.id, o.succeeds from unnest($1::uuid[]) d cross join lateral division_over(d, $2::text::date) o
		    union
		    select up.over, o.id, o.succeeds from up cross join lateral division_over(up.over, $2::text::date) o)
		select division, over, succeeds from up order by division, over`, divisions, beijing.Day(on))
	if err != nil {
		return l, fmt.Errorf("gather the lineage: %w", err)
	}
	var division, over uuid.UUID
	var succeeds bool
	_, err = pgx.ForEachRow(rows, []any{&division, &over, &succeeds}, func() error {
		if succeeds {
			l.Successors[division] = append(l.Successors[division], over)
		} else {
			l.Above[division] = over
		}
		return nil
	})
	return l, err
}
