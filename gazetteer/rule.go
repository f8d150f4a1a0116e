package gazetteer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// Rule is one row of a rule pack: what to compare, in which scope, by which clause.
type Rule struct {
	Pack      string
	ID        string
	Clause    string
	Category  Category
	Compare   string // "name" or "sound"
	Scope     Scope
	Against   []Category
	Levels    []Level // for divisions: the levels it is about; nil for any
	Severity  fault.Severity
	Confirmed bool // read from its text; an unconfirmed rule never blocks
}

// Scope is the extent within which names must not repeat (《地名管理条例》第九条第一款第（七）（八）项).
type Scope string

// The scopes.
const (
	ScopeNation      Scope = "nation"
	ScopeProvince    Scope = "province"
	ScopeCounty      Scope = "county"
	ScopeBuiltUpArea Scope = "built-up-area"
)

// Draft is a name to be judged.
type Draft struct {
	Kind     string // new, rename, retire, existing
	Name     string
	Category Category
	Level    Level // for a division
	PlaceID  uuid.UUID
}

// Record is an existing standard name that a rule may compare with, as gathered in that rule's scope.
type Record struct {
	PlaceID      uuid.UUID
	Name         string
	Category     Category
	Level        Level
	Reading      []string // syllables with tone numbers
	DivisionName string
	DistanceM    *float64 // from the draft's point, where both are located
	Grade        Grade    // "" as Public
}

// Gathered is what SQL found for one rule: the records in its scope, and whether the scope had to be approximated.
type Gathered struct {
	Rule         Rule
	Records      []Record
	ScopeName    string // 重庆市, 忠县, 中心城区建成区
	Approximated bool   // no built-up area is known there; the county stood in for it
}

// NameFinding is a finding about a name: the rule, the part of the name it concerns and what would cure it.
type NameFinding struct {
	fault.Finding
	Rule string `json:"rule"`
	Part string `json:"part"`
	Cure string `json:"cure"`
}

// Verdict is the judgement of a name by one pack.
type Verdict struct {
	Verdict   string        `json:"verdict"` // the worst severity, or pass
	Findings  []NameFinding `json:"findings"`
	Pack      string        `json:"pack"`      // its id
	PackTitle string        `json:"packTitle"` // what people call it
}

// NewVerdict sums findings up.
func NewVerdict(pack Pack, findings []NameFinding) Verdict {
	if findings == nil {
		findings = []NameFinding{}
	}
	return Verdict{Verdict: fault.Verdict(Plain(findings)), Findings: findings, Pack: pack.ID, PackTitle: pack.Title}
}

// Plain strips findings to the shape every check shares.
func Plain(findings []NameFinding) []fault.Finding {
	plain := make([]fault.Finding, len(findings))
	for i, f := range findings {
		plain[i] = f.Finding
	}
	return plain
}

// Check judges a draft against what was gathered for each rule that applies to it. It is deterministic: the same facts
// give the same findings in the same order. All findings come at once.
func Check(d Draft, gathered []Gathered) []NameFinding {
	var findings []NameFinding
	reading := Romanize(d.Name, d.Category)
	same := map[uuid.UUID]bool{} // places with the very name, which are no homophones besides
	for _, g := range gathered {
		if g.Rule.Compare == "name" {
			for _, r := range g.Records {
				if r.Name == d.Name {
					same[r.PlaceID] = true
				}
			}
		}
	}
	for _, g := range gathered {
		var hits []Record
		for _, r := range g.Records {
			if r.PlaceID != d.PlaceID && collides(g.Rule.Compare, d.Name, reading, r, same) {
				hits = append(hits, r)
			}
		}
		if len(hits) > 0 {
			findings = append(findings, collision(d, g, reading, hits))
		}
		if g.Approximated && !slices.ContainsFunc(findings, func(f NameFinding) bool { return f.Code == "scope-approximated" }) {
			findings = append(findings, approximated(d, g))
		}
	}
	return append(findings, checkCharacters(d)...)
}

// checkCharacters judges how a name is written by 《通用规范汉字表》. A name that is there already, or goes, is not refused for it.
func checkCharacters(d Draft) []NameFinding {
	var findings []NameFinding
	for _, f := range CheckCharacters(d.Name) {
		if f.Severity == fault.Block && (d.Kind == "existing" || d.Kind == "retire") {
			f.Severity = fault.Review
		}
		findings = append(findings, NameFinding{Finding: f, Rule: "N9.3-characters", Part: d.Name, Cure: "改用《通用规范汉字表》一、二级的字"})
	}
	return findings
}

// collides compares a record with the draft: the same characters, or the same syllables whatever their tones.
func collides(compare, name string, reading Romanization, r Record, same map[uuid.UUID]bool) bool {
	switch compare {
	case "name":
		return r.Name == name
	case "sound":
		return !same[r.PlaceID] && r.Name != name && slices.Equal(Toneless(r.Reading), Toneless(reading.Reading))
	}
	return false
}

func collision(d Draft, g Gathered, reading Romanization, hits []Record) NameFinding {
	f := NameFinding{Rule: g.Rule.ID, Part: d.Name}
	f.Severity, f.Clause, f.Pointer = effective(g.Rule), g.Rule.Clause, "/name"
	names := make([]string, 0, len(hits))
	for _, h := range hits {
		names = append(names, describe(h))
		f.Evidence = append(f.Evidence, evidence(h))
	}
	shown := strings.Join(names[:min(len(names), 3)], "、")
	if len(names) > 3 {
		shown += fmt.Sprintf(" 等 %d 处", len(names))
	}
	if g.Rule.Compare == "name" {
		f.Code = "duplicate-name"
		f.Detail = fmt.Sprintf("“%s”与%s范围内已有的%s重名", d.Name, g.ScopeName, shown)
		f.Cure = "另取专名，使其在" + g.ScopeName + "范围内不重复"
		return f
	}
	f.Code = "homophone"
	level := "声韵相同、声调不同"
	if slices.ContainsFunc(hits, func(h Record) bool { return slices.Equal(h.Reading, reading.Reading) }) {
		level = "声韵调全同"
	}
	spelling := reading.Spelling
	if reading.Status == ReadingUnverified {
		spelling += "，读音未核定"
	}
	f.Detail = fmt.Sprintf("“%s”（%s）与%s范围内的%s同音（%s）", d.Name, spelling, g.ScopeName, shown, level)
	f.Cure = "改用读音不同的字；确有理由的，附说明报审"
	return f
}

func evidence(r Record) fault.Evidence {
	e := fault.Evidence{Kind: "place", ID: r.PlaceID.String(), Name: r.Name, DistanceM: r.DistanceM}
	if r.Grade != Public {
		e.Grade = string(r.Grade)
	}
	return e
}

func describe(r Record) string {
	s := "“" + r.Name + "”"
	if r.DivisionName != "" {
		s += "（" + r.DivisionName
		if r.DistanceM != nil {
			s += fmt.Sprintf("，相距 %.1f 公里", *r.DistanceM/1000)
		}
		s += "）"
	}
	return s
}

// effective is the severity a rule may have: what was not read from its text never blocks.
func effective(r Rule) fault.Severity {
	if r.Severity == fault.Block && !r.Confirmed {
		return fault.Review
	}
	return r.Severity
}

func approximated(d Draft, g Gathered) NameFinding {
	f := NameFinding{Rule: g.Rule.ID, Part: d.Name, Cure: "导入建成区范围后重新检查"}
	f.Code, f.Severity, f.Clause, f.Pointer = "scope-approximated", fault.Info, g.Rule.Clause, "/point"
	f.Detail = "没有该处的建成区范围，暂以" + g.ScopeName + "全域代替检查重名和同音"
	return f
}
