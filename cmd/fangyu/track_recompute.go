package main

import (
	"encoding/json"
	"fmt"

	"fangyu/boundary/boundsql"
)

type trackRecomputeCommand struct {
	JSON bool `name:"json" help:"以 JSON 输出 Print JSON"`
}

var recomputedWords = map[string]string{
	"same": "一致", "differs": "不一致", "other-algorithm": "由另一版算法得出，未比较", "not-recorded": "当时没有记录所依据的内容，未比较", "failed": "未能重算",
}

// Run works every recorded result out anew from its original, with what was asked then. It changes nothing; results that
// come out otherwise are findings.
func (c *trackRecomputeCommand) Run(e *env) error {
	s, err := open(e.ctx, e, opening{keep: true})
	if err != nil {
		return err
	}
	defer s.Close()
	bar := newProgress(e.err, "重算比对结果", 0)
	all, count := []boundsql.Recomputed{}, map[string]int{}
	err = s.bound.Recompute(e.ctx, func(r boundsql.Recomputed, total int) error {
		all = append(all, r)
		count[r.State]++
		bar.set(len(all), total)
		return nil
	})
	if err != nil {
		return err
	}
	if c.JSON {
		err = json.NewEncoder(e.out).Encode(map[string]any{"results": all, "counts": count})
	} else {
		err = c.print(e, all, count)
	}
	if err == nil && count["differs"]+count["failed"] > 0 {
		err = errFound
	}
	return err
}

func (c *trackRecomputeCommand) print(e *env, all []boundsql.Recomputed, count map[string]int) error {
	for _, r := range all {
		if r.State == "same" {
			continue
		}
		fmt.Fprintf(e.out, "轨迹 %s 第 %d 版（%s，%s）：%s", r.TrackID, r.Version, r.Line, r.Algorithm, recomputedWords[r.State])
		if len(r.Coverage) == 2 {
			fmt.Fprintf(e.out, "，覆盖率原为 %.3f，现为 %.3f", r.Coverage[0], r.Coverage[1])
		}
		if r.Why != "" {
			fmt.Fprintf(e.out, "：%s", r.Why)
		}
		fmt.Fprintln(e.out)
	}
	_, err := fmt.Fprintf(e.out, "共 %d 个结果：一致 %d，不一致 %d，未比较 %d，未能重算 %d\n",
		len(all), count["same"], count["differs"], count["other-algorithm"]+count["not-recorded"], count["failed"])
	return err
}
