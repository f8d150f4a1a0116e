package geo_test

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"fangyu/geo"
)

// cell is a box of 0.01° in a grid around Chongqing, as an area.
func cell(x0, y0, x1, y1 float64) orb.MultiPolygon {
	at := func(x, y float64) orb.Point { return orb.Point{106 + x/100, 29 + y/100} }
	return orb.MultiPolygon{{{at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1), at(x0, y0)}}}
}

func TestTilingFindsWhatIsMissingAndWhatIsTwice(t *testing.T) {
	whole := orb.MultiPolygon{{{{106, 29}, {106.01, 29}, {106.02, 29}, {106.02, 29.01}, {106.01, 29.01}, {106, 29.01}, {106, 29}}}}
	frame := orb.MultiPolygon{{cell(0, 0, 3, 3)[0][0], cell(1, 1, 2, 2)[0][0]}} // with a hole in its middle
	round := orb.MultiPolygon{{make(orb.Ring, 101)}}                            // of a hundred vertices
	for i := range round[0][0] {
		sin, cos := math.Sincos(2 * math.Pi * float64(i%100) / 100)
		round[0][0][i] = orb.Point{106 + cos/10, 29 + sin/10}
	}
	from := round[0][0][0]
	wedge := orb.MultiPolygon{{{from, {106.2, 29}, {106.09, 29.01}, from}}} // outside, and at its tip inside as well
	one := geo.AreaM2(cell(0, 0, 1, 1))
	// A degree of longitude is some 97.4 km at 29° N, so 0.00002° are 1.95 m.
	for name, c := range map[string]struct {
		whole      orb.MultiPolygon
		areas      []orb.MultiPolygon
		wantM2     float64 // 0: nothing is found
		wantAreas  int
		toleranceM float64
	}{
		"all there":                            {whole, []orb.MultiPolygon{cell(0, 0, 1, 1), cell(1, 0, 2, 1)}, 0, 0, 2},
		"one is missing":                       {whole, []orb.MultiPolygon{cell(0, 0, 1, 1)}, -one, 1, 2},
		"one reaches into its neighbour":       {whole, []orb.MultiPolygon{cell(0, 0, 1.1, 1), cell(1, 0, 2, 1)}, one / 10, 2, 2},
		"one falls short":                      {whole, []orb.MultiPolygon{cell(0, 0, 0.9, 1), cell(1, 0, 2, 1)}, -one / 10, 2, 2},
		"short, but within the tolerance":      {whole, []orb.MultiPolygon{cell(0, 0, 0.998, 1), cell(1, 0, 2, 1)}, 0, 0, 2},
		"short, just beyond":                   {whole, []orb.MultiPolygon{cell(0, 0, 0.997, 1), cell(1, 0, 2, 1)}, -one * 0.003, 2, 2},
		"without a whole: an overlap":          {nil, []orb.MultiPolygon{frame, cell(0.9, 0.9, 2, 2)}, 0.21 * one, 2, 2},
		"without a whole: a hole":              {nil, []orb.MultiPolygon{frame}, -one, 1, 2},
		"without a whole: at the outer border": {nil, []orb.MultiPolygon{round, wedge}, 0, 0, 2},
		"without a whole: it is filled":        {nil, []orb.MultiPolygon{frame, cell(1, 1, 2, 2)}, 0, 0, 2},
	} {
		t.Run(name, func(t *testing.T) {
			found := geo.Tiling(c.whole, c.areas, c.toleranceM)
			if c.wantM2 == 0 {
				if len(found) > 0 {
					t.Fatalf("got %+v", found)
				}
				return
			}
			if len(found) != 1 || len(found[0].Areas) != c.wantAreas || math.Abs(found[0].AreaM2-c.wantM2) > math.Abs(c.wantM2)/50 {
				t.Fatalf("got %+v, wanted %.0f m² between %d areas", found, c.wantM2, c.wantAreas)
			}
		})
	}
}

// TestTilingOfAnyPattern tiles a grid at random, leaves some cells out, covers some twice, and holds the sum of what is
// found against a count of cells.
func TestTilingOfAnyPattern(t *testing.T) {
	const n = 6
	rapid.Check(t, func(t *rapid.T) {
		areas := make([]orb.MultiPolygon, rapid.IntRange(1, 4).Draw(t, "areas"))
		sum := 0.0
		for x := range n {
			for y := range n {
				m2 := geo.AreaM2(gridCell(x, y))
				switch owner := rapid.IntRange(-1, len(areas)).Draw(t, "owner"); owner {
				case -1: // nobody's
					sum -= m2
				case len(areas): // everybody's
					for i := range areas {
						areas[i] = append(areas[i], gridCell(x, y)...)
						sum += m2
					}
					sum -= m2
				default:
					areas[owner] = append(areas[owner], gridCell(x, y)...)
				}
			}
		}
		var whole orb.MultiPolygon
		for x := range n {
			for y := range n {
				whole = append(whole, gridCell(x, y)...)
			}
		}
		found := 0.0
		for _, m := range geo.Tiling(whole, areas, 1) {
			found += m.AreaM2
		}
		if math.Abs(found-sum) > 1 {
			t.Fatalf("found %.0f m², counted %.0f m²", found, sum)
		}
	})
}

func gridCell(x, y int) orb.MultiPolygon {
	return cell(float64(x), float64(y), float64(x+1), float64(y+1))
}
