package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fangyu/internal/ledger"
	"fangyu/internal/postgis/cluster"
)

type ledgerCommand struct {
	Cosign   cosignCommand   `cmd:"" help:"以本单位的密钥会签检查点；先核对它接续上次会签的那个 Co-sign a checkpoint with the office's key, if it continues the one signed before"`
	Restored restoredCommand `cmd:"" help:"确认数据库是从较早的备份恢复的，让账本从这里接续 Confirm that an older backup was put back, so that the ledger goes on"`
}

type restoredCommand struct {
	Yes bool `help:"确认；不加则只说明缺什么 Confirm; without it only say what is gone"`
}

// Run says what is gone and, when that is confirmed, writes it to the journal and puts aside what knows of it.
func (c *restoredCommand) Run(e *env) error {
	s, err := open(e.ctx, e, opening{keep: true})
	if err != nil {
		return err
	}
	defer s.Close()
	keys, err := ledger.ReadKeys(e.cfg.keysDir(s.cluster))
	if err != nil {
		return err
	}
	settle := ledger.Shortened
	if c.Yes {
		settle = ledger.Restored
	}
	r, err := settle(e.ctx, s.pool, keys, time.Now())
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "账本有 %d 条；%s 签名的账本有 %d 条。缺第 %d 至 %d 条\n",
		r.Entries, r.Known.At.Format(time.DateTime), r.Known.Size, r.Entries, r.Known.Size-1)
	if !c.Yes {
		fmt.Fprintln(e.out, "什么也没有改动。确认是恢复备份所致，请加 --yes：日志将记下缺了什么，密钥文件夹中的 checkpoints 和 head 将改名留存")
		return nil
	}
	fmt.Fprintf(e.out, "已记入日志；密钥文件夹中原来的 checkpoints 和 head 改名为 …%s，请留存。现在可以启动 fangyu serve\n", r.Aside)
	return nil
}

// keysDir is the folder of the ledger's key: beside what it guards, and shared by the nodes that share a vault.
func (c Config) keysDir(private *cluster.Cluster) string {
	switch {
	case c.Keys != "":
		return c.Keys
	case private != nil:
		return filepath.Join(private.Dir(), "keys")
	default:
		return filepath.Join(c.Vault, "keys")
	}
}

// decisive are the verbs by which an authority decides, by the noun they are said of, those to come included: a verb
// nobody says costs nothing, one forgotten leaves a decision unsigned for an hour.
var decisive = map[string][]string{
	"proposal":    {"approve", "reject", "withdraw", "file", "announce"},
	"place":       {"name", "rename", "retire", "grade"},
	"marker":      {"grade"},
	"inspection":  {"sign", "complete", "file", "archive"},
	"agreement":   {"sign", "approve", "file"},
	"line":        {"approve", "publish", "adopt"},
	"demarcation": {"sign", "approve", "publish"},
	"incident":    {"decide", "close"},
}

// isDecision reports whether an entry of the journal is a decision, which the ledger signs at once.
func isDecision(subject, verb string) bool {
	noun, _, _ := strings.Cut(subject, "/")
	return slices.Contains(decisive[noun], verb)
}

// startLedger links the journal beside the server until stop. A ledger that is not what was signed is left as it is, and
// said; the server serves on.
func startLedger(ctx context.Context, s *system, keys *ledger.Keys) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		err := (&ledger.Sequencer{Pool: s.pool, Keys: keys, Decision: isDecision}).Run(ctx)
		if err != nil {
			slog.Error("the ledger has stopped", "error", err)
		}
		ended <- err
	}()
	return func() error {
		cancel()
		return <-ended
	}
}
