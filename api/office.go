package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer/gazsql"
)

// offices lists the offices the administrator keeps.
func (s *Server) offices(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Offices(c.Request.Context(), actor(c), before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(o gazsql.OfficeView) uuid.UUID { return o.ID })
}

func (s *Server) createOffice(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in struct {
			Name       string     `json:"name"`
			Kind       string     `json:"kind"`
			DivisionID *uuid.UUID `json:"divisionId"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		if err := checkText(map[string]*string{"name": &in.Name}); err != nil {
			return err
		}
		ctx, who := c.Request.Context(), actor(c)
		_, err := s.Gaz.CreateOffice(ctx, who, s.Now(), gazsql.Office{ID: id, Name: in.Name, Kind: in.Kind, DivisionID: in.DivisionID})
		if err != nil {
			return err
		}
		o, err := s.Gaz.Office(ctx, who, id)
		if err != nil {
			return err
		}
		c.Header("Location", "/api/offices/"+id.String())
		writeOffice(c, http.StatusCreated, o)
		return nil
	})
}

func (s *Server) office(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	o, err := s.Gaz.Office(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	writeOffice(c, http.StatusOK, o)
	return nil
}

func writeOffice(c *gin.Context, status int, o gazsql.OfficeView) {
	etag(c, o.Version)
	c.JSON(status, o)
}

// changeOffice changes an office, or closes it with validTo.
func (s *Server) changeOffice(c *gin.Context) error {
	var in struct {
		Name       string     `json:"name"`
		Kind       string     `json:"kind"`
		DivisionID *uuid.UUID `json:"divisionId"`
		ValidFrom  string     `json:"validFrom"`
		ValidTo    string     `json:"validTo"`
	}
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	if err := checkText(map[string]*string{"name": &in.Name}); err != nil {
		return err
	}
	to := gazsql.OfficeChange{Name: in.Name, Kind: in.Kind, DivisionID: in.DivisionID}
	if to.ValidFrom, err = dayOf("validFrom", in.ValidFrom); err != nil {
		return err
	}
	if to.ValidTo, err = dayOf("validTo", in.ValidTo); err != nil {
		return err
	}
	o, err := s.Gaz.ChangeOffice(c.Request.Context(), actor(c), s.Now(), id, version, to)
	if err != nil {
		return err
	}
	writeOffice(c, http.StatusOK, o)
	return nil
}
