package tile

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"

	"fangyu/geo/index"
	"fangyu/internal/fault"
)

// The grid of a tile: units across, and units beyond its edge that lines and areas are drawn, so that strokes join.
const (
	extent  = 4096
	margin  = 64
	MaxZoom = 22
)

// Layer is one layer of a tile and how it is drawn.
type Layer struct {
	Name  string // "" takes the id of the collection
	Items *index.Collection
	Day   int32    // items valid on this day
	Props []string // properties that go in, besides "id", which always does; nil is all

	// Keep says whether an item is drawn at a zoom; nil draws all.
	Keep func(z uint32, it *index.Item) bool
}

// Encode returns the tile z/x/y (XYZ order, y from the north) with the layers, as protocol buffer bytes, not compressed.
// Layers without a feature are left out; a tile without any is empty, zero bytes. The id of an item is its property "id".
//
// Errors: NotFound "no-such-tile" for coordinates outside the pyramid.
func Encode(z, x, y uint32, layers ...Layer) ([]byte, error) {
	if z > MaxZoom || x >= 1<<z || y >= 1<<z {
		return nil, fault.New(fault.NotFound, "no-such-tile", "没有瓦片 %d/%d/%d：级别 0–%d，行列号小于 2 的级别次方", z, x, y, MaxZoom)
	}
	g := newGrid(z, x, y)
	var out mvt.Layers
	for _, l := range layers {
		if features := l.draw(g); len(features) > 0 {
			out = append(out, &mvt.Layer{Name: l.name(), Version: 2, Extent: extent, Features: features})
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	b, err := mvt.Marshal(out)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "tile-encoding", "瓦片 %d/%d/%d 编码失败", z, x, y)
	}
	return b, nil
}

func (l *Layer) name() string {
	if l.Name == "" {
		return l.Items.ID()
	}
	return l.Name
}

// draw returns the features of the layer: lines and areas in the order of the collection, then the points.
func (l *Layer) draw(g grid) []*geojson.Feature {
	var features []*geojson.Feature
	points := newThinning(g.z)
	for _, it := range l.Items.Near(g.reach(), l.Day) {
		if l.Keep != nil && !l.Keep(g.z, it) {
			continue
		}
		switch p := it.Geometry.(type) {
		case nil:
		case orb.Point:
			points.offer(g.at(p), it)
		default:
			if shape := g.shape(it.Geometry); shape != nil {
				features = append(features, &geojson.Feature{Geometry: shape, Properties: l.properties(it)})
			}
		}
	}
	for _, p := range points.best() {
		features = append(features, &geojson.Feature{Geometry: p.at, Properties: l.properties(p.item)})
	}
	return features
}

// grid turns degrees into units of one tile, y down.
type grid struct {
	z              uint32
	tiles          float64 // across the world
	west, north    float64 // of the tile, in tiles
	simplification float64 // units
}

func newGrid(z, x, y uint32) grid {
	g := grid{z: z, tiles: math.Exp2(float64(z)), west: float64(x), north: float64(y), simplification: 3}
	if z >= 14 {
		g.simplification = 1
	}
	return g
}

// at returns the place of a position in units, not rounded. Latitudes beyond the square lie on its edge.
func (g grid) at(p orb.Point) orb.Point {
	sin := math.Sin(p[1] * math.Pi / 180)
	y := 0.5 - math.Atanh(math.Max(-0.9999, math.Min(0.9999, sin)))/(2*math.Pi)
	return orb.Point{((p[0]/360+0.5)*g.tiles - g.west) * extent, (y*g.tiles - g.north) * extent}
}

// reach returns the box in degrees that the tile and its margin cover.
func (g grid) reach() orb.Bound {
	const m = float64(margin) / extent
	lon := func(x float64) float64 { return (x/g.tiles - 0.5) * 360 }
	lat := func(y float64) float64 { return math.Atan(math.Sinh((0.5-y/g.tiles)*2*math.Pi)) * 180 / math.Pi }
	return orb.Bound{
		Min: orb.Point{lon(g.west - m), lat(g.north + 1 + m)},
		Max: orb.Point{lon(g.west + 1 + m), lat(g.north - m)},
	}
}

// frame is the tile with its margin, in units.
var frame = orb.Bound{Min: orb.Point{-margin, -margin}, Max: orb.Point{extent + margin, extent + margin}}

// shape returns what of a line or an area is seen in the tile, on the grid; nil where nothing is.
func (g grid) shape(geometry orb.Geometry) orb.Geometry {
	switch s := geometry.(type) {
	case orb.MultiPoint:
		return g.scatter(s)
	case orb.LineString:
		return g.lines(orb.MultiLineString{s})
	case orb.MultiLineString:
		return g.lines(s)
	case orb.Polygon:
		return g.areas(orb.MultiPolygon{s})
	case orb.MultiPolygon:
		return g.areas(s)
	}
	return nil
}

func (g grid) scatter(points orb.MultiPoint) orb.Geometry {
	var out orb.MultiPoint
	for _, p := range points {
		if q := rounded(g.at(p)); inTile(q) {
			out = append(out, q)
		}
	}
	if out == nil {
		return nil
	}
	return out
}

func (g grid) lines(lines orb.MultiLineString) orb.Geometry {
	var out orb.MultiLineString
	for _, l := range lines {
		path := orb.LineString(simplified(g.path(l), g.simplification))
		for _, piece := range clip.LineString(frame, path) {
			if piece = onGrid(piece); len(piece) > 1 {
				out = append(out, piece)
			}
		}
	}
	if out == nil {
		return nil
	}
	return out
}

func (g grid) areas(areas orb.MultiPolygon) orb.Geometry {
	var out orb.MultiPolygon
	for _, a := range areas {
		if p := g.area(a); p != nil {
			out = append(out, p)
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// area returns one polygon: the outer ring clockwise on the screen and the holes against it, as the specification wants.
func (g grid) area(a orb.Polygon) orb.Polygon {
	var out orb.Polygon
	for i, ring := range a {
		path := orb.Ring(g.path(ring))
		if len(path) == 0 || !frame.Intersects(path.Bound()) {
			if i == 0 {
				return nil
			}
			continue
		}
		thin := onGrid(clip.Ring(frame, simplifiedRing(path, g.simplification)))
		switch {
		case len(thin) >= 4 && thin.Orientation() != 0:
			if (thin.Orientation() == orb.CCW) != (i == 0) { // y points down: counterclockwise in numbers is clockwise on the screen
				thin.Reverse()
			}
			out = append(out, thin)
		case i == 0:
			if out = speck(path.Bound()); out == nil {
				return nil
			}
			return out
		}
	}
	return out
}

// speck is the square that stands for an area too small for the grid; nil where the area is not small but out of sight.
func speck(b orb.Bound) orb.Polygon {
	if b.Max[0]-b.Min[0] > 16 || b.Max[1]-b.Min[1] > 16 {
		return nil
	}
	c := rounded(b.Center())
	if !frame.Contains(c) {
		return nil
	}
	return orb.Polygon{{c, {c[0] + 2, c[1]}, {c[0] + 2, c[1] + 2}, {c[0], c[1] + 2}, c}}
}

// path returns positions in units.
func (g grid) path(path []orb.Point) []orb.Point {
	out := make([]orb.Point, len(path))
	for i, p := range path {
		out[i] = g.at(p)
	}
	return out
}

func rounded(p orb.Point) orb.Point { return orb.Point{math.Round(p[0]), math.Round(p[1])} }

func inTile(p orb.Point) bool { return p[0] >= 0 && p[0] < extent && p[1] >= 0 && p[1] < extent }

// onGrid rounds a path in place and leaves out repeated places.
func onGrid[S ~[]orb.Point](path S) S {
	n := 0
	for _, p := range path {
		p = rounded(p)
		if n == 0 || path[n-1] != p {
			path[n] = p
			n++
		}
	}
	return path[:n]
}
