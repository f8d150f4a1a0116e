package geo

import (
	"fmt"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// maxFindings bounds what CheckPolygon reports; the last finding then says how many more there are.
const maxFindings = 100

// maxCounted bounds those that are only counted: of a tangle every two edges may cross.
const maxCounted = 1000

// CheckPolygon returns what is wrong with the areas of g, each finding with its place (longitude, latitude) in the detail;
// none for a valid area. Other geometries have no findings. Edges are straight in longitude and latitude.
//
// Codes of severity block: "not-a-number", "too-few-points", "ring-unclosed", "self-intersection" (edges cross or run
// along each other), "self-touch" (a ring meets itself in a point), "hole-outside-shell", "nested-holes",
// "nested-shells" (a part of a multipolygon inside another), "interior-disconnected" (holes that touch cut the area in
// two). Of severity warning: "duplicate-vertex".
//
// These are the rules of OGC Simple Features (06-103r4 §6.1.11). Decisions are exact: rounding cannot make a crossing
// appear or vanish. The cost is n log n for outlines as they occur: 20,000 vertices take some milliseconds.
func CheckPolygon(g orb.Geometry) []fault.Finding {
	var findings []fault.Finding
	for _, f := range CheckAreas(g) {
		findings = append(findings, f.Finding)
	}
	return findings
}

// Flaw is what is wrong with an area, and where.
type Flaw struct {
	fault.Finding
	At orb.Point // zero where the area has no position at all
}

// CheckAreas is CheckPolygon with the places of what it finds.
func CheckAreas(g orb.Geometry) []Flaw {
	var areas orb.MultiPolygon
	switch g := g.(type) {
	case orb.Ring:
		areas = orb.MultiPolygon{{g}}
	case orb.Polygon:
		areas = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		areas = g
	default:
		return nil
	}
	c := &areaCheck{seen: map[meeting]bool{}}
	for part, area := range areas {
		if len(area) == 0 {
			c.add(orb.Point{}, "too-few-points", fault.Block, "第 %d 个面没有边界", part+1)
		}
		for hole, ring := range area {
			c.addRing(part, hole, ring)
		}
	}
	c.meetings()
	if !c.broken {
		c.holes()
		c.parts()
		c.connected()
	}
	return c.report()
}

// checkedRing is a ring without repeated vertices, closed.
type checkedRing struct {
	part, hole int // hole 0 is the shell
	points     orb.Ring
	bound      orb.Bound
	first      int // its first edge
}

// start is the first vertex, the zero point where there is none.
func (r *checkedRing) start() orb.Point {
	if len(r.points) == 0 {
		return orb.Point{}
	}
	return r.points[0]
}

func (r *checkedRing) String() string {
	if r.hole == 0 {
		return fmt.Sprintf("第 %d 个面的外环", r.part+1)
	}
	return fmt.Sprintf("第 %d 个面的第 %d 个洞", r.part+1, r.hole)
}

// next and before return the vertex after and before the one at place i of the ring, passing over the closing one.
func (r *checkedRing) next(i int) orb.Point {
	if i+1 == len(r.points) {
		return r.points[1]
	}
	return r.points[i+1]
}

func (r *checkedRing) before(i int) orb.Point {
	if i == 0 {
		return r.points[len(r.points)-2]
	}
	return r.points[i-1]
}

// meeting is a place where two rings touch, the smaller one first.
type meeting struct {
	a, b int
	at   orb.Point
}

type areaCheck struct {
	rings   []checkedRing
	edges   []ringEdge
	touches []meeting
	seen    map[meeting]bool
	flaws   []Flaw
	more    int
	broken  bool // rings cross or are no rings: the later checks would mean nothing
}

// ringEdge is an edge of a ring: from vertex i to vertex i+1.
type ringEdge struct{ ring, i int32 }

func (c *areaCheck) ends(e ringEdge) (a, b orb.Point) {
	p := c.rings[e.ring].points
	return p[e.i], p[e.i+1]
}

func (c *areaCheck) add(at orb.Point, code string, severity fault.Severity, format string, args ...any) {
	if severity == fault.Block && code != "self-touch" {
		c.broken = true
	}
	if len(c.flaws) >= maxFindings {
		c.more++
		return
	}
	c.flaws = append(c.flaws, Flaw{fault.Finding{Code: code, Severity: severity, Detail: fmt.Sprintf(format, args...)}, at})
}

func (c *areaCheck) report() []Flaw {
	detail := fmt.Sprintf("还有 %d 处同类问题没有列出", c.more)
	if c.more >= maxCounted {
		detail = fmt.Sprintf("还有 %d 处以上同类问题没有列出", maxCounted)
	}
	if c.more > 0 {
		c.flaws = append(c.flaws, Flaw{Finding: fault.Finding{Code: "more-findings", Severity: fault.Info, Detail: detail}})
	}
	return c.flaws
}

// place is how details name a position: nine decimals are a tenth of a millimetre.
func place(p orb.Point) string { return fmt.Sprintf("（%.9g, %.9g）", p[0], p[1]) }

// addRing checks a ring by itself and takes it over if it is one.
func (c *areaCheck) addRing(part, hole int, ring orb.Ring) {
	r := checkedRing{part: part, hole: hole, first: len(c.edges)}
	repeated := 0
	var where orb.Point
	for _, p := range ring {
		if !isFinite(p[0]) || !isFinite(p[1]) {
			c.add(r.start(), "not-a-number", fault.Block, "%s有不是有限数的坐标", &r)
			return
		}
		if n := len(r.points); n > 0 && r.points[n-1] == p {
			if repeated == 0 {
				where = p
			}
			repeated++
			continue
		}
		r.points = append(r.points, p)
	}
	if repeated > 0 {
		c.add(where, "duplicate-vertex", fault.Warning, "%s有 %d 个连续重复的顶点，第一处在%s", &r, repeated, place(where))
	}
	if len(r.points) > 0 && r.points[0] != r.points[len(r.points)-1] {
		c.add(r.points[0], "ring-unclosed", fault.Block, "%s没有闭合：起点%s与终点%s不同", &r, place(r.points[0]), place(r.points[len(r.points)-1]))
		return
	}
	if len(r.points) < 4 {
		c.add(r.start(), "too-few-points", fault.Block, "%s不足三个不同的顶点，围不成面", &r)
		return
	}
	r.bound = r.points.Bound()
	for i := range len(r.points) - 1 {
		c.edges = append(c.edges, ringEdge{ring: int32(len(c.rings)), i: int32(i)})
	}
	c.rings = append(c.rings, r)
}

// meetings looks at every pair of edges that come near each other.
func (c *areaCheck) meetings() {
	tree := newEdgeTree(len(c.edges), func(i int) orb.Bound {
		a, b := c.ends(c.edges[i])
		return orb.Bound{Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])}, Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])}}
	})
	tree.pairs(func(i, j int) {
		e, f := c.edges[i], c.edges[j]
		a, b := c.ends(e)
		p, q := c.ends(f)
		if e.ring == f.ring && c.neighbours(e, f) {
			c.corner(e, f)
			return
		}
		switch how, at := Meet(a, b, p, q); how {
		case Cross:
			c.add(at, "self-intersection", fault.Block, "在%s处相交：%s", place(at), c.names(e, f))
		case Overlap:
			c.add(at, "self-intersection", fault.Block, "从%s起有一段重合：%s", place(at), c.names(e, f))
		case Touch:
			c.touch(e, f, at)
		}
	}, func() bool { return c.more >= maxCounted })
}

func (c *areaCheck) names(e, f ringEdge) string {
	if e.ring == f.ring {
		return fmt.Sprintf("%s的第 %d 条边与第 %d 条边", &c.rings[e.ring], e.i+1, f.i+1)
	}
	return fmt.Sprintf("%s的第 %d 条边与%s的第 %d 条边", &c.rings[e.ring], e.i+1, &c.rings[f.ring], f.i+1)
}

// neighbours reports whether two edges of one ring, e before f, follow each other.
func (c *areaCheck) neighbours(e, f ringEdge) bool {
	return f.i == e.i+1 || e.i == 0 && int(f.i) == len(c.rings[e.ring].points)-2
}

// corner looks for a ring that turns back on itself at the vertex between two neighbouring edges.
func (c *areaCheck) corner(e, f ringEdge) {
	r := &c.rings[e.ring]
	i := int(f.i)
	if f.i != e.i+1 {
		i = 0
	}
	if p, a, b := r.points[i], r.before(i), r.next(i); Orient(a, p, b) == 0 && ahead(p, a, b) {
		c.add(p, "self-intersection", fault.Block, "%s在%s处折返，边与自身重合", r, place(p))
	}
}

// touch looks at edges that meet in an end of one of them: within a ring a fault, between rings allowed unless they cross.
func (c *areaCheck) touch(e, f ringEdge, at orb.Point) {
	m := meeting{a: int(e.ring), b: int(f.ring), at: at}
	if c.seen[m] {
		return
	}
	c.seen[m] = true
	if e.ring == f.ring {
		c.add(at, "self-touch", fault.Block, "%s在%s处与自身相接：应当拆成两个环", &c.rings[e.ring], place(at))
		return
	}
	a1, a2 := c.through(e, at)
	b1, b2 := c.through(f, at)
	if crossesAt(at, a1, a2, b1, b2) {
		c.add(at, "self-intersection", fault.Block, "在%s处相交：%s", place(at), c.names(e, f))
		return
	}
	c.touches = append(c.touches, m)
}

// through returns the vertices before and after a point at which a ring passes, the point being on edge e.
func (c *areaCheck) through(e ringEdge, at orb.Point) (before, after orb.Point) {
	r := &c.rings[e.ring]
	a, b := c.ends(e)
	switch at {
	case a:
		return r.before(int(e.i)), b
	case b:
		return a, r.next(int(e.i) + 1)
	}
	return a, b
}
