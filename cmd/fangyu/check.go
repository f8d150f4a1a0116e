package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

type checkCommand struct {
	Gazetteer checkGazetteerCommand `cmd:"" help:"地名和区划数据质量检查 Audit divisions, places and names"`
	Topology  checkTopologyCommand  `cmd:"" help:"检查文件中的面和线是否严丝合缝 Check that the areas and lines of files fit together"`
}

type checkGazetteerCommand struct {
	Division string `help:"只查这个行政区划（代码），缺省为全部 Code of the division to audit; everything by default"`
	Pack     string `help:"按这个规则包检查名称（代号），缺省为该区划现行的 Rule pack to judge names by; the one in force there by default"`
	JSON     bool   `help:"输出 JSON"`
	XLSX     string `name:"xlsx" help:"把全部结果写成工作簿 Write every finding as a workbook" type:"path" placeholder:"FILE"`
	All      bool   `help:"逐条列出，缺省每类只列前几条 List every finding"`
}

// checkedGazetteer is what the command prints as JSON.
type checkedGazetteer struct {
	Verdict  string                   `json:"verdict"`
	Pack     string                   `json:"pack"`   // by which names were judged
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
	check := gazsql.GazetteerCheck{Pack: c.Pack}
	if c.Division != "" {
		if check.Division, err = s.gaz.DivisionByCode(e.ctx, c.Division); err != nil {
			return err
		}
	}
	progress := newProgress(e.err, "检查", 0)
	found, pack, err := s.gaz.CheckGazetteer(e.ctx, gazetteer.Actor{}, time.Now(), check, func(p gazsql.AuditProgress) error {
		progress.set(p.Part())
		return nil
	})
	if err != nil {
		return err
	}
	answer := checkedGazetteer{Verdict: fault.Verdict(gazetteer.PlainAudit(found)), Pack: pack.ID, Counts: map[string]int{}, Findings: found}
	for _, f := range found {
		answer.Counts[f.Code]++
	}
	if c.XLSX != "" {
		if err := writeAudit(c.XLSX, pack, found); err != nil {
			return err
		}
	}
	if c.JSON {
		err = printJSON(e.out, answer)
	} else {
		fmt.Fprintf(e.out, "名称按《%s》检查（%s）\n", cmp.Or(pack.Title, "没有现行的命名规则"), cmp.Or(pack.ID, "无"))
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
func writeAudit(path string, pack gazetteer.Pack, found []gazetteer.AuditFinding) error {
	return writeWhole("--xlsx", path, func(w io.Writer) error {
		return gazetteer.WriteAudit(w, pack.Title, func(yield func(feature.Row, error) bool) {
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
