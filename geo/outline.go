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

// OutsideM returns how far p lies outside an area in metres, 0 within it and for an area without extent.
func OutsideM(area orb.MultiPolygon, p orb.Point) float64 {
	if planar.MultiPolygonContains(area, p) {
		return 0
	}
	chain, err := NewChain(Outline(area))
	if err != nil {
		return 0
	}
	_, offset := chain.Project(p)
	return math.Abs(offset)
}
