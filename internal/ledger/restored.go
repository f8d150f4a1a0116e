package ledger

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fangyu/internal/fault"
)

// Restoration is a ledger that ends before what was signed of it, as after an older backup was put back.
type Restoration struct {
	Entries int64      // there are
	Known   Checkpoint // the head kept in the folder that knows most; its entries from Entries on are gone
	Aside   string     // what the folder's files are put aside as: their names with this behind
}

// Shortened finds what the database lacks of what the folder knows. What is left must be what was signed.
//
// Errors: Refused "ledger-not-shorter" when nothing is missing; Conflict "ledger-diverged" when what is left is not what
// was signed, so that no backup explains it.
func Shortened(ctx context.Context, pool *pgxpool.Pool, keys *Keys, now time.Time) (Restoration, error) {
	r := Restoration{Aside: ".before-restore-" + now.UTC().Format("20060102T150405Z")}
	end, err := loadTree(ctx, pool)
	if err != nil {
		return r, err
	}
	r.Entries = end.size
	if _, r.Known, err = keys.latest(); err != nil {
		return r, err
	}
	if r.Known.Size <= r.Entries {
		return r, fault.New(fault.Refused, "ledger-not-shorter", "账本有 %d 条，密钥文件夹中签名的只到 %d 条：没有缺少记录，无须确认恢复", r.Entries, r.Known.Size)
	}
	kept, err := keys.upTo(r.Entries)
	for _, c := range kept {
		root, rootErr := rootAt(ctx, pool, c.Size)
		if err = errors.Join(err, rootErr); err == nil && root != c.Root {
			return r, fault.New(fault.Conflict, diverged, "剩下的账本与第 %d 条处的检查点（%s）不符，恢复备份不会造成这种情况：请用 fangyu verify ledger 核查",
				c.Size, c.At.Format(time.DateTime))
		}
	}
	return r, err
}

// Restored confirms that a backup was put back: the journal says what is gone, and the folder's files are put aside, so that
// a sequencer goes on from here. Checkpoints of entries that are there stay.
//
// Errors: as Shortened.
func Restored(ctx context.Context, pool *pgxpool.Pool, keys *Keys, now time.Time) (Restoration, error) {
	r, err := Shortened(ctx, pool, keys, now)
	if err != nil {
		return r, err
	}
	_, err = pool.Exec(ctx, `
		insert into journal (at, actor, subject, verb, before, after)
		values (@at, 'system:command', 'ledger/' || @origin::text, 'restore',
		        jsonb_build_object('entries', @known::bigint, 'root', @root::text, 'signedAt', @signed::timestamptz),
		        jsonb_build_object('entries', @left::bigint))`,
		pgx.StrictNamedArgs{"at": now, "origin": r.Known.Origin, "known": r.Known.Size, "root": r.Known.Root.String(), "signed": r.Known.At, "left": r.Entries})
	if err != nil {
		return r, err
	}
	return r, keys.putAside(r.Entries, r.Aside)
}

// upTo are the folder's checkpoints of at most so many entries.
func (k *Keys) upTo(size int64) ([]Checkpoint, error) {
	notes, err := k.Checkpoints()
	if err != nil {
		return nil, err
	}
	var kept []Checkpoint
	for _, n := range notes {
		c, err := OpenCheckpoint(n, k.Verifiers()...)
		if err != nil {
			return nil, err
		}
		if c.Size <= size {
			kept = append(kept, c)
		}
	}
	return kept, nil
}

// putAside gives the head and the checkpoints other names and leaves the checkpoints up to size.
func (k *Keys) putAside(size int64, suffix string) error {
	kept, err := k.upTo(size)
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, c := range kept {
		text.WriteString(c.Note)
	}
	if err := os.Rename(k.path(headFile), k.path(headFile+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temporary := k.path(checkpointsFile + ".new")
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := appendSynced(temporary, text.String(), 0o644); err != nil {
		return err
	}
	if err := os.Link(k.path(checkpointsFile), k.path(checkpointsFile+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(temporary, k.path(checkpointsFile)); err != nil {
		return err
	}
	return syncFolder(k.dir)
}
