package main

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

type topologyCommand struct {
	Reconcile topologyReconcileCommand `cmd:"" help:"接边：把相邻各面的边在容差内接成一条 Bring the edges of neighbours together within a tolerance"`
	Lines     topologyLinesCommand     `cmd:"" help:"由面得线：界线和三交点 Lines and tripoints of areas"`
	Faces     topologyFacesCommand     `cmd:"" help:"由线得面：线须注明左右 Areas of lines that say what lies left and right"`
}

type topologyReconcileCommand struct {
	topologyInput
	ToleranceM   float64  `help:"边最多移动这么多米 No edge is moved farther (metres)" required:"" placeholder:"M"`
	Fixed        string   `help:"不动的线，如已批准的界线：与它同顶点的边不动，另一方来接 Lines that stay, such as approved ones" type:"path" placeholder:"FILE"`
	Master       []string `help:"不动的文件：别的文件来接它 Files that stay" type:"path" placeholder:"FILE"`
	BetweenFiles bool     `help:"只在文件之间接边，各文件内部不动 Only between files, not within one"`
	Out          string   `short:"o" help:"接好的面写到这里（.geojson，或 Shapefile 的 .zip） Write what came of it here" required:"" type:"path" placeholder:"FILE"`
	Report       string   `help:"报告（JSON）写到这里 Write the report here, as JSON" type:"path" placeholder:"FILE"`
	JSON         bool     `help:"输出 JSON"`
	All          bool     `help:"逐条列出，缺省只列最大的几处 List everything"`
	Files        []string `arg:"" type:"path"`
}

// Run reconciles files; it needs no database.
func (c *topologyReconcileCommand) Run(e *env) error {
	if !(c.ToleranceM > 0 && c.ToleranceM <= maxToleranceM) {
		return usageError(fmt.Sprintf("--tolerance-m 应是大于 0、不超过 %d 的米数，例如 1", maxToleranceM))
	}
	p := coverage.ReconcileParameters{ToleranceM: c.ToleranceM, AcrossFiles: c.BetweenFiles, FixedFiles: map[int]bool{}}
	for _, path := range c.Master {
		i := slices.IndexFunc(c.Files, func(file string) bool { return sameFile(file, path) })
		if i < 0 {
			return usageError(fmt.Sprintf("--master %s 不在要接边的文件里：请把它也写在后面", path))
		}
		p.FixedFiles[i] = true
	}
	out, err := c.topologyInput.writer(c.Out, append(slices.Clone(c.Files), c.Fixed, c.Report)...)
	if err != nil {
		return err
	}
	if c.Report != "" && slices.ContainsFunc(append(slices.Clone(c.Files), c.Fixed), func(in string) bool { return sameFile(in, c.Report) }) {
		return usageError(fmt.Sprintf("报告 %s 就是读入的文件，不覆盖：请换一个名字", c.Report))
	}
	if c.Fixed != "" {
		fixed, err := c.read(e.err, 0, c.Fixed, "")
		if err != nil {
			return err
		}
		if p.Fixed = fixedLines(fixed.features); len(p.Fixed) == 0 {
			return usageError(fmt.Sprintf("--fixed %s 里没有线", c.Fixed))
		}
	}
	files, features, err := c.topologyInput.readAll(e.err, c.Files)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(features, isArea) {
		return usageError("文件里没有面：接边接的是相邻各面的边")
	}
	fmt.Fprintln(e.err, "接边 …")
	after, report, err := coverage.Reconcile(e.ctx, features, p)
	if err != nil {
		return err
	}
	note := fmt.Sprintf("接边容差 %g 米；坐标是 CGCS2000 经纬度", c.ToleranceM)
	if err := out.write(topologyTable("reconciled", "接边后的面", note, files), tableRows(files, after)); err != nil {
		return err
	}
	if c.Report != "" {
		if err := wholly(c.Report, func(w io.Writer) error { return printJSON(w, report) }); err != nil {
			return err
		}
	}
	if c.JSON {
		err = printJSON(e.out, report)
	} else {
		err = printReconciliation(e.out, &report, c.All)
	}
	if err == nil && len(report.Left) > 0 {
		err = errFound
	}
	return err
}

// maxToleranceM is beyond what any two surveys of one line may differ.
const maxToleranceM = 1000

// printReconciliation says what was done, the largest first; unless all is asked for, no more than people read.
func printReconciliation(out io.Writer, r *coverage.Reconciliation, all bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "共 %d 个面，改动 %d 个，%d 对相邻的面接过边；没有接上的 %d 处\n", r.Features, r.Changed, len(r.Pairs), len(r.Left))
	pairs := slices.Clone(r.Pairs)
	slices.SortStableFunc(pairs, func(p, q coverage.ReconciledPair) int { return cmp.Compare(farthest(q), farthest(p)) })
	for i, p := range pairs {
		if i == maxShown && !all {
			fmt.Fprintln(&b, "  … 加 --all 全部列出")
			break
		}
		fmt.Fprintf(&b, "  %s 与 %s：共用的边由 %.1f 米变为 %.1f 米\n", p.A, p.B, p.SharedBeforeM, p.SharedAfterM)
		for _, m := range p.Moved {
			fmt.Fprintf(&b, "    %s 的边%s；顶点加 %d 减 %d\n", m.Unit, howFar(m), m.VerticesAdded, m.VerticesRemoved)
			if m.HeldM > 0 {
				fmt.Fprintf(&b, "      其中 %.1f 米是接到固定的线上\n", m.HeldM)
			}
		}
		for _, x := range p.Exchanges {
			fmt.Fprintf(&b, "    %.2f 平方米（%d 处）由 %s 归 %s\n", x.AreaM2, x.Places, orElse(x.From, "无归属"), orElse(x.To, "无归属"))
		}
	}
	for i, f := range r.Apart {
		if i == maxShown && !all {
			fmt.Fprintln(&b, "  … 加 --all 全部列出")
			break
		}
		fmt.Fprintf(&b, "  请注意：%s\n", f.Detail)
	}
	for i, f := range r.Left {
		if i == maxShown && !all {
			fmt.Fprintln(&b, "  … 加 --all 全部列出")
			break
		}
		fmt.Fprintf(&b, "  没有接上：%s\n", f.Detail)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// howFar says how far an edge moved and where the most; an edge that only got vertices did not move.
func howFar(m coverage.Moved) string {
	if m.MaxM == 0 {
		return "没有移动"
	}
	return fmt.Sprintf("移动 %.1f 米长，最大 %.3f 米（%.7f, %.7f），平均 %.3f 米", m.LengthM, m.MaxM, m.At[0], m.At[1], m.MeanM)
}

func farthest(p coverage.ReconciledPair) (m float64) {
	for _, moved := range p.Moved {
		m = max(m, moved.MaxM)
	}
	return m
}

type topologyLinesCommand struct {
	topologyInput
	Out   string   `short:"o" help:"线和三交点写到这里（.geojson） Write lines and tripoints here" required:"" type:"path" placeholder:"FILE"`
	Files []string `arg:"" type:"path"`
}

// Run writes the lines and tripoints of areas; it needs no database.
func (c *topologyLinesCommand) Run(e *env) error {
	out, err := c.topologyInput.writer(c.Out, c.Files...)
	if err != nil {
		return err
	}
	if out.format.Name != "geojson" {
		return usageError("线和三交点写在一个文件里，只能用 .geojson")
	}
	_, features, err := c.topologyInput.readAll(e.err, c.Files)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(features, isArea) {
		return usageError("文件里没有面：由面得线，须给出各单位的面")
	}
	lines, nodes := coverage.Lines(features)
	table := feature.Table{
		Name: "lines", Title: "由面得出的线和三交点", At: time.Now(), Notes: []string{"坐标是 CGCS2000 经纬度；左、右是界线两侧的单位，空白是外边界"},
		Columns: []feature.Column{
			{Name: "kind", Kind: feature.Text, Title: "线或三交点"},
			{Name: "name", Kind: feature.Text, Title: "名称"},
			{Name: "left", Kind: feature.Text, Title: "左方"},
			{Name: "right", Kind: feature.Text, Title: "右方"},
			{Name: "lengthM", Kind: feature.Number, Title: "长度（米，椭球面）"},
		},
	}
	inner := 0
	err = out.write(table, func(yield func(feature.Row, error) bool) {
		for _, l := range lines {
			if l.Right != "" {
				inner++
			}
			values := []string{"line", l.Name, l.Left, l.Right, fmt.Sprintf("%.3f", geo.LengthM(l.Geometry))}
			if !yield(feature.Row{ID: l.ID, Geometry: l.Geometry, Values: values}, nil) {
				return
			}
		}
		for i, n := range nodes {
			row := feature.Row{ID: fmt.Sprintf("N%d", i+1), Geometry: n.At, Values: []string{"node", strings.Join(n.Areas, "|"), "", "", ""}}
			if !yield(row, nil) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%d 条两侧都有单位的线，%d 条外边界，%d 个三交点\n", inner, len(lines)-inner, len(nodes))
	return nil
}

type topologyFacesCommand struct {
	topologyInput
	Out   string   `short:"o" help:"面写到这里（.geojson，或 Shapefile 的 .zip） Write the areas here" required:"" type:"path" placeholder:"FILE"`
	Files []string `arg:"" type:"path"`
}

// Run puts areas together from lines; it needs no database. What is found is printed, and the areas that there are written all the same.
func (c *topologyFacesCommand) Run(e *env) error {
	out, err := c.topologyInput.writer(c.Out, c.Files...)
	if err != nil {
		return err
	}
	_, features, err := c.topologyInput.readAll(e.err, c.Files)
	if err != nil {
		return err
	}
	lines := slices.DeleteFunc(features, func(f coverage.Feature) bool { return len(pathsOf([]coverage.Feature{f})) == 0 })
	if len(lines) == 0 {
		return usageError("文件里没有线：由线得面，线要有 left、right 两列")
	}
	areas, findings, err := coverage.Faces(e.ctx, lines)
	if err != nil {
		return err
	}
	table := feature.Table{Name: "faces", Title: "由线得出的面", At: time.Now(), Notes: []string{"坐标是 CGCS2000 经纬度"}, Columns: []feature.Column{
		{Name: "code", Kind: feature.Text, Title: "代码"}, {Name: "areaM2", Kind: feature.Number, Title: "面积（平方米，椭球面）"},
	}}
	err = out.write(table, func(yield func(feature.Row, error) bool) {
		for _, a := range areas {
			if !yield(feature.Row{ID: a.ID, Geometry: a.Geometry, Values: []string{a.ID, fmt.Sprintf("%.2f", geo.AreaM2(a.Geometry))}}, nil) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "由 %d 条线得出 %d 个面\n", len(lines), len(areas))
	for _, f := range findings {
		fmt.Fprintf(e.out, "  [%s] %s：%s\n", f.Severity.Label(), coverage.Label(f.Code), f.Detail)
	}
	if len(findings) > 0 {
		return errFound
	}
	return nil
}

// readAll reads files together. A record that cannot be read is a refusal: what is written would lack it.
func (c *topologyInput) readAll(errs io.Writer, paths []string) (files []topologyFile, features []coverage.Feature, err error) {
	for i, path := range paths {
		in, err := c.read(errs, i, path, c.Frame)
		if err != nil {
			return nil, nil, err
		}
		if len(in.bad) > 0 {
			return nil, nil, fault.Refuse("records-unread", fmt.Sprintf("文件 %s 有 %d 条读不出，写出的文件会缺少它们：请先改正", in.source.Name, len(in.bad)), plain(in.bad))
		}
		files, features = append(files, in), append(features, in.features...)
	}
	return files, features, nil
}

func plain(findings []coverage.Finding) []fault.Finding {
	all := make([]fault.Finding, len(findings))
	for i, f := range findings {
		all[i] = f.Finding
	}
	return all
}

// isArea reports whether the feature is the ground of a unit.
func isArea(f coverage.Feature) bool {
	return f.Geometry != nil && f.Geometry.Dimensions() == 2
}

// fixedLines are the lines among features, to hold areas to.
func fixedLines(features []coverage.Feature) (fixed []coverage.FixedLine) {
	for i := range features {
		for _, path := range linesOf(features[i].Geometry) {
			fixed = append(fixed, coverage.FixedLine{ID: features[i].ID, Name: features[i].String(), Path: path})
		}
	}
	return fixed
}

// pathsOf are the lines among features.
func pathsOf(features []coverage.Feature) (paths []orb.LineString) {
	for _, f := range features {
		paths = append(paths, linesOf(f.Geometry)...)
	}
	return paths
}

// topologyWriter writes a file that is none of those that were read.
type topologyWriter struct {
	path   string
	format feature.Format
}

func (c *topologyInput) writer(path string, others ...string) (topologyWriter, error) {
	for _, other := range others {
		if other != "" && sameFile(path, other) {
			return topologyWriter{}, usageError(fmt.Sprintf("--out %s 就是读入的文件或报告，不覆盖：请换一个名字", path))
		}
	}
	for _, f := range feature.WriteFormats {
		if exact := f.Name == "geojson" || f.Name == "shapefile"; exact && strings.EqualFold(filepath.Ext(path), f.Ext) {
			return topologyWriter{path, f}, nil
		}
	}
	return topologyWriter{}, usageError(fmt.Sprintf("--out %s：应以 .geojson 结尾，或以 .zip 结尾（Shapefile）", path))
}

// sameFile reports whether two paths are one file, or would be.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err == nil {
		if y, err := os.Stat(b); err == nil {
			return os.SameFile(x, y)
		}
	}
	p, err := filepath.Abs(a)
	q, err2 := filepath.Abs(b)
	return err == nil && err2 == nil && p == q
}

func (w topologyWriter) write(t feature.Table, rows iter.Seq2[feature.Row, error]) error {
	return wholly(w.path, func(out io.Writer) error {
		return w.format.Write(out, t, rows, feature.WriteOptions{Folder: filepath.Dir(w.path)})
	})
}

// topologyTable has the columns of all files, as text, and with several of them which file a row is from.
func topologyTable(name, title, note string, files []topologyFile) feature.Table {
	t := feature.Table{Name: name, Title: title, At: time.Now(), Notes: []string{note}}
	for _, f := range files {
		for _, heading := range f.source.Headings {
			if !strings.EqualFold(heading, "id") && !slices.ContainsFunc(t.Columns, func(c feature.Column) bool { return c.Name == heading }) {
				t.Columns = append(t.Columns, feature.Column{Name: heading, Kind: feature.Text, Title: heading})
			}
		}
	}
	if len(files) > 1 {
		t.Columns = append(t.Columns, feature.Column{Name: fileColumn, Kind: feature.Text, Title: "来自文件"})
	}
	return t
}

// fileColumn says which file a row is from.
const fileColumn = "fromFile"

// tableRows are the records of files with what became of their geometries.
func tableRows(files []topologyFile, after []coverage.Feature) iter.Seq2[feature.Row, error] {
	columns := topologyTable("", "", "", files).Columns
	return func(yield func(feature.Row, error) bool) {
		for _, file := range files {
			geometries := make([]orb.Geometry, len(file.records))
			for i, rec := range file.of {
				geometries[rec] = after[i].Geometry
			}
			after = after[len(file.of):]
			for i, rec := range file.records {
				row := feature.Row{ID: cmp.Or(rec.ID, fmt.Sprint(i+1)), Geometry: geometries[i]}
				for _, c := range columns {
					value := rec.Fields[c.Name]
					if c.Name == fileColumn && len(files) > 1 {
						value = file.source.Name
					}
					row.Values = append(row.Values, value)
				}
				if !yield(row, nil) {
					return
				}
			}
		}
	}
}
