package feature

import (
	"io"
	"strconv"

	"github.com/paulmach/orb"

	"fangyu/internal/fault"
)

// The limits of a topology: positions of all its arcs together, which are held in memory, of one record put together, and how
// many times the arcs together all records come to beyond one such record. Neighbours on five levels use an arc ten times;
// without a limit a small file becomes any number of positions.
const (
	maxArcPositions    = 1 << 25
	maxRecordPositions = 1 << 22
	maxArcUses         = 16
)

// topology is the arcs of a TopoJSON document, which its geometries share.
type topology struct {
	arcs      [][]orb.Point
	scale     orb.Point
	translate orb.Point
	quantised bool
	positions int // of all arcs
	joined    int // of all records put together so far
}

// topojsonReader reads one TopoJSON document (https://github.com/topojson/topojson-specification, version 1.0): every geometry
// of a collection is a record, and so is an object that is no collection. Arcs may stand before or after what uses them, so
// they are read first, in a pass of their own.
type topojsonReader struct {
	*geojsonReader
	topology
}

// surveyTopoJSON is the first pass.
func (s *Source) surveyTopoJSON(see func(string) error, headings *[]string) ([]string, error) {
	t, err := s.topology()
	if err != nil {
		return nil, err
	}
	s.heights = t.heights
	text, done, err := s.text()
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = done(false) }() // the file was only read: closing it can tell nothing new
	r := &topojsonReader{geojsonReader: &geojsonReader{scanner: newScanner(text)}, topology: t.topology}
	var tooMany error
	err = r.objects(func(Record, error) bool {
		s.Rows++
		for _, name := range r.names {
			if tooMany = see(name); tooMany != nil {
				return false
			}
		}
		return true
	})
	if err == nil {
		err = tooMany
	}
	if err != nil {
		return nil, s.readError(err)
	}
	return *headings, nil
}

// topology reads the arcs and the transform of the document.
func (s *Source) topology() (*topojsonReader, error) {
	text, done, err := s.text()
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = done(false) }()
	r := &topojsonReader{geojsonReader: &geojsonReader{scanner: newScanner(text)}}
	r.object(func(name string) {
		r.left = MaxTextBytes
		switch name {
		case "arcs":
			r.readArcs()
		case "transform":
			r.readTransform()
		default:
			r.skip()
		}
	})
	r.trailing()
	if r.err == nil {
		r.err = r.bad
	}
	if r.err == nil && r.arcs == nil {
		r.err = fault.New(fault.Unsupported, "not-geojson", "这是 TopoJSON，但没有 arcs：可能没有传完，请重新导出")
	}
	if r.err != nil {
		return nil, s.readError(r.err)
	}
	r.place()
	return r, nil
}

// readArcs reads the arcs as they are written.
func (r *topojsonReader) readArcs() {
	if r.kind() != kindArray || r.arcs != nil {
		r.fail("arcs 应当是数组，且只有一个")
		return
	}
	r.arcs = [][]orb.Point{}
	r.array(func() {
		if r.kind() != kindArray {
			r.fail("一条弧应当是位置的数组")
			return
		}
		var c coordinates
		if depth := r.nested(&c); depth != 2 {
			r.wrong("bad-geometry", "第 %d 条弧应当是位置的数组", len(r.arcs))
		}
		if r.positions += len(c.points); r.positions > maxArcPositions {
			r.err = fault.New(fault.TooLarge, "file-too-large", "TopoJSON 的弧共有 %d 个以上的点：请按区域拆成几个文件", maxArcPositions)
		}
		r.arcs = append(r.arcs, c.points)
	})
}

// readTransform reads by what the numbers of arcs are positions.
func (r *topojsonReader) readTransform() {
	if r.kind() != kindObject {
		r.skip() // null
		return
	}
	r.quantised = true
	r.object(func(name string) {
		c := coordinates{}
		if r.kind() == kindArray {
			r.nested(&c)
		} else {
			r.skip()
		}
		switch {
		case name != "scale" && name != "translate":
		case len(c.points) != 1:
			r.wrong("bad-geometry", "transform 的 %s 应当是两个数", name)
		case name == "scale":
			r.scale = c.points[0]
		default:
			r.translate = c.points[0]
		}
	})
}

// place makes positions of what arcs are written in: steps from one to the next where there is a transform.
func (r *topojsonReader) place() {
	if !r.quantised {
		return
	}
	for _, arc := range r.arcs {
		var at orb.Point
		for i, step := range arc {
			at = orb.Point{at[0] + step[0], at[1] + step[1]}
			arc[i] = r.position(at)
		}
	}
}

// position is where a pair of the document's numbers lies.
func (t *topology) position(p orb.Point) orb.Point {
	if !t.quantised {
		return p
	}
	return orb.Point{p[0]*t.scale[0] + t.translate[0], p[1]*t.scale[1] + t.translate[1]}
}

// objects calls visit with every record and its error; visit returns false to stop. The error is one of structure.
func (r *topojsonReader) objects(visit func(Record, error) bool) error {
	stopped := false
	r.object(func(name string) {
		r.left = MaxTextBytes
		if name != "objects" || r.kind() != kindObject {
			r.skip()
			return
		}
		r.object(func(string) {
			r.element(func(rec Record, bad error) {
				if r.err == nil && !visit(rec, bad) {
					stopped, r.err = true, errStopped
				}
			})
		})
	})
	if stopped {
		return nil
	}
	r.trailing()
	return r.err
}

// topoShape is a geometry object as read: its members come in any order.
type topoShape struct {
	shape
	arcs       coordinates // of depth: numbers of arcs, one a point
	collection bool        // its members were visited as records
}

// element reads an object: a collection, whose members are records, or a record.
func (r *topojsonReader) element(visit func(Record, error)) {
	rec := r.begin()
	s := r.topoGeometry(&rec, visit)
	if s.collection {
		return
	}
	rec.Geometry = r.assemble(s)
	visit(rec, r.bad)
}

// begin begins a record.
func (r *topojsonReader) begin() Record {
	r.peek()
	r.left, r.bad, r.names = MaxRecordBytes, nil, r.names[:0]
	return Record{Line: r.line, Fields: map[string]string{}}
}

// topoGeometry reads a geometry object. Members of a collection go to visit as records; without it, within the geometry of a
// record, they are put together.
func (r *topojsonReader) topoGeometry(rec *Record, visit func(Record, error)) topoShape {
	var s topoShape
	if r.kind() != kindObject {
		r.skip()
		r.wrong("bad-geometry", "这里应当是 TopoJSON 的几何对象")
		return s
	}
	r.object(func(name string) {
		switch name {
		case "type":
			s.typ = r.textValue()
		case "id":
			rec.ID = r.fieldValue()
		case "properties":
			rec.Fields = r.properties()
		case "coordinates":
			s.coordinates = r.coordinates()
		case "arcs":
			s.arcs = r.arcNumbers()
		case "geometries":
			r.topoMembers(&s, visit)
		default:
			r.skip()
		}
	})
	return s
}

// topoMembers reads the members of a collection.
func (r *topojsonReader) topoMembers(s *topoShape, visit func(Record, error)) {
	if r.kind() != kindArray {
		r.skip()
		r.wrong("bad-geometry", "geometries 应当是数组")
		return
	}
	s.collection = visit != nil
	r.array(func() {
		if visit == nil {
			if m := r.assemble(r.topoGeometry(&Record{}, nil)); m != nil {
				s.members = append(s.members, m)
			}
			return
		}
		rec := r.begin()
		rec.Geometry = r.assemble(r.topoGeometry(&rec, nil))
		visit(rec, r.bad)
	})
}

// arcNumbers reads nested arrays of numbers of arcs; each number stands as the longitude of a point.
func (r *topojsonReader) arcNumbers() coordinates {
	var c coordinates
	if r.kind() != kindArray {
		r.skip()
		r.wrong("bad-geometry", "arcs 应当是数组")
		return c
	}
	c.depth = r.arcsNested(&c)
	return c
}

func (r *topojsonReader) arcsNested(c *coordinates) int {
	depth := 0
	r.array(func() {
		inner := 0
		if r.kind() == kindArray {
			inner = r.arcsNested(c)
		} else {
			r.word()
			n, err := strconv.Atoi(string(r.text))
			if err != nil || n >= len(r.topology.arcs) || ^n >= len(r.topology.arcs) {
				r.wrong("bad-geometry", "没有第 %s 条弧：共有 %d 条", clip(string(r.text)), len(r.topology.arcs))
				n = 0
			}
			c.points = append(c.points, orb.Point{float64(n)})
		}
		if depth != 0 && depth != inner+1 {
			r.wrong("bad-geometry", "arcs 的层次不一致")
		}
		depth = inner + 1
	})
	switch depth {
	case 1:
		c.lines = append(c.lines, len(c.points))
	case 2:
		c.polygons = append(c.polygons, len(c.lines))
	}
	return depth
}

// assemble makes the geometry: of its arcs, or of its coordinates where it has points. An object of type null has none.
func (r *topojsonReader) assemble(s topoShape) orb.Geometry {
	switch s.typ {
	case "":
		if r.bad == nil && r.err == nil && s.arcs.depth == 0 && s.coordinates.depth == 0 {
			return nil
		}
	case "Point", "MultiPoint":
		for i, p := range s.coordinates.points {
			s.coordinates.points[i] = r.position(p)
		}
	case "LineString", "MultiLineString", "Polygon", "MultiPolygon":
		s.coordinates = r.join(s.arcs)
	}
	return r.build(s.shape)
}

// join puts arcs together to coordinates, one level deeper than the numbers of the arcs. Where an arc follows another they
// have a position in common; a negative number ~n is arc n backwards.
func (r *topojsonReader) join(arcs coordinates) coordinates {
	c := coordinates{depth: arcs.depth + 1, polygons: arcs.polygons}
	if arcs.depth == 0 || r.bad != nil || r.err != nil {
		return coordinates{}
	}
	for i := range arcs.lines {
		first := len(c.points)
		for _, number := range arcs.line(i) {
			r.follow(&c, first, int(number[0]))
		}
		c.lines = append(c.lines, len(c.points))
	}
	return c
}

// follow adds an arc to the line that begins at first.
func (r *topojsonReader) follow(c *coordinates, first, n int) {
	backwards := n < 0
	if backwards {
		n = ^n
	}
	arc := r.topology.arcs[n]
	if len(c.points)+len(arc) > maxRecordPositions {
		r.wrong("record-too-large", "一条记录由弧拼成的点超过 %d 个", maxRecordPositions)
		return
	}
	if r.joined += len(arc); r.joined > maxRecordPositions+maxArcUses*r.positions {
		r.err = fault.New(fault.TooLarge, "file-too-large", "TopoJSON 的图形反复使用同样的弧，拼成的点是弧上 %d 个点的 %d 倍以上：请重新导出", r.positions, maxArcUses)
		return
	}
	for k := range arc {
		p := arc[k]
		if backwards {
			p = arc[len(arc)-1-k]
		}
		if k == 0 && len(c.points) > first {
			if c.points[len(c.points)-1] != p {
				r.wrong("bad-geometry", "第 %d 条弧不从前一条结束的地方开始", n)
			}
			continue
		}
		c.points = append(c.points, p)
	}
}

// topojsonRecords is the second pass.
func (s *Source) topojsonRecords(yield func(Record, error) bool) {
	t, err := s.topology()
	if err != nil {
		yield(Record{}, err)
		return
	}
	text, done, err := s.text()
	if err != nil {
		yield(Record{}, err)
		return
	}
	finished := s.topojsonObjects(text, t.topology, yield)
	if sum, err := done(finished); err != nil {
		yield(Record{}, s.readError(err))
	} else if finished && sum != s.SHA256 {
		yield(Record{}, s.changed())
	}
}

// topojsonObjects reports whether it came to the end.
func (s *Source) topojsonObjects(text io.Reader, t topology, yield func(Record, error) bool) bool {
	r := &topojsonReader{geojsonReader: &geojsonReader{scanner: newScanner(text)}, topology: t}
	stopped := false
	err := r.objects(func(rec Record, bad error) bool {
		stopped = !yield(rec, bad)
		return !stopped
	})
	if err != nil && !stopped {
		yield(Record{Line: r.line}, s.readError(err))
		return false
	}
	return !stopped
}
