package coverage

import (
	"math"
	"math/bits"

	"github.com/paulmach/orb"
)

// vertices numbers distinct positions in the order in which they come: an open table of numbers, no pointers.
type vertices struct {
	points []orb.Point
	slots  []int32 // number + 1; 0 is free
	last   int32   // that was numbered
}

// newVertices has room for about n positions before it must grow.
func newVertices(n int) *vertices {
	return &vertices{points: make([]orb.Point, 0, n), slots: make([]int32, 1<<bits.Len(uint(max(n, 8))*3/2))}
}

// number returns the number of a position, a new one where it has none. Zero and negative zero are one. A ring that runs along a
// known one meets numbers one after the other, mostly falling, and need not look them up.
func (v *vertices) number(p orb.Point) int32 {
	for _, n := range [2]int32{v.last - 1, v.last + 1} {
		if n >= 0 && int(n) < len(v.points) && v.points[n] == p {
			v.last = n
			return n
		}
	}
	if len(v.points)*3/2 >= len(v.slots) {
		v.grow()
	}
	p = orb.Point{p[0] + 0, p[1] + 0}
	i := v.look(p)
	if v.slots[i] == 0 {
		v.points = append(v.points, p)
		v.slots[i] = int32(len(v.points))
	}
	v.last = v.slots[i] - 1
	return v.last
}

// find returns the number of a position, -1 where it has none.
func (v *vertices) find(p orb.Point) int32 { return v.slots[v.look(orb.Point{p[0] + 0, p[1] + 0})] - 1 }

// look returns the slot of a position, or the free one where it belongs.
func (v *vertices) look(p orb.Point) int {
	i := v.slot(p)
	for v.slots[i] != 0 && v.points[v.slots[i]-1] != p {
		i = (i + 1) & (len(v.slots) - 1)
	}
	return i
}

func (v *vertices) slot(p orb.Point) int {
	h := math.Float64bits(p[0])*0x9e3779b97f4a7c15 ^ bits.RotateLeft64(math.Float64bits(p[1])*0xc2b2ae3d27d4eb4f, 31)
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return int(h>>33) & (len(v.slots) - 1)
}

func (v *vertices) grow() {
	v.slots = make([]int32, 2*len(v.slots))
	for n, p := range v.points {
		v.slots[v.look(p)] = int32(n) + 1
	}
}
