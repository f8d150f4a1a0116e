package api

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
)

// gradeRequest asks for a grade, with the reason and the paper it rests on.
type gradeRequest struct {
	Grade    string         `json:"grade"`
	Reason   string         `json:"reason"`
	Document actionDocument `json:"document"`
}

// readGrading reads the record, the version and the decision of POST …/grade.
func readGrading(c *gin.Context) (id uuid.UUID, version int, g gazetteer.Grading, err error) {
	var in gradeRequest
	if id, version, err = readChange(c, &in); err != nil {
		return id, 0, g, err
	}
	document, err := in.Document.paper(map[string]*string{"reason": &in.Reason})
	if err != nil {
		return id, 0, g, err
	}
	g = gazetteer.Grading{Grade: gazetteer.Grade(in.Grade), Reason: in.Reason, Document: document}
	return id, version, g, g.Check()
}

func (s *Server) gradePlace(c *gin.Context) error {
	id, version, in, err := readGrading(c)
	if err != nil {
		return err
	}
	known, err := s.Gaz.GradePlace(c.Request.Context(), actor(c), s.Now(), id, version, in)
	if err != nil {
		return err
	}
	s.catchUp(c, "place", id, in)
	return s.answerPlace(c, known)
}

func (s *Server) gradeMarker(c *gin.Context) error {
	id, version, in, err := readGrading(c)
	if err != nil {
		return err
	}
	known, err := s.Bound.GradeMarker(c.Request.Context(), actor(c), s.Now(), id, version, in)
	if err != nil {
		return err
	}
	s.catchUp(c, "marker", id, in)
	forOneOnly(c, known.Version)
	c.JSON(http.StatusOK, known)
	return nil
}

// withheld lists what is not published, to those who may read it; to others it is an empty list.
func (s *Server) withheld(c *gin.Context) error {
	limit, after, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Withheld(c.Request.Context(), actor(c), after, limit)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	return writeList(s, c, found, limit, func(r gazsql.WithheldRecord) uuid.UUID { return r.ID })
}

// catchUp lets the answer wait until this node serves what was decided: a record withheld is dropped at once. The other
// nodes follow by notification, and so would this one if the load failed.
func (s *Server) catchUp(c *gin.Context, noun string, id uuid.UUID, decided gazetteer.Grading) {
	if decided.Grade != gazetteer.Public {
		s.drop([]string{noun + "/" + id.String()})
		return
	}
	s.reload(c, noun)
}

// reload loads what a table feeds before the answer is given.
func (s *Server) reload(c *gin.Context, table string) {
	if err := s.load(context.WithoutCancel(c.Request.Context()), []string{table}); err != nil {
		s.Log.Error("the snapshot could not be loaded", "error", err)
	}
}
