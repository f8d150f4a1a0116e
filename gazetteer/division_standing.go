package gazetteer

import (
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// DivisionStanding is how a division stands on a day.
type DivisionStanding struct {
	ID     uuid.UUID                   `json:"id"`
	Name   string                      `json:"name"`
	Level  Level                       `json:"level"`
	Kind   Kind                        `json:"kind"`
	Parent uuid.UUID                   `json:"parentId"` // zero: none
	Office string                      `json:"officeName"`
	Seat   string                      `json:"seat"`
	Codes  map[CodeSystem]DivisionCode `json:"codes"`
	Later  bool                        `json:"-"` // something later is recorded of it
}

// Code is the code by which the division is known at its level.
func (d DivisionStanding) Code() DivisionCode {
	_, system := Canonical("000000000000", d.Level)
	return d.Codes[system]
}

// Same reports whether the two stand alike, apart from their codes.
func (d DivisionStanding) Same(o DivisionStanding) bool {
	return d.Name == o.Name && d.Level == o.Level && d.Kind == o.Kind && d.Parent == o.Parent && d.Office == o.Office && d.Seat == o.Seat
}

// DivisionState is how divisions stand on the day before a change: all that the change names and all that stand beside
// or directly below them. What stands elsewhere may be missing.
type DivisionState map[uuid.UUID]DivisionStanding

// byCode finds a division by the code of its level.
func (s DivisionState) byCode(code DivisionCode) (uuid.UUID, bool) {
	for id, d := range s {
		if d.Code() == code {
			return id, true
		}
	}
	return uuid.Nil, false
}

func (d DivisionStanding) order(o DivisionStanding) int {
	if by := strings.Compare(string(d.Code()), string(o.Code())); by != 0 {
		return by
	}
	return strings.Compare(d.ID.String(), o.ID.String())
}

// Sorted lists a state by level and code.
func (s DivisionState) Sorted() []DivisionStanding {
	all := slices.Collect(maps.Values(s))
	slices.SortFunc(all, func(a, b DivisionStanding) int {
		if by := slices.Index(Levels, a.Level) - slices.Index(Levels, b.Level); by != 0 {
			return by
		}
		return a.order(b)
	})
	return all
}
