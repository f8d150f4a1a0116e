package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/feature"
)

type geoCommand struct {
	Convert geoConvertCommand `cmd:"" help:"坐标转换 Convert x y pairs, from arguments or standard input"`
	Measure geoMeasureCommand `cmd:"" help:"量算长度与面积 Measure the features of a file"`
}

type geoConvertCommand struct {
	From  string   `help:"原坐标系 From this frame" required:""`
	To    string   `help:"目标坐标系 To this frame" required:""`
	JSON  bool     `help:"输出 JSON：[[x, y], …] Print JSON"`
	Pairs []string `arg:"" optional:"" help:"x y …（经度 纬度，或东 北）"`
}

// Run converts pairs in GIS order and prints the same, one a line.
func (c *geoConvertCommand) Run(e *env) error {
	from, err := geo.ParseFrame(c.From)
	if err != nil {
		return err
	}
	to, err := geo.ParseFrame(c.To)
	if err != nil {
		return err
	}
	decimals := 4
	if to.Geographic() {
		decimals = 9
	}
	converted := [][2]json.Number{}
	err = eachPair(c.Pairs, e.in, func(x, y float64) error {
		x, y, err := geo.Project(from, to, x, y)
		if err != nil {
			return err
		}
		pair := [2]json.Number{json.Number(strconv.FormatFloat(x, 'f', decimals, 64)), json.Number(strconv.FormatFloat(y, 'f', decimals, 64))}
		if c.JSON {
			converted = append(converted, pair)
			return nil
		}
		_, err = fmt.Fprintln(e.out, pair[0], pair[1])
		return err
	})
	if err != nil || !c.JSON {
		return err
	}
	return printJSON(e.out, converted)
}

// eachPair reads pairs of numbers from the arguments or, where there are none, from the lines of in.
func eachPair(args []string, in io.Reader, do func(x, y float64) error) error {
	if len(args)%2 != 0 {
		return usageError("坐标须成对给出：x y")
	}
	for pair := range slices.Chunk(args, 2) {
		if err := doPair(pair, do); err != nil {
			return err
		}
	}
	if len(args) > 0 {
		return nil
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		pair := strings.FieldsFunc(lines.Text(), func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\r' })
		if len(pair) == 0 {
			continue
		}
		if err := doPair(pair, do); err != nil {
			return err
		}
	}
	return lines.Err()
}

func doPair(pair []string, do func(x, y float64) error) error {
	if len(pair) != 2 {
		return usageError(fmt.Sprintf("“%s”不是一对坐标", strings.Join(pair, " ")))
	}
	x, err1 := strconv.ParseFloat(pair[0], 64)
	y, err2 := strconv.ParseFloat(pair[1], 64)
	if err1 != nil || err2 != nil {
		return usageError(fmt.Sprintf("“%s %s”不是一对数", pair[0], pair[1]))
	}
	return do(x, y)
}

type geoMeasureCommand struct {
	File  string `arg:"" type:"path"`
	Frame string `help:"坐标系 Frame of the file"`
	JSON  bool   `help:"输出 JSON（总是如此） Print JSON, as it always does"`
}

type measured struct {
	ID         string  `json:"id"`
	LengthM    float64 `json:"lengthM"`
	AreaM2     float64 `json:"areaM2"`
	PerimeterM float64 `json:"perimeterM"`
}

// Run measures on the ellipsoid of CGCS2000.
func (c *geoMeasureCommand) Run(e *env) error {
	src, err := feature.Open(c.File)
	if err != nil {
		return err
	}
	text := c.Frame
	if text == "" {
		text = src.DeclaredFrame
	}
	frame, err := geo.ParseFrame(text)
	if err != nil {
		return err
	}
	out := []measured{}
	for rec, err := range src.Records() {
		if err != nil {
			return err
		}
		g, err := geo.ToCGCS2000(rec.Geometry, frame)
		if err != nil {
			return err
		}
		m := measured{ID: rec.ID}
		if m.ID == "" {
			m.ID = rec.Fields["code"]
		}
		switch g.(type) {
		case orb.LineString, orb.MultiLineString:
			m.LengthM = geo.LengthM(g)
		case orb.Polygon, orb.MultiPolygon:
			m.AreaM2, m.PerimeterM = geo.AreaM2(g), geo.PerimeterM(g)
		}
		out = append(out, m)
	}
	return printJSON(e.out, out)
}
