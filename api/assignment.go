package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
)

// assignments lists the actor's own tasks and those its office has given, of one line where ?line= names it.
func (s *Server) assignments(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	line, err := idField("line", c.Query("line"))
	if err != nil {
		return err
	}
	found, err := s.Bound.Assignments(c.Request.Context(), actor(c), s.Now(), line, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(a boundsql.Assignment) uuid.UUID { return a.ID })
}

func (s *Server) createAssignment(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in boundsql.NewAssignment
		if err := decode(c, &in); err != nil {
			return err
		}
		in.ID = id
		if err := checkText(map[string]*string{"note": &in.Note, "account": &in.Account}); err != nil {
			return err
		}
		a, err := s.Bound.CreateAssignment(c.Request.Context(), actor(c), s.Now(), in)
		return writeVersioned(c, http.StatusCreated, a.Version, a, err)
	})
}

func (s *Server) actOnAssignment(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	a, err := s.Bound.ActOnAssignment(c.Request.Context(), actor(c), s.Now(), id, version, boundary.AssignmentAction{Name: in.Action, Reason: in.Reason})
	return writeVersioned(c, http.StatusOK, a.Version, a, err)
}
