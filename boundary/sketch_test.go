package boundary_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// sketched is what a sketch shows, read back from its SVG.
type sketched struct {
	masks   [][4]float64 // the places of labels: x, y, width, height
	circles [][2]float64 // of objects
	texts   []string
	height  float64
}

func drawn(t *testing.T, s boundary.Sketch) sketched {
	t.Helper()
	svg, err := s.Draw()
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.Draw()
	if err != nil || !bytes.Equal(svg, again) {
		t.Errorf("drawn twice it differs (%v)", err)
	}
	var p sketched
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, svg)
		}
		switch e := token.(type) {
		case xml.CharData:
			if text := strings.TrimSpace(string(e)); text != "" {
				p.texts = append(p.texts, text)
			}
		case xml.StartElement:
			p.read(t, e)
		}
	}
}

func (p *sketched) read(t *testing.T, e xml.StartElement) {
	t.Helper()
	attr := map[string]string{}
	for _, a := range e.Attr {
		attr[a.Name.Local] = a.Value
	}
	if attr["style"] != "" || e.Name.Local == "style" || e.Name.Local == "script" {
		t.Errorf("a strict policy refuses %s %v", e.Name.Local, attr)
	}
	number := func(name string) float64 {
		v, err := strconv.ParseFloat(attr[name], 64)
		if err != nil {
			t.Fatalf("%s of %s: %v", name, e.Name.Local, err)
		}
		return v
	}
	switch {
	case e.Name.Local == "svg":
		if attr["width"] != "80mm" || !strings.HasPrefix(attr["viewBox"], "0 0 800 ") {
			t.Errorf("not 8 cm wide: %v", attr)
		}
		if _, err := fmt.Sscanf(attr["viewBox"], "0 0 800 %f", &p.height); err != nil {
			t.Fatal(err)
		}
	case e.Name.Local == "rect" && attr["stroke"] == "":
		p.masks = append(p.masks, [4]float64{number("x"), number("y"), number("width"), number("height")})
	case e.Name.Local == "circle" && attr["stroke"] != "":
		p.circles = append(p.circles, [2]float64{number("cx"), number("cy")})
	}
}

// has reports whether a text stands in the sketch.
func (p sketched) has(text string) bool {
	for _, t := range p.texts {
		if t == text {
			return true
		}
	}
	return false
}

func objectsAround(r *rand.Rand, n int) []boundary.WitnessObject {
	names := []string{"井", "石拱桥东北角", "高压电杆 35 号", "公路里程碑 K103+200 旁护坡墙角石", "独立黄桷树", "民房西北墙角"}
	var objects []boundary.WitnessObject
	for range n {
		w := boundary.WitnessObject{Name: names[r.IntN(len(names))]}
		w.Bearing, w.DistanceM = geo.GridBearing(float64(r.IntN(360*60))/60), float64(20+r.IntN(1500))/10
		objects = append(objects, w)
	}
	return objects
}

// Labels stand on no other label, on no symbol, and on the paper, whatever the objects.
func TestLabelsOfASketchDoNotOverlap(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 51))
		n := 1 + int(seed%12)
		p := drawn(t, boundary.Sketch{Number: "5052014A", Objects: objectsAround(r, n), Line: []geo.GridBearing{geo.GridBearing(r.IntN(360)), 110}})
		if len(p.circles) != n || len(p.masks) != n+1 {
			t.Fatalf("seed %d: %d objects, %d labels of %d objects and the marker", seed, len(p.circles), len(p.masks), n)
		}
		for i, a := range p.masks {
			if a[0] < 0 || a[1] < 0 || a[0]+a[2] > 800 || a[1]+a[3] > p.height {
				t.Errorf("seed %d: label %d leaves the paper: %v", seed, i, a)
			}
			for j, b := range p.masks[:i] {
				if a[0] < b[0]+b[2] && b[0] < a[0]+a[2] && a[1] < b[1]+b[3] && b[1] < a[1]+a[3] {
					t.Errorf("seed %d: labels %d and %d overlap: %v, %v", seed, j, i, b, a)
				}
			}
			for k, c := range p.circles {
				if c[0] > a[0]-9 && c[0] < a[0]+a[2]+9 && c[1] > a[1]-9 && c[1] < a[1]+a[3]+9 {
					t.Errorf("seed %d: label %d %v covers object %d %v", seed, i, a, k, c)
				}
			}
		}
	}
}

// The scale says how long a metre is on 8 cm of paper; bearings count from the top.
func TestObjectsOfASketchAreTrueToScale(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 52))
		objects := objectsAround(r, 1+int(seed%6))
		p := drawn(t, boundary.Sketch{Number: "5052014A", Objects: objects})
		var scale float64
		for _, text := range p.texts {
			if rest, is := strings.CutPrefix(text, "1 : "); is {
				scale, _ = strconv.ParseFloat(rest, 64)
			}
		}
		if scale == 0 || !p.has(fmt.Sprintf("%v m", scale/50)) {
			t.Fatalf("seed %d: scale %v in %v", seed, scale, p.texts)
		}
		moved := false
		for i, o := range objects {
			dx, dy := p.circles[i][0]-400, 410-p.circles[i][1]
			wantMM := o.DistanceM * 1000 / scale
			if wantMM < 6 {
				wantMM, moved = 6, true
			}
			if wantMM > 24 {
				t.Errorf("seed %d: object %d is drawn %v mm away", seed, i, wantMM)
			}
			off := math.Remainder(math.Atan2(dx, dy)*180/math.Pi-float64(o.Bearing), 360)
			if !near(math.Hypot(dx, dy)/10, wantMM, 0.02) || !near(off, 0, 0.2) {
				t.Errorf("seed %d: object %d %+v is drawn at %v", seed, i, o, p.circles[i])
			}
		}
		if p.has("虚线所连的方位物离界桩过近，未按比例") != moved {
			t.Errorf("seed %d: moved out %v, said otherwise", seed, moved)
		}
	}
}

func TestASketchSaysWhatItShows(t *testing.T) {
	w := func(name string, bearing geo.GridBearing, m float64) boundary.WitnessObject {
		return boundary.WitnessObject{Name: name, Sight: boundary.Sight{Bearing: bearing, DistanceM: m}}
	}
	few := drawn(t, boundary.Sketch{Number: "5052014A", Objects: []boundary.WitnessObject{w("石桥", 27, 40), w(`<井>&"x"`+"\x01", 200, 30), w("树", 300, 44)}})
	for _, want := range []string{"5052014A 界桩位置略图", "5052014A", "坐标北", "石桥", "27°00′ 40.0 m", `<井>&"x"` + "\uFFFD", "200°00′ 30.0 m", "0"} {
		if !few.has(want) {
			t.Errorf("%q is not in %q", want, few.texts)
		}
	}
	if few.height != 800 {
		t.Errorf("three objects are listed below: %v", few.texts)
	}
	for name, objects := range map[string][]boundary.WitnessObject{
		"seven":                {w("甲", 0, 40), w("乙", 50, 40), w("丙", 100, 40), w("丁", 150, 40), w("戊", 200, 40), w("己", 250, 40), w("庚", 300, 40)},
		"two close to another": {w("甲", 27, 40), w("乙", 28, 40.5)},
	} {
		p := drawn(t, boundary.Sketch{Number: "5052014A", Objects: objects})
		if p.height <= 800 || !p.has("甲") || !p.has("2") || !p.has(fmt.Sprintf("%s %.1f m", objects[1].Bearing, objects[1].DistanceM)) {
			t.Errorf("%s: %v", name, p.texts)
		}
	}
	if _, err := (boundary.Sketch{Number: "1"}).Draw(); !fault.Is(err, "sketch-empty") {
		t.Errorf("no objects: %v", err)
	}
	if _, err := (boundary.Sketch{Objects: objectsAround(rand.New(rand.NewPCG(1, 1)), 31)}).Draw(); !fault.Is(err, "sketch-objects") {
		t.Errorf("31 objects: %v", err)
	}
}
