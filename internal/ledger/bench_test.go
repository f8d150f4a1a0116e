package ledger_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/ledger"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// BenchmarkWriters lets 64 writers append to the journal at once, by turns with the ledger and without it (no trigger, no
// sequencer), and reports the rates and their ratio.
func BenchmarkWriters(b *testing.B) {
	const writers, rounds, lasting = 64, 5, 2 * time.Second
	for range b.N {
		with, without := newHouse(b), newHouse(b)
		_, err := without.Owner.Exec(context.Background(), `drop trigger journal_await_ledger on journal`)
		must(b, err)
		var rates [2]float64
		for range rounds {
			rates[0] += writersFor(b, without, writers, lasting) / rounds
			stop := with.run(b)
			rates[1] += writersFor(b, with, writers, lasting) / rounds
			with.linkedWithin(b, time.Minute)
			must(b, stop())
		}
		b.ReportMetric(rates[0], "without/s")
		b.ReportMetric(rates[1], "with/s")
		b.ReportMetric(rates[1]/rates[0], "ratio")
	}
}

// writersFor returns how many entries a second so many writers commit, one a transaction.
func writersFor(b *testing.B, h *house, writers int, lasting time.Duration) float64 {
	ctx := context.Background()
	pool := manyConnections(b, h, writers)
	defer pool.Close()
	var done atomic.Int64
	var wait sync.WaitGroup
	begun := time.Now()
	for w := range writers {
		wait.Go(func() {
			for i := 0; time.Since(begun) < lasting; i++ {
				if _, err := pool.Exec(ctx, insertEntry, fmt.Sprintf("thing/%d-%d", w, i), "note"); err != nil {
					b.Error(err)
					return
				}
				done.Add(1)
			}
		})
	}
	wait.Wait()
	return float64(done.Load()) / time.Since(begun).Seconds()
}

func manyConnections(b *testing.B, h *house, n int) *pgxpool.Pool {
	b.Helper()
	pool, err := postgis.Open(context.Background(), fmt.Sprintf("%s&pool_max_conns=%d&pool_min_conns=%d", h.DSN(cluster.App), n, n))
	must(b, err)
	return pool
}

// BenchmarkVerifyMillion verifies a ledger of a million entries and reports the seconds, and the bytes of the longest proof
// that an entry lies in it.
func BenchmarkVerifyMillion(b *testing.B) {
	const million = 1_000_000
	h := newHouse(b)
	_, err := h.Pool.Exec(context.Background(), `
		insert into journal (at, actor, office, subject, verb, before, after, cites)
		select now(), 'account:' || gen_random_uuid(), gen_random_uuid(), 'place/' || gen_random_uuid(), 'rename',
		       jsonb_build_object('name', '龙井村' || i), jsonb_build_object('name', '清泉村' || i, 'validFrom', '2026-11-24'), array[gen_random_uuid()]
		from generate_series(1, $1) i`, million)
	must(b, err)
	begun := time.Now()
	h.drain(b)
	b.Logf("linking %d entries that waited took %.1f s", million, time.Since(begun).Seconds())
	b.ResetTimer()
	for range b.N {
		h.sound(b, million)
	}
	b.StopTimer()
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s")
	b.ReportMetric(longestProof(b, h, million), "proof-bytes")
}

func longestProof(b *testing.B, h *house, size int64) float64 {
	longest := 0
	book := &ledger.Book{DB: h.Pool, Keys: h.keys}
	for seq := int64(1); seq <= size; seq += size / 7 {
		in, err := book.Include(context.Background(), seq)
		must(b, err)
		longest = max(longest, len(in.Proof)*tlog.HashSize)
	}
	return float64(longest)
}
