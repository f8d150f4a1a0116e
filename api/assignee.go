package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer"
)

// assignees lists to whom the actor can give work of a role at a line.
func (s *Server) assignees(c *gin.Context) error {
	line, err := idField("line", c.Query("line"))
	if err != nil {
		return err
	}
	found, err := s.Bound.Assignees(c.Request.Context(), actor(c), s.Now(), line, gazetteer.Role(c.Query("role")))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, gin.H{"items": found, "next": nil})
	return nil
}
