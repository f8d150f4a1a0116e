package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
	"fangyu/internal/fault"
)

// succession says what became of offices when divisions ended.
type succession struct {
	Founded   []gazetteer.OfficeFact `json:"founded"`
	Closed    []gazetteer.OfficeFact `json:"closed"`
	Places    []placeTaken           `json:"places"` // in the order of Closed
	Undecided []gazetteer.OfficeFact `json:"undecided"`
	Ended     []gazetteer.RoundFact  `json:"ended"`
}

// placeTaken is an office that took another's place.
type placeTaken struct {
	Predecessor uuid.UUID `json:"predecessorId"`
	Successor   uuid.UUID `json:"successorId"`
}

func successionOf(plan gazetteer.OfficeSuccession) succession {
	out := succession{
		Founded: append([]gazetteer.OfficeFact{}, plan.Found...), Closed: append([]gazetteer.OfficeFact{}, plan.Closed...),
		Places: []placeTaken{}, Undecided: append([]gazetteer.OfficeFact{}, plan.Undecided...), Ended: append([]gazetteer.RoundFact{}, plan.Ended...),
	}
	for _, o := range plan.Closed {
		if successor, ok := plan.Places[o.ID]; ok {
			out.Places = append(out.Places, placeTaken{o.ID, successor})
		}
	}
	return out
}

// succeedOffices carries out what the divisions that ended on a day mean for their offices.
func (s *Server) succeedOffices(c *gin.Context) error {
	return s.once(c, func(uuid.UUID) error { // it can be done again, and makes no one thing
		var in struct {
			On       string         `json:"on"`
			Document actionDocument `json:"document"`
		}
		if err := decode(c, &in); err != nil {
			return err
		}
		d := &in.Document
		if err := checkText(map[string]*string{"document/title": &d.Title, "document/number": &d.Number, "document/issuedBy": &d.IssuedBy}); err != nil {
			return err
		}
		on, err := dayOf("on", in.On)
		if err != nil {
			return err
		}
		if on.IsZero() {
			return fault.New(fault.Malformed, "bad-day", "请写明 on：区划变更生效的日期，如 2026-11-24")
		}
		document, err := d.document("document/issuedOn")
		if err != nil {
			return err
		}
		document.Kind = "approval"
		plan, err := s.Bound.SucceedOffices(c.Request.Context(), actor(c), s.Now(), on, document)
		if err != nil {
			return err
		}
		c.JSON(http.StatusOK, successionOf(plan))
		return nil
	})
}
