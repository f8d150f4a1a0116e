package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

type checkTopologyCommand struct {
	Frame       string            `help:"文件的坐标系（缺省按文件所说） The frame of the files, where they do not say: 4490, 4545, gcj02 …"`
	Control     string            `help:"位置可靠的轮廓，用来核对文件的坐标系 Outlines that stand where they should, to tell whether the files do" type:"path"`
	Map         map[string]string `help:"列的对应 theirs=ours（code name parentCode level left right） Their columns and ours" mapsep:","`
	ToleranceM  float64           `help:"不列出平均宽不到这么多米的空隙和重叠 Leave narrower gaps and overlaps unlisted (metres)"`
	SliverM2    float64           `name:"sliver-m2" help:"面积小于此数是碎片，缺省 100 平方米 What is smaller is a sliver; 100 by default"`
	SliverShape float64           `help:"形状 4πA/P² 小于此数是碎片，缺省 0.01 What is of a smaller shape is a sliver; 0.01 by default"`
	SliverWidth float64           `name:"sliver-width-m" help:"平均宽 2A/P 小于此数是碎片，缺省 2 米 What is narrower is a sliver; 2 m by default"`
	JSON        bool              `help:"输出 JSON"`
	All         bool              `help:"逐条列出，缺省每类只列前几条 List every finding"`
	Files       []string          `arg:"" type:"path"`
}

// topologyColumns are the properties that say what a feature is.
var topologyColumns = feature.Columns{Fields: map[string][]string{
	"id": nil, "code": {"代码", "行政区划代码", "区划代码", "adcode", "quhuadaima", "xzqdm", "pac"}, "name": {"名称", "行政区划名称", "xzqmc"},
	"parentCode": {"parent", "上级代码", "上级"}, "level": {"级别", "等级"},
	"left": {"leftCode", "左", "左方"}, "right": {"rightCode", "右", "右方"},
}}

// Run checks files together; it needs no database.
func (c *checkTopologyCommand) Run(e *env) error {
	for _, given := range []float64{c.ToleranceM, c.SliverM2, c.SliverShape, c.SliverWidth} {
		if !(given >= 0 && given <= math.MaxInt32) { // not a number, too: nothing is narrower or wider than that
			return usageError("--tolerance-m、--sliver-m2、--sliver-shape、--sliver-width-m 应是 0 或大于 0 的数，不能是负数、NaN 或大得不合常理")
		}
	}
	p := coverage.Parameters{SliverM2: c.SliverM2, SliverShape: c.SliverShape, SliverWidthM: c.SliverWidth, ToleranceM: c.ToleranceM}
	var features []coverage.Feature
	var unread []coverage.Finding
	for i, path := range c.Files {
		its, bad, err := c.read(e.err, i, path, c.Frame)
		if err != nil {
			return err
		}
		features, unread, p.Files = append(features, its...), append(unread, bad...), append(p.Files, filepath.Base(path))
	}
	if c.Control != "" {
		var err error
		if p.Control, _, err = c.read(e.err, 0, c.Control, ""); err != nil {
			return err
		}
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

// read reads the areas and lines of a file, in the frame that is given, else in the one it says; records that cannot be read are findings.
func (c *checkTopologyCommand) read(errs io.Writer, file int, path, frame string) (all []coverage.Feature, bad []coverage.Finding, err error) {
	src, err := feature.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if frame == "" {
		frame = src.DeclaredFrame
	}
	from, err := geo.ParseFrame(frame)
	if err != nil {
		return nil, nil, err
	}
	columns := topologyHeadings(src, c.Map)
	bar := newProgress(errs, "读取 "+src.Name, src.Rows)
	defer bar.end()
	n := 0
	for rec, err := range src.Records() {
		n++
		bar.set(n, src.Rows)
		place := fmt.Sprintf("%s 第 %d 个", src.Name, n)
		if err == nil {
			rec.Geometry, err = geo.ToCGCS2000(rec.Geometry, from)
		}
		if err != nil {
			f, err := unreadRecord(place, err)
			if err != nil {
				return nil, nil, err
			}
			bad = append(bad, f)
			continue
		}
		if rec.Geometry == nil {
			continue
		}
		field := func(ours string) string { return strings.TrimSpace(rec.Fields[columns[ours]]) }
		f := coverage.Feature{
			ID: rec.ID, Code: field("code"), Name: field("name"), Parent: field("parentCode"), Level: field("level"),
			Left: field("left"), Right: field("right"), File: file, Geometry: rec.Geometry,
		}
		f.Identify(field("id"), place)
		all = append(all, f)
	}
	return all, bad, nil
}

// topologyHeadings are the headings of a file under which our fields stand.
func topologyHeadings(src *feature.Source, theirs map[string]string) map[string]string {
	columns := map[string]string{}
	for heading, ours := range src.Guess(topologyColumns) {
		columns[ours] = heading
	}
	for heading, ours := range theirs {
		columns[ours] = heading
	}
	return columns
}

// unreadRecord is the finding for a record that is wrong in itself. An error of the file stays one.
func unreadRecord(place string, err error) (coverage.Finding, error) {
	var known *fault.Error
	if !errors.As(err, &known) || known.Kind != fault.Malformed {
		return coverage.Finding{}, err
	}
	return coverage.Finding{Finding: fault.Finding{
		Code: known.Code, Severity: fault.Block, Pointer: place, Detail: known.Detail,
	}, Features: []string{}}, nil
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
