package api

import (
	"bytes"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/api/print"
	"fangyu/boundary"
	"fangyu/gazetteer"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// markerTable prints the result table of the markers of a line. It gives out exact positions of many, and is written down and
// measured as an export is.
func (s *Server) markerTable(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	who := actor(c)
	line, markers, err := s.Bound.RecordedMarkers(c.Request.Context(), who, s.Now(), id)
	if err != nil {
		return err
	}
	if err := s.mayExport(c); err != nil {
		return err
	}
	page := print.MarkerTable{
		LineName: line.Name, LineCode: line.Code, LineLevel: line.Level, PartyA: line.PartyAName, PartyB: line.PartyBName,
		Notice: noticeFor(boundary.LegalStatus(line.LegalStatus)), Source: line.Source, MapReviewNumber: s.MapReviewNumber, PrintedAt: s.Now(),
	}
	given := gazsql.Export{Collection: "markers", Features: len(markers)}
	highest := gazetteer.Public
	for _, m := range markers {
		page.Markers = append(page.Markers, printedMarker(m.MarkerView, m.Grade, line, m.Record, m.Of))
		given.Cells = append(given.Cells, geo.Cells(orb.Point{m.Lon, m.Lat})...)
		if slices.Index(gazetteer.Grades, m.Grade) > slices.Index(gazetteer.Grades, highest) {
			highest, page.Grade = m.Grade, m.Grade.Label()
		}
	}
	if err := s.givesOut(c, given); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := print.WriteMarkerTable(&b, page); err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	writePaper(c, b.Bytes())
	return nil
}

// givesOut writes down that exact positions of markers are given out, and measures them as an export.
func (s *Server) givesOut(c *gin.Context, given gazsql.Export) error {
	if c.Request.Method == http.MethodHead {
		return nil
	}
	slices.Sort(given.Cells)
	given.Cells = slices.Compact(given.Cells)
	return s.Gaz.RecordExport(c.Request.Context(), actor(c), s.Now(), s.ExportLimit, given)
}
