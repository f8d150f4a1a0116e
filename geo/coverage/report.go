package coverage

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// Finding is what is wrong somewhere.
type Finding struct {
	fault.Finding
	At       orb.Point `json:"at"`      // longitude, latitude
	AreaM2   float64   `json:"areaM2"`  // 0 for what has none
	LengthM  float64   `json:"lengthM"` // of a face half its perimeter
	WidthM   float64   `json:"widthM"`  // of a face its mean width, area by length
	Sliver   bool      `json:"sliver,omitempty"`
	EastM    float64   `json:"eastM,omitempty"` // of a file that stands elsewhere: how far, on the mean
	NorthM   float64   `json:"northM,omitempty"`
	Frame    string    `json:"frame,omitempty"` // in which that file seems to stand; "" for none that is known
	Features []string  `json:"features"`
}

// Exclave is a part of a unit apart from its main part, or the hole that a unit leaves in itself for another.
type Exclave struct {
	Of     string    `json:"of"`     // "" for a unit that is not in the files
	Within string    `json:"within"` // the unit with the longest border around it; "" for none in the files
	AreaM2 float64   `json:"areaM2"`
	At     orb.Point `json:"at"`
}

// Report is what a check found: findings with the gravest first, by code, the largest of each first; exclaves by unit.
type Report struct {
	Features int            `json:"features"`
	Findings []Finding      `json:"findings"`
	Counts   map[string]int `json:"counts"` // of findings by code, those left out of the list included
	Exclaves []Exclave      `json:"exclaves"`
}

// labels are the codes in Chinese.
var labels = map[string]string{
	"gap": "空隙", "overlap": "重叠", "sliver": "碎片", "within-tolerance": "容差以内", "dangle": "悬挂端点", "label-conflict": "标注矛盾", "sum-mismatch": "下级之和不符", "face-differs": "界线与图形不符", "lines-cross": "界线相交", "exclave-unrecorded": "飞地没有登记", "sum-incomplete": "下级不全", "fixed-apart": "固定的线没有用上",
	"frame-mismatch": "坐标系不符", "control-unlike": "无从比较坐标系", MoreFindings: "未列出",
	"self-intersection": "自相交", "self-touch": "自相接", "duplicate-vertex": "重复顶点", "ring-unclosed": "环不闭合", "too-few-points": "点数不足",
	"not-a-number": "坐标不是数", "hole-outside-shell": "洞在外环之外", "nested-holes": "洞中有洞", "nested-shells": "面中有面",
	"interior-disconnected": "面被分割",
}

// Label is a code in Chinese, with the code.
func Label(code string) string {
	if label := labels[code]; label != "" {
		return label + "（" + code + "）"
	}
	return code
}

// Add adds findings of somebody else, such as a reader.
func (r *Report) Add(findings []Finding) {
	for _, f := range findings {
		r.Counts[f.Code]++
	}
	r.Findings = append(append(make([]Finding, 0, len(findings)+len(r.Findings)), findings...), r.Findings...)
}

// Verdict is the gravest severity among the findings.
func (r *Report) Verdict() fault.Severity {
	worst := make([]fault.Finding, len(r.Findings))
	for i, f := range r.Findings {
		worst[i] = f.Finding
	}
	return fault.Worst(worst)
}

// MoreFindings is the code of the finding that says how many of a code were left out.
const MoreFindings = "more-findings"

// settle orders the findings and leaves out what is too much of one code.
func (r *Report) settle(most int) {
	rank := func(f Finding) int { return slices.Index(fault.Severities, f.Severity) }
	slices.SortStableFunc(r.Findings, func(f, g Finding) int {
		return cmp.Or(cmp.Compare(rank(g), rank(f)), cmp.Compare(f.Code, g.Code), cmp.Compare(g.AreaM2, f.AreaM2),
			cmp.Compare(g.LengthM, f.LengthM), slices.Compare(f.Features, g.Features), cmp.Compare(f.At[0], g.At[0]), cmp.Compare(f.At[1], g.At[1]))
	})
	r.Counts = map[string]int{}
	kept, more := r.Findings[:0], []Finding{}
	for _, f := range r.Findings {
		if r.Counts[f.Code]++; r.Counts[f.Code] <= most {
			kept = append(kept, f)
		} else if r.Counts[f.Code] == most+1 {
			more = append(more, f)
		}
	}
	r.Findings = kept
	for _, f := range more {
		r.Findings = append(r.Findings, Finding{
			Finding: fault.Finding{
				Code: MoreFindings, Severity: fault.Info,
				Detail: fmt.Sprintf("%s 共有 %d 处，只列出最大的 %d 处", f.Code, r.Counts[f.Code], most),
			},
			At: f.At, Features: []string{},
		})
	}
	slices.SortStableFunc(r.Exclaves, func(e, f Exclave) int {
		return cmp.Or(cmp.Compare(e.Of, f.Of), cmp.Compare(e.Within, f.Within), cmp.Compare(f.AreaM2, e.AreaM2))
	})
}

// place is how details name a position.
func place(p orb.Point) string { return fmt.Sprintf("（%.7f, %.7f）", p[0], p[1]) }

// squareMetres and metres are measures for people.
func squareMetres(m2 float64) string {
	switch {
	case m2 >= 1e6:
		return fmt.Sprintf("%.2f 平方千米", m2/1e6)
	case m2 >= 10:
		return fmt.Sprintf("%.0f 平方米", m2)
	}
	return fmt.Sprintf("%.2g 平方米", m2)
}

func metres(m float64) string {
	switch {
	case m >= 10_000:
		return fmt.Sprintf("%.1f 千米", m/1000)
	case m >= 10:
		return fmt.Sprintf("%.0f 米", m)
	case m >= 0.01:
		return fmt.Sprintf("%.2f 米", m)
	}
	return fmt.Sprintf("%.2g 米", m)
}
