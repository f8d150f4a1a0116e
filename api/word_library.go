package api

import (
	"math"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"fangyu/gazetteer"
	"fangyu/internal/beijing"
)

// libraries lists the word libraries.
func (s *Server) libraries(c *gin.Context) error {
	found, err := s.Gaz.Libraries(c.Request.Context(), actor(c), s.Now())
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, found)
	return nil
}

// library answers a word library with those of its words that have ?q= in them, a page after the first ?after=.
func (s *Server) library(c *gin.Context) error {
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	after, err := afterOf(c, math.MaxInt32)
	if err != nil {
		return err
	}
	known, err := s.Gaz.Library(c.Request.Context(), actor(c), s.Now(), c.Param("id"), strings.TrimSpace(c.Query("q")), after, limit)
	return writeVersioned(c, http.StatusOK, known.Version, known, err)
}

func (s *Server) addLibrary(c *gin.Context) error {
	var in struct {
		ID    string                `json:"id"`
		Title string                `json:"title"`
		Kind  gazetteer.LibraryKind `json:"kind"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := checkText(map[string]*string{"title": &in.Title}); err != nil {
		return err
	}
	ctx, who := c.Request.Context(), actor(c)
	if err := s.Gaz.AddLibrary(ctx, who, s.Now(), gazetteer.Library{ID: in.ID, Title: in.Title, Kind: in.Kind}); err != nil {
		return err
	}
	known, err := s.Gaz.Library(ctx, who, s.Now(), in.ID, "", 0, 1)
	c.Header("Location", "/api/word-libraries/"+in.ID)
	return writeVersioned(c, http.StatusCreated, known.Version, known, err)
}

// changeWords adds and ends words of a library from a day on, today where none is given.
func (s *Server) changeWords(c *gin.Context) error {
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	var in struct {
		Add  []gazetteer.Word `json:"add"`
		End  []string         `json:"end"`
		From string           `json:"from"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	change := gazetteer.WordChange{Add: in.Add, End: in.End, Day: beijing.Day(s.Now())}
	if in.From != "" {
		day, err := dayOf("from", in.From)
		if err != nil {
			return err
		}
		change.Day = beijing.Day(day)
	}
	ctx, who := c.Request.Context(), actor(c)
	plan, err := s.Gaz.ChangeWords(ctx, who, s.Now(), c.Param("id"), version, change)
	if err != nil {
		return err
	}
	known, err := s.Gaz.Library(ctx, who, s.Now(), c.Param("id"), "", 0, 1)
	if err != nil {
		return err
	}
	etag(c, known.Version)
	c.JSON(http.StatusOK, gin.H{"added": len(plan.Add), "ended": len(plan.End), "version": known.Version})
	return nil
}
