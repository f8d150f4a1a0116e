package api

import (
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
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
