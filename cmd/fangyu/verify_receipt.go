package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"fangyu/boundary"
	"fangyu/internal/beijing"
	"fangyu/internal/ledger"
)

type verifyReceiptCommand struct {
	Key   string   `help:"公钥：/api/ledger/key 给出的文件，或密钥文件夹；缺省为本机的密钥文件夹 Public key: the file that /api/ledger/key gives, or a folder of keys; that of this machine by default" placeholder:"FILE|DIR" type:"path"`
	JSON  bool     `name:"json" help:"以 JSON 输出 Print JSON"`
	Files []string `arg:"" help:"回执文件 Files of receipts" type:"path"`
}

// receiptChecked is what is found of one receipt.
type receiptChecked struct {
	File    string            `json:"file"`
	Holds   bool              `json:"holds"`
	Key     string            `json:"key,omitempty"`  // that signed it
	Code    string            `json:"code,omitempty"` // why it does not hold
	Detail  string            `json:"detail"`
	Receipt *boundary.Receipt `json:"receipt,omitempty"`
}

// Run checks receipts with nothing but public keys: no database, no network.
func (c *verifyReceiptCommand) Run(e *env) error {
	verifiers, err := c.verifiers(e)
	if err != nil {
		return err
	}
	checked, bad := []receiptChecked{}, false
	for _, path := range c.Files {
		text, err := os.ReadFile(path)
		if err != nil {
			return usageError(fmt.Sprintf("读不出回执文件 %s：请确认文件存在且可读", path))
		}
		found := checkReceipt(path, string(text), verifiers)
		checked, bad = append(checked, found), bad || !found.Holds
	}
	if c.JSON {
		err = printJSON(e.out, checked)
	} else {
		for _, r := range checked {
			fmt.Fprintf(e.out, "%s：%s\n", r.File, r.Detail)
		}
	}
	if err == nil && bad {
		err = errFound
	}
	return err
}

// verifiers are the public keys to check with.
func (c *verifyReceiptCommand) verifiers(e *env) ([]note.Verifier, error) {
	from := c.Key
	if from == "" {
		if e.cfg.Database != "" && e.cfg.Vault == "" && e.cfg.Keys == "" {
			return nil, usageError("请用 --key 给出公钥文件或密钥文件夹")
		}
		from = e.cfg.keysDir(nil)
		if e.cfg.Database == "" && e.cfg.Keys == "" {
			from = filepath.Join(e.cfg.dataDir(), "keys")
		}
	}
	info, err := os.Stat(from)
	if err != nil {
		return nil, usageError(fmt.Sprintf("没有公钥文件或密钥文件夹 %s：请用 --key 给出（公钥由发回执的服务器在 /api/ledger/key 提供）", from))
	}
	if info.IsDir() {
		keys, err := ledger.ReadKeys(from)
		if err != nil {
			return nil, err
		}
		if len(keys.Verifiers()) == 0 {
			return nil, usageError(fmt.Sprintf("密钥文件夹 %s 中没有公钥", from))
		}
		return keys.Verifiers(), nil
	}
	return publicKeys(from)
}

// checkReceipt checks one receipt: signed by one of the keys, and a receipt at all.
func checkReceipt(path, text string, verifiers []note.Verifier) receiptChecked {
	found := receiptChecked{File: path}
	fail := func(code, detail string) receiptChecked {
		found.Code, found.Detail = code, detail+"（"+code+"）"
		return found
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifiers...))
	if err != nil {
		if body, _, signed := strings.Cut(text, "\n\n"); signed {
			if _, err := boundary.ParseReceipt(body); err == nil {
				return fail("receipt-unsigned", "回执不实：没有已知公钥的有效签名，或内容被改动过")
			}
		}
		return fail("receipt-unreadable", "不是回执：应为下载时的原样，一个字也不能改")
	}
	r, err := boundary.ParseReceipt(opened.Text)
	if err != nil {
		return fail("receipt-unreadable", "签名有效，但内容不是回执")
	}
	found.Holds, found.Receipt = true, &r
	found.Key = fmt.Sprintf("%s+%08x", opened.Sigs[0].Name, opened.Sigs[0].Hash)
	found.Detail = fmt.Sprintf("回执属实：%s 于北京时间 %s 交来 %d 个文件（报送 %s，日志第 %d 条），由 %s 签名",
		r.Office.Name, r.ReceivedAt.In(beijing.Zone).Format(time.DateTime), len(r.Files), r.SubmissionID, r.Entry, found.Key)
	return found
}
