package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/internal/fault"
)

type nameCommand struct {
	Romanize nameRomanizeCommand `cmd:"" help:"罗马字母拼写 Spell names in Hanyu Pinyin"`
	Check    nameCheckCommand    `cmd:"" help:"检查名称 Judge a name by the rules"`
}

type nameRomanizeCommand struct {
	Category string   `help:"类别：division、street、natural 等，或中文，如 街路 Category" default:"division"`
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
	Name     string   `arg:"" help:"名称 Name"`
	Category string   `help:"类别：division、street、natural 等，或中文，如 街路 Category" required:""`
	Division string   `help:"所在行政区划代码 Code of its division" required:""`
	Kind     string   `help:"new, rename, retire, existing" default:"new"`
	Lon      *float64 `help:"经度 Longitude"`
	Lat      *float64 `help:"纬度 Latitude"`
	Pack     string   `help:"规则包 Rule pack"`
	JSON     bool     `help:"输出 JSON"`
}

// Run judges a name against what is public of the record.
func (c *nameCheckCommand) Run(e *env) error {
	category, err := categoryOf(c.Category)
	if err != nil {
		return err
	}
	check := gazsql.NameCheck{Kind: c.Kind, Name: c.Name, Category: category, Division: c.Division, Pack: c.Pack}
	if (c.Lon == nil) != (c.Lat == nil) {
		return usageError("--lon 与 --lat 须一同给出")
	}
	if c.Lon != nil {
		check.Point = &orb.Point{*c.Lon, *c.Lat}
	}
	s, err := open(e.ctx, e, opening{})
	if err != nil {
		return err
	}
	defer s.Close()
	verdict, err := s.gaz.CheckName(e.ctx, gazetteer.Actor{}, time.Now(), check)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := printJSON(e.out, verdict); err != nil {
			return err
		}
	} else {
		found := gazetteer.Plain(verdict.Findings)
		fmt.Fprintf(e.out, "%s：%s\n", c.Name, fault.Worst(found).Label())
		printFindings(e.out, found)
	}
	if verdict.Verdict == string(fault.Block) {
		return errFound
	}
	return nil
}
