package gazetteer

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/geo"
)

// StandingNames is names in memory, by which rules are told what stands in their scopes and around a name: those of a file, or of a
// batch. It is not changed once it is made, and may be asked by many at once.
type StandingNames struct {
	names   []StandingName
	byName  map[string][]int32
	once    sync.Once
	byHeard map[string][]int32
	around  standingAround
}

// StandingName is a standing standard name with where it is.
type StandingName struct {
	Record
	Where Whereabouts
}

// Whereabouts is where a place is, as far as scopes go.
type Whereabouts struct {
	Province, County, BuiltUp             string // identities; "" for none known
	ProvinceName, CountyName, BuiltUpName string
	Within                                []string     // identities of the divisions it lies in, the lowest first
	At                                    *orb.Point   // CGCS2000
	Shape                                 orb.Geometry // of a natural feature that is more than a point; nil else
}

// lies reports whether a place lies in a division.
func (w Whereabouts) lies(division string) bool { return slices.Contains(w.Within, division) }

// NewStandingNames makes an index of names, and of what stands beside them.
func NewStandingNames(names []StandingName, beside AroundNames) *StandingNames {
	x := &StandingNames{names: names, byName: make(map[string][]int32, len(names))}
	for i, n := range names {
		x.byName[n.Name] = append(x.byName[n.Name], int32(i))
	}
	x.around = newStandingAround(names, beside)
	return x
}

// Judge judges a draft by a pack that was assembled, against the names. What is known around it is told besides what the names tell.
func (x *StandingNames) Judge(p Pack, d Draft, w Whereabouts, around Surroundings) Verdict {
	if d.Kind == "existing" && d.PlaceID == uuid.Nil {
		d.PlaceID = x.bearer(d, w)
	}
	around = x.Around(d, w, p.Rules, around)
	around.Words = p.WordLists()
	var gathered []Gathered
	for _, r := range p.Rules {
		if r.Gathers() && r.Applies(d) {
			gathered = append(gathered, x.Gather(r, d, w, around.Above))
		}
	}
	return NewVerdict(p, Check(d, p.Rules, gathered, around))
}

// bearer is the place that bears a name in use, so that the name does not collide with itself; zero when there is none where it is said
// to be.
func (x *StandingNames) bearer(d Draft, w Whereabouts) uuid.UUID {
	for _, i := range x.byName[d.Name] {
		if n := x.names[i]; n.Category == d.Category && len(w.Within) > 0 && n.Where.lies(w.Within[0]) {
			return n.PlaceID
		}
	}
	return uuid.Nil
}

// Gather is what a rule has to be told of a draft.
func (x *StandingNames) Gather(r Rule, d Draft, w Whereabouts, above []Unit) Gathered {
	g := Gathered{Rule: r}
	inScope := g.scope(r.Params.Scope, w)
	against := r.AgainstOf(d.Category)
	take := func(found []int32) {
		for _, i := range found {
			n := x.names[i]
			if !slices.Contains(against, n.Category) || len(r.Levels) > 0 && !slices.Contains(r.Levels, n.Level) || !inScope(n.Where) {
				continue
			}
			if w.At != nil && n.Where.At != nil {
				m := geo.DistanceM(*w.At, *n.Where.At)
				n.DistanceM = &m
			}
			g.Records = append(g.Records, n.Record)
		}
	}
	if r.Kind == SoundRule {
		heard := x.heard()
		for _, key := range r.SoundKeys(d.Romanized()) {
			take(heard[Heard(key)])
		}
	} else {
		for _, name := range r.NamesToFind(d, above) {
			take(x.byName[name])
		}
	}
	slices.SortStableFunc(g.Records, nearestFirst)
	return g
}

// nearestFirst orders records as findings tell them.
func nearestFirst(a, b Record) int {
	far := func(r Record) float64 {
		if r.DistanceM == nil {
			return 1e12
		}
		return *r.DistanceM
	}
	return cmp.Or(cmp.Compare(far(a), far(b)), cmp.Compare(a.Name, b.Name), cmp.Compare(a.PlaceID.String(), b.PlaceID.String()))
}

// scope tells what lies in the scope of a rule, and names the scope. Where no built-up area is known the county stands in for it; above
// the level of a scope the division itself is the widest there is.
func (g *Gathered) scope(s Scope, w Whereabouts) func(Whereabouts) bool {
	switch {
	case s == ScopeProvince && w.Province != "":
		g.ScopeName = w.ProvinceName
		return func(o Whereabouts) bool { return o.Province == w.Province }
	case s == ScopeBuiltUpArea && w.BuiltUp != "":
		g.ScopeName = w.BuiltUpName
		return func(o Whereabouts) bool { return o.BuiltUp == w.BuiltUp }
	case s == ScopeCounty || s == ScopeBuiltUpArea:
		g.ScopeName, g.Approximated = w.CountyName, s == ScopeBuiltUpArea
		return w.nearby()
	}
	g.ScopeName = "全国"
	return func(Whereabouts) bool { return true }
}

// nearby tells what lies in the same county, or, above county level, in the same division; what has no division with what has none.
func (w Whereabouts) nearby() func(Whereabouts) bool {
	if w.County == "" && len(w.Within) > 0 {
		return func(o Whereabouts) bool { return o.lies(w.Within[0]) }
	}
	return func(o Whereabouts) bool { return o.County == w.County }
}

// heard is the names by how their readings are heard, made when it is first asked for.
func (x *StandingNames) heard() map[string][]int32 {
	x.once.Do(func() {
		x.byHeard = make(map[string][]int32, len(x.names))
		for i, n := range x.names {
			key := Heard(strings.Join(Toneless(n.Reading), " "))
			x.byHeard[key] = append(x.byHeard[key], int32(i))
		}
	})
	return x.byHeard
}
