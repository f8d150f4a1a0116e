package boundary

import (
	"slices"

	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// Standing is what an office is to a line.
type Standing string

// The standings.
const (
	Stranger Standing = ""
	Party    Standing = "party"    // 界线一方
	Above    Standing = "superior" // 双方共同的上级
)

// bureaus are the kinds of offices that keep the affairs of lines.
var bureaus = []string{"civil-affairs", "township-government"}

// StandingOf says what the actor's office is to the line of two divisions on the day of the lineage: a party's bureau,
// also by succession, or the bureau above both. Who works by assignment only stands for no office.
func StandingOf(a gazetteer.Actor, l gazetteer.Lineage, partyA, partyB uuid.UUID) Standing {
	if a.Jurisdiction == uuid.Nil || ByAssignment(a) || !slices.Contains(bureaus, a.OfficeKind) {
		return Stranger
	}
	switch {
	case slices.Contains(l.Heirs(partyA), a.Jurisdiction), slices.Contains(l.Heirs(partyB), a.Jurisdiction):
		return Party
	case l.Covers(a.Jurisdiction, partyA) && l.Covers(a.Jurisdiction, partyB):
		return Above
	}
	return Stranger
}

// Seat is where an actor sits at a line: what his office is to it, and for a party which side.
type Seat struct {
	Standing Standing
	Side     uuid.UUID // the party its bureau speaks for; uuid.Nil above, elsewhere, and for one that was given the affairs of both
	// Others are further sides of a stone of several lines that were given to the same bureau. What it confirms it confirms for all of them.
	Others []uuid.UUID
}

// Sides are the parties the bureau speaks for; none above, elsewhere, and for one that was given the affairs of every side.
func (s Seat) Sides() []uuid.UUID {
	if s.Side == uuid.Nil {
		return nil
	}
	return append([]uuid.UUID{s.Side}, s.Others...)
}

// On reports whether the bureau speaks for the party.
func (s Seat) On(party uuid.UUID) bool { return slices.Contains(s.Sides(), party) }

// SeatOf says where the actor sits at the line of two divisions on the day of the lineage.
func SeatOf(a gazetteer.Actor, l gazetteer.Lineage, partyA, partyB uuid.UUID) Seat {
	seat := Seat{Standing: StandingOf(a, l, partyA, partyB)}
	if seat.Standing != Party {
		return seat
	}
	ofA, ofB := slices.Contains(l.Heirs(partyA), a.Jurisdiction), slices.Contains(l.Heirs(partyB), a.Jurisdiction)
	switch {
	case ofA && !ofB:
		seat.Side = partyA
	case ofB && !ofA:
		seat.Side = partyB
	}
	return seat
}

// OnASide reports whether a division is a party, by succession too, or lies within one.
func OnASide(l gazetteer.Lineage, division, partyA, partyB uuid.UUID) bool {
	for _, party := range []uuid.UUID{partyA, partyB} {
		if division == party || slices.Contains(l.Heirs(party), division) || l.Covers(party, division) {
			return true
		}
	}
	return false
}

// SeatOn says where the actor sits at a stone of several lines, each of two divisions: on every side that his bureau was given, which
// may be two of three, else above where it is above both parties of one.
func SeatOn(a gazetteer.Actor, l gazetteer.Lineage, lines [][2]uuid.UUID) (seat Seat) {
	var all, own []uuid.UUID
	for _, parties := range lines {
		at := StandingOf(a, l, parties[0], parties[1])
		if seat.Standing != Party && at != Stranger {
			seat.Standing = at
		}
		for _, p := range parties {
			if slices.Contains(all, p) {
				continue
			}
			all = append(all, p)
			if at == Party && slices.Contains(l.Heirs(p), a.Jurisdiction) {
				own = append(own, p)
			}
		}
	}
	if len(own) > 0 && len(own) < len(all) {
		seat.Side, seat.Others = own[0], own[1:]
	}
	return seat
}

// OverAll reports whether the actor is above both parties of every one of several lines that meet: who is above one of them has no
// say in the others.
func OverAll(a gazetteer.Actor, l gazetteer.Lineage, lines [][2]uuid.UUID) bool {
	return !slices.ContainsFunc(lines, func(p [2]uuid.UUID) bool { return SeatOf(a, l, p[0], p[1]).Standing != Above })
}
