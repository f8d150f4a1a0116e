package gazetteer

import (
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// WriteAudit writes rows of findings as a workbook (XLSX) of texts, none of which a spreadsheet takes for a formula. pack is what people
// call the pack by which names were judged, "" where none was in force.
func WriteAudit(w io.Writer, pack string, rows iter.Seq2[feature.Row, error]) error {
	table := auditTable
	judged := "没有现行的命名规则，没有按规则检查名称。"
	if pack != "" {
		judged = "名称按“" + pack + "”检查。"
	}
	table.Notes = append([]string{judged}, auditTable.Notes...)
	return feature.XLSX.Write(w, table, rows, feature.WriteOptions{})
}

// auditTable is the table in which findings of an audit are written for people.
var auditTable = feature.Table{
	Name: "audit", Title: "地名数据质量检查",
	Notes: []string{
		"轻重由重到轻为禁止、须审核、提醒、说明；说明是没有检查的部分和供核对的情况。在用的名称不因检查结果而更名，由人斟酌。",
		"记录改正之后，下一次检查不再列出。坐标是缺口、重叠所在的一点。",
	},
	Columns: []feature.Column{
		{Name: "轻重", Kind: feature.Text, Title: "禁止、须审核、提醒、说明"},
		{Name: "问题", Kind: feature.Text, Title: "是哪一类问题"},
		{Name: "名称", Kind: feature.Text, Title: "检查的地名或区划"},
		{Name: "类别", Kind: feature.Text, Title: "地名的类别"},
		{Name: "所在区划", Kind: feature.Text, Title: "它所在的行政区划"},
		{Name: "规则", Kind: feature.Text, Title: "按哪一条规则发现的，空白为与命名规则无关"},
		{Name: "条款", Kind: feature.Text, Title: "依据"},
		{Name: "涉及部分", Kind: feature.Text, Title: "规则涉及名称里的哪几个字"},
		{Name: "内容", Kind: feature.Text, Title: "发现了什么"},
		{Name: "对照记录与距离", Kind: feature.Text, Title: "与它相关的其余记录，和它们与它的距离"},
		{Name: "建议", Kind: feature.Text, Title: "怎样处理"},
		{Name: "面积（平方米）", Kind: feature.Integer, Title: "缺口和重叠的面积之和"},
		{Name: "查看情况", Kind: feature.Text, Title: "没有看过，或看过的理由、由谁、何时"},
		{Name: "记录编号", Kind: feature.Text, Title: "在地址 /places/ 或 /divisions/ 之后写编号即可打开"},
	},
}

// AuditRow is the row of a finding, which is the nth and was looked at as said, "" if it was not.
func AuditRow(n int, f AuditFinding, looked string) feature.Row {
	var subject fault.Evidence
	var ids, others []string
	for i, e := range f.Evidence {
		ids = append(ids, e.Kind+"/"+e.ID)
		if i == 0 {
			subject = e
		} else {
			others = append(others, describedEvidence(e))
		}
	}
	area := ""
	if f.AreaM2 != 0 {
		area = strconv.FormatFloat(f.AreaM2, 'f', 0, 64)
	}
	if looked == "" {
		looked = "没有看过"
	}
	row := feature.Row{ID: strconv.Itoa(n), Values: []string{
		f.Severity.Label(), AuditLabel(f.Code, false), subject.Name, Said("category", string(f.Category)), subject.Within,
		bracketed(f.RuleTitle, f.Rule), f.Clause, f.Part, f.Detail, strings.Join(others, "、"), f.Cure, area, looked, strings.Join(ids, " "),
	}}
	if f.At != nil {
		row.Geometry = *f.At
	}
	return row
}

// bracketed is two words, as far as they are not empty, the second in brackets.
func bracketed(first, second string) string {
	words := slices.DeleteFunc([]string{first, second}, func(s string) bool { return s == "" })
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return first + "（" + second + "）"
}

// describedEvidence is a record with where it lies and how far away.
func describedEvidence(e fault.Evidence) string {
	where := e.Within
	if e.DistanceM != nil {
		apart := fmt.Sprintf("%.0f 米", *e.DistanceM)
		if *e.DistanceM >= 1000 {
			apart = fmt.Sprintf("%.1f 公里", *e.DistanceM/1000)
		}
		if where != "" {
			where += "，"
		}
		where += apart
	}
	return bracketed(e.Name, where)
}
