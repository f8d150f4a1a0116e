package tile

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
	"github.com/paulmach/orb/simplify"

	"fangyu/geo/index"
)

// simplified returns the path by Douglas and Peucker; its ends stay.
func simplified(path orb.LineString, tolerance float64) orb.LineString {
	return simplify.DouglasPeucker(tolerance).LineString(path)
}

// simplifiedRing simplifies both halves of a ring, from its first vertex to the one farthest away and back: a closed path
// simplified at once would be measured against a chord without length.
func simplifiedRing(ring orb.Ring, tolerance float64) orb.Ring {
	far, best := 0, -1.0
	for i, p := range ring {
		dx, dy := p[0]-ring[0][0], p[1]-ring[0][1]
		if d := dx*dx + dy*dy; d > best {
			far, best = i, d
		}
	}
	if far == 0 || far == len(ring)-1 {
		return ring
	}
	there := simplified(slices.Clone(orb.LineString(ring[:far+1])), tolerance)
	back := simplified(slices.Clone(orb.LineString(ring[far:])), tolerance)
	return append(orb.Ring(there), back[1:]...)
}

// placed is a point on the grid.
type placed struct {
	at   orb.Point
	item *index.Item
	rank int
}

// thinning keeps the best point of each cell of a tile, or all where cells is 0.
type thinning struct {
	cells int // across the tile
	cell  map[int]placed
	all   []placed
}

// cellsAcross is how many cells a tile has across at each zoom below 14: a name for every 50 to 100 pixels of a 512-pixel
// tile at first, more where the map is read closely.
var cellsAcross = [14]int{4, 4, 4, 4, 6, 6, 8, 8, 12, 12, 16, 20, 24, 32}

func newThinning(z uint32) *thinning {
	t := &thinning{cell: map[int]placed{}}
	if int(z) < len(cellsAcross) {
		t.cells = cellsAcross[z]
	}
	return t
}

// offer takes a point into account. Of equal ranks the smaller id stays, so that the choice does not depend on order.
func (t *thinning) offer(at orb.Point, it *index.Item) {
	at = rounded(at)
	if !inTile(at) {
		return
	}
	p := placed{at: at, item: it, rank: rankOf(it)}
	if t.cells == 0 {
		t.all = append(t.all, p)
		return
	}
	key := int(at[1])*t.cells/extent*t.cells + int(at[0])*t.cells/extent
	if old, ok := t.cell[key]; !ok || p.compare(old) < 0 {
		t.cell[key] = p
	}
}

func (p placed) compare(q placed) int {
	return cmp.Or(cmp.Compare(p.rank, q.rank), cmp.Compare(p.item.ID, q.item.ID))
}

// best returns the points kept, the best first.
func (t *thinning) best() []placed {
	for _, p := range t.cell {
		t.all = append(t.all, p)
	}
	slices.SortFunc(t.all, placed.compare)
	return t.all
}

// worstRank stands for items without the property "rank".
const worstRank = 9

func rankOf(it *index.Item) int {
	if n, err := strconv.Atoi(it.Text("rank")); err == nil {
		return n
	}
	return worstRank
}

// properties returns the id and the properties wanted. Null is left out; arrays and objects go in as JSON text.
func (l *Layer) properties(it *index.Item) geojson.Properties {
	props := make(geojson.Properties, len(it.Props)+1)
	for i := range it.Props {
		p := &it.Props[i]
		if l.Props != nil && !slices.Contains(l.Props, p.Name) {
			continue
		}
		if v := value(p.JSON); v != nil {
			props[p.Name] = v
		}
	}
	props["id"] = it.ID
	return props
}

// value returns a JSON value as one a tile can hold, nil for null.
func value(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	switch b[0] {
	case 'n':
		return nil
	case 't':
		return true
	case 'f':
		return false
	case '"':
		var s string
		if json.Unmarshal(b, &s) != nil {
			return string(b)
		}
		return s
	case '{', '[':
		return string(b)
	}
	if n, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(string(b), 64); err == nil {
		return f
	}
	return string(b)
}
