package gazetteer

import (
	"fmt"
	"strings"
)

// Alike is a name that sounds or looks like the one that is judged, and how.
type Alike struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Spelling string `json:"spelling"` // with tone marks
	How      string `json:"how"`      // tones, syllables, dialect, glyph
	Why      string `json:"why"`      // 李 lǐ、礼 lǐ；家 jiā、嘉 jiā

	Beside []Beside `json:"beside,omitempty"` // syllable by syllable; none where the two have not as many
}

// Beside is a syllable of the name that is judged and the one of the other name that it is taken for.
type Beside struct {
	Own          string   `json:"own,omitempty"` // the character; "" where characters and syllables do not go together (盆儿)
	OwnReading   string   `json:"ownReading"`    // with its tone mark
	Other        string   `json:"other,omitempty"`
	OtherReading string   `json:"otherReading"`
	Apart        string   `json:"apart,omitempty"` // in what they differ: "character" alone, "tone", "sound", or "glyph" for characters that look alike; "" in nothing
	Folds        []string `json:"folds,omitempty"` // the sounds not told apart: n=l
}

// mostBeside bounds the names of a finding that are set beside the one that is judged syllable by syllable, the nearest first.
const mostBeside = 20

// whyAlike sets the characters that differ beside each other with their readings.
func whyAlike(a, b string, readingA, readingB []string) string {
	charsA, charsB := []rune(a), []rune(b)
	if len(charsA) != len(charsB) || len(readingA) != len(charsA) || len(readingB) != len(charsB) {
		return ""
	}
	spelledA, spelledB := SpellSyllables(readingA), SpellSyllables(readingB)
	var pairs []string
	for i := range charsA {
		if charsA[i] != charsB[i] {
			pairs = append(pairs, fmt.Sprintf("%c %s、%c %s", charsA[i], spelledA[i], charsB[i], spelledB[i]))
		}
	}
	return strings.Join(pairs, "；")
}

// beside sets two readings of as many syllables beside each other, with the folds by which syllables of different sound are heard alike.
func beside(a, b string, readingA, readingB []string, folds [][2]string) []Beside {
	if len(readingA) != len(readingB) {
		return nil
	}
	charsA, charsB := charactersOf(a, readingA), charactersOf(b, readingB)
	spelledA, spelledB := SpellSyllables(readingA), SpellSyllables(readingB)
	tonelessA, tonelessB := Toneless(readingA), Toneless(readingB)
	all := make([]Beside, len(readingA))
	for i := range all {
		p := Beside{Own: charsA[i], OwnReading: spelledA[i], Other: charsB[i], OtherReading: spelledB[i]}
		switch {
		case tonelessA[i] != tonelessB[i]:
			p.Apart, p.Folds = "sound", foldsBetween(tonelessA[i], tonelessB[i], folds)
		case readingA[i] != readingB[i]:
			p.Apart = "tone"
		case charsA[i] != charsB[i]:
			p.Apart = "character"
		}
		all[i] = p
	}
	return all
}

// glyphsBeside sets two names beside each other that look alike.
func glyphsBeside(a, b string, readingA, readingB []string) []Beside {
	all := beside(a, b, readingA, readingB, nil)
	for i, p := range all {
		if p.Own != p.Other {
			all[i].Apart = "glyph"
		}
	}
	return all
}

// charactersOf are the characters of a name, one for each syllable; empty where there are not as many.
func charactersOf(name string, reading []string) []string {
	chars := strings.Split(name, "")
	if len(chars) != len(reading) {
		return make([]string, len(reading))
	}
	return chars
}

// foldsBetween are the folds that change one of two syllables and not the other, as a clerk writes them: n=l, eng=en.
func foldsBetween(a, b string, folds [][2]string) (between []string) {
	for _, f := range folds {
		one := [][2]string{f}
		if (foldSyllable(a, one) != a) != (foldSyllable(b, one) != b) {
			between = append(between, strings.TrimLeft(f[0], "-=")+"="+strings.TrimLeft(f[1], "-="))
		}
	}
	return between
}
