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
}

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

// SeatOn says where the actor sits at a stone of several lines, each of two divisions: at that line of which his office is a
// party, else above where it is above both parties of one.
func SeatOn(a gazetteer.Actor, l gazetteer.Lineage, lines [][2]uuid.UUID) (seat Seat) {
	for _, parties := range lines {
		switch at := SeatOf(a, l, parties[0], parties[1]); {
		case at.Standing == Party:
			return at
		case at.Standing == Above:
			seat = at
		}
	}
	return seat
}

// OverAll reports whether the actor is above both parties of every one of several lines that meet: who is above one of them has no
// say in the others.
func OverAll(a gazetteer.Actor, l gazetteer.Lineage, lines [][2]uuid.UUID) bool {
	return !slices.ContainsFunc(lines, func(p [2]uuid.UUID) bool { return SeatOf(a, l, p[0], p[1]).Standing != Above })
}
