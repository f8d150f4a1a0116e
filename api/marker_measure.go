package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
)

// measureRules lists what measures at markers count as, in every version.
func (s *Server) measureRules(c *gin.Context) error {
	found, err := s.Bound.MeasureRules(c.Request.Context(), actor(c), s.Now())
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, found)
	return nil
}

// setMeasureRule adds a version for the jurisdiction of the actor's bureau.
func (s *Server) setMeasureRule(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in struct {
			Measure   string         `json:"measure"`
			Level     string         `json:"level"`
			CountsAs  string         `json:"countsAs"`
			ValidFrom string         `json:"validFrom"`
			Document  actionDocument `json:"document"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		rule := boundary.MeasureRule{Measure: in.Measure, Level: in.Level, CountsAs: in.CountsAs}
		var err error
		if rule.Document, err = in.Document.paper(map[string]*string{}); err != nil {
			return err
		}
		if rule.ValidFrom, err = dayOf("validFrom", in.ValidFrom); err != nil {
			return err
		}
		found, err := s.Bound.SetMeasureRule(c.Request.Context(), actor(c), s.Now(), id, rule)
		if err != nil {
			return err
		}
		c.JSON(http.StatusCreated, found)
		return nil
	})
}
