package feature

import (
	"archive/zip"
	"bufio"
	bin "encoding/binary"
	"io"
	"iter"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/paulmach/orb"
	"golang.org/x/text/encoding/simplifiedchinese"

	"fangyu/internal/fault"
)

// The limits of a Shapefile (ESRI White Paper, July 1998) and of dBASE III.
const (
	fieldNameBytes = 10
	fieldBytes     = 254
	fileBytes      = math.MaxInt32 // what every reader takes
)

// prj4490 is EPSG:4490 as ESRI writes it.
const prj4490 = `GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]`

// writeShapefile writes a pack of Shapefiles: the first holds points and rows without position, the others lines, areas
// and sets of points, when there are any. fields.csv says which field is which column, and findings.csv what was cut.
//
// A file of the pack can only be written when all rows are known: until then they are kept in temporary files.
func writeShapefile(w *bufio.Writer, flush func() error, t Table, rows iter.Seq2[Row, error], o WriteOptions) (err error) {
	s := &shapefiles{zip: pack(w), table: t, options: o, fields: fieldNames(t)}
	defer s.discard()
	if err := s.begin(); err != nil {
		return err
	}
	if err := flush(); err != nil {
		return err
	}
	for row, err := range rows {
		if err == nil {
			err = s.row(row)
		}
		if err != nil {
			return err
		}
	}
	return s.end()
}

type shapefiles struct {
	zip      *zip.Writer
	table    Table
	options  WriteOptions
	fields   []string // of the id and the columns
	layers   [4]*layer
	findings *spool
}

// fieldNames are the columns as dBASE names them: ten bytes, none twice. A reader that knows the columns knows them by that.
func fieldNames(t Table) []string {
	names := []string{"id"}
	seen := map[string]bool{"ID": true}
	for _, c := range t.Columns {
		name := c.Name[:min(len(c.Name), fieldNameBytes)]
		for n := 1; seen[strings.ToUpper(name)]; n++ {
			digits := strconv.Itoa(n)
			name = name[:min(len(name), fieldNameBytes-len(digits))] + digits
		}
		seen[strings.ToUpper(name)] = true
		names = append(names, name)
	}
	return names
}

func (s *shapefiles) begin() error {
	lines := appendRecord(nil, "field", "column", "title")
	for i, name := range s.fields[1:] {
		lines = appendRecord(lines, name, s.table.Columns[i].Name, s.table.Columns[i].Title)
	}
	notes := s.table.Title + "\n" + strings.Join(s.table.Notes, "\n") + "\n"
	for _, part := range [][2]string{{"fields.csv", "\ufeff" + string(lines)}, {"readme.txt", "\ufeff" + notes}} {
		if err := putEntry(s.zip, part[0], part[1]); err != nil {
			return err
		}
	}
	return s.zip.Flush()
}

func appendRecord(dst []byte, cells ...string) []byte {
	for i, c := range cells {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendCell(dst, guard(c))
	}
	return append(dst, '\n')
}

// The kinds of Shapefiles, by shape type.
var layerKinds = [4]struct {
	suffix string
	shape  uint32
}{{"", 1}, {"_line", 3}, {"_polygon", 5}, {"_multipoint", 8}}

// layer is one Shapefile in the making.
type layer struct {
	shp, shx, dbf *spool // of dbf the values, each after its length: how wide a field is, is known at the end
	widths        []int
	bound         orb.Bound
	placed        bool // bound holds something
	rows          int
}

func (s *shapefiles) layer(kind int) (*layer, error) {
	if l := s.layers[kind]; l != nil {
		return l, nil
	}
	l := &layer{widths: make([]int, len(s.fields))}
	s.layers[kind] = l
	for _, file := range []**spool{&l.shp, &l.shx, &l.dbf} {
		var err error
		if *file, err = newSpool(s.options.Folder); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (s *shapefiles) row(row Row) error {
	kind, shape := shapeRecord(row.Geometry)
	l, err := s.layer(kind)
	if err != nil {
		return err
	}
	if row.Geometry != nil && len(shape) == 4 {
		if err := s.find(row.ID, "geometry", "geometry-left-out", positionCells(row.Geometry)[2]); err != nil {
			return err
		}
	}
	if len(shape) > 4 {
		l.reach(row.Geometry.Bound())
	}
	if err := l.writeShape(shape); err != nil {
		return err
	}
	for i := range s.fields {
		column, value := Column{Name: "id"}, row.ID
		if i > 0 {
			column, value = s.table.Columns[i-1], row.Values[i-1]
		}
		kept, err := s.fitting(row.ID, column, value)
		if err != nil {
			return err
		}
		l.widths[i] = max(l.widths[i], len(kept))
		if err := l.dbf.write(append([]byte{byte(len(kept))}, kept...)); err != nil {
			return err
		}
	}
	l.rows++
	return nil
}

// fitting is the value in the encoding of the file, as far as a field takes it; what is lost is written down whole. JSON is
// taken whole or not at all: half of it says nothing.
func (s *shapefiles) fitting(id string, column Column, value string) (kept string, err error) {
	code := ""
	kept = value
	if s.options.GBK {
		if kept = gbk(value); strings.Count(kept, "?") > strings.Count(value, "?") {
			code = "character-lost"
		}
	}
	switch {
	case len(kept) > fieldBytes && column.Kind == JSON:
		code, kept = "value-left-out", ""
	case len(kept) > fieldBytes:
		code, kept = "text-cut", s.cut(kept, value)
	}
	if code != "" {
		err = s.find(id, column.Name, code, value)
	}
	return kept, err
}

// cut is the longest beginning of a value of whole characters that a field takes, in the encoding of the file.
func (s *shapefiles) cut(encoded, value string) string {
	if !s.options.GBK {
		end := fieldBytes
		for !utf8.RuneStart(encoded[end]) {
			end--
		}
		return encoded[:end]
	}
	bytes := 0
	for i, r := range value {
		n := len(gbk(string(r)))
		if bytes+n > fieldBytes {
			return gbk(value[:i])
		}
		bytes += n
	}
	return encoded
}

// gbk writes a text in GBK, with "?" for every character that it has not.
func gbk(s string) string {
	enc := simplifiedchinese.GBK.NewEncoder()
	if out, err := enc.String(s); err == nil {
		return out
	}
	var out strings.Builder
	for _, r := range s {
		one, err := enc.String(string(r))
		if err != nil {
			one = "?"
		}
		out.WriteString(one)
	}
	return out.String()
}

// find writes down what a file cannot carry, with all of it.
func (s *shapefiles) find(id, column, code, value string) (err error) {
	if s.findings == nil {
		if s.findings, err = newSpool(s.options.Folder); err != nil {
			return err
		}
		if err := s.findings.write([]byte("\ufeffid,column,code,value\n")); err != nil {
			return err
		}
	}
	return s.findings.write(appendRecord(nil, id, column, code, value))
}

func (l *layer) reach(b orb.Bound) {
	if !l.placed {
		l.bound, l.placed = b, true
		return
	}
	l.bound = l.bound.Union(b)
}

// writeShape adds a record to .shp and its place, in words of 16 bits, to .shx.
func (l *layer) writeShape(shape []byte) error {
	var head, place [8]byte
	bin.BigEndian.PutUint32(head[:], uint32(l.rows+1))
	bin.BigEndian.PutUint32(head[4:], uint32(len(shape)/2))
	bin.BigEndian.PutUint32(place[:], uint32((100+l.shp.size)/2))
	bin.BigEndian.PutUint32(place[4:], uint32(len(shape)/2))
	if err := l.shx.write(place[:]); err != nil {
		return err
	}
	if err := l.shp.write(head[:]); err != nil {
		return err
	}
	return l.shp.write(shape)
}

// end writes the files of every layer into the pack.
func (s *shapefiles) end() error {
	if _, err := s.layer(0); err != nil {
		return err
	}
	for kind, l := range s.layers {
		if l == nil {
			continue
		}
		if err := s.endLayer(s.table.Name+layerKinds[kind].suffix, layerKinds[kind].shape, l); err != nil {
			return err
		}
	}
	if s.findings != nil {
		if err := s.copySpool("findings.csv", nil, s.findings); err != nil {
			return err
		}
	}
	return s.zip.Close()
}

func (s *shapefiles) endLayer(name string, shape uint32, l *layer) error {
	page := "UTF-8"
	if s.options.GBK {
		page = "GBK"
	}
	if err := s.copySpool(name+".shp", l.header(shape, l.shp.size), l.shp); err != nil {
		return err
	}
	if err := s.copySpool(name+".shx", l.header(shape, l.shx.size), l.shx); err != nil {
		return err
	}
	if err := s.writeTable(name+".dbf", l); err != nil {
		return err
	}
	if err := putEntry(s.zip, name+".prj", prj4490); err != nil {
		return err
	}
	return putEntry(s.zip, name+".cpg", page)
}

// header is the first 100 bytes of .shp and .shx.
func (l *layer) header(shape uint32, size int64) []byte {
	h := make([]byte, 100)
	bin.BigEndian.PutUint32(h, 9994)
	bin.BigEndian.PutUint32(h[24:], uint32((100+size)/2))
	bin.LittleEndian.PutUint32(h[28:], 1000)
	bin.LittleEndian.PutUint32(h[32:], shape)
	for i, v := range []float64{l.bound.Min[0], l.bound.Min[1], l.bound.Max[0], l.bound.Max[1]} {
		bin.LittleEndian.PutUint64(h[36+8*i:], math.Float64bits(v))
	}
	return h
}

func (s *shapefiles) copySpool(name string, head []byte, from *spool) error {
	if int64(len(head))+from.size > fileBytes {
		return tooLarge(name)
	}
	w, err := entry(s.zip, name)
	if err != nil {
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	r, err := from.reader()
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}

func tooLarge(name string) error {
	return fault.New(fault.TooLarge, "file-too-large", "%s 超过 2 GB，Shapefile 装不下：请分区导出，或改用 GeoPackage", name)
}

// shapeRecord is the content of a record of .shp and the layer it belongs to. Four bytes are the null shape: of no
// geometry, and of a collection, which Shapefile has not.
func shapeRecord(g orb.Geometry) (kind int, record []byte) {
	switch g := g.(type) {
	case orb.Point:
		return 0, appendPoint(bin.LittleEndian.AppendUint32(nil, 1), g)
	case orb.MultiPoint:
		record = appendBox(bin.LittleEndian.AppendUint32(nil, 8), g.Bound())
		record = bin.LittleEndian.AppendUint32(record, uint32(len(g)))
		for _, p := range g {
			record = appendPoint(record, p)
		}
		return 3, record
	case orb.LineString:
		return shapeRecord(orb.MultiLineString{g})
	case orb.MultiLineString:
		return 1, appendParts(3, g.Bound(), pathsOf(g))
	case orb.Polygon:
		return shapeRecord(orb.MultiPolygon{g})
	case orb.MultiPolygon:
		var rings [][]orb.Point
		for _, p := range g {
			for i, r := range p {
				rings = append(rings, wound(r, i == 0))
			}
		}
		return 2, appendParts(5, g.Bound(), rings)
	}
	return 0, make([]byte, 4)
}

func pathsOf(g orb.MultiLineString) [][]orb.Point {
	paths := make([][]orb.Point, len(g))
	for i, l := range g {
		paths[i] = l
	}
	return paths
}

// wound turns a ring as Shapefile has it: outer ones clockwise, holes against.
func wound(r orb.Ring, outer bool) orb.Ring {
	if (r.Orientation() == orb.CW) != outer {
		r = r.Clone()
		r.Reverse()
	}
	return r
}

func appendParts(shape uint32, b orb.Bound, parts [][]orb.Point) []byte {
	total := 0
	for _, p := range parts {
		total += len(p)
	}
	record := appendBox(bin.LittleEndian.AppendUint32(nil, shape), b)
	record = bin.LittleEndian.AppendUint32(record, uint32(len(parts)))
	record = bin.LittleEndian.AppendUint32(record, uint32(total))
	first := 0
	for _, p := range parts {
		record = bin.LittleEndian.AppendUint32(record, uint32(first))
		first += len(p)
	}
	for _, part := range parts {
		for _, p := range part {
			record = appendPoint(record, p)
		}
	}
	return record
}

func appendBox(dst []byte, b orb.Bound) []byte { return appendPoint(appendPoint(dst, b.Min), b.Max) }

func appendPoint(dst []byte, p orb.Point) []byte {
	dst = bin.LittleEndian.AppendUint64(dst, math.Float64bits(p[0]))
	return bin.LittleEndian.AppendUint64(dst, math.Float64bits(p[1]))
}

func (s *shapefiles) discard() {
	s.findings.discard()
	for _, l := range s.layers {
		if l != nil {
			l.shp.discard()
			l.shx.discard()
			l.dbf.discard()
		}
	}
}
