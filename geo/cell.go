package geo

import (
	"math"

	"github.com/paulmach/orb"
)

// Cell is a cell of the grid by which an area is counted: 0.01° by 0.01°, about a square kilometre in our latitudes. It is
// the number of its row from the south pole, times cellsAround, plus its column from 180° west.
type Cell int64

const (
	cellsAround = 36_000
	cellRows    = 18_000
)

// CellOf is the cell a position lies in; an edge belongs to the cell north and east of it.
func CellOf(p orb.Point) Cell {
	column := int64(math.Floor((p[0] + 180) * 100))
	row := min(max(int64(math.Floor((p[1]+90)*100)), 0), cellRows-1)
	return cellAt(row, column)
}

// cellAt is the cell of a row and a column, which runs on around the earth.
func cellAt(row, column int64) Cell {
	return Cell(row*cellsAround + (column%cellsAround+cellsAround)%cellsAround)
}

// Bound is the box of the cell.
func (c Cell) Bound() orb.Bound {
	row, column := int64(c)/cellsAround, int64(c)%cellsAround
	return orb.Bound{
		Min: orb.Point{float64(column)/100 - 180, float64(row)/100 - 90},
		Max: orb.Point{float64(column+1)/100 - 180, float64(row+1)/100 - 90},
	}
}

// AreaKm2 is the area of the cell on the ellipsoid.
func (c Cell) AreaKm2() float64 { return AreaM2(c.Bound().ToPolygon()) / 1e6 }

// Cells are the cells that the box of a geometry touches, each once; none for nil.
func Cells(g orb.Geometry) []Cell {
	if g == nil {
		return nil
	}
	b := g.Bound()
	first, last := CellOf(b.Min), CellOf(b.Max)
	var cells []Cell
	for row := int64(first) / cellsAround; row <= int64(last)/cellsAround; row++ {
		for column := int64(first) % cellsAround; column <= int64(last)%cellsAround; column++ {
			cells = append(cells, cellAt(row, column))
		}
	}
	return cells
}

// neighbours are the cells that share an edge or a corner with the cell.
func (c Cell) neighbours() []Cell {
	row, column := int64(c)/cellsAround, int64(c)%cellsAround
	out := make([]Cell, 0, 8)
	for dr := int64(-1); dr <= 1; dr++ {
		for dc := int64(-1); dc <= 1; dc++ {
			if r := row + dr; (dr != 0 || dc != 0) && r >= 0 && r < cellRows {
				out = append(out, cellAt(r, column+dc))
			}
		}
	}
	return out
}

// Contiguous is the area in km² of the largest connected part of all cells that holds one of the cells added; what was
// there before and is far from these does not count. Cells that touch at a corner are connected.
func Contiguous(before, added []Cell) float64 {
	left := make(map[Cell]bool, len(before)+len(added))
	for _, cells := range [][]Cell{before, added} {
		for _, c := range cells {
			left[c] = true
		}
	}
	largest := 0.0
	for _, c := range added {
		if left[c] {
			largest = max(largest, takePart(left, c))
		}
	}
	return largest
}

// takePart takes the connected part that holds a cell out of those that are left, and returns its area in km².
func takePart(left map[Cell]bool, from Cell) (areaKm2 float64) {
	delete(left, from)
	for todo := []Cell{from}; len(todo) > 0; {
		c := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		areaKm2 += c.AreaKm2()
		for _, n := range c.neighbours() {
			if left[n] {
				delete(left, n)
				todo = append(todo, n)
			}
		}
	}
	return areaKm2
}
