package gazetteer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// levelLabels are the levels in Chinese.
var levelLabels = map[Level]string{Province: "省级", Prefecture: "地级", County: "县级", Township: "乡级", Village: "村级"}

// codes looks for divisions without the code of their level, codes of another level than the division's, codes that do not
// begin with that of the division above, and codes that a division kept though it ended.
func (a *audit) codes() {
	for i := range a.Divisions {
		d := &a.Divisions[i]
		if d.Ended != "" {
			for _, c := range d.Codes {
				if c.Ended == "" {
					a.onDivision(d, "code-stale", fault.Review, "“%s”已于 %s 撤销，代码 %s 仍然有效", "停用这个代码", d.Name, d.Ended, c.Code)
				}
			}
			continue
		}
		if d.code() == "" {
			a.codeMissing(d)
		}
		a.codeLevels(d)
		a.codePrefixes(d)
	}
}

// onDivision adds a finding about one division.
func (a *audit) onDivision(d *AuditedDivision, code string, severity fault.Severity, format, cure string, args ...any) {
	a.add(AuditFinding{
		Finding: fault.Finding{Code: code, Severity: severity, Detail: fmt.Sprintf(format, args...), Evidence: []fault.Evidence{d.evidence()}},
		Cure:    cure, about: fmt.Sprint(args...),
	})
}

func (a *audit) codeMissing(d *AuditedDivision) {
	_, system := Canonical("", d.Level)
	before := ""
	for _, c := range d.Codes {
		if c.System == system && c.Ended != "" {
			before = fmt.Sprintf("：原代码 %s 已于 %s 停用", c.Code, c.Ended)
		}
	}
	a.onDivision(d, "code-missing", fault.Review, "%s“%s”没有现行的%s代码%s", "查明代码后导入；新设的区划须在一个月内取得代码",
		levelLabels[d.Level], d.Name, levelLabels[d.Level], before)
}

// codeLevels compares the codes that hold with the level of the division, as far as the system says it.
func (a *audit) codeLevels(d *AuditedDivision) {
	for _, c := range d.Codes {
		if c.Ended != "" {
			continue
		}
		canonical, system := Canonical(c.Code, d.Level)
		switch {
		case c.System != Stat12 && c.System != system:
			a.onDivision(d, "code-level", fault.Review, "%s“%s”用着另一级的代码 %s", "核对级别和代码，改正错的一项", levelLabels[d.Level], d.Name, c.Code)
		case LevelOf(canonical) != d.Level:
			a.onDivision(d, "code-level", fault.Review, "“%s”是%s，代码 %s 却是%s的", "核对级别和代码，改正错的一项",
				d.Name, levelLabels[d.Level], c.Code, levelLabels[LevelOf(canonical)])
		}
	}
}

// codeDigits is how many digits the codes of what lies in a division of a level begin with.
var codeDigits = map[Level]int{Province: 2, Prefecture: 4, County: 6, Township: 9}

// codePrefixes finds those directly below a division whose codes do not begin with its own, in one finding.
func (a *audit) codePrefixes(d *AuditedDivision) {
	if d.code() == "" {
		return
	}
	prefix := string(d.code()[:min(codeDigits[d.Level], len(d.code()))])
	var names []string
	evidence := []fault.Evidence{d.evidence()}
	for _, c := range a.children[d.ID] {
		if code := string(c.code()); code != "" && !strings.HasPrefix(code, prefix) {
			names, evidence = append(names, fmt.Sprintf("“%s”%s", c.Name, code)), append(evidence, c.evidence())
		}
	}
	if len(names) == 0 {
		return
	}
	a.add(AuditFinding{
		Finding: fault.Finding{
			Code: "code-prefix", Severity: fault.Warning, Evidence: evidence,
			Detail: fmt.Sprintf("“%s”的代码是 %s，下级的代码却不以 %s 开头：%s", d.Name, d.code(), prefix, listed(names, "个")),
		},
		Cure: "隶属关系或上级代码变更之后，下级换发代码；隶属关系记错的，改正隶属关系",
	})
}

// tilings looks for divisions whose children do not make them up: gaps, overlaps and outlines that differ, also those of
// the audited division with its neighbours.
func (a *audit) tilings() {
	for i := range a.Divisions {
		d := &a.Divisions[i]
		if d.Ended == "" && slices.ContainsFunc(a.children[d.ID], func(c *AuditedDivision) bool { return a.in(c.ID) }) {
			a.tiling(d)
		}
	}
	a.untiled()
}

// tiling compares the children of a division with it, or among themselves where it has no shape, or some of them have none.
func (a *audit) tiling(d *AuditedDivision) {
	var children, bare []*AuditedDivision
	var shapes []orb.MultiPolygon
	for _, c := range a.children[d.ID] {
		if len(c.Shape) == 0 {
			bare = append(bare, c)
			continue
		}
		children, shapes = append(children, c), append(shapes, c.Shape)
	}
	if len(children) == 0 {
		return
	}
	whole := d.Shape
	if len(bare) > 0 {
		whole = nil
		a.bare(d, bare, len(children))
	}
	byAreas := map[string]*outlines{}
	for _, m := range geo.Tiling(whole, shapes, a.Limits.OutlineM) {
		if len(bare) > 0 && m.AreaM2 < 0 {
			continue // where the children without a shape may lie
		}
		key := fmt.Sprint(m.Areas)
		if byAreas[key] == nil {
			byAreas[key] = &outlines{largest: m}
		}
		byAreas[key].take(m)
	}
	for _, o := range byAreas {
		a.add(a.mismatch(d, children, *o, whole == nil))
	}
}

// outlines is where the outlines of the same divisions differ, summed up.
type outlines struct {
	largest          geo.Mismatch
	gaps, overlaps   int
	gapM2, overlapM2 float64
	widestM          float64
}

// wavering tells outlines that cross each other, where what is missing here lies twice there, from a gap or an overlap:
// these have a good part of width times length.
const wavering = 20

func (o *outlines) take(m geo.Mismatch) {
	o.widestM = max(o.widestM, m.WidthM)
	switch {
	case math.Abs(m.AreaM2) < m.WidthM*m.LengthM/wavering:
	case m.AreaM2 > 0:
		o.overlaps++
		o.overlapM2 += m.AreaM2
	default:
		o.gaps++
		o.gapM2 -= m.AreaM2
	}
}

func (a *audit) bare(d *AuditedDivision, bare []*AuditedDivision, shaped int) {
	names := make([]string, len(bare))
	f := AuditFinding{Finding: fault.Finding{Code: "shape-missing", Severity: fault.Warning, Evidence: []fault.Evidence{d.evidence()}}}
	for i, c := range bare {
		names[i] = "“" + c.Name + "”"
		f.Evidence = append(f.Evidence, c.evidence())
	}
	f.Detail = fmt.Sprintf("“%s”的下级区划中，%d 个有范围，%s没有：只检查了有无重叠", d.Name, shaped, listed(names, "个"))
	f.Cure = "导入缺少的范围"
	a.add(f)
}

func (a *audit) mismatch(d *AuditedDivision, children []*AuditedDivision, o outlines, alone bool) AuditFinding {
	f := AuditFinding{
		Finding: fault.Finding{Severity: fault.Review, Evidence: []fault.Evidence{d.evidence()}},
		At:      &o.largest.At, AreaM2: math.Round(o.gapM2 + o.overlapM2),
		Cure: "对照协议书附图核对这一段边界，改正画错的一方后重新导入范围",
	}
	names := make([]string, len(o.largest.Areas))
	for i, n := range o.largest.Areas {
		names[i] = "“" + children[n].Name + "”"
		f.Evidence = append(f.Evidence, children[n].evidence())
	}
	between := listed(names, "个")
	gaps := fmt.Sprintf("缺口 %d 处，共 %s", o.gaps, areaText(o.gapM2))
	overlaps := fmt.Sprintf("重叠 %d 处，共 %s", o.overlaps, areaText(o.overlapM2))
	switch {
	case o.gaps == 0 && o.overlaps == 0:
		f.Code, f.Detail = "children-differ", fmt.Sprintf("%s的边界画得不一致，最大相差 %.0f 米", between, o.widestM)
	case o.gaps == 0:
		f.Code, f.Detail = "children-overlap", fmt.Sprintf("%s的范围重叠或越出：%s", between, overlaps)
	case o.overlaps > 0:
		f.Code, f.Detail = "children-differ", fmt.Sprintf("%s的边界画得不一致，最大相差 %.0f 米：%s；%s", between, o.widestM, gaps, overlaps)
	case alone && len(names) == 1:
		f.Severity = fault.Warning
		f.Code, f.Detail = "children-gap", fmt.Sprintf("%s的范围里有空洞，不属于任何一个，可能是缺口，也可能是别处的飞地：%s", between, gaps)
	case alone:
		f.Severity = fault.Warning
		f.Code, f.Detail = "children-gap", fmt.Sprintf("%s之间有不属于任何一个的地方，可能是缺口，也可能是别处的飞地：%s", between, gaps)
	default:
		f.Code, f.Detail = "children-gap", fmt.Sprintf("%s没有填满“%s”：%s", between, d.Name, gaps)
	}
	return f
}

func areaText(m2 float64) string {
	if m2 < 1e5 {
		return fmt.Sprintf("%.0f 平方米", m2)
	}
	return fmt.Sprintf("%.2f 平方公里", m2/1e6)
}

// untiled says what could not be compared: children among themselves only, or nothing at all on a level.
func (a *audit) untiled() {
	bare := map[Level]int{}
	for i := range a.Divisions {
		d := &a.Divisions[i]
		children := a.children[d.ID]
		switch {
		case d.Ended != "" || len(children) == 0 || !a.in(d.ID):
		case !slices.ContainsFunc(children, func(c *AuditedDivision) bool { return len(c.Shape) > 0 }):
			bare[children[0].Level]++
		case len(d.Shape) == 0:
			a.unchecked("whole-missing", "“%s”自己没有范围：下级区划只相互比较，没有检查外缘的缺口", d.Name)
		}
	}
	for _, level := range Levels {
		if bare[level] > 0 {
			a.unchecked("tiling-unchecked", "%d 个区划的%s下级没有一个有范围，没有检查拼接", bare[level], levelLabels[level])
		}
	}
}
