package api

import (
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer/gazsql"
)

// twinRequest links two records of one place, or ends their link.
type twinRequest struct {
	Twin     uuid.UUID      `json:"twin"`
	Reason   string         `json:"reason"`
	Document actionDocument `json:"document"`
}

func (s *Server) joinTwin(c *gin.Context) error {
	var in twinRequest
	place, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	document, err := in.Document.paper(map[string]*string{"reason": &in.Reason})
	if err != nil {
		return err
	}
	link := gazsql.TwinLink{Twin: in.Twin, Reason: in.Reason, Document: document}
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
	place, version, err := readChange(c, &in)
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
