package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary/boundsql"
)

// recordExclave records that a division has a part apart from the rest of it.
func (s *Server) recordExclave(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in struct {
			DivisionID uuid.UUID      `json:"divisionId"`
			HostID     uuid.UUID      `json:"hostId"`
			At         orb.Point      `json:"at"`
			Document   actionDocument `json:"document"`
			ValidFrom  string         `json:"validFrom"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		paper, err := in.Document.paper(map[string]*string{})
		if err != nil {
			return err
		}
		from, err := dayOf("validFrom", in.ValidFrom)
		if err != nil {
			return err
		}
		record, err := s.Bound.RecordExclave(c.Request.Context(), actor(c), s.Now(), boundsql.ExclaveInput{
			ID: id, DivisionID: in.DivisionID, HostID: in.HostID, At: in.At, Document: paper, ValidFrom: from,
		})
		if err != nil {
			return err
		}
		c.JSON(http.StatusCreated, record)
		return nil
	})
}
