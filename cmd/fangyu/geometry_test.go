package main

import (
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// multiLine is the geometry of a line as it is served.
func multiLine(t *testing.T, f *geojson.Feature) orb.MultiLineString {
	t.Helper()
	switch g := f.Geometry.(type) {
	case orb.MultiLineString:
		return g
	case orb.LineString:
		return orb.MultiLineString{g}
	}
	t.Fatalf("a line with the geometry %T", f.Geometry)
	return nil
}
