package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

// topologyInput says how files of areas and lines are to be read.
type topologyInput struct {
	Frame string            `help:"文件的坐标系（缺省按文件所说） The frame of the files, where they do not say: 4490, 4545, gcj02 …"`
	Map   map[string]string `help:"列的对应 theirs=ours（code name parentCode level left right） Their columns and ours" mapsep:","`
}

// topologyColumns are the properties that say what a feature is.
var topologyColumns = feature.Columns{Fields: map[string][]string{
	"id": nil, "code": {"代码", "行政区划代码", "区划代码", "adcode", "quhuadaima", "xzqdm", "pac"}, "name": {"名称", "行政区划名称", "xzqmc"},
	"parentCode": {"parent", "上级代码", "上级"}, "level": {"级别", "等级"},
	"left": {"leftCode", "左", "左方"}, "right": {"rightCode", "右", "右方"},
}}

// topologyFile is what a file holds for topology.
type topologyFile struct {
	source   *feature.Source
	records  []feature.Record   // in CGCS2000, those that could be read
	features []coverage.Feature // of those with a geometry
	of       []int              // the record of each feature
	bad      []coverage.Finding // for records that could not be read
}

// read reads the areas and lines of a file, in the frame that is given, else in the one it says; records that cannot be read are findings.
func (c *topologyInput) read(errs io.Writer, file int, path, frame string) (in topologyFile, err error) {
	for heading, ours := range c.Map {
		if _, known := topologyColumns.Fields[ours]; !known {
			return in, usageError(fmt.Sprintf("--map %s=%s：没有“%s”这一项，可用 code、name、parentCode、level、left、right", heading, ours, ours))
		}
	}
	src, err := feature.Open(path)
	if err != nil {
		return in, ofFile(path, err)
	}
	in.source = src
	if frame == "" {
		frame = src.DeclaredFrame
	}
	from, err := geo.ParseFrame(frame)
	if err != nil {
		return in, err
	}
	columns := topologyHeadings(src, c.Map)
	bar := newProgress(errs, "读取 "+src.Name, src.Rows)
	defer bar.end()
	n := 0
	for rec, err := range src.Records() {
		n++
		bar.set(n, src.Rows)
		place := fmt.Sprintf("%s 第 %d 个", src.Name, n)
		if err == nil {
			rec.Geometry, err = geo.ToCGCS2000(rec.Geometry, from)
		}
		if err != nil {
			f, err := unreadRecord(place, err)
			if err != nil {
				return in, err
			}
			in.bad = append(in.bad, f)
			continue
		}
		in.records = append(in.records, rec)
		if rec.Geometry == nil {
			continue
		}
		field := func(ours string) string { return strings.TrimSpace(rec.Fields[columns[ours]]) }
		f := coverage.Feature{
			ID: rec.ID, Code: field("code"), Name: field("name"), Parent: field("parentCode"), Level: field("level"),
			Left: field("left"), Right: field("right"), File: file, Geometry: rec.Geometry,
		}
		f.Identify(field("id"), place)
		in.features, in.of = append(in.features, f), append(in.of, len(in.records)-1)
	}
	return in, nil
}

// topologyHeadings are the headings of a file under which our fields stand.
func topologyHeadings(src *feature.Source, theirs map[string]string) map[string]string {
	columns := map[string]string{}
	for heading, ours := range src.Guess(topologyColumns) {
		columns[ours] = heading
	}
	for heading, ours := range theirs {
		columns[ours] = heading
	}
	return columns
}

// unreadRecord is the finding for a record that is wrong in itself. An error of the file stays one.
func unreadRecord(place string, err error) (coverage.Finding, error) {
	var known *fault.Error
	if !errors.As(err, &known) || known.Kind != fault.Malformed {
		return coverage.Finding{}, err
	}
	return coverage.Finding{Finding: fault.Finding{
		Code: known.Code, Severity: fault.Block, Pointer: place, Detail: known.Detail,
	}, Features: []string{}}, nil
}

// ofFile is the error with the name of the file that it is about, where it does not say so itself.
func ofFile(path string, err error) error {
	var known *fault.Error
	if name := filepath.Base(path); errors.As(err, &known) && !strings.Contains(known.Detail, name) {
		return fault.Wrap(err, known.Kind, known.Code, "文件 %s %s", name, known.Detail)
	}
	return err
}
