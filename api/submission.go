package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/boundary"
)

// declareSubmission takes the manifest of a submission under the id the device made. Sent again, it tells how far the
// files have come, or gives the receipt.
func (s *Server) declareSubmission(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	var in struct {
		LineID       *uuid.UUID              `json:"lineId"`
		InspectionID *uuid.UUID              `json:"inspectionId"`
		Receiver     string                  `json:"receiver"`
		SigmaM       float64                 `json:"sigmaM"`
		Files        []boundary.ManifestFile `json:"files"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	found, made, err := s.Bound.Declare(c.Request.Context(), actor(c), s.Now(), boundary.Submission{
		ID: id, LineID: orNil(in.LineID), InspectionID: orNil(in.InspectionID), Receiver: in.Receiver, SigmaM: in.SigmaM, Files: in.Files,
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	c.JSON(status, found)
	return nil
}

func orNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// submission tells how far a submission of one's own has come.
func (s *Server) submission(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	found, err := s.Bound.Submission(c.Request.Context(), actor(c), id)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "private, no-store")
	c.JSON(http.StatusOK, found)
	return nil
}
