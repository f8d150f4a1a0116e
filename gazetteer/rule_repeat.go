package gazetteer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// What a rule of repetition compares.
const (
	WholeName    = ""         // and, with Prefixes, what differs by those only
	SpecificPart = "specific" // names of the same specific and another generic
	PrefixPart   = "prefix"   // names that differ by Prefixes only
)

// abovePrefix stands in Prefixes for the names of the divisions above.
const abovePrefix = "@above"

// repeats finds names of the scope that are the same: to the letter, but for a word in front that makes no other name, or, where the
// rule is about the specific, but for the generic.
func (c *nameCheck) repeats(r Rule) {
	g, there := c.gathered[r.key()]
	if !there {
		return
	}
	defer c.approximated(r, g)
	exact, variant, specific := []Record{}, []Record{}, []Record{}
	prefixes := c.prefixes(r)
	for _, other := range g.Records {
		switch {
		case other.is(c.PlaceID):
		case other.Name == c.Name:
			exact = append(exact, other)
			c.same[other.PlaceID] = other.PlaceID != uuid.Nil
		case butForPrefix(c.Name, other.Name, c.Category, prefixes):
			variant = append(variant, other)
		case r.Params.Part == SpecificPart && c.sharesSpecific(other):
			specific = append(specific, other)
		}
	}
	scope := g.ScopeName + "范围内"
	if r.Params.Part == WholeName && len(exact) > 0 {
		c.collide(r, "duplicate-name", exact, fmt.Sprintf("“%s”与%s已有的%s重名", c.Name, scope, describedRecords(exact)),
			"另取专名，使其在"+scope+"不重复")
	}
	if len(variant) > 0 {
		c.collide(r, "duplicate-but-prefix", variant, fmt.Sprintf("“%s”与%s已有的%s只差前面加的字，视为重名", c.Name, scope, describedRecords(variant)),
			"另取专名：只在已有名称前加减“新”“大”“老”或市名、区县名，不成另一个名称")
	}
	if len(specific) > 0 {
		c.collide(r, "same-specific", specific, fmt.Sprintf("“%s”与%s的%s专名相同，只是通名不同", c.Name, scope, describedRecords(specific)),
			"另取专名；确属同一处派生、成系列的，附说明报审")
	}
}

// sharesSpecific reports whether another name has the same specific, of two characters at least, and another generic.
func (c *nameCheck) sharesSpecific(other Record) bool {
	specific, generic := SplitName(other.Name, other.Category)
	return generic != "" && c.generic != "" && specific == c.specific && utf8.RuneCountInString(specific) >= 2
}

// prefixes are the words in front that make no other name here.
func (c *nameCheck) prefixes(r Rule) []string { return prefixesOf(r, c.Above) }

func prefixesOf(r Rule, above []Unit) (words []string) {
	for _, p := range r.Params.Prefixes {
		if p != abovePrefix {
			words = append(words, p)
			continue
		}
		for _, u := range above {
			specific, _ := SplitName(u.Name, DivisionCategory)
			words = append(words, u.Name, specific)
		}
	}
	return words
}

// butForPrefix reports whether two names differ by one of the words in front of one of them and nothing else; what is left has a
// specific of two characters at least: 新华路 and 华路 are two names.
func butForPrefix(a, b string, c Category, prefixes []string) bool {
	for _, p := range prefixes {
		for _, pair := range [][2]string{{a, b}, {b, a}} {
			rest, ok := strings.CutPrefix(pair[0], p)
			if !ok || p == "" || rest != pair[1] {
				continue
			}
			if specific, _ := SplitName(rest, c); utf8.RuneCountInString(specific) >= 2 {
				return true
			}
		}
	}
	return false
}

// NamesToFind are the names that a rule of repetition or of looks has to be told of, where they stand in its scope.
func (r Rule) NamesToFind(d Draft, above []Unit) []string {
	names := []string{d.Name}
	switch {
	case r.Kind == GlyphRule:
		names = lookalikes(d.Name, r.Params.Alike)
	case r.Params.Part == SpecificPart:
		if specific, generic := SplitName(d.Name, d.Category); generic != "" {
			for _, c := range r.AgainstOf(d.Category) {
				for _, g := range generics[c] {
					names = append(names, specific+g)
				}
			}
		}
	}
	for _, p := range prefixesOf(r, above) {
		if p == "" {
			continue
		}
		names = append(names, p+d.Name)
		if rest, ok := strings.CutPrefix(d.Name, p); ok && rest != "" {
			names = append(names, rest)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// collide adds a finding about records of the scope.
func (c *nameCheck) collide(r Rule, code string, hits []Record, detail, cure string) {
	c.find(r, code, c.Name, detail, cure, evidenceOf(hits)...)
}

func evidenceOf(records []Record) []fault.Evidence {
	all := make([]fault.Evidence, 0, len(records))
	for _, r := range records {
		if r.PlaceID == uuid.Nil { // a name on a list, which no record has
			continue
		}
		e := fault.Evidence{Kind: "place", ID: r.PlaceID.String(), Name: r.Name, DistanceM: r.DistanceM, Within: r.DivisionName}
		if r.Grade != Public {
			e.Grade = string(r.Grade)
		}
		all = append(all, e)
	}
	return all
}

// id is the identity of the record in words, "" for a name on a list.
func (r Record) id() string {
	if r.PlaceID == uuid.Nil {
		return ""
	}
	return r.PlaceID.String()
}

// is reports whether the record is of the place; a name on a list is of none.
func (r Record) is(place uuid.UUID) bool { return r.PlaceID == place && place != uuid.Nil }

// describedRecords names the first records with where they are.
func describedRecords(records []Record) string {
	names := make([]string, 0, 3)
	for _, r := range records[:min(len(records), 3)] {
		s := "“" + r.Name + "”"
		if r.DivisionName != "" {
			s += "（" + r.DivisionName
			if r.DistanceM != nil {
				s += fmt.Sprintf("，相距 %.1f 公里", *r.DistanceM/1000)
			}
			s += "）"
		}
		names = append(names, s)
	}
	shown := strings.Join(names, "、")
	if len(records) > 3 {
		shown += fmt.Sprintf(" 等 %d 处", len(records))
	}
	return shown
}

// approximated says once that no built-up area is known here.
func (c *nameCheck) approximated(r Rule, g Gathered) {
	const code = "scope-approximated"
	if !g.Approximated || slices.ContainsFunc(c.findings, func(f NameFinding) bool { return f.Code == code }) {
		return
	}
	c.findAt(fault.Info, r, code, c.Name, "没有该处的建成区范围，暂以"+g.ScopeName+"全域代替检查重名和同音", "导入建成区范围后重新检查")
	c.findings[len(c.findings)-1].Pointer = "/point"
}
