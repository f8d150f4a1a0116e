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
	var in readingRequest
	place, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	document, err := in.Document.paper(map[string]*string{"reading": &in.Reading, "reason": &in.Reason})
	approval := gazetteer.ReadingApproval{Reading: in.Reading, Reason: in.Reason, Document: document}
	if err == nil {
		err = approval.Check()
	}
	if err != nil {
		return err
	}
	known, err := s.Gaz.ApproveReading(c.Request.Context(), actor(c), s.Now(), place, version, approval)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
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
