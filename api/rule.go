package api

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
	"fangyu/internal/fault"
)

// point is a position in JSON: {"lon": 106.5, "lat": 29.5}, or [106.5, 29.5].
type point orb.Point

// UnmarshalJSON reads either form and refuses what cannot be a position in degrees, swapped order included.
func (p *point) UnmarshalJSON(b []byte) error {
	var named struct{ Lon, Lat *float64 }
	var pair []float64
	switch {
	case json.Unmarshal(b, &pair) == nil && len(pair) == 2:
		*p = point{pair[0], pair[1]}
	case json.Unmarshal(b, &named) == nil && named.Lon != nil && named.Lat != nil:
		*p = point{*named.Lon, *named.Lat}
	default:
		return fault.New(fault.Malformed, "bad-point", `位置应写成 {"lon": 106.5, "lat": 29.5} 或 [106.5, 29.5]`)
	}
	return geo.CheckLonLat(orb.Point(*p))
}

func (p *point) orb() *orb.Point { return (*orb.Point)(p) }

// maxStatements bounds what is said on the findings of one name.
const maxStatements = 100

func tooManyStatements(n int) error {
	return fault.New(fault.Malformed, "too-many-statements", "说明有 %d 条，最多 %d 条", n, maxStatements)
}

// checkName judges a name without making a case.
func (s *Server) checkName(c *gin.Context) error {
	var in struct {
		Kind     string             `json:"kind"`
		Name     string             `json:"name"`
		Category gazetteer.Category `json:"category"`
		Division string             `json:"division"`
		Point    *point             `json:"point"`
		Facts    json.RawMessage    `json:"facts"`
		Pack     string             `json:"pack"`
		PlaceID  uuid.UUID          `json:"placeId"`

		Statements []gazetteer.Statement `json:"statements"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	facts, err := gazetteer.ParseFacts(in.Facts)
	if err != nil {
		return err
	}
	if len(in.Statements) > maxStatements {
		return tooManyStatements(len(in.Statements))
	}
	for i := range in.Statements {
		in.Statements[i].By = actor(c).Name
	}
	verdict, err := s.Gaz.CheckName(c.Request.Context(), actor(c), s.Now(), gazsql.NameCheck{
		Kind: in.Kind, Name: in.Name, Category: in.Category, Division: in.Division, Point: in.Point.orb(), Pack: in.Pack, PlaceID: in.PlaceID,
		Facts: facts, Statements: in.Statements,
	})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, struct {
		gazetteer.Verdict
		Places []placed `json:"places"`
	}{verdict, s.whereTheyLie(verdict.Findings)})
	return nil
}

// placed is where a public place lies, as everybody reads it: rounded where the policy says so.
type placed struct {
	ID  string  `json:"id"`
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

// mostPlaced bounds the places that a check says the position of, those of the gravest findings first.
const mostPlaced = 100

// whereTheyLie are the positions of the places that findings rest on, each once. They are those of the read model, which knows of
// nothing that is withheld and of no position more exact than everybody reads; who may know more reads it at the place itself. None
// before the first load.
func (s *Server) whereTheyLie(findings []gazetteer.NameFinding) []placed {
	places, told := []placed{}, map[string]bool{}
	snap := s.snapshot.Load()
	if snap == nil {
		return places
	}
	known := snap.Collections[placeCollection.id]
	for _, f := range findings {
		for _, e := range f.Evidence {
			if e.Kind != "place" || e.Grade != "" || told[e.ID] || len(places) == mostPlaced {
				continue
			}
			told[e.ID] = true
			if item, ok := known.Get(e.ID, s.today()); ok && item.Geometry != nil {
				at, _ := planar.CentroidArea(item.Geometry)
				places = append(places, placed{e.ID, at[0], at[1]})
			}
		}
	}
	return places
}
