package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"fangyu/gazetteer"
)

// sayOnProposal adds an explanation of who applied, or a clearance of who decides, on a finding of a case.
func (s *Server) sayOnProposal(c *gin.Context) error {
	return s.once(c, func(statement uuid.UUID) error {
		var in struct {
			Kind      gazetteer.StatementKind `json:"kind"`
			Withdraws bool                    `json:"withdraws"`
			Rule      string                  `json:"rule"`
			Part      string                  `json:"part"`
			Reason    string                  `json:"reason"`
		}
		id, version, err := readChange(c, &in)
		if err != nil {
			return err
		}
		if err := checkText(map[string]*string{"reason": &in.Reason, "rule": &in.Rule, "part": &in.Part}); err != nil {
			return err
		}
		p, err := s.Gaz.SayOnProposal(c.Request.Context(), actor(c), s.Now(), id, version, gazetteer.ProposalStatement{
			ID: statement, Kind: in.Kind, Withdraws: in.Withdraws, Rule: in.Rule, Part: in.Part, Reason: in.Reason,
		})
		return writeVersioned(c, http.StatusCreated, p.Version, p, err)
	})
}
