package gazetteer

import (
	"cmp"
	"slices"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// toldEvery is after how many names it is told how far an audit is.
const toldEvery = 500

// byRules judges every standard name in the scope by the rules of the pack, as one in use. What repeats and what sounds alike is for the
// family that groups names, and how a name is written for that of characters: here it is what those do not find.
func (a *audit) byRules() error {
	rules := a.rulesBeside()
	standing, where := a.standingNames()
	var judged []*AuditedPlace
	for i := range a.Places {
		if p := &a.Places[i]; p.Standard && a.in(p.Division) {
			judged = append(judged, p)
		}
	}
	words := a.Pack.WordLists()
	for n, p := range judged {
		if n%toldEvery == 0 {
			if err := a.progress(n, len(judged)); err != nil {
				return err
			}
		}
		d, its := a.draftOf(p), words
		if local, there := a.Words[p.Division]; there {
			its = local
		}
		around := standing.Around(d, where[p.ID], rules, Surroundings{Above: a.unitsAbove(p.Division), Words: its})
		for _, f := range Check(d, rules, gatheredBeside(standing, rules, d, where[p.ID], around.Above), around) {
			if f.Code == "signs" && len(Descriptions(p.Name)) > 0 {
				continue // the description of a character, which the family of characters finds
			}
			a.addOfName(p, f)
		}
	}
	return a.progress(len(judged), len(judged))
}

// rulesBeside are the rules of the pack that no other family looks by: those of repetition for what they take for a repeat besides
// the same name, those of sound for dialects.
func (a *audit) rulesBeside() []Rule {
	return slices.DeleteFunc(slices.Clone(a.Pack.Rules), func(r Rule) bool {
		if r.Compares() && !r.Gathers() {
			return false // names on a list are in no group
		}
		return r.Kind == CharacterRule || r.Kind == SoundRule && r.Params.Sound != SoundDialect ||
			r.Kind == RepeatRule && r.Params.Part == WholeName && len(r.Params.Prefixes) == 0
	})
}

// gatheredBeside is what rules have to be told of a draft, without what the family of names groups. That a county stands in for a
// built-up area is said once, and there.
func gatheredBeside(x *StandingNames, rules []Rule, d Draft, w Whereabouts, above []Unit) (all []Gathered) {
	for _, r := range rules {
		if !r.Gathers() || !r.Applies(d) {
			continue
		}
		g := x.Gather(r, d, w, above)
		g.Approximated = false
		g.Records = slices.DeleteFunc(g.Records, func(o Record) bool {
			return r.Kind == RepeatRule && o.Name == d.Name || r.Kind == SoundRule && slices.Equal(Toneless(o.Reading), Toneless(d.Reading))
		})
		all = append(all, g)
	}
	return all
}

// draftOf is the name of a place as one in use.
func (a *audit) draftOf(p *AuditedPlace) Draft {
	return Draft{
		Kind: "existing", Name: p.Name, Category: p.Category, Level: a.levelOf(p), PlaceID: p.ID,
		Reading: p.Reading, Settled: p.Status != ReadingUnverified,
	}
}

// addOfName adds what a rule finds about the name of a place: the place first, then what it is held against.
func (a *audit) addOfName(p *AuditedPlace, f NameFinding) {
	f.Pointer = ""
	if d := a.divisions[a.lies(p)]; d != nil && d.ID != p.Represents {
		f.Detail = d.Name + f.Detail
	}
	f.Evidence = append([]fault.Evidence{a.evidenceOf(p, nil)}, f.Evidence...)
	a.add(AuditFinding{
		Finding: f.Finding, Cure: cmp.Or(f.Cure, "核对无误即可，不必处理"), Rule: f.Rule, RuleTitle: f.Title, Pack: f.Pack, Part: f.Part, Alike: f.Alike,
		about: f.Rule + " " + f.Part,
	})
}

// standingNames are the standard names of the record in memory with what stands beside them, and where each is.
func (a *audit) standingNames() (*StandingNames, map[uuid.UUID]Whereabouts) {
	byDivision := map[uuid.UUID]Whereabouts{}
	where := make(map[uuid.UUID]Whereabouts, len(a.Places))
	var names []StandingName
	for i := range a.Places {
		p := &a.Places[i]
		w, known := byDivision[p.Division]
		if !known {
			w = a.whereaboutsIn(p.Division)
			byDivision[p.Division] = w
		}
		if b := a.builtUps[p.ID]; b != nil {
			w.BuiltUp, w.BuiltUpName = b.ID.String(), b.Name
		}
		w.At, w.Shape = p.Point, a.Beside.Shapes[p.ID]
		where[p.ID] = w
		if p.Standard {
			names = append(names, StandingName{a.recordOf(p), w})
		}
	}
	return NewStandingNames(names, a.beside(where)), where
}

func (a *audit) beside(where map[uuid.UUID]Whereabouts) AroundNames {
	b := AroundNames{Protected: a.Beside.Protected}
	for _, n := range a.Beside.Names {
		if p := a.places[n.Place]; p != nil {
			r := a.recordOf(p)
			r.Name, r.Reading = n.Name, nil
			b.Names = append(b.Names, StandingName{r, where[p.ID]})
		}
	}
	for _, r := range a.Beside.Famous {
		b.Famous = append(b.Famous, StandingName{Record: r})
	}
	for i := range a.Divisions {
		d := &a.Divisions[i]
		if d.Ended == "" && slices.Contains([]Level{Province, Prefecture, County}, d.Level) {
			b.Divisions = append(b.Divisions, Unit{ID: d.ID, Name: d.Name, Level: d.Level})
		}
	}
	return b
}

func (a *audit) recordOf(p *AuditedPlace) Record {
	r := Record{PlaceID: p.ID, Name: p.Name, Category: p.Category, Level: a.levelOf(p), Reading: p.Reading, Grade: p.Grade}
	in := a.divisions[p.Division]
	if d := a.divisions[p.Represents]; d != nil && d.Parent != uuid.Nil {
		in = a.divisions[d.Parent]
	}
	if in != nil {
		r.DivisionName = in.Name
	}
	return r
}

// unitsAbove are a division and those above it, the lowest first.
func (a *audit) unitsAbove(id uuid.UUID) (above []Unit) {
	for d, n := a.divisions[id], 0; d != nil && n < len(Levels)+1; d, n = a.divisions[d.Parent], n+1 {
		above = append(above, Unit{ID: d.ID, Name: d.Name, Level: d.Level})
	}
	return above
}

func (a *audit) whereaboutsIn(division uuid.UUID) (w Whereabouts) {
	above := a.unitsAbove(division)
	for _, u := range above {
		w.Within = append(w.Within, u.ID.String())
		switch u.Level {
		case County:
			w.County, w.CountyName = u.ID.String(), u.Name
		case Province:
			w.Province, w.ProvinceName = u.ID.String(), u.Name
		}
	}
	if w.County == "" && len(above) > 0 {
		w.CountyName = above[0].Name
	}
	return w
}
