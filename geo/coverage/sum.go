package coverage

import (
	"maps"
	"slices"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// ofParent is whose an edge of the unit above is.
const ofParent int32 = -1

// sums compares the units of a sheet with the divisions of theirs that it holds.
func (c *check) sums(s sheet) error {
	children := s.children()
	by := labelled(s.all)
	for _, code := range slices.Sorted(maps.Keys(children)) {
		for _, parent := range by[code] {
			if parent.Code != code {
				continue
			}
			if err := c.sum(parent, children[code]); err != nil {
				return err
			}
		}
	}
	return nil
}

// children are the areas right below each code that the sheet has an area for: as they say, else by their codes.
func (s *sheet) children() map[string][]*Feature {
	has := map[string]bool{}
	for _, f := range s.all {
		has[f.Code] = hasArea(f)
	}
	children := map[string][]*Feature{}
	for _, f := range s.all {
		if !hasArea(f) {
			continue
		}
		parent := f.Parent
		if parent == "" {
			for above := range above(f.Code) {
				if has[above] {
					parent = above
					break
				}
			}
		}
		if parent != "" && has[parent] && parent != f.Code {
			children[parent] = append(children[parent], f)
		}
	}
	return children
}

// sum compares a unit with its divisions. Where they cover less than half of it, the rest of them is elsewhere.
func (c *check) sum(parent *Feature, children []*Feature) error {
	f := &fabric{check: c, areas: areasOf(children)}
	whole := areasOf([]*Feature{parent})[0]
	wholeM2, m2 := geo.AreaM2(whole.shape), 0.0
	s := newSketch(vertexCount(whole.shape))
	for _, polygon := range whole.shape {
		for r, ring := range polygon {
			s.add(ring, r > 0, true, ofParent)
		}
	}
	for i := range f.areas {
		m2 += geo.AreaM2(f.areas[i].shape)
		for _, polygon := range f.areas[i].shape {
			for r, ring := range polygon {
				s.add(ring, r > 0, false, int32(len(f.parts)))
				f.parts = append(f.parts, part{area: int32(i)})
			}
		}
	}
	if m2 < wholeM2/2 {
		c.find("sum-incomplete", fault.Info, pointIn(ringsOf(whole.shape[0])), measures{AreaM2: wholeM2 - m2}, []*Feature{parent},
			"“%s”有 %s，文件里它的 %d 个下级共 %s，不到一半：没有比较下级之和", parent, squareMetres(wholeM2), len(children), squareMetres(m2))
		return nil
	}
	left, err := s.leftOver(nil).node(c.ctx, nil)
	if err != nil {
		return err
	}
	faces, err := left.plan().faces(c.ctx)
	if err != nil {
		return err
	}
	for i := range faces {
		f.unlike(&whole, &faces[i])
	}
	return nil
}

// unlike names a face in which the divisions of a unit are not what it is.
func (f *fabric) unlike(whole *area, face *face) {
	if face.cover == 0 {
		return
	}
	m := measure(face.rings)
	if m.WidthM < dustM {
		return
	}
	at := pointIn(face.rings)
	what := "缺少"
	if face.cover > 0 {
		if whole.covers(at) {
			return // divisions that overlap: found among them
		}
		what = "多出"
	}
	if f.narrow("sum-mismatch", m) {
		return
	}
	around := append([]*Feature{whole.Feature}, f.areasOf(slices.DeleteFunc(face.parts, func(p int32) bool { return p == ofParent }))...)
	severity, more := f.grave(at, m, around)
	f.find("sum-mismatch", severity, at, m, around, "“%s”的下级合起来与它不符，在%s%s一块：面积 %s，长约 %s，平均宽 %s。请核对上下级的界线，使它们用同一条外边界%s",
		whole, place(at), what, squareMetres(m.AreaM2), metres(m.LengthM), metres(m.WidthM), more)
	f.last().Sliver = f.Parameters.sliver(m)
}
