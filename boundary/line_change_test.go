package boundary_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
)

// board is a row of counties of one province, with another province to the south: every county has a line with the next, and
// a section of the provincial line below it.
type board struct {
	t         *testing.T
	divisions map[string]*boundary.Division
	lines     []*boundary.LineStanding
}

func newBoard(t *testing.T, counties ...string) *board {
	b := &board{t: t, divisions: map[string]*boundary.Division{}}
	north := b.division("渝", "500000", nil)
	south := b.division("黔", "520000", nil)
	abroad := b.division("桐梓", "520322", south)
	provincial := &boundary.LineStanding{ID: uuid.New(), Name: "渝黔线", Level: boundary.ProvinceLine, A: north.ID, B: south.ID, Status: boundary.Reference}
	for i, name := range counties {
		d := b.division(name, fmt.Sprintf("5001%02d", i+1), north)
		x := 106 + float64(i)
		provincial.Sections = append(provincial.Sections, boundary.Section{A: d, B: abroad, Parts: orb.MultiLineString{{{x, 29}, {x + 1, 29}}}})
		if i > 0 {
			before := b.divisions[counties[i-1]]
			b.lines = append(b.lines, &boundary.LineStanding{
				ID: uuid.New(), Name: before.Name + "—" + name, Level: boundary.CountyLine, A: before.ID, B: d.ID, Right: before.ID, Status: boundary.Reference,
				Sections: []boundary.Section{{A: before, B: d, Parts: orb.MultiLineString{{{x, 30}, {x, 29}}}}},
			})
		}
	}
	b.lines = append(b.lines, provincial)
	return b
}

func (b *board) division(name, code string, above *boundary.Division) *boundary.Division {
	level := gazetteer.County
	if above == nil {
		level = gazetteer.Province
	}
	d := &boundary.Division{ID: uuid.New(), Code: gazetteer.DivisionCode(code), Name: name, Level: level, Above: above}
	b.divisions[name] = d
	return d
}

// changed tells what becomes of the lines when divisions become others: "甲" → "甲 乙" are its heirs.
func (b *board) changed(heirs map[string]string, shared ...string) boundary.LineChanges {
	b.t.Helper()
	became, parts := map[uuid.UUID][]*boundary.Division{}, map[uuid.UUID]bool{}
	for _, d := range b.divisions {
		became[d.ID] = []*boundary.Division{d}
	}
	for name, all := range heirs {
		became[b.divisions[name].ID] = nil
		for _, heir := range strings.Fields(all) {
			became[b.divisions[name].ID] = append(became[b.divisions[name].ID], b.divisions[heir])
		}
	}
	for _, name := range shared {
		parts[b.divisions[name].ID] = true
	}
	out, err := boundary.ChangeLines(b.lines, func(id uuid.UUID) []*boundary.Division { return became[id] }, parts)
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// told is what became of the lines, a line each.
func (b *board) told(c boundary.LineChanges) (all []string) {
	for _, m := range c.Made {
		text := "begins " + m.Name
		if m.GoesOn != nil {
			text = "goes on " + m.GoesOn.Name
		}
		for _, f := range m.From {
			text += " < " + f.Name
		}
		right := ""
		for _, d := range b.divisions {
			if d.ID == m.Right {
				right = " right " + d.Name
			}
		}
		text += fmt.Sprintf(" [%s|%s%s] %s", m.A.Name, m.B.Name, right, m.Status)
		for _, s := range m.Sections {
			text += " " + boundary.SectionName(s.A.Name, s.B.Name)
		}
		if m.ToSettle {
			text += " to settle"
		}
		all = append(all, text)
	}
	for _, l := range c.Passed {
		all = append(all, "passed "+l.Name)
	}
	for _, l := range c.Ended {
		text := "ended " + l.Name
		if l.ToSettle {
			text += " to settle"
		}
		all = append(all, text)
	}
	for _, l := range c.ToSettle {
		all = append(all, "stays, to settle "+l.Name)
	}
	slices.Sort(all)
	return all
}

func TestLinesFollowAChangeOfDivisions(t *testing.T) {
	b := newBoard(t, "甲", "乙", "丙", "丁")
	b.division("新", "500157", b.divisions["渝"])
	for name, c := range map[string]struct {
		heirs  map[string]string
		shared []string
		want   []string
	}{
		"nothing": {nil, nil, nil},
		"two of them become a new one": {map[string]string{"乙": "新", "丙": "新"}, nil, []string{
			"begins 丁—新线 < 丙—丁 [新|丁 right 新] reference 丁—新",
			"begins 甲—新线 < 甲—乙 [甲|新 right 甲] reference 甲—新",
			"ended 乙—丙",
			"goes on 渝黔线 [渝|黔] reference 甲—桐梓 新—桐梓 丁—桐梓",
			"passed 丙—丁", "passed 甲—乙",
		}},
		"one is taken up by its neighbour": {map[string]string{"丙": "乙"}, nil, []string{
			"begins 乙—丁线 < 丙—丁 [乙|丁 right 乙] reference 乙—丁",
			"ended 乙—丙",
			"goes on 渝黔线 [渝|黔] reference 甲—桐梓 乙—桐梓 丁—桐梓",
			"passed 丙—丁",
		}},
		"one is taken up from afar": {map[string]string{"丁": "乙"}, nil, []string{
			"goes on 乙—丙 < 丙—丁 [乙|丙 right 乙] reference 乙—丙", // its second part runs back north
			"goes on 渝黔线 [渝|黔] reference 甲—桐梓 乙—桐梓 丙—桐梓",
			"passed 丙—丁",
		}},
		"a part goes to another": {nil, []string{"甲", "乙"}, []string{"stays, to settle 乙—丙", "stays, to settle 渝黔线", "stays, to settle 甲—乙"}},
		"one ends and gave a part before": {map[string]string{"乙": "新"}, []string{"乙", "甲"}, []string{
			"begins 丙—新线 < 乙—丙 [新|丙 right 新] in-demarcation 丙—新 to settle",
			"begins 甲—新线 < 甲—乙 [甲|新 right 甲] in-demarcation 甲—新 to settle",
			"goes on 渝黔线 [渝|黔] in-demarcation 甲—桐梓 新—桐梓 丙—桐梓 丁—桐梓 to settle",
			"passed 乙—丙", "passed 甲—乙",
		}},
		"one is split":                 {map[string]string{"乙": "甲 丙"}, nil, []string{"stays, to settle 乙—丙", "stays, to settle 渝黔线", "stays, to settle 甲—乙"}},
		"one is abolished for nothing": {map[string]string{"丁": ""}, nil, []string{"stays, to settle 丙—丁", "stays, to settle 渝黔线"}},
	} {
		if diff := cmp.Diff(c.want, b.told(b.changed(c.heirs, c.shared...))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestALineOfLawIsUnderChange goes by the papers of the longest before it; one whose sections are but named otherwise stays in
// force, and what was never law becomes none.
func TestALineOfLawIsUnderChange(t *testing.T) {
	b := newBoard(t, "甲", "乙", "丙")
	b.division("新", "500157", b.divisions["渝"])
	for _, l := range b.lines {
		l.Status = boundary.InForce
	}
	b.lines[0].Status, b.lines[1].Right = boundary.Reference, uuid.Nil
	got := b.changed(map[string]string{"乙": "新"})
	want := []string{
		"begins 丙—新线 < 乙—丙 [新|丙] under-change 丙—新",
		"begins 甲—新线 < 甲—乙 [甲|新 right 甲] reference 甲—新",
		"goes on 渝黔线 [渝|黔] in-force 甲—桐梓 新—桐梓 丙—桐梓",
		"passed 乙—丙", "passed 甲—乙",
	}
	if diff := cmp.Diff(want, b.told(got)); diff != "" {
		t.Error(diff)
	}
	for _, m := range got.Made {
		if (m.Law != nil) != (m.Status != boundary.Reference) || m.Status == boundary.UnderChange && m.Law.Name != "乙—丙" {
			t.Errorf("%s goes by the papers of %v", m.Name, m.Law)
		}
	}
}

// TestNoLineMoves: every edge of the lines before is one of the lines after, but for those between what became one.
func TestNoLineMoves(t *testing.T) {
	b := newBoard(t, "甲", "乙", "丙", "丁")
	b.division("新", "500157", b.divisions["渝"])
	lengths := func(sections []boundary.Section) (n int) {
		for _, s := range sections {
			for _, p := range s.Parts {
				n += len(p) - 1
			}
		}
		return n
	}
	before, after := 0, 0
	for _, l := range b.lines {
		before += lengths(l.Sections)
	}
	got := b.changed(map[string]string{"乙": "新", "丙": "新"})
	for _, m := range got.Made {
		after += lengths(m.Sections)
	}
	if before != 7 || after != 6 {
		t.Errorf("%d edges before, %d after", before, after)
	}
}
