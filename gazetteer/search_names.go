package gazetteer

import (
	"maps"
	"slices"

	"github.com/google/uuid"
)

// Names are all names that are searched, as of one instant: an index, and what was written since it was built. Nobody
// changes them; With gives the next.
type Names struct {
	base, later *NameIndex
	replaced    map[uuid.UUID]bool // places whose names in base do not count any more
}

// NewNames are the names of an index.
func NewNames(x *NameIndex) *Names { return &Names{base: x, later: NewNameIndexBuilder(0).Build()} }

// Len is the number of names held, those that do not count any more among them.
func (n *Names) Len() int { return n.base.Len() + n.later.Len() }

// Replaced is the number of places whose names were written since the index was built. Each later change costs the more the
// more they are, until the index is built anew.
func (n *Names) Replaced() int { return len(n.replaced) }

// WrittenName is a name and the divisions it lies in or stands for.
type WrittenName struct {
	IndexedName
	Path []uuid.UUID
}

// With is the same with all names of the places replaced; a place without any is found no more.
func (n *Names) With(places []uuid.UUID, written []WrittenName) *Names {
	next := &Names{base: n.base, replaced: make(map[uuid.UUID]bool, len(n.replaced)+len(places))}
	maps.Copy(next.replaced, n.replaced)
	now := map[uuid.UUID]bool{}
	for _, p := range places {
		next.replaced[p], now[p] = true, true
	}
	b := NewNameIndexBuilder(n.later.Len() + len(written))
	divisions := make([]uuid.UUID, len(n.later.divisions))
	for d, number := range n.later.divisions {
		divisions[number] = d
	}
	for i := range n.later.names {
		name := n.later.names[i]
		if now[name.PlaceID] {
			continue
		}
		var path []uuid.UUID
		for _, d := range n.later.paths[name.path.from:name.path.to] {
			path = append(path, divisions[d])
		}
		b.Add(name, path)
	}
	for _, w := range written {
		b.Add(w.IndexedName, w.Path)
	}
	next.later = b.Build()
	return next
}

// FoundName is a name that was found, by which step, and the standard name of its place where that is another.
type FoundName struct {
	*IndexedName
	Step     SearchStep
	Standard string
}

// Search climbs the rungs of Route on the names that are valid on the day, as SearchForm and SearchStep.Finds say, until it
// has enough: on a rung the most important come first, a place comes once. It answers false when it cannot: for a division
// it has no name in and for codes, which it does not know.
func (n *Names) Search(in Search, day int32) (found []FoundName, ok bool) {
	steps := Route(in.Text)
	if len(steps) > 0 && steps[0].Rung == ByCode || in.Division != uuid.Nil && !n.knows(in.Division) {
		return nil, false
	}
	seen := make(map[uuid.UUID]bool, in.Limit)
	fits := func(name *IndexedName) bool {
		return name.validOn(day) && !seen[name.PlaceID] && !(in.Current && name.Kind == "former")
	}
	for _, step := range steps {
		if len(found) >= in.Limit {
			break
		}
		rung := n.later.onRung(in, step, in.Limit-len(found), day, fits)
		base := n.base.onRung(in, step, in.Limit-len(found), day, func(name *IndexedName) bool {
			return !n.replaced[name.PlaceID] && fits(name)
		})
		if len(rung) == 0 {
			rung = base
		} else {
			rung = append(rung, base...)
			slices.SortFunc(rung, func(a, b FoundName) int { return a.before(b.IndexedName) })
		}
		for _, f := range rung[:min(len(rung), in.Limit-len(found))] {
			seen[f.PlaceID] = true
			found = append(found, f)
		}
	}
	return found, true
}

func (n *Names) knows(division uuid.UUID) bool {
	_, base := n.base.divisions[division]
	_, later := n.later.divisions[division]
	return base || later
}

// onRung returns the most important names of an index that a step finds, each place once.
func (x *NameIndex) onRung(in Search, step SearchStep, limit int, day int32, fits func(*IndexedName) bool) []FoundName {
	if len(x.names) == 0 {
		return nil
	}
	w := wanted{step: step, limit: limit, division: -1, ranks: span{0, int32(len(x.names))}, fits: fits}
	if in.Division != uuid.Nil {
		number, ok := x.divisions[in.Division]
		if !ok {
			return nil
		}
		w.division = number
	}
	if in.Category != "" || in.Level != "" {
		w.ranks = x.numbersOfRanks(RankSpan(in.Category, in.Level))
	}
	numbers := x.find(w)
	found := make([]FoundName, len(numbers))
	for i, number := range numbers {
		name := &x.names[number]
		found[i] = FoundName{IndexedName: name, Step: step}
		if name.Kind != "standard" {
			found[i].Standard = x.standardOf(name.PlaceID, day)
		}
	}
	return found
}
