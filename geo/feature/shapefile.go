package feature

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"fangyu/internal/fault"
)

// shpLayer is one Shapefile of a source: a .shp with its table.
type shpLayer struct {
	shp, dbf string // names of parts
	charset  charset
}

// The most that the small parts of a Shapefile take.
const maxSmallPart = 1 << 20

// shpParts opens the parts of the source, a zip file or the neighbours of a .shp.
func (s *Source) shpParts() (*parts, error) {
	if s.zip {
		return openParts(s.path)
	}
	return neighbours(s.path)
}

// surveyShapefile is the first pass: every layer to its end. It returns the headings of all layers, by first appearance.
func (s *Source) surveyShapefile() ([]string, error) {
	p, err := s.shpParts()
	if err != nil {
		return nil, err
	}
	defer p.close()
	fields, err := fieldsOf(p)
	if err != nil {
		return nil, err
	}
	var headings []string
	for i, shp := range shpNames(p) {
		frame, err := frameOfLayer(p, shp)
		if err != nil {
			return nil, err
		}
		if i > 0 && frame != s.DeclaredFrame {
			return nil, fault.New(fault.Unsupported, "frames-differ", "压缩包里各图层的坐标系不同（%s、%s）：请分开导入", said(s.DeclaredFrame), said(frame))
		}
		s.DeclaredFrame = frame
		if err := s.surveyLayer(p, shp, fields, &headings); err != nil {
			return nil, err
		}
	}
	if len(s.layers) > 1 {
		s.find("layers-read", fault.Info, "压缩包里有 %d 个图层，依次读取：%s", len(s.layers), shown(strings.Join(shpNames(p), "、")))
	}
	return headings, nil
}

func said(frame string) string {
	if frame == "" {
		return "没有说明"
	}
	return frame
}

// shpNames are the .shp of a source in the order of their names.
func shpNames(p *parts) []string {
	var names []string
	for _, n := range p.names {
		if strings.EqualFold(path.Ext(n), ".shp") {
			names = append(names, n)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(stemOf(a), stemOf(b)) })
	return names
}

func frameOfLayer(p *parts, shp string) (string, error) {
	prj, err := p.whole(stemOf(shp)+".prj", maxSmallPart)
	return frameOfPRJ(strings.ToValidUTF8(string(prj), "?")), err
}

// fieldsOf reads the list that gives fields, whose names dBASE cuts at ten bytes, their whole names: our own exports pack
// it as fields.csv. A list in another form says nothing.
func fieldsOf(p *parts) (map[string]string, error) {
	b, err := p.whole("fields.csv", maxSmallPart)
	if err != nil || b == nil {
		return nil, err
	}
	c := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff"))))
	c.FieldsPerRecord = -1
	rows, err := c.ReadAll()
	if err != nil || len(rows) == 0 || len(rows[0]) < 2 || rows[0][0] != "field" || rows[0][1] != "column" {
		return nil, nil
	}
	whole := map[string]string{}
	for _, row := range rows[1:] {
		if len(row) > 1 {
			whole[row[0]] = row[1]
		}
	}
	return whole, nil
}

// surveyLayer reads one layer to its end: the charset of its table, and whether each shape has its record.
func (s *Source) surveyLayer(p *parts, shp string, fields map[string]string, headings *[]string) error {
	layer := shpLayer{shp: shp, dbf: p.find(stemOf(shp) + ".dbf")}
	if layer.dbf == "" {
		return fault.New(fault.Malformed, "dbf-missing", "图形文件 %s 旁边没有属性表 .dbf：请把 .shp、.dbf、.prj、.cpg 一起打包（或放在同一文件夹）", shown(shp))
	}
	cpg, err := p.whole(stemOf(shp)+".cpg", maxSmallPart)
	if err != nil {
		return err
	}
	file, err := p.open(layer.dbf)
	if err != nil {
		return err
	}
	defer file.Close()
	d, err := newDBFReader(layer.dbf, file)
	if err != nil {
		return s.readError(err)
	}
	look, err := d.look()
	if err != nil {
		return s.readError(err)
	}
	told := true
	if layer.charset, told, err = charsetOf(cpg, d, look); err != nil {
		return err
	}
	if !told {
		s.find("charset-guessed-gb18030", fault.Warning, "属性表 %s 没有说明编码，按 GBK 读取：请核对汉字是否正确", d.name)
	}
	if look.cut > 0 {
		s.find("text-cut", fault.Warning, "属性表 %s 有 %d 处文字在半个汉字处被截断：原软件导出时字段不够宽，请核对", d.name, look.cut)
	}
	for _, f := range d.fields {
		if f.kind == 'M' || f.kind == 'B' || f.kind == 'G' || f.kind == 'P' {
			s.find("field-not-read", fault.Info, "属性表 %s 的备注、图片等字段不读", d.name)
			break
		}
	}
	if err := d.decodeHeadings(layer.charset, fields); err != nil {
		return err
	}
	for _, f := range d.fields {
		if !slices.Contains(*headings, f.name) {
			*headings = append(*headings, f.name)
		}
	}
	s.layers = append(s.layers, layer)
	s.fields = fields
	_, err = s.readLayer(p, layer, func(_ Record, bad error) bool {
		s.Rows++
		return true
	})
	return err
}

// readLayer calls visit with every record of a layer; false from it ends the reading.
func (s *Source) readLayer(p *parts, layer shpLayer, visit func(Record, error) bool) (whole bool, err error) {
	shapes, err := p.open(layer.shp)
	if err != nil {
		return false, err
	}
	defer shapes.Close()
	table, err := p.open(layer.dbf)
	if err != nil {
		return false, err
	}
	defer table.Close()
	shp, err := newSHPReader(layer.shp, shapes)
	if err != nil {
		return false, s.readError(err)
	}
	dbf, err := newDBFReader(layer.dbf, table)
	if err == nil {
		err = dbf.decodeHeadings(layer.charset, s.fields)
	}
	if err != nil {
		return false, s.readError(err)
	}
	defer func() { s.heights = max(s.heights, shp.heights) }()
	for n := 1; ; n++ {
		g, bad, placed, err := shp.next(n)
		if err != nil {
			return false, s.readError(err)
		}
		gone, listed, err := dbf.next()
		if err != nil {
			return false, s.readError(err)
		}
		switch {
		case !placed && !listed:
			return true, nil
		case placed != listed:
			return false, fault.New(fault.Malformed, "bad-shp", "%s 与它的属性表条数不同（从第 %d 条起）：两个文件不是一套，请重新导出", shown(layer.shp), n)
		case gone:
			continue
		}
		rec := Record{Line: n, Geometry: g, Fields: make(map[string]string, len(dbf.fields))}
		for _, f := range dbf.fields {
			rec.Fields[f.name] = dbf.value(f, layer.charset)
			if fold(f.name) == "id" {
				rec.ID = rec.Fields[f.name]
			}
		}
		if !visit(rec, bad) {
			return false, nil
		}
	}
}

// shapefileRecords is the second pass.
func (s *Source) shapefileRecords(yield func(Record, error) bool) {
	p, err := s.shpParts()
	if err != nil {
		yield(Record{}, err)
		return
	}
	defer p.close()
	for _, layer := range s.layers {
		whole, err := s.readLayer(p, layer, yield)
		if err != nil {
			yield(Record{}, err)
		}
		if err != nil || !whole {
			return
		}
	}
	s.yieldChanged(yield)
}

// digestParts is the digest of a .shp and its neighbours, one after the other by name.
func (s *Source) digestParts(digest io.Writer) error {
	p, err := neighbours(s.path)
	if err != nil {
		return err
	}
	var size int64
	for _, name := range p.names {
		if !slices.Contains([]string{".shp", ".dbf", ".prj", ".cpg"}, strings.ToLower(filepath.Ext(name))) {
			continue
		}
		f, err := p.open(name)
		if err != nil {
			return err
		}
		n, err := io.Copy(digest, io.LimitReader(f, MaxFileBytes))
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		if size += n; size >= MaxFileBytes {
			return s.fileTooLarge(size)
		}
	}
	return nil
}
