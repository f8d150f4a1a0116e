package boundary_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/geo"
	"fangyu/internal/fault"
)

func TestWitnessesAreRecordedToMinuteAndDecimetre(t *testing.T) {
	w, err := boundary.NewWitnessObject(" 石桥 ", 227.1749, 36.26)
	if err != nil || w.Name != "石桥" || math.Abs(float64(w.Bearing)-(227+10.0/60)) > 1e-9 || w.DistanceM != 36.3 {
		t.Errorf("%+v, %v", w, err)
	}
	if seen, err := w.See(227.1749, 36.26); err != nil || seen.Name != "石桥" || *seen.Seen != (boundary.Sight{Bearing: 227.1749, DistanceM: 36.26}) {
		t.Errorf("seen %+v, %v", seen, err)
	}
	if w, err := boundary.NewWitnessObject("井", 359.9999, 10); err != nil || w.Bearing != 0 {
		t.Errorf("just west of north: %+v, %v", w, err)
	}
	for _, c := range []struct {
		name     string
		bearing  geo.GridBearing
		distance float64
		code     string
	}{
		{" ", 10, 10, "witness-name"},
		{"井", -0.1, 10, "witness-bearing"},
		{"井", 360.1, 10, "witness-bearing"},
		{"井", geo.GridBearing(math.NaN()), 10, "witness-bearing"},
		{"井", 10, 0.04, "witness-distance"},
		{"井", 10, -5, "witness-distance"},
		{"井", 10, 1001, "witness-distance"},
		{"井", 10, math.NaN(), "witness-distance"},
	} {
		if _, err := boundary.NewWitnessObject(c.name, c.bearing, c.distance); !fault.Is(err, c.code) {
			t.Errorf("%q %v %v: %v, want %s", c.name, c.bearing, c.distance, err, c.code)
		}
		if _, err := w.See(c.bearing, c.distance); c.code != "witness-name" && !fault.Is(err, c.code) {
			t.Errorf("seen %v %v: %v, want %s", c.bearing, c.distance, err, c.code)
		}
	}
	// 100 m along the azimuth 90° is the grid bearing 90° less the convergence of −1.3146°.
	marker := orb.Point{105.29, 29}
	w, err = boundary.WitnessObjectAt("井", marker, geo.Direct(marker, 90, 100), "4545")
	if want := math.Round((90+1.31460)*60) / 60; err != nil || math.Abs(float64(w.Bearing)-want) > 1e-9 || w.DistanceM != 100.1 {
		t.Errorf("from positions: %+v, %v; want %v°", w, err, want)
	}
	if _, err := boundary.WitnessObjectAt("井", marker, marker, "4490"); !fault.Is(err, "not-a-plane") {
		t.Errorf("no plane: %v", err)
	}
}

// ground is a synthetic truth: objects around a marker and what a crew with the given errors would measure.
type ground struct {
	r       *rand.Rand
	objects [][2]float64 // east, north of the registered marker
	marker  [2]float64   // where it stands now
}

func newGround(seed uint64, n int) *ground {
	g := &ground{r: rand.New(rand.NewPCG(seed, 31))}
	for i := range n { // one in each sector, as a surveyor would choose them
		angle := (float64(i) + 0.6*g.r.Float64()) * 2 * math.Pi / float64(n)
		d := 20 + 100*g.r.Float64()
		g.objects = append(g.objects, [2]float64{d * math.Sin(angle), d * math.Cos(angle)})
	}
	return g
}

// sight measures from a place to an object with an error of one minute and 0.1 m.
func (g *ground) sight(from, to [2]float64) boundary.Sight {
	east, north := to[0]-from[0], to[1]-from[1]
	bearing := math.Atan2(east, north)*180/math.Pi + g.r.NormFloat64()/60
	return boundary.Sight{Bearing: geo.GridBearing(math.Mod(bearing+360, 360)), DistanceM: math.Hypot(east, north) + 0.1*g.r.NormFloat64()}
}

// survey is the record made before anything moved, and the measurement after.
func (g *ground) survey(move func(objects [][2]float64)) []boundary.WitnessSeen {
	var seen []boundary.WitnessSeen
	for i, o := range g.objects {
		seen = append(seen, boundary.WitnessSeen{WitnessObject: boundary.WitnessObject{Name: fmt.Sprintf("物%d", i+1), Sight: g.sight([2]float64{}, o)}})
	}
	now := slices.Clone(g.objects)
	if move != nil {
		move(now)
	}
	for i, o := range now {
		s := g.sight(g.marker, o)
		seen[i].Seen = &s
	}
	return seen
}

const convergence = -1.3146

var witnessParameters = boundary.WitnessParameters{Convergence: convergence}

// Nothing moved: chance alone is told from a change, but for one survey in a hundred.
func TestWitnessesThatDidNotMove(t *testing.T) {
	alarms := 0
	for seed := range uint64(1000) {
		r := boundary.CheckWitnessObjects(newGround(seed, 1+int(seed%6)).survey(nil), witnessParameters)
		if r.Cause != boundary.MarkerInPlace {
			alarms++
			continue
		}
		for i, left := range r.Residuals {
			if math.Abs(left.AlongM) > 0.8 || left.Sigmas > 5 {
				t.Errorf("seed %d: residual %d %+v", seed, i, left)
			}
		}
	}
	if alarms > 10 {
		t.Errorf("%d of 1000 surveys of nothing raised an alarm", alarms)
	}
}

// The marker was moved by half a metre: never overlooked and never put on an object.
func TestWitnessesTellThatTheMarkerMoved(t *testing.T) {
	for n := 2; n <= 6; n++ {
		told, inside := 0, 0
		const surveys = 300
		for seed := range uint64(surveys) {
			g := newGround(seed, n)
			angle := g.r.Float64() * 2 * math.Pi
			g.marker = [2]float64{0.5 * math.Sin(angle), 0.5 * math.Cos(angle)}
			r := boundary.CheckWitnessObjects(g.survey(nil), witnessParameters)
			if r.Cause == boundary.MarkerInPlace || r.Cause == boundary.WitnessDisplaced {
				t.Errorf("%d objects, seed %d: %s %s", n, seed, r.Cause, r.Detail)
			}
			if r.Cause != boundary.MarkerDisplaced {
				continue
			}
			told++
			s := r.Shifts[0]
			if s.Witness != -1 || r.Freedom != 2*n-2 || math.Abs(s.EastM-g.marker[0]) > 5*s.SigmaEastM || math.Abs(s.NorthM-g.marker[1]) > 5*s.SigmaNorthM {
				t.Errorf("%d objects, seed %d: %+v with %d degrees of freedom, truth %v", n, seed, s, r.Freedom, g.marker)
			}
			if math.Abs(s.EastM-g.marker[0]) < s.SigmaEastM {
				inside++
			}
		}
		if told < surveys*8/10 {
			t.Errorf("%d objects: told %d of %d", n, told, surveys)
		}
		if share := float64(inside) / float64(told); share < 0.58 || share > 0.78 {
			t.Errorf("%d objects: %.2f of the displacements are within one standard deviation, not 0.68", n, share)
		}
		t.Logf("%d objects: told %d of %d", n, told, surveys)
	}
}

func TestWitnessesTellWhichObjectMoved(t *testing.T) {
	for n := 2; n <= 6; n++ {
		told := 0
		const surveys = 300
		for seed := range uint64(surveys) {
			g := newGround(seed, n)
			k := int(seed) % n
			angle := g.r.Float64() * 2 * math.Pi
			by := [2]float64{2 * math.Sin(angle), 2 * math.Cos(angle)}
			r := boundary.CheckWitnessObjects(g.survey(func(o [][2]float64) { o[k][0] += by[0]; o[k][1] += by[1] }), witnessParameters)
			switch {
			case r.Cause == boundary.WitnessDisplaced && slices.Equal(r.Witnesses, []int{k}):
				told++
				if s := r.Shifts[0]; math.Abs(s.EastM-by[0]) > 5*s.SigmaEastM || math.Abs(s.NorthM-by[1]) > 5*s.SigmaNorthM || s.Witness != k {
					t.Errorf("%d objects, seed %d: %+v, truth %v", n, seed, s, by)
				}
			case r.Cause == boundary.MarkerInPlace, r.Cause == boundary.WitnessDisplaced, r.Cause == boundary.MarkerDisplaced:
				t.Errorf("%d objects, seed %d, object %d moved: %s", n, seed, k, r.Detail)
			}
		}
		if told < surveys*8/10 {
			t.Errorf("%d objects: told %d of %d", n, told, surveys)
		}
		t.Logf("%d objects: told %d of %d", n, told, surveys)
	}
}

// Mistakes of reading are not taken for movements: an azimuth for a grid bearing is 2.3 m sideways at 100 m.
func TestWitnessBearingsReadWrong(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func(seen []boundary.WitnessSeen)
		cause   boundary.WitnessCause
		objects int
		turned  float64
	}{
		"one from true north":     {func(s []boundary.WitnessSeen) { s[1].Seen.Bearing += convergence }, boundary.BearingFromTrueNorth, 1, convergence},
		"all from true north":     {func(s []boundary.WitnessSeen) { turnAll(s, convergence) }, boundary.BearingFromTrueNorth, 4, convergence},
		"record from true north":  {func(s []boundary.WitnessSeen) { turnAll(s, -convergence) }, boundary.RecordFromTrueNorth, 4, -convergence},
		"one reversed":            {func(s []boundary.WitnessSeen) { s[2].Seen.Bearing += 180 }, boundary.BearingReversed, 1, 180},
		"instrument set up wrong": {func(s []boundary.WitnessSeen) { turnAll(s, 33.3) }, boundary.BearingsTurned, 4, 33.3},
	} {
		told := 0
		for seed := range uint64(100) {
			seen := newGround(seed, 4).survey(nil)
			c.spoil(seen)
			r := boundary.CheckWitnessObjects(seen, witnessParameters)
			if r.Cause == c.cause && len(r.Witnesses) == c.objects && math.Abs(r.Turned-c.turned) < 0.05 && len(r.Shifts) == 0 {
				told++
			}
		}
		if told < 97 {
			t.Errorf("%s: told %d of 100", name, told)
		}
	}
}

func turnAll(seen []boundary.WitnessSeen, degrees float64) {
	for _, s := range seen {
		s.Seen.Bearing += geo.GridBearing(degrees)
	}
}

func TestTwoChangesNeedThreeObjects(t *testing.T) {
	both := func(n int, seed uint64) boundary.WitnessResult {
		g := newGround(seed, n)
		g.marker = [2]float64{3, -2}
		return boundary.CheckWitnessObjects(g.survey(func(o [][2]float64) { o[0][0] += 4; o[0][1] += 5 }), witnessParameters)
	}
	for seed := range uint64(20) {
		if r := both(4, seed); r.Cause != boundary.MarkerAndWitness || !slices.Equal(r.Witnesses, []int{0}) || len(r.Shifts) != 2 {
			t.Errorf("four objects, seed %d: %s %s", seed, r.Cause, r.Detail)
		}
		if r := both(2, seed); r.Cause != boundary.WitnessCauseUndecided || len(r.Others) != 3 {
			t.Errorf("two objects, seed %d: %s %s", seed, r.Cause, r.Detail)
		}
	}
}

func TestWhatTooFewWitnessesCannotTell(t *testing.T) {
	one := newGround(1, 1)
	one.marker = [2]float64{1, 1}
	r := boundary.CheckWitnessObjects(one.survey(nil), witnessParameters)
	if r.Cause != boundary.WitnessCauseUndecided || len(r.Others) != 2 || !strings.Contains(r.Detail, "只有一个方位物") {
		t.Errorf("one object: %s %s", r.Cause, r.Detail)
	}
	two := newGround(1, 2).survey(nil)
	if r := boundary.CheckWitnessObjects(two, witnessParameters); r.Cause != boundary.MarkerInPlace || !strings.Contains(r.Detail, "没有多余观测") {
		t.Errorf("two objects: %s %s", r.Cause, r.Detail)
	}
	two[0].Seen = nil
	if r := boundary.CheckWitnessObjects(two, witnessParameters); r.Cause != boundary.MarkerInPlace || !strings.Contains(r.Detail, "未找到方位物“物1”") || len(r.Residuals) != 2 {
		t.Errorf("one of two found: %s %s", r.Cause, r.Detail)
	}
	two[1].Seen = nil
	if r := boundary.CheckWitnessObjects(two, witnessParameters); r.Cause != boundary.WitnessNone || r.Detail == "" {
		t.Errorf("none found: %+v", r)
	}
}

func ExampleCheckWitnessObjects() {
	seen := func(name string, bearing geo.GridBearing, m float64, nowBearing geo.GridBearing, nowM float64) boundary.WitnessSeen {
		return boundary.WitnessSeen{
			WitnessObject: boundary.WitnessObject{Name: name, Sight: boundary.Sight{Bearing: bearing, DistanceM: m}},
			Seen:          &boundary.Sight{Bearing: nowBearing, DistanceM: nowM},
		}
	}
	r := boundary.CheckWitnessObjects([]boundary.WitnessSeen{ // the marker now stands half a metre further east
		seen("石桥", 90, 50, 90, 49.5), seen("水井", 180, 50, 180.573, 50), seen("电杆", 270, 50, 270, 50.5),
	}, boundary.WitnessParameters{})
	fmt.Println(r.Detail)
	// Output: 界桩移动了 0.50 米（坐标方位角 90°，东 +0.50±0.02，北 +0.00±0.01 米）。
}
