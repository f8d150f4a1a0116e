package boundsql

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/internal/fault"
	"fangyu/internal/postgis"
)

// Reconciling is what would come of bringing the edges of neighbours together within a tolerance, on the shapes of record of a day.
// Nothing is changed.
type Reconciling struct {
	Level      string               `json:"level"`
	On         gazetteer.Day        `json:"on"`
	ToleranceM float64              `json:"toleranceM"`
	Divisions  int                  `json:"divisions"`  // looked at
	FixedLines int                  `json:"fixedLines"` // law or signed, of the level and above: they hold
	Digest     string               `json:"digest"`     // SHA-256 of the report, hexadecimal, as `line derive` asks for it
	Pairs      []ReconcilingPair    `json:"pairs"`      // whose edges do not match, or between which something is moved or given
	Units      []ReconciledDivision `json:"units"`      // whose shape would change
	Left       []FabricFinding      `json:"left"`       // what would not be repaired
	Apart      []FabricFinding      `json:"apart"`      // fixed lines along which no shape runs

	parties map[uuid.UUID][2]uuid.UUID // of the fixed lines
}

// ReconcilingPair is what is between two neighbours, and what would be done about it.
type ReconcilingPair struct {
	A             FabricRef         `json:"a"` // the one of the smaller code
	B             FabricRef         `json:"b"`
	Unmatched     *UnmatchedEdges   `json:"unmatched"` // nil: their edges match
	Remaining     *UnmatchedEdges   `json:"remaining"` // after it
	Moved         []MovedDivision   `json:"moved"`
	Exchanges     []ExchangedGround `json:"exchanges"`
	SharedBeforeM float64           `json:"sharedBeforeM"`
	SharedAfterM  float64           `json:"sharedAfterM"`
}

// UnmatchedEdges are edges of two neighbours that the other does not have: see boundary.Unmatched.
type UnmatchedEdges struct {
	Edges   int       `json:"edges"`
	LengthM float64   `json:"lengthM"`
	At      orb.Point `json:"at"`
}

// MovedDivision is how far the edges of a division would be moved, and where.
type MovedDivision struct {
	coverage.Moved
	Unit    FabricRef             `json:"unit"`
	Stretch coverage.MovedStretch `json:"-"`
}

// ExchangedGround is ground that would change hands.
type ExchangedGround struct {
	coverage.Exchange
	From *FabricRef `json:"from"` // nil: a gap that nobody has
	To   *FabricRef `json:"to"`
}

// ReconciledDivision is a division before and after.
type ReconciledDivision struct {
	coverage.ReconciledUnit
	Unit FabricRef `json:"unit"`
}

// reconciled are shapes that were brought together.
type reconciled struct {
	coverage.Reconciliation
	digest  string
	shapes  []boundary.Shape // in the order in which they were given
	lines   int              // that are fixed
	names   map[string]string
	parties map[uuid.UUID][2]uuid.UUID
}

// reconcileShapes brings the shapes of neighbours of a level together. The edges on lines of the level and above that are law, or signed,
// on the day or later, are not moved.
func reconcileShapes(ctx context.Context, db postgis.Conn, shapes []boundary.Shape, level boundary.Level, day string, toleranceM float64) (r reconciled, err error) {
	r.names, r.parties = map[string]string{}, map[uuid.UUID][2]uuid.UUID{}
	p := coverage.ReconcileParameters{ToleranceM: toleranceM}
	type line struct {
		ID, A, B uuid.UUID
		Name     string
		Geom     orb.MultiLineString
	}
	err = each(ctx, db, `
		select l.id, l.party_a as a, l.party_b as b, l.name, v.geom
		from line_version v join line l on l.id = v.line_id
		where coalesce(upper(v.valid) > $2::text::date, true) and v.legal_status in ('signed', 'in-force', 'under-change') and l.level = any ($1)
		order by v.id`, func(row line) error {
		for _, path := range row.Geom {
			p.Fixed = append(p.Fixed, coverage.FixedLine{ID: row.ID.String(), Name: row.Name, Path: path})
		}
		r.names[row.ID.String()], r.parties[row.ID] = row.Name, [2]uuid.UUID{row.A, row.B}
		return nil
	}, levelsTo(level), day)
	if err != nil {
		return r, fmt.Errorf("gather the lines in force: %w", err)
	}
	features := make([]coverage.Feature, len(shapes))
	for i, shape := range shapes {
		d := shape.Division
		features[i] = coverage.Feature{ID: string(d.Code), Code: string(d.Code), Name: d.Name, Level: string(d.Level), Geometry: shape.Area}
	}
	after, done, err := coverage.Reconcile(ctx, features, p)
	if err != nil {
		return r, err
	}
	text, err := json.Marshal(done)
	if err != nil {
		return r, err
	}
	digest := sha256.Sum256(text)
	r.Reconciliation, r.digest, r.shapes, r.lines = done, hex.EncodeToString(digest[:]), make([]boundary.Shape, len(shapes)), len(r.parties)
	for i := range shapes {
		r.shapes[i] = boundary.Shape{Division: shapes[i].Division, Area: geo.Areas(after[i].Geometry)}
	}
	return r, nil
}

// levelsTo are the levels of lines that part divisions of a level: its own and those above.
func levelsTo(level boundary.Level) (levels []string) {
	for _, l := range boundary.Levels {
		if levels = append(levels, string(l)); l == level {
			break
		}
	}
	return levels
}

// Reconciling tells what bringing the shapes of a level together within a tolerance would come to, by the same piece as DeriveLines and
// `fangyu topology reconcile`.
//
// The error is that of the context or of the database, or Malformed "tolerance-missing".
func (s *Store) Reconciling(ctx context.Context, level boundary.Level, on time.Time, toleranceM float64) (Reconciling, error) {
	out := Reconciling{Level: string(level), On: gazetteer.Day{Time: on}, ToleranceM: toleranceM, Pairs: []ReconcilingPair{}, Units: []ReconciledDivision{}}
	day := on.Format(time.DateOnly)
	var shapes []boundary.Shape
	var done reconciled
	err := pgx.BeginFunc(ctx, s.db, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set transaction isolation level repeatable read, read only`); err != nil { // all of one moment
			return err
		}
		known, err := loadDivisions(ctx, tx)
		if err != nil {
			return err
		}
		if shapes, err = loadShapes(ctx, tx, known, gazetteer.Level(level), day); err != nil {
			return err
		}
		done, err = reconcileShapes(ctx, tx, shapes, level, day, toleranceM)
		return err
	})
	if err != nil {
		return out, err
	}
	out.Divisions, out.FixedLines, out.Digest, out.parties = len(shapes), done.lines, done.digest, done.parties
	refs := map[string]FabricRef{}
	for _, shape := range shapes {
		refs[string(shape.Division.Code)] = FabricRef{Kind: "division", ID: shape.Division.ID, Name: shape.Division.Name}
	}
	for id, name := range done.names {
		refs[id] = FabricRef{Kind: "line", ID: uuid.MustParse(id), Name: name}
	}
	out.told(&done.Reconciliation, refs)
	_, before := boundary.Derive(shapes)
	_, after := boundary.Derive(done.shapes)
	out.unmatched(before, refs, func(p *ReconcilingPair) **UnmatchedEdges { return &p.Unmatched })
	out.unmatched(after, refs, func(p *ReconcilingPair) **UnmatchedEdges { return &p.Remaining })
	slices.SortStableFunc(out.Pairs, func(p, q ReconcilingPair) int { return cmp.Compare(q.farthestM(), p.farthestM()) })
	return out, nil
}

// told names what the report speaks of.
func (out *Reconciling) told(r *coverage.Reconciliation, refs map[string]FabricRef) {
	ref := func(id string) *FabricRef {
		if one, known := refs[id]; known {
			return &one
		}
		return nil
	}
	for _, p := range r.Pairs {
		pair := ReconcilingPair{
			A: refs[p.A], B: refs[p.B], Moved: []MovedDivision{}, Exchanges: []ExchangedGround{}, SharedBeforeM: p.SharedBeforeM, SharedAfterM: p.SharedAfterM,
		}
		for _, m := range p.Moved {
			one := MovedDivision{Moved: m, Unit: refs[m.Unit]}
			if i := slices.IndexFunc(p.Stretches, func(s coverage.MovedStretch) bool { return s.Unit == m.Unit }); i >= 0 {
				one.Stretch = p.Stretches[i]
			}
			pair.Moved = append(pair.Moved, one)
		}
		for _, x := range p.Exchanges {
			pair.Exchanges = append(pair.Exchanges, ExchangedGround{x, ref(x.From), ref(x.To)})
		}
		out.Pairs = append(out.Pairs, pair)
	}
	for _, u := range r.Units {
		out.Units = append(out.Units, ReconciledDivision{u, refs[u.Unit]})
	}
	out.Left, out.Apart = fabricFindings(r.Left, refs), fabricFindings(r.Apart, refs)
}

// unmatched notes what the edges of pairs differ by, in the place of each pair that it belongs to.
func (out *Reconciling) unmatched(all []boundary.Unmatched, refs map[string]FabricRef, of func(*ReconcilingPair) **UnmatchedEdges) {
	for _, u := range all {
		a, b := refs[string(u.A.Code)], refs[string(u.B.Code)]
		i := slices.IndexFunc(out.Pairs, func(p ReconcilingPair) bool { return p.A == a && p.B == b || p.A == b && p.B == a })
		if i < 0 {
			i = len(out.Pairs)
			out.Pairs = append(out.Pairs, ReconcilingPair{A: a, B: b, Moved: []MovedDivision{}, Exchanges: []ExchangedGround{}})
		}
		*of(&out.Pairs[i]) = &UnmatchedEdges{u.Edges, u.LengthM, u.At}
	}
}

func (p *ReconcilingPair) farthestM() (m float64) {
	for _, moved := range p.Moved {
		m = max(m, moved.MaxM)
	}
	return m
}

// fabricFindings are findings with what they name.
func fabricFindings(all []coverage.Finding, refs map[string]FabricRef) []FabricFinding {
	out := []FabricFinding{}
	for _, f := range all {
		told := FabricFinding{Finding: f, Features: []FabricRef{}}
		for _, id := range f.Features {
			if ref, known := refs[id]; known {
				told.Features = append(told.Features, ref)
			}
		}
		out = append(out, told)
	}
	return out
}

// ReconcilingAbove is what of it is for the bureau above some of the divisions: the pairs, shapes and lines of which it is above one side
// at least.
func (out Reconciling) ReconcilingAbove(reach Reach) Reconciling {
	above := func(refs []FabricRef) bool {
		return slices.ContainsFunc(refs, func(r FabricRef) bool {
			parties := out.parties[r.ID]
			return reach.below[r.ID] || reach.covers(parties[0]) || reach.covers(parties[1])
		})
	}
	some := func(all []FabricFinding) []FabricFinding {
		kept := []FabricFinding{}
		for _, f := range all {
			if above(f.Features) {
				kept = append(kept, f)
			}
		}
		return kept
	}
	pairs, units := []ReconcilingPair{}, []ReconciledDivision{}
	beside := map[uuid.UUID]bool{}
	for _, p := range out.Pairs {
		if above([]FabricRef{p.A, p.B}) {
			pairs = append(pairs, p)
			beside[p.A.ID], beside[p.B.ID] = true, true
		}
	}
	for _, u := range out.Units {
		if beside[u.Unit.ID] {
			units = append(units, u)
		}
	}
	out.Pairs, out.Units, out.Left, out.Apart = pairs, units, some(out.Left), some(out.Apart)
	return out
}

// Reach is the divisions of a level that a bureau is above on a day.
type Reach struct {
	own   uuid.UUID
	below map[uuid.UUID]bool
}

func (r Reach) covers(division uuid.UUID) bool {
	return division != uuid.Nil && (division == r.own || r.below[division])
}

// ReachOf is which divisions of a level the actor is above as their bureau.
//
// Errors: Forbidden "not-yours" for none, and without the role superior.
func (s *Store) ReachOf(ctx context.Context, actor gazetteer.Actor, now time.Time, level boundary.Level, on time.Time) (Reach, error) {
	reach := Reach{own: actor.Jurisdiction, below: map[uuid.UUID]bool{}}
	err := each(ctx, s.db, `
		with recursive below (id, level) as (
		    select v.division_id, v.level from division_version v where v.parent_id = $1 and v.valid @> $3::text::date
		    union
		    select v.division_id, v.level from below b join division_version v on v.parent_id = b.id and v.valid @> $3::text::date where b.level <> $2)
		select id from below where level = $2`, func(row struct{ ID uuid.UUID }) error {
		reach.below[row.ID] = true
		return nil
	}, actor.Jurisdiction, string(level), on.Format(time.DateOnly))
	if err != nil {
		return reach, fmt.Errorf("find the divisions below: %w", err)
	}
	for division := range reach.below {
		lineage, err := gazsql.LineageOf(ctx, s.db, now, division)
		if err != nil {
			return reach, err
		}
		if isBureauAbove(actor, lineage, division) {
			return reach, nil
		}
		break
	}
	return reach, fault.New(fault.Forbidden, "not-yours", "接边试算由各行政区划的上级民政部门查看")
}
