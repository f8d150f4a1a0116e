package api

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo/index"
)

const maxSearch = 50

// search finds names in the record, and lines in the snapshot, whose names are few. more says that there is more than the
// limit takes.
func (s *Server) search(c *gin.Context) error {
	in, err := s.searchOf(c)
	if err != nil {
		return err
	}
	limit := in.Limit
	in.Limit++
	hits, err := s.Gaz.Search(c.Request.Context(), in)
	if err != nil {
		return err
	}
	if unfiltered(in) {
		hits = append(s.searchLines(in.Text, limit/3+1), hits...)
	}
	c.JSON(http.StatusOK, gin.H{"items": hits[:min(len(hits), limit)], "more": len(hits) > limit})
	return nil
}

// suggest finds places, and lines, while a name is typed.
func (s *Server) suggest(c *gin.Context) error {
	in, err := s.searchOf(c)
	if err != nil {
		return err
	}
	list, err := s.Gaz.Suggest(c.Request.Context(), in)
	if err != nil {
		return err
	}
	if unfiltered(in) {
		for i, line := range s.searchLines(in.Text, in.Limit/3+1) {
			list = slices.Insert(list, i, line.Suggestion)
		}
	}
	c.JSON(http.StatusOK, gin.H{"items": list[:min(len(list), in.Limit)]})
	return nil
}

// unfiltered reports whether lines are asked for too: the filters are about places.
func unfiltered(in gazetteer.Search) bool {
	return in.Division == uuid.Nil && in.Category == "" && in.Level == ""
}

// searchOf reads what is searched for.
func (s *Server) searchOf(c *gin.Context) (in gazetteer.Search, err error) {
	if in.Limit, err = limitOf(c); err != nil {
		return in, err
	}
	if c.Query("limit") == "" {
		in.Limit = 10
	}
	in.Limit = min(in.Limit, maxSearch)
	in.Text = strings.TrimSpace(c.Query("q"))
	if !utf8.ValidString(in.Text) || strings.ContainsRune(in.Text, 0) {
		return in, badText(nil)
	}
	if chars := []rune(in.Text); len(chars) > maxQuery {
		return in, badParameter("q", string(chars[:maxQuery])+"…", "不超过 "+strconv.Itoa(maxQuery)+" 个字的文字")
	}
	if in.Division, err = s.divisionAsked(c); err != nil {
		return in, err
	}
	if category := c.Query("category"); category != "" {
		if in.Category, err = gazetteer.ParseCategory(category); err != nil {
			return in, err
		}
	}
	if level := gazetteer.Level(c.Query("level")); level != "" {
		if !slices.Contains(gazetteer.Levels, level) {
			return in, badParameter("level", string(level), " province、prefecture、county、township 或 village")
		}
		in.Level = level
	}
	switch former := c.Query("former"); former {
	case "", "true":
	case "false":
		in.Current = true
	default:
		return in, badParameter("former", former, " true 或 false")
	}
	return in, nil
}

// maxQuery bounds what is searched for, in characters: no name is that long.
const maxQuery = 100

// divisionAsked is the division to search in, by its id or its code of today; none when none is given.
func (s *Server) divisionAsked(c *gin.Context) (uuid.UUID, error) {
	text := c.Query("division")
	if text == "" {
		return uuid.Nil, nil
	}
	if id, err := uuid.Parse(text); err == nil {
		return id, nil
	}
	code, _, err := gazetteer.ParseCode(text)
	if err != nil {
		return uuid.Nil, badParameter("division", text, "行政区划的编号，或 6、9、12 位代码")
	}
	return s.Gaz.DivisionByCode(c.Request.Context(), string(code))
}

// searchLines finds boundary lines by part of their name; only a query that speaks of a line gets them first.
func (s *Server) searchLines(q string, limit int) []gazsql.Hit {
	snap := s.snapshot.Load()
	hits := []gazsql.Hit{}
	if snap == nil || !strings.ContainsAny(q, "线—-") {
		return hits
	}
	day := s.today()
	lines := snap.Collections["lines"].Items()
	for i := range lines {
		it := &lines[i]
		name := it.Text("name")
		if !it.ValidOn(day) || !strings.Contains(strings.ReplaceAll(name, "—", "-"), strings.ReplaceAll(q, "—", "-")) {
			continue
		}
		hits = append(hits, lineHit(it, name))
		if len(hits) == limit {
			break
		}
	}
	return hits
}

func lineHit(it *index.Item, name string) gazsql.Hit {
	mid := it.Bound.Center()
	return gazsql.Hit{
		Suggestion: gazsql.Suggestion{Kind: "line", ID: uuid.MustParse(it.ID), Name: name, Level: it.Text("level")},
		Lon:        &mid[0], Lat: &mid[1],
		BBox: []float64{it.Bound.Min[0], it.Bound.Min[1], it.Bound.Max[0], it.Bound.Max[1]},
	}
}

// reverse tells in which divisions a point is.
func (s *Server) reverse(c *gin.Context) error {
	lon, err := degree(c, "lon", 180)
	if err != nil {
		return err
	}
	lat, err := degree(c, "lat", 90)
	if err != nil {
		return err
	}
	found, err := s.Gaz.Reverse(c.Request.Context(), orb.Point{lon, lat})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"items": found})
	return nil
}

func degree(c *gin.Context, name string, most float64) (float64, error) {
	v, err := strconv.ParseFloat(c.Query(name), 64)
	if err != nil || math.IsNaN(v) || math.Abs(v) > most {
		return 0, badParameter(name, c.Query(name), "绝对值不超过 "+strconv.Itoa(int(most))+" 的度数")
	}
	return v, nil
}
