package gazetteer

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// WordList is words to look for in names. What a name holds is found by the name's own stretches, so that a list may be as long as the
// register of enterprises. It is not changed once it is made.
type WordList struct {
	words   map[string]Word
	longest int // in bytes
}

// NewWordList makes a list; of two words with one text the later counts.
func NewWordList(words []Word) *WordList {
	l := &WordList{words: make(map[string]Word, len(words))}
	for _, w := range words {
		if w.Text != "" {
			l.words[w.Text] = w
			l.longest = max(l.longest, len(w.Text))
		}
	}
	return l
}

// ofLength are the words of so many characters, by text. A nil list has none.
func (l *WordList) ofLength(n int) (found []Word) {
	if l == nil {
		return nil
	}
	for text, w := range l.words {
		if utf8.RuneCountInString(text) == n {
			found = append(found, w)
		}
	}
	slices.SortFunc(found, func(a, b Word) int { return cmp.Compare(a.Text, b.Text) })
	return found
}

// In are the words that stand somewhere in a name, each once, the longest first. A nil list holds none.
func (l *WordList) In(name string) (found []Word) {
	if l == nil {
		return nil
	}
	for from := range name {
		for to := from; to < len(name); {
			_, n := utf8.DecodeRuneInString(name[to:])
			if to += n; to-from > l.longest {
				break
			}
			if w, there := l.words[name[from:to]]; there {
				found = append(found, w)
			}
		}
	}
	slices.SortFunc(found, func(a, b Word) int { return cmp.Or(len(b.Text)-len(a.Text), cmp.Compare(a.Text, b.Text)) })
	return slices.CompactFunc(found, func(a, b Word) bool { return a.Text == b.Text })
}
