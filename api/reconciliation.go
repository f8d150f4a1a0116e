package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/boundary/boundsql"
)

// reconciliationAnswer is what bringing shapes together would come to, with the stretches that would move as GeoJSON.
type reconciliationAnswer struct {
	boundsql.Reconciling
	Pairs []reconciliationPair `json:"pairs"`
}

type reconciliationPair struct {
	boundsql.ReconcilingPair
	Moved []movedDivision `json:"moved"`
}

type movedDivision struct {
	boundsql.MovedDivision
	Before *geojson.Geometry `json:"before"`
	After  *geojson.Geometry `json:"after"`
	Held   *geojson.Geometry `json:"held"`
}

// reconciliation tells the bureau above divisions what bringing their edges together within a tolerance would come to. Nothing is changed.
//
// Errors: Malformed "bad_parameter"; Forbidden "not-yours".
func (s *Server) reconciliation(c *gin.Context) error {
	asked, on, err := s.fabricAskedOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	reach, err := s.Bound.ReachOf(ctx, actor(c), s.Now(), asked.level, on)
	if err != nil {
		return err
	}
	if asked.toleranceM == 0 {
		return badParameter("toleranceM", c.Query("toleranceM"), "大于 0、不超过 100 的数，以米计")
	}
	all, err := s.reconcilings.get(ctx, asked, func() (boundsql.Reconciling, error) {
		return s.Bound.Reconciling(ctx, asked.level, on, asked.toleranceM)
	})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, reconciliationOf(all.ReconcilingAbove(reach)))
	return nil
}

func reconciliationOf(r boundsql.Reconciling) reconciliationAnswer {
	answer := reconciliationAnswer{r, []reconciliationPair{}}
	for _, p := range r.Pairs {
		pair := reconciliationPair{p, []movedDivision{}}
		for _, m := range p.Moved {
			pair.Moved = append(pair.Moved, movedDivision{
				m, pathsOf(m.Stretch.Before), pathsOf(m.Stretch.After), pathsOf(m.Stretch.Held),
			})
		}
		answer.Pairs = append(answer.Pairs, pair)
	}
	return answer
}

// pathsOf are paths as GeoJSON, none as an empty list.
func pathsOf(paths orb.MultiLineString) *geojson.Geometry {
	return geojson.NewGeometry(append(orb.MultiLineString{}, paths...))
}
