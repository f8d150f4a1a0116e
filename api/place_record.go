package api

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// placeRequest is what is recorded of a place itself.
type placeRequest struct {
	Category  gazetteer.Category  `json:"category"`
	Class     string              `json:"class"`
	LocatedBy gazetteer.LocatedBy `json:"locatedBy"`
	Geometry  json.RawMessage     `json:"geometry"`
	Reason    string              `json:"reason"`
	Document  actionDocument      `json:"document"`
}

func (s *Server) correctPlace(c *gin.Context) error {
	var in placeRequest
	place, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	record := gazetteer.PlaceRecord{Category: in.Category, Class: in.Class, LocatedBy: in.LocatedBy, Reason: in.Reason}
	if record.Geometry, err = geometryOf(in.Geometry); err != nil {
		return err
	}
	if record.Document, err = in.Document.paper(map[string]*string{"class": &record.Class, "reason": &record.Reason}); err != nil {
		return err
	}
	known, err := s.Gaz.CorrectPlace(c.Request.Context(), actor(c), s.Now(), place, version, record)
	if err != nil {
		return err
	}
	return s.answerPlace(c, known)
}

// geometryOf reads a geometry of GeoJSON in the order longitude, latitude; nil for null.
func geometryOf(text json.RawMessage) (orb.Geometry, error) {
	if len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	var g geojson.Geometry
	if err := json.Unmarshal(text, &g); err != nil || g.Geometry() == nil {
		return nil, fault.New(fault.Malformed, "bad-geometry", "geometry 不是 GeoJSON 图形（RFC 7946）：应有 type 和 coordinates，经度在前，如 {\"type\":\"Point\",\"coordinates\":[106.55,29.56]}")
	}
	return g.Geometry(), nil
}

// placeClasses lists the classes a place may have.
func (s *Server) placeClasses(c *gin.Context) error {
	classes, err := s.Gaz.PlaceClasses(c.Request.Context())
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"items": classes})
	return nil
}
