package api

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
)

// markerChanges lists the cases of changes of markers the actor may read: of the marker that ?marker= names, on the line of ?line=,
// in the state of ?state=.
func (s *Server) markerChanges(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	f := boundsql.MarkerChangeFilter{}
	if f.Line, err = idField("line", c.Query("line")); err != nil {
		return err
	}
	if f.Marker, err = idField("marker", c.Query("marker")); err != nil {
		return err
	}
	if f.State, err = stateParameter(c, boundary.ChangeStates); err != nil {
		return err
	}
	found, err := s.Bound.MarkerChanges(c.Request.Context(), actor(c), s.Now(), f, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(m boundsql.MarkerChange) uuid.UUID { return m.ID })
}

func (s *Server) markerChange(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	m, err := s.Bound.MarkerChange(c.Request.Context(), actor(c), s.Now(), id)
	return writeVersioned(c, http.StatusOK, m.Version, m, err)
}

// markerChangeRequest is what is applied for, and where.
type markerChangeRequest struct {
	MarkerID uuid.UUID `json:"markerId"`
	LineID   uuid.UUID `json:"lineId"`
	boundary.ChangeContent
}

func (in *markerChangeRequest) check() error {
	return checkText(map[string]*string{"applicant": &in.Applicant, "reason": &in.Reason, "number": &in.Number, "stone": &in.Stone})
}

func (s *Server) createMarkerChange(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in markerChangeRequest
		if err := decode(c, &in); err != nil {
			return err
		}
		if err := in.check(); err != nil {
			return err
		}
		m, err := s.Bound.CreateMarkerChange(c.Request.Context(), actor(c), s.Now(), boundsql.MarkerChangeInput{
			ID: id, MarkerID: in.MarkerID, LineID: in.LineID, ChangeContent: in.ChangeContent,
		})
		if err == nil {
			c.Header("Location", "/api/marker-changes/"+m.ID.String())
		}
		return writeVersioned(c, http.StatusCreated, m.Version, m, err)
	})
}

// editMarkerChange writes anew what is applied for; marker, line and kind stay.
func (s *Server) editMarkerChange(c *gin.Context) error {
	var in markerChangeRequest
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	m, err := s.Bound.EditMarkerChange(c.Request.Context(), actor(c), s.Now(), id, version, in.ChangeContent)
	return writeVersioned(c, http.StatusOK, m.Version, m, err)
}

// actOnMarkerChange takes a step; survey has what was surveyed, approve, place and file the paper they rest on.
func (s *Server) actOnMarkerChange(c *gin.Context) error {
	var in struct {
		actionRequest
		Survey *boundary.ChangeSurvey `json:"survey"`
	}
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	if in.Survey != nil {
		names := map[string]*string{}
		for i := range in.Survey.Objects {
			names[fmt.Sprintf("survey/objects/%d/name", i)] = &in.Survey.Objects[i].Name
		}
		if err := checkText(names); err != nil {
			return err
		}
	}
	act := boundary.ChangeAction{Name: in.Action, Reason: in.Reason, ContentSHA256: in.ContentSHA256, Survey: in.Survey}
	if act.ValidFrom, err = dayOf("validFrom", in.ValidFrom); err != nil {
		return err
	}
	if len(in.Documents) > 0 {
		if act.Document, err = agreementPaper(&in.Documents[0], "documents/0"); err != nil {
			return err
		}
	}
	m, err := s.Bound.ActOnMarkerChange(c.Request.Context(), actor(c), s.Now(), id, version, act)
	return writeVersioned(c, http.StatusOK, m.Version, m, err)
}
