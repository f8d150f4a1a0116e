package boundary

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
)

// Tripoint (三交点) is a place where three divisions meet, and so the sections of every pair of them.
type Tripoint struct {
	ID        uuid.UUID // made from the divisions and, where they meet more than once, the order from west to east
	At        orb.Point
	Divisions []*Division // by code; three, or more where more meet
}

// Level is the highest level at which three of the divisions differ: province where 渝, 川 and 黔 meet.
func (t Tripoint) Level() Level {
	for _, step := range []struct {
		of   gazetteer.Level
		line Level
	}{{gazetteer.Province, ProvinceLine}, {gazetteer.County, CountyLine}} {
		differ := map[uuid.UUID]bool{}
		for _, d := range t.Divisions {
			if up := d.at(step.of); up != nil {
				differ[up.ID] = true
			}
		}
		if len(differ) >= 3 {
			return step.line
		}
	}
	return TownshipLine
}

// tripointNames is the space of tripoint identities.
var tripointNames = uuid.MustParse("6f1d1a0e-6f57-5e0c-9f0a-7d2f3b1c5a44")

// Tripoints finds the places where the ends of sections of three divisions or more meet, by position from west to east.
func Tripoints(sections []Section) []Tripoint {
	at := map[vertexKey]*Tripoint{}
	for _, s := range sections {
		for _, part := range s.Parts {
			if len(part) < 2 {
				continue
			}
			for _, end := range []orb.Point{part[0], part[len(part)-1]} {
				t := at[keyOf(end)]
				if t == nil {
					t = &Tripoint{At: end}
					at[keyOf(end)] = t
				}
				t.add(s.A)
				t.add(s.B)
			}
		}
	}
	var found []Tripoint
	for _, t := range at {
		if len(t.Divisions) >= 3 {
			slices.SortFunc(t.Divisions, func(a, b *Division) int { return cmp.Compare(a.Code, b.Code) })
			found = append(found, *t)
		}
	}
	slices.SortFunc(found, func(a, b Tripoint) int {
		return cmp.Or(cmp.Compare(a.At[0], b.At[0]), cmp.Compare(b.At[1], a.At[1]))
	})
	meetings := map[string]int{}
	for i := range found {
		var ids []string
		for _, d := range found[i].Divisions {
			ids = append(ids, d.ID.String())
		}
		name := strings.Join(ids, " ")
		meetings[name]++
		found[i].ID = uuid.NewSHA1(tripointNames, []byte(name+" "+strconv.Itoa(meetings[name])))
	}
	return found
}

func (t *Tripoint) add(d *Division) {
	for _, known := range t.Divisions {
		if known.ID == d.ID {
			return
		}
	}
	t.Divisions = append(t.Divisions, d)
}
