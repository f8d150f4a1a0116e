package boundary_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
)

// A line of an open part and a ring: two sections share the open part, the ring belongs to the first of them.
func TestSectionsAreCutAnew(t *testing.T) {
	ring := orb.LineString{{106.7, 29.5}, {106.71, 29.51}, {106.72, 29.5}, {106.7, 29.5}}
	former := orb.MultiLineString{{{106.5, 29.5}, {106.55, 29.5}, {106.6, 29.5}}, ring}
	sections := []boundary.SectionShape{
		{Name: "甲—丙", Parts: orb.MultiLineString{{{106.5, 29.5}, {106.55, 29.5}}, ring}}, {Name: "乙—丙", Parts: orb.MultiLineString{{{106.55, 29.5}, {106.6, 29.5}}}},
	}
	course := orb.MultiLineString{{{106.5, 29.5001}, {106.53, 29.5012}, {106.6, 29.4999}}, ring}
	parts, found, err := boundary.CutSections(former, sections, course)
	if err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
	total := 0.0
	for _, p := range parts {
		total += geo.LengthM(p)
	}
	if len(parts[0]) != 2 || len(parts[1]) != 1 || math.Abs(total-geo.LengthM(course)) > 0.001 || !orb.Equal(parts[0][1], ring) {
		t.Errorf("%v, %v of %v m", parts, total, geo.LengthM(course))
	}
	meet := parts[0][0][len(parts[0][0])-1]
	if meet != parts[1][0][0] || geo.DistanceM(meet, orb.Point{106.55, 29.5}) > 100 {
		t.Errorf("they meet at %v and %v", meet, parts[1][0][0])
	}
	// What was cut is cut again, though the cut is no vertex of the course.
	again, found, err := boundary.CutSections(course, []boundary.SectionShape{{Name: "甲—丙", Parts: parts[0]}, {Name: "乙—丙", Parts: parts[1]}}, former)
	if err != nil || len(found) > 0 || geo.DistanceM(again[0][0][len(again[0][0])-1], orb.Point{106.55, 29.5}) > 5 {
		t.Errorf("cut again: %v, %v, %v", again, found, err)
	}
	if whole, found, err := boundary.CutSections(former, sections[:1], course); err != nil || found != nil || !orb.Equal(whole[0], course) {
		t.Errorf("one section: %v, %v, %v", whole, found, err)
	}
}

// An exclave at which two sections meet; one of them runs over the place where the ring begins.
func TestARingOfTwoSectionsIsCutAnew(t *testing.T) {
	ring := orb.LineString{{106.7, 29.5}, {106.71, 29.51}, {106.72, 29.5}, {106.71, 29.49}, {106.7, 29.5}}
	north := orb.LineString{ring[3], ring[0], ring[1]}
	sections := []boundary.SectionShape{{Name: "甲—丙", Parts: orb.MultiLineString{north}}, {Name: "乙—丙", Parts: orb.MultiLineString{ring[1:4]}}}
	course := ring.Clone()
	for i := range course {
		course[i][1] += 0.0002
	}
	parts, found, err := boundary.CutSections(orb.MultiLineString{ring}, sections, orb.MultiLineString{course})
	if err != nil || len(found) > 0 || len(parts[0]) != 1 || len(parts[1]) != 1 {
		t.Fatal(parts, found, err)
	}
	first, last := parts[0][0][0], parts[0][0][len(parts[0][0])-1]
	if geo.DistanceM(first, course[3]) > 25 || geo.DistanceM(last, course[1]) > 25 || math.Abs(geo.LengthM(parts[0])+geo.LengthM(parts[1])-geo.LengthM(course)) > 0.001 {
		t.Errorf("cut from %v to %v: %v", first, last, parts)
	}
}

// TestSectionsEndWhereTheirNodesAre: a cut is the vertex of the line, or the node that lies a millimetre beside the course, to the last
// digit, since lines of others end there.
func TestSectionsEndWhereTheirNodesAre(t *testing.T) {
	var path orb.LineString
	for i := range 2000 {
		path = append(path, orb.Point{106.5 + float64(i)*0.000317, 29.5 + 0.0004*math.Sin(float64(i)/3.7)})
	}
	line, at := orb.MultiLineString{path}, []int{0, 511, 777, 1403, 1999}
	var sections []boundary.SectionShape
	for i, from := range at[:4] {
		sections = append(sections, boundary.SectionShape{Name: "甲—丙", Parts: orb.MultiLineString{path[from : at[i+1]+1].Clone()}})
	}
	beside := line.Clone()
	for _, i := range at[1:4] {
		beside[0][i] = geo.Direct(path[i], 100, 0.001)
	}
	for name, course := range map[string]orb.MultiLineString{"as it is": line, "a millimetre beside its nodes": beside} {
		parts, found, err := boundary.CutSections(line, sections, course)
		if err != nil || len(found) > 0 {
			t.Fatal(found, err)
		}
		for i, p := range parts {
			if want := sections[i].Parts[0]; len(p) != 1 || len(p[0]) != len(want) || p[0][0] != want[0] || p[0][len(p[0])-1] != want[len(want)-1] {
				t.Errorf("%s: section %d of %d vertices from %v to %v is cut from %v, %d vertices", name, i, len(want), want[0], want[len(want)-1], p[0][0], len(p[0]))
			}
		}
	}
}

func TestSectionsWhoseEndsDifferAreNotCut(t *testing.T) {
	former := orb.MultiLineString{{{106.5, 29.5}, {106.55, 29.5}, {106.6, 29.5}}}
	sections := []boundary.SectionShape{
		{Name: "甲—丙", Parts: orb.MultiLineString{former[0][:2]}}, {Name: "乙—丙", Parts: orb.MultiLineString{former[0][1:]}},
	}
	for name, c := range map[string]struct {
		sections []boundary.SectionShape
		course   orb.MultiLineString
		findings int
	}{
		"the cut lies 1 km off":   {sections, orb.MultiLineString{{{106.5, 29.5}, {106.55, 29.509}, {106.6, 29.5}}}, 1},
		"both ends lie 1 km off":  {sections, orb.MultiLineString{{{106.49, 29.5}, {106.55, 29.5}, {106.61, 29.5}}}, 2},
		"another number of parts": {sections, append(orb.MultiLineString{{{106.7, 29.5}, {106.71, 29.5}}}, former...), 1},
		"sections that leave out": {[]boundary.SectionShape{sections[0], {Name: "乙—丙", Parts: orb.MultiLineString{{{106.56, 29.5}, {106.6, 29.5}}}}}, former, 1},
		"in another order":        {sections, orb.MultiLineString{{{106.5, 29.5}, {106.5001, 29.5}, {106.4999, 29.5}}}, 2},
	} {
		parts, found, err := boundary.CutSections(former, c.sections, c.course)
		if err != nil || parts != nil || len(found) != c.findings {
			t.Errorf("%s: %v, %v, %v", name, parts, found, err)
		}
		for _, f := range found {
			if f.Code != "section-ends-differ" || f.Detail == "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
	}
}
