package boundsql

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/geo/coverage"
	"fangyu/internal/beijing"
	"fangyu/internal/fault"
)

// AgreementEffect is what an agreement changes on the ground: the line before and after, and what comes to the other party.
type AgreementEffect struct {
	LengthBeforeM float64 `json:"lengthBeforeM"` // on the ellipsoid
	LengthAfterM  float64 `json:"lengthAfterM"`
	EndsApartM    float64 `json:"endsApartM"` // how far the ends of the new course lie from those of the former one; joined straight
	UnclearM2     float64 `json:"unclearM2"`  // of which cannot be told to whom it comes: a course crosses itself there

	Former  orb.MultiLineString `json:"-"` // the course of the version that the agreement was made over
	Course  orb.MultiLineString `json:"-"`
	Passing []PassingGround     `json:"passing"`

	Divisions []AffectedDivision `json:"divisions"` // below the parties that have a shape and lie in what passes
	Compared  map[string]int     `json:"compared"`  // how many divisions of each level have a shape there; none of a level: its shapes are not in the record
	Places    []AffectedPlace    `json:"places"`    // the first of them
	Count     int                `json:"placeCount"`
	People    *int               `json:"people"` // nil: the record holds no population

	Findings []fault.Finding `json:"findings"` // open disputes that it passes over and does not settle: it is not approved with one
}

// PassingGround is what comes from one party to the other.
type PassingGround struct {
	From   *uuid.UUID       `json:"from"` // nil where it is not recorded which party lies to the right of the line
	To     *uuid.UUID       `json:"to"`
	AreaM2 float64          `json:"areaM2"` // on the ellipsoid
	Pieces int              `json:"pieces"`
	Area   orb.MultiPolygon `json:"-"`
}

// AffectedDivision is a division of which a part comes to the other party.
type AffectedDivision struct {
	ID     uuid.UUID `json:"id"`
	Name   string    `json:"name"`
	Code   string    `json:"code"`
	Level  string    `json:"level"`
	AreaM2 float64   `json:"areaM2"` // of the part
}

// AffectedPlace is a place with a standard name in what passes, as the public reads it.
type AffectedPlace struct {
	ID       uuid.UUID  `json:"id"`
	Name     string     `json:"name"`
	Category string     `json:"category"`
	Division string     `json:"division"` // in which it lies
	To       *uuid.UUID `json:"to"`
}

// maxAffectedPlaces bounds the list of places; all are counted.
const maxAffectedPlaces = 200

// AgreementEffect tells what an agreement changes to whoever may read it, else NotFound "agreement-unknown". The former course is
// that of the version it was made over, also when that is history.
func (s *Store) AgreementEffect(ctx context.Context, actor gazetteer.Actor, now time.Time, id uuid.UUID) (e AgreementEffect, err error) {
	r, err := s.agreementOf(ctx, actor, now, id)
	if err != nil {
		return e, err
	}
	var right *uuid.UUID
	var level boundary.Level
	var status boundary.LegalStatus
	err = s.db.QueryRow(ctx, `
		select v.geom, v.length_m, l.right_party, l.level, v.legal_status from line_version v join line l on l.id = v.line_id where v.id = $1`,
		r.over).Scan(&e.Former, &e.LengthBeforeM, &right, &level, &status)
	if err != nil {
		return e, fmt.Errorf("read the former course: %w", err)
	}
	e.Course, e.LengthAfterM = r.Geometry, r.LengthM
	e.Findings = []fault.Finding{}
	if r.State != boundary.AgreementInForce && !r.LineChanged {
		_, left, err := s.weighDisputes(ctx, actor, now, r, status, e.Former)
		if err != nil {
			return e, err
		}
		e.Findings = append(e.Findings, left...)
	}
	former, err := geo.NewChain(e.Former)
	if err != nil {
		return e, err
	}
	e.Course = boundary.Along(former, e.Course)
	strips, apartM, unclearM2, err := coverage.Between(ctx, e.Former, e.Course)
	if err != nil {
		return e, err
	}
	e.EndsApartM, e.UnclearM2 = apartM, unclearM2
	e.Passing = passing(strips, right, r.PartyA.ID, r.PartyB.ID)
	if err := s.divisionsAffected(ctx, now, level, &e); err != nil {
		return e, err
	}
	return e, s.placesAffected(ctx, now, &e)
}

// passing sums strips by who gets them.
func passing(strips []coverage.Strip, right *uuid.UUID, a, b uuid.UUID) []PassingGround {
	ground := [2]PassingGround{} // to the left, to the right
	for _, s := range strips {
		g := &ground[0]
		if s.ToRight {
			g = &ground[1]
		}
		g.AreaM2 += s.AreaM2
		g.Pieces++
		g.Area = append(g.Area, s.Polygon)
	}
	if right != nil {
		left := a
		if *right == a {
			left = b
		}
		ground[0].From, ground[0].To = right, &left
		ground[1].From, ground[1].To = &left, right
	}
	out := []PassingGround{}
	for _, g := range ground {
		if g.Pieces > 0 {
			out = append(out, g)
		}
	}
	return out
}

// whole is all that passes.
func (e *AgreementEffect) whole() (all orb.MultiPolygon) {
	for _, g := range e.Passing {
		all = append(all, g.Area...)
	}
	return all
}

// levelsBelow are the levels of divisions below the parties of a line.
var levelsBelow = map[boundary.Level][]string{
	boundary.ProvinceLine: {"county", "township", "village"}, boundary.CountyLine: {"township", "village"}, boundary.TownshipLine: {"village"},
}

// divisionsAffected finds the divisions below the parties that lie in what passes, as they are published today. Their shapes around it are
// counted by level.
func (s *Store) divisionsAffected(ctx context.Context, now time.Time, level boundary.Level, e *AgreementEffect) error {
	e.Divisions, e.Compared = []AffectedDivision{}, map[string]int{}
	ground := e.whole()
	if len(ground) == 0 {
		return nil
	}
	type part struct {
		ID                uuid.UUID
		Name, Code, Level string
		Part              orb.Geometry // of the division, in one strip
	}
	seen := map[uuid.UUID]bool{}
	err := each(ctx, s.db, `
		select v.division_id as id, v.name, v.level, st_intersection(s.geom, strip.geom) as part,
		       coalesce((select c.code from division_code c where c.division_id = v.division_id and c.valid @> $1::text::date order by c.system limit 1), '') as code
		from st_dump($3::geometry) strip
		join division_shape s on s.geom && strip.geom and s.valid @> $1::text::date
		join division_version v on v.division_id = s.division_id and v.valid @> $1::text::date and v.level = any($2)
		order by strip.path, code, v.division_id`, func(row part) error {
		if !seen[row.ID] {
			seen[row.ID] = true
			e.Compared[row.Level]++
		}
		e.affect(AffectedDivision{ID: row.ID, Name: row.Name, Code: row.Code, Level: row.Level, AreaM2: geo.AreaM2(row.Part)})
		return nil
	}, beijing.Day(now), levelsBelow[level], ground)
	if err != nil {
		return fmt.Errorf("find the divisions affected: %w", err)
	}
	return nil
}

// affect adds a part of a division.
func (e *AgreementEffect) affect(d AffectedDivision) {
	if d.AreaM2 == 0 { // it only touches
		return
	}
	for i := range e.Divisions {
		if e.Divisions[i].ID == d.ID {
			e.Divisions[i].AreaM2 += d.AreaM2
			return
		}
	}
	e.Divisions = append(e.Divisions, d)
}

// placesAffected finds the places in what passes.
func (s *Store) placesAffected(ctx context.Context, now time.Time, e *AgreementEffect) error {
	e.Places = []AffectedPlace{}
	for _, g := range e.Passing {
		found, err := gazsql.PlacesWithin(ctx, s.db, now, g.Area)
		if err != nil {
			return err
		}
		e.Count += len(found)
		for _, p := range found[:min(len(found), maxAffectedPlaces-len(e.Places))] {
			e.Places = append(e.Places, AffectedPlace{ID: p.ID, Name: p.Name, Category: p.Category, Division: p.DivisionName, To: g.To})
		}
	}
	return nil
}
