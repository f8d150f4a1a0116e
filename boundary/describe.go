package boundary

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// secondDecimals of a second of arc in texts: 0.01″ is 0.3 m.
const secondDecimals = 2

// LonLatText writes a position (CGCS2000) as agreements do: 东经 106°33′00.00″，北纬 29°33′36.00″.
func LonLatText(p orb.Point) string {
	east, north := "东经", "北纬"
	if p[0] < 0 {
		east = "西经"
	}
	if p[1] < 0 {
		north = "南纬"
	}
	return east + " " + geo.FormatDMS(math.Abs(p[0]), secondDecimals) + "，" + north + " " + geo.FormatDMS(math.Abs(p[1]), secondDecimals)
}

// PlaneText writes a position (CGCS2000) on the plane of a zone, X to the north and Y to the east with the zone number
// before it, in metres to the millimetre. Errors as [geo.Frame.FromCGCS2000].
func PlaneText(p orb.Point, z geo.Zone) (string, error) {
	east, north, err := z.Prefixed.FromCGCS2000(p)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("X %.3f，Y %.3f（CGCS2000，%d° 带第 %d 带，中央经线 %v°）", north, east, z.WidthDegrees, z.Number, z.Meridian), nil
}

// MarkerText is what the description of a marker's position is made of. What is empty is left out.
type MarkerText struct {
	Number       MarkerNumber
	Face         string // two-face or three-face
	Material     string // stone, concrete, metal, composite, or in words: 石质
	UnitA, UnitB string // of both sides, from the province down to the village
	Feature      string // what stands or runs there: 石桥
	Side         string // on which side of it: 东侧
	At           orb.Point
	ElevationM   *float64
	HeightDatum  string // "" for 1985 国家高程基准
	Objects      []WitnessObject
}

var (
	faceWords     = map[string]string{"two-face": "双面", "three-face": "三面"}
	materialWords = map[string]string{"stone": "石质", "concrete": "混凝土", "metal": "金属", "composite": "复合材料"}
)

// DescribeMarker describes where a marker stands (界桩位置说明) by the pattern of GB/T 17796: number, placement, form and
// material, both sides, the feature, position and height, and the witness objects with their grid bearings.
func DescribeMarker(m MarkerText) string {
	material := m.Material
	if word := materialWords[material]; word != "" {
		material = word
	}
	text := fmt.Sprintf("%s 界桩为%s%s%s界桩，位于", m.Number.Full(), m.Number.Placement().Label(), faceWords[m.Face], material)
	if m.UnitA != "" && m.UnitB != "" {
		text += m.UnitB + "与" + m.UnitA + "接壤的"
	}
	if m.Feature+m.Side != "" {
		text += m.Feature + m.Side
	} else {
		text += "界线上"
	}
	text += "（" + LonLatText(m.At) + "）"
	if m.ElevationM != nil {
		datum := m.HeightDatum
		if datum == "" {
			datum = "1985 国家高程基准"
		}
		text += fmt.Sprintf("，高程为 %.1f m（%s）", *m.ElevationM, datum)
	}
	return text + "。" + describeObjects(m.Objects)
}

func describeObjects(objects []WitnessObject) string {
	if len(objects) == 0 {
		return ""
	}
	parts := make([]string, len(objects))
	for i, o := range objects {
		parts[i] = fmt.Sprintf("在坐标方位角 %s，距离 %.1f m 处为%s", o.Bearing, o.DistanceM, spaced(o.Name))
	}
	return strings.Join(parts, "；") + "。"
}

// spaced puts a blank before a number or Latin word that follows a Chinese character.
func spaced(text string) string {
	if text != "" && text[0] < 0x80 {
		return " " + text
	}
	return text
}

// CourseMark is what marks the line on the ground from one chainage to another.
type CourseMark struct {
	FromM, ToM float64
	Kind       string // ridge, river-centre, river-bank, valley, road, straight or other
	Feature    string // its name: 乌江; "" for none
}

// words say how the line runs along the mark; "" for nothing known.
func (m CourseMark) words() string {
	ends := func(with ...string) bool {
		return slices.ContainsFunc(with, func(w string) bool { return strings.HasSuffix(m.Feature, w) })
	}
	switch {
	case m.Kind == "ridge" && !ends("山脊", "岭", "梁"):
		return "沿" + m.Feature + "山脊"
	case m.Kind == "river-centre" && !ends("中心线"):
		return "沿" + m.Feature + "河道中心线"
	case m.Kind == "river-bank" && !ends("岸"):
		return "沿" + m.Feature + "河岸"
	case m.Kind == "valley" && !ends("沟", "谷", "槽"):
		return "沿" + m.Feature + "沟谷"
	case m.Kind == "road" && m.Feature == "":
		return "沿道路"
	case m.Kind == "straight":
		return "以直线"
	case m.Feature == "":
		return ""
	}
	return "沿" + m.Feature
}

// CoursePoint is a named place on the line: a peak, a bridge, a road that it crosses.
type CoursePoint struct {
	ChainageM float64
	Name      string
	Crossed   bool // the line crosses it
}

// Course is what the description of a stretch of a line is made of.
type Course struct {
	From, To   string // what stands at its ends: 5052014A 号界桩
	FromM, ToM float64
	Marks      []CourseMark
	Points     []CoursePoint
}

// leg is a piece of a course that runs one way along one mark.
type leg struct {
	fromM, toM float64
	words      string // of its mark
	direction  string
	end        string // what it reaches or crosses; "" for a mere turn
	newPart    bool   // a part of the line begins with it
}

// DescribeCourse describes how the line runs between two points (界线走向说明) by the pattern of GB/T 17796, in the sixteen
// direction words by true north. A leg ends where the mark changes, at named places, where the line turns for good (its
// bends within a leg stay under a fifth of the leg) and where a part of the line ends. Lengths are ellipsoidal metres.
//
// Errors: Malformed "course-empty" where the stretch has no length on the line.
func DescribeCourse(line *geo.Chain, c Course) (string, error) {
	legs := courseLegs(line, c)
	if len(legs) == 0 {
		return "", fault.New(fault.Malformed, "course-empty", "从%s（里程 %.1f 米）到%s（里程 %.1f 米）没有界线：起点里程应小于终点里程",
			spaced(c.From), c.FromM, spaced(c.To), c.ToM)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "从%s起，边界线", spaced(c.From))
	for i, l := range legs {
		switch {
		case i == 0:
			b.WriteString("向")
		case l.newPart:
			b.WriteString("，此部分界线至此为止，另一部分向")
		case l.direction == legs[i-1].direction:
			b.WriteString("，继续向")
		default:
			b.WriteString("，转")
		}
		fmt.Fprintf(&b, "%s%s行 %.0f 米", l.direction, l.words, l.toM-l.fromM)
		b.WriteString(l.end)
	}
	fmt.Fprintf(&b, "，到达%s，全长 %.0f 米。", spaced(c.To), legs[len(legs)-1].toM-legs[0].fromM)
	return b.String(), nil
}

// courseLegs cuts a stretch into its legs.
func courseLegs(line *geo.Chain, c Course) []leg {
	from, to := math.Max(c.FromM, 0), math.Min(c.ToM, line.LengthM())
	if !(from < to) {
		return nil
	}
	starts := line.PartStarts()
	cuts := []float64{from, to}
	for _, m := range starts {
		if m > from && m < to {
			cuts = append(cuts, m)
		}
	}
	cut := func(m float64) {
		if m > from && m < to && !slices.ContainsFunc(cuts, func(other float64) bool { return samePlace(m, other) }) {
			cuts = append(cuts, m)
		}
	}
	for _, m := range c.Marks {
		cut(m.FromM)
		cut(m.ToM)
	}
	for _, p := range c.Points {
		cut(p.ChainageM)
	}
	slices.Sort(cuts)
	var legs []leg
	for i := 1; i < len(cuts); i++ {
		pieces := straightLegs(line, cuts[i-1], cuts[i])
		words := c.markAt((cuts[i-1] + cuts[i]) / 2).words()
		for k := range pieces {
			pieces[k].words = words
		}
		pieces[0].newPart = slices.Contains(starts, cuts[i-1])
		pieces[len(pieces)-1].end = c.pointAt(cuts[i])
		legs = append(legs, pieces...)
	}
	return joinLegs(legs)
}

// samePlace reports whether two chainages are one place in a description, whose lengths are whole metres.
func samePlace(a, b float64) bool { return math.Abs(a-b) < 1 }

func (c Course) markAt(m float64) CourseMark {
	for _, mark := range c.Marks {
		if mark.FromM <= m && m <= mark.ToM {
			return mark
		}
	}
	return CourseMark{}
}

// pointAt says what lies at a chainage.
func (c Course) pointAt(m float64) string {
	text := ""
	for _, p := range c.Points {
		switch {
		case !samePlace(p.ChainageM, m):
		case p.Crossed:
			text += "，穿过" + spaced(p.Name)
		default:
			text += "至" + spaced(p.Name)
		}
	}
	return text
}

// joinLegs makes one of neighbours that run the same way along the same mark with nothing between them.
func joinLegs(legs []leg) []leg {
	var out []leg
	for _, l := range legs {
		if n := len(out); n > 0 && !l.newPart && out[n-1].end == "" && out[n-1].words == l.words && out[n-1].direction == l.direction {
			out[n-1].toM, out[n-1].end = l.toM, l.end
			continue
		}
		out = append(out, l)
	}
	return out
}

// A bend makes two legs where it lies off the straight way by more than this share of the way, and by so many metres.
const (
	bendShare = 0.2
	bendM     = 50
)

// straightLegs cuts a stretch within one part where it turns for good, at the place farthest from the straight way between
// its ends, and again so on both sides.
func straightLegs(line *geo.Chain, fromM, toM float64) []leg {
	path := line.Sub(fromM, toM)[0]
	at := make([]float64, len(path))
	at[0] = fromM
	for i := 1; i < len(path); i++ {
		at[i] = at[i-1] + geo.DistanceM(path[i-1], path[i])
	}
	at[len(at)-1] = toM
	var legs []leg
	var split func(i, j int)
	split = func(i, j int) {
		if k, offM := farthestVertex(path, i, j); k > 0 && offM > math.Max(bendM, bendShare*geo.DistanceM(path[i], path[j])) {
			split(i, k)
			split(k, j)
			return
		}
		legs = append(legs, leg{fromM: at[i], toM: at[j], direction: geo.DirectionWord(geo.Azimuth(path[i], path[j]))})
	}
	split(0, len(path)-1)
	return legs
}

// farthestVertex returns the vertex between i and j that lies farthest from the straight way between them, and how far in metres.
func farthestVertex(path orb.LineString, i, j int) (k int, offM float64) {
	var here geo.Local
	here.Around(path[i][1])
	flat := func(p orb.Point) plane {
		return plane{(p[0] - path[i][0]) * here.East, (p[1] - path[i][1]) * here.North}
	}
	way := flat(path[j])
	length2 := way.east*way.east + way.north*way.north
	for v := i + 1; v < j; v++ {
		p := flat(path[v])
		t := 0.0
		if length2 > 0 {
			t = math.Min(1, math.Max(0, (p.east*way.east+p.north*way.north)/length2))
		}
		if off := math.Hypot(p.east-t*way.east, p.north-t*way.north); off > offM {
			k, offM = v, off
		}
	}
	return k, offM
}
