package boundary

import (
	"slices"

	"github.com/google/uuid"

	"fangyu/geo"
)

// LineStanding is a line as it stands on the day before a change of divisions.
type LineStanding struct {
	ID       uuid.UUID
	Name     string
	Level    Level
	A, B     uuid.UUID // its parties
	Right    uuid.UUID // the party on the right of its direction; zero where that is not known
	Status   LegalStatus
	Sections []Section // divisions as they were
	// Unsettled: an earlier change of divisions left who has which stretch to be settled, and that has not been done.
	Unsettled bool
}

// Became tells which divisions are where one was, as they stand after a change: itself where it goes on, its successors
// where it ended. One answer is certain; none or several leave open what a line beside it parts.
type Became func(division uuid.UUID) []*Division

// MadeLine is a line that a change of divisions begins, or that goes on with other sections. Its course is that of the lines
// before it, vertex for vertex: a change of divisions moves nothing on the ground.
type MadeLine struct {
	Line
	GoesOn      *LineStanding   // nil for a line that begins
	From        []*LineStanding // the lines that pass into it, GoesOn left out
	PartySource string          // of a line that begins
	Right       uuid.UUID       // party on the right of its direction; zero where that is not known
	Status      LegalStatus
	Law         *LineStanding // the longest of those that were law, whose papers it goes by; nil for none
	ToSettle    bool          // territory beside it went elsewhere: who has which stretch must be settled on the ground
}

// LineChanges is what a change of divisions makes of lines.
type LineChanges struct {
	Made     []MadeLine
	Passed   []*LineStanding // end, and go on as another
	Ended    []EndedLine     // both sides are one division
	ToSettle []*LineStanding // stay as they are, and must be settled
}

// EndedLine is a line both of whose sides are one division.
type EndedLine struct {
	*LineStanding
	ToSettle bool // a part of the territory beside it went elsewhere: a stretch may part others now
}

// PartiesKept is the source of the parties of a line that begins, where all lines before it had them so.
const PartiesKept = "承前身界线的甲方、乙方"

// ChangeLines decides what a change of divisions makes of the lines beside them: a line both of whose sides become one ends,
// one with a new party passes into the line of the new parties, where it meets with others, and sections take the names of
// those who succeed. shared are the divisions that gave or got a part of their territory. Where it is open who succeeds, the
// line stays as it is and must be settled.
//
// Errors: those of Assemble.
func ChangeLines(lines []*LineStanding, became Became, shared map[uuid.UUID]bool) (LineChanges, error) {
	w := lineChanging{became: became, shared: shared, from: map[[2]uuid.UUID][]*LineStanding{}, toSettle: map[*LineStanding]bool{}}
	for _, l := range lines {
		w.take(l)
	}
	assembled, _, err := Assemble(w.pool)
	if err != nil {
		return LineChanges{}, err
	}
	left := map[*LineStanding]bool{}
	for _, line := range assembled {
		origins := w.origins(line)
		for _, l := range origins {
			left[l] = true
		}
		if made := w.judge(line, origins); made.changes() {
			w.out.Made = append(w.out.Made, made)
		} else if made.ToSettle {
			w.out.ToSettle = append(w.out.ToSettle, made.GoesOn)
		}
	}
	for _, l := range lines {
		if goesOn := func(m MadeLine) bool { return m.GoesOn == l }; slices.ContainsFunc(w.out.Made, goesOn) || w.open(l) {
			continue
		}
		if passed := func(m MadeLine) bool { return slices.Contains(m.From, l) }; slices.ContainsFunc(w.out.Made, passed) {
			w.out.Passed = append(w.out.Passed, l)
		} else if !left[l] {
			w.out.Ended = append(w.out.Ended, EndedLine{l, w.toSettle[l]})
		}
	}
	return w.out, nil
}

// lineChanging is a change of lines being decided.
type lineChanging struct {
	became   Became
	shared   map[uuid.UUID]bool
	pool     []Section                        // as they stand after the change
	from     map[[2]uuid.UUID][]*LineStanding // of a section of the pool, by its sides
	toSettle map[*LineStanding]bool
	out      LineChanges
}

func sidesKey(a, b uuid.UUID) [2]uuid.UUID {
	if b.String() < a.String() {
		a, b = b, a
	}
	return [2]uuid.UUID{a, b}
}

// open reports whether it is open what the line parts.
func (w *lineChanging) open(l *LineStanding) bool {
	return slices.ContainsFunc(l.Sections, func(s Section) bool { return len(w.became(s.A.ID)) != 1 || len(w.became(s.B.ID)) != 1 })
}

// take puts the sections of a line, as they stand after the change, into the pool.
func (w *lineChanging) take(l *LineStanding) {
	if w.open(l) {
		w.out.ToSettle = append(w.out.ToSettle, l)
		return
	}
	for _, s := range l.Sections {
		if w.shared[s.A.ID] || w.shared[s.B.ID] {
			w.toSettle[l] = true
		}
		a, b := w.became(s.A.ID)[0], w.became(s.B.ID)[0]
		if a.ID == b.ID {
			continue
		}
		key := sidesKey(a.ID, b.ID)
		if !slices.Contains(w.from[key], l) {
			w.from[key] = append(w.from[key], l)
		}
		w.pool = append(w.pool, Section{A: a, B: b, Parts: s.Parts})
	}
}

// origins are the lines that the sections of a line come from, each once.
func (w *lineChanging) origins(line Line) (origins []*LineStanding) {
	for _, s := range line.Sections {
		for _, l := range w.from[sidesKey(s.A.ID, s.B.ID)] {
			if !slices.Contains(origins, l) {
				origins = append(origins, l)
			}
		}
	}
	return origins
}

// judge decides everything about a line that is put together from others.
func (w *lineChanging) judge(line Line, origins []*LineStanding) MadeLine {
	made := MadeLine{Line: line, PartySource: CodeOrder}
	length, inherits := 0.0, false
	for _, l := range origins {
		if l.Level == line.Level && sidesKey(l.A, l.B) == sidesKey(line.A.ID, line.B.ID) {
			made.GoesOn = l
		} else {
			made.From, inherits = append(made.From, l), inherits || l.Unsettled
		}
		made.ToSettle = made.ToSettle || w.toSettle[l]
		if m := l.lengthM(); (l.Status == InForce || l.Status == UnderChange) && m > length {
			made.Law, length = l, m
		}
	}
	w.keepParties(&made, origins)
	made.Right = w.right(made, origins)
	switch {
	case made.GoesOn != nil && len(made.From) == 0 && !made.ToSettle:
		made.Status = made.GoesOn.Status
	case made.Law != nil:
		made.Status = UnderChange
	case made.ToSettle || inherits:
		made.Status = InDemarcation
	case made.GoesOn != nil:
		made.Status = made.GoesOn.Status
	default:
		made.Status = Reference
	}
	return made
}

// changes reports whether the line is another than the one that goes on: its sections have other sides, or more of them.
func (m MadeLine) changes() bool {
	if m.GoesOn == nil || len(m.From) > 0 || len(m.Sections) != len(m.GoesOn.Sections) {
		return true
	}
	was := map[[2]uuid.UUID]bool{}
	for _, s := range m.GoesOn.Sections {
		was[sidesKey(s.A.ID, s.B.ID)] = true
	}
	return slices.ContainsFunc(m.Sections, func(s Section) bool { return !was[sidesKey(s.A.ID, s.B.ID)] })
}

// keepParties lets the parties be as the line that goes on has them, or as all before had them; else code order proposes.
func (w *lineChanging) keepParties(made *MadeLine, origins []*LineStanding) {
	if made.GoesOn != nil {
		if made.GoesOn.A == made.B.ID {
			made.A, made.B = made.B, made.A
		}
		return
	}
	first := func(l *LineStanding) uuid.UUID {
		if heirs := w.became(l.A); len(heirs) == 1 && l.Level == made.Level {
			return heirs[0].ID
		}
		return uuid.Nil
	}
	a := first(origins[0])
	if a == uuid.Nil || slices.ContainsFunc(origins, func(l *LineStanding) bool { return first(l) != a }) {
		return
	}
	if made.PartySource = PartiesKept; a == made.B.ID {
		made.A, made.B = made.B, made.A
	}
}

// right is the party on the right of the line, as the lines before it know it; an edge tells whether a part runs as it ran. Where
// one does not know, or two say otherwise, it is not known.
func (w *lineChanging) right(made MadeLine, origins []*LineStanding) (right uuid.UUID) {
	along := indexOf(made.Geometry)
	for _, l := range origins {
		heirs := w.became(l.Right)
		if l.Right == uuid.Nil || len(heirs) != 1 || heirs[0].ID != made.A.ID && heirs[0].ID != made.B.ID {
			return uuid.Nil
		}
		sides := [2]uuid.UUID{heirs[0].ID, made.A.ID} // on the right of a part that runs as it ran, and of one that is turned
		if sides[0] == made.A.ID {
			sides[1] = made.B.ID
		}
		for _, s := range l.Sections {
			for _, part := range s.Parts {
				p, q := keyOf(part[0]), keyOf(part[1])
				side := sides[0]
				if along[[2]vertexKey{p, q}] == 0 {
					if along[[2]vertexKey{q, p}] == 0 {
						continue // it went to another line, or between what became one
					}
					side = sides[1]
				}
				if right != uuid.Nil && right != side {
					return uuid.Nil
				}
				right = side
			}
		}
	}
	return right
}

func (l *LineStanding) lengthM() (m float64) {
	for _, s := range l.Sections {
		m += geo.LengthM(s.Parts)
	}
	return m
}
