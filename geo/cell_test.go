package geo_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"fangyu/geo"
)

// TestContiguous counts cells of 0.01° at 29.50–29.51° N: 0.967 km by 1.1085 km each.
func TestContiguous(t *testing.T) {
	cell := func(east, north int) geo.Cell {
		return geo.CellOf(orb.Point{106.505 + float64(east)/100, 29.505 + float64(north)/100})
	}
	one := cell(0, 0).AreaKm2()
	if math.Abs(one-1.0746) > 0.002 {
		t.Fatalf("a cell has %v km²", one)
	}
	row := func(n int) (cells []geo.Cell) {
		for i := range n {
			cells = append(cells, cell(i, 0))
		}
		return cells
	}
	for name, c := range map[string]struct {
		before, added []geo.Cell
		cells         float64
	}{
		"nothing":                       {nil, nil, 0},
		"what was there does not count": {row(9), nil, 0},
		"one":                           {nil, row(1), 1},
		"twice the same":                {row(1), row(1), 1},
		"a row":                         {nil, row(5), 5},
		"grown onto what was there":     {row(4), []geo.Cell{cell(4, 0)}, 5},
		"over a corner":                 {row(4), []geo.Cell{cell(4, 1)}, 5},
		"apart":                         {row(4), []geo.Cell{cell(5, 0)}, 1},
		"a bridge":                      {append(row(3), cell(4, 0), cell(5, 0)), []geo.Cell{cell(3, 1)}, 6},
		"the larger of two":             {nil, append(row(2), cell(7, 0)), 2},
	} {
		if got := geo.Contiguous(c.before, c.added); math.Abs(got-c.cells*one) > 0.01 {
			t.Errorf("%s: %v km², wanted %v cells", name, got, c.cells)
		}
	}
	west, east := geo.CellOf(orb.Point{-179.995, 0.005}), geo.CellOf(orb.Point{179.995, 0.005})
	if got := geo.Contiguous([]geo.Cell{west}, []geo.Cell{east}); got < 2*one {
		t.Errorf("over the date line: %v km²", got)
	}
}

// TestContiguousGrows: more cells are never less area, in whatever order they were added.
func TestContiguousGrows(t *testing.T) {
	cells := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) geo.Cell {
		return geo.CellOf(orb.Point{106 + float64(rapid.IntRange(0, 12).Draw(t, "east"))/100 + 0.005, 29.005 + float64(rapid.IntRange(0, 12).Draw(t, "north"))/100})
	}), 1, 60)
	rapid.Check(t, func(t *rapid.T) {
		a, b := cells.Draw(t, "before"), cells.Draw(t, "added")
		both := geo.Contiguous(a, b)
		if alone := geo.Contiguous(nil, b); both < alone-1e-9 {
			t.Fatalf("%v alone, %v with more", alone, both)
		}
		if all := geo.Contiguous(nil, append(append([]geo.Cell{}, a...), b...)); both > all+1e-9 {
			t.Fatalf("%v is more than %v of all", both, all)
		}
		for _, c := range b {
			if !c.Bound().Contains(c.Bound().Center()) || geo.CellOf(c.Bound().Center()) != c {
				t.Fatalf("cell %d does not hold its own centre", c)
			}
		}
	})
}

func TestRoundDegrees(t *testing.T) {
	p := orb.Point{106.537193719, -29.5619431}
	for decimals, want := range map[int]orb.Point{0: {107, -30}, 2: {106.54, -29.56}, 4: {106.5372, -29.5619}, 8: {106.53719372, -29.5619431}} {
		if got := geo.RoundDegrees(p, decimals); got != want {
			t.Errorf("%d decimals: %v, wanted %v", decimals, got, want)
		}
		// What is told besides is no finer than the position.
		if north := geo.DistanceM(orb.Point{0, 45}, orb.Point{0, 45 + math.Pow10(-decimals)}); geo.StepM(decimals) < north {
			t.Errorf("%d decimals: a step of %v m in a grid of %v m", decimals, geo.StepM(decimals), north)
		}
	}
	if got := geo.RoundTo(5432.1, 200); got != 5400 {
		t.Errorf("rounded to %v", got)
	}
}
