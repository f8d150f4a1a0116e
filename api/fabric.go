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

// fabricChecks is the last answer to a question about the fabric, which holds as long as the published data are the same, and the turn of
// the next: an answer takes a processor, and many who ask the same wait for one.
type fabricChecks[T any] struct {
	turn   chan struct{}
	asked  fabricAsked
	answer T
}

func newFabricChecks[T any]() *fabricChecks[T] { return &fabricChecks[T]{turn: make(chan struct{}, 1)} }

// fabricAsked is what is asked, and the version of the data.
type fabricAsked struct {
	level      boundary.Level
	on         string
	toleranceM float64
	version    string
	exclaves   int // on record
}

// get is the last answer, or a new one in its turn. The turn is given on before the answer goes out: who reads it slowly keeps nobody
// waiting.
func (f *fabricChecks[T]) get(ctx context.Context, asked fabricAsked, answer func() (T, error)) (T, error) {
	select {
	case f.turn <- struct{}{}:
		defer func() { <-f.turn }()
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	if f.asked != asked {
		a, err := answer()
		if err != nil {
			return a, err
		}
		f.asked, f.answer = asked, a
	}
	return f.answer, nil
}

// maxToleranceM bounds the tolerance: what is wider than a field path is never meant to be left out.
const maxToleranceM = 100

// fabricAskedOf reads what is asked about the fabric: its level, its day and a tolerance, 0 where none is given.
func (s *Server) fabricAskedOf(c *gin.Context) (asked fabricAsked, on time.Time, err error) {
	level, err := levelParameter(c)
	if err != nil {
		return asked, on, err
	}
	if on, err = s.dayAsked(c); err != nil {
		return asked, on, err
	}
	asked = fabricAsked{level: cmp.Or(level, boundary.CountyLine), on: on.Format(time.DateOnly)}
	if text := c.Query("toleranceM"); text != "" {
		if asked.toleranceM, err = strconv.ParseFloat(text, 64); err != nil || !(asked.toleranceM >= 0 && asked.toleranceM <= maxToleranceM) {
			return asked, on, badParameter("toleranceM", text, "0 到 100 之间的数，以米计")
		}
	}
	snap, err := s.current()
	if err == nil {
		asked.version = snap.Version
	}
	return asked, on, err
}

// fabric tells how the shapes of divisions and the lines between them fit together on a day.
//
// Errors: Malformed "bad_parameter".
func (s *Server) fabric(c *gin.Context) error {
	asked, on, err := s.fabricAskedOf(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	if asked.exclaves, err = s.Bound.ExclaveCount(ctx); err != nil {
		return err
	}
	answer, err := s.fabrics.get(ctx, asked, func() (boundsql.Fabric, error) {
		return s.Bound.CheckFabric(ctx, asked.level, on, asked.toleranceM, nil)
	})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, answer)
	return nil
}
