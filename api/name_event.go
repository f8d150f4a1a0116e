package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// nameEventRequest is what befell a name.
type nameEventRequest struct {
	NameID   *uuid.UUID     `json:"nameId"`
	Kind     string         `json:"kind"`
	Process  string         `json:"process"`
	On       string         `json:"on"`
	OnSaid   string         `json:"onSaid"`
	Citation string         `json:"citation"`
	Note     string         `json:"note"`
	Document actionDocument `json:"document"`
}

func (s *Server) recordNameEvent(c *gin.Context) error {
	var in nameEventRequest
	place, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	document, err := in.Document.paper(map[string]*string{"onSaid": &in.OnSaid, "citation": &in.Citation, "note": &in.Note})
	if err != nil {
		return err
	}
	event := gazetteer.NameEvent{
		Kind: gazetteer.NameEventKind(in.Kind), Process: in.Process, On: in.On, OnSaid: in.OnSaid, Citation: in.Citation, Note: in.Note, Document: document,
	}
	if in.NameID != nil {
		event.NameID = *in.NameID
	}
	known, err := s.Gaz.RecordNameEvent(c.Request.Context(), actor(c), s.Now(), place, version, event)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}

// nameProcesses lists what names are kept under, and the forms of citations, for whoever fills in a form.
func (s *Server) nameProcesses(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"items": gazetteer.Processes(), "citations": gazetteer.CitationForms()})
	return nil
}
