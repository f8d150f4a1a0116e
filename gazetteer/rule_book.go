package gazetteer

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// RuleBook is every rule pack as it stands, with the words of all libraries in time. It is not changed once it is made, and may be
// asked by many at once.
type RuleBook struct {
	Packs     []KeptPack
	Libraries []KeptLibrary

	adopted   []Pack
	regions   []string // in which words count
	assembled sync.Map // by what was asked: Pack
	made      atomic.Int64
}

// mostAssembled is how many packs are kept put together, each with a list of its words.
const mostAssembled = 64

// KeptLibrary is a library with its words in time.
type KeptLibrary struct {
	ID      string
	Title   string
	Kind    LibraryKind
	Region  string // of the bureau that keeps it; "" for whoever runs the system
	Version int
	Words   []KeptWord // by text, region and day
}

// KeptWord is a word as it counts over some days.
type KeptWord struct {
	ID uuid.UUID
	Word
	Region   string // leading digits of the division code where it counts; "" wherever its library is asked
	From, To string // days; To "" while it counts
}

// NewRuleBook makes a book. What was withdrawn is not in it.
func NewRuleBook(packs []KeptPack, libraries []KeptLibrary) *RuleBook {
	b := &RuleBook{Packs: packs, Libraries: libraries}
	for _, p := range packs {
		if p.State == PackAdopted {
			b.adopted = append(b.adopted, p.Pack)
		}
	}
	for _, l := range libraries {
		for _, w := range l.Words {
			if !slices.Contains(b.regions, w.Region) {
				b.regions = append(b.regions, w.Region)
			}
		}
	}
	slices.Sort(b.regions)
	return b
}

// Regions are those of all packs, libraries and words, "" among them where something is of everywhere.
func (b *RuleBook) Regions() []string {
	all := slices.Clone(b.regions)
	for _, p := range b.Packs {
		all = append(all, p.Region)
	}
	for _, l := range b.Libraries {
		all = append(all, l.Region)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Adopted are the packs that were adopted, for comparison too. The slice is not to be changed.
func (b *RuleBook) Adopted() []Pack { return b.adopted }

// Pack is a pack by its id. Error: NotFound "pack-unknown".
func (b *RuleBook) Pack(id string) (KeptPack, error) {
	i := slices.IndexFunc(b.Packs, func(p KeptPack) bool { return p.ID == id })
	if i < 0 {
		return KeptPack{}, fault.New(fault.NotFound, "pack-unknown", "没有命名规则包“%s”", id)
	}
	return b.Packs[i], nil
}

// Library is a library by its id. Error: NotFound "library-unknown".
func (b *RuleBook) Library(id string) (KeptLibrary, error) {
	i := slices.IndexFunc(b.Libraries, func(l KeptLibrary) bool { return l.ID == id })
	if i < 0 {
		return KeptLibrary{}, fault.New(fault.NotFound, "library-unknown", "没有词库“%s”", id)
	}
	return b.Libraries[i], nil
}

// On is the pack asked for, or the one in force on the day at a place with that code, with the rules of the packs that it includes and the
// words that count there on the day; one asked for that does not hold on the day is told as on its first. What holds words is shared and
// not to be changed.
//
// Error: NotFound "pack-unknown".
func (b *RuleBook) On(day, asked, code string) (Pack, error) {
	p, err := b.inForce(day, asked, code)
	if err != nil {
		return Pack{}, err
	}
	if asked != "" {
		day = p.DayFor(day, day) // one that holds on another day is asked for to try what it says
	}
	key := strings.Join(append([]string{day, p.ID}, b.regionsOf(code)...), " ")
	made, there := b.assembled.Load(key)
	if !there {
		all := b.withWords(p, day, code)
		if p, err = all[0].Assembled(all, day); err != nil {
			return Pack{}, err
		}
		if b.made.Add(1)%mostAssembled == 0 {
			b.assembled.Clear()
		}
		made, _ = b.assembled.LoadOrStore(key, p)
	}
	pack := made.(Pack)
	pack.Rules = slices.Clone(pack.Rules)
	return pack, nil
}

// WordsAt tells codes apart at which other words count.
func (b *RuleBook) WordsAt(code string) string { return strings.Join(b.regionsOf(code), " ") }

func (b *RuleBook) inForce(day, asked, code string) (Pack, error) {
	if asked != "" {
		p, err := b.Pack(asked)
		return p.Pack, err
	}
	if p := InForce(b.adopted, code, day); p != nil {
		return *p, nil
	}
	return Pack{}, fault.New(fault.NotFound, "pack-unknown", "%s 没有现行的命名规则包", day)
}

// regionsOf are the regions that have words of their own and in which a code lies.
func (b *RuleBook) regionsOf(code string) []string {
	return slices.DeleteFunc(slices.Clone(b.regions), func(r string) bool { return !strings.HasPrefix(code, r) })
}

// withWords are the packs to put one together from, each with the words that its rules ask for.
func (b *RuleBook) withWords(own Pack, day, code string) []Pack {
	all := append([]Pack{own}, b.adopted...)
	for i, p := range all {
		all[i].Libraries = b.LibrariesOf(p, day, code)
	}
	return all
}

// LibrariesOf are the libraries that the rules of a pack name, with the words that count on a day at a place with that code.
func (b *RuleBook) LibrariesOf(p Pack, day, code string) (libraries []Library) {
	for _, l := range b.Libraries {
		if slices.ContainsFunc(p.Rules, func(r Rule) bool { return r.Params.Library == l.ID }) {
			libraries = append(libraries, l.On(day, code))
		}
	}
	return libraries
}

// On is the library with the words that count on a day at a place with that code: those of wider regions after those of nearer ones, so that
// nobody makes a word weigh less than it does above.
func (l KeptLibrary) On(day, code string) Library {
	out := Library{ID: l.ID, Title: l.Title, Words: []Word{}}
	if l.Kind != LimitedWords {
		out.Kind = l.Kind
	}
	words := slices.Clone(l.Words)
	slices.SortStableFunc(words, func(a, b KeptWord) int { return len(b.Region) - len(a.Region) })
	for _, w := range words {
		if w.Counts(day) && strings.HasPrefix(code, w.Region) {
			out.Words = append(out.Words, w.Word)
		}
	}
	return out
}

// Counts reports whether the word counts on a day.
func (w KeptWord) Counts(day string) bool { return w.From <= day && (w.To == "" || day < w.To) }
