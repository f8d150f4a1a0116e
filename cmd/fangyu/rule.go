package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/feature"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

type ruleCommand struct {
	List ruleListCommand `cmd:"" help:"列出规则包 List the rule packs"`
	Show ruleShowCommand `cmd:"" help:"输出一个规则包，YAML，可以改了再导入 Print a rule pack as YAML, which comes in again"`
	Diff ruleDiffCommand `cmd:"" help:"比较两个规则包：代号、代号@稿次，或 YAML 文件 Compare two packs: ids, id@version or YAML files"`
}

type ruleListCommand struct {
	JSON bool `help:"输出 JSON"`
}

// packStates are the words of the states of a pack.
var packStates = map[gazetteer.PackState]string{gazetteer.PackDraft: "草案", gazetteer.PackAdopted: "已发布"}

// Run lists the packs.
func (c *ruleListCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		list, err := s.gaz.Packs(e.ctx, operator)
		if err != nil || c.JSON {
			if err == nil {
				err = printJSON(e.out, list)
			}
			return err
		}
		for _, p := range list.Items {
			state := packStates[p.State]
			if p.Comparison {
				state += "，供比较"
			}
			fmt.Fprintf(e.out, "%s\t%s\t%s\t%s 起\t%d 条\t%s\n", p.ID, state, regionOf(p), p.ValidFrom, p.Rules, p.Title)
		}
		return nil
	})
}

// regionOf is where a pack holds, in words.
func regionOf(p gazsql.PackRow) string {
	switch {
	case p.Region == "":
		return "全国"
	case p.RegionName == "":
		return "代码 " + p.Region + " 开头的地区"
	}
	return p.RegionName
}

type ruleShowCommand struct {
	ID string `arg:"" help:"代号，或 代号@稿次 Id, or id@version"`
}

// Run prints a pack.
func (c *ruleShowCommand) Run(e *env) error {
	return withSystem(e, func(s *system) error {
		p, err := s.gaz.Pack(e.ctx, operator, time.Now(), c.ID)
		if err != nil {
			return err
		}
		text, err := p.YAML()
		if err == nil {
			_, err = e.out.Write(text)
		}
		return err
	})
}

type ruleDiffCommand struct {
	From string `arg:"" help:"原来的 The one before"`
	To   string `arg:"" help:"后来的 The one after"`
	JSON bool   `help:"输出 JSON"`
}

// Run tells what one pack says otherwise than another.
func (c *ruleDiffCommand) Run(e *env) error {
	read := func(text string) (gazetteer.Pack, error) {
		if strings.HasSuffix(text, ".yaml") || strings.HasSuffix(text, ".yml") {
			return packInFile(text)
		}
		var p gazetteer.Pack
		err := withSystem(e, func(s *system) error {
			known, err := s.gaz.Pack(e.ctx, operator, time.Now(), text)
			p = known.Pack
			return err
		})
		return p, err
	}
	from, err := read(c.From)
	if err != nil {
		return err
	}
	to, err := read(c.To)
	if err != nil {
		return err
	}
	changes := from.Diff(to)
	if c.JSON {
		return printJSON(e.out, changes)
	}
	for _, change := range changes {
		fmt.Fprintln(e.out, change)
	}
	if len(changes) == 0 {
		fmt.Fprintln(e.out, "没有不同")
	}
	return nil
}

// packInFile reads a pack from a YAML file.
func packInFile(path string) (gazetteer.Pack, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return gazetteer.Pack{}, fault.Wrap(err, fault.NotFound, "file-missing", "读不到文件 %s", path)
	}
	return gazetteer.ParsePack(text)
}

// rulePacks imports a rule pack: as a draft, or adopted by the document of the source.
func (c *importCommand) rulePacks(e *env) error {
	p, err := packInFile(c.File)
	if err != nil {
		return err
	}
	document, err := c.document()
	if err != nil {
		return err
	}
	return withSystem(e, func(s *system) error {
		if c.DryRun {
			return c.tryPack(e, s, p)
		}
		known, how, err := s.gaz.ImportPack(e.ctx, operator, time.Now(), p, c.Adopt, document)
		if err != nil {
			return err
		}
		words := map[string]string{"added": "新增", "changed": "改动", "same": "没有不同", "adopted": "已发布"}
		if c.JSON {
			return printJSON(e.out, map[string]any{"id": known.ID, "version": known.Version, "state": known.State, "how": how, "findings": known.Findings})
		}
		fmt.Fprintf(e.out, "规则包 %s（%s）：%s，第 %d 版，%s\n", known.ID, known.Title, words[how], known.Version, packStates[known.State])
		printFindings(e.out, known.Findings)
		return nil
	})
}

// tryPack tells what an import of a pack would change, and what stands in the way of adopting it.
func (c *importCommand) tryPack(e *env, s *system, p gazetteer.Pack) error {
	known, err := s.gaz.Pack(e.ctx, operator, time.Now(), p.ID)
	if err != nil && !fault.Is(err, "pack-unknown") {
		return err
	}
	changes := known.Diff(p)
	for _, change := range changes {
		fmt.Fprintln(e.out, change)
	}
	if len(changes) == 0 {
		fmt.Fprintln(e.out, "没有不同")
	}
	found, err := s.gaz.ToAdopt(e.ctx, time.Now(), p)
	if err != nil {
		return err
	}
	printFindings(e.out, found)
	fmt.Fprintln(e.out, "试运行，没有写入")
	return nil
}

// wordColumns are the columns of a list of words.
var wordColumns = feature.Columns{
	Fields: map[string][]string{
		"text": {"词", "字词", "名称"}, "class": {"类别", "种类"}, "except": {"除外"}, "before": {"只在其前"}, "weighs": {"等级"}, "note": {"说明", "含义", "来源", "备注"},
	},
}

// words imports words into a library, counted from a day on.
func (c *importCommand) words(e *env) error {
	if c.Library == "" {
		return usageError("导入词须写明词库：--library")
	}
	source, err := feature.Open(c.File)
	if err != nil {
		return err
	}
	words, err := wordsIn(source, c.Map)
	if err != nil {
		return err
	}
	now := time.Now()
	change := gazetteer.WordChange{Add: words, Day: beijing.Day(now), Region: c.Region}
	if c.ValidFrom != "" {
		day, err := gazsql.ParseDay("--valid-from ", c.ValidFrom)
		if err != nil {
			return err
		}
		change.Day = beijing.Day(day)
	}
	return withSystem(e, func(s *system) error {
		plan, err := c.changeWords(e, s, now, change)
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSON(e.out, map[string]any{"rows": len(words), "added": len(plan.Add), "replaced": len(plan.End)})
		}
		fmt.Fprintf(e.out, "词库 %s：%d 行，新增 %d，其中替换 %d，其余没有不同\n", c.Library, len(words), len(plan.Add), len(plan.End))
		if c.DryRun {
			fmt.Fprintln(e.out, "试运行，没有写入")
		}
		return nil
	})
}

// changeWords changes the library, which is made first where it has a title and is not there; a dry run only tells.
func (c *importCommand) changeWords(e *env, s *system, now time.Time, change gazetteer.WordChange) (gazetteer.WordPlan, error) {
	library := gazetteer.Library{ID: c.Library, Title: c.SourceTitle, Kind: gazetteer.LibraryKind(c.LibraryKind)}
	if c.DryRun {
		return s.gaz.TryWords(e.ctx, now, library, change)
	}
	if library.Title != "" {
		if err := s.gaz.AddLibrary(e.ctx, operator, now, library); err != nil && !fault.Is(err, "library-there") {
			return gazetteer.WordPlan{}, err
		}
	}
	return s.gaz.ChangeWords(e.ctx, operator, now, c.Library, 0, change)
}

// wordsIn reads a list of words. Lists within a cell are parted by 、.
func wordsIn(source *feature.Source, theirs map[string]string) (words []gazetteer.Word, err error) {
	columns, err := source.Map(wordColumns, theirs)
	if err != nil {
		return nil, err
	}
	list := func(text string) []string {
		return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("、，,;；", r) })
	}
	for record, err := range source.Records() {
		if err != nil {
			return nil, err
		}
		if record, err = columns.Apply(record); err != nil {
			return nil, err
		}
		field := func(name string) string { return strings.TrimSpace(record.Fields[name]) }
		words = append(words, gazetteer.Word{
			Text: field("text"), Class: gazetteer.WordClass(field("class")), Except: list(field("except")), Before: list(field("before")),
			Weighs: fault.Severity(field("weighs")), Note: field("note"),
		})
	}
	return words, nil
}
