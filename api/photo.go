package api

import (
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary/boundsql"
	"fangyu/geo/photo"
)

// photos lists those of the actor's office, of a line, an inspection or a track where one is named.
func (s *Server) photos(c *gin.Context) error {
	limit, before, err := pageOf(c)
	var of boundsql.PhotosOf
	for name, into := range map[string]*uuid.UUID{"lineId": &of.Line, "inspectionId": &of.Inspection, "trackId": &of.Track} {
		id, idErr := idField(name, c.Query(name))
		*into, err = id, errors.Join(err, idErr)
	}
	if err != nil {
		return err
	}
	found, err := s.Bound.Photos(c.Request.Context(), actor(c), s.Now(), of, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(p boundsql.Photo) uuid.UUID { return p.ID })
}

func (s *Server) photo(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err == nil {
		err = s.mayDownload(c)
	}
	if err != nil {
		return err
	}
	p, err := s.Bound.Photo(c.Request.Context(), actor(c), s.Now(), id)
	return writeVersioned(c, http.StatusOK, p.Version, p, err)
}

// thumbnail counts as a row of a list: it is what one looks like.
func (s *Server) thumbnail(c *gin.Context) error {
	if err := s.mayList(c, 1); err != nil {
		return err
	}
	return s.photoCopy(c, photo.ThumbnailPx)
}

func (s *Server) publicCopy(c *gin.Context) error {
	if err := s.mayDownload(c); err != nil {
		return err
	}
	return s.photoCopy(c, photo.PublicPx)
}

// photoCopy answers with a copy of a photo. Browsers keep it, and ask each time whether they may still show it.
func (s *Server) photoCopy(c *gin.Context, px int) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	jpeg, digest, err := s.Bound.PhotoCopy(c.Request.Context(), actor(c), s.Now(), id, px)
	if err != nil {
		return err
	}
	sandboxed(c)
	c.Header("Cache-Control", "private, no-cache")
	c.Header("ETag", `"`+digest+`"`)
	if c.GetHeader("If-None-Match") == `"`+digest+`"` {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.Data(http.StatusOK, "image/jpeg", jpeg)
	return nil
}

// photoOriginal gives a photo out as it came.
func (s *Server) photoOriginal(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err == nil {
		err = s.mayDownload(c)
	}
	if err != nil {
		return err
	}
	p, f, err := s.Bound.PhotoOriginal(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	return giveOriginal(c, p.FileName, f)
}
