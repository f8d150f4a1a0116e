package api

import (
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/gazetteer/gazsql"
	"fangyu/geo/index"
)

const maxSearch = 50

// search finds names in the record, and lines in the snapshot, whose names are few.
func (s *Server) search(c *gin.Context) error {
	limit, err := limitOf(c)
	if err != nil {
		return err
	}
	if c.Query("limit") == "" {
		limit = 10
	}
	limit = min(limit, maxSearch)
	q := strings.TrimSpace(c.Query("q"))
	if len(q) > 200 {
		return badParameter("q", strings.ToValidUTF8(q[:200], "")+"…", "不超过 200 字节的文字")
	}
	hits, err := s.Gaz.Search(c.Request.Context(), q, limit)
	if err != nil {
		return err
	}
	hits = append(s.searchLines(q, limit/3+1), hits...)
	c.JSON(http.StatusOK, gin.H{"items": hits[:min(len(hits), limit)]})
	return nil
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
		Kind: "line", ID: uuid.MustParse(it.ID), Name: name, Level: it.Text("level"), Lon: &mid[0], Lat: &mid[1],
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
