package boundary

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// SectionShape is a section of a line by its name, with its parts.
type SectionShape struct {
	Name  string
	Parts orb.MultiLineString
}

// NodeMove is a node that comes to another place with the new course.
type NodeMove struct{ From, To orb.Point }

// SectionEndM is how far the end of a section may lie from the new course of its line.
const SectionEndM = 500

// sectionSlackM is how exactly sections have to meet on the line they were cut from.
const sectionSlackM = 1

// sectionRun is a stretch of one part of a line that belongs to a section, by chainage on that part. On a closed part it
// may run on over the end.
type sectionRun struct {
	section    int
	fromM, toM float64
}

// CutSections cuts a new course at the ends of the sections of the former one, projected on it in the order they have, and
// returns the parts of each section. An end at a node that moves is where it moves. A line of one section is the whole line.
//
// The findings "section-ends-differ" say where that cannot be done: an end lies farther than SectionEndM from the course,
// two ends come in another order, or the courses have different numbers of parts; then nothing is cut.
//
// Errors: Malformed "line-empty" for a geometry without length.
func CutSections(former orb.MultiLineString, sections []SectionShape, course orb.MultiLineString, moves ...NodeMove) ([]orb.MultiLineString, []fault.Finding, error) {
	if len(sections) <= 1 {
		return slices.Repeat([]orb.MultiLineString{course}, len(sections)), nil, nil
	}
	whole, err := geo.NewChain(former)
	if err != nil {
		return nil, nil, err
	}
	starts := append([]float64{0}, whole.PartStarts()...)
	if len(former) != len(course) || len(starts) != len(former) {
		return nil, []fault.Finding{endsDiffer("现有界线有 %d 部分，协议的图形有 %d 部分：界线段的分界点无从对应，请先把界线段分清", len(former), len(course))}, nil
	}
	runs, err := runsOn(whole, starts, sections)
	if err != nil {
		return nil, nil, err
	}
	cut := sectionCutter{sections: sections, moves: moves, out: make([]orb.MultiLineString, len(sections))}
	for k := range course {
		if err := cut.part(former[k], course[k], runs[k]); err != nil {
			return nil, nil, err
		}
	}
	if len(cut.found) > 0 {
		return nil, cut.found, nil
	}
	return cut.out, nil, nil
}

func endsDiffer(format string, args ...any) fault.Finding {
	f := fault.Blocking("section-ends-differ", "/geometry", format, args...)
	f.Clause = clauseOfCourse
	return f
}

// runsOn finds the stretches of each part of a line that its sections are, by rising chainage. The middle of a path tells
// where it lies: its ends may lie where two parts meet, or at both ends of a closed one.
func runsOn(whole *geo.Chain, starts []float64, sections []SectionShape) ([][]sectionRun, error) {
	runs := make([][]sectionRun, len(starts))
	for i, s := range sections {
		for _, path := range s.Parts {
			chain, err := geo.NewChain(orb.MultiLineString{path})
			if err != nil {
				return nil, err
			}
			half := chain.LengthM() / 2
			middle, _ := whole.Project(chain.At(half))
			k := sort.Search(len(starts), func(k int) bool { return starts[k] > middle }) - 1
			runs[k] = append(runs[k], sectionRun{i, middle - half - starts[k], middle + half - starts[k]})
		}
	}
	for _, r := range runs {
		slices.SortFunc(r, func(a, b sectionRun) int { return cmp.Compare(a.fromM, b.fromM) })
	}
	return runs, nil
}

type sectionCutter struct {
	sections []SectionShape
	moves    []NodeMove
	out      []orb.MultiLineString
	found    []fault.Finding
}

func (c *sectionCutter) name(r sectionRun) string { return c.sections[r.section].Name }

// part cuts one part of the new course as the same part of the former one is cut.
func (c *sectionCutter) part(former, course orb.LineString, runs []sectionRun) error {
	ring := closed(former)
	switch {
	case len(runs) == 0:
		c.found = append(c.found, endsDiffer("现有界线有一部分（从 %.6f, %.6f 起）不属于任何界线段：请先更正界线段", former[0][0], former[0][1]))
		return nil
	case ring != closed(course):
		c.found = append(c.found, endsDiffer("现有界线的一部分（从 %.6f, %.6f 起）与协议的图形一个闭合、一个不闭合：请核对图形", former[0][0], former[0][1]))
		return nil
	case !ring:
		c.near(c.name(runs[0]), former[0], geo.DistanceM(former[0], course[0]))
		c.near(c.name(runs[len(runs)-1]), former[len(former)-1], geo.DistanceM(former[len(former)-1], course[len(course)-1]))
	}
	if len(runs) == 1 {
		c.out[runs[0].section] = append(c.out[runs[0].section], course)
		return nil
	}
	was, err := geo.NewChain(orb.MultiLineString{former})
	if err != nil {
		return err
	}
	is, err := geo.NewChain(orb.MultiLineString{course})
	if err != nil {
		return err
	}
	c.pieces(was, is, ring, runs)
	return nil
}

// pieces cuts a part where one section ends and the next one begins; on a closed part the first one follows the last.
func (c *sectionCutter) pieces(was, is *geo.Chain, ring bool, runs []sectionRun) {
	cuts := make([]sectionEnd, len(runs)) // where each run ends on the new course
	for i, r := range runs {
		next := runs[(i+1)%len(runs)]
		if !ring && i == len(runs)-1 {
			cuts[i] = sectionEnd{is.LengthM(), is.At(is.LengthM())}
			continue
		}
		between := c.name(r) + " 与 " + c.name(next)
		if gap := math.Remainder(next.fromM-r.toM, was.LengthM()); math.Abs(gap) > sectionSlackM {
			c.found = append(c.found, endsDiffer("界线段 %s 在现有界线上没有首尾相接，差 %.1f 米：请先更正界线段", between, math.Abs(gap)))
			return
		}
		end := c.moved(was.At(atVertex(was, math.Mod(r.toM, was.LengthM()))))
		at, off := is.Project(end)
		c.near(between, end, math.Abs(off))
		cuts[i] = endOn(is, atVertex(is, at), end, off)
	}
	from, turns := sectionEnd{0, is.At(0)}, 0
	if ring {
		from = cuts[len(cuts)-1]
	}
	for i, r := range runs {
		piece := is.Sub(from.m, cuts[i].m)
		if cuts[i].m <= from.m {
			turns++
			piece = over(is, from.m, cuts[i].m)
		}
		if turns > 1 || turns == 1 && !ring {
			c.found = append(c.found, endsDiffer("界线段 %s 的两端在协议的图形上前后颠倒（里程 %.1f 与 %.1f 米）：请核对图形", c.name(r), from.m, cuts[i].m))
			return
		}
		c.out[r.section] = append(c.out[r.section], between(piece, from.at, cuts[i].at)...)
		from = cuts[i]
	}
}

// sectionEnd is where a section ends on the new course: by chainage, and the place that the node there has to the last digit.
type sectionEnd struct {
	m  float64
	at orb.Point
}

// endOn is the end of a section on a course that runs beside it: at the place itself where that cannot be told from the course.
func endOn(course *geo.Chain, m float64, place orb.Point, offM float64) sectionEnd {
	if math.Abs(offM) <= throughM {
		return sectionEnd{m, place}
	}
	return sectionEnd{m, course.At(m)}
}

// atVertex is a chainage, or that of the vertex that cannot be told from it.
func atVertex(line *geo.Chain, m float64) float64 {
	if line.ToVertexM(m) <= throughM {
		return line.VertexM(m)
	}
	return m
}

// between gives a stretch its ends to the last digit.
func between(piece orb.MultiLineString, from, to orb.Point) orb.MultiLineString {
	if len(piece) > 0 {
		last := piece[len(piece)-1]
		piece[0][0], last[len(last)-1] = from, to
	}
	return piece
}

// over is the stretch of a closed part from one chainage over its end to another.
func over(ring *geo.Chain, fromM, toM float64) orb.MultiLineString {
	return Join(append(ring.Sub(fromM, ring.LengthM()), ring.Sub(0, toM)...))
}

// moved is where an end comes to lie before it is projected.
func (c *sectionCutter) moved(end orb.Point) orb.Point {
	for _, m := range c.moves {
		if geo.DistanceM(end, m.From) <= sectionSlackM {
			return m.To
		}
	}
	return end
}

// near finds an end that lies too far from the new course.
func (c *sectionCutter) near(name string, end orb.Point, distanceM float64) {
	if distanceM > SectionEndM {
		c.found = append(c.found, endsDiffer("界线段 %s 的端点 %.6f, %.6f 离协议的图形 %.0f 米，超过 %d 米：请核对图形", name, end[0], end[1], distanceM, SectionEndM))
	}
}
