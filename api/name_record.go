package api

import (
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// nameRequest is a name to be recorded or corrected.
type nameRequest struct {
	gazetteer.NameRecord
	Document actionDocument `json:"document"`
}

// readName reads a name with the place and the version it is recorded for.
func readName(c *gin.Context) (place uuid.UUID, version int, r gazetteer.NameRecord, err error) {
	var in nameRequest
	if place, version, err = readChange(c, &in); err != nil {
		return place, version, r, err
	}
	r = in.NameRecord
	r.Document, err = in.Document.paper(map[string]*string{
		"name": &r.Name, "spelling": &r.Spelling, "fromSaid": &r.FromSaid, "toSaid": &r.ToSaid, "meaning": &r.Meaning, "origin": &r.Origin,
		"reason": &r.Reason,
	})
	return place, version, r, err
}

func (s *Server) recordName(c *gin.Context) error {
	place, version, record, err := readName(c)
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
	place, version, record, err := readName(c)
	if err != nil {
		return err
	}
	name, err := pathID(c, "name")
	if err != nil {
		return err
	}
	known, err := s.Gaz.CorrectName(c.Request.Context(), actor(c), s.Now(), place, name, version, record)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}
