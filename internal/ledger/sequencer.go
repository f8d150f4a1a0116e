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
	headWait  = time.Second            // between two heads kept in the folder
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
		err := s.session(ctx, func(w *work) error {
			return errors.Join(w.follow(ctx), w.keepHead(0))
		})
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
// all of it each time until somebody analyzes the tables.
const lookUp = `set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off`

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
	conn     *pgx.Conn
	tree     tree
	progress progress
	last     Checkpoint // the latest one; zero when there is none
	head     Checkpoint // the latest one kept in the folder between checkpoints; zero when there is none
	asked    bool       // for a checkpoint
	hasher   hasher
}

// load reads the end of the ledger and holds it against the latest checkpoint of the keys' folder.
func (w *work) load(ctx context.Context) error {
	var err error
	if w.tree, err = loadTree(ctx, w.conn); err != nil {
		return err
	}
	if w.progress, err = loadProgress(ctx, w.conn); err != nil {
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

// compare refuses a ledger that does not continue what the folder knows of it, and keeps there what a crash kept from
// getting there.
func (w *work) compare(ctx context.Context) error {
	if err := mend(w.Keys.path(checkpointsFile)); err != nil {
		return err
	}
	last, known, err := w.Keys.latest()
	if err != nil {
		return err
	}
	if err := w.continues(ctx, known); err != nil {
		return err
	}
	w.head = known
	return w.keepSince(ctx, last.Size)
}

// latest is the folder's last checkpoint, and of it and the head the one that knows more; zero where there is none.
func (k *Keys) latest() (last, known Checkpoint, err error) {
	kept, err := k.Checkpoints()
	if err != nil {
		return last, known, err
	}
	if len(kept) > 0 {
		if last, err = OpenCheckpoint(kept[len(kept)-1], k.Verifiers()...); err != nil {
			return last, known, fault.Wrap(err, fault.Conflict, diverged, "密钥文件夹中最后一个检查点读不出或签名无效：请用 fangyu verify ledger 核查")
		}
	}
	text, err := k.Head()
	if err != nil || text == "" {
		return last, last, err
	}
	if known, err = OpenCheckpoint(text, k.Verifiers()...); err != nil {
		return last, known, fault.Wrap(err, fault.Conflict, diverged, "密钥文件夹中的 head 读不出或签名无效：请用 fangyu verify ledger 核查")
	}
	if known.Size < last.Size {
		known = last
	}
	return last, known, nil
}

func (w *work) continues(ctx context.Context, known Checkpoint) error {
	if known.Size > w.tree.size {
		return shorter(w.tree.size, known)
	}
	root, err := rootAt(ctx, w.conn, known.Size)
	if err == nil && known.Size > 0 && root != known.Root {
		return fault.New(fault.Conflict, diverged, "账本与第 %d 条处的检查点（%s）不符，不再接续：请用 fangyu verify ledger 核查",
			known.Size, known.At.Format(time.DateTime))
	}
	return err
}

// shorter says what a ledger lacks that was signed, and what to do.
func shorter(size int64, known Checkpoint) error {
	return fault.New(fault.Conflict, diverged,
		"账本只有 %d 条，密钥文件夹中 %s 签名的账本有 %d 条：缺第 %d 至 %d 条，不再接续。如果数据库刚从较早的备份恢复，"+
			"请运行 fangyu ledger restored 确认；否则末尾被人截去，请保留现场，用 fangyu verify ledger 核查",
		size, known.At.Format(time.DateTime), known.Size, size, known.Size-1)
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
	var found batch
	var made *Checkpoint
	err = postgis.As(ctx, w.conn, reader, func(tx pgx.Tx) error {
		if err := w.endHolds(ctx, tx); err != nil {
			return err
		}
		if found, err = w.pending(ctx, tx); err != nil {
			return err
		}
		if err := store(ctx, tx, &next, found); err != nil {
			return err
		}
		if err := settle(ctx, tx, w.progress, found.after); err != nil {
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
	w.tree, w.progress, w.asked = next, found.after, false
	if made == nil {
		return len(found.seqs), w.keepHead(headWait)
	}
	w.last = *made
	return len(found.seqs), w.Keys.keep(*made)
}

// endHolds refuses to go on when the end of the ledger is not what this sequencer made it.
func (w *work) endHolds(ctx context.Context, tx pgx.Tx) error {
	var size int64
	var chain []byte
	err := tx.QueryRow(ctx, `select n + 1, chain from ledger_entry order by n desc limit 1`).Scan(&size, &chain)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	if err == nil && (size != w.tree.size || size > 0 && tlog.Hash(chain) != w.tree.chain) {
		return fault.New(fault.Conflict, diverged, "账本刚才有 %d 条，现在有 %d 条或末尾已不同：有人绕过本程序改动了账本，请用 fangyu verify ledger 核查", w.tree.size, size)
	}
	return err
}

// due reports whether the ledger wants a checkpoint at a size it has none for.
func (w *work) due(at tree, decided bool) bool {
	return at.size > w.last.Size && (decided || w.asked || time.Since(w.last.At) >= w.every())
}

var entryColumns = []string{"n", "seq", "algorithm", "leaf", "chain", "nodes", "linked_at"}

// store adds the entries to the tree and writes them down.
func store(ctx context.Context, tx pgx.Tx, t *tree, found batch) error {
	if len(found.seqs) == 0 {
		return nil
	}
	now := time.Now().Truncate(time.Microsecond)
	rows := make([][]any, len(found.seqs))
	for i, leaf := range found.leaves {
		n := t.size
		t.chain = link(n, now, t.chain, leaf)
		chain := t.chain
		nodes := t.add([]byte{}, leaf)
		rows[i] = []any{n, found.seqs[i], Algorithm, leaf[:], chain[:], nodes, now}
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"ledger_entry"}, entryColumns, pgx.CopyFromRows(rows))
	return err
}

// settle writes down from where on a later sequencer has to look for gaps.
func settle(ctx context.Context, tx pgx.Tx, before, after progress) error {
	if before.settled() == after.settled() {
		return nil
	}
	_, err := tx.Exec(ctx, `update ledger_progress set settled = $1`, after.settled())
	return err
}

// keepHead keeps the head of the tree in the folder when it is so long since the last one and entries came.
func (w *work) keepHead(wait time.Duration) error {
	known := max(w.head.Size, w.last.Size)
	if w.tree.size <= known || time.Since(w.head.At) < wait {
		return nil
	}
	c, err := headOf(w.tree, Head).sign(w.Keys.signer)
	if err != nil {
		return err
	}
	w.head = c
	return w.Keys.keepHead(c)
}

// headOf is a tree's head, not signed yet.
func headOf(at tree, why Reason) Checkpoint {
	return Checkpoint{
		Size: at.size, Root: at.root(), Algorithm: Algorithm, Chain: at.chain, At: time.Now().UTC().Truncate(time.Microsecond), Reason: why,
	}
}

// checkpoint signs the head of the tree and writes it down.
func (w *work) checkpoint(ctx context.Context, tx pgx.Tx, at tree, decided bool) (*Checkpoint, error) {
	why := Hourly
	switch {
	case decided:
		why = Decision
	case w.asked:
		why = Asked
	}
	c, err := headOf(at, why).sign(w.Keys.signer)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `
		insert into checkpoint (size, root, algorithm, note, reason, at) values (@size, @root, @algorithm, @note, @reason, @at)`,
		pgx.StrictNamedArgs{"size": c.Size, "root": c.Root[:], "algorithm": c.Algorithm, "note": c.Note, "reason": string(c.Reason), "at": c.At})
	return &c, err
}
