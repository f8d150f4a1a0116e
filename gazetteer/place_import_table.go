package gazetteer

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// Label is the verdict for people.
func (v ImportVerdict) Label() string {
	return map[ImportVerdict]string{
		ImportSame: "相同", ImportChanged: "变更", ImportNew: "新增", ImportTwin: "疑似重复", ImportAside: "暂不导入", ImportRefused: "不能导入",
	}[v]
}

// Label is the field for people.
func (c PlaceChange) Label() string {
	return map[string]string{"position": "位置", "locatedBy": "定位方式", "category": "类别", "placeClass": "分类", "validTo": "停用日期"}[c.Field]
}

// Said are the values before and after for people.
func (c PlaceChange) Said() (before, after string) {
	return Said(c.Field, c.Before), Said(c.Field, c.After)
}

// importTable is the table in which an import is written for people.
var importTable = feature.Table{
	Name: "import", Title: "地名导入核对表",
	Notes: []string{
		"每行是一处差异、一个疑似重复的地名，或一个问题。行号是原文件里的行号。",
		"疑似重复的，就是已有地名时把记录编号填进原文件的 id 列；不是同一处的，导入时选新增。",
	},
	Columns: []feature.Column{
		{Name: "第几条", Kind: feature.Integer, Title: "原文件里的第几条记录"},
		{Name: "行号", Kind: feature.Integer, Title: "原文件里的行号，空白为整个文件"},
		{Name: "判定", Kind: feature.Text, Title: "变更、新增、疑似重复、暂不导入、不能导入，或问题的轻重"},
		{Name: "名称", Kind: feature.Text, Title: "文件里的名称"},
		{Name: "项目", Kind: feature.Text, Title: "哪一项不同，或问题的代码"},
		{Name: "库里", Kind: feature.Text, Title: "记录现为"},
		{Name: "文件", Kind: feature.Text, Title: "文件里为"},
		{Name: "说明", Kind: feature.Text, Title: "发现了什么"},
		{Name: "记录编号", Kind: feature.Text, Title: "在地址 /places/ 之后写编号即可打开"},
	},
}

// ImportRowsOf are judged rows with their differences and suspects.
func ImportRowsOf(judged []PlaceJudgement) []ImportRow {
	rows := make([]ImportRow, len(judged))
	for i, j := range judged {
		rows[i] = ImportRowOf(j, nil)
	}
	return rows
}

// WriteImport writes the differences, the suspects and the findings of an import as a workbook (XLSX) of texts, none of
// which a spreadsheet takes for a formula. findings are those that stand with no row.
func WriteImport(w io.Writer, rows []ImportRow, findings []fault.Finding) error {
	return feature.XLSX.Write(w, importTable, func(yield func(feature.Row, error) bool) {
		n := 0
		put := func(row, line, verdict, name, what, before, after, detail, id string) bool {
			n++
			return yield(feature.Row{ID: strconv.Itoa(n), Values: []string{row, line, verdict, name, what, before, after, detail, id}}, nil)
		}
		for _, j := range rows {
			row, line := strconv.Itoa(j.Row), strconv.Itoa(j.Line)
			for _, c := range j.Changes {
				before, after := c.Said()
				if !put(row, line, j.Verdict.Label(), j.Name, c.Label(), before, after, "", j.Standing.String()) {
					return
				}
			}
			for _, t := range j.Twins {
				if !put(row, line, j.Verdict.Label(), j.Name, "疑似", t.Name, j.Name, t.said(), t.ID) {
					return
				}
			}
			for _, f := range j.Findings {
				if !put(row, line, f.Severity.Label(), j.Name, f.Code, "", "", f.Detail, "") {
					return
				}
			}
		}
		for _, f := range findings {
			if !put("", strings.TrimPrefix(f.Pointer, "line "), f.Severity.Label(), "", f.Code, "", "", f.Detail, "") {
				return
			}
		}
	}, feature.WriteOptions{})
}

// maxDifferences bounds the rows that PrintDifferences shows.
const maxDifferences = 40

// PrintDifferences writes what an import changes and what somebody has to decide, row by row, for a terminal.
func PrintDifferences(w io.Writer, judged []PlaceJudgement) {
	shown := 0
	for _, j := range judged {
		if len(j.Changes)+len(j.Twins) == 0 {
			continue
		}
		if shown++; shown > maxDifferences {
			continue
		}
		fmt.Fprintf(w, "  第 %d 条（第 %d 行）%s “%s”\n", j.Row, j.Line, j.Verdict.Label(), j.Name)
		for _, c := range j.Changes {
			before, after := c.Said()
			fmt.Fprintf(w, "      %s：%s → %s\n", c.Label(), orNone(before), orNone(after))
		}
		for _, t := range j.Twins {
			fmt.Fprintf(w, "      %s %s\n", t.said(), t.ID)
		}
	}
	if shown > maxDifferences {
		fmt.Fprintf(w, "  … 另有 %d 行，用 --findings 文件.xlsx 全部列出\n", shown-maxDifferences)
	}
}

func orNone(text string) string {
	if text == "" {
		return "无"
	}
	return text
}
