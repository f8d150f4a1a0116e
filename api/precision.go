package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer/gazsql"
)

// precisions lists how exactly positions are given to the public; who reads a rounded one may know that it is.
func (s *Server) precisions(c *gin.Context) error {
	found, err := s.Gaz.Precisions(c.Request.Context())
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"items": found})
	return nil
}

func (s *Server) setPrecision(c *gin.Context) error {
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	var in struct {
		Decimals *int           `json:"decimals"`
		Document actionDocument `json:"document"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	document, err := in.Document.paper(map[string]*string{})
	if err != nil {
		return err
	}
	set, err := s.Gaz.SetPrecision(c.Request.Context(), actor(c), s.Now(),
		gazsql.Precision{Layer: c.Param("layer"), Level: c.Param("level"), Decimals: in.Decimals, Version: version}, document)
	if err != nil {
		return err
	}
	s.reload(c, "precision_policy")
	etag(c, set.Version)
	c.JSON(http.StatusOK, set)
	return nil
}
