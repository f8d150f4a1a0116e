package boundary

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// Sketch is what the sketch of a marker's place (位置略图) is drawn from.
type Sketch struct {
	Number  string // of the marker
	Objects []WitnessObject
	// Line are the grid bearings in which the boundary leaves the marker: two of a line, three at a tripoint, none where
	// not known.
	Line []geo.GridBearing
}

// The paper of a sketch: a unit is a tenth of a millimetre. Text is 2.8 mm high, lines are 0.3 mm wide: readable where the
// sketch is printed 8 cm wide.
const (
	sketchWidth  = 800
	sketchText   = 28
	sketchLine   = 32 // from one line of text to the next
	sketchReach  = 240
	sketchNear   = 60 // objects drawn nearer than this would lie under the marker
	sketchLabels = 6  // more objects than this are numbered and listed below,
	sketchApart  = 50 // as are any two so near to each other that it would be in doubt whose a name is
	maxObjects   = 30
)

// sketchScales are the scales of sketches, 1 to so many.
var sketchScales = []float64{
	50, 100, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 7500, 10_000, 15_000, 20_000, 25_000, 50_000,
}

// Draw draws the sketch as an SVG picture 8 cm wide, black on white, grid north up, true to scale: the marker in the middle,
// objects in their bearings and distances, names beside them (listed below where there are more than six or two stand close together), the line
// dashed, a north arrow, a scale bar. An object too near to be drawn apart is moved out to 6 mm and the sketch says so. It is a pure
// function of its input and has no style sheet, so that pages under a strict policy may show it.
//
// Errors: Malformed "sketch-empty" without objects, "sketch-objects" for more than 30.
func (s Sketch) Draw() ([]byte, error) {
	if len(s.Objects) == 0 {
		return nil, fault.New(fault.Malformed, "sketch-empty", "没有方位物，画不出位置略图：请先填写方位物的方位角和距离")
	}
	if len(s.Objects) > maxObjects {
		return nil, fault.New(fault.Malformed, "sketch-objects", "方位物有 %d 个，位置略图最多画 %d 个", len(s.Objects), maxObjects)
	}
	d := newDrawing(s)
	d.drawLine()
	d.drawObjects()
	d.drawMarker()
	d.drawNorth()
	d.drawScale()
	d.placeLabels()
	d.drawList()
	return d.finish(), nil
}

// drawing is a sketch being drawn.
type drawing struct {
	Sketch
	perM    float64 // units a metre
	scale   float64 // 1 to it
	middle  spot
	places  []spot // of the objects
	height  float64
	out     bytes.Buffer
	taken   []area    // where no label may be
	ways    [][2]spot // which labels should not cover
	leaders [][2]spot
	labels  []label
	moved   bool // an object was drawn farther out than it is
	listed  bool
}

func newDrawing(s Sketch) *drawing {
	farM := 0.0
	for _, o := range s.Objects {
		farM = math.Max(farM, o.DistanceM)
	}
	d := &drawing{Sketch: s, middle: spot{sketchWidth / 2, 410}, height: 800}
	// 1 unit is 0.1 mm of paper: 10,000 / scale units a metre.
	k := slices.IndexFunc(sketchScales, func(scale float64) bool { return farM*10_000/scale <= sketchReach })
	if k < 0 {
		k = len(sketchScales) - 1
	}
	d.scale = sketchScales[k]
	d.perM = 10_000 / d.scale
	for i, o := range s.Objects {
		at, near := d.place(o)
		d.places, d.moved = append(d.places, at), d.moved || near
		for _, other := range d.places[:i] {
			d.listed = d.listed || math.Hypot(at.x-other.x, at.y-other.y) < sketchApart
		}
	}
	d.listed = d.listed || len(s.Objects) > sketchLabels
	return d
}

// place is where an object is drawn, and whether that is farther out than it is.
func (d *drawing) place(o WitnessObject) (at spot, near bool) {
	units := o.DistanceM * d.perM
	return d.toward(o.Bearing, math.Max(units, sketchNear)), units < sketchNear
}

// toward returns the place so many units from the marker in a grid bearing.
func (d *drawing) toward(b geo.GridBearing, units float64) spot {
	sin, cos := math.Sincos(float64(b) * math.Pi / 180)
	return spot{d.middle.x + units*sin, d.middle.y - units*cos}
}

func (d *drawing) printf(format string, args ...any) { fmt.Fprintf(&d.out, format, args...) }

func (d *drawing) stroke(p, q spot, width float64, dashes string) {
	d.printf(`<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="#000" stroke-width="%s"`, num(p.x), num(p.y), num(q.x), num(q.y), num(width))
	if dashes != "" {
		d.printf(` stroke-dasharray="%s"`, dashes)
	}
	d.printf("/>\n")
}

// num writes units to a tenth.
func num(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64) }

// text writes one line; anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor string, bold bool, text string) {
	weight := ""
	if bold {
		weight = ` font-weight="bold"`
	}
	d.printf(`<text x="%s" y="%s" text-anchor="%s"%s>`, num(x), num(y), anchor, weight)
	_ = xml.EscapeText(&d.out, []byte(text))
	d.printf("</text>\n")
}

// drawLine draws the boundary from the marker outwards.
func (d *drawing) drawLine() {
	for _, b := range d.Line {
		end := d.toward(b, 340)
		d.stroke(d.middle, end, 7, "34 10 7 10")
		d.ways = append(d.ways, [2]spot{d.middle, end})
	}
}

// drawObjects draws sights, then symbols over them.
func (d *drawing) drawObjects() {
	for i, o := range d.Objects {
		at, near := d.place(o)
		dashes := ""
		if near {
			dashes = "6 6"
		}
		d.stroke(d.middle, at, 3, dashes)
		d.ways = append(d.ways, [2]spot{d.middle, at})
		d.taken = append(d.taken, area{at.x - 11, at.y - 11, 22, 22})
		lines := append(wrap(o.Name, 9*sketchText), fmt.Sprintf("%s %.1f m", o.Bearing, o.DistanceM))
		if d.listed {
			lines = []string{strconv.Itoa(i + 1)}
		}
		d.labels = append(d.labels, label{lines: lines, of: at, radius: 11, bold: d.listed})
	}
	for _, at := range d.places {
		d.printf("<circle cx=\"%s\" cy=\"%s\" r=\"9\" fill=\"#fff\" stroke=\"#000\" stroke-width=\"4\"/>\n", num(at.x), num(at.y))
	}
}

// drawMarker draws the marker and asks for its number beside it.
func (d *drawing) drawMarker() {
	m := d.middle
	d.printf("<rect x=\"%s\" y=\"%s\" width=\"32\" height=\"32\" fill=\"#fff\" stroke=\"#000\" stroke-width=\"4\"/>\n", num(m.x-16), num(m.y-16))
	d.printf("<circle cx=\"%s\" cy=\"%s\" r=\"5\"/>\n", num(m.x), num(m.y))
	d.taken = append(d.taken, area{m.x - 18, m.y - 18, 36, 36})
	d.labels = slices.Insert(d.labels, 0, label{lines: wrap(d.Number, 9*sketchText), of: m, radius: 18, bold: true})
}

// drawNorth draws the arrow of grid north.
func (d *drawing) drawNorth() {
	const x, top = 742, 46
	d.printf("<path d=\"M%d %d L%d %d L%d %d L%d %d Z\"/>\n", x, top, x+15, top+92, x, top+74, x-15, top+92)
	d.text(x, top+124, "middle", false, "坐标北")
	d.taken = append(d.taken, area{690, top - 6, 104, 146})
}

// drawScale draws the bar and says the scale.
func (d *drawing) drawScale() {
	barM := d.scale / 50 // 2 cm of paper
	const x, y = 40, 732
	d.stroke(spot{x, y}, spot{x + 200, y}, 4, "")
	for _, tick := range []float64{0, 100, 200} {
		d.stroke(spot{x + tick, y - 12}, spot{x + tick, y}, 4, "")
	}
	d.text(x, y-20, "middle", false, "0")
	d.text(x+200, y-20, "middle", false, metresText(barM)+" m")
	d.text(x+260, y+2, "start", false, "1 : "+metresText(d.scale))
	d.taken = append(d.taken, area{x - 30, y - 52, 500, 64})
	if d.moved {
		d.text(x-10, y+46, "start", false, "虚线所连的方位物离界桩过近，未按比例")
		d.taken = append(d.taken, area{x - 30, y + 12, 560, 50})
	}
}

func metresText(m float64) string { return strconv.FormatFloat(m, 'f', -1, 64) }

// drawList lists numbered objects below the drawing.
func (d *drawing) drawList() {
	if !d.listed {
		return
	}
	y := d.height + 20
	for i, o := range d.Objects {
		for k, line := range wrap(o.Name, 15*sketchText) {
			if k == 0 {
				d.text(64, y, "end", true, strconv.Itoa(i+1))
				d.text(sketchWidth-30, y, "end", false, fmt.Sprintf("%s %.1f m", o.Bearing, o.DistanceM))
			}
			d.text(84, y, "start", false, line)
			y += 38
		}
	}
	d.height = y
}

// finish puts the picture into its frame.
func (d *drawing) finish() []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="80mm" height="%smm" viewBox="0 0 %d %s" role="img" `+
		`font-family="'Noto Sans CJK SC', 'Source Han Sans SC', 'Microsoft YaHei', SimHei, sans-serif" font-size="%d" fill="#000">`+"\n",
		num(d.height/10), sketchWidth, num(d.height), sketchText)
	out.WriteString("<title>")
	_ = xml.EscapeText(&out, []byte(strings.TrimSpace(d.Number+" 界桩位置略图")))
	fmt.Fprintf(&out, "</title>\n<rect x=\"2\" y=\"2\" width=\"%d\" height=\"%s\" fill=\"#fff\" stroke=\"#000\" stroke-width=\"3\"/>\n",
		sketchWidth-4, num(d.height-4))
	out.Write(d.out.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}
