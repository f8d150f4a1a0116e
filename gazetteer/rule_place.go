package gazetteer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"fangyu/internal/fault"
)

// districts finds the name of a division that the place does not lie in.
func (c *nameCheck) districts(r Rule) {
	for _, u := range c.Elsewhere {
		specific, _ := SplitName(u.Name, DivisionCategory)
		for _, at := range spansOf(c.Name, specific) {
			if utf8.RuneCountInString(specific) < 2 || c.derivation(at) != nil || c.ofAbove(at) {
				continue
			}
			c.find(r, "wrong-district", specific, fmt.Sprintf("“%s”里有“%s”，位置却不在%s", c.Name, specific, u.Name), "去掉不在其境的区划名称，另取专名",
				fault.Evidence{Kind: "division", ID: u.ID.String(), Name: u.Name})
			break
		}
	}
}

// ofAbove reports whether a span lies in the name of a division above: 江北 in 江北新区.
func (c *nameCheck) ofAbove(at [2]int) bool {
	return slices.ContainsFunc(c.Above, func(u Unit) bool {
		specific, _ := SplitName(u.Name, DivisionCategory)
		return inSpan(spansOf(c.Name, u.Name), at) || specific != "" && inSpan(spansOf(c.Name, specific), at)
	})
}

// nature finds the word for a natural feature where there is none (《地名管理条例》第九条第一款第（二）项).
func (c *nameCheck) nature(r Rule) {
	for _, w := range r.Params.Words {
		at := [2]int{len(c.Name) - len(w), len(c.Name)}
		if !strings.HasSuffix(c.Name, w) {
			at = [2]int{len(c.specific) - len(w), len(c.specific)}
			if !strings.HasSuffix(c.specific, w) {
				continue
			}
		}
		if c.derivation(at) != nil || slices.ContainsFunc(c.Natural, func(n Record) bool { return c.isNear(r, n) }) {
			return
		}
		c.find(r, "no-such-feature", w, fmt.Sprintf("“%s”用“%s”，而附近 %.0f 米内没有记录这样的自然地理实体", c.Name, w, r.Params.WithinM),
			"改用与实际相符的字；确有其物的，先登记这个自然地理实体")
		return
	}
}

// isNear reports whether a natural feature is one that a rule asks for, near enough.
func (c *nameCheck) isNear(r Rule, n Record) bool {
	_, generic := SplitName(n.Name, Natural)
	return slices.Contains(r.Params.Near, generic) && (n.DistanceM == nil || *n.DistanceM <= r.Params.WithinM)
}

// local finds a facility that does not carry the name of where it is (《地名管理条例》第九条第一款第（十）项).
func (c *nameCheck) local(r Rule) {
	for _, u := range c.Above {
		if specific, _ := SplitName(u.Name, DivisionCategory); specific != "" && strings.Contains(c.Name, specific) {
			return
		}
	}
	if len(c.Derived) > 0 || len(c.Above) == 0 {
		return
	}
	c.find(r, "not-local", c.specific, fmt.Sprintf("“%s”没有用当地的地名", c.Name), "一般用所在地的地名作专名；确有理由的，附说明报审")
}

// borrowed finds a division that takes the name of what is known far beyond it (《地名管理条例》第九条第一款第（九）项).
func (c *nameCheck) borrowed(r Rule) {
	for _, f := range c.Famous {
		specific, _ := SplitName(f.Name, f.Category)
		if f.Name == c.specific || specific == c.specific || strings.Contains(c.specific, f.Name) {
			c.find(r, "borrowed-name", c.specific, fmt.Sprintf("“%s”的专名是“%s”的名称：它超出这个区划，或者全国著名", c.Name, f.Name), "另取专名", evidenceOf([]Record{f})...)
			return
		}
	}
}

// protected finds that a protected or historic name is to go (《地名管理条例》第十条、第二十五条).
func (c *nameCheck) protected(r Rule) {
	p := c.Protected
	if p == nil {
		return
	}
	why := "已列入" + p.Listed
	if p.Listed == "" {
		why = "自" + p.Since + "沿用至今，有历史文化价值"
	}
	c.find(r, "protected-name", p.Record.Name, fmt.Sprintf("“%s”%s，一般不更名、不废止", p.Record.Name, why), "沿用原名；确需更名的，先由县级以上人民政府制定保护措施，附保护方案", evidenceOf([]Record{p.Record})...)
}
