package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/ledger"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis"
	"fangyu/internal/postgis/cluster"
)

// BenchmarkWriters lets 64 writers append to the journal at once, by turns without the ledger (no sequencer; writers do
// nothing for it themselves) and with it, now the one first and now the other. It reports the median rates, the median of
// the ratios of neighbouring turns, and the longest time after which everything was linked when the writers stopped: in
// memory, where every cycle of the ledger is one the writers miss, and on disk, where commits wait for it as they do in
// earnest.
func BenchmarkWriters(b *testing.B) {
	b.Run("memory", func(b *testing.B) {
		h := newHouse(b)
		compareWriters(b, h, h.DSN(cluster.App))
	})
	b.Run("disk", func(b *testing.B) {
		ctx := context.Background()
		c := pgtest.Disk(b)
		must(b, postgis.Migrate(ctx, c.DSN(cluster.Owner), nil))
		keys, err := ledger.OpenKeys(b.TempDir())
		must(b, err)
		pool, err := postgis.Open(ctx, c.DSN(cluster.App))
		must(b, err)
		defer pool.Close()
		super, err := postgis.Open(ctx, c.DSN(cluster.Superuser))
		must(b, err)
		defer super.Close()
		compareWriters(b, &house{DB: &pgtest.DB{Pool: pool, Super: super}, keys: keys}, c.DSN(cluster.App))
	})
}

func compareWriters(b *testing.B, h *house, dsn string) {
	const writers, rounds, lasting = 64, 8, time.Second
	pool, err := postgis.Open(context.Background(), fmt.Sprintf("%s&pool_max_conns=%d&pool_min_conns=%d", dsn, writers, writers))
	must(b, err)
	defer pool.Close()
	var without, with, ratios []float64
	var lag time.Duration
	alone := func() { without = append(without, writersFor(b, pool, writers, lasting)) }
	linked := func() {
		stop := h.run(b)
		h.linkedWithin(b, time.Minute) // what was written alone
		with = append(with, writersFor(b, pool, writers, lasting))
		lag = max(lag, h.linked(b))
		must(b, stop())
	}
	for i := range b.N * rounds {
		turns := []func(){alone, linked}
		turns[i%2]()
		turns[1-i%2]()
		ratios = append(ratios, with[i]/without[i])
	}
	b.ReportMetric(median(without), "without/s")
	b.ReportMetric(median(with), "with/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(lag.Seconds(), "lag-s")
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}

// writersFor returns how many entries a second so many writers commit, one a transaction.
func writersFor(b *testing.B, pool *pgxpool.Pool, writers int, lasting time.Duration) float64 {
	var done atomic.Int64
	var wait sync.WaitGroup
	begun := time.Now()
	for w := range writers {
		wait.Go(func() {
			for i := 0; time.Since(begun) < lasting; i++ {
				if _, err := pool.Exec(context.Background(), insertEntry, fmt.Sprintf("thing/%d-%d", w, i), "note"); err != nil {
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
