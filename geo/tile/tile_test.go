package tile_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/maptile"

	"fangyu/geo/feature"
	"fangyu/geo/index"
	"fangyu/geo/tile"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

func prop(name string, v any) index.Prop {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return index.Prop{Name: name, JSON: b}
}

func item(id string, g orb.Geometry, props ...index.Prop) index.Item {
	return index.Item{ID: id, From: index.DayMin, To: index.DayMax, Geometry: g, Props: props}
}

// decode encodes a tile and returns its layers by name.
func decode(t testing.TB, z, x, y uint32, layers ...tile.Layer) map[string][]*geojson.Feature {
	t.Helper()
	b, err := tile.Encode(z, x, y, layers...)
	if err != nil {
		t.Fatal(err)
	}
	read, err := mvt.Unmarshal(b)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]*geojson.Feature{}
	for _, l := range read {
		if l.Version != 2 || l.Extent != 4096 {
			t.Errorf("layer %s: version %d, extent %d", l.Name, l.Version, l.Extent)
		}
		out[l.Name] = l.Features
	}
	return out
}

// counties are the 38 real outlines.
func counties(t testing.TB) *index.Collection {
	t.Helper()
	src, err := feature.Open(shareddata.Path(t, "admin/cq_counties_wgs84_derived.geojson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var items []index.Item
	for rec, err := range src.Records() {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, item(rec.ID, rec.Geometry, prop("code", rec.Fields["code"]), prop("name", rec.Fields["name"]), prop("level", "county")))
	}
	return index.NewCollection("divisions", items)
}

func TestValuesComeThrough(t *testing.T) {
	p := orb.Point{106.55, 29.56}
	c := index.NewCollection("places", []index.Item{item("p1", p,
		prop("name", "解放碑\"1\""), prop("rank", 2), prop("share", 0.25), prop("synthetic", true), prop("none", nil), prop("list", []int{1}))})
	at := maptile.At(p, 12)
	f := decode(t, 12, at.X, at.Y, tile.Layer{Items: c})["places"]
	if len(f) != 1 {
		t.Fatalf("%d features", len(f))
	}
	want := map[string]any{"id": "p1", "name": "解放碑\"1\"", "rank": 2.0, "share": 0.25, "synthetic": true, "list": "[1]"}
	if fmt.Sprint(f[0].Properties) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", f[0].Properties, want)
	}
	f = decode(t, 12, at.X, at.Y, tile.Layer{Name: "names", Items: c, Props: []string{"name"}})["names"]
	if len(f) != 1 || len(f[0].Properties) != 2 {
		t.Errorf("chosen properties: %v", f)
	}
	fraction := maptile.Fraction(p, 12)
	got := f[0].Geometry.(orb.Point)
	if math.Abs(got[0]-(fraction[0]-float64(at.X))*4096) > 0.51 || math.Abs(got[1]-(fraction[1]-float64(at.Y))*4096) > 0.51 {
		t.Errorf("at %v, want %v", got, fraction)
	}
}

func TestTilesOutsideThePyramidAreRefused(t *testing.T) {
	for _, c := range [][3]uint32{{0, 1, 0}, {3, 0, 8}, {23, 0, 0}} {
		if _, err := tile.Encode(c[0], c[1], c[2]); !fault.Is(err, "no-such-tile") {
			t.Errorf("%v: %v", c, err)
		}
	}
	if b, err := tile.Encode(3, 0, 0, tile.Layer{Items: index.NewCollection("x", nil)}); err != nil || len(b) != 0 {
		t.Errorf("an empty tile: %d bytes, %v", len(b), err)
	}
}

// Every county is in every tile its outline meets at zoom 3 to 10, and every ring is one that the specification allows:
// outer rings have a positive area in tile units (MVT 2.1 §4.3.3.3), holes a negative one.
func TestNoCountyVanishes(t *testing.T) {
	c := counties(t)
	for z := uint32(3); z <= 10; z++ {
		seen := map[string]bool{}
		tiles := 0
		extent, _ := c.Extent()
		min, max := maptile.At(orb.Point{extent.Min[0], extent.Max[1]}, maptile.Zoom(z)), maptile.At(orb.Point{extent.Max[0], extent.Min[1]}, maptile.Zoom(z))
		for x := min.X; x <= max.X; x++ {
			for y := min.Y; y <= max.Y; y++ {
				tiles++
				for _, f := range decode(t, z, x, y, tile.Layer{Items: c})["divisions"] {
					seen[f.Properties["id"].(string)] = true
					checkRings(t, f.Geometry)
				}
			}
		}
		if len(seen) != 38 {
			t.Errorf("zoom %d: %d counties in %d tiles", z, len(seen), tiles)
		}
	}
}

func checkRings(t *testing.T, g orb.Geometry) {
	t.Helper()
	var areas orb.MultiPolygon
	switch g := g.(type) {
	case orb.Polygon:
		areas = orb.MultiPolygon{g}
	case orb.MultiPolygon:
		areas = g
	default:
		t.Fatalf("a county became a %T", g)
	}
	for _, a := range areas {
		for i, r := range a {
			sum := 0.0
			for k := 1; k < len(r); k++ {
				sum += r[k-1][0]*r[k][1] - r[k][0]*r[k-1][1]
			}
			if len(r) < 4 || r[0] != r[len(r)-1] || sum == 0 || (sum > 0) != (i == 0) {
				t.Errorf("ring %d of %d points has the area %v", i, len(r), sum/2)
			}
		}
	}
}

func TestTinyAreasBecomeSpecks(t *testing.T) {
	p := orb.Point{106.55, 29.56}
	tiny := orb.Polygon{{p, {106.5501, 29.56}, {106.5501, 29.5601}, p}}
	c := index.NewCollection("built-up-areas", []index.Item{item("a", tiny), item("b", orb.MultiPolygon{tiny, tiny})})
	for _, z := range []uint32{0, 4, 8, 12, 16} {
		at := maptile.At(p, maptile.Zoom(z))
		if f := decode(t, z, at.X, at.Y, tile.Layer{Items: c})["built-up-areas"]; len(f) != 2 {
			t.Errorf("zoom %d: %d areas", z, len(f))
		} else {
			checkRings(t, f[0].Geometry)
		}
	}
}

func TestLinesAreClippedAndSimplified(t *testing.T) {
	line := orb.LineString{}
	for i := range 10_000 {
		line = append(line, orb.Point{106 + float64(i)/10_000, 29.5 + 0.1*math.Sin(float64(i)/500)})
	}
	c := index.NewCollection("lines", []index.Item{item("l", orb.MultiLineString{line})})
	for _, z := range []uint32{6, 9, 12} {
		at := maptile.At(orb.Point{106.5, 29.5}, maptile.Zoom(z))
		f := decode(t, z, at.X, at.Y, tile.Layer{Items: c})["lines"]
		if z < 12 && len(f) != 1 {
			t.Errorf("zoom %d: %d features", z, len(f))
		}
		for _, one := range f {
			n := 0
			each(one.Geometry, func(p orb.Point) {
				n++
				if p[0] < -64 || p[0] > 4160 || p[1] < -64 || p[1] > 4160 {
					t.Errorf("zoom %d: %v is outside the margin", z, p)
				}
			})
			if n > 500 {
				t.Errorf("zoom %d: %d vertices of 10,000", z, n)
			}
		}
	}
}

func each(g orb.Geometry, visit func(orb.Point)) {
	switch g := g.(type) {
	case orb.LineString:
		for _, p := range g {
			visit(p)
		}
	case orb.MultiLineString:
		for _, l := range g {
			each(l, visit)
		}
	}
}

func TestPointsAreThinnedByRank(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	var items []index.Item
	for i := range 20_000 {
		items = append(items, item(fmt.Sprint(i), orb.Point{106 + r.Float64(), 29 + r.Float64()}, prop("rank", 1+i%5)))
	}
	items = append(items, item("best", orb.Point{106.5, 29.5}, prop("rank", 0)))
	c := index.NewCollection("places", items)
	last := 0
	for _, z := range []uint32{6, 8, 10, 12} {
		at := maptile.At(orb.Point{106.5, 29.5}, maptile.Zoom(z))
		f := decode(t, z, at.X, at.Y, tile.Layer{Items: c})["places"]
		best := false
		for _, one := range f {
			best = best || one.Properties["id"] == "best"
		}
		if len(f) == 0 || len(f) > 1024 || !best {
			t.Errorf("zoom %d: %d points, the best one among them: %v", z, len(f), best)
		}
		last = len(f)
	}
	if last < 50 {
		t.Errorf("zoom 12 shows %d points only", last)
	}
	// From zoom 14 every point is in exactly one tile.
	seen := 0
	min, max := maptile.At(orb.Point{106.5, 29.52}, 14), maptile.At(orb.Point{106.52, 29.5}, 14)
	for x := min.X; x <= max.X; x++ {
		for y := min.Y; y <= max.Y; y++ {
			seen += len(decode(t, 14, x, y, tile.Layer{Items: c})["places"])
		}
	}
	want := 0
	for _, it := range items {
		if a := maptile.At(it.Geometry.(orb.Point), 14); a.X >= min.X && a.X <= max.X && a.Y >= min.Y && a.Y <= max.Y {
			want++
		}
	}
	if seen < want-2 || seen > want+2 { // rounding moves a point over an edge now and then
		t.Errorf("zoom 14: %d points, want %d", seen, want)
	}
}

func TestDayAndKeepChoose(t *testing.T) {
	p := orb.Point{106.55, 29.56}
	c := index.NewCollection("markers", []index.Item{
		{ID: "old", From: 0, To: 100, Geometry: p}, {ID: "new", From: 100, To: index.DayMax, Geometry: orb.Point{106.56, 29.56}},
	})
	at := maptile.At(p, 8)
	if f := decode(t, 8, at.X, at.Y, tile.Layer{Items: c, Day: 99})["markers"]; len(f) != 1 || f[0].Properties["id"] != "old" {
		t.Errorf("on day 99: %v", f)
	}
	none := tile.Layer{Items: c, Day: 100, Keep: func(z uint32, _ *index.Item) bool { return z > 8 }}
	if f := decode(t, 8, at.X, at.Y, none)["markers"]; len(f) != 0 {
		t.Errorf("nothing was to be kept: %v", f)
	}
}

func BenchmarkEncode(b *testing.B) {
	c := counties(b)
	for _, z := range []uint32{6, 9, 12} {
		at := maptile.At(orb.Point{106.55, 29.56}, maptile.Zoom(z))
		b.Run(fmt.Sprintf("z%d", z), func(b *testing.B) {
			for range b.N {
				if _, err := tile.Encode(z, at.X, at.Y, tile.Layer{Items: c}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func ExampleEncode() {
	places := index.NewCollection("places", []index.Item{item("p1", orb.Point{106.55, 29.56}, prop("name", "渝中"))})
	b, err := tile.Encode(6, 50, 26, tile.Layer{Items: places, Props: []string{"name"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	layers, err := mvt.Unmarshal(b)
	fmt.Println(layers[0].Name, len(layers[0].Features), layers[0].Features[0].Properties["name"], err)
	// Output: places 1 渝中 <nil>
}
