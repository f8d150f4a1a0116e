package index

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Snapshot is the state of all collections at one version. It never changes.
type Snapshot struct {
	Version     string
	Collections map[string]*Collection
}

// Collection is an immutable set of items by id, and by place. The zero value is an empty one.
type Collection struct {
	id    string
	items []Item // by ID, versions of one by From
	tree  rtree.RTreeGN[float64, int32]
	gone  []int32 // of the numbers that the tree gives items: those taken out, ascending
}

// NewCollection takes the items over: it sorts them by ID and From and fills the box of those that have a geometry and
// no box. Two versions of one id should not be valid on the same day; if they are, the earlier one is found first.
func NewCollection(id string, items []Item) *Collection {
	c := &Collection{id: id, items: items}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From))
	})
	for i := range items {
		it := &items[i]
		if !it.Located && it.Geometry != nil {
			it.Bound, it.Located = it.Geometry.Bound(), true
		}
		if it.Located {
			c.tree.Insert(it.Bound.Min, it.Bound.Max, int32(i))
		}
	}
	return c
}

// Without returns a collection that lacks every version of the items named by id; c stays as it is, and must have no
// other call of Without at the same time. It costs a copy of the rows, not another tree.
func (c *Collection) Without(ids []string) *Collection {
	next := &Collection{id: c.id, items: make([]Item, 0, len(c.items)), tree: *c.tree.Copy(), gone: slices.Clone(c.gone)}
	ids = slices.Sorted(slices.Values(ids))
	for i := range c.items {
		it := &c.items[i]
		if _, out := slices.BinarySearch(ids, it.ID); !out {
			next.items = append(next.items, *it)
			continue
		}
		n := c.number(int32(i))
		next.tree.Delete(it.Bound.Min, it.Bound.Max, n)
		next.gone = append(next.gone, n)
	}
	slices.Sort(next.gone)
	return next
}

// place is where the item stands that the tree gives the number.
func (c *Collection) place(number int32) int32 {
	before, _ := slices.BinarySearch(c.gone, number)
	return number - int32(before)
}

// number is what the tree calls the item that stands at the place.
func (c *Collection) number(place int32) int32 {
	for _, gone := range c.gone {
		if gone <= place {
			place++
		}
	}
	return place
}

// ID returns the name of the collection.
func (c *Collection) ID() string { return c.id }

// Len returns the number of items, all versions counted.
func (c *Collection) Len() int { return len(c.items) }

// Extent returns the box around all items with a position; ok is false when none has one.
func (c *Collection) Extent() (b orb.Bound, ok bool) {
	b.Min, b.Max = c.tree.Bounds()
	return b, c.tree.Len() > 0
}

// Items returns the items in order. Callers must not change them.
func (c *Collection) Items() []Item { return c.items }

// Get returns the version of the item that is valid on the day.
func (c *Collection) Get(id string, day int32) (*Item, bool) {
	for i := c.find(id); i < len(c.items) && c.items[i].ID == id; i++ {
		if c.items[i].ValidOn(day) {
			return &c.items[i], true
		}
	}
	return nil, false
}

// Versions returns every version of the item, the earliest first; none when the id is unknown.
func (c *Collection) Versions(id string) []Item {
	from := c.find(id)
	to := from
	for to < len(c.items) && c.items[to].ID == id {
		to++
	}
	return c.items[from:to:to]
}

// find returns the place of the first version of id, or where it would stand.
func (c *Collection) find(id string) int {
	i, _ := slices.BinarySearchFunc(c.items, id, func(it Item, id string) int { return strings.Compare(it.ID, id) })
	return i
}

// Query says which items are wanted. The zero value of each field but the days leaves it open.
type Query struct {
	Bound *orb.Bound        // whose geometry meets this box, edges included; items without a position never do
	Day   int32             // valid on this day,
	Until int32             // or, where it is after Day, on any day from Day to before Until
	Equal map[string]string // properties that equal the text: the JSON as written, or the text of a string
	After string            // the next of an earlier search
	Limit int               // at most so many items; 0 is all
}

// Search returns the items wanted, by ID and From, at most Limit of them; next is the token for what follows them, "" at
// the end; matched counts all that are wanted, on other pages too. An After that is no token finds nothing; see [ValidToken].
func (c *Collection) Search(q Query) (items []*Item, next string, matched int) {
	start := 0
	if q.After != "" {
		id, from, ok := readToken(q.After)
		if !ok {
			return nil, "", 0
		}
		start, _ = slices.BinarySearchFunc(c.items, id, func(it Item, id string) int {
			return cmp.Or(strings.Compare(it.ID, id), cmp.Compare(it.From, from))
		})
		if start < len(c.items) && c.items[start].ID == id && c.items[start].From == from {
			start++
		}
	}
	take := func(i int) {
		it := &c.items[i]
		if !q.wants(it) {
			return
		}
		matched++
		switch {
		case i < start:
		case q.Limit <= 0 || len(items) < q.Limit:
			items = append(items, it)
		case next == "":
			next = token(items[len(items)-1])
		}
	}
	if q.Bound == nil {
		for i := range c.items {
			take(i)
		}
		return items, next, matched
	}
	for _, i := range c.near(*q.Bound) {
		take(int(i))
	}
	return items, next, matched
}

// near returns the places of the items whose box meets b, in order.
func (c *Collection) near(b orb.Bound) []int32 {
	var found []int32
	c.tree.Search(b.Min, b.Max, func(_, _ [2]float64, i int32) bool {
		found = append(found, c.place(i))
		return true
	})
	slices.Sort(found)
	return found
}

// Near returns the items valid on the day whose box meets b, in order: it is
// [Collection.Search] without the exact test, for drawing.
func (c *Collection) Near(b orb.Bound, day int32) []*Item {
	var items []*Item
	for _, i := range c.near(b) {
		if it := &c.items[i]; it.ValidOn(day) {
			items = append(items, it)
		}
	}
	return items
}

// wants tests everything but the page; the box last, because it costs most.
func (q *Query) wants(it *Item) bool {
	if q.Until > q.Day {
		if it.From >= q.Until || it.To <= q.Day {
			return false
		}
	} else if !it.ValidOn(q.Day) {
		return false
	}
	for name, want := range q.Equal {
		if !equals(it.Value(name), want) {
			return false
		}
	}
	return q.Bound == nil || meets(it.Geometry, it.Bound, *q.Bound)
}

// token names the item that a page ended with.
func token(it *Item) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(int(it.From)) + " " + it.ID))
}

func readToken(s string) (id string, from int32, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return "", 0, false
	}
	day, id, ok := strings.Cut(string(raw), " ")
	n, err := strconv.ParseInt(day, 10, 32)
	return id, int32(n), ok && err == nil
}

// ValidToken reports whether s can be the next of a search.
func ValidToken(s string) bool {
	_, _, ok := readToken(s)
	return ok
}
