package gazetteer

import (
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"fangyu/geo/feature"
)

// WriteAudit writes rows of findings as a workbook (XLSX) of texts, none of which a spreadsheet takes for a formula.
func WriteAudit(w io.Writer, rows iter.Seq2[feature.Row, error]) error {
	return feature.XLSX.Write(w, auditTable, rows, feature.WriteOptions{})
}

// auditTable is the table in which findings of an audit are written for people.
var auditTable = feature.Table{
	Name: "audit", Title: "地名数据质量检查",
	Notes: []string{
		"轻重由重到轻为禁止、须审核、提醒、说明；说明是没有检查的部分和供核对的情况。",
		"记录改正之后，下一次检查不再列出。坐标是缺口、重叠所在的一点。",
	},
	Columns: []feature.Column{
		{Name: "轻重", Kind: feature.Text, Title: "禁止、须审核、提醒、说明"},
		{Name: "问题", Kind: feature.Text, Title: "是哪一类问题"},
		{Name: "内容", Kind: feature.Text, Title: "发现了什么"},
		{Name: "怎么办", Kind: feature.Text, Title: "怎样处理"},
		{Name: "依据", Kind: feature.Text, Title: "条款"},
		{Name: "涉及的记录", Kind: feature.Text, Title: "名称"},
		{Name: "相距（米）", Kind: feature.Text, Title: "其余各条与第一条的距离，或与所在区划的距离"},
		{Name: "面积（平方米）", Kind: feature.Integer, Title: "缺口和重叠的面积之和"},
		{Name: "记录编号", Kind: feature.Text, Title: "在地址 /places/ 或 /divisions/ 之后写编号即可打开"},
		{Name: "已看过的理由", Kind: feature.Text, Title: "空白为还没有看过"},
	},
}

// AuditRow is the row of a finding, which is the nth and was looked at for the reason given, "" if it was not.
func AuditRow(n int, f AuditFinding, looked string) feature.Row {
	var names, ids, apart []string
	for _, e := range f.Evidence {
		names, ids = append(names, e.Name), append(ids, e.Kind+"/"+e.ID)
		if e.DistanceM != nil {
			apart = append(apart, fmt.Sprintf("%.0f", *e.DistanceM))
		}
	}
	area := ""
	if f.AreaM2 != 0 {
		area = strconv.FormatFloat(f.AreaM2, 'f', 0, 64)
	}
	row := feature.Row{ID: strconv.Itoa(n), Values: []string{
		f.Severity.Label(), AuditLabel(f.Code, false), f.Detail, f.Cure, f.Clause,
		strings.Join(names, "、"), strings.Join(apart, "、"), area, strings.Join(ids, " "), looked,
	}}
	if f.At != nil {
		row.Geometry = *f.At
	}
	return row
}
