package coverage

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// A frame is told by units of which both sides have an area, or by outlines. Distances are metres.
const (
	likeArea    = 0.2  // share by which the areas of a unit may differ for its middles to be compared
	leastShiftM = 1    // that counts between units
	timesNearer = 5    // how much nearer another frame must bring the middles of units
	timesSpread = 3    // how much farther than their spread units must be displaced
	clearlyOffM = 100  // that counts between outlines
	likeFrame   = 0.34 // share by which a displacement may differ from that of a frame to be told for it
)

// hypothesis is how a file may stand to what it is compared with.
type hypothesis struct {
	frame  geo.Frame // "" for none
	theirs bool      // it is the other one that stands in this frame
}

var hypotheses = []hypothesis{{geo.GCJ02, false}, {geo.BD09, false}, {geo.GCJ02, true}, {geo.BD09, true}}

// displacement is how far a file stands from where it should.
type displacement struct {
	hypothesis
	eastM, northM float64
	at            orb.Point
	by            string // what shows it
}

// frames compares each file with the control, where there is one, and files that hold the same divisions with each other.
func (c *check) frames(features []Feature) {
	files := map[int][]*Feature{}
	for i := range features {
		files[features[i].File] = append(files[features[i].File], &features[i])
	}
	var control []*Feature
	for i := range c.Control {
		control = append(control, &c.Control[i])
	}
	order := slices.Sorted(maps.Keys(files))
	for i, file := range order {
		if len(control) > 0 {
			if c.against(file, -1, files[file], control) {
				continue
			}
			c.find("control-unlike", fault.Info, orb.Point{}, measures{}, nil, "%s与控制轮廓没有可比的单位或界线，没有比较坐标系：请换一份覆盖同一地区的控制轮廓", c.fileName(file))
			continue
		}
		for _, other := range order[:i] {
			if versions(files[other], files[file]) {
				c.against(file, other, files[file], files[other])
			}
		}
	}
}

// against compares a file with another one or the control, and reports whether they could be compared.
func (c *check) against(file, other int, features, reference []*Feature) bool {
	d, compared := byUnits(features, reference)
	if !compared {
		d, compared = byOutline(features, reference)
	}
	if d == nil {
		return compared
	}
	name, otherName := c.fileName(file), "控制轮廓"
	if other >= 0 {
		otherName = c.fileName(other)
	}
	if d.theirs {
		name, otherName = otherName, name
	}
	m := math.Hypot(d.eastM, d.northM)
	shift := directions(d.eastM, d.northM)
	f := fmt.Sprintf("%s整体偏移：与%s相比，各处都偏%s（%s）。请向来源核对坐标系和投影参数，更正后再检查", name, otherName, shift, d.by)
	if d.frame != "" {
		f = fmt.Sprintf("%s像是 %s 坐标：与%s相比偏%s，按 %s 换算后就吻合（%s）。请核对来源，确是这样就用 --frame %s 重新检查", name, d.frame, otherName, shift, d.frame, d.by, d.frame)
	}
	c.find("frame-mismatch", fault.Block, d.at, measures{LengthM: m}, nil, "%s", f)
	last := c.last()
	last.EastM, last.NorthM, last.Frame = d.eastM, d.northM, string(d.frame)
	return true
}

func (c *check) fileName(file int) string {
	if file < len(c.Files) {
		return "文件 " + c.Files[file]
	}
	return fmt.Sprintf("第 %d 个文件", file+1)
}

// directions are a displacement in words: 东 12.40 千米、北 14.30 千米.
func directions(eastM, northM float64) string {
	east, north := "东", "北"
	if eastM < 0 {
		east = "西"
	}
	if northM < 0 {
		north = "南"
	}
	return fmt.Sprintf("%s %s、偏%s %s", east, metres(math.Abs(eastM)), north, metres(math.Abs(northM)))
}

// pair is the middle of a unit in a file and in what that is compared with.
type pair struct{ file, reference orb.Point }

// byUnits compares the middles of units that both have, of about the same area; nil where they agree.
func byUnits(features, reference []*Feature) (*displacement, bool) {
	mine, theirs := labelled(features), labelled(reference)
	var pairs []pair
	for _, label := range slices.Sorted(maps.Keys(mine)) {
		a, b := mine[label], theirs[label]
		if len(a) != 1 || len(b) != 1 {
			continue
		}
		p, m2 := middleOf(a[0])
		q, other := middleOf(b[0])
		if math.Abs(m2/other-1) < likeArea {
			pairs = append(pairs, pair{p, q})
		}
	}
	if len(pairs) == 0 {
		return nil, false
	}
	asIs := medianOf(pairs, hypothesis{})
	if asIs < leastShiftM {
		return nil, true
	}
	by := fmt.Sprintf("按 %d 个相同单位的中心", len(pairs))
	best, bestM := hypothesis{}, asIs
	for _, h := range hypotheses {
		if m := medianOf(pairs, h); m < bestM {
			best, bestM = h, m
		}
	}
	d := shiftOf(pairs)
	d.by = by
	if best.frame != "" && timesNearer*bestM <= asIs {
		d.hypothesis = best
		if best.theirs {
			d.eastM, d.northM = -d.eastM, -d.northM
		}
		return &d, true
	}
	if spread := spreadOf(pairs, d); len(pairs) < 3 || math.Hypot(d.eastM, d.northM) <= timesSpread*spread {
		return nil, true
	}
	places := make([]orb.Point, len(pairs))
	for i, p := range pairs {
		places[i] = p.reference
	}
	d.frame = likest(d, places)
	return &d, true
}

// middleOf is the centre of gravity of an area, and the square degrees of it.
func middleOf(f *Feature) (orb.Point, float64) {
	p, m2 := planar.CentroidArea(geo.Areas(f.Geometry))
	return p, math.Abs(m2)
}

// medianOf is how far apart the middles are, in the middle of all, if the file or the other one stands in another frame.
func medianOf(pairs []pair, h hypothesis) float64 {
	var all []float64
	for _, p := range pairs {
		a, b := p.file, p.reference
		if h.frame != "" {
			if h.theirs {
				b, _ = h.frame.ToCGCS2000(b[0], b[1])
			} else {
				a, _ = h.frame.ToCGCS2000(a[0], a[1])
			}
		}
		all = append(all, geo.DistanceM(a, b))
	}
	return median(all)
}

// offsetM is how far a lies east and north of b.
func offsetM(a, b orb.Point) (east, north float64) {
	e, n := geo.MetresPerDegree((a[1] + b[1]) / 2)
	return (a[0] - b[0]) * e, (a[1] - b[1]) * n
}

// shiftOf is the displacement in the middle of all.
func shiftOf(pairs []pair) displacement {
	var east, north []float64
	for _, p := range pairs {
		e, n := offsetM(p.file, p.reference)
		east, north = append(east, e), append(north, n)
	}
	return displacement{eastM: median(east), northM: median(north), at: pairs[len(pairs)/2].file}
}

// spreadOf is how far displacements differ from the one in the middle, in the middle of all.
func spreadOf(pairs []pair, d displacement) float64 {
	var all []float64
	for _, p := range pairs {
		e, n := offsetM(p.file, p.reference)
		all = append(all, math.Hypot(e-d.eastM, n-d.northM))
	}
	return median(all)
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// byOutline compares outlines: by how much those of the file must be moved to lie on those of the reference; nil where they
// agree.
func byOutline(features, reference []*Feature) (*displacement, bool) {
	o := newOutlines(features, reference)
	if len(o.control) < leastControl {
		return nil, false
	}
	east, north, residualM, matched := o.register()
	if matched < leastControl {
		return nil, false
	}
	d := displacement{eastM: east, northM: north, at: o.control[len(o.control)/2], by: fmt.Sprintf("按轮廓上 %d 处，余差中数 %s", matched, metres(residualM))}
	m := math.Hypot(east, north)
	if d.frame = likest(d, o.control); d.frame != "" || m > clearlyOffM && m > residualM {
		return &d, true
	}
	return nil, true
}

// likest is the frame whose displacement of places is about the given one; "" for none.
func likest(d displacement, places []orb.Point) geo.Frame {
	for _, h := range hypotheses[:2] {
		var eastM, northM float64
		for _, p := range places {
			x, y, err := h.frame.FromCGCS2000(p)
			if err != nil {
				return ""
			}
			e, n := offsetM(orb.Point{x, y}, p)
			eastM, northM = eastM+e/float64(len(places)), northM+n/float64(len(places))
		}
		if math.Hypot(d.eastM-eastM, d.northM-northM) < likeFrame*math.Hypot(eastM, northM) {
			return h.frame
		}
	}
	return ""
}
