package gazetteer

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// OfficeFact is an office as a succession of divisions finds it.
type OfficeFact struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	Kind     string    `json:"kind"`
	Division uuid.UUID `json:"divisionId"`
	Valid    bool      `json:"-"` // on the day before the change
}

// RoundFact is a joint inspection that is under way.
type RoundFact struct {
	ID          uuid.UUID `json:"id"`
	Lead        uuid.UUID `json:"leadOffice"`
	Cooperating uuid.UUID `json:"cooperatingOffice"`
}

// DivisionSuccession is a change of divisions: each that ended with those that took its place, and the names of all.
type DivisionSuccession struct {
	On         time.Time // the first day without the old ones
	Successors map[uuid.UUID][]uuid.UUID
	Names      map[uuid.UUID]string
}

// Ended are the names of the divisions that ended.
func (s DivisionSuccession) Ended() map[uuid.UUID]string {
	ended := map[uuid.UUID]string{}
	for id := range s.Successors {
		ended[id] = s.Names[id]
	}
	return ended
}

// OfficeSuccession is what a change of divisions does to offices and to what they have under way. Records are not moved:
// whoever takes an office's place acts on them as they were made.
type OfficeSuccession struct {
	Found     []OfficeFact            `json:"found"`     // to found, with their ids
	Places    map[uuid.UUID]uuid.UUID `json:"places"`    // the office that takes the place of each one that closes
	Closed    []OfficeFact            `json:"closed"`    // all that close, in the order given
	Undecided []OfficeFact            `json:"undecided"` // close with nobody in their place: a person must say who
	Ended     []RoundFact             `json:"ended"`     // rounds whose two sides become one
}

// bodies are the kinds of offices that a division has of its own, so that they end with it. A contractor or an applicant
// works in a division and outlives it.
var bodies = []string{"civil-affairs", "competent-department", "township-government", "committee"}

// SucceedOffices says what becomes of the offices when divisions end. Each body of a division that ended closes; the body
// of the same kind of the division's one successor takes its place, the one there is or a new one of the successor's name.
// Where several bodies of a kind have the same name apart from the division's, they get one successor; several of one kind
// with other names (a housing and a transport department) get one each. A division that was split among several leaves its
// bodies undecided. A round between two offices that get the same successor ends.
func SucceedOffices(change DivisionSuccession, offices []OfficeFact, rounds []RoundFact, newID func() uuid.UUID) OfficeSuccession {
	out := OfficeSuccession{Places: map[uuid.UUID]uuid.UUID{}}
	for _, o := range offices {
		heirs, ended := change.Successors[o.Division]
		if !ended || !o.Valid || !slices.Contains(bodies, o.Kind) {
			continue
		}
		out.Closed = append(out.Closed, o)
		if len(heirs) != 1 {
			out.Undecided = append(out.Undecided, o)
			continue
		}
		out.Places[o.ID] = out.bodyOf(change, offices, o, heirs[0], newID)
	}
	for _, r := range rounds {
		if lead, moved := out.Places[r.Lead]; moved && lead == out.Places[r.Cooperating] {
			out.Ended = append(out.Ended, r)
		}
	}
	return out
}

// bodyOf finds or founds the office of the successor that takes the place of another.
func (s *OfficeSuccession) bodyOf(change DivisionSuccession, offices []OfficeFact, old OfficeFact, heir uuid.UUID, newID func() uuid.UUID) uuid.UUID {
	name := strings.Replace(old.Name, change.Names[old.Division], change.Names[heir], 1)
	if name == old.Name {
		name = change.Names[heir] + "：" + old.Name
	}
	for _, known := range [][]OfficeFact{offices, s.Found} {
		for _, o := range known {
			if o.Division == heir && o.Kind == old.Kind && o.Name == name {
				return o.ID
			}
		}
	}
	founded := OfficeFact{ID: newID(), Name: name, Kind: old.Kind, Division: heir, Valid: true}
	s.Found = append(s.Found, founded)
	return founded.ID
}
