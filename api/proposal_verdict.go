package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// tryPack answers what another rule pack, that of ?pack=, finds of a case beside its own. Nothing comes of it.
func (s *Server) tryPack(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	pack := c.Query("pack")
	if pack == "" {
		return badParameter("pack", pack, "一个规则包的代号，如 national-2022")
	}
	tried, err := s.Gaz.TryPack(c.Request.Context(), actor(c), s.Now(), id, pack)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, tried)
	return nil
}
