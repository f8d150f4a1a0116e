package api

import (
	"bytes"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"fangyu/api/print"
	"fangyu/boundary"
	"fangyu/boundary/boundsql"
)

// inspections lists the rounds the actor takes part in or is above.
func (s *Server) inspections(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	found, err := s.Bound.Inspections(c.Request.Context(), actor(c), s.Now(), before, limit)
	if err != nil {
		return err
	}
	return writeList(s, c, found, limit, func(i boundsql.InspectionSummary) uuid.UUID { return i.ID })
}

func (s *Server) createInspection(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		var in boundsql.NewInspection
		if err := decode(c, &in); err != nil {
			return err
		}
		in.ID = id
		i, err := s.Bound.CreateInspection(c.Request.Context(), actor(c), s.Now(), in)
		if err != nil {
			return err
		}
		c.Header("Location", "/api/inspections/"+i.ID.String())
		writeInspection(c, http.StatusCreated, i)
		return nil
	})
}

func (s *Server) inspection(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	i, err := s.Bound.Inspection(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	writeInspection(c, http.StatusOK, i)
	return nil
}

func writeInspection(c *gin.Context, status int, i boundsql.Inspection) {
	etag(c, i.Version)
	c.JSON(status, i)
}

func (s *Server) actOnInspection(c *gin.Context) error {
	id, version, in, err := readAction(c)
	if err != nil {
		return err
	}
	i, err := s.Bound.ActOnInspection(c.Request.Context(), actor(c), s.Now(), id, version,
		boundary.InspectionAction{Name: in.Action, Reason: in.Reason, ContentSHA256: in.ContentSHA256})
	if err != nil {
		return err
	}
	writeInspection(c, http.StatusOK, i)
	return nil
}

// fillMarkerForm fills in the own side's form of a marker, against the version of the round.
func (s *Server) fillMarkerForm(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	marker, err := pathID(c, "markerId")
	if err != nil {
		return err
	}
	version, err := ifMatch(c)
	if err != nil {
		return err
	}
	var in boundsql.MarkerFormInput
	if err := decode(c, &in); err != nil {
		return err
	}
	if err := checkText(map[string]*string{"note": &in.Note}); err != nil {
		return err
	}
	i, err := s.Bound.FillMarkerForm(c.Request.Context(), actor(c), s.Now(), id, version, marker, in)
	if err != nil {
		return err
	}
	writeInspection(c, http.StatusOK, i)
	return nil
}

// report prints the report of a round: as compiled, or as it would be.
func (s *Server) report(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.Bound.Report(c.Request.Context(), actor(c), s.Now(), id)
	if err != nil {
		return err
	}
	page := print.Inspection{
		Report: r.Report, State: r.Inspection.State, SHA256: r.SHA256, Signatures: r.Inspection.Signatures, Line: r.Geometry, Right: r.Right, Left: r.Left,
		Notice: noticeFor(r.Report.Line.LegalStatus), Source: r.Source, AsOf: r.Dated.AsOf(), Entered: r.Dated.IssuedOn == nil,
		MapReviewNumber: s.MapReviewNumber, PrintedAt: s.Now(),
	}
	for _, m := range r.Markers {
		page.Markers = append(page.Markers, print.MarkerAt{Number: m.Number, Stone: m.Stone, At: orb.Point{m.Lon, m.Lat}})
	}
	var b bytes.Buffer
	if err := print.WriteInspection(&b, page); err != nil {
		return err
	}
	etag(c, r.Inspection.Version)
	writePaper(c, b.Bytes())
	return nil
}

// noticeFor is what must stand beside a line: nothing once it is agreed, approved and published.
func noticeFor(status boundary.LegalStatus) string {
	if status == boundary.InForce || status == boundary.UnderChange {
		return ""
	}
	return referenceNotice
}
