package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
)

// stretches lists the declared stretches of a round, newest first.
func (s *Server) stretches(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Bound.Stretches(c.Request.Context(), actor(c), s.Now(), id, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(st boundsql.Stretch) uuid.UUID { return st.ID })
}

func (s *Server) declareStretch(c *gin.Context) error {
	round, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.once(c, func(id uuid.UUID) error {
		in := boundsql.StretchInput{ID: id}
		if err := decode(c, &in); err != nil {
			return err
		}
		if err := checkText(map[string]*string{"note": &in.Note, "pictureSource": &in.PictureSource}); err != nil {
			return err
		}
		st, err := s.Bound.DeclareStretch(c.Request.Context(), actor(c), s.Now(), round, in)
		if err == nil {
			c.Header("Location", "/api/stretches/"+st.ID.String())
		}
		return writeStretch(c, http.StatusCreated, st, err)
	})
}

func (s *Server) stretch(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	st, err := s.Bound.Stretch(c.Request.Context(), actor(c), s.Now(), id)
	return writeStretch(c, http.StatusOK, st, err)
}

func (s *Server) actOnStretch(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	st, err := s.Bound.ActOnStretch(c.Request.Context(), actor(c), s.Now(), id, version, boundary.StretchAction{Name: in.Action, Reason: in.Reason})
	return writeStretch(c, http.StatusOK, st, err)
}

func writeStretch(c *gin.Context, status int, st boundsql.Stretch, err error) error {
	if err != nil {
		return err
	}
	etag(c, st.Version)
	c.JSON(status, st)
	return nil
}
