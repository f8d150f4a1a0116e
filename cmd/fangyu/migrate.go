package main

import "fmt"

type migrateCommand struct{}

// Run migrates: opening the system does.
func (c *migrateCommand) Run(e *env) error {
	if e.cfg.Database != "" && e.cfg.Owner == "" {
		return usageError("升级已有数据库的结构须用 --owner 给出 fangyu_owner 的地址")
	}
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintln(e.out, "结构已是最新")
	return nil
}
