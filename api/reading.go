package api

import (
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// readingRequest asks for a reading to be approved, with the reason and what it rests on.
type readingRequest struct {
	Reading  string         `json:"reading"`
	Reason   string         `json:"reason"`
	Document actionDocument `json:"document"`
}

func (s *Server) approveReading(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	in, err := readApproval(c)
	if err != nil {
		return err
	}
	known, err := s.Gaz.ApproveReading(c.Request.Context(), actor(c), s.Now(), id, version, in)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}

// readApproval reads the decision of POST …/reading.
func readApproval(c *gin.Context) (a gazetteer.ReadingApproval, err error) {
	var in readingRequest
	if err = decode(c, &in); err != nil {
		return a, err
	}
	d := &in.Document
	err = checkText(map[string]*string{
		"reading": &in.Reading, "reason": &in.Reason,
		"document/title": &d.Title, "document/number": &d.Number, "document/issuedBy": &d.IssuedBy,
	})
	if err != nil {
		return a, err
	}
	a = gazetteer.ReadingApproval{
		Reading: in.Reading, Reason: in.Reason,
		Document: gazetteer.Document{Title: d.Title, Number: d.Number, IssuedBy: d.IssuedBy},
	}
	if a.Document.IssuedOn, err = dayOf("document/issuedOn", d.IssuedOn); err != nil {
		return a, err
	}
	return a, a.Check()
}

// unread lists the names in the actor's jurisdiction whose reading nobody has settled, the weightiest first.
func (s *Server) unread(c *gin.Context) error {
	limit, after, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Unread(c.Request.Context(), actor(c), after, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(u gazsql.Unread) uuid.UUID { return u.PlaceID })
}
