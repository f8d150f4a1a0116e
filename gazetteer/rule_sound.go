package gazetteer

import (
	"fmt"
	"slices"
	"strings"
)

// The ways in which two names sound alike, the closest first.
const (
	SoundTones     = "tones"     // H1 声韵调全同
	SoundSyllables = "syllables" // H2 声韵相同、声调不同
	SoundDialect   = "dialect"   // H3 方言里相同
	SoundGlyph     = "glyph"     // G 字形相近
)

var soundWords = map[string]string{SoundTones: "声韵调全同", SoundSyllables: "声韵相同、声调不同", SoundDialect: "方言里读音相同"}

// sounds finds names of the scope that differ and sound alike.
func (c *nameCheck) sounds(r Rule) {
	g, there := c.gathered[r.key()]
	if !there {
		return
	}
	defer c.approximated(r, g)
	var hits []Record
	var alike []Alike
	closest := len(soundOrder)
	for _, other := range g.Records {
		if other.is(c.PlaceID) || other.Name == c.Name || c.same[other.PlaceID] {
			continue
		}
		how, reading := c.howAlike(r, other)
		if how == "" {
			continue
		}
		hits = append(hits, other)
		closest = min(closest, slices.Index(soundOrder, how))
		alike = append(alike, Alike{
			ID: other.id(), Name: other.Name, Spelling: strings.Join(SpellSyllables(other.Reading), " "), How: how,
			Why: whyAlike(c.Name, other.Name, reading, other.Reading),
		})
		if len(alike) <= mostBeside {
			alike[len(alike)-1].Beside = beside(c.Name, other.Name, reading, other.Reading, r.Params.Folds)
		}
	}
	if len(hits) == 0 {
		return
	}
	spelling := c.reading.Spelling
	if c.reading.Status == ReadingUnverified {
		spelling += "，读音未核定"
	}
	c.collide(r, "homophone", hits, fmt.Sprintf("“%s”（%s）与%s范围内的%s同音（%s）",
		c.Name, spelling, g.ScopeName, describedRecords(hits), soundWords[soundOrder[closest]]), "改用读音不同的字；确有理由的，附说明报审")
	c.findings[len(c.findings)-1].Alike = alike
}

var soundOrder = []string{SoundTones, SoundSyllables, SoundDialect}

// howAlike tells how a name sounds like the one that is judged, by any reading that one may have; "" where it does not, as far as the
// rule goes.
func (c *nameCheck) howAlike(r Rule, other Record) (how string, reading []string) {
	for _, how := range soundOrder[:slices.Index(soundOrder, r.Params.Sound)+1] {
		for _, reading := range c.readings() {
			if slices.Equal(heard(reading, how, r.Params.Folds), heard(other.Reading, how, r.Params.Folds)) {
				return how, reading
			}
		}
	}
	return "", nil
}

// heard is a reading as far as it is told apart.
func heard(reading []string, how string, folds [][2]string) []string {
	if how == SoundTones {
		return reading
	}
	out := Toneless(reading)
	if how == SoundDialect {
		for i, s := range out {
			out[i] = foldSyllable(s, folds)
		}
	}
	return out
}

// mostReadings bounds the readings that a name with open characters is compared by.
const mostReadings = 16

// readings are those that the name may have: one, unless characters are open.
func (c *nameCheck) readings() [][]string { return possibleReadings(c.reading) }

func possibleReadings(r Romanization) [][]string {
	all := [][]string{r.Reading}
	if r.Status != ReadingUnverified {
		return all
	}
	for _, open := range r.Candidates {
		if open.Settled {
			continue
		}
		for _, base := range slices.Clone(all) {
			for _, choice := range open.Readings {
				if choice.Reading == base[open.At] || len(all) >= mostReadings {
					continue
				}
				next := slices.Clone(base)
				next[open.At] = choice.Reading
				all = append(all, next)
			}
		}
	}
	return all
}

// SoundKeys are the readings of a name without tones, by which names that may sound alike are found; where the rule is about dialect as Heard.
func (r Rule) SoundKeys(name Romanization) (keys []string) {
	for _, reading := range possibleReadings(name) {
		key := strings.Join(Toneless(reading), " ")
		if r.Params.Sound == SoundDialect {
			key = Heard(key)
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// leastApart tells apart what any dialect does: see Heard.
var leastApart = [][2]string{{"zh", "z"}, {"ch", "c"}, {"sh", "s"}, {"n", "l"}, {"h", "f"}}

// Heard is a reading without tones, its syllables apart by blanks, as it is heard where dialects tell the least apart: the function
// heard of the database. Every fold of a rule is one of these, so that what a rule takes for alike is found by it.
func Heard(toneless string) string {
	syllables := strings.Split(toneless, " ")
	for i, s := range syllables {
		s = foldSyllable(s, leastApart)
		if strings.HasSuffix(s, "ng") {
			s = s[:len(s)-1]
		}
		syllables[i] = s
	}
	return strings.Join(syllables, " ")
}

// initials are those of Hanyu Pinyin, two letters first.
var initials = []string{"zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r", "z", "c", "s", "y", "w"}

// foldSyllable is a syllable without tone as it is heard where some sounds are not told apart. A fold is of an initial (n l), of a
// final (-eng -en), or of a whole syllable (=hu =fu).
func foldSyllable(s string, folds [][2]string) string {
	initial := ""
	for _, i := range initials {
		if strings.HasPrefix(s, i) {
			initial = i
			break
		}
	}
	final := s[len(initial):]
	for _, f := range folds {
		from, to := f[0], f[1]
		switch {
		case strings.HasPrefix(from, "="):
			if initial+final == from[1:] {
				whole := strings.TrimPrefix(to, "=")
				return whole
			}
		case strings.HasPrefix(from, "-"):
			if final == from[1:] {
				final = strings.TrimPrefix(to, "-")
			}
		case initial == from:
			initial = to
		}
	}
	return initial + final
}

// looks finds names of the scope that are taken for this one at a glance: 亳 and 毫.
func (c *nameCheck) looks(r Rule) {
	g, there := c.gathered[r.key()]
	if !there {
		return
	}
	var hits []Record
	var alike []Alike
	for _, other := range g.Records {
		if other.PlaceID != c.PlaceID && mistakable(c.Name, other.Name, r.Params.Alike) {
			hits = append(hits, other)
			alike = append(alike, Alike{
				ID: other.id(), Name: other.Name, Spelling: strings.Join(SpellSyllables(other.Reading), " "), How: SoundGlyph,
				Why: whyAlike(c.Name, other.Name, c.reading.Reading, other.Reading), Beside: glyphsBeside(c.Name, other.Name, c.reading.Reading, other.Reading),
			})
		}
	}
	if len(hits) > 0 {
		c.collide(r, "lookalike", hits, fmt.Sprintf("“%s”与%s范围内的%s字形相近，容易看错", c.Name, g.ScopeName, describedRecords(hits)), "改用不易看错的字")
		c.findings[len(c.findings)-1].Alike = alike
	}
}

// mistakable reports whether two names differ, and only by characters that look alike.
func mistakable(a, b string, groups []string) bool {
	charsA, charsB := []rune(a), []rune(b)
	if a == b || len(charsA) != len(charsB) {
		return false
	}
	for i := range charsA {
		alike := func(g string) bool { return strings.ContainsRune(g, charsA[i]) && strings.ContainsRune(g, charsB[i]) }
		if charsA[i] != charsB[i] && !slices.ContainsFunc(groups, alike) {
			return false
		}
	}
	return true
}

// mostLookalikes bounds the names that look like one.
const mostLookalikes = 200

// lookalikes are the names that differ from one by characters that look alike.
func lookalikes(name string, groups []string) []string {
	all := []string{""}
	for _, char := range name {
		same := []rune{char}
		for _, g := range groups {
			if strings.ContainsRune(g, char) {
				same = []rune(g)
			}
		}
		var next []string
		for _, head := range all {
			for _, s := range same {
				if len(next) < mostLookalikes {
					next = append(next, head+string(s))
				}
			}
		}
		all = next
	}
	return slices.DeleteFunc(all, func(s string) bool { return s == name })
}
