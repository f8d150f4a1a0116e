package boundsql

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// disputeKeeper is the system actor that carries cases along with their lines, and marks the lines: whoever makes a new version need
// not know of them.
var disputeKeeper = gazetteer.Actor{System: "dispute"}

// markDisputed gives the open version of a line the legal status that its open cases make of it: one that is not law is disputed while
// there is one, and then again what it was. Law stays as it is.
func markDisputed(ctx context.Context, tx pgx.Tx, now time.Time, line uuid.UUID) error {
	return gazsql.As(ctx, tx, disputeKeeper, func(tx pgx.Tx) error {
		type change struct{ Was, Now string }
		changed, err := collect[change](ctx, tx, `
			with o as (select exists (select from dispute where line_id = $1 and state = 'open') as disputed),
			was as (
			    select v.id, v.legal_status, o.disputed from line_version v, o
			    where v.line_id = $1 and upper_inf(v.valid)
			      and (o.disputed and v.legal_status in ('reference', 'in-demarcation') or not o.disputed and v.legal_status = 'disputed'))
			update line_version v set legal_status = case when was.disputed then 'disputed' else v.before_dispute end,
			    before_dispute = case when was.disputed then was.legal_status end
			from was where v.id = was.id returning was.legal_status as was, v.legal_status as now`, line)
		if err != nil {
			return fmt.Errorf("mark the line disputed: %w", err)
		}
		for _, c := range changed {
			err := gazsql.Record(ctx, tx, gazetteer.JournalEntry{
				At: now, Actor: disputeKeeper, Subject: "line/" + line.String(), Verb: "change-status",
				Before: map[string]any{"legalStatus": c.Was}, After: map[string]any{"legalStatus": c.Now},
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// openCase is an open case where it ran on the version before.
type openCase struct {
	ID     uuid.UUID
	Taken  bool // it was carried to another line already
	Whole  bool
	FromM  float64
	ToM    float64
	Course orb.MultiLineString
}

// carryDisputes carries the open cases of a line to its new course, which is that of its open version.
func carryDisputes(ctx context.Context, tx pgx.Tx, now time.Time, line uuid.UUID, course orb.MultiLineString) error {
	chain, err := geo.NewChain(course)
	if err != nil {
		return err
	}
	return eachOpenCase(ctx, tx, now, line, line, func(tx pgx.Tx, c openCase, former *geo.Chain, version uuid.UUID) error {
		return writeInterval(ctx, tx, c.ID, version, c.span().Over(former, chain))
	})
}

// handDisputes hands the open cases of a line that a change of divisions closed over to one that takes its place, or to its own new
// version, as far as they lie on it. Of a line that goes on in several, the first takes the case itself and each other one a part of it.
func handDisputes(ctx context.Context, tx pgx.Tx, now time.Time, from, to uuid.UUID, course *geo.Chain) error {
	return eachOpenCase(ctx, tx, now, from, to, func(tx pgx.Tx, c openCase, former *geo.Chain, version uuid.UUID) error {
		span, ok := c.span().Onto(former, course)
		if !ok {
			return nil
		}
		id := c.ID
		if !c.Taken {
			if _, err := tx.Exec(ctx, `update dispute set line_id = $2, version = version + 1 where id = $1`, id, to); err != nil {
				return fmt.Errorf("hand a dispute over: %w", err)
			}
		} else {
			id = gazsql.NewID()
			_, err := tx.Exec(ctx, `
				insert into dispute (id, line_id, number, office_id, text, document_id, opened_on, part_of, state, written_by, created_at)
				select $2, $3, number, office_id, text, document_id, opened_on, id, 'open', written_by, $4 from dispute where id = $1`, c.ID, id, to, now)
			if err != nil {
				return fmt.Errorf("part a dispute: %w", err)
			}
		}
		if err := writeInterval(ctx, tx, id, version, span); err != nil || from == to {
			return err
		}
		return recordDispute(ctx, tx, disputeKeeper, now, id, "hand-over", map[string]any{"lineId": from}, map[string]any{
			"lineId": to, "ranges": rangesOf(span),
		})
	})
}

// rangesOf is a span as the journal keeps it, to the centimetre.
func rangesOf(span boundary.DisputedSpan) []map[string]float64 {
	cm := func(m float64) float64 { return math.Round(m*100) / 100 }
	return []map[string]float64{{"fromM": cm(span.FromM), "toM": cm(span.ToM)}}
}

func (c openCase) span() boundary.DisputedSpan {
	return boundary.DisputedSpan{Whole: c.Whole, FromM: c.FromM, ToM: c.ToM}
}

// eachOpenCase calls do for every open case that ran on the last version of one line that is closed, with that course and the open
// version of the other line, and marks that line.
func eachOpenCase(ctx context.Context, tx pgx.Tx, now time.Time, from, to uuid.UUID, do func(pgx.Tx, openCase, *geo.Chain, uuid.UUID) error) error {
	err := gazsql.As(ctx, tx, disputeKeeper, func(tx pgx.Tx) error {
		cases, err := collect[openCase](ctx, tx, `
			select d.id, exists (select from dispute_interval k where k.dispute_id = d.id and k.n > i.n) as taken, i.whole, i.from_m, i.to_m, v.geom as course
			from line_version v join dispute_interval i on i.line_version_id = v.id join dispute d on d.id = i.dispute_id
			where v.line_id = $1 and d.state = 'open' and upper(v.valid) = (select max(upper(x.valid)) from line_version x where x.line_id = $1 and not upper_inf(x.valid))
			order by d.id for update of d`, from)
		if err != nil || len(cases) == 0 {
			return err
		}
		var version uuid.UUID
		if err := tx.QueryRow(ctx, `select id from line_version where line_id = $1 and upper_inf(valid)`, to).Scan(&version); err != nil {
			return err
		}
		former, err := geo.NewChain(cases[0].Course)
		if err != nil {
			return err
		}
		for _, c := range cases {
			if err := do(tx, c, former, version); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return markDisputed(ctx, tx, now, to)
}
