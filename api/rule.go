package api

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// point is a position in JSON, {"lon": …, "lat": …}.
type point struct {
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

func (p *point) orb() *orb.Point {
	if p == nil {
		return nil
	}
	return &orb.Point{p.Lon, p.Lat}
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
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	verdict, err := s.Gaz.CheckName(c.Request.Context(), s.Now(), gazsql.NameCheck{
		Kind: in.Kind, Name: in.Name, Category: in.Category, Division: in.Division, Point: in.Point.orb(), Pack: in.Pack, PlaceID: in.PlaceID,
	})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, verdict)
	return nil
}
