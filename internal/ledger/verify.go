package ledger

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// What can be wrong with a ledger, as the code of a Finding.
const (
	Edited          = "ledger-edited"           // the journal's row is not what was linked
	Missing         = "ledger-missing"          // an entry's row, in the journal or the ledger, is gone
	OutOfOrder      = "ledger-out-of-order"     // the entry stands at another place
	ChainBroken     = "ledger-chain-broken"     // the hash chain does not reach the entry
	TreeDiffers     = "ledger-tree-differs"     // an inner hash of the Merkle tree is not what the entries give
	AlgorithmWrong  = "ledger-algorithm"        // an entry names an algorithm this program does not know
	Unlinked        = "ledger-unlinked"         // an entry of the journal is neither linked nor waiting
	Waiting         = "ledger-waiting"          // entries wait too long: a warning, nothing is wrong with them
	CheckpointWrong = "ledger-checkpoint-wrong" // a checkpoint's signature, columns or root do not hold
	CheckpointGone  = "ledger-checkpoint-gone"  // a known checkpoint is not in the database
	Truncated       = "ledger-truncated"        // a checkpoint knows of more entries than there are
	CosignWrong     = "ledger-cosign-wrong"     // an office's signature does not fit the checkpoint beside it
)

// Known is a checkpoint kept outside the database.
type Known struct {
	Name   string          // where it comes from, for the sentence
	Note   string          // as signed
	Office []note.Verifier // an office's keys, by one of which it must be signed; nil: signed by the ledger's own
}

func (k Known) open(ledger []note.Verifier) (Checkpoint, error) {
	if k.Office == nil {
		return OpenCheckpoint(k.Note, ledger...)
	}
	c, _, err := OpenCosigned(k.Note, k.Office...)
	return c, err
}

// Check says what Verify goes by.
type Check struct {
	Verifiers     []note.Verifier
	Known         []Known
	UnlinkedAfter time.Duration         // an entry may wait so long to be linked without a warning; a minute when zero
	Progress      func(done, total int) // may be nil
}

// Finding is one thing wrong, with its place: N in the ledger, Seq in the journal, nil where there is none.
type Finding struct {
	fault.Finding
	N   *int64 `json:"n"`
	Seq *int64 `json:"seq"`
}

// Report is what Verify found.
type Report struct {
	Entries     int64     `json:"entries"`     // linked, as far as they were checked
	Pending     int64     `json:"pending"`     // not linked yet
	Checkpoints int       `json:"checkpoints"` // in the database
	Known       int       `json:"known"`       // outside
	Cosigned    int       `json:"cosigned"`    // signatures of offices in the database
	Root        tlog.Hash `json:"root"`        // recomputed
	Findings    []Finding `json:"findings"`    // the first bad entry first
}

// Sound reports whether nothing was tampered with. Entries that wait are none the worse for it.
func (r Report) Sound() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity != fault.Warning })
}

// Verify recomputes the ledger from the journal, all in one view of the database, and holds it against every checkpoint.
// It stops at the first bad entry, because nothing after it can be judged; Findings begin with it.
func Verify(ctx context.Context, pool *pgxpool.Pool, in Check) (Report, error) {
	v := &verification{Check: in}
	if v.UnlinkedAfter == 0 {
		v.UnlinkedAfter = time.Minute
	}
	if v.Progress == nil {
		v.Progress = func(int, int) {}
	}
	err := inOneView(ctx, pool, v.run)
	slices.SortStableFunc(v.Findings, byPlace)
	if v.Findings == nil {
		v.Findings = []Finding{}
	}
	return v.Report, err
}

// byPlace puts findings with a place before those without, and at one place the end of the ledger before what is missing
// behind it.
func byPlace(a, b Finding) int {
	switch {
	case a.N == nil && b.N == nil:
		return 0
	case a.N == nil:
		return 1
	case b.N == nil:
		return -1
	case *a.N == *b.N && a.Code == Truncated:
		return -1
	case *a.N == *b.N && b.Code == Truncated:
		return 1
	}
	return cmp.Compare(*a.N, *b.N)
}

// inKeyOrder makes the transaction read long tables along their keys, where their rows lie in that order already, and not
// sort them on disk.
const inKeyOrder = `set local enable_sort = off`

// inOneView calls do with two transactions that see the same state of the database.
func inOneView(ctx context.Context, pool *pgxpool.Pool, do func(ctx context.Context, ledger, journal pgx.Tx) error) error {
	view := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	ledger, err := pool.BeginTx(ctx, view)
	if err != nil {
		return err
	}
	defer ledger.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	if _, err := ledger.Exec(ctx, inKeyOrder); err != nil {
		return err
	}
	var snapshot string
	if err := ledger.QueryRow(ctx, `select pg_export_snapshot()`).Scan(&snapshot); err != nil {
		return err
	}
	journal, err := pool.BeginTx(ctx, view)
	if err != nil {
		return err
	}
	defer journal.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // nothing was written
	if _, err := journal.Exec(ctx, `set transaction snapshot '`+snapshot+`';`+inKeyOrder); err != nil {
		return err
	}
	// Not postgis.As: a check that stops at the first bad entry cuts its connections off, and nothing can be put back there.
	if err := errors.Join(postgis.Act(ctx, ledger, reader), postgis.Act(ctx, journal, reader)); err != nil {
		return err
	}
	return do(ctx, ledger, journal)
}

// verification is Verify at work.
type verification struct {
	Check
	Report
	tree   tree
	signed []signedHead // by size
	total  int64
}

// signedHead is a checkpoint whose signature holds, to be compared when the tree has its size.
type signedHead struct {
	Checkpoint
	name string
}

func (v *verification) run(ctx context.Context, ledger, journal pgx.Tx) error {
	if err := errors.Join(v.heads(ctx, ledger), v.cosignatures(ctx, ledger)); err != nil {
		return err
	}
	if err := ledger.QueryRow(ctx, `select coalesce(max(n) + 1, 0) from ledger_entry`).Scan(&v.total); err != nil {
		return err
	}
	unmatched, sound, err := v.entries(ctx, ledger, journal)
	if err != nil {
		return err
	}
	v.Entries, v.Root = v.tree.size, v.tree.root()
	if !sound {
		return v.explainOrder(ctx, ledger)
	}
	v.truncated()
	return v.unlinked(ctx, ledger, unmatched)
}

// find adds a finding; n and seq below 0 stand for none.
func (v *verification) find(code string, n, seq int64, format string, args ...any) {
	f := Finding{Finding: fault.Finding{Code: code, Severity: fault.Block, Detail: fmt.Sprintf(format, args...)}}
	if n >= 0 {
		f.N = &n
	}
	if seq >= 0 {
		f.Seq = &seq
	}
	v.Findings = append(v.Findings, f)
}

// journalRow is a journal entry as it is now.
type journalRow struct {
	seq  int64
	leaf tlog.Hash
}

const streamSize = 1024 // rows handed over at once

// streamJournal sends the leaves of all journal rows by seq.
func streamJournal(ctx context.Context, tx pgx.Tx, out chan<- []journalRow) error {
	defer close(out)
	rows, err := tx.Query(ctx, `select `+journalColumns+` from journal j order by j.seq`, binaryForm)
	if err != nil {
		return err
	}
	defer rows.Close()
	var h hasher
	some := make([]journalRow, 0, streamSize)
	send := func() error {
		select {
		case out <- some:
			some = make([]journalRow, 0, streamSize)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for rows.Next() {
		columns := rows.RawValues()
		if some = append(some, journalRow{seqOf(columns), h.leaf(columns)}); len(some) == streamSize {
			if err := send(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return send()
}

// journalReader finds journal rows in the ledger's order, which is nearly that of the stream.
type journalReader struct {
	in    <-chan []journalRow
	ahead map[int64]tlog.Hash // read and not yet asked for
	last  int64
	twice []int64 // sequence numbers that came more than once
}

// take returns the leaf of a row, and whether there is one.
func (r *journalReader) take(seq int64) (tlog.Hash, bool) {
	for r.last < seq && r.more() {
	}
	leaf, ok := r.ahead[seq]
	delete(r.ahead, seq)
	return leaf, ok
}

func (r *journalReader) more() bool {
	some, ok := <-r.in
	for _, row := range some {
		if row.seq == r.last {
			r.twice = append(r.twice, row.seq)
		}
		r.ahead[row.seq] = row.leaf
		r.last = row.seq
	}
	return ok
}

// rest reads to the end and returns what nobody asked for.
func (r *journalReader) rest() map[int64]tlog.Hash {
	for r.more() {
	}
	return r.ahead
}

var errUnsound = errors.New("a bad entry")

// entries recomputes entry by entry, and returns the sequence numbers of journal rows that are not linked. It is not sound
// when an entry was bad.
func (v *verification) entries(ctx context.Context, ledger, journal pgx.Tx) (unmatched []int64, sound bool, err error) {
	stream := make(chan []journalRow, 8)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return streamJournal(ctx, journal, stream) })
	g.Go(func() error {
		r := &journalReader{in: stream, ahead: map[int64]tlog.Hash{}, last: -1 << 63}
		if err := v.walk(ctx, ledger, r); err != nil {
			return err
		}
		for seq := range r.rest() {
			unmatched = append(unmatched, seq)
		}
		for _, seq := range r.twice {
			v.find(Unlinked, -1, seq, "日志中序号 %d 出现两次", seq)
		}
		return nil
	})
	err = g.Wait()
	if errors.Is(err, errUnsound) {
		return nil, false, nil
	}
	return unmatched, true, err
}

// walk checks the ledger's rows in order.
func (v *verification) walk(ctx context.Context, ledger pgx.Tx, journal *journalReader) error {
	rows, err := ledger.Query(ctx, `select n, seq, algorithm, leaf, chain, nodes, linked_at from ledger_entry order by n`, binaryForm)
	if err != nil {
		return err
	}
	defer rows.Close()
	var nodes []byte
	for rows.Next() {
		if !v.step(readEntry(rows.RawValues()), journal, &nodes) {
			return errUnsound
		}
		if v.tree.size%streamSize == 0 {
			v.Progress(int(v.tree.size), int(v.total))
		}
	}
	v.Progress(int(v.tree.size), int(v.total))
	return rows.Err()
}

// ledgerRow is a row of the ledger as it lies there; its bytes are good until the next one.
type ledgerRow struct {
	n, seq             int64
	algorithm          []byte
	leaf, chain, nodes []byte
	linkedAt           time.Time
}

// postgresEpoch is where PostgreSQL counts microseconds from, in microseconds since 1970.
const postgresEpoch = 946_684_800_000_000

func readEntry(row [][]byte) ledgerRow {
	return ledgerRow{
		n: int64(binary.BigEndian.Uint64(row[0])), seq: int64(binary.BigEndian.Uint64(row[1])), algorithm: row[2],
		leaf: row[3], chain: row[4], nodes: row[5], linkedAt: time.UnixMicro(int64(binary.BigEndian.Uint64(row[6])) + postgresEpoch),
	}
}

// step checks one row against the journal and everything before it, and the checkpoints that end with it.
func (v *verification) step(e ledgerRow, journal *journalReader, nodes *[]byte) bool {
	n := v.tree.size
	leaf, there := tlog.Hash{}, false
	if e.n == n {
		leaf, there = journal.take(e.seq)
	}
	chain := link(n, e.linkedAt, v.tree.chain, leaf)
	before := v.tree
	*nodes = v.tree.add((*nodes)[:0], leaf)
	v.tree.chain = chain
	bad := true
	switch {
	case e.n != n:
		v.find(Missing, n, -1, "账本第 %d 条不见了（下一条是第 %d 条）", n, e.n)
	case string(e.algorithm) != Algorithm:
		v.find(AlgorithmWrong, n, e.seq, "账本第 %d 条写明的算法是 %q，应为 %s", n, e.algorithm, Algorithm)
	case !there:
		v.find(Missing, n, e.seq, "日志中序号 %d 的记录不见了（账本第 %d 条）", e.seq, n)
	case !bytes.Equal(leaf[:], e.leaf):
		v.find(Edited, n, e.seq, "日志中序号 %d 的记录与入账时不同（账本第 %d 条）", e.seq, n)
	case !bytes.Equal(chain[:], e.chain):
		v.find(ChainBroken, n, e.seq, "账本第 %d 条（日志序号 %d）与前一条的链接断了", n, e.seq)
	case !bytes.Equal(*nodes, e.nodes):
		v.find(TreeDiffers, n, e.seq, "账本第 %d 条（日志序号 %d）处的树节点不符", n, e.seq)
	default:
		bad = !v.headsHold(n)
	}
	if bad {
		v.tree = before
	}
	return !bad
}

// explainOrder tells an entry that stands at another place from one whose links are broken: the expected link is then
// found elsewhere.
func (v *verification) explainOrder(ctx context.Context, ledger pgx.Tx) error {
	f := &v.Findings[len(v.Findings)-1]
	if f.Code != ChainBroken && f.Code != Edited || f.N == nil {
		return nil
	}
	n := *f.N
	rows, err := ledger.Query(ctx, `select n, linked_at, leaf, chain from ledger_entry where n > $1 order by n limit $2`, n, lookAhead)
	if err != nil {
		return err
	}
	var other int64
	var at time.Time
	var leaf, chain []byte
	_, err = pgx.ForEachRow(rows, []any{&other, &at, &leaf, &chain}, func() error {
		if want := link(n, at, v.tree.chain, tlog.Hash(leaf)); f.Code != OutOfOrder && bytes.Equal(want[:], chain) {
			f.Code, f.Detail = OutOfOrder, fmt.Sprintf("账本第 %d 条被移到了第 %d 条的位置", n, other)
		}
		return nil
	})
	return err
}

// lookAhead bounds the search for an entry that was moved.
const lookAhead = 100_000
