package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/boundary/boundsql"
)

// exclaves lists the exclaves on record: of a division, or in it, where ?division= says one, on a day where ?datetime= does.
func (s *Server) exclaves(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	var f boundsql.ExclaveFilter
	if f.Division, err = idField("division", c.Query("division")); err != nil {
		return err
	}
	if c.Query("datetime") != "" {
		if f.On, err = s.dayAsked(c); err != nil {
			return err
		}
	}
	found, err := s.Bound.Exclaves(c.Request.Context(), actor(c), s.Now(), f, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(e boundsql.ListedExclave) uuid.UUID { return e.ID })
}

// endExclave closes the record of an exclave.
func (s *Server) endExclave(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.once(c, func(uuid.UUID) error {
		var in struct {
			Document actionDocument `json:"document"`
			EndedOn  string         `json:"endedOn"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		var end boundsql.ExclaveEnd
		if end.Document, err = in.Document.paper(map[string]*string{}); err != nil {
			return err
		}
		if end.On, err = dayOf("endedOn", in.EndedOn); err != nil {
			return err
		}
		record, err := s.Bound.EndExclave(c.Request.Context(), actor(c), s.Now(), id, end)
		if err != nil {
			return err
		}
		c.JSON(http.StatusOK, record)
		return nil
	})
}

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
