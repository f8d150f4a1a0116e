package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

type nameCommand struct {
	Romanize nameRomanizeCommand `cmd:"" help:"罗马字母拼写 Spell names in Hanyu Pinyin"`
	Check    nameCheckCommand    `cmd:"" help:"检查名称 Judge a name by the rules"`
}

type nameRomanizeCommand struct {
	Category string   `help:"类别：division、street、natural 等，或中文，如 街路巷 Category" default:"division"`
	Division string   `help:"所在行政区划代码，可只写前几位 Code of its division, or its first digits"`
	JSON     bool     `help:"输出 JSON"`
	Names    []string `arg:"" help:"名称 Names"`
}

// Run spells names; it needs no database.
func (c *nameRomanizeCommand) Run(e *env) error {
	category, err := categoryOf(c.Category)
	if err != nil {
		return err
	}
	spelled := make([]gazetteer.Romanization, len(c.Names))
	for i, name := range c.Names {
		spelled[i] = gazetteer.RomanizeIn(name, category, c.Division)
	}
	if c.JSON {
		return printJSON(e.out, spelled)
	}
	for _, r := range spelled {
		fmt.Fprintf(e.out, "%s\t%s\t%s\n", r.Name, r.Spelling, r.Status)
	}
	return nil
}

// categoryOf is the category a flag names, by our word or in Chinese.
func categoryOf(text string) (gazetteer.Category, error) {
	category, err := gazetteer.ImportedCategory(text)
	var f *fault.Error
	if errors.As(err, &f) {
		return "", usageError(f.Detail)
	}
	return category, err
}

type nameCheckCommand struct {
	Name     string            `arg:"" help:"名称 Name"`
	Category string            `help:"类别：division、street、natural 等，或中文，如 街路巷 Category" required:""`
	Division string            `help:"所在行政区划代码 Code of its division" required:""`
	Kind     string            `help:"new, rename, retire, existing" default:"new"`
	Lon      *float64          `help:"经度 Longitude"`
	Lat      *float64          `help:"纬度 Latitude"`
	Facts    string            `help:"申报的情况，JSON，如 {\"roadWidthM\": 44} Facts of the application"`
	Pack     string            `help:"规则包：代号，或一个 YAML 文件（同 --against） Rule pack, with --against a YAML file too"`
	Against  string            `help:"不用数据库，与文件中的名称相比 Judge against the names of a file, without a database" type:"existingfile" placeholder:"FILE"`
	Map      map[string]string `help:"--against 文件的列对应：他们的列=我们的列 Columns of that file" placeholder:"THEIRS=OURS"`
	JSON     bool              `help:"输出 JSON"`
}

// Run judges a name against what is public of the record, or against a file.
func (c *nameCheckCommand) Run(e *env) error {
	category, err := categoryOf(c.Category)
	if err != nil {
		return err
	}
	if (c.Lon == nil) != (c.Lat == nil) {
		return usageError("--lon 与 --lat 须一同给出")
	}
	check := gazsql.NameCheck{Kind: c.Kind, Name: c.Name, Category: category, Division: c.Division, Pack: c.Pack}
	if c.Lon != nil {
		check.Point = &orb.Point{*c.Lon, *c.Lat}
		if err := geo.CheckLonLat(*check.Point); err != nil {
			return err
		}
	}
	if check.Facts, err = gazetteer.ParseFacts(json.RawMessage(c.Facts)); err != nil {
		return err
	}
	var verdict gazetteer.Verdict
	if c.Against != "" {
		verdict, err = c.against(check)
	} else {
		verdict, err = c.onRecord(e, check)
	}
	if err != nil {
		return err
	}
	return c.print(e, verdict)
}

func (c *nameCheckCommand) onRecord(e *env, check gazsql.NameCheck) (gazetteer.Verdict, error) {
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return gazetteer.Verdict{}, err
	}
	defer s.Close()
	return s.gaz.CheckName(e.ctx, gazetteer.Actor{}, time.Now(), check)
}

// against judges a name by the packs that come with the program, or that of a file, against the names of a file.
func (c *nameCheckCommand) against(check gazsql.NameCheck) (v gazetteer.Verdict, err error) {
	code, _, err := gazetteer.ParseCode(check.Division)
	if err != nil {
		return v, err
	}
	day := beijing.Day(time.Now())
	pack, err := c.pack(string(code), day)
	if err != nil {
		return v, err
	}
	source, err := feature.Open(c.Against)
	if err != nil {
		return v, err
	}
	names, err := gazsql.NamesInFile(source, c.Map)
	if err != nil {
		return v, err
	}
	return names.Judge(pack, gazetteer.Draft{Kind: check.Kind, Name: check.Name, Category: check.Category, Facts: check.Facts},
		gazsql.WhereaboutsOf(string(code), check.Point), gazetteer.Surroundings{}), nil
}

// pack is the pack asked for, a file of one, or the one in force there today, with what it includes.
func (c *nameCheckCommand) pack(code, day string) (gazetteer.Pack, error) {
	all := gazetteer.ShippedPacks()
	if _, err := os.Stat(c.Pack); c.Pack != "" && err == nil {
		p, err := packInFile(c.Pack)
		if err != nil {
			return p, err
		}
		return p.Assembled(all, day)
	}
	for _, p := range all {
		if p.ID == c.Pack {
			return p.Assembled(all, day)
		}
	}
	if c.Pack != "" {
		return gazetteer.Pack{}, fault.New(fault.NotFound, "pack-unknown", "没有命名规则包“%s”，也没有这个文件", c.Pack)
	}
	return gazetteer.InForce(all, code, day).Assembled(all, day)
}

// verdictWords say what may be done with a name, as the pages do.
var verdictWords = map[string]string{
	"pass": "没有发现问题", string(fault.Info): "没有发现问题，请看说明", string(fault.Warning): "可以申报，有提醒", string(fault.Review): "须审核", string(fault.Block): "不能使用",
}

// printNameFinding prints what was found with what it rests on and what to do about it.
func printNameFinding(w io.Writer, f gazetteer.NameFinding) {
	fmt.Fprintf(w, "  [%s] %s（%s）\n", f.Severity.Label(), f.Detail, f.Code)
	if f.Clause != "" {
		fmt.Fprintf(w, "      依据：%s\n", f.Clause)
	}
	if f.Title != "" {
		fmt.Fprintf(w, "      规则：%s（%s，%s）\n", f.Title, f.Rule, map[bool]string{true: "已核对原文", false: "未核对原文，不作禁止"}[f.Confirmed])
	}
	if f.Cure != "" {
		fmt.Fprintf(w, "      办法：%s\n", f.Cure)
	}
}

func (c *nameCheckCommand) print(e *env, verdict gazetteer.Verdict) error {
	if c.JSON {
		if err := printJSON(e.out, verdict); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(e.out, "%s：%s（按《%s》）\n", c.Name, verdictWords[verdict.Verdict], verdict.PackTitle)
		for _, f := range verdict.Findings {
			printNameFinding(e.out, f)
		}
	}
	if verdict.Verdict == string(fault.Block) {
		return errFound
	}
	return nil
}
