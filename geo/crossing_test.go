package geo_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

func TestALineThatCrossesItself(t *testing.T) {
	for name, c := range map[string]struct {
		line orb.MultiLineString
		how  geo.Encounter
		at   orb.Point
	}{
		"straight":                {orb.MultiLineString{{{106, 29}, {107, 30}, {108, 30}}}, geo.Apart, orb.Point{}},
		"a figure of eight":       {orb.MultiLineString{{{106, 29}, {107, 30}, {107, 29}, {106, 30}}}, geo.Cross, orb.Point{106.5, 29.5}},
		"there and back":          {orb.MultiLineString{{{106, 29}, {107, 29}, {106.5, 29}}}, geo.Overlap, orb.Point{107, 29}},
		"twice":                   {orb.MultiLineString{{{106, 29}, {107, 29}}, {{106, 29}, {107, 29}}}, geo.Overlap, orb.Point{106, 29}},
		"two parts across":        {orb.MultiLineString{{{106, 29}, {107, 30}}, {{106, 30}, {107, 29}}}, geo.Cross, orb.Point{106.5, 29.5}},
		"an exclave on the line":  {orb.MultiLineString{{{106, 29}, {107, 29}}, {{106.5, 29}, {106.6, 29.1}, {106.4, 29.1}, {106.5, 29}}}, geo.Apart, orb.Point{}},
		"a ring":                  {orb.MultiLineString{{{106, 29}, {107, 29}, {107, 30}, {106, 29}}}, geo.Apart, orb.Point{}},
		"parts that meet in ends": {orb.MultiLineString{{{106, 29}, {107, 29}}, {{107, 29}, {108, 30}}}, geo.Apart, orb.Point{}},
		"a vertex twice":          {orb.MultiLineString{{{106, 29}, {107, 29}, {107, 29}, {108, 29}}}, geo.Apart, orb.Point{}},
		"nothing":                 {nil, geo.Apart, orb.Point{}},
	} {
		how, at := geo.SelfCrossing(c.line)
		if how != c.how || how != geo.Apart && at != c.at {
			t.Errorf("%s: %v at %v, wanted %v at %v", name, how, at, c.how, c.at)
		}
	}
}

// TestATangleIsNotLookedAtForEver: no two of its edges cross, and the box of each meets those of all others.
func TestATangleIsNotLookedAtForEver(t *testing.T) {
	var tangle orb.LineString
	for i := range 10_000 {
		d := float64(i) * 1e-6
		if i%2 == 0 {
			tangle = append(tangle, orb.Point{106 + d, 29 - d}, orb.Point{107 + d, 30 - d})
		} else {
			tangle = append(tangle, orb.Point{107 + d, 30 - d}, orb.Point{106 + d, 29 - d})
		}
	}
	if how, at := geo.SelfCrossing(orb.MultiLineString{tangle}); how != geo.Touch || math.IsNaN(at[0]) {
		t.Errorf("got %v", how)
	}
}
