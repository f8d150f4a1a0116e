package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
)

// packs lists the rule packs.
func (s *Server) packs(c *gin.Context) error {
	found, err := s.Gaz.Packs(c.Request.Context())
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"items": found})
	return nil
}

// pack answers a rule pack whole, as JSON or with ?f=yaml as a file that comes in again.
func (s *Server) pack(c *gin.Context) error {
	p, err := s.Gaz.Pack(c.Request.Context(), beijing.Day(s.Now()), c.Param("id"))
	if err != nil {
		return err
	}
	switch f := c.Query("f"); f {
	case "", "json":
		c.JSON(http.StatusOK, p)
		return nil
	case "yaml":
		text, err := p.YAML()
		if err != nil {
			return err
		}
		c.Header("Content-Disposition", `attachment; filename="`+p.ID+`.yaml"`)
		c.Data(http.StatusOK, "application/yaml; charset=utf-8", text)
		return nil
	default:
		return badParameter("f", f, "json 或 yaml")
	}
}

// packDiff tells what one pack says otherwise than another, that of ?from=.
func (s *Server) packDiff(c *gin.Context) error {
	ctx, day := c.Request.Context(), beijing.Day(s.Now())
	to, err := s.Gaz.Pack(ctx, day, c.Param("id"))
	if err != nil {
		return err
	}
	from, err := s.Gaz.Pack(ctx, day, c.Query("from"))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, struct {
		From    string                 `json:"from"`
		To      string                 `json:"to"`
		Changes []gazetteer.PackChange `json:"changes"`
	}{from.ID, to.ID, from.Diff(to)})
	return nil
}
