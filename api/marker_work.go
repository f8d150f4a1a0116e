package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
)

// markerWorks lists the records of work at markers the actor may read: at the one that ?marker= names, on the line of ?line=, in
// the state of ?state=.
func (s *Server) markerWorks(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	f := boundsql.MarkerWorkFilter{}
	if f.Line, err = idField("line", c.Query("line")); err != nil {
		return err
	}
	if f.Marker, err = idField("marker", c.Query("marker")); err != nil {
		return err
	}
	if f.State, err = stateParameter(c, boundary.WorkStates); err != nil {
		return err
	}
	found, err := s.Bound.MarkerWorks(c.Request.Context(), actor(c), s.Now(), f, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(w boundsql.MarkerWork) uuid.UUID { return w.ID })
}

// workAtMarker says what the actor may record at a marker now.
func (s *Server) workAtMarker(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	w, err := s.Bound.WorkAtMarker(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, w)
	return nil
}

func (s *Server) markerWork(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	w, err := s.Bound.MarkerWork(c.Request.Context(), actor(c), s.Now(), id)
	return writeVersioned(c, http.StatusOK, w.Version, w, err)
}

// markerWorkRequest is what was found or done at a marker.
type markerWorkRequest struct {
	MarkerID uuid.UUID `json:"markerId"`
	boundary.WorkContent
}

func (in *markerWorkRequest) check() error {
	return checkText(map[string]*string{"note": &in.Note, "noPhotos": &in.NoPhotos})
}

func (s *Server) createMarkerWork(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in markerWorkRequest
		if err := decode(c, &in); err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		w, err := s.Bound.CreateMarkerWork(c.Request.Context(), actor(c), s.Now(), boundsql.MarkerWorkInput{ID: id, MarkerID: in.MarkerID, WorkContent: in.WorkContent})
		if err == nil {
			c.Header("Location", "/api/marker-works/"+w.ID.String())
		}
		return writeVersioned(c, http.StatusCreated, w.Version, w, err)
	})
}

func (s *Server) editMarkerWork(c *gin.Context) error {
	var in markerWorkRequest
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	w, err := s.Bound.EditMarkerWork(c.Request.Context(), actor(c), s.Now(), id, version, in.WorkContent)
	return writeVersioned(c, http.StatusOK, w.Version, w, err)
}

func (s *Server) actOnMarkerWork(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	w, err := s.Bound.ActOnMarkerWork(c.Request.Context(), actor(c), s.Now(), id, version, boundary.WorkAction{
		Name: in.Action, Reason: in.Reason, ContentSHA256: in.ContentSHA256,
	})
	return writeVersioned(c, http.StatusOK, w.Version, w, err)
}
