package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/paulmach/orb/geojson"

	"fangyu/boundary"
	"fangyu/boundary/boundsql"
	"fangyu/internal/fault"
)

// disputeAnswer is a dispute with its segment as GeoJSON.
type disputeAnswer struct {
	boundsql.Dispute
	Geometry *geojson.Geometry `json:"geometry"`
}

func answerDispute(d boundsql.Dispute) disputeAnswer {
	if d.Geometry == nil {
		return disputeAnswer{Dispute: d}
	}
	return disputeAnswer{d, geojson.NewGeometry(d.Geometry)}
}

// disputes lists the disputes the actor may read, in one state where ?state= names it; those of the line of ?line= with their segments.
func (s *Server) disputes(c *gin.Context) error {
	limit, before, err := pageOf(c)
	if err != nil {
		return err
	}
	var f boundsql.DisputeFilter
	if f.Line, err = idField("line", c.Query("line")); err != nil {
		return err
	}
	if f.State, err = stateParameter(c, boundary.DisputeStates); err != nil {
		return err
	}
	found, err := s.Bound.Disputes(c.Request.Context(), actor(c), s.Now(), f, before, limit)
	if err != nil {
		return err
	}
	answers := make([]disputeAnswer, len(found))
	for i, d := range found {
		answers[i] = answerDispute(d)
	}
	return writeList(s, c, answers, limit, func(d disputeAnswer) uuid.UUID { return d.ID })
}

func (s *Server) dispute(c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	d, err := s.Bound.Dispute(c.Request.Context(), actor(c), s.Now(), id)
	return writeVersioned(c, http.StatusOK, d.Version, answerDispute(d), err)
}

func (s *Server) openDispute(c *gin.Context) error {
	return s.once(c, func(id uuid.UUID) error {
		in, err := decodeDispute(c)
		if err != nil {
			return err
		}
		in.ID = id
		d, err := s.Bound.OpenDispute(c.Request.Context(), actor(c), s.Now(), in)
		if err == nil {
			c.Header("Location", "/api/disputes/"+d.ID.String())
		}
		return writeVersioned(c, http.StatusCreated, d.Version, answerDispute(d), err)
	})
}

// decodeDispute reads a dispute to be opened: on the whole line, or between two chainages on a version of it.
func decodeDispute(c *gin.Context) (in boundsql.DisputeInput, err error) {
	var body struct {
		LineID        uuid.UUID       `json:"lineId"`
		LineVersionID uuid.UUID       `json:"lineVersionId"`
		Whole         bool            `json:"whole"`
		FromM         *float64        `json:"fromM"`
		ToM           *float64        `json:"toM"`
		Text          string          `json:"text"`
		OpenedOn      string          `json:"openedOn"`
		Document      *actionDocument `json:"document"`
	}
	if err := decode(c, &body); err != nil {
		return in, err
	}
	if err := checkText(map[string]*string{"text": &body.Text}); err != nil {
		return in, err
	}
	in.LineID, in.LineVersionID, in.Whole, in.Text = body.LineID, body.LineVersionID, body.Whole, body.Text
	if in.OpenedOn, err = dayOf("openedOn", body.OpenedOn); err != nil {
		return in, err
	}
	if body.Document != nil {
		if in.Document, err = agreementPaper(body.Document, "document"); err != nil {
			return in, err
		}
	}
	switch given := body.FromM != nil && body.ToM != nil; {
	case in.Whole && (body.FromM != nil || body.ToM != nil), !in.Whole && !given:
		return in, fault.New(fault.Malformed, "range-missing", "请写明起点和终点里程，或写明是全线：二者取一")
	case given:
		in.FromM, in.ToM = *body.FromM, *body.ToM
	}
	return in, nil
}

// actOnDispute takes a step: minute and settle rest on the paper among documents; settle may name a version of the line.
func (s *Server) actOnDispute(c *gin.Context) error {
	var in struct {
		actionRequest
		LineVersionID uuid.UUID `json:"lineVersionId"`
	}
	id, version, err := readChange(c, &in)
	if err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	act := boundary.DisputeAction{Name: in.Action, Reason: in.Reason, LineVersion: in.LineVersionID}
	if len(in.Documents) > 0 {
		if act.Document, err = agreementPaper(&in.Documents[0], "documents/0"); err != nil {
			return err
		}
	}
	d, err := s.Bound.ActOnDispute(c.Request.Context(), actor(c), s.Now(), id, version, act)
	return writeVersioned(c, http.StatusOK, d.Version, answerDispute(d), err)
}
