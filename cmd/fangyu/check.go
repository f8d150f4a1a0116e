package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

type checkCommand struct {
	Gazetteer checkGazetteerCommand `cmd:"" help:"地名和区划数据质量检查 Audit divisions, places and names"`
	Topology  checkTopologyCommand  `cmd:"" help:"检查文件中的面和线是否严丝合缝 Check that the areas and lines of files fit together"`
}

type checkGazetteerCommand struct {
	Division string `help:"只查这个行政区划（代码），缺省为全部 Code of the division to audit; everything by default"`
	JSON     bool   `help:"输出 JSON"`
	XLSX     string `name:"xlsx" help:"把全部结果写成工作簿 Write every finding as a workbook" type:"path" placeholder:"FILE"`
	All      bool   `help:"逐条列出，缺省每类只列前几条 List every finding"`
}

// checkedGazetteer is what the command prints as JSON.
type checkedGazetteer struct {
	Verdict  string                   `json:"verdict"`
	Counts   map[string]int           `json:"counts"` // by code
	Findings []gazetteer.AuditFinding `json:"findings"`
}

// Run audits what is public of the record.
func (c *checkGazetteerCommand) Run(e *env) error {
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	var division uuid.UUID
	if c.Division != "" {
		if division, err = s.gaz.DivisionByCode(e.ctx, c.Division); err != nil {
			return err
		}
	}
	progress := newProgress(e.err, "检查", 0)
	found, err := s.gaz.CheckGazetteer(e.ctx, gazetteer.Actor{}, time.Now(), division, func(done, total int) error {
		progress.set(done, total)
		return nil
	})
	if err != nil {
		return err
	}
	answer := checkedGazetteer{Verdict: fault.Verdict(gazetteer.PlainAudit(found)), Counts: map[string]int{}, Findings: found}
	for _, f := range found {
		answer.Counts[f.Code]++
	}
	if c.XLSX != "" {
		if err := writeAudit(c.XLSX, found); err != nil {
			return err
		}
	}
	if c.JSON {
		err = printJSON(e.out, answer)
	} else {
		c.print(e, found)
	}
	if err == nil && answer.Verdict == string(fault.Block) {
		err = errFound
	}
	return err
}

// shownOfEach is how many findings of a code are listed when not all are.
const shownOfEach = 3

func (c *checkGazetteerCommand) print(e *env, found []gazetteer.AuditFinding) {
	if len(found) == 0 {
		fmt.Fprintln(e.out, "没有发现问题")
		return
	}
	for from := 0; from < len(found); {
		same := found[from:]
		if i := slices.IndexFunc(same, func(f gazetteer.AuditFinding) bool { return f.Code != same[0].Code || f.Severity != same[0].Severity }); i > 0 {
			same = same[:i]
		}
		from += len(same)
		fmt.Fprintf(e.out, "%s [%s] %d 处（%s）\n", gazetteer.AuditLabel(same[0].Code, false), same[0].Severity.Label(), len(same), same[0].Code)
		for i, f := range same {
			if i == shownOfEach && !c.All {
				fmt.Fprintf(e.out, "  … 另有 %d 处，加 --all 全部列出\n", len(same)-i)
				break
			}
			fmt.Fprintf(e.out, "  %s\n", f.Detail)
		}
		fmt.Fprintf(e.out, "  怎么办：%s\n", same[0].Cure)
	}
}

// writeAudit writes the findings to a file.
func writeAudit(path string, found []gazetteer.AuditFinding) error {
	return writeWhole("--xlsx", path, func(w io.Writer) error {
		return gazetteer.WriteAudit(w, func(yield func(feature.Row, error) bool) {
			for i, finding := range found {
				if !yield(gazetteer.AuditRow(i+1, finding, ""), nil) {
					return
				}
			}
		})
	})
}

// writeWhole writes the workbook that a flag names, whole or not at all.
func writeWhole(flag, path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".fangyu-*.xlsx")
	if err != nil {
		return usageError(flag + "：写不了 " + path + "：" + err.Error())
	}
	defer os.Remove(f.Name())
	if err = errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
