package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb/geojson"

	"fangyu/boundary/boundsql"
)

// effectAnswer is what an agreement changes, with its shapes as GeoJSON.
type effectAnswer struct {
	boundsql.AgreementEffect
	Former  *geojson.Geometry `json:"former"`
	Course  *geojson.Geometry `json:"course"`
	Passing []passingAnswer   `json:"passing"`
}

type passingAnswer struct {
	boundsql.PassingGround
	Geometry *geojson.Geometry `json:"geometry"`
}

// agreementEffect tells what an agreement changes on the ground.
func (s *Server) agreementEffect(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	effect, err := s.Bound.AgreementEffect(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	answer := effectAnswer{effect, geojson.NewGeometry(effect.Former), geojson.NewGeometry(effect.Course), []passingAnswer{}}
	for _, g := range effect.Passing {
		answer.Passing = append(answer.Passing, passingAnswer{g, geojson.NewGeometry(g.Area)})
	}
	c.JSON(http.StatusOK, answer)
	return nil
}
