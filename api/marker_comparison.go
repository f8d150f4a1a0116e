package api

import (
	"bytes"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"fangyu/api/print"
	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/gazetteer/gazsql"
	"fangyu/geo"
)

// markerComparison prints registered beside observed positions of the markers of a line. Exact positions are given out, as by markerTable.
func (s *Server) markerComparison(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	line, markers, err := s.Bound.ComparedMarkers(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	if err := s.mayExport(c); err != nil {
		return err
	}
	page := print.MarkerComparison{
		LineName: line.Name, LineCode: line.Code, LineLevel: line.Level, PartyA: line.PartyAName, PartyB: line.PartyBName,
		Notice: noticeFor(boundary.LegalStatus(line.LegalStatus)), MapReviewNumber: s.MapReviewNumber, PrintedAt: s.Now(),
	}
	given := gazsql.Export{Collection: "markers", Features: len(markers)}
	for _, m := range markers {
		page.Markers = append(page.Markers, comparedMarker(m, line))
		given.Cells = append(given.Cells, geo.Cells(orb.Point{m.Lon, m.Lat})...)
	}
	if err := s.givesOut(c, given); err != nil {
		return err
	}
	var b bytes.Buffer
	if err := print.WriteMarkerComparison(&b, page); err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	writePaper(c, b.Bytes())
	return nil
}

func comparedMarker(m boundsql.ComparedMarker, line boundsql.LineRow) print.ComparedMarker {
	out := print.ComparedMarker{PrintedMarker: printedMarker(m.MarkerView, m.Grade, line, m.Record, m.Of)}
	if w := m.Observed; w != nil {
		out.Registered, out.Observed = w.Registered, w.Observed
		out.ApartM, out.LimitM, out.Fit = *w.ApartM, *w.LimitM, w.Fit
		out.ObservedOn, out.ObservedBy, out.Method, out.Pending = w.DoneOn, w.Office.Name, w.Method, w.State == boundary.WorkSubmitted
	}
	return out
}
