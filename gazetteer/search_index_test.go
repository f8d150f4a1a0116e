package gazetteer_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// country makes names at random: few characters, so that they resemble one another, several of some places, some of the past
// and of the future, in a tree of divisions.
type country struct {
	r         *rand.Rand
	divisions []uuid.UUID
	up        []int
}

func newCountry(seed uint64) *country {
	c := &country{r: rand.New(rand.NewPCG(seed, 1))}
	for i := range 60 {
		c.divisions = append(c.divisions, c.id())
		c.up = append(c.up, c.r.IntN(max(i, 1))/2)
	}
	return c
}

func (c *country) id() (id uuid.UUID) {
	for i := range id {
		id[i] = byte(c.r.IntN(256))
	}
	return id
}

func (c *country) path() (path []uuid.UUID) {
	for d := c.r.IntN(len(c.divisions)); ; d = c.up[d] {
		if path = append(path, c.divisions[d]); d == 0 {
			return path
		}
	}
}

var syllables = map[rune]string{'新': "xin", '华': "hua", '龙': "long", '𬒔': "sui", '村': "cun", '湾': "wan", '吕': "lü", '西': "xi", '安': "an", '县': "xian"}

func (c *country) word() (name, toneless string) {
	letters := []rune("新华龙𬒔村湾吕西安县")
	var said []string
	for range 1 + c.r.IntN(5) {
		l := letters[c.r.IntN(len(letters))]
		name, said = name+string(l), append(said, syllables[l])
	}
	return name, strings.Join(said, " ")
}

// place makes the names of one place.
func (c *country) place(id uuid.UUID) (names []gazetteer.WrittenName) {
	category := gazetteer.Categories[c.r.IntN(len(gazetteer.Categories))]
	level := gazetteer.Level("")
	if category == gazetteer.DivisionCategory {
		level = gazetteer.Levels[c.r.IntN(len(gazetteer.Levels))]
	}
	path := c.path()
	for _, kind := range []string{"standard", "former", "short"}[:1+c.r.IntN(3)] {
		name, toneless := c.word()
		w := gazetteer.WrittenName{Path: path, IndexedName: gazetteer.IndexedName{
			SearchForm: gazetteer.NewSearchForm(name, toneless, kind, category, level), NameID: c.id(), PlaceID: id, Name: name, Kind: kind, Toneless: toneless,
			Category: string(category), Level: string(level), Standard: kind == "standard", FirstDay: math.MinInt32, DayAfterLast: math.MaxInt32,
		}}
		switch c.r.IntN(8) {
		case 0:
			w.DayAfterLast = int32(100 + c.r.IntN(3))
		case 1:
			w.FirstDay = int32(100 + c.r.IntN(3))
		}
		names = append(names, w)
	}
	return names
}

const day = 101

// looked answers a search by looking at every name.
func looked(all []gazetteer.WrittenName, in gazetteer.Search) (found []string) {
	least, most := gazetteer.RankSpan(in.Category, in.Level)
	seen := map[uuid.UUID]bool{}
	for _, step := range gazetteer.Route(in.Text) {
		for _, n := range all {
			if len(found) == in.Limit {
				return found
			}
			if seen[n.PlaceID] || !step.Finds(n.SearchForm) || n.Rank < least || n.Rank > most || in.Current && n.Kind == "former" ||
				n.FirstDay > day || n.DayAfterLast <= day || in.Division != uuid.Nil && !slices.Contains(n.Path, in.Division) {
				continue
			}
			seen[n.PlaceID] = true
			found = append(found, fmt.Sprint(step, n.NameID, n.Name))
		}
	}
	return found
}

func inOrder(names map[uuid.UUID][]gazetteer.WrittenName) (all []gazetteer.WrittenName) {
	for _, of := range names {
		all = append(all, of...)
	}
	slices.SortFunc(all, func(a, b gazetteer.WrittenName) int {
		if a.Rank != b.Rank {
			return b.Rank - a.Rank
		}
		return strings.Compare(string(a.NameID[:]), string(b.NameID[:]))
	})
	return all
}

// TestNamesAreSearchedAsIfAllWereLookedAt holds the index against a look at every name, through changes: names replaced, places
// withheld and new ones.
func TestNamesAreSearchedAsIfAllWereLookedAt(t *testing.T) {
	c := newCountry(20261128)
	there, b := map[uuid.UUID][]gazetteer.WrittenName{}, gazetteer.NewNameIndexBuilder(0)
	var ids []uuid.UUID
	for range 3000 {
		id := c.id()
		ids, there[id] = append(ids, id), c.place(id)
		for _, w := range there[id] {
			b.Add(w.IndexedName, w.Path)
		}
	}
	names, standards := gazetteer.NewNames(b.Build()), 0
	for round := range 8 {
		all := inOrder(there)
		for range 400 {
			in := gazetteer.Search{Limit: 1 + c.r.IntN(30), Current: c.r.IntN(5) == 0}
			name, toneless := c.word()
			switch in.Text = name; c.r.IntN(4) {
			case 0:
				in.Text = toneless[:1+c.r.IntN(min(len(toneless), 7))]
			case 1:
				in.Text = string([]rune(name)[:1]) + "xi"
			case 2:
				in.Text = gazetteer.NewSearchForm(name, toneless, "", "", "").Initials
			}
			if c.r.IntN(3) == 0 {
				in.Division = c.divisions[c.r.IntN(len(c.divisions))]
			}
			if c.r.IntN(4) == 0 {
				in.Category = gazetteer.Categories[c.r.IntN(len(gazetteer.Categories))]
			}
			if c.r.IntN(6) == 0 {
				in.Level = gazetteer.Levels[c.r.IntN(len(gazetteer.Levels))]
			}
			hits, ok := names.Search(in, day)
			if !ok {
				if in.Division == uuid.Nil || len(looked(all, in)) > 0 {
					t.Fatalf("%+v was not answered", in)
				}
				continue
			}
			var got []string
			for _, h := range hits {
				got = append(got, fmt.Sprint(h.Step, h.NameID, h.Name))
				want := ""
				if h.Kind != "standard" {
					if s := there[h.PlaceID][0]; s.FirstDay <= day && day < s.DayAfterLast {
						want = s.Name
						standards++
					}
				}
				if h.Standard != want {
					t.Fatalf("%s is called %q today, wanted %q", h.Name, h.Standard, want)
				}
			}
			if diff := cmp.Diff(looked(all, in), got); diff != "" {
				t.Fatalf("round %d, %+v: (-looked +got)\n%s", round, in, diff)
			}
		}
		var changed []uuid.UUID
		var written []gazetteer.WrittenName
		for range 40 {
			id := ids[c.r.IntN(len(ids))]
			if c.r.IntN(4) == 0 {
				id = c.id()
			}
			if slices.Contains(changed, id) {
				continue
			}
			changed = append(changed, id)
			if delete(there, id); c.r.IntN(3) > 0 {
				there[id] = c.place(id)
				written = append(written, there[id]...)
			}
		}
		names = names.With(changed, written)
	}
	if standards == 0 || names.Replaced() < 100 {
		t.Errorf("%d standard names, %d places replaced", standards, names.Replaced())
	}
}

// TestNamesLeaveToTheDatabase: codes, and divisions nothing lies in.
func TestNamesLeaveToTheDatabase(t *testing.T) {
	names := gazetteer.NewNames(gazetteer.NewNameIndexBuilder(0).Build())
	for _, in := range []gazetteer.Search{{Text: "500112", Limit: 1}, {Text: "新", Limit: 1, Division: uuid.New()}} {
		if _, ok := names.Search(in, day); ok {
			t.Errorf("%+v was answered", in)
		}
	}
	if found, ok := names.Search(gazetteer.Search{Text: "新", Limit: 1}, day); !ok || len(found) != 0 {
		t.Errorf("no names: %v %v", found, ok)
	}
}
