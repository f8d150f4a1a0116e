package boundary

import (
	"cmp"
	"math"
	"slices"
	"time"

	"fangyu/geo"
	"fangyu/geo/track"
)

// sweep follows one track along the cells of a line. At every node of the track, some half a tolerance apart, it knows
// the places on the line that are near; of all ways to choose one at each node it takes the likeliest: near, and moving
// along the line no further than the track moved. So a track beside a meander is on one limb at a time.
type sweep struct {
	cells *cells
	t     *matchTrack
	nodes []node
	cands []candidate // of all nodes, one after the other
	near  []int32     // scratch
}

// node is a point of a run with the places of the line near it.
type node struct {
	point      int     // index into the run
	movedM     float64 // along the track since the node before
	from, to   int     // its candidates
	chosen     int     // of them; -1 where there are none
	continuous bool    // one can have come here from the place chosen before
}

// candidate is a place on the line near a node.
type candidate struct {
	atM   float64 // chainage
	farM  float64 // distance
	cost  float64 // of the cheapest way to it
	back  int     // candidate of the node before, -1 at a start
	joint bool    // that way is continuous
}

// The weights of the likeliest way. Off the line by k tolerances costs k², at most maxFar; leaping from one limb to
// another costs more than any single node can gain by it.
const (
	maxFar   = 16
	leapCost = 25
)

// follow notes everything that a run of a track, without gaps, tells of the line.
func (s *sweep) follow(run []track.Place) {
	s.setNodes(run)
	s.choose()
	var pass passing
	for k := 1; k < len(s.nodes); k++ {
		a, b := &s.nodes[k-1], &s.nodes[k]
		if a.chosen < 0 || b.chosen < 0 || !b.continuous {
			s.endPass(&pass)
			continue
		}
		from, to := s.cands[a.chosen], s.cands[b.chosen]
		s.cells.cover(run[a.point:b.point+1], from.atM, to.atM, s.t)
		tol := s.cells.toleranceAt(from.atM, s.t)
		if from.farM > tol || to.farM > tol {
			s.endPass(&pass)
			continue
		}
		s.t.station(from, to, run[a.point].Time, run[b.point].Time)
		s.extendPass(&pass, from.atM, to.atM, run[a.point].Time, run[b.point].Time)
	}
	s.endPass(&pass)
}

// setNodes takes the ends of the run and every point that is far enough from the node before.
func (s *sweep) setNodes(run []track.Place) {
	s.nodes, s.cands = s.nodes[:0], s.cands[:0]
	step := math.Max(1, s.t.toleranceM/2)
	moved, direct := 0.0, 0.0
	var here geo.Local
	for i := range run {
		if i > 0 {
			moved += here.DistanceM(run[i-1].LonLat(), run[i].LonLat())
			direct = here.DistanceM(run[s.nodes[len(s.nodes)-1].point].LonLat(), run[i].LonLat())
		}
		if i > 0 && i < len(run)-1 && direct < step {
			continue
		}
		n := node{point: i, movedM: moved, from: len(s.cands), chosen: -1}
		s.cands, s.near = s.cells.places(run[i].LonLat(), s.cands, s.near)
		n.to = len(s.cands)
		s.nodes = append(s.nodes, n)
		moved = 0
	}
}

// choose finds the cheapest way through the candidates of every stretch of nodes that have some.
func (s *sweep) choose() {
	for k := range s.nodes {
		n := &s.nodes[k]
		for j := n.from; j < n.to; j++ {
			s.reach(k, j)
		}
	}
	for k := len(s.nodes) - 1; k >= 0; k-- {
		n := &s.nodes[k]
		if n.to == n.from {
			continue
		}
		if k+1 < len(s.nodes) {
			if next := &s.nodes[k+1]; next.chosen >= 0 && s.cands[next.chosen].back >= 0 {
				n.chosen = s.cands[next.chosen].back
				next.continuous = s.cands[next.chosen].joint
				continue
			}
		}
		n.chosen = n.from
		for j := n.from + 1; j < n.to; j++ {
			if s.cands[j].cost < s.cands[n.chosen].cost {
				n.chosen = j
			}
		}
	}
}

// reach finds the cheapest way to candidate j of node k.
func (s *sweep) reach(k, j int) {
	c := &s.cands[j]
	c.back = -1
	tol := s.cells.toleranceAt(c.atM, s.t)
	far := math.Min(c.farM*c.farM/(tol*tol), maxFar) + c.farM/s.cells.reachM
	best := 0.0
	if k > 0 {
		before, moved := &s.nodes[k-1], s.nodes[k].movedM
		for i := before.from; i < before.to; i++ {
			along := math.Abs(c.atM - s.cands[i].atM)
			cost, joint := s.cands[i].cost+leapCost, false
			if along <= 2*moved+2*tol {
				ahead := math.Max(0, along-moved) / tol
				cost, joint = s.cands[i].cost+ahead*ahead/2, true
			}
			if c.back < 0 || cost < best {
				best, c.back, c.joint = cost, i, joint
			}
		}
	}
	c.cost = best + far
}

// Pass is a walk along the line without turning back: who was where when. FromM is where it began; it is larger than ToM
// where the walk went against the direction of the line.
type Pass struct {
	File      string     `json:"file"`
	FromM     float64    `json:"fromM"`
	ToM       float64    `json:"toM"`
	StartedAt *time.Time `json:"startedAt"` // null where the track has no times
	EndedAt   *time.Time `json:"endedAt"`
}

// lengthM is how much of the line it passed, in metres.
func (p Pass) lengthM() float64 { return math.Abs(p.ToM - p.FromM) }

// mostPasses is how many passes are told of one track: a line is walked in some dozens, and only what jumps to and fro has
// more than can be told.
const mostPasses = 1000

// longestPasses leaves out the shortest passes where there are too many.
func longestPasses(passes []Pass) []Pass {
	if len(passes) <= mostPasses {
		return passes
	}
	order := make([]int, len(passes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(passes[b].lengthM(), passes[a].lengthM()) })
	kept := make([]Pass, 0, mostPasses)
	for _, i := range slices.Sorted(slices.Values(order[:mostPasses])) {
		kept = append(kept, passes[i])
	}
	return kept
}

// passing is a pass under way.
type passing struct {
	on              bool
	fromM, extremeM float64 // where it began, the furthest it came
	forward         float64 // +1, -1; 0 while it is not known
	started, ended  time.Time
}

// extendPass takes a pass on from one chainage to the next. One that comes back by three tolerances has turned.
func (s *sweep) extendPass(p *passing, fromM, toM float64, started, ended time.Time) {
	if !p.on {
		*p = passing{on: true, fromM: fromM, extremeM: fromM, started: started, ended: started}
	}
	turn := s.cells.p.MinRunFactor * s.t.toleranceM
	switch {
	case p.forward == 0:
		if math.Abs(toM-p.fromM) > math.Abs(p.extremeM-p.fromM) {
			p.extremeM, p.ended = toM, ended
		}
		if math.Abs(toM-p.fromM) >= turn {
			p.forward = math.Copysign(1, toM-p.fromM)
		}
	case (toM-p.extremeM)*p.forward >= 0:
		p.extremeM, p.ended = toM, ended
	case (p.extremeM-toM)*p.forward >= turn:
		back := passing{on: true, fromM: p.extremeM, extremeM: toM, forward: -p.forward, started: p.ended, ended: ended}
		s.endPass(p)
		*p = back
	}
}

// endPass records a pass that is long enough to be one.
func (s *sweep) endPass(p *passing) {
	if p.on && math.Abs(p.extremeM-p.fromM) >= s.cells.p.MinRunFactor*s.t.toleranceM {
		s.t.passes = append(s.t.passes, Pass{
			File: s.t.File, FromM: round3(p.fromM), ToM: round3(p.extremeM), StartedAt: instant(p.started), EndedAt: instant(p.ended),
		})
	}
	*p = passing{}
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// places appends the places on the line nearest to a position, one for each limb that comes within reach, by chainage.
func (c *cells) places(p [2]float64, out []candidate, near []int32) ([]candidate, []int32) {
	near = near[:0]
	x, y := c.squareOf(p)
	for dx := int32(-1); dx <= 1; dx++ {
		for dy := int32(-1); dy <= 1; dy++ {
			for _, i := range c.grid[square(x+dx, y+dy)] {
				k := &c.list[i]
				east, north := (p[0]-k.middle[0])*k.degreeE, (p[1]-k.middle[1])*k.degreeN
				if r := c.reachM + c.stepM; east*east+north*north <= r*r {
					near = append(near, i)
				}
			}
		}
	}
	slices.Sort(near)
	for a := 0; a < len(near); {
		b := a + 1
		for b < len(near) && near[b] == near[b-1]+1 && !c.breaks[near[b]] {
			b++
		}
		out = c.minima(p, near[a:b], out)
		a = b
	}
	return out, near
}

// minima appends the nearest places on a limb; a limb that bends round the position has several.
func (c *cells) minima(p [2]float64, limb []int32, out []candidate) []candidate {
	first := len(out)
	before, falling := math.Inf(1), true
	var at candidate
	for _, i := range limb {
		now := c.foot(i, p)
		if now.farM > before && falling {
			out = c.keep(at, first, out)
		}
		falling = now.farM <= before
		before, at = now.farM, now
	}
	if falling {
		out = c.keep(at, first, out)
	}
	return out
}

// keep adds a place unless it is out of reach or next to a nearer one.
func (c *cells) keep(at candidate, first int, out []candidate) []candidate {
	if at.farM > c.reachM {
		return out
	}
	if n := len(out); n > first && at.atM-out[n-1].atM < 2*c.stepM {
		if at.farM < out[n-1].farM {
			out[n-1] = at
		}
		return out
	}
	return append(out, at)
}

// foot is the place of cell i nearest to p.
func (c *cells) foot(i int32, p [2]float64) candidate {
	k := &c.list[i]
	east, north := (p[0]-k.middle[0])*k.degreeE, (p[1]-k.middle[1])*k.degreeN
	along := math.Min(c.stepM/2, math.Max(-c.stepM/2, east*k.east+north*k.north))
	return candidate{atM: c.middleM(i) + along, farM: math.Hypot(east-along*k.east, north-along*k.north)}
}
