package geo

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
)

// Areas returns g as a MultiPolygon; nil for what has no area.
func Areas(g orb.Geometry) orb.MultiPolygon {
	switch g := g.(type) {
	case orb.Polygon:
		return orb.MultiPolygon{g}
	case orb.MultiPolygon:
		return g
	}
	return nil
}

// Outline returns the rings of an area as a line, holes included.
func Outline(area orb.MultiPolygon) orb.MultiLineString {
	var rings orb.MultiLineString
	for _, polygon := range area {
		for _, ring := range polygon {
			rings = append(rings, orb.LineString(ring))
		}
	}
	return rings
}

// Area is an area prepared for asking how far points lie outside it. It is immutable; a nil Area has no outside.
type Area struct {
	shape   orb.MultiPolygon
	outline *Chain
}

// NewArea prepares the area of g; nil for what has none.
func NewArea(g orb.Geometry) *Area {
	shape := Areas(g)
	outline, err := NewChain(Outline(shape))
	if err != nil {
		return nil
	}
	return &Area{shape, outline}
}

// OutsideM returns how far p lies outside the area in metres, 0 within it.
func (a *Area) OutsideM(p orb.Point) float64 {
	if a == nil || planar.MultiPolygonContains(a.shape, p) {
		return 0
	}
	_, offset := a.outline.Project(p)
	return math.Abs(offset)
}
