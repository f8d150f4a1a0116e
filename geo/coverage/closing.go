package coverage

import (
	"cmp"
	"slices"
)

// closings compares each area with the face that its lines close. Areas whose boundary is not wholly there as lines, which say what lies
// beside them, are passed over.
func (c *check) closings(lines []*Feature, areas *areaIndex) error {
	byLabel := map[string][]*Feature{}
	for _, l := range lines {
		for _, label := range []string{l.Left, l.Right} {
			if areas.named(label) {
				byLabel[label] = append(byLabel[label], l)
			}
		}
	}
	for i := range areas.areas {
		a := &areas.areas[i]
		for _, label := range slices.Compact([]string{a.ID, a.Code}) {
			if around := byLabel[label]; len(around) > 0 {
				if err := c.closing(a, label, around); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// closing runs along the lines of an area with the area to their left, and along its outline the other way round: what is left lies
// within one of them only.
func (c *check) closing(a *area, label string, lines []*Feature) error {
	s := newSketch(2 * vertexCount(a.shape))
	for i, l := range lines {
		for _, path := range pathsOf(l.Geometry) {
			if l.Left != label {
				path = slices.Clone(path)
				slices.Reverse(path)
			}
			s.walkAlong(path, int32(i))
		}
	}
	if !s.balanced() {
		return nil
	}
	for _, polygon := range a.shape {
		for r, ring := range polygon {
			s.add(ring, r > 0, true, ofParent)
		}
	}
	left, err := s.leftOver(nil).node(c.ctx, nil)
	if err != nil {
		return err
	}
	faces, err := left.plan().faces(c.ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(faces, func(f face) bool { return f.cover < -1 || f.cover > 1 }) {
		return nil // left and right are exchanged, or a line is there twice: found as what it is
	}
	for i := range faces {
		c.unclosed(a, lines, &faces[i])
	}
	return nil
}

// balanced reports whether as many runs come to each vertex as leave it: what they enclose is closed.
func (s *sketch) balanced() bool {
	net := make([]int32, len(s.points))
	for _, r := range s.runs {
		net[r.from]++
		net[r.to]--
	}
	return !slices.ContainsFunc(net, func(n int32) bool { return n != 0 })
}

// unclosed names a face that only the lines, or only the shape of an area has.
func (c *check) unclosed(a *area, lines []*Feature, face *face) {
	if face.cover == 0 {
		return
	}
	m := measure(face.rings)
	if m.WidthM < max(dustM, c.ToleranceM) {
		if m.WidthM >= dustM {
			c.tolerated["face-differs"]++
		}
		return
	}
	of := []*Feature{a.Feature}
	for _, p := range face.parts {
		if p != ofParent && !slices.Contains(of, lines[p]) {
			of = append(of, lines[p])
		}
	}
	whose := map[bool]string{true: "界线多围了一块", false: "界线少围了一块"}[face.cover > 0]
	at := pointIn(face.rings)
	severity, more := c.grave(at, m, of)
	c.find("face-differs", severity, at, m, of, "“%s”的界线围成的面与它的图形不符，%s，在%s：面积 %s，长约 %s，平均宽 %s。请核对界线和图形，以批准的为准%s",
		cmp.Or(a.Name, a.String()), whose, place(at), squareMetres(m.AreaM2), metres(m.LengthM), metres(m.WidthM), more)
	c.last().Sliver = c.Parameters.sliver(m)
}
