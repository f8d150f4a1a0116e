package boundary

import (
	"math"
	"strings"
)

// spot is a place on the paper: x to the right, y down.
type spot struct{ x, y float64 }

// area is a rectangle on the paper.
type area struct{ x, y, w, h float64 }

func (a area) meets(b area) bool {
	return a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h
}

func (a area) grown(by float64) area { return area{a.x - by, a.y - by, a.w + 2*by, a.h + 2*by} }

func (a area) holds(p spot) bool { return a.x <= p.x && p.x <= a.x+a.w && a.y <= p.y && p.y <= a.y+a.h }

func (a area) middle() spot { return spot{a.x + a.w/2, a.y + a.h/2} }

// crossed reports whether the way from p to q passes through the area (Liang and Barsky).
func (a area) crossed(p, q spot) bool {
	from, to := 0.0, 1.0
	dx, dy := q.x-p.x, q.y-p.y
	for _, side := range [4][2]float64{{-dx, p.x - a.x}, {dx, a.x + a.w - p.x}, {-dy, p.y - a.y}, {dy, a.y + a.h - p.y}} {
		switch {
		case side[0] == 0 && side[1] < 0:
			return false
		case side[0] < 0:
			from = math.Max(from, side[1]/side[0])
		case side[0] > 0:
			to = math.Min(to, side[1]/side[0])
		}
	}
	return from <= to
}

// label is a text to be placed beside what it names.
type label struct {
	lines  []string
	of     spot
	radius float64 // of the symbol
	bold   bool
}

func (l label) size() (w, h float64) {
	for _, line := range l.lines {
		w = math.Max(w, textWidth(line))
	}
	return w, float64(len(l.lines)) * sketchLine
}

// textWidth estimates the width of a text on the generous side.
func textWidth(text string) float64 {
	w := 0.0
	for _, r := range text {
		w += runeWidth(r)
	}
	return w
}

// runeWidth: a Chinese character is as wide as high, others 0.58 of it.
func runeWidth(r rune) float64 {
	if r < 0x2000 {
		return 0.58 * sketchText
	}
	return sketchText
}

// wrap breaks a name into at most three lines of much the same width, none much wider than most units; Latin words and
// numbers stay whole where they can. What does not fit ends with ….
func wrap(name string, most float64) []string {
	count := math.Min(math.Ceil(textWidth(name)/most), 3)
	if count < 2 {
		return []string{name}
	}
	most = math.Max(textWidth(name)/count, most/2) + 2.5*sketchText
	var lines []string
	line := ""
	for _, piece := range pieces(name) {
		switch {
		case line == "" || textWidth(line+piece) <= most:
			line += piece
		case len(lines) < 2:
			lines, line = append(lines, strings.TrimSpace(line)), strings.TrimLeft(piece, " ")
		default:
			return append(lines, line+"…")
		}
	}
	return append(lines, strings.TrimSpace(line))
}

// pieces are what may be parted by the end of a line: single Chinese characters and Latin words of up to ten letters.
func pieces(text string) []string {
	var out []string
	for _, r := range text {
		last := len(out) - 1
		if r > ' ' && r < 0x2000 && last >= 0 && len(out[last]) < 10 && out[last][0] > ' ' && out[last][0] < 0x80 {
			out[last] += string(r)
			continue
		}
		out = append(out, string(r))
	}
	return out
}

// placeLabels puts each label at the nearest free place: never over another, over a symbol, the arrow or the bar, and over as
// few lines as can be. A thin line leads to what it names where it does not stand beside it.
func (d *drawing) placeLabels() {
	boxes := make([]area, len(d.labels))
	for i, l := range d.labels {
		boxes[i] = d.best(l)
		d.taken = append(d.taken, boxes[i])
		if from, to, long := l.leader(boxes[i]); long {
			d.leaders = append(d.leaders, [2]spot{from, to})
			d.stroke(from, to, 1.5, "")
		}
	}
	for i, l := range d.labels {
		box := boxes[i]
		d.printf("<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" fill=\"#fff\"/>\n", num(box.x), num(box.y), num(box.w), num(box.h))
		for k, line := range l.lines {
			d.text(box.middle().x, box.y+sketchLine*float64(k+1)-7, "middle", l.bold, line)
		}
	}
}

// leader is the way from the edge of the symbol to the nearest place of the label, and whether it wants drawing.
func (l label) leader(box area) (from, to spot, long bool) {
	to = spot{math.Min(math.Max(l.of.x, box.x), box.x+box.w), math.Min(math.Max(l.of.y, box.y), box.y+box.h)}
	dx, dy := to.x-l.of.x, to.y-l.of.y
	m := math.Hypot(dx, dy)
	if m <= l.radius {
		return to, to, false
	}
	return spot{l.of.x + l.radius/m*dx, l.of.y + l.radius/m*dy}, to, m > l.radius+24
}

// best looks through all places of the paper for a label.
func (d *drawing) best(l label) area {
	w, h := l.size()
	best, least := area{}, math.Inf(1)
	for x := 12.0; x+w <= sketchWidth-12; x += 8 {
		for y := 12.0; y+h <= 788; y += 8 {
			if c := d.cost(l, area{x, y, w, h}, least); c < least {
				best, least = area{x, y, w, h}, c
			}
		}
	}
	return best
}

// The cost of a place in units of distance.
const (
	costOver    = 1e6  // over something that must stay readable
	costLeader  = 3000 // its leading line runs through another label or symbol, or it stands on one
	costCrossed = 200  // over a line, or its leading line over one
)

// cost is how bad a place is for a label; it may stop counting beyond enough.
func (d *drawing) cost(l label, a area, enough float64) float64 {
	from, to, long := l.leader(a)
	c := math.Hypot(to.x-from.x, to.y-from.y) + 0.2*math.Hypot(a.middle().x-l.of.x, a.middle().y-l.of.y)
	if c >= enough {
		return c
	}
	for _, t := range d.taken {
		if t.grown(3).meets(a) {
			c += costOver
		}
		if c >= enough {
			return c
		}
		if long && t.crossed(from, to) && !t.holds(l.of) {
			c += costLeader
		}
	}
	for _, way := range d.ways {
		if a.crossed(way[0], way[1]) || long && cross(from, to, way[0], way[1]) {
			c += costCrossed
		}
	}
	for _, leader := range d.leaders {
		if a.crossed(leader[0], leader[1]) || long && cross(from, to, leader[0], leader[1]) {
			c += costLeader
		}
	}
	return c
}

// cross reports whether two ways cross within both.
func cross(a, b, c, e spot) bool {
	side := func(p, q, r spot) bool { return (q.x-p.x)*(r.y-p.y) > (q.y-p.y)*(r.x-p.x) }
	return side(a, b, c) != side(a, b, e) && side(c, e, a) != side(c, e, b)
}
