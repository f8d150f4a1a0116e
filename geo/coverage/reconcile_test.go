package coverage_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/internal/fault"
)

func reconcile(t testing.TB, features []coverage.Feature, p coverage.ReconcileParameters) ([]coverage.Feature, coverage.Reconciliation) {
	t.Helper()
	out, r, err := coverage.Reconcile(context.Background(), features, p)
	if err != nil {
		t.Fatal(err)
	}
	return out, r
}

// pairOf is what was done between two features; the zero value for nothing.
func pairOf(r coverage.Reconciliation, a, b string) coverage.ReconciledPair {
	for _, p := range r.Pairs {
		if p.A == a && p.B == b {
			return p
		}
	}
	return coverage.ReconciledPair{}
}

// B is 2 m short, or 2 m too far: it alone comes back, and the ground that it gets or gives is the triangle along each neighbour, base
// 2 m across by the height of the edge: 5,000 m² along A|B and 3,000 m² along B|C (domain/boundary.md §5.8).
func TestReconcileTheToyCounty(t *testing.T) {
	whole := toyCounty(t, 0)
	for _, eastM := range []float64{2, -2} {
		features := toyCounty(t, eastM)
		out, r := reconcile(t, features, coverage.ReconcileParameters{ToleranceM: 1.5})
		if !reflect.DeepEqual(out, features) || len(r.Pairs)+len(r.Units) > 0 || len(r.Left) == 0 || math.Abs(total(r.Left)-8000) > 8 {
			t.Errorf("%+g m, tolerance 1.5 m: left %+v, done %+v", eastM, r.Left, r.Pairs)
		}
		out, r = reconcile(t, features, coverage.ReconcileParameters{ToleranceM: 2.01})
		if len(check(t, out).Findings) > 0 || len(r.Left) > 0 || r.Changed != 1 || len(r.Units) != 1 {
			t.Fatalf("%+g m: %+v, %+v", eastM, r, check(t, out).Findings)
		}
		for i := range out {
			if a, b := geo.AreaM2(out[i].Geometry), geo.AreaM2(whole[i].Geometry); math.Abs(a-b) > 0.2 {
				t.Errorf("%+g m: %s has %.2f m² and should have %.2f", eastM, out[i].ID, a, b)
			}
		}
		if u := r.Units[0]; u.Unit != "B" || math.Abs(u.AreaAfterM2-u.AreaBeforeM2-math.Copysign(8000, eastM)) > 8 || u.VerticesBefore != u.VerticesAfter || math.Abs(u.MaxM-2) > 0.3 {
			t.Errorf("%+g m: %+v", eastM, u)
		}
		for pair, m2 := range map[[2]string]float64{{"A", "B"}: 5000, {"B", "C"}: 3000} {
			p := pairOf(r, pair[0], pair[1])
			got, toB := 0.0, eastM > 0
			for _, x := range p.Exchanges {
				got += x.AreaM2
				if (x.To == "B") != toB || (x.From == "B") == toB {
					t.Errorf("%+g m: %+v", eastM, x)
				}
			}
			if math.Abs(got-m2) > 10 || len(p.Moved) != 1 || p.Moved[0].Unit != "B" || p.Moved[0].MaxM > 2.01 || p.Moved[0].MeanM < 0.5 || p.SharedBeforeM != 0 || p.SharedAfterM < 4990 {
				t.Errorf("%+g m: %+v", eastM, p)
			}
		}
	}
}

// outlines of a feature as edges, whichever way, to see what stayed bit for bit.
func edgesOf(f coverage.Feature) map[[2]orb.Point]bool {
	edges := map[[2]orb.Point]bool{}
	for _, ring := range geo.Outline(geo.Areas(f.Geometry)) {
		for i := 1; i < len(ring); i++ {
			edges[[2]orb.Point{ring[i-1], ring[i]}], edges[[2]orb.Point{ring[i], ring[i-1]}] = true, true
		}
	}
	return edges
}

func TestReconcileCases(t *testing.T) {
	const cm = 1e-4 // of the units of box: about a centimetre
	for name, c := range map[string]struct {
		shapes []orb.Geometry
		p      coverage.ReconcileParameters
		want   string // what was exchanged, what was left, who changed
	}{
		"they fit":                     {[]orb.Geometry{box(0, 0, 10, 10), box(10, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1}, ""},
		"a vertex more on one side":    {[]orb.Geometry{box(0, 0, 10, 10), box(10, 0, 20, 5), box(10, 5, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1}, "A changed"},
		"a slit open at both ends":     {[]orb.Geometry{box(0, 0, 10, 10), box(10+50*cm, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1}, "nobody to A, A changed"},
		"a slit too wide":              {[]orb.Geometry{box(0, 0, 10, 10), box(10.02, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1}, ""},
		"on each other":                {[]orb.Geometry{box(0, 0, 10, 10), box(10-50*cm, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1}, "B to A, B changed"},
		"on each other by too much":    {[]orb.Geometry{box(0, 0, 10, 10), box(9.9, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1}, "overlap AB left"},
		"the other file is the master": {[]orb.Geometry{box(0, 0, 10, 10), box(10-50*cm, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1, FixedFiles: map[int]bool{1: true}}, "A to B, A changed"},
		"both are fixed":               {[]orb.Geometry{box(0, 0, 10, 10), box(10-50*cm, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1, FixedFiles: map[int]bool{0: true, 1: true}}, "overlap AB left"},
		"along a fixed line":           {[]orb.Geometry{box(0, 0, 10, 10), box(10-50*cm, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1, Fixed: []coverage.FixedLine{{ID: "L", Path: path(10-50*cm, 0, 10-50*cm, 10)}}}, "A to B, A changed"},
		"between files only":           {[]orb.Geometry{box(0, 0, 10, 10), box(10, 0, 20, 10), box(0, 10-50*cm, 10, 20)}, coverage.ReconcileParameters{ToleranceM: 1, AcrossFiles: true}, "C to A, C changed"},
		"between files only, one file": {[]orb.Geometry{box(0, 0, 10, 10), box(10-50*cm, 0, 20, 10)}, coverage.ReconcileParameters{ToleranceM: 1, AcrossFiles: true}, "overlap AB left"},
		"an area that crosses itself":  {[]orb.Geometry{box(0, 0, 10, 10), orb.Polygon{ringOf(10-50*cm, 0, 20, 0, 10-50*cm, 10, 20, 10, 10-50*cm, 0)}}, coverage.ReconcileParameters{ToleranceM: 1}, "gap AB left, gap AB left, overlap AB left, A changed"},
		"an island beside its hole":    {[]orb.Geometry{orb.Polygon{boxRing(0, 0, 10, 10), boxRing(4, 4, 6, 6)}, box(4-30*cm, 4, 6, 6+30*cm)}, coverage.ReconcileParameters{ToleranceM: 1}, "A to B, A changed, B changed"},
		"a corner short of two others": {[]orb.Geometry{box(0, 0, 10, 10), box(10, 0, 20, 10), orb.Polygon{ringOf(0, 10, 10, 10+60*cm, 20, 10, 20, 20, 0, 20, 0, 10)}}, coverage.ReconcileParameters{ToleranceM: 1}, "nobody to C, nobody to C, C changed"},
	} {
		t.Run(name, func(t *testing.T) {
			features := areaFeatures(c.shapes...)
			for i := range features {
				features[i].File = min(i, 1) // A alone, against all others
				if strings.HasPrefix(name, "between files only") {
					features[i].File = i / 2
				}
			}
			out, r := reconcile(t, features, c.p)
			var got []string
			for _, p := range r.Pairs {
				for _, x := range p.Exchanges {
					from := x.From
					if from == "" {
						from = "nobody"
					}
					got = append(got, from+" to "+x.To)
				}
			}
			for _, f := range r.Left {
				got = append(got, f.Code+" "+strings.Join(f.Features, "")+" left")
			}
			for i := range out {
				if !reflect.DeepEqual(out[i], features[i]) {
					got = append(got, out[i].ID+" changed")
				}
			}
			if joined := strings.Join(got, ", "); joined != c.want {
				t.Errorf("got %q, wanted %q: %+v", joined, c.want, r)
			}
			if len(r.Left) == 0 && name != "a slit too wide" && len(check(t, out).Findings) > 0 {
				t.Errorf("left %+v", check(t, out).Findings)
			}
		})
	}
	for _, wrong := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, _, err := coverage.Reconcile(context.Background(), nil, coverage.ReconcileParameters{ToleranceM: wrong}); err == nil {
			t.Errorf("a tolerance of %g", wrong)
		}
	}
}

// TestReconcileTellsOfFixedLines: what holds is said with its length and where, and so is a fixed line along which no area runs, which
// holds nothing.
func TestReconcileTellsOfFixedLines(t *testing.T) {
	const cm = 1e-4
	features := areaFeatures(box(0, 0, 10, 10), box(10-50*cm, 0, 20, 10))
	fixed := func(id string, xy ...float64) coverage.FixedLine {
		return coverage.FixedLine{ID: id, Name: id + "线", Path: path(xy...)}
	}
	_, r := reconcile(t, features, coverage.ReconcileParameters{ToleranceM: 1, Fixed: []coverage.FixedLine{
		fixed("held", 10-50*cm, 0, 10-50*cm, 10), fixed("apart", 10+20*cm, 0, 10+20*cm, 10), fixed("part", 0, 0, 0, 10, 0, 20), fixed("part", 0, 30, 0, 40),
	}})
	if len(r.Left) > 0 || len(r.Apart) != 2 {
		t.Fatalf("left %+v, apart %+v", r.Left, r.Apart)
	}
	a, p := r.Apart[0], r.Apart[1]
	if a.Features[0] != "apart" || a.Severity != fault.Review || a.Code != "fixed-apart" || !strings.Contains(a.Detail, "apart线") || math.Abs(a.LengthM-geo.LengthM(path(10+20*cm, 0, 10+20*cm, 10))) > 0.01 {
		t.Errorf("nobody runs along it: %+v", a)
	}
	if p.Features[0] != "part" || p.Severity != fault.Warning || math.Abs(p.LengthM-geo.LengthM(path(0, 10, 0, 20))-geo.LengthM(path(0, 30, 0, 40))) > 0.01 {
		t.Errorf("somebody runs along a part: %+v", p)
	}
	pair := pairOf(r, "A", "B")
	moved, stretch := pair.Moved[0], pair.Stretches[0]
	want := geo.LengthM(path(10-50*cm, 0, 10-50*cm, 10))
	if moved.Unit != "A" || math.Abs(moved.HeldM-want) > 0.01 || math.Abs(moved.MaxM-0.5) > 0.02 || stretch.Unit != "A" {
		t.Errorf("moved: %+v", moved)
	}
	for name, got := range map[string]orb.MultiLineString{"after": stretch.After, "held": stretch.Held} {
		if len(got) != 1 || math.Abs(geo.LengthM(got)-want) > 0.01 {
			t.Errorf("%s: %v", name, got)
		}
	}
	if x := 10.0; len(stretch.Before) == 0 || !slices.Contains(stretch.Before[0], path(x, 10)[0]) || slices.Contains(stretch.After[0], path(x, 10)[0]) {
		t.Errorf("before %v, after %v", stretch.Before, stretch.After)
	}
	if _, r = reconcile(t, features, coverage.ReconcileParameters{ToleranceM: 1}); len(r.Apart) > 0 || pairOf(r, "A", "B").Moved[0].HeldM > 0 {
		t.Errorf("without a fixed line: %+v", r)
	}
}

// wobbly is a coverage of n by n cells with bent edges, each area's own vertices moved by up to so many metres at random.
func wobbly(random *rand.Rand, n int, byM float64) []coverage.Feature {
	const perEdge = 6
	base := map[[2]int]orb.Point{}
	for x := 0; x <= n*perEdge; x++ {
		for y := 0; y <= n*perEdge; y++ {
			base[[2]int{x, y}] = orb.Point{106.5 + 0.0004*(float64(x)+0.6*random.Float64()), 29.5 + 0.0004*(float64(y)+0.6*random.Float64())}
		}
	}
	var all []coverage.Feature
	for cx := range n {
		for cy := range n {
			var ring orb.Ring
			add := func(x, y int) {
				p := base[[2]int{cx*perEdge + x, cy*perEdge + y}]
				east, north := geo.MetresPerDegree(p[1])
				angle, far := 2*math.Pi*random.Float64(), byM*math.Sqrt(random.Float64())
				ring = append(ring, orb.Point{p[0] + far*math.Cos(angle)/east, p[1] + far*math.Sin(angle)/north})
			}
			for i := range perEdge {
				add(i, 0)
			}
			for i := range perEdge {
				add(perEdge, i)
			}
			for i := range perEdge {
				add(perEdge-i, perEdge)
			}
			for i := range perEdge {
				add(0, perEdge-i)
			}
			id := fmt.Sprintf("%d-%d", cx, cy)
			all = append(all, coverage.Feature{ID: id, Name: id, File: (cx + cy) % 2, Geometry: orb.Polygon{append(ring, ring[0])}})
		}
	}
	return all
}

// farthestM is how far the vertices of a lie from the outline of b, at most.
func farthestM(a, b orb.Geometry) (most float64) {
	chain, err := geo.NewChain(geo.Outline(geo.Areas(b)))
	if err != nil {
		return math.Inf(1)
	}
	for _, ring := range geo.Outline(geo.Areas(a)) {
		for _, p := range ring {
			_, aside := chain.Project(p)
			most = max(most, math.Abs(aside))
		}
	}
	return most
}

// A coverage of which every area was drawn apart from its neighbours, each vertex off by up to half the tolerance, comes together
// again: nothing is found any more, nothing went farther than the tolerance, every inner edge is shared, and the order of the areas
// does not matter.
func TestReconcileAtRandom(t *testing.T) {
	const toleranceM = 4
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 11))
		features := wobbly(random, 3, toleranceM/2)
		before := slices.Clone(features)
		out, r := reconcile(t, features, coverage.ReconcileParameters{ToleranceM: toleranceM})
		if !reflect.DeepEqual(features, before) {
			t.Fatalf("seed %d: what was given is changed", seed)
		}
		if found := check(t, out).Findings; len(found) > 0 || len(r.Left) > 0 {
			t.Errorf("seed %d: %+v, left %+v", seed, found, r.Left)
		}
		for i := range out {
			if m := max(farthestM(out[i].Geometry, features[i].Geometry), farthestM(features[i].Geometry, out[i].Geometry)); m > toleranceM*1.001 {
				t.Errorf("seed %d: %s went %.2f m", seed, out[i].ID, m)
			}
		}
		mixed := slices.Clone(features)
		random.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		again, second := reconcile(t, mixed, coverage.ReconcileParameters{ToleranceM: toleranceM})
		slices.SortFunc(again, func(a, b coverage.Feature) int { return strings.Compare(a.ID, b.ID) })
		if !reflect.DeepEqual(again, out) || !reflect.DeepEqual(r, second) {
			t.Errorf("seed %d: another order, another outcome", seed)
		}
		once, third := reconcile(t, out, coverage.ReconcileParameters{ToleranceM: toleranceM})
		if !reflect.DeepEqual(once, out) || len(third.Pairs) > 0 {
			t.Errorf("seed %d: done twice it changes again: %+v", seed, third.Pairs)
		}
	}
}

// Areas of one file are the master: not a bit of their edges changes, but where a tripoint of others came to lie on one.
func TestReconcileToAMaster(t *testing.T) {
	for seed := range uint64(25) {
		features := wobbly(rand.New(rand.NewPCG(seed, 12)), 2, 2)
		features[0].File, features[1].File, features[2].File, features[3].File = 1, 0, 0, 0
		fixed := edgesOf(features[0])
		var lines []coverage.FixedLine
		for _, path := range geo.Outline(geo.Areas(features[0].Geometry)) {
			lines = append(lines, coverage.FixedLine{ID: "L", Path: path})
		}
		for name, p := range map[string]coverage.ReconcileParameters{
			"file": {ToleranceM: 4, FixedFiles: map[int]bool{1: true}}, "lines": {ToleranceM: 4, Fixed: lines},
		} {
			out, r := reconcile(t, features, p)
			if found := check(t, out).Findings; len(r.Left) > 0 || len(found) > 0 {
				t.Errorf("seed %d, %s: %+v, left %+v", seed, name, found, r.Left)
			}
			after := edgesOf(out[0])
			got := map[orb.Point]bool{}
			for e := range after {
				got[e[0]] = true
			}
			for e := range fixed {
				if !got[e[0]] {
					t.Errorf("seed %d, %s: a vertex of the master is gone", seed, name)
				}
			}
			if added := len(got) - len(geo.Outline(geo.Areas(features[0].Geometry))[0]) + 1; added > 4 {
				t.Errorf("seed %d, %s: %d vertices more", seed, name, added)
			}
			if m := farthestM(out[0].Geometry, features[0].Geometry); m > 1e-5 {
				t.Errorf("seed %d, %s: the master went %g m", seed, name, m)
			}
		}
	}
}

// The two overlaps of 武隆 with 道真 are those of shared/data/SOURCES.md; 78 counties have nothing else that does not fit.
func TestReconcileRealCounties(t *testing.T) {
	all := append(read(t, 0, counties), read(t, 1, neighbourCounties)...)
	begun := time.Now()
	out, r := reconcile(t, all, coverage.ReconcileParameters{ToleranceM: 0.1})
	t.Logf("78 counties in %v: %d changed, %d pairs, %d left", time.Since(begun).Round(time.Millisecond), r.Changed, len(r.Pairs), len(r.Left))
	if found := check(t, out).Findings; len(found) > 0 {
		t.Errorf("found %+v", found)
	}
	moved := map[string]float64{}
	for _, p := range r.Pairs {
		for _, x := range p.Exchanges {
			moved[p.A+p.B] += x.AreaM2
		}
	}
	if !slices.Equal(slices.Collect(maps.Keys(moved)), []string{"500156520325"}) || math.Abs(moved["500156520325"]-21) > 1 {
		t.Errorf("exchanged %v", moved)
	}
	p := pairOf(r, "500156", "520325")
	if len(r.Left) > 0 || r.Changed != 1 || len(p.Moved) != 1 || math.Abs(p.Moved[0].LengthM-1498) > 1 || p.Moved[0].MaxM > 0.03 || math.Abs(p.SharedAfterM-p.SharedBeforeM-1498) > 1 {
		t.Errorf("left %+v, %+v", r.Left, p)
	}
}
