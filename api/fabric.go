package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/internal/beijing"
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
}

// maxToleranceM bounds the tolerance: what is wider than a field path is never meant to be left out.
const maxToleranceM = 100

// fabric tells how the shapes of divisions and the lines between them fit together on a day.
//
// Errors: Malformed "bad_parameter".
func (s *Server) fabric(c *gin.Context) error {
	level := boundary.CountyLine
	if text := c.Query("level"); text != "" {
		var err error
		if level, err = boundary.ParseLevel(text); err != nil {
			return badParameter("level", text, "province、county 或 township")
		}
	}
	on, err := time.Parse(time.DateOnly, beijing.Day(s.Now()))
	if text := c.Query("datetime"); text != "" {
		on, err = dayParameter(text)
	}
	if err != nil {
		return err
	}
	tolerance := 0.0
	if text := c.Query("toleranceM"); text != "" {
		if tolerance, err = strconv.ParseFloat(text, 64); err != nil || !(tolerance >= 0 && tolerance <= maxToleranceM) {
			return badParameter("toleranceM", text, "0 到 100 之间的数，以米计")
		}
	}
	asked := fabricAsked{level: level, on: on.Format(time.DateOnly), toleranceM: tolerance, version: s.snapshot.Load().Version}
	select {
	case s.fabrics.turn <- struct{}{}:
		defer func() { <-s.fabrics.turn }()
	case <-c.Request.Context().Done():
		return c.Request.Context().Err()
	}
	if s.fabrics.asked != asked {
		answer, err := s.Bound.CheckFabric(c.Request.Context(), level, on, tolerance, nil)
		if err != nil {
			return err
		}
		s.fabrics.asked, s.fabrics.answer = asked, answer
	}
	c.JSON(http.StatusOK, s.fabrics.answer)
	return nil
}
