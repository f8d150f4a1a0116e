package coverage

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"fangyu/geo"
)

// Feature is an area or a line of a file. Positions are degrees of CGCS2000.
type Feature struct {
	ID       string // as findings name it
	Name     string
	Code     string // of the division, "" where the file has none
	Parent   string // the code of the division above, "" where the file does not say
	Level    string // of the division, in the words of the file; "" where it does not say
	Left     string // of a line: the code, id or name of the area to its left, "" where the file does not say
	Right    string
	File     int // from 0; files are looked at together, or beside each other where they hold the same divisions
	Geometry orb.Geometry
}

// String is the feature for people.
func (f *Feature) String() string {
	switch {
	case f.Name != "" && f.Code != "":
		return f.Code + " " + f.Name
	case f.Name != "":
		return f.Name
	}
	return f.ID
}

// codePattern is what a division code looks like: province to county, township, village.
var codePattern = regexp.MustCompile(`^\d{6}(\d{3}){0,2}$`)

// Identify gives a feature without an id the one that its properties say, else its code, its name, what a line separates or its
// place in the file; and one without a code that of its id, if that is one. What has no digit in it is a class, not a code.
func (f *Feature) Identify(property, place string) {
	if f.Name == "" && f.Left != "" && f.Right != "" {
		f.Name = f.Left + "|" + f.Right
	}
	for _, id := range []string{property, f.Code, f.Name, place} {
		if f.ID == "" {
			f.ID = id
		}
	}
	if !strings.ContainsAny(f.Code, "0123456789") {
		f.Code = ""
	}
	if f.Code == "" && codePattern.MatchString(f.ID) {
		f.Code = f.ID
	}
}

// named joins features for a sentence: three of them, and how many more.
func named(features []*Feature) string {
	var names []string
	for _, f := range features {
		if name := "“" + f.String() + "”"; !slices.Contains(names, name) && len(names) <= 3 {
			names = append(names, name)
		}
	}
	if len(names) == 1 && len(features) > 1 {
		return fmt.Sprintf("%s的 %d 个面", names[0], len(features))
	}
	text := strings.Join(names[:min(len(names), 3)], "、")
	if len(names) > 3 {
		text += "等"
	}
	return text
}

// area is a feature that has one.
type area struct {
	*Feature
	shape orb.MultiPolygon
	bound orb.Bound
}

func hasArea(f *Feature) bool { return len(geo.Areas(f.Geometry)) > 0 }

func areasOf(features []*Feature) []area {
	var all []area
	for _, f := range features {
		if shape := geo.Areas(f.Geometry); len(shape) > 0 {
			all = append(all, area{f, shape, shape.Bound()})
		}
	}
	return all
}

// covers reports whether p lies within the area, edges left out: inside an odd number of its rings.
func (a *area) covers(p orb.Point) bool {
	if !a.bound.Contains(p) {
		return false
	}
	within := false
	for _, polygon := range a.shape {
		for _, ring := range polygon {
			if geo.RingSide(p, ring) > 0 {
				within = !within
			}
		}
	}
	return within
}
