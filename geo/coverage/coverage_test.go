package coverage_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/geo/feature"
	"fangyu/internal/fault"
	"fangyu/internal/shareddata"
)

func check(t testing.TB, features []coverage.Feature) coverage.Report {
	t.Helper()
	r, err := coverage.Check(context.Background(), features, coverage.Parameters{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// of are the findings of a code.
func of(r coverage.Report, code string) []coverage.Finding {
	var found []coverage.Finding
	for _, f := range r.Findings {
		if f.Code == code {
			found = append(found, f)
		}
	}
	return found
}

func total(found []coverage.Finding) (m2 float64) {
	for _, f := range found {
		m2 += f.AreaM2
	}
	return m2
}

// areaFeatures gives areas the ids A, B, C …
func areaFeatures(shapes ...orb.Geometry) []coverage.Feature {
	var all []coverage.Feature
	for i, g := range shapes {
		all = append(all, coverage.Feature{ID: string(rune('A' + i)), Geometry: g})
	}
	return all
}

// toyCounty is that of domain/boundary.md §5.8 on the plane EPSG:4545; B has its vertex at T moved east by so many metres.
func toyCounty(t *testing.T, eastM float64) []coverage.Feature {
	at := func(e, n float64) orb.Point {
		p, err := geo.Frame("4545").ToCGCS2000(e, n)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	sw, se, ne, nw := at(360000, 3270000), at(370000, 3270000), at(370000, 3280000), at(360000, 3280000)
	w, e, n, mid, moved := at(360000, 3272000), at(370000, 3272000), at(365000, 3280000), at(365000, 3275000), at(365000+eastM, 3275000)
	return areaFeatures(orb.Polygon{{w, mid, n, nw, w}}, orb.Polygon{{moved, e, ne, n, moved}}, orb.Polygon{{sw, se, e, mid, w, sw}})
}

func TestTheToyCounty(t *testing.T) {
	if r := check(t, toyCounty(t, 0)); len(r.Findings)+len(r.Exclaves) > 0 {
		t.Errorf("it fits: %+v", r)
	}
	r := check(t, toyCounty(t, 2))
	gaps := of(r, "gap")
	if len(r.Findings) != 1 || len(gaps) != 1 {
		t.Fatalf("2 m short: %+v", r.Findings)
	}
	g := gaps[0]
	if math.Abs(g.AreaM2-8000) > 8 || math.Abs(g.WidthM-0.74) > 0.005 || math.Abs(g.LengthM-10830) > 10 || !g.Sliver || g.Severity != fault.Block {
		t.Errorf("got %+v", g)
	}
	if slices.Compare(g.Features, []string{"A", "B", "C"}) != 0 {
		t.Errorf("between %v", g.Features)
	}
	if p, _ := geo.ToCGCS2000(g.At, geo.CGCS2000); geo.DistanceM(p.(orb.Point), orb.Point{106.606659584, 29.585707042}) > 6000 {
		t.Errorf("it is at %v", g.At)
	}

	r = check(t, toyCounty(t, -2))
	overlaps := of(r, "overlap")
	if len(r.Findings) != len(overlaps) || math.Abs(total(overlaps)-8000) > 8 {
		t.Fatalf("2 m too far: %+v", r.Findings)
	}
	with := map[string]float64{}
	for _, f := range overlaps {
		with[strings.Join(f.Features, "")] += f.AreaM2
	}
	if math.Abs(with["AB"]-5000) > 10 || math.Abs(with["BC"]-3000) > 10 || len(with) != 2 {
		t.Errorf("overlaps %v", with)
	}
}

// box is a box of thousandths of a degree near Chongqing, about 97 m by 111 m each.
func box(x0, y0, x1, y1 float64) orb.Polygon { return orb.Polygon{boxRing(x0, y0, x1, y1)} }

func boxRing(x0, y0, x1, y1 float64) orb.Ring {
	at := func(x, y float64) orb.Point { return orb.Point{106.5 + x/1000, 29.5 + y/1000} }
	return orb.Ring{at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1), at(x0, y0)}
}

func TestEveryCodeOfAreas(t *testing.T) {
	holed := orb.Polygon{boxRing(0, 0, 10, 10), boxRing(4, 4, 6, 6)}
	bowtie := orb.Polygon{{{106.5, 29.5}, {106.6, 29.6}, {106.6, 29.5}, {106.5, 29.65}, {106.5, 29.5}}}
	twice := box(0, 0, 10, 10)
	twice[0] = slices.Insert(twice[0], 2, twice[0][1])
	for name, c := range map[string]struct {
		shapes   []orb.Geometry
		want     string // codes with the features
		exclaves string // of in within
	}{
		"they fit":                        {[]orb.Geometry{box(0, 0, 10, 10), box(10, 0, 20, 10)}, "", ""},
		"a vertex more on one side":       {[]orb.Geometry{box(0, 0, 10, 10), box(10, 0, 20, 5), box(10, 5, 20, 10)}, "", ""},
		"a hole that is filled":           {[]orb.Geometry{holed, box(4, 4, 6, 6)}, "", ""},
		"a hole for somebody else":        {[]orb.Geometry{holed}, "", "? in A"},
		"a hole filled in part":           {[]orb.Geometry{holed, box(4, 4, 6, 5)}, "gap AB", ""},
		"a hole with an island":           {[]orb.Geometry{holed, box(4.5, 4.5, 5.5, 5.5)}, "gap AB", ""},
		"a hole forgotten":                {[]orb.Geometry{box(0, 0, 10, 10), box(4, 4, 6, 6)}, "overlap AB", ""},
		"one twice":                       {[]orb.Geometry{box(0, 0, 10, 10), box(0, 0, 10, 10)}, "overlap AB", ""},
		"one area within the ring of all": {[]orb.Geometry{box(0, 0, 10, 1), box(0, 9, 10, 10), box(0, 1, 1, 9), box(9, 1, 10, 9)}, "gap ABCD", ""},
		"open to the outside":             {[]orb.Geometry{box(0, 0, 10, 1), box(0, 9, 10, 10), box(0, 1, 1, 9)}, "", ""},
		"a slit of 1 m, open":             {[]orb.Geometry{box(0, 0, 10, 10), box(10.01, 0, 20, 10)}, "gap AB", ""},
		"a slit that closes at one end":   {[]orb.Geometry{box(0, 0, 10, 10), orb.Polygon{ringOf(10, 0, 20, 0, 20, 10, 10.02, 10, 10, 0)}}, "gap AB", ""},
		"a street of 30 m":                {[]orb.Geometry{box(0, 0, 10, 10), box(10.3, 0, 20, 10)}, "", ""},
		"a slit between parts of one":     {[]orb.Geometry{orb.MultiPolygon{box(0, 0, 10, 10), box(10.01, 0, 20, 10)}}, "", "A in ?"},
		"a sharp corner":                  {[]orb.Geometry{orb.Polygon{ringOf(0, 0, 10, 0, 10, 1, 0, 0)}, orb.Polygon{ringOf(0, 0, 10, 2, 0, 2, 0, 0)}}, "", ""},
		"three on one another":            {[]orb.Geometry{box(0, 0, 3, 3), box(2, 0, 5, 3), box(2, 2, 3, 5)}, "overlap AB overlap ABC", ""},
		"the other way round":             {[]orb.Geometry{reversed(holed), reversed(box(4, 4, 6, 6))}, "", ""},
		"a part in another": {
			[]orb.Geometry{orb.MultiPolygon{holed}, orb.MultiPolygon{box(10, 0, 20, 10), box(4, 4, 6, 6)}}, "", "B in A",
		},
		"a part apart":       {[]orb.Geometry{orb.MultiPolygon{box(0, 0, 10, 10), box(20, 0, 21, 1)}}, "", "A in ?"},
		"a fragment":         {[]orb.Geometry{orb.MultiPolygon{box(0, 0, 10, 10), box(20, 0, 20.05, 0.05)}}, "sliver A", "A in ?"},
		"a long fragment":    {[]orb.Geometry{box(0, 0, 10, 10), box(10, 0, 10.015, 10)}, "sliver B", ""},
		"crosses itself":     {[]orb.Geometry{bowtie}, "self-intersection A", ""},
		"a vertex repeated":  {[]orb.Geometry{twice}, "duplicate-vertex A", ""},
		"touches itself":     {[]orb.Geometry{orb.Polygon{{{0, 0}, {2, 0}, {2, 2}, {1, 0}, {0, 2}, {0, 0}}}}, "self-touch A", ""},
		"lines are no areas": {[]orb.Geometry{orb.LineString{{0, 0}, {1, 1}}}, "dangle A dangle A", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := check(t, areaFeatures(c.shapes...))
			var codes, exclaves []string
			for _, f := range r.Findings {
				codes = append(codes, f.Code+" "+strings.Join(f.Features, ""))
				if f.Detail == "" || !slices.Contains(f.Features, f.Features[0]) || f.At == (orb.Point{}) && f.Code == "gap" {
					t.Errorf("%+v", f)
				}
			}
			slices.Sort(codes)
			for _, e := range r.Exclaves {
				exclaves = append(exclaves, cmpOr(e.Of)+" in "+cmpOr(e.Within))
			}
			if got := strings.Join(codes, " "); got != c.want {
				t.Errorf("got %q, wanted %q", got, c.want)
			}
			if got := strings.Join(exclaves, " "); got != c.exclaves {
				t.Errorf("exclaves %q, wanted %q", got, c.exclaves)
			}
		})
	}
}

func ringOf(xy ...float64) orb.Ring { return orb.Ring(path(xy...)) }

func cmpOr(id string) string {
	if id == "" {
		return "?"
	}
	return id
}

func reversed(p orb.Polygon) orb.Polygon {
	p = p.Clone()
	for _, r := range p {
		r.Reverse()
	}
	return p
}

// What is found lies where it is said to be: in no area, or in all that overlap.
func TestPlacesOfFindings(t *testing.T) {
	all := areaFeatures(box(0, 0, 10, 10.1), box(0, 10, 4, 20), box(5, 10, 10, 20), box(0, 20, 10, 30))
	r := check(t, all)
	if len(r.Findings) != 3 {
		t.Fatalf("got %+v", r.Findings)
	}
	for _, f := range r.Findings {
		in := 0
		for _, a := range all {
			if planar.PolygonContains(a.Geometry.(orb.Polygon), f.At) {
				in++
				if !slices.Contains(f.Features, a.ID) {
					t.Errorf("%+v is in %s", f, a.ID)
				}
			}
		}
		if want := map[string]int{"gap": 0, "overlap": 2}[f.Code]; in != want {
			t.Errorf("%+v lies in %d areas", f, in)
		}
	}
}

func TestParametersOfACheck(t *testing.T) {
	features := append(toyCounty(t, 2), areaFeatures(box(900, 0, 903, 3), box(902, 0, 905, 3))...)
	run := func(p coverage.Parameters) coverage.Report {
		r, err := coverage.Check(context.Background(), features, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := run(coverage.Parameters{ToleranceM: 1}); len(of(r, "gap")) > 0 || len(of(r, "within-tolerance")) != 1 || len(of(r, "overlap")) != 1 {
		t.Errorf("with a tolerance of 1 m: %+v", r.Findings)
	}
	if r := run(coverage.Parameters{SliverWidthM: 0.5, SliverShape: 1e-9}); of(r, "gap")[0].Sliver {
		t.Errorf("0.74 m are no sliver where 0.5 m are one: %+v", r.Findings)
	}
	for i := range 5 {
		features = append(features, areaFeatures(box(1000+float64(i), 0, 1001.5+float64(i), 3))...)
	}
	r := run(coverage.Parameters{MostOfEach: 2})
	if len(of(r, "overlap")) != 2 || r.Counts["overlap"] != 5 || len(of(r, coverage.MoreFindings)) != 1 {
		t.Errorf("two of each: %v, %+v", r.Counts, r.Findings)
	}
	if o := of(r, "overlap"); o[0].AreaM2 < o[1].AreaM2 {
		t.Errorf("the largest go first: %+v", o)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := coverage.Check(ctx, features, coverage.Parameters{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a check that was called off: %v", err)
	}
	last := 0
	if _, err := coverage.Check(context.Background(), features, coverage.Parameters{}, func(done, total int) {
		if done != last+1 || done > total {
			t.Errorf("%d of %d after %d", done, total, last)
		}
		last = done
	}); err != nil || last == 0 {
		t.Errorf("progress ended at %d: %v", last, err)
	}
}

// read reads the areas and lines of a real file as they stand, once for all tests.
func read(t testing.TB, file int, path string) []coverage.Feature {
	t.Helper()
	full := shareddata.Path(t, path)
	all, known := files[path]
	if !known {
		src, err := feature.Open(full)
		if err != nil {
			t.Fatal(err)
		}
		for rec, err := range src.Records() {
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if rec.Geometry != nil {
				all = append(all, featureOf(rec))
			}
		}
		files[path] = all
	}
	all = slices.Clone(all)
	for i := range all {
		all[i].File = file
	}
	return all
}

// files are those that were read; tests do not run beside each other.
var files = map[string][]coverage.Feature{}

func featureOf(rec feature.Record) coverage.Feature {
	f := coverage.Feature{
		ID: rec.ID, Name: rec.Fields["name"] + rec.Fields["NAME"], Code: rec.Fields["code"] + rec.Fields["QUHUADAIMA"], Level: rec.Fields["level"],
		Left: rec.Fields["left"], Right: rec.Fields["right"], Geometry: rec.Geometry,
	}
	f.Identify(rec.Fields["id"], fmt.Sprint(rec.Line))
	return f
}

const (
	counties          = "admin/cq_counties_wgs84_derived.geojson.gz"
	neighbourCounties = "admin/cq_neighbour_counties_wgs84_derived.geojson.gz"
)

// The figures are those of shared/data/SOURCES.md: 38 counties with 0 invalid, 0 overlaps, and the two edges of 武隆 that
// the neighbour does not share. The neighbours alone lie around what they do not hold, of the area that was published.
func TestRealCounties(t *testing.T) {
	own, others := read(t, 0, counties), read(t, 1, neighbourCounties)
	r := check(t, own)
	if len(r.Findings) > 0 || len(r.Exclaves) != 12 || r.Features != 38 {
		t.Errorf("38 counties: %+v", r)
	}
	within := map[string]int{}
	for _, e := range r.Exclaves {
		within[cmpOr(e.Of)+" in "+cmpOr(e.Within)]++
	}
	want := map[string]int{
		"? in 500115": 1, "? in 500152": 1, "? in 500236": 2, "500104 in 500107": 1, "500115 in ?": 3, "500117 in ?": 1, "500117 in 500151": 1,
		"500152 in ?": 1, "500230 in 500233": 1,
	}
	if !maps.Equal(within, want) {
		t.Errorf("exclaves %v", within)
	}

	r = check(t, others)
	if g := of(r, "gap"); len(g) != 2 || len(r.Findings) != 2 || math.Abs(g[0].AreaM2/82_386.6e6-1) > 1e-4 {
		t.Errorf("40 neighbours: %+v", r.Findings)
	}

	r = check(t, append(own, others...))
	overlaps := of(r, "overlap")
	if len(r.Findings) != 2 || len(overlaps) != 2 || !slices.Equal(overlaps[0].Features, []string{"500156", "520325"}) || total(overlaps) > 30 {
		t.Errorf("78 counties: %+v", r.Findings)
	}
	length := 0.0
	for _, f := range overlaps {
		length += f.LengthM
	}
	if math.Abs(length-1500) > 10 || len(r.Exclaves) != 44 {
		t.Errorf("along %.0f m; %d exclaves", length, len(r.Exclaves))
	}
	for _, e := range r.Exclaves {
		if strings.HasPrefix(e.Of, "50") && e.Within == "" {
			t.Errorf("with all its neighbours there, %+v lies in one of them", e)
		}
	}
}

func TestCoarseFiles(t *testing.T) {
	r := check(t, read(t, 0, "admin/longwosion_500100_counties_wgs84_coarse.geojson"))
	// Nine gaps by SOURCES.md; one more lies between two parts of 大足 that touch in two points.
	if r.Counts["gap"] != 10 || r.Counts["self-touch"] != 4 || r.Counts["overlap"] != 0 {
		t.Errorf("the district file: %v", r.Counts)
	}
	r = check(t, read(t, 0, "admin/longwosion_50_province_file_gcj_coarse_invalid.geojson"))
	invalid := map[string]bool{}
	for _, f := range r.Findings {
		if f.Code == "self-touch" || f.Code == "self-intersection" {
			invalid[f.Features[0]] = true
		}
	}
	if len(invalid) != 13 || r.Verdict() != fault.Block {
		t.Errorf("the province file: %v, %d invalid", r.Counts, len(invalid))
	}
}

// TestCellsAtRandom covers a slanted grid by areas made of cells, some cells by none and some by several: gaps are pieces of
// uncovered cells that do not reach the outside, and overlaps cells, counted one by one.
func TestCellsAtRandom(t *testing.T) {
	const n = 9
	at := func(x, y int) orb.Point {
		return orb.Point{106.5 + float64(x)*0.00317 + float64(y)*0.00091, 29.5 + float64(y)*0.00273 - float64(x)*0.00057}
	}
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 7))
		var covers [n][n][]int
		shapes := make([]orb.MultiPolygon, 6)
		for y := range n {
			for x := 0; x < n; {
				wide := min(1+random.IntN(3), n-x)
				for of := range drawn(random, len(shapes)) {
					shapes[of] = append(shapes[of], orb.Polygon{{at(x, y), at(x+wide, y), at(x+wide, y+1), at(x, y+1), at(x, y)}})
					for k := range wide {
						covers[y][x+k] = append(covers[y][x+k], of)
					}
				}
				x += wide
			}
		}
		cellM2 := geo.AreaM2(orb.Polygon{{at(4, 4), at(5, 4), at(5, 5), at(4, 5), at(4, 4)}})
		want := map[string]float64{}
		for y := range covers {
			for x := range covers[y] {
				switch of := covers[y][x]; {
				case len(of) > 1:
					slices.Sort(of)
					want[ids(of)]++
				case len(of) == 0 && !reachesOut(&covers, x, y):
					want["gap"]++
				}
			}
		}
		var features []coverage.Feature
		for i, s := range shapes {
			features = append(features, coverage.Feature{ID: string(rune('A' + i)), Geometry: s})
		}
		got := map[string]float64{}
		for _, f := range check(t, features).Findings {
			switch f.Code {
			case "gap":
				got["gap"] += f.AreaM2 / cellM2
			case "overlap":
				got[strings.Join(f.Features, "")] += f.AreaM2 / cellM2
			}
		}
		for of := range maps.Keys(merged(want, got)) {
			if math.Abs(got[of]-want[of]) > 0.01*max(1, want[of]) {
				t.Errorf("seed %d: %s covers %.3f cells, not %.0f", seed, of, got[of], want[of])
			}
		}
	}
}

func merged(a, b map[string]float64) map[string]float64 {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

func ids(of []int) (text string) {
	for _, i := range of {
		text += string(rune('A' + i))
	}
	return text
}

// drawn draws whose a cell is: mostly one's, now and then nobody's, two's or three's.
func drawn(random *rand.Rand, n int) map[int]bool {
	of := map[int]bool{}
	for range []int{0, 1, 1, 1, 1, 1, 1, 2, 2, 3}[random.IntN(10)] {
		of[random.IntN(n)] = true
	}
	return of
}

// reachesOut reports whether uncovered cells lead from one to the outside.
func reachesOut(covers *[9][9][]int, x, y int) bool {
	seen := map[[2]int]bool{}
	for stack := [][2]int{{x, y}}; len(stack) > 0; {
		c := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if c[0] < 0 || c[1] < 0 || c[0] >= 9 || c[1] >= 9 {
			return true
		}
		if seen[c] || len(covers[c[1]][c[0]]) > 0 {
			continue
		}
		seen[c] = true
		stack = append(stack, [2]int{c[0] + 1, c[1]}, [2]int{c[0] - 1, c[1]}, [2]int{c[0], c[1] + 1}, [2]int{c[0], c[1] - 1})
	}
	return false
}

// TestTrianglesAtRandom holds the overlaps of every two areas against clipping one by the other, pair by pair.
func TestTrianglesAtRandom(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 8))
		var shapes []orb.Geometry
		for range 12 {
			var r orb.Ring
			for range 3 {
				r = append(r, orb.Point{106.5 + random.Float64()/400, 29.5 + random.Float64()/400})
			}
			if r.Orientation() != orb.CCW {
				r.Reverse()
			}
			shapes = append(shapes, orb.Polygon{append(r, r[0])})
		}
		r := check(t, areaFeatures(shapes...))
		for i := range shapes {
			for j := range i {
				want := geo.AreaM2(clipped(shapes[i].(orb.Polygon)[0], shapes[j].(orb.Polygon)[0]))
				got := 0.0
				for _, f := range of(r, "overlap") {
					if slices.Contains(f.Features, string(rune('A'+i))) && slices.Contains(f.Features, string(rune('A'+j))) {
						got += f.AreaM2
					}
				}
				if math.Abs(got-want) > 0.2+want/1e6 {
					t.Errorf("seed %d: %c and %c overlap by %.1f m², not %.1f", seed, 'A'+i, 'A'+j, got, want)
				}
			}
		}
	}
}

// clipped is what two convex counterclockwise rings have in common, by Sutherland and Hodgman.
func clipped(subject, by orb.Ring) orb.Ring {
	for i := 1; i < len(by); i++ {
		a, b := by[i-1], by[i]
		side := func(p orb.Point) float64 { return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0]) }
		var next orb.Ring
		for k := 1; k < len(subject); k++ {
			p, q := subject[k-1], subject[k]
			sp, sq := side(p), side(q)
			if sp >= 0 {
				next = append(next, p)
			}
			if sp > 0 && sq < 0 || sp < 0 && sq > 0 {
				next = append(next, orb.Point{p[0] + (q[0]-p[0])*sp/(sp-sq), p[1] + (q[1]-p[1])*sp/(sp-sq)})
			}
		}
		if len(next) == 0 {
			return nil
		}
		subject = append(next, next[0])
	}
	return subject
}
