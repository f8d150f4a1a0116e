package gazetteer

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

// IndexedName is one name of a place as an index in memory holds it.
type IndexedName struct {
	SearchForm
	NameID, PlaceID        uuid.UUID
	Division               uuid.UUID // that the place stands for; nil for none
	Name, Kind, Toneless   string
	Category, Level        string
	Within                 string // name of the division it lies in
	Standard               bool   // it is the standard name in Chinese on its days
	FirstDay, DayAfterLast int32  // days since 1970-01-01 in UTC+8

	path span // in NameIndex.paths
}

type span struct{ from, to int32 }

func (s span) len() int { return int(s.to - s.from) }

// before orders names as searches give them: the most important first, of two alike the one recorded first.
func (n *IndexedName) before(m *IndexedName) int {
	return cmp.Or(cmp.Compare(m.Rank, n.Rank), bytes.Compare(n.NameID[:], m.NameID[:]))
}

func (n *IndexedName) validOn(day int32) bool { return n.FirstDay <= day && day < n.DayAfterLast }

// NameIndex finds names as the search forms of the database do, from memory. Nobody changes it once it is built. Names are
// walkable in the order of rank, so a list of numbers that ascend is one whose most important come first.
type NameIndex struct {
	names     []IndexedName
	divisions map[uuid.UUID]int32 // numbers of divisions
	paths     []int32             // numbers of divisions, those of one name together
	inside    lists[int32]        // by number of a division: the names in it, and its own
	grams     lists[gram]         // by single characters and pairs
	text      beginnings
	pinyin    beginnings
	initials  beginnings
	several   map[uuid.UUID][]int32 // the names of places that have more than one
}

// NameIndexBuilder gathers the names of an index.
type NameIndexBuilder struct{ x *NameIndex }

// NewNameIndexBuilder begins an index that will hold about so many names.
func NewNameIndexBuilder(about int) *NameIndexBuilder {
	return &NameIndexBuilder{&NameIndex{names: make([]IndexedName, 0, about), divisions: make(map[uuid.UUID]int32, about), paths: make([]int32, 0, 6*about)}}
}

// Add takes a name and the divisions it lies in or stands for. Names may come in any order; that of rank is the quickest.
func (b *NameIndexBuilder) Add(n IndexedName, path []uuid.UUID) {
	n.path.from = int32(len(b.x.paths))
	for _, d := range path {
		number, ok := b.x.divisions[d]
		if !ok {
			number = int32(len(b.x.divisions))
			b.x.divisions[d] = number
		}
		b.x.paths = append(b.x.paths, number)
	}
	n.path.to = int32(len(b.x.paths))
	b.x.names = append(b.x.names, n)
}

// Build makes the index; the builder is of no use afterwards.
func (b *NameIndexBuilder) Build() *NameIndex {
	x := b.x
	byRank := func(n, m IndexedName) int { return n.before(&m) }
	if !slices.IsSortedFunc(x.names, byRank) {
		slices.SortFunc(x.names, byRank)
	}
	x.inside = listsOf(len(x.names), func(i int) []int32 { return x.paths[x.names[i].path.from:x.names[i].path.to] })
	var own []gram
	x.grams = listsOf(len(x.names), func(i int) []gram {
		own = gramsOf(own[:0], x.names[i].Text)
		return own
	})
	x.text = newBeginnings(x.names, func(n *IndexedName) string { return n.Text })
	x.pinyin = newBeginnings(x.names, func(n *IndexedName) string { return n.Pinyin })
	x.initials = newBeginnings(x.names, func(n *IndexedName) string { return n.Initials })
	x.several = severalOf(x.names)
	return x
}

func severalOf(names []IndexedName) map[uuid.UUID][]int32 {
	first, several := make(map[uuid.UUID]int32, len(names)), map[uuid.UUID][]int32{}
	for i := range names {
		place := names[i].PlaceID
		other, ok := first[place]
		switch {
		case !ok:
			first[place] = int32(i)
		case several[place] == nil:
			several[place] = []int32{other, int32(i)}
		default:
			several[place] = append(several[place], int32(i))
		}
	}
	return several
}

// Len is the number of names.
func (x *NameIndex) Len() int { return len(x.names) }

// standardOf is the standard name of a place on a day where the index holds more than one name of it, "" where it has none.
func (x *NameIndex) standardOf(place uuid.UUID, day int32) string {
	for _, i := range x.several[place] {
		if n := &x.names[i]; n.Standard && n.validOn(day) {
			return n.Name
		}
	}
	return ""
}

// wanted is what is asked of the names on a rung.
type wanted struct {
	step     SearchStep
	limit    int
	division int32 // number of the division, -1 for everywhere
	ranks    span  // numbers of names that have the rank asked for
	fits     func(*IndexedName) bool
}

// numbersOfRanks are the numbers of the names whose rank lies between least and most.
func (x *NameIndex) numbersOfRanks(least, most int) span {
	from, _ := slices.BinarySearchFunc(x.names, most, func(n IndexedName, rank int) int { return cmp.Compare(rank, n.Rank) })
	to, _ := slices.BinarySearchFunc(x.names, least, func(n IndexedName, rank int) int {
		if n.Rank < rank {
			return 1
		}
		return -1
	})
	return span{int32(from), int32(max(from, to))}
}

// find returns the most important names that are wanted, each place once. What matches the key is walked in order of rank,
// or, where that is less, what lies in the division.
func (x *NameIndex) find(w wanted) (found []int32) {
	seen := make(map[uuid.UUID]bool, w.limit)
	take := func(i int32) bool {
		n := &x.names[i]
		if !w.fits(n) || seen[n.PlaceID] {
			return true
		}
		seen[n.PlaceID] = true
		found = append(found, i)
		return len(found) < w.limit
	}
	among, exact := x.matching(w.step)
	check := func(i int32) bool {
		n := &x.names[i]
		return (exact && w.step.Head == "" || w.step.Finds(n.SearchForm)) &&
			(w.division < 0 || slices.Contains(x.paths[n.path.from:n.path.to], w.division))
	}
	if w.division >= 0 {
		if within := x.inside.of(w.division); len(within) < among.len() {
			among, exact = ranked(within), false
		}
	}
	among.walk(w.ranks, func(i int32) bool { return !check(i) || take(i) })
	return found
}

// walkable are numbers of names that can be walked in ascending order.
type walkable interface {
	len() int
	// walk gives the numbers within the span until it is told to stop.
	walk(within span, yield func(int32) bool)
}

// matching are the names that may match a step; exact says that all of them do, but for the head.
func (x *NameIndex) matching(step SearchStep) (among walkable, exact bool) {
	switch step.Rung {
	case ByExact:
		return x.text.equal(x.names, step.Key), true
	case ByPrefix:
		return x.text.beginning(x.names, step.Key), true
	case ByPinyin:
		return x.pinyin.equal(x.names, step.Key), true
	case ByPinyinPrefix:
		return x.pinyin.beginning(x.names, step.Key), true
	case ByInitials:
		return x.initials.beginning(x.names, step.Key), true
	case ByInside:
		grams := gramsOf(nil, step.Key)
		rarest := x.grams.of(grams[0])
		for _, g := range grams[1:] {
			if list := x.grams.of(g); len(list) < len(rarest) {
				rarest = list
			}
		}
		return ranked(rarest), utf8.RuneCountInString(step.Key) <= LongestGram
	}
	return ranked(nil), true
}

// ranked are numbers as they ascend.
type ranked []int32

func (r ranked) len() int { return len(r) }

func (r ranked) walk(within span, yield func(int32) bool) {
	at, _ := slices.BinarySearch(r, within.from)
	for _, i := range r[at:] {
		if i >= within.to || !yield(i) {
			return
		}
	}
}

// gram is a character or two, the first in the upper half.
type gram uint64

// gramsOf appends the grams of a text, each once.
func gramsOf(to []gram, text string) []gram {
	var last rune
	for _, r := range text {
		for _, g := range [...]gram{gram(r) << 32, gram(last)<<32 | gram(r)} {
			if (last != 0 || g&math.MaxUint32 == 0) && !slices.Contains(to, g) {
				to = append(to, g)
			}
		}
		last = r
	}
	return to
}

// lists are lists of ascending numbers by key.
type lists[K comparable] struct {
	at  map[K]span
	all []int32
}

// listsOf puts each of n numbers into the lists of its keys.
func listsOf[K comparable](n int, keys func(i int) []K) lists[K] {
	l := lists[K]{at: make(map[K]span)}
	total := int32(0)
	for i := range n {
		for _, k := range keys(i) {
			s := l.at[k]
			s.to++
			l.at[k] = s
			total++
		}
	}
	next := int32(0)
	for k, s := range l.at {
		l.at[k], next = span{next, next}, next+s.to
	}
	l.all = make([]int32, total)
	for i := range n {
		for _, k := range keys(i) {
			s := l.at[k]
			l.all[s.to] = int32(i)
			s.to++
			l.at[k] = s
		}
	}
	return l
}

func (l lists[K]) of(key K) []int32 {
	s := l.at[key]
	return l.all[s.from:s.to:s.to]
}

// beginnings find the names by how a text of theirs begins.
type beginnings struct {
	text   func(*IndexedName) string
	order  []int32 // the names by that text, those of one text by rank
	lowest lowest
}

func newBeginnings(names []IndexedName, text func(*IndexedName) string) beginnings {
	type keyed struct {
		text string
		i    int32
	}
	sorted := make([]keyed, len(names))
	for i := range names {
		sorted[i] = keyed{text(&names[i]), int32(i)}
	}
	slices.SortFunc(sorted, func(a, b keyed) int { return cmp.Or(strings.Compare(a.text, b.text), cmp.Compare(a.i, b.i)) })
	b := beginnings{text: text, order: make([]int32, len(names))}
	for at, k := range sorted {
		b.order[at] = k.i
	}
	b.lowest = newLowest(b.order)
	return b
}

// equal are the names whose text is the key.
func (b *beginnings) equal(names []IndexedName, key string) ranked {
	from := b.from(names, key)
	to := from
	for to < len(b.order) && b.text(&names[b.order[to]]) == key {
		to++
	}
	return ranked(b.order[from:to])
}

// beginning are the names whose text begins with the key.
func (b *beginnings) beginning(names []IndexedName, key string) stretch {
	from := b.from(names, key)
	// No text holds the byte 0xff, so what begins with the key comes before it.
	return stretch{b, span{int32(from), int32(b.from(names, key+"\xff"))}}
}

// from is where the texts begin that are the key or come after it.
func (b *beginnings) from(names []IndexedName, key string) int {
	at, _ := slices.BinarySearchFunc(b.order, key, func(i int32, key string) int { return strings.Compare(b.text(&names[i]), key) })
	return at
}
