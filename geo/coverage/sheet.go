package coverage

import (
	"maps"
	"slices"
	"strings"
)

// sheet is the features of files that are looked at together.
type sheet struct {
	files  []int
	layers [][]*Feature // of one level each, the lowest last
	all    []*Feature
}

// steps is how much there is to do.
func (s *sheet) steps() (n int) {
	for _, l := range s.layers {
		n += len(areasOf(l))
	}
	return n
}

// sheetsOf lays files together, but those beside each other that hold the same divisions: two versions of one layer.
func sheetsOf(features []Feature) []sheet {
	of := map[int][]*Feature{}
	for i := range features {
		f := &features[i]
		of[f.File] = append(of[f.File], f)
	}
	var sheets []sheet
	for _, file := range slices.Sorted(maps.Keys(of)) {
		i := slices.IndexFunc(sheets, func(s sheet) bool {
			return !slices.ContainsFunc(s.files, func(other int) bool { return versions(of[other], of[file]) })
		})
		if i < 0 {
			i, sheets = len(sheets), append(sheets, sheet{})
		}
		sheets[i].files = append(sheets[i].files, file)
		sheets[i].all = append(sheets[i].all, of[file]...)
	}
	for i := range sheets {
		sheets[i].layer()
	}
	return sheets
}

// label is by what two files know the same unit: its code, else its name.
func (f *Feature) label() string {
	if f.Code != "" {
		return f.Code
	}
	return f.Name
}

// labelled are the areas of a file by their labels, those with one.
func labelled(features []*Feature) map[string][]*Feature {
	by := map[string][]*Feature{}
	for _, f := range features {
		if l := f.label(); l != "" && hasArea(f) {
			by[l] = append(by[l], f)
		}
	}
	return by
}

// versions reports whether two files hold the same divisions: half of those of the smaller one.
func versions(a, b []*Feature) bool {
	first, second := labelled(a), labelled(b)
	common := 0
	for label := range second {
		if first[label] != nil {
			common++
		}
	}
	return common > 0 && 2*common >= min(len(first), len(second))
}

// layer sorts the areas of a sheet into levels.
func (s *sheet) layer() {
	divided := s.divided()
	var levels []string
	by := map[string][]*Feature{}
	for _, f := range s.all {
		if !hasArea(f) {
			continue
		}
		level := f.Level
		if level == "" && divided[f.Code] {
			level = "divided " + rank(f.Code)
		}
		if by[level] == nil {
			levels = append(levels, level)
		}
		by[level] = append(by[level], f)
	}
	for _, level := range levels {
		s.layers = append(s.layers, by[level])
	}
}

// divided are the codes of which the sheet has divisions.
func (s *sheet) divided() map[string]bool {
	divided := map[string]bool{}
	for _, f := range s.all {
		divided[f.Parent] = true
		for above := range above(f.Code) {
			divided[above] = true
		}
	}
	delete(divided, "")
	return divided
}

// above yields the codes above one, the nearest first: 500101001000 → 500101, 500100, 500000.
func above(code string) func(func(string) bool) {
	return func(yield func(string) bool) {
		stem := strings.TrimRight(code, "0")
		for _, n := range []int{9, 6, 4, 2} {
			if len(stem) > n && len(code) >= 6 && !yield(code[:n]+strings.Repeat("0", max(0, 6-n))) {
				return
			}
		}
	}
}

// rank tells the level of a code by its zeros.
func rank(code string) string {
	switch stem := strings.TrimRight(code, "0"); {
	case len(stem) <= 2:
		return "province"
	case len(stem) <= 4:
		return "prefecture"
	case len(stem) <= 6:
		return "county"
	}
	return "township"
}
