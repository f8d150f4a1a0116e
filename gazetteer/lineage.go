package gazetteer

import (
	"slices"

	"github.com/google/uuid"
)

// Lineage is the part of the tree of divisions that a question of jurisdiction needs, as it stands on one day.
type Lineage struct {
	Above      map[uuid.UUID]uuid.UUID   // the division directly above; for one that has ended, above it when it ended
	Successors map[uuid.UUID][]uuid.UUID // of divisions that have ended: those that took their place
}

// Heirs are the divisions that stand for one on the day: itself while it lasts, else those that succeeded it, directly
// or through others. A division that ended without a successor has none but itself.
func (l Lineage) Heirs(division uuid.UUID) []uuid.UUID {
	seen, heirs := []uuid.UUID{division}, []uuid.UUID{}
	for i := 0; i < len(seen); i++ {
		next := l.Successors[seen[i]]
		if len(next) == 0 {
			heirs = append(heirs, seen[i])
		}
		for _, s := range next {
			if !slices.Contains(seen, s) {
				seen = append(seen, s)
			}
		}
	}
	return heirs
}

// Up lists a division, its successors where it has ended, and everything above any of them, nearest first.
func (l Lineage) Up(division uuid.UUID) []uuid.UUID {
	up := []uuid.UUID{division}
	for i := 0; i < len(up); i++ {
		next := l.Successors[up[i]]
		if above, ok := l.Above[up[i]]; ok {
			next = append(slices.Clone(next), above)
		}
		for _, d := range next {
			if d != uuid.Nil && !slices.Contains(up, d) {
				up = append(up, d)
			}
		}
	}
	return up
}

// Covers reports whether a jurisdiction over a division extends to another: it is the same, lies below it, or has ended
// and was succeeded by one that the jurisdiction extends to. Who keeps the affairs of no division (uuid.Nil) covers none.
func (l Lineage) Covers(jurisdiction, division uuid.UUID) bool {
	return jurisdiction != uuid.Nil && slices.Contains(l.Up(division), jurisdiction)
}
