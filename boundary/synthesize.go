package boundary

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// Walk says what walk to make up for a demo or a test.
type Walk struct {
	Seed       uint64
	NoiseM     float64 // standard deviation of a position; neighbouring ones err alike, as receivers do
	SpacingM   float64 // between positions, along the line
	OffsetM    float64 // how far beside the line, + right
	SpeedMS    float64 // metres a second; 0 means 1.2, a walk
	Start      time.Time
	FromM, ToM float64   // chainage; ToM 0 means the end of the line
	DwellAtM   []float64 // chainages at which to stay for a minute
	Frame      geo.Frame // that positions are written in, whatever the file says; empty: as they are
}

// SynthesizeTrack makes up a walk along a line as a GPX 1.1 file, the same for the same Walk. The file says in its name,
// description and creator that it is synthetic.
func SynthesizeTrack(line *geo.Chain, w Walk) []byte {
	if w.ToM == 0 {
		w.ToM = line.LengthM()
	}
	if w.SpeedMS == 0 {
		w.SpeedMS = 1.2
	}
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="fangyu synthetic" xmlns="http://www.topografix.com/GPX/1/1">
<metadata><name>模拟轨迹</name><desc>synthetic：演示用模拟数据，不是实测</desc></metadata>
<trk><name>模拟轨迹（synthetic）</name><trkseg>
`)
	noise := newNoise(w)
	at, dwell := w.Start, w.DwellAtM
	for m := w.FromM; ; m += w.SpacingM {
		m = math.Min(m, w.ToM)
		w.writePoint(&b, noise.shift(geo.Direct(line.At(m), line.Heading(m)+90, w.OffsetM)), at)
		for len(dwell) > 0 && dwell[0] <= m {
			for range 6 {
				at = at.Add(10 * time.Second)
				w.writePoint(&b, noise.shift(geo.Direct(line.At(dwell[0]), line.Heading(m)+90, w.OffsetM)), at)
			}
			dwell = dwell[1:]
		}
		if m >= w.ToM {
			break
		}
		at = at.Add(time.Duration(w.SpacingM / w.SpeedMS * float64(time.Second)))
	}
	b.WriteString("</trkseg></trk></gpx>\n")
	return []byte(b.String())
}

func (w Walk) writePoint(b *strings.Builder, p orb.Point, at time.Time) {
	if w.Frame.NeedsConfirmation() {
		if x, y, err := w.Frame.FromCGCS2000(p); err == nil {
			p = orb.Point{x, y}
		}
	}
	fmt.Fprintf(b, `<trkpt lat="%.9f" lon="%.9f"><time>%s</time></trkpt>`+"\n", p[1], p[0], at.UTC().Format("2006-01-02T15:04:05.000Z"))
}

// noise wanders as the error of a receiver does: each position keeps most of the error of the one before.
type noise struct {
	r           *rand.Rand
	east, north float64
	sigma, keep float64
}

// noiseLengthM is the way over which the error of a receiver is forgotten.
const noiseLengthM = 30

func newNoise(w Walk) *noise {
	n := &noise{r: rand.New(rand.NewPCG(w.Seed, w.Seed^0x9e3779b97f4a7c15)), sigma: w.NoiseM, keep: math.Exp(-w.SpacingM / noiseLengthM)}
	n.east, n.north = n.sigma*n.r.NormFloat64(), n.sigma*n.r.NormFloat64()
	return n
}

func (n *noise) shift(p orb.Point) orb.Point {
	fresh := n.sigma * math.Sqrt(1-n.keep*n.keep)
	n.east = n.keep*n.east + fresh*n.r.NormFloat64()
	n.north = n.keep*n.north + fresh*n.r.NormFloat64()
	perEast, perNorth := geo.MetresPerDegree(p[1])
	return orb.Point{p[0] + n.east/perEast, p[1] + n.north/perNorth}
}

// SynthesizeMarkers makes up markers every spacingM metres along a line as a CSV for the import of markers: numbers from
// 001 from the start of the line, positions up to 5 m off it, with the name of the line. The source says synthetic.
func SynthesizeMarkers(line *geo.Chain, name string, spacingM float64, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	var b strings.Builder
	b.WriteString("number,stone,type,material,line,lon,lat,elevationM,state,sourceDocument\n")
	serial := 0
	for m := spacingM / 2; m < line.LengthM(); m += spacingM {
		serial++
		p := geo.Direct(line.At(m), line.Heading(m)+90, 10*r.Float64()-5)
		b.WriteString(strings.Join([]string{
			fmt.Sprintf("模拟%03d", serial), "Q", "two-face", "花岗石", name,
			strconv.FormatFloat(p[0], 'f', 9, 64), strconv.FormatFloat(p[1], 'f', 9, 64),
			strconv.FormatFloat(math.Round(2000+4000*r.Float64())/10, 'f', 1, 64), "intact", "模拟数据（synthetic），不是实测",
		}, ",") + "\n")
	}
	return []byte(b.String())
}
