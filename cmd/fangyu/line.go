package main

import (
	"fmt"
	"time"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
)

type lineCommand struct {
	Derive lineDeriveCommand `cmd:"" help:"由县级区划的图形推求示意界线，可重复执行 Derive lines for reference from the shapes of counties"`
}

type lineDeriveCommand struct {
	Source     string  `required:"" help:"图形的来源，记在界线上 What the shapes come from, as the lines will say" placeholder:"TITLE"`
	Within     string  `help:"只推求有一侧在此省级区划内的界线 Only lines with one side in this province" placeholder:"CODE"`
	ToleranceM float64 `name:"tolerance-m" help:"先把相邻图形相距不超过这些米的边接上，区划的图形本身不变 Bring edges of neighbours together first" placeholder:"M"`
	Digest     string  `help:"试运行报告的摘要：接边须先看过才能写入 The digest of the dry run, without which no edge moves" placeholder:"SHA256"`
	DryRun     bool    `help:"只显示会有什么变化 Show what would come of it and change nothing"`
	All        bool    `help:"列出全部 List everything"`
	JSON       bool    `help:"输出 JSON 报告 Print the report as JSON"`
}

// Run derives the lines and prints what came of it; exit code 1 when edges are left that do not match.
func (c *lineDeriveCommand) Run(e *env) error {
	if c.ToleranceM < 0 || c.ToleranceM > maxToleranceM {
		return usageError(fmt.Sprintf("--tolerance-m 应在 0 到 %d 米之间", maxToleranceM))
	}
	return withSystem(e, func(s *system) error {
		report, err := s.bound.DeriveLines(e.ctx, operator, time.Now(), boundsql.Derive{
			Within: c.Within, Document: gazetteer.Document{Title: c.Source}, DryRun: c.DryRun, ToleranceM: c.ToleranceM, Digest: c.Digest,
		})
		switch {
		case err != nil:
			return err
		case c.JSON:
			err = printJSON(e.out, report)
		default:
			err = c.print(e, report)
		}
		if err == nil && len(report.Findings) > 0 {
			err = errFound
		}
		return err
	})
}

func (c *lineDeriveCommand) print(e *env, r boundsql.DeriveReport) error {
	if r.Reconciliation != nil {
		if err := printReconciliation(e.out, r.Reconciliation, c.All); err != nil {
			return err
		}
	}
	fmt.Fprintf(e.out, "界线 %d 条、界线段 %d 段，共 %.1f 公里：新建 %d 条，已有 %d 条不变；未成线的内部边界约 %.1f 公里\n",
		r.Lines, r.Sections, r.LengthM/1000, r.Created, r.Unchanged, r.UnmatchedM/1000)
	printFindings(e.out, r.Findings)
	if r.Committed {
		return nil
	}
	fmt.Fprintln(e.out, "试运行，没有写入")
	if r.Digest != "" {
		fmt.Fprintf(e.out, "看过以上移动后，加上 --digest %s 写入\n", r.Digest)
	}
	return nil
}
