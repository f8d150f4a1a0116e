package feature

import (
	"github.com/paulmach/orb"

	"fangyu/geo/internal/decimal"
)

// shape is a GeoJSON geometry as read: its members come in any order, so it is built when all are known.
type shape struct {
	typ         string
	coordinates coordinates
	members     orb.Collection
	seen        uint8
}

// coordinates holds nested arrays of positions without the nesting: lines end at these positions, polygons at these lines.
type coordinates struct {
	depth    int // 1 a position, 2 an array of them, … 0 nothing
	points   []orb.Point
	lines    []int
	polygons []int
}

// geometry reads a geometry object; null is nil.
func (g *geojsonReader) geometry() orb.Geometry {
	if g.kind() != kindObject {
		if g.kind() == kindWord {
			g.word()
			if string(g.text) == "null" {
				return nil
			}
		} else {
			g.skip()
		}
		g.wrong("bad-geometry", "geometry 应当是几何对象或 null")
		return nil
	}
	var s shape
	g.object(func(name string) {
		switch name {
		case "type":
			g.once(&s.seen, 1, name)
			s.typ = g.textValue()
		case "coordinates":
			g.once(&s.seen, 2, name)
			s.coordinates = g.coordinates()
		case "geometries":
			g.once(&s.seen, 4, name)
			s.members = g.geometries()
		default:
			g.skip()
		}
	})
	return g.build(s)
}

func (g *geojsonReader) geometries() orb.Collection {
	var members orb.Collection
	if g.kind() != kindArray {
		g.skip()
		g.wrong("bad-geometry", "geometries 应当是数组")
		return nil
	}
	g.array(func() {
		if m := g.geometry(); m != nil {
			members = append(members, m)
		}
	})
	return members
}

// coordinates reads the value of a coordinates member.
func (g *geojsonReader) coordinates() coordinates {
	var c coordinates
	if g.kind() != kindArray {
		g.skip()
		g.wrong("bad-geometry", "coordinates 应当是数组")
		return c
	}
	c.depth = g.nested(&c)
	return c
}

// nested reads an array of numbers, a position, or an array of such, and returns its depth; 0 for an empty array.
func (g *geojsonReader) nested(c *coordinates) int {
	depth, elements := 0, 0
	var p orb.Point
	g.array(func() {
		elements++
		if g.kind() != kindArray {
			v := g.number()
			if depth == 0 {
				depth = 1
			}
			if depth != 1 {
				g.wrong("bad-geometry", "坐标数组的层次不一致")
			}
			if elements <= 2 {
				p[elements-1] = v
			}
			return
		}
		inner := g.nested(c)
		if inner == 0 {
			g.wrong("bad-geometry", "坐标里有空数组")
		}
		if depth != 0 && depth != inner+1 {
			g.wrong("bad-geometry", "坐标数组的层次不一致")
		}
		depth = inner + 1
	})
	switch {
	case depth == 1 && elements < 2:
		g.wrong("bad-geometry", "一个位置至少要有经度和纬度两个数")
	case depth == 1:
		if elements > 2 {
			g.heights++
		}
		c.points = append(c.points, p)
	case depth == 2:
		c.lines = append(c.lines, len(c.points))
	case depth == 3:
		c.polygons = append(c.polygons, len(c.lines))
	}
	return depth
}

// number reads one number of a position; what is none is an error of the record.
func (g *geojsonReader) number() float64 {
	if g.kind() != kindWord {
		g.skip()
		g.wrong("not-a-number", "坐标里有文字或对象，应当是数")
		return 0
	}
	g.word()
	v, ok := decimal.Parse(g.text)
	if !ok {
		g.wrong("not-a-number", "坐标“%s”不是有限的数", clip(string(g.text)))
	}
	return v
}

// clip shortens a text that is quoted in a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// literal reports whether the word b is true, false, or begins as a number.
func literal(b []byte) bool {
	if len(b) > 1 && b[0] == '-' {
		b = b[1:]
	}
	return len(b) > 0 && b[0] >= '0' && b[0] <= '9' || string(b) == "true" || string(b) == "false"
}

// depths are the levels of nesting of each type.
var depths = map[string]int{
	"Point": 1, "MultiPoint": 2, "LineString": 2, "MultiLineString": 3, "Polygon": 3, "MultiPolygon": 4,
}

// build makes the geometry. One without coordinates, which RFC 7946 §3.1 lets a reader take for null, is an error here: a
// record without a position says null, and a tool that wrote Polygon [] has lost one.
func (g *geojsonReader) build(s shape) orb.Geometry {
	if s.typ == "GeometryCollection" {
		if len(s.members) == 0 {
			g.wrong("empty-geometry", "GeometryCollection 是空的：没有图形请写 null")
			return nil
		}
		return s.members
	}
	want, known := depths[s.typ]
	c := s.coordinates
	switch {
	case g.bad != nil || g.err != nil:
		return nil // the coordinates may be half read
	case !known:
		g.wrong("bad-geometry", "不认识几何类型“%s”", clip(s.typ))
		return nil
	case c.depth == 0:
		g.wrong("empty-geometry", "%s 没有坐标：没有图形请写 null", s.typ)
		return nil
	case c.depth != want:
		g.wrong("bad-geometry", "%s 的坐标应当有 %d 层方括号，却有 %d 层", s.typ, want, c.depth)
		return nil
	}
	switch s.typ {
	case "Point":
		return c.points[0]
	case "MultiPoint":
		return orb.MultiPoint(c.points)
	case "LineString":
		if len(c.points) < 2 {
			g.wrong("bad-geometry", "一条线至少要有两个点")
			return nil
		}
		return orb.LineString(c.points)
	case "MultiLineString":
		return g.paths(c)
	case "Polygon":
		return c.polygon(0, len(c.lines))
	}
	var m orb.MultiPolygon
	from := 0
	for _, to := range c.polygons {
		m = append(m, c.polygon(from, to))
		from = to
	}
	return m
}

func (g *geojsonReader) paths(c coordinates) orb.Geometry {
	var m orb.MultiLineString
	for i := range c.lines {
		l := orb.LineString(c.line(i))
		if len(l) < 2 {
			g.wrong("bad-geometry", "一条线至少要有两个点")
			return nil
		}
		m = append(m, l)
	}
	return m
}

// line returns the positions of line i.
func (c *coordinates) line(i int) []orb.Point {
	from := 0
	if i > 0 {
		from = c.lines[i-1]
	}
	return c.points[from:c.lines[i]:c.lines[i]]
}

func (c *coordinates) polygon(from, to int) orb.Polygon {
	p := make(orb.Polygon, 0, to-from)
	for i := from; i < to; i++ {
		p = append(p, orb.Ring(c.line(i)))
	}
	return p
}
