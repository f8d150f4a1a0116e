package ledger

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// gap is a run of numbers of the journal, below one that was linked, that were not seen yet: they commit late or never.
//
// A number is drawn while its transaction holds the journal's lock for writers, and the lock is let go after the commit
// can be seen. So once everybody has ended who held it when the gap was known, one more look sees all that ever comes.
type gap struct {
	from, to int64
	writers  []string // transactions that may still fill it, once it was open for a second look
	over     bool     // they have all ended
}

// progress is how far the journal was read. It is a value; its functions leave what they are given as it is.
type progress struct {
	horizon int64 // the highest number linked
	gaps    []gap // below it, ascending
}

// settled is the number up to which every entry is linked or will never come.
func (p progress) settled() int64 {
	if len(p.gaps) > 0 {
		return p.gaps[0].from - 1
	}
	return p.horizon
}

// ranges are the bounds of the gaps.
func (p progress) ranges() (from, to []int64) {
	for _, g := range p.gaps {
		from, to = append(from, g.from), append(to, g.to)
	}
	return from, to
}

// filled takes out of the gaps the numbers found in them, ascending, and of what was looked at, up to looked, the gaps that
// were over before.
func (p progress) filled(found []int64, looked int64) progress {
	var left []gap
	keep := func(g gap) {
		if g.from <= g.to && (!g.over || g.to > looked) {
			left = append(left, g)
		}
	}
	for _, g := range p.gaps {
		for len(found) > 0 && found[0] <= g.to {
			before := g
			before.to, g.from = found[0]-1, found[0]+1
			keep(before)
			found = found[1:]
		}
		keep(g)
	}
	return progress{p.horizon, left}
}

// advanced moves the horizon over the numbers found above it, ascending.
func (p progress) advanced(found []int64) progress {
	next := progress{p.horizon, slices.Clone(p.gaps)}
	for _, seq := range found {
		if seq > next.horizon+1 {
			next.gaps = append(next.gaps, gap{from: next.horizon + 1, to: seq - 1})
		}
		next.horizon = seq
	}
	return next
}

// judged notes for the gaps who writes now, and which are over.
func (p progress) judged(writers []string) progress {
	next := progress{p.horizon, slices.Clone(p.gaps)}
	for i := range next.gaps {
		g := &next.gaps[i]
		if g.writers == nil {
			g.writers = append([]string{}, writers...)
		}
		g.over = !slices.ContainsFunc(g.writers, func(w string) bool { return slices.Contains(writers, w) })
	}
	return next
}

// loadProgress reads how far the ledger is. Its gaps are what is missing in it above the number settled.
func loadProgress(ctx context.Context, db querier) (progress, error) {
	var settled, highest int64
	err := db.QueryRow(ctx, `select settled, coalesce((select max(seq) from ledger_entry), 0) from ledger_progress`).Scan(&settled, &highest)
	if err != nil {
		return progress{}, err
	}
	rows, err := db.Query(ctx, `select seq from ledger_entry where seq > $1 order by seq`, settled)
	if err != nil {
		return progress{}, err
	}
	linked, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	return progress{horizon: min(settled, highest)}.advanced(linked), err
}

// writers are the transactions that hold the journal's lock for writers.
func writers(ctx context.Context, tx pgx.Tx) ([]string, error) {
	rows, err := tx.Query(ctx, `
		select virtualtransaction from pg_locks
		where relation = 'journal'::regclass and mode = 'RowExclusiveLock' and granted
		  and database = (select oid from pg_database where datname = current_database())`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// lateSQL reads what came in the gaps, in their order. A gap may be long, and an import may fill it all at once.
const lateSQL = `
	select j.* from unnest($1::bigint[], $2::bigint[]) g (low, high)
	cross join lateral (
		select ` + journalColumns + ` from journal j where j.seq between g.low and g.high order by j.seq limit $3) j
	limit $3`

const newSQL = `select ` + journalColumns + ` from journal j where j.seq > $1 order by j.seq limit $2`

// batch is what is to be linked, and how far the journal is read with it.
type batch struct {
	seqs    []int64
	leaves  []tlog.Hash
	decided bool
	after   progress
}

// pending reads the committed entries that wait: first those that were late, then those that are new.
func (w *work) pending(ctx context.Context, tx pgx.Tx) (b batch, err error) {
	b.after = w.progress
	if from, to := b.after.ranges(); len(from) > 0 {
		if err := w.read(ctx, tx, &b, lateSQL, from, to, batchSize); err != nil {
			return b, err
		}
		late, looked := b.seqs, int64(math.MaxInt64)
		if len(late) == batchSize {
			looked = late[len(late)-1]
		}
		b.after = b.after.filled(late, looked)
	}
	if len(b.after.gaps) > 0 {
		now, err := writers(ctx, tx)
		if err != nil {
			return b, err
		}
		b.after = b.after.judged(now)
	}
	late := len(b.seqs)
	if late == batchSize {
		return b, nil
	}
	err = w.read(ctx, tx, &b, newSQL, b.after.horizon, batchSize-late)
	b.after = b.after.advanced(b.seqs[late:])
	return b, err
}

// read adds to the batch the entries a query gives, which are ascending.
func (w *work) read(ctx context.Context, tx pgx.Tx, b *batch, sql string, args ...any) error {
	rows, err := tx.Query(ctx, sql, append([]any{binaryForm}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for last := int64(math.MinInt64); rows.Next(); {
		columns := rows.RawValues()
		seq := seqOf(columns)
		if seq <= last {
			return fmt.Errorf("the journal was read out of order: %d after %d", seq, last)
		}
		last = seq
		b.seqs = append(b.seqs, seq)
		b.leaves = append(b.leaves, w.hasher.leaf(columns))
		b.decided = b.decided || w.decides(string(columns[subjectColumn]), string(columns[verbColumn]))
	}
	return rows.Err()
}
