package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// readPlaceWork reads the place and the version of a step with its names, and its body.
func readPlaceWork(c *gin.Context, into any) (place uuid.UUID, version int, err error) {
	if place, err = pathID(c, "id"); err != nil {
		return place, 0, err
	}
	if version, err = ifMatch(c); err != nil {
		return place, 0, err
	}
	return place, version, decode(c, into)
}

// nameRequest is a name to be recorded or corrected.
type nameRequest struct {
	gazetteer.NameRecord
	Document actionDocument `json:"document"`
}

func (in *nameRequest) record() (gazetteer.NameRecord, error) {
	r, d := &in.NameRecord, &in.Document
	err := checkText(map[string]*string{
		"name": &r.Name, "spelling": &r.Spelling, "fromSaid": &r.FromSaid, "toSaid": &r.ToSaid, "meaning": &r.Meaning, "origin": &r.Origin,
		"reason": &r.Reason, "document/title": &d.Title, "document/number": &d.Number, "document/issuedBy": &d.IssuedBy,
	})
	if err == nil {
		r.Document, err = d.document("document/issuedOn")
	}
	return *r, err
}

func (s *Server) recordName(c *gin.Context) error {
	var in nameRequest
	place, version, err := readPlaceWork(c, &in)
	if err != nil {
		return err
	}
	record, err := in.record()
	if err != nil {
		return err
	}
	known, err := s.Gaz.RecordName(c.Request.Context(), actor(c), s.Now(), place, version, record)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}

func (s *Server) correctName(c *gin.Context) error {
	var in nameRequest
	place, version, err := readPlaceWork(c, &in)
	if err != nil {
		return err
	}
	name, err := pathID(c, "name")
	if err != nil {
		return err
	}
	record, err := in.record()
	if err != nil {
		return err
	}
	known, err := s.Gaz.CorrectName(c.Request.Context(), actor(c), s.Now(), place, name, version, record)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}

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
	place, version, err := readPlaceWork(c, &in)
	if err != nil {
		return err
	}
	d := &in.Document
	err = checkText(map[string]*string{
		"onSaid": &in.OnSaid, "citation": &in.Citation, "note": &in.Note,
		"document/title": &d.Title, "document/number": &d.Number, "document/issuedBy": &d.IssuedBy,
	})
	if err != nil {
		return err
	}
	event := gazetteer.NameEvent{
		Kind: gazetteer.NameEventKind(in.Kind), Process: in.Process, On: in.On, OnSaid: in.OnSaid, Citation: in.Citation, Note: in.Note,
	}
	if in.NameID != nil {
		event.NameID = *in.NameID
	}
	if event.Document, err = d.document("document/issuedOn"); err != nil {
		return err
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

// twinRequest links two records of one place, or ends their link.
type twinRequest struct {
	Twin     uuid.UUID      `json:"twin"`
	Reason   string         `json:"reason"`
	Document actionDocument `json:"document"`
}

func (s *Server) joinTwin(c *gin.Context) error {
	var in twinRequest
	place, version, err := readPlaceWork(c, &in)
	if err != nil {
		return err
	}
	d := &in.Document
	err = checkText(map[string]*string{"reason": &in.Reason, "document/title": &d.Title, "document/number": &d.Number, "document/issuedBy": &d.IssuedBy})
	if err != nil {
		return err
	}
	link := gazsql.TwinLink{Twin: in.Twin, Reason: in.Reason}
	if link.Document, err = d.document("document/issuedOn"); err != nil {
		return err
	}
	known, err := s.Gaz.JoinTwin(c.Request.Context(), actor(c), s.Now(), place, version, link)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}

func (s *Server) partTwin(c *gin.Context) error {
	var in struct {
		Reason string `json:"reason"`
	}
	place, version, err := readPlaceWork(c, &in)
	if err != nil {
		return err
	}
	twin, err := pathID(c, "twin")
	if err == nil {
		err = checkText(map[string]*string{"reason": &in.Reason})
	}
	if err != nil {
		return err
	}
	known, err := s.Gaz.PartTwin(c.Request.Context(), actor(c), s.Now(), place, version, gazsql.TwinLink{Twin: twin, Reason: in.Reason})
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}
