package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

// asSuperuser begins what no trigger or right holds back.
const asSuperuser = `set local session_replication_role = replica;`

func tamper(t testing.TB, h *house, sql string) {
	t.Helper()
	_, err := h.superuser(t).Exec(context.Background(), `begin;`+asSuperuser+sql+`;commit`)
	must(t, err)
}

// A crime is a tampering with entry n of size, and what is to be found: at which entry, by which codes.
type crime struct {
	name string
	sql  func(n, size int64) string
	at   func(n, size int64) int64
	code string // several in a row are separated by spaces
}

func same(n, _ int64) int64 { return n }

// seqOf names the journal row of entry n; the fixture links out of order, so the two differ.
func seqOf(n int64) string { return fmt.Sprintf(`(select seq from ledger_entry where n = %d)`, n) }

func edit(column, value string) crime {
	return crime{"edit " + column, func(n, _ int64) string {
		return fmt.Sprintf(`update journal set %s = %s where seq = %s`, column, value, seqOf(n))
	}, same, ledger.Edited}
}

func editLedger(column, value, code string) crime {
	return crime{"edit ledger " + column, func(n, _ int64) string {
		return fmt.Sprintf(`update ledger_entry set %s = %s where n = %d`, column, value, n)
	}, same, code}
}

// flip changes one bit of a hash.
func flip(column string) string {
	return fmt.Sprintf(`set_bit(%[1]s, 77, 1 - get_bit(%[1]s, 77))`, column)
}

// swap exchanges columns of entry n and the next but one.
func swap(table, key string, of func(n int64) string, columns ...string) func(n, size int64) string {
	return func(n, size int64) string {
		m := (n + 2) % size
		var sets []string
		for _, c := range columns {
			sets = append(sets, c+" = o."+c)
		}
		return fmt.Sprintf(`update %[1]s t set %[2]s from %[1]s o where t.%[3]s in (%[4]s, %[5]s) and o.%[3]s in (%[4]s, %[5]s) and o.%[3]s <> t.%[3]s`,
			table, strings.Join(sets, ", "), key, of(n), of(m))
	}
}

func first(n, size int64) int64 { return min(n, (n+2)%size) }

func number(n int64) string { return fmt.Sprint(n) }

var crimes = []crime{
	edit("at", "at + interval '1 microsecond'"), edit("at", "'infinity'"), edit("actor", "actor || ' '"), edit("office", "null"),
	edit("office", "gen_random_uuid()"), edit("subject", "'thing/x'"), edit("verb", "'x'"), edit("before", "'null'"), edit("before", "'{}'"),
	edit("after", "null"), edit("after", `jsonb_set(after, '{b}', '1.5')`), edit("cites", "'{}'"), edit("cites", "cites || cites"),
	{"renumber a journal row", func(n, _ int64) string {
		return `with gone as (delete from journal where seq = ` + seqOf(n) + ` returning *)
			insert into journal overriding system value select 100000, at, actor, office, subject, verb, before, after, cites from gone`
	}, same, ledger.Missing},
	{"delete a journal row", func(n, _ int64) string { return `delete from journal where seq = ` + seqOf(n) }, same, ledger.Missing},
	{"delete a ledger row", func(n, _ int64) string { return fmt.Sprintf(`delete from ledger_entry where n = %d`, n) }, same, ledger.Missing + " " + ledger.Truncated},
	{"delete both", func(n, _ int64) string {
		return fmt.Sprintf(`delete from journal where seq = %s; delete from ledger_entry where n = %d`, seqOf(n), n)
	}, same, ledger.Missing + " " + ledger.Truncated},
	{"delete and close the gap", func(n, _ int64) string {
		return fmt.Sprintf(`delete from journal where seq = %[2]s; delete from ledger_entry where n = %[1]d;
			update ledger_entry set n = n + 1000000 where n > %[1]d; update ledger_entry set n = n - 1000001 where n >= 1000000`, n, seqOf(n))
	}, same, ledger.ChainBroken + " " + ledger.Truncated},
	{"insert a journal row", func(_, _ int64) string {
		return `insert into journal (seq, at, actor, subject, verb) overriding system value values (0, now(), 'system:x', 'thing/x', 'x')`
	}, func(_, _ int64) int64 { return -1 }, ledger.Unlinked},
	{"insert into the ledger", func(n, _ int64) string {
		return fmt.Sprintf(`
			insert into journal (at, actor, subject, verb) values (now(), 'system:x', 'thing/x', 'x');
			update ledger_entry set n = n + 1000001 where n >= %[1]d; update ledger_entry set n = n - 1000000 where n >= 1000000;
			insert into ledger_entry select %[1]d, (select max(seq) from journal), algorithm, leaf, chain, nodes, linked_at from ledger_entry where n = %[1]d + 1`, n)
	}, same, ledger.OutOfOrder},
	{"append to the ledger", func(_, size int64) string {
		return fmt.Sprintf(`insert into ledger_entry select %d, 100000, algorithm, leaf, chain, nodes, linked_at from ledger_entry where n = 0`, size)
	}, func(_, size int64) int64 { return size }, ledger.Missing},
	{"swap journal rows", swap("journal", "seq", seqOf, "at", "actor", "office", "subject", "verb", "after", "cites"), first, ledger.Edited},
	{"swap ledger rows", swap("ledger_entry", "n", number, "algorithm", "leaf", "chain", "nodes", "linked_at"), first, ledger.OutOfOrder},
	{"move ledger rows", func(n, size int64) string {
		m := (n + 2) % size
		return fmt.Sprintf(`update ledger_entry set n = 1000000 where n = %[1]d; update ledger_entry set n = %[1]d where n = %[2]d; update ledger_entry set n = %[2]d where n = 1000000`, n, m)
	}, first, ledger.OutOfOrder},
	{"truncate", func(n, _ int64) string {
		return fmt.Sprintf(`delete from journal where seq in (select seq from ledger_entry where n >= %[1]d); delete from ledger_entry where n >= %[1]d; delete from checkpoint where size > %[1]d`, n)
	}, same, ledger.Truncated},
	{"truncate the ledger", func(n, _ int64) string {
		return fmt.Sprintf(`delete from ledger_entry where n >= %[1]d`, n)
	}, same, ledger.Truncated},
	editLedger("seq", "seq + 100000", ledger.Missing), editLedger("algorithm", "'x'", ledger.AlgorithmWrong),
	editLedger("leaf", flip("leaf"), ledger.Edited), editLedger("chain", flip("chain"), ledger.ChainBroken),
	editLedger("linked_at", "linked_at - interval '1 day'", ledger.ChainBroken),
	editLedger("nodes", `nodes || leaf`, ledger.TreeDiffers),
	{"edit a node", func(n, size int64) string {
		return fmt.Sprintf(`update ledger_entry set nodes = %s where n = %d`, flip("nodes"), completing(n, size))
	}, completing, ledger.TreeDiffers},
	{"pass over one that waits", func(_, _ int64) string { return `update ledger_progress set settled = 100000` }, func(_, _ int64) int64 { return -1 }, ledger.Unlinked},
	checkpointCrime("root", flip("root"), ledger.CheckpointWrong), checkpointCrime("algorithm", "'x'", ledger.CheckpointWrong),
	checkpointCrime("note", "replace(note, 'reason ', 'reason  ')", ledger.CheckpointWrong+" "+ledger.CheckpointGone),
	checkpointCrime("reason", "case reason when 'asked' then 'hourly' else 'asked' end", ledger.CheckpointWrong), checkpointCrime("at", "at + interval '1 second'", ledger.CheckpointWrong),
	checkpointCrime("size", "size + 100000", ledger.CheckpointWrong),
	{"delete a checkpoint", func(n, size int64) string { return `delete from checkpoint where size = ` + number(headOf(n, size)) }, atHead, ledger.CheckpointGone},
}

// completing is an entry near n that completes a node.
func completing(n, size int64) int64 { return min(n|1, (size-2)|1) }

const every = 8 // entries between two checkpoints of the fixture

// tail are the fixture's entries after the last checkpoint.
const tail = 5

// headOf is the size of the checkpoint after entry n, and in the tail of the last one.
func headOf(n, size int64) int64 { return min((n/every+1)*every, size-tail) }

func atHead(n, size int64) int64 { return headOf(n, size) - 1 }

func checkpointCrime(column, value, code string) crime {
	return crime{"edit checkpoint " + column, func(n, size int64) string {
		return fmt.Sprintf(`update checkpoint set %s = %s where size = %d`, column, value, headOf(n, size))
	}, atHead, code}
}

// crimeScene is a ledger linked out of order, with a checkpoint after every eighth entry, a tail without one, and one entry
// that waits.
func crimeScene(t testing.TB) (h *house, size int64) {
	h = newHouse(t)
	const signed = 45
	for linked := int64(0); linked < signed; linked += every {
		ctx := context.Background()
		late, err := h.Pool.Begin(ctx)
		must(t, err)
		_, err = late.Exec(ctx, insertEntry, "thing/late", "note")
		must(t, err)
		n := min(every, signed-linked)
		h.write(t, int(n)-1, "note")
		h.sequencerNoCheckpoint(t)
		must(t, late.Commit(ctx))
		h.drain(t)
	}
	h.write(t, tail, "note")
	h.sequencerNoCheckpoint(t)
	h.write(t, 1, "note")
	return h, signed + tail
}

// sequencerNoCheckpoint links what waits in a turn of its own, so that a late entry comes after.
func (h *house) sequencerNoCheckpoint(t testing.TB) {
	t.Helper()
	stop := h.run(t)
	h.linkedWithin(t, 5e9)
	must(t, stop())
}

// TestEveryTamperingIsFound commits each crime at random entries, each in a transaction of its own that is undone.
func TestEveryTamperingIsFound(t *testing.T) {
	h, size := crimeScene(t)
	super := h.superuser(t)
	tried, found := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		c := rapid.SampledFrom(crimes).Draw(r, "crime")
		n := rapid.Int64Range(0, size-1).Draw(r, "n")
		tried++
		report := h.after(r, super, c.sql(n, size))
		if solved(r, c, report, n, size) {
			found++
		}
	})
	for _, c := range crimes { // and each at the first, a middle and the last entry
		for _, n := range []int64{0, 17, size - 1} {
			tried++
			if solved(t, c, h.after(t, super, c.sql(n, size)), n, size) {
				found++
			}
		}
	}
	t.Logf("%d of %d tamperings found and named", found, tried)
	if r := h.verify(t); len(r.Findings) > 0 {
		t.Errorf("with everything undone: %v", r.Findings)
	}
}

type failer interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

func solved(t failer, c crime, r ledger.Report, n, size int64) bool {
	t.Helper()
	if len(r.Findings) == 0 {
		t.Errorf("%s at %d: not found", c.name, n)
		return false
	}
	f := r.Findings[0]
	at := int64(-1)
	if f.N != nil {
		at = *f.N
	}
	if want := c.at(n, size); at != want || !strings.Contains(" "+c.code+" ", " "+f.Code+" ") {
		t.Errorf("%s at %d: found %d %s (%s), wanted %d %s", c.name, n, at, f.Code, f.Detail, want, c.code)
		return false
	}
	return true
}

// after tampers, verifies and undoes: the tables are copied before and put back after.
func (h *house) after(t failer, super *pgx.Conn, sql string) ledger.Report {
	t.Helper()
	ctx := context.Background()
	tables := []string{"journal", "ledger_entry", "ledger_progress", "checkpoint"}
	var save, restore []string
	for _, table := range tables {
		save = append(save, fmt.Sprintf(`create temp table if not exists saved_%[1]s as select * from %[1]s`, table))
		restore = append(restore, fmt.Sprintf(`delete from %[1]s; insert into %[1]s overriding system value select * from saved_%[1]s`, table))
	}
	run := func(sql string) {
		if _, err := super.Exec(ctx, `begin;`+asSuperuser+sql+`;commit`); err != nil {
			_, _ = super.Exec(ctx, `rollback`)
			t.Fatal(sql, err)
		}
	}
	run(strings.Join(save, ";"))
	run(sql)
	known, err := h.kept()
	if err != nil {
		t.Fatal(err)
	}
	report, err := ledger.Verify(ctx, h.Pool, ledger.Check{Verifiers: h.keys.Verifiers(), Known: known})
	if err != nil {
		t.Fatal(err)
	}
	run(strings.Join(restore, ";"))
	return report
}

// TestATailCutOffBetweenCheckpointsIsNamed: a second after they were linked, entries cannot go without a trace.
func TestATailCutOffBetweenCheckpointsIsNamed(t *testing.T) {
	h := newHouse(t)
	stop := h.run(t)
	h.write(t, 1, "approve")
	h.linked(t)
	h.write(t, 6, "note")
	h.linked(t)
	time.Sleep(1200 * time.Millisecond)
	tamper(t, h, `delete from journal where seq in (select seq from ledger_entry where n >= 4); delete from ledger_entry where n >= 4`)
	f := h.verify(t).Findings
	if len(f) == 0 || f[0].Code != ledger.Truncated || *f[0].N != 4 || !strings.Contains(f[0].Detail, "7 条") {
		t.Errorf("found %v", f)
	}
	time.Sleep(500 * time.Millisecond) // some looks of the sequencer, which says so itself
	if err := stop(); !fault.Is(err, "ledger-diverged") {
		t.Errorf("the sequencer that was running: %v", err)
	}
	if err := h.sequencer().Run(context.Background()); !fault.Is(err, "ledger-diverged") || !strings.Contains(err.Error(), "缺第 4 至 6 条") {
		t.Errorf("the next one: %v", err)
	}
}

// TestARewrittenHistoryIsFound: whoever may write recomputes everything behind an edit, with the program's own code.
func TestARewrittenHistoryIsFound(t *testing.T) {
	h, size := crimeScene(t)
	known := h.known(t)
	tamper(t, h, `update journal set actor = 'system:nobody' where seq = `+seqOf(20)+`;
		update ledger_progress set settled = 0;
		delete from ledger_entry where n >= 20; delete from checkpoint where size > 20`)
	forged := *h
	other, err := ledger.OpenKeys(t.TempDir())
	must(t, err)
	forged.keys = other
	forged.drain(t)
	r, err := ledger.Verify(context.Background(), h.Pool, ledger.Check{Verifiers: append(h.keys.Verifiers(), other.Verifiers()...), Known: known})
	must(t, err)
	if len(r.Findings) == 0 || *r.Findings[0].N != 23 || r.Findings[0].Code != ledger.CheckpointGone {
		t.Errorf("found %v of %d", r.Findings, size)
	}
	r, err = ledger.Verify(context.Background(), h.Pool, ledger.Check{Verifiers: h.keys.Verifiers()})
	must(t, err)
	if len(r.Findings) == 0 || r.Findings[0].Code != ledger.CheckpointWrong {
		t.Errorf("without known checkpoints, found %v", r.Findings)
	}
}

func TestAReportReadsAsJSON(t *testing.T) {
	h := newHouse(t)
	h.write(t, 1, "note")
	h.drain(t)
	tamper(t, h, `update journal set verb = 'x'`)
	b, err := json.Marshal(h.verify(t))
	must(t, err)
	for _, want := range []string{`"n":0`, `"seq":1`, `"code":"ledger-edited"`, `"entries":0`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%s is not in %s", want, b)
		}
	}
}
