package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/mod/sumdb/note"

	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

type verifyCommand struct {
	Ledger  verifyLedgerCommand  `cmd:"" help:"账本：重算全部记录，指出第一处被改动的 Recompute the journal's ledger and name the first bad entry"`
	Receipt verifyReceiptCommand `cmd:"" help:"回执：只凭公钥核对签名，不用联网 Check receipts offline, with the public key alone"`
}

type verifyLedgerCommand struct {
	Checkpoint    []string      `help:"另存的检查点文件，可多次给出 Files of checkpoints kept elsewhere" placeholder:"FILE" type:"path"`
	OfficeKey     []string      `help:"单位的会签公钥：另存的检查点须有其中之一的签名，不必有账本自己的 Public keys of offices: the files' checkpoints must be signed by one of them" placeholder:"FILE" type:"path"`
	UnlinkedAfter time.Duration `help:"记录等待入账超过此时提醒 How long an entry may wait to be linked without a warning" default:"1m"`
	JSON          bool          `name:"json" help:"以 JSON 输出 Print JSON"`
}

// Run verifies; it changes nothing, not even the schema.
func (c *verifyLedgerCommand) Run(e *env) error {
	if c.UnlinkedAfter <= 0 {
		return usageError("--unlinked-after 须大于零，例如 1m")
	}
	if len(c.OfficeKey) > 0 && len(c.Checkpoint) == 0 {
		return usageError("--office-key 须与 --checkpoint 同用：它核对的是单位另存的检查点")
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
	var office []note.Verifier
	for _, path := range c.OfficeKey {
		keys, err := publicKeys(path)
		if err != nil {
			return nil, err
		}
		office = append(office, keys...)
	}
	for _, path := range c.Checkpoint {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, usageError(fmt.Sprintf("读不出检查点文件 %s：请确认文件存在且可读", path))
		}
		notes := ledger.SplitCheckpoints(string(text))
		if len(notes) == 0 {
			return nil, usageError(fmt.Sprintf("%s 中没有检查点：应为 GET /api/ledger/checkpoint 给出的文本", path))
		}
		known = append(known, asKnown(path, notes, office...)...)
	}
	return known, nil
}

// publicKeys reads a file of public keys that was named on the command line.
func publicKeys(path string) ([]note.Verifier, error) {
	keys, err := ledger.ReadVerifiers(path)
	var f *fault.Error
	if errors.As(err, &f) {
		return nil, usageError(f.Detail)
	}
	return keys, err
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

func asKnown(name string, notes []string, office ...note.Verifier) []ledger.Known {
	known := make([]ledger.Known, len(notes))
	for i, n := range notes {
		known[i] = ledger.Known{Name: name, Note: n, Office: office}
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
	fmt.Fprintf(e.out, "已核查 %d 条，检查点 %d 个（另存 %d 个，单位会签 %d 次），等待入账 %d 条\n树根 %s\n", r.Entries, r.Checkpoints, r.Known, r.Cosigned, r.Pending, r.Root)
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
