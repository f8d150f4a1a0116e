package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer/gazsql"
)

// officeKeys lists the public keys with which offices co-sign.
func (s *Server) officeKeys(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.OfficeKeys(c.Request.Context(), before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(k gazsql.OfficeKey) uuid.UUID { return k.ID })
}

func (s *Server) registerOfficeKey(c *gin.Context) error {
	var in struct {
		Key string `json:"key"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := checkText(map[string]*string{"key": &in.Key}); err != nil {
		return err
	}
	key, err := s.Gaz.RegisterOfficeKey(c.Request.Context(), actor(c), s.Now(), in.Key)
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, key)
	return nil
}

func (s *Server) revokeOfficeKey(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Gaz.RevokeOfficeKey(c.Request.Context(), actor(c), s.Now(), id); err != nil {
		return err
	}
	return noContent(c)
}

// cosignatures lists which offices co-signed which checkpoints.
func (s *Server) cosignatures(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	size, err := sizeOf(c, "size", "0")
	if err != nil {
		return err
	}
	found, err := s.Gaz.Cosignatures(c.Request.Context(), size, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, cosignatureKey)
}

// cosign takes in a checkpoint that the actor's office signed; once is as good as twice.
func (s *Server) cosign(c *gin.Context) error {
	var in struct {
		Note string `json:"note"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	found, err := s.Gaz.Cosign(c.Request.Context(), actor(c), s.Now(), in.Note)
	if err != nil {
		return err
	}
	return writeList(s, c, found, len(found)+1, cosignatureKey)
}

func cosignatureKey(s gazsql.Cosignature) uuid.UUID { return s.ID }
