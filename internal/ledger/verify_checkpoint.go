package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fangyu/internal/fault"
)

// checkpointRow is a checkpoint as it lies in the database.
type checkpointRow struct {
	Size      int64
	Root      []byte
	Algorithm string
	Note      string
	Reason    string
	At        *time.Time // nil: beyond any calendar
}

// heads reads every checkpoint, in the database and known, checks the signatures and keeps what holds for the walk.
func (v *verification) heads(ctx context.Context, ledger pgx.Tx) error {
	rows, err := ledger.Query(ctx, `
		select size, root, algorithm, note, reason, case when isfinite(at) then at end as at from checkpoint order by size`)
	if err != nil {
		return err
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByName[checkpointRow])
	if err != nil {
		return err
	}
	v.Checkpoints = len(stored)
	if len(v.Verifiers) == 0 && len(stored)+len(v.Check.Known) > 0 {
		return fault.New(fault.NotFound, "ledger-key-none", "没有公钥，不能核对检查点的签名：请用 --keys 指明密钥文件夹")
	}
	there := make(map[string]bool, len(stored))
	for _, row := range stored {
		there[bodyOf(row.Note)] = true
		v.storedHead(row)
	}
	for _, k := range v.Check.Known {
		v.knownHead(k, there[bodyOf(k.Note)])
	}
	slices.SortStableFunc(v.signed, func(a, b signedHead) int { return cmp.Compare(a.Size, b.Size) })
	return nil
}

// bodyOf is what a note's signatures are about. Offices that keep a checkpoint may have added theirs.
func bodyOf(signed string) string {
	body, _, _ := strings.Cut(signed, "\n\n")
	return body
}

// inWords is the sentence of a fault.
func inWords(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Detail
	}
	return err.Error()
}

func (v *verification) storedHead(row checkpointRow) {
	c, err := OpenCheckpoint(row.Note, v.Verifiers...)
	switch {
	case err != nil:
		v.find(CheckpointWrong, row.Size-1, -1, "第 %d 条处的检查点：%s", row.Size, inWords(err))
		return
	case !row.says(c):
		v.find(CheckpointWrong, c.Size-1, -1, "第 %d 条处的检查点与它签名的内容不一致", c.Size)
	}
	v.signed = append(v.signed, signedHead{c, "数据库"})
}

// says reports whether the columns repeat what was signed.
func (r checkpointRow) says(c Checkpoint) bool {
	return r.Size == c.Size && bytes.Equal(r.Root, c.Root[:]) && r.Algorithm == c.Algorithm && r.Reason == string(c.Reason) &&
		r.At != nil && r.At.Equal(c.At)
}

// knownHead takes in a checkpoint from outside; of one that the database holds too only the signature is looked at.
func (v *verification) knownHead(k Known, stored bool) {
	c, err := k.open(v.Verifiers)
	if c.Reason != Head {
		v.Report.Known++
	}
	if err != nil {
		v.find(CheckpointWrong, -1, -1, "%s 中的检查点：%s", k.Name, inWords(err))
		return
	}
	if stored {
		return
	}
	if c.Reason == Head { // is not kept in the database
		v.signed = append(v.signed, signedHead{c, k.Name})
		return
	}
	v.find(CheckpointGone, c.Size-1, -1, "%s 中第 %d 条处的检查点（%s）在数据库中没有", k.Name, c.Size, c.At.Format(time.DateTime))
	v.signed = append(v.signed, signedHead{c, k.Name})
}

// headsHold compares the tree with the checkpoints that end with entry n.
func (v *verification) headsHold(n int64) bool {
	hold := true
	for len(v.signed) > 0 && v.signed[0].Size <= v.tree.size {
		head := v.signed[0]
		v.signed = v.signed[1:]
		if head.Size != v.tree.size || head.Root == v.tree.root() && head.Chain == v.tree.chain && head.Algorithm == Algorithm {
			continue
		}
		v.find(CheckpointWrong, n, -1, "账本到第 %d 条为止与%s中的检查点（%s）不符：其前有记录被改写", n, head.name, head.At.Format(time.DateTime))
		hold = false
	}
	return hold
}

// truncated reports checkpoints beyond the end of the ledger.
func (v *verification) truncated() {
	if len(v.signed) == 0 {
		return
	}
	last := v.signed[len(v.signed)-1]
	v.find(Truncated, v.tree.size, -1, "账本只有 %d 条，%s中的检查点（%s 签名）有 %d 条：末尾被截去，缺第 %d 至 %d 条。"+
		"如果数据库刚从较早的备份恢复，请运行 fangyu ledger restored 确认；否则请保留现场",
		v.tree.size, last.name, last.At.Format(time.DateTime), last.Size, v.tree.size, last.Size-1)
}

// maxNamed bounds the findings about journal rows outside the ledger.
const maxNamed = 20

// unlinked judges the journal rows that are not in the ledger: above what is settled they wait, and below they should be there.
func (v *verification) unlinked(ctx context.Context, ledger pgx.Tx, unmatched []int64) error {
	var settled int64
	if err := ledger.QueryRow(ctx, `select settled from ledger_progress`).Scan(&settled); err != nil {
		return err
	}
	slices.Sort(unmatched)
	first, _ := slices.BinarySearch(unmatched, settled+1)
	for _, seq := range unmatched[:first] {
		v.unplaced(Unlinked, seq, "日志中序号 %d 的记录不在账本中，也不在等待入账", seq)
	}
	waiting := unmatched[first:]
	if v.Pending = int64(len(waiting)); v.Pending == 0 {
		return nil
	}
	var waited float64
	err := ledger.QueryRow(ctx, `select coalesce(extract(epoch from clock_timestamp() - at)::float8, 0) from journal where seq = $1`, waiting[0]).Scan(&waited)
	if err == nil && waited > v.UnlinkedAfter.Seconds() {
		v.unplaced(Waiting, waiting[0], "%d 条记录等待入账，其中序号 %d 的记于 %.0f 秒前：启动 fangyu serve，一秒钟内即入账", v.Pending, waiting[0], waited)
		v.Findings[len(v.Findings)-1].Severity = fault.Warning
	}
	return err
}

// unplaced adds a finding without a place in the ledger, unless there are many already.
func (v *verification) unplaced(code string, seq int64, format string, args ...any) {
	if len(v.Findings) < maxNamed {
		v.find(code, -1, seq, format, args...)
	}
}
