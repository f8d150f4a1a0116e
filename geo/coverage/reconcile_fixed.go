package coverage

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"fangyu/geo"
	"fangyu/internal/fault"
)

// FixedLine is a path that is never moved. Several of one id are one line.
type FixedLine struct {
	ID, Name string
	Path     orb.LineString
}

// nanoDegrees is a position to 1e-9°: within it two vertices are one.
type nanoDegrees [2]int64

func nano(p orb.Point) nanoDegrees {
	return nanoDegrees{int64(math.Round(p[0] * 1e9)), int64(math.Round(p[1] * 1e9))}
}

// nanoEdge is an edge one way.
type nanoEdge [2]nanoDegrees

func (e nanoEdge) back() nanoEdge { return nanoEdge{e[1], e[0]} }

// eachNano visits the edges of a path, between two vertices that are not one.
func eachNano(path []orb.Point, visit func(i int, e nanoEdge)) {
	for i := 1; i < len(path); i++ {
		if e := (nanoEdge{nano(path[i-1]), nano(path[i])}); e[0] != e[1] {
			visit(i, e)
		}
	}
}

// fixedEdges are the edges of lines, either way.
func fixedEdges(lines []FixedLine) map[nanoEdge]bool {
	fixed := map[nanoEdge]bool{}
	for _, line := range lines {
		eachNano(line.Path, func(_ int, e nanoEdge) { fixed[e], fixed[e.back()] = true, true })
	}
	return fixed
}

// apart tells of the fixed lines along which no area runs, wholly or in part, in their order.
func apart(lines []FixedLine, features []Feature) []Finding {
	met := map[nanoEdge]bool{}
	if fixed := fixedEdges(lines); len(fixed) > 0 {
		for i := range features {
			for _, ring := range geo.Outline(geo.Areas(features[i].Geometry)) {
				eachNano(ring, func(_ int, e nanoEdge) {
					if fixed[e] {
						met[e], met[e.back()] = true, true
					}
				})
			}
		}
	}
	by := map[string]*apartLine{}
	var order []*apartLine
	for _, line := range lines {
		of := by[line.ID]
		if of == nil {
			of = &apartLine{FixedLine: line}
			by[line.ID], order = of, append(order, of)
		}
		of.add(line.Path, met)
	}
	found := []Finding{}
	for _, of := range order {
		if of.apartM > 0 {
			found = append(found, of.finding())
		}
	}
	return found
}

// apartLine is how much of a fixed line no area runs along.
type apartLine struct {
	FixedLine
	lengthM, apartM float64
	longestM        float64   // stretch of it
	at              orb.Point // in the middle of that
}

func (l *apartLine) add(path orb.LineString, met map[nanoEdge]bool) {
	runM, from := 0.0, 0
	eachNano(path, func(i int, e nanoEdge) {
		m := geo.DistanceM(path[i-1], path[i])
		l.lengthM += m
		if met[e] {
			runM = 0
			return
		}
		if runM == 0 {
			from = i - 1
		}
		l.apartM += m
		if runM += m; runM > l.longestM {
			l.longestM, l.at = runM, path[(from+i)/2]
			if i == from+1 {
				l.at = middle(path[from], path[i])
			}
		}
	})
}

func (l *apartLine) finding() Finding {
	f := Finding{At: l.at, LengthM: l.apartM, Features: []string{l.ID}}
	f.Finding = fault.Finding{
		Code: "fixed-apart", Severity: fault.Review,
		Detail: fmt.Sprintf("固定的线“%s”（长 %s）没有一段是哪个面的边：接边没有以它为准。请核对它和两侧的图形，该在它上的边要与它同顶点", l.Name, metres(l.lengthM)),
	}
	if l.apartM < l.lengthM {
		f.Severity = fault.Warning
		f.Detail = fmt.Sprintf("固定的线“%s”（长 %s）有 %s 不是哪个面的边，最长的一处在%s：那里接边没有以它为准", l.Name, metres(l.lengthM), metres(l.apartM), place(l.at))
	}
	return f
}
