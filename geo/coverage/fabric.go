package coverage

import (
	"slices"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// part is one ring of an area.
type part struct {
	area    int32
	polygon int32 // counted through all areas
	aside   bool  // not of the main polygon of its unit
	hole    bool
}

// fabric is areas that should tile what they cover.
type fabric struct {
	*check
	areas   []area
	parts   []part
	first   []int32                       // polygon of each area
	unit    []int32                       // of each area
	main    []int32                       // polygon of each unit
	loose   edgeSet                       // that do not fit as they are
	fitted  [][2]orb.Point                // what was cut to fit
	tree    rtree.RTreeGN[float64, int32] // of the areas
	borders map[[2]int32]float64          // of a polygon aside with another area: how long, in metres
}

// fabric looks for gaps, overlaps, slivers and exclaves.
func (c *check) fabric(areas []area) error {
	f := &fabric{check: c, areas: areas, borders: map[[2]int32]float64{}}
	left, err := f.lay()
	if err == nil {
		f.loose = left.edgeSet()
		left, err = left.node(c.ctx, func(a, b orb.Point) { f.fitted = append(f.fitted, [2]orb.Point{a, b}) })
	}
	if err != nil {
		return err
	}
	p := left.plan()
	faces, err := p.faces(c.ctx)
	if err != nil {
		return err
	}
	for i := range faces {
		if i&0xff == 0 && c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		switch face := &faces[i]; {
		case face.cover == 0:
			f.gap(face)
		case face.cover > 1:
			f.overlap(face)
		}
	}
	f.slits(p)
	f.exclaves()
	return nil
}

// lay runs along every ring and returns what does not fit.
func (f *fabric) lay() (*sketch, error) {
	f.units()
	n := 0
	for i := range f.areas {
		n += vertexCount(f.areas[i].shape)
	}
	s := newSketch(n/2 + 1) // neighbours share most of their vertices
	s.runs = make([]run, 0, n)
	polygons := int32(0)
	for i := range f.areas {
		if f.ctx.Err() != nil {
			return nil, f.ctx.Err()
		}
		a := &f.areas[i]
		f.tree.Insert(a.bound.Min, a.bound.Max, int32(i))
		main := f.main[f.unit[i]]
		f.first = append(f.first, polygons)
		for _, polygon := range a.shape {
			for r, ring := range polygon {
				s.add(ring, r > 0, false, int32(len(f.parts)))
				f.parts = append(f.parts, part{area: int32(i), polygon: polygons, aside: polygons != main, hole: r > 0})
			}
			f.sliver(a, polygon)
			polygons++
		}
		f.step(1)
	}
	return s.leftOver(func(group []int32) { f.border(s, group) }), nil
}

func vertexCount(shape orb.MultiPolygon) (n int) {
	for _, polygon := range shape {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// units are the areas of one division, all those of one code and name, and which polygon of them is the main one: the largest.
func (f *fabric) units() {
	known := map[[2]string]int32{}
	var polygons []int32 // how many a unit has
	var most []float64
	n := int32(0)
	for i := range f.areas {
		a := &f.areas[i]
		label := [2]string{a.Code, a.Name}
		unit, seen := known[label]
		if !seen || a.Code == "" {
			unit = int32(len(polygons))
			known[label] = unit
			polygons, most, f.main = append(polygons, 0), append(most, -1), append(f.main, n)
		}
		f.unit = append(f.unit, unit)
		polygons[unit] += int32(len(a.shape))
		n += int32(len(a.shape))
	}
	n = 0
	for i := range f.areas {
		for _, polygon := range f.areas[i].shape {
			if unit := f.unit[i]; polygons[unit] > 1 {
				if m2 := roughly(polygon).AreaM2; m2 > most[unit] {
					most[unit], f.main[unit] = m2, n
				}
			}
			n++
		}
	}
}

// sliver looks at a part of a feature by itself. Only what is one within a tenth is measured on the ellipsoid.
func (f *fabric) sliver(a *area, polygon orb.Polygon) {
	if len(polygon) == 0 || len(polygon[0]) < 4 {
		return
	}
	m := roughly(polygon)
	if !f.Parameters.sliver(measures{AreaM2: m.AreaM2 * 0.9, LengthM: m.LengthM, WidthM: m.WidthM * 0.9}) {
		return
	}
	m = measure(ringsOf(polygon))
	if f.Parameters.sliver(m) {
		at := pointIn(polygon)
		f.find("sliver", fault.Review, at, m, []*Feature{a.Feature},
			"“%s”有一块碎片在%s：面积 %s，长约 %s，平均宽 %s。多半是裁剪或接边留下的，请核对，不是飞地就并入相邻的单位", a, place(at), squareMetres(m.AreaM2), metres(m.LengthM), metres(m.WidthM))
	}
}

// ringsOf are the rings of a polygon as a face has them: the shell counterclockwise, the holes clockwise.
func ringsOf(polygon orb.Polygon) []orb.Ring {
	rings := make([]orb.Ring, len(polygon))
	for i, ring := range polygon {
		rings[i] = ring
		if counterclockwise(ring) != (i == 0) {
			rings[i] = ring.Clone()
			rings[i].Reverse()
		}
	}
	return rings
}

// gap names a face that nothing covers: an enclave where it is the hole of one unit.
func (f *fabric) gap(face *face) {
	m := measure(face.rings)
	if m.WidthM < dustM {
		return
	}
	at := pointIn(face.rings)
	around := f.areasOf(face.parts)
	if len(around) == 1 && !slices.ContainsFunc(face.parts, func(p int32) bool { return !f.parts[p].hole }) {
		f.report.Exclaves = append(f.report.Exclaves, Exclave{Within: around[0].ID, AreaM2: m.AreaM2, At: at})
		return
	}
	if f.narrow("gap", m) {
		return
	}
	between, hint := "之间", "请核对各方的界线，使相邻的边共用同样的顶点"
	switch {
	case len(around) == 1:
		between, hint = "自己围着的地方", "是飞地就画成洞，否则请把外环拉直"
	case !f.Parameters.sliver(m):
		hint = "是漏了一个单位就补上，那里属于别的文件就一起检查，否则请核对各方的界线"
	}
	severity, more := f.grave(at, m, around)
	f.find("gap", severity, at, m, around, "%s%s有空隙，在%s：面积 %s，长约 %s，平均宽 %s。%s%s",
		named(around), between, place(at), squareMetres(m.AreaM2), metres(m.LengthM), metres(m.WidthM), hint, more)
	f.last().Sliver = f.Parameters.sliver(m)
}

func (c *check) last() *Finding { return &c.report.Findings[len(c.report.Findings)-1] }

// narrow reports whether a face is narrower than what was asked for, and counts it.
func (f *fabric) narrow(code string, m measures) bool {
	if m.WidthM >= f.ToleranceM {
		return false
	}
	f.tolerated[code]++
	return true
}

// areasOf are the features of parts, each once, in the order of the files.
func (f *fabric) areasOf(parts []int32) []*Feature {
	var of []int32
	for _, p := range parts {
		of = append(of, f.parts[p].area)
	}
	return f.featuresOf(of)
}

func (f *fabric) featuresOf(areas []int32) []*Feature {
	slices.Sort(areas)
	var all []*Feature
	for _, a := range slices.Compact(areas) {
		all = append(all, f.areas[a].Feature)
	}
	return all
}

// border remembers how long a polygon aside runs along another area.
func (f *fabric) border(s *sketch, group []int32) {
	for _, i := range group {
		mine := f.parts[s.runs[i].part]
		if !mine.aside {
			continue
		}
		for _, j := range group {
			if other := f.parts[s.runs[j].part].area; s.runs[i].from == s.runs[j].to && f.unit[other] != f.unit[mine.area] {
				f.borders[[2]int32{mine.polygon, other}] += geo.DistanceM(s.points[s.runs[i].from], s.points[s.runs[i].to])
			}
		}
	}
}

// exclaves lists the parts that are not the main one of their unit.
func (f *fabric) exclaves() {
	within := f.within()
	var last int32 = -1
	for _, p := range f.parts {
		if !p.aside || p.hole || p.polygon == last {
			continue
		}
		last = p.polygon
		a := &f.areas[p.area]
		polygon := a.shape[p.polygon-f.first[p.area]]
		e := Exclave{Of: a.ID, AreaM2: geo.AreaM2(polygon), At: pointIn(polygon)}
		if other, known := within[p.polygon]; known {
			e.Within = f.areas[other].ID
		}
		f.report.Exclaves = append(f.report.Exclaves, e)
	}
}

// within is the area with which each polygon aside has its longest border.
func (f *fabric) within() map[int32]int32 {
	best := map[int32]int32{}
	for pair, m := range f.borders {
		polygon, area := pair[0], pair[1]
		other, known := best[polygon]
		longest := f.borders[[2]int32{polygon, other}]
		if !known || m > longest || m == longest && area < other {
			best[polygon] = area
		}
	}
	return best
}
