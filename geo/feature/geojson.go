package feature

import (
	"errors"
	"io"

	"fangyu/internal/fault"
)

// geojsonReader reads one GeoJSON document: a FeatureCollection, a Feature, or a bare geometry.
type geojsonReader struct {
	*scanner
	names   []string // of the present record's properties, in order
	bad     error    // the first thing wrong with the present record
	heights int      // positions with more than two numbers
}

// document is what stands around the features.
type document struct {
	typ     string
	crs     string
	stopped bool // by the caller
}

// wrong records the first error of the present record.
func (g *geojsonReader) wrong(code, format string, args ...any) {
	if g.bad == nil {
		e := fault.New(fault.Malformed, code, format, args...)
		e.Detail = at(g.line) + "：" + e.Detail
		g.bad = e
	}
}

// read calls visit with every record and its error; visit returns false to stop. The error is one of structure.
func (g *geojsonReader) read(visit func(Record, error) bool) (document, error) {
	var doc document
	var outer Record
	var shape shape
	g.peek()
	outer.Line = g.line
	g.object(func(name string) {
		switch name {
		case "type":
			doc.typ = g.textValue()
		case "crs":
			doc.crs = g.crs()
		case "features":
			if g.kind() != kindArray {
				g.fail("features 应当是数组")
				return
			}
			g.array(func() {
				rec, bad := g.feature()
				if g.err == nil && !visit(rec, bad) {
					doc.stopped, g.err = true, errStopped
				}
			})
		case "arcs", "objects": // of a topology, which another reader will read
			g.left = MaxTextBytes
			g.skip()
		default:
			g.member(name, &outer, &shape)
		}
	})
	if doc.stopped {
		return doc, nil
	}
	g.trailing()
	if g.err != nil {
		return doc, g.err
	}
	return doc, g.single(&doc, outer, shape, visit)
}

// errStopped ends the scanner when the caller wants no more records.
var errStopped = errors.New("stopped")

// trailing refuses anything but blanks after the document.
func (g *geojsonReader) trailing() {
	for g.err == nil {
		c, err := g.r.ReadByte()
		if err == io.EOF {
			return
		}
		if err != nil {
			g.err = err
			return
		}
		if c == '\n' {
			g.line++
			g.col = 0
		}
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			g.fail("JSON 结束之后还有内容：可能是两个文件连在了一起")
		}
	}
}

// single visits the one record of a document that is no collection.
func (g *geojsonReader) single(doc *document, outer Record, s shape, visit func(Record, error) bool) error {
	switch doc.typ {
	case "FeatureCollection", "Topology":
		return nil
	case "Feature":
	case "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection":
		s.typ = doc.typ
		outer.Geometry = g.build(s)
		outer.Fields = map[string]string{}
	default:
		return fault.New(fault.Unsupported, "not-geojson",
			"这是 JSON，但不是 GeoJSON：type 是“%s”，应当是 FeatureCollection、Feature 或一种几何", doc.typ)
	}
	if outer.Fields == nil {
		outer.Fields = map[string]string{}
	}
	doc.stopped = !visit(outer, g.bad)
	return nil
}

// feature reads one element of "features".
func (g *geojsonReader) feature() (Record, error) {
	g.peek()
	g.left = MaxRecordBytes
	g.bad = nil
	g.names = g.names[:0]
	rec := Record{Line: g.line}
	if g.kind() != kindObject {
		g.skip()
		g.wrong("bad-record", "这里应当是一个 Feature 对象")
		return rec, g.bad
	}
	typ := ""
	var ignored shape
	g.object(func(name string) {
		if name == "type" {
			typ = g.textValue()
			return
		}
		g.member(name, &rec, &ignored)
	})
	if typ != "Feature" {
		g.wrong("bad-record", "type 应当是 Feature，却是“%s”", typ)
	}
	if rec.Fields == nil {
		rec.Fields = map[string]string{}
	}
	return rec, g.bad
}

// member reads a member that a Feature or a bare geometry may have; others are passed over.
func (g *geojsonReader) member(name string, rec *Record, s *shape) {
	switch name {
	case "id":
		g.once(&s.seen, 1, name)
		rec.ID = g.fieldValue()
	case "geometry":
		g.once(&s.seen, 2, name)
		rec.Geometry = g.geometry()
	case "properties":
		g.once(&s.seen, 4, name)
		rec.Fields = g.properties()
	case "coordinates":
		g.once(&s.seen, 8, name)
		s.coordinates = g.coordinates()
	case "geometries":
		g.once(&s.seen, 16, name)
		s.members = g.geometries()
	default:
		g.skip()
	}
}

// once marks a member as seen and makes its second appearance an error of the record.
func (g *geojsonReader) once(seen *uint8, bit uint8, name string) {
	if *seen&bit != 0 {
		g.wrong("member-twice", "“%s”出现了两次，无法确定以哪一个为准", name)
	}
	*seen |= bit
}

// textValue reads a string; anything else is "".
func (g *geojsonReader) textValue() string {
	if g.kind() != kindString {
		g.skip()
		return ""
	}
	g.str()
	return string(g.text)
}

// fieldValue reads a value as the text of a field.
func (g *geojsonReader) fieldValue() string {
	switch g.kind() {
	case kindString:
		g.str()
		return string(g.text)
	case kindWord:
		g.word()
		if string(g.text) == "null" {
			return ""
		}
		if !literal(g.text) {
			g.fail("“%s”不是 JSON 的值", string(g.text))
		}
		return string(g.text)
	}
	return string(g.raw(nil))
}

func (g *geojsonReader) properties() map[string]string {
	fields := map[string]string{}
	if g.kind() != kindObject {
		if g.fieldValue() != "" {
			g.wrong("bad-record", "properties 应当是对象或 null")
		}
		return fields
	}
	g.object(func(name string) {
		if _, twice := fields[name]; twice {
			g.wrong("member-twice", "属性“%s”出现了两次，无法确定以哪一个为准", name)
		} else {
			g.names = append(g.names, name)
		}
		fields[name] = g.fieldValue()
	})
	return fields
}

// crs reads the crs member of the 2008 specification and returns the name in it; null and links name nothing.
func (g *geojsonReader) crs() string {
	name := ""
	if g.kind() != kindObject {
		g.skip()
		return name
	}
	g.object(func(member string) {
		if member != "properties" || g.kind() != kindObject {
			g.skip()
			return
		}
		g.object(func(inner string) {
			if inner == "name" || inner == "code" {
				name = g.fieldValue()
				return
			}
			g.skip()
		})
	})
	return name
}

// surveyGeoJSON is the first pass.
func (s *Source) surveyGeoJSON(see func(string) error, headings *[]string) ([]string, error) {
	text, done, err := s.text()
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = done(false) }() // the file was only read: closing it can tell nothing new
	g := &geojsonReader{scanner: newScanner(text)}
	var tooMany error
	doc, err := g.read(func(Record, error) bool {
		s.Rows++
		for _, name := range g.names {
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
	s.heights = g.heights
	s.DeclaredFrame = "4326"
	if doc.crs != "" {
		s.DeclaredFrame = frameOf(doc.crs)
	}
	if doc.typ == "Topology" {
		s.Format = "topojson"
		return s.surveyTopoJSON(see, headings)
	}
	return *headings, nil
}

// geojsonRecords is the second pass; it reports whether it came to the end.
func (s *Source) geojsonRecords(text io.Reader, yield func(Record, error) bool) bool {
	g := &geojsonReader{scanner: newScanner(text)}
	stopped := false
	_, err := g.read(func(r Record, bad error) bool {
		stopped = !yield(r, bad)
		return !stopped
	})
	if err != nil && !stopped {
		yield(Record{Line: g.line}, s.readError(err))
		return false
	}
	return !stopped
}
