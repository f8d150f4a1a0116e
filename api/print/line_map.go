package print

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
)

// The picture in units of its own view box, with a border around what is drawn.
const (
	pictureWidth  = 1000.0
	pictureHeight = 640.0
	pictureBorder = 60.0
)

// sheet puts degrees on the picture: longitudes shrunk by the cosine of the middle latitude, north up.
type sheet struct {
	bound orb.Bound
	scale float64 // units a degree of latitude
	wide  float64 // of a degree of longitude, in degrees of latitude
}

func newSheet(b orb.Bound) sheet {
	s := sheet{bound: b, wide: math.Cos(b.Center()[1] * math.Pi / 180)}
	width, height := math.Max((b.Max[0]-b.Min[0])*s.wide, 1e-6), math.Max(b.Max[1]-b.Min[1], 1e-6)
	s.scale = math.Min((pictureWidth-2*pictureBorder)/width, (pictureHeight-2*pictureBorder)/height)
	return s
}

func (s sheet) at(p orb.Point) (x, y float64) {
	c := s.bound.Center()
	return pictureWidth/2 + (p[0]-c[0])*s.wide*s.scale, pictureHeight/2 - (p[1]-c[1])*s.scale
}

func (s sheet) path(lines orb.MultiLineString) string {
	var b strings.Builder
	for _, line := range lines {
		for i, p := range line {
			x, y := s.at(p)
			command := "L"
			if i == 0 {
				command = "M"
			}
			fmt.Fprintf(&b, "%s%.1f %.1f", command, x, y)
		}
	}
	return b.String()
}

// strokes are how a stretch of each class is drawn over the thin broken line, told apart without colour.
var strokes = map[boundary.Class]string{
	boundary.Walked:  `stroke-linecap="round"`,
	boundary.Viewed:  `stroke-dasharray="16 7"`,
	boundary.Imagery: `stroke-dasharray="0 9" stroke-linecap="round"`,
}

// lineMap draws the line with what was walked and otherwise checked of it, its markers and the names of its sides as an SVG. Without a geometry
// it is empty.
func lineMap(in Inspection) (template.HTML, error) {
	if len(in.Line) == 0 {
		return "", nil
	}
	chain, err := geo.NewChain(in.Line)
	if err != nil {
		return "", err
	}
	s := newSheet(in.Line.Bound())
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-label="界线、界桩与检查区段示意图">`, pictureWidth, pictureHeight)
	fmt.Fprintf(&b, `<path d="%s" fill="none" stroke="#555" stroke-width="2" stroke-dasharray="8 6"/>`, s.path(in.Line))
	for _, i := range in.Report.Figures.Intervals {
		if stroke := strokes[i.Class]; stroke != "" {
			fmt.Fprintf(&b, `<path class="%s" d="%s" fill="none" stroke="#7a1f6b" stroke-width="5" %s/>`, i.Class, s.path(chain.Sub(i.FromM, i.ToM)), stroke)
		}
	}
	for _, m := range in.Markers {
		x, y := s.at(m.At)
		fmt.Fprintf(&b, `<rect class="marker" x="%.1f" y="%.1f" width="10" height="10" fill="#fff" stroke="#111" stroke-width="2"/>`, x-5, y-5)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" font-size="15">%s</text>`, x+9, y-7, template.HTMLEscapeString(m.Number+m.Stone))
	}
	if in.Right != "" && in.Left != "" {
		s.sides(&b, chain, in.Right, in.Left)
	}
	s.scaleBar(&b)
	b.WriteString(`<text x="960" y="36" font-size="20" text-anchor="middle">北</text><path d="M960 92V46M952 58L960 44L968 58" fill="none" stroke="#111" stroke-width="2"/></svg>`)
	return template.HTML(b.String()), nil
}

// sides writes what lies right and left of the line on either side of it, where there is room for both names. A name stands
// on its side for certain: its place is measured against the whole line.
func (s sheet) sides(b *strings.Builder, chain *geo.Chain, right, left string) {
	for _, aside := range []float64{70, 45} {
		for _, share := range []float64{0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8} {
			m, d := share*chain.LengthM(), aside*s.metres()
			r, l := geo.Direct(chain.At(m), chain.Heading(m)+90, d), geo.Direct(chain.At(m), chain.Heading(m)-90, d)
			if !beside(chain, r, d) || !beside(chain, l, -d) {
				continue
			}
			for _, name := range []struct {
				text string
				at   orb.Point
			}{{right, r}, {left, l}} {
				x, y := s.at(name.at)
				fmt.Fprintf(b, `<text class="side" x="%.1f" y="%.1f" font-size="20" text-anchor="middle" letter-spacing="3">%s</text>`, x, y+7, template.HTMLEscapeString(name.text))
			}
			return
		}
	}
}

// beside reports whether a position lies about so many metres to the right of the line, and no part of it is much nearer.
func beside(chain *geo.Chain, p orb.Point, rightM float64) bool {
	_, offsetM := chain.Project(p)
	return offsetM/rightM > 0.8
}

// metres is how many a unit of the picture is, along the middle latitude.
func (s sheet) metres() float64 {
	c := s.bound.Center()
	return geo.DistanceM(c, orb.Point{c[0] + 0.01, c[1]}) / (0.01 * s.wide * s.scale)
}

// scaleBar draws a round length of about a quarter of the picture, measured along the middle latitude.
func (s sheet) scaleBar(b *strings.Builder) {
	perUnit := s.metres()
	wanted := pictureWidth / 4 * perUnit
	length := math.Pow(10, math.Floor(math.Log10(wanted)))
	for _, step := range []float64{5, 2} {
		if length*step <= wanted {
			length *= step
			break
		}
	}
	label := fmt.Sprintf("%g 米", length)
	if length >= 1000 {
		label = fmt.Sprintf("%g 公里", length/1000)
	}
	fmt.Fprintf(b, `<path d="M40 600v8h%.1fv-8" fill="none" stroke="#111" stroke-width="2"/><text x="40" y="592" font-size="16">%s</text>`, length/perUnit, label)
}
