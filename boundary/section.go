package boundary

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// Section (界线段) is the stretch of a line between one pair of divisions, in one part or several.
type Section struct {
	A, B  *Division // by rising code
	Parts orb.MultiLineString
	Row   int // the line of the file it came from; 0 for none
}

// Line is a line put together from its sections, for registration.
type Line struct {
	Level        Level
	Name         string
	Code, Scheme string // empty where the scheme is not known
	A, B         *Division
	Geometry     orb.MultiLineString // oriented, all sections joined
	LengthM      float64
	Sections     []Section // by chainage, directed as the line is
}

// Assemble groups sections by the parties of the line they belong to and joins each group to a line. Sections of one pair
// given apart become one. Lines come by level and name. Sections whose divisions no line parts are returned as homeless.
//
// Errors: Malformed "line-empty" when a section has no length.
func Assemble(sections []Section) (lines []Line, homeless []Section, err error) {
	type parties struct {
		level Level
		a, b  uuid.UUID
	}
	groups := map[parties]*Line{}
	pairs := map[[2]uuid.UUID]int{} // place of a pair in its line
	var order []parties
	for _, s := range sections {
		level, p, q, ok := Parted(s.A, s.B)
		if !ok {
			homeless = append(homeless, s)
			continue
		}
		p, q = ProposeParties(p, q)
		s.A, s.B = ProposeParties(s.A, s.B)
		k := parties{level, p.ID, q.ID}
		line, there := groups[k]
		if !there {
			line = &Line{Level: level, A: p, B: q}
			line.Name, line.Code, line.Scheme = NameLine(level, p, q)
			groups[k], order = line, append(order, k)
		}
		pair := [2]uuid.UUID{s.A.ID, s.B.ID}
		if i, twice := pairs[pair]; twice {
			line.Sections[i].Parts = append(slices.Clone(line.Sections[i].Parts), s.Parts...)
			continue
		}
		pairs[pair] = len(line.Sections)
		line.Sections = append(line.Sections, s)
	}
	for _, k := range order {
		if err := groups[k].join(); err != nil {
			return nil, nil, err
		}
		lines = append(lines, *groups[k])
	}
	slices.SortStableFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(slices.Index(Levels, a.Level), slices.Index(Levels, b.Level)),
			cmp.Compare(a.A.Code, b.A.Code), cmp.Compare(a.B.Code, b.B.Code))
	})
	return lines, homeless, nil
}

// join makes the geometry of a line from its sections and directs them along it.
func (l *Line) join() error {
	var paths []orb.LineString
	for _, s := range l.Sections {
		paths = append(paths, s.Parts...)
	}
	l.Geometry = Orient(Join(paths))
	chain, err := geo.NewChain(l.Geometry)
	if err != nil {
		return err
	}
	l.LengthM = chain.LengthM()
	along := indexOf(l.Geometry)
	starts := make([]int, len(l.Sections))
	for i := range l.Sections {
		s := &l.Sections[i]
		parts := along.cut(Join(s.Parts))
		if len(parts) == 0 {
			return fault.New(fault.Malformed, "line-empty", "界线段 %s—%s 没有长度", s.A.Name, s.B.Name)
		}
		s.Parts, starts[i] = nil, parts[0].from
		for _, p := range parts {
			s.Parts = append(s.Parts, p.path)
		}
	}
	order := make([]int, len(l.Sections))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(starts[i], starts[j]) })
	sorted := make([]Section, len(order))
	for i, k := range order {
		sorted[i] = l.Sections[k]
	}
	l.Sections = sorted
	return nil
}

// RightParty tells which party lies to the right of the line's direction, from the areas of the divisions along it; nil
// where they do not tell. areaOf returns nil for a division whose area is not known.
func (l *Line) RightParty(areaOf func(*Division) orb.MultiPolygon) *Division {
	var ofA, ofB []orb.MultiPolygon
	for _, s := range l.Sections {
		for _, d := range []*Division{s.A, s.B} {
			area := areaOf(d)
			if area == nil {
				continue
			}
			switch party := d.at(l.A.Level); {
			case party == nil:
			case party.ID == l.A.ID:
				ofA = append(ofA, area)
			case party.ID == l.B.ID:
				ofB = append(ofB, area)
			}
		}
	}
	chain, err := geo.NewChain(l.Geometry)
	if err != nil {
		return nil
	}
	switch RightOf(chain, ofA, ofB) {
	case 1:
		return l.A
	case 2:
		return l.B
	}
	return nil
}

// SectionName is how a section is shown: both divisions by rising code.
func SectionName(a, b string) string { return a + "—" + b }

// edgeIndex finds the edges of a line by their ends: their number along it and their direction.
type edgeIndex map[[2]vertexKey]int

func indexOf(line orb.MultiLineString) edgeIndex {
	n, ix := 0, edgeIndex{}
	for _, part := range line {
		for i := 1; i < len(part); i++ {
			n++
			ix[[2]vertexKey{keyOf(part[i-1]), keyOf(part[i])}] = n
		}
	}
	return ix
}

type directed struct {
	path orb.LineString
	from int // number of its first edge along the line
}

// cut gives paths that lie on the line the line's direction and order.
func (ix edgeIndex) cut(paths orb.MultiLineString) []directed {
	var out []directed
	for _, p := range paths {
		if len(p) < 2 {
			continue
		}
		first, ok := ix[[2]vertexKey{keyOf(p[0]), keyOf(p[1])}]
		if !ok {
			p = reversed(p)
			first = ix[[2]vertexKey{keyOf(p[0]), keyOf(p[1])}]
		}
		if closed(p) {
			p, first = ix.turn(p)
		}
		out = append(out, directed{p, first})
	}
	slices.SortStableFunc(out, func(a, b directed) int { return cmp.Compare(a.from, b.from) })
	return out
}

// turn lets a ring begin at its edge that comes first along the line.
func (ix edgeIndex) turn(ring orb.LineString) (orb.LineString, int) {
	best, from := 0, 0
	for i := 1; i < len(ring); i++ {
		if n := ix[[2]vertexKey{keyOf(ring[i-1]), keyOf(ring[i])}]; n > 0 && (from == 0 || n < from) {
			best, from = i-1, n
		}
	}
	turned := append(slices.Clone(ring[best:len(ring)-1]), ring[:best+1]...)
	return turned, from
}
