package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb/geojson"

	"fangyu/boundary/boundsql"
)

// divisionEffect is what a change of divisions makes of them and of lines, with their shapes as GeoJSON.
type divisionEffect struct {
	boundsql.DivisionEffect
	ID        *uuid.UUID        `json:"id"` // null for one that is not recorded
	Divisions []changedDivision `json:"divisions"`
	Lines     []changedLine     `json:"lines"`
}

type changedDivision struct {
	ID     uuid.UUID     `json:"id"`
	Before *divisionThen `json:"before"`
	After  *divisionThen `json:"after"`
}

type divisionThen struct {
	boundsql.DivisionThen
	Geometry *geojson.Geometry `json:"geometry"` // null without a shape
}

type changedLine struct {
	boundsql.ChangedLine
	Geometry *geojson.Geometry `json:"geometry"`
}

// divisionEffect tells what a recorded change of divisions did, before and after.
func (s *Server) divisionEffect(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	effect, err := s.Bound.DivisionEffect(c.Request.Context(), id)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, divisionEffectOf(effect))
	return nil
}

func divisionEffectOf(e boundsql.DivisionEffect) *divisionEffect {
	out := &divisionEffect{DivisionEffect: e, Divisions: []changedDivision{}, Lines: []changedLine{}}
	if e.ID != uuid.Nil {
		out.ID = &e.ID
	}
	then := func(d *boundsql.DivisionThen) *divisionThen {
		if d == nil {
			return nil
		}
		one := &divisionThen{DivisionThen: *d}
		if len(d.Shape) > 0 {
			one.Geometry = geojson.NewGeometry(d.Shape)
		}
		return one
	}
	for _, d := range e.Divisions {
		out.Divisions = append(out.Divisions, changedDivision{d.ID, then(d.Before), then(d.After)})
	}
	for _, l := range e.Lines {
		out.Lines = append(out.Lines, changedLine{l, geojson.NewGeometry(l.Geom)})
	}
	return out
}
