package gazetteer

import (
	"maps"
	"slices"

	"fangyu/internal/fault"
)

// auditLabels are what people call the findings of each code.
var auditLabels = map[string]word{
	"duplicate-name":           {"重名", "Same name"},
	"homophone":                {"同音", "Homophones"},
	"near-homophone":           {"近音", "Near homophones"},
	"scope-approximated":       {"缺建成区范围", "No built-up area"},
	"pack-missing":             {"缺命名规则", "No naming rules"},
	"duplicate-but-prefix":     {"只差前加字", "Same but for a word in front"},
	"same-specific":            {"专名相同", "Same specific"},
	"lookalike":                {"字形相近", "Looks alike"},
	"specific-missing":         {"没有专名", "No specific"},
	"generic-missing":          {"没有通名", "No generic"},
	"name-length":              {"全名字数", "Length of the name"},
	"specific-length":          {"专名字数", "Length of the specific"},
	"letters":                  {"有字母", "Letters"},
	"digits":                   {"有数字", "Digits"},
	"signs":                    {"有符号", "Signs"},
	"bare-number":              {"只是数字", "Nothing but a number"},
	"limited-word":             {"限用词", "Limited word"},
	"needs-statement":          {"须说明有无特定联系", "Needs a statement"},
	"derived-name":             {"来自当地已有的名称", "From a name there already"},
	"stacked-generics":         {"通名重叠", "Generics on each other"},
	"generic-of-another-class": {"用别类通名", "Generic of another class"},
	"function-word-missing":    {"缺功能词", "No word for its function"},
	"below-threshold":          {"规模不够通名", "Below what the generic asks"},
	"insufficient-data":        {"缺规模数据", "Size not on record"},
	"wrong-district":           {"用了别处的区划名", "Name of another division"},
	"no-such-feature":          {"名不符实", "No such feature near"},
	"not-local":                {"没有用当地地名", "Not the local name"},
	"borrowed-name":            {"借用境外名称", "Name of what lies beyond"},
	"protected-name":           {"受保护的名称", "Protected name"},
	"twin-suspected":           {"疑似一地两记", "Perhaps one place"},
	"described-character":      {"以描述代字", "Described character"},
	"unreadable-character":     {"乱码", "Unreadable character"},
	"rare-character":           {"三级字", "Level-three character"},
	"traditional-form":         {"繁体字", "Traditional form"},
	"variant-form":             {"异体字", "Variant form"},
	"non-standard-character":   {"表外字", "Character outside the table"},
	"reading-missing":          {"读音不全", "Reading incomplete"},
	"reading-unverified":       {"读音未核定", "Reading not settled"},
	"standard-name-missing":    {"没有标准地名", "No standard name"},
	"place-missing":            {"区划没有地名记录", "Division without a place"},
	"name-of-ended-division":   {"撤销区划的名称未销", "Name of an ended division"},
	"parent-ended":             {"上级区划已撤销", "Division above has ended"},
	"division-ended":           {"所在区划已撤销", "In an ended division"},
	"outside-division":         {"坐标在区划之外", "Outside its division"},
	"position-missing":         {"没有坐标", "No position"},
	"shape-missing":            {"没有范围", "No outline"},
	"code-missing":             {"缺代码", "Code missing"},
	"code-level":               {"代码与级别不符", "Code of another level"},
	"code-prefix":              {"代码与上级不符", "Code not below its parent's"},
	"code-stale":               {"代码过期", "Stale code"},
	"children-gap":             {"下级区划有缺口", "Gap between divisions"},
	"children-overlap":         {"下级区划重叠", "Divisions overlap"},
	"children-differ":          {"下级区划边界不一致", "Outlines differ"},
	"whole-missing":            {"上级没有范围", "Whole without an outline"},
	"tiling-unchecked":         {"没有检查拼接", "Tiling not checked"},
}

// AuditLabel is what people call the findings of a code.
func AuditLabel(code string, english bool) string { return auditLabels[code].in(english) }

// AuditCodes lists the codes an audit may find.
func AuditCodes() []string {
	return slices.Sorted(maps.Keys(auditLabels))
}

// PlainAudit strips findings to the shape every check shares.
func PlainAudit(findings []AuditFinding) []fault.Finding {
	plain := make([]fault.Finding, len(findings))
	for i, f := range findings {
		plain[i] = f.Finding
	}
	return plain
}
