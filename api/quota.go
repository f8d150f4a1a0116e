package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer/gazsql"
)

// officeQuota tells what an office may have of tracks where that differs from what all may.
func (s *Server) officeQuota(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	q, err := s.Gaz.Quota(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	return writeQuota(c, q)
}

func (s *Server) setOfficeQuota(c *gin.Context) error {
	var in struct {
		Bytes  *int64 `json:"bytes"`
		Files  *int64 `json:"files"`
		Points *int64 `json:"points"`
		Jobs   *int64 `json:"jobs"`
	}
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	to := gazsql.Quota{Bytes: in.Bytes, Files: in.Files, Points: in.Points, Jobs: in.Jobs}
	q, err := s.Gaz.SetQuota(c.Request.Context(), actor(c), s.Now(), id, version, to)
	if err != nil {
		return err
	}
	return writeQuota(c, q)
}

func writeQuota(c *gin.Context, q gazsql.Quota) error {
	etag(c, q.Version)
	c.JSON(http.StatusOK, q)
	return nil
}
