package api

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/internal/fault"
)

// claims lists the claims the actor may read, on one line where ?line= names it.
func (s *Server) claims(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	line, err := idField("line", c.Query("line"))
	if err != nil {
		return err
	}
	found, err := s.Bound.Claims(c.Request.Context(), actor(c), s.Now(), line, before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(claim boundsql.Claim) uuid.UUID { return claim.ID })
}

func (s *Server) claim(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	claim, err := s.Bound.Claim(c.Request.Context(), actor(c), s.Now(), id)
	return writeVersioned(c, http.StatusOK, claim.Version, claim, err)
}

// maxPapers is how many papers a claim may name.
const maxPapers = 100

// decodeClaim reads what a claim says.
func decodeClaim(c *gin.Context) (in boundsql.ClaimInput, err error) {
	if err := decode(c, &in); err != nil {
		return in, err
	}
	if len(in.Documents) > maxPapers {
		return in, fault.New(fault.Malformed, "too-many-documents", "一份主张最多列 %d 份文件", maxPapers)
	}
	texts := map[string]*string{"title": &in.Title, "text": &in.Text}
	for i := range in.Documents {
		d := &in.Documents[i]
		for name, text := range map[string]*string{"title": &d.Title, "number": &d.Number, "issuedBy": &d.IssuedBy} {
			texts[documentField(i, name)] = text
		}
		if _, err := dayOf(documentField(i, "issuedOn"), d.IssuedOn); err != nil {
			return in, err
		}
	}
	return in, checkText(texts)
}

func documentField(i int, name string) string { return "documents/" + strconv.Itoa(i) + "/" + name }

func (s *Server) createClaim(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		in, err := decodeClaim(c)
		if err != nil {
			return err
		}
		in.ID = id
		claim, err := s.Bound.CreateClaim(c.Request.Context(), actor(c), s.Now(), in)
		if err == nil {
			c.Header("Location", "/api/claims/"+claim.ID.String())
		}
		return writeVersioned(c, http.StatusCreated, claim.Version, claim, err)
	})
}

func (s *Server) editClaim(c *gin.Context) error {
	id, version, err := versioned(c)
	if err != nil {
		return err
	}
	in, err := decodeClaim(c)
	if err != nil {
		return err
	}
	claim, err := s.Bound.EditClaim(c.Request.Context(), actor(c), s.Now(), id, version, in)
	return writeVersioned(c, http.StatusOK, claim.Version, claim, err)
}

func (s *Server) actOnClaim(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	claim, err := s.Bound.ActOnClaim(c.Request.Context(), actor(c), s.Now(), id, version, boundary.ClaimAction{Name: in.Action, Reason: in.Reason})
	return writeVersioned(c, http.StatusOK, claim.Version, claim, err)
}
