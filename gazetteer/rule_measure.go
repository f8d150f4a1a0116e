package gazetteer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fangyu/internal/fault"
)

// measures finds a generic that asks for more than what it names has: every group of thresholds is one way to meet it. What the
// application does not say is not taken for met.
func (c *nameCheck) measures(r Rule) {
	if !slices.Contains(r.Params.Generic, c.generic) {
		return
	}
	open := false
	var asks, has, missing []string
	for _, group := range r.Params.AnyOf {
		met, unknown, refuted := true, false, false
		var words []string
		for _, m := range group {
			words = append(words, m.String())
			switch holds, known := c.Facts.meets(m); {
			case !known:
				unknown, met = true, false
				if label := factLabel(m.Fact); !slices.Contains(missing, label) {
					missing = append(missing, label)
				}
			case !holds:
				met, refuted = false, true
				has = append(has, factLabel(m.Fact)+" "+c.Facts.text(m.Fact))
			}
		}
		if met {
			return
		}
		open = open || unknown && !refuted
		asks = append(asks, strings.Join(words, "、"))
	}
	asked := strings.Join(asks, "；或")
	if open && c.inUse() { // nobody applied for it: that nothing is known of it is no fault of the name
		c.findAt(fault.Info, r, "insufficient-data", c.generic, fmt.Sprintf("通名“%s”要求%s：记录里没有%s，没有判断", c.generic, asked, strings.Join(missing, "、")), "补记"+strings.Join(missing, "、"))
		return
	}
	if open {
		c.find(r, "insufficient-data", c.generic, fmt.Sprintf("通名“%s”要求%s：申报没有写%s，无从判断", c.generic, asked, strings.Join(missing, "、")), "补报"+strings.Join(missing, "、"))
		return
	}
	c.find(r, "below-threshold", c.generic, fmt.Sprintf("通名“%s”要求%s：申报的是%s", c.generic, asked, strings.Join(has, "、")), "改用与规模相称的通名")
}

// String is a threshold in words: 绿地率不小于 40%.
func (m Measure) String() string {
	label, value := factLabel(m.Fact), func(v float64) string { return measureText(m.Fact, v) }
	switch {
	case m.Words != "":
		return label + "有" + m.Words
	case m.Least > 0 && m.Most > 0:
		return label + " " + value(m.Least) + " 至 " + value(m.Most)
	case m.Most > 0:
		return label + "不大于 " + value(m.Most)
	}
	return label + "不小于 " + value(m.Least)
}

// measureText is the value of a fact with its unit.
func measureText(fact string, v float64) string {
	n := strconv.FormatFloat(v, 'f', -1, 64)
	switch {
	case fact == "greenRatio":
		return strconv.FormatFloat(v*100, 'f', -1, 64) + "%"
	case strings.HasSuffix(fact, "M2"):
		return n + " 平方米"
	case strings.HasSuffix(fact, "M"):
		return n + " 米"
	case fact == "storeys":
		return n + " 层"
	}
	return n
}

// meets reports whether facts meet a threshold, and whether they say anything on it.
func (f Facts) meets(m Measure) (holds, known bool) {
	if m.Words != "" {
		return slices.ContainsFunc(f.Functions, func(s string) bool { return strings.Contains(s, m.Words) }), len(f.Functions) > 0
	}
	v := f.number(m.Fact)
	if v == nil {
		return false, false
	}
	return *v >= m.Least && (m.Most == 0 || *v <= m.Most), true
}

// text is the value of a fact in words.
func (f Facts) text(fact string) string {
	if v := f.number(fact); v != nil {
		return measureText(fact, *v)
	}
	return strings.Join(f.Functions, "、")
}
