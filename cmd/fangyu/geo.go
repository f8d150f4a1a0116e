package main

import (
	"bufio"
	"fmt"
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
	if len(c.Pairs) > 0 {
		if len(c.Pairs)%2 != 0 {
			return usageError("坐标须成对给出：x y")
		}
		for i := 0; i < len(c.Pairs); i += 2 {
			if err := c.convert(e, from, to, c.Pairs[i], c.Pairs[i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	lines := bufio.NewScanner(e.in)
	for lines.Scan() {
		f := strings.FieldsFunc(lines.Text(), func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
		if len(f) == 0 {
			continue
		}
		if len(f) != 2 {
			return usageError(fmt.Sprintf("“%s”不是一对坐标", lines.Text()))
		}
		if err := c.convert(e, from, to, f[0], f[1]); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (c *geoConvertCommand) convert(e *env, from, to geo.Frame, xText, yText string) error {
	x, err1 := strconv.ParseFloat(xText, 64)
	y, err2 := strconv.ParseFloat(yText, 64)
	if err1 != nil || err2 != nil {
		return usageError(fmt.Sprintf("“%s %s”不是一对数", xText, yText))
	}
	x, y, err := geo.Project(from, to, x, y)
	if err != nil {
		return err
	}
	decimals := 4
	if to.Geographic() {
		decimals = 9
	}
	_, err = fmt.Fprintf(e.out, "%.*f %.*f\n", decimals, x, decimals, y)
	return err
}

type geoMeasureCommand struct {
	File  string `arg:"" type:"path"`
	Frame string `help:"坐标系 Frame of the file"`
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
