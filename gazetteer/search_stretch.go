package gazetteer

import (
	"math/bits"
	"slices"
)

// stretch is a run of the names in the order of a text, to be walked in the order of rank.
type stretch struct {
	of *beginnings
	at span
}

func (s stretch) len() int { return s.at.len() }

// fewRanked is up to how many numbers of a stretch are sorted rather than drawn one by one.
const fewRanked = 64

// walk draws the lowest number of the stretch, then the lowest of what lies on either side of it, and so on: the first ten
// of a hundred thousand cost no more than the first ten of a hundred. Where only some of the numbers are asked for, drawing
// would pass by all before them, so those are gathered and sorted.
func (s stretch) walk(within span, yield func(int32) bool) {
	order := s.of.order
	if s.len() <= fewRanked || within.from > 0 || int(within.to) < len(order) {
		var some []int32
		for _, i := range order[s.at.from:s.at.to] {
			if within.from <= i && i < within.to {
				some = append(some, i)
			}
		}
		slices.Sort(some)
		ranked(some).walk(within, yield)
		return
	}
	open := parts{s.of.lowest.part(order, s.at)}
	for len(open) > 0 {
		p := open.pop()
		if !yield(p.number) {
			return
		}
		for _, side := range [...]span{{p.in.from, p.at}, {p.at + 1, p.in.to}} {
			if side.len() > 0 {
				open.push(s.of.lowest.part(order, side))
			}
		}
	}
}

// part is a run and the lowest number in it, with its place.
type part struct {
	number, at int32
	in         span
}

// parts is a heap, the part with the lowest number on top.
type parts []part

func (h *parts) push(p part) {
	*h = append(*h, p)
	q := *h
	for i := len(q) - 1; i > 0; {
		up := (i - 1) / 2
		if q[up].number <= q[i].number {
			return
		}
		q[up], q[i] = q[i], q[up]
		i = up
	}
}

func (h *parts) pop() part {
	q := *h
	top, last := q[0], len(q)-1
	q[0] = q[last]
	q = q[:last]
	*h = q
	for i := 0; ; {
		low := i
		for _, below := range [...]int{2*i + 1, 2*i + 2} {
			if below < len(q) && q[below].number < q[low].number {
				low = below
			}
		}
		if low == i {
			return top
		}
		q[i], q[low] = q[low], q[i]
		i = low
	}
}

// lowest tells the lowest number of any run of a row of numbers without looking at all of them: for blocks of the row, the
// place of the lowest in 1, 2, 4 … blocks from there on (a sparse table, Bender and Farach-Colton, LATIN 2000).
type lowest [][]int32

const lowestBlock = 32

func newLowest(order []int32) lowest {
	blocks := (len(order) + lowestBlock - 1) / lowestBlock
	first := make([]int32, blocks)
	for b := range first {
		first[b] = lowestIn(order, b*lowestBlock, min((b+1)*lowestBlock, len(order)))
	}
	table := lowest{first}
	for width := 1; 2*width <= blocks; width *= 2 {
		below := table[len(table)-1]
		row := make([]int32, blocks-2*width+1)
		for b := range row {
			row[b] = lower(order, below[b], below[b+width])
		}
		table = append(table, row)
	}
	return table
}

// lowestIn is the place of the lowest number from one place to before another, which lies behind it.
func lowestIn(order []int32, from, to int) int32 {
	at := from
	for i := from + 1; i < to; i++ {
		if order[i] < order[at] {
			at = i
		}
	}
	return int32(at)
}

func lower(order []int32, a, b int32) int32 {
	if order[b] < order[a] {
		return b
	}
	return a
}

// part is the run with its lowest number; the run is not empty.
func (l lowest) part(order []int32, in span) part {
	from, to := int(in.from), int(in.to)
	first, last := (from+lowestBlock-1)/lowestBlock, to/lowestBlock // whole blocks
	var at int32
	if first >= last {
		at = lowestIn(order, from, to)
	} else {
		level := bits.Len(uint(last-first)) - 1
		at = lower(order, l[level][first], l[level][last-1<<level])
		if from < first*lowestBlock {
			at = lower(order, at, lowestIn(order, from, first*lowestBlock))
		}
		if last*lowestBlock < to {
			at = lower(order, at, lowestIn(order, last*lowestBlock, to))
		}
	}
	return part{order[at], at, in}
}
