package gazetteer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"

	"fangyu/geo"
)

// AroundNames is what stands beside standard names, as far as rules ask.
type AroundNames struct {
	Names     []StandingName           // that the places had once, or bear besides the standard one
	Famous    []StandingName           // natural features and sites beyond those whose names these are
	Divisions []Unit                   // of county level and above
	Protected map[uuid.UUID]Protection // by place
}

// standingAround is what is found around a name in memory.
type standingAround struct {
	AroundNames
	byName    map[string][]int32 // of Names
	famous    map[string][]int32 // of Famous
	divisions map[string][]Unit  // by the first two characters of the specific
	natural   rtree.RTreeG[naturalFeature]
}

// naturalFeature is a natural feature with a shape or a point.
type naturalFeature struct {
	record Record
	at     orb.Point
	line   *geo.Chain // of a line, or of the outline of an area
	area   *geo.Area
}

// maxPart bounds the names that another is derived from, in characters.
const maxPart = 12

// How much is told of what stands around a name.
const (
	mostDerived = 50
	mostNatural = 100
	mostFamous  = 10
)

func newStandingAround(names []StandingName, b AroundNames) standingAround {
	a := standingAround{AroundNames: b, byName: map[string][]int32{}, famous: map[string][]int32{}, divisions: map[string][]Unit{}}
	for i, n := range b.Names {
		a.byName[n.Name] = append(a.byName[n.Name], int32(i))
	}
	for i, n := range b.Famous {
		a.famous[n.Name] = append(a.famous[n.Name], int32(i))
	}
	for _, u := range b.Divisions {
		specific, _ := SplitName(u.Name, DivisionCategory)
		if chars := []rune(specific); len(chars) >= 2 {
			a.divisions[string(chars[:2])] = append(a.divisions[string(chars[:2])], u)
		}
	}
	for _, n := range names {
		if n.Category == Natural && n.Grade.open() && n.Where.At != nil {
			box := n.Where.At.Bound()
			if n.Where.Shape != nil {
				box = n.Where.Shape.Bound()
			}
			a.natural.Insert(box.Min, box.Max, featureOf(n))
		}
	}
	return a
}

// open reports whether anybody may know of what has the grade.
func (g Grade) open() bool { return g == "" || g == Public }

func featureOf(n StandingName) naturalFeature {
	f := naturalFeature{record: n.Record, at: *n.Where.At}
	switch g := n.Where.Shape.(type) {
	case orb.LineString:
		f.line, _ = geo.NewChain(orb.MultiLineString{g})
	case orb.MultiLineString:
		f.line, _ = geo.NewChain(g)
	case orb.Polygon, orb.MultiPolygon:
		f.area = geo.NewArea(g)
	}
	return f
}

// awayM is how far a feature is from a point, in metres.
func (f naturalFeature) awayM(p orb.Point) float64 {
	switch {
	case f.line != nil:
		_, m := f.line.Project(p)
		return math.Abs(m)
	case f.area != nil:
		return f.area.OutsideM(p)
	}
	return geo.DistanceM(p, f.at)
}

// Around adds to what is known around a draft what the names tell, as far as the rules ask for it. What not everybody may know of is
// left out: a finding rests on such a name only where it names it.
func (x *StandingNames) Around(d Draft, w Whereabouts, rules []Rule, known Surroundings) Surroundings {
	need := map[RuleKind]bool{}
	withinM := 0.0
	for _, r := range rules {
		if r.Applies(d) {
			need[r.Kind] = true
			withinM = max(withinM, r.Params.WithinM)
		}
	}
	known.Derived = append(known.Derived, x.derived(d, w)...)
	if need[DistrictRule] {
		known.Elsewhere = append(known.Elsewhere, x.around.elsewhere(d, w)...)
	}
	if need[NatureRule] && w.At != nil {
		known.Natural = append(known.Natural, x.around.naturalNear(*w.At, withinM)...)
	}
	if need[BorrowedRule] {
		known.Famous = append(known.Famous, x.famous(d, w)...)
	}
	if p, there := x.around.Protected[d.PlaceID]; there && need[ProtectedRule] {
		known.Protected = &p
	}
	return known
}

// derived are the names of other places of the county, those too that they had once, that are in the name: the longest first.
func (x *StandingNames) derived(d Draft, w Whereabouts) (all []Record) {
	nearby := w.nearby()
	take := func(names []StandingName, found []int32) {
		for _, i := range found {
			n := &names[i]
			if n.Category != ResidentialBuilding && n.PlaceID != d.PlaceID && n.Grade.open() && nearby(n.Where) {
				all = append(all, n.Record)
			}
		}
	}
	for _, part := range PartsOf(d.Name) {
		take(x.names, x.byName[part])
		take(x.around.Names, x.around.byName[part])
	}
	slices.SortFunc(all, func(a, b Record) int {
		return cmp.Or(
			cmp.Compare(utf8.RuneCountInString(b.Name), utf8.RuneCountInString(a.Name)),
			cmp.Compare(a.PlaceID.String(), b.PlaceID.String()), cmp.Compare(a.Name, b.Name))
	})
	all = slices.CompactFunc(all, func(a, b Record) bool { return a.PlaceID == b.PlaceID && a.Name == b.Name })
	return all[:min(len(all), mostDerived)]
}

// PartsOf are the stretches of two characters and more of a name, but the whole.
func PartsOf(name string) []string {
	chars := []rune(name)
	parts := []string{}
	for i := range chars {
		for k := i + 2; k <= len(chars) && k-i <= maxPart; k++ {
			if k-i < len(chars) {
				parts = append(parts, string(chars[i:k]))
			}
		}
	}
	return parts
}

// elsewhere are the divisions of county level and above whose specific is in the name and that the place does not lie in.
func (a *standingAround) elsewhere(d Draft, w Whereabouts) (all []Unit) {
	chars := []rune(d.Name)
	for i := range max(len(chars)-1, 0) {
		for _, u := range a.divisions[string(chars[i:i+2])] {
			specific, _ := SplitName(u.Name, DivisionCategory)
			if strings.Contains(d.Name, specific) && !w.lies(u.ID.String()) {
				all = append(all, u)
			}
		}
	}
	slices.SortFunc(all, func(a, b Unit) int {
		return cmp.Or(cmp.Compare(a.Level, b.Level), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return slices.Compact(all)
}

// naturalNear are the natural features within some metres of a point, the nearest first.
func (a *standingAround) naturalNear(at orb.Point, withinM float64) (near []Record) {
	box := geo.PadM(at.Bound(), withinM)
	a.natural.Search(box.Min, box.Max, func(_, _ [2]float64, f naturalFeature) bool {
		if m := f.awayM(at); m <= withinM {
			r := f.record
			r.DistanceM = &m
			near = append(near, r)
		}
		return true
	})
	slices.SortFunc(near, nearestFirst)
	return near[:min(len(near), mostNatural)]
}

// famous are natural features and sites outside the division that bear the specific of its name.
func (x *StandingNames) famous(d Draft, w Whereabouts) (all []Record) {
	specific, _ := SplitName(d.Name, d.Category)
	take := func(names []StandingName, found []int32) {
		for _, i := range found {
			n := &names[i]
			within := len(w.Within) > 0 && n.Where.lies(w.Within[0])
			if (n.Category == Natural || n.Category == Park) && n.Grade.open() && !within {
				all = append(all, n.Record)
			}
		}
	}
	take(x.names, x.byName[specific])
	take(x.around.Famous, x.around.famous[specific])
	slices.SortFunc(all, func(a, b Record) int { return cmp.Compare(a.PlaceID.String(), b.PlaceID.String()) })
	return all[:min(len(all), mostFamous)]
}
