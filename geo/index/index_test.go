package index_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/geo/feature"
	"fangyu/geo/index"
	"fangyu/internal/shareddata"
)

func prop(name string, v any) index.Prop {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return index.Prop{Name: name, JSON: b}
}

// randomItems makes n versions of points, lines, areas and things without a place.
func randomItems(r *rand.Rand, n int) []index.Item {
	var items []index.Item
	for i := range n {
		it := index.Item{ID: fmt.Sprintf("id-%05d", r.IntN(n)), From: int32(r.IntN(1000)), To: index.DayMax}
		if r.IntN(2) == 0 {
			it.To = it.From + int32(1+r.IntN(500))
		}
		p := orb.Point{105 + 5*r.Float64(), 28 + 4*r.Float64()}
		q := orb.Point{p[0] + 0.3*r.Float64(), p[1] + 0.3*r.Float64()}
		switch i % 4 {
		case 0:
			it.Geometry = p
		case 1:
			it.Geometry = orb.LineString{p, q, {q[0] + 0.1, p[1]}}
		case 2:
			it.Geometry = orb.MultiPolygon{{{p, {q[0], p[1]}, q, p}}}
		}
		it.Props = []index.Prop{prop("code", fmt.Sprint(i%7)), prop("level", i%3), prop("name", "中\"\\\n"+fmt.Sprint(i%5)), prop("none", nil)}
		items = append(items, it)
	}
	// One version of an id from one day only: that is what the tables promise.
	slices.SortFunc(items, func(a, b index.Item) int {
		if a.ID != b.ID {
			return len(a.ID) - len(b.ID) + map[bool]int{true: -1, false: 1}[a.ID < b.ID]
		}
		return int(a.From - b.From)
	})
	items = slices.CompactFunc(items, func(a, b index.Item) bool { return a.ID == b.ID && a.From == b.From })
	r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items
}

// touches is meets by sampling: a geometry meets a box when a fine grid of points of one lies in the other, or edges cross.
func touches(g orb.Geometry, b orb.Bound) bool {
	if g == nil {
		return false
	}
	inside := func(p orb.Point) bool { return b.Contains(p) }
	along := func(p, q orb.Point) bool {
		for k := 0; k <= 2000; k++ {
			f := float64(k) / 2000
			if inside(orb.Point{p[0] + f*(q[0]-p[0]), p[1] + f*(q[1]-p[1])}) {
				return true
			}
		}
		return false
	}
	switch g := g.(type) {
	case orb.Point:
		return inside(g)
	case orb.LineString:
		return along(g[0], g[1]) || along(g[1], g[2])
	case orb.MultiPolygon:
		t := g[0][0]
		if along(t[0], t[1]) || along(t[1], t[2]) || along(t[2], t[3]) {
			return true
		}
		c := b.Min
		side := func(p, q orb.Point) bool { return (q[0]-p[0])*(c[1]-p[1])-(q[1]-p[1])*(c[0]-p[0]) >= 0 }
		return side(t[0], t[1]) && side(t[1], t[2]) && side(t[2], t[0])
	}
	return false
}

func TestSearchAgainstBruteForce(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 1))
		items := randomItems(r, 400)
		kept := slices.Clone(items)
		c := index.NewCollection("places", items)
		for range 20 {
			q := index.Query{Day: int32(r.IntN(1500)), Limit: 1 + r.IntN(30), Equal: map[string]string{}}
			if r.IntN(2) == 0 {
				p := orb.Point{105 + 5*r.Float64(), 28 + 4*r.Float64()}
				q.Bound = &orb.Bound{Min: p, Max: orb.Point{p[0] + r.Float64(), p[1] + r.Float64()}}
			}
			if r.IntN(3) == 0 {
				q.Until = q.Day + int32(r.IntN(300))
			}
			if r.IntN(2) == 0 {
				q.Equal["code"] = fmt.Sprint(r.IntN(7))
			}
			if r.IntN(3) == 0 {
				q.Equal["level"] = fmt.Sprint(r.IntN(3))
			}
			var want []string
			for _, it := range kept {
				valid := it.From <= q.Day && q.Day < it.To
				if q.Until > q.Day {
					valid = it.From < q.Until && it.To > q.Day
				}
				ok := valid && (q.Bound == nil || touches(it.Geometry, *q.Bound))
				for name, v := range q.Equal {
					ok = ok && it.Text(name) == v
				}
				if ok {
					want = append(want, fmt.Sprintf("%s@%04d", it.ID, it.From))
				}
			}
			sort.Strings(want)
			var got []string
			for pages := 0; ; pages++ {
				found, next, matched := c.Search(q)
				if matched != len(want) {
					t.Fatalf("seed %d, %+v: matched %d, want %d", seed, q, matched, len(want))
				}
				if len(found) > q.Limit || pages > len(kept) {
					t.Fatalf("seed %d: a page of %d for a limit of %d", seed, len(found), q.Limit)
				}
				for _, it := range found {
					got = append(got, fmt.Sprintf("%s@%04d", it.ID, it.From))
				}
				if next == "" {
					break
				}
				q.After = next
			}
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, %+v: got %v, want %v", seed, q, got, want)
			}
		}
	}
}

// What is taken out, piece by piece, leaves a collection that answers like one made without it; the old one stays.
func TestWithoutIsAsIfNeverThere(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		items := randomItems(r, 300)
		whole := index.NewCollection("x", slices.Clone(items))
		c, rest := whole, items
		for range 6 {
			out := []string{"nobody", items[r.IntN(len(items))].ID, items[r.IntN(len(items))].ID}
			c = c.Without(out)
			rest = slices.DeleteFunc(slices.Clone(rest), func(it index.Item) bool { return slices.Contains(out, it.ID) })
			want := index.NewCollection("x", slices.Clone(rest))
			b1, _ := c.Extent()
			b2, _ := want.Extent()
			if c.Len() != want.Len() || b1 != b2 || len(c.Versions(out[1])) != 0 {
				t.Fatalf("seed %d: %d items within %v, want %d within %v", seed, c.Len(), b1, want.Len(), b2)
			}
			for range 20 {
				p := orb.Point{105 + 5*r.Float64(), 28 + 4*r.Float64()}
				q := index.Query{Day: int32(r.IntN(1500)), Bound: &orb.Bound{Min: p, Max: orb.Point{p[0] + r.Float64(), p[1] + r.Float64()}}}
				got, _, n := c.Search(q)
				expected, _, m := want.Search(q)
				if n != m || !slices.EqualFunc(got, expected, func(a, b *index.Item) bool { return a.ID == b.ID && a.From == b.From }) {
					t.Fatalf("seed %d, %+v: %d found, want %d", seed, q, n, m)
				}
			}
		}
		if again := index.NewCollection("x", items); whole.Len() != again.Len() {
			t.Fatalf("seed %d: the old collection has %d items, had %d", seed, whole.Len(), again.Len())
		}
	}
}

func TestEqualTakesJSONOrItsText(t *testing.T) {
	c := index.NewCollection("x", []index.Item{{ID: "a", To: index.DayMax, From: index.DayMin, Props: []index.Prop{
		prop("name", "中\"文\n"), prop("n", 1.5), prop("yes", true), prop("none", nil),
	}}})
	for _, q := range []struct {
		name, text string
		want       int
	}{
		{"name", "中\"文\n", 1},
		{"name", `"中\"文\n"`, 1},
		{"name", "中", 0},
		{"n", "1.5", 1},
		{"n", "1.50", 0},
		{"yes", "true", 1},
		{"none", "null", 1},
		{"none", "", 0},
		{"missing", "", 0},
	} {
		if _, _, n := c.Search(index.Query{Equal: map[string]string{q.name: q.text}}); n != q.want {
			t.Errorf("%s = %q: %d items, want %d", q.name, q.text, n, q.want)
		}
	}
}

func TestGetTakesTheVersionOfTheDay(t *testing.T) {
	c := index.NewCollection("divisions", []index.Item{
		{ID: "b", From: 100, To: 200}, {ID: "a", From: 200, To: index.DayMax}, {ID: "a", From: index.DayMin, To: 100},
	})
	for _, q := range []struct {
		id   string
		day  int32
		from int32
		ok   bool
	}{{"a", 50, index.DayMin, true}, {"a", 100, 0, false}, {"a", 300, 200, true}, {"b", 150, 100, true}, {"c", 150, 0, false}} {
		it, ok := c.Get(q.id, q.day)
		if ok != q.ok || ok && it.From != q.from {
			t.Errorf("%s on %d: %+v, %v", q.id, q.day, it, ok)
		}
	}
	if v := c.Versions("a"); len(v) != 2 || v[0].From != index.DayMin || len(c.Versions("c")) != 0 {
		t.Errorf("versions: %+v", v)
	}
	if _, ok := c.Extent(); ok || c.Len() != 3 {
		t.Error("items without a place have an extent")
	}
}

func TestBadTokensFindNothing(t *testing.T) {
	c := index.NewCollection("x", []index.Item{{ID: "a", To: 1}})
	for _, s := range []string{"a", "!!", "YQ", "MSBh====", "eCB5"} {
		if items, next, n := c.Search(index.Query{After: s}); len(items) > 0 || next != "" || n != 0 || index.ValidToken(s) {
			t.Errorf("%q: %v %q %d", s, items, next, n)
		}
	}
}

func TestAppendFeatureIsGeoJSON(t *testing.T) {
	for _, it := range randomItems(rand.New(rand.NewPCG(4, 4)), 40) {
		f, err := geojson.UnmarshalFeature(index.AppendFeature(nil, &it))
		if err != nil {
			t.Fatalf("%s: %v", index.AppendFeature(nil, &it), err)
		}
		if f.ID != it.ID || (f.Geometry == nil) != (it.Geometry == nil) || f.Properties["name"] != it.Text("name") || len(f.Properties) != 4 {
			t.Errorf("%+v became %+v", it, f)
		}
	}
}

// The 38 counties: a box in the middle of one county, and one that only the box of another county covers.
func TestBoxQueryTestsTheShape(t *testing.T) {
	src, err := feature.Open(shareddata.Path(t, "admin/cq_counties_wgs84_derived.geojson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var items []index.Item
	for rec, err := range src.Records() {
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, index.Item{ID: rec.ID, From: index.DayMin, To: index.DayMax, Geometry: rec.Geometry, Props: []index.Prop{prop("name", rec.Fields["name"])}})
	}
	c := index.NewCollection("divisions", items)
	at := orb.Bound{Min: orb.Point{106.55, 29.56}, Max: orb.Point{106.551, 29.561}} // 渝中
	found, _, matched := c.Search(index.Query{Bound: &at})
	if matched != 1 || found[0].Text("name") != "渝中区" {
		t.Errorf("%d counties at %v, the first %v", matched, at, found)
	}
	if boxes := c.Near(at, 0); len(boxes) <= 1 {
		t.Errorf("the box test alone finds %d: the data no longer shows the difference", len(boxes))
	}
}

func BenchmarkSearch(b *testing.B) {
	r := rand.New(rand.NewPCG(9, 9))
	items := make([]index.Item, 200_000)
	for i := range items {
		items[i] = index.Item{ID: fmt.Sprint(i), From: index.DayMin, To: index.DayMax, Geometry: orb.Point{105 + 5*r.Float64(), 28 + 4*r.Float64()}}
	}
	c := index.NewCollection("places", items)
	boxes := make([]orb.Bound, 256)
	for i := range boxes {
		p := orb.Point{105 + 5*r.Float64(), 28 + 4*r.Float64()}
		boxes[i] = orb.Bound{Min: p, Max: orb.Point{p[0] + 0.05, p[1] + 0.05}}
	}
	b.Run("tree", func(b *testing.B) {
		for i := range b.N {
			c.Search(index.Query{Bound: &boxes[i%len(boxes)], Limit: 100})
		}
	})
	b.Run("every item", func(b *testing.B) {
		for i := range b.N {
			n := 0
			for j := range items {
				if boxes[i%len(boxes)].Contains(items[j].Geometry.(orb.Point)) {
					n++
				}
			}
		}
	})
}

func BenchmarkAppendFeature(b *testing.B) {
	it := index.Item{ID: "018f2d4e-0000-7000-8000-000000000001", Geometry: orb.Point{106.5512345, 29.5612345}, Props: []index.Prop{
		prop("name", "鸡心岭"), prop("romanization", "Jīxīn Lǐng"), prop("category", "natural"), prop("divisionCode", "500237"),
	}}
	b.Run("append", func(b *testing.B) {
		var buf []byte
		for range b.N {
			buf = index.AppendFeature(buf[:0], &it)
		}
	})
	b.Run("encoding/json", func(b *testing.B) {
		f := geojson.NewFeature(it.Geometry)
		f.ID = it.ID
		for i := range it.Props {
			f.Properties[it.Props[i].Name] = it.Text(it.Props[i].Name)
		}
		for range b.N {
			if _, err := f.MarshalJSON(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func ExampleCollection_Search() {
	places := index.NewCollection("places", []index.Item{
		{ID: "p1", From: index.DayMin, To: index.DayMax, Geometry: orb.Point{106.5, 29.5}, Props: []index.Prop{{Name: "name", JSON: []byte(`"江北嘴"`)}}},
		{ID: "p2", From: index.DayMin, To: index.DayMax, Geometry: orb.Point{108.4, 30.8}},
	})
	box := orb.Bound{Min: orb.Point{106, 29}, Max: orb.Point{107, 30}}
	items, next, matched := places.Search(index.Query{Bound: &box, Day: 20_000, Limit: 10})
	for _, it := range items {
		fmt.Println(string(index.AppendFeature(nil, it)))
	}
	fmt.Printf("%d %q\n", matched, next)
	// Output:
	// {"type":"Feature","id":"p1","geometry":{"type":"Point","coordinates":[106.5,29.5]},"properties":{"name":"江北嘴"}}
	// 1 ""
}
