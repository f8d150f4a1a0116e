package gazetteer

import (
	"slices"

	"fangyu/internal/fault"
)

// RuleComparison is what two packs find of a name by one rule.
type RuleComparison struct {
	Rule  string        `json:"rule"`  // "" for what is found by no rule: a position outside the division
	Same  []NameFinding `json:"same"`  // by both
	Own   []NameFinding `json:"own"`   // only by the first
	Other []NameFinding `json:"other"` // only by the second
}

// CompareVerdicts lays two verdicts on the same name beside each other, by rule: those of the first in its order, then those that only
// the second has. A finding is the same where it says the same of the same part on the same evidence and weighs the same.
func CompareVerdicts(own, other Verdict) []RuleComparison {
	all := []RuleComparison{}
	of := func(rule string) *RuleComparison {
		i := slices.IndexFunc(all, func(c RuleComparison) bool { return c.Rule == rule })
		if i < 0 {
			i = len(all)
			all = append(all, RuleComparison{Rule: rule, Same: []NameFinding{}, Own: []NameFinding{}, Other: []NameFinding{}})
		}
		return &all[i]
	}
	rest := slices.Clone(other.Findings)
	for _, f := range own.Findings {
		c := of(f.Rule)
		if i := slices.IndexFunc(rest, f.alike); i >= 0 {
			c.Same, rest = append(c.Same, f), slices.Delete(rest, i, i+1)
		} else {
			c.Own = append(c.Own, f)
		}
	}
	for _, f := range rest {
		c := of(f.Rule)
		c.Other = append(c.Other, f)
	}
	return all
}

// alike reports whether two findings say the same.
func (f NameFinding) alike(o NameFinding) bool {
	return f.Rule == o.Rule && f.Code == o.Code && f.Part == o.Part && f.Severity == o.Severity && f.Clause == o.Clause && f.Pointer == o.Pointer &&
		slices.EqualFunc(f.Evidence, o.Evidence, func(a, b fault.Evidence) bool { return a.Kind == b.Kind && a.ID == b.ID })
}

// SameVerdict reports whether two verdicts say the same by the same pack.
func SameVerdict(a, b Verdict) bool {
	return a.Pack == b.Pack && slices.EqualFunc(a.Findings, b.Findings, NameFinding.alike)
}

// DayFor is the day on which to look at a pack for a name judged by another one on a day: that day, else today, as far as the pack holds
// then, else its first day.
func (p Pack) DayFor(day, today string) string {
	for _, d := range []string{day, today} {
		if p.ValidFrom <= d && (p.ValidTo == "" || d < p.ValidTo) {
			return d
		}
	}
	return p.ValidFrom
}
