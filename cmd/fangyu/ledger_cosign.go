package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"fangyu/internal/fault"
	"fangyu/internal/ledger"
)

type cosignCommand struct {
	Checkpoint string `arg:"" optional:"" help:"检查点文件，- 为标准输入；不给则打印公钥 File of the checkpoint, - for standard input; without it print the public key"`
	Key        string `help:"本单位的密钥文件；旁边的 .pub 是公钥，.checkpoints 是会签过的检查点，请妥善保存 The office's key; beside it lie .pub and .checkpoints, to be kept" required:"" placeholder:"FILE" type:"path"`
	NewKey     string `help:"没有密钥时以此名称建立 Make the key under this name if there is none" placeholder:"NAME"`
	LedgerKey  string `help:"账本的公钥，即 /api/ledger/key 给出的；缺省为密钥文件加 .ledger The ledger's public key; by default beside the key, ending in .ledger" placeholder:"FILE" type:"path"`
	Proof      string `help:"/api/ledger/consistency 给出的证明 Proof as /api/ledger/consistency gives it" placeholder:"FILE" type:"path" xor:"proof"`
	Server     string `help:"从此地址取证明 Ask this server for the proof" placeholder:"URL" xor:"proof"`
}

// Run co-signs and prints the note; it needs no database.
func (c *cosignCommand) Run(e *env) error {
	w, err := c.witness()
	if err != nil {
		return err
	}
	if c.Checkpoint == "" {
		key, err := w.PublicKey()
		if err == nil {
			fmt.Fprintln(e.out, key)
		}
		return err
	}
	verifiers, err := c.ledgerKeys()
	if err != nil {
		return err
	}
	signed, err := c.given(e.in)
	if err != nil {
		return err
	}
	cosigned, err := w.Cosign(signed, verifiers, func(from, to int64) (tlog.TreeProof, error) { return c.prove(e.ctx, from, to) })
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.out, cosigned)
	return err
}

func (c *cosignCommand) witness() (*ledger.Witness, error) {
	if c.NewKey != "" {
		return ledger.NewWitness(c.Key, c.NewKey)
	}
	return ledger.OpenWitness(c.Key)
}

func (c *cosignCommand) ledgerKeys() ([]note.Verifier, error) {
	if c.LedgerKey != "" {
		return publicKeys(c.LedgerKey)
	}
	path := c.Key + ".ledger"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, usageError(fmt.Sprintf("没有账本的公钥 %s：请把 GET /api/ledger/key 的回答与运行单位核对后存成这个文件，或用 --ledger-key 指明", path))
	}
	return publicKeys(path)
}

func (c *cosignCommand) given(in io.Reader) (string, error) {
	if c.Checkpoint == "-" {
		text, err := io.ReadAll(io.LimitReader(in, maxAnswer))
		return string(text), err
	}
	text, err := os.ReadFile(c.Checkpoint)
	if err != nil {
		return "", usageError(fmt.Sprintf("读不出检查点文件 %s：请确认文件存在且可读", c.Checkpoint))
	}
	return string(text), nil
}

const (
	maxAnswer  = 1 << 20 // bytes of a checkpoint or a proof
	answerWait = 30 * time.Second
)

// prove gets the proof that the ledger at one size continues the other. Whether it holds the witness finds out.
func (c *cosignCommand) prove(ctx context.Context, from, to int64) (tlog.TreeProof, error) {
	var text []byte
	var err error
	query := fmt.Sprintf("/api/ledger/consistency?from=%d&to=%d", from, to)
	switch {
	case c.Proof != "":
		text, err = os.ReadFile(c.Proof)
	case c.Server != "":
		text, err = fetch(ctx, strings.TrimSuffix(c.Server, "/")+query)
	default:
		return nil, usageError("上次会签的是第 " + fmt.Sprint(from) + " 条处的检查点，须有账本接续它的证明：请加 --server 网址，或把 GET " + query + " 的回答存成文件用 --proof 给出")
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "proof-unreadable", "取不到证明：%v", err)
	}
	var proof ledger.Consistency
	if err := json.Unmarshal(text, &proof); err != nil {
		return nil, fault.Wrap(err, fault.Malformed, "proof-unreadable", "证明读不出：应为 GET %s 的回答", query)
	}
	if proof.From != from || proof.To != to {
		return nil, fault.New(fault.Malformed, "proof-unreadable", "证明是从第 %d 条到第 %d 条的，需要的是 GET %s 的回答", proof.From, proof.To, query)
	}
	return proof.Proof, nil
}

func fetch(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s 回答 %s", address, res.Status)
	}
	return io.ReadAll(io.LimitReader(res.Body, maxAnswer))
}
