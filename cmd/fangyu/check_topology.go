package main

import (
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

type checkTopologyCommand struct {
	topologyInput
	Control     string   `help:"位置可靠的轮廓，用来核对文件的坐标系 Outlines that stand where they should, to tell whether the files do" type:"path"`
	ToleranceM  float64  `help:"不列出平均宽不到这么多米的空隙和重叠 Leave narrower gaps and overlaps unlisted (metres)"`
	SliverM2    float64  `name:"sliver-m2" help:"面积小于此数是碎片，缺省 100 平方米 What is smaller is a sliver; 100 by default"`
	SliverShape float64  `help:"形状 4πA/P² 小于此数是碎片，缺省 0.01 What is of a smaller shape is a sliver; 0.01 by default"`
	SliverWidth float64  `name:"sliver-width-m" help:"平均宽 2A/P 小于此数是碎片，缺省 2 米 What is narrower is a sliver; 2 m by default"`
	AccuracyM   *float64 `name:"accuracy-m" help:"坐标的精度：平均宽不到此数的空隙和重叠只作提醒，仍列出；缺省按坐标的小数位数，七位约 1.5 厘米；0 为一律算错 How exact the coordinates are: what is narrower is a warning" placeholder:"M"`
	JSON        bool     `help:"输出 JSON"`
	All         bool     `help:"逐条列出，缺省每类只列前几条 List every finding"`
	Files       []string `arg:"" type:"path"`
}

// Run checks files together; it needs no database.
func (c *checkTopologyCommand) Run(e *env) error {
	accuracyM := 0.0
	if c.AccuracyM != nil {
		accuracyM = *c.AccuracyM
	}
	for _, given := range []float64{c.ToleranceM, c.SliverM2, c.SliverShape, c.SliverWidth, accuracyM} {
		if !(given >= 0 && given <= math.MaxInt32) { // not a number, too: nothing is narrower or wider than that
			return usageError("--tolerance-m、--sliver-m2、--sliver-shape、--sliver-width-m、--accuracy-m 应是 0 或大于 0 的数，不能是负数、NaN 或大得不合常理")
		}
	}
	p := coverage.Parameters{SliverM2: c.SliverM2, SliverShape: c.SliverShape, SliverWidthM: c.SliverWidth, ToleranceM: c.ToleranceM}
	if p.AccuracyM = accuracyM; c.AccuracyM != nil && accuracyM == 0 {
		p.AccuracyM = -1 // nothing is excused
	}
	var features []coverage.Feature
	var unread []coverage.Finding
	for i, path := range c.Files {
		in, err := c.read(e.err, i, path, c.Frame)
		if err != nil {
			return err
		}
		features, unread, p.Files = append(features, in.features...), append(unread, in.bad...), append(p.Files, filepath.Base(path))
	}
	if c.Control != "" {
		in, err := c.read(e.err, 0, c.Control, "")
		if err != nil {
			return err
		}
		p.Control = in.features
	}
	bar := newProgress(e.err, "检查", 0)
	r, err := coverage.Check(e.ctx, features, p, bar.set)
	bar.end()
	if err != nil {
		return err
	}
	r.Add(unread)
	if c.JSON {
		err = printJSON(e.out, r)
	} else {
		err = c.print(e.out, &r)
	}
	if err == nil && r.Verdict() == fault.Block {
		err = errFound
	}
	return err
}

// print lists findings code by code, and exclaves.
func (c *checkTopologyCommand) print(out io.Writer, r *coverage.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "共 %d 个面和线\n", r.Features)
	if len(r.Findings) == 0 {
		fmt.Fprintln(&b, "没有发现问题")
	}
	shown := map[string]int{}
	for i, f := range r.Findings {
		if i == 0 || f.Code != r.Findings[i-1].Code {
			fmt.Fprintf(&b, "%s [%s] %d 处\n", coverage.Label(f.Code), f.Severity.Label(), max(r.Counts[f.Code], 1))
		}
		if shown[f.Code]++; shown[f.Code] <= shownOfEach || c.All {
			fmt.Fprintf(&b, "  %s\n", strings.TrimSpace(f.Pointer+" "+f.Detail))
		} else if shown[f.Code] == shownOfEach+1 {
			fmt.Fprintln(&b, "  … 加 --all 全部列出")
		}
	}
	if len(r.Exclaves) > 0 {
		fmt.Fprintf(&b, "飞地 %d 处（不算问题）\n", len(r.Exclaves))
	}
	for _, x := range r.Exclaves[:min(len(r.Exclaves), c.shownExclaves(len(r.Exclaves)))] {
		fmt.Fprintf(&b, "  %s 在 %s 之内，%.4f 平方千米，（%.6f, %.6f）\n", orElse(x.Of, "文件以外的单位"), orElse(x.Within, "文件以外的单位"), x.AreaM2/1e6, x.At[0], x.At[1])
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// shownExclaves is how many of n are listed.
func (c *checkTopologyCommand) shownExclaves(n int) int {
	if c.All {
		return n
	}
	return 20
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
