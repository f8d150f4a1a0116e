package api

import (
	"github.com/paulmach/orb"

	"fangyu/geo/index"
)

// The frames a client can ask for. CRS84 writes the stored numbers, longitude first; EPSG 4490 is the same frame in its
// official order, latitude first.
const (
	crs84    = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
	epsg4490 = "http://www.opengis.net/def/crs/EPSG/0/4490"
)

var frames = []string{crs84, epsg4490}

// readFrame reads crs= or bbox-crs=: CRS84 when absent.
func readFrame(name, value string) (latitudeFirst bool, err error) {
	switch value {
	case "", crs84:
		return false, nil
	case epsg4490:
		return true, nil
	}
	return false, badParameter(name, value, crs84+" 或 "+epsg4490)
}

func frameOf(latitudeFirst bool) string {
	if latitudeFirst {
		return epsg4490
	}
	return crs84
}

// flipped returns the item with its positions latitude first, for writing only.
func flipped(it *index.Item) *index.Item {
	if it.Geometry == nil {
		return it
	}
	turned := *it
	turned.Geometry = orb.Clone(it.Geometry)
	flip(turned.Geometry)
	if p, ok := it.Geometry.(orb.Point); ok {
		turned.Geometry = orb.Point{p[1], p[0]}
	}
	return &turned
}

// flip turns the positions of a geometry in place, where it can be changed in place.
func flip(g orb.Geometry) {
	switch g := g.(type) {
	case orb.MultiPoint:
		flipPath(g)
	case orb.LineString:
		flipPath(g)
	case orb.MultiLineString:
		for _, l := range g {
			flipPath(l)
		}
	case orb.Polygon:
		for _, r := range g {
			flipPath(r)
		}
	case orb.MultiPolygon:
		for _, p := range g {
			flip(p)
		}
	case orb.Collection:
		for i, member := range g {
			if p, ok := member.(orb.Point); ok {
				g[i] = orb.Point{p[1], p[0]}
				continue
			}
			flip(member)
		}
	}
}

func flipPath[S ~[]orb.Point](path S) {
	for i, p := range path {
		path[i] = orb.Point{p[1], p[0]}
	}
}
