package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"fangyu/boundary/boundsql"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

type divisionCommand struct {
	Change  divisionChangeCommand  `cmd:"" help:"办理区划变更，可重复执行 Carry out a change of divisions"`
	Changes divisionChangesCommand `cmd:"" help:"列出随程序提供的区划变更 List the changes that come with the program"`
}

type divisionChangesCommand struct{}

// Run lists the changes that come with the program.
func (c *divisionChangesCommand) Run(e *env) error {
	all, err := gazetteer.KnownChanges()
	if err != nil {
		return err
	}
	for _, one := range all {
		fmt.Fprintf(e.out, "%s\t%s\t%s\n", one.ID, one.Approval.EffectiveOn, one.Title)
	}
	return nil
}

type divisionChangeCommand struct {
	File    string `arg:"" help:"变更的描述（JSON 文件），或随程序提供的变更的编号，如 2025-cq A described change as JSON, or the id of one that comes with the program"`
	DryRun  bool   `help:"只显示会有什么变化 Show the difference and change nothing"`
	Against string `help:"与变更后的乡镇、街道名录（zip，code/500157.json 等）对照 Compare with a list of townships after the change" type:"path"`
	JSON    bool   `help:"输出 JSON 报告 Print the report as JSON"`
}

// Run carries out the change and prints what it does.
func (c *divisionChangeCommand) Run(e *env) error {
	change, err := c.read()
	if err != nil {
		return err
	}
	var list gazetteer.TownshipList
	if c.Against != "" {
		if list, err = gazsql.OpenTownshipList(c.Against); err != nil {
			return err
		}
	}
	return withSystem(e, func(s *system) error {
		done, err := s.bound.ChangeDivisions(e.ctx, operator, time.Now(), change, c.DryRun)
		if err == nil && c.Against != "" {
			done.Plan.Findings = append(done.Plan.Findings, list.Against(done.Plan.After)...)
		}
		if c.JSON {
			if jsonErr := printJSON(e.out, done); jsonErr != nil {
				return jsonErr
			}
		} else if err == nil {
			printChanged(e, done)
		}
		if err == nil && done.Plan.Refused() && !done.Already {
			return errFound
		}
		return err
	})
}

// read is the change of the file, or of the program.
func (c *divisionChangeCommand) read() (gazetteer.DivisionChange, error) {
	b, err := os.ReadFile(c.File)
	if os.IsNotExist(err) && !strings.ContainsAny(c.File, "./\\") {
		return gazetteer.KnownChange(c.File)
	}
	if err != nil {
		return gazetteer.DivisionChange{}, fault.Wrap(err, fault.NotFound, "file-unreadable", "读不到 %s：请检查路径", c.File)
	}
	return gazetteer.ReadDivisionChange(b)
}

func printChanged(e *env, done boundsql.DivisionChanged) {
	if done.Already {
		fmt.Fprintf(e.out, "%s：已经记录，没有再作改动\n", done.Change.Title)
		return
	}
	above := func(d gazetteer.DivisionStanding) string { return done.Plan.After[d.Parent].Name }
	fmt.Fprintf(e.out, "%s，自 %s 起\n", done.Change.Title, done.Change.Approval.EffectiveOn)
	for _, d := range done.Plan.Ended {
		fmt.Fprintf(e.out, "撤销 ended     %s %s\n", d.Code(), d.Name)
	}
	for _, d := range done.Plan.Founded {
		fmt.Fprintf(e.out, "设立 founded   %s %s（%s）\n", d.Code(), d.Name, above(d))
	}
	for _, m := range done.Plan.Changed {
		fmt.Fprintf(e.out, "变更 changed   %s %s → %s %s（%s）\n", m.Before.Code(), m.Before.Name, m.After.Code(), m.After.Name, above(m.After))
	}
	for _, o := range done.Offices.Found {
		fmt.Fprintf(e.out, "新设单位       %s\n", o.Name)
	}
	for _, o := range done.Offices.Closed {
		fmt.Fprintf(e.out, "撤销单位       %s\n", o.Name)
	}
	for _, o := range done.Offices.Undecided {
		fmt.Fprintf(e.out, "待定单位       %s：没有唯一的承继者，其账号请另行安排\n", o.Name)
	}
	for _, clock := range done.Change.Approval.Clocks(false) {
		until := ""
		if !clock.ExtendedTo.IsZero() {
			until = fmt.Sprintf("，经批准延长至 %s", clock.ExtendedTo)
		}
		fmt.Fprintf(e.out, "期限 due       %s：%s%s（%s）\n", clock.Label, clock.Due, until, clock.Clause)
	}
	printFindings(e.out, done.Plan.Findings)
	if !done.Recorded {
		fmt.Fprintln(e.out, "试运行，没有写入")
	}
}
