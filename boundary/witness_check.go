package boundary

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"fangyu/geo"
)

// WitnessSeen is a witness object as the record has it and as it was measured again from where the marker stands now.
// Of an object whose own position is known take [WitnessObjectAt] the registered place of the marker instead of the record.
type WitnessSeen struct {
	WitnessObject
	Seen *Sight // nil for an object that was not found
}

// WitnessParameters say how good the measures are, one standard deviation each, of the record as of the new measurement.
type WitnessParameters struct {
	SigmaBearingDegrees float64 // 0 for one minute, as records are read
	SigmaDistanceM      float64 // 0 for 0.1 m
	// Convergence of the plane at the marker in degrees (see geo.Grid): a bearing that is off by just this was read from
	// true north. 0 looks for no such mistake.
	Convergence float64
}

// WitnessCause is what best explains what was measured.
type WitnessCause string

// The causes. The fewest changes that explain everything are taken for the truth.
const (
	WitnessNone             WitnessCause = "none"             // nothing to compare
	MarkerInPlace           WitnessCause = "in-place"         // 界桩与方位物均无变化
	MarkerDisplaced         WitnessCause = "marker-moved"     // 界桩移动
	WitnessDisplaced        WitnessCause = "witness-moved"    // one object moved, or was mistaken for another
	BearingReversed         WitnessCause = "bearing-reversed" // one bearing is off by 180°
	BearingFromTrueNorth    WitnessCause = "true-azimuth"     // measured bearings are azimuths
	RecordFromTrueNorth     WitnessCause = "record-azimuth"   // those of the record are
	BearingsTurned          WitnessCause = "turned"           // all bearings are off by one angle: the instrument was set up wrong
	MarkerAndWitness        WitnessCause = "marker-and-witness"
	TwoWitnessesDisplaced   WitnessCause = "two-witnesses"
	WitnessCauseUndecided   WitnessCause = "undecided"   // several causes explain it equally well
	WitnessCauseUnexplained WitnessCause = "unexplained" // none does
)

// WitnessCauses lists every cause once.
var WitnessCauses = []WitnessCause{
	WitnessNone, MarkerInPlace, MarkerDisplaced, WitnessDisplaced, BearingReversed, BearingFromTrueNorth, RecordFromTrueNorth,
	BearingsTurned, MarkerAndWitness, TwoWitnessesDisplaced, WitnessCauseUndecided, WitnessCauseUnexplained,
}

// WitnessShift is how far something moved on the plane, with standard deviations.
type WitnessShift struct {
	Witness                 int // index of the object; -1 for the marker
	EastM, NorthM           float64
	SigmaEastM, SigmaNorthM float64
}

// LengthM is how far it moved in metres.
func (s WitnessShift) LengthM() float64 { return math.Hypot(s.EastM, s.NorthM) }

// WitnessResidual is what is left of the difference between record and measurement once the cause is taken into account: along
// the sight and across it (+ clockwise), in metres, and the larger of the two in standard deviations.
type WitnessResidual struct {
	AlongM, AcrossM float64
	Sigmas          float64
}

// WitnessFinding is one explanation and how well it fits.
type WitnessFinding struct {
	Cause     WitnessCause
	Witnesses []int          // the objects it is about
	Shifts    []WitnessShift // what moved, the marker first
	Turned    float64        // degrees by which bearings are off, clockwise
	// Freedom is the number of measures beyond those needed; at 0 anything fits. Sigma0 is the standard deviation of unit weight
	// (1 where the measures are as good as the parameters say), Probability that chance alone leaves such residuals.
	Freedom     int
	Sigma0      float64
	Probability float64
	Residuals   []WitnessResidual // by object; zero for those not found
	omega       float64           // weighted sum of the squared residuals
	free        int
}

// WitnessResult is the best explanation; Others are those that cannot be told from it.
type WitnessResult struct {
	WitnessFinding
	Others []WitnessFinding
	Detail string // a Chinese sentence: what was found, and what cannot be told
}

// The limits of the tests.
const (
	witnessAlpha = 0.001 // the probability below which an explanation is dropped
	witnessApart = 10.83 // χ² of one degree of freedom at it: by how much squares must differ for the worse to be dropped
	witnessShown = 13.82 // χ² of two: by how much one change must lower them to be seen (Baarda's data snooping)
)

// CheckWitnessObjects tells by least squares whether the marker or which object moved since the record was made. Every
// explanation with one change is tried, then with two (a few objects allow trying all, where the estimates of a robust
// method would mislead), and the simplest that chance does not rule out is taken. Objects come from [NewWitnessObject] or
// [WitnessObjectAt], sights from [WitnessObject.See]. With one object it can be told only
// whether anything changed; with two no measure is left to check the answer; three or more check each other.
func CheckWitnessObjects(seen []WitnessSeen, p WitnessParameters) WitnessResult {
	c := newWitnessCheck(seen, p)
	if c.n == 0 {
		return WitnessResult{WitnessFinding: WitnessFinding{Cause: WitnessNone}, Detail: "没有重新测量的方位物，不能判断界桩是否移动"}
	}
	r := c.choose()
	r.Detail = c.say(r)
	return r
}

// witnessCheck is the measures prepared.
type witnessCheck struct {
	seen        []WitnessSeen
	used        []int // objects that were found
	n           int
	sigmaB      float64 // radians
	sigmaD      float64
	convergence float64
}

func newWitnessCheck(seen []WitnessSeen, p WitnessParameters) *witnessCheck {
	c := &witnessCheck{seen: seen, sigmaB: p.SigmaBearingDegrees * math.Pi / 180, sigmaD: p.SigmaDistanceM, convergence: p.Convergence}
	if c.sigmaB <= 0 {
		c.sigmaB = math.Pi / 180 / 60
	}
	if c.sigmaD <= 0 {
		c.sigmaD = 0.1
	}
	for i, s := range seen {
		if s.Seen != nil {
			c.used = append(c.used, i)
		}
	}
	c.n = len(c.used)
	return c
}

// symmetric is a symmetric 2×2 matrix over east and north.
type symmetric struct{ ee, en, nn float64 }

func (m symmetric) plus(o symmetric) symmetric {
	return symmetric{m.ee + o.ee, m.en + o.en, m.nn + o.nn}
}

func (m symmetric) times(v plane) plane {
	return plane{m.ee*v.east + m.en*v.north, m.en*v.east + m.nn*v.north}
}

func (m symmetric) square(v plane) float64 {
	w := m.times(v)
	return v.east*w.east + v.north*w.north
}

func (m symmetric) inverse() symmetric {
	det := m.ee*m.nn - m.en*m.en
	return symmetric{m.nn / det, -m.en / det, m.ee / det}
}

// covariance of the end of a sight.
func (c *witnessCheck) covariance(s Sight) symmetric {
	sin, cos := math.Sincos(float64(s.Bearing) * math.Pi / 180)
	along, across := c.sigmaD*c.sigmaD, s.DistanceM*c.sigmaB*s.DistanceM*c.sigmaB
	return symmetric{along*sin*sin + across*cos*cos, (along - across) * sin * cos, along*cos*cos + across*sin*sin}
}

// difference returns what object i says of the marker's displacement, and its covariance, once turned degrees are taken
// off the measured bearing.
func (c *witnessCheck) difference(i int, turned float64) (plane, symmetric) {
	record, now := c.seen[i].Sight, *c.seen[i].Seen
	now.Bearing -= geo.GridBearing(turned)
	return record.offset().minus(now.offset()), c.covariance(record).plus(c.covariance(now))
}

// explain fits one explanation: objects of the list moved freely, the marker moved where marker is set, and turned degrees
// are taken off the measured bearing of each object.
func (c *witnessCheck) explain(cause WitnessCause, marker bool, moved []int, turned map[int]float64) WitnessFinding {
	f := WitnessFinding{Cause: cause, Witnesses: moved, Residuals: make([]WitnessResidual, len(c.seen)), free: 2 * len(moved)}
	var t plane
	var spread symmetric // covariance of t
	if marker {
		f.free += 2
		var weight symmetric
		var pull plane
		for _, i := range c.used {
			if slices.Contains(moved, i) {
				continue
			}
			d, cov := c.difference(i, turned[i])
			w := cov.inverse()
			weight, pull = weight.plus(w), plane{pull.east + w.times(d).east, pull.north + w.times(d).north}
		}
		spread = weight.inverse()
		t = spread.times(pull)
		f.Shifts = append(f.Shifts, shift(-1, t, spread))
	}
	for _, i := range c.used {
		d, cov := c.difference(i, turned[i])
		left := d.minus(t)
		if slices.Contains(moved, i) {
			f.Shifts = append(f.Shifts, shift(i, plane{-left.east, -left.north}, cov.plus(spread)))
			continue
		}
		f.omega += cov.inverse().square(left)
		f.Residuals[i] = c.residual(i, left)
	}
	c.judge(&f)
	return f
}

func shift(witness int, by plane, cov symmetric) WitnessShift {
	return WitnessShift{witness, by.east, by.north, math.Sqrt(cov.ee), math.Sqrt(cov.nn)}
}

// judge works out how well an explanation with omega and free fits.
func (c *witnessCheck) judge(f *WitnessFinding) {
	f.Freedom = 2*c.n - f.free
	f.Probability = 1
	if f.Freedom > 0 {
		f.Sigma0 = math.Sqrt(f.omega / float64(f.Freedom))
		f.Probability = chiTail(f.Freedom, f.omega)
	}
}

// residual turns what is left over into the frame of the registered sight. It is what the measurement has too much.
func (c *witnessCheck) residual(i int, left plane) WitnessResidual {
	s := c.seen[i].Sight
	sin, cos := math.Sincos(float64(s.Bearing) * math.Pi / 180)
	along, across := -(left.east*sin + left.north*cos), -(left.east*cos - left.north*sin)
	sigmas := math.Max(math.Abs(along)/c.sigmaD, math.Abs(across)/(s.DistanceM*c.sigmaB)) / math.Sqrt2
	return WitnessResidual{along, across, sigmas}
}

// chiTail is the probability that χ² of the degrees of freedom exceeds x.
func chiTail(freedom int, x float64) float64 {
	q, term, d := math.Erfc(math.Sqrt(x/2)), math.Sqrt(2*x/math.Pi)*math.Exp(-x/2), 1
	if freedom%2 == 0 {
		q, term, d = math.Exp(-x/2), x/2*math.Exp(-x/2), 2
	}
	for ; d < freedom; d += 2 {
		q += term
		term *= x / float64(d+2)
	}
	return q
}

// choose tries explanations from the simplest on.
func (c *witnessCheck) choose() WitnessResult {
	still := c.explain(MarkerInPlace, false, nil, nil)
	one := c.oneMoved()
	if still.Probability >= witnessAlpha && still.omega-one[0].omega < witnessShown {
		return WitnessResult{WitnessFinding: still}
	}
	mistakes := plausible(c.mistakes())
	if marker := plausible(one); len(mistakes) > 0 && len(marker) > 0 && marker[0].Cause == MarkerDisplaced {
		mistakes = append(mistakes, marker[0]) // objects on one side look alike turned and seen from aside
	}
	for _, candidates := range [][]WitnessFinding{mistakes, plausible(one), plausible(c.twoMoved())} {
		if len(candidates) == 1 {
			return WitnessResult{WitnessFinding: candidates[0]}
		}
		if len(candidates) > 1 {
			return WitnessResult{WitnessFinding: WitnessFinding{Cause: WitnessCauseUndecided}, Others: candidates}
		}
	}
	still.Cause = WitnessCauseUnexplained
	return WitnessResult{WitnessFinding: still}
}

// oneMoved are the explanations in which the marker moved or one object, the best first.
func (c *witnessCheck) oneMoved() []WitnessFinding {
	found := []WitnessFinding{c.explain(MarkerDisplaced, true, nil, nil)}
	for _, i := range c.used {
		found = append(found, c.explain(WitnessDisplaced, false, []int{i}, nil))
	}
	slices.SortStableFunc(found, byOmega)
	return found
}

// twoMoved are those in which two things moved.
func (c *witnessCheck) twoMoved() []WitnessFinding {
	var found []WitnessFinding
	for k, i := range c.used {
		if c.n > 1 {
			found = append(found, c.explain(MarkerAndWitness, true, []int{i}, nil))
		}
		for _, j := range c.used[k+1:] {
			found = append(found, c.explain(TwoWitnessesDisplaced, false, []int{i, j}, nil))
		}
	}
	return found
}

func byOmega(a, b WitnessFinding) int { return cmp.Compare(a.omega, b.omega) }

// mistakes are the explanations in which nothing moved, but bearings were read or recorded wrong.
func (c *witnessCheck) mistakes() []WitnessFinding {
	var found []WitnessFinding
	try := func(cause WitnessCause, degrees float64, of []int) {
		turned := map[int]float64{}
		for _, i := range of {
			turned[i] = degrees
		}
		f := c.explain(cause, false, nil, turned)
		f.Witnesses, f.Turned = of, degrees
		found = append(found, f)
	}
	for _, i := range c.used {
		try(BearingReversed, 180, []int{i})
	}
	if c.convergence != 0 {
		for _, i := range c.used {
			try(BearingFromTrueNorth, c.convergence, []int{i})
			try(RecordFromTrueNorth, -c.convergence, []int{i})
		}
		if c.n > 1 {
			try(BearingFromTrueNorth, c.convergence, c.used)
			try(RecordFromTrueNorth, -c.convergence, c.used)
		}
	}
	if c.n > 1 && len(plausible(found)) == 0 {
		degrees := c.meanTurn()
		try(BearingsTurned, degrees, c.used)
		last := &found[len(found)-1]
		last.free = 1
		c.judge(last)
	}
	return found
}

// meanTurn is the angle by which the measured bearings are off on average.
func (c *witnessCheck) meanTurn() float64 {
	var sin, cos float64
	for _, i := range c.used {
		s, k := math.Sincos(float64(c.seen[i].Seen.Bearing-c.seen[i].Bearing) * math.Pi / 180)
		sin, cos = sin+s, cos+k
	}
	return math.Atan2(sin, cos) * 180 / math.Pi
}

// plausible are the findings that chance allows, the best first, without those clearly worse than the best.
func plausible(all []WitnessFinding) []WitnessFinding {
	var left []WitnessFinding
	for _, f := range all {
		if f.Probability >= witnessAlpha {
			left = append(left, f)
		}
	}
	slices.SortStableFunc(left, byOmega)
	for i, f := range left {
		if f.omega > left[0].omega+witnessApart {
			return left[:i]
		}
	}
	return left
}

// say puts a result into a sentence.
func (c *witnessCheck) say(r WitnessResult) string {
	var text string
	switch r.Cause {
	case WitnessCauseUndecided:
		var either []string
		for _, f := range r.Others {
			either = append(either, c.sayOne(f))
		}
		text = "与登记不符，但不能分辨是哪一种：" + strings.Join(either, "；或") + "。请增测方位物，或用卫星定位测量界桩"
	case WitnessCauseUnexplained:
		text = "与登记不符，一处或两处变化都不能解释：请核对记录并重新测量"
	default:
		text = c.sayOne(r.WitnessFinding)
	}
	switch c.n {
	case 1:
		text += "。只有一个方位物，没有检核：请再测两个以上"
	case 2:
		text += "。只有两个方位物，结论没有多余观测可以检核：请再测一个以上"
	}
	return text + c.sayLost()
}

func (c *witnessCheck) sayLost() string {
	var lost []string
	for _, s := range c.seen {
		if s.Seen == nil {
			lost = append(lost, "“"+s.Name+"”")
		}
	}
	if len(lost) == 0 {
		return "。"
	}
	return "。未找到方位物" + strings.Join(lost, "、") + "。"
}

// sayOne is one explanation, without a full stop.
func (c *witnessCheck) sayOne(f WitnessFinding) string {
	names := make([]string, len(f.Witnesses))
	for k, i := range f.Witnesses {
		names[k] = "“" + c.seen[i].Name + "”"
	}
	of := "方位物" + strings.Join(names, "、")
	if len(names) == c.n && c.n > 1 {
		of = "全部方位物"
	}
	switch f.Cause {
	case MarkerInPlace:
		return fmt.Sprintf("%d 个方位物与登记相符，界桩未见移动", c.n)
	case BearingReversed:
		return of + "的坐标方位角与登记正好相反：应是读反了 180°"
	case BearingFromTrueNorth:
		return fmt.Sprintf("%s所测方位角与登记正好相差收敛角 %+.4f°：应是把真方位角当作坐标方位角", of, f.Turned)
	case RecordFromTrueNorth:
		return fmt.Sprintf("%s登记的方位角与所测正好相差收敛角 %+.4f°：应是登记了真方位角", of, -f.Turned)
	case BearingsTurned:
		return fmt.Sprintf("全部方位角一致偏 %+.3f°，距离相符：应是仪器定向有误，界桩未见移动", f.Turned)
	}
	var moved []string
	for _, s := range f.Shifts {
		what := "界桩"
		if s.Witness >= 0 {
			what = "方位物“" + c.seen[s.Witness].Name + "”"
		}
		by := plane{s.EastM, s.NorthM}
		moved = append(moved, fmt.Sprintf("%s移动了 %.2f 米（坐标方位角 %.0f°，东 %+.2f±%.2f，北 %+.2f±%.2f 米）",
			what, by.length(), by.bearing(), centimetres(s.EastM), s.SigmaEastM, centimetres(s.NorthM), s.SigmaNorthM))
	}
	return strings.Join(moved, "，")
}

// centimetres rounds so that nothing prints as −0.00.
func centimetres(m float64) float64 { return math.Round(m*100)/100 + 0 }
