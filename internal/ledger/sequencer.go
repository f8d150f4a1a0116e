package ledger

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// Times of a sequencer.
const (
	pollWait  = 150 * time.Millisecond // between two looks for pending entries
	standWait = time.Second            // between two tries to take the place of the one that links
	retryWait = 500 * time.Millisecond // after a lost connection
	batchSize = 1024                   // entries in one transaction; few enough to be looked up one by one in a long journal
)

// reader is for whom the ledger reads the journal: all of it, whosever the entries are.
var reader = postgis.Acting{System: "ledger"}

// wake is the channel on which a checkpoint is asked for.
const wake = "fangyu_ledger"

// Sequencer links the committed entries of the journal. Of all sequencers over one database one works, the others wait to
// take its place.
type Sequencer struct {
	Pool     *pgxpool.Pool                   // as fangyu_app; its connection is opened apart from the pool's
	Keys     *Keys                           // from OpenKeys
	Decision func(subject, verb string) bool // whether an entry deserves a checkpoint at once; nil: none does
	Every    time.Duration                   // between checkpoints without a decision; an hour when zero
	Log      *slog.Logger                    // slog.Default() when nil
}

// Run links until ctx ends (nil). A lost connection is logged and opened anew.
//
// Errors: Conflict "ledger-diverged" when the ledger is not what it was at a checkpoint it signed.
func (s *Sequencer) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := s.session(ctx, func(w *work) error { return w.follow(ctx) })
		if fault.Is(err, diverged) {
			return err
		}
		if ctx.Err() != nil {
			return nil
		}
		s.log().WarnContext(ctx, "the ledger's sequencer was interrupted; will try again", "err", err)
		rest(ctx, retryWait)
	}
	return nil
}

// Drain waits for its turn, links what is pending now, signs a checkpoint of it and returns.
//
// Errors: as Run, and a lost connection.
func (s *Sequencer) Drain(ctx context.Context) error {
	return s.session(ctx, func(w *work) error {
		for n := batchSize; n == batchSize; {
			var err error
			if n, err = w.link(ctx); err != nil {
				return err
			}
		}
		w.asked = true
		_, err := w.link(ctx)
		return err
	})
}

func (s *Sequencer) log() *slog.Logger {
	if s.Log == nil {
		return slog.Default()
	}
	return s.Log
}

func (s *Sequencer) every() time.Duration {
	if s.Every == 0 {
		return time.Hour
	}
	return s.Every
}

func (s *Sequencer) decides(subject, verb string) bool {
	return s.Decision != nil && s.Decision(subject, verb)
}

// session opens a connection, takes the lock, loads the end of the ledger and calls do. The lock goes with the connection.
func (s *Sequencer) session(ctx context.Context, do func(*work) error) error {
	conn, err := pgx.ConnectConfig(ctx, s.Pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, lookUp); err != nil {
		return err
	}
	if err := takeTurn(ctx, conn); err != nil {
		return err
	}
	w := &work{Sequencer: s, conn: conn}
	if err := w.load(ctx); err != nil {
		return err
	}
	return do(w)
}

// lookUp makes the session find rows by their keys. Its statements were planned when the ledger was empty, and would read
// all of it each time until somebody analyzes the tables. What cannot be avoided, as the scan of withheld in the journal's
// policy, is then counted as very dear though it is never run, and PostgreSQL would compile every look for a third of a
// second: so no compiling.
const lookUp = `set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set jit = off`

// takeTurn waits until no other sequencer works on this database.
func takeTurn(ctx context.Context, conn *pgx.Conn) error {
	for {
		var got bool
		err := conn.QueryRow(ctx, `select pg_try_advisory_lock(hashtext('fangyu:ledger'))`).Scan(&got)
		if err != nil || got {
			return err
		}
		rest(ctx, standWait)
	}
}

func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// work is a sequencer whose turn it is.
type work struct {
	*Sequencer
	conn   *pgx.Conn
	tree   tree
	last   Checkpoint // the latest one; zero when there is none
	asked  bool       // for a checkpoint
	hasher hasher
}

// load reads the end of the ledger and holds it against the latest checkpoint of the keys' folder.
func (w *work) load(ctx context.Context) error {
	var err error
	if w.tree, err = loadTree(ctx, w.conn); err != nil {
		return err
	}
	if err := w.compare(ctx); err != nil {
		return err
	}
	if w.last, err = latest(ctx, w.conn); errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// diverged is the code of a ledger that is not what was signed.
const diverged = "ledger-diverged"

// compare refuses a ledger that does not continue the latest checkpoint kept in the folder, and keeps there what a crash
// kept from getting there.
func (w *work) compare(ctx context.Context) error {
	if err := w.Keys.mend(); err != nil {
		return err
	}
	kept, err := w.Keys.Checkpoints()
	if err != nil {
		return err
	}
	var known Checkpoint
	if len(kept) > 0 {
		if known, err = OpenCheckpoint(kept[len(kept)-1], w.Keys.Verifiers()...); err != nil {
			return fault.Wrap(err, fault.Conflict, diverged, "密钥文件夹中最后一个检查点读不出或签名无效：请用 fangyu verify ledger 核查")
		}
		if err := w.continues(ctx, known); err != nil {
			return err
		}
	}
	return w.keepSince(ctx, known.Size)
}

func (w *work) continues(ctx context.Context, known Checkpoint) error {
	no := fault.New(fault.Conflict, diverged, "账本与第 %d 条处的检查点（%s）不符，不再接续：请用 fangyu verify ledger 核查",
		known.Size, known.At.Format(time.DateTime))
	if known.Size > w.tree.size {
		return no
	}
	root, err := rootAt(ctx, w.conn, known.Size)
	if err == nil && root != known.Root {
		return no
	}
	return err
}

// keepSince appends to the folder the database's checkpoints above a size.
func (w *work) keepSince(ctx context.Context, size int64) error {
	rows, err := w.conn.Query(ctx, `select note from checkpoint where size > $1 order by size`, size)
	if err != nil {
		return err
	}
	notes, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for _, n := range notes {
		err = errors.Join(err, w.Keys.keep(Checkpoint{Note: n}))
	}
	return err
}

// follow links until the connection is lost or ctx ends.
func (w *work) follow(ctx context.Context) error {
	if _, err := w.conn.Exec(ctx, `listen `+wake); err != nil {
		return err
	}
	for {
		n, err := w.link(ctx)
		if err != nil {
			return err
		}
		if n == batchSize {
			continue
		}
		if err := w.wait(ctx); err != nil {
			return err
		}
	}
}

// wait lets some time pass, less when a checkpoint is asked for.
func (w *work) wait(ctx context.Context) error {
	soon, cancel := context.WithTimeout(ctx, pollWait)
	defer cancel()
	_, err := w.conn.WaitForNotification(soon)
	w.asked = w.asked || err == nil
	if err != nil && ctx.Err() == nil && soon.Err() != nil {
		return nil
	}
	return err
}

// link links a batch and signs a checkpoint if one is due, in one transaction, and returns how many entries it linked.
func (w *work) link(ctx context.Context) (n int, err error) {
	next := w.tree
	var made *Checkpoint
	err = postgis.As(ctx, w.conn, reader, func(tx pgx.Tx) error {
		found, err := w.pending(ctx, tx)
		if err != nil {
			return err
		}
		n = len(found.seqs)
		if err := store(ctx, tx, &next, found.entries); err != nil {
			return err
		}
		if err := settle(ctx, tx, found.seqs); err != nil {
			return err
		}
		if !w.due(next, found.decided) {
			return nil
		}
		made, err = w.checkpoint(ctx, tx, next, found.decided)
		return err
	})
	if err != nil {
		return 0, err
	}
	w.tree, w.asked = next, false
	if made == nil {
		return n, nil
	}
	w.last = *made
	return n, w.Keys.keep(*made)
}

// due reports whether the ledger wants a checkpoint at a size it has none for.
func (w *work) due(at tree, decided bool) bool {
	return at.size > w.last.Size && (decided || w.asked || time.Since(w.last.At) >= w.every())
}

// batch is what is pending.
type batch struct {
	seqs    []int64 // of all of it
	entries []entry // of it what is not linked yet
	decided bool
}

type entry struct {
	seq  int64
	leaf tlog.Hash
}

const pendingSQL = `
	select ` + journalColumns + `, e.seq is not null
	from (select seq from ledger_pending order by seq limit $1) p
	join journal j on j.seq = p.seq left join ledger_entry e on e.seq = p.seq
	order by p.seq`

// pending reads the committed entries that wait. Who wants to hold the ledger up by declaring linked entries pending again
// does not succeed: they are settled and nothing else.
func (w *work) pending(ctx context.Context, tx pgx.Tx) (batch, error) {
	var b batch
	rows, err := tx.Query(ctx, pendingSQL, binaryForm, batchSize)
	if err != nil {
		return b, err
	}
	defer rows.Close()
	for rows.Next() {
		row := rows.RawValues()
		columns, linked := row[:len(Columns)], row[len(Columns)][0] == 1
		seq := seqOf(columns)
		b.seqs = append(b.seqs, seq)
		if linked {
			continue
		}
		b.entries = append(b.entries, entry{seq, w.hasher.leaf(columns)})
		b.decided = b.decided || w.decides(string(columns[subjectColumn]), string(columns[verbColumn]))
	}
	return b, rows.Err()
}

var entryColumns = []string{"n", "seq", "algorithm", "leaf", "chain", "nodes", "linked_at"}

// store adds the entries to the tree and writes them down.
func store(ctx context.Context, tx pgx.Tx, t *tree, entries []entry) error {
	if len(entries) == 0 {
		return nil
	}
	now := time.Now().Truncate(time.Microsecond)
	rows := make([][]any, len(entries))
	for i, e := range entries {
		n := t.size
		t.chain = link(n, now, t.chain, e.leaf)
		chain := t.chain
		nodes := t.add([]byte{}, e.leaf)
		rows[i] = []any{n, e.seq, Algorithm, e.leaf[:], chain[:], nodes, now}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"ledger_entry"}, entryColumns, pgx.CopyFromRows(rows))
	return err
}

func settle(ctx context.Context, tx pgx.Tx, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `delete from ledger_pending where seq = any($1)`, seqs)
	return err
}

// checkpoint signs the head of the tree and writes it down.
func (w *work) checkpoint(ctx context.Context, tx pgx.Tx, at tree, decided bool) (*Checkpoint, error) {
	c := Checkpoint{
		Size: at.size, Root: at.root(), Algorithm: Algorithm, Chain: at.chain, At: time.Now().UTC().Truncate(time.Microsecond), Reason: Hourly,
	}
	switch {
	case decided:
		c.Reason = Decision
	case w.asked:
		c.Reason = Asked
	}
	c, err := c.sign(w.Keys.signer)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `
		insert into checkpoint (size, root, algorithm, note, reason, at) values (@size, @root, @algorithm, @note, @reason, @at)`,
		pgx.StrictNamedArgs{"size": c.Size, "root": c.Root[:], "algorithm": c.Algorithm, "note": c.Note, "reason": string(c.Reason), "at": c.At})
	return &c, err
}
