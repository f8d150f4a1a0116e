package gazetteer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"fangyu/internal/fault"
)

// ReadingStatus says how far a reading can be trusted, best first.
type ReadingStatus string

// The statuses. A romanization has the worst of its parts.
const (
	ReadingApproved   ReadingStatus = "approved"   // by a named role for this place
	ReadingAudited    ReadingStatus = "audited"    // from the table of place readings, with its source
	ReadingPhrase     ReadingStatus = "phrase"     // every character has one reading, or its word or its use in place names settles it
	ReadingUnverified ReadingStatus = "unverified" // a character with several readings took its most common one
)

// Candidate is a character of a name that has several readings, whether or not something settled which.
type Candidate struct {
	At        int      `json:"at"` // which character of the name, from 0
	Character string   `json:"character"`
	Readings  []Choice `json:"readings"` // the one taken first; empty when none is known
	Settled   bool     `json:"settled"`
}

// Choice is one reading of a character.
type Choice struct {
	Reading  string `json:"reading"`  // with tone number: chang2
	Spelling string `json:"spelling"` // with tone mark: cháng
}

// resolved is what the tables say of a name.
type resolved struct {
	syllables  []string // one per character, with tone numbers
	status     ReadingStatus
	candidates []Candidate
	parts      []string // the spacing as printed, nil: by the rules
}

// read resolves the syllables of a name, one per character, by what is known of that very name, of the words in it, of
// its characters in place names, of its characters in the dictionary. division is the code of the division it lies in,
// as many leading digits as are known. A letter or a digit stands for itself; so does a Chinese character that no table
// knows, and then the reading is unverified: nothing is dropped.
func (l lexicon) read(name string, c Category, division string) resolved {
	chars := []rune(name)
	r := resolved{status: ReadingPhrase}
	row, fits := l.nameRow(name, c, division)
	if fits {
		r.syllables, r.status, r.parts = slices.Clone(row.syllables), ReadingAudited, row.parts
		for i, s := range r.syllables {
			r.addCandidate(i, chars[i], s, true)
		}
		return r
	}
	seen := newSurroundings(name, c)
	for i := 0; i < len(chars); {
		if word := l.longestWord(chars[i:], division); word != nil {
			for n, s := range word {
				r.take(i+n, chars[i+n], s, true)
			}
			i += len(word)
			continue
		}
		s, settled := l.character(chars[i], i, seen)
		if row != nil { // read so elsewhere, and perhaps here
			s, settled = row.syllables[i], settled && s == row.syllables[i]
		}
		r.take(i, chars[i], s, settled)
		i++
	}
	return r
}

// take adds a syllable.
func (r *resolved) take(i int, char rune, syllable string, settled bool) {
	r.syllables = append(r.syllables, syllable)
	if !settled {
		r.status = ReadingUnverified
	}
	r.addCandidate(i, char, syllable, settled)
}

// addCandidate lists a character that has several readings or, unsettled, even none.
func (r *resolved) addCandidate(i int, char rune, taken string, settled bool) {
	all := readingsOf(char)
	if settled && len(all) < 2 {
		return
	}
	c := Candidate{At: i, Character: string(char), Readings: []Choice{}, Settled: settled}
	if len(all) > 0 {
		c.Readings = append(c.Readings, choice(taken))
	}
	for _, s := range all {
		if s != taken {
			c.Readings = append(c.Readings, choice(s))
		}
	}
	r.candidates = append(r.candidates, c)
}

func choice(syllable string) Choice {
	marked, _ := spell([]string{syllable})
	return Choice{Reading: syllable, Spelling: strings.ToLower(marked)}
}

// character returns the reading of a character within a name, and whether nothing speaks against it.
func (l lexicon) character(char rune, at int, seen surroundings) (syllable string, settled bool) {
	all := readingsOf(char)
	switch u, known := l.usual[char]; {
	case known:
		return u.reading, !u.doubtful && (u.only == nil || seen.any(at, u.only)) && !seen.any(at, u.unless)
	case !unicode.Is(unicode.Han, char):
		return string(char), true
	case len(all) == 0:
		return string(char), false
	case CharacterLevel(char) == 0: // no dictionary of the standard vouches for it
		return all[0], false
	}
	return all[0], len(all) == 1
}

// surroundings is a name for looking at what stands about a character: as it is, and with its ends marked, ^ before it and
// $ between the specific and the generic.
type surroundings struct {
	plain, marked []rune
	specific      int // characters
}

func newSurroundings(name string, c Category) surroundings {
	specific, generic := SplitName(name, c)
	return surroundings{[]rune(name), []rune("^" + specific + "$" + generic), utf8.RuneCountInString(specific)}
}

// any reports whether one of the words stands where it covers the character, counted in the name from 0.
func (s surroundings) any(at int, words [][]rune) bool {
	marked := at + 1
	if at >= s.specific {
		marked++
	}
	return slices.ContainsFunc(words, func(w []rune) bool {
		if slices.Contains(w, '^') || slices.Contains(w, '$') {
			return covers(s.marked, marked, w)
		}
		return covers(s.plain, at, w)
	})
}

// covers reports whether a word stands in a text where it covers the character at a place.
func covers(text []rune, at int, word []rune) bool {
	for from := max(0, at-len(word)+1); from <= at && from+len(word) <= len(text); from++ {
		if slices.Equal(text[from:from+len(word)], word) {
			return true
		}
	}
	return false
}

// ParseReading reads a reading as a person gives it for a name: a syllable per character, parted by spaces, with tone
// numbers or tone marks (chang2 shou4, or cháng shòu; ü also as v or u:). It returns them with tone numbers.
//
// Errors: Refused "bad-reading" for another number of syllables than of characters, for what is no syllable, and for a
// character that is said to read as another one does.
func ParseReading(name, text string) ([]string, error) {
	chars, syllables := []rune(name), strings.Fields(text)
	if len(chars) != len(syllables) {
		return nil, badReading("“%s”有 %d 个字，读音给了 %d 个音节：请按字逐个填写，以空格隔开", name, len(chars), len(syllables))
	}
	for i, s := range syllables {
		syllable, ok := numbered(s)
		all := readingsOf(chars[i])
		switch {
		case !unicode.Is(unicode.Han, chars[i]):
			if s != string(chars[i]) {
				return nil, badReading("“%s”第 %d 个字符“%c”不是汉字，读音处照写即可", name, i+1, chars[i])
			}
			syllable = s
		case !ok:
			return nil, badReading("“%s”不是带声调的音节：请写成 chang2 或 cháng，轻声为 5", shortened(s))
		case len(all) > 0 && !slices.Contains(all, syllable) && !knownReading(chars[i], syllable):
			return nil, badReading("“%c”没有 %s 这个读音：字典所列为 %s", chars[i], s, strings.Join(SpellSyllables(all), "、"))
		}
		syllables[i] = syllable
	}
	return syllables, nil
}

func badReading(format string, args ...any) error {
	return fault.New(fault.Refused, "bad-reading", format, args...)
}

// SpellSyllables writes syllables with tone marks, each by itself: cháng, shòu.
func SpellSyllables(syllables []string) []string {
	out := make([]string, len(syllables))
	for i, s := range syllables {
		out[i] = choice(s).Spelling
	}
	return out
}

// ReadingApproval is a decision on how a name is read, with the reason and the paper it rests on.
type ReadingApproval struct {
	Reading  string // as ParseReading takes it
	Reason   string
	Document Document
}

// Check refuses a decision without reason or source: Malformed "reason-missing", "source-missing".
func (a ReadingApproval) Check() error {
	switch {
	case strings.TrimSpace(a.Reason) == "":
		return fault.New(fault.Malformed, "reason-missing", "请写明这样读的理由")
	case strings.TrimSpace(a.Document.Title) == "":
		return fault.New(fault.Malformed, "source-missing", "核定读音须写明依据：如地名志、审音资料或当地调查记录的名称")
	}
	return nil
}

// readers may approve readings in their office's jurisdiction.
var readers = []Role{Approver, Superior}

// ReadsIn reports whether the actor approves readings of what lies in a division: an approver or superior of a
// civil-affairs bureau whose jurisdiction covers it.
func ReadsIn(a Actor, l Lineage, division uuid.UUID) bool {
	return len(ReadingActions(a)) > 0 && l.Covers(a.Jurisdiction, division)
}

// ReadingActions are what the actor can do about readings in its own jurisdiction.
func ReadingActions(a Actor) []OpenAction {
	if a.OfficeKind != "civil-affairs" || !a.Has(readers...) {
		return []OpenAction{}
	}
	return []OpenAction{{Name: "approve-reading", Label: "核定读音", Needs: []string{"reading", "reason", "documents"}}}
}

// Toneless strips the tone numbers from syllables; the digits of a name itself (1203高地) stay.
func Toneless(syllables []string) []string {
	out := make([]string, len(syllables))
	for i, s := range syllables {
		out[i], _ = splitTone(s)
	}
	return out
}

// splitTone parts a syllable into its letters and its tone, 0 for none.
func splitTone(s string) (letters string, tone int) {
	letters = strings.TrimRight(s, "12345")
	if letters == "" || letters == s {
		return s, 0
	}
	return letters, int(s[len(letters)] - '0')
}
