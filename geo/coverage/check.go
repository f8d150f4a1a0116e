package coverage

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// Check looks at the features of files together. Progress, if it is not nil, is told how many of how many steps are done,
// from one goroutine at a time. The error is that of the context.
//
// Codes of severity block: those of [geo.CheckPolygon] for single areas; "gap" (no area covers what lies between areas); "overlap"
// (two or more do); "label-conflict" (one code for two areas on each other or with two names; a line whose left and right are not
// what lies there); "dangle" (a line ends short of what it should meet); "lines-cross" (two lines, or one with itself, without a common vertex); "face-differs" (an area is not what its lines close, where they wholly do); "sum-mismatch" (the divisions of a unit do not make it up);
// "frame-mismatch" (a file stands elsewhere than the control, or than another file of the same divisions: in GCJ-02 or BD-09,
// or displaced as a whole).
//
// Of severity warning: a "gap", an "overlap", a "sum-mismatch" or a "face-differs" narrower than the positions are exact
// (Parameters.AccuracyM).
//
// Of severity review: "sliver" (a part of a feature is one); a "gap" that is narrow and open to the outside, as far as that can be
// told; a "label-conflict" where left and right are only exchanged; a "dangle" that has nothing near. Gaps and overlaps that are
// slivers by the parameters say so. Exclaves are no findings.
//
// Areas should fit together that are of one level: as files say, else all that no other divides. Files that hold the same
// divisions are looked at beside each other.
func Check(ctx context.Context, features []Feature, p Parameters, progress func(done, total int)) (Report, error) {
	c := &check{ctx: ctx, Parameters: p.withDefaults(), progress: progress, tolerated: map[string]int{}, noted: map[[2]*Feature]bool{}, decimals: map[*Feature]int{}}
	c.report.Features = len(features)
	c.report.Findings, c.report.Exclaves = []Finding{}, []Exclave{}
	sheets := sheetsOf(features)
	c.total = len(features)
	for _, s := range sheets {
		c.total += s.steps()
	}
	flaws := c.valid(features)
	c.frames(features)
	var err error
	for _, s := range sheets {
		if err = c.sheet(s); err != nil {
			break
		}
	}
	c.flawed(features, flaws())
	if err = cmp.Or(err, ctx.Err()); err != nil {
		return Report{}, err
	}
	c.tolerable()
	c.report.settle(c.MostOfEach)
	return c.report, nil
}

// check is a check under way.
type check struct {
	Parameters
	ctx         context.Context
	progress    func(done, total int)
	turn        sync.Mutex // of those who make steps
	done, total int
	report      Report
	tolerated   map[string]int       // narrower than the tolerance, by code
	noted       map[[2]*Feature]bool // of one code
	decimals    map[*Feature]int     // see decimalsOf
}

// step tells that n more steps are done.
func (c *check) step(n int) {
	c.turn.Lock()
	defer c.turn.Unlock()
	c.done += n
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
}

// find notes something about a piece of the plane.
func (c *check) find(code string, severity fault.Severity, at orb.Point, m measures, features []*Feature, format string, args ...any) {
	ids := make([]string, len(features))
	for i, f := range features {
		ids[i] = f.ID
	}
	c.report.Findings = append(c.report.Findings, Finding{
		Finding: fault.Finding{Code: code, Severity: severity, Detail: fmt.Sprintf(format, args...)},
		At:      at, AreaM2: m.AreaM2, LengthM: m.LengthM, WidthM: m.WidthM, Features: ids,
	})
}

// tolerable says how much was left out because it is narrow.
func (c *check) tolerable() {
	for _, code := range []string{"gap", "overlap", "sum-mismatch", "face-differs"} {
		if n := c.tolerated[code]; n > 0 {
			c.find("within-tolerance", fault.Info, orb.Point{}, measures{}, nil, "另有 %d 处 %s 的平均宽不到 %s，按所给的容差没有列出", n, code, metres(c.ToleranceM))
		}
	}
}

// sheet looks at what should fit together.
func (c *check) sheet(s sheet) error {
	for _, layer := range s.layers {
		if err := c.fabric(areasOf(layer)); err != nil {
			return err
		}
		c.names(layer)
	}
	if err := c.sums(s); err != nil {
		return err
	}
	return c.lines(s)
}

// valid looks at each area by itself, beside everything else and on all processors; what it returns waits for the flaws of each.
func (c *check) valid(features []Feature) (wait func() [][]geo.Flaw) {
	flaws := make([][]geo.Flaw, len(features))
	var next atomic.Int64
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for c.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(features) {
					return
				}
				flaws[i] = geo.CheckAreas(features[i].Geometry)
				c.step(1)
			}
		})
	}
	return func() [][]geo.Flaw { all.Wait(); return flaws }
}

// flawed notes what is wrong with each area by itself.
func (c *check) flawed(features []Feature, flaws [][]geo.Flaw) {
	for i := range features {
		for _, f := range flaws[i] {
			of := &features[i]
			if f.Code != MoreFindings {
				c.find(f.Code, f.Severity, f.At, measures{}, []*Feature{of}, "“%s”%s", of, f.Detail)
			}
		}
	}
}
