package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

type verifyCommand struct {
	Ledger verifyLedgerCommand `cmd:"" help:"账本：重算全部记录，指出第一处被改动的 Recompute the journal's ledger and name the first bad entry"`
}

type verifyLedgerCommand struct {
	Checkpoint    []string      `help:"另存的检查点文件，可多次给出 Files of checkpoints kept elsewhere" placeholder:"FILE" type:"path"`
	UnlinkedAfter time.Duration `help:"记录等待入账超过此时提醒 How long an entry may wait to be linked without a warning" default:"1m"`
	JSON          bool          `name:"json" help:"以 JSON 输出 Print JSON"`
}

// Run verifies; it changes nothing, not even the schema.
func (c *verifyLedgerCommand) Run(e *env) error {
	if c.UnlinkedAfter <= 0 {
		return usageError("--unlinked-after 须大于零，例如 1m")
	}
	known, err := c.given()
	if err != nil {
		return err
	}
	s, err := open(e.ctx, e, opening{keep: true})
	if err != nil {
		return err
	}
	defer s.Close()
	keys, err := ledger.ReadKeys(e.cfg.keysDir(s.cluster))
	if err != nil {
		return err
	}
	kept, err := keptCheckpoints(keys)
	if err != nil {
		return err
	}
	bar := newProgress(e.err, "核查账本", 0)
	report, err := ledger.Verify(e.ctx, s.pool, ledger.Check{
		Verifiers: keys.Verifiers(), Known: append(known, kept...), UnlinkedAfter: c.UnlinkedAfter, Progress: bar.set,
	})
	if err != nil {
		return err
	}
	if err := c.print(e, report); err != nil {
		return err
	}
	if !report.Sound() {
		return errFound
	}
	return nil
}

// given reads the checkpoints of the files named.
func (c *verifyLedgerCommand) given() ([]ledger.Known, error) {
	var known []ledger.Known
	for _, path := range c.Checkpoint {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, usageError(fmt.Sprintf("读不出检查点文件 %s：请确认文件存在且可读", path))
		}
		notes := ledger.SplitCheckpoints(string(text))
		if len(notes) == 0 {
			return nil, usageError(fmt.Sprintf("%s 中没有检查点：应为 GET /api/ledger/checkpoint 给出的文本", path))
		}
		known = append(known, asKnown(path, notes)...)
	}
	return known, nil
}

// keptCheckpoints are those of the keys' folder, and its head.
func keptCheckpoints(keys *ledger.Keys) ([]ledger.Known, error) {
	notes, err := keys.Checkpoints()
	head, headErr := keys.Head()
	if err := errors.Join(err, headErr); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "ledger-keys", "读不出密钥文件夹中的检查点：%v", err)
	}
	if head != "" {
		notes = append(notes, head)
	}
	return asKnown("密钥文件夹", notes), nil
}

func asKnown(name string, notes []string) []ledger.Known {
	known := make([]ledger.Known, len(notes))
	for i, n := range notes {
		known[i] = ledger.Known{Name: name, Note: n}
	}
	return known
}

func (c *verifyLedgerCommand) print(e *env, r ledger.Report) error {
	if c.JSON {
		out := json.NewEncoder(e.out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(r)
	}
	fmt.Fprintf(e.out, "已核查 %d 条，检查点 %d 个（另存 %d 个），等待入账 %d 条\n树根 %s\n", r.Entries, r.Checkpoints, r.Known, r.Pending, r.Root)
	if r.Sound() {
		fmt.Fprintln(e.out, "账本完好")
	} else {
		fmt.Fprintf(e.out, "发现 %d 处问题，第一处在最前：\n", len(r.Findings))
	}
	found := make([]fault.Finding, len(r.Findings))
	for i, f := range r.Findings {
		found[i] = f.Finding
	}
	printFindings(e.out, found)
	return nil
}
