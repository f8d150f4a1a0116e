package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

type importCommand struct {
	Kind string `arg:"" help:"divisions, places, place-classes, lines, markers, code-lists（历年行政区划代码表 a zip of lists in time: 201112.tsv …）, rule-packs（规则包 YAML）, words（词库的词）"`
	File string `arg:"" help:"GeoJSON、TopoJSON、CSV（可用 gzip 压缩）、XLSX、Shapefile（zip 或 .shp）GeoJSON, TopoJSON or CSV, plain or .gz, XLSX, Shapefile as .zip or .shp" type:"path"`

	Frame        string            `help:"坐标系 Frame: EPSG code, gcj02 or bd09"`
	ConfirmFrame bool              `help:"确认文件在 GCJ-02 或 BD-09 中 Confirm that the file is in GCJ-02 or BD-09"`
	DryRun       bool              `help:"只检查不写入 Judge everything, change nothing"`
	Partial      bool              `help:"有坏行时导入其余各行 Take the good rows when others are bad"`
	Map          map[string]string `help:"列的对应 theirs=ours（- 表示不取）" mapsep:","`
	ValidFrom    string            `help:"生效日期 First day of validity" placeholder:"2016-11-24"`
	SourceTitle  string            `help:"来源名称 Title of the source"`
	SourceNumber string            `help:"来源文号 Number of the source"`
	IssuedBy     string            `help:"来源机构 Who issued the source"`
	IssuedOn     string            `help:"来源日期 Day of the source" placeholder:"2018-05-01"`
	Licence      string            `help:"来源许可 Licence of the source"`
	Synthetic    bool              `help:"标为合成示例 Mark as synthetic"`
	Twins        string            `help:"地名：疑似重复的行都是新地名（new）或都不导入（aside）Places: rows that look like a place that is there are all new, or left aside" enum:",new,aside" default:""`
	TwinM        float64           `help:"地名：同名的多近算疑似重复，米 Places: how near two of one name are looked at, in metres" default:"500"`
	Findings     string            `help:"地名：把差异和问题写成工作簿 Places: write differences and findings as a workbook" type:"path" placeholder:"FILE.xlsx"`
	Adopt        bool              `help:"规则包：按来源文件发布，不只是草案 Rule packs: adopt by the source document, not only as a draft"`
	Library      string            `help:"词：词库的代号；还没有的用 --source-title 建立 Words: the library; made with --source-title where it is not there"`
	LibraryKind  string            `help:"词：词库是禁限用（limited）还是采词（source） Words: of limited words or of words to name with" enum:",limited,source" default:""`
	Region       string            `help:"词：只在区划代码以此开头的地方计入 Words: count only where codes begin so"`
	JSON         bool              `help:"输出 JSON 报告 Print the report as JSON"`
}

// Run imports one file.
func (c *importCommand) Run(e *env) error {
	kinds := map[string]func(s *system) importer{
		"divisions": func(s *system) importer { return s.gaz.ImportDivisions },
		"places":    func(s *system) importer { return s.gaz.ImportPlaces },
		"lines":     func(s *system) importer { return s.bound.ImportLines },
		"markers":   func(s *system) importer { return s.bound.ImportMarkers },

		"place-classes":  func(s *system) importer { return s.gaz.ImportPlaceClasses },
		"built-up-areas": func(s *system) importer { return s.gaz.ImportBuiltUpAreas },
	}
	special := map[string]func(*env) error{"code-lists": c.codeLists, "rule-packs": c.rulePacks, "words": c.words}
	if run := special[c.Kind]; run != nil {
		return run(e)
	}
	pick, ok := kinds[c.Kind]
	if !ok {
		return usageError(fmt.Sprintf("不能导入“%s”：可用 %s", c.Kind, strings.Join(append(slices.Sorted(maps.Keys(kinds)), slices.Sorted(maps.Keys(special))...), "、")))
	}
	in, err := c.read()
	if err != nil {
		return err
	}
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	bar := newProgress(e.err, "导入 "+in.Source.Name, in.Source.Rows)
	in.Progress = bar.set
	report, err := pick(s)(e.ctx, operator, time.Now(), in)
	return c.tell(e, report, err)
}

// codeLists imports lists of codes in time.
func (c *importCommand) codeLists(e *env) error {
	document, err := c.document()
	if err != nil {
		return err
	}
	in, err := gazsql.OpenCodeLists(c.File)
	if err != nil {
		return err
	}
	in.DryRun, in.Document = c.DryRun, document
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	report, err := s.gaz.ImportCodeLists(e.ctx, operator, time.Now(), in)
	return c.tell(e, report, err)
}

// tell prints what came of an import.
func (c *importCommand) tell(e *env, report gazsql.ImportReport, err error) error {
	if c.Findings != "" && report.Kind != "" {
		if err := writeWhole("--findings", c.Findings, func(w io.Writer) error {
			return gazetteer.WriteImport(w, gazetteer.ImportRowsOf(report.Places), report.All)
		}); err != nil {
			return err
		}
	}
	if c.JSON {
		if report.Findings == nil {
			report.Findings = []fault.Finding{}
		}
		if jsonErr := printJSON(e.out, report); jsonErr != nil {
			return jsonErr
		}
	}
	if err != nil {
		if !c.JSON {
			gazetteer.PrintDifferences(e.out, report.Places)
		}
		return err
	}
	if !c.JSON {
		printReport(e.out, report)
	}
	if fault.Worst(report.Findings) == fault.Block {
		return errFound
	}
	return nil
}

type importer = func(ctx context.Context, actor gazetteer.Actor, now time.Time, in gazsql.Import) (gazsql.ImportReport, error)

// read opens the file and checks the flags.
func (c *importCommand) read() (gazsql.Import, error) {
	in := gazsql.Import{
		Map: c.Map, ConfirmFrame: c.ConfirmFrame, DryRun: c.DryRun, Partial: c.Partial, Synthetic: c.Synthetic, TwinM: c.TwinM,
	}
	if c.Twins != "" {
		in.Twins = &gazetteer.TwinDecision{New: c.Twins == "new"}
	}
	var err error
	if in.Document, err = c.document(); err != nil {
		return in, err
	}
	if c.ValidFrom != "" {
		if in.ValidFrom, err = gazsql.ParseDay("--valid-from ", c.ValidFrom); err != nil {
			return in, usageError("--valid-from 应为 1000 年以后的日期，如 2016-11-24")
		}
	}
	if c.Frame != "" {
		if in.Frame, err = geo.ParseFrame(c.Frame); err != nil {
			return in, err
		}
	}
	in.Source, err = feature.Open(c.File)
	return in, err
}

// document is the source as the flags name it.
func (c *importCommand) document() (d gazetteer.Document, err error) {
	d = gazetteer.Document{Title: c.SourceTitle, Number: c.SourceNumber, IssuedBy: c.IssuedBy, Licence: c.Licence}
	if c.IssuedOn != "" {
		if d.IssuedOn, err = time.Parse(time.DateOnly, c.IssuedOn); err != nil {
			return d, usageError("--issued-on 应为日期，如 2018-05-01")
		}
	}
	return d, nil
}

func printReport(w io.Writer, r gazsql.ImportReport) {
	fmt.Fprintf(w, "%s：%d 行，新增 %d，变更 %d，未变 %d，略过 %d\n", r.File, r.Rows, r.Created, r.Changed, r.Unchanged, r.Passed)
	for _, kind := range slices.Sorted(maps.Keys(r.Counts)) {
		fmt.Fprintf(w, "  %s %d\n", kind, r.Counts[kind])
	}
	if len(r.NotTaken) > 0 {
		fmt.Fprintf(w, "  未取的列：%s\n", strings.Join(r.NotTaken, "、"))
	}
	if r.Twins+r.Aside > 0 {
		fmt.Fprintf(w, "  疑似重复 %d，暂不导入 %d\n", r.Twins, r.Aside)
	}
	gazetteer.PrintDifferences(w, r.Places)
	printFindings(w, r.Findings)
	if !r.Committed {
		fmt.Fprintln(w, "试运行，没有写入")
	}
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
