package postgis_test

import (
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"pgregory.net/rapid"
)

// number draws degrees as well as numbers that no one should have sent.
var number = rapid.OneOf(rapid.Float64Range(-180, 180), rapid.Float64Range(-1e300, 1e300), rapid.SampledFrom([]float64{0, 5e-324}))

func orbPoint(t *rapid.T) orb.Point { return orb.Point{number.Draw(t, "x"), number.Draw(t, "y")} }

// orbLine draws no point or at least two: PostGIS takes no line of one point.
func orbLine(t *rapid.T) orb.LineString {
	n := rapid.SampledFrom([]int{0, 2, 3, 7}).Draw(t, "points")
	l := make(orb.LineString, n)
	for i := range l {
		l[i] = orbPoint(t)
	}
	return l
}

func orbRing(t *rapid.T) orb.Ring {
	n := rapid.IntRange(3, 6).Draw(t, "corners")
	r := make(orb.Ring, 0, n+1)
	for range n {
		r = append(r, orbPoint(t))
	}
	return append(r, r[0])
}

func orbPolygon(t *rapid.T) orb.Polygon {
	p := orb.Polygon{}
	for range rapid.IntRange(0, 3).Draw(t, "rings") {
		p = append(p, orbRing(t))
	}
	return p
}

func several[T any](t *rapid.T, one func(*rapid.T) T) []T {
	all := []T{}
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		all = append(all, one(t))
	}
	return all
}

// orbGeometry draws every kind of orb geometry that is stored, collections to the depth given.
func orbGeometry(depth int) *rapid.Generator[orb.Geometry] {
	return rapid.Custom(func(t *rapid.T) orb.Geometry {
		kinds := []func() orb.Geometry{
			func() orb.Geometry { return orbPoint(t) },
			func() orb.Geometry { return orb.MultiPoint(several(t, orbPoint)) },
			func() orb.Geometry { return orbLine(t) },
			func() orb.Geometry { return orb.MultiLineString(several(t, orbLine)) },
			func() orb.Geometry { return orbPolygon(t) },
			func() orb.Geometry { return orb.MultiPolygon(several(t, orbPolygon)) },
		}
		if depth > 0 {
			kinds = append(kinds, func() orb.Geometry {
				return orb.Collection(several(t, func(t *rapid.T) orb.Geometry { return orbGeometry(depth-1).Draw(t, "part") }))
			})
		}
		return kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind")]()
	})
}

// flat draws the numbers of so many positions in the layout.
func flat(t *rapid.T, layout geom.Layout, positions int) []float64 {
	return rapid.SliceOfN(number, positions*layout.Stride(), positions*layout.Stride()).Draw(t, "flat")
}

// closed draws a ring of four positions.
func closed(t *rapid.T, layout geom.Layout) []float64 {
	f := flat(t, layout, 3)
	return append(f, f[:layout.Stride()]...)
}

// geomGeometry draws every kind of go-geom geometry in every layout, with the SRID of a known frame.
func geomGeometry() *rapid.Generator[geom.T] {
	return rapid.Custom(func(t *rapid.T) geom.T {
		layout := rapid.SampledFrom([]geom.Layout{geom.XY, geom.XYZ, geom.XYM, geom.XYZM}).Draw(t, "layout")
		srid := rapid.SampledFrom([]int{4490, 4326, 4513, 3857}).Draw(t, "srid")
		ringEnd := 4 * layout.Stride()
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0:
			return geom.NewPointFlat(layout, flat(t, layout, 1)).SetSRID(srid)
		case 1:
			return geom.NewPointEmpty(layout).SetSRID(srid)
		case 2:
			return geom.NewLineStringFlat(layout, flat(t, layout, 3)).SetSRID(srid)
		case 3:
			return geom.NewLineString(layout).SetSRID(srid)
		case 4:
			return geom.NewPolygonFlat(layout, append(closed(t, layout), closed(t, layout)...), []int{ringEnd, 2 * ringEnd}).SetSRID(srid)
		case 5:
			return geom.NewMultiPointFlat(layout, flat(t, layout, 2)).SetSRID(srid)
		case 6:
			return geom.NewMultiLineStringFlat(layout, flat(t, layout, 5), []int{2 * layout.Stride(), 5 * layout.Stride()}).SetSRID(srid)
		case 7:
			return geom.NewMultiPolygonFlat(layout, closed(t, layout), [][]int{{ringEnd}}).SetSRID(srid)
		default:
			return geom.NewGeometryCollection().MustSetLayout(layout).MustPush(
				geom.NewPointFlat(layout, flat(t, layout, 1)),
				geom.NewLineStringFlat(layout, flat(t, layout, 2)),
			).SetSRID(srid)
		}
	})
}
