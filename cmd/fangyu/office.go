package main

import (
	"fmt"
	"time"

	"fangyu/gazetteer"
)

type officeCommand struct {
	Succeed officeSucceedCommand `cmd:"" help:"办理区划撤并后单位的承继，可重复执行 Let offices take the places of those whose divisions ended"`
}

type officeSucceedCommand struct {
	On       string `help:"区划变更生效的日期 First day without the divisions that ended" placeholder:"2026-11-24" required:""`
	Document string `help:"批复的标题 Title of the approval" required:""`
	Number   string `help:"批复的文号 Its number" required:""`
	IssuedBy string `help:"批复的机关 Who issued it"`
}

// Run carries out the succession and prints what became of each office.
func (c *officeSucceedCommand) Run(e *env) error {
	on, err := time.Parse(time.DateOnly, c.On)
	if err != nil {
		return usageError("--on 不是日期：请写成 2026-11-24")
	}
	return withSystem(e, func(s *system) error {
		plan, err := s.bound.SucceedOffices(e.ctx, operator, time.Now(), on,
			gazetteer.Document{Kind: "approval", Title: c.Document, Number: c.Number, IssuedBy: c.IssuedBy})
		if err != nil {
			return err
		}
		for _, o := range plan.Found {
			fmt.Fprintf(e.out, "新设 founded   %s\n", o.Name)
		}
		for _, o := range plan.Closed {
			fmt.Fprintf(e.out, "撤销 closed    %s\n", o.Name)
		}
		for _, o := range plan.Undecided {
			fmt.Fprintf(e.out, "待定 undecided %s：没有唯一的承继者，其账号请另行安排\n", o.Name)
		}
		for _, r := range plan.Ended {
			fmt.Fprintf(e.out, "终止 ended     联检 %s：双方合为一方\n", r.ID)
		}
		return nil
	})
}
