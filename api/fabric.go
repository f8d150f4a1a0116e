package api

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
)

// fabricChecks is the last check of the fabric, which holds as long as the published data are the same, and the turn of the next:
// a check takes a processor, and many who ask the same wait for one.
type fabricChecks struct {
	turn   chan struct{}
	asked  fabricAsked
	answer boundsql.Fabric
}

// fabricAsked is what is checked, and the version of the data.
type fabricAsked struct {
	level      boundary.Level
	on         string
	toleranceM float64
	version    string
	exclaves   int // on record
}

// maxToleranceM bounds the tolerance: what is wider than a field path is never meant to be left out.
const maxToleranceM = 100

// fabric tells how the shapes of divisions and the lines between them fit together on a day.
//
// Errors: Malformed "bad_parameter".
func (s *Server) fabric(c *gin.Context) error {
	level, err := levelParameter(c)
	if err != nil {
		return err
	}
	on, err := s.dayAsked(c)
	if err != nil {
		return err
	}
	snap, err := s.current()
	if err != nil {
		return err
	}
	tolerance := 0.0
	if text := c.Query("toleranceM"); text != "" {
		if tolerance, err = strconv.ParseFloat(text, 64); err != nil || !(tolerance >= 0 && tolerance <= maxToleranceM) {
			return badParameter("toleranceM", text, "0 到 100 之间的数，以米计")
		}
	}
	exclaves, err := s.Bound.ExclaveCount(c.Request.Context())
	if err != nil {
		return err
	}
	asked := fabricAsked{level: cmp.Or(level, boundary.CountyLine), on: on.Format(time.DateOnly), toleranceM: tolerance, version: snap.Version, exclaves: exclaves}
	answer, err := s.checkedFabric(c.Request.Context(), asked, on)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, answer)
	return nil
}

// checkedFabric is the last answer, or a new one in its turn. The turn is given on before the answer goes out: who reads it
// slowly keeps nobody waiting.
func (s *Server) checkedFabric(ctx context.Context, asked fabricAsked, on time.Time) (boundsql.Fabric, error) {
	select {
	case s.fabrics.turn <- struct{}{}:
		defer func() { <-s.fabrics.turn }()
	case <-ctx.Done():
		return boundsql.Fabric{}, ctx.Err()
	}
	if s.fabrics.asked != asked {
		answer, err := s.Bound.CheckFabric(ctx, asked.level, on, asked.toleranceM, nil)
		if err != nil {
			return boundsql.Fabric{}, err
		}
		s.fabrics.asked, s.fabrics.answer = asked, answer
	}
	return s.fabrics.answer, nil
}
