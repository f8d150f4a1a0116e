package gazetteer

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"fangyu/internal/fault"
)

// fact is one thing an application may say about what it names.
type fact struct {
	name  string
	label string
	takes func(json.RawMessage) bool
	want  string
}

// The longest text of a fact, in characters, and how many functions a building may be given.
const (
	longestFact   = 4000
	mostFunctions = 50
)

// facts are all there are; schema NameFacts of openapi.yaml lists the same.
var facts = []fact{
	{"roadWidthM", "道路宽度", isMeasure, "不小于 0 的数，单位米"},
	{"siteAreaM2", "用地面积", isMeasure, "不小于 0 的数，单位平方米"},
	{"floorAreaM2", "建筑面积", isMeasure, "不小于 0 的数，单位平方米"},
	{"greenRatio", "绿地率", isShare, "0 到 1 的数"},
	{"openAreaM2", "空地面积", isMeasure, "不小于 0 的数，单位平方米"},
	{"storeys", "层数", isCount, "不小于 0 的整数"},
	{"heightM", "高度", isMeasure, "不小于 0 的数，单位米"},
	{"developer", "建设单位", isFactText, "不超过 4000 个字的文字"},
	{"meaning", "含义", isFactText, "不超过 4000 个字的文字"},
	{"derivedFrom", "来历", isFactText, "不超过 4000 个字的文字"},
	{"functions", "功能", isFactTexts, "至多 50 项文字"},
}

// FactNames lists the facts an application may state.
func FactNames() []string {
	names := make([]string, len(facts))
	for i, f := range facts {
		names[i] = f.name
	}
	return names
}

// Facts are what an application says about what it names; nil and "" where it says nothing.
type Facts struct {
	RoadWidthM  *float64 `json:"roadWidthM"`
	SiteAreaM2  *float64 `json:"siteAreaM2"`
	FloorAreaM2 *float64 `json:"floorAreaM2"`
	GreenRatio  *float64 `json:"greenRatio"`
	OpenAreaM2  *float64 `json:"openAreaM2"`
	Storeys     *float64 `json:"storeys"`
	HeightM     *float64 `json:"heightM"`
	Developer   string   `json:"developer"`
	Meaning     string   `json:"meaning"`
	DerivedFrom string   `json:"derivedFrom"`
	Functions   []string `json:"functions"`
}

// ParseFacts reads the facts of an application, which may be absent. Errors: those of CheckFacts.
func ParseFacts(raw json.RawMessage) (f Facts, err error) {
	if err := CheckFacts(raw); err != nil || len(raw) == 0 {
		return f, err
	}
	return f, json.Unmarshal(raw, &f)
}

// number is a fact that is a number, nil where nothing is said.
func (f Facts) number(name string) *float64 {
	return map[string]*float64{
		"roadWidthM": f.RoadWidthM, "siteAreaM2": f.SiteAreaM2, "floorAreaM2": f.FloorAreaM2, "greenRatio": f.GreenRatio,
		"openAreaM2": f.OpenAreaM2, "storeys": f.Storeys, "heightM": f.HeightM,
	}[name]
}

// factLabel is what a fact is called.
func factLabel(name string) string {
	for _, f := range facts {
		if f.name == name {
			return f.label
		}
	}
	return name
}

// CheckFacts finds what is wrong with the facts of an application, which may be absent: all at once, in order of name.
//
// Errors: Malformed "bad-facts" for what is no JSON object; Refused "facts-wrong" with a finding for each fact that is
// unknown or has not the kind of value it takes.
func CheckFacts(raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil {
		return fault.New(fault.Malformed, "bad-facts", "facts 应为 JSON 对象")
	}
	var found []fault.Finding
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if f := checkFact(name, given[name]); f != nil {
			found = append(found, *f)
		}
	}
	if found == nil {
		return nil
	}
	return fault.Refuse("facts-wrong", "申报的情况有 "+fmt.Sprint(len(found))+" 处不对："+found[0].Detail, found)
}

func checkFact(name string, value json.RawMessage) *fault.Finding {
	finding := fault.Finding{Severity: fault.Block, Pointer: "/facts/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)}
	i := slices.IndexFunc(facts, func(f fact) bool { return f.name == name })
	switch {
	case i < 0:
		finding.Code = "fact-unknown"
		finding.Detail = "没有“" + shortened(name) + "”这一项：可用 " + strings.Join(FactNames(), "、")
	case string(value) != "null" && !facts[i].takes(value):
		finding.Code = "bad-fact"
		finding.Detail = facts[i].label + "（" + name + "）应为" + facts[i].want
	default:
		return nil
	}
	return &finding
}

// shortened is a text of at most 40 characters, for sentences.
func shortened(text string) string {
	if utf8.RuneCountInString(text) <= 40 {
		return text
	}
	return string([]rune(text)[:40]) + "…"
}

func number(v json.RawMessage) (n float64, ok bool) {
	return n, json.Unmarshal(v, &n) == nil
}

func isMeasure(v json.RawMessage) bool {
	n, ok := number(v)
	return ok && n >= 0
}

func isShare(v json.RawMessage) bool {
	n, ok := number(v)
	return ok && n >= 0 && n <= 1
}

func isCount(v json.RawMessage) bool {
	n, ok := number(v)
	return ok && n >= 0 && n == math.Trunc(n)
}

func isFactText(v json.RawMessage) bool {
	var s string
	return json.Unmarshal(v, &s) == nil && utf8.RuneCountInString(s) <= longestFact
}

func isFactTexts(v json.RawMessage) bool {
	var all []json.RawMessage
	if json.Unmarshal(v, &all) != nil || len(all) > mostFunctions {
		return false
	}
	return !slices.ContainsFunc(all, func(s json.RawMessage) bool { return !isFactText(s) })
}
