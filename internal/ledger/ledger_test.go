package ledger_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"fangyu/internal/fault"
	"fangyu/internal/ledger"
	"fangyu/internal/pgtest"
	"fangyu/internal/postgis/cluster"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// house is a database with a folder of keys.
type house struct {
	*pgtest.DB
	keys *ledger.Keys
	dir  string
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{DB: pgtest.New(t), dir: filepath.Join(t.TempDir(), "keys")}
	var err error
	h.keys, err = ledger.OpenKeys(h.dir)
	must(t, err)
	return h
}

func (h *house) sequencer() *ledger.Sequencer {
	return &ledger.Sequencer{
		Pool: h.Pool, Keys: h.keys, Log: slog.New(slog.DiscardHandler),
		Decision: func(_, verb string) bool { return verb == "approve" },
	}
}

// run runs a sequencer until stop, which returns what it said.
func (h *house) run(t testing.TB) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.sequencer().Run(ctx) }()
	return func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			return errors.New("the sequencer did not stop in 20 s")
		}
	}
}

func (h *house) drain(t testing.TB) {
	t.Helper()
	must(t, h.sequencer().Drain(context.Background()))
}

// write adds entries to the journal, one transaction each.
func (h *house) write(t testing.TB, n int, verb string) {
	t.Helper()
	for i := range n {
		_, err := h.Pool.Exec(context.Background(), insertEntry, fmt.Sprintf("thing/%d", i), verb)
		must(t, err)
	}
}

const insertEntry = `
	insert into journal (at, actor, office, subject, verb, before, after, cites)
	values (now(), 'system:test', gen_random_uuid(), $1, $2, null, jsonb_build_object('b', 1.50, 'a', $1::text), array[gen_random_uuid()])`

// kept is what the folder of keys knows of the ledger.
func (h *house) kept() (known []ledger.Known, err error) {
	notes, err := h.keys.Checkpoints()
	if err != nil {
		return nil, err
	}
	for _, n := range notes {
		known = append(known, ledger.Known{Name: "checkpoints", Note: n})
	}
	head, err := h.keys.Head()
	if head != "" {
		known = append(known, ledger.Known{Name: "head", Note: head})
	}
	return known, err
}

func (h *house) known(t testing.TB) []ledger.Known {
	t.Helper()
	known, err := h.kept()
	must(t, err)
	return known
}

func (h *house) verify(t testing.TB) ledger.Report {
	t.Helper()
	r, err := ledger.Verify(context.Background(), h.Pool, ledger.Check{Verifiers: h.keys.Verifiers(), Known: h.known(t)})
	must(t, err)
	return r
}

func (h *house) sound(t testing.TB, entries int64) ledger.Report {
	t.Helper()
	r := h.verify(t)
	if len(r.Findings) > 0 || r.Entries != entries || r.Pending != 0 {
		t.Fatalf("%d linked, %d pending, wanted %d; found %v", r.Entries, r.Pending, entries, r.Findings)
	}
	return r
}

func (h *house) count(t testing.TB, sql string) (n int64) {
	t.Helper()
	must(t, h.Super.QueryRow(context.Background(), sql).Scan(&n))
	return n
}

// patience bounds waits whose length is not what a test is about.
const patience = 20 * time.Second

// linked waits until nothing is pending and returns how long that took.
func (h *house) linked(t testing.TB) time.Duration {
	t.Helper()
	began := time.Now()
	h.linkedWithin(t, patience)
	return time.Since(began)
}

// waiting counts what is not linked.
const waiting = `select count(*) from journal j where not exists (select from ledger_entry e where e.seq = j.seq)`

// linkedWithin waits until nothing is pending.
func (h *house) linkedWithin(t testing.TB, d time.Duration) {
	t.Helper()
	for until := time.Now().Add(d); h.count(t, waiting) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("still pending after %s", d)
		}
	}
}

func TestEntriesAreLinkedWithinASecondAndDecisionsSigned(t *testing.T) {
	h := newHouse(t)
	leaks := goleak.IgnoreCurrent()
	stop := h.run(t)
	h.write(t, 5, "note")
	h.linked(t)                                                     // with the start of the sequencer
	if n := h.count(t, `select count(*) from checkpoint`); n != 1 { // the first entries get the first one
		t.Errorf("%d checkpoints", n)
	}
	var took []time.Duration
	for range 3 {
		h.write(t, 1, "note")
		took = append(took, h.linked(t))
	}
	slices.Sort(took)
	if took[1] > time.Second {
		t.Errorf("linked after %v, the middle one of three after more than a second", took)
	}
	h.write(t, 1, "approve")
	h.linked(t)
	must(t, stop())
	goleak.VerifyNone(t, leaks, goleak.IgnoreAnyFunction("github.com/jackc/pgx/v5/pgxpool.(*Pool).backgroundHealthCheck"))
	r := h.sound(t, 9)
	if r.Checkpoints != 2 || r.Known != 2 {
		t.Errorf("%d checkpoints in the database, %d in the folder, wanted 2", r.Checkpoints, r.Known)
	}
	book := ledger.Book{DB: h.Pool, Keys: h.keys}
	c, err := book.Latest(context.Background())
	must(t, err)
	if c.Size != 9 || c.Reason != ledger.Decision || c.Root != r.Root {
		t.Errorf("the latest checkpoint is %+v", c)
	}
}

func TestAnEmptyLedgerIsSound(t *testing.T) {
	h := newHouse(t)
	h.drain(t)
	h.sound(t, 0)
	if _, err := (&ledger.Book{DB: h.Pool, Keys: h.keys}).Latest(context.Background()); !fault.Is(err, "checkpoint-none") {
		t.Errorf("got %v", err)
	}
}

func TestTheHourCounts(t *testing.T) {
	h := newHouse(t)
	s := h.sequencer()
	s.Every = 300 * time.Millisecond
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	h.write(t, 1, "note")
	h.linked(t)
	h.write(t, 1, "note")
	for until := time.Now().Add(patience); h.count(t, `select count(*) from checkpoint where reason = 'hourly'`) < 2; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("no second checkpoint")
		}
	}
	cancel()
	must(t, <-done)
}

func TestLateCommitsAreLinkedLate(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	late, err := h.Pool.Begin(ctx)
	must(t, err)
	_, err = late.Exec(ctx, insertEntry, "thing/late", "note")
	must(t, err)
	h.write(t, 3, "note")
	h.drain(t)
	h.sound(t, 3)
	must(t, late.Commit(ctx))
	h.drain(t)
	h.sound(t, 4)
	rows, err := h.Pool.Query(ctx, `select seq from ledger_entry order by n`)
	must(t, err)
	seqs, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	must(t, err)
	if want := []int64{2, 3, 4, 1}; !slices.Equal(seqs, want) {
		t.Errorf("linked in the order %v, wanted %v", seqs, want)
	}
}

// TestReadersMissNothing polls by n while 64 writers commit, some late and some never.
func TestReadersMissNothing(t *testing.T) {
	h := newHouse(t)
	stop := h.run(t)
	ctx := context.Background()
	const writers, each = 64, 12
	var written atomic.Int64
	var write errgroup.Group
	for w := range writers {
		write.Go(func() error {
			for i := range each {
				kept, err := writeOnce(ctx, h, w, i)
				if err != nil {
					return err
				}
				if kept {
					written.Add(1)
				}
			}
			return nil
		})
	}
	ended := make(chan error, 1)
	go func() { ended <- write.Wait() }()
	seen := map[string]bool{}
	after := int64(-1)
	for over := false; ; {
		rows, err := h.Super.Query(ctx, `
			select e.n, j.subject from ledger_entry e join journal j on j.seq = e.seq where e.n > $1 order by e.n limit 100`, after)
		must(t, err)
		var subject string
		got, err := pgx.ForEachRow(rows, []any{&after, &subject}, func() error { seen[subject] = true; return nil })
		must(t, err)
		if over && got.RowsAffected() == 0 {
			break
		}
		select {
		case err := <-ended:
			must(t, err)
			h.linkedWithin(t, 10*time.Second)
			over = true
		default:
		}
	}
	must(t, stop())
	if int64(len(seen)) != written.Load() {
		t.Errorf("the reader saw %d of %d", len(seen), written.Load())
	}
	h.sound(t, written.Load())
}

// writeOnce writes an entry in a transaction that sometimes takes its time and sometimes is given up.
func writeOnce(ctx context.Context, h *house, w, i int) (kept bool, err error) {
	tx, err := h.Pool.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after a commit there is nothing to roll back
	if _, err := tx.Exec(ctx, insertEntry, fmt.Sprintf("thing/%d-%d", w, i), "note"); err != nil {
		return false, err
	}
	if (w+i)%7 == 0 {
		time.Sleep(time.Duration(w%5) * 40 * time.Millisecond)
	}
	if (w+i)%11 == 0 {
		return false, nil
	}
	return true, tx.Commit(ctx)
}

func TestTwoSequencersTakeTurns(t *testing.T) {
	h := newHouse(t)
	first, second := h.run(t), h.run(t)
	h.write(t, 20, "note")
	h.linkedWithin(t, 2*time.Second)
	must(t, first())
	h.write(t, 20, "approve")
	h.linkedWithin(t, 4*time.Second) // the other one stands up within a second
	must(t, second())
	h.sound(t, 40)
}

// TestAKilledSequencerHarmsNothing cuts the sequencer's connection again and again while entries come.
func TestAKilledSequencerHarmsNothing(t *testing.T) {
	h := newHouse(t)
	stop := h.run(t)
	var write errgroup.Group
	for range 4 {
		write.Go(func() error {
			for i := range 100 {
				if _, err := h.Pool.Exec(context.Background(), insertEntry, fmt.Sprintf("thing/%d", i), []string{"note", "approve"}[i%2]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	super := h.superuser(t)
	for range 12 {
		_, err := super.Exec(context.Background(), `
			select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
			where l.locktype = 'advisory' and d.datname = current_database() and l.pid <> pg_backend_pid()`)
		must(t, err)
		time.Sleep(time.Duration(40+i()) * time.Millisecond)
	}
	must(t, write.Wait())
	h.linkedWithin(t, 20*time.Second)
	must(t, stop())
	h.sound(t, 400)
}

var turn atomic.Int64

// i varies the moment of the cut.
func i() int64 { return turn.Add(37) % 400 }

func (h *house) superuser(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), h.DSN(cluster.Superuser))
	must(t, err)
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestACrashBeforeTheFileIsMadeGood(t *testing.T) {
	h := newHouse(t)
	h.write(t, 3, "note")
	h.drain(t)
	h.write(t, 3, "note")
	h.drain(t)
	path := filepath.Join(h.dir, "checkpoints")
	text, err := os.ReadFile(path)
	must(t, err)
	for cut := 0; cut < len(text); cut += 23 { // a prime, so that lines are cut at their ends and elsewhere
		must(t, os.WriteFile(path, text[:cut], 0o644))
		h.drain(t)
		if again, err := os.ReadFile(path); err != nil || string(again) != string(text) {
			t.Fatalf("cut after %d bytes the file became %q, %v", cut, again, err)
		}
	}
	h.sound(t, 6)
}

func TestASequencerDoesNotSignASecondHistory(t *testing.T) {
	h := newHouse(t)
	h.write(t, 5, "note")
	h.drain(t)
	tamper(t, h, `delete from checkpoint; delete from ledger_entry where n >= 3; delete from journal where seq >= 4`)
	h.write(t, 4, "note")
	if err := h.sequencer().Run(context.Background()); !fault.Is(err, "ledger-diverged") {
		t.Errorf("a shorter ledger: got %v", err)
	}
	if h.verify(t).Findings[0].Code == "" {
		t.Error("nothing was found")
	}
}

// TestTheJournalIsReadAgainFromAnyPlace: what is said to be settled only spares a look; said too low nothing is linked
// twice, and what was passed over is linked after all.
func TestTheJournalIsReadAgainFromAnyPlace(t *testing.T) {
	h := newHouse(t)
	for settled := range int64(6) {
		h.write(t, 1, "note")
		_, err := h.Pool.Exec(context.Background(), `update ledger_progress set settled = $1`, settled)
		must(t, err)
		h.drain(t)
		h.sound(t, settled+1)
	}
	if n := h.count(t, `select settled from ledger_progress`); n != 6 {
		t.Errorf("settled up to %d", n)
	}
}

// TestGapsEndWithTheirWriters: a number that was drawn is looked for as long as its transaction may commit it, be it that
// sequencers change meanwhile, and no longer.
func TestGapsEndWithTheirWriters(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	begin := func() pgx.Tx {
		tx, err := h.Pool.Begin(ctx)
		must(t, err)
		_, err = tx.Exec(ctx, insertEntry, "thing/late", "note")
		must(t, err)
		return tx
	}
	settled := func(want int64) {
		t.Helper()
		for until := time.Now().Add(patience); h.count(t, `select settled from ledger_progress`) != want; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(until) {
				t.Fatalf("settled up to %d, wanted %d", h.count(t, `select settled from ledger_progress`), want)
			}
		}
	}
	gone, late, later := begin(), begin(), begin() // 1, 2, 3
	stop := h.run(t)
	h.write(t, 1, "note") // 4
	h.linked(t)
	settled(0)
	must(t, gone.Rollback(ctx))
	h.write(t, 1, "note")
	time.Sleep(time.Second) // several looks: all three began before the first one, so the gap of the first stays as well
	settled(0)
	must(t, late.Commit(ctx))
	h.linked(t)
	must(t, stop())
	h.sound(t, 3)
	stop = h.run(t)
	h.write(t, 1, "note")
	must(t, later.Commit(ctx))
	h.linked(t)
	settled(6)
	must(t, stop())
	h.sound(t, 5)
}

// TestAnImportThatFillsAGapIsLinkedInBatches: one transaction with more entries than a batch, late.
func TestAnImportThatFillsAGapIsLinkedInBatches(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	late, err := h.Pool.Begin(ctx)
	must(t, err)
	stop := h.run(t)
	for range 3 {
		_, err = late.Exec(ctx, `insert into journal (at, actor, subject, verb) select now(), 'system:test', 'thing/' || i, 'note' from generate_series(1, 1500) i`)
		must(t, err)
		h.write(t, 1, "note")
	}
	h.linked(t)
	must(t, late.Commit(ctx))
	h.linked(t)
	must(t, stop())
	h.sound(t, 4503)
}

// TestAfterABackupIsPutBackTheLedgerGoesOn: what is gone is said, in words and in the journal, and what is no backup is not
// taken for one.
func TestAfterABackupIsPutBackTheLedgerGoesOn(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	restored := func() (ledger.Restoration, error) { return ledger.Restored(ctx, h.Pool, h.keys, time.Now()) }
	h.write(t, 3, "note")
	h.drain(t)
	if _, err := restored(); !fault.Is(err, "ledger-not-shorter") {
		t.Errorf("with nothing gone: %v", err)
	}
	h.write(t, 3, "note")
	h.drain(t)
	h.write(t, 2, "note")
	stop := h.run(t)
	h.linked(t)
	must(t, stop()) // leaves a head of 8
	tamper(t, h, `delete from checkpoint where size > 5; delete from ledger_entry where n >= 5; delete from journal where seq >= 6;
		update ledger_progress set settled = 5`)
	if err := h.sequencer().Run(ctx); !fault.Is(err, "ledger-diverged") || !strings.Contains(err.Error(), "缺第 5 至 7 条") || !strings.Contains(err.Error(), "fangyu ledger restored") {
		t.Errorf("got %v", err)
	}
	tamper(t, h, `update ledger_entry set leaf = set_bit(leaf, 1, 1 - get_bit(leaf, 1)) where n = 2`)
	if _, err := restored(); !fault.Is(err, "ledger-diverged") {
		t.Errorf("with an entry changed: %v", err)
	}
	tamper(t, h, `update ledger_entry set leaf = set_bit(leaf, 1, 1 - get_bit(leaf, 1)) where n = 2`)
	r, err := restored()
	must(t, err)
	if r.Entries != 5 || r.Known.Size != 8 {
		t.Errorf("got %+v", r)
	}
	for _, name := range []string{"checkpoints", "head"} {
		if _, err := os.Stat(filepath.Join(h.dir, name+r.Aside)); err != nil {
			t.Error(err)
		}
	}
	h.write(t, 1, "note")
	h.drain(t)
	h.sound(t, 7)
	if n := h.count(t, `select (before->>'entries')::bigint from journal where subject like 'ledger/%' and verb = 'restore'`); n != 8 {
		t.Errorf("the journal says %d entries were there", n)
	}
}

func TestEntriesThatWaitTooLongAreNamed(t *testing.T) {
	h := newHouse(t)
	h.write(t, 2, "note")
	if r := h.verify(t); len(r.Findings) > 0 || r.Pending != 2 {
		t.Errorf("at once: %+v", r)
	}
	r, err := ledger.Verify(context.Background(), h.Pool, ledger.Check{UnlinkedAfter: time.Nanosecond})
	must(t, err)
	if len(r.Findings) != 1 || r.Findings[0].Code != ledger.Waiting || *r.Findings[0].Seq != 1 || r.Findings[0].Severity != fault.Warning {
		t.Errorf("later: %+v", r)
	}
}

func TestProofsHoldOffline(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	book := &ledger.Book{DB: h.Pool, Keys: h.keys}
	roots := map[int64]tlog.Hash{}
	for size := int64(1); size <= 33; size++ {
		h.write(t, 1, "note")
		h.drain(t)
		c, err := book.Latest(ctx)
		must(t, err)
		checked, err := ledger.OpenCheckpoint(c.Note, h.keys.Verifiers()...)
		must(t, err)
		roots[size] = checked.Root
		if checked.Size != size {
			t.Fatalf("checkpoint of %d, wanted %d", checked.Size, size)
		}
	}
	for seq := int64(1); seq <= 33; seq++ {
		in, err := book.Include(ctx, seq)
		must(t, err)
		if err := tlog.CheckRecord(in.Proof, in.TreeSize, roots[in.TreeSize], in.Index, in.LeafHash); err != nil {
			t.Errorf("entry %d: %v", seq, err)
		}
	}
	for to := int64(1); to <= 33; to++ {
		for from := int64(1); from <= to; from++ {
			p, err := book.Continue(ctx, from, to)
			must(t, err)
			if err := tlog.CheckTree(p.Proof, to, roots[to], from, roots[from]); err != nil {
				t.Errorf("from %d to %d: %v", from, to, err)
			}
		}
	}
	for _, wrong := range [][2]int64{{0, 5}, {6, 5}, {1, 34}, {-1, -1}} {
		if _, err := book.Continue(ctx, wrong[0], wrong[1]); fault.KindOf(err) != fault.Malformed {
			t.Errorf("%v: got %v", wrong, err)
		}
	}
	if _, err := book.Include(ctx, 99); fault.KindOf(err) != fault.NotFound {
		t.Errorf("got %v", err)
	}
}

// TestACosignedCheckpointIsTheSame: an office that adds its signature to the checkpoint it keeps has not made another one.
func TestACosignedCheckpointIsTheSame(t *testing.T) {
	h := newHouse(t)
	h.write(t, 3, "note")
	h.drain(t)
	known := h.known(t)
	office, _, err := note.GenerateKey(rand.Reader, "office.example/witness")
	must(t, err)
	signer, err := note.NewSigner(office)
	must(t, err)
	opened, err := note.Open([]byte(known[0].Note), note.VerifierList(h.keys.Verifiers()...))
	must(t, err)
	cosigned, err := note.Sign(opened, signer)
	must(t, err)
	known[0].Note = string(cosigned)
	r, err := ledger.Verify(context.Background(), h.Pool, ledger.Check{Verifiers: h.keys.Verifiers(), Known: known})
	must(t, err)
	if len(r.Findings) > 0 {
		t.Errorf("found %v", r.Findings)
	}
	if _, err := ledger.Verify(context.Background(), h.Pool, ledger.Check{Known: known}); !fault.Is(err, "ledger-key-none") {
		t.Errorf("without a key: %v", err)
	}
}

func TestAProofOfANewEntryAsksForACheckpoint(t *testing.T) {
	h := newHouse(t)
	h.write(t, 1, "note")
	h.drain(t)
	h.write(t, 1, "note")
	book := &ledger.Book{DB: h.Pool, Keys: h.keys}
	stop := h.run(t)
	h.linkedWithin(t, 2*time.Second)
	in, err := book.Include(context.Background(), 2)
	must(t, err)
	c, err := ledger.OpenCheckpoint(in.Checkpoint, h.keys.Verifiers()...)
	must(t, err)
	if c.Reason != ledger.Asked || in.TreeSize != 2 {
		t.Errorf("got %+v", c)
	}
	must(t, stop())
}

// TestEntriesAreReadByTheirKeys asks for the plan as the sequencer does, as fangyu_app behind the journal's policies and
// with tables nobody analyzed: no table of the ledger is read through, and nothing is compiled for a batch.
func TestEntriesAreReadByTheirKeys(t *testing.T) {
	h := newHouse(t)
	h.write(t, 100, "note")
	h.drain(t)
	conn, err := h.Pool.Acquire(context.Background())
	must(t, err)
	defer func() { must(t, conn.Hijack().Close(context.Background())) }() // not back to the pool, with these settings
	for _, set := range ledger.PlanSettings {
		_, err := conn.Exec(context.Background(), set)
		must(t, err)
	}
	for explain, args := range ledger.Plans {
		rows, err := conn.Query(context.Background(), explain, args...)
		must(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		must(t, err)
		plan := strings.Join(lines, "\n")
		for _, slow := range []string{"JIT", "Seq Scan on journal", "Seq Scan on ledger"} {
			if strings.Contains(plan, slow) {
				t.Errorf("%s in the plan:\n%s", slow, plan)
			}
		}
		if !strings.Contains(plan, "journal_pkey") {
			t.Errorf("the journal's key is not in the plan:\n%s", plan)
		}
	}
}

func TestKeysStayPrivateAndTheSame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "keys")
	var group errgroup.Group
	keys := make([]*ledger.Keys, 8)
	for i := range keys {
		group.Go(func() (err error) { keys[i], err = ledger.OpenKeys(dir); return err })
	}
	must(t, group.Wait())
	for _, k := range keys {
		if k.PublicKey() == "" || k.PublicKey() != keys[0].PublicKey() {
			t.Errorf("got %q and %q", k.PublicKey(), keys[0].PublicKey())
		}
	}
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, "signer"): 0o600, filepath.Join(dir, "verifiers"): 0o644} {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s has the mode %o", path, info.Mode().Perm())
		}
	}
	must(t, os.WriteFile(filepath.Join(dir, "signer"), []byte("not a key"), 0o600))
	if _, err := ledger.OpenKeys(dir); !fault.Is(err, "ledger-keys") || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v", err)
	}
	none, err := ledger.ReadKeys(filepath.Join(dir, "none"))
	must(t, err)
	if none.Verifier() != nil || none.PublicKey() != "" {
		t.Error("a key out of nothing")
	}
}

func TestEveryColumnOfTheJournalIsHashed(t *testing.T) {
	db := pgtest.New(t)
	rows, err := db.Pool.Query(context.Background(), `
		select attname::text from pg_attribute where attrelid = 'journal'::regclass and attnum > 0 and not attisdropped order by attnum`)
	must(t, err)
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	if !slices.Equal(columns, ledger.Columns) {
		t.Errorf("the journal has %v, the ledger hashes %v: a new column wants a new Algorithm", columns, ledger.Columns)
	}
}
