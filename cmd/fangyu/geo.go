package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/geo"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
)

type geoCommand struct {
	Convert geoConvertCommand `cmd:"" help:"坐标转换 Convert x y pairs, from arguments or standard input"`
	Measure geoMeasureCommand `cmd:"" help:"量算长度、面积、里程 Measure the features of a file, or places along its one line"`
	Zone    geoZoneCommand    `cmd:"" help:"经度所在的投影带 Tell the zones of a longitude"`
}

type geoConvertCommand struct {
	From  string   `help:"原坐标系，如 4490、4545、gcj02 From this frame" required:"" placeholder:"EPSG"`
	To    string   `help:"目标坐标系 To this frame" required:"" placeholder:"EPSG"`
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
		pair := splitPair(lines.Text())
		if len(pair) == 0 {
			continue
		}
		if err := doPair(pair, do); err != nil {
			return err
		}
	}
	return lines.Err()
}

// splitPair takes the numbers of a line apart, at blanks and commas.
func splitPair(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' || r == '\r' })
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
	File  string    `arg:"" type:"path"`
	Frame string    `help:"文件的坐标系，缺省按文件所写 Frame of the file" placeholder:"EPSG"`
	Point []string  `help:"经度 纬度（CGCS2000）：在线上的里程、偏距和左右，可重复 Chainage and offset of a position" placeholder:"'LON LAT'" sep:"none"`
	At    []float64 `help:"里程处的位置与走向，可重复 The place at a chainage" placeholder:"M"`
	From  *float64  `help:"里程区间的起点：与 --to 一起截取子线，输出 GeoJSON The stretch of the line from here" placeholder:"M"`
	To    *float64  `help:"里程区间的终点 to here, as GeoJSON" placeholder:"M"`
	Zones bool      `help:"按三度带分段 The stretches of each line in its 3° zones"`
	JSON  bool      `help:"输出 JSON（总是如此） Print JSON, as it always does"`
}

type measured struct {
	ID         string  `json:"id"`
	LengthM    float64 `json:"lengthM"`
	AreaM2     float64 `json:"areaM2"`
	PerimeterM float64 `json:"perimeterM"`
}

// Run measures on the ellipsoid of CGCS2000.
func (c *geoMeasureCommand) Run(e *env) error {
	sub := c.From != nil || c.To != nil
	asked := 0
	for _, is := range []bool{len(c.Point)+len(c.At) > 0, sub, c.Zones} {
		if is {
			asked++
		}
	}
	if asked > 1 {
		return usageError("--point 和 --at、--from 和 --to、--zones 请分次使用")
	}
	records, err := c.records()
	if err != nil {
		return err
	}
	switch {
	case c.Zones:
		return c.printZones(e, records)
	case sub:
		return c.printStretch(e, records)
	case asked == 1:
		return c.printPlaces(e, records)
	}
	out := []measured{}
	for _, rec := range records {
		for _, f := range geo.CheckPolygon(rec.Geometry) {
			touches := f.Code == "self-touch" || f.Code == "interior-disconnected" // which has an area all the same
			if f.Severity == fault.Block && !touches {
				return fault.New(fault.Refused, f.Code, "“%s”围不成面，量不出面积：%s。请改正；用 check topology 看全部问题", rec.ID, f.Detail)
			}
		}
		m := measured{ID: rec.ID}
		switch g := rec.Geometry.(type) {
		case orb.LineString, orb.MultiLineString:
			m.LengthM = geo.LengthM(g)
		case orb.Polygon, orb.MultiPolygon:
			m.AreaM2, m.PerimeterM = geo.AreaM2(g), geo.PerimeterM(g)
		}
		out = append(out, m)
	}
	return printJSON(e.out, out)
}

// records reads the file in CGCS2000; a record without an id is known by its code.
func (c *geoMeasureCommand) records() ([]feature.Record, error) {
	src, err := feature.Open(c.File)
	if err != nil {
		return nil, err
	}
	text := c.Frame
	if text == "" {
		text = src.DeclaredFrame
	}
	frame, err := geo.ParseFrame(text)
	if err != nil {
		return nil, err
	}
	var records []feature.Record
	for rec, err := range src.Records() {
		if err != nil {
			return nil, err
		}
		if rec.Geometry, err = geo.ToCGCS2000(rec.Geometry, frame); err != nil {
			return nil, err
		}
		rec.ID = cmp.Or(rec.ID, rec.Fields["code"])
		records = append(records, rec)
	}
	return records, nil
}

// chain prepares the one line of the file.
func (c *geoMeasureCommand) chain(records []feature.Record) (*geo.Chain, string, error) {
	var found []orb.MultiLineString
	var id string
	for _, rec := range records {
		if l := linesOf(rec.Geometry); l != nil {
			found, id = append(found, l), rec.ID
		}
	}
	if len(found) != 1 {
		return nil, "", usageError(fmt.Sprintf("文件 %s 里有 %d 条线，量里程须恰有一条", c.File, len(found)))
	}
	chain, err := geo.NewChain(found[0])
	return chain, id, err
}

// linesOf is the line a geometry is, nil for any other.
func linesOf(g orb.Geometry) orb.MultiLineString {
	switch g := g.(type) {
	case orb.LineString:
		return orb.MultiLineString{g}
	case orb.MultiLineString:
		return g
	}
	return nil
}

// placed is a place on a line, and the position whose nearest place it is. Offsets are positive to the right.
type placed struct {
	ChainageM float64     `json:"chainageM"`
	At        [2]float64  `json:"at"` // on the line, CGCS2000
	Azimuth   float64     `json:"azimuth"`
	Direction string      `json:"direction"` // of the line there, in words
	Point     *[2]float64 `json:"point,omitempty"`
	OffsetM   *float64    `json:"offsetM,omitempty"`
	Side      string      `json:"side,omitempty"` // left, right, on
}

// onLineM is within which a position counts as lying on the line.
const onLineM = 0.001

// printPlaces prints the places of the positions asked for, then those of the chainages.
func (c *geoMeasureCommand) printPlaces(e *env, records []feature.Record) error {
	chain, _, err := c.chain(records)
	if err != nil {
		return err
	}
	at := func(m float64) placed {
		azimuth := chain.Heading(m)
		return placed{ChainageM: m, At: chain.At(m), Azimuth: azimuth, Direction: geo.DirectionWord(azimuth)}
	}
	var out []placed
	for _, text := range c.Point {
		err := doPair(splitPair(text), func(lon, lat float64) error {
			p := orb.Point{lon, lat}
			if err := geo.CheckLonLat(p); err != nil {
				return err
			}
			m, offsetM := chain.Project(p)
			place := at(m)
			place.Point, place.OffsetM, place.Side = (*[2]float64)(&p), &offsetM, sideOf(offsetM)
			out = append(out, place)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, m := range c.At {
		if err := onLine(chain, "--at", m); err != nil {
			return err
		}
		out = append(out, at(m))
	}
	return printJSON(e.out, out)
}

func sideOf(offsetM float64) string {
	switch {
	case math.Abs(offsetM) <= onLineM:
		return "on"
	case offsetM > 0:
		return "right"
	}
	return "left"
}

// onLine refuses chainages beyond the ends of the line; a millimetre beyond is rounding.
func onLine(chain *geo.Chain, flag string, m float64) error {
	if !(m >= 0 && m <= chain.LengthM()+onLineM) {
		return usageError(fmt.Sprintf("%s %s 不在线上：里程应在 0 到 %.3f 米之间", flag, strconv.FormatFloat(m, 'f', -1, 64), chain.LengthM()))
	}
	return nil
}

// printStretch prints the line between two chainages as a GeoJSON feature.
func (c *geoMeasureCommand) printStretch(e *env, records []feature.Record) error {
	chain, id, err := c.chain(records)
	if err != nil {
		return err
	}
	from, to := 0.0, chain.LengthM()
	if c.From != nil {
		from = *c.From
	}
	if c.To != nil {
		to = *c.To
	}
	if err := cmp.Or(onLine(chain, "--from", from), onLine(chain, "--to", to)); err != nil {
		return err
	}
	stretch := chain.Sub(from, to)
	if stretch == nil {
		return usageError(fmt.Sprintf("--from %v 应小于 --to %v", from, to))
	}
	f := geojson.NewFeature(stretch)
	if len(stretch) == 1 {
		f = geojson.NewFeature(stretch[0])
	}
	f.Properties = geojson.Properties{"id": id, "fromM": from, "toM": to, "lengthM": geo.LengthM(stretch)}
	return printJSON(e.out, f)
}

// zoned is a stretch of a line in one zone; the length is that on the ellipsoid.
type zoned struct {
	ID              string    `json:"id"`
	Zone            int       `json:"zone"`
	CentralMeridian float64   `json:"centralMeridian"`
	Frame           geo.Frame `json:"frame"`
	FromM           float64   `json:"fromM"`
	ToM             float64   `json:"toM"`
}

// printZones prints the stretches of every line in the zones it passes through.
func (c *geoMeasureCommand) printZones(e *env, records []feature.Record) error {
	out := []zoned{}
	for _, rec := range records {
		stretches, err := geo.ByZone(linesOf(rec.Geometry), 3)
		if err != nil {
			return err
		}
		m := 0.0
		for _, s := range stretches {
			to := m + geo.LengthM(s.Path)
			out = append(out, zoned{rec.ID, s.Zone.Number, s.Zone.Meridian, s.Zone.Plain, m, to})
			m = to
		}
	}
	return printJSON(e.out, out)
}

type geoZoneCommand struct {
	Lon  float64  `arg:"" help:"经度（CGCS2000） Longitude"`
	Lat  *float64 `arg:"" optional:"" help:"纬度：给出时一并计算平面坐标、收敛角和长度比 Latitude"`
	JSON bool     `help:"输出 JSON"`
}

// zoneAt is a zone of a longitude and, with a latitude, what its plane does there.
type zoneAt struct {
	WidthDegrees    int       `json:"widthDegrees"`
	Zone            int       `json:"zone"`
	CentralMeridian float64   `json:"centralMeridian"`
	Prefixed        geo.Frame `json:"prefixed"` // with the zone number before the easting
	Plain           geo.Frame `json:"plain"`
	EastM           *float64  `json:"eastM,omitempty"` // of Plain
	NorthM          *float64  `json:"northM,omitempty"`
	Convergence     *float64  `json:"convergence,omitempty"` // degrees, positive east of the meridian
	Scale           *float64  `json:"scale,omitempty"`
}

// Run prints the 3° zone and the 6° zone.
func (c *geoZoneCommand) Run(e *env) error {
	out := make([]zoneAt, 0, 2)
	for _, width := range []int{3, 6} {
		z, err := geo.ZoneOf(c.Lon, width)
		if err != nil {
			return err
		}
		at := zoneAt{WidthDegrees: z.WidthDegrees, Zone: z.Number, CentralMeridian: z.Meridian, Prefixed: z.Prefixed, Plain: z.Plain}
		if c.Lat != nil {
			if err := at.place(orb.Point{c.Lon, *c.Lat}); err != nil {
				return err
			}
		}
		out = append(out, at)
	}
	if c.JSON {
		return printJSON(e.out, out)
	}
	for _, z := range out {
		fmt.Fprintf(e.out, "%d° 带第 %d 带：中央经线 %v°，不带带号 EPSG:%s，带带号 EPSG:%s\n", z.WidthDegrees, z.Zone, z.CentralMeridian, z.Plain, z.Prefixed)
		if z.EastM != nil {
			fmt.Fprintf(e.out, "  X（北）%.4f，Y（东）%.4f（带带号 %.4f）；子午线收敛角 %+.5f°，长度比 %.8f\n",
				*z.NorthM, *z.EastM, *z.EastM+1e6*float64(z.Zone), *z.Convergence, *z.Scale)
		}
	}
	return nil
}

// place adds the coordinates of a position on the plane, its convergence and scale there.
func (z *zoneAt) place(p orb.Point) error {
	if err := geo.CheckLonLat(p); err != nil {
		return err
	}
	east, north, err := z.Plain.FromCGCS2000(p)
	if err != nil {
		return err
	}
	grid, err := z.Plain.GridAt(p)
	if err != nil {
		return err
	}
	z.EastM, z.NorthM, z.Convergence, z.Scale = &east, &north, &grid.Convergence, &grid.Scale
	return nil
}
